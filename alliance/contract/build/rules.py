"""Rules: the facts that each asks for, its tests, and the order in which rules feed each other."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from alliance.contract import entries as e
from alliance.contract.build.apart import check_apart
from alliance.contract.build.builder import Builder
from alliance.contract.build.consequences import build_consequence, raised_by
from alliance.contract.build.hours import of_figure
from alliance.contract.build.matchable import MOST_FACTS, check_matchable, ways_of
from alliance.contract.build.order import ordered
from alliance.contract.build.told import check_told
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY, Scope, Symbol
from alliance.contract.model.ruled import Rule
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, COUNT, DATE, DAYS, MONEY, TEXT, Unit

MOST_RULES = 1_000
MOST_WAYS = 2_000  # of all rules of one stage together
_CALLED = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LASTING = re.compile(r"(\d{1,2}) periods running|(\d{1,2}) of the last (\d{1,2}) periods")
STANDING = ("reports", "duties", "balances", "withheld")
"""Kinds of fact that every contract has."""


def standing_fields(b: Builder, kind: str) -> Mapping[str, Unit]:
    """The fields of a kind of fact that every contract has."""
    party = b.party_unit()
    state = Unit("category", options=("due", "met", "late", "waived"), name="state")
    return {
        "reports": {"name": TEXT, "supplier": party, "days_late": DAYS, "missing": BOOLEAN},
        "duties": {
            "duty": TEXT,
            "about": TEXT,
            "party": party,
            "due": DATE,
            "state": state,
            "days_late": DAYS,
            "rule": TEXT,
        },
        "balances": {"account": TEXT, "key": TEXT, "opening": MONEY},
        "withheld": {"rule": TEXT, "payment": TEXT, "payee": TEXT, "period": TEXT, "amount": MONEY},
    }[kind]


def declare_ladders(b: Builder) -> None:
    """Ladders become names that formulas read: the step that a party stands on."""
    for name, ladder in b.document.ladders.items():
        if not b.owns(name):
            continue
        loop = b.loops.get(ladder.each or PARTY)
        if loop is None or loop.kind != "party":
            assert ladder.each is not None
            known = [n for n, v in b.loops.items() if v.kind == "party"]
            b.fault("AC087", ladder.each.mark, f'"{ladder.each}" is not a role of the parties.', one_of(known))
            b.fail(name)
            continue
        if not 1 <= len(ladder.steps) <= 50:
            b.fault(
                "AC172",
                ladder.at.value("steps"),
                f"{name}: a ladder has from 1 to 50 steps.",
                "Write its steps: steps: [notice, plan].",
            )
        title = str(ladder.title or name.replace("_", " "))
        steps = tuple(str(s) for s in ladder.steps)
        b.ladders[str(name)] = e.Ladder(str(name), title, str(ladder.clause or ""), loop.keys, steps, name.mark)
        b.symbols[str(name)] = Symbol("ladder", str(name), COUNT, PARTY, loop.keys, title, mark=name.mark)


def build_rules(b: Builder) -> None:
    """Every rule, those that raise facts before those that read them."""
    rules = b.document.rules
    if len(rules) > MOST_RULES:
        b.fault(
            "AC172",
            rules[MOST_RULES].at.mark,
            f"there are more than {MOST_RULES:,} rules, which is the limit.",
            "Let one rule look for several things.",
        )
        return
    named: dict[str, Rule] = {}
    for rule in rules:
        if not _CALLED.fullmatch(rule.rule) or len(rule.rule) > 60:
            hint = "A name has small letters, digits and hyphens: two-poor-quarters."
            b.fault("AC172", rule.rule.mark, f'"{rule.rule[:60]}" cannot name a rule.', hint)
        elif str(rule.rule) in named:
            b.fault("AC172", rule.rule.mark, f'there are two rules named "{rule.rule}".', "Rename one of them.")
        else:
            named[str(rule.rule)] = rule
    raised = _raisers(b, named)
    graph = {n: [r for kind in _sources(rule) for r in raised.get(kind, ())] for n, rule in named.items()}
    keys = {name: rule.rule for name, rule in named.items()}
    order = ordered(b, graph, keys, "rules", "A rule cannot read a fact that follows from what it raises.")
    place = {name: i for i, name in enumerate(named)}
    early = _early(named, graph)
    built: dict[str, e.Rule] = {}
    for name in order:
        stage = max((built[r].stage + 1 for r in graph[name] if r in built), default=1)
        before = b.count
        found = _Reader(b, named[name], built, raised).rule(place[name], stage, name in early)
        if found is not None and b.count == before:
            built[name] = found
    b.rules = tuple(sorted(built.values(), key=lambda r: r.order))
    ways: dict[int, int] = {}
    for one in b.rules:
        ways[one.stage] = ways.get(one.stage, 0) + ways_of(one)
        if ways[one.stage] > MOST_WAYS:
            message = f"the rules can be met in more than {MOST_WAYS:,} ways together, which is the limit."
            b.fault("AC172", one.mark, message, "Name what is said often as a figure, once.")
            break


def _raisers(b: Builder, named: Mapping[str, Rule]) -> dict[str, list[str]]:
    """The names of the facts that rules raise, each with those that raise it."""
    found: dict[str, list[str]] = {}
    for name, rule in named.items():
        for kind in raised_by(rule):
            if kind in b.loops or kind in STANDING or kind in b.symbols:
                b.fault("AC172", kind.mark, f'"{kind}" names something else already and cannot name a fact.')
            elif name not in found.setdefault(str(kind), []):
                found[str(kind)].append(name)
    return found


def _sources(rule: Rule) -> Iterable[str]:
    """The kinds of fact that a rule asks for, or asks to be absent."""
    if isinstance(rule.for_, dict):
        yield from (str(v) for v in rule.for_.values())
    elif rule.for_ is not None:
        yield str(rule.for_).removeprefix("each ")
    yield from (str(k) for k in rule.absent)


def _early(named: Mapping[str, Rule], graph: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """The rules that act on payments, and those that raise what these read."""
    waiting = [n for n, r in named.items() if any(getattr(c, v) is not None for c in r.then for v in e.ACTING)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph[name]
    return frozenset(found)


class _Reader:
    """Builds one rule."""

    def __init__(
        self, b: Builder, rule: Rule, built: Mapping[str, e.Rule], raised: Mapping[str, Iterable[str]]
    ) -> None:
        self.b, self.said, self.built, self.raised = b, rule, built, raised
        self.name = str(rule.rule)

    def rule(self, order: int, stage: int, early: bool) -> e.Rule | None:
        b, said = self.b, self.said
        patterns = self._patterns()
        if patterns is None:
            return None
        scope = self._scope(patterns)
        texts = said.when if isinstance(said.when, list) else [said.when] if said.when is not None else []
        tests = tuple(x for x in (b.expr(text, scope, BOOLEAN) for text in texts) if x is not None)
        absent = tuple(a for a in (self._absence(k, v, scope) for k, v in said.absent.items()) if a is not None)
        if not texts and said.for_ is None and not said.absent:
            b.fault("AC172", said.rule.mark, f'the rule "{self.name}" has no test.', "Say `when:` it applies.")
        if not said.then:
            b.fault("AC173", said.rule.mark, f'nothing follows from the rule "{self.name}".', "Say it under `then:`.")
        then = tuple(
            c for c in (build_consequence(b, self.name, x, scope, patterns) for x in said.then) if c is not None
        )
        lasting = self._lasting(patterns)
        for expr in (*tests, *(a.test for a in absent), *(x for c in then for x in figures_of(c))):
            self._known_by_then(expr, early)
        check_matchable(b, said.rule, patterns, tests, absent)
        check_told(b, patterns, absent, tests)
        if said.apart:
            check_apart(b, self.name, tests, then, said.rule.mark)
        return e.Rule(
            name=self.name,
            title=str(said.title or self.name.replace("-", " ")),
            clause=str(said.clause or ""),
            order=order,
            stage=stage,
            early=early,
            patterns=patterns,
            tests=tests,
            absent=absent,
            lasting=lasting,
            if_unknown=str(said.if_unknown or ""),
            then=then,
            pack=str(said.pack or ""),
            mark=said.rule.mark,
        )

    # facts

    def _patterns(self) -> tuple[e.Pattern, ...] | None:
        said = self.said.for_
        if said is None:
            return (e.Pattern("now", "", "", (), {}, self.said.rule.mark),)
        if isinstance(said, dict):
            if not 1 <= len(said) <= MOST_FACTS:
                self.b.fault("AC172", self.said.at.value("for"), f"a rule asks for 1 to {MOST_FACTS} facts.")
                return None
            found = [self._pattern(kind, str(alias)) for alias, kind in said.items()]
        else:
            found = [self._pattern(said, "")]
        if any(p is None for p in found):
            return None
        patterns = tuple(p for p in found if p is not None)
        parties = [p for p in patterns if p.kind == "party"]
        if len(parties) > 1:
            message = "a rule goes over the parties of one role; others are read by name."
            self.b.fault("AC172", parties[1].mark, message)
        return patterns

    def _pattern(self, kind: Scalar, alias: str) -> e.Pattern | None:
        b, name = self.b, str(kind).removeprefix("each ").strip()
        if alias and b.scope().find(alias) is not None:
            hint = "Choose another name for the fact."
            b.fault("AC044", kind.mark, f'"{alias}" names something else already.', hint)
            return None
        loop = b.loops.get(name)
        if loop is not None and loop.kind == "records":
            item = b.inputs.get(name)
            fields = {n: s.unit for n, s in loop.fields.items()}
            optional = frozenset(n for n, f in (item.fields or {}).items() if f.optional) if item is not None else ()
            return e.Pattern("record", name, alias, (), fields, kind.mark, frozenset(optional))
        if loop is not None:
            return e.Pattern(loop.kind, name, alias, loop.keys, {}, kind.mark)
        if name in STANDING:
            return e.Pattern(name, name, alias, (), standing_fields(b, name), kind.mark)
        if name in self.raised:
            return self._raised(name, alias, kind.mark)
        if not b.told(name):
            known = [*b.loops, *STANDING, *self.raised]
            b.fault(
                "AC172", kind.mark, f'"{name[:60]}" is not a kind of fact.', did_you_mean(name, known) or one_of(known)
            )
        return None

    def _raised(self, name: str, alias: str, mark: Mark) -> e.Pattern | None:
        """A fact that earlier rules raise: with the fields that all of them give it."""
        fields: dict[str, Unit] | None = None
        for rule in (self.built[r] for r in self.raised[name] if r in self.built):
            for c in rule.then:
                if c.verb != "raise" or c.name != name:
                    continue
                given = {n: x.unit for n, x in c.fields.items()}
                if fields is not None and {n: u.kind for n, u in given.items()} != {
                    n: u.kind for n, u in fields.items()
                }:
                    self.b.fault("AC173", c.mark, f'"{name}" is raised with other fields elsewhere.', "Raise it alike.")
                fields = fields or given
        return None if fields is None else e.Pattern("raised", name, alias, (), fields, mark)

    def _scope(self, patterns: tuple[e.Pattern, ...]) -> Scope:
        b = self.b
        scope = b.scope()
        for p in patterns:
            if p.kind in ("party", "category"):
                loop = b.loops[p.source]
                scope = scope.inside(loop)
                if p.alias:
                    binding = replace(loop.fields[p.source], name=p.alias, title=p.alias)
                    scope = scope.with_local(**{p.alias: binding})
            elif p.alias:
                scope = scope.with_local(**{p.alias: _named(p)})
            else:
                scope = scope.with_local(**{n: Symbol("field", n, u, title=n) for n, u in p.fields.items()})
        return scope

    def _absence(self, kind: Scalar, test: Scalar, scope: Scope) -> e.Absence | None:
        pattern = self._pattern(kind, "")
        if pattern is None:
            return None
        if pattern.kind in ("party", "category", "now"):
            self.b.fault("AC172", kind.mark, f'"{kind}" is always there; what may be absent are records and facts.')
            return None
        pattern = replace(pattern, alias=pattern.source)
        refused = {k: v for k, v in scope.refused.items() if k != pattern.alias}
        inner = replace(scope, refused=refused).with_local(**{pattern.alias: _named(pattern)})
        found = self.b.expr(test, inner, BOOLEAN)
        return e.Absence(pattern, found) if found is not None else None

    def _lasting(self, patterns: tuple[e.Pattern, ...]) -> tuple[int, int] | None:
        said = self.said.lasting
        if said is None:
            return None
        match = _LASTING.fullmatch(" ".join(said.split()))
        many, of = (int(match[1] or match[2]), int(match[1] or match[3])) if match else (0, 0)
        if not 1 <= many <= of <= 36:
            hint = "Write `2 periods running`, or `3 of the last 4 periods`."
            self.b.fault("AC172", said.mark, f'"{said[:60]}" does not say for how long.', hint)
            return None
        strange = next((p for p in patterns if p.kind not in ("now", "party", "category")), None)
        if strange is not None:
            message = f"only what is so of a party, a category or the period can last; {strange.source} come and go."
            self.b.fault("AC172", said.mark, message)
        return many, of

    # what may be read, and matched

    def _known_by_then(self, expr: e.Expr, early: bool) -> None:
        """A fault where a rule that acts on payments reads what payments came to, and where any rule reads what is due,
        which is known only once everything is settled."""
        due = reads_payment(self.b, expr.node, ("net", "on_account"))
        read = reads_payment(self.b, expr.node) if early else ""
        if due and not early:
            message = f'the rule "{self.name}" reads {due}, which is known only once everything is settled.'
            self.b.fault("AC174", expr.mark, message, f"Read {due.partition('.')[0]}.earned.")
        if read:
            message = f'the rule "{self.name}" acts on payments, and reads {read}, which is known only after them.'
            hint = f"Read what was known before, such as last({read}) or the opening of an account."
            self.b.fault("AC174", expr.mark, message, hint)


def reads_payment(b: Builder, node: t.Node, attributes: Collection[str] = ()) -> str:
    """What a formula reads that is known only once payments are worked out, or of it these attributes of payments;
    nothing if there is no such thing."""
    waiting, seen = [node], set[str]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, t.History):
            continue
        if isinstance(part, t.Ref):
            wanted = part.kind == "payment" or (part.kind == "account" and part.attribute != "opening")
            if wanted and (not attributes or (part.kind == "payment" and part.attribute in attributes)):
                return f"{part.name}.{part.attribute}"
            if part.kind == "figure" and part.name not in seen and part.name in b.figures:
                seen.add(part.name)
                waiting += [x.node for x, _ in of_figure(b.figures[part.name])]
        waiting += list(part.parts())
    return ""


def figures_of(c: e.Consequence) -> Iterable[e.Expr]:
    """The formulas of a consequence that are worked out when it follows."""
    yield from (x for n, x in c.figures.items() if n not in ("until", "reverse_when"))
    yield from c.fields.values()
    yield from (s.expr for s in (c.of, c.payer, c.payee) if s is not None and s.expr is not None)


def _named(p: e.Pattern) -> Symbol:
    """A fact that tests call by a name, whose fields are its attributes."""
    hint = f"Say which of its fields: {', '.join(f'{p.alias}.{n}' for n in list(p.fields)[:4])}."
    return Symbol("fact", p.alias, TEXT, title=p.alias, attributes=p.fields, bare=False, bare_hint=hint, mark=p.mark)
