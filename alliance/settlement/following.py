"""What follows from rules in one period: what acts on payments, and duties, notices, ladders and facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period, day_text
from alliance.contract.english.words import joined, quoted, spaced
from alliance.contract.faults import Mark
from alliance.contract.formula.scope import PARTY
from alliance.contract.values import Unknown, Value, merge, unknown
from alliance.contract.working_days import after
from alliance.rules.matching import Held, Row, hold
from alliance.rules.plan import Stage, stages
from alliance.settlement.duties import ABOUT
from alliance.settlement.facts import RunFacts
from alliance.settlement.holding import HOLDS, settled_on_records
from alliance.settlement.ruled import Notice
from alliance.settlement.state import Duty, name_of
from alliance.settlement.telling import Fact, acted, fact
from alliance.settlement.telling import party as titled

if TYPE_CHECKING:
    from alliance.settlement.run import Run
    from alliance.settlement.view import View

HELD = "held"
"""What history calls whether the tests of a rule that lasts were met."""
STEP = "step"
"""What history calls the step of a ladder that a party stands on."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that a rule does to a payment. `who` is the party that it is about, empty for all; `value` the share,
    factor or amount; `then` the place of what does it among the consequences of the rule; `view` where its formulas
    were read."""

    verb: str
    rule: e.Rule
    then: int
    payment: str
    who: str
    only: str
    value: Value
    of: str
    key: str
    facts: tuple[Fact, ...]
    mark: Mark
    payer: str = ""
    payee: str = ""
    view: View | None = None

    @property
    def clause(self) -> str:
        return self.rule.then[self.then].clause or self.rule.clause

    @property
    def note(self) -> str:
        """Which rule it is, and what it held for, in words."""
        shown = "; ".join(str(f) for f in self.facts if f.text)
        return f"rule {self.rule.name}" + (f": {shown}" if shown else "")

    @property
    def told(self) -> tuple[tuple[str, Value, str], ...]:
        """The rule, and each fact that it held for under its place, as a line of a waterfall has them."""
        found = [("rule", self.rule.name, "rule")]
        return (*found, *((str(f.mark or ""), f.text, "fact") for f in self.facts if f.text))


@dataclass
class Followed:
    """What followed in one period."""

    effects: dict[str, list[Effect]] = field(default_factory=dict)
    held: dict[str, list[Held]] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    lasting: dict[tuple[str, str], Value] = field(default_factory=dict)
    steps: dict[tuple[str, str], int] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    engines: tuple[str, ...] = ()
    said: dict[str, dict[str, None]] = field(default_factory=dict)
    facts: RunFacts | None = None

    def of(self, payment: str) -> list[Effect]:
        return self.effects.get(payment, [])


class Following:
    """Works out what follows from the rules of one run: first those that act on payments, then the others."""

    def __init__(self, run: Run) -> None:
        self.run, self.facts = run, RunFacts(run)
        self.out = Followed(facts=self.facts)
        self.doubtful: dict[str, Unknown] = {}
        self.climbing: dict[tuple[str, str], int] = {}

    def early(self) -> None:
        """The rules that act on payments, before any payment is worked out."""
        for at in self._stages(True):
            self._stage(at)

    def late(self) -> None:
        """The rules that follow from what the settlement came to."""
        if self.run.period.length == self.run.built.settles:
            for at in self._stages(False):
                self._stage(at)
        self._climb()

    def _stages(self, early: bool) -> list[Stage]:
        """The compiled rules, kept with the contract."""
        built = self.run.built
        memory: dict[Any, Any] = self.run.settling.contract._memory
        at = ("rules", id(built), early)
        if at not in memory:
            loops = {name: frozenset(i.fields) for name, i in built.inputs.items() if i.fields is not None}
            loops |= {role: frozenset({role, PARTY, *_party_fields(built)}) for role in built.roles}
            loops |= {name: frozenset({name}) for name in built.categories}
            memory[at] = stages((r for r in built.rules if r.early is early), loops)
        found: list[Stage] = memory[at]
        return found

    def _stage(self, stage: Stage) -> None:
        held, engines = hold(stage, self.facts, self.run.settling.engine)
        self.out.engines = self.out.engines or engines
        rules = {m.rule.name: m.rule for m in stage.meant.values()}
        found: dict[str, list[Held]] = {name: [] for name in rules}
        for one in held:
            found[one.rule.name].append(one)
        for name, rule in sorted(rules.items(), key=lambda item: item[1].order):
            times = self._lasting(rule, found[name]) if rule.lasting is not None else found[name]
            lost = self._not_brought(rule)
            if lost:
                if rule.if_unknown != "ignored":
                    self._undecided(rule, "", merge(lost))
                continue
            read = {p.source for p in (*rule.patterns, *(a.pattern for a in rule.absent))}
            doubted = sorted(read & self.doubtful.keys())
            if doubted:
                why = [unknown(f"whether {name} holds") for name in doubted] + [self.doubtful[name] for name in doubted]
                self._undecided(rule, "", merge(why))
                continue
            for one in times:
                if one.certain or rule.if_unknown == "applies":
                    self.out.held.setdefault(name, []).append(one)
                    self._follow(one)
                elif rule.if_unknown != "ignored":
                    self._undecided(rule, one.key, self._why_unknown(one))

    def _not_brought(self, rule: e.Rule) -> list[Unknown]:
        """The tables that a rule reads and that were not brought."""
        patterns = (*rule.patterns, *(a.pattern for a in rule.absent))
        lost = [self.run.lacking(self.run.built.inputs[p.source]) for p in patterns if p.kind == "record"]
        return [x for x in lost if x is not None]

    # what lasts

    def _lasting(self, rule: e.Rule, found: list[Held]) -> list[Held]:
        """Those of the facts for which the tests were met as long as the rule says. What is so now is remembered."""
        assert rule.lasting is not None
        many, of = rule.lasting
        run, built = self.run, self.run.built
        now = {h.key: h for h in found}
        own = run.period.length == built.settles
        times = []
        for key, rows in self.subjects(rule):
            here: Value = False
            if key in now:
                here = True if now[key].certain else unknown(f"whether the rule {rule.name} holds")
            if own:
                self.out.lasting[rule.name, key] = here
            values = [here] if own else []
            values += [self.before(rule.name, key, period) for period in self.earlier(of - len(values), own)]
            sure = sum(1 for v in values if v is True)
            maybe = sure + sum(1 for v in values if isinstance(v, Unknown))
            if maybe >= many:
                times.append(Held(rule, rows, sure >= many))
        return times

    def subjects(self, rule: e.Rule) -> Iterable[tuple[str, tuple[tuple[str, Row], ...]]]:
        """All that a lasting rule can hold for: parties, options, or the period itself."""
        found: list[tuple[str, tuple[tuple[str, Row], ...]]] = [("", ())]
        for pattern in rule.patterns:
            rows = self.facts.rows(pattern)
            self._work(len(found) * len(rows), rule)
            found = [(_joined(key, row.key), (*named, (pattern.called, row))) for key, named in found for row in rows]
        return found

    def earlier(self, count: int, own: bool) -> list[Period]:
        """So many periods of the contract's own length before this one; of a longer one, its last."""
        run = self.run
        day = run.period.start - timedelta(days=1) if own else run.period.end
        found: list[Period] = []
        while len(found) < count and day >= run.built.start:
            found.append(run.built.calendar.containing(day, run.built.settles))
            day = found[-1].start - timedelta(days=1)
        return found

    def before(self, rule: str, key: str, period: Period) -> Value:
        """Whether the tests were met in an earlier period; what is not remembered was not."""
        found = self.run.settling.remembered(f"rule {rule}", HELD, key)
        return next((past.value for past in found if past.period == period.label), False)

    # what follows

    def _undecided(self, rule: e.Rule, key: str, why: Unknown) -> None:
        self.out.undecided.setdefault(rule.name, "; ".join(str(r) for r in why.reasons))
        for index, c in enumerate(rule.then):
            if c.verb == "raise":
                self.doubtful.setdefault(c.name, why)
            for payment in (c.name,) if c.verb == "pay" else c.targets if c.verb in e.ACTING else ():
                what = unknown(f"whether the rule {rule.name} holds", why.reasons[0].status, rule.mark)
                value = Unknown((*what.reasons, *why.reasons))
                self._effect(Effect("unknown", rule, index, payment, "", "", value, "", key, (), c.mark))

    def _why_unknown(self, one: Held) -> Unknown:
        """What the tests of a rule lacked to be decided."""
        view = self._view(one)
        values = [self.run.evaluate(x, view) for x in one.rule.tests]
        lost = [v for v in values if isinstance(v, Unknown)]
        return merge(lost) if lost else unknown(f"what the rule {one.rule.name} reads")

    def _view(self, one: Held) -> View:
        by_name = {p.called: p for p in one.rule.patterns}
        return self.facts.env((by_name[called], row) for called, row in one.rows)

    def _effect(self, effect: Effect) -> None:
        self.out.effects.setdefault(effect.payment, []).append(effect)

    def _follow(self, one: Held) -> None:
        self._work(4, one.rule)
        view = self._view(one)
        by_name = {p.called: p for p in one.rule.patterns}
        facts = tuple(fact(self.run, by_name[called], row) for called, row in one.rows)
        for index, c in enumerate(one.rule.then):
            self._work(8, one.rule)
            if c.verb in e.ACTING:
                self._act(one, index, c, view, facts)
            elif c.verb == "raise":
                fields = {n: self.run.evaluate(x, view) for n, x in c.fields.items()}
                key = f"{c.name}:{one.rule.name}" + (f":{one.key}" if one.key else "")
                self.facts.raised.setdefault(c.name, []).append(Row(c.name, key, fields, {}, one.rule.mark))
                self._say(one.rule, f"{quoted(spaced(c.name))} is raised")
            elif self.run.period.length == self.run.built.settles:
                self._outcome(one, index, c, view, facts)

    def _act(self, one: Held, index: int, c: e.Consequence, view: View, facts: tuple[Fact, ...]) -> None:
        """Something done to payments."""
        value: Value = 1
        of = ""
        for name in ("by", "share", "amount"):
            if name in c.figures:
                value, of = self.run.evaluate(c.figures[name], view), name
        payer = self._name(c.payer, view) if c.payer is not None else ""
        payee = self._name(c.payee, view) if c.payee is not None else ""
        if c.of is not None and c.of.kind == "each":
            who: list[Any] = self.run.present(self.run.built.roles[c.of.name])
        else:
            who = [self._name(c.of, view) if c.of is not None else ""]
        for payment in (c.name,) if c.verb == "pay" else c.targets:
            self._work(4 * len(who), one.rule)
            for name in who:
                lost = next((x for x in (value, name, payer, payee) if isinstance(x, Unknown)), None)
                verb = c.verb if lost is None else "unknown"
                ends = [str(x) if lost is None else "" for x in (name, payer, payee)]
                self._effect(
                    Effect(
                        verb,
                        one.rule,
                        index,
                        payment,
                        ends[0],
                        c.only,
                        value if lost is None else lost,
                        of,
                        one.key,
                        facts,
                        c.mark,
                        ends[1],
                        ends[2],
                        view,
                    )
                )
        late = [p for p in c.targets if c.verb in HOLDS and settled_on_records(self.run, one.rule, p)]
        if late and not self._held(one, late):
            titles = joined(quoted(self.run.built.payments[p].title) for p in late)
            self._say(
                one.rule, f"{titles} of {self.run.period.label} was settled before, so nothing is held back of it"
            )
        else:
            self._say(one.rule, acted(self.run, c, value, of, who, (payer, payee)))

    def _held(self, one: Held, payments: Iterable[str]) -> bool:
        """Whether money was held back for this when the period was settled before."""
        items = (h for p in payments for h in self.run.settling.held_in(self.run.period, p))
        return any(h.rule == one.rule.name and h.key.partition(" | ")[0].endswith(one.key) for h in items)

    def _name(self, somebody: e.Somebody, view: View) -> Value:
        """The party or account that is meant, an account kept by key with its key."""
        if somebody.expr is None:
            return somebody.name
        found = self.run.evaluate(somebody.expr, view)
        if found is None:
            return unknown(f"who is meant by {somebody.expr.text}", "missing", somebody.expr.mark)
        if somebody.kind == "account" and not isinstance(found, Unknown):
            return f"{somebody.name}/{found.isoformat() if isinstance(found, date) else found}"
        return found

    def _whom(self, c: e.Consequence, view: View) -> list[str]:
        if c.of is None:
            return [str(view.bound[PARTY])] if PARTY in view.bound else []
        return self._of(c.of, view)

    def _of(self, somebody: e.Somebody, view: View) -> list[str]:
        """The parties that are meant; none where that is not known."""
        if somebody.kind == "each":
            return self.run.present(self.run.built.roles[somebody.name])
        found = self._name(somebody, view)
        return [] if isinstance(found, Unknown) else [str(found)]

    def _outcome(self, one: Held, index: int, c: e.Consequence, view: View, facts: tuple[Fact, ...]) -> None:
        """A duty, a notice, or a step of a ladder."""
        rule, run = one.rule, self.run
        shown = tuple(str(f) for f in facts if f.text)
        clause = c.clause or rule.clause
        if c.verb == "require":
            start = run.evaluate(c.figures["after"], view) if "after" in c.figures else run.period.end
            if not isinstance(start, date):
                self._tell(rule, f"{c.say}: it is not known from when")
                return
            due = after(start, c.count, c.of_what, run.built.working_days)
            about = ABOUT.join(name_of(run.evaluate(x, view)) for x in c.about)
            label = run.period.label
            for party in self._whom(c, view):
                self._work(4, rule)
                name = ":".join(x for x in (rule.name, str(index + 1), one.key, party, label) if x)
                duty = Duty(name, rule.name, index, c.say, party, label, start, due, clause, about=about)
                self.out.duties.append(duty)
                what = f"{c.say}, about {about}" if about else c.say
                self._tell(rule, f"{titled(run, party)} has a duty by {day_text(due)}: {what}")
        elif c.verb == "notify":
            text = c.say or rule.title
            told = [*c.targets, *(party for s in c.told for party in self._of(s, view))]
            for party in dict.fromkeys(told):
                self._work(4, rule)
                self.out.notices.append(Notice(rule.name, party, text, clause, shown, c.mark))
            verb = "is told" if len(dict.fromkeys(told)) == 1 else "are told"
            self._tell(rule, f"{joined(titled(run, x) for x in dict.fromkeys(told))} {verb}")
        else:
            for party in self._whom(c, view):
                if party in run.built.ladders[c.name].keys:
                    at = (c.name, party)
                    now = 1 if c.verb == "escalate" else -1
                    self.climbing[at] = max(self.climbing.get(at, -1), now)
                    way, ladder = "up" if now > 0 else "down", quoted(run.built.ladders[c.name].title)
                    self._tell(rule, f"{titled(run, party)} goes one step {way} the ladder {ladder}")

    def _work(self, steps: int, rule: e.Rule) -> None:
        self.run.settling.work(steps, f'the rule "{rule.name}"', rule.mark)

    def _tell(self, rule: e.Rule, text: str) -> None:
        """Say what follows once a period is settled; worked out within a longer one, nothing follows anew."""
        if self.run.period.label == self.run.settling.period.label:
            self._say(rule, text)

    def _say(self, rule: e.Rule, text: str) -> None:
        self.out.said.setdefault(rule.name, {})[text] = None

    def _climb(self) -> None:
        """Where parties stand on ladders after the period: at most one step up or down in it."""
        run = self.run
        if run.period.length != run.built.settles:
            return
        for ladder in run.built.ladders.values():
            for party in ladder.keys:
                before = run.ladder_step(ladder.name, party)
                step = before + self.climbing.get((ladder.name, party), 0)
                step = max(0, min(step, len(ladder.steps)))
                self.out.steps[ladder.name, party] = step
                if step != before:
                    what = ladder.steps[step - 1] if step else "off the ladder"
                    text = f"{ladder.title}: step {step}, {what}"
                    self.out.notices.append(Notice(ladder.name, party, text, ladder.clause, (), ladder.mark))


def _party_fields(built: Any) -> Iterable[str]:
    return {name for party in built.parties.values() for name in party.fields}


def _joined(first: str, second: str) -> str:
    return f"{first}+{second}" if first and second else first or second
