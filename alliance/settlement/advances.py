"""Advances: what is paid ahead is owed back, until it is given back or taken out of what is earned."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alliance.contract import entries as e
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.settlement.book import name_in
from alliance.settlement.outcome import Flow, Outcome, determined
from alliance.settlement.owing import noted_for
from alliance.settlement.result import Line
from alliance.settlement.run import Run
from alliance.settlement.sharing import to_unit
from alliance.settlement.wholes import Portion


class Advances:
    """Keeps the note of what is owed of one payment in one run."""

    def __init__(self, run: Run, p: e.Payment, out: Outcome, move: Callable[[Flow], None], places: int) -> None:
        self.run, self.p, self.out, self.move, self.places = run, p, out, move, places
        self.earned: dict[str, Number] = {}
        self.taken: dict[str, Number] = {}

    def given(self, units: Mapping[str, Number], portion: Portion) -> None:
        """A payment that is an advance is owed back: the account keeps a note of it."""
        for name, amount in units.items():
            if self.p.owed and amount:
                account, key = noted_for(self.run.built, self.p.owed, name)
                self.move(Flow("advance", portion.payers[0][0], name_in(account, key), amount, "owed"))

    def given_back(self, units: Mapping[str, Number], portion: Portion) -> None:
        """What is given back of an advance is no longer owed."""
        for name, amount in units.items():
            if self.p.owed and amount:
                account, key = noted_for(self.run.built, self.p.owed, name)
                less = min(amount, max(self.run.book.balance(account, key), 0))
                if less:
                    self.move(Flow("advance", name_in(account, key), portion.payers[0][0], less, "owed"))

    def recouped(self, units: dict[str, Number], portion: Portion) -> None:
        """An advance is taken back out of what is earned, never more than is left of it, nor in all than the most of
        what is earned by now from all payers."""
        recoup = self.p.recoup
        if recoup is None:
            return
        for name, amount in units.items():
            account, key = noted_for(self.run.built, recoup.account, name)
            owed = max(self.run.book.balance(account, key), 0)
            most = amount
            earned = self.earned[name] = self.earned.get(name, 0) + amount
            if recoup.at_most is not None and amount:
                view = self.run.view().holding(PARTY, name).knowing(earned=earned)
                asked = to_unit(
                    max(determined(self.run.evaluate(recoup.at_most, view), self.p), 0), self.places, "down"
                )
                most = min(most, max(asked - self.taken.get(name, 0), 0))
            taken = min(most, owed)
            if not taken:
                continue
            self.taken[name] = self.taken.get(name, 0) + taken
            units[name] = amount - taken
            self.move(Flow("recoupment", name_in(account, key), portion.payers[0][0], taken, "owed"))
            facts = (("still owed", owed - taken, self.p.unit.kind),)
            note = "an advance is recouped from what is earned"
            line = Line(
                "recoup", f"taken back from {name}", amount, amount - taken, facts, note, recoup.clause, recoup.mark
            )
            self.out.lines.append(line)
