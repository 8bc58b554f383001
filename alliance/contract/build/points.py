"""Curves and bands: points in order, and bands without gap or overlap, where they are fixed figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from alliance.contract import entries as e
from alliance.contract import units as u
from alliance.contract.build.builder import Builder
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import Scope
from alliance.contract.model.worked import Band
from alliance.contract.numbers import Number
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import Unit

Points = tuple[tuple[e.Expr, e.Expr], ...]


def literal(expr: e.Expr | None) -> Number | None:
    """The fixed number that a formula is, if it is one."""
    if expr is None:
        return None
    node, sign = expr.node, 1
    if isinstance(node, t.Negative):
        node, sign = node.of, -1
    if isinstance(node, t.Literal) and not isinstance(node.value, (bool, str, date)):
        return sign * node.value
    return None


def rising(b: Builder, points: Sequence[tuple[Mark, Number | None]]) -> None:
    """A fault at the first point that does not go the way of those before it."""
    fixed = [(mark, value) for mark, value in points if value is not None]
    up = len(fixed) > 1 and fixed[1][1] > fixed[0][1]
    for (_, before), (mark, value) in pairwise(fixed):
        if value == before or (value > before) != up:
            what = "is the one before it again" if value == before else "turns back, and points go one way"
            b.fault("AC053", mark, f"this point {what}.", "Put the points in order, each further than the one before.")
            return


def curve_points(
    b: Builder, found: Mapping[Scalar, Scalar], scope: Scope, x: Unit, y: Unit | None, mark: Mark
) -> Points | None:
    """The points of a curve; None where one of them has a fault."""
    if len(found) < 2:
        b.fault("AC053", mark, "a curve has at least two points.", "Add another, or use a fixed figure.")
    points = pairs(b, found, scope, x, y)
    if points is not None:
        rising(b, [(k.mark, literal(k)) for k, _ in points])
    return points


def pairs(b: Builder, found: Mapping[Scalar, Scalar], scope: Scope, x: Unit, y: Unit | None) -> Points | None:
    """Formulas by formulas; None where one of them has a fault."""
    both = [(b.expr(k, scope, x), b.expr(v, scope, y)) for k, v in found.items()]
    points = tuple((k, v) for k, v in both if k is not None and v is not None)
    return points if len(points) == len(found) else None


def build_bands(
    b: Builder, bands: Sequence[Band], scope: Scope, x: Unit, y: Unit | None, mark: Mark
) -> tuple[e.Band, ...] | None:
    """Bands in rising order without gap or overlap; None where one of them has a fault."""
    if not bands:
        b.fault(
            "AC052",
            mark,
            "there are no bands here.",
            "Write them: bands: [{below: 50%, gives: 0}, {from: 50%, gives: 1}].",
        )
    made: list[e.Band] = []
    before: e.Band | None = None
    for index, band in enumerate(bands):
        start, below = b.maybe(band.from_, scope, x), b.maybe(band.below, scope, x)
        _open(b, band, index == 0, index == len(bands) - 1)
        low, high = literal(start), literal(below)
        _closed(b, band, low if index == 0 else None, high if index == len(bands) - 1 else None)
        if low is not None and high is not None and high <= low:
            b.fault("AC052", band.at.value("below"), "this band ends before it starts.", "Put `from` below `below`.")
        end = literal(before.below) if before is not None else None
        if before is not None and before.below is not None and end is not None and low is not None and end != low:
            what = "leave a gap" if end < low else "overlap"
            edges = sorted([(end, before.below.text), (low, str(band.from_))])
            message = f"the bands {what} between {edges[0][1]} and {edges[1][1]}."
            b.fault("AC052", band.at.value("from"), message, "Let each band begin where the one before it ends.")
        gives = b.expr(band.gives, scope, y)
        lacking = (start is None and band.from_ is not None) or (below is None and band.below is not None)
        before = None
        if gives is not None and not lacking:
            before = e.Band(start, below, gives)
            made.append(before)
    return tuple(made) if len(made) == len(bands) else None


def _open(b: Builder, band: Band, first: bool, last: bool) -> None:
    """A fault where a band between others is open."""
    if band.from_ is None and not first:
        b.fault("AC052", band.at.mark, "only the first band may be without `from`.", "Say where this band starts.")
    if band.below is None and not last:
        b.fault("AC052", band.at.mark, "only the last band may be without `below`.", "Say where this band ends.")


def _closed(b: Builder, band: Band, low: Number | None, high: Number | None) -> None:
    """A fault where the first or last band ends at a fixed value, beyond which there is none."""
    if low is not None:
        message = f"what is below {band.from_} falls in none of the bands."
        b.fault("AC052", band.at.value("from"), message, "Leave `from` out of the first band.")
    if high is not None:
        message = f"what is {band.below} or more falls in none of the bands."
        b.fault("AC052", band.at.value("below"), message, "Leave `below` out of the last band.")


def common_unit(b: Builder, found: Sequence[e.Expr]) -> Unit | None:
    """The one unit of several formulas; None, with a fault, where they have none in common."""
    unit = found[0].unit
    for expr in found[1:]:
        try:
            unit = u.join(unit, expr.unit, "set beside")
        except u.UnitError as error:
            b.fault("AC041", expr.mark, str(error), "Give them one unit.")
            return None
    return unit
