"""Contingency funds over a year: what goes in, what is drawn, moved and closed."""

from __future__ import annotations

import random
from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, Q2, balanced, example_of, holds_of_any_year, quarters


def package(person: str, month: str, released: int | str = 2_200, **more: Any) -> dict[str, Any]:
    said = {"replaced_cost": 5_000, "actual_cost": 2_800, "released": released, "verified": "yes"}
    return {"person": person, "month": f"{month}-01", **said, **more}


def draw(person: str, on: str, amount: int, crisis: str = "yes") -> dict[str, Any]:
    return {"person": person, "on": on, "amount": amount, "crisis": crisis, "paid_to": "respite"}


MONTHS = [package("P1", f"2026-{m:02d}") for m in range(4, 10)] + [package("P2", "2026-05", 1_000)]
DRAWS = [draw("P1", "2026-07-14", 350), draw("P2", "2026-08-01", 900), draw("P1", "2026-12-24", 5_000)]
MOVES = [{"person": "P1", "on": "2027-02-01", "what": "moved", "holder": "trust"}]
GIVEN = {"packages": MONTHS, "fund_draws": DRAWS, "fund_changes": MOVES}


def fund(s: Any, person: str) -> Any:
    return next((b.closing for b in s.balances if (b.account, b.key) == ("contingency", person)), 0)


def test_a_year() -> None:
    found = holds_of_any_year("contingency-fund", [GIVEN] * 4, GIVEN)
    assert [fund(s, "P1") for s in found[:4]] == [1_320, 1_650, 1_050, 0]  # 3 x 440; the ceiling; 600 drawn; moved
    assert [fund(s, "P2") for s in found[:4]] == [200, 0, 0, 0]
    assert [s.payment("fund_moved").earned for s in found[:4]] == [0, 0, 0, 1_050]


@pytest.mark.parametrize(
    ("more", "share"),
    [
        ({}, 440),
        ({"released": 2_199.99}, 440),  # 439.998
        ({"released": "0.01"}, 0),
        ({"released": "0.03"}, "0.01"),
        ({"actual_cost": 5_000}, 0),
        ({"verified": "no"}, 0),
    ],
)
def test_a_month_s_share(more: dict[str, Any], share: int | str) -> None:
    from fractions import Fraction

    one = {k: str(v) if isinstance(v, float) else v for k, v in {**package("P1", "2026-04"), **more}.items()}
    s = settle(example_of("contingency-fund"), Q1, {"packages": [one]})
    assert s.payment("fund_share").earned == Fraction(share)


def test_a_closed_fund_takes_in_nothing_more() -> None:
    closed = {"fund_changes": [{"person": "P1", "on": "2026-07-31", "what": "closed"}]}
    given = [{"packages": MONTHS}, {"packages": MONTHS, **closed}, {"packages": [], **closed}]
    first, second, third = quarters(example_of("contingency-fund"), given)
    assert fund(first, "P1") == 1_320
    assert second.payment("fund_share").earned == 440  # July, before it was closed on the last of it
    assert second.paid("contingency/P1", "icb", "fund_closed") == 1_320
    assert fund(second, "P1") == 440
    assert third.paid("contingency/P1", "icb", "fund_closed") == 440
    assert fund(third, "P1") == 0


def test_whatever_comes_a_fund_stays_between_nothing_and_its_ceiling() -> None:
    chance = random.Random(11)
    contract = example_of("contingency-fund")
    people = ["P1", "P2", "P3"]
    for _ in range(25):
        given = []
        for quarter in range(4):
            months = [f"2026-{4 + 3 * quarter + m:02d}" for m in range(3)] if quarter < 3 else ["2027-01", "2027-02"]
            given.append({
                "packages": [
                    package(p, m, chance.randrange(0, 6_000), actual_cost=chance.randrange(0, 7_000))
                    for p in people for m in months if chance.random() < 0.8
                ],
                "fund_draws": [
                    draw(p, f"{months[0]}-11", chance.randrange(1, 900), chance.choice(["yes", "no"]))
                    for p in people if chance.random() < 0.7
                ],
                "fund_changes": [{"person": "P3", "on": "2026-09-30", "what": "moved", "holder": "trust"}],
            })  # fmt: skip
        for s in quarters(contract, given):
            balanced(s)
            assert all(0 <= fund(s, p) <= 2_000 for p in people)
            assert all(t.amount >= 0 for t in s.transfers)


def test_a_draw_on_nothing_pays_nothing() -> None:
    s = settle(example_of("contingency-fund"), Q2, {"packages": [], "fund_draws": [draw("P9", "2026-07-14", 10)]})
    assert not [t for t in s.transfers if t.amount]
