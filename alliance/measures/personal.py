"""Measures that look at several records of a person: an engine puts them side by side, and hands over counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any

from alliance.contract.calendar import add_months
from alliance.measures.asked import Ask
from alliance.measures.columns import MOST, Const, Day, NotInColumns, Quantity, Reader, compared, days, number
from alliance.measures.spans import Span
from alliance.measures.tallies import Tally

Row = Mapping[str, Any]


def _day(reader: Reader, field: str) -> Any:
    found = reader.columns[field]
    assert isinstance(found, Day)
    return found.expr


def _word(reader: Reader, field: str) -> Any:
    """A word of a record, empty where it has none."""
    import ibis

    return ibis.coalesce(reader.columns[field].expr, ibis.literal("")) if field else ibis.literal("")


class Personal:
    """One measure of one population over one window, as a query that comes to one row for each key.

    `strata` are all the words that say whose a record may be.
    """

    def __init__(self, ask: Ask, table: Any, reader: Reader, strata: Sequence[str], wide: bool) -> None:
        self.ask, self.reader, self.strata, self.wide = ask, reader, sorted(strata), wide
        c = ask.counted
        tests = {"ok": c.among, "out": c.excluding, "met": c.where}
        found: dict[str, Any] = {"who": reader.columns[c.person].expr, "whose": _word(reader, c.whose)}
        found["day"] = _day(reader, c.dated)
        if c.start:
            found["entered"] = _day(reader, c.start)
        for name, test in tests.items():
            found[name] = self._truth(test, name != "out")
        if c.value is not None and c.baseline is not None and c.follow_up is not None:
            self.value: Quantity = reader.quantity(c.value.node)
            found["value"] = self.value.expr
            found["first"], found["later"] = reader.truth(c.baseline.node), reader.truth(c.follow_up.node)
        self.rows = table.select(**found)
        self.ours = self.rows.filter(self.rows.ok & self.rows.who.notnull())
        self.ripe, self.extracted = days(ask.ripe), days(ask.extracted)

    def _truth(self, test: Any, otherwise: bool) -> Any:
        import ibis

        return self.reader.truth(test.node) if test is not None else ibis.literal(otherwise)

    def within(self, table: Any, column: str = "day") -> Any:
        found = table[column]
        return (found >= days(self.ask.span.start)) & (found <= days(self.ask.span.end))

    # another record of the same person within so many days, of whichever stratum

    def repeat(self) -> Any:
        import ibis

        c = self.ask.counted
        rows = self.rows.filter(self.rows.ok & self.within(self.rows))
        cases = rows.filter((rows.day <= self.ripe) & ~rows.out)
        ours = self.ours.filter(self.ours.day.notnull())
        again = ours.filter((ours.day <= self.extracted) & ~ours.out & ours.met)
        at = again.select("who", "day", again=ibis.literal(1))
        held = cases.filter(cases.who.notnull()).select("who", "day", again=ibis.literal(0))
        both = at.union(held)
        dates = both.group_by("who", "day").agg(again=both.again.max())
        ahead = ibis.window(group_by="who", order_by="day", following=(1, None))
        following = (dates.again == 1).ifelse(dates.day, ibis.null("int64")).min().over(ahead)
        gaps = dates.mutate(following=following)
        gaps = gaps.select("who", "day", repeated=((gaps.following - gaps.day) <= c.within).fill_null(False))
        joined = cases.left_join(gaps, ["who", "day"])
        hits = joined.group_by("whose").agg(
            n=joined.count(), missing=joined.who.isnull().sum(), hits=joined.repeated.fill_null(False).sum()
        )
        left = rows.group_by("whose").agg(
            excluded=((rows.day <= self.ripe) & rows.out).sum(), immature=(rows.day > self.ripe).sum()
        )
        return left.outer_join(hits, "whose").select(
            whose=ibis.coalesce(left.whose, hits.whose), excluded=left.excluded, immature=left.immature,
            n=hits.n, missing=hits.missing, hits=hits.hits,
        )  # fmt: skip

    # a baseline beside a follow-up, of whichever stratum; everybody is counted once

    def pairs(self) -> Any:
        c, over = self.ask.counted, self.value.over
        starts = self.ours.filter(self.within(self.ours) & self.ours["first"])
        old = starts.filter((starts.day <= self.ripe) & ~starts.out)
        good = old.filter(old.value.notnull())
        base = _chosen(good, ["whose", "who"], c.take_baseline)
        base = base.select("whose", "who", day0="day", value0="value")
        ends = self.ours.filter((self.ours.day <= self.extracted) & ~self.ours.out & self.ours.later)
        ends = ends.filter(ends.value.notnull()).select("who", "day", "value")
        near = ends.join(base, ["who"])
        gap = near.day - near.day0
        kept = gap >= max(c.after, 1)
        if c.within is not None:
            kept = kept & (gap <= c.within)
        last = _chosen(near.filter(kept), ["whose", "who"], c.take)
        change = last.value - last.value0
        counts = {"n": last.count(), "total": (change.cast("decimal(38, 0)") if self.wide else change).sum()}
        counts |= {"lowest": change.min(), "highest": change.max()}
        if c.by is not None:
            least = self.reader.constant(c.by.node)
            up, down = _beyond(change, over, least)
            counts |= {"up": up.sum(), "down": down.sum()}
        found = last.group_by("whose").agg(**counts)
        people = old.select("whose", "who").distinct()
        young = starts.filter(starts.day > self.ripe).select("whose", "who").distinct()
        young = young.anti_join(people, ["whose", "who"])
        left = starts.filter((starts.day <= self.ripe) & starts.out).select("whose", "who").distinct()
        left = left.anti_join(people, ["whose", "who"]).anti_join(young, ["whose", "who"])
        based = people.group_by("whose").agg(based=people.count())
        young = young.group_by("whose").agg(immature=young.count())
        left = left.group_by("whose").agg(excluded=left.count())
        keys = starts.select("whose").distinct()
        table = keys
        for one in (found, based, left, young):
            renamed = one.rename(**{f"{one.columns[1]}_whose": "whose"})
            table = table.left_join(renamed, table.whose == renamed[f"{one.columns[1]}_whose"])
        names = [name for one in (found, based, left, young) for name in one.columns if name != "whose"]
        return table.select("whose", *names)

    # whether a test still holds at later points

    def sustained(self) -> Any:
        c = self.ask.counted
        import ibis

        rows = self.ours.filter(self.ours.entered.notnull() & self.within(self.ours, "entered"))
        held = {}
        for at, months in enumerate(c.points):
            point = rows.entered + _gaps(rows.entered, self.ask.span, months)
            near = (rows.day >= point - c.slack) & (rows.day <= point + c.slack)
            # twice the distance, and one where it holds: the least is the nearest, and of those as near one that fails
            gap = (rows.day - point).abs() * 2 + rows.met.ifelse(1, 0)
            held[f"p{at}"] = (near.ifelse(gap, ibis.null("int64")).min() % 2 == 1).fill_null(False)
        last = rows.entered + _gaps(rows.entered, self.ask.span, c.points[-1]) + c.slack
        counts = {"out": rows.out.max(), "young": (last > self.extracted).max(), **held}
        if c.whose:  # the stratum that the earliest record of an entry names; those without one come last
            named = ibis.cases(
                *((rows.whose == word, at) for at, word in enumerate(self.strata)), else_=len(self.strata)
            )
            order = [rows.whose == "", rows.day.isnull(), rows.day, named]
            place = ibis.row_number().over(ibis.window(group_by=["who", "entered"], order_by=order))
            rows = rows.mutate(place=place)
            people = rows.group_by("who", "entered").agg(
                whose=(rows.place == 0).ifelse(rows.whose, None).max(), **counts
            )
        else:
            people = rows.group_by("whose", "who", "entered").agg(**counts)
        counted = ~people.young & ~people.out
        every = counted
        for name in held:
            every = every & people[name]
        return people.group_by("whose").agg(
            n=counted.sum(),
            excluded=(~people.young & people.out).sum(),
            immature=people.young.sum(),
            hits=every.sum(),
            **{name: (counted & people[name]).sum() for name in held},
        )


def _chosen(table: Any, by: Sequence[str], take: str) -> Any:
    """The first or last row of each: of several on one day the smallest value is first, and the largest last."""
    import ibis

    order = ["day", "value"] if take == "first" else [ibis.desc("day"), ibis.desc("value")]
    numbered = table.mutate(place=ibis.row_number().over(ibis.window(group_by=list(by), order_by=order)))
    return numbered.filter(numbered.place == 0)


def _beyond(change: Any, over: int, least: Const) -> tuple[Any, Any]:
    """Where a change is at least so much up, and else where it is at least so much down."""
    value = least.value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise NotInColumns("a change that is not a number")
    column = Quantity(change, over, MOST - 1)
    up = compared(">=", column, least)
    return up, ~up & compared("<=", column, Const(-value))


def _gaps(entered: Any, span: Span, months: int) -> Any:
    """The days from entering to so many months later: the same for runs of days, so a few cases are enough."""
    import ibis

    every = [span.start + timedelta(days=n) for n in range((span.end - span.start).days + 1)]
    runs = [(gap, list(found)) for gap, found in groupby(every, key=lambda day: (add_months(day, months) - day).days)]
    cases = [(entered <= days(found[-1]), gap) for gap, found in runs]
    return ibis.cases(*cases, else_=0)


def unplaced(ask: Ask, row: Row) -> int:
    """Those whom the row of one stratum is about, where it is none of the measure."""
    people = "n" if ask.counted.kind in ("sustained", "repeat") else "based"
    return sum(int(row.get(name) or 0) for name in (people, "excluded", "immature"))


def read(ask: Ask, row: Row, over: int) -> Tally:
    """The tally of one row of the answer."""

    def count(name: str) -> int:
        return int(row.get(name) or 0)

    c = ask.counted
    if c.kind == "sustained":
        parts = tuple(count(f"p{at}") for at in range(len(c.points)))
        return Tally(count("n"), count("excluded"), count("immature"), hits=count("hits"), parts=parts)
    if c.kind == "repeat":
        missing = count("missing")
        return Tally(count("n") - missing, count("excluded"), count("immature"), missing, count("hits"))
    pairs, up, down = count("n"), count("up"), count("down")
    ends = (number(count("lowest"), over), number(count("highest"), over)) if pairs else None
    return Tally(
        cases=pairs,
        excluded=count("excluded"),
        immature=count("immature"),
        missing=count("based") - pairs,
        total=number(count("total"), over),
        parts=(up, pairs - up - down, down) if c.by is not None else (),
        ends=ends,
    )
