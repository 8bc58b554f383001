"""Tables of raw texts that know their places, and the checks that every format of table shares."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, overload

from alliance.contract.faults import Fault, Faults, InputError, Mark
from alliance.data.characters import counted, named, refused, shown
from alliance.data.limits import Limits

Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line` is the line of the file, the row of the sheet, or the number of the record, from 1."""

    table: Table
    line: int
    cells: Cells

    def get(self, column: str) -> str | None:
        """The text in a column. None: the cell is empty in a format that knows that, or there is no such column.

        An empty cell of a CSV file is the empty text.
        """
        index = self.table.index.get(column)
        return None if index is None else self.cells[index]

    def mark(self, column: str | None = None) -> Mark:
        """The place of the row, or of its cell in a column."""
        index = self.table.index.get(column) if column is not None else None
        if index is None:
            return Mark(self.table.file, self.line)
        own = getattr(self.cells[index], "mark", None)  # a text of a YAML or JSON tree knows its place itself
        if isinstance(own, Mark):
            return own
        return self.table.place(self.line, index)


class Rows(Sequence[Row]):
    """The rows of a table. They are kept as bare tuples, and made when they are asked for."""

    __slots__ = ("_cells", "_lines", "_table")

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lines: array[int] = array("L")
        self._cells: list[Cells] = []

    def append(self, line: int, cells: Cells) -> None:
        self._lines.append(line)
        self._cells.append(cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[Row]:
        table = self._table
        for line, cells in zip(self._lines, self._cells, strict=True):
            yield Row(table, line, cells)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        return Row(self._table, self._lines[index], self._cells[index])


@dataclass(eq=False)
class Table:
    """A table of raw texts. `file` names the file, and the sheet where there is one: `results.xlsx[Sheet1]`.

    `first` is the number of the first column in the file; 0 where columns have no numbers, as in JSON.
    """

    file: str
    columns: list[str] = field(default_factory=list)
    header_line: int = 0
    first: int = 1
    index: dict[str, int] = field(init=False, repr=False)
    rows: Rows = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.index = {name: at for at, name in enumerate(self.columns)}
        self.rows = Rows(self)

    def place(self, line: int, index: int) -> Mark:
        """The place of a cell, by its line and the index of its column."""
        return Mark(self.file, line, self.first + index if self.first else 0)

    def mark(self, column: str | None = None) -> Mark:
        """The place of the header, or of a column's name in it."""
        if column is None or column not in self.index:
            return Mark(self.file, self.header_line)
        return self.place(self.header_line, self.index[column])


class Builder:
    """Makes a table and collects what is wrong with it. After `limits.faults` faults reading stops."""

    def __init__(self, file: str, limits: Limits, first: int = 1) -> None:
        self.table = Table(file, first=first)
        self.limits = limits
        self.faults = Faults(limit=limits.faults)
        self.most_rows = limits.rows

    def fault(self, code: str, line: int, column: int, message: str, hint: str = "") -> None:
        """Collects a fault. `column` is a number as in the file, 0 for none."""
        self.faults.add(code, Mark(self.table.file, line, column), message, hint)
        if len(self.faults.items) >= self.faults.limit:
            self.fatal("AC249", line, column, f"Reading stopped here after {self.faults.limit} faults; mend these.")

    def fatal(self, code: str, line: int, column: int, message: str, hint: str = "") -> NoReturn:
        """Raises what was collected, and one more fault that ends the reading."""
        last = Fault(code, message, Mark(self.table.file, line, column), hint)
        raise InputError([*sorted(self.faults.items, key=lambda fault: fault.mark or Mark("")), last])

    def header(self, names: Sequence[str | None], line: int) -> None:
        """Takes the names of the columns."""
        table = self.table
        if len(names) > self.limits.columns:
            message = f"The header has {len(names):,} columns, and a table may have {self.limits.columns:,}."
            self.fatal("AC210", line, 0, message)
        index: dict[str, int] = {}
        columns = []
        for at, raw in enumerate(names):
            name = (raw or "").strip()
            columns.append(name)
            if self._cell_faults(raw, line, at):
                continue
            if not name:
                hint = "Name it, or remove the column."
                self.fault("AC208", line, self._column(at), f"Column {at + max(table.first, 1)} has no name.", hint)
            elif name in index:
                numbers = [which + max(table.first, 1) for which in (index[name], at)]
                message = f"The column {shown(name)} is there twice: columns {numbers[0]} and {numbers[1]}."
                self.fault("AC209", line, self._column(at), message, "Rename or remove one of them.")
            else:
                index[name] = at
        table.columns, table.index, table.header_line = columns, index, line
        self.most_rows = min(self.limits.rows, self.limits.cells // max(len(columns), 1))

    def row(self, line: int, cells: Cells) -> None:
        """Takes a row, unless it is blank or something is wrong with it."""
        text = "".join([cell for cell in cells if cell])
        if not text or text.isspace():
            return
        have, want = len(cells), len(self.table.columns)
        if have != want:
            self._ragged(line, have, want)
            return
        if len(self.table.rows) >= self.most_rows:
            self.full(line)
        usual = text.isprintable() and len(text) <= self.limits.cell_length  # the whole row, and so each cell
        if usual or not [at for at, cell in enumerate(cells) if self._cell_faults(cell, line, at)]:
            self.table.rows.append(line, cells)

    def expect(self, rows: int, line: int, most_cells: int) -> None:
        """Ends the reading before it begins, where more rows are known to come than so many cells allow."""
        self.most_rows = min(self.most_rows, most_cells // max(len(self.table.columns), 1))
        if rows > self.most_rows:
            self.full(line)

    def full(self, line: int) -> NoReturn:
        """Ends the reading: this row is one too many."""
        message = f"The table has more than {counted(self.most_rows, 'row')} of {len(self.table.columns):,} cells."
        self.fatal("AC211", line, 0, message, "Divide the file, or leave out columns that are not needed.")

    def done(self) -> Table:
        """The table, or an error with all that is wrong with it."""
        if not self.table.columns and not self.faults:
            self.fault("AC207", 0, 0, "The table is empty.", "Its first row holds the names of the columns.")
        self.faults.raise_if_any(InputError)
        return self.table

    def _column(self, at: int) -> int:
        return self.table.first + at if self.table.first else 0

    def _cell_faults(self, cell: str | None, line: int, at: int) -> bool:
        """Whether a cell is too long or holds a character that may not stand in it."""
        if not cell:
            return False
        column = self._column(at)
        if len(cell) > self.limits.cell_length:
            message = f"The cell holds {len(cell):,} characters, and it may hold {self.limits.cell_length:,}."
            self.fault("AC212", line, column, message)
            return True
        char = refused(cell)
        if char is not None:
            message = f"The cell holds the character {named(char)}, which cannot be seen."
            self.fault("AC206", line, column, message, "Type the cell anew.")
        return char is not None

    def _ragged(self, line: int, have: int, want: int) -> None:
        off = f"{have - want:,} too many" if have > want else f"{want - have:,} too few"
        message = f"The row has {counted(have, 'cell')} and the header {want:,}: {off}."
        self.fault("AC213", line, 0, message, "Put a cell that holds the separator in double quotes.")
