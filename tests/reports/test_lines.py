"""Every kind of line in words."""

from __future__ import annotations

from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.reports.explain import explanation
from alliance.reports.plain import plain
from alliance.reports.statement import statement
from alliance.settlement.settle import settle_run

HEAD = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2028-03-31}, currency: GBP, settles: yearly}
parties:
  board: {name: Health board, role: commissioner}
  town:  {name: Town council, role: commissioner}
  home:  {name: Home care, role: provider}
  trust: {name: Hospital trust, role: provider, small: true}
accounts:
  owed:  {title: Advance owed, by: provider, held_by: board}
  purse: {title: Purse, by: person, held_by: town}
  units: {title: Units carried, unit: count, held_by: board}
categories:
  kind: [day, night]
terms:
  price: {title: Price, unit: GBP, by: kind, value: {day: 10, night: 20}}
  index: {title: Index, unit: percent, values: {2026-04-01: 5%, 2027-04-01: 6%}}
inputs:
  x: {title: Amount, unit: GBP}
  ok: {title: All is well, unit: boolean}
  n: {title: Number, unit: count, optional: true}
  visits: {title: Visits, records: {person: id, day: date, kind: kind, cost: GBP, well: boolean}, optional: true}
"""


def one(fields: str, more: str = "") -> Contract:
    lines = "".join(f"    {line}\n" for line in fields.strip().splitlines())
    return alliance.loads(f"{HEAD}{more}payments:\n  p:\n    title: Payment\n    pays_for: outcome\n{lines}")


def both(contract: Contract, **given: Any) -> tuple[str, str]:
    """The statement and the explanation of the year, without line breaks in a sentence."""
    s, run = settle_run(contract, "2026-27", given)
    return plain(statement(s, contract), 400), plain(explanation(s, run, contract), 400)


@pytest.mark.parametrize(
    ("step", "x", "told"),
    [
        ("{name: s, multiply: 50%}", "10", "Times 50%."),
        ("{name: s, add: 5 GBP}", "10", "Plus 5.00."),
        ("{name: s, deduct: 5 GBP}", "10", "Less 5.00."),
        ("{name: s, relieve: 5 GBP}", "-10", "Relieved by 5.00."),
        ("{name: s, at_least: 20 GBP}", "10", "At least 20.00. Raised to the least."),
        ("{name: s, at_most: 5 GBP}", "10", "At most 5.00. Limited."),
        ("{name: s, gate: ok}", "10", "Shut: All is well (ok) does not hold."),
        ("{name: s, gate: not ok}", "10", "Only if not ok (yes). Open."),
        ("{name: s, gate: ok and x > 0}", "10", "Shut: ok and x > 0 does not hold."),
        ("{name: s, multiply: 50%, when: ok}", "10", "Not taken: All is well (ok) does not hold."),
        ("{name: s, multiply: 50%, only: loss}", "10", "Not taken: it is for a loss only, and this is a gain."),
        ("{name: s, corridor: {reach: 2%, of: 1_000 GBP}}", "10", "2% of 1,000.00. It does not reach the edge"),
        ("{name: s, deadband: {beyond: 4 GBP}}", "10", "Only what lies beyond counts."),
        ("{name: s, curve: {points: {0%: 0%, 10%: 5%}, of: 200 GBP}}", "10", "By the curve, of 200.00."),
        (
            "{name: s, bands: {bands: [{below: 5%, gives: 0%}, {from: 5%, gives: 1%}], of: 200 GBP}}",
            "10",
            "By the bands, of",
        ),
        ("{name: s, round: {to: 5}}", "12", "To 5"),
    ],
)
def test_steps(step: str, x: str, told: str) -> None:
    contract = one(f"start: x\nsteps: [{step}]\nfrom: board\nto: home")
    stated, explained = both(contract, x=x, ok="no")
    assert told in stated
    assert told in explained


def test_slices_kept_and_limits() -> None:
    contract = one(
        "start: x\n"
        "slices:\n"
        "  - {name: first, up_to: 100 GBP, to: {providers: 50%, rest: stays}}\n"
        "  - {name: none of it, up_to: 0 GBP, to: providers}\n"
        "  - {name: second, up_to: 50 GBP, to: {rest: stays}}\n"
        "from: board\n"
        "shared: {providers: {home: 60%, trust: 40%}}\n"
        "party_limits: {gain: {each: provider, at_most: 25 GBP, beyond: payer}, "
        "loss: {each: provider, at_most: 0 if small else 10 GBP, beyond: payer}}"
    )
    gain, _ = both(contract, x="200")
    for told in (
        "50.00 of it stays with the payer.",
        "All of it stays with the payer.",
        "It takes nothing.",
        "Beyond every slice, kept by the payer",
        "Home care: limited",
        "At most 25.00 in size, instead of 30.00. What is beyond is kept by the payer.",
    ):
        assert told in gain
    loss, explained = both(contract, x="-200")
    for told in ("The payer bears 50.00 of it.", "The payer bears all of it.", "Borne by"):
        assert told in loss
    assert "shared by fixed shares among Home care 60%, Hospital trust 40%" in explained


def test_an_advance_is_owed_and_taken_back() -> None:
    advance = one("start: x\nfrom: board\nto: home\nowed: owed")
    told, _ = both(advance, x="10")
    assert "Notes of what is owed, and units other than money (no money moves)" in told
    assert "advanced" in told
    back = one("start: x\nfrom: board\nto: home\nrecoup: {account: owed}")
    s, run = settle_run(back, "2026-27", {"x": "100"}, alliance.State({"owed": {"home": 30}}))
    told = plain(statement(s, back), 400)
    assert "Taken back from Home care" in told
    assert "An advance is taken back from what is earned, and 0.00 of it is still owed." in told
    assert "Less what is taken back of an advance  -30.00" in told
    assert "Due now                                 70.00" in told
    assert "taken back" in plain(explanation(s, run, back), 400).lower()


VISITS = [
    {"person": "Ann", "day": "2026-05-01", "kind": "day", "cost": "5", "well": "yes"},
    {"person": "Bob", "day": "2026-05-02", "kind": "night", "cost": "7", "well": "no"},
    {"person": "Ann", "day": "2026-05-03", "kind": "day", "cost": "1.50", "well": "yes"},
]


def test_records_one_by_one_and_by_person() -> None:
    each = one("each: visits\nstart: price by kind\nfrom: board\nto: home")
    stated, explained = both(each, visits=VISITS)
    assert "visits, record 2" in stated
    assert "price for night = 20.00" in explained
    person = one("each: person in visits\nstart: sum(cost where well)\nfrom: board\nto: purse")
    stated, explained = both(person, visits=VISITS)
    assert "Purse: Ann (purse)" in stated
    assert "2 of 2 in this group where well" in explained
    assert "0 of 1 in this group where well" in explained


def test_only_so_many_are_printed() -> None:
    each = one("each: visits\nstart: cost\nfrom: board\nto: home")
    many = [{**VISITS[0], "cost": "2"} for _ in range(60)]
    stated, _ = both(each, visits=many)
    assert "and 35 more" in stated
    assert "In all" in stated
    total = one("start: sum(cost for visits where cost > 1 GBP)\nfrom: board\nto: home")
    assert "60 of 60 visits where cost > 1 GBP" in both(total, visits=many)[1]
    assert "and 40 more" in both(total, visits=many)[1]


def test_figures_of_every_form() -> None:
    figures = """\
figures:
  total:   {title: Total, is: sum(price for kind)}
  heads:   {title: Heads, is: count(visits)}
  later:   {title: Later, unit: percent, is: index on 2027-05-01}
  bent:    {title: Bent, unit: percent, curve: {of: later, points: {0%: 0%, 10%: index}}}
  banded:  {title: Banded, unit: percent, bands: {of: later, bands: [{below: 5%, gives: 1%}, {from: 5%, gives: index}]}}
  mixed:   {title: Mixed, weighted: {bent: 40%, banded: 60%}, rounded: {to: 1%}}
  choice:  {title: Choice, is: 1 if ok else 2}
"""
    contract = one("start: x * mixed * (last(mixed) else 50%) * choice\nfrom: board\nto: home", figures)
    _, explained = both(contract, x="10", ok="yes", visits=VISITS)
    for told in ("weight 40%: bent", "on straight lines between 0% at 0%, index (5%) at 10%", "rounded to 1%"):
        assert told in explained
    assert "read off the bands at" in explained
    assert "index on 2027-05-01 (Index) = 6%  [contract.yaml:" in explained


def test_what_is_not_due_at_all() -> None:
    contract = one("when: n is known\nstart: x\nfrom: board\nto: home")
    stated, explained = both(contract, x="10")
    assert "Number (n) is not known." in stated
    assert "It comes to nothing. Not due: Number (n) is not known." in explained


def test_units_are_not_money() -> None:
    contract = one("unit: count\nstart: n\nfrom: units\nto: home")
    stated, _ = both(contract, n="12_000")
    assert "12,000" in stated
    assert "No money moves in this settlement." in stated
