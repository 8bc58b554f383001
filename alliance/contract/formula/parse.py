"""Text to tree: the grammar through lark's LALR parser, with limits, and faults in plain words."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from alliance.contract.formula import tree as t
from alliance.contract.numbers import normal, parse_date, parse_duration, parse_number, parse_percent
from alliance.contract.units import BOOLEAN, COUNT, DATE, DAYS, MONEY, MONTHS, PERCENT, TEXT, ZERO

if TYPE_CHECKING:
    from lark import Lark, Tree

MAX_LENGTH = 4_000
MAX_DEPTH = 60
MAX_NODES = 600

AGGREGATES = ("sum", "count", "mean", "min", "max")
HISTORY = ("last", "so_far")
FUNCTIONS = {"min": (1, 20), "max": (1, 20), "abs": (1, 1), "round": (1, 2), "round_down": (1, 2), "round_up": (1, 2)}
FUNCTIONS |= {"days": (1, 1), "month": (1, 1), "year": (1, 1), "clamp": (3, 3)}


class FormulaError(ValueError):
    """A formula that cannot be read: `message`, `hint`, and `at`, the offset of the trouble in its text."""

    def __init__(self, message: str, at: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.at, self.hint = message, at, hint


@lru_cache(maxsize=4096)
def parse(text: str) -> t.Node:
    """Read a formula into an unchecked tree. Raises `FormulaError`.

    >>> parse("2% of spend").op
    '*'
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula is {len(text):,} characters long; at most {MAX_LENGTH:,} are read.")
    if not text.strip():
        raise FormulaError("a formula is missing here.")
    _check_nesting(text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    try:
        found = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unexpected_character(text, int(getattr(error, "pos_in_stream", 0))) from None
    except UnexpectedEOF:
        raise FormulaError("the formula ends too soon.", len(text)) from None
    except UnexpectedToken as error:
        raise _unexpected_token(text, error) from None
    return _built(found)


def _check_nesting(text: str) -> None:
    depth = 0
    for at, character in enumerate(text):
        if character in "([":
            depth += 1
            if depth > MAX_DEPTH:
                raise FormulaError(f"brackets are nested more than {MAX_DEPTH} deep.", at, "Name a part as a figure.")
        elif character in ")]":
            depth -= 1


def _built(tree: Tree[Any]) -> t.Node:
    """The project's own tree, built bottom up without recursion; refused if too deep or too large for its readers."""
    done: dict[int, Any] = {}
    depths: dict[int, int] = {}
    for part in tree.iter_subtrees():
        if len(done) >= MAX_NODES:
            raise FormulaError(
                f"the formula has too many parts (at most {MAX_NODES}).", 0, "Name parts of it as figures."
            )
        children = [done.get(id(c), c) for c in part.children]
        depth = 1 + max((depths.get(id(c), 0) for c in part.children), default=0)
        if depth > MAX_DEPTH * 2:
            raise FormulaError(f"the formula is nested more than {MAX_DEPTH} deep.", 0, "Name parts of it as figures.")
        span = (part.meta.start_pos, part.meta.end_pos) if not part.meta.empty else (0, 0)
        done[id(part)] = getattr(_Build, part.data)(span, *children)
        depths[id(part)] = depth
    node: t.Node = done[id(tree)]
    return node


def _unexpected_character(text: str, at: int) -> FormulaError:
    character = text[at]
    hints = {
        "^": "Powers are not part of the language; multiply.",
        "!": 'Write "not" or "!=".',
        "&": 'Write "and".',
        "|": 'Write "or".',
        "£": 'Write sums of money as "500.00 GBP".',
        "$": 'Write sums of money as "500.00 USD".',
        "€": 'Write sums of money as "500.00 EUR".',
        "?": 'Write "a if condition else b".',
        ",": "Write thousands with an underscore: 6_000_000.",
    }
    if character == "." and at and text[at - 1].isdigit():
        return FormulaError("a number ends in a full stop.", at, "Leave the full stop out, or write the decimals.")
    return FormulaError(f'"{character}" is not expected here.', at, hints.get(character, ""))


def _unexpected_token(text: str, error: Any) -> FormulaError:
    token = error.token
    at = token.start_pos if token.start_pos is not None else len(text)
    if token.type == "$END":
        return FormulaError("the formula ends too soon.", len(text), "Something is missing at its end.")
    if token.type == "COMPARE":
        return FormulaError(f'"{token}" is a second comparison.', at, 'Join two comparisons with "and".')
    if token.type == "IF":
        return FormulaError('"if" stands where it cannot.', at, 'Write "a if condition else b".')
    if token.type in ("NUMBER", "NAME", "PERCENT", "MONEY", "DATE", "DURATION", "STRING"):
        hint = "An operator such as + - * / is missing before it."
        if token == "then":
            hint = 'Write "a if condition else b".'
        if token.type == "NAME" and text[:at].rstrip().endswith("="):
            hint = ""
        return FormulaError(f'"{token}" is not expected here.', at, hint)
    return FormulaError(f'"{token}" is not expected here.', at)


@cache
def _parser() -> Lark:
    from lark import Lark

    text = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True)


class _Build:
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
        return t.Literal(span, MONEY, _read(parse_number, token[:-4]))

    @staticmethod
    def duration(span: t.Span, token: Any) -> t.Node:
        count, word = str(token).split(" ")
        if word.startswith(("month", "year")):
            months = _read(parse_number, count) * (12 if word.startswith("year") else 1)
            if not isinstance(months, int):
                raise FormulaError("months are counted whole.", token.start_pos)
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


def _read(reader: Any, token: Any) -> Any:
    try:
        return reader(str(token))
    except ValueError as error:
        raise FormulaError(str(error), getattr(token, "start_pos", 0) or 0) from None


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
        raise FormulaError(f'"for" and "where" belong in {", ".join(AGGREGATES)}, not in {name}().', span[0])
    if name not in FUNCTIONS:
        from alliance.contract.faults import did_you_mean

        known = [*FUNCTIONS, *AGGREGATES, *HISTORY]
        raise FormulaError(
            f'"{name}" is not a function.',
            span[0],
            did_you_mean(name, known) or f"They are: {', '.join(sorted(set(known)))}.",
        )
    least, most = FUNCTIONS[name]
    if not least <= len(nodes) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise FormulaError(f"{name}() takes {wanted} values, not {len(nodes)}.", span[0])
    return t.Call(span, None, name, tuple(nodes))


def _aggregate(span: t.Span, name: str, nodes: list[t.Node], extra: dict[str, Any]) -> t.Node:
    over, where = extra.get("for", ""), extra.get("where")
    if len(nodes) > 1:
        raise FormulaError(f"{name}() over records takes one value.", span[0])
    value = nodes[0] if nodes else None
    if name == "count" and isinstance(value, t.Name) and not over and not value.attribute:
        return t.Aggregate(span, None, name, None, value.name, where)
    if name == "count" and value is not None:
        raise FormulaError("count() takes the name of records: count(discharges where palliative).", span[0])
    if name != "count" and value is None:
        raise FormulaError(f"{name}() needs a value to go through.", span[0])
    return t.Aggregate(span, None, name, value, over, where)
