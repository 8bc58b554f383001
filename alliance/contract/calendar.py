"""Periods: years, half-years, quarters and months of a contract, how they are written, and how they are cut.

A yearly amount is a half of itself in each half-year, a quarter in each quarter and a twelfth in each month. Only the
shortest settlement period that a change cuts is divided, by its own days, first and last included; longer periods are
sums of their parts.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
LENGTHS = tuple(MONTHS)
SETTLES = {"monthly": "month", "quarterly": "quarter", "half-yearly": "half-year", "yearly": "year"}
MEANT = {
    **dict.fromkeys(("semi-annual", "semi-annually", "semiannually", "biannual", "biannually"), "half-yearly"),
    **dict.fromkeys(("bi-annual", "bi-annually", "six-monthly", "6-monthly", "twice a year"), "half-yearly"),
    **dict.fromkeys(("annual", "annually", "each year", "every year"), "yearly"),
}
"""What others call how often something settles."""
_LETTERS = {"quarter": "Q", "half-year": "H"}
_MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October"]
_MONTH_NAMES += ["November", "December"]
_YEAR = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?: (?:[Qq]([1-4])|[Hh]([12])))?")
_MONTH = re.compile(r"([0-9]{4})-M([0-9]{2})")


class PeriodError(ValueError):
    """A period that cannot be read; the message says how it is written."""


@dataclass(frozen=True, slots=True)
class Period:
    """A settlement period: its label, first and last day, and length (`month`, `quarter`, `half-year` or
    `year`)."""

    label: str
    start: date
    end: date
    length: str

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def of_year(self) -> Fraction:
        """The share of a yearly amount that falls in the period."""
        return Fraction(MONTHS[self.length], 12)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a period over which nothing changes, and its weight in the period (all weights make 1)."""

    start: date
    end: date
    weight: Fraction


def add_months(day: date, months: int) -> date:
    """The day so many months later, held at the end of the month.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years of a contract: the day they start, and whether they are named by the year they start or end in."""

    starts: tuple[int, int] = (4, 1)
    named_by_end: bool = False
    begins: date = field(default=date(2026, 12, 31), compare=False)  # a day of the contract, for what is shown

    def year_starting(self, year: int) -> Period:
        start = date(year, *self.starts)
        end = date(year + 1, *self.starts) - timedelta(days=1)
        return Period(self._label(start, end), start, end, "year")

    def _label(self, start: date, end: date) -> str:
        if start.year == end.year:
            return str(start.year)
        return str(end.year) if self.named_by_end else f"{start.year}-{end.year % 100:02d}"

    def _month(self, start: date) -> str:
        """How a month is written: `2026-04`, or, where that is how a year is written (2009-10), `2009-M10`."""
        label = f"{start.year}-{start.month:02d}"
        return label if self._is_month(start.year, start.month) else f"{start.year}-M{start.month:02d}"

    def _is_month(self, year: int, number: int) -> bool:
        """Whether two numbers, as in `2026-04`, are a year and a month, and not the years that a year starts and ends
        in."""
        return self.named_by_end or self.starts == (1, 1) or number != (year + 1) % 100

    def year_of(self, day: date) -> Period:
        """The contract year that a day falls in."""
        return self.year_starting(day.year - (date(day.year, *self.starts) > day))

    def parts(self, period: Period, length: str) -> list[Period]:
        """The months, quarters or half-years of a period, or the period itself if it is no longer than that."""
        months = MONTHS[length]
        if MONTHS[period.length] <= months:
            return [period]
        year = self.year_of(period.start)
        first = (period.start.year - year.start.year) * 12 + period.start.month - year.start.month
        parts = []
        for number in range(first, first + MONTHS[period.length], months):  # from the year's own start: no day drifts
            start, end = add_months(year.start, number), add_months(year.start, number + months) - timedelta(days=1)
            letter = _LETTERS.get(length)
            label = f"{year.label} {letter}{number // months + 1}" if letter else self._month(start)
            parts.append(Period(label, start, end, length))
        return parts

    def containing(self, day: date, length: str) -> Period:
        """The month, quarter, half-year or year that a day falls in."""
        return next(p for p in self.parts(self.year_of(day), length) if day in p)

    def parse(self, text: str) -> Period:
        """Read a period: `2026-27`, `2026-27 H1`, `2026-27 Q1`, `2026-04` (or `2026-M04`), or `2023` where years start
        in January.

        >>> Calendar().parse("2026-27 Q1").end
        datetime.date(2026, 6, 30)
        """
        text = text.strip()
        month = _MONTH.fullmatch(text)
        match = _YEAR.fullmatch(f"{month[1]}-{month[2]}" if month else text)
        if not match:
            raise PeriodError(f'"{text[:40]}" is not a period. {self.how()}')
        first, second, quarter, half = int(match[1]), match[2], match[3], match[4]
        if not 1900 < first < 2200:
            raise PeriodError(f"{first} is not a year that can be settled (1901 to 2199).")
        single = self.named_by_end or self.starts == (1, 1)
        if second is not None and (month or self._is_month(first, int(second))):
            number = int(second)
            if quarter or half or not 1 <= number <= 12:
                raise PeriodError(f'"{text}" is not a period. {self.how()}')
            day = add_months(date(first, 1, self.starts[1]), number - 1)
            return next(p for p in self.parts(self.year_of(day), "month") if p.start.month == number)
        if second is None and not single:
            raise PeriodError(f'"{text}" names no year of this contract. {self.how()}')
        year = self.year_starting(first - (self.named_by_end and self.starts != (1, 1)))
        if half:
            return self.parts(year, "half-year")[int(half) - 1]
        return self.parts(year, "quarter")[int(quarter) - 1] if quarter else year

    def how(self) -> str:
        """How this contract's periods are written, as a sentence."""
        year = self.year_of(self.begins)
        month = f"{year.start.year}-{year.start.month:02d}"
        return f"Periods of this contract are written {year.label}, {year.label} H1, {year.label} Q1 or {month}."

    def starts_on(self) -> str:
        return f"{self.starts[1]} {_MONTH_NAMES[self.starts[0] - 1]}"

    def segments(self, period: Period, shortest: str, changes: Iterable[date]) -> list[Segment]:
        """Cut a period where something changes. Each shortest settlement period weighs the same; a cut one is divided
        by its own days."""
        cuts = sorted({c for c in changes if period.start < c <= period.end})
        if not cuts:
            return [Segment(period.start, period.end, Fraction(1))]
        found: list[Segment] = []
        parts = self.parts(period, shortest)
        for part in parts:
            edges = [part.start, *(c for c in cuts if part.start < c <= part.end), part.end + timedelta(days=1)]
            for start, after in pairwise(edges):
                weight = Fraction((after - start).days, part.days * len(parts))
                last = found[-1] if found else None
                if last is not None and start not in cuts:
                    found[-1] = Segment(last.start, after - timedelta(days=1), last.weight + weight)
                else:
                    found.append(Segment(start, after - timedelta(days=1), weight))
        return found


def day_text(day: date) -> str:
    """A date in words: 1 April 2026."""
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"
