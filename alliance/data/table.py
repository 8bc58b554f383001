"""Reading one table of results, whatever its format, into raw texts with their places."""

from __future__ import annotations

import sys

from alliance.contract.faults import one_of
from alliance.data.limits import DEFAULT, Limits
from alliance.data.opening import AnyPath, failure, ordinary, suffix
from alliance.data.rows import Row, Rows, Table

__all__ = ["DEFAULT", "FORMATS", "Limits", "Row", "Rows", "Table", "read_table"]

FORMATS = (".csv", ".tsv", ".xlsx", ".parquet", ".json")


def read_table(path: AnyPath, *, sheet: str | None = None, limits: Limits = DEFAULT) -> Table:
    """The table in a file, by the end of its name; of a workbook, the sheet named or the first one.

    Texts are as they are written in CSV, TSV and JSON. In a workbook a number becomes its decimal text (a cell that
    shows 12.2% holds "0.122"), a boolean TRUE or FALSE, a date its ISO form, an empty cell None.

    Raises `InputError` with all the faults of the file, up to `limits.faults`.
    """
    kind = suffix(path)
    if kind not in FORMATS:
        ordinary(path, sys.maxsize)
        message = f"A table is not read from a file whose name ends in {kind}." if kind else "The name has no ending."
        raise failure("AC202", path, message, one_of(FORMATS))
    if sheet is not None and kind != ".xlsx":
        raise failure("AC217", path, "Only a workbook has sheets.", "Leave the name of the sheet out.")
    if kind == ".xlsx":
        from alliance.data.workbook import Workbook

        return Workbook(path, limits).table(sheet)
    if kind == ".parquet":
        from alliance.data.parquet import read_parquet

        return read_parquet(path, limits)
    if kind == ".json":
        from alliance.data.jsontext import read_json

        return read_json(path, limits)
    from alliance.data.delimited import read_delimited

    return read_delimited(path, "," if kind == ".csv" else "\t", limits)
