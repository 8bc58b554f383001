"""Shadow: everything is worked out and printed, and no money moves."""

from __future__ import annotations

import pytest

from tests.settlement.helpers import QUARTERS, balance, contract, earned, moves, quarters, settled

POOL = """\
accounts: {pool: {}}
payments:
  p:
    pays_for: outcome
    shadow: %s
    funded: {each: provider, pays: 10 GBP, into: pool}
    start: pool.funded
    steps: [{multiply: 50%%}]
    from: pool
    shared: {by: contribution}
  after: {pays_for: outcome, start: pool.balance, from: icb, to: council}
"""


def test_a_payment_in_shadow_prints_and_moves_nothing() -> None:
    found = settled(contract(POOL % "true"))
    assert moves(found) == []
    p = found.payment("p")
    assert (p.shadow, p.status, p.earned, p.net, p.unearned) == (True, "determined", 15, 0, 15)
    assert [w.amount for w in p.waterfalls] == [15]
    assert [r.amount for r in p.received] == [5, 5, 5]
    assert balance(found, "pool") == 0
    assert earned(found, "after") == 0  # the pool holds nothing either


def test_a_payment_out_of_shadow() -> None:
    found = settled(contract(POOL % "false"))
    assert (len(moves(found)), balance(found, "pool"), earned(found, "after")) == (7, 15, 15)


def test_a_year_in_shadow() -> None:
    made = contract(POOL % "{2026-27: true}", settles="quarterly")
    shadow = quarters(made)
    assert moves(shadow) == []
    year = settled(made, "2026-27", {}, shadow)
    assert (moves(year), year.payment("p").shadow, earned(year), year.payment("p").net) == ([], True, 60, 0)
    assert [part.shadow for part in year.payment("p").parts] == [True] * 4
    real = settled(made, "2027-28 Q1", {}, year)
    assert (len(moves(real)), real.payment("p").shadow) == (7, False)


@pytest.mark.parametrize("shadow", ["true", "{2026-27: true}"])
def test_a_whole_contract_in_shadow(shadow: str) -> None:
    body = "payments: {p: {pays_for: outcome, start: 10 GBP, from: icb, to: acute}}"
    found = settled(contract(body, header=f", shadow: {shadow}"))
    assert (moves(found), earned(found)) == ([], 10)
    assert [(t.payer, t.payee, t.amount) for t in found.transfers] == [("icb", "acute", 0)]
    later = settled(contract(body, header=f", shadow: {shadow}"), "2027-28")
    assert moves(later) == ([] if shadow == "true" else ["icb -> acute 10.00"])


def test_on_account_in_shadow() -> None:
    body = "payments: {p: {pays_for: outcome, shadow: true, start: 10 GBP, from: icb, to: acute, on_account: 12 GBP}}"
    found = settled(contract(body), "2026-04")
    assert (moves(found), found.payment("p").on_account, found.payment("p").net) == ([], 0, 0)


def test_what_a_shadow_quarter_came_to_is_remembered() -> None:
    made = contract(POOL % "true" + "figures: {before: {is: last(p.earned)}}\n", settles="quarterly")
    first = settled(made, QUARTERS[0], kind="final")
    assert settled(made, QUARTERS[1], {}, first).figure("before") == 15
