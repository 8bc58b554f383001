"""Generated rules and facts within the safe subset, for trying the two matchers against each other.

One generator serves both hypothesis, which hands in a `Random` that it can shrink, and the long runs of
`fuzz_matcher.py`, where a case is named by its seed and number.
"""

from __future__ import annotations

from collections import Counter
from random import Random

from alliance.rules.matcher import Fact, Join, MatchRule, Pattern, RuleSet, Schema, Test
from alliance.rules.matcher.safe import OPERATORS
from alliance.rules.matcher.types import FactType, Kind, Value

# Combinations of facts that one rule may have to look at.
MOST_ROWS = 3000

NAMES = ("a", "b2", "person", "_x", "Days", "all", "any", "count", "pri", "name", "m", "not_", "kind", "end")
INTS = (0, 1, -1, 2, 3, 7, 10, -10, 100, 2**31 - 1, 2**31, -(2**31) - 1, 2**53, -(2**53), 2**53 - 1)
# Texts that look like other things, or like the JSON around them, or alike.
TEXTS = (
    *("", " ", "a", "ab", "abc", "A", "true", "false", "null", "NaN", "0", "1", "-1", "1.0", "$end", "t", "id"),
    *('"', '\\"', "\\", "\\\\", "'", "{", "}", "]", ",", ":", '"}', '","t":"', "\n", "\t", "\x00", "a\x00", "\x7f"),
    *(
        "é",
        "e\u0301",
        "ß",
        "名前",
        "\u2028",
        "😀",
        "\\ud83d\\ude00",
        "costarring",
        "liquid",
        "x" * 300,
        "x" * 299 + "y",
    ),
)


def a_case(random: Random) -> tuple[RuleSet, list[Fact]]:
    """Rules and facts that `check` accepts."""
    pools: dict[str, tuple[Value, ...]] = {
        "int": tuple(random.choices(INTS, k=random.randint(1, 4))),
        "text": tuple(random.choices(TEXTS, k=random.randint(1, 4))),
        "bool": (True, False),
    }
    types = [_fact_type(random, f"type{number}") for number in range(random.randint(1, 4))]
    absent = {fact_type.name for fact_type in types[1:] if random.random() < 0.4}
    facts = _facts(random, types, pools)
    counts = Counter(fact.type for fact in facts)
    # Now and then so many that one ruleset of the package cannot hold them.
    wide = random.random() < 0.05
    rules = tuple(
        MatchRule(f"rule {order}", order, _patterns(random, types, absent, pools, counts))
        for order in range(random.randint(40, 90) if wide else random.randint(0, 6))
    )
    shuffled = random.sample(rules, len(rules))
    return RuleSet(Schema(tuple(types)), tuple(shuffled)), facts


def _fact_type(random: Random, name: str) -> FactType:
    kinds: tuple[Kind, ...] = ("int", "text", "bool")
    fields = random.sample(NAMES, random.randint(1, 4))
    return FactType(name, tuple((field, random.choice(kinds)) for field in fields))


def _facts(random: Random, types: list[FactType], pools: dict[str, tuple[Value, ...]]) -> list[Fact]:
    facts: list[Fact] = []
    for _ in range(random.choice((0, 1, 2, 4, 8, 12, 12, 30))):
        fact_type = random.choice(types)
        fact = Fact(fact_type.name, tuple(random.choice(pools[kind]) for _, kind in fact_type.fields))
        facts += [fact] * random.choice((1, 1, 1, 2))
    return random.sample(facts, len(facts))


def _patterns(
    random: Random,
    types: list[FactType],
    absent_types: set[str],
    pools: dict[str, tuple[Value, ...]],
    counts: Counter[str],
) -> tuple[Pattern, ...]:
    patterns: list[Pattern] = []
    required: dict[str, FactType] = {}
    rows = 1
    for number, alias in enumerate(random.sample(NAMES, random.choice((1, 2, 2, 3, 3, 4, 8)))):
        fact_type = random.choice(types if number else [t for t in types if t.name not in absent_types])
        absent = fact_type.name in absent_types
        if not absent:
            rows *= max(counts[fact_type.name], 1)
            if patterns and rows > MOST_ROWS:
                break
        tests = [_test(random, fact_type, pools) for _ in range(random.choice((0, 0, 1, 1, 2, 3)))]
        joins = [_join(random, fact_type, required) for _ in range(random.choice((0, 1, 1, 2, 3)))] if required else []
        kept = tuple(join for join in joins if join is not None)
        patterns.append(Pattern(alias, fact_type.name, tuple(tests), kept, absent))
        if not absent:
            required[alias] = fact_type
    return tuple(patterns)


def _test(random: Random, fact_type: FactType, pools: dict[str, tuple[Value, ...]]) -> Test:
    field, kind = random.choice(fact_type.fields)
    return Test(field, random.choice(OPERATORS[kind]), random.choice(pools[kind]))  # type: ignore[arg-type]


def _join(random: Random, fact_type: FactType, required: dict[str, FactType]) -> Join | None:
    field, kind = random.choice(fact_type.fields)
    alias = random.choice(list(required))
    others = [other for other, other_kind in required[alias].fields if other_kind == kind]
    if not others:
        return None
    # Mostly equality, as in rule packs.
    op = "==" if random.random() < 0.6 else random.choice(OPERATORS[kind])
    return Join(field, op, alias, random.choice(others))  # type: ignore[arg-type]
