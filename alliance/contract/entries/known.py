"""What is known: terms and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance.contract.entries.common import Expr
from alliance.contract.faults import Mark
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


@dataclass(frozen=True, slots=True)
class Term:
    """A figure that the contract fixes. `timeline` holds, for each key, the days it changes and its value from then
    (None where it has none); a derived term has its `formula` beside what that comes to. `yearly` terms are amounts a
    year."""

    name: str
    title: str
    clause: str
    unit: Unit
    by: str
    keys: tuple[str, ...]
    timeline: Mapping[str, tuple[tuple[date, Number | None], ...]]
    formula: Expr | None
    changes: tuple[date, ...]
    mark: Mark
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def yearly(self) -> bool:
        return self.unit.per == "year"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of records: its unit, whether it may be empty, and for a likert scale its top."""

    name: str
    unit: Unit
    optional: bool
    top: int = 0
    hours: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How text is read: words with what they mean, `points` (a percentage written without its sign), and `hours` (a
    plain number is of hours, not days)."""

    words: Mapping[str, str]
    points: bool = False
    hours: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """What a settlement brings: a figure, a figure for each party or category, or records.

    `hours` says that a plain number of it is hours, which formulas see as days; its bounds are in days already. No two
    records share what `unique` names; faulty ones stop a settlement, or are dropped and counted (`faulty`). Where it
    names an `instrument`, files of it hold answers, which are scored into records.
    """

    name: str
    title: str
    clause: str
    unit: Unit
    by: str
    keys: tuple[str, ...]
    fields: Mapping[str, Field] | None
    kind: str
    dated: str
    key: str
    over_periods: str
    column: str
    reading: Reading
    policies: Mapping[str, str]
    at_least: Number | None
    at_most: Number | None
    optional: bool
    supplied_by: str
    due: str
    mark: Mark
    columns: Mapping[str, str] = field(default_factory=dict)
    hours: bool = False
    unique: tuple[str, ...] = ()
    faulty: str = "stop"
    instrument: str = ""
