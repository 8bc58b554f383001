"""Rules in plain English: what each goes over, when it holds and every consequence, as sentences of a contract read out."""

from __future__ import annotations

from datetime import date

import pytest

import alliance
from alliance.contract.english.model import Entry
from alliance.contract.english.needs import needs
from alliance.contract.english.reading import read
from alliance.contract.faults import ContractError
from tests.rules.valley import VALLEY, valley

HEAD = """
alliance: 1
contract: {id: t, title: Said, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, working_days: Wales}
categories: {band: [low, high]}
parties:
  icb: {name: Care board, role: commissioner}
  ash: {name: Ash Trust, role: provider, small: true}
  elm: {name: Elm House, role: provider}
accounts:
  pool: {title: Risk pool}
  funds: {title: People's funds, by: person}
decisions: {agreed: {title: Both agree, signed_by: [icb, ash]}}
terms: {least: {title: Least that is good, unit: percent, value: 60%}}
inputs:
  score: {title: Score, unit: percent, by: provider, from: icb, due: 20 days}
  people: {title: People helped, unit: count, by: band, from: ash}
  spend: {title: Spend, unit: GBP, from: ash, due: 10 working days}
  visits: {title: Visits, events: {party: party, person: id, seen: date, late: boolean, cost: GBP}}
  plans: {title: Plans, events: {person: id, made: date, party: party}, dated: made}
  care: {title: Care given, records: {party: party, days: days}}
payments:
  block: {title: Block fee, pays_for: block, start: 1_000 GBP, from: icb, to: ash}
  bonus: {title: Bonus, pays_for: outcome, start: 500 GBP, from: icb, to: providers, shared: {providers: {by: equally}}}
ladders: {poor: {title: Poor performance, each: provider, steps: [plan, exclusion]}}
rules:
"""
SAID = {
    "when: score by ash < 50%, then: [{gate: [block, bonus], only: loss}]": [
        "When score for Ash Trust is below 50%:",
        "- “Block fee” and “Bonus” are shut: no loss of them is borne.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: provider, when: [score < least, not small], if_unknown: applies, then: [{gate: bonus, of: provider}]": [
        "For each provider, when score is below least that is good and the party is not small:",
        "- “Bonus” is shut for that provider: nothing of it is earned.",
        "If it cannot be decided, it is taken to hold.",
    ],
    "for: {w: provider}, when: score >= 90%, then: [{scale: bonus, by: 100% - score, of: w, only: loss}]": [
        "For each provider, when score is at least 90%:",
        "- Of a loss from “Bonus” for that provider, only this share counts: 100% less score.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "when: spend > 5 GBP or agreed, if_unknown: ignored, then: [{deduct: block, amount: 10% * spend}, {scale: all, by: 50%}]": [
        "When spend is above £5 or the decision “Both agree” has been made:",
        "- This amount out of what is earned from “Block fee” is deducted, and stays with the payer, or all of it where that "
        "is less: 10% of spend.",
        "- Of a gain from “Block fee” and “Bonus”, only 50% counts.",
        "If it cannot be decided, it is taken not to hold.",
    ],
    "when: spend > 5 GBP, then: [{withhold: block}]": [
        "When spend is above £5:",
        "- All of what is earned from “Block fee” is held back.",
        "- It is paid later, once this rule no longer holds.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: provider, when: score < 5%, then: [{hold: bonus, share: 20%, of: provider, until: score > 9%, reverse_when: agreed, lapses: after 1 period}]": [
        "For each provider, when score is below 5%:",
        "- 20% of what that provider earns from “Bonus” is in dispute, and is held back.",
        "- It is paid later, once score is above 9%.",
        "- It goes back to the payer once the decision “Both agree” has been made.",
        "- What is still held back after 1 quarter goes back to the payer.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: visits, when: late, then: [{pay: fine, amount: cost, from: pool, to: party, pays_for: block}]": [
        "For each of the visits, when late:",
        "- This is paid out of the risk pool to its party: its cost.",
        "- That is the payment “fine”, which is a block payment.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: {v: visits, p: provider}, when: [v.party = p, not v.late], then: [{pay: thanks, amount: v.cost, from: icb, to: funds}]": [
        "For each of the visits (v) and each provider, when v’s party is that provider and v is not late:",
        "- This is paid by Care board into the balance of people's funds for v’s person: v’s cost.",
        "- That is the payment “thanks”, which pays for outcomes.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: visits, when: cost > 5 GBP, absent: {plans: plans.person = person and plans.made <= seen}, then: [{require: a plan, of: party, within: 1 month, after: seen, about: person, met_by: {events: plans, where: made > 2026-05-01, about: person}}]": [
        "For each of the visits, when cost is above £5 and there is none of the plans where its person is this one’s person "
        "and its date “made” is on or before this one’s date “seen”:",
        "- Its party has a duty, within 1 month of its date “seen”: a plan, about its person.",
        "- It is met by one of the plans where made is after 1 May 2026, of the same “person”.",
    ],
    "when: people by low > 5, then: [{require: two plans, of: each provider, within: 5 days}, {notify: [icb, each provider]}]": [
        "When people helped for low are above 5:",
        "- Each provider has a duty, within 5 days of the end of the period: two plans.",
        "- Care board and each provider are told: “r”.",
    ],
    "for: band, when: people > 3, lasting: 3 of the last 4 periods, then: [{raise: busy}, {escalate: poor, of: ash}]": [
        "For each band, when people helped are above 3, for three of the last four quarters:",
        "- “busy” is raised for other rules.",
        "- Ash Trust goes one step up the ladder “Poor performance”.",
    ],
    "for: provider, when: poor > 0, lasting: 2 periods running, then: [{step_down: poor}]": [
        "For each provider, when the step on the ladder “Poor performance” is above 0, for two quarters running:",
        "- That provider goes one step down the ladder “Poor performance”.",
    ],
    'for: reports, when: [name = "spend", days_late > 3 days], then: [{notify: supplier, say: It is late.}]': [
        "For the report of spend, when lateness is above 3 days:",
        "- Its supplier is told: “It is late”.",
    ],
    'for: reports, when: [name = "score", missing], then: [{notify: icb}]': [
        "For each report of score, when missing:",
        "- Care board is told: “r”.",
    ],
    'for: reports, when: [supplier = ash, name = "spend", missing], then: [{notify: icb}]': [
        "For the report of spend, when supplier is Ash Trust and missing:",
        "- Care board is told: “r”.",
    ],
    'for: reports, when: [name != "spend", missing], then: [{notify: icb}]': [
        "For each report that is due, when name is not “spend” and missing:",
        "- Care board is told: “r”.",
    ],
    "for: {report: reports}, when: report.missing and report.days_late > 1 days, then: [{notify: icb}]": [
        "For each report that is due (report), when the report is missing and the report’s lateness is above 1 days:",
        "- Care board is told: “r”.",
    ],
    "when: spend.days_late > 3 days, then: [{deduct: block, share: 1%, of: spend.supplier}]": [
        "When the lateness of spend is above 3 days:",
        "- 1% of what Ash Trust earns from “Block fee” is deducted, and stays with the payer.",
        "If it cannot be decided, the payments that it acts on are not determined.",
    ],
    "for: duties, when: state = late, then: [{notify: party}]": [
        "For each duty in the register, when state is late:",
        "- Its party is told: “r”.",
    ],
    'for: balances, when: [account = "pool", opening < 5 GBP], then: [{notify: icb}]': [
        "For each balance of an account, when account is “pool” and opening is below £5:",
        "- Care board is told: “r”.",
    ],
    "for: withheld, when: amount > 5 GBP, then: [{notify: icb}]": [
        "For each sum that rules hold back, when amount is above £5:",
        "- Care board is told: “r”.",
    ],
    "for: care, when: days > 5 days, note: As agreed in May., then: [{notify: icb}]": [
        "For each record of care given, when days are above 5 days:",
        "- Care board is told: “r”.",
        "Note: As agreed in May.",
    ],
}  # fmt: skip


def entry(text: str, name: str, day: date = date(2026, 5, 1), section: str = "Rules") -> Entry:
    found = read(alliance.loads(text), day)
    return next(e for s in found.sections if s.title == section for e in s.entries if e.name == name)


def said(found: Entry) -> list[str]:
    return [("- " if s.deep else "") + s.text for s in found.sentences]


@pytest.mark.parametrize("rule", SAID)
def test_every_kind_of_rule(rule: str) -> None:
    assert said(entry(f"{HEAD}  - {{rule: r, {rule}}}\n", "r")) == SAID[rule]


def test_a_fact_that_a_rule_raises() -> None:
    rules = (
        "  - {rule: a, for: visits, when: late, then: [{raise: lateness, with: {whom: party, sum: cost * 2}}]}\n"
        "  - {rule: b, for: lateness, when: sum > 5 GBP, then: [{notify: whom}]}\n"
    )
    first = entry(HEAD + rules, "a")
    assert said(first)[1] == "- “lateness” is raised for other rules, with whom (its party) and sum (its cost times 2)."
    assert said(entry(HEAD + rules, "b")) == [
        "For each “lateness” that a rule raises, when sum is above £5:",
        "- Its whom is told: “b”.",
    ]


def test_a_rule_says_which_pack_it_is_from_and_where_each_sentence_stands() -> None:
    found = entry(VALLEY, "late-spend")
    pack, over, deduct, unknown = found.sentences
    assert pack.text == "It comes from the rule pack “late-data”, version 1."
    assert (pack.mark.file, "use: late-data" in VALLEY.splitlines()[pack.mark.line - 1]) == ("contract.yaml", True)
    assert [s.mark.file for s in (over, deduct)] == ["rules/late-data/pack.yaml"] * 2
    assert over.text == "For the report of open-book spend, when lateness is above 0 days:"
    assert deduct.text == (
        "This share of what its supplier earns from “Block fee” is deducted, and stays with the payer: the smaller of 5% "
        "and (1% plus 1% of (its lateness divided by 7 days) rounded down to a whole number)."
    )
    assert unknown.text.startswith("If it cannot be decided")


def test_a_consequence_has_its_own_clause() -> None:
    rule = "  - {rule: r, clause: §1, when: spend > 5 GBP, then: [{notify: icb, clause: §2}, {notify: ash}]}\n"
    assert [s.clause for s in entry(HEAD + rule, "r").sentences] == ["§1", "§2", "§1"]


def test_a_ladder() -> None:
    found = entry(VALLEY, "performance", section="Ladders")
    assert (found.title, found.clause) == ("Performance ladder", "Sch 7 §1")
    assert said(found) == [
        "Each provider starts off it, and goes at most one step up or down in a quarter.",
        "Step 1 is “improvement plan”.",
        "Step 2 is “withholding”.",
        "Step 3 is “leadership team”.",
        "Step 4 is “exclusion”.",
    ]


def test_what_rules_pay_is_said_with_them_and_not_among_payments() -> None:
    found = read(valley(), date(2026, 5, 1))
    payments = next(s for s in found.sections if s.title == "Payments")
    assert [e.name for e in payments.entries] == ["block", "bonus"]


def test_examples_say_which_rules_hold_which_duties_arise_and_what_was_settled_before() -> None:
    text = (
        HEAD
        + "  - {rule: r, title: Dear, when: spend > 5 GBP, then: [{require: a plan, of: ash, within: 5 days}]}\n"
        + "examples:\n"
        + "  - title: Twice\n    period: 2026-27 Q2\n    earlier: [{period: 2026-27 Q1, as_of: 2026-07-02, given: {spend: 3}}]\n"
        + "    given: {spend: 9}\n    expect: {spend: 9 GBP}\n    fires: [r]\n    duties: {a plan: 1}\n"
        + "  - {title: None, period: 2026-27 Q2, given: {spend: 1}, expect: {spend: 1 GBP}, fires: []}\n"
    )
    examples = next(s for s in read(alliance.loads(text), date(2026, 5, 1)).sections if s.title == "Examples")
    assert [said(e) for e in examples.entries] == [
        [
            "First settling 2026-27 Q1, as known on 2 July 2026, given spend: £3.",
            "Settling 2026-27 Q2, given spend: £9.",
            "Spend should be £9.",
            "“Dear”, and no other rule, should hold.",
            "1 duty should arise: a plan.",
        ],
        ["Settling 2026-27 Q2, given spend: £1.", "Spend should be £1.", "No rule should hold."],
    ]


@pytest.mark.parametrize(
    "rule", ["when: spend > 5 GBP, then: [{escalate: poor}]", "for: visits, then: [{step_down: poor}]"]
)
def test_a_step_on_a_ladder_says_whose_it_is(rule: str) -> None:
    with pytest.raises(ContractError, match=r"AC173 .* does not say whose step it is"):
        alliance.loads(f"{HEAD}  - {{rule: r, {rule}}}\n")


# variations

CHANGED = """
variations:
  - title: Rules change
    made: 2027-01-01
    effective: 2027-04-01
    ladders: {performance: {each: provider, steps: [one, two]}}
    rules:
      unanswered: null
      late-spend: {use: late-data, with: {input: spend, payment: block, first: 2%, at_most: 10%}}
      report-due: {title: Reported twice, when: spend > 1 GBP, then: [{notify: people}]}
      brand-new: {when: spend > 2 GBP, then: [{notify: icb}]}
"""


def test_a_variation_replaces_rules_where_they_stand_drops_them_and_adds_them() -> None:
    contract = alliance.loads(VALLEY + CHANGED)
    before = [r.name for r in contract.built.rules]
    after = contract.on(date(2027, 4, 1), date(2027, 4, 1)).rules
    assert [r.name for r in after] == [*(n for n in before if n != "unanswered"), "brand-new"]
    late = next(r for r in after if r.name == "late-spend")
    assert (late.title, late.pack) == ("Late or missing data", "late-data 1")
    assert "2%" in late.then[0].figures["share"].text
    assert contract.on(date(2027, 4, 1), date(2027, 4, 1)).ladders["performance"].steps == ("one", "two")
    assert [r.name for r in contract.on(date(2027, 1, 1), date(2027, 4, 1)).rules] == before


def test_a_pack_is_used_on_beside_variations_of_other_things() -> None:
    other = "  - {title: Fee, made: 2027-02-01, effective: 2027-04-01, terms: {fee: {unit: GBP a year, by: provider, value: 9}}}\n"
    contract = alliance.loads(VALLEY + CHANGED + other)
    after = contract.on(date(2027, 4, 1), date(2027, 4, 1))
    assert "2%" in next(r for r in after.rules if r.name == "late-spend").then[0].figures["share"].text


def test_a_variation_of_rules_in_words() -> None:
    found = read(alliance.loads(VALLEY + CHANGED), date(2027, 5, 1))
    changes = next(s for s in found.sections if s.title == "Variations").entries[0]
    assert said(changes)[2:] == [
        "It replaces the ladder “Performance ladder”.",
        "It drops the rule “Offer not answered”.",
        "It replaces the rule “Late or missing data”.",
        "It replaces the rule “Reported twice”.",
        "It adds the rule “Brand new”.",
    ]
    rules = next(s for s in found.sections if s.title == "Rules")
    assert "Offer not answered" not in [e.title for e in rules.entries]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("nobody: null", 'AC094 with the variation "Change": there is no rule "nobody" to drop.'),
        ("disput: null", 'there is no rule "disput" to drop. Did you mean "dispute"?'),
        ("dispute: 5", 'the rule "dispute" is not one that can stand here.'),
        ("dispute: {rule: other, when: spend > 1 GBP, then: [{notify: icb}]}", 'the rule "dispute" is not one that can'),
        ("dispute: {then: [{notify: nobody}]}", 'with the variation "Change"'),
        ("dispute: {use: late-data, with: {input: spend, payment: block, first: 1%, at_most: 2%}}", "AC171 the pack has no rule"),
        ("late-spend: {use: late-dat, with: {}}", 'AC170 there is no pack "late-dat"'),
        ("Not A Name: {when: spend > 1 GBP, then: [{notify: icb}]}", '"Not A Name" cannot name a rule.'),
    ],
)  # fmt: skip
def test_a_variation_of_rules_that_is_wrong(change: str, told: str) -> None:
    text = (
        f"variations:\n  - title: Change\n    made: 2027-01-01\n    effective: 2027-04-01\n    rules:\n      {change}\n"
    )
    with pytest.raises(ContractError) as error:
        alliance.loads(VALLEY + text)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ("when: score by ash < 5%, then: [{gate: block}]", set()),
        ("when: spend.days_late > 5 days, then: [{gate: block}]", {"spend"}),
        ("for: visits, when: late, absent: {plans: score.days_late by ash > 5 days}, then: [{gate: block}]", {"score"}),
        ("when: spend > 5 GBP, then: [{deduct: block, amount: spend.days_late / 1 days * 1 GBP}]", {"spend"}),
        ("when: lateness > 5, then: [{gate: block}]", {"spend"}),
        ("for: reports, when: days_late > 5 days, then: [{gate: block}]", {"score", "spend"}),
        ('for: reports, when: [name = "score", days_late > 5 days], then: [{gate: block}]', {"score"}),
    ],
)
def test_the_day_on_which_a_report_came_is_asked_for_where_something_turns_on_it(rule: str, asked: set[str]) -> None:
    figure = "figures: {lateness: {is: spend.days_late / 1 days}}\n" if "lateness" in rule else ""
    contract = alliance.loads(HEAD.replace("rules:\n", f"{figure}rules:\n") + f"  - {{rule: r, {rule}}}\n")
    found = {n.name: n for n in needs(contract, contract.period("2026-27 Q1"))}
    assert {name for name, n in found.items() if n.timed} == asked
    remark = "Rules ask on which day it came: bring that as received"
    assert {name for name, n in found.items() if remark in n.remarks} == asked
