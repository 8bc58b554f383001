"""Engines that are connected to: Spark on this machine, and whatever Ibis knows by an address."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from alliance.contract.faults import Fault, InputError, Mark, did_you_mean, one_of
from alliance.contract.noted import note_path
from alliance.contract.source_text import shown
from alliance.measures.engines import (
    MOST_COLUMNS,
    NUMBER,
    Engine,
    comment_lines,
    duckdb_files,
    duckdb_table,
    fail,
    files_of,
    fingerprint,
    header_of,
    holds,
    missing_extra,
    quoted,
    said,
)
from alliance.measures.places import as_told
from alliance.measures.typed import BOOLEAN, DATE, DECIMAL, OTHER, REFUSED, TEXTS, WHOLE, Raw

NUMBERED = "alliance_numbered"
FETCHED = 10_000  # records at a time
MOST_DIGESTED = 90  # what a function of PostgreSQL takes, with some to spare
# What is read is only read, and every query of one settlement sees the same records.
_SESSION = {"postgres": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL TIME ZONE 'UTC'")}
_BACKTICKS = ("mysql", "bigquery", "databricks", "pyspark")
_STARTED = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_ALONE = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}  # nobody else needs to reach it
_ASKED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.shuffle.partitions": "4",
}
JAVA = "Spark runs on Java, which is not installed: apt-get install -y openjdk-17-jre-headless"


def opened(place: str) -> Engine:
    """The engine that reads a source: `duckdb:///FILE#TABLE`, `spark:FILE`, an address that Ibis knows with `#TABLE`,
    a file, or a folder of files. Raises `InputError`."""
    if place.startswith("spark:"):
        return spark_files(place.removeprefix("spark:"))
    if "://" not in place:
        return duckdb_files(place)
    address, sharp, table = place.partition("#")
    if not sharp or not table:
        hint = "Write the table after a #: duckdb:///discharges.db#discharges"
        raise InputError(Fault("AC440", f"{as_told(address)} names no table.", Mark("--data"), hint))
    note_path(address.partition("://")[2].removeprefix("/"))  # of SQLite and DuckDB, a file
    if address.startswith("duckdb:///"):
        return duckdb_table(as_told(place), address.removeprefix("duckdb://").removeprefix("/"), table)
    return Connected(address, table)


class Spark:
    """Records read by Spark: on this machine, or on the cluster that `MASTER` names."""

    dialect = "pyspark"
    by_row = True
    table = "records_of_alliance"

    def __init__(
        self, file: str, session: Any, frame: Any, texts: bool, paths: Sequence[Path], first_line: int
    ) -> None:
        self.file, self.session, self.frame, self.texts, self.paths = file, session, frame, texts, paths
        self.first_line = first_line
        frame.createOrReplaceTempView(self.table)

    def columns(self) -> list[Raw]:
        return [holds(str(name), str(kind)) for name, kind in self.frame.dtypes]

    def run(self, sql: str) -> Sequence[Sequence[Any]]:
        try:
            return [tuple(row) for row in self.session.sql(sql).collect()]
        except Exception as error:
            raise fail(self.file, f"The records cannot be read by Spark: {said(error)}.") from None

    def numbered(self) -> str:
        name = f"{self.table}_numbered"
        self.session.sql(
            f"SELECT row_number() OVER (ORDER BY monotonically_increasing_id()) AS {NUMBER}, * FROM {self.table}"
        ).createOrReplaceTempView(name)
        return name

    def keep(self, name: str, sql: str) -> bool:
        if not self.texts:
            return False
        self.session.sql(sql).cache().createOrReplaceTempView(name)
        return True

    def close(self) -> None:
        """The session goes on for other files."""

    def fingerprint(self) -> str:
        return fingerprint(self.paths)


def spark_files(place: str) -> Spark:
    """The records of a CSV, TSV or Parquet file, or of a folder of files of one such kind."""
    file = os.path.basename(place.rstrip("/")) or place
    paths = files_of(place)
    session = _session(place)
    names = [str(path) for path in paths]
    if paths[0].suffix.lower() == ".parquet":
        return Spark(file, session, session.read.parquet(*names), False, paths, 0)
    lead = max(comment_lines(path) for path in paths)
    header_of(file, paths, lead)
    delimiter = "," if paths[0].suffix.lower() == ".csv" else "\t"
    reader = session.read.option("header", True).option("sep", delimiter).option("escape", '"')
    reader = reader.option("mode", "FAILFAST").option("multiLine", True).option("enforceSchema", False)
    frame = (reader.option("comment", "#") if lead else reader).csv(names, inferSchema=False)
    return Spark(file, session, frame, True, paths, lead + 1)


def spark_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Spark:
    """Rows of texts that were read elsewhere, such as those of a workbook."""
    session = _session(str(path))
    from pyspark.sql.types import StringType, StructField, StructType

    schema = StructType([StructField(name, StringType()) for name in columns])
    return Spark(path.name, session, session.createDataFrame([tuple(row) for row in rows], schema), True, [path], 1)


def _session(place: str) -> Any:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputError(Fault("AC442", JAVA, Mark(place)))
    import warnings

    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise missing_extra(place, "spark") from None
    master = os.environ.get("MASTER", "local[2]")
    builder = SparkSession.builder.master(master).appName("alliance")
    for name, value in {**_STARTED, **_ASKED, **(_ALONE if master.startswith("local") else {})}.items():
        builder = builder.config(name, value)
    own = builder.getOrCreate().newSession()  # the names of its tables are its own: several sources do not meet
    for name, value in _ASKED.items():
        own.conf.set(name, value)
    return own


class Connected:
    """A table behind an address that Ibis connects to, such as PostgreSQL. Its rows have no numbers of their own."""

    first_line = 0
    by_row = False

    def __init__(self, address: str, table: str) -> None:
        try:
            import ibis
        except ImportError:
            raise missing_extra(as_told(address), "data") from None
        self.file = f"{as_told(address)}#{table}"
        schema, _, self.table = table.rpartition(".")
        try:
            self.connection = ibis.connect(address)
            self.dialect = str(self.connection.name)
            for line in _SESSION.get(self.dialect, ()):
                self.connection.raw_sql(line)
            self.schema = self._schema(schema)
            if schema:  # queries say the name of the table alone
                self._look_in(schema)
        except InputError:
            self.close()
            raise
        except ImportError as error:
            raise _lacking(self.file, address, error) from None
        except Exception as error:
            self.close()
            raise fail(self.file, f"The address cannot be connected to: {said(error)}.") from None

    def _schema(self, schema: str) -> Any:
        from ibis.common.exceptions import TableNotFound

        try:
            return self.connection.table(self.table, database=schema or None).schema()
        except TableNotFound:
            there = [str(name) for name in self.connection.list_tables(database=schema or None)]
            message = f"There is no table {shown(self.table)} in it."
            raise fail(self.file, message, did_you_mean(self.table, there) or one_of(there[:12])) from None

    def _look_in(self, schema: str) -> None:
        if self.dialect != "postgres":
            raise fail(self.file, f'"{schema[:60]}" stands before the name of a table.', "Say it in the address.")
        self.connection.raw_sql(f"SET LOCAL search_path = {quoted(schema)}, pg_catalog")

    def columns(self) -> list[Raw]:
        if len(self.schema) > MOST_COLUMNS:
            raise fail(self.file, f"The table has {len(self.schema):,} columns, and it may have {MOST_COLUMNS:,}.")
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
        names = [self._name(raw.name) for raw in self.columns() if raw.holds != REFUSED]
        order = ", ".join(f"{name} IS NULL, {name}" for name in names)
        source = f"SELECT row_number() OVER (ORDER BY {order}) AS {NUMBER}, * FROM {self._name(self.table)}"
        found = re.match(r"\s*WITH\b", sql, re.IGNORECASE)
        rest = f", {sql[found.end() :]}" if found else f" {sql}"
        return f"WITH {self._name(NUMBERED)} AS ({source}){rest}"

    def _name(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`" if self.dialect in _BACKTICKS else quoted(name)

    def keep(self, name: str, sql: str) -> bool:
        return False

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.connection.disconnect()

    def fingerprint(self) -> str:
        """SHA-256 of how many records there are and of the sums of their digests, which no order changes. PostgreSQL
        works the sums out; of other databases every record is fetched for it, some at a time."""
        counts = self._digests() if self.dialect == "postgres" else self._fetched()
        return hashlib.sha256(json.dumps([list(self.schema), [str(one) for one in counts]]).encode()).hexdigest()

    def _digests(self) -> Sequence[Any]:
        texts = [f"coalesce('=' || {self._name(name)}::text, '')" for name in self.schema]
        digest = f"md5(concat_ws(chr(31), {', '.join(texts)}))" if len(texts) <= MOST_DIGESTED else "md5(r::text)"
        parts = ", ".join(f"sum(('x' || substr(d, {at}, 8))::bit(32)::bigint)" for at in (1, 9, 17, 25))
        return self.run(
            f"SELECT count(*), {parts} FROM (SELECT {digest} AS d FROM {self._name(self.table)} AS r) AS s"
        )[0]

    def _fetched(self) -> Sequence[int]:
        names = ", ".join(self._name(name) for name in self.schema)
        count = total = 0
        try:
            cursor = self.connection.raw_sql(f"SELECT {names} FROM {self._name(self.table)}")
            while rows := cursor.fetchmany(FETCHED):
                for row in rows:
                    digest = hashlib.sha256(json.dumps(list(row), default=str).encode()).digest()
                    total += int.from_bytes(digest, "big")
                count += len(rows)
        except Exception as error:
            raise fail(self.file, f"The records cannot be read: {said(error)}.") from None
        return count, total % (1 << 256)


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
    simple = dtype.is_floating() or dtype.is_timestamp() or dtype.is_time()
    return Raw(name, OTHER if simple else REFUSED, kind=str(dtype))
