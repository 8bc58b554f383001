"""Every line of a payment that is no step: its place, clause, values and words, as a statement and an explanation have them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from alliance.contract.faults import Mark
from alliance.contract.numbers import normal
from alliance.settlement.result import Line, Settlement
from alliance.settlement.state import State
from tests.settlement.helpers import contract, settled

Said = tuple[str, str, object, object, object, str, str, int | None]


def said(line: Line) -> Said:
    """A line as a row, with the line of the file that it stands at."""
    at = line.mark.line if line.mark is not None else None
    return line.kind, line.name, line.before, line.after, line.facts, line.note, line.clause, at


def column(line: Line) -> int:
    assert isinstance(line.mark, Mark)
    return line.mark.column


def n(text: str) -> object:
    return normal(Fraction(text))


def test_a_start_and_what_is_not_due() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP}, ok: {unit: boolean}}
        payments:
          p: {clause: Sch 1, pays_for: outcome, when: ok, start: x, from: icb, to: acute}
        """
    )
    (start,) = settled(made, inputs={"x": "5", "ok": "yes"}).payment("p").waterfalls[0].lines
    assert said(start) == ("start", "x", None, 5, (), "", "Sch 1", 11)
    assert column(start) > 50
    (when,) = settled(made, inputs={"x": "5", "ok": "no"}).payment("p").waterfalls[0].lines
    assert said(when) == ("when", "not due", 0, 0, (), "ok is not so", "Sch 1", 11)
    assert column(when) < column(start)


def test_the_limits_of_a_payment() -> None:
    made = contract(
        """\
        inputs: {x: {unit: GBP}}
        payments:
          p:
            clause: Sch 1
            pays_for: outcome
            start: x
            limits:
              at_most: 50 GBP
              at_least: 10 GBP
              only: gain
            from: icb
            to: acute
        """
    )
    lines = settled(made, inputs={"x": "60"}).payment("p").waterfalls[0].lines
    assert [said(line) for line in lines[1:]] == [
        ("at_most", "the payment's limit, at most", 60, 50, (("50 GBP", 50, "money"),), "limited", "Sch 1", 16),
        (
            "at_least",
            "the payment's limit, at least",
            50,
            50,
            (("10 GBP", 10, "money"),),
            "above the least",
            "Sch 1",
            17,
        ),
    ]
    assert [line.bound for line in lines] == ["", "cap", "floor"]
    lines = settled(made, inputs={"x": "-60"}).payment("p").waterfalls[0].lines
    assert [line.after for line in lines] == [-60, -60, -60]
    assert lines[1].note == "not taken: it is for a gain only, and this is a loss"


INSTALMENTS = """\
accounts: {pot: {}}
payments:
  p:
    pays_for: outcome
    settles: yearly
    start: 1_000 GBP
    on_account: {of_the_year: 100 GBP, each: month, clause: Sch 9}
    from: %s
    to: acute
"""


def quarter(payer: str, held: str = "0") -> Settlement:
    made = contract(INSTALMENTS % payer, settles="quarterly")
    return settled(made, "2026-27 Q1", opening=State({"pot": {"": normal(Fraction(held))}}))


def test_instalments() -> None:
    found = quarter("icb").payment("p")
    (waterfall,) = found.waterfalls
    assert (waterfall.of, waterfall.amount) == ("", 25)
    assert [said(line) for line in waterfall.lines] == [
        ("start", "100 GBP", None, 100, (), "for the year", "Sch 9", 15),
        ("instalment", "on account", 100, 25, (), "3 of 12 instalments of the year", "", None),
    ]
    assert (found.status, found.on_account, found.net) == ("on account", n("25.02"), n("25.02"))
    assert [said(line) for line in found.lines] == [TO_EACH]


SPLIT = "what each has of the year is split to the penny, over the time that it is in the alliance"
TO_EACH = ("instalment", "to each", 25, n("25.02"), (), SPLIT, "", None)


@pytest.mark.parametrize(("held", "paid"), [("25.02", "25.02"), ("25.01", "25.01"), ("10", "10"), ("0", "0")])
def test_instalments_from_an_account_that_holds_too_little(held: str, paid: str) -> None:
    found = quarter("pot", held).payment("p")
    assert found.on_account == n(paid)
    note = "an account pays no more than it holds above its floor, and takes in no more than it has room for"
    facts = (("available", n(held), "money"),)
    line = ("limit", "what the account allows", n("25.02"), n(held), facts, note, "", None)
    assert [said(x) for x in found.lines] == [TO_EACH, *([] if held == paid == "25.02" else [line])]


def test_instalments_to_two_out_of_one_account() -> None:
    body = (INSTALMENTS % "pot").replace("to: acute", "to: {acute: 60%, community: 40%}")
    made = contract(body, settles="quarterly")
    found = settled(made, "2026-27 Q1", opening=State({"pot": {"": 20}}))
    assert [(t.payee, t.amount, t.kind) for t in found.transfers] == [
        ("acute", n("11.99"), "on account"),
        ("community", n("8.01"), "on account"),
    ]  # of 15 and 10.02 in proportion
    assert [said(line)[2:4] for line in found.payment("p").lines] == [(25, n("25.02")), (n("25.02"), 20)]


SLICES = """\
accounts: {pot: {}}
inputs: {x: {unit: GBP}, ok: {unit: boolean}}
payments:
  p:
    pays_for: outcome
    start: x
    slices:
      - {name: first, up_to: 10 GBP, to: {acute: 60%%, rest: stays}, clause: Sch 3}
      - {name: second, only: gain, up_to: 20 GBP, from: %s, to: community}
      - {name: third, only: loss, when: ok, up_to: -5 GBP, to: community}
    from: icb
"""


def test_slices() -> None:
    made = contract(SLICES % "council")
    lines = settled(made, inputs={"x": "35", "ok": "yes"}).payment("p").waterfalls[0].lines
    assert [said(line) for line in lines[1:]] == [
        (
            "slice",
            "first",
            35,
            25,
            (("in this slice", 10, "money"), ("to acute", n("3/5"), "percent"), ("stays with the payer", 4, "money")),
            "",
            "Sch 3",
            16,
        ),
        ("slice", "second", 25, 5, (("in this slice", 20, "money"),), "", "", 17),
        ("kept", "beyond every slice, kept by the payer", 5, 0, (), "", "", 12),
    ]
    lines = settled(made, inputs={"x": "-35", "ok": "yes"}).payment("p").waterfalls[0].lines
    assert [said(line)[:5] for line in lines[1:]] == [
        (
            "slice",
            "first",
            -35,
            -25,
            (("in this slice", -10, "money"), ("to acute", n("3/5"), "percent"), ("stays with the payer", -4, "money")),
        ),
        ("slice", "third", -25, -25, (("in this slice", 0, "money"),)),
        ("kept", "beyond every slice, kept by the payer", -25, 0, ()),
    ]
    assert settled(made, inputs={"x": "-35"}).payment("p").reasons == ("ok is missing",)
    assert [x.name for x in settled(made, inputs={"x": "-35", "ok": "no"}).payment("p").waterfalls[0].lines] == [
        "x", "first", "beyond every slice, kept by the payer",
    ]  # fmt: skip
    exact = settled(made, inputs={"x": "30"}).payment("p").waterfalls[0].lines
    assert exact[-1].kind == "slice"


@pytest.mark.parametrize(
    ("held", "after", "note"),
    [
        ("30", "5", ""),
        ("20", "5", ""),
        ("8", "17", "the account gives what it holds"),
        ("0", "25", "the account has nothing to give"),
    ],
)
def test_a_slice_that_an_account_pays(held: str, after: str, note: str) -> None:
    found = settled(contract(SLICES % "pot"), inputs={"x": "35"}, opening=State({"pot": {"": int(held)}}))
    line = found.payment("p").waterfalls[0].lines[2]
    assert (line.after, line.note) == (int(after), note)


LIMITED = """\
accounts: {pot: {at_most: 6 GBP}}
inputs: {x: {unit: GBP}}
payments:
  p:
    pays_for: outcome
    start: x
    from: icb
    to: {acute: 50%%, community: 30%%, pot: 20%%}
    party_limits: {gain: {each: provider, at_most: 40 GBP, beyond: %s, clause: Sch 4}}
"""


@pytest.mark.parametrize(
    ("beyond", "words", "kept"),
    [
        ("payer", "kept by the payer", "24"),
        ("carry", "carried to the next settlement", "14"),
        ("others", "shared among the others", "14"),
    ],
)
def test_what_a_limit_cuts(beyond: str, words: str, kept: str) -> None:
    made = contract(LIMITED % beyond + "figures: {kept: {is: p.kept}}\n")
    found = settled(made, inputs={"x": "100"})
    lines = {line.name: line for line in found.payment("p").lines}
    community = 40 if beyond == "others" else 30
    assert said(lines["acute: at most"]) == (
        "limit", "acute: at most", 50, 40, (("limit", 40, "money"),), f"what is beyond is {words}", "Sch 4", 17,
    )  # fmt: skip
    assert column(lines["acute: at most"]) > 20
    last = ("limit", "pot: at most", 20, 6, (("limit", 6, "money"),), "what is beyond is kept by the payer", "", 12)
    assert said(lines["pot: at most"]) == last
    assert [(r.payee, r.amount) for r in found.payment("p").received] == [
        ("acute", 40),
        ("community", community),
        ("pot", 6),
    ]
    assert found.figure("kept") == n(kept)


def test_what_an_account_cannot_pay() -> None:
    made = contract(
        "accounts: {pot: {}}\ninputs: {x: {unit: GBP}}\npayments:\n  p: {pays_for: outcome, start: x, from: {pot: 25%, icb: 75%}, to: acute}\n"
    )
    (line,) = settled(made, inputs={"x": "100"}, opening=State({"pot": {"": 10}})).payment("p").lines
    note = "an account pays no more than it holds above its floor"
    assert said(line) == (
        "limit",
        "what the account holds",
        100,
        40,
        (("available", 40, "money"), ("account", "pot", "account")),
        note,
        "",
        None,
    )
    assert settled(made, inputs={"x": "40"}, opening=State({"pot": {"": 10}})).payment("p").lines == ()


@pytest.mark.parametrize(("by", "key"), [("", ""), (", by: provider", "/acute")])
def test_an_advance_and_what_is_taken_back(by: str, key: str) -> None:
    body = f"""\
    accounts: {{owed: {{held_by: icb, may_go_below: any{by}}}}}
    inputs: {{x: {{unit: GBP}}, y: {{unit: GBP}}}}
    payments:
      lent: {{pays_for: block, start: y, from: icb, to: acute, owed: owed}}
      p:
        pays_for: outcome
        start: x
        from: icb
        to: acute
        recoup: {{account: owed, at_most: 50% * earned, clause: Sch 7}}
    """
    made = contract(body)
    first = settled(made, inputs={"x": "0", "y": "30"})
    assert [(t.kind, t.payer, t.payee, t.amount, t.unit) for t in first.transfers if t.amount] == [
        ("advance", "icb", f"owed{key}", 30, "owed"), ("payment", "icb", "acute", 30, "money"),
    ]  # fmt: skip
    second = settled(made, "2027-28", {"x": "25.01", "y": "0"}, first)
    assert [(t.kind, t.payer, t.payee, t.amount, t.unit) for t in second.transfers if t.amount] == [
        ("recoupment", f"owed{key}", "icb", n("12.50"), "owed"), ("payment", "icb", "acute", n("12.51"), "money"),
    ]  # fmt: skip
    (line,) = second.payment("p").lines
    note = "an advance is recouped from what is earned"
    facts = (("still owed", n("17.50"), "money"),)
    assert said(line) == ("recoup", "taken back from acute", n("25.01"), n("12.51"), facts, note, "Sch 7", 18)
    third = settled(made, "2028-29", {"x": "100", "y": "0"}, second)
    assert third.payment("p").lines[0].facts == (("still owed", 0, "money"),)
    assert third.payment("p").net == n("82.50")


def test_a_year_is_a_line_for_each_quarter() -> None:
    made = contract(
        "inputs: {x: {unit: GBP, over_periods: add}}\npayments:\n  p: {pays_for: outcome, start: x, from: icb, to: acute}\n",
        settles="quarterly",
    )
    opening = None
    for number in (1, 2, 3):
        opening = settled(made, f"2026-27 Q{number}", {"x": str(number)}, opening)
    last = settled(made, "2026-27 Q4", {"x": "4"}, opening)
    year = settled(made, "2026-27", None, last).payment("p")
    assert [said(line) for line in year.lines] == [
        ("part", f"2026-27 Q{number}", None, number, (), "", "", 11) for number in (1, 2, 3, 4)
    ]
    assert [(p.period, p.earned, p.status) for p in year.parts] == [
        (f"2026-27 Q{i}", i, "determined") for i in (1, 2, 3, 4)
    ]
    assert (year.period, year.earned, year.before, year.net) == ("2026-27", 10, 10, 0)
