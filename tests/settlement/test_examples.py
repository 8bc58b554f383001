"""Worked examples: what they give, what they expect, and that a contract whose examples fail does not settle."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

import alliance
from alliance.settlement.examples import run_examples
from tests.settlement.helpers import contract, earned, faults_of, settled

BODY = """\
accounts: {pool: {}, fund: {by: person}}
terms: {price: {unit: GBP a place, value: 7}}
inputs: {x: {unit: GBP, over_periods: add}, rate: {unit: percent}, n: {unit: count}}
measures: {m: {reported: percent, score: {nothing_at: 0%, full_at: 50%}}}
figures: {f: {is: rate + rate}, cost: {is: price}, late: {is: 3 days}}
payments:
  p:
    pays_for: outcome
    start: x
    steps: [{name: edge, corridor: {reach: 50 GBP}}, {name: half, multiply: 50%}, {name: most, at_most: 100 GBP}]
    from: icb
    to: acute
  q: {pays_for: outcome, start: 10 GBP * n, from: pool, to: acute}
  r: {pays_for: outcome, settles: yearly, start: 1200 GBP, from: icb, to: {acute: 75%, community: 25%}, on_account: 600 GBP}
"""


def results(example: str, settles: str = "quarterly", body: str = BODY) -> Any:
    (found,) = run_examples(contract(f"{body}examples:\n  - {{title: One, {example}}}\n", settles=settles))
    return found


PASSES = [
    "period: 2026-27 Q1, given: {x: 120}, expect: {p.earned: 60}",
    "period: 2026-27 Q1, given: {x: 120}, expect: {p.earned: 60.00 GBP, p.net: 60, p.earned by acute: 60}",
    "period: 2026-27 Q1, given: {rate: 20%}, expect: {f: 40%, late: 3, cost: 7}",
    "period: 2026-27 Q1, given: {m: 25%}, expect: {m.score: 50%, m.value: 25%}",
    "period: 2026-27 Q1, given: {n: 3}, opening: {pool: 100, fund: {a: 5}}, expect: {q.earned: 30, pool.closing: 70, pool.opening: 100}",
    "period: 2026-27 Q1, given: {}, expect: {r.on_account: 150, r.net: 150, r.earned: 0}",
    "period: 2026-27 Q1, given: {x: 120}, expect: {p.earned by pool: 0}",
    "period: 2026-27, given: {}, expect: {r.earned: 1200, r.net: 1200}",
    "period: 2026-27, interim: quarterly, given: {}, expect: {r.earned: 1200, r.net: 600, r.net by community: 150}",
    "period: 2026-27 Q3, interim: quarterly, given: {x: 120}, expect: {p.earned: 60, r.on_account: 150}",
    "period: 2026-27, given: {periods: {2026-27 Q1: {x: 120}, 2026-27 Q2: {x: 0}, 2026-27 Q3: {x: 0}, 2026-27 Q4: {x: 0}}},"
    " expect: {p.earned: 60}",
    "period: 2026-27 Q1, given: {x: {value: 120, status: provisional}}, final: false, expect: {p.earned: 60}",
]


@pytest.mark.parametrize("example", PASSES)
def test_examples_that_pass(example: str) -> None:
    found = results(example)
    assert (found.passed, found.summary, found.fault) == (True, "passed", ""), found


FAILS = [
    ("period: 2026-27 Q1, given: {x: 120}, expect: {p.earned: 61}", "p.earned should be 61.00 and is 60.00.", "half comes to 60.00"),
    ("period: 2026-27 Q1, given: {x: 120}, expect: {p.earned: 120}", "p.earned should be 120.00 and is 60.00.",
     "half: 120.00 became 60.00"),
    ("period: 2026-27 Q1, given: {x: 40}, expect: {p.earned: 20}", "p.earned should be 20.00 and is 0.00.",
     "edge: it does not reach the edge of the corridor, so none of it counts"),
    ("period: 2026-27 Q1, given: {x: 400}, expect: {p.earned: 200}", "p.earned should be 200.00 and is 100.00.",
     "most: 200.00 became 100.00"),
    ("period: 2026-27 Q1, given: {}, expect: {p.earned: 20}", "p.earned should be 20.00 and is not known (x is missing).",
     "x: x is missing"),
    ("period: 2026-27 Q1, given: {x: 120}, expect: {f: 20%}", "f should be 20% and is not known (rate is missing).", ""),
    ("period: 2026-27, interim: quarterly, given: {}, expect: {r.net: 1200}", "r.net should be 1,200.00 and is 600.00.",
     "1,200.00 earned, 600.00 moved before"),
    ("period: 2026-27 Q1, given: {n: 3}, expect: {q.earned: 30}", "q.earned should be 30.00 and is 0.00.", "Start: 10 GBP * n comes to 30.00"),
    ("period: 2026-27, given: {}, expect: {p.earned: 5}", "p.earned should be 5.00 and is not known (x is missing).",
     "x: x is missing"),
    ("period: 2026-27 Q1, given: {x: {value: 120, status: provisional}}, expect: {p.earned: 60}",
     "p.earned should be 60.00 and is not known (x is only provisional, and the settlement is final).", "x: x is only provisional"),
]  # fmt: skip


@pytest.mark.parametrize(("example", "summary", "parts"), FAILS)
def test_examples_that_fail_say_where_they_part(example: str, summary: str, parts: str) -> None:
    found = results(example)
    assert (found.passed, found.summary) == (False, summary)
    (line,) = (c for c in found.checked if not c.passed)
    assert line.parts_at.startswith(parts), line.parts_at


def test_a_payment_whose_records_are_not_there_parts_at_its_reasons() -> None:
    body = """\
    inputs: {visits: {records: {cost: GBP}}}
    payments: {p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}}
    """
    found = results("period: 2026-27, given: {}, expect: {p.earned: 5}", "yearly", dedent(body))
    assert found.checked[0].parts_at == "visits is missing"
    none = results("period: 2026-27, given: {visits: []}, expect: {p.earned: 5}", "yearly", dedent(body))
    assert (none.summary, none.checked[0].parts_at) == ("p.earned should be 5.00 and is 0.00.", "")


def test_what_an_example_leaves_out_is_undetermined_and_fails_only_where_it_is_expected() -> None:
    assert results("period: 2026-27 Q1, given: {n: 0}, expect: {q.earned: 0}").passed


def test_an_example_that_cannot_be_settled() -> None:
    found = results("period: 2026-27 Q1, given: {x: lots}, expect: {p.earned: 61}")
    assert (found.passed, found.checked) == (False, ())
    assert "AC135" in found.summary
    bad = results("period: 2026-27 Q1, given: {x: 5}, opening: {pool: lots}, expect: {p.earned: 0}")
    assert 'AC135 opening: "lots" is not a number.' in bad.fault


WRONG = BODY + "examples:\n  - {title: Wrong, period: 2026-27 Q1, given: {x: 120}, expect: {p.earned: 61}}\n"


def test_a_contract_whose_examples_fail_does_not_settle() -> None:
    made = contract(WRONG, settles="quarterly")
    for _ in range(2):  # they are run once, and remembered
        (fault,) = faults_of(lambda: settled(made, "2026-27 Q1", {"x": "120"}), alliance.ContractError)
        assert 'AC150 the worked example "Wrong" fails: p.earned should be 61.00 and is 60.00.' in fault
        assert fault.startswith("contract.yaml:24:5: ")
    assert earned(alliance.settle(made, "2026-27 Q1", {"x": "120"}, examples=False)) == 60


def test_examples_as_of_a_day() -> None:
    body = """\
    terms: {price: {unit: GBP, value: 100}}
    payments: {p: {pays_for: outcome, start: price, from: icb, to: acute}}
    variations: [{title: V, made: 2026-06-01, effective: 2026-04-01, terms: {price: {unit: GBP, value: 120}}}]
    examples:
      - {title: Before, period: 2026-27, as_of: 2026-05-01, given: {}, expect: {p.earned: 100}}
      - {title: After, period: 2026-27, given: {}, expect: {p.earned: 120}}
    """
    assert [r.passed for r in run_examples(contract(body))] == [True, True]


def test_interim_periods_are_those_of_the_contract() -> None:
    body = """\
    payments: {p: {pays_for: outcome, settles: yearly, start: 100 GBP, from: icb, to: acute, on_account: {of_the_year: 90 GBP, each: month}}}
    examples:
      - {title: Year, period: 2026-27, interim: monthly, given: {}, expect: {p.net: 10}}
      - {title: Quarter, period: 2026-27 Q4, interim: monthly, given: {}, expect: {p.on_account: 30}}
    """
    assert [(r.passed, r.summary) for r in run_examples(contract(body, term="2026-07-10 2029-03-31"))] == [
        (True, "passed"), (True, "passed"),
    ]  # fmt: skip


def test_a_payment_that_is_not_known_to_be_due_parts_at_its_reasons() -> None:
    body = """\
    inputs: {ok: {unit: boolean}}
    payments: {p: {pays_for: outcome, start: 5 GBP, when: ok, from: icb, to: acute}}
    """
    each = """\
    inputs: {ok: {unit: boolean, by: provider}}
    payments: {p: {pays_for: outcome, each: provider, start: 5 GBP, when: ok, from: icb, to: provider}}
    """
    for text, why in ((body, "ok is missing"), (each, "ok for acute is missing")):
        found = results("period: 2026-27, given: {}, expect: {p.earned: 5}", "yearly", dedent(text))
        assert found.checked[0].parts_at == why


def test_what_is_expected_of_one_parts_at_the_waterfall_of_that_one() -> None:
    body = """\
    inputs: {x: {unit: GBP, by: provider}}
    payments: {p: {pays_for: outcome, each: provider, start: x, from: icb, to: {provider: 75%, pool: 25%}}}
    accounts: {pool: {}}
    """
    given = "given: {x: {acute: 10, community: 20, live_in: 30}}"
    expect = "expect: {p.earned by community: 16, p.earned by pool: 15}"
    found = results(f"period: 2026-27, {given}, {expect}", "yearly", dedent(body)).checked
    assert [(c.passed, c.parts_at) for c in found] == [(False, "Start: x comes to 20.00"), (True, "")]


def test_slices_are_not_told_as_steps_that_leave_nothing() -> None:
    body = """\
    accounts: {pool: {}}
    payments:
      p: {pays_for: outcome, start: 90 GBP, from: icb, to: acute, slices: [{name: pool first, from: pool}, {name: rest}]}
    """
    found = results("period: 2026-27, opening: {pool: 5}, given: {}, expect: {p.earned: 80}", "yearly", dedent(body))
    assert found.checked[0].parts_at == "Start: 90 GBP comes to 90.00"
    lines = settled(contract(dedent(body)), "2026-27").payment("p").waterfalls[0].lines
    assert [x.note for x in lines if x.kind == "slice"] == ["the account has nothing to give", ""]


def test_what_is_settled_before_the_year_comes_before_its_interim_periods() -> None:
    body = """\
    inputs: {fill: {unit: GBP, over_periods: add}, draw: {unit: GBP, over_periods: add}}
    accounts: {pot: {}}
    payments:
      filling: {pays_for: block, start: fill, from: icb, to: pot}
      drawing: {pays_for: outcome, start: draw, from: pot, to: acute}
    examples:
      - title: x
        period: 2027-28
        interim: quarterly
        earlier:
          - {period: 2026-27 Q4, given: {fill: 1_000, draw: 0}}
          - {period: 2027-28 Q1, given: {fill: 0, draw: 150}}
        given:
          periods:
            2027-28 Q1: {fill: 0, draw: 100}
            2027-28 Q2: {fill: 0, draw: 100}
            2027-28 Q3: {fill: 0, draw: 100}
            2027-28 Q4: {fill: 0, draw: 100}
        expect: {drawing.earned: 400, drawing.net: -50, pot.closing: 600}
    """
    (found,) = run_examples(contract(dedent(body), settles="quarterly"))
    assert found.passed, found
