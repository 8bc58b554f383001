"""Outcomes put together: a longer period as the sum of its parts, what history keeps of it, and what is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.numbers import Number, normal
from alliance.contract.values import Value, merge
from alliance.settlement.book import account_of
from alliance.settlement.outcome import Outcome, apart
from alliance.settlement.result import Line, PaymentResult, Received
from alliance.settlement.run import Paid, Run
from alliance.settlement.state import Past

if TYPE_CHECKING:
    from alliance.settlement.settling import Settling


def summed(
    run: Run, payment: e.Payment, parts: Iterable[tuple[Period, tuple[Outcome, Any]]]
) -> tuple[Outcome, list[tuple[Period, Outcome]]]:
    """A payment over a longer period: the sum of its shorter ones; undetermined if one of them is."""
    whole = Outcome()
    listed: list[tuple[Period, Outcome]] = []
    for period, (outcome, inner) in parts:  # the periods that it settles over, whatever it was added up by
        listed += inner or [(period, outcome)]
    reasons: dict[str, None] = {}
    for period, outcome in listed:
        if outcome.status == "undetermined":
            whole.status = "undetermined"
            reasons |= dict.fromkeys(f"{period}: {r}" for r in outcome.reasons)
        if not outcome.shadow:
            whole.flows += outcome.flows
        whole.tried += outcome.earned if outcome.shadow else outcome.tried
        for name, amount in outcome.received.items():
            whole.received[name] = whole.received.get(name, 0) + amount
        for name, amount in outcome.instances.items():
            whole.instances[name] = whole.instances.get(name, 0) + amount
        whole.unearned += outcome.unearned
        whole.kept += outcome.kept
        whole.first = outcome.first
        whole.lines.append(Line("part", period.label, None, outcome.value, mark=payment.mark))
    whole.shadow = bool(listed) and all(outcome.shadow for _, outcome in listed)
    whole.reasons = tuple(reasons)
    if whole.status == "undetermined":
        whole.flows, whole.received, whole.unearned, whole.kept = [], {}, 0, 0
        whole.lost = lost = merge(outcome.lost for _, outcome in listed)
        run.paid[payment.name] = Paid(earned=lost, unearned=lost, kept=lost)
    else:
        run.paid[payment.name] = whole.paid()
    return whole, listed


def history_of(run: Run, outcomes: Mapping[str, tuple[Outcome, Any]], final: bool) -> list[Past]:
    """What a period came to, as later periods may read it: figures, measures, and what each party had of a payment."""
    period = run.period
    found: list[Past] = []

    def add(name: str, attribute: str, key: str, value: Value) -> None:
        found.append(Past(period.label, period.start, period.length, name, attribute, key, value, final))

    for item in run.built.inputs.values():
        for key in run.present(item.keys) if item.by else ("",):
            if item.fields is None:
                add(item.name, "", key, run.usable(item.name, run.datum(item.name, key), item, key))
    for (name, key), value in run.figures.items():
        add(name, "", key, value)
    for m in run.built.measures.values():  # whether or not anything has read them in this period
        for key in run.present(m.keys) if m.by else ("",):
            measured = run.measure(m.name, key)
            add(m.name, "value", key, measured.value)
            if m.score is not None:
                add(m.name, "score", key, measured.score)
    if run.followed is not None:
        for (rule, key), so in run.followed.lasting.items():
            add(f"rule {rule}", "held", key, so)
        for (ladder, party), step in run.followed.steps.items():
            add(ladder, "step", party, step)
    for name, (outcome, _) in outcomes.items():
        add(name, "earned", "", run.paid[name].earned)
        for party, part in sorted(run.paid[name].by.items()):
            add(name, "earned", party, part)
        for (side, party), amount in sorted(outcome.used.items()):
            add(name, apart(side, outcome.shadow), party, amount)
        for (side, party), cut in sorted(outcome.carried.items()):
            add(name, apart(f"carried {side}", outcome.shadow), party, cut)
    return found


def payment_result(
    s: Settling, run: Run, payment: e.Payment, outcome: Outcome, parts: list[tuple[Period, Outcome]], status: str
) -> PaymentResult:
    """The printed form of an outcome."""
    shadow = outcome.shadow
    before = s.before(payment.name, run.period)
    recouped: Number = sum(f.amount for f in outcome.flows if f.kind == "recoupment")
    on_account: Number = sum(f.amount for f in outcome.flows if f.kind == "on account")
    held: Number = sum(f.amount for f in outcome.flows if f.kind == "withheld")
    net = outcome.earned - outcome.tried + on_account - recouped - held - before
    if outcome.status == "undetermined" or status == "not due":
        net, on_account = 0, 0
    if shadow:
        net, on_account = -before, 0
    inner = tuple(payment_result(s, s.run_of(p), payment, o, [], "determined") for p, o in parts)
    return PaymentResult(
        name=payment.name,
        title=payment.title,
        clause=payment.clause,
        pays_for=payment.pays_for,
        status=outcome.status if outcome.status == "undetermined" else status,
        shadow=shadow,
        period=run.period.label,
        unit=payment.unit.kind,
        waterfalls=tuple(outcome.waterfalls),
        lines=(*outcome.lines, *_own_parts(run, payment, outcome)),
        received=tuple(Received(k, v) for k, v in outcome.received.items()),
        earned=outcome.value,
        on_account=on_account,
        net=normal(Fraction(net)),
        unearned=outcome.unearned,
        before=before,
        reasons=outcome.reasons,
        withheld=held,
        tried=0 if shadow else outcome.tried,
        shares=tuple(outcome.shares),
        parts=inner,
        mark=payment.mark,
    )


def _own_parts(run: Run, payment: e.Payment, outcome: Outcome) -> Iterator[Line]:
    """What those who pay have a share of themselves: it is theirs, and no transfer."""
    own: dict[str, Number] = {}
    for f in outcome.flows:
        if f.payer == f.payee:
            own[f.payer] = own.get(f.payer, 0) + f.amount
    for name, amount in own.items():
        account = run.built.accounts.get(account_of(name)[0])
        title = (account or run.built.parties[name]).title
        note = "it both pays and is paid this, so nothing moves"
        yield Line("kept", f"the part of {title} itself", amount, 0, (), note, payment.clause, payment.mark)
