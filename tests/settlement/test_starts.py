"""The start of a payment over a period: quarters and twelfths, and what a change within it divides."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.settlement.helpers import MONTHS, QUARTERS, contract, earned, moves, quarters, settled

BLOCK = """\
terms: {fee: {unit: GBP a year, %s}}
figures: {seen: {is: fee}}
payments: {p: {pays_for: block, start: fee, from: icb, to: acute}}
"""


def start_of(found: object) -> object:
    """A payment's start, before it is rounded."""
    return found.payment("p").waterfalls[0].lines[0].after  # type: ignore[attr-defined]


@pytest.mark.parametrize(("settles", "period", "expected"), [
    ("yearly", "2026-27", 1200),
    ("quarterly", "2026-27 Q1", 300),
    ("quarterly", "2026-27 Q4", 300),  # whatever its days
    ("monthly", "2027-02", 100),
    ("monthly", "2026-05", 100),
])  # fmt: skip
def test_a_yearly_amount_is_a_quarter_in_a_quarter_and_a_twelfth_in_a_month(
    settles: str, period: str, expected: int
) -> None:
    made = contract(BLOCK % "value: 1200", settles=settles)
    found = settled(made, period)
    assert (earned(found), found.figure("seen")) == (expected, expected)


def test_a_change_in_a_quarter_divides_that_quarter_by_its_own_days() -> None:
    # Q1 has 91 days: 45 (1 April to 15 May) at 365 a quarter of 1460, 46 at a quarter of 2920
    made = contract(BLOCK % "values: {2026-04-01: 1460, 2026-05-16: 2920}", settles="quarterly")
    expected = Fraction(365 * 45 + 730 * 46, 91)
    q1, q2 = settled(made, "2026-27 Q1"), settled(made, "2026-27 Q2")
    assert start_of(q1) == expected == q1.figure("seen")
    assert moves(q1) == ["icb -> acute 549.51"]  # 549.505...
    assert earned(q2) == 730


def test_a_year_is_the_sum_of_its_quarters_and_not_divided_by_its_days() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, values: {2026-04-01: 1460, 2026-05-16: 2920}}}
        payments: {p: {pays_for: block, settles: yearly, start: fee, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    # a quarter of 1460 and 2920 by the days of Q1, and three quarters of 2920
    assert start_of(settled(made)) == Fraction(365 * 45 + 730 * 46, 91) + 3 * 730


def test_a_change_on_the_first_day_of_a_quarter_divides_nothing() -> None:
    made = contract(BLOCK % "values: {2026-04-01: 1460, 2026-07-01: 2920}", settles="quarterly")
    assert [earned(settled(made, q)) for q in QUARTERS] == [365, 730, 730, 730]


def test_a_month_is_divided_where_anything_settles_monthly() -> None:
    """The shortest period that anything settles over is divided, whatever it is read over."""
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, values: {2026-04-01: 1200, 2026-05-16: 2400}}}
        figures: {seen: {is: fee}}
        payments:
          monthly: {pays_for: block, settles: monthly, start: fee, from: icb, to: acute}
          p: {pays_for: block, start: fee, from: icb, to: acute}
        """,
        settles="quarterly",
    )
    may = Fraction(100 * 15 + 200 * 16, 31)
    by_month = {m: settled(made, m).figure("seen") for m in MONTHS[:3]}
    assert by_month == {"2026-04": 100, "2026-05": may, "2026-06": 200}
    assert start_of(settled(made, "2026-27 Q1")) == 300 + may
    assert settled(made, "2026-27 Q1").figure("seen") == 300 + may


def test_a_month_within_a_half_year_is_divided_all_the_same() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, values: {2026-04-01: 1200, 2026-05-16: 2400}}}
        payments:
          monthly: {pays_for: block, settles: monthly, start: fee, from: icb, to: acute}
          p: {pays_for: block, start: fee, from: icb, to: acute}
        """,
        settles="half-yearly",
    )
    # a month of 100, one of 15 days of 100 and 16 of 200, and four of 200
    assert start_of(settled(made, "2026-27 H1")) == 900 + Fraction(100 * 15 + 200 * 16, 31)


def test_the_whole_formula_is_evaluated_per_part_and_the_steps_are_taken_once() -> None:
    # 45 of 91 days at max(365, 500) and 46 at max(730, 500); a deduction of 100 comes off once
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, values: {2026-04-01: 1460, 2026-05-16: 2920}}}
        payments:
          p: {pays_for: block, start: "max(fee, 500 GBP)", steps: [{deduct: 100 GBP}], from: icb, to: acute}
        """,
        settles="quarterly",
    )
    found = settled(made, "2026-27 Q1")
    assert start_of(found) == Fraction(500 * 45 + 730 * 46, 91)
    assert found.payment("p").waterfalls[0].amount == Fraction(500 * 45 + 730 * 46, 91) - 100
    assert len(found.payment("p").waterfalls[0].lines) == 2


def test_a_term_that_is_not_yearly_is_as_it_stands_when_the_period_starts() -> None:
    """A price or a target changes only at the start of a window, in figures and in steps."""
    made = contract(
        """\
        terms: {target: {unit: percent, values: {2026-04-01: 50%, 2026-05-16: 60%}}}
        figures: {aim: {is: target}}
        payments: {p: {pays_for: block, start: 100 GBP, steps: [{multiply: target}], from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    q1, q2 = settled(made, "2026-27 Q1"), settled(made, "2026-27 Q2")
    assert (q1.figure("aim"), earned(q1)) == (Fraction(1, 2), 50)
    assert (q2.figure("aim"), earned(q2)) == (Fraction(3, 5), 60)


def test_in_a_start_such_a_term_is_read_for_each_part() -> None:
    made = contract(
        """\
        terms:
          fee: {unit: GBP a year, value: 3640}
          share: {unit: percent, values: {2026-04-01: 10%, 2026-05-16: 20%}}
        payments: {p: {pays_for: block, start: share * fee, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    # 910 a quarter: 45 days at 10% and 46 at 20%
    assert start_of(settled(made, "2026-27 Q1")) == Fraction(91 * 45 + 182 * 46, 91)


def test_a_derived_term_divides_where_those_it_is_made_of_do() -> None:
    made = contract(
        """\
        terms:
          base: {unit: GBP a year, values: {2026-04-01: 1460, 2026-05-16: 2920}}
          fee: {unit: GBP a year, is: 2 * base}
        payments: {p: {pays_for: block, start: fee, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    assert start_of(settled(made, "2026-27 Q1")) == 2 * Fraction(365 * 45 + 730 * 46, 91)


COMING = """\
icb:       {name: Integrated care board, role: commissioner}
acute:     {name: Acute trust, role: provider}
community: {name: Community trust, role: provider, from: 2026-05-16}
live_in:   {name: Live-in care agency, role: provider, to: 2026-05-15}
"""
EACH = """\
terms: {fee: {unit: GBP a year, by: provider, value: 3640}}
figures: {all_fees: {is: sum(fee for provider)}, own: {each: provider, is: fee}}
payments: {p: {pays_for: block, each: provider, start: fee, from: icb, to: provider}}
"""


def test_a_joiner_and_a_leaver_are_there_by_their_own_days() -> None:
    made = contract(EACH, parties=COMING, settles="quarterly")
    found = settled(made, "2026-27 Q1")
    # 910 a quarter; the first 45 days of 91 and the last 46, both days included: 10 a day
    assert moves(found) == ["icb -> acute 910.00", "icb -> community 460.00", "icb -> live_in 450.00"]
    assert found.figure("all_fees") == 1820
    assert [found.figure("own", k) for k in ("acute", "community", "live_in")] == [910, 460, 450]
    later = settled(made, "2026-27 Q2")
    assert moves(later) == ["icb -> acute 910.00", "icb -> community 910.00"]
    assert later.figure("all_fees") == 1820
    with pytest.raises(KeyError):
        later.figure("own", "live_in")


def test_one_party_coming_does_not_divide_what_another_has() -> None:
    made = contract(EACH, parties=COMING, settles="quarterly")
    lines = settled(made, "2026-27 Q1").payment("p").waterfalls
    assert [(w.of, w.amount) for w in lines] == [("acute", 910), ("community", 460), ("live_in", 450)]


def test_a_start_over_all_parties_counts_those_who_are_there() -> None:
    made = contract(
        """\
        payments: {p: {pays_for: block, start: 91 GBP * count(provider), from: icb, to: acute}}
        """,
        parties=COMING,
        settles="quarterly",
    )
    # two providers on every one of the 91 days, though three are there on some
    assert start_of(settled(made, "2026-27 Q1")) == 182


def test_a_contract_that_starts_and_ends_within_a_quarter() -> None:
    made = contract(BLOCK % "value: 3640", settles="quarterly", term="2026-05-16 2027-05-15")
    first, last = settled(made, "2026-27 Q1"), settled(made, "2027-28 Q1")
    assert (start_of(first), first.figure("seen")) == (460, 460)  # 46 of 91 days of 910
    assert (start_of(last), last.figure("seen")) == (450, 450)  # 45 of 91
    year = settled(made, "2026-27")
    assert earned(year) == 460 + 3 * 910 == year.figure("seen")
    assert [p.period for p in year.payment("p").parts] == list(QUARTERS)
    assert [p.period for p in settled(made, "2027-28").payment("p").parts] == ["2027-28 Q1"]


def test_a_formula_without_terms_is_there_for_the_days_of_the_contract() -> None:
    made = contract(
        "payments: {p: {pays_for: block, start: 910 GBP, from: icb, to: acute}}",
        settles="quarterly",
        term="2026-05-16 2029-03-31",
        parties=PARTY_OF_BOTH,
    )
    assert start_of(settled(made, "2026-27 Q1")) == 910  # no party in hand: it is for the quarter, however long
    each = contract(
        "payments: {p: {pays_for: block, each: provider, start: 910 GBP, from: icb, to: provider}}",
        settles="quarterly",
        term="2026-05-16 2029-03-31",
        parties=PARTY_OF_BOTH,
    )
    assert moves(settled(each, "2026-27 Q1")) == ["icb -> acute 460.00"]  # a party has nothing before it is there


PARTY_OF_BOTH = """\
icb:   {name: Integrated care board, role: commissioner}
acute: {name: Acute trust, role: provider}
"""


def test_amounts_that_are_brought_are_not_divided_by_a_term_that_changes() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, values: {2026-04-01: 1460, 2026-05-16: 2920}}}
        inputs: {cost: {unit: GBP, over_periods: add}}
        payments: {p: {pays_for: block, start: fee - cost, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    assert start_of(settled(made, "2026-27 Q1", {"cost": "91"})) == Fraction(365 * 45 + 730 * 46, 91) - 91


def test_an_input_that_is_a_yearly_rate_is_taken_for_the_period() -> None:
    rate = contract(
        """\
        inputs: {fee: {unit: GBP a year}}
        payments: {p: {pays_for: block, start: fee, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    assert earned(settled(rate, "2026-27 Q2", {"fee": "1200"})) == 300


def test_an_uplift_index_serves_its_own_year_only() -> None:
    made = contract(
        """\
        terms:
          fee: {unit: GBP a year, value: 1000, uplift: {each: 04-01, from: 2027-04-01, by: index}}
          index: {unit: percent, of_the_year: {2027-28: 10%, 2028-29: 5%}}
        figures: {now: {is: index}}
        payments: {p: {pays_for: block, start: fee, from: icb, to: acute}}
        """
    )
    found = {year: settled(made, year) for year in ("2026-27", "2027-28", "2028-29")}
    assert [earned(f) for f in found.values()] == [1000, 1100, 1155]
    assert [str(f.figure("now")) for f in found.values()] == ["index on 2026-04-01 is missing", "1/10", "1/20"]


def test_a_term_on_a_date_and_by_another_party() -> None:
    made = contract(
        """\
        terms:
          fee: {unit: GBP a year, by: provider, values: {2026-04-01: {acute: 100, community: 200, live_in: 300}, 2027-04-01: {acute: 1000}}}
          price: {unit: GBP, values: {2026-04-01: 7, 2027-04-01: 8}}
        figures:
          later: {is: price on 2027-06-01}
          theirs: {is: fee by community}
          rate: {unit: GBP a year, is: fee by acute on 2027-04-01}
          own: {each: provider, is: fee by party on 2027-05-01 + (fee by live_in on 2026-05-01)}
        """
    )
    found = settled(made)
    assert found.figure("later") == 8
    assert found.figure("theirs") == 200
    assert found.figure("rate") == 1000
    assert found.figure("own", "acute") == 1300


def test_quarters_that_are_settled_one_by_one_add_up_to_the_year() -> None:
    made = contract(BLOCK % "values: {2026-04-01: 1000.01, 2026-12-25: 3000.03}", settles="quarterly")
    last = quarters(made)
    assert moves(settled(made, "2026-27", opening=last)) == []


def test_a_formula_may_read_the_period_itself() -> None:
    made = contract(
        """\
        figures: {long: {is: period.days}, first: {is: period.start}, last_day: {is: period.end}}
        payments: {p: {pays_for: block, start: 2 GBP * (period.days / (1 day)), from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    found = settled(made, "2026-27 Q1")
    assert (found.figure("long"), str(found.figure("first")), str(found.figure("last_day"))) == (
        91,
        "2026-04-01",
        "2026-06-30",
    )
    assert earned(found) == 182


@pytest.mark.parametrize(
    ("day", "price"), [("2026-04-01", 91), ("2026-05-15", 91), ("2026-05-16", 182), ("2026-06-30", 182)]
)
def test_a_record_belongs_to_the_stretch_of_its_day(day: str, price: int) -> None:
    made = contract(
        """\
        terms: {price: {unit: GBP a year, values: {2026-04-01: 364, 2026-05-16: 728}}}
        inputs: {visits: {records: {day: date}, dated: day}}
        payments: {p: {pays_for: block, each: visits, start: price, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    assert earned(settled(made, "2026-27 Q1", {"visits": [{"day": day}]})) == price


JOINED = """\
icb: {name: Board, role: commissioner}
a: {name: A, role: partner}
b: {name: B, role: partner}
c: {name: C, role: partner, from: 2026-05-16}
"""
SHARED_OUT = """\
terms:
  money: {unit: GBP a year, by: partner, value: {a: 6_000, b: 4_000, c: 500}}
  steep: {unit: percent, values: {2026-04-01: 10%, 2026-06-01: 20%}}
figures:
  part: {each: partner, is: money / sum(money for partner)}
  tax: {each: partner, curve: {of: part, points: {0%: 0%, 100%: steep}}}
  band: {each: partner, bands: {of: part, bands: [{below: 50%, gives: steep}, {from: 50%, gives: 0%}]}}
  mixed: {each: partner, weighted: {part: 50%, tax: 50%}}
payments:
  by_figure: {pays_for: block, each: partner, start: 1000 GBP * %s, from: partner, to: icb}
  by_formula: {pays_for: block, each: partner, start: 1000 GBP * %s, from: partner, to: icb}
"""
PART = "(money / sum(money for partner))"


@pytest.mark.parametrize(
    ("figure", "formula"),
    [
        ("part", PART),
        ("tax", f"({PART} * steep)"),
        ("band", f"(steep if {PART} < 50% else 0%)"),
        ("mixed", f"(({PART} + {PART} * steep) / 2)"),
    ],
)
def test_a_figure_in_a_start_is_as_what_it_says_in_its_place(figure: str, formula: str) -> None:
    """What is named is worked out for each stretch too, where a party joins or a term changes."""
    made = contract(SHARED_OUT.replace("%s", figure, 1).replace("%s", formula, 1), settles="quarterly", parties=JOINED)
    found = settled(made, "2026-27 Q1")
    amounts = [{w.of: w.amount for w in found.payment(p).waterfalls} for p in ("by_figure", "by_formula")]
    assert amounts[0] == amounts[1]
    assert set(amounts[0]) == {"a", "b", "c"}
    if figure == "part":
        assert sum(amounts[0].values()) == 1000  # who shares in it has the whole of it at any time
        assert amounts[0]["c"] == 1000 * Fraction(500, 10_500) * Fraction(46, 91)


def test_who_joins_later_is_told_in_the_stretches_of_the_others() -> None:
    made = contract(SHARED_OUT.replace("%s", "part"), settles="quarterly", parties=JOINED)
    lines = [w.lines[0] for w in settled(made, "2026-27 Q1").payment("by_figure").waterfalls]
    assert [[(str(d.over.start), str(d.over.end)) for d in line.details if d.over] for line in lines] == [
        [("2026-04-01", "2026-05-15"), ("2026-05-16", "2026-06-30")],
        [("2026-04-01", "2026-05-15"), ("2026-05-16", "2026-06-30")],
        [("2026-05-16", "2026-06-30")],
    ]
