"""Scores, curves, bands and composites on exact values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.formula import operations as op
from alliance.contract.numbers import Number, normal, round_to
from alliance.contract.values import Unknown, Value, merge, unknown

if TYPE_CHECKING:
    from alliance.settlement.run import Run
    from alliance.settlement.view import View

Point = tuple[Number, Number]


def bounded(value: Value, what: str, mark: Mark | None) -> Value:
    """The value. Raises `InputError` where its digits ran away."""
    try:
        return op.bounded(value)
    except op.TooLarge as error:
        raise InputError(Fault("AC140", f"in {what}, {error}.", mark)) from None


def rounded(rounding: e.Rounding | None, value: Value) -> Value:
    """The value rounded as declared; unknowns and truths pass through."""
    if rounding is None or isinstance(value, (Unknown, bool, str)) or value is None:
        return value
    return round_to(value, rounding.to, rounding.how)  # type: ignore[arg-type]


def between(points: Sequence[Point], x: Number, held: bool) -> Number:
    """The height of straight lines between points at x; beyond the ends held, or carried on along the last line.

    The points go one way, rising or falling in x.
    """
    if points[0][0] > points[-1][0]:
        points = list(reversed(points))
    if held and x <= points[0][0]:
        return points[0][1]
    if held and x >= points[-1][0]:
        return points[-1][1]
    index = next((i for i in range(1, len(points)) if x <= points[i][0]), len(points) - 1)
    (x0, y0), (x1, y1) = points[index - 1], points[index]
    return normal(y0 + Fraction(x - x0) * (y1 - y0) / (x1 - x0))


def points_of(run: Run, pairs: Sequence[tuple[e.Expr, e.Expr]], view: View) -> list[Point] | Unknown:
    found: list[Any] = [(run.evaluate(x, view), run.evaluate(y, view)) for x, y in pairs]
    bad = merge(v for pair in found for v in pair)
    if bad.reasons:
        return bad
    if any(v is None for pair in found for v in pair):
        return unknown("an empty field in a curve", "missing", pairs[0][0].mark)
    if not one_way(found):
        return unknown("a curve whose points do not go one way", "not assessable", pairs[0][0].mark)
    return found


def one_way(points: Sequence[Point]) -> bool:
    """Whether each point lies further than the one before, rising or falling."""
    steps = [b[0] - a[0] for a, b in pairwise(points)]
    return all(s > 0 for s in steps) or all(s < 0 for s in steps)


def curve(run: Run, points: e.Points, value: Value, view: View) -> Value:
    """A value through a curve."""
    if isinstance(value, Unknown) or value is None:
        return value
    found = points_of(run, points.points, view)
    if isinstance(found, Unknown):
        return found
    return between(found, value, points.held)  # type: ignore[arg-type]


def in_bands(run: Run, bands: Sequence[e.Band], value: Value, view: View) -> Value:
    """What the band that holds a value gives: closed below, open above."""
    if isinstance(value, Unknown) or value is None:
        return value
    for band in bands:
        low = run.evaluate(band.start, view) if band.start is not None else None
        high = run.evaluate(band.below, view) if band.below is not None else None
        bad = merge((low, high))
        if bad.reasons:
            return bad
        if (low is None) is not (band.start is None) or (high is None) is not (band.below is None):
            return unknown("an empty field in bands", "missing", band.gives.mark)
        if (low is None or value >= low) and (high is None or value < high):  # type: ignore[operator]
            return run.evaluate(band.gives, view)
    return unknown("a value outside every band", "not assessable", bands[0].gives.mark)


def score(run: Run, s: e.Score, value: Value, view: View, better: str) -> Value:
    """A measure's score: by line, curve, bands, or the better of several, then points, bounds and rounding. `better` is
    what the measure says is better, `higher` or `lower`: it is nothing of another value that is scored instead."""
    of = run.evaluate(s.of, view) if s.of is not None else value
    better = better if s.of is None else ""
    found: Value
    if s.line is not None:
        nothing, full, beyond = s.line
        pairs = [run.evaluate(nothing, view), run.evaluate(full, view)]
        found = _line(run, pairs, beyond, of, view, s, better)
    elif s.curve is not None:
        found = curve(run, s.curve, of, view)
    elif s.bands is not None:
        found = in_bands(run, s.bands, of, view)
    else:
        found = op.extreme(sides(run, s, of, view, better), True)
    if s.points is not None and s.bands is None:
        found = op.multiply(found, run.evaluate(s.points, view))
    if s.at_least is not None:
        found = op.limited(found, run.evaluate(s.at_least, view), True)
    if s.at_most is not None:
        found = op.limited(found, run.evaluate(s.at_most, view), False)
    return bounded(rounded(s.rounding, found), "a score", s.mark)


def sides(run: Run, s: e.Score, of: Value, view: View, better: str) -> list[Value]:
    """The scores of which one is the better."""
    better = leading(run, s, view, better)
    return [score(run, inner, of, view, better) for _, inner in s.better_of or ()]


def leading(run: Run, s: e.Score, view: View, better: str) -> str:
    """What is better, for the sides of a score: as the measure says, or else as the ends do that the contract fixes."""
    if better or s.leading is None:
        return better
    nothing, full = (run.evaluate(end, view) for end in s.leading)
    if merge((nothing, full)).reasons or nothing == full:
        return ""
    return "higher" if ahead((nothing, full), "higher") else "lower"


def _line(
    run: Run,
    ends: Sequence[Value],
    beyond: Sequence[tuple[e.Expr, e.Expr]],
    of: Value,
    view: View,
    s: e.Score,
    better: str,
) -> Value:
    if isinstance(of, Unknown) or of is None:
        return of
    bad = merge(ends)
    if bad.reasons:
        # A side whose own end is excluded (no baseline, say) is excluded where a better side is chosen.
        excluded = all(not isinstance(x, Unknown) or x.excluded for x in ends)
        return Unknown(bad.reasons, excluded)
    further = points_of(run, beyond, view)
    if isinstance(further, Unknown):
        return further
    low, high = ends
    points: list[Point] = [(low, 0), (high, 1), *further]  # type: ignore[list-item]
    if better and not ahead((low, high), better):
        # The start is at the full mark already, or beyond it: nothing lies between them for a line to rise over.
        if not ahead((low, of), better):
            return 0
        points = points[1:]
    elif low == high:
        return unknown("a score whose ends are equal", "not assessable", s.mark)
    if not (ahead([x for x, _ in points], better) if better else one_way(points)):
        return unknown("a score whose points do not go one way", "not assessable", s.mark)
    return between(points, of, s.held) if len(points) > 1 else 1  # type: ignore[arg-type]


def flat(run: Run, s: e.Score, view: View, better: str) -> bool:
    """Whether the start of a score's line is at the full mark already, or beyond it."""
    ends = [run.evaluate(end, view) for end in s.line[:2]] if s.line is not None else []
    return bool(better and ends) and not merge(ends).reasons and not ahead(ends, better)


def ahead(values: Sequence[Any], better: str) -> bool:
    """Whether each value is better than the one before."""
    return all(b > a if better == "higher" else b < a for a, b in pairwise(values))


def composite(name: str, parts: Sequence[tuple[Value, Value]]) -> Value:
    """A weighted composite. What the contract excludes is left out and the other weights are made up to the whole."""
    kept = [(v, w) for v, w in parts if not (isinstance(v, Unknown) and v.excluded)]
    bad = merge(x for pair in kept for x in pair)
    if bad.reasons:
        return bad
    if not kept:
        return merge(v for v, _ in parts)
    all_weights: Any = op.total([w for _, w in parts])
    weights: Any = op.total([w for _, w in kept])
    if isinstance(all_weights, Unknown) or isinstance(weights, Unknown):
        return merge((all_weights, weights))
    if weights == 0:
        return unknown(f"{name}, whose weights are all nothing", "not assessable")
    total = op.total([op.multiply(v, w) for v, w in kept])
    return op.divide(op.multiply(total, all_weights), weights)


def figured(run: Run, f: e.Figure, view: View) -> Value:
    """A figure, by whichever form it has, rounded as it says."""
    if f.formula is not None:
        value = run.evaluate(f.formula, view)
    elif f.curve is not None:
        value = curve(run, f.curve[1], run.evaluate(f.curve[0], view), view)
    elif f.bands is not None:
        value = in_bands(run, f.bands[1], run.evaluate(f.bands[0], view), view)
    else:
        assert f.weighted is not None
        parts = [(run.evaluate(v, view), run.evaluate(w, view)) for v, w in f.weighted]
        value = composite(f.name, parts)
    if value is None:
        return unknown(f.name, "missing", f.mark)
    return rounded(f.rounding, value)
