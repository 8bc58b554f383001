"""Measures of a settlement, by the row reader and by DuckDB, and the same worked out by an independent evaluator."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import alliance
from alliance.cli.main import cli
from alliance.settlement.serial import measures_to_list
from tests.measures.independent import KINDS, against
from tests.measures.independent_cases import CONTRACT, FORMULAS, PERIODS, TERM, Row, invented, written
from tests.measures.independent_told import Found, Told, percentage, window

MADE = alliance.loads(CONTRACT)
DECLARED: dict[str, Any] = yaml.safe_load(CONTRACT)
KEYS = {"provider": ("ash", "beech", "cedar"), "level": ("low", "middle", "high")}
WHOSE = {"provider": "home", "level": "level"}
HITS = {"proportion", "rate", "bundle", "distinct", "repeat", "sustained", "observed_to_expected"}
"""The kinds of which the documentation says what is in the numerator. Of those who improved the share is compared."""
LATE = date(2028, 6, 30)


def kind_of(declared: Mapping[str, Any]) -> str:
    return next(kind for kind in (*KINDS, "difference", "deadweight") if kind in declared)


def again(rows: Sequence[Row], label: str, extracted: date) -> Iterator[tuple[str, str, Any]]:
    """Every measure for each party or word, by the independent evaluator: what was counted, or a value alone."""
    values: dict[tuple[str, str], Fraction | None] = {}
    for name, declared in DECLARED["measures"].items():
        kind = kind_of(declared)
        form = declared[kind]
        for key in KEYS[declared["by"]] if "by" in declared else ("",):
            if kind in KINDS:
                found = counted_again(rows, label, extracted, declared, key)
                few = "minimum" in declared and found.cases < int(declared["minimum"].split()[0])
                found.value = None if few else found.value
                values[name, key] = found.value
                yield name, key, found
            else:
                text = form["from" if kind == "difference" else "share"]
                other = values[text.removesuffix(".value"), ""] if text.endswith(".value") else percentage(text)
                values[name, key] = against(kind, values[form["of"], key], other)
                yield name, key, values[name, key]


def counted_again(rows: Sequence[Row], label: str, extracted: date, declared: Mapping[str, Any], key: str) -> Found:
    kind = kind_of(declared)
    form = declared[kind]
    told = Told(
        rows, FORMULAS, window(declared, PERIODS[label], TERM), extracted,
        strata=KEYS.get(declared.get("by", ""), ()), dated=form.get("dated", "day"), whose=WHOSE.get(declared.get("by", ""), ""), key=key,
        person=form.get("person", "person"), matured=declared.get("matured", ""), better=declared.get("better", "higher"),
    )  # fmt: skip
    return KINDS[kind](told, form)


def number(value: Any) -> Fraction | None:
    """An exact value as it stands in JSON; None for what is not known."""
    return Fraction(value["n"]) if isinstance(value, dict) and "n" in value else None


def plain(m: Mapping[str, Any]) -> Any:
    """The counts, the value and what is told beside it of a measure of a settlement."""
    e = m["evidence"]
    if e is None:
        return number(m["value"])
    hits = e["hits"] if e["kind"] in HITS else None
    counts = (e["cases"], hits, e["excluded"], e["immature"], e["missing"], e["unplaced"])
    return (counts, number(m["value"]), [number(value) for _, value in e["parts"]])


def plainly(name: str, found: Any) -> Any:
    if not isinstance(found, Found):
        return found
    hits = found.hits if kind_of(DECLARED["measures"][name]) in HITS else None
    counts = (found.cases, hits, found.excluded, found.immature, found.missing, found.unplaced)
    return (counts, found.value, list(found.beside.values()))


def compared(measures: Sequence[Mapping[str, Any]], rows: Sequence[Row], label: str, extracted: date) -> int:
    """How many values agree, which is all of them; their windows too."""
    expected = {(name, key): plainly(name, found) for name, key, found in again(rows, label, extracted)}
    assert {(m["name"], m["key"]): plain(m) for m in measures} == expected
    for m in measures:
        if (e := m["evidence"]) is not None:
            span = window(DECLARED["measures"][m["name"]], PERIODS[label], TERM)
            assert (e["start"], e["end"], e["extracted"]) == (*map(str, span), str(extracted)), m["name"]
    return len(expected)


def one_by_one(rows: Sequence[Row], label: str, extracted: date) -> list[dict[str, Any]]:
    brought = {"visits": [written(row) for row in rows], "extracted": {"visits": extracted.isoformat()}}
    return measures_to_list(alliance.settle(MADE, label, brought))


@settings(max_examples=60)
@given(st.randoms(use_true_random=False), st.integers(0, 7), st.sampled_from(sorted(PERIODS)), st.booleans())
def test_a_few_records(r: random.Random, count: int, label: str, late: bool) -> None:
    rows = invented(r, count)
    extracted = max(LATE, PERIODS[label][1]) if late else PERIODS[label][1]
    compared(one_by_one(rows, label, extracted), rows, label, extracted)


@pytest.mark.parametrize("label", PERIODS)
def test_many_records(label: str) -> None:
    end = PERIODS[label][1]
    days = (end, max(LATE, end), date(2029, 12, 31), end.replace(day=9))
    for seed, extracted in enumerate(days * 2):
        r = random.Random(f"{label} {seed}")
        rows = invented(r, r.choice((15, 60, 250)))
        assert compared(one_by_one(rows, label, extracted), rows, label, extracted) > len(DECLARED["measures"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The contract in a folder, and one for rendered queries, which all tables share."""
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def by_duckdb(folder: Path, rows: Sequence[Row], label: str, extracted: date) -> list[dict[str, Any]]:
    """The measures as the command line works them out of a table of texts in a database of DuckDB."""
    import duckdb

    fields = list(DECLARED["inputs"]["visits"]["records"])
    with (folder / "visits.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, fields)
        writer.writeheader()
        writer.writerows(written(row) for row in rows)
    (folder / "visits.db").unlink(missing_ok=True)
    with duckdb.connect(str(folder / "visits.db")) as connection:
        source = f"read_csv('{folder / 'visits.csv'}', all_varchar = true, header = true)"
        connection.execute(f"CREATE TABLE visits AS FROM {source}")
    address = f"duckdb:///{folder / 'visits.db'}#visits"
    words = ["measure", str(folder), "--period", label, "--data", f"visits={address}"]
    told = CliRunner().invoke(cli, [*words, "--extracted", f"visits={extracted}", "--format", "json"])
    assert told.exit_code == 0, told.output
    found: list[dict[str, Any]] = json.loads(told.stdout)["measures"]
    return found


def test_duckdb(folder: Path) -> None:
    """Of one period, since rendering the queries of a period takes most of the time."""
    label = "2027-28 Q4"
    for seed, (count, extracted) in enumerate(((400, LATE), (60, PERIODS[label][1]), (0, LATE))):
        rows = invented(random.Random(seed), count)
        compared(by_duckdb(folder, rows, label, extracted), rows, label, extracted)


def test_what_is_compared_is_not_nothing() -> None:
    """Every kind has cases, a value that is not nought, and each way of being left out that it can have."""
    seen: Counter[tuple[str, str]] = Counter()
    for seed, label in enumerate(PERIODS):
        for name, _, found in again(invented(random.Random(seed), 250), label, LATE):
            if isinstance(found, Found):
                kind = kind_of(DECLARED["measures"][name])
                for word in ("cases", "excluded", "immature", "value"):
                    seen[kind, word] += bool(getattr(found, word))
                seen["any", "missing"] += found.missing
                seen[kind, "unplaced"] += found.unplaced
            else:
                seen["against", name] += bool(found)
    assert len(KINDS) == 12
    for kind in KINDS:
        for word in ("cases", "immature", "value"):
            assert seen[kind, word], (kind, word)
        assert seen[kind, "excluded"] or kind == "time_to", kind
        assert seen[kind, "unplaced"], kind
    assert seen["any", "missing"]
    assert all(seen["against", name] for name in ("x1", "x2", "x3", "x4", "x5"))


FEW = [
    # person, day, safe, score
    ("p1", "2026-04-01", True, 1), ("p2", "2026-05-01", False, 1), ("p2", "2026-06-01", True, 4),
]  # fmt: skip


def test_younger_ones_are_left_out() -> None:
    """`matured`: younger ones are left out, and told. `within`: younger baselines count as immature."""
    form = (
        "{paired_change: {of: visits, value: score, baseline: true, follow_up: true, within: 60 days}, matured: 1 day}"
    )
    made = alliance.loads(CONTRACT.partition("measures:\n")[0] + f"measures:\n  m: {form}\n")
    rows = [written(row | few(*one)) for row, one in zip(invented(random.Random(1), 3), FEW, strict=False)]
    brought = {"visits": rows, "extracted": {"visits": "2026-06-29"}}
    [m] = alliance.settle(made, "2026-27 Q1", brought).measures
    assert m.evidence is not None
    assert (m.evidence.cases, m.evidence.immature) == (0, 1)


def few(person: str, day: str, safe: bool, score: int) -> dict[str, Any]:
    since = date.fromisoformat(day)
    return {"person": person, "day": since, "entered": since, "safe": safe, "score": Fraction(score)}
