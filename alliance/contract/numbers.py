"""Exact numbers, and reading and writing them: no binary float, ever.

Text becomes `int` where the value is whole and `Fraction` where it is not, and stays exact until something rounds it.
What cannot be read raises `ValueError` with a message for the person who wrote it; the caller knows the place.
"""

from __future__ import annotations

import calendar
import datetime
import math
import re
from collections.abc import Sequence
from fractions import Fraction

Number = int | Fraction

MOST_DIGITS = 60  # of a number that is written by hand, in a contract or in data
MOST_EXACT_DIGITS = 1500  # of one side of an exact text: of a decimal point, or of a fraction
MOST_PLACES = 60  # to round to, either side of the point
PRINTED_PLACES = 12  # of what does not terminate
FIRST_YEAR, LAST_YEAR = 1900, 2200
_MOST_SHOWN = 40
_TOO_LONG: int = 10**MOST_EXACT_DIGITS
_TENS: tuple[int, ...] = tuple(10**places for places in range(MOST_PLACES + 1))

_NUMBER = re.compile(r"([+-]?)([0-9]+(?:_[0-9]+)*)(?:\.([0-9]+(?:_[0-9]+)*))?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LOOSE_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DURATION = re.compile(r"([^ ]+) +([^ ].*)")
_EXACT = re.compile(r"(-?)([0-9]+)(?:([./])([0-9]+))?")
_DAYS: dict[str, Number] = {"hour": Fraction(1, 24), "day": 1, "week": 7}
_HINTS: tuple[tuple[str, str], ...] = (  # what may be wrong with a number, the first that is found
    (r"^\D+$", "Write it as 1250 or 1250.50."),
    (r"[0-9] ?(?:k|m|mn|bn|K|M|thousand|million|billion)$", "Write it out in full, as in 5_000_000."),
    (r"\s", "A number has no spaces in it; digits may be set apart with _, as in 1_250."),
    (r"[$£€¥].*,", "Write it without a currency sign or commas; digits may be set apart with _, as in 1_250.50."),
    (r"[−–—]", "Write the minus sign as a hyphen: -5."),
    (r"[$£€¥]", "Write the number without a currency sign."),
    (r",", "Write it without commas; digits may be set apart with _, as in 1_250.50."),
    (r"%$", "A percentage is not expected here; write the plain number."),
    (r"^[+-]?\.[0-9]", "Write a digit before the point, as in 0.5."),
    (r"[0-9]\.$", "Write a digit after the point, as in 5.0, or leave the point out."),
    (r"^[+-]?[0-9._]+[eE]", "Write it out in full, without an exponent."),
    (r"^[+-]?0[xXoObB]", "Write it in ordinary decimal digits."),
    (r"_", "An underscore may only stand between two digits."),
    (r"[^\x00-\x7f]", "Write it with the digits 0 to 9 only."),
)


def _shown(text: str) -> str:
    return f'"{text[: _MOST_SHOWN - 1]}…"' if len(text) > _MOST_SHOWN else f'"{text}"'


def normal(x: Number) -> Number:
    """The same value as an `int` where it is whole.

    >>> normal(Fraction(4, 2)), normal(Fraction(1, 2))
    (2, Fraction(1, 2))
    """
    return x.numerator if x.denominator == 1 else x


# ---- reading


def size(x: Number) -> Number:
    """The number without its sign.

    >>> size(-3)
    3
    """
    return x if x >= 0 else -x


def parse_number(text: str) -> Number:
    """A decimal number from its text: a sign, digits that `_` may set apart, a point and more digits.

    >>> parse_number("1_480"), parse_number("-0.125")
    (1480, Fraction(-1, 8))
    """
    match = _NUMBER.fullmatch(text)
    if not match:
        if not text:
            raise ValueError("There is no number here.")
        hint = next((hint for pattern, hint in _HINTS if re.search(pattern, text)), "Write it as 1250 or 1250.50.")
        raise ValueError(f"{_shown(text)} is not a number. {hint}")
    sign, whole, part = match.groups("")
    part = part.replace("_", "")
    digits = whole.replace("_", "") + part
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"{_shown(text)} has {len(digits)} digits, and a number may have {MOST_DIGITS} at most.")
    size = int(digits)
    return normal(Fraction(-size if sign == "-" else size, 10 ** len(part))) if part else -size if sign == "-" else size


def parse_percent(text: str) -> Number:
    """A percentage from its text, as a share of one.

    >>> parse_percent("12.2%"), parse_percent("100 %")
    (Fraction(61, 500), 1)
    """
    if not text.endswith("%"):
        raise ValueError(f"{_shown(text)} is not a percentage. Write it with a percent sign, as in 12.5%.")
    number = text[:-1].rstrip(" ")
    if not number:
        raise ValueError(f"{_shown(text)} is not a percentage. Write a number before the percent sign, as in 12.5%.")
    if number.endswith("%"):
        raise ValueError(f"{_shown(text)} is not a percentage. Write one percent sign, as in 12.5%.")
    return normal(Fraction(parse_number(number), 100))


def parse_date(text: str) -> datetime.date:
    """A date from its text: year, month and day, as ISO 8601 writes it.

    >>> parse_date("2026-04-01")
    datetime.date(2026, 4, 1)
    """
    match = _DATE.fullmatch(text)
    if not match:
        loose = _LOOSE_DATE.fullmatch(text)
        if loose:
            year, month, day = loose.groups()
            raise ValueError(
                f"{_shown(text)} is not a date. Write month and day with two digits: {year}-{month:0>2}-{day:0>2}."
            )
        raise ValueError(f"{_shown(text)} is not a date. Write year, month and day, as in 2026-04-01.")
    year, month, day = (int(group) for group in match.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{_shown(text)} is not a date from {FIRST_YEAR} to {LAST_YEAR}. Check the year.")
    if not 1 <= month <= 12:
        raise ValueError(f"{_shown(text)} is not a date: months are 01 to 12. Write year, month and day.")
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        name = f"February {year}" if month == 2 else calendar.month_name[month]
        raise ValueError(f"{_shown(text)} is not a date: {name} has {last} days.")
    return datetime.date(year, month, day)


def parse_duration(text: str) -> Number:
    """A duration from its text, in days: hours, days or weeks.

    >>> parse_duration("6 weeks"), parse_duration("48 hours"), parse_duration("12 hours")
    (42, 2, Fraction(1, 2))
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(f"{_shown(text)} is not a duration. Write a number, a space and a unit, as in 30 days.")
    amount, unit = match.groups()
    days = _DAYS.get(unit.removesuffix("s"))
    if days is None:
        if unit.startswith(("working", "business")):
            hint = "Working days depend on where they begin; a duration has hours, days or weeks."
        elif unit.removesuffix("s") in ("month", "quarter", "half-year", "year"):
            hint = f"A {unit.removesuffix('s')} has no fixed length; write days or weeks."
        else:
            hint = "A duration is in hours, days or weeks."
        raise ValueError(f"{_shown(text)} is not a duration. {hint}")
    number = parse_number(amount)
    if number < 0:
        raise ValueError(f"{_shown(text)} is not a duration. It cannot be less than nothing.")
    return normal(number * days)


# ---- writing


def _twos_and_fives(denominator: int) -> int | None:
    """How many decimal places one part in so many takes, or nothing where no number of them is enough."""
    twos = (denominator & -denominator).bit_length() - 1
    rest = denominator >> twos
    if pow(5, rest.bit_length(), rest):  # not a power of five; told apart without dividing over and over
        return None
    fives = 0
    while rest != 1:
        rest //= 5
        fives += 1
    return max(twos, fives)


def _decimal(units: int, places: int) -> str:
    """A whole number of units of `places` decimals, written with its point."""
    digits = str(abs(units)).zfill(places + 1)
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def to_decimal_text(x: Number, places: int | None = None) -> str:
    """A number in plain decimals: exact where it terminates, else to 12 places; or rounded to a fixed number of places.

    Half is rounded away from zero. A number that terminates only after more than 1500 places counts as one that does
    not; one whose whole part has more than 1500 digits raises `ValueError`.

    >>> to_decimal_text(Fraction(1, 8)), to_decimal_text(Fraction(2, 3)), to_decimal_text(1150, 2)
    ('0.125', '0.666666666667', '1150.00')
    """
    if places is not None and not 0 <= places <= MOST_PLACES:
        raise ValueError(f"A number is written with 0 to {MOST_PLACES} decimal places.")
    shown = places
    if shown is None:
        shown = _twos_and_fives(x.denominator)
        if shown is not None and shown > MOST_EXACT_DIGITS:
            shown = None
    trimmed = shown is None
    shown = PRINTED_PLACES if shown is None else shown
    scale = 10**shown
    units = _half_up(x.numerator * scale, x.denominator)
    if abs(units) >= _TOO_LONG * scale:
        raise ValueError(f"The number has more than {MOST_EXACT_DIGITS} digits before the point.")
    text = _decimal(units, shown)
    return text.rstrip("0").rstrip(".") if trimmed else text


def to_exact_text(x: Number) -> str:
    """A number exactly, for storing: in decimals where it terminates within 60 digits, else as `n/d`.

    Each value has one text. A side of more than 1500 digits raises `ValueError`.

    >>> to_exact_text(Fraction(5, 4)), to_exact_text(Fraction(-2, 3))
    ('1.25', '-2/3')
    """
    if max(abs(x.numerator), x.denominator) >= _TOO_LONG:
        raise ValueError(f"The number has more than {MOST_EXACT_DIGITS} digits, and cannot be stored exactly.")
    places = _twos_and_fives(x.denominator)
    if places is not None and places < MOST_DIGITS:
        text = _decimal(x.numerator * (10**places // x.denominator), places)
        if len(text.lstrip("-").replace(".", "")) <= MOST_DIGITS:
            return text
    return f"{x.numerator}/{x.denominator}"


def from_exact_text(text: str) -> Number:
    """A number from the text of `to_exact_text`.

    >>> from_exact_text("1.25"), from_exact_text("-2/3")
    (Fraction(5, 4), Fraction(-2, 3))
    """
    match = _EXACT.fullmatch(text) if len(text) <= 2 * MOST_EXACT_DIGITS + 2 else None
    if not match:
        raise ValueError(f"{_shown(text)} is not an exact number, such as 1.25 or -2/3.")
    sign, left, mark, right = match.groups("")
    if max(len(left), len(right)) > MOST_EXACT_DIGITS:
        raise ValueError(f"{_shown(text)} has more than {MOST_EXACT_DIGITS} digits on one side.")
    if mark == "/":
        if not int(right):
            raise ValueError(f"{_shown(text)} divides by nothing.")
        size = normal(Fraction(int(left), int(right)))
    elif mark:
        size = normal(int(left) + Fraction(int(right), 10 ** len(right)))
    else:
        size = int(left)
    return -size if sign else size


# ---- rounding


def _half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number to a fraction, half away from zero."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def _scale(places: int) -> int:
    """Ten to the number of places, without its sign."""
    if not -MOST_PLACES <= places <= MOST_PLACES:
        raise ValueError(f"A number is rounded to {MOST_PLACES} places at most, either side of the point.")
    return _TENS[abs(places)]


def _from_units(units: int, places: int, scale: int) -> Number:
    """A whole number of units of so many places, as a number."""
    if places <= 0:
        return units * scale
    whole, part = divmod(units, scale)
    return Fraction(units, scale) if part else whole


def round_half_up(x: Number, places: int) -> Number:
    """Round to a number of decimal places, half away from zero. Fewer than 0 places are tens, hundreds and so on.

    >>> round_half_up(Fraction(5, 2), 0), round_half_up(Fraction(-1, 8), 2), round_half_up(1250, -2)
    (3, Fraction(-13, 100), 1300)
    """
    scale = _scale(places)
    if places < 0:
        return _half_up(x.numerator, x.denominator * scale) * scale
    if isinstance(x, int):
        return x
    return _from_units(_half_up(x.numerator * scale, x.denominator), places, scale)


def round_down(x: Number, places: int) -> Number:
    """Round toward zero.

    >>> round_down(Fraction(-19, 1000), 2), round_down(1299, -2)
    (Fraction(-1, 100), 1200)
    """
    scale = _scale(places)
    if isinstance(x, int) and places >= 0:
        return x
    over, under = (scale, 1) if places > 0 else (1, scale)
    size = abs(x.numerator) * over // (x.denominator * under)
    return _from_units(size if x.numerator > 0 else -size, places, scale)


def round_up(x: Number, places: int) -> Number:
    """Round away from zero.

    >>> round_up(Fraction(-11, 1000), 2), round_up(1201, -2)
    (Fraction(-1, 50), 1300)
    """
    scale = _scale(places)
    if isinstance(x, int) and places >= 0:
        return x
    over, under = (scale, 1) if places > 0 else (1, scale)
    size = -(-abs(x.numerator) * over // (x.denominator * under))
    return _from_units(size if x.numerator > 0 else -size, places, scale)


# ---- sharing


def share_out(amount: Number, weights: Sequence[Number], places: int) -> list[Number]:
    """Share an amount by weight in whole units of the last place, by largest remainder; the shares sum to the amount.

    What is left after rounding every share down goes, a unit each, to the largest remainders; of equal ones, to those
    listed first. The size is shared, then signed. `ValueError` where the amount is not a whole number of units, where a
    weight is less than nothing, or where all of them are nothing.

    >>> share_out(100, [1, 1, 1], 2)
    [Fraction(1667, 50), Fraction(3333, 100), Fraction(3333, 100)]
    """
    scale = _scale(places)
    exact = Fraction(amount) * scale if places > 0 else Fraction(amount) / scale
    if exact.denominator != 1:
        raise ValueError(f"The amount to share has more than {places} decimal places; round it first.")
    units = abs(exact.numerator)
    common = math.lcm(*(weight.denominator for weight in weights))
    parts = [weight.numerator * (common // weight.denominator) for weight in weights]
    total = sum(parts)
    if total <= 0 or min(parts) < 0:
        raise ValueError("Weights to share by are nothing or more, and at least one is more.")
    shares, remainders = [], []
    for part in parts:
        share, remainder = divmod(units * part, total)
        shares.append(share)
        remainders.append(remainder)
    left = units - sum(shares)
    if left:
        for index in sorted(range(len(parts)), key=lambda i: -remainders[i])[:left]:
            shares[index] += 1
    sign = -1 if amount < 0 else 1
    return [_from_units(sign * share, places, scale) for share in shares]


_ROUND = {"half_up": round_half_up, "down": round_down, "up": round_up}


def round_to(x: Number, step: Number, how: str = "half_up") -> Number:
    """The number rounded to a multiple of a step: `half_up` (half away from zero), `down` (towards zero) or `up`.

    >>> round_to(Fraction(1234), Fraction(50))
    1250
    """
    return normal(_ROUND[how](normal(Fraction(x) / step), 0) * step)
