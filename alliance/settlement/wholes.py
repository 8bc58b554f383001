"""What is rounded as one: an amount with the limits that it is held to, in portions of different payers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from alliance.contract.numbers import Number, share_out, size
from alliance.settlement.sharing import to_unit
from alliance.settlement.view import View

Sizes = dict[str, Number]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits that a signed amount is held to, while nothing else has changed it since: they hold of it to the penny
    too."""

    low: Number | None = None
    high: Number | None = None

    def held(self, kind: str, limit: Number) -> Bounds:
        """With a further limit, a `floor` or a `cap`; an earlier one that it leaves no room for is gone."""
        low, high = self.low, self.high
        if kind == "cap":
            high = limit if high is None else min(high, limit)
            return Bounds(None if low is not None and low > high else low, high)
        low = limit if low is None else max(low, limit)
        return Bounds(low, None if high is not None and high < low else high)

    def plus(self, other: Bounds) -> Bounds:
        """What the sum of two amounts is held to."""
        low = None if self.low is None or other.low is None else self.low + other.low
        return Bounds(low, None if self.high is None or other.high is None else self.high + other.high)

    def rounded(self, amount: Number, sign: int, places: int, entire: bool) -> Number:
        """A size of this sign in whole minor units: half up, never past a cap rounded down, nor, where it is the entire
        amount, below a floor rounded up."""
        cap, floor = (self.high, self.low) if sign > 0 else (self.low, self.high)
        found = to_unit(amount, places)
        if entire and floor is not None:
            found = max(found, to_unit(max(floor * sign, 0), places, "up"))
        return found if cap is None else min(found, to_unit(max(cap * sign, 0), places, "down"))


UNBOUND = Bounds()
NOTHING = Bounds(0, 0)


@dataclass
class Portion:
    """Exact amounts for each payee, signed, of payers with their shares. `rank` is the first slice that it comes from,
    `first` its first payee."""

    payers: tuple[tuple[str, Number], ...]
    rank: int = 0
    first: str = ""
    exact: dict[str, Number] = field(default_factory=dict)

    @property
    def shares(self) -> dict[str, Number]:
        """The payers' shares, each payer once."""
        found: dict[str, Number] = {}
        for name, part in self.payers:
            found[name] = found.get(name, 0) + part
        return found


@dataclass
class Whole:
    """The portions that are rounded as one: those of one amount, or one that gathers records. `amount` is what they are
    parts of, `bounds` what it is held to, `last` where what was added last was worked out."""

    portions: list[Portion] = field(default_factory=list)
    amount: Number = 0
    bounds: Bounds = NOTHING
    last: View | None = None

    def add(self, amount: Number, bounds: Bounds, view: View) -> None:
        if amount and view is not self.last:  # once, of however many slices
            self.amount, self.bounds, self.last = self.amount + amount, self.bounds.plus(bounds), view

    def divided(
        self,
        sign: int,
        places: int,
        in_order: Callable[[Iterable[tuple[str, Number]]], Iterable[tuple[str, Number]]],
        resume: Callable[[Sizes, int], Number] | None = None,
    ) -> list[tuple[Portion, Sizes, Number]]:
        """The portions that have a gain (or a loss), each with its exact sizes and its part of the whole, which is
        rounded once and divided by largest remainder. `resume` adds what was carried to a portion, and says how much.
        """
        found = [
            (portion, exact)
            for portion in self.portions
            if (exact := {k: size(v) for k, v in in_order(portion.exact.items()) if v * sign > 0})
        ]
        if not found:
            return []
        mixed = any(v * sign < 0 for portion in self.portions for v in portion.exact.values())
        entire = sum(sum(exact.values()) for _, exact in found) == size(self.amount)
        carried = sum(resume(exact, sign) for _, exact in found) if resume is not None else 0
        parts = [sum(exact.values()) for _, exact in found]
        bounds = UNBOUND if mixed or carried else self.bounds
        units = share_out(bounds.rounded(sum(parts), sign, places, entire), parts, places)
        return [(portion, exact, part) for (portion, exact), part in zip(found, units, strict=True)]
