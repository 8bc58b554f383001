"""`alliance settle --table`: many agreements."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from alliance.cli import settle_table
from tests.cli.contracts import SCHOOLS, put, run

TABLE = """\
# the schools of the town
name,area,meals,fed
north,a,100,50%
south,a,abc,60%
,a,5,1%
east,b,,70%
west,b,300,80%
"""
YEAR = ("--period", "2026-27")


@pytest.fixture
def contract(tmp_path: Path) -> str:
    return put(tmp_path, SCHOOLS)


@pytest.fixture
def table(tmp_path: Path) -> str:
    return put(tmp_path, TABLE, "schools.csv")


def good(tmp_path: Path) -> str:
    return put(tmp_path, "name,meals,fed\nnorth,100,50%\nwest,0,80%\n", "good.csv")


def test_rows_in_the_tables_order_and_the_others_still_settle(contract: str, table: str) -> None:
    told = run("settle", contract, *YEAR, "--table", table, "--key", "name", "--format", "csv", code=1)
    assert told.stdout == (
        "agreement,payment,payer,payee,amount\n"
        "north,meals_paid,town,school,135.00\n"
        "north,meals_paid,town,kept,15.00\n"
        "west,meals_paid,town,school,405.00\n"
        "west,meals_paid,town,kept,45.00\n"
    )
    errors = told.stderr.splitlines()
    assert errors[0].startswith(f"{table}:4:3: AC135 south: meals: ")
    assert errors[1] == f"{table}:5: AC162 the row has no name."
    assert errors[2] == f"{table}:6: AC141 east: Meals could not be determined: meals is missing."
    assert errors[3] == "3 of 5 agreements could not be settled."
    assert errors[4].startswith("Mend these rows and settle the table again, in place of this. To pay this first,")


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("figures", "agreement,name,value,status\na/n,due,150,measured\na/n,fed.score,0.5,measured\n"),
        ("measures", "agreement,name,value,cases,status\na/n,fed,0.5,,measured\n"),
        ("balances", "agreement,account,key,opening,in,out,closing\na/n,kept,,0.00,15.00,0.00,15.00\n"),
    ],
)
def test_other_rows_and_a_key_of_two_columns(contract: str, tmp_path: Path, rows: str, text: str) -> None:
    table = put(tmp_path, "x,y,meals,fed\na,n,100,50%\n", "t.csv")
    arguments = ("--table", table, "--key", "x, y", "--format", "csv", "--rows", rows)
    assert run("settle", contract, *YEAR, *arguments).stdout == text


def test_a_payment_of_nothing_is_a_row(contract: str, tmp_path: Path) -> None:
    told = run("settle", contract, *YEAR, "--table", good(tmp_path), "--key", "name", "--format", "csv").stdout
    assert told.endswith("west,meals_paid,town,school,0.00\n")


def test_the_contract_may_say_the_key(tmp_path: Path) -> None:
    contract = put(tmp_path, SCHOOLS.replace("settles: yearly", "settles: yearly\n  key: name"))
    told = run("settle", contract, *YEAR, "--table", good(tmp_path), "--format", "csv").stdout
    assert told.startswith("agreement,payment,payer,payee,amount\nnorth,")


def test_a_summary(contract: str, table: str) -> None:
    told = run("settle", contract, *YEAR, "--table", table, "--key", "name", code=1).stdout
    assert told.startswith("Breakfast clubs\nAgreements settled for 2026-27\n")
    assert "Agreements  2 agreements settled, 3 not" in told
    assert "   6  east       Meals: meals is missing" in told
    assert "Meals (meals_paid)  Town council (town)  School                          2  540.00" in told
    assert "west       meals_paid  town  school  405.00" in told
    assert (
        "# Breakfast clubs"
        in run("settle", contract, *YEAR, "--table", table, "--key", "name", "--format", "markdown", code=1).stdout
    )


def test_a_summary_of_a_scheme_without_payments(tmp_path: Path) -> None:
    contract = put(tmp_path, SCHOOLS.split("payments:")[0])
    told = run("settle", contract, *YEAR, "--table", good(tmp_path), "--key", "name").stdout
    assert "Agreement     due\n" in told
    assert "north      150.00\n" in told
    none = put(tmp_path, "name,meals,fed\n", "none.csv")
    assert "AC164" in run("settle", contract, *YEAR, "--table", none, "--key", "name", code=1).stderr


def test_json_is_a_list_that_can_be_opened_from(contract: str, tmp_path: Path) -> None:
    arguments = ("settle", contract, *YEAR, "--table", good(tmp_path), "--key", "name")
    found = json.loads(run(*arguments, "--format", "json").stdout)
    assert [(one["agreement"], one["line"], one["faults"]) for one in found] == [("north", 2, []), ("west", 3, [])]
    saved, printed = tmp_path / "saved.json", tmp_path / "printed.json"
    run(*arguments, "--save", str(saved))
    assert json.loads(saved.read_text("utf-8")) == found
    run(*arguments, "--format", "json", "--output", str(printed))
    assert printed.read_bytes() == saved.read_bytes()
    balances = tmp_path / "balances.csv"
    run(*arguments, "--format", "csv", "--rows", "balances", "--output", str(balances))
    following = ("settle", contract, "--period", "2027-28", "--table", good(tmp_path), "--key", "name")
    for opening in (saved, balances):
        told = run(*following, "--opening", str(opening), "--format", "csv", "--rows", "balances").stdout
        assert "north,kept,,15.00,15.00,0.00,30.00\n" in told


def test_a_row_that_failed_is_saved_without_a_settlement(contract: str, table: str, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    run("settle", contract, *YEAR, "--table", table, "--key", "name", "--save", str(saved), code=1)
    found = json.loads(saved.read_text("utf-8"))
    assert [one["settlement"] is None for one in found] == [False, True, True, False, False]
    assert found[1]["faults"][0]["code"] == "AC135"
    told = run(
        "settle", contract, "--period", "2027-28", "--table", table, "--key", "name", "--opening", str(saved), code=1
    )
    notes = [line for line in told.stderr.splitlines() if line.startswith("Note")]
    assert notes == ["Note: in the opening settlement, 2026-27, not everything was determined (east: meals_paid)."]


def test_a_row_that_failed_keeps_what_it_opened_with(contract: str, tmp_path: Path) -> None:
    """North has 15.00 after the first year, fails in the second, and still has it in the third."""
    head = "name,meals,fed\n"
    years = [("2026-27", "north,100,50%\n", 0), ("2027-28", "north,abc,50%\nnorth,1,1%\n,2,2%\n,3,3%\n", 1)]
    opening: tuple[str, ...] = ()
    for year, row, code in years:
        table, saved = put(tmp_path, head + row, "t.csv"), tmp_path / f"{year}.json"
        arguments = ("--period", year, "--table", table, "--key", "name", *opening, "--save", str(saved))
        run("settle", contract, *arguments, code=code)
        opening = ("--opening", str(saved))
    found = json.loads(saved.read_text("utf-8"))
    assert [one.get("closing", {}).get("balances") for one in found] == [{"kept": {"": "15"}}, None, None]
    table = put(tmp_path, head + "north,100,50%\n", "t.csv")
    arguments = ("--period", "2027-28", "--table", table, "--key", "name", *opening, "--format", "csv")
    told = run("settle", contract, *arguments, "--rows", "balances")
    assert "north,kept,,15.00,15.00,0.00,30.00\n" in told.stdout
    assert told.stderr == 'Note: "north" was not settled in the opening, so it opens with what it opened with there.\n'
    found[0]["closing"]["balances"]["kept"] = 5
    saved.write_text(json.dumps(found), encoding="utf-8")
    told = run("settle", contract, *arguments, code=1)
    assert told.stderr.startswith(f"{saved}: AC122 this is not a saved settlement: its closing state cannot be read.")
    found[0]["closing"]["balances"]["kept"] = {"": "15"}
    saved.write_text(json.dumps([found[0], found[0]]), encoding="utf-8")
    told = run("settle", contract, *arguments, code=1)
    assert f'{saved}: AC122 the agreement "north" stands in it twice.' in told.stderr


def test_an_opening_of_an_agreement_that_has_no_row_is_refused(contract: str, tmp_path: Path) -> None:
    opening = put(tmp_path, "agreement,account,key,opening,in,out,closing\ngone,kept,,0,5,0,5\n", "o.csv")
    told = run("settle", contract, *YEAR, "--table", good(tmp_path), "--key", "name", "--opening", opening, code=1)
    assert f'{opening}: AC123 The table has no row for "gone", which has 5.00 in kept.' in told.stderr


def test_values_and_records_for_all(contract: str, tmp_path: Path) -> None:
    table = put(tmp_path, "name,fed\nnorth,50%\n", "t.csv")
    arguments = ("--table", table, "--key", "name", "--set", "meals=10", "--format", "csv")
    assert "north,meals_paid,town,school,13.50" in run("settle", contract, *YEAR, *arguments).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--key is needed"),
        (["--key", " "], "--key is needed"),
        (["--key", "name", "--inputs", "x.csv"], "With --table"),
    ],
)
def test_misuse(contract: str, table: str, arguments: list[str], told: str) -> None:
    assert told in run("settle", contract, *YEAR, "--table", table, *arguments, code=2).stderr


def test_a_table_at_fault(contract: str, table: str, tmp_path: Path) -> None:
    assert "AC160" in run("settle", contract, *YEAR, "--table", table, "--key", "nam", code=1).stderr
    assert "AC200" in run("settle", contract, *YEAR, "--table", "no.csv", "--key", "name", code=1).stderr
    twice = put(tmp_path, "name,meals\na,1\na,2\n", "t.csv")
    assert "AC163" in run("settle", contract, *YEAR, "--table", twice, "--key", "name", code=1).stderr


def test_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(settle_table, "PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    assert list(settle_table._followed(iter([1, 2, 3]), 3, quiet=False)) == [1, 2, 3]  # type: ignore[arg-type,list-item]
    assert "Settling" in shown.getvalue()
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    assert list(settle_table._followed(iter([1]), 1, quiet=True)) == [1]  # type: ignore[arg-type,list-item]
    monkeypatch.setattr(settle_table, "PATIENCE", 1000)
    assert list(settle_table._followed(iter([1, 2]), 2, quiet=False)) == [1, 2]  # type: ignore[arg-type,list-item]
    assert shown.getvalue() == ""


def test_of_very_many_faults_the_first_are_told(contract: str, tmp_path: Path) -> None:
    rows = "".join(f"s{n},abc,50%\n" for n in range(150))
    many = put(tmp_path, "name,meals,fed\n" + rows, "many.csv")
    words = ("settle", contract, *YEAR, "--table", many, "--key", "name")
    told = run(*words, "--format", "csv", code=1).stderr.splitlines()
    assert sum("AC135" in line for line in told) == 100
    assert told[-3:-1] == [
        "50 more faults are not shown; --format json has those of every agreement.",
        "150 of 150 agreements could not be settled.",
    ]
    assert len(json.loads(run(*words, "--format", "json", code=1).stdout)) == 150


def test_names_that_come_to_the_same_are_told_apart(contract: str, tmp_path: Path) -> None:
    rows = put(tmp_path, "site,name,meals,fed\na/b,c,1,50%\na,b/c,1,50%\n", "t.csv")
    told = run("settle", contract, *YEAR, "--table", rows, "--key", "site,name", "--format", "csv", code=1).stderr
    assert "t.csv:3: AC163 a/b/c: the agreement at line 2 has other columns and the same name, a/b/c." in told
    assert "Write no / in the columns of the key." in told
