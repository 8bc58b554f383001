"""Advances: what is paid ahead is owed back, until it is given back or taken out of what is earned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.settlement.outcome import Flow, Outcome, determined
from alliance.settlement.result import Line
from alliance.settlement.run import Run
from alliance.settlement.sharing import to_unit
from alliance.settlement.wholes import Portion


class Advances:
    """Keeps the note of what is owed of one payment in one run."""

    def __init__(self, run: Run, p: e.Payment, out: Outcome, move: Callable[[Flow], None], places: int) -> None:
        self.run, self.p, self.out, self.move, self.places = run, p, out, move, places

    def _account(self, name: str, party: str) -> tuple[str, str]:
        """The account that notes what a party owes, and the key under which it does."""
        return name, party if self.run.built.accounts[name].by else ""

    def given(self, units: Mapping[str, Number], portion: Portion) -> None:
        """A payment that is an advance is owed back: the account keeps a note of it."""
        for name, amount in units.items():
            if self.p.owed and amount:
                account, key = self._account(self.p.owed, name)
                self.move(Flow("advance", portion.payers[0][0], _named(account, key), amount, "owed"))

    def given_back(self, units: Mapping[str, Number], portion: Portion) -> None:
        """What is given back of an advance is no longer owed."""
        for name, amount in units.items():
            if self.p.owed and amount:
                account, key = self._account(self.p.owed, name)
                less = min(amount, max(self.run.book.balance(account, key), 0))
                if less:
                    self.move(Flow("advance", _named(account, key), portion.payers[0][0], less, "owed"))

    def recouped(self, units: dict[str, Number], portion: Portion) -> None:
        """An advance is taken back out of what is earned, never more than is left of it."""
        recoup = self.p.recoup
        if recoup is None:
            return
        for name, amount in units.items():
            account, key = self._account(recoup.account, name)
            owed = max(self.run.book.balance(account, key), 0)
            most = amount
            if recoup.at_most is not None and amount:
                view = self.run.view().holding(PARTY, name).knowing(earned=amount)
                asked = max(determined(self.run.evaluate(recoup.at_most, view), self.p), 0)
                most = min(most, to_unit(asked, self.places, "down"))
            taken = min(most, owed)
            if not taken:
                continue
            units[name] = amount - taken
            self.move(Flow("recoupment", _named(account, key), portion.payers[0][0], taken, "owed"))
            facts = (("still owed", owed - taken, self.p.unit.kind),)
            note = "an advance is recouped from what is earned"
            line = Line(
                "recoup", f"taken back from {name}", amount, amount - taken, facts, note, recoup.clause, recoup.mark
            )
            self.out.lines.append(line)


def _named(account: str, key: str) -> str:
    return f"{account}/{key}" if key else account
