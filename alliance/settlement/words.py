"""Values in words, the same wherever they are printed: money to the penny, percentages with their sign."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from alliance.contract.numbers import Number, size, to_decimal_text
from alliance.contract.values import Unknown, Value


def money_text(amount: Number, places: int = 2) -> str:
    """An amount with thousands set apart and its minor units: -1,234.50.

    >>> money_text(-1234)
    '-1,234.00'
    """
    text = to_decimal_text(amount, places)
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = digits.partition(".")
    grouped = f"{int(whole):,}"
    return f"{sign}{grouped}.{part}" if part else f"{sign}{grouped}"


def value_text(value: Value, unit: str, places: int = 2) -> str:
    """Any value as a person reads it, by the kind of its unit.

    >>> value_text(Fraction(61, 500), "percent")
    '12.2%'
    """
    if value is None:
        return "-"
    if isinstance(value, Unknown):
        return f"not known ({value})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if unit == "money":
        exact = to_decimal_text(value)
        short = len(exact.partition(".")[2]) <= places
        return money_text(value, places) if short else money_text(value, 4)
    if unit == "percent":
        return trimmed(value * 100) + "%"
    if unit == "days":
        return f"{trimmed(value)} days"
    return trimmed(value, grouped=True)


def trimmed(value: Number, places: int = 6, grouped: bool = False) -> str:
    """A number with no more than so many decimals and no zeros after the last that counts."""
    text = to_decimal_text(Fraction(value), places)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if grouped and size(value) >= 10_000:
        whole, _, part = text.partition(".")
        text = f"{int(whole):,}" + (f".{part}" if part else "")
    return text
