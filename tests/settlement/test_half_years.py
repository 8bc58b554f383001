"""Half-years: a length of period like the others, between the quarter and the year."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from alliance.contract.faults import ContractError
from alliance.measures.spans import window
from alliance.reports.explain import explanation
from alliance.reports.plain import plain
from alliance.settlement.examples import run_examples
from alliance.settlement.settle import settle_run
from tests.settlement.helpers import QUARTERS, contract, earned, moves, one_payment, settled

HALVES = ("2026-27 H1", "2026-27 H2")


def test_a_year_named_by_its_end_is_two_half_years() -> None:
    made = one_payment("start: x\nsteps: [{at_most: 50 GBP}]\nfrom: icb\nto: acute", settles="half-yearly",
                       term="2023-10-01 2026-09-30", header=", year_starts: 10-01, years_named_by: end")  # fmt: skip
    first = settled(made, "2024 H1", {"x": "80"})
    second = settled(made, "2024 H2", {"x": "10"}, first)
    assert (second.start, second.end) == (date(2024, 4, 1), date(2024, 9, 30))
    assert (moves(first), moves(second)) == (["icb -> acute 50.00"], ["icb -> acute 10.00"])
    year = settled(made, "2024", {"periods": {"2024 H2": {"x": "20"}}}, second)
    assert (earned(year), moves(year)) == (70, ["icb -> acute 10.00 (true-up)"])
    assert [(p.period, p.earned) for p in year.payment("p").parts] == [("2024 H1", 50), ("2024 H2", 20)]


def test_what_adds_up_is_the_sum_of_its_half_years_or_of_their_quarters() -> None:
    made = one_payment("start: x\nsettles: yearly\nfrom: icb\nto: acute", settles="half-yearly")
    assert earned(settled(made, "2026-27", {"periods": {h: {"x": "30"} for h in HALVES}})) == 60
    assert earned(settled(made, "2026-27", {"periods": {q: {"x": "20"} for q in QUARTERS}})) == 80
    both = {**{h: {"x": "30"} for h in HALVES}, **{q: {"x": "20"} for q in QUARTERS}}
    assert earned(settled(made, "2026-27", {"periods": both})) == 60  # the longest parts come first


def test_the_last_value_is_that_of_the_half_year_before() -> None:
    fields = "start: 10 GBP * (last(rate) else 100%)\nfrom: icb\nto: acute"
    made = one_payment(fields, settles="half-yearly")
    before = settled(made, QUARTERS[1], {"rate": "50%"}, kind="final")  # of another length
    first = settled(made, HALVES[0], {"rate": "20%"}, before, kind="final")
    assert earned(first) == 10
    assert earned(settled(made, HALVES[1], {"rate": "30%"}, first)) == 2


def test_a_change_within_a_half_year_divides_that_half_year_by_its_days() -> None:
    body = "terms: {fee: {unit: GBP a year, values: {2026-04-01: 1_000, 2026-05-01: 2_000}}}\n"
    made = one_payment("start: fee\nfrom: icb\nto: acute", body, settles="half-yearly")
    assert settled(made, HALVES[0]).payment("p").waterfalls[0].amount == 500 * Fraction(30, 183) + 1000 * Fraction(
        153, 183
    )
    assert earned(settled(made, HALVES[1])) == 1000
    told = plain(explanation(*settle_run(made, HALVES[1]), made))
    assert "a year from 2026-10-01 (the period has a half of it) = 2,000.00" in told


def test_the_window_of_a_half_year_ends_with_the_period() -> None:
    body = "measures: {m: {reported: percent, window: half-year}}"
    made = contract(body, settles="quarterly")
    spans = [window(made.built.measures["m"], made.calendar.parse(p), made.calendar, made.built.start)
             for p in ("2026-27 Q2", "2026-27 H2", "2026-11", "2026-27")]  # fmt: skip
    assert [(s.start.isoformat(), s.end.isoformat()) for s in spans] == [
        ("2026-04-01", "2026-09-30"),
        ("2026-10-01", "2027-03-31"),
        ("2026-10-01", "2026-11-30"),
        ("2026-10-01", "2027-03-31"),
    ]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("semi-annually", "half-yearly"),
        ("biannual", "half-yearly"),
        ("Six-monthly", "half-yearly"),
        ("annually", "yearly"),
        ("half yearly", "half-yearly"),
    ],
)
def test_what_others_call_it_is_understood(said: str, meant: str) -> None:
    with pytest.raises(ContractError) as caught:
        contract(settles=said)
    assert str(caught.value.faults[0]).endswith(
        f'AC032 contract.settles: "{said}" cannot stand here. It may be: monthly, quarterly, half-yearly, yearly. '
        f'Did you mean "{meant}"?'
    )


def test_a_word_for_what_cannot_stand_there_is_not_meant() -> None:
    example = "examples: [{title: X, period: 2026-27, interim: annually, expect: {1: 1}}]"
    with pytest.raises(ContractError) as caught:
        contract(example)
    fault = str(caught.value.faults[0])
    assert "It may be: monthly, quarterly, half-yearly." in fault
    assert '"yearly"' not in fault


def test_examples_settle_the_half_years_first() -> None:
    body = (
        "\nexamples:\n  - {title: By halves, period: 2026-27, interim: half-yearly,"
        " given: {periods: {2026-27 H1: {x: 1}, 2026-27 H2: {x: 2}}}, expect: {p.earned: 3, p.net: 0}}\n"
    )
    text = "start: x\nfrom: icb\nto: acute"
    made = one_payment(text, body, settles="half-yearly")
    assert [r.passed for r in run_examples(made)] == [True]
