"""The book of accounts during a settlement: for every account, opening + in - out = closing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from alliance.contract.numbers import Number, size


def account_of(name: str) -> tuple[str, str]:
    """The account and key of a name as transfers write it: `contingency/P01`."""
    account, _, key = name.partition("/")
    return account, key


def name_in(account: str, key: str) -> str:
    """The name of an account under a key, as transfers write it."""
    return f"{account}/{key}" if key else account


@dataclass
class Book:
    """Balances as they move. Keys are those of keyed accounts, empty otherwise."""

    opening: dict[tuple[str, str], Number] = field(default_factory=dict)
    ins: dict[tuple[str, str], Number] = field(default_factory=dict)
    outs: dict[tuple[str, str], Number] = field(default_factory=dict)

    @classmethod
    def of(cls, balances: Mapping[str, Mapping[str, Number]]) -> Book:
        return cls({(a, k): v for a, keys in balances.items() for k, v in keys.items()})

    def add(self, later: Book) -> None:
        """What moved in a later book, on top of this one."""
        for mine, theirs in ((self.ins, later.ins), (self.outs, later.outs)):
            for at, amount in theirs.items():
                mine[at] = mine.get(at, 0) + amount

    def copy(self) -> Book:
        return Book(dict(self.opening), dict(self.ins), dict(self.outs))

    def balance(self, account: str, key: str) -> Number:
        at = (account, key)
        return self.opening.get(at, 0) + self.ins.get(at, 0) - self.outs.get(at, 0)

    def put(self, account: str, key: str, amount: Number) -> None:
        """Money into an account; a negative amount comes out of it."""
        at = (account, key)
        side = self.ins if amount >= 0 else self.outs
        side[at] = side.get(at, 0) + size(amount)

    def pay(self, payer: str, payee: str, amount: Number, accounts: Collection[str]) -> None:
        """An amount from one to another, by their names as transfers write them, of whom accounts are in the book."""
        for name, sign in ((payer, -1), (payee, 1)):
            account, key = account_of(name)
            if account in accounts:
                self.put(account, key, sign * amount)

    def keys(self, account: str) -> Iterable[str]:
        """The keys under which an account has, or had, anything."""
        found = [k for side in (self.opening, self.ins, self.outs) for a, k in side if a == account]
        return dict.fromkeys(found)

    def balances(self) -> dict[str, dict[str, Number]]:
        """Every balance that is not nothing."""
        found: dict[str, dict[str, Number]] = {}
        for side in (self.opening, self.ins, self.outs):
            for account, key in side:
                value = self.balance(account, key)
                if value != 0:
                    found.setdefault(account, {})[key] = value
        return found
