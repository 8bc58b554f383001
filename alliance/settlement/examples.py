"""Worked examples: each settles what it is given and compares what it expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.contract import Contract
from alliance.contract.faults import InputError, Mark
from alliance.contract.formula import tree as t
from alliance.contract.numbers import Number
from alliance.contract.units import Unit
from alliance.contract.values import Unknown, Value
from alliance.settlement.reading import as_text, read_unit
from alliance.settlement.result import PaymentResult, Settlement, Waterfall
from alliance.settlement.state import State
from alliance.settlement.words import value_text


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of an example: what was looked at, expected and found."""

    what: str
    expected: Value
    found: Value
    unit: str
    passed: bool
    parts_at: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What an example came to. `fault` says why it could not be settled at all."""

    title: str
    period: str
    checked: tuple[Checked, ...]
    fault: str
    mark: Mark

    @property
    def passed(self) -> bool:
        return not self.fault and all(c.passed for c in self.checked)

    @property
    def summary(self) -> str:
        """The first thing that went wrong, as a sentence."""
        if self.fault:
            return self.fault
        first = next((c for c in self.checked if not c.passed), None)
        if first is None:
            return "passed"
        expected, found = (value_text(v, first.unit) for v in (first.expected, first.found))
        return f"{first.what} should be {expected} and is {found}."


def run_examples(contract: Contract) -> Iterable[ExampleResult]:
    """Run a contract's own examples, in order."""
    for example in contract.examples:
        yield _run(contract, example)


def _run(contract: Contract, example: e.Example) -> ExampleResult:
    from alliance.settlement.settle import settle_run

    label = example.period.label
    try:
        kind = "final" if example.final else "provisional"
        opening = _opening(contract, example)
        year = contract.calendar.year_of(example.period.start)
        for before in (x for x in example.earlier if x.period.end < year.start):
            opening = _settled_before(contract, before, opening)
        for period, given in _before(contract, example):
            opening = settle_run(
                contract, period, given, opening, as_of=example.as_of, kind=kind, whole=False, example=True
            )[0].closing
        for before in (x for x in example.earlier if x.period.end >= year.start):
            opening = _settled_before(contract, before, opening)
        settlement, run = settle_run(
            contract, example.period, example.given, opening, as_of=example.as_of, kind=kind, whole=False, example=True
        )
    except InputError as error:
        return ExampleResult(example.title, label, (), str(error), example.mark)
    lines = []
    view = run.view()
    for one in example.expect:
        found, expected = run.evaluate(one.found, view), run.evaluate(one.expected, view)
        passed = not isinstance(found, Unknown) and found == expected
        at = "" if passed else _parting(one.found, settlement, expected)
        lines.append(Checked(one.found.text, expected, found, one.found.unit.kind, passed, at, one.found.mark))
    lines += _ruled(example, settlement)
    return ExampleResult(example.title, label, tuple(lines), "", example.mark)


def _settled_before(contract: Contract, before: e.Earlier, opening: State) -> State:
    """What a settlement before an example's own leaves."""
    from alliance.settlement.settle import settle_run

    kind = "final" if before.final else "provisional"
    return settle_run(
        contract, before.period, before.given, opening, as_of=before.as_of, kind=kind, whole=False, example=True
    )[0].closing


def _ruled(example: e.Example, settlement: Settlement) -> Iterable[Checked]:
    """What is expected of rules: those that hold, and the duties that arise."""
    if example.fires is not None:
        found = ", ".join(sorted(r.name for r in settlement.rules if r.status == "holds")) or "none"
        expected = ", ".join(sorted(example.fires)) or "none"
        yield Checked("the rules that hold", expected, found, "text", found == expected, "", example.mark)
    for what, number in (example.duties or {}).items():
        duties = settlement.closing.duties
        count = sum(1 for d in duties if d.what == what and d.period == example.period.label)
        yield Checked(f"duties of {what}", number, count, "count", count == number, "", example.mark)


def _before(contract: Contract, example: e.Example) -> Iterable[tuple[Period, Mapping[str, object]]]:
    """The interim periods of the example's year before it, where it says so, each with what is given for it."""
    if not example.interim:
        return
    calendar, built = contract.calendar, contract.built
    periods = example.given.get("periods")
    own = {k: v for k, v in example.given.items() if k != "periods"}
    for period in calendar.parts(calendar.year_of(example.period.start), example.interim):
        whole = example.period.length == "year"
        if (whole or period.end < example.period.start) and period.end >= built.start and period.start <= built.end:
            given = periods.get(period.label, {}) if isinstance(periods, Mapping) else {}
            yield period, {**own, **given}


def _opening(contract: Contract, example: e.Example) -> State:
    balances: dict[str, dict[str, Number]] = {}
    for name, value in example.opening.items():
        account = contract.built.accounts[name]
        keyed = value if isinstance(value, dict) else {"": value}
        for key, text in keyed.items():
            balances.setdefault(name, {})[str(key)] = _number(text, account.unit)
    return State(balances)


def _number(text: object, unit: Unit) -> Number:
    from alliance.contract.faults import Fault

    try:
        value = read_unit(str(as_text(text)), unit)
    except ValueError as error:
        raise InputError(Fault("AC135", f"opening: {error}", getattr(text, "mark", None))) from None
    assert isinstance(value, int) or hasattr(value, "numerator")
    return value  # type: ignore[return-value]


def _parting(found: e.Expr, settlement: Settlement, expected: Value) -> str:
    """The first step at which what was found parts from what is expected: the first line of the waterfall that is past
    the expected amount, or that brings it to nothing. Of what is left to pay, what was moved before."""
    nodes = list(found.node.walk())
    ref = next((n for n in nodes if isinstance(n, t.Ref) and n.kind == "payment"), None)
    if ref is None:
        return ""
    payment = settlement.payment(ref.name)
    if ref.attribute == "net" and payment.before and not isinstance(payment.earned, Unknown):
        earned, before = (value_text(v, payment.unit) for v in (payment.earned, payment.before))
        return f"{earned} earned, {before} moved before"
    keys = {n.key.value for n in nodes if isinstance(n, t.By) and isinstance(n.key, t.Literal)}
    waterfalls = list(_waterfalls(payment))
    waterfalls = [w for w in waterfalls if w.of in keys] or waterfalls
    for waterfall in waterfalls:
        for line in waterfall.lines:
            if isinstance(line.after, Unknown):
                return f"{line.name}: {line.note or line.after}"
            if line.before is not None and line.before != line.after and line.before == expected:
                return f"{line.name}: {value_text(line.before, 'money')} became {value_text(line.after, 'money')}"
    for waterfall in waterfalls:
        steps = [n for n in waterfall.lines if n.kind not in ("slice", "kept")]
        changed = [n for n in steps if n.before is not None and n.before != n.after]
        for line in changed:
            if line.after == 0:
                return f"{line.name}: {line.note or 'nothing is left'}"
        last = changed[-1] if changed else (steps[0] if steps else None)
        if last is not None:
            start = "Start: " if last.kind == "start" else ""
            return f"{start}{last.name} comes to {value_text(last.after, 'money')}"
    return "; ".join(payment.reasons)


def _waterfalls(payment: PaymentResult) -> Iterable[Waterfall]:
    found: list[Waterfall] = list(payment.waterfalls)
    for part in payment.parts:
        found += part.waterfalls
    return found
