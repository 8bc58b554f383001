"""The end of a contract: where what accounts hold goes, and what comes back where the last period is settled again."""

from __future__ import annotations

from typing import Any

import pytest

import alliance
from alliance.settlement.examples import run_examples
from tests.settlement.helpers import balance, contract, moves, settled

POOL = """\
accounts: {pool: {may_go_below: any, ends: {to: %s}}}
inputs: {a: {unit: GBP}, b: {unit: GBP}}
payments:
  pa: {pays_for: block, start: a, from: icb, to: pool}
  pb: {pays_for: block, start: b, from: council, to: pool}
"""
UNITS = """\
accounts: {places: {unit: count, ends: {to: contributors}}}
inputs: {a: {unit: count}, b: {unit: count}}
payments:
  pa: {unit: count, pays_for: block, start: a, from: icb, to: places}
  pb: {unit: count, pays_for: block, start: b, from: council, to: places}
"""


def ended(body: str, *years: tuple[str, str]) -> list[Any]:
    """The last year of a contract settled with these amounts, finally, each time on top of the time before."""
    made = contract(body, term="2026-04-01 2027-03-31")
    found: list[Any] = []
    for a, b in years:
        found.append(settled(made, "2026-27", {"a": a, "b": b}, found[-1] if found else None, kind="final"))
    return found


def ends(found: Any) -> list[str]:
    return [line for line in moves(found) if "(end)" in line]


def test_what_was_paid_out_at_the_end_comes_back_from_those_who_had_it() -> None:
    first, less, same = ended(POOL % "contributors", ("60", "40"), ("30", "40"), ("30", "40"))
    assert ends(first) == ["pool -> icb 60.00 (end)", "pool -> council 40.00 (end)"]
    assert ends(less) == ["icb -> pool 18.00 (end)", "council -> pool 12.00 (end)"]  # 30 in the parts of 60 to 40
    assert ends(same) == []
    assert [(e.unit, e.payment) for e in first.transfers if e.kind == "end"] == [("money", "pool")] * 2
    assert [balance(x, "pool") for x in (first, less, same)] == [0, 0, 0]


def test_whoever_gave_it_all_back_gives_no_more() -> None:
    found = ended(POOL % "contributors", ("60", "40"), ("0", "0"), ("-10", "0"))
    assert ends(found[1]) == ["icb -> pool 60.00 (end)", "council -> pool 40.00 (end)"]
    assert ends(found[2]) == []
    assert balance(found[2], "pool") == 0  # accounts that are not parties bear no loss


def test_units_end_in_whole_ones() -> None:
    first, less = ended(UNITS, ("2", "1"), ("1", "1"))
    assert ends(first) == ["places -> icb 2.00 (end)", "places -> council 1.00 (end)"]
    assert ends(less) == ["icb -> places 1.00 (end)"]  # one unit is not divided
    assert [e.unit for e in less.transfers if e.kind == "end" and e.amount] == ["count"]


def test_what_each_has_of_a_payment_net_counts_its_payments_alone() -> None:
    """Not what funds the pool, nor the note of an advance."""
    made = contract(
        """\
        accounts: {pool: {}, advance: {may_go_below: any}}
        payments:
          p:
            pays_for: outcome
            funded: {from: icb, pays: 100 GBP, into: pool}
            start: 40% * pool.funded
            from: pool
            to: acute
          q: {pays_for: block, start: 50 GBP, from: icb, to: acute, owed: advance}
        examples:
          - title: Net
            period: 2026-27
            given: {}
            expect: {p.net by acute: 40, p.net by pool: -40, p.net by icb: 0, q.net by acute: 50, q.net by icb: -50}
        """
    )
    (found,) = run_examples(made)
    assert found.passed, found


def test_a_settlement_is_of_a_kind() -> None:
    with pytest.raises(ValueError, match=r"^kind is one of provisional, final, not 'finale'$"):
        alliance.settle(contract(""), "2026-27", {}, kind="finale")
    assert settled(contract("")).final is False
    assert settled(contract(""), kind="final").final is True


@pytest.mark.parametrize("status", ["undetermined", "not due"])
def test_what_is_not_determined_or_not_due_has_no_line(status: str) -> None:
    settles = "yearly" if status == "not due" else "quarterly"
    made = contract(
        f"inputs: {{x: {{unit: GBP}}}}\npayments: {{p: {{pays_for: block, settles: {settles}, start: x, from: icb, to: acute}}}}\n",
        settles="quarterly",
    )
    found = settled(made, "2026-27 Q1")
    assert (found.payment("p").status, found.transfers) == (status, ())


def test_a_payment_of_nothing_has_a_line_in_its_own_unit() -> None:
    found = settled(contract(UNITS, term="2026-04-01 2028-03-31"), "2026-27", {"a": "0", "b": "1"})
    assert [(t.payment, t.kind, t.payer, t.payee, t.amount, t.unit) for t in found.transfers] == [
        ("pa", "payment", "icb", "places", 0, "count"), ("pb", "payment", "council", "places", 1, "count"),
    ]  # fmt: skip


PASSED_ON = """\
accounts:
  pool: {ends: {to: contributors}}
  reserve: {title: Reserve, ends: {to: contributors}}
  lost: {title: Lost, ends: {to: contributors}, may_go_below: any}
inputs: {a: {unit: GBP}, b: {unit: GBP}, c: {unit: GBP}}
payments:
  pa: {pays_for: block, start: a, from: icb, to: pool}
  pb: {pays_for: block, start: b, from: council, to: pool}
  keep: {pays_for: block, start: 30 GBP, from: pool, to: reserve}
  back: {pays_for: block, start: c, from: reserve, to: pool}
  more: {pays_for: block, start: c, from: lost, to: reserve}
"""


def test_what_came_from_another_account_is_of_those_who_put_it_in_there() -> None:
    made = contract(PASSED_ON, term="2026-04-01 2027-03-31")
    found = settled(made, inputs={"a": "60", "b": "40", "c": "0"}, kind="final")
    assert moves(found)[-4:] == [
        "pool -> icb 42.00 (end)", "pool -> council 28.00 (end)", "reserve -> icb 18.00 (end)",
        "reserve -> council 12.00 (end)",
    ]  # fmt: skip
    assert found.notes == ()


SEVERAL = """\
accounts:
  pool: {ends: {to: contributors}}
  a1: {}
  a2: {}
  a3: {}
  a4: {}
  a5: {}
payments:
  p1: {pays_for: block, start: 60 GBP, from: icb, to: a1}
  p2: {pays_for: block, start: 40 GBP, from: council, to: a1}
  p3: {pays_for: block, start: 30 GBP, from: council, to: a2}
  p4: {pays_for: block, start: 10 GBP, from: acute, to: a2}
  p5: {pays_for: block, start: 100 GBP, from: icb, to: a3}
  p6: {pays_for: block, start: 1 GBP, from: community, to: a4}
  p7: {pays_for: block, start: 100 GBP, from: live_in, to: a5}
  q1: {pays_for: block, start: 50 GBP, from: a1, to: pool}
  q2: {pays_for: block, start: 20 GBP, from: a2, to: pool}
  q4: {pays_for: block, start: 1 GBP, from: a4, to: pool}
  q5: {pays_for: block, start: 7 GBP, from: a5, to: pool}
  back: {pays_for: block, start: 10 GBP, from: pool, to: a1}
  over: {pays_for: block, start: 5 GBP, from: pool, to: a3}
  out: {pays_for: outcome, start: 2 GBP, from: pool, to: acute}
  apart: {pays_for: block, start: 7 GBP, from: icb, to: acute}
"""


def test_what_came_from_several_accounts_is_of_those_who_put_it_in_each() -> None:
    """40 net of an account that is 60 to 40 theirs, 20 of one that is 30 to 10, 1 and 7; nothing of one that was paid."""
    found = settled(contract(SEVERAL, term="2026-04-01 2027-03-31"), kind="final")
    # of 61 that are left: 24 to the board, 16 and 15 to the council, 5 to the trust, 1, 7: in all 68
    assert ends(found) == [
        "pool -> icb 21.53 (end)",  # 61 * 24 / 68
        "pool -> council 27.81 (end)",  # 61 * 31 / 68
        "pool -> acute 4.48 (end)",  # 61 * 5 / 68, with the penny over
        "pool -> community 0.90 (end)",
        "pool -> live_in 6.28 (end)",
    ]


def test_what_came_by_way_of_accounts_is_of_whoever_began_it() -> None:
    body = """\
    accounts: {a0: {}, a1: {}, pool: {ends: {to: contributors}}}
    payments:
      p: {pays_for: block, start: 100 GBP, from: council, to: a0}
      q: {pays_for: block, start: 50 GBP, from: a0, to: a1}
      r: {pays_for: block, start: 20 GBP, from: a1, to: pool}
    """
    assert ends(settled(contract(body, term="2026-04-01 2027-03-31"), kind="final")) == ["pool -> council 20.00 (end)"]


def test_accounts_that_pay_each_other_in_a_circle_are_nobodys() -> None:
    body = """\
    accounts: {x: {may_go_below: any}, y: {may_go_below: any}, pool: {ends: {to: contributors}}}
    payments:
      p: {pays_for: block, start: 20 GBP, from: x, to: pool}
      q: {pays_for: block, start: 10 GBP, from: pool, to: y}
      r: {pays_for: block, start: 10 GBP, from: y, to: x}
    """
    found = settled(contract(body, term="2026-04-01 2027-03-31"), kind="final")
    assert (ends(found), balance(found, "pool")) == ([], 10)


def test_what_is_kept_by_party_ends_in_what_is_kept_by_party() -> None:
    body = """\
    accounts: {funds: {by: provider, ends: {to: reserves}}, reserves: {by: provider}, plain: {by: provider, ends: {to: icb}}}
    payments:
      p: {pays_for: block, each: provider, start: 10 GBP, from: icb, to: funds}
      q: {pays_for: block, each: provider, start: 1 GBP, from: icb, to: plain}
    """
    found = settled(contract(body, term="2026-04-01 2027-03-31"), kind="final")
    parties = ("acute", "community", "live_in")
    assert ends(found) == [
        *(f"funds/{party} -> reserves/{party} 10.00 (end)" for party in parties),
        *(f"plain/{party} -> icb 1.00 (end)" for party in parties),
    ]


def test_accounts_end_with_the_longest_period_of_the_contract() -> None:
    body = POOL % "icb" + "  pc: {settles: half-yearly, pays_for: block, start: 5 GBP, from: icb, to: acute}\n"
    made = contract(body, term="2026-04-01 2027-03-31", settles="quarterly")
    given = {"a": "60", "b": "40"}
    assert ends(settled(made, "2026-27 Q4", given, kind="final")) == []
    assert ends(settled(made, "2026-27 H2", {"periods": {"2026-27 Q3": given, "2026-27 Q4": given}}, kind="final")) == [
        "pool -> icb 200.00 (end)"
    ]


def test_what_is_left_is_told_by_its_party_and_in_the_currency() -> None:
    body = """\
    accounts: {funds: {title: Fund, by: provider}}
    payments: {p: {pays_for: block, each: provider, start: 0.25 KWD, from: icb, to: funds}}
    """
    made = contract(body, term="2026-04-01 2027-03-31", header=", currency: KWD")
    ending = "is still in it when the contract ends. It is for the parties to agree."
    assert settled(made, kind="final").notes == tuple(
        f"Fund, {party}: 0.250 {ending}" for party in ("acute", "community", "live_in")
    )


def test_what_nobody_contributed_to_is_told_to_be_still_there() -> None:
    """Accounts that pay each other in a circle, and one that has given what it never had."""
    made = contract(PASSED_ON, term="2026-04-01 2027-03-31")
    found = settled(made, inputs={"a": "0", "b": "0", "c": "12.5"}, kind="final")
    assert found.notes == (
        "Lost: 12.50 is lacking in it when the contract ends. It is for the parties to agree.",
        "Reserve: 12.50 is still in it when the contract ends. It is for the parties to agree.",
    )
    units = contract(UNITS.replace("ends: {to: contributors}", ""), term="2026-04-01 2027-03-31")
    [note] = settled(units, inputs={"a": "2", "b": "1"}, kind="final").notes
    assert note.endswith(": 3 is still in it when the contract ends. It is for the parties to agree.")
