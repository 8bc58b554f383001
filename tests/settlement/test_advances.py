"""Money paid in advance, and taken back out of what is earned later."""

from __future__ import annotations

from fractions import Fraction
from textwrap import dedent

import pytest

from alliance.contract.faults import ContractError
from alliance.settlement.state import State
from tests.settlement.helpers import QUARTERS, balance, contract, earned, moves, quarters, settled, why

ADVANCE = """\
accounts: {advance: {title: Advances owed%s}}
inputs: {x: {unit: GBP, over_periods: add}, y: {unit: GBP}, ahead: {unit: GBP}}
payments:
  ahead_paid: {pays_for: block, start: ahead, from: icb, to: %s, owed: advance}
  p:
    pays_for: outcome
    start: x
    from: icb
    to: %s
    recoup: {account: advance%s}
"""


def test_an_advance_is_owed_and_taken_back_never_more_than_is_left() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ""), settles="quarterly")
    first = settled(made, QUARTERS[0], {"ahead": "100", "x": "30"})
    assert moves(first) == [
        "icb -> advance 100.00 (advance)", "icb -> acute 100.00", "advance -> icb 30.00 (recoupment)",
    ]  # fmt: skip
    assert balance(first, "advance") == 70
    second = settled(made, QUARTERS[1], {"ahead": "0", "x": "90"}, first)
    assert moves(second) == ["advance -> icb 70.00 (recoupment)", "icb -> acute 20.00"]
    assert balance(second, "advance") == 0
    third = settled(made, QUARTERS[2], {"ahead": "0", "x": "10"}, second)
    assert moves(third) == ["icb -> acute 10.00"]


def test_what_is_earned_is_told_apart_from_what_is_due() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ""), settles="quarterly")
    found = settled(made, QUARTERS[0], {"ahead": "100", "x": "30"}).payment("p")
    assert (found.earned, found.net) == (30, 0)
    assert [(x.kind, x.name, x.before, x.after) for x in found.lines] == [("recoup", "taken back from acute", 30, 0)]
    assert found.lines[0].facts == (("still owed", 70, "money"),)


def test_the_most_that_is_taken_back_at_once() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ", at_most: 33.333% * earned"), settles="quarterly")
    found = settled(made, QUARTERS[0], {"ahead": "100", "x": "30"})
    assert moves(found)[2:] == ["advance -> icb 9.99 (recoupment)", "icb -> acute 20.01"]  # 9.9999: a cap rounds down
    never = contract(ADVANCE % ("", "acute", "acute", ", at_most: -1 GBP"))
    assert moves(settled(never, inputs={"ahead": "100", "x": "30"}))[2:] == ["icb -> acute 30.00"]
    unsure = contract(ADVANCE % ("", "acute", "acute", ", at_most: y"))
    assert why(earned(settled(unsure, inputs={"ahead": "100", "x": "30"}))) == "y is missing"


def test_advances_by_party() -> None:
    shared = "provider\n    shared: {by: equally, among: provider}"
    text = dedent(ADVANCE).replace("to: %s, owed: advance}", "shared: {by: equally, among: provider}, owed: advance}")
    made = contract(text % (", by: party", shared, ""))
    found = settled(made, inputs={"ahead": "90", "x": "60"})
    assert moves(found, "p") == [
        "advance/acute -> icb 20.00 (recoupment)",
        "advance/community -> icb 20.00 (recoupment)",
        "advance/live_in -> icb 20.00 (recoupment)",
    ]
    assert balance(found, "advance", "acute") == 10


def test_nothing_is_taken_back_out_of_a_loss() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ""))
    assert moves(settled(made, inputs={"ahead": "100", "x": "-30"}), "p") == ["acute -> icb 30.00"]


def test_after_limits_and_each_at_most_what_is_left() -> None:
    body = ADVANCE % ("", "acute", "acute", "") + "    party_limits: {gain: {at_most: 25 GBP}}\n"
    assert moves(settled(contract(body), inputs={"ahead": "100", "x": "60"}), "p") == [
        "advance -> icb 25.00 (recoupment)"
    ]


def test_a_year_with_recoupment_agrees_with_its_quarters() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ""), settles="quarterly")
    data = {
        q: {"ahead": a, "x": x}
        for q, a, x in zip(QUARTERS, ("100", "0", "0", "0"), ("30", "90", "10", "10"), strict=True)
    }
    last = quarters(made, data)
    year = settled(made, "2026-27", {}, last)
    assert moves(year) == []
    assert (year.payment("p").earned, year.payment("p").before, year.payment("p").net) == (140, 40, 0)
    assert balance(year, "advance") == 0


def test_a_quarter_settled_again_takes_back_the_difference() -> None:
    made = contract(ADVANCE % ("", "acute", "acute", ""), settles="quarterly")
    first = settled(made, QUARTERS[0], {"ahead": "100", "x": "30"})
    again = settled(made, QUARTERS[0], {"ahead": "100", "x": "130.50"}, first)
    assert moves(again) == ["advance -> icb 70.00 (recoupment)", "icb -> acute 30.50 (true-up)"]
    assert (again.payment("p").net, balance(again, "advance")) == (Fraction(61, 2), 0)


def test_what_is_given_back_is_no_longer_owed() -> None:
    """The debt is less by it, down to nothing; what is earned is then taken only for the rest."""
    made = contract(
        """\
        inputs: {x: {unit: GBP}, y: {unit: GBP}}
        accounts: {adv: {held_by: council}}
        payments:
          p: {pays_for: block, start: x, from: council, to: acute, owed: adv}
          q: {pays_for: outcome, start: y, from: council, to: acute, recoup: {account: adv}}
        """
    )
    found = settled(made, inputs={"x": "-30", "y": "100"}, opening=State({"adv": {"": 100}}))
    assert moves(found) == [
        "adv -> council 30.00 (advance)", "acute -> council 30.00", "adv -> council 70.00 (recoupment)",
        "council -> acute 30.00",
    ]  # fmt: skip
    assert balance(found, "adv") == 0
    more = settled(made, inputs={"x": "-130", "y": "0"}, opening=State({"adv": {"": 100}}))
    assert (moves(more), balance(more, "adv")) == (
        ["adv -> council 100.00 (advance)", "acute -> council 130.00"], 0,
    )  # fmt: skip
    none = settled(made, inputs={"x": "-130", "y": "0"})
    assert moves(none) == ["acute -> council 130.00"]
    again = settled(made, inputs={"x": "-20", "y": "100"}, opening=found)
    assert balance(again, "adv") == 0
    assert sum(t.amount * (1 if t.payee == "acute" else -1) for f in (found, again) for t in f.transfers if "acute" in (t.payer, t.payee)) == 0  # fmt: skip


def test_what_each_gives_back_is_off_its_own_debt() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP, by: provider}}
        accounts: {adv: {by: provider}}
        payments:
          p: {pays_for: block, each: provider, start: x, from: council, to: provider, owed: adv}
        """
    )
    given = {"x": {"acute": "-30", "community": "50", "live_in": "0"}}
    found = settled(made, inputs=given, opening=State({"adv": {"acute": 100}}))
    assert [(t.kind, t.payer, t.payee, t.amount, t.unit) for t in found.transfers if t.amount] == [
        ("advance", "adv/acute", "council", 30, "owed"),
        ("payment", "acute", "council", 30, "money"),
        ("advance", "council", "adv/community", 50, "owed"),
        ("payment", "council", "community", 50, "money"),
    ]
    assert {b.key: b.closing for b in found.balances} == {"acute": 70, "community": 50}


def test_a_note_of_what_is_owed_ends_in_nobody() -> None:
    body = """\
    inputs: {x: {unit: GBP}}
    accounts: {adv: {title: Advance, held_by: council%s}}
    payments:
      p: {pays_for: block, start: x, from: council, to: acute, owed: adv}
    """
    with pytest.raises(ContractError, match="AC090 adv notes what is owed of an advance"):
        contract(body % ", ends: {to: council}")
    made = contract(body % "", term="2026-04-01 2027-03-31")
    found = settled(made, inputs={"x": "12.50"}, kind="final")
    assert "Advance: 12.50 is still owed when the contract ends. It is for the parties to agree." in found.notes
    assert not settled(made, inputs={"x": "12.50"}).notes


def test_what_a_party_gives_back_is_no_longer_owed_by_it() -> None:
    """Under its own key, and as a note of what is owed: no money goes with it."""
    made = contract(
        """\
        inputs: {x: {unit: GBP, by: provider}}
        accounts: {adv: {by: party}}
        payments: {p: {pays_for: block, each: provider, start: x, from: icb, to: provider, owed: adv}}
        """
    )
    opening = State({"adv": {"acute": 100, "community": 20}})
    found = settled(made, inputs={"x": {"acute": "-30", "community": "-50", "live_in": "-5"}}, opening=opening)
    assert [(t.kind, t.payer, t.payee, t.amount, t.unit) for t in found.transfers] == [
        ("advance", "adv/acute", "icb", 30, "owed"), ("payment", "acute", "icb", 30, "money"),
        ("advance", "adv/community", "icb", 20, "owed"), ("payment", "community", "icb", 50, "money"),
        ("payment", "live_in", "icb", 5, "money"),
    ]  # fmt: skip
    assert [balance(found, "adv", key) for key in ("acute", "community", "live_in")] == [70, 0, 0]


TWO_PAYERS = """\
accounts: {adv: {by: provider}}
inputs: {early: {unit: GBP}}
payments:
  x: {pays_for: outcome, each: provider, start: early, from: icb, to: provider, owed: adv}
  y:
    pays_for: outcome
    start: 1_000 GBP
    from: icb
    to: acute
    slices: [{name: a, up_to: 500 GBP, from: council}, {name: b, from: icb}]
    recoup: {account: adv, at_most: MOST}
"""


@pytest.mark.parametrize(
    ("most", "taken"), [("100 GBP", 100), ("20% * earned", 200), ("700 GBP", 500), ("550 GBP", 500)]
)
def test_the_most_that_is_taken_back_is_of_what_all_pay(most: str, taken: int) -> None:
    made = contract(TWO_PAYERS.replace("MOST", most), settles="quarterly")
    first = settled(made, "2026-27 Q1", {"early": "500"})
    assert balance(first, "adv", "acute") == 500 - taken
    assert sum(t.amount for t in first.transfers if t.kind == "recoupment") == taken
    assert first.payments[1].net == 1_000 - taken


def test_what_is_noted_as_owed_moves_no_money_of_the_account_that_pays() -> None:
    made = contract(
        """\
        accounts: {pool: {}, adv: {by: provider}}
        inputs: {early: {unit: GBP}, won: {unit: GBP}}
        payments:
          f: {pays_for: block, start: 1_000 GBP, from: icb, to: pool}
          x: {pays_for: outcome, start: early, from: pool, to: acute, owed: adv}
          y: {pays_for: outcome, start: won, from: pool, to: acute, recoup: {account: adv}}
        """,
        settles="quarterly",
    )
    first = settled(made, "2026-27 Q1", {"early": "300", "won": "0"})
    assert (first.closing.balances["pool"][""], first.closing.balances["adv"]["acute"]) == (700, 300)
    again = settled(made, "2026-27 Q1", {"early": "100", "won": "0"}, first)
    assert (again.closing.balances["pool"][""], again.closing.balances["adv"]["acute"]) == (900, 100)
    second = settled(made, "2026-27 Q2", {"early": "0", "won": "150"}, again)
    assert second.closing.balances == {"pool": {"": 1_850}}
    year = settled(
        made, "2026-27", {"periods": {q: {"early": "0", "won": "0"} for q in ("2026-27 Q3", "2026-27 Q4")}}, second
    )
    assert year.closing.balances == {"pool": {"": 3_850}}
