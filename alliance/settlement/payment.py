"""One payment in one period: its waterfalls, slices, and the money that they move."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, normal, share_out, size
from alliance.contract.values import Value, unknown
from alliance.settlement.effects import paid_by_rules, scaled, undecided
from alliance.settlement.outcome import Flow, Outcome, Undetermined, account_of, determined, text_of
from alliance.settlement.pool import fund, unearned
from alliance.settlement.portions import Portions
from alliance.settlement.result import Detail, Line, Waterfall
from alliance.settlement.run import Paid, Run
from alliance.settlement.sharing import to_unit
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
        self.out = Outcome()
        self.portions = Portions(run, payment, self.out, self._move, self.places)
        self.records = 0

    def work(self) -> Outcome:
        """The outcome. What cannot be determined moves nothing, its funding included."""
        run, book, funded = self.run, self.run.book.copy(), dict(self.run.funded)
        followed, held = run.followed, len(run.held)
        effects = followed.of(self.p.name) if followed is not None else []
        try:
            undecided(effects)
            if self.p.rule:
                self.out = paid_by_rules(run, self.p, effects)
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
        run.settling.use(run, self.p.name, self.out.used)
        if self.p.in_shadow(run.built.calendar.year_of(run.period.start)):
            run.book = book
            del run.held[held:]
        return self.out

    def _work(self) -> None:
        run = self.run
        self.portions.contributions = fund(run, self.p, self.out, self._move, self.places, self.keep)
        for name, view in self._instances():
            self._instance(name, view)
        self.portions.pay()
        unearned(run, self.p, self.out, self.portions.contributions, self._move, self.places)

    def instalments(self, period: Period) -> Outcome:
        """What is paid on account in a shorter period: the year's amount in equal instalments, split by largest
        remainder, those that fall in the period. The run is the year's."""
        plan, built = self.p.on_account, self.run.built
        assert plan is not None
        parts = built.calendar.parts(self.run.period, plan.length)
        whole = [p for p in parts if p.end >= built.start and p.start <= built.end]
        due = [i for i, part in enumerate(whole) if part.start in period and part.end in period]
        note = f"{len(due)} of {len(whole)} instalments of the year"
        try:
            for name, view in self._instances():
                amount = self.known(self.run.evaluate(plan.of_the_year, view), plan.of_the_year.text)
                detail = (Detail("of the year", plan.of_the_year, view.kept(plan.of_the_year)),) if self.keep else ()
                text = plan.of_the_year.text
                start = Line("start", text, None, amount, (), "for the year", plan.clause, plan.mark, details=detail)
                part = Line(
                    "instalment", "on account", amount, normal(Fraction(amount) * len(due) / len(whole)), (), note
                )
                self.out.waterfalls.append(Waterfall(name, (start, part), part.after))
                self.portions.give(name, self.p.payers, self.p.payees, amount, view)
            self.out.flows = self._on_account(len(whole), due)
        except Undetermined as stopped:
            self.out.undetermined(stopped.value)
        if not self.p.in_shadow(built.calendar.year_of(period.start)):
            for flow in self.out.flows:
                self._book(flow)
        return self.out

    def _on_account(self, count: int, due: list[int]) -> list[Flow]:
        """The instalments due of so many; an account pays no more than it holds above its floor."""
        rooms: dict[str, Number | None] = {}
        found = []
        for payer, payee, amount in self.portions.plain():
            split = share_out(amount, [1] * count, self.places)
            part, room = sum(split[i] for i in due), rooms.setdefault(payer, self.portions.room(payer))
            if room is not None:
                if part > room:
                    facts = (("available", room, self.p.unit.kind),)
                    note = "an account pays no more than it holds above its floor"
                    self.out.lines.append(Line("limit", "what the account holds", part, room, facts, note))
                    part = to_unit(room, self.places, "down")
                rooms[payer] = room - part
            found.append(Flow("on account", payer, payee, part, self.p.unit.kind))
        return found

    def known(self, value: Value, what: str = "") -> Any:
        return determined(value, self.p, what)

    def _move(self, flow: Flow) -> None:
        self.out.flows.append(flow)
        self._book(flow)

    def _book(self, flow: Flow) -> None:
        for name, sign in ((flow.payer, -1), (flow.payee, 1)):
            account, key = account_of(name)
            if account in self.run.built.accounts:
                self.run.book.put(account, key, sign * flow.amount)

    def _instances(self) -> Iterable[tuple[str, View]]:
        """What the payment is repeated over, each with its view; groups of records in the order of their keys."""
        each, run = self.p.each, self.run
        if each is None:
            yield "", run.view()
        elif each.kind == "party":
            for party in run.present(each.keys):
                yield party, run.view().holding(PARTY, party)
        elif each.kind == "category":
            for option in each.keys:
                yield option, run.view().holding(each.over, option)
        else:
            lacking = run.lacking(run.built.inputs[each.over])
            if lacking is not None:
                raise Undetermined(lacking)
            records = run.records(each.over)
            if each.kind == "record":
                for record in records:
                    yield str(record.mark), View(run, {}, record.fields)
                return
            groups: dict[str, list[Any]] = {}
            for record in records:
                field = record.fields[each.field]
                if field is None:
                    raise Undetermined(unknown(f"the {each.field} of a record in {each.over}", "missing", record.mark))
                groups.setdefault(text_of(field), []).append(record)
            for key in sorted(groups):
                first = groups[key][0].fields[each.field]
                yield key, View(run, {}, {each.field: first}, tuple(groups[key]))

    def _instance(self, name: str, view: View) -> None:
        self.run.settling.work(4, f"the payment {self.p.name}", self.p.mark)
        lines: list[Line] = []
        kind = self.p.each.kind if self.p.each is not None else ""
        instance = "" if kind in ("record", "group") else name  # records make one transfer per payer and payee
        try:
            amount: Number = 0
            if self._due(view, lines):  # of what is not, nothing more is read
                amount, bounds = self._amount(view, lines, name if kind == "party" else "")
                if self.p.slices:
                    self._slices(instance, amount, view, lines, bounds)
                else:
                    self.portions.give(instance, self.p.payers, self.p.payees, amount, view, bounds)
        except Undetermined as stopped:
            self.out.waterfalls.append(Waterfall(name, tuple(lines), stopped.value))
            raise
        if kind == "category":
            self.out.instances[name] = amount
        if kind != "record" or self._shown():
            self.out.waterfalls.append(Waterfall(name, tuple(lines), amount))
        self.records += 1

    def _shown(self) -> bool:
        """Whether what is needed to explain the instance in hand is kept: of records, of the first ones."""
        each = self.p.each
        return self.keep and (each is None or each.kind != "record" or self.records < SHOWN)

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
        day = self._day(view)
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

    def _day(self, view: View) -> date | None:
        """The day of the record in hand, where it has one."""
        each = self.p.each
        dated = self.run.built.inputs[each.over].dated if each is not None and each.kind == "record" else ""
        day = view.fields[dated] if dated else None
        return day if isinstance(day, date) else None

    def _slices(self, instance: str, amount: Number, view: View, lines: list[Line], bounds: Bounds) -> None:
        """Divide the amount in order; what no slice takes stays with the payer."""
        sign = (amount > 0) - (amount < 0)
        left: Number = size(amount)
        for rank, part in enumerate(self.p.slices):
            if part.only and sign != (1 if part.only == "gain" else -1):
                continue
            if part.when is not None and not self.known(self.run.evaluate(part.when, view)):
                continue
            width: Number = left
            note = ""
            if part.up_to is not None:
                width = max(self.known(self.run.evaluate(part.up_to, view)), 0)
            if sign > 0 and not (self.p.each is not None and self.p.each.kind == "record"):  # rows have no order
                wanted = min(left, width)
                width = self.portions.reach(part.payers, wanted, view)
                if width < wanted:
                    note = "the account gives what it holds" if width else "the account has nothing to give"
            taken = min(left, width)
            kept = self.out.kept
            self.portions.give(instance, part.payers, part.payees, sign * taken, view, bounds, rank, amount)
            stays = normal(Fraction(self.out.kept - kept))
            parts = [(s, v) for s, v in self.portions.parts(part.payees, view) if s.share is not None]
            facts: tuple[tuple[str, Value, str], ...] = (
                ("in this slice", sign * taken, self.p.unit.kind),
                *((f"to {s.name}", v, "percent") for s, v in parts if s.name),
            )
            if stays:
                facts = (*facts, ("stays with the payer", stays, self.p.unit.kind))
            behind = [("up to", part.up_to), *((f"to {s.name}", s.share) for s, _ in parts if s.name)]
            detail = tuple(Detail(n, x, view.kept(x)) for n, x in behind if x is not None and self._shown())
            before, left = left, normal(Fraction(left - taken))
            clause, mark = part.clause, part.mark
            lines.append(
                Line("slice", part.name, sign * before, sign * left, facts, note, clause, mark, details=detail)
            )
        if left:
            self.out.kept += sign * left
            lines.append(Line("kept", "beyond every slice, kept by the payer", sign * left, 0, mark=self.p.mark))


def _limits(p: e.Payment) -> Iterable[e.Step]:
    """The payment's own limits, taken as steps after its steps."""
    for kind, expr in (("at_most", p.at_most), ("at_least", p.at_least)):
        if expr is not None:
            name = f"the payment's limit, {kind.replace('_', ' ')}"
            yield e.Step(name, p.clause, kind, {"amount": expr}, None, p.limits_only, "", (), (), None, expr.mark)
