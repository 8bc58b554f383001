"""Many agreements that read the same records: counted in one query, and settled as from memory and as one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from alliance.cli.main import cli
from alliance.cli.sources import Together

CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2028-03-31}, settles: quarterly, key: home}
parties:
  board: {name: Board, role: commissioner}
  home:  {name: Home, role: provider}
inputs:
  dear: {unit: GBP}
  share: {unit: percent, if: {missing: previous}}
  longest: {unit: days, optional: true}
  visits:
    records: {KEYperson: id, day: date, left: optional date, cost: GBP}
    dated: day
    faulty: drop and count
KEYED
measures:
  over: {proportion: {of: visits, where: cost > dear}, better: lower, minimum: 3 cases}
  part: {mean: {of: visits, value: "cost * share if cost <= dear else dear"}, window: year to date}
  short: {proportion: {of: visits, where: left - day <= longest}, window: 12 months, matured: 30 days}
  people: {distinct: {of: visits, where: cost > dear}, window: year}
figures:
  due: {is: part * 100}
payments:
  pay: {pays_for: outcome, start: 1000 GBP * (100% - over), from: board, to: home}
  mean: {pays_for: outcome, settles: yearly, start: part, from: board, to: home}
"""
TABLE = """\
home,dear,share,longest
A,100,50%,10
B,40.5,,0
C,90,12.5%,
D,,10%,5
"a' OR '1'='1",100,50%,10
E,70,5%,300
nobody,70,5%,300
elsewhere,70,5%,300
twice,1,1%,1
twice,1,1%,2
"""
NAMES = ("A", "B", "C", "D", "a' OR '1'='1", "E", "elsewhere")


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", 0)


def write(folder: Path, keyed: str) -> Path:
    """A contract with its table and records; `keyed` is the type of the field that names an agreement, or empty."""
    body = CONTRACT.replace("KEYED\n", "    key: home\n" if keyed else "")
    (folder / "contract.yaml").write_text(body.replace("KEY", f"home: {keyed}, " if keyed else ""), "utf-8")
    lines = ["home,person,day,left,cost"]
    for n in range(420):
        day = date(2026, 4, 1) + timedelta(days=n * 11 % 365)
        left = day + timedelta(days=n * 7 % 60) if n % 5 else ""
        name = "" if keyed.startswith("optional") and n % 6 == 0 else NAMES[(n + n // 9) % 7]
        lines.append(f"{name},p{n % 60},{day},{left},{'lots' if n == 77 else n * 37 % 151}")
    if not keyed:
        lines = [line.partition(",")[2] for line in lines]
    (folder / "v.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "t.csv").write_text(TABLE, "utf-8")
    return folder


def settled(folder: Path, *words: str | Path, table: str = "t.csv", visits: str = "") -> str:
    given = ["settle", folder, "--table", folder / table, "--data", f"visits={visits or folder / 'v.csv'}", *words]
    found = CliRunner().invoke(cli, [str(word) for word in (*given, "--format", "csv")])
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found.stdout + found.stderr.replace(table, "t.csv")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many agreements were asked for at once, and in how many queries."""
    found: list[tuple[int, int]] = []
    plain = Together.tallies

    def tallies(self: Together, asked: Mapping[str, Sequence[Any]]) -> Any:
        before = self.records.plan().queries
        made = plain(self, asked)
        found.append((len(asked), self.records.plan().queries - before))
        return made

    monkeypatch.setattr(Together, "tallies", tallies)
    return found


WAYS = [
    ("2026-27 Q2", ("--as-of", "2027-03-31")),
    ("2026-27 Q4", ("--extracted", "visits=2027-02-01")),
    ("2026-27", ("--as-of", "2027-05-31")),
]


@pytest.mark.parametrize("rows", ["transfers", "figures", "measures"])
@pytest.mark.parametrize(("label", "options"), WAYS)
def test_settled_together_as_from_memory(
    label: str, options: tuple[str, ...], rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    words = ("--period", label, *options, "--rows", rows)
    folder = write(tmp_path, "id")
    memory = settled(folder, *words)
    assert not asked
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    assert settled(folder, *words) == memory
    [(agreements, _)] = asked
    assert agreements == 8
    assert memory.count("\nA,") >= 1


def test_settled_together_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    folder, (_, *lines) = write(tmp_path, "id"), TABLE.splitlines()
    words = ("--period", "2026-27 Q2")
    together = [line for line in settled(folder, *words).splitlines() if ",pay," in line]
    alone = []
    for line in lines[:-2]:
        name = line.partition(",")[0].strip('"')
        alone += [one for one in settled(folder, *words, "--agreement", name).splitlines() if ",pay," in one]
    assert together == alone
    assert len(together) == 6
    assert [n for n, _ in asked] == [8, *[1] * 8]


def test_records_of_no_agreement_of_the_table_are_told_as_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    """Those of other periods are only noted. An engine does not say in which row they stand."""
    folder, words = write(tmp_path, "id"), ("--period", "2026-27 Q2")
    (folder / "t.csv").write_text(TABLE.replace("elsewhere,70,5%,300\n", "").replace("E,70", "EE,70"), "utf-8")
    memory = settled(folder, *words)
    assert 'AC165 visits: "E" is not an agreement of the table, and ' in memory, memory
    assert 'AC165 visits: "elsewhere" is not' in memory
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    engine = settled(folder, *words)
    assert engine == "".join(line.partition("AC165")[1] + line.partition("AC165")[2] if "AC165" in line else line
                             for line in memory.splitlines(keepends=True))  # fmt: skip
    lines = (folder / "v.csv").read_text("utf-8").splitlines(keepends=True)
    early = "".join(line for line in lines if not line.startswith(("E,", "elsewhere,")) or ",2026-05-" in line)
    (folder / "v.csv").write_text(early, "utf-8")
    told = settled(folder, *words)
    assert 'Note: visits of other periods name agreements that the table has no row for: "' in told
    assert 'Note: visits has nothing for "nobody", "EE".' not in told
    monkeypatch.setattr("alliance.cli.sources.LARGE", 10**9)
    assert sorted(settled(folder, *words).splitlines()) == sorted(told.splitlines())
    assert not [n for n, _ in asked[1:]]


def test_measures_that_add_up_are_counted_in_one_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    folder = write(tmp_path, "id")
    lines = (folder / "contract.yaml").read_text("utf-8").splitlines(keepends=True)
    (folder / "contract.yaml").write_text("".join(line for line in lines if "  people:" not in line), "utf-8")
    full = "home,dear,share,longest\n" + "".join(f"{n},{10 + at},{at}%,{at}\n" for at, n in enumerate("ABCDEFGHIJ"))
    (folder / "t.csv").write_text(full, "utf-8")
    lines = (folder / "v.csv").read_text("utf-8").splitlines(keepends=True)
    (folder / "v.csv").write_text("".join(x for x in lines if not x.startswith(("a'", "elsewhere"))), "utf-8")
    settled(folder, "--period", "2026-27 Q2")
    assert asked == [(10, 1)]


@pytest.mark.parametrize("keyed", ["", "optional id"])
def test_records_that_name_no_agreement_are_of_all(
    keyed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    """A large file of them is read into memory; what has an address is asked for each agreement."""
    import duckdb

    folder, words = write(tmp_path, keyed), ("--period", "2026-27 Q2", "--rows", "measures")
    memory = settled(folder, *words)
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    assert settled(folder, *words) == memory
    assert not asked
    with duckdb.connect(str(folder / "x.db")) as connection:
        connection.execute(f"CREATE TABLE v AS FROM read_csv('{folder}/v.csv', all_varchar = true)")
    assert settled(folder, *words, visits=f"duckdb:///{folder}/x.db#v") == memory
    assert [n for n, _ in asked] == [8]


def test_what_is_gone_through_stays_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[Any]
) -> None:
    folder = write(tmp_path, "id")
    body = (folder / "contract.yaml").read_text("utf-8") + (
        "  each: {pays_for: outcome, each: visits, start: cost, from: board, to: home}\n"
    )
    (folder / "contract.yaml").write_text(body, "utf-8")
    memory = settled(folder, "--period", "2026-27 Q2")
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    assert settled(folder, "--period", "2026-27 Q2") == memory
    assert not asked
    told = settled(folder, "--period", "2026-27 Q2", visits="duckdb:///nowhere.db#v")
    assert "gone through record by record" in told


UNDATED = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2028-03-31}, settles: yearly, key: home}
parties:
  board: {name: Board, role: commissioner}
  home:  {name: Home, role: provider}
inputs:
  fee: {unit: GBP}
  rooms: {records: {home: id, ready: boolean}, key: home}
measures:
  ready: {proportion: {of: rooms, where: ready}}
payments:
  pay: {pays_for: outcome, start: fee * ready, from: board, to: home}
"""


def test_records_without_a_day_are_of_every_period(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").write_text(UNDATED, "utf-8")
    (tmp_path / "t.csv").write_text("home,fee\nA,100\nB,200\n", "utf-8")
    (tmp_path / "v.csv").write_text("home,ready\nA,yes\nA,no\nB,yes\nB,yes\nB,no\nB,yes\n", "utf-8")
    (tmp_path / "more.csv").write_text("home,ready\nA,yes\nX,no\n", "utf-8")
    told = []
    for place in ("v.csv", "more.csv"):
        from_engine, from_memory = (
            CliRunner().invoke(
                cli,
                [
                    "settle",
                    str(tmp_path),
                    "--table",
                    str(tmp_path / "t.csv"),
                    "--data",
                    f"rooms={at}",
                    "--period",
                    "2026-27",
                ],
            )
            for at in (f"duckdb:///{stored(tmp_path, place)}#rooms", tmp_path / place)
        )
        told.append((from_engine, from_memory))
    assert told[0][0].stdout.replace("\r", "") == told[0][1].stdout
    assert "50.00" in told[0][0].stdout
    assert "150.00" in told[0][0].stdout
    for found in told[1]:
        assert '"X" is not an agreement of the table' in found.output


def stored(folder: Path, name: str) -> Path:
    """Records as a table of a database."""
    path = folder / name.replace(".csv", ".duckdb")
    with duckdb.connect(str(path)) as made:
        made.execute(f"CREATE TABLE rooms AS SELECT * FROM read_csv('{folder / name}', all_varchar = true)")
    return path
