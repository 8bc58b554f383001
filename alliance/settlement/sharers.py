"""Who shares an amount, and which part of it each has: by shares that the contract says, or by weights and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.faults import Mark
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, normal
from alliance.contract.values import unknown
from alliance.settlement.outcome import Outcome, Undetermined, determined
from alliance.settlement.result import Detail, Line
from alliance.settlement.run import Run
from alliance.settlement.sharing import weighted
from alliance.settlement.starting import by_days
from alliance.settlement.view import View

_GAP = "\x00gap"
NOBODY = ("group", "stays")
"""Kinds of shares that are of nobody in particular."""


class Sharers:
    """The parts of those who share one payment in one run, told once each to be explained."""

    def __init__(self, run: Run, p: e.Payment, out: Outcome) -> None:
        self.run, self.p, self.out = run, p, out
        self.contributions: Mapping[str, Number] = {}
        self.told: set[tuple[str, bool]] = set()

    def known(self, value: Any) -> Any:
        return determined(value, self.p)

    def parts(self, shares: tuple[e.Share, ...], view: View) -> list[tuple[e.Share, Number]]:
        """Shares with their parts of one; one without a share of its own has what the others leave."""
        if len(shares) == 1 and shares[0].share is None:
            return [(shares[0], 1)]
        given = [(s, self.known(self.run.evaluate(s.share, view)) if s.share is not None else None) for s in shares]
        rest = 1 - sum(v for _, v in given if v is not None)
        if rest < 0 or any(v is not None and v < 0 for _, v in given):
            raise Undetermined(
                unknown(f"shares of {self.p.name} that total more than 100%", "not assessable", self.p.mark)
            )
        if rest and all(v is not None for _, v in given):
            raise Undetermined(
                unknown(f"shares of {self.p.name} that total less than 100%", "not assessable", self.p.mark)
            )
        return [(s, normal(Fraction(rest)) if v is None else v) for s, v in given]

    def weights(self, group: e.Group, amount: Number) -> dict[str, Number]:
        """The parts of a group's members in it; less than the whole where absence leaves a gap."""
        run, period = self.run, self.run.period
        found: list[tuple[str, Number]] = []
        gap: Number = 0
        told: list[tuple[str, Number, str]] = []
        for member in group.members:
            party = run.built.parties.get(member)
            if party is None and amount < 0:
                continue  # accounts that are not parties share gains, never losses
            absent = party is not None and not party.days_in(period.start, period.end)
            if absent and group.basis != "fixed" and self.p.absent != "unearned":
                continue
            weight, note = self._weight(group, member), ""
            if party is not None and not by_days(run, group):
                days = party.days_in(period.start, period.end)
                present = normal(Fraction(days, period.days))
                note = f"for {days} of {period.days} days" if present != 1 else ""
                gap += weight * (1 - present)
                found.append((member, normal(weight * Fraction(present))))
            else:
                found.append((member, weight))
            told.append((member, weight, note))
        if self.p.absent == "unearned" and gap:
            found.append((_GAP, normal(Fraction(gap))))
        parts = {name: w for name, w in weighted(found).items() if name != _GAP}
        at = (group.name, amount < 0)
        if self.tells and at not in self.told:
            self.told.add(at)
            for member, weight, note in told:
                behind = self._behind(group, member)
                self._tell(member, weight, parts.get(member, 0), note, behind, group.mark)
        return parts

    @property
    def tells(self) -> bool:
        """Whether it is told how the amount was shared: of records it is not, for each may be shared another way."""
        return self.p.each is None or self.p.each.kind not in ("record", "group")

    def _behind(self, group: e.Group, member: str) -> tuple[Detail, ...]:
        """The formula of a member's weight, where it has one."""
        expr = group.weights[member] if group.basis == "fixed" else group.weight
        if expr is None or not self.run.settling.keep:
            return ()
        return (Detail("weight", expr, self.run.view().holding(PARTY, member).kept(expr)),)

    def _weight(self, group: e.Group, member: str) -> Number:
        run = self.run
        if group.basis == "contribution":
            return self.contributions.get(member, 0)
        if group.basis == "equally":
            return 1
        expr = group.weights[member] if group.basis == "fixed" else group.weight
        assert expr is not None
        weight: Number = self.known(run.evaluate(expr, run.view().holding(PARTY, member)))
        if weight < 0:
            raise Undetermined(unknown(f"the share of {member}, which is below nothing", "not assessable", group.mark))
        return weight

    def tell_parts(self, parts: Sequence[tuple[e.Share, Number]], targets: Sequence[str], view: View) -> None:
        """Keep which part each of those who are paid has, once, to be explained."""
        for (share, part), target in zip(parts, targets, strict=True):
            if share.kind not in NOBODY:
                behind = (Detail("share", share.share, view.kept(share.share)),) if share.share is not None else ()
                self._tell(target, part, part, "", behind, self.p.mark)

    def _tell(self, name: str, weight: Number, part: Number, note: str, behind: tuple[Detail, ...], mark: Mark) -> None:
        if self.run.settling.keep:
            self.out.shares.append(Line("share", name, weight, part, (), note, self.p.clause, mark, details=behind))
