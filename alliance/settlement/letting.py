"""Money that rules hold back, let go: released to its payee, or gone back after a time or by a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY
from alliance.contract.values import Value, unknown
from alliance.settlement.effects import WITHHELD, what_of
from alliance.settlement.result import Transfer
from alliance.settlement.state import HeldBack
from alliance.settlement.view import View

if TYPE_CHECKING:
    from alliance.settlement.run import Run

KINDS = {"release": "released", "lapse": "lapsed", "reversal": "reversed"}


def let_go(run: Run) -> tuple[list[Transfer], tuple[HeldBack, ...]]:
    """What is let go in a period of what was held back before it, and all that is held back after it.

    A period that is settled again lets go what it let go, and nothing twice; what it no longer lets go is held again.
    Only a period of the length that money was held back in lets it go: a year's true-up leaves it alone.
    """
    period = run.period
    transfers: list[Transfer] = []
    after: list[HeldBack] = []
    for item in run.settling.opening.held:
        before = item.how if item.let_go == period.label else ""
        if item.start >= period.start or item.length != period.length or (item.let_go and not before):
            after.append(item)
            continue
        now = _how(run, item)
        if now != before:
            transfers += _back(item, before) if before else []
            transfers += [_transfer(item, now)] if now else []
        after.append(replace(item, let_go=period.label if now else "", how=now))
    known = {h.key for h in after}
    new = {h.key: h for made in run.settling.made for h in made.held if h.key not in known}
    return transfers, (*after, *new.values())


def _how(run: Run, item: HeldBack) -> str:
    """How an item is let go in a period: not at all where the rule still holds, or its condition is not met. What a
    rule held that the contract no longer has, by a variation, is released."""
    rule = next((r for r in run.built.rules if r.name == item.rule), None)
    c = rule.then[item.then] if rule is not None and item.then < len(rule.then) else None
    if c is None or rule is None or c.verb not in ("withhold", "hold") or item.payment not in c.targets:
        return "release"
    if not _brought(run, rule, c):
        return _lapsed(run, item)
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
        (x.rule.name, x.then) == (rule.name, item.then)
        and x.who in ("", item.payee)
        and (not lasting or what_of(x) == own)
        for x in run.followed.of(item.payment)
    )


def _lasts(run: Run, pattern: e.Pattern) -> bool:
    """Whether a fact is told to be the same one when it is met again: records are where something of them is unique."""
    return bool(run.built.inputs[pattern.source].unique) if pattern.kind == "record" else pattern.kind != "raised"


def _transfer(item: HeldBack, how: str) -> Transfer:
    to = item.payee if how == "release" else item.payer
    return Transfer(item.payment, how, f"{WITHHELD}/{item.key}", to, item.amount)


def _back(item: HeldBack, how: str) -> Iterable[Transfer]:
    """What was let go when the period was settled before, held again."""
    moved = _transfer(item, how)
    return [replace(moved, payer=moved.payee, payee=moved.payer)]
