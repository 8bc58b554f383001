"""What names mean where a formula stands: symbols, what can be gone through, and what is in hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from alliance.contract.faults import Mark
from alliance.contract.units import Unit

PARTY = "party"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name that a formula may read.

    `by` is the dimension it is read along (`party`, or the name of a category), empty for a single value; `keys` are
    the parties or categories it has a value for. `attributes` are its readable attributes; `bare` says whether it may
    be read without one. `also_by` are the parties or categories that a single value can be read for as well (what a
    payment came to, for one of its payees). `rate` is a term's own unit, which it has when it is read on a date: money
    a year, where over a period it is money.
    """

    kind: str
    name: str
    unit: Unit
    by: str = ""
    keys: tuple[str, ...] = ()
    title: str = ""
    attributes: Mapping[str, Unit] = field(default_factory=dict)
    bare: bool = True
    bare_hint: str = ""
    mark: Mark | None = None
    rate: Unit | None = None
    also_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """Something that can be gone through: records, the parties of a role, or the options of a category.

    `fields` are what can be read of each; `binds` is the dimension that each fixes, `keys` what it may come to.
    """

    kind: str
    name: str
    fields: Mapping[str, Symbol] = field(default_factory=dict)
    binds: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a formula may use at its place.

    `refused` are names that stand for something that cannot be read here, with why; where that is empty the name has a
    fault of its own, which is told elsewhere and not again for each of its readers. `currency` is the one that sums of
    money are in, where it is known.
    """

    symbols: Mapping[str, Symbol]
    loops: Mapping[str, Loop]
    local: Mapping[str, Symbol] = field(default_factory=dict)
    bound: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: Loop | None = None
    refused: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""

    def find(self, name: str) -> Symbol | None:
        return self.local.get(name) or self.symbols.get(name)

    def names(self) -> Iterable[str]:
        return [*self.local, *self.symbols]

    def inside(self, loop: Loop) -> Scope:
        """The scope of a formula evaluated for each item of a loop. Among records there is no group in hand."""
        bound = dict(self.bound)
        if loop.binds:
            bound[loop.binds] = loop.keys
        group = None if loop.kind == "records" else self.group
        return replace(self, local={**self.local, **loop.fields}, bound=bound, group=group)

    def with_group(self, loop: Loop, binds: Mapping[str, Symbol]) -> Scope:
        """The scope of a formula evaluated for each group of records: aggregates go through the group."""
        return replace(self, local={**self.local, **binds}, group=loop)

    def with_local(self, **symbols: Symbol) -> Scope:
        """The same scope with further names."""
        return replace(self, local={**self.local, **symbols})
