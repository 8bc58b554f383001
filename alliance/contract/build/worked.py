"""Measures with their scores, and figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.known import _names, columns_by, one_column, ordered
from alliance.contract.calendar import add_months
from alliance.contract.faults import Mark, did_you_mean
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY, Scope, Symbol
from alliance.contract.model.base import Scalar
from alliance.contract.model.paid import Payment, Step
from alliance.contract.model.worked import Band, Figure, Measure, Score
from alliance.contract.numbers import Number
from alliance.contract.units import COUNT, PERCENT, Unit, same

WINDOWS = ("period", "quarter", "year to date", "year", "12 months", "cohort", "term")


def build_measures(b: Builder) -> None:
    """Measures, declared first so that any formula may read them; their scores follow."""
    for name, measure in b.document.measures.items():
        if b.claim(name, "a measure"):
            _measure(b, name, measure)


def _measure(b: Builder, name: Scalar, m: Measure) -> None:
    kinds = [k for k in ("reported", "proportion", "ratio") if getattr(m, k) is not None]
    if len(kinds) != 1:
        hint = "Say `reported: percent` for a value that is brought, or how it is worked out."
        b.fault("AC077", name.mark, f"the measure {name} has exactly one of reported, proportion, ratio.", hint)
    unit = b.unit(m.reported, PERCENT) if m.reported is not None else PERCENT
    by, keys = b.dimension(m.by)
    if unit is None:
        b.told(name)
        return
    if m.window is not None and str(m.window) not in WINDOWS:
        hint = did_you_mean(m.window, WINDOWS) or f"It may be: {', '.join(WINDOWS)}."
        b.fault("AC078", m.window.mark, f'"{m.window}" is not a window.', hint)
    minimum = 0
    if m.minimum is not None:
        words = str(m.minimum).split(" ")
        if len(words) > 2 or not re.fullmatch("[0-9]{1,9}", words[0]) or words[1:] not in ([], ["cases"]):
            b.fault("AC079", m.minimum.mark, f'"{m.minimum}" is not a number of cases.', "Write it as: 30 cases")
        else:
            minimum = int(words[0])
    for role, party in (("validated_by", m.validated_by), ("from", m.from_)):
        if party is not None and party not in b.parties:
            b.unknown_party(party, f"{name} {role.replace('_', ' ')}")
    if m.interval is not None and not 0 < m.interval.level < 1:
        b.fault(
            "AC080",
            m.interval.at.value("level"),
            "a confidence level is a percentage between 0% and 100%, such as 95%.",
        )
    ratio = _ratio(b, name, m) if m.ratio is not None else None
    if m.proportion is not None:
        _proportion(b, m)
    b.measures[str(name)] = e.Measure(
        str(name), str(m.title or str(name).replace("_", " ")), str(m.outcome or ""), str(m.clause or ""), unit, by, keys,
        str(m.better or ""), str(m.window or "period"), minimum, b.policies(m.if_, unit), ratio, one_column(m.column),
        one_column(m.cases_column), b.words(m.reads, m.at, str(name)), None, str(m.from_ or ""), str(m.due or ""),
        next((k for k in kinds if k == "proportion"), ""), name.mark, columns_by(b, name, m.column, keys),
        columns_by(b, name, m.cases_column, keys),
    )  # fmt: skip
    attributes: dict[str, Unit] = {"value": unit, "cases": COUNT}
    hint = ""
    if m.score is not None:
        attributes["score"] = COUNT if m.score.points is not None else PERCENT
        hint = f"Say {name}.value or {name}.score."
    b.symbols[str(name)] = Symbol(
        "measure", str(name), unit, by=by, keys=keys, title=b.measures[str(name)].title, attributes=attributes,
        bare=m.score is None, bare_hint=hint, mark=name.mark,
    )  # fmt: skip


def _proportion(b: Builder, m: Measure) -> None:
    assert m.proportion is not None
    loop = b.loops.get(m.proportion.of)
    if loop is None or loop.kind != "records":
        known = [n for n, v in b.loops.items() if v.kind == "records"]
        of = m.proportion.of
        b.fault("AC081", of.mark, f'"{of}" is not records that are brought.', did_you_mean(of, known))
        return
    from alliance.contract.units import BOOLEAN

    scope = b.scope().inside(loop)
    for formula in (m.proportion.where, m.proportion.excluding):
        if formula is not None:
            b.expr(formula, scope, BOOLEAN)


def _ratio(b: Builder, name: Scalar, m: Measure) -> e.Ratio | None:
    assert m.ratio is not None

    def figure(of: Scalar) -> t.Ref | None:
        item = b.inputs.get(of)
        if item is None and b.refused.get(of) == "":
            return None  # the input is at fault
        if item is None or item.fields is not None or not item.unit.numeric:
            b.fault("AC081", of.mark, f'{name}: "{of}" is not a figure that is brought.', did_you_mean(of, b.inputs))
            return None
        return t.Ref((0, len(of)), item.unit, "input", str(of), "", item.by)

    of = figure(m.ratio.of)
    if isinstance(m.ratio.to, Scalar):
        to = figure(m.ratio.to)
        if of is None or to is None:
            return None
        if of.unit is None or to.unit is None or not same(of.unit, to.unit):
            b.fault("AC041", m.ratio.to.mark, f"{name}: {of.name} and {to.name} are of different units.")
        return e.Ratio(of, to, None, 0)
    months = 0
    if m.ratio.to.over is not None:
        months = _span_months(b, m.ratio.to.over)
    if m.ratio.to.baseline <= 0:
        b.fault("AC046", m.ratio.to.at.value("baseline"), "a baseline is above 0.")
    return e.Ratio(of, None, m.ratio.to.baseline, months) if of else None


def _span_months(b: Builder, span: Scalar) -> int:
    from datetime import timedelta

    from alliance.contract.numbers import parse_date

    try:
        first, last = (parse_date(p) for p in str(span).split(".."))
    except ValueError as error:
        b.fault("AC082", span.mark, f'"{span}" is not a span of days: {error}', "Write it as 2025-04-01..2026-03-31.")
        return 0
    months = next((n for n in range(1, 121) if add_months(first, n) - timedelta(days=1) == last), 0)
    if not months:
        b.fault("AC082", span.mark, f"{span} is not a number of whole months (at most 120).")
    return months


def score_unit(score: Score) -> Unit:
    return COUNT if score.points is not None else PERCENT


def finish_measures(b: Builder) -> None:
    """Scores, now that every name is known."""
    for name, m in b.document.measures.items():
        built = b.measures.get(name)
        if built is None or m.score is None:
            continue
        scope = along(b, b.scope(), built.by, built.keys)
        b.measures[str(name)] = replace(built, score=_score(b, m.score, scope, built.unit))


def along(b: Builder, scope: Scope, by: str, keys: tuple[str, ...]) -> Scope:
    """A scope in which the party or category in hand is known."""
    if not by:
        return scope
    local = {**scope.local, **(b.party_fields if by == PARTY else {})}
    unit = b.party_unit(keys) if by == PARTY else Unit("category", options=keys, name=by)
    local[by] = Symbol("binding", by, unit, title=f"the {by} in hand")
    return replace(scope, local=local, bound={**scope.bound, by: keys})


def _score(b: Builder, s: Score, scope: Scope, unit: Unit) -> e.Score | None:
    forms = [k for k in ("nothing_at", "curve", "bands", "better_of") if getattr(s, k) is not None]
    if len(forms) != 1:
        what = " and ".join(forms) or "none of them"
        b.fault(
            "AC083",
            s.at.mark,
            f"a score has exactly one of nothing_at with full_at, curve, bands, better_of; this has {what}.",
        )
        return None
    of = b.expr(s.of, scope) if s.of is not None else None
    if of is not None:
        unit = of.unit
    result = score_unit(s)
    line = curve = bands = better = None
    if s.nothing_at is not None:
        if s.full_at is None:
            hint = "Add `full_at:`, the value that earns the whole score."
            b.fault("AC083", s.at.mark, "a score that says nothing_at says full_at too.", hint)
            return None
        ends = b.expr(s.nothing_at, scope, unit), b.expr(s.full_at, scope, unit)
        beyond = pairs(b, s.then or {}, scope, unit, PERCENT)
        if ends[0] is None or ends[1] is None:
            return None
        fixed = [(x.mark, literal(x)) for x in (ends[0], ends[1], *(p[0] for p in beyond))]
        if all(v is not None for _, v in fixed):
            rising(b, [(m, v) for m, v in fixed if v is not None])
        line = (ends[0], ends[1], tuple(beyond))
    elif s.curve is not None:
        curve = e.Points(curve_points(b, s.curve, scope, unit, PERCENT, s.at.value("curve")), s.held)
    elif s.bands is not None:
        bands = build_bands(b, s.bands, scope, unit, result, s.at.value("bands"))
    else:
        assert s.better_of is not None
        found = [(str(n), _score(b, inner, scope, unit)) for n, inner in s.better_of.items()]
        better = tuple((n, inner) for n, inner in found if inner is not None)
    points = b.expr(s.points, scope, COUNT) if s.points is not None else None
    low = b.expr(s.at_least, scope, result) if s.at_least is not None else None
    high = b.expr(s.at_most, scope, result) if s.at_most is not None else None
    return e.Score(of, line, curve, bands, better, points, s.held, low, high, b.rounding(s.rounded), s.at.mark)


def literal(expr: e.Expr) -> Number | None:
    """The fixed number that a formula is, if it is one."""
    node, sign = expr.node, 1
    if isinstance(node, t.Negative):
        node, sign = node.of, -1
    if isinstance(node, t.Literal) and not isinstance(node.value, (bool, str, date)):
        return sign * node.value
    return None


def pairs(
    b: Builder, found: Mapping[Scalar, Scalar], scope: Scope, x: Unit, y: Unit | None
) -> list[tuple[e.Expr, e.Expr]]:
    both = [(b.expr(k, scope, x), b.expr(v, scope, y)) for k, v in found.items()]
    return [(k, v) for k, v in both if k is not None and v is not None]


def rising(b: Builder, points: Iterable[tuple[Mark, Number]]) -> None:
    """A fault unless the points go one way, each further than the last."""
    marks, values = zip(*points, strict=True)
    way = values[1] > values[0]
    for mark, before, value in zip(marks[1:], values, values[1:], strict=False):
        if value == before or (value > before) != way:
            what = "is the one before it again" if value == before else "turns back, and points go one way"
            b.fault("AC053", mark, f"this point {what}.", "Put the points in order, each further than the one before.")
            return


def curve_points(
    b: Builder, points: Mapping[Scalar, Scalar], scope: Scope, x: Unit, y: Unit | None, mark: Mark
) -> tuple[tuple[e.Expr, e.Expr], ...]:
    """The points of a curve, checked for order where they are fixed numbers."""
    found = pairs(b, points, scope, x, y)
    if len(found) == len(points):
        if len(found) < 2:
            b.fault("AC053", mark, "a curve has at least two points.")
        fixed = [(k.mark, literal(k)) for k, _ in found]
        if len(found) > 1 and all(v is not None for _, v in fixed):
            rising(b, [(m, v) for m, v in fixed if v is not None])
    return tuple(found)


def build_bands(b: Builder, bands: list[Band], scope: Scope, x: Unit, y: Unit | None, mark: Mark) -> tuple[e.Band, ...]:
    """Bands in rising order without gap or overlap, checked where their ends are fixed numbers."""
    built = []
    for band in bands:
        start = b.expr(band.from_, scope, x) if band.from_ is not None else None
        below = b.expr(band.below, scope, x) if band.below is not None else None
        gives = b.expr(band.gives, scope, y)
        if gives is None:
            return ()
        if y is None:
            y = gives.unit
        built.append((band, e.Band(start, below, gives)))
    if not built:
        b.fault("AC052", mark, "there are no bands here.")
    for index, (band, made) in enumerate(built):
        first, last = index == 0, index == len(built) - 1
        if made.start is None and not first:
            b.fault("AC052", band.at.mark, "only the first band may be without `from`.", "Say where this band starts.")
        if made.below is None and not last:
            b.fault("AC052", band.at.mark, "only the last band may be without `below`.", "Say where this band ends.")
        low = literal(made.start) if made.start else None
        high = literal(made.below) if made.below else None
        if low is not None and high is not None and high <= low:
            b.fault("AC052", band.at.mark, "this band ends before it starts.")
        if not first:
            before = built[index - 1][1].below
            end = literal(before) if before else None
            if end is not None and low is not None and end != low:
                shown = band.from_
                what = "leave a gap" if end < low else "overlap"
                edges = (before.text if before else "", shown) if end < low else (shown, before.text if before else "")
                hint = "Let each band begin where the one before it ends."
                b.fault("AC052", band.at.value("from"), f"the bands {what} between {edges[0]} and {edges[1]}.", hint)
    return tuple(made for _, made in built)


# figures


def figure_graph(b: Builder) -> dict[str, set[str]]:
    """Figures, scores and payments, each with those it reads. A circle among them is a fault."""
    d = b.document
    parts: dict[str, list[Scalar]] = {}
    for name, figure in d.figures.items():
        parts[str(name)] = list(_figure_formulas(figure))
    for name, measure in d.measures.items():
        parts[str(name)] = list(_score_formulas(measure.score))
    for name, payment in d.payments.items():
        parts[str(name)] = list(_payment_formulas(payment))
    graph = {name: {n for f in formulas for n in _names(f) if n in parts} - {""} for name, formulas in parts.items()}
    for name in d.payments:
        graph[str(name)].discard(str(name))
    ordered(b, graph, "figures")
    return graph


def _figure_formulas(f: Figure) -> Iterable[Scalar]:
    if f.is_ is not None:
        yield f.is_
    if f.curve is not None:
        yield f.curve.of
        for k, v in f.curve.points.items():
            yield from (k, v)
    if f.bands is not None:
        yield f.bands.of
        for band in f.bands.bands:
            yield from (x for x in (band.from_, band.below, band.gives) if x is not None)
    for k, v in (f.weighted or {}).items():
        yield from (k, v)


def _score_formulas(s: Score | None) -> Iterable[Scalar]:
    if s is None:
        return
    yield from (x for x in (s.of, s.nothing_at, s.full_at, s.points, s.at_least, s.at_most) if x is not None)
    for found in (s.then, s.curve):
        for k, v in (found or {}).items():
            yield from (k, v)
    for band in s.bands or []:
        yield from (x for x in (band.from_, band.below, band.gives) if x is not None)
    for inner in (s.better_of or {}).values():
        yield from _score_formulas(inner)


def _payment_formulas(p: Payment) -> Iterable[Scalar]:
    yield p.start
    if p.funded is not None:
        yield p.funded.pays
    for step in p.steps:
        yield from _step_formulas(step)
    for part in p.slices or []:
        yield from (x for x in (part.up_to, part.when) if x is not None)


def _step_formulas(step: Step) -> Iterable[Scalar]:
    for key in ("when", "multiply", "add", "gate", "at_most", "at_least", "deduct", "relieve"):
        value = getattr(step, key)
        if value is not None:
            yield value
    for nested in (step.corridor, step.deadband):
        for key in ("reach", "exceed", "beyond", "of"):
            value = getattr(nested, key, None)
            if value is not None:
                yield value


def build_figure(b: Builder, name: Scalar, f: Figure) -> None:
    """One figure, after all that it reads."""
    if not b.claim(name, "a figure"):
        return
    by, keys = b.dimension(f.each)
    scope = along(b, b.scope(), by, keys)
    forms = [k for k in ("is", "curve", "bands", "weighted") if getattr(f, "is_" if k == "is" else k) is not None]
    if len(forms) != 1:
        what = " and ".join(forms) or "none of them"
        b.fault("AC084", name.mark, f"the figure {name} has exactly one of is, curve, bands, weighted; it has {what}.")
        b.told(name)
        return
    wanted = b.unit(f.unit, COUNT) if f.unit is not None else None
    formula = curve = bands = weighted = None
    unit: Unit | None = wanted
    if f.is_ is not None:
        formula = b.expr(f.is_, scope, wanted)
        unit = wanted or (formula.unit if formula else None)
    elif f.curve is not None:
        of = b.expr(f.curve.of, scope)
        if of is not None:
            points = curve_points(b, f.curve.points, scope, of.unit, wanted, f.curve.at.value("points"))
            unit = wanted or (points[0][1].unit if points else None)
            curve = (of, e.Points(points, f.curve.held))
    elif f.bands is not None:
        of = b.expr(f.bands.of, scope)
        if of is not None:
            made = build_bands(b, f.bands.bands, scope, of.unit, wanted, f.bands.at.value("bands"))
            unit = wanted or (made[0].gives.unit if made else None)
            bands = (of, made)
    else:
        weighted, unit = _weighted(b, name, f, scope, wanted)
    if unit is None or not any((formula, curve, bands, weighted)):
        b.told(name)
        return
    title = str(f.title or str(name).replace("_", " "))
    b.figures[str(name)] = e.Figure(
        str(name), title, str(f.clause or ""), unit, by, keys, formula, curve, bands, weighted, b.rounding(f.rounded),
        name.mark, f.unit is not None,
    )  # fmt: skip
    b.symbols[str(name)] = Symbol("figure", str(name), unit, by=by, keys=keys, title=title, mark=name.mark)


def _weighted(
    b: Builder, name: Scalar, f: Figure, scope: Scope, wanted: Unit | None
) -> tuple[tuple[tuple[e.Expr, e.Expr], ...] | None, Unit | None]:
    """A weighted composite: of scores where measures have them, else of values. Fixed weights total 100%."""
    assert f.weighted is not None
    parts: list[tuple[e.Expr, e.Expr]] = []
    unit = wanted
    for key, weight in f.weighted.items():
        text = key
        symbol = b.symbols.get(key)
        if symbol is not None and symbol.kind == "measure":
            text = Scalar(f"{key}.{'score' if 'score' in symbol.attributes else 'value'}", key.mark, key.quoted)
        value = b.expr(text, scope, unit)
        share = b.expr(weight, scope, PERCENT)
        if value is None or share is None:
            continue
        unit = unit or value.unit
        parts.append((value, share))
    if len(parts) < len(f.weighted):
        return None, None
    fixed = [literal(w) for _, w in parts]
    total = sum(w for w in fixed if w is not None)
    if None not in fixed and total != 1:
        from alliance.contract.numbers import to_decimal_text

        b.fault(
            "AC050", f.at.value("weighted"), f"the weights of {name} total {to_decimal_text(total * 100)}%, not 100%."
        )
    if any(w is not None and w < 0 for w in fixed):
        b.fault("AC050", f.at.value("weighted"), f"a weight of {name} is below 0%.")
    return tuple(parts), unit
