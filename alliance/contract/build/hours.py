"""Hours: a payment for outcomes does not rise with hours, visits or shifts delivered.

Times that are only compared (assessed within 48 hours) are not hours of care, nor is what a measure makes of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.formula import tree as t

_OPERATIONS = ("multiply", "add")


def check_hours(b: Builder, order: Iterable[str]) -> None:
    """A fault for each formula of a payment for outcomes that pays by the hour."""
    by_hour: dict[str, str] = {}  # figures, with the hours that each is read from
    for name in order:
        figure = b.figures.get(name)
        if figure is not None:
            found = next((h for expr in of_figure(figure) if (h := _hours(b, expr.node, by_hour))), "")
            if found:
                by_hour[name] = found
    for payment in b.payments.values():
        if payment.pays_for == "outcome":
            _check(b, payment, by_hour)


def _check(b: Builder, p: e.Payment, by_hour: Mapping[str, str]) -> None:
    steps = [expr for s in p.steps if s.operation in _OPERATIONS for expr in s.values.values()]
    local = frozenset(_fields(b, p.each.over) if p.each is not None else ())
    group = frozenset(local) if p.each is not None and p.each.kind == "group" else frozenset[str]()
    for expr in (p.start, *steps):
        found = _hours(b, expr.node, by_hour, local - group, group)
        if found:
            message = f"{p.name} pays for outcomes, and rises with hours delivered ({found})."
            hint = "Pay for what happened to people; report hours beside it, or say what else it pays for."
            b.fault("AC098", expr.mark, message, hint)


def hours_read(b: Builder, node: t.Node, patterns: Iterable[e.Pattern]) -> str:
    """The name of the hours that a formula of a rule rises with; nothing if it rises with none."""
    fields = {f for p in patterns if p.kind == "record" for f in _fields(b, p.source)}
    by_hour: dict[str, str] = {}
    for name, figure in b.figures.items():
        found = next((h for expr in of_figure(figure) if (h := _hours(b, expr.node, by_hour))), "")
        if found:
            by_hour[name] = found
    return _hours(b, node, by_hour, fields)


def of_figure(f: e.Figure) -> Iterable[e.Expr]:
    """The formulas that what a figure comes to rises with."""
    if f.formula is not None:
        yield f.formula
    if f.curve is not None:
        yield f.curve[0]
        yield from (y for _, y in f.curve[1].points)
    if f.bands is not None:
        yield f.bands[0]
        yield from (band.gives for band in f.bands[1])
    for value, weight in f.weighted or ():
        yield from (value, weight)


def _fields(b: Builder, over: str) -> Iterable[str]:
    """The fields of records that hold hours."""
    item = b.inputs.get(over)
    return [name for name, field in item.fields.items() if field.hours] if item is not None and item.fields else []


def _hours(
    b: Builder,
    node: t.Node,
    by_hour: Mapping[str, str],
    fields: Collection[str] = (),
    group: Collection[str] = (),
) -> str:
    """The name of the hours that a formula reads other than to compare them; nothing if it reads none. `fields` are
    those in hand that hold hours, `group` those of the records that its sums go through."""
    waiting: list[tuple[t.Node, frozenset[str]]] = [(node, frozenset(fields))]
    while waiting:
        part, held = waiting.pop()
        if isinstance(part, (t.Compare, t.IsIn, t.IsKnown)):
            continue
        if isinstance(part, t.Ref):
            item = b.inputs.get(part.name) if part.kind == "input" else None
            if (item is not None and item.hours) or (part.kind == "field" and part.name in held):
                return part.name
            if part.kind == "fact" and part.attribute in held:
                return f"{part.name}.{part.attribute}"
            if part.kind == "figure" and part.name in by_hour:
                return by_hour[part.name]
        if isinstance(part, t.Aggregate):
            held = held | frozenset(_fields(b, part.over) if part.over else group)
        waiting += [(inner, held) for inner in part.parts()]
    return ""
