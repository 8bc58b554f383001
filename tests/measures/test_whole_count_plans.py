"""What is counted in an engine at the edges of what columns hold, and what reports and instruments leave unsaid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Faults
from alliance.contract.formula import tree as t
from alliance.contract.numbers import parse_percent
from alliance.contract.values import Value, unknown
from alliance.measures.asked import Ask
from alliance.measures.connected import opened
from alliance.measures.fhir import measures_from_report, report_from_measures
from alliance.measures.instruments import loads_instrument
from alliance.measures.many import tallies_of_many
from alliance.measures.prepared import Prepared
from alliance.measures.reader import RowEnv
from alliance.measures.rendered import Store
from alliance.measures.rows import tally
from alliance.measures.spans import window
from alliance.settlement.reading import read_field
from alliance.settlement.records import read_records
from tests.measures.given import Given
from tests.measures.records import plain, write_csv
from tests.measures.test_fhir import STAYED
from tests.measures.test_instruments_load import BASE

CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {board: {name: Board, role: commissioner}, home: {name: Home, role: provider}}
inputs:
  dear: {unit: count}
  visits:
    records: {agreement: id, person: id, day: date, cost: count}
DATED    key: agreement
measures:
FORM
"""
UNDATED = """\
  over: {proportion: {of: visits, where: cost > dear, among: cost < 90}}
  cut: {mean: {of: visits, value: cost, among: cost > 3, truncated_at: 90%}}
  people: {distinct: {of: visits, where: cost > 20}}
"""
DATED = """\
  odd: {proportion: {of: visits, where: cost > 20, among: "round(cost / 7) > dear"}}
  old: {distinct: {of: visits, where: cost > 20}, matured: 900000 days}
"""
CHANGED = """\
  moved: {changed: {of: visits, value: cost, baseline: cost < 50, follow_up: true, by: dear}, better: higher}
"""
ROWS = [
    {"agreement": "AB"[n % 2], "person": f"p{n % 9}", "day": f"2026-{4 + n % 3:02}-{1 + n % 28:02}", "cost": f"{n * 7 % 97}"}
    for n in range(90)
]  # fmt: skip


def asked(made: Contract, dear: Value) -> list[Ask]:
    period = made.period("2026-27 Q1")
    built, found = made.on(period.start, period.end), []
    for m in built.measures.values():
        assert m.counted is not None
        outer: Any = DatedEnv(built.terms, period.start)
        env: Any = Given({"dear": dear}, outer)
        span = window(m, period, built.calendar, built.start)
        found.append(Ask(m.name, period.label, m.counted, ("",), span, period.end, env))
    return found


@pytest.mark.parametrize(
    ("form", "dated", "dear"),
    [
        (UNDATED, False, (20, 50)),
        (DATED, True, (3, 5)),
        (UNDATED, False, (2**70, 5)),  # past what a column holds
        (CHANGED, True, (5, 8)),
        (CHANGED, True, (unknown("dear"), 8)),
        (CHANGED, True, (None, 8)),
    ],
)
def test_an_engine_counts_as_one_by_one(form: str, dated: bool, dear: tuple[Value, Value], tmp_path: Path) -> None:
    made = alliance.loads(CONTRACT.replace("FORM\n", form).replace("DATED", "    dated: day\n" if dated else ""))
    asks = {name: asked(made, value) for name, value in zip("AB", dear, strict=True)}
    item, path = made.built.inputs["visits"], write_csv(tmp_path / "v.csv", ROWS, tuple(ROWS[0]))
    found = tallies_of_many(Prepared(item, opened(str(path)), read_field, Store()).check(), asks)
    records = read_records(item, [dict(row) for row in ROWS], Faults()).records
    for name, own in asks.items():
        ours = [r.fields for r in records if r.fields["agreement"] == name]
        by_hand = {(a.name, a.label, ""): tally(a.counted, ours, a.span, a.extracted, "", a.env) for a in own}
        assert plain(found[name]) == plain(by_hand)


class Outer:
    """Says what it was asked."""

    def __getattr__(self, name: str) -> Any:
        return lambda *asked: (name, *asked)


@pytest.mark.parametrize("kind", ["record", "agreement"])
def test_what_is_not_its_own_is_answered_by_the_settlement(kind: str) -> None:
    own: Mapping[str, Value] = {"cost": 5}
    outer: Any = Outer()
    env: Any = RowEnv(own, outer) if kind == "record" else Given(own, outer)
    mine = t.Ref((0, 0), None, "field" if kind == "record" else "input", "cost", "", "")
    fee, day = t.Ref((0, 0), None, "term", "fee", "", ""), date(2026, 4, 1)
    assert env.read(mine) == 5
    for function, words in (
        ("read", (fee,)),
        ("read_by", (fee, "ash")),
        ("read_on", (fee, None, day)),
        ("history", ("last", fee, None)),
        ("lacking", ("visits",)),
        ("through", ("visits",)),
    ):
        assert getattr(env, function)(*words) == (function, *words)


def test_an_interval_that_lacks_a_bound_is_none() -> None:
    text = report_from_measures([STAYED], contract="discharge")
    bundle = json.loads(text)
    (group,) = bundle["entry"][0]["resource"]["group"]
    (own,) = [one for one in group["extension"] if one["url"].endswith("interval")]
    own["extension"] = [one for one in own["extension"] if one["url"] != "upper"]
    (found,) = measures_from_report(json.dumps(bundle))
    assert found.interval is None


@pytest.mark.parametrize(("rate", "weight"), [("20%", "10%"), ("50%", "25%"), ("80%", "70%")])
def test_a_weight_between_three_points(rate: str, weight: str) -> None:
    found = loads_instrument(BASE.replace("{30%: 0%, 60%: 100%}", "{0%: 0%, 50%: 25%, 100%: 100%}"))
    assert found.weight(parse_percent(rate)) == parse_percent(weight)


def test_a_table_of_counts_has_every_count() -> None:
    scale = "total: {of: [calm, glad], score: count, counting: ['2'], convert: {TABLE}}"
    whole = BASE.replace("total: {of: [calm, glad], score: sum}", scale)
    found = loads_instrument(whole.replace("TABLE", "0: 0, 1: 30, 2: 100"))
    assert found.scales["total"].table == {"0": 0, "1": 30, "2": 100}
    with pytest.raises(ContractError, match='the table lacks "1"'):
        loads_instrument(whole.replace("TABLE", "0: 0, 2: 100"))
