"""What is paid on account: the year's amount in equal instalments, and those that fall in a shorter period."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import NamedTuple

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.numbers import Number, normal, share_out
from alliance.settlement.instances import day_of, instances_of, own_name, party_of
from alliance.settlement.outcome import Flow, Outcome, determined
from alliance.settlement.portions import Portions
from alliance.settlement.result import Line, Waterfall
from alliance.settlement.run import Run
from alliance.settlement.sharing import to_unit
from alliance.settlement.starting import details, over_segments


class Plan(NamedTuple):
    """How many instalments a year's amount is paid in, and which of them are due."""

    instalments: int
    due: list[int]


def instalments(run: Run, p: e.Payment, period: Period, portions: Portions, out: Outcome, keep: bool) -> list[Flow]:
    """What is due of a year, of which the run is, in one of its periods. The year's amount is read as a start is, and
    split by largest remainder. The instalments of a party are for the time that it is in the alliance.

    Raises `Undetermined`.
    """
    said = p.on_account
    assert said is not None
    plans: dict[str, Plan] = {}
    for name, view in instances_of(run, p.each):
        plan = _plan(run, said.length, period, party_of(p, name))
        plans[own_name(p, name)] = plan
        of, at = said.of_the_year, (view, party_of(p, name), day_of(run, p, view))
        amount = determined(over_segments(run, p, of, *at), p, of.text)
        kept = details("of the year", run, p, of, *at) if keep else ()
        start = Line("start", of.text, None, amount, (), "for the year", said.clause, said.mark, details=kept)
        now = normal(Fraction(amount) * len(plan.due) / plan.instalments)
        note = f"{len(plan.due)} of {plan.instalments} instalments of the year"
        part = Line("instalment", "on account", amount, now, (), note)
        out.waterfalls.append(Waterfall(name, (start, part), part.after))
        portions.give(own_name(p, name), p.payers, p.payees, amount, view)
    return _due(p, portions, out, plans)


def _plan(run: Run, length: str, period: Period, party: str) -> Plan:
    one = run.built.parties[party] if party else run.built
    parts = [x for x in run.built.calendar.parts(run.period, length) if x.end >= one.start and x.start <= one.end]
    return Plan(len(parts), [i for i, x in enumerate(parts) if x.start in period and x.end in period])


def _due(p: e.Payment, portions: Portions, out: Outcome, plans: Mapping[str, Plan]) -> list[Flow]:
    """The instalments due; an account pays no more than it holds above its floor."""
    rooms: dict[str, Number | None] = {}
    found = []
    for of, payer, payee, amount in portions.plain():
        split = share_out(amount, [1] * plans[of].instalments, portions.places)
        part, room = sum(split[i] for i in plans[of].due), rooms.setdefault(payer, portions.rooms.above_floor(payer))
        if room is not None:
            if part > room:
                facts = (("available", room, p.unit.kind),)
                note = "an account pays no more than it holds above its floor"
                out.lines.append(Line("limit", "what the account holds", part, room, facts, note))
                part = to_unit(room, portions.places, "down")
            rooms[payer] = room - part
        found.append(Flow("on account", payer, payee, part, p.unit.kind))
    return found
