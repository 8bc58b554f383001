"""Plain things that the oracle reads and counts with: YAML as text, exact numbers, dates, periods, rounding, shares.

Written from what the language means (docs/reference/semantics.md) alone. Nothing here, or elsewhere in the oracle, comes from the package.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import yaml


def read_yaml(text: str) -> Any:
    """A YAML document with every scalar kept as its text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


# ---- values


@dataclass(frozen=True)
class Unknown:
    """What is not known. `excluded`: the contract says to leave it out where there is something else to go by."""

    excluded: bool = False

    def __bool__(self) -> bool:
        raise TypeError("an unknown is neither true nor false")


UNKNOWN = Unknown()


def is_known(value: Any) -> bool:
    return value is not None and not isinstance(value, Unknown)


def lost(*values: Any) -> Unknown:
    """What comes of values some of which are unknown: left out only if every unknown among them is."""
    unknowns = [v for v in values if isinstance(v, Unknown)]
    return Unknown(bool(unknowns) and all(u.excluded for u in unknowns))


_NUMBER = re.compile(r"[+-]?\d[\d_]*(\.\d+)?\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def number(text: str) -> Fraction:
    """A decimal, or a percentage as a share of one."""
    text = text.strip()
    if text.endswith("%"):
        return number(text[:-1]) / 100
    if not _NUMBER.match(text):
        raise ValueError(text)
    return Fraction(text.replace("_", ""))


def day(text: str) -> date:
    if not _DATE.match(text):
        raise ValueError(text)
    return date.fromisoformat(text)


# ---- rounding


def half_up(x: Fraction, step: Fraction) -> Fraction:
    """Half away from zero, to a multiple of the step."""
    units = (abs(x) / step * 2 + 1) // 2
    return (units if x >= 0 else -units) * step


def towards_zero(x: Fraction, step: Fraction) -> Fraction:
    units = abs(x) // step
    return (units if x >= 0 else -units) * step


def away_from_zero(x: Fraction, step: Fraction) -> Fraction:
    units = -(-abs(x) // step)
    return (units if x >= 0 else -units) * step


ROUNDINGS = {"half_up": half_up, "down": towards_zero, "up": away_from_zero}


def largest_remainder(amount: Fraction, weights: Sequence[Fraction], step: Fraction) -> list[Fraction]:
    """Share a whole number of steps by weight: each gets its share rounded down, and the steps left over go to the
    largest remainders, the first listed first."""
    total = sum(weights, Fraction(0))
    exact = [amount * w / total for w in weights]
    given = [x // step * step for x in exact]
    left = int((amount - sum(given, Fraction(0))) / step)
    order = sorted(range(len(weights)), key=lambda i: (given[i] - exact[i], i))
    for i in order[:left]:
        given[i] += step
    return given


# ---- periods

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
MONTHS |= {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}
LENGTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    label: str
    start: date
    end: date
    months: int

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def days_of(self, start: date, end: date) -> int:
        """How many of its days fall within a span, first and last included."""
        return max(0, (min(self.end, end) - max(self.start, start)).days + 1)


def months_on(start: date, months: int) -> date:
    count = start.year * 12 + start.month - 1 + months
    return date(count // 12, count % 12 + 1, start.day)


@dataclass(frozen=True)
class Years:
    """The years of a contract. They start on the first of a month here."""

    month: int
    by_end: bool

    def label(self, start: date) -> str:
        end = months_on(start, 12) - DAY
        if start.year == end.year:
            return str(start.year)
        return str(end.year) if self.by_end else f"{start.year}-{end.year % 100:02d}"

    def year_of(self, when: date) -> Period:
        start = date(when.year - (when.month < self.month), self.month, 1)
        return Period(self.label(start), start, months_on(start, 12) - DAY, 12)

    def parts(self, period: Period, months: int) -> list[Period]:
        """The months, quarters or half-years that a period is made of (itself, if it is no longer)."""
        if period.months <= months:
            return [period]
        found, start = [], period.start
        while start < period.end:
            year = self.year_of(start)
            passed = start.year * 12 + start.month - year.start.year * 12 - year.start.month
            if months == 6:
                label = f"{year.label} {'H2' if passed else 'H1'}"
            else:
                label = f"{year.label} Q{passed // 3 + 1}" if months == 3 else f"{start.year}-{start.month:02d}"
            following = months_on(start, months)
            found.append(Period(label, start, following - DAY, months))
            start = following
        return found

    def all(self, first: date, last: date) -> dict[str, Period]:
        """Every year, half-year, quarter and month from one day to another, by its label."""
        found: dict[str, Period] = {}
        year = self.year_of(first)
        while year.start <= last:
            for months in (12, 6, 3, 1):
                found |= {p.label: p for p in self.parts(year, months)}
            year = self.year_of(year.end + DAY)
        return found


def cut(parts: Sequence[Period], changes: set[date]) -> list[tuple[date, Fraction]]:
    """A period, given as its shortest settlement periods, cut on the days that something changes: the first day of
    each stretch with its weight. Each shortest period weighs the same; only one that is cut is divided, by days."""
    found = []
    for part in parts:
        edges = [part.start, *sorted(c for c in changes if part.start < c <= part.end), part.end + DAY]
        for start, after in itertools.pairwise(edges):
            found.append((start, Fraction((after - start).days, part.days * len(parts))))
    return found


def the(found: Mapping[str, Any], *keys: str) -> Any:
    """The first of several keys that a mapping has."""
    return next((found[k] for k in keys if k in found), None)
