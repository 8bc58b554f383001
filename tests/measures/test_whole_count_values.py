"""Values of measures at the edge of what is known, and how their intervals stand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import alliance
from alliance.contract.numbers import parse_percent
from alliance.contract.values import Unknown
from alliance.measures import enclosed
from alliance.measures.statistics import witnessed
from alliance.settlement.result import MeasureResult

FIELDS = "person: id, day: date, cost: GBP, ok: boolean, risk: optional percent, stage: stage, score: optional count"
VISITS = [
    {"person": f"p{n}", "day": f"2026-04-{n + 1:02}", "cost": "10", "ok": "yes" if n % 4 else "no", "risk": "50%",
     "stage": "first" if n < 10 else "last", "score": "1"}
    for n in range(20)
]  # fmt: skip
CHANGES = [
    {"person": f"p{n}", "day": f"2026-{4 + last:02}-{n + 1:02}", "cost": "10", "ok": "yes", "risk": "",
     "stage": "last" if last else "first", "score": str(5 * last if n % 4 else 1)}
    for n in range(16)
    for last in (0, 1)
]  # fmt: skip


def one(form: str, visits: list[dict[str, Any]], **given: Any) -> MeasureResult:
    contract = alliance.loads(
        "alliance: 1\n"
        "contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}\n"
        "categories: {stage: [first, last]}\n"
        "parties: {board: {name: B, role: payer}, ash: {name: A, role: home}}\n"
        f"inputs: {{people: {{unit: count}}, visits: {{records: {{{FIELDS}}}, dated: day}}}}\n"
        f"measures: {{m: {{{form}}}}}\n"
    )
    (found,) = alliance.settle(contract, "2026-27 Q1", {"visits": visits, **given}).measures
    return found


def interval(against: str = "") -> str:
    return ", interval: {level: 95%" + (f", against: {against}" if against else "") + "}"


@pytest.mark.parametrize(
    ("form", "visits"),
    [
        ("changed: {of: visits, value: score, baseline: stage = first, follow_up: stage = last, by: 2}", CHANGES),
        ("rate: {of: visits, where: ok, per: 100, to: people}", VISITS),
        ("observed_to_expected: {of: visits, where: ok, expected: risk}", VISITS),
        ("observed_to_expected: {of: visits, where: ok, expected: risk, adjusted: {reference: 50%, at_most: 90%}}", VISITS),
    ],
)  # fmt: skip
def test_an_interval_holds_its_value(form: str, visits: list[dict[str, Any]]) -> None:
    found = one(f"{form}, better: higher{interval()}", visits, people=50)
    assert found.bounds is not None
    assert isinstance(found.value, int | Fraction)
    assert found.bounds.lower < found.value < found.bounds.upper
    assert found.bounds.stands == ""


def test_how_many_people_are_needed_is_told_of_shares_only() -> None:
    form = "rate: {of: visits, where: ok, per: 100, to: people}, better: higher"
    found = one(form + interval("10"), VISITS, people=50)
    assert found.bounds is not None
    assert (found.bounds.stands, found.bounds.needed) == ("clears", None)


def test_a_rate_over_what_is_not_known_is_not_known() -> None:
    found = one("rate: {of: visits, where: ok, per: 100, to: people}", VISITS)
    assert isinstance(found.value, Unknown)
    assert found.bounds is None


def test_an_adjustment_may_have_one_limit() -> None:
    form = "observed_to_expected: {of: visits, where: ok, expected: risk, adjusted: {reference: 20%, AT: 120%}}"
    most = one(form.replace("AT", "at_most"), VISITS)
    least = one(form.replace("AT", "at_least"), VISITS)
    assert most.value == Fraction(15) / (20 * Fraction(1, 5) * Fraction(6, 5))
    assert least.value == Fraction(15, 10)


def test_whole_numbers_that_print_so_finely_are_not_found() -> None:
    with pytest.raises(ValueError, match="no whole numbers"):
        witnessed(parse_percent("12.3456789%"), parse_percent("90%"), 9)


def test_a_quantile_that_is_not_proved_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArithmeticError, match="not found"):
        enclosed._newton(0, 10**5, enough=-1)
    monkeypatch.setattr(enclosed, "_newton", lambda wanted, scale, enough: 2 * scale)
    with pytest.raises(ArithmeticError, match="not enclosed"):
        enclosed.quantile.__wrapped__(Fraction(9, 10), 20)
