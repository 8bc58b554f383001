"""A year is the sum of its quarters, recomputed on final data, each with its own rules and limits."""

from __future__ import annotations

from fractions import Fraction

from tests.settlement.helpers import MONTHS, QUARTERS, balance, contract, earned, moves, one_payment, quarters, settled

PLAIN = "start: x\nsteps: [{at_most: 50 GBP}]\nfrom: icb\nto: acute"


def test_each_quarter_has_its_own_limits() -> None:
    made = one_payment(PLAIN, settles="quarterly")
    # 50, 10, 50 and 10: not the 220 of the year held to fifty
    data = {q: {"x": x} for q, x in zip(QUARTERS, ("100", "10", "100", "10"), strict=True)}
    year = settled(made, "2026-27", {"periods": data})
    assert (earned(year), moves(year)) == (120, ["icb -> acute 120.00"])
    parts = year.payment("p").parts
    assert [(p.period, p.earned) for p in parts] == list(zip(QUARTERS, (50, 10, 50, 10), strict=True))
    assert [(x.kind, x.name, x.after) for x in year.payment("p").lines] == [
        ("part", q, a) for q, a in zip(QUARTERS, (50, 10, 50, 10), strict=True)
    ]


def test_the_year_after_its_quarters_moves_nothing_and_on_later_data_the_difference() -> None:
    made = one_payment(PLAIN, settles="quarterly")
    data = {q: {"x": x} for q, x in zip(QUARTERS, ("100", "10", "100", "10"), strict=True)}
    last = quarters(made, data)
    assert moves(settled(made, "2026-27", {}, last)) == []
    year = settled(made, "2026-27", {"periods": {QUARTERS[1]: {"x": "45"}}}, last)
    assert moves(year) == ["icb -> acute 35.00 (true-up)"]


def test_a_payment_by_the_year_is_worked_out_on_the_whole_year() -> None:
    made = one_payment(
        "start: x\nsettles: yearly\nsteps: [{at_most: 50 GBP}]\nfrom: icb\nto: acute", settles="quarterly"
    )
    data = {q: {"x": "30"} for q in QUARTERS}
    last = quarters(made, data)
    assert last.closing.moved == ()
    assert moves(settled(made, "2026-27", {}, last)) == ["icb -> acute 50.00"]


NESTED = """\
accounts: {pool: {}}
inputs: {x: {unit: GBP, over_periods: add}}
payments:
  by_month: {pays_for: outcome, settles: monthly, start: x, from: icb, to: pool}
  by_quarter: {pays_for: outcome, settles: quarterly, start: 50% * pool.balance, from: pool, to: acute}
  by_year: {pays_for: outcome, settles: yearly, start: pool.balance, from: pool, to: council}
"""


def test_quarters_of_months_in_a_year_of_quarters() -> None:
    made = contract(NESTED, settles="quarterly")
    months = {m: {"x": "10"} for m in MONTHS}
    found = None
    for n, label in enumerate(QUARTERS):
        for month in MONTHS[3 * n : 3 * n + 3]:
            found = settled(made, month, months[month], found)
        found = settled(made, label, {}, found)
    assert found is not None
    # 30 a quarter, half of what is there paid out: 15, 22.50, 26.25, 28.125 (28.13)
    assert [m.amount for m in found.closing.moved if m.payment == "by_quarter"] == [
        Fraction(x) for x in ("15", "22.50", "26.25", "28.13")
    ]
    assert balance(found, "pool") == Fraction("28.12")
    year = settled(made, "2026-27", {}, found)
    assert moves(year) == ["pool -> council 28.12"]
    assert [p.earned for p in year.payment("by_quarter").parts] == [
        Fraction(x) for x in ("15", "22.50", "26.25", "28.13")
    ]
    # without any quarter settled before, the year alone comes to the same
    alone = settled(made, "2026-27", {"periods": months})
    assert moves(alone) == ["icb -> pool 120.00", "pool -> acute 91.88", "pool -> council 28.12"]
    # and where an early month was really more, all that follows moves with it
    later = settled(made, "2026-27", {"periods": {MONTHS[0]: {"x": "26"}}}, year)
    assert moves(later) == [
        "icb -> pool 16.00 (true-up)",
        "pool -> acute 15.00 (true-up)",  # 8 + 4 + 2 + 1
        "pool -> council 1.00 (true-up)",
    ]
    assert balance(later, "pool") == 0


def test_a_quarter_within_the_year_opens_on_what_the_last_one_left() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          a: {pays_for: block, start: 100 GBP, from: icb, to: pool}
          p: {pays_for: outcome, start: 10% * pool.opening + 1% * pool.in, from: icb, to: acute}
        """,
        settles="quarterly",
    )
    last = quarters(made)
    assert [m.amount for m in last.closing.moved if m.payment == "p"] == [1, 11, 21, 31]
    assert moves(settled(made, "2026-27", {}, last)) == []


def test_what_is_brought_adds_up_over_its_periods() -> None:
    made = contract(
        """\
        inputs:
          added: {unit: count, over_periods: add}
          meant: {unit: count, over_periods: mean}
          last_one: {unit: count, over_periods: last}
          same_one: {unit: count, over_periods: same}
          plain: {unit: count}
        figures: {a: {is: added}, m: {is: meant}, l: {is: last_one}, s: {is: same_one}, p: {is: plain}}
        payments: {p_: {pays_for: outcome, start: 1 GBP * same_one, from: icb, to: acute}}
        """.replace("p_:", "paid:"),
        settles="quarterly",
    )
    data = {q: {"added": n, "meant": n, "last_one": n, "same_one": 7, "plain": n} for n, q in enumerate(QUARTERS, 1)}
    year = settled(made, "2026-27", {"periods": data})
    assert [str(year.figure(k)) for k in "amls"] == ["10", "5/2", "4", "7"]
    assert str(year.figure("p")) == "plain is missing"  # what does not say how is not added up
    own = settled(made, "2026-27", {"periods": data, "added": 11, "plain": 3, "same_one": 5})
    assert [own.figure(k) for k in "asp"] == [11, 5, 3]  # what is brought for the year itself comes first
    assert earned(own, "paid") == 28


def test_what_is_brought_for_the_year_serves_its_quarters_too_unless_it_is_money() -> None:
    made = contract(
        """\
        inputs: {rate: {unit: percent}, x: {unit: GBP}, n: {unit: count, over_periods: add}}
        payments:
          p: {pays_for: outcome, start: 100 GBP, steps: [{multiply: rate}], from: icb, to: acute}
          q: {pays_for: outcome, start: x, from: icb, to: acute}
          r: {pays_for: outcome, start: 1 GBP * n, from: icb, to: acute}
        """,
        settles="quarterly",
    )
    year = settled(made, "2026-27", {"rate": "50%", "x": "10", "n": "4"})
    assert earned(year) == 200
    assert year.payment("q").reasons == tuple(f"{q}: x is missing" for q in QUARTERS)
    assert year.payment("r").reasons == tuple(f"{q}: n is missing" for q in QUARTERS)


def test_one_part_that_is_missing_or_provisional() -> None:
    made = contract("inputs: {x: {unit: GBP, over_periods: add}}\nfigures: {f: {is: x}}", settles="quarterly")
    periods = {q: {"x": "1"} for q in QUARTERS}
    assert settled(made, "2026-27", {"periods": periods}, kind="final").figure("f") == 4
    some = {**periods, QUARTERS[2]: {"x": {"value": "1", "status": "provisional"}}}
    assert settled(made, "2026-27", {"periods": some}).figure("f") == 4
    assert "only provisional" in str(settled(made, "2026-27", {"periods": some}, kind="final").figure("f"))
    lost = {**periods, QUARTERS[2]: {"x": {"status": "suppressed"}}}
    assert str(settled(made, "2026-27", {"periods": lost}).figure("f")) == "x is missing"


def test_months_add_up_to_a_quarter_and_to_a_year() -> None:
    made = contract("inputs: {x: {unit: GBP, over_periods: add}}\nfigures: {f: {is: x}}", settles="quarterly")
    months = {m: {"x": "1"} for m in MONTHS}
    assert settled(made, QUARTERS[1], {"periods": months}).figure("f") == 3
    assert settled(made, "2026-27", {"periods": months}).figure("f") == 12


def test_a_year_with_a_loss_in_a_quarter_nets_it() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute", settles="quarterly")
    data = {q: {"x": x} for q, x in zip(QUARTERS, ("-100", "50", "10", "20"), strict=True)}
    year = settled(made, "2026-27", {"periods": data})
    assert (earned(year), moves(year), year.payment("p").net) == (-20, ["acute -> icb 20.00"], -20)
    last = quarters(made, data)
    again = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "-70"}}}, last)
    assert (moves(again), again.payment("p").before, again.payment("p").net) == (
        ["icb -> acute 30.00 (true-up)"],
        -20,
        30,
    )


def test_what_stays_with_the_payer_adds_up() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nslices: [{up_to: 60 GBP, to: acute}]",
        "figures: {left: {is: p.kept}}\n",
        settles="quarterly",
    )
    year = settled(made, "2026-27", {"periods": {q: {"x": "100"} for q in QUARTERS}})
    assert year.figure("left") == 160


def test_what_each_category_has_adds_up() -> None:
    made = contract(
        """\
        categories: {kind: [home, away]}
        terms: {price: {unit: GBP, by: kind, value: {home: 10, away: 20}}}
        figures: {of_away: {is: p.earned by away}, of_acute: {is: p.earned by acute}}
        payments: {p: {pays_for: outcome, each: kind, start: price, from: icb, to: acute}}
        """,
        settles="quarterly",
    )
    assert [settled(made, QUARTERS[0]).figure(k) for k in ("of_away", "of_acute")] == [20, 30]
    assert [settled(made, "2026-27").figure(k) for k in ("of_away", "of_acute")] == [80, 120]


OF_RECORDS = """\
inputs: {v: {records: {on: date, cost: GBP}, dated: on}}
measures: {dear: {proportion: {of: v, where: cost > 15 GBP}}}
payments:
  p: {pays_for: block, each: v, start: cost, from: icb, to: acute}
  q: {pays_for: block, start: 100 GBP * (dear else 0%), from: icb, to: acute}
"""


def test_a_year_without_the_records_of_a_quarter_that_had_some_takes_nothing_back() -> None:
    """Records are not kept, so a year is brought those of all its quarters. Where a quarter had some and has none now,
    they are missing, and what was paid for them stands."""
    made = contract(OF_RECORDS, settles="quarterly")
    first, second = (
        [{"on": "2026-05-01", "cost": "10"}, {"on": "2026-06-01", "cost": "20"}],
        [{"on": "2026-08-01", "cost": "30"}],
    )
    q1 = settled(made, "2026-27 Q1", {"v": first})
    q2 = settled(made, "2026-27 Q2", {"v": second}, q1)
    some = settled(made, "2026-27", {"v": second}, q2)
    assert moves(some) == []
    assert some.payment("p").reasons == (
        "2026-27 Q1: v of 2026-27 Q1, of which there were 2 when it was settled, is missing",
    )
    assert some.payment("q").status == "determined"  # the measure stands as it was worked out then
    assert moves(settled(made, "2026-27", {"v": second}, some)) == []
    every = settled(made, "2026-27", {"v": [*first, *second]}, q2)
    assert (moves(every), every.payment("p").status) == ([], "determined")
    # the quarter itself may have none after all
    none = settled(made, "2026-27 Q1", {"v": second}, q2)
    assert moves(none) == ["acute -> icb 30.00 (true-up)", "acute -> icb 50.00 (true-up)"]
