from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.faults import Mark
from alliance.data.limits import Limits
from alliance.data.table import read_table
from tests.data.helpers import content, faults_of, starts, write


def test_records_are_rows(tmp_path: Path) -> None:
    text = (
        '\ufeff[{"person": "p1", "cost": 1.50, "big": 12345678901234567890, "none": null},\n\n'
        ' {"seen": true, "cost": -1E+2},\n{}\n]\n'
    )
    path = write(tmp_path, "a.json", text)
    table = read_table(path)
    assert table.columns == ["person", "cost", "big", "none", "seen"]
    assert content(table) == [
        (1, ("p1", "1.50", "12345678901234567890", None, None)),
        (3, (None, "-1E+2", None, None, "true")),
    ]
    assert table.rows[1].mark("cost") == table.rows[1].mark() == Mark(str(path), 3)
    assert table.mark("cost") == Mark(str(path), 1)


def test_a_list_of_nothing(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.json", " [ ] "))
    assert (table.columns, len(table.rows)) == ([], 0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a.json:1:1: AC224 The file is empty."),
        (" \n ", "a.json:2:2: AC224 The file is empty."),
        ('{"a": 1}', "a.json:1:1: AC227 A table in JSON is a list of objects"),
        ('[{"a": 1},]', "a.json:1:11: AC224 The JSON cannot be read here: a value should be here."),
        ('[{"a": 1}\n {"a": 2}]', "a.json:2:2: AC224 Here , or ] is expected."),
        ('[{"a": 1}] 2', "a.json:1:12: AC224 More text follows"),
        ('[{"a": 1}', "a.json:1:10: AC224 Here , or ] is expected."),
        ('[{"a": "\t"}]', "a.json:1:9: AC224 The JSON cannot be read here: a line end or another such character"),
        ('[\n{"a": 1, "b": 2, "a": 3}]', 'a.json:2:1: AC226 The key "a" is written twice in one object.'),
        ('[{"a": NaN}]', "a.json:1:2: AC219 NaN is not a number."),
        ('[{"a": -Infinity}]', "a.json:1:2: AC219 -Infinity is not a number."),
        ("[\n1]", "a.json:2: AC227 This is no object."),
        ('[{"a": [1]}]', 'a.json:1: AC227 The value of "a" is a list or an object'),
        ('[{"a": {"b": 1}}]', 'a.json:1: AC227 The value of "a" is a list or an object'),
        ('[{"a": "x\\u0000"}]', "a.json:1: AC206 The cell holds the character U+0000"),
        ('[{"a": "\\ud800"}]', "a.json:1: AC206 The cell holds the character U+D800 (not a character)"),
        ('[{"\\u202e": 1}]', "a.json:1: AC206"),
        ('[{" ": 1}]', "a.json:1: AC208 Column 1 has no name."),
        ('[{"a": 1, "a ": 1}]', 'a.json:1: AC209 The column "a" is there twice: columns 1 and 2.'),
        ("[{}, {}]", "a.json: AC207"),
    ],
)
def test_faults_have_their_places(tmp_path: Path, text: str, expected: str) -> None:
    (fault,) = faults_of(lambda: read_table(write(tmp_path, "a.json", text)), tmp_path)
    assert fault.startswith(expected)


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", b'[\n{"a": "\xa3"}]')
    assert starts(lambda: read_table(path), tmp_path) == ["a.json:2:8: AC205"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(depth=2), ""),
        (Limits(depth=1), "a.json:1:2: AC225"),
        (Limits(values=9), ""),
        (Limits(values=8), "a.json:1:1: AC225"),
        (Limits(columns=2), ""),
        (Limits(columns=1), "a.json:1: AC210"),
        (Limits(rows=1), "a.json:1: AC211"),
        (Limits(cells=3), "a.json:1: AC211"),
        (Limits(tree_cells=3), "a.json:1: AC211"),
        (Limits(cell_length=9), ""),
        (Limits(cell_length=8), "a.json:1: AC212"),
        (Limits(tree_bytes=20), "a.json: AC203"),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, expected: str) -> None:
    path = write(tmp_path, "a.json", r'[{"a": "]]]\"[[{{\\", "b": 2}, {"a": 123}]')
    if expected:
        assert starts(lambda: read_table(path, limits=limits), tmp_path) == [expected]
    else:
        assert content(read_table(path, limits=limits)) == [(1, (']]]"[[{{\\', "2")), (1, ("123", None))]


TEXTS = st.text('ab1 "\\/[]{},:£\n', max_size=8)


@given(st.lists(st.dictionaries(TEXTS.filter(str.strip), TEXTS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_the_json_module_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, str]]
) -> None:
    records = [{key.strip(): value for key, value in record.items()} for record in records]
    path = write(tmp_path_factory.getbasetemp(), "round.json", json.dumps(records, indent=1))
    read = read_table(path).rows
    kept = [record for record in records if any(value.strip() for value in record.values())]
    assert len(read) == len(kept)
    for row, record in zip(read, kept, strict=True):
        assert {column: text for column in row.table.columns if (text := row.get(column)) is not None} == record
