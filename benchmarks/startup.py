"""What a command costs before it does anything, and what settling one contract adds."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.timing import call_seconds, process_seconds, python, ratio, said

GALLERY = Path(__file__).parents[1] / "contracts"
HOME = GALLERY / "together-for-better-lives"
SETTLE = [
    "-m",
    "alliance",
    "settle",
    str(HOME),
    "--period",
    "2027-28 Q1",
    "--inputs",
    str(HOME / "data/2027-28-Q1.csv"),
]
SETTLE += ["--data", f"places={HOME}/data/places.csv", "--data", f"packages={HOME}/data/packages.csv"]


def run(runs: int) -> None:
    print("Start-up, processor time of whole processes:")
    click = python("-c", "import click")
    said(
        "alliance --version",
        "bare Python importing click",
        ratio(lambda: process_seconds(python("-m", "alliance", "--version")), lambda: process_seconds(click), runs),
    )
    said(
        "settling a quarter of the gallery's contract",
        "bare Python importing click",
        ratio(lambda: process_seconds(python(*SETTLE)), lambda: process_seconds(click), runs),
    )
    _stages(runs)


def _stages(runs: int) -> None:
    """The share of each stage, in this process, once everything is imported."""
    import alliance
    from alliance.data.results import read_results
    from alliance.data.table import read_table
    from alliance.settlement.settle import check_examples

    files = HOME / "data"

    def brought() -> object:
        results = read_results(files / "2027-28-Q1.csv")
        results.records = {n: read_table(files / f"{n}.csv") for n in ("places", "packages")}
        return results

    contract = alliance.load(HOME)
    results = brought()

    def examples() -> None:
        contract._memory.pop("examples", None)
        check_examples(contract)

    stages = {
        "load and check the contract": lambda: alliance.load(HOME),
        "run its worked examples": examples,
        "read the results": brought,
        "settle": lambda: alliance.settle(contract, "2027-28 Q1", results, examples=False),
    }
    times = {name: statistics.median(call_seconds(stage) for _ in range(runs)) for name, stage in stages.items()}
    total = sum(times.values())
    print("  of what it does once imported: " + ", ".join(f"{name} {t / total:.0%}" for name, t in times.items()))
