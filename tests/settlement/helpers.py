"""What the tests of `alliance.settlement` share: small contracts as text, and what a settlement came to as lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from textwrap import dedent, indent
from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import AllianceError, InputError
from alliance.contract.numbers import Number, to_decimal_text
from alliance.contract.values import Unknown, Value
from alliance.settlement.codes import CODES
from alliance.settlement.result import Settlement

PARTIES = """\
icb:       {name: Integrated care board, role: commissioner}
council:   {name: Borough council, role: commissioner}
acute:     {name: Acute trust, role: provider}
community: {name: Community trust, role: provider}
live_in:   {name: Live-in care agency, role: provider}
"""
QUARTERS = tuple(f"2026-27 Q{n}" for n in (1, 2, 3, 4))
MONTHS = (*(f"2026-{n:02}" for n in range(4, 13)), "2027-01", "2027-02", "2027-03")


def contract(
    body: str = "",
    *,
    term: str = "2026-04-01 2029-03-31",
    settles: str = "yearly",
    parties: str = PARTIES,
    header: str = "",
) -> Contract:
    """A contract of three years from April 2026 with the entries given, and the usual five parties."""
    start, end = term.split()
    text = (
        "alliance: 1\n"
        f"contract: {{id: small, title: Small, term: {{from: {start}, to: {end}}}, settles: {settles}{header}}}\n"
        f"parties:\n{indent(dedent(parties), '  ')}{dedent(body)}"
    )
    return alliance.loads(text)


def one_payment(fields: str, body: str = "", **options: Any) -> Contract:
    """A contract with the payment `p` for outcomes, and the usual inputs: amounts x and y, a rate, and a truth."""
    inputs = """\
        inputs:
          x: {unit: GBP, over_periods: add}
          y: {unit: GBP, over_periods: add}
          rate: {unit: percent}
          ok: {unit: boolean}
        """
    fields = indent(dedent(fields).strip("\n"), "    ")
    return contract(f"{dedent(inputs)}{dedent(body)}payments:\n  p:\n    pays_for: outcome\n{fields}\n", **options)


def settled(
    made: Contract,
    period: str = "2026-27",
    inputs: Mapping[str, Any] | None = None,
    opening: Any = None,
    **options: Any,
) -> Settlement:
    """A settlement, checked for what always holds: balances add up, and the same settling comes to the same."""
    found = alliance.settle(made, period=period, inputs=inputs, opening=opening, **options)
    for b in found.balances:
        assert b.opening + b.money_in - b.money_out == b.closing
    assert found.final == (options.get("kind") == "final")
    return found


def quarters(made: Contract, inputs: Mapping[str, Mapping[str, Any]] | None = None, **options: Any) -> Settlement:
    """The four quarters of 2026-27 settled in turn, each opening on the one before; the last of them."""
    found: Any = None
    for label in QUARTERS:
        found = settled(made, label, (inputs or {}).get(label, {}), found, **options)
    assert isinstance(found, Settlement)
    return found


def moves(found: Settlement, payment: str = "") -> list[str]:
    """What was moved, a line each: `icb -> acute 10.00`, with its kind where that is not a payment."""
    return [
        f"{t.payer} -> {t.payee} {to_decimal_text(t.amount, found.places)}"
        + ("" if t.kind == "payment" else f" ({t.kind})")
        for t in found.transfers
        if t.amount and payment in ("", t.payment)
    ]


def earned(found: Settlement, payment: str = "p") -> Value:
    return found.payment(payment).earned


def came_to(
    fields: str, inputs: Mapping[str, Any] | None = None, body: str = "", period: str = "2026-27", **options: Any
) -> Value:
    """What one payment with these fields earns."""
    return earned(settled(one_payment(fields, body, **options), period, inputs))


def stepped(steps: str, x: str, **inputs: Any) -> Value:
    """What an amount x becomes by steps, in a payment from the board to the acute trust, before it is rounded."""
    made = one_payment(f"start: x\nsteps: {steps}\nfrom: icb\nto: acute")
    return settled(made, inputs={"x": x, **inputs}).payment("p").waterfalls[0].amount


def balance(found: Settlement, account: str, key: str = "") -> Number:
    return next((b.closing for b in found.balances if (b.account, b.key) == (account, key)), 0)


def pounds(text: str) -> Fraction:
    return Fraction(text)


def why(value: object) -> str:
    """The reasons of what is not known, in words."""
    assert isinstance(value, Unknown), f"{value} is known"
    return str(value)


def faults_of(act: Callable[[], object], error: type[AllianceError] = InputError) -> list[str]:
    """The faults that an act raises, as lines. Each has a listed code and ends as a sentence does."""
    with pytest.raises(error) as caught:
        act()
    for fault in caught.value.faults:
        assert fault.code in CODES
        assert fault.message.endswith((".", "?")), fault.message
    return [str(fault) for fault in caught.value.faults]
