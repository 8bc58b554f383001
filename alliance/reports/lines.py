"""The lines of a waterfall in words: what was done, with which values, and what the amount then is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from alliance.contract.values import Unknown, Value
from alliance.reports.model import ALERT, QUIET, Row
from alliance.reports.naming import Naming, sentence
from alliance.settlement.result import Line, PaymentResult

LINE_HEADS = ("Line", "How", "Clause", ">Amount")

_VERBS = {
    "multiply": "times {}",
    "add": "plus {}",
    "at_most": "at most {}",
    "at_least": "at least {}",
    "deduct": "less {}",
    "relieve": "relieved by {}",
    "gate": "only if {}",
    "curve": "by the curve",
    "bands": "by the bands",
}
_FIGURE = re.compile(r"-?[0-9_.]+(?:%| [A-Za-z]+)?")
_OBVIOUS = {"within the limit", "above the least", "open"}


def split(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of a payment as a whole: its funding, and what was kept, limited or not earned."""
    found = [x for x in lines if x.kind != "part"]
    return [x for x in found if x.kind == "funding"], [x for x in found if x.kind != "funding"]


def line_row(n: Naming, x: Line, unit: str) -> Row:
    """A line as a row: name, how, clause, and the amount after it (of a slice, the slice itself)."""
    by_rule = ruled(n, x)
    if by_rule is not None:
        return Row((by_rule[0], _by_rule(n, x, unit), x.clause, n.amount(_taken(x) if by_rule[1] else x.after, unit)))
    amount = x.before if x.kind in ("unearned", "kept") else _taken(x) if x.kind in ("slice", "recoup") else x.after
    style = ALERT if isinstance(x.after, Unknown) else QUIET if x.note.startswith("not taken") else ""
    return Row((_name(n, x), _how(n, x, unit), x.clause, n.amount(amount, unit)), style)


def came_to_nothing(n: Naming, p: PaymentResult) -> Iterator[str]:
    """Why a payment that was determined came to nothing: the line at which it did, for each of its waterfalls."""
    for w in p.waterfalls:
        at = next((x for x in w.lines if x.after == 0 and (x.before or x.kind in ("when", "start"))), None)
        if at is not None:
            who = f"{n.instance(w.of)}: " if w.of else ""
            name, how, _, _ = line_row(n, at, p.unit).cells
            yield f"{who}{name}: {how}" if how else f"{who}{name} is nothing."


def ruled(n: Naming, x: Line) -> tuple[str, str] | None:
    """The title of what a rule did and whom it took something from, empty where it changed an amount as a whole; None
    for a line that is no rule's."""
    if not any(kind == "rule" for _, _, kind in x.facts):
        return None
    title, _, party = x.name.rpartition(": ")
    title, party = (title, party) if party in n.settlement.parties else (x.name, "")
    title = title[:1].upper() + title[1:]
    return (f"{title}: {n.who(party)}", party) if party else (title, "")


def _by_rule(n: Naming, x: Line, unit: str) -> str:
    """What a rule did, which rule it is and what it held for."""
    facts = [(where, str(text)) for where, text, kind in x.facts if kind == "fact"]
    told = [f"{text} ({where})" if where else text for where, text in facts]
    if x.kind == "start":  # its waterfall says what it is for
        told = [where for where, _ in facts if where]
    name = next(str(value) for _, value, kind in x.facts if kind == "rule")
    values = [n.amount(value, kind) for _, value, kind in x.facts if kind not in ("rule", "fact")]
    done = {
        "gate": "shut",
        "scale": "{} of it counts",
        "deduct": "{} is deducted",
        "withhold": "{} is held back",
        "start": "",
    }[x.kind].format(*values or ["all of it"])
    rest = x.note.partition(": ")[2] if not facts else ""
    if rest and not values:
        done = ""
    which = f"rule {name}" + (f", for {'; '.join(told)}" if told else f", {rest}" if rest else "")
    return " ".join(sentence(part) for part in (done, which) if part)


def _name(n: Naming, x: Line) -> str:
    if x.kind == "start":
        return f"Start: {n.thing(x.name)}"
    if x.kind in ("limit", "recoup"):
        who, _, rest = x.name.partition(":")
        if rest and n.who(who) != who:
            return f"{n.who(who)}: limited"
        head, _, party = x.name.rpartition(" ")
        if party in n.settlement.parties:
            return sentence(f"{head} {n.who(party)}").rstrip(".")
    if x.kind == "slice":
        return f"Slice: {x.name}"
    if x.kind == "carried":
        return f"{n.who(x.name.partition(':')[0])}: carried"
    return f"{x.name[:1].upper()}{x.name[1:]}"


def _how(n: Naming, x: Line, unit: str) -> str:
    """The operation with its values, then what came of it."""
    if x.note.startswith("not taken") or x.kind == "when":
        return n.note(x.note)
    if x.kind == "slice":
        return _slice(n, x, unit)
    if x.kind == "unearned" and x.note.startswith("to "):
        return f"Goes to {n.party(x.note.removeprefix('to '))}."
    if x.kind == "gate" and x.note.endswith(" is not so"):
        return n.note(x.note)  # which names the test already
    values = [_fact(n, label, value, kind) for label, value, kind in x.facts]
    done = _operation(n, x, values, unit)
    note = "" if x.kind == "recoup" or (x.note in _OBVIOUS and x.kind != "gate") else n.note(x.note)
    if isinstance(x.after, Unknown):
        note = n.why(x.after) if x.note in ("", str(x.after)) else note
    return " ".join(sentence(part) for part in (done, note) if part)


def _operation(n: Naming, x: Line, values: list[str], unit: str) -> str:
    if x.kind in ("corridor", "deadband") and len(values) == 2:
        return f"{values[0].partition(' (')[0]} of {values[1]}"
    if not values:
        return "by the curve" if x.kind == "curve" else "by the bands" if x.kind == "bands" else ""
    if x.kind in ("curve", "bands"):
        return f"{_VERBS[x.kind]}, of {values[0]}"
    if x.kind == "recoup":
        return f"An advance is taken back from what is earned, and {n.amount(x.facts[0][1], unit)} of it is still owed"
    if x.kind == "limit":
        said = f"At most {n.amount(x.facts[0][1], unit)} in size, instead of {n.amount(x.before, unit)}"
        more = {label: value for label, value, _ in x.facts[1:]}
        if "used before" in more:
            said += f": {n.amount(more['for the year'], unit)} for the year, of which "
            said += f"{n.amount(more['used before'], unit)} was used before"
        if "account" in more:
            said += f": {n.who(str(more['account']))}"
        return said
    return _VERBS.get(x.kind, "{}").format(", ".join(values))


def _taken(x: Line) -> Value:
    """What a slice takes of the amount that is left before it."""
    if not isinstance(x.before, int | Fraction) or not isinstance(x.after, int | Fraction):
        return x.after
    return x.before - x.after


def _slice(n: Naming, x: Line, unit: str) -> str:
    """Whose a slice is, and what of it stays with the payer."""
    kept = _kept(n, x, unit)
    shares = [f"{n.value(v, kind)} to {n.who(who[3:])}" for who, v, kind in x.facts if who.startswith("to ")]
    if _taken(x) == 0 or not shares:
        return kept
    return " ".join((sentence(", ".join(shares)), kept)).rstrip()


def _kept(n: Naming, x: Line, unit: str) -> str:
    stays = next((v for label, v, _ in x.facts if label == "stays with the payer"), None)
    taken = _taken(x)
    if taken == 0:
        return "Nothing is left for it." if x.before == 0 else sentence(x.note or "it takes nothing")
    if stays is None:
        return sentence(x.note)
    loss = isinstance(stays, int | Fraction) and stays < 0
    if stays == taken:
        return "The payer bears all of it." if loss else "All of it stays with the payer."
    if loss:
        return f"The payer bears {n.amount(-stays, unit)} of it."  # type: ignore[operator]
    return f"{n.amount(stays, unit)} of it stays with the payer."


def _fact(n: Naming, label: str, value: Value, kind: str) -> str:
    """A value with what it is: "How the alliance did (74.47%)"; a plain figure stands for itself."""
    text = n.amount(value, kind)
    if _FIGURE.fullmatch(label):
        return label if kind == "zero" else text
    return f"{n.thing(label)} ({text})"
