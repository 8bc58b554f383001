"""Engines that are connected to: Spark on this machine, and whatever Ibis knows by an address."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from typing import Any

from alliance.contract.faults import Fault, InputError, Mark
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
    said,
)
from alliance.measures.typed import BOOLEAN, DATE, DECIMAL, OTHER, REFUSED, TEXTS, WHOLE, Raw

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
        raise InputError(Fault("AC440", f"{_shown(address)} names no table.", Mark("--data"), hint))
    if address.startswith("duckdb:///"):
        return duckdb_table(_shown(place), address.removeprefix("duckdb://").removeprefix("/"), table)
    return Connected(address, table)


def _shown(address: str) -> str:
    """An address without the name and password in it."""
    scheme, slashes, rest = address.partition("://")
    return scheme + slashes + rest.rpartition("@")[2]


class Spark:
    """Files read by Spark on this machine."""

    dialect = "pyspark"
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

    def fingerprint(self) -> str:
        return fingerprint(self.paths)


def _session(place: str) -> Any:
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        raise InputError(Fault("AC442", JAVA, Mark(place)))
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise missing_extra(place, "spark") from None
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
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
    """A table behind an address that Ibis connects to, such as PostgreSQL."""

    first_line = 0

    def __init__(self, address: str, table: str) -> None:
        try:
            import ibis
        except ImportError:
            raise missing_extra(_shown(address), "data") from None
        self.file = f"{_shown(address)}#{table}"
        schema, _, self.table = table.rpartition(".")
        try:
            self.connection = ibis.connect(address)
            found = self.connection.table(self.table, database=schema or None)
            self.schema = found.schema()
        except Exception as error:
            raise fail(self.file, f"The address cannot be connected to: {said(error)}.") from None
        self.dialect = str(self.connection.name)

    def columns(self) -> list[Raw]:
        if len(self.schema) > MOST_COLUMNS:
            raise fail(self.file, f"The table has {len(self.schema):,} columns, and it may have {MOST_COLUMNS:,}.")
        return [_of_type(name, dtype) for name, dtype in self.schema.items()]

    def run(self, sql: str) -> Sequence[Sequence[Any]]:
        try:
            cursor = self.connection.raw_sql(sql)
            return [tuple(row) for row in cursor.fetchall()]
        except Exception as error:
            raise fail(self.file, f"The records cannot be read: {said(error)}.") from None

    def numbered(self) -> str:
        raise fail(self.file, "Faulty records cannot be told by their rows here.", "Drop them, or bring a file.")

    def keep(self, name: str, sql: str) -> bool:
        return False

    def fingerprint(self) -> str:
        return ""


def _of_type(name: str, dtype: Any) -> Raw:
    """A column by its type in Ibis."""
    for kind, test in ((TEXTS, "is_string"), (BOOLEAN, "is_boolean"), (DATE, "is_date"), (WHOLE, "is_integer")):
        if getattr(dtype, test)():
            return Raw(name, kind)
    if dtype.is_decimal() and dtype.scale is not None:
        return Raw(name, DECIMAL, int(dtype.scale), digits=int(dtype.precision or 38))
    simple = dtype.is_floating() or dtype.is_timestamp() or dtype.is_time()
    return Raw(name, OTHER if simple else REFUSED, kind=str(dtype))
