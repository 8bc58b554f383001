"""What one settlement brings: values by name, and tables of records."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from alliance.contract.faults import Faults, InputError, Mark, did_you_mean, one_of
from alliance.data.characters import shown
from alliance.data.limits import DEFAULT, Limits
from alliance.data.opening import AnyPath, failure, ordinary, suffix
from alliance.data.rows import Row, Table
from alliance.data.table import read_table

__all__ = ["FORMATS", "Given", "Results", "read_results"]

FORMATS = (".csv", ".tsv", ".xlsx", ".parquet", ".json", ".yaml", ".yml")
FIELDS = ("name", "value", "period", "party", "key", "status", "cases", "received")
CARRIED = ("title", "unit", "note", "from", "due")  # that a template shows and nobody reads
INPUTS = "inputs"  # the sheet of values in a workbook


@dataclass(frozen=True, slots=True)
class Given:
    """One value brought to a settlement, as raw texts. An empty `period` is the settlement's own.

    `text` is None where the file says that nothing is known: an empty cell of a workbook, null in JSON or YAML. Where a
    JSON or YAML file gives a value by one word, which only the contract knows to be a party or a category, it is `key`.
    `received` is the day on which the value came, as a text.
    """

    name: str
    text: str | None
    mark: Mark
    period: str = ""
    party: str = ""
    key: str = ""
    status: str = ""
    cases: str = ""
    received: str = ""

    @property
    def address(self) -> tuple[str, str, str, str]:
        """What no two values of one settlement share."""
        return (self.name, self.period, self.party, self.key)


@dataclass(slots=True)
class Results:
    """The values and the record tables of one file, by name, and the days on which records were extracted.

    `counted` is what was counted of records that are not brought themselves.
    """

    values: list[Given] = field(default_factory=list)
    records: dict[str, Table] = field(default_factory=dict)
    extracted: dict[str, str] = field(default_factory=dict)
    counted: Any = None


def read_results(path: AnyPath, *, limits: Limits = DEFAULT) -> Results:
    """The results in a file: a table of one value a row, a workbook with records on further sheets, or JSON or YAML.

    Raises `InputError` with all the faults of the file.
    """
    kind = suffix(path)
    if kind not in FORMATS:
        ordinary(path, sys.maxsize)
        message = f"Results are not read from a file whose name ends in {kind}." if kind else "The name has no ending."
        raise failure("AC202", path, message, one_of(FORMATS))
    results, faults = Results(), Faults(limits.faults)
    if kind in (".json", ".yaml", ".yml"):
        from alliance.data.tree import read_tree

        read_tree(path, results, faults, limits)
    elif kind == ".xlsx":
        _read_workbook(path, results, faults, limits)
    else:
        results.values += values_of(read_table(path, limits=limits), faults)
    if not faults:  # a column that is not known may be what tells two values apart
        _refuse_twice(results, faults)
    faults.raise_if_any(InputError)
    return results


def _read_workbook(path: AnyPath, results: Results, faults: Faults, limits: Limits) -> None:
    """The sheet `inputs`, or the first one, holds values; every other sheet that is not empty holds records."""
    from alliance.data.workbook import Workbook

    book = Workbook(path, limits)
    inputs = INPUTS if INPUTS in book.sheets else book.sheets[0]
    for sheet in book.sheets:
        try:
            table = book.table(sheet) if sheet == inputs else book.records(sheet)
        except InputError as error:
            faults.extend(error.faults)
            continue
        if sheet == inputs and table:
            results.values += values_of(table, faults)
        elif table:
            results.records[sheet] = table


def values_of(table: Table, faults: Faults) -> list[Given]:
    """The values of a table of one value a row."""
    columns = table.columns
    if "name" not in columns and "value" not in columns:
        message = "This table has neither a column name nor a column value; it seems to have a column for each name."
        hint = "Write one value a row under name,value; a table of one agreement a row is brought with --table."
        faults.add("AC232", table.mark(), message, hint)
        return []
    unknown = [column for column in columns if column not in FIELDS and column not in CARRIED]
    for column in FIELDS[:2]:
        if column not in columns:
            there = f" There is {shown(unknown[0])}." if len(unknown) == 1 else ""
            hint = f"A table of values has at least the columns name and value.{there}"
            faults.add("AC230", table.mark(), f"The column {column} is missing.", hint)
            return []
    for column in unknown:
        hint = did_you_mean(column, FIELDS) or one_of((*FIELDS, *CARRIED), 20)
        faults.add("AC231", table.mark(column), f"A table of values has no column {shown(column)}.", hint)
    return [given for row in table.rows if (given := _given(row, faults))]


def _given(row: Row, faults: Faults) -> Given | None:
    words = {column: (row.get(column) or "").strip() for column in FIELDS if column != "value"}
    if not words["name"]:
        if row.get("value") or any(words.values()):
            faults.add("AC233", row.mark("name"), "This row has no name.", "Say which input the value is for.")
        return None
    return Given(text=row.get("value"), mark=row.mark("value"), **words)


def _refuse_twice(results: Results, faults: Faults) -> None:
    first: dict[tuple[str, str, str, str], Given] = {}
    for given in results.values:
        before = first.setdefault(given.address, given)
        if before is not given:
            told = [f"{word} {shown(value)}" for word, value in _address(given) if value]
            message = f"{' '.join(['The value of', shown(given.name), *told])} is given already, at {before.mark}."
            faults.add("AC234", given.mark, message, "Keep one of them.")
    named = {given.name: given for given in results.values}
    for name, table in results.records.items():
        if name in named:
            message = f"{shown(name)} names records here and a value at {named[name].mark}."
            faults.add("AC236", table.mark(), message, "Rename one of them.")


def _address(given: Given) -> Sequence[tuple[str, str]]:
    return (("in", given.period), ("for", given.party), ("for", given.key))
