"""Rules in the tree behind a payment: what those that touched it held for, and of the others the test that failed."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.reports.formula import Formulas, place
from alliance.reports.model import ALERT, Branch
from alliance.reports.naming import Naming
from alliance.settlement.effects import TEST
from alliance.settlement.facts import RunFacts
from alliance.settlement.result import Line
from alliance.settlement.run import Run

MOST_TRIED = 12  # parties or options whose tests are shown


def rule_parts(n: Naming, x: Line, formulas: Formulas) -> Iterator[Branch]:
    """The rule behind a line, each fact that it held for, and its tests with what they read, with their places."""
    name = next(str(value) for _, value, kind in x.facts if kind == "rule")
    rule = next((r for r in n.settlement.rules if r.name == name), None)
    title = rule.title if rule is not None else name
    facts = [Branch(f"For {text}", place=where) for where, text, kind in x.facts if kind == "fact"]
    tests = [formulas.expr("", d.expr, d.view) for d in x.details if d.label == TEST]
    mark = place(rule.mark if rule is not None else None)
    yield Branch(f"Rule {name} ({title}) holds", place=mark, parts=(*facts, *tests))


def not_held(n: Naming, payment: str, period: str, run: Run, formulas: Formulas) -> Iterator[Branch]:
    """The rules that would have acted on a payment and do not hold, or cannot be decided, each with why. `period` is
    a shorter one that is worked out, empty for the settlement's own."""
    own = next((r for r in reversed(run.settling.made) if r.period.label == period), run)
    acting = {r.name: r for r in own.built.rules if any(_touches(c, payment) for c in r.then)}
    for x in n.settlement.rules:
        rule = acting.get(x.name)
        if rule is None or x.period != period or x.status == "holds":
            continue
        if x.status == "cannot be decided":
            why = n.reasons(x.why.split("; "))
            yield Branch(f"Rule {x.name} ({x.title}) cannot be decided. {why}", place=place(x.mark), style=ALERT)
        else:
            text = f"Rule {x.name} ({x.title}) does not hold: {x.why}."
            yield Branch(text, place=place(x.mark), parts=tuple(_tests(n, rule, own, formulas)))


def _touches(c: e.Consequence, payment: str) -> bool:
    return c.verb in e.ACTING and payment in (*c.targets, c.name)


def _tests(n: Naming, rule: e.Rule, run: Run, formulas: Formulas) -> Iterator[Branch]:
    """The test that failed, with the values that it read: of the period, or of each party or option."""
    if rule.lasting is not None or len(rule.patterns) != 1:
        return
    pattern = rule.patterns[0]
    if pattern.kind not in ("now", "party", "category"):
        return
    facts = RunFacts(run)
    for row in facts.rows(pattern)[:MOST_TRIED]:
        view = facts.env([(pattern, row)])
        test = next((x for x in rule.tests if run.evaluate(x, view) is not True), None)
        if test is not None:
            yield formulas.expr(n.who(row.key) if row.key else "", test, view)
