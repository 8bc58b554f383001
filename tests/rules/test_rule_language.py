"""What packs need of the language of rules: who is told, what duties are about, whose money is let go, what is missing."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from alliance.contract.contract import Contract, loads
from alliance.contract.faults import ContractError
from alliance.settlement.settle import settle
from alliance.settlement.state import State

HEAD = """
alliance: 1
contract: {id: f, title: Rules, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, working_days: England}
parties:
  icb: {name: Board, role: commissioner}
  ash: {name: Ash, role: provider}
  birch: {name: Birch, role: provider}
accounts:
  funds: {title: Funds, by: person, may_go_below: 0}
inputs:
  concerns: {events: {name: id, party: party, opened: date, closed: optional date, person: id}, unique: [name]}
  loose: {events: {name: id, party: party, closed: optional date}}
  visits: {records: {person: id, day: date, cost: GBP}, dated: day}
  log: {events: {person: id, day: date, done: boolean, number: count}}
payments:
  block: {pays_for: block, each: provider, start: 1_000.00 GBP, from: icb, to: provider}
rules:
"""
Q1, Q2, Q3 = (f"2026-27 Q{n}" for n in (1, 2, 3))


def contract(*rules: str) -> Contract:
    return loads(HEAD + "".join(f"  - {r}\n" for r in rules))


def faults(*rules: str) -> list[str]:
    with pytest.raises(ContractError) as error:
        contract(*rules)
    return [f.message for f in error.value.faults]


def concern(name: str, party: str = "ash", closed: str | None = None, **more: str) -> dict[str, Any]:
    return {"name": name, "party": party, "opened": "2026-05-01", "closed": closed, "person": "P1", **more}


class TestWhoIsTold:
    def test_the_party_of_a_fact_a_role_and_a_name(self) -> None:
        c = contract("{rule: r, for: concerns, then: [{notify: [party, each commissioner, birch], say: look}]}")
        s = settle(c, Q1, {"concerns": [concern("C1")]})
        assert sorted(n.to for n in s.notices) == ["ash", "birch", "icb"]

    def test_nobody_twice(self) -> None:
        c = contract("{rule: r, for: concerns, then: [{notify: [party, ash, each provider], say: look}]}")
        assert sorted(n.to for n in settle(c, Q1, {"concerns": [concern("C1")]}).notices) == ["ash", "birch"]

    def test_somebody_who_is_not_there_is_a_fault(self) -> None:
        assert faults("{rule: r, for: concerns, then: [{notify: oak, say: look}]}")
        assert faults("{rule: r, for: concerns, then: [{notify: name, say: look}]}")
        assert faults("{rule: r, for: concerns, then: [{notify: each surgeon, say: look}]}")


class TestAbout:
    RULE = (
        "{rule: r, for: concerns, then: [{require: a visit, of: party, within: 10 days, after: opened,"
        " about: [person, name], met_by: {events: log, on: day, about: [person, number], where: done}}]}"
    )

    def test_what_was_done_about_another_meets_nothing(self) -> None:
        c = contract(self.RULE.replace("[person, name]", "person").replace("[person, number]", "person"))
        given = {"concerns": [concern("C1"), concern("C2", person="P2")],
                 "log": [{"person": "P2", "day": "2026-05-03", "done": "yes", "number": 1}]}  # fmt: skip
        duties = {d.about: d.met for d in settle(c, Q1, given).closing.duties}
        assert duties["P1"] is None
        assert duties["P2"] is not None

    def test_several_things_are_compared_in_their_order(self) -> None:
        c = contract(self.RULE.replace("name]", "1]"))
        given = {
            "concerns": [concern("C1")],
            "log": [{"person": "P1", "day": "2026-05-03", "done": "yes", "number": 1}],
        }
        assert settle(c, Q1, given).closing.duties[0].met is not None
        given["log"][0]["number"] = 2
        assert settle(c, Q1, given).closing.duties[0].met is None

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("about: [person, number], ", "", "what a duty is about is said of the duty and of the events"),
            ("[person, number]", "[person]", "what a duty is about is said of the duty and of the events"),
            ("[person, number]", "[person, height]", '"height" is not a field of log'),
            ("on: day", "on: person", "does not say which day is theirs"),
            ("on: day, ", "", "does not say which day is theirs"),
        ],
    )
    def test_what_is_said_of_one_is_said_of_the_other(self, old: str, new: str, said: str) -> None:
        assert any(said in message for message in faults(self.RULE.replace(old, new)))

    def test_it_is_kept_from_one_settlement_to_the_next_and_read_by_rules(self) -> None:
        rule = self.RULE.replace("[person, name]", "person").replace("[person, number]", "person")
        late = (
            "{rule: late, for: duties, when: ['state = \"late\"', 'about = \"P1\"'], then: [{notify: icb, say: late}]}"
        )
        c = contract(rule, late)
        one = settle(c, Q1, {"concerns": [concern("C1"), concern("C2", person="P2")]})
        opening = State.from_dict(one.closing.as_dict())
        assert [d.about for d in opening.duties] == ["P1", "P2"]
        assert [n.text for n in settle(c, Q2, {}, opening).notices] == ["late"]

    def test_a_duty_of_an_older_state_is_about_nothing(self) -> None:
        one = settle(contract(self.RULE), Q1, {"concerns": [concern("C1")]})
        state = one.closing.as_dict()
        state["duties"] = [d[:11] for d in state["duties"]]
        assert [d.about for d in State.from_dict(state).duties] == [""]

    def test_what_was_done_before_its_time_does_not_meet_it(self) -> None:
        c = contract(
            "{rule: r, for: provider, then: [{require: a report, of: party, within: 10 days, met_by: {events: log, on: day}}]}"
        )
        early = {"log": [{"person": "P1", "day": "2026-06-29", "done": "yes", "number": 1}]}
        assert {d.met for d in settle(c, Q1, early).closing.duties} == {None}

    def test_events_that_come_with_a_settlement_count_in_its_rules(self) -> None:
        c = contract(
            "{rule: r, for: provider, then: [{require: a report, of: party, within: 10 days, met_by: {events: log, on: day}}]}",
            "{rule: late, for: duties, when: 'state = \"late\"', then: [{notify: icb, say: late}]}",
        )
        one = settle(c, Q1)
        late = {"log": [{"person": "P1", "day": "2026-07-05", "done": "yes", "number": 1}]}
        assert not settle(c, Q2, late, one).notices
        assert len(settle(c, Q2, {}, one).notices) == 2


class TestWhoseMoneyIsLetGo:
    OPEN = "{rule: r, for: %s, when: closed is missing, then: [{withhold: block, share: 10%%, of: party}]}"

    def test_a_fact_that_is_the_same_lets_go_of_its_own(self) -> None:
        c = contract(self.OPEN % "concerns")
        one = settle(c, Q1, {"concerns": [concern("C1"), concern("C2")]})
        assert one.paid("icb", "ash", "block") == 800
        two = settle(c, Q2, {"concerns": [concern("C1", closed="2026-07-02"), concern("C2")]}, one)
        assert [(t.kind, t.amount) for t in two.transfers if t.payer.startswith("withheld/")] == [("release", 100)]

    def test_more_that_is_written_about_it_lets_go_of_nothing(self) -> None:
        c = contract(self.OPEN % "concerns")
        one = settle(c, Q1, {"concerns": [concern("C1")]})
        two = settle(c, Q2, {"concerns": [concern("C1", person="P7")]}, one)
        assert not [t for t in two.transfers if t.payer.startswith("withheld/")]

    def test_facts_that_cannot_be_told_apart_let_go_together(self) -> None:
        c = contract(self.OPEN % "loose")
        one = settle(c, Q1, {"loose": [{"name": "C1", "party": "ash"}, {"name": "C2", "party": "ash"}]})
        two = settle(c, Q2, {"loose": [{"name": "C1", "party": "ash"}]}, one)
        assert not [t for t in two.transfers if t.payer.startswith("withheld/")]
        three = settle(c, Q3, {"loose": []}, two)
        assert sum(t.amount for t in three.transfers if t.kind == "release") == 300

    @pytest.mark.parametrize("key", ["C1", "a name, with a comma", "x" * 200, "a | b", "1+2", "ß"])
    def test_whatever_a_fact_is_called(self, key: str) -> None:
        c = contract(self.OPEN % "concerns")
        one = settle(c, Q1, {"concerns": [concern(key), concern("C9")]})
        two = settle(c, Q2, {"concerns": [concern(key, closed="2026-07-02"), concern("C9")]}, one)
        assert sum(t.amount for t in two.transfers if t.kind == "release") == 100

    def test_nothing_is_let_go_by_what_is_not_brought(self) -> None:
        c = contract(self.OPEN % "concerns")
        one = settle(c, Q1, {"concerns": [concern("C1")]})
        assert not [t for t in settle(c, Q2, {}, one).transfers if t.kind == "release"]
        assert [t for t in settle(c, Q2, {"concerns": []}, one).transfers if t.kind == "release"]

    def test_but_it_lapses(self) -> None:
        c = contract((self.OPEN % "concerns").replace("of: party}", "of: party, lapses: after 1 period}"))
        one = settle(c, Q1, {"concerns": [concern("C1")]})
        assert [t.kind for t in settle(c, Q2, {}, one).transfers if t.payer.startswith("withheld/")] == ["lapse"]


class TestWhatIsMissing:
    RULE = "{rule: r, for: visits, when: cost > 5.00 GBP%s, then: [{pay: extra, amount: cost, from: icb, to: ash}]}"

    def test_records_that_are_not_brought_leave_it_undecided(self) -> None:
        s = settle(contract(self.RULE % ""), Q1)
        assert [p.name for p in s.undetermined] == ["extra"]
        assert "visits" in "; ".join(s.payment("extra").reasons)
        assert not settle(contract(self.RULE % ""), Q1, {"visits": []}).undetermined

    def test_unless_the_rule_is_then_ignored(self) -> None:
        assert not settle(contract(self.RULE % ", if_unknown: ignored"), Q1).undetermined

    def test_events_that_are_not_brought_are_none(self) -> None:
        s = settle(contract("{rule: r, for: concerns, then: [{gate: block, of: party}]}"), Q1)
        assert not s.undetermined
        assert any("were brought" in note for note in s.notes)


class TestDeductions:
    @pytest.mark.parametrize("order", list(permutations(range(4))))
    def test_shares_add_up_and_no_order_changes_what_is_left(self, order: tuple[int, ...]) -> None:
        rules = [
            "{rule: a, when: period.days > 0, then: [{deduct: block, share: 30%, of: ash}]}",
            "{rule: b, when: period.days > 0, then: [{deduct: block, share: 20%, of: ash}]}",
            "{rule: c, when: period.days > 0, then: [{deduct: block, amount: 450.00 GBP, of: ash}]}",
            "{rule: d, when: period.days > 0, then: [{deduct: block, amount: 100.00 GBP, of: birch}]}",
        ]
        s = settle(contract(*(rules[i] for i in order)), Q1)
        # 300 and 200 of 1,000, then 450 of the 500 left; and 100 of the other's
        assert (s.paid("icb", "ash", "block"), s.paid("icb", "birch", "block")) == (50, 900)

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_so_does_what_is_held_back(self, order: tuple[int, ...]) -> None:
        rules = [
            "{rule: a, when: period.days > 0, then: [{withhold: block, share: 30%, of: ash}]}",
            "{rule: b, when: period.days > 0, then: [{withhold: block, share: 20%, of: ash}]}",
            "{rule: c, when: period.days > 0, then: [{deduct: block, share: 10%, of: ash}]}",
        ]
        s = settle(contract(*(rules[i] for i in order)), Q1)
        assert sorted(h.amount for h in s.closing.held) == [180, 270]  # of 900
        assert s.paid("icb", "ash", "block") == 450


def test_the_key_of_an_account_is_read_of_the_fact_that_has_it() -> None:
    c = contract("{rule: r, for: {visit: visits}, then: [{pay: into, amount: visit.cost, from: icb, to: funds}]}")
    s = settle(c, Q1, {"visits": [{"person": "P4", "day": "2026-05-01", "cost": 12}]})
    assert s.paid("icb", "funds/P4", "into") == 12


class TestWorkedExamples:
    RULE = "  - {rule: looked, for: concerns, then: [{notify: icb}]}\n"

    def test_an_example_expects_rules_that_there_are(self) -> None:
        text = HEAD + self.RULE + "examples:\n  - {title: E, period: 2026-27 Q1, given: {}, fires: [loked]}\n"
        with pytest.raises(ContractError) as error:
            loads(text)
        assert [f.message for f in error.value.faults] == ['fires: "loked" is not a rule.']
        assert error.value.faults[0].hint == 'Did you mean "looked"?'
        assert loads(text.replace("loked", "looked")).examples[0].fires == ("looked",)

    def test_duties_that_are_expected_are_counted_in_whole_numbers(self) -> None:
        rule = "  - {rule: r, for: concerns, then: [{require: a visit, of: party, within: 10 days}]}\n"
        text = HEAD + rule + "examples:\n  - {title: E, period: 2026-27 Q1, given: {}, duties: {a visit: 1.5, r: 2}}\n"
        with pytest.raises(ContractError) as error:
            loads(text)
        assert [f.message for f in error.value.faults] == ["duties: how many of a visit arise is a whole number."]
        assert loads(text.replace("1.5", "1")).examples[0].duties == {"a visit": 1, "r": 2}

    def test_nothing_is_said_of_a_rule_that_has_a_fault_of_its_own(self) -> None:
        rule = self.RULE.replace("icb", "nobody")
        with pytest.raises(ContractError) as error:
            loads(HEAD + rule + "examples:\n  - {title: E, period: 2026-27 Q1, given: {}, fires: [looked]}\n")
        assert [f.code for f in error.value.faults] == ["AC041"]


class TestShadow:
    def test_what_a_rule_pays_only_prints_in_the_years_that_are_in_shadow(self) -> None:
        head = HEAD.replace("settles: quarterly", "settles: quarterly, shadow: {2026-27: true, 2027-28: false}")
        c = loads(head + "  - {rule: r, for: concerns, then: [{pay: fine, amount: 5.00 GBP, from: party, to: icb}]}\n")
        given = {"concerns": [concern("C1")]}
        shadow, live = settle(c, Q1, given), settle(c, "2027-28 Q1", given)
        assert (shadow.payment("fine").earned, live.payment("fine").earned) == (5, 5)
        assert not any(t.amount for t in shadow.transfers)
        assert [(t.payer, t.amount) for t in live.transfers if t.payment == "fine"] == [("ash", 5)]
