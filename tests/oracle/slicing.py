"""How the amounts of one payment are divided: slices, accounts that pay slices, and records gathered for each payee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Held
from tests.oracle.amounts import ZERO, Amount, Cell, fits, known
from tests.oracle.formula import value_of
from tests.oracle.sharing import Sharing

Cells = dict[Cell, Fraction]
Item = tuple[Held, Amount]


@dataclass
class Piece:
    """A part of an amount, with who pays and who is paid, as the contract says them; `rank` is its place among the
    slices."""

    rank: int
    size: Fraction
    payers: Any
    payees: Any


class Slicing(Sharing):
    """Divides the amounts of one payment over one period."""

    def divided(self, items: Sequence[Item]) -> list[tuple[Amount, list[Cells]]]:
        """What is rounded as one, with who pays whom what of it, exactly: apart for each that pays in shares of its
        own."""
        pieces = self.pieces(items)
        if not self.of_records():
            return [(amount, self.cells(held, some)) for (held, amount), some in zip(items, pieces, strict=True)]
        found: dict[Any, tuple[Any, Amount, Cells]] = {}
        for (held, amount), some in zip(items, pieces, strict=True):
            counted = set()
            for piece in some:
                pays = self.listed(self.shares(piece.payers, held, piece.size))
                who = self.own(piece.payees, held)
                at = (who, *pays.items())
                place = (piece.rank, *(self.place(name) for name in pays), self.place(who))
                turn, whole, cells = found.get(at, (place, Amount(ZERO), {}))
                if amount.value and at not in counted:
                    whole = whole.plus(amount) if whole.value else amount
                    counted.add(at)
                for cell, x in self.paid_by(pays, held, piece).items():
                    cells[cell] = cells.get(cell, ZERO) + x
                found[at] = (min(turn, place), whole, cells)
        ordered = sorted(found.values(), key=lambda one: one[0])
        return [(whole, [cells]) for _, whole, cells in ordered]

    def of_records(self) -> bool:
        each = self.said.get("each", "")
        return each in self.agreed.inputs or " in " in each

    def own(self, payees: Any, held: Held) -> str:
        """Whom a record names as its payee, or whose account it is; nobody, where the contract names the payee."""
        if isinstance(payees, str) and held.record is not None and payees in held.record:
            return str(held.record[payees])
        if isinstance(payees, str) and payees in self.agreed.accounts and held.more:
            return self.account_of(payees, self._key_in_hand(payees, held))
        return ""

    def cells(self, held: Held, pieces: Sequence[Piece]) -> list[Cells]:
        found: dict[tuple[tuple[str, Fraction], ...], Cells] = {}
        for piece in pieces:
            pays = self.listed(self.shares(piece.payers, held, piece.size))
            cells = found.setdefault(tuple(pays.items()), {})
            for cell, x in self.paid_by(pays, held, piece).items():
                cells[cell] = cells.get(cell, ZERO) + x
        return list(found.values())

    def paid_by(self, pays: dict[str, Fraction], held: Held, piece: Piece) -> Cells:
        return {
            (payer, payee): piece.size * to_share * from_share
            for payee, to_share in self.shares(piece.payees, held, piece.size, True).items()
            for payer, from_share in pays.items()
        }

    # ---- slices

    def pieces(self, items: Sequence[Item]) -> list[list[Piece]]:
        """The parts of each amount. All take each slice together."""
        payers, payees = self.said["from"], self.said.get("to")
        if "slices" not in self.said:
            return [[Piece(0, amount.value, payers, payees)] for _, amount in items]
        self.drawn: dict[str, Fraction] = {}
        return self._sliced(items)

    def _sliced(self, items: Sequence[Item]) -> list[list[Piece]]:
        found: list[list[Piece]] = [[] for _ in items]
        left = [abs(amount.value) for _, amount in items]
        for rank, said in enumerate(self.said["slices"]):
            payers, payees = said.get("from", self.said["from"]), said.get("to", self.said.get("to"))
            wanted = {i: w for i, item in enumerate(items) if (w := self._wanted(said, item, left[i])) is not None}
            for i, size in self._given(payers, wanted, items).items():
                left[i] -= size
                found[i].append(Piece(rank, -size if items[i][1].value < 0 else size, payers, payees))
        return found

    def _wanted(self, said: Any, item: Item, left: Fraction) -> Fraction | None:
        """How much of an amount a slice is for; None where it is not for it at all."""
        held, amount = item
        if "only" in said and not fits(amount.value, said["only"]):
            return None
        if "when" in said and not known(value_of(said["when"], held)):
            return None
        return min(left, max(known(value_of(said["up_to"], held)), ZERO)) if "up_to" in said else left

    def _given(self, payers: Any, wanted: dict[int, Fraction], items: Sequence[Item]) -> dict[int, Fraction]:
        """An account that pays a slice alone gives what it holds, to each in proportion."""
        if not isinstance(payers, str) or payers not in self.agreed.accounts:
            return wanted
        account = self.agreed.accounts[payers]
        gains = {i: x for i, x in wanted.items() if items[i][1].value > 0}
        names = {i: self.account_of(payers, self._key_in_hand(payers, items[i][0])) for i in gains}
        found = dict(wanted)
        if account.get("may_go_below") == "any":
            return found
        for name in dict.fromkeys(names.values()):
            asked = {i: x for i, x in gains.items() if names[i] == name}
            total = sum(asked.values(), ZERO)
            floor = known(value_of(account.get("may_go_below", "0"), self.run.held()))
            room = max(self.stands(name) - floor - self.drawn.get(name, ZERO), ZERO)
            taken = min(total, room)
            self.drawn[name] = self.drawn.get(name, ZERO) + taken
            for i, x in asked.items():
                found[i] = x * taken / total if total else ZERO
        return found
