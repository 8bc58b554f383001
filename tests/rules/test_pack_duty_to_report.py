"""The duty to report over a year: who is late, what waits for it, and what comes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, Q2, Q3, example_of, holds_of_any_year, paid, quarters

ENDS = ("2026-06-30", "2026-09-30", "2026-12-31")


def report(party: str, quarter: int, day: str) -> dict[str, str]:
    return {"party": party, "up_to": ENDS[quarter], "received": day}


LOG = [
    report("council", 0, "2026-07-20"),
    report("board", 0, "2026-10-14"),
    report("council", 1, "2026-10-20"),
    report("board", 1, "2026-10-28"),
    report("board", 2, "2027-01-20"),
    report("council", 2, "2027-04-02"),
]


def known(day: str) -> dict[str, Any]:
    """The register as it stood on a day."""
    return {"reports_received": [r for r in LOG if r["received"] <= day]}


def test_a_year() -> None:
    each = [known(d) for d in ("2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31")]
    found = holds_of_any_year("duty-to-report", each, known("2027-04-30"))
    rewards = [sum(t.amount for t in s.transfers if t.payee == "hospice") for s in found]
    assert rewards == [
        8_000,
        6_000,
        10_000,
        6_000,
        0,
    ]  # the board's of June is late, then comes; the council's of December
    assert [sum(t.amount for t in s.transfers if t.payee == "council") for s in found] == [
        5_000,
        5_000,
        5_000,
        3_750,
        0,
    ]
    assert paid(found, "reward")["board", "hospice"] == 4_000 + 3_000 + 4_000 + 3_000
    assert sum(h.amount for h in found[-1].closing.held if not h.let_go) == 3_250


def test_the_report_that_came_lets_go_of_its_own_money_and_no_other() -> None:
    late = [{}, {}, {"reports_received": [report("board", 0, "2026-12-01")]}]
    _, _, third = quarters(example_of("duty-to-report"), late, kind="provisional")
    released = [t for t in third.transfers if t.kind == "release"]
    assert {t.payment for t in released} == {"reward"}
    assert sum(t.amount for t in released) == 2_000
    assert {h.facts["party"] for h in third.closing.held if not h.let_go} == {"board", "council"}


@pytest.mark.parametrize(("on", "late"), [("2026-07-28", 0), ("2026-07-29", 2), ("2026-08-31", 2), ("2027-06-01", 2)])
def test_the_day_from_which_it_is_late(on: str, late: int) -> None:
    contract = example_of("duty-to-report")
    first = settle(contract, Q1)
    s = settle(contract, Q2, {}, first, as_of=date.fromisoformat(on))
    assert len([n for n in s.notices if n.to == "experts"]) == late


def test_a_duty_that_is_waived_holds_nothing() -> None:
    contract = example_of("duty-to-report")
    waived = {
        "duties": [
            {"duty": "progress report", "party": p, "outcome": "waived", "on": "2026-07-27"}
            for p in ("board", "council")
        ]
    }
    second = settle(contract, Q2, waived, settle(contract, Q1))
    assert second.payment("reward").net == 8_000
    assert not second.notices


def test_waiving_one_quarter_s_report_leaves_the_next_one_s() -> None:
    contract = example_of("duty-to-report")
    waived = {"duty": "progress report", "about": "2026-06-30", "outcome": "waived", "on": "2026-10-02"}
    given = {"duties": [{**waived, "party": p} for p in ("board", "council")]}
    second = settle(contract, Q2, {}, settle(contract, Q1))
    third = settle(contract, Q3, given, second)
    assert {d.about for d in third.closing.duties if d.waived} == {"2026-06-30"}
    assert third.payment("reward").net == 4_000  # those of September are late
