"""Writing: files that are there whole or not at all, tables that no spreadsheet runs, and templates to fill in."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from alliance.contract.faults import Faults, InputError, Mark
from alliance.data.characters import printable, shown
from alliance.data.opening import AnyPath, failure, file_name, missing_extra

__all__ = ["atomic_write", "neutral", "printable", "write_csv", "write_template_csv", "write_template_xlsx"]

Line = Sequence[str | None]

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)%?", re.ASCII)
# What begins a formula, also in the wide forms that some spreadsheets read alike
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_SHEET_NAME_LENGTH = 31
_SHEET_ROWS = 1_048_576
_CELL_LENGTH = 32_767
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_CREATED = datetime.datetime(2000, 1, 1)  # the same for all, so that the same template is the same file
_AS_NUMBERS = ("value", "cases")


def neutral(text: str) -> str:
    """A text that a spreadsheet shows and does not run: an apostrophe goes before what would begin a formula.

    >>> neutral("=1+1"), neutral("-5.20"), neutral("-5+2"), neutral("plain")
    ("'=1+1", '-5.20', "'-5+2", 'plain')
    """
    if _NUMBER.fullmatch(text):
        return text
    return "'" + text if text.startswith(_RUNS) or text.lstrip(" \u00a0").startswith(_RUNS) else text


def write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Line]) -> None:
    """Writes a table as CSV with plain line feeds. None is an empty cell."""
    writer = csv.writer(file, lineterminator="\n")
    for row in itertools.chain([columns], rows):
        if len(row) != len(columns):
            raise ValueError(f"a row has {len(row)} cells and the header {len(columns)}")
        writer.writerow([neutral(cell) if cell else "" for cell in row])


def write_template_csv(path: AnyPath, columns: Sequence[str], rows: Iterable[Line], notes: Sequence[str] = ()) -> None:
    """Writes a template to fill in; `notes` are comment lines at its top.

    It begins with a byte order mark, without which Excel does not read UTF-8.
    """
    text = io.StringIO()
    for note in notes:
        text.write(f"# {printable(note)}\n")
    write_csv(text, columns, rows)
    atomic_write(path, text.getvalue().encode("utf-8-sig"))


def write_template_xlsx(
    path: AnyPath, columns: Sequence[str], rows: Iterable[Line], records: Mapping[str, Sequence[str]]
) -> None:
    """Writes a template workbook: a sheet `inputs` with the rows, and a sheet with a header for each kind of records.

    Cells are texts, but those under `value` and `cases` are left to the spreadsheet, so that formulas can fill them.
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped]
    except ImportError:
        raise missing_extra(path, "Writing a workbook", "XlsxWriter") from None
    _check_sheet_names(path, records)
    made = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"created": _CREATED})
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for name, header, lines in [("inputs", columns, rows), *((name, names, ()) for name, names in records.items())]:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for at, column in enumerate(header):
                as_text = name == "inputs" and column not in _AS_NUMBERS
                sheet.set_column(at, at, max(12, min(40, len(column) + 4)), text if as_text else None)
                sheet.write_string(0, at, _cell(column), bold)
            for line, row in enumerate(lines, 1):
                if len(row) != len(header) or line >= _SHEET_ROWS:
                    raise ValueError(f"row {line} has {len(row)} cells and the header {len(header)}, or it is too many")
                for at, (column, cell) in enumerate(zip(header, row, strict=True)):
                    if cell:
                        sheet.write_string(line, at, _cell(cell), None if column in _AS_NUMBERS else text)
    atomic_write(path, made.getvalue())


def atomic_write(path: AnyPath, data: bytes | str) -> None:
    """Writes a file so that at every moment it is the old one or the new one, whole. Text is written as UTF-8.

    Raises `InputError` where the folder does not exist, and where the path is a link, a folder or a device.
    """
    target = Path(path)
    _check_target(target)
    # Beside the target, since a file can be moved into place only within one disk
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        descriptor = os.open(beside, flags, 0o666)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise failure("AC242", path, f"The file cannot be written: {error.strerror or type(error).__name__}.") from None
    _sync_folder(target.parent)


def _check_target(target: Path) -> None:
    try:
        if not target.parent.is_dir():
            hint = "Make the folder first, or write elsewhere."
            raise failure("AC240", target, f"The folder {shown(str(target.parent), 80)} does not exist.", hint)
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise failure("AC242", target, f"The file cannot be written: {printable(str(error))}.") from None
    if stat.S_ISLNK(mode):
        hint = "Name the file that it stands for, or remove the link."
        raise failure("AC241", target, "This is a link to another place, and links are not followed.", hint)
    if not stat.S_ISREG(mode):
        raise failure("AC242", target, "This is a folder or a device, not a file.", "Name a file.")


def _sync_folder(folder: Path) -> None:
    """Makes sure that the new name outlives a loss of power, where the system can do that for a folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _check_sheet_names(path: AnyPath, records: Mapping[str, Sequence[str]]) -> None:
    faults, seen = Faults(), {"inputs": "inputs"}
    for name in records:
        low = name.lower()
        if low in seen:
            message = f"Two sheets cannot be called {shown(name)} and {shown(seen[low])}."
        elif len(name) > _SHEET_NAME_LENGTH:
            message = f"The name {shown(name)} is longer than the {_SHEET_NAME_LENGTH} characters of a sheet's name."
        elif not name or name[0] == "'" or name[-1] == "'" or _NOT_IN_SHEET_NAMES.search(name) or low == "history":
            message = f"The name {shown(name)} cannot be the name of a sheet."
        else:
            seen[low] = name
            continue
        faults.add("AC243", Mark(file_name(path)), message, "Bring these records in a YAML or JSON file.")
    faults.raise_if_any(InputError)


def _cell(text: str) -> str:
    if len(text) > _CELL_LENGTH:
        raise ValueError(f"a cell of {len(text)} characters; a sheet holds {_CELL_LENGTH}")
    return neutral(text)
