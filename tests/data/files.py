"""Files for the tests of `alliance.data`: small workbooks made by hand, and files that are out to do harm."""

from __future__ import annotations

import io
import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"

TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def sheet_xml(data: str) -> str:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'


def parts(sheets: dict[str, str], shared: str = "") -> dict[str, str]:
    """The parts of a workbook, from the XML of its sheets."""
    listed = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(sheets, 1))
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    found = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS,
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
    }
    for i, xml in enumerate(sheets.values(), 1):
        found[f"xl/worksheets/sheet{i}.xml"] = xml
    if shared:
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{shared}</sst>'
    return found


def archive(found: dict[str, str], *, stored: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as packed:
        for name, text in found.items():
            packed.writestr(name, text)
    return made.getvalue()


def workbook(data: str, shared: str = "") -> bytes:
    """A workbook of one sheet, from the XML of its rows."""
    return archive(parts({"Sheet1": sheet_xml(data)}, shared))


def lying(found: dict[str, str], name: str, declared: int) -> bytes:
    """An archive that declares a wrong size for one part, with the checksum of so much of it."""
    data = bytearray(archive(found))
    wanted, check = name.encode(), zlib.crc32(found[name].encode()[:declared])
    for signature, check_at, size_at, name_at in ((b"PK\x03\x04", 14, 22, 30), (b"PK\x01\x02", 16, 24, 46)):
        start = data.find(signature)
        while data[start + name_at : start + name_at + len(wanted)] != wanted:
            start = data.find(signature, start + 1)
        struct.pack_into("<L", data, start + check_at, check)
        struct.pack_into("<L", data, start + size_at, declared)
    return bytes(data)


def cell(place: str, value: object, kind: str = "") -> str:
    return f'<c r="{place}"{kind}><v>{value}</v></c>'


# ---- files that are out to do harm: each takes a folder and gives the path to read


def _file(folder: Path, name: str, *pieces: bytes) -> Path:
    path = folder / name
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
    return path


def _sparse(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    with path.open("wb") as file:
        file.truncate(size)
    return path


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.csv")
    return folder / "pipe.csv"


def _socket(folder: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(folder)  # the path of a socket must be short
        made.bind("s.csv")
        os.chdir(here)
    return folder / "s.csv"


def _folder(folder: Path) -> Path:
    (folder / "folder.csv").mkdir()
    return folder / "folder.csv"


def _device(folder: Path) -> Path:
    (folder / "device.csv").symlink_to("/dev/zero")
    return folder / "device.csv"


def _loop(folder: Path) -> Path:
    (folder / "loop.csv").symlink_to("loop.csv")
    return folder / "loop.csv"


def _sheet(folder: Path, data: str, shared: str = "") -> Path:
    """A workbook that is not packed, so that it cannot be told by its ratio."""
    return _file(folder, "h.xlsx", archive(parts({"S": sheet_xml(data)}, shared), stored=True))


def _bomb(folder: Path, size: int) -> Path:
    return _file(folder, "h.xlsx", workbook(" " * size))


def _many_parts(folder: Path) -> Path:
    return _file(folder, "h.xlsx", archive({f"xl/{i}.xml": "<a/>" for i in range(60_000)}, stored=True))


def _overlapping(folder: Path) -> Path:
    """Many entries of one packed megabyte, as in the better zip bombs."""
    made = bytearray(archive({"xl/big.xml": "<a>" + " " * 1_000_000 + "</a>"}))
    start = made.find(b"PK\x01\x02")
    end = made.find(b"PK\x05\x06")
    entry, body = bytes(made[start:end]), bytes(made[:start])
    entries = b"".join(entry.replace(b"xl/big.xml", b"xl/%03d.xml" % i) for i in range(900))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 900, 900, len(entries), len(body), 0)
    return _file(folder, "h.xlsx", body, entries, tail)


def _ods(folder: Path) -> Path:
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    content = (
        f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0"><office:body>'
        '<office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell table:number-columns-repeated="16000" office:value-type="float" office:value="1"/>'
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _file(folder, "h.xlsx", archive({"mimetype": kind, "content.xml": content}, stored=True))


_LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 20))


def _laughs(folder: Path) -> Path:
    found = parts({"S": sheet_xml(cell("A1", "&l19;", ' t="str"'))})
    name = "xl/worksheets/sheet1.xml"
    found[name] = f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]>' + found[name]
    return _file(folder, "h.xlsx", archive(found))


def _parquet(folder: Path, query: str) -> Path:
    import duckdb

    path = folder / "h.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    return path


def _cut_parquet(folder: Path) -> Path:
    path = _parquet(folder, "SELECT range AS a FROM range(100000)")
    path.write_bytes(path.read_bytes()[:-40] + b"\xff" * 32 + path.read_bytes()[-8:])
    return path


HOSTILE: dict[str, tuple[str, Callable[[Path], Path]]] = {
    # the place
    "a pipe": ("AC201", _fifo),
    "a folder": ("AC201", _folder),
    "a device": ("AC201", _device),
    "a socket": ("AC201", _socket),
    "a link to itself": ("AC200", _loop),
    "a hundred gigabytes": ("AC203", lambda d: _sparse(d, "h.csv", 10**11)),
    "a hundred gigabytes of workbook": ("AC203", lambda d: _sparse(d, "h.xlsx", 10**11)),
    # CSV
    "a million columns": ("AC210", lambda d: _file(d, "h.csv", b"a" + b"," * 1_000_000, b"\n")),
    "a million named columns": ("AC212", lambda d: _file(d, "h.csv", ",".join(map(str, range(10**6))).encode())),
    "a million cells in a row": ("AC213", lambda d: _file(d, "h.csv", b"a,b\n", b"1," * 999_999, b"\n")),
    "ten million digits": ("AC212", lambda d: _file(d, "h.csv", b"name,value\na,", b"7" * 10**7, b"\n")),
    "a hundred thousand digits": ("AC212", lambda d: _file(d, "h.csv", b"name,value\na,", b"7" * 10**5, b"\n")),
    "200 MB of commas": ("AC212", lambda d: _file(d, "h.csv", *[b"," * 10**6] * 199)),
    "200 MB of nothing": ("AC212", lambda d: _sparse(d, "h.csv", 199_999_999)),
    "200 MB of line ends": ("AC211", lambda d: _file(d, "h.csv", b"a,b\n", *[b"\n" * 10**6] * 199)),
    "200 MB of quoted line ends": ("AC211", lambda d: _file(d, "h.csv", b'a,b\n"', *[b"\n" * 10**6] * 199)),
    "an open quote before 200 MB": ("AC212", lambda d: _file(d, "h.csv", b'a,b\n"', *[b"1,2" * 10**6] * 66)),
    "an open quote before many lines": ("AC212", lambda d: _file(d, "h.csv", b'a,b\n"', *[b"1,2\n" * 10**5] * 30)),
    "three million comments": ("AC211", lambda d: _file(d, "h.csv", b"#\n" * 3_000_000)),
    "a million faults": ("AC249", lambda d: _file(d, "h.csv", b"a,b\n", b"1\n" * 1_000_000)),
    "a million open quotes": ("AC249", lambda d: _file(d, "h.csv", b"a,b\n", b'"a"b\n' * 1_000_000)),
    "NUL": ("AC206", lambda d: _file(d, "h.csv", b"name,value\na,1\0002\n")),
    "not UTF-8": ("AC205", lambda d: _file(d, "h.csv", b"name,value\na,\xa3100\n")),
    "UTF-16": ("AC205", lambda d: _file(d, "h.csv", "name,value\na,1\n".encode("utf-16"))),
    "a lone surrogate": ("AC205", lambda d: _file(d, "h.csv", b"name,value\na,\xed\xa0\x80\n")),
    "an override": ("AC206", lambda d: _file(d, "h.csv", "name,value\na,\u202e001\n".encode())),
    # workbooks
    "a zip bomb": ("AC216", lambda d: _bomb(d, 2 * 10**8)),
    "a bigger zip bomb": ("AC216", lambda d: _bomb(d, 3 * 10**8)),
    "a lying header": (
        "AC216",
        lambda d: _file(d, "h.xlsx", lying(parts({"S": " " * 10**8}), "xl/worksheets/sheet1.xml", 900)),
    ),
    "overlapping parts": ("AC216", _overlapping),
    "sixty thousand parts": ("AC216", _many_parts),
    "cells in opposite corners": ("AC216", lambda d: _sheet(d, cell("A1", 1) + cell("XFD1048576", 1))),
    "corners without references": (
        "AC216",
        lambda d: _sheet(d, f'<row r="1">{"<c><v>1</v></c>" * 16_000}</row><row r="1048576"><c><v>1</v></c></row>'),
    ),
    "a row beyond all rows": ("AC216", lambda d: _sheet(d, cell("A4294967295", 1))),
    "two million shared texts": ("AC216", lambda d: _sheet(d, cell("A1", 1), "<si><t>a</t></si>" * 2_000_000)),
    "very many shared texts": ("AC207", lambda d: _sheet(d, "", "<si><t>a</t></si>" * 299_990)),
    "a row of a million texts": (
        "AC216",
        lambda d: _sheet(d, '<c t="inlineStr"><is><t>a</t></is></c>' * 390_000),
    ),
    "a cell of ten million characters": (
        "AC212",
        lambda d: _sheet(d, '<c r="A1" t="inlineStr"><is><t>' + "ab " * 3_300_000 + "</t></is></c>"),
    ),
    "many faults in a sheet": (
        "AC249",
        lambda d: _sheet(d, cell("A1", 7) + "".join(cell(f"A{i}", 3.3000000000000003) for i in range(2, 299_000))),
    ),
    "many attributes": ("AC216", lambda d: _sheet(d, '<c r="A1" s="1" t="n"><v>1</v></c>' * 1_010_000)),
    "many tags": ("AC216", lambda d: _sheet(d, "<a/>" * 5_000_000)),
    "many tags with namespaces": ("AC216", lambda d: _sheet(d, "<x:a/>" * 5_000_000)),
    "many names of tags": ("AC216", lambda d: _sheet(d, "".join(f"<a{i}/>" for i in range(1_000_000)))),
    "two million cells": (
        "AC216",
        lambda d: _sheet(d, "".join(f'<row r="{r}">' + "<c><v>1</v></c>" * 1000 + "</row>" for r in range(1, 2300))),
    ),
    "deep XML": ("AC216", lambda d: _sheet(d, "<a>" * 900_000 + "</a>" * 900_000)),
    "a comment of 45 MB": ("AC216", lambda d: _sheet(d, "<!--" + "<x> 1" * 9_000_000 + "-->")),
    "a long attribute": ("AC216", lambda d: _sheet(d, f'<row r="{"1" * 1_200_000}"/>')),
    "a billion laughs": ("AC216", _laughs),
    "another format inside": ("AC215", _ods),
    "an old workbook": ("AC215", lambda d: _file(d, "h.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(4096))),
    "no archive": ("AC215", lambda d: _file(d, "h.xlsx", b"PK\x03\x04" + bytes(range(256)) * 1000)),
    # JSON
    "20 MB of brackets": ("AC225", lambda d: _file(d, "h.json", b"[" * 19_999_999)),
    "many small objects": ("AC227", lambda d: _file(d, "h.json", b"[", b'{"a":1},' * 199_000, b"1]")),
    "deep brackets": ("AC225", lambda d: _file(d, "h.json", b"[" * 100_000 + b"]" * 100_000)),
    "20 MB of empty objects": ("AC225", lambda d: _file(d, "h.json", b"[", b"{}," * 6_600_000, b"{}]")),
    "20 MB of quotes": ("AC225", lambda d: _file(d, "h.json", b'"' * 19_999_999)),
    "20 MB of backslashes": ("AC227", lambda d: _file(d, "h.json", b'["', b"\\" * 19_999_990, b'"]')),
    "ten million digits of JSON": ("AC212", lambda d: _file(d, "h.json", b'[{"a":', b"7" * 10**7, b"}]")),
    "wide and sparse objects": (
        "AC211",
        lambda d: _file(
            d, "h.json", b"[{", b",".join(b'"a%d":1' % i for i in range(1990)), b"}", b',{"b":1}' * 190_000, b"]"
        ),
    ),
    "very many keys": (
        "AC210",
        lambda d: _file(d, "h.json", b"[{" + ",".join(f'"{i}":1' for i in range(390_000)).encode() + b"}]"),
    ),
    "a lone surrogate in JSON": ("AC206", lambda d: _file(d, "h.json", b'[{"a": "\\ud800"}]')),
    # Parquet
    "long repeated texts": ("AC212", lambda d: _parquet(d, "SELECT repeat('x', 1000000) a FROM range(2000)")),
    "repeated texts": ("AC211", lambda d: _parquet(d, "SELECT repeat('x', 30000) a FROM range(100000)")),
    "ten thousand rows of nothing": (
        "AC211",
        lambda d: _parquet(d, f"SELECT {', '.join(f'NULL::INTEGER AS a{i}' for i in range(2000))} FROM range(9999)"),
    ),
    "fifty million rows": ("AC211", lambda d: _parquet(d, "SELECT 1 a FROM range(50000000)")),
    "damaged Parquet": ("AC222", _cut_parquet),
    "no Parquet": ("AC222", lambda d: _file(d, "h.parquet", b"PAR1" + bytes(1000) + b"PAR1")),
    "nested Parquet": ("AC223", lambda d: _parquet(d, "SELECT {'a': [1, 2]} a, [1] b")),
}


# the same for what settlements bring, in the formats that no table has
HOSTILE_RESULTS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "deep YAML": ("AC019", lambda d: _file(d, "h.yaml", b"a: " + b"[" * 49_000)),
    "deep YAML in blocks": ("AC019", lambda d: _file(d, "h.yaml", *[b" " * i + b"a:\n" for i in range(3000)])),
    "a YAML bomb": (
        "AC015",
        lambda d: _file(
            d,
            "h.yaml",
            b"l0: &l0 [x]\n",
            *[b"l%d: &l%d [%s]\n" % (i, i, b", ".join([b"*l%d" % (i - 1)] * 9)) for i in range(1, 10)],
        ),
    ),
    "many values of YAML": ("AC020", lambda d: _file(d, "h.yaml", *[b"a%d: 1\n" % i for i in range(300_000)])),
    "20 MB of YAML": ("AC212", lambda d: _file(d, "h.yaml", b"a: [", b"1," * 9_900_000, b"]")),
    "ten million digits of YAML": ("AC212", lambda d: _file(d, "h.yaml", b"a: ", b"7" * 10**7)),
    "long lines of YAML": (
        "AC020",
        lambda d: _file(d, "h.yaml", *[b"a%d: [%s]\n" % (i, b"1," * 24_900 + b"1") for i in range(10)]),
    ),
    "deep objects": ("AC225", lambda d: _file(d, "h.json", b'{"a":' * 100_000)),
    "many values of JSON": ("", lambda d: _file(d, "h.json", b'{"a":[', b'{"b":1},' * 49_998, b'{"b":1}]}')),
    "wide and sparse records": (
        "AC211",
        lambda d: _file(
            d, "h.yaml", b"a:\n- {a: 1", *[b",\n  a%d: 1" % i for i in range(1990)], b"}\n", b"- {a: 1}\n" * 30_000
        ),
    ),
    "sparse records": (
        "",
        lambda d: _file(
            d, "h.yaml", b"a:\n- {a: 1", *[b",\n  a%d: 1" % i for i in range(1990)], b"}\n", b"- {a: 1}\n" * 2_000
        ),
    ),
    "many names of JSON": (
        "",
        lambda d: _file(d, "h.json", b"{", *[b'"a%d":1,' % i for i in range(99_000)], b'"b":1}'),
    ),
}
