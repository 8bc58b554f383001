"""The end of a contract to the penny: who has what accounts still hold, and who gives it back, once and no more."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.settlement.examples import run_examples
from alliance.settlement.state import State
from tests.settlement.helpers import balance, contract, faults_of, moves, settled

YEAR = "2026-04-01 2027-03-31"
POOL = """\
accounts: {pool: {may_go_below: any, ends: {to: contributors}}}
inputs: {a: {unit: GBP}, b: {unit: GBP}, c: {unit: GBP}}
payments:
  pa: {pays_for: block, start: a, from: icb, to: pool}
  pb: {pays_for: block, start: b, from: council, to: pool}
  pc: {pays_for: block, start: c, from: pool, to: acute}
"""


def ended(body: str, *years: str) -> list[Any]:
    """The one year of a contract settled with these amounts of a, b and c, finally, each time on top of the last."""
    made = contract(body, term=YEAR)
    found: list[Any] = []
    for amounts in years:
        given = dict(zip("abc", amounts.split(), strict=True))
        found.append(settled(made, "2026-27", given, found[-1] if found else None, kind="final"))
    return found


def ends(found: Any) -> list[tuple[str, str, str]]:
    """Every line of the end, those of nothing too."""
    return [(t.payer, t.payee, f"{float(t.amount):.2f}") for t in found.transfers if t.kind == "end"]


def some(found: Any) -> list[tuple[str, str, str]]:
    return [line for line in ends(found) if line[2] != "0.00"]


def test_whoever_had_it_gives_back_what_it_had_and_no_more() -> None:
    first, less, none = ended(POOL, "60 40 0", "60 40 30", "60 40 130")
    assert ends(first) == [("pool", "icb", "60.00"), ("pool", "council", "40.00")]
    assert ends(less) == [("icb", "pool", "18.00"), ("council", "pool", "12.00")]
    assert ends(none) == [("icb", "pool", "42.00"), ("council", "pool", "28.00")]  # 70 of the 100 that are lacking
    assert [balance(x, "pool") for x in (first, less, none)] == [0, 0, -30]


def test_the_end_is_shared_and_given_back_to_the_penny() -> None:
    found = ended(POOL, "0.01 0.99 0", "0.01 0.99 0.01", "0.01 0.99 0.99", "0.01 0.99 1", "0.01 0.99 1")
    assert ends(found[3]) == [("council", "pool", "0.01")]  # the board, that has nothing left to give, has no line
    assert [some(x) for x in found] == [
        [("pool", "icb", "0.01"), ("pool", "council", "0.99")],
        [("council", "pool", "0.01")],  # a hundredth of a penny is the board's part of it
        [("icb", "pool", "0.01"), ("council", "pool", "0.97")],
        [("council", "pool", "0.01")],
        [],
    ]


def test_what_is_held_ends_in_parts_of_a_penny_made_whole() -> None:
    (found,) = ended(POOL, "20 10 29.99")
    assert some(found) == [("pool", "icb", "0.01")]
    (found,) = ended(POOL, "20 10 29.95")
    assert ends(found) == [("pool", "icb", "0.03"), ("pool", "council", "0.02")]  # 3.33 and 1.67 pennies


def test_units_that_are_left_end_in_whole_ones() -> None:
    body = (
        POOL.replace("GBP", "count").replace("pays_for", "unit: count, pays_for").replace("{may", "{unit: count, may")
    )
    (found,) = ended(body, "2 1 1")
    assert [(t.payee, t.amount, t.unit) for t in found.transfers if t.kind == "end"] == [
        ("icb", 1, "count"), ("council", 1, "count"),
    ]  # fmt: skip


def test_an_account_that_holds_nothing_has_no_line_at_the_end() -> None:
    for to in ("icb", "contributors"):
        (found,) = ended(POOL.replace("to: contributors", f"to: {to}"), "60 40 100")
        assert ends(found) == []


def test_contributors_are_those_that_paid_in_and_each_by_all_that_it_paid_in() -> None:
    """Not by what was paid between them for something else."""
    body = POOL + "  pd: {pays_for: block, start: 50 GBP, from: council, to: icb}\n"
    body += "  pe: {pays_for: block, start: 20 GBP, from: icb, to: pool}\n"
    (found,) = ended(body, "40 40 50")
    assert ends(found) == [("pool", "icb", "30.00"), ("pool", "council", "20.00")]


def test_contributors_of_a_funded_pool_are_those_that_fund_it() -> None:
    """Not those that pay into it otherwise, and not by less for what they earned out of it."""
    body = """\
    accounts: {pool: {ends: {to: contributors}}}
    terms: {fee: {unit: GBP, by: provider, value: {acute: 60, community: 30, live_in: 10}}}
    payments:
      q: {pays_for: block, start: 50 GBP, from: icb, to: pool}
      p:
        pays_for: outcome
        funded: {each: provider, pays: fee, into: pool}
        start: 60% * pool.funded
        from: pool
        shared: {by: equally, among: provider}
    """
    found = settled(contract(body, term=YEAR), kind="final")
    assert ends(found) == [  # 50 and 40 are left, in the parts of 60, 30 and 10
        ("pool", "acute", "54.00"), ("pool", "community", "27.00"), ("pool", "live_in", "9.00"),
    ]  # fmt: skip


def test_every_reason_of_a_final_settlement_that_cannot_be_is_told() -> None:
    body = "inputs: {x: {unit: GBP}, y: {unit: GBP}}\n"
    body += "payments: {p: {title: The fee, pays_for: block, start: x + y, from: icb, to: acute}}\n"
    (fault,) = faults_of(lambda: settled(contract(body), kind="final"))
    assert "The fee cannot be determined, so the settlement cannot be final: x is missing; y is missing." in fault


def test_what_is_found_not_to_be_known_after_it_is_shared_has_no_line() -> None:
    body = """\
    inputs: {y: {unit: GBP}}
    payments:
      p: {pays_for: outcome, start: 10 GBP, from: icb, to: acute, party_limits: {gain: {at_most: y}}}
    """
    assert settled(contract(body)).transfers == ()


def test_a_payment_of_no_records_has_no_line() -> None:
    body = """\
    inputs: {visits: {records: {of: party, cost: GBP}}}
    payments: {p: {pays_for: block, each: visits, start: cost, from: icb, to: of}}
    """
    assert settled(contract(body), inputs={"visits": []}).transfers == ()


def test_what_each_has_of_a_payment_net_is_all_that_it_has() -> None:
    made = contract(
        """\
        payments:
          p: {pays_for: block, start: 100 GBP, from: {icb: 60%, council: 40%}, to: {acute: 70%, community: 30%}}
        examples:
          - title: Net
            period: 2026-27
            given: {}
            expect: {p.net by acute: 70, p.net by community: 30, p.net by icb: -60, p.net by council: -40}
        """
    )
    (found,) = run_examples(made)
    assert found.passed, found
    assert moves(settled(made)) == [
        "icb -> acute 42.00", "council -> acute 28.00", "icb -> community 18.00", "council -> community 12.00",
    ]  # fmt: skip


def test_a_year_that_ends_a_contract_by_the_quarter_is_its_end() -> None:
    body = """\
    accounts: {pool: {ends: {to: icb}}}
    payments: {p: {pays_for: block, start: 10 GBP, from: council, to: pool}}
    """
    made = contract(body, settles="quarterly", term=YEAR)
    assert ends(settled(made, "2026-27", kind="final")) == [("pool", "icb", "40.00")]
    assert ends(settled(made, "2026-27 Q4", kind="final")) == [("pool", "icb", "10.00")]
    for period, kind in (("2026-27", "provisional"), ("2026-27 Q3", "final"), ("2027-03", "final")):
        assert ends(settled(made, period, kind=kind)) == []


def test_a_pool_that_is_funded_is_nothing_to_the_contributors_of_another() -> None:
    body = """\
    accounts: {pool: {ends: {to: contributors}}, other: {}}
    payments:
      q: {pays_for: block, start: 50 GBP, from: icb, to: pool}
      p: {pays_for: outcome, funded: {from: council, pays: 10 GBP, into: other}, start: other.funded, from: other, to: acute}
    """
    found = settled(contract(body, term=YEAR), kind="final")
    assert ends(found) == [("pool", "icb", "50.00")]


def test_what_ended_and_came_back_is_nobodys_contribution() -> None:
    *_, found = ended(POOL, "60 40 0", "60 40 30", "60 140 30")
    assert ends(found) == [("pool", "icb", "30.00"), ("pool", "council", "70.00")]  # 100 in the parts of 60 to 140


def test_what_an_account_pays_in_makes_nobody_a_contributor_nor_less_of_one() -> None:
    body = """\
    accounts: {pool: {ends: {to: contributors}}, other: {}}
    payments:
      q: {pays_for: block, start: 20 GBP, from: acute, to: pool}
      r: {pays_for: block, start: 20 GBP, from: icb, to: pool}
      p: {pays_for: block, start: 15 GBP, from: other, slices: [{up_to: 10 GBP, to: pool}, {from: pool, to: acute}]}
    """
    found = settled(contract(body, term=YEAR), opening=State({"other": {"": 10}}), kind="final")
    assert moves(found, "p") == ["other -> pool 10.00", "pool -> acute 5.00"]
    assert ends(found) == [("pool", "icb", "22.50"), ("pool", "acute", "22.50")]


def test_the_last_half_year_ends_a_contract_that_settles_by_the_month_too() -> None:
    body = """\
    accounts: {pool: {ends: {to: icb}}}
    payments:
      p: {pays_for: block, start: 10 GBP, from: council, to: pool}
      q: {pays_for: block, settles: half-yearly, start: 5 GBP, from: council, to: pool}
    """
    made = contract(body, settles="monthly", term=YEAR)
    assert ends(settled(made, "2026-27 H2", kind="final")) == [("pool", "icb", "65.00")]
    assert ends(settled(made, "2027-03", kind="final")) == []


SEVERAL = """\
accounts: {pool: {}, other: {}, reserve: {ends: {to: contributors}}}
inputs: {x: {unit: GBP}}
payments:
  pa: {pays_for: block, start: 6 * x, from: icb, to: pool}
  pb: {pays_for: block, start: 4 * x, from: council, to: pool}
  pc: {pays_for: block, start: 3 * x, from: acute, to: other}
  pd: {pays_for: block, start: 2 * x, from: icb, to: other}
  keep: {pays_for: block, start: 3 * x, from: pool, to: reserve}
  more: {pays_for: block, start: 3 * x, from: other, to: reserve}
  back: {pays_for: block, start: 1 * x, from: reserve, to: pool}
  fee: {pays_for: block, start: 50% * x, from: reserve, to: acute}
  owed: {pays_for: block, start: 7 * x, from: council, to: acute}
"""


@pytest.mark.parametrize(
    ("x", "icb", "council", "acute"), [("10", "21.60", "7.20", "16.20"), ("0.50", "1.08", "0.36", "0.81")]
)
def test_what_came_from_several_accounts_is_of_those_behind_each_of_them(
    x: str, icb: str, council: str, acute: str
) -> None:
    """Of 10: 20 are from the pool (30 less the 10 that went back), in the parts of 60 and 40, and 30 from the other, in
    those of 30 and 20. That makes 24 of the board, 8 of the council and 18 of the acute trust, by which 45 are shared."""
    found = settled(contract(SEVERAL, term=YEAR), inputs={"x": x}, kind="final")
    assert ends(found) == [("reserve", "icb", icb), ("reserve", "council", council), ("reserve", "acute", acute)]


def test_money_of_nobody_that_goes_round_in_a_circle_is_nobodys() -> None:
    body = """\
    accounts: {a: {ends: {to: contributors}}, b: {}, c: {}}
    payments:
      ab: {pays_for: block, start: 10 GBP, from: a, to: b}
      bc: {pays_for: block, start: 10 GBP, from: b, to: c}
      ca: {pays_for: block, start: 10 GBP, from: c, to: a}
    """
    found = settled(contract(body, term=YEAR), opening=State({"a": {"": 10}}), kind="final")
    assert (len(moves(found)), ends(found)) == (3, [])
    assert found.notes == ("a: 10.00 is still in it when the contract ends. It is for the parties to agree.",)


def test_who_took_back_all_that_it_put_in_has_no_part_of_what_was_passed_on() -> None:
    body = """\
    accounts: {pool: {}, reserve: {title: Reserve, ends: {to: contributors}}}
    inputs: {a: {unit: GBP}}
    payments:
      pa: {pays_for: block, start: a, from: icb, to: pool}
      keep: {pays_for: block, start: 10 GBP, from: pool, to: reserve}
    """
    made = contract(body, term=YEAR)
    first = settled(made, inputs={"a": "10"}, opening=State({"pool": {"": 10}}))
    last = settled(made, inputs={"a": "0"}, opening=first, kind="final")
    assert moves(last) == ["pool -> icb 10.00 (true-up)"]
    assert last.notes == ("Reserve: 10.00 is still in it when the contract ends. It is for the parties to agree.",)


BY_PARTY = """\
accounts: {pot: {title: Pot, by: party%s}}
terms: {fee: {unit: GBP, by: provider, value: {acute: 1000, community: 0.50, live_in: 0}}}
payments: {p: {pays_for: block, each: provider, start: fee, from: icb, to: pot}}
"""


def test_what_an_account_holds_by_party_goes_back_to_who_put_it_in() -> None:
    found = settled(contract(BY_PARTY % ", ends: {to: contributors}", term=YEAR), kind="final")
    assert ends(found) == [("pot/acute", "icb", "1000.00"), ("pot/community", "icb", "0.50")]
    assert found.notes == ()


def test_what_is_still_there_is_told_by_party_and_in_the_places_of_the_currency() -> None:
    end = "when the contract ends. It is for the parties to agree."
    assert settled(contract(BY_PARTY % "", term=YEAR), kind="final").notes == (
        f"Pot, acute: 1,000.00 is still in it {end}", f"Pot, community: 0.50 is still in it {end}",
    )  # fmt: skip
    yen = BY_PARTY.replace("GBP", "JPY").replace("0.50", "5") % ""
    assert settled(contract(yen, term=YEAR, header=", currency: JPY"), kind="final").notes == (
        f"Pot, acute: 1,000 is still in it {end}", f"Pot, community: 5 is still in it {end}",
    )  # fmt: skip


def test_what_rules_still_hold_back_is_told_once() -> None:
    """All of it together, and not as an account of its own too."""
    body = """\
    inputs: {x: {unit: GBP}}
    payments: {p: {pays_for: outcome, start: x, from: icb, to: acute}}
    rules: [{rule: one, when: x > 1 GBP, then: [{withhold: p, share: 20%, of: acute}]}]
    """
    found = settled(contract(body, term=YEAR), inputs={"x": "100"}, kind="final")
    assert found.notes == ("The contract ends, and 20.00 is still held back: it is for the parties to agree.",)
