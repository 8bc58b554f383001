"""Each step of a waterfall: what it makes of a gain, of a loss, and of nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.settlement.helpers import came_to, contract, earned, one_payment, settled, stepped, why

FORMS = [
    # multiply and add act on the signed amount
    ("[{multiply: 12.5%}]", "80", 10),
    ("[{multiply: 3}]", "-80", -240),
    ("[{multiply: 0}]", "-80", 0),
    ("[{add: 5 GBP}]", "80", 85),
    ("[{add: -100 GBP}]", "80", -20),
    # corridor: nothing unless the size reaches the edge; then the whole of it, with its sign
    ("[{corridor: {reach: 2%, of: 1000 GBP}}]", "20", 20),
    ("[{corridor: {reach: 2%, of: 1000 GBP}}]", "19.99", 0),
    ("[{corridor: {reach: 2%, of: 1000 GBP}}]", "-20", -20),
    ("[{corridor: {reach: 2%, of: 1000 GBP}}]", "-19.99", 0),
    ("[{corridor: {exceed: 2%, of: 1000 GBP}}]", "20", 0),
    ("[{corridor: {exceed: 2%, of: 1000 GBP}}]", "20.01", Fraction(2001, 100)),
    ("[{corridor: {exceed: 2%, of: 1000 GBP}}]", "-20.01", Fraction(-2001, 100)),
    ("[{corridor: {reach: 30 GBP}}]", "29", 0),
    ("[{corridor: {reach: 30 GBP}}]", "30", 30),
    ("[{corridor: {reach: -2%, of: 1000 GBP}}]", "19", 0),  # an edge has a size, no side
    ("[{corridor: {reach: 0 GBP}}]", "0", 0),
    # deadband: only what lies beyond
    ("[{deadband: {beyond: 2%, of: 1000 GBP}}]", "50", 30),
    ("[{deadband: {beyond: 2%, of: 1000 GBP}}]", "-50", -30),
    ("[{deadband: {beyond: 2%, of: 1000 GBP}}]", "20", 0),
    ("[{deadband: {beyond: 2%, of: 1000 GBP}}]", "-7", 0),
    ("[{deadband: {beyond: 10 GBP}}]", "11", 1),
    # curve: straight lines, held at the ends, over the size
    ("[{curve: {points: {100 GBP: 0 GBP, 200 GBP: 50 GBP, 400 GBP: 150 GBP}}}]", "150", 25),
    ("[{curve: {points: {100 GBP: 0 GBP, 200 GBP: 50 GBP, 400 GBP: 150 GBP}}}]", "-300", -100),
    ("[{curve: {points: {100 GBP: 0 GBP, 200 GBP: 50 GBP, 400 GBP: 150 GBP}}}]", "5", 0),
    ("[{curve: {points: {100 GBP: 0 GBP, 200 GBP: 50 GBP, 400 GBP: 150 GBP}}}]", "999", 150),
    ("[{curve: {points: {100 GBP: 7 GBP, 200 GBP: 50 GBP}}}]", "0", 0),  # nothing has no side to be on
    ("[{curve: {points: {0%: 0%, 10%: 5%}, of: 1000 GBP}}]", "50", 25),  # 5% of the base is half way to 5%
    ("[{curve: {points: {0%: 0%, 10%: 5%}, of: 1000 GBP}}]", "-300", -50),
    ("[{curve: {points: {0%: 0%, 10%: 5%}, of: 0 GBP}}]", "50", 0),
    # bands: closed below, open above, over the size
    ("[{bands: {bands: [{below: 10 GBP, gives: 1 GBP}, {from: 10 GBP, gives: 2 GBP}]}}]", "9.99", 1),
    ("[{bands: {bands: [{below: 10 GBP, gives: 1 GBP}, {from: 10 GBP, gives: 2 GBP}]}}]", "10", 2),
    ("[{bands: {bands: [{below: 10 GBP, gives: 1 GBP}, {from: 10 GBP, gives: 2 GBP}]}}]", "-10", -2),
    ("[{bands: {bands: [{below: 5%, gives: 0%}, {from: 5%, gives: 3%}], of: 1000 GBP}}]", "50", 30),
    ("[{bands: {bands: [{below: 5%, gives: 0%}, {from: 5%, gives: 3%}], of: 1000 GBP}}]", "-49", 0),
    ("[{bands: {bands: [{below: 5%, gives: 0%}, {from: 5%, gives: 3%}], of: 0 GBP}}]", "50", 0),
    # gate
    ("[{gate: x > 50 GBP}]", "80", 80),
    ("[{gate: x > 50 GBP}]", "50", 0),
    ("[{gate: x > 50 GBP}]", "-80", 0),
    # at most and at least are signed, and act on the size under `only: loss`
    ("[{at_most: 50 GBP}]", "80", 50),
    ("[{at_most: 50 GBP}]", "40", 40),
    ("[{at_most: 50 GBP}]", "-80", -80),
    ("[{at_most: -50 GBP}]", "80", -50),
    ("[{at_most: 50 GBP, only: loss}]", "-80", -50),
    ("[{at_most: 50 GBP, only: loss}]", "-40", -40),
    ("[{at_most: 50 GBP, only: loss}]", "80", 80),
    ("[{at_most: -5 GBP, only: loss}]", "-80", 0),  # no size is below nothing
    ("[{at_most: 50 GBP, only: gain}]", "80", 50),
    ("[{at_least: 50 GBP}]", "40", 50),
    ("[{at_least: 50 GBP}]", "80", 80),
    ("[{at_least: 0}]", "-80", 0),
    ("[{at_least: -50 GBP}]", "-80", -50),
    ("[{at_least: 50 GBP, only: loss}]", "-40", -50),
    ("[{at_least: 50 GBP, only: loss}]", "-80", -80),
    ("[{at_least: 50 GBP, only: loss}]", "10", 10),
    # deduct reduces a gain and relieve a loss, neither past nothing
    ("[{deduct: 30 GBP}]", "80", 50),
    ("[{deduct: 30 GBP}]", "20", 0),
    ("[{deduct: 30 GBP}]", "-80", -80),
    ("[{deduct: 30 GBP}]", "0", 0),
    ("[{deduct: -30 GBP}]", "80", 80),
    ("[{relieve: 30 GBP}]", "-80", -50),
    ("[{relieve: 30 GBP}]", "-20", 0),
    ("[{relieve: 30 GBP}]", "80", 80),
    ("[{relieve: 30 GBP}]", "0", 0),
    ("[{relieve: -30 GBP}]", "-80", -80),
    # round: half away from zero, down towards zero, up away from it
    ("[{round: {to: 5}}]", "12.5", 15),
    ("[{round: {to: 5}}]", "-12.5", -15),
    ("[{round: {to: 0.1, how: down}}]", "-12.59", Fraction(-125, 10)),
    ("[{round: {to: 100, how: up}}]", "101", 200),
    ("[{round: {to: 100, how: up}}]", "-101", -200),
]


@pytest.mark.parametrize(("steps", "x", "expected"), FORMS)
def test_operation(steps: str, x: str, expected: object) -> None:
    assert stepped(steps, x) == expected


@pytest.mark.parametrize(
    ("only", "x", "expected"), [("gain", "10", 20), ("gain", "-10", -10), ("loss", "10", 10), ("loss", "-10", -20)]
)
def test_only_tests_the_amount_that_enters(only: str, x: str, expected: int) -> None:
    assert stepped(f"[{{multiply: 2, only: {only}}}]", x) == expected


def test_nothing_is_neither_a_gain_nor_a_loss() -> None:
    assert stepped("[{add: 5 GBP, only: gain}, {add: 5 GBP, only: loss}]", "0") == 0
    # the first step turns the gain into a loss, and it is the loss that enters the second
    assert stepped("[{add: -30 GBP}, {multiply: 2, only: gain}, {multiply: 3, only: loss}]", "10") == -60


def test_the_order_is_the_contracts() -> None:
    # 2% off 1000 before a cap of 900 leaves 900; after it, 882
    assert stepped("[{multiply: 98%}, {at_most: 900 GBP}]", "1000") == 900
    assert stepped("[{at_most: 900 GBP}, {multiply: 98%}]", "1000") == 882


def test_when_chooses_whether_a_step_is_taken() -> None:
    steps = "[{multiply: 50%, when: ok}]"
    assert stepped(steps, "80", ok="yes") == 40
    assert stepped(steps, "80", ok="no") == 80
    assert "ok is missing" in why(stepped(steps, "80"))


def test_only_comes_before_when() -> None:
    """A step for losses is not taken on a gain, whatever its unknown condition."""
    assert stepped("[{multiply: 50%, only: loss, when: ok}]", "80") == 80


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("[{gate: ok}]", None),
        ("[{gate: ok, if_unknown: shut}]", 0),
        ("[{gate: ok, if_unknown: open}]", 80),
        ("[{gate: ok and x > 100 GBP}]", 0),  # false and unknown is false
        ("[{gate: ok or x > 50 GBP}]", 80),  # true or unknown is true
    ],
)
def test_a_gate_over_an_unknown(steps: str, expected: int | None) -> None:
    found = stepped(steps, "80")
    if expected is None:
        assert why(found) == "ok is missing"
    else:
        assert found == expected


def test_a_shut_gate_is_told_apart_from_a_score_of_nothing() -> None:
    steps = "start: x\nsteps: [{gate: ok}, {multiply: rate}]\nfrom: icb\nto: acute"
    made = one_payment(steps)
    shut = settled(made, inputs={"x": "80", "ok": "no", "rate": "50%"}).payment("p").waterfalls[0].lines
    poor = settled(made, inputs={"x": "80", "ok": "yes", "rate": "0%"}).payment("p").waterfalls[0].lines
    assert [(line.kind, line.after, line.note) for line in shut[1:]] == [
        ("gate", 0, "shut: ok is not so"),
        ("multiply", 0, ""),
    ]
    assert [(line.kind, line.after, line.note) for line in poor[1:]] == [("gate", 80, "open"), ("multiply", 0, "")]


@pytest.mark.parametrize(
    "step",
    [
        "multiply: rate",
        "add: y",
        "corridor: {reach: rate, of: 1000 GBP}",
        "deadband: {beyond: 1%, of: y}",
        "curve: {points: {0 GBP: 0 GBP, 100 GBP: y}}",
        "curve: {points: {0%: 0%, 100%: 50%}, of: y}",
        "bands: {bands: [{below: y, gives: 0 GBP}, {from: y, gives: 5 GBP}]}",
        "bands: {bands: [{below: 5 GBP, gives: 0 GBP}, {from: 5 GBP, gives: y}]}",
        "at_most: y",
        "at_least: y",
        "deduct: y",
        "relieve: y",
    ],
)
def test_a_step_that_reads_what_is_not_known_is_not_determined(step: str) -> None:
    found = settled(one_payment(f"start: x\nsteps: [{{{step}}}]\nfrom: icb\nto: acute"), inputs={"x": "80"})
    assert found.payment("p").status == "undetermined"
    assert found.payment("p").reasons == (("rate is missing" if "rate" in step else "y is missing"),)
    assert found.transfers == ()


def test_nothing_times_an_unknown_is_unknown() -> None:
    assert why(stepped("[{multiply: rate}]", "0")) == "rate is missing"


def test_a_step_that_is_not_taken_reads_nothing() -> None:
    assert stepped("[{multiply: rate, only: loss}]", "80") == 80
    assert stepped("[{multiply: rate, when: x > 100 GBP}]", "80") == 80


def test_a_curve_whose_points_cross_is_not_assessable() -> None:
    """Points that are formulas can only be put in order once they are known."""
    steps = "[{curve: {points: {0 GBP: 0 GBP, y: 10 GBP, 100 GBP: 20 GBP}}}]"
    assert stepped(steps, "75", y="50") == 15
    assert "points do not go one way" in why(stepped(steps, "75", y="500"))


def test_a_value_outside_every_band_is_not_assessable() -> None:
    """Bands that end at what is brought may leave a value in none."""
    steps = "[{bands: {bands: [{below: y, gives: 1 GBP}]}}]"
    assert stepped(steps, "10", y="20") == 1
    assert "outside every band" in why(stepped(steps, "20", y="20"))


def test_the_statement_prints_every_step_with_what_it_used() -> None:
    made = one_payment(
        """\
        start: x
        steps:
          - {name: edge, clause: Sch 4, corridor: {reach: 2%, of: 1000 GBP}}
          - {multiply: rate}
          - {name: most, at_most: 30 GBP}
        from: icb
        to: acute
        """
    )
    lines = settled(made, inputs={"x": "100", "rate": "50%"}).payment("p").waterfalls[0].lines
    assert [(x.kind, x.name, x.clause, x.before, x.after) for x in lines] == [
        ("start", "x", "", None, 100),
        ("corridor", "edge", "Sch 4", 100, 100),
        ("multiply", "multiply", "", 100, 50),
        ("at_most", "most", "", 50, 30),
    ]
    assert lines[1].facts == (("2%", Fraction(1, 50), "percent"), ("1000 GBP", 1000, "money"))
    assert lines[2].facts == (("rate", Fraction(1, 2), "percent"),)
    assert [x.note for x in lines[1:]] == [
        "it reaches the edge of the corridor, so the whole of it counts",
        "",
        "limited",
    ]
    assert lines[2].details[0].trace().value == Fraction(1, 2)


def test_a_condition_can_be_traced_too() -> None:
    made = one_payment("start: x\nsteps: [{multiply: rate, when: ok}]\nfrom: icb\nto: acute")
    line = settled(made, inputs={"x": "100", "rate": "50%", "ok": "yes"}).payment("p").waterfalls[0].lines[1]
    assert [d.label for d in line.details] == ["when", "by"]
    assert line.details[0].trace().value is True


def test_nothing_is_kept_to_explain_where_nothing_is_asked() -> None:
    made = one_payment("start: x\nsteps: [{multiply: rate, when: ok}]\nfrom: icb\nto: acute")
    lines = settled(made, inputs={"x": "100", "rate": "50%", "ok": "yes"}, keep=False).payment("p").waterfalls[0].lines
    assert [line.details for line in lines] == [(), ()]


def test_a_payment_that_is_not_due() -> None:
    fields = "start: x\nwhen: ok\nfrom: icb\nto: acute"
    assert came_to(fields, {"x": "80", "ok": "yes"}) == 80
    found = settled(one_payment(fields), inputs={"x": "80", "ok": "no"})
    assert earned(found) == 0
    assert [(line.kind, line.note) for line in found.payment("p").waterfalls[0].lines] == [("when", "ok is not so")]
    assert settled(one_payment(fields), inputs={"x": "80"}).payment("p").reasons == ("ok is missing",)


def test_the_limits_of_a_payment_come_after_its_steps() -> None:
    fields = "start: x\nlimits: {at_most: 50 GBP, at_least: 10 GBP}\nfrom: icb\nto: acute"
    assert [came_to(fields, {"x": x}) for x in ("80", "30", "5", "-80")] == [50, 30, 10, 10]
    losses = "start: x\nlimits: {at_most: 50 GBP, only: loss}\nfrom: icb\nto: acute"
    assert [came_to(losses, {"x": x}) for x in ("80", "-80")] == [80, -50]
    later = "start: x\nsteps: [{multiply: 2}]\nlimits: {at_most: 50 GBP}\nfrom: icb\nto: acute"
    assert came_to(later, {"x": "30"}) == 50
    assert "y is missing" in why(came_to("start: x\nlimits: {at_most: y}\nfrom: icb\nto: acute", {"x": "1"}))


def test_an_empty_field_stops_a_step() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {day: date, cost: GBP, factor: optional percent, done: optional boolean}}}
        payments:
          p:
            pays_for: outcome
            each: visits
            start: cost
            steps: [{name: factor, multiply: factor}, {gate: done}]
            from: icb
            to: acute
        """
    )
    row = {"day": "2026-05-01", "cost": "10", "factor": "50%", "done": "yes"}
    assert earned(settled(made, inputs={"visits": [row]})) == 5
    assert earned(settled(made, inputs={"visits": [{**row, "done": None}]})) == 0  # no answer opens no gate
    found = settled(made, inputs={"visits": [{**row, "factor": None}]}).payment("p")
    assert (found.status, found.reasons) == ("undetermined", ("an empty field is missing",))


def test_an_empty_field_in_a_curve() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {day: date, cost: GBP, most: optional GBP}}}
        payments:
          p:
            pays_for: outcome
            each: visits
            start: cost
            steps: [{curve: {points: {0 GBP: 0 GBP, 100 GBP: most}}}]
            from: icb
            to: acute
        """
    )
    row = {"day": "2026-05-01", "cost": "10", "most": "50"}
    assert earned(settled(made, inputs={"visits": [row]})) == 5
    found = settled(made, inputs={"visits": [{**row, "most": ""}]}).payment("p")
    assert found.reasons == ("an empty field in a curve is missing",)


def test_both_ends_of_bands_may_be_empty_fields() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {day: date, cost: GBP, most: optional GBP}}}
        payments:
          p:
            pays_for: outcome
            each: visits
            start: cost
            steps: [{bands: {bands: [{below: most, gives: 1 GBP}, {from: most, gives: 2 GBP}]}}]
            from: icb
            to: acute
        """
    )
    row = {"day": "2026-05-01", "cost": "10", "most": "50"}
    assert earned(settled(made, inputs={"visits": [row]})) == 1
    assert settled(made, inputs={"visits": [{**row, "most": ""}]}).payment("p").status == "undetermined"
