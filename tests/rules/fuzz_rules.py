"""Rules as contracts write them against a literal reading of them: `python -m tests.rules.fuzz_rules --cases 100000`.

A case is one rule with one set of facts. Each is matched by both matchers; what they find must be what trying every
choice of facts finds, for what is certain and for what cannot be decided. Ends with 1 if anything differs.
"""

from __future__ import annotations

import argparse
import sys
from random import Random

from alliance.contract.faults import ContractError
from alliance.rules.matcher import available
from alliance.rules.matching import hold
from alliance.rules.plan import stages
from alliance.settlement.facts import RunFacts
from tests.rules.rule_cases import contract_of, facts_of, literally, run_of

RULES, SETS = 8, 12


def tried(seed: int) -> tuple[int, int, list[str]]:
    """So many cases, how often a rule held in them, and what differed."""
    random = Random(seed)
    while True:
        try:
            contract, text = contract_of(random, RULES)
            break
        except ContractError as error:  # a test that joins facts in a way that is refused
            if not all(f.code in ("AC172",) for f in error.faults):
                raise
    loops = {n: frozenset(i.fields) for n, i in contract.built.inputs.items() if i.fields is not None}
    loops |= {role: frozenset({role, "party", "small", "host"}) for role in contract.built.roles}
    found: list[str] = []
    cases = held = 0
    (stage,) = stages(contract.built.rules, loops)
    for _ in range(SETS):
        inputs = facts_of(random)
        run = run_of(contract, inputs, "plain")
        facts = RunFacts(run)
        given, _ = hold(stage, facts, "both" if available() else "plain")
        for rule in contract.built.rules:
            cases += 1
            sure, maybe = literally(run, rule, facts)
            got_sure = {tuple(r.key for _, r in h.rows) for h in given if h.rule.name == rule.name and h.certain}
            got_maybe = {tuple(r.key for _, r in h.rows) for h in given if h.rule.name == rule.name}
            held += len(sure)
            if (got_sure, got_maybe) != (sure, maybe):
                said = text[text.index(f"rule: {rule.name}\n") :].split("  - rule:")[0]
                found.append(
                    f"seed {seed}: {said}\n{inputs}\nsure {sorted(sure)} got {sorted(got_sure)}; "
                    f"maybe {sorted(maybe)} got {sorted(got_maybe)}"
                )
    return cases, held, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    cases = held = 0
    seed, found = asked.seed, list[str]()
    while cases < asked.cases and len(found) < 5:
        more, times, wrong = tried(seed)
        cases, held, seed = cases + more, held + times, seed + 1
        found += wrong
        if seed % 200 == 0:
            print(f"{cases} cases, {held} matches", file=sys.stderr, flush=True)
    print(f"{cases} cases of rules, {held} matches, {len(found)} differ (seeds {asked.seed} to {seed - 1})")
    for text in found[:3]:
        print(f"\n{text}")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
