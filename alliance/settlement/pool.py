"""A funded pool: what each party pays in before it is shared, and where what is not earned goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, share_out
from alliance.settlement.outcome import Flow, Outcome, determined
from alliance.settlement.result import Detail, Line
from alliance.settlement.rooms import Rooms
from alliance.settlement.run import Run
from alliance.settlement.sharing import to_unit
from alliance.settlement.starting import details, over_segments

Move = Callable[[Flow], None]


def fund(run: Run, p: e.Payment, out: Outcome, move: Move, rooms: Rooms, keep: bool) -> dict[str, Number]:
    """Each party pays into the pool, each amount rounded, in proportion where it has no room for all of it; the
    contributions by party."""
    funding = p.funding
    if funding is None:
        return {}
    found: dict[str, Number] = {}
    found_by: list[Detail] = []
    for member in run.present(funding.each.keys) if funding.each else [funding.payer]:
        view = run.view().holding(PARTY, member)
        amount = max(to_unit(determined(over_segments(run, p, funding.pays, view, member), p), rooms.places), 0)
        found[member] = amount
        found_by += details(member, run, p, funding.pays, view, member) if keep else ()
    asked, room = sum(found.values()), rooms.below_ceiling(funding.into)
    if room is not None and asked > room:
        given = share_out(to_unit(room, rooms.places, "down"), list(found.values()), rooms.places)
        found = dict(zip(found, given, strict=True))
    for member, amount in found.items():
        if amount:
            move(Flow("funding", member, funding.into, amount, p.unit.kind))
    facts = tuple((member, amount, p.unit.kind) for member, amount in found.items())
    total = sum(found.values())
    at = (funding.into, out.shadow)
    run.funded[at] = run.funded.get(at, 0) + total
    title = run.built.accounts[funding.into].title
    note = f"each pays {funding.pays.text}"
    if total != asked:
        note += ", in all no more than its ceiling leaves room for"
    out.lines.append(
        Line("funding", f"paid into {title}", 0, total, facts, note, "", funding.mark, details=tuple(found_by))
    )
    return found


PAID = ("payment", "withheld")
"""What moves money that was earned, whether it is paid or held back."""


def unearned(p: e.Payment, out: Outcome, contributions: Mapping[str, Number], move: Move, rooms: Rooms) -> None:
    """What a funded pool did not pay out goes where the contract says: back by contribution, carried, or elsewhere."""
    funding = p.funding
    if funding is None:
        return
    paid = sum(f.amount for f in out.flows if f.payer == funding.into and f.kind in PAID)
    back = sum(f.amount for f in out.flows if f.payee == funding.into and f.kind in PAID)
    left = max(sum(contributions.values()) + back - paid, 0)
    recouped = sum(f.amount for f in out.flows if f.kind == "recoupment" and f.payee == funding.into)
    out.unearned = max(left - recouped, 0)
    target = p.unearned or "carried"
    room = rooms.below_ceiling(target)
    if room is not None:  # what it has no room for stays in the pool
        left = min(left, to_unit(room, rooms.places, "down"))
    if not left:
        return
    words = {"carried": "carried in the pool", "contributors": "returned by contribution"}.get(target, f"to {target}")
    title = "not earned" if out.unearned else "taken back of advances"
    title += ", and taken back of advances" if recouped and out.unearned else ""
    out.lines.append(Line("unearned", title, left, 0, (), words, p.clause, p.mark))
    if target == "contributors":
        given = {k: v for k, v in contributions.items() if v}
        for name, amount in zip(given, share_out(left, list(given.values()), rooms.places), strict=True):
            if amount:
                move(Flow("unearned", funding.into, name, amount, p.unit.kind))
    elif target != "carried":
        move(Flow("unearned", funding.into, target, left, p.unit.kind))
