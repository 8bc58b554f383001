"""`alliance rules`."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from alliance.contract.packs import shipped
from tests.cli.contracts import run

NAMES = [one.name for one in shipped()]
OWN = """\
pack: own
version: 2
title: One of our own
about: What is bought above a limit is told.
parameters:
  most: {is: money, title: the limit, default: 500.00 GBP}
  told: {is: parties, title: who is told}
rules:
  - rule: above
    title: Above the limit
    when: [spend > $most, spend < 1_000_000.00 GBP]
    then: [{notify: $told, say: above the limit}]
"""
USES = """\
alliance: 1
contract: {id: own, title: Ours, term: {from: 2026-04-01, to: 2027-03-31}}
parties: {council: {name: Council, role: commissioner}}
inputs: {spend: {unit: GBP}}
rules: [{use: pack.yaml, with: {told: council}}]
examples:
  - {title: Above, period: 2026-27, given: {spend: 501}, fires: [above]}
  - {title: Not above, period: 2026-27, given: {spend: 500}, fires: []}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(OWN.replace("500.00 GBP", "500.00").replace("$most", "$most * 1.00 GBP"))
    (tmp_path / "contract.yaml").write_text(USES)
    return tmp_path


def test_what_there_is() -> None:
    assert [line.split()[0] for line in run("rules", "list").stdout.splitlines()[2:]] == NAMES
    found = json.loads(run("rules", "list", "--format", "json").stdout)
    assert [one["name"] for one in found] == NAMES
    late = found[NAMES.index("late-data")]
    assert late["title"] == "Late or missing data"
    assert late["parameters"]["grace"] == {
        "is": "days", "title": "days of grace", "default": "0", "optional": False, "fields": {},
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(run("rules", "list", "--format", "csv").stdout)))
    assert rows[NAMES.index("late-data")]["parameters"] == "payment input grace first each_week at_most"


@pytest.mark.parametrize("name", NAMES)
def test_each_is_shown_in_plain_words(name: str) -> None:
    text = run("rules", "show", name).stdout
    assert f"use: {name}" in text
    assert f"rules/{name}/README.md" in text
    assert "As its example has them" in text
    assert "$" not in text
    assert run("rules", "show", name, "--format", "markdown").stdout.startswith("# ")
    found = json.loads(run("rules", "show", name, "--format", "json").stdout)
    assert found["name"] == name
    assert found["rules"]
    assert found["in_words"]
    rows = list(csv.DictReader(io.StringIO(run("rules", "show", name, "--format", "csv").stdout)))
    assert [row["parameter"] for row in rows] == list(found["parameters"])


def test_what_must_be_given_and_what_need_not() -> None:
    text = run("rules", "show", "duty-to-report").stdout
    lines = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert "must be given" in lines["group"]
    assert "not done" in lines["holds"]
    assert "100%" in lines["share"]


def test_one_of_our_own_is_shown_as_it_is_written(own: Path) -> None:
    text = run("rules", "show", str(own / "pack.yaml")).stdout
    assert "What is bought above a limit is told." in text
    assert "when: spend > $most * 1.00 GBP; spend < 1_000_000.00 GBP" in text
    assert "then notify: $told, say: above the limit" in text
    assert "README" not in text
    assert text == run("rules", "show", str(own)).stdout


def test_examples_of_all_that_are_shipped_pass() -> None:
    found = json.loads(run("rules", "test", "--format", "json").stdout)
    assert found["failed"] == found["unread"] == 0
    assert [c["file"] for c in found["contracts"]] == [f"rules/{n}/example/contract.yaml" for n in NAMES]
    assert all(c["passed"] >= 4 for c in found["contracts"])


def test_examples_of_some(own: Path) -> None:
    found = run("rules", "test", "late-data", str(own))
    assert "(rules/late-data/example/contract.yaml)" in found.stdout
    assert f"({own}/contract.yaml)" in found.stdout
    assert "0 failed" in found.stdout
    assert "2 lines" not in run("rules", "test", str(own)).stdout
    assert run("rules", "test", str(own / "pack.yaml")).stdout == run("rules", "test", str(own)).stdout


def test_an_example_that_fails(own: Path) -> None:
    (own / "contract.yaml").write_text(USES.replace("given: {spend: 500}", "given: {spend: 600}"))
    found = run("rules", "test", str(own), code=1)
    assert "FAILED" in found.stdout
    assert "1 passed, 1 failed." in found.stdout


def test_a_pack_that_cannot_be_read(own: Path) -> None:
    (own / "pack.yaml").write_text(OWN + "more: 1\n")
    found = run("rules", "test", "always-event", str(own), code=1)
    assert f"{own}/pack.yaml:13:1: AC030" in found.stderr
    assert "7 passed, 0 failed; 1 contract could not be read." in found.stdout
    assert "AC030" in run("rules", "show", str(own), code=1).stderr
    rows = list(csv.DictReader(io.StringIO(run("rules", "test", str(own), "--format", "csv", code=1).stdout)))
    assert rows[0]["result"] == "unread"


@pytest.mark.parametrize("command", ["show", "test"])
def test_a_name_that_is_none(command: str) -> None:
    found = run("rules", command, "late-dta", code=1)
    assert 'AC170 No pack that comes with the package is called "late-dta".' in found.stderr
    assert 'Did you mean "late-data"?' in found.stderr


def test_a_pack_without_examples(own: Path) -> None:
    (own / "contract.yaml").unlink()
    assert "AC200" in run("rules", "test", str(own), code=1).stderr


def test_listing_loads_nothing_that_settles() -> None:
    code = (
        "import sys; from alliance.cli.main import main\n"
        "try: main(['rules', 'list'])\nexcept SystemExit: pass\n"
        "assert 'durable' not in sys.modules and 'durable_rules_engine' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
