"""Limits on parties over several payers, quarters and years: what is used of them, and what is carried and comes back."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.settlement.result import Settlement
from tests.settlement.helpers import QUARTERS, contract, earned, moves, quarters, settled

TWO_PAYERS = """\
inputs: {x: {unit: GBP}, most: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    start: x
    from: icb
    to: acute
    slices: [{up_to: 40 GBP}, {from: icb}]
    party_limits: {gain: {at_most: most, beyond: carry}}
"""


def past(found: Settlement, period: str) -> dict[tuple[str, str], object]:
    return {(p.attribute, p.key): p.value for p in found.closing.past if (p.name, p.period) == ("p", period)}


def test_a_limit_is_used_and_carried_over_all_that_pay() -> None:
    first = settled(contract(TWO_PAYERS), inputs={"x": "100", "most": "30"})
    assert moves(first) == ["icb -> acute 30.00"]
    kept = past(first, "2026-27")
    assert kept["gain", "acute"] == 30
    assert kept["carried gain", "acute"] == 70  # 10 of the first slice, 60 of the second


def test_what_was_carried_comes_back_once() -> None:
    made = contract(TWO_PAYERS)
    first = settled(made, inputs={"x": "100", "most": "30"})
    second = settled(made, "2027-28", {"x": "50", "most": "1000"}, first)
    assert moves(second) == ["icb -> acute 120.00"]
    assert past(second, "2027-28").get(("carried gain", "acute"), 0) == 0


CAPPED = """\
inputs: {x: {unit: GBP}, most: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    start: x
    limits: {at_most: 10.005 GBP}
    from: icb
    to: {acute: 50%, community: 50%}
    party_limits: {gain: {each: provider, at_most: most if provider = acute else 100 GBP, beyond: carry}}
"""


def test_a_payment_that_nothing_is_carried_to_keeps_within_its_own_limit() -> None:
    found = settled(contract(CAPPED), inputs={"x": "20", "most": "100"})
    assert moves(found) == ["icb -> acute 5.00", "icb -> community 5.00"]  # 10.005 at most is 10.00 to the penny


def test_what_one_had_carried_comes_on_top_of_the_limit_of_the_payment() -> None:
    made = contract(CAPPED)
    first = settled(made, inputs={"x": "20", "most": "1"})
    assert moves(first) == ["icb -> acute 1.00", "icb -> community 5.00"]
    assert past(first, "2026-27")["carried gain", "acute"] == Fraction("4.0025")
    second = settled(made, "2027-28", {"x": "20", "most": "100"}, first)
    assert moves(second) == ["icb -> acute 9.01", "icb -> community 5.00"]  # 5.0025 and 4.0025; 14.0075 is 14.01


SIDES = """\
inputs: {x: {unit: GBP, over_periods: add}}
payments:
  p:
    pays_for: outcome
    start: x
    from: icb
    to: acute
    party_limits: {gain: {at_most: 30 GBP}, loss: {at_most: 20 GBP}}
"""


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("20", "-15", "15", "-15"), [20, -15, 10, -5]),
        (("-15", "-15", "40", "0"), [-15, -5, 30, 0]),
    ],
)
def test_gains_and_losses_use_each_their_own_limit_of_the_year(amounts: tuple[str, ...], expected: list[int]) -> None:
    made = contract(SIDES, settles="quarterly")
    given = {label: {"x": x} for label, x in zip(QUARTERS, amounts, strict=True)}
    last: Settlement | None = None
    found = []
    for label in QUARTERS:
        last = settled(made, label, given[label], last)
        found.append(earned(last))
    assert found == expected
    assert earned(settled(made, "2026-27", {}, quarters(made, given))) == sum(expected)


def test_what_not_even_the_others_can_take_of_any_part_is_kept() -> None:
    body = TWO_PAYERS.replace("beyond: carry", "beyond: others") + "figures: {kept: {is: p.kept}}\n"
    found = settled(contract(body), inputs={"x": "100", "most": "30"})
    assert moves(found) == ["icb -> acute 30.00"]
    assert found.figure("kept") == 70  # 10 of the first slice, 60 of the second


def test_a_loss_comes_back_to_an_account_that_holds_nothing() -> None:
    body = """\
    accounts: {pot: {}}
    inputs: {x: {unit: GBP}}
    payments: {p: {pays_for: outcome, start: x, from: pot, to: acute}}
    """
    found = settled(contract(body), inputs={"x": "-10"})
    assert moves(found) == ["acute -> pot 10.00"]
    assert found.payment("p").lines == ()


def test_a_quarter_settled_again_does_not_use_its_limit_twice() -> None:
    made = contract(SIDES, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "25"})
    again = settled(made, QUARTERS[0], {"x": "40"}, first)
    assert (moves(again), earned(again)) == (["icb -> acute 5.00 (true-up)"], 30)
