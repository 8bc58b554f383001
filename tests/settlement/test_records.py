"""Payments and figures over records: each row, each group, those of the period; the order of rows means nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.faults import InputError
from tests.settlement.helpers import QUARTERS, contract, earned, moves, settled, why

PLACES = """\
terms: {price: {unit: GBP a place, values: {2026-04-01: 100, 2026-10-01: 110}}}
inputs:
  places: {records: {week: date, guaranteed: count, available: count, of: party}, dated: week}
figures: {held: {is: count(places)}, most: {unit: count, is: max(available for places)}}
payments:
  p: {pays_for: availability, each: places, start: "min(available, guaranteed) * price", from: icb, to: of}
"""


def week(day: str, guaranteed: int = 5, available: int = 8, of: str = "live_in") -> dict[str, Any]:
    return {"week": day, "guaranteed": guaranteed, "available": available, "of": of}


ROWS = [week("2026-04-06"), week("2026-04-13", available=3), week("2026-06-29", of="acute"), week("2026-07-06")]


def test_a_record_belongs_to_the_period_of_its_date() -> None:
    made = contract(PLACES, settles="quarterly")
    first = settled(made, QUARTERS[0], {"places": ROWS})
    assert moves(first) == ["icb -> acute 500.00", "icb -> live_in 800.00"]
    assert (first.figure("held"), first.figure("most")) == (3, 8)
    second = settled(made, QUARTERS[1], {"places": ROWS})
    assert moves(second) == ["icb -> live_in 500.00"]
    year = settled(made, "2026-27", {"places": ROWS})
    assert moves(year) == ["icb -> acute 500.00", "icb -> live_in 1300.00"]


def test_the_order_of_rows_means_nothing() -> None:
    made = contract(PLACES)
    one, other = (settled(made, inputs={"places": rows}) for rows in (ROWS, ROWS[::-1]))
    assert (one.transfers, one.name, one.digest) == (other.transfers, other.name, other.digest)


def test_nor_where_an_account_runs_out() -> None:
    from alliance.settlement.state import State

    made = contract(PLACES.replace("from: icb", "from: pool") + "accounts: {pool: {}}\n")
    opening = State({"pool": {"": 600}})
    for rows in (ROWS, ROWS[::-1]):
        assert moves(settled(made, inputs={"places": rows}, opening=opening)) == [
            "pool -> acute 166.67", "pool -> live_in 433.33",
        ]  # fmt: skip


def test_a_field_without_a_date_belongs_nowhere() -> None:
    made = contract(PLACES.replace("week: date", "week: optional date"))
    rows = [week("2026-04-06"), {**week("2026-04-06"), "week": None}]
    assert settled(made, inputs={"places": rows}).figure("held") == 1


def test_records_without_a_date_are_all_of_the_settlement() -> None:
    made = contract(PLACES.replace(", dated: week", ""))
    assert settled(made, inputs={"places": ROWS}).figure("held") == 4


@pytest.mark.parametrize("price", ["price", "price on week"])
def test_a_term_in_a_row_is_as_on_the_rows_own_day(price: str) -> None:
    """A term that changes within the period divides no record: each belongs to its own part."""
    made = contract(PLACES.replace("guaranteed) * price", f"guaranteed) * {price}"))
    rows = [week("2026-04-06", 1, 1), week("2026-09-30", 1, 1), week("2026-10-01", 1, 1), week("2026-11-02", 1, 1)]
    found = settled(made, inputs={"places": rows})
    assert [w.amount for w in found.payment("p").waterfalls] == [100, 100, 110, 110]


def test_but_a_row_without_a_date_has_no_day_of_its_own() -> None:
    made = contract(PLACES.replace(", dated: week", ""))
    found = settled(made, inputs={"places": [week("2026-04-06", 1, 1)]})
    assert found.payment("p").waterfalls[0].amount == Fraction(100 * 183 + 110 * 182, 365)  # by days, as any start


def test_no_records_at_all() -> None:
    made = contract(PLACES)
    lost = settled(made)
    assert (lost.payment("p").status, lost.payment("p").reasons) == ("undetermined", ("places is missing",))
    none = settled(made, inputs={"places": []})
    assert (none.payment("p").status, earned(none), none.transfers) == ("determined", 0, ())
    optional = contract(PLACES.replace("dated: week", "dated: week, optional: true"))
    assert (settled(optional).payment("p").status, earned(settled(optional))) == ("determined", 0)


def test_the_line_of_a_payment_that_came_to_nothing() -> None:
    made = contract(PLACES.replace("to: of", "to: live_in"))
    none = settled(made, inputs={"places": []})
    assert [(t.payer, t.payee, t.amount) for t in none.transfers] == [("icb", "live_in", 0)]


def test_each_row_is_explained_by_its_place() -> None:
    found = settled(contract(PLACES), inputs={"places": ROWS[:2]})
    assert [(w.of, w.amount) for w in found.payment("p").waterfalls] == [("places[1]", 500), ("places[2]", 300)]
    assert settled(contract(PLACES), inputs={"places": ROWS[:2]}, keep=False).payment("p").waterfalls == ()


def test_the_waterfalls_of_a_thousand_rows_are_kept_and_no_more() -> None:
    rows = [week("2026-04-06", 1, 1)] * 1001
    found = settled(contract(PLACES), inputs={"places": rows})
    assert (len(found.payment("p").waterfalls), earned(found)) == (1000, 100100)


def test_a_payee_that_is_an_empty_field() -> None:
    made = contract(PLACES.replace("of: party", "of: optional party"))
    found = settled(made, inputs={"places": [{**week("2026-04-06"), "of": ""}]})
    assert found.payment("p").reasons == ("the of of a record is missing",)


GROUPS = """\
inputs:
  packages: {records: {person: id, month: date, saved: GBP, verified: boolean, of: optional party, home: [own, shared]}}
payments:
  p: {pays_for: outcome, each: person in packages, start: sum(saved where verified), steps: [{at_least: 0}], from: icb, to: acute}
"""
PACKAGES = [
    {"person": "b", "month": "2026-04-01", "saved": "10", "verified": "yes", "home": "own"},
    {"person": "a", "month": "2026-04-01", "saved": "-50", "verified": "yes", "home": "own"},
    {"person": "b", "month": "2026-05-01", "saved": "7", "verified": "no", "home": "shared"},
    {"person": "b", "month": "2026-05-01", "saved": "5.50", "verified": "yes", "of": "acute", "home": "shared"},
]


def test_each_group_of_records() -> None:
    found = settled(contract(GROUPS), inputs={"packages": PACKAGES})
    assert moves(found) == ["icb -> acute 15.50"]
    assert [(w.of, w.amount) for w in found.payment("p").waterfalls] == [("a", 0), ("b", Fraction(31, 2))]
    backwards = settled(contract(GROUPS), inputs={"packages": PACKAGES[::-1]})
    assert (backwards.transfers, backwards.digest) == (found.transfers, found.digest)


def test_groups_by_party_by_date_and_by_word() -> None:
    body = GROUPS.replace("person in packages", "of in packages").replace("to: acute", "to: of")
    rows = [{**row, "of": row.get("of", "live_in")} for row in PACKAGES]
    assert moves(settled(contract(body), inputs={"packages": rows})) == ["icb -> acute 5.50"]
    for each, groups in (("month", ["2026-04-01", "2026-05-01"]), ("home", ["own", "shared"])):
        found = settled(contract(GROUPS.replace("person in", f"{each} in")), inputs={"packages": PACKAGES})
        assert [w.of for w in found.payment("p").waterfalls] == groups


def test_a_group_that_cannot_be_worked_out_leaves_the_whole_payment_undetermined() -> None:
    made = contract(GROUPS.replace("saved: GBP", "saved: optional GBP"))
    found = settled(made, inputs={"packages": [*PACKAGES, {**PACKAGES[0], "saved": None}]})
    assert found.payment("p").reasons == ("an empty field in a sum is missing",)
    assert moves(found) == []
    assert [(w.of, str(w.amount)) for w in found.payment("p").waterfalls] == [
        ("a", "0"), ("b", "an empty field in a sum is missing"),
    ]  # fmt: skip


FILTERS = """\
inputs:
  trips: {records: {person: id, left: date, back: optional date, ill: optional boolean, days: optional count}, dated: left}
figures:
  all: {is: count(trips)}
  soon: {is: count(trips where back - left <= 30 days)}
  not_soon: {is: count(trips where not back - left <= 30 days)}
  sick: {is: count(trips where ill)}
  not_sick: {is: count(trips where not ill)}
  came_back: {is: count(trips where back is known)}
  none: {is: "mean(days for trips where days > 100)"}
  average: {is: "mean(days for trips where days is known)"}
  least: {is: "min(days for trips where days is known)"}
  last_back: {is: "max(back for trips where back is known)"}
"""
TRIPS = [
    {"person": "a", "left": "2026-04-01", "back": "2026-04-20", "ill": "yes", "days": "3"},
    {"person": "b", "left": "2026-04-01", "back": "2026-06-20", "ill": "no", "days": "4"},
    {"person": "c", "left": "2026-04-01"},
]


def test_a_comparison_with_an_empty_field_is_false_and_its_not_is_true() -> None:
    found = settled(contract(FILTERS), inputs={"trips": TRIPS})
    assert {k: found.figure(k) for k in ("all", "soon", "not_soon", "sick", "not_sick", "came_back")} == {
        "all": 3, "soon": 1, "not_soon": 2, "sick": 1, "not_sick": 2, "came_back": 2,
    }  # fmt: skip


def test_what_is_worked_out_of_records() -> None:
    found = settled(contract(FILTERS), inputs={"trips": TRIPS})
    assert (found.figure("average"), found.figure("least")) == (Fraction(7, 2), 3)
    assert str(found.figure("last_back")) == "2026-06-20"
    assert why(found.figure("none")) == "the mean of no records is not assessable"
    assert (
        why(settled(contract(FILTERS), inputs={"trips": []}).figure("least"))
        == "the min of no records is not assessable"
    )


def test_a_filter_that_reads_what_is_not_known() -> None:
    made = contract(
        """\
        inputs: {most: {unit: count}, trips: {records: {days: count}}}
        figures: {f: {is: count(trips where days > most)}}
        """
    )
    assert why(settled(made, inputs={"trips": [{"days": "3"}]}).figure("f")) == "most is missing"
    assert settled(made, inputs={"trips": []}).figure("f") == 0


def test_an_amount_for_each_of_a_category() -> None:
    made = contract(
        """\
        categories: {kind: [home, away]}
        terms: {price: {unit: GBP, by: kind, value: {home: 10, away: 20}}}
        inputs: {n: {unit: count, by: kind}, trips: {records: {kind: kind, days: count}}}
        figures:
          one: {is: price by away}
          total: {is: sum(price * n for kind)}
          of_trips: {is: sum(price * days for trips)}
        payments: {p: {pays_for: outcome, each: kind, start: price * n, from: icb, to: acute}}
        examples: []
        """
    )
    found = settled(made, inputs={"n": {"home": 2, "away": 3}, "trips": [{"kind": "away", "days": 4}]})
    assert (found.figure("one"), found.figure("total"), found.figure("of_trips")) == (20, 80, 80)
    assert [(w.of, w.amount) for w in found.payment("p").waterfalls] == [("home", 20), ("away", 60)]
    assert moves(found, "p") == ["icb -> acute 80.00"]


@pytest.mark.parametrize("each", ["visits", "who in visits"])
def test_payers_may_be_fields_too(each: str) -> None:
    made = contract(
        f"""\
        inputs: {{visits: {{records: {{who: party, cost: GBP}}}}}}
        payments:
          p: {{pays_for: outcome, each: {each}, start: {"cost" if each == "visits" else "sum(cost)"}, from: who, to: icb}}
        """
    )
    rows = [{"who": "community", "cost": "5"}, {"who": "acute", "cost": "4"}]
    assert moves(settled(made, inputs={"visits": rows})) == ["acute -> icb 4.00", "community -> icb 5.00"]


@pytest.mark.parametrize(
    ("available", "said"),
    [
        ("0.1234567", '"0.1234567" has too many decimals: at most 6 are read.'),
        ("10000000001", '"10000000001" is too large: at most 10,000,000,000 is read.'),
    ],
)
def test_a_number_of_a_record_has_no_more_digits_than_any_engine_holds(available: str, said: str) -> None:
    made = contract(PLACES)
    with pytest.raises(InputError, match=f"AC138 places, available: {said}"):
        settled(made, inputs={"places": [{**week("2026-04-06"), "available": available}]})
    fine = settled(made, inputs={"places": [{**week("2026-04-06"), "available": "0.123456"}]})
    assert moves(fine) == ["icb -> live_in 12.35"]
