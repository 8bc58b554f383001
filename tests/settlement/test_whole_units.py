"""An exact amount shared in whole units, and who pays what part of it to whom: the arithmetic alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.numbers import Number, normal
from alliance.settlement.sharing import afforded, matrix, shared, to_unit, weighted
from alliance.settlement.wholes import UNBOUND, Bounds, Portion, Whole

VIEW: Any = object()


def numbers(texts: str) -> dict[str, Number]:
    """Numbers by letter, from a text such as "a 1.50, b 2"."""
    found = (one.split() for one in texts.split(",") if one)
    return {name: normal(Fraction(text)) for name, text in found}


def said(units: Mapping[str, Number]) -> str:
    return ", ".join(f"{k} {float(v):g}" for k, v in units.items())


@pytest.mark.parametrize(
    ("amount", "half_up", "down", "up"),
    [("1.005", "1.01", "1", "1.01"), ("1.004", "1", "1", "1.01"), ("2", "2", "2", "2")],
)
def test_a_size_in_whole_units(amount: str, half_up: str, down: str, up: str) -> None:
    x = Fraction(amount)
    assert (to_unit(x, 2), to_unit(x, 2, "half_up")) == (Fraction(half_up), Fraction(half_up))
    assert (to_unit(x, 2, "down"), to_unit(x, 2, "up")) == (Fraction(down), Fraction(up))


@pytest.mark.parametrize(
    ("exact", "caps", "payer", "others"),
    [
        ("a 1, b 1, c 1", "", "a 1, b 1, c 1", "a 1, b 1, c 1"),
        ("a 3.335, b 3.335, c 3.33", "", "a 3.34, b 3.33, c 3.33", "a 3.34, b 3.33, c 3.33"),
        # what a cap cuts stays with the payer, or goes to the others by weight
        ("a 6, b 3, c 1", "a 2", "a 2, b 3, c 1", "a 2, b 6, c 2"),
        # and on to the next, until none exceeds
        ("a 6, b 3, c 1", "a 2, b 4", "a 2, b 3, c 1", "a 2, b 4, c 4"),
        ("a 6, b 3, c 1", "a 2, b 4, c 3", "a 2, b 3, c 1", "a 2, b 4, c 3"),
        ("a 6, b 3", "a 0, b 0", "a 0, b 0", "a 0, b 0"),
        ("a 6, b 3", "a -5, b 9", "a 0, b 3", "a 0, b 9"),
        # a cap is rounded down, and who is capped takes no remainder penny
        ("a 5.005, b 5.005", "a 2.999", "a 2.99, b 5.01", "a 2.99, b 7.02"),
        # nor does who is not, past its cap
        ("a 0.999, b 0.0031, c 0.003", "a 1", "a 1, b 0.01, c 0", "a 1, b 0.01, c 0"),
        ("a 1, b 0.0025, c 0.0025", "a 1", "a 1, b 0.01, c 0", "a 1, b 0.01, c 0"),
        # a cap of somebody who gets nothing is of no account, and what is nothing stays so
        ("a 5, b 0", "a 3, z 1", "a 3, b 0", "a 3, b 0"),
        ("a 1.004, b 1.004", "a 1", "a 1, b 1", "a 1, b 1.01"),
    ],
)
def test_caps(exact: str, caps: str, payer: str, others: str) -> None:
    given_, most = numbers(exact), numbers(caps)
    assert said(shared(given_, 2, most)) == payer
    assert said(shared(given_, 2, most, "payer")) == said(shared(given_, 2, most, "carry")) == payer
    assert said(shared(given_, 2, most, "others")) == others


@pytest.mark.parametrize(
    ("exact", "caps", "most", "payer", "others"),
    [
        ("a 6, b 3", "", "3", "a 2, b 1", "a 2, b 1"),
        ("a 6, b 3", "", "9", "a 6, b 3", "a 6, b 3"),
        ("a 6, b 3", "", "2.999", "a 1.99, b 1", "a 1.99, b 1"),
        ("a 6, b 3", "a 2", "6", "a 2, b 2", "a 2, b 4"),
        ("a 6, b 3, c 3", "a 2, b 3", "8", "a 2, b 2, c 2", "a 2, b 3, c 3"),
        ("a 60, b 30", "a 2", "3", "a 2, b 1", "a 2, b 1"),
        # a bound that is just reached cuts nothing
        ("a 3.3367, b 3.3337, c 3.3336", "a 3.33", "10", "a 3.33, b 3.34, c 3.33", "a 3.33, b 3.34, c 3.33"),
    ],
)
def test_a_bound_of_the_whole(exact: str, caps: str, most: str, payer: str, others: str) -> None:
    all_of_it = numbers(exact)
    given_, whole = afforded(all_of_it, to_unit(sum(all_of_it.values()), 2), normal(Fraction(most)), 2)
    assert said(shared(given_, 2, numbers(caps), "payer", whole)) == payer
    assert said(shared(given_, 2, numbers(caps), "others", whole)) == others


def test_the_whole_may_be_said() -> None:
    assert said(shared(numbers("a 1.005, b 1.004"), 2, {}, whole=Fraction(2))) == "a 1, b 1"
    assert said(shared(numbers("a 1.005, b 1.004"), 2, {}, whole=Fraction("2.02"))) == "a 1.01, b 1.01"
    assert said(shared(numbers("a 5, b 5"), 2, {"a": 1}, whole=Fraction("5.5"))) == "a 1, b 4.5"
    assert said(shared(numbers("a 5, b 5"), 2, {"a": 1, "b": 6}, whole=Fraction("0.5"))) == "a 1, b 0"
    assert said(shared(numbers("a 0.01, b 0.004"), 2, numbers("a 0.01"), whole=Fraction("0.02"))) == "a 0.01, b 0.01"
    assert shared({}, 2, {}) == {}


def test_what_caps_cut_is_shared_again_exactly_before_it_is_rounded() -> None:
    assert said(shared(numbers("a 1/30, b 1/75"), 2, numbers("a 0.02, b 0.04"), "others")) == "a 0.02, b 0.03"
    most = numbers("a 0.02, c 0.02, d 0.06")
    # beside a's 0.02 the rest have 0.155 as 12 to 2 to 9, of which d's 0.0607 is above its cap; c's penny is not
    assert said(shared(numbers("a 0.06, b 0.06, c 0.01, d 0.045"), 2, most, "others")) == (
        "a 0.02, b 0.09, c 0.01, d 0.06"
    )


amounts = st.dictionaries(st.sampled_from("abcd"), st.fractions(0, 100, max_denominator=1000).map(normal), min_size=1)
limits = st.dictionaries(st.sampled_from("abcd"), st.fractions(-1, 60, max_denominator=1000).map(normal), max_size=4)


@given(amounts, limits, st.sampled_from(["payer", "carry", "others"]), st.none() | st.integers(0, 150))
def test_nobody_gets_more_than_a_cap_leaves(
    exact: dict[str, Number], caps: dict[str, Number], beyond: str, most: int | None
) -> None:
    afford, rounded = afforded(exact, to_unit(sum(exact.values()), 2), most, 2)
    units = shared(afford, 2, caps, beyond, rounded)
    assert list(units) == list(exact)
    assert all((v * 100).denominator == 1 and v >= 0 for v in units.values())
    assert all(units[k] <= max(c, 0) for k, c in caps.items() if k in units)
    whole = to_unit(sum(exact.values()), 2)
    assert sum(units.values()) <= (whole if most is None else min(whole, most))
    free = [k for k in units if exact[k] and (k not in caps or units[k] < to_unit(max(caps[k], 0), 2, "down"))]
    if beyond == "others" and free:
        assert sum(units.values()) == (whole if most is None else min(whole, most))


@pytest.mark.parametrize(
    ("payees", "payers", "rows"),
    [
        ("x 10, y 5", "p 1", "p-x 10, p-y 5"),
        ("x 10, y 5", "p 0.5, q 0.5", "p-x 5, q-x 5, p-y 2.5, q-y 2.5"),
        ("x 0.01, y 0.01, z 0.01", "p 0.6, q 0.4", "p-x 0.01, p-y 0.01, q-z 0.01"),
        ("x 0, y 0.03", "p 0.5, q 0.5, r 0", "p-y 0.02, q-y 0.01"),
        ("x 0", "p 1", ""),
    ],
)
def test_who_pays_whom(payees: str, payers: str, rows: str) -> None:
    found = matrix(numbers(payees), numbers(payers), 2)
    assert ", ".join(f"{a}-{b} {float(v):g}" for a, b, v in found) == rows


@given(amounts, st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_both_sides_add_up(payees: dict[str, Number], shares: list[int]) -> None:
    units = {k: to_unit(v, 2) for k, v in payees.items()}
    rows = matrix(units, {f"p{i}": normal(Fraction(s, sum(shares))) for i, s in enumerate(shares)}, 2)
    for name, amount in units.items():
        assert sum(v for _, payee, v in rows if payee == name) == amount
    assert all(v > 0 for _, _, v in rows)
    total = sum(units.values())
    for i, s in enumerate(shares):
        assert abs(sum(v for payer, _, v in rows if payer == f"p{i}") - Fraction(s, sum(shares)) * total) < Fraction(
            1, 100
        )


def test_weights_as_parts_of_one() -> None:
    assert weighted([("a", 1), ("b", 3), ("c", 0)]) == {"a": Fraction(1, 4), "b": Fraction(3, 4)}
    assert (weighted([("a", 2)]), weighted([("a", 0)]), weighted([])) == ({"a": 1}, {}, {})


# ---- limits that an amount is still held to


def held(*limits: tuple[str, int]) -> tuple[Number | None, Number | None]:
    """The low and the high that an amount is held to by limits, one after the other."""
    bounds = UNBOUND
    for kind, limit in limits:
        bounds = bounds.held(kind, limit)
    return bounds.low, bounds.high


@pytest.mark.parametrize(
    ("limits", "low", "high"),
    [
        ([], None, None),
        ([("cap", 5)], None, 5),
        ([("cap", 5), ("cap", 3)], None, 3),
        ([("cap", 3), ("cap", 5)], None, 3),
        ([("floor", 3)], 3, None),
        ([("floor", 3), ("floor", 5)], 5, None),
        ([("floor", 5), ("floor", 3)], 5, None),
        ([("floor", 3), ("cap", 5)], 3, 5),
        ([("cap", 5), ("floor", 3)], 3, 5),
        # the later of two limits that leave no room for each other is the one that holds
        ([("floor", 5), ("cap", 3)], None, 3),
        ([("cap", 3), ("floor", 5)], 5, None),
        ([("floor", 3), ("cap", 3)], 3, 3),
        ([("cap", 3), ("floor", 3)], 3, 3),
    ],
)
def test_limits_one_after_the_other(limits: list[tuple[str, int]], low: int | None, high: int | None) -> None:
    assert held(*limits) == (low, high)


def test_the_limits_of_a_sum() -> None:
    assert Bounds(1, 5).plus(Bounds(2, 3)) == Bounds(3, 8)
    assert Bounds(1, 5).plus(UNBOUND) == UNBOUND.plus(Bounds(1, 5)) == UNBOUND
    assert Bounds(None, 5).plus(Bounds(2, 3)) == Bounds(None, 8)
    assert Bounds(1, None).plus(Bounds(2, 3)) == Bounds(3, None)


@pytest.mark.parametrize(
    ("low", "high", "amount", "sign", "entire", "found"),
    [
        (None, None, "1.005", 1, True, "1.01"),
        (None, None, "1.004", -1, True, "1.00"),
        # a cap is rounded down, a floor up, of a gain
        (None, "1.009", "1.009", 1, True, "1.00"),
        ("1.001", None, "1.001", 1, True, "1.01"),
        ("1.001", None, "1.001", 1, False, "1.00"),
        (None, "-3", "2", 1, True, "0"),
        ("-3", None, "0.001", 1, True, "0"),
        # and the other way round of a loss
        ("-1.009", None, "1.009", -1, True, "1.00"),
        (None, "-1.001", "1.001", -1, True, "1.01"),
        (None, "-1.001", "1.001", -1, False, "1.00"),
        ("3", None, "2", -1, True, "0"),
        (None, "3", "0.001", -1, True, "0"),
        # where both cannot be kept to the penny the cap is
        ("1.001", "1.009", "1.005", 1, True, "1.00"),
    ],
)
def test_an_amount_is_rounded_within_its_limits(
    low: str | None, high: str | None, amount: str, sign: int, entire: bool, found: str
) -> None:
    bounds = Bounds(*(None if x is None else Fraction(x) for x in (low, high)))
    assert bounds.rounded(Fraction(amount), sign, 2, entire) == Fraction(found)


# ---- portions that are rounded as one


def listed(amounts_: Iterable[tuple[str, Number]]) -> list[tuple[str, Number]]:
    return sorted(amounts_)


def whole(*portions: str, amount: str, bounds: Bounds = UNBOUND) -> Whole:
    found = Whole([Portion((("p", 1),), exact=numbers(text)) for text in portions])
    found.add(normal(Fraction(amount)), bounds, VIEW)
    return found


def units(made: Whole, sign: int = 1, resume: Any = None) -> list[tuple[str, str]]:
    return [(said(exact), f"{float(part):g}") for _, exact, part in made.divided(sign, 2, listed, resume)]


def test_the_whole_is_rounded_once_and_divided() -> None:
    made = whole("b 1, a 0.335", "c 0.335", amount="1.67")
    assert units(made) == [("a 0.335, b 1", "1.34"), ("c 0.335", "0.33")]
    assert units(made, -1) == []
    loss = whole("a -0.335", "b -0.335", amount="-0.67")
    assert units(loss, -1) == [("a 0.335", "0.34"), ("b 0.335", "0.33")]


def test_a_whole_keeps_its_limits_while_it_is_entire_and_of_one_sign() -> None:
    cap, floor = Bounds(None, Fraction("1.009")), Bounds(Fraction("1.001"), None)
    assert units(whole("a 1.009", amount="1.009")) == [("a 1.009", "1.01")]
    made = Whole([Portion((("p", 1),), exact=numbers("a 1.009"))])
    made.add(Fraction("1.009"), cap.held("floor", 0), VIEW)
    assert units(made) == [("a 1.009", "1")]
    made = Whole([Portion((("p", 1),), exact=numbers("a 1.001"))])
    made.add(Fraction("1.001"), floor.held("cap", 9), VIEW)
    assert units(made) == [("a 1.001", "1.01")]
    made.amount = Fraction(2)  # some of it stays with the payer
    assert units(made) == [("a 1.001", "1")]
    mixed = Whole([Portion((("p", 1),), exact=numbers("a 1.009, b -0.5, z 0"))])
    mixed.add(Fraction("1.009"), cap.held("floor", 0), VIEW)
    assert units(mixed) == [("a 1.009", "1.01")]
    empty = Whole([Portion((("p", 1),), exact=numbers("a 1.009, z 0"))])
    empty.add(Fraction("1.009"), cap.held("floor", 0), VIEW)
    assert units(empty) == [("a 1.009", "1")], "who gets nothing does not make it mixed"


def test_an_amount_is_added_once_of_however_many_slices() -> None:
    made = Whole()
    made.add(5, Bounds(1, 6), VIEW)
    made.add(5, Bounds(1, 6), VIEW)
    assert (made.amount, made.bounds) == (5, Bounds(1, 6))
    made.add(2, Bounds(1, 3), object())  # type: ignore[arg-type]
    assert (made.amount, made.bounds) == (7, Bounds(2, 9))
    made.add(0, Bounds(1, 1), object())  # type: ignore[arg-type]
    assert (made.amount, made.bounds) == (7, Bounds(2, 9))


def test_what_was_carried_frees_a_whole_of_its_limits() -> None:
    def resume(exact: dict[str, Number], sign: int) -> Number:
        exact["a"] += 1
        return sign * 1

    made = Whole([Portion((("p", 1),), exact=numbers("a 1.009"))])
    made.add(Fraction("1.009"), Bounds(0, Fraction("1.009")), VIEW)
    assert units(made, 1, resume) == [("a 2.009", "2.01")]
    assert units(made, 1, lambda exact, sign: 0) == [("a 1.009", "1")]
