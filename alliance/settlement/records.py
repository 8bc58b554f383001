"""Records that a settlement is brought: each field read by its type, faulty ones told or dropped and counted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from alliance.contract import entries as e
from alliance.contract.faults import Faults, Mark, did_you_mean, meant, nearly
from alliance.contract.values import Value
from alliance.measures.digits import too_long
from alliance.settlement.reading import as_text, read_field

MOST_REMEMBERED = 20_000  # texts of a field that are not read twice


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its fields by name, and its place."""

    fields: Mapping[str, Value]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from: the day they were extracted (None: the day as of which is settled), whether they are
    only provisional, how many were faulty and dropped, and the fingerprint of the rest (empty until it is asked for).
    """

    extracted: date | None = None
    provisional: bool = False
    dropped: int = 0
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading records came to."""

    records: tuple[Record, ...]
    dropped: int


def read_records(item: e.Input, table: Any, faults: Faults) -> Reading:
    """Records from a table's rows, or a list of mappings, each field by its type.

    A faulty record is a fault with its place, unless the contract says to drop and count them. A table without the
    columns that it should have is a fault whatever the contract says.
    """
    own = Faults(faults.limit)
    rows = _of_list(item, table, own) if isinstance(table, list) else _of_table(item, table, own, faults)
    seen = _Seen(item, own)
    dropped = 0
    kept = []
    for record in rows:  # None where one is faulty
        if record is not None and seen.anew(record):
            kept.append(record)
        else:
            dropped += 1
    if item.faulty == "stop":
        faults.extend(own)
        faults.dropped += own.dropped
        if own.dropped:
            message = f"{item.name}: {dropped:,} records are faulty, and the first {own.limit} faults are told."
            faults.items.append(_total(message, table))
        dropped = 0
    return Reading(tuple(kept), dropped)


def _total(message: str, table: Any) -> Any:
    from alliance.contract.faults import Fault

    mark = None if isinstance(table, list) else table.mark()
    return Fault("AC138", message, mark, "Mend them, or let the contract say `faulty: drop and count`.")


class _Seen:
    """Which records there were: no two may share what the contract says is unique."""

    def __init__(self, item: e.Input, faults: Faults) -> None:
        self.item, self.faults = item, faults
        self.first: dict[tuple[Value, ...], Mark] = {}

    def anew(self, record: Record) -> bool:
        if not self.item.unique:
            return True
        key = tuple(record.fields[name] for name in self.item.unique)
        before = self.first.setdefault(key, record.mark)
        if before is record.mark:
            return True
        message = f"{self.item.name}: the same {' and '.join(self.item.unique)} as the record at {before}."
        self.faults.add("AC139", record.mark, message, "Keep one of them.")
        return False


class _Fields:
    """Reads the fields of records, each text of a field once."""

    def __init__(self, item: e.Input, faults: Faults) -> None:
        assert item.fields is not None
        self.item, self.faults = item, faults
        self.known: dict[str, dict[str | None, Value]] = {name: {} for name in item.fields}
        self.fields = item.fields

    def read(self, texts: Iterable[tuple[str, str | None]], mark: Callable[[str], Mark]) -> dict[str, Value] | None:
        """The fields of a record; None with a fault for each that cannot be read."""
        found: dict[str, Value] = {}
        good = True
        for name, text in texts:
            known = self.known[name]
            if text in known:
                found[name] = known[text]
                continue
            try:
                value = found[name] = self._value(text, self.fields[name])
            except ValueError as error:
                self.faults.add("AC138", mark(name), f"{self.item.name}, {name}: {self.faults.words(error)}")
                good = False
                continue
            if len(known) < MOST_REMEMBERED:
                known[text] = value
        return found if good else None

    def _value(self, text: str | None, field: e.Field) -> Value:
        """The value of a text. Scores that an instrument came to keep all their decimals."""
        value = read_field(text, field, self.item.reading)
        wrong = "" if self.item.instrument else too_long(field, value)
        if wrong:
            raise ValueError(f'"{str(text)[:40]}" {wrong}')
        return value


def _of_table(item: e.Input, table: Any, own: Faults, faults: Faults) -> Iterator[Record | None]:
    assert item.fields is not None
    columns: Sequence[str] = table.columns
    if not columns and not table.rows:  # a list with nothing in it
        return
    if not _columns(item, table, columns, faults):
        return
    reader = _Fields(item, own)
    names = list(item.fields)
    for row in table.rows:
        fields = reader.read([(f, row.get(f)) for f in names], row.mark)
        yield None if fields is None else Record(fields, row.mark())


def _columns(item: e.Input, table: Any, columns: Sequence[str], faults: Faults) -> bool:
    """Whether a table has the columns that it must have."""
    assert item.fields is not None
    lacking = [f for f, declared in item.fields.items() if f not in columns and not declared.optional]
    if lacking:
        what = f"{'column' if len(lacking) == 1 else 'columns'} {', '.join(lacking)}"
        hint = did_you_mean(lacking[0], [c for c in columns if c not in item.fields]) if len(lacking) == 1 else ""
        hint = hint or f"There is: {', '.join(columns[:12])}."
        faults.add("AC137", table.mark(), f"{item.name} lacks the {what}.", hint)
        return False
    others = [c for c in columns if c not in item.fields]
    for name in item.fields:
        # A column of nearly the name of one that is optional would be lost without a word.
        meant = nearly(name, others) if name not in columns else ""
        if meant:
            message = f'{item.name}: the column "{name}" is missing, and "{meant[:60]}" is nearly that.'
            hint = f"Call it {name} if that is what it holds; otherwise give it a name that is less like it."
            faults.add("AC137", table.mark(meant), message, hint)
    return True


def _of_list(item: e.Input, table: list[Mapping[Any, Any]], faults: Faults) -> Iterator[Record | None]:
    assert item.fields is not None
    reader = _Fields(item, faults)
    for index, row in enumerate(table, 1):
        mark = getattr(row, "mark", None) or Mark(f"{item.name}[{index}]")
        unknown = [str(k) for k in row if k not in item.fields]
        if unknown:
            message = f'{item.name}: "{unknown[0]}" is not a field of it.'
            faults.add("AC137", mark, message, partial(meant, unknown[0], item.fields))
            yield None
            continue
        texts = [(f, as_text(row.get(f))) for f in item.fields]
        fields = reader.read(texts, lambda column, m=mark: m)  # type: ignore[misc]
        yield None if fields is None else Record(fields, mark)


def fingerprint(records: Sequence[Record]) -> str:
    """SHA-256 of the records in no order, places left out."""
    from alliance.settlement.state import write_value

    if not records:
        return hashlib.sha256(b"").hexdigest()
    names = sorted(records[0].fields)
    written: list[dict[Value, str]] = [{} for _ in names]  # a field's values are of one type, so that none are mixed up
    lines = []
    for record in records:
        parts = []
        for name, known in zip(names, written, strict=True):
            value = record.fields[name]
            text = known.get(value)
            if text is None:
                text = known[value] = json.dumps(write_value(value))
            parts.append(text)
        lines.append(",".join(parts))
    lines.sort()
    return hashlib.sha256("\n".join([json.dumps(names), *lines]).encode()).hexdigest()
