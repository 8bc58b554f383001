"""Hours: a payment for outcomes does not rise with hours, visits or shifts delivered.

Times that are only compared (assessed within 48 hours) are not hours of care, nor is what a measure makes of them. What
is typed as hours is that wherever it is read; what is only called so by its name, where the payment rises with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.points import literal
from alliance.contract.formula import tree as t
from alliance.contract.units import Unit

_OPERATIONS = ("multiply", "add")
_DELIVERED = re.compile(r"(?<![a-z0-9])(?<![0-9]_)(?:hours|minutes|visits|shifts|contacts|sessions)(?![a-z0-9])")
_OTHERWISE = re.compile(  # a time that passes, or is a limit, and what did not have to be delivered
    r"(?<![a-z])(?:within|until|till|to|before|after|since|between|wait|waited|waiting|late|"
    r"avoided|averted|prevented|saved|spared|missed|lost|unmet|fewer)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours that are read: their name, whether they are typed so, and whether what reads them falls with them."""

    name: str
    typed: bool
    falls: bool = False

    @property
    def told(self) -> bool:
        return self.typed or not self.falls


ByHour = Mapping[str, tuple[Hours, ...]]


def check_hours(b: Builder, order: Iterable[str]) -> None:
    """A fault for each formula of a payment for outcomes that pays by the hour."""
    by_hour = _of_figures(b, order)
    for payment in b.payments.values():
        if payment.pays_for == "outcome":
            _check(b, payment, by_hour)


def hours_read(b: Builder, node: t.Node, patterns: Iterable[e.Pattern]) -> str:
    """The name of the hours that a formula of a rule rises with; nothing if it rises with none."""
    fields = {n: typed for p in patterns if p.kind == "record" for n, typed in _fields(b, p.source).items()}
    return _told(_Reader(b, _of_figures(b, b.figures), fields).reads(node))


def called_hours(name: str) -> bool:
    """Whether a name says that it counts hours, visits or shifts delivered.

    >>> called_hours("nurse_visits"), called_hours("visits_avoided"), called_hours("seen_in_48_hours")
    (True, False, False)
    """
    return _DELIVERED.search(name) is not None and _OTHERWISE.search(name) is None


def _check(b: Builder, p: e.Payment, by_hour: ByHour) -> None:
    steps = [expr for s in p.steps if s.operation in _OPERATIONS for expr in s.values.values()]
    local = _fields(b, p.each.over) if p.each is not None else {}
    group = p.each is not None and p.each.kind == "group"
    reader = _Reader(b, by_hour, {} if group else local, local if group else {})
    found = [(expr, _told(reader.reads(expr.node))) for expr in (p.start, *steps)]
    if p.each is not None and p.each.kind == "record" and called_hours(p.each.over) and not _asks(p):
        found[0] = (p.start, found[0][1] or p.each.over)
    for expr, hours in found:
        if hours:
            message = f"{p.name} pays for outcomes, and rises with hours delivered ({hours})."
            hint = "Pay for what happened to people; report hours beside it, or say what else it pays for."
            b.fault("AC098", expr.mark, message, hint)


def _asks(p: e.Payment) -> bool:
    """Whether what a payment pays for each record hangs on what became of it: on a test, a step or a field of it."""
    return p.when is not None or bool(p.steps) or any(ref.kind == "field" for ref in t.names(p.start.node))


def _told(found: Iterable[Hours]) -> str:
    return next((hours.name for hours in found if hours.told), "")


def _of_figures(b: Builder, order: Iterable[str]) -> ByHour:
    """The hours that each figure is worked out from, in an order in which none reads a later one."""
    by_hour: dict[str, tuple[Hours, ...]] = {}
    for name in order:
        figure = b.figures.get(name)
        if figure is not None:
            reader = _Reader(b, by_hour)
            read = (hours for expr, falls in of_figure(figure) for hours in reader.reads(expr.node, falls))
            by_hour[name] = tuple(dict.fromkeys(read))
    return by_hour


def of_figure(f: e.Figure) -> Iterator[tuple[e.Expr, bool]]:
    """The formulas that what a figure comes to changes with, and whether it falls as they rise."""
    if f.formula is not None:
        yield f.formula, False
    if f.curve is not None:
        points = f.curve[1].points
        yield f.curve[0], _falling([y for _, y in points])
        yield from ((y, False) for _, y in points)
    if f.bands is not None:
        gives = [band.gives for band in f.bands[1]]
        yield f.bands[0], _falling(gives)
        yield from ((expr, False) for expr in gives)
    for value, weight in f.weighted or ():
        yield from ((value, False), (weight, False))


def _falling(gives: list[e.Expr]) -> bool:
    first, last = literal(gives[0]), literal(gives[-1])
    return first is not None and last is not None and last < first


def _fields(b: Builder, over: str) -> Mapping[str, bool]:
    """The fields of records that hold hours, and whether they are typed so or only called so."""
    item = b.inputs.get(over)
    fields = item.fields if item is not None and item.fields else {}
    return {name: f.hours for name, f in fields.items() if f.hours or _counts_hours(name, f.unit)}


def _counts_hours(name: str, unit: Unit) -> bool:
    return unit.kind in ("count", "days") and called_hours(name)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Finds the hours that a formula reads other than to compare them. `fields` are those in hand that hold hours,
    `group` those of the records that its sums go through."""

    b: Builder
    by_hour: ByHour
    fields: Mapping[str, bool] = field(default_factory=dict)
    group: Mapping[str, bool] = field(default_factory=dict)

    def reads(self, node: t.Node, falls: bool = False) -> Iterator[Hours]:
        waiting: list[tuple[t.Node, Mapping[str, bool], bool]] = [(node, self.fields, falls)]
        while waiting:
            part, held, falls = waiting.pop()
            if isinstance(part, (t.Compare, t.IsIn, t.IsKnown)):
                continue
            if isinstance(part, t.Ref):
                yield from self._of_name(part, held, falls)
            if isinstance(part, t.Aggregate):
                if part.function == "count" and part.where is None and called_hours(part.over):
                    yield Hours(part.over, False, falls)
                held = {**held, **(_fields(self.b, part.over) if part.over else self.group)}
            waiting += [(inner, held, falls != turned) for inner, turned in _turned(part)]

    def _of_name(self, ref: t.Ref, held: Mapping[str, bool], falls: bool) -> Iterator[Hours]:
        item = self.b.inputs.get(ref.name) if ref.kind == "input" else None
        if item is not None and (item.hours or _counts_hours(ref.name, item.unit)):
            yield Hours(ref.name, item.hours, falls)
        elif ref.kind == "field" and ref.name in held:
            yield Hours(ref.name, held[ref.name], falls)
        elif ref.kind == "fact" and ref.attribute in held:
            yield Hours(f"{ref.name}.{ref.attribute}", held[ref.attribute], falls)
        elif ref.kind == "figure":
            for hours in self.by_hour.get(ref.name, ()):
                yield replace(hours, falls=hours.falls != falls)


def _turned(part: t.Node) -> Iterator[tuple[t.Node, bool]]:
    """The parts of a formula, and whether it falls as each rises."""
    for inner in part.parts():
        turned = isinstance(part, t.Negative)
        if isinstance(part, t.Arithmetic):
            other = part.left if inner is part.right else part.right
            turned = inner is part.right if part.op in "-/" else part.op == "*" and isinstance(other, t.Negative)
        yield inner, turned
