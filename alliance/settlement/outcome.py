"""What one payment comes to in one period, while it is being worked out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value, unknown
from alliance.settlement.result import Line, Waterfall
from alliance.settlement.run import Paid
from alliance.settlement.state import Past
from alliance.settlement.view import View


class Undetermined(Exception):
    """A payment cannot be determined: its message is the reasons."""

    def __init__(self, value: Unknown) -> None:
        super().__init__(str(value))
        self.value = value


def determined(value: Value, payment: e.Payment, what: str = "") -> Any:
    """The value, or the payment stops here as not determined."""
    if isinstance(value, Unknown):
        raise Undetermined(value)
    if value is None:
        raise Undetermined(unknown(what or payment.name, "missing", payment.mark))
    return value


@dataclass(frozen=True, slots=True)
class Flow:
    """What a payment moves. `unit` is money, the payment's unit, or `owed` for a note of what is owed."""

    kind: str
    payer: str
    payee: str
    amount: Number
    unit: str = "money"


@dataclass
class Outcome:
    """What one payment came to in one period. `first` is its payer and first payee, even where nothing is paid;
    `used` what each party gained and what it bore, each of the limits on it apart; `carried` what they cut and carry to
    the next period. Both are by side and party. `shadow` says that it moves no money, `tried` what was earned in those
    of its parts that move none where others do."""

    status: str = "determined"
    waterfalls: list[Waterfall] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    shares: list[Line] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    received: dict[str, Number] = field(default_factory=dict)
    first: tuple[str, str] = ("", "")
    unearned: Number = 0
    kept: Number = 0
    used: dict[tuple[str, str], Number] = field(default_factory=dict)
    carried: dict[tuple[str, str], Number] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    lost: Unknown | None = None
    instances: dict[str, Number] = field(default_factory=dict)
    shadow: bool = False
    tried: Number = 0

    def paid(self) -> Paid:
        """What formulas read of it: the whole, and what each payee or category had."""
        return Paid(earned=self.earned, unearned=self.unearned, kept=self.kept, by={**self.instances, **self.received})

    @property
    def earned(self) -> Number:
        return sum(self.received.values())

    @property
    def value(self) -> Value:
        """What is earned, or that it is not known and why."""
        return self.earned if self.lost is None else self.lost

    def unshared(self, amount: Number, p: e.Payment, group: e.Group, present: bool) -> None:
        """Say that an amount is shared with nobody, and why: it stays with its payer, or in the pool."""
        why = "all that it is shared by is nothing" if present else "nobody is there to share it"
        name = "shared with nobody" + ("" if p.funding else ", kept by the payer")
        self.lines.append(Line("kept", name, amount, 0, (), why, p.clause, group.mark))

    def undetermined(self, value: Unknown) -> None:
        """What cannot be determined moves nothing, its funding included."""
        self.status, self.lost = "undetermined", value
        self.reasons = tuple(str(r) for r in value.reasons) or ("not known",)
        self.flows, self.received, self.unearned, self.kept = [], {}, 0, 0
        self.used, self.carried = {}, {}


def apart(attribute: str, shadow: bool) -> str:
    """What history calls what was used or carried of a limit: of a payment that moves no money by a name of its own."""
    return f"shadow {attribute}" if shadow else attribute


def limited(past: Past) -> bool:
    """Whether what is remembered of a payment is what was used, or carried, of a limit on a party."""
    return past.attribute.endswith(("gain", "loss"))


Outcomes = dict[str, tuple[Outcome, list[tuple[Period, Outcome]]]]
"""What every payment came to in a period, and in each of its parts where it settles by these."""


def text_of(value: Value) -> str:
    """A key as text."""
    return value.isoformat() if isinstance(value, date) else str(value)


def who(share: e.Share, view: View, payment: e.Payment) -> str:
    """The name of a payer or payee for what is in hand, an account kept by key with its key."""
    if share.kind == "binding":
        return view.bound[PARTY] if PARTY in view.bound else text_of(view.fields[share.name])
    if share.kind == "field":
        return text_of(determined(view.fields[share.name], payment, f"the {share.name} of a record"))
    if share.kind == "account":
        by = view.run.built.accounts[share.name].by
        if by:
            key = view.fields.get(by) if by in view.fields else view.bound.get(by)
            return f"{share.name}/{text_of(determined(key, payment, f'the {by} of {share.name}'))}"
    return share.name
