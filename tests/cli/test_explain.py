"""`alliance explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.contracts import NEIGHBOURS, put, run

Q1 = ("--period", "2026-27 Q1")


@pytest.fixture
def contract(tmp_path: Path) -> str:
    return put(tmp_path, NEIGHBOURS)


def test_the_tree_names_files_and_lines(contract: str, tmp_path: Path) -> None:
    inputs = put(tmp_path, "name,value\nwell,80%\nspend,20000\n", "q1.csv")
    told = run("explain", contract, *Q1, "--inputs", inputs, "--payment", "trial").stdout
    flat = " ".join(told.split())
    assert f"spend (Spend of the quarter) = 20,000.00 [{inputs}:3:2]" in flat
    assert "saved (Saved in the quarter) (§3) = 10,000.00" in flat
    assert "Block grant (grant)" not in told


def test_what_is_missing_and_where_it_was_to_come_from(contract: str) -> None:
    told = run("explain", contract, *Q1, "--set", "well=80%", "--party", "home", code=1).stdout
    assert "WHAT HOME CARE (HOME) GETS AND GIVES" in told
    assert "It could not be determined, so no money moves." in told
    assert "Hospital trust brings it within 10 working days" in told


def test_formats(contract: str, tmp_path: Path) -> None:
    given = ("explain", contract, *Q1, "--set", "well=80%", "--set", "spend=1", "--payment", "pool")
    found = json.loads(run(*given, "--format", "json").stdout)
    assert found["period"] == "2026-27 Q1"
    assert found["sections"][0]["title"] == "Wellbeing pool (pool): §2, for outcomes"
    lines = run(*given, "--format", "csv").stdout.splitlines()
    assert lines[0] == "payment,depth,text,value,place,exact"
    assert lines[1].startswith('"Wellbeing pool (pool): §2, for outcomes",0,')
    assert any('"7,500.03",' in line and line.endswith(",7500.03") for line in lines)
    assert "- how well" in run(*given, "--format", "markdown").stdout.lower()
    out = tmp_path / "out.txt"
    run(*given, "--output", str(out))
    assert "Wellbeing pool" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--payment", "pol"], 'Did you mean "pool"?'),
        (["--party", "zzz"], "It may be: board, town, home, trust, reserve."),
    ],
)
def test_misuse(contract: str, arguments: list[str], told: str) -> None:
    assert told in " ".join(run("explain", contract, *Q1, *arguments, code=2).stderr.split())


def test_a_contract_without_payments(tmp_path: Path) -> None:
    contract = put(tmp_path, NEIGHBOURS.split("payments:")[0])
    assert "saved" in run("explain", contract, *Q1, "--set", "spend=5").stdout
    told = run("explain", contract, *Q1, "--payment", "x", code=2).stderr
    assert "The contract has none." in told
