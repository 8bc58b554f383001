"""Records from files of every form: CSV, workbooks, Parquet, folders of them; in memory, in DuckDB and in Spark alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alliance.cli.main import cli
from alliance.measures.connected import opened
from alliance.measures.engines import DuckDB, duckdb_files
from tests.measures.java import needs_java
from tests.measures.records import (
    COLUMNS,
    CONTRACT,
    Row,
    asks,
    by_hand,
    contract,
    in_engine,
    plain,
    rows,
    write_csv,
    write_parquet,
)

HOME = Path(__file__).parents[2]
MADE = contract()
SEEN = 12  # columns of a row of `measure --format csv` that say what was measured


def alliance(*words: str | Path, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == code, found.output
    return found


def write_xlsx(path: Path, given: list[Row]) -> Path:
    """A workbook with dates, numbers and booleans as it keeps them."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet("visits"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, COLUMNS)
        for at, row in enumerate(given, 1):
            for column, name in enumerate(COLUMNS):
                text = row[name]
                if not text:
                    continue
                if name in ("entered", "left", "seen"):
                    sheet.write_datetime(at, column, date.fromisoformat(text), day)
                elif name in ("mood", "nights", "scored"):
                    sheet.write_number(at, column, float(text))
                elif name in ("safe", "warm"):
                    sheet.write_boolean(at, column, text.lower() in ("yes", "true"))
                else:
                    sheet.write_string(at, column, text)
    return path


def as_folder(write: Callable[[Path, list[Row]], Path], ending: str) -> Callable[[Path, list[Row]], Path]:
    def written(path: Path, given: list[Row]) -> Path:
        folder = path.with_suffix(".folder")
        folder.mkdir(parents=True)
        half = len(given) // 2
        for name, part in (("a", given[:half]), ("b", given[half:])):
            made = write(path.with_name(f"{name}{ending}"), part)
            made.rename(folder / made.name)
        return folder

    return written


FORMS: dict[str, tuple[str, Callable[[Path, Any], Path]]] = {
    "csv": (".csv", write_csv),
    "xlsx": (".xlsx", write_xlsx),
    "parquet": (".parquet", write_parquet),
    "a folder of csv": (".csv", as_folder(write_csv, ".csv")),
    "a folder of xlsx": (".xlsx", as_folder(write_xlsx, ".xlsx")),
    "a folder of parquet": (".parquet", as_folder(write_parquet, ".parquet")),
}


@pytest.fixture(scope="module")
def given() -> list[Row]:
    return rows(41, 240)


def measured(folder: Path, place: str | Path) -> list[list[str]]:
    found = alliance("measure", folder, "--period", "2024-25", "--data", f"visits={place}", "--format", "csv")
    return [row[:SEEN] for row in csv.reader(io.StringIO(found.stdout))]


@pytest.fixture(scope="module")
def expected(given: list[Row], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[list[str]]]:
    folder = tmp_path_factory.mktemp("contract")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    return folder, measured(folder, write_csv(folder / "visits.csv", given))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", ["in memory", "in an engine"])
def test_every_form_of_file_is_measured_alike(
    form: str, where: str, given: list[Row], expected: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, write = FORMS[form]
    if where == "in an engine":
        monkeypatch.setattr("alliance.cli.sources.LARGE", 0)
    folder, wanted = expected
    place = write(tmp_path / f"visits{ending}", given)
    assert measured(folder, place) == wanted
    assert len(wanted) > 40


def test_the_cells_of_a_workbook_come_to_the_same_from_a_text_table(given: list[Row], tmp_path: Path) -> None:
    """Workbooks, CSV and Parquet files are compared in Spark in test_agreement.py."""
    from alliance.data.table import read_table

    asked = asks(MADE, ("2024-25",), date(2026, 3, 31))
    book = read_table(write_xlsx(tmp_path / "book.xlsx", given))
    place = write_csv(tmp_path / "from-book.csv", [{c: row.get(c) or "" for c in COLUMNS} for row in book.rows])
    found, prepared = in_engine(MADE, asked, opened(str(place)))
    assert plain(found) == plain(by_hand(MADE, asked, given))
    assert prepared.records == len(given)
    assert set(prepared.plan().plain) == {"odd"}


# what an engine once got wrong

TWICE = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {a: {name: A, role: payer}}
inputs:
  visits:
    records: {person: id, day: date, cost: GBP, safe: boolean}
    dated: day
    unique: [person, day]
    faulty: drop and count
measures:
  dear: {mean: {of: visits, value: cost}}
"""
LINES = [
    "p1,2026-04-01,10,yes",
    "p1,2026-04-01,20,yes",
    "p2,2026-04-02,30,no",
    "p3,2026-07-01,5,no",
    ",2026-04-02,30,perhaps",
]


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    import duckdb

    (tmp_path / "contract.yaml").write_text(TWICE, "utf-8")
    (tmp_path / "v.csv").write_text("person,day,cost,safe\n" + "\n".join(LINES) + "\n", "utf-8")
    typed = f"SELECT * REPLACE (cost::DOUBLE AS cost) FROM read_csv('{tmp_path}/v.csv', all_varchar = true)"
    duckdb.sql(f"COPY ({typed}) TO '{tmp_path}/v.parquet' (FORMAT parquet)")
    with duckdb.connect(str(tmp_path / "v.db")) as connection:
        connection.execute(f"CREATE TABLE v AS {typed}")
    return tmp_path


@pytest.mark.parametrize("place", ["v.csv", "v.parquet", "duckdb:///{}/v.db#v"])
@pytest.mark.parametrize("large", [0, 8_000_000])
def test_of_records_given_twice_the_first_counts(
    place: str, large: int, twice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alliance.cli.sources.LARGE", large)
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", large)
    where = place.format(twice) if "://" in place else twice / place
    found = alliance("measure", twice, "--period", "2026-27 Q1", "--data", f"visits={where}", "--format", "csv")
    [row] = csv.DictReader(io.StringIO(found.stdout))
    assert (row["value"], row["cases"], row["dropped"]) == ("20", "2", "2")


@pytest.mark.parametrize("place", ["v.csv", "v.parquet", "duckdb:///{}/v.db#v"])
@pytest.mark.parametrize("large", [0, 8_000_000])
def test_every_fault_is_told_with_its_row(place: str, large: int, twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is wrong with a record, and where it is dated outside a period that is named."""
    monkeypatch.setattr("alliance.cli.sources.LARGE", large)
    monkeypatch.setattr("alliance.cli.sources.READ_AGAIN", large)
    where = place.format(twice) if "://" in place else twice / place
    first = 2 if place == "v.csv" else 1  # the line of the first record: a CSV file has a header
    found = alliance("data", "check", twice, "--data", f"visits={where}", "--period", "2026-27 Q1", code=1)
    file = str(where).rpartition("/")[2] if large == 0 or "://" in place else str(where)
    told = [line.partition(": AC")[::2] for line in found.stderr.splitlines() if ": AC" in line]
    lines = {}
    for at, words in told:
        at = at.removeprefix(str(where) if str(where) in at else file).strip(":").split(":")[0]
        lines.setdefault(int(at) - first if at.isdigit() else -1, []).append(words.partition(" ")[2])
    assert any("the same person and day" in words for words in lines[1])
    assert any("2026-07-01 is outside 2026-27 Q1" in words for words in lines[3])
    assert {words.split(":")[0] for words in lines[4]} == {"visits, person", "visits, safe"}
    assert "2026-04-01  2026-07-01" in found.stdout


@needs_java
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_reads_binary_fractions_too(twice: Path, spark: None) -> None:
    found = alliance("data", "check", twice, "--data", f"visits=spark:{twice}/v.parquet", code=1)
    assert "v.parquet:5: AC443 visits, person: it is empty" in found.stderr


# folders

SETTLED = TWICE.replace("    faulty: drop and count\n", "") + (
    "  # a payment that goes through the records one by one\n"
    "payments: {p: {pays_for: outcome, each: visits, start: cost, from: a, to: b}}\n"
)


def test_a_folder_is_settled_record_by_record(tmp_path: Path) -> None:
    body = SETTLED.replace("role: payer}}", "role: payer}, b: {name: B, role: provider}}")
    (tmp_path / "contract.yaml").write_text(body, "utf-8")
    folder = tmp_path / "visits"
    folder.mkdir()
    for name, line in (("april", LINES[0]), ("may", LINES[2])):
        (folder / f"{name}.csv").write_text(f"person,day,cost,safe\n{line}\n", "utf-8")
    (folder / "README.txt").write_text("what these are")
    found = alliance("settle", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={folder}", "--format", "csv")
    assert "40" in found.stdout
    (folder / "june.csv").write_text(f"person,day,cost,safe\n{LINES[0]}\n", "utf-8")
    found = alliance("settle", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={folder}", code=1)
    assert (
        f"{folder}/june.csv:2: AC139 visits: the same person and day as the record at {folder}/april.csv:2."
        in found.stderr
    )
    (folder / "june.csv").write_text("person,day\n", "utf-8")
    found = alliance("settle", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={folder}", code=1)
    assert "The files of the folder have different columns." in found.stderr
    (folder / "june.csv").rename(folder / "june.json")
    found = alliance("settle", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={folder}", code=1)
    assert "several kinds (.csv, .json)" in found.stderr


def test_a_connection_is_let_go_of(twice: Path) -> None:
    engine = duckdb_files(str(twice / "v.csv"))
    assert isinstance(engine, DuckDB)
    engine.close()
    from alliance.contract.faults import InputError

    with pytest.raises(InputError, match="cannot be read"):
        engine.columns()
