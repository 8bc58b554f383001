"""The plain matcher: an independent reading of the same rules in ordinary Python.

It shares nothing with the durable_rules driver but the types, so that a mistake of one is not a mistake of the other.
A rule is read pattern by pattern: every row of facts chosen so far is extended by every fact that fits the next
pattern. Tests for equality and joins by equality are looked up in dictionaries; the rest are compared one by one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence

from alliance.rules.matcher.errors import TooMany
from alliance.rules.matcher.types import Fact, Join, Match, MatchRule, Pattern, RuleSet, Schema, Test, Value

# Rows made in one run, unfinished ones included. durable_rules keeps each of them in memory, some 300 bytes and more,
# and cannot be stopped; run first, this limit guards it too.
MAX_ROWS = 1_000_000
# And of few facts fewer: there is no end to what a few hundred of them can be put together to.
LEAST_ROWS, ROWS_A_FACT = 100_000, 50
TRIED_A_ROW = 10  # pairs of facts that are compared in the time in which a row is made

# Places in the list of facts, one for each alias met so far.
Row = tuple[int, ...]
# Facts of one type by the values of some of its fields.
Lookup = dict[tuple[Value, ...], list[int]]

_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _Over(Exception):
    """More rows than may be made."""


def matches(ruleset: RuleSet, facts: Sequence[Fact]) -> tuple[Match, ...]:
    """All matches, sorted by the order of the rule and then by the places of the facts.

    The rules and facts must have been checked. `TooMany` if there are more rows than so many facts may make.
    """
    index = _Index(ruleset.schema, facts)
    found: list[Match] = []
    most = rows_left = min(MAX_ROWS, LEAST_ROWS + ROWS_A_FACT * len(facts))
    for rule in ruleset.rules:
        try:
            rows, made = _rows(rule, index, rows_left)
        except _Over:
            raise TooMany(rule.name, most) from None
        rows_left -= made
        found += (Match(rule.name, rule.order, tuple(zip(rule.aliases, row, strict=True))) for row in rows)
    return tuple(sorted(found, key=Match.sort_key))


def _rows(rule: MatchRule, index: _Index, limit: int) -> tuple[list[Row], int]:
    """The rows of facts for which the rule holds, one fact for each alias, and how many rows were made on the way."""
    rows: list[Row] = [()]
    made = 0
    for number, pattern in enumerate(rule.patterns):
        if not rows:
            break
        fitting = _Fitting(pattern, rule.patterns[:number], index)
        if pattern.absent:
            rows = [row for row in rows if next(fitting.places(row), None) is None]
            made += fitting.tried // TRIED_A_ROW
            continue
        extended: list[Row] = []
        for row in rows:
            extended += ((*row, place) for place in fitting.places(row))
            if made + len(extended) + fitting.tried // TRIED_A_ROW > limit:
                raise _Over
        rows = extended
        made += len(rows) + fitting.tried // TRIED_A_ROW
    return rows, made


class _Index:
    """The facts of one run by type, and by the values of fields that equality is asked of. Built as it is asked."""

    def __init__(self, schema: Schema, facts: Sequence[Fact]) -> None:
        self.facts = facts
        self._columns = {
            fact_type.name: {name: column for column, (name, _) in enumerate(fact_type.fields)}
            for fact_type in schema.types
        }
        self._by_type: dict[str, list[int]] = {fact_type.name: [] for fact_type in schema.types}
        for place, fact in enumerate(facts):
            self._by_type[fact.type].append(place)
        self._lookups: dict[tuple[str, Row], Lookup] = {}
        self._passing: dict[tuple[str, tuple[Test, ...]], list[int]] = {}
        self._joined: dict[tuple[str, tuple[Test, ...], Row], Lookup] = {}

    def column(self, type_name: str, field: str) -> int:
        return self._columns[type_name][field]

    def passing(self, pattern: Pattern) -> list[int]:
        """The facts of the pattern's type that pass its tests."""
        key = (pattern.type, pattern.tests)
        if key not in self._passing:
            equal = [test for test in pattern.tests if test.op == "=="]
            places = self._by_type[pattern.type]
            if equal:
                columns = tuple(self.column(pattern.type, test.field) for test in equal)
                if (pattern.type, columns) not in self._lookups:
                    self._lookups[pattern.type, columns] = self._grouped(places, columns)
                places = self._lookups[pattern.type, columns].get(tuple(test.constant for test in equal), [])
            for test in pattern.tests:
                if test.op != "==":
                    compare, column = _COMPARE[test.op], self.column(pattern.type, test.field)
                    places = [place for place in places if compare(self.facts[place].values[column], test.constant)]
            self._passing[key] = places
        return self._passing[key]

    def joined(self, pattern: Pattern, columns: Row) -> Lookup:
        """The facts that pass the pattern's tests, by their values in the columns."""
        key = (pattern.type, pattern.tests, columns)
        if key not in self._joined:
            self._joined[key] = self._grouped(self.passing(pattern), columns)
        return self._joined[key]

    def _grouped(self, places: Sequence[int], columns: Row) -> Lookup:
        groups: Lookup = {}
        for place in places:
            values = self.facts[place].values
            groups.setdefault(tuple(values[column] for column in columns), []).append(place)
        return groups


class _Fitting:
    """One pattern made ready: which facts fit it, given the facts chosen for earlier patterns."""

    def __init__(self, pattern: Pattern, earlier: Sequence[Pattern], index: _Index) -> None:
        self._facts, self.tried = index.facts, 0
        there = {found.alias: (slot, found.type) for slot, found in enumerate(p for p in earlier if not p.absent)}

        def reading(join: Join) -> tuple[int, int, int, str]:
            slot, other_type = there[join.other_alias]
            return index.column(pattern.type, join.field), slot, index.column(other_type, join.other_field), join.op

        joins = [reading(join) for join in pattern.joins]
        equal = [join for join in joins if join[3] == "=="]
        self._keys = [(slot, other) for _, slot, other, _ in equal]
        self._lookup = index.joined(pattern, tuple(column for column, *_ in equal))
        self._compared = [(column, slot, other, _COMPARE[op]) for column, slot, other, op in joins if op != "=="]

    def places(self, row: Row) -> Iterator[int]:
        """The places of the facts that fit beside the row, in the order of the list of facts."""
        facts = self._facts
        for place in self._lookup.get(tuple(facts[row[slot]].values[other] for slot, other in self._keys), ()):
            self.tried += 1
            if place not in row and all(
                compare(facts[place].values[column], facts[row[slot]].values[other])
                for column, slot, other, compare in self._compared
            ):
                yield place
