"""Measures from records in a settlement: their values, what is left out, intervals, and what stands in place of what."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, InputError
from alliance.contract.values import Unknown
from alliance.settlement.measuring import numerator_of
from alliance.settlement.result import MeasureResult, Settlement
from alliance.settlement.settle import settle_run

FIELDS = "person: id, home: party, day: date, back: optional date, cost: GBP, ok: boolean, stage: [first, later], score: count, nights: days, risk: percent"  # fmt: skip


def made(measures: str, rest: str = "") -> Contract:
    return alliance.loads(
        "alliance: 1\n"
        "contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}\n"
        "parties: {board: {name: B, role: payer}, ash: {name: A, role: home}, beech: {name: Be, role: home}}\n"
        "terms: {people: {unit: count, value: 400}, usual: {unit: percent, value: 50%}}\n"
        f"inputs: {{visits: {{records: {{{FIELDS}}}, dated: day}}}}\n"
        f"measures:\n{measures}\n{rest}"
    )


def visit(**fields: Any) -> dict[str, Any]:
    return {
        "person": "p1", "home": "ash", "day": "2026-04-10", "cost": "10", "ok": "yes", "stage": "first", "score": "1",
        "nights": "2", "risk": "50%",
    } | fields  # fmt: skip


def settled(contract: Contract, visits: list[dict[str, Any]], period: str = "2026-27 Q1", **more: Any) -> Settlement:
    inputs = {"visits": visits, **more.pop("given", {})}
    return alliance.settle(contract, period, inputs, **more)


def one(form: str, visits: list[dict[str, Any]], rest: str = "", **more: Any) -> MeasureResult:
    return settled(made(f"  m: {{{form}{rest}}}"), visits, **more).measures[0]


VISITS = [
    visit(),
    visit(person="p2", ok="no", cost="30", day="2026-05-01", back="2026-05-11"),
    visit(person="p1", day="2026-05-20", stage="later", score="5", cost="20"),
    visit(person="p2", day="2026-06-01", stage="later", score="0", home="beech", nights="4"),
]
VALUES = [
    ("proportion: {of: visits, where: ok}", Fraction(3, 4), 4),
    ("proportion: {of: visits, where: ok, excluding: cost > 25.00 GBP}", 1, 3),
    ("proportion: {of: visits, where: ok, among: person = p2}".replace("person = p2", "cost = 10.00 GBP"), 1, 2),
    ("rate: {of: visits, where: ok, per: 1000, to: nights}", 300, 4),
    ("rate: {of: visits, per: 100, to: people}", 1, 4),
    ("mean: {of: visits, value: cost}", Fraction(70, 4), 4),
    ("mean: {of: visits, value: cost, truncated_at: 50%}", 10, 4),
    ("bundle: {of: visits, all: [ok, nights > 2 days]}", Fraction(1, 4), 4),
    ("distinct: {of: visits}", 2, 4),
    ("time_to: {of: visits, from: day, event: back, percentile: 25%}", 10, 4),
    ("repeat: {of: visits, within: 31 days}", Fraction(1, 3), 3),
    ("run_length: {of: visits, where: ok}", 2, 4),
    ("paired_change: {of: visits, value: score, baseline: stage = first, follow_up: stage = later}", Fraction(3, 2), 2),
    (
        "changed: {of: visits, value: score, baseline: stage = first, follow_up: stage = later, by: 2}",
        Fraction(1, 2),
        2,
    ),
    ("sustained: {of: visits, where: ok, entered: day, at: [1 month], give_or_take: 1 week}", 0, 3),
    ("observed_to_expected: {of: visits, where: ok, expected: risk}", Fraction(3, 2), 4),
    (
        "observed_to_expected: {of: visits, where: ok, expected: risk, adjusted: {reference: 25%, at_most: 150%}}",
        2,
        4,
    ),
]


@pytest.mark.parametrize(("form", "value", "cases"), VALUES, ids=[f.partition(":")[0] for f, _, _ in VALUES])
def test_value(form: str, value: Any, cases: int) -> None:
    found = one(form, VISITS)
    assert (found.value, found.cases, found.status) == (value, cases, "measured")


@pytest.mark.parametrize("form", [form for form, _, _ in VALUES], ids=[f.partition(":")[0] for f, _, _ in VALUES])
def test_without_cases_it_is_not_assessable(form: str) -> None:
    found = one(form, [])
    kind = form.partition(":")[0]
    if kind in ("distinct", "run_length") or "to: people" in form:
        assert found.value == 0
    else:
        assert found.status == "not assessable"


def test_without_records_it_is_missing() -> None:
    found = alliance.settle(made("  m: {proportion: {of: visits, where: ok}}"), "2026-27 Q1", {}).measures[0]
    assert found.status == "missing"


def test_what_is_left_out_is_told() -> None:
    found = one("proportion: {of: visits, where: ok, excluding: cost = 10.00 GBP}, matured: 30 days", VISITS)
    assert found.evidence is not None
    e = found.evidence
    assert (e.cases, e.excluded, e.immature, e.considered) == (2, 1, 1, 3)
    assert (e.start, e.end, e.extracted) == (date(2026, 4, 1), date(2026, 6, 30), date(2026, 6, 30))
    later = one(
        "proportion: {of: visits, where: ok}, matured: 30 days", VISITS, given={"extracted": {"visits": "2026-09-30"}}
    )
    assert later.evidence is not None
    assert later.evidence.immature == 0
    assert later.evidence.fingerprint == e.fingerprint, "of the same records in any order"


def test_records_from_before_the_window_ends_are_provisional() -> None:
    form, early = "proportion: {of: visits, where: ok}", {"extracted": "2026-06-15"}
    assert one(form, VISITS, given=early).status == "provisional"
    assert isinstance(one(form, VISITS, given=early, kind="final").value, Unknown)


def test_changes_are_told_apart_and_read() -> None:
    made_ = made(
        "  m: {changed: {of: visits, value: score, baseline: stage = first, follow_up: stage = later, by: 2}}",
        "figures: {harm: {is: m.worse}, good: {is: m.improved - m.worse}}\n",
    )
    found = settled(
        made_, [*VISITS, visit(person="p3", score="9"), visit(person="p3", day="2026-06-02", stage="later")]
    )
    assert found.measures[0].value == Fraction(1, 3)
    assert found.figure("harm") == Fraction(1, 3)
    assert found.figure("good") == 0


def test_each_party_has_its_own() -> None:
    found = settled(made("  m: {proportion: {of: visits, where: ok}, by: home}"), VISITS).measures
    assert [(m.key, m.value, m.cases) for m in found] == [("ash", Fraction(2, 3), 3), ("beech", 1, 1)]


def test_a_difference_and_a_deadweight() -> None:
    contract = made(
        "  ours: {proportion: {of: visits, where: ok, among: home = ash}}\n"
        "  theirs: {proportion: {of: visits, where: ok, among: home = beech}}\n"
        "  gap: {difference: {of: ours, from: theirs}}\n  over: {difference: {of: ours, from: usual}}\n"
        "  own: {deadweight: {of: ours, share: 25%}}\n"
    )
    found = {m.name: m.value for m in settled(contract, VISITS).measures}
    assert (found["gap"], found["over"], found["own"]) == (Fraction(-1, 3), Fraction(1, 6), Fraction(1, 2))


def test_what_is_made_of_what_is_not_known_is_not_known_for_the_same_reason() -> None:
    contract = made(
        "  ours: {proportion: {of: visits, where: ok}}\n  theirs: {reported: percent}\n"
        "  gap: {difference: {of: ours, from: theirs}}\n  own: {deadweight: {of: theirs, share: 25%}}\n"
    )
    found = {m.name: m for m in settled(contract, VISITS).measures}
    assert (found["gap"].status, found["gap"].cases) == ("missing", 4)
    assert (found["own"].status, found["own"].cases) == ("missing", None)
    none = {m.name: m for m in settled(contract, [], given={"theirs": "not assessable"}).measures}
    assert [none[n].status for n in ("ours", "gap", "own")] == ["not assessable"] * 3


def test_a_test_of_records_that_reads_what_is_not_brought() -> None:
    text = _text(made("  m: {proportion: {of: visits, where: ok}}")).replace("where: ok", "where: cost > dear")
    contract = alliance.loads(text.replace("inputs: {", "inputs: {dear: {unit: GBP}, "))
    missing = settled(contract, VISITS).measures[0]
    assert (missing.status, missing.cases, missing.evidence) == ("missing", None, None)
    assert isinstance(missing.value, Unknown)
    assert settled(contract, VISITS, given={"dear": "15.00"}).measures[0].value == Fraction(1, 2)


READ = "figures: {left_out: {is: m.excluded}, young: {is: m.immature}, harm: {is: m.worse}}\n"
CHANGED = "  m: {changed: {of: visits, value: score, baseline: stage = first, follow_up: stage = later, by: 2, excluding: cost > 25 GBP}}"


def test_what_formulas_read_of_cases_that_are_left_out() -> None:
    found = settled(made(CHANGED, READ), VISITS)
    assert (found.figure("left_out"), found.figure("young"), found.figure("harm")) == (1, 0, 0)


@pytest.mark.parametrize(
    ("visits", "given", "left_out", "harm"),
    [
        (VISITS, {"m": "10%"}, "the number of excluded cases of m is missing", "the share worse of m is missing"),
        (VISITS[:1], {}, 0, "m is not assessable"),
        (VISITS, {"m": "missing"}, 1, "0"),  # then what the records come to stands
    ],
)
def test_and_where_nothing_is_known_of_them(visits: Any, given: Any, left_out: Any, harm: str) -> None:
    found = settled(made(CHANGED, READ), visits, given=given)
    assert str(found.figure("left_out")) == str(left_out)
    assert str(found.figure("harm")) == harm


def test_the_ids_of_cases_are_those_of_the_records_that_are_brought() -> None:
    contract = made("  m: {proportion: {of: visits, where: ok}, by: home}")
    _, run = settle_run(contract, "2026-27 Q1", {"visits": VISITS})
    assert numerator_of(run, "m") == (
        ("person", "home", "day"),
        [("p1", "ash", "2026-04-10"), ("p1", "ash", "2026-05-20"), ("p2", "beech", "2026-06-01")],
    )
    _, without = settle_run(contract, "2026-27 Q1", {})
    with pytest.raises(InputError, match="AC136 visits, of which m is, are not brought as a file"):
        numerator_of(without, "m")


def test_what_is_given_stands_before_what_records_come_to() -> None:
    contract = made("  m: {proportion: {of: visits, where: ok}}")
    assert settled(contract, VISITS, given={"m": "10%"}).measures[0].value == Fraction(1, 10)
    first = settled(contract, VISITS)
    # a later settlement of the period without the records has what they came to
    again = alliance.settle(contract, "2026-27", {}, first)
    assert any(k.name == "m" and k.value == Fraction(3, 4) for k in again.closing.inputs)


def test_the_year_works_its_quarters_out_again() -> None:
    rest = "payments:\n  p: {pays_for: outcome, start: 1000 GBP, steps: [{multiply: m}], from: board, to: ash}\n"
    contract = made("  m: {proportion: {of: visits, where: ok}, if: {not assessable: zero}}", rest)
    found, run = settle_run(contract, "2026-27", {"visits": [*VISITS, visit(day="2026-08-01", ok="no")]})
    quarters = {r.period.label: r.measure("m", "").value for r in run.settling.made if r.period.length == "quarter"}
    assert (quarters["2026-27 Q1"], quarters["2026-27 Q2"]) == (Fraction(3, 4), 0)
    assert found.payment("p").earned == 750


@pytest.mark.parametrize(("rule", "score"), [("report", Fraction(1, 2)), ("no change", 0), ("bound", 0)])
def test_what_is_scored_where_an_interval_does_not_clear(rule: str, score: Any) -> None:
    form = f"proportion: {{of: visits, where: ok}}, better: higher, interval: {{level: 95%, when_it_does_not_clear: {rule}}}"
    found = one(form + ", score: {nothing_at: 50%, full_at: 100%}", VISITS)
    assert found.value == Fraction(3, 4)
    assert found.score == score
    assert found.bounds is not None
    assert (found.bounds.stands, found.bounds.needed) == ("does not clear", 16)


def test_the_interval_of_what_is_brought_with_its_cases() -> None:
    contract = alliance.load("contracts/discharge-to-assess")
    few = alliance.settle(contract, "2026-27", {"stayed_home": {"value": "6.5%", "cases": "140"}}).measures[0]
    assert few.bounds is not None
    assert (few.bounds.stands, few.bounds.needed) == ("clears", 127)


def test_faulty_records_are_dropped_and_counted() -> None:
    contract = made("  m: {proportion: {of: visits, where: ok}}")
    wrong = [*VISITS, visit(ok="perhaps"), visit(day="never")]
    with pytest.raises(InputError, match="perhaps"):
        settled(contract, wrong)
    dropping = alliance.loads(
        contract.document.at.node and _text(contract).replace("dated: day", "dated: day, faulty: drop and count")
    )
    found = settled(dropping, wrong).measures[0]
    assert found.evidence is not None
    assert (found.cases, found.evidence.dropped) == (4, 2)


def _text(contract: Contract) -> str:
    assert contract.id == "c"
    return (
        "alliance: 1\n"
        "contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}\n"
        "parties: {board: {name: B, role: payer}, ash: {name: A, role: home}, beech: {name: Be, role: home}}\n"
        f"inputs: {{visits: {{records: {{{FIELDS}}}, dated: day}}}}\n"
        "measures:\n  m: {proportion: {of: visits, where: ok}}\n"
    )


WRONG = {
    "proportion: {of: visitors, where: ok}": "AC081",
    "proportion: {of: visits, where: cost}": "AC041",
    "proportion: {of: visits, where: count(visits) > 1}": "AC113",
    "distinct: {of: visits, person: cost}": "AC075",
    "mean: {of: visits, value: ok}": "AC041",
    "mean: {of: visits, value: cost, truncated_at: 120%}": "AC046",
    "rate: {of: visits, per: 0, to: nights}": "AC046",
    "repeat: {of: visits, within: soon}": "AC079",
    "sustained: {of: visits, where: ok, entered: day, at: [soon], give_or_take: 1 day}": "AC079",
    "sustained: {of: visits, where: ok, entered: day, at: [1 month]}": "AC112",
    "bundle: {of: visits, all: []}": "AC112",
    "changed: {of: visits, value: score, baseline: ok, follow_up: ok, by: 5%}": "AC041",
    "changed: {of: visits, value: score, baseline: ok, follow_up: ok, by: score}": "AC113",
    "difference: {of: later, from: 5%}": "AC081",
    "mean: {of: visits, value: cost}, interval: {level: 95%}": "AC080",
    "proportion: {of: visits, where: ok}, interval: {level: 95%, when_it_does_not_clear: bound}": "AC080",
    "proportion: {of: visits, where: ok}, window: cohort": "AC082",
    "proportion: {of: visits, where: ok}, cohort: 2026-04-01..2026-05-01": "AC056",
    "proportion: {of: visits, where: ok, whose: home}": "AC056",
}


@pytest.mark.parametrize("form", WRONG)
def test_what_cannot_be_measured(form: str) -> None:
    with pytest.raises(ContractError) as told:
        made(f"  m: {{{form}}}")
    assert [f.code for f in told.value.faults] == [WRONG[form]], str(told.value)


def test_a_payee_does_not_validate_its_own_claim() -> None:
    payment = "payments:\n  p: {pays_for: outcome, start: 1 GBP, steps: [{multiply: f}], from: board, to: ash}\n"
    with pytest.raises(ContractError, match="AC114"):
        made("  m: {proportion: {of: visits, where: ok}, validated_by: ash}", f"figures: {{f: {{is: m}}}}\n{payment}")
    made("  m: {proportion: {of: visits, where: ok}, validated_by: beech}", f"figures: {{f: {{is: m}}}}\n{payment}")


def test_a_later_visit_without_a_day_says_nothing_of_any_point() -> None:
    made = alliance.loads(
        """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2027-03-31}, settles: yearly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs: {visits: {records: {person: id, came: date, day: optional date, ok: boolean}, dated: day}}
measures:
  kept: {sustained: {of: visits, where: ok, entered: came, at: [1 month], give_or_take: 40 days}}
"""
    )
    rows = [
        {"person": "p1", "came": "2026-05-01", "day": "2026-06-01", "ok": "yes"},
        {"person": "p2", "came": "2026-05-01", "day": "", "ok": "yes"},
    ]
    (found,) = alliance.settle(made, "2026-27", {"visits": rows}).measures
    assert (found.value, found.cases) == (Fraction(1, 2), 2)
