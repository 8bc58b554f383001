"""What a settlement needs: each value, approval and table of records, from whom, by when, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alliance.contract import entries as e
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.english import words as w
from alliance.contract.english.known import bounds, field_kind, reading
from alliance.contract.english.standing import Standing
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY
from alliance.contract.units import Unit

FIGURE, MEASURE, DECISION, RECORDS, EVENTS = "figure", "measure", "decision", "records", "events"
DUTIES = "duties"
"""The table in which it is brought that duties were met or waived."""
_DUTY = (
    ("duty", "text, the words of the duty", False),
    ("party", "a party", False),
    ("outcome", "met or waived", False),
    ("on", "date", False),
    ("about", "text, where the duty is about somebody or something", True),
)
_UNITS = {
    "boolean": "yes or no",
    "count": "number",
    "date": "date, as 2026-04-01",
    "percent": "percentage, as 12.5%",
}
_POLICIES = {"exclude": "left out", "unknown": "not determined", "previous": "last final figure", "zero": "0"}
_SUMMED = ("add", "mean", "last")


@dataclass(frozen=True, slots=True)
class Column:
    """A field of records: its name, what it holds, and whether it may be empty."""

    name: str
    holds: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a settlement is brought.

    `rows` holds a period (empty for the settlement's own) and a party or option (empty where there is one value) for
    each value; `columns` are the fields of records. `by` is `party` or the name of a category. `timed` says that rules
    ask on which day it came.
    """

    kind: str
    name: str
    title: str
    clause: str
    unit: str
    by: str
    rows: tuple[tuple[str, str], ...]
    supplied_by: str
    supplier: str
    due: str
    reads: str
    without: str
    column: str
    columns: tuple[Column, ...] = ()
    needed: int = 0
    remarks: tuple[str, ...] = ()
    timed: bool = False

    def as_dict(self) -> dict[str, object]:
        """The need as plain JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "clause": self.clause,
            "unit": self.unit,
            "by": self.by,
            "rows": [{"period": period, "key": key} for period, key in self.rows],
            "from": self.supplied_by,
            "due": self.due,
            "reads": self.reads,
            "when_missing": self.without,
            "column": self.column,
            "fields": [{"name": c.name, "holds": c.holds, "optional": c.optional} for c in self.columns],
            "signatures_needed": self.needed,
            "remarks": list(self.remarks),
            "day_of_receipt": self.timed,
        }


def needs(contract: Contract, period: Period | None = None) -> tuple[Need, ...]:
    """What the settlement of a period needs; without a period, what any of them does.

    A measure that is worked out from an input is not listed: the input is.
    """
    day = contract.built.start if period is None else period.start
    known = day if period is None else max(period.end, contract.built.start)
    s = Standing.on(contract, day, known)
    figures = (x for x in s.built.inputs.values() if x.fields is None)
    records = (x for x in s.built.inputs.values() if x.fields is not None)
    measures = (m for m in s.built.measures.values() if m.ratio is None)
    return (
        *(_figure(s, x, period) for x in figures),
        *(_measure(s, m, period) for m in measures),
        *(_decision(s, d) for d in s.built.decisions.values()),
        *(_records(s, x) for x in records),
        *_duties(s),
    )


def unit_text(unit: Unit, currency: str) -> str:
    """A unit as a form says it."""
    if unit.kind == "money":
        return f"{currency} a {w.spaced(unit.per)}" if unit.per else currency
    if unit.kind == "category":
        return "a party" if unit.name == PARTY else w.joined(unit.options, "or")
    return _UNITS.get(unit.kind, unit.kind)


def _supplier(s: Standing, x: e.Input | e.Measure) -> tuple[str, str, str]:
    return x.supplied_by, s.who(x.supplied_by) if x.supplied_by else "", x.due


def _without(x: e.Input | e.Measure) -> str:
    """What is done without it, in a few words: first when it is missing, then by any other status."""
    said = {status: _POLICIES.get(policy, w.spaced(policy)) for status, policy in x.policies.items()}
    optional = isinstance(x, e.Input) and x.optional
    first = said.pop("missing", "need not be brought" if optional else "not determined")
    return "; ".join([first, *(f"{what} if {status}" for status, what in said.items() if what != first)])


def _figure(s: Standing, x: e.Input, period: Period | None) -> Need:
    timed = _timed(s, x)
    remarks = [*bounds(s, x), *([_WHEN] if timed else [])]
    rows = tuple(_rows(s, x.by, x.keys, period, _periods(s, x, period)))
    return Need(
        FIGURE, x.name, s.speaker.title(x.name), x.clause, unit_text(x.unit, s.built.currency), x.by, rows,
        *_supplier(s, x), reading(x.reading), _without(x), x.column, (), 0, tuple(remarks), timed,
    )  # fmt: skip


def _measure(s: Standing, m: e.Measure, period: Period | None) -> Need:
    least = w.counted(m.minimum, "case")
    remarks = [f"Bring its cases too: with fewer than {least}, or none said, it is not assessable"] if m.minimum else []
    timed = _timed(s, m)
    remarks += [_WHEN] if timed else []
    rows = tuple(_rows(s, m.by, m.keys, period, _periods(s, m, period)))
    return Need(
        MEASURE, m.name, s.speaker.title(m.name), m.clause, unit_text(m.unit, s.built.currency), m.by, rows,
        *_supplier(s, m), reading(m.reading), _without(m), m.column, (), 0, tuple(remarks), timed,
    )  # fmt: skip


def _decision(s: Standing, d: e.Decision) -> Need:
    rows = tuple(("", signer) for signer in d.signed_by)
    title = s.speaker.title(d.name)
    return Need(
        DECISION,
        d.name,
        title,
        d.clause,
        _UNITS["boolean"],
        PARTY,
        rows,
        "",
        "",
        "",
        "",
        "not signed",
        "",
        (),
        d.needed,
    )


def _records(s: Standing, x: e.Input) -> Need:
    assert x.fields is not None
    columns = tuple(
        Column(f.name, field_kind(f, s.built.currency).removesuffix(", may be empty"), f.optional)
        for f in x.fields.values()
    )
    remarks = [f"A record belongs to the period of its {w.quoted(x.dated)}"] if x.dated else []
    if x.key:
        remarks.append(f"In a table of agreements, {w.quoted(x.key)} says whose each record is")
    without = "need not be brought" if x.optional else "not determined"
    if x.kind == "events" and any(p.source == x.name for rule in s.built.rules for p in asked(rule)):
        without = "rules take it that there were none, unless the period was settled before"
    elif any(c.met is not None and c.met.events == x.name for rule in s.built.rules for c in rule.then):
        without = "the duties that they meet stay due"
    return Need(
        EVENTS if x.kind == "events" else RECORDS, x.name, s.speaker.title(x.name), x.clause, "", "", (),
        *_supplier(s, x), reading(x.reading), without, x.column, columns, 0, tuple(remarks),
    )  # fmt: skip


_WHEN = "Rules ask on which day it came: bring that as received"


def asked(rule: e.Rule) -> Iterator[e.Pattern]:
    """The kinds of fact that a rule asks for, or asks to be absent."""
    yield from rule.patterns
    yield from (x.pattern for x in rule.absent)


def _timed(s: Standing, x: e.Input | e.Measure) -> bool:
    """Whether some formula reads how late a report came, or some rule goes over the reports that are late."""
    if not x.due:
        return False
    return x.name in s.timed or any(_goes_over(rule, x.name) for rule in s.built.rules)


def _goes_over(rule: e.Rule, name: str) -> bool:
    """Whether a rule goes over reports, of which a report is one: by its name, or of all that are due."""
    nodes = [test.node for test in (*rule.tests, *(a.test for a in rule.absent))]
    if all(p.kind != "reports" for p in asked(rule)):
        return False
    said = {n.value for node in nodes for n in node.walk() if isinstance(n, t.Literal) and isinstance(n.value, str)}
    named = any(r.kind in ("field", "fact") and "name" in (r.name, r.attribute) for n in nodes for r in t.names(n))
    return not named or name in said


def _duties(s: Standing) -> Iterator[Need]:
    """That duties were met or waived, where rules require any."""
    if any(c.verb == "require" for rule in s.built.rules for c in rule.then):
        columns = tuple(Column(*column) for column in _DUTY)
        remark = "One that events meet, as the contract says, need not be told here"
        yield Need(
            EVENTS, DUTIES, "Duties met or waived", "", "", "", (), "", "", "", "", "they stay due", "", columns, 0,
            (remark,),
        )  # fmt: skip


def _rows(
    s: Standing, by: str, keys: Iterable[str], period: Period | None, periods: tuple[Period | None, ...]
) -> Iterator[tuple[str, str]]:
    for one in periods:
        label = "" if one is None or one is period else one.label
        for key in keys if by else ("",):
            party = s.built.parties.get(key) if by == PARTY else None
            when = one or period
            if party is None or when is None or party.days_in(when.start, when.end):
                yield label, key


def _periods(s: Standing, x: e.Input | e.Measure, period: Period | None) -> tuple[Period | None, ...]:
    """The periods that a settlement of a period needs a value for: its own, and the shorter ones that it is made of.

    A figure whose shorter periods add up to the longer is only needed for those; one that serves every period is needed
    once; any other is needed for each period that some payment settles over.
    """
    if period is None:
        return (None,)
    lengths = {p.settles for p in s.built.payments.values() if MONTHS[p.settles] <= MONTHS[period.length]}
    shorter = [n for n in lengths if MONTHS[n] < MONTHS[period.length]]
    if not shorter:
        return (period,)
    parts = s.built.calendar.parts(period, max(shorter, key=lambda n: MONTHS[n]))
    inside = tuple(p for p in parts if p.end >= s.built.start and p.start <= s.built.end)
    own = (period,) if period.length in lengths else ()
    if isinstance(x, e.Measure):
        return (*inside, *own) if x.window in ("period", "quarter", "half-year") else (period,)
    if x.over_periods in _SUMMED:
        return inside
    return (*inside, *own) if x.unit.kind == "money" and not x.over_periods else (period,)
