"""The targets of `make fuzz` over their seeds, what was found before, and changes of them that are always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

import pytest

import alliance
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import GIVEN, HEAD, TARGETS

CHANGED = {"contract": 150, "formula": 600, "csv": 600, "json": 600, "yaml": 400, "xlsx": 150}


def changed(found: list[bytes], times: int) -> Iterator[bytes]:
    """Seeds with pieces taken out, doubled, put in from others, or with a byte that is another one."""
    made = random.Random(1)
    for _ in range(times):
        data = bytearray(made.choice(found))
        for _ in range(made.randint(1, 4)):
            at = made.randint(0, len(data))
            size = made.randint(1, 12)
            other = made.choice(found)
            start = made.randint(0, len(other))
            how = made.randint(0, 3)
            if how == 0:
                del data[at : at + size]
            elif how == 1:
                data[at:at] = data[at : at + size] * made.choice((1, 2, 50))
            elif how == 2:
                data[at : at + made.choice((0, size))] = other[start : start + 3 * size]
            elif at < len(data):
                data[at] = made.choice((0, 10, 34, 35, 44, 58, 91, 123, 0xE2, made.randint(0, 255)))
        yield bytes(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_what_was_found_break_nothing(name: str) -> None:
    for data in seeds(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_break_nothing(name: str) -> None:
    found = list(seeds(name))
    for data in changed(found, CHANGED[name]):
        try:
            TARGETS[name](data)
        except Exception as error:
            error.add_note(f"of {data!r}")
            raise


def test_the_contract_that_formulas_are_put_in_stands() -> None:
    made = alliance.loads(HEAD + "  f: {is: sum(cost for visits where ok) + spend}\n")
    assert alliance.settle(made, "2026-27", GIVEN).figure("f") == Fraction("1010.015")
