"""`alliance measure`, `alliance data check`, and settling from records."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.contracts import run

GALLERY = Path(__file__).parents[2] / "contracts"
D2A = str(GALLERY / "discharge-to-assess")
T4BL = str(GALLERY / "together-for-better-lives")
DISCHARGES = ("--data", f"discharges={D2A}/data/discharges.csv")
Q2 = ("--period", "2026-27 Q2")


def of(name: str) -> tuple[str, str]:
    return "--data", f"{name}={T4BL}/data/{name}.csv"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_measure_is_printed_with_what_stands_behind_it() -> None:
    told = run("measure", D2A, *Q2, *DISCHARGES)
    for part in ("4.666667%", "150", "100%", "clears 12.2%", "LEFT OUT", "30 September 2026", "City council"):
        assert part in told.stdout
    assert "P001" not in told.stdout


def test_it_says_how_many_people_it_takes() -> None:
    told = run("measure", D2A, *Q2, "--set", "stayed_home=6.5%")
    assert "INTERVALS" not in told.stdout, "without cases there is no interval"
    told = run("measure", T4BL, "--period", "2027-28 Q3", *of("discharges"), *of("voices"))
    assert "it takes 893 cases before the 95% interval clears 12.2%; there are 189" in " ".join(told.stdout.split())


def test_rows_and_json_are_exact() -> None:
    [row] = csv.DictReader(io.StringIO(run("measure", D2A, *Q2, *DISCHARGES, "--format", "csv").stdout))
    assert (row["value"], row["cases"], row["hits"], row["stands"]) == ("0.046666666667", "150", "7", "clears")
    found = json.loads(run("measure", D2A, *Q2, *DISCHARGES, "--format", "json").stdout)
    [measure] = found["measures"]
    assert measure["value"] == {"n": "7/150"}
    assert measure["evidence"]["cases"] == 150


def test_what_is_public_hides_small_numbers() -> None:
    [row] = csv.DictReader(io.StringIO(run("measure", D2A, *Q2, *DISCHARGES, "--public", "--format", "csv").stdout))
    assert (row["value"], row["hits"]) == ("*", "*")
    told = run("measure", D2A, *Q2, *DISCHARGES, "--public").stdout
    assert "4.67" not in told
    assert "7" not in told.split("Measure ")[1].split("NOTES")[0]


def test_ids_are_listed_and_never_published() -> None:
    told = run("measure", D2A, *Q2, *DISCHARGES, "--ids", "stayed_home").stdout
    assert told.splitlines()[0] == "person,discharged"
    assert len(told.splitlines()) == 8
    run("measure", D2A, *Q2, *DISCHARGES, "--ids", "stayed_home", "--public", code=2)
    assert "stayed_home" in run("measure", D2A, *Q2, *DISCHARGES, "--ids", "stayed_hom", code=2).stderr


def test_the_gallery_settles_from_records() -> None:
    told = run(
        "settle", D2A, *Q2, *DISCHARGES, "--data", f"places={D2A}/data/places.csv", "--set", "referred=80", "--final"
    )
    assert (told.exit_code, told.stderr) == (0, "")
    given = ("--set", "ambulance_calls=340")
    named = [part for name in ("discharges", "voices", "places", "packages") for part in of(name)]
    told = run("settle", T4BL, "--period", "2027-28 Q3", *given, *named, "--format", "csv", "--rows", "measures")
    assert "readmissions,0.100529100529,189,measured" in told.stdout


def test_records_in_an_engine_settle_the_same(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "x.db")) as connection:
        for name in ("discharges", "voices"):
            source = f"read_csv('{T4BL}/data/{name}.csv', skip = 1)"
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {source}")
    period = ("--period", "2027-28 Q3", "--format", "csv")
    files = run("measure", T4BL, *period, *of("discharges"), *of("voices"))
    places = [f"--data={name}=duckdb:///{tmp_path}/x.db#{name}" for name in ("discharges", "voices")]
    engine = run("measure", T4BL, *period, *places)

    def values(text: str) -> list[tuple[str, ...]]:
        return [
            (r["name"], r["value"], r["cases"], r["excluded"], r["immature"]) for r in csv.DictReader(io.StringIO(text))
        ]

    assert values(engine.stdout) == values(files.stdout)
    year = [f"--data={name}=duckdb:///{tmp_path}/x.db#{name}" for name in ("discharges", "voices")]
    whole = run("settle", T4BL, "--period", "2027-28", *year, "--format", "csv", "--rows", "measures", code=1)
    assert "readmissions,0.0891089" in whole.stdout


def test_what_payments_go_through_is_brought_as_a_file() -> None:
    told = run("settle", D2A, *Q2, "--data", "discharges=duckdb:///nowhere.db#discharges", code=1)
    assert told.exit_code == 1
    assert "gone through record by record" in told.stderr


def test_data_are_checked(tmp_path: Path) -> None:
    told = run("data", "check", D2A, *DISCHARGES)
    assert (told.exit_code, told.stderr) == (0, "")
    wrong = tmp_path / "d.csv"
    wrong.write_text("person,discharged,assessed_after,readmitted\nP1,2026-02-30,1,\nP2,2026-09-01,1,\n")
    told = run("data", "check", D2A, "--data", f"discharges={wrong}", "--format", "csv", code=1)
    assert "d.csv:2:2: AC138 discharges, discharged" in told.stderr
    assert "discharges," in told.stdout
    told = run("data", "check", D2A, "--data", f"discharges={wrong}", "--period", "2026-27 Q1", code=1)
    assert "2026-09-01 is outside 2026-27 Q1" in told.stderr
    run("data", "check", D2A, "--data", f"discharge={wrong}", code=1)


def test_a_plain_settlement_starts_no_engine() -> None:
    """Given values, and small files of records, need neither Ibis nor DuckDB."""
    script = (
        "import sys; from alliance.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(sorted({'ibis', 'duckdb', 'pandas', 'pyarrow', 'pyspark', 'numpy'} & set(sys.modules)))"
    )
    args = ["settle", D2A, *Q2, *DISCHARGES, "--data", f"places={D2A}/data/places.csv", "--set", "stayed_home=6.5%"]
    for given in (args, args[:-2]):
        out = subprocess.run([sys.executable, "-c", script, *given], capture_output=True, text=True, check=True).stdout
        assert out.splitlines()[-1] == "[]"
