"""A table of agreements as it is read: its columns matched to the contract, its rows by agreement and period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import Period, PeriodError
from alliance.contract.faults import Fault, Faults, InputError, Mark, did_you_mean, nearly, one_of
from alliance.settlement.brought import Brought, Cell, Datum, beyond, read_datum
from alliance.settlement.needed import read_over


class RowLike(Protocol):
    """A row of a table: its line in the file, and its texts by column."""

    @property
    def line(self) -> int: ...
    def get(self, column: str) -> str | None: ...
    def mark(self, column: str | None = None) -> Mark: ...


class TableLike(Protocol):
    """A table of texts (`alliance.data.read_table` reads one from a file)."""

    @property
    def columns(self) -> Sequence[str]: ...
    @property
    def rows(self) -> Sequence[Any]: ...
    def mark(self, column: str | None = None) -> Mark: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table and the input or measure that it brings."""

    column: str
    cases: str
    item: e.Input | e.Measure
    key: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that bring something, and the one that says which period a row is of (empty where there is none)."""

    brings: Sequence[Column]
    period: str


@dataclass(slots=True)
class Listed:
    """An agreement with its rows: for each its place in the table, and the period that it is of (empty for that of the
    settlement); and what is wrong with others of them. Or one row that is `stray`: of none."""

    name: str
    line: int
    rows: list[tuple[int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stray: bool = False


# columns


def match(built: Built, over: Period, table: TableLike, key: Sequence[str], common: Brought) -> Columns:
    """Match columns to what the contract reads, or say everything that is missing."""
    faults = Faults()
    present = set(table.columns)
    for name in key:
        if name not in present:
            hint = did_you_mean(name, table.columns) or one_of(table.columns)
            faults.add("AC160", table.mark(), f'the key column "{name}" is not in the table.', hint)
    found: list[Column] = []
    items: list[e.Input | e.Measure] = [i for i in built.inputs.values() if i.fields is None]
    items += built.measures.values()
    names = {name for i in items for name in _names(i)}
    unread = [c for c in table.columns if c not in key and c not in names]
    period = next((c for c in unread if c.lower() == "period"), "")
    needed = read_over(built, over)
    for item in items:
        column = item.column or item.name
        may_lack = item.name not in needed or _may_lack(item, common)
        if not item.by:
            if column in present:
                cases = item.cases_column if isinstance(item, e.Measure) else ""
                found.append(Column(column, cases if cases in present else "", item, ""))
            elif not may_lack or nearly(column, unread):
                # A column of nearly the name of one that may lack would be lost without a word.
                hint = did_you_mean(column, unread) or one_of(table.columns)
                what = f'there is no column "{column}", which {item.name} is read from.'
                faults.add("AC161", table.mark(), what, hint)
            continue
        mine = [_keyed(item, k, present) for k in item.keys]
        there = [c for c in mine if c.column in present]
        for c in mine:
            meant = "" if c in there else nearly(c.column, unread)
            if meant or (not there and not may_lack):
                what = f'there is no column "{c.column}", which {item.name} is read from.'
                faults.add("AC161", table.mark(), what, f'Did you mean "{meant}"?' if meant else "")
                break
        found += there
    faults.raise_if_any(InputError)
    return Columns(found, period)


def _keyed(item: e.Input | e.Measure, key: str, present: set[str]) -> Column:
    column, cases = _pair(item, key)
    return Column(column, cases if cases in present else "", item, key)


def _pair(item: e.Input | e.Measure, key: str) -> tuple[str, str]:
    """The columns of one party or category, that of its value and of its cases: those named for it, or `name.key`."""
    column = item.columns.get(key) or f"{item.column or item.name}.{key}"
    if isinstance(item, e.Input):
        return column, ""
    return column, item.cases_columns.get(key) or f"{item.cases_column}.{key}"


def _names(item: e.Input | e.Measure) -> Iterator[str]:
    """Every column that something may be read from."""
    yield item.column or item.name
    if isinstance(item, e.Measure):
        yield item.cases_column
    for key in item.keys if item.by else ():
        yield from _pair(item, key)


def _may_lack(item: e.Input | e.Measure, common: Brought) -> bool:
    if isinstance(item, e.Input) and item.optional:
        return True
    return (
        "missing" in item.policies
        or any(name == item.name for name, _, _ in common.values)
        or isinstance(item, e.Measure)
    )


# rows


def listed(built: Built, over: Period, table: TableLike, key: Sequence[str], columns: Columns) -> list[Listed]:
    """The agreements of a table, in the order of their first rows, with the rows that are of none among them."""
    found: list[Listed] = []
    by_name: dict[str, Listed] = {}
    lines: dict[tuple[str, str], int] = {}
    keys: dict[str, list[str]] = {}
    for at, row in enumerate(table.rows):
        parts = [(row.get(k) or "").strip() for k in key]
        name = "/".join(parts)
        if not all(parts):
            lacking = ", ".join(k for k, p in zip(key, parts, strict=True) if not p)
            found.append(Listed(name, row.line, [], [Fault("AC162", f"the row has no {lacking}.", row.mark())], True))
            continue
        label, fault = _period(built, over, row, columns.period)
        if fault is None and (name, label) in lines:
            of = f" of {label}" if label else ""
            what = f"this agreement{of} stands at line {lines[name, label]} already."
            fault = Fault("AC163", what, row.mark(), "Keep one.")
        if keys.setdefault(name, parts) != parts:  # "a/b" and "c", and "a" and "b/c"
            what = f"the agreement at line {by_name[name].line} has other columns and the same name, {name[:60]}."
            fault = Fault("AC163", what, row.mark(), "Write no / in the columns of the key.")
        if name not in by_name:
            by_name[name] = Listed(name, row.line)
            found.append(by_name[name])
        if fault is not None:
            by_name[name].faults.append(fault)
        else:
            lines[name, label] = row.line
            by_name[name].rows.append((at, label))
    return found


def unread(built: Built, over: Period, found: Sequence[Listed], columns: Columns) -> Iterator[str]:
    """A note of rows whose periods a settlement does not work out, so that they change nothing in it."""
    lengths = {p.settles for p in built.payments.values()}
    summed = any(isinstance(c.item, e.Input) and c.item.over_periods for c in columns.brings)
    counts: dict[str, int] = {}
    for label in (label for one in found for _, label in one.rows if label):
        period = built.calendar.parse(label)
        inside = over.start <= period.start and period.end <= over.end
        if not inside or not (summed or period.length in lengths):
            counts[label] = counts.get(label, 0) + 1
    for label, count in counts.items():
        rows, are = ("row", "is") if count == 1 else ("rows", "are")
        why = f"the settlement of {over.label} does not work that period out"
        yield f"Note: {count:,} {rows} of {label} {are} kept for later: {why}."


def _period(built: Built, over: Period, row: RowLike, column: str) -> tuple[str, Fault | None]:
    """The period that a row is of, empty for that of the settlement."""
    text = (row.get(column) or "").strip() if column else ""
    if not text:
        return "", None
    try:
        label = built.calendar.parse(text).label
    except PeriodError as error:
        hint = f"The column {column} says which period a row is of: give it another name if that is not meant."
        return "", Fault("AC110", str(error), row.mark(column), hint)
    return ("" if label == over.label else label), None


def brought(table: TableLike, one: Listed, columns: Columns, common: Brought, faults: Faults) -> Brought:
    """What the rows of an agreement bring. An empty cell in a row of another period says nothing."""
    values: dict[tuple[str, str, str], Datum] = {}
    for at, label in one.rows:
        row = table.rows[at]
        for c in columns.brings:
            text, cases = row.get(c.column), (row.get(c.cases) or "") if c.cases else ""
            if label and not (text or "").strip():
                if cases.strip():
                    message = f"{c.item.name} of {label} has cases, and no value."
                    faults.add("AC135", row.mark(c.cases), message, "Give its value beside them, or leave both empty.")
                continue
            cell = Cell(c.item.name, text, row.mark(c.column), cases=cases)
            datum = read_datum(cell, c.item.unit, c.item.reading, faults)
            problem = beyond(c.item, datum.value) if datum is not None and isinstance(c.item, e.Input) else ""
            if problem:
                faults.add("AC135", cell.mark, f"{c.item.name}: {problem}")
            elif datum is not None:
                values[c.item.name, label, c.key] = datum
    periods = frozenset(label for _, label in one.rows if label)
    return Brought(values | common.values, dict(common.records), periods, dict(common.sources))


def at_row(found: Fault, mark: Mark) -> Fault:
    """A fault of a row with its place in the table, and the place that it had elsewhere."""
    if found.mark is None or found.mark.file == mark.file:
        return found if found.mark is not None else Fault(found.code, found.message, mark, found.hint)
    return Fault(found.code, found.message, mark, f"{found.hint} See {found.mark}.".lstrip())
