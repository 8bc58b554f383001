"""Formulas that ask what somebody earned whom a payment never pays."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.validating import exprs, payees_of
from alliance.contract.english.words import joined
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY


def check_earned_by(b: Builder) -> None:
    """A fault where a formula reads what a payment earned by someone whom it never pays: that is nothing for ever."""
    everyone = {*b.parties, *b.accounts}
    paid = {name: set(payees_of(p)) & everyone for name, p in b.payments.items() if _fixed(p)}
    for entry in (*b.figures.values(), *b.payments.values(), *b.measures.values(), *b.rules):
        for expr in exprs(entry):
            for ref, who in _earned_by(expr):
                payees = paid.get(ref.name)
                if payees is not None and who in everyone - payees:
                    said = f"in the formula `{expr.text}`: {ref.name} never pays {who}, so what {who} earns is nothing."
                    b.fault("AC041", expr.mark, said, f"It pays {joined(sorted(payees))}.")


def _earned_by(expr: e.Expr) -> Iterator[tuple[t.Ref, str]]:
    """What a formula reads as earned from a payment by somebody named."""
    for node in expr.node.walk():
        match node:
            case t.By(ref=t.Ref(kind="payment", attribute="earned") as ref, key=t.Literal(value=str(who))):
                yield ref, who


def _fixed(p: e.Payment) -> bool:
    """Whether all that a payment may pay are named: not the party that a record holds."""
    shares = (*p.payees, *(share for one in p.slices for share in one.payees))
    return not any(s.kind == "binding" and (p.each is None or p.each.kind != PARTY) for s in shares)
