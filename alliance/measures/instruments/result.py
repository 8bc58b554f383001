"""What everybody's answers come to: means of converted scores, counts of benefit and harm apart, the response rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.numbers import Number, normal
from alliance.measures.instruments.entries import Instrument
from alliance.measures.instruments.score import Person


@dataclass(frozen=True, slots=True)
class OnScale:
    """One scale over everybody whose answers count.

    `total` is the exact sum of the people's scores and `scored` how many there are: the mean is one by the other. Of a
    scale that is all or none the total is how many met everything.
    """

    name: str
    title: str
    kind: str
    scored: int
    total: Number
    least: Number | None
    most: Number | None
    unscored: Mapping[str, int]

    @property
    def mean(self) -> Number | None:
        """The mean of the scores, or of a scale that is all or none the share who met everything; None of nobody's."""
        return normal(Fraction(self.total) / self.scored) if self.scored else None


@dataclass(frozen=True, slots=True)
class OnItem:
    """How many people gave each answer to an item, by code; missing ones are left out, and counted apart."""

    name: str
    answers: Mapping[str, int]
    missing: int


@dataclass(frozen=True, slots=True)
class Sides:
    """People with some benefit, with some harm, with both and with neither; and items on each side, over everybody."""

    benefit: int
    harm: int
    both: int
    neither: int
    benefits: int
    harms: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the answers of one file come to.

    `asked` and `responded` are people; `counted` are those whose answers count, `by_mode` all that responded, by the
    way of completing. `rate` is the response rate and `weight` the weight that the instrument gives a result at that
    rate, both shares of one.
    """

    asked: int
    responded: int
    counted: int
    by_mode: Mapping[str, int]
    rate: Number
    weight: Number
    scales: Mapping[str, OnScale]
    items: Mapping[str, OnItem]
    sides: Sides | None


def summed_up(instrument: Instrument, people: Sequence[Person], asked: int | None = None) -> Result:
    """Everybody's scores together. `asked` is how many people were asked, where not all of them have a row.

    Raises `InputError` where more people responded than were asked.
    """
    responded = [p for p in people if p.answered.responded]
    invited = len(people) if asked is None else asked
    if invited < len(responded):
        message = f"{len(responded):,} people answered, and {invited:,} are said to have been asked."
        raise InputError(Fault("AC426", message, people[0].answered.mark, "Count everybody who was asked."))
    if not invited:
        raise InputError(Fault("AC427", "Nobody was asked.", Mark(instrument.file)))
    rate = normal(Fraction(len(responded), invited))
    counted = [p for p in responded if p.counts]
    modes = Counter(p.answered.mode for p in responded)
    return Result(
        asked=invited,
        responded=len(responded),
        counted=len(counted),
        by_mode={name: modes[name] for name in instrument.modes},
        rate=rate,
        weight=instrument.weight(rate),
        scales={name: _on_scale(instrument, name, counted) for name in instrument.scales},
        items={name: _on_item(instrument, name, counted) for name in instrument.items},
        sides=_sides(counted) if instrument.takes_sides else None,
    )


def _on_scale(instrument: Instrument, name: str, people: Sequence[Person]) -> OnScale:
    scale = instrument.scales[name]
    scores = [p.scores[name] for p in people]
    values = [s.value for s in scores if s.value is not None]
    whys = Counter(s.why for s in scores if s.value is None)
    total = normal(sum(values, Fraction(0)))
    least, most = min(values, default=None), max(values, default=None)
    return OnScale(name, scale.title, scale.kind, len(values), total, least, most, dict(sorted(whys.items())))


def _on_item(instrument: Instrument, name: str, people: Sequence[Person]) -> OnItem:
    given = [p.answered.answers[name] for p in people]
    codes = Counter(a.code for a in given if a is not None)
    answers = {c: codes[c] for c, a in instrument.items[name].answers.items() if a.counts_as != "missing"}
    return OnItem(name, answers, given.count(None))


def _sides(people: Sequence[Person]) -> Sides:
    benefit = sum(p.benefits > 0 for p in people)
    harm = sum(p.harms > 0 for p in people)
    both = sum(p.benefits > 0 and p.harms > 0 for p in people)
    return Sides(
        benefit,
        harm,
        both,
        len(people) - benefit - harm + both,
        sum(p.benefits for p in people),
        sum(p.harms for p in people),
    )
