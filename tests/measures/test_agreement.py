"""Every kind of measure comes to the same counts in an engine and one by one, from text, typed columns and workbooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alliance.measures.engines import duckdb_files
from tests.measures.records import asks, by_hand, contract, in_engine, plain, rows, write_csv

LABELS = ("2023-24", "2023-24 Q4", "2024-25 Q1", "2024-04", "2024-25")
PLAIN = {"odd"}  # what is not said in columns: rounding
MADE = contract()


@pytest.mark.parametrize("seed", range(4))
def test_duckdb_counts_what_is_counted_one_by_one(seed: int, tmp_path: Path) -> None:
    given = rows(seed, 300)
    asked = asks(MADE, LABELS)
    engine = duckdb_files(str(write_csv(tmp_path / "stays.csv", given)))
    found, prepared = in_engine(MADE, asked, engine)
    expected = by_hand(MADE, asked, given)
    assert plain(found) == plain(expected)
    assert set(prepared.plan().plain) == PLAIN
    assert prepared.records == len(given)
