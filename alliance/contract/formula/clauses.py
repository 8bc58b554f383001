"""The rules engine's reading of a formula: a test as alternatives, each a list of atoms that must hold or fail.

An atom is what a matcher compares: a comparison, or anything else that is true or false as a whole. `and`, `or` and
`not` are taken apart; in three-valued logic a test is true exactly where all atoms of some alternative are (true, or
false where they stand under `not`), so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from alliance.contract.formula import tree as t

MOST = 64
"""The most alternatives of one rule."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of a test that is compared as a whole, and whether it must hold."""

    node: t.Node
    holds: bool


Alternative = tuple[Atom, ...]


class TooMany(ValueError):
    """A test with more alternatives than a rule may have."""


def alternatives(tests: Iterable[t.Node]) -> list[Alternative]:
    """The alternatives under which every test is true. Raises `TooMany`."""
    found: list[Alternative] = [()]
    for test in tests:
        found = _both(found, _taken_apart(test, True))
    return [tuple(dict.fromkeys(a)) for a in found]


def absent_ways(test: t.Node, facts: int) -> list[Alternative]:
    """The ways in which a fact can be what should be absent. Where its test reads no other fact it is taken whole."""
    found = alternatives([test])
    return found if len(found) == 1 or facts > 1 else [(Atom(test, True),)]


def _taken_apart(node: t.Node, holds: bool) -> list[Alternative]:
    if isinstance(node, t.Not):
        return _taken_apart(node.of, not holds)
    if isinstance(node, t.Logic):
        parts = [_taken_apart(item, holds) for item in node.items]
        if (node.op == "and") is holds:
            found: list[Alternative] = [()]
            for part in parts:
                found = _both(found, part)
            return found
        either = [alternative for part in parts for alternative in part]
        if len(either) > MOST:
            raise TooMany
        return either
    return [(Atom(node, holds),)]


def _both(first: list[Alternative], second: list[Alternative]) -> list[Alternative]:
    if len(first) * len(second) > MOST:
        raise TooMany
    return [(*a, *b) for a, b in product(first, second)]


def facts_read(
    node: t.Node, single: str, bound: Mapping[str, str], loops: Mapping[str, Collection[str]]
) -> frozenset[str]:
    """The facts that a part of a test reads, by what its rule calls them.

    `single` is what unnamed fields belong to (empty where there are none), `bound` the fact that holds each dimension
    (a party, a category), `loops` the fields of what sums go through, which are theirs and not the fact's.
    """
    found: set[str] = set()
    waiting: list[tuple[t.Node, frozenset[str]]] = [(node, frozenset())]
    while waiting:
        part, hidden = waiting.pop()
        if isinstance(part, t.Ref):
            if part.kind == "fact":
                found.add(part.name)
            elif part.kind in ("field", "binding", "party_field") and part.name not in hidden and single:
                found.add(single)
            elif part.kind == "binding" and part.name in bound and part.name not in hidden:
                found.add(bound[part.name])
            elif part.by in bound and part.by not in hidden:
                found.add(bound[part.by])
            elif part.kind == "party_field" and "party" in bound and "party" not in hidden:
                found.add(bound["party"])
        inner = hidden
        if isinstance(part, t.Aggregate):
            inner = hidden | frozenset(loops.get(part.over, ()))
        if isinstance(part, t.By):
            waiting.append((part.key, hidden))
            continue
        waiting += [(p, inner) for p in part.parts()]
    return frozenset(found)
