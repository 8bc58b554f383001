"""Suspension, wilful default and withdrawal over a year."""

from __future__ import annotations

from typing import Any

from alliance.settlement.settle import settle
from tests.rules.pack_years import QUARTERS, example_of, holds_of_any_year, paid

SUSPENDED = {
    "party": "harbor", "kind": "suspension", "since": "2026-05-11", "until": "2026-08-31", "recorded": "2026-05-11",
}  # fmt: skip
DEFAULT = {
    "party": "meadow", "kind": "wilful default", "since": "2026-04-20", "until": "2026-12-31",
    "recorded": "2026-08-15", "loss": "7500.00",
}  # fmt: skip
LEAVES = {"party": "anchor", "kind": "withdrawal", "since": "2026-10-01", "recorded": "2026-10-01"}


def given(*standing: dict[str, Any], saved: str = "60000.00") -> dict[str, Any]:
    return {"saved": saved, "standing": list(standing)}


def of_year(*standing: dict[str, Any]) -> dict[str, Any]:
    return {"standing": list(standing), "periods": {q: {"saved": "60000.00"} for q in QUARTERS}}


def test_a_year_of_all_three() -> None:
    register = (SUSPENDED, DEFAULT, LEAVES)
    found = holds_of_any_year("suspension", [given(*register)] * 4, of_year(*register))
    # suspended in the first two quarters; in default in the first three, the loss taken once, in the second
    assert [s.payment("gain").earned for s in found] == [20_000, 20_000, 40_000, 60_000, 140_000]
    assert [s.payment("block").earned for s in found] == [120_000, 112_500, 120_000, 120_000, 472_500]
    assert paid(found, "gain") == {("icb", "anchor"): 80_000, ("icb", "harbor"): 40_000, ("icb", "meadow"): 20_000}
    assert sorted((d.what, d.of, str(d.due)) for d in found[-1].closing.duties) == [
        ("exit plan", "anchor", "2026-10-29"),
        ("handing over of people's plans and records", "anchor", "2027-01-01"),
        ("plan to make good the default", "meadow", "2026-08-29"),
    ]


def test_a_suspension_found_to_be_wrong_is_paid_by_the_true_up() -> None:
    year = holds_of_any_year("suspension", [given(SUSPENDED)] * 4, of_year())[-1]
    assert [(t.payer, t.payee, t.amount) for t in year.transfers if t.amount] == [("icb", "harbor", 40_000)]


def test_losses_are_shared_by_who_is_suspended_too() -> None:
    s = settle(example_of("suspension"), QUARTERS[0], given(SUSPENDED, DEFAULT, saved="-30000.00"), kind="final")
    assert s.payment("gain").earned == -30_000
    assert s.paid("harbor", "icb", "gain") == 10_000


def test_two_losses_of_one_party_add_up() -> None:
    other = {**DEFAULT, "since": "2026-07-01", "loss": "1000.00"}
    s = settle(example_of("suspension"), QUARTERS[1], given(DEFAULT, other), kind="final")
    assert s.paid("icb", "meadow", "block") == 20_000 - 8_500


def test_a_loss_is_taken_when_it_is_recorded_though_the_default_began_before() -> None:
    late = {**DEFAULT, "recorded": "2027-02-01"}
    found = holds_of_any_year("suspension", [given(), given(), given(late), given(late)], of_year(late))
    assert [s.payment("block").earned for s in found] == [120_000, 120_000, 120_000, 112_500, 472_500]
    # in default from April to December: two quarters were paid before anybody knew, and are taken back at the end
    assert found[-1].payment("gain").earned == 180_000
    assert [(t.payer, t.payee, t.amount) for t in found[-1].transfers if t.amount] == [("meadow", "icb", 40_000)]


def test_a_notice_put_right_owes_its_duties_once() -> None:
    contract = example_of("suspension")
    first = settle(contract, QUARTERS[2], given(LEAVES), kind="final")
    again = settle(contract, QUARTERS[2], given({**LEAVES, "recorded": "2026-10-05"}), first, kind="final")
    assert len(again.closing.duties) == len(first.closing.duties) == 2


def test_a_year_settled_at_once_raises_the_duties_of_a_notice_once() -> None:
    year = settle(example_of("suspension"), "2026-27", of_year(LEAVES), kind="final")
    assert [(d.what, d.period) for d in year.closing.duties] == [
        ("exit plan", "2026-27 Q3"),
        ("handing over of people's plans and records", "2026-27 Q3"),
    ]


def test_a_notice_struck_out_owes_nothing_unless_it_was_done() -> None:
    contract = example_of("suspension")
    first = settle(contract, QUARTERS[2], given(LEAVES), kind="final")
    done = {"duty": "exit plan", "party": "anchor", "outcome": "met", "on": "2026-10-20"}
    second = settle(contract, QUARTERS[3], {**given(LEAVES), "duties": [done]}, first, kind="final")
    assert len(second.closing.duties) == 2
    again = settle(contract, QUARTERS[2], given(), second, kind="final")
    assert [(d.what, str(d.met)) for d in again.closing.duties] == [("exit plan", "2026-10-20")]
