"""Every kind of measure goes out as a FHIR report and comes back, by the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alliance.cli.main import cli
from alliance.contract.numbers import from_exact_text
from alliance.measures.suppression import small
from tests.measures.records import CONTRACT, rows, write_csv

HOME = Path(__file__).parents[2]
D2A = HOME / "contracts" / "discharge-to-assess"
DISCHARGES = ("--data", f"discharges={D2A}/data/discharges.csv")
Q2 = ("--period", "2026-27 Q2")
YEAR = ("--period", "2024-25")


def alliance(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    return folder, write_csv(folder / "visits.csv", rows(3, 400))


def measured(found: Result) -> dict[tuple[str, str], Any]:
    assert found.exit_code == 0, found.output
    return {(m["name"], m["key"]): m for m in json.loads(found.stdout)["measures"]}


@pytest.mark.parametrize("release", ["R4", "R5"])
def test_every_kind_goes_out_and_comes_back(kinds: tuple[Path, Path], tmp_path: Path, release: str) -> None:
    folder, visits = kinds
    report = tmp_path / "report.json"
    given = (*YEAR, "--data", f"visits={visits}")
    found = alliance("measure", folder, *given, "--format", "fhir", "--fhir-release", release, "--output", report)
    assert found.exit_code == 0, found.output
    before = measured(alliance("measure", folder, *given, "--format", "json"))
    after = measured(alliance("measure", folder, *YEAR, "--inputs", report, "--format", "json"))
    assert before.keys() == after.keys()
    for at, one in before.items():
        other = after[at]
        assert one["status"] == other["status"], at
        if "n" not in (one["value"] or {}):
            continue
        value, back = from_exact_text(one["value"]["n"]), from_exact_text(other["value"]["n"])
        counted = one["evidence"]["kind"] in ("proportion", "bundle", "repeat", "sustained", "changed")
        assert value == back if counted else abs(value - back) < 1e-11, at
        if counted:
            names = ("cases", "excluded", "fingerprint", "start", "end")
            assert [one["evidence"][n] for n in names] == [other["evidence"][n] for n in names]


def test_a_public_report_tells_no_small_number(kinds: tuple[Path, Path]) -> None:
    folder, visits = kinds
    found = alliance("measure", folder, *YEAR, "--data", f"visits={visits}", "--format", "fhir", "--public")
    assert found.exit_code == 0, found.output
    groups = [g for e in json.loads(found.stdout)["entry"] for g in e["resource"]["group"]]
    counts = [p["count"] for g in groups for p in g["population"] if "count" in p]
    assert counts
    assert not any(small(count) or count % 5 for count in counts)
    assert any("_count" in p for g in groups for p in g["population"])
    assert "identifier" not in found.stdout
    assert "urn:alliance:interval" not in found.stdout


def test_settle_takes_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    alliance("measure", D2A, *Q2, *DISCHARGES, "--format", "fhir", "--output", report)
    data = (*DISCHARGES, "--data", f"places={D2A}/data/places.csv", "--set", "referred=80", "--format", "csv")
    counted, told = alliance("settle", D2A, *Q2, *data), alliance("settle", D2A, *Q2, *data, "--inputs", report)
    assert counted.exit_code == told.exit_code == 0
    assert counted.stdout == told.stdout
    printed = alliance("measure", D2A, *Q2, "--inputs", report).stdout
    assert "4.666667%" in printed
    assert "City council" in printed


def change(report: Path, *path: Any) -> None:
    *way, value = path
    whole = json.loads(report.read_text("utf-8"))
    place = whole
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    report.write_text(json.dumps(whole), "utf-8")


RESOURCE = ("entry", 0, "resource")
CODE = (*RESOURCE, "group", 0, "code", "coding", 0, "code")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            (*CODE, "stayed_hom"),
            'AC436 "stayed_hom" is not a measure of this contract.\n    Did you mean "stayed_home"?',
        ),
        ((*CODE, "stayed_home.live_in"), "AC436 stayed_home is a single value."),
        ((*RESOURCE, "period", "start", "2026-07-01"), "AC436 stayed_home is reported for 2026-07-01 to 2026-09-30"),
        ((*RESOURCE, "group", 0, "population", 3, "count", 70), "AC434"),
        ((*RESOURCE, "status", "error"), "AC433"),
        ((*RESOURCE, "sorcery", True), "AC432"),
    ],
)
def test_a_report_that_does_not_fit_is_refused(tmp_path: Path, path: tuple[Any, ...], said: str) -> None:
    report = tmp_path / "report.json"
    alliance("measure", D2A, *Q2, *DISCHARGES, "--format", "fhir", "--output", report)
    change(report, *path)
    found = alliance("settle", D2A, *Q2, "--inputs", report)
    assert found.exit_code == 1
    assert said in found.stderr, found.stderr
    assert found.stdout == ""


def test_ids_go_into_no_report() -> None:
    found = alliance("measure", D2A, *Q2, *DISCHARGES, "--format", "fhir", "--ids", "stayed_home")
    assert found.exit_code == 2
    assert "names nobody" in found.stderr
