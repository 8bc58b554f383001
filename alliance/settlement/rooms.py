"""What accounts allow: no more out of one than it holds above its floor, and no more into it than its ceiling has room
for. Where one cannot do all that a payment asks of it, it does each part of that in proportion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.numbers import Number, normal, share_out
from alliance.settlement.book import account_of, name_in
from alliance.settlement.holding import gone
from alliance.settlement.outcome import determined, who
from alliance.settlement.owing import noted_for
from alliance.settlement.run import Run
from alliance.settlement.sharing import to_unit
from alliance.settlement.view import View


class Rooms:
    """What the accounts of one run allow one payment."""

    def __init__(self, run: Run, p: e.Payment, places: int) -> None:
        self.run, self.p, self.places = run, p, places
        self.drawn: dict[str, Number] = {}

    def above_floor(self, name: str) -> Number | None:
        """What an account holds above its floor; None for a party, and for an account that has no floor."""
        account, key = account_of(name)
        entry = self.run.built.accounts.get(account)
        if entry is None or entry.floor is None:
            return None
        return max(self.run.book.balance(account, key) - self._bound(entry.floor), 0)

    def below_ceiling(self, name: str) -> Number | None:
        """What an account has room for; None for a party, and for an account that has no ceiling."""
        account, key = account_of(name)
        entry = self.run.built.accounts.get(account)
        if entry is None or entry.ceiling is None:
            return None
        return max(self._bound(entry.ceiling) - self.run.book.balance(account, key), 0)

    def to_owe(self, party: str) -> Number | None:
        """How much more of an advance a party may owe; None where nothing says."""
        if not self.p.owed:
            return None
        room = self.below_ceiling(name_in(*noted_for(self.run.built, self.p.owed, party)))
        return room if room is None else max(room - self._held_of_advances(party), 0)

    def _held_of_advances(self, party: str) -> Number:
        """What is held back of what is noted in the same account: it is owed once it is released."""
        run, owed = self.run, self.p.owed
        noted = noted_for(run.built, owed, party)
        same = {n for n, p in run.built.payments.items() if p.owed == owed}
        held = [h for h in run.settling.held.values() if h.start < run.period.start and not gone(run, h)]
        mine = (h for h in (*held, *run.held) if h.payment in same and noted_for(run.built, owed, h.payee) == noted)
        return sum(h.amount for h in mine)

    def _bound(self, expr: e.Expr) -> Number:
        found: Number = determined(self.run.evaluate(expr, self.run.view()), self.p)
        return found

    def room(self, name: str, sign: int) -> Number | None:
        """What a payer can pay of gains, or what it can take in of losses."""
        return self.above_floor(name) if sign > 0 else self.below_ceiling(name)

    def available(self, shares: Mapping[str, Number], sign: int) -> Number | None:
        """The most that accounts among the payers, by their shares, can pay of gains (or take in of losses)."""
        most: Number | None = None
        for name, part in shares.items():
            room = self.room(name, sign) if part else None
            if room is None:
                continue
            here = room / Fraction(part)
            most = here if most is None else min(most, here)
        return normal(Fraction(most)) if most is not None else None

    def allotted(
        self, asked: Sequence[tuple[Mapping[str, Number], Number]], sign: int, ranks: Sequence[int] = ()
    ) -> list[Number | None]:
        """The most of each of several amounts, given with the shares of its payers, that are paid at once: what an
        account cannot do of all of them it does in proportion, in whole units, by largest remainder. Of slices, with
        their `ranks`, each has what those before it leave."""
        most: list[Number | None] = [None] * len(asked)
        parts: dict[str, dict[int, list[tuple[int, Number, Number]]]] = {}
        for i, (shares, amount) in enumerate(asked):
            for name, part in shares.items():
                if part and self.room(name, sign) is not None:
                    rank = ranks[i] if ranks else 0
                    parts.setdefault(name, {}).setdefault(rank, []).append((i, part, amount * Fraction(part)))
        for name, ranked in parts.items():
            room: Any = self.room(name, sign)
            for _, mine in sorted(ranked.items()):
                weights = [weight for _, _, weight in mine]
                if sum(weights) <= room:
                    room -= sum(weights)
                    continue
                given = share_out(to_unit(room, self.places, "down"), weights, self.places)
                room = 0
                for (i, part, _), amount in zip(mine, given, strict=True):
                    here, before = normal(Fraction(amount) / part), most[i]
                    most[i] = here if before is None else min(before, here)
        return most

    def reach(self, payers: tuple[e.Share, ...], wanted: Sequence[tuple[View, Number]]) -> list[Number]:
        """How far a slice reaches for each that wants so much of it: an account that pays it alone gives what it holds,
        in proportion where that is not enough for all, and the next slice goes on."""
        if len(payers) != 1 or payers[0].kind != "account":
            return [width for _, width in wanted]
        names = [who(payers[0], view, self.p) for view, _ in wanted]
        total: dict[str, Number] = {}
        for name, (_, width) in zip(names, wanted, strict=True):
            total[name] = total.get(name, 0) + width
        given: dict[str, Number] = {}
        for name, all_of_it in total.items():
            room = self.above_floor(name)
            given[name] = all_of_it if room is None else min(all_of_it, max(room - self.drawn.get(name, 0), 0))
            self.drawn[name] = self.drawn.get(name, 0) + given[name]
        return [
            width if given[name] == total[name] else normal(Fraction(width) * given[name] / total[name])
            for name, (_, width) in zip(names, wanted, strict=True)
        ]
