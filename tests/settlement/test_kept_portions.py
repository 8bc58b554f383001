"""Who has what part where some are away, owe nothing yet, or hold nothing: none of it touches what the others have."""

from __future__ import annotations

from fractions import Fraction
from textwrap import dedent, indent
from typing import Any

import pytest

from alliance.contract.values import Unknown
from alliance.settlement.result import Settlement
from alliance.settlement.state import State
from tests.settlement.helpers import contract, earned, moves, settled, why

COMING = """\
icb:       {name: Board, role: commissioner}
acute:     {name: Acute trust, role: provider, from: 2027-04-01}
community: {name: Community trust, role: provider}
live_in:   {name: Care agency, role: provider}
"""


def test_whoever_is_away_all_year_has_nothing_and_the_next_have_theirs() -> None:
    body = "payments: {p: {pays_for: block, start: 90 GBP, from: icb, shared: {by: equally, among: provider}}}"
    found = settled(contract(body, parties=COMING))
    assert moves(found) == ["icb -> community 45.00", "icb -> live_in 45.00"]


def test_a_fixed_share_of_whoever_is_away_is_read_like_any() -> None:
    body = """\
    inputs: {rate: {unit: percent}}
    payments: {p: {pays_for: block, start: 90 GBP, from: icb, to: all, shared: {all: {acute: rate, community: 50%}}}}
    """
    made = contract(body, parties=COMING)
    assert moves(settled(made, inputs={"rate": "50%"})) == ["icb -> community 90.00"]
    assert why(earned(settled(made))) == "rate is missing"


def test_whoever_was_away_put_in_nothing_and_has_no_part() -> None:
    body = """\
    accounts: {pool: {}}
    terms: {fee: {unit: GBP, by: provider, value: {acute: 60, community: 30, live_in: 10}}}
    payments:
      p:
        pays_for: outcome
        funded: {each: provider, pays: fee, into: pool}
        start: pool.funded
        from: pool
        shared: {by: contribution}
        absent: unearned
    """
    found = settled(contract(body, parties=COMING))
    assert moves(found) == [
        "community -> pool 30.00 (funding)",
        "live_in -> pool 10.00 (funding)",
        "pool -> community 30.00",
        "pool -> live_in 10.00",
    ]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ("0.50", ["icb -> acute 0.30", "icb -> pot 0.20"]),
        ("-0.50", ["acute -> icb 0.50"]),  # a way of sharing is made up to the whole
    ],
)
def test_an_account_shares_the_smallest_gain(x: str, expected: list[str]) -> None:
    body = """\
    accounts: {pot: {}}
    inputs: {x: {unit: GBP}}
    payments: {p: {pays_for: outcome, start: x, from: icb, to: all, shared: {all: {acute: 60%, pot: 40%}}}}
    """
    assert moves(settled(contract(body), inputs={"x": x})) == expected


def test_a_share_that_a_record_leaves_empty_is_told_at_the_payment() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: GBP, part: optional percent}}}
        payments: {p: {pays_for: block, each: visits, start: cost, from: icb, to: {of: part, council: 100% - part}}}
        """
    )
    found = settled(made, inputs={"visits": [{"of": "acute", "cost": "10", "part": ""}]}).payment("p")
    lost: Any = found.earned
    assert isinstance(lost, Unknown)
    assert [(r.what, r.status, r.mark) for r in lost.reasons] == [("p", "missing", found.mark)]


def test_of_no_groups_of_records_a_payment_of_nothing_names_nobody() -> None:
    body = """\
    inputs: {visits: {records: {of: party, cost: GBP}}}
    payments: {p: {pays_for: block, each: of in visits, start: sum(cost), from: icb, to: of}}
    """
    assert settled(contract(body), inputs={"visits": []}).transfers == ()


RECOUPED = """\
accounts: {advance: {by: party, may_go_below: any}}
terms: {most: {unit: GBP, by: provider, value: {acute: 5, community: 7, live_in: 9}}}
payments:
  p:
    pays_for: outcome
    each: provider
    start: 20 GBP
    from: icb
    to: provider
    recoup: {account: advance%s}
"""


def test_whoever_owes_nothing_gives_nothing_back_and_the_next_still_do() -> None:
    body = RECOUPED.replace("    each: provider\n", "").replace(
        "to: provider", "shared: {by: equally, among: provider}"
    )
    opening = State({"advance": {"community": 3, "live_in": 100}})
    assert moves(settled(contract(body.replace("20", "30") % ""), opening=opening)) == [
        "advance/community -> icb 3.00 (recoupment)",
        "advance/live_in -> icb 10.00 (recoupment)",
        "icb -> acute 10.00",
        "icb -> community 7.00",
    ]


def test_the_most_that_is_taken_back_is_that_of_the_payee() -> None:
    opening = State({"advance": {"acute": 100, "community": 100, "live_in": 4}})
    found = settled(contract(RECOUPED % ", at_most: most"), opening=opening)
    assert moves(found) == [
        "advance/acute -> icb 5.00 (recoupment)", "icb -> acute 15.00",
        "advance/community -> icb 7.00 (recoupment)", "icb -> community 13.00",
        "advance/live_in -> icb 4.00 (recoupment)", "icb -> live_in 16.00",
    ]  # fmt: skip


def test_an_account_that_pays_nothing_of_it_stops_nothing() -> None:
    body = """\
    accounts: {pot: {}}
    inputs: {rate: {unit: percent}}
    payments: {p: {pays_for: block, start: 10 GBP, from: {pot: rate, icb: 100% - rate}, to: acute}}
    """
    assert moves(settled(contract(body), inputs={"rate": "0%"})) == ["icb -> acute 10.00"]
    assert moves(settled(contract(body), inputs={"rate": "50%"})) == []


def test_a_payee_of_several_earns_what_it_has_of_them_all() -> None:
    body = "payments: {p: {pays_for: block, each: provider, start: 10 GBP, from: provider, to: icb}}"
    found = settled(contract(body)).payment("p")
    assert found.earned == 30
    assert [(r.payee, r.amount) for r in found.received] == [("icb", 30)]


@pytest.mark.parametrize(("x", "lines"), [("30", []), ("-30", []), ("30.01", [(Fraction("30.01"), 30)])])
def test_a_limit_that_is_just_met_cuts_nothing_and_has_no_line(x: str, lines: list[Any]) -> None:
    body = """\
    inputs: {x: {unit: GBP}}
    payments:
      p:
        pays_for: outcome
        start: x
        from: icb
        to: acute
        party_limits: {gain: {at_most: 30 GBP}, loss: {at_most: 30 GBP}}
    """
    found = settled(contract(body), inputs={"x": x}).payment("p")
    assert [(line.before, line.after) for line in found.lines] == lines


HALVES = """\
inputs: {rate: {unit: percent}}
figures: {kept: {is: p.kept}}
payments:
  p:
    pays_for: outcome
"""


def halves(fields: str, rate: str = "50%") -> Settlement:
    return settled(contract(HALVES + indent(dedent(fields), "    ")), inputs={"rate": rate})


def test_a_part_for_each_that_a_slice_names_is_rounded_with_the_rest() -> None:
    """Half a penny for a party that is named and half for the one in hand are one penny, of the first as listed."""
    found = halves(
        """\
        each: provider
        start: 0.01 GBP if provider = acute else 0 GBP
        from: icb
        slices: [{up_to: 0.005 GBP, to: community}, {to: provider}]
        """
    )
    assert moves(found) == ["icb -> acute 0.01"]


def test_parts_of_one_amount_by_several_payers_are_rounded_as_one() -> None:
    found = halves("start: 0.01 GBP\nfrom: icb\nto: acute\nslices: [{up_to: 0.005 GBP}, {from: council}]")
    assert moves(found) == ["icb -> acute 0.01"]


def test_slices_of_records_from_one_payer_to_those_that_are_named_are_rounded_as_one() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {cost: GBP}}}
        payments:
          p:
            pays_for: block
            each: visits
            start: cost
            from: icb
            slices: [{up_to: 0.005 GBP, to: acute}, {to: community}]
        """
    )
    assert moves(settled(made, inputs={"visits": [{"cost": "0.01"}]})) == ["icb -> acute 0.01"]


def test_a_share_before_one_that_takes_the_rest_and_after_it_are_the_same() -> None:
    for to in ("{acute: 20%, rest: stays}", "{rest: stays, acute: 20%}"):
        found = halves(f"start: 10 GBP\nfrom: icb\nslices: [{{to: {to}}}]")
        assert (moves(found), found.figure("kept")) == (["icb -> acute 2.00"], 8)


def test_one_share_alone_is_still_the_whole_or_it_is_told() -> None:
    fields = "start: 10 GBP\nfrom: icb\nto: {acute: rate}"
    assert moves(halves(fields, "100%")) == ["icb -> acute 10.00"]
    assert why(earned(halves(fields))) == "shares of p that total less than 100% is not assessable"


def test_what_stays_of_each_slice_is_kept() -> None:
    slices = "[{up_to: 4 GBP, to: {acute: 25%, rest: stays}}, {to: {acute: 50%, rest: stays}}]"
    found = halves(f"start: 10 GBP\nfrom: icb\nslices: {slices}")
    assert (moves(found), found.figure("kept")) == (["icb -> acute 4.00"], 6)


def test_what_a_gap_leaves_of_a_share_is_kept() -> None:
    body = """\
    figures: {kept: {is: p.kept}}
    payments:
      p: {pays_for: block, start: 90 GBP, from: icb, shared: {by: equally, among: provider}, absent: unearned}
    """
    found = settled(contract(body, parties=COMING))
    assert (moves(found), found.figure("kept")) == (["icb -> community 30.00", "icb -> live_in 30.00"], 30)


@pytest.mark.parametrize(
    ("x", "expected"),
    [("0.50", ["icb -> acute 0.30", "icb -> pot 0.20"]), ("-0.50", ["acute -> icb 0.30"])],
)
def test_an_account_that_is_paid_a_share_has_the_smallest_gain_and_no_loss(x: str, expected: list[str]) -> None:
    body = """\
    accounts: {pot: {}}
    inputs: {x: {unit: GBP}}
    payments: {p: {pays_for: outcome, start: x, from: icb, to: {pot: 40%, acute: 60%}}}
    """
    assert moves(settled(contract(body), inputs={"x": x})) == expected


def test_a_payer_that_a_record_leaves_empty_is_told_at_the_payment() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: optional party, cost: GBP}}}
        payments: {p: {pays_for: block, each: visits, start: cost, from: of, to: acute}}
        """
    )
    found = settled(made, inputs={"visits": [{"of": "", "cost": "10"}]}).payment("p")
    lost: Any = found.earned
    assert isinstance(lost, Unknown)
    assert [(r.what, r.status, r.mark) for r in lost.reasons] == [("the of of a record", "missing", found.mark)]


def test_what_values_hold_back_is_worked_out_anew_when_the_period_is_settled_again() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP}}
        payments: {p: {pays_for: outcome, start: x, from: icb, to: acute}}
        rules: [{rule: one, when: x > 1 GBP, then: [{withhold: p, share: 20%, of: acute}]}]
        """
    )
    first = settled(made, inputs={"x": "100"})
    again = settled(made, inputs={"x": "130"}, opening=first)
    held = "withheld/one.1 | p | 2026-27 | icb | acute"
    assert moves(again) == ["icb -> acute 24.00 (true-up)", f"icb -> {held} 6.00 (withheld)"]
    assert [h.amount for h in again.closing.held] == [26]
    none = settled(made, inputs={"x": "1"}, opening=again)
    assert moves(none) == ["acute -> icb 103.00 (true-up)", f"{held} -> icb 26.00 (withheld)"]
    assert none.closing.held == ()


def test_a_payment_of_nothing_names_the_first_of_parties_and_groups_together() -> None:
    sides = "to: {acute: 50%, far: 50%}\nshared: {far: {community: 50%, live_in: 50%}}"
    found = halves(f"start: 10 GBP\nwhen: rate > 60%\nfrom: icb\n{sides}")
    assert [(t.payer, t.payee, t.amount) for t in found.transfers] == [("icb", "acute", 0)]


def test_a_slice_of_records_that_stays_whole_is_before_those_that_do_not() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {cost: GBP}}}
        payments:
          p:
            pays_for: block
            each: visits
            start: cost
            from: icb
            slices: [{up_to: 4 GBP, to: {rest: stays}}, {from: council, to: acute}]
        """
    )
    assert moves(settled(made, inputs={"visits": [{"cost": "10"}, {"cost": "3"}]})) == ["council -> acute 6.00"]
