"""Who pays whom what part of an amount: shares, limits by party, and pennies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Agreed, Held, reads
from tests.oracle.amounts import ZERO, Amount, Cell, NotDetermined, Paid, known
from tests.oracle.formula import value_of
from tests.oracle.known import Known
from tests.oracle.plain import Period, half_up, largest_remainder

Part = tuple[dict[Cell, Fraction], dict[str, Fraction], Fraction]
"""Who pays whom exactly, what each gets, and all of it in whole units."""


class Sharing:
    """Shares the amounts of one payment over one period."""

    run: Known
    agreed: Agreed
    said: Mapping[str, Any]
    period: Period
    minor: Fraction
    paid: Paid
    balances: dict[str, Fraction]
    earlier: Mapping[str, Mapping[str, Fraction]]
    contributions: dict[str, Fraction]
    taken_up: set[tuple[str, str]]
    spent: dict[str, Fraction]

    # ---- shares

    def shares(self, said: Any, held: Held, size: Fraction, paid: bool = False) -> dict[str, Fraction]:
        """Names, or names with their parts, as shares of the whole. What stays is nobody's."""
        if said is None:
            return self.group("", held, size)
        if isinstance(said, str):
            said = {said: "100%"}
        found: dict[str, Fraction] = {}
        told = sum((known(value_of(text, held)) for name, text in said.items() if name != "rest"), ZERO)
        for name, text in said.items():
            share = 1 - told if name == "rest" else known(value_of(text, held))
            if name == "rest":
                name = text
            money = self.said.get("unit") in (None, self.agreed.said["contract"].get("currency", "GBP"))
            if name == "stays" or (size < 0 and paid and money and name in self.agreed.accounts):
                continue  # accounts that are not parties share gains, never losses; those of units give back
            for who, part in self.who(name, held, size).items():
                found[who] = found.get(who, ZERO) + share * part
        return found

    def who(self, name: str, held: Held, size: Fraction) -> dict[str, Fraction]:
        if name in self.agreed.parties:
            return {name: Fraction(1)}
        if name in self.agreed.accounts:
            return {self.account_of(name, self._key_in_hand(name, held)): Fraction(1)}
        if held.party is not None and (name == "party" or name == self.said.get("each")):
            return {held.party: Fraction(1)}
        if held.record is not None and name in held.record:
            return {held.record[name]: Fraction(1)}
        return self.group(name, held, size)

    def _key_in_hand(self, account: str, held: Held) -> str:
        by = self.agreed.accounts[account].get("by", "")
        if held.party is not None and self.agreed.is_role(by):
            return held.party
        if held.option is not None and held.option[0] == by:
            return held.option[1]
        if held.record is not None and by in held.record:
            return str(held.record[by])
        return str(held.more.get(by, ""))

    def account_of(self, account: str, key: str) -> str:
        return f"{account}/{key}" if "by" in self.agreed.accounts[account] else account

    def group(self, name: str, held: Held, size: Fraction) -> dict[str, Fraction]:
        """A way of sharing: weights by days present, made to total the whole again unless the gap is kept."""
        said = self.said["shared"]
        if "by" not in said:
            said = said[name] if name in said else said[name.removesuffix("s")]
        weights, days = self._weights(said, held)
        if size < 0:
            weights = {n: w for n, w in weights.items() if n in self.agreed.parties}
        if any(w < 0 for w in weights.values()):
            raise NotDetermined  # nobody has a part below nothing
        present = {n: w * days.get(n, 1) for n, w in weights.items()}
        whole = weights if self.said.get("absent") == "unearned" else present
        total = sum(whole.values(), ZERO)
        if total == 0:
            return {}
        return {n: w / total for n, w in present.items()}

    def _weights(self, said: Mapping[str, Any], held: Held) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """The weight of each, as for the whole period, and the part of the period that each is present."""
        days = {p: Fraction(self.agreed.days_in(p, self.period), self.period.days) for p in self.agreed.parties}
        basis = said.get("by")
        if basis == "contribution":  # money that was put in has its days in it already
            return dict(self.contributions), {}
        if basis == "equally":
            return dict.fromkeys(self.agreed.of_role(said["among"]), Fraction(1)), days
        if basis is None:
            return {n: known(value_of(t, held)) for n, t in said.items()}, days
        members = [p for p in self.agreed.parties if self._can_weigh(basis, p)]
        found = {}
        for party in members:
            if days[party] or self.said.get("absent") == "unearned":
                weigher = self.run.held(party=party)
                found[party] = known(weigher.name(*basis.partition(".")[::2]))
        return found, {} if self.yearly_money(basis) else days

    def yearly_money(self, name: str) -> bool:
        """Whether it is, or is worked out from, a yearly amount by party, which has its days in it already."""
        if name in self.agreed.terms:
            return "by" in self.agreed.terms[name] and self.agreed.yearly(name)
        said = self.agreed.figures.get(name, {})
        return said.get("unit") != "percent" and any(self.yearly_money(n) for n in reads(said.get("is", "0")))

    def _can_weigh(self, basis: str, party: str) -> bool:
        name = basis.partition(".")[0]
        for part in (self.agreed.terms, self.agreed.figures, self.agreed.measures, self.agreed.inputs):
            if name in part:
                by = part[name].get("by") or part[name].get("each")
                return by is None or party in self.agreed.of_role(by)
        raise KeyError(basis)

    # ---- rounding

    def settle_one(
        self, amount: Amount, cells: Sequence[dict[Cell, Fraction]], plain: bool = False
    ) -> dict[Cell, Fraction]:
        """The cells of one amount, to the penny."""
        return self.paid_out([self.rounded(amount, cells, plain)], plain)

    def settle_all(self, wholes: Sequence[tuple[Amount, list[dict[Cell, Fraction]]]]) -> list[dict[Cell, Fraction]]:
        """The cells of all amounts: losses first, and then gains, of which an account that is short pays each in
        proportion."""
        rounded = [self.rounded(amount, cells) for amount, cells in wholes]
        losses = [[x for x in parts if x[2] < 0] for parts in rounded]
        gains = [[x for x in parts if x[2] >= 0] for parts in rounded]
        return [self.paid_out(losses), self.paid_out(gains)]

    def rounded(self, amount: Amount, cells: Sequence[dict[Cell, Fraction]], plain: bool = False) -> list[Part]:
        """What each of those that pay in shares of their own has of an amount, which is rounded once and divided by
        largest remainder: who pays whom, what each gets exactly, and all of it."""
        parts = [some for some in cells if any(some.values())]
        payees = [{p: x for p, x in self.listed(add_up(cells, 1)).items() if x} for cells in parts]
        total = amount.rounded(sum((sum(p.values(), ZERO) for p in payees), ZERO), self.minor)
        carried = [] if plain else [p for p in payees if self.resumed(p)]
        if carried:
            total = half_up(sum((sum(p.values(), ZERO) for p in payees), ZERO), self.minor)
        if not parts:
            return []
        sizes = [abs(sum(p.values(), ZERO)) for p in payees]
        whole = largest_remainder(abs(total), sizes, self.minor)
        return [(c, p, -x if total < 0 else x) for c, p, x in zip(parts, payees, whole, strict=True)]

    def paid_out(self, parts: Sequence[list[Part]], plain: bool = False) -> dict[Cell, Fraction]:
        """The cells of some parts: within what accounts hold, and what limits of parties leave, shared."""
        every = [part for some in parts for part in some]
        together: dict[Cell, Fraction] = {}
        for (cells, owed, size), room in zip(every, self.allotted(every), strict=True):
            mine = self.to_the_penny(cells, owed, size, plain, room)
            if not plain:
                self.recouped(mine)
            for cell, x in mine.items():
                together[cell] = together.get(cell, ZERO) + x
                self.spend(cell, x)
        return together

    def allotted(self, parts: Sequence[Part]) -> list[Fraction | None]:
        """What an account that pays alone has for each, in proportion, where it has not enough for all of them."""
        asked: dict[str, dict[int, Fraction]] = {}
        for i, (cells, owed, size) in enumerate(parts):
            payers = {payer for payer, _ in cells}
            if size >= 0 and len(payers) == 1:
                asked.setdefault(payers.pop(), {})[i] = sum(owed.values(), ZERO)
        found: list[Fraction | None] = [None] * len(parts)
        for payer, wanted in asked.items():
            room = self.room(payer)
            if room is not None and sum(wanted.values(), ZERO) > room:
                given = largest_remainder(room // self.minor * self.minor, list(wanted.values()), self.minor)
                for i, x in zip(wanted, given, strict=True):
                    found[i] = x
        return found

    def room(self, payer: str) -> Fraction | None:
        """What an account holds above its floor; None for a party."""
        said = self.agreed.accounts.get(payer.partition("/")[0])
        if said is None or said.get("may_go_below") == "any":
            return None
        return max(self.stands(payer) - known(value_of(said.get("may_go_below", "0"), self.run.held())), ZERO)

    def spend(self, cell: Cell, x: Fraction) -> None:
        for name, change in zip(cell, (-x, x), strict=True):
            self.spent[name] = self.spent.get(name, ZERO) + change

    def stands(self, account: str) -> Fraction:
        """What an account holds, once what the payment has moved so far is counted."""
        return self.balances.get(account, ZERO) + self.spent.get(account, ZERO)

    def to_the_penny(
        self,
        exact: dict[Cell, Fraction],
        payees: dict[str, Fraction],
        total: Fraction,
        plain: bool,
        allotted: Fraction | None,
    ) -> dict[Cell, Fraction]:
        capped: dict[str, Fraction] = {}
        payees, total = self.holdings(exact, payees, total, allotted)
        limited, full = "party_limits" in self.said and not plain, set()
        if limited and self.to_others(total):  # what an account has no room for is nothing for others to share
            wanted = payees
            payees, total = self.ceilings(payees, total)
            full = {p for p in payees if payees[p] != wanted[p]}
        if limited:
            payees, capped = self.party_limited(payees, full)
        payees, total = self.ceilings(payees, total)
        payees, total = self.floors(payees, total)
        free = {p: x for p, x in payees.items() if p not in capped}
        rest = total - sum(capped.values(), ZERO)
        if capped and not self.to_others(total):
            rest = min(abs(rest), half_up(abs(sum(free.values(), ZERO)), self.minor)) * (-1 if total < 0 else 1)
        pennies = {**capped, **shared_out(free, rest, self.minor)}
        pennies = {p: pennies[p] for p in payees}
        for party, x in pennies.items():
            side = ("loss" if total < 0 else "gain", party)
            if not plain and party in self.agreed.parties:
                self.paid.used[side] = self.paid.used.get(side, ZERO) + abs(x)
        return self.fill(exact, pennies)

    def to_others(self, total: Fraction) -> bool:
        limits = self.said["party_limits"].get("loss" if total < 0 else "gain", {})
        return bool(limits.get("beyond") == "others")

    def listed(self, found: dict[str, Fraction]) -> dict[str, Fraction]:
        """In the order in which ties are broken: that of the parties, then the accounts."""
        return dict(sorted(found.items(), key=lambda item: self.place(item[0])))

    def place(self, name: str) -> tuple[int, str]:
        order = [*self.agreed.parties, *sorted(self.agreed.accounts)]
        head = name.partition("/")[0]
        return (order.index(head) if head in order else len(order)), name

    def fill(self, exact: dict[Cell, Fraction], payees: dict[str, Fraction]) -> dict[Cell, Fraction]:
        """Who pays whom: what each payer pays in all is by largest remainder, and each payee in turn is paid in
        proportion to what the payers have left."""
        sign = -1 if any(x < 0 for x in payees.values()) else 1
        shares = self.listed({payer: abs(x) for payer, x in add_up(exact, 0).items()})
        total = sum((abs(x) for x in payees.values()), ZERO)
        left = dict(zip(shares, largest_remainder(total, list(shares.values()), self.minor), strict=True))
        found: dict[Cell, Fraction] = {}
        for payee, x in payees.items():
            if x:
                for payer, part in zip(left, largest_remainder(abs(x), list(left.values()), self.minor), strict=True):
                    found[payer, payee] = sign * part
                    left[payer] -= part
        return {cell: x for cell, x in found.items() if x}

    def ceilings(self, payees: dict[str, Fraction], total: Fraction) -> tuple[dict[str, Fraction], Fraction]:
        """No account is paid past what it may hold; what is beyond stays with the payer."""
        found = dict(payees)
        for payee, x in payees.items():
            account, _, _key = payee.partition("/")
            ceiling = self.agreed.accounts.get(account, {}).get("at_most")
            if ceiling is None or x <= 0:
                continue
            limit = known(value_of(ceiling, self.run.held())) // self.minor * self.minor
            room = max(limit - self.stands(payee), ZERO)
            if half_up(x, self.minor) > room:
                found[payee] = room
        if found != payees:
            total = min(total, half_up(sum(found.values(), ZERO), self.minor))
        return found, total

    def floors(self, payees: dict[str, Fraction], total: Fraction) -> tuple[dict[str, Fraction], Fraction]:
        """An account of units gives back no more than it holds above its floor."""
        found = dict(payees)
        for payee, x in payees.items():
            account = payee.partition("/")[0]
            if x >= 0 or account not in self.agreed.accounts:
                continue
            floor = known(value_of(self.agreed.accounts[account].get("may_go_below", "0"), self.run.held()))
            room = max(self.stands(payee) - floor, ZERO) // self.minor * self.minor
            if half_up(-x, self.minor) > room:
                found[payee] = -room
        if found != payees:
            total = max(total, half_up(sum(found.values(), ZERO), self.minor))
        return found, total

    def holdings(
        self, exact: dict[Cell, Fraction], payees: dict[str, Fraction], total: Fraction, allotted: Fraction | None
    ) -> tuple[dict[str, Fraction], Fraction]:
        """An account pays no more than it holds above its floor, nor than its part of that."""
        payers = {payer for payer, _ in exact}
        room = self.room(payers.pop()) if len(payers) == 1 else None
        room = room if allotted is None or room is None else min(room, allotted)
        wanted = sum(payees.values(), ZERO)
        if room is None or total <= room:
            return payees, total
        room = room // self.minor * self.minor
        return {p: x * room / wanted for p, x in payees.items()}, room

    # ---- party limits

    def resumed(self, payees: dict[str, Fraction]) -> bool:
        """Add what a limit cut earlier and carried, to the first part that each has; whether there was any."""
        side = "gain" if sum(payees.values(), ZERO) > 0 else "loss"
        if self.said.get("party_limits", {}).get(side, {}).get("beyond") != "carry":
            return False
        before = self.earlier.get(f"carried {side}", {})
        waiting = {p: before[p] for p in payees if p in before and (side, p) not in self.taken_up}
        self.taken_up |= {(side, p) for p in payees}
        for party, x in waiting.items():
            payees[party] += x if side == "gain" else -x
        return any(waiting.values())

    def party_limited(
        self, payees: dict[str, Fraction], full: set[str]
    ) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
        """What each gets within its limit for the year, and who was held to it. Those that are full take no more."""
        side = "gain" if sum(payees.values(), ZERO) > 0 else "loss"
        limits = self.said["party_limits"].get(side)
        if limits is None:
            return payees, {}
        sign = 1 if side == "gain" else -1
        sizes = {p: abs(x) for p, x in payees.items()}
        weights = dict(sizes)
        room = {}
        year = self.agreed.years.year_of(self.period.start)
        for party in sizes:
            if party not in self.agreed.parties or party not in self.agreed.of_role(limits.get("each", "party")):
                continue
            held = self.run.held(party=party, over=year)
            cap = max(known(value_of(limits["at_most"], held)), ZERO) // self.minor * self.minor
            used = self.earlier.get(side, {}).get(party, ZERO) + self.paid.used.get((side, party), ZERO)
            room[party] = max(cap - used, ZERO)
        held_to: dict[str, Fraction] = {}
        while True:
            over = {p for p in room if p not in held_to and sizes[p] > room[p]}
            if not over:
                break
            excess = sum((sizes[p] - room[p] for p in over), ZERO)
            for p in over:
                if limits.get("beyond") == "carry":
                    cut = self.paid.carried.get((side, p), ZERO)
                    self.paid.carried[side, p] = cut + sizes[p] - room[p]
                held_to[p] = sizes[p] = room[p]
            rest = {p: weights[p] for p in sizes if p not in held_to and p not in full and weights.get(p)}
            if limits.get("beyond") == "others" and rest:
                for p, w in rest.items():
                    sizes[p] += excess * w / sum(rest.values(), ZERO)
        return {p: sign * x for p, x in sizes.items()}, {p: sign * x for p, x in held_to.items()}


def add_up(cells: Mapping[Cell, Fraction], side: int) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for cell, x in cells.items():
        found[cell[side]] = found.get(cell[side], ZERO) + x
    return found


def shared_out(exact: Mapping[str, Fraction], total: Fraction, minor: Fraction) -> dict[str, Fraction]:
    """Sizes are rounded and shared, then signed."""
    weights = [abs(x) for x in exact.values()]
    if sum(weights, ZERO) == 0:
        return dict.fromkeys(exact, ZERO)
    sign = -1 if total < 0 else 1
    return {p: sign * x for p, x in zip(exact, largest_remainder(abs(total), weights, minor), strict=True)}
