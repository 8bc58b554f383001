"""What a contract proves itself by: worked examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from alliance.contract.calendar import Period
from alliance.contract.entries.common import Expr
from alliance.contract.faults import Mark


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
