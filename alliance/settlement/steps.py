"""The steps of a waterfall. Each acts on an exact signed amount and says what it did.

Corridor, deadband, curve, bands act on the size and keep the sign; at most and at least are signed, and act on the size
under `only: loss`; deduct reduces a gain and relieve a loss, neither past nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.formula import operations as op
from alliance.contract.numbers import Number, normal, round_to, size
from alliance.contract.values import Unknown, Value, merge, unknown
from alliance.settlement.result import Detail, Line
from alliance.settlement.scoring import between, bounded, in_bands, points_of
from alliance.settlement.wholes import UNBOUND, Bounds

if TYPE_CHECKING:
    from alliance.settlement.view import View

_BOUND = {"at_most": "cap", "at_least": "floor"}
Facts = tuple[tuple[str, Value, str], ...]


def take(step: e.Step, amount: Number, view: View, keep: bool) -> Line:
    """Take one step on a known amount. The line's `after` is unknown where the step cannot be determined."""
    run = view.run
    details = _details(step, view) if keep else ()

    def line(after: Value, note: str = "", facts: Facts = (), bound: str = "") -> Line:
        return Line(step.operation, step.name, amount, after, facts, note, step.clause, step.mark, bound, details)

    if step.only and not (amount > 0 if step.only == "gain" else amount < 0):
        what = "nothing" if amount == 0 else "a gain" if amount > 0 else "a loss"
        return line(amount, f"not taken: it is for a {step.only} only, and this is {what}")
    if step.when is not None:
        applies = run.evaluate(step.when, view)
        if isinstance(applies, Unknown):
            return line(applies, f"whether it applies is not known: {applies}")
        if not applies:
            return line(amount, f"not taken: {step.when.text} is not so")
    values = {key: run.evaluate(expr, view) for key, expr in step.values.items()}
    facts: Facts = tuple((step.values[k].text, v, step.values[k].unit.kind) for k, v in values.items())
    if step.operation == "gate":
        return line(*_gate(step, amount, values["if"]), facts)
    if any(v is None for v in values.values()):
        empty = merge(values.values())
        return line(
            empty if empty.reasons else unknown("an empty field", "missing", step.mark), "an empty field", facts
        )
    bad = merge(values.values())
    if bad.reasons:
        return line(bad, str(bad), facts)
    after, note = _OPERATIONS[step.operation](step, amount, values, view)
    return line(bounded(after, f"the step {step.name}", step.mark), note, facts, _BOUND.get(step.operation, ""))


def held_to(step: e.Step, line: Line, before: Bounds) -> Bounds:
    """What the amount is held to after a step: limits hold for as long as only limits change it."""
    if not line.bound:
        return before if line.after == line.before else UNBOUND
    limit: Any = line.facts[0][1]
    if step.only == "loss":  # of the size, and so from the other side
        return before.held("floor" if line.bound == "cap" else "cap", -max(limit, 0))
    return before.held(line.bound, limit)


def _details(step: e.Step, view: View) -> tuple[Detail, ...]:
    found = [Detail(key, expr, view.kept(expr)) for key, expr in step.values.items()]
    if step.when is not None:
        found.insert(0, Detail("when", step.when, view.kept(step.when)))
    return tuple(found)


def _gate(step: e.Step, amount: Number, opened: Value) -> tuple[Value, str]:
    if isinstance(opened, Unknown):
        if step.if_unknown == "shut":
            return 0, f"shut, as the contract says of what is not known: {opened}"
        if step.if_unknown == "open":
            return amount, f"open, as the contract says of what is not known: {opened}"
        return opened, f"not known whether it is open: {opened}"
    return (amount, "open") if opened else (0, f"shut: {step.values['if'].text} is not so")


def _sign(amount: Number) -> int:
    return (amount > 0) - (amount < 0)


def _multiply(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    return op.multiply(amount, v["by"]), ""


def _add(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    return amount + v["amount"], ""


def _share_of(v: dict[str, Any], key: str) -> Number:
    """A share of a base, or an amount in itself; its size."""
    found: Number = normal(Fraction(v[key]) * v["of"]) if "of" in v else v[key]
    return size(found)


def _corridor(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    key = "reach" if "reach" in v else "exceed"
    edge = _share_of(v, key)
    whole = size(amount)
    passed = whole >= edge if key == "reach" else whole > edge
    if passed:
        word = "reaches" if key == "reach" else "exceeds"
        return amount, f"it {word} the edge of the corridor, so the whole of it counts"
    return 0, f"it does not {key} the edge of the corridor, so none of it counts"


def _deadband(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    beyond: Number = size(amount) - _share_of(v, "beyond")
    if beyond <= 0:
        return 0, "it lies within the deadband"
    return _sign(amount) * beyond, "only what lies beyond counts"


def _curve(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    points = points_of(view.run, step.points, view)
    if isinstance(points, Unknown):
        return points, str(points)
    base = size(v["of"]) if "of" in v else 1
    if base == 0:
        return 0, "a share of nothing"
    whole = size(amount)
    height = between(points, normal(Fraction(whole) / base), True)
    return normal(_sign(amount) * Fraction(height) * base), ""


def _bands(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    base = size(v["of"]) if "of" in v else 1
    if base == 0:
        return 0, "a share of nothing"
    whole = size(amount)
    found = in_bands(view.run, step.bands, normal(Fraction(whole) / base), view)
    if found is None:
        found = unknown("an empty field in bands", "missing", step.mark)
    if isinstance(found, Unknown):
        return found, str(found)
    return normal(_sign(amount) * Fraction(found) * base), ""  # type: ignore[arg-type]


def _at_most(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    if step.only == "loss":
        cut = min(size(amount), max(v["amount"], 0))
        return -cut, "limited" if cut != size(amount) else "within the limit"
    cut = min(amount, v["amount"])
    return cut, "limited" if cut != amount else "within the limit"


def _at_least(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    if step.only == "loss":
        raised = max(size(amount), v["amount"])
        return -raised, "raised to the least" if raised != size(amount) else "above the least"
    raised = max(amount, v["amount"])
    return raised, "raised to the least" if raised != amount else "above the least"


def _deduct(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    if amount <= 0:
        return amount, "there is no gain to deduct from"
    return max(0, amount - v["amount"]) if v["amount"] >= 0 else amount, ""


def _relieve(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    if amount >= 0:
        return amount, "there is no loss to relieve"
    return min(0, amount + v["amount"]) if v["amount"] >= 0 else amount, ""


def _round(step: e.Step, amount: Number, v: dict[str, Any], view: View) -> tuple[Value, str]:
    assert step.rounding is not None
    return round_to(amount, step.rounding.to, step.rounding.how), f"to {step.rounding.to}"


_OPERATIONS: dict[str, Callable[[e.Step, Number, dict[str, Any], Any], tuple[Value, str]]] = {
    "multiply": _multiply,
    "add": _add,
    "corridor": _corridor,
    "deadband": _deadband,
    "curve": _curve,
    "bands": _bands,
    "at_most": _at_most,
    "at_least": _at_least,
    "deduct": _deduct,
    "relieve": _relieve,
    "round": _round,
}
