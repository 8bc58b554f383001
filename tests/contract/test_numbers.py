"""Exact reading, writing, rounding and sharing of numbers."""

from __future__ import annotations

import datetime
import decimal
import doctest
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract import numbers
from alliance.contract.numbers import (
    MOST_DIGITS,
    MOST_EXACT_DIGITS,
    MOST_PLACES,
    Number,
    from_exact_text,
    normal,
    parse_date,
    parse_duration,
    parse_number,
    parse_percent,
    round_down,
    round_half_up,
    round_up,
    share_out,
    size,
    to_decimal_text,
    to_exact_text,
)

WIDE = decimal.Context(prec=400)
integers = st.integers(-(10**15), 10**15)
fractions = st.fractions(-(10**9), 10**9, max_denominator=10**6)
decimals = st.builds(lambda n, k: normal(Fraction(n, 10**k)), integers, st.integers(0, 12))
values = st.one_of(integers, decimals, fractions.map(normal))
places = st.integers(-6, 10)


def same(found: Number, wanted: Number) -> bool:
    """Equal, and of the type that its value calls for."""
    return found == wanted and type(found) is (int if wanted.denominator == 1 else Fraction)


def fails(function: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError, match=r"\.$") as error:
        function(text)
    assert type(error.value) is ValueError
    return str(error.value)


def test_the_examples_of_the_docstrings_hold() -> None:
    result = doctest.testmod(numbers)
    assert (result.failed, result.attempted > 12) == (0, True)


class TestParseNumber:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("0", 0),
            ("-0", 0),
            ("-0.00", 0),
            ("+7", 7),
            ("010", 10),
            ("1_480", 1480),
            ("6_000_000", 6_000_000),
            ("1_150.00", 1150),
            ("-0.125", Fraction(-1, 8)),
            ("0.000_001", Fraction(1, 10**6)),
            ("0.1", Fraction(1, 10)),
            ("9" * MOST_DIGITS, 10**MOST_DIGITS - 1),
            ("1." + "0" * (MOST_DIGITS - 1), 1),
            ("_".join("9" * MOST_DIGITS), 10**MOST_DIGITS - 1),
        ],
    )
    def test_reads(self, text: str, value: Number) -> None:
        assert same(parse_number(text), value)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "There is no number here."),
            ("1 480", '"1 480" is not a number. A number has no spaces in it; digits may be set apart with _, as'),
            (" 5", "no spaces"),
            ("5\n", "no spaces"),
            ("\u22125", "Write the minus sign as a hyphen: -5."),
            ("–5", "Write the minus sign as a hyphen"),
            ("£5", "without a currency sign"),
            ("1,480.00", "without commas"),
            ("5%", "A percentage is not expected here"),
            (".5", "Write a digit before the point, as in 0.5."),
            ("-.5", "Write a digit before the point"),
            ("5.", "Write a digit after the point"),
            ("1e5", "without an exponent"),
            ("1.5E-3", "without an exponent"),
            ("0x1F", "ordinary decimal digits"),
            ("0o17", "ordinary decimal digits"),
            ("1__0", "only stand between two digits"),
            ("_1", "only stand between two digits"),
            ("1_", "only stand between two digits"),
            ("1_.5", "only stand between two digits"),
            ("1._5", "only stand between two digits"),
            ("\u0661\u0662", "digits 0 to 9 only"),
            ("\uff11", "digits 0 to 9 only"),
            ("nan", '"nan" is not a number. Write it as 1250 or 1250.50.'),
            ("inf", "is not a number"),
            ("-", "is not a number"),
            ("+-1", "is not a number"),
            ("1.2.3", "is not a number"),
            ("5-5", '"5-5" is not a number. Write it as 1250 or 1250.50.'),
            ("x" * 500, f'"{"x" * 39}…" is not a number'),
            ("x" * 40, f'"{"x" * 40}" is not a number'),
            ("x" * 41, f'"{"x" * 39}…" is not a number'),
            ("9" * 61, "has 61 digits, and a number may have 60 at most."),
            ("0." + "0" * 60, "has 61 digits, and a number may have 60 at most."),
        ],
    )
    def test_refuses(self, text: str, said: str) -> None:
        message = fails(parse_number, text)
        assert said in message
        assert len(message) < 200

    def test_a_long_text_is_refused_at_once(self) -> None:
        assert "1000000 digits" in fails(parse_number, "9" * 1_000_000)

    @given(integers, st.integers(0, 12))
    def test_agrees_with_decimal(self, units: int, scale: int) -> None:
        text = format(Decimal(units).scaleb(-scale, WIDE), "f")
        assert same(parse_number(text), Fraction(text))

    @given(st.text("0123456789+-._eE% ,xa", max_size=8))
    def test_reads_exactly_what_the_rule_says(self, text: str) -> None:
        if re.fullmatch(r"[+-]?\d+(_\d+)*(\.\d+(_\d+)*)?", text):
            assert same(parse_number(text), Fraction(text.replace("_", "")))
        else:
            fails(parse_number, text)


class TestParsePercent:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("12.2%", Fraction(61, 500)), ("12.2  %", Fraction(61, 500)), ("100%", 1), ("-50%", Fraction(-1, 2))],
    )
    def test_reads(self, text: str, value: Number) -> None:
        assert same(parse_percent(text), value)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("12.2", "Write it with a percent sign, as in 12.5%."),
            ("", "Write it with a percent sign"),
            ("%", "Write a number before the percent sign"),
            (" %", "Write a number before the percent sign"),
            ("5%%", "Write one percent sign"),
            ("5% %", "Write one percent sign"),
            ("5\t%", "no spaces"),
            ("five%", '"five" is not a number'),
            ("12X%", '"12X" is not a number'),
        ],
    )
    def test_refuses(self, text: str, said: str) -> None:
        assert said in fails(parse_percent, text)


class TestParseDate:
    @pytest.mark.parametrize("text", ["1900-01-01", "2026-04-01", "2028-02-29", "2200-12-31"])
    def test_reads(self, text: str) -> None:
        assert parse_date(text) == datetime.date.fromisoformat(text)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("2026-04-31", '"2026-04-31" is not a date: April has 30 days.'),
            ("2026-12-32", "December has 31 days."),
            ("2027-02-29", "February 2027 has 28 days."),
            ("2028-02-30", "February 2028 has 29 days."),
            ("2026-04-00", "April has 30 days."),
            ("2026-13-01", "months are 01 to 12"),
            ("2026-00-01", "months are 01 to 12"),
            ("2026-4-1", "Write month and day with two digits: 2026-04-01."),
            ("01/04/2026", "Write year, month and day, as in 2026-04-01."),
            ("20260401", "Write year, month and day"),
            ("2026-04-01T00:00", "Write year, month and day"),
            ("2026-W14-3", "Write year, month and day"),
            ("٢٠٢٦-04-01", "Write year, month and day"),
            ("2026-04-01\n", "Write year, month and day"),
            ("", "Write year, month and day"),
            ("1899-12-31", "from 1900 to 2200"),
            ("2201-01-01", "from 1900 to 2200"),
            ("0000-01-01", "from 1900 to 2200"),
        ],
    )
    def test_refuses(self, text: str, said: str) -> None:
        assert said in fails(parse_date, text)

    @given(st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31)))
    def test_reads_every_date(self, date: datetime.date) -> None:
        assert parse_date(date.isoformat()) == date


class TestParseDuration:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("30 days", 30),
            ("1 day", 1),
            ("48 hours", 2),
            ("1 hour", Fraction(1, 24)),
            ("6 weeks", 42),
            ("1.5  weeks", Fraction(21, 2)),
            ("0 days", 0),
            ("1_000 days", 1000),
        ],
    )
    def test_reads(self, text: str, value: Number) -> None:
        assert same(parse_duration(text), value)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("30days", "Write a number, a space and a unit, as in 30 days."),
            ("30", "Write a number, a space and a unit"),
            ("", "Write a number, a space and a unit"),
            ("20 working days", "Working days depend on where they begin"),
            ("20 business days", "Working days depend on where they begin"),
            ("20 days working", "A duration is in hours, days or weeks."),
            ("3 months", "A month has no fixed length; write days or weeks."),
            ("1 year", "A year has no fixed length"),
            ("2 quarters", "A quarter has no fixed length"),
            ("1 half-year", "A half-year has no fixed length"),
            ("30 minutes", "A duration is in hours, days or weeks."),
            ("30 dayss", "A duration is in hours, days or weeks."),
            ("30 Days", "A duration is in hours, days or weeks."),
            ("30 days ", "A duration is in hours, days or weeks."),
            ("-3 days", "It cannot be less than nothing."),
            ("thirty days", '"thirty" is not a number'),
        ],
    )
    def test_refuses(self, text: str, said: str) -> None:
        assert said in fails(parse_duration, text)


class TestDecimalText:
    @pytest.mark.parametrize(
        ("value", "fixed", "text"),
        [
            (0, None, "0"),
            (1200, None, "1200"),
            (-7, None, "-7"),
            (Fraction(1, 8), None, "0.125"),
            (Fraction(-1, 8), None, "-0.125"),
            (Fraction(3, 2), None, "1.5"),
            (Fraction(1, 5**3), None, "0.008"),
            (Fraction(1, 10**20), None, "0." + "0" * 19 + "1"),
            (Fraction(1, 3), None, "0.333333333333"),
            (Fraction(-2, 3), None, "-0.666666666667"),
            (Fraction(1, 3 * 10**20), None, "0"),
            (Fraction(-1, 3 * 10**20), None, "0"),
            (Fraction(3 * 10**14 + 1, 3 * 10**13), None, "10"),
            (Fraction(31, 30), None, "1.033333333333"),
            (Fraction(1, 2**MOST_EXACT_DIGITS * 2), None, "0"),
            (Fraction(1, 7), 0, "0"),
            (Fraction(1, 2), 0, "1"),
            (Fraction(-1, 2), 0, "-1"),
            (Fraction(1, 2**MOST_EXACT_DIGITS), None, "0." + str(5**MOST_EXACT_DIGITS).zfill(MOST_EXACT_DIGITS)),
            (Fraction(1, 5**400), None, "0." + str(2**400).zfill(400)),
            (1, MOST_PLACES, "1." + "0" * MOST_PLACES),
            (1150, 2, "1150.00"),
            (Fraction(5, 1000), 2, "0.01"),
            (Fraction(-5, 1000), 2, "-0.01"),
            (Fraction(4, 1000), 2, "0.00"),
            (Fraction(-4, 1000), 2, "0.00"),
        ],
    )
    def test_writes(self, value: Number, fixed: int | None, text: str) -> None:
        assert to_decimal_text(value, fixed) == text

    @pytest.mark.parametrize("fixed", [-1, MOST_PLACES + 1])
    def test_refuses_places_out_of_reason(self, fixed: int) -> None:
        with pytest.raises(ValueError, match="0 to 60 decimal places"):
            to_decimal_text(1, fixed)

    @pytest.mark.parametrize("fixed", [None, 2])
    def test_refuses_what_is_far_too_long(self, fixed: int | None) -> None:
        assert len(to_decimal_text(10**MOST_EXACT_DIGITS - 1, fixed)) >= MOST_EXACT_DIGITS
        with pytest.raises(ValueError, match="more than 1500 digits before the point"):
            to_decimal_text(10**MOST_EXACT_DIGITS, fixed)

    def test_a_denominator_of_thousands_of_digits_prints(self) -> None:
        x = sum((Fraction(1, p) for p in range(10**6 + 1, 10**6 + 1001)), Fraction(0))
        assert x.denominator > 10**MOST_EXACT_DIGITS
        wanted = WIDE.divide(Decimal(x.numerator), Decimal(x.denominator))
        assert to_decimal_text(x, 6) == f"{wanted:.6f}" == "0.000999"
        assert to_decimal_text(x) == f"{wanted:.12f}"

    @given(decimals)
    def test_what_terminates_is_exact_and_short(self, x: Number) -> None:
        text = to_decimal_text(x)
        assert Fraction(text) == x
        assert "e" not in text.lower()
        assert not re.search(r"\.\d*0$|\.$|^-0$", text)

    @given(values, st.integers(0, 12))
    def test_fixed_places_agree_with_decimal(self, x: Number, fixed: int) -> None:
        wide = WIDE.divide(Decimal(x.numerator), Decimal(x.denominator))
        wanted = wide.quantize(Decimal(1).scaleb(-fixed), decimal.ROUND_HALF_UP, WIDE)
        assert to_decimal_text(x, fixed) == format(wanted, "f").replace("-", "" if not wanted else "-")

    @given(fractions)
    def test_what_does_not_terminate_is_rounded_to_twelve_places(self, x: Fraction) -> None:
        text = to_decimal_text(normal(x))
        if Fraction(text) != x:
            assert Fraction(text) == round_half_up(normal(x), 12)


class TestExactText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (0, "0"),
            (-12, "-12"),
            (Fraction(5, 4), "1.25"),
            (Fraction(-1, 8), "-0.125"),
            (Fraction(2, 3), "2/3"),
            (Fraction(-2, 3), "-2/3"),
            (10**60 - 1, "9" * 60),
            (10**60, f"{10**60}/1"),
            (Fraction(1, 10**59), "0." + "0" * 58 + "1"),
            (Fraction(1, 10**60), f"1/{10**60}"),
            (Fraction(10**60 + 1, 10), f"{10**60 + 1}/10"),
            (Fraction(1, 2**59), "0." + str(5**59).zfill(59)),
            (Fraction(1, 2**60), f"1/{2**60}"),
        ],
    )
    def test_there_and_back(self, value: Number, text: str) -> None:
        assert to_exact_text(value) == text
        assert same(from_exact_text(text), value)

    @pytest.mark.parametrize(("text", "value"), [("2/4", Fraction(1, 2)), ("1.50", Fraction(3, 2)), ("-6/3", -2)])
    def test_reads_what_is_not_reduced(self, text: str, value: Number) -> None:
        assert same(from_exact_text(text), value)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "is not an exact number"),
            ("1.", "is not an exact number"),
            ("1/-2", "is not an exact number"),
            ("+1", "is not an exact number"),
            ("1_0", "is not an exact number"),
            ("1e5", "is not an exact number"),
            ("1.5/2", "is not an exact number"),
            ("1/2\n", "is not an exact number"),
            ("1/0", '"1/0" divides by nothing.'),
            ("9" * 1501, "more than 1500 digits on one side"),
            ("1/" + "9" * 1501, "more than 1500 digits on one side"),
            ("9" * 1_000_000, "is not an exact number"),
            ("9" * 1501 + "/" + "9" * 1500, "more than 1500 digits on one side"),
            ("-" + "9" * 1501 + "/" + "9" * 1500, "is not an exact number"),
        ],
    )
    def test_refuses(self, text: str, said: str) -> None:
        assert said in fails(from_exact_text, text)

    def test_the_longest(self) -> None:
        longest = 10**MOST_EXACT_DIGITS - 1
        for value in (longest, -longest, Fraction(-longest, longest - 1), Fraction(-1, longest)):
            assert same(from_exact_text(to_exact_text(value)), value)
        for value in (longest + 1, Fraction(1, longest + 1), Fraction(-longest - 1, 7)):
            with pytest.raises(ValueError, match="cannot be stored exactly"):
                to_exact_text(value)

    @given(values)
    def test_there_and_back_again(self, x: Number) -> None:
        assert same(from_exact_text(to_exact_text(x)), x)


@pytest.mark.parametrize(
    ("x", "of"), [(-3, 3), (0, 0), (1, 1), (Fraction(1, 2), Fraction(1, 2)), (Fraction(-1, 2), Fraction(1, 2))]
)
def test_a_size_has_no_sign(x: Number, of: Number) -> None:
    assert same(size(x), of)


class TestRounding:
    @pytest.mark.parametrize(
        ("x", "to", "half_up", "down", "up"),
        [
            (Fraction(5, 2), 0, 3, 2, 3),
            (Fraction(-5, 2), 0, -3, -2, -3),
            (Fraction(1, 200), 2, Fraction(1, 100), 0, Fraction(1, 100)),
            (Fraction(-1, 200), 2, Fraction(-1, 100), 0, Fraction(-1, 100)),
            (Fraction(1, 3), 2, Fraction(33, 100), Fraction(33, 100), Fraction(17, 50)),
            (Fraction(1999, 1000), 2, 2, Fraction(199, 100), 2),
            (7, 2, 7, 7, 7),
            (0, 2, 0, 0, 0),
            (1250, -2, 1300, 1200, 1300),
            (-1250, -2, -1300, -1200, -1300),
            (Fraction(2499, 2), -2, 1200, 1200, 1300),
            (49, -2, 0, 0, 100),
            (Fraction(1, 10**MOST_PLACES), MOST_PLACES, *[Fraction(1, 10**MOST_PLACES)] * 3),
            (10**MOST_PLACES, -MOST_PLACES, *[10**MOST_PLACES] * 3),
        ],
    )
    def test_rounds(self, x: Number, to: int, half_up: Number, down: Number, up: Number) -> None:
        assert same(round_half_up(x, to), half_up)
        assert same(round_down(x, to), down)
        assert same(round_up(x, to), up)

    @pytest.mark.parametrize("function", [round_half_up, round_down, round_up])
    @pytest.mark.parametrize("to", [-MOST_PLACES - 1, MOST_PLACES + 1])
    def test_refuses_places_out_of_reason(self, function: Callable[[Number, int], Number], to: int) -> None:
        with pytest.raises(ValueError, match="60 places at most"):
            function(1, to)

    @given(values, places)
    def test_agrees_with_plain_arithmetic(self, x: Number, to: int) -> None:
        unit = Fraction(1, 10) ** to
        size, sign = abs(Fraction(x)) / unit, -1 if x < 0 else 1
        down = size.numerator // size.denominator
        assert same(round_down(x, to), sign * down * unit)
        assert same(round_up(x, to), sign * (down + (size != down)) * unit)
        assert same(round_half_up(x, to), sign * (down + (size - down >= Fraction(1, 2))) * unit)

    @given(values, places)
    def test_rounding_twice_changes_nothing_and_signs_mirror(self, x: Number, to: int) -> None:
        for function in (round_half_up, round_down, round_up):
            once = function(x, to)
            assert same(function(once, to), once)
            assert function(-x, to) == -once


def slow_shares(amount: Number, weights: list[Number], to: int) -> list[Number]:
    """Largest remainder the slow way: one unit after another to whoever is furthest below the exact share."""
    unit = Fraction(1, 10) ** to
    exact = [abs(Fraction(amount)) * Fraction(weight) / sum(map(Fraction, weights)) for weight in weights]
    shares = [share // unit * unit for share in exact]
    given_one: set[int] = set()
    while sum(shares) < abs(Fraction(amount)):
        owed = [-1 if i in given_one else share - had for i, (share, had) in enumerate(zip(exact, shares, strict=True))]
        first = owed.index(max(owed))
        shares[first] += unit
        given_one.add(first)
    return [normal(share if amount >= 0 else -share) for share in shares]


weight_lists = st.lists(
    st.one_of(st.integers(0, 50), st.fractions(0, 50, max_denominator=60)).map(normal), min_size=1, max_size=12
).filter(any)


@st.composite
def shared(draw: st.DrawFn) -> tuple[Number, int]:
    """An amount to share, and the places of which it is a whole number of units."""
    to = draw(st.integers(-2, 4))
    return normal(draw(st.integers(-2000, 2000)) * Fraction(1, 10) ** to), to


class TestShareOut:
    @pytest.mark.parametrize(
        ("amount", "weights", "to", "shares"),
        [
            (100, [1, 1, 1], 2, [Fraction(3334, 100), Fraction(3333, 100), Fraction(3333, 100)]),
            (-100, [1, 1, 1], 2, [Fraction(-3334, 100), Fraction(-3333, 100), Fraction(-3333, 100)]),
            (Fraction(1, 100), [1, 1], 2, [Fraction(1, 100), 0]),
            (Fraction(1, 100), [1, 2], 2, [0, Fraction(1, 100)]),
            (Fraction(1, 100), [0, 1, 0], 2, [0, Fraction(1, 100), 0]),
            (0, [1, 2], 2, [0, 0]),
            (5, [1], 0, [5]),
            (1, [Fraction(1, 3), Fraction(1, 3), Fraction(1, 3)], 0, [1, 0, 0]),
            (10, [Fraction(6, 10), Fraction(4, 10)], 2, [6, 4]),
            (5000, [1, 1], -3, [3000, 2000]),
        ],
    )
    def test_shares(self, amount: Number, weights: list[Number], to: int, shares: list[Number]) -> None:
        found = share_out(amount, weights, to)
        assert all(same(a, b) for a, b in zip(found, shares, strict=True))

    @pytest.mark.parametrize(
        ("amount", "weights", "to", "said"),
        [
            (Fraction(1, 1000), [1], 2, "more than 2 decimal places; round it first"),
            (1500, [1], -3, "round it first"),
            (1, [], 2, r"^Weights to share by are nothing or more, and at least one is more\.$"),
            (1, [0, 0], 2, "at least one is more"),
            (1, [3, -1], 2, "nothing or more"),
            (1, [1], 99, "60 places at most"),
        ],
    )
    def test_refuses(self, amount: Number, weights: list[Number], to: int, said: str) -> None:
        with pytest.raises(ValueError, match=said):
            share_out(amount, weights, to)

    @given(shared(), weight_lists)
    def test_sums_to_the_amount_within_a_unit_of_exact(
        self, amount_to: tuple[Number, int], weights: list[Number]
    ) -> None:
        amount, to = amount_to
        found = share_out(amount, weights, to)
        unit = Fraction(1, 10) ** to
        assert sum(found) == amount
        for share, weight in zip(found, weights, strict=True):
            assert abs(share - amount * Fraction(weight) / sum(map(Fraction, weights))) < unit
            assert weight or share == 0
            assert share * amount >= 0
            assert type(share) is type(normal(share))

    @given(shared(), weight_lists)
    def test_agrees_with_the_slow_way(self, amount_to: tuple[Number, int], weights: list[Number]) -> None:
        assert share_out(amount_to[0], weights, amount_to[1]) == slow_shares(amount_to[0], weights, amount_to[1])

    @given(shared(), weight_lists, st.fractions(Fraction(1, 100), 100, max_denominator=100))
    def test_scaling_the_weights_changes_nothing(
        self, amount_to: tuple[Number, int], weights: list[Number], by: Fraction
    ) -> None:
        amount, to = amount_to
        assert share_out(amount, [normal(weight * by) for weight in weights], to) == share_out(amount, weights, to)

    @given(shared(), st.integers(1, 12))
    def test_of_equal_weights_the_first_listed_get_more(self, amount_to: tuple[Number, int], parties: int) -> None:
        sizes = [abs(Fraction(share)) for share in share_out(amount_to[0], [1] * parties, amount_to[1])]
        assert sizes == sorted(sizes, reverse=True)

    @given(shared(), weight_lists)
    def test_a_loss_mirrors_a_gain(self, amount_to: tuple[Number, int], weights: list[Number]) -> None:
        amount, to = amount_to
        assert share_out(-amount, weights, to) == [-share for share in share_out(amount, weights, to)]

    @given(shared(), weight_lists, st.randoms(use_true_random=False))
    def test_the_order_of_the_list_breaks_ties_and_nothing_else(
        self, amount_to: tuple[Number, int], weights: list[Number], random: Random
    ) -> None:
        amount, to = amount_to
        exact = [Fraction(10) ** to * amount * weight / sum(map(Fraction, weights)) for weight in weights]
        order = list(range(len(weights)))
        random.shuffle(order)
        moved = share_out(amount, [weights[i] for i in order], to)
        before = share_out(amount, weights, to)
        for place, i in enumerate(order):
            tied = [share for k, share in enumerate(exact) if k != i and abs(share) % 1 == abs(exact[i]) % 1]
            assert moved[place] == before[i] or tied
