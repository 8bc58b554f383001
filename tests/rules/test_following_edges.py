"""What rules do to payments where little or nothing is left to do: no amount, less than nothing, nobody, no day, no answer."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.contract.contract import Contract, loads
from alliance.contract.faults import ContractError
from alliance.settlement.settle import settle
from alliance.settlement.settling import LET_GO
from alliance.settlement.state import State
from tests.rules.test_following import GOOD, HEAD, Q1, Q2, Q3, balanced, contract, given, moved, poor

EVENT = {"party": "ash", "kind": "fall", "on": "2026-05-01", "amount": "5.00"}


def changed(old: str, new: str, *rules: str) -> Contract:
    """A contract whose head is another in one place."""
    assert old in HEAD
    return loads(HEAD.replace(old, new) + "".join(f"  - {rule}\n" for rule in rules))


class TestAmounts:
    @pytest.mark.parametrize("verb", ["deduct", "withhold"])
    @pytest.mark.parametrize("much", ["share: quality by birch", "amount: saved"])
    def test_nothing_is_taken_where_nothing_is_asked(self, verb: str, much: str) -> None:
        c = contract(f"{{rule: r, for: provider, when: small, then: [{{{verb}: block, {much}, of: provider}}]}}")
        s = settle(c, Q1, given(quality={"ash": "90%", "birch": "0%"}, saved="0.00"))
        assert s.paid("icb", "ash", "block") == 1000
        assert [x for x in s.payment("block").lines if x.kind in ("deduct", "withhold")] == []
        assert s.closing.held == ()
        balanced(s)

    @pytest.mark.parametrize("verb", ["deduct", "withhold"])
    @pytest.mark.parametrize("much", ["share: 0% - quality by birch", "amount: saved"])
    def test_less_than_nothing_cannot_be_taken(self, verb: str, much: str) -> None:
        c = contract(f"{{rule: r, for: provider, when: small, then: [{{{verb}: block, {much}, of: provider}}]}}")
        s = settle(c, Q1, given(saved="-0.01"))
        assert s.payment("block").status == "undetermined"
        assert s.payment("block").reasons == ("what the rule r takes, less than nothing is not assessable",)

    def test_nor_can_less_than_nothing_be_paid(self) -> None:
        c = contract("{rule: r, when: saved < 5.00 GBP, then: [{pay: fine, amount: saved, from: ash, to: icb}]}")
        s = settle(c, Q1, given(saved="-0.01"))
        assert s.payment("fine").reasons == ("what fine pays, less than nothing is not assessable",)
        none = settle(c, Q1, given(saved="0.00"))
        assert (none.payment("fine").status, none.payment("fine").earned) == ("determined", 0)

    def test_a_penny_is_held_back_of_what_one_payer_pays(self) -> None:
        c = contract("{rule: r, when: saved > 0, then: [{withhold: share, amount: 0.01 GBP, of: ash}]}")
        s = settle(c, Q1, GOOD)
        assert moved(s, "withheld") == {("share", "icb", "withheld"): s.closing.held[0].amount}
        assert [(h.payer, h.payee, h.amount * 100) for h in s.closing.held] == [("icb", "ash", 1)]
        balanced(s)


class TestWhoIsMeant:
    def test_each_party_of_a_role_answers_for_the_whole_amount(self) -> None:
        rule = "{rule: r, when: saved > 0, then: [{deduct: block, amount: 10.00 GBP%s}]}"
        each = settle(contract(rule % ", of: each provider"), Q1, GOOD)
        assert [each.paid("icb", p, "block") for p in ("ash", "birch")] == [990, 990]
        with pytest.raises(ContractError, match="it is not said whose amount is taken"):
            contract(rule % "")  # of a payment that is worked out one by one

    def test_an_account_pays_and_is_paid(self) -> None:
        c = contract(
            "{rule: r, for: events, then: [{pay: cost, amount: amount, from: pool, to: party}]}",
            "{rule: s, for: events, then: [{pay: fine, amount: amount, from: party, to: reserve}]}",
        )
        s = settle(c, Q1, given(events=[EVENT]), opening=State({"pool": {"": 3}}))
        assert moved(s)["cost", "pool", "ash"] == 3  # as much as it holds
        assert moved(s)["fine", "ash", "reserve"] == 5
        balanced(s)

    @pytest.mark.parametrize("who", ["from: party, to: icb", "from: icb, to: party"])
    def test_an_empty_field_is_nobody_and_what_it_pays_is_not_determined(self, who: str) -> None:
        c = changed(
            "events: {events: {party: party,",
            "events: {events: {party: optional party,",
            f"{{rule: r, for: events, then: [{{pay: fine, amount: amount, {who}}}]}}",
        )
        s = settle(c, Q1, given(events=[{**EVENT, "party": None}]))
        assert s.payment("fine").reasons == ("who is meant by party is missing",)
        assert settle(c, Q1, given(events=[EVENT])).payment("fine").earned == 5

    def test_a_party_that_is_on_no_ladder_does_not_climb_it(self) -> None:
        c = contract("{rule: r, for: events, then: [{escalate: steps, of: party}]}")
        s = settle(c, Q1, given(events=[{**EVENT, "party": "icb"}, EVENT]))
        assert [(n.to, n.text) for n in s.notices if n.rule == "steps"] == [("ash", "The ladder: step 1, a plan")]

    def test_a_category_in_hand(self) -> None:
        c = changed(
            "inputs:\n",
            "categories: {ward: [east, west]}\ninputs:\n  beds: {unit: count, by: ward}\n",
            "{rule: r, for: ward, when: beds < 5, then: [{deduct: block, amount: 10.00 GBP, of: ash}]}",
        )
        s = settle(c, Q1, given(beds={"east": 4, "west": 3}))
        assert s.paid("icb", "ash", "block") == 980
        assert settle(c, Q1, given(beds={"east": 4, "west": 5})).paid("icb", "ash", "block") == 990


class TestDays:
    def test_a_duty_from_a_day_that_is_not_known_is_told_and_does_not_arise(self) -> None:
        c = changed(
            "on: date, amount: GBP}, dated: on",
            "on: date, amount: GBP, seen: optional date}, dated: on",
            "{rule: r, for: events, then: [{require: a plan, of: party, within: 10 days, after: seen}]}",
        )
        s = settle(c, Q1, given(events=[{**EVENT, "seen": None}]))
        assert s.closing.duties == ()
        assert [text for r in s.rules for text in r.follows] == ["a plan: it is not known from when"]
        assert len(settle(c, Q1, given(events=[{**EVENT, "seen": "2026-05-04"}])).closing.duties) == 1

    @pytest.mark.parametrize(("due", "late"), [("10 days", True), ("by 30 June", False)])
    def test_what_is_due_on_no_day_that_a_period_has_is_not_known_to_be_late(self, due: str, late: bool) -> None:
        c = changed(
            "saved: {unit: GBP}",
            f"saved: {{unit: GBP, from: ash, due: {due}}}",
            "{rule: r, when: saved.days_late > 5 days, then: [{gate: share}]}",
        )
        s = settle(c, Q1, given(saved={"value": "100.00", "received": "2026-09-01"}))
        if late:
            assert s.payment("share").earned == 0
        else:
            assert "the day that saved is due is missing" in s.payment("share").reasons

    def test_who_supplies_a_report(self) -> None:
        c = changed(
            "saved: {unit: GBP}",
            "saved: {unit: GBP, from: ash, due: 10 days}",
            "{rule: r, when: saved.days_late > 5 days, then: [{deduct: block, share: 10%, of: saved.supplier}]}",
        )
        s = settle(c, Q1, given(saved={"value": "100.00", "received": "2026-09-01"}))
        assert [s.paid("icb", p, "block") for p in ("ash", "birch")] == [900, 1000]


class TestHeldMoney:
    RULE = "{rule: r, for: provider, when: quality < 50%, then: [{withhold: block, of: provider, share: 25%}]}"
    TOLD = "{rule: told, for: withheld, when: amount > 5.00 GBP, then: [{notify: icb, say: money waits}]}"

    def test_it_stays_held_while_it_cannot_be_decided_whether_the_rule_still_holds(self) -> None:
        c = contract(self.RULE)
        one = settle(c, Q1, poor())
        two = settle(c, Q2, {"saved": "0.00"}, opening=one)
        assert not any(t.kind in LET_GO for t in two.transfers)
        assert sum(h.amount for h in two.closing.held if not h.let_go) == 250
        three = settle(c, Q3, GOOD, opening=two)
        assert moved(three, "release") == {("block", "withheld", "ash"): 250}
        balanced(three)

    def test_rules_see_what_was_held_before_the_period_and_is_not_let_go(self) -> None:
        c = contract(self.RULE, self.TOLD)
        one = settle(c, Q1, poor())
        assert one.notices == ()
        again = settle(c, Q1, poor(), opening=one)
        assert again.notices == ()
        two = settle(c, Q2, poor(), opening=one)
        assert [n.text for n in two.notices] == ["money waits"]
        three = settle(c, Q3, GOOD, opening=settle(c, Q2, GOOD, opening=one))
        assert three.notices == ()


class TestAbout:
    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("about", None, ""),
            ("about", "the stairs", "the stairs"),
            ("when", "2026-05-04", "2026-05-04"),
            ("times", "2.5", "2.5"),
            ("done", "yes", ""),
        ],
    )
    def test_what_a_duty_is_about(self, field: str, value: Any, told: str) -> None:
        c = changed(
            "on: date, amount: GBP}, dated: on",
            "on: date, amount: GBP, about: optional text, when: optional date, times: optional count,"
            " done: optional boolean}, dated: on",
            f"{{rule: r, for: events, then: [{{require: a plan, of: party, within: 10 days, about: {field}}}]}}",
        )
        (duty,) = settle(c, Q1, given(events=[{**EVENT, field: value}])).closing.duties
        assert duty.about == told


def test_what_is_still_held_when_the_contract_ends_is_told() -> None:
    made = loads(
        "alliance: 1\n"
        "contract: {id: c, title: C, term: {from: 2026-04-01, to: 2026-09-30}, settles: quarterly}\n"
        "parties: {icb: {name: ICB, role: commissioner}, ash: {name: Ash, role: provider}}\n"
        "inputs: {well: {unit: boolean}}\n"
        "payments: {p: {pays_for: block, start: 100 GBP, from: icb, to: ash}}\n"
        "rules: [{rule: held, when: not well, then: [{withhold: p, share: 25%, until: well}]}]\n"
    )
    first = settle(made, "2026-27 Q1", {"well": "no"})
    assert not any("still held back" in note for note in first.notes)
    last = settle(made, "2026-27 Q2", {"well": "no"}, first)
    assert "The contract ends, and 50.00 is still held back: it is for the parties to agree." in last.notes
