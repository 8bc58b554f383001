"""What a payment is repeated over: nothing, parties, options of a category, records, or groups of records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.contract.values import unknown
from alliance.settlement.outcome import Outcome, Undetermined, text_of
from alliance.settlement.result import Line, Waterfall
from alliance.settlement.run import Run
from alliance.settlement.view import View
from alliance.settlement.wholes import UNBOUND, Bounds


@dataclass
class Instance:
    """One of what a payment is repeated over, worked out: its amount, what it is held to, and the lines to it.

    `due` says that the payment is to be made of it, `shown` that what explains it is kept.
    """

    name: str
    view: View
    lines: list[Line]
    shown: bool
    due: bool = False
    amount: Number = 0
    bounds: Bounds = UNBOUND

    @contextmanager
    def stopping(self, out: Outcome) -> Iterator[None]:
        """Keep how far the waterfall came where it cannot be determined."""
        try:
            yield
        except Undetermined as stopped:
            out.waterfalls.append(Waterfall(self.name, tuple(self.lines), stopped.value))
            raise


def kind_of(p: e.Payment) -> str:
    """What a payment is repeated over: `party`, `category`, `record` or `group`; empty where it is not."""
    return p.each.kind if p.each is not None else ""


def own_name(p: e.Payment, name: str) -> str:
    """The name of an instance that is paid for itself: records make one transfer for each payer and payee."""
    return "" if kind_of(p) in ("record", "group") else name


def party_of(p: e.Payment, name: str) -> str:
    """The party that an instance is for, where it is for one."""
    return name if kind_of(p) == "party" else ""


def day_of(run: Run, p: e.Payment, view: View) -> date | None:
    """The day of the record in hand, where it has one."""
    dated = run.built.inputs[p.each.over].dated if p.each is not None and p.each.kind == "record" else ""
    return cast(date | None, view.fields[dated]) if dated else None


def instances_of(run: Run, each: e.Each | None) -> Iterable[tuple[str, View]]:
    """The name of each instance and its view; groups of records in the order of their keys."""
    if each is None:
        yield "", run.view()
    elif each.kind == "party":
        for party in run.present(each.keys):
            yield party, run.view().holding(PARTY, party)
    elif each.kind == "category":
        for option in each.keys:
            yield option, run.view().holding(each.over, option)
    else:
        lacking = run.lacking(run.built.inputs[each.over])
        if lacking is not None:
            raise Undetermined(lacking)
        records = run.records(each.over)
        if each.kind == "record":
            for record in records:
                yield str(record.mark), View(run, {}, record.fields)
            return
        groups: dict[str, list[Any]] = {}
        for record in records:
            field = record.fields[each.field]
            if field is None:
                raise Undetermined(unknown(f"the {each.field} of a record in {each.over}", "missing", record.mark))
            groups.setdefault(text_of(field), []).append(record)
        for key in sorted(groups):
            first = groups[key][0].fields[each.field]
            yield key, View(run, {}, {each.field: first}, tuple(groups[key]))
