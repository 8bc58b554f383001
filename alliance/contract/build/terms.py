"""Terms: figures that the contract fixes, each worked out over the whole life of the contract when it is loaded."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.dated import DatedEnv, in_force
from alliance.contract.build.order import Reads, ordered
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula import operations as op
from alliance.contract.formula.scope import PARTY, Scope, Symbol
from alliance.contract.formula.tree import names
from alliance.contract.model.known import Term, Uplift
from alliance.contract.numbers import Number, normal, round_to
from alliance.contract.source_nodes import Map, Node, Scalar
from alliance.contract.units import COUNT, MONEY, PERCENT, Unit
from alliance.contract.values import UNUSABLE, Unknown, Value

Changes = dict[date, Number | None]
FORMS = ("value", "values", "of_the_year", "is")
MOST_FIGURES = 100_000  # of all derived terms together, over all their days and keys
_UPLIFT = "Give what it reads a figure for that year, or end the uplift before it with `to:`."
_NOT_TERMS = "a term is worked out from other terms only; make this a figure."


@dataclass
class _Terms:
    """What the formulas of terms may read: terms as they are written, an amount a year as one."""

    b: Builder
    refused: Mapping[str, str]
    symbols: dict[str, Symbol] = field(default_factory=dict)
    figures: int = 0

    def scope(self, by: str = "", keys: tuple[str, ...] = ()) -> Scope:
        bound = {by: keys} if by else {}
        return Scope(self.symbols, {}, bound=bound, refused=self.refused, currency=self.b.currency)


def build_terms(b: Builder) -> None:
    """Terms, in the order that they depend on each other."""
    terms = {str(name): (name, term) for name, term in b.document.terms.items() if b.owns(name)}
    others = {n: _NOT_TERMS for n in b.named_at if n not in terms}
    found = _Terms(b, ChainMap(b.refused, others))
    graph: dict[str, list[str]] = {}
    for name, (_, term) in terms.items():
        formulas = [f for f in (term.is_, term.uplift.by if term.uplift else None) if f is not None]
        reads = Reads()
        for formula in formulas:
            reads.add(b, formula)
        graph[name] = [n for n in reads.now if n in terms]
    for name in ordered(b, graph, {n: key for n, (key, _) in terms.items()}, "terms"):
        key, term = terms[name]
        if not _term(found, key, term):
            b.fail(key)


def _term(found: _Terms, name: Scalar, term: Term) -> bool:
    b, node = found.b, term.at.node
    form = b.only("AC069", name.mark, f"the term {name}", FORMS, [k for k in FORMS if k in node])
    dimension = b.dimension(term.by)
    unit = b.unit(term.unit) if term.unit is not None else COUNT
    if not form or dimension is None or unit is None:
        return False
    if not unit.numeric:
        b.fault(
            "AC045",
            term.at.value("unit"),
            f"{name}: a term is a quantity, not {unit.spoken()}.",
            "Make it an input or a figure.",
        )
        return False
    by, keys = dimension
    formula = None
    marks: dict[str, Mark] = {}
    if form == "is":
        assert term.is_ is not None
        b.strangers(term, ["uplift"], "a term with a formula changes as what it reads changes.")
        formula = b.expr(term.is_, found.scope(by, keys), unit if term.unit is not None else None)
        if formula is None or not _quantity(b, name, formula):
            return False
        unit = unit if term.unit is not None else formula.unit
        timeline = _derived(found, name, formula, by, keys)
    else:
        unit = _unit_of_values(term) if term.unit is None else unit
        before = b.count
        timeline, marks = _figures(b, name, term, unit, by, keys)
        whole = b.count == before and form != "of_the_year"  # an index serves its own year only
        if term.uplift is not None:
            _uplift(found, name, term.uplift, timeline)
        if whole:
            _complete(b, name, by, keys, timeline)
    steps = {key: tuple(sorted(changes.items())) for key, changes in timeline.items()}
    days = sorted({day for changes in timeline.values() for day in changes})
    title = str(term.title or name.replace("_", " "))
    b.terms[str(name)] = e.Term(
        name=str(name),
        title=title,
        clause=str(term.clause or ""),
        unit=unit,
        by=by,
        keys=keys,
        timeline=steps,
        formula=formula,
        changes=tuple(days),
        mark=name.mark,
        marks=marks,
    )
    read = MONEY if unit.per == "year" else unit
    b.symbols[str(name)] = Symbol("term", str(name), read, by, keys, title, mark=name.mark, rate=unit)
    found.symbols[str(name)] = Symbol("term", str(name), unit, by, keys, title, mark=name.mark)
    return True


def _quantity(b: Builder, name: Scalar, formula: e.Expr) -> bool:
    if formula.unit.numeric:
        return True
    b.fault("AC045", formula.mark, f"{name}: a term is a quantity, not {formula.unit.spoken()}.", "Make it a figure.")
    return False


# figures as they are written


def _unit_of_values(term: Term) -> Unit:
    """Without a unit, figures written with a percent sign are percentages and others plain numbers."""
    texts = [text for key in FORMS for text in _leaves(term.at.node.get(key))]
    return PERCENT if all(text.rstrip().endswith("%") for text in texts) else COUNT


def _leaves(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Map):
        for value in node.values():
            yield from _leaves(value)
    elif isinstance(node, Scalar):
        yield node


def _figures(
    b: Builder, name: Scalar, term: Term, unit: Unit, by: str, keys: tuple[str, ...]
) -> tuple[dict[str, Changes], dict[str, Mark]]:
    """The days on which each key's figure changes, and where each figure stands."""
    timeline: dict[str, Changes] = {}
    marks: dict[str, Mark] = {}
    for first, last, node, figure in _dated(b, name, term):
        for key, value, mark in _by_key(b, name, node, figure, by, keys):
            changes = timeline.setdefault(key, {})
            changes[first] = normal(Fraction(value, 24)) if term.unit == "hours" else value
            marks[f"{key}@{first}"] = mark
            if last is not None:
                changes.setdefault(last + timedelta(days=1), None)
        for text in _leaves(node):
            b.spelled(text, unit, str(name))
    return timeline, marks


def _dated(b: Builder, name: Scalar, term: Term) -> Iterator[tuple[date, date | None, Node, object]]:
    """Figures with the first day they hold, in order, and the last where they end of themselves."""
    node = term.at.node
    if term.value is not None:
        yield b.start, None, node["value"], term.value
    elif term.values is not None:
        for (day, figure), (label, written) in sorted(zip(term.values.items(), node["values"].items(), strict=True)):
            if day > b.end:
                b.fault(
                    "AC066",
                    label.mark,
                    f"{name}: {day} is after the contract's end, {b.end}.",
                    "Remove it, or let the contract run longer.",
                )
            yield day, None, written, figure
    else:
        years = [(b.year(label, str(name)), label, figure) for label, figure in (term.of_the_year or {}).items()]
        found = [(year.start, year.end, node["of_the_year"][label], figure) for year, label, figure in years if year]
        yield from sorted(found, key=lambda item: item[0])


def _by_key(
    b: Builder, name: Scalar, node: Node, figure: object, by: str, keys: tuple[str, ...]
) -> Iterator[tuple[str, Number, Mark]]:
    """One figure for all, or one for each party or category that is named."""
    if not isinstance(figure, Mapping):
        for key in keys if by else ("",):
            yield key, figure, node.mark  # type: ignore[misc]
    elif not by:
        hint = "Say `by:` a role of the parties, or a category."
        b.fault("AC070", node.mark, f"{name} has several figures, and does not say what they are by.", hint)
    else:
        known = frozenset(keys)
        for key, value in figure.items():
            if key in known:
                yield str(key), value, node[key].mark if isinstance(node, Map) else node.mark
            elif not b.told(key):
                hint = did_you_mean(key, keys) or one_of(keys)
                b.fault("AC071", key.mark, f'{name}: "{key[:40]}" is not one of those it is by.', hint)


def _complete(b: Builder, name: Scalar, by: str, keys: tuple[str, ...], timeline: Mapping[str, Changes]) -> None:
    """A fault for every key that has no figure for part of its life in the contract."""
    for key in keys if by else ("",):
        steps = tuple(sorted(timeline.get(key, {}).items()))
        party = b.parties.get(key) if by == PARTY else None
        start, end = (max(b.start, party.start), min(b.end, party.end)) if party else (b.start, b.end)
        edges = [start, *(day for day, _ in steps if start < day <= end)]
        gap = next((day for day in edges if in_force(steps, day) is None), None)
        if gap is not None:
            of = f" for {key}" if key else ""
            later = next((day for day, value in steps if gap < day <= end and value is not None), None)
            until = f"until {later}" if later else f"to {end}"
            hint = "Give it a figure for the whole life of the contract."
            b.fault("AC055", name.mark, f"{name} has no figure{of} from {gap} {until}.", hint)


# figures that are worked out


def _derived(found: _Terms, name: Scalar, formula: e.Expr, by: str, keys: tuple[str, ...]) -> dict[str, Changes]:
    """What a formula of other terms comes to from each day on which one of them changes."""
    b = found.b
    days = {b.start, *(day for ref in names(formula.node) for day in b.terms[ref.name].changes)}
    found.figures += len(days) * max(len(keys), 1)
    if found.figures > MOST_FIGURES:
        message = f"the terms worked out from other terms come to more than {MOST_FIGURES:,} figures."
        b.fault("AC034", formula.mark, message, "Make some of them figures.")
        return {}
    timeline: dict[str, Changes] = {}
    for key in keys if by else ("",):
        changes = timeline.setdefault(key, {})
        for day in sorted(days):
            value = _worked_out(b, name, formula, DatedEnv(b.terms, day, {by: key}), day)
            changes[day] = None if isinstance(value, Unknown) else value  # type: ignore[assignment]
    return timeline


def _worked_out(b: Builder, name: Scalar, formula: e.Expr, env: DatedEnv, day: date) -> Value:
    """A formula on a day. What is missing then is missing; anything else that cannot be worked out is a fault."""
    try:
        value = op.bounded(formula.run(env))
    except op.TooLarge as error:
        b.fault("AC059", formula.mark, f"{name} cannot be worked out: {error}.")
        return Unknown(())
    if isinstance(value, Unknown) and any(r.status in UNUSABLE and r.status != "missing" for r in value.reasons):
        b.fault("AC059", formula.mark, f"{name} cannot be worked out on {day}: {value}.")
    return value


def _uplift(found: _Terms, name: Scalar, uplift: Uplift, timeline: dict[str, Changes]) -> None:
    """Work out every uplift over the life of the contract, so that a term is a plain timeline afterwards."""
    b = found.b
    formula = b.expr(uplift.by, found.scope(), PERCENT)
    rounding = b.rounding(uplift.rounded)
    b.within(uplift.from_, uplift.at.value("from"), f"{name}, uplift")
    if uplift.to is not None and uplift.to < uplift.from_:
        b.fault(
            "AC065", uplift.at.value("to"), f"{name}: the uplift ends before it starts.", "Write a later day for `to`."
        )
    rates: dict[date, Value] = {}
    for year in range(uplift.from_.year, b.end.year + 1) if formula is not None else ():
        day = date(year, *uplift.each)
        if uplift.from_ <= day <= min(uplift.to or b.end, b.end):
            assert formula is not None
            rates[day] = _worked_out(b, name, formula, DatedEnv(b.terms, day), day)
            if isinstance(rates[day], Unknown):
                b.fault(
                    "AC055", uplift.at.value("by"), f"{name}: the uplift of {day} is not known: {rates[day]}.", _UPLIFT
                )
    for key, changes in timeline.items():
        timeline[key] = _uplifted(b, uplift, changes, rates, rounding)


def _uplifted(
    b: Builder, uplift: Uplift, changes: Changes, rates: Mapping[date, Value], rounding: e.Rounding | None
) -> Changes:
    """A key's figures with those that the uplifts make of them. A figure given for the day stands instead."""
    made: Changes = {}
    now: Number | None = None
    for day in sorted({*changes, *rates}):
        if day in changes:
            now = changes[day]
        else:
            rate = rates[day]
            if now is None or isinstance(rate, Unknown):
                continue
            now = now * (1 + rate)  # type: ignore[operator]
            now = round_to(now, rounding.to, rounding.how) if rounding is not None else normal(now)
        try:
            op.bounded(now)
            made[day] = now
        except op.TooLarge as error:
            b.fault("AC059", uplift.at.value("by"), f"the uplift cannot be worked out: {error}.", "Round it.")
            break
    return made
