"""Columns as an engine has them: too wide, lacking, undated, with words of the contract; and what is beside records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.faults import InputError
from alliance.measures.connected import opened
from alliance.measures.dated import first_and_last, outside
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.settlement.reading import read_field
from tests.measures.records import CONTRACT, asks, by_hand, in_engine, plain, rows, write_csv

GIVEN = rows(4, 60)
TERM = Period("2026-27", date(2026, 4, 1), date(2027, 3, 31), "year")


def visits(fields: str, more: str = "") -> e.Input:
    return alliance.loads(
        "alliance: 1\ncontract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}}\n"
        "parties: {a: {name: A, role: payer}}\n"
        f"inputs: {{visits: {{records: {{{fields}}}{more}}}}}\n"
    ).built.inputs["visits"]


def prepared(item: e.Input, place: Path) -> Prepared:
    return Prepared(item, opened(str(place)), read_field, Store())


class Nothing:
    """What is beside the records is nothing."""

    def read(self, ref: Any) -> None:
        return None


@pytest.mark.parametrize(
    "measure",
    [
        "proportion: {of: visits, where: cost > dear_at}",
        "proportion: {of: visits, where: 'max(cost, dear_at) > 1.00 GBP'}",
        "mean: {of: visits, value: dear_at}",
        "mean: {of: visits, value: 2.50 GBP}",
    ],
)
def test_what_is_beside_the_record(measure: str, tmp_path: Path) -> None:
    text, _, _ = CONTRACT.partition("measures:\n")
    made = alliance.loads(f"{text}measures:\n  found: {{{measure}}}\n")
    asked = asks(made, ("2024-25 Q1",))
    if "dear_at" in measure:
        asked = [replace(one, env=Nothing()) for one in asked]  # type: ignore[arg-type]
    found, _ = in_engine(made, asked, opened(str(write_csv(tmp_path / "v.csv", GIVEN))))
    assert plain(found) == plain(by_hand(made, asked, GIVEN))


def test_decimals_that_are_too_large_are_faulty(tmp_path: Path) -> None:
    import duckdb

    place = tmp_path / "v.parquet"
    source = "SELECT 'p' || i AS person, CAST(i * 10000000000000 AS DECIMAL(30, 2)) AS cost FROM range(3) t(i)"
    duckdb.sql(f"COPY ({source}) TO '{place}' (FORMAT parquet)")
    found = prepared(visits("person: id, cost: GBP", ", faulty: drop and count"), place).check()
    assert (found.records, found.dropped) == (1, 2)
    assert "is too large: at most 1,000,000,000,000 is read." in found.faults.items[0].message


def test_optional_columns_may_be_lacking(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("person\np1\n")
    fields = "person: id, seen: optional date, warm: optional boolean, cost: optional GBP, note: optional id"
    assert prepared(visits(fields), tmp_path / "v.csv").check().records == 1


def test_words_of_a_contract_are_read_in_every_kind_of_column(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("person,day,safe,cost\np1,start,certainly,plenty\np2,2026-05-01,no,3\n")
    item = visits("person: id, day: date, safe: boolean, cost: GBP", ", dated: day")
    item = replace(item, reading=e.Reading({"start": "2026-04-02", "certainly": "yes", "plenty": "90"}))
    found = prepared(item, tmp_path / "v.csv").check()
    assert (found.records, found.words["safe"]) == (2, {"certainly": True})
    assert first_and_last(found) == (date(2026, 4, 2), date(2026, 5, 1))
    assert not outside(found, TERM).items


def test_records_without_a_date_are_outside_no_period(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("person\np1\n")
    found = prepared(visits("person: id"), tmp_path / "v.csv").check()
    assert first_and_last(found) == (None, None)
    assert not outside(found, TERM).items


def test_an_engine_reads_so_many_fields(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(61)]
    (tmp_path / "v.csv").write_text(",".join(names) + "\n")
    with pytest.raises(InputError, match="has more than 60 fields"):
        prepared(visits(", ".join(f"{name}: id" for name in names)), tmp_path / "v.csv").check()


def test_too_many_that_are_not_spelled_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.measures.prepared.MOST_UNUSUAL", 1)
    (tmp_path / "v.csv").write_text('person,cost\np1,"1,000"\np2,"2,000"\n')
    with pytest.raises(InputError, match="is not spelled plainly, and too many others are not either"):
        prepared(visits("person: id, cost: GBP"), tmp_path / "v.csv").check()
