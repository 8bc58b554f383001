"""Measures whose counts add up over stretches of time: all of one population in a single query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.contract.numbers import Number
from alliance.measures.asked import Ask, Edges
from alliance.measures.columns import Day, Quantity, Reader, days, literal_day, number
from alliance.measures.tallies import Tally

ADDITIVE = ("proportion", "bundle", "rate", "mean", "observed_to_expected")


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one measure among the columns of a query's answer: the place of each, and how sums are scaled."""

    excluded: int | None
    missing: int | None
    hits: int | None
    total: int | None
    parts: tuple[int, ...]
    over: int = 1
    ends: tuple[int, int] | None = None


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

    def ends(self, key: Any, quantity: Any, case: Any) -> tuple[int, int]:
        """The places of the lowest and the highest of whole numbers, among the records that are cases."""
        lowest = self._put(("lowest", key), lambda: quantity.min(where=case))
        return lowest, self._put(("highest", key), lambda: quantity.max(where=case))

    def _put(self, key: Any, make: Callable[[], Any]) -> int:
        if key not in self.known:
            self.known[key] = len(self.found)
            self.found.append(make())
        return self.known[key]

    def named(self) -> dict[str, Any]:
        return {f"a{i}": one for i, one in enumerate(self.found)}


def aggregates(ask: Ask, reader: Reader, put: Aggregates, parameters: str | None = None) -> Counts:
    """Add the aggregates of one measure. Raises `NotInColumns` where one is not said in columns.

    `parameters` says what its formulas read beside records, where that is not what they come to for this one.
    """
    c = ask.counted
    out = reader.truth(c.excluding.node) if c.excluding is not None else None
    read = ask.parameters() if parameters is None else parameters
    own = (c.excluding.text if c.excluding is not None else "", read)
    case: Any = None if out is None else ~out

    def also(test: Any) -> Any:
        return test if case is None else case & test

    excluded = put.count(("excluded", own), out) if c.excluding is not None else None
    value = c.value if c.value is not None else c.to if c.summed else None
    quantity: Quantity | None = reader.quantity(value.node) if value is not None else None
    text = value.text if value is not None else ""
    known = quantity.expr.notnull() if quantity is not None else None
    hits = missing = total = None
    parts: tuple[int, ...] = ()
    ends: tuple[int, int] | None = None
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
        ends = put.ends((own, text), quantity.expr, case)
    return Counts(excluded, missing, hits, total, parts, quantity.over if quantity is not None else 1, ends)


def stretch(reader: Reader, dated: str, edges: Edges) -> Any:
    """The number of the stretch of time that a record is of."""
    import ibis

    day = reader.columns[dated]
    assert isinstance(day, Day)
    cases = []
    for at, cut in enumerate(edges.cuts):
        expr, edge = literal_day(day, cut)
        cases.append((expr < edge, at))
    return ibis.cases(*cases, else_=len(edges.cuts))


Row = Mapping[str, Any]


def gathered(ask: Ask, counts: Counts, rows: Sequence[Row], edges: Edges | None) -> Tally:
    """The tally of one measure for one key, from the rows of the answer that are of that key."""
    if edges is None:
        return _tally(ask, counts, rows, ())
    window = edges.stretches(ask.span.start, ask.span.end)
    ripe = days(ask.ripe)
    inside = [row for row in rows if row["stretch"] in window]
    old = [row for row in inside if edges.starts(row["stretch"]) <= ripe]
    young = [row for row in inside if edges.starts(row["stretch"]) > ripe]
    return _tally(ask, counts, old, young)


def unplaced(rows: Sequence[Row], ask: Ask, edges: Edges | None) -> int:
    """How many records of the window are of no stratum, from the rows of those."""
    if edges is None:
        return sum(int(row["n"]) for row in rows)
    window = edges.stretches(ask.span.start, ask.span.end)
    return sum(int(row["n"]) for row in rows if row["stretch"] in window)


def _tally(ask: Ask, counts: Counts, old: Sequence[Row], young: Sequence[Row]) -> Tally:
    def total(at: int | None) -> int:
        return 0 if at is None else sum(int(row[f"a{at}"] or 0) for row in old)

    def ends() -> tuple[Number, Number] | None:
        if counts.ends is None:
            return None
        low, high = ([int(row[f"a{at}"]) for row in old if row[f"a{at}"] is not None] for at in counts.ends)
        return (number(min(low), counts.over), number(max(high), counts.over)) if low else None

    excluded, missing = total(counts.excluded), total(counts.missing)
    cases = sum(int(row["n"]) for row in old) - excluded - missing
    return Tally(
        cases=cases,
        excluded=excluded,
        immature=sum(int(row["n"]) for row in young),
        missing=missing,
        hits=cases if ask.counted.kind == "rate" and counts.hits is None else total(counts.hits),
        total=number(total(counts.total), counts.over),
        parts=tuple(total(at) for at in counts.parts),
        ends=ends(),
    )
