"""A settlement being worked out: its periods, what was moved before, limits used, and the true-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.numbers import Number, normal
from alliance.contract.values import Value
from alliance.settlement.book import Book
from alliance.settlement.brought import Brought, Datum
from alliance.settlement.outcome import Outcome
from alliance.settlement.payment import Working
from alliance.settlement.result import Transfer
from alliance.settlement.run import Run
from alliance.settlement.state import Moved, Past, State
from alliance.settlement.summing import history_of, summed


@dataclass
class Settling:
    """What every period of one settlement shares."""

    contract: Contract
    period: Period
    brought: Brought
    opening: State
    as_of: date
    final: bool
    keep: bool
    kept: dict[tuple[str, str, str], Datum] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)
    redone: set[str] = field(default_factory=set)
    uses: dict[tuple[str, str, str, str], Number] = field(default_factory=dict)
    years: dict[tuple[str, int], Run] = field(default_factory=dict)
    made: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        for k in self.opening.inputs:
            self.kept[k.period, k.name, k.key] = Datum(k.value, k.status, k.cases, None)
        self.past = list(self.opening.past)

    def run(self, period: Period, book: Book) -> Run:
        """The working of one period, under the variations that it is settled under."""
        built = self.contract.on(period.start, self.as_of)
        made = Run(self, built, period, book, self.terms(built, period))
        self.made.append(made)
        return made

    def terms(self, built: Built, period: Period) -> dict[tuple[str, str, date | None], Value]:
        """Terms read so far in a period: the same for every agreement under a contract, so kept with it."""
        memory: dict[Any, Any] = self.contract._memory
        found: dict[tuple[str, str, date | None], Value] = memory.setdefault(("terms", id(built), period.label), {})
        return found

    def year_run(self, run: Run) -> Run:
        """The year that a run's period falls in, for what is read by the year."""
        year = run.built.calendar.year_of(run.period.start)
        if year.label == run.period.label:
            return run
        at = (year.label, id(run.built))
        if at not in self.years:
            self.years[at] = Run(self, run.built, year, run.book, self.terms(run.built, year))
        return self.years[at]

    # limits by party, cumulative in the year

    def used(self, year: Period, period: Period, payment: str, side: str, party: str) -> Number:
        """How much of a party's limit its earlier periods of the year have used."""
        found: Number = 0
        for (label, *who), amount in self.uses.items():
            if who == [payment, side, party] and label != period.label:
                found += amount
        for p in self.opening.past:
            if (p.name, p.attribute, p.key, p.length) != (payment, side, party, period.length):
                continue
            if p.start in year and p.start < period.start and p.period not in self.redone:
                found += p.value  # type: ignore[operator]
        return found

    def use(self, run: Run, payment: str, side: str, party: str, amount: Number) -> None:
        at = (run.period.label, payment, side, party)
        self.uses[at] = self.uses.get(at, 0) + amount

    # periods

    def lengths(self, built: Built) -> list[str]:
        """The lengths of period that payments settle over, longest first."""
        return sorted({p.settles for p in built.payments.values()}, key=lambda n: -MONTHS[n])

    def outcomes(self, run: Run) -> dict[str, tuple[Outcome, list[tuple[Period, Outcome]]]]:
        """Every payment that settles within a run's period: worked out, or the sum of its shorter periods."""
        own = run.period
        found: dict[str, tuple[Outcome, list[tuple[Period, Outcome]]]] = {}
        shorter = [n for n in self.lengths(run.built) if MONTHS[n] < MONTHS[own.length]]
        parts = self._parts(run, shorter[0]) if shorter else []
        for name in run.built.order:
            if name in run.built.figures:
                self._read_figure(run, name)
            payment = run.built.payments.get(name)
            if payment is None:
                continue
            if payment.settles == own.length:
                found[name] = (Working(run, payment, self.keep).work(), [])
            elif MONTHS[payment.settles] < MONTHS[own.length]:
                found[name] = summed(run, payment, [(p, r[name]) for p, r in parts if name in r])
        return found

    @staticmethod
    def _read_figure(run: Run, name: str) -> None:
        """Figures are read in the order that they lean on each other, so that reading one never goes deep."""
        figure = run.built.figures[name]
        for key in run.present(figure.keys) if figure.by else ("",):
            run.figure(name, key)

    def _parts(
        self, run: Run, length: str
    ) -> list[tuple[Period, dict[str, tuple[Outcome, list[tuple[Period, Outcome]]]]]]:
        """The shorter periods of a run, each recomputed on what is known now, in order, on a book of their own."""
        book = Book.of(self.at_start(run.period))
        found = []
        for period in run.built.calendar.parts(run.period, length):
            if period.end < run.built.start or period.start > run.built.end:
                continue
            self.redone.add(period.label)
            part = self.run(period, book)
            outcomes = self.outcomes(part)
            book = part.book
            for account, amount in part.funded.items():
                run.funded[account] = run.funded.get(account, 0) + amount
            run.book = book
            found.append((period, outcomes))
            self.remember(part, outcomes)
        return found

    def at_start(self, period: Period) -> Mapping[str, Mapping[str, Number]]:
        """Balances before anything that was moved in the period."""
        book = Book.of(self.opening.balances)
        for m in self.moved_in(period):
            for name, sign in ((m.payer, 1), (m.payee, -1)):
                account, _, key = name.partition("/")
                if account in self.contract.built.accounts:
                    book.put(account, key, sign * m.amount)
        return book.balances()

    def moved_in(self, period: Period) -> list[Moved]:
        return [m for m in self.opening.moved if m.start >= period.start and m.end <= period.end]

    def remember(self, run: Run, outcomes: Mapping[str, tuple[Outcome, Any]]) -> None:
        """Add what a period came to to the history that later periods read."""
        now = history_of(run, outcomes, self.final)
        replaced = {(p.period, p.name, p.attribute, p.key) for p in now}
        self.past = [p for p in self.past if (p.period, p.name, p.attribute, p.key) not in replaced] + now

    # on account and true-up

    def on_account(self, run: Run, payment: e.Payment) -> Outcome | None:
        """What is paid on account of a payment that settles over a longer period than this one."""
        if payment.on_account is None:
            return None
        return Working(self.year_run(run), payment, self.keep).instalments(run.period)

    def due(self, payment: str, outcome: Outcome, period: Period) -> list[Transfer]:
        """The transfers that are due: what the period comes to, less what was already transferred in it, for each payer
        and payee; where that is negative it goes back."""
        now: dict[tuple[str, str, str, str], Number] = {}
        for f in outcome.flows:
            kind = "payment" if f.kind == "on account" else f.kind
            at = (kind, f.payer, f.payee, f.unit)
            now[at] = now.get(at, 0) + f.amount
        before: dict[tuple[str, str, str, str], Number] = {}
        for m in self.moved_in(period):
            if m.payment != payment:
                continue
            unit = "owed" if m.kind in ("recoupment", "advance") else "money"
            kind = "payment" if m.kind in ("on account", "true-up") else m.kind
            at, sign = (kind, m.payer, m.payee, unit), 1
            back = (kind, m.payee, m.payer, unit)
            if back in now or (back in before and at not in now):
                at, sign = back, -1
            before[at] = before.get(at, 0) + sign * m.amount
        found = []
        for at in dict.fromkeys([*now, *before]):
            kind, payer, payee, unit = at
            amount = normal(Fraction(now.get(at, 0) - before.get(at, 0)))
            if not amount:
                continue
            said = "true-up" if kind == "payment" and before else kind
            if amount < 0:
                payer, payee, amount = payee, payer, -amount
            found.append(Transfer(payment, said, payer, payee, amount, unit))
        return found

    def before(self, payment: str, period: Period) -> Number:
        """What was already transferred of a payment in the period, as its payees see it."""
        found: Number = 0
        for m in self.moved_in(period):
            if m.payment == payment and m.kind in ("payment", "on account", "true-up"):
                found += m.amount
        return found
