"""Engines that are connected to: Spark on this machine, and whatever Ibis knows by an address."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from typing import Any

from alliance.contract.faults import Fault, InputError, Mark, did_you_mean, one_of
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
MOST_DIGESTED = 90  # what a function of PostgreSQL takes, with some to spare
# What is read is only read, and every query of one settlement sees the same records.
_SESSION = {"postgres": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL TIME ZONE 'UTC'")}
_BACKTICKS = ("mysql", "bigquery", "databricks", "pyspark")
JAVA = "Spark runs on Java, which is not installed: apt-get install -y openjdk-17-jre-headless"


def opened(place: str) -> Engine:
    """The engine that reads a source: `duckdb:///FILE#TABLE`, `spark:FILE`, an address that Ibis knows with `#TABLE`,
    a file, or a folder of files. Raises `InputError`."""
    if place.startswith("spark:"):
        return Spark(place)
    if "://" not in place:
        return duckdb_files(place)
    address, sharp, table = place.partition("#")
    if not sharp or not table:
        hint = "Write the table after a #: duckdb:///discharges.db#discharges"
        raise InputError(Fault("AC440", f"{as_told(address)} names no table.", Mark("--data"), hint))
    if address.startswith("duckdb:///"):
        return duckdb_table(as_told(place), address.removeprefix("duckdb://").removeprefix("/"), table)
    return Connected(address, table)


class Spark:
    """Files read by Spark on this machine."""

    dialect = "pyspark"
    by_row = True
    table = "records_of_alliance"

    def __init__(self, place: str) -> None:
        self.file = os.path.basename(place.removeprefix("spark:").rstrip("/")) or place
        self.paths = files_of(place.removeprefix("spark:"))
        self.session = _session(place)
        names = [str(path) for path in self.paths]
        self.texts = self.paths[0].suffix.lower() != ".parquet"
        self.first_line = 1
        if self.texts:
            lead = max(comment_lines(path) for path in self.paths)
            self.first_line = lead + 1
            header_of(self.file, self.paths, lead)
            delimiter = "," if self.paths[0].suffix.lower() == ".csv" else "\t"
            reader = self.session.read.option("header", True).option("sep", delimiter).option("escape", '"')
            reader = reader.option("mode", "FAILFAST").option("multiLine", True).option("enforceSchema", False)
            frame = (reader.option("comment", "#") if lead else reader).csv(names, inferSchema=False)
        else:
            self.first_line = 0
            frame = self.session.read.parquet(*names)
        frame.createOrReplaceTempView(self.table)
        self.frame = frame

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


def _session(place: str) -> Any:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputError(Fault("AC442", JAVA, Mark(place)))
    import warnings

    warnings.filterwarnings("ignore", category=FutureWarning, module=r"pyspark\.")
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise missing_extra(place, "spark") from None
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.shuffle.partitions": "4",
        "spark.log.level": "ERROR",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("alliance")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


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
        """SHA-256 of how many records there are and of the sums of their digests, which no order changes; none where
        the engine has no digests that we know."""
        if self.dialect != "postgres":
            return ""
        texts = [f"coalesce('=' || {self._name(name)}::text, '')" for name in self.schema]
        digest = f"md5(concat_ws(chr(31), {', '.join(texts)}))" if len(texts) <= MOST_DIGESTED else "md5(r::text)"
        parts = ", ".join(f"sum(('x' || substr(d, {at}, 8))::bit(32)::bigint)" for at in (1, 9, 17, 25))
        rows = self.run(f"SELECT count(*), {parts} FROM (SELECT {digest} AS d FROM {self._name(self.table)} AS r) AS s")
        counts = [list(self.schema), [str(one) for one in rows[0]]]
        return hashlib.sha256(json.dumps(counts).encode()).hexdigest()


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
