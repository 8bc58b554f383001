"""Engines that read records where they are: DuckDB on the machine, Spark, and what else Ibis connects to.

An engine knows the columns of its table and runs queries over it, and hands over their answers as plain rows. What it
cannot do is told in plain words; nothing of the data is ever run.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from alliance.contract.faults import Fault, InputError, Mark, one_of
from alliance.contract.source_text import shown
from alliance.measures.files import (
    MOST_COLUMNS,
    comment_lines,
    database_file,
    fail,
    files_of,
    fingerprint,
    header_of,
    missing_extra,
    said,
)
from alliance.measures.typed import BOOLEAN, DATE, DECIMAL, OTHER, REFUSED, TEXTS, WHOLE, Raw

NUMBER = "alliance_row"  # the column of row numbers
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG)?INT(EGER)?|(BYTE|SHORT|LONG|INT)|INT(8|16|32|64)", re.IGNORECASE)
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+), ?(\d+)\)", re.IGNORECASE)
_SIMPLE = re.compile(r'("?NULL|DOUBLE|FLOAT|REAL|TIMESTAMP|DATETIME|TIME|HUGEINT|UHUGEINT|ENUM)(?!.*\])')
MEMORY = "1GB"
"""The most memory that DuckDB takes for records, however many there are: what is more goes to a folder of its own that
nobody else can read, and that is gone when the command is. `ALLIANCE_MEMORY` sets another limit, such as 4GB."""
_MEMORY = re.compile(r"[1-9][0-9]{0,6}(MB|GB)")
MOST_ROWS, ROWS_A_BYTE = 1_000_000, 20
"""So many records a file may hold whatever its size, and so many more for each of its bytes: packed files hold the same
value very often in next to nothing, and each record takes its time."""
_CONFIG = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_LOCKS = ("SET TimeZone = 'UTC'", "SET enable_external_access = false", "SET lock_configuration = true")
_DUCKDB = (8, b"DUCK")  # where a database file says that it is one


class Engine(Protocol):
    """What reads records: the name of its table, its columns, and answers to queries. `by_row` says whether a record is
    found by its number."""

    by_row: bool
    dialect: str
    file: str
    table: str
    first_line: int

    def columns(self) -> list[Raw]: ...

    def run(self, sql: str) -> Sequence[Sequence[Any]]: ...

    def numbered(self) -> str:
        """The name of the table with the numbers of its rows, from 1."""

    def keep(self, name: str, sql: str) -> bool:
        """Keep the answer to a query as a table, where that is worth it."""

    def fingerprint(self) -> str: ...

    def close(self) -> None:
        """Let go of what is connected to: nobody else waits for it."""


def quoted(name: str) -> str:
    """A name in SQL: quotes in it are doubled, so that it is never anything but a name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def holds(name: str, kind: str) -> Raw:
    """A column by the name of its type."""
    plain = kind.upper()
    if plain in ("VARCHAR", "STRING", "TEXT", "UUID") or plain.startswith(("CHAR", "VARCHAR")):
        return Raw(name, TEXTS)
    if plain == "BOOLEAN":
        return Raw(name, BOOLEAN)
    if plain == "DATE":
        return Raw(name, DATE)
    if _WHOLE.fullmatch(plain):
        return Raw(name, WHOLE)
    found = _DECIMAL.fullmatch(plain)
    if found:
        return Raw(name, DECIMAL, int(found[2]), digits=int(found[1]))
    return Raw(name, OTHER if _SIMPLE.match(plain) else REFUSED, kind=kind)


class DuckDB:
    """Files, or a table of a database file, read by DuckDB."""

    dialect = "duckdb"
    by_row = True
    first_line = 1

    def __init__(self, file: str, table: str, texts: bool, paths: Sequence[Path]) -> None:
        self.file, self.table, self.texts, self.paths = file, table, texts, paths
        limit = memory(file)
        try:
            import duckdb
        except ImportError:
            raise missing_extra(file, "data") from None
        self.beyond = tempfile.mkdtemp(prefix="alliance-")  # for what is more than memory holds
        weakref.finalize(self, shutil.rmtree, self.beyond, ignore_errors=True)
        # What is read is never the database that is connected to: a macro in it would stand in for a function of ours.
        config: dict[str, Any] = {**_CONFIG, "memory_limit": limit, "temp_directory": self.beyond}
        self.connection = duckdb.connect(":memory:", config=config)

    def lock(self, places: Sequence[str] = ()) -> None:
        """From here on the connection reads these files and nothing else, and no query can change that."""
        listed = ", ".join(text(place) for place in places)
        for line in (*((f"SET allowed_paths = [{listed}]",) if places else ()), *_LOCKS):
            self.run(line)

    def columns(self) -> list[Raw]:
        rows = self.run(f"DESCRIBE SELECT * FROM {quoted(self.table)}")
        if len(rows) > MOST_COLUMNS:
            raise fail(self.file, f"The table has {len(rows):,} columns, and it may have {MOST_COLUMNS:,}.")
        return [holds(str(name), str(kind)) for name, kind, *_ in rows]

    def run(self, sql: str) -> Sequence[Sequence[Any]]:
        import duckdb

        try:
            found: Sequence[Sequence[Any]] = self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise fail(self.file, f"The records cannot be read: {said(error)}.") from None
        return found

    def numbered(self) -> str:
        name = f"{self.table}_numbered"
        self.run(
            f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS "
            f"SELECT row_number() OVER () AS {NUMBER}, * FROM {quoted(self.table)}"
        )
        return name

    def keep(self, name: str, sql: str) -> bool:
        """Texts are read once and kept as typed columns; typed columns are read where they are."""
        if not self.texts:
            return False
        self.run(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {sql}")
        return True

    def close(self) -> None:
        self.connection.close()
        shutil.rmtree(self.beyond, ignore_errors=True)

    def fingerprint(self) -> str:
        return fingerprint(self.paths)


def duckdb_files(place: str) -> DuckDB:
    """The records of a CSV, TSV or Parquet file, or of a folder of files of one such kind."""
    paths = files_of(place)
    packed = paths[0].suffix.lower() == ".parquet"
    engine = DuckDB(os.path.basename(place.rstrip("/")) or place, "records", not packed, paths)
    plain = [os.path.abspath(path) for path in paths]
    places = [glob.escape(path) for path in plain]  # for DuckDB reads a path as a pattern
    engine.lock([*plain, *places])
    listed = "[" + ", ".join(text(path) for path in places) + "]"
    if packed:
        engine.first_line = 0
        source = f"read_parquet({listed}, union_by_name = true, {_AS_THEY_ARE})"
    else:
        lead = max(comment_lines(path) for path in paths)
        engine.first_line = lead + 1
        source = _csv(engine, listed, lead)
    engine.run(f"CREATE TEMP VIEW records AS SELECT * FROM {source}")
    if packed:
        _count(engine)
    return engine


_AS_THEY_ARE = "hive_partitioning = false, filename = false"  # no column comes from the name of a file or folder


def _csv(engine: DuckDB, listed: str, lead: int) -> str:
    """How DuckDB is told to read text tables: everything is text, and the header is where we say it is."""
    names = header_of(engine.file, engine.paths, lead)
    delimiter = "','" if engine.paths[0].suffix.lower() == ".csv" else "'\\t'"
    columns = "{" + ", ".join(f"{text(name)}: 'VARCHAR'" for name in names) + "}"
    return (
        f"read_csv({listed}, delim = {delimiter}, header = true, skip = {lead}, quote = '\"', escape = '\"', "
        f"auto_detect = false, columns = {columns}, strict_mode = true, compression = 'none', {_AS_THEY_ARE})"
    )


def _count(engine: DuckDB) -> None:
    """Refuse more records than so many bytes can hold of real people."""
    size = sum(path.stat().st_size for path in engine.paths)
    rows, most = int(engine.run(f"SELECT count(*) FROM {quoted(engine.table)}")[0][0]), MOST_ROWS + ROWS_A_BYTE * size
    if rows > most:
        message = f"There are {rows:,} records in {size:,} bytes, and so many bytes may hold {most:,}."
        raise fail(engine.file, message, "Bring them as CSV if they are real.")


def memory(place: str) -> str:
    """How much memory DuckDB may take, as `1GB`. Raises `InputError` where another limit is asked for that is none."""
    found = os.environ.get("ALLIANCE_MEMORY", "").replace(" ", "").upper() or MEMORY
    if not _MEMORY.fullmatch(found):
        raise fail(place, f"ALLIANCE_MEMORY is {found[:20]}, which is no size.", "Write it as 4GB or 500MB.")
    return found


def duckdb_table(place: str, path: str, table: str) -> DuckDB:
    """A table of a DuckDB database, which is opened to be read only. What the database says is run, such as a view or
    a column that is worked out, is refused."""
    database_file(place, path, "DuckDB", _DUCKDB)
    engine = DuckDB(place, "records_of_alliance", False, [Path(path)])
    engine.first_line = 0
    try:
        engine.connection.execute(f"ATTACH {text(os.path.abspath(path))} AS given (TYPE duckdb, READ_ONLY)")
    except Exception as error:
        raise fail(place, f"The database cannot be opened: {said(error)}.") from None
    engine.lock()
    schema, name, made = _table(engine, place, table)
    if "GENERATED ALWAYS" in made:
        message = f"The table {shown(name)} has a column that is worked out, and what a database works out is not run."
        raise fail(place, message, _MAKE)
    # How the database would compare texts is its own affair: they are compared as they stand.
    texts = f"* REPLACE ({_plainly(engine, schema, name)})" if " COLLATE " in made else "*"
    engine.run(f"CREATE TEMP VIEW {engine.table} AS SELECT {texts} FROM given.{quoted(schema)}.{quoted(name)}")
    _count(engine)
    return engine


_MAKE = "Make a table of it: CREATE TABLE visits AS SELECT * FROM ..."


def _table(engine: DuckDB, place: str, table: str) -> tuple[str, str, str]:
    """The schema and name of a table that records are kept in, and how it was made."""
    rows = engine.run("SELECT schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = 'given'")
    tables = [(str(schema), str(name), str(made)) for schema, name, made in rows]
    named = [one for one in tables if table in (one[1], f"{one[0]}.{one[1]}")]
    found = [one for one in named if one[0] == "main"] or named
    if len(found) == 1:
        return found[0]
    views = engine.run("SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'given'")
    if any(table in (name, f"{schema}.{name}") for schema, name in views) and not found:
        raise fail(place, f"{shown(table)} is a view, and what a database works out is not run.", _MAKE)
    names = sorted({f"{schema}.{name}" if found or schema != "main" else name for schema, name, _ in tables})
    message = f'There are several tables "{table[:60]}" in it.' if found else f'There is no table "{table[:60]}" in it.'
    raise InputError(Fault("AC440", message, Mark(place), one_of(names) if names else ""))


def _plainly(engine: DuckDB, schema: str, name: str) -> str:
    rows = engine.run(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'given' AND data_type = 'VARCHAR' "
        f"AND schema_name = {text(schema)} AND table_name = {text(name)}"
    )
    return ", ".join(f'{quoted(column)} COLLATE "binary" AS {quoted(column)}' for (column,) in rows)


def duckdb_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> DuckDB:
    """Rows of texts that were read elsewhere, such as those of a workbook."""
    engine = DuckDB(path.name, "records", True, [path])
    import pyarrow

    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pyarrow.array(list(column), type=pyarrow.string()) for column in cells]
    engine.connection.register("given", pyarrow.table(arrays, names=list(columns)))
    engine.run("CREATE TEMP TABLE records AS SELECT * FROM given")
    engine.connection.unregister("given")
    engine.lock()
    return engine
