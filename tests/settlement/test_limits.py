"""Limits for each party: cumulative in the year, and where what is beyond them goes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.settlement.helpers import QUARTERS, contract, earned, moves, one_payment, quarters, settled, why

EQUAL = "start: x\nfrom: icb\nshared: {by: equally, among: provider}\n"


def limited(beyond: str, side: str = "gain", settles: str = "yearly") -> object:
    limit = f"{{{side}: {{each: provider, at_most: 20 GBP if party = acute else 100 GBP, beyond: {beyond}}}}}"
    return one_payment(f"{EQUAL}party_limits: {limit}", "figures: {left: {is: p.kept}}\n", settles=settles)


def test_what_is_beyond_stays_with_the_payer() -> None:
    found = settled(limited("payer"), inputs={"x": "90"})  # type: ignore[arg-type]
    assert moves(found) == ["icb -> acute 20.00", "icb -> community 30.00", "icb -> live_in 30.00"]
    assert (earned(found), found.figure("left")) == (80, 10)
    line = found.payment("p").lines[0]
    assert (line.kind, line.name, line.before, line.after) == ("limit", "acute: at most", 30, 20)
    assert line.note == "what is beyond is kept by the payer"


def test_or_is_shared_among_the_others_until_none_exceeds() -> None:
    found = settled(limited("others"), inputs={"x": "90"})  # type: ignore[arg-type]
    assert moves(found) == ["icb -> acute 20.00", "icb -> community 35.00", "icb -> live_in 35.00"]
    assert found.figure("left") == 0
    everybody = settled(limited("others"), inputs={"x": "300"})  # type: ignore[arg-type]
    assert moves(everybody) == ["icb -> acute 20.00", "icb -> community 100.00", "icb -> live_in 100.00"]
    assert everybody.figure("left") == 80


def test_or_is_carried() -> None:
    made = limited("carry", settles="quarterly")
    q1 = settled(made, QUARTERS[0], {"x": "90"})  # type: ignore[arg-type]
    assert moves(q1) == ["icb -> acute 20.00", "icb -> community 30.00", "icb -> live_in 30.00"]
    # 20 of 20 are used, so the ten stay carried, and five more
    q2 = settled(made, QUARTERS[1], {"x": "15"}, q1)  # type: ignore[arg-type]
    assert moves(q2) == ["icb -> community 5.00", "icb -> live_in 5.00"]
    carried = {(p.period, p.key): p.value for p in q2.closing.past if p.attribute == "carried gain"}
    assert carried[QUARTERS[1], "acute"] == 15
    # a new year has a new limit: 15 carried and 3 of its own
    q5 = settled(made, "2027-28 Q1", {"x": "9"}, q2)  # type: ignore[arg-type]
    assert moves(q5) == ["icb -> acute 18.00", "icb -> community 3.00", "icb -> live_in 3.00"]


def test_what_is_carried_waits_for_a_period_with_something_in_it() -> None:
    made = limited("carry", settles="quarterly")
    q1 = settled(made, QUARTERS[0], {"x": "90"})  # type: ignore[arg-type]
    loss = settled(made, "2027-28 Q1", {"x": "-9"}, q1)  # type: ignore[arg-type]
    assert moves(loss) == ["acute -> icb 3.00", "community -> icb 3.00", "live_in -> icb 3.00"]
    later = settled(made, "2027-28 Q2", {"x": "3"}, loss)  # type: ignore[arg-type]
    assert moves(later)[0] == "icb -> acute 11.00"


@pytest.mark.parametrize("beyond", ["payer", "others"])
def test_limits_of_losses(beyond: str) -> None:
    found = settled(limited(beyond, "loss"), inputs={"x": "-90"})  # type: ignore[arg-type]
    other = "30.00" if beyond == "payer" else "35.00"
    assert moves(found) == ["acute -> icb 20.00", f"community -> icb {other}", f"live_in -> icb {other}"]
    assert settled(limited(beyond, "loss"), inputs={"x": "90"}).payment("p").lines == ()  # type: ignore[arg-type]


def test_a_limit_is_cumulative_in_the_year() -> None:
    made = limited("payer", settles="quarterly")
    opening = None
    paid = []
    for label, x in zip(QUARTERS, ("30", "24", "9", "9"), strict=True):
        opening = settled(made, label, {"x": x}, opening)  # type: ignore[arg-type]
        paid.append(opening.paid("icb", "acute"))
    assert paid == [10, 8, 2, 0]
    assert settled(made, "2027-28 Q1", {"x": "9"}, opening).paid("icb", "acute") == 3  # type: ignore[arg-type]


def test_the_limit_itself_is_read_over_the_year() -> None:
    made = contract(
        """\
        terms: {fee: {unit: GBP a year, by: provider, value: 1000}}
        payments:
          p:
            pays_for: outcome
            start: 90 GBP
            from: icb
            shared: {by: equally, among: provider}
            party_limits: {gain: {each: provider, at_most: 5% * fee}}
        """,
        settles="quarterly",
    )
    # 5% of the year's 1000, not of the quarter's 250
    assert moves(settled(made, QUARTERS[0]))[0] == "icb -> acute 30.00"
    assert [t.amount for t in quarters(made).closing.moved if t.payee == "acute"] == [30, 20]


def test_a_limit_that_is_not_known() -> None:
    made = one_payment(EQUAL + "party_limits: {gain: {at_most: y}}")
    assert why(earned(settled(made, inputs={"x": "90"}))) == "y is missing"
    assert earned(settled(made, inputs={"x": "-90"})) == -90  # a limit of gains says nothing of losses


def test_a_limit_below_nothing_lets_nothing_through() -> None:
    assert moves(settled(one_payment(EQUAL + "party_limits: {gain: {at_most: -5 GBP}}"), inputs={"x": "90"})) == []


def test_a_limit_is_for_the_parties_of_its_role() -> None:
    made = one_payment(
        "start: 90 GBP\nfrom: icb\nto: {acute: 50%, council: 50%}\n"
        "party_limits: {gain: {each: provider, at_most: 10 GBP}}"
    )
    assert moves(settled(made)) == ["icb -> council 45.00", "icb -> acute 10.00"]


def test_a_limit_holds_over_all_that_a_payment_pays_a_party() -> None:
    """Over records, people and slices with other payers alike."""
    rows = [{"person": "a", "cost": "80"}, {"person": "b", "cost": "80"}]
    for each, start in (("visits", "cost"), ("person in visits", "sum(cost)")):
        made = contract(
            f"""\
            inputs: {{visits: {{records: {{person: id, cost: GBP}}}}}}
            payments:
              p:
                pays_for: outcome
                each: {each}
                start: {start}
                from: icb
                to: acute
                party_limits: {{gain: {{at_most: 100 GBP}}}}
            """
        )
        assert moves(settled(made, inputs={"visits": rows})) == ["icb -> acute 100.00"]
    sliced = one_payment(
        "start: 160 GBP\nfrom: icb\nto: acute\nslices: [{up_to: 80 GBP}, {from: council}]\n"
        "party_limits: {gain: {at_most: 100 GBP}}"
    )
    assert moves(settled(sliced)) == ["icb -> acute 80.00", "council -> acute 20.00"]


def test_a_limit_in_the_middle_of_a_year_that_is_recomputed() -> None:
    """The year recomputes its quarters, each with its own limits, on final data."""
    made = limited("payer", settles="quarterly")
    data = {q: {"x": x} for q, x in zip(QUARTERS, ("30", "24", "9", "9"), strict=True)}
    last = quarters(made, data)  # type: ignore[arg-type]
    # the first quarter was really 45: acute has 15, 5, 0 and 0; the others 15, 8, 3 and 3
    year = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "45"}}}, last)  # type: ignore[arg-type]
    assert moves(year) == ["icb -> community 5.00 (true-up)", "icb -> live_in 5.00 (true-up)"]
    parts = [[(r.payee, r.amount) for r in part.received] for part in year.payment("p").parts]
    assert [dict(r).get("acute") for r in parts] == [15, 5, 0, 0]


def test_a_limit_and_a_penny() -> None:
    made = one_payment(EQUAL + "party_limits: {gain: {each: provider, at_most: 33.335 GBP}}")
    found = settled(made, inputs={"x": "100"})
    assert [r.amount for r in found.payment("p").received] == [Fraction(3333, 100)] * 3
