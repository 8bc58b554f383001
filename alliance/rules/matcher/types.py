"""What both matchers read and return: a schema, facts, rules, and the matches found.

A rule asks for facts, one for each of its patterns. A fact fits a pattern when it is of the pattern's type, passes its
tests, and agrees by its joins with the facts chosen for earlier patterns. An absent pattern asks that no fact fits.
Within one match no fact stands for two patterns (durable_rules calls this "distinct"). Facts that are equal are still
separate facts, known by their places in the list of facts.

>>> schema = Schema.of({"visit": {"person": "text", "days": "int"}, "waiver": {"person": "text"}})
>>> late = MatchRule(
...     "late",
...     1,
...     (
...         Pattern("v", "visit", tests=(Test("days", ">", 2),)),
...         Pattern("w", "waiver", joins=(Join("person", "==", "v", "person"),), absent=True),
...     ),
... )
>>> RuleSet(schema, (late,)).check()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from alliance.rules.matcher import safe
from alliance.rules.matcher.errors import FactError, RuleSetError

Kind = Literal["int", "text", "bool"]
Op = Literal["==", "!=", "<", "<=", ">", ">="]
# True and False are ints to Python; they are told apart by their exact type wherever a kind is checked.
Value = int | str


@dataclass(frozen=True, slots=True)
class FactType:
    """A type of fact: its name, and its fields in order with the kind of each."""

    name: str
    fields: tuple[tuple[str, Kind], ...]

    def fact(self, **values: Value) -> Fact:
        """A fact of this type, from its values by name.

        >>> FactType("visit", (("person", "text"), ("days", "int"))).fact(days=3, person="p1")
        Fact(type='visit', values=('p1', 3))
        """
        names = [name for name, _ in self.fields]
        if values.keys() != set(names):
            wrong = ", ".join(sorted(values.keys() ^ set(names)))
            raise FactError(f'A "{self.name}" has exactly the fields of its type; missing or unknown: {wrong}.')
        return Fact(self.name, tuple(values[name] for name in names))


@dataclass(frozen=True, slots=True)
class Schema:
    """The types of fact that rules may speak of."""

    types: tuple[FactType, ...]

    @classmethod
    def of(cls, types: Mapping[str, Mapping[str, Kind]]) -> Schema:
        """A schema from plain mappings: type name -> field name -> kind."""
        return cls(tuple(FactType(name, tuple(fields.items())) for name, fields in types.items()))

    def __getitem__(self, name: str) -> FactType:
        for fact_type in self.types:
            if fact_type.name == name:
                return fact_type
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: the name of its type, and its values in the order of the type's fields."""

    type: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A field of the fact compared with a constant: ints by any operator, text by == and !=, truth by == alone."""

    __test__: ClassVar[bool] = False  # pytest: this is not a class of tests

    field: str
    op: Op
    constant: Value


@dataclass(frozen=True, slots=True)
class Join:
    """A field of the fact compared with a field of an earlier pattern's fact, of one kind, by a test's operators."""

    field: str
    op: Op
    other_alias: str
    other_field: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A fact that a rule asks for, or asks to be absent. Its alias is what joins and matches call it."""

    alias: str
    type: str
    tests: tuple[Test, ...] = ()
    joins: tuple[Join, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class MatchRule:
    """A rule: its name, its place among the rules of the stage, and its patterns in order."""

    name: str
    order: int
    patterns: tuple[Pattern, ...]

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that a match names: those of the facts that must be there."""
        return tuple(pattern.alias for pattern in self.patterns if not pattern.absent)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one stage over one schema."""

    schema: Schema
    rules: tuple[MatchRule, ...]

    def check(self) -> None:
        """Raise `RuleSetError`, with every reason, if the rules lie outside what is known to be matched right."""
        problems = safe.rule_problems(self)
        if problems:
            raise RuleSetError(problems)

    def absent_types(self) -> frozenset[str]:
        """The types of fact that some rule asks to be absent."""
        return frozenset(pattern.type for rule in self.rules for pattern in rule.patterns if pattern.absent)


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds, and its facts in the order of its patterns: alias, and place in the list of facts from 0."""

    rule: str
    order: int
    facts: tuple[tuple[str, int], ...]

    def sort_key(self) -> tuple[int, tuple[int, ...]]:
        return self.order, tuple(index for _, index in self.facts)
