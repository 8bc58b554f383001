"""Exact evaluation: a checked tree becomes a Python function of an environment.

`compiled(node)` is what settlement runs. `traced(node, env)` evaluates each part of the tree on its own through the
same compiled functions, so that an explanation can never differ from what was paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

from alliance.contract.formula import operations as op
from alliance.contract.formula import tree as t
from alliance.contract.formula.building import CURVED
from alliance.contract.values import Reason, Unknown, Value, known


class Env(Protocol):
    """What a formula is evaluated in: it answers names."""

    def read(self, ref: t.Ref) -> Value:
        """The value of a reference, along the party or category in hand."""

    def read_by(self, ref: t.Ref, key: str) -> Value:
        """The value of a reference for a party or category."""

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        """The value of a term on a date."""

    def history(self, function: str, ref: t.Ref, key: str | None) -> Value:
        """`last` or `so_far` of a reference."""

    def lacking(self, over: str) -> Unknown | None:
        """What is not known where the records to be gone through were not brought."""

    def through(self, over: str) -> Iterable[Env]:
        """An environment for each item of what is gone through (the group in hand when `over` is empty)."""


Compiled = Callable[[Any], Value]


def compiled(node: t.Node) -> Compiled:
    """The function that evaluates a checked tree in an environment."""
    return cast(Compiled, globals()["_" + type(node).__name__.lower()](node))


def _literal(node: t.Literal) -> Compiled:
    value = node.value
    return lambda env: value


def _ref(node: t.Ref) -> Compiled:
    return lambda env: cast(Value, env.read(node))


def _by(node: t.By) -> Compiled:
    key, ref = _keyed(node)

    def by(env: Any) -> Value:
        found = key(env)
        return found if type(found) is Unknown else cast(Value, env.read_by(ref, str(found)))

    return by


def _keyed(node: t.Node) -> tuple[Compiled, t.Ref]:
    """The function that says which party or category a value is read for (None where that is not said), and the
    reference."""
    if not isinstance(node, t.By):
        assert isinstance(node, t.Ref)
        return lambda env: None, node
    ref, key = node.ref, compiled(node.key)
    assert isinstance(ref, t.Ref)

    def which(env: Any) -> Value:
        found = key(env)
        return Unknown((Reason(f"the {ref.by} of {ref.name}", "missing"),)) if found is None else found

    return which, ref


def _on(node: t.On) -> Compiled:
    day = compiled(node.date)
    key, inner = _keyed(node.ref)

    def on(env: Any) -> Value:
        when, which = day(env), key(env)
        for found in (when, which):
            if type(found) is Unknown:
                return found
        if not isinstance(when, date):
            return Unknown((Reason(f"the date of {inner.name}", "missing"),))
        return cast(Value, env.read_on(inner, which, when))

    return on


def _arithmetic(node: t.Arithmetic) -> Compiled:
    left, right = compiled(node.left), compiled(node.right)
    if node.op in "+-":
        sides = (node.left.unit, node.right.unit)
        months = any(u is not None and u.kind == "months" for u in sides)
        function = op.add if node.op == "+" else op.subtract
        if not months:
            return lambda env: function(left(env), right(env))
        return lambda env: function(left(env), right(env), True)
    if node.op == "*":
        return lambda env: op.multiply(left(env), right(env))
    by = ", ".join(dict.fromkeys(ref.name for ref in t.names(node.right)))
    return lambda env: op.divide(left(env), right(env), by)


def _negative(node: t.Negative) -> Compiled:
    of = compiled(node.of)
    return lambda env: op.negative(of(env))


def _compare(node: t.Compare) -> Compiled:
    left, right, compare = compiled(node.left), compiled(node.right), op.comparison(node.op)
    return lambda env: compare(left(env), right(env))


def _isin(node: t.IsIn) -> Compiled:
    item, options = compiled(node.item), [compiled(o) for o in node.options]
    if node.negated:
        return lambda env: op.not_(op.is_in(item(env), [o(env) for o in options]))
    return lambda env: op.is_in(item(env), [o(env) for o in options])


def _logic(node: t.Logic) -> Compiled:
    items = [compiled(i) for i in node.items]
    operation = op.and_ if node.op == "and" else op.or_
    return lambda env: operation([i(env) for i in items])


def _not(node: t.Not) -> Compiled:
    of = compiled(node.of)
    return lambda env: op.not_(of(env))


def _isknown(node: t.IsKnown) -> Compiled:
    of, negated = compiled(node.of), node.negated
    return lambda env: known(of(env)) is not negated


def _ifelse(node: t.IfElse) -> Compiled:
    then, test, otherwise = compiled(node.then), compiled(node.test), compiled(node.otherwise)

    def choose(env: Any) -> Value:
        found = test(env)
        if type(found) is Unknown:
            return found
        return then(env) if found else otherwise(env)

    return choose


def _fallback(node: t.Fallback) -> Compiled:
    first, second = compiled(node.first), compiled(node.second)

    def choose(env: Any) -> Value:
        found = first(env)
        return found if known(found) else second(env)

    return choose


def _clamp(x: Any, low: Any, high: Any) -> Value:
    return op.limited(op.limited(x, low, True), high, False)


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "min": lambda *v: op.extreme(v, False),
    "max": lambda *v: op.extreme(v, True),
    "clamp": _clamp,
    "abs": op.absolute,
    "round": op.rounding("round"),
    "round_down": op.rounding("round_down"),
    "round_up": op.rounding("round_up"),
    "days": lambda v: v,
    "month": lambda v: v.month if isinstance(v, date) else v,
    "year": lambda v: v.year if isinstance(v, date) else v,
    **{name: op.curved(name) for name in CURVED},
}


def _call(node: t.Call) -> Compiled:
    function, arguments = _FUNCTIONS[node.function], [compiled(a) for a in node.arguments]
    if len(arguments) == 1:
        (only,) = arguments
        return lambda env: function(only(env))
    return lambda env: function(*[a(env) for a in arguments])


def _aggregate(node: t.Aggregate) -> Compiled:
    value = compiled(node.value) if node.value is not None else None
    where = compiled(node.where) if node.where is not None else None
    over, function = node.over, node.function

    def aggregate(env: Any) -> Value:
        lacking = env.lacking(over)
        if lacking is not None:
            return cast(Value, lacking)
        found: list[Value] = []
        for item in env.through(over):
            if where is not None:
                kept = where(item)
                if type(kept) is Unknown:
                    return kept
                if not kept:
                    continue
            found.append(1 if value is None else value(item))
        if function == "count":
            return len(found)
        if function == "sum":
            return op.total(found)
        if function == "mean":
            return op.mean(found)
        if not found:
            return Unknown((Reason(f"the {function} of no records", "not assessable"),))
        return op.extreme(found, function == "max")

    return aggregate


def _history(node: t.History) -> Compiled:
    function = node.function
    key, inner = _keyed(node.ref)

    def history(env: Any) -> Value:
        found = key(env)
        return found if type(found) is Unknown else cast(Value, env.history(function, inner, found))

    return history


@dataclass(frozen=True, slots=True)
class Traced:
    """A part of a formula with the value it came to, and the parts it was made of (only those that were read)."""

    node: t.Node
    value: Value
    parts: tuple[Traced, ...]


def traced(node: t.Node, env: Env) -> Traced:
    """Evaluate a checked tree and keep the value of each part that was read."""
    return Traced(node, compiled(node)(env), tuple(traced(part, env) for part in _read_parts(node, env)))


def _read_parts(node: t.Node, env: Env) -> Iterable[t.Node]:
    if isinstance(node, t.IfElse):
        found = compiled(node.test)(env)
        taken = [] if type(found) is Unknown else [node.then if found else node.otherwise]
        return [node.test, *taken]
    if isinstance(node, t.Fallback):
        return [node.first] if known(compiled(node.first)(env)) else [node.first, node.second]
    if isinstance(node, (t.Aggregate, t.History)):
        return []
    if isinstance(node, t.By):
        return [node.key]
    if isinstance(node, t.On):
        return [node.date]
    return list(node.parts())
