"""How coarsely a value may be published that is no count of people, so that no few people can be told by it.

A mean, or what a rate is over, could itself be a count of people in another guise: the mean of a field that is 0 or 1.
So it is rounded to no finer than what seven people could change, each of whom goes from one end of the values to the
other: counts up to 7 are hidden.
"""

from __future__ import annotations

from fractions import Fraction

from alliance.contract.numbers import Number, normal, round_to, size
from alliance.measures.hiding import MOST_HIDDEN, NEAREST, disclosed

LEAST_CASES = 10  # as rounded, for what is no count of people
FIGURES = 2
Ends = tuple[Number, Number]


def figures(value: Number) -> Number:
    """A number to two significant figures.

    >>> figures(1234), figures(Fraction(-7, 300))
    (1200, Fraction(-23, 1000))
    """
    return normal(round_to(value, _unit(size(value)) / 10)) if value else 0


def coarse_mean(value: Number, cases: int, ends: Ends | None) -> Number | None:
    """A mean as it may be published; None where it may not, or the ends of its values are not known.

    >>> coarse_mean(Fraction(1, 20), 60, (0, 1)), coarse_mean(Fraction(197, 10), 200, (0, 40))
    (0, 20)
    """
    people = disclosed(cases)
    if ends is None or not people or people < LEAST_CASES:
        return None
    low, high = ends
    if low == high:
        return figures(value)
    return normal(round_to(value, _step(Fraction(high - low) * MOST_HIDDEN / people)))


def coarse_ratio(hits: int, over: Number, total: Number, ends: Ends | None) -> Number | None:
    """Rounded hits over a sum of what each case has, as it may be published; None where it may not.

    `over` is the sum, or what was made of it. How many cases with the most there would have to be for the sum to come
    about is what is rounded as a count is.

    >>> coarse_ratio(75, 1595, 1595, (1, 10))
    Fraction(47, 1000)
    """
    if ends is None or ends[0] < 0 or not ends[1] or not over:
        return None
    people = Fraction(total) / ends[1]
    rounded = round_to(people, NEAREST)
    if rounded < LEAST_CASES:
        return None
    return figures(normal(Fraction(hits) / over * people / rounded))


def _unit(value: Number) -> Fraction:
    """The largest power of ten that is not above a number."""
    unit = Fraction(1)
    while unit > value:
        unit /= 10
    while unit * 10 <= value:
        unit *= 10
    return unit


def _step(least: Fraction) -> Fraction:
    """The smallest of 1, 2 and 5 times a power of ten that is not below a number."""
    unit = _unit(least)
    return next(unit * times for times in (1, 2, 5, 10) if unit * times >= least)
