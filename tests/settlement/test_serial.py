"""A settlement as JSON: read back without loss, and nothing else read at all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import alliance
from alliance.contract.calendar import LENGTHS
from alliance.contract.faults import InputError, Mark
from alliance.contract.numbers import normal
from alliance.contract.values import STATUSES, Reason, Unknown
from alliance.measures.evidence import Bounds, Evidence
from alliance.settlement import serial
from alliance.settlement.result import (
    Balance,
    FigureResult,
    Line,
    MeasureResult,
    PaymentResult,
    Received,
    Settlement,
    Transfer,
    Waterfall,
)
from alliance.settlement.state import Kept, Moved, Past, State
from tests.cli.contracts import NEIGHBOURS

CONTRACT = alliance.loads(NEIGHBOURS)
FIRST = alliance.settle(CONTRACT, "2026-27 Q1", {"well": {"value": "80%", "cases": 9}})
YEAR = alliance.settle(CONTRACT, "2026-27", {"well": "80%", "spend": "1"}, FIRST)

texts = st.text(max_size=8)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
numbers = st.fractions(max_denominator=10**6).map(normal)
marks = st.none() | st.builds(Mark, texts, st.integers(0, 999), st.integers(0, 999))
unknowns = st.builds(
    Unknown, st.lists(st.builds(Reason, texts, st.sampled_from(STATUSES), marks), max_size=2).map(tuple), st.booleans()
)
values = st.none() | st.booleans() | numbers | days | texts | unknowns


def several(of: Any, most: int = 2) -> Any:
    return st.lists(of, max_size=most).map(tuple)


lines = st.builds(
    Line, texts, texts, values, values, several(st.tuples(texts, values, texts)), texts, texts, marks, texts
)
waterfalls = st.builds(Waterfall, texts, several(lines), values, st.integers(0, 99))
received = several(st.builds(Received, texts, numbers))


def payments(parts: Any) -> Any:
    amounts = (numbers, numbers, numbers, numbers)
    return st.builds(
        PaymentResult, *([texts] * 5), st.booleans(), texts, texts, several(waterfalls, 1), several(lines, 1), received,
        values, *amounts, several(texts), parts, marks,
    )  # fmt: skip


states = st.builds(
    State,
    st.dictionaries(texts, st.dictionaries(texts, numbers, max_size=2), max_size=2),
    several(st.builds(Past, texts, days, st.sampled_from(LENGTHS), texts, texts, texts, values, st.booleans())),
    several(st.builds(Moved, texts, days, days, texts, texts, texts, texts, numbers)),
    several(st.builds(Kept, texts, texts, texts, values, st.sampled_from(STATUSES), st.none() | st.integers(0, 99))),
)
counts = st.integers(0, 99)
evidence = st.builds(
    Evidence, texts, texts, days, days, st.none() | days, *([counts] * 6), several(st.tuples(texts, values)), texts,
    texts, st.booleans(),
)  # fmt: skip
bounds = st.builds(Bounds, numbers, numbers, numbers, texts, st.none() | numbers, texts, st.none() | counts)
settlements = st.builds(
    Settlement, name=texts, digest=texts, contract=texts, title=texts, contract_digest=texts, period=texts, start=days,
    end=days, kind=texts, as_of=days, currency=texts, places=st.integers(0, 4),
    parties=st.dictionaries(texts, texts, max_size=2), accounts=st.dictionaries(texts, texts, max_size=2),
    payments=several(payments(several(payments(st.just(())), 1)), 1),
    transfers=several(st.builds(Transfer, texts, texts, texts, texts, numbers, texts)),
    measures=several(st.builds(MeasureResult, texts, texts, texts, values, texts, st.none() | st.integers(0, 99), texts,
                               values, st.booleans(), texts, texts, texts, marks, st.none() | evidence,
                               st.none() | bounds, values)),
    figures=several(st.builds(FigureResult, texts, texts, texts, values, texts, texts, marks)),
    balances=several(st.builds(Balance, texts, texts, texts, texts, numbers, numbers, numbers, numbers)),
    closing=states, notes=several(texts), engine=texts,
)  # fmt: skip


def sealed(s: Settlement) -> Settlement:
    """The settlement with the digest that it should have."""
    return dataclasses.replace(s, digest=serial.result_digest(s.transfers, s.figures, s.measures, s.balances))


@given(settlements)
def test_whatever_is_written_is_read_back_the_same(made: Settlement) -> None:
    s = sealed(made)
    text = s.to_json()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serial, "disagrees", lambda s: "")  # what is made up does not add up
        back = Settlement.from_json(text)
    assert back == s
    assert back.to_json() == text


@pytest.mark.parametrize("s", [FIRST, YEAR], ids=["quarter", "year"])
def test_a_real_settlement_is_read_back_whole(s: Settlement) -> None:
    assert Settlement.from_json(s.to_json()) == s
    assert Settlement.from_json(s.to_json(indent=None).encode()) == s
    assert "\n" not in s.to_json(indent=None)
    label = "2026-27 Q2" if s is FIRST else s.period
    again = [alliance.settle(CONTRACT, label, {"spend": "1"}, o) for o in (s, Settlement.from_json(s.to_json()))]
    assert again[0] == again[1], "what opens from it does not tell the difference"


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (Line, serial.LINE),
        (Waterfall, serial.WATERFALL),
        (Received, serial.RECEIVED),
        (PaymentResult, serial.PAYMENT),
        (Transfer, serial.TRANSFER),
        (MeasureResult, serial.MEASURE),
        (FigureResult, serial.FIGURE),
        (Balance, serial.BALANCE),
        (Settlement, serial.SETTLEMENT),
    ],
)
def test_no_field_is_forgotten(kind: Any, shape: dict[str, Any]) -> None:
    assert {f.name for f in dataclasses.fields(kind) if f.compare} == set(shape)


def test_numbers_are_exact_texts() -> None:
    third = sealed(dataclasses.replace(FIRST, transfers=(Transfer("p", "payment", "a", "b", Fraction(1, 3)),)))
    assert '"amount": "1/3"' in third.to_json()


def test_what_cannot_be_seen_is_escaped() -> None:
    text = dataclasses.replace(FIRST, title="a\u202eb\x9b\x1b").to_json()
    assert "a\\u202eb\\u009b\\u001b" in text
    assert Settlement.from_json(text).title == "a\u202eb\x9b\x1b"


def without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda found: found.pop(name)


def change(**fields: Any) -> Callable[[dict[str, Any]], object]:
    return lambda found: found.update(fields)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (without("alliance_settlement"), "does not say that it is one"),
        (change(alliance_settlement=99), "format 99, and this version reads 1"),
        (without("period"), "no 'period'"),
        (change(title=5), "5 is not text"),
        (change(places=True), "True is not a whole number"),
        (change(start="yesterday"), "something in it is not of the form"),
        (change(transfers=[{}]), "no 'payment'"),
        (change(transfers=7), "not of the form"),
        (change(parties=[]), "not of the form"),
        (change(payments=[{"shadow": "no"}]), "no 'name'"),
        (change(closing=[]), "not of the form"),
        (change(closing={"past": [], "inputs": []}), "its closing state cannot be read"),
        (lambda f: f["payments"][0].update(shadow=0), "0 is not true or false"),
        (lambda f: f["payments"][0].update(mark=["a"]), "not of the form"),
        (lambda f: f["figures"][0]["value"].update(unknown=[["x", "lost", None]]), "a status in it is not one"),
        (lambda f: f["balances"][0].update(closing="5"), "changed after it was written"),
        (lambda f: f["balances"][0].update(closing="five"), "not of the form"),
        (lambda f: f["closing"]["past"].append([]), "its closing state cannot be read"),
    ],
)
def test_what_is_not_a_settlement_is_refused(how: Callable[[dict[str, Any]], object], why: str) -> None:
    found = json.loads(FIRST.to_json())
    how(found)
    refused(json.dumps(found), why)


def refused(text: str | bytes, why: str) -> None:
    with pytest.raises(InputError) as caught:
        Settlement.from_json(text)
    (fault,) = caught.value.faults
    assert fault.code == "AC122"
    assert why in fault.message, fault.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cut short or damaged at line 1, column 1"),
        ("[]", "does not say"),
        (b"\xff", "not UTF-8 text"),
        ("1" * 5000, "a number in it is too long"),
        ('{"a": 1.5}', "1.5 is not written as an exact number"),
        ('{"a": NaN}', "NaN is not written"),
        ('{"a": 1, "a": 2}', "a key is written twice"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_not_json_is_refused(text: str | bytes, why: str) -> None:
    refused(text, why)


def test_parts_within_parts_without_end_are_refused() -> None:
    found = json.loads(FIRST.to_json())
    inner = found["payments"][0]
    for _ in range(400):
        inner = {**inner, "parts": [inner]}
    found["payments"] = [inner]
    with pytest.raises(InputError, match="nested too deep"):
        serial.from_dict(found)


def test_a_text_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serial, "MOST_CHARACTERS", 10)
    refused(" " * 11, "longer than 10 characters")


def test_a_notebook_shows_it_escaped() -> None:
    hostile = NEIGHBOURS.replace("title: Neighbours agreement", 'title: "<script>alert(1)</script>"')
    s = alliance.settle(alliance.loads(hostile), "2026-27 Q1", {"well": "80%", "spend": "20_000"})
    shown = s._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    for text in (
        "<h4>Payments</h4>",
        "<h4>Transfers</h4>",
        "<td>Hospital trust</td>",
        "1,875.01",
        "determined, shadow",
    ):
        assert text in shown
    bare = alliance.settle(alliance.loads(NEIGHBOURS.split("accounts:")[0]), "2026-27 Q1")
    assert "<table>" not in bare._repr_html_()


def test_a_notebook_names_what_is_kept_by_key() -> None:
    kept = Balance("reserve", "Reserve", "Ann", "money", 0, 5, 0, 5)
    moved = Transfer("grant", "payment", "board", "reserve/Ann", 5)
    shown = dataclasses.replace(FIRST, balances=(kept,), transfers=(moved,))._repr_html_()
    assert shown.count("<td>Reserve (Ann)</td>") == 2
