"""XLSX workbooks, read with python-calamine.

What a cell holds counts, not how it is shown: a cell that shows 12.2% holds 0.122, and its text is "0.122".
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from alliance.contract.faults import InputError, did_you_mean, one_of
from alliance.data.archive import NotAWorkbook, Unpacked, unpack
from alliance.data.characters import printable, shown
from alliance.data.exact import date_text, number_text
from alliance.data.limits import Limits
from alliance.data.opening import AnyPath, failure, file_name, missing_extra, open_ordinary
from alliance.data.rows import Builder, Cells, Table
from alliance.data.sheetscan import TooMuch

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

T = TypeVar("T")
Value = int | float | str | bool | datetime.date | datetime.time | datetime.timedelta

# As texts these say nothing else
_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA", "#SPILL!", "#CALC!"}


class Workbook:
    """An opened workbook. `sheets` are the names of its worksheets, in their order."""

    def __init__(self, path: AnyPath, limits: Limits) -> None:
        try:
            import python_calamine as calamine
        except ImportError:
            raise missing_extra(path, "Reading a workbook", "python-calamine") from None
        self.path = path
        self.limits = limits
        self._found = _unpack(path, limits)
        self._book: CalamineWorkbook = _guarded(path, lambda: calamine.CalamineWorkbook.from_filelike(self._found.data))
        kinds = self._book.sheets_metadata
        self.sheets = [sheet.name for sheet in kinds if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        if not self.sheets:
            raise failure("AC215", path, "The workbook has no sheet with cells.")

    def table(self, sheet: str | None = None) -> Table:
        """The table of a sheet, of the first one if none is named: its first row that is not blank is the header."""
        name = self.sheets[0] if sheet is None else sheet
        if name not in self.sheets:
            hint = did_you_mean(name, self.sheets) or one_of([shown(known) for known in self.sheets])
            raise failure("AC217", self.path, f"The workbook has no sheet {shown(name)}.", printable(hint))
        return self._read(name).done()

    def records(self, sheet: str) -> Table | None:
        """The table of a sheet; None where the sheet is empty."""
        builder = self._read(sheet)
        return None if not builder.table.columns and not builder.faults else builder.done()

    def _read(self, sheet: str) -> Builder:
        builder = Builder(f"{file_name(self.path)}[{printable(sheet)}]", self.limits)
        _note_errors(self._found, sheet, builder)
        try:
            grid = _guarded(self.path, lambda: self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))
        except InputError:
            builder.faults.raise_if_any(InputError)  # the library stops at an error that it does not know
            raise
        _fill(builder, grid)
        return builder


def _unpack(path: AnyPath, limits: Limits) -> Unpacked:
    with open_ordinary(path, limits.xlsx_bytes) as handle:
        try:
            return unpack(handle, limits)
        except NotAWorkbook as error:
            hint = "Open it in a spreadsheet program and save it as .xlsx, without a password."
            raise failure("AC215", path, f"This cannot be read as a workbook: {error}.", hint) from None
        except TooMuch as error:
            hint = "Save the sheet that is needed in a workbook of its own, or as CSV."
            raise failure("AC216", path, f"The workbook is not read: {error}.", hint) from None


def _guarded(path: AnyPath, step: Callable[[], T]) -> T:
    """What a step of the library gives; a fault where it fails."""
    try:
        return step()
    except BaseException as error:
        # A panic of the library, which is written in Rust, is not an Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        message = f"The workbook cannot be read: {printable(str(error))[:200]}."
        hint = "Open it in a spreadsheet program and save it anew as .xlsx."
        raise failure("AC215", path, message, hint) from None


def _note_errors(found: Unpacked, sheet: str, builder: Builder) -> None:
    """The cells that the library would read as empty though they are not."""
    part = found.sheet(sheet)
    for line, column, text in part.errors:
        message = f"The cell {_cell_name(line, column)} shows the error {shown(text)}."
        builder.fault("AC220", line, column, message, "Mend its formula, or clear the cell if nothing is known.")
    for line, column, text in part.undated:
        message = f"The cell {_cell_name(line, column)} says that it is a date, and holds {shown(text)}."
        builder.fault("AC215", line, column, message, "Type the cell anew.")
    for line, column in part.unstored:
        message = f"The formula in {_cell_name(line, column)} has no stored result."
        builder.fault("AC221", line, column, message, "Open the workbook in a spreadsheet program and save it.")


def _fill(builder: Builder, grid: Iterable[Sequence[Value]]) -> None:
    """The rows of a sheet. Its first row that is not blank is the header, and begins and ends the columns."""
    first = last = -1
    for line, values in enumerate(grid, 1):
        if last < 0:
            used = [at for at, value in enumerate(values) if not isinstance(value, str) or value.strip()]
            if used:
                first, last = used[0], used[-1]
                builder.table.first = first + 1
                builder.header(_texts(builder, line, values[first : last + 1], first), line)
            continue
        for at in (*range(first), *range(last + 1, len(values))):
            if values[at] != "":
                message = f"The cell {_cell_name(line, at + 1)} stands in a column without a name."
                builder.fault("AC208", line, at + 1, message, "Name the column, or clear it.")
        builder.row(line, _texts(builder, line, values[first : last + 1], first))


def _texts(builder: Builder, line: int, values: Sequence[Value], first: int) -> Cells:
    return tuple([_text(builder, line, first + at, value) for at, value in enumerate(values, 1)])


def _text(builder: Builder, line: int, column: int, value: Value) -> str | None:
    """The text of what a cell holds."""
    if isinstance(value, str):
        if value in _ERRORS:
            message = f"The cell {_cell_name(line, column)} shows the error {value}."
            builder.fault("AC220", line, column, message, "Mend its formula, or clear the cell if nothing is known.")
        return value or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime.date) and (value.year, value.month) < (1900, 3):
        # 29 February 1900 is a day there, which never was, and all before it are a day off or not
        message = f"The cell {_cell_name(line, column)} holds a date from before March 1900, which is not one day."
        builder.fault("AC228", line, column, message, "Write the day as text: 1900-02-28.")
        return None
    if not isinstance(value, float):
        return date_text(value)
    if not math.isfinite(value):
        message = f"The number in {_cell_name(line, column)} is not finite."
        builder.fault("AC219", line, column, message, "Mend the cell.")
        return None
    text = number_text(value)
    if text is None:
        name = _cell_name(line, column)
        message = f"The cell {name} holds {value!r}: the rounding error of a calculation, not an exact number."
        builder.fault("AC218", line, column, message, "Round it where it is worked out, as in =ROUND(A1*B1, 2).")
    return text


def _cell_name(line: int, column: int) -> str:
    """The name of a cell in its sheet.

    >>> _cell_name(7, 28)
    'AB7'
    """
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{line}"
