"""Rules compiled for the matchers: what each asks of facts, as integers and texts compared with each other.

A test is taken apart into atoms (`alliance.contract.formula.clauses`). A field of a fact that is compared with a fixed
value becomes an integer test, scaled so that nothing is rounded; an atom that reads two facts becomes a join of two
integers that keep the order of the values; whatever else an atom reads (figures, sums, money, lateness) is worked out
exactly beforehand and comes to 1, 0 or, where it is not known, -1. Money never enters a matcher.

Every rule is compiled to be certain; where what it reads may be unknown it is compiled once more to be possible. What
is possible and not certain cannot be decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from typing import Any, cast

from alliance.contract import entries as e
from alliance.contract.build.matchable import bound_by, single_of
from alliance.contract.formula import tree as t
from alliance.contract.formula.clauses import Atom, absent_ways, alternatives, facts_read
from alliance.contract.formula.evaluate import Compiled, compiled
from alliance.rules.matcher import Join, Kind, MatchRule, Op, Pattern, Schema, Test

TRUE, FALSE, UNKNOWN = 1, 0, -1
MAX_FIELDS = 30
_SCALED = ("count", "days", "percent", "ratio", "date")
_SURE = ("field", "fact", "binding", "period", "party_field")
_OPS: dict[str, Op] = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE: dict[Op, Op] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_TURNED: dict[Op, Op] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Column:
    """A field of facts for the matchers. `kind`: verdict, scaled (by `scale`), text, rank (of all values that share
    `group`), or one (always 1). With `passes` it is 1 where its value compares so with a constant, else 0."""

    name: str
    kind: str
    run: Compiled | None = None
    scale: int = 1
    group: int = 0
    passes: tuple[Op, int | str] | None = None


@dataclass
class Table:
    """A type of fact for the matchers: where its facts come from, what tests call it, and its columns."""

    name: str
    pattern: e.Pattern
    columns: dict[Any, Column] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a compiled rule means: the rule, whether it is certain, and the facts of its aliases."""

    rule: e.Rule
    certain: bool
    aliases: Mapping[str, str]


@dataclass
class Stage:
    """The rules of one stage, compiled."""

    tables: list[Table]
    rules: list[MatchRule]
    meant: dict[str, Meant]

    def schema(self) -> Schema:
        def kind(column: Column) -> Kind:
            return "text" if column.kind == "text" and column.passes is None else "int"

        return Schema.of({table.name: {c.name: kind(c) for c in table.columns.values()} for table in self.tables})


Term = tuple[str, Test | Join]
"""A test or join, with the alias of the pattern that it belongs to."""


def stages(rules: Iterable[e.Rule], loops: Mapping[str, frozenset[str]]) -> list[Stage]:
    """Rules compiled, one stage after the other."""
    by_stage: dict[int, list[e.Rule]] = {}
    for rule in rules:
        by_stage.setdefault(rule.stage, []).append(rule)
    return [_Compiler(loops).stage(by_stage[n]) for n in sorted(by_stage)]


class _Compiler:
    """Compiles the rules of one stage."""

    def __init__(self, loops: Mapping[str, frozenset[str]]) -> None:
        self.loops = loops
        self.tables: list[Table] = []
        self.groups = 0

    def stage(self, rules: Sequence[e.Rule]) -> Stage:
        found: list[MatchRule] = []
        meant: dict[str, Meant] = {}
        for rule in rules:
            for certain in (True, False) if self._may_be_unknown(rule) else (True,):
                for patterns, aliases in self._compiled(rule, certain):
                    name = f"r{len(found)}"
                    found.append(MatchRule(name, len(found), patterns))
                    meant[name] = Meant(rule, certain, aliases)
        return Stage(self.tables, found, meant)

    @staticmethod
    def _may_be_unknown(rule: e.Rule) -> bool:
        """Whether a test reads anything that may not be known."""
        nodes = [x.node for x in rule.tests] + [a.test.node for a in rule.absent]
        return not all(sure(node) for node in nodes)

    def _compiled(self, rule: e.Rule, certain: bool) -> Iterator[tuple[tuple[Pattern, ...], dict[str, str]]]:
        """A rule as the matchers read it, an alternative at a time."""
        one = _One(self, rule)
        for alternative in alternatives(x.node for x in rule.tests):
            options = [one.terms(atom, certain) for atom in alternative]
            for chosen in product(*options):
                terms = [term for part in chosen for term in part]
                patterns = [one.pattern(p, terms) for p in rule.patterns]
                patterns += one.absent(certain)
                yield tuple(patterns), {one.alias[p.called]: p.called for p in rule.patterns}

    # tables and columns

    def table(self, pattern: e.Pattern, absent: bool) -> Table:
        """The table that holds a pattern's facts. What is asked to be absent is in tables of its own: no type of fact
        is asked for and asked to be absent in one stage."""
        key = (pattern.kind, pattern.source, pattern.alias, absent)
        for table in self.tables:
            known = (table.pattern.kind, table.pattern.source, table.pattern.alias, table.name.startswith("n"))
            if known == key and len(table.columns) < MAX_FIELDS:
                return table
        table = Table(f"{'n' if absent else 't'}{len(self.tables)}", pattern)
        table.columns["one"] = Column("c0", "one")
        self.tables.append(table)
        return table

    @staticmethod
    def column(table: Table, key: Any, kind: str, node: t.Node, scale: int = 1, group: int = 0) -> str:
        """The name of a column, made once."""
        if key not in table.columns:
            table.columns[key] = Column(f"c{len(table.columns)}", kind, compiled(node), scale, group)
        return table.columns[key].name


class _One:
    """Compiles one rule: keeps the tables of its patterns."""

    def __init__(self, compiler: _Compiler, rule: e.Rule) -> None:
        self.compiler, self.rule = compiler, rule
        self.single, self.bound = single_of(rule.patterns), bound_by(rule.patterns)
        self.patterns = {p.called: p for p in rule.patterns}
        self.tables = {p.called: compiler.table(p, False) for p in rule.patterns}
        self.alias = {p.called: f"a{i}" for i, p in enumerate(rule.patterns)}
        self.first = rule.patterns[0].called
        self.gone: str = ""  # the fact that is asked to be absent, while its test is read

    def reads(self, node: t.Node) -> frozenset[str]:
        return facts_read(node, self.single, self.bound, self.compiler.loops)

    def pattern(self, p: e.Pattern, terms: Iterable[Term]) -> Pattern:
        mine = list(dict.fromkeys(term for called, term in terms if called == p.called))
        tests = tuple(x for x in mine if isinstance(x, Test))
        joins = tuple(x for x in mine if isinstance(x, Join))
        return Pattern(self.alias[p.called], self.tables[p.called].name, tests, joins)

    def absent(self, certain: bool) -> Iterator[Pattern]:
        """The patterns of what is asked to be absent. A rule is certain where no fact could pass, and possible where
        none surely does."""
        for index, absence in enumerate(self.rule.absent):
            called = absence.pattern.called
            self.gone = called
            self.patterns[called] = absence.pattern
            self.tables[called] = self.compiler.table(absence.pattern, True)
            self.alias[called] = f"b{index}"  # last, so that joins are held by this pattern
            number = 0
            for alternative in absent_ways(absence.test.node, len(self.reads(absence.test.node))):
                for chosen in product(*(self.terms(a, not certain) for a in alternative)):
                    terms = [self._on_gone(term) for part in chosen for term in part]
                    found = self.pattern(absence.pattern, terms)
                    yield Pattern(f"b{index}_{number}", found.type, found.tests, found.joins, absent=True)
                    number += 1
            self.gone = ""

    def _on_gone(self, term: Term) -> Term:
        """A test of another fact, told of the one that is absent: its one equals 1 where the other passes."""
        called, said = term
        if called == self.gone or isinstance(said, Join):
            return term
        table = self.tables[called]
        column = next(c for c in table.columns.values() if c.name == said.field)
        key = ("told", column.name, said.op, said.constant)
        if key not in table.columns:
            table.columns[key] = replace(column, name=f"c{len(table.columns)}", passes=(said.op, said.constant))
        one = self.tables[self.gone].columns["one"].name
        return self.gone, Join(one, "==", self.alias[called], table.columns[key].name)

    # atoms

    def terms(self, atom: Atom, certain: bool) -> list[list[Term]]:
        """What an atom asks of the facts, as alternatives of tests and joins."""
        reads = self.reads(atom.node)
        if len(reads) > 1:
            return self._join(cast(t.Compare, atom.node), atom.holds, certain)
        called = next(iter(reads), self.gone or self.first)
        table = self.tables[called]
        direct = self._direct(atom, self.patterns[called], table)
        if direct is not None:
            return [[(called, direct)]]
        name = self.compiler.column(table, ("verdict", atom.node), "verdict", atom.node)
        if certain:
            return [[(called, Test(name, "==", TRUE if atom.holds else FALSE))]]
        return [[(called, Test(name, "!=", FALSE if atom.holds else TRUE))]]

    def _direct(self, atom: Atom, pattern: e.Pattern, table: Table) -> Test | None:
        """A field compared with a fixed value; None where the atom is anything else."""
        node = atom.node
        if not isinstance(node, t.Compare):
            return None
        left, right, op = node.left, node.right, _OPS[node.op]
        if isinstance(left, t.Literal):
            left, right, op = right, left, _TURNED[op]
        if not isinstance(right, t.Literal) or not _plain_field(left, pattern):
            return None
        assert left.unit is not None
        op = op if atom.holds else _OPPOSITE[op]
        if left.unit.kind in ("text", "category") and isinstance(right.value, str) and len(right.value) < 300:
            return Test(self.compiler.column(table, ("text", left), "text", left), op, right.value)
        if left.unit.kind not in _SCALED or isinstance(right.value, (bool, str)):
            return None
        value = Fraction(number_of(right.value))
        scale = value.denominator
        constant = code(value, scale)
        if abs(constant) >= 2**52 or scale >= 2**20:
            return None
        return Test(self.compiler.column(table, ("scaled", left, scale), "scaled", left, scale), op, constant)

    def _join(self, node: t.Compare, holds: bool, certain: bool) -> list[list[Term]]:
        """One fact compared with another, by the ranks of what is compared."""
        sides = [next(iter(self.reads(s)), self.gone or self.first) for s in (node.left, node.right)]
        order = [*self.alias]
        left, right, op = node.left, node.right, _OPS[node.op]
        if order.index(sides[0]) > order.index(sides[1]):
            left, right, sides, op = right, left, sides[::-1], _TURNED[op]
        earlier, later = sides
        group = self._group(node)
        a, b = (
            self.compiler.column(self.tables[c], ("rank", n, group), "rank", n, 1, group)
            for c, n in ((earlier, left), (later, right))
        )

        def both(how: Op) -> list[Term]:
            known: list[Term] = [(earlier, Test(a, ">", 0)), (later, Test(b, ">", 0))]
            return [*known, (later, Join(b, _TURNED[how], self.alias[earlier], a))]

        maybe = not certain and not all(sure(n) for n in (left, right))
        if not maybe and not any(self._may_be_empty(c, n) for c, n in ((earlier, left), (later, right))):
            how = op if holds else _OPPOSITE[op]
            if all(sure(n) for n in (left, right)):
                return [[(later, Join(b, _TURNED[how], self.alias[earlier], a))]]
            return [both(how)]
        found = [both(op if holds else _OPPOSITE[op])]
        if not holds:  # an empty field compares false
            found += [[(earlier, Test(a, "==", 0)), (later, Test(b, ">=", 0))]]
            found += [[(earlier, Test(a, ">", 0)), (later, Test(b, "==", 0))]]
        if maybe:
            found += [[(earlier, Test(a, "==", UNKNOWN))]]
            found += [[(earlier, Test(a, "!=", UNKNOWN)), (later, Test(b, "==", UNKNOWN))]]
        return found

    def _may_be_empty(self, called: str, node: t.Node) -> bool:
        """Whether a side of a comparison reads a field that may be empty."""
        p = self.patterns[called]
        read = {n.attribute if n.kind == "fact" else n.name for n in node.walk() if isinstance(n, t.Ref)}
        return p.kind == "raised" or bool(read & p.optional)

    def _group(self, node: t.Compare) -> int:
        """The number of a comparison whose two sides are ranked together."""
        self.compiler.groups += 1
        return self.compiler.groups


def sure(node: t.Node) -> bool:
    """Whether all that a part of a test reads is known, if only as empty."""
    return all(n.kind in _SURE for n in node.walk() if isinstance(n, t.Ref))


def _plain_field(node: t.Node, pattern: e.Pattern) -> bool:
    """Whether a node is a field of the fact that is never empty."""
    if not isinstance(node, t.Ref) or node.kind not in ("field", "fact"):
        return False
    name = node.attribute if node.kind == "fact" else node.name
    return name in pattern.fields and name not in pattern.optional and pattern.kind != "raised"


def number_of(value: Any) -> Any:
    """A number, or the number of a day."""
    return value.toordinal() if hasattr(value, "toordinal") else value


def code(value: Any, scale: int) -> int:
    """A value as an integer that compares with those of the same scale as the value does with theirs: twice the scaled
    value, rounded down, and one more where something was left over. Fixed values leave nothing over.

    >>> code(Fraction(1, 2), 2), code(Fraction(49, 100), 2), code(Fraction(51, 100), 2)
    (2, 1, 3)
    """
    scaled = Fraction(number_of(value)) * scale
    whole = scaled.numerator // scaled.denominator
    return max(min(2 * whole + (scaled != whole), 2**53), -(2**53))
