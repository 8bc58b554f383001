"""What a payment comes to, and an amount on its way down a waterfall: steps, with their caps and floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Held, rounded
from tests.oracle.formula import value_of
from tests.oracle.known import banded, curved
from tests.oracle.plain import Unknown, half_up

ZERO = Fraction(0)

Cell = tuple[str, str]


class NotDetermined(Exception):
    """Something that the payment reads is not known."""


@dataclass
class Paid:
    """What a payment came to in a period. `moves` holds payer, payee, unit and amount; `parties` what each got;
    `used` what each gained and what it bore, apart; `carried` what limits cut of that and carry on; `put_in` what each paid into its pool."""

    determined: bool = True
    earned: Any = ZERO
    unearned: Fraction = ZERO
    parties: dict[str, Fraction] = field(default_factory=dict)
    used: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    carried: dict[tuple[str, str], Fraction] = field(default_factory=dict)
    moves: dict[tuple[str, str, str], Fraction] = field(default_factory=dict)
    put_in: dict[str, Fraction] = field(default_factory=dict)
    on_account: Fraction = ZERO
    net: Fraction = ZERO

    def move(self, payer: str, payee: str, amount: Fraction, unit: str = "money") -> None:
        if amount < 0:
            payer, payee, amount = payee, payer, -amount
        if amount and payer != payee:  # what one who pays has a share of itself stays where it is
            self.moves[payer, payee, unit] = self.moves.get((payer, payee, unit), ZERO) + amount


@dataclass
class Amount:
    """An amount on its way down a waterfall, with the signed caps and floors that it still stands under."""

    value: Fraction
    caps: tuple[Fraction, ...] = ()
    floors: tuple[Fraction, ...] = ()

    def under(self, caps: tuple[Fraction, ...], floors: tuple[Fraction, ...]) -> Amount:
        """With further limits; an earlier one that does not hold any more is set aside."""
        value = min([self.value, *caps])
        value = max([value, *floors])
        kept = tuple(c for c in self.caps if value <= c), tuple(f for f in self.floors if value >= f)
        return Amount(value, (*kept[0], *caps), (*kept[1], *floors))

    def plus(self, other: Amount) -> Amount:
        """Two together, which stand under the limits of both together."""
        caps = (min(self.caps) + min(other.caps),) if self.caps and other.caps else ()
        floors = (max(self.floors) + max(other.floors),) if self.floors and other.floors else ()
        return Amount(self.value + other.value, caps, floors)

    def rounded(self, given: Fraction, minor: Fraction) -> Fraction:
        """What is given of it, to the minor unit, half up. The size never passes a cap rounded down; where all of it is
        given it is not below a floor rounded up."""
        sign = -1 if given < 0 else 1
        size = abs(half_up(given, minor))
        most, least = (self.caps, self.floors) if sign > 0 else (self.floors, self.caps)
        if given == self.value:
            size = max([size, *(-(-x * sign // minor) * minor for x in least)])
        return sign * max(min([size, *(x * sign // minor * minor for x in most)]), ZERO)


def known(value: Any) -> Any:
    if isinstance(value, Unknown):
        raise NotDetermined
    return value


# ---- steps


def run_steps(steps: Sequence[Mapping[str, Any]], amount: Fraction, held: Held) -> Amount:
    now = Amount(amount)
    for step in steps:
        if "only" in step and not fits(now.value, step["only"]):
            continue
        if "when" in step and not known(value_of(step["when"], held)):
            continue
        after = one_step(step, now, held)
        limit = "at_most" in step or "at_least" in step
        now = after if limit else now if after.value == now.value else Amount(after.value)
    return now


def fits(amount: Fraction, only: str) -> bool:
    """`only` tests the amount; nothing is neither gain nor loss."""
    return amount > 0 if only == "gain" else amount < 0


def one_step(step: Mapping[str, Any], now: Amount, held: Held) -> Amount:
    def come(text: str) -> Any:
        return known(value_of(text, held))

    amount = now.value
    size, sign = abs(amount), (amount > 0) - (amount < 0)
    if "multiply" in step:
        return Amount(amount * come(step["multiply"]))
    if "add" in step:
        return Amount(amount + come(step["add"]))
    if "corridor" in step:
        said = step["corridor"]
        edge = come(said.get("reach") or said["exceed"]) * (come(said["of"]) if "of" in said else 1)
        passes = size >= edge if "reach" in said else size > edge
        return now if passes else Amount(ZERO)
    if "deadband" in step:
        said = step["deadband"]
        edge = come(said["beyond"]) * (come(said["of"]) if "of" in said else 1)
        return Amount(sign * max(size - edge, ZERO))
    if "curve" in step or "bands" in step:
        said = step.get("curve") or step["bands"]
        base = come(said["of"]) if "of" in said else Fraction(1)
        if "curve" in step:
            found = curved([(come(a), come(b)) for a, b in said["points"].items()], size / base, True)
        else:
            found = banded(said["bands"], size / base, lambda text: value_of(text, held))
        return Amount(sign * known(found) * base)
    if "gate" in step:
        opens = value_of(step["gate"], held)
        if isinstance(opens, Unknown):
            opens = {"shut": False, "open": True, None: None}[step.get("if_unknown")]
        if opens is None:
            raise NotDetermined
        return now if opens else Amount(ZERO)
    if "at_most" in step:
        return at_most(now, come(step["at_most"]), step.get("only") == "loss")
    if "at_least" in step:
        return at_least(now, come(step["at_least"]), step.get("only") == "loss")
    if "deduct" in step:
        by = come(step["deduct"])
        return Amount(max(amount - by, ZERO)) if amount > 0 else now
    if "relieve" in step:
        by = come(step["relieve"])
        return Amount(min(amount + by, ZERO)) if amount < 0 else now
    return Amount(rounded(amount, step["round"]))


def at_most(now: Amount, cap: Fraction, of_size: bool) -> Amount:
    return now.under((), (-max(cap, ZERO),)) if of_size else now.under((cap,), ())


def at_least(now: Amount, floor: Fraction, of_size: bool) -> Amount:
    return now.under((-max(floor, ZERO),), ()) if of_size else now.under((), (floor,))
