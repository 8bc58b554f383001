"""How a settlement is asked for: its period, its kind, what is kept to explain it, and who looks at the rules."""

from __future__ import annotations

from datetime import date

import pytest

import alliance
from alliance.contract.faults import ContractError, InputError
from alliance.settlement.examples import run_examples
from alliance.settlement.settle import settle_run
from alliance.settlement.state import State
from tests.settlement.helpers import balance, contract, moves, settled

BODY = "payments: {p: {pays_for: block, start: 10 GBP, from: icb, to: acute}}\n"


def test_a_period_may_be_given_as_one() -> None:
    made = contract(BODY)
    assert settled(made, made.period("2026-27")) == settled(made, "2026-27")  # type: ignore[arg-type]


def test_a_settlement_is_provisional_and_explained_unless_it_is_said_otherwise() -> None:
    made = contract(BODY)
    found, run = settle_run(made, "2026-27")
    assert (found.kind, found) == ("provisional", alliance.settle(made, "2026-27"))
    assert run.period.label == "2026-27"
    (line,) = found.payment("p").waterfalls[0].lines
    assert [d.label for d in line.details] == ["start"]
    (bare,) = settle_run(made, "2026-27", keep=False)[0].payment("p").waterfalls[0].lines
    assert bare.details == ()


@pytest.mark.parametrize("asked", ["plain", "durable"])
def test_one_matcher_alone_looks_at_the_rules(asked: str) -> None:
    pytest.importorskip("durable")
    body = "rules: [{rule: one, when: p.earned > 1 GBP, then: [{notify: icb, say: it is paid}]}]\n"
    found = settled(contract(BODY + body), rules_engine=asked)
    said = {"plain": "the plain matcher", "durable": "durable_rules"}
    assert found.engine == f"alliance {alliance.__version__}; rules matched by {said[asked]}"


def test_an_example_that_fails_is_to_be_mended() -> None:
    made = contract(BODY + "examples: [{title: Wrong, period: 2026-27, given: {}, expect: {p.earned: 11}}]\n")
    with pytest.raises(ContractError) as caught:
        settled(made)
    assert [f.hint for f in caught.value.faults] == ["Mend it: see alliance test."]


def test_what_was_paid_on_account_is_read_in_the_month_and_in_the_year() -> None:
    made = contract(
        """\
        payments:
          p: {pays_for: block, start: 1000 GBP, from: icb, to: acute, on_account: 120 GBP}
          q: {pays_for: block, start: 1000 GBP, from: icb, to: acute, on_account: 240 GBP}
        examples:
          - {title: A month, period: 2026-05, given: {}, expect: {p.on_account: 10, q.on_account: 20}}
          - title: The year
            period: 2026-27
            interim: monthly
            given: {}
            expect: {p.on_account: 120, q.on_account: 240, p.net: 880, q.net: 760}
        """
    )
    month, year = run_examples(made)
    assert month.passed, month
    assert year.passed, year


def test_what_is_released_to_an_account_is_in_its_balance() -> None:
    made = contract(
        """\
        accounts: {pot: {}}
        inputs: {x: {unit: GBP}}
        payments: {p: {pays_for: block, start: 100 GBP, from: pot, to: acute}}
        rules: [{rule: late, when: x > 1 GBP, then: [{withhold: p, share: 25%, of: acute, lapses: after 1 periods}]}]
        """
    )
    first = settled(made, "2026-27", {"x": "2"}, State({"pot": {"": 150}}))
    assert balance(first, "pot") == 50
    second = settled(made, "2027-28", {"x": "2"}, first)
    # of the 50 that it holds 37.50 is paid and 12.50 held back; the 25 of the year before come home
    assert [line for line in moves(second) if "withheld)" not in line] == [
        "pot -> acute 37.50", "withheld/late.1 | p | 2026-27 | pot | acute -> pot 25.00 (lapse)",
    ]  # fmt: skip
    assert balance(second, "pot") == 25


def test_a_period_that_is_given_as_one_is_of_the_contract_too() -> None:
    other = contract(BODY, term="2020-04-01 2021-03-31").period("2020-21")
    with pytest.raises(InputError, match="AC111 2020-21 is outside the contract"):
        settle_run(contract(BODY), other)


def test_a_month_that_is_given_as_a_period_is_not_read_as_a_year() -> None:
    """2009-10 is how a year is written, and October 2009 was once too."""
    made = contract(BODY, term="2009-04-01 2011-03-31")
    october = made.calendar.parts(made.period("2009-10"), "month")[6]
    assert (october.label, settle_run(made, october)[0].end) == ("2009-M10", date(2009, 10, 31))


def test_an_opening_has_accounts_of_the_contract_as_it_is_varied_by_then() -> None:
    body = (
        BODY
        + """\
variations:
  - title: A fund from then on
    made: 2027-06-01
    effective: 2027-10-01
    accounts: {fund: {title: Fund}}
"""
    )
    made, opening = contract(body), State({"fund": {"": 5}})
    later = settled(made, "2027-28", opening=opening, as_of=date(2028, 4, 1))
    assert balance(later, "fund") == 5
    with pytest.raises(InputError, match='AC121 the opening has a balance of "fund", which is not an account'):
        settled(made, "2026-27", opening=opening, as_of=date(2027, 4, 1))
