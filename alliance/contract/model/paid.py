"""Who pays: payments as waterfalls."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from alliance.contract.calendar import MEANT, SETTLES
from alliance.contract.model.base import (
    BY_SHAPE,
    MAP,
    TEXT,
    Flag,
    Formula,
    List,
    Name,
    Names,
    Pairs,
    Part,
    Sharer,
    Text,
    Word,
)
from alliance.contract.model.known import Rounded
from alliance.contract.model.worked import Band

Shares = Annotated[Annotated[Sharer, TEXT] | Annotated[Names[Formula], MAP], BY_SHAPE]
"""One name, or names with their shares."""


class Corridor(Part):
    """Nothing unless the amount reaches, or exceeds, a share of a base; then the whole of it."""

    reach: Formula | None = None
    exceed: Formula | None = None
    of: Formula | None = None


class Deadband(Part):
    """Only what lies beyond a share of a base counts."""

    beyond: Formula
    of: Formula | None = None


class AmountCurve(Part):
    """Straight lines from the size of the amount to what it becomes; `of` makes both shares of a base."""

    points: Pairs[Formula, Formula]
    of: Formula | None = None


class AmountBands(Part):
    """Bands of the size of the amount and what it becomes; `of` makes both shares of a base."""

    bands: List[Band]
    of: Formula | None = None


class Step(Part):
    """One step of a waterfall: exactly one operation, with its name, clause, and when it applies."""

    name: Text | None = None
    clause: Text | None = None
    when: Formula | None = None
    only: Word("gain", "loss") | None = None  # type: ignore[valid-type]
    if_unknown: Word("shut", "open") | None = None  # type: ignore[valid-type]
    multiply: Formula | None = None
    add: Formula | None = None
    corridor: Corridor | None = None
    deadband: Deadband | None = None
    curve: AmountCurve | None = None
    bands: AmountBands | None = None
    gate: Formula | None = None
    at_most: Formula | None = None
    at_least: Formula | None = None
    deduct: Formula | None = None
    relieve: Formula | None = None
    round: Rounded | None = None


OPERATIONS = (
    *("multiply", "add", "corridor", "deadband", "curve", "bands", "gate", "at_most", "at_least"),
    *("deduct", "relieve", "round"),
)


class Slice(Part):
    """A part of the amount, taken in order, with its own limit and its own payers or payees."""

    name: Text | None = None
    clause: Text | None = None
    only: Word("gain", "loss") | None = None  # type: ignore[valid-type]
    when: Formula | None = None
    up_to: Formula | None = None
    from_: Shares | None = Field(None, alias="from")
    to: Shares | None = None


class Funded(Part):
    """What each party puts into a pool before it is shared."""

    each: Name | None = None
    from_: Name | None = Field(None, alias="from")
    pays: Formula
    into: Name


class Limits(Part):
    """The most and least that the payment as a whole comes to."""

    at_most: Formula | None = None
    at_least: Formula | None = None
    only: Word("gain", "loss") | None = None  # type: ignore[valid-type]


class PartyLimit(Part):
    """The most that each party gains or bears from the payment in a year, and what happens to the rest."""

    each: Name | None = None
    at_most: Formula
    beyond: Word("payer", "others", "carry") = "payer"  # type: ignore[valid-type]
    clause: Text | None = None


class PartyLimits(Part):
    gain: PartyLimit | None = None
    loss: PartyLimit | None = None


class OnAccount(Part):
    """What is paid on account before the payment settles: an amount for the year, in equal instalments."""

    of_the_year: Formula
    each: Word("month", "quarter", "half-year") | None = None  # type: ignore[valid-type]
    clause: Text | None = None


class Recoup(Part):
    """An advance taken back out of what is earned, never more than is left."""

    account: Name
    at_most: Formula | None = None
    clause: Text | None = None


class Payment(Part):
    """A payment: a start, steps in order, then who pays whom."""

    title: Text | None = None
    clause: Text | None = None
    unit: Text | None = None
    pays_for: Word("outcome", "availability", "block", "pass_through") | None = None  # type: ignore[valid-type]
    settles: Word(*SETTLES, meant=MEANT) | None = None  # type: ignore[valid-type]
    shadow: Annotated[Annotated[Flag, TEXT] | Annotated[Pairs[Text, Flag], MAP], BY_SHAPE] = False
    each: Text | None = None
    when: Formula | None = None
    funded: Funded | None = None
    start: Formula
    steps: List[Step] = Field(default_factory=list)
    limits: Limits | None = None
    slices: List[Slice] | None = None
    from_: Shares = Field(alias="from")
    to: Shares | None = None
    shared: Names[Any] | None = None
    absent: Word("others", "unearned") | None = None  # type: ignore[valid-type]
    unearned: Name | None = None
    party_limits: PartyLimits | None = None
    on_account: Annotated[Annotated[Formula, TEXT] | Annotated[OnAccount, MAP], BY_SHAPE] | None = None
    recoup: Recoup | None = None
    owed: Name | None = None
    note: Text | None = None
