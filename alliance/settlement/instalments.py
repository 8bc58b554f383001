"""What is paid on account: the year's amount in equal instalments, and those that fall in a shorter period."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.numbers import Number, normal, share_out
from alliance.contract.values import unknown
from alliance.settlement.instances import day_of, instances_of, own_name, party_of
from alliance.settlement.outcome import Flow, Outcome, Undetermined, determined
from alliance.settlement.portions import Portions
from alliance.settlement.result import Line, Waterfall
from alliance.settlement.run import Run
from alliance.settlement.starting import details, over_segments


class Plan(NamedTuple):
    """How many instalments a year's amount is paid in, and which of them are due."""

    instalments: int
    due: list[int]


def instalments(run: Run, p: e.Payment, period: Period, portions: Portions, out: Outcome, keep: bool) -> list[Flow]:
    """What is due of a year, of which the run is, in one of its periods. The year's amount is read as a start is, and
    shared as the payment is; what each has of it is split by largest remainder over the time that it is in the
    alliance. Of what is known not to be due nothing is paid on account.

    Raises `Undetermined`.
    """
    said = p.on_account
    assert said is not None
    exact: Number = 0
    for name, view in instances_of(run, p.each):
        if p.when is not None and run.evaluate(p.when, view) is False:
            line = Line("when", "not due", 0, 0, (), f"{p.when.text} is not so", p.clause, p.when.mark)
            out.waterfalls.append(Waterfall(name, (line,), 0))
            continue
        plan = _plan(run, said.length, period, {party_of(p, name)})
        of, at = said.of_the_year, (view, party_of(p, name), day_of(run, p, view))
        amount = determined(over_segments(run, p, of, *at), p, of.text)
        if amount < 0:  # who is to get it would have to pay
            raise Undetermined(unknown(f"what is paid on account of {p.name}, less than nothing", "not assessable"))
        kept = details("of the year", run, p, of, *at) if keep else ()
        start = Line("start", of.text, None, amount, (), "for the year", said.clause, said.mark, details=kept)
        now = normal(Fraction(amount) * len(plan.due) / plan.instalments)
        note = f"{len(plan.due)} of {plan.instalments} instalments of the year"
        part = Line("instalment", "on account", amount, now, (), note)
        out.waterfalls.append(Waterfall(name, (start, part), part.after))
        portions.give(own_name(p, name), p.payers, p.payees, amount, view)
        exact += now
    due = [_due(run, p, said.length, period, cell) for cell in portions.plain()]
    total = sum(flow.amount for flow in due)
    if total != exact:
        note = "what each has of the year is split to the penny, over the time that it is in the alliance"
        out.lines.append(Line("instalment", "to each", normal(Fraction(exact)), total, (), note))
    return _allowed(p, portions, out, due)


def _plan(run: Run, length: str, period: Period, parties: Collection[str]) -> Plan:
    """The instalments of the time that all of some parties are in the alliance."""
    built = run.built
    there = [(built.start, built.end)]
    there += [(built.parties[x].start, built.parties[x].end) for x in parties if x in built.parties]
    parts = built.calendar.parts(run.period, length)
    parts = [x for x in parts if all(x.end >= start and x.start <= end for start, end in there)]
    return Plan(len(parts), [i for i, x in enumerate(parts) if x.start in period and x.end in period])


def _due(run: Run, p: e.Payment, length: str, period: Period, cell: tuple[str, str, str, Number]) -> Flow:
    """What is due of a part of the year, while its payee and the party that it is for are there."""
    of, payer, payee, amount = cell
    plan = _plan(run, length, period, {payee, party_of(p, of)})
    if not plan.due:
        return Flow("on account", payer, payee, 0, p.unit.kind)
    split = share_out(amount, [1] * plan.instalments, run.built.places if p.unit.kind == "money" else 0)
    return Flow("on account", payer, payee, sum(split[i] for i in plan.due), p.unit.kind)


def _allowed(p: e.Payment, portions: Portions, out: Outcome, due: list[Flow]) -> list[Flow]:
    """The instalments that accounts allow: where one cannot do all of them, it does each in proportion."""
    rooms = portions.rooms
    most: list[Number | None] = [None] * len(due)
    for side, sign in (("payer", 1), ("payee", -1)):
        allotted = rooms.allotted([({getattr(flow, side): 1}, flow.amount) for flow in due], sign)
        most = [y if x is None else x if y is None else min(x, y) for x, y in zip(most, allotted, strict=True)]
    found = [
        flow if room is None else replace(flow, amount=min(flow.amount, room))
        for flow, room in zip(due, most, strict=True)
    ]
    asked, allowed = sum(flow.amount for flow in due), sum(flow.amount for flow in found)
    if allowed != asked:
        note = "an account pays no more than it holds above its floor, and takes in no more than it has room for"
        facts = (("available", allowed, p.unit.kind),)
        out.lines.append(Line("limit", "what the account allows", asked, allowed, facts, note))
    return found
