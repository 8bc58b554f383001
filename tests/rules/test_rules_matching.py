"""Rules as contracts write them: matched as a literal reading of them says, and refused where they cannot be."""

from __future__ import annotations

import pytest

from alliance.contract.contract import loads
from alliance.contract.faults import ContractError
from alliance.rules.matcher import MatcherError, available
from alliance.rules.matching import hold
from alliance.rules.plan import stages
from alliance.settlement.facts import RunFacts
from alliance.settlement.settle import settle
from tests.rules.fuzz_rules import tried
from tests.rules.rule_cases import HEAD, literally, run_of


@pytest.mark.parametrize("seed", range(1, 13))
def test_rules_hold_where_a_literal_reading_says(seed: int) -> None:
    """Twelve times 96 cases; `python -m tests.rules.fuzz_rules` tries more."""
    cases, held, wrong = tried(seed)
    assert cases == 96
    assert held
    assert not wrong


def rules(*texts: str) -> str:
    return HEAD + "rules:\n" + "".join(f"  - {text}\n" for text in texts)


def refused(text: str) -> list[str]:
    with pytest.raises(ContractError) as error:
        loads(text)
    return [str(f) for f in error.value.faults]


def test_rules_that_feed_each_other_are_refused_and_the_circle_is_printed() -> None:
    faults = refused(
        rules(
            "{rule: one, for: b_fact, then: [{raise: a_fact, with: {n: level}}]}",
            "{rule: two, for: a_fact, then: [{raise: c_fact, with: {n: level}}]}",
            "{rule: three, for: c_fact, when: n > 1, then: [{raise: b_fact, with: {n: level}}]}",
        )
    )
    assert faults == [
        "contract.yaml:24:12: AC054 rules go round in a circle: one reads three, which reads two, which reads one. "
        "A rule cannot read a fact that follows from what it raises."
    ]


def test_a_rule_that_reads_its_own_fact_is_refused() -> None:
    (fault,) = refused(rules("{rule: own, for: a_fact, when: n > 1, then: [{raise: a_fact, with: {n: level}}]}"))
    assert "own reads own" in fault


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{rule: r, then: [{notify: icb}]}", 'AC172 the rule "r" has no test.'),
        ("{rule: R R, when: level > 1, then: [{notify: icb}]}", 'AC172 "R R" cannot name a rule.'),
        ("{rule: r, for: evnts, then: [{notify: icb}]}", 'AC172 "evnts" is not a kind of fact. Did you mean "events"?'),
        ("{rule: r, when: level > 1, then: []}", 'AC173 nothing follows from the rule "r".'),
        ("{rule: r, when: level > 1, then: [{notify: icb, gate: block}]}", "AC173 what follows from the rule r takes exactly one of"),
        ("{rule: r, when: level > 1, then: [{gate: blok}]}", 'AC173 gate: "blok" is not a payment. Did you mean "block"?'),
        ("{rule: r, when: level > 1, then: [{gate: block, until: level > 2}]}", 'AC056 "until" means nothing here'),
        ("{rule: r, when: level > 1, then: [{deduct: block}]}", "AC173 deduct says neither a share nor an amount."),
        ("{rule: r, when: level > 1, then: [{scale: block}]}", "AC173 scale lacks by."),
        ("{rule: r, when: level > 1, then: [{escalate: up, of: ash}]}", 'AC173 "up" is not a ladder.'),
        ("{rule: r, when: level > 1, then: [{require: plan, of: ash, within: soon}]}", 'AC173 "soon" is not a length of time'),
        ("{rule: r, when: block.earned > 1.00 GBP, then: [{gate: block}]}", 'AC174 the rule "r" acts on payments, and reads block.earned'),
        ("{rule: r, when: level > 1 GBP, then: [{gate: block}]}", "AC041"),
        ("{rule: r, for: events, lasting: 2 periods running, then: [{gate: block}]}", "AC172 only what is so of a party"),
        ("{rule: r, when: level > 1, lasting: 3 of the last 2 periods, then: [{gate: block}]}", "does not say for how long"),
        ("{rule: r, for: {x: events, y: answers}, when: x.grade + y.score > 3, then: [{gate: block}]}", "AC172 a test reads several facts at once."),
        ("{rule: r, for: {x: provider, y: party}, when: small, then: [{gate: block}]}", "AC172 a rule goes over the parties of one role"),
        ("{rule: r, when: level > 1, absent: {provider: provider = ash}, then: [{gate: block}]}", "is always there"),
    ],
)  # fmt: skip
def test_what_cannot_be_matched_is_refused(rule: str, message: str) -> None:
    assert any(message in fault for fault in refused(rules(rule))), refused(rules(rule))


def test_two_rules_of_one_name_are_refused() -> None:
    one = "{rule: r, when: level > 1, then: [{notify: icb}]}"
    assert any('there are two rules named "r"' in f for f in refused(rules(one, one)))


def test_a_test_that_can_be_met_in_too_many_ways_is_refused() -> None:
    many = " and ".join(f"(level > {n} or grade > {n})" for n in range(8))
    (fault,) = refused(rules(f'{{rule: r, for: events, when: "{many}", then: [{{notify: icb}}]}}'))
    assert "are too many to be matched together" in fault


@pytest.mark.parametrize("engine", ["plain", "durable", "both"])
def test_each_matcher_comes_to_the_same(engine: str) -> None:
    if engine != "plain" and not available():
        pytest.skip("durable_rules cannot be imported here")
    contract = loads(rules("{rule: r, for: provider, when: rate < 50%, then: [{gate: block, of: provider}]}"))
    given = {"rate": {"ash": "40%", "birch": "60%"}}
    found = settle(contract, "2026-27 Q1", given, rules_engine=engine)  # type: ignore[arg-type]
    assert [(t.payee, t.amount) for t in found.transfers] == [("birch", 1000)]
    assert found.digest == settle(contract, "2026-27 Q1", given).digest
    names = {"plain": "the plain matcher", "durable": "durable_rules", "both": "the plain matcher and durable_rules"}
    assert found.engine.endswith(f"rules matched by {names[engine]}")


EVENT = {"party": "ash", "kind": "fall", "opened": "2026-04-01", "cost": "50.00", "urgent": "no"}
ANSWER = {"party": "ash", "day": "2026-05-01", "agreed": "yes"}
FACTS = {
    "events": [
        {**EVENT, "note": "a", "grade": "1", "mark": "1"},
        {**EVENT, "note": "b", "grade": "2", "mark": None},
        {**EVENT, "note": "c", "grade": "3.000001", "mark": "3"},
    ],
    "answers": [{**ANSWER, "to": "fall", "score": "1"}, {**ANSWER, "to": "fire", "score": None}],
}
EVENTS, JOINED = "events", "{x: events, y: answers}"
ALL = {"a fall", "a fire", "b fall", "b fire", "c fall", "c fire"}
READ = [
    # a fixed value on either side
    (EVENTS, "2 <= grade", {"b", "c"}),
    (EVENTS, "not (2 < grade)", {"a", "b"}),
    (EVENTS, '"b" != note', {"a", "c"}),
    # fixed values that are too large or too fine for an integer that keeps their order
    (EVENTS, "grade < 5_000_000_000_000_000", {"a", "b", "c"}),
    (EVENTS, "grade > 3.000000001", {"c"}),
    (EVENTS, "grade > 3.000001", set()),
    # two facts: an empty field compares false
    (JOINED, "x.mark = y.score", {"a fall"}),
    (JOINED, "not (x.mark = y.score)", ALL - {"a fall"}),
    (JOINED, "x.mark >= y.score", {"a fall", "c fall"}),
    (JOINED, "not (y.score <= x.mark)", ALL - {"a fall", "c fall"}),
    (JOINED, "x.mark != y.score", {"c fall"}),
    # two facts, with what is brought
    (JOINED, "x.mark * level >= y.score", {"a fall", "c fall"}),
    (JOINED, "not (x.mark * level > y.score + 2)", ALL - {"c fall"}),
    ("{x: events, y: events}", "x.grade * level < y.grade", {"a c"}),
    ("{x: events, y: events}", "not (x.grade * level < y.grade)", {"a b", "b a", "b c", "c a", "c b"}),
]


def held(source: str, test: str, given: object) -> tuple[set[str], set[str]]:
    """What a rule holds for certainly, and what it may hold for, by the notes of events and what answers are to."""
    contract = loads(rules(f"{{rule: r, for: {source}, when: '{test}', then: [{{notify: icb}}]}}"))
    run = run_of(contract, {**FACTS, **({"level": given} if given is not None else {})})
    loops = {n: frozenset(i.fields) for n, i in contract.built.inputs.items() if i.fields is not None}
    facts = RunFacts(run)
    (stage,) = stages(contract.built.rules, loops)
    found, _ = hold(stage, facts, "both" if available() else "plain")
    sure, maybe = literally(run, contract.built.rules[0], facts)
    assert {tuple(row.key for _, row in h.rows) for h in found if h.certain} == sure
    assert {tuple(row.key for _, row in h.rows) for h in found} == maybe

    def names(certain: bool) -> set[str]:
        rows = [[row for _, row in h.rows] for h in found if h.certain or not certain]
        return {" ".join(str(row.fields.get("note") or row.fields["to"]) for row in two) for two in rows}

    return names(True), names(False)


@pytest.mark.parametrize(("source", "test", "expected"), READ)
def test_what_a_test_holds_for(source: str, test: str, expected: set[str]) -> None:
    assert held(source, test, "2") == (expected, expected)


@pytest.mark.parametrize(
    ("source", "test", "sure", "maybe"),
    [
        (JOINED, "x.mark * level >= y.score", set(), ALL),
        (JOINED, "not (x.mark * level > y.score + 2)", set(), ALL),
        (JOINED, "x.mark = 1 and x.mark * level >= y.score", set(), {"a fall", "a fire"}),
        ("{x: events, y: events}", "x.grade * level < y.grade", set(), {"a b", "a c", "b a", "b c", "c a", "c b"}),
        ("{x: events, y: events}", "x.grade > 2 and not (x.grade * level < y.grade)", set(), {"c a", "c b"}),
    ],
)
def test_what_it_may_hold_for_where_something_is_not_known(
    source: str, test: str, sure: set[str], maybe: set[str]
) -> None:
    assert held(source, test, None) == (sure, maybe)


def test_rules_that_the_matchers_cannot_be_given_fail_as_matching_does() -> None:
    """What each rule calls its facts is a kind of its own to the matchers, which take 400."""
    many = [f"{{rule: r{n}, for: {{x{n}: events}}, when: x{n}.grade > 9, then: [{{notify: icb}}]}}" for n in range(401)]
    assert settle(loads(rules(*many[:400])), "2026-27 Q1", FACTS, rules_engine="plain").notices == ()
    with pytest.raises(MatcherError) as error:
        settle(loads(rules(*many)), "2026-27 Q1", FACTS, rules_engine="plain")
    assert str(error.value) == (
        "The rules cannot be given to the matchers: There are 401 fact types in one stage; at most 400 are allowed."
    )
