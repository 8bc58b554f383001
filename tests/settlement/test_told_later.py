"""What limits carry is told where it comes and where it goes; what a correction leaves to later periods is told too."""

from __future__ import annotations

import pytest

from tests.settlement.helpers import contract, moves, settled

CARRIED = """\
terms: {most: {unit: GBP, values: {2026-04-01: 100, 2027-04-01: 10_000}}}
inputs: {won: {unit: GBP}}
payments:
  y:
    pays_for: outcome
    start: won
    from: icb
    to: acute
    party_limits: {gain: {each: provider, at_most: most, beyond: carry, clause: Sch 4}}
"""
SINCE = "2027-28 Q1 was settled after this period, on what it came to before. Settle it again."


def test_what_is_carried_in_and_out_is_told() -> None:
    made = contract(CARRIED, settles="quarterly", term="2026-04-01 2027-09-30")
    last = settled(made, "2026-27 Q4", {"won": "500"})
    (line,) = last.payments[0].lines
    assert (line.before, line.after, line.note) == (500, 100, "what is beyond is carried to the next settlement")
    then = settled(made, "2027-28 Q1", {"won": "100"}, last)
    (line,) = then.payments[0].lines
    assert (line.kind, line.name, line.before, line.after) == ("carried", "acute: carried", 100, 500)
    assert (line.facts, line.note, line.clause) == ((), "what a limit cut in the period before is added", "Sch 4")
    assert line.mark is not None
    assert line.mark.line == made.built.payments["y"].gain_limit.mark.line  # type: ignore[union-attr]
    end = settled(made, "2027-28 Q2", {"won": "500_000"})
    (line,) = end.payments[0].lines
    assert line.note == "what is beyond is kept by the payer, since no later period is settled"
    assert moves(end) == ["icb -> acute 10000.00"]


@pytest.mark.parametrize(("won", "note"), [("300", [SINCE]), ("500", [])])
def test_a_correction_that_moves_nothing_may_leave_something_else_to_later(won: str, note: list[str]) -> None:
    made = contract(CARRIED, settles="quarterly")
    last = settled(made, "2027-28 Q1", {"won": "100"}, settled(made, "2026-27 Q4", {"won": "500"}))
    again = settled(made, "2026-27 Q4", {"won": won}, last)
    assert (moves(again), [n for n in again.notes if "Settle it again" in n]) == ([], note)


READING = """\
inputs: {won: {unit: GBP}, rate: {unit: percent POLICY}}
figures: {before: {is: FORMULA}}
payments:
  y: {pays_for: outcome, start: won, from: icb, to: acute}
"""


@pytest.mark.parametrize(
    ("formula", "policy", "told"),
    [
        ("last(rate) else 0%", "", True),
        ("so_far(rate) else 0%", "", True),
        ("rate", ", if: {missing: previous}", True),
        ("rate", "", False),
    ],
)
def test_what_later_periods_recall_may_have_changed(formula: str, policy: str, told: bool) -> None:
    body = READING.replace("FORMULA", f'"{formula}"').replace(" POLICY", policy)
    made = contract(body, settles="quarterly")
    last = settled(
        made, "2027-28 Q1", {"won": "1", "rate": "5%"}, settled(made, "2026-27 Q4", {"won": "1", "rate": "5%"})
    )
    again = settled(made, "2026-27 Q4", {"rate": "6%"}, last)
    assert moves(again) == []
    assert (SINCE in again.notes) is told


def test_what_adds_up_over_the_year_from_nothing_is_told() -> None:
    body = """\
    inputs: {won: {unit: GBP}}
    figures: {by_now: {is: so_far(won) + won}}
    payments: {y: {pays_for: outcome, start: by_now, from: icb, to: acute}}
    """
    made = contract(body, settles="quarterly", term="2026-04-01 2028-03-31")
    told = "so_far(won) has nothing of 2026-27 before 2026-27 Q2: no settlement is opened from (--opening)."
    first = settled(made, "2026-27 Q1", {"won": "1"})
    assert [n for n in first.notes if "so_far" in n] == []
    assert [n for n in settled(made, "2026-27 Q2", {"won": "1"}).notes if "so_far" in n] == [told]
    assert [n for n in settled(made, "2026-27 Q2", {"won": "1"}, first).notes if "so_far" in n] == []
    assert [n for n in settled(made, "2027-28 Q1", {"won": "1"}).notes if "so_far" in n] == []
    late = contract(body, settles="quarterly", term="2026-07-01 2028-03-31")
    assert [n for n in settled(late, "2026-27 Q2", {"won": "1"}).notes if "so_far" in n] == []


@pytest.mark.parametrize(("floor", "told"), [("any", ""), ("0", " Until then there is less than nothing in: pot.")])
def test_less_than_nothing_is_told_where_it_may_not_be(floor: str, told: str) -> None:
    body = f"""\
    accounts: {{pot: {{may_go_below: {floor}}}}}
    inputs: {{in_: {{unit: GBP}}, out: {{unit: GBP}}}}
    payments:
      a: {{pays_for: block, start: in_, from: icb, to: pot}}
      b: {{pays_for: block, start: out, from: pot, to: acute}}
    """
    made = contract(body.replace("in_", "inn"), settles="quarterly")
    first = settled(made, "2026-27 Q1", {"inn": "100", "out": "0"})
    last = settled(made, "2026-27 Q2", {"inn": "0", "out": "100"}, first)
    again = settled(made, "2026-27 Q1", {"inn": "40"}, last)
    assert again.notes[0] == (
        f"2026-27 Q2 was settled after this period, on what it came to before. Settle it again.{told}"
    )
