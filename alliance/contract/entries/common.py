"""What entries of every kind are made of: formulas and rounding."""

from __future__ import annotations

from dataclasses import dataclass, field

from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Compiled
from alliance.contract.numbers import Number
from alliance.contract.units import Unit


@dataclass(frozen=True, slots=True)
class Expr:
    """A formula of the contract: its text, place, checked tree, and the function that evaluates it."""

    text: str
    mark: Mark
    node: t.Node
    run: Compiled
    size: int = field(init=False, repr=False, compare=False)  # how many parts it has, by which it takes time

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", sum(1 for _ in self.node.walk()))

    @property
    def unit(self) -> Unit:
        assert self.node.unit is not None
        return self.node.unit

    @property
    def moves(self) -> bool:
        """Whether it reads what changes while a period is settled: accounts, and what payments came to."""
        return any(ref.kind in ("account", "payment") for ref in t.names(self.node))


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounding to a multiple of `to`: half_up (half away from zero), down (towards zero) or up (away)."""

    to: Number
    how: str
