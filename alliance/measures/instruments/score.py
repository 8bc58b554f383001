"""Scoring: each person by themselves first, converted where the scale says, and only then everybody together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from alliance.contract.faults import Fault, Faults, InputError, Mark, did_you_mean, one_of
from alliance.contract.numbers import Number, normal, parse_number
from alliance.contract.source_text import shown
from alliance.measures.instruments.answered import Answered
from alliance.measures.instruments.entries import Answer, Instrument, Scale, key_of
from alliance.measures.instruments.scales import WHOLE, check_gaps, state_of, stepped

Tables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Scored:
    """One person's score on one scale: exact, or None and the reason in words."""

    value: Number | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What one person's answers came to.

    `benefits` and `harms` count the items answered on each side; neither is ever taken from the other.
    """

    answered: Answered
    counts: bool
    scores: Mapping[str, Scored]
    benefits: int
    harms: int


def supplied(instrument: Instrument, tables: Tables, marks: Mapping[str, Mark] | None = None) -> Instrument:
    """The instrument with the tables that its user supplies, as texts by scale: from a score or state to its value.

    Raises `InputError` where a table that is to be supplied is not, or one is that was not asked for, has a gap, or has
    an entry that is not a number. `marks` say where each table is from.
    """
    faults = Faults()
    places = marks or {}
    asking = {name for name, scale in instrument.scales.items() if scale.supplied}
    for name in tables:
        if name not in asking:
            hint = did_you_mean(name, asking) or (one_of(sorted(asking)) if asking else "It asks for none.")
            faults.add("AC411", places.get(name), f"The instrument asks for no table for {shown(name)}.", hint)
    scales = dict(instrument.scales)
    for name in sorted(asking):
        scale = scales[name]
        if name not in tables:
            message = f"The table of the scale {name} is supplied by whoever scores, and is not here."
            faults.add("AC411", scale.mark, message, "It comes with the licence of the instrument.")
            continue
        scales[name] = replace(scale, table=_table(scale, tables[name], places.get(name), faults))
        if not faults:
            check_gaps(scales[name], instrument.items, places.get(name), faults)
    faults.raise_if_any(InputError)
    return replace(instrument, scales=scales)


def _table(scale: Scale, given: Mapping[str, str], mark: Mark | None, faults: Faults) -> dict[str, Number]:
    table: dict[str, Number] = {}
    for key, text in given.items():
        try:
            exact = key if scale.kind == "state" else key_of(parse_number(key))
            value = parse_number(text)
        except ValueError as error:
            faults.add("AC412", mark, f"{scale.name}: {error}")
            continue
        if exact in table:
            faults.add("AC412", mark, f"{scale.name}: {shown(key)} stands in the table twice.")
        table[exact] = value
    return table


def score_person(instrument: Instrument, answered: Answered) -> Person:
    """One person's scores. The instrument must have its tables (see `supplied`)."""
    given = [answer for answer in answered.answers.values() if answer is not None]
    mode = instrument.modes.get(answered.mode)
    return Person(
        answered,
        answered.responded and (mode is None or mode.counts),
        {name: _scored(scale, answered) for name, scale in instrument.scales.items()},
        sum(answer.side == "benefit" for answer in given),
        sum(answer.side == "harm" for answer in given),
    )


def score_people(instrument: Instrument, answers: Sequence[Answered]) -> list[Person]:
    """Everybody's scores, in the order of their rows. Raises `InputError` where a table was not supplied."""
    lacking = [s for s in instrument.scales.values() if s.supplied and not s.table]
    if lacking:
        message = f"The table of the scale {lacking[0].name} is supplied by whoever scores, and is not here."
        raise InputError(Fault("AC411", message, lacking[0].mark, "It comes with the licence of the instrument."))
    return [score_person(instrument, answered) for answered in answers]


def _scored(scale: Scale, answered: Answered) -> Scored:
    given = {name: answered.answers[name] for name in scale.items}
    apply = {name: a for name, a in given.items() if a is None or not a.counts_as}
    there = {name: a for name, a in apply.items() if a is not None}
    missing = len(apply) - len(there)
    if scale.kind == "all" and any(a.code not in scale.counting[name] for name, a in there.items()):
        return Scored(0)  # one that is not met settles it, whatever is missing
    if not there:
        return Scored(None, "nothing answered" if apply else "nothing applies")
    if missing > scale.most_missing:
        return Scored(None, f"{missing} of {len(apply)} items missing")
    if scale.table is not None and scale.kind in WHOLE and len(apply) < len(given):
        return Scored(None, "an item does not apply")  # the table is of all items together
    if scale.kind == "state":
        return _converted(scale, state_of([a.code for a in there.values()]))
    raw = stepped(_raw(scale, apply, there), scale)
    return Scored(raw) if scale.table is None else _converted(scale, key_of(raw))


def _raw(scale: Scale, apply: Mapping[str, Answer | None], there: Mapping[str, Answer]) -> Number:
    """A person's own score, before it is rounded or converted. Missing items count as the mean of those answered."""
    if scale.kind == "all":
        return 1
    if scale.counting:
        count = sum(a.code in scale.counting[name] for name, a in there.items())
        return count if scale.kind == "count" else normal(Fraction(count, len(there)))
    total = sum((Fraction(scale.weights[name] * (a.value or 0)) for name, a in there.items()), Fraction(0))
    weight = sum((Fraction(scale.weights[name]) for name in there), Fraction(0))
    if scale.kind == "mean":
        return normal(total / weight)
    whole = sum((Fraction(scale.weights[name]) for name in apply), Fraction(0))
    return normal(scale.start + total * whole / weight)


def _converted(scale: Scale, key: str) -> Scored:
    assert scale.table is not None
    value = scale.table.get(key)
    return Scored(value) if value is not None else Scored(None, f"{key} is not in the table")
