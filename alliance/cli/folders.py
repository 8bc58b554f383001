"""A folder of files as one table in memory, where records are gone through one by one and so no engine reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alliance.contract.faults import Fault, InputError, Mark
from alliance.data.rows import Row, Rows, Table
from alliance.measures.places import aside

KINDS = (".csv", ".tsv", ".xlsx", ".json", ".parquet")
MOST_FILES = 1_000


def read_folder(place: str) -> Table:
    """The records of all files of a folder, in the order of their names. Each row keeps the place that it has in its
    own file. Raises `InputError` where the files are not alike."""
    from pathlib import Path

    from alliance.data.table import read_table

    found = (p for p in Path(place).iterdir() if p.suffix.lower() in KINDS and not aside(p.name))
    paths = sorted(p for p in found if p.is_file())
    kinds = sorted({p.suffix.lower() for p in paths})
    if len(kinds) != 1 or len(paths) > MOST_FILES:
        what = f"{len(paths):,} files" if paths else "no files of records"
        if len(kinds) > 1:
            what = f"files of several kinds ({', '.join(kinds)})"
        hint = f"Give it up to {MOST_FILES:,} files of one kind: {', '.join(KINDS)}."
        raise InputError(Fault("AC440", f"The folder has {what}.", Mark(place), hint))
    tables = [read_table(path) for path in paths]
    first = tables[0]
    for table in tables[1:]:
        if sorted(table.columns) != sorted(first.columns):
            hint = f"{first.file} has {', '.join(first.columns[:12])}."
            message = "The files of the folder have different columns."
            raise InputError(Fault("AC441", message, table.mark(), hint))
    return joined(place, tables)


def joined(file: str, tables: Sequence[Table]) -> Table:
    """Tables of the same columns as one. Each row keeps its place."""
    found = Table(file, list(tables[0].columns))
    found.rows = _Joined(found, tables)
    return found


class _Joined(Rows):
    """The rows of several tables, one after the other, each a row of its own table."""

    __slots__ = ("_parts",)

    def __init__(self, whole: Table, parts: Sequence[Table]) -> None:
        super().__init__(whole)
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self._parts)

    def __iter__(self) -> Iterator[Row]:
        for part in self._parts:
            yield from part.rows
