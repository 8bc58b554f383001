"""Payments on account in equal instalments, and the true-up: the year less what was transferred."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.settlement.state import State
from tests.settlement.helpers import (
    MONTHS,
    PARTIES,
    QUARTERS,
    balance,
    contract,
    earned,
    moves,
    one_payment,
    quarters,
    settled,
    why,
)

BY_MONTH = "start: x\nfrom: icb\nto: acute\non_account: 60% * y"


def test_twelfths_and_a_true_up() -> None:
    """60% of last year's 120,000 in twelfths; this year comes to 100,000."""
    made = one_payment(BY_MONTH)
    found = None
    for month in MONTHS:
        found = settled(made, month, {"periods": {"2026-27": {"y": "120_000"}}}, found)
        assert moves(found) == ["icb -> acute 6000.00 (on account)"]
        p = found.payment("p")
        assert (p.status, p.earned, p.on_account, p.net) == ("on account", 0, 6000, 6000)
    year = settled(made, inputs={"x": "100_000", "y": "120_000"}, opening=found)
    assert moves(year) == ["icb -> acute 28000.00 (true-up)"]
    assert (year.payment("p").earned, year.payment("p").before, year.payment("p").net) == (100000, 72000, 28000)


def test_more_on_account_than_was_earned_goes_back() -> None:
    made = one_payment(BY_MONTH)
    first = settled(made, MONTHS[0], {"periods": {"2026-27": {"y": "1200"}}})
    year = settled(made, inputs={"x": "10", "y": "1200"}, opening=first)
    assert moves(year) == ["acute -> icb 50.00 (true-up)"]
    assert year.payment("p").net == -50


@pytest.mark.parametrize(("settles", "each", "periods", "parts"), [
    ("yearly", "month", MONTHS, ["8.34"] * 4 + ["8.33"] * 8),  # 100.00 in twelfths: 8.33 and four pennies over
    ("quarterly", "", QUARTERS, ["25.00"] * 4),  # by default as often as the contract settles
    ("quarterly", "month", QUARTERS, ["25.02", "25.00", "24.99", "24.99"]),
])  # fmt: skip
def test_instalments_are_split_by_largest_remainder(
    settles: str, each: str, periods: tuple[str, ...], parts: list[str]
) -> None:
    plan = f"{{of_the_year: 100 GBP, each: {each}}}" if each else "100 GBP"
    made = one_payment(f"start: x\nsettles: yearly\nfrom: icb\nto: acute\non_account: {plan}", settles=settles)
    found = None
    for period, part in zip(periods, parts, strict=True):
        found = settled(made, period, opening=found)
        assert moves(found) == [f"icb -> acute {part} (on account)"]
    assert sum(m.amount for m in found.closing.moved) == 100  # type: ignore[union-attr]


def test_quarterly_instalments_fall_due_by_the_quarter() -> None:
    made = one_payment(
        "start: x\nsettles: yearly\nfrom: icb\nto: acute\non_account: {of_the_year: 100 GBP, each: quarter, clause: §4}",
        settles="quarterly",
    )
    first = settled(made, QUARTERS[0])
    assert [(x.kind, x.after, x.note, x.clause) for x in first.payment("p").waterfalls[0].lines] == [
        ("start", 100, "for the year", "§4"),
        ("instalment", 25, "1 of 4 instalments of the year", ""),
    ]
    month = settled(made, "2026-04")
    assert moves(month) == []
    assert [(t.payer, t.payee, t.amount) for t in month.transfers] == [("icb", "acute", 0)]


def test_a_contract_that_starts_within_a_year_pays_in_the_periods_that_it_has() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nto: acute\non_account: {of_the_year: 90 GBP, each: month}", term="2026-07-10 2029-03-31"
    )
    assert moves(settled(made, "2026-07")) == ["icb -> acute 10.00 (on account)"]  # nine months are left


def test_instalments_are_shared_as_the_payment_is() -> None:
    made = one_payment(
        "start: x\nfrom: {icb: 60%, council: 40%}\nto: {acute: 50%, community: 50%}\non_account: 100.02 GBP"
    )
    # the year first: 50.01 each, of them 30.01 and 30.00, 20.00 and 20.01; then each in twelfths
    months = [settled(made, m) for m in MONTHS]
    paid = [[sum(t.amount for t in s.transfers if (t.payer, t.payee) == ends) for s in months] for ends in (
        ("icb", "acute"), ("council", "acute"), ("icb", "community"), ("council", "community"),
    )]  # fmt: skip
    assert [sum(p) for p in paid] == [Fraction(x) for x in ("30.01", "20.00", "30.00", "20.01")]
    assert all(max(p) - min(p) <= Fraction(1, 100) for p in paid)


def test_the_true_up_is_never_shared_afresh() -> None:
    """It is, for each payer and payee, the year less what was transferred."""
    made = contract(
        """\
        inputs: {x: {unit: GBP}, part: {unit: percent, over_periods: last}}
        payments:
          p:
            pays_for: outcome
            start: x
            from: icb
            to: {acute: part, community: 100% - part}
            on_account: 1200 GBP
        """
    )
    first = settled(made, MONTHS[0], {"periods": {"2026-27": {"part": "50%"}}})
    assert moves(first) == ["icb -> acute 50.00 (on account)", "icb -> community 50.00 (on account)"]
    # at the end the shares are 20% and 80% of 100: 20 less 50, and 80 less 50
    year = settled(made, inputs={"x": "100", "part": "20%"}, opening=first)
    assert moves(year) == ["acute -> icb 30.00 (true-up)", "icb -> community 30.00 (true-up)"]


def test_what_is_settled_by_the_quarter_is_trued_up_by_the_quarter() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nto: acute\non_account: {of_the_year: 120 GBP, each: month}", settles="quarterly"
    )
    found = None
    for month in MONTHS[:3]:
        found = settled(made, month, opening=found)
    q1 = settled(made, QUARTERS[0], {"x": "45"}, found)
    assert moves(q1) == ["icb -> acute 15.00 (true-up)"]
    assert moves(settled(made, opening=q1, inputs={"periods": {q: {"x": "45"} for q in QUARTERS[1:]}})) == [
        "icb -> acute 135.00 (true-up)"
    ]


def test_an_account_pays_no_more_on_account_than_it_holds() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        payments:
          p: {pays_for: outcome, start: 10 GBP, from: pool, to: {acute: 50%, community: 50%}, on_account: 1200 GBP}
          q: {pays_for: outcome, start: 10 GBP, from: pool, to: live_in, on_account: 600 GBP}
          r: {pays_for: outcome, start: 10 GBP, from: pool, to: live_in, on_account: 600 GBP, shadow: true}
        """
    )
    found = settled(made, "2026-04", opening=State({"pool": {"": 75}}))
    assert moves(found) == ["pool -> acute 37.50 (on account)", "pool -> community 37.50 (on account)"]
    assert balance(found, "pool") == 0
    assert [x.kind for x in found.payment("p").lines] == ["limit"]
    more = settled(made, "2026-04", opening=State({"pool": {"": 120}}))
    assert moves(more)[2:] == ["pool -> live_in 20.00 (on account)"]


def test_what_is_on_account_may_not_be_known() -> None:
    found = settled(one_payment(BY_MONTH), "2026-04")
    assert (found.payment("p").status, found.payment("p").reasons) == ("undetermined", ("y of 2026-27 is missing",))
    assert moves(found) == []
    assert why(earned(found)) == "y of 2026-27 is missing"


def test_the_start_of_a_figure_on_account_may_be_for_each() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, by: provider, value: {acute: 120, community: 240, live_in: 0}}}
        payments: {p: {pays_for: block, each: provider, start: fee, from: icb, to: provider, on_account: 50% * fee}}
        """
    )
    found = settled(made, "2026-05")
    assert moves(found) == ["icb -> acute 5.00 (on account)", "icb -> community 10.00 (on account)"]
    assert [d.label for d in found.payment("p").waterfalls[0].lines[0].details] == ["of the year"]
    assert settled(made, "2026-05", keep=False).payment("p").waterfalls[0].lines[0].details == ()


def test_a_payment_that_is_not_due_yet() -> None:
    made = one_payment("start: x\nsettles: yearly\nfrom: icb\nto: acute", settles="quarterly")
    last = quarters(made, {q: {"x": "5"} for q in QUARTERS})
    p = last.payment("p")
    assert (p.status, p.earned, p.net, last.transfers) == ("not due", 0, 0, ())
    # nothing on account, and the year adds up what was brought for the quarters
    assert moves(settled(made, opening=last)) == ["icb -> acute 20.00"]


def test_an_instalment_that_is_settled_again_is_not_paid_again() -> None:
    made = one_payment(BY_MONTH)
    data = {"periods": {"2026-27": {"y": "120_000"}}}
    first = settled(made, MONTHS[0], data)
    again = settled(made, MONTHS[0], data, first)
    assert moves(again) == []
    assert (again.payment("p").on_account, again.payment("p").net) == (6000, 0)
    assert moves(settled(made, inputs={"x": "6000", "y": "120_000"}, opening=again)) == []


JOINS = """\
icb: {name: Board, role: commissioner}
a: {name: A, role: provider}
c: {name: C, role: provider, from: 2026-11-16}
"""


def test_a_party_that_joins_has_its_instalments_from_then_on() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, by: provider, value: {a: 1200.05, c: 600}}}
        payments:
          p:
            pays_for: block
            settles: yearly
            each: provider
            start: fee
            on_account: {of_the_year: fee, each: month}
            from: icb
            to: provider
        """,
        settles="monthly",
        parties=JOINS,
    )
    found: Any = None
    seen = []
    for month in MONTHS:
        found = settled(made, month, opening=found)
        seen.append({t.payee: t.amount for t in found.transfers if t.amount})
    # the year of C is four and a half twelfths of 600, in the five months in which it is there
    assert [x.get("c", 0) for x in seen] == [0] * 7 + [45] * 5
    assert sum(x["a"] for x in seen) == Fraction("1200.05")
    assert moves(settled(made, "2026-27", opening=found)) == []


def test_what_is_the_same_for_all_periods_is_of_the_year_too() -> None:
    body = """\
    inputs: {before: {unit: GBP%s}}
    payments:
      p: {pays_for: block, settles: yearly, start: before, on_account: {of_the_year: 60%% of before, each: month}, from: icb, to: acute}
    """
    made = contract(body % ", over_periods: same", settles="monthly")
    first = settled(made, "2026-04", {"before": "1200"})
    assert moves(first) == ["icb -> acute 60.00 (on account)"]
    unsaid = contract(body % "", settles="monthly")
    assert settled(unsaid, "2026-04", {"before": "1200"}).payment("p").reasons == ("before of 2026-27 is missing",)
    given = settled(unsaid, "2026-04", {"periods": {"2026-27": {"before": "1200"}}})
    assert moves(given) == ["icb -> acute 60.00 (on account)"]


def test_of_an_amount_that_is_not_by_the_year_a_joiner_has_that_of_its_days() -> None:
    body = """\
    payments:
      p: {pays_for: block, settles: yearly, each: provider, start: 1 GBP, on_account: 600 GBP, from: icb, to: provider}
    """
    made = contract(body, settles="monthly", parties=JOINS)
    assert moves(settled(made, "2026-10")) == ["icb -> a 50.00 (on account)"]
    # of C four and a half twelfths of 600, in the five months in which it is there
    assert moves(settled(made, "2026-12")) == ["icb -> a 50.00 (on account)", "icb -> c 45.00 (on account)"]


def test_of_each_record_what_is_on_account_is_as_on_its_own_day() -> None:
    made = contract(
        """\
        terms: {price: {unit: GBP, values: {2026-04-01: 120, 2026-10-01: 240}}}
        inputs: {visits: {records: {day: date, of: party}, dated: day}}
        payments:
          p: {pays_for: block, settles: yearly, each: visits, start: price, on_account: price, from: icb, to: of}
        """,
        settles="monthly",
    )
    rows = [{"day": "2026-05-01", "of": "acute"}, {"day": "2026-11-01", "of": "community"}]
    assert moves(settled(made, "2026-04", {"visits": rows})) == [
        "icb -> acute 10.00 (on account)", "icb -> community 20.00 (on account)",
    ]  # fmt: skip


def test_what_is_shared_is_paid_while_each_is_there() -> None:
    """By days, 182 of 638 for one that joins in the autumn, paid in the two quarters that it is there."""
    parties = """\
    icb:   {name: Board, role: commissioner}
    north: {name: North, role: provider}
    late:  {name: Late, role: provider, from: 2026-10-01}
    early: {name: Early, role: provider, to: 2026-06-30}
    """
    shared = "from: icb, shared: {by: equally, among: provider}"
    made = contract(
        f"payments: {{y: {{pays_for: outcome, settles: yearly, start: 638 GBP, on_account: 638 GBP, {shared}}}}}",
        settles="quarterly", parties=parties,
    )  # fmt: skip
    last, found = None, {}
    for label in QUARTERS:
        last = settled(made, label, opening=last)
        found[label[-2:]] = moves(last)
    # 365, 182 and 91 of 638 days
    assert found == {
        "Q1": ["icb -> north 91.25 (on account)", "icb -> early 91.00 (on account)"],
        "Q2": ["icb -> north 91.25 (on account)"],
        "Q3": ["icb -> north 91.25 (on account)", "icb -> late 91.00 (on account)"],
        "Q4": ["icb -> north 91.25 (on account)", "icb -> late 91.00 (on account)"],
    }
    assert moves(settled(made, "2026-27", opening=last)) == []
    first = settled(made, QUARTERS[0])
    (line,) = first.payments[0].lines
    assert (line.kind, line.name, line.before, line.after) == (
        "instalment",
        "to each",
        Fraction(319, 2),
        Fraction(729, 4),
    )


def test_of_what_is_known_not_to_be_due_nothing_is_paid_on_account() -> None:
    made = contract(
        """\
        decisions: {go: {signed_by: [icb]}}
        inputs: {ok: {unit: boolean}}
        payments:
          y: {pays_for: outcome, settles: yearly, when: go, start: 400 GBP, on_account: 400 GBP, from: icb, to: acute}
          z: {pays_for: outcome, settles: yearly, when: ok, start: 400 GBP, on_account: 400 GBP, from: icb, to: acute}
        """,
        settles="quarterly",
    )
    first = settled(made, QUARTERS[0])
    assert [(t.payment, t.amount) for t in first.transfers] == [("y", 0), ("z", 100)]
    assert [x.kind for w in first.payment("y").waterfalls for x in w.lines] == ["when"]
    second = settled(made, QUARTERS[1], {"go": {"icb": "yes"}}, first)
    assert [(t.payment, t.amount) for t in second.transfers] == [("y", 100), ("z", 100)]


def test_an_account_takes_no_more_on_account_than_it_has_room_for() -> None:
    made = contract(
        """\
        accounts: {pot: {at_most: 60 GBP}}
        payments:
          y: {pays_for: outcome, settles: yearly, start: 400 GBP, on_account: 400 GBP, from: icb, to: {pot: 50%, acute: 50%}}
        """,
        settles="quarterly",
    )
    first = settled(made, QUARTERS[0])
    assert moves(first) == ["icb -> acute 50.00 (on account)", "icb -> pot 50.00 (on account)"]
    second = settled(made, QUARTERS[1], opening=first)
    assert moves(second) == ["icb -> acute 50.00 (on account)", "icb -> pot 10.00 (on account)"]
    assert [(x.before, x.after) for x in second.payment("y").lines] == [(100, 60)]


WHEN = """\
inputs: {ok: {unit: boolean, by: provider}}
payments:
  y:
    clause: Sch 1
    pays_for: outcome
    settles: yearly
    each: provider
    when: ok
    start: 400 GBP
    on_account: 100.01 GBP
    from: icb
    to: provider
"""


def test_of_each_what_is_not_due_is_told() -> None:
    made = contract(WHEN, settles="quarterly", parties=PARTIES.replace("Live-in care agency,", "L, from: 2026-10-01,"))
    said = {"ok": {"acute": "no", "community": "yes", "live_in": "yes"}}
    found = settled(made, "2026-27 Q3", {"ok": said["ok"]}).payment("y")
    told = [
        (w.of, w.amount, [(x.kind, x.name, x.before, x.after, x.facts, x.note, x.clause) for x in w.lines])
        for w in found.waterfalls
    ]
    assert told[0] == ("acute", 0, [("when", "not due", 0, 0, (), "ok is not so", "Sch 1")])
    assert found.waterfalls[0].lines[0].mark == found.mark.__class__(found.mark.file, 16, 11)  # type: ignore[union-attr]
    assert told[1][:2] == ("community", Fraction("25.0025"))
    assert told[2][:2] == ("live_in", Fraction("25.0025"))
    assert [x.note for x in found.waterfalls[2].lines][1] == "1 of 2 instalments of the year"
    assert [(x.before, x.after) for x in found.lines] == [(Fraction("50.005"), Fraction("50.01"))]


def test_who_pays_is_there_too() -> None:
    parties = PARTIES.replace("Live-in care agency,", "L, from: 2026-10-01,")
    made = contract(
        "payments: {y: {pays_for: outcome, settles: yearly, each: provider, start: 9 GBP, on_account: 365 GBP,"
        " from: provider, to: council}}",
        settles="quarterly", parties=parties,
    )  # fmt: skip
    assert len(moves(settled(made, "2026-27 Q1"))) == 2
    assert moves(settled(made, "2026-27 Q3"))[2] == "live_in -> council 91.25 (on account)"


def test_an_account_is_paid_while_the_contract_lasts() -> None:
    body = """\
    accounts: {pot: {}}
    payments: {y: {pays_for: outcome, settles: yearly, start: 9 GBP, on_account: 365 GBP, from: icb, to: pot}}
    """
    made = contract(body, settles="quarterly", term="2026-10-01 2029-03-31")
    assert moves(settled(made, "2026-27 Q3")) == ["icb -> pot 182.50 (on account)"]


def test_units_are_paid_on_account_whole() -> None:
    made = contract(
        "payments: {y: {unit: count, settles: yearly, start: 9, on_account: 10, from: icb, to: acute}}",
        settles="quarterly",
    )
    assert [settled(made, q).transfers[0].amount for q in QUARTERS] == [3, 3, 2, 2]


@pytest.mark.parametrize(("held", "most", "paid"), [(30, 20, "20.00"), (20, 30, "20.00"), (90, 90, "50.00")])
def test_from_account_to_account_the_narrower_counts(held: int, most: int, paid: str) -> None:
    body = f"""\
    accounts: {{pool: {{}}, pot: {{at_most: {most} GBP}}}}
    payments: {{y: {{pays_for: outcome, settles: yearly, start: 9 GBP, on_account: 200 GBP, from: pool, to: pot}}}}
    """
    found = settled(contract(body, settles="quarterly"), "2026-27 Q1", opening=State({"pool": {"": held}}))
    assert moves(found) == [f"pool -> pot {paid} (on account)"]


def test_one_who_left_before_the_year_has_no_instalments() -> None:
    parties = "icb: {name: I, role: commissioner}\nacute: {name: A, role: provider}\ncommunity: {name: C, role: provider, to: 2026-09-30}\n"
    body = """\
    payments:
      y: {pays_for: outcome, settles: yearly, start: 100 GBP, from: icb, to: {acute: 40%, community: 60%}, on_account: 100 GBP}
    """
    made = contract(body, settles="quarterly", parties=parties)
    first = settled(made, "2026-27 Q1")
    assert moves(first) == ["icb -> acute 10.00 (on account)", "icb -> community 30.00 (on account)"]
    assert moves(settled(made, "2027-28 Q1", opening=first)) == ["icb -> acute 10.00 (on account)"]


def test_less_than_nothing_is_not_paid_on_account() -> None:
    body = "payments: {y: {pays_for: outcome, settles: yearly, start: 1 GBP, from: icb, to: acute, on_account: 10 GBP - 20 GBP}}"
    found = settled(contract(body, settles="quarterly"), "2026-27 Q1").payments[0]
    assert (found.status, found.reasons) == (
        "undetermined", ("what is paid on account of y, less than nothing is not assessable",)
    )  # fmt: skip
