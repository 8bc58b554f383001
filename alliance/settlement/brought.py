"""What a settlement is brought: values and records, read by the contract's declarations, every fault collected."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any, Protocol

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import PeriodError
from alliance.contract.faults import Faults, InputError, Mark, did_you_mean, meant, one_of
from alliance.contract.numbers import parse_date
from alliance.contract.units import Unit
from alliance.contract.values import STATUSES, Unknown, Value
from alliance.measures.evidence import Evidence
from alliance.measures.tallies import Tally
from alliance.settlement.duties import NAME as DUTIES
from alliance.settlement.duties import table as duties_table
from alliance.settlement.reading import PLAIN, Status, as_text, read_text
from alliance.settlement.records import Record as Record
from alliance.settlement.records import Source, fingerprint, read_records
from alliance.settlement.words import value_text

NOWHERE = Mark("inputs")
EXTRACTED = "extracted"
"""Among what is given: on which day records were extracted, for all or by name."""


class GivenLike(Protocol):
    """One value as a file of results gives it (`alliance.data` reads such files)."""

    name: str
    text: str | None
    mark: Mark
    period: str
    party: str
    key: str
    status: str
    cases: str


@dataclass(frozen=True, slots=True)
class Datum:
    """A value that was brought, with its status, cases and place. A status that is not usable has no value."""

    value: Value
    status: str
    cases: int | None
    mark: Mark | None
    received: date | None = None
    evidence: Evidence | None = None

    @property
    def blank(self) -> bool:
        """Nothing is said, as in a row of a form that is left empty: what was brought before stands."""
        return self.value is None and self.status == "missing"


@dataclass
class Brought:
    """Everything brought: values by name, period label (empty for the settlement's own) and key; records by name, with
    where they come from; and what was counted of records elsewhere, by measure, period label and key."""

    values: dict[tuple[str, str, str], Datum] = field(default_factory=dict)
    records: dict[str, tuple[Record, ...]] = field(default_factory=dict)
    periods: frozenset[str] = frozenset()
    sources: dict[str, Source] = field(default_factory=dict)
    tallies: dict[tuple[str, str, str], Tally | Unknown] = field(default_factory=dict)
    prints: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    fields: dict[str, tuple[Mapping[str, Value], ...]] = field(default_factory=dict, repr=False, compare=False)
    strata: dict[tuple[str, str], dict[Value, tuple[Mapping[str, Value], ...]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def rows(self, name: str) -> tuple[Mapping[str, Value], ...]:
        """The fields of all records of a name."""
        if name not in self.fields:
            self.fields[name] = tuple(r.fields for r in self.records[name])
        return self.fields[name]

    def rows_of(self, name: str, whose: str, key: str, strata: Collection[str]) -> tuple[Mapping[str, Value], ...]:
        """The fields of those records of a name that are of a party or option, and of those that are of none."""
        at = (name, whose)
        if at not in self.strata:
            found: dict[Value, list[Mapping[str, Value]]] = {}
            for fields in self.rows(name):
                found.setdefault(fields[whose], []).append(fields)
            self.strata[at] = {k: tuple(rows) for k, rows in found.items()}
        none = (fields for stratum, rows in self.strata[at].items() if stratum not in strata for fields in rows)
        return (*self.strata[at].get(key, ()), *none)

    def source(self, name: str) -> Source:
        """Where records come from, with their fingerprint."""
        found = self.sources.get(name, Source())
        if found.fingerprint or name not in self.records:
            return found
        return replace(found, fingerprint=self._print(name))

    def _print(self, name: str) -> str:
        if name not in self.prints:
            self.prints[name] = fingerprint(self.records[name])
        return self.prints[name]

    def canonical(self) -> Any:
        """Plain values for the hash that names a settlement: rows in no order, places left out."""
        from alliance.settlement.state import write_value

        values = sorted(
            [n, p, k, write_value(d.value), d.status, d.cases, *([d.received.isoformat()] if d.received else [])]
            for (n, p, k), d in self.values.items()
        )
        records = {name: self._print(name) for name in sorted(self.records)}
        if not self.sources and not self.tallies:
            return [values, records]
        extracted = {n: [str(s.extracted or ""), s.provisional, s.dropped] for n, s in sorted(self.sources.items())}
        tallies = sorted(
            [*at, write_value(one) if isinstance(one, Unknown) else one.canonical()] for at, one in self.tallies.items()
        )
        return [values, records, extracted, tallies]


@dataclass(slots=True)
class Cell:
    """A value given as text, by a program or in a cell of a table."""

    name: str
    text: str | None
    mark: Mark
    period: str = ""
    party: str = ""
    key: str = ""
    status: str = ""
    cases: str = ""
    received: str = ""


def bring(built: Built, inputs: Any) -> Brought:
    """Read what a settlement is brought: a mapping of names to values, or the results that a file was read into.

    Raises `InputError` with every fault, `TypeError` for a value that is not exact (a float).
    """
    faults = Faults()
    if inputs is None:
        inputs = {}
    if isinstance(inputs, Brought):
        return inputs
    counted = Brought()
    if isinstance(inputs, Mapping):
        given, records = _from_mapping({k: v for k, v in inputs.items() if k != EXTRACTED})
        extracts = inputs.get(EXTRACTED) or {}
        extracts = extracts if isinstance(extracts, Mapping) else dict.fromkeys(records, extracts)
    else:
        given, records = list(inputs.values), dict(inputs.records)
        extracts = getattr(inputs, EXTRACTED, {})
        counted = getattr(inputs, "counted", None) or counted
    reader = _Reader(built, faults)
    for one in given:
        reader.value(one)
    for name, table in records.items():
        reader.table(name, table)
    faults.raise_if_any(InputError)
    for name, extracted in extracts.items():
        reader.extract(name, extracted)
    faults.raise_if_any(InputError)
    periods = frozenset(p for _, p, _ in reader.values if p)
    values = counted.values | reader.values
    return Brought(values, reader.records, periods, counted.sources | reader.sources, counted.tallies)


def _from_mapping(inputs: Mapping[Any, Any]) -> tuple[list[Any], dict[str, Any]]:
    given: list[Any] = []
    records: dict[str, Any] = {}
    for name, value in inputs.items():
        if name == "periods" and isinstance(value, Mapping):
            for period, inner in value.items():
                for key, item in inner.items():
                    given += _plain(str(key), item, str(period), _mark(item, key))
        elif isinstance(value, list) and all(isinstance(r, Mapping) for r in value):
            records[str(name)] = value
        else:
            given += _plain(str(name), value, "", _mark(value, name))
    return given, records


def _mark(value: Any, key: Any) -> Mark:
    return getattr(value, "mark", None) or getattr(key, "mark", None) or NOWHERE


def _plain(name: str, value: Any, period: str, mark: Mark) -> Iterable[Cell]:
    if isinstance(value, (list, tuple)):  # those who have said yes
        yield from (Cell(name, "yes", mark, period, party=str(who)) for who in value)
    elif not isinstance(value, Mapping):
        yield Cell(name, as_text(value), mark, period)
    elif "value" in value or "status" in value or "received" in value:
        text, cases = as_text(value.get("value")), as_text(value.get("cases"))
        status, received = str(value.get("status") or ""), as_text(value.get("received")) or ""
        yield Cell(name, text, mark, period, status=status, cases=cases or "", received=received)
    else:
        for key, inner in value.items():
            for one in _plain(name, inner, period, _mark(inner, key)):
                yield replace(one, period=period, key=str(key))


class _Reader:
    def __init__(self, built: Built, faults: Faults) -> None:
        self.built, self.faults = built, faults
        self.values: dict[tuple[str, str, str], Datum] = {}
        self.records: dict[str, tuple[Record, ...]] = {}
        self.sources: dict[str, Source] = {}
        self.known: dict[str, e.Input | e.Measure] = {**built.inputs, **built.measures}
        self.keys = {name: frozenset(item.keys) for name, item in self.known.items() if item.by}

    def value(self, one: GivenLike) -> None:
        name = one.name
        if name in self.built.decisions:
            self.decision(one)
            return
        item = self.known.get(name)
        if item is None or (isinstance(item, e.Input) and item.fields is not None):
            if item is not None:
                self.faults.add("AC131", one.mark, f"{name} is records, not a single value.", "Give it as a table.")
                return
            hint: str | Callable[[], str]
            if name in self.built.figures:
                hint = "The contract works it out: leave it out here."
            elif name in self.built.terms:
                hint = "The contract fixes it: leave it out here."
            else:
                hint = lambda: meant(name, [*self.known, *self.built.decisions])  # noqa: E731
            self.faults.add("AC130", one.mark, f'"{name[:60]}" is not an input or measure of this contract.', hint)
            return
        key = one.party or one.key
        if item.by and key not in self.keys[name]:
            what = f'"{key[:60]}" is not one of them' if key else "none is named here"
            message = f"{name} is one for each {item.by}; {what}."
            self.faults.add("AC132", one.mark, message, lambda: meant(key, item.keys))
            return
        if key and not item.by:
            message = f'{name} is a single value, and "{key[:60]}" is given with it.'
            self.faults.add("AC132", one.mark, message, "Leave it out.")
            return
        period = self.period(one)
        if period is None:
            return
        datum = self.datum(one, item)
        if datum is None:
            return
        if (name, period, key) in self.values:
            self.faults.add("AC133", one.mark, f"{name} is given twice.", "Keep one of them.")
            return
        self.values[name, period, key] = datum

    def decision(self, one: GivenLike) -> None:
        decision = self.built.decisions[one.name]
        signer = one.party or one.key
        if signer and signer not in decision.signed_by:
            message = f'{one.name} is not signed by "{signer[:60]}".'
            self.faults.add("AC132", one.mark, message, lambda: meant(signer, decision.signed_by))
            return
        period, datum = self.period(one), read_datum(one, Unit("boolean"), PLAIN, self.faults)
        if datum is not None and period is not None:
            for name in (signer,) if signer else decision.signed_by:
                self.values[one.name, period, name] = datum

    def period(self, one: GivenLike) -> str | None:
        if not one.period:
            return ""
        try:
            return self.built.calendar.parse(one.period).label
        except PeriodError as error:
            self.faults.add("AC110", one.mark, str(error))
            return None

    def datum(self, one: GivenLike, item: e.Input | e.Measure) -> Datum | None:
        found = read_datum(one, item.unit, item.reading, self.faults)
        if found is not None and isinstance(item, e.Input):
            problem = beyond(item, found.value)
            if problem:
                self.faults.add("AC135", one.mark, f"{one.name}: {problem}")
                return None
        return found

    def extract(self, name: Any, day: Any) -> None:
        """On which day records were extracted."""
        mark = _mark(day, name)
        item = self.built.inputs.get(str(name))
        if item is None or item.fields is None:
            known = [n for n, i in self.built.inputs.items() if i.fields is not None]
            hint = did_you_mean(str(name), known) or (one_of(known) if known else "")
            self.faults.add("AC136", mark, f'extracted: "{str(name)[:60]}" is not records of this contract.', hint)
            return
        try:
            found = day if isinstance(day, date) else parse_date(str(as_text(day)))
        except ValueError as error:
            self.faults.add("AC135", mark, f"{name}, extracted: {error}")
            return
        self.sources[str(name)] = replace(self.sources.get(str(name), Source()), extracted=found)

    def table(self, name: str, table: Any) -> None:
        item = self.built.inputs.get(name)
        if item is None and name == DUTIES and self.built.rules:
            item = duties_table(self.built.parties)
        if item is None or item.fields is None:
            known = [n for n, i in self.built.inputs.items() if i.fields is not None]
            hint = did_you_mean(name, known) or (one_of(known) if known else "")
            mark = NOWHERE if isinstance(table, list) else table.mark()
            self.faults.add("AC136", mark, f'"{name}" is not records of this contract.', hint)
            return
        found = read_records(item, table, self.faults)
        self.records[name] = found.records
        if found.dropped:
            self.sources[name] = Source(dropped=found.dropped)


def beyond(item: e.Input, value: Value) -> str:
    """What is wrong with a value past the bounds that its input declares; empty if nothing is."""
    if not isinstance(value, (int, Fraction)) or isinstance(value, bool):
        return ""
    unit = item.unit.kind
    if item.at_least is not None and value < item.at_least:
        return f"{value_text(value, unit)} is below the least it may be, {value_text(item.at_least, unit)}."
    if item.at_most is not None and value > item.at_most:
        return f"{value_text(value, unit)} is above the most it may be, {value_text(item.at_most, unit)}."
    return ""


def read_datum(one: GivenLike, unit: Unit, reading: e.Reading, faults: Faults) -> Datum | None:
    """A value with its status and cases; None with a fault where it cannot be read."""
    status = one.status.strip()
    if status and status not in STATUSES:
        faults.add("AC134", one.mark, f'{one.name}: "{status[:40]}" is not a status.', lambda: meant(status, STATUSES))
        return None
    try:
        value = read_text(one.text, unit, reading)
        cases = read_text(one.cases, Unit("count")) if one.cases else None
        _received(one)
    except ValueError as error:
        faults.add("AC135", one.mark, f"{one.name}: {faults.words(error)}")
        return None
    if isinstance(value, Status):
        return Datum(None, status if status and status not in STATUSES[:2] else str(value), None, one.mark)
    if cases is not None and (not isinstance(cases, int) or cases < 0):
        faults.add("AC135", one.mark, f'{one.name}: "{one.cases[:40]}" is not a number of cases.')
        return None
    if status in STATUSES[2:]:
        return Datum(None, status, cases, one.mark)
    return Datum(value, status or "measured", cases, one.mark, _received(one))


def _received(one: GivenLike) -> date | None:
    """The day on which a value came. Raises `ValueError` where it is not one."""
    said: str = getattr(one, "received", "")
    return parse_date(said) if said else None
