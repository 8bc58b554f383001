"""What holds money back: the consequences of rules that do, and what a period that is settled again makes of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period, add_months
from alliance.contract.formula import tree as t
from alliance.contract.working_days import after

if TYPE_CHECKING:
    from alliance.settlement.run import Run
    from alliance.settlement.state import HeldBack

WITHHELD = "withheld"
HOLDS = ("withhold", "hold")
LET_GO = ("release", "lapse", "reversal")
"""How money that was held back moves on: to its payee, or back to its payer after a time or by decision."""


def reads_records(rule: e.Rule, built: Built) -> bool:
    """Whether a rule holds for what is in records, by itself or by what other rules raise."""
    waiting = [rule]
    while waiting:
        one = waiting.pop()
        patterns = (*one.patterns, *(a.pattern for a in one.absent))
        tests = (*one.tests, *(a.test for a in one.absent))
        if any(p.kind == "record" for p in patterns):
            return True
        if any(isinstance(n, t.Aggregate) and n.over in built.inputs for x in tests for n in x.node.walk()):
            return True
        raised = {p.source for p in patterns if p.kind == "raised"}  # no rule reads what comes of it
        waiting += [r for r in built.rules if any(c.verb == "raise" and c.name in raised for c in r.then)]
    return False


def holding(rule: e.Rule, payment: str) -> list[e.Consequence]:
    """The consequences of a rule that hold a payment back, in their order."""
    return [c for c in rule.then if c.verb in HOLDS and payment in c.targets]


def consequence(rule: e.Rule, payment: str, place: int) -> e.Consequence | None:
    """The one of them at a place, if the rule has it still."""
    found = holding(rule, payment)
    return found[place] if place < len(found) else None


def settled_on_records(run: Run, rule: e.Rule, payment: str) -> bool:
    """Whether what a rule holds back of a payment in a run's period was settled before, on records. These go on to say
    what became of what they are about, so it stays as it was; what follows from values is worked out anew."""
    return run.settling.determined_before(run.period, payment) and reads_records(rule, run.built)


def gone(run: Run, item: HeldBack) -> bool:
    """Whether a period before the run's let it go."""
    return bool(item.let_go) and run.built.calendar.parse(item.let_go).start < run.period.start


def lapse_day(c: e.Consequence, period: Period) -> date | None:
    """The day on which what a consequence holds back lapses; None where it does not."""
    if not c.count:
        return None
    if c.of_what == "period":
        return add_months(period.start, MONTHS[period.length] * (c.count + 1)) - timedelta(days=1)
    return after(period.end, c.count, c.of_what, "")
