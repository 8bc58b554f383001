"""The scales of an instrument: which keys mean something, which items and answers are meant, tables without gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import floor, prod

from alliance.contract.faults import Faults, Mark, did_you_mean, one_of
from alliance.contract.numbers import Number, normal, parse_number, parse_percent, round_to
from alliance.contract.source_nodes import Scalar
from alliance.contract.source_text import shown
from alliance.measures.instruments.entries import SIDES, Item, Scale, key_of
from alliance.measures.instruments.model import InstrumentPart, MissingPart, ScalePart

SUPPLIED = "supplied"
MOST_TABLE = 10_000  # entries of a table, states, and different sums that are tried for a gap
_ADDED = ("sum", "mean")
WHOLE = (
    "sum",
    "count",
    "state",
)  # whose table is of all items together: with one that does not apply there is no score
_MEANT = {  # which keys mean something with which scores
    "weights": _ADDED,
    "start": ("sum",),
    "counting": ("count", "share", "all"),
    "rounded": ("sum", "mean", "share"),
    "convert": ("sum", "mean", "count", "share"),
    "values": ("state",),
}


def build_scale(
    part: InstrumentPart, name: str, scale: ScalePart, items: Mapping[str, Item], faults: Faults
) -> Scale | None:
    """One scale; None, and faults, where it cannot stand."""
    before = len(faults.items)
    _keys(name, scale, faults)
    names = _items(name, scale, items, faults)
    weights = _weights(name, scale, names, faults)
    counting = _counting(name, scale, {n: items[n] for n in names}, faults)
    missing = _most_missing(name, scale.missing or part.missing, scale, len(names), faults)
    if scale.score in _ADDED:
        _values(name, scale, [items[n] for n in names], faults)
    given = scale.values if scale.score == "state" else scale.convert
    table = _table(name, given, scale, faults)
    rounded = scale.rounded
    if given is not None and missing and rounded is None and scale.score in _MEANT["rounded"]:
        message = f"scales.{name}: with an item missing a score can fall between the entries of its table."
        faults.add("AC407", scale.at.mark, message, "Round it first, as in rounded: {to: 1}, or let none be missing.")
    if len(faults.items) > before:
        return None
    built = Scale(
        name=name,
        title=str(scale.title or name.replace("_", " ")),
        kind=str(scale.score),
        items=tuple(names),
        weights=weights,
        start=scale.start or 0,
        counting=counting,
        most_missing=missing,
        step=rounded.to if rounded else None,
        how=str(rounded.how) if rounded else "half_up",
        table=table,
        supplied=isinstance(given, Scalar),
        better=str(scale.better or ""),
        mark=scale.at.mark,
    )
    if table:
        check_gaps(built, items, scale.at.value("values" if scale.score == "state" else "convert"), faults)
    return built


def _keys(name: str, scale: ScalePart, faults: Faults) -> None:
    for key, kinds in _MEANT.items():
        there = key in scale.at.node
        if there and scale.score not in kinds:
            message = f'scales.{name}: "{key}" means nothing where the score is {scale.score}.'
            faults.add("AC404", scale.at.node.key_mark(key), message, f"It belongs to {' or '.join(kinds)}.")
    for key in ("counting",) if scale.score in _MEANT["counting"] else ("values",) if scale.score == "state" else ():
        if key not in scale.at.node:
            message = f'scales.{name}: a score that is {scale.score} needs "{key}".'
            hint = "Say which answers count." if key == "counting" else "Give each state its value, or say supplied."
            faults.add("AC404", scale.at.mark, message, hint)
    if scale.rounded is not None and not scale.rounded.to > 0:
        message = f"scales.{name}: a score is rounded to a step above nothing, such as 1."
        faults.add("AC404", scale.rounded.at.value("to"), message)


def _items(name: str, scale: ScalePart, items: Mapping[str, Item], faults: Faults) -> list[str]:
    if scale.of is None:
        return list(items)
    found: list[str] = []
    for item in scale.of:
        if item not in items:
            faults.add(
                "AC402",
                item.mark,
                f"scales.{name}: there is no item {shown(item)}.",
                did_you_mean(item, items) or one_of(items),
            )
        elif item in found:
            faults.add("AC402", item.mark, f"scales.{name}: the item {shown(item)} stands here twice.")
        else:
            found.append(str(item))
    if not scale.of:
        faults.add("AC404", scale.at.value("of"), f"scales.{name}: a scale is of one item at least.")
    return found


def _weights(name: str, scale: ScalePart, names: list[str], faults: Faults) -> dict[str, Number]:
    for item, weight in scale.weights.items():
        if item not in names:
            message = f"scales.{name}: {shown(item)} is not an item of this scale."
            faults.add("AC402", item.mark, message, did_you_mean(item, names) or one_of(names))
        elif weight <= 0:
            message = f"scales.{name}: a weight is above nothing."
            faults.add("AC404", scale.at.value("weights", item), message, "To turn an item round, say reversed: true.")
    return {n: scale.weights.get(Scalar(n), 1) for n in names}


def _counting(name: str, scale: ScalePart, items: Mapping[str, Item], faults: Faults) -> dict[str, frozenset[str]]:
    given = scale.counting
    if given is None:
        return {}
    if isinstance(given, Scalar) and given in (*SIDES, "neither"):
        sided = {n: frozenset(c for c, a in item.answers.items() if a.side == given) for n, item in items.items()}
        for item, codes in sided.items():
            if not codes:
                message = f"scales.{name}: no answer to the item {shown(item)} is on the side {given}."
                faults.add("AC402", given.mark, message, f"Give one of its answers side: {given}.")
        return sided
    wanted = [given] if isinstance(given, Scalar) else given
    known = dict.fromkeys(c for item in items.values() for c in item.answers)
    unknown = [code for code in wanted if code not in known]
    for code in unknown:
        message = f"scales.{name}: {shown(code)} is not an answer to any of its items."
        faults.add("AC402", code.mark, message, did_you_mean(code, known) or one_of(known))
    sides = {a.side for item in items.values() for c, a in item.answers.items() if c in wanted and a.side in SIDES}
    if len(sides) > 1:
        message = f"scales.{name}: answers of benefit and of harm are counted together."
        faults.add("AC405", scale.at.value("counting"), message, "Count them in a scale each.")
    found = {n: frozenset(c for c in item.answers if c in wanted) for n, item in items.items()}
    without = [n for n, codes in found.items() if not codes]
    if without and not unknown:
        message = f"scales.{name}: no answer that counts can be given to the item {shown(without[0])}."
        faults.add("AC402", scale.at.value("counting"), message, "Leave the item out with of: [...].")
    return found


def _most_missing(name: str, given: MissingPart | None, scale: ScalePart, items: int, faults: Faults) -> int:
    if given is None:
        return 0
    text, mark = given.at_most, given.at.value("at_most")
    try:
        figure = parse_percent(text) if text.endswith("%") else parse_number(text)
    except ValueError as error:
        faults.add("AC407", mark, f"missing: {error}")
        return 0
    share = text.endswith("%")
    if figure < 0 or (figure >= 1 if share else Fraction(figure).denominator != 1 or figure >= max(items, 1)):
        message = f"scales.{name}: a person who answered none of {items} items cannot be scored."
        hint = f"Write a whole number from 0 to {items - 1}, or a percentage below 100%."
        faults.add("AC407", mark, message if figure > 0 else f"scales.{name}: this is not a number of items.", hint)
        return 0
    most = floor(figure * items) if share else int(figure)
    if most and scale.missing is not None and scale.score == "state":
        message = f"scales.{name}: a state is known only when every item is answered."
        faults.add("AC407", mark, message, "Leave the rule out.")
    return 0 if scale.score == "state" else most


def _values(name: str, scale: ScalePart, items: list[Item], faults: Faults) -> None:
    """Every answer that is added up has a value, and no scale nets harm against benefit."""
    for item in items:
        lacking = [a.code for a in item.answers.values() if a.value is None and not a.counts_as]
        if lacking:
            message = f"scales.{name}: the answer {shown(lacking[0])} to the item {shown(item.name)} has no value."
            hint = "Give it a value, or say what it counts_as: missing, or not applicable."
            faults.add("AC403", scale.at.mark, message, hint)
            return
    sides = {a.side for item in items for a in item.answers.values() if a.side in SIDES}
    if len(sides) > 1:
        message = f"scales.{name}: a {scale.score} over answers of benefit and of harm nets one against the other."
        faults.add("AC405", scale.at.value("score"), message, "Count each side in a scale of its own: score: count.")


def _table(name: str, given: object, scale: ScalePart, faults: Faults) -> dict[str, Number] | None:
    if given is None:
        return None
    if isinstance(given, Scalar):
        if given != SUPPLIED:
            message = f"scales.{name}: a table is wanted here, or the word supplied, not {shown(given)}."
            faults.add("AC406", given.mark, message, did_you_mean(given, [SUPPLIED]))
        return {}
    assert isinstance(given, dict)
    if len(given) > MOST_TABLE or not given:
        key = "values" if scale.score == "state" else "convert"
        message = f"scales.{name}: a table has from 1 to {MOST_TABLE:,} entries, not {len(given):,}."
        faults.add("AC409", scale.at.value(key), message)
    table: dict[str, Number] = {}
    for key, value in given.items():
        try:
            exact = str(key) if scale.score == "state" else key_of(parse_number(key))
        except ValueError as error:
            faults.add("AC406", key.mark, f"scales.{name}: {error}")
            continue
        if exact in table:
            faults.add("AC406", key.mark, f"scales.{name}: {shown(key)} stands in the table twice.")
        table[exact] = value
    return table


def check_gaps(scale: Scale, items: Mapping[str, Item], mark: Mark | None, faults: Faults) -> None:
    """A fault where the table of a scale lacks a score or state that some answers come to."""
    table = scale.table or {}
    could = _states(scale, items) if scale.kind == "state" else _scores(scale, items)
    lacking = [key for key in dict.fromkeys(could or ()) if key not in table]
    if lacking:
        many = f"{shown(lacking[0])} and {len(lacking) - 1:,} more" if len(lacking) > 1 else shown(lacking[0])
        what = "states" if scale.kind == "state" else "scores"
        message = f"scales.{scale.name}: the table lacks {many} of the {what} that answers can come to."
        endless = scale.kind != "state" and any("/" in key for key in lacking)
        faults.add("AC406", mark, message, "Round scores first, as in rounded: {to: 0.5}." if endless else "Add them.")


def state_of(codes: list[str]) -> str:
    """How a state is written: the answers' codes in the order of the items, with a dash between longer ones.

    >>> state_of(["1", "1", "2"]), state_of(["none", "some"])
    ('112', 'none-some')
    """
    return ("" if all(len(code) == 1 for code in codes) else "-").join(codes)


def _states(scale: Scale, items: Mapping[str, Item]) -> list[str] | None:
    """Every state that can be, or None where there are too many to try."""
    codes = [[a.code for a in items[n].answers.values() if not a.counts_as] for n in scale.items]
    if prod(len(c) for c in codes) > MOST_TABLE:
        return None
    return [state_of(list(state)) for state in product(*codes)]


@dataclass(frozen=True, slots=True)
class _Sum:
    """What answers add up to: their values, the weights of the items answered and of those that apply, and how many
    are missing."""

    total: Fraction = Fraction(0)
    there: Fraction = Fraction(0)
    apply: Fraction = Fraction(0)
    missing: int = 0


def _scores(scale: Scale, items: Mapping[str, Item]) -> list[str] | None:
    """Every score that somebody can have, or None where there are too many to try: with items missing or not
    applicable, where those are not too many."""
    sums = _sums(scale, items, True) or _sums(scale, items, False)
    if sums is None:
        return None
    scores = {_score(scale, one) for one in sums if one.there}
    return [key_of(stepped(normal(score), scale)) for score in sorted(scores)]


def _sums(scale: Scale, items: Mapping[str, Item], partly: bool) -> set[_Sum] | None:
    """What answers can add up to, also of some items only; None where there are too many."""
    sums = {_Sum()}
    for name in scale.items:
        answers = items[name].answers.values()
        weight = Fraction(1 if scale.counting else scale.weights[name])
        given = [a for a in answers if not a.counts_as]
        if scale.counting:
            steps = {Fraction(int(a.code in scale.counting[name])) for a in given}
        else:
            steps = {weight * (a.value or 0) for a in given}
        found: set[_Sum] = set()
        if partly and scale.kind not in WHOLE and any(a.counts_as == "not applicable" for a in answers):
            found |= sums
        for one in sums:
            found |= {_Sum(one.total + s, one.there + weight, one.apply + weight, one.missing) for s in steps}
            if partly and one.missing < scale.most_missing:
                found.add(replace(one, apply=one.apply + weight, missing=one.missing + 1))
            if len(found) > MOST_TABLE:
                return None
        sums = found
    return sums


def _score(scale: Scale, one: _Sum) -> Fraction:
    if scale.kind == "count":
        return one.total
    if scale.kind == "sum":
        return Fraction(scale.start) + one.total * one.apply / one.there
    return one.total / one.there


def stepped(score: Number, scale: Scale) -> Number:
    """A score rounded as its scale says."""
    return score if scale.step is None else round_to(score, scale.step, scale.how)
