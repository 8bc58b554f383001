"""`alliance settle` for one contract."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alliance.settlement.result import Settlement
from tests.cli.contracts import NEIGHBOURS, put, run

Q1 = ("--period", "2026-27 Q1")
GIVEN = ("--set", "well=80%", "--set", "spend=20_000")
TRANSFERS = """\
agreement,payment,payer,payee,amount
neighbours,grant,board,home,15000.00
neighbours,grant,town,home,10000.00
neighbours,grant,board,trust,30000.15
neighbours,grant,town,trust,20000.10
neighbours,pool,home,reserve,2500.00
neighbours,pool,trust,reserve,5000.03
neighbours,pool,reserve,home,1875.00
neighbours,pool,reserve,trust,3750.02
neighbours,pool,reserve,board,1875.01
neighbours,trial,board,home,0.00
neighbours,yearly,board,trust,1500.00
"""


@pytest.fixture
def contract(tmp_path: Path) -> str:
    return put(tmp_path, NEIGHBOURS)


def test_the_statement_is_printed(contract: str, tmp_path: Path) -> None:
    told = run("settle", contract, *Q1, *GIVEN)
    assert told.stdout.startswith("Neighbours agreement\nStatement for 2026-27 Q1, 1 April 2026 to 30 June 2026\n")
    assert told.stderr == ""
    assert run("settle", str(tmp_path), *Q1, *GIVEN).stdout.split("NOTES")[0] == told.stdout.split("NOTES")[0]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("transfers", TRANSFERS),
        (
            "figures",
            "agreement,name,value,status\nneighbours,saved,10000,measured\nneighbours,well.score,0.75,measured\n",
        ),
        ("measures", "agreement,name,value,cases,status\nneighbours,well,0.8,,measured\n"),
        (
            "balances",
            "agreement,account,key,opening,in,out,closing\nneighbours,reserve,,0.00,7500.03,7500.03,0.00\n",
        ),
    ],
)
def test_csv(contract: str, rows: str, text: str) -> None:
    assert run("settle", contract, *Q1, *GIVEN, "--format", "csv", "--rows", rows).stdout == text


def test_a_terminal_gets_tables(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    told = run("settle", contract, *Q1, *GIVEN).stdout
    assert "───" in told
    assert "Who is paid what" in told


def test_csv_of_what_is_not_known(contract: str) -> None:
    told = run("settle", contract, *Q1, "--format", "csv", "--rows", "figures", code=1)
    assert told.stdout.splitlines()[1:] == ["neighbours,saved,,missing", "neighbours,well.score,,missing"]


def test_json_is_the_settlement(contract: str, tmp_path: Path) -> None:
    told = run("settle", contract, *Q1, *GIVEN, "--format", "json").stdout
    s = Settlement.from_json(told)
    assert s.paid("board", "trust", "yearly") == 1500
    saved = tmp_path / "q1.json"
    run("settle", contract, *Q1, *GIVEN, "--save", str(saved))
    assert Settlement.from_json(saved.read_text("utf-8")) == s


def test_markdown_to_a_file(contract: str, tmp_path: Path) -> None:
    out = tmp_path / "q1.md"
    told = run("settle", contract, *Q1, *GIVEN, "--format", "markdown", "-o", str(out))
    assert told.stdout == ""
    assert out.read_text("utf-8").startswith("# Neighbours agreement\n")


def test_a_file_is_written_whole_or_not_at_all(contract: str, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before", encoding="utf-8")
    run("settle", contract, *Q1, "--set", "spend=lots", "--output", str(out), code=1)
    assert out.read_text("utf-8") == "before"
    told = run("settle", contract, *Q1, *GIVEN, "--output", str(tmp_path / "no" / "out"), code=1)
    assert "does not exist" in told.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["contract.yaml", "out.csv"]


def test_what_cannot_be_determined_is_told_and_exits_with_1(contract: str) -> None:
    told = run("settle", contract, *Q1, "--set", "well=80%", code=1)
    assert "WHAT COULD NOT BE DETERMINED" in told.stdout
    assert told.stderr == "Share of what is saved could not be determined: spend is missing.\n"


@pytest.mark.parametrize("name", ["q1.csv", "q1.yaml", "q1.json"])
def test_inputs_from_files_and_values_over_them(contract: str, tmp_path: Path, name: str) -> None:
    texts = {
        "q1.csv": "name,value,cases\nwell,70%,20\nspend,20000,\n",
        "q1.yaml": "well: {value: 70%, cases: 20}\nspend: 20_000\n",
        "q1.json": '{"well": {"value": "70%", "cases": 20}, "spend": 20000}',
    }
    path = put(tmp_path, texts[name], name)
    measures = ("--format", "csv", "--rows", "measures")
    told = run("settle", contract, *Q1, "--inputs", path, *measures).stdout
    assert told.splitlines()[1] == "neighbours,well,0.7,20,measured"
    told = run("settle", contract, *Q1, "--inputs", path, "--set", "well=80%", *measures).stdout
    assert told.splitlines()[1] == "neighbours,well,0.8,,measured"


def test_values_by_party_and_records_from_tables(tmp_path: Path) -> None:
    text = NEIGHBOURS.replace(
        "inputs:\n",
        "inputs:\n  beds: {unit: count, by: provider}\n  visits: {records: {day: date, cost: GBP}, dated: day}\n",
    ).replace("figures:\n", "figures:\n  total: {is: sum(cost for visits) + sum(beds for provider) * 1 GBP}\n")
    contract = put(tmp_path, text)
    visits = put(tmp_path, "day,cost\n2026-04-01,5.50\n2026-06-30,1\n2026-07-01,100\n", "v.csv")
    given = (*GIVEN, "--set", "beds.home=3", "--set", "beds.trust=4", "--data", f"visits={visits}")
    told = run("settle", contract, *Q1, *given, "--format", "csv", "--rows", "figures").stdout
    assert "neighbours,total,13.5,measured" in told
    one = put(tmp_path, "name,party,value\nbeds,home,3\nbeds,trust,40\n", "b.csv")
    given = (*GIVEN, "--inputs", one, "--set", "beds.trust=4", "--data", f"visits={visits}")
    told = run("settle", contract, *Q1, *given, "--format", "csv", "--rows", "figures").stdout
    assert "neighbours,total,13.5,measured" in told


def test_the_next_settlement_opens_from_the_last(contract: str, tmp_path: Path) -> None:
    saved, second = tmp_path / "q1.json", tmp_path / "q2.json"
    run("settle", contract, *Q1, *GIVEN, "--save", str(saved))
    told = run("settle", contract, "--period", "2026-27 Q2", *GIVEN, "--opening", str(saved), "--save", str(second))
    assert told.stderr == ""
    year = ("settle", contract, "--period", "2026-27", *GIVEN, "--opening", str(second), "--format", "csv")
    told = run(*year, code=1)
    assert "neighbours,yearly,board,trust,9000.00" in told.stdout
    assert "2026-27 Q3: spend is missing; 2026-27 Q4: spend is missing" in told.stderr, (
        "what was kept of Q1, Q2 is known"
    )


def test_final(contract: str) -> None:
    told = run("settle", contract, *Q1, *GIVEN, "--final").stdout
    assert "Kind         Final\n" in told
    assert "AC141" in run("settle", contract, *Q1, "--final", code=1).stderr


def test_as_of_is_the_day_whose_variations_are_known(tmp_path: Path) -> None:
    text = NEIGHBOURS.split("examples:")[0] + (
        "variations:\n  - title: More for the year\n    made: 2026-07-15\n    effective: 2026-04-01\n"
        "    figures: {saved: {title: Saved, is: 40_000 GBP - spend}}\n"
    )
    contract = put(tmp_path, text)
    figures = (*Q1, *GIVEN, "--format", "csv", "--rows", "figures")
    assert "neighbours,saved,10000,measured" in run("settle", contract, *figures).stdout
    assert "neighbours,saved,20000,measured" in run("settle", contract, *figures, "--as-of", "2026-08-01").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--period", "2026-27 Q5"], "Invalid value for '--period'"),
        (["--period", "2040-41"], "outside the contract"),
        ([*Q1, "--as-of", "1 May"], "is not a date"),
        ([*Q1, "--set", "well"], "'well' should be NAME=VALUE"),
        ([*Q1, "--set", "=5"], "should be NAME=VALUE"),
        ([*Q1, "--data", "x"], "'x' should be NAME=FILE"),
        ([*Q1, "--key", "a"], "--key names the columns of a --table"),
        ([*Q1, "--rows", "figures"], "--rows says what --format csv prints"),
        ([*Q1, "--rows", "pennies"], "'pennies' is not one of"),
    ],
)
def test_misuse(contract: str, arguments: list[str], told: str) -> None:
    result = run("settle", contract, *arguments, code=2)
    assert told in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--set", "wel=5%"], '--set wel: AC130 "wel" is not an input'),
        (["--set", "spend.home=5"], "--set spend.home: AC132"),
        (["--inputs", "no.csv"], "no.csv: AC200"),
        (["--data", "spend=no.csv"], "no.csv: AC200"),
        (["--opening", "no.json"], "no.json: AC200"),
        (["--opening", "no.csv"], "no.csv: AC200"),
    ],
)
def test_data_at_fault(contract: str, arguments: list[str], told: str) -> None:
    assert told in run("settle", contract, *Q1, *arguments, code=1).stderr


def test_hostile_text_does_nothing_to_a_terminal(contract: str, tmp_path: Path) -> None:
    inputs = put(tmp_path, "name,value\nwell,\u202e80%\n", "in\x1b[2J.csv")
    given = ("--set", "sp\x1b[31mend=5")
    for told in (
        run("settle", contract, *Q1, *given, code=1),
        run("settle", contract, *Q1, "--inputs", inputs, code=1),
        run("settle", contract, "--period", "\x1b[31m", code=2),
        run("validate", str(tmp_path / "\x1b[31m.yaml"), code=1),
    ):
        assert "\x1b" not in told.stdout + told.stderr
        assert "\u202e" not in told.stderr


def test_records_named_like_formulas_are_neutral(tmp_path: Path) -> None:
    text = (
        NEIGHBOURS.split("examples:")[0]
        .replace("inputs:\n", "inputs:\n  people: {records: {person: id, due: GBP}}\n")
        .replace("  reserve:", "  purse: {title: Purse, by: person, held_by: town}\n  reserve:")
        .replace(
            "payments:\n",
            "payments:\n  purses: {title: Purses, pays_for: outcome, each: person in people, start: sum(due), "
            "from: board, to: purse}\n",
        )
    )
    people = put(tmp_path, 'person,due\n"=1+1",5\n@x,6\n', "p.csv")
    given = (put(tmp_path, text), *Q1, *GIVEN, "--data", f"people={people}")
    told = run("settle", *given, "--format", "csv", "--rows", "balances").stdout
    assert "neighbours,purse,'=1+1,0.00,5.00,0.00,5.00" in told
    balances = put(tmp_path, told, "balances.csv")
    again = run("settle", *given, "--opening", balances, "--format", "csv", "--rows", "balances")
    assert "neighbours,purse,'=1+1,5.00,5.00,0.00,10.00" in again.stdout


def test_the_json_of_a_settlement_can_be_read_by_anything(contract: str) -> None:
    found = json.loads(run("settle", contract, *Q1, *GIVEN, "--format", "json").stdout)
    assert found["alliance_settlement"] == 1
    assert found["transfers"][0]["amount"] == "15000"


def test_of_very_many_reasons_the_first_are_told(tmp_path: Path) -> None:
    names = ", ".join(f"o{n}" for n in range(150))
    text = (
        "alliance: 1\ncontract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}}\n"
        "parties: {a: {name: A, role: payer}, b: {name: B, role: paid}}\n"
        f"categories: {{k: [{names}]}}\ninputs: {{x: {{unit: count, by: k}}}}\n"
        "payments: {p: {pays_for: outcome, start: sum(x for k) * 1 GBP, from: a, to: b}}\n"
    )
    told = run("settle", put(tmp_path, text), "--period", "2026-27", code=1)
    assert told.stderr.endswith("x for o11 is missing; and 138 more.\n")
    assert "And 50 more." in told.stdout
    assert "o100" not in told.stdout + told.stderr
