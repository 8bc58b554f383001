"""History: the last value and what there is so far."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.settlement.helpers import QUARTERS, contract, earned, moves, quarters, settled, why

BODY = """\
inputs:
  x: {unit: GBP, over_periods: add}
  rate: {unit: percent}
  each_x: {unit: GBP, by: provider, over_periods: add}
measures:
  m: {reported: percent, score: {nothing_at: 0%, full_at: 50%}}
figures:
  f: {is: rate + rate}
  each_f: {each: provider, is: 2 * each_x}
  last_f: {is: last(f)}
  last_m: {is: last(m.value)}
  last_score: {is: last(m.score)}
  last_x: {is: last(x)}
  last_p: {is: last(p.earned)}
  last_each: {each: provider, is: last(each_f)}
  last_acute: {is: last(each_f by acute)}
  so_far: {is: so_far(x)}
  so_far_p: {is: so_far(p.earned)}
  so_far_each: {each: provider, is: so_far(each_x)}
  two_poor: {is: f < 50% and last(f) < 50%}
payments:
  p: {pays_for: outcome, start: x, slices: [{up_to: 10 GBP, to: acute}], from: icb}
"""


def given(x: str, rate: str, m: str, acute: str = "1") -> dict[str, object]:
    return {"x": x, "rate": rate, "m": m, "each_x": {"acute": acute, "community": "2", "live_in": "3"}}


def two(kind: str) -> list[object]:
    made = contract(BODY, settles="quarterly")
    first = settled(made, QUARTERS[0], given("8", "20%", "10%"), kind=kind)
    second = settled(made, QUARTERS[1], given("12", "22%", "20%", "7"), first, kind=kind)
    return [first, second]


def test_last_is_the_last_final_value() -> None:
    _, found = two("final")
    assert found.figure("last_f") == Fraction(2, 5)  # type: ignore[attr-defined]
    assert found.figure("last_m") == Fraction(1, 10)  # type: ignore[attr-defined]
    assert found.figure("last_score") == Fraction(1, 5)  # type: ignore[attr-defined]
    assert found.figure("last_x") == 8  # type: ignore[attr-defined]
    assert found.figure("last_p") == 8  # type: ignore[attr-defined]
    assert found.figure("last_each", "acute") == 2  # type: ignore[attr-defined]
    assert found.figure("last_each", "live_in") == 6  # type: ignore[attr-defined]
    assert found.figure("last_acute") == 2  # type: ignore[attr-defined]
    assert found.figure("two_poor") is True  # type: ignore[attr-defined]


def test_a_provisional_value_is_not_the_last_one() -> None:
    _, found = two("provisional")
    assert why(found.figure("last_f")) == "the last f is missing"  # type: ignore[attr-defined]


def test_there_is_nothing_before_the_first_period() -> None:
    first, _ = two("final")
    assert why(first.figure("last_p")) == "the last p is missing"  # type: ignore[attr-defined]
    assert first.figure("so_far") == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["provisional", "final"])
def test_so_far_is_the_sum_of_the_year_before_this_period(kind: str) -> None:
    made = contract(BODY, settles="quarterly")
    data = {q: given(x, "20%", "10%") for q, x in zip(QUARTERS, ("8", "12", "3", "1"), strict=True)}
    last = quarters(made, data, kind=kind)
    assert last.figure("so_far") == 23
    assert last.figure("so_far_p") == 21  # of the twelve, ten were earned
    assert last.figure("so_far_each", "community") == 6
    later = settled(made, "2027-28 Q1", given("5", "20%", "10%"), last)
    assert later.figure("so_far") == 0


def test_a_years_settlement_is_not_a_period_running() -> None:
    """The last value of a quarter is that of a quarter, and of a year that of a year."""
    made = contract(BODY, settles="quarterly")
    data = {q: given(x, r, "10%") for q, x, r in zip(QUARTERS, "1234", ("10%", "20%", "30%", "40%"), strict=True)}
    last = quarters(made, data, kind="final")
    year = settled(made, "2026-27", {"rate": "25%", "m": "11%"}, last, kind="final")
    assert why(year.figure("last_f")) == "the last f is missing"
    quarter = settled(made, "2027-28 Q1", given("5", "20%", "10%"), year)
    assert quarter.figure("last_f") == Fraction(4, 5)  # of the fourth quarter
    assert quarter.figure("last_m") == Fraction(1, 10)
    later = settled(made, "2027-28", given("5", "20%", "10%"), quarter)
    assert later.figure("last_f") == Fraction(1, 2)  # of the year


def test_a_period_settled_again_reads_what_came_before_it() -> None:
    made = contract(BODY, settles="quarterly")
    data = {q: given("1", r, "10%") for q, r in zip(QUARTERS, ("10%", "20%", "30%", "40%"), strict=True)}
    last = quarters(made, data, kind="final")
    assert settled(made, QUARTERS[1], data[QUARTERS[1]], last).figure("last_f") == Fraction(1, 5)


def test_the_year_recomputes_history_too() -> None:
    """A quarter within the year's true-up reads what the quarter before it comes to now."""
    made = contract(
        """\
        inputs: {x: {unit: GBP, over_periods: add}}
        payments:
          p: {pays_for: outcome, start: "x + (last(p.earned) else 0)", from: icb, to: acute}
        """,
        settles="quarterly",
    )
    last = quarters(made, {q: {"x": "1"} for q in QUARTERS}, kind="final")
    assert [m.amount for m in last.closing.moved] == [1, 2, 3, 4]
    year = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "11"}}}, last, kind="final")
    assert earned(year) == 11 + 12 + 13 + 14
    assert moves(year) == ["icb -> acute 40.00 (true-up)"]


def test_what_is_due_is_known_only_in_the_end() -> None:
    made = contract(
        """\
        figures: {due: {is: p.net}, ahead: {is: p.on_account}}
        payments: {p: {pays_for: outcome, start: 10 GBP, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    first = settled(made, QUARTERS[0], kind="final")
    assert "known once everything is settled" in why(first.figure("due"))
    assert "known once everything is settled" in why(first.figure("ahead"))


def test_the_closing_state_holds_what_was_brought() -> None:
    made = contract(BODY, settles="quarterly")
    first = settled(
        made, QUARTERS[0], {"x": {"value": "8", "status": "provisional"}, "m": {"value": "5%", "cases": 12}}
    )
    kept = {k.name: (k.period, k.value, k.status, k.cases) for k in first.closing.inputs}
    assert kept == {
        "x": (QUARTERS[0], 8, "provisional", None),
        "m": (QUARTERS[0], Fraction(1, 20), "measured", 12),
    }
    assert not any(p.final for p in first.closing.past)


def test_so_far_of_what_is_not_known() -> None:
    made = contract(BODY, settles="quarterly")
    first = settled(made, QUARTERS[0], {"rate": {"status": "suppressed"}})
    assert why(settled(made, QUARTERS[1], {"x": "1"}, first).figure("so_far_p")) == "x is missing"


SHARED = """\
inputs: {x: {unit: GBP, over_periods: add}, part: {unit: percent}}
figures:
  before: {each: provider, is: "last(p.earned by party)"}
  so_far_theirs: {each: provider, is: "so_far(p.earned by party)"}
payments: {p: {pays_for: outcome, start: x, from: icb, to: {acute: part, community: 100% - part}}}
"""


def test_what_a_party_had_of_a_payment() -> None:
    made = contract(SHARED, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "10", "part": "60%"}, kind="final")
    second = settled(made, QUARTERS[1], {"x": "10", "part": "0%"}, first, kind="final")
    third = settled(made, QUARTERS[2], {"x": "10", "part": "0%"}, second, kind="final")
    assert [second.figure("before", k) for k in ("acute", "community", "live_in")] == [6, 4, 0]
    assert [third.figure("before", k) for k in ("acute", "community", "live_in")] == [0, 10, 0]
    assert [third.figure("so_far_theirs", k) for k in ("acute", "community", "live_in")] == [6, 14, 0]


def test_what_a_period_no_longer_comes_to_is_forgotten() -> None:
    body = SHARED.replace("part}}}", "part}, party_limits: {gain: {each: provider, at_most: 20 GBP}}}}")
    made = contract(body, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "20", "part": "100%"})
    again = settled(made, QUARTERS[0], {"x": "20", "part": "0%"}, first)
    # acute has all of its limit left, and community none
    assert moves(settled(made, QUARTERS[1], {"x": "20", "part": "50%"}, again)) == ["icb -> acute 10.00"]


def test_what_a_party_had_of_what_is_not_known() -> None:
    made = contract(SHARED, settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "10"})
    second = settled(made, QUARTERS[1], {"x": "10", "part": "0%"}, first)
    assert why(second.figure("so_far_theirs", "acute")) == "part is missing"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_last_value_is_that_of_the_latest_period_whichever_was_settled_last(order: tuple[int, int]) -> None:
    made = contract(BODY, settles="quarterly")
    found = None
    for at in order:
        found = settled(made, QUARTERS[at], given("8", ("20%", "22%")[at], "10%"), found, kind="final")
    third = settled(made, QUARTERS[2], given("8", "30%", "10%"), found, kind="final")
    assert third.figure("last_f") == Fraction(44, 100)
    assert third.figure("so_far") == 16
