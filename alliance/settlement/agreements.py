"""Many agreements under one contract: one a row of a table, each settled on its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import Period
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, Faults, InputError, Mark, did_you_mean, nearly, one_of
from alliance.rules.matcher.run import EngineName
from alliance.settlement.brought import Brought, Datum, Record, beyond, bring, read_datum
from alliance.settlement.duties import NAME as DUTIES
from alliance.settlement.records import Source
from alliance.settlement.result import Settlement
from alliance.settlement.settle import check_examples, settle_run
from alliance.settlement.settling import Settling
from alliance.settlement.state import State

if TYPE_CHECKING:
    from alliance.measures.asked import Ask
    from alliance.measures.plan import Tallied


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


class Counting(Protocol):
    """Records that are counted where they are, for all agreements together (`alliance.measures.many`)."""

    @property
    def source(self) -> Source: ...
    def tallies(self, asked: Mapping[str, Sequence[Ask]]) -> Mapping[str, Tallied]: ...


@dataclass(frozen=True, slots=True)
class Agreement:
    """One row settled, or why it could not be. `closing` is its next opening: one that is not settled keeps its own."""

    name: str
    line: int
    settlement: Settlement | None
    faults: tuple[Fault, ...] = ()
    closing: State | None = None


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table and the input or measure that it brings."""

    column: str
    cases: str
    item: e.Input | e.Measure
    key: str


@dataclass(slots=True)
class _Cell:
    """A cell as one value given."""

    name: str
    text: str | None
    mark: Mark
    period: str = ""
    party: str = ""
    key: str = ""
    status: str = ""
    cases: str = ""


def settle_table(
    contract: Contract,
    period: str,
    table: TableLike,
    key: Sequence[str],
    *,
    openings: Mapping[str, State] | None = None,
    as_of: date | None = None,
    kind: str = "provisional",
    values: Mapping[str, str] | None = None,
    records: Mapping[str, Any] | None = None,
    extracted: Mapping[str, str] | None = None,
    counted: Mapping[str, Counting] | None = None,
    rules_engine: EngineName | None = None,
) -> Iterator[Agreement]:
    """Settle each row of a table as an agreement of its own, in the table's order.

    An agreement is named by its key columns joined with `/`. Columns are matched to inputs and reported measures by
    name, or by the `column` that they declare (`name.party` for one by party). `values` are given to every agreement,
    and so are `records` (tables by name); of records that declare a `key` an agreement has only those of its own name.
    Records in `counted` are not brought themselves: what measures count of them is asked for all agreements at once.
    `extracted` says on which days records were extracted. A row that cannot be settled comes back with its faults, the
    others still settle. Raises `InputError` where the table as a whole cannot be read.
    """
    check_examples(contract)
    over = contract.period(period)
    built = contract.on(over.start, as_of or max(over.end, contract.built.start))
    common = bring(built, _Given(_values(values or {}), dict(records or {}), dict(extracted or {})))
    columns = _columns(built, table, key, common)
    given = _read(contract.built, table, key, columns, common, openings or {})
    if counted:
        known = as_of or max(over.end, contract.built.start)
        given = _counted(contract, over, known, kind == "final", list(given), counted)
    return _settled(contract, over.label, given, as_of, kind, rules_engine)


@dataclass(frozen=True, slots=True)
class _Given:
    """What every agreement is brought, in the shape of results read from a file."""

    values: list[_Cell]
    records: dict[str, Any]
    extracted: dict[str, str]


def _values(values: Mapping[str, str]) -> list[_Cell]:
    found = []
    for name, text in values.items():
        base, _, key = name.partition(".")
        found.append(_Cell(base, text, Mark("--set"), key=key))
    return found


def _columns(built: Built, table: TableLike, key: Sequence[str], common: Brought) -> list[_Column]:
    """Match columns to what the contract reads, or say everything that is missing."""
    faults = Faults()
    present = set(table.columns)
    for name in key:
        if name not in present:
            hint = did_you_mean(name, table.columns) or one_of(table.columns)
            faults.add("AC160", table.mark(), f'the key column "{name}" is not in the table.', hint)
    found: list[_Column] = []
    items: list[e.Input | e.Measure] = [i for i in built.inputs.values() if i.fields is None]
    items += built.measures.values()
    unread = [c for c in table.columns if c not in key and c not in {i.column or i.name for i in items}]
    for item in items:
        column = item.column or item.name
        cases = item.cases_column if isinstance(item, e.Measure) else ""
        if not item.by:
            if column in present:
                found.append(_Column(column, cases if cases in present else "", item, ""))
            elif not _may_lack(item, common) or nearly(column, unread):
                # A column of nearly the name of one that may lack would be lost without a word.
                hint = did_you_mean(column, unread) or one_of(table.columns)
                what = f'there is no column "{column}", which {item.name} is read from.'
                faults.add("AC161", table.mark(), what, hint)
            continue
        mine = [_keyed(item, k, present) for k in item.keys]
        if not any(c.column in present for c in mine) and not _may_lack(item, common):
            faults.add("AC161", table.mark(), f'there is no column "{mine[0].column}", which {item.name} is read from.')
        found += [c for c in mine if c.column in present]
    faults.raise_if_any(InputError)
    return found


def _keyed(item: e.Input | e.Measure, key: str, present: set[str]) -> _Column:
    """The columns of one party or category: those named for it, or `name.key`."""
    column = item.columns.get(key) or f"{item.column or item.name}.{key}"
    cases = ""
    if isinstance(item, e.Measure):
        cases = item.cases_columns.get(key) or f"{item.cases_column}.{key}"
    return _Column(column, cases if cases in present else "", item, key)


def _may_lack(item: e.Input | e.Measure, common: Brought) -> bool:
    if isinstance(item, e.Input) and item.optional:
        return True
    return (
        "missing" in item.policies
        or any(name == item.name for name, _, _ in common.values)
        or isinstance(item, e.Measure)
    )


@dataclass(slots=True)
class _Row:
    """A row with what its agreement is brought, or why that cannot be read."""

    name: str
    row: RowLike
    opening: State | None
    brought: Brought = field(default_factory=Brought)
    faults: tuple[Fault, ...] = ()


def _read(
    built: Built, table: TableLike, key: Sequence[str], columns: list[_Column], common: Brought,
    openings: Mapping[str, State],
) -> Iterator[_Row]:  # fmt: skip
    seen: dict[str, int] = {}
    names: dict[str, list[str]] = {}
    children = _by_agreement(built, common)
    for row in table.rows:
        parts = [(row.get(k) or "").strip() for k in key]
        name = "/".join(parts)
        fault, opening = None, openings.get(name) if name not in seen else None
        if not all(parts):
            fault = Fault(
                "AC162", f"the row has no {', '.join(k for k, p in zip(key, parts, strict=True) if not p)}.", row.mark()
            )
        elif name in seen:
            fault = Fault("AC163", f"this agreement stands at line {seen[name]} already.", row.mark(), "Keep one.")
            if names[name] != parts:  # "a/b" and "c", and "a" and "b/c"
                message = f"the agreement at line {seen[name]} has other columns and the same name, {name[:60]}."
                fault = Fault("AC163", message, row.mark(), "Write no / in the columns of the key.")
        if fault is not None:
            seen.setdefault(name, row.line)
            names.setdefault(name, parts)
            yield _Row(name, row, opening, faults=(fault,))
            continue
        seen[name], names[name] = row.line, parts
        faults = Faults()
        brought = _brought(row, columns, common, faults)
        for child, groups in children.items():
            brought.records[child] = (*groups.get(name, ()), *groups.get("", ()))
        yield _Row(name, row, opening, brought, tuple(faults))


def _counted(
    contract: Contract, over: Period, known: date, final: bool, rows: list[_Row], counted: Mapping[str, Counting]
) -> Iterator[_Row]:
    """The rows with what measures count of records that are elsewhere: asked for all of them before any is settled."""
    from alliance.settlement.asking import asks

    good = [one for one in rows if not one.faults]
    for name, counting in counted.items():
        asked = {
            one.name: asks(Settling(contract, over, one.brought, one.opening or State(), known, final, False), name)
            for one in good
        }
        found = counting.tallies(asked)
        for one in good:
            one.brought.tallies.update(found[one.name])
            one.brought.sources[name] = replace(counting.source, extracted=one.brought.source(name).extracted)
    yield from rows


def _settled(
    contract: Contract, period: str, rows: Iterator[_Row], as_of: date | None, kind: str, engine: EngineName | None
) -> Iterator[Agreement]:
    for one in rows:
        name, line = one.name, one.row.line
        if one.faults:
            yield Agreement(name, line, None, one.faults, one.opening)
            continue
        try:
            settlement, _ = settle_run(
                contract, period, one.brought, one.opening, as_of=as_of, kind=kind, keep=False, rules_engine=engine
            )
        except InputError as error:
            at = one.row.mark()
            found = (f if f.mark is not None else Fault(f.code, f.message, at, f.hint) for f in error.faults)
            yield Agreement(name, line, None, tuple(found), one.opening)
            continue
        yield Agreement(name, line, settlement, (), settlement.closing)


def _brought(row: RowLike, columns: list[_Column], common: Brought, faults: Faults) -> Brought:
    values: dict[tuple[str, str, str], Datum] = {}
    for c in columns:
        cell = _Cell(
            c.item.name, row.get(c.column), row.mark(c.column), cases=(row.get(c.cases) or "") if c.cases else ""
        )
        datum = read_datum(cell, c.item.unit, c.item.reading, faults)
        if datum is None:
            continue
        if isinstance(c.item, e.Input):
            problem = beyond(c.item, datum.value)
            if problem:
                faults.add("AC135", cell.mark, f"{c.item.name}: {problem}")
                continue
        values[c.item.name, "", c.key] = datum
    return Brought(values | common.values, dict(common.records), sources=dict(common.sources))


def _by_agreement(built: Built, common: Brought) -> dict[str, dict[str, tuple[Record, ...]]]:
    """Child rows by the agreement that their key names; duties that name none are of every agreement."""
    found: dict[str, dict[str, tuple[Record, ...]]] = {}
    for name, rows in common.records.items():
        key = "agreement" if name == DUTIES else built.inputs[name].key
        if key:
            groups: dict[str, list[Record]] = {}
            for record in rows:
                groups.setdefault(str(record.fields[key] or ""), []).append(record)
            found[name] = {k: tuple(v) for k, v in groups.items()}
    return found
