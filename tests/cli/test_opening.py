"""What a settlement opens from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.contracts import NEIGHBOURS, put, run

HEAD = "agreement,account,key,opening,in,out,closing\n"
Q2 = ("--period", "2026-27 Q2", "--set", "well=80%", "--set", "spend=20_000")
BALANCES = ("--format", "csv", "--rows", "balances")


@pytest.fixture
def contract(tmp_path: Path) -> str:
    return put(tmp_path, NEIGHBOURS)


@pytest.mark.parametrize("agreement", ["", "neighbours"])
def test_balances_open_the_accounts(contract: str, tmp_path: Path, agreement: str) -> None:
    opening = put(tmp_path, f"{HEAD}{agreement},reserve,,0.00,12.50,2.50,10.00\n", "o.csv")
    told = run("settle", contract, *Q2, "--opening", opening, *BALANCES)
    assert "neighbours,reserve,,10.00,7500.03,7500.03,10.00" in told.stdout
    assert told.stderr.startswith("Note: a table of balances has no history")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("other,reserve,,0,1,0,1", 'AC123 The opening is of the agreement "other"'),
        (",reserve,,0,1,0,1\nneighbours,reserve,,0,1,0,1", "both with and without"),
        (",reserv,,0,1,0,1", 'AC121 "reserv" is not an account'),
        (",reserve,Ann,0,1,0,1", "reserve is one balance, and has the key"),
        (",reserve,,0,1,0,2", "Opening and in, less out, are not the closing balance."),
        (",reserve,,0,x,0,2", "AC123 in: "),
        (",reserve,,0,1,0,1\n,reserve,,0,1,0,1", "is given twice"),
    ],
)
def test_balances_at_fault(contract: str, tmp_path: Path, row: str, told: str) -> None:
    opening = put(tmp_path, f"{HEAD}{row}\n", "o.csv")
    assert told in run("settle", contract, *Q2, "--opening", opening, code=1).stderr


def test_an_account_by_key_needs_one(tmp_path: Path) -> None:
    text = NEIGHBOURS.replace("  reserve:", "  purse: {title: Purse, by: person, held_by: town}\n  reserve:")
    opening = put(tmp_path, f"{HEAD},purse,,0,1,0,1\n", "o.csv")
    contract = put(tmp_path, text)
    told = run("settle", contract, *Q2, "--opening", opening, code=1).stderr
    assert "purse is kept by person, and there is no key." in told
    opening = put(tmp_path, "account,key,amount\npurse,Ann,5.25\npurse,Bo,0.25\n", "o.csv")
    told = run("settle", contract, *Q2, "--opening", opening, *BALANCES).stdout
    assert "neighbours,purse,Ann,5.25,0.00,0.00,5.25\nneighbours,purse,Bo,0.25,0.00,0.00,0.25\n" in told


@pytest.mark.parametrize("head", ["account,amount", "account,closing", "title,account,closing,in"])
def test_an_account_and_its_amount_are_enough(contract: str, tmp_path: Path, head: str) -> None:
    row = {"account": "reserve", "amount": "10.00", "closing": "10.00", "in": "7", "title": "-"}
    opening = put(tmp_path, f"{head}\n{','.join(row[c] for c in head.split(','))}\n", "o.csv")
    told = run("settle", contract, *Q2, "--opening", opening, *BALANCES).stdout
    assert "neighbours,reserve,,10.00,7500.03,7500.03,10.00" in told


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("name,amount", "The column account is missing."),
        ("account,opening", "The column amount is missing."),
        ("account,amount,closing", "The columns amount and closing say the same."),
    ],
)
def test_a_table_without_its_columns(contract: str, tmp_path: Path, head: str, said: str) -> None:
    opening = put(tmp_path, f"{head}\n{','.join('5' for _ in head.split(','))}\n", "o.csv")
    told = run("settle", contract, *Q2, "--opening", opening, code=1).stderr
    assert told.startswith(f"{opening}:1: AC123 {said}\n    A table of balances has the columns account and amount;")


def saved(contract: str, tmp_path: Path, period: str = "2026-27 Q1") -> Path:
    path = tmp_path / "saved.json"
    given = ("--set", "well=80%", "--set", "spend=20_000")
    run("settle", contract, "--period", period, *given, "--save", str(path))
    return path


def test_a_settlement_of_another_contract_is_refused(contract: str, tmp_path: Path) -> None:
    path = saved(contract, tmp_path)
    other = put(tmp_path, NEIGHBOURS.replace("id: neighbours", "id: others"), "other.yaml")
    told = run("settle", other, *Q2, "--opening", str(path), code=1).stderr
    assert told.startswith(f'{path}: AC123 This is a settlement of the contract "neighbours", not of "others".')


def test_a_period_is_settled_again_from_a_later_one(contract: str, tmp_path: Path) -> None:
    path = saved(contract, tmp_path, "2026-27 Q3")
    told = run("settle", contract, *Q2, "--opening", str(path)).stdout
    assert "2026-27 Q3 was settled after this period, on what it came to before. Settle it again." in told


def test_a_part_of_a_year_that_was_settled_is_refused(contract: str, tmp_path: Path) -> None:
    path = str(tmp_path / "year.json")
    given = ("--set", "well=80%", "--set", "spend=20_000")
    run("settle", contract, "--period", "2026-27", *given, "--save", path, code=1)  # not all of it is known
    told = run("settle", contract, *Q2, "--opening", path, code=1).stderr
    assert told.endswith(
        "AC142 2026-27 Q2 is a part of 2026-27, which was settled as a whole.\n"
        "    Settle 2026-27 again, and bring what changed with its own period, 2026-27 Q2.\n"
    )


@pytest.mark.parametrize("text", ["", "[5]", "{}", '[{"agreement": 5}]', '{"alliance_settlement": 1}'])
def test_what_is_no_settlement_is_refused(contract: str, tmp_path: Path, text: str) -> None:
    path = put(tmp_path, text, "o.json")
    told = run("settle", contract, *Q2, "--opening", path, code=1).stderr
    assert told.startswith(f"{path}:")
    assert " AC122 " in told


def test_a_settlement_that_was_changed_is_refused(contract: str, tmp_path: Path) -> None:
    path = saved(contract, tmp_path)
    found = json.loads(path.read_text("utf-8"))
    found["balances"][0]["closing"] = "1000000"
    path.write_text(json.dumps(found), encoding="utf-8")
    assert "changed after it was written" in run("settle", contract, *Q2, "--opening", str(path), code=1).stderr


def test_an_empty_opening_is_none(contract: str, tmp_path: Path) -> None:
    opening = put(tmp_path, HEAD, "o.csv")
    assert "neighbours,reserve,,0.00," in run("settle", contract, *Q2, "--opening", opening, *BALANCES).stdout
