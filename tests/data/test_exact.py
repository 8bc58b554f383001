from __future__ import annotations

import datetime
import math
import struct
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.data.exact import as_single, date_text, number_text, single_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.1, "-0.1"),
        (0.000123, "0.000123"),
        (1.5e-5, "0.000015"),
        (999999999999999.0, "999999999999999"),
        (9007199254740991.0, "9007199254740991"),
        (9007199254740993.0, None),
        (1e22, "10000000000000000000000"),
        (0.1 + 0.2, None),
        (3.3000000000000003, None),
        (1 / 3, None),
        (0.333333333333333, "0.333333333333333"),
        (123456789.123456, "123456789.123456"),
        (-123456789012.345, "-123456789012.345"),
    ],
)
def test_numbers(value: float, expected: str | None) -> None:
    assert number_text(value) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_a_decimal_that_a_sheet_can_hold_comes_back(value: Decimal) -> None:
    text = number_text(float(value))
    if len(value.normalize().as_tuple().digits) <= 15:
        assert text is not None
        assert Decimal(text) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_text_is_plain_and_stands_for_its_float(value: float) -> None:
    text = number_text(value)
    if text is None:
        assert float(format(value, ".15g")) != value
    else:
        assert set(text) <= set("-0123456789.")
        assert float(text) == value
        if "." not in text and abs(value) < 2**53:
            assert Fraction(text) == Fraction(value)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_floats_of_32_bits(value: float) -> None:
    text = single_text(value)
    if text is not None:
        assert struct.pack("f", float(text)) == struct.pack("f", value + 0.0)


def test_a_double_beyond_all_floats_of_32_bits() -> None:
    assert (as_single(1e300), as_single(-1e300)) == (math.inf, -math.inf)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7.0, "7"), (16777216.0, None), (1e10, "10000000000"), (struct.unpack("f", b"\xff\xff\x7f\x7f")[0], None)],
)
def test_single(value: float, expected: str | None) -> None:
    assert math.isfinite(value)
    assert single_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime.date(2026, 4, 1), "2026-04-01"),
        (datetime.datetime(2026, 4, 1), "2026-04-01"),
        (datetime.datetime(2026, 4, 1, 0, 0, 0, 5), "2026-04-01T00:00:00.000005"),
        (datetime.time(9, 30), "09:30:00"),
        (datetime.timedelta(hours=100, seconds=1, microseconds=20), "100:00:01.000020"),
        (datetime.timedelta(minutes=-90), "-01:30:00"),
    ],
)
def test_dates(value: datetime.date | datetime.time | datetime.timedelta, expected: str) -> None:
    assert date_text(value) == expected
