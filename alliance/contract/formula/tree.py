"""The tree of a formula: one small frozen class for each thing that a formula can say.

The parser makes it with names as written (`Name`); the checker returns the same tree with a unit on every node and
every name resolved to a `Ref`. Readers (evaluation, English, and later column-wise, rules, SMT) walk the checked tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from alliance.contract.numbers import Number
from alliance.contract.units import Unit

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """Any node: the span of text it came from and, once checked, its unit."""

    span: Span
    unit: Unit | None

    def parts(self) -> Iterator[Node]:
        """The nodes directly below this one, in order."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Node):
                yield value
            elif isinstance(value, tuple):
                yield from (v for v in value if isinstance(v, Node))

    def walk(self) -> Iterator[Node]:
        """This node and every node below it."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(list(node.parts())))


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A fixed value: a number, percentage, sum of money, duration, date, category or truth."""

    value: Number | bool | date | str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name as written, with its attribute (`readmissions.value`) or none. The checker replaces it."""

    name: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Ref(Node):
    """A resolved name: what kind of thing it names (term, input, measure, figure, account, payment, field, ...).

    `by` is the dimension that must be known to read it (a role such as `provider`, or a category), empty if none.
    """

    kind: str
    name: str
    attribute: str
    by: str


@dataclass(frozen=True, slots=True)
class By(Node):
    """A reference read for a given party or category: `gain_rate by track`."""

    ref: Node
    key: Node


@dataclass(frozen=True, slots=True)
class On(Node):
    """A term read on a given date: `index on 2026-04-01`."""

    ref: Node
    date: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`+ - * /` of two values."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """The value with its sign turned."""

    of: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`= != < <= > >=` of two values."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class IsIn(Node):
    """Whether a value is one of several."""

    item: Node
    options: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`and` / `or` of two or more truths, three-valued."""

    op: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite of a truth."""

    of: Node


@dataclass(frozen=True, slots=True)
class IsKnown(Node):
    """Whether a value is usable."""

    of: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class IfElse(Node):
    """`a if c else b`. Only the branch taken is read."""

    then: Node
    test: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Fallback(Node):
    """`x else y`: y when x is not usable."""

    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of its arguments: min, max, clamp, abs, round, round_down, round_up, exp, ln, sqrt, days, month,
    year."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`sum`, `count`, `mean`, `min` or `max` over records or parties: `sum(cost for packages where verified)`.

    `over` is the name of what is gone through: records, a role, a category; empty for the group already in hand.
    """

    function: str
    value: Node | None
    over: str
    where: Node | None


@dataclass(frozen=True, slots=True)
class History(Node):
    """`last(x)` (the last final value for the same window) or `so_far(x)` (the sum so far this year)."""

    function: str
    ref: Node


def names(node: Node) -> Iterator[Ref]:
    """Every reference in a checked tree, in order."""
    return (n for n in node.walk() if isinstance(n, Ref))


def replaced(node: Node, **changes: Any) -> Any:
    """The node with some fields changed (dataclasses.replace, shorter to say)."""
    values = {f.name: getattr(node, f.name) for f in fields(node)}
    return type(node)(**(values | changes))
