"""Records in PostgreSQL: the same counts as one by one, faulty ones told, nothing changed. A real server is started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
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
    **{"cost": "numeric(10,2)", "refund": "numeric(12,4)", "wait": "numeric(6,1)", "nights": "numeric(5,2)"},
    **{"mood": "smallint", "scored": "numeric(4,1)"},
}
SMALL = """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs:
  stays:
    records: {person: id, came: date, went: optional date, cost: GBP, ward: [elm, oak]}
    dated: came
    unique: [person, came]
measures:
  back: {proportion: {of: stays, where: went - came <= 7 days}, better: lower}
  dear: {mean: {of: stays, value: cost}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP if back.value < 60% else 0 GBP, from: icb, to: ash}
"""
STAYS = [
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
    options = f"-k {home} -c listen_addresses= -c fsync=off -c max_connections=20 -c shared_buffers=16MB"
    run("pg_ctl", "-D", str(home / "data"), "-w", "-t", "60", "-l", str(home / "log"), "-o", options, "start")
    try:
        yield f"postgresql://owner@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", str(home / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def database(server: str) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS care CASCADE")
        connection.execute("CREATE SCHEMA care")
        yield connection


def put(database: Any, name: str, columns: list[str], given: list[Any]) -> None:
    database.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    with database.cursor() as cursor:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", given)


def stays(database: Any, given: list[Any], name: str = "care.stays") -> None:
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
        found, prepared = in_engine(MADE, asked, opened(f"{server}#care.{table}"))
        assert plain(found) == expected
        assert set(prepared.plan().plain) == PLAIN
        assert prepared.records == len(given)


def test_a_table_is_measured_and_settled_like_a_file(server: str, database: Any, tmp_path: Path) -> None:
    stays(database, STAYS)
    (tmp_path / "stays.csv").write_text(
        "person,came,went,cost,ward\n" + "".join(",".join(v or "" for v in r) + "\n" for r in STAYS)
    )
    said = []
    for place in (f"{server}#care.stays", str(tmp_path / "stays.csv")):
        given = ("--period", "2026-27 Q1", "--data", f"stays={place}", "--format", "csv")
        measured, settled = alliance(tmp_path, "measure", *given), alliance(tmp_path, "settle", *given)
        assert (measured.exit_code, settled.exit_code) == (0, 0), measured.output + settled.output
        said.append(([line.split(",")[:10] for line in measured.stdout.splitlines()], settled.stdout))
    assert said[0] == said[1]
    assert "1000" in said[0][1]


def test_faulty_records_are_told_by_what_they_are(server: str, database: Any, tmp_path: Path) -> None:
    stays(database, STAYS + WRONG)
    found = alliance(tmp_path, "data check", "--data", f"stays={server}#care.stays", "--period", "2026-27 Q2")
    assert found.exit_code == 1
    said = found.stderr
    assert 'stays, ward: "ash" is not one of elm, oak. It is the record of person "p9", came (empty).' in said
    assert (
        'stays, person: it is empty, and is not optional. It is the record of person (empty), came "2026-04-02".'
        in said
    )
    assert 'the same person and came as another record. It is the record of person "p1", came "2026-04-01".' in said
    assert "2026-05-01 is outside 2026-27 Q2" in said
    assert str(server).partition("?")[2] not in said  # addresses are told without what belongs to nobody else
    assert "3  2026-04-01  2026-06-30" in found.stdout
    assert alliance(tmp_path, "measure", "--period", "2026-27", "--data", f"stays={server}#care.stays").exit_code == 1


def test_of_records_given_twice_one_counts_whatever_their_order(server: str, database: Any, tmp_path: Path) -> None:
    stays(database, STAYS + WRONG)
    stays(database, (STAYS + WRONG)[::-1], "care.turned")
    item = MADE.built.inputs  # read to be sure that the shared contract is not the one below
    assert "stays" not in item
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
                f"stays={server}#care.{name}",
            ],
        )
        for name in ("stays", "turned")
    ]
    assert said[0].exit_code == 0, said[0].output
    assert said[0].stdout == said[1].stdout
    assert [line.split(",")[2] for line in said[0].stdout.splitlines()[1:]] == ["1/3", "7.6"]


def test_the_fingerprint_is_of_the_records(server: str, database: Any) -> None:
    stays(database, STAYS)
    stays(database, STAYS[::-1], "care.turned")
    before = opened(f"{server}#care.stays").fingerprint()
    assert len(before) == 64
    assert opened(f"{server}#care.turned").fingerprint() == before
    database.execute("UPDATE care.stays SET cost = cost + 0.01 WHERE person = 'p3'")
    assert opened(f"{server}#care.stays").fingerprint() != before


def test_all_queries_see_the_same_records_and_change_none(server: str, database: Any) -> None:
    stays(database, STAYS)
    engine = opened(f"{server}#care.stays")
    assert engine.run('SELECT count(*) FROM "stays"') == [(3,)]
    database.execute("DELETE FROM care.stays")
    assert engine.run('SELECT count(*) FROM "stays"') == [(3,)]
    with pytest.raises(InputError, match="read-only"):
        engine.run("DROP TABLE care.stays")


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("{server}#care.stay", 'There is no table "stay" in it'),
        ("{server}#nothing.stays", "cannot be connected to|There is no table"),
        ("{server}", "names no table"),
        ("{server}#care.stays; DROP TABLE care.stays", "There is no table"),
        ('{server}#care.stays"; DROP TABLE care.stays; --', "There is no table"),
        ("{server}#care.odd", "person, came, went, cost, ward"),
    ],
)
def test_what_is_wrong_with_a_place_is_told(server: str, database: Any, tmp_path: Path, place: str, said: str) -> None:
    stays(database, STAYS)
    put(database, "care.odd", ["a jsonb", "b int[]", "c bytea"], [])
    found = alliance(tmp_path, "data check", "--data", f"stays={place.format(server=server)}")
    assert found.exit_code == 1
    import re

    assert re.search(said, found.stderr), found.stderr
    assert database.execute("SELECT count(*) FROM care.stays").fetchone() == (3,)


def test_columns_of_types_that_are_not_read(server: str, database: Any, tmp_path: Path) -> None:
    put(database, "care.stays", ["person jsonb", "came timestamptz", "went date", "cost float8", "ward int[]"],
        [('"p1"', "2026-04-01 10:00+00", None, 0.1, [1])])  # fmt: skip
    found = alliance(tmp_path, "data check", "--data", f"stays={server}#care.stays")
    assert found.exit_code == 1
    assert "The column person is of the type" in found.stderr
    assert "The column ward is of the type" in found.stderr


def test_names_and_values_that_are_sql_are_only_text(server: str, database: Any, tmp_path: Path) -> None:
    evil = "x'); DROP TABLE care.stays; --"
    database.execute('CREATE SCHEMA IF NOT EXISTS "a""b"')
    stays(database, [(evil, "2026-04-01", None, "1", "elm"), ("p2", "2026-04-01", None, "1", evil)], '"a""b"."t""; x"')
    found = alliance(tmp_path, "data check", "--data", f'stays={server}#a"b.t"; x')
    assert f'"{evil}" is not one of elm, oak.' in found.stderr, found.output
    database.execute('DROP SCHEMA "a""b" CASCADE')
