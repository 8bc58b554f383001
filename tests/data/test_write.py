from __future__ import annotations

import builtins
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.data.characters import refused
from alliance.data.limits import DEFAULT
from alliance.data.results import read_results
from alliance.data.table import read_table
from alliance.data.workbook import Workbook
from alliance.data.write import atomic_write, neutral, printable, write_csv, write_template_csv, write_template_xlsx
from tests.data.helpers import content, faults_of, starts


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "-",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\u00a0=1",
        "\uff1d1",
        "\uff0b1",
        "-5\n",
        "+٣",
        "-1e5",
    ],
)
def test_what_a_spreadsheet_would_run_is_neutral(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", "plain", "-5", "+5.20", "-.5", "-5.", "-12.2%", "5", "1=1", "a@b", "'=1", "2026-04-01"]
)
def test_other_texts_stay(text: str) -> None:
    assert neutral(text) == text


def test_a_csv_that_is_written_can_be_read(tmp_path: Path) -> None:
    rows: list[Sequence[str | None]] = [["=1", "a,b"], [None, 'say "hi"'], ["-5.20", "two\nlines"]]
    file = io.StringIO()
    write_csv(file, ["name", "va,lue"], iter(rows))
    assert file.getvalue() == 'name,"va,lue"\n\'=1,"a,b"\n,"say ""hi"""\n-5.20,"two\nlines"\n'
    atomic_write(tmp_path / "a.csv", file.getvalue())
    assert [row.cells for row in read_table(tmp_path / "a.csv").rows] == [
        ("'=1", "a,b"),
        ("", 'say "hi"'),
        ("-5.20", "two\nlines"),
    ]


def test_a_row_of_another_length_is_a_mistake_of_the_program(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 cells and the header 2"):
        write_csv(io.StringIO(), ["a", "b"], [["1", "2", "3"]])
    with pytest.raises(ValueError, match="3 cells and the header 2"):
        write_template_xlsx(tmp_path / "a.xlsx", ["a", "b"], [["1", "2", "3"]], {})
    with pytest.raises(ValueError, match="40000 characters"):
        write_template_xlsx(tmp_path / "a.xlsx", ["a"], [["x" * 40_000]], {})
    assert list(tmp_path.iterdir()) == []


COLUMNS = ["name", "title", "unit", "value", "cases"]
ROWS: list[Sequence[str | None]] = [["calls", "=Calls £", "count", None, None], ["spend", "-", "GBP", "12.50", ""]]


def test_a_csv_template_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_template_csv(path, COLUMNS, ROWS, ["Fill in the values.\nTwice."])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf# Fill in the values.\\nTwice.\nname,title,")
    assert [(v.name, v.text) for v in read_results(path).values] == [("calls", ""), ("spend", "12.50")]
    assert read_table(path).rows[0].get("title") == "'=Calls £"


def test_a_workbook_template_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    records = {"discharges": ["person", "discharged"], "voices": ["person"]}
    write_template_xlsx(path, COLUMNS, ROWS, records)
    results = read_results(path)
    assert [(v.name, v.text) for v in results.values] == [("calls", None), ("spend", "12.50")]
    assert {name: table.columns for name, table in results.records.items()} == records
    assert Workbook(path, DEFAULT).sheets == ["inputs", "discharges", "voices"]
    assert content(read_table(path))[0] == (2, ("calls", "'=Calls £", "count", None, None))
    first = path.read_bytes()
    write_template_xlsx(path, COLUMNS, ROWS, records)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 32, "longer than the 31 characters"),
        ("a/b", "cannot be the name of a sheet"),
        ("'a", "cannot be the name of a sheet"),
        ("", "cannot be the name of a sheet"),
        ("History", "cannot be the name of a sheet"),
        ("Inputs", 'Two sheets cannot be called "Inputs" and "inputs".'),
        ("VOICES", 'Two sheets cannot be called "VOICES" and "voices".'),
    ],
)
def test_names_that_no_sheet_can_have(tmp_path: Path, name: str, words: str) -> None:
    write = lambda: write_template_xlsx(tmp_path / "t.xlsx", ["name"], [], {"voices": ["a"], name: ["a"]})  # noqa: E731
    (fault,) = faults_of(write, tmp_path)
    assert fault.startswith("t.xlsx: AC243")
    assert words in fault


def test_a_missing_extra_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_it(name: str, *rest: Any) -> Any:
        if name == "xlsxwriter":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_it)
    (fault,) = faults_of(lambda: write_template_xlsx(tmp_path / "t.xlsx", [], [], {}), tmp_path)
    assert fault == (
        't.xlsx: AC204 Writing a workbook needs XlsxWriter, which is not installed. pip install "alliance[data]"'
    )


# ---- files that are there whole or not at all


def test_a_file_is_made_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    atomic_write(path, "one £\r\n")
    assert path.read_bytes() == "one £\r\n".encode()
    atomic_write(str(path), b"two")
    assert path.read_bytes() == b"two"
    monkeypatch.chdir(tmp_path)
    atomic_write("b.txt", b"three")
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "b.txt"]
    umask = os.umask(0o027)
    try:
        atomic_write("c.txt", b"")
    finally:
        os.umask(umask)
    assert (tmp_path / "c.txt").stat().st_mode & 0o777 == 0o640


def test_places_that_are_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "nowhere").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe")
    for name, code in [
        ("no/a", "AC240"),
        ("real/a", "AC240"),
        ("link", "AC241"),
        ("nowhere", "AC241"),
        ("pipe", "AC242"),
        ("", "AC242"),
        ("x" * 300, "AC242"),
        ("a\0b", "AC242"),
    ]:
        (fault,) = starts(lambda name=name: atomic_write(tmp_path / name, b"new"), tmp_path)  # type: ignore[misc]
        assert fault.endswith(code), name
    assert (tmp_path / "real").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["link", "nowhere", "pipe", "real"]


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        assert faults_of(lambda: atomic_write(path, b"new"), tmp_path) == [
            "a.txt: AC242 The file cannot be written: No space left on device."
        ]
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_interruption_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, b"new")
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_folder_that_cannot_be_synced_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real_sync, real_open = os.fsync, os.open
    calls = []

    def sync_files_only(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) % 2 == 0:
            raise OSError(22, "Invalid argument")
        real_sync(descriptor)

    monkeypatch.setattr(os, "fsync", sync_files_only)
    atomic_write(tmp_path / "a", b"1")
    assert len(calls) == 2

    def open_files_only(path: Any, flags: int, *rest: int) -> int:
        if flags == os.O_RDONLY:
            raise PermissionError(13, "Permission denied")
        return real_open(path, flags, *rest)

    monkeypatch.setattr(os, "open", open_files_only)
    atomic_write(tmp_path / "b", b"2")
    assert (tmp_path / "b").read_bytes() == b"2"


# ---- texts for a terminal


@given(st.text())
def test_printable_text_has_nothing_hidden(text: str) -> None:
    shown = printable(text)
    assert refused(shown) is None
    assert not set(shown) & set("\t\n\r\u2028\u2029\u200e\u200f\ufeff")
    assert shown.isascii() or not text.isascii()


def test_lines_may_stay() -> None:
    assert printable("a\tb\nc\r\x1b[0m", lines=True) == "a\tb\nc\\r\\x1b[0m"
    assert printable("a\u202eb\ud800 £ é") == "a\\u202eb\\ud800 £ é"
