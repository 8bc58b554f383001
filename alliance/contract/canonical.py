"""The canonical form of what a contract or data says, for the hash that names a settlement.

Parties, payments and rules keep their order, which has meaning; every other mapping has none. Decimals are normalised,
so `6_000_000.00` and `6000000` are one. Comments, layout, places and quotes are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliance.contract.numbers import parse_number, parse_percent, to_exact_text

ORDERED = ("parties", "payments", "rules")


def canonical(node: Any, top: bool = True) -> Any:
    """Plain JSON values that are equal exactly where two contracts say the same."""
    if isinstance(node, Mapping):
        found = {}
        for key, value in node.items():
            inner = canonical(value, False)
            found[str(key)] = (
                [[k, v] for k, v in inner.items()] if top and key in ORDERED and isinstance(inner, dict) else inner
            )
        return found
    if isinstance(node, list):
        return [canonical(item, False) for item in node]
    return canonical_text(str(node))


def canonical_text(text: str) -> str:
    """A number or percentage in its one normal spelling; other text with its spaces folded."""
    folded = " ".join(text.split())
    try:
        if folded.endswith("%"):
            return to_exact_text(parse_percent(folded) * 100) + "%"
        return to_exact_text(parse_number(folded))
    except ValueError:
        return folded
