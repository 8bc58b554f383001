"""Every kind of measure goes out as a FHIR report and comes back, by the commands."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alliance.cli.main import cli
from alliance.contract.faults import InputError
from alliance.contract.numbers import from_exact_text
from alliance.measures.fhir import Reported, measures_from_report, report_from_measures
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
            assert one["cases"] == other["cases"], at
            continue
        value, back = from_exact_text(one["value"]["n"]), from_exact_text(other["value"]["n"])
        assert value == back, at
        assert one["cases"] == other["cases"], at
        names = ("cases", "hits", "excluded", "immature", "missing", "dropped", "fingerprint", "start", "end")
        assert [one["evidence"][n] for n in names] == [other["evidence"][n] for n in names], at
        assert one["bounds"] == other["bounds"], at


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


MADE_OF = """\
alliance: 1
contract: {id: made, title: Made of another, term: {from: 2024-04-01, to: 2025-03-31}, settles: quarterly}
parties: {board: {name: Board, role: commissioner}}
inputs: {visits: {records: {person: id, day: date, died: boolean, nights: days, chance: percent}, dated: day}}
measures:
  died: {proportion: {of: visits, where: died}, better: lower}
  less: {difference: {of: died, from: 1/7}, better: lower}
  ours: {deadweight: {of: died, share: 1/3}, better: lower}
  rate: {rate: {of: visits, where: died, per: 1000, to: nights}, better: lower, minimum: 20 cases, interval: {level: 95%, against: 40}}
  none: {rate: {of: visits, where: died and not died, per: 1000, to: nights}, better: lower, interval: {level: 95%}}
  ratio: {observed_to_expected: {of: visits, where: died, expected: chance}, better: lower, interval: {level: 95%, against: 1}}
  chance: {mean: {of: visits, value: chance}, better: lower}
"""


@pytest.mark.parametrize("release", ["R4", "R5"])
@pytest.mark.parametrize("count", [13, 41])
def test_what_is_made_of_others_comes_back_with_its_cases_and_interval(
    tmp_path: Path, release: str, count: int
) -> None:
    contract, visits, report = tmp_path / "contract.yaml", tmp_path / "visits.csv", tmp_path / "report.json"
    contract.write_text(MADE_OF, "utf-8")
    lines = [f"p{n},2024-05-0{n % 9 + 1},{'yes' if n % 3 else 'no'},{n % 7 + 1},{n % 11 + 1}%" for n in range(count)]
    visits.write_text("person,day,died,nights,chance\n" + "\n".join(lines) + "\n", "utf-8")
    period = (contract, "--period", "2024-25 Q1")
    given = ("measure", *period, "--data", f"visits={visits}")
    assert alliance(*given, "--format", "fhir", "--fhir-release", release, "-o", report).exit_code == 0
    before = measured(alliance(*given, "--format", "json"))
    after = measured(alliance("measure", *period, "--inputs", report, "--format", "json"))
    assert before["rate", ""]["status"] == ("not assessable" if count < 20 else "measured")
    for at, one in before.items():
        other = after[at]
        assert (one["value"] or {}).get("n") == (other["value"] or {}).get("n"), at
        assert (one["cases"], one["status"]) == (other["cases"], other["status"]), at
        if at != ("none", "") and one["status"] == "measured":  # of no hits it is not known what they are held to
            assert one["bounds"] == other["bounds"], at


def test_the_exact_value_is_the_one_that_is_shown(tmp_path: Path) -> None:
    one = Reported("m", date(2027, 4, 1), date(2027, 6, 30), Fraction(1, 7), scoring="continuous-variable", cases=9)
    text = report_from_measures([one], contract="c")
    assert measures_from_report(text) == [one]
    for wrong, said in (("1/6", "is not the score that it shows"), ("x", "the value of")):
        with pytest.raises(InputError, match=said):
            measures_from_report(text.replace("1/7", wrong))
    with pytest.raises(InputError, match="the count cases is less than nobody"):
        measures_from_report(text.replace('"valueInteger": 9', '"valueInteger": -9'))
