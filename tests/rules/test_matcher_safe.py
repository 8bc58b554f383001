"""What `check` and `check_facts` refuse: all that the package was measured to get wrong and that can be written."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest

from alliance.rules.matcher import (
    Fact,
    FactError,
    Join,
    MatchRule,
    Pattern,
    RuleSet,
    RuleSetError,
    Schema,
    Test,
    match,
    safe,
)
from alliance.rules.matcher.types import FactType
from tests.rules.matcher_helpers import SCHEMA, VISIT, WAIVER, by_person, no_waiver, party, rules, visit

NOT_INTS: tuple[Any, ...] = (1.0, None, Decimal(1), [1], {})


def problems(ruleset: RuleSet) -> tuple[str, ...]:
    with pytest.raises(RuleSetError) as raised:
        ruleset.check()
    assert str(raised.value).splitlines() == list(raised.value.problems)
    return raised.value.problems


def only(ruleset: RuleSet) -> str:
    (problem,) = problems(ruleset)
    return problem


def test_what_is_safe_passes() -> None:
    rules(
        visit("v", Test("days", ">", 2), Test("person", "!=", "x"), Test("urgent", "==", True)),
        party("p", joins=(Join("limit", "<", "v", "days"), Join("name", "==", "v", "person"))),
        no_waiver("w", joins=(by_person("v", "!="),)),
        visit("v2", joins=(Join("urgent", "==", "p", "small"),)),
    ).check()
    RuleSet(SCHEMA, ()).check()


def test_all_problems_are_told_at_once() -> None:
    found = problems(rules(no_waiver("w", Test("nights", "==", 1)), visit("v", Test("days", "==", "2"))))
    assert len(found) == 3


@pytest.mark.parametrize(
    ("names", "told"),
    [
        # FNV-1a is the package's idea of identity: these are one name to it.
        (("costarring", "liquid"), 'The field "liquid" has the hash of "costarring"'),
        (("declinate", "macallums"), 'The field "macallums" has the hash of "declinate"'),
        (("acfrsgcx",), 'has the hash of "id"'),
        (("kjbpwgi",), 'has the hash of "t"'),
        (("phvdmvd",), 'has the hash of "$and"'),
        (("eggobwn",), 'has the hash of "$ex"'),
        # Facts have these from the package; joining on them was measured wrong.
        (("id",), 'The field name "id" is reserved.'),
        (("sid",), 'The field name "sid" is reserved.'),
        (("t",), 'The field name "t" is reserved.'),
        (("a.b",), "not a plain name"),
        (("$s",), "not a plain name"),
        (("",), "not a plain name"),
        (("é",), "not a plain name"),
        (("\ud800",), "not a plain name"),
        (("a\n",), "not a plain name"),
        (("x" * 101,), "not a plain name"),
    ],
)
def test_field_names(names: tuple[str, ...], told: str) -> None:
    schema = Schema((FactType("thing", tuple((name, "int") for name in names)),))
    assert told in only(rules(Pattern("a", "thing"), schema=schema))


def test_names_of_other_types_collide_too() -> None:
    schema = Schema.of({"one": {"costarring": "int"}, "two": {"liquid": "int"}, "three": {"liquid": "int"}})
    assert "has the hash of" in only(RuleSet(schema, ()))


@pytest.mark.parametrize(
    ("aliases", "told"),
    [
        (("costarring", "liquid"), 'The alias "liquid" has the hash of "costarring"'),
        (("fhlajjn",), 'has the hash of "$m"'),
        (("bscxqgw",), 'has the hash of "$add"'),
        (("a$not",), "not a plain name"),
        (("a b",), "not a plain name"),
        (("a", "a"), '2 patterns have the alias "a"'),
    ],
)
def test_aliases(aliases: tuple[str, ...], told: str) -> None:
    assert told in only(rules(*(visit(alias) for alias in aliases)))


def test_aliases_may_be_what_fields_may_not() -> None:
    rules(visit("t"), visit("id"), visit("sid")).check()


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (Schema((VISIT, VISIT)), '2 fact types have the name "visit"'),
        (Schema((FactType("$end", ()),)), "not a plain name"),
        (Schema((FactType("x", (("a", "int"), ("a", "text"))),)), '2 fields of "x" have the name "a"'),
        (Schema.of({"x": {"a": "float"}}), "of the kind 'float'"),  # type: ignore[dict-item]
        (Schema.of({f"x{number}": {} for number in range(401)}), "401 fact types"),
        (Schema.of({"x": {f"f{number}": "int" for number in range(101)}}), "101 fields"),
    ],
)
def test_schemas(schema: Schema, told: str) -> None:
    assert told in only(RuleSet(schema, ()))


def test_a_test_of_a_field_of_no_kind() -> None:
    schema = Schema.of({"x": {"a": "float"}})  # type: ignore[dict-item]
    assert len(problems(rules(Pattern("a", "x", (Test("a", "==", 1),)), schema=schema))) == 2


@pytest.mark.parametrize(
    ("ruleset", "told"),
    [
        # The package never fires a rule whose first pattern is absent.
        (rules(no_waiver(), visit()), 'first pattern, "w", is absent'),
        (rules(no_waiver()), "requires no fact"),
        (rules(), "requires no fact"),
        # A match already made is not always withdrawn when a fact arrives that must be absent.
        (rules(visit("v"), visit("w", absent=True)), 'requires a fact of the type "visit"'),
        (rules(*(visit(f"v{number}") for number in range(9))), "9 patterns"),
        (rules(Pattern("a", "journey")), 'of the type "journey"'),
        (rules(visit("v", *[Test("days", ">", number) for number in range(21)])), "21 tests and joins"),
        (
            rules(visit("v"), visit("v2", *[Test("days", ">", 1)] * 12, joins=(by_person(),) * 9)),
            "21 tests and joins",
        ),
        (RuleSet(SCHEMA, (MatchRule("", 1, (visit(),)),)), "it has no name"),
        (RuleSet(SCHEMA, (MatchRule("a", 1, (visit(),)), MatchRule("a", 2, (visit(),)))), '2 rules have the name "a"'),
        (RuleSet(SCHEMA, (MatchRule("a", 1, (visit(),)), MatchRule("b", 1, (visit(),)))), '2 rules have the order "1"'),
        (RuleSet(SCHEMA, tuple(MatchRule(f"r{n}", n, (visit(),)) for n in range(4001))), "4001 rules"),
    ],
)
def test_rules(ruleset: RuleSet, told: str) -> None:
    assert told in only(ruleset)


def test_absent_and_required_by_different_rules() -> None:
    ruleset = RuleSet(
        SCHEMA, (MatchRule("one", 1, (visit(), no_waiver())), MatchRule("two", 2, (Pattern("w", "waiver"),)))
    )
    assert only(ruleset) == (
        'Rule "two": it requires a fact of the type "waiver", which a rule of the same stage asks to be absent. '
        "Put one of them in another stage."
    )


def test_a_type_may_be_absent_from_two_rules() -> None:
    RuleSet(SCHEMA, (MatchRule("one", 1, (visit(), no_waiver())), MatchRule("two", 2, (party(), no_waiver())))).check()


@pytest.mark.parametrize(
    ("test", "told"),
    [
        (Test("nights", "==", 1), 'tests the field "nights"'),
        (Test("person", "<", "a"), 'tests "person" by <'),
        (Test("urgent", "!=", True), 'tests "urgent" by !='),
        (Test("days", "=~", 1), 'tests "days" by =~'),  # type: ignore[arg-type]
        (Test("days", "==", "1"), "type str is not of the kind int"),
        (Test("days", "==", True), "type bool is not of the kind int"),
        (Test("urgent", "==", 1), "type int is not of the kind bool"),
        (Test("person", "==", 1), "type int is not of the kind text"),
        (Test("days", "==", 1.0), "type float is not of the kind int"),  # type: ignore[arg-type]
        (Test("days", "==", None), "type NoneType is not of the kind int"),  # type: ignore[arg-type]
        (Test("days", "<", 2**53 + 1), "beyond 2^53"),
        (Test("days", "<", -(2**53) - 1), "beyond 2^53"),
        (Test("days", "<", 10**5000), "beyond 2^53"),
        (Test("person", "==", "x" * 4097), "longer than 4096"),
        (Test("person", "==", "\ud83d\ude00"), "lone surrogate"),
    ],
)
def test_tests(test: Test, told: str) -> None:
    assert told in only(rules(visit("v", test)))


@pytest.mark.parametrize(
    ("join", "told"),
    [
        (Join("nights", "==", "v", "days"), 'joins by the field "nights"'),
        (Join("name", "==", "x", "person"), 'joins with "x"'),
        (Join("name", "==", "p", "name"), 'joins with "p"'),
        (Join("name", "==", "w", "person"), 'joins with "w"'),
        (Join("name", "==", "v", "nights"), 'joins with the field "nights" of "v"'),
        (Join("name", "==", "v", "days"), 'joins "name", of the kind text, with "days", of the kind int'),
        (Join("small", "==", "v", "days"), 'joins "small", of the kind bool'),
        (Join("name", "<", "v", "person"), 'joins "name" by <'),
        (Join("small", "!=", "v", "urgent"), 'joins "small" by !='),
        (Join("id", "==", "v", "id"), 'joins by the field "id"'),
    ],
)
def test_joins(join: Join, told: str) -> None:
    assert told in only(rules(visit(), no_waiver(), party("p", joins=(join,))))


def test_a_pattern_of_no_type_may_be_joined_with_in_vain() -> None:
    found = problems(rules(Pattern("a", "journey"), visit("v", joins=(Join("days", "==", "a", "days"),))))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (Fact("journey", ()), 'type "journey"'),
        (Fact("waiver", ("p",)), 'has 1 values; a "waiver" has 2 fields'),
        (Fact("waiver", ("p", 1, 2)), "has 3 values"),
        (Fact("waiver", ("p", "1")), "type str is not of the kind int"),
        (Fact("waiver", (1, 1)), "type int is not of the kind text"),
        (Fact("waiver", ("p", True)), "type bool is not of the kind int"),
        (Fact("waiver", ("p", 2**53 + 1)), "beyond 2^53"),
        (Fact("waiver", ("p" * 4097, 1)), "longer than 4096"),
        (Fact("waiver", ("p\udc00", 1)), "lone surrogate"),
        *((Fact("waiver", ("p", value)), "not of the kind int") for value in NOT_INTS),
    ],
)
def test_facts(fact: Any, told: str) -> None:
    with pytest.raises(FactError) as raised:
        match(rules(visit()), [WAIVER.fact(person="p", days=1), fact], engine="plain")
    assert told in str(raised.value)
    assert str(raised.value).startswith("Fact 1")


def test_facts_at_the_bounds_pass() -> None:
    facts = [WAIVER.fact(person=text, days=days) for text in ("", "😀" * 4096, "é") for days in (2**53, -(2**53))]
    safe.check_facts(SCHEMA, facts)


def test_a_fact_has_the_fields_of_its_type() -> None:
    with pytest.raises(FactError, match="missing or unknown: days, nights"):
        WAIVER.fact(person="p", nights=1)


def test_a_schema_knows_its_types() -> None:
    assert SCHEMA["waiver"] is WAIVER
    with pytest.raises(KeyError):
        SCHEMA["journey"]


def test_all_of_it_can_be_copied_and_kept() -> None:
    ruleset = rules(visit("v", Test("days", ">", 1)), no_waiver(joins=(by_person(),)))
    assert pickle.loads(pickle.dumps(ruleset)) == ruleset
    assert len({ruleset, rules(visit())}) == 2
