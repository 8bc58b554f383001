"""Many agreements of one shape counted in one query: what differs between them is columns, joined by agreement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import compiled
from alliance.contract.values import Unknown, Value
from alliance.measures.additive import Aggregates, aggregates, gathered, unplaced
from alliance.measures.asked import Ask, Edges
from alliance.measures.columns import MOST, Column, Day, NotInColumns, Quantity, Reader, Truth, Word, days
from alliance.measures.engines import DuckDB, quoted, text
from alliance.measures.plan import (
    Plan,
    Rows,
    Tallied,
    counts_in,
    grouped,
    keyed,
    population,
    said,
    strays,
    together,
    written,
)
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store

TABLE, NAME, NUMBER = "alliance_parameters", "alliance_agreement", "alliance_number"
_TYPES = {"quantity": "int64", "day": "int64", "word": "string", "truth": "boolean"}
_SQL = {"int64": "BIGINT", "string": "VARCHAR", "boolean": "BOOLEAN"}
_MOST_ROWS = 1_000  # in one statement


def tallies_of_many(prepared: Prepared, asked: Mapping[str, Sequence[Ask]]) -> dict[str, Tallied]:
    """For each agreement, by its name, the tally of each measure by its name, label and key.

    Agreements have the same measures, windows and extract dates, and each its own parameters: what `Ask.env` answers.
    Where the records name their agreement (the `key` of the input) an agreement has only those of its own name.
    Measures that add up are counted for all agreements in one query for each population; others, and agreements of
    which something is not known, one after another. The counts are the same either way.

    Raises `ValueError` where the agreements are not of one shape, and `InputError` where records cannot be read.
    """
    found: dict[str, Tallied] = {name: {} for name in asked}
    rows = [list(asks) for asks in asked.values()]
    if not rows:
        return found
    if any([_shape(ask) for ask in asks] != [_shape(ask) for ask in rows[0]] for asks in rows):
        raise ValueError("The agreements are not asked the same.")
    alone: dict[str, list[Ask]] = {name: [] for name in asked}
    many = _Many(prepared, list(asked))
    joined: list[_Varied] = []
    for at, first in enumerate(rows[0]):
        asks = [own[at] for own in rows]
        varied = many.varied(asks) if together(first) and _nameable(prepared) else None
        if varied is not None:
            joined.append(varied)
        for name, ask in zip(asked, asks, strict=True):
            if varied is None or name in varied.unknown:
                alone[name].append(ask)
    if joined:
        many.bring()
    for group in _populations(joined):
        for varied, tallies in many.counted(group):
            for (name, key), tally in tallies.items():
                ask = varied.asks[0]
                found[name][ask.name, ask.label, key] = tally
            if not tallies:
                for name, ask in zip(asked, varied.asks, strict=True):
                    alone[name] += [] if name in varied.unknown else [ask]
    for name, asks in alone.items():
        if asks:
            found[name] |= counted_alone(prepared, name, asks)
    return found


def _shape(ask: Ask) -> tuple[Any, ...]:
    return ask.name, ask.label, id(ask.counted), ask.keys, ask.span, ask.extracted


def _nameable(prepared: Prepared) -> bool:
    """Whether every record is of one agreement, in an engine that a table may be brought to."""
    item = prepared.item
    return bool(item.key and item.fields and not item.fields[item.key].optional) and isinstance(prepared.engine, DuckDB)


def counted_alone(prepared: Prepared, name: str, asks: Sequence[Ask]) -> Tallied:
    """The tallies of one agreement, from the records of its name: what `tallies_of_many` comes to, by queries of its
    own. They are of no use to another command, so their text is not kept. Raises `InputError` where records cannot be
    read."""
    key = prepared.item.key
    if not key:
        return prepared.tallies(asks)
    shared = prepared.plan()

    def typed() -> tuple[Any, Mapping[str, Column]]:
        table, columns = shared.typed()
        return table.filter((columns[key].expr == name).fill_null(True)), columns

    plan = Plan(prepared.item, shared.dialect, shared.run, typed, Store(), [shared.depends, "of", name])
    return plan.tallies(asks)


# what differs between agreements


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A column of what some part of a formula comes to for each agreement. Numbers are whole ones over `over`."""

    column: str
    kind: str
    over: int = 1
    most: int = 0

    def said(self) -> list[Any]:
        return [self.column, self.kind, self.over, self.most]

    def of(self, table: Any) -> Column:
        expr = table[self.column]
        if self.kind == "quantity":
            return Quantity(expr, self.over, self.most, sure=True)
        if self.kind == "day":
            return Day(expr, sure=True)
        return Word(expr, True) if self.kind == "word" else Truth(expr, True)


@dataclass(frozen=True, slots=True)
class _Varied:
    """One measure of all agreements: its ask for each, its parameters by the id of their part of a formula (columns,
    or what they come to for all), the texts of those formulas, and the agreements of which one is not known."""

    asks: Sequence[Ask]
    parameters: Mapping[int, _Parameter | Value]
    texts: Sequence[str]
    unknown: frozenset[str]

    def said(self) -> str:
        """What a query depends on of its parameters."""
        known = (one.said() if isinstance(one, _Parameter) else one for one in self.parameters.values())
        return repr(list(zip(self.texts, known, strict=True)))


class _Reader(Reader):
    """Reads formulas in which a part that is not of the record may be a column of parameters."""

    def __init__(self, columns: Mapping[str, Column], varied: _Varied, table: Any) -> None:
        super().__init__(columns, varied.asks[0].env)
        self.parameters, self.table = varied.parameters, table

    def read(self, node: t.Node) -> Any:
        found = self.parameters.get(id(node))
        return found.of(self.table) if isinstance(found, _Parameter) else super().read(node)


@dataclass
class _Many:
    """Agreements with the table of their parameters."""

    prepared: Prepared
    names: list[str]
    values: dict[_Parameter, list[Any]] = field(default_factory=dict)
    known: dict[Any, _Parameter] = field(default_factory=dict)

    def varied(self, asks: Sequence[Ask]) -> _Varied | None:
        """A measure with its parameters as columns; None where they cannot be."""
        parameters: dict[int, _Parameter | Value] = {}
        unknown: set[str] = set()
        texts = []
        for formula, node in _beside(asks[0]):
            texts.append(formula)
            run = compiled(node)
            values: list[Value] = [run(ask.env) for ask in asks]
            lacking = {at for at, value in enumerate(values) if value is None or isinstance(value, Unknown)}
            unknown |= {self.names[at] for at in lacking}
            there = [value for at, value in enumerate(values) if at not in lacking]
            if not lacking and all(value == there[0] and type(value) is type(there[0]) for value in there):
                parameters[id(node)] = there[0]
                continue
            try:
                parameters[id(node)] = self._column(values, lacking)
            except NotInColumns:
                return None
        return _Varied(asks, parameters, texts, frozenset(unknown))

    def _column(self, values: Sequence[Value], lacking: set[int]) -> _Parameter:
        there = [value for at, value in enumerate(values) if at not in lacking]
        kind = _kind(there)
        over = lcm(*(Fraction(one).denominator for one in there)) if kind == "quantity" else 1  # type: ignore[arg-type]
        plain = [None if at in lacking else _plain(one, over) for at, one in enumerate(values)]
        most = 0
        if kind == "quantity":
            # a power of two, so that the text of a query does not change with every value
            most = 2 ** max((abs(one) for one in plain if one is not None), default=0).bit_length()
            if most >= MOST:
                raise NotInColumns("a number past 64 bits")
        key = (kind, over, tuple(plain))
        if key not in self.known:
            self.known[key] = made = _Parameter(f"alliance_q{len(self.known)}", kind, over, most)
            self.values[made] = plain
        return self.known[key]

    def bring(self) -> None:
        """Make the table of parameters in the engine."""
        engine = self.prepared.engine
        assert isinstance(engine, DuckDB)
        kinds = {NAME: "string", NUMBER: "int64"} | self._schema()
        columns = ", ".join(f"{quoted(name)} {_SQL[kind]}" for name, kind in kinds.items())
        engine.run(f"CREATE OR REPLACE TEMP TABLE {TABLE} ({columns})")
        rows = list(zip(self.names, range(len(self.names)), *self.values.values(), strict=True))
        for start in range(0, len(rows), _MOST_ROWS):
            listed = ", ".join(f"({', '.join(map(_sql, row))})" for row in rows[start : start + _MOST_ROWS])
            engine.run(f"INSERT INTO {TABLE} VALUES {listed}")

    def _schema(self) -> dict[str, str]:
        return {one.column: _TYPES[one.kind] for one in self.values}

    def counted(self, group: Sequence[_Varied]) -> Iterator[tuple[_Varied, dict[tuple[str, str], Any]]]:
        """The measures of one population with their tallies by agreement and key; with none where a measure is not said
        in columns."""
        first = group[0].asks[0]
        edges = Edges.of([one.asks[0] for one in group]) if first.counted.dated else None
        about = [
            "many",
            self.prepared.item.key,
            edges.cuts if edges else None,
            [[said(one.asks[0], ""), one.said()] for one in group],
        ]

        def build() -> tuple[Any, list[dict[str, Any] | None]]:
            table, columns = self._joined()
            put = Aggregates(False)
            counts: list[dict[str, Any] | None] = []
            for one in group:
                try:
                    counts.append(written(aggregates(one.asks[0], _Reader(columns, one, table), put, one.said())))
                except NotInColumns:
                    counts.append(None)
            reader = _Reader(columns, group[0], table)
            return grouped(table, reader, first.counted, edges, put, {NUMBER: table[NUMBER]}), counts

        try:
            rows, counts = self.prepared.plan().ask_engine([about, self._schema()], build)
        except NotInColumns:
            rows, counts = [], [None] * len(group)
        of_each: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            of_each.setdefault(int(row[NUMBER]), []).append(row)
        by_key = {number: keyed(own) for number, own in of_each.items()}
        for one, found in zip(group, counts, strict=True):
            yield one, {} if found is None else self._gathered(one, counts_in(found), by_key, edges)

    def _joined(self) -> tuple[Any, dict[str, Column]]:
        """The records that count, each beside the parameters of its agreement."""
        import ibis

        table, columns = self.prepared.plan().typed()
        parameters = ibis.table({NAME: "string", NUMBER: "int64"} | self._schema(), name=TABLE)
        joined = table.join(parameters, columns[self.prepared.item.key].expr == parameters[NAME])
        return joined, dict(columns)

    def _gathered(
        self, one: _Varied, counts: Any, by_key: Mapping[int, Rows], edges: Edges | None
    ) -> dict[tuple[str, str], Any]:
        found: dict[tuple[str, str], Any] = {}
        for number, (name, ask) in enumerate(zip(self.names, one.asks, strict=True)):
            if name not in one.unknown:
                own = by_key.get(number, {})
                lost = unplaced(strays(ask, own), ask, edges)
                for key in ask.keys:
                    found[name, key] = replace(gathered(ask, counts, own.get(key, []), edges), unplaced=lost)
        return found


def _populations(found: Iterable[_Varied]) -> Iterator[list[_Varied]]:
    groups: dict[Any, list[_Varied]] = {}
    for one in found:
        groups.setdefault(population(one.asks[0], one.said), []).append(one)
    yield from groups.values()


def _beside(ask: Ask) -> Iterator[tuple[str, t.Node]]:
    """The largest parts of its formulas that read something and nothing of the record, with the text of each one."""
    for one in ask.formulas():
        waiting: list[t.Node] = [one.node]
        while waiting:
            node = waiting.pop()
            refs = list(t.names(node))
            if refs and all(ref.kind != "field" for ref in refs):
                yield one.text, node
            elif refs:
                waiting += node.parts()


def _kind(values: Sequence[Value]) -> str:
    """The one kind of some values. Raises `NotInColumns` where they are of several, or of none that a column has."""
    kinds = set()
    for value in values:
        if isinstance(value, bool):
            kinds.add("truth")
        elif isinstance(value, int | Fraction):
            kinds.add("quantity")
        elif type(value) is date:
            kinds.add("day")
        else:
            kinds.add("word" if isinstance(value, str) else "none")
    if len(kinds) != 1 or kinds & {"none"}:
        raise NotInColumns("values of several kinds")
    return kinds.pop()


def _plain(value: Value, over: int) -> Any:
    """A value as its column holds it."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, date):
        return days(value)
    assert isinstance(value, int | Fraction)
    return int(Fraction(value) * over)


def _sql(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return text(value) if isinstance(value, str) else str(int(value))
