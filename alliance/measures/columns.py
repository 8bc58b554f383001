"""Formulas over records as expressions over columns: what an engine evaluates in place of Python.

The tree is that of every other reader, and so are its meanings: numbers are whole numbers over a fixed denominator,
dates are days since 1970, and in a comparison an empty field is false. What cannot be said exactly so raises
`NotInColumns`, and the records are then counted by the plain reader.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any, cast

from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Env, compiled
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value

EPOCH = date(1970, 1, 1)
MOST = 2**62  # of any whole number on the way


class NotInColumns(Exception):
    """Something that is not said exactly in columns; the message says what."""


@dataclass(frozen=True, slots=True)
class Const:
    """The same for every record."""

    value: Value


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number: whole numbers, at most so large, over a denominator. `native` is the engine's own decimal column of so
    many digits and places, where there is one: comparing that with a fixed number is exact too, and quicker. What is
    `sure` is never empty."""

    expr: Any
    over: int
    most: int
    native: tuple[Any, int, int] | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as days since 1970; `native` is the engine's own date, where there is one."""

    expr: Any
    native: Any = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A text or a category."""

    expr: Any
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false; empty where an optional field is."""

    expr: Any
    sure: bool = False


Column = Quantity | Day | Word | Truth
Any_ = Const | Column


def days(day: date) -> int:
    """A date as days since 1970.

    >>> days(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def day_of(number: Any) -> date | None:
    """The day of a number of days since 1970.

    >>> day_of(1), day_of(None)
    (datetime.date(1970, 1, 2), None)
    """
    return None if number is None else EPOCH + timedelta(days=int(number))


class Reader:
    """Reads formulas into expressions over the columns of one table. `outer` answers what is not of the record."""

    def __init__(self, columns: Mapping[str, Column], outer: Env) -> None:
        self.columns, self.outer = columns, outer

    def truth(self, node: t.Node) -> Any:
        """A test as a column that is never empty."""
        found = self.read(node)
        if isinstance(found, Const):
            return self.fixed(found.value is True)
        if not isinstance(found, Truth):
            raise NotInColumns("a test that is neither true nor false")
        return found.expr if found.sure else found.expr.fill_null(False)

    def fixed(self, value: bool) -> Any:
        """True or false of every record, as a column."""
        some = next(iter(self.columns.values())).expr
        return some.isnull() | some.notnull() if value else some.isnull() & some.notnull()

    def quantity(self, node: t.Node) -> Quantity:
        """A number as a column."""
        found = self.read(node)
        if isinstance(found, Const):
            made = _quantity(found)
            return replace(made, expr=self.fixed(True).ifelse(made.expr, made.expr))  # a column, as sums are of columns
        if not isinstance(found, Quantity):
            raise NotInColumns("a value that is not a number")
        return found

    def read(self, node: t.Node) -> Any_:
        if not any(isinstance(part, t.Ref) and part.kind == "field" for part in node.walk()):
            return self.constant(node)
        method = getattr(self, "read_" + type(node).__name__.lower(), None)
        if method is None:
            raise NotInColumns(type(node).__name__)
        return cast(Any_, method(node))

    def constant(self, node: t.Node) -> Const:
        value = compiled(node)(self.outer)
        if isinstance(value, Unknown):
            raise NotInColumns("something that is not known")
        return Const(value)

    def read_ref(self, node: t.Ref) -> Any_:
        return self.columns[node.name]

    def read_negative(self, node: t.Negative) -> Any_:
        found = self.quantity(node.of)
        return Quantity(-found.expr, found.over, found.most, sure=found.sure)

    def read_arithmetic(self, node: t.Arithmetic) -> Any_:
        if any(side.unit is not None and side.unit.kind == "months" for side in (node.left, node.right)):
            raise NotInColumns("months added to a date")
        left, right = self.read(node.left), self.read(node.right)
        if node.op in "+-":
            return _sum(left, right, node.op == "-")
        if node.op == "*":
            return _product(left, right)
        if not isinstance(right, Const) or right.value == 0:
            raise NotInColumns("a quotient by a field")
        return _product(left, Const(1 / Fraction(right.value)))  # type: ignore[arg-type]

    def read_compare(self, node: t.Compare) -> Any_:
        return Truth(compared(node.op, self.read(node.left), self.read(node.right)), True)

    def read_isin(self, node: t.IsIn) -> Any_:
        item = self.read(node.item)
        words = [option.value for option in node.options if isinstance(option, t.Literal)]
        if isinstance(item, Word) and len(words) == len(node.options) and all(isinstance(w, str) for w in words):
            among = _false(item.expr.isin(words), item.sure)
            return Truth(~among if node.negated else among, True)
        tests = [compared("=", item, self.read(option)) for option in node.options]
        found = _joined(operator.or_, tests)
        return Truth(~found if node.negated else found, True)

    def read_logic(self, node: t.Logic) -> Any_:
        tests = [self.truth(item) for item in node.items]
        return Truth(_joined(operator.and_ if node.op == "and" else operator.or_, tests), True)

    def read_not(self, node: t.Not) -> Any_:
        return Truth(~self.truth(node.of), True)

    def read_isknown(self, node: t.IsKnown) -> Any_:
        found = self.read(node.of)
        assert not isinstance(found, Const)
        expr = found.native if isinstance(found, Day) and found.native is not None else found.expr
        return Truth(expr.isnull() if node.negated else expr.notnull(), True)

    def read_ifelse(self, node: t.IfElse) -> Any_:
        import ibis

        test = self.truth(node.test)
        first, second = _alike(self.read(node.then), self.read(node.otherwise))
        return _with(first, second, ibis.ifelse(test, first.expr, second.expr))

    def read_fallback(self, node: t.Fallback) -> Any_:
        import ibis

        first, second = _alike(self.read(node.first), self.read(node.second))
        return _with(first, second, ibis.coalesce(first.expr, second.expr))

    def read_call(self, node: t.Call) -> Any_:
        import ibis

        if node.function == "abs":
            found = self.quantity(node.arguments[0])
            return Quantity(
                ibis.ifelse(found.expr < 0, -found.expr, found.expr), found.over, found.most, sure=found.sure
            )
        if node.function == "days":
            return self.quantity(node.arguments[0])
        if node.function not in ("min", "max"):
            raise NotInColumns(f"{node.function}()")
        found_all = [self.read(a) for a in node.arguments]
        best: Any = found_all[0]
        for one in found_all[1:]:
            best, other = _alike(best, one)
            first = best.expr <= other.expr if node.function == "min" else best.expr >= other.expr
            # a comparison with what is empty is neither, so that either side being empty leaves it empty
            chosen = ibis.cases((first, best.expr), (~first, other.expr))
            best = _with(best, other, chosen)
        return cast(Any_, best)


def _joined(how: Callable[[Any, Any], Any], tests: list[Any]) -> Any:
    found = tests[0]
    for one in tests[1:]:
        found = how(found, one)
    return found


def _quantity(found: Const) -> Quantity:
    import ibis

    value = found.value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise NotInColumns("a value that is not a number")
    _small(value.numerator)
    return Quantity(ibis.literal(value.numerator, type="int64"), value.denominator, abs(value.numerator), sure=True)


def _small(most: int) -> int:
    if abs(most) >= MOST:
        raise NotInColumns("a number past 64 bits")
    return abs(most)


def _column(found: Any_, like: Any_) -> Column:
    """A constant as a column of the kind of what it stands beside."""
    import ibis

    if not isinstance(found, Const):
        return found
    value = found.value
    if value is None:
        raise NotInColumns("nothing in a formula")
    if isinstance(value, bool):
        return Truth(ibis.literal(value), True)
    if isinstance(value, str):
        return Word(ibis.literal(value), True)
    if isinstance(value, date):
        return Day(ibis.literal(days(value), type="int64"), sure=True)
    return _quantity(found)


def _alike(left: Any_, right: Any_) -> tuple[Any, Any]:
    """Two values of one kind, numbers over one denominator."""
    a, b = _column(left, right), _column(right, left)
    if type(a) is not type(b):
        raise NotInColumns("values of two kinds")
    if isinstance(a, Quantity) and isinstance(b, Quantity):
        return _over(a, lcm(a.over, b.over)), _over(b, lcm(a.over, b.over))
    return a, b


def _over(found: Quantity, over: int) -> Quantity:
    by = over // found.over
    if by == 1:
        return found
    return Quantity(found.expr * by, over, _small(found.most * by), sure=found.sure)


def _with(first: Any, second: Any, expr: Any) -> Column:
    sure = first.sure and second.sure
    if isinstance(first, Quantity):
        return Quantity(expr, first.over, max(first.most, second.most), sure=sure)
    made: Column = type(first)(expr, sure=sure)
    return made


def literal_day(column: Day, day: int) -> tuple[Any, Any]:
    """A date column and a day since 1970, in whichever way they are compared most quickly."""
    if column.native is not None:
        return column.native, EPOCH + timedelta(days=day)
    return column.expr, day


def _sum(left: Any_, right: Any_, minus: bool) -> Column:
    a, b = _column(left, right), _column(right, left)
    if isinstance(a, Day) and isinstance(b, Day) and minus:
        if a.native is not None and b.native is not None:
            return Quantity(a.native.delta(b.native, unit="day"), 1, 1_000_000, sure=a.sure and b.sure)
        return Quantity(a.expr - b.expr, 1, 1_000_000, sure=a.sure and b.sure)
    if isinstance(b, Day) and not minus:
        a, b = b, a
    if isinstance(a, Day):
        if not isinstance(b, Quantity) or b.over != 1 or b.most > 1_000_000:
            raise NotInColumns("a part of a day added to a date")
        return Day(a.expr - b.expr if minus else a.expr + b.expr, sure=a.sure and b.sure)
    first, second = _alike(a, b)
    if not isinstance(first, Quantity):
        raise NotInColumns("a sum of what are not numbers")
    expr = first.expr - second.expr if minus else first.expr + second.expr
    return Quantity(expr, first.over, _small(first.most + second.most), sure=first.sure and second.sure)


def _product(left: Any_, right: Any_) -> Quantity:
    a, b = _column(left, right), _column(right, left)
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        raise NotInColumns("a product of what are not numbers")
    return Quantity(a.expr * b.expr, _small(a.over * b.over), _small(a.most * b.most), sure=a.sure and b.sure)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def compared(op: str, left: Any_, right: Any_) -> Any:
    """A comparison, false where a side is empty."""
    if isinstance(left, Const):
        left, right, op = right, left, _TURNED[op]
    if isinstance(left, Quantity) and isinstance(right, Const):
        return _against(op, left, right)
    if isinstance(left, Day) and left.native is not None and isinstance(right, Const) and type(right.value) is date:
        return _false(_OPERATORS[op](left.native, right.value), left.sure)
    if isinstance(left, Day) and isinstance(right, Day) and left.native is not None and right.native is not None:
        return _false(_OPERATORS[op](left.native, right.native), left.sure and right.sure)
    a, b = _alike(left, right)
    return _false(_OPERATORS[op](a.expr, b.expr), a.sure and b.sure)


def _false(found: Any, sure: bool) -> Any:
    """A comparison, false where a side is empty."""
    return found if sure else found.fill_null(False)


def _against(op: str, found: Quantity, fixed: Const) -> Any:
    """A column against a fixed number, which becomes a whole number: no product is needed, so none is too large."""
    value = fixed.value
    if isinstance(value, bool) or not isinstance(value, int | Fraction):
        raise NotInColumns("a number compared with what is none")
    edge = Fraction(value) * found.over
    if abs(edge) >= MOST:
        raise NotInColumns("a number past 64 bits")
    if op in ("=", "!=") and edge.denominator != 1:
        return found.expr.notnull() & (op == "!=")
    whole = floor(edge) if op in ("<=", ">") else ceil(edge)
    if found.native is not None:
        source, digits, places = found.native
        if abs(whole) < 10**digits:
            import ibis

            fixed_decimal = ibis.literal(Decimal(whole).scaleb(-places), type=f"decimal({digits}, {places})")
            return _false(_OPERATORS[op](source, fixed_decimal), found.sure)
    return _false(_OPERATORS[op](found.expr, whole), found.sure)


def number(total: int, over: int) -> Number:
    """A sum of whole numbers over a denominator, as an exact number."""
    if over == 1:
        return total
    found = Fraction(total, over)
    return found.numerator if found.denominator == 1 else found
