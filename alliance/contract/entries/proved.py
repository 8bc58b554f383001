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
class Earlier:
    """A period that is settled before the one that an example looks at."""

    period: Period
    as_of: date | None
    final: bool
    given: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example that the contract carries. `fires` are the rules that hold in it, and no others; `duties` how
    many of each arise in it."""

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
    earlier: tuple[Earlier, ...] = ()
    fires: tuple[str, ...] | None = None
    duties: Mapping[str, int] | None = None
