"""What entries of every kind are made of: formulas, rounding, and what changes within a period."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Compiled
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


@dataclass(frozen=True, slots=True)
class Expr:
    """A formula of the contract: its text, place, checked tree, and the function that evaluates it. `size` is how many
    parts it has, by which it takes time; `moves` says that it reads what changes while a period is settled: accounts,
    and what payments came to."""

    text: str
    mark: Mark
    node: t.Node
    run: Compiled
    size: int = field(init=False, repr=False, compare=False)
    moves: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sum(1 for _ in self.node.walk()))
        object.__setattr__(self, "moves", any(ref.kind in ("account", "payment") for ref in t.names(self.node)))

    @property
    def unit(self) -> Unit:
        assert self.node.unit is not None
        return self.node.unit


@dataclass(frozen=True, slots=True)
class Stretches:
    """What changes within a period of what a formula reads: a term, on some `days`; with other `parties`, as they join
    or leave; an amount that is `yearly`, which counts for the days of each."""

    days: tuple[date, ...] = ()
    parties: bool = False
    yearly: bool = False

    def __bool__(self) -> bool:
        return bool(self.days) or self.parties or self.yearly


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding to a multiple of `to`: half_up (half away from zero), down (towards zero) or up (away). `percent` says
    that the step is written as a percentage."""

    to: Number
    how: str
    percent: bool = False
