"""A funded pool: what each puts in, what is paid out, and where what is not earned goes."""

from __future__ import annotations

import pytest

from alliance.settlement.state import State
from tests.settlement.helpers import balance, contract, earned, moves, settled, why

POOL = """\
accounts: {pool: {}, reserve: {%s}}
terms: {fee: {unit: GBP a year, by: provider, value: {acute: 600, community: 300, live_in: 100}}}
inputs: {rate: {unit: percent}, stake: {unit: percent}}
figures: {lost: {is: p.unearned}}
payments:
  p:
    pays_for: outcome
    funded: {each: provider, pays: 10%% * fee, into: pool}
    start: pool.funded
    steps: [{multiply: rate}]
    from: pool
    shared: {by: contribution}
%s
"""
PAID = ["acute -> pool 60.00 (funding)", "community -> pool 30.00 (funding)", "live_in -> pool 10.00 (funding)"]


@pytest.mark.parametrize(
    ("target", "moved", "held"),
    [
        ("", [], 65),
        ("    unearned: carried", [], 65),
        ("    unearned: reserve", ["pool -> reserve 65.00 (unearned)"], 0),
        ("    unearned: icb", ["pool -> icb 65.00 (unearned)"], 0),
        (
            "    unearned: contributors",
            ["pool -> acute 39.00 (unearned)", "pool -> community 19.50 (unearned)", "pool -> live_in 6.50 (unearned)"],
            0,
        ),
    ],
)
def test_every_target_of_money_that_is_not_earned(target: str, moved: list[str], held: int) -> None:
    found = settled(contract(POOL % ("", target)), inputs={"rate": "35%"})
    paid = ["pool -> acute 21.00", "pool -> community 10.50", "pool -> live_in 3.50"]
    assert moves(found) == PAID + paid + moved
    assert (found.payment("p").unearned, found.figure("lost"), balance(found, "pool")) == (65, 65, held)
    # a pool's money is what was paid, what was not earned, and what is held
    assert earned(found) + found.payment("p").unearned == 100


def test_nothing_is_unearned_where_all_is_earned() -> None:
    found = settled(contract(POOL % ("", "    unearned: reserve")), inputs={"rate": "100%"})
    assert moves(found) == [*PAID, "pool -> acute 60.00", "pool -> community 30.00", "pool -> live_in 10.00"]
    assert found.payment("p").unearned == 0


def test_no_more_is_paid_than_the_pool_holds() -> None:
    found = settled(contract(POOL % ("", "    unearned: reserve")), inputs={"rate": "120%"})
    assert (earned(found), found.payment("p").unearned, balance(found, "pool")) == (100, 0, 0)


def test_what_was_carried_may_be_paid_later() -> None:
    made = contract((POOL % ("", "")).replace("start: pool.funded", "start: pool.balance"))
    first = settled(made, inputs={"rate": "35%"})
    second = settled(made, "2027-28", {"rate": "80%"}, first)
    # 65 carried and 100 more, 80% of it: 132; nothing of this year's hundred is left
    assert (earned(second), second.payment("p").unearned, balance(second, "pool")) == (132, 0, 33)


def test_a_reserve_takes_no_more_than_its_ceiling() -> None:
    made = contract(POOL % ("at_most: 50 GBP", "    unearned: reserve"))
    found = settled(made, inputs={"rate": "35%"}, opening=State({"reserve": {"": 10}}))
    assert moves(found)[-1] == "pool -> reserve 40.00 (unearned)"
    assert (balance(found, "pool"), balance(found, "reserve")) == (25, 50)
    full = settled(made, inputs={"rate": "35%"}, opening=State({"reserve": {"": 60}}))
    assert (balance(full, "pool"), balance(full, "reserve")) == (65, 60)


def test_a_loss_is_paid_into_the_pool() -> None:
    made = contract((POOL % ("", "    unearned: reserve")).replace("multiply: rate", "multiply: rate - 50%"))
    found = settled(made, inputs={"rate": "20%"})
    assert moves(found)[3:] == [
        "acute -> pool 18.00", "community -> pool 9.00", "live_in -> pool 3.00", "pool -> reserve 130.00 (unearned)",
    ]  # fmt: skip


def test_a_payment_that_is_not_determined_moves_nothing_its_funding_included() -> None:
    found = settled(contract(POOL % ("", "    unearned: reserve")))
    assert moves(found) == []
    assert found.transfers == ()
    assert (found.payment("p").status, found.payment("p").reasons) == ("undetermined", ("rate is missing",))
    assert (found.payment("p").unearned, balance(found, "pool")) == (0, 0)
    assert why(found.figure("lost")) == "rate is missing"


def test_funding_that_is_not_known() -> None:
    made = contract((POOL % ("", "")).replace("10% * fee", "stake * fee"))
    assert settled(made, inputs={"rate": "35%"}).payment("p").reasons == ("stake is missing",)


def test_funding_is_rounded_for_each_and_never_below_nothing() -> None:
    made = contract((POOL % ("", "")).replace("10% * fee", "stake * fee - 5 GBP"))
    found = settled(made, inputs={"rate": "0%", "stake": "1.0015%"})
    assert moves(found) == ["acute -> pool 1.01 (funding)"]  # 1.009, -1.9955, -3.9985


def test_the_statement_says_who_paid_in_and_where_the_rest_went() -> None:
    found = settled(contract(POOL % ("", "    unearned: contributors")), inputs={"rate": "35%"})
    lines = found.payment("p").lines
    assert [(x.kind, x.name, x.after, x.note) for x in lines] == [
        ("funding", "paid into pool", 100, "each pays 10% * fee"),
        ("unearned", "not earned", 0, "returned by contribution"),
    ]
    assert lines[0].facts == (("acute", 60, "money"), ("community", 30, "money"), ("live_in", 10, "money"))
    assert [d.label for d in lines[0].details] == ["acute", "community", "live_in"]
    bare = settled(contract(POOL % ("", "")), inputs={"rate": "35%"}, keep=False).payment("p").lines
    assert (bare[0].details, bare[1].note) == ((), "carried in the pool")
    other = settled(contract(POOL % ("", "    unearned: icb")), inputs={"rate": "35%"}).payment("p").lines
    assert other[1].note == "to icb"


def test_a_joiner_puts_in_for_its_own_days() -> None:
    parties = """\
    icb:       {name: Board, role: commissioner}
    acute:     {name: Acute trust, role: provider}
    community: {name: Community trust, role: provider, from: 2026-05-17}
    live_in:   {name: Live-in care agency, role: provider, from: 2026-07-01}
    """
    made = contract(POOL % ("", "    unearned: contributors"), parties=parties, settles="quarterly")
    found = settled(made, "2026-27 Q1", {"rate": "0%"})
    # 15 and, for 45 of 91 days, 3.708...; the last is not there, and gets nothing back
    assert moves(found) == [
        "acute -> pool 15.00 (funding)", "community -> pool 3.71 (funding)",
        "pool -> acute 15.00 (unearned)", "pool -> community 3.71 (unearned)",
    ]  # fmt: skip


def test_a_contributor_too_small_for_a_penny_back() -> None:
    made = contract((POOL % ("", "    unearned: contributors")).replace("10% * fee", "stake * fee"))
    found = settled(made, inputs={"rate": "99.985%", "stake": "10%"})
    # 99.985 is earned (rounded 99.99), a penny is left, and it goes to the first
    assert moves(found)[-1] == "pool -> acute 0.01 (unearned)"


def test_who_contributed_without_a_pool_that_is_funded() -> None:
    made = contract(
        """\
        accounts: {pool: {ends: {to: contributors}}}
        payments:
          p: {pays_for: block, each: provider, start: 30 GBP if party = acute else 10 GBP, from: provider, to: pool}
          q: {pays_for: outcome, start: 25 GBP, from: pool, to: icb}
        """,
        term="2026-04-01 2027-03-31",
    )
    assert moves(settled(made, kind="final"))[4:] == [
        "pool -> acute 15.00 (end)", "pool -> community 5.00 (end)", "pool -> live_in 5.00 (end)",
    ]  # fmt: skip


def test_a_joiner_puts_in_for_its_own_days_of_a_fixed_amount_too() -> None:
    parties = """\
    icb:       {name: Board, role: commissioner}
    acute:     {name: Acute trust, role: provider}
    community: {name: Community trust, role: provider, from: 2026-05-17}
    """
    body = "accounts: {pool: {}}\npayments:\n  p: {pays_for: outcome, funded: {each: provider, pays: 91 GBP, into: pool}, start: pool.funded, from: pool, to: icb}\n"
    found = settled(contract(body, parties=parties, settles="quarterly"), "2026-27 Q1")
    assert moves(found)[:2] == ["acute -> pool 91.00 (funding)", "community -> pool 45.00 (funding)"]


SINGLE = """\
accounts: {pool: {title: The pool}, reserve: {at_most: most}}
terms: {most: {unit: GBP, value: 10.009}}
payments:
  p:
    title: First
    clause: Sch 2
    pays_for: outcome
    funded: {from: icb, pays: 100 GBP, into: pool}
    start: pool.funded
    steps: [{multiply: 40%}]
    from: pool
    to: acute
    unearned: reserve
  q: {pays_for: outcome, funded: {from: icb, pays: 50 GBP, into: pool}, start: pool.funded, from: pool, to: acute}
"""


def test_one_payer_may_fund_a_pool_and_two_payments_the_same() -> None:
    """What a second payment reads as funded is what both put in."""
    found = settled(contract(SINGLE))
    assert moves(found) == [
        "icb -> pool 100.00 (funding)", "pool -> acute 40.00", "pool -> reserve 10.00 (unearned)",
        "icb -> pool 50.00 (funding)", "pool -> acute 100.00",
    ]  # fmt: skip
    assert (earned(found, "q"), balance(found, "pool"), balance(found, "reserve")) == (100, 0, 10)


def test_the_lines_of_a_pool() -> None:
    funding, rest = settled(contract(SINGLE)).payment("p").lines
    assert (funding.kind, funding.name, funding.before, funding.after) == ("funding", "paid into The pool", 0, 100)
    assert (funding.facts, funding.note, funding.clause) == ((("icb", 100, "money"),), "each pays 100 GBP", "")
    assert funding.mark is not None
    assert (funding.mark.line, funding.mark.column) == (16, 13)
    assert (rest.kind, rest.name, rest.before, rest.after) == ("unearned", "not earned", 10, 0)
    assert (rest.facts, rest.note, rest.clause) == ((), "to reserve", "Sch 2")
    assert rest.mark is not None
    assert rest.mark.line == 12


def test_a_pool_of_units() -> None:
    body = """\
    accounts: {pool: {unit: count}, left: {unit: count}}
    inputs: {rate: {unit: percent}}
    payments:
      p:
        pays_for: outcome
        unit: count
        funded: {each: provider, pays: 10, into: pool}
        start: pool.funded
        steps: [{multiply: rate}]
        from: pool
        to: icb
        unearned: %s
    """
    for target, back in (("left", ["left"]), ("contributors", ["acute", "community", "live_in"])):
        found = settled(contract(body % target), inputs={"rate": "51%"})
        assert {t.unit for t in found.transfers} == {"count"}
        assert [t.amount for t in found.transfers[:4]] == [10, 10, 10, 15]
        assert [(t.payee, t.amount) for t in found.transfers[4:]] == [(name, 15 // len(back)) for name in back]


def test_what_a_pool_takes_back_of_advances_was_earned() -> None:
    made = contract(
        """\
        inputs: {won: {unit: GBP}}
        accounts: {adv: {by: provider}, pool: {}}
        payments:
          a: {pays_for: outcome, each: provider, start: won, from: icb, to: provider, owed: adv}
          y: {pays_for: outcome, funded: {from: icb, pays: 300 GBP, into: pool}, start: pool.funded - won, from: pool,
              shared: {by: equally, among: provider}, recoup: {account: adv, at_most: 50% * earned}, unearned: contributors}
        """
    )
    for won, unearned, back, title in ((0, 0, 0, ""), (30, 30, 120, "not earned, and taken back of advances")):
        found = settled(made, inputs={"won": str(won)})
        p = found.payment("y")
        assert (p.earned, p.unearned) == (300 - won, unearned)
        assert [line.name for line in p.lines if line.kind == "unearned"] == [title] * bool(back)
        assert [m for m in moves(found, "y") if "unearned" in m] == [f"pool -> icb {back}.00 (unearned)"] * bool(back)
