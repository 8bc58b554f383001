"""What is published of small numbers: against the rule's own cases, and an adversary who tries every count."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.measures.hiding import LEAST_POSSIBLE
from alliance.measures.suppression import (
    HIDDEN,
    Shown,
    disclosed,
    disclosed_share,
    disclosed_together,
    in_words,
    small,
)

CASES = {c["id"]: c for c in yaml.safe_load((Path(__file__).parents[1] / "gallery" / "worked.yaml").read_text("utf-8"))}


def test_the_worked_case() -> None:
    """NHS England: 1 to 7 suppressed, otherwise rounded to the nearest 5."""
    case = CASES["disclosure-rounding"]
    shown = [disclosed(int(count)) for count in case["rule"].split(", ")]
    assert [HIDDEN if s is None else s for s in shown] == case["expect"] == [0, "*", "*", 10, 10, 15]
    assert [in_words(s) for s in shown] == ["0", "*", "*", "10", "10", "15"]


@given(st.integers(0, 10**9))
def test_a_count_is_hidden_or_the_nearest_five(count: int) -> None:
    shown = disclosed(count)
    assert (shown is None) == (1 <= count <= 7) == small(count)
    if shown is not None:
        assert shown % 5 == 0
        assert abs(shown - count) <= 2


def test_people_are_not_negative() -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        disclosed(-1)
    with pytest.raises(ValueError, match="counted from 0"):
        line([3, -1])


def test_percentages_are_of_rounded_counts() -> None:
    assert disclosed_share(disclosed(9), disclosed(138)) == Fraction(10, 140)
    assert disclosed_share(disclosed(0), disclosed(138)) == 0
    assert disclosed_share(disclosed(138), disclosed(138)) == 1
    assert disclosed_share(disclosed(7), disclosed(138)) is None
    assert disclosed_share(disclosed(3), disclosed(5)) is None
    assert disclosed_share(disclosed(0), disclosed(0)) is None


def line(counts: Sequence[int]) -> tuple[tuple[Shown, ...], Shown]:
    """Counts and their total as they may be published together."""
    named = {str(n): count for n, count in enumerate(counts)}
    found = disclosed_together({**named, "all": sum(counts)}, [("all", list(named))])
    return tuple(found[name] for name in named), found["all"]


@pytest.mark.parametrize(
    ("counts", "cells", "total"),
    [
        ([3, 22, 41], (None, None, 40), 65),  # one alone could be had from the total, so the next smallest goes too
        ([3, 4, 50], (None, None, 50), 55),
        ([0, 22, 41], (0, 20, 40), 65),
        ([0, 0, 5], (0, 0, None), None),  # the total is the count
        ([7, 7, 7, 7], (None, None, None, None), None),  # 30 could be nothing else
        ([1] * 12, (None,) * 12, None),  # and so could 10, of twelve cells
        ([8, 3], (None, None), None),  # 11 leaves only 1, 2 and 3
        ([5], (None,), None),
        ([30], (30,), 30),
        ([0], (0,), 0),
        ([3, 20, 20], (None, None, 20), 45),  # of equals the first
        ([20, 20, 3], (None, 20, None), 45),
    ],
)
def test_a_line_with_its_total(counts: list[int], cells: tuple[Shown, ...], total: Shown) -> None:
    assert line(counts) == (cells, total)


# an adversary


def known(shown: Shown, count: int) -> range:
    """What is known of an entry by somebody who is even told which of the hidden ones are small."""
    if shown is None:
        return range(1, 8) if 1 <= count <= 7 else range(8, 60)
    return range(max(shown - 2, 8), shown + 3) if shown else range(1)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 20]), min_size=1, max_size=4))
def test_nobody_can_tell_a_cell_of_a_line(counts: list[int]) -> None:
    cells, total = line(counts)
    assert [*cells, total].count(None) != 1 or len(counts) == 1
    could: list[set[int]] = [set() for _ in counts]
    totals = known(total, sum(counts))
    for tried in itertools.product(*(known(s, c) for s, c in zip(cells, counts, strict=True))):
        if sum(tried) in totals:
            for seen, value in zip(could, tried, strict=True):
                seen.add(value)
    for seen, count in zip(could, counts, strict=True):
        assert count in seen
        if small(count) and any([*cells, total]):
            assert len(seen) >= LEAST_POSSIBLE


# counts of which some are the sums of others


def test_named_counts_and_their_sums() -> None:
    counts = {"referred": 150, "excluded": 12, "cases": 138, "readmitted": 9, "home": 129}
    sums = [("referred", ["excluded", "cases"]), ("cases", ["readmitted", "home"])]
    assert disclosed_together(counts, sums) == {
        "referred": 150,
        "excluded": 10,
        "cases": 140,
        "readmitted": 10,
        "home": 130,
    }
    few = {**counts, "readmitted": 3, "home": 135}
    assert disclosed_together(few, sums) == {
        "referred": 150,
        "excluded": 10,
        "cases": 140,
        "readmitted": None,
        "home": None,
    }


def test_a_total_that_is_hidden_in_one_division_is_hidden_in_all() -> None:
    counts = {"all": 28, "a": 7, "b": 7, "c": 7, "d": 7, "x": 14, "y": 14}
    found = disclosed_together(counts, [("all", ["a", "b", "c", "d"]), ("all", ["x", "y"])])
    assert found["all"] is None
    assert [found["x"], found["y"]].count(None) >= 1  # else it could be added up again


def test_sums_are_sums() -> None:
    with pytest.raises(ValueError, match="the parts of a do not add up"):
        disclosed_together({"a": 3, "b": 2}, [("a", ["b"])])
    with pytest.raises(ValueError, match="a part of one total only"):
        disclosed_together({"a": 2, "b": 2, "c": 2}, [("a", ["b"]), ("c", ["b"])])


NUMBERS = st.sampled_from([0, 1, 2, 5, 7, 8, 12, 13, 20])


@settings(max_examples=150)
@given(st.lists(NUMBERS, min_size=2, max_size=3), st.integers(0, 60))
def test_nobody_can_tell_a_part_of_a_total_that_is_divided_twice(parts: list[int], at: int) -> None:
    whole = sum(parts)
    first = min(at, whole)
    counts = {"all": whole, "x": first, "y": whole - first} | {f"p{n}": c for n, c in enumerate(parts)}
    lines = [("all", [f"p{n}" for n in range(len(parts))]), ("all", ["x", "y"])]
    found = disclosed_together(counts, lines)
    for total, names in lines:
        assert [found[total], *(found[n] for n in names)].count(None) != 1
    totals = set(known(found["all"], whole))
    for _, names in lines:
        ranges = [known(found[n], counts[n]) for n in names]
        totals &= {sum(tried) for tried in itertools.product(*ranges)}
    for _, names in lines:
        could: list[set[int]] = [set() for _ in names]
        for tried in itertools.product(*(known(found[n], counts[n]) for n in names)):
            if sum(tried) in totals:
                for seen, value in zip(could, tried, strict=True):
                    seen.add(value)
        for seen, name in zip(could, names, strict=True):
            assert counts[name] in seen
            if small(counts[name]) and any(found.values()):
                assert len(seen) >= LEAST_POSSIBLE
