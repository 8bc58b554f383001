"""Over which days a measure is worked out: its window, for a period that is settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from alliance.contract import entries as e
from alliance.contract.calendar import LENGTHS, Calendar, Period, add_months


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The first and last day of a window."""

    start: date
    end: date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


def window(m: e.Measure, period: Period, calendar: Calendar, start: date) -> Span:
    """The window of a measure for a period of a contract that starts on a day.

    A window that ends with the period (twelve months, the year to date, the quarter or half-year, the term so far) ends
    on its last day; a year is the whole year that the period is of.
    """
    end = period.end
    if m.window == "cohort" and m.cohort is not None:
        return Span(*m.cohort)
    if m.window == "12 months":
        return Span(add_months(end + timedelta(days=1), -12), end)
    if m.window == "term":
        return Span(start, end)
    if m.window in ("year", "year to date"):
        year = calendar.year_of(period.start)
        return Span(year.start, year.end if m.window == "year" else end)
    if m.window in LENGTHS:  # a quarter or half-year
        return Span(calendar.containing(end, m.window).start, end)
    return Span(period.start, end)


def ripe(counted: e.Counted, extracted: date) -> date:
    """The last day of a case that has matured by the extract date."""
    try:
        return extracted - timedelta(days=waits(counted))
    except OverflowError:
        return date.min


def waits(counted: e.Counted) -> int:
    """For how many days a case must be followed: as declared, and at least as long as what is looked for may take."""
    takes = counted.within or 0 if counted.kind in ("repeat", "paired_change", "changed") else 0
    return max(counted.matured, takes)
