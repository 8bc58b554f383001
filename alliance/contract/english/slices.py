"""Slices: an amount divided in order, each part with its own limit and its own payers or payees."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.english.model import Sentence
from alliance.contract.english.sharing import payees_words, payers_words
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.english.words import sentence
from alliance.contract.formula import tree as t

_WHOLE = {"gain": "the whole of a gain", "loss": "the whole of a loss", "": "the whole amount"}
_OF = {"gain": "of a gain", "loss": "of a loss", "": "of the amount"}


def slices(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    """What is divided, each slice, and what becomes of an amount beyond them."""
    yield at("The amount is divided, in this order:", p.clause, shape(s.document.payments, p.name).at.value("slices"))
    for index, part in enumerate(p.slices):
        yield at(_slice(s, p, part, p.slices[:index]), part.clause or p.clause, part.mark)
    beyond = _beyond(p)
    if beyond:
        text = f"{beyond} is beyond every slice stays with the payer"
        yield at(text, p.clause, shape(s.document.payments, p.name).at.value("slices"))


def _slice(s: Standing, p: e.Payment, x: e.Slice, earlier: tuple[e.Slice, ...]) -> str:
    later = any(not y.only or not x.only or y.only == x.only for y in earlier)
    if x.up_to is None:
        side = {"gain": "a gain", "loss": "a loss", "": "the amount"}[x.only]
        what = f"all that is left of {side}" if later else _WHOLE[x.only]
    else:
        of = f"of what is left {_OF[x.only]}" if later else _OF[x.only]
        what = f"{of}, the part up to {_amount(s, x.up_to)}"
    if x.when is not None:
        what = f"when {s.condition(x.when)}, {what}"
    said = f"{what}: {payees_words(s, p, x.payees, x.only)}"
    if x.payers != p.payers:
        said += f", {'paid' if x.only != 'loss' else 'owed'} {'by' if x.only != 'loss' else 'to'} "
        said += payers_words(s, p, x.payers)
    return said if x.name == "slice" else f"{sentence(x.name)} {sentence(said)}"


def _amount(s: Standing, expr: e.Expr) -> str:
    plain = isinstance(expr.node, (t.Ref, t.Literal, t.By, t.Arithmetic))
    return s.say(expr) if plain else f"({s.say(expr)})"


def _beyond(p: e.Payment) -> str:
    """What may lie beyond every slice: both sides, one of them, or nothing."""

    def open_(side: str) -> bool:
        return any(x.up_to is None and x.when is None and x.only in ("", side) for x in p.slices)

    gain, loss = open_("gain"), open_("loss")
    if gain and loss:
        return ""
    return "what" if not gain and not loss else "what of a loss" if gain else "what of a gain"
