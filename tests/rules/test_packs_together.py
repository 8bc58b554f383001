"""Several packs on one payment: each takes its own, together no more than there is, and all of it adds up."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from alliance.contract.contract import Contract, loads
from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, QUARTERS, balanced, quarters

HEAD = """
alliance: 1
contract: {id: t, title: Together, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, working_days: England}
parties:
  icb: {name: Board, role: commissioner}
  council: {name: Council, role: commissioner}
  elms: {name: The Elms, role: provider}
  willows: {name: Willow House, role: provider, from: 2026-10-01}
terms: {price: {unit: GBP a year, by: provider, value: {elms: 40_000, willows: 20_000}}}
inputs:
  quality: {unit: percent, by: provider, due: 10 days}
  rating: {unit: count, by: provider}
  disputes:
    events: {reference: id, party: party, raised_by: party, about: date, raised: date, amount: GBP}
    unique: [reference]
  rulings: {events: {dispute: id, ruled: date, outcome: text}}
payments:
  support: {pays_for: outcome, each: provider, start: price, from: {icb: 60%, council: 40%}, to: provider}
rules:
"""
PACKS = (
    "  - {use: under-performance-ladder, with: {payment: support, poor: quality < 50%, share: 20%}}\n",
    "  - {use: dispute-hold, with: {payment: support}}\n",
    "  - {use: quality-gate, with: {payment: support, passes: rating >= 2}}\n",
    "  - {use: late-data, with: {payment: support, input: quality, first: 1%, at_most: 1%}}\n",
)


def contract(packs: Any = PACKS) -> Contract:
    return loads(HEAD + "".join(packs))


def given(elms: Any = "40%", willows: Any = "80%", rating: int = 3, **more: Any) -> dict[str, Any]:
    registers: dict[str, Any] = {"disputes": [], "rulings": []}
    return {
        "quality": {"elms": elms, "willows": willows},
        "rating": {"elms": rating, "willows": 3},
        **registers,
        **more,
    }


def dispute(about: str, amount: int) -> dict[str, Any]:
    return {
        "reference": f"D {about}", "party": "elms", "raised_by": "icb", "about": about, "raised": about, "amount": str(amount),
    }  # fmt: skip


LATE = {"value": "40%", "received": "2027-05-01"}
FOURTH = given(LATE, disputes=[dispute("2027-02-01", 7_000)])


def test_a_deduction_then_a_share_withheld_then_an_amount_held() -> None:
    found = quarters(contract(), [given(), given(), given(), FOURTH])
    last = found[-1]
    # 10,000 less 1% for the report; a fifth of what is left, 1,980, withheld; 7,000 in dispute; 920 paid
    assert last.payment("support").earned == 9_900 + 5_000
    assert sorted(h.amount for h in last.closing.held) == [792, 1_188, 2_800, 4_200]  # by each payer's part
    assert last.paid("icb", "elms", "support") + last.paid("council", "elms", "support") == 920


@pytest.mark.parametrize("packs", list(permutations(PACKS)))
def test_the_order_of_packs_changes_nothing_that_moves(packs: tuple[str, ...]) -> None:
    ends = {
        (
            s.payment("support").earned,
            tuple(sorted((t.kind, t.payer, t.amount) for t in s.transfers if t.payee == "elms")),
        )
        for s in quarters(contract(packs), [given(), given(), given(), FOURTH])[-1:]
    }
    assert ends == {(14_900, (("payment", "council", 368), ("payment", "icb", 552)))}


def test_more_in_dispute_than_is_left_takes_what_is_left() -> None:
    more = given(LATE, disputes=[dispute("2027-02-01", 50_000)])
    last = quarters(contract(), [given(), given(), given(), more])[-1]
    assert last.paid("icb", "elms", "support") == last.paid("council", "elms", "support") == 0
    assert sum(h.amount for h in last.closing.held) == 9_900


def test_what_a_gate_shuts_leaves_nothing_to_hold() -> None:
    s = settle(contract(), Q1, given(rating=1, disputes=[dispute("2026-05-01", 700)]), kind="final")
    assert s.payment("support").earned == 0
    assert not s.closing.held


def test_each_payer_has_its_own_part_back() -> None:
    first = settle(contract(), Q1, given(disputes=[dispute("2026-05-01", 1_000)]), kind="final")
    ruled = [{"dispute": "D 2026-05-01", "ruled": "2026-08-01", "outcome": "return"}]
    second = settle(contract(), QUARTERS[1], given("80%", rulings=ruled), first, kind="final")
    back = {(t.payee, t.amount) for t in second.transfers if t.kind == "reversal"}
    assert back == {("icb", 600), ("council", 400)}
    balanced(second)


def test_a_provider_that_joins_is_on_no_ladder_and_late_with_nothing_before() -> None:
    found = quarters(contract(), [given("80%", "10%"), given("80%", "10%"), given("80%", "10%"), given("80%", "10%")])
    due = [(d.of, d.period) for d in found[-1].closing.duties]
    assert due == [("willows", "2026-27 Q4")]
    assert [s.payment("support").earned for s in found] == [10_000, 10_000, 15_000, 15_000]


def test_the_year_is_its_quarters() -> None:
    each = [given(), given(), given(), FOURTH]
    found = quarters(contract(), each)
    year = {
        **given(disputes=FOURTH["disputes"]),
        "periods": {
            q: {k: v for k, v in g.items() if k in ("quality", "rating")} for q, g in zip(QUARTERS, each, strict=True)
        },
    }
    year = {k: v for k, v in year.items() if k not in ("quality", "rating")}
    whole = settle(contract(), "2026-27", year, found[-1], kind="final")
    assert not [t for t in whole.transfers if t.amount]
    assert whole.payment("support").earned == sum(s.payment("support").earned for s in found)
    balanced(whole)
