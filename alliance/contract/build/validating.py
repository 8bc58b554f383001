"""Who validates a measure: not whoever is paid by it, unless the money only comes back to whoever paid it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY


def check_validators(b: Builder) -> None:
    """A fault for each measure that is validated by a payee of a payment that reads it, however far round."""
    validated = {m.name: m.validated_by for m in b.measures.values() if m.validated_by}
    if not validated:
        return
    reads: dict[str, set[str]] = {}
    for payment in b.payments.values():
        payees = {name for name in payees_of(payment) if not _comes_back(b, payment, name)}
        for name in _reached(b, payment, reads):
            if validated.get(name) in payees:
                file = b.document.measures[next(key for key in b.document.measures if key == name)]
                message = f"{name} is validated by {validated[name]}, whom the payment {payment.name} pays by it."
                hint = "Let somebody validate it who is not paid by what it comes to."
                b.fault("AC114", file.at.value("validated_by"), message, hint)


def _reached(b: Builder, payment: e.Payment, reads: dict[str, set[str]]) -> set[str]:
    """The measures and figures that a payment reads, at once or through what that reads."""
    seen: set[str] = set()
    waiting = list(_read(payment))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in reads:
            reads[name] = set(_read(b.figures.get(name) or b.measures.get(name)))
        waiting += reads[name]
    return seen


def _read(entry: Any) -> Iterator[str]:
    """The names of the figures and measures that an entry reads."""
    for expr in exprs(entry):
        yield from (ref.name for ref in t.names(expr.node) if ref.kind in ("figure", "measure"))
    if isinstance(entry, e.Measure) and entry.derived is not None:
        yield entry.derived.of


def exprs(value: Any) -> Iterator[e.Expr]:
    """Every formula of an entry and of its parts."""
    if isinstance(value, e.Expr):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from exprs(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from exprs(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from exprs(item)


def _comes_back(b: Builder, payment: e.Payment, name: str) -> bool:
    """Whether a party only has back what it paid: every payer of the payment is paid by it in another."""
    paid = {payee for p in b.payments.values() if name in _payers(p) for payee in payees_of(p)}
    return set(_payers(payment)) <= paid


def _payers(p: e.Payment) -> Iterator[str]:
    for share in (*p.payers, *(share for one in p.slices for share in one.payers)):
        yield share.name


def payees_of(p: e.Payment) -> Iterator[str]:
    """The parties and accounts that a payment may pay."""
    for share in (*p.payees, *(share for one in p.slices for share in one.payees)):
        yield share.name
        if p.each is not None and p.each.kind == PARTY and share.kind == "binding":
            yield from p.each.keys
    for group in p.groups.values():
        yield from group.members
