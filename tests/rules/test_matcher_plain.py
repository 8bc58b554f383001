"""The plain matcher on small cases worked by hand, and against the most naive reading of a rule."""

from __future__ import annotations

import itertools
import operator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.rules.matcher import Fact, Join, MatchRule, Op, Pattern, RuleSet, Test, TooMany, match, plain
from tests.rules.matcher_cases import a_case
from tests.rules.matcher_helpers import PARTY, SCHEMA, VISIT, WAIVER, by_person, no_waiver, party, rules, visit

ADA = VISIT.fact(person="Ada", days=1, urgent=True)
BEN = VISIT.fact(person="Ben", days=5, urgent=False)
CAT = VISIT.fact(person="Cat", days=9, urgent=True)


def found(ruleset: RuleSet, facts: list[Fact]) -> list[tuple[int, ...]]:
    """The places of the facts of every match of a stage of one rule."""
    result = match(ruleset, facts, engine="plain")
    assert result.engines == ("plain",)
    return [tuple(place for _, place in found.facts) for found in result.matches]


@pytest.mark.parametrize(
    ("tests", "places"),
    [
        ((), [0, 1, 2]),
        ((Test("person", "==", "Ben"),), [1]),
        ((Test("person", "!=", "Ben"),), [0, 2]),
        ((Test("days", "<", 5),), [0]),
        ((Test("days", "<=", 5),), [0, 1]),
        ((Test("days", ">", 5),), [2]),
        ((Test("days", ">=", 5),), [1, 2]),
        ((Test("days", "!=", 5),), [0, 2]),
        ((Test("urgent", "==", True),), [0, 2]),
        ((Test("urgent", "==", True), Test("days", ">", 1)), [2]),
        ((Test("days", "==", 1), Test("days", "==", 5)), []),
        ((Test("person", "==", "Dan"),), []),
    ],
)
def test_tests(tests: tuple[Test, ...], places: list[int]) -> None:
    assert found(rules(visit("v", *tests)), [ADA, BEN, CAT]) == [(place,) for place in places]


@pytest.mark.parametrize(
    ("op", "pairs"),
    [
        ("==", [(1, 3)]),
        ("!=", [(0, 3), (2, 3)]),
        ("<", [(2, 3)]),
        ("<=", [(1, 3), (2, 3)]),
        (">", [(0, 3)]),
        (">=", [(0, 3), (1, 3)]),
    ],
)
def test_joins(op: Op, pairs: list[tuple[int, int]]) -> None:
    limit = PARTY.fact(name="Acute", limit=5, small=False)
    joined = party("p", joins=(Join("limit", op, "v", "days"),))
    assert found(rules(visit("v"), joined), [ADA, BEN, CAT, limit]) == pairs


def test_several_joins_and_tests() -> None:
    joined = party(
        "p", Test("limit", ">", 0), joins=(Join("name", "==", "v", "person"), Join("small", "==", "v", "urgent"))
    )
    facts = [
        ADA,
        BEN,
        *(PARTY.fact(name="Ada", limit=limit, small=small) for limit in (0, 1) for small in (True, False)),
    ]
    assert found(rules(visit("v"), joined), facts) == [(0, 4)]


def test_no_fact_stands_for_two_patterns_and_equal_facts_are_two() -> None:
    pair = rules(visit("a"), visit("b", joins=(by_person("a"),)))
    assert found(pair, [ADA, BEN]) == []
    assert found(pair, [ADA, ADA]) == [(0, 1), (1, 0)]


def test_absence() -> None:
    facts = [ADA, BEN, WAIVER.fact(person="Ada", days=5)]
    assert found(rules(visit("v"), no_waiver(joins=(by_person(),))), facts) == [(1,)]
    assert found(rules(visit("v"), no_waiver("w", Test("days", ">", 5), joins=(by_person(),))), facts) == [(0,), (1,)]
    assert found(rules(visit("v"), no_waiver(joins=(Join("days", "==", "v", "days"),))), facts) == [(0,)]
    assert found(rules(visit("v"), no_waiver()), facts) == []
    assert found(rules(visit("v"), no_waiver()), facts[:2]) == [(0,), (1,)]


def test_absence_between_facts() -> None:
    ruleset = rules(visit("v"), no_waiver(joins=(by_person(),)), party("p", joins=(Join("name", "!=", "v", "person"),)))
    acute = PARTY.fact(name="Acute", limit=1, small=False)
    result = match(ruleset, [ADA, acute, BEN, WAIVER.fact(person="Ada", days=1)], engine="plain")
    assert [found.facts for found in result.matches] == [(("v", 2), ("p", 1))]


def test_the_order_of_matches_is_that_of_rules_then_facts() -> None:
    late = MatchRule("late", 2, (visit("v", Test("days", ">", 1)),))
    every = MatchRule("every", -1, (visit("v"),))
    result = match(RuleSet(SCHEMA, (late, every)), [CAT, ADA, BEN], engine="plain")
    assert [(found.rule, found.facts[0][1]) for found in result.matches] == [
        *(("every", place) for place in (0, 1, 2)),
        *(("late", place) for place in (0, 2)),
    ]


def test_nothing_matches_nothing() -> None:
    assert found(rules(visit("v"), no_waiver()), []) == []
    assert match(RuleSet(SCHEMA, ()), [ADA], engine="plain").matches == ()


def test_few_facts_make_few_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "LEAST_ROWS", 4)
    monkeypatch.setattr(plain, "ROWS_A_FACT", 4)
    ruleset = RuleSet(SCHEMA, (MatchRule("r0", 0, (visit("a"), visit("b"))),))
    assert len(match(ruleset, [ADA, BEN, CAT], engine="plain").matches) == 6
    monkeypatch.setattr(plain, "ROWS_A_FACT", 1)
    with pytest.raises(TooMany, match="above 7"):
        match(ruleset, [ADA, BEN, CAT], engine="plain")
    apart = RuleSet(SCHEMA, (MatchRule("r0", 0, (visit("a"), no_waiver())),))
    assert len(match(apart, [ADA, BEN, CAT], engine="plain").matches) == 3


def test_too_many_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MAX_ROWS", 20)
    ruleset = RuleSet(SCHEMA, tuple(MatchRule(f"r{order}", order, (visit("a"), visit("b"))) for order in range(3)))
    assert len(match(ruleset, [ADA, BEN], engine="plain").matches) == 6
    with pytest.raises(TooMany, match='The rule "r2" brings the number of combinations of facts above 20'):
        match(ruleset, [ADA, BEN, CAT], engine="plain")


COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def naive(ruleset: RuleSet, facts: list[Fact]) -> list[tuple[int, tuple[int, ...]]]:
    """Every choice of facts tried for every rule, word for word as the rules are defined."""

    def value(place: int, field: str) -> Any:
        fields = [name for name, _ in ruleset.schema[facts[place].type].fields]
        return facts[place].values[fields.index(field)]

    def fits(pattern: Pattern, place: int, chosen: dict[str, int]) -> bool:
        return (
            facts[place].type == pattern.type
            and place not in chosen.values()
            and all(COMPARE[test.op](value(place, test.field), test.constant) for test in pattern.tests)
            and all(
                COMPARE[join.op](value(place, join.field), value(chosen[join.other_alias], join.other_field))
                for join in pattern.joins
            )
        )

    def holds(rule: MatchRule, places: tuple[int, ...]) -> bool:
        chosen: dict[str, int] = {}
        left = list(places)
        for pattern in rule.patterns:
            if pattern.absent:
                if any(fits(pattern, place, chosen) for place in range(len(facts))):
                    return False
            else:
                place = left.pop(0)
                if not fits(pattern, place, chosen):
                    return False
                chosen[pattern.alias] = place
        return True

    return sorted(
        (rule.order, places)
        for rule in ruleset.rules
        for places in itertools.permutations(range(len(facts)), len(rule.aliases))
        if holds(rule, places)
    )


@given(st.randoms(use_true_random=False))
def test_the_plain_matcher_is_right(random: Random) -> None:
    ruleset, facts = a_case(random)
    few = facts[:5]
    small = RuleSet(ruleset.schema, tuple(rule for rule in ruleset.rules if len(rule.aliases) <= 3)[:6])
    result = match(small, few, engine="plain")
    assert [(found.order, tuple(place for _, place in found.facts)) for found in result.matches] == naive(small, few)
