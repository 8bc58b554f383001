"""What the tests of measures share: a contract with every kind of measure, invented records, and counting them twice."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.contract.faults import Faults
from alliance.contract.values import Unknown
from alliance.measures.asked import Ask, depends_on_key
from alliance.measures.engines import Engine
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.measures.rows import tally
from alliance.measures.spans import window
from alliance.measures.tallies import Tally
from alliance.settlement.reading import read_field
from alliance.settlement.records import read_records

CONTRACT = """\
alliance: 1
contract: {id: kinds, title: Every kind of measure, term: {from: 2023-04-01, to: 2027-03-31}, settles: quarterly}
categories:
  level: [low, middle, high]
parties:
  board: {name: Board, role: commissioner}
  ash:   {name: Ash, role: provider}
  beech: {name: Beech, role: provider}
  cedar: {name: Cedar, role: provider}
terms:
  most_days: {unit: days, by: provider, values: {2023-04-01: {ash: 10, beech: 20, cedar: 30}}}
  dear_at: {unit: GBP, value: 120.50}
inputs:
  visits:
    records:
      person: id
      home: party
      entered: date
      left: optional date
      seen: optional date
      cost: GBP
      refund: optional GBP
      risk: optional percent
      wait: hours
      nights: days
      level: level
      safe: boolean
      warm: optional boolean
      mood: likert 5
      scored: optional count
    dated: entered
measures:
  safe: {proportion: {of: visits, where: safe}, better: higher}
  warm: {proportion: {of: visits, where: not warm, among: level != low, excluding: mood = 3}, by: provider, window: year to date}
  back: {proportion: {of: visits, where: left - entered <= 30 days, excluding: refund > cost / 4}, window: 12 months, matured: 30 days}
  quick: {proportion: {of: visits, where: left - entered < most_days}, by: provider, window: year}
  dear: {proportion: {of: visits, where: cost - refund * 2 > dear_at or risk >= 12.25%}, window: term}
  odd: {proportion: {of: visits, where: round(cost) = cost}, window: year}
  mixed: {proportion: {of: visits, where: "level in (low, high) and not (seen is known and seen > entered)", excluding: "warm if safe else mood > 4"}}
  late: {proportion: {of: visits, where: "(left else seen) > entered + 14 days and max(cost, refund) >= 100.00 GBP"}, window: quarter}
  never: {proportion: {of: visits, where: false, among: safe and not safe}, by: provider}
  count_rate: {rate: {of: visits, where: mood <= 2, per: 1000, to: nights}, by: provider, window: 12 months}
  plain_rate: {rate: {of: visits, per: 100, to: 250}, window: year}
  half_rate: {rate: {of: visits, where: safe, per: 1000, to: left - entered}, window: term}
  mean_cost: {mean: {of: visits, value: cost - (refund else 0)}, by: provider, window: year}
  mean_refund: {mean: {of: visits, value: refund * 50%, excluding: mood = 1}, window: term}
  mean_wait: {mean: {of: visits, value: wait}, window: 12 months}
  cut_cost: {mean: {of: visits, value: cost, truncated_at: 90%}, by: provider, window: term}
  bundle: {bundle: {of: visits, all: [safe, warm, mood >= 3, left is known]}, by: provider, window: year}
  people: {distinct: {of: visits, where: not warm}, by: provider, window: year to date}
  everyone: {distinct: {of: visits, excluding: safe}, window: term}
  half_left: {time_to: {of: visits, from: entered, event: left, percentile: 50%}, by: provider, window: 12 months, matured: 10 days}
  seen_by: {time_to: {of: visits, from: left, event: seen, percentile: 75%, truncated_at: 95%}, window: term}
  again: {repeat: {of: visits, within: 28 days}, by: provider, window: 12 months}
  again_safe: {repeat: {of: visits, within: 60 days, where: safe, excluding: mood = 5}, window: year}
  run: {run_length: {of: visits, where: mood >= 2}, by: provider, window: term}
  better: {paired_change: {of: visits, value: scored, baseline: level = low, follow_up: level != low, within: 400 days}, window: 12 months}
  better_first: {paired_change: {of: visits, value: scored + mood, baseline: true, follow_up: safe, after: 20 days, take: first, take_baseline: last, excluding: mood = 1}, by: provider, window: year, matured: 60 days}
  changed: {changed: {of: visits, value: scored, baseline: not safe, follow_up: true, by: 1.5, within: 300 days}, by: provider, window: term}
  changed_down: {changed: {of: visits, value: cost, baseline: true, follow_up: true, by: 20.25 GBP}, better: lower, window: term}
  kept: {sustained: {of: visits, where: safe, entered: left, at: [1 month, 6 months, 1 year], give_or_take: 40 days}, window: year}
  kept_by: {sustained: {of: visits, where: mood >= 2, entered: left, at: [2 months], give_or_take: 3 weeks, excluding: level = high}, by: provider, window: term}
  worse: {observed_to_expected: {of: visits, where: not safe, expected: risk, adjusted: {reference: 20%, at_least: 80%, at_most: 120%}}, by: provider, window: year, better: lower}
  cohort: {proportion: {of: visits, where: safe, dated: left}, window: cohort, cohort: 2024-02-01..2024-03-31}
"""
COLUMNS = (
    *("person", "home", "entered", "left", "seen", "cost", "refund", "risk", "wait", "nights", "level", "safe", "warm"),
    *("mood", "scored"),
)
Row = dict[str, str]


def contract() -> Contract:
    return alliance.loads(CONTRACT)


def rows(seed: int, count: int) -> list[Row]:
    """Invented records: few people, so that they come back; dates about the edges of windows, and leap days."""
    r = random.Random(seed)
    edges = [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 1), date(2024, 6, 30), date(2023, 12, 31)]
    edges += [date(2023, 4, 1), date(2025, 3, 31), date(2024, 1, 31), date(2024, 9, 30)]
    first = date(2023, 3, 20)

    def day() -> date:
        return r.choice(edges) if r.random() < 0.15 else first + timedelta(days=r.randrange(700))

    def maybe(share: float, text: str) -> str:
        return text if r.random() < share else ""

    found: list[Row] = []
    since = {n: day() for n in range(max(count // 6, 2))}  # a day that a person's records share
    for _ in range(count):
        entered, person = day(), r.randrange(len(since))
        left = (
            r.choice(edges) if r.random() < 0.1 else entered + timedelta(days=r.choice([0, 1, 13, 14, 29, 30, 31, 90]))
        )
        left = since[person] if r.random() < 0.6 else left
        home = r.choice(["ash", "ash", "beech"])  # nobody is at cedar
        found.append(
            {
                "person": f"p{person}",
                "home": home,
                "entered": entered.isoformat(),
                "left": maybe(0.8, left.isoformat()),
                "seen": maybe(0.6, (entered + timedelta(days=r.randrange(-5, 40))).isoformat()),
                "cost": r.choice(["0", "100", "100.00", "120.5", "99.99", f"{r.randrange(0, 40000)}.{r.randrange(100):02}"]),
                "refund": maybe(0.5, f"{r.randrange(0, 100)}.{r.randrange(10)}"),
                "risk": maybe(0.9, r.choice(["12.25%", "0.1225", "12.2%", "50%", "0%", "1"])),
                "wait": r.choice(["1", "24", "47.5", "48", "0", "100"]),
                "nights": r.choice(["0", "1", "2.5", "30"]),
                "level": r.choice(["low", "middle", "high"]),
                "safe": r.choice(["yes", "no", "TRUE", "0"]),
                "warm": r.choice(["yes", "no", ""]),
                "mood": str(r.randrange(1, 6)),
                "scored": maybe(0.85, r.choice(["0", "1", "2", "2.5", "10", "-3"])),
            }
        )  # fmt: skip
    found += [dict(one) for one in found[: count // 20]]
    return found


def write_csv(path: Path, found: Sequence[Row], columns: Sequence[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows(found)
    return path


def asks(made: Contract, labels: Iterable[str], extracted: date | None = None, names: Iterable[str] = ()) -> list[Ask]:
    """Every measure from records over some periods."""
    found = []
    for label in labels:
        period = made.period(label)
        built = made.on(period.start, period.end)
        for m in built.measures.values():
            if m.counted is None or (names and m.name not in set(names)):
                continue
            span = window(m, period, built.calendar, built.start)
            keys = m.keys if m.by else ("",)
            alone = depends_on_key(m.counted)
            for some in ((key,) for key in keys) if alone else (keys,):
                bound = {"party": some[0]} if alone else {}
                env = DatedEnv(built.terms, period.start, bound)
                found.append(Ask(m.name, label, m.counted, some, span, extracted or period.end, env))
    return found


def by_hand(made: Contract, found: Sequence[Ask], given: Sequence[Row]) -> dict[tuple[str, str, str], Tally | Unknown]:
    """The same, counted one by one."""
    faults = Faults()
    records = read_records(made.built.inputs["visits"], [dict(row) for row in given], faults).records
    assert not faults.items
    fields: list[Mapping[str, Any]] = [r.fields for r in records]
    return {
        (ask.name, ask.label, key): tally(ask.counted, fields, ask.span, ask.extracted, key, ask.env)
        for ask in found
        for key in ask.keys
    }


def in_engine(made: Contract, found: Sequence[Ask], engine: Engine, store: Store | None = None) -> tuple[Any, Prepared]:
    prepared = Prepared(made.built.inputs["visits"], engine, read_field, store or Store()).check()
    return prepared.tallies(found), prepared


def plain(found: Mapping[Any, Tally | Unknown]) -> dict[Any, Any]:
    """Tallies in one order of what they hold."""
    return {k: v if isinstance(v, Unknown) else (v.canonical()[:3], sorted(v.spread), v.ends) for k, v in found.items()}


def write_parquet(path: Path, given: Sequence[Row]) -> Path:
    """The same records with columns of their own types."""
    import duckdb

    text = write_csv(path.with_suffix(".typed.csv"), given)
    yes = (
        "CASE WHEN lower({0}) IN ('yes', 'true') THEN true WHEN {0} = '' OR {0} IS NULL THEN NULL ELSE false END AS {0}"
    )
    columns = [
        *("person", "home", "CAST(entered AS DATE) AS entered", 'CAST("left" AS DATE) AS "left"'),
        *("CAST(seen AS DATE) AS seen", "CAST(cost AS DECIMAL(10, 2)) AS cost"),
        *("CAST(refund AS DECIMAL(12, 4)) AS refund", "risk", "CAST(wait AS DECIMAL(6, 1)) AS wait"),
        *("CAST(nights AS DECIMAL(5, 2)) AS nights", "level", yes.format("safe"), yes.format("warm")),
        *("CAST(mood AS TINYINT) AS mood", "CAST(scored AS DECIMAL(4, 1)) AS scored"),
    ]
    source = f"read_csv('{text}', all_varchar = true, header = true)"
    duckdb.sql(f"COPY (SELECT {', '.join(columns)} FROM {source}) TO '{path}' (FORMAT parquet)")
    return path
