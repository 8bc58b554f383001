"""What stands behind a value: who stood in the numerator, the fingerprint, the extract date, who validated it."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import alliance
from alliance.cli.main import cli
from alliance.contract.faults import ContractError
from tests.measures.records import CONTRACT, rows, write_csv

HOME = Path(__file__).parents[2]
D2A = HOME / "contracts" / "discharge-to-assess"
DISCHARGES = D2A / "data" / "discharges.csv"
YEAR = ("--period", "2024-25")
Q2 = ("--period", "2026-27 Q2")


def run(*words: str | Path, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == code, found.output
    return found


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Records of which no two are of one person, home, day and leaving, so that ids and dates tell them apart."""
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "contract.yaml").write_text(CONTRACT, "utf-8")
    seen: dict[Any, Any] = {}
    for row in rows(8, 250):
        seen.setdefault((row["person"], row["entered"]), row)
    return folder, write_csv(folder / "visits.csv", list(seen.values()))


def test_as_many_ids_as_the_numerator_has(kinds: tuple[Path, Path]) -> None:
    folder, visits = kinds
    given = (*YEAR, "--data", f"visits={visits}")
    measures = json.loads(run("measure", folder, *given, "--format", "json").stdout)["measures"]
    hits: Counter[str] = Counter()
    for m in measures:
        x = m["evidence"]
        if x is None:
            continue
        count = x["hits"]
        if x["kind"] in ("paired_change", "mean"):
            count = x["cases"]
        elif x["kind"] == "changed":
            count = round(x["cases"] * share(m["value"]))
        hits[m["name"]] += count
    kinds_seen = {m["name"]: m["evidence"]["kind"] for m in measures if m["evidence"]}
    name = next(iter(hits))
    told = [run(command, folder, *given, "--ids", name).stdout for command in ("explain", "measure")]
    assert told[0] == told[1]
    for name, count in hits.items():
        listed = list(csv.DictReader(io.StringIO(run("measure", folder, *given, "--ids", name).stdout)))
        if kinds_seen[name] == "distinct":  # a person may have come more than once
            listed = list({(row["person"], row.get("home")): row for row in listed}.values())
        assert len(listed) == count, name


def share(value: Any) -> float:
    if not isinstance(value, dict) or "n" not in value:
        return 0
    top, _, bottom = value["n"].partition("/")
    return int(top) / int(bottom or 1) if "." not in top else float(top)


def test_ids_are_refused_where_they_are_not_to_be_seen(tmp_path: Path) -> None:
    data = ("--data", f"discharges={DISCHARGES}")
    assert "not published" in run("measure", D2A, *Q2, *data, "--ids", "stayed_home", "--public", code=2).stderr
    for form in ("csv", "json", "table", "markdown", "fhir"):
        shown = run("measure", D2A, *Q2, *data, "--public", "--format", form).stdout
        assert "P00" not in shown
        assert "57b7bb49f29b" not in shown  # nor what tells that two publications are of the same records
    assert "57b7bb49f29b" in run("measure", D2A, *Q2, *data).stdout


def test_ids_that_are_elsewhere_are_not_told_as_nobody(tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(tmp_path / "d.db")) as connection:
        connection.execute(f"CREATE TABLE t AS FROM read_csv('{DISCHARGES}', all_varchar = true, comment = '#')")
    contract = tmp_path / "contract.yaml"
    contract.write_text(COUNTED, "utf-8")
    data = ("--data", f"discharges=duckdb:///{tmp_path}/d.db#t")
    found = run("measure", contract, *Q2, *data, "--ids", "back", code=1)
    assert "nobody in them is known here" in found.stderr
    assert found.stdout == ""


COUNTED = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
parties:
  board: {name: Board, role: commissioner}
  ash: {name: Ash, role: provider}
  beech: {name: Beech, role: provider}
inputs:
  discharges:
    records: {person: id, discharged: date, readmitted: optional date}
    dated: discharged
measures:
  back: {proportion: {of: discharges, where: readmitted - discharged <= 30 days}, better: lower, window: 12 months, validated_by: WHO}
figures:
  half: {is: back.value / 2}
payments:
  pay: {pays_for: outcome, start: 100 GBP if half < 50% else 0 GBP, from: board, to: ash}
""".replace("WHO", "board")


def test_a_payee_does_not_validate_what_it_is_paid_by() -> None:
    with pytest.raises(ContractError, match="back is validated by ash, whom the payment pay pays by it") as told:
        alliance.loads(COUNTED.replace("validated_by: board", "validated_by: ash"))
    assert told.value.faults[0].code == "AC114"
    alliance.loads(COUNTED.replace("validated_by: board", "validated_by: beech"))


def test_records_taken_before_the_window_ends_are_provisional(tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(COUNTED, "utf-8")
    data = (*Q2, "--data", f"discharges={DISCHARGES}", "--extracted", "discharges=2026-08-31")
    [row] = csv.DictReader(io.StringIO(run("measure", contract, *data, "--format", "csv").stdout))
    assert (row["status"], row["extracted"]) == ("provisional", "2026-08-31")
    assert "back" in run("settle", contract, *data, "--final", code=1).stderr
    after = (*Q2, "--data", f"discharges={DISCHARGES}", "--extracted", "discharges=2026-10-31", "--as-of", "2026-11-01")
    [row] = csv.DictReader(io.StringIO(run("measure", contract, *after, "--format", "csv").stdout))
    assert row["status"] == "measured"


def test_the_fingerprint_is_of_what_was_used(tmp_path: Path) -> None:
    contract = tmp_path / "contract.yaml"
    contract.write_text(COUNTED, "utf-8")
    lines = DISCHARGES.read_text("utf-8").splitlines()
    turned, other = tmp_path / "turned.csv", tmp_path / "other.csv"
    turned.write_text("\n".join([*lines[:2], *lines[:1:-1]]) + "\n", "utf-8")
    other.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    prints = []
    for file in (DISCHARGES, turned, other):
        shown = run("measure", contract, *Q2, "--data", f"discharges={file}", "--format", "csv").stdout
        [row] = csv.DictReader(io.StringIO(shown))
        prints.append(row["fingerprint"])
    assert prints[0] == prints[1] != prints[2]
    assert len(prints[0]) == 64


def test_strata_stand_within_or_outside_control_limits(tmp_path: Path) -> None:
    """One of three strata has twice the share of the others."""
    from alliance.measures.statistics import funnel_proportion

    (tmp_path / "contract.yaml").write_text(STRATA, "utf-8")
    lines = ["person,day,ward,ok"]
    for ward, hits in (("elm", 40), ("oak", 44), ("yew", 90)):
        lines += [f"{ward}{n},2026-04-01,{ward},{'yes' if n < hits else 'no'}" for n in range(200)]
    (tmp_path / "v.csv").write_text("\n".join(lines) + "\n", "utf-8")
    found = run("measure", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={tmp_path}/v.csv").stdout
    section = found.split("BESIDE EACH OTHER")[1].split("WHERE THEY COME FROM")[0]
    assert [line.split("  ")[-1].strip() for line in section.splitlines() if "good" in line] == [
        "below at 95%", "below at 95%", "above at 99.8%",
    ]  # fmt: skip
    limits = funnel_proportion(alliance_share(174, 600), 200, alliance_share(95, 100))
    low, high = (f"{float(end.rounded(6) * 100):.2f}".rstrip("0").rstrip(".") for end in (limits.lower, limits.upper))
    assert f"29%  {low}% to {high}%" in section
    public = run("measure", tmp_path, "--period", "2026-27 Q1", "--data", f"visits={tmp_path}/v.csv", "--public").stdout
    assert "BESIDE EACH OTHER" not in public


def alliance_share(part: int, whole: int) -> Any:
    from fractions import Fraction

    return Fraction(part, whole)


STRATA = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
categories: {ward: [elm, oak, yew]}
parties: {board: {name: Board, role: commissioner}}
inputs: {visits: {records: {person: id, day: date, ward: ward, ok: boolean}, dated: day}}
measures: {good: {proportion: {of: visits, where: ok}, by: ward}}
"""
