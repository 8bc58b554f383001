"""Every pack: it is whole, its README says what it asks, its example proves each of its rules, and the gallery uses it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from alliance.contract.contract import Contract, load
from alliance.contract.packs import read_pack, shipped
from alliance.settlement.examples import ExampleResult, run_examples

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"
PACKS = [p.name for p in shipped()]
REQUIRED = {
    "safeguarding-gate", "late-data", "under-performance-ladder", "quality-gate", "volume-collar", "dispute-hold",
    "suspension", "first-offer", "duty-to-report", "contingency-fund", "harm-not-netted", "always-event",
    "small-provider-protection", "capacity-guarantee",
}  # fmt: skip


@cache
def example(pack: str) -> Contract:
    return load(RULES / pack / "example")


@cache
def results(pack: str) -> tuple[ExampleResult, ...]:
    return tuple(run_examples(example(pack)))


def test_none_is_missing() -> None:
    assert set(PACKS) >= REQUIRED


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_is_named_as_its_folder_and_says_what_it_is(pack: str) -> None:
    found, _ = read_pack(RULES / pack / "pack.yaml")
    assert found.pack == pack
    assert found.title
    assert found.about
    assert all(p.title for p in found.parameters.values())


@pytest.mark.parametrize("pack", PACKS)
def test_the_readme_names_every_parameter_and_no_other(pack: str) -> None:
    found, _ = read_pack(RULES / pack / "pack.yaml")
    text = (RULES / pack / "README.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(n for row in rows for n in re.findall(r"`([a-z_]+)`", row)) == sorted(map(str, found.parameters))


@pytest.mark.parametrize("pack", PACKS)
def test_its_examples_pass(pack: str) -> None:
    failed = [f"{r.title}: {r.summary}" for r in results(pack) if not r.passed]
    assert not failed


@pytest.mark.parametrize("pack", PACKS)
def test_its_examples_show_each_rule_hold_and_not_hold(pack: str) -> None:
    contract = example(pack)
    shown = [set(e.fires) for e in contract.examples if e.fires is not None]
    rules = contract.built.rules
    assert set().union(*shown) >= {r.name for r in rules}, "an example in which each rule holds"
    tested = {r.name for r in rules if r.tests or r.absent}
    assert not set.intersection(*shown) & tested, "an example in which each rule with a test does not"
    assert any(e.earlier for e in contract.examples), "an example over several periods"


@pytest.mark.parametrize("pack", PACKS)
def test_a_contract_of_the_gallery_uses_it(pack: str) -> None:
    users = [
        p.parent.name
        for p in (ROOT / "contracts").glob("*/contract.yaml")
        if re.search(rf"use: {pack}\s", p.read_text())
    ]
    assert users
