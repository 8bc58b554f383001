"""Reading text into values by their declared units: what an input's or a record's text means."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from fractions import Fraction
from typing import Any

from alliance.contract.entries import Field, Reading
from alliance.contract.faults import NotOneOf
from alliance.contract.numbers import (
    Number,
    normal,
    parse_date,
    parse_duration,
    parse_number,
    parse_percent,
    size,
    to_decimal_text,
    to_exact_text,
)
from alliance.contract.units import Unit
from alliance.contract.values import UNUSABLE, Value

TRUE = frozenset({"yes", "true", "y", "1"})
FALSE = frozenset({"no", "false", "n", "0"})
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\Z")
_DIGIT = re.compile("[0-9]")
PLAIN = Reading({})


class Status(str):
    """A state that text stands for, in place of a value."""

    __slots__ = ()


def read_text(text: str | None, unit: Unit, reading: Reading = PLAIN) -> Value | Status:
    """The value of a text, or the state that it stands for. Raises `ValueError` with a plain message.

    Nothing at all is `missing`, unless the contract says what an empty text means.

    >>> from alliance.contract.units import PERCENT
    >>> read_text("12.5%", PERCENT)
    Fraction(1, 8)
    """
    found = "" if text is None else text.strip()
    if found in reading.words:
        found = reading.words[found]
        if found in UNUSABLE:
            return Status(found)
    elif not found:
        return Status("missing")
    elif found in UNUSABLE:
        return Status(found)
    if reading.hours and " " not in found:
        return normal(Fraction(_number(found)) / 24)
    return read_unit(found, unit, reading.points)


def read_unit(text: str, unit: Unit, points: bool = False) -> Value:
    """The value of a text by its unit."""
    kind = unit.kind
    if kind == "percent":
        return _percent(text, points)
    if kind in ("money", "count", "ratio"):
        return _number(text)
    if kind == "boolean":
        word = text.lower()
        if word in TRUE:
            return True
        if word in FALSE:
            return False
        raise ValueError(f'"{text[:40]}" is not yes or no.')
    if kind == "category":
        if text in unit.known:
            return text
        raise NotOneOf(text, unit.options, f'"{text[:40]}" is not one of {", ".join(unit.options[:12])}.')
    if kind == "date":
        return parse_date(text)
    if kind == "days":
        return parse_duration(text) if " " in text else _number(text)
    return text


def _number(text: str) -> Number:
    if any(unicodedata.category(c) == "Sc" for c in text):
        raise ValueError(f'"{text[:40]}" is not a number. Write the number without a currency sign.')
    if "," in text:
        if not _GROUPED.match(text):
            raise ValueError(f'"{text[:40]}" is not a number: a comma stands only between thousands.')
        text = text.replace(",", "")
    if not _DIGIT.search(text):
        raise ValueError(f'"{text[:40]}" is not a number. Leave it empty, or write missing, where nothing is known.')
    return parse_number(text)


def _percent(text: str, points: bool) -> Value:
    if text.endswith("%"):
        return parse_percent(text)
    value = _number(text)
    assert isinstance(value, (int, Fraction))
    if points:
        return normal(Fraction(value) / 100)
    if size(value) > 2:
        raise ValueError(
            f'"{text[:40]}" would be {to_decimal_text(value * 100)}%. '
            f"Write a percentage with its sign ({text[:40]}%), or as a share of 1."
        )
    return value


def read_field(text: str | None, field: Field, reading: Reading = PLAIN) -> Value:
    """The value of a field of a record; None where it is empty and may be."""
    found = "" if text is None else text.strip()
    found = reading.words.get(found, found)
    if not found or found == "missing":
        if field.optional:
            return None
        raise ValueError("it is empty, and is not optional.")
    value = read_unit(found, field.unit)
    if field.hours and " " not in found:
        assert isinstance(value, (int, Fraction))
        return normal(Fraction(value) / 24)
    if field.top and value not in range(1, field.top + 1):
        raise ValueError(f'"{found[:40]}" is not one of 1 to {field.top}.')
    return value


def as_text(value: Any) -> str | None:
    """A Python value given to the library, as the text that a file would hold. Floats are refused: they are not exact.

    Raises `TypeError` for anything that is not text, a whole number, Decimal, Fraction, date, bool or None.
    """
    from decimal import Decimal

    if value is None or isinstance(value, str):
        return None if getattr(value, "null", False) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite() or size(value.adjusted()) > 60:
            raise TypeError(f"{value} is not a number that can be settled")
        return format(value, "f")
    if isinstance(value, Fraction):
        text = to_exact_text(value)
        if "/" in text:
            raise TypeError(f"{value} has no end as a decimal: give the figure that it was rounded to")
        return text
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not exact: give text, int, Decimal or a date")
