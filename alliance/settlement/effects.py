"""What rules do to the amounts of a payment: gates and scales, deductions, and money held back."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.numbers import Number, normal, share_out
from alliance.contract.values import unknown
from alliance.settlement.book import account_of
from alliance.settlement.following import Effect
from alliance.settlement.holding import HOLDS, WITHHELD, consequence, holding, lapse_day, settled_on_records
from alliance.settlement.outcome import Flow, Outcome, Undetermined, determined
from alliance.settlement.result import Detail, Line, Waterfall
from alliance.settlement.sharing import to_unit
from alliance.settlement.state import HeldBack

if TYPE_CHECKING:
    from alliance.settlement.run import Run

ON_AMOUNT = ("gate", "scale")
TEST = "test"
"""What the tests of a rule are called among the formulas behind a line."""


def undecided(effects: Iterable[Effect]) -> None:
    """A payment cannot be determined where it cannot be decided what a rule does to it."""
    for effect in effects:
        if effect.verb == "unknown":
            assert not isinstance(effect.value, (int, Fraction))
            raise Undetermined(effect.value)  # type: ignore[arg-type]


def scaled(
    effects: Iterable[Effect], amount: Number, about: tuple[str, ...], lines: list[Line], name: str = ""
) -> Number:
    """An amount after the gates and scales that are about it (`about` holds the empty name for what is about all). They
    touch gains, unless they say that they touch losses."""
    mine = [x for x in effects if x.verb in ON_AMOUNT and x.who in about]
    for effect in sorted(mine, key=lambda x: x.verb):
        if not amount or (amount < 0) is not (effect.only == "loss"):
            continue
        factor: Any = 0 if effect.verb == "gate" else effect.value
        after = normal(Fraction(amount) * factor)
        facts: tuple[tuple[str, Any, str], ...] = (("factor", factor, "percent"),) if effect.verb == "scale" else ()
        lines.append(_line(effect, name, amount, after, facts))
        amount = after
    return amount


class Cuts:
    """Deductions from one payment, and what is held back of it, in one period."""

    def __init__(self, run: Run, payment: e.Payment, out: Outcome, places: int) -> None:
        self.run, self.p, self.out, self.places = run, payment, out, places
        followed = run.followed
        effects = followed.of(payment.name) if followed is not None else []
        self.effects = [x for x in effects if x.who]
        self.deductions = [x for x in effects if x.verb == "deduct"]
        self.holds = [x for x in effects if x.verb in HOLDS]
        self.taken: dict[int, Number] = {}
        self.shared: dict[tuple[int, str], Number] = {}
        self.had: dict[tuple[str, str], Number] = {}
        self.anew = [x for x in self.holds if not settled_on_records(run, x.rule, payment.name)]
        self.stay = [h for h in run.settling.held_in(run.period, payment.name) if self._stays(h)]
        self.stayed: dict[str, Number] = {}

    def scale(self, exact: dict[str, Number]) -> None:
        """Gates and scales about one party of a payment that is shared: its own share, and no other."""
        if self.p.each is not None and self.p.each.kind == "party":
            return
        for name, before in exact.items():
            exact[name] = scaled(self.effects, before, (name,), self.out.lines, name)
            self.out.kept += before - exact[name]

    def _so_far(self, what: str, units: Mapping[str, Number]) -> dict[str, Number]:
        """What each has had by now, with what it has from further payers."""
        for name, amount in units.items():
            self.had[what, name] = self.had.get((what, name), 0) + amount
        return {name: self.had[what, name] for name in units}

    def deduct(self, units: dict[str, Number]) -> None:
        """Take deductions from what parties have, each at most what is left."""
        had = self._so_far("deduct", units)
        for effect in in_turn(self.deductions):
            for name, asked in self._asked(effect, units, had).items():
                taken = min(asked, units[name])
                if taken <= 0:
                    continue
                before = units[name]
                units[name] = before - taken
                self.out.received[name] -= taken
                self.out.kept += taken
                self.out.lines.append(self._line(effect, name, before, units[name]))

    def hold(self, units: Mapping[str, Number], payers: Container[str]) -> list[tuple[Effect | HeldBack, str, Number]]:
        """What is held back of what each party has from these payers: by what, of whom, how much."""
        left, had = dict(units), self._so_far("hold", units)
        found: list[tuple[Effect | HeldBack, str, Number]] = []
        holds: list[Effect | HeldBack] = [*self.anew, *self.stay]
        for one in sorted(holds, key=self._turn):
            if isinstance(one, Effect):
                asked = self._asked(one, left, had)
            elif one.payer in payers and one.payee in left:
                asked = {one.payee: one.amount - self.stayed.get(one.key, 0)}
            else:
                asked = {}
            for name, much in asked.items():
                held = min(much, left[name])
                if held > 0:
                    left[name] -= held
                    found.append((one, name, held))
                    if isinstance(one, HeldBack):
                        self.stayed[one.key] = self.stayed.get(one.key, 0) + held
        return found

    def _turn(self, one: Effect | HeldBack) -> tuple[Any, ...]:
        """When something is held back: what stays so takes the turn of what it followed from."""
        if isinstance(one, Effect):
            return turn(one.of, one.who, one.rule.name, place_of(one), one.key)
        c = consequence(self._rule(one), one.payment, one.then)
        assert c is not None
        key = one.key.partition(" | ")[0].partition(" ")[2]
        return turn(
            "amount" if "amount" in c.figures else "", "" if c.of is None else one.payee, one.rule, one.then, key
        )

    def _rule(self, item: HeldBack) -> e.Rule:
        return next(r for r in self.run.built.rules if r.name == item.rule)

    def _asked(self, effect: Effect, units: Mapping[str, Number], had: Mapping[str, Number]) -> dict[str, Number]:
        """How much an effect asks of each party, rounded to the penny: a share of what it had by now, from all payers,
        before any such effect, so that shares add up; an amount of what is left."""
        parties = self.run.built.parties
        names = [n for n, v in units.items() if v > 0 and n in parties and effect.who in ("", n)]
        if not names:
            return {}
        value: Any = determined(effect.value, self.p)
        if value < 0:
            raise Undetermined(unknown(f"what the rule {effect.rule.name} takes, less than nothing", "not assessable"))
        if effect.of != "amount":
            asked = {}
            for n in names:
                before = self.shared.get((id(effect), n), 0)
                self.shared[id(effect), n] = to_unit(normal(Fraction(had[n]) * min(value, 1)), self.places, "half_up")
                asked[n] = self.shared[id(effect), n] - before
            return asked
        at = id(effect)
        total: Number = to_unit(value, self.places, "half_up") - self.taken.get(at, 0)
        have: Number = sum(units[n] for n in names)
        total = min(total, have)
        if total <= 0:
            return {}
        self.taken[at] = self.taken.get(at, 0) + total
        return dict(zip(names, share_out(total, [units[n] for n in names], self.places), strict=True))

    def _line(self, effect: Effect, name: str, before: Number, after: Number) -> Line:
        """A line of what is taken or held back."""
        unit = "money" if effect.of == "amount" else "percent"
        facts = ((effect.of, effect.value, unit),) if effect.of else ()
        return _line(effect, name, before, after, facts)

    def withhold(
        self, held: list[tuple[Effect | HeldBack, str, Number]], cells: list[tuple[str, str, Number]]
    ) -> tuple[list[tuple[str, str, Number]], list[Flow]]:
        """The payments left, and what moves into the account of money held back instead."""
        left = {(payer, payee): amount for payer, payee, amount in cells}
        flows: list[Flow] = []
        for one, payee, amount in held:
            payers = {a: max(x, 0) for (a, b), x in left.items() if b == payee != a}  # its own part it has already
            if isinstance(one, HeldBack):
                payers = {a: x for a, x in payers.items() if a == one.payer}
            amount = min(amount, sum(payers.values()))
            if not amount:
                continue
            for payer, part in zip(payers, share_out(amount, list(payers.values()), self.places), strict=True):
                if part:
                    left[payer, payee] -= part
                    if isinstance(one, HeldBack):
                        kept = replace(one, amount=part, stands=self._released(one))
                    else:
                        kept = self._held(one, payer, payee, part)
                    flows.append(Flow(WITHHELD, payer, f"{WITHHELD}/{kept.key}", part))
                    self.run.held.append(kept)
            self.out.lines.append(self._line_of(one, payee, amount))
        return [(a, b, amount) for (a, b), amount in left.items()], flows

    def _held(self, effect: Effect, payer: str, payee: str, amount: Number) -> HeldBack:
        """What is held back, as it is remembered until it is let go. It is kept under a name of its own: of the rule,
        the fact, the payment, the period, and between whom."""
        period, c, view = self.run.period, effect.rule.then[effect.then], effect.view
        assert view is not None
        key = f"{what_of(effect)} | {self.p.name} | {period.label} | {payer} | {payee}"
        return HeldBack(
            key, effect.rule.name, place_of(effect), self.p.name, period.label, period.start, period.length,
            payer, payee, amount, lapse_day(c, period), facts=view.fields, bound=view.bound,
        )  # fmt: skip

    def _line_of(self, one: Effect | HeldBack, payee: str, amount: Number) -> Line:
        if isinstance(one, Effect):
            return self._line(one, payee, amount, 0)
        note = f"rule {one.rule}: held back when the period was first settled"
        return Line("withhold", f"{self._rule(one).title}: {payee}", amount, 0, (("rule", one.rule, "rule"),), note)

    def _stays(self, item: HeldBack) -> bool:
        """Whether what was held back stays so whatever its rule says now: of a rule that reads records, which go on to
        say what became of what they are about; and, of one that does not hold now, what was released since, for its
        payee has it. Of a rule that is gone nothing is held back."""
        rule = next((r for r in self.run.built.rules if r.name == item.rule), None)
        if rule is None or consequence(rule, item.payment, item.then) is None:
            return False
        return settled_on_records(self.run, rule, self.p.name) or self._released(item)

    def _released(self, item: HeldBack) -> bool:
        """Whether it was released since, of a rule of values that does not hold for it now."""
        what, _, _ = item.key.partition(" | ")
        now = any(what_of(x) == what and x.who in ("", item.payee) for x in self.anew)
        return item.how == "release" and not now and not settled_on_records(self.run, self._rule(item), self.p.name)


def place_of(effect: Effect) -> int:
    """The place of what holds back among those of its rule that hold the payment back."""
    return [c is effect.rule.then[effect.then] for c in holding(effect.rule, effect.payment)].index(True)


def _line(
    effect: Effect,
    name: str,
    before: Number | None,
    after: Number,
    facts: tuple[tuple[str, Any, str], ...] = (),
    kind: str = "",
) -> Line:
    """What a rule did, as a line of a waterfall: to whom, with the rule and the facts that it held for; and where it is
    to be explained the formula of how much, and the tests."""
    verb = kind or {"hold": "withhold"}.get(effect.verb, effect.verb)
    title = f"{effect.rule.title}: {name}" if name else effect.rule.title
    told = (*facts, *effect.told)
    view, details = effect.view, []
    if view is not None and view.run.settling.keep:
        much = effect.rule.then[effect.then].figures.get(effect.of)
        behind = [(effect.of, much), *((TEST, x) for x in effect.rule.tests)]
        details = [Detail(label, x, view.kept(x)) for label, x in behind if x is not None]
    return Line(verb, title, before, after, told, effect.note, effect.clause, effect.mark, details=tuple(details))


def in_turn(effects: Iterable[Effect]) -> list[Effect]:
    """Effects in an order that that of the rules does not change: shares, then amounts of one party, then of all; each
    by the name of its rule and what it held for."""
    return sorted(effects, key=lambda x: turn(x.of, x.who, x.rule.name, x.then, x.key))


def turn(of: str, who: str, rule: str, then: int, key: str) -> tuple[Any, ...]:
    return of == "amount", not who, rule, then, key, who


def what_of(effect: Effect) -> str:
    """What holds money back, under which it is kept: a consequence of a rule, and the fact that it followed from."""
    return f"{effect.rule.name}.{place_of(effect) + 1}" + (f" {effect.key}" if effect.key else "")


def paid_by_rules(run: Run, payment: e.Payment, effects: Iterable[Effect], out: Outcome) -> None:
    """What a rule pays: each time that it held, between whom it says, rounded once for each payer and payee."""
    exact: dict[tuple[str, str], Number] = {}
    for effect in effects:
        value: Any = determined(effect.value, payment)
        if value < 0:
            raise Undetermined(unknown(f"what {payment.name} pays, less than nothing", "not assessable", payment.mark))
        at = (effect.payer, effect.payee)
        exact[at] = normal(Fraction(exact.get(at, 0)) + value)
        of = "; ".join(f.text for f in effect.facts if f.text)
        out.waterfalls.append(Waterfall(of, (_line(effect, "", None, value, kind="start"),), value))
    for (payer, payee), amount in exact.items():
        due = to_unit(amount, run.built.places, "half_up")
        most = _most(run, payer, payee, payment)
        if most is not None and due > most:
            note = "an account gives no more than it holds above its floor, and takes in no more than its ceiling"
            out.lines.append(Line("limit", "what the account allows", due, most, (), note))
            due = to_unit(most, run.built.places, "down")
        out.first = out.first if any(out.first) else (payer, payee)
        if due:
            out.flows.append(Flow("payment", payer, payee, due))
            out.received[payee] = out.received.get(payee, 0) + due
            run.book.pay(payer, payee, due, run.built.accounts)


def _most(run: Run, payer: str, payee: str, payment: e.Payment) -> Number | None:
    """The most that accounts among the two allow."""
    found: Number | None = None
    for name, gives in ((payer, True), (payee, False)):
        account, key = account_of(name)
        entry = run.built.accounts.get(account)
        bound = None if entry is None else entry.floor if gives else entry.ceiling
        if bound is None:
            continue
        limit: Any = determined(run.evaluate(bound, run.view()), payment)
        balance = run.book.balance(account, key)
        room = max(balance - limit if gives else limit - balance, 0)
        found = room if found is None else min(found, room)
    return found
