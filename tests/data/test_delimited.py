from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.faults import InputError, Mark
from alliance.data import opening
from alliance.data.limits import Limits
from alliance.data.table import Table, read_table
from tests.data.helpers import content, faults_of, starts, write


def test_cells_are_texts_with_their_places(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", "\ufeff# made by hand\n#\n\nname, value ,note\ncalls,3.70,\n\n , ,\nspend,1e3,£ x\n"
    )
    table = read_table(path)
    assert table.file == str(path)
    assert table.columns == ["name", "value", "note"]
    assert content(table) == [(5, ("calls", "3.70", "")), (8, ("spend", "1e3", "£ x"))]
    row = table.rows[1]
    assert (row.get("value"), row.get("other")) == ("1e3", None)
    assert row.mark() == row.mark("other") == Mark(str(path), 8)
    assert row.mark("value") == Mark(str(path), 8, 2)
    assert str(table.rows[0].mark("note")).endswith("a.csv:5:3")
    assert table.mark() == table.mark("other") == Mark(str(path), 4)
    assert table.mark("note") == Mark(str(path), 4, 3)


def test_rows_are_a_sequence(tmp_path: Path) -> None:
    rows = read_table(write(tmp_path, "a.csv", "a\n1\n2\n3\n")).rows
    assert len(rows) == 3
    assert [row.get("a") for row in rows] == ["1", "2", "3"]
    assert rows[-1].get("a") == "3"
    assert [row.line for row in rows[1:]] == [3, 4]
    with pytest.raises(IndexError):
        rows[3]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quoted_cell_spans_lines_and_lines_stay_right(tmp_path: Path, end: str) -> None:
    text = end.join(["a,b", '"one', 'two",2', '"say ""hi"", please",3', '5" pipe,4', ""])
    table = read_table(write(tmp_path, "a.csv", text))
    assert content(table) == [
        (2, (f"one{end}two", "2")),
        (4, ('say "hi", please', "3")),
        (5, ('5" pipe', "4")),
    ]


def test_tabs_separate_a_tsv(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "A.TSV", "a\tb,c\n1,5\t\n"))
    assert (table.columns, content(table)) == (["a", "b,c"], [(2, ("1,5", ""))])


def test_a_header_alone_is_a_table(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.csv", "a,b"))
    assert (table.columns, len(table.rows)) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["a.csv: AC207"]),
        ("\n# x\n , \n", ["a.csv: AC207"]),
        ("a,,b,a\n", ["a.csv:1:2: AC208", "a.csv:1:4: AC209"]),
        ("a,b\n1\n1,2\n1,2,3\n", ["a.csv:2: AC213", "a.csv:4: AC213"]),
        ("a;b\n1;2\n", ["a.csv:1: AC214"]),
        ("a\tb\n1\t2\n", ["a.csv:1: AC214"]),
        ('a,b\n"1"2,3\n4\n"5,6\n', ["a.csv:2: AC214", "a.csv:3: AC213", "a.csv:4: AC214"]),
        ("a,b\r1,2\r", ["a.csv:1: AC214"]),
        ("a,b\n\x00,1\n2,\u202e\n\x85,\ud7ff\n", ["a.csv:2:1: AC206", "a.csv:3:2: AC206", "a.csv:4:1: AC206"]),
        ("\ufeff\ufeffa,b\n", ["a.csv:1:1: AC206"]),
        ("a,b\n1,\ufeff2\n", ["a.csv:2:2: AC206"]),
        ("a\x1b,b\n", ["a.csv:1:1: AC206"]),
        ('a,b\n1,"x\n\u2066y"\n', ["a.csv:2:2: AC206"]),
    ],
)
def test_faults_have_their_places(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = write(tmp_path, "a.csv", text)
    assert starts(lambda: read_table(path), tmp_path) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,\xa3\n", "a.csv:2:3: AC205 The byte 0xA3 here is not UTF-8 text."),
        (b"a,b\n1,\xc3", "a.csv:2:3: AC205 The byte 0xC3 here is not UTF-8 text."),
        ("a,b\n".encode("utf-16"), "a.csv:1:1: AC205 The file is in UTF-16, and UTF-8 is read."),
    ],
)
def test_what_is_not_utf8_is_refused(tmp_path: Path, data: bytes, expected: str) -> None:
    path = write(tmp_path, "a.csv", data)
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert fault == expected + ' Save the file as UTF-8 (in Excel: "CSV UTF-8").'


def test_messages_say_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "a,b\n1,2,3\n1\n")
    assert faults_of(lambda: read_table(path), tmp_path) == [
        "a.csv:2: AC213 The row has 3 cells and the header 2: 1 too many. "
        "Put a cell that holds the separator in double quotes.",
        "a.csv:3: AC213 The row has 1 cell and the header 2: 1 too few. "
        "Put a cell that holds the separator in double quotes.",
    ]


@pytest.mark.parametrize(
    ("limits", "text", "expected"),
    [
        (Limits(columns=2), "a,b\n1,2\n", ""),
        (Limits(columns=2), "a,b,c\n", "a.csv:1: AC210"),
        (Limits(rows=2), "a,b\n1,2\n3,4\n", ""),
        (Limits(rows=2), "a,b\n1,2\n3,4\n5,6\n", "a.csv:4: AC211"),
        (Limits(rows=2), "a,b\n1,2\n3,4\n,6\n", "a.csv:4: AC211"),
        (Limits(rows=2), "a,b\n1,2\n3,4\n\n", ""),
        (Limits(rows=2), "a,b\n\n\n\n\n", "a.csv: AC211"),
        (Limits(cells=5), "a,b\n1,2\n3,4\n", ""),
        (Limits(cells=5), "a,b\n1,2\n3,4\n5,6\n", "a.csv:4: AC211"),
        (Limits(cell_length=3), "a,b\n123,2\n", ""),
        (Limits(cell_length=3), "a,b\n1,1234\n", "a.csv:2:2: AC212"),
        (Limits(cell_length=3), "a,long\n", "a.csv:1:2: AC212"),
        (Limits(record_bytes=8), "a,b\n1,23456\n", ""),
        (Limits(record_bytes=8), "a,b\n1,234567\n", "a.csv:2: AC212"),
        (Limits(record_bytes=8), 'a,b\n"\n1\n2\n3\n4\n', "a.csv:6: AC212"),
        (Limits(csv_bytes=8), "a,b\n1,2\n", ""),
        (Limits(csv_bytes=8), "a,b\n1,2\n\n", "a.csv: AC203"),
        (Limits(comments=1), "#\na,b\n", ""),
        (Limits(comments=1), "#\n#\na,b\n", "a.csv:2: AC211"),
        (Limits(faults=2), "a,b\n1\n2\n3\n", "a.csv:2: AC213 a.csv:3: AC213 a.csv:3: AC249"),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, text: str, expected: str) -> None:
    path = write(tmp_path, "a.csv", text)
    if expected:
        assert " ".join(starts(lambda: read_table(path, limits=limits), tmp_path)) == expected
    else:
        assert isinstance(read_table(path, limits=limits), Table)


def test_the_limit_of_the_csv_module_is_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "a\n" + "1" * 30_000 + "\n")
    before = csv.field_size_limit(20_000)
    try:
        assert starts(lambda: read_table(path), tmp_path) == ["a.csv:2: AC212"]
        assert csv.field_size_limit() == 20_000
    finally:
        csv.field_size_limit(before)


def test_other_words_of_the_csv_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, *_: object, **__: object) -> None:
            self.left = 1

        def __next__(self) -> list[str]:
            self.left -= 1
            raise csv.Error("bad \x1b luck") if self.left == 0 else StopIteration

    monkeypatch.setattr(csv, "reader", Failing)
    path = write(tmp_path, "a.csv", "a\n")
    assert faults_of(lambda: read_table(path), tmp_path) == [r"a.csv: AC214 The row cannot be read: bad \x1b luck."]


CELLS = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs"],
        exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\uffff\ufffe",
    )
    | st.sampled_from('\n\t,"'),
    max_size=6,
)


@given(st.lists(st.tuples(CELLS, CELLS.filter(str.strip)), max_size=5))
def test_what_the_csv_module_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("a", "b"), *rows])
    path = write(tmp_path_factory.getbasetemp(), "round.csv", text.getvalue())
    assert [row.cells for row in read_table(path).rows] == rows


# ---- the place


def test_places_that_are_not_files(tmp_path: Path) -> None:
    assert starts(lambda: read_table(tmp_path / "no" / "a.csv"), tmp_path) == ["no/a.csv: AC200"]
    assert starts(lambda: read_table("a\0.csv"), tmp_path) == ["a\\x00.csv: AC200"]
    assert starts(lambda: read_table("a" * 5000 + ".csv"), tmp_path)[0].endswith("AC200")
    (tmp_path / "d.csv").mkdir()
    assert faults_of(lambda: read_table(tmp_path / "d.csv"), tmp_path) == [
        "d.csv: AC201 This is a folder, not a file of results. Name an ordinary file."
    ]


def test_a_name_nearly_right_is_told(tmp_path: Path) -> None:
    write(tmp_path, "results.csv", "")
    (fault,) = faults_of(lambda: read_table(tmp_path / "resluts.csv"), tmp_path)
    assert fault == 'resluts.csv: AC200 There is no such file. Did you mean "results.csv"?'


@pytest.mark.parametrize(("name", "words"), [("a.ods", ".ods. It may be: .csv"), ("a", "no ending")])
def test_other_kinds_of_files(tmp_path: Path, name: str, words: str) -> None:
    (fault,) = faults_of(lambda: read_table(write(tmp_path, name, "")), tmp_path)
    assert "AC202" in fault
    assert words in fault


def test_only_workbooks_have_sheets(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "a\n")
    assert starts(lambda: read_table(path, sheet="Sheet1"), tmp_path) == ["a.csv: AC217"]


def test_a_file_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "a.csv", "a\n")
    monkeypatch.setattr(os, "open", refuse)
    assert faults_of(lambda: read_table(path), tmp_path) == [
        "a.csv: AC200 The file cannot be opened: Permission denied."
    ]


def test_a_file_that_becomes_a_pipe_or_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, facts = write(tmp_path, "a.csv", "a\n"), os.stat(write(tmp_path, "b.csv", "a\n"))
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert stat.S_ISREG(facts.st_mode)
    with monkeypatch.context() as patched:
        patched.setattr(opening, "ordinary", lambda *_: facts)
        assert starts(lambda: read_table(pipe), tmp_path) == ["pipe.csv: AC201"]
        with pytest.raises(InputError, match="AC203"):
            opening.read_bytes(path, 1)
    assert opening.read_bytes(path, 2) == b"a\n"


def test_the_name_of_a_file_cannot_harm_a_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, "a\x1b[31m.csv", "a,b\n1\n")
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert fault.startswith(r"a\x1b[31m.csv:2: AC213")
