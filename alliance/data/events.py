"""Files of events: a table whose column `event` says which each row is, or records under the name of each."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from alliance.contract.faults import Faults, InputError, meant, one_of
from alliance.data.characters import shown
from alliance.data.limits import DEFAULT, Limits
from alliance.data.opening import AnyPath, failure, ordinary, suffix
from alliance.data.results import FORMATS, Results
from alliance.data.rows import Table
from alliance.data.table import read_table

EVENT = "event"


def read_events(
    path: AnyPath, kinds: Mapping[str, Collection[str]], only: str = "", *, limits: Limits = DEFAULT
) -> dict[str, Table]:
    """The events in a file, by the name of each kind. `kinds` are the fields of each that may be brought; `only` is the
    one that is meant where no row says which it is.

    Raises `InputError` with all the faults of the file.
    """
    kind = suffix(path)
    if kind not in FORMATS:
        ordinary(path, sys.maxsize)
        message = f"Events are not read from a file whose name ends in {kind}." if kind else "The name has no ending."
        raise failure("AC202", path, message, one_of(FORMATS))
    faults = Faults(limits.faults)
    if kind in (".json", ".yaml", ".yml"):
        found = _tree(path, kinds, faults, limits)
    elif kind == ".xlsx":
        found = _workbook(path, kinds, only, faults, limits)
    else:
        found = _split(read_table(path, limits=limits), kinds, only, faults)
    faults.raise_if_any(InputError)
    return found


def _tree(path: AnyPath, kinds: Mapping[str, Collection[str]], faults: Faults, limits: Limits) -> dict[str, Table]:
    """Lists of records by name."""
    from alliance.data.tree import read_tree

    results = Results()
    read_tree(path, results, faults, limits)
    for given in results.values:
        message = f"{shown(given.name)} is a value here, and a file of events has records."
        faults.add("AC235", given.mark, message, "Bring values with --inputs or --set.")
    for name, table in results.records.items():
        if name not in kinds:
            message = f"{shown(name)} is not events of this contract."
            faults.add("AC235", table.mark(), message, partial(meant, name, kinds, 20))
    return results.records


def _workbook(
    path: AnyPath, kinds: Mapping[str, Collection[str]], only: str, faults: Faults, limits: Limits
) -> dict[str, Table]:
    """The sheets that are named as events are, or else the first sheet as one table of them all."""
    from alliance.data.workbook import Workbook

    book = Workbook(path, limits)
    if not any(sheet in kinds for sheet in book.sheets):
        return _split(book.table(), kinds, only, faults)
    found = {}
    for sheet in book.sheets:
        table = book.records(sheet)
        if table is not None and sheet not in kinds:
            message = f"The sheet {shown(sheet)} is not events of this contract."
            faults.add("AC235", table.mark(), message, partial(meant, sheet, kinds, 20))
        elif table is not None:
            found[sheet] = table
    return found


def _split(table: Table, kinds: Mapping[str, Collection[str]], only: str, faults: Faults) -> dict[str, Table]:
    """One table for each kind of event, with the rows that are of it. A row keeps its place in the file."""
    if EVENT not in table.columns and not only:
        hint = f"It says of each row which it is: {', '.join(kinds)}."
        faults.add("AC230", table.mark(), f"The column {EVENT} is missing.", hint)
        return {}
    found: dict[str, Table] = {}
    for row in table.rows:
        name = (row.get(EVENT) or "").strip() if EVENT in table.columns else only
        if name not in kinds:
            said = (
                f"{shown(name)} is not events of this contract." if name else "This row does not say which event it is."
            )
            faults.add("AC235", row.mark(EVENT), said, partial(meant, name, kinds, 20))
            continue
        for column in _lost(table, row.cells, name, kinds):
            message = f"{name} has no {shown(column)}, and this row has something there."
            faults.add("AC235", row.mark(column), message, "Clear the cell, or say which event the row is.")
        if name not in found:
            found[name] = Table(table.file, table.columns, table.header_line, table.first)
        found[name].rows.append(row.line, row.cells)
    return found


def _lost(
    table: Table, cells: Collection[str | None], name: str, kinds: Mapping[str, Collection[str]]
) -> Iterable[str]:
    """The columns in which a row says something that belongs to other events: it would be lost without a word."""
    others = {field for kind, fields in kinds.items() if kind != name for field in fields} - {*kinds[name], EVENT}
    return [c for c, cell in zip(table.columns, cells, strict=True) if c in others and cell and cell.strip()]
