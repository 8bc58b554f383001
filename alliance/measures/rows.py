"""Counting records one by one in plain Python: for records in memory, and to check what an engine counts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from alliance.contract import entries as e
from alliance.contract.calendar import add_months
from alliance.contract.formula import operations as op
from alliance.contract.formula.evaluate import Env
from alliance.contract.numbers import Number, normal
from alliance.contract.values import Unknown, Value
from alliance.measures.reader import CASE, EXCLUDED, IMMATURE, Fields, Reader, Rows, Undecided, quantity, truth
from alliance.measures.spans import Span
from alliance.measures.tallies import Tally, ends


def tally(counted: e.Counted, rows: Rows, span: Span, extracted: date, key: str, outer: Env) -> Tally | Unknown:
    """The counts of a measure over a window, as the records stood at the extract date; unknown where what a formula
    reads beside them is."""
    reader = Reader(counted, span, extracted, key, outer)
    try:
        found = _KINDS[counted.kind](reader, rows)
        return replace(found, unplaced=_unplaced(reader, rows)) if counted.whose else found
    except Undecided as undecided:
        return undecided.value


def _unplaced(reader: Reader, rows: Rows) -> int:
    """How many of those that might be counted are of no stratum: records, or people where people are."""
    c = reader.counted
    if c.kind == "sustained":
        return entered(reader, rows).unplaced
    lost = [fields for fields in rows if reader.unplaced(fields)]
    if c.baseline is None:
        return len(lost)
    held = (one for one in lost if one[c.person] is not None and truth(c.baseline, reader.env(one)))
    return len({(one[c.whose], one[c.person]) for one in held})


def sort(reader: Reader, rows: Rows) -> tuple[list[Fields], int, int]:
    """The cases, and how many were left out and were too young."""
    cases: list[Fields] = []
    excluded = immature = 0
    for state, fields in reader.states(rows):
        if state == CASE:
            cases.append(fields)
        elif state == EXCLUDED:
            excluded += 1
        else:
            immature += 1
    return cases, excluded, immature


def _share(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    where = reader.counted.where
    hits = sum(1 for fields in cases if truth(where, reader.env(fields)))
    return Tally(len(cases), excluded, immature, hits=hits)


def _rate(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    c, hits, missing = reader.counted, 0, 0
    spread = _Spread()
    for fields in cases:
        env = reader.env(fields)
        days = quantity(c.to, env) if c.summed and c.to is not None else 0
        missing += days is None
        spread.put(days)
        hits += days is not None and truth(c.where, env)
    found = spread.ends() if c.summed else None
    return Tally(len(cases) - missing, excluded, immature, missing, hits, normal(spread.total), ends=found)


def _mean(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    c, spread = reader.counted, _Spread()
    assert c.value is not None
    for fields in cases:
        spread.put(quantity(c.value, reader.env(fields)))
    kept = tuple(spread.counts.items()) if c.truncated is not None else ()
    total, found = normal(spread.total), spread.ends() if c.truncated is None else None
    return Tally(spread.count, excluded, immature, spread.missing, total=total, spread=kept, ends=found)


class _Spread:
    """How many cases have each value."""

    def __init__(self) -> None:
        self.counts: dict[Number, int] = {}
        self.count = self.missing = 0
        self.total: Number = 0

    def put(self, value: Number | None) -> None:
        if value is None:
            self.missing += 1
            return
        self.counts[value] = self.counts.get(value, 0) + 1
        self.count += 1
        self.total += value

    def ends(self) -> tuple[Number, Number] | None:
        return ends(self.counts)


def _expected(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    c, hits, spread = reader.counted, 0, _Spread()
    assert c.value is not None
    for fields in cases:
        env = reader.env(fields)
        chance = quantity(c.value, env)
        spread.put(chance)
        hits += chance is not None and truth(c.where, env)
    total, found = normal(spread.total), spread.ends()
    return Tally(spread.count, excluded, immature, spread.missing, hits, total, ends=found)


def _bundle(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    every = reader.counted.every
    parts, hits = [0] * len(every), 0
    for fields in cases:
        env = reader.env(fields)
        done = [truth(one, env) for one in every]
        hits += all(done)
        parts = [count + one for count, one in zip(parts, done, strict=True)]
    return Tally(len(cases), excluded, immature, hits=hits, parts=tuple(parts))


def _distinct(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    c, people, missing = reader.counted, set(), 0
    for fields in cases:
        person = fields[c.person]
        missing += person is None
        if person is not None and truth(c.where, reader.env(fields)):
            people.add(person)
    return Tally(len(cases) - missing, excluded, immature, missing, len(people))


def _time_to(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    c, spread, never = reader.counted, _Spread(), 0
    for fields in cases:
        start, event = fields[c.start], fields[c.event]
        if start is not None and event is None:
            never += 1
        else:
            spread.put(op.subtract(event, start))  # type: ignore[arg-type]
    counts = tuple(sorted(spread.counts.items()))
    return Tally(spread.count + never, excluded, immature, spread.missing, spread.count, spread=counts)


def _run_length(reader: Reader, rows: Rows) -> Tally:
    cases, excluded, immature = sort(reader, rows)
    days: dict[date, list[int]] = {}
    for fields in cases:
        met = truth(reader.counted.where, reader.env(fields))
        seen = days.setdefault(reader.day(fields), [0, 0])
        seen[0] += 1
        seen[1] += not met
    return Tally(len(cases), excluded, immature, hits=run_length(days))


def run_length(days: Mapping[date, Sequence[int]]) -> int:
    """How many records come after the last day on which one was missed, from records and misses by day."""
    last = max((day for day, (_, missed) in days.items() if missed), default=date.min)
    return sum(count for day, (count, _) in days.items() if day > last)


def _repeat(reader: Reader, rows: Rows) -> Tally:
    """A case is repeated where the same person has another record on a later day within so many days."""
    cases, excluded, immature = sort(reader, rows)
    missing = sum(1 for fields in cases if fields[reader.counted.person] is None)
    return Tally(len(cases) - missing, excluded, immature, missing, len(repeated(reader, rows, cases)))


def repeated(reader: Reader, rows: Rows, cases: Rows) -> list[Fields]:
    """The cases that another record of the person follows, of whichever stratum that is."""
    c = reader.counted
    within = c.within or 0
    again: dict[Value, set[date]] = {}
    for fields in rows:
        person, day = fields[c.person], reader.day(fields)
        if person is None or day is None or day > reader.extracted or not reader.among(fields):
            continue
        env = reader.env(fields)
        if (c.excluding is None or not truth(c.excluding, env)) and truth(c.where, env):
            again.setdefault(person, set()).add(day)
    days = {person: sorted(seen) for person, seen in again.items()}
    found = []
    for fields in cases:
        day, later = reader.day(fields), days.get(fields[c.person], [])
        at = bisect_right(later, day)
        if at < len(later) and (later[at] - day).days <= within:  # the next is the nearest
            found.append(fields)
    return found


Chosen = tuple[date, Number]


def _pairs(reader: Reader, rows: Rows) -> Tally:
    """Each person's baseline in the window beside a follow-up; those without one, or without a value, are missing."""
    starts = baselines(reader, rows)
    later = follow_ups(reader, rows, starts.chosen)
    c, spread, parts = reader.counted, _Spread(), [0, 0, 0]
    least = quantity(c.by, reader.outer) if c.by is not None else None
    total: Number = 0
    for person, (_, before) in starts.chosen.items():
        found = later.get(person)
        change = found[1] - before if found is not None else None
        spread.put(change)
        if change is not None:
            total += change
            if least is not None:
                parts[0 if change >= least else 2 if change <= -least else 1] += 1
    return Tally(
        cases=spread.count,
        excluded=len(starts.excluded),
        immature=len(starts.young),
        missing=spread.missing + len(starts.lacking),
        total=normal(total),
        parts=tuple(parts) if c.by else (),
        ends=spread.ends(),
    )


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baseline chosen of each person, and the people who have none: since it lacks a value, is too young, or is
    left out. Everybody is in one of the four."""

    chosen: Mapping[Value, Chosen]
    lacking: set[Value]
    young: set[Value]
    excluded: set[Value]


def baselines(reader: Reader, rows: Rows) -> Baselines:
    c = reader.counted
    chosen: dict[Value, Chosen] = {}
    lacking: set[Value] = set()
    young: set[Value] = set()
    excluded: set[Value] = set()
    assert c.value is not None
    for state, fields in reader.states(rows):
        env = reader.env(fields)
        person = fields[c.person]
        if person is None or not truth(c.baseline, env):
            continue
        if state != CASE:
            (young if state == IMMATURE else excluded).add(person)
            continue
        value = quantity(c.value, env)
        if value is None:
            lacking.add(person)
        else:
            _choose(chosen, person, (reader.day(fields), value), c.take_baseline)
    lacking -= chosen.keys()
    young -= chosen.keys() | lacking
    excluded -= chosen.keys() | lacking | young
    return Baselines(chosen, lacking, young, excluded)


def follow_ups(reader: Reader, rows: Rows, starts: Mapping[Value, Chosen]) -> dict[Value, Chosen]:
    """A later record of each person, of whichever stratum it is."""
    c = reader.counted
    later: dict[Value, Chosen] = {}
    assert c.value is not None
    for fields in rows:
        person, day = fields[c.person], reader.day(fields)
        if person not in starts or day is None or day > reader.extracted or not reader.among(fields):
            continue
        gap, env = (day - starts[person][0]).days, reader.env(fields)
        if gap < max(c.after, 1) or (c.within is not None and gap > c.within):
            continue
        if (c.excluding is not None and truth(c.excluding, env)) or not truth(c.follow_up, env):
            continue
        value = quantity(c.value, env)
        if value is not None:
            _choose(later, person, (day, value), c.take)
    return later


def _choose(found: dict[Value, Chosen], person: Value, one: Chosen, take: str) -> None:
    """Keep the first or last of several. Of several on one day the first has the smallest value, the last the
    largest, so that no order of records matters."""
    before = found.get(person)
    if before is None or (one < before if take == "first" else one > before):
        found[person] = one


def _sustained(reader: Reader, rows: Rows) -> Tally:
    found = entered(reader, rows)
    people = found.people.values()
    parts = tuple(sum(held[at] for held in people) for at in range(len(reader.counted.points)))
    return Tally(len(people), found.excluded, found.immature, hits=sum(all(held) for held in people), parts=parts)


Entry = tuple[Value, date]


@dataclass(frozen=True, slots=True)
class Entered:
    """People with the day on which they entered, and whether the test held at each later point; how many are excluded,
    too young, and of no stratum."""

    people: Mapping[Entry, list[bool]]
    excluded: int
    immature: int
    unplaced: int


def entered(reader: Reader, rows: Rows) -> Entered:
    """Those who entered in the window. Near each later point the record nearest to it decides; of several as near all
    must hold. An entry is of the stratum that the earliest of its records names: of one day, the first by its letters.
    """
    c = reader.counted
    nearest: dict[Entry, list[tuple[int, bool]]] = {}
    excluded: set[Entry] = set()
    immature: set[Entry] = set()
    earliest: dict[Entry, tuple[date, str]] = {}
    for fields in rows:
        since, person = fields[c.start], fields[c.person]
        if not isinstance(since, date) or person is None or since not in reader.span or not reader.among(fields):
            continue
        who, env, day = (person, since), reader.env(fields), reader.day(fields)
        if c.whose and fields[c.whose] is not None:
            named = (day or date.max, str(fields[c.whose]))
            earliest[who] = min(named, earliest.get(who, named))
        found = nearest.setdefault(who, [(c.slack + 1, False)] * len(c.points))
        if add_months(since, c.points[-1]) + timedelta(days=c.slack) > reader.extracted:
            immature.add(who)
        elif c.excluding is not None and truth(c.excluding, env):
            excluded.add(who)
        elif day is not None:
            met = truth(c.where, env)
            for at, months in enumerate(c.points):
                # the least is the nearest, and of those as near one that does not hold
                found[at] = min(found[at], (abs((day - add_months(since, months)).days), met))
    strata = {who: earliest[who][1] if who in earliest else "" for who in nearest}
    ours = {who for who, stratum in strata.items() if not c.whose or stratum == reader.key}
    return Entered(
        people={who: [met for _, met in nearest[who]] for who in nearest if who in ours - excluded - immature},
        excluded=len(excluded & ours),
        immature=len(immature & ours),
        unplaced=sum(stratum not in c.strata for stratum in strata.values()) if c.whose else 0,
    )


ACROSS = ("repeat", "paired_change", "changed", "sustained")
"""The kinds that look at records of other strata than the one that is counted."""

_KINDS: dict[str, Callable[[Reader, Rows], Tally]] = {
    "proportion": _share,
    "rate": _rate,
    "mean": _mean,
    "observed_to_expected": _expected,
    "bundle": _bundle,
    "distinct": _distinct,
    "time_to": _time_to,
    "run_length": _run_length,
    "repeat": _repeat,
    "paired_change": _pairs,
    "changed": _pairs,
    "sustained": _sustained,
}
