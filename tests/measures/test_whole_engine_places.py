"""Places of records that an engine cannot read, and engines that are not installed, are told plainly."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from alliance.cli.folders import read_folder
from alliance.cli.main import cli
from alliance.contract.faults import InputError
from alliance.measures import handed as handing
from alliance.measures import rendered, spark
from alliance.measures.connected import opened
from alliance.measures.engines import MOST_COLUMNS, duckdb_rows
from alliance.measures.handed import Handed
from alliance.measures.rendered import Store, cache_folder

SMALL = """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs: {visits: {records: {person: id, day: date, cost: GBP, chance: percent}, dated: day}}
measures:
  dear: {mean: {of: visits, value: cost}}
  risk: {mean: {of: visits, value: chance}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP if dear.value < 3.00 GBP else 0 GBP, from: icb, to: ash}
"""


def refused(place: str | Path) -> str:
    with pytest.raises(InputError) as told:
        opened(str(place)).columns()
    [fault] = told.value.faults
    return f"{fault.code} {fault.message} {fault.hint}"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "v.csv").write_text("person,day\np1,2026-04-01\n")
    return tmp_path / "v.csv"


@pytest.fixture
def lite(tmp_path: Path) -> str:
    """The address of a small database of another engine."""
    base = sqlite3.connect(tmp_path / "x.sqlite")
    base.execute("CREATE TABLE visits (person TEXT, day DATE, cost DECIMAL(10, 2), share REAL)")
    base.execute("INSERT INTO visits VALUES ('p1', '2026-04-01', 5, 0.5)")
    base.execute(f"CREATE TABLE wide ({', '.join(f'c{n} TEXT' for n in range(1_999))})")
    base.commit()
    base.close()
    return f"sqlite:///{tmp_path}/x.sqlite"


# what is not installed


@pytest.mark.parametrize("place", ["v.csv", "mysql://somewhere/x#visits"])
def test_records_need_the_extra_of_data(place: str, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(text.parent)
    monkeypatch.setitem(sys.modules, "ibis" if "#" in place else "duckdb", None)
    assert refused(place).startswith("AC442 Reading ")
    assert refused(place).endswith('pip install "alliance[data]"')


def test_spark_needs_its_extra(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    assert refused(f"spark:{text}").endswith('pip install "alliance[spark]"')


def test_spark_needs_java(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert refused(f"spark:{text}").startswith("AC442 Spark runs on Java")


@pytest.mark.parametrize(
    ("address", "module", "hint"),
    [
        ("postgres://somebody:secret@localhost/care", "psycopg", "alliance[postgres]"),
        ("mysql://somebody:secret@localhost/care", "MySQLdb", "ibis-framework[mysql]"),
    ],
)
def test_an_address_needs_what_it_is_read_with(
    address: str, module: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in sys.modules if n.startswith(("ibis.backends.postgres", "ibis.backends.mysql"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    told = refused(f"{address}#visits")
    assert told.startswith("AC442 Reading ")
    assert told.endswith(f'pip install "{hint}"')
    assert "secret" not in told


# files and databases


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "v.doc").write_text("person\n")
    assert "Records are not read from a file whose name ends in .doc" in refused(tmp_path / "v.doc")


def test_a_header_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("x" * 200_000 + "\n")
    assert "The header cannot be read: field larger than field limit" in refused(tmp_path / "v.csv")


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database " * 1_000)
    assert "The database cannot be opened" in refused(f"duckdb:///{tmp_path}/x.db#visits")


def test_databases_that_are_damaged(tmp_path: Path) -> None:
    duck, lite = tmp_path / "x.duckdb", tmp_path / "x.sqlite"
    with duckdb.connect(str(duck)) as made:
        made.execute("CREATE TABLE visits (person VARCHAR)")
    with closing(sqlite3.connect(lite)) as base:
        base.execute("CREATE TABLE visits (person TEXT)")
        base.executemany("INSERT INTO visits VALUES (?)", [(str(n),) for n in range(5000)])
        base.commit()
    for path, kept in ((duck, 64), (lite, 4096)):
        whole = path.read_bytes()
        path.write_bytes(whole[:kept] + b"\xff" * (len(whole) - kept))
    assert "The database cannot be opened: " in refused(f"duckdb:///{duck}#visits")
    assert "The database cannot be read: database disk image is malformed." in refused(f"sqlite:///{lite}#visits")


def test_a_name_that_no_file_can_have() -> None:
    assert refused("x" * 300 + ".csv").startswith("AC441 It cannot be read: File name too long.")


def test_tables_of_a_database(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "x.db")) as base:
        base.execute("CREATE SCHEMA care")
        base.execute("CREATE TABLE care.visits AS SELECT 'p1' AS person")
        base.execute(f"CREATE TABLE wide AS SELECT {', '.join(f'1 AS c{n}' for n in range(MOST_COLUMNS + 1))}")
    duckdb.connect(str(tmp_path / "empty.db")).close()
    found = opened(f"duckdb:///{tmp_path}/x.db#care.visits")
    assert [one.name for one in found.columns()] == ["person"]
    found.close()
    assert "The table has 2,001 columns, and it may have 2,000." in refused(f"duckdb:///{tmp_path}/x.db#wide")
    assert 'There is no table "else.visits" in it.' in refused(f"duckdb:///{tmp_path}/x.db#else.visits")
    assert refused(f"duckdb:///{tmp_path}/empty.db#visits") == 'AC440 There is no table "visits" in it. '


@pytest.mark.parametrize(("asked", "given"), [("500 mb", "476.8 MiB"), ("", "953.6 MiB")])
def test_memory_is_limited(asked: str, given: str, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_MEMORY", asked)
    engine = opened(str(text))
    assert engine.run("SELECT current_setting('memory_limit')")[0][0] == given
    engine.close()


def test_memory_that_is_no_size(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_MEMORY", "much")
    assert "ALLIANCE_MEMORY is MUCH, which is no size" in refused(text)


def test_rows_that_are_given(tmp_path: Path) -> None:
    (tmp_path / "v.xlsx").write_text("read elsewhere")
    engine = duckdb_rows(tmp_path / "v.xlsx", ["person", "day"], [])
    assert [one.name for one in engine.columns()] == ["person", "day"]
    assert engine.fingerprint() == hashlib.sha256(b"read elsewhere").hexdigest()
    assert engine.run("SELECT * FROM records") == []
    with pytest.raises(InputError, match="The records cannot be read"):
        engine.run("SELECT nobody FROM records")


# an address that is connected to


def test_a_database_of_another_engine(lite: str) -> None:
    engine = opened(f"{lite}#visits")
    assert isinstance(engine, Handed)
    assert [(one.name, one.holds) for one in engine.columns()] == [
        ("person", "text"), ("day", "text"), ("cost", "text"), ("share", "text"),
    ]  # fmt: skip
    numbered = engine.run(f"SELECT * FROM {engine.numbered()}")
    assert numbered == [(1, "p1", "2026-04-01", "5", "0.5")]
    with pytest.raises(InputError, match="The records cannot be read"):
        engine.run("SELECT nobody FROM visits")
    engine.close()


def test_the_fingerprint_of_a_database_of_another_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all records, in no order, however many are fetched at a time."""
    monkeypatch.setattr(handing, "FETCHED", 2)
    base = sqlite3.connect(tmp_path / "x.sqlite")
    values = [("p1", 5), ("p1", 5), ("p2", None), (None, 7), ("p\u00e9", 0)]
    for table, rows in {
        "visits": values,
        "turned": values[::-1],
        "fewer": values[1:],
        "other": [*values[:4], ("p", 0)],
    }.items():
        base.execute(f"CREATE TABLE {table} (person TEXT, cost INTEGER)")
        base.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
    base.commit()
    found = {}
    for table in ("visits", "turned", "fewer", "other"):
        engine = opened(f"sqlite:///{tmp_path}/x.sqlite#{table}")
        found[table] = engine.fingerprint()
        engine.close()
    assert found["visits"] == found["turned"]
    assert len(set(found.values())) == 3
    monkeypatch.setattr(handing, "MOST_HANDED", 4)
    assert "more than 4 records" in refused(f"sqlite:///{tmp_path}/x.sqlite#visits")


def test_names_of_a_database_of_another_engine(lite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 'There is no table "visit" in it.' in refused(f"{lite}#visit")
    assert '"visits"?' in refused(f"{lite}#visit")
    assert 'There is no table "main.visits" in it.' in refused(f"{lite}#main.visits")
    sqlite3.connect(tmp_path / "empty.sqlite").execute("VACUUM")
    assert refused(f"sqlite:///{tmp_path}/empty.sqlite#visits") == 'AC441 There is no table "visits" in it. '
    monkeypatch.setattr(handing, "MOST_COLUMNS", 1_000)
    assert "The table has 1,999 columns, and it may have 1,000." in refused(f"{lite}#wide")


def test_a_database_is_only_read_and_looked_for_beside_us(
    lite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.sqlite").chmod(0o444)
    assert opened("sqlite:///x.sqlite#visits").run("SELECT person FROM records") == [("p1",)]
    for kind in ("sqlite", "duckdb"):
        assert refused(f"{kind}:///none.db#visits") == "AC440 There is no database none.db. "
    (tmp_path / "text.sqlite").write_text("no database " * 100)
    assert "The database cannot be opened: this is no SQLite file." in refused("sqlite:///text.sqlite#visits")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.sqlite", "x.sqlite"]


class Other:
    """What Ibis connects to of which nothing is known here."""

    name = "other"

    def table(self, name: str, database: str | None) -> Any:
        import pyarrow
        from ibis.common.exceptions import TableNotFound

        if name != "visits":
            raise TableNotFound(name)
        found = pyarrow.table({"person": ["p1", "p2"], "cost": [Decimal("4.35"), None], "several": [[1], [2]]})

        class Table:
            columns = found.column_names

            def to_pyarrow_batches(self, chunk_size: int) -> Any:
                return found.to_batches(max_chunksize=1)

        return Table()

    def list_tables(self, database: str | None) -> list[str]:
        return ["visits"]

    def disconnect(self) -> None:
        """Nothing is open."""


def test_another_address_that_ibis_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    import ibis

    monkeypatch.setattr(ibis, "connect", lambda address: Other())
    assert 'There is no table "visit" in it. Did you mean "visits"?' in refused("other://x#care.visit")
    engine = opened("other://x#visits")
    assert engine.run("SELECT person, cost FROM records") == [("p1", "4.35"), ("p2", None)]
    assert {one.name for one in engine.columns() if one.holds == "refused"} == {"several"}
    engine.close()


def test_what_cells_stand_for() -> None:
    at = datetime(2026, 4, 1)
    cells = (True, 7, 4.35, 1e22, Decimal("4.350"), at.date(), at, at.replace(hour=9), "x", None)
    told = ["yes", "7", "4.35", "1" + "0" * 22, "4.350", "2026-04-01", "2026-04-01", "2026-04-01 09:00:00", "x", None]
    assert [handing.text_of(cell) for cell in cells] == told


def test_a_column_that_has_no_text_is_refused_where_it_is_asked_for(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "x.sqlite")
    base.execute("CREATE TABLE visits (person TEXT, photo BLOB)")
    base.execute("INSERT INTO visits VALUES ('p1', x'00')")
    base.commit()
    engine = opened(f"sqlite:///{tmp_path}/x.sqlite#visits")
    assert [(one.name, one.holds, one.kind) for one in engine.columns()] == [
        ("person", "text", ""), ("photo", "refused", "bytes"),
    ]  # fmt: skip
    engine.close()


def test_numbers_and_dates_of_any_database_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums of what SQLite holds as binary numbers, and dates that are texts there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.yaml").write_text(SMALL, "utf-8")
    (tmp_path / "v.csv").write_text("person,day,cost,chance\np1,2026-04-01,4.35,29%\np2,2026-04-02,1.15,57%\n")
    base = sqlite3.connect("v.sqlite")
    base.execute("CREATE TABLE v (person TEXT, day TEXT, cost NUMERIC(12,2), chance REAL)")
    base.executemany("INSERT INTO v VALUES (?, ?, ?, ?)",
                     [("p1", "2026-04-01", 4.35, 0.29), ("p2", "2026-04-02", 1.15, 0.57)])  # fmt: skip
    base.commit()
    import duckdb

    with duckdb.connect("v.db") as other:
        other.execute("CREATE TABLE v AS SELECT person, day::DATE AS day, cost::DOUBLE AS cost, CASE person WHEN 'p1'"
                      " THEN 0.29::FLOAT ELSE 0.57::FLOAT END AS chance FROM 'v.csv'")  # fmt: skip
    said = []
    for place in ("v.csv", "sqlite:///v.sqlite#v", "duckdb:///v.db#v"):
        words = ["measure", "c.yaml", "--period", "2026-27 Q1", "--data", f"visits={place}", "--format", "csv"]
        told = CliRunner().invoke(cli, words)
        assert told.exit_code == 0, told.output
        said.append([line.split(",")[2] for line in told.stdout.splitlines()[1:]])
    assert said == [["2.75", "0.43"]] * 3
    base.execute("UPDATE v SET cost = 3.3000000000000003, chance = 1e-9, day = '2026-02-29' WHERE person = 'p2'")
    base.commit()
    told = CliRunner().invoke(cli, ["data", "check", "c.yaml", "--data", "visits=sqlite:///v.sqlite#v"])
    assert told.exit_code == 1
    assert 'cost: "3.3000000000000003" has too many decimals: at most 4 are read. It is the record of' in told.stderr
    assert 'chance: "0.000000001" has too many decimals: at most 6 are read.' in told.stderr
    assert '"2026-02-29" is not a date: February 2026 has 28 days.' in told.stderr


def test_what_no_engine_says_is_told(tmp_path: Path) -> None:
    import ibis

    def build() -> tuple[object, None]:
        table = ibis.table({"a": "string"}, name="t")
        return table.select(a=table.a.try_cast("date")), None

    with pytest.raises(InputError, match="cannot be said to sqlite"):
        Store().sql("sqlite", ["test"], build)


def test_hidden_files_of_a_folder_are_no_records(text: Path) -> None:
    for name in (".hidden.csv", "~$v.csv"):
        (text.parent / name).write_text("person,day\np9,2026-04-09\n")
    engine = opened(str(text.parent))
    assert engine.run("SELECT person FROM records") == [("p1",)]
    engine.close()
    assert [row.cells for row in read_folder(str(text.parent)).rows] == [("p1", "2026-04-01")]


def test_spark_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1")
    told = refused(f"spark:{bad}")
    assert told.startswith("AC441 The records cannot be read by Spark: Encountered error while reading file "), told
    assert "Could not read footer" in told


def test_spark_of_nothing() -> None:
    assert refused("spark:") == "AC440 spark: names no file. Write spark:visits.csv."


def test_a_spark_that_does_not_start_says_why(text: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Builder:
        def getOrCreate(self) -> None:  # noqa: N802
            os.write(2, b"Setting the level\nException: no memory\n\n")
            raise RuntimeError("JAVA_GATEWAY_EXITED")

    with pytest.raises(InputError, match=r"Spark does not start: Exception: no memory\."):
        spark._started(str(text), Builder())
    assert capfd.readouterr().err == ""


# where rendered queries are kept


def render(store: Store, at: int) -> str:
    import ibis

    def build() -> tuple[object, None]:
        return ibis.table({"a": "int64"}, name="t").limit(at), None

    return store.sql("duckdb", ["test", at], build)[0]


def test_a_query_is_rendered_anew_by_other_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render(Store(tmp_path), 1)
    again = Store(tmp_path)
    render(again, 1)
    assert again.rendered == 0
    monkeypatch.setattr(rendered, "RENDERS", ("measures",))
    rendered._versions.cache_clear()
    other = Store(tmp_path)
    render(other, 1)
    assert other.rendered == 1
    rendered._versions.cache_clear()


def test_a_cache_that_is_full_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MOST_FILES", 3)
    store = Store(tmp_path / "kept")
    for at in range(1, 5):
        render(store, at)
    assert len(list((tmp_path / "kept").iterdir())) == 4
    render(store, 5)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    again = Store(tmp_path / "kept")
    assert render(again, 5) == render(store, 5)
    assert again.rendered == 0


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    store = Store(tmp_path / "kept")
    assert "LIMIT 1" in render(store, 1)
    assert store.rendered == 1


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "alliance" / "queries"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path(os.path.expanduser("~")) / ".cache" / "alliance" / "queries"
