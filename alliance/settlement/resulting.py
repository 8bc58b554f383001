"""What became of every rule of a contract in a settlement, in its longest period and in the shorter ones within it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.values import Unknown, Value, merge
from alliance.rules.matching import Held, Row
from alliance.settlement.facts import RunFacts
from alliance.settlement.following import Followed, Following
from alliance.settlement.ruled import RuleResult
from alliance.settlement.telling import fact, failed, nothing_of

if TYPE_CHECKING:
    from alliance.settlement.run import Run

MOST_COMBINED = 1000  # facts that are tried together to say which test failed


def rule_results(run: Run) -> list[RuleResult]:
    """What became of every rule, in the contract's order. One that acts on payments of shorter periods was looked at in
    each of these, and has a result for each."""
    whole = run.settling.period
    made = (r for r in run.settling.made if r is not run)
    parts = [r for r in made if r.period.start >= whole.start and r.period.end <= whole.end]
    found: list[RuleResult] = []
    for rule in run.built.rules:
        shorter = [_of(r, own, r.period.label) for r in parts if (own := _acting(r, rule.name)) is not None]
        if not shorter or _acting(run, rule.name) is not None:
            found.append(_of(run, rule, ""))
        found += shorter
    return found


def _acting(run: Run, name: str) -> e.Rule | None:
    """The rule of a name, where it acts on a payment that settles over the periods of a run."""
    built = run.built
    rule = next((r for r in built.rules if r.name == name), None)
    if rule is None or run.followed is None:
        return None
    targets = {n for c in rule.then if c.verb in e.ACTING for n in (*c.targets, c.name)}
    acts = any(built.payments[n].settles == run.period.length for n in targets if n in built.payments)
    return rule if acts else None


def _of(run: Run, rule: e.Rule, period: str) -> RuleResult:
    out = run.followed
    assert out is not None, "a contract that has rules follows them in every period"
    times = out.held.get(rule.name, [])
    undecided = out.undecided.get(rule.name, "")
    status = "holds" if times else "cannot be decided" if undecided else "does not hold"
    why = undecided if not times else ""
    if status == "does not hold":
        why = _why_not(run, rule, out)
    return RuleResult(
        name=rule.name,
        title=rule.title,
        clause=rule.clause,
        pack=rule.pack,
        status=status,
        held_for=tuple("; ".join(_told(run, one)) for one in times),
        follows=tuple(text for text in out.said.get(rule.name, ()) if text),
        why=why,
        mark=rule.mark,
        period=period,
    )


def _told(run: Run, one: Held) -> Iterator[str]:
    patterns = {p.called: p for p in one.rule.patterns}
    for called, row in one.rows:
        said = str(fact(run, patterns[called], row))
        if said:
            yield said


def _why_not(run: Run, rule: e.Rule, out: Followed) -> str:
    """Which test failed: the first at which no fact is left."""
    built = run.built
    if not rule.early and run.period.length != built.settles:
        return f"it is looked at when a {built.settles} is settled"
    if rule.lasting is not None:
        return _not_long_enough(run, rule, rule.lasting)
    facts = out.facts or RunFacts(run)
    left: list[list[tuple[e.Pattern, Row]]] = [[]]
    for pattern in rule.patterns:
        rows = facts.rows(pattern)
        left = [[*named, (pattern, row)] for named in left[:MOST_COMBINED] for row in rows]
        if not left:
            return nothing_of(run, pattern)
    for test in rule.tests:
        found = [(named, run.evaluate(test, facts.env(named))) for named in left]
        kept = [named for named, so in found if so is True]
        if not kept:
            lost = [so for _, so in found if isinstance(so, Unknown)]
            return f"{merge(lost)}, and it is then taken not to hold" if lost else failed(run, test, left)
        left = kept
    there = w.joined((built.inputs[a.pattern.source].title if a.pattern.kind == "record" else w.spaced(a.pattern.source)
                      for a in rule.absent), "or")  # fmt: skip
    return f"there is one of these, which it asks to be absent: {there}"


def _not_long_enough(run: Run, rule: e.Rule, lasting: tuple[int, int]) -> str:
    """For how many of the periods that it asks for the tests were so, of what they were so for longest."""
    many, of = lasting
    length = run.built.settles
    asked = f"{w.counted(many, length)} running" if many == of else f"{many} of the last {w.counted(of, length)}"
    following = Following(run)
    own = run.period.length == length
    counts: dict[str, int] = {}
    for key, rows in following.subjects(rule):
        out = run.followed
        now: Iterable[Value] = [out.lasting.get((rule.name, key), False)] if own and out is not None else []
        earlier = (following.before(rule.name, key, p) for p in following.earlier(of - len(list(now)), own))
        name = "; ".join(_told(run, Held(rule, rows, True)))
        counts[name] = sum(1 for so in (*now, *earlier) if so is True)
    most = max(counts.values(), default=0)
    if not most:
        return f"its tests are to be so for {asked}, and were so in none of them"
    whom = w.joined(name for name, count in counts.items() if count == most and name)
    return f"its tests are to be so for {asked}, and were so in {most}" + (f" ({whom})" if whom else "")
