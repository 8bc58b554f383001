"""What holds of every amount, share, limit and year, tried on many."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from alliance.contract.contract import Contract
from alliance.contract.numbers import Number, round_half_up
from alliance.settlement.sharing import afforded, matrix, shared, to_unit
from alliance.settlement.state import State
from tests.settlement.helpers import MONTHS, QUARTERS, contract, moves, settled

PENNY = Fraction(1, 100)
pennies = st.integers(0, 10**9).map(lambda n: Fraction(n, 100))
signed = st.integers(-(10**7), 10**7).map(lambda n: Fraction(n, 1000))
weights = st.lists(st.fractions(0, 100, max_denominator=60), min_size=1, max_size=6).filter(any)
money = signed.map(lambda x: f"{'-' if x < 0 else ''}{abs(x.numerator * (1000 // x.denominator)) // 1000}."
                             f"{abs(x.numerator * (1000 // x.denominator)) % 1000:03}")  # fmt: skip
NAMES = "abcdef"


def whole(x: Number) -> bool:
    return (x * 100) == int(x * 100)


# sharing


@given(signed, weights)
@example(Fraction(1383, 200), [Fraction(1), Fraction(1477, 16), Fraction(1, 44)])
def test_shares_add_up_to_the_rounded_whole_and_are_within_a_penny_of_their_part_of_it(
    amount: Fraction, parts: list[Fraction]
) -> None:
    size, total = abs(amount), sum(parts)
    exact = {k: size * w / total for k, w in zip(NAMES, parts, strict=False)}
    found = shared(exact, 2, {})
    rounded = round_half_up(sum(exact.values()), 2)  # the whole is rounded first and then shared
    assert sum(found.values()) == rounded
    parts_of_it = {k: Fraction(rounded) * w / total for k, w in zip(NAMES, parts, strict=False)}
    assert all(whole(v) and v >= 0 and abs(v - parts_of_it[k]) < PENNY for k, v in found.items())


@given(signed, weights, st.lists(st.fractions(0, 5000, max_denominator=300), min_size=6, max_size=6), st.integers(0, 63),
       st.sampled_from(["payer", "others"]), st.sampled_from(["half_up", "down", "up"]),
       st.none() | st.fractions(0, 8000, max_denominator=100))  # fmt: skip
@example(Fraction(10), [Fraction(1)] * 3, [Fraction(3335, 1000)] * 6, 1, "payer", "half_up", None)
def test_caps_hold_to_the_penny(
    amount: Fraction,
    parts: list[Fraction],
    limits: list[Fraction],
    which: int,
    beyond: str,
    mode: str,
    most: Fraction | None,
) -> None:
    size, total = abs(amount), sum(parts)
    exact: dict[str, Number] = {k: size * w / total for k, w in zip(NAMES, parts, strict=False)}
    caps: dict[str, Number] = {
        k: c for n, (k, c) in enumerate(zip(NAMES, limits, strict=True)) if which >> n & 1 and k in exact
    }
    rounded = to_unit(sum(exact.values()), 2, mode)
    afford, rounded = afforded(exact, rounded, most, 2)
    found = shared(afford, 2, caps, beyond, rounded)
    assert list(found) == list(exact)
    assert all(whole(v) and v >= 0 for v in found.values())
    assert all(found[k] <= c for k, c in caps.items())
    assert most is None or sum(found.values()) <= most
    assert sum(found.values()) <= rounded
    if beyond == "others" and most is None and any(k not in caps and w for k, w in exact.items()):
        # what one may not have another gets, so that nothing is lost
        assert abs(sum(found.values()) - size) < PENNY


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=6), weights)
def test_a_matrix_adds_up_both_ways(amounts: list[int], parts: list[Fraction]) -> None:
    total = sum(parts)
    payees: dict[str, Number] = {k: Fraction(n, 100) for k, n in zip(NAMES, amounts, strict=False)}
    payers: dict[str, Number] = {k.upper(): w / total for k, w in zip(NAMES, parts, strict=False)}
    found = matrix(payees, payers, 2)
    assert all(amount > 0 and whole(amount) for _, _, amount in found)
    for payee, amount in payees.items():
        assert sum(a for _, p, a in found if p == payee) == amount
    for payer, part in payers.items():
        paid = sum(a for p, _, a in found if p == payer)
        assert abs(paid - sum(payees.values()) * part) < PENNY


# a contract with a bit of everything

BODY = """\
accounts: {pool: {}, reserve: {}, advance: {}}
terms: {fee: {unit: GBP a year, by: provider, values: {2026-04-01: {acute: 1000.01, community: 700.10, live_in: 100}, 2026-11-20: {acute: 1200.07, community: 650, live_in: 100}}}}
inputs:
  x: {unit: GBP, over_periods: add}
  rate: {unit: percent, if: {suppressed: exclude}}
  visits: {records: {day: date, of: party, person: id, cost: GBP}, dated: day}
figures: {score: {is: "max(rate, 10%)"}}
payments:
  block: {pays_for: block, each: provider, start: fee, from: {icb: 61.7%, council: 38.3%}, to: provider}
  pooled:
    pays_for: outcome
    funded: {each: provider, pays: 7.3% * fee, into: pool}
    start: pool.balance
    steps: [{multiply: score}]
    from: pool
    shared: {by: contribution}
    unearned: reserve
  savings:
    pays_for: outcome
    start: x
    steps: [{deadband: {beyond: 1 GBP}}, {multiply: 33.3%, only: gain}]
    slices:
      - {up_to: 300 GBP, to: {providers: 50%, rest: stays}}
      - {to: {providers: 20%, reserve: 10%, rest: stays}}
    from: {icb: 50%, council: 50%}
    shared: {providers: {acute: 40%, community: 35%, live_in: 25%}}
    party_limits: {gain: {each: provider, at_most: 5% * fee, beyond: others}, loss: {each: provider, at_most: 2% * fee}}
  tariff: {pays_for: outcome, each: visits, start: 95% * cost, from: icb, to: of}
  ahead: {pays_for: block, start: 10 GBP, from: icb, to: acute, owed: advance}
  repaid: {pays_for: outcome, start: "max(x, 0)", from: icb, to: acute, recoup: {account: advance, at_most: 50% * earned}}
  yearly: {pays_for: outcome, settles: yearly, start: 10% * x, from: icb, to: {acute: 50%, live_in: 50%}, on_account: 100.01 GBP}
"""


@cache
def everything() -> Contract:
    return contract(BODY, settles="quarterly")


visit = st.fixed_dictionaries({
    "day": st.dates(date(2026, 4, 1), date(2027, 3, 31)).map(str),
    "of": st.sampled_from(["acute", "community", "live_in"]),
    "person": st.sampled_from("pqr"),
    "cost": money,
})  # fmt: skip
rates = st.just({"status": "suppressed"}) | st.integers(0, 1500).map(lambda n: f"{n // 10}.{n % 10}%")
quarter = st.fixed_dictionaries({"x": money, "rate": rates})


@settings(max_examples=30)
@given(st.lists(quarter, min_size=4, max_size=4), st.lists(visit, max_size=8), st.data())
def test_four_quarters_and_a_true_up_are_the_year(
    data: list[dict[str, Any]], visits: list[dict[str, Any]], draw: Any
) -> None:
    """Whatever the quarters were first settled on, with them and a true-up everybody has what the year comes to."""
    made = everything()
    final = dict(zip(QUARTERS, data, strict=True))
    early = {q: draw.draw(st.just(d) | quarter) for q, d in final.items()}
    found = None
    for label in QUARTERS:
        found = settled(made, label, {**early[label], "visits": visits}, found)
    together = settled(made, "2026-27", {"periods": final, "visits": visits}, found)
    alone = settled(made, "2026-27", {"periods": final, "visits": visits})
    assert positions(together.closing) == positions(alone.closing)
    assert together.closing.balances == alone.closing.balances
    assert [(p.name, p.earned) for p in together.payments] == [(p.name, p.earned) for p in alone.payments]
    # and settled once more it moves nothing
    assert moves(settled(made, "2026-27", {"periods": final, "visits": visits}, together)) == []


def positions(state: State) -> dict[tuple[str, str], Number]:
    """What each has had of each payment, all in all."""
    found: dict[tuple[str, str], Number] = {}
    for m in state.moved:
        for who, sign in ((m.payee, 1), (m.payer, -1)):
            found[m.payment, who] = found.get((m.payment, who), 0) + sign * m.amount
    return {k: v for k, v in found.items() if v}


@settings(max_examples=50)
@given(quarter, st.lists(visit, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(data: dict[str, Any], visits: list[dict[str, Any]], random: Any) -> None:
    one = settled(everything(), QUARTERS[0], {**data, "visits": visits})
    other_rows = list(visits)
    random.shuffle(other_rows)
    other = settled(everything(), QUARTERS[0], dict(reversed({**data, "visits": other_rows}.items())))
    assert (one.name, one.digest, one.transfers, one.balances, one.closing) == (
        other.name, other.digest, other.transfers, other.balances, other.closing,
    )  # fmt: skip


@given(quarter, st.lists(visit, max_size=8), st.integers(0, 10**6))
def test_money_adds_up(data: dict[str, Any], visits: list[dict[str, Any]], held: int) -> None:
    found = settled(everything(), QUARTERS[0], {**data, "visits": visits}, State({"pool": {"": Fraction(held, 100)}}))
    for t in found.transfers:
        assert t.amount >= 0
        assert whole(t.amount)
        assert t.payer != t.payee
    for b in found.balances:
        assert b.closing >= 0
        assert b.opening + b.money_in - b.money_out == b.closing
    for p in found.payments:
        if p.status == "determined":
            assert sum(r.amount for r in p.received) == p.earned
            assert p.net == net_of(found, p.name)


def net_of(found: Any, payment: str) -> Number:
    """What the payees of a payment get in it, by its transfers."""
    gain = {"icb": -1, "council": -1, "pool": -1}
    return sum(
        t.amount * (1 if t.payer in gain else -1)
        for t in found.transfers
        if t.payment == payment and t.kind in ("payment", "on account", "true-up")
    )


@settings(max_examples=40)
@given(quarter, quarter, st.lists(visit, max_size=4))
def test_a_restatement_comes_to_the_same_as_settling_once(
    first: dict[str, Any], then: dict[str, Any], visits: list[dict[str, Any]]
) -> None:
    made = everything()
    before = settled(made, QUARTERS[0], {**first, "visits": visits})
    again = settled(made, QUARTERS[0], {**then, "visits": visits}, before)
    once = settled(made, QUARTERS[0], {**then, "visits": visits})
    assert positions(again.closing) == positions(once.closing)
    assert again.closing.balances == once.closing.balances
    assert moves(settled(made, QUARTERS[0], {**then, "visits": visits}, again)) == []


@cache
def by_month() -> Contract:
    return contract(
        """\
        terms: {fee: {unit: GBP a year, by: provider, value: {acute: 1000.01, community: 333.33, live_in: 10}}}
        payments:
          p: {pays_for: block, settles: monthly, each: provider, start: fee, from: {icb: 50%, council: 50%}, to: provider}
          q: {pays_for: outcome, settles: yearly, start: 1000.01 GBP, from: icb, shared: {by: fee, among: provider}, on_account: 777.77 GBP}
        """,
        settles="monthly",
    )


@given(st.integers(0, 11))
def test_twelve_months_are_the_year(missing: int) -> None:
    """Even where one was never settled: the true-up is the year less what was transferred."""
    found = None
    for n, label in enumerate(MONTHS):
        found = found if n == missing else settled(by_month(), label, opening=found)
    year = settled(by_month(), "2026-27", opening=found)
    assert positions(year.closing) == positions(settled(by_month(), "2026-27").closing)


@given(money, money)
def test_more_never_pays_less(one: str, other: str) -> None:
    """Along deadband, shares, slices and limits: a larger saving is never worth less to anybody."""
    low, high = sorted((one, other), key=Fraction)
    assume(low != high)
    results = [settled(everything(), QUARTERS[0], {"x": x, "visits": []}).payment("savings") for x in (low, high)]
    less, more = ({r.payee: r.amount for r in p.received} for p in results)
    for party in ("acute", "community", "live_in"):
        assert more.get(party, 0) >= less.get(party, 0) - PENNY  # but for the penny that goes to the largest remainder
