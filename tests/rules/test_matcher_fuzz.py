"""The two matchers against each other, on generated rules and facts. `fuzz_matcher.py` does the same at length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.rules.matcher import Fact, MatcherError, RuleSet, match, plain
from tests.rules import fuzz_matcher
from tests.rules.matcher_cases import a_case
from tests.rules.matcher_helpers import needs_durable, require_durable


@needs_durable
@settings(max_examples=150)
@given(st.randoms(use_true_random=False))
def test_the_two_matchers_agree(random: Random) -> None:
    ruleset, facts = a_case(random)
    assert match(ruleset, facts, engine="both").engines == ("plain", "durable")


@needs_durable
@settings(max_examples=50)
@given(st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing_but_their_places(random: Random) -> None:
    ruleset, facts = a_case(random)
    order = random.sample(range(len(facts)), len(facts))

    def told(among: list[int], engine: Any) -> list[Any]:
        result = match(ruleset, [facts[place] for place in among], engine=engine)
        return sorted((m.rule, tuple((alias, among[place]) for alias, place in m.facts)) for m in result.matches)

    assert told(order, "durable") == told(list(range(len(facts))), "plain")


@needs_durable
def test_a_long_run_in_child_processes_finds_nothing() -> None:
    require_durable()
    found = fuzz_matcher.run(cases=300, seed=7, batch=100)
    assert found.clean, str(found)
    assert found.cases == 300
    assert found.matches > 0
    assert found.sharded > 0


def test_a_long_run_tells_of_crashes_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that dies as if by a fault in C, on its second case."""

    def child(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        start, stop, report = int(command[-3]), int(command[-2]), Path(command[-1])
        if start == 0:
            report.write_text("0\n1\n", encoding="utf-8")
            return subprocess.CompletedProcess(command, -11)
        notes = [*range(start, stop), "disagreement 3 told | so", "failure 4 why", "finished 9 2"]
        report.write_text("".join(f"{note}\n" for note in notes), encoding="utf-8")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", child)
    found = fuzz_matcher.run(cases=6, seed=1, batch=6)
    assert found.crashes == ["1 SIGSEGV"]
    assert found.disagreements == ["3 told | so"]
    assert found.failures == ["4 why"]
    assert str(found) == "6 cases (2 of them sharded), 9 matches: 1 disagreements, 1 failures, 1 crashes"


def test_a_case_that_differs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> tuple[()]:
        return ()

    def failing(*_: object) -> tuple[()]:
        raise MatcherError("why")

    monkeypatch.setattr("alliance.rules.matcher.durable.available", lambda: True)
    monkeypatch.setattr("alliance.rules.matcher.durable.matches", nothing)
    number = next(n for n in range(100) if plain_matches(*a_case(fuzz_matcher.case_of(1, n))))
    assert fuzz_matcher.try_case(1, number)[0] == "disagreement"
    monkeypatch.setattr("alliance.rules.matcher.durable.matches", failing)
    assert fuzz_matcher.try_case(1, number)[:2] == ("failure", "why")


def plain_matches(ruleset: RuleSet, facts: list[Fact]) -> int:
    return len(plain.matches(ruleset, facts))


@needs_durable
def test_memory_stays_flat_over_many_runs() -> None:
    """A ruleset whose state is not deleted leaks 1.4 MB. In a process of its own, whose peak is its own."""
    require_durable()
    command = [sys.executable, "-m", "tests.rules.matcher_memory", "--runs", "1500"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(told.split()[0]) < 2048, told
