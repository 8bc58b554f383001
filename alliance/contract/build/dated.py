"""Reading terms on a day: what uplifts and derived terms are worked out in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from alliance.contract import entries as e
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Env
from alliance.contract.numbers import Number
from alliance.contract.values import Value, unknown


def in_force(steps: tuple[tuple[date, Number | None], ...], day: date) -> Number | None:
    """The figure in force on a day, None before the first and in a gap."""
    found = None
    for start, value in steps:
        if start > day:
            break
        found = value
    return found


def term_on(terms: Mapping[str, e.Term], name: str, key: str, day: date) -> Value:
    """The value of a term on a day, for a party or category where it has one for each."""
    term = terms[name]
    if term.formula is not None:
        return term.formula.run(DatedEnv(terms, day, {term.by: key} if term.by else {}))
    value = in_force(term.timeline.get(key, ()), day)
    if value is None:
        of = f" for {key}" if key else ""
        return unknown(f"{name}{of} on {day}", "missing", term.mark)
    return value


class DatedEnv:
    """Answers terms as they stand on a day; nothing else can be asked of it."""

    __slots__ = ("bound", "day", "terms")

    def __init__(self, terms: Mapping[str, e.Term], day: date, bound: Mapping[str, str] | None = None) -> None:
        self.terms, self.day, self.bound = terms, day, bound or {}

    def read(self, ref: t.Ref) -> Value:
        if ref.kind == "term":
            return term_on(self.terms, ref.name, self.bound.get(ref.by, ""), self.day)
        return self.bound.get(ref.by) or unknown(ref.name)

    def read_by(self, ref: t.Ref, key: str) -> Value:
        return term_on(self.terms, ref.name, key, self.day)

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        return term_on(self.terms, ref.name, key or self.bound.get(ref.by, ""), day)

    def history(self, function: str, ref: t.Ref, key: str | None) -> Value:
        return unknown(ref.name)

    def through(self, over: str) -> Iterable[Env]:
        return ()
