"""Slices: an amount divided in order, each part with its own limit and its own payers or payees."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Sentence
from alliance.contract.english.sharing import paid_by, paid_to, payees_words, target
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.formula import tree as t

_WHOLE = {"gain": "the whole of a gain", "loss": "the whole of a loss", "": "the whole amount"}
_OF = {"gain": "of a gain", "loss": "of a loss", "": "of the amount"}


def slices(s: Standing, p: e.Payment, number: str) -> Iterator[Sentence]:
    """What is divided, each slice by its letter, and what becomes of an amount beyond them."""
    mark = shape(s.document.payments, p.name).at.value("slices")
    yield at("The amount is divided, in this order:", p.clause, mark, number)
    for index, part in enumerate(p.slices):
        letter = chr(ord("a") + index) if index < 26 else str(index + 1)
        yield at(_slice(s, p, part, p.slices[:index]), part.clause or p.clause, part.mark, letter, deep=True)
    beyond = _beyond(p)
    if beyond:
        own = all(x.payers != p.payers for x in p.slices)
        stays = w.joined(target(s, p, x) for x in p.payers) if own else "the payer"
        yield at(f"{beyond} is beyond every slice stays with {stays}", p.clause, mark, deep=True)


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
    if x.payers != p.payers and any(y.kind != "stays" for y in x.payees):
        far = " as far as it goes" if [y.kind for y in x.payers] == ["account"] else ""
        said += f", owed {paid_to(s, p, x.payers)}" if x.only == "loss" else f", paid {paid_by(s, p, x.payers)}{far}"
    return said if x.name == "slice" else f"{w.sentence(x.name)} {w.sentence(said)}"


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
