"""A settlement, literally: every payment over the period or over the parts that it settles by, less what was moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.agreed import Agreed
from tests.oracle.amounts import ZERO, Amount, NotDetermined, Paid
from tests.oracle.bringing import bring
from tests.oracle.formula import value_of
from tests.oracle.known import Entry, Known, Move, State
from tests.oracle.paying import Payment
from tests.oracle.plain import MONTHS, UNKNOWN, Period, largest_remainder

Moves = dict[tuple[str, str, str], Fraction]


class Refused(Exception):
    """A final settlement that leaves a payment undetermined."""


@dataclass
class Settled:
    """What a settlement came to."""

    payments: dict[str, Paid]
    status: dict[str, str]
    moves: dict[str, Moves]
    figures: dict[tuple[str, str], Any]
    measures: dict[tuple[str, str], tuple[Any, Any, int | None, str]]
    opening: dict[str, Fraction]
    closing: dict[str, Fraction]
    state: State = field(default_factory=State)


class Settlement:
    """One settlement of a contract."""

    def __init__(
        self,
        contract: Mapping[str, Any],
        label: str,
        inputs: Mapping[str, Any],
        opening: State | None = None,
        final: bool = False,
        as_of: date | None = None,
    ) -> None:
        self.contract, self.final = contract, final
        first = Agreed(contract, date(1, 1, 1), date(1, 1, 1))
        self.period: Period = first.years.all(first.first, first.last)[label]
        self.as_of = as_of or max(self.period.end, first.first)
        self.agreed = Agreed(contract, self.period.start, self.as_of)
        self.opening = opening or State()
        self.shorter: list[Entry] = []  # what its shorter periods came to when they were worked out again
        self.brought, self.records = bring(self.agreed, label, inputs)
        said = self.agreed.payments.values()
        self.notes = {p["owed"] for p in said if "owed" in p} | {p["recoup"]["account"] for p in said if "recoup" in p}

    def settle(self) -> Settled:
        """What is not determined moves nothing, so that what was moved for it before stands, and accounts hold that. So
        all is worked out again, until nothing more is found to be so."""
        stands: set[str] = set()
        while True:
            self.stands, self.shorter = stands, []
            found = self.settled()
            lost = {n for n, status in found.status.items() if status == "undetermined"}
            short = {n for n in lost if self.agreed.months(n) <= self.period.months}
            if short <= stands:
                if self.final and lost:
                    raise Refused(", ".join(sorted(lost)))
                return found
            stands = stands | short

    def settled(self) -> Settled:
        run = self.run(self.period)
        now = self.before(self.opening.balances)  # as they stood when the period began, then payment by payment
        balances = dict(self.opening.balances)
        payments: dict[str, Paid] = {}
        status: dict[str, str] = {}
        moves: dict[str, Moves] = {}
        whole = self.parts_done()
        for name in self.stands:
            apply(self.moved_for(name, self.period), now, self.notes)
        for name in sorted(self.agreed.payments, key=self.turn):
            months = self.agreed.months(name)
            if months > self.period.months:
                paid = self.on_account(name)
                status[name] = "on account" if "on_account" in self.agreed.payments[name] else "not due"
            elif months == self.period.months:
                run.moving = not shadowed(self.agreed, name, self.period)
                paid = Payment(run, name, dict(now), self.earlier(name, self.period, self.opening.past)).work()
                run.moving = False
                status[name] = "determined"
            else:
                paid, status[name] = whole[name], "determined"
            if not paid.determined:
                status[name] = "undetermined"
            payments[name] = paid
            run.results[name] = paid
            moves[name] = self.due(name, paid)
            paid.net = net_to_payees(moves[name])
            apply(moves[name], balances, self.notes)
            if paid.determined and name not in self.stands and not shadowed(self.agreed, name, self.period):
                apply(paid.moves, now, self.notes)
        ends = self.ended(balances, payments)
        accounts = self.account_names(balances)
        return Settled(
            payments,
            status,
            moves,
            {(n, k): run.figure(n, k or None) for n, k in run.figure_keys()},
            {(n, k): run.measure(n, k or None) for n, k in run.measure_keys()},
            {a: self.opening.balances.get(a, ZERO) for a in accounts},
            {a: balances.get(a, ZERO) for a in accounts},
            self.closing(
                run,
                payments,
                {**moves, "end": ends},
                {a: balances.get(a, ZERO) for a in accounts},
            ),
        )

    def turn(self, name: str) -> int:
        """What settles over parts of the period moves before what settles over the whole of it, and what is paid on
        account after both."""
        months = self.agreed.months(name)
        return (months > self.period.months) - (months < self.period.months)

    def put_in(self, payments: Mapping[str, Paid]) -> dict[tuple[str, Period], dict[str, Fraction]]:
        """What each has put into pools: for a period settled again, what it comes to now."""
        found = dict(self.opening.put_in)
        for name, paid in payments.items():
            if paid.determined and not shadowed(self.agreed, name, self.period):
                for at in list(found):
                    if at[0] == name and self.period.start <= at[1].start <= self.period.end:
                        del found[at]
                found[name, self.period] = paid.put_in
        return found

    def by_contribution(self, pool: str, left: Fraction, payments: Mapping[str, Paid]) -> dict[str, Fraction]:
        """What is left of a pool, by what each has put into it in all."""
        paid: dict[str, Fraction] = dict.fromkeys(self.agreed.parties, ZERO)
        for (name, _), parts in self.put_in(payments).items():
            if self.agreed.payments[name].get("funded", {}).get("into") == pool:
                for party, x in parts.items():
                    paid[party] += x
        given = {p: x for p, x in paid.items() if x > 0}
        if left <= 0 or not given:
            return {}
        return dict(zip(given, largest_remainder(left, list(given.values()), self.agreed.minor), strict=True))

    def given_back(self, name: str, lacking: Fraction) -> dict[str, Fraction]:
        """What an account lacks, from those that it ended with."""
        given: dict[str, Fraction] = {}
        for move in self.opening.moves:
            if move.payment == "end" and name in (move.payer, move.payee):
                back = move.payee == name
                add(given, move.payer if back else move.payee, -move.amount if back else move.amount)
        given = {heir: x for heir, x in given.items() if x > 0}
        if not given:
            return {}
        back_in_all = min(lacking, sum(given.values(), ZERO))
        shares = largest_remainder(back_in_all, list(given.values()), self.agreed.minor)
        return {heir: x for heir, x in zip(given, shares, strict=True) if x}

    def ended(self, balances: dict[str, Fraction], payments: Mapping[str, Paid]) -> Moves:
        """What the accounts hold at the end of the contract goes where it says."""
        found: Moves = {}
        longest = max([self.agreed.settles, *(self.agreed.months(p) for p in self.agreed.payments)])
        if self.period.end < self.agreed.last or self.period.months not in (longest, 12) or not self.final:
            return found
        for name in list(balances):
            said = self.agreed.accounts.get(name.partition("/")[0], {})
            to = said.get("ends", {}).get("to")
            due: dict[str, Fraction] = {}
            if balances[name] < 0:  # it ended before what led to it was settled again
                due = {heir: -x for heir, x in self.given_back(name, -balances[name]).items()}
            elif to == "contributors":
                due = self.by_contribution(name, balances[name], payments)
            elif to is not None and balances[name]:
                due = {to: balances[name]}
            for heir, x in due.items():
                cell = (name, heir, "money") if x > 0 else (heir, name, "money")
                found[cell] = abs(x)
                add(balances, heir, x)
                balances[name] -= x
        return found

    # ---- runs

    def run(self, period: Period, past: Sequence[Entry] | None = None) -> Known:
        agreed = self.agreed if period is self.period else Agreed(self.contract, period.start, self.as_of)
        opening = self.opening
        if past is not None:
            opening = replace(opening, past=list(past))
        return Known(agreed, period, self.brought, self.records, opening, self.final, self.period.label)

    def earlier(self, name: str, period: Period, past: Sequence[Entry]) -> dict[str, dict[str, Fraction]]:
        """What each party gained and bore of a payment earlier in the year, and what was carried to now."""
        year = self.agreed.years.year_of(period.start)
        months = self.agreed.months(name)
        found: dict[str, dict[str, Fraction]] = {"gain": {}, "loss": {}, "carried gain": {}, "carried loss": {}}
        before = [e for e in past if e.name == name and e.period.months == months and e.period.start < period.start]
        apart = "shadow " if shadowed(self.agreed, name, period) else ""
        for entry in sorted(before, key=lambda e: e.period.start):
            what = entry.attribute.removeprefix(apart)
            if apart + what != entry.attribute:
                continue
            if what in ("gain", "loss") and entry.period.start >= year.start:
                add(found[what], entry.key, entry.value)
            elif what.startswith("carried"):
                found[what][entry.key] = entry.value
        return found

    def before(self, balances: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Balances without what was moved for this period when it was settled before."""
        found = dict(balances)
        for move in self.opening.moves:
            if move.period.start >= self.period.start:
                apply({(move.payer, move.payee, move.unit): -move.amount}, found, self.notes)
        return found

    def parts_done(self) -> dict[str, Paid]:
        """The payments that settle by shorter periods: each part worked out again and added. The parts go by the day on
        which they end, shorter ones first: what one leaves in an account the next one finds there."""
        lengths = {self.agreed.months(n) for n in self.agreed.payments}
        parts = [
            (p.end, m, p) for m in lengths if m < self.period.months for p in self.agreed.years.parts(self.period, m)
        ]
        balances = self.before(self.opening.balances)
        past = {m: [e for e in self.opening.past if e.period.start < self.period.start] for m in lengths}
        told: dict[int, list[Entry]] = {m: [] for m in lengths}
        sums: dict[str, Paid] = {}
        done: list[Period] = []
        for _, months, part in sorted(parts, key=lambda x: x[:2]):
            for name in self.stands:
                apply(self.moved_for(name, part, done), balances, self.notes)
            done.append(part)
            earlier = [e for e in self.opening.past if e.period.start < part.start]
            run = self.run(part, [*earlier, *told[months], *past[months]])
            for name in run.agreed.payments:
                if run.agreed.months(name) != months:
                    continue
                run.moving = not shadowed(run.agreed, name, part)
                paid = Payment(run, name, dict(balances), self.earlier(name, part, past[months])).work()
                run.moving = False
                run.results[name] = paid
                if name not in self.stands and not shadowed(run.agreed, name, part):
                    apply(paid.moves, balances, self.notes)
                shadow = shadowed(run.agreed, name, part)
                past[months] += entries(name, part, paid, self.final, shadow, self.opening.past)
                sums[name] = paid if name not in sums else both(sums[name], paid)
            told[months] += worked_out(run)
        for months in sorted(lengths):
            self.shorter += [*told[months], *(e for e in past[months] if e.period.start >= self.period.start)]
        return sums

    def moved_for(self, name: str, period: Period, but: Sequence[Period] = ()) -> Moves:
        """What was moved for a payment in a period before, but for what was moved in some parts of it."""
        found: Moves = {}
        for move in self.opening.moves:
            inside = any(within(move.period, part) for part in but)
            if move.payment == name and not inside and within(move.period, period):
                cell = (move.payer, move.payee, move.unit)
                found[cell] = found.get(cell, ZERO) + move.amount
        return found

    # ---- what is due

    def due(self, name: str, paid: Paid) -> Moves:
        """What a payment moves now: what it came to, less what was moved for the same period."""
        if not paid.determined or shadowed(self.agreed, name, self.period):
            return {}
        found = dict(paid.moves)
        for move in self.opening.moves:
            if move.payment == name and self.period.start <= move.period.start <= self.period.end:
                cell = (move.payer, move.payee, move.unit)
                found[cell] = found.get(cell, ZERO) - move.amount
        return netted(found)

    def on_account(self, name: str) -> Paid:
        """The instalments of a yearly payment that fall in the period, each shared as the payment is."""
        said = self.agreed.payments[name]
        paid = Paid()
        if "on_account" not in said:
            return paid
        what = said["on_account"] if isinstance(said["on_account"], Mapping) else {"of_the_year": said["on_account"]}
        months = MONTHS[what["each"]] if "each" in what else self.agreed.settles
        year = self.agreed.years.year_of(self.period.start)
        of_year = Known(self.agreed, year, self.brought, self.records, self.opening, self.final, self.period.label)
        working = Payment(of_year, name, {}, {})
        try:
            for held in working._each():
                if "when" in working.said and value_of(working.said["when"], held) is False:
                    continue  # known not to be due
                amount = working.in_parts(what["of_the_year"], held)
                parts = self.agreed.years.parts(year, months)
                if held.party is not None:  # paid for each party, for as long as it is there
                    parts = [part for part in parts if self.agreed.days_in(held.party, part)]
                (whole, parts_of_it) = working.divided([(held, Amount(amount))])[0]
                cells = working.settle_one(whole, parts_of_it, True)
                for (payer, payee), of_the_year in cells.items():
                    here = [x for x in parts if payee not in self.agreed.parties or self.agreed.days_in(payee, x)]
                    split = largest_remainder(of_the_year, [Fraction(1)] * len(here), self.agreed.minor)
                    now = [
                        x
                        for part, x in zip(here, split, strict=True)
                        if self.period.start <= part.start and part.end <= self.period.end
                    ]
                    paid.move(payer, payee, sum(now, ZERO))
                    paid.on_account += sum(now, ZERO)
        except NotDetermined:
            return Paid(determined=False, earned=UNKNOWN)
        return paid

    # ---- state

    def account_names(self, balances: Mapping[str, Fraction]) -> list[str]:
        own = [a for a, said in self.agreed.accounts.items() if "by" not in said]
        return [*own, *sorted(b for b in balances if b.partition("/")[0] in self.agreed.accounts and "/" in b)]

    def lasts(self, entry: Entry) -> bool:
        """What is provisional leaves the last final value as it is."""
        return entry.final and not self.final and entry.attribute in ("", "value", "score", "earned")

    def closing(
        self,
        run: Known,
        payments: Mapping[str, Paid],
        moves: Mapping[str, Moves],
        balances: dict[str, Fraction],
    ) -> State:
        again = {self.period.label, *(e.period.label for e in self.shorter)}
        past = [e for e in self.opening.past if e.period.label not in again or self.lasts(e)]
        past += [*self.shorter, *worked_out(run)]
        for name, paid in payments.items():
            if self.agreed.months(name) == self.period.months:
                shadow = shadowed(self.agreed, name, self.period)
                past += entries(name, self.period, paid, self.final, shadow, self.opening.past)
            elif self.agreed.months(name) < self.period.months:
                past.append(Entry(self.period, name, "earned", "", paid.earned, self.final))
        made = [
            Move(self.period, name, payer, payee, x, unit)
            for name, cells in moves.items()
            for (payer, payee, unit), x in cells.items()
        ]
        kept = dict(self.opening.inputs)
        for at, found in self.brought.items():  # nothing said is no correction of what was said before
            if found.status != "missing" or at not in kept:
                kept[at] = found
        settled = self.opening.settled | {self.period.label}
        return State(balances, [*self.opening.moves, *made], past, kept, self.put_in(payments), settled)


def within(part: Period, whole: Period) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def worked_out(run: Known) -> list[Entry]:
    """What later formulas may read of a run's inputs, measures and figures."""
    found = [Entry(run.period, n, "", k, run.figure(n, k or None), run.final) for n, k in run.figure_keys()]
    for name, key in run.measure_keys():
        value, score, _, _ = run.measure(name, key or None)
        found.append(Entry(run.period, name, "value", key, value, run.final))
        found.append(Entry(run.period, name, "score", key, score, run.final))
    for name, said in run.agreed.inputs.items():
        if "records" not in said:
            found += [
                Entry(run.period, name, "", k, run.input(name, k or None), run.final) for k in run.keys(said.get("by"))
            ]
    return found


def entries(name: str, period: Period, paid: Paid, final: bool, shadow: bool, before: Sequence[Entry]) -> list[Entry]:
    """What later settlements read of a payment. Where it is not determined any more, what was moved for it before
    stands, and what that used of limits."""
    found = [Entry(period, name, "earned", "", paid.earned, final)]
    if not paid.determined:
        mine = [e for e in before if e.name == name and e.period.label == period.label]
        return found + [e for e in mine if e.attribute.endswith(("gain", "loss"))]
    apart = "shadow " if shadow else ""
    for (side, party), x in paid.used.items():
        found.append(Entry(period, name, apart + side, party, x, final))
        found.append(Entry(period, name, f"{apart}carried {side}", party, paid.carried.get((side, party), ZERO), final))
    return found


def both(a: Paid, b: Paid) -> Paid:
    """Two parts of a longer period, added."""
    if not (a.determined and b.determined):
        return Paid(determined=False, earned=UNKNOWN)
    total = Paid(earned=a.earned + b.earned, unearned=a.unearned + b.unearned, on_account=a.on_account + b.on_account)
    for part in (a, b):
        for party, x in part.parties.items():
            add(total.parties, party, x)
        for party, x in part.put_in.items():
            add(total.put_in, party, x)
        for (payer, payee, unit), x in part.moves.items():
            total.moves[payer, payee, unit] = total.moves.get((payer, payee, unit), ZERO) + x
    return total


def add(found: dict[str, Fraction], key: str, x: Fraction) -> None:
    found[key] = found.get(key, ZERO) + x


def apply(moves: Moves, balances: dict[str, Fraction], notes: Collection[str]) -> None:
    """Money moves between two; what is owed of an advance is only noted, in accounts of notes."""
    for (payer, payee, unit), x in moves.items():
        for name, amount in ((payee, x), (payer, -x)):
            if unit != "owed" or name.partition("/")[0] in notes:
                add(balances, name, amount)


def netted(moves: Moves) -> Moves:
    """One move between each two, in the direction that it is positive."""
    found: Moves = {}
    for (payer, payee, unit), x in moves.items():
        if (payee, payer, unit) in found:
            found[payee, payer, unit] -= x
        else:
            found[payer, payee, unit] = found.get((payer, payee, unit), ZERO) + x
    return {(p, q, u) if x > 0 else (q, p, u): abs(x) for (p, q, u), x in found.items() if x}


def net_to_payees(moves: Moves) -> Fraction:
    return sum(moves.values(), ZERO)


def shadowed(agreed: Agreed, name: str, period: Period) -> bool:
    """Whether a payment, or the contract, moves no money in the period."""
    said = agreed.payments[name].get("shadow", "false")
    if agreed.said["contract"].get("shadow") == "true":
        return True
    if isinstance(said, Mapping):
        return said.get(agreed.years.year_of(period.start).label) == "true"
    return bool(said == "true")
