"""Every form of a formula over records is counted in an engine as one by one, from text and from typed columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.measures.connected import opened
from alliance.measures.rendered import Store
from tests.measures.records import CONTRACT, asks, by_hand, in_engine, plain, rows, write_csv, write_parquet

GIVEN = rows(3, 240)
IN_COLUMNS = {
    "a sign turned": "-scored >= -1",
    "a size": "abs(scored) > 2",
    "a number as days": "days(scored) < nights",
    "whole numbers among some": "mood in (1, 2, 5)",
    "numbers among others": "scored not in (1, 2.5, mood)",
    "days among some": "left in (2024-02-29, 2024-03-31, entered)",
    "options not among some": "level not in (low, high)",
    "truth beside a fixed one": "warm = true",
    "truth beside truth": "not (warm = safe)",
    "truth that may be chosen": "(warm if mood > 2 else true) = safe",
    "truth in place of none": "warm else false",
    "an option that may be chosen": "(level if safe else middle) = low",
    "a text that may be chosen": '(person if safe else "p1") = "p1"',
    "a day that may be chosen": "(left if safe else 2024-06-30) > entered",
    "a day in place of none": "(seen else 2024-01-01) >= 2024-02-01",
    "a fixed day first": "2024-03-31 < left",
    "a fixed number first": "100.00 GBP >= cost",
    "a fixed sum first": "30.5 GBP + refund > cost",
    "days after a day": "entered + 30 days > left",
    "days before a day is said": "30 days + entered > left",
    "days before a day": "left - 10 days > entered",
    "between two days": "left - entered > 13 days",
    "between a day and a fixed one": "left - 2024-01-01 > 50 days",
    "the smallest of three": "min(cost, refund, 50.00 GBP) > 10.00 GBP",
    "the latest of two": "max(left, seen) > entered + 20 days",
    "a field several times": "mood * 3 > 7",
    "a part of a field": "cost / 3 > 20.00 GBP",
    "less than a field can hold": "mood > -5",
    "more than a column holds": "cost < 900_000_000 GBP",
    "more places than a field has": "scored != 2.00000000001",
    "more places, and equal": "mood = 2.00000000001",
    "known": "seen is known and scored is known",
    "not known": "seen is not known or risk is not known",
    "the same for every record": "2 > 1",
}
NOT_IN_COLUMNS = {
    "months after a day": "entered + 1 month > left",
    "months before a day": "left - 2 months > entered",
    "the month of a day": "month(entered) = 4",
    "the year of a day": "year(left) = 2024",
    "held between": "clamp(mood, 2, 4) = 3",
    "a quotient by a field": "cost / mood > 40.00 GBP",
    "a quotient by nothing": "mood / (1 - 1) > 1",
    "not known for any": "mood > 1 / (2 - 2)",
    "a part of a day after a day": "entered + wait / 7 > left",
    "a number past 64 bits": "cost > 99_999_999_999_999_999_999 GBP",
    "a number past 64 bits in a sum": "scored + 99_999_999_999_999_999_999 > scored",
    "a share of a field": "cost * risk > 5.00 GBP",
    "a product past 64 bits": "mood * mood * scored * scored * scored > 5",
    "rounded": "round_up(scored) = mood",
}


def contract(where: str) -> Contract:
    text, _, _ = CONTRACT.partition("measures:\n")
    return alliance.loads(
        f"{text}measures:\n  found: {{proportion: {{of: visits, where: '{where}'}}, by: provider, window: year}}\n"
    )


@pytest.mark.parametrize("typed", [False, True], ids=["text", "typed"])
@pytest.mark.parametrize("form", [*IN_COLUMNS, *NOT_IN_COLUMNS])
def test_a_form_is_counted_as_one_by_one(form: str, typed: bool, tmp_path: Path) -> None:
    made = contract((IN_COLUMNS | NOT_IN_COLUMNS)[form])
    asked = asks(made, ("2024-25",), date(2026, 3, 31))
    place = (write_parquet if typed else write_csv)(tmp_path / f"v.{'parquet' if typed else 'csv'}", GIVEN)
    found, prepared = in_engine(made, asked, opened(str(place)), Store())
    assert plain(found) == plain(by_hand(made, asked, GIVEN))
    assert set(prepared.plan().plain) == ({"found"} if form in NOT_IN_COLUMNS else set())
