"""The canonical form of what a contract or data says, for the hash that names a settlement.

Parties, payments and rules keep their order, which has meaning; every other mapping has none. Decimals are normalised,
so `6_000_000.00` and `6000000` are one. Comments, layout, places and quotes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alliance.contract.numbers import parse_number, parse_percent, to_exact_text

ORDERED = ("parties", "payments", "rules")
_FIGURE = re.compile(r"-?(0|[1-9][0-9_]*)(\.[0-9_]+)? ?%?")  # what has a leading zero may be a code


def canonical(node: Any) -> Any:
    """Plain JSON values that are equal exactly where two contracts say the same."""
    found = _plain(node)
    for part in (found, *found.get("variations", ())):
        for name in ORDERED:
            if isinstance(part.get(name), dict):
                part[name] = [[key, value] for key, value in part[name].items()]
    return found


def _plain(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    return canonical_text(str(node))


def canonical_text(text: str) -> str:
    """A number or percentage in its one normal spelling; other text with its spaces folded.

    >>> canonical_text("6_000_000.00"), canonical_text("12.20%"), canonical_text("007")
    ('6000000', '12.2%', '007')
    """
    folded = " ".join(text.split())
    if not _FIGURE.fullmatch(folded):
        return folded
    try:
        if folded.endswith("%"):
            return to_exact_text(parse_percent(folded) * 100) + "%"
        return to_exact_text(parse_number(folded))
    except ValueError:
        return folded
