"""What is kept to explain a line comes to what the line came to, whatever moved after it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.contract.values import Unknown
from alliance.settlement import payment
from alliance.settlement.result import Detail, Settlement
from alliance.settlement.settle import settle_run
from alliance.settlement.state import State
from tests.settlement.helpers import PARTIES, contract, settled

LATE = PARTIES + "late: {name: Late, role: provider, from: 2026-05-16}\n"
Q1 = "2026-27 Q1"

DRAWN = """\
accounts: {pool: {}}
figures:
  half: {is: pool.balance / 2}
  spent: {is: first.earned}
payments:
  first: {pays_for: outcome, start: half + pool.balance, from: pool, to: acute}
  second:
    pays_for: outcome
    start: 1_000 GBP
    steps: [{name: cap, at_most: pool.balance}, {name: gate, gate: pool.out > 0, when: first.earned > 0}]
    slices: [{name: one, up_to: pool.balance / 4, to: acute}, {name: two, to: community}]
    from: pool
    to: acute
  third: {pays_for: block, start: 500 GBP, from: icb, to: pool}
"""


def added_up(details: tuple[Detail, ...]) -> object:
    """What formulas worked out for stretches come to together."""
    values = [(d.trace().value, d.over.weight if d.over is not None else 1) for d in details]
    unknown = [v for v, _ in values if isinstance(v, Unknown)]
    return unknown[0] if unknown else sum((v * w for v, w in values), Fraction(0))  # type: ignore[operator]


def test_what_accounts_held_and_payments_came_to_when_a_line_was_worked_out() -> None:
    found = settled(contract(DRAWN), opening=State({"pool": {"": 100}}))
    start = found.payment("first").waterfalls[0].lines[0]
    assert (start.after, start.details[0].trace().value) == (150, 150)
    cap, gate, one = found.payment("second").waterfalls[0].lines[1:4]
    assert [d.trace().value for line in (cap, gate, one) for d in line.details] == [0, True, True, 0]
    assert found.payment("first").earned == 100


def test_a_figure_is_kept_as_it_was_first_read() -> None:
    _, run = settle_run(contract(DRAWN), "2026-27", None, State({"pool": {"": 100}}))
    assert run.account("pool", "balance", "") == 500
    view = run.at_figure("half", "")
    assert (view.run.account("pool", "balance", ""), run.figure("half", "")) == (100, 50)
    assert run.at_figure("spent", "").run.paid["first"].earned == 100
    assert "third" not in run.at_figure("spent", "").run.paid


def test_nothing_is_kept_where_nothing_is_to_be_explained() -> None:
    _, run = settle_run(contract(DRAWN), "2026-27", None, State({"pool": {"": 100}}), keep=False)
    assert run.moments == {}
    assert run.at_figure("half", "").run is run
    by = contract(
        "figures: {x: {each: provider, is: 1}}\npayments: {p: {pays_for: block, start: 1 GBP, from: icb, to: acute}}"
    )
    _, run = settle_run(by, "2026-27")
    assert run.at_figure("x", "acute").bound == {"party": "acute"}


STRETCHES = """\
terms:
  price: {unit: GBP a year, values: {2026-04-01: 364, 2026-05-16: 728}}
  fee: {unit: GBP a year, by: provider, value: 364}
accounts: {pool: {}}
inputs: {visits: {records: {day: date, cost: GBP}, dated: day}}
payments:
  a: {pays_for: block, start: price, from: icb, to: acute}
  b: {pays_for: block, each: provider, start: fee, from: icb, to: provider}
  c: {pays_for: outcome, funded: {each: provider, pays: fee, into: pool}, start: pool.funded, from: pool, to: acute}
  d: {pays_for: outcome, each: visits, start: price + cost, from: icb, to: acute}
"""
VISITS = [{"day": "2026-05-01", "cost": "5"}, {"day": "2026-06-01", "cost": "7"}]


def stretches() -> Settlement:
    return settled(contract(STRETCHES, settles="quarterly", parties=LATE), Q1, {"visits": VISITS})


def test_a_start_has_what_each_of_its_stretches_is_worked_out_from() -> None:
    found = stretches()
    start = found.payment("a").waterfalls[0].lines[0]
    assert [(d.over.start.isoformat(), d.over.end.isoformat(), d.over.weight) for d in start.details if d.over] == [
        ("2026-04-01", "2026-05-15", Fraction(45, 91)),
        ("2026-05-16", "2026-06-30", Fraction(46, 91)),
    ]
    assert [d.trace().value for d in start.details] == [91, 182]
    assert start.after == added_up(start.details) == 137


def test_a_party_that_joins_has_its_own_stretch_only() -> None:
    found = stretches()
    whole, cut = (found.payment("b").waterfalls[i].lines[0] for i in (0, 3))
    assert [(d.over, d.trace().value) for d in whole.details] == [(None, 91)]
    assert [(d.over.weight, d.trace().value) for d in cut.details if d.over] == [(Fraction(46, 91), 91)]
    assert cut.after == added_up(cut.details) == 46
    funding = found.payment("c").lines[0]
    assert [(d.label, d.over is None) for d in funding.details] == [
        ("acute", True), ("community", True), ("live_in", True), ("late", False),
    ]  # fmt: skip
    assert funding.after == added_up(funding.details)


def test_a_record_is_worked_out_whole_in_its_own_stretch() -> None:
    first, second = (w.lines[0] for w in stretches().payment("d").waterfalls)
    assert [(line.after, [(d.over, d.trace().value) for d in line.details]) for line in (first, second)] == [
        (96, [(None, 96)]),
        (189, [(None, 189)]),
    ]


def test_of_many_records_the_first_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment, "SHOWN", 1)
    found = stretches().payment("d")
    assert [w.amount for w in found.waterfalls] == [96]
    assert found.earned == 285
    made = contract(STRETCHES, settles="quarterly", parties=LATE)
    assert settled(made, Q1, {"visits": VISITS}, keep=False).payment("d").waterfalls == ()
