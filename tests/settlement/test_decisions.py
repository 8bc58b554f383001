"""Decisions are recorded for periods: what a quarter had decided, its year goes by."""

from __future__ import annotations

from alliance.contract.contract import Contract
from tests.settlement.helpers import QUARTERS, contract, earned, moves, settled

BOTH = ["icb", "council"]


def asking(more: str = "", start: str = "100 GBP if go else 40 GBP", settles: str = "quarterly") -> Contract:
    body = f"""\
    decisions: {{go: {{signed_by: [icb, council]{more}}}}}
    payments: {{y: {{pays_for: outcome, start: "{start}", from: icb, to: acute, settles: {settles}}}}}
    """
    return contract(body, settles="quarterly")


def test_what_was_decided_in_a_quarter_is_so_in_its_year() -> None:
    made, last = asking(), None
    for label in QUARTERS:
        last = settled(made, label, {"go": BOTH} if label == QUARTERS[1] else {}, last)
        assert moves(last) == ["icb -> acute 100.00" if label == QUARTERS[1] else "icb -> acute 40.00"]
    assert moves(settled(made, "2026-27", {}, last)) == []
    # said of the year alone it changes no quarter that was settled without it
    assert moves(settled(made, "2026-27", {"go": BOTH}, last)) == []
    late = {"periods": {QUARTERS[3]: {"go": BOTH}}}
    assert moves(settled(made, "2026-27", late, last)) == ["icb -> acute 60.00 (true-up)"]
    taken = {"periods": {QUARTERS[1]: {"go": {"icb": "no"}}}}
    assert moves(settled(made, "2026-27", taken, last)) == ["acute -> icb 60.00 (true-up)"]


def test_a_year_that_is_settled_at_once_decides_for_its_quarters() -> None:
    made = asking()
    year = settled(made, "2026-27", {"go": BOTH})
    assert earned(year, "y") == 400
    assert moves(settled(made, "2026-27", {}, year)) == [], "what was recorded stands"
    assert earned(settled(made, "2026-27", {"periods": {QUARTERS[2]: {"go": {"icb": "no"}}}}, year), "y") == 340


def test_what_was_decided_within_the_year_is_so_for_the_year() -> None:
    made = asking(settles="yearly")
    assert earned(settled(made, "2026-27", {"periods": {QUARTERS[0]: {"go": BOTH}}}), "y") == 100
    taken = {QUARTERS[0]: {"go": BOTH}, QUARTERS[2]: {"go": {"council": "no"}}}
    assert earned(settled(made, "2026-27", {"periods": taken}), "y") == 40
    halves = {"2026-27 H1": {"go": BOTH}, QUARTERS[0]: {"go": {"icb": "no", "council": "no"}}}
    assert earned(settled(made, "2026-27", {"periods": halves}), "y") == 100


def test_a_row_that_says_nothing_decides_nothing() -> None:
    made = asking(", quorum: 1")
    first = settled(made, QUARTERS[0], {"go": {"icb": "yes"}})
    assert earned(first, "y") == 100
    again = settled(made, QUARTERS[0], {"go": {"icb": "", "council": "no"}}, first)
    assert earned(again, "y") == 100
