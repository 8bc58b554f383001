"""What accounts have for all that one payment asks of them at once."""

from __future__ import annotations

import pytest

from alliance.settlement.state import State
from tests.settlement.helpers import contract, moves, one_payment, settled


@pytest.mark.parametrize("payers", ["{pool: 50%, pot: 50%}", "{pot: 50%, pool: 50%}"])
def test_of_two_accounts_that_pay_together_the_shorter_one_counts(payers: str) -> None:
    made = one_payment(f"start: x\nfrom: {payers}\nto: acute", "accounts: {pool: {}, pot: {}}\n")
    found = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 20}, "pot": {"": 30}}))
    assert sorted(moves(found)) == ["pool -> acute 20.00", "pot -> acute 20.00"]


EACH = """\
accounts: {pool: {FLOOR}, pot: {}}
terms: {sum: {unit: GBP, by: provider, value: {acute: 10, community: 10, live_in: 20}}}
payments:
  p: {pays_for: outcome, each: provider, start: sum, from: PAYERS, to: provider}
"""


def each(payers: str, pool: int, pot: int = 0, floor: str = "") -> list[str]:
    made = contract(EACH.replace("PAYERS", payers).replace("FLOOR", floor))
    return sorted(moves(settled(made, opening=State({"pool": {"": pool}, "pot": {"": pot}}))))


def test_the_shorter_of_two_accounts_is_shared_in_proportion() -> None:
    expected = [
        "pool -> acute 2.00", "pool -> community 2.00", "pool -> live_in 4.00",
        "pot -> acute 2.00", "pot -> community 2.00", "pot -> live_in 4.00",
    ]  # fmt: skip
    assert each("{pool: 50%, pot: 50%}", 8, 12) == expected
    assert each("{pool: 50%, pot: 50%}", 12, 8) == expected
    assert each("{pool: 50%, pot: 50%}", 100, 8) == expected


def test_what_can_be_paid_is_whole_pennies() -> None:
    floor = "may_go_below: -10.005 GBP"
    assert each("pool", 0, floor=floor) == [
        "pool -> acute 2.50", "pool -> community 2.50", "pool -> live_in 5.00"
    ]  # fmt: skip


SLICES = "start: x\nto: acute\nfrom: icb\nslices: "


@pytest.mark.parametrize(
    ("slices", "moved"),
    [
        ("[{up_to: 10 GBP, from: pot}, {up_to: 10 GBP, from: pot}, {}]", ["icb -> acute 15.00", "pot -> acute 15.00"]),
        (
            "[{up_to: 4 GBP, from: pot}, {up_to: 4 GBP, from: pot}, {up_to: 4 GBP, from: pot}, {up_to: 9 GBP, from: pot}, {}]",
            ["icb -> acute 15.00", "pot -> acute 15.00"],
        ),
        ("[{up_to: 20 GBP, from: pot}, {up_to: 5 GBP, from: pot}, {}]", ["icb -> acute 15.00", "pot -> acute 15.00"]),
    ],
)
def test_slices_draw_on_an_account_one_after_another(slices: str, moved: list[str]) -> None:
    made = one_payment(SLICES + slices, "accounts: {pot: {}}\n")
    assert sorted(moves(settled(made, inputs={"x": "30"}, opening=State({"pot": {"": 15}})))) == moved


def test_each_slice_has_what_those_before_it_leave() -> None:
    slices = "[{up_to: 60 GBP, to: acute}, {from: {pool: 50%, icb: 50%}, to: council}]"
    made = one_payment(f"start: x\nfrom: {{pool: 100%}}\nslices: {slices}", "accounts: {pool: {}}\n")
    for held, moved in ((60, []), (70, ["icb -> council 10.00", "pool -> council 10.00"])):
        found = settled(made, inputs={"x": "120"}, opening=State({"pool": {"": held}}))
        assert sorted(moves(found)) == [*moved[:1], "pool -> acute 60.00", *moved[1:]]
    shared = "[{up_to: 60 GBP, from: {pool: 80%, icb: 20%}, to: acute}, {from: {pool: 40%, icb: 60%}, to: council}]"
    made = one_payment(f"start: x\nfrom: icb\nslices: {shared}", "accounts: {pool: {}}\n")
    found = settled(made, inputs={"x": "120"}, opening=State({"pool": {"": 36}}))
    assert sorted(moves(found)) == ["icb -> acute 9.00", "pool -> acute 36.00"]


def test_what_each_asks_is_its_part_of_it() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        terms: {part: {unit: percent, by: provider, value: {acute: 80%, community: 40%, live_in: 0%}}}
        payments:
          p: {pays_for: outcome, each: provider, start: 60 GBP, from: {pool: part, icb: 100% - part}, to: provider}
        """
    )
    # 48 and 24 are asked of it, of which it has a half: 24 of 80% and 12 of 40%
    assert sorted(moves(settled(made, opening=State({"pool": {"": 36}})))) == [
        "icb -> acute 6.00", "icb -> community 18.00", "icb -> live_in 60.00",
        "pool -> acute 24.00", "pool -> community 12.00",
    ]  # fmt: skip


def test_what_an_account_does_not_pay_is_kept_in_whole_pennies() -> None:
    body = EACH.replace("PAYERS", "pool").replace("FLOOR", "may_go_below: -10.005 GBP")
    made = contract(body + "  q: {pays_for: outcome, start: p.kept, from: icb, to: council}\n")
    assert moves(settled(made), "q") == ["icb -> council 30.00"]
