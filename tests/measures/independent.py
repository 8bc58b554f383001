"""Measures worked out a second time, slowly and by the words of the documentation alone: every kind.

Where the documentation does not decide, a function says which reading was taken, after "Undecided:".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tests.measures.independent_told import Found, Row, Told, cases, cut, lacking, later, percentage, rank_of, share


def proportion(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    found.cases, found.hits = len(kept), sum(told.holds(counted["where"], row) for row in kept)
    found.value = share(found.hits, found.cases)
    return found


def rate(told: Told, counted: Mapping[str, Any]) -> Found:
    """Records that meet a test, `per` so many of a population, or of what rows add up to.

    Undecided: what becomes of a record that lacks what is added up. Taken: it is no case, and is missing.
    """
    kept, found = cases(told, counted)
    population = counted["to"] if isinstance(counted["to"], int) else told.formulas[counted["to"]]
    if not callable(population):
        held_to = Fraction(population)
    else:
        kept = lacking(kept, found, lambda row: told.worth(counted["to"], row) is not None)
        held_to = sum((told.worth(counted["to"], row) or Fraction(0) for row in kept), Fraction(0))
    found.cases, found.hits = len(kept), sum(told.holds(counted.get("where"), row) for row in kept)
    found.value = share(found.hits * Fraction(counted.get("per", 1)), held_to)
    return found


def mean(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    kept = lacking(kept, found, lambda row: told.worth(counted["value"], row) is not None)
    values = cut([told.worth(counted["value"], row) for row in kept], counted.get("truncated_at"))
    found.cases = len(kept)
    found.value = share(sum(values), len(values))
    return found


def bundle(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    found.cases = len(kept)
    found.hits = sum(all(told.holds(text, row) for text in counted["all"]) for row in kept)
    found.value = share(found.hits, found.cases)
    for text in counted["all"]:
        found.beside[str(text)] = share(sum(told.holds(text, row) for row in kept), len(kept))
    return found


def distinct(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    kept = lacking(kept, found, lambda row: row[told.person] is not None)
    found.cases = len(kept)
    found.hits = len({row[told.person] for row in kept if told.holds(counted.get("where"), row)})
    found.value = Fraction(found.hits)
    return found


def time_to(told: Told, counted: Mapping[str, Any]) -> Found:
    """Days to an event at a percentile of all cases; without the event it is never.

    Undecided: what times are cut at. Taken: the percentile of times with an event; never stays never. Undecided: an event before the start. Taken: days below nothing.
    """
    kept, found = cases(told, counted)
    kept = lacking(kept, found, lambda row: row[counted["from"]] is not None)
    found.cases, found.hits = len(kept), sum(row[counted["event"]] is not None for row in kept)
    with_event = [row for row in kept if row[counted["event"]] is not None]
    days = cut([(row[counted["event"]] - row[counted["from"]]).days for row in with_event], counted.get("truncated_at"))
    ordered = [*sorted(days), *(None for _ in range(len(kept) - len(with_event)))]
    if ordered:
        at = ordered[rank_of(len(ordered), percentage(counted["percentile"])) - 1]
        found.beside["with the event"] = share(found.hits, found.cases)
        found.value = None if at is None else Fraction(at)
    return found


def repeat(told: Told, counted: Mapping[str, Any]) -> Found:
    """The share that another record of the person follows on a later day, within so long.

    Another is of whichever stratum. Undecided: which records may be another. Taken: those of `among` and `where`, not
    excluded, of any window, and dated by the extract date. Undecided: one that is younger than `within`. Taken: it is too young.
    """
    kept, found = cases(told, counted, str(counted["within"]))
    kept = lacking(kept, found, lambda row: row[told.person] is not None)
    found.cases = len(kept)
    for row in kept:
        day, last = row[told.dated], later(row[told.dated], counted["within"])
        found.hits += any(
            other[told.person] == row[told.person]
            and other[told.dated] is not None
            and day < other[told.dated] <= min(last, told.extracted)
            and told.holds(counted.get("among"), other)
            and not told.leaves_out(counted, other)
            and told.holds(counted.get("where"), other)
            for other in told.rows
        )
    found.value = share(found.hits, found.cases)
    return found


def run_length(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    found.cases = len(kept)
    misses = [row[told.dated] for row in kept if not told.holds(counted["where"], row)]
    found.value = Fraction(sum(not misses or row[told.dated] > max(misses) for row in kept))
    return found


def observed_to_expected(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = cases(told, counted)
    kept = lacking(kept, found, lambda row: told.worth(counted["expected"], row) is not None)
    found.cases, found.hits = len(kept), sum(told.holds(counted["where"], row) for row in kept)
    expected = sum((told.worth(counted["expected"], row) or Fraction(0) for row in kept), Fraction(0))
    limits = counted.get("adjusted")
    if limits:
        found.beside |= {"adjustment": None, "adjustment held": None}
    if limits and kept:
        usual = percentage(limits["reference"]) * len(kept)
        adjustment = found.beside["adjustment"] = expected / usual
        if "at_least" in limits:
            adjustment = max(adjustment, percentage(limits["at_least"]))
        if "at_most" in limits:
            adjustment = min(adjustment, percentage(limits["at_most"]))
        found.beside["adjustment held"] = adjustment
        expected = usual * adjustment
    found.value = share(found.hits, expected)
    if kept and not expected:  # Undecided: whether an adjustment of nothing is told. Taken: it is not.
        found.beside.clear()
    return found


Pair = tuple[Fraction, Fraction]


def pairs(told: Told, counted: Mapping[str, Any]) -> tuple[list[Pair], Found]:
    """A baseline and a follow-up of each person who has both.

    Everybody is counted once. Undecided, and taken: somebody with a baseline that is old enough and not excluded is a
    case or lacks a value or a follow-up; else somebody with a young one is too young; else they are excluded. A
    follow-up is of whichever stratum, of the population, is not excluded, and is dated by the extract date; somebody
    without an id is not told.
    """
    kept, found = [], Found()
    found.unplaced = len({
        (row[told.person], row[told.whose])
        for row in told.rows
        if row[told.person] is not None and told.lost(row) and told.inside(row[told.dated])
        and told.holds(counted.get("among"), row) and told.holds(counted["baseline"], row)
    })  # fmt: skip
    people = sorted({row[told.person] for row in told.rows if row[told.person] is not None})
    for person in people:
        own = [row for row in told.rows if row[told.person] == person and row[told.dated] is not None]
        own = [row for row in own if told.holds(counted.get("among"), row)]
        starts = [row for row in own if told.of_stratum(row) and told.inside(row[told.dated])]
        starts = [row for row in starts if told.holds(counted["baseline"], row)]
        waits = (told.matured, counted.get("within"))
        young = [row for row in starts if any(told.young(row[told.dated], wait) for wait in waits)]
        old = [row for row in starts if row not in young]
        good = [row for row in old if not told.leaves_out(counted, row)]
        first = chosen(told, counted, counted.get("take_baseline", "first"), good)
        if first is None:
            found.missing += bool(good)
            found.immature += bool(young) and not good
            found.excluded += bool(old) and not good and not young
            continue
        day = first[told.dated]
        last = chosen(told, counted, counted.get("take", "last"), [
            row for row in own
            if day < row[told.dated] <= told.extracted
            and told.holds(counted["follow_up"], row) and not told.leaves_out(counted, row)
            and ("after" not in counted or row[told.dated] >= later(day, counted["after"]))
            and ("within" not in counted or row[told.dated] <= later(day, counted["within"]))
        ])  # fmt: skip
        if last is None:
            found.missing += 1
            continue
        before, after = told.worth(counted["value"], first), told.worth(counted["value"], last)
        assert before is not None
        assert after is not None
        kept.append((before, after))
    found.cases = len(kept)
    return kept, found


def chosen(told: Told, counted: Mapping[str, Any], which: str, rows: Sequence[Row]) -> Row | None:
    """The first or last row: of one day the first has the smallest value and the last the largest."""
    having = [row for row in rows if told.worth(counted["value"], row) is not None]
    if not having:
        return None
    pick = min if which == "first" else max
    return pick(having, key=lambda row: (row[told.dated], told.worth(counted["value"], row)))


def paired_change(told: Told, counted: Mapping[str, Any]) -> Found:
    kept, found = pairs(told, counted)
    found.value = share(sum((after - before for before, after in kept), Fraction(0)), len(kept))
    return found


def changed(told: Told, counted: Mapping[str, Any]) -> Found:
    """The share improved by so much or more; unchanged and worse are beside it and are not netted."""
    kept, found = pairs(told, counted)
    least = told.worth(counted["by"], {})
    assert least is not None
    way = -1 if told.better == "lower" else 1
    moves = [(after - before) * way for before, after in kept]
    better, worse = sum(move >= least for move in moves), sum(move <= -least for move in moves)
    found.hits, found.value = better, share(better, len(moves))
    for word, number in (("improved", better), ("unchanged", len(moves) - better - worse), ("worse", worse)):
        found.beside[word] = share(number, len(moves))
    return found


def sustained(told: Told, counted: Mapping[str, Any]) -> Found:
    """The share of those who entered of whom it holds at every point.

    Undecided: somebody who entered twice. Taken: once for each day of entering, by the rows that say that day.
    Near a point the record nearest to it decides, and of several as near it must hold of all.
    """
    entries: dict[tuple[Any, date], list[Row]] = {}
    for row in told.rows:
        day = row[counted["entered"]]
        if told.inside(day) and row[told.person] is not None and told.holds(counted.get("among"), row):
            entries.setdefault((row[told.person], day), []).append(row)
    found, met = Found(), [0] * len(counted["at"])
    give = counted["give_or_take"]
    for (_, day), own in entries.items():
        stratum = stratum_of(told, own) if told.key else ""
        found.unplaced += bool(told.key) and stratum not in told.strata
        if told.key != stratum:
            continue
        points = [later(day, at) for at in counted["at"]]
        if told.young(day, told.matured) or later(max(points), give) > told.extracted:
            found.immature += 1
            continue
        if any(told.leaves_out(counted, row) for row in own):
            found.excluded += 1
            continue
        found.cases += 1
        kept = [held_near(told, counted["where"], own, point, give) for point in points]
        met = [before + now for before, now in zip(met, kept, strict=True)]
        found.hits += all(kept)
    found.value = share(found.hits, found.cases)
    for at, number in zip(counted["at"], met, strict=True):
        found.beside[at] = share(number, found.cases)
    return found


def stratum_of(told: Told, own: Sequence[Row]) -> Any:
    """The stratum that the earliest record of an entry names, by the letters where several of one day do."""
    named = sorted((row[told.dated] or date.max, row[told.whose]) for row in own if row[told.whose] is not None)
    return named[0][1] if named else None


def held_near(told: Told, where: str, own: Sequence[Row], point: date, give: str) -> bool:
    near = [row for row in own if row[told.dated] is not None]
    near = [row for row in near if later(point, give, -1) <= row[told.dated] <= later(point, give)]
    least = min((abs(row[told.dated] - point) for row in near), default=None)
    return bool(near) and all(told.holds(where, row) for row in near if abs(row[told.dated] - point) == least)


KINDS: Mapping[str, Callable[[Told, Mapping[str, Any]], Found]] = {
    "proportion": proportion, "rate": rate, "mean": mean, "bundle": bundle, "distinct": distinct, "time_to": time_to,
    "repeat": repeat, "run_length": run_length, "observed_to_expected": observed_to_expected,
    "paired_change": paired_change, "changed": changed, "sustained": sustained,
}  # fmt: skip


def against(kind: str, other: Fraction | None, given: Fraction | None) -> Fraction | None:
    """A measure less a comparator, or less the share that would have come anyway."""
    if other is None or given is None:
        return None
    return other - given if kind == "difference" else other - other * given
