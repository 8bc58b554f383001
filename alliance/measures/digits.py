"""How many digits a number of a record has at most: the same wherever it is read, so that no result depends on that."""

from __future__ import annotations

from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.values import Value

PLACES = {"money": 4, "percent": 8, "count": 6, "days": 6, "ratio": 6}  # a percentage is a share of one
DIGITS = {"money": 12, "percent": 2, "count": 10, "days": 6, "ratio": 6}  # before the point


def scale(field: e.Field) -> int:
    """Into how many whole parts one of a number is divided. Hours are parts of a day."""
    return int(10 ** PLACES[field.unit.kind]) * (24 if field.hours else 1)


def before(field: e.Field) -> int:
    """Digits before the point."""
    return DIGITS[field.unit.kind] + (2 if field.hours else 0)


def most(field: e.Field) -> int:
    """The largest whole number that a field's column holds."""
    return int(10 ** (before(field) + PLACES[field.unit.kind]))


def held(field: e.Field, value: Value) -> int | None:
    """A number in the whole parts of its column; None where it has more digits than that."""
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        return None
    parts = Fraction(value) * scale(field)
    return int(parts) if parts.denominator == 1 and abs(parts) <= most(field) else None


def too_long(field: e.Field, value: Value) -> str:
    """What is wrong with the digits of a value; nothing where a record holds it."""
    kind = field.unit.kind
    if kind not in PLACES or not isinstance(value, int | Fraction) or held(field, value) is not None:
        return ""
    percent = kind == "percent"
    if abs(Fraction(value)) * scale(field) > most(field):
        largest = 10 ** (before(field) + (2 if percent else 0))
        return f"is too large: at most {largest:,}{'%' if percent else ''} is read."
    return f"has too many decimals: at most {PLACES[kind] - (2 if percent else 0)} are read."
