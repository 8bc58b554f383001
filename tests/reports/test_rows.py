"""Rows for other programs: exact columns, plain decimals."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import alliance
from alliance.contract.values import Value, unknown
from alliance.reports.rows import COLUMNS, plain_value, rows
from tests.cli.contracts import NEIGHBOURS

SETTLED = alliance.settle(alliance.loads(NEIGHBOURS), "2026-27 Q1", {"well": {"value": "80%", "cases": 20}})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(61, 500), "0.122"),
        (Fraction(2, 3), "0.666666666667"),
        (-1250, "-1250"),
        (True, "yes"),
        (False, "no"),
        (date(2026, 4, 1), "2026-04-01"),
        ("track A", "track A"),
        (None, ""),
        (unknown("x"), ""),
    ],
)
def test_values_are_plain(value: Value, text: str) -> None:
    assert plain_value(value) == text


def test_columns() -> None:
    assert {what: ",".join(columns) for what, columns in COLUMNS.items()} == {
        "transfers": "agreement,payment,payer,payee,amount",
        "payments": "agreement,payment,period,status,shadow,unit,earned,on_account,recouped,held,before,net,unearned",
        "figures": "agreement,name,value,status",
        "measures": "agreement,name,value,cases,status",
        "balances": "agreement,account,key,opening,in,out,closing",
        "rules": "agreement,rule,period,status,held_for,followed,why,clause,pack,file,line",
        "notices": "agreement,to,text,rule,facts,clause,file,line",
        "duties": "agreement,duty,party,about,due,state,on,rule,period,clause",
        "held": "agreement,rule,payment,period,payer,payee,amount,state,let_go_in,lapses,key",
    }


def test_rows_of_each_kind() -> None:
    assert list(rows("transfers", "A", SETTLED)) == [
        ("A", "grant", "board", "home", "15000.00"),
        ("A", "grant", "town", "home", "10000.00"),
        ("A", "grant", "board", "trust", "30000.15"),
        ("A", "grant", "town", "trust", "20000.10"),
        ("A", "pool", "home", "reserve", "2500.00"),
        ("A", "pool", "trust", "reserve", "5000.03"),
        ("A", "pool", "reserve", "home", "1875.00"),
        ("A", "pool", "reserve", "trust", "3750.02"),
        ("A", "pool", "reserve", "board", "1875.01"),
        ("A", "yearly", "board", "trust", "1500.00"),
    ]
    nothing = ("0.00",) * 4
    assert list(rows("payments", "A", SETTLED)) == [
        ("A", "grant", "2026-27 Q1", "determined", "no", "money", "75000.25", *nothing, "75000.25", "0.00"),
        ("A", "pool", "2026-27 Q1", "determined", "no", "money", "5625.02", *nothing, "5625.02", "1875.01"),
        ("A", "trial", "2026-27 Q1", "undetermined", "yes", "money", "", *nothing, "0.00", "0.00"),
        ("A", "yearly", "2026-27 Q1", "on account", "no", "money", "0.00", "1500.00", *nothing[1:], "1500.00", "0.00"),
    ]
    assert list(rows("figures", "A", SETTLED)) == [
        ("A", "saved", "", "missing"),
        ("A", "well.score", "0.75", "measured"),
    ]
    assert list(rows("measures", "A", SETTLED)) == [("A", "well", "0.8", "20", "measured")]
    assert list(rows("balances", "A", SETTLED)) == [("A", "reserve", "", "0.00", "7500.03", "7500.03", "0.00")]


def test_a_payment_that_came_to_nothing_has_a_row_of_zero() -> None:
    contract = alliance.loads(NEIGHBOURS)
    s = alliance.settle(contract, "2026-27 Q1", {"well": "50%", "spend": "30_000"})
    found = [row[1:] for row in rows("transfers", "A", s) if row[1] == "trial"]
    assert found == [("trial", "board", "home", "0.00")]


ADVANCED = """\
alliance: 1
contract: {id: a, title: A, term: {from: 2026-04-01, to: 2028-03-31}, settles: quarterly}
parties: {icb: {name: ICB, role: commissioner}, north: {name: North, role: provider}}
accounts: {advance: {held_by: icb}}
inputs: {lent: {unit: GBP}, due: {unit: GBP}}
payments:
  lend: {pays_for: block, start: lent, from: icb, to: north, owed: advance}
  pay: {pays_for: outcome, start: due, from: icb, to: north, recoup: {account: advance}}
  year: {pays_for: block, settles: yearly, start: 1 GBP, from: icb, to: north}
"""


def test_what_is_earned_and_taken_back_in_full_is_a_row_of_payments() -> None:
    contract = alliance.loads(ADVANCED)
    first = alliance.settle(contract, "2026-27 Q1", {"lent": "100", "due": "0"})
    s = alliance.settle(contract, "2026-27 Q2", {"lent": "0", "due": "60"}, first)
    assert [row[1:] for row in rows("transfers", "A", s)] == [("lend", "icb", "north", "0.00")]
    about, nothing = ("no", "money"), ("0.00", "0.00")
    assert [row[1:] for row in rows("payments", "A", s)] == [
        ("lend", "2026-27 Q2", "determined", *about, *nothing, *nothing, *nothing, "0.00"),
        ("pay", "2026-27 Q2", "determined", *about, "60.00", "0.00", "60.00", *nothing, *nothing),
        ("year", "2026-27 Q2", "not due", *about, "", *nothing, *nothing, *nothing),
    ]
    again = alliance.settle(contract, "2026-27 Q2", {"lent": "0", "due": "130"}, s)
    (pay,) = [row[1:] for row in rows("payments", "A", again) if row[1] == "pay"]
    assert pay == (
        "pay",
        "2026-27 Q2",
        "determined",
        *about,
        "130.00",
        "0.00",
        "100.00",
        "0.00",
        "0.00",
        "30.00",
        "0.00",
    )
