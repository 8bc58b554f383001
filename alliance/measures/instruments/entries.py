"""An instrument as it is used: checked, its names resolved, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from alliance.contract.faults import Mark
from alliance.contract.numbers import Number, normal, to_exact_text

SIDES = ("benefit", "harm")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that an item can have.

    `side` is benefit, harm, neither, or empty where the instrument takes none; `counts_as` is missing, not applicable,
    or empty where the answer is one.
    """

    code: str
    label: str
    value: Number | None
    side: str
    counts_as: str


@dataclass(frozen=True, slots=True)
class Item:
    """A question or statement, and its answers by code; values are as they count, reversed where the item is."""

    name: str
    text: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Scale:
    """One score of a person: `kind` is sum, mean, count, share, all or state.

    `table` is the conversion of each person's own score, or the value of each state, keyed by exact texts; None where
    there is none, and empty where it is to be supplied (`supplied`). `counting` holds the codes that count, by item.
    """

    name: str
    title: str
    kind: str
    items: tuple[str, ...]
    weights: Mapping[str, Number]
    start: Number
    counting: Mapping[str, frozenset[str]]
    most_missing: int
    step: Number | None
    how: str
    table: Mapping[str, Number] | None
    supplied: bool
    better: str
    mark: Mark | None

    @property
    def is_share(self) -> bool:
        """Whether a person's score is a share of one, shown as a percentage."""
        return self.kind == "share" and self.table is None


@dataclass(frozen=True, slots=True)
class Mode:
    """A way of completing the instrument, and whether answers given in it count."""

    name: str
    label: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire or a bundle of things to see: what is asked, what may be answered, and how that is scored.

    `digest` is the hash of what its file says, so that a score can name exactly what made it.
    """

    file: str
    id: str
    title: str
    version: str
    about: str
    source: str
    items: Mapping[str, Item]
    scales: Mapping[str, Scale]
    modes: Mapping[str, Mode]
    blank: frozenset[str]
    response: tuple[tuple[Number, Number], ...]
    digest: str

    @property
    def takes_sides(self) -> bool:
        """Whether some answer is a benefit or a harm."""
        return any(a.side in SIDES for item in self.items.values() for a in item.answers.values())

    def weight(self, rate: Number) -> Number:
        """The weight of a result, a share of one, at a response rate: by the instrument's own rule, whole without."""
        points = self.response
        if not points or rate >= points[-1][0]:
            return points[-1][1] if points else 1
        if rate <= points[0][0]:
            return points[0][1]
        (x0, y0), (x1, y1) = next(two for two in pairwise(points) if rate <= two[1][0])
        return normal(y0 + Fraction(y1 - y0) * (rate - x0) / (x1 - x0))


def key_of(score: Number) -> str:
    """How a score is written as a key of a conversion table: exactly, in its one spelling.

    >>> key_of(Fraction(43, 2))
    '21.5'
    """
    return to_exact_text(score)
