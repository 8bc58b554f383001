"""Measures that are worked out from records: which records count, what is looked at in each, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY, Loop, Scope
from alliance.contract.model.worked import Counting, Measure
from alliance.contract.numbers import Number, parse_duration
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, COUNT, DAYS, PERCENT, RATIO, Unit, same

COUNTED = (
    *("proportion", "rate", "mean", "paired_change", "changed", "sustained", "time_to", "bundle", "distinct"),
    *("repeat", "run_length", "observed_to_expected"),
)
INTERVALS = ("proportion", "rate", "changed", "sustained", "bundle", "repeat", "observed_to_expected")
READABLE = ("field", "term", "input", "period", "binding", "party_field")
PARTS = {"changed": ("improved", "unchanged", "worse")}
_MONTHS = re.compile(r"([0-9]{1,3}) (month|year)s?")
MOST_POINTS = 12


@dataclass(frozen=True, slots=True)
class Counter:
    """What building one measure from records shares."""

    b: Builder
    name: Scalar
    part: Any
    item: e.Input
    loop: Loop
    scope: Scope

    def expr(self, text: Scalar | None, expect: Unit | None = None) -> e.Expr | None:
        """A formula over a record, which reads the record, and what is fixed or brought."""
        found = self.b.maybe(text, self.scope, expect)
        if found is None:
            return None
        strange = next((ref.name for ref in t.names(found.node) if ref.kind not in READABLE), "")
        if not strange and any(isinstance(part, (t.Aggregate, t.History)) for part in found.node.walk()):
            strange = "sums over records or what was before"
        if strange:
            message = f"{self.name}: what is asked of a record cannot read {strange}."
            self.b.fault("AC113", found.mark, message, "It reads the record's fields, terms and inputs.")
            return None
        return found

    def quantity(self, text: Scalar | None) -> e.Expr | None:
        found = self.expr(text)
        if found is not None and not found.unit.numeric:
            message = f"{self.name}: this is {found.unit.spoken()}, and a quantity is wanted here."
            self.b.fault("AC041", found.mark, message)
            return None
        return found

    def field(self, named: Scalar, kind: str, what: str) -> str:
        """A field of the records of a kind; nothing, with a fault, where it is not one."""
        fields = self.item.fields or {}
        if named in fields and (not kind or fields[str(named)].unit.kind == kind):
            return str(named)
        known = [n for n, f in fields.items() if not kind or f.unit.kind == kind]
        hint = did_you_mean(named, known) or (one_of(known) if known else "")
        self.b.fault("AC075", named.mark, f'{self.name}: "{named}" is not {what} of {self.item.name}.', hint)
        return ""

    def person(self, named: Scalar | None) -> str:
        """The field that says who it is: the one named, or the first that holds an id."""
        if named is not None:
            return self.field(named, "text", "an id")
        found = next((n for n, f in (self.item.fields or {}).items() if f.unit.kind == "text"), "")
        if not found:
            message = f"{self.name}: {self.item.name} have no id by which people are told apart."
            self.b.fault("AC112", self.part.at.value("of"), message, "Give the records a field of the type id.")
        return found

    def days(self, text: Scalar | None, what: str) -> int | None:
        """A duration in whole days, rounded up."""
        if text is None:
            return None
        try:
            return ceil(parse_duration(text))
        except ValueError as error:
            self.b.fault("AC079", text.mark, f"{self.name}, {what}: {error}")
            return None

    def share(self, key: str) -> Number | None:
        """A percentile: a percentage between 0% and 100%."""
        value: Number | None = getattr(self.part, key)
        if value is not None and not 0 < value <= 1:
            self.b.fault(
                "AC046",
                self.part.at.value(key),
                f"{self.name}: a percentile is above 0% and at most 100%.",
                "Write such a percentage: 90%.",
            )
            return None
        return value


def counted(b: Builder, name: Scalar, m: Measure, kind: str, scope: Scope, by: str) -> tuple[e.Counted, Unit] | None:
    """How a measure is worked out from records, and its unit; None with a fault."""
    part = getattr(m, kind)
    assert isinstance(part, Counting)
    item, loop = b.inputs.get(part.of), b.loops.get(part.of)
    if item is None or loop is None or loop.kind != "records":
        if not b.told(part.of):
            known = [n for n, v in b.loops.items() if v.kind == "records"]
            hint = did_you_mean(part.of, known) or (one_of(known) if known else "")
            b.fault("AC081", part.of.mark, f'"{part.of}" is not records that are brought.', hint)
        return None
    before = b.count
    c = Counter(b, name, part, item, loop, scope.inside(loop))
    shared: dict[str, Any] = {
        "kind": kind,
        "of": str(part.of),
        "dated": c.field(part.dated, "date", "a date") if part.dated is not None else item.dated,
        "whose": _whose(c, by),
        "among": c.expr(part.among, BOOLEAN),
        "excluding": c.expr(part.excluding, BOOLEAN),
        "matured": c.days(m.matured, "matured") or 0,
        "mark": part.at.mark,
    }
    own, unit = _KINDS[kind](c)
    if kind == "rate" and not own["summed"] and own["to"] is not None and str(m.window or "period") != "period":
        _steady(c, own["to"], str(m.window))
    if kind == "sustained" and m.matured is not None:
        message = f"{name}: how old a case must be is said by the last of its points already."
        b.fault("AC113", m.matured.mark, message, "Leave matured out.")
    if b.count > before:
        return None
    if not shared["dated"] and (kind in ("run_length", "repeat", *_PAIRED) or shared["matured"]):
        message = f"{name}: {part.of} have no date, which this needs."
        b.fault("AC112", part.of.mark, message, "Say `dated:` of the records, a field that holds a date.")
        return None
    return e.Counted(**shared, **own), unit


def _steady(c: Counter, to: e.Expr, window: str) -> None:
    """A fault where records of a longer window would be held to what is brought for the period only."""
    brought = next((ref.name for ref in t.names(to.node) if ref.kind == "input"), "")
    if brought:
        message = f"{c.name} is measured over {window}, and {brought} is brought for the period."
        hint = "Measure over the period, or hold it to a term or to a field of the records."
        c.b.fault("AC113", to.mark, message, hint)


def _whose(c: Counter, by: str) -> str:
    """The field that says whose a record is, where there is a value for each party or category."""
    if not by:
        if c.part.whose is not None:
            c.b.strangers(c.part, ["whose"], "the measure is not by parties or a category.")
        return ""
    fields = c.item.fields or {}
    found = [n for n, f in fields.items() if f.unit.kind == "category" and (f.unit.name == by or by == PARTY == n)]
    if c.part.whose is not None:
        return c.field(c.part.whose, "category", f"a {by}")
    if len(found) != 1:
        which = f"has {' and '.join(found)}" if found else "has none"
        message = f"{c.name} is by {by}, and {c.item.name} {which} to say whose a record is."
        c.b.fault("AC112", c.part.at.value("of"), message, "Say `whose:`, the field that holds it.")
        return ""
    return found[0]


Own = tuple[Mapping[str, Any], Unit]
_PAIRED = ("paired_change", "changed", "sustained")


def _proportion(c: Counter) -> Own:
    return {"where": c.expr(c.part.where, BOOLEAN)}, PERCENT


def _rate(c: Counter) -> Own:
    to = c.quantity(c.part.to)
    summed = to is not None and any(ref.kind == "field" for ref in t.names(to.node))
    if c.part.per <= 0:
        c.b.fault(
            "AC046",
            c.part.at.value("per"),
            f"{c.name}: a rate is per more than nothing.",
            "Write how many it is for each of: per: 1_000.",
        )
    return {"where": c.expr(c.part.where, BOOLEAN), "per": c.part.per, "to": to, "summed": summed}, COUNT


def _mean(c: Counter) -> Own:
    value = c.quantity(c.part.value)
    return {"value": value, "truncated": c.share("truncated_at")}, value.unit if value is not None else COUNT


def _distinct(c: Counter) -> Own:
    return {"where": c.expr(c.part.where, BOOLEAN), "person": c.person(c.part.person)}, COUNT


def _bundle(c: Counter) -> Own:
    if not c.part.all:
        c.b.fault(
            "AC112",
            c.part.at.value("all"),
            f"{c.name}: a bundle has at least one thing that is to be done.",
            "Name the fields that say what is done: all: [heard, followed_up].",
        )
    every = tuple(found for one in c.part.all if (found := c.expr(one, BOOLEAN)) is not None)
    return {"every": every}, PERCENT


def _time_to(c: Counter) -> Own:
    own = {
        "start": c.field(c.part.from_, "date", "a date"),
        "event": c.field(c.part.event, "date", "a date"),
        "percentile": c.share("percentile"),
        "truncated": c.share("truncated_at"),
    }
    return own, DAYS


def _repeat(c: Counter) -> Own:
    own = {
        "where": c.expr(c.part.where, BOOLEAN),
        "person": c.person(c.part.person),
        "within": c.days(c.part.within, "within"),
    }
    return own, PERCENT


def _run_length(c: Counter) -> Own:
    return {"where": c.expr(c.part.where, BOOLEAN)}, COUNT


def _pairs(c: Counter) -> Own:
    value = c.quantity(c.part.value)
    own = {
        "value": value,
        "baseline": c.expr(c.part.baseline, BOOLEAN),
        "follow_up": c.expr(c.part.follow_up, BOOLEAN),
        "person": c.person(c.part.person),
        "after": c.days(c.part.after, "after") or 0,
        "within": c.days(c.part.within, "within"),
        "take": str(c.part.take),
        "take_baseline": str(c.part.take_baseline),
    }
    return own, value.unit if value is not None else COUNT


def _changed(c: Counter) -> Own:
    own, unit = _pairs(c)
    by = c.quantity(c.part.by)
    if by is not None and any(ref.kind == "field" for ref in t.names(by.node)):
        c.b.fault(
            "AC113",
            by.mark,
            f"{c.name}: the change that counts is one for all, and not read of a record.",
            "Write one number, or the name of a term.",
        )
    elif by is not None and not same(by.unit, unit):
        c.b.fault(
            "AC041",
            by.mark,
            f"{c.name}: {by.unit.spoken()} is not a change of {unit.spoken()}.",
            "Write it in the unit of what changes.",
        )
    elif by is not None and isinstance(by.node, t.Literal) and by.node.value <= 0:  # type: ignore[operator]
        c.b.fault(
            "AC113", by.mark, f"{c.name}: a change that counts is more than nothing.", "Write how much is enough."
        )
    return {**own, "by": by}, PERCENT


def _sustained(c: Counter) -> Own:
    points: list[int] = []
    for text in c.part.at_:
        found = _MONTHS.fullmatch(text)
        months = int(found[1]) * (12 if found[2] == "year" else 1) if found else 0
        if not 0 < months <= 120 or months in points:
            hint = "Write each once, as 6 months; 120 months at most."
            c.b.fault("AC079", text.mark, f'{c.name}: "{text[:40]}" is not a point to look again at.', hint)
        points.append(months)
    if c.part.give_or_take is None:
        hint = "Say how far from the day a record may be: give_or_take: 2 weeks"
        c.b.fault("AC112", c.part.at.mark, f"{c.name} does not say how near to a point a record must be.", hint)
    if not 0 < len(points) <= MOST_POINTS:
        message = f"{c.name}: one to {MOST_POINTS} points are looked at again."
        c.b.fault("AC112", c.part.at.value("at"), message)
    own = {
        "where": c.expr(c.part.where, BOOLEAN),
        "start": c.field(c.part.entered, "date", "a date"),
        "points": tuple(sorted(points)),
        "slack": c.days(c.part.give_or_take, "give_or_take") or 0,
        "person": c.person(c.part.person),
    }
    return own, PERCENT


def _expected(c: Counter) -> Own:
    value = c.quantity(c.part.expected)
    if value is not None and value.unit.kind not in ("count", "percent", "ratio", "zero"):
        message = f"{c.name}: what is expected of a record is a chance, not {value.unit.spoken()}."
        c.b.fault("AC041", value.mark, message)
    own: dict[str, Any] = {"where": c.expr(c.part.where, BOOLEAN), "value": value}
    limited = c.part.adjusted
    if limited is not None:
        scope = c.b.scope()
        own["reference"] = c.b.expr(limited.reference, scope, PERCENT)
        own["at_least"] = c.b.maybe(limited.at_least, scope, PERCENT)
        own["at_most"] = c.b.maybe(limited.at_most, scope, PERCENT)
    return own, RATIO


_KINDS: dict[str, Callable[[Counter], Own]] = {
    "proportion": _proportion,
    "rate": _rate,
    "mean": _mean,
    "distinct": _distinct,
    "bundle": _bundle,
    "time_to": _time_to,
    "repeat": _repeat,
    "run_length": _run_length,
    "paired_change": _pairs,
    "changed": _changed,
    "sustained": _sustained,
    "observed_to_expected": _expected,
}


def derived(b: Builder, name: Scalar, m: Measure, kind: str, scope: Scope, by: str) -> tuple[e.Derived, Unit] | None:
    """A measure made of another that stands above it; None with a fault."""
    part = getattr(m, kind)
    of = b.measures.get(part.of)
    if of is None or of.by not in ("", by):
        if not b.told(part.of) or of is not None:
            hint = did_you_mean(part.of, b.measures) or "A measure is made of one that stands above it."
            b.fault("AC081", part.of.mark, f'{name}: "{part.of}" is not a measure above it for the same parties.', hint)
        return None
    wanted = PERCENT if kind == "deadweight" else of.unit
    found = b.expr(part.share if kind == "deadweight" else part.from_, scope, wanted)
    if found is None:
        return None
    strange = [r.name for r in t.names(found.node) if r.attribute in ("score", "earned", "net")]
    if strange:
        b.fault(
            "AC113",
            found.mark,
            f"{name}: a comparator is a value, and {strange[0]} is read otherwise.",
            "Name a term, an input or a figure.",
        )
        return None
    return e.Derived(kind, of.name, found), of.unit
