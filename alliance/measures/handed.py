"""Databases that do not read texts and numbers as we do: their records are handed to DuckDB, some at a time.

A cell is handed over as the text that it stands for, and is read like that of a file."""

from __future__ import annotations

import datetime
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.source_text import shown
from alliance.measures.databases import SQLITE, only_tables
from alliance.measures.engines import NUMBER, DuckDB, quoted
from alliance.measures.files import MOST_COLUMNS, database_file, fail, said
from alliance.measures.typed import REFUSED, TEXTS, Raw

FETCHED = 10_000  # records at a time
MOST_HANDED = 10_000_000
Batch = Sequence[Sequence[Any]]


class Handed(DuckDB):
    """Records that were handed over. They have no numbers of their own."""

    by_row = False
    first_line = 0

    def __init__(self, file: str, names: Sequence[str], batches: Iterable[Batch]) -> None:
        if len(names) > MOST_COLUMNS:
            raise fail(file, f"The table has {len(names):,} columns, and it may have {MOST_COLUMNS:,}.")
        super().__init__(file, "records", True, ())
        self.names, self.refused = list(names), dict[str, str]()
        try:
            self._fill(batches)
            self.lock()
        except BaseException:
            self.close()
            raise

    def _fill(self, batches: Iterable[Batch]) -> None:
        import pyarrow

        self.run(f"CREATE TEMP TABLE records ({', '.join(f'{quoted(name)} VARCHAR' for name in self.names)})")
        count = total = 0
        for batch in batches:
            count += len(batch)
            if count > MOST_HANDED:
                message = f"The table has more than {MOST_HANDED:,} records, which is the most that are handed over."
                raise fail(self.file, message, "Bring them as a Parquet file, or from PostgreSQL.")
            for row in batch:
                digest = hashlib.sha256(json.dumps(list(row), default=str).encode()).digest()
                total += int.from_bytes(digest, "big")
            columns = zip(self.names, zip(*batch, strict=True), strict=True)
            arrays = [pyarrow.array(self._texts(name, cells), type=pyarrow.string()) for name, cells in columns]
            self.connection.register("given", pyarrow.table(arrays, names=self.names))
            self.run("INSERT INTO records SELECT * FROM given")
            self.connection.unregister("given")
        found = [self.names, [str(count), str(total % (1 << 256))]]
        self.digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()

    def _texts(self, name: str, cells: Sequence[Any]) -> list[str | None]:
        try:
            return [text_of(cell) for cell in cells]
        except TypeError as error:
            self.refused[name] = str(error)
            return [None] * len(cells)

    def columns(self) -> list[Raw]:
        kinds: Mapping[str, str] = self.refused
        return [Raw(n, REFUSED, kind=kinds[n]) if n in kinds else Raw(n, TEXTS) for n in self.names]

    def numbered(self) -> str:
        """Records are numbered in the order of what they hold, for a table has no order."""
        order = ", ".join(f"{quoted(name)} NULLS LAST" for name in self.names)
        self.run(
            f"CREATE OR REPLACE TEMP VIEW records_numbered AS "
            f"SELECT row_number() OVER (ORDER BY {order}) AS {NUMBER}, * FROM records"
        )
        return "records_numbered"

    def fingerprint(self) -> str:
        """SHA-256 of how many records there are and of the sum of their digests, which no order changes."""
        return self.digest


def text_of(cell: Any) -> str | None:
    """What a cell holds as the text that it stands for. A binary float is the shortest text that is read as it, so that
    one with more digits than somebody wrote is told. Raises `TypeError` with the kind of what has no text.

    >>> text_of(4.35), text_of(1e-7), text_of(0.1 + 0.2), text_of(None), text_of(True)
    ('4.35', '0.0000001', '0.30000000000000004', None, 'yes')
    """
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")  # a time stamp at midnight is its day
    if isinstance(cell, int | datetime.date | datetime.time | UUID):
        return str(cell)
    raise TypeError(type(cell).__name__)


def sqlite_table(place: str, path: str, table: str) -> Handed:
    """A table of an SQLite database, which is opened to be read only."""
    database_file(place, path, "SQLite", SQLITE)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(Path(path).resolve()))}?mode=ro", uri=True)) as base:
            found = base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
            lacks(place, table, sorted(str(name) for (name,) in found))
            only_tables(place, base, table)
            cursor = base.execute(f"SELECT * FROM {quoted(table)}")
            return Handed(place, [str(one[0]) for one in cursor.description], _fetched(cursor))
    except sqlite3.Error as error:
        raise fail(place, f"The database cannot be read: {said(error)}.") from None


def _fetched(cursor: sqlite3.Cursor) -> Iterator[Batch]:
    while rows := cursor.fetchmany(FETCHED):
        yield rows


def lacks(file: str, table: str, there: Sequence[str]) -> None:
    """Raises `InputError` where a table is not among those that there are."""
    if table not in there:
        hint = did_you_mean(table, there) or (one_of(there[:12]) if there else "")
        raise fail(file, f"There is no table {shown(table)} in it.", hint)


def handed(file: str, table: Any) -> Handed:
    """The records of a table of Ibis, whatever reads it."""

    def batches() -> Iterator[Batch]:
        for batch in table.to_pyarrow_batches(chunk_size=FETCHED):
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    return Handed(file, [str(name) for name in table.columns], batches())
