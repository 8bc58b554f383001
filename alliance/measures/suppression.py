"""What may be published of small numbers of people: counts from 1 to 7 hidden, others rounded to the nearest 5.

Source: the disclosure rules of NHS England (as NHS Digital) for counts of people below national level: 0 is shown, 1 to
7 are replaced by `*`, all others are rounded to the nearest 5, and percentages are worked out from rounded counts.

Rounding blurs what could be found by taking shown counts from a total, but it does not always blur it enough: four
cells of seven people each under a total of 30 can be nothing else. So more is hidden beside what is small: here among
counts that add up to each other, in `together` among measures of the same records, and in `coarse` of values that are
no counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from alliance.contract.numbers import Number, normal
from alliance.measures.hiding import HIDDEN, Shown, Sums, disclosed, in_words, small

__all__ = ["HIDDEN", "Shown", "disclosed", "disclosed_share", "disclosed_together", "in_words", "small"]


def disclosed_share(part: Shown, whole: Shown) -> Number | None:
    """A share of one from two published counts, or None where either is hidden or there is nobody.

    >>> disclosed_share(disclosed(9), disclosed(138))
    Fraction(1, 14)
    """
    return None if part is None or not whole else normal(Fraction(part, whole))


def disclosed_together(counts: Mapping[str, int], sums: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Shown]:
    """Named counts as they may be published together, of which some are the sums of others.

    Each sum is the name of a total and those of its parts. A total may be divided in several ways, and be a part
    itself; a count is a part of one total only. In every sum a hidden count is never alone, and whoever knows these
    rules and adds and subtracts what is shown is left with at least four counts that a small one could be. Of what has
    to be hidden for that the smallest goes first, and of equal ones the first. `ValueError` for parts that do not add
    up or belong to two totals.

    >>> disclosed_together({"asked": 60, "answered": 55, "silent": 5}, [("asked", ["answered", "silent"])])
    {'asked': 60, 'answered': None, 'silent': None}
    """
    found = Sums(counts, sums)
    found.protect()
    return {name: found.shown(name) for name in counts}
