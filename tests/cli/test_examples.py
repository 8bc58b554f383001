"""`alliance test`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.contracts import NEIGHBOURS, SCHOOLS, put, run

WRONG = NEIGHBOURS.replace("7_500.03}", "7_500.02, saved: 10_000}").replace("well: 90%", "well: 80%")


def test_examples_that_pass(tmp_path: Path) -> None:
    told = run("test", put(tmp_path, NEIGHBOURS)).stdout
    assert "Neighbours agreement (" in told
    assert "passed  All are well (2026-27 Q1)  1 line" in told
    assert told.endswith("1 passed, 0 failed.\n")


def test_examples_that_fail_say_what_was_found_and_where_they_part(tmp_path: Path) -> None:
    told = run("test", put(tmp_path, WRONG), code=1).stdout
    row = next(line for line in told.splitlines() if line.startswith("FAILED"))
    for text in ("All are well (2026-27 Q1)", "pool.earned", "7,500.02", "5,625.02"):
        assert text in row
    assert "how well people are" in " ".join(told.split())
    assert "saved" not in told, "what was as expected is not listed"
    assert told.endswith("! 0 passed, 1 failed.\n")


def test_json_has_the_totals_and_the_details(tmp_path: Path) -> None:
    put(tmp_path, NEIGHBOURS)
    for name, text in (("wrong", WRONG), ("broken", "alliance: 1\n"), ("none", SCHOOLS)):
        (tmp_path / name).mkdir()
        put(tmp_path / name, text)
    found = json.loads(run("test", str(tmp_path), "--format", "json", code=1).stdout)
    assert (found["passed"], found["failed"], found["unread"]) == (1, 1, 1)
    by_name = {Path(c["file"]).parent.name: c for c in found["contracts"]}
    assert by_name["broken"]["failed"] == 0
    assert by_name["broken"]["faults"]
    assert by_name["none"]["examples"] == []
    (example,) = by_name["wrong"]["examples"]
    assert [e["passed"] for e in example["expected"]] == [False, True]
    assert example["expected"][0]["found"] == "5,625.02"


def test_csv_and_faults(tmp_path: Path) -> None:
    put(tmp_path, WRONG)
    (tmp_path / "broken").mkdir()
    put(tmp_path / "broken", "alliance: 1\n")
    result = run("test", str(tmp_path), "--format", "csv", code=1)
    lines = result.stdout.splitlines()
    assert lines[0] == "file,example,period,result,what,expected,found,parts_at,expected_exact,found_exact"
    assert ',"5,625.02",' in lines[1]
    assert lines[1].endswith(",5625.02")
    results = [line.split(",")[3] for line in lines[1:]]
    assert results[:2] == ["failed", "passed"]
    assert set(results[2:]) == {"unread"}, "a row for each fault of the contract that cannot be read"
    assert " AC" in result.stderr


def test_an_example_that_cannot_be_settled_fails(tmp_path: Path) -> None:
    text = NEIGHBOURS.replace("spend: 20_000}", "spend: lots}")
    told = run("test", put(tmp_path, text), code=1)
    assert "FAILED" in told.stdout
    assert "is not a number" in " ".join(told.stdout.split())
    rows = run("test", put(tmp_path, text), "--format", "csv", code=1).stdout
    assert "is not a number" in rows


def test_none_is_fine_and_nowhere_to_look_is_not(tmp_path: Path) -> None:
    told = run("test", put(tmp_path, SCHOOLS)).stdout
    assert "It carries no examples." in told
    assert "0 passed, 0 failed." in told
    (tmp_path / "empty").mkdir()
    found = json.loads(run("test", str(tmp_path / "empty"), "--format", "json", code=1).stdout)
    assert (found["passed"], found["failed"], found["unread"]) == (0, 0, 1)
    told = run("test", str(tmp_path / "empty"), code=1).stdout
    assert "It cannot be read, so no example was run: 1 fault." in told
    assert told.endswith("! 0 passed, 0 failed; 1 contract could not be read.\n")


def test_a_contract_whose_examples_fail_does_not_settle(tmp_path: Path) -> None:
    told = run("settle", put(tmp_path, WRONG), "--period", "2026-27 Q1", code=1)
    assert "AC150" in told.stderr
    assert told.stdout == ""
