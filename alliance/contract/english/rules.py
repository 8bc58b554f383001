"""Rules and ladders: what each rule asks for, when it holds, and every consequence as a sentence of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Entry, Section, Sentence
from alliance.contract.english.standing import Standing, at
from alliance.contract.formula import tree as t
from alliance.contract.formula.english import Speaker

_STANDING = {
    "reports": "each report that is due",
    "duties": "each duty in the register",
    "balances": "each balance of an account",
    "withheld": "each sum that rules hold back",
}
_PAYS_FOR = {
    "outcome": "pays for outcomes",
    "availability": "pays for being available, used or not",
    "block": "is a block payment",
    "pass_through": "passes a cost through",
}


def ladders(s: Standing) -> Section:
    """The ladders that parties are taken up and down."""
    entries = [s.entry(x, s.speaker.title(x.name), _ladder(s, x)) for x in s.built.ladders.values()]
    return Section("Ladders", (), tuple(entries))


def _ladder(s: Standing, x: e.Ladder) -> Iterator[str]:
    roles = [role for role, keys in s.built.roles.items() if keys == x.keys and role != "party"]
    each = w.spaced(roles[0]) if roles else "party"
    yield f"Each {each} starts off it, and goes at most one step up or down in a {s.built.settles}"
    for number, name in enumerate(x.steps, 1):
        yield f"Step {number} is {w.quoted(name)}"


def rules(s: Standing) -> Section:
    """Every rule, in the order of the contract."""
    entries = [_entry(s, rule) for rule in s.built.rules]
    about = ["What acts on payments is looked at before they are made, and all else once they are."] if entries else []
    if any(c.verb == "require" for rule in s.built.rules for c in rule.then):
        about.append("That a duty was met or waived is brought as the table “duties”.")
    return Section("Rules", tuple(about), tuple(entries))


def _entry(s: Standing, rule: e.Rule) -> Entry:
    said = next(x for x in s.document.rules if x.rule == rule.name)
    sentences = list(rule_sentences(s, rule))
    if said.pack is not None:
        name, _, version = str(said.pack).rpartition(" ")
        text = f"It comes from the rule pack {w.quoted(name)}, version {version}"
        sentences.insert(0, at(text, rule.clause, said.pack.mark))
    if said.note:
        sentences.append(at(f"Note: {said.note}", rule.clause, rule.mark))
    title = rule.title[:1].upper() + rule.title[1:]
    return Entry(rule.name, title, rule.clause, rule.mark, tuple(sentences))


def rule_sentences(s: Standing, rule: e.Rule) -> Iterator[Sentence]:
    """A rule: what it goes over and when it holds, then what follows."""
    facts = _holding(s, rule)
    report, tests = _report(s, rule)
    conditions = [_condition(facts, x, len(tests) > 1) for x in tests]
    conditions += [_absent(s, rule, x) for x in rule.absent]
    over = [report or _over(s, p) for p in rule.patterns if p.kind != "now"]
    lead = f"For {w.joined(over)}" if over else ""
    if conditions:
        mark = ";" if len(conditions) > 1 and any("," in said for said in conditions) else ","
        lead += f"{', when' if lead else 'When'} {w.joined(conditions, mark=mark)}"
    place = rule.tests[0].mark if rule.tests else rule.mark
    yield at(f"{lead}{_lasting(s, rule)}:", rule.clause, place)
    its = _holding(s, rule, its=True)
    for c in rule.then:
        told = replace(c, say=c.say or rule.title) if c.verb == "notify" else c
        for text in _VERBS[c.verb](its, told):
            yield at(text, c.clause or rule.clause, c.mark, deep=True)
    yield from _undecided(rule)


def _undecided(rule: e.Rule) -> Iterator[Sentence]:
    said = {"applies": "it is taken to hold", "ignored": "it is taken not to hold"}.get(rule.if_unknown, "")
    if not said and rule.acts:
        said = "the payments that it acts on are not determined"
    if said:
        yield at(f"If it cannot be decided, {said}", rule.clause, rule.mark)


# what it asks for


def _over(s: Standing, p: e.Pattern) -> str:
    """The kind of fact that a rule goes over, with what its tests call it."""
    if p.kind in ("party", "category"):
        return f"each {w.spaced(p.source)}"
    if p.kind == "record":
        said = s.speaker.phrase(p.source)
        said = f"each of the {said}" if w.is_plural(said) else f"each record of {said}"
    elif p.kind == "raised":
        said = f"each {w.quoted(w.spaced(p.source))} that a rule raises"
    else:
        said = _STANDING[p.kind]
    return f"{said} ({w.spaced(p.alias)})" if p.alias else said


def _report(s: Standing, rule: e.Rule) -> tuple[str, list[e.Expr]]:
    """A rule over reports that asks for one of them by its name, as going over that; and its other tests."""
    if len(rule.patterns) == 1 and rule.patterns[0].kind == "reports":
        known: dict[str, e.Input | e.Measure] = {**s.built.inputs, **s.built.measures}
        for test in rule.tests:
            node = test.node
            if not isinstance(node, t.Compare) or node.op != "=" or not isinstance(node.right, t.Literal):
                continue
            if isinstance(node.left, t.Ref) and node.left.name == "name" and node.right.value in known:
                each = "each report" if known[str(node.right.value)].by else "the report"
                said = f"{each} of {s.speaker.phrase(str(node.right.value))}"
                return said, [x for x in rule.tests if x is not test]
    return "", list(rule.tests)


def _holding(s: Standing, rule: e.Rule, its: bool = False) -> Standing:
    """The standing in which tests are said: facts by what the rule calls them; in what follows, a bare field is that of
    the fact in hand."""
    called: dict[str, str] = {}
    for p in rule.patterns:
        if p.kind in ("party", "category"):
            called |= dict.fromkeys((p.source, p.alias or p.source), f"that {w.spaced(p.source)}")
        elif p.alias:
            called[p.alias] = w.whose(p.alias)
        elif p.fields:
            called[""] = "its" if its else ""
    return _speaking(s, called)


def _speaking(s: Standing, called: dict[str, str]) -> Standing:
    return replace(s, speaker=Speaker(s.speaker.names, s.built.currency, s.built.payments, called))


def _condition(s: Standing, x: e.Expr, several: bool) -> str:
    said = s.condition(x)
    return f"({said})" if several and isinstance(x.node, (t.Logic, t.IfElse, t.Fallback)) else said


def _absent(s: Standing, rule: e.Rule, x: e.Absence) -> str:
    """That there is no such fact. Its own fields are "its"; those of the fact in hand are "this one's"."""
    own = _holding(s, rule).speaker.called
    bare = {"": "this one’s"} if any(p.fields and not p.alias for p in rule.patterns) else {}
    inner = _speaking(s, {**own, **bare, x.pattern.alias: "its"})
    many = _over(s, replace(x.pattern, alias="")).removeprefix("each of ").removeprefix("each ")
    return f"there is none of {many} where {inner.condition(x.test)}"


def _lasting(s: Standing, rule: e.Rule) -> str:
    if rule.lasting is None:
        return ""
    many, of = rule.lasting
    length = s.built.settles
    if many == of:
        return f", for {w.in_words(many)} {w.plural(length)} running"
    return f", for {w.in_words(many)} of the last {w.in_words(of)} {w.plural(length)}"


# what follows


def _payments(s: Standing, c: e.Consequence) -> str:
    return w.joined(w.quoted(s.speaker.title(name)) for name in c.targets)


def _who(s: Standing, x: e.Somebody) -> str:
    """A party or an account that a consequence names."""
    if x.kind == "each":
        return f"each {w.spaced(x.name)}"
    if x.kind == "account":
        return s.who(x.name) if x.expr is None else f"the balance of {s.who(x.name)} for {s.say(x.expr)}"
    assert x.expr is not None
    node = x.expr.node
    if isinstance(node, t.Ref) and node.attribute == "supplier":
        item: e.Input | e.Measure = s.built.inputs.get(node.name) or s.built.measures[node.name]
        return s.who(item.supplied_by) if item.supplied_by else s.say(x.expr)
    return s.say(x.expr)


def _for(s: Standing, c: e.Consequence) -> str:
    return f" for {_who(s, c.of)}" if c.of is not None else ""


def _gate(s: Standing, c: e.Consequence) -> Iterator[str]:
    verb = "is" if len(c.targets) == 1 else "are"
    rest = "no loss of it is borne" if c.only == "loss" else "nothing of it is earned"
    yield f"{_payments(s, c)} {verb} shut{_for(s, c)}: {rest if len(c.targets) == 1 else rest.replace('it', 'them', 1)}"


def _scale(s: Standing, c: e.Consequence) -> Iterator[str]:
    side = "loss" if c.only == "loss" else "gain"
    share, rest = _part(s, c.figures["by"])
    yield f"Of a {side} from {_payments(s, c)}{_for(s, c)}, only {share} counts{rest}"


def _part(s: Standing, x: e.Expr) -> tuple[str, str]:
    """A share or an amount as a subject, and what follows the sentence where it is worked out."""
    said = s.say(x)
    if isinstance(x.node, t.Literal):
        return said, ""
    return ("this share" if x.unit.kind == "percent" else "this amount"), f": {said}"


def _taken(s: Standing, c: e.Consequence, verb: str) -> str:
    """How much of what is earned a consequence takes or holds back."""
    key = next((k for k in ("share", "amount") if k in c.figures), "")
    share, rest = _part(s, c.figures[key]) if key else ("All", "")
    whose = f"what {_who(s, c.of)} earns from {_payments(s, c)}" if c.of else f"what is earned from {_payments(s, c)}"
    joint = "out of" if key == "amount" else "of"
    most = ", or all of it where that is less" if key == "amount" else ""
    return f"{share} {joint} {whose} {verb}{most}{rest}"


def _deduct(s: Standing, c: e.Consequence) -> Iterator[str]:
    yield _taken(s, c, "is deducted, and stays with the payer")


def _withhold(s: Standing, c: e.Consequence) -> Iterator[str]:
    yield _taken(s, c, "is in dispute, and is held back" if c.verb == "hold" else "is held back")
    until = c.figures.get("until")
    later = _speaking(s, {**s.speaker.called, "": "its"})
    yield f"It is paid later, once {later.condition(until) if until else 'this rule no longer holds'}"
    reverse = c.figures.get("reverse_when")
    if reverse is not None:
        yield f"It goes back to the payer once {later.condition(reverse)}"
    if c.count:
        of_what = s.built.settles if c.of_what == "period" else c.of_what
        yield f"What is still held back after {w.counted(c.count, of_what)} goes back to the payer"


def _pay(s: Standing, c: e.Consequence) -> Iterator[str]:
    assert c.payer is not None and c.payee is not None
    into = "into " if c.payee.kind == "account" else ""
    out = "out of " if c.payer.kind == "account" else "by "
    pays_for = _PAYS_FOR[s.built.payments[c.name].pays_for]
    yield f"This is paid {out}{_who(s, c.payer)} {into or 'to '}{_who(s, c.payee)}: {s.say(c.figures['amount'])}"
    yield f"That is the payment {w.quoted(w.spaced(c.name))}, which {pays_for}"


def _require(s: Standing, c: e.Consequence) -> Iterator[str]:
    assert c.of is not None
    after = s.say(c.figures["after"]) if "after" in c.figures else "the end of the period"
    about = f", about {w.joined(s.say(x) for x in c.about)}" if c.about else ""
    within = w.counted(c.count, c.of_what)
    yield f"{_who(s, c.of)} has a duty, within {within} of {after}: {c.say}{about}"
    if c.met is not None:
        where = f" where {_speaking(s, {}).condition(c.met.test)}" if c.met.test is not None else ""
        alike = f", of the same {w.joined(w.quoted(w.spaced(x)) for x in c.met.about)}" if c.met.about else ""
        yield f"It is met by one of the {s.speaker.phrase(c.met.events)}{where}{alike}"


def _notify(s: Standing, c: e.Consequence) -> Iterator[str]:
    who = [*(s.who(x) for x in c.targets), *(_who(s, x) for x in c.told)]
    said = f": {w.quoted(c.say)}" if c.say else ""
    yield f"{w.joined(who)} {'is' if len(who) == 1 else 'are'} told{said}"


def _climb(s: Standing, c: e.Consequence) -> Iterator[str]:
    who = _who(s, c.of) if c.of is not None else next(iter(s.speaker.called.values()), "the party")
    way = "up" if c.verb == "escalate" else "down"
    yield f"{who} goes one step {way} the ladder {w.quoted(s.speaker.title(c.name))}"


def _raise(s: Standing, c: e.Consequence) -> Iterator[str]:
    fields = w.joined(f"{w.spaced(n)} ({s.say(x)})" for n, x in c.fields.items())
    yield f"{w.quoted(w.spaced(c.name))} is raised for other rules" + (f", with {fields}" if fields else "")


_VERBS: dict[str, Callable[[Standing, e.Consequence], Iterable[str]]] = {
    "gate": _gate,
    "scale": _scale,
    "deduct": _deduct,
    "withhold": _withhold,
    "hold": _withhold,
    "pay": _pay,
    "require": _require,
    "notify": _notify,
    "escalate": _climb,
    "step_down": _climb,
    "raise": _raise,
}
