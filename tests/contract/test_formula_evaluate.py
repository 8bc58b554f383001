"""Exact evaluation: what formulas come to, with what is not known, and the trace of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract import units as u
from alliance.contract.formula import operations as op
from alliance.contract.formula import tree as t
from alliance.contract.formula.check import check
from alliance.contract.formula.evaluate import compiled, traced
from alliance.contract.formula.parse import parse
from alliance.contract.formula.scope import PARTY, Loop, Scope, Symbol
from alliance.contract.units import Unit
from alliance.contract.values import Reason, Unknown, Value, known, merge, unknown

GONE, LEFT_OUT = unknown("spend"), unknown("rate", "not assessable", excluded=True)
PARTIES = Unit("category", options=("north", "south"), name=PARTY)


@dataclass
class Env:
    """Answers names from plain mappings."""

    values: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def read(self, ref: t.Ref) -> Value:
        self.asked.append(ref.name)
        value: Value = self.values[f"{ref.name}.{ref.attribute}" if ref.attribute else ref.name]
        return value

    def read_by(self, ref: t.Ref, key: str) -> Value:
        value: Value = self.values[ref.name][key]
        return value

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        return f"{ref.name} {key} {day}"

    def history(self, function: str, ref: t.Ref, key: str | None) -> Value:
        return f"{function} {ref.name} {key}"

    def lacking(self, over: str) -> Unknown | None:
        return self.values.get("lacking")

    def through(self, over: str) -> Iterable[Env]:
        return [Env({**self.values, **row}) for row in self.rows]


KINDS: dict[str, Unit] = {
    "money": u.MONEY, "rate": u.PERCENT, "number": u.COUNT, "day": u.DATE, "flag": u.BOOLEAN, "other": u.BOOLEAN,
    "word": u.TEXT, "time": u.DAYS, "who": PARTIES,
}  # fmt: skip
SYMBOLS = {name: Symbol("input", name, unit) for name, unit in KINDS.items()}
SYMBOLS["share"] = Symbol("term", "share", u.COUNT, PARTY, ("north", "south"))
SYMBOLS["price"] = Symbol("term", "price", u.MONEY)
SCOPE = Scope(SYMBOLS, {"rows": Loop("records", "rows", SYMBOLS)})


def tree(text: str) -> t.Node:
    node, errors = check(parse(text), SCOPE)
    assert errors == [], [e.message for e in errors]
    return node


def value(text: str, rows: list[dict[str, Any]] | None = None, **values: Any) -> Value:
    return compiled(tree(text))(Env(values, rows or []))


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("money * 2% + 5 GBP", {"money": 1000}, 25),
        ("money / 3", {"money": 1}, Fraction(1, 3)),
        ("-money", {"money": 5}, -5),
        ("number * 2", {"number": Fraction(1, 2)}, 1),
        ("day + 30 days", {"day": date(2026, 1, 31)}, date(2026, 3, 2)),
        ("30 days + day", {"day": date(2026, 1, 31)}, date(2026, 3, 2)),
        ("day + 1 month", {"day": date(2024, 1, 31)}, date(2024, 2, 29)),
        ("day - 1 year", {"day": date(2024, 2, 29)}, date(2023, 2, 28)),
        ("day - 2026-04-01", {"day": date(2026, 4, 3)}, 2),
        ("number + number", {"number": 3}, 6),
        ("3 months + 1 year + 2026-01-31", {}, date(2027, 4, 30)),
        ("time - 12 hours", {"time": 2}, Fraction(3, 2)),
        (
            "number = 5 and number != 6 and number < 6 and number <= 5 and number > 4 and number >= 5",
            {"number": 5},
            True,
        ),
        ("number in (1, 2)", {"number": 2}, True),
        ("number not in (1, 2)", {"number": 2}, False),
        ("flag or other", {"flag": False, "other": False}, False),
        ("not flag", {"flag": True}, False),
        ("1 if flag else 2", {"flag": True}, 1),
        ("1 if flag else 2", {"flag": False}, 2),
        ("number else 2", {"number": 1}, 1),
        ("number is known", {"number": 0}, True),
        ("number is missing", {"number": 0}, False),
        ("min(number, 2, 3)", {"number": 1}, 1),
        ("max(number, 2, 3)", {"number": 1}, 3),
        ("clamp(number, 2, 3)", {"number": 1}, 2),
        ("clamp(number, 2, 3)", {"number": 9}, 3),
        ("abs(number)", {"number": -1}, 1),
        ("1 / (1 + exp(-0.1 * (number - 50)))", {"number": 50}, Fraction(1, 2)),
        ("round(100% / (1 + exp(-0.1 * (number - 50))), 6)", {"number": 80}, Fraction("0.952574")),
        ("ln(number)", {"number": 1}, 0),
        ("sqrt(number)", {"number": 9}, 3),
        ("round(number)", {"number": Fraction(-5, 2)}, -3),
        ("round(number, 1)", {"number": Fraction(125, 100)}, Fraction(13, 10)),
        ("round_down(number)", {"number": Fraction(-5, 2)}, -2),
        ("round_up(number)", {"number": Fraction(9, 4)}, 3),
        ("days(number)", {"number": 3}, 3),
        ("month(day) * 10_000 + year(day)", {"day": date(2026, 4, 3)}, 42026),
        ("share by north", {"share": {"north": 5}}, 5),
        ("share by who", {"share": {"south": 6}, "who": "south"}, 6),
        ("price on day", {"day": date(2026, 4, 1)}, "price None 2026-04-01"),
        ("share by north on 2026-04-01", {}, "share north 2026-04-01"),
        ("last(number)", {}, "last number None"),
        ("so_far(number)", {}, "so_far number None"),
    ],
)
def test_what_a_formula_comes_to(text: str, values: dict[str, Any], result: Value) -> None:
    found = value(text, **values)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("text", "rows", "result"),
    [
        ("sum(number for rows)", [1, 2, Fraction(1, 2)], Fraction(7, 2)),
        ("sum(number for rows)", [], 0),
        ("sum(number for rows where number > 1)", [1, 2, 3], 5),
        ("count(rows)", [1, 2], 2),
        ("count(rows where number > 1)", [1, 2, None], 1),
        ("count(rows where not (number > 1))", [1, 2, None], 2),
        ("mean(number for rows)", [1, 2], Fraction(3, 2)),
        ("max(number for rows)", [1, 2], 2),
        ("min(number for rows)", [1, 2], 1),
    ],
)
def test_what_is_gone_through(text: str, rows: list[Any], result: Value) -> None:
    assert value(text, [{"number": n} for n in rows]) == result


@pytest.mark.parametrize(
    ("text", "rows", "said"),
    [
        ("mean(number for rows)", [], "the mean of no records is not assessable"),
        ("max(number for rows)", [], "the max of no records is not assessable"),
        ("sum(number for rows)", [1, None], "an empty field in a sum is missing"),
        ("sum(number for rows)", [1, GONE], "spend is missing"),
        ("count(rows where number > 1)", [GONE, 2], "spend is missing"),
    ],
)
def test_what_cannot_be_gone_through(text: str, rows: list[Any], said: str) -> None:
    assert str(value(text, [{"number": n} for n in rows])) == said


@pytest.mark.parametrize(
    "text",
    ["money + 5 GBP", "5 GBP + money", "money - 5 GBP", "money * 0", "0 * money", "money / 2", "2 GBP / money", "-money",
     "money > 5 GBP", "money in (5 GBP, 6 GBP)", "5 GBP in (money, 6 GBP)", "not (money > 5 GBP)", "1 if money > 5 GBP else 2",
     "abs(money)", "round(money, 1)", "max(money, 5 GBP)", "clamp(5 GBP, money, 6 GBP)", "money > 5 GBP and true",
     "money > 5 GBP or false"],
)  # fmt: skip
def test_what_is_not_known_spreads(text: str) -> None:
    assert value(text, money=GONE) == GONE


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("money > 5 GBP and false", False),
        ("false and money > 5 GBP", False),
        ("money > 5 GBP or true", True),
        ("money is known", False),
        ("money is missing", True),
        ("money else 3 GBP", 3),
        ("1 if true else (2 if money > 5 GBP else 3)", 1),
    ],
)
def test_what_does_not_need_to_be_known(text: str, result: Value) -> None:
    assert value(text, money=GONE) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("number + 1", None),
        ("1 - number", None),
        ("number * 2", None),
        ("number / 2", None),
        ("-number", None),
        ("abs(number)", None),
        ("round(number)", None),
        ("max(number, 2)", None),
        ("number > 1", False),
        ("1 > number", False),
        ("number in (1, 2)", False),
        ("not (number > 1)", True),
        ("number is known", False),
        ("number else 5", 5),
        ("month(day)", None),
        ("flag and true", False),
        ("flag or false", False),
        ("not flag", True),
        ("1 if flag else 2", 2),
    ],
)
def test_an_empty_field(text: str, result: Value) -> None:
    assert value(text, number=None, day=None, flag=None) is result


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("number / (number - 5)", {"number": 5}, "a quotient by nothing (number) is not assessable"),
        (
            "day + number * 1 day",
            {"day": date(2026, 1, 1), "number": Fraction(1, 2)},
            "a part of a day added to a date",
        ),
        (
            "day + number * 1 day",
            {"day": date(2026, 1, 1), "number": 10**12},
            "a date past the calendar is not applicable",
        ),
        (
            "day - number * 1 day",
            {"day": date(2026, 1, 1), "number": 10**60},
            "a date past the calendar is not applicable",
        ),
        ("day + 99999999 months", {"day": date(2026, 1, 1)}, "a date past the calendar is not applicable"),
        ("day - 9999999 years", {"day": date(2026, 1, 1)}, "a date past the calendar is not applicable"),
        ("share by who", {"who": None}, "the party of share is missing"),
        ("share by who", {"who": GONE}, "spend is missing"),
        ("share by who on 2026-01-01", {"who": None}, "the party of share is missing"),
        ("price on day", {"day": None}, "the date of price is missing"),
        ("price on day", {"day": GONE}, "spend is missing"),
    ],
)
def test_what_cannot_be_known(text: str, values: dict[str, Any], said: str) -> None:
    found = value(text, **values)
    assert isinstance(found, Unknown)
    assert str(found).startswith(said)


def test_history_by_a_party() -> None:
    node = t.History((0, 1), u.COUNT, "last", t.By((0, 1), u.COUNT, tree("share by north").ref, tree("who")))  # type: ignore[attr-defined]
    assert compiled(node)(Env({"who": "north"})) == "last share north"
    assert compiled(node)(Env({"who": GONE})) == GONE


def test_a_side_that_is_left_out_is_dropped() -> None:
    assert value("max(rate, 5%)", rate=LEFT_OUT) == Fraction(1, 20)
    assert value("rate + 5%", rate=LEFT_OUT) == LEFT_OUT
    assert value("max(rate, rate)", rate=LEFT_OUT) == LEFT_OUT
    both = op.extreme([LEFT_OUT, GONE], True)
    assert both == GONE


def test_only_the_branch_taken_is_read() -> None:
    env = Env({"flag": True, "number": 1, "money": GONE})
    assert compiled(tree("number if flag else time / 1 day"))(env) == 1
    assert env.asked == ["flag", "number"]


def test_unknown_values() -> None:
    other = unknown("calls", "suppressed")
    both = merge([GONE, 5, other, GONE])
    assert str(both) == "spend is missing; calls is suppressed"
    assert (both.status, other.status, Unknown(()).status) == ("missing", "suppressed", "missing")
    assert str(Unknown(())) == "not known"
    assert not known(both)
    assert not known(None)
    assert known(False)
    assert merge([LEFT_OUT]).excluded
    assert not merge([LEFT_OUT, GONE]).excluded
    assert str(Reason("x", "missing")) == "x is missing"
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(both)


def test_numbers_that_run_away() -> None:
    assert op.bounded(2**4095) == 2**4095
    assert op.bounded(GONE) == GONE
    assert op.bounded(True) is True
    for big in (2**4096, Fraction(1, 2**4096 + 1), Fraction(2**4097, 3)):
        with pytest.raises(op.TooLarge, match="4096 binary digits"):
            op.bounded(big)


@pytest.mark.parametrize(
    ("text", "values", "parts"),
    [
        ("number + 1", {"number": 2}, [2, 1]),
        ("number if flag else 5", {"number": 2, "flag": True}, [True, 2]),
        ("number if flag else 5", {"number": 2, "flag": False}, [False, 5]),
        ("number if flag else 5", {"number": 2, "flag": GONE}, [GONE]),
        ("number else 5", {"number": 2}, [2]),
        ("number else 5", {"number": GONE}, [GONE, 5]),
        ("sum(number for rows)", {}, []),
        ("last(number)", {}, []),
        ("share by who", {"who": "north", "share": {"north": 5}}, ["north"]),
        ("price on day", {"day": date(2026, 4, 1)}, [date(2026, 4, 1)]),
        ("number", {"number": 2}, []),
    ],
)
def test_a_trace_keeps_what_was_read(text: str, values: dict[str, Any], parts: list[Value]) -> None:
    node, env = tree(text), Env(values)
    found = traced(node, env)
    assert found.value == compiled(node)(env)
    assert [part.value for part in found.parts] == parts


# ---- what holds of all values

numbers = st.one_of(st.integers(-100, 100), st.fractions(-100, 100, max_denominator=50))
values = st.one_of(numbers, st.just(GONE), st.none())
truths = st.sampled_from([True, False, GONE])


@given(st.lists(truths, min_size=1, max_size=4))
def test_and_and_or_are_each_others_opposite(items: list[Any]) -> None:
    both = op.not_(op.and_([op.not_(i) for i in items]))
    assert both == op.or_(items)


@given(st.lists(truths, min_size=1, max_size=4), st.randoms())
def test_logic_has_no_order(items: list[Any], random: Any) -> None:
    other = list(items)
    random.shuffle(other)
    assert (op.and_(items), op.or_(items)) == (op.and_(other), op.or_(other))


@given(values, values)
def test_arithmetic_is_known_where_both_are(a: Any, b: Any) -> None:
    for operation in (op.add, op.subtract, op.multiply, op.divide):
        found = operation(a, b)
        if GONE in (a, b):
            assert found == GONE
        elif a is None or b is None:
            assert found is None
        elif operation is op.divide and b == 0:
            assert isinstance(found, Unknown)
        else:
            assert isinstance(found, (int, Fraction))
    if known(a) and known(b):
        assert op.add(op.subtract(a, b), b) == a
        assert b == 0 or op.multiply(op.divide(a, b), b) == a


@given(st.lists(numbers, min_size=1, max_size=5))
def test_extremes_and_totals(items: list[Any]) -> None:
    assert op.extreme(items, True) == max(items)
    assert op.extreme(items, False) == min(items)
    assert op.total(items) == sum(items)
    assert op.mean(items) == Fraction(sum(items)) / len(items)
