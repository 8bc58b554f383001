"""Always events over a year: one miss, again and again, and nobody to be seen."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, example_of, holds_of_any_year


def left(ward: str, day: str, asked: str = "yes", explained: str = "yes", rung: str = "yes") -> dict[str, str]:
    return {"person": f"{ward}{day}", "left": day, "ward": ward, "asked": asked, "explained": explained, "rung": rung}


def test_a_year() -> None:
    rows = [left(w, f"{m}-15") for w in ("north", "south") for m in ("2026-05", "2026-08", "2026-11", "2027-02")]
    rows += [
        left("north", "2026-05-16", rung="no"),
        left("north", "2026-08-16", asked="no"),
        left("north", "2026-11-16", "no"),
    ]
    found = holds_of_any_year("always-event", [{"discharges": rows}] * 4, {"discharges": rows})
    assert [s.payment("reward").earned for s in found] == [2_500, 2_500, 2_500, 4_000, 11_500]
    assert [[d.of for d in s.closing.duties if d.period == s.period] for s in found[:4]] == [
        [],
        ["north"],
        ["north"],
        [],
    ]


@pytest.mark.parametrize("done", [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
def test_only_all_of_it_counts(done: tuple[int, int, int]) -> None:
    row = left("north", "2026-05-15", *("yes" if d else "no" for d in done))
    s = settle(example_of("always-event"), Q1, {"discharges": [row, left("south", "2026-05-15")]})
    assert s.paid("board", "north", "reward") == (2_000 if all(done) else 500)


def test_a_thousand_good_contacts_do_not_hide_one_bad_one() -> None:
    rows: list[dict[str, Any]] = [left("north", "2026-05-15") | {"person": f"P{i}"} for i in range(1_000)]
    rows += [left("north", "2026-05-20", explained="no"), left("south", "2026-05-15")]
    assert settle(example_of("always-event"), Q1, {"discharges": rows}).paid("board", "north", "reward") == 500
