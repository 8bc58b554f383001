"""Sharing an amount among payees and payers, to the penny."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.settlement.result import Line
from alliance.settlement.sharing import afforded, matrix, shared, to_unit, weighted
from tests.settlement.helpers import contract, earned, moves, one_payment, settled, why

THREE = "shared: {by: equally, among: provider}"


def test_equally_with_ties_to_the_party_listed_first() -> None:
    found = settled(one_payment(f"start: 100 GBP\nfrom: icb\n{THREE}"))
    assert moves(found) == ["icb -> acute 33.34", "icb -> community 33.33", "icb -> live_in 33.33"]
    two_over = settled(one_payment(f"start: 100.01 GBP\nfrom: icb\n{THREE}"))
    assert moves(two_over) == ["icb -> acute 33.34", "icb -> community 33.34", "icb -> live_in 33.33"]


def test_a_loss_is_shared_as_a_gain_is_and_signed_afterwards() -> None:
    found = settled(one_payment(f"start: -100 GBP\nfrom: icb\n{THREE}"))
    assert moves(found) == ["acute -> icb 33.34", "community -> icb 33.33", "live_in -> icb 33.33"]
    assert earned(found) == -100
    assert [(r.payee, r.amount) for r in found.payment("p").received] == [
        ("acute", Fraction(-3334, 100)),
        ("community", Fraction(-3333, 100)),
        ("live_in", Fraction(-3333, 100)),
    ]


def test_the_order_in_which_shares_are_written_breaks_no_tie() -> None:
    for shares in ("{acute: 50%, community: 50%}", "{community: 50%, acute: 50%}"):
        made = one_payment(f"start: 0.01 GBP\nfrom: icb\nto: {shares}")
        assert moves(settled(made)) == ["icb -> acute 0.01"]
        made = one_payment(f"start: 0.01 GBP\nfrom: icb\nto: provider\nshared: {{provider: {shares}}}")
        assert moves(settled(made)) == ["icb -> acute 0.01"]


def test_fixed_shares() -> None:
    made = one_payment(
        "start: 99.99 GBP\nfrom: icb\nto: all\nshared: {all: {acute: 60%, community: 25%, live_in: 15%}}"
    )
    # 59.994, 24.9975, 14.9985: 59.99, 24.99, 14.99 and two pennies over, to the largest remainders
    assert moves(settled(made)) == ["icb -> acute 59.99", "icb -> community 25.00", "icb -> live_in 15.00"]


def test_shares_may_be_formulas_and_the_rest_may_be_named() -> None:
    made = one_payment("start: 100 GBP\nfrom: icb\nslices: [{to: {acute: rate, rest: council}}]")
    assert moves(settled(made, inputs={"rate": "30%"})) == ["icb -> council 70.00", "icb -> acute 30.00"]
    found = settled(made, inputs={"rate": "130%"})
    assert "total more than 100%" in why(earned(found))
    assert "total more than 100%" in why(earned(settled(made, inputs={"rate": "-1%"})))
    assert why(earned(settled(made))) == "rate is missing"


BY = """\
terms: {size: {unit: count, by: provider, value: {acute: 2, community: 1, live_in: 1}}}
inputs: {done: {unit: count, by: provider}}
measures: {good: {reported: percent, by: provider, score: {nothing_at: 0%%, full_at: 50%%}}}
figures: {sized: {each: provider, is: size * done}}
payments: {p: {pays_for: outcome, start: 100 GBP, from: icb, shared: {by: %s, among: provider}}}
"""
DONE = {
    "done": {"acute": 1, "community": 2, "live_in": 0},
    "good": {"acute": "10%", "community": "30%", "live_in": "5%"},
}


@pytest.mark.parametrize(("by", "expected"), [
    ("size", ["icb -> acute 50.00", "icb -> community 25.00", "icb -> live_in 25.00"]),
    ("done", ["icb -> acute 33.33", "icb -> community 66.67"]),
    ("sized", ["icb -> acute 50.00", "icb -> community 50.00"]),  # 2 and 2 and 0
    ("good.value", ["icb -> acute 22.22", "icb -> community 66.67", "icb -> live_in 11.11"]),  # 10 to 30 to 5
    ("good.score", ["icb -> acute 22.22", "icb -> community 66.67", "icb -> live_in 11.11"]),
])  # fmt: skip
def test_by_a_term_an_input_a_figure_and_a_measure(by: str, expected: list[str]) -> None:
    assert moves(settled(contract(BY % by), inputs=DONE)) == expected


def test_weights_that_are_all_nothing_pay_nobody() -> None:
    nothing = {"done": {"acute": 0, "community": 0, "live_in": 0}}
    found = settled(contract(BY % "done"), inputs=nothing)
    assert moves(found) == []
    assert earned(found) == 0
    assert found.payment("p").status == "determined"


def test_a_weight_that_is_not_known_or_below_nothing() -> None:
    assert "done for live_in is missing" in why(
        earned(settled(contract(BY % "done"), inputs={"done": {"acute": 1, "community": 2}}))
    )
    minus = settled(contract(BY % "done"), inputs={"done": {"acute": 1, "community": -2, "live_in": 1}})
    assert "below nothing" in why(earned(minus))


CONTRIBUTED = """\
accounts: {pool: {}}
terms: {stake: {unit: GBP a year, by: provider, value: {acute: 600, community: 300, live_in: 100}}}
payments:
  p:
    pays_for: outcome
    funded: {each: provider, pays: stake, into: pool}
    start: pool.funded
    steps: [{multiply: 33.333%}]
    from: pool
    shared: {by: contribution}
"""


def test_by_contribution() -> None:
    # 333.33 by 600, 300 and 100: 199.998, 99.999, 33.333
    assert moves(settled(contract(CONTRIBUTED)))[3:] == [
        "pool -> acute 200.00",
        "pool -> community 100.00",
        "pool -> live_in 33.33",
    ]


def test_one_contributor() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          p:
            pays_for: outcome
            funded: {from: acute, pays: 50 GBP, into: pool}
            start: 40% * pool.funded
            from: pool
            shared: {by: contribution}
        """
    )
    assert moves(settled(made)) == ["acute -> pool 50.00 (funding)", "pool -> acute 20.00"]


# those who are there for part of a period

COMING = """\
icb:       {name: Integrated care board, role: commissioner}
acute:     {name: Acute trust, role: provider}
community: {name: Community trust, role: provider, from: 2026-05-17}
live_in:   {name: Live-in care agency, role: provider, from: 2026-10-01}
"""


def shares(sharing: str, period: str = "2026-27 Q1") -> list[str]:
    body = """\
    terms: {size: {unit: count, by: provider, value: 1}}
    """
    made = one_payment(f"start: 136 GBP\nfrom: icb\n{sharing}", body, settles="quarterly", parties=COMING)
    return moves(settled(made, period))


@pytest.mark.parametrize(
    "sharing",
    [
        "shared: {by: equally, among: provider}",
        "shared: {by: size, among: provider}",
        "to: all\nshared: {all: {acute: 40%, community: 40%, live_in: 20%}}",
    ],
)
def test_weights_are_multiplied_by_days_and_made_up_to_the_whole(sharing: str) -> None:
    # 17 May to 30 June is 45 of the 91 days: 136 is shared as 91 to 45
    assert shares(sharing) == ["icb -> acute 91.00", "icb -> community 45.00"]
    # all of the second quarter; only the third has the last one
    assert shares(sharing, "2026-27 Q2") == ["icb -> acute 68.00", "icb -> community 68.00"]


@pytest.mark.parametrize(
    "sharing",
    [
        "shared: {by: equally, among: provider}\nabsent: unearned",
        "shared: {by: size, among: provider}\nabsent: unearned",
    ],
)
def test_or_the_gap_is_kept(sharing: str) -> None:
    # a third each; 45 of 91 days of a third for the second, none of the last
    assert shares(sharing) == ["icb -> acute 45.33", "icb -> community 22.42"]  # 45.333, 22.417
    assert shares(sharing, "2026-27 Q2") == ["icb -> acute 45.34", "icb -> community 45.33"]
    assert shares(sharing, "2026-27 Q3") == ["icb -> acute 45.34", "icb -> community 45.33", "icb -> live_in 45.33"]


def test_the_gap_in_fixed_shares_is_kept() -> None:
    sharing = "to: all\nshared: {all: {acute: 40%, community: 40%, live_in: 20%}}\nabsent: unearned"
    assert shares(sharing) == ["icb -> acute 54.40", "icb -> community 26.90"]  # 54.4 and 45/91 of it


def test_a_figure_of_somebody_who_is_not_there_is_not_read() -> None:
    body = """\
    inputs: {done: {unit: count, by: provider}}
    payments: {p: {pays_for: outcome, start: 100 GBP, from: icb, shared: {by: done, among: provider}%s}}
    """
    done = {"done": {"acute": 1, "community": 1}}
    made = contract(body % "", settles="quarterly", parties=COMING)
    assert moves(settled(made, "2026-27 Q2", done)) == ["icb -> acute 50.00", "icb -> community 50.00"]
    # unless the contract keeps the gap that its absence leaves, which only its own figure can say
    kept = contract(body % ", absent: unearned", settles="quarterly", parties=COMING)
    assert why(earned(settled(kept, "2026-27 Q2", done))) == "done for live_in is missing"


# several payers


def test_several_payers_add_up_both_ways() -> None:
    made = one_payment(
        "start: 100.01 GBP\nfrom: {icb: 60%, council: 40%}\nto: {acute: 33.3%, community: 33.3%, live_in: 33.4%}"
    )
    found = settled(made)
    # payees 33.30, 33.30, 33.41 (33.3033 each, 33.4033: the penny over has the largest remainder among .33, .33, .34)
    # payers 60.006 and 40.004: 60.01 and 40.00
    assert {p: found.paid("icb", p) + found.paid("council", p) for p in ("acute", "community", "live_in")} == {
        "acute": Fraction(3330, 100),
        "community": Fraction(3330, 100),
        "live_in": Fraction(3341, 100),
    }
    assert sum(found.paid("icb", p) for p in ("acute", "community", "live_in")) == Fraction(6001, 100)
    assert sum(found.paid("council", p, "p") for p in ("acute", "community", "live_in")) == 40


def test_payers_break_ties_in_the_order_of_the_parties() -> None:
    for payers in ("{icb: 50%, council: 50%}", "{council: 50%, icb: 50%}"):
        assert moves(settled(one_payment(f"start: 0.01 GBP\nfrom: {payers}\nto: acute"))) == ["icb -> acute 0.01"]


def test_a_share_of_a_payer_may_be_a_formula() -> None:
    made = one_payment("start: 100 GBP\nfrom: {icb: rate, council: 100% - rate}\nto: acute")
    assert moves(settled(made, inputs={"rate": "25%"})) == ["icb -> acute 25.00", "council -> acute 75.00"]


def test_shares_that_do_not_make_the_whole() -> None:
    """What is fixed is refused at load; what a formula comes to is found when it is settled."""
    for fields in ("from: {icb: rate, council: 50%}\nto: acute", "from: icb\nto: {acute: rate, community: 50%}"):
        made = one_payment("start: 100 GBP\n" + fields)
        assert earned(settled(made, inputs={"rate": "50%"})) == 100
        assert "total less than 100%" in why(earned(settled(made, inputs={"rate": "30%"})))


def test_one_who_pays_twice_pays_once() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {day: date, of: party, cost: GBP}}}
        payments:
          p: {pays_for: outcome, each: visits, start: cost, from: {of: 50%, icb: 50%}, to: acute}
        """
    )
    rows = [{"day": "2026-05-01", "of": "icb", "cost": "10.01"}]
    assert moves(settled(made, inputs={"visits": rows})) == ["icb -> acute 10.01"]


# the arithmetic alone


def test_rounding_of_a_size() -> None:
    half = Fraction(5, 1000)
    assert (to_unit(half, 2), to_unit(half, 2, "down"), to_unit(half, 2, "up")) == (
        Fraction(1, 100),
        0,
        Fraction(1, 100),
    )


def test_a_capped_payee_takes_no_remainder_penny() -> None:
    exact = {"a": Fraction(10, 3), "b": Fraction(10, 3), "c": Fraction(10, 3)}
    # 3.333 within 3.335, but the penny over would go past it
    assert shared(exact, 2, {"a": Fraction(3335, 1000)}) == {"a": Fraction(333, 100), "b": Fraction(334, 100),
                                                              "c": Fraction(333, 100)}  # fmt: skip
    assert shared(exact, 2, {"a": Fraction(334, 100)})["a"] == Fraction(334, 100)


def test_what_a_cap_cuts_stays_or_is_shared_again_until_none_exceeds() -> None:
    exact = {"a": 60, "b": 30, "c": 10}
    assert shared(exact, 2, {"a": 20}) == {"a": 20, "b": 30, "c": 10}
    # 40 cut from a goes to b and c as 30 to 10: 60 and 20; b may have 45, and c has what is left
    assert shared(exact, 2, {"a": 20, "b": 45}, "others") == {"a": 20, "b": 45, "c": 35}
    assert shared(exact, 2, {"a": 20, "b": 45, "c": 5}, "others") == {"a": 20, "b": 45, "c": 5}
    assert shared(exact, 2, {"a": -5}) == {"a": 0, "b": 30, "c": 10}


def test_no_more_than_there_is() -> None:
    exact = {"a": 60, "b": 30}
    assert afforded(exact, 90, 45, 2) == ({"a": 30, "b": 15}, 45)
    assert afforded(exact, 90, Fraction(45009, 1000), 2) == ({"a": 30, "b": 15}, 45)
    assert afforded(exact, 90, 0, 2) == ({"a": 0, "b": 0}, 0)
    assert shared({"a": 0, "b": 0}, 2, {}, whole=0) == {"a": 0, "b": 0}
    assert afforded({"a": 60}, 60, 60, 2) == afforded({"a": 60}, 60, None, 2) == ({"a": 60}, 60)


def test_a_limit_carries_what_it_cut_and_not_what_the_account_had_not() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        terms: {paid_in: {unit: GBP, values: {2026-04-01: 60}}}
        inputs: {due: {unit: GBP}}
        payments:
          fund: {pays_for: block, start: paid_in, from: icb, to: pool}
          p:
            pays_for: outcome
            start: due
            from: pool
            to: {acute: 50%, community: 50%}
            party_limits: {gain: {each: provider, at_most: 20 GBP, beyond: carry}}
        """
    )
    found = settled(made, inputs={"due": "100"})
    # of 100 the account has 60, and so 30 for each; of that the limit cuts 10
    carried = {x.key: x.value for x in found.closing.past if (x.name, x.attribute) == ("p", "carried gain")}
    assert carried == {"acute": 10, "community": 10}


def test_a_matrix_of_nothing() -> None:
    assert matrix({"a": 0}, {"x": 1}, 2) == []
    assert matrix({"a": 0, "b": 1}, {"x": 1}, 2) == [("x", "b", 1)]


def test_weights_of_nothing() -> None:
    assert weighted([("a", 0)]) == {}
    assert weighted([("a", 0), ("b", 2)]) == {"b": 1}


LATE = """\
icb:   {name: Board, role: commissioner}
acute: {name: Acute trust, role: provider}
late:  {name: Late care, role: provider, from: 2026-05-17}
"""
BY_DAYS = ["icb -> acute 91.00", "icb -> late 45.00"]


@pytest.mark.parametrize(
    ("by", "entry"),
    [
        ("fee", ""),
        ("twice", "twice: {each: provider, is: fee * 2}"),
        ("again", "twice: {each: provider, is: fee * 2}\n  again: {each: provider, is: twice + twice}"),
        ("once", "once: {each: provider, is: plain}"),
        ("count", "count: {each: provider, is: 5}"),
        ("ratio", "ratio: {each: provider, is: fee / fee}"),
        ("all", "all: {each: provider, is: whole}"),
    ],
)
def test_the_days_of_a_joiner_count_once(by: str, entry: str) -> None:
    """A yearly amount of each is that of its days already; any other weight is multiplied by them."""
    body = f"""\
terms:
  fee: {{unit: GBP a year, by: provider, value: 364}}
  plain: {{unit: GBP, by: provider, value: 5}}
  whole: {{unit: GBP a year, value: 5}}
figures:
  other: {{is: 1}}
  {entry}
payments:
  p: {{pays_for: block, start: 136 GBP, from: icb, shared: {{by: {by}, among: provider}}}}
"""
    changed = contract(body, parties=LATE, settles="quarterly")
    assert moves(settled(changed, "2026-27 Q1")) == BY_DAYS


def test_what_a_joiner_put_in_is_that_of_its_days_already() -> None:
    body = """\
accounts: {pool: {}}
terms: {fee: {unit: GBP a year, by: provider, value: 364}}
payments:
  p: {pays_for: outcome, funded: {each: provider, pays: fee, into: pool}, start: pool.funded, from: pool, shared: {by: contribution}}
"""
    found = settled(contract(body, parties=LATE, settles="quarterly"), "2026-27 Q1")
    assert moves(found)[2:] == ["pool -> acute 91.00", "pool -> late 45.00"]


def test_the_part_of_who_pays_is_told_and_moves_nothing() -> None:
    shared = "to: all\nshared: {all: {icb: 40%, acute: 60%}}"
    made = one_payment(f"clause: '4.2'\neach: provider\nstart: 100 GBP\nfrom: icb\n{shared}")
    found = settled(made)
    assert moves(found) == ["icb -> acute 180.00"]
    assert earned(found) == 300
    [line] = found.payment("p").lines
    note = "it both pays and is paid this, so nothing moves"
    mark = made.built.payments["p"].mark
    assert line == Line("kept", "the part of Integrated care board itself", 120, 0, (), note, "4.2", mark)
    again = settled(made, opening=found)
    assert moves(again) == []


def test_the_part_of_an_account_that_pays_stays_in_it() -> None:
    made = one_payment(
        "start: 100 GBP\nfrom: pot\nto: all\nshared: {all: {pot: 40%, acute: 60%}}",
        "accounts: {pot: {title: The pot, may_go_below: any}}\n",
    )
    found = settled(made)
    assert moves(found) == ["pot -> acute 60.00"]
    assert [x.name for x in found.payment("p").lines] == ["the part of The pot itself"]
    assert [(b.closing, b.money_in, b.money_out) for b in found.balances] == [(-60, 0, 60)]
