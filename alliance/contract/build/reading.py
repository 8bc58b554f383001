"""How what is brought is read: what its words stand for, and what is done with what is not usable."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.model.base import Marks
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import Unit
from alliance.contract.values import UNUSABLE

Columns = Scalar | Mapping[Scalar, Scalar] | None
POINTS = "percent points"
_DONE = ("exclude", "unknown", "previous", "zero")


def reading(b: Builder, reads: object, at: Marks, of: str, unit: Scalar | None = None) -> e.Reading:
    """What `reads:` says: percentages written without their sign, or words with what they mean, or both."""
    hours = unit is not None and str(unit) == "hours"
    if reads is None:
        return e.Reading({}, hours=hours)
    if isinstance(reads, Mapping):
        words = {str(k): str(v) for k, v in reads.items()}
        spoken = words.pop("as", None)
        mark = at.value("reads", "as")
    else:
        words, spoken, mark = {}, str(reads), at.value("reads")
    if spoken not in (None, POINTS):
        hint = f'It may be "{POINTS}", or words with what they mean: {{"-": missing}}.'
        b.fault("AC049", mark, f'{of}: "{spoken}" is not a way to read text.', did_you_mean(spoken, [POINTS]) or hint)
    return e.Reading(words, spoken == POINTS, hours)


def policies(b: Builder, found: Mapping[Scalar, Scalar] | None, unit: Unit, of: str) -> Mapping[str, str]:
    """What `if:` says is done, by its state, with a value that is not usable."""
    kept: dict[str, str] = {}
    allowed: tuple[str, ...] = _DONE
    if unit.kind == "boolean":
        allowed = ("yes", "no", "unknown")
    elif unit.kind == "category":
        allowed = ("unknown", *unit.options)
    elif not unit.numeric:
        allowed = ("exclude", "unknown", "previous")
    for status, policy in (found or {}).items():
        if status not in UNUSABLE:
            hint = did_you_mean(status, UNUSABLE) or one_of(UNUSABLE)
            b.fault("AC060", status.mark, f'"{status}" is not a state that a value can be in.', hint)
        elif policy not in allowed:
            hint = did_you_mean(policy, allowed) or one_of(allowed)
            b.fault("AC061", policy.mark, f'{of}: "{policy}" is not something to do when it is {status}.', hint)
        elif unit.kind == "money" and policy in ("zero", "previous"):
            hint = "Leave the payment undetermined until the figure comes, or exclude it."
            b.fault("AC062", policy.mark, f'money that is {status} is never taken as "{policy}".', hint)
        else:
            kept[str(status)] = str(policy)
    return kept


def one_column(column: Columns) -> str:
    """The one column that is named, if it is one."""
    return str(column) if isinstance(column, Scalar) else ""


def columns_by(b: Builder, name: Scalar, column: Columns, keys: Collection[str]) -> Mapping[str, str]:
    """The columns named for each party or category."""
    if not isinstance(column, Mapping):
        return {}
    for key in column:
        if key not in keys:
            hint = did_you_mean(key, keys) or (one_of(keys) if keys else "It is a single figure.")
            b.fault("AC071", key.mark, f'{name}: "{key[:40]}" is not one of those it is by.', hint)
    return {str(k): str(v) for k, v in column.items()}
