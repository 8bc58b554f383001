"""Worked examples: what is given, and the lines that are expected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, SETTLES
from alliance.contract.faults import Faults, did_you_mean
from alliance.contract.formula.evaluate import compiled
from alliance.contract.formula.tree import Literal
from alliance.contract.model.document import Document, Earlier, Example
from alliance.contract.numbers import parse_number
from alliance.contract.source_nodes import Map, Scalar
from alliance.contract.units import Unit

MOST_WORK = 100_000  # figures of all examples together, over parties and periods
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9]+)? ?%?")
_OF_PAYMENT = 10  # figures take about as long as one payment


def build_examples(b: Builder, document: Document) -> tuple[e.Example, ...]:
    """Check every example's names and formulas, so that a mistake in one is found at load."""
    found = (_example(b, example) for example in document.examples)
    return tuple(x for x in found if x is not None)


def check_work(built: Built, examples: Iterable[e.Example], faults: Faults) -> None:
    """Refuse examples that would work out more than can be done in a moment, since every settlement runs them first."""
    work = sum(max(len(f.keys), 1) for f in built.figures.values())
    work += sum(_OF_PAYMENT * max(len(p.each.keys) if p.each else 0, 1) for p in built.payments.values())
    done = 0
    for example in examples:
        interim = 12 // MONTHS[example.interim] if example.interim else 0
        done += (_OF_PAYMENT + work) * (1 + interim + len(example.earlier))
        if done > MOST_WORK:
            message = "the worked examples up to this one work out more than every settlement can run first."
            faults.add("AC034", example.mark, message, "Keep those that show something new.")
            return


def _example(b: Builder, example: Example) -> e.Example | None:
    period = b.period(example.period)
    _all_given(b, example.given)
    for name, value in example.opening.items():
        account = b.accounts.get(name)
        if account is None and b.told(name):
            continue  # the account is at fault
        if account is None:
            b.fault("AC097", name.mark, f'opening: "{name[:40]}" is not an account.', did_you_mean(name, b.accounts))
        elif bool(account.by) != isinstance(value, Map):
            what = f"is kept by {account.by}: say how much for each" if account.by else "is a single balance"
            b.fault("AC097", value.mark, f"opening: {name} {what}.")
    earlier = [_earlier(b, x) for x in example.earlier]
    if not example.expect and example.fires is None and example.duties is None:
        b.fault(
            "AC097",
            example.at.value("expect"),
            "an example expects something, or it proves nothing.",
            "Say what, as in expect: {savings.earned: 1_000.00}.",
        )
    lines = [_expectation(b, key, value) for key, value in example.expect.items()]
    if period is None:
        return None
    given: Mapping[str, object] = {str(k): v for k, v in example.given.items()}
    opening: Mapping[str, object] = {str(k): v for k, v in example.opening.items()}
    return e.Example(
        title=str(example.title),
        clause=str(example.clause or ""),
        period=period,
        as_of=example.as_of,
        final=example.final,
        interim=SETTLES[str(example.interim)] if example.interim is not None else "",
        given=given,
        opening=opening,
        expect=tuple(line for line in lines if line is not None),
        mark=example.at.mark,
        earlier=tuple(x for x in earlier if x is not None),
        fires=_fires(b, example),
        duties=_duties(b, example),
    )


def _all_given(b: Builder, given: Mapping[Scalar, Any]) -> None:
    for name, value in given.items():
        if name != "periods":
            _given(b, name, value)
        elif isinstance(value, Map):
            _periods(b, value)
        else:
            b.fault(
                "AC097",
                value.mark,
                "given: periods are a mapping of periods to what is given for each.",
                "Write periods: {2026-27: {spend: 1_000}}.",
            )


def _earlier(b: Builder, said: Earlier) -> e.Earlier | None:
    period = b.period(said.period)
    _all_given(b, said.given)
    if period is None:
        return None
    return e.Earlier(period, said.as_of, said.final, {str(k): v for k, v in said.given.items()})


def _fires(b: Builder, example: Example) -> tuple[str, ...] | None:
    """The rules that are expected to hold, which must be rules of the contract."""
    if example.fires is None:
        return None
    known = [r.name for r in b.rules]
    for name in example.fires:
        if name not in known and b.count == 0:
            b.fault("AC097", name.mark, f'fires: "{name[:60]}" is not a rule.', did_you_mean(name, known))
    return tuple(str(n) for n in example.fires)


def _duties(b: Builder, example: Example) -> Mapping[str, int] | None:
    if example.duties is None:
        return None
    for what, number in example.duties.items():
        if not str(number).isdigit():
            b.fault(
                "AC097",
                number.mark,
                f"duties: how many of {what[:40]} arise is a whole number.",
                "Write 0, 1, 2 or more.",
            )
    return {str(k): int(v) for k, v in example.duties.items() if str(v).isdigit()}


def _given(b: Builder, name: Scalar, value: object) -> None:
    """What is given is something that is brought, and written as its unit is."""
    brought = b.inputs.get(name) or b.measures.get(name)
    if brought is not None and not (isinstance(brought, e.Input) and brought.fields is not None):
        _spelled(b, f"given: {name}", brought, value)
    parts = (b.inputs, b.measures, b.decisions, {"duties": None} if b.rules else {})
    if not any(name in part for part in parts) and not b.told(name):
        known = [n for part in parts for n in part]
        what = "is worked out" if name in b.figures else "is fixed" if name in b.terms else "is not brought"
        message = f'given: "{name[:40]}" {what}; inputs, measures and decisions are given.'
        b.fault("AC097", name.mark, message, did_you_mean(name, known))


def _spelled(b: Builder, what: str, brought: e.Input | e.Measure, value: object) -> None:
    """A fault for each number that is not written in its unit, for whom it is or with its status."""
    if isinstance(value, Map):
        for item in [value["value"]] if "value" in value else value.values():
            _spelled(b, what, brought, item)
    elif isinstance(value, Scalar) and _NUMBER.fullmatch(value) and not brought.reading.points:
        b.spelled(value, brought.unit, what)


def _periods(b: Builder, periods: Map) -> None:
    for label, values in periods.items():
        b.period(label)
        if isinstance(values, Map):
            for name, value in values.items():
                _given(b, name, value)
        else:
            b.fault(
                "AC097",
                values.mark,
                f"given: {label} is a mapping of names to values.",
                f"Write {label}: {{name: value}}.",
            )


def _expectation(b: Builder, key: Scalar, value: Scalar) -> e.Expectation | None:
    scope = b.scope()
    found = b.expr(key, scope)
    if found is None:
        return None
    expected = _plain(value, found.unit) if found.unit.kind in ("money", "days") else None
    if expected is None and found.unit.per:
        b.fault("AC040", value.mark, f"expect: {value[:40]} is not a price.", "Write it as a plain figure: 1_150.00.")
        return None
    expected = expected or b.expr(value, scope, found.unit)
    return e.Expectation(found, expected) if expected is not None else None


def _plain(value: Scalar, unit: Unit) -> e.Expr | None:
    """In an example a plain figure stands for money, a price, or days, where those are expected."""
    try:
        node = Literal((0, len(value)), unit, parse_number(value))
    except ValueError:
        return None
    return e.Expr(str(value), value.mark, node, compiled(node))
