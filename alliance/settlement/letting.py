"""Money that rules hold back, let go: released to its payee, or gone back after a time or by a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY
from alliance.contract.values import Value, unknown
from alliance.settlement.book import name_in
from alliance.settlement.effects import place_of, what_of
from alliance.settlement.holding import HOLDS, LET_GO, WITHHELD, consequence, gone
from alliance.settlement.netting import Netted
from alliance.settlement.owing import noted_for
from alliance.settlement.result import Transfer
from alliance.settlement.state import HeldBack
from alliance.settlement.view import View

if TYPE_CHECKING:
    from alliance.settlement.outcome import Outcomes
    from alliance.settlement.run import Run
    from alliance.settlement.settling import Settling

KINDS = {"release": "released", "lapse": "lapsed", "reversal": "reversed"}


def held_now(run: Run, outcomes: Mapping[str, Any]) -> None:
    """Keep what is held back of the payments that a run worked out itself. Of one that is not determined what was held
    back stays so."""
    held, label = run.settling.held, run.period.label
    for name, (outcome, _) in outcomes.items():
        payment = run.built.payments.get(name)
        if payment is None or payment.settles != run.period.length or outcome.status != "determined":
            continue
        if name in run.settling.stands:  # as it was, since the whole of it is not determined
            continue
        before = {k: h for k, h in held.items() if (h.period, h.payment) == (label, name)}
        for key in before:
            del held[key]
        for item in (h for h in run.held if h.payment == name):
            was, so_far = before.get(item.key, item), held[item.key].amount if item.key in held else 0
            held[item.key] = replace(item, amount=so_far + item.amount, let_go=was.let_go, how=was.how)


def let_go(run: Run) -> list[Transfer]:
    """What is let go in a period of what was held back before it, whether or not it was let go then before.

    Only a period of the length that money was held back in lets it go. What an earlier period let go is gone.
    """
    settling, period = run.settling, run.period
    found: list[Transfer] = []
    for key, item in list(settling.held.items()):
        if item.start >= period.start or item.length != period.length or gone(run, item):
            continue
        stands = item.stands or (item.payment in settling.stands and item.start in settling.period)
        how = _how(run, item) if not stands else item.how if item.let_go == period.label else ""
        if how:
            found += _transfers(run.built, item, how)
            settling.held[key] = replace(item, let_go=period.label, how=how)
        elif item.let_go == period.label:
            settling.held[key] = replace(item, let_go="", how="")
    return found


def left_as_it_was(settling: Settling, outcomes: Outcomes) -> None:
    """Of a payment that is not determined over its parts nothing moves: what was held back of it in them, and what was
    let go since, is as it was."""
    own = settling.period
    lost = {name for name, (outcome, parts) in outcomes.items() if outcome.status == "undetermined" and parts}

    def of_them(item: HeldBack) -> bool:
        return item.payment in lost and item.start in own

    kept = [h for h in settling.held.values() if not of_them(h)]
    settling.held = {h.key: h for h in (*kept, *filter(of_them, settling.opening.held))}


def due_let_go(settling: Settling) -> list[Transfer]:
    """What is due of money held back: what the period and its parts let go, less what was let go in them before."""
    left, contract, own = Netted(), settling.contract, settling.period
    for item in settling.held.values():
        period = contract.calendar.parse(item.let_go) if item.let_go else None
        if period is not None and period.start >= own.start and period.end <= own.end:
            for one in _transfers(contract.on(period.start, settling.as_of), item, item.how):
                left.put((one.payment, one.kind, one.unit), one.payer, one.payee, one.amount)
    for m in settling.moved_in(settling.period):
        if m.kind in LET_GO:
            unit = "owed" if m.noted else "money"
            left.put((m.payment, m.kind, unit), m.payer, m.payee, -m.amount)
    return [Transfer(name, kind, payer, payee, amount, unit) for (name, kind, unit), payer, payee, amount in left.due()]


def _how(run: Run, item: HeldBack) -> str:
    """How an item is let go in a period: not at all where the rule still holds, or its condition is not met. What a
    rule held that the contract no longer has, by a variation, is released."""
    rule = next((r for r in run.built.rules if r.name == item.rule), None)
    c = consequence(rule, item.payment, item.then) if rule is not None else None
    if c is None or rule is None:
        return "release"
    if not _brought(run, rule, c):  # nobody can tell: as it was, if it was let go in this period before
        return item.how if item.let_go == run.period.label else _lapsed(run, item)
    view = _later(run, rule, item)
    until, reverse = c.figures.get("until"), c.figures.get("reverse_when")
    if reverse is not None and run.evaluate(reverse, view) is True:
        return "reversal"
    if run.evaluate(until, view) is True if until is not None else not _still(run, rule, item):
        return "release"
    return _lapsed(run, item)


def _lapsed(run: Run, item: HeldBack) -> str:
    return "lapse" if item.lapses is not None and item.lapses <= run.period.end else ""


def _brought(run: Run, rule: e.Rule, c: e.Consequence) -> bool:
    """Whether the records were brought by which it is decided whether money is let go. Without them nobody can tell,
    and it stays held."""
    read = {p.source for p in (*rule.patterns, *(a.pattern for a in rule.absent)) if p.kind == "record"}
    later = [c.figures[key].node for key in ("until", "reverse_when") if key in c.figures]
    if later:
        read = {n.over for node in later for n in node.walk() if isinstance(n, t.Aggregate)} & set(run.built.inputs)
    return read <= set(run.settling.brought.records)


def _later(run: Run, rule: e.Rule, item: HeldBack) -> View:
    """Where it is decided whether an item is let go: its payee in hand, the facts as they stood when it was held."""
    fields: dict[str, Value] = {}
    for p in rule.patterns:
        names = [f"{p.alias}.{n}" if p.alias else n for n in p.fields] + [p.alias] * bool(p.alias and not p.fields)
        fields |= {n: item.facts.get(n, unknown(f"{n} of what {rule.name} held for", "missing")) for n in names}
    payee = {PARTY: item.payee} if item.payee in run.built.parties else {}
    return View(run, {**item.bound, **payee}, fields)


def _still(run: Run, rule: e.Rule, item: HeldBack) -> bool:
    """Whether the rule that holds money back still holds for its payee, or cannot be decided. Where a fact is the same
    one from period to period, it must hold for that one."""
    if run.followed is None or rule.name in run.followed.undecided:
        return True
    lasting = all(_lasts(run, p) for p in rule.patterns)
    own, _, _ = item.key.partition(" | ")
    return any(
        x.rule.name == rule.name
        and x.verb in HOLDS
        and place_of(x) == item.then
        and x.who in ("", item.payee)
        and (not lasting or what_of(x) == own)
        for x in run.followed.of(item.payment)
    )


def _lasts(run: Run, pattern: e.Pattern) -> bool:
    """Whether a fact is told to be the same one when it is met again: records are where something of them is unique."""
    return bool(run.built.inputs[pattern.source].unique) if pattern.kind == "record" else pattern.kind != "raised"


def _transfers(built: Built, item: HeldBack, how: str) -> Iterator[Transfer]:
    """What moves when an item is let go. Of an advance, what is paid by that is owed from then on."""
    to = item.payee if how == "release" else item.payer
    yield Transfer(item.payment, how, f"{WITHHELD}/{item.key}", to, item.amount)
    payment = built.payments.get(item.payment)
    if how == "release" and payment is not None and payment.owed:
        note = name_in(*noted_for(built, payment.owed, item.payee))
        yield Transfer(item.payment, how, item.payer, note, item.amount, "owed")
