"""The engine against the independent evaluator, over a fixed sample of generated contracts; `make fuzz` runs many more."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.oracle.compare import settled, trial
from tests.oracle.generate import scenario

CONTRACTS = 375
CHUNK = 15
SEEDS = range(1, CONTRACTS + 1)


@pytest.mark.parametrize("first", SEEDS[::CHUNK])
def test_they_agree_to_the_penny(first: int) -> None:
    counts: Counter[str] = Counter()
    found = {seed: what for seed in SEEDS[first - 1 : first - 1 + CHUNK] if (what := trial(scenario(seed), counts))}
    assert not found
    assert counts["settlements"] >= CHUNK
    assert counts["transfers"] > counts["settlements"]


def test_the_sample_is_a_thousand_settlements() -> None:
    assert sum(len(scenario(seed).steps) for seed in SEEDS) >= 1_000


REACHED = {
    "step": "multiply, add, corridor, deadband, curve, bands, gate, at_most, at_least, deduct, relieve, round,"
    "when, only gain, only loss",
    "corridor": "reach, exceed",
    "deadband": "beyond",
    "gate if unknown": "shut, open",
    "score": "line, curve, bands, better_of, then, not held, of something else, at most, at least, rounded, in points,"
    "from what is brought, of what is said to be better",
    "figure": "is, curve, bands, weighted, each, rounded, curve not held, by category, of money by party",
    "measure": "reported, by party, minimum, ratio to a baseline, ratio to an input",
    "shared": "equally, fixed, weight, fee, grade, figure, by a measure, contribution, to, one",
    "absent": "unearned, others",
    "slice": "with a limit, only, when, that stays, whose rest is another's, with its own payer, paid by an account",
    "slices": "for each party",
    "policy": "exclude, zero, previous, unknown, of a yes or no, of a category",
    "status": "provisional, missing, not assessable, not applicable, suppressed",
    "over periods": "last, mean, same",
    "account": "by key, with a ceiling, of units, that ends with a party, that ends with its contributors",
    "an account": "pays, shares",
    "pool": "funded, balance",
    "unearned": "contributors, carried, reserve, to a party",
    "payment": "at most, at least, limits only, when, settles yearly, settles quarterly, settles half-yearly",
    "party limit gain beyond": "payer, others, carry",
    "party limit loss beyond": "payer, others, carry",
    "each": "party, party pays, record, record limited, record sliced, group of records, category",
    "last() of a": "input, input by a key, figure, measure, score",
    "so_far() of": "an input, a measure",
    "last of a": "payment",
    "so_far of a": "payment",
    "earned of a": "payment",
    "settles": "monthly, quarterly, half-yearly, yearly",
    "currency": "GBP, JPY, KWD",
    "shadow": "contract, payment",
    "variation": "set step, remove step, add before step, add after step, add last step, of a term, of a figure,"
    "of a payment",
    "uplift": "rounded",
    "term": "by party, by category, of the year, worked out from terms",
    "a party": "joins, leaves",
}
ALONE = (
    "several payers, funded pool, funded by one, groups together, payee is a field, recoupment, on account, decision,"
    "an advance out of an account, an advance taken back from two payers, an account pays each,"
    "decision by quorum, a decision refused, dated term, uplift, two variations,"
    "an earlier period's data corrected, a period settled again,"
    "settled as of a later day, from one year into the next, quarters, then their year, months, then their quarter,"
    "half-years, then their year, quarters, then their half-year, years named by their end, slices, text read by words or points,"
    "a period settled again after later ones, later ones settled again after it, a start that reads money by party"
)


def test_the_sample_reaches_every_part_of_the_language() -> None:
    """Each several times, so that a contract or two that do not settle are not all there is of it."""
    found: Counter[str] = Counter()
    for seed in SEEDS:
        found.update(scenario(seed).features.keys())
    wanted = {f"{kind} {one.strip()}" for kind, some in REACHED.items() for one in some.split(",")}
    joined = re.sub("(quarters|months|half-years), then", r"\1; then", ALONE)
    wanted |= {one.strip().replace(";", ",") for one in joined.split(",")}
    formulas = {name for name in found if name.endswith(" in a formula")}
    assert len(formulas) == 12
    few = sorted(name for name in wanted if found[name] < 5)
    assert not few
    others = {"a base", "bands of a base", "curve of a base"}
    assert not sorted(found.keys() - wanted - formulas - others)


def test_money_moves_for_every_reason() -> None:
    kinds: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for seed in range(1, 161):
        for _, _, found in settled(scenario(seed)):
            kinds.update(t.kind for t in found.transfers)
            statuses.update(p.status for p in found.payments)
    reasons = {"payment", "funding", "unearned", "advance", "recoupment", "on account", "true-up", "end"}
    assert {kind for kind in reasons if kinds[kind] < 3} == set()
    assert {"determined", "undetermined", "on account", "not due"} <= set(statuses)
