"""What `--public` prints, in every form, before an adversary who knows how the measures belong together."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import inf
from pathlib import Path

import pytest
from click.testing import CliRunner

from alliance.cli.main import cli

CONTRACT = """\
alliance: 1
contract: {id: pub, title: Pub, term: {from: 2024-04-01, to: 2025-03-31}, settles: quarterly}
categories: {age: [young, old]}
parties:
  council: {name: City council, role: commissioner}
  ash: {name: Ash care, role: provider}
  beech: {name: Beech care, role: provider}
  cedar: {name: Cedar care, role: provider}
terms: {pop: {unit: count, value: 1000}}
inputs:
  visits:
    records: {person: id, seen: date, days: days, died: boolean, adm: count, gone: count, team: party, age: age, back: optional date, ch: percent, few: optional count}
    dated: seen
measures:
  share_all: {proportion: {of: visits, where: died}}
  share_team: {proportion: {of: visits, where: died}, by: provider}
  share_age: {proportion: {of: visits, where: died}, by: age}
  alive: {proportion: {of: visits, where: not died}}
  alive_team: {proportion: {of: visits, where: not died}, by: provider}
  one_team: {proportion: {of: visits, where: died, among: team = ash}}
  two_teams: {proportion: {of: visits, where: died, among: team != ash}}
  old_dead: {proportion: {of: visits, where: died and age = old}}
  young_dead: {proportion: {of: visits, where: died and age = young}}
  bundle: {bundle: {of: visits, all: [died, days >= 0 days]}}
  people: {distinct: {of: visits, where: died}}
  people_team: {distinct: {of: visits, where: died}, by: provider}
  rate_all: {rate: {of: visits, where: died, per: 1000, to: pop}}
  rate_team: {rate: {of: visits, where: died, per: 1000, to: days}, by: provider}
  rate_one: {rate: {of: visits, where: died, per: 1000, to: gone + 1}, by: provider}
  adm: {mean: {of: visits, value: adm}}
  adm_team: {mean: {of: visits, value: adm}, by: provider}
  few: {mean: {of: visits, value: few}}
  few_team: {mean: {of: visits, value: few}, by: provider}
  chance: {mean: {of: visits, value: ch}}
  lost: {proportion: {of: visits, where: died, excluding: gone = 1}, by: provider}
  run_team: {run_length: {of: visits, where: not died}, by: provider}
  longest: {time_to: {of: visits, from: seen, event: back, percentile: 100%}}
  shortest: {time_to: {of: visits, from: seen, event: back, percentile: 1%}}
  half: {time_to: {of: visits, from: seen, event: back, percentile: 50%}}
  oe: {observed_to_expected: {of: visits, where: died, expected: ch}}
  oe_team: {observed_to_expected: {of: visits, where: died, expected: ch}, by: provider}
  less: {difference: {of: share_all, from: 90%}}
  less_team: {difference: {of: share_team, from: 7%}, by: provider}
  apart: {difference: {of: share_all, from: two_teams.value}}
  anyway: {deadweight: {of: share_team, share: 10%}, by: provider}
  fewer: {deadweight: {of: people, share: 10%}}
"""
TEAMS, AGES = ("ash", "beech", "cedar"), ("young", "old")
HEADS = ("person", "seen", "days", "died", "adm", "gone", "team", "age", "back", "ch", "few")
Rows = list[dict[str, str]]


def records(seed: int) -> Rows:
    r = random.Random(seed)
    found: Rows = []
    for team in TEAMS:
        dead = r.choice([0, 1, 2, 3, 5, 7, 8, 13, 31, 42])
        for n in range(dead + r.choice([0, 2, 7, 9, 30, 88])):
            made = {
                "person": f"{team}{n}", "seen": f"2024-0{r.choice([4, 5, 6])}-{r.randrange(1, 29):02}", "team": team,
                "days": str(r.choice([1, 1, 2])), "died": "yes" if n < dead else "no", "adm": "1" if n < dead else "0",
                "gone": "1" if r.random() < 0.05 else "0", "age": r.choice(AGES), "few": r.choice(["", "1"]),
                "back": r.choice(["", f"2024-0{r.choice([7, 8])}-11"]), "ch": r.choice(["11%", "14%"]),
            }  # fmt: skip
            found.append(made)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pub")
    (made / "contract.yaml").write_text(CONTRACT, "utf-8")
    return made


def published(folder: Path, rows: Rows, form: str) -> str:
    path = folder / "visits.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, HEADS)
        writer.writeheader()
        writer.writerows(rows)
    words = ("measure", folder, "--period", "2024-25 Q1", "--public", "--data", f"visits={path}", "--format", form)
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == 0, found.output
    return found.stdout


# the adversary


class Knowledge:
    """What each unknown count could be, narrowed by everything that is printed until nothing more follows."""

    def __init__(self) -> None:
        self.ranges: dict[str, tuple[float, float]] = {}
        self.sums: list[tuple[str, list[str]]] = []

    def within(self, name: str, low: float, high: float) -> None:
        before = self.ranges.get(name, (0, inf))
        self.ranges[name] = max(before[0], low), min(before[1], high)

    def told(self, name: str, text: str) -> None:
        if text == "*":
            self.within(name, 0, inf)
        elif text:
            shown = int(text)
            self.within(name, max(shown - 2, 8) if shown else 0, shown + 2 if shown else 0)

    def add_up(self, total: str, parts: Iterable[str]) -> None:
        self.sums.append((total, list(parts)))
        for name in (total, *parts):
            self.within(name, 0, inf)

    def narrow(self) -> None:
        before = None
        while before != self.ranges:
            before = dict(self.ranges)
            for total, parts in self.sums:
                lows, highs = (sum(self.ranges[p][at] for p in parts) for at in (0, 1))
                self.within(total, lows, highs)
                low, high = self.ranges[total]
                for one in parts:
                    mine = self.ranges[one]
                    others = sum(self.ranges[p][1] for p in parts if p != one)
                    self.within(one, low - others, high - (lows - mine[0]))


def attacked(told: Mapping[tuple[str, str], Mapping[str, str]]) -> dict[str, tuple[float, float]]:
    k = Knowledge()
    for (name, key), row in told.items():
        at = f" {key}" if key else ""
        team = key if key in TEAMS else "ash" if name == "one_team" else ""
        if name in (
            "share_all",
            "share_team",
            "share_age",
            "rate_all",
            "rate_team",
            "rate_one",
            "oe",
            "oe_team",
            "bundle",
        ):
            k.told(f"all{at}", row["cases"])
            k.told(f"dead{at}", row["hits"])
        elif name in ("alive", "alive_team"):
            k.told(f"all{at}", row["cases"])
            k.told(f"alive{at}", row["hits"])
        elif name in ("one_team", "two_teams"):
            k.told(f"all {team or 'others'}", row["cases"])
            k.told(f"dead {team or 'others'}", row["hits"])
        elif name in ("people", "people_team"):
            k.told(f"all{at}", row["cases"])
            k.told(f"dead{at}", row["value"])
        elif name in ("old_dead", "young_dead"):
            k.told(f"dead {name[:-5]}", row["hits"])
        elif name in ("few", "few_team"):
            k.told(f"given{at}", row["cases"])
            k.told(f"lacking{at}", row["missing"])
        elif name == "lost":
            k.told(f"kept{at}", row["cases"])
            k.told(f"gone{at}", row["excluded"])
            k.told(f"kept dead{at}", row["hits"])
        elif name in ("adm", "adm_team", "run_team"):
            k.told(f"all{at}", row["cases"])
        if name in ("adm", "adm_team") and row["value"] not in ("", "*"):  # each is 0 or 1: those who died
            cases = int(row["cases"])
            least = Fraction(7, cases)
            unit = next(Fraction(n, 10**p) for p in (4, 3, 2, 1, 0) for n in (1, 2, 5) if Fraction(n, 10**p) >= least)
            low, high = (Fraction(row["value"]) + way * unit / 2 for way in (-1, 1))
            if unit < 1:
                k.within(f"dead{at}", float(max(low * (cases - 2), 0)), float(high * (cases + 2)))
    for what in ("all", "dead", "alive", "gone", "lacking", "given", "kept", "kept dead"):
        k.add_up(what, [f"{what} {team}" for team in TEAMS])
        k.add_up(what, [f"{what} ash", f"{what} others"])
        k.add_up(what, [f"{what} {age}" for age in AGES])
    for at in ("", *(f" {key}" for key in (*TEAMS, *AGES, "others"))):
        k.add_up(f"all{at}", [f"dead{at}", f"alive{at}"])
        k.add_up(f"all{at}", [f"given{at}", f"lacking{at}"])
        k.add_up(f"all{at}", [f"kept{at}", f"gone{at}"])
        k.add_up(f"dead{at}", [f"kept dead{at}", f"gone dead{at}"])
    k.narrow()
    return k.ranges


def true_counts(rows: Rows) -> dict[str, int]:
    def count(**asked: str) -> int:
        return sum(all(row[n] == v for n, v in asked.items()) for row in rows)

    found: dict[str, int] = {}
    strata = [("", {})] + [(f" {t}", {"team": t}) for t in TEAMS] + [(f" {a}", {"age": a}) for a in AGES]
    for at, one in strata:
        found[f"all{at}"] = count(**one)
        found[f"dead{at}"], found[f"alive{at}"] = count(died="yes", **one), count(died="no", **one)
        found[f"gone{at}"], found[f"kept{at}"] = count(gone="1", **one), count(gone="0", **one)
        found[f"lacking{at}"], found[f"given{at}"] = count(few="", **one), count(few="1", **one)
        found[f"kept dead{at}"], found[f"gone dead{at}"] = (count(gone=g, died="yes", **one) for g in "01")
    for what in list(found):
        if what.endswith(" ash"):
            whole = what.removesuffix(" ash")
            found[f"{whole} others"] = found[whole] - found[what]
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_small_count_is_recovered(folder: Path, seed: int) -> None:
    rows = records(seed)
    told = {(r["name"], r["key"]): r for r in csv.DictReader(io.StringIO(published(folder, rows, "csv")))}
    true = true_counts(rows)
    for name, (low, high) in attacked(told).items():
        assert low - 1e-9 <= true[name] <= high + 1e-9, f"the adversary is wrong about {name}"
        if 1 <= true[name] <= 7:
            assert high - low >= 3, f"{name} is known to be from {low} to {high}"
    for (name, key), row in told.items():
        for column in ("cases", "hits", "excluded", "immature", "missing"):
            assert re.fullmatch(r"\*?|[0-9]*[05]", row[column]), (name, key, row)
        assert (row["status"] == "suppressed") == (row["value"] == "*"), (name, key)


def simplest(value: Fraction, most: int) -> Fraction:
    """The fraction that a decimal of twelve places was, as continued fractions find it."""
    return value.limit_denominator(most)


@pytest.mark.parametrize("seed", range(8))
def test_no_value_is_a_fraction_of_true_counts(folder: Path, seed: int) -> None:
    rows = records(seed)
    for row in csv.DictReader(io.StringIO(published(folder, rows, "csv"))):
        if row["value"] in ("", "*"):
            continue
        value = Fraction(row["value"])
        if row["unit"] == "percent" and row["hits"]:
            assert simplest(value, 5000) == Fraction(int(row["hits"]), int(row["cases"]))
        elif row["name"] not in ("less", "less_team", "anyway", "fewer", "chance"):  # made of others; of a narrow range
            assert len(re.sub(r"^[0.]+|\.|0+$", "", row["value"]).lstrip("-")) <= 2, row


def test_every_form_tells_the_same(folder: Path) -> None:
    rows = records(3)
    told = list(csv.DictReader(io.StringIO(published(folder, rows, "csv"))))
    assert json.loads(published(folder, rows, "json"))["measures"] == told
    told_table = published(folder, rows, "markdown")
    groups = {
        g["code"]["coding"][0]["code"]: g
        for entry in json.loads(published(folder, rows, "fhir"), parse_float=Fraction)["entry"]
        for g in entry["resource"]["group"]
    }
    for row in told:
        group = groups[row["name"] + (f".{row['key']}" if row["key"] else "")]
        more = {e["url"]: e for e in group["extension"]}
        assert more["urn:alliance:status"]["valueString"] == row["status"]
        score = group["measureScoreQuantity"].get("value")
        assert (score is None) == (row["value"] in ("", "*"))
        numbers = {p["count"] for p in group["population"] if "count" in p}
        numbers |= {e["valueInteger"] for e in more.get("urn:alliance:counts", {}).get("extension", ())}
        shown = {int(row[n]) for n in ("cases", "hits", "excluded", "immature", "missing") if row[n] not in ("", "*")}
        whole = (
            {int(row["cases"]) + int(row["excluded"])}
            if {row["cases"], row["excluded"]}.isdisjoint(("", "*"))
            else set()
        )
        assert numbers <= shown | whole, row
        if score is not None:
            share = 100 if row["unit"] == "percent" else 1
            assert abs(Fraction(score) - Fraction(row["value"]) * share) < Fraction(1, 10**9)
    assert {"urn:alliance:interval", "identifier"}.isdisjoint(re.findall(r"[\w:]+", json.dumps(list(groups))))
    lines = [
        [cell.strip().replace("\\", "") for cell in one.split("|")] for one in told_table.splitlines() if "|" in one
    ]
    cells = [one[2:-1] for one in lines[-len(told) :]]
    for row, printed in zip(told, cells, strict=True):
        names = ("cases", "hits", "excluded", "immature", "missing", "status")
        assert printed[1:] == [row[n] for n in names], row
        assert printed[0] == row["value"] or (row["unit"] == "percent" and re.fullmatch(r"-?\d+%", printed[0])), row


def test_a_difference_may_be_below_nothing(folder: Path) -> None:
    rows = [r for seed in range(3) for r in records(seed)]
    for n, row in enumerate(rows):
        row["person"] = str(n)
    told = {(r["name"], r["key"]): r for r in csv.DictReader(io.StringIO(published(folder, rows, "csv")))}
    share = Fraction(int(told["share_all", ""]["hits"]), int(told["share_all", ""]["cases"]))
    assert abs(Fraction(told["less", ""]["value"]) - (share - Fraction(9, 10))) < Fraction(1, 10**11)
    assert Fraction(told["less", ""]["value"]) < 0
    assert "-" in published(folder, rows, "table")
    assert told["chance", ""]["value"] in ("0.12", "0.13", "0.125", "0.122", "0.124", "0.126")
    assert told["longest", ""]["value"] == told["shortest", ""]["value"] == told["run_team", "ash"]["value"] == "*"


BROUGHT = """\
alliance: 1
contract: {id: brought, title: Brought, term: {from: 2024-04-01, to: 2025-03-31}, settles: quarterly}
parties: {board: {name: Board, role: commissioner}}
measures:
  stayed: {reported: percent, better: higher}
  few: {reported: percent, better: higher}
  change: {reported: percent, better: higher}
  wait: {reported: days, better: lower}
  calls: {reported: count, better: lower}
  falls: {reported: count, better: lower}
  cost: {reported: GBP, better: lower}
  not_yet: {reported: percent, better: lower}
"""


def test_what_is_brought_is_published_by_what_it_is(tmp_path: Path) -> None:
    contract, brought = tmp_path / "contract.yaml", tmp_path / "brought.csv"
    contract.write_text(BROUGHT, "utf-8")
    given = [
        "stayed,33.3%,138",
        "few,5%,60",
        "change,-3%,60",
        "wait,12.25,60",
        "calls,123,",
        "falls,4,",
        "cost,1234.56,",
    ]
    brought.write_text("name,value,cases\n" + "\n".join(given) + "\n", "utf-8")
    words = ("measure", contract, "--period", "2024-25 Q1", "--public", "--inputs", brought, "--format", "csv")
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == 0, found.output
    told = {r["name"]: (r["value"], r["cases"], r["status"]) for r in csv.DictReader(io.StringIO(found.stdout))}
    assert told == {
        "stayed": ("0.321428571429", "140", "measured"),  # 45 of 140
        "few": ("*", "*", "suppressed"),
        "change": ("*", "60", "suppressed"),
        "wait": ("*", "60", "suppressed"),
        "calls": ("125", "", "measured"),
        "falls": ("*", "", "suppressed"),
        "cost": ("1200", "", "measured"),
        "not_yet": ("", "", "missing"),
    }
