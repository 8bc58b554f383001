"""Files with more than one of a thing: rows of one event, sheets of which one has no part, lists with space in them."""

from __future__ import annotations

import io
from pathlib import Path

from alliance.data.archive import unpack
from alliance.data.events import read_events
from alliance.data.limits import DEFAULT
from alliance.data.sheetscan import Part
from alliance.data.table import read_table
from tests.data.files import archive, cell, parts, sheet_xml
from tests.data.helpers import content, starts, write


def test_rows_of_one_event_are_one_table(tmp_path: Path) -> None:
    path = write(tmp_path, "e.csv", "event,day,cost\nleft,2026-04-01,\npaid,2026-04-02,5\nleft,2026-04-03,\n")
    found = read_events(path, {"left": ["day"], "paid": ["day", "cost"]})
    assert [line for line, _ in content(found["left"])] == [2, 4]
    assert [line for line, _ in content(found["paid"])] == [3]


def test_a_sheet_that_the_workbook_does_not_place_is_empty() -> None:
    made = parts({"A": sheet_xml(f'<row r="1">{cell("A1", "#REF!", " t=" + chr(34) + "e" + chr(34))}</row>')})
    found = unpack(io.BytesIO(archive(made)), DEFAULT)
    assert found.sheet("A").errors
    assert found.sheet("B") == Part()
    made["xl/_rels/workbook.xml.rels"] = made["xl/_rels/workbook.xml.rels"].replace("rId1", "rId9")
    assert unpack(io.BytesIO(archive(made)), DEFAULT).sheet("A") == Part()
    del made["xl/_rels/workbook.xml.rels"]
    assert unpack(io.BytesIO(archive(made)), DEFAULT).sheet("A") == Part()


def test_a_list_ends_with_its_bracket(tmp_path: Path) -> None:
    good = write(tmp_path, "a.json", '[ {"a": "1"} \n , {"a": "2"}\t,\n{"a": "3"} \n ]')
    assert [cells for _, cells in content(read_table(good))] == [("1",), ("2",), ("3",)]
    bad = write(tmp_path, "b.json", '[{"a": "1"} {"a": "2"}]')
    assert starts(lambda: read_table(bad), tmp_path) == ["b.json:1:13: AC224"]
