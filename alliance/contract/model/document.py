"""The whole contract file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from alliance.contract.calendar import MEANT, SETTLES
from alliance.contract.model.base import (
    BY_SHAPE,
    LIST,
    MAP,
    TEXT,
    Day,
    Flag,
    Formula,
    List,
    MonthDay,
    Name,
    Names,
    Pairs,
    Part,
    Text,
    Word,
)
from alliance.contract.model.known import Input, Term
from alliance.contract.model.paid import Payment, Step
from alliance.contract.model.ruled import Ladder, Rule
from alliance.contract.model.who import Account, Decision, Party
from alliance.contract.model.worked import Figure, Measure


class Span(Part):
    """The first and last day of the contract."""

    from_: Day = Field(alias="from")
    to: Day


class Header(Part):
    """What the contract is: its name, term, currency and calendar."""

    id: Text
    title: Text
    clause: Text | None = None
    term: Span
    currency: Text = Field(default="GBP")  # type: ignore[assignment]
    year_starts: MonthDay = (4, 1)
    years_named_by: Word("start", "end") = "start"  # type: ignore[valid-type]
    working_days: Word("England", "Wales", "Scotland", "Northern Ireland") | None = None  # type: ignore[valid-type]
    settles: Word(*SETTLES, meant=MEANT) = "yearly"  # type: ignore[valid-type]
    key: Annotated[Annotated[Text, TEXT] | Annotated[List[Text], LIST], BY_SHAPE] | None = None
    shadow: Annotated[Annotated[Flag, TEXT] | Annotated[Pairs[Text, Flag], MAP], BY_SHAPE] = False
    note: Text | None = None


class StepChange(Part):
    """A change to the named steps of a payment: exactly one of set, add, remove."""

    payment: Name
    set: Text | None = None
    to: Step | None = None
    add: Step | None = None
    before: Text | None = None
    after: Text | None = None
    remove: Text | None = None


class Variation(Part):
    """A dated change that replaces whole named entries, replaces or drops named rules, or sets, adds or removes named
    steps."""

    title: Text
    clause: Text | None = None
    made: Day
    effective: Day
    parties: Names[Any] = Field(default_factory=dict)
    accounts: Names[Any] = Field(default_factory=dict)
    decisions: Names[Any] = Field(default_factory=dict)
    terms: Names[Any] = Field(default_factory=dict)
    inputs: Names[Any] = Field(default_factory=dict)
    measures: Names[Any] = Field(default_factory=dict)
    figures: Names[Any] = Field(default_factory=dict)
    payments: Names[Any] = Field(default_factory=dict)
    ladders: Names[Any] = Field(default_factory=dict)
    rules: Pairs[Text, Any] = Field(default_factory=dict)
    steps: List[StepChange] = Field(default_factory=list)


class Earlier(Part):
    """A period settled before the one that an example looks at, which leaves it its opening."""

    period: Text
    as_of: Day | None = None
    final: Flag = True
    given: Pairs[Text, Any] = Field(default_factory=dict)


class Example(Part):
    """A worked example: given these, these payments, figures and balances."""

    title: Text
    clause: Text | None = None
    period: Text
    as_of: Day | None = None
    final: Flag = True
    interim: Word("monthly", "quarterly", "half-yearly", meant=MEANT) | None = None  # type: ignore[valid-type]
    given: Pairs[Text, Any] = Field(default_factory=dict)
    opening: Pairs[Text, Any] = Field(default_factory=dict)
    earlier: List[Earlier] = Field(default_factory=list)
    expect: Pairs[Formula, Formula] = Field(default_factory=dict)
    fires: List[Text] | None = None
    duties: Pairs[Text, Text] | None = None


class Document(Part):
    """A contract file, whole."""

    alliance: Word("1")  # type: ignore[valid-type]
    contract: Header
    categories: Names[List[Text]] = Field(default_factory=dict)
    parties: Names[Party]
    accounts: Names[Account] = Field(default_factory=dict)
    decisions: Names[Decision] = Field(default_factory=dict)
    terms: Names[Term] = Field(default_factory=dict)
    inputs: Names[Input] = Field(default_factory=dict)
    measures: Names[Measure] = Field(default_factory=dict)
    figures: Names[Figure] = Field(default_factory=dict)
    payments: Names[Payment] = Field(default_factory=dict)
    ladders: Names[Ladder] = Field(default_factory=dict)
    rules: List[Rule] = Field(default_factory=list)
    variations: List[Variation] = Field(default_factory=list)
    examples: List[Example] = Field(default_factory=list)


ENTRIES = ("parties", "accounts", "decisions", "terms", "inputs", "measures", "figures", "payments", "ladders")
