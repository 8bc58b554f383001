"""Limits on parties over the year where periods, variations or what is determined change: what is used and carried."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.settlement.helpers import QUARTERS, contract, earned, moves, settled

Q1, Q2, Q3, Q4 = QUARTERS


def limited(beyond: str, at_most: str = "100 GBP", **options: str) -> object:
    return contract(
        f"""\
        inputs: {{won: {{unit: GBP, over_periods: add}}}}
        payments:
          y: {{pays_for: outcome, start: won, from: icb, to: acute,
               party_limits: {{gain: {{each: provider, at_most: {at_most}, beyond: {beyond}}}}}}}
        """,
        **options,
    )


HALVES = """\
inputs: {won: {unit: GBP, over_periods: add}}
payments:
  y: {pays_for: outcome, settles: quarterly, start: won, %sfrom: icb, to: acute}
  z: {pays_for: outcome, settles: quarterly, start: so_far(y.earned) * 10%%, from: icb, to: council}
variations:
  - title: Halves
    made: 2026-04-01
    effective: 2026-10-01
    payments:
      y: {pays_for: outcome, settles: half-yearly, start: won, %sfrom: icb, to: acute}
      z: {pays_for: outcome, settles: half-yearly, start: so_far(y.earned) * 10%%, from: icb, to: council}
"""


@pytest.mark.parametrize("beyond", ["payer", "carry"])
def test_what_was_gained_over_periods_of_another_length_counts(beyond: str) -> None:
    limits = f"party_limits: {{gain: {{each: provider, at_most: 300 GBP, beyond: {beyond}}}}}, "
    made = contract(HALVES % (limits, limits), settles="quarterly")
    given = {Q1: {"won": "100"}, Q2: {"won": "100"}, "2026-27 H2": {"won": "500"}}
    last, found = None, []
    for label, values in given.items():
        last = settled(made, label, values, last)
        found.append(moves(last, "y"))
    assert found == [["icb -> acute 100.00"]] * 3
    assert moves(settled(made, "2026-27", {}, last)) == []
    assert moves(settled(made, "2026-27", {"periods": given}), "y") == ["icb -> acute 300.00"]


def test_so_far_adds_up_the_periods_that_a_payment_settled_over_then() -> None:
    made = contract(HALVES % ("", ""), settles="quarterly")
    given = {Q1: {"won": "100"}, Q2: {"won": "200"}, "2026-27 H2": {"won": "500"}}
    last, found = None, []
    for label, values in given.items():
        last = settled(made, label, values, last)
        found.append(earned(last, "z"))
    assert found == [0, 10, 30]
    assert moves(settled(made, "2026-27", {}, last)) == []


def test_what_stands_goes_on_using_the_limit_and_is_not_carried_twice() -> None:
    made = limited("payer", settles="quarterly")
    first = settled(made, Q1, {"won": "60"})
    stood = settled(made, Q1, {"won": {"status": "suppressed"}}, first)
    for opening in (first, stood):
        assert moves(settled(made, Q2, {"won": "90"}, opening)) == ["icb -> acute 40.00"]
    year = {Q2: {"won": "90"}, Q3: {"won": "0"}, Q4: {"won": "0"}}
    assert earned(settled(made, "2026-27", {"periods": {Q1: {"won": "60"}, **year}}, stood), "y") == 100
    made = limited("carry", settles="quarterly")
    last = settled(made, "2026-27 Q4", {"won": "150"})
    last = settled(made, "2027-28 Q1", {"won": "10"}, last)
    assert moves(last) == ["icb -> acute 60.00"]
    last = settled(made, "2027-28 Q1", {"won": {"status": "suppressed"}}, last)
    last = settled(made, "2027-28 Q2", {"won": "10"}, last)
    assert moves(last) == ["icb -> acute 10.00"]
    assert moves(settled(made, "2027-28 Q1", {"won": "10"}, last)) == []


@pytest.mark.parametrize(
    "limits",
    ["", "party_limits: {gain: {each: provider, at_most: 300 GBP}}, ",
     "party_limits: {gain: {each: provider, at_most: 300 GBP, beyond: carry}}, "],
)  # fmt: skip
def test_what_was_carried_is_paid_whatever_a_variation_makes_of_the_limit(limits: str) -> None:
    body = f"""\
    inputs: {{won: {{unit: GBP}}}}
    payments:
      y: {{pays_for: outcome, start: won, from: icb, to: acute,
           party_limits: {{gain: {{each: provider, at_most: 100 GBP, beyond: carry, clause: 4}}}}}}
    variations:
      - {{title: V, made: 2026-04-01, effective: 2027-04-01,
          payments: {{y: {{pays_for: outcome, start: won, {limits}from: icb, to: acute}}}}}}
    """
    made, last, found = contract(dedent(body)), None, []
    for period, won in (("2026-27", "250"), ("2027-28", "10"), ("2028-29", "10")):
        last = settled(made, period, {"won": won}, last)
        found.append(moves(last))
    assert found == [["icb -> acute 100.00"], ["icb -> acute 160.00"], ["icb -> acute 10.00"]]


def test_what_was_carried_is_paid_over_periods_of_another_length() -> None:
    limits = "party_limits: {gain: {each: provider, at_most: 300 GBP, beyond: carry}}, "
    made = contract(
        (HALVES % (limits, limits)).replace("effective: 2026-10-01", "effective: 2027-04-01"), settles="quarterly"
    )
    last = None
    for label in QUARTERS:
        last = settled(made, label, {"won": "125"}, last)
    last = settled(made, "2027-28 H1", {"won": "10"}, last)
    assert moves(last, "y") == ["icb -> acute 210.00"]
    assert moves(settled(made, "2027-28 H2", {"won": "10"}, last), "y") == ["icb -> acute 10.00"]


def test_a_limit_of_the_year_reads_what_its_last_quarter_is_brought() -> None:
    made, last = limited("payer", "50% * won", settles="quarterly"), None
    for label in QUARTERS:
        last = settled(made, label, {"won": "100"}, last)
    assert moves(last) == ["icb -> acute 100.00"]
    assert moves(settled(made, Q4, {"won": "100"}, last)) == []


def test_all_at_their_limits_leave_the_rest_with_the_payer() -> None:
    made = contract(
        """\
        payments:
          y: {pays_for: outcome, start: 100 GBP, from: icb, to: {acute: 50%, community: 50%},
              party_limits: {gain: {each: provider, at_most: 30 GBP, beyond: others}}}
        """
    )
    found = settled(made)
    assert moves(found) == ["icb -> acute 30.00", "icb -> community 30.00"]
    assert {line.note for line in found.payments[0].lines} == {
        "what is beyond is shared among the others as far as their limits leave room, and the rest is kept by the payer"
    }
