"""The register of duties: what rules require of parties, by when, and whether it was done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.faults import Mark
from alliance.contract.units import DATE, TEXT, Unit
from alliance.settlement.state import Duty, name_of

if TYPE_CHECKING:
    from alliance.settlement.brought import Record
    from alliance.settlement.run import Run
    from alliance.settlement.settling import Settling

NAME = "duties"
"""The table in which it is brought that a duty was met or waived."""
ABOUT = ", "
"""What stands between the things that a duty is about."""
STATES = ("due", "met", "late", "waived")


def state_on(duty: Duty, day: date) -> str:
    """What a duty is on a day: met, waived, late, or still due."""
    if duty.met is not None and duty.met <= day:
        return "met"
    if duty.waived is not None and duty.waived <= day:
        return "waived"
    return "late" if day > duty.due else "due"


def table(parties: Iterable[str]) -> e.Input:
    """How the table of met and waived duties is read."""
    party = Unit("category", options=tuple(parties), name="party")
    outcome = Unit("category", options=("met", "waived"), name="outcome")
    fields = {
        "duty": e.Field("duty", TEXT, False),
        "party": e.Field("party", party, False),
        "outcome": e.Field("outcome", outcome, False),
        "on": e.Field("on", DATE, False),
        "about": e.Field("about", TEXT, True),
        "agreement": e.Field("agreement", TEXT, True),
    }
    reading = e.Reading({})
    return e.Input(
        name=NAME, title="Duties met or waived", clause="", unit=TEXT, by="", keys=(), fields=fields, kind="events",
        dated="on", key="", over_periods="", column="", reading=reading, policies={}, at_least=None, at_most=None,
        optional=True, supplied_by="", due="", mark=Mark(NAME),
    )  # fmt: skip


def updated(run: Run) -> tuple[Duty, ...]:
    """The register as far as it is worked out: duties as they stood, those that arose, what is now known of each."""
    said = run.settling.brought.records.get(NAME, ())
    rules = {r.name: r for r in run.built.rules}
    return tuple(sorted((_known(d, said, rules, run) for d in _arisen(run.settling)), key=lambda d: (d.due, d.id)))


def _arisen(s: Settling) -> Iterable[Duty]:
    """The duties of all periods. One that arose in a period that is worked out again, and arises in it no longer, is
    none any more, unless it was met or waived, or it cannot be decided."""
    made = {r.period.label: r.followed for r in s.made if r.followed and r.period.length == r.built.settles}
    new = {d.id: d for followed in made.values() for d in followed.duties}
    before = {d.id: d for d in s.opening.duties}
    for duty in before.values():
        again = made.get(duty.period)
        if again is None or duty.id in new or duty.met or duty.waived or duty.rule in again.undecided:
            yield duty
    yield from (d for d in new.values() if d.id not in before)


def is_of(record: Record, duty: Duty) -> bool:
    """Whether what is brought of duties is of this one: by its words or its name, its party, and what it is about."""
    fields = record.fields
    if fields["duty"] not in (duty.what, duty.id) or fields["party"] != duty.of:
        return False
    on = fields["on"]
    return fields["about"] in (None, duty.about) and isinstance(on, date) and on >= duty.raised


def strays(said: Iterable[Record], register: Iterable[Duty]) -> Iterable[str]:
    """What is brought of duties that are not in the register, in words."""
    known = list(register)
    for record in said:
        if not any(is_of(record, duty) for duty in known):
            what, party, on = (record.fields[n] for n in ("duty", "party", "on"))
            yield f"The register has no such duty of {party} by {on} ({record.mark}): {what}."


def _known(duty: Duty, said: Iterable[Record], rules: Mapping[str, e.Rule], run: Run) -> Duty:
    """A duty with the first day on which it was met or waived."""
    met = [duty.met] if duty.met is not None else []
    waived = [duty.waived] if duty.waived is not None else []
    for record in said:
        if is_of(record, duty):
            on = record.fields["on"]
            assert isinstance(on, date)
            (met if record.fields["outcome"] == "met" else waived).append(on)
    rule = rules.get(duty.rule)
    shown = rule.then[duty.then].met if rule is not None and duty.then < len(rule.then) else None
    if shown is not None:
        met += _events(duty, shown, run)
    return replace(duty, met=min(met, default=None), waived=min(waived, default=None))


def _events(duty: Duty, shown: e.Met, run: Run) -> Iterable[date]:
    """The days of the events that meet a duty."""
    from alliance.settlement.view import View

    for record in run.settling.brought.records.get(shown.events, ()):
        day, party = record.fields[shown.on], record.fields.get("party")
        if not isinstance(day, date) or day < duty.raised or (party is not None and party != duty.of):
            continue
        if ABOUT.join(name_of(record.fields[field]) for field in shown.about) != duty.about:
            continue
        if shown.test is None or run.evaluate(shown.test, View(run, {}, record.fields)) is True:
            yield day
