"""No account takes in above its ceiling, whatever fills it; what it cannot take stays where it is."""

from __future__ import annotations

from alliance.settlement.state import State
from tests.settlement.helpers import balance, contract, moves, settled


def test_a_pool_is_funded_in_proportion_to_what_it_has_room_for() -> None:
    made = contract(
        """\
        accounts: {pool: {at_most: 100 GBP}}
        terms: {fee: {unit: GBP, by: provider, value: {acute: 60, community: 60, live_in: 30}}}
        payments:
          p: {pays_for: outcome, funded: {each: provider, pays: fee, into: pool}, start: pool.funded * 10%, from: pool,
              to: council, unearned: carried}
        """
    )
    first = settled(made)
    assert moves(first) == [
        "acute -> pool 40.00 (funding)", "community -> pool 40.00 (funding)", "live_in -> pool 20.00 (funding)",
        "pool -> council 10.00",
    ]  # fmt: skip
    line = first.payments[0].lines[0]
    assert (line.after, line.note) == (100, "each pays fee, in all no more than its ceiling leaves room for")
    assert [v for _, v, _ in line.facts] == [40, 40, 20]
    second = settled(made, "2027-28", opening=first)
    assert [m for m in moves(second) if "funding" in m] == [
        "acute -> pool 4.00 (funding)", "community -> pool 4.00 (funding)", "live_in -> pool 2.00 (funding)",
    ]  # fmt: skip


def test_an_account_that_pays_takes_in_of_losses_what_it_has_room_for() -> None:
    made = contract(
        """\
        accounts: {pot: {at_most: 100 GBP}}
        payments:
          p: {pays_for: outcome, each: provider, start: -60 GBP, from: pot, to: provider}
          q: {pays_for: outcome, start: p.kept, from: icb, to: council}
        """
    )
    found = settled(made)
    assert moves(found, "p") == ["acute -> pot 33.34", "community -> pot 33.33", "live_in -> pot 33.33"]
    line = next(x for x in found.payments[0].lines if x.kind == "limit")
    assert (line.name, line.note) == (
        "what the account has room for", "an account takes in no more than its ceiling leaves room for"
    )  # fmt: skip
    assert found.payments[1].earned == -80
    assert balance(settled(made, "2027-28", opening=found), "pot") == 100


def test_what_is_lost_into_an_account_is_there_to_be_gained() -> None:
    """Losses are paid before gains, whoever has them."""
    body = """\
    accounts: {pot: {}}
    terms: {sum: {unit: GBP, by: provider, value: {acute: 50, community: -70, live_in: 40}}}
    payments:
      p: {pays_for: outcome, each: provider, start: sum, from: pot, to: provider}
    """
    # 70 come in, of the 90 that go out in proportion
    assert moves(settled(contract(body))) == ["community -> pot 70.00", "pot -> acute 38.89", "pot -> live_in 31.11"]


def test_no_more_of_an_advance_is_paid_than_may_be_owed() -> None:
    made = contract(
        """\
        accounts: {adv: {by: provider, at_most: 100 GBP}}
        payments:
          p: {pays_for: outcome, each: provider, start: 60 GBP, from: icb, to: provider, owed: adv}
        """
    )
    first = settled(made)
    assert [t.amount for t in first.transfers if t.kind == "payment"] == [60, 60, 60]
    second = settled(made, "2027-28", opening=first)
    assert [t.amount for t in second.transfers if t.kind == "payment"] == [40, 40, 40]
    assert balance(second, "adv", "acute") == 100


def test_an_account_ends_in_another_as_far_as_that_has_room() -> None:
    body = """\
    accounts:
      pot: {ends: {to: fund}}
      fund: {at_most: 100 GBP MORE}
    inputs: {x: {unit: GBP}}
    payments:
      p: {pays_for: block, start: 150 GBP, from: icb, to: pot}
    """
    told = "is still in it when the contract ends. It is for the parties to agree."
    made = contract(body.replace(" MORE", ""), term="2026-04-01 2027-03-31")
    found = settled(made, kind="final")
    assert moves(found) == ["icb -> pot 150.00", "pot -> fund 100.00 (end)"]
    assert [n for n in found.notes if "still" in n] == [f"fund: 100.00 {told}", f"pot: 50.00 {told}"]
    unknown = contract(body.replace(" MORE", " + x"), term="2026-04-01 2027-03-31")
    assert moves(settled(unknown, kind="final")) == ["icb -> pot 150.00"]
    assert moves(settled(unknown, inputs={"x": "0.005"}, kind="final"))[-1] == "pot -> fund 100.00 (end)"


def test_a_pool_is_funded_in_whole_pennies() -> None:
    made = contract(
        """\
        accounts: {pool: {at_most: 100.005 GBP}}
        payments:
          p: {pays_for: outcome, funded: {each: provider, pays: 60 GBP, into: pool}, start: 0 GBP, from: pool, to: council,
              unearned: carried}
        """
    )
    assert [m for m in moves(settled(made)) if "funding" in m] == [
        "acute -> pool 33.34 (funding)", "community -> pool 33.33 (funding)", "live_in -> pool 33.33 (funding)",
    ]  # fmt: skip


def test_accounts_for_each_end_in_those_of_the_same_as_far_as_each_has_room() -> None:
    made = contract(
        """\
        accounts:
          pots: {by: provider, ends: {to: funds}}
          funds: {by: provider, at_most: 100 GBP}
        payments:
          p: {pays_for: block, each: provider, start: 90 GBP, from: icb, to: pots}
        """,
        term="2026-04-01 2027-03-31",
    )
    opening = State({"funds": {"acute": 30, "community": 120}})
    found = settled(made, opening=opening, kind="final")
    assert [m for m in moves(found) if "end" in m] == [
        "pots/acute -> funds/acute 70.00 (end)", "pots/live_in -> funds/live_in 90.00 (end)",
    ]  # fmt: skip
    assert [balance(found, "pots", p) for p in ("acute", "community", "live_in")] == [20, 90, 0]


def test_others_share_what_a_limit_cuts_and_not_what_an_account_has_no_room_for() -> None:
    body = """\
    accounts: {{res: {{at_most: 100 GBP}}}}
    payments:
      y: {{pays_for: outcome, start: 1000 GBP, from: icb, to: all, shared: {{all: {{acute: 30%, community: 30%, res: 40%}}}},
           party_limits: {{gain: {{each: provider, at_most: {}, beyond: others}}}}}}
    figures: {{kept: {{is: y.kept}}}}
    """
    found = settled(contract(body.format("900 GBP")))
    assert moves(found) == ["icb -> acute 300.00", "icb -> community 300.00", "icb -> res 100.00"]
    assert found.figure("kept") == 300
    found = settled(contract(body.format("(250 GBP if provider = acute else 900 GBP)")))
    assert moves(found) == ["icb -> acute 250.00", "icb -> community 350.00", "icb -> res 100.00"]


def test_what_one_may_owe_is_not_shared_among_the_others_either() -> None:
    made = contract(
        """\
        inputs: {old: {unit: GBP}}
        accounts: {adv: {by: provider, at_most: 100 GBP}}
        payments:
          o: {pays_for: outcome, start: old, from: icb, to: acute, owed: adv}
          y: {pays_for: outcome, start: 150 GBP, from: icb, shared: {by: equally, among: provider}, owed: adv,
              party_limits: {gain: {each: provider, at_most: 900 GBP, beyond: others}}}
        """
    )
    paid = [m for m in moves(settled(made, inputs={"old": "90"}), "y") if "adv" not in m]
    assert paid == ["icb -> acute 10.00", "icb -> community 50.00", "icb -> live_in 50.00"]


def test_what_is_held_back_of_an_advance_takes_up_what_may_be_owed() -> None:
    made = contract(
        """\
        inputs: {ok: {unit: boolean}}
        accounts: {adv: {by: provider, at_most: 100 GBP}}
        payments: {a: {pays_for: outcome, start: 100 GBP, from: icb, to: acute, owed: adv}}
        rules: [{rule: w, when: not ok, then: [{withhold: a, share: 50%}]}]
        """,
        settles="quarterly",
    )
    last, owed = None, []
    for label, ok in (("2026-27 Q1", "no"), ("2026-27 Q2", "no"), ("2026-27 Q3", "yes"), ("2026-27 Q4", "yes")):
        last = settled(made, label, {"ok": ok}, last)
        owed.append(balance(last, "adv", "acute"))
    assert owed == [50, 50, 100, 100]


def test_several_keys_end_in_an_account_as_far_as_it_has_room() -> None:
    made = contract(
        """\
        accounts: {own: {by: provider, ends: {to: res}}, res: {at_most: 100 GBP}}
        payments: {y: {pays_for: outcome, each: provider, start: 80 GBP, from: icb, to: own}}
        """,
        term="2026-04-01 2027-03-31",
    )
    found = settled(made, kind="final")
    assert [m for m in moves(found) if "end" in m] == [
        "own/acute -> res 80.00 (end)",
        "own/community -> res 20.00 (end)",
    ]
    assert balance(found, "res") == 100
    assert any(note.startswith("own, community: 60.00 is still in it") for note in found.notes)


def test_an_account_that_ends_makes_no_room_for_more_each_time() -> None:
    made = contract(
        """\
        accounts: {a: {ends: {to: b}}, b: {at_most: 50 GBP, ends: {to: icb}}}
        payments: {y: {pays_for: outcome, start: 200 GBP, from: icb, to: a}}
        """,
        term="2026-04-01 2027-03-31",
    )
    first = settled(made, kind="final")
    assert [m for m in moves(first) if "end" in m] == ["a -> b 50.00 (end)", "b -> icb 50.00 (end)"]
    again = settled(made, opening=first, kind="final")
    assert (moves(again), balance(again, "a")) == ([], 150)
