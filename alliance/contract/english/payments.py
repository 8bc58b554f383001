"""Payments: what each pays for, its steps in order, and who pays whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Section, Sentence
from alliance.contract.english.sharing import sharing
from alliance.contract.english.slices import slices
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.english.steps import limits, step
from alliance.contract.english.who import SETTLES
from alliance.contract.formula import tree as t
from alliance.contract.formula.english import THE_GROUP, Speaker

_PAYS_FOR = {
    "outcome": "It pays for outcomes",
    "availability": "It pays for being available, used or not",
    "block": "It is a block payment",
    "pass_through": "It passes a cost through",
}


def payments(s: Standing) -> Section:
    """Every payment, in the order in which the contract lists them."""
    entries = []
    for p in (p for p in s.built.payments.values() if not p.rule):  # what rules pay is said with them
        said = [*payment(holding(s, p), p), *(at(n, p.clause, p.mark) for n in s.note("payments", p.name))]
        entries.append(s.entry(p, s.speaker.title(p.name), said))
    coin = {"GBP": "penny"}.get(s.built.currency, "cent" if s.built.places == 2 else "smallest coin")
    about = (
        "Steps are taken in the order given. A gain is above nothing and a loss below it; a loss goes the other way, "
        "from those who would have been paid.",
        f"What is paid is rounded to the {coin}, half up, and shared without losing one.",
    )
    return Section("Payments", about, tuple(entries))


def holding(s: Standing, p: e.Payment) -> Standing:
    """The standing in which a payment for each group of records says whose records they are."""
    if p.each is None or p.each.kind != "group":
        return s
    names: Mapping[str, str] = s.speaker.names
    records = f"the {w.spaced(p.each.field)}'s {s.speaker.phrase(p.each.over)}"
    return replace(s, speaker=Speaker({**names, THE_GROUP: records}, s.built.currency, s.built.payments))


def payment(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    """One payment."""
    yield from _head(s, p)
    yield from waterfall(s, p)
    yield from sharing(s, p)
    yield from _afterwards(s, p)


def _head(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    file = shape(s.document.payments, p.name)
    said = [_PAYS_FOR[p.pays_for]] if p.pays_for else []
    if p.unit.kind != "money":
        said.append("it counts units and moves no money" if said else "It counts units and moves no money")
    when = {"year": "it is worked out once, on the whole year"}
    said.append(when.get(p.settles, f"it is earned {SETTLES[p.settles]}, and a year is the sum of its {p.settles}s"))
    yield at("; ".join(said), p.clause, p.mark)
    if file.shadow is False or not p.shadow:
        pass
    elif p.shadow is True:
        yield at("It is in shadow: it is worked out and printed, and no money moves", p.clause, file.at.value("shadow"))
    else:
        years = w.joined([label for label, flag in p.shadow.items() if flag])
        if years:
            text = f"In {years} it is in shadow: it is worked out and printed, and no money moves"
            yield at(text, p.clause, file.at.value("shadow"))
    if p.each is not None:
        yield at(f"There is one {_each(s, p.each)}", p.clause, file.at.value("each"))
    if p.when is not None:
        yield at(f"It is due only when {s.condition(p.when)}", p.clause, p.when.mark)
    if p.funding is not None:
        f = p.funding
        who = f"Each {w.spaced(f.each.over)}" if f.each is not None else s.who(f.payer)
        yield at(f"{who} pays this into {s.who(f.into)}: {_of_the_year(s, p, f.pays)}", p.clause, f.mark)


def _each(s: Standing, each: e.Each) -> str:
    if each.kind == "record":
        said = s.speaker.phrase(each.over)
        return f"for each row of {said}" if w.is_plural(said) else f"for each record of {said}"
    if each.kind == "group":
        return f"for each {w.spaced(each.field)} in {s.speaker.phrase(each.over)}"
    return f"for each {w.spaced(each.over)}"


def waterfall(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    """The start and every step, limit and slice, numbered in the order in which they are taken."""
    number = 1
    yield at(f"Start from {_of_the_year(s, p, p.start)}", p.clause, p.start.mark, "1")
    for one in p.steps:
        number += 1
        yield at(step(s, one, p.unit), one.clause or p.clause, one.mark, str(number))
    for said in limits(s, p):
        number += 1
        yield replace(said, number=str(number))
    if p.slices:
        yield from slices(s, p, str(number + 1))


def _of_the_year(s: Standing, p: e.Payment, expr: e.Expr) -> str:
    """A formula in words, with what of an amount a year counts where the payment settles over less."""
    said = s.say(expr)
    yearly = any(r.kind == "term" and s.built.terms[r.name].yearly for r in t.names(expr.node))
    if yearly and p.settles != "year":
        share = {"half-year": "a half of it", "quarter": "a quarter of it", "month": "a twelfth of it"}[p.settles]
        many = "of each amount a year, " if not isinstance(expr.node, t.Ref) else ""
        return f"{said} ({many}{share} in a {p.settles})"
    return said


def _afterwards(s: Standing, p: e.Payment) -> Iterator[Sentence]:
    if p.on_account is not None:
        o = p.on_account
        each = {"month": "monthly", "quarter": "quarterly", "half-year": "half-yearly"}[o.length]
        text = (
            f"Before it settles, this amount for the year is paid on account in equal {each} instalments: "
            f"{s.say(o.of_the_year)}. It counts towards what the payment comes to"
        )
        yield at(text, o.clause or p.clause, o.mark)
    if p.owed:
        file = shape(s.document.payments, p.name)
        text = f"What is paid is an advance, and is recorded as owed in {s.who(p.owed)}"
        yield at(text, p.clause, file.at.value("owed"))
    if p.recoup is not None:
        r = p.recoup
        most = f", at most this at a time: {s.say(r.at_most)}" if r.at_most is not None else ""
        text = f"What is owed in {s.who(r.account)} is first taken back out of what is earned{most}"
        yield at(text, r.clause or p.clause, r.mark)
