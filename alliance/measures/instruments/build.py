"""From the shape of an instrument's file to what it means: names resolved, and what cannot stand told at its place."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise

from alliance.contract.canonical import canonical_text
from alliance.contract.faults import Faults, did_you_mean, one_of
from alliance.contract.numbers import Number
from alliance.contract.source_nodes import Map, Plain, plain
from alliance.contract.source_text import shown
from alliance.measures.instruments.entries import Answer, Instrument, Item, Mode, Scale
from alliance.measures.instruments.model import AnswerPart, InstrumentPart, ItemPart
from alliance.measures.instruments.scales import build_scale

MOST_ITEMS, MOST_ANSWERS, MOST_SCALES = 200, 100, 100
MOST_CODE = 40
RESERVED = ("person", "date", "completion")


def build(part: InstrumentPart, root: Map, faults: Faults) -> Instrument | None:
    """The instrument of a file's shape; None, and faults, where it cannot stand."""
    if part.instrument != "1":
        message = f"the instrument is in version {shown(part.instrument)} of the format, and version 1 is read."
        faults.add("AC401", part.at.value("instrument"), message, "Write instrument: 1.")
    _limits(part, faults)
    if faults:
        return None
    items = {str(name): _item(part, str(name), item, faults) for name, item in part.items.items()}
    if faults:
        return None
    scales = {str(name): build_scale(part, str(name), scale, items, faults) for name, scale in part.scales.items()}
    response = _response(part, faults)
    if faults:
        return None
    return Instrument(
        file=root.mark.file,
        id=str(part.id),
        title=str(part.title),
        version=str(part.version),
        about=str(part.about or ""),
        source=str(part.source or ""),
        items=items,
        scales={name: scale for name, scale in scales.items() if isinstance(scale, Scale)},
        modes={str(n): Mode(str(n), str(m.label), m.counts) for n, m in part.completion.items()},
        blank=frozenset(str(text) for text in part.blank),
        response=response,
        digest=_digest(root),
    )


def _limits(part: InstrumentPart, faults: Faults) -> None:
    counted = [("items", len(part.items), MOST_ITEMS), ("scales", len(part.scales), MOST_SCALES)]
    counted += [(f"answers.{name}", len(answers), MOST_ANSWERS) for name, answers in part.answers.items()]
    for what, entries, most in counted:
        if not entries:
            faults.add("AC404", part.at.value(*what.split(".")), f"there is nothing in {what}.")
        if entries > most:
            message = f"{what} has {entries:,} entries, and {most:,} are the most."
            faults.add("AC409", part.at.value(*what.split(".")), message)
    for name in (*part.items, *part.scales):
        if name in RESERVED:
            message = f'"{name}" is a column of every table of answers.'
            faults.add("AC410", name.mark, message, "Call the item or scale something else.")
    for answers in part.answers.values():
        for code in answers:
            if not code.strip() or len(code) > MOST_CODE:
                message = f"an answer is written with 1 to {MOST_CODE} characters, not as {shown(code)}."
                faults.add("AC409", code.mark, message)


def _item(part: InstrumentPart, name: str, item: ItemPart, faults: Faults) -> Item:
    given = part.answers.get(item.answers)
    if given is None:
        message = f"items.{name}: there are no answers {shown(item.answers)}."
        hint = did_you_mean(item.answers, part.answers) or one_of(part.answers)
        faults.add("AC402", item.answers.mark, message, hint)
        return Item(name, str(item.text), {})
    for code in item.values:
        if code not in given:
            message = f"items.{name}: {shown(code)} is not one of the answers {shown(item.answers)}."
            faults.add("AC402", code.mark, message, did_you_mean(code, given) or one_of(given))
    answers = {str(code): _answer(str(code), answer) for code, answer in given.items()}
    answers |= {str(code): _with_value(answers[code], value) for code, value in item.values.items() if code in answers}
    if item.reversed:
        values = [a.value for a in answers.values() if a.value is not None]
        if not values:
            message = f"items.{name}: its answers have no values to reverse."
            faults.add("AC403", item.at.value("reversed"), message)
        ends = min(values, default=0) + max(values, default=0)
        answers = {c: a if a.value is None else _with_value(a, ends - a.value) for c, a in answers.items()}
    return Item(name, str(item.text), answers)


def _answer(code: str, answer: AnswerPart | Number) -> Answer:
    if not isinstance(answer, AnswerPart):
        return Answer(code, code, answer, "", "")
    label, side, counts_as = answer.label or code, answer.side or "", answer.counts_as or ""
    return Answer(code, str(label), answer.value, str(side), str(counts_as))


def _with_value(answer: Answer, value: Number) -> Answer:
    return Answer(answer.code, answer.label, value, answer.side, answer.counts_as)


def _response(part: InstrumentPart, faults: Faults) -> tuple[tuple[Number, Number], ...]:
    if part.response is None:
        return ()
    points = tuple(part.response.weight.items())
    mark = part.response.at.value("weight")
    if len(points) != len(part.response.at.node["weight"]):
        faults.add("AC408", mark, "response: a response rate has two weights.")
    for what, figures in ("response rates", [x for x, _ in points]), ("weights", [y for _, y in points]):
        if any(not 0 <= figure <= 1 for figure in figures):
            faults.add("AC408", mark, f"response: {what} are from 0% to 100%.")
        if any(a > b or (a == b and what != "weights") for a, b in pairwise(figures)):
            hint = "A lower response never weighs more." if what == "weights" else "Write them from low to high."
            faults.add("AC408", mark, f"response: {what} rise from point to point.", hint)
    if not points:
        faults.add("AC408", mark, "response: a rule has at least one point.", "Write for example 30%: 50%.")
    return points


def _digest(root: Map) -> str:
    """The hash of what the file says, its layout and comments left out; the order of items and answers counts."""

    def canonical(node: Plain) -> object:
        if isinstance(node, dict):
            return [[key, canonical(value)] for key, value in node.items()]
        return [canonical(item) for item in node] if isinstance(node, list) else canonical_text(node or "")

    text = json.dumps(canonical(plain(root)), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
