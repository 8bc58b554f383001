"""Steps of a waterfall: exactly one operation each, with its formulas."""

from __future__ import annotations

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.points import build_bands, curve_points
from alliance.contract.formula.scope import Scope
from alliance.contract.model.paid import OPERATIONS, AmountBands, AmountCurve, Corridor, Deadband, Step
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, PERCENT, Unit

_FACTORS = ("percent", "count", "ratio", "zero")
_AMOUNTS = ("add", "at_most", "at_least", "deduct", "relieve")


def build_step(b: Builder, s: Step, scope: Scope, unit: Unit) -> e.Step | None:
    """One step; None with a fault."""
    operation = b.only("AC089", s.at.mark, "a step", OPERATIONS, [o for o in OPERATIONS if o in s.at.node])
    when = b.maybe(s.when, scope, BOOLEAN)
    if operation != "gate":
        b.strangers(s, ["if_unknown"], "it belongs to a gate.")
    values: dict[str, e.Expr | None] = {}
    points: tuple[tuple[e.Expr, e.Expr], ...] | None = ()
    bands: tuple[e.Band, ...] | None = ()
    if operation == "multiply":
        values["by"] = _factor(b, s.multiply, scope)
    elif operation == "gate":
        values["if"] = b.maybe(s.gate, scope, BOOLEAN)
    elif s.corridor is not None or s.deadband is not None:
        values = _edge(b, s.corridor or s.deadband, scope, unit)
    elif s.curve is not None:
        values, wanted = _base(b, s.curve, scope, unit)
        points = curve_points(b, s.curve.points, scope, wanted, wanted, s.curve.at.value("points"))
    elif s.bands is not None:
        values, wanted = _base(b, s.bands, scope, unit)
        bands = build_bands(b, s.bands.bands, scope, wanted, wanted, s.bands.at.value("bands"))
    elif operation in _AMOUNTS:
        values["amount"] = b.expr(getattr(s, operation), scope, unit)
    rounding = b.rounding(s.round)
    formulas = {key: value for key, value in values.items() if value is not None}
    if not operation or len(formulas) < len(values) or points is None or bands is None:
        return None
    return e.Step(
        name=str(s.name or operation.replace("_", " ")),
        clause=str(s.clause or ""),
        operation=operation,
        values=formulas,
        when=when,
        only=str(s.only or ""),
        if_unknown=str(s.if_unknown or ""),
        points=points,
        bands=bands,
        rounding=rounding,
        mark=s.at.mark,
    )


def _factor(b: Builder, text: Scalar | None, scope: Scope) -> e.Expr | None:
    found = b.maybe(text, scope)
    if found is not None and found.unit.kind not in _FACTORS:
        what = f"`multiply: {found.text[:60]}`: this is {found.unit.spoken()}"
        message = f"{what}; an amount is multiplied by a percentage or a number."
        hint = "Use `add:`, or divide it by money." if found.unit.kind == "money" else "Write a percentage or a number."
        b.fault("AC041", found.mark, message, hint)
        return None
    return found


def _base(
    b: Builder, part: Corridor | Deadband | AmountCurve | AmountBands, scope: Scope, unit: Unit
) -> tuple[dict[str, e.Expr | None], Unit]:
    """The base that shares are of, and the unit of what is a share of it; of the amount itself where there is none."""
    if part.of is None:
        return {}, unit
    return {"of": b.expr(part.of, scope, unit)}, PERCENT


def _edge(b: Builder, part: Corridor | Deadband | None, scope: Scope, unit: Unit) -> dict[str, e.Expr | None]:
    """The edge of a corridor or deadband, as an amount or a share of a base."""
    assert part is not None
    values, wanted = _base(b, part, scope, unit)
    if isinstance(part, Deadband):
        return {"beyond": b.expr(part.beyond, scope, wanted), **values}
    edges = {"reach": part.reach, "exceed": part.exceed}
    edge = b.only("AC089", part.at.mark, "a corridor", edges, [k for k, v in edges.items() if v is not None])
    return {edge: b.maybe(edges[edge], scope, wanted), **values} if edge else {"reach": None}
