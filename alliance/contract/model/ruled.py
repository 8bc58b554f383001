"""What follows: rules, the ladders that they escalate along, and packs of rules."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from alliance.contract.model.base import (
    BY_SHAPE,
    LIST,
    MAP,
    TEXT,
    Flag,
    Formula,
    List,
    Name,
    Names,
    Pairs,
    Part,
    Text,
    Word,
)

Several = Annotated[Annotated[Text, TEXT] | Annotated[List[Text], LIST], BY_SHAPE]
"""One name, or several."""
Tests = Annotated[Annotated[Formula, TEXT] | Annotated[List[Formula], LIST], BY_SHAPE]
"""One test, or several that must all hold."""
Facts = Annotated[Annotated[Text, TEXT] | Annotated[Names[Text], MAP], BY_SHAPE]
"""A kind of fact, or several by the names that the tests call them."""


class MetBy(Part):
    """The events that show that a duty was met, and on which day."""

    events: Name
    where: Formula | None = None
    about: Several | None = None
    on: Name | None = None


class Consequence(Part):
    """One thing that follows from a rule: exactly one of its verbs, with what belongs to it."""

    gate: Several | None = None
    scale: Several | None = None
    deduct: Several | None = None
    withhold: Several | None = None
    hold: Several | None = None
    pay: Name | None = None
    require: Text | None = None
    notify: Several | None = None
    escalate: Name | None = None
    step_down: Name | None = None
    raise_: Name | None = Field(None, alias="raise")

    of: Formula | None = None
    only: Word("gain", "loss") | None = None  # type: ignore[valid-type]
    by: Formula | None = None
    share: Formula | None = None
    amount: Formula | None = None
    until: Formula | None = None
    reverse_when: Formula | None = None
    lapses: Text | None = None
    from_: Formula | None = Field(None, alias="from")
    to: Formula | None = None
    pays_for: Word("outcome", "availability", "block", "pass_through") | None = None  # type: ignore[valid-type]
    within: Text | None = None
    after: Formula | None = None
    about: Tests | None = None
    met_by: MetBy | None = None
    say: Text | None = None
    with_: Names[Formula] = Field(default_factory=dict, alias="with")
    clause: Text | None = None


VERBS = (
    *("gate", "scale", "deduct", "withhold", "hold", "pay"),
    *("require", "notify", "escalate", "step_down", "raise"),
)


class Rule(Part):
    """A rule: for these facts, when these tests hold, these consequences."""

    rule: Text
    title: Text | None = None
    clause: Text | None = None
    for_: Facts | None = Field(None, alias="for")
    when: Tests | None = None
    absent: Names[Formula] = Field(default_factory=dict)
    lasting: Text | None = None
    apart: Flag = False
    if_unknown: Word("applies", "ignored", "undetermined") | None = None  # type: ignore[valid-type]
    then: List[Consequence]
    note: Text | None = None
    pack: Text | None = None


class Ladder(Part):
    """Steps that parties are taken up, one after the other, and down again."""

    title: Text | None = None
    clause: Text | None = None
    each: Name | None = None
    steps: List[Text]


class Parameter(Part):
    """What a pack asks of the contract that uses it."""

    is_: Word(  # type: ignore[valid-type]
        *("payment", "payments", "events", "input", "measure", "figure", "party", "parties", "role", "account"),
        *("decision", "ladder", "percent", "count", "days", "money", "name", "text", "formula"),
    ) = Field(alias="is")
    title: Text | None = None
    default: Any = None
    optional: Flag = False
    fields: Names[Text] = Field(default_factory=dict)


class Pack(Part):
    """A pack of rules, to be used in contracts with their own names and figures."""

    pack: Text
    version: Text
    title: Text
    about: Text | None = None
    parameters: Names[Parameter] = Field(default_factory=dict)
    ladders: Pairs[Text, Any] = Field(default_factory=dict)
    rules: List[Any]


class Use(Part):
    """A pack used in a contract."""

    use: Text
    with_: Pairs[Name, Any] = Field(default_factory=dict, alias="with")


__all__ = ["VERBS", "Consequence", "Flag", "Ladder", "MetBy", "Pack", "Parameter", "Rule", "Use"]
