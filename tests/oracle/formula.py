"""The formula language, read by a small Pratt parser into tuples and evaluated with exact numbers and three truths."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import isqrt, log
from typing import Any, Protocol

from tests.oracle.plain import (
    UNKNOWN,
    Unknown,
    away_from_zero,
    day,
    half_up,
    is_known,
    lost,
    number,
    towards_zero,
)

_TOKENS = re.compile(
    r"\s*(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<money>\d[\d_]*(?:\.\d+)? [A-Z]{3}\b)"
    r"|(?P<length>\d[\d_]*(?:\.\d+)? (?:day|hour|week|month|year)s?\b)|(?P<percent>\d[\d_]*(?:\.\d+)? ?%)"
    r"|(?P<number>\d[\d_]*(?:\.\d+)?)|(?P<string>\"[^\"]*\"|'[^']*')|(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)?)"
    r"|(?P<sign><=|>=|!=|==|[-+*/=<>(),\[\]]))"
)
_DAYS = {"hour": Fraction(1, 24), "day": Fraction(1), "week": Fraction(7)}
_LOOSE = {"if": 1, "else": 1, "or": 2, "and": 3, "in": 5, "not": 5, "is": 5, "+": 6, "-": 6, "*": 7, "/": 7, "of": 8}
_LOOSE |= dict.fromkeys(("=", "==", "!=", "<", "<=", ">", ">="), 5)
_LOOSE |= {"by": 10, "on": 10}

Node = tuple[Any, ...]


@cache
def parse(text: str) -> Node:
    """A formula as nested tuples, each with its operation first."""
    tokens: list[tuple[str, str]] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKENS.match(text, at)
        if not found or found.lastgroup is None:
            raise SyntaxError(text[at:])
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    tokens.append(("end", ""))
    return _Parser(tokens).whole()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def peek(self) -> str:
        kind, text = self.tokens[0]
        return text if kind in ("sign", "name") else kind

    def take(self, wanted: str = "") -> tuple[str, str]:
        if wanted and self.peek() != wanted:
            raise SyntaxError(f"{wanted} expected, not {self.tokens[0]}")
        return self.tokens.pop(0)

    def whole(self) -> Node:
        found = self.expression(0)
        self.take("end")
        return found

    def expression(self, least: int) -> Node:
        left = self.first()
        while _LOOSE.get(self.peek(), -1) > least:
            left = self.following(left, self.take()[1])
        return left

    def first(self) -> Node:
        kind, text = self.take()
        if kind in ("number", "percent"):
            return ("value", number(text.replace(" ", "")))
        if kind == "money":
            return ("value", number(text[:-4]))
        if kind == "date":
            return ("value", day(text))
        if kind == "string":
            return ("value", text[1:-1])
        if kind == "length":
            count, word = text.split(" ")
            word = word.rstrip("s")
            if word in ("month", "year"):
                return ("months", int(number(count)) * (12 if word == "year" else 1))
            return ("value", number(count) * _DAYS[word])
        if text == "(":
            inner = self.expression(0)
            self.take(")")
            return inner
        if text == "-":
            return ("negative", self.expression(9))
        if text == "+":
            return self.expression(9)
        if text == "not":
            return ("not", self.expression(4))
        if text in ("true", "yes", "false", "no"):
            return ("value", text in ("true", "yes"))
        if kind == "name" and self.peek() == "(":
            return self.call(text)
        if kind == "name":
            return ("name", *text.partition(".")[::2])
        raise SyntaxError(text)

    def following(self, left: Node, sign: str) -> Node:
        if sign == "if":
            test = self.expression(1)
            self.take("else")
            return ("if", left, test, self.expression(0))
        if sign == "else":
            return ("else", left, self.expression(0))
        if sign in ("and", "or"):
            return (sign, left, self.expression(_LOOSE[sign]))
        if sign == "is":
            return ("known", left, self.take()[1] == "known")
        if sign == "in":
            return ("in", left, self.options())
        if sign == "not":
            self.take("in")
            return ("not", ("in", left, self.options()))
        if sign in ("by", "on"):
            return (sign, left, self.first())
        if sign == "of":
            return ("*", left, self.expression(7))
        return ("=" if sign == "==" else sign, left, self.expression(_LOOSE[sign]))

    def options(self) -> tuple[Node, ...]:
        self.take()
        found = [self.expression(0)]
        while self.peek() == ",":
            self.take()
            found.append(self.expression(0))
        self.take()
        return tuple(found)

    def call(self, name: str) -> Node:
        self.take("(")
        found: list[Node] = []
        over, where = "", None
        while self.peek() != ")":
            if self.peek() == ",":
                self.take()
            if self.peek() == "for":
                self.take()
                over = self.take()[1]
            elif self.peek() == "where":
                self.take()
                where = self.expression(0)
            else:
                found.append(self.expression(0))
        self.take(")")
        if name in ("last", "so_far"):
            return (name, found[0])
        if name == "count" and found:
            return ("gather", "count", None, found[0][1], where)
        if name in ("sum", "mean", "count") or over or where or (len(found) == 1 and name in ("min", "max")):
            return ("gather", name, found[0] if found else None, over, where)
        return ("call", name, tuple(found))


class Reader(Protocol):
    """What a formula is read in."""

    def name(self, name: str, attribute: str, key: str | None = None) -> Any: ...
    def on(self, name: str, key: str | None, when: date) -> Any: ...
    def not_brought(self, name: str) -> bool: ...
    def gone_through(self, name: str) -> Iterable[Reader]: ...
    def history(self, function: str, name: str, attribute: str, key: str | None) -> Any: ...


def names_in(node: Any) -> set[str]:
    """Every name that a formula reads."""
    if not isinstance(node, tuple):
        return set()
    if node and node[0] == "name":
        return {node[1]}
    found = {node[3]} if node and node[0] == "gather" and node[3] else set()
    return found.union(*(names_in(part) for part in node))


def value_of(text: str, reader: Reader) -> Any:
    """What a formula comes to."""
    return evaluate(parse(text), reader)


def evaluate(node: Node, reader: Reader) -> Any:
    return _EVALUATE[node[0]](node, reader)


def _name(node: Node, reader: Reader) -> Any:
    return reader.name(node[1], node[2])


def _by(node: Node, reader: Reader) -> Any:
    key = _key(node[2], reader)
    return lost(key) if isinstance(key, Unknown) else reader.name(node[1][1], node[1][2], key)


def _key(node: Node, reader: Reader) -> Any:
    if node[0] == "name":
        try:
            return reader.name(node[1], node[2])
        except KeyError:
            return str(node[1])  # a party or an option, by its own name
    return evaluate(node, reader)


def _on(node: Node, reader: Reader) -> Any:
    when = evaluate(node[2], reader)
    if not is_known(when):
        return lost(when)
    if node[1][0] == "by":
        return reader.on(node[1][1][1], _key(node[1][2], reader), when)
    return reader.on(node[1][1], None, when)


def _strict(work: Callable[..., Any]) -> Callable[[Node, Reader], Any]:
    """An operation on two values, unknown if either is (0 * unknown is unknown); nothing comes of an empty field."""

    def run(node: Node, reader: Reader) -> Any:
        left, right = _operand(node[1], reader), _operand(node[2], reader)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return lost(left, right)
        if left is None or right is None:
            return None
        return work(left, right)

    return run


def _operand(node: Node, reader: Reader) -> Any:
    return node if node[0] == "months" else evaluate(node, reader)


def _plus(a: Any, b: Any) -> Any:
    if isinstance(a, date):
        return a + timedelta(days=int(b))
    return b + timedelta(days=int(a)) if isinstance(b, date) else a + b


def _minus(a: Any, b: Any) -> Any:
    if isinstance(a, date):
        return Fraction((a - b).days) if isinstance(b, date) else a - timedelta(days=int(b))
    return a - b


def _divide(a: Any, b: Any) -> Any:
    return UNKNOWN if b == 0 else a / b


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(node: Node, reader: Reader) -> Any:
    left, right = _side(node[1], reader), _side(node[2], reader)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return lost(left, right)
    if left is None or right is None:
        return False
    return _COMPARE[node[0]](left, right)


def _side(node: Node, reader: Reader) -> Any:
    """A side of a comparison; a bare option of a category, or a party, stands for itself."""
    if node[0] == "name" and not node[2]:
        try:
            return reader.name(node[1], "")
        except KeyError:
            return node[1]
    return evaluate(node, reader)


def _in(node: Node, reader: Reader) -> Any:
    item = _side(node[1], reader)
    if isinstance(item, Unknown):
        return lost(item)
    return item is not None and item in [_side(o, reader) for o in node[2]]


def _and(node: Node, reader: Reader) -> Any:
    sides = [evaluate(n, reader) for n in node[1:]]
    if any(s is False for s in sides):
        return False
    return lost(*sides) if any(isinstance(s, Unknown) for s in sides) else True


def _or(node: Node, reader: Reader) -> Any:
    sides = [evaluate(n, reader) for n in node[1:]]
    if any(s is True for s in sides):
        return True
    return lost(*sides) if any(isinstance(s, Unknown) for s in sides) else False


def _not(node: Node, reader: Reader) -> Any:
    of = evaluate(node[1], reader)
    return lost(of) if isinstance(of, Unknown) else not of


def _negative(node: Node, reader: Reader) -> Any:
    of = evaluate(node[1], reader)
    return -of if is_known(of) else of


def _if(node: Node, reader: Reader) -> Any:
    test = evaluate(node[2], reader)
    if isinstance(test, Unknown):
        return lost(test)
    return _side(node[1] if test else node[3], reader)


def _else(node: Node, reader: Reader) -> Any:
    first = evaluate(node[1], reader)
    return first if is_known(first) else _side(node[2], reader)


def _is_known(node: Node, reader: Reader) -> Any:
    return is_known(evaluate(node[1], reader)) is node[2]


def _call(node: Node, reader: Reader) -> Any:
    name, arguments = node[1], [evaluate(n, reader) for n in node[2]]
    if name in ("min", "max"):
        return extreme(name, arguments)
    if not all(is_known(a) for a in arguments):
        return lost(*arguments)
    first = arguments[0]
    if name == "abs":
        return abs(first)
    if name == "clamp":
        return min(max(first, arguments[1]), arguments[2])
    if name in ("month", "year"):
        return Fraction(getattr(first, name))
    if name == "days":
        return first
    if name in ("exp", "ln", "sqrt"):
        return curve(name, first)
    step = Fraction(1, 10 ** int(arguments[1] if len(arguments) > 1 else 0))
    return {"round": half_up, "round_down": towards_zero, "round_up": away_from_zero}[name](first, step)


def curve(name: str, x: Fraction) -> Any:
    """`exp`, `ln` or `sqrt` to 28 digits of its argument to 28, by series and whole numbers alone."""
    x = digits(x)
    if name == "exp":
        return UNKNOWN if abs(x) > 1000 else digits(power(x))
    if x < 0 or (name == "ln" and not x):
        return UNKNOWN
    if name == "ln":
        return digits(logarithm(x))
    wide = 10**80
    return digits(Fraction(isqrt(x.numerator * wide**2 // x.denominator), wide))


def power(x: Fraction) -> Fraction:
    """e to a power: that of a small part of it, squared again and again, cut to 80 digits each time."""
    small, total, term, n = x / 1024, Fraction(1), Fraction(1), 0
    while abs(term) > Fraction(1, 10**70):
        n += 1
        term = term * small / n
        total += term
    for _ in range(10):
        total = digits(total * total, 80)
    return total


def logarithm(x: Fraction) -> Fraction:
    """The power that e is raised to, by Newton's method from nearby."""
    found = Fraction(round(log(x)))
    for _ in range(8):
        found = digits(found + 2 * (x - power(found)) / (x + power(found)), 60)
    return found


def digits(x: Fraction, many: int = 28) -> Fraction:
    """To so many significant digits, half to even."""
    if not x:
        return x
    place = 0
    while abs(x) * Fraction(10) ** place >= 10**many:
        place -= 1
    while abs(x) * Fraction(10) ** place < 10 ** (many - 1):
        place += 1
    return Fraction(round(x * Fraction(10) ** place)) / Fraction(10) ** place


def extreme(name: str, values: list[Any]) -> Any:
    """The smallest or largest, of the sides that the contract does not leave out."""
    sides = [v for v in values if not (isinstance(v, Unknown) and v.excluded)]
    if not sides:
        return lost(*values) if values else UNKNOWN
    if not all(is_known(v) for v in sides):
        return Unknown()
    return min(sides) if name == "min" else max(sides)


def _gather(node: Node, reader: Reader) -> Any:
    _, function, value, over, where = node
    chosen = []
    if reader.not_brought(over):
        return UNKNOWN
    for each in reader.gone_through(over):
        test = True if where is None else evaluate(where, each)
        if isinstance(test, Unknown):
            return lost(test)
        if test:
            chosen.append(each)
    if function == "count":
        return Fraction(len(chosen))
    values = [evaluate(value, each) for each in chosen]
    if function in ("min", "max"):
        return extreme(function, values)
    if not all(is_known(v) for v in values):
        return lost(*values)
    total = sum(values, Fraction(0))
    if function == "mean":
        return total / len(values) if values else UNKNOWN
    return total


def _history(node: Node, reader: Reader) -> Any:
    inner, key = (node[1][1], _key(node[1][2], reader)) if node[1][0] == "by" else (node[1], None)
    return reader.history(node[0], inner[1], inner[2], key)


_EVALUATE: dict[str, Callable[[Node, Reader], Any]] = {
    "value": lambda node, reader: node[1],
    "name": _name,
    "by": _by,
    "on": _on,
    "+": _strict(_plus),
    "-": _strict(_minus),
    "*": _strict(lambda a, b: a * b),
    "/": _strict(_divide),
    "in": _in,
    "and": _and,
    "or": _or,
    "not": _not,
    "negative": _negative,
    "if": _if,
    "else": _else,
    "known": _is_known,
    "call": _call,
    "gather": _gather,
    "last": _history,
    "so_far": _history,
    **dict.fromkeys(_COMPARE, _compare),
}
