"""The entries of a contract once built: names resolved, formulas checked, ready to settle.

The pydantic models under `model` are the file's shape; these are its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance.contract.calendar import Period
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Compiled
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


@dataclass(frozen=True, slots=True)
class Expr:
    """A formula of the contract: its text, place, checked tree, and the function that evaluates it."""

    text: str
    mark: Mark
    node: t.Node
    run: Compiled

    @property
    def unit(self) -> Unit:
        assert self.node.unit is not None
        return self.node.unit


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding to a multiple of `to`: half_up (half away from zero), down (towards zero) or up (away)."""

    to: Number
    how: str


@dataclass(frozen=True, slots=True)
class Party:
    """A party, in the alliance from and to given days; `fields` are what formulas read of it."""

    name: str
    title: str
    role: str
    start: date
    end: date
    fields: Mapping[str, Number | bool]
    mark: Mark

    def days_in(self, start: date, end: date) -> int:
        """Days of a span on which the party is in the alliance, first and last included."""
        return max(0, (min(end, self.end) - max(start, self.start)).days + 1)


@dataclass(frozen=True, slots=True)
class Account:
    """Holds money or units between settlements. `by` names its key dimension, empty for a single balance."""

    name: str
    title: str
    clause: str
    unit: Unit
    by: str
    held_by: str
    floor: Expr | None
    ceiling: Expr | None
    ends_to: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Decision:
    """A recorded approval: who signs, and how many of them make it (all, unless a quorum is said)."""

    name: str
    title: str
    clause: str
    signed_by: tuple[str, ...]
    needed: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class Term:
    """A figure that the contract fixes. `timeline` holds, for each key, the days it changes and its value from then
    (None where it has none); a derived term has `formula` instead. `yearly` terms are amounts a year."""

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
    """How text is read: words with what they mean, and `points` (a percentage written without its sign)."""

    words: Mapping[str, str]
    points: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """What a settlement brings: a figure, a figure for each party or category, or records."""

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
    """How a value becomes a score. Exactly one of line, curve, bands, better_of is given."""

    of: Expr | None
    line: tuple[Expr, Expr, tuple[tuple[Expr, Expr], ...]] | None
    curve: Points | None
    bands: tuple[Band, ...] | None
    better_of: tuple[tuple[str, Score], ...] | None
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
class Measure:
    """A measured outcome: reported, or worked out from an input; with its cases, status and score."""

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
    computed: str
    mark: Mark
    columns: Mapping[str, str] = field(default_factory=dict)
    cases_columns: Mapping[str, str] = field(default_factory=dict)


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
    mark: Mark
    declared: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a waterfall. `operation` names it; `values` are its formulas by name."""

    name: str
    clause: str
    operation: str
    values: Mapping[str, Expr]
    when: Expr | None
    only: str
    if_unknown: str
    points: tuple[tuple[Expr, Expr], ...]
    bands: tuple[Band, ...]
    rounding: Rounding | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Each:
    """What a payment is repeated over. `kind`: party, category, record or group; `over` is the role, category or
    records; `field` the field that groups records; `binds` the name that stands for the one in hand."""

    kind: str
    over: str
    field: str
    binds: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """Someone's part: a party, an account, a group, the one in hand (`binding`), or what stays (`stays`)."""

    kind: str
    name: str
    share: Expr | None


@dataclass(frozen=True, slots=True)
class Group:
    """A named way of sharing: by contribution, equally, by fixed shares, or by a figure for each party.

    `members` are parties (and accounts, which share gains only) in listed order.
    """

    name: str
    basis: str
    members: tuple[str, ...]
    weights: Mapping[str, Expr]
    weight: Expr | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the amount, taken in order, with its own limit and payers or payees."""

    name: str
    clause: str
    only: str
    when: Expr | None
    up_to: Expr | None
    payers: tuple[Share, ...]
    payees: tuple[Share, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Funding:
    """What each party puts into a pool before it is shared."""

    each: Each | None
    payer: str
    pays: Expr
    into: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class PartyLimit:
    """The most that each party gains or bears in a year, and where the rest goes: payer, others or carry."""

    each: str
    at_most: Expr
    beyond: str
    clause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class OnAccount:
    """What is paid on account: an amount for the year in equal instalments, one each month or quarter."""

    of_the_year: Expr
    length: str
    clause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Recoup:
    """An advance taken back out of what is earned."""

    account: str
    at_most: Expr | None
    clause: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment: a waterfall from a start through steps to who pays whom."""

    name: str
    title: str
    clause: str
    pays_for: str
    settles: str
    shadow: Mapping[str, bool] | bool
    unit: Unit
    each: Each | None
    when: Expr | None
    funding: Funding | None
    start: Expr
    start_changes: tuple[date, ...]
    steps: tuple[Step, ...]
    at_most: Expr | None
    at_least: Expr | None
    limits_only: str
    slices: tuple[Slice, ...]
    payers: tuple[Share, ...]
    payees: tuple[Share, ...]
    groups: Mapping[str, Group]
    absent: str
    unearned: str
    gain_limit: PartyLimit | None
    loss_limit: PartyLimit | None
    on_account: OnAccount | None
    recoup: Recoup | None
    owed: str
    mark: Mark

    def in_shadow(self, year: Period) -> bool:
        """Whether the payment only prints in a year, and moves no money."""
        if isinstance(self.shadow, bool):
            return self.shadow
        return self.shadow.get(year.label, False)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of an example: what is looked at, and what it should come to."""

    found: Expr
    expected: Expr


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example that the contract carries."""

    title: str
    clause: str
    period: Period
    as_of: date | None
    final: bool
    interim: str
    given: Mapping[str, object]
    opening: Mapping[str, object]
    expect: tuple[Expectation, ...]
    mark: Mark
