"""Sharing an exact amount to the penny: weights, limits, and who pays what part to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from alliance.contract.numbers import Number, normal, round_down, round_half_up, round_up, share_out


def to_unit(amount: Number, places: int, mode: str = "half_up") -> Number:
    """A size rounded to the minor unit: half up, or down where it is a cap, or up where it is a floor."""
    return {"half_up": round_half_up, "down": round_down, "up": round_up}[mode](amount, places)


def afforded(
    exact: Mapping[str, Number], whole: Number, most: Number | None, places: int
) -> tuple[dict[str, Number], Number]:
    """What each would get exactly, and all of it in whole units, where no more than `most` can be paid: each has less
    in proportion."""
    if most is None or whole <= most:
        return dict(exact), whole
    less = to_unit(most, places, "down")
    total = sum(exact.values())
    return {k: normal(v * Fraction(less) / total) for k, v in exact.items()}, less


def shared(
    exact: Mapping[str, Number],
    places: int,
    caps: Mapping[str, Number],
    beyond: str = "payer",
    whole: Number | None = None,
) -> dict[str, Number]:
    """Whole minor units for each payee of an amount, sizes only (no signs).

    `exact` is what each would get exactly, in the listed order that breaks ties; `caps` the most that some may get.
    What a cap cuts stays with the payer (`payer`, `carry`), or is shared again by weight among those below their caps
    (`others`) until none exceeds. A cap rounds down, and a capped payee takes no remainder penny. `whole` is all of it
    in whole units, half up unless it is said.
    """
    total = normal(Fraction(sum(exact.values())))
    whole = to_unit(total, places) if whole is None else whole
    floors = {k: to_unit(max(c, 0), places, "down") for k, c in caps.items() if k in exact}
    capped: dict[str, Number] = {}
    weights = dict(exact)
    while True:
        free = {k: w for k, w in weights.items() if k not in capped and w > 0}
        if not free:
            return {k: capped.get(k, 0) for k in exact}
        if beyond == "others":
            left = total - sum(capped.values())
            scale = Fraction(left) / sum(free.values())
        else:
            scale = Fraction(1)
        over = [k for k, w in free.items() if k in floors and w * scale > floors[k]]
        if not over:
            split = _split(free, whole - sum(capped.values()), places, bool(capped) and beyond != "others")
            over = [k for k, units in split.items() if k in floors and units > floors[k]]  # by a remainder penny
        if not over:
            return {k: capped[k] if k in capped else split.get(k, 0) for k in exact}
        capped |= {k: floors[k] for k in over}


def _split(weights: Mapping[str, Number], rest: Number, places: int, cut: bool) -> dict[str, Number]:
    """What is left, shared among those below their caps; no more than is theirs where what was cut stays with the
    payer."""
    if cut:
        rest = min(rest, to_unit(sum(weights.values()), places))
    return dict(zip(weights, share_out(max(rest, 0), list(weights.values()), places), strict=True))


def matrix(payees: Mapping[str, Number], payers: Mapping[str, Number], places: int) -> list[tuple[str, str, Number]]:
    """Who pays whom: each payee's units split among the payers so that both sides add up to the penny.

    `payers` are shares of the whole. The payers' totals are by largest remainder; each payee in turn is then paid in
    proportion to what the payers have left to pay.
    """
    total = sum(payees.values())
    if not total:
        return []
    left = dict(zip(payers, share_out(total, list(payers.values()), places), strict=True))
    found: list[tuple[str, str, Number]] = []
    for payee, amount in payees.items():
        if not amount:
            continue
        for payer, part in zip(left, share_out(amount, list(left.values()), places), strict=True):
            if part:
                found.append((payer, payee, part))
                left[payer] -= part
    return found


def weighted(weights: Sequence[tuple[str, Number]]) -> dict[str, Number]:
    """Weights as parts of one; empty where all are nothing."""
    total = sum(w for _, w in weights)
    if total == 0:
        return {}
    return {name: normal(Fraction(w) / total) for name, w in weights if w}
