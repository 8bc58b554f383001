"""Measures: values, cases, statuses, and every form of score."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.settlement.examples import run_examples
from tests.settlement.helpers import QUARTERS, contract, settled, why


def score(form: str, value: str, unit: str = "percent", rest: str = "", **inputs: Any) -> Any:
    """What a reported value scores."""
    made = contract(
        f"""\
        inputs: {{low: {{unit: {unit}, if: {{missing: exclude}}}}, high: {{unit: {unit}}}, most: {{unit: count}}}}
        measures: {{m: {{reported: {unit}{rest}, score: {form}}}}}
        """
    )
    return settled(made, inputs={"m": value, **inputs}).measures[0].score


LINE = "{nothing_at: 60%, full_at: 80%}"
DOWN = "{nothing_at: 12.2%, full_at: 6.5%}"
FORMS = [
    # a straight line, held at the ends
    (LINE, "70%", Fraction(1, 2)),
    (LINE, "60%", 0),
    (LINE, "80%", 1),
    (LINE, "10%", 0),
    (LINE, "99%", 1),
    # where less is better
    (DOWN, "12.2%", 0),
    (DOWN, "6.5%", 1),
    (DOWN, "9.35%", Fraction(1, 2)),
    (DOWN, "20%", 0),
    (DOWN, "0%", 1),
    # carried on beyond its ends
    ("{nothing_at: 60%, full_at: 80%, held: false}", "50%", Fraction(-1, 2)),
    ("{nothing_at: 60%, full_at: 80%, held: false}", "90%", Fraction(3, 2)),
    ("{nothing_at: 80%, full_at: 60%, held: false}", "50%", Fraction(3, 2)),
    # further points
    ("{nothing_at: 60%, full_at: 80%, then: {90%: 110%}}", "85%", Fraction(105, 100)),
    ("{nothing_at: 60%, full_at: 80%, then: {90%: 110%}}", "95%", Fraction(110, 100)),
    ("{nothing_at: 80%, full_at: 60%, then: {50%: 110%, 40%: 130%}}", "45%", Fraction(120, 100)),
    # a curve either way
    ("{curve: {100%: 0%, 85%: 50%, 75%: 100%}}", "80%", Fraction(3, 4)),
    ("{curve: {100%: 0%, 85%: 50%, 75%: 100%}}", "150%", 0),
    ("{curve: {0%: 0%, 50%: 20%}, held: false}", "100%", Fraction(2, 5)),
    # bands, closed below and open above
    ("{bands: [{below: 55%, gives: 0%}, {from: 55%, below: 60%, gives: 3%}, {from: 60%, gives: 7.5%}]}", "54.99%", 0),
    (
        "{bands: [{below: 55%, gives: 0%}, {from: 55%, below: 60%, gives: 3%}, {from: 60%, gives: 7.5%}]}",
        "55%",
        Fraction(3, 100),
    ),
    (
        "{bands: [{below: 55%, gives: 0%}, {from: 55%, below: 60%, gives: 3%}, {from: 60%, gives: 7.5%}]}",
        "60%",
        Fraction(75, 1000),
    ),
    # points, bounds and rounding
    ("{nothing_at: 20%, full_at: 50%, points: 44}", "35%", 22),
    ("{nothing_at: 20%, full_at: 50%, points: 9, rounded: {to: 1}}", "35%", 5),  # 4.5
    ("{nothing_at: 20%, full_at: 50%, points: 9, rounded: {to: 1, how: down}}", "35%", 4),
    ("{bands: [{below: 50%, gives: 3}, {from: 50%, gives: 10}], points: 10}", "40%", 3),  # bands give the points
    ("{nothing_at: 60%, full_at: 80%, at_least: 25%, at_most: 75%}", "60%", Fraction(1, 4)),
    ("{nothing_at: 60%, full_at: 80%, at_least: 25%, at_most: 75%}", "80%", Fraction(3, 4)),
    ("{nothing_at: 60%, full_at: 80%, at_least: 25%, at_most: 75%}", "70%", Fraction(1, 2)),
]


@pytest.mark.parametrize(("form", "value", "expected"), FORMS)
def test_score(form: str, value: str, expected: Any) -> None:
    assert score(form, value) == expected


def test_a_score_of_something_else_than_the_value() -> None:
    assert score("{of: 1 - m_, nothing_at: 0, full_at: 1}".replace("1 - m_", "most / 10"), "70%", most="4") == Fraction(
        2, 5
    )


@pytest.mark.parametrize(("low", "high", "expected"), [
    ("40%", "60%", Fraction(1, 2)),
    ("60%", "40%", Fraction(1, 2)),
    ("50%", "50%", None),
])  # fmt: skip
def test_ends_that_are_formulas(low: str, high: str, expected: Fraction | None) -> None:
    found = score("{nothing_at: low, full_at: high}", "50%", low=low, high=high)
    if expected is None:
        assert why(found) == "a score whose ends are equal is not assessable"
    else:
        assert found == expected


def test_ends_and_points_that_cannot_be() -> None:
    assert why(score("{nothing_at: low, full_at: high}", "50%", low="1%")) == "high is missing"
    assert why(score("{nothing_at: 0%, full_at: high, then: {90%: 110%}}", "50%", high="95%")) == (
        "a score whose points do not go one way is not assessable"
    )
    assert score("{nothing_at: 0%, full_at: high, then: {90%: 110%}, held: false}", "100%", high="80%") == Fraction(
        6, 5
    )
    assert why(score("{nothing_at: 0%, full_at: 50%, then: {high: 110%}}", "50%")) == "high is missing"
    assert why(score("{curve: {0%: 0%, high: 10%, 50%: 100%}}", "50%", high="60%")) == (
        "a curve whose points do not go one way is not assessable"
    )
    assert why(score("{curve: {0%: 0%, high: 10%}}", "50%")) == "high is missing"
    assert why(score("{bands: [{below: high, gives: 0%}, {from: high, gives: 5%}]}", "50%")) == "high is missing"
    assert why(score("{nothing_at: 0%, full_at: 1%, points: most}", "50%")) == "most is missing"
    assert why(score("{nothing_at: 0%, full_at: 1%, points: 5, at_least: most}", "50%")) == "most is missing"


BETTER = """\
{better_of: {attainment: {nothing_at: 50%, full_at: 90%}, improvement: {nothing_at: low, full_at: 90%}}, points: 10, rounded: {to: 1}}"""


@pytest.mark.parametrize(("value", "low", "expected"), [
    ("70%", "30%", 7),  # 5, or 40 of 60 of the way
    ("70%", "60%", 5),  # or a third of the way
    ("70%", None, 5),  # no baseline, and the contract excludes that side
    ("40%", "50%", 0),
])  # fmt: skip
def test_the_better_of_attainment_and_improvement(value: str, low: str | None, expected: int) -> None:
    assert score(BETTER, value, **({} if low is None else {"low": low})) == expected


def test_the_better_of_where_a_side_is_only_missing() -> None:
    assert why(score(BETTER.replace("low", "high"), "70%")) == "high is missing"


def test_nothing_is_scored_where_the_value_is_not_known() -> None:
    assert why(score(LINE, "suppressed")) == "m is suppressed"
    assert why(score("{of: low, nothing_at: 0%, full_at: 100%}", "50%")) == "low is missing"
    for form in ("{of: high, curve: {0%: 0%, 10%: 10%}}", "{of: high, bands: [{gives: 0%}]}"):
        assert why(score(form, "50%")) == "high is missing"


def test_minimum_cases() -> None:
    rest = ", minimum: 30 cases"
    few = score(LINE, {"value": "70%", "cases": 29}, rest=rest)  # type: ignore[arg-type]
    assert why(few) == "m is not assessable"
    assert score(LINE, {"value": "70%", "cases": 30}, rest=rest) == Fraction(1, 2)  # type: ignore[arg-type]
    assert why(score(LINE, "70%", rest=rest)) == "m without its cases is not assessable"
    assert score(LINE, "70%", rest=", minimum: 0 cases") == Fraction(1, 2)


def test_a_value_without_the_cases_that_it_needs_is_told() -> None:
    made = contract(
        """\
        measures:
          m: {title: At home, reported: percent, by: provider, minimum: 30 cases, if: {not assessable: exclude}}
          n: {reported: percent, minimum: 10}
        payments:
          p: {pays_for: outcome, start: "10 GBP * max(m.value by acute, 20%)", from: icb, to: acute}
        """
    )
    given = {"m": {"acute": "50%", "community": {"value": "60%", "cases": 30}, "live_in": "70%"}, "n": "80%"}
    found = settled(made, inputs=given)
    assert [(m.name, m.key, m.status, m.cases) for m in found.measures] == [
        ("m", "acute", "not assessable", None),
        ("m", "community", "measured", 30),
        ("m", "live_in", "not assessable", None),
        ("n", "", "not assessable", None),
    ]
    assert found.payment("p").earned == 2  # the side is left out, as for too few cases
    assert list(found.notes) == [
        "At home for acute, live_in was brought without its cases, and the contract asks for 30: it is not assessable. "
        "Bring them beside its value (`cases`; in a table of agreements the `cases_column` of m).",
        "n was brought without its cases, and the contract asks for 10: it is not assessable. "
        "Bring them beside its value (`cases`; in a table of agreements the `cases_column` of n).",
    ]


def test_the_number_of_cases_of_what_is_left_out_is_left_out_with_it() -> None:
    made = contract(
        """\
        categories: {item: [a, b]}
        measures: {m: {reported: percent, by: item, minimum: 11 cases, if: {missing: exclude, not assessable: exclude}}}
        figures:
          sure: {each: item, is: m.value by item if m.cases by item >= 26 else (m.value by item) / 2}
          all: {weighted: {sure by a: 50%, sure by b: 50%}}
          none: {is: m.cases by b}
        """
    )
    assert settled(made, inputs={"m": {"a": {"value": "40%", "cases": 30}}}).figure("all") == Fraction(2, 5)
    found = settled(made, inputs={"m": {"a": {"value": "40%", "cases": 20}, "b": "90%"}})
    assert found.figure("all") == Fraction(1, 5)
    assert why(found.figure("none")) == "the number of cases of m for b is missing"
    few = settled(made, inputs={"m": {"a": {"value": "40%", "cases": 30}, "b": {"value": "90%", "cases": 3}}})
    assert (few.figure("all"), few.figure("none")) == (Fraction(2, 5), 3)


def test_in_an_example_a_value_alone_is_of_cases_enough() -> None:
    body = """\
        measures: {m: {reported: percent, minimum: 30 cases, score: {nothing_at: 60%, full_at: 80%}}}
        examples:
          - {title: Alone, period: 2026-27, given: {m: 70%}, expect: {m.score: 50%}}
          - {title: Few, period: 2026-27, given: {m: {value: 70%, cases: 29}}, expect: {m.score: 50%}}
        """
    assert [r.passed for r in run_examples(contract(body))] == [True, False]


def test_what_is_left_out_for_too_few_cases_reweights() -> None:
    made = contract(
        """\
        measures:
          m: {reported: percent, minimum: 30, if: {not assessable: exclude}, score: {nothing_at: 0%, full_at: 100%}}
          n: {reported: percent, score: {nothing_at: 0%, full_at: 100%}}
        figures: {f: {weighted: {m: 40%, n: 60%}}, cases: {is: m.cases}, none: {is: n.cases}}
        """
    )
    found = settled(made, inputs={"m": {"value": "70%", "cases": 12}, "n": "20%"})
    assert found.figure("f") == Fraction(1, 5)
    assert (found.figure("cases"), why(found.figure("none"))) == (12, "the number of cases of n is missing")
    assert [(m.name, m.cases, m.status) for m in found.measures] == [
        ("m", 12, "not assessable"),
        ("n", None, "measured"),
    ]


def test_a_measure_without_a_score() -> None:
    made = contract("measures: {m: {title: Days, reported: days}}\nfigures: {f: {is: m}, w: {weighted: {m: 100%}}}")
    found = settled(made, inputs={"m": "3 days"})
    (m,) = found.measures
    assert (m.title, m.value, m.score, m.has_score, m.score_unit) == ("Days", 3, 3, False, "percent")
    assert (found.figure("f"), found.figure("w")) == (3, 3)


def test_a_measure_for_each_party() -> None:
    made = contract(
        """\
        terms: {target: {unit: percent, by: provider, value: {acute: 50%, community: 80%, live_in: 100%}}}
        measures: {m: {reported: percent, by: provider, score: {nothing_at: 0%, full_at: target}}}
        figures: {best: {is: max(m.score for provider)}, own: {each: provider, is: m.score}}
        """
    )
    found = settled(made, inputs={"m": {"acute": "40%", "community": {"value": "40%", "cases": 8}, "live_in": "10%"}})
    assert [(m.key, m.score, m.cases) for m in found.measures] == [
        ("acute", Fraction(4, 5), None), ("community", Fraction(1, 2), 8), ("live_in", Fraction(1, 10), None),
    ]  # fmt: skip
    assert (found.figure("best"), found.figure("own", "community")) == (Fraction(4, 5), Fraction(1, 2))


# ratios

RATIO = """\
inputs:
  calls: {unit: count, over_periods: add}
  others: {unit: count, over_periods: add}
  by_party: {unit: count, by: provider}
measures:
  r: {ratio: {of: calls, to: {baseline: 1_480, over: 2025-04-01..2026-03-31}}, score: {curve: {100%: 0%, 85%: 50%, 75%: 100%}}}
  plain: {ratio: {of: calls, to: {baseline: 1_480}}}
  both: {ratio: {of: calls, to: others}}
  own: {by: provider, ratio: {of: by_party, to: others}}
"""


def measured(found: Any) -> dict[str, Any]:
    return {m.name + m.key: m.value for m in found.measures}


def test_a_counted_baseline_is_scaled_by_months() -> None:
    made = contract(RATIO, settles="quarterly")
    quarter = settled(made, QUARTERS[0], {"calls": "333", "others": "666"})
    assert measured(quarter)["r"] == Fraction(333, 370) == Fraction(9, 10)
    assert quarter.measures[0].score == Fraction(
        1, 3
    )  # two thirds of the way from 85% to 100% is a third of a half... of 50%
    assert measured(quarter)["plain"] == Fraction(333, 1480)
    assert measured(quarter)["both"] == Fraction(1, 2)
    year = settled(made, "2026-27", {"calls": "1_332", "others": "1"})
    assert measured(year)["r"] == Fraction(9, 10)
    month = settled(made, "2026-05", {"calls": "111"})
    assert measured(month)["r"] == Fraction(9, 10)


def test_a_baseline_of_several_years() -> None:
    made = contract(
        RATIO.replace("2025-04-01..", "2023-04-01..").replace("1_480, over", "4_440, over"), settles="quarterly"
    )
    assert measured(settled(made, QUARTERS[0], {"calls": "333"}))["r"] == Fraction(9, 10)


def test_what_a_ratio_is_made_of_may_be_missing_provisional_or_nothing() -> None:
    made = contract(RATIO)
    assert why(measured(settled(made))["both"]) == "both is missing"
    assert why(measured(settled(made, inputs={"calls": "5"}))["both"]) == "both is missing"
    some = {"calls": {"status": "suppressed"}, "others": "5"}
    assert why(measured(settled(made, inputs=some))["both"]) == "both is suppressed"
    lost = {"calls": "5", "others": {"status": "not applicable"}}
    assert why(measured(settled(made, inputs=lost))["both"]) == "both is not applicable"
    nothing = settled(made, inputs={"calls": "5", "others": "0"})
    assert why(measured(nothing)["both"]) == "both is not assessable"
    early = {"calls": {"value": "5", "status": "provisional"}, "others": "5"}
    found = settled(made, inputs=early)
    assert [(m.value, m.status) for m in found.measures if m.name == "both"] == [(1, "provisional")]
    assert "only provisional" in why(measured(settled(made, inputs=early, kind="final"))["both"])


def test_a_ratio_may_be_brought_in_itself() -> None:
    assert measured(settled(contract(RATIO), inputs={"r": "80%", "calls": "1"}))["r"] == Fraction(4, 5)


def test_a_ratio_for_each_party() -> None:
    found = settled(contract(RATIO), inputs={"by_party": {"acute": 3, "community": 4}, "others": 10})
    assert measured(found)["ownacute"] == Fraction(3, 10)
    assert why(measured(found)["ownlive_in"]) == "own for live_in is missing"


# figures that are curves and bands


def test_a_figure_that_is_a_curve_or_bands() -> None:
    made = contract(
        """\
        inputs: {rate: {unit: percent}, n: {unit: count}}
        terms: {top: {value: 20}}
        figures:
          curved: {curve: {of: rate, points: {0%: 0%, 50%: 100%}}}
          onward: {curve: {of: rate, points: {0%: 0%, 50%: 100%}, held: false}, rounded: {to: 0.1}}
          banded: {bands: {of: n, bands: [{below: 10, gives: 5%}, {from: 10, below: top, gives: 7%}]}}
          whole: {unit: count, is: n / 4, rounded: {to: 1, how: up}}
        """
    )
    found = settled(made, inputs={"rate": "60%", "n": 9})
    assert [found.figure(k) for k in ("curved", "onward", "banded", "whole")] == [
        1, Fraction(12, 10), Fraction(1, 20), 3,
    ]  # fmt: skip
    later = settled(made, inputs={"n": 20})
    assert why(later.figure("curved")) == "rate is missing"
    assert "outside every band" in why(later.figure("banded"))
    assert (later.figures[0].status, later.figures[3].status) == ("missing", "measured")
