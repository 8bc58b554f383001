"""How memory grows over many settlements with rules in one process: `python -m tests.rules.settlement_memory`."""

from __future__ import annotations

import argparse
from random import Random

from alliance.settlement.settle import settle
from tests.rules.matcher_memory import peak
from tests.rules.rule_cases import contract_of, facts_of

WARM_UP = 500
CONTRACTS, SETS = 4, 25


def growth(settlements: int) -> int:
    """By how many kB the peak rises from the end of the warming up to the end."""
    random = Random(7)
    contracts = [contract_of(random, 6)[0] for _ in range(CONTRACTS)]
    facts = [facts_of(random) for _ in range(SETS)]
    before = 0
    for number in range(WARM_UP + settlements):
        if number == WARM_UP:
            before = peak()
        settle(contracts[number % CONTRACTS], "2026-27 Q1", facts[number % SETS], examples=False, keep=False)
    return peak() - before


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settlements", type=int, default=10_000)
    asked = parser.parse_args()
    print(f"{growth(asked.settlements)} kB over {asked.settlements} settlements")
