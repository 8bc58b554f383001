"""Generated rules and facts, and a literal reading of them: every choice of facts is tried, each test evaluated as it is
written. It shares with the engine the formula evaluator and nothing of the compilation or the matchers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Any

from alliance.contract import entries as e
from alliance.contract.contract import Contract, loads
from alliance.contract.values import Unknown
from alliance.rules.matching import Row
from alliance.settlement.run import Run
from alliance.settlement.settle import settle_run

HEAD = """
alliance: 1
contract: {id: f, title: Fuzz, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, working_days: England}
parties:
  icb: {name: Board, role: commissioner}
  ash: {name: Ash, role: provider, small: true}
  birch: {name: Birch, role: provider}
  cedar: {name: Cedar, role: provider, from: 2026-08-01}
categories: {ward: [east, west]}
accounts: {pool: {title: Pool, may_go_below: any}}
inputs:
  rate: {unit: percent, by: provider}
  spend: {unit: GBP, from: ash, due: 20 working days}
  level: {unit: count}
  events: {events: {party: party, kind: [fall, fire, loss], opened: date, closed: optional date, grade: count,
                    mark: optional count, cost: GBP, urgent: boolean, note: optional text}}
  answers: {events: {party: party, to: [fall, fire, loss], day: date, score: optional count, agreed: boolean}}
figures:
  half: {is: rate * 50%, each: provider}
  total: {is: level + 1}
payments:
  block: {pays_for: block, each: provider, start: 1_000.00 GBP, from: icb, to: provider}
"""
BARE = {
    "events": (
        "kind = fall", "kind != fire", "grade > 2", "grade <= 3", "grade = 2", "closed is missing", "closed - opened > 10 days",
        "opened >= 2026-05-01", "opened < period.start", "cost > 50.00 GBP", "urgent", "not urgent", "mark > 1", "not (mark > 1)",
        "note = \"x\"", "party = ash", "party != birch", "rate by birch < 50%", "level > 3", "total > 4", "kind in (fall, loss)",
        "(mark else 2) >= 2", "grade + 1 > 2.5", "half by ash > 20%", "spend.days_late > 0 days",
    ),
    "answers": (
        "to = loss", "score >= 3", "score is known", "agreed", "party = cedar", "day > 2026-05-15", "level > 3",
        "not (score >= 3 or agreed)",
    ),
    "provider": (
        "rate < 50%", "small", "not small", "half > 20%", "provider = ash", "provider != cedar", "count(events where urgent) > 1",
        "level <= 3", "count(events where party = provider) >= 1",
    ),
    "": (
        "level > 3", "total <= 4", "spend > 100.00 GBP", "spend.days_late > 5 days", "count(events) > 2", "rate by ash < 50%",
        "sum(cost for events where urgent) > 60.00 GBP", "max(rate by ash, rate by birch) >= 50%",
    ),
}  # fmt: skip
NAMED = {
    "events": (
        "x.kind = fall", "x.grade > 2", "x.urgent", "x.mark > 1", "x.cost > 50.00 GBP", "not (x.closed is missing)",
        "x.party = ash", "x.opened > 2026-05-01", "rate by birch < 50%",
    ),
    "answers": ("x.to = loss", "x.score >= 3", "x.agreed", "x.day > 2026-05-15", "level > 3"),
    "provider": ("rate < 50%", "small", "half > 20%", "x != cedar"),
}  # fmt: skip
JOINS = {
    ("events", "answers"): (
        "x.party = y.party", "x.party != y.party", "x.grade < y.score", "not (x.grade < y.score)", "x.mark = y.score",
        "not (x.mark = y.score)", "x.opened <= y.day", "x.opened + 10 days > y.day", "x.mark * 1 >= y.score", "x.mark != y.score",
        "x.grade * level > y.score",
    ),
    ("events", "provider"): ("x.party = y", "not (x.party = y)", "x.grade > 2 and x.party = y"),
    ("answers", "provider"): ("x.party = y", "x.party != y"),
    ("events", "events"): ("x.party = y.party", "x.grade < y.grade", "x.kind != y.kind", "x.mark < y.mark"),
}  # fmt: skip
ABSENT = {
    "answers": (
        "answers.agreed", "answers.score >= 3", "answers.score >= 3 or answers.agreed", "not (answers.score >= 3)", "level > 3",
        "answers.day > 2026-05-15",
    ),
    "events": ("events.urgent", "events.grade > 2", "events.mark > 1", "events.kind = fall and events.urgent", "total > 4"),
}  # fmt: skip
ABSENT_JOINS = {
    ("events", "answers"): (
        "answers.party = party", "answers.score > grade", "not (answers.score > mark)", "answers.day >= opened and answers.agreed",
        "answers.party = party and urgent", "answers.agreed and not urgent", "answers.score = mark or urgent",
    ),
    ("answers", "events"): ("events.party = party", "events.grade = score", "events.mark != score", "events.opened < day or agreed"),
    ("provider", "events"): ("events.party = provider", "events.party = provider and small", "events.urgent and rate < 50%"),
    ("provider", "answers"): ("answers.party = provider", "answers.party != provider or small"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A contract with rules, and facts to match them with."""

    contract: Contract
    inputs: Mapping[str, Any]
    text: str


def _test(random: Random, atoms: list[str], deep: int = 2) -> str:
    """A test made of atoms with and, or and not."""
    kind = random.random()
    if deep == 0 or kind < 0.5:
        return random.choice(atoms)
    if kind < 0.6:
        return f"not ({_test(random, atoms, deep - 1)})"
    op = random.choice((" and ", " or "))
    return "(" + op.join(_test(random, atoms, deep - 1) for _ in range(2)) + ")"


def _rule(random: Random, number: int) -> str:
    """A rule that says nothing more than that it holds."""
    lines = [f"  - rule: r{number}"]
    absent: dict[str, str] = {}
    if random.random() < 0.45:
        first, second = random.choice(list(JOINS))
        tests = [random.choice(JOINS[first, second])]
        one, two = (list(NAMED[k]) for k in (first, second))
        two = [a.replace("x.", "y.").replace("x ", "y ") for a in two]
        tests += [_test(random, random.choice((one, two)), 1) for _ in range(random.randint(0, 2))]
        if random.random() < 0.2:
            tests.append(f"({random.choice(one)} or {random.choice(two)})")
        lines.append(f"    for: {{x: {first}, y: {second}}}")
    else:
        source = random.choice(list(BARE))
        tests = [_test(random, list(BARE[source])) for _ in range(random.randint(1, 2))]
        lines += [f"    for: {source}"] if source else []
        if random.random() < 0.5:
            gone = random.choice(list(ABSENT))
            atoms = list(ABSENT[gone]) + list(ABSENT_JOINS.get((source, gone), ())) * 2
            absent[gone] = _test(random, atoms, 1)
    lines.append(f"    when: {tests!r}".replace("\\'", "'"))
    if absent:
        lines.append(f"    absent: {absent!r}")
    lines.append(f"    then: [{{notify: icb, say: held {number}}}]")
    return "\n".join(lines)


def contract_of(random: Random, rules: int) -> tuple[Contract, str]:
    """A contract with some generated rules."""
    text = HEAD + "rules:\n" + "\n".join(_rule(random, n) for n in range(rules)) + "\n"
    return loads(text), text


def facts_of(random: Random) -> dict[str, Any]:
    """Facts with ties, doubles, empty fields and values that are not known."""

    def maybe(value: Any, chance: float = 0.3) -> Any:
        return None if random.random() < chance else value

    def day() -> str:
        return f"2026-{random.choice(('03', '04', '05', '06'))}-{random.choice((1, 10, 15, 28)):02d}"

    parties = ("ash", "birch", "cedar", "icb")
    events = [
        {
            "party": random.choice(parties), "kind": random.choice(("fall", "fire", "loss")), "opened": day(), "closed": maybe(day()),
            "grade": str(random.choice((1, 2, 3, "2.5"))), "mark": maybe(str(random.randint(0, 3))),
            "cost": random.choice(("10.00", "50.00", "50.01", "99")), "urgent": random.choice(("yes", "no")), "note": maybe("x", 0.5),
        }
        for _ in range(random.randint(0, 5))
    ]  # fmt: skip
    answers = [
        {
            "party": random.choice(parties), "to": random.choice(("fall", "fire", "loss")), "day": day(),
            "score": maybe(str(random.randint(0, 4))), "agreed": random.choice(("yes", "no")),
        }
        for _ in range(random.randint(0, 4))
    ]  # fmt: skip
    events += [dict(e) for e in events if random.random() < 0.15]
    found: dict[str, Any] = {"events": events, "answers": answers}
    rates = {p: random.choice(("40%", "50%", "60%")) for p in ("ash", "birch", "cedar") if random.random() < 0.7}
    if rates:
        found["rate"] = rates
    if random.random() < 0.7:
        found["level"] = str(random.choice((3, 4)))
    if random.random() < 0.8:
        found["spend"] = {"value": "100.01", "received": random.choice(("2026-07-28", "2026-07-30", "2026-09-01"))}
    return found


def literally(run: Run, rule: e.Rule, facts: Any) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """The choices of facts for which a rule holds: certainly, and possibly. No fact stands for two patterns."""
    sure, maybe = set(), set()
    for rows in product(*(facts.rows(p) for p in rule.patterns)):
        places = [(p.kind, p.source, r.key) for p, r in zip(rule.patterns, rows, strict=True)]
        if len(set(places)) < len(places):
            continue
        named = list(zip(rule.patterns, rows, strict=True))
        values = [run.evaluate(x, facts.env(named)) for x in rule.tests]
        if not all(v is True or isinstance(v, Unknown) for v in values):
            continue
        gone = [_found(run, a, named, facts) for a in rule.absent]
        key = tuple(r.key for r in rows)
        if all(v is True for v in values) and not any(possible for _, possible in gone):
            sure.add(key)
        if not any(certain for certain, _ in gone):
            maybe.add(key)
    return sure, maybe


def _found(run: Run, absence: e.Absence, named: Iterable[tuple[e.Pattern, Row]], facts: Any) -> tuple[bool, bool]:
    """Whether some fact surely, and whether one possibly, is what should be absent."""
    values = [
        run.evaluate(absence.test, facts.env([*named, (absence.pattern, r)])) for r in facts.rows(absence.pattern)
    ]
    return any(v is True for v in values), any(v is True or isinstance(v, Unknown) for v in values)


def run_of(contract: Contract, inputs: Mapping[str, Any], engine: Any = None) -> Run:
    """The run of a quarter under generated rules."""
    return settle_run(contract, "2026-27 Q1", inputs, rules_engine=engine, keep=False)[1]
