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
