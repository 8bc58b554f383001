"""Both matchers together: who looks, and what is said when they differ."""

from __future__ import annotations

import pytest

from alliance.rules.matcher import Disagreement, Match, MatcherError, RuleSet, RuleSetError, durable, match, plain
from tests.rules.matcher_helpers import VISIT, needs_durable, no_waiver, require_durable, rules, visit

FACTS = [VISIT.fact(person=name, days=1, urgent=True) for name in ("Ada", "Ben", "Cat")]
EACH = rules(visit("v"))
NONE: tuple[Match, ...] = ()


def found(*places: int) -> tuple[Match, ...]:
    return tuple(Match("rule", 1, (("v", place),)) for place in places)


@needs_durable
def test_both_look_where_both_can() -> None:
    require_durable()
    assert match(EACH, FACTS).engines == ("plain", "durable")
    assert match(EACH, FACTS).matches == found(0, 1, 2)


@pytest.mark.parametrize("engine", [None, "plain"])
def test_the_plain_one_looks_alone_where_it_must(monkeypatch: pytest.MonkeyPatch, engine: None) -> None:
    monkeypatch.setattr(durable, "_load", lambda: "It is not installed.")
    result = match(EACH, FACTS, engine=engine)
    assert result.engines == ("plain",)
    assert result.matches == found(0, 1, 2)


def test_both_cannot_be_had_where_one_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "_load", lambda: "It is not installed.")
    with pytest.raises(MatcherError, match=r"It is not installed\."):
        match(EACH, FACTS, engine="both")


def test_there_is_no_third() -> None:
    with pytest.raises(ValueError, match="no matcher called 'clips'"):
        match(EACH, FACTS, engine="clips")  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [None, "both", "durable", "plain"])
def test_rules_are_checked_first(engine: None) -> None:
    with pytest.raises(RuleSetError):
        match(rules(no_waiver(), visit()), FACTS, engine=engine)


def disagreement(
    monkeypatch: pytest.MonkeyPatch, by_plain: tuple[Match, ...], by_durable: tuple[Match, ...], ruleset: RuleSet = EACH
) -> Disagreement:
    monkeypatch.setattr(durable, "available", lambda: True)
    monkeypatch.setattr(plain, "matches", lambda *_: by_plain)
    monkeypatch.setattr(durable, "matches", lambda *_: by_durable)
    with pytest.raises(Disagreement) as raised:
        match(ruleset, FACTS)
    return raised.value


def test_a_disagreement_tells_both_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    told = disagreement(monkeypatch, found(0, 1), found(1, 2))
    assert (told.plain, told.durable) == (found(0, 1), found(1, 2))
    assert (told.only_plain, told.only_durable) == (found(0), found(2))
    assert str(told) == (
        "The two matchers disagree about which rules hold, so nothing follows from them.\n"
        "Found only by the plain matcher: 1\n"
        "  rule \"rule\" for v = visit 0 (person: 'Ada', days: 1, urgent: True)\n"
        "Found only by durable_rules: 1\n"
        "  rule \"rule\" for v = visit 2 (person: 'Cat', days: 1, urgent: True)"
    )


def test_a_disagreement_is_kept_short(monkeypatch: pytest.MonkeyPatch) -> None:
    told = disagreement(monkeypatch, NONE, tuple(Match(f"rule {n}", n, (("v", 0),)) for n in range(25)))
    lines = str(told).splitlines()
    assert lines[1] == "Found only by the plain matcher: nothing"
    assert lines[2] == "Found only by durable_rules: 25"
    assert len(lines) == 3 + 20 + 1
    assert lines[-1] == "  and 5 more"
