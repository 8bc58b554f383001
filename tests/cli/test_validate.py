"""`alliance validate`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.contracts import NEIGHBOURS, SCHOOLS, put, run

BROKEN = NEIGHBOURS.replace("multiply: well.score", "multiply: wel.score").replace("half_it", "x")


def test_a_line_of_summary_each(tmp_path: Path) -> None:
    one = put(tmp_path, NEIGHBOURS)
    (tmp_path / "b").mkdir()
    two = put(tmp_path / "b", SCHOOLS)
    (tmp_path / ".hidden").mkdir()
    put(tmp_path / ".hidden", "not: looked at")
    told = run("validate", str(tmp_path)).stdout.splitlines()
    assert told == [
        f"{one}: fine: 4 parties, 1 account, 1 term, 1 input, 1 measure, 1 figure, 4 payments, 1 example",
        f"{two}: fine: 2 parties, 1 account, 2 inputs, 1 measure, 1 figure, 1 payment",
    ]
    assert run("validate", one, two).stdout.splitlines() == told


def test_faults_go_to_standard_error_with_their_places(tmp_path: Path) -> None:
    path = put(tmp_path, BROKEN)
    result = run("validate", path, code=1)
    line = 1 + BROKEN[: BROKEN.index("wel.score")].count("\n")
    first = result.stderr.splitlines()[0]
    assert first.startswith(f"{path}:{line}:")
    assert " AC" in first
    assert 'Did you mean "well' in result.stderr
    assert f"{path}: " in result.stdout
    assert "fault" in result.stdout


def test_json_and_csv_are_lists_of_faults(tmp_path: Path) -> None:
    path = put(tmp_path, BROKEN)
    found = json.loads(run("validate", path, "--format", "json", code=1).stdout)
    assert {"code", "file", "line", "column", "message", "hint"} == set(found[0])
    assert found[0]["file"] == path
    lines = run("validate", path, "--format", "csv", code=1).stdout.splitlines()
    assert lines[0] == "file,line,column,code,message,hint"
    assert len(lines) == 1 + len(found)
    good = put(tmp_path, NEIGHBOURS)
    assert json.loads(run("validate", good, "--format", "json").stdout) == []


def test_markdown_and_a_file(tmp_path: Path) -> None:
    path, out = put(tmp_path, NEIGHBOURS), tmp_path / "told.md"
    assert run("validate", path, "--format", "markdown", "--output", str(out)).stdout == ""
    assert ": fine: 4 parties" in out.read_text("utf-8")


def test_what_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "AC001" in run("validate", str(tmp_path / "no.yaml"), code=1).stderr
    told = run("validate", str(tmp_path), code=1).stderr
    assert "There is no contract.yaml in this folder or below it." in told


def test_too_many_folders_are_not_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alliance.cli.search.MOST_FOLDERS", 1)
    for name in "abc":
        (tmp_path / name).mkdir()
    assert "more than 1 folders" in run("validate", str(tmp_path), code=1).stderr


def test_the_instrument_of_a_contract_is_checked_with_it(tmp_path: Path) -> None:
    text = NEIGHBOURS.replace(
        "\nmeasures:", "\n  said: {records: {person: id, day: date}, dated: day, instrument: ours.yaml}\nmeasures:", 1
    )
    path = put(tmp_path, text)
    assert 'AC001 There is no file "ours.yaml".' in run("validate", path, code=1).stderr
    (tmp_path / "ours.yaml").write_text("instrument: 1\n")
    assert 'ours.yaml:1:1: AC031 this lacks "id".' in run("validate", path, code=1).stderr
    put(tmp_path, text.replace("ours.yaml", "i-statements"))
    assert ": fine: " in run("validate", path).stdout
