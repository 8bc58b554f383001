"""Places of records out to do harm: databases that work things out, folders that lead elsewhere, servers that are silent,
and a cache that somebody else wrote."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from alliance.cli.common import guarded
from alliance.cli.folders import read_folder
from alliance.cli.main import cli
from alliance.contract.faults import InputError
from alliance.measures import databases, files
from alliance.measures.connected import opened
from alliance.measures.engines import DuckDB, duckdb_files, duckdb_rows
from alliance.measures.rendered import Rendered, Store

HOME = Path(__file__).parents[2]
ROW = "'p1' AS person, DATE '2026-04-01' AS day, {} AS cost, {} AS kind"
READ = "SELECT content FROM read_text('/etc/passwd')"
CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {a: {name: A, role: payer}}
inputs:
  visits:
    records: {person: id, day: date, cost: GBP}
    dated: day
measures:
  dear: {mean: {of: visits, value: cost}}
"""


def refused(place: str | Path) -> str:
    with pytest.raises(InputError) as error:
        opened(str(place)).columns()
    return " ".join(str(fault) for fault in error.value.faults)


def database(path: Path, *lines: str) -> str:
    import duckdb

    with duckdb.connect(str(path)) as base:
        for line in lines:
            base.execute(line)
    return f"duckdb:///{path}"


# databases of DuckDB


@pytest.mark.parametrize(
    "view",
    [
        f"SELECT {ROW.format(1, f'({READ})')}",
        f"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT {ROW.format('n', 1)} FROM t",
        f"SELECT {ROW.format('random()', 1)}",
    ],
)
def test_a_view_is_not_read(view: str, tmp_path: Path) -> None:
    base = database(tmp_path / "x.db", f"CREATE VIEW visits AS {view}", "CREATE TABLE t (a INT)")
    told = refused(f"{base}#visits")
    assert '"visits" is a view, and what a database works out is not run.' in told
    assert "root:" not in told
    assert '"main.visits" is a view' in refused(f"{base}#main.visits")


def test_a_column_that_is_worked_out_is_not_read(tmp_path: Path) -> None:
    made = "CREATE TABLE t (person VARCHAR, much VARCHAR GENERATED ALWAYS AS (repeat(person, 100000000)) VIRTUAL)"
    assert "has a column that is worked out" in refused(f"{database(tmp_path / 'x.db', made)}#t")


def test_no_macro_of_a_database_stands_in_for_a_function(tmp_path: Path) -> None:
    macros = [f"CREATE MACRO {name} AS 77" for name in ("sum(x)", "count(x)", "row_number()")]
    base = database(tmp_path / "x.db", "CREATE TABLE t AS SELECT 5 AS cost", *macros)
    engine = opened(f"{base}#t")
    assert engine.run(f"SELECT sum(cost), count(cost) FROM {engine.table}") == [(5, 1)]
    engine.close()


def test_texts_are_compared_as_they_stand(tmp_path: Path) -> None:
    made = "CREATE TABLE t (kind VARCHAR COLLATE nocase, many INT)"
    base = database(tmp_path / "x.db", made, "INSERT INTO t VALUES ('a', 1), ('A', 1)")
    engine = opened(f"{base}#t")
    assert engine.run(f"SELECT count(DISTINCT kind), sum(many) FROM {engine.table}") == [(2, 2)]
    engine.close()


def test_which_of_several_tables(tmp_path: Path) -> None:
    lines = ["CREATE SCHEMA a", "CREATE SCHEMA b", "CREATE TABLE a.t (x INT)", "CREATE TABLE b.t (y INT)"]
    base = database(tmp_path / "x.db", *lines, "CREATE TABLE a.u (z INT)", 'CREATE TABLE "we""ird.x" (w INT)')
    assert 'There are several tables "t" in it. It may be: a.t, a.u, b.t' in refused(f"{base}#t")
    for table, column in (("b.t", "y"), ("u", "z"), ('we"ird.x', "w")):
        engine = opened(f"{base}#{table}")
        assert [one.name for one in engine.columns()] == [column]
        engine.close()


def test_a_table_of_very_many_rows_in_few_bytes(tmp_path: Path) -> None:
    base = database(tmp_path / "x.db", "CREATE TABLE t AS SELECT 1 AS cost FROM range(9_000_000)")
    assert "9,000,000 records in" in refused(f"{base}#t")


# what is opened at all


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("duckdb:///lite.db#visits", "this is no DuckDB file"),
        ("duckdb:///none.db#visits", "There is no database none.db"),
        ("duckdb:///pipe.db#visits", "There is no database pipe.db"),
        ("duckdb://none.db#visits", "There is no database none.db"),
        ("duckdb://md:x#t", "There is no database md:x"),
        ("DUCKDB:///x.db#t", '"duckdb://" is not connected to'),
        ("file:///etc/passwd.csv#t", '"file://" is not connected to'),
        ("sqlite://none.db#visits", "There is no database none.db"),
        ("sqlite://text.db#visits", "this is no SQLite file"),
        ("sqlite://lite.db#endless", "no table of records"),
        ("sqlite://lite.db#ENDLESS", "There is no table"),
        ("sqlite://lite.db#found", "no table of records"),
        ("sqlite://lite.db#much", 'The column "kind" is worked out'),
    ],
)
def test_what_is_not_opened(place: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.db")
    Path("text.db").write_text("person\n")
    base = sqlite3.connect("lite.db")
    base.execute("CREATE TABLE visits (person text)")
    base.execute(
        "CREATE VIEW endless AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"
    )
    base.execute("CREATE VIRTUAL TABLE found USING fts5(person)")
    base.execute("CREATE TABLE much (person text, kind text GENERATED ALWAYS AS (hex(zeroblob(900000000))) VIRTUAL)")
    base.close()
    before = sorted(os.listdir())
    assert said in refused(place)
    assert sorted(os.listdir()) == before, "nothing is made"


def test_a_database_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*words: object) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "x.db").write_text("no")
    monkeypatch.setattr("builtins.open", closed)
    with pytest.raises(InputError, match="cannot be opened: Permission denied"):
        files.database_file("x", str(tmp_path / "x.db"), "DuckDB", (8, b"DUCK"))


def test_nothing_else_is_read_and_nothing_is_set(tmp_path: Path) -> None:
    path = tmp_path / "v.csv"
    path.write_text("person\np1\n")
    base = database(tmp_path / "x.db", "CREATE TABLE t AS SELECT 'p1' AS person")
    for engine in (duckdb_files(str(path)), opened(f"{base}#t"), duckdb_rows(path, ["person"], [["p1"]])):
        for query in (
            READ,
            f"COPY (SELECT 1) TO '{tmp_path}/owned.csv'",
            f"ATTACH '{tmp_path}/other.db' AS other",
            "SET enable_external_access = true",
            "SET memory_limit = '9GB'",
            "INSTALL httpfs",
        ):
            with pytest.raises(InputError, match="cannot be read"):
                engine.run(query)
        engine.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["v.csv", "x.db"]


# names of files and folders


def test_no_column_comes_from_the_name_of_a_folder(tmp_path: Path) -> None:
    import duckdb

    folder = tmp_path / "cost=99" / "person=x"
    folder.mkdir(parents=True)
    (folder / "w.csv").write_text("person,cost\np1,5\n")
    duckdb.sql(f"COPY (SELECT 'p1' AS person, 5 AS cost) TO '{folder}/w.parquet' (FORMAT parquet)")
    for name in ("w.csv", "w.parquet"):
        engine = duckdb_files(str(folder / name))
        assert [[str(cell) for cell in row] for row in engine.run("SELECT * FROM records")] == [["p1", "5"]]
        engine.close()


@pytest.mark.parametrize("name", ["v[12].csv", "*.csv", "v?.csv", "{v1,v2}.csv"])
def test_a_name_is_no_pattern(name: str, tmp_path: Path) -> None:
    for other in ("v1.csv", "v2.csv"):
        (tmp_path / other).write_text("person\nanother\n")
    (tmp_path / name).write_text("person\nmine\n")
    engine = duckdb_files(str(tmp_path / name))
    assert engine.run("SELECT * FROM records") == [("mine",)]
    engine.close()


def test_a_link_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("person\nroot\n")
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "a.csv").write_text("person\np1\n")
    (folder / "b.csv").symlink_to("a.csv")
    assert len(read_folder(str(folder)).rows) == len(duckdb_files(str(folder)).run("SELECT * FROM records")) == 2
    (folder / "z.csv").symlink_to("../secret.csv")
    for read in (read_folder, duckdb_files):
        with pytest.raises(InputError, match=r"z\.csv: AC440 This is a link that leads out of its folder"):
            read(str(folder))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "v.csv")
    assert "This is not an ordinary file" in refused(tmp_path / "v.csv")


@pytest.mark.parametrize("text", ["#\n" * 10_001, "#" + "x" * 1_000_000 + "\n"])
def test_comments_without_end(text: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(text + "person\n")
    assert "10,000 lines of comment before the header" in refused(tmp_path / "v.csv")


def test_parquet_of_very_many_rows_in_few_bytes(tmp_path: Path) -> None:
    import duckdb

    duckdb.sql(f"COPY (SELECT 1 AS cost FROM range(30_000_000)) TO '{tmp_path}/v.parquet' (FORMAT parquet)")
    assert "30,000,000 records in" in refused(tmp_path / "v.parquet")


# servers


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes every call and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_server_that_never_answers(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setattr(databases, "CONNECTING", 2)
    begun = time.monotonic()
    assert "cannot be connected to" in refused(f"postgresql://u@127.0.0.1:{silent}/care#visits")
    assert time.monotonic() - begun < 30


def test_how_long_is_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert databases.options("x", "postgres://u@h/care") == {"connect_timeout": 10}
    assert databases.options("x", "postgres://u@h/care?connect_timeout=3") == {}
    assert databases.options("x", "mysql://u@h/care") == {}
    assert databases.seconds("x") == 600
    monkeypatch.setenv("ALLIANCE_TIMEOUT", " 60 ")
    assert databases.seconds("x") == 60
    for wrong in ("0", "-1", "1.5", "soon", "9" * 99, "١"):
        monkeypatch.setenv("ALLIANCE_TIMEOUT", wrong)
        with pytest.raises(InputError, match="which is no number of seconds"):
            databases.seconds("x")


# the cache of queries


def kept(store: Store, dialect: str = "duckdb") -> Rendered:
    import ibis

    return store.sql(dialect, "about", lambda: (ibis.table({"a": "int64"}, name="t"), [1]))


def _forged(path: Path) -> None:
    found = ["COPY (SELECT 1) TO 'owned.csv'", ["a"], [1]]
    path.write_text(json.dumps(found))


def _signed(found: object) -> Callable[[Path], None]:
    """What is as it was written, and not what is kept."""
    import hashlib

    def write(path: Path) -> None:
        text = found if isinstance(found, str) else json.dumps(found)
        path.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")

    return write


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _large(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(10**9)


@pytest.mark.parametrize(
    "change",
    [
        _forged,
        _pipe,
        _link,
        _large,
        lambda path: path.chmod(0o666),
        lambda path: path.write_bytes(b"\xff\xfe\0"),
        _signed("[" * 100_000),
        _signed({"a": 1, "b": 2, "c": 3}),
        _signed(["SELECT 1", 5, []]),
        _signed([5, ["a"], []]),
        _signed(["COPY (SELECT 1) TO 'owned.csv'", ["a"], []]),
        _signed("[1, [], " + "9" * 100_000 + "]"),
    ],
)
def test_what_is_not_as_it_was_kept_is_rendered_again(change: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    good = kept(Store(folder))
    (path,) = folder.iterdir()
    change(path)
    again = Store(folder)
    assert kept(again) == good
    assert again.rendered == 1


def test_a_folder_that_others_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kept"
    kept(Store(folder))
    assert folder.stat().st_mode & 0o777 == 0o700
    for open_, again in ((0o777, 1), (0o700, 0)):
        folder.chmod(open_)
        store = Store(folder)
        kept(store)
        assert store.rendered == again
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    store = Store(folder)
    kept(store)
    assert store.rendered == 1
    monkeypatch.delattr(os, "getuid")  # as on Windows
    assert kept(Store(folder)) == kept(store)


def test_queries_of_other_engines_and_very_large_ones_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(Store(tmp_path / "kept"), "postgres")
    assert not (tmp_path / "kept").exists()
    monkeypatch.setattr("alliance.measures.rendered.MOST_BYTES", 10)
    kept(Store(tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


# a command that is ended, and one that is misled


def test_a_command_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "beyond").mkdir()
    base = database(
        tmp_path / "x.db",
        "CREATE TABLE visits AS SELECT 'p' || i AS person, DATE '2026-04-01' AS day, i AS cost FROM range(12_000_000) t(i)",
    )
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    environment = {**os.environ, "TMPDIR": str(tmp_path / "beyond"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    words = [sys.executable, "-m", "alliance", "data", "check", str(tmp_path), "--data", f"visits={base}#visits"]
    command = subprocess.Popen(words, cwd=HOME, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not os.listdir(tmp_path / "beyond") and command.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    command.send_signal(signal.SIGTERM)
    _, told = command.communicate(timeout=60)
    assert (command.returncode, told.decode()) == (130, "Interrupted.\n")
    assert os.listdir(tmp_path / "beyond") == []


def test_an_interrupted_query_is_told_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    import click

    def invoke(ctx: click.Context) -> object:
        raise RuntimeError("Query interrupted")

    with pytest.raises(click.exceptions.Exit) as error:
        guarded(click.Context(cli), invoke)
    assert error.value.exit_code == 130
    assert capsys.readouterr().err == "Interrupted.\n"


def test_memory_that_is_no_size_is_told_of_a_small_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    monkeypatch.setenv("ALLIANCE_MEMORY", "much")
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "v.csv").write_text("person,day,cost\np1,2026-04-01,5\n")
    found = CliRunner().invoke(cli, ["data", "check", str(tmp_path), "--data", f"visits={tmp_path}/v.csv"])
    assert found.exit_code == 1
    assert "ALLIANCE_MEMORY is MUCH, which is no size" in found.stderr


def test_nothing_is_left_where_memory_is_no_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_MEMORY", "much")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(InputError):
        DuckDB("v.csv", "records", True, [])
    assert not list(tmp_path.iterdir())
