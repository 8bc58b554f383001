"""The steps of a waterfall and the limits on a payment, each as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Sentence
from alliance.contract.english.scales import bands_words, curve_words
from alliance.contract.english.standing import Standing, at
from alliance.contract.english.terms import rounding
from alliance.contract.formula import tree as t
from alliance.contract.units import Unit

SIDES = {"gain": "a gain", "loss": "a loss", "": "the amount"}


def step(s: Standing, x: e.Step, unit: Unit) -> str:
    """A step as a sentence: its name, when it is taken, and what it does. `unit` is that of the payment."""
    said = _round(s, x, unit) if x.operation == "round" else _OPERATIONS[x.operation](s, x)
    if x.when is not None:
        said = f"when {s.condition(x.when)}, {said}"
    if x.only and x.operation not in _SAY_SIDE.get(x.only, ()):
        said = f"for {SIDES[x.only]}{'' if said.startswith('only ') else ' only'}, {said}"
    own = x.name.lower() not in (x.operation.replace("_", " "), "")
    return f"{w.sentence(x.name)} {w.sentence(said)}" if own else said


def _multiply(s: Standing, x: e.Step) -> str:
    by = x.values["by"]
    if isinstance(by.node, t.Literal) and by.unit.kind == "percent":
        return f"take {s.say(by)} of it"
    return f"multiply by {s.say(by)}"


def _add(s: Standing, x: e.Step) -> str:
    return f"add {s.say(x.values['amount'])}"


def _edge(s: Standing, x: e.Step, key: str) -> str:
    edge = s.say(x.values[key])
    if "of" not in x.values:
        return edge
    of = s.speaker(x.values["of"].node, x.values["of"].text)
    simple = isinstance(x.values[key].node, t.Literal)
    plain = isinstance(x.values["of"].node, (t.Ref, t.Literal, t.By))
    return f"{edge} of {of if plain else f'({of})'}" if simple else f"this share of {of}: {edge}"


def _side(x: e.Step) -> str:
    return "it" if x.only else "the amount, gain or loss,"


def _corridor(s: Standing, x: e.Step) -> str:
    key = "reach" if "reach" in x.values else "exceed"
    verb = "reaches" if key == "reach" else "exceeds"
    return f"nothing is due unless {_side(x)} {verb} {_edge(s, x, key)}; then the whole of it counts"


def _deadband(s: Standing, x: e.Step) -> str:
    edge = _edge(s, x, "beyond")
    return f"only what lies beyond {edge} counts{', of a gain or a loss' if not x.only else ''}"


def _curve(s: Standing, x: e.Step) -> str:
    return f"{_becomes(s, x)} what these points give: {curve_words(s.say, x.points, True)}{_kept(x)}"


def _bands(s: Standing, x: e.Step) -> str:
    return f"{_becomes(s, x)} what these bands give: {bands_words(s.say, x.bands)}{_kept(x)}"


def _becomes(s: Standing, x: e.Step) -> str:
    share = f"as a share of {s.say(x.values['of'])}, " if "of" in x.values else ""
    return f"{share}{SIDES[x.only]} becomes"


def _kept(x: e.Step) -> str:
    """That curves and bands go by the size of an amount, and keep its sign."""
    return {"": ". A loss goes by its size, and stays a loss", "loss": ". It goes by its size"}.get(x.only, "")


def _gate(s: Standing, x: e.Step) -> str:
    unknown = {
        "shut": "If that is not known, nothing is due",
        "open": "If that is not known, the payment goes on",
        "": "If that is not known, the payment is not determined",
    }[x.if_unknown]
    gate = x.values["if"]
    if isinstance(gate.node, t.Not):
        return f"nothing is due if {s.speaker(gate.node.of, gate.text)}. {unknown}"
    return f"nothing is due unless {s.condition(gate)}. {unknown}"


def _at_most(s: Standing, x: e.Step) -> str:
    return f"{SIDES[x.only] if x.only else 'it'} is {_bound(s, 'at most', x.values['amount'])}"


def _at_least(s: Standing, x: e.Step) -> str:
    return f"{SIDES[x.only] if x.only else 'it'} is {_bound(s, 'at least', x.values['amount'])}"


def _bound(s: Standing, word: str, expr: e.Expr) -> str:
    """A limit; one that is called the most of something is set apart."""
    if isinstance(expr.node, t.Literal) and expr.node.value == 0:
        return f"{word} nothing"
    said = s.say(expr)
    return f"{word} this: {said}" if said.startswith(("most ", "least ", "“Most ", "“Least ")) else f"{word} {said}"


def _deduct(s: Standing, x: e.Step) -> str:
    return f"take this off a gain, never past nothing: {s.say(x.values['amount'])}"


def _relieve(s: Standing, x: e.Step) -> str:
    return f"take this off a loss, never past nothing: {s.say(x.values['amount'])}"


def _round(s: Standing, x: e.Step, unit: Unit) -> str:
    assert x.rounding is not None
    return f"it is {rounding(s, x.rounding, unit)}"


_OPERATIONS: dict[str, Callable[[Standing, e.Step], str]] = {
    "multiply": _multiply,
    "add": _add,
    "corridor": _corridor,
    "deadband": _deadband,
    "curve": _curve,
    "bands": _bands,
    "gate": _gate,
    "at_most": _at_most,
    "at_least": _at_least,
    "deduct": _deduct,
    "relieve": _relieve,
}
_SIDED = ("curve", "bands", "at_most", "at_least")
_SAY_SIDE = {"gain": (*_SIDED, "deduct"), "loss": (*_SIDED, "relieve")}


def limits(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    """The most and least that the payment as a whole comes to, after its steps."""
    for expr, word in ((p.at_most, "at most"), (p.at_least, "at least")):
        if expr is not None:
            whose = {"gain": "A gain from the payment", "loss": "A loss from the payment"}
            who = whose.get(p.limits_only, "The payment as a whole")
            yield at(f"{who} is {_bound(s, word, expr)}", p.clause, expr.mark)
