"""What may be published of small numbers of people: counts from 1 to 7 hidden, others rounded to the nearest 5.

Source: the disclosure rules of NHS England (as NHS Digital) for counts of people below national level: 0 is shown, 1 to
7 are replaced by `*`, all others are rounded to the nearest 5, and percentages are worked out from rounded counts.

Rounding blurs what could be found by taking shown counts from a total, but it does not always blur it enough: four
cells of seven people each under a total of 30 can be nothing else. So more is hidden beside what is small:

- in every row and column that adds up, a hidden entry is never alone;
- whoever knows these rules, and adds and subtracts whatever is shown, is left with at least four counts that a small
  cell could be, so that nobody knows it to within one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from alliance.contract.numbers import Number, normal
from alliance.measures.hiding import HIDDEN, Shown, Sums, Table, disclosed, in_words, small

__all__ = [
    "HIDDEN",
    "Disclosed",
    "Shown",
    "disclosed",
    "disclosed_line",
    "disclosed_share",
    "disclosed_table",
    "disclosed_together",
    "in_words",
    "small",
]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A table as it may be published; None stands for what is hidden.

    `rows` and `columns` hold the totals by row and by column, `total` that of all.
    """

    cells: tuple[tuple[Shown, ...], ...]
    rows: tuple[Shown, ...]
    columns: tuple[Shown, ...]
    total: Shown


def disclosed_share(part: Shown, whole: Shown) -> Number | None:
    """A share of one from two published counts, or None where either is hidden or there is nobody.

    >>> disclosed_share(disclosed(9), disclosed(138))
    Fraction(1, 14)
    """
    return None if part is None or not whole else normal(Fraction(part, whole))


def disclosed_line(counts: Sequence[int]) -> tuple[tuple[Shown, ...], Shown]:
    """Counts and their total as they may be published together.

    >>> disclosed_line([3, 22, 41])
    ((None, None, 40), 65)
    """
    found = disclosed_table([counts])
    return found.cells[0], found.total


def disclosed_table(counts: Sequence[Sequence[int]]) -> Disclosed:
    """A table of counts of people, and its totals by row, by column and of all, as they may be published together.

    Each person is in one cell. What is hidden is chosen so that as little as can be is lost: the smallest entries
    first, and of equal ones those listed first. `ValueError` for counts below nothing, rows of different lengths, or a
    table of more than 2,000 entries, totals included.
    """
    table = Table(counts)
    table.protect()
    high, wide = table.high, table.wide

    def shown(i: int, j: int) -> Shown:
        return table.shown((i if high > 1 else 0, j if wide > 1 else 0))

    return Disclosed(
        tuple(tuple(shown(i, j) for j in range(wide)) for i in range(high)),
        tuple(shown(i, wide) for i in range(high)),
        tuple(shown(high, j) for j in range(wide)),
        shown(high, wide),
    )


def disclosed_together(counts: Mapping[str, int], sums: Sequence[tuple[str, Sequence[str]]]) -> dict[str, Shown]:
    """Named counts as they may be published together, of which some are the sums of others.

    Each sum is the name of a total and those of its parts. A total may be divided in several ways, and be a part
    itself; a count is a part of one total only. `ValueError` for parts that do not add up or belong to two totals.

    >>> disclosed_together({"asked": 60, "answered": 55, "silent": 5}, [("asked", ["answered", "silent"])])
    {'asked': 60, 'answered': None, 'silent': None}
    """
    found = Sums(counts, sums)
    found.protect()
    return {name: found.shown(name) for name in counts}
