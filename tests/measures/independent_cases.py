"""A contract with every kind of measure, what each of its formulas means in Python, and invented records for it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

CONTRACT = """\
alliance: 1
contract: {id: again, title: Measured again, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
categories:
  level: [low, middle, high]
parties:
  board: {name: Board, role: commissioner}
  ash:   {name: Ash, role: provider}
  beech: {name: Beech, role: provider}
  cedar: {name: Cedar, role: provider}
terms:
  people: {unit: count, value: 48_200}
inputs:
  visits:
    records:
      person: id
      peer: optional id
      home: optional party
      day: date
      entered: optional date
      back: optional date
      cost: GBP
      refund: optional GBP
      risk: optional percent
      stay: optional days
      wait: hours
      level: level
      safe: boolean
      warm: optional boolean
      mood: likert 5
      score: optional count
    dated: day
measures:
  p1: {proportion: {of: visits, where: safe and mood >= 3}}
  p2: {proportion: {of: visits, where: not warm, among: level != low, excluding: mood = 3}, by: provider, window: year to date, matured: 31 days}
  p3: {proportion: {of: visits, where: back - day <= 30 days, excluding: refund > cost / 4}, window: 12 months, matured: 30 days, better: lower}
  p4: {proportion: {of: visits, where: not (back - day <= 30 days), dated: back}, by: level, window: quarter, minimum: 3 cases}
  p5: {proportion: {of: visits, where: warm or risk >= 12.25%, dated: entered}, window: cohort, cohort: 2027-08-31..2028-02-29, matured: 6 weeks}
  p6: {proportion: {of: visits, where: refund is known and not (refund > cost / 4), excluding: not (risk >= 12.25%)}, window: year}
  r1: {rate: {of: visits, where: not safe, per: 1000, to: people}, window: term}
  r2: {rate: {of: visits, where: safe, per: 100, to: stay}, by: provider, window: 12 months}
  r3: {rate: {of: visits, per: 1000, to: back - day, excluding: mood = 3}, window: year to date}
  r4: {rate: {of: visits, where: warm, to: wait, among: level != low}, by: level, window: term}
  r5: {rate: {of: visits, where: safe, to: 250}}
  m1: {mean: {of: visits, value: cost}, window: year}
  m2: {mean: {of: visits, value: refund * 2 - cost, excluding: warm, truncated_at: 90%}, by: provider, window: term}
  m3: {mean: {of: visits, value: wait, truncated_at: 50%}, window: 12 months}
  m4: {mean: {of: visits, value: back - day}, by: level, window: 12 months, matured: 52 weeks}
  m5: {mean: {of: visits, value: risk, truncated_at: 95%}, by: provider}
  pc1: {paired_change: {of: visits, value: score, baseline: true, follow_up: true, within: 26 weeks}, window: 12 months}
  pc2: {paired_change: {of: visits, value: score, baseline: level = low, follow_up: level != low, take: first, take_baseline: last, after: 14 days}, by: provider, window: term}
  pc3: {paired_change: {of: visits, value: cost, baseline: safe, follow_up: true, among: level != low, excluding: mood = 3, within: 365 days}, window: year}
  pc4: {paired_change: {of: visits, value: score + mood, baseline: true, follow_up: warm, person: peer}, window: year to date}
  ch1: {changed: {of: visits, value: score, baseline: true, follow_up: true, by: 2}, by: provider, window: term, better: higher}
  ch2: {changed: {of: visits, value: cost, baseline: safe, follow_up: true, by: 20.25 GBP, take: first, within: 400 days}, window: 12 months, better: lower}
  ch3: {changed: {of: visits, value: score, baseline: true, follow_up: true, by: 1, excluding: warm}, by: level, window: year}
  t1: {time_to: {of: visits, from: day, event: back, percentile: 50%}, by: provider, window: 12 months}
  t2: {time_to: {of: visits, from: entered, event: back, percentile: 20%, truncated_at: 80%}, window: term}
  t3: {time_to: {of: visits, from: day, event: back, percentile: 75%, truncated_at: 40%}, window: term, matured: 10 days}
  t4: {time_to: {of: visits, from: entered, event: back, percentile: 5%, dated: entered, excluding: mood = 3}, by: level, window: year}
  b1: {bundle: {of: visits, all: [safe, warm, mood >= 3, back is known]}, by: provider, window: year, better: higher}
  b2: {bundle: {of: visits, all: [not warm, cost <= 100.00 GBP], excluding: not safe}, window: quarter}
  d1: {distinct: {of: visits, where: safe}, by: provider, window: 12 months}
  d2: {distinct: {of: visits, person: peer, excluding: mood = 3}, window: year to date}
  d3: {distinct: {of: visits}, window: term, matured: 30 days}
  s1: {repeat: {of: visits, within: 90 days}, window: 12 months}
  s2: {repeat: {of: visits, within: 31 days, where: safe}, by: provider, window: term}
  s3: {repeat: {of: visits, within: 30 days, among: level != low, excluding: mood = 3}, window: year}
  s4: {repeat: {of: visits, within: 60 days, person: peer}, by: level, window: year to date}
  l1: {run_length: {of: visits, where: safe}, window: term, better: higher}
  l2: {run_length: {of: visits, where: mood >= 3, excluding: warm}, by: provider, window: term, matured: 30 days}
  l3: {run_length: {of: visits, where: not (refund > cost / 4)}, by: level, window: year}
  k1: {sustained: {of: visits, where: safe, entered: entered, at: [6 months, 12 months], give_or_take: 6 weeks}, window: cohort, cohort: 2026-08-31..2027-08-31, better: higher}
  k2: {sustained: {of: visits, where: mood >= 3, entered: entered, at: [1 month], give_or_take: 10 days}, by: provider, window: term}
  k3: {sustained: {of: visits, where: warm, entered: entered, at: [1 month, 6 months], give_or_take: 30 days, among: level != low, excluding: mood = 3}, window: term}
  k4: {sustained: {of: visits, where: safe, entered: day, at: [1 month, 3 months], give_or_take: 3 weeks, person: peer}, by: level, window: 12 months}
  o1: {observed_to_expected: {of: visits, where: not safe, expected: risk}, by: provider, window: year}
  o2: {observed_to_expected: {of: visits, where: back is known, expected: risk, excluding: warm, adjusted: {reference: 20%, at_least: 80%, at_most: 120%}}, by: level, window: 12 months, better: lower}
  o3: {observed_to_expected: {of: visits, where: safe, expected: risk, adjusted: {reference: 25%, at_most: 100%}}, window: year to date}
  x1: {difference: {of: p6, from: 30%}, better: lower}
  x2: {difference: {of: b1, from: 5%}, by: provider}
  x3: {deadweight: {of: m5, share: 25%}, by: provider}
  x5: {difference: {of: p6, from: p5.value}, better: lower}
  x4: {deadweight: {of: s3, share: 12.5%}, better: higher}
"""

# Without the fields they read, comparisons are false, and so their `not` is true; quantities are None.
FORMULAS: Mapping[str, Any] = {
    "True": lambda r: True,
    "safe": lambda r: r["safe"],
    "not safe": lambda r: not r["safe"],
    "warm": lambda r: r["warm"] is True,
    "not warm": lambda r: r["warm"] is not True,
    "safe and mood >= 3": lambda r: r["safe"] and r["mood"] >= 3,
    "mood >= 3": lambda r: r["mood"] >= 3,
    "mood = 3": lambda r: r["mood"] == 3,
    "level = low": lambda r: r["level"] == "low",
    "level != low": lambda r: r["level"] != "low",
    "back is known": lambda r: r["back"] is not None,
    "back - day <= 30 days": lambda r: r["back"] is not None and (r["back"] - r["day"]).days <= 30,
    "not (back - day <= 30 days)": lambda r: r["back"] is None or (r["back"] - r["day"]).days > 30,
    "refund > cost / 4": lambda r: r["refund"] is not None and r["refund"] > r["cost"] / 4,
    "not (refund > cost / 4)": lambda r: r["refund"] is None or r["refund"] <= r["cost"] / 4,
    "refund is known and not (refund > cost / 4)": lambda r: r["refund"] is not None and r["refund"] <= r["cost"] / 4,
    "not (risk >= 12.25%)": lambda r: r["risk"] is None or r["risk"] < Fraction(1225, 10000),
    "warm or risk >= 12.25%": lambda r: (
        r["warm"] is True or (r["risk"] is not None and r["risk"] >= Fraction(1225, 10000))
    ),
    "cost <= 100.00 GBP": lambda r: r["cost"] <= 100,
    "cost": lambda r: r["cost"],
    "refund * 2 - cost": lambda r: None if r["refund"] is None else r["refund"] * 2 - r["cost"],
    "risk": lambda r: r["risk"],
    "stay": lambda r: r["stay"],
    "wait": lambda r: r["wait"],
    "score": lambda r: r["score"],
    "score + mood": lambda r: None if r["score"] is None else r["score"] + r["mood"],
    "back - day": lambda r: None if r["back"] is None else (r["back"] - r["day"]).days,
    "people": 48_200,
    "1": lambda r: 1,
    "2": lambda r: 2,
    "20.25 GBP": lambda r: Fraction(2025, 100),
}

TERM = (date(2026, 4, 1), date(2029, 3, 31))
PERIODS = {
    "2026-27 Q1": (date(2026, 4, 1), date(2026, 6, 30)),
    "2027-28 Q4": (date(2028, 1, 1), date(2028, 3, 31)),
    "2028-02": (date(2028, 2, 1), date(2028, 2, 29)),
    "2027-28": (date(2027, 4, 1), date(2028, 3, 31)),
    "2028-29 Q3": (date(2028, 10, 1), date(2028, 12, 31)),
}
EDGES = [
    *(date(2028, 2, 29), date(2028, 2, 28), date(2028, 3, 1), date(2028, 1, 31), date(2028, 1, 29), date(2028, 3, 31)),
    *(date(2028, 4, 1), date(2027, 3, 31), date(2027, 4, 1), date(2027, 2, 28), date(2027, 12, 31), date(2028, 1, 1)),
    *(date(2027, 8, 31), date(2027, 8, 29), date(2026, 8, 31), date(2026, 4, 1), date(2026, 6, 30), date(2027, 7, 31)),
]
STEPS = (0, 1, 13, 14, 15, 28, 29, 30, 31, 32, 60, 90, 181, 182, 183, 184, 365, 366, 400)

Row = dict[str, Any]


def some_day(r: random.Random) -> date:
    return r.choice(EDGES) if r.random() < 0.4 else date(2026, 3, 1) + timedelta(days=r.randrange(1000))


def invented(r: random.Random, count: int) -> list[Row]:
    """Few people, so that they come back; many days at edges, many ties, and some rows twice."""
    people = [f"p{n}" for n in range(max(count // r.choice((2, 4, 8)), 1))]
    since = {person: some_day(r) for person in people}
    found: list[Row] = []
    for _ in range(count):
        person = r.choice(people)
        near = since[person] + timedelta(days=r.choice(STEPS) + r.choice((0, 0, 0, -1, 1)))
        day = near if r.random() < 0.6 else some_day(r)
        found.append({
            "person": person,
            "peer": r.choice([None, "q", *people[:3]]),
            "home": r.choice(["ash", "ash", "ash", "beech", "beech", None]),  # nobody is at cedar
            "day": day,
            "entered": r.choice([since[person], since[person], since[person], day, some_day(r), None]),
            "back": r.choice([None, None, day + timedelta(days=r.choice(STEPS)), some_day(r)]),
            "cost": r.choice([Fraction(0), Fraction(100), Fraction(r.randrange(40000), 100), Fraction(9999, 100)]),
            "refund": r.choice([None, Fraction(25), Fraction(r.randrange(1000), 10)]),
            "risk": r.choice([None, Fraction(1225, 10000), Fraction(1, 2), Fraction(r.randrange(1001), 1000)]),
            "stay": r.choice([None, Fraction(0), Fraction(r.randrange(300), 10)]),
            "wait": r.choice([Fraction(0), Fraction(95, 2), Fraction(24), Fraction(r.randrange(100))]) / 24,
            "level": r.choice(["low", "middle", "high", "high"]),
            "safe": r.random() < 0.8,
            "warm": r.choice([None, True, False]),
            "mood": r.randrange(1, 6),
            "score": r.choice([None, *map(Fraction, (0, 1, 2, 10, -3)), Fraction(5, 2)]),
        })  # fmt: skip
    found += [dict(row) for row in found[: count // 10]]
    r.shuffle(found)
    return found


def written(row: Row) -> dict[str, str]:
    """A row as a file holds it."""
    return {name: cell(name, value) for name, value in row.items()}


def cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "risk":
        return f"{decimal(value * 100)}%"
    return decimal(value * 24 if name == "wait" else value) if isinstance(value, Fraction) else str(value)


def decimal(value: Fraction) -> str:
    """A fraction of ten thousandths, exactly."""
    sign, whole = "-" if value < 0 else "", abs(value * 10_000)
    assert whole.denominator == 1
    return f"{sign}{int(whole) // 10_000}.{int(whole) % 10_000:04}"
