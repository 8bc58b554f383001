"""Every kind of measure comes to the same counts in an engine and one by one, from text, typed columns and workbooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alliance.data.table import read_table
from alliance.measures.connected import opened
from alliance.measures.engines import Engine, duckdb_files, duckdb_rows
from alliance.measures.rendered import Store
from alliance.measures.spark import spark_rows
from tests.measures.java import needs_java
from tests.measures.records import (
    COLUMNS,
    Row,
    asks,
    by_hand,
    contract,
    in_engine,
    plain,
    rows,
    write_csv,
    write_parquet,
)

LABELS = ("2023-24", "2023-24 Q4", "2024-25 Q1", "2024-04", "2024-25")
PLAIN = {"odd"}  # what is not said in columns: rounding
MADE = contract()


@pytest.fixture(scope="module")
def store() -> Store:
    """Queries are rendered once for all of these tests, as for all commands under one contract."""
    return Store()


@pytest.mark.parametrize("seed", range(4))
def test_duckdb_counts_what_is_counted_one_by_one(seed: int, tmp_path: Path, store: Store) -> None:
    given = rows(seed, 300)
    asked = asks(MADE, LABELS, date(2026, 3, 31) if seed % 2 else None)
    engine = duckdb_files(str(write_csv(tmp_path / "visits.csv", given)))
    found, prepared = in_engine(MADE, asked, engine, store)
    assert plain(found) == plain(by_hand(MADE, asked, given))
    assert set(prepared.plan().plain) == PLAIN
    assert prepared.records == len(given)


@pytest.mark.parametrize("seed", range(10, 13))
def test_typed_columns_come_to_the_same(seed: int, tmp_path: Path, store: Store) -> None:
    given = rows(seed, 300)
    asked = asks(MADE, LABELS, date(2024, 5, 10))
    found, prepared = in_engine(MADE, asked, opened(str(write_parquet(tmp_path / "v.parquet", given))), store)
    assert plain(found) == plain(by_hand(MADE, asked, given))
    assert set(prepared.plan().plain) == PLAIN
    assert prepared.engine.fingerprint()


def test_a_folder_a_database_and_a_workbook_come_to_the_same(tmp_path: Path, store: Store) -> None:
    import duckdb

    given = rows(20, 200)
    asked = asks(MADE, LABELS[:2])
    expected = plain(by_hand(MADE, asked, given))
    (tmp_path / "folder").mkdir()
    write_csv(tmp_path / "folder" / "a.csv", given[:90])
    write_csv(tmp_path / "folder" / "b.csv", given[90:])
    assert plain(in_engine(MADE, asked, opened(str(tmp_path / "folder")), store)[0]) == expected

    parquet = write_parquet(tmp_path / "v.parquet", given)
    with duckdb.connect(str(tmp_path / "x.db")) as connection:
        connection.execute(f"CREATE TABLE \"some visits\" AS SELECT * FROM '{parquet}'")
    address = f"duckdb:///{tmp_path}/x.db#some visits"
    assert plain(in_engine(MADE, asked, opened(address), store)[0]) == expected

    assert plain(in_engine(MADE, asked, handed(duckdb_rows, workbook(tmp_path, given)), store)[0]) == expected


def workbook(folder: Path, given: Sequence[Row]) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(folder / "v.xlsx")) as book:
        sheet = book.add_worksheet("visits")
        for at, line in enumerate([COLUMNS, *([row[c] for c in COLUMNS] for row in given)]):
            sheet.write_row(at, 0, line)
    return folder / "v.xlsx"


def handed(make: Callable[..., Engine], path: Path) -> Engine:
    """The engine with the rows of a workbook."""
    table = read_table(path)
    return make(path, table.columns, [row.cells for row in table.rows])


def test_no_records_come_to_nothing(tmp_path: Path, store: Store) -> None:
    asked = asks(MADE, LABELS[:1])
    found, _ = in_engine(MADE, asked, duckdb_files(str(write_csv(tmp_path / "visits.csv", []))), store)
    assert plain(found) == plain(by_hand(MADE, asked, []))


def test_every_measure_has_hits_somewhere(tmp_path: Path) -> None:
    """What is compared is not empty."""
    found = by_hand(MADE, asks(MADE, LABELS, date(2026, 3, 31)), rows(1, 300))
    counted: dict[str, Any] = {}
    for (name, _, _), tally in found.items():
        t: Any = tally
        counted[name] = counted.get(name, 0) + t.hits + abs(t.total) + sum(t.parts) + len(t.spread)
    assert {name for name, n in counted.items() if not n} == {"never"}


@needs_java
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_and_duckdb_count_what_is_counted_one_by_one(tmp_path: Path, spark: None) -> None:
    given = rows(5, 200)
    every = asks(MADE, ("2024-25",), date(2026, 3, 31))
    of_each_kind = list(
        {ask.counted.kind: ask for ask in every}.values()
    )  # what differs then is only how columns are read
    text, parquet = write_csv(tmp_path / "visits.csv", given), write_parquet(tmp_path / "v.parquet", given)
    store, book = Store(), workbook(tmp_path, given)
    for asked, spark_, duck in (
        (every, opened(f"spark:{text}"), opened(str(text))),
        (of_each_kind[::2], opened(f"spark:{parquet}"), opened(str(parquet))),
        (of_each_kind[1::2], handed(spark_rows, book), handed(duckdb_rows, book)),
    ):
        expected = plain(by_hand(MADE, asked, given))
        for engine in (spark_, duck):
            found, prepared = in_engine(MADE, asked, engine, store)
            assert plain(found) == expected, engine
            assert set(prepared.plan().plain) <= PLAIN
        assert spark_.fingerprint() == duck.fingerprint()
