"""Rounding: where the contract says and at every transfer, half away from zero; caps down, floors up."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.settlement.helpers import came_to, contract, earned, faults_of, moves, one_payment, settled, stepped

PLAIN = "from: icb\nto: acute"


@pytest.mark.parametrize(
    ("x", "expected"), [("0.005", "0.01"), ("0.0049", "0.00"), ("1.115", "1.12"), ("2.5", "2.50"), ("0.995", "1.00")]
)
def test_half_a_penny_is_rounded_away_from_zero(x: str, expected: str) -> None:
    assert came_to(f"start: x\n{PLAIN}", {"x": x}) == Fraction(expected)
    assert came_to(f"start: x\n{PLAIN}", {"x": f"-{x}"}) == -Fraction(expected)


def test_division_does_not_round_by_itself() -> None:
    # a third of a hundred, three times, is a hundred; rounded where the contract says so it is not
    assert stepped("[{multiply: 1 / 3}, {multiply: 3}]", "100") == 100
    assert stepped("[{multiply: 1 / 3}, {round: {to: 0.01}}, {multiply: 3}]", "100") == Fraction(9999, 100)


@pytest.mark.parametrize(
    ("limits", "x", "expected"),
    [
        ("{at_most: 10.009 GBP}", "20", "10.00"),  # a cap rounds down
        ("{at_most: 10.009 GBP}", "10.008", "10.00"),  # nor is it passed by rounding what lies within it
        ("{at_most: 10.009 GBP}", "10.004", "10.00"),
        ("{at_least: 10.001 GBP}", "10.002", "10.01"),
        ("{at_least: 10.001 GBP}", "5", "10.01"),  # a floor rounds up
        ("{at_most: 10.009 GBP, only: loss}", "-20", "-10.00"),
        ("{at_least: 10.001 GBP, only: loss}", "-5", "-10.01"),
        # a signed limit below nothing binds from the other side: rounding never goes past it
        ("{at_least: -10.009 GBP}", "-20", "-10.00"),
        ("{at_most: -10.001 GBP}", "20", "-10.01"),
        ("{at_most: -10.001 GBP}", "-5", "-10.01"),
    ],
)
def test_caps_round_down_and_floors_up(limits: str, x: str, expected: str) -> None:
    for fields in (f"limits: {limits}", f"steps: [{limits}]"):
        assert came_to(f"start: x\n{fields}\n{PLAIN}", {"x": x}) == Fraction(expected)


def test_a_step_after_a_cap_makes_it_an_ordinary_amount() -> None:
    assert came_to(f"start: x\nsteps: [{{at_most: 10.009 GBP}}, {{multiply: 100%}}]\n{PLAIN}", {"x": "20"}) == 10
    steps = "steps: [{at_most: 10.009 GBP}, {add: 0.001 GBP}]"
    assert came_to(f"start: x\n{steps}\n{PLAIN}", {"x": "20"}) == Fraction("10.01")


def test_a_capped_amount_that_is_shared_stays_within_the_cap() -> None:
    fields = "start: x\nlimits: {at_most: 10.019 GBP}\nfrom: icb\nto: {acute: 50%, community: 50%}"
    assert moves(settled(one_payment(fields), inputs={"x": "20"})) == ["icb -> acute 5.01", "icb -> community 5.00"]
    sliced = "start: x\nlimits: {at_most: 10.009 GBP}\nfrom: icb\nslices: [{to: acute}]"
    assert moves(settled(one_payment(sliced), inputs={"x": "20"})) == ["icb -> acute 10.00"]


def test_a_share_limit_rounds_down_and_takes_no_remainder_penny() -> None:
    fields = "start: 10 GBP\nfrom: icb\nshared: {by: equally, among: provider}\n"
    limited = fields + "party_limits: {gain: {each: provider, at_most: 3.335 GBP if party = acute else 9 GBP}}"
    assert moves(settled(one_payment(limited))) == [
        "icb -> acute 3.33", "icb -> community 3.34", "icb -> live_in 3.33",
    ]  # fmt: skip


VISITS = """\
inputs: {visits: {records: {day: date, of: party, person: id, cost: GBP}}}
payments:
  p: {pays_for: outcome, each: %s, start: %s, from: icb, to: %s}
"""
ROWS = [{"day": "2026-05-01", "of": "acute", "person": "a", "cost": "0.004"},
        {"day": "2026-05-02", "of": "acute", "person": "b", "cost": "0.004"},
        {"day": "2026-05-02", "of": "community", "person": "b", "cost": "0.004"}]  # fmt: skip


def test_records_are_summed_exactly_and_rounded_once() -> None:
    found = settled(contract(VISITS % ("visits", "cost", "of")), inputs={"visits": ROWS})
    assert moves(found) == ["icb -> acute 0.01"]  # 0.008 to one, 0.004 to the other
    found = settled(contract(VISITS % ("visits", "cost", "council")), inputs={"visits": ROWS})
    assert moves(found) == ["icb -> council 0.01"]  # 0.012


def test_so_are_groups_of_records() -> None:
    made = contract(VISITS % ("person in visits", "sum(cost)", "council"))
    assert moves(settled(made, inputs={"visits": ROWS})) == ["icb -> council 0.01"]  # 0.004 and 0.008


def test_a_currency_without_minor_units() -> None:
    made = contract(
        "payments: {p: {pays_for: outcome, start: 100.5 JPY, from: icb, to: acute}}", header=", currency: JPY"
    )
    assert moves(settled(made)) == ["icb -> acute 101"]


def test_a_currency_of_thousandths() -> None:
    made = contract(
        "payments: {p: {pays_for: outcome, start: 1 KWD / 3, from: icb, to: acute}}", header=", currency: KWD"
    )
    assert moves(settled(made)) == ["icb -> acute 0.333"]


def test_units_are_whole() -> None:
    made = contract(
        """\
        accounts: {places: {unit: count}}
        inputs: {held: {unit: count}}
        payments: {p: {unit: count, start: held / 2, from: icb, to: places}}
        """
    )
    found = settled(made, inputs={"held": 5})
    assert (earned(found), found.transfers[0].unit) == (3, "count")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("figures: {f: {is: t4 * t4}}", "in the formula `t4 * t4`"),
        ("payments: {p: {pays_for: outcome, start: 2 GBP, steps: [{name: more, multiply: t4}, {name: far, multiply: t4}],"
         " from: icb, to: acute}}", "in the step far"),
        ("measures: {m: {reported: count, score: {of: t0 * t0 * t0 * t0 * t0, nothing_at: 0, full_at: 1, held: false, points: t4}}}", "in a score"),
    ],
)  # fmt: skip
def test_numbers_that_run_away_are_refused(entry: str, message: str) -> None:
    terms = "\n".join(f"  t{n}: {{unit: count, is: t{n - 1} * t{n - 1}}}" for n in range(1, 5))
    made = contract(f"terms:\n  t0: {{unit: count, value: {'9' * 60}}}\n{terms}\n{entry}\n")
    (fault,) = faults_of(lambda: settled(made, inputs={"m": "9" * 60} if made.built.measures else {}))
    assert "AC140" in fault
    assert f"{message}, a number grew past 4096 binary digits." in fault


def test_so_is_a_composite() -> None:
    terms = "\n".join(f"  t{n}: {{unit: count, is: t{n - 1} * t{n - 1}}}" for n in range(1, 5))
    weights = "share: {unit: percent, value: 0." + "9" * 58 + "%}"
    made = contract(
        f"terms:\n  {weights}\n  t0: {{unit: count, value: {'9' * 60}}}\n{terms}\n"
        "figures: {f: {weighted: {t4: share * share * share * share * share, t3: 50%}}}\n"
    )
    assert "in the figure f, a number grew past" in faults_of(lambda: settled(made))[0]
