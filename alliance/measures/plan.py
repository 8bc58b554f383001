"""From what is asked to queries and back to tallies: measures of one population are counted together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from alliance.contract import entries as e
from alliance.contract.numbers import normal
from alliance.contract.values import Unknown, Value
from alliance.measures import additive, personal
from alliance.measures.additive import ADDITIVE, Aggregates, Counts, aggregates, gathered, stretch
from alliance.measures.asked import Ask, Edges
from alliance.measures.columns import EPOCH, Column, Day, NotInColumns, Quantity, Reader, literal_day, number
from alliance.measures.personal import Personal
from alliance.measures.rendered import Store
from alliance.measures.rows import run_length, tally
from alliance.measures.tallies import Tally

Run = Callable[[str], Sequence[Sequence[Any]]]
Tallied = dict[tuple[str, str, str], Tally | Unknown]
PERSONAL = {"repeat": "repeat", "paired_change": "pairs", "changed": "pairs", "sustained": "sustained"}
WIDE = ("pyspark",)  # whose sums of 64-bit numbers may not exceed 64 bits


@dataclass
class Plan:
    """Counts what is asked of the records of one input in one engine.

    `typed` makes the table of the good records and its typed columns, where something must be rendered; `run` runs a
    query in the engine. What was rendered before is taken from the `store`, under what it depends on (`depends`).
    """

    item: e.Input
    dialect: str
    run: Run
    typed: Callable[[], tuple[Any, Mapping[str, Column]]]
    store: Store
    depends: Any
    queries: int = 0
    plain: list[str] = field(default_factory=list)
    made: tuple[Any, Mapping[str, Column]] | None = None

    def tallies(self, asks: Sequence[Ask]) -> Tallied:
        """The tally of each measure, by its name, label and key."""
        found: Tallied = {}
        for group in _groups(ask for ask in asks if together(ask)):
            found |= self._additive(group)
        for ask in asks:
            if not together(ask):
                found |= self._by_itself(ask)
        return found

    # the table, only made where something must be rendered

    def reader(self, ask: Ask) -> tuple[Any, Reader]:
        if self.made is None:
            self.made = self.typed()
        table, columns = self.made
        return table, Reader(columns, ask.env)

    def ask_engine(self, about: Any, build: Callable[[], tuple[Any, Any]]) -> tuple[list[dict[str, Any]], Any]:
        """The rows of a query by their columns, and what else building it came to. Rendered once for what it is about.

        Raises `NotInColumns` where it cannot be said in columns.
        """
        sql, columns, beside = self.store.sql(self.dialect, [self.depends, about], build)
        self.queries += 1
        return [dict(zip(columns, row, strict=True)) for row in self.run(sql)], beside

    # many measures at once

    def _additive(self, asks: Sequence[Ask]) -> Tallied:
        """The measures of one population. One that cannot be said in columns is counted by the plain reader."""
        first = asks[0].counted
        edges = Edges.of(asks) if first.dated else None
        about = ["additive", edges.cuts if edges else None, [said(ask) for ask in asks]]

        def build() -> tuple[Any, list[dict[str, Any] | None]]:
            table, reader = self.reader(asks[0])
            put = Aggregates(self.dialect in WIDE)
            counts: list[dict[str, Any] | None] = []
            for ask in asks:
                _, own = self.reader(ask)
                try:
                    counts.append(written(aggregates(ask, own, put)))
                except NotInColumns:
                    counts.append(None)
            return grouped(table, reader, first, edges, put), counts

        try:
            rows, counts = self.ask_engine(about, build)
        except NotInColumns:
            counts, rows = [None] * len(asks), []
        by_key = keyed(rows)
        found: Tallied = {}
        for ask, known in zip(asks, counts, strict=True):
            if known is None:
                found |= self._plainly(ask)
                continue
            places = counts_in(known)
            lost = additive.unplaced(strays(ask, by_key), ask, edges)
            for key in ask.keys:
                tallied = gathered(ask, places, by_key.get(key, []), edges)
                found[ask.name, ask.label, key] = replace(tallied, unplaced=lost)
        return found

    # one measure by itself

    def _by_itself(self, ask: Ask) -> Tallied:
        kind = ask.counted.kind
        try:
            if kind in PERSONAL:
                return self._personal(ask)
            if kind == "distinct":
                return self._distinct(ask)
            return self._spread(ask)
        except NotInColumns:
            return self._plainly(ask)

    def _personal(self, ask: Ask) -> Tallied:
        fields, whose = self.item.fields, ask.counted.whose

        def build() -> tuple[Any, int]:
            table, reader = self.reader(ask)
            strata = fields[whose].unit.options if whose and fields else ()
            one = Personal(ask, table, reader, strata, self.dialect in WIDE)
            query = getattr(one, PERSONAL[ask.counted.kind])()
            return query, one.value.over if ask.counted.baseline is not None else 1

        rows, over = self.ask_engine([ask.counted.kind, said(ask), _window(ask)], build)
        by_key = keyed(rows)
        lost = sum(personal.unplaced(ask, row) for row in strays(ask, by_key))
        found: Tallied = {}
        for key in ask.keys:
            [row] = by_key.get(key, [{}])
            found[ask.name, ask.label, key] = replace(personal.read(ask, row, over), unplaced=lost)
        return found

    def _parted(self, ask: Ask) -> tuple[Any, Reader, Any, Any]:
        """The population in the window, and where a record is too young and where it is left out."""
        c = ask.counted
        table, reader = self.reader(ask)
        young = reader.fixed(False)
        if c.dated:
            table = table.filter(_between(reader, c.dated, _days(ask.span.start), _days(ask.span.end)))
            day, ripe = literal_day(_dated(reader, c.dated), _days(ask.ripe))
            young = day > ripe
        if c.among is not None:
            table = table.filter(reader.truth(c.among.node))
        out = reader.truth(c.excluding.node) if c.excluding is not None else reader.fixed(False)
        return table, reader, young, ~young & out

    def _distinct(self, ask: Ask) -> Tallied:
        c = ask.counted

        def build() -> tuple[Any, None]:
            import ibis

            table, reader, young, out = self._parted(ask)
            case = ~young & ~out
            person = reader.columns[c.person].expr
            met = case & reader.truth(c.where.node) if c.where is not None else case
            whose = reader.columns[c.whose].expr if c.whose else ibis.literal("")
            return table.group_by(whose=whose).agg(
                n=case.sum(), excluded=out.sum(), immature=young.sum(), missing=(case & person.isnull()).sum(),
                hits=met.ifelse(person, ibis.null("string")).nunique(),
            ), None  # fmt: skip

        rows, _ = self.ask_engine(["distinct", said(ask), _window(ask)], build)
        by_key = keyed(rows)
        lost = sum(int(row[name] or 0) for row in strays(ask, by_key) for name in ("n", "excluded", "immature"))
        found: Tallied = {}
        for key in ask.keys:
            [row] = by_key.get(key, [{}])
            n, excluded, immature, missing, hits = (
                int(row.get(name) or 0) for name in ("n", "excluded", "immature", "missing", "hits")
            )
            found[ask.name, ask.label, key] = Tally(n - missing, excluded, immature, missing, hits, unplaced=lost)
        return found

    def _spread(self, ask: Ask) -> Tallied:
        """How many cases have each value: of a mean that is cut, of days to an event, or of days and their misses."""
        c = ask.counted

        def build() -> tuple[Any, int]:
            import ibis

            table, reader, young, out = self._parted(ask)
            over, never, met = 1, reader.fixed(False), reader.fixed(False)
            if c.kind == "mean":
                assert c.value is not None
                quantity = reader.quantity(c.value.node)
                value, over = quantity.expr, quantity.over
            elif c.kind == "time_to":
                start, event = reader.columns[c.start].expr, reader.columns[c.event].expr
                value, never = event - start, start.notnull() & event.isnull()
            else:
                value = reader.columns[c.dated].expr
                assert c.where is not None
                met = reader.truth(c.where.node)
            state = ibis.cases((young, "immature"), (out, "excluded"), (never, "never"), else_="case")
            whose = reader.columns[c.whose].expr if c.whose else ibis.literal("")
            keys = {"whose": whose, "state": state, "value": ibis.ifelse(state == "case", value, ibis.null("int64"))}
            return table.group_by(**keys).agg(n=table.count(), met=met.sum()), over

        rows, over = self.ask_engine(["spread", said(ask), _window(ask)], build)
        by_key = keyed(rows)
        lost = sum(int(row["n"]) for row in strays(ask, by_key))
        return {
            (ask.name, ask.label, key): replace(_of_spread(c, by_key.get(key, []), over), unplaced=lost)
            for key in ask.keys
        }

    # what is not said in columns

    def _plainly(self, ask: Ask) -> Tallied:
        """Counted by the plain reader, from the different records that there are and how many of each."""
        self.plain.append(ask.name)
        wanted = ask.fields()

        def build() -> tuple[Any, dict[str, int]]:
            table, reader = self.reader(ask)
            columns = {f"f{at}": reader.columns[name] for at, name in enumerate(wanted)}
            if ask.counted.dated and ask.counted.kind not in PERSONAL:
                first, last = _days(ask.span.start), _days(ask.span.end)
                table = table.filter(_between(reader, ask.counted.dated, first, last))
            overs = {n: c.over for n, c in columns.items() if isinstance(c, Quantity)}
            return table.group_by(**{n: c.expr for n, c in columns.items()}).agg(n=table.count()), overs

        window = _window(ask) if ask.counted.kind not in PERSONAL else ""
        rows, overs = self.ask_engine(["plain", wanted, window], build)
        assert self.item.fields is not None
        records: list[Mapping[str, Value]] = []
        for row in rows:
            values = {
                name: _value(self.item.fields[name], row[f"f{at}"], overs.get(f"f{at}", 1))
                for at, name in enumerate(wanted)
            }
            records += [values] * int(row["n"])
        return {
            (ask.name, ask.label, key): tally(ask.counted, records, ask.span, ask.extracted, key, ask.env)
            for key in ask.keys
        }


Rows = dict[str, list[dict[str, Any]]]


def keyed(rows: Iterable[dict[str, Any]]) -> Rows:
    """The rows of an answer by the stratum that they are of, an empty word where they name none."""
    found: Rows = {}
    for row in rows:
        found.setdefault("" if row["whose"] is None else str(row["whose"]), []).append(row)
    return found


def strays(ask: Ask, by_key: Rows) -> list[dict[str, Any]]:
    """The rows that are of no stratum of a measure."""
    c = ask.counted
    return [row for key, rows in by_key.items() if c.whose and key not in c.strata for row in rows]


def together(ask: Ask) -> bool:
    """Whether a measure is counted in one query with others of its population."""
    return ask.counted.kind in ADDITIVE and ask.counted.truncated is None


def grouped(
    table: Any, reader: Reader, c: e.Counted, edges: Edges | None, put: Aggregates, by: Mapping[str, Any] | None = None
) -> Any:
    """The query of one population: its aggregates for each key, and for each stretch of time where it is dated. `by`
    are further columns to group by."""
    import ibis

    if edges is not None:
        table = table.filter(_between(reader, c.dated, edges.first, edges.last))
    if c.among is not None:
        table = table.filter(reader.truth(c.among.node))
    keys = {**(by or {}), "whose": reader.columns[c.whose].expr if c.whose else ibis.literal("")}
    if edges is not None:
        keys["stretch"] = stretch(reader, c.dated, edges)
    return table.group_by(**keys).agg(n=table.count(), **put.named())


def _dated(reader: Reader, name: str) -> Day:
    found = reader.columns[name]
    assert isinstance(found, Day)
    return found


def _between(reader: Reader, name: str, first: int, last: int) -> Any:
    """Where a date is from one day to another, as days since 1970."""
    day, start = literal_day(_dated(reader, name), first)
    _, end = literal_day(_dated(reader, name), last)
    return (day >= start) & (day <= end)


def _days(day: date) -> int:
    return (day - EPOCH).days


def _value(declared: e.Field, found: Any, over: int) -> Value:
    """A value of a typed column as formulas see it."""
    if found is None:
        return None
    if declared.unit.kind == "date":
        return EPOCH + timedelta(days=int(found))
    if declared.unit.kind == "boolean":
        return bool(found)
    if declared.unit.kind in ("category", "text"):
        return str(found)
    return number(int(found), over)


def _of_spread(c: e.Counted, rows: Sequence[Mapping[str, Any]], over: int) -> Tally:
    count = dict.fromkeys(("immature", "excluded", "never", "case"), 0)
    missing = 0
    spread: list[tuple[Any, int]] = []
    days: dict[date, list[int]] = {}
    for row in rows:
        n = int(row["n"])
        count[row["state"]] += n
        if row["state"] != "case":
            continue
        if row["value"] is None:
            missing += n
        elif c.kind == "run_length":
            days[EPOCH + timedelta(days=int(row["value"]))] = [n, n - int(row["met"])]
        else:
            spread.append((number(int(row["value"]), over), n))
    cases = count["case"] - missing
    total = sum((value * n for value, n in spread), start=0)
    if c.kind == "run_length":
        return Tally(cases, count["excluded"], count["immature"], hits=run_length(days))
    if c.kind == "time_to":
        counts = tuple(sorted(spread))
        return Tally(cases + count["never"], count["excluded"], count["immature"], missing, cases, spread=counts)
    found = Tally(cases, count["excluded"], count["immature"], missing, spread=tuple(spread))
    return replace(found, total=normal(total))


def population(ask: Ask, parameters: Callable[[], str]) -> Any:
    """What is the same for measures of one population: their records, date and parties, and among which they are."""
    c = ask.counted
    return c.dated, c.whose, (c.among.text, parameters()) if c.among is not None else ("", "")


def _groups(asks: Iterable[Ask]) -> Iterator[list[Ask]]:
    """Measures of one population, together."""
    found: dict[Any, list[Ask]] = {}
    for ask in asks:
        found.setdefault(population(ask, ask.parameters), []).append(ask)
    yield from found.values()


def said(ask: Ask, parameters: str | None = None) -> list[Any]:
    """What a query about a measure depends on, beside its window. `parameters` says what its formulas read beside
    records, where that is not what they come to for this one."""
    c = ask.counted
    texts = [(one.text, str(one.unit)) for one in ask.formulas()]
    rest = [c.kind, c.dated, c.whose, c.person, c.start, c.event, c.after, c.within, c.take, c.take_baseline]
    more = [list(c.points), c.slack, c.summed, str(c.truncated), c.among is not None, c.excluding is not None]
    by = repr(c.by.run(ask.env)) if c.by is not None else ""
    read = ask.parameters() if parameters is None else parameters
    return [texts, rest, more, by, read, c.where is not None]


def _window(ask: Ask) -> list[str]:
    return [str(ask.span.start), str(ask.span.end), str(ask.ripe), str(ask.extracted)]


def written(counts: Counts) -> dict[str, Any]:
    return {
        "excluded": counts.excluded, "missing": counts.missing, "hits": counts.hits, "total": counts.total,
        "parts": list(counts.parts), "over": counts.over, "ends": list(counts.ends) if counts.ends else None,
    }  # fmt: skip


def counts_in(found: Mapping[str, Any]) -> Counts:
    ends = tuple(found["ends"]) if found["ends"] else None
    return Counts(**{**found, "parts": tuple(found["parts"]), "ends": ends})
