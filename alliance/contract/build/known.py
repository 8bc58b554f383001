"""Terms with their timelines, and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder, names_in
from alliance.contract.faults import Mark, did_you_mean
from alliance.contract.formula.parse import FormulaError, parse
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol
from alliance.contract.model.base import Scalar
from alliance.contract.model.known import Input, Term
from alliance.contract.numbers import Number
from alliance.contract.units import COUNT, DATE, DAYS, MONEY, PERCENT, TEXT, Unit

Steps = list[tuple[date, Number | None]]


def build_terms(b: Builder) -> None:
    """Terms, in the order that they depend on each other."""
    terms = b.document.terms
    graph: dict[str, set[str]] = {}
    for name, term in terms.items():
        formulas = [f for f in (term.is_, term.uplift.by if term.uplift else None) if f is not None]
        graph[str(name)] = {n for f in formulas for n in _names(f) if n in terms}
    places = {str(key): key for key in terms}
    for one in ordered(b, graph, "terms"):
        key = places[one]
        if b.claim(key, "a term"):
            _term(b, key, terms[key])
            if str(key) not in b.terms:
                b.told(key)


def _names(formula: Scalar) -> list[str]:
    try:
        return list(names_in(parse(str(formula))))
    except FormulaError:
        return []


def ordered(b: Builder, graph: Mapping[str, set[str]], what: str) -> list[str]:
    """The names in an order in which each comes after those it reads; a cycle is a fault that shows it."""
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        cycle = [str(n) for n in reversed(error.args[1])]
        for part in (b.document.terms, b.document.figures, b.document.measures, b.document.payments):
            mark = next((k.mark for k in part if k == cycle[0]), None)
            if mark is not None:
                break
        b.fault(
            "AC054",
            mark or Mark(""),
            f"{what} go round in a circle: {' reads '.join(cycle)}.",
            "Break it at one of them.",
        )
        b.faults.raise_if_any()
        raise AssertionError from None


def _term(b: Builder, name: Scalar, term: Term) -> None:
    by, keys = b.dimension(term.by)
    given = [
        k for k in ("value", "values", "of_the_year", "is") if getattr(term, "is_" if k == "is" else k) is not None
    ]
    if len(given) != 1:
        what = "none of them" if not given else " and ".join(given)
        b.fault(
            "AC069", name.mark, f"the term {name} has exactly one of value, values, of_the_year, is; it has {what}."
        )
        return
    unit = b.unit(term.unit, COUNT) if term.unit is not None else _unit_of_values(term)
    if unit is None:
        return
    formula, changes = None, set[date]()
    timeline: dict[str, Steps] = {}
    marks: dict[str, Mark] = {}
    if term.is_ is not None:
        formula = b.expr(term.is_, _terms_scope(b, by, keys), None if term.unit is None else _rate(unit))
        if formula is None:
            return
        unit = unit if term.unit is not None else formula.unit
        changes |= {d for n in _names(term.is_) if n in b.terms for d in b.terms[n].changes}
    else:
        timeline, marks = _timeline(b, name, term, by, keys)
        if term.uplift is not None:
            _uplift(b, name, term, timeline)
        changes |= {d for steps in timeline.values() for d, _ in steps}
        if timeline and term.of_the_year is None:  # an index serves its own year only
            _complete(b, name, by, keys, timeline)
    built = e.Term(
        str(name), str(term.title or str(name).replace("_", " ")), str(term.clause or ""), unit, by, keys,
        {k: tuple(v) for k, v in timeline.items()}, formula, tuple(sorted(changes)), name.mark, marks,
    )  # fmt: skip
    b.terms[str(name)] = built
    read = MONEY if unit.per == "year" else unit
    b.symbols[str(name)] = Symbol(
        "term", str(name), read, by=by, keys=keys, title=built.title, attributes={"rate": unit}, mark=name.mark
    )


def _rate(unit: Unit) -> Unit:
    return MONEY if unit.per == "year" else unit


def _unit_of_values(term: Term) -> Unit:
    """Without a unit, figures written with a percent sign are percentages and others plain numbers."""
    texts: list[object] = []
    for key in ("value", "values", "of_the_year"):
        texts += _leaves(term.at.node.get(key))
    return PERCENT if texts and all(str(x).rstrip().endswith("%") for x in texts) else COUNT


def _leaves(node: object) -> list[object]:
    if isinstance(node, Mapping):
        return [x for v in node.values() for x in _leaves(v)]
    return [] if node is None else [node]


def _terms_scope(b: Builder, by: str, keys: tuple[str, ...]) -> Scope:
    symbols = {n: s for n, s in b.symbols.items() if s.kind == "term"}
    refused = {n: b.refused.get(n) or _NOT_TERMS for n in b.named_at if n not in symbols}
    refused |= {n: "" for n, why in b.refused.items() if not why}
    return Scope(symbols, {}, bound={by: keys} if by else {}, refused=refused)


def _timeline(
    b: Builder, name: Scalar, term: Term, by: str, keys: tuple[str, ...]
) -> tuple[dict[str, Steps], dict[str, Mark]]:
    timeline: dict[str, Steps] = {}
    marks: dict[str, Mark] = {}
    dated: list[tuple[date, date | None, object, tuple[str | int, ...]]] = []
    if term.value is not None:
        dated = [(b.start, None, term.value, ("value",))]
    elif term.values is not None:
        order = sorted(term.values)
        texts = list(term.at.node["values"])
        dated = [(d, None, term.values[d], ("values", texts[list(term.values).index(d)])) for d in order]
    elif term.of_the_year is not None:
        for label, figure in term.of_the_year.items():
            year = b.period(label)
            if year is not None and year.length != "year":
                b.fault("AC063", label.mark, f'{name}: "{label}" is not a year.', b.calendar.how())
            elif year is not None:
                dated.append((year.start, year.end, figure, ("of_the_year", str(label))))
        dated.sort(key=lambda item: item[0])
    for day, last, figure, path in dated:
        for key, value in _by_key(b, name, figure, by, keys, term, path):
            steps = timeline.setdefault(key, [])
            steps.append((day, value))
            if last is not None:
                steps.append((last + timedelta(days=1), None))
            marks.setdefault(f"{key}@{day}", term.at.value(*path, key) if key else term.at.value(*path))
    return {k: _tidy(v) for k, v in timeline.items()}, marks


def _tidy(steps: Steps) -> Steps:
    """A gap that closes the moment it opens is no gap."""
    kept: dict[date, Number | None] = {}
    for day, value in steps:
        if value is not None or day not in kept:
            kept[day] = value
    return sorted(kept.items())


def _by_key(
    b: Builder, name: Scalar, figure: object, by: str, keys: tuple[str, ...], term: Term, path: tuple[str | int, ...]
) -> list[tuple[str, Number]]:
    mark = term.at.value(*path)
    if isinstance(figure, Mapping):
        if not by:
            hint = "Say `by: provider` (a role) or `by:` a category."
            if term.by is None:  # else what it says is at fault
                b.fault("AC070", mark, f"{name} has several figures, and does not say what they are by.", hint)
            return []
        found = []
        for key, value in figure.items():
            if str(key) not in keys:
                hint = did_you_mean(key, keys) or f"It may be: {', '.join(keys)}."
                b.fault("AC071", key.mark, f'{name}: "{key}" is not one of those it is by.', hint)
            else:
                found.append((str(key), value))
        return found
    assert isinstance(figure, int) or hasattr(figure, "numerator")
    return [(key, figure) for key in (keys if by else ("",))]  # type: ignore[misc]


def value_on(steps: Steps | tuple[tuple[date, Number | None], ...], day: date) -> Number | None:
    """The figure in force on a day, None before the first and in a gap."""
    found = None
    for start, value in steps:
        if start > day:
            break
        found = value
    return found


def _uplift(b: Builder, name: Scalar, term: Term, timeline: dict[str, Steps]) -> None:
    """Work out every uplift over the life of the contract, so that a term is a plain timeline afterwards."""
    from alliance.contract.build.dated import DatedEnv
    from alliance.contract.values import Unknown

    assert term.uplift is not None
    uplift = term.uplift
    expr = b.expr(uplift.by, _terms_scope(b, "", ()), PERCENT)
    if expr is None:
        return
    month, day = uplift.each
    rounding = b.rounding(uplift.rounded)
    for year in range(uplift.from_.year, min(b.end.year, uplift.to.year if uplift.to else b.end.year) + 1):
        when = date(year, month, day)
        if not uplift.from_ <= when <= (uplift.to or b.end):
            continue
        rate = expr.run(DatedEnv(b.terms, when))
        if isinstance(rate, Unknown) or rate is None:
            b.fault("AC055", uplift.at.value("by"), f"{name}: the uplift of {when} is not known: {rate}.")
            continue
        for steps in timeline.values():
            before = value_on(steps, when - timedelta(days=1))
            if before is None or any(d == when for d, _ in steps):
                continue
            after = before * (1 + rate)  # type: ignore[operator]
            if rounding is not None:
                from alliance.contract.numbers import round_to

                after = round_to(after, rounding.to, rounding.how)
            steps.append((when, after))
            steps.sort(key=lambda s: s[0])


def _complete(b: Builder, name: Scalar, by: str, keys: tuple[str, ...], timeline: Mapping[str, Steps]) -> None:
    """A fault for every key that has no figure for part of its life in the contract."""
    for key in keys if by else ("",):
        steps = timeline.get(key, [])
        start, end = b.start, b.end
        if by == PARTY and key in b.parties:
            start, end = max(start, b.parties[key].start), min(end, b.parties[key].end)
        of = f" for {key}" if key else ""
        edges = [start, *(d for d, _ in steps if start < d <= end)]
        gaps = [d for d in edges if value_on(steps, d) is None]
        if gaps:
            later = next((d for d, v in steps if d > gaps[0] and v is not None), None)
            until = f" until {later}" if later and later <= end else f" (the contract runs to {end})"
            hint = "Give it a figure for the whole life of the contract."
            b.fault("AC055", name.mark, f"{name} has no figure{of} from {gaps[0]}{until}.", hint)


_NOT_TERMS = "a term is worked out from other terms only; make this a figure."

LIKERT = {f"likert {top}": top for top in range(2, 12)}
FIELD_UNITS = {"id": TEXT, "text": TEXT, "date": DATE, "count": COUNT, "days": DAYS, "hours": DAYS, "percent": PERCENT}


def build_inputs(b: Builder) -> None:
    """Inputs: single figures become symbols, records something to go through."""
    for name, item in b.document.inputs.items():
        own_category = name in b.categories and item.one_of is not None
        if not own_category and not b.claim(name, "an input"):
            continue
        kinds = [k for k in ("records", "events", "rows") if getattr(item, k) is not None]
        if len(kinds) > 1:
            b.fault("AC072", name.mark, f"{name} is one of records, events and rows, not {' and '.join(kinds)}.")
            continue
        (_records if kinds else _figure)(b, name, item, kinds[0] if kinds else "figure")


def _figure(b: Builder, name: Scalar, item: Input, kind: str) -> None:
    options: tuple[str, ...] = ()
    category = str(name)
    if isinstance(item.one_of, str):
        category = str(item.one_of)
        if category not in b.categories:
            b.fault("AC047", item.one_of.mark, f'"{category}" is not a category.', did_you_mean(category, b.categories))
    if item.one_of is not None:
        options = b.categories.get(category, ())
    if item.unit is None and item.one_of is None:
        b.fault(
            "AC073",
            name.mark,
            f"the input {name} has no unit.",
            f"Say unit: {b.currency}, percent, count, date, boolean...",
        )
        b.told(name)
        return
    unit = Unit("category", options=options, name=category) if item.one_of is not None else b.unit(item.unit, COUNT)
    if unit is None:
        b.told(name)
        return
    if unit.kind == "category" and not unit.options:
        b.fault("AC074", name.mark, f"the input {name} is a category: say what it is one of.", "one_of: [A, B]")
    by, keys = b.dimension(item.by)
    if item.from_ is not None and item.from_ not in b.parties:
        b.unknown_party(item.from_, f"{name} comes from")
    over = str(item.over_periods or "")
    b.inputs[str(name)] = e.Input(
        str(name), str(item.title or str(name).replace("_", " ")), str(item.clause or ""), unit, by, keys, None, kind, "", "",
        over, one_column(item.column), b.words(item.reads, item.at, str(name)), b.policies(item.if_, unit), item.at_least,
        item.at_most, item.optional, str(item.from_ or ""), str(item.due or ""), name.mark,
        columns_by(b, name, item.column, keys),
    )  # fmt: skip
    read = MONEY if unit.per == "year" else unit
    title = b.inputs[str(name)].title
    b.symbols[str(name)] = Symbol("input", str(name), read, by=by, keys=keys, title=title, mark=name.mark)


def one_column(column: object) -> str:
    """The one column that is named, if it is one."""
    return str(column) if isinstance(column, str) else ""


def columns_by(b: Builder, name: Scalar, column: object, keys: tuple[str, ...]) -> dict[str, str]:
    """The columns named for each party or category."""
    if not isinstance(column, Mapping):
        return {}
    for key in column:
        if str(key) not in keys:
            hint = did_you_mean(key, keys) or (f"It may be: {', '.join(keys)}." if keys else "It is a single figure.")
            b.fault("AC071", key.mark, f'{name}: "{key}" is not one of those it is by.', hint)
    return {str(k): str(v) for k, v in column.items()}


def _records(b: Builder, name: Scalar, item: Input, kind: str) -> None:
    fields: dict[str, e.Field] = {}
    symbols: dict[str, Symbol] = {}
    for key, spelled in getattr(item, kind).items():
        field = _field(b, str(key), spelled, key.mark)
        if field is not None:
            fields[str(key)] = field
            symbols[str(key)] = Symbol("field", str(key), field.unit, title=str(key).replace("_", " "), mark=key.mark)
    for role, wanted in (("dated", "date"), ("key", "")):
        named = getattr(item, role)
        if named is not None and (named not in fields or (wanted and fields[str(named)].unit.kind != wanted)):
            what = "a date field" if wanted else "a field"
            b.fault("AC075", named.mark, f'{name}: "{named}" is not {what} of it.', did_you_mean(named, fields))
    if item.from_ is not None and item.from_ not in b.parties:
        b.unknown_party(item.from_, f"{name} comes from")
    title = str(item.title or str(name).replace("_", " "))
    b.inputs[str(name)] = e.Input(
        str(name), title, str(item.clause or ""), TEXT, "", (), fields, kind, str(item.dated or ""), str(item.key or ""), "",
        one_column(item.column), b.words(item.reads, item.at, str(name)), {}, None, None, item.optional, str(item.from_ or ""),
        str(item.due or ""), name.mark,
    )  # fmt: skip
    b.loops[str(name)] = Loop("records", str(name), symbols)


def _field(b: Builder, name: str, spelled: object, mark: Mark) -> e.Field | None:
    if isinstance(spelled, list):
        options = tuple(str(s) for s in spelled)
        return e.Field(name, Unit("category", options=options, name=name), False)
    text = str(spelled)
    optional = text.startswith("optional ")
    text = text.removeprefix("optional ")
    if text in LIKERT:
        return e.Field(name, COUNT, optional, LIKERT[text])
    if text == "boolean":
        from alliance.contract.units import BOOLEAN

        return e.Field(name, BOOLEAN, optional)
    if text == "party":
        return e.Field(name, b.party_unit(), optional)
    if text in b.categories:
        return e.Field(name, Unit("category", options=b.categories[text], name=text), optional)
    if text == b.currency:
        return e.Field(name, MONEY, optional)
    if text in FIELD_UNITS:
        return e.Field(name, FIELD_UNITS[text], optional, 0, text == "hours")
    known = [*FIELD_UNITS, "boolean", "party", b.currency, "likert 5", *b.categories]
    hint = did_you_mean(text, known) or f"It may be: {', '.join(known)}, or a list of words; with `optional` before it."
    b.fault("AC076", mark, f'{name}: "{text[:40]}" is not a type of field.', hint)
    return None
