"""The first offer over a year: what waits, what is released, and what goes back."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q2, Q3, example_of, holds_of_any_year, quarters

FOUND = {"person": "P1", "found": "2026-06-22", "provider": "riverside"}
AGAIN = {"person": "P2", "found": "2026-09-28", "provider": "riverside"}


def offer(person: str, on: str, what: str, reasons: str | None = "it was thought about") -> dict[str, Any]:
    return {"person": person, "on": on, "what": what, "reasons": reasons}


def spent(person: str, month: str, cost: int, party: str = "clinic") -> dict[str, Any]:
    return {"person": person, "month": f"{month}-01", "party": party, "cost": cost}


MONTHS = [
    spent("P1", "2026-06", 12_000), spent("P1", "2026-07", 11_000), spent("P2", "2026-09", 3_000),
    spent("P2", "2026-10", 4_000), spent("P3", "2026-09", 700), spent("P2", "2027-01", 5_000),
]  # fmt: skip
LOG = [offer("P1", "2026-06-29", "proposed"), offer("P1", "2026-07-03", "accepted"),
       offer("P2", "2026-10-02", "proposed"), offer("P2", "2027-01-09", "refused")]  # fmt: skip


def known(day: str) -> dict[str, Any]:
    """The registers as they stood on a day."""
    return {
        "funding_found": [f for f in (FOUND, AGAIN) if f["found"] <= day],
        "offers": [o for o in LOG if o["on"] <= day],
        "spent_elsewhere": [m for m in MONTHS if m["month"] <= day],
    }


def test_a_year() -> None:
    each = [known(d) for d in ("2026-06-30", "2026-09-30", "2026-12-31", "2027-03-31")]
    found = holds_of_any_year("first-offer", each, known("2027-03-31"))
    assert [s.payment("elsewhere").earned for s in found[:4]] == [12_000, 3_700, 4_000, 5_000]
    moves = [[(t.kind, t.payee.partition("/")[0], t.amount) for t in s.transfers if t.amount] for s in found[:4]]
    assert moves == [
        [("withheld", "withheld", 12_000)],
        # the offer of P1's was accepted: July's 11,000 is not paid, June's goes back; P2's waits, P3's is paid
        [("payment", "clinic", 700), ("withheld", "withheld", 3_000), ("reversal", "council", 12_000)],
        [("withheld", "withheld", 4_000)],
        [("payment", "clinic", 5_000), ("release", "clinic", 3_000), ("release", "clinic", 4_000)],
    ]


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([], 9_000),
        ([offer("P1", "2026-09-21", "proposed")], 9_000),
        ([offer("P1", "2026-09-21", "refused")], 0),
        ([offer("P1", "2026-09-21", "refused", None)], 9_000),
        ([offer("P1", "2026-09-21", "override")], 0),
        ([offer("P1", "2026-09-21", "override", None)], 9_000),
        ([offer("P2", "2026-09-21", "refused")], 9_000),
        ([offer("P1", "2026-09-19", "refused")], 9_000),  # of an offer before
        ([offer("P1", "2026-10-01", "refused")], 9_000),  # after the quarter
        ([offer("P1", "2026-09-21", "refused", None), offer("P1", "2026-09-25", "refused")], 0),
    ],
)
def test_what_releases_and_what_does_not(rows: list[dict[str, Any]], held: int) -> None:
    given = {
        "funding_found": [{"person": "P1", "found": "2026-09-20", "provider": "riverside"}],
        "offers": rows,
        "spent_elsewhere": [spent("P1", "2026-09", 9_000)],
    }
    s = settle(example_of("first-offer"), Q2, given)
    assert sum(h.amount for h in s.closing.held) == held
    assert s.payment("elsewhere").net == 9_000 - held


def test_each_person_s_duty_is_met_by_what_is_logged_of_that_person() -> None:
    given = {
        "funding_found": [{**FOUND, "person": p, "found": "2026-09-20"} for p in ("P1", "P2")],
        "offers": [offer("P2", "2026-09-25", "proposed")],
        "spent_elsewhere": [],
    }
    s = settle(example_of("first-offer"), Q2, given)
    duties = {d.about: d.met for d in s.closing.duties if d.of == "riverside"}
    assert sorted(duties) == ["P1", "P2"]
    assert duties["P1"] is None
    assert str(duties["P2"]) == "2026-09-25"


def test_the_provider_who_knows_the_person_is_told_and_another_is_not() -> None:
    given = {"funding_found": [{**FOUND, "found": "2026-09-20"}], "offers": [], "spent_elsewhere": []}
    s = settle(example_of("first-offer"), Q2, given)
    assert sorted(n.to for n in s.notices) == ["families", "riverside"]


def test_nothing_is_let_go_while_the_registers_are_not_brought() -> None:
    first = {"funding_found": [AGAIN], "offers": [], "spent_elsewhere": [spent("P2", "2026-09", 3_000)]}
    contract = example_of("first-offer")
    held = settle(contract, Q2, first)
    for missing in ({"spent_elsewhere": []}, {"spent_elsewhere": [], "funding_found": [AGAIN]}):
        s = settle(contract, Q3, missing, held)
        assert [t.kind for t in s.transfers if t.amount] == []
    assert [t.kind for t in settle(contract, Q3, {**first, "spent_elsewhere": []}, held).transfers if t.amount] == [
        "release"
    ]


def test_a_correction_of_the_log_moves_the_money_the_other_way() -> None:
    contract = example_of("first-offer")
    funding = {"funding_found": [AGAIN], "spent_elsewhere": []}
    rows = [offer("P2", "2026-10-02", "proposed"), offer("P2", "2026-10-05", "refused")]
    held = settle(contract, Q2, {**funding, "offers": [], "spent_elsewhere": [spent("P2", "2026-09", 3_000)]})
    wrong = settle(contract, Q3, {**funding, "offers": rows}, held)
    assert [(t.kind, t.payee) for t in wrong.transfers if t.amount] == [("release", "clinic")]
    right = settle(contract, Q3, {**funding, "offers": [rows[0], offer("P2", "2026-10-05", "accepted")]}, wrong)
    to = {}
    for t in right.transfers:
        for name, sign in ((t.payee, 1), (t.payer, -1)):
            to[name.partition("/")[0]] = to.get(name.partition("/")[0], 0) + sign * t.amount
    assert to == {"clinic": -3_000, "withheld": 0, "council": 3_000}
    assert len(quarters(contract, [])) == 0
