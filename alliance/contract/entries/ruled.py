"""What follows: rules with their facts, tests and consequences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alliance.contract.entries.common import Expr
from alliance.contract.faults import Mark
from alliance.contract.units import Unit

ACTING = ("gate", "scale", "deduct", "withhold", "hold", "pay")
"""The verbs that act on payments; the others follow from what a settlement came to."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of fact that a rule asks for. `kind`: now (the period itself), record, party, category, raised, or one of
    the kinds that every contract has (reports, duties, balances, withheld). `alias` is what its tests call it, empty
    where its fields stand by themselves; `optional` fields may be empty."""

    kind: str
    source: str
    alias: str
    keys: tuple[str, ...]
    fields: Mapping[str, Unit]
    mark: Mark
    optional: frozenset[str] = frozenset()

    @property
    def called(self) -> str:
        """The name of its fact in matches."""
        return self.alias or "it"


@dataclass(frozen=True, slots=True)
class Absence:
    """A kind of fact of which none may pass the test."""

    pattern: Pattern
    test: Expr


@dataclass(frozen=True, slots=True)
class Somebody:
    """A party or account that a consequence names. `kind`: each (every party of the role `name`), party (by a formula),
    account (`key` says which, where it is kept by key)."""

    kind: str
    name: str
    expr: Expr | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """The events that meet a duty: those that pass the test, and whose fields `about` say what the duty is about. `on`
    is the field of their day."""

    events: str
    test: Expr | None
    on: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that follows. `targets` are payments (or, for a notice, those who are told by name; `told` the
    others); `figures` its formulas by name (by, share, amount, until, reverse_when, after); `count` and
    `of_what` the length of what it says: periods, days, working days, months."""

    verb: str
    targets: tuple[str, ...]
    name: str
    of: Somebody | None
    payer: Somebody | None
    payee: Somebody | None
    only: str
    figures: Mapping[str, Expr]
    count: int
    of_what: str
    met: Met | None
    say: str
    fields: Mapping[str, Expr]
    clause: str
    mark: Mark
    told: tuple[Somebody, ...] = ()
    about: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as built. `order` is its place in the contract, `stage` comes after those of the rules that raise what it
    reads; `early` rules act on payments, or raise what one that does reads; `lasting` is how many of how many periods
    its tests must have held."""

    name: str
    title: str
    clause: str
    order: int
    stage: int
    early: bool
    patterns: tuple[Pattern, ...]
    tests: tuple[Expr, ...]
    absent: tuple[Absence, ...]
    lasting: tuple[int, int] | None
    if_unknown: str
    then: tuple[Consequence, ...]
    pack: str
    mark: Mark

    @property
    def acts(self) -> bool:
        return any(c.verb in ACTING for c in self.then)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps, counted from 1; a party that was never escalated stands at 0."""

    name: str
    title: str
    clause: str
    keys: tuple[str, ...]
    steps: tuple[str, ...]
    mark: Mark
