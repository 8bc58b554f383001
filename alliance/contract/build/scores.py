"""Scores: how a measure's value becomes what is earned, and that it never earns more for what is worse."""

from __future__ import annotations

from collections.abc import Sequence

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.points import Points, build_bands, curve_points, literal, pairs, rising
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import Scope
from alliance.contract.model.worked import Measure, Score
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import COUNT, PERCENT, Unit

FORMS = ("nothing_at", "curve", "bands", "better_of")
Line = tuple[e.Expr, e.Expr, Points]


def score_unit(score: Score) -> Unit:
    """The unit of a score: points, or else a percentage."""
    return COUNT if score.points is not None else PERCENT


def build_score(b: Builder, s: Score, scope: Scope, unit: Unit) -> e.Score | None:
    """A score in one of its forms; None with a fault."""
    form = b.only("AC083", s.at.mark, "a score", FORMS, [k for k in FORMS if k in s.at.node])
    if form != "nothing_at":
        b.strangers(s, [k for k in ("full_at", "then") if form], "it belongs to nothing_at.")
    of = b.maybe(s.of, scope)
    if not form or (of is None and s.of is not None):
        return None
    unit = of.unit if of is not None else unit
    if not unit.numeric:
        b.fault("AC041", s.at.mark, f"a score is of a quantity, not of {unit.spoken()}.")
        return None
    result, at = score_unit(s), s.at
    if s.curve and all(_plain(y) for y in s.curve.values()):
        message = "the points of a score are percentages, and these are plain numbers."
        hint = "Write what part of the whole each earns (20% for 1 of 5), and `points: 5` beside the curve."
        b.fault("AC041", at.value("curve"), message, hint)
        return None
    line = _line(b, s, scope, unit) if form == "nothing_at" else None
    points = curve_points(b, s.curve, scope, unit, PERCENT, at.value("curve")) if s.curve is not None else None
    bands = build_bands(b, s.bands, scope, unit, result, at.value("bands")) if s.bands is not None else None
    better = _better(b, s, scope, unit) if s.better_of is not None else None
    built = e.Score(
        of=of,
        line=line,
        curve=e.Points(points, s.held) if points is not None else None,
        bands=bands,
        better_of=better,
        leading=_leading(better or ()),
        points=b.maybe(s.points, scope, COUNT),
        held=s.held,
        at_least=b.maybe(s.at_least, scope, result),
        at_most=b.maybe(s.at_most, scope, result),
        rounding=b.rounding(s.rounded),
        mark=at.mark,
    )
    return None if line is None and points is None and bands is None and better is None else built


def _plain(text: Scalar) -> bool:
    """Whether what a point gives is a plain number."""
    return text.replace("_", "").replace(".", "").isdigit()


def _leading(sides: Sequence[tuple[str, e.Score]]) -> tuple[e.Expr, e.Expr] | None:
    """The ends of the first line of several scores that the contract itself fixes."""
    lines = (inner.line for _, inner in sides if inner.line is not None and inner.of is None)
    return next((line[:2] for line in lines if all(fixed(end) for end in line[:2])), None)


def fixed(expr: e.Expr) -> bool:
    """Whether a formula reads terms alone, so that nothing that is brought changes it."""
    return all(ref.kind in ("term", "party_field", "binding") for ref in t.names(expr.node))


def _line(b: Builder, s: Score, scope: Scope, unit: Unit) -> Line | None:
    """A straight line from nothing to full, and on to the points beyond."""
    if s.nothing_at is None or s.full_at is None:
        hint = "Add `full_at:`, the value that earns the whole score."
        b.fault("AC083", s.at.mark, "a score that says nothing_at says full_at too.", hint)
        return None
    nothing, full = b.expr(s.nothing_at, scope, unit), b.expr(s.full_at, scope, unit)
    beyond = pairs(b, s.then or {}, scope, unit, PERCENT)
    if nothing is None or full is None or beyond is None:
        return None
    rising(b, [(x.mark, literal(x)) for x in (nothing, full, *(point for point, _ in beyond))])
    return nothing, full, beyond


def _better(b: Builder, s: Score, scope: Scope, unit: Unit) -> tuple[tuple[str, e.Score], ...] | None:
    """Several scores, of which the largest counts."""
    assert s.better_of is not None
    if not s.better_of:
        message, hint = "there are no scores here to choose the better of.", "List two scores or more."
        b.fault("AC083", s.at.value("better_of"), message, hint)
    for name, inner in s.better_of.items():
        if inner.points is not None:
            message = f"{name}: points are of the whole score, and not of one side of it."
            hint = "Write `points:` once, beside `better_of:`; a side that earns at most 90 of 100 says `at_most: 90%`."
            b.fault("AC083", inner.at.value("points"), message, hint)
    found = [(str(name), build_score(b, inner, scope, unit)) for name, inner in s.better_of.items()]
    kept = tuple((name, inner) for name, inner in found if inner is not None)
    return kept if kept and len(kept) == len(found) else None


def check_direction(b: Builder, name: Scalar, m: Measure, score: e.Score) -> None:
    """A fault where a score, or one of those that it is the better of, pays more for what the measure says is worse."""
    if m.better is None or m.score is None:
        return
    waiting = [(score, m.score)]
    while waiting:
        built, said = waiting.pop()
        if built.of is not None:
            continue
        sides = [inner for _, inner in built.better_of or ()]
        waiting += zip(sides, (said.better_of or {}).values(), strict=True)
        ends = [literal(end) for end in built.line[:2]] if built.line is not None else []
        fixed = [end for end in ends if end is not None]
        if len(fixed) == 2 and fixed[0] != fixed[1] and (fixed[1] > fixed[0]) != (m.better == "higher"):
            message = f"{name} is better {m.better}, and its score is the other way: full at {said.full_at}."
            b.fault("AC058", said.at.value("full_at"), message, "Turn one of them round.")
