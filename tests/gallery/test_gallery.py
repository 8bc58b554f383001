"""The gallery: every contract loads, its examples pass, its data settle, and what real schemes published comes out."""

from __future__ import annotations

import csv
import shlex
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import alliance
from alliance.cli.main import cli
from alliance.contract.numbers import parse_number, parse_percent
from alliance.data.results import Results
from alliance.data.table import read_table
from alliance.settlement.agreements import Agreement, settle_table
from alliance.settlement.examples import ExampleResult, run_examples

GALLERY = Path(__file__).parents[2] / "contracts"
CONTRACTS = sorted(p.parent.name for p in GALLERY.glob("*/contract.yaml"))
CASES_FILE = Path(__file__).parent / "worked.yaml"
NO_CONTRACT = {"wilson-interval", "disclosure-rounding"}  # shown in tests/measures


@cache
def contract(name: str) -> alliance.Contract:
    return alliance.load(GALLERY / name)


@cache
def examples(name: str) -> dict[str, ExampleResult]:
    return {r.title: r for r in run_examples(contract(name))}


EXAMPLES = [(name, example.title) for name in CONTRACTS for example in contract(name).examples]


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_gallery_contract_is_whole(name: str) -> None:
    assert contract(name).id == name
    assert contract(name).examples, "a contract of the gallery proves itself"
    assert (GALLERY / name / "README.md").is_file()


@pytest.mark.parametrize(("name", "title"), EXAMPLES)
def test_an_example_passes(name: str, title: str) -> None:
    result = examples(name)[title]
    assert result.passed, result.summary


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_two_examples_share_a_title(name: str) -> None:
    titles = [e.title for e in contract(name).examples]
    assert len(titles) == len(set(titles))


# the data committed beside each contract


@dataclass(frozen=True)
class Run:
    """A settlement from committed files, opened from the run before it under the same contract."""

    period: str
    inputs: str = ""
    data: tuple[str, ...] = ()
    final: bool = False
    payments: tuple[str, ...] = ()  # those that these files determine; all of them unless some are named


def _quarters(year: str, final: bool = True) -> list[Run]:
    found = [Run(f"{year} Q{q}", f"data/{year}-Q{q}.csv", ("places", "packages", "incidents")) for q in range(1, 5)]
    return [*found, Run(year, f"data/{year}.csv", ("places", "packages", "incidents"), final)]


def _months(year: int, inputs: str = "") -> list[Run]:
    months = [f"{year}-{m:02d}" for m in range(4, 13)] + [f"{year + 1}-{m:02d}" for m in range(1, 4)]
    return [Run(m, inputs) for m in months]


REGISTERS = ("plans", "reviews", "disputes", "rulings", "standing")
CLOSER_TO_HOME = (
    *("impact", "crisis-contacts", "beds", "packages", "spent-elsewhere", "funding-found", "offers", "fund-draws"),
    *("fund-changes", "serious-events", "reports-received", "paid-to-small"),
)
RUNS: dict[str, list[Run]] = {
    "activity-tolerance": [
        run
        for year in (2024, 2025, 2026)
        for run in (*_months(year), Run(f"{year}-{year % 100 + 1}", f"data/{year}-{year % 100 + 1}.csv", final=True))
    ],
    "closer-to-home": [Run(f"2026-27 Q{q}", f"data/2026-27-Q{q}.csv", CLOSER_TO_HOME, final=True) for q in (1, 2)],
    "cohort-trigger-bond": [
        Run("2013-14", "data/2013-14.csv", final=True),
        Run("2016-17", "data/2016-17.csv", final=True),
    ],
    "discharge-to-assess": [
        Run("2026-27 Q1", "data/2026-27-Q1.csv", ("places", "discharges"), final=True),
        Run("2026-27 Q2", "data/2026-27-Q2.csv", ("places", "discharges"), final=True),
    ],
    "help-to-live-at-home": [
        *[Run(f"2026-27 Q{q}", f"data/2026-27-Q{q}.csv", REGISTERS, final=True) for q in range(1, 5)],
        Run("2026-27", "data/2026-27.csv", REGISTERS, final=True),
    ],
    "outcome-tariff": [
        Run("2013-14 Q1", "data/2013-14-Q1.csv", ("attachments", "results", "hip-fractures"), final=True)
    ],
    "paid-in-advance": [*_months(2022), Run("2022-23", "data/2022-23.csv", final=True)],
    "pooled-budget": [Run("2025-26", "data/2025-26.csv", final=True), Run("2026-27", "data/2026-27.csv", final=True)],
    "quality-points": [
        *_months(2021, "data/months-2021-22.csv"),
        Run("2021-22", "data/practice-2021-22.csv", final=True),
    ],
    "restoration-bond": [Run(y, f"data/{y}.csv", final=True) for y in ("2013-14", "2014-15", "2015-16", "2016-17")],
    "savings-with-advance": [
        *[Run(f"2024 Q{q}", f"data/2024-Q{q}.csv") for q in range(1, 5)],
        Run("2024", "data/2024.csv", final=True),
        *[Run(f"2025 Q{q}", f"data/2025-Q{q}.csv") for q in range(1, 5)],
        Run("2025", "data/2025.csv", final=True),
        Run("2026", "data/2026.csv", final=True),
    ],
    "target-cost-alliance": [
        Run("2026-27", "data/2026-27.csv", final=True),
        Run("2027-28", "data/2027-28.csv", final=True),
    ],
    "together-for-better-lives": [*_quarters("2026-27"), *_quarters("2027-28"), *_quarters("2028-29")],
}
TABLES = {
    "quality-points": ("2021-22", "data/2021-22.csv"),
    "readmission-penalty": ("2027", "data/2027.csv"),
    "shared-savings": ("2023", "2023.csv"),
    "value-based-purchasing": ("2024", "2024.csv"),
    "value-based-purchasing-total": ("2021", "2021.csv"),
}


def brought(name: str, run: Run) -> Results:
    folder = GALLERY / name
    results = alliance.read_results(folder / run.inputs) if run.inputs else Results()
    for records in run.data:
        results.records[records.replace("-", "_")] = read_table(folder / "data" / f"{records}.csv")
    return results


@cache
def settled(name: str) -> dict[str, alliance.Settlement]:
    """Every committed settlement of a contract, by period, each opened from the one before."""
    found: dict[str, alliance.Settlement] = {}
    opening: alliance.Settlement | None = None
    for run in RUNS[name]:
        kind = "final" if run.final else "provisional"
        opening = alliance.settle(contract(name), run.period, brought(name, run), opening, kind=kind)
        found[run.period] = opening
    return found


@cache
def agreements(name: str) -> list[Agreement]:
    period, file = TABLES[name]
    table = read_table(GALLERY / name / file)
    return list(settle_table(contract(name), period, table, contract(name).key))


def rows(name: str) -> dict[str, dict[str, str]]:
    """The published table as texts, by agreement, read without the package."""
    lines = (GALLERY / name / TABLES[name][1]).read_text("utf-8").splitlines()
    reader = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {"/".join(row[k] for k in contract(name).key): row for row in reader}


def test_every_contract_has_committed_data() -> None:
    assert set(CONTRACTS) == set(RUNS) | set(TABLES)


@pytest.mark.parametrize("name", sorted(RUNS))
def test_committed_data_settle(name: str) -> None:
    for period, settlement in settled(name).items():
        undetermined = {p.name: p.reasons for p in settlement.undetermined}
        assert not undetermined, period
        for b in settlement.balances:
            assert b.opening + b.money_in - b.money_out == b.closing, (period, b.account, b.key)


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_year_less_what_was_paid_before_is_what_it_pays(name: str) -> None:
    """Over a year and its shorter periods, every payment's transfers add up to what the year's settlement comes to."""
    periods = settled(name)
    for period, settlement in periods.items():
        others = [s for s in periods.values() if s is not settlement]
        if any(s.start <= settlement.start and s.end >= settlement.end for s in others):
            continue
        inside = [s for s in periods.values() if s.start >= settlement.start and s.end <= settlement.end]
        for payment in settlement.payments:
            if payment.shadow or payment.status != "determined" or payment.unit != "money":
                continue
            moved = sum(
                t.amount if t.payee not in payers(name, payment.name) else -t.amount
                for s in inside
                for t in s.transfers
                if t.payment == payment.name
                and t.kind in ("payment", "on account", "true-up", "withheld")
                and t.unit == "money"
            )
            recouped = sum(
                t.amount for s in inside for t in s.transfers if t.payment == payment.name and t.kind == "recoupment"
            )
            assert moved + recouped == payment.earned, (period, payment.name)


def payers(name: str, payment: str) -> set[str]:
    p = contract(name).built.payments[payment]
    return {share.name for share in (*p.payers, *(s for part in p.slices for s in part.payers))}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_committed_tables_settle(name: str) -> None:
    found = agreements(name)
    assert len(found) == len(rows(name))
    assert not [(a.name, a.faults) for a in found if a.settlement is None]
    assert not [(a.name, p.name, p.reasons) for a in found if a.settlement for p in a.settlement.undetermined]


# the commands of each README


def commands(name: str) -> list[list[str]]:
    text = (GALLERY / name / "README.md").read_text("utf-8").replace("\\\n", " ")
    return [shlex.split(line)[1:] for line in text.splitlines() if line.startswith("    alliance ")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_commands_of_a_readme_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contracts").symlink_to(GALLERY)
    monkeypatch.chdir(tmp_path)
    assert commands(name), "a README says how to settle the contract"
    for command in commands(name):
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 0, (command, result.output)


# what the schemes published


def test_shared_savings_are_those_published() -> None:
    """Within two dollars, the published inputs being whole dollars. Three losses are also limited by a share of revenue
    that the published table does not give."""
    published = rows("shared-savings")
    off = set()
    for a in agreements("shared-savings"):
        assert a.settlement is not None
        answer = parse_number(published[a.name]["EarnSaveLoss"].replace(",", ""))
        if abs(answer - number(a.settlement.payment("shared_savings").earned)) > 2:
            off.add(a.name)
    assert off == {"A1241", "A4627", "A5293"}
    assert len(published) == 453


def test_value_based_purchasing_points_are_those_published() -> None:
    published = rows("value-based-purchasing")
    for a in agreements("value-based-purchasing"):
        assert a.settlement is not None
        row = published[a.name]
        assert number(a.settlement.figure("achievement")) == parse_number(row["achievement_points"]), a.name
        assert number(a.settlement.figure("points")) == parse_number(row["measure_score"]), a.name
        if row["improvement_points"].strip():
            assert number(a.settlement.figure("improvement")) == parse_number(row["improvement_points"]), a.name


def test_value_based_purchasing_totals_are_those_published() -> None:
    published = rows("value-based-purchasing-total")
    for a in agreements("value-based-purchasing-total"):
        assert a.settlement is not None
        answer = published[a.name]["Total Performance Score"]
        assert number(a.settlement.figure("total")) == parse_number(answer), a.name


def test_readmission_factors_are_those_published() -> None:
    """To the hundredth of a per cent that is published; one of the fourteen is off by one there, because the inputs are
    published rounded."""
    published = rows("readmission-penalty")
    off = {}
    for a in agreements("readmission-penalty"):
        assert a.settlement is not None
        answer = parse_number(published[a.name]["published_factor"])
        found = number(a.settlement.figure("adjustment_factor"))
        if found != answer:
            off[a.name] = found - answer
    assert off == {"010012": Fraction(-1, 10_000)}


def number(value: Any) -> Fraction:
    assert isinstance(value, (int, Fraction))
    assert not isinstance(value, bool)
    return Fraction(value)


# the worked cases


@dataclass(frozen=True)
class Case:
    """The example that holds a worked case: the formula that it expects for each figure that the case gives."""

    contract: str
    example: str
    figures: dict[str, str]


CASES: dict[str, list[Case]] = {
    "target-cost-gain": [
        Case(
            "target-cost-alliance",
            "Saving of 300,000 on 500,000, shared only down to 80% of the target",
            {"contractor_share": "cost_share.earned", "paid_to_contractor": "paid_to_contractor"},
        )
    ],
    "target-cost-pain-half": [
        Case(
            "target-cost-alliance",
            "Overrun of 50,000, half borne by the contractor",
            {"contractor_share": "cost_share.earned", "paid_to_contractor": "paid_to_contractor"},
        )
    ],
    "target-cost-pain-all": [
        Case(
            "target-cost-alliance",
            "Overrun of 50,000, all of it borne by the contractor",
            {"contractor_share": "cost_share.earned", "paid_to_contractor": "paid_to_contractor"},
        )
    ],
    "client-first-slice": [
        Case(
            "target-cost-alliance",
            "Client keeps the first tenth saved, and the rest is split 40, 40, 20",
            {"client": "joint_saving.kept"},
        )
    ],
    "incentive-fee": [
        Case("target-cost-alliance", "Fee at target cost", {"fee": "incentive_fee.earned"}),
        Case("target-cost-alliance", "Fee a million below target cost", {"fee": "incentive_fee.earned"}),
    ],
    "families-tariff": [
        Case(
            "outcome-tariff",
            "The most for 1,680 families, a sixth of whom would have been turned round anyway (published)",
            {"maximum": "maximum"},
        )
    ],
    "families-attachment-and-result": [
        Case(
            "outcome-tariff",
            "First year, the main result and progress to work (published)",
            {
                "attachment": "attachment_fees.earned",
                "results_route_1": "family_results.earned",
                "total_either_route": "attachment_fees.earned + family_results.earned",
            },
        ),
        Case(
            "outcome-tariff",
            "First year, sustained employment instead (published)",
            {
                "attachment": "attachment_fees.earned",
                "results_route_2": "family_results.earned",
                "total_either_route": "attachment_fees.earned + family_results.earned",
            },
        ),
    ],
    "cohort-trigger": [
        Case(
            "cohort-trigger-bond",
            "The first cohort, 142 against 155, misses its trigger (published)",
            {"reduction": "round(reduction by first, 3)", "paid": "triggered by first"},
        )
    ],
    "coupon-bands": [
        Case("restoration-bond", title, {"coupon": "coupon", "paid": "interest.earned"})
        for title in (
            "First year, 60% restored (published)",
            "First year, 70% restored",
            "First year, 54% restored, the floor holds",
        )
    ],
    "per-day-tariff-total": [
        Case("outcome-tariff", "Final reconciliation of homes and jail days (published)", {"total": "homes_total"})
    ],
    "points-by-list-size": [
        Case("quality-points", "All 74 points at an average practice", {"payment": "indicators.earned"}),
        Case(
            "quality-points",
            "Points worth 100,000 at a practice half as large again",
            {"index": "list_index", "payment": "local_scheme.earned"},
        ),
    ],
    "points-sliding-scale": [
        Case(
            "quality-points",
            "35 of a register of 100, half way up the sliding scale",
            {"points": "points", "payment": "indicators.earned"},
        )
    ],
    "paid-in-advance-clawback": [
        Case(
            "paid-in-advance",
            "One of five indicators wholly missed",
            {"pool": "pool", "per_indicator": "per_indicator", "clawback": "withdrawn.earned"},
        )
    ],
    "all-or-none-per-person": [
        Case("outcome-tariff", "Of 100 people 60 meet every criterion", {"payment": "best_practice.earned"})
    ],
    "activity-tolerance": [
        Case(
            "activity-tolerance",
            "97% of the units, the shortfall carried forward",
            {"carry_forward_units": "units_carried.closing", "clawback": "clawback.earned"},
        ),
        Case(
            "activity-tolerance", "95% of the units, the whole shortfall clawed back", {"clawback": "clawback.earned"}
        ),
    ],
    "overspend-cascade": [
        Case(
            "pooled-budget",
            "An overspend of 600, met from underspends of 150 and then from the risk pool",
            {
                "from_underspends": "underspends.out",
                "from_risk_pool": "risk_pool.out",
                "risk_pool_left": "risk_pool.closing",
                "from_partners": "overspend.earned - underspends.out - risk_pool.out",
            },
        )
    ],
    "weighted-uplift": [
        Case("discharge-to-assess", "Wages up 10.1% and prices 3.0% make 7.26%", {"uplift": "fee_uplift"})
    ],
    "on-account-and-true-up": [
        Case(
            "quality-points",
            "A month on account, a twelfth of 60% of last year's achievement",
            {"monthly": "local_scheme.on_account"},
        )
    ],
    "penny-allocation": [Case("pooled-budget", "A grant of 100.00 in three equal shares", {})],
}
# What an example cannot expect as yet (what a party gets, what was paid over several settlements) is held below.
ELSEWHERE = {
    ("client-first-slice", "contractor"),
    ("client-first-slice", "consultant"),
    ("on-account-and-true-up", "paid_on_account"),
    ("on-account-and-true-up", "true_up"),
    ("penny-allocation", ""),
}


def worked() -> dict[str, list[dict[str, str]]]:
    """What each case gives, as texts: a list with one mapping for each of its answers."""
    found: dict[str, list[dict[str, str]]] = {}
    for case in yaml.load(CASES_FILE.read_text("utf-8"), Loader=yaml.BaseLoader):
        answers = [c["expect"] for c in case.get("cases", [case])]
        found[case["id"]] = [a if isinstance(a, dict) else {"": str(a)} for a in answers]
    return found


WORKED = worked()


def test_every_case_is_named_by_an_example() -> None:
    assert set(CASES) == set(WORKED) - NO_CONTRACT
    for case, held in CASES.items():
        for one in held:
            assert one.example in examples(one.contract), (case, one.example)


@pytest.mark.parametrize("case", sorted(CASES))
def test_examples_expect_what_a_case_gives(case: str) -> None:
    answers, held = WORKED[case], CASES[case]
    if len(answers) != len(held):  # one answer shown by several examples
        assert len(answers) == 1
        answers = answers * len(held)
    shown: set[str] = set()
    for answer, one in zip(answers, held, strict=True):
        checked = {c.what: c for c in examples(one.contract)[one.example].checked}
        for key, formula in one.figures.items():
            assert checked[formula].expected == given(answer[key]), (case, key)
            assert checked[formula].passed
        shown |= set(one.figures)
    wanted = {k for a in WORKED[case] for k in a} - {k for c, k in ELSEWHERE if c == case}
    assert shown == wanted


def given(text: str) -> object:
    text = text.removesuffix(" (rounded)")
    if text in ("true", "false"):
        return text == "true"
    return parse_percent(text) if text.endswith("%") else parse_number(text)


def test_client_first_slice_by_party() -> None:
    s = alliance.settle(contract("target-cost-alliance"), "2026-27", {"joint_outturn": 850_000})
    answer = WORKED["client-first-slice"][0]
    assert s.paid("client", "contractor", "joint_saving") == given(answer["contractor"])
    assert s.paid("client", "consultant", "joint_saving") == given(answer["consultant"])


def test_penny_allocation_by_party() -> None:
    spend = {"reablement": 1_400_000, "equipment": 900_000, "home_support": 700_000}
    s = alliance.settle(contract("pooled-budget"), "2025-26", {"spend": spend, "grants_awarded": "100.00"})
    got = [s.paid("council", who, "grants") for who in ("neighbours", "carers", "lunch_club")]
    assert got == [Fraction("33.34"), Fraction("33.33"), Fraction("33.33")]
    assert WORKED["penny-allocation"] == [{"": "['33.34', '33.33', '33.33']"}]


def test_on_account_and_true_up_over_a_year() -> None:
    periods = settled("quality-points")
    year = periods["2021-22"].payment("local_scheme")
    months = [s.payment("local_scheme").on_account for p, s in periods.items() if p != "2021-22"]
    answer = WORKED["on-account-and-true-up"][0]
    assert set(months) == {given(answer["monthly"])}
    assert sum(months) == given(answer["paid_on_account"])
    assert year.earned == 100_000
    assert year.net == given(answer["true_up"])
    assert periods["2021-22"].paid("nhs", "practice", "local_scheme") == given(answer["true_up"])
