"""Measures whose counts add up over stretches of time: all of one population in a single query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.contract.numbers import Number
from alliance.measures.asked import Ask, Edges
from alliance.measures.columns import Day, Quantity, Reader, days, number
from alliance.measures.tallies import Tally, added

ADDITIVE = ("proportion", "bundle", "rate", "mean", "observed_to_expected")
Sum = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one measure among the columns of a query's answer: the place of each, and how sums are scaled."""

    excluded: int | None
    missing: int | None
    hits: int | None
    total: int | None
    parts: tuple[int, ...]
    over: int = 1


class Aggregates:
    """The aggregates of one query, each once however many measures have it."""

    def __init__(self, wide: bool) -> None:
        self.wide = wide
        self.found: list[Any] = []
        self.known: dict[Any, int] = {}

    def count(self, key: Any, test: Any) -> int:
        """The place of the number of records that meet a test. `key` says what the test is."""
        return self._put(("count", key), lambda: test.sum())

    def sum(self, key: Any, quantity: Any) -> int:
        """The place of a sum of whole numbers."""
        return self._put(("sum", key), lambda: (quantity.cast("decimal(38, 0)") if self.wide else quantity).sum())

    def _put(self, key: Any, make: Callable[[], Any]) -> int:
        if key not in self.known:
            self.known[key] = len(self.found)
            self.found.append(make())
        return self.known[key]

    def named(self) -> dict[str, Any]:
        return {f"a{i}": one for i, one in enumerate(self.found)}


def aggregates(ask: Ask, reader: Reader, put: Aggregates) -> Counts:
    """Add the aggregates of one measure. Raises `NotInColumns` where one is not said in columns."""
    c = ask.counted
    out = reader.truth(c.excluding.node) if c.excluding is not None else None
    own = (c.excluding.text if c.excluding is not None else "", _parameters(ask))
    case: Any = None if out is None else ~out
    if ask.alone:
        mine = reader.columns[c.whose].expr == ask.keys[0]
        out, case = (mine if out is None else mine & out), (mine if case is None else mine & case)
        own = (*own, ask.keys[0])  # type: ignore[assignment]

    def also(test: Any) -> Any:
        return test if case is None else case & test

    excluded = put.count(("excluded", own), out) if c.excluding is not None else None
    value = c.value if c.value is not None else c.to if c.summed else None
    quantity: Quantity | None = reader.quantity(value.node) if value is not None else None
    text = value.text if value is not None else ""
    known = quantity.expr.notnull() if quantity is not None else None
    hits = missing = total = None
    parts: tuple[int, ...] = ()
    if c.where is not None:
        test = reader.truth(c.where.node)
        hits = put.count(("hits", own, c.where.text, text), also(test if known is None else test & known))
    elif c.kind == "rate" and known is not None:
        hits = put.count(("hits", own, "", text), also(known))
    if c.every:
        tests = [reader.truth(one.node) for one in c.every]
        texts = tuple(one.text for one in c.every)
        parts = tuple(put.count(("part", own, t), also(one)) for t, one in zip(texts, tests, strict=True))
        every = tests[0]
        for one in tests[1:]:
            every = every & one
        hits = put.count(("every", own, texts), also(every))
    if quantity is not None:
        nothing = quantity.expr.isnull()
        missing = put.count(("missing", own, text), also(nothing))
        summed = quantity.expr if case is None else case.ifelse(quantity.expr, 0)
        total = put.sum(("total", own, text), summed.fill_null(0))
    return Counts(excluded, missing, hits, total, parts, quantity.over if quantity is not None else 1)


def _parameters(ask: Ask) -> str:
    """What tells measures of the same text apart: what else their formulas read."""
    from alliance.measures.rendered import parameters

    return repr(parameters(ask))


def stretch(reader: Reader, dated: str, edges: Edges) -> Any:
    """The number of the stretch of time that a record is of."""
    import ibis

    day = reader.columns[dated]
    assert isinstance(day, Day)
    cases = [(day.expr < cut, at) for at, cut in enumerate(edges.cuts)]
    return ibis.cases(*cases, else_=len(edges.cuts))


def gathered(
    ask: Ask, key: str, counts: Counts, rows: Sequence[Mapping[str, Any]], edges: Edges | None
) -> Tally:
    """The tally of one measure for one key, from the rows of the answer that are of its window."""
    if edges is None:
        return _tally(ask, counts, [row for row in rows if row["whose"] == key], ())
    window = edges.stretches(ask.span.start, ask.span.end)
    inside = [row for row in rows if row["stretch"] in window and row["whose"] == key]
    ripe = days(ask.ripe)
    old = [row for row in inside if edges.starts(row["stretch"]) <= ripe]
    young = [row for row in inside if edges.starts(row["stretch"]) > ripe]
    return _tally(ask, counts, old, young)


def _tally(
    ask: Ask, counts: Counts, old: Sequence[Mapping[str, Any]], young: Sequence[Mapping[str, Any]]
) -> Tally:
    def total(rows: Sequence[Mapping[str, Any]], at: int | None) -> int:
        return 0 if at is None else sum(int(row[f"a{at}"] or 0) for row in rows)

    records = sum(int(row["n"]) for row in old)
    excluded, missing = total(old, counts.excluded), total(old, counts.missing)
    cases = records - excluded - missing
    summed: Number = number(total(old, counts.total), counts.over)
    hits = total(old, counts.hits)
    if ask.counted.kind == "rate" and counts.hits is None:
        hits = cases
    return added(
        [
            Tally(
                cases=cases,
                excluded=excluded,
                immature=sum(int(row["n"]) for row in young),
                missing=missing,
                hits=hits,
                total=summed,
                parts=tuple(total(old, at) for at in counts.parts),
            )
        ]
    )
