"""Harm that is not netted, over a year and over every combination of benefit and harm."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, example_of, holds_of_any_year


def asked(better: int, worse: int, serious: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"counted": 100, "better": better, "worse": worse, "serious_events": serious or []}


def test_a_year() -> None:
    event = [{"party": "elms", "on": "2026-11-04", "serious": "yes"}]
    each = [asked(60, 0, event), asked(60, 6, event), asked(60, 0, event), asked(94, 6, event)]
    found = holds_of_any_year("harm-not-netted", each, {"serious_events": event})
    assert [s.payment("reward").earned for s in found] == [7_200, 3_600, 3_600, 5_640, 20_040]
    assert [len(s.notices) for s in found[:4]] == [0, 1, 1, 1]


@pytest.mark.parametrize("worse", range(12))
def test_no_benefit_makes_up_for_harm(worse: int) -> None:
    """What is left depends on harm alone: whatever is earned by benefit, it is the same part of it."""
    parts = set()
    for better in (1, 40, 100 - worse):
        s = settle(example_of("harm-not-netted"), Q1, asked(better, worse))
        parts.add(s.payment("reward").earned / (120 * better))
        assert bool(s.notices) is (worse > 0)
    assert parts == {1 if worse <= 5 else 0.5}


def test_two_events_of_a_party_shut_it_once_and_are_told_twice() -> None:
    events = [{"party": "elms", "on": f"2026-05-0{d}", "serious": "yes"} for d in (1, 2)]
    s = settle(example_of("harm-not-netted"), Q1, asked(60, 0, events))
    assert s.payment("reward").earned == 3_600
    assert len(s.notices) == 2
    assert sorted(str(d.due) for d in s.closing.duties) == [
        "2026-06-02",
        "2026-06-02",
    ]  # 1 May is a Friday and 2 May a Saturday; 4 and 25 May are holidays
