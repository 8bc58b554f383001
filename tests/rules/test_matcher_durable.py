"""The durable_rules driver: the form it compiles to, what it asks of the package, and what it does when that fails."""

from __future__ import annotations

import importlib
import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alliance.rules.matcher import (
    Join,
    MatcherError,
    MatchRule,
    Pattern,
    RuleSet,
    Test,
    available,
    durable,
    match,
    why_not,
)
from alliance.rules.matcher.compile import MAX_PATTERNS_PER_TYPE, shards
from tests.rules import matcher_helpers
from tests.rules.matcher_cases import TEXTS
from tests.rules.matcher_helpers import (
    PARTY,
    SCHEMA,
    VISIT,
    WAIVER,
    StandIn,
    by_person,
    needs_durable,
    no_waiver,
    party,
    require_durable,
    rules,
    visit,
)

stand_in = matcher_helpers.stand_in

ROOT = Path(__file__).resolve().parents[2]

ADA = VISIT.fact(person="Ada", days=1, urgent=True)
BEN = VISIT.fact(person="Ben", days=5, urgent=False)
JOINED = rules(visit("v"), party("p", joins=(Join("name", "==", "v", "person"),)), no_waiver(joins=(by_person(),)))


def document(ruleset: RuleSet) -> Any:
    (shard,) = shards(ruleset)
    return json.loads(shard.text)


# ---- the compiled form


def test_a_pattern_is_one_flat_conjunction_with_the_guard_after_its_joins() -> None:
    late = visit("v", Test("days", ">", 2), Test("person", "==", "Ada"), Test("urgent", "==", True))
    joined = party(
        "p", Test("limit", "!=", 0), joins=(Join("name", "==", "v", "person"), Join("limit", "<=", "v", "days"))
    )
    waived = no_waiver("w", joins=(by_person(),))
    guard = {"$and": [{"$ex": {"t": 1}}]}
    assert document(rules(late, joined, waived)) == {
        "0": {
            "all": [
                {"v": {"$and": [{"t": "visit"}, {"$gt": {"days": 2}}, {"person": "Ada"}, {"urgent": True}]}},
                {
                    "p": {
                        "$and": [
                            {"t": "party"},
                            {"$neq": {"limit": 0}},
                            {"name": {"v": "person"}},
                            {"$lte": {"limit": {"v": "days"}}},
                            guard,
                        ]
                    }
                },
                {"w$not": {"$and": [{"t": "waiver"}, {"person": {"v": "person"}}, guard]}},
            ]
        },
        "$end": {"all": [{"end": {"t": "$end"}}]},
    }


def words(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from words(value)
    elif isinstance(node, list):
        for value in node:
            yield from words(value)


def test_only_the_operators_measured_to_be_safe_are_used() -> None:
    """No alternatives, events, counts, regular expressions, arrays or arithmetic: rules have no way to say them."""
    ops = ("==", "!=", "<", "<=", ">", ">=")
    tests = [Test("days", op, 1) for op in ops]  # type: ignore[arg-type]
    joins = tuple(Join("days", op, "v", "days") for op in ops)  # type: ignore[arg-type]
    used = {
        word for word in words(document(rules(visit("v", *tests), visit("v2", joins=joins)))) if word.startswith("$")
    }
    assert used == {"$and", "$ex", "$neq", "$lt", "$lte", "$gt", "$gte", "$end"}


def test_rules_are_called_by_number_whatever_their_names() -> None:
    ruleset = RuleSet(
        SCHEMA, tuple(MatchRule(name, n, (visit(),)) for n, name in enumerate(("$end", '"', "é", "all", "0")))
    )
    ruleset.check()
    assert list(document(ruleset)) == ["0", "1", "2", "3", "4", "$end"]


def test_at_most_60_patterns_of_a_type_go_into_one_ruleset() -> None:
    pairs = RuleSet(SCHEMA, tuple(MatchRule(f"r{n}", n, (visit("a"), visit("b"), party())) for n in range(61)))
    parts = shards(pairs)
    assert [len(part.rules) for part in parts] == [30, 30, 1]
    assert [rule for part in parts for rule in part.rules] == list(pairs.rules)
    assert all(part.text.count('"visit"') <= MAX_PATTERNS_PER_TYPE for part in parts)
    assert [part.types for part in parts] == [frozenset({"visit", "party"})] * 3


def test_at_most_1000_rules_go_into_one_ruleset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.rules.matcher.compile.MAX_RULES_PER_SHARD", 2)
    many = RuleSet(SCHEMA, tuple(MatchRule(f"r{n}", n, (visit("a"),)) for n in range(5)))
    assert [len(part.rules) for part in shards(many)] == [2, 2, 1]


def test_no_rules_need_no_ruleset(stand_in: type[StandIn]) -> None:
    engine = stand_in()
    assert match(RuleSet(SCHEMA, ()), [ADA], engine="durable").matches == ()
    assert engine.calls == []


# ---- what is asked of the package


def test_absent_facts_go_first_and_every_fact_has_its_own_number(stand_in: type[StandIn]) -> None:
    engine = stand_in()
    facts = [ADA, WAIVER.fact(person="Ada", days=1), ADA, PARTY.fact(name="Ada", limit=1, small=True)]
    facts.append(WAIVER.fact(person="Ben", days=1))
    match(JOINED, facts, engine="durable")
    assert [(fact["t"], fact["id"]) for fact in engine.facts] == [
        ("$end", "0"),
        ("waiver", "2"),
        ("waiver", "5"),
        ("visit", "1"),
        ("visit", "3"),
        ("party", "4"),
        ("$end", "6"),
    ]
    assert engine.facts[3] == {"id": "1", "t": "visit", "person": "Ada", "days": 1, "urgent": True}


def test_a_ruleset_is_given_only_facts_that_its_rules_ask_for(stand_in: type[StandIn]) -> None:
    engine = stand_in()
    match(rules(visit()), [PARTY.fact(name="Ada", limit=1, small=True), ADA], engine="durable")
    assert [fact["t"] for fact in engine.facts] == ["$end", "visit", "$end"]


def test_each_ruleset_is_fresh_and_deleted_before_the_next(stand_in: type[StandIn]) -> None:
    engine = stand_in(sentinels=4)
    many = RuleSet(SCHEMA, tuple(MatchRule(f"r{n}", n, (visit("a"),)) for n in range(61)))
    assert match(many, [ADA], engine="durable").matches == ()
    one = ["create_ruleset", "assert_fact", "start_action_for_state", "complete_and_start_action", *["assert_fact"] * 2]
    one += ["start_action_for_state", "complete_and_start_action", "delete_state", "delete_ruleset"]
    assert engine.calls == one * 2


MATCHED = '{"0":{"v":{"id":"1"},"p":{"id":"2"}}}'


def test_matches_are_sorted_whatever_order_they_come_in(stand_in: type[StandIn]) -> None:
    messages = [
        f'{{"0":{{"p":{{"id":"{second}"}},"v":{{"id":"{first}"}}}}}}' for first, second in ((3, 2), (1, 4), (1, 2))
    ]
    stand_in(*messages)
    result = match(JOINED, [ADA, BEN, ADA, BEN], engine="durable")
    assert result.engines == ("durable",)
    assert [found.facts for found in result.matches] == [
        (("v", 0), ("p", 1)),
        (("v", 0), ("p", 3)),
        (("v", 2), ("p", 1)),
    ]


# ---- what happens when it fails


@pytest.mark.parametrize(
    ("fail_at", "cleaned"),
    [
        # Deleting a state in which no rule has fired corrupts memory: only the ruleset goes.
        ("create_ruleset", []),
        ("assert_fact 1", ["delete_ruleset"]),
        ("start_action_for_state 1", ["delete_ruleset"]),
        ("complete_and_start_action 1", ["delete_ruleset"]),
        ("assert_fact 2", ["delete_state", "delete_ruleset"]),
        ("assert_fact 3", ["delete_state", "delete_ruleset"]),
        ("start_action_for_state 2", ["delete_state", "delete_ruleset"]),
        ("complete_and_start_action 2", ["delete_state", "delete_ruleset"]),
        ("delete_state", ["delete_state", "delete_ruleset"]),
        ("delete_ruleset", ["delete_state", "delete_ruleset"]),
    ],
)
def test_any_failure_ends_the_run_and_cleans_up(stand_in: type[StandIn], fail_at: str, cleaned: list[str]) -> None:
    engine = stand_in(MATCHED, fail_at=fail_at)
    with pytest.raises(MatcherError, match="durable_rules failed"):
        match(JOINED, [ADA, BEN], engine="durable")
    assert [call for call in engine.calls if call.startswith("delete")] == cleaned


def test_running_out_of_memory_is_a_failure_too(stand_in: type[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = stand_in()

    def full(*_: object) -> int:
        raise MemoryError

    monkeypatch.setattr(engine, "create_ruleset", full)
    with pytest.raises(MatcherError, match="durable_rules failed"):
        match(JOINED, [], engine="durable")


@pytest.mark.parametrize("code", [2, 3, 303])
def test_any_code_but_handled_and_not_handled_is_a_failure(stand_in: type[StandIn], code: int) -> None:
    engine = stand_in(code=code)
    with pytest.raises(MatcherError, match=f"refused a fact \\(code {code}\\)"):
        match(JOINED, [ADA], engine="durable")
    assert engine.calls[-2:] == ["delete_state", "delete_ruleset"]


@pytest.mark.parametrize(("sentinels", "cleaned"), [(0, ["delete_ruleset"]), (1, ["delete_state", "delete_ruleset"])])
def test_a_sentinel_that_does_not_fire_is_a_failure(
    stand_in: type[StandIn], sentinels: int, cleaned: list[str]
) -> None:
    engine = stand_in(sentinels=sentinels)
    with pytest.raises(MatcherError, match="sentinel"):
        match(JOINED, [ADA], engine="durable")
    assert [call for call in engine.calls if call.startswith("delete")] == cleaned


def test_a_match_in_the_place_of_the_sentinel_is_a_failure(stand_in: type[StandIn]) -> None:
    stand_in(MATCHED, sentinels=1)
    with pytest.raises(MatcherError, match="sentinel"):
        match(JOINED, [ADA, BEN], engine="durable")


@pytest.mark.parametrize(
    "message",
    [
        '{"0":{"v":{"id":"1"}}}',
        '{"0":{"v":{"id":"1"},"p":{"id":"3"}}}',
        '{"0":{"v":{"id":"0"},"p":{"id":"1"}}}',
        '{"0":{"v":{"id":"1"},"p":{"id":"2"},"w":{"id":"2"}}}',
        '{"1":{"v":{"id":"1"},"p":{"id":"2"}}}',
        '{"late":{"v":{"id":"1"},"p":{"id":"2"}}}',
        '{"0":{"v":{"id":"1"},"p":{}}}',
        '{"0":{"v":{"id":"1"},"p":{"id":null}}}',
        '{"0":{"v":{"id":"1"},"p":2}}',
        '{"0":[]}',
        '{"0":{"v":{"id":"1"},"p":{"id":"2"}},"1":{}}',
        "{}",
        "[]",
        '{"0":',
    ],
)
def test_what_is_not_a_match_is_a_failure(stand_in: type[StandIn], message: str) -> None:
    engine = stand_in(message)
    with pytest.raises(MatcherError, match="not a match"):
        match(JOINED, [ADA, BEN], engine="durable")
    assert engine.calls[-2:] == ["delete_state", "delete_ruleset"]


def test_a_match_reported_twice_is_a_failure(stand_in: type[StandIn]) -> None:
    stand_in(MATCHED, MATCHED)
    with pytest.raises(MatcherError, match="twice"):
        match(JOINED, [ADA, BEN], engine="durable")


def test_too_many_facts(stand_in: type[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = stand_in()
    monkeypatch.setattr(durable, "MAX_FACTS", 2)
    small = PARTY.fact(name="Ada", limit=1, small=True)
    match(rules(visit()), [ADA, BEN, small], engine="durable")
    with pytest.raises(MatcherError, match="There are 3 facts"):
        match(rules(visit()), [ADA, BEN, small, ADA], engine="durable")
    assert engine.calls.count("create_ruleset") == 1


def test_too_many_matches(stand_in: type[StandIn], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "MAX_MATCHES", 2)
    engine = stand_in(MATCHED, MATCHED, MATCHED)
    with pytest.raises(MatcherError, match="more than 2 matches"):
        match(JOINED, [ADA, BEN], engine="durable")
    assert engine.calls[-2:] == ["delete_state", "delete_ruleset"]


# ---- whether it is there


@pytest.fixture
def _asked_afresh() -> Iterator[None]:
    durable._load.cache_clear()
    yield
    durable._load.cache_clear()


@pytest.mark.usefixtures("_asked_afresh")
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ModuleNotFoundError("No module named 'durable_rules_engine'"), "not installed"),
        (ImportError("undefined symbol: PyEval_CallObject"), "PyEval_CallObject=PyObject_CallObject"),
    ],
)
def test_why_not(monkeypatch: pytest.MonkeyPatch, error: ImportError, told: str) -> None:
    def refuse(name: str) -> object:
        assert name == "durable_rules_engine"
        raise error

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert not available()
    assert told in why_not()
    with pytest.raises(MatcherError) as raised:
        match(JOINED, [ADA], engine="durable")
    assert str(raised.value) == why_not()


@pytest.mark.usefixtures("_asked_afresh")
def test_not_where_a_c_long_has_32_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(struct, "calcsize", lambda _: 4)
    assert not available()
    assert "32 bits" in why_not()


def test_why_not_says_nothing_where_it_can() -> None:
    assert available() == (why_not() == "")


@pytest.mark.usefixtures("_asked_afresh")
def test_the_module_found_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = StandIn()
    monkeypatch.setattr(importlib, "import_module", lambda _: engine)
    assert available()
    assert why_not() == ""
    assert durable._load() is engine


def test_the_package_is_not_loaded_before_it_is_asked_for() -> None:
    source = "import sys, alliance.rules.matcher; sys.exit('durable_rules_engine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", source], check=False).returncode == 0


# ---- the package itself


@needs_durable
def test_equality_joins_as_the_package_itself_gets_them() -> None:
    """The shape of the package's issue 381: the last of several joins is false."""
    joined = party(
        "p",
        joins=(Join("name", "==", "v", "person"), Join("limit", "==", "v", "days"), Join("small", "==", "v", "urgent")),
    )
    facts = [
        ADA,
        *(PARTY.fact(name=n, limit=d, small=s) for n in ("Ada", "Ben") for d in (1, 5) for s in (True, False)),
    ]
    result = match(rules(visit("v"), joined), facts * 10, engine="both")
    assert len(result.matches) == 100


@needs_durable
@pytest.mark.parametrize("absent_last", [True, False])
def test_absence_whatever_the_order_of_facts(absent_last: bool) -> None:
    facts = [ADA, BEN, PARTY.fact(name="Ada", limit=1, small=True), PARTY.fact(name="Ben", limit=1, small=True)]
    waiver = WAIVER.fact(person="Ada", days=1)
    facts = [*facts, waiver] if absent_last else [waiver, *facts]
    first = 0 if absent_last else 1
    (found,) = match(JOINED, facts, engine="both").matches
    assert found.facts == (("v", first + 1), ("p", first + 3))


@needs_durable
def test_texts_that_look_like_json_are_told_apart() -> None:
    ruleset = RuleSet(
        SCHEMA,
        (
            *(MatchRule(f"is {n}", n, (visit("v", Test("person", "==", text)),)) for n, text in enumerate(TEXTS)),
            MatchRule("pair", -1, (visit("v"), party("p", joins=(Join("name", "==", "v", "person"),)))),
        ),
    )
    facts = [VISIT.fact(person=text, days=1, urgent=True) for text in TEXTS]
    facts += [PARTY.fact(name=text, limit=1, small=True) for text in TEXTS]
    assert len(match(ruleset, facts, engine="both").matches) == 2 * len(TEXTS)


@needs_durable
def test_numbers_at_the_bounds_are_told_apart() -> None:
    numbers = sorted(sign * (2**bits + near) for sign in (1, -1) for bits in (0, 31, 32, 52) for near in (-1, 0, 1))
    numbers += [2**53, 2**53 - 1, -(2**53), 1 - 2**53]
    ruleset = RuleSet(
        SCHEMA,
        tuple(
            MatchRule(f"{op} {number}", 10 * place + rank, (visit("v", Test("days", op, number)),))  # type: ignore[arg-type]
            for place, number in enumerate(dict.fromkeys(numbers))
            for rank, op in enumerate(("==", "<", ">="))
        ),
    )
    facts = [VISIT.fact(person="", days=number, urgent=True) for number in dict.fromkeys(numbers)]
    assert len(match(ruleset, facts, engine="both").matches) == len(facts) * (len(facts) + 1)


@needs_durable
def test_equal_facts_stay_apart_in_the_package() -> None:
    assert len(match(rules(visit("v")), [ADA] * 7, engine="both").matches) == 7


@needs_durable
def test_8_patterns_of_20_terms() -> None:
    wide = [Test("days", ">", -number) for number in range(1, 11)]
    others = [visit(f"v{n}", Test("days", "==", n), *wide, joins=(by_person("v0"),) * 9) for n in range(1, 8)]
    facts = [VISIT.fact(person="Ada", days=n % 8, urgent=True) for n in range(9)]
    assert len(match(rules(visit("v0"), *others), facts, engine="both").matches) == 2
    assert match(rules(visit("v0"), *others), facts[1:7], engine="both").matches == ()


@needs_durable
def test_no_thread_is_left_behind_nor_the_rest_of_the_package_loaded() -> None:
    """In a process of its own, since other tests may load the package to compare with it."""
    code = """
import sys, threading
from tests.rules.test_matcher_durable import ADA, JOINED, match
before = threading.active_count()
match(JOINED, [ADA], engine="durable")
loaded = [name for name in sys.modules if name.split(".")[0] == "durable"]
sys.exit(str(loaded) if loaded or threading.active_count() != before else 0)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_durable
def test_a_failure_on_the_way_leaves_the_package_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    require_durable()
    monkeypatch.setattr(durable, "MAX_MATCHES", 3)
    for _ in range(50):
        with pytest.raises(MatcherError, match="more than 3 matches"):
            match(rules(visit("v")), [ADA] * 9, engine="durable")
    assert len(match(rules(visit("v")), [ADA] * 2, engine="both").matches) == 2


@needs_durable
def test_rules_that_the_package_refuses_are_a_failure() -> None:
    """Not reachable through `match`, which checks; the package's own error is turned into ours."""
    require_durable()
    unchecked = rules(Pattern("v", "visit", tuple(Test("days", ">", n) for n in range(2)), (by_person("v"),) * 40))
    with pytest.raises(MatcherError, match="durable_rules failed"):
        durable.matches(unchecked, [])
