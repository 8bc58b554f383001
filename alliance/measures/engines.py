"""Engines that read records where they are: DuckDB on the machine, Spark, and what else Ibis connects to.

An engine knows the columns of its table and runs queries over it, and hands over their answers as plain rows. What it
cannot do is told in plain words; nothing of the data is ever run.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from alliance.contract.faults import Fault, InputError, Mark, one_of
from alliance.contract.noted import note_path
from alliance.measures.typed import BOOLEAN, DATE, DECIMAL, OTHER, REFUSED, TEXTS, WHOLE, Raw

FILES = (".csv", ".tsv", ".parquet")
MOST_COLUMNS = 2_000
MOST_HEADER = 1_000_000
NUMBER = "alliance_row"  # the column of row numbers
_WHOLE = re.compile(r"U?(TINY|SMALL|BIG)?INT(EGER)?|(BYTE|SHORT|LONG|INT)|INT(8|16|32|64)", re.IGNORECASE)
_DECIMAL = re.compile(r"(?:DECIMAL|NUMERIC)\((\d+), ?(\d+)\)", re.IGNORECASE)
_SIMPLE = re.compile(r'("?NULL|DOUBLE|FLOAT|REAL|TIMESTAMP|DATETIME|TIME|HUGEINT|UHUGEINT|ENUM)(?!.*\])')
_SHOWN = 200
MEMORY = "1GB"
"""The most memory that DuckDB takes for records, however many there are: what is more goes to a folder of its own that
nobody else can read, and that is gone when the command is. `ALLIANCE_MEMORY` sets another limit, such as 4GB."""
_MEMORY = re.compile(r"[1-9][0-9]{0,6}(MB|GB)")


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


def said(error: Exception) -> str:
    """An engine's own words, on one line."""
    return re.sub(r"[^\x20-\x7e]+", " ", str(error).partition("\n")[0])[:_SHOWN]


def fail(file: str, message: str, hint: str = "") -> InputError:
    return InputError(Fault("AC441", message, Mark(file), hint))


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

    def __init__(self, file: str, connection: Any, table: str, texts: bool, paths: Sequence[Path] = ()) -> None:
        self.file, self.connection, self.table, self.texts, self.paths = file, connection, table, texts, paths
        self.beyond = tempfile.mkdtemp(prefix="alliance-")  # for what is more than memory holds
        weakref.finalize(self, shutil.rmtree, self.beyond, ignore_errors=True)
        connection.execute(f"SET temp_directory = {text(self.beyond)}")

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


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 of files: of one, that of its bytes; of several, of those in order."""
    found = []
    for path in paths:
        digest = hashlib.sha256()
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        found.append(digest.hexdigest())
    if len(found) == 1:
        return found[0]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def duckdb_files(place: str) -> DuckDB:
    """The records of a CSV, TSV or Parquet file, or of a folder of files of one such kind."""
    paths = files_of(place)
    connection = _duckdb(place, ":memory:")
    engine = DuckDB(os.path.basename(place.rstrip("/")) or place, connection, "records", False, paths)
    kind = paths[0].suffix.lower()
    listed = "[" + ", ".join(text(str(path)) for path in paths) + "]"
    if kind == ".parquet":
        engine.first_line = 0
        source = f"read_parquet({listed}, union_by_name = true)"
    else:
        engine.texts = True
        lead = max(comment_lines(path) for path in paths)
        engine.first_line = lead + 1
        delimiter = "','" if kind == ".csv" else "'\\t'"
        source = _csv(engine, listed, delimiter, lead, paths)
    engine.run(f"CREATE TEMP VIEW records AS SELECT * FROM {source}")
    with contextlib.suppress(InputError):
        engine.run(f"SET allowed_paths = {listed}")
        engine.run("SET enable_external_access = false")
    return engine


def _csv(engine: DuckDB, listed: str, delimiter: str, lead: int, paths: Sequence[Path]) -> str:
    """How DuckDB is told to read text tables: everything is text, and the header is where we say it is."""
    names = header_of(engine.file, paths, lead)
    columns = "{" + ", ".join(f"{text(name)}: 'VARCHAR'" for name in names) + "}"
    return (
        f"read_csv({listed}, delim = {delimiter}, header = true, skip = {lead}, quote = '\"', escape = '\"', "
        f"auto_detect = false, columns = {columns}, strict_mode = true)"
    )


def header_of(file: str, paths: Sequence[Path], lead: int) -> list[str]:
    """The one header of text tables. Raises `InputError` where it is none, or not the same in all."""
    headers = []
    for path in paths:
        delimiter = "," if path.suffix.lower() == ".csv" else "\t"
        with path.open(encoding="utf-8-sig", newline="") as handle:
            try:
                for _ in range(lead):
                    handle.readline()
                header = next(csv.reader([handle.readline(MOST_HEADER)], delimiter=delimiter), [])
            except UnicodeDecodeError:
                raise fail(path.name, "The file is not UTF-8.", "Save it as UTF-8.") from None
            except csv.Error as error:
                raise fail(path.name, f"The header cannot be read: {said(error)}.") from None
        headers.append([name.strip() for name in header])
    names = headers[0]
    if any(other != names for other in headers):
        raise fail(file, "The files of the folder have different columns.", "Give them one header.")
    if len(names) > MOST_COLUMNS:
        raise fail(file, f"The table has {len(names):,} columns, and it may have {MOST_COLUMNS:,}.")
    if not names or not all(names) or len(set(names)) < len(names):
        raise fail(file, "The header has a column without a name, or one name twice.", "Name each column once.")
    return names


def comment_lines(path: Path) -> int:
    """How many lines before the header begin with #."""
    lines = 0
    with path.open("rb") as handle:
        while handle.readline(1_000_000).lstrip(b"\xef\xbb\xbf").startswith(b"#"):
            lines += 1
    return lines


def files_of(place: str) -> list[Path]:
    path = Path(place)
    if not path.exists():
        raise InputError(Fault("AC440", f"There is no file {place}.", Mark(place)))
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in FILES)
        kinds = {p.suffix.lower() for p in found}
        if len(kinds) != 1:
            what = (
                "no CSV, TSV or Parquet files" if not kinds else f"files of several kinds ({', '.join(sorted(kinds))})"
            )
            raise InputError(Fault("AC440", f"The folder has {what}.", Mark(place), "Give it files of one kind."))
        for one in found:
            note_path(one)
        return found
    if path.suffix.lower() not in FILES:
        message = f"Records are not read from a file whose name ends in {path.suffix}."
        raise InputError(Fault("AC440", message, Mark(place), one_of(FILES)))
    note_path(path)
    return [path]


def _duckdb(place: str, database: str, read_only: bool = False) -> Any:
    try:
        import duckdb
    except ImportError:
        raise missing_extra(place, "data") from None
    try:
        connection = duckdb.connect(database, read_only=read_only)
    except duckdb.Error as error:
        raise fail(place, f"The database cannot be opened: {said(error)}.") from None
    for line in ("SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false"):
        connection.execute(line)
    connection.execute(f"SET memory_limit = {text(memory(place))}")
    return connection


def memory(place: str) -> str:
    """How much memory DuckDB may take, as `1GB`. Raises `InputError` where another limit is asked for that is none."""
    found = os.environ.get("ALLIANCE_MEMORY", "").replace(" ", "").upper() or MEMORY
    if not _MEMORY.fullmatch(found):
        raise fail(place, f"ALLIANCE_MEMORY is {found[:20]}, which is no size.", "Write it as 4GB or 500MB.")
    return found


def missing_extra(place: str, extra: str) -> InputError:
    hint = f'pip install "alliance[{extra}]"'
    return InputError(Fault("AC442", f"Reading {place} needs the extra {extra}, which is not installed.", None, hint))


def duckdb_table(place: str, path: str, table: str) -> DuckDB:
    """A table of a DuckDB database, which is opened to be read only."""
    if not Path(path).is_file():
        raise InputError(Fault("AC440", f"There is no database {path}.", Mark(place)))
    connection = _duckdb(place, path, read_only=True)
    schema, _, name = table.rpartition(".")
    known = connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
    if not any(name == t and (not schema or schema == s) for s, t in known):
        names = sorted({str(t) for _, t in known})
        message = f'There is no table "{table[:60]}" in it.'
        raise InputError(Fault("AC440", message, Mark(place), one_of(names) if names else ""))
    engine = DuckDB(place, connection, "records_of_alliance", False)
    target = f"{quoted(schema)}.{quoted(name)}" if schema else quoted(name)
    engine.run(f"CREATE TEMP VIEW records_of_alliance AS SELECT * FROM {target}")
    engine.paths, engine.first_line = [Path(path)], 0
    return engine


def duckdb_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> DuckDB:
    """Rows of texts that were read elsewhere, such as those of a workbook."""
    connection = _duckdb(str(path), ":memory:")
    import pyarrow

    engine = DuckDB(path.name, connection, "records", True, [path])
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pyarrow.array(list(column), type=pyarrow.string()) for column in cells]
    connection.register("given", pyarrow.table(arrays, names=list(columns)))
    engine.run("CREATE TEMP TABLE records AS SELECT * FROM given")
    connection.unregister("given")
    return engine
