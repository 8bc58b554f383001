"""Money held back where its payment, or its rule, is not what it was: what stands, and what rules remember of a year."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest

from alliance.contract.contract import Contract
from alliance.settlement.result import Settlement
from tests.settlement.helpers import QUARTERS, contract, earned, moves, settled

Q1, Q2, Q3, Q4 = QUARTERS
HELD = "withheld/w.1 | y | 2026-27 Q1 | icb | acute"
Given = Mapping[str, Mapping[str, str]]


def held(then: str = "lapses: after 4 periods") -> Contract:
    body = f"""\
    inputs: {{won: {{unit: GBP}}, q: {{unit: percent}}, g: {{unit: percent}}}}
    payments: {{y: {{pays_for: outcome, start: won, from: icb, to: acute}}}}
    rules: [{{rule: w, when: q < 50%, then: [{{withhold: y{then and ", " + then}}}]}}]
    """
    return contract(body, settles="quarterly")


def given(*quality: str, won: tuple[str, ...] = ("100", "100", "100", "100")) -> dict[str, dict[str, str]]:
    found = {}
    for label, q, w in zip(QUARTERS, quality, won, strict=True):
        found[label] = {"q": f"{q}%", "g": "10%", **({"won": w} if w else {})}
    return found


def year(made: Contract, data: Given, opening: Settlement | None = None) -> Settlement:
    return settled(made, "2026-27", {"periods": data}, opening)


def by_quarters(made: Contract, data: Given) -> Settlement:
    last = None
    for label, values in data.items():
        last = settled(made, label, values, last)
    assert last is not None
    return last


# a payment that is not determined over its parts


@pytest.mark.parametrize("later", ["40", "90"])
def test_nothing_is_held_back_or_let_go_of_a_year_that_is_not_determined(later: str) -> None:
    data = given("40", later, later, later, won=("100", "100", "", "100"))
    first = year(held(), data)
    assert (moves(first), first.closing.held, first.closing.balances) == ([], (), {})
    second = year(held(), {Q3: {"won": "100"}}, first)
    assert moves(second) == moves(year(held(), {**data, Q3: {**data[Q3], "won": "100"}}))
    assert sum(second.closing.balances.get("withheld", {}).values()) == (400 if later == "40" else 0)


def test_what_was_held_back_and_let_go_stands_while_the_year_is_not_determined() -> None:
    made = held()
    last = by_quarters(made, given("40", "90", "90", "90"))
    lost = settled(made, "2026-27", {"periods": {Q3: {"won": {"status": "suppressed"}}, Q2: {"q": "30%"}}}, last)
    assert moves(lost) == []
    assert [(h.period, h.let_go, h.how) for h in lost.closing.held] == [(Q1, Q2, "release")]
    found = year(made, {Q3: {"won": "100"}}, lost)
    second = HELD.replace("Q1", "Q2")
    assert moves(found) == [
        "acute -> icb 100.00 (true-up)", f"icb -> {second} 100.00 (withheld)", f"{second} -> acute 100.00 (release)",
    ]  # fmt: skip


def test_money_of_an_account_that_was_never_held_back_does_not_come_back_to_it() -> None:
    body = """\
    inputs: {fill: {unit: GBP}, won: {unit: GBP}, q: {unit: percent}}
    accounts: {res: {}}
    payments:
      f: {pays_for: outcome, start: fill, from: icb, to: res}
      y: {pays_for: outcome, start: won, from: res, to: acute}
      z: {pays_for: outcome, start: res.balance, from: res, to: council}
    rules: [{rule: w, when: q < 50%, then: [{withhold: y, lapses: after 1 periods}]}]
    """
    made = contract(body, settles="quarterly")
    data = {label: {"fill": "500", "won": "100", "q": "40%"} for label in QUARTERS}
    del data[Q4]["won"]
    assert moves(year(made, data)) == ["icb -> res 2000.00", "res -> council 2000.00"]
    last = by_quarters(made, {label: {**v, "won": "100"} for label, v in data.items()})
    lost = settled(made, "2026-27", {"periods": {Q4: {"won": {"status": "suppressed"}}}}, last)
    assert (moves(lost, "y"), lost.closing.held) == ([], last.closing.held)


# a rule that does not hold any more for what was released


@pytest.mark.parametrize(
    ("then", "released"),
    [("", "90"), ("lapses: after 1 periods", "90"), ("until: g > 50%", "90"), ("until: g > 50%, lapses: after 1 periods", "90")],
)  # fmt: skip
def test_what_was_released_stays_so_whatever_its_rule_says_later(then: str, released: str) -> None:
    made, won = held(then), ("100", "0", "0", "0")
    bad, good = given("40", released, "90", "90", won=won), given("90", "40", "90", "90", won=won)
    if "until" in then:
        bad[Q2]["g"] = "90%"
    last = by_quarters(made, bad)
    corrected = year(made, good, last)
    assert (moves(corrected), [h.how for h in corrected.closing.held]) == ([], ["release"])
    assert moves(year(made, good, corrected)) == []
    for label in (Q1, Q2, Q1, Q2):
        last = settled(made, label, good[label], last)
        assert moves(last) == [], label
    assert [(h.how, h.stands) for h in last.closing.held] == [("release", True)]
    back = year(made, bad, corrected)
    assert (moves(back), [(h.how, h.stands) for h in back.closing.held]) == ([], [("release", False)])


# what lasts, where all payments settle over longer periods than the contract

LASTING = """\
inputs: {won: {unit: GBP, over_periods: add}, q: {unit: percent, by: provider, over_periods: mean}}
payments:
  y: {pays_for: outcome, settles: yearly, each: provider, start: won, from: icb, to: provider}
%s
"""
PARTIES = "icb: {name: I, role: commissioner}\nacute: {name: A, role: provider}\n"
RULE = "rules: [{rule: poor, for: provider, when: q < 50%, lasting: 2 periods running, then: [{gate: y, of: party}]}]"
LADDER = """\
ladders: {care: {each: provider, steps: [Meeting, Plan]}}
rules:
  - {rule: up, for: provider, when: q < 50%, then: [{escalate: care}]}
  - {rule: stop, for: provider, when: care > 1, then: [{gate: y, of: party}]}
"""


def quality(*percents: int) -> dict[str, dict[str, object]]:
    return {label: {"won": "100", "q": {"acute": f"{x}%"}} for label, x in zip(QUARTERS, percents, strict=True)}


@pytest.mark.parametrize("rule", [RULE, dedent(LADDER)])
def test_what_lasted_over_the_quarters_of_a_year_is_worked_out_anew(rule: str) -> None:
    made = contract(LASTING % rule, settles="quarterly", parties=PARTIES)
    poor, good = quality(40, 40, 40, 40), quality(90, 90, 90, 90)
    assert earned(settled(made, "2026-27", {"periods": poor}), "y") == 0
    assert earned(settled(made, "2026-27", {"periods": good}), "y") == 400
    for first, then, comes_to in ((poor, good, 400), (good, poor, 0)):
        last = None
        for label, values in first.items():
            last = settled(made, label, values, last)
        assert earned(settled(made, "2026-27", {}, last), "y") == 400 - comes_to
        corrected = {label: {"q": values["q"]} for label, values in then.items()}
        assert earned(settled(made, "2026-27", {"periods": corrected}, last), "y") == comes_to
