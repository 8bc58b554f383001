"""Who: parties, accounts and decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from alliance.contract.entries.common import Expr
from alliance.contract.faults import Mark
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


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
