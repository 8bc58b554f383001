"""Records behind an address: which engine reads them, and PostgreSQL, which reads them where they are."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.noted import note_path
from alliance.measures.databases import options, seconds
from alliance.measures.engines import NUMBER, Engine, duckdb_files, duckdb_table, quoted
from alliance.measures.files import (
    fail,
    missing_extra,
    said,
)
from alliance.measures.handed import handed, lacks, sqlite_table
from alliance.measures.places import as_told
from alliance.measures.spark import spark_files
from alliance.measures.typed import BOOLEAN, DATE, DECIMAL, OTHER, REFUSED, TEXTS, WHOLE, Raw

NUMBERED = "alliance_numbered"
MOST_DIGESTED = 90  # what a function of PostgreSQL takes, with some to spare
# What is read is only read, and every query of one settlement sees the same records.
_SESSION = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL statement_timeout = '{seconds}s'",
)
_LOCAL = {"duckdb": duckdb_table, "sqlite": sqlite_table}  # files of this machine


def opened(place: str) -> Engine:
    """The engine that reads a source: `duckdb:///FILE#TABLE`, `sqlite:///FILE#TABLE`, `spark:FILE`, an address that
    Ibis knows with `#TABLE`, a file, or a folder of files. Raises `InputError`."""
    try:
        return _opened(place)
    except OSError as error:
        raise fail(as_told(place), f"It cannot be read: {error.strerror or said(error)}.") from None


def _opened(place: str) -> Engine:
    if place.startswith("spark:"):
        return spark_files(place.removeprefix("spark:"))
    if "://" not in place:
        return duckdb_files(place)
    address, sharp, table = place.partition("#")
    if not sharp or not table:
        hint = "Write the table after a #: duckdb:///discharges.db#discharges"
        raise InputError(Fault("AC440", f"{as_told(address)} names no table.", Mark("--data"), hint))
    scheme, _, rest = address.partition("://")
    if scheme in _LOCAL:
        note_path(rest.removeprefix("/"))
        return _LOCAL[scheme](as_told(place), rest.removeprefix("/"), table)
    return connected(address, table)


def connected(address: str, table: str) -> Engine:
    """A table behind an address that Ibis connects to: read where it is by PostgreSQL, and else handed over."""
    try:
        import ibis
    except ImportError:
        raise missing_extra(as_told(address), "data") from None
    file = f"{as_told(address)}#{table}"
    schema, _, name = table.rpartition(".")
    connection = None
    try:
        connection = ibis.connect(address, **options(file, address))
        if connection.name == "postgres":
            return Connected(file, connection, schema, name)
        found = handed(file, _table(file, connection, schema, name))
        connection.disconnect()
        return found
    except ImportError as error:
        raise _lacking(file, address, error) from None
    except Exception as error:
        with contextlib.suppress(Exception):
            connection.disconnect()  # type: ignore[union-attr]
        if isinstance(error, InputError):
            raise
        raise fail(file, f"The address cannot be connected to: {said(error)}.") from None


def _table(file: str, connection: Any, schema: str, name: str) -> Any:
    from ibis.common.exceptions import TableNotFound

    with contextlib.suppress(TableNotFound):
        return connection.table(name, database=schema or None)
    there = [str(one) for one in connection.list_tables(database=schema or None) if one != name]
    return lacks(file, name, there)


class Connected:
    """A table of PostgreSQL, which has 1,600 columns at most. Its rows have no numbers of their own."""

    dialect = "postgres"
    first_line = 0
    by_row = False

    def __init__(self, file: str, connection: Any, schema: str, table: str) -> None:
        self.file, self.connection, self.table = file, connection, table
        limit = seconds(file)
        for line in _SESSION:
            connection.raw_sql(line.format(seconds=limit))
        self.schema = _table(file, connection, schema, table).schema()
        if schema:  # queries say the name of the table alone
            connection.raw_sql(f"SET LOCAL search_path = {quoted(schema)}, pg_catalog")

    def columns(self) -> list[Raw]:
        return [_of_type(name, dtype) for name, dtype in self.schema.items()]

    def run(self, sql: str) -> Sequence[Sequence[Any]]:
        if NUMBERED in sql:
            sql = self._with_numbers(sql)
        try:
            cursor = self.connection.raw_sql(sql)
            return [tuple(row) for row in cursor.fetchall()]
        except Exception as error:
            raise fail(self.file, f"The records cannot be read: {said(error)}.") from None

    def numbered(self) -> str:
        """Records are numbered in the order of what they hold, for a table has no order. It is only read, so the
        numbers stand in the query itself."""
        return NUMBERED

    def _with_numbers(self, sql: str) -> str:
        names = [quoted(raw.name) for raw in self.columns() if raw.holds != REFUSED]
        order = ", ".join(f"{name} IS NULL, {name}" for name in names)
        source = f"SELECT row_number() OVER (ORDER BY {order}) AS {NUMBER}, * FROM {quoted(self.table)}"
        found = re.match(r"\s*WITH\b", sql, re.IGNORECASE)
        rest = f", {sql[found.end() :]}" if found else f" {sql}"
        return f"WITH {quoted(NUMBERED)} AS ({source}){rest}"

    def keep(self, name: str, sql: str) -> bool:
        return False

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.connection.disconnect()

    def fingerprint(self) -> str:
        """SHA-256 of how many records there are and of the sums of their digests, which no order changes."""
        texts = [f"coalesce('=' || {quoted(name)}::text, '')" for name in self.schema]
        digest = f"md5(concat_ws(chr(31), {', '.join(texts)}))" if len(texts) <= MOST_DIGESTED else "md5(r::text)"
        parts = ", ".join(f"sum(('x' || substr(d, {at}, 8))::bit(32)::bigint)" for at in (1, 9, 17, 25))
        counts = self.run(f"SELECT count(*), {parts} FROM (SELECT {digest} AS d FROM {quoted(self.table)} AS r) AS s")[
            0
        ]
        return hashlib.sha256(json.dumps([list(self.schema), [str(one) for one in counts]]).encode()).hexdigest()


def _lacking(file: str, address: str, error: ImportError) -> InputError:
    """The fault of an address whose back end is not installed."""
    scheme = address.partition(":")[0]
    if scheme.startswith("postgres"):
        return missing_extra(file, "postgres")
    hint = f'pip install "ibis-framework[{scheme}]"'
    return InputError(Fault("AC442", f"Reading {file} needs what is not installed: {said(error)}.", None, hint))


def _of_type(name: str, dtype: Any) -> Raw:
    """A column by its type in Ibis."""
    for kind, test in ((TEXTS, "is_string"), (BOOLEAN, "is_boolean"), (DATE, "is_date"), (WHOLE, "is_integer")):
        if getattr(dtype, test)():
            return Raw(name, kind)
    if dtype.is_decimal() and dtype.scale is not None:
        return Raw(name, DECIMAL, int(dtype.scale), digits=int(dtype.precision or 38))
    simple = dtype.is_decimal() or dtype.is_floating() or dtype.is_timestamp() or dtype.is_time()
    return Raw(name, OTHER if simple else REFUSED, kind=str(dtype))
