"""How memory grows over many runs of durable_rules in one process: `python -m tests.rules.matcher_memory --runs 10000`.

Every fifth run is made to fail on the way, since what a failure leaves behind counts too.
"""

from __future__ import annotations

import argparse
import sys
from random import Random

from alliance.rules.matcher import Fact, MatcherError, RuleSet, durable
from tests.rules.matcher_cases import a_case

WARM_UP = 300
CASES = 30


def peak() -> int:
    """The most memory that the process has held so far, in kB."""
    import resource  # not on Windows, where this is not run and yet may be imported

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def growth(runs: int) -> int:
    """By how many kB the peak rises from the end of the warming up to the end."""
    cases = [a_case(Random(number)) for number in range(CASES)]
    for number in range(WARM_UP):
        one_run(*cases[number % CASES], failing=number % 5 == 0)
    before = peak()
    for number in range(runs):
        one_run(*cases[number % CASES], failing=number % 5 == 0)
    return peak() - before


def one_run(ruleset: RuleSet, facts: list[Fact], failing: bool) -> None:
    most, durable.MAX_MATCHES = durable.MAX_MATCHES, 1 if failing else durable.MAX_MATCHES
    try:
        durable.matches(ruleset, facts)
    except MatcherError:
        if not failing:
            raise
    finally:
        durable.MAX_MATCHES = most


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures the growth of memory.")
    parser.add_argument("--runs", type=int, default=10_000)
    runs = parser.parse_args().runs
    print(f"{growth(runs)} kB over {runs} runs")
