"""Real numbers known as closely as is asked: how a confidence bound is compared and rounded without any error.

The normal quantile of a level has no end of digits, and neither has a bound made of it. So a bound is held as a rule
that encloses it between two fractions as close together as anybody asks, and a question about it (is it below 12.2%?
what is it to three places?) is asked again with more digits until both ends of the enclosure give the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import TypeVar

from alliance.contract.numbers import PRINTED_PLACES, Number, normal, round_half_up, to_decimal_text

Enclosure = tuple[Fraction, Fraction]
Rounding = Callable[[Number, int], Number]
Answer = TypeVar("Answer")

FIRST_DIGITS, MOST_DIGITS = 20, 1280  # with how many digits a question is asked first and last


class Bound:
    """A real number, held as a rule that encloses it: given a number of digits, the two fractions that it is between.

    Comparing it with an exact number and rounding it are exact.

    >>> half = Bound.of(Fraction(1, 2))
    >>> half < Fraction(51, 100), half == Fraction(1, 2), half.text(2)
    (True, True, '0.50')
    """

    __slots__ = ("_enclose",)

    def __init__(self, enclose: Callable[[int], Enclosure]) -> None:
        self._enclose = enclose

    @classmethod
    def of(cls, number: Number) -> Bound:
        """An exact number as a bound."""
        exact = Fraction(number)
        return cls(lambda _: (exact, exact))

    def enclosure(self, digits: int) -> Enclosure:
        """Two fractions between which the number is, or which it is where both are the same."""
        return self._enclose(digits)

    def compared(self, number: Number) -> int:
        """-1 where the bound is below an exact number, 1 where it is above, 0 where it is that number."""

        def sign(ends: Enclosure) -> int | None:
            if ends[0] == ends[1]:
                return (ends[0] > number) - (ends[0] < number)
            return -1 if ends[1] < number else 1 if ends[0] > number else None

        return self.asked(sign)

    def rounded(self, places: int, how: Rounding = round_half_up) -> Number:
        """The bound rounded to a number of places by `round_half_up`, `round_down` or `round_up`, exactly."""

        def same(ends: Enclosure) -> Fraction | None:
            low, high = (Fraction(how(end, places)) for end in ends)
            return low if low == high else None

        return normal(self.asked(same))

    def text(self, places: int) -> str:
        """The bound in decimals to a number of places, half away from zero."""
        return to_decimal_text(self.rounded(places), places)

    def asked(self, question: Callable[[Enclosure], Answer | None]) -> Answer:
        """The answer to a question about an enclosure, asked with more digits until there is one.

        `ArithmeticError` after 1,280 digits: the bounds of this package, of transcendental quantiles, never come so
        close to a number that somebody writes.
        """
        digits = FIRST_DIGITS
        while digits <= MOST_DIGITS:
            found = question(self._enclose(digits))
            if found is not None:
                return found
            digits *= 2
        raise ArithmeticError(f"a bound cannot be told apart from a number by {MOST_DIGITS} digits")

    def __lt__(self, number: Number) -> bool:
        return self.compared(number) < 0

    def __le__(self, number: Number) -> bool:
        return self.compared(number) <= 0

    def __gt__(self, number: Number) -> bool:
        return self.compared(number) > 0

    def __ge__(self, number: Number) -> bool:
        return self.compared(number) >= 0

    def __eq__(self, other: object) -> bool:
        return self.compared(other) == 0 if isinstance(other, int | Fraction) else self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<Bound {self.text(PRINTED_PLACES)}>"


def root(x: Fraction, digits: int, up: bool) -> Fraction:
    """The square root of a fraction to a number of digits after the point, rounded down or up.

    >>> root(Fraction(2), 3, up=False), root(Fraction(2), 3, up=True)
    (Fraction(707, 500), Fraction(283, 200))
    """
    scale = 10**digits
    units = isqrt(x.numerator * scale * scale // x.denominator)
    exact = units * units * x.denominator == x.numerator * scale * scale
    return Fraction(units + (1 if up and not exact else 0), scale)


@lru_cache(maxsize=256)
def quantile(level: Fraction, digits: int) -> Enclosure:
    """Two fractions, less than `10**-digits` apart, between which the two-sided normal quantile of a level is.

    That is the z for which a normal variable is within z of its mean with the probability `level`: 1.959964 for 95%.
    The area under the normal curve from the mean to z is summed as its alternating power series in whole numbers, every
    step rounded down on one side and up on the other, so that the enclosure is proved and not estimated.

    `ValueError` unless the level is between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError("a level is between 0% and 100%, such as 95%")
    spare = 12 + 2 * len(str(level.denominator))  # a level next to 1 has a wide z, whose series first grows
    scale: int = 10 ** (digits + spare)
    low, high = _area_wanted(level, scale)
    z = _newton((low + high) // 2, scale, enough=10 ** (spare - 4))
    off = 10**spare // 4
    if not (_area(z - off, scale)[1] < low and high < _area(z + off, scale)[0]):
        raise ArithmeticError("the normal quantile of a level was not enclosed")
    return Fraction(z - off, scale), Fraction(z + off, scale)


def _area_wanted(level: Fraction, scale: int) -> tuple[int, int]:
    """The integral of exp(-t²/2) from 0 to z, which is level x sqrt(pi / 2), enclosed in units of the scale."""
    square = level * level / 2
    low, high = (isqrt(end * scale * square.numerator // square.denominator) for end in _pi(scale))
    return low, high + 1


def _pi(scale: int) -> tuple[int, int]:
    """Pi, enclosed, in units of the scale, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan(n: int) -> tuple[int, int]:
        power, total, terms = scale // n, 0, 0
        while power:
            total += (-1) ** terms * (power // (2 * terms + 1))
            power //= n * n
            terms += 1
        return total, 2 * terms + 2  # each term is short of the truth by less than two units

    (five, off5), (large, off239) = arctan(5), arctan(239)
    middle, off = 16 * five - 4 * large, 16 * off5 + 4 * off239
    return middle - off, middle + off


def _area(z: int, scale: int) -> tuple[int, int]:
    """The integral of exp(-t²/2) from 0 to z, enclosed; z and the answer are in units of the scale.

    It is the sum of (-1)^k z^(2k+1) / (2^k k! (2k+1)). Once its terms fall, what is left is less than the next one.
    """
    square = z * z
    over = scale * scale
    low = high = z  # z^(2k+1) / (2^k k!), rounded down and up
    total_low, total_high, k = z, z, 0
    while high > 1 or square > 2 * (k + 1) * over:
        k += 1
        low = low * square // (2 * k * over)
        high = -(-high * square // (2 * k * over))
        part_low, part_high = low // (2 * k + 1), -(-high // (2 * k + 1))
        if k % 2:
            total_low, total_high = total_low - part_high, total_high - part_low
        else:
            total_low, total_high = total_low + part_low, total_high + part_high
    return total_low - 1, total_high + 1


def _newton(wanted: int, scale: int, enough: int) -> int:
    """The z whose area is the one wanted, nearly, in units of the scale: to within a few times `enough` of them.

    The area bends downward, so that each step from below stays below. The slope need not be exact: the steps only take
    a little longer, and what comes out is proved by whoever asked.
    """
    z = wanted
    for _ in range(1000):
        with localcontext() as context:
            context.prec = 40
            steepness = (Decimal(z) / Decimal(scale)) ** 2 / 2
            slope = Fraction(steepness.exp())
        step = int((wanted - _area(z, scale)[0]) * slope)
        z += step
        if abs(step) <= enough:
            return z
    raise ArithmeticError("the normal quantile of a level was not found")
