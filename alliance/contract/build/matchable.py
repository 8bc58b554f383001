"""Whether the tests of a rule can be matched: what each atom reads, and how much there is to match together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.formula import tree as t
from alliance.contract.formula.clauses import Alternative, Atom, TooMany, absent_ways, alternatives, facts_read
from alliance.contract.formula.scope import PARTY
from alliance.contract.source_nodes import Scalar

MOST_FACTS = 8
MOST_ATOMS = 30
MOST_TERMS = 18


def check_matchable(
    b: Builder,
    rule: Scalar,
    patterns: tuple[e.Pattern, ...],
    tests: tuple[e.Expr, ...],
    absent: tuple[e.Absence, ...],
) -> None:
    """Faults where the tests of a rule cannot be matched."""
    loops = {name: frozenset(loop.fields) for name, loop in b.loops.items()}
    single, bound = single_of(patterns), bound_by(patterns)
    for expr in (*tests, *(a.test for a in absent)):
        _check_atoms(b, expr, single, bound, loops)
    try:
        ways = alternatives(x.node for x in tests)
        gone = [absent_ways(a.test.node, len(facts_read(a.test.node, single, bound, loops))) for a in absent]
    except TooMany:
        ways, gone = [], []
    every = (*ways, *(w for g in gone for w in g))
    atoms = {a for way in every for a in way}
    longest = max((_terms(w, single, bound, loops) for w in every), default=0)
    count = len(patterns) + sum(_options(w, single, bound, loops) for g in gone for w in g)
    if not ways or len(atoms) > MOST_ATOMS or longest > MOST_TERMS or count > MOST_FACTS:
        message = f'the tests of the rule "{rule}" are too many to be matched together.'
        b.fault("AC172", rule.mark, message, "Name a part of them as a figure, or make several rules.")


def ways_of(rule: e.Rule) -> int:
    """In how many ways the tests of a rule can be met."""
    return len(alternatives(x.node for x in rule.tests))


def _check_atoms(
    b: Builder, expr: e.Expr, single: str, bound: Mapping[str, str], loops: Mapping[str, frozenset[str]]
) -> None:
    try:
        found = alternatives([expr.node])
    except TooMany:
        return
    for atom in {a for alternative in found for a in alternative}:
        problem = unmatched(atom, single, bound, loops)
        if problem:
            hint = "Compare something of one with something of the other."
            b.fault("AC172", b.inside(Scalar(expr.text, expr.mark), atom.node.span[0]), problem, hint)


def _terms(way: Alternative, single: str, bound: Mapping[str, str], loops: Mapping[str, frozenset[str]]) -> int:
    """How many tests and joins an alternative comes to at most."""
    return sum(3 if len(facts_read(a.node, single, bound, loops)) > 1 else 1 for a in way)


def _options(way: Alternative, single: str, bound: Mapping[str, str], loops: Mapping[str, frozenset[str]]) -> int:
    """How many absent facts an alternative comes to at most: a comparison of two facts that may be empty or unknown is
    taken apart."""
    found = 1
    for atom in way:
        if len(facts_read(atom.node, single, bound, loops)) > 1:
            refs = [n for n in atom.node.walk() if isinstance(n, t.Ref)]
            found *= 1 if atom.holds and all(n.kind in ("fact", "field", "binding", "period") for n in refs) else 5
    return found


def single_of(patterns: Iterable[e.Pattern]) -> str:
    """What the fields that stand by themselves belong to."""
    return next((p.called for p in patterns if not p.alias), "")


def bound_by(patterns: Iterable[e.Pattern]) -> dict[str, str]:
    """The fact that holds each party or category in hand, by dimension and by its name."""
    found: dict[str, str] = {}
    for p in patterns:
        if p.kind in ("party", "category"):
            found |= dict.fromkeys((p.source, p.called, PARTY if p.kind == "party" else p.source), p.called)
    return found


def unmatched(atom: Atom, single: str, bound: Mapping[str, str], loops: Mapping[str, frozenset[str]]) -> str:
    """Why an atom cannot be matched; nothing where it can: it reads one fact, or compares one with another."""
    if len(facts_read(atom.node, single, bound, loops)) <= 1:
        return ""
    if isinstance(atom.node, t.Compare):
        sides = [facts_read(s, single, bound, loops) for s in (atom.node.left, atom.node.right)]
        if all(len(s) <= 1 for s in sides):
            return ""
    return "a test reads several facts at once."
