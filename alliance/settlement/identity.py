"""Names: the hash of what a settlement was made from, and the digest of what it came to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from alliance.contract.contract import Contract
from alliance.contract.numbers import to_exact_text
from alliance.contract.working_days import calendar_version
from alliance.settlement.brought import Brought
from alliance.settlement.state import State, write_value

if TYPE_CHECKING:
    from alliance.settlement.result import Balance, FigureResult, MeasureResult, Transfer


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def settlement_name(contract: Contract, period: str, kind: str, as_of: date, brought: Brought, opening: State) -> str:
    """The name of a settlement: the same for the same contract, period, kind, as-of date, inputs and opening."""
    found: list[Any] = [contract.digest, period, kind, as_of.isoformat(), brought.canonical(), opening.as_dict()]
    if contract.built.working_days:
        found.append(calendar_version())
    return digest(found)


def result_digest(
    transfers: Iterable[Transfer],
    figures: Iterable[FigureResult],
    measures: Iterable[MeasureResult],
    balances: Iterable[Balance],
) -> str:
    """The digest of transfers, figures and balances, in no order: that of a contract's entries has no meaning."""
    return digest(
        [
            sorted([t.payment, t.kind, t.payer, t.payee, to_exact_text(t.amount), t.unit] for t in transfers),
            sorted(([f.name, f.key, write_value(f.value)] for f in figures), key=_entry),
            sorted(
                ([m.name, m.key, write_value(m.value), m.status, write_value(m.score)] for m in measures), key=_entry
            ),
            sorted(
                [b.account, b.key, *map(to_exact_text, (b.opening, b.money_in, b.money_out, b.closing))]
                for b in balances
            ),
        ]
    )


def state_digest(state: State) -> str:
    """The digest of a closing state."""
    return digest(state.as_dict())


def _entry(row: list[Any]) -> list[Any]:
    return row[:2]
