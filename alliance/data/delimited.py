"""CSV and TSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from alliance.contract.faults import Fault, InputError, Mark
from alliance.data.characters import printable, refused, shown
from alliance.data.limits import Limits
from alliance.data.opening import AnyPath, file_name, not_utf8, open_ordinary
from alliance.data.rows import Builder, Table

_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}


def read_delimited(path: AnyPath, delimiter: str, limits: Limits) -> Table:
    """A table of a text file: a header, then a row a line. Lines that begin with # before the header are comments."""
    with open_ordinary(path, limits.csv_bytes) as handle:
        _refuse_endless(handle, path, limits)
        builder = Builder(file_name(path), limits)
        _read(_Lines(handle, path, limits), builder, delimiter)
    return builder.done()


def _refuse_endless(handle: BinaryIO, path: AnyPath, limits: Limits) -> None:
    """Counts the lines of a large file, which is much cheaper than reading them."""
    lines = 0
    while block := handle.read(1 << 20):
        lines += block.count(b"\n")
    handle.seek(0)
    if lines > 2 * limits.rows:
        message = f"The file has {lines:,} lines, and a table may have {limits.rows:,} rows."
        raise InputError(Fault("AC211", message, Mark(file_name(path)), "Divide the file."))


class _Lines(Iterator[str]):
    """The lines of a file as text, counted, with what the record that is being read is known to hold.

    The csv module's own limit on a field is shared by the whole process, so it is left alone: a record is bounded here.
    """

    def __init__(self, handle: BinaryIO, path: AnyPath, limits: Limits) -> None:
        self.handle = handle
        self.path = path
        self.limits = limits
        self.number = 0  # of the line last read
        self.first = 0  # of the record's first line
        self.size = 0  # bytes of the record so far
        self.suspect = False  # the record holds a character that may not stand in it
        self.comments = True  # nothing but comments and blank lines so far

    def begin(self) -> None:
        """Begins a record."""
        self.size = 0
        self.suspect = False

    def __next__(self) -> str:
        text = self._line()
        while self.comments and text.startswith("#"):
            if self.number > self.limits.comments:
                message = f"There are more than {self.limits.comments:,} lines before the header."
                raise InputError(Fault("AC211", message, Mark(file_name(self.path), self.number)))
            self.size = 0
            text = self._line()
        if self.comments:
            self.comments = not text.strip()
        if refused(text.rstrip("\r\n")) is not None:
            self.suspect = True
        return text

    def _line(self) -> str:
        most = self.limits.record_bytes
        raw = self.handle.readline(most + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        if self.size == 0:
            self.first = self.number
        if self.number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        self.size += len(raw)
        if self.size > most:
            self._too_long(most)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(self.path, raw, error.start, self.number) from None

    def _too_long(self, most: int) -> NoReturn:
        message = f"The row is longer than {most:,} bytes."
        hint = "Look for a double quote that is not closed."
        raise InputError(Fault("AC212", message, Mark(file_name(self.path), self.number), hint))


def _read(lines: _Lines, builder: Builder, delimiter: str) -> None:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    rows, width, most_length = builder.table.rows, 0, builder.limits.cell_length
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _explain(error, lines.first, lines.number, builder, delimiter)
            continue
        line = lines.first
        if not width:
            if any(cell.strip() for cell in cells):
                _refuse_other_delimiter(cells, delimiter, line, builder)
                builder.header(cells, line)
                width = len(cells)
            continue
        # The common row is taken at once; anything unusual goes through every check.
        if (
            len(cells) == width
            and cells[0]
            and not cells[0].isspace()
            and not lines.suspect
            and lines.size <= most_length
        ):
            if len(rows) >= builder.most_rows:
                builder.full(line)
            rows.append(line, tuple(cells))
        else:
            builder.row(line, tuple(cells))


def _refuse_other_delimiter(cells: list[str], delimiter: str, line: int, builder: Builder) -> None:
    if len(cells) > 1:
        return
    for other in ";\t|,":
        if other != delimiter and cells[0].count(other):
            message = f"The header {shown(cells[0])} is separated by {_NAMES[other]}s, not by {_NAMES[delimiter]}s."
            builder.fatal("AC214", line, 0, message, f"Save the file with {_NAMES[delimiter]}s between its cells.")


def _explain(error: csv.Error, line: int, last: int, builder: Builder, delimiter: str) -> None:
    """The faults of the csv module in plain words."""
    words = str(error)
    if "unexpected end" in words:
        message = "A double quote that opens in this row is not closed before the end of the file."
        builder.fault("AC214", line, 0, message, "Close it, or write it twice if it is part of the text.")
    elif "expected after" in words:
        message = f"After the quote that closes a cell there is other text, and no {_NAMES[delimiter]}."
        builder.fault("AC214", last, 0, message, "Write a double quote inside a quoted cell twice.")
    elif "field larger" in words:
        message = f"A cell of this row is longer than the {builder.limits.cell_length:,} characters it may hold."
        builder.fatal("AC212", line, 0, message, "Look for a double quote that is not closed.")
    elif "new-line" in words:
        message = "There is a carriage return inside a cell that is not quoted."
        builder.fault("AC214", last, 0, message, "Save the file with Windows or Unix line ends.")
    else:
        builder.fault("AC214", last, 0, f"The row cannot be read: {printable(words)}.")
