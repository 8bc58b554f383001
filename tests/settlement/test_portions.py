"""Who has what part of a payment: what is held back before an advance is taken back, groups rounded apart, where nothing is given,
and shares that cannot be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.values import Unknown
from alliance.settlement.state import State
from tests.settlement.helpers import contract, moves, one_payment, settled

HELD = """\
accounts: {advance: {may_go_below: any}}
inputs: {x: {unit: GBP}}
payments:
  p: {pays_for: outcome, start: x, from: icb, to: {acute: 80%, community: 20%}, recoup: {account: advance}}
rules:
  - {rule: one, when: x > 1 GBP, then: [{withhold: p, amount: 20 GBP, of: acute}]}
  - {rule: two, when: x > 1 GBP, then: [{withhold: p, amount: 10 GBP, of: acute}]}
"""


@pytest.mark.parametrize(
    ("owed", "back", "paid"),
    [
        ("0", [], ["icb -> acute 50.00", "icb -> community 20.00"]),
        ("35", ["advance -> icb 35.00 (recoupment)"], ["icb -> acute 15.00", "icb -> community 20.00"]),
        ("60", ["advance -> icb 60.00 (recoupment)"], ["icb -> community 10.00"]),
    ],
)
def test_an_advance_is_taken_back_out_of_what_is_not_held(owed: str, back: list[str], paid: list[str]) -> None:
    found = settled(contract(HELD), inputs={"x": "100"}, opening=State({"advance": {"": int(owed)}}))
    lines = moves(found)
    held = [line for line in lines if "withheld" in line]
    assert [line for line in lines if "recoupment" in line] == back
    assert [line for line in lines if line not in held + back] == paid
    assert sum(h.amount for h in found.closing.held) == 30
    assert found.payment("p").withheld == 30


def test_groups_of_records_are_rounded_for_each_payee() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: GBP}}}
        payments: {p: {pays_for: block, each: of in visits, start: sum(cost), steps: [{multiply: 50%}], from: icb, to: of}}
        """
    )
    rows = [{"of": name, "cost": "0.01"} for name in ("community", "acute", "live_in")]
    assert moves(settled(made, inputs={"visits": rows})) == [
        "icb -> acute 0.01", "icb -> community 0.01", "icb -> live_in 0.01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sides", "payer", "payee"),
    [
        ("each: provider\nfrom: icb\nto: provider", "icb", "acute"),
        ("each: provider\nfrom: provider\nto: icb", "acute", "icb"),
        ("each: provider\nfrom: provider\nto: {community: 50%, icb: 50%}", "acute", "icb"),
        (
            "each: provider\nfrom: icb\nslices: [{up_to: 5 GBP, to: stays}, {to: {rest: stays, provider: 5%}}]",
            "icb",
            "acute",
        ),
        (
            "from: icb\nslices: [{up_to: 5 GBP, to: stays}, {from: council, to: {rest: stays, live_in: 5%}}]",
            "icb",
            "live_in",
        ),
        ("from: icb\nshared: {by: equally, among: provider}", "icb", "acute"),
    ],
)
def test_the_line_of_a_payment_of_nothing_names_the_first_of_either_side(sides: str, payer: str, payee: str) -> None:
    made = one_payment(f"start: 10 GBP\nwhen: ok\n{sides}")
    found = settled(made, inputs={"ok": "no"})
    assert [(t.payer, t.payee, t.amount) for t in found.transfers] == [(payer, payee, 0)]


def test_of_records_that_hold_the_payee_a_payment_of_nothing_names_nobody() -> None:
    body = """\
    inputs: {visits: {records: {of: party, cost: GBP}}}
    payments: {p: {pays_for: block, each: visits, start: cost, from: icb, to: of}}
    """
    found = settled(contract(body), inputs={"visits": []})
    assert [(t.payer, t.payee, t.amount) for t in found.transfers if t.payee] == []


@pytest.mark.parametrize(
    ("fields", "rate", "told"),
    [
        ("from: icb\nto: {acute: rate, council: 50%}", "60%", "shares of p that total more than 100%"),
        ("from: icb\nto: {acute: rate, council: 50%}", "40%", "shares of p that total less than 100%"),
        ("from: {icb: rate, council: 110%}\nto: acute", "-10%", "shares of p that total more than 100%"),
    ],
)
def test_shares_that_do_not_make_the_whole_are_told_at_the_payment(fields: str, rate: str, told: str) -> None:
    found = settled(one_payment(f"start: 10 GBP\n{fields}"), inputs={"rate": rate}).payment("p")
    lost: Any = found.earned
    assert isinstance(lost, Unknown)
    assert [(r.what, r.status, r.mark) for r in lost.reasons] == [(told, "not assessable", found.mark)]


def test_a_share_of_nothing_is_a_share() -> None:
    found = settled(one_payment("start: 10 GBP\nfrom: icb\nto: {acute: rate, council: 100%}"), inputs={"rate": "0%"})
    assert moves(found) == ["icb -> council 10.00"]


def test_a_weight_below_nothing_is_told_at_the_group() -> None:
    made = one_payment(
        "start: 10 GBP\nfrom: icb\nshared: {by: size, among: provider}",
        "terms: {size: {unit: count, by: provider, value: {acute: 1, community: -1, live_in: 1}}}\n",
    )
    lost: Any = settled(made).payment("p").earned
    assert isinstance(lost, Unknown)
    (reason,) = lost.reasons
    assert (reason.what, reason.status) == ("the share of community, which is below nothing", "not assessable")
    assert reason.mark == made.built.payments["p"].groups[""].mark


LIMITED = """\
inputs: {x: {unit: GBP}}
figures: {kept: {is: p.kept}}
payments:
  p:
    pays_for: outcome
    start: x
    from: icb
    to: %s
    party_limits: {gain: {each: provider, at_most: 30 GBP, beyond: %s}, loss: {each: provider, at_most: 20 GBP, beyond: %s}}
"""


@pytest.mark.parametrize("beyond", ["payer", "others", "carry"])
@pytest.mark.parametrize(("x", "limit"), [("100", 30), ("-100", 20)])
def test_what_a_limit_cuts_either_way(x: str, limit: int, beyond: str) -> None:
    sign = 1 if x == "100" else -1
    made = contract(LIMITED % ("{acute: 60%, community: 10%, council: 30%}", beyond, beyond))
    found = settled(made, inputs={"x": x})
    amounts = {r.payee: r.amount * sign for r in found.payment("p").received}
    if beyond == "others":
        assert amounts["acute"] == limit
        assert amounts["community"] <= limit
        assert sum(amounts.values()) == 100
    else:
        assert amounts == {"acute": limit, "community": 10, "council": 30}
    kept = {"payer": 60 - limit, "carry": 0, "others": 0}[beyond]
    assert found.figure("kept") == sign * kept
    side = "gain" if sign > 0 else "loss"
    past = {(p.attribute, p.key): p.value for p in found.closing.past if p.name == "p"}
    assert past[side, "acute"] == limit
    assert past.get((f"carried {side}", "acute"), 0) == (60 - limit if beyond == "carry" else 0)
    (line,) = [x for x in found.payment("p").lines if x.name == "acute: at most"]
    assert (line.before, line.after) == (sign * 60, sign * limit)


@pytest.mark.parametrize(("x", "side"), [("100", "gain"), ("-100", "loss")])
def test_what_is_carried_is_resumed_on_its_own_side(x: str, side: str) -> None:
    made = contract(LIMITED % ("acute", "carry", "carry"))
    sign = 1 if side == "gain" else -1
    first = settled(made, "2026-27", {"x": x})
    same = settled(made, "2027-28", {"x": f"{sign * 1}"}, first)
    limit = 30 if side == "gain" else 20
    assert same.payment("p").earned == sign * limit
    other = settled(made, "2027-28", {"x": f"{-sign * 1}"}, first)
    assert other.payment("p").earned == -sign


def test_two_accounts_that_pay_pay_no_more_than_either_can() -> None:
    made = contract(
        """\
        accounts: {one: {}, two: {}}
        inputs: {x: {unit: GBP}}
        payments: {p: {pays_for: outcome, start: x, from: {one: 50%, two: 25%, icb: 25%}, to: acute}}
        """
    )
    for held, most in (({"one": 10, "two": 100}, 20), ({"one": 100, "two": 4}, 16), ({"one": 100, "two": 100}, 90)):
        opening = State({name: {"": amount} for name, amount in held.items()})
        found = settled(made, inputs={"x": "90"}, opening=opening).payment("p")
        assert found.earned == most
        lines = [(x.before, x.after, x.facts) for x in found.lines]
        facts = (("available", most, "money"), ("account", "one", "account"), ("account", "two", "account"))
        assert lines == ([(90, most, facts)] if most < 90 else [])


def test_a_penny_over_goes_to_the_payee_listed_first_whatever_the_order_of_shares() -> None:
    for to in ("{acute: 50%, live_in: 50%}", "{live_in: 50%, acute: 50%}"):
        found = settled(one_payment(f"start: 0.01 GBP\nfrom: icb\nto: {to}"))
        assert moves(found) == ["icb -> acute 0.01"]


def test_accounts_share_gains_and_never_losses() -> None:
    made = contract(
        """\
        accounts: {pot: {}}
        inputs: {x: {unit: GBP}}
        figures: {kept: {is: p.kept}}
        payments: {p: {pays_for: outcome, start: x, from: icb, to: {acute: 60%, pot: 40%}}}
        """
    )
    gain = settled(made, inputs={"x": "1"})
    assert moves(gain) == ["icb -> acute 0.60", "icb -> pot 0.40"]
    loss = settled(made, inputs={"x": "-1"})
    assert moves(loss) == ["acute -> icb 0.60"]
    assert (gain.figure("kept"), loss.figure("kept")) == (0, Fraction(-4, 10))
