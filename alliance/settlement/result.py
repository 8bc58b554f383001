"""What a settlement is: transfers, waterfalls, measures, figures, balances, and what could not be determined."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alliance.contract.calendar import Segment
from alliance.contract.faults import Mark
from alliance.contract.formula.evaluate import Traced
from alliance.contract.numbers import Number
from alliance.contract.values import Value
from alliance.measures.evidence import Bounds, Evidence
from alliance.settlement.ruled import Notice, RuleResult
from alliance.settlement.state import State

MOST_REASONS = 12
"""How many reasons are said in one sentence; a settlement holds all of them."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A formula behind a line, with what is needed to trace it (kept only where a settlement is to be explained).

    `over` is the stretch of the period that it was worked out for, where the period was cut.
    """

    label: str
    expr: Any
    view: Any
    over: Segment | None = None

    def trace(self) -> Traced:
        from alliance.contract.formula.evaluate import traced

        return traced(self.expr.node, self.view)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a waterfall: what was done, and what the amount was before and after.

    `kind` is the operation (start, multiply, corridor, ..., limit, slice, kept, unearned); `facts` are the values that
    it used, by label; `note` says in words what happened, where a number alone does not; `bound` says that the
    amount is held to a cap or a floor from here.
    """

    kind: str
    name: str
    before: Value
    after: Value
    facts: tuple[tuple[str, Value, str], ...] = ()
    note: str = ""
    clause: str = ""
    mark: Mark | None = None
    bound: str = ""
    details: tuple[Detail, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The lines by which one amount came about: for a party, a category or a person where the payment has `each`."""

    of: str
    lines: tuple[Line, ...]
    amount: Value
    records: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """What a party or account gets from a payment (or bears, if negative) in the period, before what was paid."""

    payee: str
    amount: Number


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """A payment in a settlement.

    `status`: determined, undetermined, on account, not due. `shadow` payments move no money; `tried` is what was
    earned in those of its parts that move none, where others do. `parts` are the shorter periods that a longer one is
    the sum of. `shares` says which part each has of what is shared, and by what it is weighed (kept only where a
    settlement is to be explained).
    """

    name: str
    title: str
    clause: str
    pays_for: str
    status: str
    shadow: bool
    period: str
    unit: str
    waterfalls: tuple[Waterfall, ...]
    lines: tuple[Line, ...]
    received: tuple[Received, ...]
    earned: Value
    on_account: Number
    net: Number
    unearned: Number
    before: Number
    reasons: tuple[str, ...]
    parts: tuple[PaymentResult, ...] = ()
    mark: Mark | None = None
    withheld: Number = 0
    tried: Number = 0
    shares: tuple[Line, ...] = field(default=(), repr=False, compare=False)

    @property
    def why(self) -> str:
        """Why it could not be determined, as one text: the first reasons, and how many more there are."""
        more = len(self.reasons) - MOST_REASONS
        said = "; ".join(self.reasons[:MOST_REASONS])
        return f"{said}; and {more:,} more" if more > 0 else said


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money from one to another. `kind`: payment, funding, unearned, on account, true-up, recoupment, withheld,
    release, lapse, reversal, end.

    The payer and the payee are parties or accounts; an account kept by key is written `account/key`.
    """

    payment: str
    kind: str
    payer: str
    payee: str
    amount: Number
    unit: str = "money"


@dataclass(frozen=True, slots=True)
class MeasureResult:
    """A measure in a settlement: value, cases, status, and score.

    `evidence` is what stands behind a value that was worked out from records, `bounds` its interval, and `scored` the
    value that was scored in its place where the interval does not clear what it is held against.
    """

    name: str
    title: str
    key: str
    value: Value
    unit: str
    cases: int | None
    status: str
    score: Value
    has_score: bool
    score_unit: str
    outcome: str = ""
    clause: str = ""
    mark: Mark | None = None
    evidence: Evidence | None = None
    bounds: Bounds | None = None
    scored: Value = None


@dataclass(frozen=True, slots=True)
class FigureResult:
    """A figure in a settlement."""

    name: str
    title: str
    key: str
    value: Value
    unit: str
    clause: str = ""
    mark: Mark | None = None

    @property
    def status(self) -> str:
        from alliance.contract.values import Unknown

        return self.value.status if isinstance(self.value, Unknown) else "measured"


@dataclass(frozen=True, slots=True)
class Balance:
    """An account over a settlement: opening + in - out = closing."""

    account: str
    title: str
    key: str
    unit: str
    opening: Number
    money_in: Number
    money_out: Number
    closing: Number


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement: everything that it came to and why, under the name that its inputs have.

    `name` is the hash of what it was made from, `digest` of what it came to. `places` are the decimal places of its
    currency; amounts are exact numbers (`int` or `Fraction`) in major units.
    """

    name: str
    digest: str
    contract: str
    title: str
    contract_digest: str
    period: str
    start: date
    end: date
    kind: str
    as_of: date
    currency: str
    places: int
    parties: Mapping[str, str]
    accounts: Mapping[str, str]
    payments: tuple[PaymentResult, ...]
    transfers: tuple[Transfer, ...]
    measures: tuple[MeasureResult, ...]
    figures: tuple[FigureResult, ...]
    balances: tuple[Balance, ...]
    closing: State
    notes: tuple[str, ...] = ()
    engine: str = ""
    rules: tuple[RuleResult, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def undetermined(self) -> tuple[PaymentResult, ...]:
        """The payments that could not be determined, each with its reasons."""
        return tuple(p for p in self.payments if p.status == "undetermined")

    @property
    def final(self) -> bool:
        return self.kind == "final"

    def payment(self, name: str) -> PaymentResult:
        """A payment by its name. Raises `KeyError`."""
        return _named(self.payments, name)

    def figure(self, name: str, key: str = "") -> Value:
        """A figure's value by its name, and its party or category if it has one for each. Raises `KeyError`."""
        for figure in self.figures:
            if (figure.name, figure.key) == (name, key):
                return figure.value
        raise KeyError(name)

    def paid(self, payer: str, payee: str, payment: str = "") -> Number:
        """What moves from one to another, in one payment or in all."""
        return sum(
            t.amount
            for t in self.transfers
            if t.payer == payer and t.payee == payee and t.unit == "money" and payment in ("", t.payment)
        )

    def to_json(self, indent: int | None = 2) -> str:
        """The settlement as JSON; `Settlement.from_json` reads it back without loss."""
        from alliance.settlement.serial import to_json

        return to_json(self, indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Settlement:
        """Read a settlement back. Raises `InputError` where the text is not one."""
        from alliance.settlement.serial import from_json

        return from_json(text)

    def _repr_html_(self) -> str:
        from alliance.settlement.notebook import notebook

        return notebook(self)


def _named(items: Iterable[PaymentResult], name: str) -> PaymentResult:
    for item in items:
        if item.name == name:
            return item
    raise KeyError(name)
