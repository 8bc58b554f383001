"""How values of measures read: units, what a rate is per, why there is none, and where they come from."""

from __future__ import annotations

from typing import Any

import alliance
from alliance.reports.measures import COLUMNS, measured, rows
from alliance.reports.naming import Naming
from alliance.reports.plain import plain
from alliance.reports.worked import label, value_of, why_not
from alliance.settlement.result import Settlement
from alliance.settlement.serial import from_json, to_json

MADE = alliance.loads("""\
alliance: 1
contract: {id: few, title: Few, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
categories: {need: [low, high]}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash care, role: provider}}
terms: {older: {title: People of 65 and over, unit: count, value: 48_200}}
inputs:
  visits:
    records: {person: id, day: date, back: optional date, cost: GBP, stay: hours, need: optional need, home: party}
    dated: day
measures:
  calls: {rate: {of: visits, per: 1000, to: older}}
  nights: {mean: {of: visits, value: stay}}
  longer: {difference: {of: nights, from: 1 hour}}
  wait: {mean: {of: visits, value: stay + (back - day)}}
  costs: {mean: {of: visits, value: cost}}
  safe: {proportion: {of: visits, where: back is not known}, better: higher}
  more: {difference: {of: safe, from: 30%}, better: higher}
  by_us: {deadweight: {of: more, share: 25%}, better: higher}
  soon: {time_to: {of: visits, from: day, event: back, percentile: 75%}}
  needs: {proportion: {of: visits, where: back is known}, by: need, minimum: 2 cases}
  homes: {distinct: {of: visits}, by: provider}
  paired: {paired_change: {of: visits, value: cost, baseline: true, follow_up: true, within: 1 week}, window: year}
  none: {rate: {of: visits, per: 0.5, to: days(0)}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP * safe.value, from: icb, to: ash}
""")
VISITS = [
    {"person": "p1", "day": "2026-04-01", "back": "2026-04-03", "cost": "4.35", "stay": "7.5", "need": "low", "home": "ash"},
    {"person": "p2", "day": "2026-04-01", "cost": "1.15", "stay": "10", "home": "icb"},
]  # fmt: skip


def settled(visits: list[Any]) -> Settlement:
    return alliance.settle(MADE, "2026-27 Q1", {"visits": visits})


def test_values_have_their_units() -> None:
    text = plain(measured(settled(VISITS), MADE), 200)
    for name, value in {
        "calls, per 1,000 of People of 65 and over": "0.041494",
        "nights": "8.75 hours",
        "longer": "7.75 hours",
        "costs": "2.75 GBP",
        "safe": "50%",
        "more": "20 percentage points",
        "by us (by_us)": "15 percentage points",
    }.items():
        assert any(line.startswith(f"{name}  ") and f" {value}  " in line for line in text.splitlines()), text
    assert "wait" in text
    assert " hours" not in next(line for line in text.splitlines() if line.startswith("wait "))


def test_what_is_of_no_stratum_is_told() -> None:
    found = settled(VISITS)
    heads = "Lacking a value or a follow-up  Of no stratum"
    assert heads in plain(measured(found, MADE), 200)
    counts = {(m.name, m.key): m.evidence.unplaced for m in found.measures if m.evidence is not None}
    assert counts["needs", "low"] == counts["needs", "high"] == counts["homes", "ash"] == 1
    assert counts["safe", ""] == 0
    assert from_json(to_json(found)).measures == found.measures
    told = [dict(zip(COLUMNS, row, strict=True)) for row in rows(found)]
    assert [row["unplaced"] for row in told if row["name"] == "needs"] == ["1", "1"]


def test_why_there_is_no_value() -> None:
    found = {(m.name, m.key): why_not(m, MADE) for m in settled(VISITS).measures}
    assert found["soon", ""] == "1 of 2 cases have come to the event, which is below 75%"
    assert found["needs", "low"] == "it has 1 case, and the contract asks for 2"
    assert found["none", ""] == "what it is held to comes to nothing"
    assert found["safe", ""] == ""
    nothing = {(m.name, m.key): why_not(m, MADE) for m in settled([]).measures}
    assert nothing["safe", ""] == "it has no cases"
    assert nothing["more", ""] == ""
    assert {(m.name): why_not(m, MADE) for m in settled(VISITS[:1]).measures}["paired"] == "it has no cases"


def test_a_source_is_told_once_for_each_window() -> None:
    text = plain(measured(settled(VISITS), MADE), 200)
    section = text.split("WHERE THEY COME FROM")[1]
    assert section.count("visits") == 2
    assert "calls, nights, wait, costs, safe, soon, needs, homes, none" in section


def test_without_a_contract_values_read_plainly() -> None:
    found = settled(VISITS)
    n = Naming(found)
    [m] = [m for m in found.measures if m.name == "costs"]
    assert (label(n, m), value_of(n, m, m.value)) == ("costs", "2.75")
