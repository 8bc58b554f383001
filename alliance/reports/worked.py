"""How the value of a measure reads: in which unit, of what it is a rate, and why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.contract import Contract
from alliance.contract.formula import tree as t
from alliance.contract.values import Unknown, Value
from alliance.reports.naming import Naming, counted, titled
from alliance.settlement.result import MeasureResult
from alliance.settlement.words import trimmed, value_text


def value_of(n: Naming, m: MeasureResult, value: Value) -> str:
    """A value of a measure with its unit, or a dash."""
    if isinstance(value, Unknown) or value is None:
        return "-"
    if not isinstance(value, int | Fraction) or isinstance(value, bool) or n.contract is None:
        return n.amount(value, m.unit)
    if m.unit == "money":
        return f"{n.amount(value, m.unit)} {n.settlement.currency}"
    if m.unit == "days" and _in_hours(n.contract, m.name):
        return f"{trimmed(value * 24)} hours"
    if m.unit == "percent" and any(_is_change(one) for one in _behind(n.contract, m.name)):
        return f"{trimmed(value * 100)} percentage points"
    return n.amount(value, m.unit)


def label(n: Naming, m: MeasureResult) -> str:
    """What a measure is called; a rate with what it is per."""
    found = titled(m.title, m.name, m.key, n)
    declared = n.contract.built.measures.get(m.name) if n.contract is not None else None
    c = declared.counted if declared is not None else None
    if c is None or c.kind != "rate" or c.to is None:
        return found
    per = f"{c.per:,}" if isinstance(c.per, int) else trimmed(c.per)
    return f"{found}, per {per} of {n.thing(c.to.text)}"


def too_few(m: MeasureResult, contract: Contract) -> int:
    """How many cases the contract asks for, where there are fewer; else nothing."""
    declared = contract.built.measures.get(m.name)
    least = declared.minimum if declared is not None else 0
    return least if m.cases is not None and m.cases < least else 0


def why_not(m: MeasureResult, contract: Contract) -> str:
    """Why a measure has no value, where that is not said by its status."""
    few = too_few(m, contract)
    if few:
        return f"it has {counted(m.cases or 0, 'case')}, and the contract asks for {few:,}"
    x = m.evidence
    if x is None or m.status != "not assessable":
        return ""
    if not x.cases:
        return f"it has no cases{', and all are too young' if x.immature and not x.considered else ''}"
    c = contract.built.measures[m.name].counted
    if x.kind == "time_to" and c is not None:
        share = value_text(c.percentile, "percent")
        return f"{x.hits:,} of {x.cases:,} cases have come to the event, which is below {share}"
    return "what it is held to comes to nothing"


def _behind(contract: Contract, name: str) -> Iterator[e.Measure]:
    """A measure, and those that it is derived of."""
    found = contract.built.measures.get(name)
    while found is not None:
        yield found
        found = contract.built.measures.get(found.derived.of) if found.derived is not None else None


def _is_change(m: e.Measure) -> bool:
    """Whether the value of a measure is what lies between two others."""
    changes = m.counted is not None and m.counted.kind == "paired_change"
    return changes or (m.derived is not None and m.derived.kind == "difference")


def _in_hours(contract: Contract, name: str) -> bool:
    """Whether what is looked at are fields of hours."""
    c = list(_behind(contract, name))[-1].counted
    if c is None or c.value is None:
        return False
    fields = contract.built.inputs[c.of].fields or {}
    read = [fields[ref.name] for ref in t.names(c.value.node) if ref.kind == "field"]
    lengths = [field for field in read if field.unit.kind in ("days", "date")]
    return bool(lengths) and all(field.hours for field in lengths)
