"""Values in words: exact where they end, to so many places where they do not."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.values import Reason, Unknown
from alliance.settlement.words import money_text, trimmed, value_text


@pytest.mark.parametrize(("value", "unit", "text"), [
    (None, "money", "-"),
    (Unknown((Reason("x", "missing"),)), "money", "not known (x is missing)"),
    (True, "boolean", "yes"),
    (False, "boolean", "no"),
    (date(2026, 4, 1), "date", "2026-04-01"),
    ("home", "category", "home"),
    (1234567, "money", "1,234,567.00"),
    (Fraction(-5, 4), "money", "-1.25"),
    (Fraction(1, 3), "money", "0.3333"),
    (Fraction(61, 500), "percent", "12.2%"),
    (Fraction(1, 3), "percent", "33.333333%"),
    (Fraction(3, 2), "days", "1.5 days"),
    (1480, "count", "1480"),
    (14800, "count", "14,800"),
    (Fraction(-29601, 2), "ratio", "-14,800.5"),
    (Fraction(-1, 10**9), "ratio", "0"),
])  # fmt: skip
def test_value(value: Any, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


def test_money_and_places() -> None:
    assert (money_text(1234, 0), money_text(Fraction(1, 2), 3), value_text(5, "money", 0)) == ("1,234", "0.500", "5")
    assert (trimmed(Fraction(5, 1), 2), trimmed(100, 0)) == ("5", "100")
