"""What the tests of the matchers share."""

from __future__ import annotations

import json

import pytest

from alliance.rules.matcher import Join, MatcherError, MatchRule, Op, Pattern, RuleSet, Schema, Test, durable, why_not

# Where durable_rules cannot be had, these are expected to fail in just this way: a skip would hide a broken install.
needs_durable = pytest.mark.xfail(bool(why_not()), reason=why_not(), raises=MatcherError)


def require_durable() -> None:
    """For tests that would fail in another way without it."""
    if why_not():
        raise MatcherError(why_not())


SCHEMA = Schema.of(
    {
        "visit": {"person": "text", "days": "int", "urgent": "bool"},
        "party": {"name": "text", "limit": "int", "small": "bool"},
        "waiver": {"person": "text", "days": "int"},
    }
)
VISIT, PARTY, WAIVER = SCHEMA.types


def visit(alias: str = "v", *tests: Test, joins: tuple[Join, ...] = (), absent: bool = False) -> Pattern:
    return Pattern(alias, "visit", tests, joins, absent)


def party(alias: str = "p", *tests: Test, joins: tuple[Join, ...] = (), absent: bool = False) -> Pattern:
    return Pattern(alias, "party", tests, joins, absent)


def no_waiver(alias: str = "w", *tests: Test, joins: tuple[Join, ...] = ()) -> Pattern:
    return Pattern(alias, "waiver", tests, joins, absent=True)


def by_person(other: str = "v", op: Op = "==") -> Join:
    return Join("person", op, other, "person")


def rules(*patterns: Pattern, schema: Schema = SCHEMA) -> RuleSet:
    """A stage of one rule."""
    return RuleSet(schema, (MatchRule("rule", 1, patterns),))


class Refusal(Exception):
    """What the stand-in raises as the package would its own error."""


class StandIn:
    """A stand-in for the C module: it notes what is asked of it, fires the sentinel, reports the messages that it was
    given, and fails at the calls that it was told to fail at."""

    error: type[Exception] = Refusal

    def __init__(self, *messages: str, fail_at: str = "", sentinels: int = 2, code: int = 1) -> None:
        self.calls: list[str] = []
        self.facts: list[dict[str, object]] = []
        self.rulesets: list[str] = []
        self._messages = list(messages)
        self._waiting: list[str] = []
        self._fail_at = fail_at
        self._sentinels = sentinels
        self._code = code

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call == self._fail_at or f"{call} {self.calls.count(call)}" == self._fail_at:
            raise Refusal(call)

    def create_ruleset(self, name: str, rules: str, /) -> int:
        self._note("create_ruleset")
        self.rulesets.append(rules)
        return 7

    def assert_fact(self, handle: int, fact: str, /) -> tuple[int, int]:
        self._note("assert_fact")
        self.facts.append(json.loads(fact))
        if self.facts[-1]["t"] != "$end":
            return self._code, 1
        if self.facts[-1]["id"] != "0":
            self._waiting += self._messages
        if self._sentinels:
            self._sentinels -= 1
            self._waiting.append('{"$end":{"end":{}}}')
        return 0, 1

    def start_action_for_state(self, handle: int, state: int, /) -> tuple[str, str] | None:
        self._note("start_action_for_state")
        return ("{}", self._waiting.pop(0)) if self._waiting else None

    def complete_and_start_action(self, handle: int, state: int, /) -> str | None:
        self._note("complete_and_start_action")
        return self._waiting.pop(0) if self._waiting else None

    def delete_state(self, handle: int, sid: str, /) -> None:
        self._note("delete_state")

    def delete_ruleset(self, handle: int, /) -> None:
        self._note("delete_ruleset")

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"{name} is not to be used of the package")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    """The class of stand-ins, the next of which is used in place of the C module."""

    class Used(StandIn):
        def __init__(self, *messages: str, fail_at: str = "", sentinels: int = 2, code: int = 1) -> None:
            super().__init__(*messages, fail_at=fail_at, sentinels=sentinels, code=code)
            monkeypatch.setattr(durable, "_load", lambda: self)

    return Used
