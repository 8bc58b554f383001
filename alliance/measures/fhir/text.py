"""JSON with exact decimals, in and out."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from alliance.contract.numbers import MOST_DIGITS, Number, normal, to_decimal_text

MOST_DEPTH = 60


class Refused(ValueError):
    """A text that is not JSON, or holds what is not read."""


def read_json(text: str) -> Any:
    """Plain values of a JSON text, its numbers exact: `int` and `Decimal`. Raises `Refused`.

    A key that stands twice, a number with an exponent or too many digits, and deep nesting are refused.
    """

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) != len(found):
            twice = next(key for key, _ in found if [k for k, _ in found].count(key) > 1)
            raise Refused(f"the key {twice[:40]!r} stands twice in one object")
        return made

    def exact(text: str) -> Decimal:
        if len(text) > MOST_DIGITS or "e" in text.lower():
            raise Refused("a number has an exponent, or too many digits")
        return Decimal(text)

    def whole(text: str) -> int:
        if len(text) > MOST_DIGITS:
            raise Refused("a number has too many digits")
        return int(text)

    def constant(text: str) -> Any:
        raise Refused(f"{text} is not a number")

    if _too_deep(text):
        raise Refused("it is nested too deep")
    try:
        return json.loads(text, parse_float=exact, parse_int=whole, parse_constant=constant, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise Refused(f"{error.msg.lower()} (line {error.lineno}, column {error.colno})") from None


def _too_deep(text: str) -> bool:
    """Whether brackets stand deeper than anything in a report, texts left out."""
    depth = 0
    for bracket in re.finditer(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', text, re.S):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(bracket.group(), 0)
        if depth > MOST_DEPTH:
            return True
    return False


def write_json(value: Any) -> str:
    """A JSON text of plain values, decimals written as they are.

    >>> print(write_json({"value": Decimal("0.10")}), end="")
    {
      "value": 0.10
    }
    """
    return _written(value, "\n") + "\n"


def _written(value: Any, line: str) -> str:
    inside = line + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_written(part, inside)}" for key, part in value.items()]
        return f"{{{inside}{f',{inside}'.join(parts)}{line}}}" if parts else "{}"
    if isinstance(value, list):
        parts = [_written(part, inside) for part in value]
        return f"[{inside}{f',{inside}'.join(parts)}{line}]" if parts else "[]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value)


def decimal(number: Number) -> Decimal:
    """An exact number as a decimal: as it is where it terminates, else to 12 places."""
    return Decimal(to_decimal_text(number))


def number(value: object) -> Number | None:
    """An exact number from a decimal of a report; None for anything else."""
    return normal(Fraction(value)) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
