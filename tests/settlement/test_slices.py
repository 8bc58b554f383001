"""Slices divide an amount in order, each with its limit and its own payers or payees; what none takes stays."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.settlement import payment
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
    assert set(notes) == {"the account gives what it holds, to each in proportion", ""}
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
    # 120 of the pool's 90, in proportion; a slice that may reach 50 draws the 40 that it takes
    assert moves(settled(made, opening=State({"pool": {"": 90}}))) == [
        "pool -> acute 30.00", "icb -> acute 10.00", "pool -> community 30.00", "icb -> community 10.00",
        "pool -> live_in 30.00", "icb -> live_in 10.00",
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


BY_VISIT = """\
accounts: {fund: {}}
inputs: {visits: {records: {of: party, cost: GBP, ok: optional boolean}}}
figures: {kept: {is: p.kept}}
payments:
  p: {pays_for: outcome, each: visits, start: cost, from: fund, slices: [{%sup_to: 10 GBP, to: of}]}
"""


def visits(*costs: str, ok: str = "") -> dict[str, list[dict[str, str]]]:
    return {"visits": [{"of": of, "cost": x, "ok": ok} for of, x in zip(("acute", "community"), costs, strict=False)]}


def test_what_an_account_holds_is_in_proportion_where_every_slice_is_paid_by_it() -> None:
    found = settled(contract(BY_VISIT % ""), inputs=visits("10", "20"), opening=State({"fund": {"": 15}}))
    assert moves(found) == ["fund -> acute 7.50", "fund -> community 7.50"]
    assert [w.of for w in found.payment("p").waterfalls] == ["visits[1]", "visits[2]"]
    assert found.figure("kept") == 15  # of the 30: 5 that the fund does not have, and 10 beyond the slice


def test_a_record_of_nothing_takes_nothing_of_what_the_others_have() -> None:
    made, opening = contract(BY_VISIT % ""), State({"fund": {"": 15}})
    assert moves(settled(made, inputs=visits("0", "8"), opening=opening)) == ["fund -> community 8.00"]
    assert moves(settled(made, inputs=visits("-4", "8"), opening=opening)) == [
        "acute -> fund 4.00", "fund -> community 8.00",
    ]  # fmt: skip


def test_a_condition_that_a_record_leaves_empty_is_told_as_the_payment() -> None:
    made, opening = contract(BY_VISIT % "when: ok, "), State({"fund": {"": 15}})
    assert moves(settled(made, inputs=visits("8", ok="yes"), opening=opening)) == ["fund -> acute 8.00"]
    assert settled(made, inputs=visits("8"), opening=opening).payment("p").reasons == ("p is missing",)


def test_pennies_go_through_slices_as_pounds_do() -> None:
    slices = "[{name: ours, only: gain, up_to: 0.40 GBP, to: acute}, {only: loss, up_to: 0.10 GBP, to: council}]"
    made = one_payment(f"start: x\nfrom: pot\nslices: {slices}", "accounts: {pot: {}}\nfigures: {left: {is: p.kept}}\n")
    gain = settled(made, inputs={"x": "0.50"}, opening=State({"pot": {"": Fraction("0.30")}}))
    assert moves(gain) == ["pot -> acute 0.30"]
    assert [(x.kind, x.before, x.after, x.note) for x in gain.payment("p").waterfalls[0].lines[1:]] == [
        ("slice", Fraction("0.50"), Fraction("0.20"), "the account gives what it holds"),
        ("kept", Fraction("0.20"), 0, ""),
    ]
    assert gain.figure("left") == Fraction("0.20")
    loss = settled(made, inputs={"x": "-0.50"})
    assert (moves(loss), loss.figure("left")) == (["council -> pot 0.10"], Fraction("-0.40"))


def test_the_lines_up_to_a_share_that_is_not_known_are_kept() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nslices: [{name: one, up_to: 4 GBP, to: council}, {to: {acute: rate, rest: stays}}]"
    )
    found = settled(made, inputs={"x": "10"})
    assert (moves(found), why(earned(found))) == ([], "rate is missing")
    (waterfall,) = found.payment("p").waterfalls
    assert [(x.kind, x.name, x.after) for x in waterfall.lines] == [("start", "x", 10), ("slice", "one", 6)]
    assert why(waterfall.amount) == "rate is missing"


def test_a_slice_of_nothing_asks_nothing_of_an_account() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nslices: [{up_to: y, from: pot, to: acute}, {to: acute}]", "accounts: {pot: {}}\n"
    )
    assert moves(settled(made, inputs={"x": "5", "y": "0"})) == ["icb -> acute 5.00"]


def test_whose_a_record_is_and_whether_it_is_due_may_be_left_empty() -> None:
    body = """\
    accounts: {funds: {by: person}}
    inputs: {visits: {records: {person: optional id, cost: GBP, ok: optional boolean}}}
    payments:
      p: {pays_for: outcome, %s each: visits, start: cost, from: icb, to: acute, slices: [{from: %s}]}
    """
    row = {"person": "", "cost": "1", "ok": ""}
    lost = settled(contract(body % ("", "funds")), inputs={"visits": [row]}).payment("p").reasons
    assert lost == ("the person of funds is missing",)
    due = settled(contract(body % ("when: ok,", "council")), inputs={"visits": [row]}).payment("p").reasons
    assert due == ("p is missing",)


def test_of_records_beyond_the_first_only_the_money_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made, opening = contract(BY_VISIT % ""), State({"fund": {"": 15}})
    whole = settled(made, inputs=visits("12", "20"), opening=opening)
    monkeypatch.setattr(payment, "SHOWN", 1)
    part = settled(made, inputs=visits("12", "20"), opening=opening)
    assert (part.transfers, part.digest, part.figure("kept")) == (whole.transfers, whole.digest, whole.figure("kept"))
    assert [[x.kind for x in w.lines] for w in part.payment("p").waterfalls] == [["start", "slice", "kept"]]
