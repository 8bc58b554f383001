"""Variations: made on one day, effective from another, read by the settlements that know of them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.settlement.helpers import QUARTERS, balance, contract, earned, moves, quarters, settled

PRICE = """\
terms: {price: {unit: GBP, value: 100}}
figures: {now: {is: price}}
payments:
  p: {pays_for: outcome, start: price, steps: [{name: scale, multiply: 2}], from: icb, to: acute}
variations:
  - {title: Dearer, made: 2026-06-01, effective: 2026-07-01, terms: {price: {unit: GBP, value: 120}}}
  - {title: Dearer still, made: 2026-11-01, effective: 2026-10-01, terms: {price: {unit: GBP, value: 150}}}
"""


def paid(period: str, as_of: date | None = None) -> object:
    return earned(settled(contract(PRICE, settles="quarterly"), period, as_of=as_of))


def test_a_variation_serves_the_periods_that_begin_on_its_day_or_later() -> None:
    assert [paid(q) for q in QUARTERS] == [200, 240, 300, 300]


def test_a_settlement_reads_those_made_by_its_day() -> None:
    assert paid(QUARTERS[2]) == 300  # at the end of the quarter the second one has been made
    assert paid(QUARTERS[2], date(2026, 10, 31)) == 240
    assert paid(QUARTERS[2], date(2026, 11, 1)) == 300
    assert paid(QUARTERS[1], date(2026, 5, 31)) == 200


def test_a_later_one_alters_no_past_settlement() -> None:
    assert paid(QUARTERS[0], date(2029, 1, 1)) == 200
    assert paid(QUARTERS[1], date(2029, 1, 1)) == 240


def test_made_later_but_effective_earlier_means_restatement() -> None:
    made = contract(PRICE, settles="quarterly")
    before = settled(made, QUARTERS[2], as_of=date(2026, 10, 15))
    assert moves(before) == ["icb -> acute 240.00"]
    after = settled(made, QUARTERS[2], opening=before, as_of=date(2026, 11, 15))
    assert moves(after) == ["icb -> acute 60.00 (true-up)"]
    assert after.notes == (
        'Settled under the variation "Dearer", made 2026-06-01.',
        'Settled under the variation "Dearer still", made 2026-11-01.',
    )
    assert before.name != after.name


def test_an_entry_that_is_replaced_keeps_its_title() -> None:
    body = """\
    terms: {price: {title: Price of a day, clause: 3, unit: GBP, value: 100}}
    figures: {now: {title: Price now, is: price}, then: {is: price}}
    variations:
      - {title: Dearer, made: 2026-06-01, effective: 2026-07-01,
         terms: {price: {unit: GBP, value: 120}}, figures: {now: {title: New price, is: price}, then: {is: price + 1 GBP}}}
    """
    made = contract(body, settles="quarterly")
    before, after = (made.on(made.period(q).start, date(2026, 12, 31)) for q in QUARTERS[:2])
    assert (before.terms["price"].title, before.terms["price"].clause) == ("Price of a day", "3")
    assert (after.terms["price"].title, after.terms["price"].clause) == ("Price of a day", "")
    assert (before.figures["now"].title, after.figures["now"].title) == ("Price now", "New price")
    assert after.figures["then"].title == "then"


def test_the_latest_made_wins() -> None:
    body = """\
    terms: {price: {unit: GBP, value: 100}}
    payments: {p: {pays_for: outcome, start: price, from: icb, to: acute}}
    variations:
      - {title: Later, made: 2026-05-02, effective: 2026-07-01, terms: {price: {unit: GBP, value: 7}}}
      - {title: Earlier, made: 2026-05-01, effective: 2026-10-01, terms: {price: {unit: GBP, value: 8}}}
    """
    made = contract(body, settles="quarterly")
    assert [earned(settled(made, q)) for q in QUARTERS] == [100, 7, 7, 7]


def test_steps_are_set_added_and_removed_by_name() -> None:
    body = """\
    payments:
      p:
        pays_for: outcome
        start: 100 GBP
        steps: [{name: scale, multiply: 2}, {name: most, at_most: 150 GBP}]
        from: icb
        to: acute
    variations:
      - title: Threefold
        made: 2026-04-01
        effective: 2026-07-01
        steps: [{payment: p, set: scale, to: {name: scale, multiply: 3}}]
      - title: No more than two fifty
        made: 2026-04-02
        effective: 2026-10-01
        steps:
          - {payment: p, remove: most}
          - {payment: p, add: {name: less, deduct: 60 GBP}, after: scale}
      - title: A first step
        made: 2026-04-03
        effective: 2027-01-01
        steps: [{payment: p, add: {name: first, add: 10 GBP}, before: scale}]
    """
    made = contract(body, settles="quarterly")
    found = [settled(made, q) for q in QUARTERS]
    assert [earned(f) for f in found] == [150, 150, 240, 270]
    assert [[x.name for x in f.payment("p").waterfalls[0].lines[1:]] for f in found] == [
        ["scale", "most"], ["scale", "most"], ["scale", "less"], ["first", "scale", "less"],
    ]  # fmt: skip


MIDYEAR = """\
inputs: {x: {unit: GBP, over_periods: add}}
payments:
  p: {pays_for: outcome, start: x, from: icb, to: acute}
variations:
  - title: A new payment, to a new account and a new party
    made: 2026-06-01
    effective: 2026-10-01
    parties: {hospice: {name: The hospice, role: provider}}
    accounts: {fund: {title: The fund}}
    payments: {q: {pays_for: outcome, start: x, from: icb, to: {fund: 50%, hospice: 50%}}}
"""


def test_a_payment_that_comes_within_a_year_is_trued_up_with_it() -> None:
    made = contract(MIDYEAR, settles="quarterly")
    last = quarters(made, {q: {"x": "100"} for q in QUARTERS})
    assert moves(last) == ["icb -> acute 100.00", "icb -> hospice 50.00", "icb -> fund 50.00"]
    year = settled(made, "2026-27", {"periods": {QUARTERS[2]: {"x": "160"}}}, last)
    assert moves(year) == [
        "icb -> acute 60.00 (true-up)",
        "icb -> hospice 30.00 (true-up)",
        "icb -> fund 30.00 (true-up)",
    ]
    assert (earned(year), earned(year, "q")) == (460, 260)
    assert [p.period for p in year.payment("q").parts] == list(QUARTERS[2:])
    assert (balance(year, "fund"), year.parties["hospice"], year.accounts["fund"]) == (130, "The hospice", "The fund")


def test_a_payment_that_comes_within_a_quarter_is_added_up_over_the_year() -> None:
    body = """\
    payments:
      p: {pays_for: outcome, start: 10 GBP, from: icb, to: acute}
      r: {pays_for: outcome, settles: quarterly, start: 100 GBP, from: icb, to: acute}
    variations:
      - title: A new payment
        made: 2026-04-01
        effective: 2026-06-01
        payments:
          q: {pays_for: outcome, start: 1 GBP, from: icb, to: community}
      - title: One of the quarter
        made: 2026-04-01
        effective: 2026-07-01
        payments:
          s: {pays_for: outcome, settles: quarterly, start: 2 GBP, from: icb, to: community}
    """
    made = contract(body, settles="monthly")
    first = settled(made, QUARTERS[0])
    assert moves(first) == ["icb -> acute 30.00", "icb -> acute 100.00", "icb -> community 1.00"]
    year = settled(made, "2026-27")
    assert [earned(year, name) for name in "pqrs"] == [120, 10, 400, 6]


def test_a_quarter_before_it_settled_again_leaves_its_balances_alone() -> None:
    made = contract(MIDYEAR, settles="quarterly")
    last = quarters(made, {q: {"x": "100"} for q in QUARTERS})
    again = settled(made, QUARTERS[0], {"x": "90"}, last)
    assert moves(again) == ["acute -> icb 10.00 (true-up)"]
    assert balance(again, "fund") == 100
    first = settled(made, QUARTERS[0], {"x": "90"})
    assert ("fund" in first.accounts, "hospice" in first.parties) == (False, False)


def test_a_quarter_with_it_settled_again_starts_from_what_it_started_from() -> None:
    made = contract(
        """\
        payments:
          p: {pays_for: outcome, start: 1 GBP, from: icb, to: acute}
        variations:
          - title: New
            made: 2026-06-01
            effective: 2026-10-01
            accounts: {fund: {}}
            payments:
              q: {pays_for: outcome, start: 100 GBP, from: icb, to: fund}
              r: {pays_for: outcome, start: 10% * fund.balance, from: fund, to: acute}
        """,
        settles="quarterly",
    )
    found = settled(made, QUARTERS[2])
    assert moves(found)[1:] == ["icb -> fund 100.00", "fund -> acute 10.00"]
    assert moves(settled(made, QUARTERS[2], opening=found)) == []


def test_a_term_that_varies_divides_no_quarter() -> None:
    """A variation is for the periods that begin on its day or later, however its term is dated."""
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, value: 400}}
        payments: {p: {pays_for: block, start: fee, from: icb, to: acute}}
        variations:
          - {title: More, made: 2026-04-01, effective: 2026-05-16, terms: {fee: {unit: GBP a year, value: 800}}}
        """,
        settles="quarterly",
    )
    assert [earned(settled(made, q)) for q in QUARTERS] == [100, 200, 200, 200]
    assert earned(settled(made, "2026-27")) == 700
    assert Fraction(700) == 700
