"""Conditions over records that read inputs, terms and attributes: an engine gives what the reader by row gives."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alliance.cli.main import cli

CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2028-03-31}, settles: quarterly}
categories: {level: [low, high]}
parties:
  board: {name: Board, role: commissioner}
  ash:   {name: Ash, role: provider, attributes: {beds: 3}}
  beech: {name: Beech, role: provider, attributes: {beds: 5}}
terms:
  fee: {unit: GBP a year, value: 40}
inputs:
  dear: {unit: count, if: {missing: previous}}
  limit: {unit: GBP, by: provider}
  budget: {unit: GBP a year, over_periods: last}
  strict: {unit: boolean, if: {missing: yes}}
  floor: {unit: GBP, optional: true}
  bar: {unit: GBP, by: level, over_periods: same}
  visits:
    records: {person: id, day: date, home: party, level: level, cost: GBP}
    dated: day
measures:
  over: {proportion: {of: visits, where: cost > dear * 1 GBP}, better: lower}
  by_home: {proportion: {of: visits, where: cost > limit}, by: provider}
  at_bar: {mean: {of: visits, value: "cost if cost <= bar else bar"}, by: level, window: year to date}
  shared: {proportion: {of: visits, where: cost > budget / 2 + fee, excluding: strict and level = low}, window: year}
  of_beds: {proportion: {of: visits, where: cost > beds * 20 GBP}, by: provider}
  lately: {proportion: {of: visits, where: day >= period.end - 40 days}, window: year}
  unsaid: {proportion: {of: visits, where: cost > floor}}
  plain: {proportion: {of: visits, where: cost > 50 GBP}, by: provider}
  said: {reported: percent}
  people: {distinct: {of: visits, where: cost > dear * 1 GBP}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP * (100% - over), from: board, to: ash}
  pay_year: {pays_for: outcome, settles: yearly, start: 100 GBP * shared, from: board, to: beech}
"""
DIGEST = re.compile("[0-9a-f]{64}")
VALUES = "dear=100 limit.ash=40 limit.beech=90 bar.low=50 bar.high=120 budget=60"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    lines = ["person,day,home,level,cost"]
    for n in range(160):
        day = date(2026, 4, 1) + timedelta(days=n * 7 % 365)
        lines.append(f"p{n % 50},{day},{('ash', 'beech')[n % 2]},{('low', 'high')[n // 2 % 2]},{n * 37 % 151}")
    (tmp_path / "v.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def run(*words: str | Path) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code < 2, found.output
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
    return found


def both(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> list[str]:
    """What a command prints where records are read into memory, and where an engine counts them."""
    found = []
    for large in (8_000_000, 0):
        monkeypatch.setattr("alliance.cli.sources.LARGE", large)
        result = run(*words)
        found.append(result.stdout + f"\n{result.exit_code}\n" * ("json" not in words))
    return found


def given(folder: Path, values: str) -> list[Any]:
    return ["--data", f"visits={folder}/v.csv", *(word for one in values.split() for word in ("--set", one))]


@pytest.mark.parametrize("label", ["2026-27 Q1", "2026-27 Q3", "2026-27"])
@pytest.mark.parametrize("values", [VALUES, "dear=100 limit.ash=40", "strict=no floor=7 " + VALUES])
def test_settled_from_an_engine_as_from_memory(
    label: str, values: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--period", label, *given(folder, values), "--format", "csv")
    memory, engine = both(monkeypatch, "settle", folder, *words, "--rows", "measures")
    assert engine == memory
    assert "c,over,0." in memory


def test_the_last_value_of_an_earlier_settlement(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is what it was, in the opening or in an earlier quarter of the same settlement."""
    saved = folder / "saved.json"
    first = ("--period", "2026-27 Q1", *given(folder, VALUES), "--final", "--as-of", "2026-12-31")
    run("settle", folder, *first, "--save", saved)
    words = ("--period", "2026-27 Q2", *given(folder, VALUES.partition(" ")[2]), "--opening", saved, "--format", "csv")
    memory, engine = both(monkeypatch, "settle", folder, *words, "--rows", "measures")
    assert engine == memory
    assert "c,over,0." in memory


def test_a_file_of_values_by_period(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = folder / "values.csv"
    rows = ["name,key,period,value", "dear,,2026-27 Q1,100", "dear,,2026-27 Q3,50", "dear,,2026-27 Q4,1"]
    rows += ["budget,,,60", "limit,ash,2026-27 Q1,10", "limit,beech,2026-27 Q1,20", "bar,low,,30", "bar,high,,40"]
    values.write_text("\n".join(rows) + "\n", "utf-8")
    words = ("--inputs", values, "--data", f"visits={folder}/v.csv", "--format", "json")
    for command, label, final in (
        ("settle", "2026-27", ("--final", "--as-of", "2027-06-30")),
        ("settle", "2026-27", ()),
        ("measure", "2026-27 Q3", ()),
    ):
        memory, engine = both(monkeypatch, command, folder, "--period", label, *words, *final)
        assert without_prints(engine) == without_prints(memory)


def without_prints(text: str) -> Any:
    """A settlement without the digests of its records, which for an engine are those of the file, and how many records
    there were in each period, which an engine is not asked."""

    def stripped(found: Any) -> Any:
        if isinstance(found, dict):
            return {k: stripped(v) for k, v in found.items() if not (isinstance(v, str) and DIGEST.fullmatch(v))}
        if isinstance(found, list):
            return [stripped(one) for one in found if not (isinstance(one, list) and "visits" in one[1:2])]
        return found

    return stripped(json.loads(text))


BY_THE_YEAR = """\
  limited:
    pays_for: outcome
    start: 1000 GBP
    from: board
    to: {ash: 50%, beech: 50%}
    party_limits: {gain: {each: provider, at_most: 600 GBP * plain, beyond: payer}}
  advanced:
    pays_for: outcome
    settles: yearly
    start: 100 GBP * over
    on_account: {of_the_year: 90 GBP * (plain by beech), each: quarter}
    from: board
    to: beech
"""


@pytest.mark.parametrize("label", ["2026-27 Q1", "2026-27 Q2"])
def test_what_is_read_by_the_year_before_it_ends(label: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit and an instalment of the year read measures of the whole year, which an engine is asked for too."""
    (folder / "contract.yaml").write_text(CONTRACT + BY_THE_YEAR, "utf-8")
    words = ("--period", label, *given(folder, VALUES), "--as-of", "2026-10-31", "--format", "csv")
    memory, engine = both(monkeypatch, "settle", folder, *words)
    assert engine == memory
    amounts = [line.split(",") for line in memory.splitlines() if re.match("c,(limited|advanced),", line)]
    paid = {(payment, payee): amount for _, payment, _, payee, amount in amounts}
    assert 0 < float(paid["limited", "beech"]) < 500
    assert float(paid["advanced", "beech"]) > 0
