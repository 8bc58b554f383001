"""The ladder over two years: up, down, what is withheld and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alliance.settlement.settle import settle
from tests.rules.pack_years import QUARTERS, example_of, holds_of_any_year, paid, quarters


def reviews(*elms: str, willows: str = "80%") -> list[dict[str, Any]]:
    return [{"quality": {"elms": score, "willows": willows}} for score in elms]


def of_year(given: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"periods": dict(zip(QUARTERS, given, strict=True))}


def steps(contract_steps: Any, party: str) -> list[int]:
    return [
        int(next(p.value for p in s.closing.past if (p.attribute, p.key, p.period) == ("step", party, s.period)))
        for s in contract_steps
    ]


def test_up_by_a_step_each_poor_quarter_and_down_by_one_each_two_good() -> None:
    found = quarters(
        example_of("under-performance-ladder"), reviews("40%", "40%", "40%", "40%", "40%", "90%", "90%", "90%")
    )
    assert steps(found, "elms") == [0, 1, 2, 3, 4, 4, 3, 2]
    assert steps(found, "willows") == [0] * 8
    assert [s.paid("council", "elms", "support") for s in found] == [10_000, 10_000, 10_000, 8_000, 8_000, 0, 0, 8_000]


def test_a_poor_quarter_between_starts_the_good_ones_again() -> None:
    found = quarters(example_of("under-performance-ladder"), reviews("40%", "40%", "90%", "40%", "90%", "90%"))
    assert steps(found, "elms") == [0, 1, 1, 1, 1, 0]


def test_what_is_withheld_in_a_year_is_earned_and_left_alone_by_the_true_up() -> None:
    given = reviews("40%", "40%", "40%", "40%")
    found = holds_of_any_year("under-performance-ladder", given, of_year(given))
    year = found[-1]
    assert year.payment("support").earned == 80_000
    assert not [t for t in year.transfers if t.amount]
    assert paid(found, "support") == {
        ("council", "elms"): 38_000,
        ("council", "willows"): 40_000,
        ("council", "withheld"): 2_000,
    }


def test_what_is_withheld_is_released_or_lapses_never_both() -> None:
    released = quarters(
        example_of("under-performance-ladder"), reviews("40%", "40%", "40%", "90%", "90%", "90%", "90%", "90%")
    )
    kinds = [(s.period, t.kind, t.payee, t.amount) for s in released for t in s.transfers if "withheld" in t.payer]
    assert kinds == [("2027-28 Q2", "release", "elms", 2_000)] * 2
    lapsed = quarters(
        example_of("under-performance-ladder"), reviews("40%", "40%", "40%", "55%", "55%", "55%", "55%", "55%")
    )
    kinds = [(s.period, t.kind, t.payee, t.amount) for s in lapsed for t in s.transfers if "withheld" in t.payer]
    assert kinds == [("2027-28 Q4", "lapse", "council", 2_000)]


def test_a_score_corrected_at_the_year_s_end_takes_the_ladder_with_it() -> None:
    """The second quarter was not poor after all: no quarter had two poor ones running before the fourth, and what was
    excluded or withheld since is worked out again."""
    poor = reviews("40%", "40%", "40%", "40%")
    found = quarters(example_of("under-performance-ladder"), poor)
    right = reviews("40%", "70%", "40%", "40%")
    year = settle(example_of("under-performance-ladder"), "2026-27", of_year(right), found[-1], kind="final")
    assert steps([found[-1]], "elms") == [3]
    last = [p.value for p in year.closing.past if (p.attribute, p.key, p.period) == ("step", "elms", "2026-27 Q4")]
    assert last == [1]
    assert [(d.what, d.period) for d in year.closing.duties] == [("improvement plan", "2026-27 Q4")]
    # with it goes what was withheld of the fourth quarter: it is paid at once
    assert [(t.kind, t.amount) for t in year.transfers if t.amount] == [("true-up", 2_000), ("withheld", 2_000)]
    assert (year.paid("council", "elms", "support"), year.closing.held) == (2_000, ())
    following = settle(example_of("under-performance-ladder"), "2027-28 Q1", reviews("90%")[0], year, kind="final")
    assert following.paid("council", "elms", "support") == 10_000
    assert [t for t in following.transfers if "withheld" in t.payer] == []


def test_duties_and_notices_come_with_the_steps() -> None:
    found = quarters(example_of("under-performance-ladder"), reviews("40%", "40%", "40%", "40%"))
    assert [(d.what, d.of, d.period, str(d.due)) for d in found[-1].closing.duties] == [
        ("improvement plan", "elms", "2026-27 Q2", "2026-10-28"),
        ("review with the leadership team", "elms", "2026-27 Q4", "2027-04-14"),
    ]
    assert [n.to for n in found[3].notices] == ["council", "elms"]
