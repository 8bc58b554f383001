"""What statements, rows, explanations and notebooks show of rules, duties, notices and money held back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

import alliance
from alliance.contract.faults import InputError
from alliance.reports.explain import explanation
from alliance.reports.markdown import markdown
from alliance.reports.plain import plain
from alliance.reports.rows import rows
from alliance.reports.statement import statement
from alliance.settlement import serial
from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle_run
from alliance.settlement.state import State
from tests.rules.valley import AS_OF, GIVEN, VALLEY, settled, valley


def section(s: Settlement, title: str, contract: Any = None) -> str:
    """A section of the plain statement."""
    text = plain(statement(s, contract or valley()))
    _, found, rest = text.partition(f"\n{title.upper()}\n\n")
    assert found, text
    lines = rest.split("\n")
    end = next((i for i, line in enumerate(lines) if line and line == line.upper() and line[0].isalpha()), len(lines))
    return "\n".join(lines[:end]).strip()


def test_rules_that_hold_say_what_for_what_followed_their_clause_and_place() -> None:
    assert section(settled("2026-27 Q1"), "Rules") == (
        "Late or missing data (late-spend), of the pack late-data 1  [rules/late-data/pack.yaml:17]\n"
        "  For Open-book spend, 23 days late.\n"
        "  4% of what Acute trust earns from “Block fee” is deducted.\n"
        "Report to the panel (report-due): Sch 11  [contract.yaml:96]\n"
        "  Acute trust has a duty by 28 July 2026: report to the people's panel.\n"
        "  Community trust has a duty by 28 July 2026: report to the people's panel.\n"
        "\n"
        "These do not hold: Open safeguarding incident; Poor quality two quarters running; Good quality again; Part of\n"
        "the fee is held back on the ladder; Disputed spend; Offer refused; Money released elsewhere; Offer not\n"
        "answered; Report to the panel overdue. alliance explain says of those that act on a payment which test failed."
    ).replace("23 days late.", "23 days late (inputs).")


def test_rules_over_records_show_each_with_titles() -> None:
    shown = section(settled("2026-27 Q2"), "Rules")
    for text in (
        "For Safeguarding incidents: party Acute trust, kind safeguarding, opened 1 July 2026 (incidents[1]).",
        "“Quality bonus” is shut for Acute trust.",
        "For Acute trust.\n  Acute trust goes one step up the ladder “Performance ladder”.",
        "For First offers: offer o1, person p1, party Community trust, made 10 July 2026, amount 1,200.00\n",
        "(offers[1]); Answers to offers: offer o1, kind refused, on 20 July 2026 (answers[1]).",
        "“refusal” is raised.",
        "Integrated care board pays 1,200.00 to People's contingency funds (p1).",
        "Integrated care board and People's panel are told.",
        "20,000.00 out of what Acute trust earns from “Quality bonus” is in dispute, and is held back.",
    ):
        assert text in shown


def test_a_rule_that_cannot_be_decided_says_why() -> None:
    given = {"spend": "5", "quality": {"community": "80%"}}
    s = alliance.settle(valley(), "2026-27 Q2", given, settled("2026-27 Q1"))
    shown = section(s, "Rules")
    assert "Poor quality two quarters running (poor-quality): Sch 7 §2  [contract.yaml:45]\n" in shown
    assert "  It cannot be decided. Quality score (quality) for acute is missing" in shown
    late = alliance.settle(
        valley(), "2026-27 Q1", {"quality": {"acute": "60%", "community": "60%"}}, as_of=date(2026, 9, 1)
    )
    assert "For Open-book spend, not brought, 35 days late" in section(late, "Rules")


def test_what_a_rule_did_stands_in_its_payment() -> None:
    text = plain(statement(settled("2026-27 Q3"), valley()))
    assert (
        "Part of the fee is held back on the ladder:  10% is held back. Rule hold-back, for Acute  Sch 7 §4  100,000.00\n"
        "Acute trust                                  trust.\n"
    ) in text
    assert (
        "Earned in 2026-27 Q3                                     1,250,000.00\n"
        "Less what is held back, and stays so until it is let go   -100,000.00\n"
        "                                                         ------------\n"
        "Due now                                                  1,150,000.00\n"
    ) in text
    assert "Disputed spend: Acute trust" in text
    assert "20,000.00 is held back. Rule dispute." in text


def test_money_held_back_is_listed_with_what_becomes_of_it() -> None:
    assert section(settled("2026-27 Q4"), "Money held back") == (
        "It is earned and not paid; until it is let go it stands in the account “Earned and held back”.\n"
        "\n"
        "Payment        Earned by    For         Rule                              Amount  What becomes of it\n"
        "-------------  -----------  ----------  ----------------------------  ----------  ----------------------------\n"
        "Block fee      Acute trust  2026-27 Q3  Part of the fee is held back  100,000.00  released to Acute trust\n"
        "                                        on the ladder\n"
        "Quality bonus  Acute trust  2026-27 Q3  Disputed spend                 20,000.00  released to Acute trust\n"
        "Block fee      Acute trust  2026-27 Q4  Part of the fee is held back  100,000.00  held back; goes back to\n"
        "                                        on the ladder                             Integrated care board after\n"
        "                                                                                  31 March 2028\n"
        "                                                                      ----------\n"
        "Held back now                                                         100,000.00"
    )


def test_money_that_is_let_go_stands_in_its_payment_and_among_transfers_readably() -> None:
    text = plain(statement(settled("2026-27 Q4"), valley()))
    assert (
        "Held back before, and let go now                         To               Amount\n"
        "-------------------------------------------------------  -----------  ----------\n"
        "Released: Held back: Block fee, Acute trust, 2026-27 Q3  Acute trust  100,000.00\n"
    ) in text
    assert " | " not in text
    assert "Earned and held back (withheld)         120,000.00  100,000.00  120,000.00  100,000.00" in text
    assert "withheld/" not in markdown(statement(settled("2026-27 Q3"), valley()))


@pytest.mark.parametrize(("given", "how"), [({"override": "yes"}, "reversed"), ({"spend": "5"}, "")])
def test_money_that_goes_back_to_the_payer(given: dict[str, str], how: str) -> None:
    brought = {**GIVEN["2026-27 Q4"], "settled": {"icb": "no"}, **given}
    s = alliance.settle(valley(), "2026-27 Q4", brought, settled("2026-27 Q3"), as_of=AS_OF["2026-27 Q4"])
    shown = section(s, "Money held back")
    disputed = next(line for line in shown.splitlines() if "Disputed spend" in line and "Q3" in line)
    assert ("reversed: back to" in disputed) is (how == "reversed")
    assert ("held back; goes back to" in disputed) is (how == "")


def test_duties_are_a_register_as_of_the_day() -> None:
    shown = section(settled("2026-27 Q2"), "Duties")
    assert "met on 20 July 2026 " in shown
    assert (
        "Community trust         report to the people's  28 July 2026     met on 20 September      2026-27 Q1" in shown
    )
    assert "(community)             panel                                    2026, 54 days late" in shown
    assert "improvement plan        28 October 2026  due " in shown
    later = section(settled("2026-27 Q3"), "Duties")
    assert "met on" not in later
    assert "improvement plan             28 October 2026  late, 79 days" in later


def test_a_duty_that_is_told_and_is_not_in_the_register_is_told_in_the_notes() -> None:
    assert (
        "The register has no such duty of acute by 2026-09-20 (duties[2]): a plan that nobody asked for."
        in settled("2026-27 Q2").notes
    )


def test_notices_by_party() -> None:
    shown = section(settled("2026-27 Q2"), "Notices")
    assert (
        shown.index("Integrated care board (icb)") < shown.index("Acute trust (acute)") < shown.index("People's panel")
    )
    assert "Performance ladder: step 1," in shown
    assert "A provider has been poor for two    Acute trust" in shown


def test_a_statement_without_rules_has_none_of_it() -> None:
    text = plain(
        statement(alliance.settle(alliance.loads(VALLEY.split("ladders:")[0]), "2026-27 Q1", GIVEN["2026-27 Q1"]))
    )
    for title in ("RULES", "DUTIES", "NOTICES", "MONEY HELD BACK"):
        assert f"\n{title}\n" not in text
    assert "rules matched" not in text


def test_the_statement_says_which_matchers_looked() -> None:
    s = alliance.settle(valley(), "2026-27 Q1", GIVEN["2026-27 Q1"], rules_engine="plain")
    assert "rules matched by the plain matcher. " in plain(statement(s, valley())).replace("\n  ", " ")
    assert s.digest == settled("2026-27 Q1").digest


def test_many_facts_are_cut_short() -> None:
    incidents = [
        {"party": "acute", "kind": "safeguarding", "opened": "2026-04-01", "closed": f"2026-06-{d:02}"}
        for d in range(1, 31)
    ]
    s = alliance.settle(valley(), "2026-27 Q1", {**GIVEN["2026-27 Q1"], "incidents": incidents})
    assert section(s, "Rules").count("For Safeguarding incidents") == 20
    assert "  and 10 more\n" in section(s, "Rules")


# the year


def year(**given: Any) -> Settlement:
    return alliance.settle(valley(), "2026-27", given, settled("2026-27 Q4"), as_of=date(2027, 5, 15))


def events() -> dict[str, Any]:
    return {name: GIVEN["2026-27 Q2"][name] for name in ("incidents", "offers", "answers", "reports_made")}


def test_a_year_shows_what_each_quarter_had_and_tells_nobody_anew() -> None:
    s = year(**events())
    shown = section(s, "Rules")
    assert "Late or missing data (late-spend), 2026-27 Q1, of the pack late-data 1" in shown
    assert "Part of the fee is held back on the ladder (hold-back), 2026-27 Q3: Sch 7 §4" in shown
    assert " are told" not in shown
    assert " is told" not in shown
    assert not s.notices


def test_a_year_without_the_events_of_its_quarters_is_not_determined() -> None:
    s = year()
    assert [p.name for p in s.undetermined] == ["bonus", "elsewhere"]
    text = plain(statement(s, valley()))
    assert "Whether the rule “Open safeguarding  It is decided by what is not known" in text
    assert "settle again: an empty list says" in text
    assert not year(**{name: [] for name in events()}).undetermined


def test_a_year_looks_at_duties_as_they_stood() -> None:
    """A duty that is late by the time that the year is settled changes nothing of the quarters before it arose."""
    parts = year(**events()).payment("bonus").parts
    assert [p.earned for p in parts] == [100_000, 20_000, 10_000, 5_000]


# rows


def test_rows_of_rules_notices_duties_and_held_money() -> None:
    s = settled("2026-27 Q3")
    found = {row[1]: row for row in rows("rules", "A", s)}
    assert found["hold-back"] == (
        "A", "hold-back", "", "holds", "Acute trust", "10% of what Acute trust earns from “Block fee” is held back", "",
        "Sch 7 §4", "", "contract.yaml", "62",
    )  # fmt: skip
    assert found["late-spend"][3:9] == (
        "does not hold", "", "", "days_late > 0 days is not so of Open-book spend, in time", "", "late-data 1",
    )  # fmt: skip
    assert next(rows("held", "A", s)) == (
        "A", "hold-back", "block", "2026-27 Q3", "icb", "acute", "100000.00", "held", "", "2027-12-31",
        "hold-back.1 acute | block | 2026-27 Q3 | icb | acute",
    )  # fmt: skip
    assert [row[7:9] for row in rows("held", "A", settled("2026-27 Q4"))][:2] == [("released", "2026-27 Q4")] * 2
    assert list(rows("notices", "A", s)) == [
        ("A", "people", "A report to you is overdue.", "overdue", facts, "", "contract.yaml", "108")
        for facts in (
            "improvement plan, of Acute trust, due 28 October 2026: late, 79 days",
            "report to the people's panel, of Acute trust, due 28 October 2026: late, 79 days",
            "report to the people's panel, of Community trust, due 28 October 2026: late, 79 days",
        )
    ]
    assert list(rows("duties", "A", settled("2026-27 Q2")))[:2] == [
        ("A", "report to the people's panel", party, "", "2026-07-28", "met", on, "report-due", "2026-27 Q1", "Sch 11")
        for party, on in (("acute", "2026-07-20"), ("community", "2026-09-20"))
    ]


# why a rule does not hold


def why(period: str, **given: Any) -> dict[str, str]:
    before = {"2026-27 Q2": "2026-27 Q1", "2026-27 Q3": "2026-27 Q2"}.get(period)
    brought = {**GIVEN[period], **given}
    s = alliance.settle(valley(), period, brought, settled(before) if before else None, as_of=AS_OF.get(period))
    return {x.name: x.why for x in s.rules if x.status == "does not hold"}


def test_why_a_rule_does_not_hold() -> None:
    assert why("2026-27 Q1") == {
        "safeguarding-gate": "there are no safeguarding incidents",
        "poor-quality": "its tests are to be so for 2 quarters running, and were so in 1 (Acute trust)",
        "recovered": "its tests are to be so for 3 of the last 4 quarters, and were so in 1 (Community trust)",
        "hold-back": "performance >= 1 is not so of Acute trust or Community trust",
        "dispute": "spend > 900_000 GBP is not so",
        "refused": "there are no first offers",
        "released": "“refusal” is not raised",
        "unanswered": "there are no first offers",
        "overdue": "the register has no duty",
    }
    better = why("2026-27 Q1", quality={"acute": "95%", "community": "95%"})
    assert better["poor-quality"] == "its tests are to be so for 2 quarters running, and were so in none of them"
    offers, answers = GIVEN["2026-27 Q2"]["offers"], GIVEN["2026-27 Q2"]["answers"]
    found = why(
        "2026-27 Q2",
        quality={"acute": "95%", "community": "95%"},
        offers=offers[:1],
        answers=[{**answers[0], "kind": "accepted"}],
        incidents=[{"party": "acute", "kind": "fall", "opened": "2026-07-01"}] * 5,
    )
    assert found["poor-quality"] == "its tests are to be so for 2 quarters running, and were so in 1 (Acute trust)"
    assert found["unanswered"] == "there is one of these, which it asks to be absent: Answers to offers"
    assert found["refused"].startswith('a.kind = "refused" is not so of First offers: offer o1, person p1')
    assert found["safeguarding-gate"] == 'kind = "safeguarding" is not so of any of 5'


def test_why_rules_over_what_every_contract_has_do_not_hold() -> None:
    rules = """
  - {rule: a, for: withheld, when: amount > 5 GBP, then: [{notify: icb}]}
  - {rule: b, for: balances, when: opening > 5 GBP, then: [{notify: icb}]}
  - {rule: c, for: reports, when: days_late > 99 days, then: [{notify: icb}]}
"""
    contract = alliance.loads(VALLEY + rules.replace("\n  -", "\n  -"))
    s = alliance.settle(contract, "2026-27 Q1", GIVEN["2026-27 Q1"])
    found = {x.name: x.why for x in s.rules}
    assert found["a"] == "nothing is held back"
    assert found["b"] == (
        "opening > 5 GBP is not so of People's contingency funds, opening at 0.00 or Contingency reserve, opening at 0.00"
    )
    assert found["c"] == (
        "days_late > 99 days is not so of Quality score for Acute trust, in time, Quality score for Community trust, in time "
        "or Open-book spend, 23 days late"
    )
    whole = alliance.settle(contract, "2026-27", {}, as_of=date(2027, 4, 1))
    assert next(x.why for x in whole.rules if x.name == "c") == "it is looked at when a quarter is settled"


# explain


def explained(period: str, payment: str, **given: Any) -> str:
    before = list(GIVEN)[list(GIVEN).index(period) - 1] if period != "2026-27 Q1" else None
    opening = settled(before) if before else None
    s, run = settle_run(valley(), period, {**GIVEN[period], **given}, opening, as_of=AS_OF.get(period))
    return plain(explanation(s, run, valley(), payment))


def test_a_consequence_stands_in_the_tree_of_the_payment_it_touched() -> None:
    assert (
        "Late or missing data: Acute trust: 4% is deducted. = 40,000.00  [rules/late-data/pack.yaml:24:9]\n"
        "  Rule late-spend (Late or missing data) holds  [rules/late-data/pack.yaml:17:11]\n"
        "    For Open-book spend, 23 days late  [inputs]\n"
        '    name = "spend" = yes  [rules/late-data/pack.yaml:21:9]\n'
        "      name = spend\n"
        "    days_late > 0 days = yes  [rules/late-data/pack.yaml:22:9]\n"
        "      days_late = 23 days\n"
        "  share: min(5%, 1% + 1% * round_down((days_late - 0 days) / 7 days)) = 4%  [rules/late-data/pack.yaml:25:16]\n"
    ) in explained("2026-27 Q1", "block")
    assert (
        "Open safeguarding incident: Acute trust: Shut. = 80,000.00  [rules/safeguarding-gate/pack.yaml:28:9]\n"
        "  Rule safeguarding-gate (Open safeguarding incident) holds  [rules/safeguarding-gate/pack.yaml:19:11]\n"
        "    For Safeguarding incidents: party Acute trust, kind safeguarding, opened 1 July 2026  [incidents[1]]\n"
        '    kind = "safeguarding" = yes  [rules/safeguarding-gate/pack.yaml:23:9]\n'
        "      kind = safeguarding\n"
        "    opened <= period.end = yes  [rules/safeguarding-gate/pack.yaml:24:9]\n"
        "      opened = 2026-07-01\n"
    ) in explained("2026-27 Q2", "bonus")
    assert "Money released elsewhere (Sch 10 §3) = 1,200.00  [contract.yaml:87:9]" in explained(
        "2026-27 Q2", "elsewhere"
    )


def test_a_rule_that_did_not_fire_says_which_test_failed_with_its_values() -> None:
    assert (
        "Rule hold-back (Part of the fee is held back on the ladder) does not hold: performance >= 1 is not so of Acute\n"
        "    trust or Community trust.  [contract.yaml:62:11]\n"
        "  Acute trust: performance >= 1 = no  [contract.yaml:66:12]\n"
        "    performance for acute = 0\n"
    ) in explained("2026-27 Q1", "block")
    found = explained("2026-27 Q1", "bonus")
    assert (
        "Rule dispute (Disputed spend) does not hold: spend > 900_000 GBP is not so.  [contract.yaml:69:11]\n"
        "  spend > 900_000 GBP = no  [contract.yaml:72:11]\n"
        "    spend (Open-book spend) = 800,000.00"
    ) in found
    assert "Rule late-spend" not in found  # it does nothing to that payment
    assert "report-due" not in found


def test_a_rule_that_cannot_be_decided_is_told_in_the_tree() -> None:
    found = explained("2026-27 Q1", "bonus", spend={"status": "suppressed"})
    assert (
        "Rule dispute (Disputed spend) does not hold: spend is suppressed, and it is then taken not to hold." in found
    )
    s, run = settle_run(valley(), "2026-27", {}, settled("2026-27 Q4"), as_of=date(2027, 5, 15))
    told = plain(explanation(s, run, valley(), "bonus"))
    assert "Rule safeguarding-gate (Open safeguarding incident) cannot be decided. Safeguarding incidents" in told


def test_what_was_held_back_before_is_explained_when_a_period_is_settled_again() -> None:
    s, run = settle_run(
        valley(), "2026-27 Q3", {**GIVEN["2026-27 Q3"], **{name: [] for name in events()}}, settled("2026-27 Q3"),
        as_of=AS_OF["2026-27 Q3"],
    )  # fmt: skip
    text = plain(explanation(s, run, valley(), "block"))
    assert "ladder: Acute trust (Sch 7 §4): 10% is held back. = 100,000.00\n" in text
    assert "    performance >= 1 = yes  [contract.yaml:66:12]\n" in text
    shown = plain(statement(s, valley()))
    assert "10% is held back. Rule hold-back, for Acute  Sch 7 §4  100,000.00\n" in shown
    assert "Less already transferred                                 -1,150,000.00\n" in shown


# JSON and notebooks


@pytest.mark.parametrize("period", GIVEN)
def test_a_settlement_with_rules_is_read_back_without_loss(period: str) -> None:
    s = settled(period)
    back = Settlement.from_json(s.to_json())
    assert serial.to_dict(back) == serial.to_dict(s)
    assert (back.rules, back.notices, back.closing) == (s.rules, s.notices, s.closing)
    assert plain(statement(back, valley())) == plain(statement(s, valley()))


def test_a_settlement_that_was_saved_before_there_were_rules_is_read() -> None:
    found = serial.to_dict(settled("2026-27 Q1"))
    for name in ("rules", "notices", "closing_digest"):
        del found[name]
    for payment in found["payments"]:
        del payment["withheld"]
    for name in ("duties", "held"):
        del found["closing"][name]
    back = serial.from_dict(found)
    assert (back.rules, back.notices, back.closing.duties, back.closing.held) == ((), (), (), ())
    assert {p.withheld for p in back.payments} == {0}


def damage(part: str, at: int, value: Any) -> dict[str, Any]:
    found: dict[str, Any] = settled("2026-27 Q3").closing.as_dict()
    found[part] = [[*row] for row in found[part]]
    found[part][0][at] = value
    return found


@pytest.mark.parametrize(
    ("part", "at", "value"),
    [
        ("duties", 0, 5),
        ("duties", 2, "x"),
        ("duties", 6, "2026-13-01"),
        ("duties", 7, None),
        ("duties", 9, "soon"),
        ("held", 0, None),
        ("held", 5, "x"),
        ("held", 6, "fortnight"),
        ("held", 9, "1.0.0"),
        ("held", 10, "never"),
    ],
)
def test_damaged_duties_and_held_money_are_refused(part: str, at: int, value: Any) -> None:
    State.from_dict(settled("2026-27 Q3").closing.as_dict())
    with pytest.raises(InputError, match="AC120"):
        State.from_dict(damage(part, at, value))


@pytest.mark.parametrize("part", ["duties", "held"])
def test_duties_and_held_money_cut_short_are_refused(part: str) -> None:
    found = settled("2026-27 Q3").closing.as_dict()
    with pytest.raises(InputError, match="AC120"):
        State.from_dict({**found, part: [found[part][0][:-6]]})
    with pytest.raises(InputError, match="AC120"):
        State.from_dict({**found, part: 5})


def test_a_notebook_shows_rules_duties_notices_and_held_money() -> None:
    shown = settled("2026-27 Q3")._repr_html_()
    for text in (
        "<h4>Rules</h4>",
        "<td>Part of the fee is held back on the ladder</td>",
        "<h4>Duties</h4>",
        "<td>improvement plan</td><td>2026-10-28</td><td>late</td>",
        "<h4>Notices</h4>",
        "<td>Held back: block, Acute trust, 2026-27 Q3</td>",
        "<th>held back</th>",
    ):
        assert text in shown
    hostile = replace(settled("2026-27 Q3").notices[0], text="<script>alert(1)</script>")
    assert "<script>" not in replace(settled("2026-27 Q3"), notices=(hostile,))._repr_html_()


def test_money_held_by_a_rule_that_a_variation_drops_is_released() -> None:
    dropped = "variations:\n  - {title: No more, made: 2027-01-01, effective: 2027-01-01, rules: {hold-back: null}}\n"
    contract = alliance.loads(VALLEY + dropped)
    brought = {**GIVEN["2026-27 Q4"], "quality": {"acute": "40%", "community": "75%"}}
    s = alliance.settle(contract, "2026-27 Q4", brought, settled("2026-27 Q3"), as_of=AS_OF["2026-27 Q4"])
    assert [(t.kind, t.payee, t.amount) for t in s.transfers if t.payment == "block" and t.kind == "release"] == [
        ("release", "acute", 100_000)
    ]


def test_facts_that_every_contract_has_in_words() -> None:
    rules = """
  - {rule: held-long, for: withheld, when: amount > 5 GBP, then: [{notify: icb}]}
  - {rule: told, for: duties, when: days_late > 70 days, then: [{notify: party}]}
"""
    s = alliance.settle(
        alliance.loads(VALLEY + rules),
        "2026-27 Q4",
        GIVEN["2026-27 Q4"],
        settled("2026-27 Q3"),
        as_of=AS_OF["2026-27 Q4"],
    )
    found = {x.name: x.held_for for x in s.rules}
    assert found["held-long"] == (
        "20,000.00 of Quality bonus held back of Acute trust for 2026-27 Q3",
        "100,000.00 of Block fee held back of Acute trust for 2026-27 Q3",
    )
    assert "improvement plan, of Acute trust, due 28 October 2026: late, 169 days" in found["told"]


def test_a_report_that_is_due_on_no_day_is_never_late() -> None:
    contract = alliance.loads(
        VALLEY.replace("due: 10 working days", "due: in time")
        + '  - {rule: late, for: reports, when: days_late > 3 days or name = "spend", if_unknown: applies, then: [{notify: icb}]}\n'
    )
    s = alliance.settle(contract, "2026-27 Q1", GIVEN["2026-27 Q1"])
    assert next(x.held_for for x in s.rules if x.name == "late") == ("Open-book spend, 23 days late (inputs)",)


def test_a_rule_that_is_dropped_within_a_year_has_results_for_the_quarters_that_had_it() -> None:
    dropped = "variations:\n  - {title: Fewer, made: 2026-04-01, effective: 2026-10-01, rules: {late-spend: null}}\n"
    quarters = ("2026-27 Q1", "2026-27 Q2", "2026-27 Q3", "2026-27 Q4")
    given = {"periods": {q: {n: GIVEN[q][n] for n in ("quality", "spend")} for q in quarters}}
    s = alliance.settle(alliance.loads(VALLEY + dropped), "2026-27", given, as_of=date(2027, 5, 15))
    assert [x.period for x in s.rules if x.name == "late-spend"] == ["2026-27 Q1", "2026-27 Q2"]
