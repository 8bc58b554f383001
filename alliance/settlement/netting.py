"""What is due between each two: what things come to, less what was moved for them before."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from alliance.contract.numbers import Number, normal, size


class Netted:
    """Amounts between payers and payees, of each kind apart; what is less than nothing goes the other way. What one who
    pays has a share of itself stays where it is."""

    def __init__(self) -> None:
        self.left: dict[tuple[tuple[str, ...], str, str], Number] = {}

    def put(self, kind: tuple[str, ...], payer: str, payee: str, amount: Number) -> None:
        if payer == payee:
            return
        back = (kind, payee, payer)
        at, sign = (back, -1) if back in self.left else ((kind, payer, payee), 1)
        self.left[at] = self.left.get(at, 0) + sign * amount

    def due(self) -> Iterator[tuple[tuple[str, ...], str, str, Number]]:
        """Kind, payer, payee and amount of everything that is due."""
        for (kind, payer, payee), amount in self.left.items():
            if amount:
                ends = (payer, payee) if amount > 0 else (payee, payer)
                yield kind, *ends, normal(Fraction(size(amount)))
