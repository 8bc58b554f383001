"""What changes within a period, and cuts it into the stretches that a start formula is worked out for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.formula import tree as t


def stretches_of(b: Builder, exprs: Iterable[e.Expr]) -> e.Stretches:
    """What changes within a period of what some formulas read, through the figures that they read too."""
    days: set[date] = set()
    parties = yearly = False
    for node in (node for expr in exprs for node in expr.node.walk()):
        if isinstance(node, t.Ref) and node.kind == "term":
            term = b.terms[node.name]
            days |= set(term.changes)
            yearly = yearly or term.yearly
        elif isinstance(node, t.Ref) and node.kind == "figure" and node.name in b.figures:  # no history of one to come
            found = b.figures[node.name].stretches
            days |= set(found.days)
            parties, yearly = parties or found.parties, yearly or found.yearly
        elif isinstance(node, t.By) or (isinstance(node, t.Aggregate) and _parties(b, node.over)):
            parties = True
    return e.Stretches(tuple(sorted(days)), parties, yearly)


def _parties(b: Builder, over: str) -> bool:
    loop = b.loops.get(over)
    return loop is not None and loop.kind == "party"


def formulas_of(
    formula: e.Expr | None,
    curve: tuple[e.Expr, e.Points] | None,
    bands: tuple[e.Expr, tuple[e.Band, ...]] | None,
    weighted: tuple[tuple[e.Expr, e.Expr], ...] | None,
) -> Iterator[e.Expr]:
    """Every formula of a figure, whichever form it has."""
    if formula is not None:
        yield formula
    if curve is not None:
        yield curve[0]
        yield from (expr for point in curve[1].points for expr in point)
    if bands is not None:
        yield bands[0]
        yield from (x for band in bands[1] for x in (band.start, band.below, band.gives) if x is not None)
    for pair in weighted or ():
        yield from pair
