"""Periods: how they are written and cut."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.calendar import LENGTHS, MONTHS, Calendar, Period, PeriodError, Segment, add_months, day_text

APRIL, JANUARY, OCTOBER = Calendar(), Calendar((1, 1)), Calendar((10, 1), named_by_end=True)
TAX, LATE, LAST = Calendar((4, 6)), Calendar((1, 31)), Calendar((8, 30))
HOW = "Periods of this contract are written 2026-27, 2026-27 H1, 2026-27 Q1 or 2026-04."

starts = (
    st.dates(date(2001, 1, 1), date(2001, 12, 31)).map(lambda day: (day.month, day.day)).filter(lambda s: s != (2, 29))
)
calendars = st.builds(Calendar, starts, st.booleans())
days = st.dates(date(1950, 1, 1), date(2150, 12, 31))


def span(period: Period) -> tuple[str, str, str]:
    return period.start.isoformat(), period.end.isoformat(), period.length


@pytest.mark.parametrize(
    ("calendar", "text", "first", "last", "length"),
    [
        (APRIL, "2026-27", "2026-04-01", "2027-03-31", "year"),
        (APRIL, " 2026-27 Q1 ", "2026-04-01", "2026-06-30", "quarter"),
        (APRIL, "2026-27 Q4", "2027-01-01", "2027-03-31", "quarter"),
        (APRIL, "2026-27 q2", "2026-07-01", "2026-09-30", "quarter"),
        (APRIL, "2026-27 h2", "2026-10-01", "2027-03-31", "half-year"),
        (APRIL, "2026-27 H1", "2026-04-01", "2026-09-30", "half-year"),
        (APRIL, "2026-27 H2", "2026-10-01", "2027-03-31", "half-year"),
        (APRIL, "2026-04", "2026-04-01", "2026-04-30", "month"),
        (APRIL, "2027-02", "2027-02-01", "2027-02-28", "month"),
        (APRIL, "1901-02", "1901-04-01", "1902-03-31", "year"),
        (APRIL, "2009-10", "2009-04-01", "2010-03-31", "year"),
        (APRIL, "2009-M10", "2009-10-01", "2009-10-31", "month"),
        (APRIL, "2026-M04", "2026-04-01", "2026-04-30", "month"),
        (JANUARY, "2009-10", "2009-10-01", "2009-10-31", "month"),
        (OCTOBER, "2009-M10", "2009-10-01", "2009-10-31", "month"),
        (APRIL, "2199-01", "2199-01-01", "2199-01-31", "month"),
        (APRIL, "1999-00", "1999-04-01", "2000-03-31", "year"),
        (JANUARY, "2023", "2023-01-01", "2023-12-31", "year"),
        (JANUARY, "2023 Q2", "2023-04-01", "2023-06-30", "quarter"),
        (JANUARY, "2023 H2", "2023-07-01", "2023-12-31", "half-year"),
        (JANUARY, "2023-12", "2023-12-01", "2023-12-31", "month"),
        (OCTOBER, "2024", "2023-10-01", "2024-09-30", "year"),
        (OCTOBER, "2024 Q1", "2023-10-01", "2023-12-31", "quarter"),
        (OCTOBER, "2024 H2", "2024-04-01", "2024-09-30", "half-year"),
        (OCTOBER, "2023-10", "2023-10-01", "2023-10-31", "month"),
        (Calendar((1, 1), named_by_end=True), "2024", "2024-01-01", "2024-12-31", "year"),
        (TAX, "2026-27 Q1", "2026-04-06", "2026-07-05", "quarter"),
        (TAX, "2026-27 H2", "2026-10-06", "2027-04-05", "half-year"),
        (TAX, "2026-04", "2026-04-06", "2026-05-05", "month"),
        (LATE, "2026-01", "2026-01-31", "2026-02-27", "month"),
        (LATE, "2026-02", "2026-02-28", "2026-03-30", "month"),
        (LATE, "2026-03", "2026-03-31", "2026-04-29", "month"),
        (LATE, "2026-27 H2", "2026-07-31", "2027-01-30", "half-year"),
        (LATE, "2026-27 Q4", "2026-10-31", "2027-01-30", "quarter"),
    ],
)
def test_a_period_is_read(calendar: Calendar, text: str, first: str, last: str, length: str) -> None:
    assert span(calendar.parse(text)) == (first, last, length)


@pytest.mark.parametrize(
    ("calendar", "text", "message"),
    [
        (APRIL, "", f'"" is not a period. {HOW}'),
        (APRIL, f"  {'x' * 41}", f'"{"x" * 40}" is not a period. {HOW}'),
        (APRIL, "1900-01", "1900 is not a year that can be settled (1901 to 2199)."),
        (APRIL, "2026-27 Q5", f'"2026-27 Q5" is not a period. {HOW}'),
        (APRIL, "2026-27 H3", f'"2026-27 H3" is not a period. {HOW}'),
        (APRIL, "2026-04 H1", f'"2026-04 H1" is not a period. {HOW}'),
        (APRIL, "2026-28", f'"2026-28" is not a period. {HOW}'),
        (APRIL, "2026-13", f'"2026-13" is not a period. {HOW}'),
        (APRIL, "2026-04 Q1", f'"2026-04 Q1" is not a period. {HOW}'),
        (APRIL, "2026", f'"2026" names no year of this contract. {HOW}'),
        (APRIL, "٢٠٢٦-٢٧", f'"٢٠٢٦-٢٧" is not a period. {HOW}'),
        (APRIL, "1800-01", "1800 is not a year that can be settled (1901 to 2199)."),
        (APRIL, "2200-01", "2200 is not a year that can be settled (1901 to 2199)."),
        (
            JANUARY,
            "2026-27",
            '"2026-27" is not a period. Periods of this contract are written 2026, 2026 H1, 2026 Q1 or 2026-01.',
        ),
        (
            OCTOBER,
            "2026-27",
            '"2026-27" is not a period. Periods of this contract are written 2027, 2027 H1, 2027 Q1 or 2026-10.',
        ),
    ],
)
def test_a_period_that_is_none(calendar: Calendar, text: str, message: str) -> None:
    with pytest.raises(PeriodError) as error:
        calendar.parse(text)
    assert str(error.value) == message


def test_a_period_and_its_days() -> None:
    year = APRIL.parse("2027-28")
    assert (year.days, str(year), year.of_year) == (366, "2027-28", 1)
    assert APRIL.parse("2027-28 Q1").of_year == Fraction(1, 4)
    assert APRIL.parse("2027-28 H2").of_year == Fraction(1, 2)
    assert date(2028, 2, 29) in year
    assert date(2027, 3, 31) not in year
    assert "2027-28" not in year
    assert APRIL.starts_on() == "1 April"
    assert day_text(date(2026, 12, 25)) == "25 December 2026"


def test_the_period_that_holds_a_day() -> None:
    assert APRIL.containing(date(2027, 3, 31), "quarter").label == "2026-27 Q4"
    assert APRIL.containing(date(2026, 9, 30), "half-year").label == "2026-27 H1"
    assert APRIL.containing(date(2027, 3, 31), "month").label == "2027-03"
    assert APRIL.containing(date(2027, 3, 31), "year").label == "2026-27"


def test_parts_of_a_part() -> None:
    quarter = APRIL.parse("2026-27 Q2")
    assert [p.label for p in APRIL.parts(quarter, "month")] == ["2026-07", "2026-08", "2026-09"]
    assert APRIL.parts(quarter, "year") == APRIL.parts(quarter, "half-year") == [quarter]
    second = APRIL.parse("2026-27 H2")
    assert [p.label for p in APRIL.parts(second, "quarter")] == ["2026-27 Q3", "2026-27 Q4"]
    assert [p.label for p in APRIL.parts(second, "month")][:4] == ["2026-10", "2026-11", "2026-12", "2027-01"]
    assert [p.label for p in APRIL.parts(APRIL.parse("2026-27"), "half-year")] == ["2026-27 H1", "2026-27 H2"]
    last = APRIL.parts(APRIL.parse("2026-27 Q4"), "month")
    assert [span(p) for p in last] == [
        ("2027-01-01", "2027-01-31", "month"),
        ("2027-02-01", "2027-02-28", "month"),
        ("2027-03-01", "2027-03-31", "month"),
    ]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-12-31", 0, "2023-12-31"),
        ("2023-11-30", 1, "2023-12-30"),
        ("2023-12-15", -12, "2022-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert add_months(date.fromisoformat(day), months).isoformat() == later


@given(calendars, days)
def test_a_label_is_read_back(calendar: Calendar, day: date) -> None:
    for length in LENGTHS:
        period = calendar.containing(day, length)
        assert day in period
        twice = length == "month" and int(period.label[-2:]) == (int(period.label[2:4]) + 1) % 100
        if not twice or calendar.named_by_end or calendar.starts == (1, 1):  # 2003-04 is a year
            assert calendar.parse(period.label) == period


@given(calendars, days)
def test_parts_are_the_whole(calendar: Calendar, day: date) -> None:
    year = calendar.year_of(day)
    for length in LENGTHS:
        parts = calendar.parts(year, length)
        assert (parts[0].start, parts[-1].end) == (year.start, year.end)
        assert all(b.start - a.end == timedelta(days=1) for a, b in itertools.pairwise(parts))
        assert len(parts) == 12 // MONTHS[length]
        assert sum(p.of_year for p in parts) == 1
        assert len({p.label for p in parts}) == len(parts)


@given(calendars, days, st.lists(st.integers(-40, 400), max_size=6), st.sampled_from(LENGTHS), st.sampled_from(LENGTHS))
def test_segments_weigh_one(calendar: Calendar, day: date, cuts: list[int], length: str, shortest: str) -> None:
    period = calendar.containing(day, length)
    changes = [period.start + timedelta(days=n) for n in cuts]
    found = calendar.segments(period, shortest, changes)
    assert sum(s.weight for s in found) == 1
    assert (found[0].start, found[-1].end) == (period.start, period.end)
    assert all(b.start - a.end == timedelta(days=1) for a, b in itertools.pairwise(found))
    inside = {c for c in changes if period.start < c <= period.end}
    assert {s.start for s in found[1:]} == inside
    whole = {p.start for p in calendar.parts(period, shortest)}
    if inside <= whole:  # nothing is divided by days where nothing is cut
        assert all(s.weight.denominator in (1, 2, 3, 4, 6, 12) for s in found)


def test_only_what_a_change_cuts_is_divided() -> None:
    year = APRIL.parse("2026-27")
    assert APRIL.segments(year, "quarter", []) == [Segment(year.start, year.end, Fraction(1))]
    joined = APRIL.segments(year, "quarter", [date(2026, 5, 1)])
    assert [s.weight for s in joined] == [Fraction(30, 91 * 4), Fraction(61, 91 * 4) + Fraction(3, 4)]


@pytest.mark.parametrize(
    ("day", "weights"),
    [
        ("2026-04-01", [1]),  # the first day changes nothing within the year
        ("2026-07-01", [Fraction(1, 4), Fraction(3, 4)]),
        ("2026-06-30", [Fraction(90, 364), Fraction(1, 364) + Fraction(3, 4)]),
        ("2027-03-31", [Fraction(3, 4) + Fraction(89, 360), Fraction(1, 360)]),
        ("2027-04-01", [1]),
    ],
)
def test_a_change_on_the_edge_of_a_part(day: str, weights: list[Fraction]) -> None:
    found = APRIL.segments(APRIL.parse("2026-27"), "quarter", [date.fromisoformat(day)])
    assert [s.weight for s in found] == weights
    assert [s.start.isoformat() for s in found[1:]] == ([day] if len(weights) > 1 else [])


def test_every_period_is_read_by_its_label() -> None:
    for calendar in (APRIL, JANUARY, OCTOBER, TAX):
        for year in (2000, 2005, 2009, 2011, 2012, 2026):
            whole = calendar.year_of(date(year, 6, 1))
            for length in LENGTHS:
                for part in calendar.parts(whole, length):
                    assert calendar.parse(part.label) == part
    assert [p.label for p in APRIL.parts(APRIL.parse("2009-10 Q3"), "month")] == ["2009-M10", "2009-11", "2009-12"]
    for text in ("2009-M13", "2009-M00", "2026-M04 Q1", "2026-M4"):
        with pytest.raises(PeriodError, match="is not a period"):
            APRIL.parse(text)
