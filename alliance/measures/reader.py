"""One record at a time: what formulas read of it, and whether it is a case of a measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Env
from alliance.contract.values import Unknown, Value
from alliance.measures.spans import Span, ripe

Fields = Mapping[str, Value]
Rows = Sequence[Fields]
CASE, EXCLUDED, IMMATURE = "case", "excluded", "immature"


class Undecided(Exception):
    """A formula over records reads something that is not known, so that nothing can be counted."""

    def __init__(self, value: Unknown) -> None:
        super().__init__(str(value))
        self.value = value


class RowEnv:
    """Answers the fields of one record, and of everything else what the settlement answers."""

    __slots__ = ("fields", "outer")

    def __init__(self, fields: Fields, outer: Env) -> None:
        self.fields, self.outer = fields, outer

    def read(self, ref: t.Ref) -> Value:
        return self.fields[ref.name] if ref.kind == "field" else self.outer.read(ref)

    def read_by(self, ref: t.Ref, key: str) -> Value:
        return self.outer.read_by(ref, key)

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        return self.outer.read_on(ref, key, day)

    def history(self, function: str, ref: t.Ref, key: str | None) -> Value:
        return self.outer.history(function, ref, key)

    def lacking(self, over: str) -> Unknown | None:
        return self.outer.lacking(over)

    def through(self, over: str) -> Iterable[Env]:
        return self.outer.through(over)


def truth(test: e.Expr | None, env: Env) -> bool:
    """Whether a test holds; one that is left out does, and one that comes to an empty field does not."""
    if test is None:
        return True
    found = test.run(env)
    if isinstance(found, Unknown):
        raise Undecided(found)
    return found is True


def quantity(value: e.Expr, env: Env) -> Any:
    """A number, or None where it comes to an empty field."""
    found = value.run(env)
    if isinstance(found, Unknown):
        # a quotient by nothing says something of this record only: it lacks a value
        if all(r.status == "not assessable" for r in found.reasons):
            return None
        raise Undecided(found)
    return found


class Reader:
    """The records of one measure over a window, told apart into cases and those that are left out."""

    def __init__(self, counted: e.Counted, span: Span, extracted: date, key: str, outer: Env) -> None:
        self.counted, self.span, self.key, self.outer = counted, span, key, outer
        self.extracted, self.ripe = extracted, ripe(counted, extracted)

    def env(self, fields: Fields) -> RowEnv:
        return RowEnv(fields, self.outer)

    def among(self, fields: Fields) -> bool:
        """Whether a record is of the population, of whichever stratum and at whatever time."""
        return truth(self.counted.among, self.env(fields))

    def unplaced(self, fields: Fields) -> bool:
        """Whether a record of the window and the population is of no stratum of the measure."""
        c = self.counted
        return bool(c.whose) and fields[c.whose] not in c.strata and self.within(fields) and self.among(fields)

    def ours(self, fields: Fields) -> bool:
        """Whether a record is of the population and of the stratum that is counted, at whatever time."""
        c = self.counted
        return (not c.whose or fields[c.whose] == self.key) and self.among(fields)

    def within(self, fields: Fields) -> bool:
        """Whether a record is of the window."""
        day = self.day(fields)
        return not self.counted.dated or (day is not None and self.span.start <= day <= self.span.end)

    def day(self, fields: Fields) -> Any:
        return fields[self.counted.dated] if self.counted.dated else None

    def state(self, fields: Fields) -> str:
        c = self.counted
        if c.dated and self.day(fields) > self.ripe:
            return IMMATURE
        return EXCLUDED if c.excluding is not None and truth(c.excluding, self.env(fields)) else CASE

    def states(self, rows: Rows) -> Iterator[tuple[str, Fields]]:
        """Each record of the window with its state."""
        for fields in rows:
            if self.within(fields) and self.ours(fields):
                yield self.state(fields), fields
