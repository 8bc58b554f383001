"""Cases that the independent evaluator has settled otherwise than the engine once did, each as small as it goes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.contract.values import Unknown
from tests.settlement.helpers import QUARTERS, balance, came_to, contract, earned, moves, one_payment, settled

TWO = "from: icb\nto: {acute: 50%, community: 50%}"


@pytest.mark.parametrize("formula", ["clamp(a, 5%, 50%)", "clamp(50%, a, 60%)", "m.score"])
def test_what_is_excluded_is_not_replaced_by_a_bound(formula: str) -> None:
    made = contract(
        f"""\
        inputs: {{a: {{unit: percent, if: {{missing: exclude}}}}}}
        measures:
          m: {{reported: percent, if: {{missing: exclude}}, score: {{nothing_at: 0%, full_at: 50%, at_least: 10%}}}}
        figures: {{f: {{is: "{formula}"}}, best: {{is: "max({formula}, 3%)"}}}}
        """
    )
    found = settled(made)
    assert isinstance(found.figure("f"), Unknown)
    assert found.figure("best") == Fraction(3, 100)  # and is left out with what it is made of


def test_what_was_missing_earlier_in_the_year_is_not_nothing() -> None:
    made = contract(
        "inputs: {x: {unit: GBP, over_periods: add}}\nfigures: {until_now: {is: so_far(x)}}", settles="quarterly"
    )
    first = settled(made, QUARTERS[0], {"x": "5"})
    second = settled(made, QUARTERS[1], {}, first)
    assert isinstance(settled(made, QUARTERS[2], {"x": "1"}, second).figure("until_now"), Unknown)
    mended = settled(made, QUARTERS[1], {"x": "2"}, second)
    assert settled(made, QUARTERS[2], {"x": "1"}, mended).figure("until_now") == 7


LAST = """\
measures: {m: {reported: percent}}
figures: {before: {is: last(m.value)}}
"""


def test_the_last_value_is_one_that_was_known() -> None:
    made = contract(LAST, settles="quarterly")
    first = settled(made, QUARTERS[0], {"m": "40%"}, kind="final")
    second = settled(made, QUARTERS[1], {}, first, kind="final")
    assert settled(made, QUARTERS[2], {}, second).figure("before") == Fraction(2, 5)


def test_a_provisional_settlement_leaves_the_last_final_value_as_it_is() -> None:
    made = contract(LAST, settles="quarterly")
    first = settled(made, QUARTERS[0], {"m": "40%"}, kind="final")
    again = settled(made, QUARTERS[0], {"m": "10%"}, first)
    assert settled(made, QUARTERS[1], {}, again).figure("before") == Fraction(2, 5)
    final = settled(made, QUARTERS[0], {"m": "10%"}, again, kind="final")
    assert settled(made, QUARTERS[1], {}, final).figure("before") == Fraction(1, 10)


def test_a_quarter_within_the_year_reads_measures_that_nothing_else_did() -> None:
    body = LAST + "payments: {p: {pays_for: outcome, start: (before else 0%) * 100 GBP, from: icb, to: acute}}\n"
    made, found = contract(body, settles="quarterly"), None
    for quarter, m in zip(QUARTERS, ("10%", "20%", "30%", "40%"), strict=True):
        found = settled(made, quarter, {"m": m}, found, kind="final")
    year = settled(made, "2026-27", {}, found, kind="final")
    assert earned(year) == 60  # of the three quarters that had one before them
    assert moves(year) == []


def test_a_quarter_told_as_missing_is_as_one_of_which_nothing_is_told() -> None:
    made = contract(
        "inputs: {share: {unit: percent}}\n"
        "payments: {p: {pays_for: outcome, start: share * 100 GBP, from: icb, to: acute}}\n",
        settles="quarterly",
    )
    year = {"share": "50%", "periods": {q: {"share": "10%"} for q in QUARTERS[1:]}}
    blank = settled(made, QUARTERS[0], {"share": {"status": "missing"}})
    assert earned(settled(made, "2026-27", year, blank)) == earned(settled(made, "2026-27", year)) == 80


@pytest.mark.parametrize(
    ("limit", "x", "expected"),
    [
        ("{at_most: 10.009 GBP}", "10.008", "10.00"),
        ("{at_least: 10.001 GBP}", "10.002", "10.01"),
        ("{at_most: 10.009 GBP, only: loss}", "-10.008", "-10.00"),
        ("{at_least: 10.001 GBP, only: loss}", "-10.002", "-10.01"),
        ("{at_least: -10.009 GBP}", "-10.008", "-10.00"),
    ],
)
def test_an_amount_within_a_limit_is_not_rounded_past_it(limit: str, x: str, expected: str) -> None:
    assert came_to(f"start: x\nlimits: {limit}\n{TWO}", {"x": x}) == Fraction(expected)


def test_slices_with_payers_of_their_own_are_rounded_as_one() -> None:
    slices = "slices: [{up_to: 33.335 GBP, from: council}, {to: live_in}]"
    found = settled(one_payment(f"start: x\nlimits: {{at_most: 100 GBP}}\n{slices}\n{TWO}"), inputs={"x": "120"})
    assert moves(found) == ["council -> acute 16.67", "council -> community 16.67", "icb -> live_in 66.66"]
    floor = settled(one_payment(f"start: x\nlimits: {{at_least: 100 GBP}}\n{slices}\n{TWO}"), inputs={"x": "1"})
    assert earned(floor) == 100


def test_of_what_is_not_due_nothing_is_read() -> None:
    fields = "start: y\nwhen: ok\nfrom: icb\nshared: {by: grade}"
    body = "figures: {grade: {each: provider, is: rate}}\n"
    assert came_to(fields, {"ok": "no"}, body) == 0
    assert isinstance(came_to(fields, {"ok": "yes", "y": "5"}, body), Unknown)


def test_what_is_carried_is_added_once_and_cut_in_full() -> None:
    fields = (
        "start: x\nsettles: quarterly\nfrom: icb\nto: acute\n"
        "slices: [{up_to: 10 GBP}, {name: rest}]\n"
        "party_limits: {gain: {each: provider, at_most: 50 GBP, beyond: carry}}"
    )
    made = one_payment(fields, settles="quarterly")
    first = settled(made, QUARTERS[3], {"x": "80"})
    assert earned(first) == 50  # thirty are carried into the next year
    second = settled(made, "2027-28 Q1", {"x": "15"}, first)
    assert earned(second) == 45


def test_what_a_party_bears_makes_no_room_for_gains() -> None:
    body = "categories: {track: [a, b]}\ninputs: {amount: {unit: GBP, by: track, over_periods: add}}\n"
    payment = (
        "payments: {p: {pays_for: outcome, each: track, start: amount, from: icb, to: acute, "
        "party_limits: {gain: {each: provider, at_most: 100 GBP}}}}\n"
    )
    made = contract(body + payment, settles="quarterly")
    first = settled(made, QUARTERS[0], {"amount": {"a": "80", "b": "-50"}})
    second = settled(made, QUARTERS[1], {"amount": {"a": "70", "b": "0"}}, first)
    assert (earned(first), earned(second)) == (30, 20)
    data = {"amount": {"a": "0", "b": "0"}}
    fourth = settled(made, QUARTERS[3], data, settled(made, QUARTERS[2], data, second))
    assert moves(settled(made, "2026-27", {}, fourth)) == []


def test_shares_by_a_yearly_amount_count_the_days_once() -> None:
    joins = """\
        icb:       {name: Integrated care board, role: commissioner}
        acute:     {name: Acute trust, role: provider}
        community: {name: Community trust, role: provider, from: 2026-10-01}
        """
    body = """\
        terms: {fee: {unit: GBP a year, by: provider, value: {acute: 100, community: 100}}}
        figures: {load: {each: provider, is: fee * 3}}
        payments:
          p: {pays_for: outcome, start: 300 GBP, from: icb, shared: {by: %s}}
        """
    for by in ("fee", "load"):
        found = settled(contract(body % by, parties=joins))
        acute, community = (r.amount for r in found.payment("p").received)
        assert acute == Fraction("200.18")  # 365 days of it, and 182 of the other's
        assert acute + community == 300


def test_those_an_account_ended_with_give_back_what_it_lacks() -> None:
    made = contract(
        """\
        accounts: {pool: {ends: {to: contributors}}, reserve: {ends: {to: icb}}}
        inputs: {share: {unit: percent}}
        payments:
          p:
            pays_for: outcome
            funded: {each: provider, pays: 30 GBP, into: pool}
            start: pool.funded
            steps: [{multiply: share}]
            from: pool
            to: council
            unearned: reserve
        """,
        term="2026-04-01 2027-03-31",
        settles="quarterly",
    )
    first = settled(made, QUARTERS[3], {"share": "10%"}, kind="final")
    assert moves(first)[-1] == "reserve -> icb 81.00 (end)"
    again = settled(made, QUARTERS[3], {"share": "40%"}, first, kind="final")
    assert "icb -> reserve 27.00 (end)" in moves(again)
    assert balance(again, "reserve") == balance(again, "pool") == 0


def test_a_payment_that_is_not_determined_uses_no_limit() -> None:
    made = contract(SOURCE, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "80"})
    assert isinstance(earned(first), Unknown)
    second = settled(made, QUARTERS[1], {"x": "80", "ceiling": "1000"}, first)
    assert earned(second) == 100


SOURCE = """\
accounts: {fund: {at_most: ceiling}}
inputs: {x: {unit: GBP, over_periods: add}, ceiling: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    start: 2 * x
    from: icb
    to: {acute: 50%, fund: 50%}
    party_limits: {gain: {each: provider, at_most: 20 GBP}}
"""
