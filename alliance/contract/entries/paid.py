"""Who pays: payments, their steps, and who has what part of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.contract.calendar import Period
from alliance.contract.entries.common import Expr, Rounding, Stretches
from alliance.contract.entries.worked import Band
from alliance.contract.faults import Mark
from alliance.contract.units import Unit


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
    """What is paid on account: an amount for the year in equal instalments, one each month, quarter or half-year."""

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
    """A payment: a waterfall from a start through steps to who pays whom. `rule` names the rule that it follows from,
    where it is one's."""

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
    stretches: Stretches
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
    rule: str = ""

    def in_shadow(self, year: Period) -> bool:
        """Whether the payment only prints in a year, and moves no money."""
        if isinstance(self.shadow, bool):
            return self.shadow
        return self.shadow.get(year.label, False)
