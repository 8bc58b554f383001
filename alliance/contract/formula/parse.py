"""Text to tree: the grammar through lark's LALR parser, with limits, and faults in plain words."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from alliance.contract.formula import tree as t
from alliance.contract.formula.building import Build, FormulaError
from alliance.contract.numbers import parse_date
from alliance.contract.source_text import named

if TYPE_CHECKING:
    from lark import Lark, Tree

MAX_LENGTH = 4_000
MAX_BRACKETS = 60
MAX_DEPTH = 120
MAX_NODES = 600

_OTHERWISE_READ = re.compile(
    r"""
    "[^"\n]*" | '[^'\n]*'  # texts in quotes say what they like
    | (?P<comma>(?<![\w.])[0-9]{1,3}(?:,[0-9]{3})+(?![\w]))  # max(1,000, 2) would be three values
    | (?P<date>(?<![\w.])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![\w]))  # 2026-4-1 would be 2021
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(r"""[][()]|"[^"]*"|'[^']*'""")
_CHARACTERS = {
    "^": "Powers are not part of the language; multiply instead.",
    "!": 'Write "not" or "!=".',
    "&": 'Write "and".',
    "|": 'Write "or".',
    "£": 'Write sums of money as "500.00 GBP".',
    "$": 'Write sums of money as "500.00 USD".',
    "€": 'Write sums of money as "500.00 EUR".',
    "?": 'Write "a if condition else b".',
    '"': "The text is not closed by another quote.",
    "'": "The text is not closed by another quote.",
    "\u201c": 'Write straight quotes: "text".',
    "\u201d": 'Write straight quotes: "text".',
    "\u2018": 'Write straight quotes: "text".',
    "\u2019": 'Write straight quotes: "text".',
    "\u2212": "Write the minus sign as a hyphen: -.",
    "\u2013": "Write the minus sign as a hyphen: -.",
    "\u00d7": "Write * between the two.",
    "\u00f7": "Write / between the two.",
    "\u2264": "Write <=.",
    "\u2265": "Write >=.",
    "\u2260": "Write !=.",
}
_VALUES = ("NUMBER", "NAME", "PERCENT", "MONEY", "DATE", "DURATION", "STRING")


@lru_cache(maxsize=16_384)
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
    _check_numbers(text)
    from lark.exceptions import UnexpectedCharacters, UnexpectedToken

    try:
        found = _parser().parse(text)
    except UnexpectedCharacters as error:
        raise _unexpected_character(text, int(getattr(error, "pos_in_stream", 0))) from None
    except UnexpectedToken as error:
        raise _unexpected_token(text, error.token) from None
    return _built(found)


def _check_nesting(text: str) -> None:
    depth = 0
    for at, character in enumerate(text):
        if character in "([":
            depth += 1
            if depth > MAX_BRACKETS:
                raise FormulaError(
                    f"brackets are nested more than {MAX_BRACKETS} deep.", at, "Name a part as a figure."
                )
        elif character in ")]":
            depth -= 1


def _check_numbers(text: str) -> None:
    """Refuse what has a meaning by the grammar that nobody who writes it can mean."""
    for found in _OTHERWISE_READ.finditer(text):
        if found["comma"]:
            spelled = found["comma"].replace(",", "_")
            hint = f"Write {spelled}; between two values put a space after the comma."
            raise FormulaError(f'"{found["comma"]}" has commas in it.', found.start(), hint)
        if found["date"]:
            try:
                parse_date(found["date"])
            except ValueError as error:
                raise FormulaError(str(error), found.start()) from None


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
        if depth > MAX_DEPTH:
            message = f"the parts of the formula are nested more than {MAX_DEPTH} deep."
            raise FormulaError(message, 0, "Name parts of it as figures.")
        span = (part.meta.start_pos, part.meta.end_pos) if not part.meta.empty else (0, 0)
        done[id(part)] = getattr(Build, part.data)(span, *children)
        depths[id(part)] = depth
    node: t.Node = done[id(tree)]
    return node


def _unexpected_character(text: str, at: int) -> FormulaError:
    character = text[at]
    if not character.isprintable():
        hint = "Type an ordinary space instead." if character.isspace() else "Remove it."
        return FormulaError(f"the character {named(character)} is not expected here.", at, hint)
    return FormulaError(f'"{character}" is not expected here.', at, _CHARACTERS.get(character, ""))


def _unexpected_token(text: str, token: Any) -> FormulaError:
    opened = _open_bracket(text)
    if token.type == "$END" and opened is not None:
        return FormulaError("the bracket that opens here is not closed.", opened, "Close it.")
    if token.type == "$END":
        return FormulaError("the formula ends too soon.", len(text), "Something is missing at its end.")
    at: int = token.start_pos
    if token.type == "RPAR" and text[:at].count("(") <= text[:at].count(")"):
        return FormulaError("the bracket that closes here was not opened.", at, "Remove it, or open it.")
    before = text[:at].rstrip()
    shown = token if len(token) <= 40 else f"{token[:39]}…"
    if token.type == "COMPARE":
        mistaken = {"<>": "!=", "=>": ">=", "=<": "<="}.get(before[-1:] + token)
        if mistaken and before == text[:at]:
            return FormulaError(f'"{before[-1]}{token}" is not a comparison.', at - 1, f'Write "{mistaken}".')
        hint = 'Write two, joined with "and": a < x and x < b.'
        return FormulaError(f'"{token}" is a second comparison.', at, hint)
    return FormulaError(f'"{shown}" is not expected here.', at, _token_hint(before, token))


def _open_bracket(text: str) -> int | None:
    """Where the innermost bracket stands that is not closed, if one is not."""
    opened: list[int] = []
    for found in _BRACKETS.finditer(text):
        if found.group() in ("(", "["):
            opened.append(found.start())
        elif found.group() in (")", "]") and opened:
            opened.pop()
    return opened[-1] if opened else None


def _token_hint(before: str, token: Any) -> str:
    """What to do about a token that cannot stand where it does."""
    last = before.rpartition(" ")[2].lower()
    if token == "then" or last == "if":
        return 'Write "a if condition else b".'
    if last == "is":
        return 'After "is" comes known or missing; otherwise compare with "=".'
    if last == "in":
        return 'After "in" comes a list in brackets: kind in (gas, water).'
    if token == "*" and before.endswith("*"):
        return _CHARACTERS["^"]
    if token == "." and before[-1:].isdigit():
        return "Leave the full stop out, or write the decimals after it."
    if token.type in _VALUES:
        return "An operator such as + - * / is missing before it."
    return ""


@cache
def _parser() -> Lark:
    from lark import Lark

    text = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True)
