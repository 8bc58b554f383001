"""Accounts hold money or units between settlements: floors, ceilings, keys, and where they end."""

from __future__ import annotations

import pytest

from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle
from alliance.settlement.state import State
from tests.settlement.helpers import QUARTERS, balance, contract, earned, faults_of, moves, settled, why

POOL = """\
accounts: {pool: {title: The pool, held_by: icb%s}}
inputs: {x: {unit: GBP}, y: {unit: GBP}}
payments: {p: {pays_for: outcome, start: x, from: %s, to: %s}}
"""


def test_an_account_pays_no_more_than_it_holds() -> None:
    made = contract(POOL % ("", "pool", "{acute: 50%, community: 50%}"))
    found = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 60}}))
    assert moves(found) == ["pool -> acute 30.00", "pool -> community 30.00"]
    assert (earned(found), balance(found, "pool")) == (60, 0)
    line = found.payment("p").lines[0]
    assert (line.kind, line.name, line.before, line.after) == ("limit", "what the account holds", 100, 60)
    empty = settled(made, inputs={"x": "100"})
    assert (moves(empty), earned(empty), balance(empty, "pool")) == ([], 0, 0)


@pytest.mark.parametrize(("floor", "expected"), [("20", "40.00"), ("-30", "90.00"), ("x - 80 GBP", "40.00")])
def test_its_floor_may_be_above_or_below_nothing(floor: str, expected: str) -> None:
    unit = "" if " " in floor else " GBP"
    made = contract(POOL % (f", may_go_below: {floor}{unit}", "pool", "acute"))
    assert moves(settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 60}}))) == [f"pool -> acute {expected}"]


def test_an_account_without_a_floor() -> None:
    made = contract(POOL % (", may_go_below: any", "pool", "acute"))
    found = settled(made, inputs={"x": "100"})
    assert (moves(found), balance(found, "pool")) == (["pool -> acute 100.00"], -100)


def test_a_floor_that_is_not_known() -> None:
    made = contract(POOL % (", may_go_below: y", "pool", "acute"))
    assert why(earned(settled(made, inputs={"x": "100"}))) == "y is missing"


def test_one_payer_of_several_that_has_too_little() -> None:
    """The payers keep their shares, so the whole is what the emptiest can bear its part of."""
    made = contract(POOL % ("", "{pool: 25%, icb: 75%}", "acute"))
    found = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 10}}))
    assert moves(found) == ["icb -> acute 30.00", "pool -> acute 10.00"]


def test_payments_draw_on_an_account_in_the_order_of_the_contract() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          first: {pays_for: outcome, start: 70 GBP, from: pool, to: acute}
          filling: {pays_for: block, start: 20 GBP, from: icb, to: pool}
          second: {pays_for: outcome, start: 70 GBP, from: pool, to: community}
        """
    )
    found = settled(made, opening=State({"pool": {"": 100}}))
    assert moves(found) == ["pool -> acute 70.00", "icb -> pool 20.00", "pool -> community 50.00"]


def test_accounts_that_are_not_parties_share_gains_never_losses() -> None:
    fixed = "all, shared: {all: {acute: 40%, community: 40%, pool: 20%}}"
    made = contract(POOL % ("", "icb", fixed))
    assert moves(settled(made, inputs={"x": "100"})) == [
        "icb -> acute 40.00", "icb -> community 40.00", "icb -> pool 20.00",
    ]  # fmt: skip
    assert moves(settled(made, inputs={"x": "-100"})) == ["acute -> icb 50.00", "community -> icb 50.00"]
    alone = contract(POOL % ("", "icb", "pool"))
    assert moves(settled(alone, inputs={"x": "-100"}, opening=State({"pool": {"": 500}}))) == []


def test_a_ceiling() -> None:
    made = contract(POOL % (", at_most: 150 GBP", "icb", "{pool: 50%, acute: 50%}"))
    found = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 120}}))
    assert moves(found) == ["icb -> acute 50.00", "icb -> pool 30.00"]
    assert found.payment("p").lines[0].note == "what is beyond is kept by the payer"
    full = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 160}}))
    assert moves(full) == ["icb -> acute 50.00"]
    unsure = contract(POOL % (", at_most: y", "icb", "pool"))
    assert why(earned(settled(unsure, inputs={"x": "100"}))) == "y is missing"


FUNDS = """\
accounts: {fund: {title: People's funds, by: person, at_most: 50 GBP, ends: {to: icb}}}
inputs: {packages: {records: {person: id, saved: GBP}}}
payments:
  p: {pays_for: outcome, each: person in packages, start: sum(saved), from: icb, to: fund}
"""


def test_an_account_by_person() -> None:
    rows = [{"person": "b", "saved": "30"}, {"person": "a", "saved": "10"}, {"person": "b", "saved": "15.50"}]
    found = settled(contract(FUNDS), inputs={"packages": rows}, opening=State({"fund": {"a": 45, "c": 7}}))
    assert moves(found) == ["icb -> fund/a 5.00", "icb -> fund/b 45.50"]
    assert [(b.account, b.key, b.opening, b.money_in, b.closing) for b in found.balances] == [
        ("fund", "a", 45, 5, 50),
        ("fund", "b", 0, 45.5, 45.5),
        ("fund", "c", 7, 0, 7),
    ]


def test_an_account_by_person_that_holds_nothing_has_no_balance() -> None:
    assert settled(contract(FUNDS), inputs={"packages": []}).balances == ()


def test_the_balance_of_the_one_in_hand() -> None:
    made = contract(FUNDS.replace("start: sum(saved)", "start: 10% * fund.balance + sum(saved)"))
    rows = [{"person": "b", "saved": "1"}, {"person": "a", "saved": "1"}]
    found = settled(made, inputs={"packages": rows}, opening=State({"fund": {"a": 40, "c": 7}}))
    assert moves(found) == ["icb -> fund/a 5.00", "icb -> fund/b 1.00"]


def test_a_person_who_is_not_named() -> None:
    made = contract(FUNDS.replace("person: id", "person: optional id"))
    found = settled(made, inputs={"packages": [{"person": "a", "saved": "1"}, {"saved": "2"}]})
    assert found.payment("p").reasons == ("the person of a record in packages is missing",)
    assert moves(found) == []


def test_an_account_by_party_and_by_category() -> None:
    made = contract(
        """\
        categories: {kind: [home, away]}
        accounts: {owed: {by: party}, kept: {by: kind}}
        terms: {size: {unit: GBP, by: kind, value: {home: 3, away: 4}}}
        figures: {own: {each: provider, is: owed.opening}, one: {is: owed.opening by community}}
        payments:
          p: {pays_for: outcome, each: provider, start: owed.balance + 1 GBP, from: icb, to: owed}
          q: {pays_for: outcome, each: kind, start: size, from: icb, to: kept}
          r: {pays_for: outcome, start: (owed.closing by live_in) + (kept.balance by away), from: icb, to: council}
        """
    )
    found = settled(made, opening=State({"owed": {"acute": 10, "community": 20}}))
    assert moves(found) == [
        "icb -> owed/acute 11.00", "icb -> owed/community 21.00", "icb -> owed/live_in 1.00",
        "icb -> kept/home 3.00", "icb -> kept/away 4.00", "icb -> council 5.00",
    ]  # fmt: skip
    assert [found.figure("own", k) for k in ("acute", "community", "live_in")] == [10, 20, 0]
    assert found.figure("one") == 20


def test_the_key_of_an_account_that_nobody_says() -> None:
    made = contract(
        """\
        accounts: {fund: {by: person}}
        payments: {p: {pays_for: outcome, start: 10 GBP, from: icb, to: fund}}
        """
    )
    assert why(earned(settled(made))) == "the person of fund is missing"


def test_the_figures_of_an_account() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          a: {pays_for: outcome, start: 10 GBP, from: icb, to: pool}
          b: {pays_for: outcome, start: 50% * pool.balance, from: pool, to: acute}
          c: {pays_for: outcome, start: pool.opening + pool.in + pool.out, from: icb, to: acute}
        """
    )
    found = settled(made, opening=State({"pool": {"": 100}}))
    assert moves(found) == ["icb -> pool 10.00", "pool -> acute 55.00", "icb -> acute 165.00"]


UNITS = """\
accounts: {places: {unit: count%s}}
inputs: {over: {unit: count}}
payments: {p: {unit: count, start: over, from: icb, to: places}}
"""


def test_units_may_be_given_back_down_to_the_floor() -> None:
    """A shortfall is carried as units below nothing, where the contract lets it."""
    free = contract(UNITS % ", may_go_below: any")
    found = settled(free, inputs={"over": "-300"})
    assert (moves(found), balance(found, "places")) == (["places -> icb 300.00"], -300)
    floored = contract(UNITS % "")
    found = settled(floored, inputs={"over": "-300"}, opening=State({"places": {"": 120}}))
    assert (moves(found), balance(found, "places")) == (["places -> icb 120.00"], 0)


def test_units_that_are_settled_again_move_the_difference() -> None:
    made = contract(UNITS % "")
    once = settled(made, inputs={"over": "300"})
    assert moves(settled(made, inputs={"over": "300"}, opening=once)) == []
    again = settled(made, inputs={"over": "280"}, opening=once)
    assert (moves(again), balance(again, "places")) == (["places -> icb 20.00 (true-up)"], 280)


# at the end of the contract

ENDS = """\
accounts:
  pool: {ends: {to: contributors}}
  reserve: {ends: {to: council}}
  spare: {ends: {to: reserve}}
  kept: {}
payments:
  p:
    pays_for: outcome
    funded: {each: provider, pays: 100 GBP if party = acute else 50 GBP, into: pool}
    start: 40 GBP
    from: pool
    to: icb
"""
LEFT = State({"reserve": {"": 5}, "spare": {"": 7}, "kept": {"": 9}})


def test_what_accounts_hold_goes_where_they_say_once_the_last_year_is_final() -> None:
    made = contract(ENDS, term="2026-04-01 2027-03-31")
    found = settled(made, opening=LEFT, kind="final")
    # 160 is left, by contributions of 100, 50 and 50; what the spare account leaves to the reserve goes on from there
    assert moves(found)[4:] == [
        "pool -> acute 80.00 (end)",
        "pool -> community 40.00 (end)",
        "pool -> live_in 40.00 (end)",
        "spare -> reserve 7.00 (end)",
        "reserve -> council 12.00 (end)",
    ]
    assert [balance(found, a) for a in ("pool", "reserve", "spare", "kept")] == [0, 0, 0, 9]


def test_not_before_and_not_while_provisional() -> None:
    made = contract(ENDS, term="2026-04-01 2028-03-31")
    assert len(moves(settled(made, kind="final"))) == 4
    assert len(moves(settled(made, "2027-28"))) == 4
    first = settled(made, kind="final")
    last = settled(made, "2027-28", opening=first, kind="final")
    # 160 of each year is left, by what each put in over both
    assert moves(last)[4:] == [
        "pool -> acute 160.00 (end)", "pool -> community 80.00 (end)", "pool -> live_in 80.00 (end)",
    ]  # fmt: skip


def test_the_last_quarter_ends_a_contract_that_only_settles_by_the_quarter() -> None:
    made = contract(ENDS, term="2026-04-01 2026-09-30", settles="quarterly")
    first = settled(made, QUARTERS[0], kind="final")
    assert len(moves(first)) == 4
    assert len(moves(settled(made, QUARTERS[1], opening=first, kind="final"))) == 7


def test_accounts_by_key_end_key_by_key() -> None:
    made = contract(FUNDS, term="2026-04-01 2027-03-31")
    found = settled(made, inputs={"packages": []}, opening=State({"fund": {"b": 5, "a": 7}}), kind="final")
    assert moves(found) == ["fund/a -> icb 7.00 (end)", "fund/b -> icb 5.00 (end)"]


def test_money_that_nobody_contributed_stays() -> None:
    made = contract("accounts: {a: {ends: {to: contributors}}}", term="2026-04-01 2027-03-31")
    assert moves(settled(made, opening=State({"a": {"": 1}}), kind="final")) == []


def test_what_was_given_back_is_no_contribution() -> None:
    body = """\
    accounts: {pool: {ends: {to: contributors}}}
    inputs: {stake: {unit: GBP, by: provider}}
    payments:
      p: {pays_for: outcome, funded: {each: provider, pays: stake, into: pool}, start: 0, from: pool, to: icb}
    """
    made = contract(body, term="2026-04-01 2027-03-31")
    first = settled(made, inputs={"stake": {"acute": 100, "community": 100, "live_in": 0}})
    last = settled(made, inputs={"stake": {"acute": 20, "community": 100, "live_in": 0}}, opening=first, kind="final")
    assert moves(last) == [
        "pool -> acute 80.00 (funding)",
        "pool -> acute 20.00 (end)",
        "pool -> community 100.00 (end)",
    ]


# the opening


def test_a_balance_of_something_that_is_no_account() -> None:
    made = contract(ENDS)
    (fault,) = faults_of(lambda: settle(made, "2026-27", {}, State({"poool": {"": 1}})))
    assert fault == 'AC121 the opening has a balance of "poool", which is not an account.'


def test_an_opening_is_a_settlement_or_its_closing_state() -> None:
    made = contract(POOL % ("", "icb", "pool"))
    first = settled(made, inputs={"x": "10"})
    for opening in (first, first.closing):
        second = settled(made, "2027-28", {"x": "5"}, opening)
        assert [(b.opening, b.money_in, b.money_out, b.closing) for b in second.balances] == [(10, 5, 0, 15)]


def test_what_is_left_goes_back_by_what_each_paid_in_less_what_was_taken_back() -> None:
    made = contract(
        """\
        accounts: {pot: {ends: {to: contributors}}}
        inputs: {x: {unit: GBP}, y: {unit: GBP}, out: {unit: GBP}}
        payments:
          p: {pays_for: block, start: x, from: icb, to: pot}
          q: {pays_for: block, start: y, from: council, to: pot}
          r: {pays_for: block, start: out, from: pot, to: acute}
        """,
        term="2026-04-01 2028-03-31",
    )
    opening: Settlement | None = None
    for year, x in (("2026-27", "60"), ("2026-27", "30"), ("2027-28", "30"), ("2027-28", "50")):
        opening = found = settled(made, year, {"x": x, "y": "40", "out": "70"}, opening, kind="final")
    # each has paid in 80 in all, for 30 of the first year's 60 was taken back: of the 20 left each has 10
    assert [str(m) for m in moves(found)][-2:] == ["pot -> icb 10.00 (end)", "pot -> council 10.00 (end)"]


def test_what_was_paid_out_and_corrected_is_no_contribution() -> None:
    body = """\
    inputs: {out: {unit: GBP}}
    accounts: {res: {ends: {to: contributors}}}
    payments:
      in_a: {pays_for: outcome, start: 100 GBP, from: acute, to: res}
      in_b: {pays_for: outcome, start: 100 GBP, from: community, to: res}
      o: {pays_for: outcome, start: out, from: res, to: acute}
    """
    made = contract(body, term="2026-04-01 2027-03-31")
    ends = ["res -> acute 70.00 (end)", "res -> community 70.00 (end)"]
    assert moves(settled(made, inputs={"out": "60"}, kind="final"), "res") == ends
    first = settled(made, inputs={"out": "70"})
    assert moves(settled(made, inputs={"out": "60"}, opening=first, kind="final"), "res") == ends
