"""Worked examples: what is given, and the lines that are expected."""

from __future__ import annotations

from collections.abc import Mapping

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.whole import Built
from alliance.contract.calendar import SETTLES
from alliance.contract.faults import did_you_mean
from alliance.contract.model.base import Scalar
from alliance.contract.model.document import Document, Example
from alliance.contract.units import Unit


def build_examples(b: Builder, built: Built, document: Document) -> tuple[e.Example, ...]:
    """Check every example's names and formulas, so that a mistake in one is found at load."""
    found = (_example(b, built, example) for example in document.examples)
    return tuple(x for x in found if x is not None)


def _example(b: Builder, built: Built, example: Example) -> e.Example | None:
    period = b.period(example.period)
    if period is not None and (period.end < b.start or period.start > b.end):
        b.fault(
            "AC111", example.period.mark, f"{period} is outside the contract, which runs from {b.start} to {b.end}."
        )
    known = [*b.inputs, *b.measures, *b.decisions, "periods"]
    for name in example.given:
        if name not in known:
            b.fault(
                "AC097", name.mark, f'given: "{name}" is not an input, measure or decision.', did_you_mean(name, known)
            )
    for name in example.opening:
        if name not in b.accounts:
            b.fault("AC097", name.mark, f'opening: "{name}" is not an account.', did_you_mean(name, b.accounts))
    expect = tuple(x for k, v in example.expect.items() if (x := _expectation(b, k, v)) is not None)
    if period is None:
        return None
    given: Mapping[str, object] = {str(k): v for k, v in example.given.items()}
    opening: Mapping[str, object] = {str(k): v for k, v in example.opening.items()}
    interim = SETTLES[str(example.interim)] if example.interim else ""
    return e.Example(
        title=str(example.title),
        clause=str(example.clause or ""),
        period=period,
        as_of=example.as_of,
        final=example.final,
        interim=interim,
        given=given,
        opening=opening,
        expect=expect,
        mark=example.at.mark,
    )


def _expectation(b: Builder, key: Scalar, value: Scalar) -> e.Expectation | None:
    scope = b.scope()
    found = b.expr(key, scope)
    if found is None:
        return None
    wanted = found.unit
    expected = _each_of(value, wanted) if wanted.per else b.expr(_money(value, wanted.kind, b), scope, wanted)
    return e.Expectation(found, expected) if expected is not None else None


def _each_of(value: Scalar, unit: Unit) -> e.Expr | None:
    """A plain figure as money for each of something: a price."""
    from alliance.contract.formula.evaluate import compiled
    from alliance.contract.formula.tree import Literal
    from alliance.contract.numbers import parse_number

    try:
        node = Literal((0, len(value)), unit, parse_number(value))
    except ValueError:
        return None
    return e.Expr(str(value), value.mark, node, compiled(node))


def _money(value: Scalar, kind: str, b: Builder) -> Scalar:
    """In an example a plain figure stands for money, or days, where those are expected."""
    from alliance.contract.numbers import parse_number

    if kind not in ("money", "days"):
        return value
    try:
        parse_number(value)
    except ValueError:
        return value
    suffix = b.currency if kind == "money" else "days"
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", str(value))
    return Scalar(f"{sign}{digits.strip()} {suffix}", value.mark, value.quoted)
