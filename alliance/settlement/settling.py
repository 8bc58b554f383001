"""A settlement being worked out: its periods, what was moved before, limits used, and the true-up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.numbers import Number
from alliance.contract.values import Value, known
from alliance.rules.matcher.run import EngineName
from alliance.settlement.book import Book, account_of
from alliance.settlement.brought import Brought, Datum
from alliance.settlement.following import Following
from alliance.settlement.holding import LET_GO
from alliance.settlement.letting import held_now, let_go
from alliance.settlement.netting import Netted
from alliance.settlement.outcome import Outcome, Outcomes, apart, limited
from alliance.settlement.owing import notes_of
from alliance.settlement.payment import Working
from alliance.settlement.result import PaymentResult, Transfer
from alliance.settlement.run import Run
from alliance.settlement.state import LASTING, HeldBack, Moved, Past, State
from alliance.settlement.summing import history_of, summed

T = TypeVar("T")

MOST_GONE_THROUGH = 250_000  # steps of all kinds of a settlement together, some five millionths of a second each
TIMES_THROUGH_RECORDS = 200  # and so many more for each record that is brought
TIMES_FOR_VALUES = 20  # and for each value, and each count of records that were counted elsewhere


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
    engine: EngineName | None = None
    example: bool = False
    stands: frozenset[str] = frozenset()
    kept: dict[tuple[str, str, str], Datum] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)
    redone: set[str] = field(default_factory=set)
    uses: dict[tuple[str, str, str, str], Number] = field(default_factory=dict)
    years: dict[tuple[str, int], Run] = field(default_factory=dict)
    made: list[Run] = field(default_factory=list)
    added: dict[str, e.Payment] = field(default_factory=dict)
    least: dict[int, str] = field(default_factory=dict)
    worked: dict[tuple[str, str, str], Datum] = field(default_factory=dict)
    recalled: dict[tuple[str, str], str] = field(default_factory=dict)
    held: dict[str, HeldBack] = field(default_factory=dict)
    notes: frozenset[str] = frozenset()

    gone: int = 0
    by_name: dict[tuple[str, str, str], list[Past]] = field(default_factory=dict, repr=False, compare=False)

    def remembered(self, name: str, attribute: str, key: str) -> Sequence[Past]:
        """What is remembered of something, in the order in which it came to be known."""
        if not self.by_name and self.past:
            for p in self.past:
                self.by_name.setdefault((p.name, p.attribute, p.key), []).append(p)
        return self.by_name.get((name, attribute, key), ())

    def going(self, items: Sequence[T], over: str) -> Sequence[T]:
        """What a formula goes through. The items of all formulas are counted: loops within loops may never end."""
        self.gone += len(items)
        if self.gone > MOST_GONE_THROUGH:
            most = self._most()
            if self.gone > most:
                message = (
                    f"the formulas go through more than {most:,} parties, options and records; the last is {over}."
                )
                hint = "Work out what a loop within a loop repeats once, as a figure."
                raise InputError(Fault("AC140", message, Mark(self.contract.file), hint))
        return items

    def work(self, steps: int, what: str, mark: Mark | None) -> None:
        """Count what is worked out besides, for each party, option, record or fact, in the same budget."""
        self.gone += steps
        if self.gone > MOST_GONE_THROUGH:
            most = self._most()
            if self.gone > most:
                message = f"the settlement takes more than {most:,} steps; the last are of {what}."
                hint = "Say it of fewer parties, options or records, or settle shorter periods."
                raise InputError(Fault("AC140", message, mark or Mark(self.contract.file), hint))

    def _most(self) -> int:
        """How many steps a settlement may take: the more is brought, the more."""
        brought = self.brought
        values = len(brought.values) + len(brought.tallies) + len(self.kept)
        records = sum(map(len, brought.records.values()))
        most = MOST_GONE_THROUGH + TIMES_THROUGH_RECORDS * records + TIMES_FOR_VALUES * values
        return 2 * most if self.stands else most  # then all is worked out a second time

    def __post_init__(self) -> None:
        for k in self.opening.inputs:
            self.kept[k.period, k.name, k.key] = Datum(k.value, k.status, k.cases, None, k.received)
        self.past = list(self.opening.past)
        self.held = {h.key: h for h in self.opening.held}
        self.notes = frozenset().union(*map(notes_of, (self.contract.built, *self.contract._variants.values())))

    def run(self, period: Period, book: Book) -> Run:
        """The working of one period, under the variations that it is settled under."""
        built = self.contract.on(period.start, self.as_of)
        made = Run(self, built, period, book, self.terms(built, period))
        self.made.append(made)
        return made

    def run_of(self, period: Period) -> Run:
        """The working of a period that was made last."""
        return next(r for r in reversed(self.made) if r.period.label == period.label)

    def shortest(self, built: Built) -> str:
        """The shortest period that anything settles over: the only one that a change within it divides by days."""
        if id(built) not in self.least:
            self.least[id(built)] = min((built.settles, *self.lengths(built)), key=lambda n: MONTHS[n])
        return self.least[id(built)]

    def accounts(self) -> Mapping[str, e.Account]:
        """Every account that the contract has under any variation made by now: balances may be of any of them."""
        base = self.contract.built
        now = self.contract.on(self.period.start, self.as_of)
        return {**base.accounts, **self.contract.on(base.end, self.as_of).accounts, **now.accounts}

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
        self.years[at].book = run.book
        return self.years[at]

    # limits by party, cumulative in the year; what moved no money is used and carried apart

    def used(self, year: Period, period: Period, payment: str, side: str, party: str) -> Number:
        """How much of a party's limit is used by earlier periods of the year."""
        found: Number = 0
        for (_, *who), amount in self.uses.items():
            if who == [payment, side, party]:
                found += amount
        for p in self.opening.past:
            if (p.name, p.attribute, p.key) != (payment, side, party):
                continue
            if p.start in year and p.start < period.start and p.period not in self.redone:
                found += p.value  # type: ignore[operator]
        return found

    def use(self, run: Run, payment: str, outcome: Outcome) -> None:
        """Keep what a payment that is determined used of parties' limits."""
        for (side, party), amount in outcome.used.items():
            self.uses[run.period.label, payment, apart(side, outcome.shadow), party] = amount

    # periods

    def lengths(self, built: Built) -> list[str]:
        """The lengths of period that payments settle over, longest first."""
        return sorted({p.settles for p in built.payments.values()}, key=lambda n: -MONTHS[n])

    def shorter(self, period: Period) -> list[str]:
        """The lengths of the shorter periods that a period is worked out by, longest first: those that payments settle
        over under any of the variations that it is settled under, those in which money was held back, and those from
        which rules remember what lasted."""
        starts = [p.start for p in self.contract.calendar.parts(period, "month")] if self.contract.varies else []
        builts = {id(b): b for b in (self.contract.on(day, self.as_of) for day in (period.start, *starts))}
        found = {n for built in builts.values() for n in self.lengths(built)}
        found |= {h.length for h in self.held.values()}
        found |= {b.settles for b in builts.values() if b.ladders or any(r.lasting is not None for r in b.rules)}
        return sorted((n for n in found if MONTHS[n] < MONTHS[period.length]), key=lambda n: -MONTHS[n])

    def outcomes(self, run: Run) -> Outcomes:
        """Every payment that settles within a run's period: worked out, or the sum of its shorter periods."""
        own = run.period
        found: Outcomes = {}
        shorter = self.shorter(own)
        parts = self._parts(run, shorter[0]) if shorter else []
        following = Following(run) if run.built.rules or run.built.ladders else None
        if following is not None:
            run.followed = following.out
        ruled = following is None
        later = {n: p for p, r in parts for n in r if n not in run.built.payments}
        added = {n: self.run_of(p).built.payments.get(n) or self.added[n] for n, p in later.items()}
        self.added |= added
        if self.stands:
            before = self._moved(own, self.stands)
            self._put_back(run, [m for m in before if not any(m.start in p and m.end in p for p, _ in parts)])
        for name in (*run.built.order, *added):
            if name in run.built.figures:
                self._read_figure(run, name)
            payment = run.built.payments.get(name) or added.get(name)
            if payment is None:
                continue
            if following is not None and not ruled:
                ruled = True
                following.early()
            if payment.settles == own.length:
                book = run.book.copy() if name in self.stands else None
                found[name] = (Working(run, payment, self.keep).work(), [])
                run.book = book or run.book
            elif MONTHS[payment.settles] < MONTHS[own.length]:
                found[name] = summed(run, payment, [(p, r[name]) for p, r in parts if name in r])
        if following is not None:
            following.late()
        held_now(run, found)
        run.let_go = let_go(run)
        for t in run.let_go:
            run.book.pay(t.payer, t.payee, t.amount, self.notes if t.unit == "owed" else run.built.accounts)
        return found

    @staticmethod
    def _read_figure(run: Run, name: str) -> None:
        """Figures are read in the order that they lean on each other, so that reading one never goes deep."""
        figure = run.built.figures[name]
        for key in run.present(figure.keys) if figure.by else ("",):
            run.figure(name, key)

    def _parts(self, run: Run, length: str) -> list[tuple[Period, Outcomes]]:
        """The shorter periods of a run, each recomputed on what is known now, in order, on what the last one left."""
        found = []
        for period in run.built.calendar.parts(run.period, length):
            if period.end < run.built.start or period.start > run.built.end:
                continue
            self.redone.add(period.label)
            part = self.run(period, Book.of(run.book.balances()))
            outcomes = self.outcomes(part)
            run.book.add(part.book)
            for account, amount in part.funded.items():
                run.funded[account] = run.funded.get(account, 0) + amount
            found.append((period, outcomes))
            self.remember(part, outcomes)
        return found

    # what is not determined moves nothing, so what was moved for it before stands: accounts hold that, and nothing else

    def _moved(self, period: Period, payments: Collection[str]) -> list[Moved]:
        """What was moved in a period for some payments, but for what was held back and let go."""
        return [m for m in self.moved_in(period) if m.payment in payments and m.kind not in LET_GO]

    def _put_back(self, run: Run, moved: Iterable[Moved]) -> None:
        for m in moved:
            run.book.pay(m.payer, m.payee, m.amount, self.notes if m.noted else run.built.accounts)

    def standing(self, outcomes: Outcomes) -> frozenset[str]:
        """The payments that are not determined, and that moved money of accounts before, or would in some parts."""
        found = set()
        for name, (outcome, parts) in outcomes.items():
            if outcome.status == "undetermined":
                ends = {account_of(end)[0] for m in self._moved(self.period, (name,)) for end in (m.payer, m.payee)}
                ends |= {account_of(end)[0] for _, part in parts for f in part.flows for end in (f.payer, f.payee)}
                if not ends.isdisjoint(self.contract.built.accounts):
                    found.add(name)
        return frozenset(found)

    def at_start(self, period: Period) -> Mapping[str, Mapping[str, Number]]:
        """Balances before anything that was moved in the period, or after it: a period that is settled again, once
        later ones were, starts from what there was then."""
        book, accounts = Book.of(self.opening.balances), self.accounts()
        for m in self.opening.moved:
            if m.start >= period.start:
                book.pay(m.payer, m.payee, -m.amount, self.notes if m.noted else accounts)
        return book.balances()

    def held_in(self, period: Period, payment: str) -> list[HeldBack]:
        """What was held back of a payment in a period when it was settled before."""
        return [h for h in self.held.values() if (h.period, h.payment) == (period.label, payment)]

    def determined_before(self, period: Period, payment: str) -> bool:
        """Whether a payment was settled in a period before, and determined."""
        return (period.label, payment) in self._determined

    @cached_property
    def _determined(self) -> frozenset[tuple[str, str]]:
        """The periods and payments that were settled before, and determined."""
        return frozenset((p.period, p.name) for p in self.opening.past if p.attribute == "earned" and known(p.value))

    def settled_alone(self, period: Period) -> bool:
        """Whether the period was settled before as itself, and not as a part of a longer one alone."""
        return any(p.period == period.label and p.attribute == "net" for p in self.opening.past)

    def settled_before(self, period: Period) -> bool:
        """Whether a period, or a shorter one within it, was settled before."""
        return any(p.attribute == "net" and p.start in period for p in self.opening.past)

    def whole(self, period: Period) -> str:
        """A longer period that was settled with this one in it; empty where none was. What was determined in it counts
        what this one came to, and what was moved for it is in no shorter period."""
        calendar, own = self.contract.calendar, MONTHS[period.length]
        for p in self.opening.past:
            longer = (p.attribute, p.key) == ("earned", "") and known(p.value) and MONTHS[p.length] > own
            if longer and calendar.containing(period.start, p.length).label == p.period:
                return p.period
        return ""

    def later(self, period: Period) -> list[str]:
        """The periods after this one that were settled before, in their order."""
        found = {(p.start, p.period) for p in self.opening.past if p.attribute == "net" and p.start > period.end}
        return [label for _, label in sorted(found)]

    def moved_in(self, period: Period) -> list[Moved]:
        return [m for m in self.opening.moved if m.start >= period.start and m.end <= period.end]

    def remember(self, run: Run, outcomes: Mapping[str, tuple[Outcome, Any]]) -> None:
        """Add what a period came to to the history that later periods read. What was moved for a payment that is not
        determined any more stands, and so does what it used of limits and what these carried."""
        lost = {name for name, (outcome, _) in outcomes.items() if outcome.status == "undetermined"}
        stood = [p for p in self.opening.past if p.period == run.period.label and p.name in lost and limited(p)]
        for p in stood:
            self.uses[p.period, p.name, p.attribute, p.key] = p.value  # type: ignore[assignment]
        self._replace([*history_of(run, outcomes, self.final), *stood])

    # on account and true-up

    def on_account(self, run: Run, payment: e.Payment) -> Outcome:
        """What is paid on account of a payment that settles over a longer period than this one."""
        if payment.on_account is None:
            return Outcome(shadow=payment.in_shadow(self.contract.calendar.year_of(self.period.start)))
        return Working(self.year_run(run), payment, self.keep).instalments(run.period)

    def due(self, payment: e.Payment, outcome: Outcome, period: Period) -> list[Transfer]:
        """The transfers that are due: what the period comes to, less what was already transferred in it, for each payer
        and payee; what is less than nothing goes the other way. What one who pays has a share of itself stays where it
        is."""
        left = Netted()
        for f in outcome.flows if not outcome.shadow else ():
            left.put(("payment" if f.kind == "on account" else f.kind, f.unit), f.payer, f.payee, f.amount)
        before = self._moved(period, (payment.name,))
        for m in before:
            kind = "payment" if m.kind in ("on account", "true-up") else m.kind
            unit = "owed" if m.noted else payment.unit.kind
            left.put((kind, unit), m.payer, m.payee, -m.amount)
        paid = (
            "on account" if any(f.kind == "on account" for f in outcome.flows) else "true-up" if before else "payment"
        )
        return [
            Transfer(payment.name, paid if kind == "payment" else kind, payer, payee, amount, unit)
            for (kind, unit), payer, payee, amount in left.due()
        ]

    def dropped(self, known: Collection[str]) -> dict[str, e.Payment]:
        """The payments that the contract does not have any more as it stands for the period, and for which money was
        moved in it: it goes back."""
        builts = (self.contract.built, *self.contract._variants.values())
        there = {name: payment for b in builts for name, payment in b.payments.items() if name not in known}
        moved = sorted({m.payment for m in self.moved_in(self.period)} & there.keys())
        return {name: there[name] for name in moved if self.due(there[name], Outcome(), self.period)}

    def paid_on_account(self, payment: str, period: Period) -> Number:
        """What was paid on account of a payment in the period before it was settled."""
        return sum(m.amount for m in self.moved_in(period) if m.payment == payment and m.kind == "on account")

    def before(self, payment: str, period: Period) -> Number:
        """What was already due of a payment in the period and transferred, as its payees see it."""
        found: Number = 0
        months = MONTHS[period.length]
        for p in self.opening.past:
            if (p.name, p.attribute) == (payment, "net") and p.start in period and MONTHS[p.length] <= months:
                found += p.value  # type: ignore[operator]
        return found

    def remember_due(self, results: Iterable[PaymentResult]) -> None:
        """Add what is due of each payment: of a period settled again, what was due of it in all."""
        own = (self.period.label, self.period.start, self.period.length)
        earlier = {p.name: p.value for p in self.opening.past if (p.period, p.attribute) == (own[0], "net")}
        self._replace(
            [Past(*own, r.name, "net", "", r.net + earlier.get(r.name, 0), self.final) for r in results]  # type: ignore[operator]
        )

    def _replace(self, now: list[Past]) -> None:
        """All that is remembered of a name in a period goes at once: what it no longer comes to is forgotten. Only what
        was final stays beside what is provisional, for it is still the last final value."""
        replaced = {(p.period, p.name, p.attribute == "net") for p in now}
        self.by_name = {}
        self.past = [
            p
            for p in self.past
            if (p.period, p.name, p.attribute == "net") not in replaced
            or (p.final and not self.final and p.attribute in LASTING)
        ] + now
