"""A start formula over a period: worked out for each stretch over which nothing changes, weighed and added."""

from __future__ import annotations

from datetime import date, timedelta

from alliance.contract import entries as e
from alliance.contract.calendar import Segment
from alliance.contract.formula import operations as op
from alliance.contract.formula.scope import PARTY
from alliance.contract.formula.tree import names
from alliance.contract.values import Value
from alliance.settlement.result import Detail
from alliance.settlement.run import Run
from alliance.settlement.view import View


def over_segments(run: Run, p: e.Payment, expr: e.Expr, view: View, party: str, day: date | None = None) -> Value:
    """The formula over the run's period, for one party where the payment has one in hand (else an empty name).

    A stretch is the whole period unless a dated term changes in it, or a party joins or leaves whose days count. A
    party has nothing for the days on which it is not in the alliance. Figures that the formula reads are worked out for
    the stretch too, so that it comes to the same as with what they say in their place. A record (`day` is its date)
    belongs to its own stretch, whole.
    """
    cuts = _stretches(run, p, party, day)
    if cuts is None:
        return run.evaluate(expr, view)
    if day is not None:
        return run.evaluate(expr, view.within(cuts[0]))
    return op.total([op.multiply(run.evaluate(expr, view.within(cut)), cut.weight) for cut in cuts])


def by_days(run: Run, group: e.Group) -> bool:
    """Whether a way of sharing has the days that each is present in it already: by what each put in, or by money worked
    out from a yearly amount of each, which is that of its days."""
    waiting = [group.weight] if group.weight is not None and group.weight.unit.kind == "money" else []
    for expr in waiting:
        for ref in names(expr.node):
            if ref.kind == "term" and ref.by == PARTY and run.built.terms[ref.name].yearly:
                return True
            figure = run.built.figures[ref.name].formula if ref.kind == "figure" else None
            if figure is not None:
                waiting.append(figure)  # figures lean on each other in no circle
    return group.basis == "contribution"


def details(
    label: str, run: Run, p: e.Payment, expr: e.Expr, view: View, party: str, day: date | None = None
) -> tuple[Detail, ...]:
    """What is needed to trace the formula: once, or once for each stretch."""
    view = view.kept(expr)
    cuts = _stretches(run, p, party, day)
    if cuts is None:
        return (Detail(label, expr, view),)
    return tuple(Detail(label, expr, view.within(cut), None if day is not None else cut) for cut in cuts)


def _stretches(run: Run, p: e.Payment, party: str, day: date | None) -> list[Segment] | None:
    """The stretches that count; None where the period is not cut."""
    changes = list(p.stretches.days)
    parties = run.built.parties
    for one in [parties[party]] if party and not p.stretches.parties else parties.values():
        changes += [one.start, one.end + timedelta(days=1)]
    cuts = run.segments(changes)
    if day is not None:
        return [next(cut for cut in cuts if cut.start <= day <= cut.end)] if len(cuts) > 1 else None
    member = parties.get(party)
    here = [cut for cut in cuts if member is None or member.days_in(cut.start, cut.end)]
    return None if len(cuts) == 1 and here else here
