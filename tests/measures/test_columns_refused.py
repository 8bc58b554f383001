"""What is not said in columns is refused by name, so that the records are read one by one instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alliance.contract import entries as e
from alliance.contract import units as u
from alliance.contract.formula import tree as t
from alliance.measures.columns import Const, Day, NotInColumns, Quantity, Reader, Truth, Word
from alliance.measures.digits import held
from alliance.measures.typed import _literal

ibis = pytest.importorskip("ibis")
TABLE = ibis.table({"cost": "int64", "ward": "string", "on": "int64", "ok": "boolean"}, name="stays")
AT = (0, 1)


def field(name: str, unit: Any) -> t.Node:
    return t.Ref(AT, unit, "field", name, "", "")


COST, WARD, ON, OK = field("cost", u.COUNT), field("ward", u.TEXT), field("on", u.DATE), field("ok", u.BOOLEAN)


def reader() -> Reader:
    columns = {
        "cost": Quantity(TABLE.cost, 1, 10**6),
        "ward": Word(TABLE.ward),
        "on": Day(TABLE.on),
        "ok": Truth(TABLE.ok),
    }
    return Reader(columns, outer=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (lambda r: r.truth(COST), "a test that is neither true nor false"),
        (lambda r: r.quantity(WARD), "a value that is not a number"),
        (lambda r: r.read(t.By(AT, u.COUNT, COST, WARD)), "By"),
        (lambda r: r.read(t.Compare(AT, u.BOOLEAN, "=", COST, WARD)), "values of two kinds"),
        (lambda r: r.read(t.Arithmetic(AT, u.COUNT, "+", WARD, WARD)), "a sum of what are not numbers"),
        (lambda r: r.read(t.Arithmetic(AT, u.COUNT, "*", WARD, COST)), "a product of what are not numbers"),
        (lambda r: r.read(t.Arithmetic(AT, u.COUNT, "/", COST, COST)), "a quotient by a field"),
        (lambda r: r.read(t.Call(AT, u.RATIO, "exp", (COST,))), "exp()"),
    ],
)
def test_why_something_is_not_in_columns(read: Callable[[Reader], object], why: str) -> None:
    with pytest.raises(NotInColumns) as error:
        read(reader())
    assert str(error.value) == why


def test_what_columns_say() -> None:
    r = reader()
    assert isinstance(r.read(t.Compare(AT, u.BOOLEAN, "<", ON, ON)), Truth)
    assert isinstance(r.truth(OK), ibis.expr.types.BooleanColumn)
    assert not isinstance(r.read(COST), Const)


def test_a_truth_is_no_number_and_what_is_empty_is_an_empty_column() -> None:
    cost = e.Field("cost", u.MONEY, True)
    assert (held(cost, True), held(cost, 5)) == (None, 50_000)
    assert _literal(cost, None).equals(ibis.null("int64"))
