"""What formulas recall with `last(...)`, and what the statement says where that is not what one may think it is.

A formula may say what holds where nothing was before (`last(x) else 0`). In the first period of a contract that is so;
later it is so only where no settlement was opened from, or nothing final was: that is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alliance.contract.contract import Contract
from alliance.contract.formula import tree as t
from alliance.contract.model.base import formulas
from alliance.settlement.state import Past

if TYPE_CHECKING:
    from alliance.settlement.run import Run


def recalled(run: Run, name: str, attribute: str, key: str) -> Past | None:
    """What something last came to that was final; the settlement notes where it is not of the period before."""
    found = run.earlier(name, attribute, key, final=True)
    if run.period.start > run.built.start:
        said = _said(run, found, run.earlier(name, attribute, key), key)
        if said:
            label = f"last({name}{f'.{attribute}' if attribute not in ('', 'value') else ''})"
            run.settling.recalled.setdefault((label, run.period.label), f"{label} {said}.")
    return found


def so_far(run: Run, ref: t.Ref, attribute: str, key: str) -> list[Past]:
    """What something came to in the periods of the year before this one: those of its length; of a payment that settles
    over such, and that a variation lets settle over others, those that it settled over then."""
    year = run.built.calendar.year_of(run.period.start)
    payment = run.built.payments.get(ref.name) if ref.kind == "payment" else None
    varied = payment is not None and payment.settles == run.period.length and run.settling.contract.varies

    def counts(p: Past) -> bool:
        if not varied:
            return p.length == run.period.length
        then = run.settling.contract.on(p.start, run.settling.as_of).payments.get(ref.name, payment)
        return then is not None and p.length == then.settles

    found = run.settling.remembered(ref.name, attribute, key)
    return [p for p in found if year.start <= p.start < run.period.start and counts(p)]


def nothing_before(run: Run, label: str) -> None:
    """Note that what adds up over the year has nothing before a period that is not its first, since no settlement
    before it is opened from."""
    year = run.built.calendar.year_of(run.period.start)
    first = max(year.start, run.built.start)
    if run.period.start > first and not any(p.start < run.period.start for p in run.settling.past):
        period = run.period.label
        said = f"{label} has nothing of {year.label} before {period}: no settlement is opened from (--opening)."
        run.settling.recalled.setdefault((label, period), said)


def recalls(contract: Contract) -> bool:
    """Whether a contract reads what earlier periods came to, in a formula or where a value is not usable."""
    memory = contract._memory
    if "recalls" not in memory:
        texts = any(word in text for text in formulas(contract.document) for word in ("last(", "so_far("))
        policies = [i.policies for i in contract.built.inputs.values()]
        policies += [m.policies for m in contract.built.measures.values()]
        memory["recalls"] = texts or any("previous" in said.values() for said in policies)
    found: bool = memory["recalls"]
    return found


def _said(run: Run, found: Past | None, latest: Past | None, key: str) -> str:
    label = run.period.label
    if latest is None:
        if not any(p.start < run.period.start for p in run.settling.past):
            return f"is not known in {label}: no settlement before it is opened from (--opening)"
        what = f"a {run.period.length}" if not key else ""
        return f"is not known in {label}: what it is opened from has nothing of it for {what}" if what else ""
    if latest.final or (found is not None and found.start == latest.start):
        return ""
    if found is None:
        return f"is not known in {label}: {latest.period} is only provisional, and nothing before it is final"
    return f"is that of {found.period} in {label}, the last that is final: {latest.period} is only provisional"
