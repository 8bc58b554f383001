"""Confidence intervals, control limits and how many people it takes: exact at the places that are stated.

Counts go in; what comes out is compared and rounded without error (see `alliance.measures.enclosed`). Nothing here is
rounded before it is compared: whether an interval clears a threshold is decided at its level, and places are for print.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from alliance.contract.numbers import Number, normal, parse_percent, round_half_up
from alliance.measures.enclosed import Bound, Enclosure, Rounding, quantile, root

__all__ = [
    "FUNNEL_LEVELS",
    "PRINTED_LEVEL",
    "Bound",
    "Interval",
    "byar",
    "funnel_proportion",
    "funnel_rate",
    "normal_quantile",
    "people_needed",
    "rate_interval",
    "standing",
    "wilson",
    "witnessed",
]

PRINTED_LEVEL: Number = parse_percent("95%")
FUNNEL_LEVELS: tuple[Number, ...] = (parse_percent("95%"), parse_percent("99.8%"))  # two and three standard deviations
MOST_FUNNEL_LEVEL: Number = parse_percent("99.9999%")
WILSON, BYAR, FUNNEL = "Wilson score", "Byar's approximation", "control limits"

Side = Literal["below", "within", "above"]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Two bounds about what was observed, or about what is expected, and how they came about.

    `level` is a share of one, two-sided: a twentieth of the time the truth is outside the 95% interval, half of that on
    either side. The bounds are in the unit of the value: a share of one, a count, or events per unit of exposure.
    """

    method: str
    level: Number
    value: Number
    lower: Bound
    upper: Bound

    def clears(self, threshold: Number, better: str) -> bool:
        """Whether the whole interval is on the better side of a threshold, `higher` or `lower`, exactly."""
        if better not in ("higher", "lower"):
            raise ValueError("better is higher or lower")
        return self.lower > threshold if better == "higher" else self.upper < threshold

    def cautious(self, better: str) -> Bound:
        """The bound on the worse side: the least that can be claimed where `higher` or `lower` is better."""
        if better not in ("higher", "lower"):
            raise ValueError("better is higher or lower")
        return self.lower if better == "higher" else self.upper

    def rounded(self, places: int, how: Rounding = round_half_up) -> tuple[Number, Number]:
        """Both bounds rounded to a number of places, exactly."""
        return self.lower.rounded(places, how), self.upper.rounded(places, how)

    def per(self, base: Number) -> Interval:
        """The same in another unit, as percentages (100) or as events per 1,000: value and bounds times a number."""
        if base <= 0:
            raise ValueError("an interval is told per more than nothing")
        return Interval(
            self.method, self.level, normal(self.value * base), _times(self.lower, base), _times(self.upper, base)
        )

    def __repr__(self) -> str:
        return f"<Interval {self.method}: {self.lower.text(6)} to {self.upper.text(6)}>"


def normal_quantile(level: Number, places: int) -> Number:
    """The two-sided normal quantile of a level (a share of one), right at every place that is asked for.

    >>> normal_quantile(Fraction(95, 100), 6)
    Fraction(489991, 250000)
    """
    return Bound(lambda digits: quantile(Fraction(level), digits)).rounded(places)


def wilson(events: Number, people: Number, level: Number = PRINTED_LEVEL) -> Interval:
    """The Wilson score interval of a proportion, as shares of one.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22
    (1927) 209-212, without a correction for continuity. `ValueError` unless there are people, and 0 to all had events.

    >>> wilson(9, 138).upper.text(3)
    '0.119'
    """
    if people <= 0 or not 0 <= events <= people:
        raise ValueError("a proportion is of some people, and from none to all of them")
    _check(level)
    n, x = Fraction(people), Fraction(events)

    def bound(sign: int) -> Bound:
        def enclose(digits: int) -> Enclosure:
            def at(z: Fraction, up: bool) -> Fraction:
                square = z * z
                side = sign * z * root(square + 4 * x * (n - x) / n, digits + 3, up if sign > 0 else not up)
                return (2 * x + square + side) / (2 * (n + square))

            z_low, z_high = quantile(Fraction(level), digits + 3)
            near, far = (at(z_low, False), at(z_high, True)) if sign > 0 else (at(z_high, False), at(z_low, True))
            return _coarse(near, far, digits + 3)

        return Bound(enclose)

    lower = Bound.of(0) if x == 0 else bound(-1)
    upper = Bound.of(1) if x == n else bound(+1)
    return Interval(WILSON, level, normal(x / n), lower, upper)


def byar(count: Number, level: Number = PRINTED_LEVEL) -> Interval:
    """Byar's approximation of the interval of a count of events (Poisson), as counts.

    Source: N. E. Breslow and N. E. Day, Statistical methods in cancer research, volume II, IARC, Lyon 1987, page 69. It
    is close from about ten events on; below that the lower bound is held at nothing where the formula falls short of
    it. `ValueError` for a count below nothing.

    >>> byar(10).rounded(2)
    (Fraction(479, 100), Fraction(1839, 100))
    """
    return rate_interval(count, 1, level)


def rate_interval(count: Number, exposure: Number, level: Number = PRINTED_LEVEL) -> Interval:
    """Byar's interval of a rate: events for each unit of exposure, such as a person, a day or a thousand people.

    Source: as `byar`, both bounds of the count divided by the exposure, which is taken as known. `ValueError` for a
    count below nothing or no exposure.
    """
    if count < 0 or exposure <= 0:
        raise ValueError("a rate is of no events or more, over more than no exposure")
    _check(level)
    x, per = Fraction(count), 1 / Fraction(exposure)
    lower = Bound.of(0) if x == 0 else _times(Bound(lambda digits: _byar(x, -1, level, digits)), per)
    upper = _times(Bound(lambda digits: _byar(x + 1, +1, level, digits)), per)
    return Interval(BYAR, level, normal(x * per), lower, upper)


def funnel_proportion(average: Number, people: Number, level: Number) -> Interval:
    """The control limits of a funnel plot for a proportion, as shares of one: average ± z √(average (1 - average) / n).

    Source: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Stat. Med. 24 (2005) 1185-1202,
    and Public Health England's Fingertips guidance. A proportion is outside them exactly when its Wilson interval of
    the same level leaves the average out. `ValueError` for an average that is not from 0 to 1, or no people.
    """
    if people <= 0 or not 0 <= average <= 1:
        raise ValueError("limits are about an average from 0 to 1, for some people")
    _check(level)
    mean, variance = Fraction(average), Fraction(average) * (1 - Fraction(average)) / Fraction(people)

    def side(sign: int) -> Bound:
        def enclose(digits: int) -> Enclosure:
            ends = quantile(Fraction(level), digits + 3)
            near = mean + sign * ends[0] * root(variance, digits + 3, up=False)
            far = mean + sign * ends[1] * root(variance, digits + 3, up=True)
            low, high = min(near, far), max(near, far)
            return min(max(low, Fraction(0)), Fraction(1)), min(max(high, Fraction(0)), Fraction(1))

        return Bound(enclose)

    return Interval(FUNNEL, level, normal(mean), side(-1), side(+1))


def funnel_rate(average: Number, exposure: Number, level: Number) -> Interval:
    """The control limits of a funnel plot for a rate, in events for each unit of exposure.

    They are the rates whose Byar interval of the same level ends at the average, so a rate is outside them exactly when
    its interval leaves the average out: the test of Public Health England's Fingertips guidance from ten events on. The
    lower limit is nothing where even no events would not be unusual. `ValueError` for an average below nothing, no
    exposure, or a level above 99.9999%.
    """
    if average < 0 or exposure <= 0:
        raise ValueError("limits are about an average of nothing or more, over more than no exposure")
    if _check(level) > MOST_FUNNEL_LEVEL:
        raise ValueError("control limits are for levels up to 99.9999%")
    expected, per = Fraction(average) * Fraction(exposure), 1 / Fraction(exposure)
    lower = Bound(lambda digits: _touching(expected, level, digits, +1))
    upper = Bound(lambda digits: _touching(expected, level, digits, -1))
    lower_is_nothing = expected <= 0 or rate_interval(0, 1, level).upper >= expected
    return Interval(
        FUNNEL,
        level,
        normal(Fraction(average)),
        Bound.of(0) if lower_is_nothing else _times(lower, per),
        Bound.of(0) if expected <= 0 else _times(upper, per),
    )


def standing(value: Number, limits: Interval) -> Side:
    """Where a value stands to control limits: `below`, `within` (on a limit too) or `above`."""
    if limits.lower > value:
        return "below"
    return "above" if limits.upper < value else "within"


def people_needed(observed: Number, comparator: Number, level: Number = PRINTED_LEVEL) -> int | None:
    """How many people it takes before the Wilson interval of an observed proportion clears a comparator.

    The least number of people for which the same proportion, if that many had it, would not have the comparator in its
    interval: it solves Wilson's equation, n > z² c (1 - c) / (c - p)². None where both are the same, for then no number
    is enough. `ValueError` unless both are from 0 to 1.

    >>> people_needed(parse_percent("6.5%"), parse_percent("12.2%"))
    127
    """
    p, c = Fraction(observed), Fraction(comparator)
    if not (0 <= p <= 1 and 0 <= c <= 1):
        raise ValueError("proportions are from 0 to 1")
    _check(level)
    if p == c:
        return None
    factor = c * (1 - c) / (c - p) ** 2

    def least(ends: Enclosure) -> int | None:
        low, high = (floor(end * end * factor) + 1 for end in ends)
        return low if low == high else None

    return Bound(lambda digits: quantile(Fraction(level), digits)).asked(least)


def witnessed(observed: Number, comparator: Number, places: int, level: Number = PRINTED_LEVEL) -> tuple[int, int]:
    """The fewest whole events and people that print as an observed proportion and clear a comparator.

    `people_needed` takes the proportion as it is written; this one takes it as printed, rounded to a number of places
    (of a share of one: 3 for 6.5%), and so asks for whole events of whole people. `ValueError` where both print alike,
    or where no such numbers were found up to 1,000 times as many people.
    """
    needed = people_needed(observed, comparator, level)
    if needed is None or round_half_up(comparator, places) == round_half_up(observed, places):
        raise ValueError("the observed proportion prints like the comparator")
    better = "lower" if observed < comparator else "higher"
    half = Fraction(1, 2 * 10**places)
    for people in range(1, 1000 * needed + 1000):
        first, last = ceil((observed - half) * people), floor((observed + half) * people)
        for events in range(max(first, 0), min(last, people) + 1):
            prints = round_half_up(Fraction(events, people), places) == round_half_up(observed, places)
            if prints and wilson(events, people, level).clears(comparator, better):
                return events, people
    raise ValueError("no whole numbers of people were found")


def _check(level: Number) -> Number:
    if not 0 < level < 1:
        raise ValueError("a level is between 0% and 100%, such as 95%")
    return level


def _times(bound: Bound, factor: Number) -> Bound:
    """A bound times a number above nothing."""
    by = Fraction(factor)
    more = len(str(floor(by)))

    def enclose(digits: int) -> Enclosure:
        low, high = bound.enclosure(digits + more)
        return low * by, high * by

    return Bound(enclose)


def _coarse(low: Fraction, high: Fraction, digits: int) -> Enclosure:
    """An enclosure in round numbers, so that fractions do not grow: a little wider, and still an enclosure."""
    scale = 10**digits
    return Fraction(floor(low * scale), scale), Fraction(ceil(high * scale), scale)


def _byar(x: Fraction, sign: int, level: Number, digits: int) -> Enclosure:
    """x (1 - 1/(9x) ± z / (3 √x))³, enclosed, and held at nothing where it falls short of it."""
    more = digits + 5 + len(str(floor(x)))
    z_low, z_high = quantile(Fraction(level), more)
    ends = []
    for z, up in (z_low, False), (z_high, True):
        # z / √x = z √x / x: the larger the root, the further out
        part = 1 - 1 / (9 * x) + sign * z * root(x, more, up) / (3 * x)
        ends.append(x * max(part, Fraction(0)) ** 3)
    return _coarse(min(ends), max(ends), digits + 2)


def _touching(expected: Fraction, level: Number, digits: int, sign: int) -> Enclosure:
    """The count whose upper (+1) or lower (-1) bound of Byar's is the number expected, enclosed by halving.

    Both bounds grow with the count at the levels that are taken.
    """
    scale = 10**digits

    def outside(units: int) -> bool:
        x = Fraction(units, scale)
        if sign > 0:
            return Bound(lambda d: _byar(x + 1, +1, level, d)) > expected
        return x > 0 and Bound(lambda d: _byar(x, -1, level, d)) > expected

    low, high = 0, scale
    while not outside(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if outside(middle) else (middle, high)
    return Fraction(low, scale), Fraction(high, scale)
