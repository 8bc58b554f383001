"""A year of a pack's example contract, settled quarter by quarter, and what must be so of any such year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from alliance.contract.contract import Contract, load
from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle

PACKS = Path(__file__).parents[2] / "rules"
Q1, Q2, Q3, Q4 = QUARTERS = tuple(f"2026-27 Q{n}" for n in (1, 2, 3, 4))
HELD = "withheld"


@cache
def example_of(pack: str) -> Contract:
    """The example contract of a pack."""
    return load(PACKS / pack / "example")


def quarters(contract: Contract, given: Sequence[Mapping[str, Any]], kind: str = "final") -> list[Settlement]:
    """Quarters settled one after the other, each on what the last one left."""
    found: list[Settlement] = []
    for period, inputs in zip((*QUARTERS, *(f"2027-28 Q{n}" for n in (1, 2, 3, 4))), given, strict=False):
        found.append(settle(contract, period, inputs, found[-1] if found else None, kind=kind))
        balanced(found[-1])
    return found


def balanced(s: Settlement) -> None:
    """Every account closes with what it had and what came and went; and what is held back is what the register says."""
    for b in s.balances:
        assert b.opening + b.money_in - b.money_out == b.closing
    held: dict[str, Any] = {}
    for item in s.closing.held:
        if not item.let_go:
            held[item.key] = held.get(item.key, 0) + item.amount
    assert {k: v for k, v in s.closing.balances.get(HELD, {}).items() if v} == held


def paid(found: Sequence[Settlement], payment: str) -> dict[tuple[str, str], Any]:
    """What was moved of a payment in several settlements, between whom; held money under one name."""
    moved: dict[tuple[str, str], Any] = {}
    for s in found:
        for t in s.transfers:
            if t.payment == payment and t.amount:
                payer, payee = (n.partition("/")[0] for n in (t.payer, t.payee))
                back = (payee, payer) in moved
                at, sign = ((payee, payer), -1) if back else ((payer, payee), 1)
                moved[at] = moved.get(at, 0) + sign * t.amount
    return {at: amount for at, amount in moved.items() if amount}


def amounts(s: Settlement) -> list[Any]:
    """What moves in a settlement."""
    return sorted((t.payment, t.kind, t.payer, t.payee, t.amount) for t in s.transfers if t.amount)


def backwards(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the rows of its records, and what is given at all, the other way round."""
    items = reversed([(k, v[::-1] if isinstance(v, list) else v) for k, v in given.items()])
    return dict(items)


def holds_of_any_year(pack: str, given: Sequence[Mapping[str, Any]], year: Mapping[str, Any]) -> list[Settlement]:
    """Settle a year, and check what is so of all: a settlement again posts nothing, the order of rows and the matcher
    change nothing, and the quarters with the true-up move what the year comes to. The settlements, the year's last."""
    contract = example_of(pack)
    found = quarters(contract, given)
    opening: Settlement | None = None
    for period, inputs, before in zip(QUARTERS, given, found, strict=False):
        turned = settle(contract, period, backwards(inputs), opening, kind="final")
        assert amounts(turned) == amounts(before)
        assert turned.digest == before.digest
        plain = settle(contract, period, inputs, opening, kind="final", rules_engine="plain")
        assert plain.digest == before.digest
        again = settle(contract, period, inputs, before, kind="final")
        assert not amounts(again), f"{period} settled again"
        balanced(again)
        opening = before
    whole = settle(contract, "2026-27", year, found[-1], kind="final")
    balanced(whole)
    again = settle(contract, "2026-27", year, whole, kind="final")
    assert not amounts(again), "the year settled again"
    found.append(whole)
    return found
