"""Over which days the records of an engine are dated, and which of them are outside a period."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliance.contract.calendar import Period
from alliance.contract.faults import Fault, Faults, Mark
from alliance.measures.columns import day_of, days
from alliance.measures.engines import NUMBER
from alliance.measures.prepared import BAD, Prepared, record


def first_and_last(prepared: Prepared) -> tuple[date | None, date | None]:
    """The first and last day of the records that are good."""
    if not prepared.item.dated:
        return None, None

    def build() -> tuple[Any, None]:
        table, columns = prepared.good()
        day = columns[prepared.item.dated].expr
        return table.agg(first=day.min(), last=day.max()), None

    sql, _, _ = prepared.store.sql(prepared.engine.dialect, ["ends", prepared.plan().depends], build)
    first, last = prepared.engine.run(sql)[0]
    return day_of(first), day_of(last)


def outside(prepared: Prepared, period: Period) -> Faults:
    """A fault for each good record that is dated outside a period, up to the limit, and how many there are."""
    faults = Faults(prepared.limit)
    item, engine = prepared.item, prepared.engine
    if not item.dated:
        return faults
    known = prepared.known_by()
    start, end = days(period.start), days(period.end)
    depends = prepared.plan().depends

    def counted() -> tuple[Any, None]:
        table, columns = prepared.good()
        day = columns[item.dated].expr
        return table.agg(n=((day < start) | (day > end)).sum()), None

    def told() -> tuple[Any, None]:
        table, columns = prepared.typed_columns(numbered)
        table = table.filter(table[BAD] == 0)
        day = columns[item.dated].expr
        texts = {f"x{i}": columns[n].expr.cast("string") for i, n in enumerate(known) if n != item.dated}
        found = table.select(row=table[NUMBER], day=day, **texts)
        found = found.filter((found.day < start) | (found.day > end))
        return found.order_by("row").limit(prepared.limit), None

    sql, _, _ = prepared.store.sql(engine.dialect, ["strays", depends, start, end], counted)
    strays = int(engine.run(sql)[0][0] or 0)
    if not strays:
        return faults
    numbered = engine.numbered()
    about = ["outside", *prepared.about(), numbered, start, end, known, prepared.limit]
    sql, _, _ = prepared.store.sql(engine.dialect, about, told)
    others = [n for n in known if n != item.dated]
    rows = engine.run(sql)
    span = f"{period.label}, {period.start} to {period.end}"
    for row, number, *texts in rows:
        message = f"{item.name}, {item.dated}: {day_of(number)} is outside {span}."
        message += record(dict(zip(others, texts, strict=True)))
        faults.add("AC443", prepared.mark(row), message)
    if strays > len(rows):
        message = f"{item.name}: {strays:,} records are outside {period.label}, and the first {len(rows)} are told."
        faults.items.append(Fault("AC443", message, Mark(engine.file)))
    return faults
