"""What every step says of itself: its line has the place, the values that it used, what it did, and what it bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.values import Unknown
from alliance.settlement.result import Line, PaymentResult
from tests.settlement.helpers import contract, faults_of, one_payment, settled

NOT_TAKEN = "not taken: it is for a {} only, and this is {}"
CORRIDOR = "{{corridor: {{{}: 50 GBP}}}}"
REACHED = "it {} the edge of the corridor, so the whole of it counts"
MISSED = "it does not {} the edge of the corridor, so none of it counts"
CURVE = "{{curve: {{points: {{0 GBP: 0 GBP, 100 GBP: {}}}}}}}"
SHARED = "of: y, points: {0%: 0%, 100%: 50%}"


def line(step: str, x: str = "100", **given: str) -> Line:
    made = one_payment(f"start: x\nsteps: [{step}]\nfrom: icb\nto: acute")
    return settled(made, inputs={"x": x, **given}).payment("p").waterfalls[0].lines[1]


@pytest.mark.parametrize(
    ("step", "x", "given", "after", "note"),
    [
        ("{multiply: 2}", "100", {}, "200", ""),
        ("{add: 5 GBP}", "100", {}, "105", ""),
        ("{multiply: 2, only: gain}", "0.50", {}, "1", ""),
        ("{multiply: 2, only: gain}", "0", {}, "0", NOT_TAKEN.format("gain", "nothing")),
        ("{multiply: 2, only: gain}", "-1", {}, "-1", NOT_TAKEN.format("gain", "a loss")),
        ("{multiply: 2, only: loss}", "-0.50", {}, "-1", ""),
        ("{multiply: 2, only: loss}", "0", {}, "0", NOT_TAKEN.format("loss", "nothing")),
        ("{multiply: 2, only: loss}", "0.50", {}, "0.50", NOT_TAKEN.format("loss", "a gain")),
        ("{multiply: 2, only: loss}", "1", {}, "1", NOT_TAKEN.format("loss", "a gain")),
        ("{multiply: 2, when: ok}", "1", {"ok": "no"}, "1", "not taken: ok is not so"),
        ("{multiply: 2, when: ok}", "1", {}, None, "whether it applies is not known: ok is missing"),
        ("{multiply: rate}", "1", {}, None, "rate is missing"),
        ("{gate: ok}", "5", {"ok": "yes"}, "5", "open"),
        ("{gate: ok}", "5", {"ok": "no"}, "0", "shut: ok is not so"),
        ("{gate: ok}", "5", {}, None, "not known whether it is open: ok is missing"),
        ("{gate: ok, if_unknown: shut}", "5", {}, "0", "shut, as the contract says of what is not known: ok is missing"),
        ("{gate: ok, if_unknown: open}", "5", {}, "5", "open, as the contract says of what is not known: ok is missing"),
        (CORRIDOR.format("reach"), "50", {}, "50", REACHED.format("reaches")),
        (CORRIDOR.format("reach"), "-50", {}, "-50", REACHED.format("reaches")),
        (CORRIDOR.format("reach"), "49", {}, "0", MISSED.format("reach")),
        (CORRIDOR.format("exceed"), "51", {}, "51", REACHED.format("exceeds")),
        (CORRIDOR.format("exceed"), "50", {}, "0", MISSED.format("exceed")),
        ("{deadband: {beyond: 50 GBP}}", "50", {}, "0", "it lies within the deadband"),
        ("{deadband: {beyond: 50 GBP}}", "50.50", {}, "0.50", "only what lies beyond counts"),
        ("{deadband: {beyond: 50 GBP}}", "-51", {}, "-1", "only what lies beyond counts"),
        ("{deadband: {beyond: -10%, of: y}}", "-51", {"y": "500"}, "-1", "only what lies beyond counts"),
        (CURVE.format("y"), "50", {"y": "60"}, "30", ""),
        (CURVE.format("y"), "-0.50", {"y": "60"}, "-0.30", ""),
        (CURVE.format("y"), "50", {}, None, "y is missing"),
        (f"{{curve: {{{SHARED}}}}}", "50", {"y": "0"}, "0", "a share of nothing"),
        (f"{{curve: {{{SHARED}}}}}", "50", {"y": "-100"}, "25", ""),
        ("{bands: {of: y, bands: [{gives: 50%}]}}", "50", {"y": "0"}, "0", "a share of nothing"),
        ("{bands: {of: y, bands: [{gives: 50%}]}}", "-50", {"y": "-80"}, "-40", ""),
        ("{bands: {bands: [{below: y, gives: 7 GBP}]}}", "-0.50", {"y": "5"}, "-7", ""),
        ("{bands: {bands: [{below: y, gives: 7 GBP}]}}", "5", {"y": "5"}, None, "a value outside every band is not assessable"),
        ("{at_most: 50 GBP}", "60", {}, "50", "limited"),
        ("{at_most: 50 GBP}", "50", {}, "50", "within the limit"),
        ("{at_most: 50 GBP, only: loss}", "-60", {}, "-50", "limited"),
        ("{at_most: 50 GBP, only: loss}", "-50", {}, "-50", "within the limit"),
        ("{at_most: -50 GBP, only: loss}", "-60", {}, "0", "limited"),
        ("{at_least: 50 GBP}", "40", {}, "50", "raised to the least"),
        ("{at_least: 50 GBP}", "50", {}, "50", "above the least"),
        ("{at_least: 50 GBP, only: loss}", "-40", {}, "-50", "raised to the least"),
        ("{at_least: 50 GBP, only: loss}", "-50", {}, "-50", "above the least"),
        ("{deduct: 5 GBP}", "0", {}, "0", "there is no gain to deduct from"),
        ("{deduct: 5 GBP}", "0.50", {}, "0", ""),
        ("{deduct: 5 GBP}", "6", {}, "1", ""),
        ("{deduct: -5 GBP}", "6", {}, "6", ""),
        ("{deduct: 0.50 GBP}", "6", {}, "5.50", ""),
        ("{relieve: 5 GBP}", "0", {}, "0", "there is no loss to relieve"),
        ("{relieve: 5 GBP}", "-0.50", {}, "0", ""),
        ("{relieve: 5 GBP}", "-6", {}, "-1", ""),
        ("{relieve: -5 GBP}", "-6", {}, "-6", ""),
        ("{relieve: 0.50 GBP}", "-6", {}, "-5.50", ""),
        ("{deadband: {beyond: 0.10 GBP}}", "0.50", {}, "0.40", "only what lies beyond counts"),
        ("{deadband: {beyond: 0.10 GBP}}", "-0.50", {}, "-0.40", "only what lies beyond counts"),
        ("{round: {to: 10}}", "14.50", {}, "10", "to 10"),
    ],
)  # fmt: skip
def test_what_a_step_did(step: str, x: str, given: dict[str, str], after: str | None, note: str) -> None:
    found = line(step, x, **given)
    if after is None:
        assert isinstance(found.after, Unknown)
        assert str(found.after) in found.note
    else:
        assert found.after == Fraction(after)
    assert (found.before, found.note) == (Fraction(x), note)


def test_the_place_and_the_clause_of_a_step() -> None:
    found = line("{name: cut, at_most: y, clause: Sch 2}", y="60")
    assert found.mark is not None
    assert (found.name, found.clause, found.mark.line, found.mark.column) == ("cut", "Sch 2", 18, 13)


def test_a_step_whose_number_runs_away_is_told_at_its_place() -> None:
    steps = ", ".join("{multiply: 999_999_999_999_999_999_999_999_999_999_999_999_999}" for _ in range(40))
    made = one_payment(f"start: x\nsteps: [{steps}]\nfrom: icb\nto: acute")
    (fault,) = faults_of(lambda: settled(made, inputs={"x": "1"}))
    assert "AC140 in the step multiply, a number grew past 4096 binary digits." in fault
    assert fault.startswith("contract.yaml:18:")


@pytest.mark.parametrize(
    ("step", "facts", "bound"),
    [
        ("{multiply: rate}", (("rate", Fraction(1, 2), "percent"),), ""),
        ("{gate: ok}", (("ok", True, "boolean"),), ""),
        ("{at_most: y}", (("y", 60, "money"),), "cap"),
        ("{at_least: y}", (("y", 60, "money"),), "floor"),
        ("{deduct: y}", (("y", 60, "money"),), ""),
        ("{multiply: rate, only: loss}", (), ""),
        ("{multiply: rate, when: not ok}", (), ""),
        ("{round: {to: 1}}", (), ""),
    ],
)
def test_the_values_that_a_step_used_and_what_it_bounds(step: str, facts: Any, bound: str) -> None:
    found = line(step, "100", rate="50%", y="60", ok="yes")
    assert (found.facts, found.bound) == (facts, bound)


def test_what_is_not_known_is_among_the_values() -> None:
    (fact,) = line("{multiply: rate}").facts
    assert (fact[0], str(fact[1]), fact[2]) == ("rate", "rate is missing", "percent")


VISITS = """\
inputs:
  y: {unit: GBP}
  visits: {records: {cost: GBP, factor: optional percent, most: optional GBP, done: optional boolean}}
payments:
  p: {pays_for: outcome, each: visits, start: cost, steps: [%s], from: icb, to: acute}
"""


def visited(step: str, **given: str) -> PaymentResult:
    made = contract(VISITS % step)
    return settled(made, inputs={"visits": [{"cost": "10"}], **given}).payment("p")


def test_an_empty_field_is_told_at_the_step() -> None:
    found = visited("{name: cut, multiply: factor}")
    last = found.waterfalls[-1].lines[-1]
    assert isinstance(last.after, Unknown)
    (reason,) = last.after.reasons
    assert (reason.what, reason.status, reason.mark) == ("an empty field", "missing", last.mark)
    assert (last.note, last.facts) == ("an empty field", (("factor", None, "percent"),))
    assert found.reasons == ("an empty field is missing",)


def test_an_empty_field_beside_what_is_not_known() -> None:
    last = visited("{corridor: {reach: factor, of: y}}").waterfalls[-1].lines[-1]
    assert str(last.after) == "y is missing"
    assert last.note == "an empty field"
    assert [f[0] for f in last.facts] == ["factor", "y"]


def test_a_band_that_gives_an_empty_field() -> None:
    found = visited("{bands: {bands: [{gives: most}]}}")
    assert (found.status, found.reasons) == ("undetermined", ("an empty field in bands is missing",))
    last = found.waterfalls[-1].lines[-1]
    assert isinstance(last.after, Unknown)
    assert [r.mark for r in last.after.reasons] == [last.mark]


@pytest.mark.parametrize(
    ("steps", "x", "found"),
    [
        # a limit holds for the penny too, as long as only limits change the amount
        ("{at_most: 10.009 GBP}", "11", "10.00"),
        ("{at_most: 10.009 GBP}, {multiply: 1}", "11", "10.00"),
        ("{at_most: 10.009 GBP}, {add: 0.001 GBP}", "11", "10.01"),
        ("{at_least: 10.001 GBP}", "1", "10.01"),
        ("{at_most: 10.009 GBP, only: loss}", "-11", "-10.00"),
        ("{at_least: 10.001 GBP, only: loss}", "-1", "-10.01"),
        ("{at_most: -3 GBP, only: loss}", "-1", "0"),
        ("{at_least: 0.001 GBP, only: loss}", "-0.50", "-0.50"),
    ],
)
def test_what_an_amount_is_held_to(steps: str, x: str, found: str) -> None:
    made = one_payment(f"start: x\nsteps: [{steps}]\nfrom: icb\nto: acute")
    assert settled(made, inputs={"x": x}).payment("p").earned == Fraction(found)
