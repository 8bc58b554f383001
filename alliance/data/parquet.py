"""Parquet files, read with DuckDB.

The rows of a Parquet file have no lines: a row's line is its number, from 1.
"""

from __future__ import annotations

import glob
import math
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from alliance.contract.faults import InputError
from alliance.data.characters import printable, shown
from alliance.data.exact import as_single, number_text, single_text
from alliance.data.limits import Limits
from alliance.data.opening import AnyPath, failure, file_name, missing_extra, ordinary
from alliance.data.rows import Builder, Cells, Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SOURCE = "read_parquet(?, hive_partitioning = false, union_by_name = false, filename = false)"
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "memory_limit": "200MB",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_LOCKS = ("SET TimeZone = 'UTC'", "SET enable_external_access = false", "SET lock_configuration = true")
_BATCH_BYTES = 5_000_000

_AS_WRITTEN = re.compile(
    r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|DECIMAL\(.*\)|VARCHAR|UUID|DATE|TIME|ENUM\(.*\)|JSON|\"NULL\"",
    re.DOTALL,
)
_STAMP = re.compile(r"TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?")

Reader = Callable[[str], str]


class _Wrong(Exception):
    """A number that has no exact text: the code of the fault and the words for it."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def read_parquet(path: AnyPath, limits: Limits) -> Table:
    """The table of a Parquet file. Columns of lists, structures and bytes are refused."""
    try:
        import duckdb
    except ImportError:
        raise missing_extra(path, "Reading Parquet", "duckdb") from None
    size = ordinary(path, limits.parquet_bytes).st_size
    plain = os.path.abspath(path)
    place = glob.escape(plain)  # for DuckDB reads a path as a pattern
    try:
        with duckdb.connect(":memory:", config=_CONFIG) as connection:
            _lock(connection, [plain, place])
            return _read(connection, path, place, size, limits)
    except duckdb.Error as error:
        words = printable(str(error).partition("\n")[0].replace(place, file_name(path)).replace(plain, file_name(path)))
        raise failure("AC222", path, f"The Parquet file cannot be read: {words[:200]}.") from None


def _lock(connection: DuckDBPyConnection, places: list[str]) -> None:
    """From here on the connection reads this one file and nothing else, where this DuckDB can promise that."""
    import duckdb

    try:
        connection.execute("SET allowed_paths = ?", [places])
    except duckdb.Error:
        return
    for lock in _LOCKS:
        connection.execute(lock)


def _read(connection: DuckDBPyConnection, path: AnyPath, place: str, size: int, limits: Limits) -> Table:
    builder = Builder(file_name(path), limits)
    described = connection.execute(f"DESCRIBE SELECT * FROM {_SOURCE}", [place]).fetchall()
    builder.header([name for name, *_ in described], 0)
    readers: list[Reader | None] = []
    for at, (name, kind, *_) in enumerate(described, 1):
        readable = kind in _READERS or _STAMP.fullmatch(kind) or _AS_WRITTEN.fullmatch(kind)
        if not readable:
            message = f"The column {shown(name)} is of the type {shown(kind)}, which is not read."
            builder.fault("AC223", 0, at, message, "Write it as text, a number, a date or a boolean.")
        readers.append(_stamp if _STAMP.fullmatch(kind) else _READERS.get(kind))
    builder.faults.raise_if_any(InputError)
    counted = connection.execute("SELECT sum(num_rows) FROM parquet_file_metadata(?)", [place]).fetchone()
    # A small file can hold a repeated value very often, and each takes its time here.
    most_cells = limits.parquet_cells + limits.parquet_ratio * size
    rows = counted[0] if counted and counted[0] else 0
    builder.expect(rows, rows, most_cells)
    _rows(connection, place, builder, readers)
    return builder.done()


def _rows(connection: DuckDBPyConnection, place: str, builder: Builder, readers: list[Reader | None]) -> None:
    line = 0
    special = [(at, reader) for at, reader in enumerate(readers) if reader]
    batch = _batch(connection, place, builder)
    found = connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {_SOURCE}", [place])
    while texts := found.fetchmany(batch):
        for row in texts:
            line += 1
            builder.row(line, _exact(builder, line, row, special) if special else row)


def _batch(connection: DuckDBPyConnection, place: str, builder: Builder) -> int:
    """How many rows to take at a time, from the lengths of the texts; a fault where they are too long.

    The format keeps a repeated text once, so a small file can hold very much. Lengths are found without unpacking.
    """
    limits = builder.limits
    lengths = "strlen(CAST(COLUMNS(*) AS VARCHAR))"
    columns = len(builder.table.columns)
    found = connection.execute(f"SELECT max({lengths}), sum({lengths}) FROM {_SOURCE}", [place]).fetchone()
    numbers = [number or 0 for number in found or ()]
    longest, total = numbers[:columns], sum(numbers[columns:])
    for at, size in enumerate(longest):
        if size > 4 * limits.cell_length:  # the most bytes that so many characters take
            name = shown(builder.table.columns[at])
            message = (
                f"A cell of the column {name} holds {size:,} bytes; it may hold {limits.cell_length:,} characters."
            )
            builder.fault("AC212", 0, at + 1, message)
    if total > limits.parquet_text:
        message = f"The file holds {total:,} bytes of text, and it may hold {limits.parquet_text:,}."
        builder.fault("AC211", 0, 0, message, "Divide the file.")
    builder.faults.raise_if_any(InputError)
    return max(1, _BATCH_BYTES // (sum(longest) + 60 * columns))


def _exact(builder: Builder, line: int, row: Cells, special: list[tuple[int, Reader]]) -> Cells:
    """The row with its numbers, times and booleans as texts like those of other formats."""
    cells = list(row)
    for at, reader in special:
        text = cells[at]
        if text is not None:
            try:
                cells[at] = reader(text)
            except _Wrong as wrong:
                builder.fault(wrong.code, line, at + 1, str(wrong), "Write the column as DECIMAL.")
    return tuple(cells)


def _boolean(text: str) -> str:
    return text.upper()


def _stamp(text: str) -> str:
    """A time stamp in ISO form; midnight without a time zone is its date."""
    day, _, time = text.partition(" ")
    if time == "00:00:00":
        return day
    return f"{day}T{time}:00" if re.search(r"[+-]\d\d$", time) else f"{day}T{time}" if time else day


def _double(text: str) -> str:
    return _number(text, float(text), number_text)


def _single(text: str) -> str:
    return _number(text, as_single(float(text)), single_text)


def _number(text: str, value: float, exact: Callable[[float], str | None]) -> str:
    if not math.isfinite(value):
        raise _Wrong("AC219", "The number here is not finite.")
    found = exact(value)
    if found is None:
        raise _Wrong("AC218", f"The number {text} holds the rounding error of a calculation, and is no exact number.")
    return found


_READERS: dict[str, Reader] = {"BOOLEAN": _boolean, "DOUBLE": _double, "FLOAT": _single}
