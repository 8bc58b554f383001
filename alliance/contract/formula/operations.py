"""What each operation of the formula language means, on exact values. Every reader uses these and no others.

Unknown operands make an unknown result, reasons kept. An empty optional field of a record (None) makes a comparison
false and spreads through arithmetic. Truth is three-valued: `false and unknown` is false, `true or unknown` is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any, cast

from alliance.contract.calendar import add_months
from alliance.contract.numbers import Number, normal, round_down, round_half_up, round_up
from alliance.contract.values import Reason, Unknown, Value, merge

MAX_BITS = 4096


class TooLarge(ArithmeticError):
    """A number grew past what any sum of money or count can need."""


def bounded(value: Value) -> Value:
    """The value, refused if its digits have run away (repeated multiplication in hostile formulas)."""
    kind = type(value)
    if kind is int:
        big = cast(int, value).bit_length()
    elif kind is Fraction:
        fraction = cast(Fraction, value)
        big = max(fraction.numerator.bit_length(), fraction.denominator.bit_length())
    else:
        return value
    if big > MAX_BITS:
        raise TooLarge(f"a number grew past {MAX_BITS} binary digits")
    return value


def _spread(*values: Value) -> Unknown | None:
    if any(type(v) is Unknown for v in values):
        return merge(values)
    return None


def add(a: Any, b: Any, months: bool = False) -> Value:
    """Sum; of a date and days (or months, held at the month's end), the later date."""
    if type(a) is Unknown or type(b) is Unknown or a is None or b is None:
        return _spread(a, b)
    if isinstance(b, date):
        a, b = b, a
    if isinstance(a, date):
        return _later(a, b, months)
    return cast(Number, a + b)


def subtract(a: Any, b: Any, months: bool = False) -> Value:
    """Difference; of two dates, the days between them."""
    if type(a) is Unknown or type(b) is Unknown or a is None or b is None:
        return _spread(a, b)
    if isinstance(a, date):
        return (a - b).days if isinstance(b, date) else _later(a, -b, months)
    return cast(Number, a - b)


def _later(day: date, by: Number, months: bool) -> Value:
    if not months:
        if by != int(by):
            return Unknown((Reason("a part of a day added to a date", "not applicable"),))
        try:
            return day + timedelta(days=int(by))
        except OverflowError:
            return Unknown((Reason("a date past the calendar", "not applicable"),))
    if not 1 <= (day.year * 12 + day.month - 1 + int(by)) // 12 <= 9999:
        return Unknown((Reason("a date past the calendar", "not applicable"),))
    return add_months(day, int(by))


def multiply(a: Any, b: Any) -> Value:
    """Product. `0 * unknown` is unknown."""
    if type(a) is Unknown or type(b) is Unknown or a is None or b is None:
        return _spread(a, b)
    product = a * b
    return product.numerator if type(product) is Fraction and product.denominator == 1 else product


def divide(a: Any, b: Any, by: str = "") -> Value:
    """Exact quotient. Divided by nothing it is not assessable; `by` says what it was that came to nothing."""
    if type(a) is Unknown or type(b) is Unknown or a is None or b is None:
        return _spread(a, b)
    if b == 0:
        return Unknown((Reason(f"a quotient by nothing ({by})" if by else "a quotient by nothing", "not assessable"),))
    return normal(Fraction(a) / b)


def negative(a: Any) -> Value:
    return a if type(a) is Unknown or a is None else -a


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def comparison(op: str) -> Callable[[Any, Any], Value]:
    """The function that compares two values by `op`."""
    plain = _COMPARE[op]

    def compare(a: Any, b: Any) -> Value:
        if type(a) is Unknown or type(b) is Unknown:
            return merge((a, b))
        if a is None or b is None:
            return False
        return plain(a, b)

    return compare


def is_in(item: Any, options: Sequence[Any]) -> Value:
    """Whether the item equals one of the options."""
    if type(item) is Unknown:
        return item
    if item is None:
        return False
    return or_([comparison("=")(item, o) for o in options])


def and_(items: Sequence[Any]) -> Value:
    """True if all are, false if any is, else unknown."""
    if any(i is False or i is None for i in items):
        return False
    spread = _spread(*items)
    return True if spread is None else spread


def or_(items: Sequence[Any]) -> Value:
    """True if any is, false if all are, else unknown."""
    if any(i is True for i in items):
        return True
    spread = _spread(*items)
    return False if spread is None else spread


def not_(item: Any) -> Value:
    if type(item) is Unknown:
        return item
    return not item


def extreme(items: Sequence[Any], largest: bool) -> Value:
    """The largest or smallest. A side that the contract excludes is dropped; where none remains it is unknown."""
    kept = [i for i in items if not (type(i) is Unknown and i.excluded)]
    spread = _spread(*kept) if kept else merge(items)
    if spread is not None:
        return spread
    if any(i is None for i in kept):
        return None
    return cast(Value, max(kept) if largest else min(kept))


def limited(value: Any, bound: Any, at_least: bool) -> Value:
    """The value held at or above a bound, or at or below it. It is no choice between sides: an excluded value is not
    dropped, and leaves what it bounds, or is bound by, unknown."""
    spread = _spread(value, bound)
    if spread is not None or value is None or bound is None:
        return spread
    return cast(Value, max(value, bound) if at_least else min(value, bound))


def absolute(a: Any) -> Value:
    return a if type(a) is Unknown or a is None else abs(a)


_ROUND = {"round": round_half_up, "round_down": round_down, "round_up": round_up}


def rounding(how: str) -> Callable[[Any, Any], Value]:
    """`round` (half away from zero), `round_down` (towards zero) or `round_up` (away), to whole places."""
    plain = _ROUND[how]

    def rounded(a: Any, places: Any = 0) -> Value:
        if type(a) is Unknown or type(places) is Unknown or a is None:
            return _spread(a, places)
        return plain(a, int(places))

    return rounded


def total(items: Sequence[Any]) -> Value:
    """Sum of many; unknown if any is."""
    found = _spread(*items)
    if found is not None:
        return found
    if any(i is None for i in items):
        return Unknown((Reason("an empty field in a sum", "missing"),))
    return normal(Fraction(sum(items)))


def mean(items: Sequence[Any]) -> Value:
    """Exact mean; of nothing it is not assessable."""
    if not items:
        return Unknown((Reason("the mean of no records", "not assessable"),))
    return divide(total(items), len(items))


DIGITS = 28
"""The significant digits of what no fraction is exactly: `exp`, `ln`, `sqrt`."""
MOST_EXPONENT = 1000
"""The most that `exp` is taken of, either way: what is beyond is no rate or share of anything."""
_CURVED = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_OUTSIDE: dict[str, Callable[[Any], str]] = {
    "exp": lambda x: f"e to a power beyond {MOST_EXPONENT:,}" if abs(x) > MOST_EXPONENT else "",
    "ln": lambda x: "the logarithm of nothing or less" if x <= 0 else "",
    "sqrt": lambda x: "the square root of less than nothing" if x < 0 else "",
}


def curved(function: str) -> Callable[[Any], Value]:
    """`exp`, `ln` or `sqrt`: of a number to 28 significant digits, to as many, half to even. The decimal module rounds
    all three correctly, so that they come to the same everywhere."""

    def work(a: Any) -> Value:
        if type(a) is Unknown or a is None:
            return a
        if outside := _OUTSIDE[function](a):
            return Unknown((Reason(outside, "not assessable"),))
        of = _CURVED.divide(Decimal(a.numerator), Decimal(a.denominator))
        return normal(Fraction(getattr(_CURVED, function)(of)))

    return work
