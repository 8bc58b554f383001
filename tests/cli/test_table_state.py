"""`--table` and what is kept between settlements: saving before printing, settling again, and agreements that left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.cli.leaving import left
from alliance.contract.faults import InputError
from alliance.settlement.state import Duty, HeldBack, State
from tests.cli.contracts import SCHOOLS, put, run

KEY = ("--key", "name")
TWO = (
    SCHOOLS
    + """\
  grant: {title: Grant, pays_for: block, start: 100 GBP, from: town, to: school}
"""
)
QUARTERLY = SCHOOLS.replace("settles: yearly", "settles: quarterly")


def settle(contract: str, year: str, table: str, *more: str, code: int = 0) -> Any:
    return run("settle", contract, "--period", year, "--table", table, *KEY, *more, code=code)


def rows(tmp_path: Path, *lines: str, name: str = "t.csv") -> str:
    return put(tmp_path, "\n".join(("name,meals,fed", *lines)) + "\n", name)


# saving


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_what_is_saved_is_there_before_anything_is_printed(tmp_path: Path, form: str) -> None:
    """A reader that goes away, as `head` does, takes nothing of what is saved with it."""
    contract = put(tmp_path, SCHOOLS)
    table = rows(tmp_path, *(f"school {n},{n},50%" for n in range(900)))
    saved = tmp_path / "saved.json"
    words = ("settle", contract, "--period", "2026-27", "--table", table, *KEY, "--save", str(saved), "--format", form)
    read, write = os.pipe()
    os.close(read)
    told = subprocess.run([sys.executable, "-m", "alliance", *words], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert len(json.loads(saved.read_text("utf-8"))) == 900
    assert b"Traceback" not in told.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["contract.yaml", "saved.json", "t.csv"]


def test_what_is_saved_stays_where_the_printing_fails(tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    nowhere = str(tmp_path / "nowhere" / "out.csv")
    contract, table = put(tmp_path, SCHOOLS), rows(tmp_path, "north,1,50%")
    settle(contract, "2026-27", table, "--save", str(saved), "--format", "csv", "--output", nowhere, code=1)
    assert json.loads(saved.read_text("utf-8"))[0]["agreement"] == "north"


# settled in part


def test_settled_in_part_and_then_the_rest(tmp_path: Path) -> None:
    """What the advice says to do pays nothing twice."""
    contract, saved = put(tmp_path, TWO), str(tmp_path / "saved.json")
    table = rows(tmp_path, "north,,50%", "west,100,50%")
    told = settle(contract, "2026-27", table, "--save", saved, code=1)
    flat = " ".join(told.stdout.split())
    assert "Agreements 1 agreement settled, 1 settled in part" in flat
    assert "WHAT IS SETTLED IN PART ! These payments move nothing. Other payments of the same agreements move" in flat
    assert "2 north Meals (meals_paid) meals is missing" in flat
    assert f"Mend these rows and settle the table again with --opening {saved}: then only what is left moves." in flat
    assert "WHAT COULD NOT BE SETTLED" not in flat
    assert "1 of 2 agreements settled in part: what could not be determined moves nothing." in told.stderr
    assert "Mend these rows" not in told.stderr
    told = settle(contract, "2026-27", table, "--format", "csv", code=1)
    assert "Mend these rows and settle the table again, in place of this." in told.stderr
    table = rows(tmp_path, "north,200,50%", "west,100,50%")
    told = settle(contract, "2026-27", table, "--opening", saved, "--format", "csv")
    assert told.stdout == (
        "agreement,payment,payer,payee,amount\n"
        "north,meals_paid,town,school,270.00\n"
        "north,meals_paid,town,kept,30.00\n"
        "north,grant,town,school,0.00\n"
        "west,meals_paid,town,school,0.00\n"
        "west,grant,town,school,0.00\n"
    )


def test_what_the_opening_lacks_is_told_once_for_all(tmp_path: Path) -> None:
    contract, saved = put(tmp_path, TWO), str(tmp_path / "saved.json")
    names = [f"s{n}" for n in range(22)]
    good = [*(f"{n},1,50%" for n in names), "bad,1,1%", "worse,1,1%"]
    settle(contract, "2026-27", rows(tmp_path, *good), "--save", saved)
    poor = [*(f"{n},,50%" for n in names), "bad,x,1%", "worse,x,1%"]
    settle(contract, "2027-28", rows(tmp_path, *poor), "--opening", saved, "--save", saved + ".json", code=1)
    told = settle(contract, "2027-28", rows(tmp_path, *good), "--opening", saved + ".json", "--format", "csv").stderr
    first, second = told.splitlines()
    assert first.startswith("Note: in the opening settlement, 2027-28, not everything was determined (s0: meals_paid, ")
    assert first.endswith(", s19: meals_paid and 2 more).")
    opens = "were not settled in the opening, so they open with what they opened with there."
    assert second == f'Note: "bad", "worse" {opens}'


# agreements that left


def test_agreements_that_left_with_nothing_are_carried_along(tmp_path: Path) -> None:
    contract, first, second = put(tmp_path, SCHOOLS.replace("90%, kept: 10%", "100%")), "1.json", "2.json"
    first, second = str(tmp_path / first), str(tmp_path / second)
    settle(contract, "2026-27", rows(tmp_path, "north,1,50%", "gone,1,50%"), "--save", first)
    table = rows(tmp_path, "north,1,50%")
    for form in ("table", "json"):
        told = settle(contract, "2027-28", table, "--opening", first, "--save", second, "--format", form)
        assert told.stderr == 'Note: "gone" has no row, and nothing left: it is carried along as in the opening.\n'
        assert "1 agreement settled" in told.stdout or json.loads(told.stdout) == json.loads(Path(second).read_text())
    found = {one["agreement"]: one for one in json.loads(Path(second).read_text("utf-8"))}
    before = {one["agreement"]: one for one in json.loads(Path(first).read_text("utf-8"))}
    assert found["gone"]["settlement"] is None
    assert found["gone"]["closing"] == before["gone"]["settlement"]["closing"]
    settle(contract, "2027-28", rows(tmp_path, "north,1,50%", "gone,1,50%"), "--opening", second)


def test_agreements_that_have_something_left_are_all_told(tmp_path: Path) -> None:
    contract, saved = put(tmp_path, QUARTERLY), str(tmp_path / "saved.json")
    names = [f"s{n}" for n in range(25)]
    settle(contract, "2026-27 Q1", rows(tmp_path, *(f"{n},4,50%" for n in names)), "--save", saved)
    told = settle(contract, "2026-27 Q2", rows(tmp_path, "s0,1,50%"), "--opening", saved, code=1).stderr
    assert told.count("which has 0.60 in kept.") == 20
    assert "AC123 4 more agreements have something left, and no row." in told
    told = settle(contract, "2026-27", rows(tmp_path, "s0,1,50%"), "--opening", saved, code=1).stderr
    assert 'AC123 The table has no row for "s1", which has 0.60 in kept; been paid in 2026-27 already.' in told


def test_what_is_held_back_and_what_is_still_due_keep_an_agreement() -> None:
    contract = alliance.loads(SCHOOLS)
    due, met = (
        Duty("r.1", "r", 0, "a report", "school", "2026-27", date(2026, 5, 1), date(2026, 6, 1), met=met)
        for met in (None, date(2026, 5, 2))
    )
    held = HeldBack("k", "r", 0, "meals_paid", "2026-27", date(2026, 4, 1), "year", "town", "school", 5)
    openings = {"south": State({"withheld": {"k": 5}}, duties=(due, met), held=(held,)), "north": State()}
    with pytest.raises(InputError) as told:
        left(contract, openings, ("north",), contract.period("2027-28"), "saved.json")
    [fault] = told.value.faults
    assert fault.message == (
        'The table has no row for "south", which has 5.00 held back; the duty "a report" of school, due 2026-06-01.'
    )


# one agreement


def test_one_agreement_of_a_table(tmp_path: Path) -> None:
    """Its statement and its rows, with the opening of the whole table."""
    contract, saved = put(tmp_path, SCHOOLS), str(tmp_path / "saved.json")
    table = rows(tmp_path, "north,100,50%", "west,,80%")
    settle(contract, "2026-27", table, "--save", saved, code=1)
    one = ("--opening", saved, "--agreement")
    told = settle(contract, "2027-28", table, *one, "north").stdout
    assert told.startswith(
        "Breakfast clubs\nStatement for 2027-28, 1 April 2027 to 31 March 2028\n\nAgreement    north\n"
    )
    assert "Kept back (kept)    15.00" in told
    csv = ("--format", "csv")
    assert settle(contract, "2027-28", table, *one, "north", *csv).stdout.splitlines()[1] == (
        "north,meals_paid,town,school,135.00"
    )
    assert (
        json.loads(settle(contract, "2027-28", table, *one, "north", "--format", "json").stdout)["period"] == "2027-28"
    )
    told = settle(contract, "2027-28", table, *one, "west", *csv, "--rows", "payments", code=1)
    assert told.stdout.splitlines()[1].startswith("west,meals_paid,2027-28,undetermined,no,money,,0.00")
    assert "Meals could not be determined: meals is missing." in told.stderr
    assert (
        'AC166 "nort" is not an agreement of the table.\n    Did you mean "north"?'
        in settle(contract, "2027-28", table, *one, "nort", code=1).stderr
    )
    told = run("settle", contract, "--period", "2027-28", "--set", "meals=1", "--opening", saved, code=1).stderr
    assert (
        f'{saved}: AC123 The opening is of 2 agreements, "north", "west", and this contract is settled on its' in told
    )
    assert "Give the table of agreements with --table; with --agreement NAME it is about one of them." in told


def test_one_agreement_of_a_table_is_explained(tmp_path: Path) -> None:
    contract, table = put(tmp_path, SCHOOLS), rows(tmp_path, "north,100,50%", "west,,80%")
    words = ("explain", contract, "--period", "2026-27", "--table", table, *KEY, "--agreement")
    told = run(*words, "north").stdout
    assert "\nAgreement  north\n" in told
    assert "meals (Meals served) = 100" in told
    assert ":2:2]" in told
    assert json.loads(run(*words, "north", "--format", "json").stdout)["agreement"] == "north"
    assert "It could not be determined, so no money moves." in run(*words, "west", code=1).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("settle", "--agreement", "north"), "--agreement is one of a --table, and there is none."),
        (("settle", "--key", "name"), "--key names the columns of a --table, and there is none."),
        (("settle", "--table", "t.csv", "--agreement", "a", "--save", "x"), "--save goes with the whole table."),
        (("explain", "--table", "t.csv"), "--agreement says which one of the --table is explained."),
        (("explain", "--table", "t.csv", "--inputs", "x.csv", "--agreement", "a"), "With --table the inputs are its"),
        (("settle", "--set", "meals=1", "--set", "meals=2"), "'meals' is given twice. Keep one of them."),
        (("settle", "--data", "a=1", "--data", "a=2"), "'a' is given twice. Keep one of them."),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    command, *more = words
    found = run(command, put(tmp_path, SCHOOLS), "--period", "2026-27", *more, code=2)
    assert told in " ".join(found.stderr.split())


def test_a_row_that_cannot_be_final_is_told_with_its_line_and_the_contracts(tmp_path: Path) -> None:
    contract, table = put(tmp_path, SCHOOLS), rows(tmp_path, "north,1,50%", "west,,80%")
    told = settle(contract, "2026-27", table, "--final", "--format", "csv", code=1).stderr.splitlines()
    assert told[0].startswith(f"{table}:3: AC141 west: Meals cannot be determined, so the settlement cannot be final")
    assert told[1].strip().startswith(f"See {contract}:")


def test_records_without_an_agreement_stop_the_command(tmp_path: Path) -> None:
    contract = put(
        tmp_path, SCHOOLS.replace("inputs:\n", "inputs:\n  clubs: {rows: {school: id, n: count}, key: school}\n")
    )
    table, clubs = rows(tmp_path, "north,1,50%", "west,1,1%"), put(tmp_path, "school,n\nnorth,1\nnorht,2\n", "c.csv")
    told = settle(contract, "2026-27", table, "--data", f"clubs={clubs}", code=1)
    assert told.stdout == ""
    assert told.stderr == (
        f'{clubs}:3: AC165 clubs: "norht" is not an agreement of the table.\n    Did you mean "north"?\n'
    )
    single = ("--set", "meals=1", "--set", "fed=50%", "--data", f"clubs={clubs}")
    told = run("settle", contract, "--period", "2026-27", *single)
    assert told.stderr == "Note: clubs are of 2 agreements, and all of them count here: --table settles each.\n"
    put(tmp_path, "school,n\nnorth,1\n", "c.csv")
    assert run("settle", contract, "--period", "2026-27", *single).stderr == ""
    told = settle(contract, "2026-27", table, "--data", f"clubs={clubs}")
    assert told.stderr == 'Note: clubs has nothing for "west".\n'
