"""Money held back when periods are settled again, in their year, and under variations."""

from __future__ import annotations

from datetime import date
from textwrap import dedent
from typing import Any

import pytest

from alliance.contract.contract import Contract
from alliance.contract.faults import InputError
from alliance.settlement.result import Settlement
from alliance.settlement.state import State
from tests.settlement.helpers import QUARTERS, contract, moves, settled

PARTIES = """\
council: {name: Council, role: commissioner}
north:   {name: North, role: provider}
"""
Q1, Q2, Q3, Q4 = QUARTERS
HELD = "withheld/w.1 north | y | 2026-27 Q1 | council | north"


def poor(then: str = "lapses: after 2 periods", more: str = "") -> Contract:
    body = f"""\
    inputs: {{won: {{unit: GBP}}, q: {{unit: percent, by: provider}}}}
    payments: {{y: {{pays_for: outcome, each: provider, start: won, from: council, to: provider}}}}
    rules: [{{rule: w, for: provider, when: q < 50%, then: [{{withhold: y, share: 50%, of: party{then and ", " + then}}}]}}]
    """
    return contract(body, settles="quarterly", parties=PARTIES, header=more)


def quarter(made: Contract, label: str, won: int, q: str, opening: Settlement | None = None) -> Settlement:
    return settled(made, label, {"won": str(won), "q": {"north": q}}, opening)


def test_a_corrected_amount_is_held_back_in_its_part() -> None:
    first = quarter(poor(), Q1, 1000, "40%")
    again = quarter(poor(), Q1, 200, "40%", first)
    assert moves(again) == ["north -> council 400.00 (true-up)", f"{HELD} -> council 400.00 (withheld)"]
    assert [h.amount for h in again.closing.held] == [100]
    assert again.closing.balances["withheld"] == quarter(poor(), Q1, 200, "40%").closing.balances["withheld"]


def test_what_is_good_after_all_is_paid() -> None:
    first = quarter(poor(), Q1, 1000, "40%")
    again = quarter(poor(), Q1, 1000, "60%", first)
    assert moves(again) == ["council -> north 500.00 (true-up)", f"{HELD} -> council 500.00 (withheld)"]
    assert (again.closing.held, again.closing.balances) == ((), {})


def test_a_later_period_that_let_it_go_is_settled_again() -> None:
    """North was good in the second quarter after all, which the third took for lapsed; then in the first too."""
    made = poor()
    last = quarter(made, Q1, 1000, "40%")
    last = quarter(made, Q2, 0, "40%", last)
    last = quarter(made, Q3, 0, "40%", last)
    assert moves(last) == [f"{HELD} -> council 500.00 (lapse)"]
    second = quarter(made, Q2, 0, "90%", last)
    assert moves(second) == [f"{HELD} -> north 500.00 (release)"]
    assert any("Settle it again. Until then there is less than nothing in: withheld." in n for n in second.notes)
    third = quarter(made, Q3, 0, "40%", second)
    assert moves(third) == [f"council -> {HELD} 500.00 (lapse)"]
    assert [(h.let_go, h.how) for h in third.closing.held] == [(Q2, "release")]
    # what was released stays as it was held, for its payee has it
    first = quarter(made, Q1, 1000, "90%", third)
    assert moves(first) == []
    # of what lapsed the payee has nothing
    first = quarter(made, Q1, 1000, "90%", last)
    assert moves(first) == ["council -> north 500.00 (true-up)", f"{HELD} -> council 500.00 (withheld)"]
    assert moves(quarter(made, Q3, 0, "40%", first)) == [f"council -> {HELD} 500.00 (lapse)"]


def test_a_period_that_lets_go_no_more_holds_again() -> None:
    made = poor()
    last = quarter(made, Q2, 0, "90%", quarter(made, Q1, 1000, "40%"))
    assert moves(last) == [f"{HELD} -> north 500.00 (release)"]
    again = quarter(made, Q2, 0, "40%", last)
    assert moves(again) == [f"north -> {HELD} 500.00 (release)"]
    assert [(h.let_go, h.how) for h in again.closing.held] == [("", "")]
    assert moves(quarter(made, Q3, 0, "40%", again)) == [f"{HELD} -> council 500.00 (lapse)"]


def by_quarter(said: dict[str, tuple[int, str]]) -> dict[str, Any]:
    return {"periods": {label: {"won": str(won), "q": {"north": q}} for label, (won, q) in said.items()}}


def test_a_year_lets_go_what_its_quarters_would() -> None:
    made = poor()
    nothing = dict.fromkeys(QUARTERS, (0, "40%"))
    once = settled(made, "2026-27", by_quarter({**nothing, Q1: (1000, "40%"), Q4: (600, "40%")}))
    assert moves(once) == [
        "council -> north 800.00",
        f"council -> {HELD} 500.00 (withheld)",
        f"council -> {HELD.replace('Q1', 'Q4')} 300.00 (withheld)",
        f"{HELD} -> council 500.00 (lapse)",
    ]
    nextly = {label.replace("2026-27", "2027-28"): (0, "90%") for label in QUARTERS}
    after = settled(made, "2027-28", by_quarter(nextly), once)
    assert moves(after) == [f"{HELD.replace('Q1', 'Q4')} -> north 300.00 (release)"]
    assert [(h.period, h.let_go, h.how) for h in after.closing.held] == [
        (Q1, Q3, "lapse"),
        (Q4, "2027-28 Q1", "release"),
    ]


def test_a_year_true_up_lets_go_what_its_quarters_did_not() -> None:
    made, last = poor(), None
    for label in QUARTERS:
        last = quarter(made, label, 1000 if label == Q1 else 0, "40%", last)
    assert last is not None
    assert [h.how for h in last.closing.held] == ["lapse"]
    assert moves(settled(made, "2026-27", {}, last)) == []
    year = settled(made, "2026-27", {"periods": {Q2: {"q": {"north": "80%"}}}}, last)
    assert sorted(moves(year)) == [f"council -> {HELD} 500.00 (lapse)", f"{HELD} -> north 500.00 (release)"]
    assert moves(settled(made, "2026-27", {}, year)) == []


RECORDS = """\
inputs:
  early: {unit: GBP}
  won: {unit: GBP}
  bad: {events: {reference: id, party: party, opened: date, closed: optional date}, unique: [reference]}
accounts: {adv: {by: provider}}
payments:
  a: {pays_for: outcome, each: provider, start: early, from: council, to: provider, owed: adv}
  y: {pays_for: outcome, each: provider, start: won, from: council, to: provider, recoup: {account: adv}}
rules:
  - {rule: hold, for: bad, when: closed is missing, then: [{withhold: a, share: 50%, of: party}]}
"""
OPEN = [{"reference": "A", "party": "north", "opened": "2026-05-01", "closed": ""}]
CLOSED = [{**OPEN[0], "closed": "2026-08-01"}]
ON_A = "withheld/hold.1 bad:A | a | 2026-27 Q1 | council | north"


def test_an_advance_that_is_let_go_is_owed() -> None:
    made = contract(RECORDS, settles="quarterly", parties=PARTIES)
    first = settled(made, Q1, {"early": "1000", "won": "0", "bad": OPEN})
    assert first.closing.balances["adv"] == {"north": 500}
    second = settled(made, Q2, {"early": "0", "won": "0", "bad": CLOSED}, first)
    assert moves(second) == [f"{ON_A} -> north 500.00 (release)", "council -> adv/north 500.00 (release)"]
    assert [t.unit for t in second.transfers if t.amount] == ["money", "owed"]
    assert second.closing.balances["adv"] == {"north": 1000}
    third = settled(made, Q3, {"early": "0", "won": "5000", "bad": CLOSED}, second)
    assert sorted(moves(third)) == ["adv/north -> council 1000.00 (recoupment)", "council -> north 4000.00"]
    again = settled(made, Q2, {"early": "0", "won": "0", "bad": OPEN}, third)
    assert moves(again) == [f"north -> {ON_A} 500.00 (release)", "adv/north -> council 500.00 (release)"]
    assert [t.unit for t in again.transfers if t.amount] == ["money", "owed"]


def test_what_records_hold_back_stays_as_it_was() -> None:
    """They go on to say what became of what they are about."""
    made = contract(RECORDS, settles="quarterly", parties=PARTIES)
    first = settled(made, Q1, {"early": "1000", "won": "0", "bad": OPEN})
    again = settled(made, Q1, {"early": "1000", "won": "0", "bad": CLOSED}, first)
    assert (moves(again), [h.amount for h in again.closing.held]) == ([], [500])
    less = settled(made, Q1, {"early": "300", "won": "0", "bad": CLOSED}, first)
    assert sorted(moves(less)) == [
        "adv/north -> council 500.00 (advance)", "north -> council 500.00 (true-up)",
        f"{ON_A} -> council 200.00 (withheld)",
    ]  # fmt: skip
    assert [h.amount for h in less.closing.held] == [300]
    line = next(x for p in less.payments for x in p.lines if x.kind == "withhold")
    assert (line.name, line.note) == ("hold: north", "rule hold: held back when the period was first settled")
    late = settled(
        made,
        Q1,
        {"early": "1000", "won": "0", "bad": OPEN},
        settled(made, Q1, {"early": "1000", "won": "0", "bad": []}),
    )
    assert moves(late) == []
    assert [x for r in late.rules for x in r.follows] == [
        "“a” of 2026-27 Q1 was settled before, so nothing is held back of it"
    ]


VARIED = """\
variations:
  - title: tell them too
    made: 2026-06-01
    effective: 2026-07-01
    rules: {w: {for: provider, when: q < 50%, then: [{notify: council, say: below half}, THEN]}}
"""


@pytest.mark.parametrize(
    ("then", "moved"),
    [
        ("{withhold: y, share: 50%, of: party}", []),
        ("{scale: y, by: 90%, of: party}, {withhold: y, share: 50%, of: party}", []),
        ("{deduct: y, share: 50%, of: party}", [f"{HELD} -> north 500.00 (release)"]),
    ],
)
def test_a_rule_that_is_written_anew_goes_on_holding(then: str, moved: list[str]) -> None:
    body = """\
    inputs: {won: {unit: GBP}, q: {unit: percent, by: provider}}
    payments: {y: {pays_for: outcome, each: provider, start: won, from: council, to: provider}}
    rules: [{rule: w, for: provider, when: q < 50%, then: [{withhold: y, share: 50%, of: party}]}]
    """
    made = contract(dedent(body) + VARIED.replace("THEN", then), settles="quarterly", parties=PARTIES)
    first = quarter(made, Q1, 1000, "40%")
    assert moves(quarter(made, Q2, 0, "40%", first)) == moved


def test_a_part_of_its_own_is_not_held_back() -> None:
    body = """\
    inputs: {bad: {events: {reference: id, party: party}}}
    payments:
      y: {pays_for: outcome, start: 400 GBP, from: {council: 50%, north: 50%}, shared: {equally: provider}}
    rules: [{rule: hold, for: bad, when: reference is known, then: [{withhold: y, share: 80%, of: party}]}]
    """
    body = body.replace("shared: {equally: provider}", "shared: {by: equally, among: provider}")
    parties = PARTIES + "south: {name: South, role: provider}\n"
    made = contract(body, settles="quarterly", parties=parties)
    found = settled(made, Q1, {"bad": [{"reference": "A", "party": "north"}]})
    assert [h.amount for h in found.closing.held] == [100], "of 200 half is its own, and is no transfer"
    assert [m for m in moves(found) if "withheld" not in m] == ["council -> south 100.00", "north -> south 100.00"]


def test_an_opening_does_not_let_go_in_no_period() -> None:
    first = quarter(poor(), Q1, 1000, "40%").closing.as_dict()
    for place, said in ((11, "nothing"), (12, "gone")):
        held = [[*h[:11], Q2, "lapse", *h[13:]] for h in first["held"]]
        held[0][place] = said
        state = State.from_dict({**first, "held": held})
        with pytest.raises(
            InputError, match=r'AC121 the opening lets money go ."(lapse|gone)". in (nothing|2026-27 Q2), which'
        ):
            settled(poor(), Q2, {"won": "0", "q": {"north": "40%"}}, state)


def test_of_a_rule_that_is_taken_out_nothing_is_held_back_any_more() -> None:
    body = """\
    inputs: {won: {unit: GBP}, q: {unit: percent, by: provider}}
    payments: {y: {pays_for: outcome, each: provider, start: won, from: council, to: provider}}
    rules: [{rule: w, for: provider, when: q < 50%, then: [{withhold: y, share: 50%, of: party}]}]
    variations: [{title: no more, made: 2026-08-01, effective: 2026-04-01, rules: {w: null}}]
    """
    made = contract(body, settles="quarterly", parties=PARTIES)
    first = quarter(made, Q1, 1000, "40%")
    again = settled(made, Q1, {}, first, as_of=date(2026, 8, 1))
    assert moves(again) == ["council -> north 500.00 (true-up)", f"{HELD} -> council 500.00 (withheld)"]
    assert again.closing.held == ()


@pytest.mark.parametrize(
    "rules",
    [
        "{rule: w, when: count(bad where closed is missing) > 0, then: [{withhold: y, share: 50%, of: north}]}",
        "{rule: w, for: now, absent: {bad: bad.closed is known}, then: [{withhold: y, share: 50%, of: north}]}",
        """{rule: r, for: bad, when: closed is missing, then: [{raise: seen, with: {who: party}}]},
           {rule: v, for: seen, when: who is known, then: [{raise: twice, with: {who: who}}]},
           {rule: w, for: twice, when: who is known, then: [{withhold: y, share: 50%, of: who}]}""",
        """{rule: r, for: bad, when: closed is missing, then: [{raise: seen, with: {who: party}}]},
           {rule: u, for: provider, when: won < 0, then: [{raise: mark, with: {who: party}}]},
           {rule: v, for: mark, when: who is known, then: [{raise: seen, with: {who: who}}]},
           {rule: w, for: seen, when: who is known, then: [{withhold: y, share: 50%, of: who}]}""",
    ],
)
def test_whatever_way_a_rule_reads_records(rules: str) -> None:
    body = f"""\
    inputs:
      won: {{unit: GBP}}
      bad: {{events: {{reference: id, party: party, opened: date, closed: optional date}}, unique: [reference]}}
    payments: {{y: {{pays_for: outcome, start: won, from: council, to: north}}}}
    rules: [{rules.replace("for: now, ", "when: won > 0, ")}]
    """
    made = contract(body, settles="quarterly", parties=PARTIES)
    first = settled(made, Q1, {"won": "1000", "bad": OPEN})
    assert [h.amount for h in first.closing.held] == [500]
    again = settled(made, Q1, {"won": "1000", "bad": CLOSED}, first)
    assert (moves(again), [h.amount for h in again.closing.held]) == ([], [500])


def test_what_is_all_its_own_is_not_held_back() -> None:
    body = """\
    inputs: {q: {unit: percent, by: provider}}
    payments: {y: {pays_for: outcome, start: 400 GBP, from: north, shared: {by: equally, among: provider}}}
    rules: [{rule: w, for: provider, when: q < 50%, then: [{withhold: y, share: 50%, of: party}]}]
    """
    parties = PARTIES + "south: {name: South, role: provider}\n"
    made = contract(body, settles="quarterly", parties=parties)
    found = settled(made, Q1, {"q": {"north": "10%", "south": "90%"}})
    assert (moves(found), found.closing.held) == (["north -> south 200.00"], ())
    assert [x.kind for x in found.payments[0].lines] == ["kept"]


def test_a_rule_that_reads_what_values_raise_goes_by_them() -> None:
    body = """\
    inputs:
      won: {unit: GBP}
      bad: {events: {reference: id, party: party, opened: date, closed: optional date}, unique: [reference]}
    payments: {y: {pays_for: outcome, start: won, from: council, to: north}}
    rules:
      - {rule: r, for: bad, when: closed is missing, then: [{raise: other, with: {who: party}}]}
      - {rule: v, for: provider, when: won > 500 GBP, then: [{raise: seen, with: {who: party}}]}
      - {rule: w, for: seen, when: who is known, then: [{withhold: y, share: 50%, of: who}]}
      - {rule: o, for: other, when: who is known, then: [{notify: council, say: one}]}
    """
    made = contract(body, settles="quarterly", parties=PARTIES)
    first = settled(made, Q1, {"won": "1000", "bad": OPEN})
    assert [h.amount for h in first.closing.held] == [500]
    again = settled(made, Q1, {"won": "400", "bad": OPEN}, first)
    assert (again.closing.held, again.payments[0].withheld) == ((), 0)


def test_what_nobody_can_tell_stays_as_it_was() -> None:
    made = contract(
        RECORDS.replace("share: 50%", "share: 50%, lapses: after 2 periods"), settles="quarterly", parties=PARTIES
    )
    none = {"early": "0", "won": "0"}
    first = settled(made, Q1, {"early": "1000", "won": "0", "bad": OPEN})
    second = settled(made, Q2, {**none, "bad": CLOSED}, first)
    assert [m for m in moves(second) if "release" in m] != []
    assert moves(settled(made, Q2, none, second)) == [], "without the register nobody knows better"
    third = settled(made, Q3, none, settled(made, Q2, none, first))
    assert [m for m in moves(third) if "lapse" in m] == [f"{ON_A} -> council 500.00 (lapse)"]
    assert [m for m in moves(settled(made, Q4, none, settled(made, Q2, none, first))) if "lapse" in m] != []


def test_what_was_let_go_since_is_remembered_where_it_is_held_again() -> None:
    made = poor()
    last = quarter(made, Q2, 0, "90%", quarter(made, Q1, 1000, "40%"))
    again = quarter(made, Q1, 1000, "40%", last)
    assert (moves(again), [(h.let_go, h.how) for h in again.closing.held]) == ([], [(Q2, "release")])
    more = quarter(made, Q1, 1200, "40%", last)
    assert moves(more) == ["council -> north 100.00 (true-up)", f"council -> {HELD} 100.00 (withheld)"]
    assert moves(quarter(made, Q2, 0, "90%", more)) == [f"{HELD} -> north 100.00 (release)"]


def test_what_one_payer_owes_by_two_slices_is_held_back_as_one() -> None:
    body = """\
    inputs: {won: {unit: GBP}, q: {unit: percent, by: provider}}
    payments:
      y:
        pays_for: outcome
        start: won
        from: council
        to: north
        slices: [{up_to: 100 GBP}, {from: {council: 50%, south: 50%}}]
      z: {pays_for: outcome, settles: yearly, start: 1 GBP, from: council, to: north}
    rules: [{rule: w, for: provider, when: q < 50%, then: [{withhold: y, share: 50%, of: party}]}]
    """
    parties = PARTIES + "south: {name: South, role: commissioner}\n"
    made = contract(body, settles="quarterly", parties=parties)
    first = quarter(made, Q1, 300, "40%")
    assert {h.payer: h.amount for h in first.closing.held} == {"council": 100, "south": 50}
    second = quarter(made, Q2, 0, "90%", first)
    assert sorted(t.amount for t in second.transfers if t.kind == "release") == [50, 100]
