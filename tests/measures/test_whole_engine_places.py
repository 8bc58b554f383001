"""Places of records that an engine cannot read, and engines that are not installed, are told plainly."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
from pathlib import Path

import pytest

from alliance.contract.faults import InputError
from alliance.measures import connected, rendered
from alliance.measures.connected import Connected, opened
from alliance.measures.engines import MOST_COLUMNS, duckdb_rows
from alliance.measures.rendered import Store, cache_folder


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


@pytest.mark.parametrize("place", ["v.csv", "sqlite:///x.sqlite#visits"])
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
    assert isinstance(engine, Connected)
    assert [(one.name, one.holds) for one in engine.columns()] == [
        ("person", "text"), ("day", "date"), ("cost", "decimal"), ("share", "other"),
    ]  # fmt: skip
    assert not engine.keep("kept", "SELECT 1")
    numbered = engine.run(f"SELECT alliance_row, person FROM {engine.numbered()}")
    assert numbered == [(1, "p1")]
    with pytest.raises(InputError, match="The records cannot be read"):
        engine.run("SELECT nobody FROM visits")
    engine.close()


def test_the_fingerprint_of_a_database_of_another_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all records, in no order, however many are fetched at a time."""
    monkeypatch.setattr(connected, "FETCHED", 2)
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
    base.close()
    found = {}
    for table in ("visits", "turned", "fewer", "other"):
        engine = opened(f"sqlite:///{tmp_path}/x.sqlite#{table}")
        found[table] = engine.fingerprint()
        engine.close()
    assert found["visits"] == found["turned"]
    assert len(set(found.values())) == 3
    base = sqlite3.connect(tmp_path / "x.sqlite")
    engine = opened(f"sqlite:///{tmp_path}/x.sqlite#visits")
    base.execute("DROP TABLE visits")
    with pytest.raises(InputError, match="The records cannot be read"):
        engine.fingerprint()


def test_names_of_a_database_of_another_engine(lite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert '"visits"?' in refused(f"{lite}#visit") or "visits" in refused(f"{lite}#visit")
    assert '"main" stands before the name of a table' in refused(f"{lite}#main.visits")
    monkeypatch.setattr(connected, "MOST_COLUMNS", 1_000)
    assert "The table has 1,999 columns, and it may have 1,000." in refused(f"{lite}#wide")


# where rendered queries are kept


def render(store: Store, at: int) -> str:
    import ibis

    def build() -> tuple[object, None]:
        return ibis.table({"a": "int64"}, name="t").limit(at), None

    return store.sql("duckdb", ["test", at], build)[0]


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
