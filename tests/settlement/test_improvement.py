"""Scores from a start that is brought: what is worse never earns more, whichever way the ends come to lie."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.settlement.helpers import contract, settled, why
from tests.settlement.test_measures import score

HIGHER, LOWER = ", better: higher", ", better: lower"
OWN = "{nothing_at: low, full_at: 80%}"
FURTHER = "{nothing_at: low, full_at: 80%, then: {90%: 110%}}"
OF_TWO = "{better_of: {improvement: {nothing_at: low, full_at: 80%}, attainment: {nothing_at: 60%, full_at: 80%}}}"


@pytest.mark.parametrize(("form", "way", "low", "value", "expected"), [
    (OWN, HIGHER, "60%", "70%", Fraction(1, 2)),
    (OWN, HIGHER, "90%", "50%", 0),  # once 100%: the line ran down
    (OWN, HIGHER, "90%", "85%", 0),
    (OWN, HIGHER, "90%", "90%", 0),
    (OWN, HIGHER, "90%", "90.1%", 1),
    (OWN, HIGHER, "80%", "80%", 0),
    (OWN, HIGHER, "80%", "81%", 1),
    (OWN, LOWER, "90%", "85%", Fraction(1, 2)),
    (OWN, LOWER, "70%", "75%", 0),
    (OWN, LOWER, "70%", "70%", 0),
    (OWN, LOWER, "70%", "69%", 1),
    (OWN, "", "90%", "85%", Fraction(1, 2)),  # nothing is said of what is better: the ends say it
    (FURTHER, HIGHER, "85%", "84%", 0),
    (FURTHER, HIGHER, "85%", "88%", Fraction(108, 100)),
    (FURTHER, HIGHER, "95%", "96%", Fraction(110, 100)),
    (FURTHER, HIGHER, "70%", "85%", Fraction(105, 100)),
    (FURTHER.replace("}}", "}, held: false}"), HIGHER, "85%", "100%", Fraction(120, 100)),
    (OWN.replace("}", ", held: false}"), HIGHER, "85%", "100%", 1),
    (OWN.replace("}", ", held: false}"), HIGHER, "85%", "0%", 0),
    (OWN.replace("}", ", held: false}"), HIGHER, "60%", "50%", Fraction(-1, 2)),
])  # fmt: skip
def test_a_start_at_the_full_mark_or_beyond_it(form: str, way: str, low: str, value: str, expected: Any) -> None:
    assert score(form, value, rest=way, low=low) == expected


@pytest.mark.parametrize("way", [HIGHER, ""])
@pytest.mark.parametrize(("low", "value", "expected"), [
    ("90%", "70%", Fraction(1, 2)),
    ("90%", "50%", 0),
    ("80%", "85%", 1),
    ("50%", "65%", Fraction(1, 2)),
    (None, "65%", Fraction(1, 4)),
])  # fmt: skip
def test_of_two_what_the_contract_fixes_says_which_way_is_better(
    way: str, low: str | None, value: str, expected: Any
) -> None:
    assert score(OF_TWO, value, rest=way, **({} if low is None else {"low": low})) == expected


@pytest.mark.parametrize("side", [
    "{of: low, nothing_at: 60%, full_at: 80%}",  # of something else
    "{nothing_at: high, full_at: 80%}",  # as little fixed
    "{curve: {0%: 0%, 100%: 1%}}",
])  # fmt: skip
def test_where_no_side_says_it_the_ends_do(side: str) -> None:
    form = f"{{better_of: {{one: {OWN}, two: {side}}}}}"
    assert score(form, "85%", low="90%", high="80.5%") >= Fraction(1, 2)
    assert why(score(form, "85%", low="80%", high="50%")) == "a score whose ends are equal is not assessable"


def test_a_side_of_something_else_keeps_its_own_way() -> None:
    form = "{better_of: {one: {of: low, nothing_at: 90%, full_at: 80%}, two: {nothing_at: 60%, full_at: 80%}}}"
    assert score(form, "0%", rest=HIGHER, low="80%") == 1
    whole = "{of: low, better_of: {one: {nothing_at: 90%, full_at: high}}}"
    assert score(whole, "0%", rest=HIGHER, low="80%", high="70%") == Fraction(1, 2)


def test_further_points_must_lie_further_in_the_better_direction() -> None:
    form = "{nothing_at: low, full_at: 80%, then: {high: 110%}}"
    assert score(form, "95%", rest=HIGHER, low="90%", high="85%") == Fraction(110, 100)
    assert why(score(form, "95%", rest=HIGHER, low="90%", high="75%")) == (
        "a score whose points do not go one way is not assessable"
    )


@pytest.mark.parametrize(("threshold", "expected"), [("60%", Fraction(1, 2)), ("80%", None)])
def test_terms_say_which_way_is_better_item_by_item(threshold: str, expected: Fraction | None) -> None:
    """Of one item higher is better and of the other lower: each has the way of its own threshold and mark."""
    made = contract(
        f"""\
        categories: {{item: [calm, falls]}}
        terms:
          threshold: {{unit: percent, by: item, value: {{calm: {threshold}, falls: 20%}}}}
          top: {{unit: percent, by: item, value: {{calm: 80%, falls: 10%}}}}
        inputs: {{before: {{unit: percent, by: item}}}}
        measures:
          m:
            reported: percent
            by: item
            score:
              better_of:
                attainment: {{nothing_at: threshold by item, full_at: top by item}}
                improvement: {{nothing_at: before by item, full_at: top by item}}
        """
    )
    given = {"before": {"calm": "90%", "falls": "5%"}, "m": {"calm": "70%", "falls": "8%"}}
    calm, falls = (m.score for m in settled(made, inputs=given).measures)
    assert falls == 1  # it attains the mark, though it is no better than before
    if expected is None:
        assert why(calm) == "a score whose ends are equal is not assessable"
    else:
        assert calm == expected
