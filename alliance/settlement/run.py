"""One period of a settlement being worked out: terms, inputs, measures, figures and balances as formulas read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.build.dated import term_on
from alliance.contract.build.whole import Built
from alliance.contract.calendar import LENGTHS, MONTHS, Period, Segment
from alliance.contract.formula import operations as op
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value, known, unknown
from alliance.settlement.book import Book
from alliance.settlement.brought import Datum, Record
from alliance.settlement.deciding import decided
from alliance.settlement.measuring import Measured, attribute, measured
from alliance.settlement.recalling import nothing_before, recalled, so_far
from alliance.settlement.scoring import bounded, figured
from alliance.settlement.state import HeldBack, Past
from alliance.settlement.view import View

if TYPE_CHECKING:
    from alliance.settlement.following import Followed
    from alliance.settlement.result import Transfer
    from alliance.settlement.settling import Settling


NOT_YET = unknown("what is due, which is known once everything is settled,")


@dataclass
class Paid:
    """What a payment came to in a period, as formulas and limits read it. What is due is known once all is settled."""

    earned: Value = 0
    on_account: Value = NOT_YET
    net: Value = NOT_YET
    unearned: Value = 0
    kept: Value = 0
    by: Mapping[str, Value] = field(default_factory=dict)
    net_by: Mapping[str, Number] = field(default_factory=dict)


@dataclass
class Run:
    """One period under one variant of the contract. `funded` is what was paid into each account, apart what is only
    printed; `printing` says that this is read too, as it is but by a payment that moves money."""

    settling: Settling
    built: Built
    period: Period
    book: Book
    terms: dict[tuple[str, str, date | None], Value]
    figures: dict[tuple[str, str], Value] = field(default_factory=dict)
    stretched: dict[tuple[str, str, date], Value] = field(default_factory=dict)
    measures: dict[tuple[str, str], Measured] = field(default_factory=dict)
    paid: dict[str, Paid] = field(default_factory=dict)
    funded: dict[tuple[str, bool], Number] = field(default_factory=dict)
    printing: bool = True
    followed: Followed | None = None
    held: list[HeldBack] = field(default_factory=list)
    let_go: list[Transfer] = field(default_factory=list)
    moments: dict[tuple[str, str], Run] = field(default_factory=dict)
    stood: Run | None = field(default=None, repr=False, compare=False)

    def said(self) -> tuple[Any, ...]:
        """What changes in the run of what formulas read."""
        return self.book, self.funded, self.paid, self.printing

    def kept(self) -> Run:
        """The run as it stands, to be read later: what accounts hold and payments came to does not change in it."""
        found = self.stood
        if found is None or found.said() != self.said():
            paid = {name: replace(one) for name, one in self.paid.items()}
            found = replace(self, book=self.book.copy(), funded=dict(self.funded), paid=paid, stood=None)
            self.stood = found
        return found

    def at_figure(self, name: str, key: str, segment: Segment | None = None) -> View:
        """Where a figure was worked out, with the party or category in hand that it is for, and the stretch."""
        figure = self.built.figures[name]
        view = self.moments.get((name, key), self).view()
        view = view.holding(figure.by, key) if figure.by else view
        return view.within(segment) if segment is not None and figure.stretches else view

    def view(self) -> View:
        return View(self)

    def evaluate(self, expr: e.Expr, view: View) -> Value:
        """A formula's value. Raises `InputError` where its numbers run away."""
        self.settling.work(1 + expr.size // 8, f"the formula `{expr.text[:60]}`", expr.mark)
        return bounded(expr.run(view), f"the formula `{expr.text[:60]}`", expr.mark)

    # terms and parties

    def term(self, name: str, key: str, segment: Segment | None) -> Value:
        """A term over the period: a yearly amount is the period's share of it, any other is as at the start of the
        period (or of the stretch in hand)."""
        at = (name, key, segment.start if segment else None)
        if at not in self.terms:
            self.terms[at] = self._term(name, key, segment)
        return self.terms[at]

    def _term(self, name: str, key: str, segment: Segment | None) -> Value:
        term = self.built.terms[name]
        start, end = self.life(term, key)
        if not term.yearly:
            day = segment.start if segment else self.period.start
            return term_on(self.built.terms, name, key, min(max(day, start), end))
        if segment is not None:
            if not start <= segment.start <= end:
                return 0
            return op.multiply(term_on(self.built.terms, name, key, segment.start), self.period.of_year)
        changes = [*term.changes, start, end + timedelta(days=1)]
        return op.total(
            [
                op.multiply(term_on(self.built.terms, name, key, cut.start), cut.weight * self.period.of_year)
                for cut in self.segments(changes)
                if start <= cut.start <= end
            ]
        )

    def life(self, term: e.Term, key: str) -> tuple[date, date]:
        """The days for which a term counts: the contract's, or a party's in it."""
        party = self.built.parties.get(key) if term.by == "party" else None
        return (party.start, party.end) if party else (self.built.start, self.built.end)

    def segments(self, changes: Iterable[date]) -> list[Segment]:
        return self.built.calendar.segments(self.period, self.settling.shortest(self.built), changes)

    def term_on(self, name: str, key: str, day: date) -> Value:
        return term_on(self.built.terms, name, key, day)

    def party_field(self, party: str, name: str) -> Value:
        fields = self.built.parties[party].fields
        return (
            fields[name] if name in fields else unknown(f"{name} of {party}", "missing", self.built.parties[party].mark)
        )

    def present(self, members: Iterable[str], segment: Segment | None = None) -> list[str]:
        """Those of the members in the alliance on some day of the period (or of the stretch in hand)."""
        start, end = (segment.start, segment.end) if segment else (self.period.start, self.period.end)
        return [m for m in members if m not in self.built.parties or self.built.parties[m].days_in(start, end)]

    # what is brought

    def given_now(self, name: str, key: str, period: Period | None = None) -> Datum | None:
        """What this settlement was brought for this period, or for a part of it, with the period or without."""
        values, label = self.settling.brought.values, (period or self.period).label
        own = self.settling.period.label == label
        return values.get((name, label, key)) or (values.get((name, "", key)) if own else None)

    def datum(self, name: str, key: str) -> Datum | None:
        """What was brought for this period: now, or earlier and kept; or what its shorter periods add up to; or, for
        what does not add up over periods, what was brought for the whole of the settlement's period."""
        settling, label = self.settling, self.period.label
        values = settling.brought.values
        own = settling.period.label == label
        given = self.given_now(name, key)
        kept = settling.kept.get((label, name, key))
        given = kept if given is None else given
        found = kept if given is not None and given.blank else given
        if found is not None and found.blank:  # nothing is said, as where nothing was brought
            found = None
        item = self.built.inputs.get(name)
        over = item.over_periods if item else ""
        if found is None and over:
            lengths = [n for n in reversed(LENGTHS) if MONTHS[n] < MONTHS[self.period.length]]
            found = next((d for n in lengths if (d := self._over_parts(name, key, over, n))), None)
        one_for_all = over == "same" or (not over and not (item is not None and item.unit.kind == "money"))
        if found is None and not own and one_for_all:
            found = values.get((name, "", key))
        return found if found is not None else given

    def _over_parts(self, name: str, key: str, over: str, length: str) -> Datum | None:
        parts = self.built.calendar.parts(self.period, length)
        parts = [p for p in parts if p.end >= self.built.start and p.start <= self.built.end]
        kept = self.settling.kept
        given = [(self.given_now(name, key, p), kept.get((p.label, name, key))) for p in parts]
        found = [before if now is None or (now.blank and before is not None) else now for now, before in given]
        if not found or any(d is None or d.value is None for d in found):
            return None
        data = [d for d in found if d is not None]
        status = "provisional" if any(d.status == "provisional" for d in data) else "measured"
        if over in ("last", "same"):
            return data[-1]
        total = op.total([d.value for d in data])
        value = total if over == "add" else op.divide(total, len(data))
        return Datum(value, status, None, data[-1].mark)

    def usable(self, name: str, datum: Datum | None, item: e.Input | e.Measure, key: str, lacking: str = "") -> Value:
        """The value of what was brought, or what the contract does by its status with what is not usable; `lacking` is
        said of it then."""
        status = "missing" if datum is None else datum.status
        good = status == "measured" or (status == "provisional" and not self.settling.final)
        if datum is not None and datum.value is not None and good:
            return datum.value
        what = name + (f" for {key}" if key else "")
        if MONTHS[self.period.length] > MONTHS[self.settling.period.length]:  # of the year, in a part of it
            what += f" of {self.period.label}"
        what += lacking
        mark = datum.mark if datum is not None else item.mark
        if status == "provisional":
            return unknown(what, status, mark)
        policy = item.policies.get(status, "unknown")
        if policy == "zero":
            return 0
        if policy == "previous":
            return self.last(name, "value" if isinstance(item, e.Measure) else "", key)
        if policy in ("yes", "no"):
            return policy == "yes"
        if policy not in ("unknown", "exclude"):
            return policy
        return unknown(what, status, mark, excluded=policy == "exclude")

    def records(self, name: str) -> tuple[Record, ...]:
        """The records that belong to the period, by their declared date."""
        found = self.settling.brought.records.get(name, ())
        dated = self.built.inputs[name].dated
        if not dated:
            return found
        return tuple(r for r in found if r.fields[dated] is not None and r.fields[dated] in self.period)

    def lacking(self, item: e.Input) -> Unknown | None:
        """What is not known where a table was not brought. Of events there are none then, unless the period was settled
        before and is worked out again; records, which a period has, are missing. So are those of a part of what is
        settled that had some when it was settled itself, and has none of what is brought now."""
        if item.name in self.settling.brought.records:
            had = self.had(item)
            what = f"{item.name} of {self.period.label}, of which there were {had:,} when it was settled,"
            return unknown(what, "missing", item.mark) if had else None
        if item.optional:
            return None
        if item.kind == "events" and not self.settling.settled_before(self.period):
            return None
        return unknown(item.name, "missing", item.mark)

    def had(self, item: e.Input) -> int:
        """How many records a part of what is settled had when it was settled itself, where it has none of those that
        are brought now. A table without any says that there are none."""
        own = self.settling.period.label == self.period.label
        before = None if own else self.settling.kept.get((self.period.label, item.name, ""))
        brought = self.settling.brought.records.get(item.name)
        if before is None or not isinstance(before.value, int) or not brought or self.records(item.name):
            return 0
        return before.value

    # values by name

    def value(self, ref: t.Ref, key: str) -> Value:
        kind = ref.kind
        if kind == "input":
            return self.report(ref.name, ref.attribute, key) if ref.attribute else self.input(ref.name, key)
        if kind == "figure":
            return self.figure(ref.name, key)
        if kind == "measure":
            return attribute(self.measure(ref.name, key), ref.attribute, ref.name + (f" for {key}" if key else ""))
        if kind == "period":
            found_days: Value = getattr(self.period, ref.attribute)
            return found_days
        if kind == "account":
            return self.account(ref.name, ref.attribute, key)
        if kind == "payment":
            paid = self.paid.get(ref.name)
            if paid is None:
                return unknown(f"{ref.name}.{ref.attribute}")
            if key:
                return self._paid_to(paid, ref, key)
            found: Value = getattr(paid, ref.attribute)
            return found
        if kind == "ladder":
            return self.ladder_step(ref.name, key)
        assert kind == "decision", kind
        return decided(self, ref.name)

    @staticmethod
    def _paid_to(paid: Paid, ref: t.Ref, key: str) -> Value:
        """What one party, account or category had of a payment."""
        if isinstance(paid.earned, Unknown):
            return paid.earned
        if ref.attribute == "earned":
            return paid.by.get(key, 0)
        if ref.attribute == "net":
            return paid.net if isinstance(paid.net, Unknown) else paid.net_by.get(key, 0)
        return unknown(f"{ref.name}.{ref.attribute} by {key}", "not applicable")

    def input(self, name: str, key: str) -> Value:
        item = self.built.inputs[name]
        value = self.usable(name, self.datum(name, key), item, key)
        if item.unit.per == "year":
            return op.multiply(value, self.period.of_year)
        return value

    def report(self, name: str, attribute: str, key: str) -> Value:
        """What is known of a report besides what it says: how late it came, and who supplies it."""
        from alliance.settlement.facts import days_late

        item = self.built.inputs[name]
        if attribute == "days_late":
            return days_late(self, item, key)
        own = key if item.by == PARTY else ""
        return item.supplied_by or own or unknown(f"who supplies {name}", "missing", item.mark)

    def ladder_step(self, name: str, party: str) -> int:
        """The step of a ladder that a party stands on when the period begins; in a longer period, at its last step."""
        own, found, latest = self.period.length == self.built.settles, 0, None
        steps = self.settling.remembered(name, "step", party)
        for past in (p for p in steps if p.length == self.built.settles):
            before = past.start < self.period.start or (not own and past.start <= self.period.end)
            if before and (latest is None or past.start >= latest):
                latest, found = past.start, int(past.value)  # type: ignore[arg-type]
        return found

    def account(self, name: str, attribute: str, key: str) -> Value:
        if attribute == "funded":
            return self.funded.get((name, False), 0) + (self.funded.get((name, True), 0) if self.printing else 0)
        if self.built.accounts[name].by == "item" and not key:  # what rules hold back, all of it together
            return op.total([self.account(name, attribute, k) for k in self.book.keys(name) if k])
        at = (name, key)
        if attribute == "opening":
            return self.book.opening.get(at, 0)
        if attribute in ("in", "out"):
            return (self.book.ins if attribute == "in" else self.book.outs).get(at, 0)
        return self.book.balance(name, key)

    def measure(self, name: str, key: str) -> Measured:
        at = (name, key)
        if at not in self.measures:
            m = self.built.measures[name]
            self.settling.work(4, f"the measure {name}", m.mark)
            self.measures[at] = measured(self, m, key)
        return self.measures[at]

    def figure(self, name: str, key: str) -> Value:
        at = (name, key)
        if at not in self.figures:
            figure = self.built.figures[name]
            self.settling.work(1, f"the figure {name}", figure.mark)
            if self.settling.keep:
                self.moments[at] = self.kept()
            view = self.view().holding(figure.by, key) if figure.by else self.view()
            self.figures[at] = bounded(figured(self, figure, view), f"the figure {name}", figure.mark)
        return self.figures[at]

    def figure_in(self, name: str, key: str, segment: Segment) -> Value:
        """A figure in a stretch of the period: worked out for it, where something that it reads changes within."""
        figure = self.built.figures[name]
        if not figure.stretches:
            return self.figure(name, key)
        at = (name, key, segment.start)
        if at not in self.stretched:
            view = self.view().holding(figure.by, key) if figure.by else self.view()
            value = figured(self, figure, view.within(segment))
            self.stretched[at] = bounded(value, f"the figure {name}", figure.mark)
        return self.stretched[at]

    # history

    def earlier(self, name: str, attribute: str, key: str, final: bool = False) -> Past | None:
        """What something came to in the latest period of this length before this one; of what is final, in the latest
        in which it was known."""
        same = (p for p in self.settling.remembered(name, attribute, key) if p.length == self.period.length)
        found = [p for p in same if p.start < self.period.start and (not final or (p.final and known(p.value)))]
        return max(reversed(found), key=lambda p: p.start, default=None)  # of one period, what is known last

    def last(self, name: str, attribute: str, key: str) -> Value:
        """The last final value for the same length of period."""
        found = self.earlier(name, attribute, key, final=True)
        return unknown(f"the last {name}", "missing") if found is None else found.value

    def history(self, function: str, ref: t.Ref, key: str) -> Value:
        attribute = ref.attribute or {"measure": "value"}.get(ref.kind, "")
        whole = "" if ref.kind == "payment" else key  # who had nothing of a payment is not listed in its history
        if function == "last":
            found = recalled(self, ref.name, attribute, whole)
            return unknown(f"the last {ref.name}", "missing") if found is None else self._part(found, key)
        values = {p.start: self._part(p, key) for p in so_far(self, ref, attribute, whole)}
        if not values:
            nothing_before(self, f"{function}({ref.name}{f'.{attribute}' if attribute not in ('', 'value') else ''})")
        return op.total(list(values.values()))

    def _part(self, past: Past, key: str) -> Value:
        """What a party, account or category had of what is remembered of a payment."""
        if key == past.key or isinstance(past.value, Unknown):
            return past.value
        found = self.settling.remembered(past.name, past.attribute, key)
        return next((p.value for p in found if (p.period, p.final) == (past.period, past.final)), 0)
