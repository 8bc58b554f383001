"""Working days of a UK nation, and when something is due. Bank holidays are those of the `holidays` package."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from alliance.contract.calendar import add_months

_NATIONS = {"England": "ENG", "Wales": "WLS", "Scotland": "SCT", "Northern Ireland": "NIR"}
_DUE = re.compile(r"(\d{1,4}) (working day|day|week|month)s?( after the period)?")


@cache
def _holidays(nation: str, year: int) -> frozenset[date]:
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv=_NATIONS[nation], years=year))


def calendar_version() -> str:
    """Which bank holidays are read: part of the name of a settlement that counts working days."""
    from importlib.metadata import version

    return f"holidays {version('holidays')}"


def is_working_day(day: date, nation: str) -> bool:
    """Whether a day is neither at a weekend nor a bank holiday of the nation."""
    return day.weekday() < 5 and day not in _holidays(nation, day.year)


def working_days_after(day: date, count: int, nation: str) -> date:
    """The day that is so many working days after another, which does not count itself.

    >>> working_days_after(date(2026, 4, 1), 2, "England")
    datetime.date(2026, 4, 7)
    """
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, nation)
    return day


def after(day: date, count: int, of_what: str, nation: str) -> date:
    """The day that is so many working days, days, weeks or months after another."""
    if of_what == "working day":
        return working_days_after(day, count, nation)
    if of_what == "month":
        return add_months(day, count)
    return day + timedelta(days=count * (7 if of_what == "week" else 1))


def due_day(due: str, end: date, nation: str) -> date | None:
    """When something is due that is due so long after a period: None where the words do not say a length of time.

    >>> due_day("30 days", date(2026, 6, 30), "")
    datetime.date(2026, 7, 30)
    """
    match = _DUE.fullmatch(" ".join(due.split()))
    if match is None or (match[2] == "working day" and not nation):
        return None
    return after(end, int(match[1]), match[2], nation)
