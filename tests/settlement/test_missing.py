"""Missing is a state, never zero: every status, every policy, and how what is not known spreads."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from alliance.contract.values import STATUSES, UNUSABLE
from alliance.settlement.state import State
from tests.settlement.helpers import (
    QUARTERS,
    balance,
    contract,
    earned,
    faults_of,
    moves,
    one_payment,
    settled,
    stepped,
    why,
)


def figure(formula: str, inputs: dict[str, Any] | None = None, entry: str = "", **options: Any) -> Any:
    """What a formula over rates a and b, amounts x and y, and truths t and u comes to."""
    made = contract(
        f"""\
        inputs:
          a: {{unit: percent{entry}}}
          b: {{unit: percent{entry}}}
          x: {{unit: GBP}}
          y: {{unit: GBP}}
          t: {{unit: boolean}}
          u: {{unit: boolean}}
          kind: {{one_of: [home, away]}}
        figures:
          f: {{is: "{formula}"}}
        """
    )
    return settled(made, inputs=inputs or {}, **options).figure("f")


@pytest.mark.parametrize("status", STATUSES)
def test_every_status(status: str) -> None:
    found = figure("a", {"a": {"value": "40%", "status": status}})
    if status in UNUSABLE:
        assert why(found) == f"a is {status}"
    else:
        assert found == Fraction(2, 5)


def test_what_is_provisional_is_usable_until_the_settlement_is_final() -> None:
    given = {"a": {"value": "40%", "status": "provisional"}}
    assert figure("a", given) == Fraction(2, 5)
    assert "only provisional" in why(figure("a", given, kind="final"))
    assert figure("a", {"a": "40%"}, kind="final") == Fraction(2, 5)
    assert "only provisional" in why(figure("a", given, ", if: {missing: zero}", kind="final"))  # no policy is of that


@pytest.mark.parametrize("text", ["", None, "missing", "suppressed", "not applicable", "not assessable"])
def test_a_status_may_be_written_for_a_value(text: str | None) -> None:
    assert why(figure("a", {"a": text})) == f"a is {text or 'missing'}"


def test_a_value_with_a_status_that_is_not_usable_is_not_used() -> None:
    assert why(figure("a", {"a": {"value": "suppressed", "status": "not applicable"}})) == "a is not applicable"
    assert why(figure("a", {"a": {"value": "", "status": "measured"}})) == "a is missing"


# policies


@pytest.mark.parametrize("status", UNUSABLE)
def test_zero(status: str) -> None:
    given = {"a": {"status": status}}
    assert figure("a", given, f", if: {{{status}: zero}}") == 0
    for other in set(UNUSABLE) - {status}:
        assert why(figure("a", given, f", if: {{{other}: zero}}")) == f"a is {status}"


def test_unknown() -> None:
    assert why(figure("a", {}, ", if: {missing: unknown}")) == "a is missing"


@pytest.mark.parametrize(("formula", "expected"), [
    ("max(a, b)", Fraction(1, 5)),
    ("min(a, b)", Fraction(1, 5)),
    ("max(a, b) + 0%", Fraction(1, 5)),
    ("max(a + 1%, b)", Fraction(1, 5)),  # what is made of it alone goes with it
    ("max(a + b, b)", Fraction(1, 5)),
    ("max(a, a)", None),
    ("a + b", None),
    ("a", None),
    ("a else b", Fraction(1, 5)),
    ("clamp(b, a, 50%)", None),  # a bound is no side to choose
    ("clamp(a, 5%, 50%)", None),
])  # fmt: skip
def test_exclude_drops_a_side_and_is_unknown_elsewhere_or_where_nothing_remains(formula: str, expected: Any) -> None:
    found = figure(formula, {"b": "20%"}, ", if: {missing: exclude}")
    if expected is None:
        assert "a is missing" in why(found)
    else:
        assert found == expected


COMPOSITE = """\
inputs:
  a: {unit: percent, if: {not assessable: exclude}}
  b: {unit: percent, if: {not assessable: exclude}}
  c: {unit: percent}
  share: {unit: percent}
figures:
  all: {weighted: {a: 40%, b: 40%, c: 20%}}
  free: {weighted: {a: share, c: 100% - share}}
  two: {weighted: {a: 40%, b: 60%}}
"""
LEFT_OUT = {"status": "not assessable"}


@pytest.mark.parametrize(("given", "expected"), [
    ({"a": "50%", "b": "100%", "c": "10%"}, Fraction(62, 100)),  # 20 + 40 + 2
    ({"a": "50%", "b": LEFT_OUT, "c": "10%"}, Fraction(22, 60)),  # (20 + 2) made up from 60% to the whole
    ({"a": LEFT_OUT, "b": LEFT_OUT, "c": "10%"}, Fraction(1, 10)),
])  # fmt: skip
def test_exclude_reweights_a_composite(given: dict[str, Any], expected: Fraction) -> None:
    assert settled(contract(COMPOSITE), inputs=given).figure("all") == expected


def test_a_composite_of_which_nothing_remains_or_something_is_missing() -> None:
    found = settled(contract(COMPOSITE), inputs={"a": LEFT_OUT, "b": LEFT_OUT})
    assert why(found.figure("all")) == "c is missing"
    assert why(found.figure("two")) == "a is not assessable; b is not assessable"
    assert why(found.figure("free")) == "c is missing; share is missing"


def test_a_composite_whose_weights_come_to_nothing() -> None:
    found = settled(contract(COMPOSITE), inputs={"a": LEFT_OUT, "c": "10%", "share": "100%"})
    assert why(found.figure("free")) == "free, whose weights are all nothing is not assessable"


def test_previous() -> None:
    made = contract(
        """\
        inputs:
          a: {unit: percent, if: {missing: previous}}
          each_a: {unit: count, by: provider, if: {missing: previous}}
        measures: {m: {reported: percent, if: {suppressed: previous}, score: {nothing_at: 0%, full_at: 50%}}}
        figures: {f: {is: a}, g: {is: m.score}, h: {is: each_a by acute}}
        """,
        settles="quarterly",
    )
    q1 = settled(made, QUARTERS[0], {"a": "10%", "m": "20%", "each_a": {"acute": 3}}, kind="final")
    q2 = settled(made, QUARTERS[1], {"m": {"status": "suppressed"}}, q1, kind="final")
    assert (q2.figure("f"), q2.figure("g"), q2.figure("h")) == (Fraction(1, 10), Fraction(2, 5), 3)
    assert (q2.measures[0].value, q2.measures[0].status) == (Fraction(1, 5), "suppressed")
    q3 = settled(made, QUARTERS[2], {}, q2, kind="final")  # and so on, as long as it stays missing
    assert (q3.figure("f"), why(q3.figure("g"))) == (Fraction(1, 10), "m is missing")
    assert why(settled(made, QUARTERS[0]).figure("f")) == "the last a is missing"


def test_what_was_provisional_is_no_previous_value() -> None:
    made = contract("inputs: {a: {unit: percent, if: {missing: previous}}}\nfigures: {f: {is: a}}", settles="quarterly")
    q1 = settled(made, QUARTERS[0], {"a": "10%"})
    assert why(settled(made, QUARTERS[1], {}, q1).figure("f")) == "the last a is missing"


def test_a_truth_or_a_category_for_what_is_missing() -> None:
    made = contract(
        """\
        inputs:
          met: {unit: boolean, if: {missing: no}}
          met_too: {unit: boolean, if: {missing: yes, suppressed: no}}
          kind: {one_of: [home, away], if: {missing: away}}
        figures: {f: {is: met}, g: {is: met_too}, h: {is: kind = away}, i: {is: kind}}
        """
    )
    found = settled(made, inputs={})
    assert [found.figure(k) for k in "fghi"] == [False, True, True, "away"]
    given = settled(made, inputs={"met": "yes", "met_too": {"status": "suppressed"}, "kind": "home"})
    assert [given.figure(k) for k in "fghi"] == [True, False, False, "home"]


# logic of three values, and what is read

T, F, U = {"t": "yes"}, {"t": "no"}, {}
LOGIC = [
    ("t and u", {"t": "no"}, False),
    ("u and t", {"t": "no"}, False),
    ("t and u", {"t": "yes"}, None),
    ("t or u", {"t": "yes"}, True),
    ("u or t", {"t": "yes"}, True),
    ("t or u", {"t": "no"}, None),
    ("not u", {}, None),
    ("u = t", {"t": "yes"}, None),
    ("u is known", {}, False),
    ("u is missing", {}, True),
    ("t is known", {"t": "no"}, True),
    ("x > y", {"x": "1"}, None),
    ("kind in (home, away)", {}, None),
    ("kind in (home)", {"kind": "away"}, False),
    ("kind not in (home)", {"kind": "away"}, True),
]


@pytest.mark.parametrize(("formula", "given", "expected"), LOGIC)
def test_logic_is_three_valued(formula: str, given: dict[str, Any], expected: bool | None) -> None:
    found = figure(formula, given)
    assert (found is expected) if expected is not None else why(found)


def test_only_the_branch_that_is_taken_is_read() -> None:
    assert figure("x if t else y", {"t": "yes", "x": "5"}) == 5
    assert why(figure("x if t else y", {"t": "no", "x": "5"})) == "y is missing"
    assert why(figure("x if t else x", {"x": "5"})) == "t is missing"
    assert figure("x else y", {"x": "5"}) == 5
    assert figure("x else y", {"y": "6"}) == 6
    assert why(figure("x else y", {})) == "y is missing"


def test_nothing_times_an_unknown_is_unknown() -> None:
    assert why(figure("a * b", {"a": "0%"})) == "b is missing"
    assert why(figure("x * 0", {})) == "x is missing"


def test_a_quotient_by_nothing_is_not_assessable() -> None:
    assert why(figure("x / y", {"x": "1", "y": "0"})) == "a quotient by nothing (y) is not assessable"


def test_a_payment_that_is_not_determined_moves_nothing() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        inputs: {x: {unit: GBP}, y: {unit: GBP}}
        payments:
          p: {pays_for: outcome, start: x, from: pool, slices: [{up_to: 10 GBP, to: acute}, {up_to: y, to: community}]}
          q: {pays_for: outcome, start: 5 GBP, from: pool, to: live_in}
        """
    )
    found = settled(made, inputs={"x": "100"}, opening=State({"pool": {"": 50}}))
    assert moves(found) == ["pool -> live_in 5.00"]
    assert balance(found, "pool") == 45
    p = found.payment("p")
    assert (p.status, p.reasons, p.received, p.net) == ("undetermined", ("y is missing",), (), 0)
    assert [u.name for u in found.undetermined] == ["p"]
    assert [w.amount for w in p.waterfalls] == [earned(found)]


def test_what_leans_on_it_is_not_determined_either() -> None:
    made = one_payment(
        "start: x\nfrom: icb\nto: acute",
        "figures: {f: {is: p.earned + 1 GBP}, g: {is: p.kept}, h: {is: p.earned by acute}}\n",
    )
    found = settled(made)
    assert [why(found.figure(k)) for k in "fgh"] == ["x is missing"] * 3


def test_a_settlement_with_an_undetermined_payment_cannot_be_final() -> None:
    made = one_payment("title: The payment\nstart: x\nfrom: icb\nto: acute")
    (fault,) = faults_of(lambda: settled(made, kind="final"))
    assert "AC141 The payment cannot be determined, so the settlement cannot be final: x is missing." in fault
    assert fault.startswith("contract.yaml:15:3: ")
    assert moves(settled(made, inputs={"x": "5"}, kind="final")) == ["icb -> acute 5.00"]


def test_what_is_undetermined_leaves_what_was_paid_before() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute", settles="quarterly")
    first = settled(made, QUARTERS[0], {"x": "10"})
    unsure = settled(made, QUARTERS[0], {"x": {"status": "suppressed"}}, first)
    assert (unsure.transfers, unsure.payment("p").status) == ((), "undetermined")
    year = settled(made, inputs={}, opening=first)
    assert year.transfers == ()
    assert year.payment("p").reasons == tuple(f"{q}: x is missing" for q in QUARTERS[1:])
    assert why(earned(year)) == "x is missing"


def test_a_start_that_is_empty() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {person: id, cost: optional GBP}}}
        payments: {p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}}
        """
    )
    found = settled(made, inputs={"visits": [{"person": "a", "cost": "1"}, {"person": "b"}]})
    assert found.payment("p").reasons == ("cost is missing",)
    assert moves(found) == []


def test_a_reason_is_told_once() -> None:
    assert why(figure("a + a + b")) == "a is missing; b is missing"


def test_steps_tell_what_they_could_not_know() -> None:
    assert why(stepped("[{multiply: rate}]", "10")) == "rate is missing"


def test_the_place_of_what_could_not_be_used_is_kept() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute")
    value = earned(settled(made))
    assert [str(r.mark) for r in value.reasons] == ["contract.yaml:10:3"]  # type: ignore[union-attr]


def test_figures_over_fields_that_are_empty() -> None:
    made = contract(
        """\
        inputs: {trips: {records: {back: optional date, part: optional percent}}, a: {unit: percent}}
        figures:
          last_back: {is: max(back for trips)}
          free: {weighted: {a: max(part for trips)}}
        """
    )
    found = settled(made, inputs={"a": "5%", "trips": [{"back": "2026-05-01", "part": "100%"}, {}]})
    assert why(found.figure("last_back")) == "last_back is missing"
    assert "an empty field in a sum" in why(found.figure("free"))


def test_a_payment_of_a_longer_period_is_not_known_yet() -> None:
    made = one_payment(
        "start: x\nsettles: yearly\nfrom: icb\nto: acute",
        "figures: {f: {is: p.earned}, g: {is: p.net by acute}, h: {is: p.kept by acute}}\n",
        settles="quarterly",
    )
    assert why(settled(made, QUARTERS[0], {"x": "5"}).figure("f")) == "p.earned is missing"
    year = settled(made, inputs={"x": "5"})
    assert year.figure("f") == 5
    assert "known once everything is settled" in why(year.figure("g"))
    assert why(year.figure("h")) == "p.kept by acute is not applicable"


def test_records_that_were_not_brought_are_missing_and_not_none() -> None:
    made = contract(
        """\
        inputs:
          visits: {records: {person: id, safe: boolean}}
          extras: {records: {person: id}, optional: true}
        figures: {n: {is: count(visits where safe)}, m: {is: count(extras)}}
        payments: {p: {pays_for: outcome, start: 10 GBP * n, from: icb, to: acute}}
        """
    )
    found = settled(made)
    assert why(found.figure("n")) == "visits is missing"
    assert found.payment("p").status == "undetermined"
    assert found.figure("m") == 0
    assert settled(made, inputs={"visits": []}).figure("n") == 0
