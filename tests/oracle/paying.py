"""One payment over one period: start, steps, limits, slices, shares, party limits, recoupment, rounding."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Held
from tests.oracle.amounts import ZERO, Amount, Cell, NotDetermined, Paid, at_least, at_most, fits, known, run_steps
from tests.oracle.formula import value_of
from tests.oracle.known import Known
from tests.oracle.plain import UNKNOWN, half_up, largest_remainder
from tests.oracle.slicing import Slicing


class Payment(Slicing):
    """Works one payment out over one period."""

    def __init__(
        self, run: Known, name: str, balances: dict[str, Fraction], earlier: Mapping[str, Mapping[str, Fraction]]
    ):
        self.run, self.name, self.balances, self.earlier = run, name, balances, earlier
        self.agreed, self.period = run.agreed, run.period
        self.said: Mapping[str, Any] = self.agreed.payments[name]
        self.unit = self.said.get("unit", "money")
        self.minor = Fraction(1) if self.unit == "count" else self.agreed.minor
        run.balances = balances
        self.paid = Paid()
        self.contributions: dict[str, Fraction] = {}
        self.taken_up: set[tuple[str, str]] = set()
        self.spent: dict[str, Fraction] = {}
        self.gained: dict[str, Fraction] = {}
        self.gains: dict[str, Fraction] = {}
        self.taken: dict[str, Fraction] = {}

    def work(self) -> Paid:
        try:
            self._work()
        except NotDetermined:
            self.paid = Paid(determined=False, earned=UNKNOWN)
        return self.paid

    def _work(self) -> None:
        if "when" in self.said and not known(value_of(self.said["when"], self.run.held())):
            return
        if "funded" in self.said:
            self._fund()
        done = self.settle_all(self.divided(self.items()))
        self.paid.parties = self.gained
        self.paid.earned = sum(self.gained.values(), ZERO)
        total: dict[Cell, Fraction] = {}
        for cells in done:
            for cell, x in cells.items():
                total[cell] = total.get(cell, ZERO) + x
        for (payer, payee), x in total.items():
            self.paid.move(payer, payee, x, self.unit)
            if "owed" in self.said:
                self.paid.move(payer, self.account_of(self.said["owed"], payee), x, "owed")
        if "funded" in self.said:
            self._unearned()

    # ---- funding

    def _fund(self) -> None:
        said = self.said["funded"]
        if "from" in said:
            payers = [(said["from"], self.run.held())]
        else:
            payers = [(h.party, h) for h in self.run.held().gone_through(said["each"])]
        for party, held in payers:
            amount = half_up(self.in_parts(said["pays"], held), self.minor)
            self.contributions[str(party)] = self.paid.put_in[str(party)] = amount
            self.paid.move(str(party), said["into"], amount)
        funded = sum(self.contributions.values(), ZERO)
        where = self.run.funded if self.run.moving else self.run.printed
        where[said["into"]] = where.get(said["into"], ZERO) + funded
        self.balances[said["into"]] = self.balances.get(said["into"], ZERO) + funded

    def _unearned(self) -> None:
        pool, to = self.said["funded"]["into"], self.said.get("unearned", "carried")
        left = sum(self.contributions.values(), ZERO) - sum(self.paid.parties.values(), ZERO)
        self.paid.unearned = left
        if to == "carried" or left <= 0:
            return
        if to == "contributors":
            put_in = self.listed(self.contributions)
            shares = largest_remainder(left, list(put_in.values()), self.minor)
            for party, x in zip(put_in, shares, strict=True):
                self.paid.move(pool, party, x)
        else:
            self.paid.move(pool, to, left)

    # ---- items and their amounts

    def in_parts(self, formula: str, held: Held) -> Any:
        """A whole formula, evaluated in each part of the period and added, each part by its weight."""
        total = ZERO
        for start, weight in self.agreed.stretches(self.period):
            if held.party is not None and not self.agreed.present(held.party, start):
                continue
            held.part = start
            total += known(value_of(formula, held)) * weight
        held.part = None
        return total

    def items(self) -> list[tuple[Held, Amount]]:
        """What the payment is repeated over, each with its amount once its steps have run."""
        found = []
        for held in self._each():
            if held.record is not None:
                dated = self.agreed.inputs[self.said["each"]].get("dated")
                held.part = held.record[dated] if dated else None
                amount = known(value_of(self.said["start"], held))
                held.part = None
            else:
                amount = self.in_parts(self.said["start"], held)
            found.append((held, self._limited(run_steps(self.said.get("steps", []), amount, held), held)))
        return found

    def _each(self) -> list[Held]:
        said, run = self.said.get("each"), self.run
        if said is None:
            return [run.held()]
        if " in " in said:
            field_name, _, records = said.split(" ")
            known(UNKNOWN if run.not_brought(records) else Fraction(0))
            groups: dict[str, list[Mapping[str, Any]]] = {}
            for record in run.records(records):
                groups.setdefault(record[field_name], []).append(record)
            return [run.held(group=tuple(rows), more={field_name: k}) for k, rows in sorted(groups.items())]
        known(UNKNOWN if run.not_brought(said) else Fraction(0))
        return list(run.held().gone_through(said))

    def _limited(self, now: Amount, held: Held) -> Amount:
        said = self.said.get("limits", {})
        if "only" in said and not fits(now.value, said["only"]):
            return now
        of_size = said.get("only") == "loss"
        if "at_most" in said:
            now = at_most(now, known(value_of(said["at_most"], held)), of_size)
        if "at_least" in said:
            now = at_least(now, known(value_of(said["at_least"], held)), of_size)
        return now

    # ---- recoupment

    def recouped(self, cells: dict[Cell, Fraction]) -> None:
        """An advance taken back out of what each earns, never more than is left, nor than the most of all that it has
        earned by now."""
        for (_, payee), x in cells.items():
            self.gained[payee] = self.gained.get(payee, ZERO) + x
        if "recoup" not in self.said:
            return
        said = self.said["recoup"]
        for payee in {p: None for _, p in cells}:
            gets = sum((x for (_, p), x in cells.items() if p == payee), ZERO)
            account = self.account_of(said["account"], payee)
            owed = self.balances.get(account, ZERO)
            gains = self.gains[payee] = self.gains.get(payee, ZERO) + max(gets, ZERO)
            if gets <= 0 or owed <= 0:
                continue
            back = min(gets, owed)
            if "at_most" in said:
                most = known(value_of(said["at_most"], self.run.held(party=payee, more={"earned": gains})))
                back = min(back, most // self.minor * self.minor - self.taken.get(payee, ZERO))
            if back <= 0:
                continue
            column = {c: x for c, x in cells.items() if c[1] == payee}
            left = largest_remainder(gets - back, list(column.values()), self.minor)
            for cell, x in zip(column, left, strict=True):
                cells[cell] = x
            self.balances[account] = owed - back
            self.taken[payee] = self.taken.get(payee, ZERO) + back
            payer = next(iter(column))[0]
            self.paid.move(account, payer, back, "owed")
