"""One payment in one period: its waterfalls, who has what part of it, and the money that this moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.formula import operations as op
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, normal, share_out
from alliance.contract.values import Unknown, Value, merge, unknown
from alliance.settlement.result import Detail, Line, Received, Waterfall
from alliance.settlement.run import Paid, Run
from alliance.settlement.sharing import matrix, shared, to_unit, weighted
from alliance.settlement.steps import take
from alliance.settlement.view import View


class Undetermined(Exception):
    """A payment cannot be determined: its message is the reasons."""

    def __init__(self, value: Unknown) -> None:
        super().__init__(str(value))
        self.value = value


@dataclass(frozen=True, slots=True)
class Flow:
    """What a payment moves. `unit` is money, the payment's unit, or `owed` for a note of what is owed."""

    kind: str
    payer: str
    payee: str
    amount: Number
    unit: str = "money"


@dataclass
class Outcome:
    """What one payment came to in one period."""

    status: str = "determined"
    waterfalls: list[Waterfall] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    received: dict[str, Number] = field(default_factory=dict)
    first: tuple[str, str] = ("", "")
    unearned: Number = 0
    carried: dict[str, Number] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def earned(self) -> Number:
        return sum(self.received.values())


@dataclass
class _Bucket:
    """Exact amounts for each payee, of payers with their shares."""

    payers: tuple[tuple[str, Number], ...]
    exact: dict[str, Number] = field(default_factory=dict)
    modes: set[str] = field(default_factory=set)


class Working:
    """Works out one payment in one run. `keep` keeps what is needed to explain each line."""

    def __init__(self, run: Run, payment: e.Payment, keep: bool) -> None:
        self.run, self.p, self.keep = run, payment, keep
        self.places = run.built.places if payment.unit.kind == "money" else 0
        self.out = Outcome()
        self.buckets: dict[Any, _Bucket] = {}
        self.contributions: dict[str, Number] = {}
        self.kept: Number = 0
        self.shown = 0
        self.unit = "money" if payment.unit.kind == "money" else payment.unit.kind

    def work(self) -> Outcome:
        """The outcome. What cannot be determined moves nothing, its funding included."""
        book = self.run.book.copy()
        try:
            self._fund()
            for name, view in self._instances():
                self._instance(name, view)
            for bucket in self.buckets.values():
                self._pay(bucket)
            self._unearned()
        except Undetermined as stopped:
            self.out.status = "undetermined"
            self.out.reasons = tuple(str(r) for r in stopped.value.reasons) or ("not known",)
            self.out.flows, self.out.received, self.out.unearned = [], {}, 0
            self.run.book = book
            self.run.paid[self.p.name] = Paid(earned=stopped.value, kept=stopped.value)
            return self.out
        self.out.first = self.out.first if any(self.out.first) else self._first()
        self.run.paid[self.p.name] = Paid(earned=self.out.earned, unearned=self.out.unearned, kept=self.kept)
        if self.p.in_shadow(self.run.built.calendar.year_of(self.run.period.start)):
            self.run.book = book
        return self.out

    def instalments(self, period: Period) -> Outcome:
        """What is paid on account in a shorter period: the year's amount in equal instalments, split by largest
        remainder, those that fall in the period. The run is the year's."""
        plan = self.p.on_account
        assert plan is not None
        book = self.run.book.copy()
        calendar = self.run.built.calendar
        whole = calendar.parts(self.run.period, plan.length)
        due = [i for i, part in enumerate(whole) if part.start in period and part.end in period]
        try:
            for name, view in self._instances():
                amount = self.known(self.run.evaluate(plan.of_the_year, view), plan.of_the_year.text)
                detail = (Detail("of the year", plan.of_the_year, view),) if self.keep else ()
                start = Line("start", plan.of_the_year.text, None, amount, (), "for the year", plan.clause, plan.mark, detail)
                note = f"{len(due)} of {len(whole)} instalments of the year"
                part = Line("instalment", "on account", amount, normal(Fraction(amount) * len(due) / len(whole)), (), note)
                self.out.waterfalls.append(Waterfall(name, (start, part), part.after))
                self._give(name, self.p.payers, self.p.payees, amount, view, "half_up", 1)
            for bucket in self.buckets.values():
                units = shared(bucket.exact, self.places, {}) if bucket.exact else {}
                for payer, payee, amount in matrix(units, dict(_merged(bucket.payers)), self.places):
                    split = share_out(amount, [1] * len(whole), self.places)
                    self._move(Flow("on account", payer, payee, sum(split[i] for i in due), self.unit))
        except Undetermined as stopped:
            self.out.status = "undetermined"
            self.out.reasons = tuple(str(r) for r in stopped.value.reasons)
            self.out.flows = []
        self.run.book = book
        return self.out

    def known(self, value: Value, what: str = "") -> Any:
        """The value, or the payment stops here as not determined."""
        if isinstance(value, Unknown):
            raise Undetermined(value)
        if value is None:
            raise Undetermined(unknown(what or self.p.name, "missing", self.p.mark))
        return value

    # funding

    def _fund(self) -> None:
        funding = self.p.funding
        if funding is None:
            return
        members = self.run.present(funding.each.keys) if funding.each else [funding.payer]
        facts: list[tuple[str, Value, str]] = []
        details: list[Detail] = []
        for member in members:
            view = self.run.view().holding(PARTY, member)
            amount = self.known(self._over_segments(funding.pays, view, member))
            amount = max(to_unit(amount, self.places), 0)
            self.contributions[member] = amount
            facts.append((member, amount, self.unit))
            details.append(Detail(member, funding.pays, view))
            if amount:
                self._move(Flow("funding", member, funding.into, amount, self.unit))
        total = sum(self.contributions.values())
        self.run.funded[funding.into] = total
        self.out.lines.append(
            Line("funding", f"paid into {self.run.built.accounts[funding.into].title}", 0, total, tuple(facts),
                 f"each pays {funding.pays.text}", "", funding.mark, tuple(details) if self.keep else ())
        )  # fmt: skip

    def _move(self, flow: Flow) -> None:
        self.out.flows.append(flow)
        for name, sign in ((flow.payer, -1), (flow.payee, 1)):
            account, _, key = name.partition("/")
            if account in self.run.built.accounts:
                self.run.book.put(account, key, sign * flow.amount)

    # amounts

    def _instances(self) -> Iterable[tuple[str, View]]:
        each, view = self.p.each, self.run.view()
        if each is None:
            yield "", view
        elif each.kind == "party":
            for party in self.run.present(each.keys):
                yield party, view.holding(PARTY, party)
        elif each.kind == "category":
            for option in each.keys:
                yield option, view.holding(each.over, option)
        else:
            if not self.run.has_records(each.over):
                raise Undetermined(unknown(each.over, "missing", self.run.built.inputs[each.over].mark))
            records = self.run.records(each.over)
            if each.kind == "record":
                for record in records:
                    yield str(record.mark), View(self.run, {}, record.fields)
            else:
                groups: dict[str, list[Any]] = {}
                for record in records:
                    groups.setdefault(_text(record.fields[each.field]), []).append(record)
                for key in sorted(groups):
                    first = groups[key][0].fields[each.field]
                    yield key, View(self.run, {}, {each.field: first}, tuple(groups[key]))

    def _over_segments(self, expr: e.Expr, view: View, party: str = "") -> Value:
        """The whole start formula for each stretch of the period over which nothing changes, weighed and added."""
        run = self.run
        changes = list(self.p.start_changes)
        for p in run.built.parties.values():
            if not party or p.name == party:
                changes += [p.start, p.end + timedelta(days=1)]
        changes = [c for c in changes if run.built.start < c <= run.built.end or party]
        cuts = run.segments(changes)
        member = run.built.parties.get(party)
        if len(cuts) == 1 and (member is None or member.days_in(cuts[0].start, cuts[0].end)):
            return run.evaluate(expr, view)
        parts: list[Value] = []
        for cut in cuts:
            if member is None or member.days_in(cut.start, cut.end):
                parts.append(op.multiply(run.evaluate(expr, view.within(cut)), cut.weight))
        return op.total(parts)

    def _instance(self, name: str, view: View) -> None:
        lines: list[Line] = []
        each = self.p.each
        many = each is not None and each.kind == "record"
        try:
            amount, mode = self._amount(view, lines, name if each is not None and each.kind == "party" else "")
            instance = "" if many else name
            if self.p.slices:
                self._slices(instance, amount, view, lines, mode)
            else:
                self._give(instance, self.p.payers, self.p.payees, amount, view, mode, 1)
        except Undetermined as stopped:
            self.out.waterfalls.append(Waterfall(name, tuple(lines), stopped.value))
            raise
        if not many or (self.keep and self.shown < 1000):
            self.shown += 1
            self.out.waterfalls.append(Waterfall(name, tuple(lines), amount))
        elif not self.keep and self.shown < 1:
            self.shown += 1
            self.out.waterfalls.append(Waterfall("", (), amount, 1))

    def _amount(self, view: View, lines: list[Line], party: str) -> tuple[Number, str]:
        """The amount after every step and limit, and how it is rounded: a cap down, a floor up."""
        p, run = self.p, self.run
        if p.when is not None:
            applies = self.known(run.evaluate(p.when, view))
            if not applies:
                lines.append(Line("when", "not due", 0, 0, (), f"{p.when.text} is not so", p.clause, p.when.mark))
                return 0, "half_up"
        start = self._over_segments(p.start, view, party)
        details = (Detail("start", p.start, view),) if self.keep else ()
        lines.append(Line("start", p.start.text, None, start, (), "", p.clause, p.start.mark, details))
        amount: Number = self.known(start, p.start.text)
        mode = "half_up"
        for step in p.steps:
            line = take(step, amount, view, self.keep)
            lines.append(line)
            after = self.known(line.after)
            if after != amount or step.operation in ("at_most", "at_least"):
                limited = {"limited": "down", "raised to the least": "up"}.get(line.note)
                mode = limited or ("half_up" if after != amount else mode)
            amount = after
        for kind, expr in (("at_most", p.at_most), ("at_least", p.at_least)):
            if expr is None:
                continue
            step = e.Step(f"the payment's limit, {kind.replace('_', ' ')}", p.clause, kind, {"amount": expr}, None,
                          p.limits_only, "", (), (), None, expr.mark)  # fmt: skip
            line = take(step, amount, view, self.keep)
            lines.append(line)
            after = self.known(line.after)
            mode = {"limited": "down", "raised to the least": "up"}.get(line.note, mode)
            amount = after
        return amount, mode

    def _slices(self, instance: str, amount: Number, view: View, lines: list[Line], mode: str) -> None:
        sign = (amount > 0) - (amount < 0)
        left: Number = abs(amount)
        for part in self.p.slices:
            if part.only and part.only != ("gain" if sign > 0 else "loss"):
                continue
            if part.when is not None and not self.known(self.run.evaluate(part.when, view)):
                continue
            width: Number = left
            if part.up_to is not None:
                width = max(self.known(self.run.evaluate(part.up_to, view)), 0)
            taken = min(left, width)
            left = normal(Fraction(left - taken))
            before = self.kept
            self._give(instance, part.payers, part.payees, sign * taken, view, "half_up", sign)
            stays = self.kept - before
            note = f"{_names(part.payees)}" if not stays else ""
            facts: tuple[tuple[str, Value, str], ...] = (("of it", sign * taken, self.unit),)
            if stays:
                facts = (*facts, ("stays with the payer", stays, self.unit))
            detail = (Detail("up to", part.up_to, view),) if self.keep and part.up_to is not None else ()
            lines.append(Line("slice", part.name, sign * (left + taken), sign * left, facts, note, part.clause, part.mark, detail))
        if left:
            self.kept += sign * left
            lines.append(Line("kept", "beyond every slice, kept by the payer", sign * left, 0, (), "", "", self.p.mark))

    # sharing

    def _give(
        self, instance: str, payers: tuple[e.Share, ...], payees: tuple[e.Share, ...], amount: Number, view: View, mode: str,
        sign: int,
    ) -> None:  # fmt: skip
        """Put an exact amount into the bucket of its payers and payees."""
        who = tuple((self._who(s, view), part) for s, part in self._parts(payers, view))
        parts = self._parts(payees, view)
        targets = tuple(f"{s.kind}:{s.name}" if s.kind in ("group", "stays") else self._who(s, view) for s, _ in parts)
        bucket = self.buckets.setdefault((instance, who, targets), _Bucket(who))
        bucket.modes.add(mode)
        if not any(self.out.first):
            self.out.first = (who[0][0] if who else "", self._first_payee(payees, view))
        for share, part in parts:
            exact = normal(Fraction(amount) * part)
            if share.kind == "stays":
                self.kept += exact
            elif share.kind == "group":
                weights = self._weights(self.p.groups[share.name], view, amount)
                given: Number = 0
                for name, weight in weights.items():
                    bucket.exact[name] = bucket.exact.get(name, 0) + normal(exact * Fraction(weight))
                    given += exact * Fraction(weight)
                self.kept += exact - given
            else:
                name = self._who(share, view)
                bucket.exact[name] = bucket.exact.get(name, 0) + exact

    def _parts(self, shares: tuple[e.Share, ...], view: View) -> list[tuple[e.Share, Number]]:
        if len(shares) == 1 and shares[0].share is None:
            return [(shares[0], 1)]
        given = [(s, self.known(self.run.evaluate(s.share, view)) if s.share is not None else None) for s in shares]
        rest = 1 - sum(v for _, v in given if v is not None)
        if rest < 0 or any(v is not None and v < 0 for _, v in given):
            raise Undetermined(unknown(f"shares of {self.p.name} that total more than 100%", "not assessable", self.p.mark))
        return [(s, normal(Fraction(rest)) if v is None else v) for s, v in given]

    def _who(self, share: e.Share, view: View) -> str:
        if share.kind == "binding":
            return view.bound[PARTY] if PARTY in view.bound else _text(view.fields[share.name])
        if share.kind == "field":
            return _text(view.fields[share.name])
        if share.kind == "account":
            by = self.run.built.accounts[share.name].by
            if by:
                key = view.fields.get(by) if by in view.fields else view.bound.get(by)
                return f"{share.name}/{_text(self.known(key, f'the {by} of {share.name}'))}"
        return share.name

    def _first_payee(self, payees: tuple[e.Share, ...], view: View) -> str:
        for share in payees:
            if share.kind == "group":
                members = self.p.groups[share.name].members
                return members[0] if members else ""
            if share.kind != "stays":
                return self._who(share, view)
        return ""

    def _first(self) -> tuple[str, str]:
        """Payer and first payee of a payment over records of which there are none."""
        payer = self.p.payers[0].name if self.p.payers else ""
        payee = self.p.payees[0].name if self.p.payees else ""
        return payer, payee

    def _weights(self, group: e.Group, view: View, amount: Number) -> dict[str, Number]:
        """The parts of a group's members in it; less than the whole where absence leaves a gap."""
        run, period = self.run, self.run.period
        found: list[tuple[str, Number]] = []
        gap: Number = 0
        for member in group.members:
            party = run.built.parties.get(member)
            if party is None and amount < 0:
                continue  # accounts that are not parties share gains, never losses
            if group.basis == "contribution":
                found.append((member, self.contributions.get(member, 0)))
                continue
            weight: Number = 1
            if group.basis == "fixed":
                weight = self.known(run.evaluate(group.weights[member], view))
            elif group.basis == "figure":
                assert group.weight is not None
                if party is not None and not party.days_in(period.start, period.end):
                    continue
                weight = self.known(run.evaluate(group.weight, run.view().holding(PARTY, member)))
            if weight < 0:
                raise Undetermined(unknown(f"the share of {member}, which is below nothing", "not assessable", group.mark))
            if party is not None:
                present = normal(Fraction(party.days_in(period.start, period.end), period.days))
                gap += weight * (1 - present)
                weight = normal(weight * Fraction(present))
            found.append((member, weight))
        if self.p.absent == "unearned" and gap:
            found.append(("\x00gap", normal(Fraction(gap))))
        return {name: w for name, w in weighted(found).items() if name != "\x00gap"}

    # paying

    def _pay(self, bucket: _Bucket) -> None:
        mode = bucket.modes.pop() if len(bucket.modes) == 1 else "half_up"
        for sign in (1, -1):
            exact = {k: abs(v) for k, v in self._in_order(bucket.exact) if v * sign > 0}
            if exact:
                self._pay_side(bucket, exact, sign, mode)

    def _in_order(self, exact: dict[str, Number]) -> list[tuple[str, Number]]:
        order = {name: i for i, name in enumerate([*self.run.built.parties, *self.run.built.accounts])}
        return sorted(exact.items(), key=lambda item: (order.get(item[0].partition("/")[0], len(order)), item[0]))

    def _pay_side(self, bucket: _Bucket, exact: dict[str, Number], sign: int, mode: str) -> None:
        run, p = self.run, self.p
        limit = p.gain_limit if sign > 0 else p.loss_limit
        caps, beyond = {}, "payer"
        side = "gain" if sign > 0 else "loss"
        if limit is not None:
            beyond = limit.beyond
            caps = {k: self._left(limit, side, k) for k in exact if k in run.built.roles[limit.each]}
            if beyond == "carry":
                for k in caps:
                    exact[k] += run.settling.carried.get(f"{p.name}/{side}/{k}", 0)
        for name in exact:
            self._ceiling(name, caps, sign)
        most = self._available(bucket) if sign > 0 else None
        units = shared(exact, self.places, caps, "others" if beyond == "others" else "payer", mode, most)
        for name, amount in units.items():
            self._note(name, exact[name], amount, caps, limit, side, sign)
        self._recoup(units, sign, bucket)
        payers = dict(_merged(bucket.payers))
        for payer, payee, amount in matrix(units, payers, self.places):
            ends = (payer, payee) if sign > 0 else (payee, payer)
            self._move(Flow("payment", *ends, amount, self.unit))

    def _left(self, limit: e.PartyLimit, side: str, party: str) -> Number:
        """What is left of a party's limit in the year."""
        settling, run = self.run.settling, self.run
        year = run.built.calendar.year_of(run.period.start)
        at_most = self.known(run.evaluate(limit.at_most, settling.year_run(run).view().holding(PARTY, party)))
        return max(at_most - settling.used(year, self.run.period, self.p.name, side, party), 0)

    def _ceiling(self, name: str, caps: dict[str, Number], sign: int) -> None:
        """An account takes in no more than its ceiling leaves room for."""
        account, _, key = name.partition("/")
        entry = self.run.built.accounts.get(account)
        if entry is None or entry.ceiling is None or sign < 0:
            return
        ceiling = self.known(self.run.evaluate(entry.ceiling, self.run.view()))
        room = max(ceiling - self.run.book.balance(account, key), 0)
        caps[name] = min(caps.get(name, room), room)

    def _available(self, bucket: _Bucket) -> Number | None:
        """The most that accounts among the payers can pay without closing below their floors."""
        most: Number | None = None
        for name, part in _merged(bucket.payers):
            account, _, key = name.partition("/")
            entry = self.run.built.accounts.get(account)
            if entry is None or entry.floor is None or not part:
                continue
            floor = self.known(self.run.evaluate(entry.floor, self.run.view()))
            here = max(self.run.book.balance(account, key) - floor, 0) / Fraction(part)
            most = here if most is None else min(most, here)
        return normal(Fraction(most)) if most is not None else None

    def _note(
        self, name: str, exact: Number, amount: Number, caps: dict[str, Number], limit: e.PartyLimit | None, side: str, sign: int
    ) -> None:
        """Keep what a payee got, and say what a limit cut."""
        p = self.p
        self.out.received[name] = self.out.received.get(name, 0) + sign * amount
        if name in caps and exact > amount and exact > caps[name]:
            cut = exact - amount
            kind = "limit"
            where = {"others": "shared among the others", "carry": "carried to the next settlement"}.get(
                limit.beyond if limit is not None and name in self.run.built.parties else "", "kept by the payer"
            )
            self.out.lines.append(
                Line(kind, f"{name}: at most", sign * exact, sign * amount, (("limit", caps[name], self.unit),),
                     f"what is beyond is {where}", limit.clause if limit else "", limit.mark if limit else p.mark)
            )  # fmt: skip
            if limit is not None and limit.beyond == "carry":
                self.out.carried[f"{p.name}/{side}/{name}"] = normal(Fraction(cut))
            elif limit is None or limit.beyond != "others":
                self.kept += sign * cut
        if name in self.run.built.parties:
            self.run.settling.use(self.run, p.name, side, name, amount)

    def _recoup(self, units: dict[str, Number], sign: int, bucket: _Bucket) -> None:
        recoup, p = self.p.recoup, self.p
        payer = bucket.payers[0][0]
        for name in units:
            if sign > 0 and p.owed and units[name]:
                key = name if self.run.built.accounts[p.owed].by else ""
                self._move(Flow("advance", payer, f"{p.owed}/{key}" if key else p.owed, units[name], "owed"))
            if recoup is None or sign < 0 or not units[name]:
                continue
            key = name if self.run.built.accounts[recoup.account].by else ""
            owed = max(self.run.book.balance(recoup.account, key), 0)
            most = units[name]
            if recoup.at_most is not None:
                view = self.run.view().holding(PARTY, name).knowing(earned=units[name])
                most = min(most, to_unit(max(self.known(self.run.evaluate(recoup.at_most, view)), 0), self.places, "down"))
            taken = min(most, owed)
            if taken:
                units[name] -= taken
                account = f"{recoup.account}/{key}" if key else recoup.account
                self._move(Flow("recoupment", account, payer, taken, "owed"))
                self.out.lines.append(
                    Line("recoup", f"taken back from {name}", units[name] + taken, units[name],
                         (("still owed", owed - taken, self.unit),), "an advance is recouped from what is earned",
                         recoup.clause, recoup.mark)
                )  # fmt: skip

    def _unearned(self) -> None:
        """What a funded pool did not pay out goes where the contract says."""
        p, funding = self.p, self.p.funding
        if funding is None:
            return
        paid = sum(f.amount for f in self.out.flows if f.payer == funding.into and f.kind == "payment")
        back = sum(f.amount for f in self.out.flows if f.payee == funding.into and f.kind == "payment")
        total = sum(self.contributions.values())
        left = max(total + back - paid, 0)
        self.out.unearned = left
        if not left:
            return
        target = p.unearned or "carried"
        words = {"carried": "carried in the pool", "contributors": "returned by contribution"}.get(target, f"to {target}")
        self.out.lines.append(Line("unearned", "not earned", left, 0, (), words, p.clause, p.mark))
        if target == "contributors":
            given = {k: v for k, v in self.contributions.items() if v}
            for name, amount in zip(given, share_out(left, list(given.values()), self.places), strict=True):
                if amount:
                    self._move(Flow("unearned", funding.into, name, amount, self.unit))
        elif target != "carried":
            self._move(Flow("unearned", funding.into, target, left, self.unit))


def _merged(payers: tuple[tuple[str, Number], ...]) -> list[tuple[str, Number]]:
    found: dict[str, Number] = {}
    for name, part in payers:
        found[name] = found.get(name, 0) + part
    return list(found.items())


def _names(shares: tuple[e.Share, ...]) -> str:
    return "to " + ", ".join(s.name or "those who share" for s in shares) if shares else ""


def _text(value: Value) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_ = (merge, Received)
