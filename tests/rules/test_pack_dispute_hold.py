"""Disputes over a year: held, ruled on, settled again, and left alone by the true-up."""

from __future__ import annotations

from typing import Any

from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, Q2, balanced, example_of, holds_of_any_year, paid, quarters


def dispute(name: str, amount: int | str = 1_200, party: str = "elms", **more: str) -> dict[str, Any]:
    said = {"raised_by": "council", "about": "2026-05-01", "raised": "2026-07-10", **more}
    return {"reference": name, "party": party, "amount": str(amount), **said}


def ruling(name: str, outcome: str, ruled: str = "2026-08-20") -> dict[str, Any]:
    return {"dispute": name, "outcome": outcome, "ruled": ruled}


def let_go(s: Settlement) -> list[tuple[str, str, Any]]:
    return sorted((t.kind, t.payee, t.amount) for t in s.transfers if t.payer.startswith("withheld/"))


DISPUTES = [dispute("D1"), dispute("D2", 300, about="2026-06-30"), dispute("D3", 500, "willows")]


def test_a_year_of_three_disputes() -> None:
    rulings = [ruling("D1", "pay"), ruling("D2", "return"), ruling("D3", "pay", "2027-01-05")]
    register = {"disputes": DISPUTES, "rulings": rulings}
    found = holds_of_any_year(
        "dispute-hold", [{"disputes": DISPUTES, "rulings": []}, register, register, register], register
    )
    assert [let_go(s) for s in found] == [
        [],
        [("release", "elms", 1_200), ("reversal", "council", 300)],
        [],
        [("release", "willows", 500)],
        [],
    ]
    assert found[-1].payment("support").earned == 64_000
    assert not [t for t in found[-1].transfers if t.amount]
    every = paid(found, "support")
    assert every["council", "elms"] == 38_500
    assert every["withheld", "elms"] == 1_200
    assert every["council", "willows"] == 23_500
    assert every["withheld", "willows"] == 500
    assert every["council", "withheld"] == 1_700  # 2,000 held, 300 of it returned


def test_a_ruling_lets_go_of_its_own_dispute_and_no_other() -> None:
    first, second = quarters(
        example_of("dispute-hold"), [{"disputes": DISPUTES}, {"disputes": DISPUTES, "rulings": [ruling("D2", "pay")]}]
    )
    assert sum(h.amount for h in first.closing.held) == 2_000
    assert let_go(second) == [("release", "elms", 300)]
    assert sorted(h.facts["reference"] for h in second.closing.held if not h.let_go) == ["D1", "D3"]


def test_the_rulings_alone_are_enough_later() -> None:
    """Which dispute held the money is remembered: the register of disputes need not be brought again."""
    first = settle(example_of("dispute-hold"), Q1, {"disputes": DISPUTES}, kind="final")
    second = settle(example_of("dispute-hold"), Q2, {"rulings": [ruling("D1", "return")]}, first, kind="final")
    assert let_go(second) == [("reversal", "council", 1_200)]
    balanced(second)


def test_a_ruling_withdrawn_is_held_again_and_one_changed_goes_the_other_way() -> None:
    contract = example_of("dispute-hold")
    first = settle(contract, Q1, {"disputes": DISPUTES}, kind="final")
    second = settle(contract, Q2, {"rulings": [ruling("D1", "pay")]}, first, kind="final")
    none = settle(contract, Q2, {"disputes": [], "rulings": []}, second, kind="final")
    assert [(t.kind, t.payer, t.amount) for t in none.transfers if t.amount] == [("release", "elms", 1_200)]
    other = settle(contract, Q2, {"disputes": [], "rulings": [ruling("D1", "return")]}, second, kind="final")
    moved = sorted((t.kind, t.payer.partition("/")[0], t.payee.partition("/")[0]) for t in other.transfers if t.amount)
    assert moved == [("release", "elms", "withheld"), ("reversal", "withheld", "council")]
    for s in (none, other):
        balanced(s)


def test_a_dispute_raised_once_the_quarter_is_paid_takes_nothing_back() -> None:
    contract = example_of("dispute-hold")
    first = settle(contract, Q1, {}, kind="final")
    again = settle(contract, Q1, {"disputes": DISPUTES, "rulings": []}, first, kind="final")
    assert not [t for t in again.transfers if t.amount]


def test_the_state_survives_its_json() -> None:
    from alliance.settlement.state import State

    first = settle(example_of("dispute-hold"), Q1, {"disputes": DISPUTES}, kind="final")
    assert State.from_dict(first.closing.as_dict()) == first.closing


def test_who_raises_it_owes_reasons_and_the_payee_is_told() -> None:
    s = settle(example_of("dispute-hold"), Q1, {"disputes": [dispute("D1")]}, kind="final")
    assert [(d.what, d.of, str(d.due)) for d in s.closing.duties] == [
        ("reasons for the dispute", "council", "2026-07-24")
    ]
    assert [n.to for n in s.notices] == ["elms"]
