"""Late data over a year: what a report's coming in the end makes of what was deducted before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, QUARTERS, balanced, example_of, holds_of_any_year, paid

PEOPLE = {"elms": 12, "willows": 6}


def given(day: str | None = None, **more: Any) -> dict[str, Any]:
    """A quarter's reports, the spend received on a day."""
    return {"spend": {"value": "90000", **({"received": day} if day else {})}, "people": PEOPLE, **more}


@pytest.mark.parametrize(
    ("day", "block"),
    [
        ("2026-07-20", 100_000),
        ("2026-07-21", 99_000),
        ("2026-07-26", 99_000),
        ("2026-07-27", 98_000),
        ("2026-08-09", 97_000),
        ("2026-08-10", 96_000),
        ("2026-08-17", 95_000),
        ("2027-03-01", 95_000),
    ],
)
def test_the_deduction_day_by_day(day: str, block: int) -> None:
    s = settle(example_of("late-data"), Q1, given(day), as_of=date(2027, 3, 31))
    assert s.payment("block").earned == block


def test_a_year_with_two_late_reports() -> None:
    each = [given("2026-07-21"), given(), given("2027-02-10"), given()]
    year = {"periods": dict(zip(QUARTERS, each, strict=True))}
    found = holds_of_any_year("late-data", each, year)
    assert [s.payment("block").earned for s in found] == [99_000, 100_000, 96_000, 100_000, 395_000]
    assert paid(found, "block") == {("council", "trust"): 395_000}  # Q3 due 20 January, 21 days: 1% + 3 x 1%


def test_a_report_that_comes_after_its_quarter_was_settled() -> None:
    """On 4 August it is 15 days late, 3%; in the end it comes 21 days late, 4%."""
    contract = example_of("late-data")
    first = settle(contract, Q1, {"people": PEOPLE}, as_of=date(2026, 8, 4))
    assert first.payment("block").earned == 97_000
    again = settle(contract, Q1, given("2026-08-10"), first, as_of=date(2026, 9, 1))
    assert [(t.payer, t.payee, t.amount) for t in again.transfers if t.amount] == [("trust", "council", 1_000)]
    balanced(again)


def test_a_report_found_to_have_come_in_time_is_paid_back() -> None:
    contract = example_of("late-data")
    first = settle(contract, Q1, {"people": PEOPLE}, as_of=date(2026, 8, 4))
    again = settle(contract, Q1, given("2026-07-20"), first, as_of=date(2026, 9, 1))
    assert [(t.payer, t.payee, t.amount) for t in again.transfers if t.amount] == [("council", "trust", 3_000)]


def test_who_supplies_a_report_is_who_reports_its_own() -> None:
    people = {"elms": {"value": 12, "received": "2026-07-31"}, "willows": 6}
    s = settle(example_of("late-data"), Q1, given(people=people), as_of=date(2026, 8, 31))
    assert s.paid("council", "elms", "places") == 19_600
    assert s.paid("council", "willows", "places") == 10_000
    assert "The Elms" in next(r for r in s.rules if r.name == "late-people").held_for[0]
