"""Workbooks with a mistake, made when they are needed, since nobody can read one in a diff."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.data.files import archive, cell, parts, sheet_xml


def _sheet(rows: list[list[str]]) -> str:
    return sheet_xml("".join(f"<row>{''.join(row)}</row>" for row in rows))


def _text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


HEADER = [_text("name"), _text("value")]


def _book(*rows: list[str], **records: list[list[str]]) -> Callable[[Path], None]:
    sheets = {"inputs": _sheet([HEADER, *rows])} | {name: _sheet(found) for name, found in records.items()}
    return lambda path: path.write_bytes(archive(parts(sheets))) and None


def _old(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))


_PLACED = [_text(name) for name in ("person", "started", "cost", "provider")]

WORKBOOKS: dict[str, Callable[[Path], None]] = {
    "binary-rounding.xlsx": _book([_text("spend"), cell("B2", "4905300.3000000003")]),
    "cell-shows-an-error.xlsx": _book([_text("spend"), cell("B2", "#DIV/0!", ' t="e"')]),
    "formula-without-a-result.xlsx": _book([_text("spend"), '<c r="B2"><f>SUM(A1:A9)</f></c>']),
    "password.xlsx": _old,
    "percentage-written-as-a-number.xlsx": _book([_text("readmissions"), cell("B2", "9.3")]),
    "records-without-a-column.xlsx": _book(
        [_text("spend"), cell("B2", "4905300")],
        placements=[_PLACED[:3], [_text("P01"), _text("2026-04-08"), cell("C2", "812.5")]],
    ),
    "sheet-of-no-records.xlsx": _book(
        [_text("spend"), cell("B2", "4905300")],
        placement=[_PLACED, [_text("P01"), _text("2026-04-08"), cell("C2", "812.5"), _text("north")]],
    ),
}
