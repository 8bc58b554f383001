"""What was moved for a payment that is not determined any more stands, and accounts hold that and nothing else."""

from __future__ import annotations

from tests.settlement.helpers import QUARTERS, contract, moves, settled

POT = """\
accounts: {pot: {}}
inputs: {claim: {unit: GBP, over_periods: add}}
payments:
  filling: {pays_for: block, start: 100 GBP, from: icb, to: pot}
  first: {pays_for: outcome, start: claim, from: pot, to: acute}
  second: {pays_for: outcome, start: 500 GBP, from: pot, to: community}
  third: {pays_for: outcome, settles: yearly, start: 500 GBP, from: pot, to: live_in}
"""
GONE = {"claim": {"status": "not assessable"}}


def test_nobody_else_is_paid_what_was_paid_before() -> None:
    made = contract(POT, settles="quarterly")
    first = settled(made, QUARTERS[0], {"claim": "60"})
    assert moves(first) == ["icb -> pot 100.00", "pot -> acute 60.00", "pot -> community 40.00"]
    again = settled(made, QUARTERS[0], GONE, first)
    assert (moves(again), [b.closing for b in again.balances]) == ([], [0])


def test_a_year_finds_what_its_quarters_and_half_years_moved() -> None:
    made = contract(POT, settles="quarterly")
    last = settled(made, QUARTERS[0], {"claim": "60"})
    last = settled(made, QUARTERS[1], {"claim": "30"}, last)
    last = settled(made, "2026-27 H1", {"periods": {QUARTERS[1]: {"claim": "20"}}}, last)
    assert moves(last) == ["acute -> pot 10.00 (true-up)", "pot -> community 10.00 (true-up)"]
    last = settled(made, QUARTERS[2], {"claim": "50"}, last)
    year = settled(made, "2026-27", {"periods": {QUARTERS[1]: GONE, QUARTERS[3]: {"claim": "0"}}}, last)
    # 40, 70, 50 and 100 of the quarters for the second, of which 170 were moved; 10 came back with the half-year
    assert moves(year) == ["icb -> pot 100.00 (true-up)", "pot -> community 90.00 (true-up)", "pot -> live_in 10.00"]
    assert [b.closing for b in year.balances] == [0]


def test_what_a_part_alone_would_pay_is_left_in_the_account() -> None:
    made = contract(POT, settles="quarterly")
    known = {QUARTERS[0]: {"claim": "60"}, QUARTERS[1]: GONE, QUARTERS[2]: {"claim": "0"}, QUARTERS[3]: {"claim": "0"}}
    year = settled(made, "2026-27", {"periods": known})
    assert moves(year) == ["icb -> pot 400.00", "pot -> community 400.00"]


FOR_EACH = """\
accounts: {pots: {by: provider}}
inputs: {claim: {unit: GBP, by: provider}}
payments:
  filling: {pays_for: block, each: provider, start: 100 GBP, from: icb, to: pots}
  first: {pays_for: outcome, each: provider, start: claim, from: pots, to: provider}
"""


def test_of_an_account_for_each_party_it_is_the_partys_own() -> None:
    second = "  second: {pays_for: outcome, each: provider, start: 500 GBP, from: pots, to: council}\n"
    made = contract(FOR_EACH + second)
    said = {"acute": "60", "community": "10", "live_in": "0"}
    first = settled(made, inputs={"claim": said})
    assert [t.amount for t in first.transfers if t.payment == "second"] == [40, 90, 100]
    again = settled(made, inputs={"claim": {**said, "acute": {"status": "not assessable"}}}, opening=first)
    assert moves(again) == []
    assert [b.closing for b in again.balances if b.closing] == []


def test_a_period_settled_again_starts_from_what_each_account_held_then() -> None:
    made = contract(FOR_EACH)
    first = settled(made, inputs={"claim": {"acute": "60", "community": "0", "live_in": "0"}})
    again = settled(made, inputs={"claim": {"acute": "120", "community": "0", "live_in": "0"}}, opening=first)
    assert moves(again) == ["pots/acute -> acute 40.00 (true-up)"]  # 100 of the 120, for that is what there was
