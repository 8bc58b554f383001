"""What each operation of the formula language means, on values of every kind."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.formula import operations as op
from alliance.contract.values import Reason, Unknown, Value, unknown

X, Y = unknown("x"), unknown("y", "suppressed")
LEFT_OUT = Unknown((Reason("z", "not assessable"),), excluded=True)
DAY = date(2024, 1, 31)


def reason(value: Value) -> tuple[str, str]:
    assert isinstance(value, Unknown)
    (one,) = value.reasons
    return one.what, one.status


def whats(value: Value) -> list[str]:
    assert isinstance(value, Unknown), value
    return [r.what for r in value.reasons]


@pytest.mark.parametrize("operation", [op.add, op.subtract, op.multiply, op.divide])
def test_what_is_not_known_or_empty_spreads_through_arithmetic(operation: Any) -> None:
    assert [whats(operation(a, b)) for a, b in ((X, 1), (1, X), (X, None), (None, X))] == [["x"]] * 4
    assert whats(operation(X, Y)) == ["x", "y"]
    assert [operation(a, b) for a, b in ((None, 1), (1, None), (None, None))] == [None] * 3


def test_sums_and_differences_of_numbers_are_exact() -> None:
    assert (op.add(2, 3), op.subtract(2, 3)) == (5, -1)
    assert (op.add(Fraction(1, 3), Fraction(1, 6)), op.subtract(Fraction(1, 3), Fraction(1, 6))) == (
        Fraction(1, 2),
        Fraction(1, 6),
    )


def test_sums_and_differences_of_dates() -> None:
    assert op.add(DAY, 1) == op.add(1, DAY) == date(2024, 2, 1)
    assert op.add(DAY, 1, True) == op.add(1, DAY, True) == date(2024, 2, 29)
    assert op.subtract(DAY, 1) == date(2024, 1, 30)
    assert op.subtract(DAY, 2, True) == date(2023, 11, 30)
    assert op.subtract(DAY, date(2023, 12, 31)) == 31
    assert op.add(date(2023, 12, 31), 12, True) == date(2024, 12, 31)
    for found in (op.add(DAY, Fraction(1, 2)), op.subtract(DAY, Fraction(1, 2))):
        assert reason(found) == ("a part of a day added to a date", "not applicable")


@pytest.mark.parametrize(
    ("day", "by", "months", "found"),
    [
        (date(9999, 12, 30), 1, False, date(9999, 12, 31)),
        (date(9999, 12, 31), 1, False, None),
        (date(9999, 11, 30), 1, True, date(9999, 12, 30)),
        (date(9999, 12, 1), 1, True, None),
        (date(1, 2, 1), -1, True, date(1, 1, 1)),
        (date(1, 1, 1), -1, True, None),
        (date(1, 1, 1), -1, False, None),
    ],
)
def test_the_ends_of_the_calendar(day: date, by: int, months: bool, found: date | None) -> None:
    later = op.add(day, by, months)
    if found is None:
        assert reason(later) == ("a date past the calendar", "not applicable")
    else:
        assert later == found


def test_products_and_quotients_are_exact_and_normal() -> None:
    assert (op.multiply(Fraction(1, 2), 4), type(op.multiply(Fraction(1, 2), 4))) == (2, int)
    assert op.multiply(Fraction(1, 2), 3) == Fraction(3, 2)
    assert (op.divide(4, 2), type(op.divide(4, 2)), op.divide(1, 3)) == (2, int, Fraction(1, 3))
    assert reason(op.divide(5, 0)) == ("a quotient by nothing", "not assessable")
    assert reason(op.divide(5, 0, "beds")) == ("a quotient by nothing (beds)", "not assessable")
    assert (op.negative(5), op.negative(None), op.negative(X)) == (-5, None, X)
    assert (op.absolute(-5), op.absolute(None), op.absolute(X)) == (5, None, X)


@pytest.mark.parametrize(
    ("function", "of", "found"),
    [
        ("exp", 0, 1),
        ("exp", 1, Fraction("2.718281828459045235360287471")),
        ("exp", Fraction(-5, 2), Fraction("0.08208499862389879516952867447")),
        ("exp", Fraction(1, 3), Fraction("1.395612425086089528628125320")),
        ("ln", 1, 0),
        ("ln", 2, Fraction("0.6931471805599453094172321215")),
        ("ln", Fraction(1, 2), Fraction("-0.6931471805599453094172321215")),
        ("sqrt", 0, 0),
        ("sqrt", Fraction(9, 4), Fraction(3, 2)),
        ("sqrt", 2, Fraction("1.414213562373095048801688724")),
        ("sqrt", 10**60, 10**30),
    ],
)
def test_what_no_fraction_is_exactly_has_28_digits(function: str, of: Fraction, found: Fraction) -> None:
    assert op.curved(function)(of) == found


def test_curves_end_somewhere() -> None:
    assert (op.curved("exp")(None), op.curved("ln")(X)) == (None, X)
    assert op.curved("exp")(1000) == Fraction("1.970071114017046993888879352e434")
    assert op.curved("exp")(-1000) == Fraction("5.075958897549456765291809480e-435")
    for beyond in (1001, -1001, Fraction(100001, 100)):
        assert reason(op.curved("exp")(beyond)) == ("e to a power beyond 1,000", "not assessable")
    for beyond in (0, -1, Fraction(-1, 2)):
        assert reason(op.curved("ln")(beyond)) == ("the logarithm of nothing or less", "not assessable")
    assert reason(op.curved("sqrt")(-1)) == ("the square root of less than nothing", "not assessable")


def test_numbers_that_run_away_are_refused() -> None:
    most = 2**op.MAX_BITS - 1
    for value in (most, -most, Fraction(most, 2), Fraction(1, most), True, None, X, DAY, "text"):
        assert op.bounded(value) is value
    for value in (most + 1, -most - 1, Fraction(most + 2, 2), Fraction(1, most + 1)):
        with pytest.raises(op.TooLarge, match=r"^a number grew past 4096 binary digits$"):
            op.bounded(value)


def test_comparisons() -> None:
    for sign, found in {
        "=": (0, 1, 0),
        "!=": (1, 0, 1),
        "<": (1, 0, 0),
        "<=": (1, 1, 0),
        ">": (0, 0, 1),
        ">=": (0, 1, 1),
    }.items():
        compare = op.comparison(sign)
        assert tuple(compare(a, 2) for a in (1, 2, 3)) == tuple(map(bool, found))
        assert [compare(None, 2), compare(2, None), compare(None, None)] == [False] * 3
        assert [whats(compare(*pair)) for pair in ((X, 2), (2, X), (None, X), (X, None))] == [["x"]] * 4
        assert whats(compare(X, Y)) == ["x", "y"]


def test_membership() -> None:
    assert (op.is_in("a", ["b", "a"]), op.is_in("a", ["b"]), op.is_in(None, ["b"])) == (True, False, False)
    assert (op.is_in("a", [X, "a"]), whats(op.is_in("a", [X, "b"])), whats(op.is_in(X, []))) == (True, ["x"], ["x"])


def test_logic_of_three_values() -> None:
    assert (op.and_([]), op.and_([True, True]), op.and_([True, False]), op.and_([True, None])) == (
        True,
        True,
        False,
        False,
    )
    assert (op.and_([X, False]), op.and_([None, X]), whats(op.and_([X, True, Y]))) == (False, False, ["x", "y"])
    assert (op.or_([]), op.or_([False, False]), op.or_([False, True]), op.or_([None, False])) == (
        False,
        False,
        True,
        False,
    )
    assert (op.or_([X, True]), whats(op.or_([X, False])), whats(op.or_([None, Y]))) == (True, ["x"], ["y"])
    assert (op.not_(True), op.not_(False), op.not_(None), op.not_(X)) == (False, True, True, X)


@pytest.mark.parametrize(("largest", "found"), [(True, 3), (False, 1)])
def test_extremes_drop_a_side_that_is_left_out(largest: bool, found: int) -> None:
    assert op.extreme([1, 3, 2], largest) == found
    assert op.extreme([LEFT_OUT, 1, 3], largest) == found
    assert whats(op.extreme([1, X], largest)) == ["x"]
    assert whats(op.extreme([LEFT_OUT, X], largest)) == ["x"]
    assert whats(op.extreme([LEFT_OUT], largest)) == ["z"]
    assert op.extreme([1, None], largest) is None
    assert whats(op.extreme([None, X], largest)) == ["x"]


@pytest.mark.parametrize(("at_least", "found"), [(True, (5, 7)), (False, (3, 5))])
def test_limits_drop_nothing(at_least: bool, found: tuple[int, int]) -> None:
    assert (op.limited(5, 3, at_least), op.limited(5, 7, at_least)) == ((5, 7) if at_least else (3, 5)) == found
    assert [op.limited(a, b, at_least) for a, b in ((None, 1), (1, None), (None, None))] == [None] * 3
    assert [whats(op.limited(a, b, at_least)) for a, b in ((LEFT_OUT, 1), (1, LEFT_OUT))] == [["z"]] * 2


@pytest.mark.parametrize(("how", "found"), [("round", (3, 2.5)), ("round_down", (2, 2.4)), ("round_up", (3, 2.5))])
def test_roundings(how: str, found: tuple[int, float]) -> None:
    whole, tenth = op.rounding(how)(Fraction(5, 2)), op.rounding(how)(Fraction(245, 100), 1)  # type: ignore[call-arg]
    assert (whole, tenth) == (found[0], Fraction(str(found[1])))
    rounded = op.rounding(how)
    assert (rounded(None, 2), whats(rounded(X, 2)), whats(rounded(1, Y)), whats(rounded(X, Y))) == (
        None,
        ["x"],
        ["y"],
        ["x", "y"],
    )
    assert rounded(Fraction(1, 4), Fraction(2)) == Fraction(1, 4)


def test_sums_and_means_of_many() -> None:
    assert (op.total([]), op.total([1, Fraction(1, 2), Fraction(1, 2)])) == (0, 2)
    assert type(op.total([Fraction(1, 2), Fraction(1, 2)])) is type(op.total([])) is int
    assert whats(op.total([1, X, None, Y])) == ["x", "y"]
    assert reason(op.total([1, None])) == ("an empty field in a sum", "missing")
    assert (op.mean([1, 2]), whats(op.mean([1, X]))) == (Fraction(3, 2), ["x"])
    assert reason(op.mean([])) == ("the mean of no records", "not assessable")
