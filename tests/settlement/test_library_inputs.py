"""What a program may bring: text, whole numbers, Decimal, dates, truths; never a binary float."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import alliance
from alliance.settlement.brought import Brought, bring
from alliance.settlement.reading import as_text
from tests.settlement.helpers import QUARTERS, contract, earned, faults_of, one_payment, settled

KINDS = """\
inputs:
  money: {unit: GBP}
  rate: {unit: percent}
  points: {unit: percent, reads: percent points}
  n: {unit: count}
  days: {unit: days}
  hours: {unit: hours}
  day: {unit: date}
  met: {unit: boolean}
  kind: {one_of: [home, away]}
  note: {unit: text}
  odd: {unit: ratio, reads: {"-": not applicable, none: "0", "": suppressed}}
  each_n: {unit: count, by: provider}
figures:
  money_: {is: money}
""".replace("money_:", "seen:")


def value(name: str, given: Any) -> Any:
    """What was brought under a name, as the settlement reads it."""
    brought = bring(contract(KINDS).built, {name: given})
    ((_, datum),) = brought.values.items()
    return datum.value if datum.value is not None else datum.status


@pytest.mark.parametrize(("name", "given", "expected"), [
    ("money", "1_234.50", Fraction(2469, 2)),
    ("money", "1,234.50", Fraction(2469, 2)),
    ("money", " 12 ", 12),
    ("money", 12, 12),
    ("money", -12, -12),
    ("money", Decimal("0.10"), Fraction(1, 10)),
    ("money", Decimal("1E+3"), 1000),
    ("money", Decimal("1E-3"), Fraction(1, 1000)),
    ("money", Fraction(1, 8), Fraction(1, 8)),
    ("money", None, "missing"),
    ("money", "", "missing"),
    ("rate", "12.2%", Fraction(61, 500)),
    ("rate", "0.122", Fraction(61, 500)),
    ("rate", Decimal("0.122"), Fraction(61, 500)),
    ("rate", 1, 1),
    ("rate", "200%", 2),
    ("points", "12.2", Fraction(61, 500)),
    ("points", "12.2%", Fraction(61, 500)),
    ("n", "1_480", 1480),
    ("days", "3 weeks", 21),
    ("days", "36 hours", Fraction(3, 2)),
    ("days", 4, 4),
    ("hours", 36, Fraction(3, 2)),
    ("hours", "2 days", 2),
    ("day", date(2026, 4, 1), date(2026, 4, 1)),
    ("day", "2026-04-01", date(2026, 4, 1)),
    ("met", True, True),
    ("met", False, False),
    ("met", "Yes", True),
    ("met", "TRUE", True),
    ("met", "n", False),
    ("met", "0", False),
    ("kind", "home", "home"),
    ("note", "any words", "any words"),
    ("odd", "-", "not applicable"),
    ("odd", "none", 0),
    ("odd", "", "suppressed"),
    ("odd", None, "suppressed"),
    ("n", {"value": 5}, 5),
    ("n", {"value": 5, "status": "provisional"}, 5),
    ("n", {"status": "suppressed"}, "suppressed"),
    ("n", {"value": None, "status": None}, "missing"),
    ("each_n", {"acute": 5}, 5),
    ("each_n", {"acute": {"value": 5, "cases": 7}}, 5),
    ("each_n", {"acute": {"status": "missing"}}, "missing"),
])  # fmt: skip
def test_what_is_read(name: str, given: Any, expected: Any) -> None:
    assert value(name, given) == expected


@pytest.mark.parametrize("given", [1.5, {"value": 1.5}, {"acute": 0.1}, {"cases": 1.0, "value": 1}])
def test_a_float_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="float is not exact: give text, int, Decimal or a date"):
        alliance.settle(contract(KINDS), "2026-27", {"n": given})


def test_a_float_is_refused_in_records_and_periods_too() -> None:
    made = contract("inputs: {visits: {records: {cost: GBP}}, n: {unit: count}}")
    with pytest.raises(TypeError, match="float"):
        alliance.settle(made, "2026-27", {"visits": [{"cost": 1.5}]})
    with pytest.raises(TypeError, match="float"):
        alliance.settle(made, "2026-27", {"periods": {"2026-27": {"n": 1.5}}})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Decimal("NaN"), "NaN is not a number that can be settled"),
        (Decimal("Infinity"), "Infinity is not a number"),
        (Decimal("1E+99"), "not a number that can be settled"),
        (Fraction(1, 3), "has no end as a decimal"),
        (b"5", "bytes is not exact"),
        (object(), "object is not exact"),
    ],
)
def test_so_is_what_is_no_number_of_a_contract(given: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        as_text(given)


def test_values_for_other_periods() -> None:
    made = contract("inputs: {x: {unit: GBP, over_periods: add}}\nfigures: {f: {is: x}}", settles="quarterly")
    assert settled(made, inputs={"periods": {q: {"x": 5} for q in QUARTERS}}).figure("f") == 20
    assert settled(made, QUARTERS[0], {"periods": {QUARTERS[0]: {"x": 5}}}).figure("f") == 5


def test_nothing_may_be_brought() -> None:
    assert settled(contract("figures: {f: {unit: count, is: 5}}"), inputs=None).figure("f") == 5


def test_what_was_brought_already_is_taken_as_it_is() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute")
    brought = bring(made.built, {"x": "5"})
    assert isinstance(brought, Brought)
    assert bring(made.built, brought) is brought
    assert earned(settled(made, inputs=brought)) == 5  # type: ignore[arg-type]


def test_a_period_may_be_given_as_one() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute")
    assert earned(alliance.settle(made, made.period("2026-27"), {"x": 5})) == 5


def test_what_is_brought_is_not_changed() -> None:
    given = {"x": {"value": "5", "status": "measured"}, "periods": {"2026-27": {"y": 1}}}
    before = repr(given)
    settled(one_payment("start: x\nfrom: icb\nto: acute"), inputs=given)
    assert repr(given) == before


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda m: alliance.settle(m, "2026-27", {}, kind="draft"), "kind is one of provisional, final, not 'draft'"),
    ],
)
def test_misuse(act: Callable[[object], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        act(one_payment("start: x\nfrom: icb\nto: acute"))


@pytest.mark.parametrize(
    ("period", "code"), [("2026", "AC110"), ("2026-27 Q5", "AC110"), ("soon", "AC110"), ("2031-32", "AC111")]
)
def test_periods_that_are_none_of_the_contract(period: str, code: str) -> None:
    with pytest.raises(alliance.InputError) as caught:
        settled(one_payment("start: x\nfrom: icb\nto: acute"), period)
    assert [f.code for f in caught.value.faults] == [code]


def test_the_fields_of_records() -> None:
    made = contract(
        """\
        inputs:
          visits:
            records: {who: id, day: date, hours: hours, took: optional days, mood: likert 5, of: party, met: boolean,
                      part: percent, kind: [own, shared], note: optional text}
            reads: {"-": missing, often: "5"}
        """
    )
    row = {
        "who": "a/b", "day": date(2026, 4, 1), "hours": "36", "took": "2", "mood": "often", "of": "acute", "met": True,
        "part": "12%", "kind": "own", "note": "-",
    }  # fmt: skip
    (record,) = bring(made.built, {"visits": [row]}).records["visits"]
    assert record.fields == {
        "who": "a/b", "day": date(2026, 4, 1), "hours": Fraction(3, 2), "took": 2, "mood": 5, "of": "acute", "met": True,
        "part": Fraction(3, 25), "kind": "own", "note": None,
    }  # fmt: skip
    (longer,) = bring(made.built, {"visits": [{**row, "hours": "2 days", "took": None}]}).records["visits"]
    assert (longer.fields["hours"], longer.fields["took"]) == (2, None)


def test_faults_are_told_by_the_name_under_which_a_program_gave_it() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute")
    assert faults_of(lambda: settled(made, inputs={"x": "five"})) == [
        'inputs: AC135 x: "five" is not a number. Leave it empty, or write missing, where nothing is known.'
    ]
