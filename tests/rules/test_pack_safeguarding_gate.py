"""The safeguarding gate over a year: what is recorded late, and what a true-up makes of it."""

from __future__ import annotations

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import QUARTERS, example_of, holds_of_any_year, paid, quarters

OPEN = {"party": "elms", "kind": "safeguarding", "opened": "2026-06-15", "closed": "2026-08-30"}
WILLOWS = {"party": "willows", "kind": "safeguarding", "opened": "2026-04-01"}
FALL = {"party": "elms", "kind": "fall", "opened": "2026-04-01"}


def test_a_year_of_one_register() -> None:
    register = {"incidents": [OPEN, FALL]}
    found = holds_of_any_year("safeguarding-gate", [register] * 4, register)
    assert [s.payment("rewards").earned for s in found] == [16_000, 6_000, 16_000, 16_000, 54_000]
    assert paid(found, "rewards") == {("council", "elms"): 30_000, ("council", "willows"): 24_000}


def test_an_incident_recorded_after_its_quarter_was_paid_is_taken_back_by_the_true_up() -> None:
    late = {"party": "elms", "kind": "safeguarding", "opened": "2026-05-01", "closed": "2026-06-30"}
    found = holds_of_any_year("safeguarding-gate", [{"incidents": []}] * 4, {"incidents": [late]})
    whole = found[-1]
    assert whole.payment("rewards").earned == 54_000
    assert [(t.kind, t.payer, t.payee, t.amount) for t in whole.transfers if t.amount] == [
        ("true-up", "elms", "council", 10_000)
    ]


def test_a_quarter_settled_again_with_an_incident_posts_the_difference() -> None:
    contract = example_of("safeguarding-gate")
    first = settle(contract, QUARTERS[0], {}, kind="final")
    again = settle(contract, QUARTERS[0], {"incidents": [WILLOWS]}, first, kind="final")
    assert [(t.payer, t.payee, t.amount) for t in again.transfers if t.amount] == [("willows", "council", 6_000)]


@pytest.mark.parametrize("period", ["2026-27 Q3", "2026-27 Q4", "2027-28 Q1"])
def test_a_register_that_only_grows_changes_no_later_quarter(period: str) -> None:
    """An incident long closed stays in the register, and shuts nothing."""
    s = settle(example_of("safeguarding-gate"), period, {"incidents": [OPEN, FALL]}, kind="final")
    assert s.payment("rewards").earned == 16_000
    assert [r.status for r in s.rules] == ["does not hold"]


def test_it_names_what_shut_it() -> None:
    s = quarters(example_of("safeguarding-gate"), [{"incidents": [WILLOWS, OPEN]}])[0]
    assert s.rules[0].status == "holds"
    assert ["Willow House" in held for held in s.rules[0].held_for] == [True]
    assert s.paid("council", "elms", "rewards") == 10_000


def test_a_year_settled_without_the_register_of_its_quarters_cannot_be_final() -> None:
    """Nothing is paid because a file was left out."""
    contract = example_of("safeguarding-gate")
    found = quarters(contract, [{"incidents": [OPEN]}] * 4)
    year = settle(contract, "2026-27", {}, found[-1])
    assert year.payment("rewards").status == "undetermined"
    assert "incidents" in year.payment("rewards").reasons[-1]
