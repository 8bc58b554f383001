"""Rules and facts as the texts that the C module reads, in the one form of them that was measured to be right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alliance.rules.matcher.types import Fact, Join, MatchRule, Pattern, RuleSet, Schema, Test

# The package keeps what is still to be tried for a fact on a stack of 64, and gives up with an error beyond. At most
# one entry stands there for each pattern on the fact's type.
MAX_PATTERNS_PER_TYPE = 60
# What the package was measured up to; it takes 4,096, and looks at each of them for every match.
MAX_RULES_PER_SHARD = 1000

# No fact type and no rule can be called this: "$" is in no plain name, and rules are called by number.
SENTINEL = "$end"

_OPERATORS = {"!=": "$neq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}

# Goes after the joins of a pattern. The package leaves a sequence of joins, when one is false, by walking to the next
# end mark, and after a false last join it starts past the only one: it read beyond its array there, and crashed or
# joined wrongly. This holds for every fact, and brings an end mark of its own to stop at.
_GUARD: dict[str, object] = {"$and": [{"$ex": {"t": 1}}]}


@dataclass(frozen=True, slots=True)
class Shard:
    """Rules that fit in one ruleset of the package: the text that makes it, and the types of fact that they ask for."""

    rules: tuple[MatchRule, ...]
    text: str
    types: frozenset[str]


def shards(ruleset: RuleSet) -> list[Shard]:
    """The rules in as many parts as the package needs. A rule stays whole, so the answers need only be put together."""
    parts: list[list[MatchRule]] = []
    patterns: Counter[str] = Counter()
    for rule in ruleset.rules:
        needed = Counter(pattern.type for pattern in rule.patterns)
        full = any(patterns[name] + count > MAX_PATTERNS_PER_TYPE for name, count in needed.items())
        if not parts or full or len(parts[-1]) == MAX_RULES_PER_SHARD:
            parts.append([])
            patterns.clear()
        parts[-1].append(rule)
        patterns += needed
    return [_shard(part) for part in parts]


def _shard(rules: Sequence[MatchRule]) -> Shard:
    # Called by number, since a rule's own name may hold anything.
    document: dict[str, object] = {
        str(number): {"all": [_pattern(pattern) for pattern in rule.patterns]} for number, rule in enumerate(rules)
    }
    # Last, so that it fires after all the others.
    document[SENTINEL] = {"all": [{"end": {"t": SENTINEL}}]}
    types = frozenset(pattern.type for rule in rules for pattern in rule.patterns)
    return Shard(tuple(rules), _json(document), types)


def _pattern(pattern: Pattern) -> dict[str, object]:
    """One flat conjunction: the type, the tests, the joins, the guard. Alternatives are several rules."""
    terms: list[dict[str, object]] = [{"t": pattern.type}]
    terms += (_term(test, test.constant) for test in pattern.tests)
    if pattern.joins:
        terms += (_term(join, {join.other_alias: join.other_field}) for join in pattern.joins)
        terms.append(_GUARD)
    return {pattern.alias + ("$not" if pattern.absent else ""): {"$and": terms}}


def _term(term: Test | Join, right: object) -> dict[str, object]:
    if term.op == "==":
        return {term.field: right}
    return {_OPERATORS[term.op]: {term.field: right}}


def fact_texts(schema: Schema, facts: Sequence[Fact]) -> list[str]:
    """The facts as the package reads them, numbered from 1 in the order of the list.

    Numbered so that facts that are equal stay apart: without an id of its own a fact is known by the hash of its
    content, and its double is dropped. An id is known by its hash too; those of the numbers up to 797,185 all differ.
    """
    names = {fact_type.name: [name for name, _ in fact_type.fields] for fact_type in schema.types}
    return [
        _json({"id": str(place), "t": fact.type} | dict(zip(names[fact.type], fact.values, strict=True)))
        for place, fact in enumerate(facts, start=1)
    ]


def sentinel_text(number: int) -> str:
    """A fact that fires the sentinel rule. Its number must be no other fact's."""
    return _json({"id": str(number), "t": SENTINEL})


def _json(value: object) -> str:
    # The package compares text as it is written, escapes and all: rules and facts must go through one writer.
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
