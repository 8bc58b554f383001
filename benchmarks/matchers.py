"""What matching costs beside other engines, on the same conditions in one run: `python -m benchmarks.matchers`.

Not a test. It prints ratios to the plain matcher, since seconds are the machine's. A run is what one settlement pays:
rules made ready, facts handed over, matches taken out. Every engine must find the same matches.

zen-engine looks at one fact at a time and has no joins, and the bare durable_rules package joins wrongly, so they take
part in the first workload only. An engine that is
not installed is said to be missing, loudly.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from random import Random
from typing import Any

from alliance.rules.matcher import Fact, Join, MatchRule, Pattern, RuleSet, Schema, Test, durable, plain, why_not

Found = list[tuple[int, tuple[int, ...]]]
Engine = Callable[[RuleSet, list[Fact]], Found]

RULES = (10, 100, 1000)
FACTS = (100, 1000, 10_000, 100_000)
# A cell is left out if the one with fewer facts says that it would take longer than this, in seconds.
PATIENCE = 300
# Rules that the bare package is given, all of which test one kind of fact.
MOST_BARE = 60
_NUMBERS = itertools.count()

SCHEMA = Schema.of(
    {
        "event": {"kind": "text", "party": "text", "days": "int", "urgent": "bool"},
        "party": {"name": "text", "limit": "int"},
        "waiver": {"party": "text", "kind": "text"},
    }
)


def narrow(number: int, of: int) -> Pattern:
    """An event of one kind of so many, late, and for every third rule urgent."""
    tests = [Test("kind", "==", f"kind {number % max(of // 2, 1)}"), Test("days", ">", number % 50)]
    if number % 3 == 0:
        tests.append(Test("urgent", "==", True))
    return Pattern("e", "event", tuple(tests))


def tests_only(number: int) -> RuleSet:
    return RuleSet(SCHEMA, tuple(MatchRule(f"rule {n}", n, (narrow(n, number),)) for n in range(number)))


def joined(number: int) -> RuleSet:
    """The event's party, by name and within its limit, and no waiver for that party and kind."""
    party = Pattern("p", "party", (Test("limit", ">", 10),), (Join("name", "==", "e", "party"),))
    waiver = Pattern(
        "w", "waiver", (), (Join("party", "==", "e", "party"), Join("kind", "==", "e", "kind")), absent=True
    )
    return RuleSet(SCHEMA, tuple(MatchRule(f"rule {n}", n, (narrow(n, number), party, waiver)) for n in range(number)))


def facts_for(number: int, rules: int, with_others: bool) -> list[Fact]:
    """So many facts; where there are joins, a tenth of them parties and a tenth waivers."""
    random = Random(number)
    others = number // 10 if with_others else 0
    parties = [f"party {n}" for n in range(max(others, 1))]
    kinds = [f"kind {n}" for n in range(max(rules // 2, 1))]
    party, waiver, event = SCHEMA["party"], SCHEMA["waiver"], SCHEMA["event"]
    facts = [party.fact(name=name, limit=random.randrange(100)) for name in parties[:others]]
    facts += [waiver.fact(party=random.choice(parties), kind=random.choice(kinds)) for _ in range(others)]
    facts += [
        event.fact(
            kind=random.choice(kinds),
            party=random.choice(parties),
            days=random.randrange(60),
            urgent=random.random() < 0.5,
        )
        for _ in range(number - len(facts))
    ]
    random.shuffle(facts)
    return facts


def by_plain(ruleset: RuleSet, facts: list[Fact]) -> Found:
    return [match.sort_key() for match in plain.matches(ruleset, facts)]


def by_durable(ruleset: RuleSet, facts: list[Fact]) -> Found:
    return [match.sort_key() for match in durable.matches(ruleset, facts)]


def by_bare(hosts: Any, ruleset: RuleSet, facts: list[Fact]) -> Found:
    """The package as its own documentation has it used: a Host, rules with actions, facts as dictionaries. Beyond sixty
    patterns of one kind of fact it fails, and its joins are not to be trusted, so it takes part in few cells."""
    host, name = hosts, f"bench{next(_NUMBERS)}"
    found: Found = []

    def action(order: int) -> Callable[[Any], None]:
        return lambda held: found.append((order, (held.e.place,)))

    rules: dict[str, Any] = {}
    for rule in ruleset.rules:
        tests = rule.patterns[0].tests
        cells = [{t.field: t.constant} if t.op == "==" else {"$gt": {t.field: t.constant}} for t in tests]
        rules[rule.name.replace(" ", "_")] = {"all": [{"e": {"$and": cells}}], "run": action(rule.order)}
    host.set_rulesets({name: rules})
    for place, fact in enumerate(facts):
        kind, _, days, urgent = fact.values
        with contextlib.suppress(_unhandled()):  # no rule wants this fact
            host.assert_fact(name, {"place": place, "kind": kind, "days": days, "urgent": urgent})
    return sorted(found)


def _unhandled() -> type[Exception]:
    return importlib.import_module("durable.engine").MessageNotHandledException  # type: ignore[no-any-return]


def by_zen(zen: Any, ruleset: RuleSet, facts: list[Fact]) -> Found:
    """A decision table that collects: a row for each rule, evaluated for each fact."""
    fields = ("kind", "days", "urgent")
    rows = []
    for rule in ruleset.rules:
        cells = {test.field: (test.op, json.dumps(test.constant)) for test in rule.patterns[0].tests}
        told = {field: right if op == "==" else f"{op} {right}" for field, (op, right) in cells.items()}
        rows.append({"_id": rule.name, "rule": str(rule.order)} | {field: told.get(field, "") for field in fields})
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": field, "name": field, "field": field} for field in fields],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("in", "table"), ("table", "out"))
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    found: Found = []
    for place, fact in enumerate(facts):
        kind, _, days, urgent = fact.values
        result = decision.evaluate({"kind": kind, "days": days, "urgent": urgent})["result"]
        found += ((row["rule"], (place,)) for row in result)
    return sorted(found)


def clips_pattern(pattern: Pattern, slots: dict[tuple[str, str], str]) -> str:
    """A pattern as CLIPS writes it; `slots` holds the variable of each alias and field that is joined with."""
    told: dict[str, list[str]] = {}
    for test in pattern.tests:
        constant = json.dumps(test.constant) if not isinstance(test.constant, bool) else str(test.constant).upper()
        # A variable's name is the whole rule's, and two of one name would be joined.
        own = f"?own-{pattern.alias}-{test.field}"
        told.setdefault(test.field, []).append(constant if test.op == "==" else f"{own}&:({test.op} {own} {constant})")
    for join in pattern.joins:
        told.setdefault(join.field, []).append(slots[join.other_alias, join.other_field])
    for (alias, field), variable in slots.items():
        if alias == pattern.alias:
            told[field] = ["&".join([variable, *told.get(field, ())])]
    cells = " ".join(f"({field} {'&'.join(cell)})" for field, cell in told.items())
    if pattern.absent:
        return f"(not ({pattern.type} {cells}))"
    return f"({pattern.type} (place ?{pattern.alias}) {cells})"


def by_clips(clips: Any, ruleset: RuleSet, facts: list[Fact]) -> Found:
    environment = clips.Environment()
    found: Found = []

    def hit(order: int, *places: int) -> None:
        found.append((order, places))

    environment.define_function(hit)
    kinds = {"int": "INTEGER", "text": "STRING", "bool": "SYMBOL"}
    for fact_type in ruleset.schema.types:
        slots = " ".join(f"(slot {name} (type {kinds[kind]}))" for name, kind in fact_type.fields)
        environment.build(f"(deftemplate {fact_type.name} (slot place (type INTEGER)) {slots})")
    for rule in ruleset.rules:
        joins = dict.fromkeys((join.other_alias, join.other_field) for p in rule.patterns for join in p.joins)
        variables = {(alias, field): f"?{alias}-{field}" for alias, field in joins}
        left = " ".join(clips_pattern(pattern, variables) for pattern in rule.patterns)
        right = f"(hit {rule.order} {' '.join(f'?{alias}' for alias in rule.aliases)})"
        environment.build(f"(defrule r{rule.order} {left} => {right})")
    templates = {fact_type.name: environment.find_template(fact_type.name) for fact_type in ruleset.schema.types}
    names = {fact_type.name: [name for name, _ in fact_type.fields] for fact_type in ruleset.schema.types}
    symbols = {True: clips.Symbol("TRUE"), False: clips.Symbol("FALSE")}
    for place, fact in enumerate(facts):
        values = (symbols[value] if isinstance(value, bool) else value for value in fact.values)
        templates[fact.type].assert_fact(place=place, **dict(zip(names[fact.type], values, strict=True)))
    environment.run()
    return sorted(found)


def engines() -> dict[str, Engine]:
    """Those that can be had; the others are told of."""
    found: dict[str, Engine] = {"plain": by_plain}
    if why_not():
        print(f"*** MISSING: durable_rules. {why_not()}")
    else:
        found["durable_rules"] = by_durable
        found["bare package"] = bind(by_bare, importlib.import_module("durable.engine").Host())
    for module, package, run in (("zen", "zen-engine", by_zen), ("clips", "clipspy", by_clips)):
        try:
            loaded = importlib.import_module(module)
        except ImportError as error:
            print(f"*** MISSING: {package} ({error}). Its column is empty; pip install {package} fills it.")
        else:
            found[package] = bind(run, loaded)
    return found


def bind(run: Callable[[Any, RuleSet, list[Fact]], Found], module: Any) -> Engine:
    return lambda ruleset, facts: run(module, ruleset, facts)


def timed(engine: Engine, ruleset: RuleSet, facts: list[Fact]) -> tuple[float, Found]:
    """The least time of up to five runs within a second, and what was found."""
    least, spent = float("inf"), 0.0
    for _ in range(5):
        gc.collect()
        started = time.perf_counter()
        found = engine(ruleset, facts)
        took = time.perf_counter() - started
        least, spent = min(least, took), spent + took
        if spent > 1:
            break
    return least, found


def bench(title: str, make: Callable[[int], RuleSet], among: dict[str, Engine], most: int) -> None:
    """One workload, a line for each number of rules and of facts."""
    print(f"\n{title}\n{'rules':>6}{'facts':>8}{'matches':>9}" + "".join(f"{name:>15}" for name in among))
    for number in RULES:
        ruleset = make(number)
        ruleset.check()
        last: dict[str, tuple[int, float]] = {}
        for size in (size for size in FACTS if size <= most):
            facts = facts_for(size, number, with_others=make is joined)
            base, expected = timed(by_plain, ruleset, facts)
            line = f"{number:>6}{size:>8}{len(expected):>9}"
            for name, engine in among.items():
                if name == "bare package" and number > MOST_BARE:
                    line += f"{'-':>15}"
                    continue
                before, took = last.get(name, (size, 0.0))
                if took * size / before > PATIENCE:
                    line += f"{'too slow':>15}"
                    continue
                try:
                    seconds, found = (base, expected) if name == "plain" else timed(engine, ruleset, facts)
                except Exception as error:  # the bare package takes two facts for one where 32 bits of them are alike
                    line += f"{'fails':>15}"
                    print(f"*** {name} fails: {type(error).__name__}", file=sys.stderr)
                    continue
                last[name] = size, seconds
                line += f"{seconds / base:>15.1f}" if found == expected else f"{'*** DIFFERS':>15}"
            print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Compares the cost of matchers.")
    parser.add_argument("--most-facts", type=int, default=FACTS[-1])
    most = parser.parse_args().most_facts
    print("Times the plain matcher's time for the same rules and facts; below 1 is faster than it.")
    among = engines()
    bench("Tests of one fact", tests_only, among, most)
    bench(
        "An event, its party by name, and no waiver for it",
        joined,
        {name: engine for name, engine in among.items() if name not in ("zen-engine", "bare package")},
        most,
    )
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the bare package's Host has threads that never end
