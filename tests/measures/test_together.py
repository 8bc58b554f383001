"""Counts that are published beside each other: an adversary who is told every shown count to the unit."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.measures.coarse import coarse_mean, coarse_ratio, figures
from alliance.measures.hiding import LEAST_POSSIBLE, small
from alliance.measures.together import Line, hidden

KEYS = "abcdefghijkl"


def line(measure: str, key: str = "", *counts: int, beside: Sequence[int] = (), **more: str) -> Line:
    return Line(measure, key, "visits", counts, tuple(beside), strata="team" if key else "", **more)


def table(measure: str, hits: Sequence[int], others: Sequence[int], strata: str = "team") -> list[Line]:
    """A share by stratum: its cases, those who met the test, and those who did not."""
    return [
        Line(measure, key, "visits", (a + b, a, b), strata=strata)
        for key, a, b in zip(KEYS, hits, others, strict=False)
    ]


def shown(lines: Sequence[Line]) -> list[str]:
    found = hidden(lines)
    return [f"{one.measure} {one.key}".strip() for i, one in enumerate(lines) if i not in found.lines]


def test_a_stratum_is_hidden_in_every_measure_and_with_another() -> None:
    died = table("died", [3, 31, 42], [57, 89, 98])
    people = [line("people", key, count) for key, count in zip(KEYS, (60, 120, 140), strict=False)]
    assert shown([*died, *people, line("all", "", 320, 76, 244)]) == ["died c", "people c", "all"]


def test_where_strata_are_too_few_their_total_is_hidden_with_all_that_it_could_be_added_up_from() -> None:
    sevens = table("died", [7, 7, 7, 7], [50, 50, 50, 50])
    ages = table("by_age", [14, 14], [90, 110], "age")
    assert shown([*sevens, *ages, line("all", "", 228, 28, 200), line("people", "", 228)]) == ["people"]
    assert shown([*table("died", [1] * 12, [50] * 12), line("all", "", 612, 12, 600)]) == []


def test_what_stands_beside_is_hidden_in_all_strata() -> None:
    lines = [line("m", key, 60, beside=(count, 20)) for key, count in zip(KEYS, (3, 10, 0), strict=False)]
    found = hidden([*lines, line("all", "", 180, beside=(13, 60))])
    assert found.lines == set()
    assert found.beside == {(0, 0), (1, 0), (2, 0)}
    sevens = [line("m", key, 60, beside=(7,)) for key in "abcd"]
    assert (4, 0) in hidden([*sevens, line("all", "", 240, beside=(28,))]).beside


def test_of_several_cuts_one_is_published_where_any_count_is_small() -> None:
    def cuts(few: int) -> list[Line]:
        return [
            Line("all", "", "visits", (320,), cut="all"),
            Line("died", "", "visits", (320, 76, 244), cut="all"),
            Line("ash", "", "visits", (60, few, 60 - few), cut="ash"),
            Line("rest", "", "visits", (260, 76 - few, 184 + few), cut="rest"),
            Line("pairs", "", "visits", (50,), unit="pair", cut="pairs"),
        ]

    assert shown(cuts(3)) == ["all", "died", "pairs"]
    assert shown(cuts(20)) == ["all", "died", "ash", "rest", "pairs"]


def test_two_counts_do_not_differ_by_one_that_is_hidden() -> None:
    old = [line("died", "", 320, 76, 244), line("died_old", "", 320, 73, 247), line("died_young", "", 320, 3, 317)]
    assert shown(old) == ["died"]
    assert shown(old[:2]) == ["died", "died_old"]


COUNTS = st.sampled_from([0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 20])


@settings(max_examples=300)
@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=4), st.booleans(), st.integers(0, 60))
def test_nobody_can_tell_a_small_count_from_totals_known_to_the_unit(
    strata: list[tuple[int, int]], aged: bool, at: int
) -> None:
    hits, others = [a for a, _ in strata], [b for _, b in strata]
    lines = table("died", hits, others)
    met, not_met = sum(hits), sum(others)
    lines.append(line("all", "", met + not_met, met, not_met))
    if aged:
        young = min(at, met)
        lines += table("by_age", [young, met - young], [not_met, 0], "age")
    found = hidden(lines)
    open_ = [i for i in range(len(lines)) if i not in found.lines]
    for i in open_:
        assert not any(small(count) for count in lines[i].counts)
    ages = [i for i, one in enumerate(lines) if one.measure == "by_age"]
    total = len(strata) in open_ or (ages and all(i in open_ for i in ages))
    if not total:
        return
    for column in range(3):
        true = [lines[i].counts[column] for i in range(len(strata))]
        secret = [i for i in range(len(strata)) if i in found.lines]
        together = sum(true[i] for i in secret)
        assert not small(together)
        ranges = [range(1, 8) if small(true[i]) else range(8, together + 1) if true[i] else range(1) for i in secret]
        could: list[set[int]] = [set() for _ in secret]
        for tried in itertools.product(*ranges[:-1]):
            left = together - sum(tried)
            if secret and left in ranges[-1]:
                for seen, value in zip(could, (*tried, left), strict=True):
                    seen.add(value)
        for seen, i in zip(could, secret, strict=True):
            assert true[i] in seen
            assert not small(true[i]) or len(seen) >= LEAST_POSSIBLE


# what is no count


@settings(max_examples=150)
@given(st.integers(8, 150).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([1, 4, 37]))
def test_a_mean_of_two_values_tells_no_number_of_people(case: tuple[int, int], high: int) -> None:
    """Somebody who knows that each value is one of two, and how many people there are, is left with several counts."""
    hits, cases = case
    told = coarse_mean(Fraction(hits * high, cases), cases, (0, high))
    could = [n for n in range(cases + 1) if coarse_mean(Fraction(n * high, cases), cases, (0, high)) == told]
    assert hits in could
    assert len(could) > 1 or hits in (0, cases)
    assert len(could) > 2 or cases <= 12 or min(hits, cases - hits) < 3


@settings(max_examples=150)
@given(st.integers(1, 150), st.integers(8, 100))
def test_a_rate_does_not_tell_how_many_it_is_over(over: int, hits: int) -> None:
    told = coarse_ratio(hits, over, over, (0, 1))
    assert (told is None) == (over < 8)
    if told is not None:
        assert sum(coarse_ratio(hits, n, n, (0, 1)) == told for n in range(max(over - 10, 8), over + 10)) >= 5


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (figures(0), 0),
        (figures(Fraction(-1985, 1000)), -2),
        (figures(Fraction(476, 10)), 48),
        (coarse_mean(5, 7, (0, 9)), None),
        (coarse_mean(5, 60, None), None),
        (coarse_mean(Fraction(271, 10), 60, (Fraction(271, 10),) * 2), 27),
        (coarse_mean(Fraction(-1, 3), 60, (-4, 4)), 0),
        (coarse_ratio(0, 100, 100, (0, 1)), 0),
        (coarse_ratio(10, 100, 100, (-1, 1)), None),
        (coarse_ratio(10, 100, 100, (0, 0)), None),
        (coarse_ratio(10, 0, 100, (0, 1)), None),
        (coarse_ratio(10, 100, 100, None), None),
        (coarse_ratio(10, 100, 100, (0, 20)), None),
    ],
)
def test_what_is_no_count(told: object, expected: object) -> None:
    assert told == expected
