"""What is counted of records: whole numbers and exact sums, from which every value is made by division in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from alliance.contract.numbers import Number, to_exact_text


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a measure over its window.

    `immature` cases are too young at the extract date, `excluded` ones are left out, and `missing` ones lack what is
    looked at; none of them is among the `cases`. `hits` are the cases that meet the test, `total` the sum of what is
    added up over the cases. `parts` are further counts: one for each element of a bundle, point in time, or way that
    people changed (up, unchanged, down). `spread` says how many cases have each value. `unplaced` are those of no
    stratum of the measure: the same number for each. `ends` are the lowest and the highest of what is added up, where
    they are known; no value is made of them, and they are in no hash.
    """

    cases: int = 0
    excluded: int = 0
    immature: int = 0
    missing: int = 0
    hits: int = 0
    total: Number = 0
    parts: tuple[int, ...] = ()
    spread: tuple[tuple[Number, int], ...] = ()
    ends: tuple[Number, Number] | None = None
    unplaced: int = 0

    def canonical(self) -> list[Any]:
        """Plain values for a hash."""
        spread = [[to_exact_text(value), count] for value, count in self.spread]
        counts = [self.cases, self.excluded, self.immature, self.missing, self.unplaced, self.hits]
        return [counts, to_exact_text(self.total), list(self.parts), spread]


def ends(values: Collection[Number]) -> tuple[Number, Number] | None:
    """The lowest and the highest of some values; None where there are none.

    >>> ends([3, 1, 2])
    (1, 3)
    """
    return (min(values), max(values)) if values else None


def rank(share: Number, cases: int) -> int:
    """The place of a percentile among so many cases, from 1 on (the nearest rank)."""
    return max(1, -(-share.numerator * cases // share.denominator))


def percentile(spread: Iterable[tuple[Number, int]], share: Number, cases: int) -> Number | None:
    """The smallest value that at least this share of all cases is at or below (the nearest rank); None where so many
    have no value.

    >>> from fractions import Fraction
    >>> percentile([(1, 2), (5, 1), (9, 1)], Fraction(3, 4), 4)
    5
    """
    at, seen = rank(share, cases), 0
    for value, count in sorted(spread):
        seen += count
        if seen >= at:
            return value
    return None


def truncated(spread: Iterable[tuple[Number, int]], share: Number) -> tuple[tuple[Number, int], ...]:
    """Values above a percentile of them, taken as it."""
    found = sorted(spread)
    most = percentile(found, share, sum(count for _, count in found))
    if most is None:
        return ()
    kept: dict[Number, int] = {}
    for value, count in found:
        kept[min(value, most)] = kept.get(min(value, most), 0) + count
    return tuple(kept.items())
