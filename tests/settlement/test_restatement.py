"""Settling again: the same comes to nothing more, and a change posts only the difference."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.contract.faults import InputError
from alliance.settlement.state import State
from tests.settlement.helpers import QUARTERS, balance, contract, earned, moves, one_payment, quarters, settled

PLAIN = "start: x\nfrom: icb\nto: acute"


def test_the_same_again_moves_nothing() -> None:
    made = one_payment(PLAIN)
    once = settled(made, inputs={"x": "100"})
    again = settled(made, inputs={"x": "100"}, opening=once)
    assert moves(again) == []
    assert [(t.payer, t.payee, t.amount) for t in again.transfers] == [("icb", "acute", 0)]
    assert (earned(again), again.payment("p").before, again.payment("p").net) == (100, 100, 0)
    assert moves(settled(made, inputs={"x": "100"}, opening=again)) == []


@pytest.mark.parametrize(("first", "then", "moved"), [
    ("100", "130", ["icb -> acute 30.00 (true-up)"]),
    ("100", "70", ["acute -> icb 30.00 (true-up)"]),
    ("100", "-20", ["acute -> icb 120.00 (true-up)"]),
    ("-100", "-70", ["icb -> acute 30.00 (true-up)"]),
    ("-100", "50", ["icb -> acute 150.00 (true-up)"]),
    ("0", "5", ["icb -> acute 5.00"]),
])  # fmt: skip
def test_a_change_posts_the_difference(first: str, then: str, moved: list[str]) -> None:
    made = one_payment(PLAIN)
    again = settled(made, inputs={"x": then}, opening=settled(made, inputs={"x": first}))
    assert moves(again) == moved
    assert again.payment("p").net == Fraction(then) - Fraction(first)
    once_more = settled(made, inputs={"x": then}, opening=again)
    assert (moves(once_more), once_more.payment("p").before) == ([], Fraction(then))


def test_a_payment_that_changes_hands() -> None:
    made = contract(
        """\
        inputs: {part: {unit: percent}}
        payments: {p: {pays_for: outcome, start: 100 GBP, from: icb, to: {acute: part, community: 100% - part}}}
        """
    )
    once = settled(made, inputs={"part": "100%"})
    again = settled(made, inputs={"part": "30%"}, opening=once)
    assert moves(again) == ["acute -> icb 70.00 (true-up)", "icb -> community 70.00 (true-up)"]
    assert again.payment("p").net == 0


POOL = """\
accounts: {pool: {}, reserve: {}}
inputs: {rate: {unit: percent}, stake: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    funded: {each: provider, pays: stake, into: pool}
    start: pool.funded
    steps: [{multiply: rate}]
    from: pool
    shared: {by: contribution}
    unearned: reserve
"""


def test_a_pool_settled_again_works_from_the_start_of_its_period() -> None:
    made = contract(POOL)
    once = settled(made, inputs={"rate": "50%", "stake": "100"})
    again = settled(made, inputs={"rate": "80%", "stake": "100"}, opening=once)
    assert moves(again) == [
        "pool -> acute 30.00 (true-up)", "pool -> community 30.00 (true-up)", "pool -> live_in 30.00 (true-up)",
        "reserve -> pool 90.00 (unearned)",
    ]  # fmt: skip
    assert (balance(again, "pool"), balance(again, "reserve")) == (0, 60)
    less = settled(made, inputs={"rate": "80%", "stake": "10"}, opening=again)
    assert moves(less)[:3] == [
        "pool -> acute 90.00 (funding)", "pool -> community 90.00 (funding)", "pool -> live_in 90.00 (funding)",
    ]  # fmt: skip
    assert (balance(less, "pool"), balance(less, "reserve"), earned(less)) == (0, 6, 24)


def test_an_earlier_quarter_settled_again_moves_only_its_own() -> None:
    made = one_payment(PLAIN, settles="quarterly")
    last = quarters(made, {q: {"x": x} for q, x in zip(QUARTERS, ("10", "20", "30", "40"), strict=True)})
    again = settled(made, QUARTERS[1], {"x": "25"}, last)
    assert moves(again) == ["icb -> acute 5.00 (true-up)"]
    year = settled(made, "2026-27", {}, again)
    assert (moves(year), earned(year)) == ([], 105)


def test_a_quarter_of_a_year_that_was_settled_is_corrected_in_the_year() -> None:
    made = one_payment(PLAIN, settles="quarterly")
    last = quarters(made, {q: {"x": "10"} for q in QUARTERS})
    year = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "12"}}}, last)
    assert moves(year) == ["icb -> acute 2.00 (true-up)"]
    # what the year moved stands in no quarter, so a quarter on its own would pay the two pounds again
    with pytest.raises(InputError) as error:
        settled(made, QUARTERS[0], {"x": "12"}, year)
    assert str(error.value) == (
        "AC142 2026-27 Q1 is a part of 2026-27, which was settled as a whole. Settle 2026-27 again, and bring what "
        "changed with its own period, 2026-27 Q1."
    )
    again = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "11"}}}, year)
    assert moves(again) == ["acute -> icb 1.00 (true-up)"]
    assert moves(settled(made, "2026-27", {}, again)) == []


def test_a_quarter_is_corrected_after_the_next_one() -> None:
    """It starts from what accounts held then; the quarter after it is settled again from it."""
    made = contract(POOL, settles="quarterly")
    first = settled(made, QUARTERS[0], {"rate": "50%", "stake": "100"})
    second = settled(made, QUARTERS[1], {"rate": "100%", "stake": "100"}, first)
    again = settled(made, QUARTERS[0], {"rate": "75%", "stake": "100"}, second)
    assert again.notes[0] == ("2026-27 Q2 was settled after this period, on what it came to before. Settle it again.")
    onward = settled(made, QUARTERS[1], {"rate": "100%", "stake": "100"}, again)
    fresh = settled(made, QUARTERS[0], {"rate": "75%", "stake": "100"})
    fresh_onward = settled(made, QUARTERS[1], {"rate": "100%", "stake": "100"}, fresh)
    assert balance(onward, "pool") == balance(fresh_onward, "pool")
    unchanged = settled(made, QUARTERS[0], {"rate": "75%", "stake": "100"}, onward)
    assert moves(unchanged) == []
    assert not any("settled after" in note for note in unchanged.notes)


def test_what_was_undetermined_is_paid_when_it_is_known() -> None:
    made = one_payment(PLAIN)
    unsure = settled(made)
    assert unsure.transfers == ()
    assert moves(settled(made, inputs={"x": "5"}, opening=unsure)) == ["icb -> acute 5.00"]


def test_a_final_settlement_after_a_provisional_one() -> None:
    made = one_payment(PLAIN)
    first = settled(made, inputs={"x": {"value": "5", "status": "provisional"}})
    last = settled(made, inputs={"x": "7"}, opening=first, kind="final")
    assert moves(last) == ["icb -> acute 2.00 (true-up)"]
    assert {p.final for p in last.closing.past} == {True}


def test_balances_that_were_there_before_anything_was_settled() -> None:
    made = contract(POOL)
    opening = State({"pool": {"": 10}})
    once = settled(made, inputs={"rate": "50%", "stake": "100"}, opening=opening)
    again = settled(made, inputs={"rate": "50%", "stake": "100"}, opening=once)
    assert (moves(again), balance(again, "pool")) == ([], 10)


def test_a_row_left_empty_keeps_what_was_brought_before() -> None:
    """A form that is filled in bit by bit: nothing said is nothing changed, however often."""
    made = one_payment(PLAIN, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "10"})
    again = settled(made, QUARTERS[0], {"x": ""}, first)
    once_more = settled(made, QUARTERS[0], {"x": None}, again)
    assert [moves(first), moves(again), moves(once_more)] == [["icb -> acute 10.00"], [], []]
    assert earned(once_more) == 10
    rest = {q: {"x": "1"} for q in QUARTERS[1:]}
    assert earned(settled(made, "2026-27", {"periods": {**rest, QUARTERS[0]: {"x": ""}}}, once_more)) == 13
    assert settled(made, QUARTERS[0], {"x": {"status": "suppressed"}}, once_more).payment("p").status == "undetermined"
    assert settled(made, QUARTERS[1], {"x": ""}, once_more).payment("p").reasons == ("x is missing",)
