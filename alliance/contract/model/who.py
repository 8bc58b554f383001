"""Who: parties, accounts and decisions."""

from __future__ import annotations

from pydantic import Field

from alliance.contract.model.base import Attribute, Day, Exact, Flag, Formula, List, Name, Names, Part, Text


class Party(Part):
    """A party to the alliance, in it from and to given days (first and last included)."""

    name: Text
    role: Name
    host: Flag = False
    small: Flag = False
    attributes: Names[Attribute] = Field(default_factory=dict)
    from_: Day | None = Field(None, alias="from")
    to: Day | None = None


class Ends(Part):
    """Where an account's money goes at the end of the contract."""

    to: Name


class Account(Part):
    """What holds money or units between settlements: a pool, a reserve, an advance owed, a person's fund."""

    title: Text = Field(default="")  # type: ignore[assignment]
    clause: Text | None = None
    unit: Text | None = None
    by: Name | None = None
    held_by: Name | None = None
    may_go_below: Formula | None = None
    at_most: Formula | None = None
    ends: Ends | None = None


class Decision(Part):
    """A recorded approval that formulas read as true or false."""

    title: Text | None = None
    clause: Text | None = None
    signed_by: List[Name]
    unanimous: Flag = True
    quorum: Exact | None = None
