"""The tree behind each penny."""

from __future__ import annotations

import alliance
from alliance.contract.contract import Contract
from alliance.reports.explain import as_dict, explanation, rows
from alliance.reports.plain import plain
from alliance.settlement.settle import settle_run
from tests.cli.contracts import NEIGHBOURS

CONTRACT = alliance.loads(NEIGHBOURS)


def explained(
    period: str = "2026-27 Q1", payment: str = "", party: str = "", contract: Contract = CONTRACT, **given: object
) -> str:
    s, run = settle_run(contract, period, given)
    return plain(explanation(s, run, contract, payment, party), 1000)


def test_a_penny_is_followed_to_its_input_and_its_line() -> None:
    text = explained(payment="pool", well="80%", spend="20_000")
    line = 1 + NEIGHBOURS[: NEIGHBOURS.index("  well:")].count("\n")
    assert f"  by: well.score (People who say they are well) = 75%  [contract.yaml:{line}:3]" in text
    assert '    the outcome "I am well"' in text
    assert "    measured = 80%" in text
    assert "    nothing at 50%, in full at 90%" in text
    assert "Block grant" in text
    assert "a year from 2026-04-01 (the period has a quarter of it) = 200,001.00" in text
    assert "Who has what of it (shared by contribution among Home care, Hospital trust)" in text
    assert "  Reserve to Hospital trust (payment) = 3,750.02" in text


def test_what_is_scored_in_place_of_a_value_that_chance_may_have_made() -> None:
    def told(when: str) -> str:
        made = alliance.loads(f"""\
alliance: 1
contract: {{id: few, title: Few, term: {{from: 2026-04-01, to: 2027-03-31}}, settles: quarterly}}
parties: {{icb: {{name: Board, role: commissioner}}, ash: {{name: Ash, role: provider}}}}
measures:
  back:
    reported: percent
    better: lower
    score: {{nothing_at: 28%, full_at: 20%}}
    interval: {{level: 95%, against: 28%, when_it_does_not_clear: {when}}}
payments:
  pay: {{pays_for: outcome, start: 1000 GBP * back.score, from: icb, to: ash}}
""")
        return explained(contract=made, back={"value": "22%", "cases": 100})

    assert "    scored as 28%, since its 95% interval does not clear 28%  [" in told("no change")
    assert "    scored as 31.0" in told("bound")
    assert "%, the bound of its 95% interval on the worse side  [" in told("bound")
    assert "scored as" not in told("report")


def test_figures_are_opened_and_shown_once() -> None:
    body = NEIGHBOURS.replace("start: saved\n", "start: saved + saved\n")
    text = explained(payment="trial", contract=alliance.loads(body.split("examples:")[0]), spend="20_000")
    assert "Start: saved + saved (§3) = 20,000.00" in text
    assert "    is 30_000 GBP - spend" in text
    assert "saved (Saved in the quarter), as above = 10,000.00" in text
    assert "It is a shadow payment: printed only, and no money moves." in text


def test_why_a_payment_was_not_made() -> None:
    text = explained()
    assert "It could not be determined, so no money moves." in text
    assert "Spend of the quarter (spend) is missing." in text
    assert "Hospital trust brings it within 10 working days. Bring it and settle again." in text
    assert "it is missing: Hospital trust (trust) was to bring it within 10 working days" in text
    nothing = explained(payment="pool", well="50%", spend="1")
    assert "It comes to nothing. How well people are: Times People who say they are well, score (0%)." in nothing
    body = NEIGHBOURS.replace("    on_account: {of_the_year: 6_000 GBP, each: quarter}\n", "")
    late = explained(payment="yearly", contract=alliance.loads(body), well="50%", spend="1")
    assert "It is not due in 2026-27 Q1: it settles by the year." in late


def test_a_party_sees_what_it_gives_and_gets() -> None:
    text = explained(party="home", well="80%", spend="20_000")
    assert "WHAT HOME CARE (HOME) GETS AND GIVES" in text
    assert "net 24,375.00" in text
    assert "Home care (home) = 1,875.00" in text
    assert "Hospital trust to Reserve" not in text
    assert "Bonus of the year" not in text
    assert "gives and gets nothing" in explained(payment="yearly", party="home", well="80%", spend="1")


def test_a_year_has_its_quarters() -> None:
    text = explained("2026-27", payment="pool", well="80%", spend="20_000")
    assert "\n2026-27 Q1 = 5,625.02\n" in text
    assert "\n2026-27 Q4 = 5,625.02\n" in text


def test_a_contract_without_payments_explains_its_figures() -> None:
    contract = alliance.loads(NEIGHBOURS.split("payments:")[0])
    text = explained(contract=contract, spend="20_000")
    assert "Saved in the quarter (saved) = 10,000.00" in text
    assert "spend (Spend of the quarter) = 20,000.00" in text


def test_as_json_and_as_rows() -> None:
    s, run = settle_run(CONTRACT, "2026-27 Q1", {"well": "80%", "spend": "20_000"})
    report = explanation(s, run, CONTRACT, "grant")
    found = as_dict(report, s)
    assert found["settlement"] == s.name
    first = found["sections"][0]["parts"][0]
    assert (first["text"], first["value"], first["exact"]) == ("Home care (home)", "25,000.00", "25000")
    assert "agreement" not in found
    assert as_dict(report, s, "A")["agreement"] == "A"
    assert first["parts"][0]["place"].startswith("contract.yaml:")
    lines = list(rows(report))
    assert lines[0] == ("Block grant (grant): §1, a block payment", "0", "Home care (home)", "25,000.00", "", "25000")
    assert lines[1][1] == "1"
