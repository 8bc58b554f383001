"""Protection of small providers over a year: losses, and who is still to be paid."""

from __future__ import annotations

from typing import Any

import pytest

from alliance.settlement.settle import settle
from tests.rules.pack_years import Q1, example_of, holds_of_any_year

ENDS = ("2026-06-30", "2026-09-30", "2026-12-31")
PAID = [
    {"payee": "harbour", "up_to": end, "on": on}
    for end, on in zip(ENDS, ("2026-07-14", "2026-12-01", "2027-01-15"), strict=True)
]


def known(spend: int, day: str) -> dict[str, Any]:
    return {"spend": spend, "paid_to_small": [p for p in PAID if p["on"] <= day]}


def test_a_year() -> None:
    spends = (108_000, 92_000, 100_000, 96_000)
    days = ("2026-06-30", "2026-09-30", "2026-10-20", "2027-03-31")
    each = [known(s, d) for s, d in zip(spends, days, strict=True)]
    year = {"periods": dict(zip([f"2026-27 Q{n}" for n in (1, 2, 3, 4)], [{"spend": s} for s in spends], strict=True)),
            "paid_to_small": PAID}  # fmt: skip
    found = holds_of_any_year("small-provider-protection", each, year)
    assert [s.payment("share").earned for s in found] == [-6_000, 8_000, 0, 4_000, 6_000]
    late = [[n.to for n in s.notices] for s in found[:4]]
    assert late == [[], [], ["voices", "council"], []]  # the second quarter's was owed by 14 October


@pytest.mark.parametrize("spend", [90_000, 99_999, 100_000, 100_001, 100_003, 133_333])
def test_the_others_bear_what_they_would_have(spend: int) -> None:
    s = settle(example_of("small-provider-protection"), Q1, {"spend": spend})
    shares = {p: s.paid("council", p, "share") - s.paid(p, "council", "share") for p in ("trust", "lantern", "harbour")}
    gain = 100_000 - spend
    assert shares["harbour"] >= 0
    assert abs(shares["trust"] - gain / 2) <= 0.01
    assert abs(shares["lantern"] - gain / 4) <= 0.01
    assert shares["harbour"] == (shares["lantern"] if gain > 0 else 0)
