"""A query that was rendered for one file is taken for another only where it reads the same records of it."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import alliance
from alliance.cli.main import cli
from alliance.measures.connected import opened
from alliance.measures.dated import first_and_last, outside
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.settlement.reading import read_field

CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {a: {name: A, role: payer}}
inputs:
  visits:
    records: {person: id, day: date, cost: GBP}
    dated: day
UNIQUE    faulty: drop and count
measures:
  dear: {mean: {of: visits, value: cost}, window: year}
"""
CLEAN = ["p1,2026-04-01,10", "p2,2027-03-29,20"]
FAULTY = ["p1,2026-04-01,10", "p2,2026-05-31,20", ",2027-03-29,30"]
UNIQUE = ("", "    unique: [person, day]\n")
LATE = date(2027, 3, 29)


def write(folder: Path, name: str, lines: list[str]) -> Path:
    """A file of texts or of typed columns, by the ending of its name."""
    import duckdb

    text = folder / f"{name}.txt"
    text.write_text("\n".join(["person,day,cost", *lines]) + "\n", "utf-8")
    if name.endswith(".csv"):
        return text.rename(folder / name)
    source = f"read_csv('{text}', header = true, columns = {{person: VARCHAR, day: DATE, cost: 'DECIMAL(8, 2)'}})"
    duckdb.sql(f"COPY (FROM {source}) TO '{folder / name}' (FORMAT parquet)")
    return folder / name


def prepared(path: Path, store: Store, unique: str = "") -> Prepared:
    item = alliance.loads(CONTRACT.replace("UNIQUE", unique)).built.inputs["visits"]
    return Prepared(item, opened(str(path)), read_field, store).check()


@pytest.mark.parametrize("unique", UNIQUE)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_is_dropped_of_one_file_has_no_day_after_a_clean_one(ending: str, unique: str, tmp_path: Path) -> None:
    """The first file had nothing to drop, so that nothing was looked for in its queries."""
    store, files = Store(), {n: write(tmp_path, f"{n}.{ending}", f) for n, f in (("a", CLEAN), ("b", FAULTY))}
    quarter = alliance.loads(CONTRACT.replace("UNIQUE", unique)).period("2026-27 Q1")
    clean, faulty = (prepared(files[n], store, unique) for n in "ab")
    assert first_and_last(clean) == (date(2026, 4, 1), LATE)
    assert [f.code for f in outside(clean, quarter)] == ["AC443"]
    assert (faulty.records, faulty.dropped) == (2, 1)
    assert first_and_last(faulty) == (date(2026, 4, 1), date(2026, 5, 31))
    assert not list(outside(faulty, quarter))
    assert first_and_last(prepared(files["a"], store, unique)) == (date(2026, 4, 1), LATE)


def test_faults_are_told_up_to_each_limit(tmp_path: Path) -> None:
    path, store = write(tmp_path, "a.parquet", CLEAN * 5), Store()
    quarter = alliance.loads(CONTRACT.replace("UNIQUE", "")).period("2026-27 Q1")
    told = []
    for limit in (2, 4):
        one = prepared(path, store)
        one.limit = limit
        told.append(len(outside(one, quarter).items))
    assert told == [3, 5]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_checked_and_then_measured(ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To check a file its faulty records are dropped, whatever the contract says; to measure it they are not."""
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    stops = CONTRACT.replace("UNIQUE", UNIQUE[1]).replace("drop and count", "stop")
    (tmp_path / "contract.yaml").write_text(stops, "utf-8")
    path = write(tmp_path, f"a.{ending}", CLEAN)
    checked = run("data", "check", tmp_path, "--data", f"visits={path}", "--period", "2026-27")
    assert checked.exit_code == 0, checked.output
    measured = run("measure", tmp_path, "--period", "2026-27 Q4", "--data", f"visits={path}", "--format", "csv")
    assert measured.exit_code == 0, measured.output
    assert [row["value"] for row in csv.DictReader(io.StringIO(measured.stdout))] == ["15"]


@pytest.mark.parametrize("unique", UNIQUE)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_faults_are_told_again_by_the_next_command(
    ending: str, unique: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    stops = CONTRACT.replace("UNIQUE", unique).replace("drop and count", "stop")
    (tmp_path / "contract.yaml").write_text(stops, "utf-8")
    path = write(tmp_path, f"a.{ending}", [*FAULTY, FAULTY[0], "p4,2026-04-02,"])
    given = ("--period", "2026-27 Q1", "--data", f"visits={path}")
    for words in (("data", "check", tmp_path, *given), ("measure", tmp_path, *given)):
        first, second = run(*words), run(*words)
        assert first.exit_code == 1
        assert "visits, person: it is empty" in first.stderr
        assert ("the same person and day" in first.stderr) == bool(unique)
        assert (second.stdout, second.stderr) == (first.stdout, first.stderr)


DIGITS = ["p1,2026-04-01,10.123456", "p2,2026-05-31,20", "p3,2026-05-31,lots"]


@pytest.mark.parametrize("how", ["drop and count", "stop"])
def test_what_an_engine_finds_faulty_in_a_small_file_is_read_again(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that faults are told at their column; what is counted is the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "contract.yaml").write_text(CONTRACT.replace("UNIQUE", "").replace("drop and count", how), "utf-8")
    path, found = write(tmp_path, "a.csv", DIGITS), []
    words = ("--period", "2026-27 Q1", "--data", f"visits={path}", "--format", "csv")
    for large, again in ((8_000_000, 8_000_000), (0, 8_000_000), (0, 0)):
        monkeypatch.setattr("alliance.cli.sources.LARGE", large)
        monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", again)
        results = [run("measure", tmp_path, *words), run("data", "check", tmp_path, *words)]
        found.append([(one.exit_code, one.stdout, one.stderr) for one in results])
    assert found[0] == found[1] != found[2]
    assert "AC138" in found[0][1][2]
    assert 'AC443 visits, cost: "10.123456" has too many decimals: at most 4 are read.' in found[2][1][2]
    assert 'AC138 visits, cost: "10.123456" has too many decimals: at most 4 are read.' in found[0][1][2]
    assert [one[:2] for one in found[0]] == [one[:2] for one in found[2]] or how == "drop and count"


def test_ids_are_listed_of_a_large_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    body = CONTRACT.replace("UNIQUE", "") + "  some: {proportion: {of: visits, where: cost > 15}, window: year}\n"
    (tmp_path / "contract.yaml").write_text(body.replace("cost > 15", "cost > 15 GBP"), "utf-8")
    path = write(tmp_path, "a.csv", CLEAN)
    for command in ("measure", "explain"):
        told = run(command, tmp_path, "--period", "2026-27 Q4", "--data", f"visits={path}", "--ids", "some")
        assert told.stdout.splitlines() == ["person,day", "p2,2027-03-29"], told.output


@pytest.mark.parametrize("size", [10**9, 0])
def test_digits_are_the_same_whatever_reads(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that grows past where an engine takes over comes to the same counts of good records."""
    monkeypatch.setattr("alliance.cli.sources.LARGE", size)
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = CONTRACT.replace("UNIQUE", "").replace("cost: GBP", "cost: GBP, share: percent, length: hours")
    (tmp_path / "contract.yaml").write_text(text, "utf-8")
    (tmp_path / "v.csv").write_text("""\
person,day,cost,share,length
good,2026-04-01,4.3555,29.123456%,0.000001
good,2026-04-01,1000000000000,0.12345678,100000000
bad,2026-04-01,4.35555,29%,1
bad,2026-04-01,0.00001,29%,1
bad,2026-04-01,99999999999999999999,29%,1
bad,2026-04-01,1,29.1234567%,1
bad,2026-04-01,1,0.123456789,1
bad,2026-04-01,1,10001%,1
bad,2026-04-01,1,29%,0.0000001
bad,2026-04-01,1,29%,100000001
""")
    told = run(
        "measure", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={tmp_path / 'v.csv'}", "--format", "csv"
    )
    assert told.exit_code == 0, told.output
    heads, row = (line.split(",") for line in told.stdout.splitlines())
    found = dict(zip(heads, row, strict=True))
    assert (found["cases"], found["dropped"], found["value"]) == ("2", "8", "500000000002.17775")
    why = run("data", "check", tmp_path, "--data", f"visits={tmp_path / 'v.csv'}").stderr
    for said in (
        'cost: "4.35555" has too many decimals: at most 4 are read.',
        'cost: "99999999999999999999" is too large: at most 1,000,000,000,000 is read.',
        'share: "29.1234567%" has too many decimals: at most 6 are read.',
        'share: "10001%" is too large: at most 10,000% is read.',
        'length: "100000001" is too large: at most 100,000,000 is read.',
    ):
        assert said in why
