"""One payment: its slices and instalments, each rounded as its own, and what is kept of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.faults import Mark
from alliance.contract.values import Unknown
from alliance.settlement.settling import Settling
from alliance.settlement.state import State
from tests.settlement.helpers import QUARTERS, contract, earned, moves, one_payment, settled, why

KEPT = "figures: {kept: {is: p.kept}}\n"


def test_what_is_beyond_every_slice_is_kept_beside_what_stays_of_them() -> None:
    made = one_payment("start: x\nfrom: icb\nslices: [{up_to: 4 GBP, to: {acute: 25%, rest: stays}}]", KEPT)
    for x, sign in (("10", 1), ("-10", -1)):
        found = settled(made, inputs={"x": x})
        assert (earned(found), found.figure("kept")) == (sign, sign * 9)


def test_the_slices_of_each_are_rounded_as_its_own() -> None:
    body = "payments: {p: {pays_for: block, each: provider, start: 0.005 GBP, from: council, slices: [{to: icb}]}}"
    assert moves(settled(contract(body))) == ["council -> icb 0.03"]


def test_slices_of_an_amount_that_is_held_to_a_floor_are_not_below_it_to_the_penny() -> None:
    slices = "[{up_to: 4 GBP, to: acute}, {to: community}]"
    made = one_payment(f"start: 5 GBP\nlimits: {{at_least: 10.001 GBP}}\nfrom: icb\nslices: {slices}")
    assert moves(settled(made)) == ["icb -> acute 4.00", "icb -> community 6.01"]


def test_a_part_of_a_slice_that_is_worked_out_is_told() -> None:
    made = one_payment("start: x\nfrom: icb\nslices: [{to: {acute: rate, rest: stays}}]")
    found = settled(made, inputs={"x": "10", "rate": "30%"})
    assert moves(found) == ["icb -> acute 3.00"]
    assert found.payment("p").waterfalls[0].lines[-1].facts == (
        ("in this slice", 10, "money"),
        ("to acute", Fraction(3, 10), "percent"),
        ("stays with the payer", 7, "money"),
    )


def test_of_nothing_no_floor_is_read() -> None:
    made = one_payment("start: x\nfrom: pot\nslices: [{to: acute}]", "accounts: {pot: {may_go_below: y}}\n")
    assert earned(settled(made, inputs={"x": "0"})) == 0


INSTALMENTS = "start: x\nfrom: icb\nto: acute\non_account: {of_the_year: 100 GBP, each: month}"


def test_the_periods_that_a_contract_only_touches_have_an_instalment() -> None:
    for term in ("2026-06-30 2029-03-31", "2024-04-01 2027-01-01"):
        made = one_payment(INSTALMENTS, term=term)
        assert moves(settled(made, "2026-09")) == ["icb -> acute 10.00 (on account)"]


def test_an_instalment_of_what_a_record_leaves_empty_is_told_by_its_formula() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: optional GBP}}}
        payments: {p: {pays_for: block, each: visits, start: 1 GBP, from: icb, to: of, on_account: cost}}
        """
    )
    given = {"visits": [{"of": "acute", "cost": ""}]}
    assert settled(made, "2026-04", given).payment("p").reasons == ("cost is missing",)


def test_an_instalment_is_traced_to_the_amount_of_the_year() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute\non_account: 60% * y")
    found = settled(made, "2026-04", {"periods": {"2026-27": {"y": "1200"}}})
    (detail,) = found.payment("p").waterfalls[0].lines[0].details
    assert (detail.label, detail.expr.text, detail.trace().value) == ("of the year", "60% * y", 720)


def test_the_instalments_of_each_are_rounded_as_its_own() -> None:
    body = """\
    payments:
      p: {pays_for: block, settles: yearly, each: provider, start: 1 GBP, from: icb, to: provider, on_account: 0.125 GBP}
    """
    found = settled(contract(body, settles="quarterly"), QUARTERS[0])
    # 0.13 of the year each, of which the first quarter has the penny over
    assert moves(found) == [f"icb -> {name} 0.04 (on account)" for name in ("acute", "community", "live_in")]


def test_an_instalment_of_units_is_in_units() -> None:
    body = "payments: {p: {unit: count, start: 40, settles: yearly, from: icb, to: acute, on_account: 40}}"
    found = settled(contract(body, settles="quarterly"), QUARTERS[0], opening=State())
    assert [(t.kind, t.amount, t.unit) for t in found.transfers] == [("on account", 10, "count")]


def test_a_start_is_traced_by_its_name() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute")
    (line,) = settled(made, inputs={"x": "10"}).payment("p").waterfalls[0].lines
    assert [(d.label, d.expr.text, d.trace().value) for d in line.details] == [("start", "x", 10)]


SCALED = """\
inputs: {x: {unit: GBP}}
payments:
  p: {pays_for: block, each: provider, start: 10 GBP, from: icb, to: provider}
  q: {pays_for: block, start: 0 GBP, steps: [{at_least: 10.001 GBP}], from: icb, to: acute}
rules:
  - {rule: one, for: provider, when: provider = acute, then: [{scale: p, by: 50%, of: provider}]}
  - {rule: all, when: x > 0 GBP, then: [{scale: p, by: 40%}]}
  - {rule: whole, when: x > 0 GBP, then: [{scale: q, by: 50%}]}
"""


def test_rules_scale_what_is_of_each_and_what_is_of_all() -> None:
    found = settled(contract(SCALED), inputs={"x": "1"})
    assert moves(found, "p") == ["icb -> acute 2.00", "icb -> community 4.00", "icb -> live_in 4.00"]
    assert [[x.name for x in w.lines] for w in found.payment("p").waterfalls] == [
        ["10 GBP", "one", "all"], ["10 GBP", "all"], ["10 GBP", "all"],
    ]  # fmt: skip
    # half of 10.001, which no longer has a floor of 10.001 to be rounded up to
    assert moves(found, "q") == ["icb -> acute 5.00"]


def test_groups_of_records_of_one_payee_are_rounded_as_one() -> None:
    made = contract(
        """\
        inputs: {packages: {records: {person: id, saved: GBP}}}
        payments: {p: {pays_for: block, each: person in packages, start: 50% * sum(saved), from: icb, to: acute}}
        """
    )
    rows = [{"person": name, "saved": "0.01"} for name in "ab"]
    assert moves(settled(made, inputs={"packages": rows})) == ["icb -> acute 0.01"]


def test_what_is_not_due_comes_to_nothing() -> None:
    made = one_payment("when: ok\nstart: x\nfrom: icb\nto: acute")
    found = settled(made, inputs={"ok": "no"}).payment("p")
    assert [(w.amount, [x.kind for x in w.lines]) for w in found.waterfalls] == [(0, ["when"])]


def test_what_is_earned_by_category_is_that_of_each_and_by_party_what_it_is_paid() -> None:
    made = contract(
        """\
        categories: {kind: [home, away]}
        inputs: {n: {unit: count, by: kind}}
        figures:
          home_visits: {is: p.earned by home}
          away_visits: {is: p.earned by away}
          to_acute: {is: q.earned by acute}
        payments:
          p: {pays_for: block, each: kind, start: 2 GBP * n, from: icb, to: acute}
          q:
            pays_for: block
            each: provider
            start: 10 GBP
            from: icb
            slices: [{up_to: 10 GBP, to: {rest: stays}}, {to: provider}]
        """
    )
    found = settled(made, inputs={"n": {"home": 3, "away": 4}})
    assert (found.figure("home_visits"), found.figure("away_visits")) == (6, 8)
    assert found.figure("to_acute") == 0


PAID_BY_RULE = """\
accounts: {pot: {}}
inputs: {x: {unit: GBP}, y: {unit: GBP}}
payments: {after: {pays_for: block, start: pot.balance, from: icb, to: council}}
rules:
  - {rule: one, when: x > 5 GBP, then: [{pay: fine, amount: 10% * x, from: pot, to: icb, pays_for: block}]}
"""


def test_what_a_rule_pays_it_pays_from_what_there_is() -> None:
    made = contract(PAID_BY_RULE)
    for x, held, expected in (("60", 50, "6.00"), ("60", 4, "4.00")):
        found = settled(made, inputs={"x": x}, opening=State({"pot": {"": held}}))
        assert moves(found, "fine") == [f"pot -> icb {expected}"]
        assert (found.payment("fine").status, found.payment("fine").title) == ("determined", "one")
    assert moves(settled(made, inputs={"x": "5"}, opening=State({"pot": {"": 50}})), "fine") == []


def test_what_a_rule_pays_is_not_known_where_it_is_not_known_whether_it_holds() -> None:
    found = settled(contract(PAID_BY_RULE), opening=State({"pot": {"": 50}}))
    assert why(earned(found, "fine")) == "whether the rule one holds is not known; x is missing"
    assert moves(found, "fine") == []


def test_records_of_nothing_have_a_line_between_those_that_they_name() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: GBP}}}
        payments: {p: {pays_for: block, each: visits, start: cost, from: icb, to: of}}
        """
    )
    rows = [{"of": name, "cost": "0"} for name in ("live_in", "community")]
    found = settled(made, inputs={"visits": rows})
    assert [(t.payer, t.payee, t.amount) for t in found.transfers] == [("icb", "community", 0)]


def test_a_limit_of_a_slice_that_a_record_leaves_empty_is_told_as_the_payment() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: GBP, most: optional GBP}}}
        payments:
          p: {pays_for: block, each: visits, start: cost, from: icb, slices: [{up_to: most, to: of}, {to: council}]}
        """
    )
    rows = [{"of": "acute", "cost": "9", "most": "5"}, {"of": "acute", "cost": "9", "most": ""}]
    assert moves(settled(made, inputs={"visits": rows[:1]})) == ["icb -> acute 5.00", "icb -> council 4.00"]
    assert settled(made, inputs={"visits": rows}).payment("p").reasons == ("p is missing",)


def test_for_each_record_and_for_each_group_of_them_parties_may_be_gone_through() -> None:
    body = """\
    inputs: {visits: {records: {of: party, cost: GBP}}, n: {unit: count, by: provider}}
    payments: {p: {pays_for: block, each: %s, start: %s * sum(n for provider), from: icb, to: acute}}
    """
    given = {
        "visits": [{"of": "acute", "cost": "2"}, {"of": "acute", "cost": "3"}],
        "n": {"acute": 1, "community": 2, "live_in": 4},
    }
    for each, start in (("visits", "cost"), ("of in visits", "sum(cost)")):
        assert moves(settled(contract(body % (each, start)), inputs=given)) == ["icb -> acute 35.00"]


def test_a_record_that_belongs_to_no_group_is_told_at_the_record() -> None:
    made = contract(
        """\
        inputs: {packages: {records: {person: optional id, saved: GBP}}}
        payments: {p: {pays_for: block, each: person in packages, start: sum(saved), from: icb, to: acute}}
        """
    )
    rows = [{"person": "a", "saved": "1"}, {"person": "", "saved": "2"}]
    lost: Any = settled(made, inputs={"packages": rows}).payment("p").earned
    assert isinstance(lost, Unknown)
    assert [(r.what, r.status, r.mark) for r in lost.reasons] == [
        ("the person of a record in packages", "missing", Mark("packages[2]")),
    ]


def test_what_a_rule_pays_is_never_less_than_nothing() -> None:
    made = contract(PAID_BY_RULE.replace("10% * x", "x - 100 GBP"))
    found = settled(made, inputs={"x": "60"}, opening=State({"pot": {"": 50}}))
    lost: Any = found.payment("fine").earned
    assert isinstance(lost, Unknown)
    assert [(r.what, r.status, r.mark) for r in lost.reasons] == [
        ("what fine pays, less than nothing", "not assessable", found.payment("fine").mark),
    ]
    assert moves(found, "fine") == []


def test_each_part_of_a_payment_counts_as_work_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str, Mark | None]] = []
    monkeypatch.setattr(Settling, "work", lambda self, *of: asked.append(of))
    made = one_payment(
        "start: x\nsteps: [{multiply: 50%}]\nlimits: {at_most: 5 GBP}\nfrom: icb\nshared: {by: equally, among: provider}"
    )
    settled(made, inputs={"x": "10"})
    at = made.built.payments["p"].mark
    mine = [(steps, mark) for steps, what, mark in asked if what == "the payment p"]
    assert mine == [(4, at), (1, at), (1, at), (12, at)]  # the amount, a step, a limit, and three that share
