"""From the parser's tree to the project's own: how each rule of the grammar becomes a node."""

from __future__ import annotations

from typing import Any

from alliance.contract.faults import did_you_mean
from alliance.contract.formula import tree as t
from alliance.contract.numbers import normal, parse_date, parse_duration, parse_number, parse_percent
from alliance.contract.units import BOOLEAN, COUNT, DATE, DAYS, MONTHS, PERCENT, TEXT, ZERO, Unit

AGGREGATES = ("sum", "count", "mean", "min", "max")
HISTORY = ("last", "so_far")
FUNCTIONS = {"min": (1, 20), "max": (1, 20), "abs": (1, 1), "round": (1, 2), "round_down": (1, 2), "round_up": (1, 2)}
FUNCTIONS |= {"days": (1, 1), "month": (1, 1), "year": (1, 1), "clamp": (3, 3)}
CURVED = ("exp", "ln", "sqrt")
"""Functions whose values are rounded to a number of digits, for most of them have no end."""
FUNCTIONS |= dict.fromkeys(CURVED, (1, 1))


class FormulaError(ValueError):
    """A formula that cannot be read: `message`, `hint`, and `at`, the offset of the trouble in its text."""

    def __init__(self, message: str, at: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.at, self.hint = message, at, hint


class Build:
    """How each rule of the grammar becomes a node. Names are those of `grammar.lark`."""

    @staticmethod
    def number(span: t.Span, token: Any) -> t.Node:
        value = _read(parse_number, token)
        return t.Literal(span, ZERO if value == 0 else COUNT, value)

    @staticmethod
    def percent(span: t.Span, token: Any) -> t.Node:
        return t.Literal(span, PERCENT, normal(_read(parse_percent, token)))

    @staticmethod
    def money(span: t.Span, token: Any) -> t.Node:
        number, currency, *each = str(token).split(" ")
        if each[1:] == ["year"]:
            hint = "Write it as a term: a formula reads the period's share of it."
            raise FormulaError("an amount a year is a term, not part of a formula.", token.start_pos, hint)
        unit = Unit("money", "".join(each[1:]), name=currency)  # the checker holds it to the contract's own
        return t.Literal(span, unit, _read(parse_number, token, number))

    @staticmethod
    def duration(span: t.Span, token: Any) -> t.Node:
        count, word = str(token).split(" ")
        if word.startswith(("month", "year")):
            months = _read(parse_number, token, count) * (12 if word.startswith("year") else 1)
            if not isinstance(months, int):
                raise FormulaError("months are counted whole.", token.start_pos, "Write whole months, or days.")
            return t.Literal(span, MONTHS, months)
        return t.Literal(span, DAYS, _read(parse_duration, token))

    @staticmethod
    def date(span: t.Span, token: Any) -> t.Node:
        return t.Literal(span, DATE, _read(parse_date, token))

    @staticmethod
    def string(span: t.Span, token: Any) -> t.Node:
        return t.Literal(span, TEXT, str(token)[1:-1])

    @staticmethod
    def true(span: t.Span, *_: Any) -> t.Node:
        return t.Literal(span, BOOLEAN, True)

    @staticmethod
    def false(span: t.Span, *_: Any) -> t.Node:
        return t.Literal(span, BOOLEAN, False)

    @staticmethod
    def name(span: t.Span, name: Any, attribute: Any = "") -> t.Node:
        return t.Name(span, None, str(name), str(attribute))

    @staticmethod
    def add(span: t.Span, a: t.Node, b: t.Node) -> t.Node:
        return t.Arithmetic(span, None, "+", a, b)

    @staticmethod
    def subtract(span: t.Span, a: t.Node, b: t.Node) -> t.Node:
        return t.Arithmetic(span, None, "-", a, b)

    @staticmethod
    def multiply(span: t.Span, a: t.Node, b: t.Node) -> t.Node:
        return t.Arithmetic(span, None, "*", a, b)

    @staticmethod
    def divide(span: t.Span, a: t.Node, b: t.Node) -> t.Node:
        return t.Arithmetic(span, None, "/", a, b)

    @staticmethod
    def negative(span: t.Span, a: t.Node) -> t.Node:
        return t.Negative(span, None, a)

    @staticmethod
    def compare(span: t.Span, a: t.Node, op: Any, b: t.Node) -> t.Node:
        return t.Compare(span, None, "=" if op == "==" else str(op), a, b)

    @staticmethod
    def options(span: t.Span, *items: t.Node) -> Any:
        return tuple(items)

    @staticmethod
    def is_in(span: t.Span, item: t.Node, options: Any) -> t.Node:
        return t.IsIn(span, None, item, options, False)

    @staticmethod
    def not_in(span: t.Span, item: t.Node, options: Any) -> t.Node:
        return t.IsIn(span, None, item, options, True)

    @staticmethod
    def is_known(span: t.Span, item: t.Node) -> t.Node:
        return t.IsKnown(span, None, item, False)

    @staticmethod
    def is_missing(span: t.Span, item: t.Node) -> t.Node:
        return t.IsKnown(span, None, item, True)

    @staticmethod
    def and_(span: t.Span, *items: t.Node) -> t.Node:
        return t.Logic(span, None, "and", items)

    @staticmethod
    def or_(span: t.Span, *items: t.Node) -> t.Node:
        return t.Logic(span, None, "or", items)

    @staticmethod
    def not_(span: t.Span, item: t.Node) -> t.Node:
        return t.Not(span, None, item)

    @staticmethod
    def if_else(span: t.Span, then: t.Node, test: t.Node, otherwise: t.Node) -> t.Node:
        return t.IfElse(span, None, then, test, otherwise)

    @staticmethod
    def fallback(span: t.Span, first: t.Node, second: t.Node) -> t.Node:
        return t.Fallback(span, None, first, second)

    @staticmethod
    def by(span: t.Span, ref: t.Node, key: t.Node) -> t.Node:
        return t.By(span, None, ref, key)

    @staticmethod
    def on(span: t.Span, ref: t.Node, date: t.Node) -> t.Node:
        return t.On(span, None, ref, date)

    @staticmethod
    def loop(span: t.Span, name: Any) -> Any:
        return ("for", str(name))

    @staticmethod
    def test(span: t.Span, where: t.Node) -> Any:
        return ("where", where)

    @staticmethod
    def arguments(span: t.Span, *items: Any) -> Any:
        return items

    @staticmethod
    def call(span: t.Span, name: Any, items: Any = ()) -> t.Node:
        return _call(span, str(name), items)


def _read(reader: Any, token: Any, text: str | None = None) -> Any:
    try:
        return reader(str(token) if text is None else text)
    except ValueError as error:
        raise FormulaError(str(error), token.start_pos) from None


def _call(span: t.Span, name: str, items: tuple[Any, ...]) -> t.Node:
    nodes = [i for i in items if isinstance(i, t.Node)]
    extra: dict[str, Any] = dict(i for i in items if isinstance(i, tuple))
    if name in HISTORY:
        if len(nodes) != 1 or extra:
            raise FormulaError(f"{name}() takes one name.", span[0])
        return t.History(span, None, name, nodes[0])
    if name in AGGREGATES and (extra or name in ("sum", "count", "mean") or len(nodes) == 1):
        return _aggregate(span, name, nodes, extra)
    if extra:
        raise FormulaError(
            f'"for" and "where" belong in {", ".join(AGGREGATES)}, not in {name}().',
            span[0],
            "Take the sum, count or mean of the records first.",
        )
    if name not in FUNCTIONS:
        known = sorted({*FUNCTIONS, *AGGREGATES, *HISTORY})
        hint = did_you_mean(name, known) or f"They are: {', '.join(known)}."
        raise FormulaError(f'"{name[:40]}" is not a function.', span[0], hint)
    least, most = FUNCTIONS[name]
    if not least <= len(nodes) <= most:
        wanted = f"{least} to {most}" if least != most else str(least) if most > 1 else "one"
        raise FormulaError(f"{name}() takes {wanted} value{'s' * (most > 1)}, not {len(nodes)}.", span[0])
    return t.Call(span, None, name, tuple(nodes))


def _aggregate(span: t.Span, name: str, nodes: list[t.Node], extra: dict[str, Any]) -> t.Node:
    over, where = extra.get("for", ""), extra.get("where")
    if len(nodes) > 1:
        raise FormulaError(
            f"{name}() over records takes one value.", span[0], "Add its parts up inside: sum(a + b for records)."
        )
    value = nodes[0] if nodes else None
    if name == "count" and isinstance(value, t.Name) and not over and not value.attribute:
        return t.Aggregate(span, None, name, None, value.name, where)
    if name == "count" and value is not None:
        raise FormulaError("count() takes the name of records: count(discharges where palliative).", span[0])
    if name != "count" and value is None:
        raise FormulaError(f"{name}() needs a value to go through.", span[0], f"Write {name}(cost for visits).")
    return t.Aggregate(span, None, name, value, over, where)
