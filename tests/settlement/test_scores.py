"""Scores, curves and bands on values alone, without a contract: every edge, and why a score is not known."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from alliance.contract.entries import Band, Points, Rounding, Score
from alliance.contract.faults import InputError, Mark
from alliance.contract.numbers import normal
from alliance.contract.values import Reason, Unknown, Value, unknown
from alliance.settlement import scoring
from alliance.settlement.scoring import (
    ahead,
    between,
    bounded,
    composite,
    curve,
    figured,
    flat,
    in_bands,
    leading,
    one_way,
    points_of,
    score,
)

VIEW: Any = object()
X = unknown("x")
LEFT_OUT = Unknown((Reason("z", "not assessable"),), excluded=True)
HUGE = 2**5000
MARK = Mark("c", 7, 7)


def ex(value: Any, line: int = 1) -> Any:
    """A formula that comes to a value. It stands on a line."""
    return SimpleNamespace(value=normal(Fraction(value)) if isinstance(value, str) else value, mark=Mark("c", line))


def evaluate(expr: Any, view: Any) -> Value:
    assert view is VIEW, "a formula is evaluated where it stands"
    found: Value = expr.value
    return found


RUN: Any = SimpleNamespace(evaluate=evaluate)


def pairs(*points: tuple[Any, Any]) -> Any:
    """Points on lines 11, 12 and so on, the height of each 20 lines below."""
    return tuple((ex(x, 11 + i), ex(y, 31 + i)) for i, (x, y) in enumerate(points))


def band(start: Any, below: Any, gives: Any, line: int) -> Band:
    return Band(None if start is None else ex(start, line), None if below is None else ex(below, line), ex(gives, line))


def one(**fields: Any) -> Score:
    plain = dict.fromkeys(
        ("of", "line", "curve", "bands", "better_of", "leading", "points", "at_least", "at_most", "rounding")
    )
    return Score(**{**plain, "held": True, "mark": MARK, **fields})  # type: ignore[arg-type]


def scored(value: Value, better: str = "", **fields: Any) -> Value:
    return score(RUN, one(**fields), value, VIEW, better)


def why(value: object) -> tuple[str, str, Mark | None]:
    assert isinstance(value, Unknown), value
    (one,) = value.reasons
    return one.what, one.status, one.mark


# ---- numbers that run away


def test_a_number_that_runs_away_says_where() -> None:
    with pytest.raises(InputError) as error:
        bounded(HUGE, "the step", MARK)
    (fault,) = error.value.faults
    assert (fault.code, fault.mark) == ("AC140", MARK)
    assert fault.message == "in the step, a number grew past 4096 binary digits."
    with pytest.raises(InputError) as error:
        scored(1, curve=Points(pairs((0, HUGE), (1, HUGE)), True))
    (fault,) = error.value.faults
    assert (fault.message, fault.mark) == ("in a score, a number grew past 4096 binary digits.", MARK)


# ---- straight lines


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("x", "held", "free"),
    [
        ("-1", "10", "5"),
        ("0", "10", "10"),
        ("1", "15", "15"),
        ("2", "20", "20"),
        ("3", "24", "24"),
        ("4", "28", "28"),
        ("5", "28", "32"),
    ],
)
def test_straight_lines_between_points(turned: bool, x: str, held: str, free: str) -> None:
    points = [(0, 10), (2, 20), (4, 28)]
    points = points[::-1] if turned else points
    assert between(points, Fraction(x), True) == Fraction(held)
    assert between(points, Fraction(x), False) == Fraction(free)


def test_a_height_is_exact_and_normal() -> None:
    assert between([(0, 0), (3, 1)], 1, True) == Fraction(1, 3)
    assert type(between([(0, 0), (3, 6)], 1, True)) is int


@pytest.mark.parametrize(
    ("xs", "found"),
    [
        ([1, 2, 3], True),
        ([3, 2, 1], True),
        ([1, 1], False),
        ([1, 2, 2], False),
        ([2, 1, 1], False),
        ([1, 3, 2], False),
        ([1], True),
    ],
)
def test_points_go_one_way(xs: list[int], found: bool) -> None:
    assert one_way([(x, 0) for x in xs]) is found


def test_points_that_are_not_known_empty_or_go_both_ways() -> None:
    assert points_of(RUN, pairs((0, 1), (1, 5)), VIEW) == [(0, 1), (1, 5)]
    assert points_of(RUN, (), VIEW) == []
    assert why(points_of(RUN, pairs((0, 1), (X, 5)), VIEW))[0] == "x"
    assert why(points_of(RUN, pairs((0, 1), (1, X)), VIEW))[0] == "x"
    for points in (pairs((0, 1), (None, 5)), pairs((0, None), (1, 5))):
        assert why(points_of(RUN, points, VIEW)) == ("an empty field in a curve", "missing", Mark("c", 11))
    found = points_of(RUN, pairs((0, 1), (0, 5)), VIEW)
    assert why(found) == ("a curve whose points do not go one way", "not assessable", Mark("c", 11))


def test_a_value_through_a_curve() -> None:
    made = Points(pairs((0, 0), (2, 10)), True)
    assert [curve(RUN, made, x, VIEW) for x in (1, 3, None, X)] == [5, 10, None, X]
    assert curve(RUN, Points(pairs((0, 0), (2, 10)), False), 3, VIEW) == 15
    assert why(curve(RUN, Points(pairs((0, 0), (X, 10)), True), 1, VIEW))[0] == "x"


# ---- bands


def test_bands_are_closed_below_and_open_above() -> None:
    bands = (band(None, 5, 1, 1), band(5, 10, 2, 2), band(12, None, 3, 3))
    assert [in_bands(RUN, bands, x, VIEW) for x in (4, 5, 9, 12, 99)] == [1, 2, 2, 3, 3]
    assert in_bands(RUN, bands, None, VIEW) is None
    assert in_bands(RUN, bands, X, VIEW) is X
    for outside in (10, 11):
        found = in_bands(RUN, bands, outside, VIEW)
        assert why(found) == ("a value outside every band", "not assessable", Mark("c", 1))


def test_bands_whose_edges_are_not_known_or_empty() -> None:
    assert why(in_bands(RUN, (band(X, 5, 1, 1),), 3, VIEW))[0] == "x"
    assert why(in_bands(RUN, (band(0, X, 1, 1),), 3, VIEW))[0] == "x"
    first = band(0, 1, 1, 4)
    for edges in ((ex(None), ex(5)), (ex(0), ex(None)), (ex(None), ex(None)), (None, ex(None)), (ex(None), None)):
        found = in_bands(RUN, (first, Band(*edges, ex(1, 5))), 3, VIEW)
        assert why(found) == ("an empty field in bands", "missing", Mark("c", 5))


# ---- scores


def line(nothing: Any, full: Any, *beyond: tuple[Any, Any]) -> Any:
    return ex(nothing), ex(full), pairs(*beyond)


def test_a_score_on_a_line() -> None:
    assert [scored(x, line=line(0, 4)) for x in (-1, 1, 4, 5)] == [0, Fraction(1, 4), 1, 1]
    assert [scored(x, line=line(4, 0)) for x in (-1, 1, 4, 5)] == [1, Fraction(3, 4), 0, 0]
    assert scored(6, line=line(0, 4), held=False) == Fraction(3, 2)
    assert [scored(x, line=line(0, 4, (6, "1.1"))) for x in (5, 6, 7)] == [
        Fraction("1.05"),
        Fraction("1.1"),
        Fraction("1.1"),
    ]
    assert scored(9, of=ex(1), line=line(0, 4)) == Fraction(1, 4)
    assert scored(9, of=ex(None), line=line(0, 4)) is None
    assert scored(9, of=ex(X), line=line(0, 4)) is X


def test_a_line_whose_ends_are_not_known_equal_or_not_in_order() -> None:
    assert why(scored(1, line=line(X, 4)))[0] == why(scored(1, line=line(0, X)))[0] == "x"
    assert why(scored(1, line=line(0, 4, (X, 2))))[0] == "x"
    assert why(scored(1, line=line(4, 4))) == ("a score whose ends are equal", "not assessable", MARK)
    crooked = scored(1, line=line(0, 4, (3, 2)))
    assert why(crooked) == ("a score whose points do not go one way", "not assessable", MARK)


@pytest.mark.parametrize(
    ("ends", "excluded"), [((LEFT_OUT, 4), True), ((LEFT_OUT, LEFT_OUT), True), ((LEFT_OUT, X), False), ((X, 4), False)]
)
def test_a_line_whose_own_end_is_left_out_is_left_out(ends: tuple[Any, Any], excluded: bool) -> None:
    found = scored(1, line=line(*ends))
    assert isinstance(found, Unknown)
    assert found.excluded is excluded


def test_points_bounds_and_rounding_of_a_score() -> None:
    half = {"line": line(0, 4)}
    assert scored(2, points=ex(10), **half) == 5
    assert scored(2, at_least=ex("0.6"), **half) == Fraction("0.6")
    assert scored(2, at_most=ex("0.4"), **half) == Fraction("0.4")
    assert scored(2, at_least=ex("0.4"), at_most=ex("0.6"), **half) == Fraction("0.5")
    assert scored(2, at_most=ex("0.4"), at_least=ex("0.6"), **half) == Fraction("0.4"), "the most has the last word"
    assert scored(1, rounding=Rounding(Fraction(1, 10), "half_up"), **half) == Fraction("0.3")
    assert scored(1, rounding=Rounding(Fraction(1, 10), "down"), **half) == Fraction("0.2")
    assert why(scored(2, at_least=ex(X), **half))[0] == why(scored(2, at_most=ex(X), **half))[0] == "x"
    assert scored(2, points=ex(10), bands=(band(None, None, 7, 1),)) == 7, "bands give points themselves"


def test_the_better_of_two() -> None:
    low, high = one(line=line(0, 8)), one(line=line(0, 4))
    gone = one(line=line(LEFT_OUT, 4))
    assert scored(2, better_of=(("a", low), ("b", high))) == Fraction(1, 2)
    assert scored(2, better_of=(("a", low), ("b", gone))) == Fraction(1, 4)
    assert isinstance(scored(2, better_of=(("a", gone),)), Unknown)


# ---- what is better, and a start that is at the full mark already


def test_a_start_at_the_full_mark_leaves_a_line_no_width() -> None:
    assert [scored(x, "higher", line=line(5, 4)) for x in (3, 5, 6)] == [0, 0, 1]
    assert [scored(x, "higher", line=line(4, 4)) for x in (4, 5)] == [0, 1]
    assert [scored(x, "lower", line=line(4, 5)) for x in (6, 4, 3)] == [0, 0, 1]
    further = line(5, 4, (7, "1.6"))
    assert [scored(x, "higher", line=further) for x in (5, 6, 8)] == [0, Fraction("1.4"), Fraction("1.6")]
    assert [scored(x, "higher", line=line(0, 4)) for x in (-1, 1, 5)] == [0, Fraction(1, 4), 1]


def test_further_points_lie_where_it_is_better() -> None:
    falling = scored(6, "higher", line=line(5, 4, (3, 2)))
    assert why(falling) == ("a score whose points do not go one way", "not assessable", MARK)
    assert scored(6, line=line(5, 4, (3, 2))) == 0, "by its own ends less is better"


def test_what_is_better_is_said_of_the_measure_and_of_nothing_else() -> None:
    assert scored(9, "higher", of=ex(6), line=line(5, 4)) == 0
    assert scored(6, "higher", better_of=(("a", one(line=line(5, 4))),)) == 1
    assert scored(6, leading=(ex(1), ex(2)), better_of=(("a", one(line=line(5, 4))),)) == 1


def test_what_is_better_where_the_measure_does_not_say() -> None:
    def leads(*ends: Any, better: str = "") -> str:
        return leading(RUN, one(leading=tuple(map(ex, ends)) or None), VIEW, better)

    assert (leads(1, 2), leads(2, 1)) == ("higher", "lower")
    assert (leads(1, 1), leads(X, 1), leads(1, X), leads()) == ("", "", "", "")
    assert leads(2, 1, better="higher") == "higher"


@pytest.mark.parametrize(
    ("better", "values", "found"),
    [
        ("higher", (1, 2), True),
        ("higher", (1, 1), False),
        ("higher", (2, 1), False),
        ("lower", (2, 1), True),
        ("lower", (1, 1), False),
        ("lower", (1, 2), False),
        ("lower", (3, 2, 2), False),
    ],
)
def test_one_value_is_ahead_of_another(better: str, values: tuple[int, ...], found: bool) -> None:
    assert ahead(values, better) is found


@pytest.mark.parametrize(
    ("ends", "better", "found"),
    [
        ((5, 4), "higher", True),
        ((4, 4), "higher", True),
        ((4, 5), "higher", False),
        ((4, 5), "lower", True),
        ((5, 4), "", False),
        ((4, 5), "", False),
        ((X, 4), "higher", False),
        ((5, X), "higher", False),
    ],
)
def test_a_line_without_width_is_told(ends: tuple[Any, Any], better: str, found: bool) -> None:
    assert flat(RUN, one(line=line(*ends, (9, 9))), VIEW, better) is found
    assert flat(RUN, one(curve=Points(pairs((0, 0), (1, 1)), True)), VIEW, better) is False


# ---- figures


def figure(**fields: Any) -> Any:
    plain = dict.fromkeys(("formula", "curve", "bands", "weighted", "rounding"))
    return SimpleNamespace(**{**plain, "name": "f", "mark": MARK, **fields})


def test_a_figure_by_each_of_its_forms() -> None:
    assert figured(RUN, figure(formula=ex(7)), VIEW) == 7
    assert figured(RUN, figure(curve=(ex(1), Points(pairs((0, 0), (2, 4)), True))), VIEW) == 2
    assert figured(RUN, figure(bands=(ex(1), (band(None, None, 3, 1),))), VIEW) == 3
    half = ex("0.5")
    assert figured(RUN, figure(weighted=((ex(1), half), (ex(0), half))), VIEW) == Fraction(1, 2)
    assert figured(RUN, figure(formula=ex("0.55"), rounding=Rounding(Fraction(1, 10), "down")), VIEW) == Fraction(1, 2)


def test_a_figure_that_comes_to_nothing_at_all() -> None:
    assert why(figured(RUN, figure(formula=ex(None)), VIEW)) == ("f", "missing", MARK)
    empty = figured(RUN, figure(weighted=((ex(1), ex(0)),)), VIEW)
    assert why(empty) == ("f, whose weights are all nothing", "not assessable", None)


@pytest.mark.parametrize("value", [X, True, "A", None])
def test_what_is_no_number_is_not_rounded(value: Value) -> None:
    assert scoring.rounded(Rounding(1, "half_up"), value) is value
    assert scoring.rounded(None, Fraction(1, 2)) == Fraction(1, 2)


# ---- composites


def test_a_composite_makes_up_for_what_is_left_out() -> None:
    assert composite("c", [(1, Fraction(1, 2)), (0, Fraction(1, 2))]) == Fraction(1, 2)
    assert composite("c", [(1, Fraction(1, 4)), (0, Fraction(1, 4)), (LEFT_OUT, Fraction(1, 2))]) == Fraction(1, 2)
    assert why(composite("c", [(LEFT_OUT, 1)]))[0] == "z"
    assert why(composite("c", [(LEFT_OUT, 1), (X, 1)]))[0] == "x"
    assert why(composite("c", [(1, X)]))[0] == "x"
    assert why(composite("c", [(LEFT_OUT, X), (5, 0)]))[0] == "x"
    assert why(composite("c", [(LEFT_OUT, 1), (5, 0)])) == ("c, whose weights are all nothing", "not assessable", None)
