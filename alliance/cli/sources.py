"""Where records come from on the command line: a file that is read into memory, or what an engine reads."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alliance.contract import entries as e
    from alliance.contract.build.whole import Built
    from alliance.contract.calendar import Period
    from alliance.contract.contract import Contract
    from alliance.contract.faults import Fault
    from alliance.data.rows import Table
    from alliance.measures.asked import Ask
    from alliance.measures.engines import Engine
    from alliance.measures.plan import Tallied
    from alliance.measures.prepared import Prepared
    from alliance.settlement.brought import Brought
    from alliance.settlement.owned import Owners
    from alliance.settlement.records import Source
    from alliance.settlement.state import State

LARGE = 400_000
"""Bytes from which a file is read by an engine: below it, starting one takes longer than reading the file. Whole
commands cross at 0.2 to 0.3 MB with eight measures of ten columns, and at 0.5 MB with one measure of four."""
READ_AGAIN = 8_000_000
"""Bytes up to which a file is read into memory after all where the engine finds it faulty: an engine holds fewer
digits, and does not say in which column a fault stands."""
ENGINES = (".csv", ".tsv", ".parquet")
HANDED = (".xlsx", ".json")
"""What an engine does not read itself: it is handed the rows of one such file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking one source of records came to."""

    records: int
    faulty: int
    first: date | None
    last: date | None
    faults: tuple[Fault, ...]

    def cells(self) -> tuple[str, ...]:
        days = ("" if day is None else day.isoformat() for day in (self.first, self.last))
        return (str(self.records), str(self.faulty), *days)


def checked(contract: Contract, item: e.Input, place: str, period: Period | None = None) -> Checked:
    """Check the records of a source against their declaration; with a period, that each is of it too."""
    from alliance.contract.faults import Faults, InputError
    from alliance.settlement.records import read_records

    if by_engine(place) and not item.instrument:
        from alliance.measures.dated import first_and_last, outside

        found = clean(replace(item, faulty="drop and count"), place)
        if found is not None:
            first, last = first_and_last(found)
            told = [*found.faults, *(outside(found, period) if period is not None else ())]
            found.engine.close()
            return Checked(found.records, found.dropped, first, last, tuple(told))
    faults = Faults()
    table = read_file(contract, item, place)
    read = read_records(replace(item, faulty="stop"), table, faults)
    days = []
    for record in read.records if item.dated else ():
        day = record.fields[item.dated]
        if isinstance(day, date):
            days.append(day)
            if period is not None and day not in period:
                message = f"{item.name}, {item.dated}: {day} is outside {period.label}, {period.start} to {period.end}."
                faults.add("AC138", record.mark, message)
    faulty = len(table.rows) - len(read.records)
    try:
        faults.raise_if_any(InputError)
    except InputError as error:
        wrong = tuple(error.faults)
    else:
        wrong = ()
    return Checked(len(read.records), faulty, min(days, default=None), max(days, default=None), wrong)


def read_file(contract: Contract, item: e.Input | None, place: str) -> Table:
    """The table of a file, or of all files of a folder, in memory; answers to an instrument scored."""
    from alliance.cli.answers import scored
    from alliance.cli.folders import read_folder
    from alliance.data.table import read_table

    table = read_folder(place) if os.path.isdir(place) else read_table(place)
    return scored(item, contract, table) if item is not None and item.instrument else table


def by_engine(place: str) -> bool:
    """Whether a source is read by an engine: one with an address, or what is large."""
    from alliance.measures.places import is_address

    return is_address(place) or _bytes(place) > LARGE


def _bytes(place: str) -> int:
    """The size of a file, or of the files of a folder, that an engine may count."""
    from alliance.measures.places import aside

    try:
        if not os.path.isdir(place):
            return os.path.getsize(place) if place.lower().endswith((*ENGINES, *HANDED)) else 0
        files = (f for f in os.scandir(place) if f.name.lower().endswith(ENGINES) and not aside(f.name))
        return sum(os.path.getsize(file.path) for file in files)
    except OSError:
        return 0


def counts_only(built: Built, name: str, place: str) -> bool:
    """Whether records are only counted, where they are: what is gone through record by record is read from its file."""
    from alliance.measures.places import is_address

    if is_address(place):
        return True
    item = built.inputs.get(name)
    if item is None or item.fields is None or item.instrument:
        return False
    return by_engine(place) and not gone_through(built, name)


def in_engine(built: Built, name: str, place: str, together: bool = False) -> Prepared | None:
    """The records of a source in an engine, checked, where they are to be counted there.

    With `together` for many agreements: a file only where each record names its own, so that one query counts for all.
    """
    from alliance.measures.places import is_address

    if not counts_only(built, name, place):
        return None
    item = declared(built, name, place)
    _refuse_gone_through(built, name, place)
    if together and not is_address(place):
        key = item.fields[item.key] if item.fields and item.key else None
        if key is None or key.unit.kind != "text" or key.optional:
            return None
    return clean(item, place)


def clean(item: e.Input, place: str) -> Prepared | None:
    """The records of a source in its engine; None where they are faulty and in a file that memory can hold."""
    from alliance.contract.faults import InputError
    from alliance.measures.engines import memory
    from alliance.measures.places import is_address

    memory(place)  # a mistake in it is none of the file, and is not mended by reading that in another way
    again = not is_address(place) and (_bytes(place) <= READ_AGAIN or place.lower().endswith(HANDED))
    try:
        found = prepared(item, place)
    except InputError:
        if again:
            return None
        raise
    if again and found.dropped:
        found.engine.close()
        return None
    return found


def prepared(item: e.Input, place: str) -> Prepared:
    """The records of a source in its engine, checked."""
    from alliance.measures.prepared import Prepared
    from alliance.measures.rendered import Store, cache_folder
    from alliance.settlement.reading import read_field

    engine = _engine(place)
    try:
        return Prepared(item, engine, read_field, Store(cache_folder())).check()
    except BaseException:
        engine.close()
        raise


def _engine(place: str) -> Engine:
    """The engine that reads a source, or that is handed its rows."""
    from alliance.measures.connected import opened
    from alliance.measures.engines import duckdb_rows
    from alliance.measures.spark import spark_rows

    file = place.removeprefix("spark:")
    if not file.lower().endswith(HANDED) or "://" in place:
        return opened(place)
    from pathlib import Path

    from alliance.data.table import read_table

    table = read_table(file)
    make = spark_rows if file != place else duckdb_rows
    return make(Path(file), table.columns, (row.cells for row in table.rows))


def gone_through(built: Built, name: str) -> bool:
    """Whether something else than measures reads the records of an input one by one, so that they must be in memory."""
    from alliance.settlement.needed import words

    parts = (built.payments, built.figures, getattr(built, "rules", ()), built.accounts, built.decisions)
    return any(name in words(part) for part in parts)


def counted(
    contract: Contract, label: str, records: Mapping[str, Prepared], given: Brought, opening: State | None, known: date,
    final: bool,
) -> Brought:  # fmt: skip
    """What measures count of records in engines, over a period and the shorter ones that it is made of.

    `given` is what else is brought, which their formulas read, and on which days the records were extracted.
    """
    from alliance.settlement.asking import asks
    from alliance.settlement.settling import Settling
    from alliance.settlement.state import State

    over = contract.period(label)
    for name, one in records.items():
        settling = Settling(contract, over, given, opening or State(), known, final, False)
        given.tallies.update(one.tallies(asks(settling, name)))
        given.sources[name] = source(one, given.source(name).extracted)
        one.engine.close()
    return given


@dataclass(frozen=True, slots=True)
class Together:
    """Records in an engine that are counted for many agreements at once."""

    records: Prepared
    source: Source
    owners: Owners

    def tallies(self, asked: Mapping[str, Sequence[Ask]]) -> Mapping[str, Tallied]:
        from alliance.measures.many import tallies_of_many

        try:
            return tallies_of_many(self.records, asked)
        finally:
            self.records.engine.close()


def for_many(contract: Contract, label: str, name: str, place: str, as_of: date | None) -> Together | Table:
    """Records for many agreements: counted in their engine, or the table of a file to be read into memory."""
    over = contract.period(label)
    built = contract.on(over.start, as_of or max(over.end, contract.built.start))
    one = in_engine(built, name, place, True)
    if one is not None:
        return Together(one, source(one, None), _owners(one, over))
    return read_file(contract, built.inputs.get(name), place)


def _owners(one: Prepared, over: Period) -> Owners:
    """Whose the records in an engine are, where they say that."""
    from alliance.measures.owners import owners
    from alliance.settlement.owned import Owners

    if not one.item.key:
        return Owners()
    try:
        return Owners(*owners(one, over))
    except BaseException:
        one.engine.close()
        raise


def source(one: Prepared, extracted: date | None) -> Source:
    """Where records in an engine come from."""
    from alliance.settlement.records import Source

    return Source(extracted, False, one.dropped, one.engine.fingerprint())


def declared(built: Built, name: str, place: str) -> e.Input:
    """The input that records are of. Raises `InputError` where there is none of the name."""
    from alliance.contract.faults import Fault, InputError, Mark, did_you_mean, one_of

    item = built.inputs.get(name)
    if item is None or item.fields is None:
        known = [n for n, i in built.inputs.items() if i.fields is not None]
        hint = did_you_mean(name, known) or (one_of(known) if known else "")
        raise InputError(Fault("AC136", f'"{name[:60]}" is not records of this contract.', Mark(place), hint))
    return item


def _refuse_gone_through(built: Built, name: str, place: str) -> None:
    from alliance.contract.faults import Fault, InputError, Mark

    if gone_through(built, name):
        message = f"{name} is gone through record by record, and an engine hands over counts only."
        raise InputError(Fault("AC136", message, Mark(place), "Bring it as a file."))
