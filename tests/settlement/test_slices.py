"""Slices divide an amount in order, each with its limit and its own payers or payees; what none takes stays."""

from __future__ import annotations

from fractions import Fraction

from alliance.settlement.state import State
from tests.settlement.helpers import balance, contract, earned, moves, one_payment, settled, why

RANGES = """\
start: x
from: icb
slices:
  - {name: first, only: gain, up_to: 50 GBP, to: {acute: 60%, rest: stays}}
  - {name: second, only: gain, to: {acute: 20%, community: 20%, rest: stays}}
  - {name: third, only: loss, up_to: 30 GBP, to: {acute: 50%, rest: stays}}
  - {name: last, only: loss, to: {rest: stays}}
"""


def test_share_ranges() -> None:
    # 50 at 60% and 70 at 20% each
    assert moves(settled(one_payment(RANGES), inputs={"x": "120"})) == ["icb -> acute 44.00", "icb -> community 14.00"]
    assert moves(settled(one_payment(RANGES), inputs={"x": "40"})) == ["icb -> acute 24.00"]


def test_slices_act_on_the_size_and_keep_the_sign() -> None:
    assert moves(settled(one_payment(RANGES), inputs={"x": "-120"})) == ["acute -> icb 15.00"]
    assert earned(settled(one_payment(RANGES), inputs={"x": "-10"})) == -5


def test_what_stays_is_printed_as_kept() -> None:
    lines = settled(one_payment(RANGES), inputs={"x": "120"}).payment("p").waterfalls[0].lines
    assert [(x.kind, x.name, x.before, x.after) for x in lines] == [
        ("start", "x", None, 120),
        ("slice", "first", 120, 70),
        ("slice", "second", 70, 0),
    ]
    assert lines[1].facts == (
        ("in this slice", 50, "money"),
        ("to acute", Fraction(3, 5), "percent"),
        ("stays with the payer", 20, "money"),
    )
    assert [d.label for d in lines[1].details] == ["up to", "to acute"]
    assert [d.label for d in lines[2].details] == ["to acute", "to community"]


def test_what_no_slice_takes_stays_with_the_payer() -> None:
    made = one_payment("start: x\nfrom: icb\nslices: [{up_to: 50 GBP, to: acute}]", "figures: {left: {is: p.kept}}\n")
    found = settled(made, inputs={"x": "120"})
    assert moves(found) == ["icb -> acute 50.00"]
    assert found.figure("left") == 70
    assert found.payment("p").waterfalls[0].lines[-1].name == "beyond every slice, kept by the payer"
    assert settled(made, inputs={"x": "-120"}).figure("left") == -70


def test_nothing_is_neither_a_gain_nor_a_loss() -> None:
    lines = settled(one_payment(RANGES), inputs={"x": "0"}).payment("p").waterfalls[0].lines
    assert [x.kind for x in lines] == ["start"]


def test_a_first_slice_kept_by_one_party_and_the_rest_split() -> None:
    """The client keeps the first 10% of target saved; the rest is split 40, 40 and 20."""
    made = contract(
        """\
        terms: {target: {unit: GBP, value: 1_000_000}}
        inputs: {outturn: {unit: GBP}}
        payments:
          p:
            pays_for: outcome
            start: target - outturn
            from: icb
            slices:
              - {up_to: 10% of target, to: council}
              - {to: {council: 40%, acute: 40%, community: 20%}}
        """
    )
    found = settled(made, inputs={"outturn": "850_000"})
    assert moves(found) == ["icb -> council 120000.00", "icb -> acute 20000.00", "icb -> community 10000.00"]


CASCADE = """\
accounts: {underspend: {}, pool: {}}
inputs: {overspend: {unit: GBP}}
payments:
  p:
    pays_for: pass_through
    start: overspend
    from: underspend
    to: acute
    slices:
      - {up_to: underspend.balance}
      - {up_to: pool.balance, from: pool}
      - {from: {icb: 75%, council: 25%}}
"""


def test_a_cascade_over_several_payers() -> None:
    opening = State({"underspend": {"": 150}, "pool": {"": 500}})
    found = settled(contract(CASCADE), inputs={"overspend": "600"}, opening=opening)
    assert moves(found) == ["underspend -> acute 150.00", "pool -> acute 450.00"]
    assert (balance(found, "underspend"), balance(found, "pool")) == (0, 50)
    beyond = settled(contract(CASCADE), inputs={"overspend": "1000"}, opening=opening)
    assert moves(beyond)[2:] == ["icb -> acute 262.50", "council -> acute 87.50"]


def test_a_slice_with_a_condition() -> None:
    made = one_payment("start: x\nfrom: icb\nslices: [{when: ok, up_to: 50 GBP, to: acute}, {to: community}]")
    assert moves(settled(made, inputs={"x": "80", "ok": "yes"})) == ["icb -> acute 50.00", "icb -> community 30.00"]
    assert moves(settled(made, inputs={"x": "80", "ok": "no"})) == ["icb -> community 80.00"]
    assert why(earned(settled(made, inputs={"x": "80"}))) == "ok is missing"


def test_a_limit_of_a_slice_that_is_not_known_or_below_nothing() -> None:
    made = one_payment("start: x\nfrom: icb\nslices: [{up_to: y, to: acute}, {to: community}]")
    assert why(earned(settled(made, inputs={"x": "80"}))) == "y is missing"
    assert moves(settled(made, inputs={"x": "80", "y": "-5"})) == ["icb -> community 80.00"]


def test_a_payee_in_several_slices_is_rounded_once() -> None:
    """Half a penny from each of two slices is one penny, not two."""
    made = one_payment(
        "start: 0.03 GBP\nfrom: icb\nslices: [{up_to: 0.01 GBP, to: {acute: 50%, rest: stays}},"
        " {up_to: 0.01 GBP, to: {acute: 50%, rest: council}}, {to: {rest: stays}}]"
    )
    # acute 0.005 + 0.005, council 0.005: 0.015 in all, which is 0.02; the penny over goes to the council's half
    assert moves(settled(made)) == ["icb -> council 0.01", "icb -> acute 0.01"]


def test_slices_of_each_record() -> None:
    made = contract(
        """\
        accounts: {fund: {}}
        inputs: {visits: {records: {day: date, of: party, cost: GBP}}}
        payments:
          p:
            pays_for: outcome
            each: visits
            start: cost
            from: fund
            slices: [{up_to: 10 GBP, to: of}, {from: icb, to: of}]
        """
    )
    rows = [
        {"day": "2026-05-01", "of": "community", "cost": "15.005"},
        {"day": "2026-05-02", "of": "acute", "cost": "20"},
    ]
    rows += [{"day": "2026-05-03", "of": "community", "cost": "10.005"}]
    opening = State({"fund": {"": 25}})
    # ten pounds of each visit from the fund; it holds 25 of the 30, which is each visit's in proportion, for rows have no
    # order; the rest is from the board, and nothing is lost: 45.01 in all
    expected = ["fund -> acute 8.33", "fund -> community 16.67", "icb -> acute 11.67", "icb -> community 8.34"]
    found = settled(made, inputs={"visits": rows}, opening=opening)
    assert found.payments[0].earned == Fraction("45.01")
    notes = [line.note for w in found.payments[0].waterfalls for line in w.lines if line.kind == "slice"]
    assert set(notes) == {"the account gives what it holds, to each record in proportion", ""}
    assert moves(settled(made, inputs={"visits": rows}, opening=opening)) == expected
    assert moves(settled(made, inputs={"visits": rows[::-1]}, opening=opening)) == expected


def test_a_cascade_past_an_account_that_runs_out() -> None:
    """A slice that an account pays alone reaches as far as the account does, and the next slice goes on."""
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          p:
            pays_for: pass_through
            each: provider
            start: 40 GBP
            from: pool
            to: provider
            slices: [{up_to: 50 GBP}, {from: icb}]
        """
    )
    # 40, 40 and then 10 of the pool's 90; a slice that may reach 50 draws the 40 that it takes
    assert moves(settled(made, opening=State({"pool": {"": 90}}))) == [
        "pool -> acute 40.00", "pool -> community 40.00", "pool -> live_in 10.00", "icb -> live_in 30.00",
    ]  # fmt: skip


def test_a_slice_of_several_payers_or_of_an_account_without_a_floor_reaches_all_the_way() -> None:
    body = """\
    accounts: {pool: {may_go_below: %s}}
    payments:
      p: {pays_for: pass_through, start: 40 GBP, from: %s, to: acute, slices: [{up_to: 30 GBP}, {from: council}]}
    """
    free = settled(contract(body % ("any", "pool")))
    assert moves(free) == ["pool -> acute 30.00", "council -> acute 10.00"]
    both = settled(contract(body % ("0", "{pool: 50%, icb: 50%}")), opening=State({"pool": {"": 10}}))
    assert moves(both) == ["icb -> acute 10.00", "pool -> acute 10.00", "council -> acute 10.00"]


RECORDS = """\
accounts: {fund: {}}
inputs: {visits: {records: {day: date, of: party, cost: GBP, paid: optional boolean, most: optional GBP}}, y: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    each: visits
    start: cost
    from: icb
    to: of
    slices: %s
"""


def visits(*rows: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"day": f"2026-05-0{i}", "of": of, "cost": cost, "paid": "yes", "most": "9"}
        for i, (of, cost) in enumerate(rows, 1)
    ]


def test_records_share_what_a_fund_holds_in_proportion_however_small() -> None:
    made = contract(RECORDS % "[{from: fund}]")
    rows = visits(("acute", "0.60"), ("community", "0.40"))
    found = settled(made, inputs={"visits": rows}, opening=State({"fund": {"": Fraction(1, 2)}}))
    assert moves(found) == ["fund -> acute 0.30", "fund -> community 0.20"]
    one, two = found.payment("p").waterfalls
    assert (one.of, two.of) == ("visits[1]", "visits[2]")
    assert [(x.kind, x.before, x.after, x.note) for x in one.lines[1:]] == [
        ("slice", Fraction(3, 5), Fraction(3, 10), "the account gives what it holds, to each record in proportion"),
        ("kept", Fraction(3, 10), 0, ""),
    ]


def test_a_slice_of_nothing_asks_nothing_of_an_account() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nslices: [{up_to: y, from: pot, to: acute}, {to: acute}]", "accounts: {pot: {}}\n"
    )
    assert moves(settled(made, inputs={"x": "5", "y": "0"})) == ["icb -> acute 5.00"]


def test_small_amounts_are_gains_too() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nslices: [{only: gain, up_to: 0.10 GBP, to: acute}]", "figures: {kept: {is: p.kept}}\n"
    )
    found = settled(made, inputs={"x": "0.60"})
    assert (moves(found), found.figure("kept")) == (["icb -> acute 0.10"], Fraction(1, 2))


def test_what_a_record_leaves_empty_is_told_as_the_payment() -> None:
    made = contract(RECORDS % "[{when: paid, to: of}]")
    rows = [{**row, "paid": "", "most": ""} for row in visits(("acute", "1"))]
    assert settled(made, inputs={"visits": rows}).payment("p").reasons == ("p is missing",)
    keyed = contract(
        """\
        accounts: {funds: {by: person}}
        inputs: {visits: {records: {person: optional id, cost: GBP}}}
        payments:
          p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute, slices: [{from: funds}]}
        """
    )
    lost = settled(keyed, inputs={"visits": [{"person": "", "cost": "1"}]}).payment("p").reasons
    assert lost == ("the person of funds is missing",)
    due = contract(RECORDS.replace("    to: of\n", "    to: of\n    when: paid\n") % "[{to: of}]")
    assert settled(due, inputs={"visits": rows}).payment("p").reasons == ("p is missing",)
