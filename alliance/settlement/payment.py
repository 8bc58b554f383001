"""One payment in one period: its waterfalls, and the money that they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.numbers import Number
from alliance.contract.values import Value
from alliance.settlement.effects import paid_by_rules, scaled, undecided
from alliance.settlement.instalments import instalments
from alliance.settlement.instances import Instance, day_of, instances_of, kind_of, own_name, party_of
from alliance.settlement.outcome import Flow, Outcome, Undetermined, determined
from alliance.settlement.pool import fund, unearned
from alliance.settlement.portions import Portions
from alliance.settlement.result import Line, Waterfall
from alliance.settlement.run import Paid, Run
from alliance.settlement.slicing import Slicing, rationed
from alliance.settlement.starting import details, over_segments
from alliance.settlement.steps import held_to, take
from alliance.settlement.view import View
from alliance.settlement.wholes import UNBOUND, Bounds

SHOWN = 1000
"""The most records of a payment whose waterfalls are kept to be explained one by one."""


class Working:
    """Works out one payment in one run. `keep` keeps what is needed to explain each line."""

    def __init__(self, run: Run, payment: e.Payment, keep: bool) -> None:
        self.run, self.p, self.keep = run, payment, keep
        self.places = run.built.places if payment.unit.kind == "money" else 0
        self.out = Outcome(shadow=payment.in_shadow(run.built.calendar.year_of(run.period.start)))
        self.portions = Portions(run, payment, self.out, self._move, self.places)
        self.records = 0

    def work(self) -> Outcome:
        """The outcome. A payment that moves money reads nothing of what others only print."""
        self.run.printing = self.out.shadow
        found = self._worked_out()
        self.run.printing = True
        return found

    def _worked_out(self) -> Outcome:
        """What cannot be determined moves nothing, its funding included."""
        run, book, funded = self.run, self.run.book.copy(), dict(self.run.funded)
        followed, held = run.followed, len(run.held)
        effects = followed.of(self.p.name) if followed is not None else []
        try:
            undecided(effects)
            if self.p.rule:
                paid_by_rules(run, self.p, effects, self.out)
            else:
                self._work()
        except Undetermined as stopped:
            self.out.undetermined(stopped.value)
            run.book, run.funded = book, funded
            del run.held[held:]
            run.paid[self.p.name] = Paid(earned=stopped.value, unearned=stopped.value, kept=stopped.value)
            return self.out
        if not any(self.out.first) and not self.p.rule:  # no records, nobody present, or no slice that takes anything
            self.out.first = self.portions.first_listed()
        run.paid[self.p.name] = self.out.paid()
        run.settling.use(run, self.p.name, self.out)
        if self.out.shadow:
            run.book = book
            del run.held[held:]
        return self.out

    def _work(self) -> None:
        run = self.run
        if self.p.each is not None or self._due(run.view(), []):  # nobody pays in for what is not due
            self.portions.sharers.contributions = fund(
                run, self.p, self.out, self._move, self.portions.rooms, self.keep
            )
        instances = instances_of(run, self.p.each)
        if rationed(self.p):
            self._divide([self._worked(name, view) for name, view in instances])
        else:
            for name, view in instances:
                self._divide([self._worked(name, view)])
        self.portions.pay()
        unearned(self.p, self.out, self.portions.sharers.contributions, self._move, self.portions.rooms)

    def instalments(self, period: Period) -> Outcome:
        """What is paid on account in a shorter period than the run's year."""
        try:
            self.out.flows = instalments(self.run, self.p, period, self.portions, self.out, self.keep)
        except Undetermined as stopped:
            self.out.undetermined(stopped.value)
        if not any(self.out.first):
            self.out.first = self.portions.first_listed()
        if not self.out.shadow:
            for flow in self.out.flows:
                self._book(flow)
        return self.out

    def known(self, value: Value, what: str = "") -> Any:
        return determined(value, self.p, what)

    def _move(self, flow: Flow) -> None:
        self.out.flows.append(flow)
        self._book(flow)

    def _book(self, flow: Flow) -> None:
        accounts = self.run.settling.notes if flow.unit == "owed" else self.run.built.accounts
        self.run.book.pay(flow.payer, flow.payee, flow.amount, accounts)

    def _worked(self, name: str, view: View) -> Instance:
        """The amount of one of what the payment is repeated over."""
        self.run.settling.work(4, f"the payment {self.p.name}", self.p.mark)
        found = Instance(name, view, [], self._shown())
        with found.stopping(self.out):
            if self._due(view, found.lines):  # of what is not, nothing more is read
                found.amount, found.bounds = self._amount(view, found.lines, party_of(self.p, name))
                found.due = True
        self.records += 1
        return found

    def _divide(self, instances: Sequence[Instance]) -> None:
        """Give what is due of each to its payees, slice by slice where there are slices."""
        p, kind = self.p, kind_of(self.p)
        due = [one for one in instances if one.due]
        if p.slices:
            Slicing(self.run, p, self.portions, self.out).divide(due)
        else:
            for one in due:
                with one.stopping(self.out):
                    self.portions.give(own_name(p, one.name), p.payers, p.payees, one.amount, one.view, one.bounds)
        for one in instances:
            if kind == "category":
                self.out.instances[one.name] = one.amount
            if kind != "record" or one.shown:
                self.out.waterfalls.append(Waterfall(one.name, tuple(one.lines), one.amount))

    def _shown(self) -> bool:
        """Whether what is needed to explain the instance in hand is kept: of records, of the first ones."""
        return self.keep and (kind_of(self.p) != "record" or self.records < SHOWN)

    def _due(self, view: View, lines: list[Line]) -> bool:
        """Whether the payment is to be made at all."""
        p = self.p
        if p.when is None or self.known(self.run.evaluate(p.when, view)):
            return True
        lines.append(Line("when", "not due", 0, 0, (), f"{p.when.text} is not so", p.clause, p.when.mark))
        return False

    def _amount(self, view: View, lines: list[Line], party: str) -> tuple[Number, Bounds]:
        """The amount after every step and limit, and what it is held to."""
        p, run = self.p, self.run
        day = day_of(run, p, view)
        start = over_segments(run, p, p.start, view, party, day)
        shown = self._shown()
        kept = details("start", run, p, p.start, view, party, day) if shown else ()
        lines.append(Line("start", p.start.text, None, start, (), "", p.clause, p.start.mark, details=kept))
        amount: Number = self.known(start, p.start.text)
        bounds = UNBOUND
        for step in p.steps:
            amount, bounds = self._step(step, amount, bounds, view, lines)
        effects = run.followed.of(p.name) if run.followed is not None else ()
        ruled = scaled(effects, amount, ("", party) if party else ("",), lines)
        bounds = bounds if ruled == amount else UNBOUND
        amount = ruled
        for step in _limits(p):
            amount, bounds = self._step(step, amount, bounds, view, lines)
        return amount, bounds

    def _step(
        self, step: e.Step, amount: Number, bounds: Bounds, view: View, lines: list[Line]
    ) -> tuple[Number, Bounds]:
        self.run.settling.work(1, f"the payment {self.p.name}", self.p.mark)
        line = take(step, amount, view, self._shown())
        lines.append(line)
        return self.known(line.after), held_to(step, line, bounds)


def _limits(p: e.Payment) -> Iterable[e.Step]:
    """The payment's own limits, taken as steps after its steps."""
    for kind, expr in (("at_most", p.at_most), ("at_least", p.at_least)):
        if expr is not None:
            name = f"the payment's limit, {kind.replace('_', ' ')}"
            yield e.Step(name, p.clause, kind, {"amount": expr}, None, p.limits_only, "", (), (), None, expr.mark)
