"""Figures: any other named value, and what each part of a contract reads of the others."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.measures import along
from alliance.contract.build.order import Reads, ordered
from alliance.contract.build.points import Points, build_bands, common_unit, curve_points, literal
from alliance.contract.build.stretches import formulas_of, stretches_of
from alliance.contract.formula.scope import Scope, Symbol
from alliance.contract.model.base import formulas
from alliance.contract.model.paid import Payment
from alliance.contract.model.worked import Figure
from alliance.contract.numbers import to_decimal_text
from alliance.contract.source_nodes import Scalar, walk
from alliance.contract.units import PERCENT, RATIO, Unit

FORMS = ("is", "curve", "bands", "weighted")


@dataclass(frozen=True, slots=True)
class FigureGraph:
    """What figures, scored measures and payments read of each other: now, and from history."""

    now: dict[str, list[str]]
    before: dict[str, list[str]]


def figure_graph(b: Builder) -> FigureGraph:
    """What each part reads of the others. A circle among them is a fault, and what is in one is left out."""
    d = b.document
    found: dict[str, Reads] = {}
    keys: dict[str, Scalar] = {}
    for part in (d.figures, d.measures, d.payments):
        for name, entry in part.items():
            if not b.owns(name):
                continue
            keys[str(name)], reads = name, Reads()
            found[str(name)] = reads
            if isinstance(entry, Payment):
                _of_payment(b, entry, reads)
                continue
            each, said = (
                (entry.each, [entry]) if isinstance(entry, Figure) else (entry.by, [entry.score, entry.interval])
            )
            for formula in formulas(said):
                reads.add(b, formula, _fields(b, each))
    graph = {name: [n for n in reads.now if n in found] for name, reads in found.items()}
    kept = dict.fromkeys(ordered(b, graph, keys, "figures"))
    return FigureGraph(
        {name: [n for n in graph[name] if n in kept] for name in found if name in kept},
        {name: [n for n in found[name].before if n in kept] for name in found if name in kept},
    )


def _fields(b: Builder, each: str | None) -> frozenset[str]:
    loop = b.loops.get(each) if each is not None else None
    return frozenset(loop.fields) if loop is not None else frozenset()


def _of_payment(b: Builder, p: Payment, reads: Reads) -> None:
    weights = (
        [node for _, node in walk(p.at.node["shared"]) if isinstance(node, Scalar)] if p.shared is not None else []
    )
    words = str(p.each or "").split()
    fields = _fields(b, words[-1] if words else None)
    local, group = (frozenset(words[:1]), fields) if len(words) > 1 else (fields, frozenset[str]())
    for formula in (*formulas(p), *weights):
        reads.add(b, formula, local, group)


def build_figures(b: Builder, graph: FigureGraph) -> None:
    """Every figure, after all that it reads. One that is read from history before it is built says its unit."""
    entries = {str(name): (name, figure) for name, figure in b.document.figures.items() if str(name) in graph.now}
    unsaid = {name for name, (_, figure) in entries.items() if figure.unit is None}
    for key, figure in entries.values():
        unit, dimension = b.unit(figure.unit) if figure.unit is not None else None, b.dimension(figure.each)
        if unit is not None and dimension is not None and b.owns(key):
            b.symbols[str(key)] = _symbol(key, figure, unit, dimension)
    order: dict[str, list[str]] = {}
    for name in graph.now:
        before = [n for n in graph.before[name] if n in unsaid]
        order[name] = [*graph.now[name], *before]
    keys = {str(n): n for part in (b.document.figures, b.document.measures, b.document.payments) for n in part}
    hint = "Say `unit:` of the figure that is read from history."
    for name in ordered(b, order, keys, "units of figures", hint):
        if name in entries:
            key, figure = entries[name]
            if b.owns(key) and not _figure(b, key, figure):
                b.symbols.pop(name, None)
                b.fail(key)


def _symbol(name: Scalar, f: Figure, unit: Unit, dimension: tuple[str, tuple[str, ...]]) -> Symbol:
    title = str(f.title or name.replace("_", " "))
    return Symbol("figure", str(name), unit, *dimension, title, mark=name.mark)


def _figure(b: Builder, name: Scalar, f: Figure) -> bool:
    form = b.only("AC084", name.mark, f"the figure {name}", FORMS, [k for k in FORMS if k in f.at.node])
    dimension = b.dimension(f.each)
    wanted = b.unit(f.unit) if f.unit is not None else None
    rounding = b.rounding(f.rounded)
    if not form or dimension is None or (wanted is None and f.unit is not None):
        return False
    by, keys = dimension
    scope = along(b, b.scope(), by, keys, f.each)
    formula = b.maybe(f.is_, scope, wanted)
    curve = _curve(b, f, scope, wanted)
    bands = _bands(b, f, scope, wanted)
    weighted = _weighted(b, name, f, scope, wanted)
    values = [formula] if formula is not None else []
    values += [y for _, y in curve[1].points] if curve is not None else []
    values += [band.gives for band in bands[1]] if bands is not None else []
    values += [value for value, _ in weighted] if weighted is not None else []
    unit = common_unit(b, values) if values else None
    if unit is None:
        return False
    if wanted is None and unit == RATIO and rounding is not None and rounding.percent:
        unit = PERCENT  # a ratio that is rounded to so much of a percentage is one
    unit = wanted or unit
    if rounding is not None and not unit.numeric:
        b.fault("AC046", f.at.value("rounded"), f"{name}: {unit.spoken()} is not rounded.", "Remove `rounded:`.")
    symbol = _symbol(name, f, unit, dimension)
    b.figures[str(name)] = e.Figure(
        name=str(name),
        title=symbol.title,
        clause=str(f.clause or ""),
        unit=unit,
        by=by,
        keys=keys,
        formula=formula,
        curve=curve,
        bands=bands,
        weighted=weighted,
        rounding=rounding,
        stretches=stretches_of(b, formulas_of(formula, curve, bands, weighted)),
        mark=name.mark,
        declared=f.unit is not None,
    )
    b.symbols[str(name)] = symbol
    return True


def _curve(b: Builder, f: Figure, scope: Scope, wanted: Unit | None) -> tuple[e.Expr, e.Points] | None:
    if f.curve is None:
        return None
    of = b.expr(f.curve.of, scope)
    if of is None:
        return None
    if not of.unit.numeric:
        b.fault("AC041", of.mark, f"a curve is of a quantity, not of {of.unit.spoken()}.")
        return None
    points = curve_points(b, f.curve.points, scope, of.unit, wanted, f.curve.at.value("points"))
    for _, y in points or ():
        if not y.unit.numeric:
            b.fault(
                "AC041",
                y.mark,
                f"a curve comes to quantities, not to {y.unit.spoken()}.",
                "Use `is:` with a choice: a if test else b.",
            )
            return None
    return (of, e.Points(points, f.curve.held)) if points else None


def _bands(b: Builder, f: Figure, scope: Scope, wanted: Unit | None) -> tuple[e.Expr, tuple[e.Band, ...]] | None:
    if f.bands is None:
        return None
    of = b.expr(f.bands.of, scope)
    if of is None:
        return None
    if not of.unit.numeric and of.unit.kind != "date":
        b.fault("AC041", of.mark, f"bands are of a quantity or a date, not of {of.unit.spoken()}.")
        return None
    bands = build_bands(b, f.bands.bands, scope, of.unit, wanted, f.bands.at.value("bands"))
    return (of, bands) if bands else None


def _weighted(b: Builder, name: Scalar, f: Figure, scope: Scope, wanted: Unit | None) -> Points | None:
    """A weighted composite: of scores where measures have them, else of values. Fixed weights total 100%."""
    if f.weighted is None:
        return None
    parts: list[tuple[e.Expr, e.Expr]] = []
    for key, weight in f.weighted.items():
        symbol = b.symbols.get(key)
        text: Scalar = key
        if symbol is not None and symbol.kind == "measure":
            text = Scalar(f"{key}.{'score' if 'score' in symbol.attributes else 'value'}", key.mark, key.quoted)
        value, share = b.expr(text, scope, wanted), b.expr(weight, scope, PERCENT)
        if value is not None and not value.unit.numeric:
            b.fault(
                "AC041", key.mark, f"{value.unit.spoken()} cannot be weighed.", "Weigh a quantity: 1 if test else 0."
            )
        elif value is not None and share is not None:
            parts.append((value, share))
    fixed = [w for w in (literal(share) for _, share in parts) if w is not None]
    mark = f.at.value("weighted")
    total = sum(fixed)
    if len(fixed) == len(f.weighted) and total != 1:
        b.fault(
            "AC050",
            mark,
            f"the weights of {name} total {to_decimal_text(total * 100)}%, not 100%.",
            "Make them total 100%.",
        )
    if any(w < 0 for w in fixed):
        b.fault("AC050", mark, f"a weight of {name} is below 0%.", "Write a share of 0% or more.")
    return tuple(parts) if parts and len(parts) == len(f.weighted) else None
