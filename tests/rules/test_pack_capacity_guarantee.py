"""A capacity guarantee over a year: what was there, what was not, and never what was used."""

from __future__ import annotations

import random
from typing import Any

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, example_of, holds_of_any_year


def week(day: str, available: int, used: int = 0, guaranteed: int = 6) -> dict[str, Any]:
    return {"week": day, "guaranteed": guaranteed, "available": available, "used": used}


def test_a_year() -> None:
    rows = [week("2026-04-06", 6), week("2026-07-06", 4, 4), week("2026-10-05", 0), week("2027-01-04", 9, 9)]
    found = holds_of_any_year("capacity-guarantee", [{"places": rows}] * 4, {"places": rows})
    assert [s.payment("ready_places").earned for s in found[:4]] == [6_000, 4_000, 0, 6_000]
    assert [s.payment("missing_places").earned for s in found[:4]] == [0, 250, 1_250, 0]


def test_what_was_used_changes_nothing() -> None:
    chance = random.Random(3)
    for _ in range(20):
        rows = [week(f"2026-05-{d:02d}", chance.randrange(0, 9)) for d in range(1, 29, 7)]
        digests = {
            settle(
                example_of("capacity-guarantee"), Q1, {"places": [{**r, "used": chance.randrange(0, 9)} for r in rows]}
            ).digest
            for _ in range(3)
        }
        assert len(digests) == 1


def test_each_week_is_worked_out_by_itself() -> None:
    chance = random.Random(4)
    for _ in range(20):
        rows = [
            week(f"2026-05-{d:02d}", chance.randrange(0, 9), guaranteed=chance.randrange(0, 7)) for d in range(1, 29, 7)
        ]
        s = settle(example_of("capacity-guarantee"), Q1, {"places": rows})
        ready = sum(min(r["available"], r["guaranteed"]) * 1_000 for r in rows)
        short = sum(max(r["guaranteed"] - r["available"] - 1, 0) * 250 for r in rows)
        assert (s.payment("ready_places").earned, s.payment("missing_places").earned) == (ready, short)
        assert bool(s.closing.duties) is (sum(r["available"] < r["guaranteed"] for r in rows) > 2)
