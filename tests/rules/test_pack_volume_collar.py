"""Minimum referrals and the collar over a year, and with one of the two left out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given as where
from hypothesis import strategies as st

from alliance.contract.contract import Contract, loads
from alliance.settlement.settle import settle
from tests.rules.pack_years import PACKS, Q1, QUARTERS, example_of, holds_of_any_year, paid


def counted(*each: tuple[int, int]) -> list[dict[str, Any]]:
    return [{"referrals": a, "settled": b} for a, b in each]


def test_a_year_short_and_beyond() -> None:
    each = counted((50, 45), (110, 100), (75, 70), (60, 81))
    found = holds_of_any_year("volume-collar", each, {"periods": dict(zip(QUARTERS, each, strict=True))})
    assert [s.payment("settling").earned for s in found] == [18_000, 34_000, 28_000, 32_100, 112_100]
    assert [s.payment("minimum_referrals").earned for s in found] == [1_500, 0, 0, 0, 1_500]
    assert paid(found, "minimum_referrals") == {("icb", "anchor"): 1_500}


def test_referrals_counted_again_give_the_top_up_back_or_add_to_it() -> None:
    contract = example_of("volume-collar")
    first = settle(contract, Q1, counted((50, 45))[0], kind="provisional")
    more = settle(contract, Q1, counted((58, 45))[0], first, kind="final")
    assert [(t.payer, t.payee, t.amount) for t in more.transfers if t.amount] == [("anchor", "icb", 1_200)]
    fewer = settle(contract, Q1, counted((40, 45))[0], first, kind="final")
    assert [(t.payer, t.payee, t.amount) for t in fewer.transfers if t.amount] == [("icb", "anchor", 1_500)]


@where(st.integers(0, 300), st.integers(0, 300))
def test_more_people_never_earn_less(one: int, other: int) -> None:
    few, many = sorted((one, other))
    earned = [
        settle(example_of("volume-collar"), Q1, {"referrals": 60, "settled": n}).payment("settling").earned
        for n in (few, many)
    ]
    assert earned[0] <= earned[1]
    assert earned[1] == 400 * min(many, 80) + 100 * max(many - 80, 0)


def alone(*kept: str) -> Contract:
    """The example with some of its parameters and no others."""
    text = (PACKS / "volume-collar" / "example" / "contract.yaml").read_text()
    head, _, rest = text.partition("    with:\n")
    lines = rest.partition("\nexamples:")[0].splitlines()
    return loads(head + "    with:\n" + "\n".join(x for x in lines if x.split(":")[0].strip() in kept) + "\n")


def test_the_collar_alone() -> None:
    contract = alone("payment", "counted", "collar")
    assert [r.name for r in contract.built.rules] == ["volume-collar"]
    s = settle(contract, Q1, {"referrals": 1, "settled": 100})
    assert s.payment("settling").earned == 32_000  # nothing beyond it
    assert isinstance(s.payment("settling").earned, (int, Fraction))


def test_the_minimum_alone() -> None:
    contract = alone("referred", "minimum", "price", "from", "to")
    assert [r.name for r in contract.built.rules] == ["minimum-referrals"]
    s = settle(contract, Q1, {"referrals": 50, "settled": 100})
    assert (s.payment("settling").earned, s.payment("minimum_referrals").earned) == (40_000, 1_500)
