"""Where a command writes: never over what it reads, and never two things in one place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alliance.contract.noted import note_path, noting, was_read
from tests.cli.contracts import NEIGHBOURS, put, run

SPEND = "name,value,cases\nspend,20000,\nwell,70%,40\n"
PERIOD = ("--period", "2026-27 Q1")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put(tmp_path, NEIGHBOURS)
    (tmp_path / "in.csv").write_text(SPEND)
    (tmp_path / "parts.yaml").write_text("terms: {more: {unit: count, value: 1}}\n")
    (tmp_path / "whole.yaml").write_text("include: [parts.yaml]\n" + NEIGHBOURS.replace("terms:", "notes:", 0))
    os.link(tmp_path / "contract.yaml", tmp_path / "hard.yaml")
    (tmp_path / "link.yaml").symlink_to("contract.yaml")
    (tmp_path / "results.csv").write_text("party,value\nhome,1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SETTLE = ("settle", "contract.yaml", *PERIOD, "--inputs", "in.csv")


@pytest.mark.parametrize(
    ("args", "file"),
    [
        ((*SETTLE, "--output", "contract.yaml"), "contract.yaml"),
        ((*SETTLE, "--output", "../{name}/contract.yaml"), "contract.yaml"),
        ((*SETTLE, "--output", "hard.yaml"), "contract.yaml"),
        ((*SETTLE, "--output", "link.yaml"), "contract.yaml"),
        ((*SETTLE, "--output", "in.csv"), "in.csv"),
        ((*SETTLE, "--force", "--save", "contract.yaml"), "contract.yaml"),
        ((*SETTLE, "--force", "--save", "in.csv", "--output", "new"), "in.csv"),
        ((*SETTLE, "--save", "new", "--output", "in.csv"), "in.csv"),
        (("settle", "whole.yaml", *PERIOD, "--inputs", "in.csv", "--output", "parts.yaml"), "parts.yaml"),
        (("validate", "contract.yaml", "-o", "contract.yaml"), "contract.yaml"),
        (("show", "contract.yaml", "-o", "contract.yaml"), "contract.yaml"),
        (("measure", "contract.yaml", *PERIOD, "--inputs", "in.csv", "-o", "in.csv"), "in.csv"),
        (("explain", "contract.yaml", *PERIOD, "--inputs", "in.csv", "-o", "in.csv"), "in.csv"),
        (("inputs", "contract.yaml", "--format", "csv", "-o", "contract.yaml"), "contract.yaml"),
    ],
)
def test_nothing_that_is_read_is_written_over(here: Path, args: tuple[str, ...], file: str) -> None:
    before = (here / file).read_bytes()
    names = set(os.listdir(here))
    told = run(*(a.replace("{name}", here.name) for a in args), code=2).stderr
    assert "is a file that this command reads, and nothing was written" in told
    assert (here / file).read_bytes() == before
    assert set(os.listdir(here)) == names, "nor is anything else written"


def test_an_opening_is_not_saved_over(here: Path) -> None:
    run(*SETTLE, "--save", "q1.json")
    before = (here / "q1.json").read_bytes()
    later = ("settle", "contract.yaml", "--period", "2026-27 Q2", "--inputs", "in.csv", "--opening", "q1.json")
    assert "q1.json is a file that this command reads" in run(*later, "--save", "q1.json", code=2).stderr
    assert (here / "q1.json").read_bytes() == before
    run(*SETTLE, "--save", "q1.json")  # again, which reads none
    run(*later, "--save", "q2.json")


def test_a_table_of_agreements_is_not_written_over(here: Path) -> None:
    (here / "t.csv").write_text("site,spend,well\nA,1,70%\nB,2,70%\n")
    table = ("settle", "contract.yaml", *PERIOD, "--table", "t.csv", "--key", "site")
    for option in ("--save", "--output"):
        told = run(*table, "--force", option, "t.csv", code=2)
        assert f"Invalid value for '{option}': t.csv is a file that this command reads" in told.stderr
        assert told.stdout == ""
    assert (here / "t.csv").read_text() == "site,spend,well\nA,1,70%\nB,2,70%\n"
    run(*table, "--save", "all.json", "--format", "csv")
    run(*table, "--save", "all.json", "--format", "csv")


def test_records_are_not_written_over(here: Path) -> None:
    text = NEIGHBOURS.replace("\nmeasures:", "\n  seen: {records: {person: id}}\nmeasures:", 1)
    put(here, text)
    for rows in (10, 60_000):  # read into memory, and by an engine
        (here / "seen.csv").write_text("person\n" + "".join(f"p{i}\n" for i in range(rows)))
        size = (here / "seen.csv").stat().st_size
        told = run("data", "check", "contract.yaml", "--data", "seen=seen.csv", "-o", "seen.csv", code=2).stderr
        assert "is a file that this command reads" in told
        assert (here / "seen.csv").stat().st_size == size


def test_a_form_is_not_written_over_the_contract(here: Path) -> None:
    (here / "contract.csv").write_text(NEIGHBOURS)
    told = run("inputs", "contract.csv", "--template", "contract.csv", "--force", code=2).stderr
    assert "Invalid value for '--template': contract.csv is a file that this command reads" in told


def test_two_outputs_are_two_files(here: Path) -> None:
    told = run(*SETTLE, "--save", "same", "--output", f"../{here.name}/./same", code=2).stderr
    assert "--save and --output name the same file. Name two." in told
    assert not (here / "same").exists()


@pytest.mark.parametrize("option", ["--save", "--output"])
def test_an_empty_name_is_a_misuse(here: Path, option: str) -> None:
    assert "a file is to be named" in run(*SETTLE, f"{option}=", code=2).stderr
    assert "a file is to be named" in run(*SETTLE, option, " ", code=2).stderr


def test_a_settlement_is_saved_over_an_earlier_one_and_nothing_else(here: Path) -> None:
    (here / "note.txt").write_text("x")
    told = run(*SETTLE, "--save", "note.txt", code=2).stderr
    assert "note.txt is there already, and is no saved settlement. Name another file, or say --force." in told
    assert (here / "note.txt").read_text() == "x"
    run(*SETTLE, "--save", "note.txt", "--force")
    run(*SETTLE, "--save", "note.txt")
    (here / "empty").write_text(" \n")
    run(*SETTLE, "--save", "empty")
    run(*SETTLE, "--output", "out.txt")
    run(*SETTLE, "--output", "out.txt")


def test_what_is_read_is_noted_where_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("")
    note_path(path)
    assert not was_read(path)
    with noting():
        note_path(tmp_path / "none")
        assert not was_read(path)
        note_path(path)
        assert was_read(path)
        assert not was_read(tmp_path / "none")
        with noting():
            assert not was_read(path)
        assert was_read(path)
    assert not was_read(path)
