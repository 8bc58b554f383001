"""The facts of a period, as rules read them: records, parties, reports, duties, balances and what rules raised."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.values import Value
from alliance.contract.working_days import due_day
from alliance.rules.matching import Facts, Row
from alliance.settlement.holding import gone
from alliance.settlement.state import name_of, write_value
from alliance.settlement.view import View

if TYPE_CHECKING:
    from alliance.settlement.run import Run


_NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


class RunFacts(Facts):
    """The facts of one run. `raised` are those that earlier stages of rules raised, by name."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.raised: dict[str, list[Row]] = {}
        self.known: dict[str, Sequence[Row]] = {}

    def rows(self, pattern: e.Pattern) -> Sequence[Row]:
        if pattern.kind == "raised":
            return sorted(self.raised.get(pattern.source, ()), key=lambda r: r.key)
        at = f"{pattern.kind} {pattern.source}"
        if at not in self.known:
            self.known[at] = _numbered(_SOURCES[pattern.kind](self.run, pattern))
        return self.known[at]

    def env(self, rows: Iterable[tuple[e.Pattern, Row]]) -> View:
        fields: dict[str, Value] = {}
        bound: dict[str, str] = {}
        for pattern, row in rows:
            self.run.settling.work(2, f"the facts {pattern.source}", pattern.mark)
            bound |= row.bound
            if not pattern.alias:
                fields |= row.fields
                continue
            fields |= {f"{pattern.alias}.{name}": value for name, value in row.fields.items()}
            if row.bound:
                fields[pattern.alias] = row.key
        return View(self.run, bound, fields)


def _numbered(rows: Iterable[Row]) -> list[Row]:
    """Facts in the order of what they say, so that the order of data plays no part; equal ones told apart by number."""
    found: list[Row] = []
    seen: dict[str, int] = {}
    for row in sorted(rows, key=lambda r: r.key):
        count = seen[row.key] = seen.get(row.key, 0) + 1
        key = f"{row.key}#{count}" if count > 1 else row.key
        found.append(Row(row.source, key, row.fields, row.bound, row.mark))
    return found


def _now(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    return [Row("now", "")]


def _parties(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    return [Row(pattern.source, p, {}, {PARTY: p}) for p in run.present(pattern.keys)]


def _options(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    return [Row(pattern.source, o, {}, {pattern.source: o}) for o in pattern.keys]


def _records(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    for record in run.records(pattern.source):
        key = record_key(pattern.source, record.fields, run.built.inputs[pattern.source].unique)
        yield Row(pattern.source, key, record.fields, {}, record.mark)


def record_key(source: str, fields: Mapping[str, Value], unique: tuple[str, ...] = ()) -> str:
    """A name for a record that depends on what it says and on nothing else: on what the contract says is unique of it,
    so that it is the same record when more is known of it; where it says nothing, on all of it."""
    own = [name_of(fields[n]) for n in unique]
    if own and all(_NAMED.fullmatch(text) for text in own):
        return f"{source}:{','.join(own)}"
    fields = {n: fields[n] for n in unique} if own else fields
    text = json.dumps([[n, write_value(v)] for n, v in sorted(fields.items())], separators=(",", ":"))
    return f"{source}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _reports(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    """What is to be reported by a day: figures that are brought, and measures that are reported, one for each party
    where each reports its own. A party that is not in the alliance in the period reports nothing."""
    measures = run.built.measures.values()
    reported = (m for m in measures if m.ratio is None and m.counted is None and m.derived is None)
    items: list[e.Input | e.Measure] = [*run.built.inputs.values(), *reported]
    for item in items:
        if not item.due or (isinstance(item, e.Input) and item.fields is not None):
            continue
        if due_day(item.due, run.period.end, run.built.working_days) is None:  # "by 30 June": late on no day
            continue
        for key in run.present(item.keys) if item.by else ("",):
            datum = run.datum(item.name, key)
            fields: dict[str, Value] = {
                "name": item.name,
                "supplier": item.supplied_by or (key if item.by == PARTY else None),
                "days_late": days_late(run, item, key),
                "missing": datum is None or datum.value is None,
            }
            mark = datum.mark if datum is not None and datum.mark is not None else item.mark
            yield Row("reports", f"{item.name}/{key}" if key else item.name, fields, {}, mark)


def days_late(run: Run, item: e.Input | e.Measure, key: str) -> Value:
    """How many days after it was due a report came. One that has not come is late until the day that the settlement
    knows of, unless it need not come; one that is given without the day it came is taken as in time."""
    due = due_day(item.due, run.period.end, run.built.working_days)
    if due is None:
        from alliance.contract.values import unknown

        return unknown(f"the day that {item.name} is due", "missing", item.mark)
    datum = run.datum(item.name, key)
    if datum is None:  # one report for all of a longer settlement stands for each of its periods
        values, whole = run.settling.brought.values, run.settling.period.label
        datum = values.get((item.name, whole, key)) or values.get((item.name, "", key))
    came: date | None = datum.received if datum is not None else None
    if came is None:
        brought = datum is not None and datum.value is not None
        if brought or (isinstance(item, e.Input) and item.optional):
            return 0
        came = run.settling.as_of
    return max((came - due).days, 0)


def _duties(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    """The duties that arose before the period: as they stand on the day that the settlement knows of, or, where a
    shorter period is worked out again, as they stood when it ended, so that nothing that came later changes it."""
    from alliance.settlement.duties import state_on, updated

    s = run.settling
    day = s.as_of if run.period.label == s.period.label else min(s.as_of, run.period.end)
    for duty in updated(run):
        if duty.period == run.period.label or run.built.calendar.parse(duty.period).start > run.period.end:
            continue
        late = max((day - duty.due).days, 0) if state_on(duty, day) == "late" else 0
        fields: dict[str, Value] = {
            "duty": duty.what,
            "party": duty.of,
            "due": duty.due,
            "state": state_on(duty, day),
            "days_late": late,
            "rule": duty.rule,
            "about": duty.about,
        }
        yield Row("duties", duty.id, fields, {}, None)


def _balances(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    for account in run.built.accounts.values():
        if account.unit.kind != "money" or account.name == "withheld":
            continue
        for key in sorted(run.book.keys(account.name)) or [""]:
            opening = run.book.opening.get((account.name, key), 0)
            name = f"{account.name}/{key}" if key else account.name
            yield Row("balances", name, {"account": account.name, "key": key, "opening": opening}, {}, account.mark)


def _withheld(run: Run, pattern: e.Pattern) -> Iterable[Row]:
    for item in run.settling.held.values():
        if not gone(run, item) and item.start < run.period.start:
            fields: dict[str, Value] = {
                "rule": item.rule,
                "payment": item.payment,
                "payee": item.payee,
                "period": item.period,
                "amount": item.amount,
            }
            yield Row("withheld", item.key, fields, {}, None)


_SOURCES: dict[str, Callable[[Run, e.Pattern], Iterable[Row]]] = {
    "now": _now,
    "party": _parties,
    "category": _options,
    "record": _records,
    "reports": _reports,
    "duties": _duties,
    "balances": _balances,
    "withheld": _withheld,
}
