"""The quality gate over a year, and that it tests nothing that the payment is paid by already."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.contract.contract import loads
from alliance.contract.faults import ContractError
from alliance.settlement.settle import settle
from tests.rules.pack_years import PACKS, QUARTERS, example_of, holds_of_any_year, paid


def given(harbour: int = 3, meadow: int = 3, complete: str = "99%", reached: str = "90%") -> dict[str, Any]:
    return {
        "reached": reached,
        "rating": {"harbour": harbour, "meadow": meadow},
        "complete": {"harbour": complete, "meadow": "99%"},
    }


def test_a_year_with_a_poor_rating_in_one_quarter() -> None:
    each = [given(), given(harbour=1), given(complete="90%"), given(harbour=2)]
    found = holds_of_any_year("quality-gate", each, {"periods": dict(zip(QUARTERS, each, strict=True))})
    assert [s.payment("goals").earned for s in found] == [20_000, 8_000, 20_000, 20_000, 68_000]
    assert [s.payment("together").earned for s in found] == [4_000, 4_000, 2_000, 4_000, 14_000]
    assert paid(found, "goals") == {("council", "harbour"): 36_000, ("council", "meadow"): 32_000}


def test_a_rating_put_right_before_the_year_is_closed_is_paid_by_the_true_up() -> None:
    each = [given(harbour=1), given(), given(), given()]
    right = {"periods": {QUARTERS[0]: given(harbour=3)}}
    year = holds_of_any_year("quality-gate", each, right)[-1]
    assert [(t.payer, t.payee, t.amount) for t in year.transfers if t.amount] == [("council", "harbour", 12_000)]


@pytest.mark.parametrize("word", ["undetermined", "applies", "ignored"])
def test_what_is_done_where_the_rating_is_not_known(word: str) -> None:
    text = (PACKS / "quality-gate" / "example" / "contract.yaml").read_text()
    said = f"{{payment: goals, passes: rating >= 2, if_unknown: {word}}}"
    contract = loads(text.replace("{payment: goals, passes: rating >= 2}", said))
    inputs = {**given(), "rating": {"meadow": 3}}
    s = settle(contract, QUARTERS[0], inputs, examples=False)
    found = s.payment("goals")
    if word == "undetermined":
        assert found.status == "undetermined"
        assert "rating for harbour" in found.reasons[-1]
    else:
        assert found.earned == (8_000 if word == "applies" else 20_000)


@pytest.mark.parametrize(
    ("test", "what"),
    [("reached.value >= 60%", "reached"), ("half_way", "reached"), ("rating >= 2 and reached.score >= 60%", "reached")],
)
def test_a_gate_that_is_not_apart_from_what_is_paid_for_is_refused(test: str, what: str) -> None:
    text = (PACKS / "quality-gate" / "example" / "contract.yaml").read_text()
    text = text.replace("passes: rating >= 2}", f"passes: {test}}}")
    text = text.replace(
        "\npayments:", "\nfigures:\n  half_way: {title: Half way, is: reached.value >= 70%}\n\npayments:"
    )
    with pytest.raises(ContractError) as fault:
        loads(text)
    assert f"AC175 the rule quality-gate tests {what}, by which goals is paid already." in str(fault.value)


def test_a_loss_is_borne_whatever_the_rating() -> None:
    text = (PACKS / "quality-gate" / "example" / "contract.yaml").read_text()
    contract = loads(text.replace("start: reward  ", "start: 0 - reward"))
    s = settle(contract, QUARTERS[0], given(harbour=1), examples=False)
    assert s.payment("goals").earned == -20_000


def test_the_example_is_the_one_that_ships() -> None:
    assert example_of("quality-gate").id == "quality-gate-example"
