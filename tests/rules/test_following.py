"""What rules do to payments, to the penny: gates, scales, deductions, money held back and let go, duties and ladders."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.contract import Contract, loads
from alliance.contract.faults import InputError
from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle

HEAD = """
alliance: 1
contract: {id: f, title: Rules, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, working_days: England}
parties:
  icb: {name: Board, role: commissioner}
  council: {name: Council, role: commissioner}
  ash: {name: Ash, role: provider, small: true}
  birch: {name: Birch, role: provider}
accounts:
  pool: {title: Pool, may_go_below: 0}
  reserve: {title: Reserve, may_go_below: any}
  advance: {title: Advance, by: provider, may_go_below: 0}
decisions: {settled: {signed_by: [icb]}}
ladders: {steps: {title: The ladder, each: provider, steps: [a plan, a hold, an exit]}}
inputs:
  quality: {unit: percent, by: provider}
  saved: {unit: GBP}
  events: {events: {party: party, kind: [fall, claim], on: date, amount: GBP}, dated: on}
  reports: {events: {party: party, day: date}, dated: day}
payments:
  block: {pays_for: block, each: provider, start: 1_000.00 GBP, from: icb, to: provider}
  share: {pays_for: outcome, start: saved, from: {icb: 60%, council: 40%}, shared: {by: equally, among: provider}}
  year: {pays_for: block, settles: yearly, start: 4_000.00 GBP, from: icb, to: ash}
rules:
"""
Q1, Q2, Q3, Q4 = (f"2026-27 Q{n}" for n in (1, 2, 3, 4))
GOOD = {"quality": {"ash": "90%", "birch": "90%"}, "saved": "100.01"}


def contract(*rules: str) -> Contract:
    return loads(HEAD + "".join(f"  - {r}\n" for r in rules))


def moved(s: Settlement, kind: str = "payment") -> dict[tuple[str, str, str], Any]:
    found: dict[tuple[str, str, str], Any] = {}
    for t in s.transfers:
        if t.kind == kind:
            at = (t.payment, t.payer.partition("/")[0], t.payee.partition("/")[0])
            found[at] = found.get(at, 0) + t.amount
    return found


def given(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def poor(ash: str = "40%", birch: str = "90%") -> dict[str, Any]:
    return given(quality={"ash": ash, "birch": birch})


def balanced(s: Settlement) -> None:
    for b in s.balances:
        assert b.opening + b.money_in - b.money_out == b.closing, b
        assert b.account != "withheld" or b.closing >= 0
    held = sum(b.closing for b in s.balances if b.account == "withheld")
    assert held == sum(h.amount for h in s.closing.held if not h.let_go)


class TestGatesAndScales:
    def test_a_gate_shuts_the_payment_of_the_party_that_it_is_about(self) -> None:
        c = contract("{rule: r, for: provider, when: quality < 50%, then: [{gate: block, of: provider}]}")
        found, whole = moved(settle(c, Q1, poor())), moved(settle(c, Q1, GOOD))
        assert whole.pop(("block", "icb", "ash")) == 1000
        assert found == whole

    def test_a_party_s_share_of_what_is_shared_is_shut_and_stays_with_the_payers(self) -> None:
        c = contract("{rule: r, for: provider, when: quality < 50%, then: [{gate: share, of: provider}]}")
        s = settle(c, Q1, poor())
        assert s.paid("icb", "ash", "share") + s.paid("council", "ash", "share") == 0
        assert s.payment("share").earned == Fraction(5001, 100)  # half of 100.01, rounded once it is known

    def test_scales_multiply_and_a_gate_shuts_whatever_the_order(self) -> None:
        half = "{rule: half, when: saved > 1.00 GBP, then: [{scale: share, by: 50%}]}"
        third = "{rule: most, when: saved > 2.00 GBP, then: [{scale: share, by: 80%}]}"
        shut = "{rule: shut, when: saved > 3.00 GBP, then: [{gate: share}]}"
        assert settle(contract(half, third), Q1, GOOD).payment("share").earned == 40  # 100.01 * 0.4 = 40.004
        assert settle(contract(third, half), Q1, GOOD).payment("share").earned == 40
        assert settle(contract(half, shut, third), Q1, GOOD).payment("share").earned == 0

    def test_a_loss_is_touched_only_where_it_is_said(self) -> None:
        loss = given(saved="-100.00")
        shut = contract("{rule: r, when: saved < 0, then: [{gate: share}]}")
        assert settle(shut, Q1, loss).payment("share").earned == -100
        spared = contract(
            "{rule: r, for: provider, when: [small, saved < 0], then: [{gate: share, of: provider, only: loss}]}"
        )
        s = settle(spared, Q1, loss)
        assert s.payment("share").earned == -50
        assert s.paid("ash", "icb", "share") == 0
        assert s.paid("birch", "icb", "share") == 30

    def test_what_cannot_be_decided_is_not_paid(self) -> None:
        rule = "{rule: r, for: provider, when: quality < 50%%, then: [{gate: share, of: everybody}]%s}"
        s = settle(contract(rule % ("",)), Q1, given(quality={"ash": "90%"}))
        assert [p.name for p in s.undetermined] == ["share"]
        assert "whether the rule r holds" in s.payment("share").reasons[0]
        assert any("quality" in r for r in s.payment("share").reasons)
        with pytest.raises(InputError, match="AC141"):
            settle(contract(rule % ("",)), Q1, given(quality={"ash": "90%"}), kind="final")
        ignored = contract(rule % ", if_unknown: ignored")
        assert settle(ignored, Q1, given(quality={"ash": "90%"})).payment("share").earned * 100 == 10001
        applies = contract(rule % ", if_unknown: applies")
        assert settle(applies, Q1, given(quality={"ash": "90%"})).payment("share").earned == 0


class TestDeductions:
    def test_deductions_add_and_take_at_most_what_is_left(self) -> None:
        c = contract(
            "{rule: a, when: saved > 0, then: [{deduct: block, share: 10%, of: ash}]}",
            "{rule: b, when: saved > 0, then: [{deduct: block, amount: 950.00 GBP, of: ash}]}",
        )
        s = settle(c, Q1, GOOD)
        assert s.paid("icb", "ash", "block") == 0  # 1,000.00 less 100.00 leaves 900.00, of which at most 900.00
        assert s.paid("icb", "birch", "block") == 1000
        lines = [(x.before, x.after) for x in s.payment("block").lines if x.kind == "deduct"]
        assert lines == [(1000, 900), (900, 0)]

    def test_an_amount_is_deducted_once_from_a_payment_that_is_shared(self) -> None:
        c = contract("{rule: a, when: saved > 0, then: [{deduct: share, amount: 10.01 GBP}]}")
        s = settle(c, Q1, GOOD)
        assert s.payment("share").earned == 90
        assert s.payment("share").received[0].amount + s.payment("share").received[1].amount == 90

    def test_each_event_deducts_for_itself(self) -> None:
        c = contract("{rule: a, for: events, when: kind = claim, then: [{deduct: block, amount: amount, of: party}]}")
        rows = [{"party": "ash", "kind": "claim", "on": "2026-05-01", "amount": "10.10"},
                {"party": "ash", "kind": "claim", "on": "2026-05-01", "amount": "10.10"},
                {"party": "birch", "kind": "fall", "on": "2026-05-02", "amount": "5"}]  # fmt: skip
        s = settle(c, Q1, given(events=rows))
        assert s.paid("icb", "ash", "block") * 100 == 97980
        random.Random(1).shuffle(rows)
        again = settle(c, Q1, given(events=rows))
        assert (again.digest, again.name) == (s.digest, s.name)


class TestHeldBack:
    RULE = "{rule: r, for: provider, when: quality < 50%, then: [{withhold: block, of: provider, share: 25%, lapses: after 2 periods}]}"

    def test_it_is_held_and_released_when_the_rule_no_longer_holds(self) -> None:
        c = contract(self.RULE)
        one = settle(c, Q1, poor(), kind="final")
        assert moved(one)["block", "icb", "ash"] == 750
        assert moved(one, "withheld") == {("block", "icb", "withheld"): 250}
        assert (one.payment("block").earned, one.payment("block").withheld, one.payment("block").net) == (
            2000,
            250,
            1750,
        )
        two = settle(c, Q2, GOOD, one, kind="final")
        assert moved(two, "release") == {("block", "withheld", "ash"): 250}
        for s in (one, two):
            balanced(s)
        assert settle(c, Q3, GOOD, two, kind="final").paid("icb", "ash", "block") == 1000

    def test_it_lapses_to_the_payer(self) -> None:
        c = contract(self.RULE)
        state: Settlement | None = None
        found = []
        for period in (Q1, Q2, Q3, Q4):
            state = settle(c, period, poor(), state, kind="final")
            balanced(state)
            found.append([(t.kind, t.payee, t.amount) for t in state.transfers if t.kind in ("release", "lapse")])
        assert found == [[], [], [("lapse", "icb", 250)], [("lapse", "icb", 250)]]

    def test_a_condition_lets_it_go_or_reverses_it(self) -> None:
        c = contract(
            "{rule: r, for: events, when: kind = claim, then: [{hold: block, of: party, amount: amount,"
            " until: settled, reverse_when: saved < 0}]}"
        )
        claim = [{"party": "birch", "kind": "claim", "on": "2026-05-01", "amount": "300.00"}]
        one = settle(c, Q1, given(events=claim), kind="final")
        assert one.paid("icb", "birch", "block") == 700
        kept = settle(c, Q2, GOOD, one, kind="final")
        assert not moved(kept, "release")
        freed = settle(c, Q2, given(settled=["icb"]), one, kind="final")
        assert moved(freed, "release") == {("block", "withheld", "birch"): 300}
        back = settle(c, Q2, given(saved="-1.00"), one, kind="final")
        assert moved(back, "reversal") == {("block", "withheld", "icb"): 300}
        for s in (one, kept, freed, back):
            balanced(s)

    def test_a_true_up_leaves_it_alone(self) -> None:
        c = contract(self.RULE)
        state = settle(c, Q1, poor(), kind="final")
        for period in (Q2, Q3, Q4):
            state = settle(c, period, GOOD, state, kind="final")
        year = settle(c, "2026-27", {"periods": {Q1: GOOD}, "saved": "400.04"}, state, kind="final")
        assert {k: v for k, v in moved(year, "true-up").items() if k[0] == "block"} == {}
        assert not [t for t in year.transfers if t.kind in ("withheld", "release", "lapse") and t.amount]
        balanced(year)

    def test_a_period_settled_again_posts_nothing_new(self) -> None:
        c = contract(self.RULE)
        one = settle(c, Q1, poor(), kind="final")
        again = settle(c, Q1, poor(), one, kind="final")
        assert not [t for t in again.transfers if t.amount]
        two = settle(c, Q2, GOOD, one, kind="final")
        twice = settle(c, Q2, GOOD, two, kind="final")
        assert not [t for t in twice.transfers if t.amount]
        taken_back = settle(c, Q2, poor(), two, kind="final")
        assert moved(taken_back, "release") == {("block", "ash", "withheld"): 250}
        for s in (again, twice, taken_back):
            balanced(s)

    def test_each_payer_s_part_is_held_apart(self) -> None:
        c = contract("{rule: r, when: saved > 0, then: [{withhold: share, share: 50%}]}")
        s = settle(c, Q1, GOOD, kind="final")
        held = moved(s, "withheld")
        assert sum(held.values()) + sum(v for k, v in moved(s).items() if k[0] == "share") == s.payment("share").earned
        assert {k[1] for k in held} == {"icb", "council"}
        balanced(s)


class TestOthers:
    def test_what_a_rule_pays_is_a_payment_of_its_own(self) -> None:
        c = contract(
            "{rule: r, for: events, when: kind = claim, then: [{pay: claims, amount: amount * 10%, from: icb, to: party}]}"
        )
        rows = [{"party": "ash", "kind": "claim", "on": "2026-05-01", "amount": a} for a in ("1.05", "1.05", "1.05")]
        s = settle(c, Q1, given(events=rows))
        assert s.paid("icb", "ash", "claims") * 100 == 32  # 0.315 rounded once
        assert s.payment("claims").earned == s.paid("icb", "ash", "claims")

    def test_a_ladder_is_climbed_a_step_a_period_and_read_from_the_next(self) -> None:
        c = contract(
            "{rule: down, for: provider, when: quality >= 50%, then: [{step_down: steps, of: provider}]}",
            "{rule: up, for: provider, when: quality < 50%, then: [{escalate: steps, of: provider}]}",
            "{rule: up-too, for: provider, when: quality < 45%, then: [{escalate: steps, of: provider}]}",
            "{rule: shut, for: provider, when: steps >= 2, then: [{gate: block, of: provider}]}",
        )
        state: Settlement | None = None
        paid, told = [], []
        for period, ash in (
            (Q1, "40%"),
            (Q2, "40%"),
            (Q3, "40%"),
            (Q4, "90%"),
            ("2027-28 Q1", "90%"),
            ("2027-28 Q2", "90%"),
        ):
            state = settle(c, period, poor(ash), state, kind="final")
            paid.append(state.paid("icb", "ash", "block"))
            told.append([n.text for n in state.notices if n.to == "ash"])
        assert paid == [1000, 1000, 0, 0, 0, 1000]
        assert told[:3] == [
            ["The ladder: step 1, a plan"],
            ["The ladder: step 2, a hold"],
            ["The ladder: step 3, an exit"],
        ]

    def test_what_lasts_counts_periods_of_the_contract_and_no_year(self) -> None:
        c = contract(
            "{rule: r, for: provider, when: quality < 50%, lasting: 2 of the last 3 periods, then: [{gate: block, of: provider}]}"
        )
        state: Settlement | None = None
        paid = []
        for period, ash in ((Q1, "40%"), (Q2, "90%"), (Q3, "40%"), (Q4, "90%")):
            state = settle(c, period, poor(ash), state, kind="final")
            paid.append(state.paid("icb", "ash", "block"))
        assert paid == [1000, 1000, 0, 1000]
        state = settle(c, "2026-27", {"saved": "400.04"}, state, kind="final")
        state = settle(c, "2027-28 Q1", poor("90%"), state, kind="final")
        assert settle(c, "2027-28 Q2", poor(), state, kind="final").paid("icb", "ash", "block") == 1000

    def test_a_duty_is_due_met_late_or_waived(self) -> None:
        from datetime import date

        from alliance.settlement.duties import state_on

        c = contract(
            "{rule: r, for: provider, when: quality < 50%, then: [{require: a plan, of: provider, within: 20 working days,"
            " met_by: {events: reports}}]}",
            "{rule: late, for: duties, when: days_late > 10 days, then: [{notify: icb, say: overdue}]}",
        )
        one = settle(c, Q1, poor("40%", "30%"), kind="final")
        assert [(d.of, d.due) for d in one.closing.duties] == [("ash", date(2026, 7, 28)), ("birch", date(2026, 7, 28))]
        two = settle(c, Q2, given(reports=[{"party": "ash", "day": "2026-07-20"}],
                                  duties=[{"duty": "a plan", "party": "birch", "outcome": "waived", "on": "2026-08-01"}]), one)  # fmt: skip
        ash, birch = two.closing.duties
        days = [date(2026, 7, 10), date(2026, 7, 21), date(2026, 7, 30), date(2026, 8, 1)]
        assert [state_on(ash, d) for d in days] == ["due", "met", "met", "met"]
        assert [state_on(birch, d) for d in days] == ["due", "due", "late", "waived"]
        late = settle(c, Q2, GOOD, one)
        assert [n.text for n in late.notices] == ["overdue", "overdue"]

    def test_raised_facts_come_in_the_next_stage(self) -> None:
        c = contract(
            "{rule: second, for: {x: worst, p: provider}, when: [x.who = p, x.many > 1], then: [{gate: block, of: p}]}",
            "{rule: first, for: provider, when: \"count(events where party = provider) >= 1\", then: [{raise: worst,"
            " with: {who: provider, many: count(events where party = provider)}}]}",
        )  # fmt: skip
        rows = [{"party": "ash", "kind": "fall", "on": "2026-05-01", "amount": "1"}] * 2
        s = settle(c, Q1, given(events=[*rows, {"party": "birch", "kind": "fall", "on": "2026-05-01", "amount": "1"}]))
        assert moved(s)["block", "icb", "birch"] == 1000
        assert s.paid("icb", "ash", "block") == 0

    def test_the_order_of_rules_changes_nothing_that_moves(self) -> None:
        texts = [
            "{rule: a, when: saved > 0, then: [{deduct: block, share: 10%}]}",
            "{rule: b, for: provider, when: small, then: [{scale: block, by: 50%, of: provider}]}",
            "{rule: c, for: provider, when: quality > 80%, then: [{withhold: block, of: provider, share: 30%}]}",
            "{rule: d, when: saved > 1.00 GBP, then: [{deduct: block, share: 5%}]}",
        ]
        found = set()
        for seed in range(6):
            random.Random(seed).shuffle(texts)
            s = settle(contract(*texts), Q1, GOOD)
            found.add(tuple(sorted((t.payer, t.payee.partition("/")[0], t.amount) for t in s.transfers)))
        assert len(found) == 1

    def test_it_survives_its_json(self) -> None:
        c = contract(
            TestHeldBack.RULE,
            "{rule: n, when: saved > 0, then: [{notify: icb}, {require: tea, of: icb, within: 3 days}]}",
        )
        one = settle(c, Q1, poor(), kind="final")
        read = Settlement.from_json(one.to_json())
        assert (read.rules, read.notices, read.closing) == (one.rules, one.notices, one.closing)
        assert settle(c, Q2, GOOD, read, kind="final").digest == settle(c, Q2, GOOD, one, kind="final").digest
