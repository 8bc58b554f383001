"""Names that rules compare facts with, and what a rule may not test: refused at load, where they would never be met."""

from __future__ import annotations

import pytest

from alliance.contract.contract import loads
from alliance.contract.faults import ContractError

HEAD = """
alliance: 1
contract: {id: t, title: Told, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
accounts: {pool: {title: Pool}}
inputs:
  spend: {unit: GBP, from: ash, due: 20 days}
  people: {unit: count, from: ash}
  words: {unit: count, from: ash, due: by the tenth}
measures:
  score: {reported: percent, due: 10 days, from: icb, better: higher, score: {nothing_at: 0%, full_at: 100%}}
payments:
  block: {pays_for: block, start: 1_000.00 GBP * score.score, from: icb, to: ash}
rules:
  - {rule: plan, when: people > 3, then: [{require: a plan, of: ash, within: 5 days}, {withhold: block, share: 5%}]}
"""
THEN = "then: [{notify: icb}]"


def fault(rule: str) -> str:
    with pytest.raises(ContractError) as error:
        loads(HEAD + f"  - {rule}\n")
    (found,) = error.value.faults
    return str(found)


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ('for: reports, when: name = "spnd"', 'reports: there is no report that is due by a day "spnd"'),
        ('for: reports, when: name = "people"', 'reports: there is no report that is due by a day "people"'),
        ('for: reports, when: \'name in ("spend", "scores")\'', 'Did you mean "score"?'),
        ("for: {r: reports}, when: '\"spnd\" = r.name'", 'Did you mean "spend"?'),
        (
            'for: reports, when: name = "words"',
            'words is due "by the tenth", from which nobody can tell whether it is late.',
        ),
        ('for: duties, when: duty = "plan"', 'duties: there is no duty "plan"'),
        ('for: duties, when: rule = "plans"', 'duties: there is no rule "plans"'),
        ('for: balances, when: account = "pol"', 'balances: there is no account "pol"'),
        ('for: withheld, when: payment = "blok"', 'withheld: there is no payment "blok"'),
        ("when: people > 3, absent: {duties: 'duties.duty = \"the plan\"'}", 'duties: there is no duty "the plan"'),
    ],
)
def test_a_name_that_there_is_not_is_refused(tests: str, said: str) -> None:
    assert said in fault(f"{{rule: r, {tests}, {THEN}}}")


@pytest.mark.parametrize(
    "tests",
    [
        'for: reports, when: name = "spend"',
        'for: reports, when: name = "score"',
        'for: duties, when: duty = "a plan"',
        'for: duties, when: rule = "r"',
        'for: balances, when: account = "pool"',
        'for: withheld, when: [payment = "block", rule = "plan"]',
        'for: reports, when: name != "people"',
        "when: people > 3, absent: {duties: 'duties.duty = \"a plan\"'}",
    ],
)
def test_a_name_that_there_is_may_be_compared(tests: str) -> None:
    assert loads(HEAD + f"  - {{rule: r, {tests}, {THEN}}}\n").built.rules


def test_a_rule_that_says_so_tests_nothing_that_the_payment_is_paid_by() -> None:
    said = fault("{rule: r, when: score.value < 50%, apart: true, then: [{gate: block}]}")
    assert "AC175 the rule r tests score, by which block is paid already." in said
    assert loads(HEAD + "  - {rule: r, when: score.value < 50%, then: [{gate: block}]}\n").built.rules
    assert loads(HEAD + "  - {rule: r, when: people < 5, apart: true, then: [{gate: block}]}\n").built.rules


def test_what_rules_hold_back_can_be_read_together() -> None:
    from alliance.settlement.settle import settle

    contract = loads(
        HEAD
        + "  - {rule: r, when: withheld.opening > 40.00 GBP, then: [{notify: icb}]}\n"
        + "examples:\n  - {title: held, period: 2026-27 Q1, given: {people: 4, score: 100%}, expect: {withheld.closing: 50}}\n"
    )
    given = {"people": 4, "score": "100%"}
    first = settle(contract, "2026-27 Q1", given, kind="final")
    second = settle(contract, "2026-27 Q2", given, first, kind="final")
    assert [n.rule for n in first.notices] == []
    assert [n.rule for n in second.notices] == ["r"]


def test_withheld_is_a_name_only_where_something_is_held_back() -> None:
    text = (
        HEAD.replace(", {withhold: block, share: 5%}", "")
        + "  - {rule: r, when: withheld.opening > 0, then: [{notify: icb}]}\n"
    )
    with pytest.raises(ContractError) as error:
        loads(text)
    assert "AC041" in str(error.value)
