"""Spark: records read on this machine, or on a cluster."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from alliance.contract.faults import Fault, InputError, Mark
from alliance.measures.engines import NUMBER, holds
from alliance.measures.files import comment_lines, fail, files_of, fingerprint, header_of, missing_extra, said
from alliance.measures.typed import Raw

T = TypeVar("T")
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
        return _guarded(self.file, lambda: [tuple(row) for row in self.session.sql(sql).collect()])

    def numbered(self) -> str:
        name = f"{self.table}_numbered"
        sql = f"SELECT row_number() OVER (ORDER BY monotonically_increasing_id()) AS {NUMBER}, * FROM {self.table}"
        _guarded(self.file, lambda: self.session.sql(sql).createOrReplaceTempView(name))
        return name

    def keep(self, name: str, sql: str) -> bool:
        if not self.texts:
            return False
        _guarded(self.file, lambda: self.session.sql(sql).cache().createOrReplaceTempView(name))
        return True

    def close(self) -> None:
        """The session goes on for other files."""

    def fingerprint(self) -> str:
        return fingerprint(self.paths)


def spark_files(place: str) -> Spark:
    """The records of a CSV, TSV or Parquet file, or of a folder of files of one such kind."""
    if not place:
        raise InputError(Fault("AC440", "spark: names no file.", Mark("--data"), "Write spark:visits.csv."))
    file = os.path.basename(place.rstrip("/")) or place
    paths = files_of(place)
    session = _session(place)
    names = [str(path) for path in paths]
    if paths[0].suffix.lower() == ".parquet":
        frame = _guarded(file, lambda: session.read.parquet(*names))
        return Spark(file, session, frame, False, paths, 0)
    lead = max(comment_lines(path) for path in paths)
    header_of(file, paths, lead)
    delimiter = "," if paths[0].suffix.lower() == ".csv" else "\t"
    reader = session.read.option("header", True).option("sep", delimiter).option("escape", '"')
    reader = reader.option("mode", "FAILFAST").option("multiLine", True).option("enforceSchema", False)
    reader = reader.option("comment", "#") if lead else reader
    frame = _guarded(file, lambda: reader.csv(names, inferSchema=False))
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
    own = _started(place, builder).newSession()  # the names of its tables are its own: several sources do not meet
    for name, value in _ASKED.items():
        own.conf.set(name, value)
    return own


def _guarded(file: str, step: Callable[[], T]) -> T:
    try:
        return step()
    except Exception as error:
        raise fail(file, f"The records cannot be read by Spark: {said(_cause(error))}.") from None


def _cause(error: Exception) -> Exception:
    """What went wrong in Spark, which says first only that something did."""
    found = re.search(r"^: [\w.$]+: (?:\[[\w.]+\] )?(.+)$", str(error), re.MULTILINE)
    return Exception(found.group(1)) if found is not None else error


def _started(place: str, builder: Any) -> Any:
    """The session that there is, or a new one. What Java says while it starts is kept apart, and told if it fails."""
    with _apart() as log:
        try:
            return builder.getOrCreate()
        except Exception as error:
            log.seek(0)
            lines = [line for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
            why = lines[-1] if lines else str(error)
            hint = "See that Java 17 or later runs (java -version), and that there is memory for it."
            raise fail(place, f"Spark does not start: {said(ValueError(why)).rstrip('.')}.", hint) from None


@contextlib.contextmanager
def _apart() -> Iterator[IO[bytes]]:
    """Send what this process and those that it starts write to standard error to a file of its own, for a while: a
    process that is started goes on writing there. Errors of Spark reach us as exceptions."""
    with tempfile.TemporaryFile() as log:
        sys.stderr.flush()
        before = os.dup(2)
        try:
            os.dup2(log.fileno(), 2)
            yield log
        finally:
            os.dup2(before, 2)
            os.close(before)
