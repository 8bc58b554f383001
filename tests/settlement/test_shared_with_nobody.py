"""An amount that nobody shares does not vanish: a line says that it is kept, or not earned, and why."""

from __future__ import annotations

import alliance

HEAD = """\
alliance: 1
contract: {id: t, title: T, term: {from: 2026-04-01, to: 2028-03-31}}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider%s}
  south: {name: South, role: provider%s}
inputs:
  wt: {unit: count, by: provider}
"""
PAID = "payments:\n  paid: {pays_for: outcome, start: 100 GBP, from: council, shared: {by: wt, among: provider}}\n"
POOL = """\
accounts: {pot: {held_by: council, may_go_below: 0}}
payments:
  paid:
    pays_for: outcome
    funded: {each: provider, pays: 50 GBP, into: pot}
    start: 100 GBP
    from: pot
    shared: {by: wt, among: provider}
    unearned: contributors
"""


def lines(text: str, north: int, south: int, period: str = "2026-27") -> list[tuple[str, str, object]]:
    made = alliance.loads(text)
    settled = alliance.settle(made, period, {"wt": {"north": north, "south": south}})
    again = alliance.Settlement.from_json(settled.to_json())
    (paid,) = again.payments
    return [(x.name, x.note, x.before) for x in paid.lines]


def test_where_all_weights_are_nothing() -> None:
    nobody = "shared with nobody, kept by the payer"
    assert lines(HEAD % ("", "") + PAID, 0, 0) == [(nobody, "all that it is shared by is nothing", 100)]
    assert lines(HEAD % ("", "") + PAID, 0, 1) == []


def test_where_nobody_is_there() -> None:
    gone = ", to: 2027-03-31"
    found = lines(HEAD % (gone, gone) + PAID, 1, 1, "2027-28")
    assert found == [("shared with nobody, kept by the payer", "nobody is there to share it", 100)]


def test_in_a_pool_it_is_not_earned() -> None:
    found = lines(HEAD % ("", "") + POOL, 0, 0)
    assert [(name, note) for name, note, _ in found] == [
        ("paid into pot", "each pays 50 GBP"),
        ("shared with nobody", "all that it is shared by is nothing"),
        ("not earned", "returned by contribution"),
    ]
