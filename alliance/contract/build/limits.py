"""Limits on parties: the most that each gains or bears of a payment in a year, and what cannot be such a limit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.formula.scope import PARTY
from alliance.contract.model.paid import PartyLimit, Payment
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import Unit

Limits = Mapping[str, e.PartyLimit | None]


def build_limits(b: Builder, p: Payment, unit: Unit) -> Limits:
    """The limits of a payment by side, `gain` and `loss`."""
    return {side: _party_limit(b, p, side, unit) for side in ("gain", "loss")}


def paid_by_name(
    each: e.Each | None, payees: tuple[e.Share, ...], slices: Iterable[e.Slice], groups: Mapping[str, e.Group]
) -> frozenset[str] | None:
    """The parties and accounts that a payment may be paid to; None where a field of a record says so."""
    found: set[str] = set()
    for share in (s for shares in (payees, *(part.payees for part in slices)) for s in shares):
        if share.kind == "field":
            return None
        if share.kind == "group":
            found |= set(groups[share.name].members)
        elif share.kind == "binding" and each is not None:
            found |= set(each.keys)
        else:
            found.add(share.name)
    return frozenset(found)


def check_limits(
    b: Builder, name: Scalar, limits: Limits, paid: Collection[str] | None, slices: Sequence[e.Slice]
) -> None:
    """A fault for a limit on parties none of which is paid, for those who pay are not held to it; and for one that
    carries what it cuts of slices of different payers, for nobody could tell who pays it."""
    for side, limit in limits.items():
        if limit is None:
            continue
        if paid and not any(x in paid for x in b.loops[limit.each].keys):
            message = f"{name}: the limit on a {side} is of each {limit.each}, and none of them is paid."
            hint = "It holds those that are paid (to), never those that pay (from): limit what they pay with a step."
            b.fault("AC116", limit.mark, message, hint)
        if limit.beyond == "carry" and len({s.payers for s in slices}) > 1:
            message = f"{name}: the limit on a {side} carries what it cuts, and its slices have different payers."
            hint = "Say `beyond: payer` or `beyond: others`, or let the same pay every slice."
            b.fault("AC116", limit.mark, message, hint)


def _party_limit(b: Builder, p: Payment, side: str, unit: Unit) -> e.PartyLimit | None:
    limit: PartyLimit | None = getattr(p.party_limits, side) if p.party_limits is not None else None
    if limit is None:
        return None
    loop = b.loops.get(limit.each or PARTY)
    if loop is None or loop.kind != "party":
        assert limit.each is not None
        known = [n for n, v in b.loops.items() if v.kind == "party"]
        hint = did_you_mean(limit.each, known) or one_of(known)
        b.fault("AC087", limit.each.mark, f'"{limit.each}" is not a role of the parties.', hint)
        return None
    at_most = b.expr(limit.at_most, b.scope().inside(loop), unit)
    if at_most is None:
        return None
    return e.PartyLimit(loop.name, at_most, str(limit.beyond), str(limit.clause or ""), limit.at.mark)
