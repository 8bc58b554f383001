"""From the binary numbers that workbooks and Parquet files hold to the decimal texts that somebody wrote.

A binary float stands for a decimal text only if that text, of at most the digits that the format keeps, is what it was
read from. A float with more digits is the trace of a calculation in binary: 1.1 * 3 is 3.3000000000000003. To pick a
decimal for it would be to round, and only a contract rounds.
"""

from __future__ import annotations

import datetime
import math
import struct
from decimal import Decimal

DIGITS = 15  # that every decimal keeps through a double, and that a spreadsheet shows
SINGLE_DIGITS = 6  # the same for a float of 32 bits

_WHOLE = 2**53  # below it every whole number has a double of its own
_SINGLE_WHOLE = 2**24


def number_text(value: float) -> str | None:
    """The decimal text of a finite double, without an exponent; nothing where it is a binary rounding.

    >>> number_text(12.0), number_text(0.122), number_text(1e-7), number_text(1.1 * 3)
    ('12', '0.122', '0.0000001', None)
    """
    if value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    text = repr(value)  # the shortest text that is read as this double
    if len(text) <= DIGITS + 1 and "e" not in text:  # a point, and so few digits
        return text
    text = format(value, f".{DIGITS}g")
    return plain(text) if float(text) == value else None


def single_text(value: float) -> str | None:
    """The same for a float of 32 bits, held in a double.

    >>> single_text(as_single(0.1)), single_text(as_single(1 / 3))
    ('0.1', None)
    """
    if value.is_integer() and abs(value) < _SINGLE_WHOLE:
        return str(int(value))
    text = format(value, f".{SINGLE_DIGITS}g")
    return plain(text) if as_single(float(text)) == value else None


def as_single(value: float) -> float:
    """The float of 32 bits nearest to a double, an infinity beyond the last one."""
    try:
        (single,) = struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:
        return math.copysign(math.inf, value)
    return float(single)


def plain(text: str) -> str:
    """A decimal text without an exponent.

    >>> plain("1.5e+20"), plain("-2e-3")
    ('150000000000000000000', '-0.002')
    """
    return format(Decimal(text), "f")


def date_text(value: datetime.date | datetime.time | datetime.timedelta) -> str:
    """A date or time in ISO form: a midnight is its date; a span of time is hours:minutes:seconds, as a sheet shows it.

    >>> date_text(datetime.datetime(2026, 4, 1)), date_text(datetime.datetime(2026, 4, 1, 9, 30))
    ('2026-04-01', '2026-04-01T09:30:00')
    >>> date_text(datetime.timedelta(days=1, hours=12, minutes=5))
    '36:05:00'
    """
    if isinstance(value, datetime.timedelta):
        return _span_text(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat()


def _span_text(value: datetime.timedelta) -> str:
    sign = "-" if value < datetime.timedelta() else ""
    seconds, micro = divmod(abs(value) // datetime.timedelta(microseconds=1), 1_000_000)
    fraction = f".{micro:06d}" if micro else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"
