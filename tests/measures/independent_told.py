"""What the independent evaluator of measures works from: rows, windows, durations, ranks, and who is a case.

Nothing of the package is used. A measure is its declaration as PyYAML reads it; a row is a dict of dates, fractions,
truths, texts and None; and what a formula means is a Python function that the caller puts beside its text. Where the
documentation does not decide, the function says which reading was taken, after "Undecided:".
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]
Formulas = Mapping[str, Any]
Span = tuple[date, date]


@dataclass
class Found:
    """What a measure comes to. `value` is None where there is nothing to divide by, or where the event never comes."""

    cases: int = 0
    hits: int = 0
    excluded: int = 0
    immature: int = 0
    missing: int = 0
    unplaced: int = 0
    value: Fraction | None = None
    beside: dict[str, Fraction | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a measure is worked out from: rows of all days, its formulas, and where and when."""

    rows: Sequence[Row]
    formulas: Formulas
    span: Span
    extracted: date
    dated: str
    whose: str = ""
    key: str = ""
    strata: Sequence[str] = ()
    person: str = "person"
    matured: str = ""
    better: str = "higher"

    def holds(self, text: Any, row: Row) -> bool:
        """Whether a condition holds; one that is left out does."""
        return True if text is None else self.formulas[str(text)](row) is True

    def leaves_out(self, counted: Mapping[str, Any], row: Row) -> bool:
        return counted.get("excluding") is not None and self.holds(counted["excluding"], row)

    def worth(self, text: Any, row: Row) -> Fraction | None:
        """A quantity of a row; None where it reads an empty field."""
        found = self.formulas[str(text)](row)
        return None if found is None else Fraction(found)

    def of_stratum(self, row: Row) -> bool:
        return not self.key or row[self.whose] == self.key

    def lost(self, row: Row) -> bool:
        """Whether a row of the measure's own strata would be one, and it names none of them."""
        return bool(self.key) and row[self.whose] not in self.strata

    def inside(self, day: date | None) -> bool:
        return day is not None and self.span[0] <= day <= self.span[1]

    def young(self, day: date, wait: Any) -> bool:
        """Whether a case of a day is younger than a duration at the extract date.

        Undecided: one dated after the extract date, where nothing has to be of an age. Taken: it is too young.
        """
        return day > self.extracted or (bool(wait) and later(day, str(wait)) > self.extracted)


def share(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


def later(day: date, duration: str, times: int = 1) -> date:
    """The day so long after another. Months are held at the month's end."""
    text, word = duration.split()
    number, unit = int(text) * times, word.rstrip("s")
    if unit == "day":
        return day + timedelta(days=number)
    if unit == "week":
        return day + timedelta(days=7 * number)
    return months_on(day, number * 12 if unit == "year" else number)


def months_on(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def window(declared: Mapping[str, Any], period: Span, term: Span) -> Span:
    """The days of a window. Years of the contract begin in the month of its term.

    Undecided: where `quarter`, `year` and `term` end. Taken: the year is a whole one; the others end with the period.
    """
    kind = declared.get("window", "period")
    end = period[1]
    since = (end.month - term[0].month) % 12
    first_of_month = end.replace(day=1)
    year = months_on(first_of_month, -since)
    quarter = months_on(year, since // 3 * 3)
    found = {
        "period": period,
        "quarter": (quarter, end),
        "year to date": (year, end),
        "year": (year, months_on(year, 12) - timedelta(days=1)),
        "12 months": (months_on(end + timedelta(days=1), -12), end),
        "term": (term[0], end),
    }
    if kind != "cohort":
        return found[kind]
    first, _, last = declared["cohort"].partition("..")
    return date.fromisoformat(first), date.fromisoformat(last)


def nearest_rank(values: Sequence[Any], percent: Fraction) -> Any:
    """The smallest value that at least so many of all do not exceed."""
    return sorted(values)[rank_of(len(values), percent) - 1]


def rank_of(count: int, percent: Fraction) -> int:
    """The nearest rank of a percentile among so many, counted from 1."""
    return max(1, math.ceil(percent * count))


def percentage(text: Any) -> Fraction:
    return Fraction(str(text).rstrip("%")) / 100


def cut(values: Sequence[Any], percent: Any) -> list[Any]:
    """Values above a percentile are taken as it."""
    if percent is None or not values:
        return list(values)
    most = nearest_rank(values, percentage(percent))
    return [min(v, most) for v in values]


def cases(told: Told, counted: Mapping[str, Any], wait: str = "") -> tuple[list[Row], Found]:
    """Records of the window that are cases; those too young are left out first, then those excluded.

    Undecided: that a case must also be as old as the kind itself looks ahead (`wait`, of `repeat`).
    """
    found, kept = Found(), []
    for row in told.rows:
        if told.lost(row) and told.inside(row[told.dated]) and told.holds(counted.get("among"), row):
            found.unplaced += 1
        if not told.inside(row[told.dated]) or not told.of_stratum(row) or not told.holds(counted.get("among"), row):
            continue
        if told.young(row[told.dated], told.matured) or told.young(row[told.dated], wait):
            found.immature += 1
        elif told.leaves_out(counted, row):
            found.excluded += 1
        else:
            kept.append(row)
    return kept, found


def lacking(kept: list[Row], found: Found, has: Callable[[Row], bool]) -> list[Row]:
    """Those that have what is looked at; the others are told as missing."""
    having = [row for row in kept if has(row)]
    found.missing += len(kept) - len(having)
    return having
