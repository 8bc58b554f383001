"""Records in an engine, checked against what a contract declares of them, and then counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from alliance.contract import entries as e
from alliance.contract.faults import Fault, Faults, InputError, Mark, did_you_mean, one_of
from alliance.contract.source_text import shown
from alliance.contract.values import Value
from alliance.measures.asked import Ask
from alliance.measures.columns import Column, Day, Quantity, Truth, Word, day_of
from alliance.measures.digits import too_long
from alliance.measures.engines import NUMBER, Engine
from alliance.measures.plan import Plan, Tallied
from alliance.measures.rendered import Store
from alliance.measures.typed import MOST_UNUSUAL, OTHER, REFUSED, Raw, Read, typed

KEPT = "alliance_typed"
BAD, ROUGH = "alliance_bad", "alliance_rough"  # masks of fields: those that are faulty, and texts not as they are meant
MOST_FIELDS = 60
_EXPONENT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")
_KINDS = {"quantity": Quantity, "day": Day, "word": Word, "truth": Truth}


@dataclass
class Prepared:
    """The records of one input in an engine.

    `read` reads an unusual text as it is read in a file. `dropped` are the faulty records that are left out, where the
    contract says to drop and count them; `records` are the others.
    """

    item: e.Input
    engine: Engine
    read: Read
    store: Store
    limit: int = 100
    records: int = 0
    dropped: int = 0
    faults: Faults = field(default_factory=Faults)
    raw: dict[str, Raw] = field(default_factory=dict)
    words: dict[str, dict[str, Value]] = field(default_factory=dict)
    kept: bool = False
    rough: int = 0
    _plan: Plan | None = None

    def check(self) -> Prepared:
        """Read the declared columns and tell every faulty record, up to a limit and with totals.

        Raises `InputError` where something is wrong and the contract does not say to drop it.
        """
        self._columns()
        bad = self._read()
        if any(bad) and self._learn(bad):
            bad = self._read()
        wrong = sum(count for mask, count in bad.items() if mask)
        self.records = sum(bad.values()) - wrong
        if wrong:
            self._faulty(wrong, [name for at, name in enumerate(self.names) if any(mask >> at & 1 for mask in bad)])
        twice = self._twice()
        self.dropped = wrong + twice
        self.records -= twice
        if self.item.faulty == "stop":
            self.faults.raise_if_any(InputError)
        return self

    def tallies(self, asks: Sequence[Ask]) -> Tallied:
        """The tally of each measure, by its name, label and key."""
        return self.plan().tallies(asks)

    def plan(self) -> Plan:
        if self._plan is None:
            self._plan = Plan(
                self.item,
                self.engine.dialect,
                self.engine.run,
                self.good,
                self.store,
                [self._depends(), bool(self.dropped), self.rough, self._ordered(), list(self.item.unique)],
            )
        return self._plan

    # the declared columns

    @property
    def names(self) -> list[str]:
        assert self.item.fields is not None
        return list(self.item.fields)

    def _columns(self) -> None:
        assert self.item.fields is not None
        columns = {raw.name: raw for raw in self.engine.columns()}
        mark = Mark(self.engine.file)
        lacking = [n for n, f in self.item.fields.items() if n not in columns and not f.optional]
        if lacking:
            what = f"{'column' if len(lacking) == 1 else 'columns'} {', '.join(lacking)}"
            hint = did_you_mean(lacking[0], columns) or one_of(columns)
            raise InputError(Fault("AC441", f"{self.item.name} lacks the {what}.", mark, hint))
        if len(self.item.fields) > MOST_FIELDS:
            message = f"{self.item.name} has more than {MOST_FIELDS} fields, which is the most that an engine reads."
            raise InputError(Fault("AC441", message, mark))
        self.raw = {n: columns[n] for n in self.item.fields if n in columns}
        for raw in self.raw.values():
            if raw.holds == REFUSED:
                message = f"The column {raw.name} is of the type {raw.kind[:40]}, which is not read."
                self.faults.add("AC441", mark, message, "Write it as text, a number, a date or a boolean.")
        self.faults.raise_if_any(InputError)

    def _depends(self) -> Any:
        """What every query over these records depends on."""
        assert self.item.fields is not None
        raw = [[r.name, r.holds, r.places, r.digits] for r in self.raw.values()]
        declared = [
            [f.name, f.unit.kind, f.optional, f.top, f.hours, list(f.unit.options)] for f in self.item.fields.values()
        ]
        words = [[n, [[k, repr(v)] for k, v in found.items()]] for n, found in self.words.items()]
        return [self.engine.table, raw, declared, sorted(self.item.reading.words), words, self.kept]

    def _raw_table(self, numbered: str = "") -> Any:
        import ibis

        schema = {raw.name: raw.dtype for raw in self.raw.values()}
        return ibis.table({NUMBER: "int64", **schema} if numbered else schema, name=numbered or self.engine.table)

    def typed_columns(self, numbered: str = "") -> tuple[Any, dict[str, Column]]:
        """The typed columns over the source, and the mask of those that are faulty."""
        import ibis

        assert self.item.fields is not None
        table = self._raw_table(numbered)
        columns: dict[str, Any] = {NUMBER: table[NUMBER]} if numbered else {}
        made: dict[str, Column] = {}
        nothing = ibis.literal(0, type="int64")
        mask = rough = nothing
        for at, (name, declared) in enumerate(self.item.fields.items()):
            one = typed(table, self.raw.get(name), declared, self.item, self.words.get(name, {}))
            columns[f"t{at}"], made[name] = one.column.expr, one.column
            bit = ibis.literal(2**at, type="int64")
            mask = mask + one.suspect.ifelse(bit, nothing)
            rough = rough if one.rough is None else rough + one.rough.ifelse(bit, nothing)
        found = table.select(**columns, **{BAD: mask, ROUGH: rough})
        return found, {name: _over(found[f"t{at}"], made[name]) for at, name in enumerate(self.names)}

    def _read(self) -> dict[int, int]:
        """Read the columns; how many records have each mask of faults."""
        numbered = self.engine.numbered() if self._ordered() else ""
        sql, _, shape = self.store.sql(self.engine.dialect, ["typed", self.about(), numbered], self._shape)
        self.kept = self.engine.keep(KEPT, sql)

        def build() -> tuple[Any, None]:
            table, _ = self._base()
            return table.group_by([BAD, ROUGH]).agg(n=table.count()), None

        sql, _, _ = self.store.sql(self.engine.dialect, ["masks", self._depends(), numbered, shape], build)
        found: dict[int, int] = {}
        self.rough = 0
        for mask, rough, n in self.engine.run(sql):
            found[int(mask)] = found.get(int(mask), 0) + int(n)
            self.rough |= int(rough)
        return found

    def _ordered(self) -> bool:
        """Whether it matters in which order records stand: of two that are the same the first is kept."""
        return bool(self.item.unique) and self.item.faulty != "stop"

    def _shape(self) -> tuple[Any, list[list[Any]]]:
        table, columns = self.typed_columns(self.engine.numbered() if self._ordered() else "")
        return table, [_written(name, one, str(one.expr.type())) for name, one in columns.items()]

    def _base(self) -> tuple[Any, dict[str, Column]]:
        """The typed records, good and bad: as they are kept, or read where they are."""
        import ibis

        numbered = self.engine.numbered() if self._ordered() else ""
        if not self.kept:
            return self.typed_columns(numbered)
        _, _, shape = self.store.sql(self.engine.dialect, ["typed", self.about(), numbered], self._shape)
        schema = {NUMBER: "int64"} if numbered else {}
        schema |= {f"t{at}": str(dtype) for at, (*_, dtype) in enumerate(shape)}
        table = ibis.table({**schema, BAD: "int64", ROUGH: "int64"}, name=KEPT)
        return table, {one[0]: _column(table[f"t{at}"], one) for at, one in enumerate(shape)}

    def about(self) -> list[Any]:
        """What a query depends on that reads the records where they are."""
        return [*self._depends()[:-1], False]

    def good(self) -> tuple[Any, dict[str, Column]]:
        """The records that count."""
        import ibis

        if not self.kept and not self._ordered():
            return self._in_place()
        table, columns = self._base()
        table = table.filter(table[BAD] == 0)
        at = {name: i for i, name in enumerate(self.names)}
        if self._ordered():
            keys = [table[f"t{at[name]}"] for name in self.item.unique]
            order = ibis.window(group_by=keys, order_by=table[NUMBER])
            table = table.mutate(alliance_again=ibis.row_number().over(order))
            table = table.filter(table.alliance_again == 0)
        good = {name: _over(table[f"t{at[name]}"], one) for name, one in columns.items()}
        assert self.item.fields is not None
        return table, {name: replace(one, sure=not self.item.fields[name].optional) for name, one in good.items()}

    def _in_place(self) -> tuple[Any, dict[str, Column]]:
        """The records where they are. Where none was faulty nothing is looked at again."""
        assert self.item.fields is not None
        table = self._raw_table()
        made = {
            n: typed(table, self.raw.get(n), f, self.item, self.words.get(n, {})) for n, f in self.item.fields.items()
        }
        columns = {n: replace(one.column, sure=not self.item.fields[n].optional) for n, one in made.items()}
        for at, (name, column) in enumerate(columns.items()):
            if isinstance(column, Word) and name in self.raw and not self.rough >> at & 1:
                columns[name] = replace(column, expr=table[self.raw[name].name])
        if self.dropped:
            suspect = next(iter(made.values())).suspect
            for one in list(made.values())[1:]:
                suspect = suspect | one.suspect
            table = table.filter(~suspect)
        return table, columns

    # what is wrong

    def _learn(self, bad: Mapping[int, int]) -> bool:
        """Look at the texts that are not plain; whether some of them mean something after all."""
        assert self.item.fields is not None
        for at, (name, declared) in enumerate(self.item.fields.items()):
            if name not in self.raw or not any(mask >> at & 1 for mask in bad):
                continue

            def build(name: str = name, declared: e.Field = declared) -> tuple[Any, None]:
                table = self._raw_table()
                one = typed(table, self.raw[name], declared, self.item, {})
                found = table.filter(one.suspect).select(text=table[name].cast("string"))
                return found.distinct().limit(MOST_UNUSUAL), None

            sql, _, _ = self.store.sql(self.engine.dialect, ["unusual", self.about(), name], build)
            known: dict[str, Value] = {}
            for (text,) in self.engine.run(sql):
                spelled = str(text or "").strip()
                try:
                    value = self.read(self._plainly(name, spelled), declared, self.item.reading)
                except ValueError:
                    continue
                if not too_long(declared, value):
                    known[spelled] = value
            if known:
                self.words[name] = dict(sorted(known.items()))
        return bool(self.words)

    def _plainly(self, name: str, text: str) -> str:
        """A text; what an engine says of a binary number is written out without an exponent."""
        binary = self.raw[name].holds == OTHER if name in self.raw else False
        return format(Decimal(text), "f") if binary and _EXPONENT.fullmatch(text) else text

    def _faulty(self, wrong: int, fields: Sequence[str]) -> None:
        """Each faulty record with its row, up to a limit, and how many there are."""
        assert self.item.fields is not None
        at = {name: i for i, name in enumerate(self.names)}
        numbered = self.engine.numbered()

        def build() -> tuple[Any, None]:
            import ibis

            table = self._raw_table(numbered)
            told = dict.fromkeys([*fields, *self.known_by()])
            texts = {f"x{at[n]}": table[n].cast("string") for n in told if n in self.raw}
            mask = ibis.literal(0, type="int64")
            for name in fields:
                declared = self.item.fields[name] if self.item.fields else None
                assert declared is not None
                one = typed(table, self.raw.get(name), declared, self.item, self.words.get(name, {}))
                bit = ibis.literal(2 ** at[name], type="int64")
                mask = mask + one.suspect.ifelse(bit, ibis.literal(0, type="int64"))
            found = table.select(row=table[NUMBER], mask=mask, **texts)
            return found.filter(found.mask != 0).order_by("row").limit(self.limit), None

        asked = ["faulty", self.about(), numbered, list(fields), self.known_by(), self.limit]
        sql, columns, _ = self.store.sql(self.engine.dialect, asked, build)
        rows = [dict(zip(columns, row, strict=True)) for row in self.engine.run(sql)]
        for row in rows:
            for name in fields:
                if int(row["mask"]) >> at[name] & 1:
                    why = self._why(name, self.item.fields[name], row.get(f"x{at[name]}"))
                    message = f"{self.item.name}, {name}: {why}"
                    known = {n: row.get(f"x{at[n]}") for n in self.known_by()}
                    self.faults.add("AC443", self.mark(row["row"]), message + record(known))
        if wrong > len(rows):
            message = f"{self.item.name}: {wrong:,} records are faulty, and the first {len(rows)} are told."
            hint = "Mend them, or let the contract say `faulty: drop and count`."
            self.faults.items.append(Fault("AC443", message, Mark(self.engine.file), hint))

    def known_by(self) -> list[str]:
        """The fields that say which record it is, where it has no number to be found by: ids, and its date."""
        assert self.item.fields is not None
        if self.engine.by_row:
            return []
        ids = [n for n, f in self.item.fields.items() if f.unit.kind == "text"]
        return [n for n in dict.fromkeys([*self.item.unique, *ids[:1], self.item.dated]) if n in self.raw]

    def mark(self, row: Any) -> Mark:
        by_row = self.engine.by_row
        return Mark(self.engine.file, self.engine.first_line + int(row)) if by_row else Mark(self.engine.file)

    def _why(self, name: str, declared: e.Field, text: Any) -> str:
        spelled = None if text is None else self._plainly(name, str(text))
        try:
            value = self.read(spelled, declared, self.item.reading)
        except ValueError as error:
            return str(error)
        wrong = too_long(declared, value)
        if wrong:
            return f'"{str(spelled)[:40]}" {wrong}'
        return f'"{str(spelled)[:40]}" is not spelled plainly, and too many others are not either.'

    def _twice(self) -> int:
        """How many records are given again, of those that are otherwise good."""
        if not self.item.unique:
            return 0

        def build() -> tuple[Any, None]:
            table, columns = self._base()
            table = table.filter(table[BAD] == 0)
            keys = {f"k{i}": columns[name].expr for i, name in enumerate(self.item.unique)}
            groups = table.group_by(**keys).agg(n=table.count())
            return groups.filter(groups.n > 1).agg(again=(groups.n - 1).sum()), None

        asked = ["twice", self._depends(), self._ordered(), list(self.item.unique)]
        sql, _, _ = self.store.sql(self.engine.dialect, asked, build)
        again = int(self.engine.run(sql)[0][0] or 0)
        if again:
            self._tell_twice(again)
        return again

    def _tell_twice(self, again: int) -> None:
        known, numbered = self.known_by(), self.engine.numbered()
        dates = [n for n in self.item.unique if self.item.fields and self.item.fields[n].unit.kind == "date"]

        def build() -> tuple[Any, None]:
            table, columns = self.typed_columns(numbered)
            table = table.filter(table[BAD] == 0)
            keys = {f"k{i}": columns[name].expr for i, name in enumerate(self.item.unique)}
            groups = table.group_by(**keys).agg(n=table.count(), row=table[NUMBER].max(), first=table[NUMBER].min())
            texts = {f"x{i}": groups[f"k{i}"].cast("string") for i in range(len(keys)) if known}
            return groups.filter(groups.n > 1).order_by("row").select("row", "first", **texts).limit(self.limit), None

        asked = ["again", self.about(), numbered, list(self.item.unique), known, self.limit]
        sql, _, _ = self.store.sql(self.engine.dialect, asked, build)
        what = " and ".join(self.item.unique)
        for row, first, *texts in self.engine.run(sql):
            other = f"as the record at {self.mark(first)}" if self.engine.by_row else "as another record"
            given = dict(zip(self.item.unique, texts, strict=True)) if known else {}
            told = record({n: day_of(v) if n in dates else v for n, v in given.items()})
            self.faults.add("AC443", self.mark(row), f"{self.item.name}: the same {what} {other}.{told}", _KEEP)
        message = f"{self.item.name}: {again:,} {'record is' if again == 1 else 'records are'} given again."
        self.faults.items.append(Fault("AC443", message, Mark(self.engine.file)))


_KEEP = "Keep one of them."


def record(known: Mapping[str, Any]) -> str:
    """Which record it is, in words."""
    if not known:
        return ""
    told = (f"{name} {shown(str(value)) if value is not None else '(empty)'}" for name, value in known.items())
    return f" It is the record of {', '.join(told)}."


def _over(expr: Any, like: Column) -> Column:
    return Quantity(expr, like.over, like.most) if isinstance(like, Quantity) else type(like)(expr)


def _written(name: str, one: Column, dtype: str) -> list[Any]:
    kind = type(one).__name__.lower()
    return [name, kind, one.over, one.most, dtype] if isinstance(one, Quantity) else [name, kind, 1, 0, dtype]


def _column(expr: Any, written: Sequence[Any]) -> Column:
    _, kind, over, most, _ = written
    if kind == "quantity":
        return Quantity(expr, int(over), int(most))
    made: Column = _KINDS[kind](expr)
    return made
