"""Decisions: whether enough of those who sign have said yes, for a period or in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alliance.contract.calendar import LENGTHS, MONTHS, Period

if TYPE_CHECKING:
    from alliance.settlement.run import Run
    from alliance.settlement.settling import Settling


def decided(run: Run, name: str) -> bool:
    """Whether a decision is made in a run's period. An approval that is not recorded is none."""
    decision = run.built.decisions[name]
    said = [_said(run, name, signer) for signer in decision.signed_by]
    return sum(1 for yes in said if yes) >= decision.needed


def _said(run: Run, name: str, signer: str) -> bool | None:
    """What one who signs has said: for the period; else in it, last; else for the longer one that is settled, unless
    the period was settled itself and nothing was said then. None where nothing was said."""
    settling, period = run.settling, run.period
    found = _recorded(settling, period, name, signer)
    for length in reversed(LENGTHS):
        if found is None and MONTHS[length] < MONTHS[period.length]:
            parts = run.built.calendar.parts(period, length)
            said = [yes for part in parts if (yes := _recorded(settling, part, name, signer)) is not None]
            found = said[-1] if said else None
    if found is None and not settling.settled_alone(period):
        found = _recorded(settling, settling.period, name, signer)
    return found


def _recorded(settling: Settling, period: Period, name: str, signer: str) -> bool | None:
    """What was recorded for a period: now, with the period or, for the settlement's own, without; or earlier."""
    values = settling.brought.values
    found = values.get((name, period.label, signer))
    if found is None and period.label == settling.period.label:
        found = values.get((name, "", signer))
    if found is None or found.value is None:
        found = settling.kept.get((period.label, name, signer))
    return found.value if found is not None and isinstance(found.value, bool) else None
