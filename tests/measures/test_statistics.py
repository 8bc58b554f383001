"""Intervals, control limits and numbers of people: against published figures, and against mpmath at many digits."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.contract.numbers import Number, parse_number, parse_percent, round_down, round_half_up, round_up
from alliance.measures.enclosed import Bound, quantile, root
from alliance.measures.statistics import (
    FUNNEL_LEVELS,
    byar,
    funnel_proportion,
    funnel_rate,
    normal_quantile,
    people_needed,
    rate_interval,
    standing,
    wilson,
    witnessed,
)

pc = parse_percent
CASES = {c["id"]: c for c in yaml.safe_load((Path(__file__).parents[1] / "gallery" / "worked.yaml").read_text("utf-8"))}
LEVELS = st.decimals("0.5", "0.9999", places=4).map(Fraction)
DIGITS = 60


def real(x: Number) -> mpmath.mpf:
    exact = Fraction(x)
    return mpmath.mpf(exact.numerator) / exact.denominator


def z_of(level: Number) -> mpmath.mpf:
    """An independent quantile: the inverse of the error function."""
    return mpmath.sqrt(2) * mpmath.erfinv(real(level))


def wilson_of(x: int, n: int, level: Number) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The textbook formula, in another arrangement than the one tested."""
    z, p = z_of(level), mpmath.mpf(x) / n
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * mpmath.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def byar_of(x: int, level: Number) -> tuple[mpmath.mpf, mpmath.mpf]:
    z, y = z_of(level), mpmath.mpf(x + 1)
    upper = y * (1 - 1 / (9 * y) + z / (3 * mpmath.sqrt(y))) ** 3
    part = 1 - 1 / (9 * mpmath.mpf(x)) - z / (3 * mpmath.sqrt(x)) if x else 0
    return max(x * part**3, mpmath.mpf(0)) if part > 0 else mpmath.mpf(0), upper


def encloses(bound: Bound, x: mpmath.mpf, digits: int = 30) -> bool:
    low, high = bound.enclosure(digits)
    slack = mpmath.mpf(10) ** (5 - DIGITS)
    return real(low) - slack <= x <= real(high) + slack and high - low <= Fraction(1, 10**digits)


@pytest.fixture(autouse=True)
def _many_digits() -> None:
    mpmath.mp.dps = DIGITS


# the normal quantile


@pytest.mark.parametrize(
    ("level", "printed"),
    [  # percentage points of the normal distribution, as statistical tables print them
        ("50%", "0.6745"),
        ("68.27%", "1.0000"),
        ("80%", "1.2816"),
        ("90%", "1.6449"),
        ("95%", "1.9600"),
        ("98%", "2.3263"),
        ("99%", "2.5758"),
        ("99.8%", "3.0902"),
        ("99.9%", "3.2905"),
        ("99.99%", "3.8906"),
    ],
)
def test_quantiles_of_printed_tables(level: str, printed: str) -> None:
    assert normal_quantile(pc(level), 4) == parse_number(printed)


def test_a_quantile_to_thirty_places() -> None:
    assert normal_quantile(pc("95%"), 30) == parse_number("1.959963984540054235524594430521")


@given(LEVELS, st.integers(1, 50))
def test_a_quantile_is_enclosed(level: Fraction, digits: int) -> None:
    low, high = quantile(level, digits)
    assert real(low) < z_of(level) < real(high)
    assert high - low < Fraction(1, 10**digits)


@pytest.mark.parametrize("level", ["0.000001%", "99.9999999999%"])
def test_a_level_at_the_edge(level: str) -> None:
    low, high = quantile(Fraction(pc(level)), 30)
    mpmath.mp.dps = 90
    assert real(low) < z_of(pc(level)) < real(high)


@pytest.mark.parametrize("level", [0, 1, -1, Fraction(3, 2)])
def test_a_level_is_a_share(level: Number) -> None:
    for ask in (
        lambda: quantile(Fraction(level), 5),
        lambda: wilson(1, 2, level),
        lambda: byar(1, level),
        lambda: funnel_proportion(Fraction(1, 2), 5, level),
        lambda: people_needed(0, 1, level),
    ):
        with pytest.raises(ValueError, match="a level is between 0% and 100%"):
            ask()


# Wilson


def test_the_worked_case() -> None:
    case = CASES["wilson-interval"]
    assert case["rule"] == "9 events in 138; 95% Wilson interval."
    upper = wilson(9, 138, pc("95%")).upper
    assert f"{upper.rounded(3) * 100}% (rounded)" == f"{Fraction(119, 10)}% (rounded)"
    assert case["expect"] == {"upper": "11.9% (rounded)"}
    assert upper.text(3) == "0.119"


@pytest.mark.parametrize(
    ("events", "people", "lower", "upper"),
    [  # R. G. Newcombe, Stat. Med. 17 (1998) 857-872, table I, method 3
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_published_wilson_intervals(events: int, people: int, lower: str, upper: str) -> None:
    found = wilson(events, people, pc("95%"))
    assert (found.lower.text(4), found.upper.text(4)) == (lower, upper)


@pytest.mark.parametrize(
    ("events", "people", "lower", "upper"),
    [(2, 31, "1.8", "20.7"), (5, 77, "2.8", "14.3"), (8, 123, "3.3", "12.3"), (9, 138, "3.5", "11.9")],
)
def test_readmissions_of_six_and_a_half_per_cent(events: int, people: int, lower: str, upper: str) -> None:
    found = wilson(events, people).per(100)
    assert (found.lower.text(1), found.upper.text(1)) == (lower, upper)
    assert found.clears(parse_number("12.2"), "lower") == (people == 138)
    assert wilson(events, people).clears(pc("12.2%"), "lower") == (people == 138)


@given(st.integers(0, 400), st.integers(1, 400), LEVELS)
def test_wilson_is_enclosed_at_any_digits(x: int, more: int, level: Fraction) -> None:
    n = x + more - 1 or 1
    found = wilson(min(x, n), n, level)
    lower, upper = wilson_of(min(x, n), n, level)
    assert encloses(found.lower, lower)
    assert encloses(found.upper, upper)
    assert found.value == Fraction(min(x, n), n)
    assert found.lower <= found.value
    assert found.upper >= found.value


@given(st.integers(1, 200), st.integers(0, 200), st.integers(1, 99), st.integers(2, 60))
def test_clearing_is_wilsons_equation(n: int, x: int, part: int, whole: int) -> None:
    """The upper bound is below t exactly where t is above p and (t - p)² n > z² t (1 - t)."""
    x, t = min(x, n), Fraction(min(part, whole - 1), whole)
    p, square = Fraction(x, n), z_of(pc("95%")) ** 2
    beyond = real((t - p) ** 2 * n) > square * real(t * (1 - t))
    found = wilson(x, n, pc("95%"))
    assert found.clears(t, "lower") == (t > p and beyond)
    assert found.clears(t, "higher") == (t < p and beyond)


def test_none_and_all() -> None:
    none, all_ = wilson(0, 5), wilson(5, 5)
    assert none.lower == 0
    assert not none.lower > 0
    assert all_.upper == 1
    assert none.upper.text(6) == "0.434482"  # z²/(n + z²)
    assert all_.lower.text(6) == "0.565518"


@pytest.mark.parametrize(("events", "people"), [(-1, 5), (6, 5), (0, 0), (0, -1)])
def test_a_proportion_is_of_people(events: int, people: int) -> None:
    with pytest.raises(ValueError, match="a proportion is of some people"):
        wilson(events, people)


def test_a_threshold_next_to_a_bound_is_told_apart() -> None:
    bound = wilson(9, 138).upper
    near = bound.rounded(60)
    assert (bound < near) != (bound > near)
    below, above = bound.rounded(60, round_down), bound.rounded(60, round_up)
    assert above - below == Fraction(1, 10**60)
    assert bound > below
    assert bound < above


def test_an_exact_number_is_compared() -> None:
    half = Bound.of(Fraction(1, 2))
    assert half == Fraction(1, 2)
    assert half != Fraction(1, 3)
    assert half <= Fraction(1, 2) <= 1
    assert half >= Fraction(1, 2)
    assert half == half
    assert (half == "half") is False
    assert len({half, half}) == 1
    assert repr(half) == "<Bound 0.500000000000>"
    assert half.rounded(0) == 1
    assert half.rounded(0, round_down) == 0


def test_what_never_separates_is_an_error() -> None:
    never = Bound(lambda digits: (-Fraction(1, 10**digits), Fraction(1, 10**digits)))
    with pytest.raises(ArithmeticError, match="cannot be told apart"):
        never.compared(0)


@pytest.mark.parametrize(("x", "low", "high"), [(4, 2, 2), (2, "1.414", "1.415"), (Fraction(1, 4), "0.5", "0.5")])
def test_roots(x: Number, low: object, high: object) -> None:
    assert root(Fraction(x), 3, up=False) == parse_number(str(low))
    assert root(Fraction(x), 3, up=True) == parse_number(str(high))


def test_sides_and_words() -> None:
    found = wilson(9, 138)
    assert found.cautious("lower") is found.upper
    assert found.cautious("higher") is found.lower
    assert found.rounded(3) == (Fraction(35, 1000), Fraction(119, 1000))
    assert found.rounded(1, round_up) == (Fraction(1, 10), Fraction(1, 5))
    assert repr(found) == "<Interval Wilson score: 0.034687 to 0.119298>"
    for ask in (found.cautious, lambda better: found.clears(0, better)):
        with pytest.raises(ValueError, match="better is higher or lower"):
            ask("more")
    with pytest.raises(ValueError, match="per more than nothing"):
        found.per(0)


# Byar


def exact_poisson(x: int, level: Number) -> tuple[mpmath.mpf, mpmath.mpf]:
    """The exact interval of a Poisson count, by halving on its distribution function."""
    tail = (1 - real(level)) / 2

    def where(k: int, share: mpmath.mpf) -> mpmath.mpf:
        low, high = mpmath.mpf(0), mpmath.mpf(4 * x + 60)
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if mpmath.gammainc(k + 1, middle, regularized=True) > share else (low, middle)
        return low

    return (where(x - 1, 1 - tail) if x else mpmath.mpf(0)), where(x, tail)


@pytest.mark.parametrize("count", [10, 15, 65, 400])
def test_byar_is_near_the_exact_interval(count: int) -> None:
    """Public Health England's guide to confidence intervals: within 0.2% of the exact 95% limits from ten events on."""
    found = byar(count, pc("95%"))
    for bound, exact in zip((found.lower, found.upper), exact_poisson(count, pc("95%")), strict=True):
        assert abs(real(bound.rounded(10)) / exact - 1) < mpmath.mpf("0.002")


@pytest.mark.parametrize(
    ("count", "lower", "upper"),
    # exact limits of printed Poisson tables (F. Garwood, Biometrika 28 (1936) 437-442), which Byar's come near
    [(10, "4.80", "18.39"), (15, "8.40", "24.74"), (20, "12.22", "30.89"), (50, "37.11", "65.92")],
)
def test_byar_beside_printed_tables(count: int, lower: str, upper: str) -> None:
    found = byar(count)
    assert abs(found.lower.rounded(6) - Fraction(parse_number(lower))) < Fraction(2, 100)
    assert abs(found.upper.rounded(6) - Fraction(parse_number(upper))) < Fraction(2, 100)


@given(st.integers(0, 5000), LEVELS)
def test_byar_is_enclosed(x: int, level: Fraction) -> None:
    found = byar(x, level)
    lower, upper = byar_of(x, level)
    assert encloses(found.lower, lower, 25)
    assert encloses(found.upper, upper, 25)


@given(st.integers(0, 2000), st.integers(1, 10**6), st.sampled_from([1, 1000, 100_000]))
def test_a_rate_is_a_count_over_its_exposure(count: int, exposure: int, base: int) -> None:
    rate, plain = rate_interval(count, exposure).per(base), byar(count)
    assert rate.value == Fraction(count * base, exposure)
    for bound, other in ((rate.lower, plain.lower), (rate.upper, plain.upper)):
        low, high = other.enclosure(30)
        assert bound >= low * base / exposure
        assert bound <= high * base / exposure


def test_a_count_too_small_for_byar_has_no_lower_bound() -> None:
    assert byar(0).lower == 0
    assert byar(1, pc("99.99%")).lower.text(12) == "0.000000000000"
    assert byar(1, pc("99.99%")).lower >= 0


@pytest.mark.parametrize(("count", "exposure"), [(-1, 1), (1, 0), (1, -5)])
def test_a_rate_has_an_exposure(count: int, exposure: int) -> None:
    with pytest.raises(ValueError, match="a rate is of no events or more"):
        rate_interval(count, exposure)


# control limits


@pytest.mark.parametrize(
    ("people", "limits"),
    [  # computed by Public Health England's PHEindicatormethods (tests of its funnel plots), average 80.642448%
        (27, ("65.739462", "95.545433", "57.145237", "100")),
        (102, ("72.974925", "88.309971", "68.553233", "92.731663")),
        (1008, ("78.203374", "83.081521", "76.796814", "84.488082")),
        (16838, ("80.045674", "81.239222", "79.701527", "81.583368")),
        (110000, ("80.408963", "80.875933", "80.274317", "81.010578")),
        (2, ("25.885383", "100", "0", "100")),
    ],
)
def test_published_control_limits(people: int, limits: tuple[str, ...]) -> None:
    found = [funnel_proportion(pc("80.642448%"), people, level).per(100) for level in FUNNEL_LEVELS]
    bounds = [bound for limit in found for bound in (limit.lower, limit.upper)]
    for bound, printed in zip(bounds, limits, strict=True):
        assert abs(bound.rounded(8) - Fraction(parse_number(printed))) <= Fraction(2, 10**6)


@given(st.integers(1, 300), st.integers(0, 300), st.integers(1, 50), st.integers(1, 50), st.sampled_from(FUNNEL_LEVELS))
def test_outside_a_funnel_is_to_leave_the_average_out(n: int, x: int, part: int, rest: int, level: Number) -> None:
    x, average = min(x, n), Fraction(part, part + rest)
    limits, interval = funnel_proportion(average, n, level), wilson(x, n, level)
    side = standing(Fraction(x, n), limits)
    assert (side == "above") == interval.clears(average, "higher")
    assert (side == "below") == interval.clears(average, "lower")


@pytest.mark.parametrize(
    ("events", "side"), [(9, "below"), (10, "within"), (27, "within"), (28, "above")]
)  # Byar's 95% interval of 9 events ends below 18, that of 10 above it; that of 27 begins below it, of 28 above
def test_a_rate_stands_to_control_limits(events: int, side: str) -> None:
    limits, interval = funnel_rate(18, 1, pc("95%")), rate_interval(events, 1, pc("95%"))
    assert standing(events, limits) == side
    assert (side == "below", side == "above") == (interval.upper < 18, interval.lower > 18)


@given(st.integers(0, 300), st.integers(1, 400), st.integers(1, 50), st.sampled_from(FUNNEL_LEVELS))
def test_outside_a_funnel_of_rates_is_to_leave_the_average_out(x: int, part: int, n: int, level: Number) -> None:
    average = Fraction(part, n)
    limits, interval = funnel_rate(average, n, level), rate_interval(x, n, level)
    side = standing(Fraction(x, n), limits)
    assert (side == "above") == interval.clears(average, "higher")
    assert (side == "below") == interval.clears(average, "lower")


def test_edges_of_funnels() -> None:
    assert funnel_rate(0, 10, pc("95%")).upper == 0
    assert funnel_rate(Fraction(1, 10), 10, pc("95%")).lower == 0
    sure = funnel_proportion(1, 10, pc("95%"))
    assert sure.lower == sure.upper.rounded(5) == 1
    assert standing(1, sure) == "within"
    for ask in (lambda: funnel_proportion(2, 5, pc("95%")), lambda: funnel_proportion(0, 0, pc("95%"))):
        with pytest.raises(ValueError, match="an average from 0 to 1"):
            ask()
    for ask in (lambda: funnel_rate(-1, 5, pc("95%")), lambda: funnel_rate(1, 0, pc("95%"))):
        with pytest.raises(ValueError, match="an average of nothing or more"):
            ask()
    with pytest.raises(ValueError, match=r"up to 99\.9999%"):
        funnel_rate(1, 5, pc("99.99999%"))


# how many people it takes


def test_how_many_people_before_six_and_a_half_per_cent_clears_the_average() -> None:
    assert people_needed(pc("6.5%"), pc("12.2%"), pc("95%")) == 127
    assert witnessed(pc("6.5%"), pc("12.2%"), 3, pc("95%")) == (9, 138)
    assert not wilson(8, 123).clears(pc("12.2%"), "lower")


def test_people_needed_at_the_edges() -> None:
    assert people_needed(pc("5%"), pc("5%")) is None
    assert people_needed(0, 1) == 1
    assert people_needed(Fraction(1, 2), 0) == 1
    assert people_needed(0, Fraction(1, 2)) == 4  # z² = 3.84
    with pytest.raises(ValueError, match="proportions are from 0 to 1"):
        people_needed(2, 1)
    with pytest.raises(ValueError, match="prints like the comparator"):
        witnessed(pc("6.51%"), pc("6.49%"), 3)
    with pytest.raises(ValueError, match="prints like the comparator"):
        witnessed(pc("6.5%"), pc("6.5%"), 3)


@given(st.integers(1, 99), st.integers(1, 99), LEVELS)
def test_people_needed_is_where_wilson_begins_to_clear(p: int, c: int, level: Fraction) -> None:
    observed, comparator = Fraction(p, 100), Fraction(c, 100)
    needed = people_needed(observed, comparator, level)
    if needed is None:
        assert p == c
        return
    better = "lower" if p < c else "higher"
    assert wilson(observed * needed, needed, level).clears(comparator, better)
    if needed > 1:
        assert not wilson(observed * (needed - 1), needed - 1, level).clears(comparator, better)


@settings(max_examples=25)
@given(st.integers(1, 25), st.integers(31, 60))
def test_witnesses_print_as_observed_and_clear(p: int, c: int) -> None:
    observed, comparator = Fraction(p, 100), Fraction(c, 100)
    events, people = witnessed(observed, comparator, 2)
    assert round_half_up(Fraction(events, people), 2) == observed
    assert wilson(events, people).clears(comparator, "lower")
