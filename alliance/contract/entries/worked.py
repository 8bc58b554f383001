"""What is worked out: measures with their scores, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance.contract.entries.common import Expr, Rounding, Stretches
from alliance.contract.entries.known import Reading
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


@dataclass(frozen=True, slots=True)
class Points:
    """A curve: straight lines between points in rising order, held at the ends or carried on."""

    points: tuple[tuple[Expr, Expr], ...]
    held: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A band, closed below and open above; an open end is None."""

    start: Expr | None
    below: Expr | None
    gives: Expr


@dataclass(frozen=True, slots=True)
class Score:
    """How a value becomes a score. Exactly one of line, curve, bands, better_of is given.

    `leading` are the ends of the first line of a `better_of` that the contract itself fixes: where the measure does not
    say what is better, they do.
    """

    of: Expr | None
    line: tuple[Expr, Expr, tuple[tuple[Expr, Expr], ...]] | None
    curve: Points | None
    bands: tuple[Band, ...] | None
    better_of: tuple[tuple[str, Score], ...] | None
    leading: tuple[Expr, Expr] | None
    points: Expr | None
    held: bool
    at_least: Expr | None
    at_most: Expr | None
    rounding: Rounding | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Ratio:
    """An input held to a baseline (scaled to the months of the window) or to another input."""

    of: t.Ref
    to: t.Ref | None
    baseline: Number | None
    months: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, what it is held against (the value that scores nothing unless said), and what the measure
    earns where it does not clear that: as reported, as no change, or by its bound."""

    level: Number
    unclear: str
    against: Expr | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How a measure is worked out from records. `kind` is its word in the file; what a kind has no use for is empty.

    A record is of the population where `among` holds of it, of the window by its date `dated`, and of a party or
    category (one of the `strata`) by its field `whose`. Of those, records that are not yet `matured` days old at the
    extract date are left out first, then those of which `excluding` holds; what remains are the cases.
    """

    kind: str
    of: str
    dated: str
    whose: str
    among: Expr | None
    excluding: Expr | None
    matured: int
    mark: Mark
    where: Expr | None = None
    value: Expr | None = None
    every: tuple[Expr, ...] = ()
    person: str = ""
    per: Number = 1
    to: Expr | None = None
    summed: bool = False
    baseline: Expr | None = None
    follow_up: Expr | None = None
    after: int = 0
    within: int | None = None
    take: str = ""
    take_baseline: str = ""
    by: Expr | None = None
    start: str = ""
    event: str = ""
    percentile: Number | None = None
    truncated: Number | None = None
    points: tuple[int, ...] = ()
    slack: int = 0
    reference: Expr | None = None
    at_least: Expr | None = None
    at_most: Expr | None = None
    strata: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A measure made of another: its difference from a comparator, or what is left of it beyond a deadweight share."""

    kind: str
    of: str
    by: Expr


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured outcome: reported, or worked out from an input or from records; with its cases, status and score."""

    name: str
    title: str
    outcome: str
    clause: str
    unit: Unit
    by: str
    keys: tuple[str, ...]
    better: str
    window: str
    minimum: int
    policies: Mapping[str, str]
    ratio: Ratio | None
    column: str
    cases_column: str
    reading: Reading
    score: Score | None
    supplied_by: str
    due: str
    mark: Mark
    columns: Mapping[str, str] = field(default_factory=dict)
    cases_columns: Mapping[str, str] = field(default_factory=dict)
    counted: Counted | None = None
    derived: Derived | None = None
    interval: Interval | None = None
    validated_by: str = ""
    cohort: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """Any other named value: formula, curve, bands or weighted composite, rounded or not."""

    name: str
    title: str
    clause: str
    unit: Unit
    by: str
    keys: tuple[str, ...]
    formula: Expr | None
    curve: tuple[Expr, Points] | None
    bands: tuple[Expr, tuple[Band, ...]] | None
    weighted: tuple[tuple[Expr, Expr], ...] | None
    rounding: Rounding | None
    stretches: Stretches
    mark: Mark
    declared: bool
