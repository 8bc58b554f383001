"""Periods added up: what a year is of its quarters, what history keeps of a period, and what is printed of a payment."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.values import Unknown
from alliance.settlement.result import Received
from alliance.settlement.settle import settle_run
from alliance.settlement.state import Past
from tests.settlement.helpers import QUARTERS, contract, settled, why

BODY = """\
accounts: {pool: {}, advance: {by: provider, may_go_below: any}}
inputs:
  x: {unit: GBP, over_periods: add}
  y: {unit: GBP, by: provider, over_periods: add}
  shadow: {unit: count}
figures:
  all_earned: {is: p.earned}
  all_kept: {is: p.kept}
  all_unearned: {is: p.unearned}
payments:
  p:
    title: Outcomes
    clause: Sch 4
    pays_for: outcome
    settles: quarterly
    start: x
    slices: [{up_to: 60 GBP, to: {acute: 75%, rest: stays}}, {up_to: 30 GBP, to: community}]
    from: icb
  q: {pays_for: block, settles: quarterly, each: provider, start: y, from: icb, to: provider}
"""
Y = {"acute": "1", "community": "2", "live_in": "3"}


def year(**quarters: str) -> Any:
    """A year of quarters of which the third and the fourth may be unlike the others."""
    given = {label: {"x": quarters.get(label[-2:], "100"), "y": Y} for label in QUARTERS}
    given = {label: {k: v for k, v in values.items() if v} for label, values in given.items()}
    return settled(contract(BODY, settles="yearly"), "2026-27", {"periods": given})


def test_a_year_is_the_sum_of_its_quarters() -> None:
    found = year()
    p = found.payment("p")
    assert (p.name, p.title, p.clause, p.pays_for, p.unit, p.period) == (
        "p",
        "Outcomes",
        "Sch 4",
        "outcome",
        "money",
        "2026-27",
    )
    assert (p.status, p.shadow, p.earned, p.net, p.withheld, p.on_account, p.before) == (
        "determined",
        False,
        300,
        300,
        0,
        0,
        0,
    )
    assert p.received == (Received("acute", 180), Received("community", 120))
    assert p.reasons == ()
    assert (found.figure("all_earned"), found.figure("all_kept"), found.figure("all_unearned")) == (300, 100, 0)
    assert found.payment("q").received == (Received("acute", 4), Received("community", 8), Received("live_in", 12))


def test_each_quarter_is_a_line_and_a_part() -> None:
    p = year().payment("p")
    assert [(x.kind, x.name, x.before, x.after, x.facts, x.note, x.clause, x.mark) for x in p.lines] == [
        ("part", label, None, 75, (), "", "", p.mark) for label in QUARTERS
    ]
    assert [(x.period, x.status, x.earned, x.net, x.parts) for x in p.parts] == [
        (label, "determined", 75, 75, ()) for label in QUARTERS
    ]
    assert p.parts[0].received == (Received("acute", 45), Received("community", 30))
    assert (p.parts[0].clause, p.parts[0].mark) == ("Sch 4", p.mark)


def test_a_year_with_a_quarter_that_is_not_determined_is_not_determined() -> None:
    found = year(Q3="")
    p = found.payment("p")
    assert (p.status, p.net, p.on_account, p.unearned, p.received) == ("undetermined", 0, 0, 0, ())
    assert p.reasons == ("2026-27 Q3: x is missing",)
    assert [x.status for x in p.parts] == ["determined", "determined", "undetermined", "determined"]
    assert [t for t in found.transfers if t.payment == "p" and t.amount] == []
    assert isinstance(p.lines[2].after, Unknown)
    for name in ("all_earned", "all_kept", "all_unearned"):
        assert why(found.figure(name)) == "x is missing"


def test_a_year_in_shadow_prints_and_moves_nothing() -> None:
    made = contract(
        BODY.replace("settles: quarterly\n    start", "settles: quarterly\n    shadow: {2026-27: true}\n    start")
    )
    found = settled(made, "2026-27", {"periods": {label: {"x": "100", "y": Y} for label in QUARTERS}})
    p = found.payment("p")
    assert (p.shadow, p.status, p.earned, p.net, p.on_account) == (True, "determined", 300, 0, 0)
    assert [x.shadow for x in p.parts] == [True] * 4
    assert [t for t in found.transfers if t.payment == "p" and t.amount] == []
    assert found.payment("q").net == 24


def test_money_unearned_adds_up() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          p:
            pays_for: outcome
            settles: quarterly
            funded: {from: icb, pays: 100 GBP, into: pool}
            start: 40% * pool.funded
            from: pool
            to: acute
            unearned: council
        figures: {over: {is: p.unearned}}
        """
    )
    found = settled(made, "2026-27")
    assert (found.payment("p").unearned, found.figure("over")) == (240, 240)
    assert [x.unearned for x in found.payment("p").parts] == [60] * 4


def test_what_is_on_account_and_recouped_is_told_apart() -> None:
    made = contract(
        """\
        accounts: {advance: {by: provider, may_go_below: any}}
        inputs: {x: {unit: GBP, over_periods: add}}
        payments:
          a: {pays_for: block, start: 100 GBP, from: icb, to: acute, owed: advance}
          p: {pays_for: outcome, start: x, from: icb, to: acute, recoup: {account: advance, at_most: 40 GBP}}
          r: {pays_for: block, settles: yearly, start: 1_000 GBP, from: icb, to: acute, on_account: 800 GBP}
        """,
        settles="quarterly",
    )
    found = settled(made, QUARTERS[0], {"x": "90"})
    p, r = found.payment("p"), found.payment("r")
    assert (p.earned, p.net, p.on_account) == (90, 50, 0)
    assert (r.status, r.net, r.on_account) == ("on account", 200, 200)


# what history keeps


def kept(found: Any, name: str) -> list[tuple[str, str, Any]]:
    return [(p.attribute, p.key, p.value) for p in found.closing.past if p.name == name]


def test_history_has_inputs_figures_measures_and_what_each_had() -> None:
    made = contract(
        """\
        inputs:
          x: {unit: GBP}
          y: {unit: count, by: provider}
          rows: {records: {cost: GBP}, optional: true}
        measures:
          m: {reported: percent, score: {nothing_at: 0%, full_at: 50%}}
          n: {reported: percent, by: provider}
        figures: {f: {is: x * 2}}
        payments: {p: {pays_for: outcome, start: f, from: icb, to: {acute: 75%, community: 25%}}}
        """,
        parties="""\
        icb:       {name: Integrated care board, role: commissioner}
        acute:     {name: Acute trust, role: provider}
        community: {name: Community trust, role: provider}
        gone:      {name: Gone, role: provider, to: 2027-03-31}
        """,
    )
    given: dict[str, Any] = {
        "x": "5",
        "y": {"acute": 1, "community": 2},
        "m": "10%",
        "n": {"acute": "1%", "community": "2%"},
    }
    found = settled(made, "2027-28", given, kind="final")
    assert kept(found, "x") == [("", "", 5)]
    assert [(key, value) for _, key, value in kept(found, "y") if not isinstance(value, Unknown)] == [
        ("acute", 1),
        ("community", 2),
    ]
    assert kept(found, "m") == [("score", "", Fraction(1, 5)), ("value", "", Fraction(1, 10))]
    assert kept(found, "n") == [("value", "acute", Fraction(1, 100)), ("value", "community", Fraction(2, 100))]
    assert kept(found, "f") == [("", "", 10)]
    assert kept(found, "p") == [
        ("earned", "", 10), ("earned", "acute", Fraction("7.5")), ("earned", "community", Fraction("2.5")),
        ("gain", "acute", Fraction("7.5")), ("gain", "community", Fraction("2.5")), ("net", "", 10),
    ]  # fmt: skip
    assert kept(found, "rows") == []
    one = next(p for p in found.closing.past if p.name == "f")
    assert (one.period, one.length, one.start.isoformat(), one.final) == ("2027-28", "year", "2027-04-01", True)


def test_history_has_what_was_used_of_limits_and_what_is_carried() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP}}
        payments:
          p:
            pays_for: outcome
            start: x
            from: icb
            to: acute
            party_limits: {gain: {each: provider, at_most: 50 GBP, beyond: carry}}
        """,
        settles="quarterly",
    )
    first = settled(made, QUARTERS[0], {"x": "80"})
    assert kept(first, "p") == [
        ("carried gain", "acute", 30), ("earned", "", 50), ("earned", "acute", 50), ("gain", "acute", 50), ("net", "", 50),
    ]  # fmt: skip


RULES = """\
inputs: {quality: {unit: percent, by: provider}}
ladders: {steps: {each: provider, steps: [a plan, an exit]}}
rules:
  - {rule: poor, for: provider, when: quality < 50%, lasting: 1 periods running, then: [{escalate: steps}]}
"""


def test_history_has_which_rules_held_and_where_parties_stand() -> None:
    made = contract(RULES, settles="quarterly")
    found = settled(made, QUARTERS[0], {"quality": {"acute": "40%", "community": "60%", "live_in": "60%"}})
    assert kept(found, "rule poor") == [
        ("held", "acute", True),
        ("held", "community", False),
        ("held", "live_in", False),
    ]
    assert kept(found, "steps") == [("step", "acute", 1), ("step", "community", 0), ("step", "live_in", 0)]


def test_what_is_kept_of_a_period_is_read_back_as_it_was() -> None:
    _, run = settle_run(
        contract(RULES, settles="quarterly"),
        QUARTERS[0],
        {"quality": dict.fromkeys(("acute", "community", "live_in"), "40%")},
    )
    assert run.followed is not None
    assert run.followed.steps == {("steps", "acute"): 1, ("steps", "community"): 1, ("steps", "live_in"): 1}
    assert Past("2026-27 Q1", run.period.start, "quarter", "steps", "step", "acute", 1, False).value == 1


@pytest.mark.parametrize("amount", ["10", "1_000"])
def test_what_is_held_back_is_no_part_of_what_is_paid_net(amount: str) -> None:
    made = contract(
        f"""\
        inputs: {{x: {{unit: GBP}}}}
        payments: {{p: {{pays_for: outcome, start: x, from: icb, to: acute}}}}
        rules: [{{rule: r, when: x > 5 GBP, then: [{{withhold: p, amount: {amount} GBP}}]}}]
        """
    )
    p = settled(made, "2026-27", {"x": "90"}).payment("p")
    held = min(int(amount.replace("_", "")), 90)
    assert (p.earned, p.withheld, p.net) == (90, held, 90 - held)


def test_history_has_what_each_party_s_input_counts_as() -> None:
    body = "inputs: {y: {unit: count, by: provider, if: {missing: previous}}}\n"
    made = contract(body, settles="quarterly")
    first = settled(made, QUARTERS[0], {"y": {"acute": 1, "community": 2, "live_in": 3}}, kind="final")
    second = settled(made, QUARTERS[1], {"y": {"acute": 5}}, first, kind="final")
    found = {p.key: p.value for p in second.closing.past if (p.name, p.period) == ("y", QUARTERS[1])}
    assert found == {"acute": 5, "community": 2, "live_in": 3}


def test_what_is_no_longer_determined_is_paid_no_more_and_no_less() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP}, y: {unit: GBP}}
        figures: {f: {is: x}}
        payments: {p: {pays_for: outcome, start: f, from: icb, to: acute}}
        variations: [{title: V, made: 2027-06-01, effective: 2026-04-01, figures: {f: {is: y}}}]
        """
    )
    first = settled(made, "2026-27", {"x": "90"}, as_of=date(2027, 5, 1))
    again = settled(made, "2026-27", {}, first, as_of=date(2027, 7, 1)).payment("p")
    assert (again.status, again.before, again.net, again.reasons) == ("undetermined", 90, 0, ("y is missing",))
