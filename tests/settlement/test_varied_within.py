"""What a variation changes of payments: over what they settle, whether they move money, whether they are there at all."""

from __future__ import annotations

from datetime import date
from textwrap import dedent

import pytest

from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError
from tests.settlement.helpers import QUARTERS, contract, moves, settled

Q1, Q2, Q3, Q4 = QUARTERS
BASE = """\
inputs: {won: {unit: GBP, over_periods: add}}
payments:
  y: {pays_for: outcome, start: won, from: icb, to: acute}
"""


def varied(
    change: str, effective: str = "2026-10-01", base: str = BASE, made: str = "2026-06-01", **more: str
) -> Contract:
    text = f"variations: [{{title: v, made: {made}, effective: {effective}, {change}}}]\n"
    return contract(dedent(base) + text, settles=more.pop("settles", "quarterly"), **more)  # type: ignore[arg-type]


def over_quarters(made: Contract, **options: date) -> list[list[str]]:
    """What moves in each quarter, then in the year."""
    last, found = None, []
    for label in QUARTERS:
        last = settled(made, label, {"won": "100"}, last, **options)
        found.append([m for m in moves(last) if not m.endswith(" 0.00")])
    return [*found, moves(settled(made, "2026-27", {}, last, **options))]


def test_a_longer_payment_may_begin_with_a_period_of_its_own() -> None:
    made = varied(
        "payments: {z: {pays_for: outcome, settles: half-yearly, start: won, on_account: 80 GBP, from: icb, to: council}}"
    )
    assert over_quarters(made) == [
        ["icb -> acute 100.00"], ["icb -> acute 100.00"],
        ["icb -> acute 100.00", "icb -> council 20.00 (on account)"],
        ["icb -> acute 100.00", "icb -> council 20.00 (on account)"],
        ["icb -> council 160.00 (true-up)"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settles", "was", "effective", "what", "whole"),
    [
        ("yearly", "quarterly", "2026-07-01", "another length of period", "2026-27"),
        ("half-yearly", "quarterly", "2026-07-01", "another length of period", "2026-27 H1"),
        ("quarterly", "yearly", "2026-07-01", "another length of period", "2026-27"),
        ("quarterly", "monthly", "2026-08-01", "another length of period", "2026-27 Q2"),
        ("yearly", "", "2026-10-01", "by the year", "2026-27"),
        ("quarterly", "", "2026-05-01", "by the quarter", "2026-27 Q1"),
        ("half-yearly", "", "2026-10-01", "", ""),
        ("quarterly", "monthly", "2026-07-01", "", ""),
        ("yearly", "quarterly", "2027-04-01", "", ""),
    ],
)
def test_how_long_a_payment_settles_over_changes_between_its_periods(
    settles: str, was: str, effective: str, what: str, whole: str
) -> None:
    name = "y" if was else "z"
    change = f"payments: {{{name}: {{pays_for: outcome, settles: {settles}, start: won, from: icb, to: acute}}}}"
    base = BASE.replace("start: won", f"settles: {was}, start: won") if was else BASE
    if not whole:
        varied(change, effective, base)
        return
    with pytest.raises(ContractError) as error:
        varied(change, effective, base)
    (fault,) = error.value.faults
    assert fault.code == "AC095"
    assert f"{name} settles" in fault.message
    assert what in fault.message
    assert f"within {whole}, {name} settles" in fault.message
    assert f"; {whole} is settled as the contract stands on 1 " in fault.message


def test_a_contract_that_starts_within_a_year_is_varied_from_its_first_day() -> None:
    change = "payments: {z: {pays_for: outcome, settles: yearly, start: won, from: icb, to: council}}"
    made = varied(change, "2026-07-01", term="2026-07-01 2029-03-31")
    year = settled(made, "2026-27", {"periods": {q: {"won": "100"} for q in (Q2, Q3, Q4)}})
    assert moves(year) == ["icb -> acute 300.00", "icb -> council 300.00"]


def test_a_payment_may_begin_to_move_nothing_within_a_year() -> None:
    shadow = varied("payments: {y: {pays_for: outcome, shadow: true, start: won, from: icb, to: acute}}")
    assert over_quarters(shadow) == [["icb -> acute 100.00"], ["icb -> acute 100.00"], [], [], []]
    at_once = settled(shadow, "2026-27", {"periods": {q: {"won": "100"} for q in QUARTERS}})
    assert moves(at_once) == ["icb -> acute 200.00"]
    (p,) = at_once.payments
    assert (p.earned, p.tried, p.net, p.shadow) == (400, 200, 200, False)


def test_a_payment_that_moved_nothing_may_begin_to() -> None:
    base = BASE.replace("start: won", "shadow: true, start: won")
    lifted = varied("payments: {y: {pays_for: outcome, start: won, from: icb, to: acute}}", base=base)
    assert over_quarters(lifted) == [[], [], ["icb -> acute 100.00"], ["icb -> acute 100.00"], []]


def test_what_is_to_have_moved_nothing_goes_back() -> None:
    shadow = varied(
        "payments: {y: {pays_for: outcome, shadow: true, start: won, from: icb, to: acute}}",
        "2026-04-01",
        made="2026-08-01",
    )
    first = settled(shadow, Q1, {"won": "100"})
    assert moves(first) == ["icb -> acute 100.00"]
    again = settled(shadow, Q1, {}, first, as_of=date(2026, 8, 1))
    assert moves(again) == ["acute -> icb 100.00 (true-up)"]
    (p,) = again.payments
    assert (p.earned, p.tried, p.before, p.net, p.shadow) == (100, 0, 100, -100, True)
    assert moves(settled(shadow, Q1, {}, again, as_of=date(2026, 8, 1))) == []


def test_what_a_rule_paid_that_is_gone_goes_back() -> None:
    base = """\
    inputs: {won: {unit: GBP, over_periods: add}}
    payments:
      x: {pays_for: outcome, start: won, from: icb, to: council}
      y: {pays_for: outcome, start: won, from: icb, to: acute}
    rules: [{rule: good, when: won > 0, then: [{pay: bonus, amount: 5 GBP, from: icb, to: acute}]}]
    """
    made = varied("rules: {good: null}", "2026-04-01", base, "2026-08-01")
    first = settled(made, Q1, {"won": "100"})
    assert moves(first) == ["icb -> council 100.00", "icb -> acute 100.00", "icb -> acute 5.00"]
    gone, amount = "bonus", "5.00"
    known = {"as_of": date(2026, 8, 1)}
    again = settled(made, Q1, {}, first, **known)
    assert moves(again, gone) == [f"acute -> icb {amount} (true-up)"]
    p = next(p for p in again.payments if p.name == gone)
    assert (p.earned, p.before, [x.note for x in p.lines]) == (
        0,
        int(amount[:-3]),
        ["a variation took it out of the contract"],
    )
    assert moves(again) == moves(again, gone)
    assert gone not in [p.name for p in settled(made, Q1, {}, again, **known).payments]
    rest = {"periods": {q: {"won": "0"} for q in (Q2, Q3, Q4)}}
    for opening, expected in ((first, [f"acute -> icb {amount} (true-up)"]), (again, [])):
        assert moves(settled(made, "2026-27", rest, opening, **known), gone) == expected


LIMITED = """\
inputs: {won: {unit: GBP, over_periods: add}}
payments:
  y:
    pays_for: outcome
    shadow: {2026-27: true}
    start: won
    from: icb
    to: acute
    party_limits: {gain: {each: provider, at_most: 600 GBP, beyond: carry}}
"""


def test_what_a_limit_cuts_of_a_trial_is_carried_within_the_trial() -> None:
    made = contract(LIMITED.replace("won\n", "won\n", 1), settles="quarterly")
    last = settled(made, Q4, {"won": "1000"})
    assert moves(last) == ["icb -> acute 0.00"] or moves(last) == []
    assert moves(settled(made, "2027-28 Q1", {"won": "100"}, last)) == ["icb -> acute 100.00"]
    whole = contract(LIMITED.replace("shadow: {2026-27: true}", "shadow: true"), settles="quarterly")
    last = settled(whole, Q4, {"won": "1000"})
    assert settled(whole, "2027-28 Q1", {"won": "100"}, last).payments[0].earned == 500


def test_what_a_trial_uses_of_a_limit_is_the_trials() -> None:
    base = """\
    inputs: {won: {unit: GBP, over_periods: add}}
    payments:
      y:
        pays_for: outcome
        SHADOW
        start: won
        from: icb
        to: acute
        party_limits: {gain: {each: provider, at_most: 600 GBP}}
    """
    live = "{pays_for: outcome, start: won, from: icb, to: acute, party_limits: {gain: {each: provider, at_most: 600 GBP}}}"
    made = varied(f"payments: {{y: {live}}}", base=base.replace("SHADOW", "shadow: true"))
    first = settled(made, Q1, {"won": "500"})
    second = settled(made, Q2, {"won": "500"}, first)
    assert [s.payments[0].earned for s in (first, second)] == [500, 100]
    third = settled(made, Q3, {"won": "500"}, second)
    fourth = settled(made, Q4, {"won": "500"}, third)
    assert [moves(s)[0] for s in (third, fourth)] == ["icb -> acute 500.00", "icb -> acute 100.00"]
    year = settled(made, "2026-27", {}, fourth)
    assert (moves(year), year.payments[0].earned, year.payments[0].tried) == ([], 1200, 600)
    whole = settled(
        contract(base.replace("SHADOW", "shadow: true"), settles="quarterly"),
        "2026-27",
        {"periods": {Q1: {"won": "5"}, Q2: {"won": "0"}, Q3: {"won": "0"}, Q4: {"won": "0"}}},
    )
    assert (whole.payments[0].shadow, whole.payments[0].earned, whole.payments[0].tried) == (True, 5, 0)


def test_what_a_trial_would_be_funded_with_is_in_no_pool() -> None:
    made = contract(
        """\
        accounts: {pool: {may_go_below: any}}
        payments:
          a: {pays_for: outcome, shadow: true, funded: {from: icb, pays: 500 GBP, into: pool}, start: pool.funded * 50%, from: pool, to: acute}
          b: {pays_for: outcome, start: pool.funded, from: pool, to: acute}
        """
    )
    found = settled(made)
    assert [p.earned for p in found.payments] == [250, 0]


def test_nobody_pays_in_for_what_is_not_due() -> None:
    made = contract(
        """\
        accounts: {pool: {}}
        inputs: {ok: {unit: boolean}}
        payments:
          p:
            pays_for: outcome
            when: ok
            funded: {each: provider, pays: 30 GBP, into: pool}
            start: pool.funded * 50%
            from: pool
            to: icb
            unearned: carried
        """
    )
    assert settled(made, inputs={"ok": "no"}).closing.balances == {}
    assert settled(made, inputs={"ok": "yes"}).closing.balances == {"pool": {"": 45}}
