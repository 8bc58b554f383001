"""Records in PostgreSQL: the same counts as one by one, faulty ones told, nothing changed. A real server is started."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alliance.cli.main import cli
from alliance.contract.faults import InputError
from alliance.measures.connected import opened
from tests.measures.records import COLUMNS, asks, by_hand, contract, in_engine, plain, rows

MADE = contract()
PLAIN = {"odd"}
HOW = "Install it: apt-get install -y postgresql, and pip install psycopg (`make postgres` does the former)."
TYPES = {
    **dict.fromkeys(("entered", "left", "seen"), "date"),
    **dict.fromkeys(("safe", "warm"), "boolean"),
    "cost": "numeric(10,2)",
    "refund": "numeric(12,4)",
    "wait": "numeric(6,1)",
    "nights": "numeric(5,2)",
    "mood": "smallint",
    "scored": "numeric(4,1)",
}
SMALL = """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs:
  visits:
    records: {person: id, came: date, went: optional date, cost: GBP, ward: [elm, oak]}
    dated: came
    unique: [person, came]
measures:
  back: {proportion: {of: visits, where: went - came <= 7 days}, better: lower}
  dear: {mean: {of: visits, value: cost}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP if back.value < 60% else 0 GBP, from: icb, to: ash}
"""
VISITS = [
    ("p1", "2026-04-01", "2026-04-08", "10.50", "elm"),
    ("p2", "2026-05-01", "2026-05-09", "12.25", "oak"),
    ("p3", "2026-06-30", None, "0.05", "oak"),
]
WRONG = [
    ("p1", "2026-04-01", None, "99.99", "oak"),
    (None, "2026-04-02", None, "1", "elm"),
    ("p9", None, None, "1", "ash"),
]


def programs() -> Path | None:
    """The folder of the server's programs, which Debian does not put in the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def lacking() -> str:
    """Why there is no server to be tested with; nothing where there can be one."""
    if programs() is None:
        return f"PostgreSQL was not tested: its server is missing. {HOW}"
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        return f"PostgreSQL was not tested: {error}. {HOW}"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL was not tested: its server does not run as root, and there is no runuser."
    return ""


# Where a server can be had, one that does not start is an error and no reason to skip.
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(lacking()), reason=lacking() or "-")]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a throwaway server, which is reached by a socket in its own folder."""
    found = programs()
    assert found is not None
    home = Path(tempfile.mkdtemp(prefix="pg"))
    prefix: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *words: str) -> None:
        done = subprocess.run(
            [*prefix, str(found / program), *words], cwd=home, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{program}: {done.stderr}"

    run("initdb", "-D", str(home / "data"), "-A", "trust", "-U", "owner", "-E", "UTF8", "--no-sync", "--locale=C")
    # A query that waits for longer is a fault, and no reason to wait.
    options = f"-k {home} -c statement_timeout=30s -c listen_addresses= -c fsync=off -c max_connections=20 -c shared_buffers=16MB"
    run("pg_ctl", "-D", str(home / "data"), "-w", "-t", "60", "-l", str(home / "log"), "-o", options, "start")
    try:
        yield f"postgresql://owner@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", str(home / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def database(server: str) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(server, autocommit=True, options="-c lock_timeout=10s") as connection:
        # an engine that a test left open would hold its tables
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        connection.execute("DROP SCHEMA IF EXISTS care CASCADE")
        connection.execute("CREATE SCHEMA care")
        yield connection


def put(database: Any, name: str, columns: list[str], given: list[Any]) -> None:
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    with database.cursor() as cursor:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", given)


def visits(database: Any, given: list[Any], name: str = "care.visits") -> None:
    put(database, name, ["person text", "came date", "went date", "cost numeric(10,2)", "ward text"], given)


def alliance(folder: Path, *words: str) -> Result:
    (folder / "c.yaml").write_text(SMALL, "utf-8")
    command, *rest = words
    group = command.split()
    return CliRunner().invoke(cli, [*group, str(folder / "c.yaml"), *rest])


def test_every_kind_of_measure_comes_to_the_same(server: str, database: Any) -> None:
    given = rows(30, 300)
    asked = asks(MADE, ("2023-24 Q4", "2024-25"), date(2026, 3, 31))
    expected = plain(by_hand(MADE, asked, given))
    put(database, "care.texts", [f'"{n}" text' for n in COLUMNS], [[row[n] or None for n in COLUMNS] for row in given])
    typed = ", ".join(f'"{n}"::{TYPES[n]}' if n in TYPES else f'"{n}"' for n in COLUMNS)
    database.execute(f"CREATE TABLE care.typed AS SELECT {typed} FROM care.texts")
    for table in ("texts", "typed"):
        with closing(opened(f"{server}#care.{table}")) as engine:
            found, prepared = in_engine(MADE, asked, engine)
            assert plain(found) == expected
            assert set(prepared.plan().plain) == PLAIN
            assert prepared.records == len(given)


def test_a_table_is_measured_and_settled_like_a_file(server: str, database: Any, tmp_path: Path) -> None:
    visits(database, VISITS)
    (tmp_path / "visits.csv").write_text(
        "person,came,went,cost,ward\n" + "".join(",".join(v or "" for v in r) + "\n" for r in VISITS)
    )
    said = []
    for place in (f"{server}#care.visits", str(tmp_path / "visits.csv")):
        given = ("--period", "2026-27 Q1", "--data", f"visits={place}", "--format", "csv")
        measured, settled = alliance(tmp_path, "measure", *given), alliance(tmp_path, "settle", *given)
        assert (measured.exit_code, settled.exit_code) == (0, 0), measured.output + settled.output
        said.append(([line.split(",")[:10] for line in measured.stdout.splitlines()], settled.stdout))
    assert said[0] == said[1]
    assert "1000" in said[0][1]


def test_faulty_records_are_told_by_what_they_are(server: str, database: Any, tmp_path: Path) -> None:
    visits(database, VISITS + WRONG)
    found = alliance(tmp_path, "data check", "--data", f"visits={server}#care.visits", "--period", "2026-27 Q2")
    assert found.exit_code == 1
    said = found.stderr
    assert 'visits, ward: "ash" is not one of elm, oak. It is the record of person "p9", came (empty).' in said
    assert (
        'visits, person: it is empty, and is not optional. It is the record of person (empty), came "2026-04-02".'
        in said
    )
    assert 'the same person and came as another record. It is the record of person "p1", came "2026-04-01".' in said
    assert "2026-05-01 is outside 2026-27 Q2" in said
    assert str(server).partition("?")[2] not in said  # addresses are told without what belongs to nobody else
    assert "3  2026-04-01  2026-06-30" in found.stdout
    assert alliance(tmp_path, "measure", "--period", "2026-27", "--data", f"visits={server}#care.visits").exit_code == 1


@pytest.mark.parametrize("day", ["2023-02-29", "0000-05-01", "2024-13-01", "infinity"])
def test_a_date_that_is_none_is_told_with_its_record(day: str, server: str, database: Any, tmp_path: Path) -> None:
    columns = ["person text", "came text", "went text", "cost text", "ward text"]
    put(
        database,
        "care.visits",
        columns,
        [("p7", "2026-04-02", day, "1", "elm"), ("p8", "2026-04-03", None, "1", "elm")],
    )
    found = alliance(tmp_path, "data check", "--data", f"visits={server}#care.visits")
    assert found.exit_code == 1
    assert f'AC443 visits, went: "{day}" is not a date' in found.stderr
    assert 'It is the record of person "p7"' in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_columns_of_binary_numbers_come_to_what_their_texts_do(server: str, database: Any, tmp_path: Path) -> None:
    rows = [
        ("p1", "2026-04-01", "4.35"),
        ("p2", "2026-04-02", "1.15"),
        ("p3", "2026-04-03", "1e-3"),
        ("p4", "2026-04-04", "1e7"),
    ]
    for name, kind in (("care.double", "float8"), ("care.free", "numeric")):
        put(database, name, ["person text", "came date", f"cost {kind}", "ward text"], [(*row, "elm") for row in rows])
        words = ("--period", "2026-27 Q1", "--data", f"visits={server}#{name}", "--format", "csv")
        assert ",2500001.37525,money," in alliance(tmp_path, "measure", *words).stdout
    put(
        database,
        "care.odd",
        ["person text", "came date", "cost float8", "ward text"],
        [("p1", "infinity", 0.1 + 0.2, "elm")],
    )
    found = alliance(tmp_path, "data check", "--data", f"visits={server}#care.odd").stderr
    assert 'cost: "0.30000000000000004" has too many decimals: at most 4 are read.' in found
    assert 'came: "infinity" is not a date' in found


def test_of_records_given_twice_one_counts_whatever_their_order(server: str, database: Any, tmp_path: Path) -> None:
    visits(database, VISITS + WRONG)
    visits(database, (VISITS + WRONG)[::-1], "care.turned")
    (tmp_path / "d.yaml").write_text(SMALL.replace("unique:", "faulty: drop and count\n    unique:"))
    said = [
        CliRunner().invoke(
            cli,
            [
                "measure",
                str(tmp_path / "d.yaml"),
                "--period",
                "2026-27 Q1",
                "--format",
                "csv",
                "--data",
                f"visits={server}#care.{name}",
            ],
        )
        for name in ("visits", "turned")
    ]
    assert said[0].exit_code == 0, said[0].output
    assert said[0].stdout == said[1].stdout
    assert [line.split(",")[2] for line in said[0].stdout.splitlines()[1:]] == ["0.333333333333", "7.6"]


def test_the_fingerprint_is_of_the_records(server: str, database: Any) -> None:
    visits(database, VISITS)
    visits(database, VISITS[::-1], "care.turned")

    def fingerprint(table: str) -> str:
        with closing(opened(f"{server}#care.{table}")) as engine:
            return engine.fingerprint()

    before = fingerprint("visits")
    assert len(before) == 64
    assert fingerprint("turned") == before
    database.execute("UPDATE care.visits SET cost = cost + 0.01 WHERE person = 'p3'")
    assert fingerprint("visits") != before


def test_all_queries_see_the_same_records_and_change_none(server: str, database: Any) -> None:
    visits(database, VISITS)
    with closing(opened(f"{server}#care.visits")) as engine:
        assert engine.run('SELECT count(*) FROM "visits"') == [(3,)]
        database.execute("DELETE FROM care.visits")
        assert engine.run('SELECT count(*) FROM "visits"') == [(3,)]
        with pytest.raises(InputError, match="read-only"):
            engine.run("DROP TABLE care.visits")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{server}#care.visit", 'There is no table "visit" in it'),
        ("{server}#nothing.visits", "cannot be connected to|There is no table"),
        ("{server}", "names no table"),
        ("{server}#care.visits; DROP TABLE care.visits", "There is no table"),
        ('{server}#care.visits"; DROP TABLE care.visits; --', "There is no table"),
        ("{server}#care.odd", "lacks the columns person, came, cost, ward"),
    ],
)
def test_what_is_wrong_with_a_place_is_told(server: str, database: Any, tmp_path: Path, place: str, said: str) -> None:
    visits(database, VISITS)
    put(database, "care.odd", ["a jsonb", "b int[]", "c bytea"], [])
    found = alliance(tmp_path, "data check", "--data", f"visits={place.format(server=server)}")
    assert found.exit_code == 1
    assert re.search(said, found.stderr), found.stderr
    assert database.execute("SELECT count(*) FROM care.visits").fetchone() == (3,)


def test_a_table_of_no_schema_is_the_one_on_the_path(server: str, database: Any, tmp_path: Path) -> None:
    database.execute("DROP TABLE IF EXISTS public.visits")
    visits(database, VISITS, "public.visits")
    try:
        found = alliance(tmp_path, "data check", "--data", f"visits={server}#visits")
        assert found.exit_code == 0, found.output
    finally:
        database.execute("DROP TABLE public.visits")


def test_columns_of_types_that_are_not_read(server: str, database: Any, tmp_path: Path) -> None:
    put(database, "care.visits", ["person jsonb", "came timestamptz", "went date", "cost float8", "ward int[]"],
        [('"p1"', "2026-04-01 10:00+00", None, 0.1, [1])])  # fmt: skip
    found = alliance(tmp_path, "data check", "--data", f"visits={server}#care.visits")
    assert found.exit_code == 1
    assert "The column person is of the type" in found.stderr
    assert "The column ward is of the type" in found.stderr


def test_names_and_values_that_are_sql_are_only_text(server: str, database: Any, tmp_path: Path) -> None:
    evil = "x'); DROP TABLE care.visits; --"
    database.execute('CREATE SCHEMA IF NOT EXISTS "a""b"')
    visits(database, [(evil, "2026-04-01", None, "1", "elm"), ("p2", "2026-04-01", None, "1", evil)], '"a""b"."t""; x"')
    found = alliance(tmp_path, "data check", "--data", f'visits={server}#a"b.t"; x')
    assert f'"{evil}" is not one of elm, oak.' in found.stderr, found.output
    database.execute('DROP SCHEMA "a""b" CASCADE')
