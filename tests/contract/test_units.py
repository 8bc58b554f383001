"""Units: what goes with what, and in which words that is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract import units as u
from alliance.contract.units import Unit, UnitError, parse_unit

PLACE, DAY, YEAR = Unit("money", "place"), Unit("money", "day"), Unit("money", "year")
LEVEL, OTHER = Unit("category", options=("low", "high"), name="level"), Unit("category", options=("high", "top"))
NUMERIC = [u.MONEY, PLACE, DAY, YEAR, u.PERCENT, u.COUNT, u.RATIO, u.DAYS, u.ZERO]
ALL = [*NUMERIC, u.MONTHS, u.DATE, u.BOOLEAN, u.TEXT, LEVEL]
units = st.sampled_from(ALL)


def made(function: object, *arguments: object) -> Unit | None:
    """What comes of two units; nothing where they do not go together."""
    try:
        return function(*arguments)  # type: ignore[operator, no-any-return]
    except UnitError:
        return None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("GBP", u.MONEY),
        ("GBP a year", YEAR),
        ("GBP an hour", Unit("money", "hour")),
        ("GBP a place", PLACE),
        ("percent", u.PERCENT),
        ("count", u.COUNT),
        ("number", u.COUNT),
        ("hours", u.DAYS),
        ("id", u.TEXT),
    ],
)
def test_a_unit_is_read(text: str, unit: Unit) -> None:
    assert parse_unit(text, "GBP") == unit


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pounds", '"pounds" is not a unit.'),
        ("USD", "the contract's currency is GBP, not USD."),
        ("GBP a", '"GBP a" is not a unit.'),
        ("GBP\n", '"GBP\n" is not a unit.'),
        ("", '"" is not a unit.'),
    ],
)
def test_a_unit_that_is_none(text: str, message: str) -> None:
    with pytest.raises(UnitError) as error:
        parse_unit(text, "GBP")
    assert str(error.value) == message


def test_any_currency_where_none_is_known() -> None:
    assert parse_unit("USD", None) == u.MONEY


@pytest.mark.parametrize(
    ("unit", "shown", "spoken"),
    [
        (u.MONEY, "money", "money"),
        (PLACE, "money a place", "money a place"),
        (u.ZERO, "0", "0"),
        (u.BOOLEAN, "true or false", "true or false"),
        (u.COUNT, "count", "a plain number"),
        (LEVEL, "level", "a level"),
        (OTHER, "category", "one of high, top"),
    ],
)
def test_a_unit_in_words(unit: Unit, shown: str, spoken: str) -> None:
    assert (str(unit), unit.spoken()) == (shown, spoken)


@pytest.mark.parametrize(
    ("a", "b", "whole"),
    [
        (u.ZERO, u.MONEY, u.MONEY),
        (u.MONEY, u.ZERO, u.MONEY),
        (u.ZERO, u.ZERO, u.ZERO),
        (u.RATIO, u.ZERO, u.RATIO),
        (u.RATIO, u.PERCENT, u.PERCENT),
        (u.PERCENT, u.RATIO, u.PERCENT),
        (u.RATIO, u.COUNT, u.COUNT),
        (u.RATIO, u.RATIO, u.RATIO),
        (PLACE, PLACE, PLACE),
        (u.DATE, u.DATE, u.DATE),
        (LEVEL, u.TEXT, LEVEL),
        (LEVEL, LEVEL, LEVEL),
        (LEVEL, OTHER, Unit("category", options=("low", "high", "top"))),
        (LEVEL, Unit("category", name="level"), LEVEL),
    ],
)
def test_what_has_one_unit(a: Unit, b: Unit, whole: Unit) -> None:
    assert u.join(a, b, "compared with") == whole


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (u.PERCENT, u.COUNT),
        (u.MONEY, PLACE),
        (u.MONEY, u.RATIO),
        (u.DATE, u.PERCENT),
        (u.ZERO, u.DATE),
        (u.BOOLEAN, u.ZERO),
        (LEVEL, Unit("category", options=("other",))),
    ],
)
def test_what_has_no_one_unit(a: Unit, b: Unit) -> None:
    with pytest.raises(UnitError, match="cannot be compared with"):
        u.join(a, b, "compared with")


@pytest.mark.parametrize(
    ("a", "b", "minus", "whole"),
    [
        (u.DATE, u.DAYS, False, u.DATE),
        (u.DATE, u.MONTHS, True, u.DATE),
        (u.DAYS, u.DATE, False, u.DATE),
        (u.DATE, u.DATE, True, u.DAYS),
        (u.DAYS, u.DATE, True, "a date cannot be added or subtracted."),
        (u.DATE, u.DATE, False, "a date cannot be added or subtracted."),
        (u.MONTHS, u.MONTHS, False, u.MONTHS),
        (u.MONTHS, u.DAYS, False, "a number of months cannot be added to a length of time."),
        (u.MONEY, u.COUNT, True, "a plain number cannot be taken from money."),
        (u.PERCENT, u.RATIO, True, u.PERCENT),
        (u.BOOLEAN, u.BOOLEAN, False, "true or false cannot be added or subtracted."),
    ],
)
def test_sums(a: Unit, b: Unit, minus: bool, whole: Unit | str) -> None:
    assert said(u.add, a, b, minus) == whole


@pytest.mark.parametrize(
    ("a", "b", "whole"),
    [
        (u.MONEY, u.MONEY, "money cannot be multiplied by money."),
        (u.MONEY, u.PERCENT, u.MONEY),
        (PLACE, u.PERCENT, PLACE),
        (PLACE, u.COUNT, u.MONEY),
        (YEAR, u.COUNT, YEAR),
        (DAY, u.DAYS, u.MONEY),
        (u.DAYS, u.MONEY, "money cannot be multiplied by a length of time."),
        (u.DAYS, u.DAYS, "a length of time cannot be multiplied by a length of time."),
        (u.DAYS, u.COUNT, u.DAYS),
        (u.COUNT, u.PERCENT, u.COUNT),
        (u.PERCENT, u.PERCENT, u.PERCENT),
        (u.PERCENT, u.RATIO, u.PERCENT),
        (u.RATIO, u.RATIO, u.RATIO),
        (u.ZERO, u.ZERO, u.ZERO),
        (u.DATE, u.COUNT, "a date cannot be multiplied."),
    ],
)
def test_products(a: Unit, b: Unit, whole: Unit | str) -> None:
    assert said(u.multiply, a, b) == whole


@pytest.mark.parametrize(
    ("a", "b", "whole"),
    [
        (u.MONEY, u.MONEY, u.RATIO),
        (PLACE, PLACE, u.RATIO),
        (u.MONEY, PLACE, u.COUNT),
        (PLACE, u.MONEY, "money a place cannot be divided by money."),
        (u.MONEY, u.COUNT, u.MONEY),
        (YEAR, u.PERCENT, YEAR),
        (u.DAYS, u.DAYS, u.RATIO),
        (u.COUNT, u.COUNT, u.RATIO),
        (u.COUNT, u.DAYS, "a plain number cannot be divided by a length of time."),
        (u.ZERO, u.MONEY, u.RATIO),
        (u.MONEY, u.ZERO, "nothing can be divided by 0."),
        (u.MONEY, u.DATE, "a date cannot be divided."),
    ],
)
def test_quotients(a: Unit, b: Unit, whole: Unit | str) -> None:
    assert said(u.divide, a, b) == whole


def said(function: object, *arguments: object) -> Unit | str:
    """What comes of two units, or why nothing does."""
    try:
        return function(*arguments)  # type: ignore[operator, no-any-return]
    except UnitError as error:
        return str(error)


# ---- what holds of all units


@given(units, units)
def test_sameness_has_no_order(a: Unit, b: Unit) -> None:
    assert u.same(a, b) == u.same(b, a)


@given(units)
def test_a_unit_is_the_same_as_itself(a: Unit) -> None:
    assert u.same(a, a)
    assert u.join(a, a, "compared with") == a


@given(units, units)
def test_what_is_joined_is_the_same_as_both(a: Unit, b: Unit) -> None:
    whole = made(u.join, a, b, "compared with")
    assert (whole is not None) == u.same(a, b)
    if whole is not None:
        assert u.same(whole, a)
        assert u.same(whole, b)
        assert made(u.join, b, a, "compared with") == whole


@given(units, units)
def test_sums_and_products_have_no_order(a: Unit, b: Unit) -> None:
    assert made(u.add, a, b, False) == made(u.add, b, a, False)
    assert made(u.multiply, a, b) == made(u.multiply, b, a)


@given(units)
def test_nothing_is_of_any_quantity(a: Unit) -> None:
    assert u.same(a, u.ZERO) == a.numeric
    assert made(u.add, a, u.ZERO, False) == (a if a.numeric else None)


PLAIN = [unit for unit in NUMERIC if not unit.per and unit != u.ZERO]


@given(st.sampled_from(PLAIN), st.sampled_from(PLAIN))
def test_a_quotient_times_its_divisor_is_what_was_divided(a: Unit, b: Unit) -> None:
    quotient = made(u.divide, a, b)
    if quotient is not None:
        back = u.multiply(quotient, b)
        assert u.same(back, a) or {back.kind, a.kind} <= {"count", "percent", "ratio"}


@given(units, units)
def test_a_refusal_is_a_sentence(a: Unit, b: Unit) -> None:
    for function, arguments in ((u.add, (a, b, True)), (u.multiply, (a, b)), (u.divide, (a, b))):
        found = said(function, *arguments)
        assert isinstance(found, Unit) or found.endswith(".")
