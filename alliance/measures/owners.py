"""Whose the records of an engine are, where each names the agreement that it is of."""

from __future__ import annotations

from typing import Any

from alliance.contract.calendar import Period
from alliance.measures.columns import days
from alliance.measures.prepared import Prepared


def owners(prepared: Prepared, period: Period) -> tuple[dict[str, int], dict[str, int]]:
    """By agreement how many good records are dated in a period, and how many outside it. Undated ones are of every
    period, and those that name no agreement are left out."""
    item = prepared.item
    start, end = days(period.start), days(period.end)

    def build() -> tuple[Any, None]:
        import ibis

        table, columns = prepared.good()
        inside = ibis.literal(True)
        if item.dated:
            day = columns[item.dated].expr
            inside = ((day >= start) & (day <= end)).fill_null(True)
        found = table.select(who=columns[item.key].expr.cast("string"), inside=inside.ifelse(1, 0))
        found = found.filter(found.who.notnull()).group_by(["who", "inside"])
        return found.aggregate(n=lambda each: each.count()).order_by(["who", "inside"]), None

    about = ["owners", prepared.plan().depends, start, end]
    sql, _, _ = prepared.store.sql(prepared.engine.dialect, about, build)
    found: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for who, inside, count in prepared.engine.run(sql):
        found[0 if inside else 1][str(who)] = int(count)
    return found
