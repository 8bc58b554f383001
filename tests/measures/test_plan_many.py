"""Many agreements counted in one query come to what each comes to alone, and to what is counted one by one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.contract.faults import Faults
from alliance.contract.values import Value, unknown
from alliance.measures.asked import Ask
from alliance.measures.connected import opened
from alliance.measures.many import counted_alone, tallies_of_many
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.measures.rows import tally
from alliance.measures.spans import window
from alliance.settlement.reading import read_field
from alliance.settlement.records import read_records
from tests.measures.given import Given
from tests.measures.records import plain, write_csv

LABELS = ("2026-27 Q2", "2026-27")
NAMES = tuple(f"A{n}" for n in range(5))
CONTRACT = """\
alliance: 1
contract: {id: many, title: Many, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties:
  board: {name: Board, role: commissioner}
  ash:   {name: Ash, role: provider}
  beech: {name: Beech, role: provider}
terms:
  fee: {unit: GBP, value: 1.25}
inputs:
  dear: {unit: GBP}
  share: {unit: percent}
  longest: {unit: days}
  since: {unit: date}
  strict: {unit: boolean}
  worst: {unit: level}
  visits:
    records:
      agreement: AGREEMENT
      person: id
      home: party
      entered: date
      left: optional date
      cost: GBP
      refund: optional GBP
      level: level
      safe: boolean
    dated: entered
    key: agreement
categories:
  level: [low, middle, high]
measures:
  dear_ones: {proportion: {of: visits, where: cost > dear}, by: provider}
  doubly: {proportion: {of: visits, where: cost * share >= dear - fee, excluding: level = worst}, window: year to date}
  short: {proportion: {of: visits, where: left - entered <= longest, among: entered >= since}, by: provider}
  late: {proportion: {of: visits, where: safe or strict, among: entered >= since, excluding: refund > dear}}
  whole: {bundle: {of: visits, all: [safe, cost <= dear, left is known]}, by: provider, window: year}
  rated: {rate: {of: visits, where: level != worst, per: 1000, to: cost / dear}, window: term}
  meant: {mean: {of: visits, value: cost - (refund else fee)}, by: provider}
  shared: {mean: {of: visits, value: refund * share}, window: year}
  same: {proportion: {of: visits, where: safe and cost > fee}, window: year}
  round: {proportion: {of: visits, where: "round(cost, 0) > dear"}, window: year}
  people: {distinct: {of: visits, where: cost > dear}, by: provider, window: year}
  again: {repeat: {of: visits, within: 28 days, where: cost > dear}, window: year}
"""


def contract(optional: bool = False) -> Contract:
    return alliance.loads(CONTRACT.replace("AGREEMENT", "optional id" if optional else "id"))


def parameters(seed: int) -> dict[str, dict[str, Value]]:
    r = random.Random(seed)
    return {
        name: {
            "dear": r.choice([100, Fraction(10_001, 100), Fraction(250, 3), 0, 399]),
            "share": Fraction(r.randrange(1, 1000), 1000),
            "longest": r.choice([0, 7, 30, 90]),
            "since": date(2026, 4, 1) + timedelta(days=r.randrange(300)),
            "strict": r.random() < 0.5,
            "worst": r.choice(["low", "middle", "high"]),
        }
        for name in NAMES
    }


def rows(seed: int, count: int, blank: float = 0) -> list[dict[str, str]]:
    r = random.Random(seed)
    found = []
    for _ in range(count):
        day = date(2026, 3, 20) + timedelta(days=r.randrange(380))
        found.append(
            {
                "agreement": "" if r.random() < blank else r.choice([*NAMES, "elsewhere", "a' OR '1'='1"]),
                "person": f"p{r.randrange(count // 4)}",
                "home": r.choice(["ash", "beech"]),
                "entered": day.isoformat(),
                "left": (day + timedelta(days=r.choice([0, 7, 8, 30, 31, 90]))).isoformat() if r.random() < 0.7 else "",
                "cost": r.choice(
                    ["100", "100.01", "83.33", "83.34", "399", f"{r.randrange(400)}.{r.randrange(100):02}"]
                ),
                "refund": f"{r.randrange(200)}" if r.random() < 0.5 else "",
                "level": r.choice(["low", "middle", "high"]),
                "safe": r.choice(["yes", "no"]),
            }
        )
    return found


def asks(made: Contract, given: Mapping[str, Value]) -> list[Ask]:
    found = []
    for label in LABELS:
        period = made.period(label)
        built = made.on(period.start, period.end)
        for m in built.measures.values():
            assert m.counted is not None
            span = window(m, period, built.calendar, built.start)
            env: Any = Given(given, DatedEnv(built.terms, period.start))
            found.append(Ask(m.name, label, m.counted, m.keys if m.by else ("",), span, period.end, env))
    return found


def one_by_one(made: Contract, asked: Mapping[str, list[Ask]], given: list[dict[str, str]]) -> dict[str, Any]:
    faults = Faults()
    records = read_records(made.built.inputs["visits"], [dict(row) for row in given], faults).records
    assert not faults.items
    found = {}
    for name, own in asked.items():
        ours = [r.fields for r in records if r.fields["agreement"] in (name, None)]
        found[name] = plain(
            {
                (a.name, a.label, key): tally(a.counted, ours, a.span, a.extracted, key, a.env)
                for a in own
                for key in a.keys
            }
        )
    return found


def prepared(made: Contract, path: Path, store: Store | None = None) -> Prepared:
    return Prepared(made.built.inputs["visits"], opened(str(path)), read_field, store or Store()).check()


def parquet(path: Path, given: list[dict[str, str]]) -> Path:
    import duckdb

    source = f"read_csv('{write_csv(path.with_suffix('.csv'), given, tuple(given[0]))}', all_varchar = true)"
    typed = 'CAST(entered AS DATE) entered, CAST("left" AS DATE) AS "left", CAST(cost AS DECIMAL(10, 2)) cost'
    duckdb.sql(
        f"COPY (SELECT agreement, person, home, {typed}, CAST(refund AS DECIMAL(8, 1)) refund, level, safe = 'yes' safe"
        f" FROM {source}) TO '{path}' (FORMAT parquet)"
    )
    return path


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_together_alone_and_one_by_one_are_the_same(seed: int, kind: str, tmp_path: Path) -> None:
    made, given = contract(), rows(seed, 400)
    asked = {name: asks(made, own) for name, own in parameters(seed).items()}
    path = tmp_path / f"v.{kind}"
    parquet(path, given) if kind == "parquet" else write_csv(path, given, tuple(given[0]))
    one = prepared(made, path)
    found = {name: plain(own) for name, own in tallies_of_many(one, asked).items()}
    assert found == one_by_one(made, asked, given)
    for name in NAMES[:2]:
        assert plain(counted_alone(one, name, asked[name])) == found[name]
    assert any(hits for own in found.values() for counts, *_ in own.values() for hits in counts[0][-1:])


def test_measures_that_add_up_are_one_query_for_each_population(tmp_path: Path) -> None:
    made, given = contract(), rows(5, 300)
    path = write_csv(tmp_path / "v.csv", given, tuple(given[0]))
    store = Store(tmp_path / "cache")
    one = prepared(made, path, store)
    names = {"dear_ones", "doubly", "short", "late", "whole", "meant", "same"}
    asked = {n: [a for a in asks(made, own) if a.name in names] for n, own in parameters(5).items()}
    before = one.plan().queries
    tallies_of_many(one, asked)
    queries = one.plan().queries - before
    few = {n: asked[n] for n in NAMES[:2]}
    tallies_of_many(one, few)
    assert queries == one.plan().queries - before - queries < len(names)
    assert not one.plan().plain
    # other values of the same parameters are the same query
    rendered = store.rendered
    again = {n: [a for a in asks(made, own) if a.name in names] for n, own in parameters(5).items()}
    found = tallies_of_many(one, again)
    assert store.rendered == rendered
    assert {n: plain(own) for n, own in found.items()} == one_by_one(made, again, given)


def test_an_agreement_of_which_something_is_not_known_is_counted_alone(tmp_path: Path) -> None:
    made, given = contract(), rows(6, 200)
    own = parameters(6)
    own["A3"]["dear"] = unknown("dear")
    own["A4"]["since"] = unknown("since")
    asked = {name: asks(made, values) for name, values in own.items()}
    found = tallies_of_many(prepared(made, write_csv(tmp_path / "v.csv", given, tuple(given[0]))), asked)
    assert {name: plain(one) for name, one in found.items()} == one_by_one(made, asked, given)


def test_records_of_no_agreement_are_of_all(tmp_path: Path) -> None:
    made, given = contract(True), rows(7, 200, 0.2)
    asked = {name: asks(made, values) for name, values in list(parameters(7).items())[:3]}
    found = tallies_of_many(prepared(made, write_csv(tmp_path / "v.csv", given, tuple(given[0]))), asked)
    assert {name: plain(one) for name, one in found.items()} == one_by_one(made, asked, given)


def test_agreements_that_are_not_asked_the_same_are_refused(tmp_path: Path) -> None:
    made, given = contract(), rows(8, 20)
    one = prepared(made, write_csv(tmp_path / "v.csv", given, tuple(given[0])))
    assert tallies_of_many(one, {}) == {}
    asked = {name: asks(made, values) for name, values in parameters(8).items()}
    asked["A1"] = asked["A1"][:-1]
    with pytest.raises(ValueError, match="not asked the same"):
        tallies_of_many(one, asked)
