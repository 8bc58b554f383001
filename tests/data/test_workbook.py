from __future__ import annotations

import builtins
import datetime
import io
import random
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter  # type: ignore[import-untyped]

from alliance.contract.faults import InputError
from alliance.data.archive import Unpacked
from alliance.data.limits import Limits
from alliance.data.rows import Builder
from alliance.data.sheetscan import Part
from alliance.data.table import read_table
from alliance.data.workbook import Workbook, _text
from tests.data.files import archive, cell, lying, parts, sheet_xml, workbook
from tests.data.helpers import content, faults_of, starts, write


def made(path: Path, fill: Callable[[Any, Any], None]) -> Path:
    """A workbook made with XlsxWriter."""
    with xlsxwriter.Workbook(path) as book:
        fill(book, book.add_worksheet("Sheet1"))
    return path


def texts(names: str) -> str:
    return "".join(cell(f"{place}", name, ' t="str"') for place, name in (pair.split("=") for pair in names.split()))


def test_cells_become_exact_texts(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        def shown_as(form: str) -> Any:
            return book.add_format({"num_format": form})

        sheet.write_row(0, 0, ["a", "b"])
        rows = [
            (12, 12.0),
            (0.1, -0.122),
            (1e-7, 1e20),
            (9007199254740991, -5),
            (True, False),
            ("text", " 6.5% "),
            (1234567.89, "#hash"),
        ]
        for line, row in enumerate(rows, 1):
            sheet.write_row(line, 0, row)
        sheet.write_number(8, 0, 0.122, shown_as("0.0%"))
        sheet.write_datetime(9, 0, datetime.datetime(2026, 4, 1), shown_as("dd/mm/yyyy"))
        sheet.write_datetime(9, 1, datetime.datetime(2026, 4, 1, 13, 5), shown_as("dd/mm/yyyy hh:mm"))
        sheet.write_number(10, 0, 0.5, shown_as("hh:mm"))
        sheet.write_number(10, 1, 1.5, shown_as("[h]:mm:ss"))
        sheet.write_formula(11, 0, "=1+1", None, 2)

    table = read_table(made(tmp_path / "a.xlsx", fill))
    assert table.file.endswith("a.xlsx[Sheet1]")
    assert content(table) == [
        (2, ("12", "12")),
        (3, ("0.1", "-0.122")),
        (4, ("0.0000001", "100000000000000000000")),
        (5, ("9007199254740991", "-5")),
        (6, ("TRUE", "FALSE")),
        (7, ("text", " 6.5% ")),
        (8, ("1234567.89", "#hash")),
        (9, ("0.122", None)),
        (10, ("2026-04-01", "2026-04-01T13:05:00")),
        (11, ("12:00:00", "36:00:00")),
        (12, ("2", None)),
    ]


@pytest.mark.parametrize("serial", [1, 59, 60, 60.5])
def test_a_date_that_may_be_another_is_refused(serial: float, tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        form = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(0, 0, ["day", "other"])
        sheet.write_number(1, 0, serial, form)
        sheet.write_number(1, 1, 61, form)

    with pytest.raises(InputError) as told:
        read_table(made(tmp_path / "a.xlsx", fill))
    [fault] = told.value.faults
    assert "a.xlsx[Sheet1]:2:1: AC228 The cell A2 holds a date from before March 1900" in str(fault)


def test_a_table_stands_anywhere_in_its_sheet(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlsx", workbook(texts("C3=name D3=value C5=x") + cell("D5", 7)))
    table = read_table(path)
    assert (table.columns, content(table)) == (["name", "value"], [(5, ("x", "7"))])
    assert str(table.rows[0].mark("value")).endswith("a.xlsx[Sheet1]:5:4")
    assert str(table.mark("name")).endswith("a.xlsx[Sheet1]:3:3")


def test_texts_of_all_kinds(tmp_path: Path) -> None:
    data = (
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><r><t>va</t></r><r><t>lue</t></r></is></c>'
        '<c r="A2" t="s"><v>1</v></c><c r="B2" t="str"><f>A2</f><v>&lt;x&gt;</v></c>'
    )
    shared = "<si><t>name</t></si><si><r><t>o</t></r><r><t>ne</t></r></si>"
    table = read_table(write(tmp_path, "a.xlsx", workbook(data, shared)))
    assert (table.columns, content(table)) == (["name", "value"], [(2, ("one", "<x>"))])


def test_cells_without_references_and_with_a_namespace(tmp_path: Path) -> None:
    rows = "<x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row><x:row><x:c><x:v>3</x:v></x:c></x:row>"
    table = read_table(write(tmp_path, "a.xlsx", workbook(rows)))
    assert (table.columns, content(table)) == (["1", "2"], [(2, ("3", None))])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "AC207 The table is empty."),
        (cell("B3", "3.3000000000000003"), ":3:2: AC218 The cell B3 holds 3.3000000000000003"),
        (cell("A2", "12345678901234567"), ":2:1: AC218"),
        (cell("A2", "NaN"), ":2:1: AC219"),
        (cell("A2", "1e999"), ":2:1: AC219"),
        (cell("A2", "#N/A", ' t="e"'), ':2:1: AC220 The cell A2 shows the error "#N/A".'),
        (cell("A2", "#SPILL!", ' t="e"'), ':2:1: AC220 The cell A2 shows the error "#SPILL!".'),
        ('<x:c r="A2" t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c>', ':2:1: AC220 The cell A2 shows the error "#DIV'),
        (cell("A2", "#REF!", ' t="str"'), ":2:1: AC220 The cell A2 shows the error #REF!."),
        ('<c r="A2"><f>1+1</f></c>', ":2:1: AC221 The formula in A2 has no stored result."),
        ('<c r="A2"><f>1+1</f><v></v></c>', ":2:1: AC221"),
        ('<c r="A2"><f>1+1</f><v/></c>', ":2:1: AC221"),
        ('<c r="A2"><f t="shared" si="0"/></c>', ":2:1: AC221"),
        (cell("E9", 5), ":9:5: AC208 The cell E9 stands in a column without a name."),
        ('<c r="A2" t="inlineStr"><is><t>a\u202eb</t></is></c>', ":2:1: AC206"),
        (cell("C1", "a", ' t="str"'), ":1:3: AC209"),
        (cell("D1", "d", ' t="str"'), ":1:3: AC208"),
    ],
)
def test_faults_have_their_places(tmp_path: Path, data: str, expected: str) -> None:
    path = write(tmp_path, "a.xlsx", workbook((texts("A1=a B1=b") + data) if data else ""))
    found = faults_of(lambda: read_table(path), tmp_path)
    assert len(found) == 1
    assert expected in found[0]


def test_an_error_text_in_the_header(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlsx", workbook(texts("A1=#N/A B1=b")))
    assert starts(lambda: read_table(path), tmp_path) == ["a.xlsx[Sheet1]:1:1: AC220"]


def test_a_result_that_is_an_empty_text_is_stored(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.xlsx", workbook(texts("A1=a B1=b") + cell("A2", 1) + '<c r="B2" t="str"><f>x</f><v></v></c>')
    )
    assert content(read_table(path)) == [(2, ("1", None))]


def sheets(tmp_path: Path) -> Path:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["a"])
        book.add_chartsheet("Chart")
        book.add_worksheet("Empty")
        more = book.add_worksheet("More <&>")
        more.write_column(0, 0, ["b", 1])
        book.add_worksheet("Wrong").write_formula(0, 0, "=1/0", None, "#DIV/0!")

    return made(tmp_path / "a.xlsx", fill)


def test_sheets_by_name(tmp_path: Path) -> None:
    path = sheets(tmp_path)
    book = Workbook(path, Limits())
    assert book.sheets == ["Sheet1", "Empty", "More <&>", "Wrong"]
    assert book.table().columns == ["a"]
    assert book.records("Empty") is None
    more = read_table(path, sheet="More <&>")
    assert (more.file, content(more)) == (f"{path}[More <&>]", [(2, ("1",))])
    assert starts(lambda: read_table(path, sheet="Wrong"), tmp_path) == ["a.xlsx[Wrong]:1:1: AC220"]
    assert starts(lambda: book.records("Wrong"), tmp_path) == ["a.xlsx[Wrong]:1:1: AC220"]
    assert starts(lambda: read_table(path, sheet="Empty"), tmp_path) == ["a.xlsx[Empty]: AC207"]


@pytest.mark.parametrize(
    ("name", "hint"), [("Sheet2", 'Did you mean "Sheet1"?'), ("q", 'It may be: "Sheet1", "Empty"')]
)
def test_a_sheet_that_is_not_there(tmp_path: Path, name: str, hint: str) -> None:
    (fault,) = faults_of(lambda: read_table(sheets(tmp_path), sheet=name), tmp_path)
    assert fault.startswith(f'a.xlsx: AC217 The workbook has no sheet "{name}". {hint}')


def without(name: str) -> dict[str, str]:
    found = parts({"S": sheet_xml(cell("A1", 1))})
    del found[name]
    return found


GOOD = parts({"S": sheet_xml(cell("A1", 1))})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "a.xlsx: AC215"),
        (b"PK\x05\x06" + bytes(18), "a.xlsx: AC215"),
        (archive(GOOD)[:-1], "a.xlsx: AC215"),
        (archive(without("xl/workbook.xml")), "a.xlsx: AC215"),
        (archive(without("xl/worksheets/sheet1.xml")), "a.xlsx: AC215"),
        (archive(GOOD | {"xl/worksheets/sheet1.xml": "<worksheet>"}), "a.xlsx: AC215"),
        (archive(GOOD | {"XL/workbook.xml": "<a/>"}), "a.xlsx: AC215"),
        (archive(GOOD | {"xl/workbook.xml": sheet_xml("")}), "a.xlsx: AC215"),
        (lying(GOOD, "xl/workbook.xml", 5), "a.xlsx: AC216"),
        (lying(GOOD, "xl/workbook.xml", 5000), "a.xlsx: AC215"),
        (archive(GOOD).replace(b"PK\x03\x04", b"PK\x03\x05"), "a.xlsx: AC215"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, data: bytes, expected: str) -> None:
    path = write(tmp_path, "a.xlsx", data)
    assert starts(lambda: read_table(path), tmp_path) == [expected]


def patched(data: bytes, at: int, value: bytes) -> bytes:
    """An archive with other bytes in each entry of its list of parts."""
    pieces = data.split(b"PK\x01\x02")
    return b"PK\x01\x02".join(
        [pieces[0], *(piece[: at - 4] + value + piece[at - 4 + len(value) :] for piece in pieces[1:])]
    )


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (8, b"\x01\x00", "it has a password"),
        (10, b"\x0c\x00", "packed in an unusual way"),
        (20, b"\xff\xff\xff\x00", "damaged"),
        (20, b"\x05\x00\x00\x00", "damaged"),
        (42, b"\x05\x00\x00\x00", "damaged"),
        (42, b"\xff\xff\xff\x00", "damaged"),
    ],
)
def test_archives_with_strange_entries(tmp_path: Path, at: int, value: bytes, words: str) -> None:
    path = write(tmp_path, "a.xlsx", patched(archive(GOOD), at, value))
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert "AC215" in fault
    assert words in fault


def test_parts_that_say_nothing_about_cells_are_left_out(tmp_path: Path) -> None:
    found = GOOD | {"xl/media/image1.xml": "no XML", "xl/vbaProject.bin": "x", "docProps/app.xml": "no XML"}
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as packed:
        packed.mkdir("xl")
        for name, text in found.items():
            packed.writestr(name, text)
    assert read_table(tmp_path / "a.xlsx").columns == ["1"]


def test_a_sheet_that_the_relations_do_not_name(tmp_path: Path) -> None:
    """Its errors cannot be placed, but it is no less read."""
    found = dict(GOOD)
    name = "xl/_rels/workbook.xml.rels"
    found[name] = found[name].replace("worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml")
    found["xl/worksheets/sheet1.xml"] = sheet_xml(cell("A1", "a", ' t="str"') + cell("A2", "#N/A", ' t="e"'))
    path = write(tmp_path, "a.xlsx", archive(found))
    assert starts(lambda: read_table(path), tmp_path) == ["a.xlsx[S]:2:1: AC220"]
    unpacked = Unpacked(io.BytesIO(), {"xl/workbook.xml": Part(sheets=[("S", "rId9")]), name: Part()})
    assert unpacked.sheet("S") == unpacked.sheet("T") == Part()
    del found[name]
    path = write(tmp_path, "a.xlsx", archive(found))
    assert starts(lambda: read_table(path), tmp_path) == ["a.xlsx: AC215"]


@pytest.mark.parametrize(
    ("limits", "ok"),
    [
        (Limits(area=6), True),
        (Limits(area=5), False),
        (Limits(parts=5), True),
        (Limits(parts=4), False),
        (Limits(elements=30), True),
        (Limits(elements=10), False),
        (Limits(unpacked_bytes=2000), True),
        (Limits(unpacked_bytes=500), False),
    ],
)
def test_limits(tmp_path: Path, limits: Limits, ok: bool) -> None:
    path = write(tmp_path, "a.xlsx", workbook(texts("A1=a C1=c B1=b") + cell("C2", 1) + '<c r="Z99" s="1"/>'))
    if ok:
        assert read_table(path, limits=limits).columns == ["a", "b", "c"]
    else:
        assert starts(lambda: read_table(path, limits=limits), tmp_path) == ["a.xlsx: AC216"]


@pytest.mark.parametrize("place", ["XFE1", "AAAA1", "é1", "A1048577", "A10000000", "A٣"])
def test_places_beyond_a_sheet(tmp_path: Path, place: str) -> None:
    path = write(tmp_path, "a.xlsx", workbook(cell(place, 1)))
    assert starts(lambda: read_table(path), tmp_path) == ["a.xlsx: AC216"]


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<a>" * 30_000 + "</a>" * 30_000, "nested too deep"),
        ("<a>" + "<!-- " + "x" * 1_200_000 + "--></a>", "a tag or text of more than"),
        ("<a>" + "".join(f"<b{i}/>" for i in range(600)) + "</a>", "kinds of tags"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares a document type"),
        ("<?xml version='1.0' encoding='utf-16'?><a/>", "says that it is in utf-16, and UTF-8 is read"),
        (f"<row>{'<c><v>1</v></c>' * 16_385}</row>", "beyond the last column"),
    ],
)
def test_strange_xml(tmp_path: Path, xml: str, words: str) -> None:
    path = write(tmp_path, "a.xlsx", archive(GOOD | {"xl/other.xml": xml}, stored=True))
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert "AC216" in fault
    assert words in fault


@pytest.mark.parametrize("rest", [b"\0", b"\0" * 70_000])
def test_bytes_after_the_end_of_a_part(tmp_path: Path, rest: bytes) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    xml = GOOD["xl/workbook.xml"].encode()
    packed = packer.compress(xml) + packer.flush() + rest
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as made:
        made.writestr("xl/workbook.xml", packed)
    data = bytearray(path.read_bytes())
    for signature, method_at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = data.find(signature)
        struct.pack_into("<H", data, start + method_at, 8)
        struct.pack_into("<L", data, start + method_at + 6, zlib.crc32(xml))
        struct.pack_into("<L", data, start + method_at + 14, len(xml))
    path.write_bytes(data)
    assert starts(lambda: read_table(path), tmp_path) == ["a.xlsx: AC215"]


def test_an_old_workbook(tmp_path: Path) -> None:
    path = write(tmp_path, "a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000))
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert "it is an old .xls workbook, or it has a password" in fault


def test_a_workbook_of_charts_alone(tmp_path: Path) -> None:
    found = {name: text.replace("ships/worksheet", "ships/chartsheet") for name, text in GOOD.items()}
    path = write(tmp_path, "a.xlsx", archive(found))
    assert faults_of(lambda: read_table(path), tmp_path) == ["a.xlsx: AC215 The workbook has no sheet with cells."]


def test_whole_numbers_that_the_library_may_give(tmp_path: Path) -> None:
    assert _text(Builder("a.xlsx", Limits()), 1, 1, 12345678901234567890) == "12345678901234567890"


def test_many_errors_are_told_up_to_a_limit(tmp_path: Path) -> None:
    data = "".join(cell(f"A{line}", "#N/A", ' t="e"') + f'<c r="B{line}"><f>1</f></c>' for line in range(2, 300))
    path = write(tmp_path, "a.xlsx", workbook(texts("A1=a B1=b") + data))
    found = starts(lambda: read_table(path), tmp_path)
    assert len(found) == 101
    assert found[-1].endswith("AC249")


def test_a_panic_of_the_library_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    class Book:
        raised: type[BaseException] = PanicException

        @classmethod
        def from_filelike(cls, _: object) -> None:
            raise cls.raised("index \x1b out of bounds")

    path = write(tmp_path, "a.xlsx", archive(GOOD))
    monkeypatch.setattr(python_calamine, "CalamineWorkbook", Book)
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert fault.startswith(r"a.xlsx: AC215 The workbook cannot be read: index \x1b out of bounds.")
    Book.raised = KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        read_table(path)


def test_damaged_workbooks_never_crash(tmp_path: Path) -> None:
    """Bytes changed in the archive, and in the XML before it is packed."""
    chance = random.Random(20260401)
    xml = sheet_xml(
        texts("A1=name B1=value A2=x") + cell("B2", 1.5) + cell("B3", 1, ' t="b"') + cell("B4", 0, ' t="s"')
    )
    found = parts({"inputs": xml}, "<si><t>shared</t></si>")
    for _ in range(300):
        if chance.random() < 0.5:
            data = bytearray(archive(found))
            for _ in range(chance.randint(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        else:
            name = chance.choice(sorted(found))
            text = list(found[name])
            for _ in range(chance.randint(1, 4)):
                text[chance.randrange(len(text))] = chance.choice("<>/\"' =0a9&;:é")
            data = bytearray(archive(found | {name: "".join(text)}))
        path = write(tmp_path, "a.xlsx", bytes(data))
        try:
            table = read_table(path)
        except InputError:
            continue
        assert all(isinstance(text, str | None) for row in table.rows for text in row.cells)


@pytest.mark.parametrize("library", ["python_calamine", "duckdb"])
def test_a_missing_extra_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    real = builtins.__import__

    def without_it(name: str, *rest: Any) -> Any:
        if name == library:
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, library, raising=False)
    monkeypatch.setattr(builtins, "__import__", without_it)
    path = write(tmp_path, "a.xlsx" if library == "python_calamine" else "a.parquet", archive(GOOD))
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert "AC204" in fault
    assert 'pip install "alliance[data]"' in fault


@pytest.mark.parametrize("held", ["9999999", "soon", "2026-04", "2026-4-1"])
def test_a_date_that_is_none(tmp_path: Path, held: str) -> None:
    xml = f'<row r="1">{cell("A1", 1)}</row><row r="2">{cell("A2", held, SAYS_DATE)}</row>'
    path = write(tmp_path, "a.xlsx", workbook(xml))
    (fault,) = faults_of(lambda: read_table(path), tmp_path)
    assert f'AC215 The cell A2 says that it is a date, and holds "{held}".' in fault


def test_very_many_dates_that_are_none(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}">{cell(f"A{n}", "soon", SAYS_DATE)}</row>' for n in range(2, 300))
    path = write(tmp_path, "a.xlsx", workbook(f'<row r="1">{cell("A1", 1)}</row>{rows}'))
    assert len(faults_of(lambda: read_table(path), tmp_path)) == 101


@pytest.mark.parametrize("held", ["2026-04-01", "2026-04-01T00:00:00", "2026-04-01T09:30:00.000Z", "09:30:00"])
def test_a_date_in_words_of_its_own(tmp_path: Path, held: str) -> None:
    xml = f'<row r="1">{cell("A1", 1)}</row><row r="2">{cell("A2", held, SAYS_DATE)}</row>'
    found = read_table(write(tmp_path, "a.xlsx", workbook(xml)))
    assert [row.cells[0][:4] for row in found.rows if row.cells[0]] == [held[:4]]


SAYS_DATE = ' t="d"'
