"""Where records come from on the command line: a file that is read into memory, or what an engine reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alliance.contract import entries as e
    from alliance.contract.build.whole import Built
    from alliance.contract.calendar import Period
    from alliance.contract.contract import Contract
    from alliance.contract.faults import Fault
    from alliance.data.rows import Table
    from alliance.measures.asked import Ask
    from alliance.measures.prepared import Prepared
    from alliance.settlement.brought import Brought

LARGE = 8_000_000
"""Bytes from which a file is read by an engine: below it, starting one takes longer than reading the file."""
ENGINES = (".csv", ".tsv", ".parquet")


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

        found = prepared(replace(item, faulty="drop and count"), place)
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

    if is_address(place):
        return True
    try:
        files = [one.path for one in os.scandir(place)] if os.path.isdir(place) else [place]
        return sum(os.path.getsize(file) for file in files if file.lower().endswith(ENGINES)) > LARGE
    except OSError:
        return False


def counts_only(contract: Contract, label: str, name: str, place: str, as_of: date | None) -> bool:
    """Whether records are only counted, where they are: what is gone through record by record is read from its file."""
    from alliance.measures.places import is_address

    if not by_engine(place):
        return False
    over = contract.period(label)
    built = contract.on(over.start, as_of or max(over.end, contract.built.start))
    item = built.inputs.get(name)
    known = item is not None and item.fields is not None
    if item is not None and item.instrument and not is_address(place):
        return False
    return is_address(place) or (known and not gone_through(built, name))


def prepared(item: e.Input, place: str) -> Prepared:
    """The records of a source in its engine, checked."""
    from alliance.measures.connected import opened
    from alliance.measures.prepared import Prepared
    from alliance.measures.rendered import Store, cache_folder
    from alliance.settlement.reading import read_field

    engine = opened(place)
    try:
        return Prepared(item, engine, read_field, Store(cache_folder())).check()
    except BaseException:
        engine.close()
        raise


def gone_through(built: Built, name: str) -> bool:
    """Whether something else than measures reads the records of an input one by one, so that they must be in memory."""
    parts = (built.payments, built.figures, getattr(built, "rules", ()), built.accounts, built.decisions)
    return any(name in _words(part) for part in parts)


def _words(value: Any) -> Iterator[str]:
    """Every name that stands anywhere in an entry and its formulas."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _words(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _words(item)


def counted(
    contract: Contract, label: str, places: Mapping[str, str], extracted: Mapping[str, date], as_of: date | None
) -> Brought:
    """What measures count of records that engines read, over a period and the shorter ones that it is made of."""
    from alliance.settlement.brought import Brought
    from alliance.settlement.records import Source

    found = Brought()
    over = contract.period(label)
    known = as_of or max(over.end, contract.built.start)
    for name, place in places.items():
        item = declared(contract.on(over.start, known), name, place)
        _refuse_gone_through(contract.on(over.start, known), name, place)
        one = prepared(item, place)
        day = extracted.get(name, known)
        found.tallies.update(one.tallies(_asks(contract, over, name, day, known)))
        found.sources[name] = Source(extracted.get(name), False, one.dropped, one.engine.fingerprint())
        one.engine.close()
    return found


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
        hint = f"Bring it as a file of up to {LARGE // 1_000_000} MB."
        raise InputError(Fault("AC136", message, Mark(place), hint))


def _asks(contract: Contract, over: Period, name: str, extracted: date, known: date) -> list[Ask]:
    from alliance.contract.build.dated import DatedEnv
    from alliance.contract.calendar import MONTHS
    from alliance.contract.formula.scope import PARTY
    from alliance.measures.asked import Ask, depends_on_key
    from alliance.measures.spans import window

    lengths = {p.settles for p in contract.on(over.start, known).payments.values()}
    periods = {over.label: over}
    for length in lengths:
        if MONTHS[length] < MONTHS[over.length]:
            periods |= {p.label: p for p in contract.calendar.parts(over, length)}
    found = []
    for period in periods.values():
        built = contract.on(period.start, known)
        for m in built.measures.values():
            if m.counted is None or m.counted.of != name:
                continue
            span = window(m, period, built.calendar, built.start)
            keys = m.keys if m.by else ("",)
            alone = depends_on_key(m.counted)
            for some in [(key,) for key in keys] if alone else [keys]:
                bound = {m.by: some[0]} if alone and m.by else {}
                if alone and m.by == PARTY:
                    bound[PARTY] = some[0]
                env: Any = DatedEnv(built.terms, period.start, bound)
                found.append(Ask(m.name, period.label, m.counted, some, span, extracted, env))
    return found
