"""Formulas that ask what somebody earned whom a payment never pays."""

from __future__ import annotations

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.validating import exprs, payees_of
from alliance.contract.english.words import joined
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY


def check_earned_by(b: Builder) -> None:
    """A fault where a formula reads what a payment earned by someone whom it never pays: that is nothing for ever."""
    named = {str(n): set(payees_of(p)) & {*b.parties, *b.accounts} for n, p in b.payments.items() if _fixed(p)}
    for entry in (*b.figures.values(), *b.payments.values(), *b.measures.values(), *b.rules):
        for expr in exprs(entry):
            for node in expr.node.walk():
                if not isinstance(node, t.By) or not isinstance(node.ref, t.Ref) or not isinstance(node.key, t.Literal):
                    continue
                ref, who = node.ref, str(node.key.value)
                known = named.get(ref.name) if ref.kind == "payment" and ref.attribute == "earned" else None
                if known is not None and who in {*b.parties, *b.accounts} and who not in known:
                    message = (
                        f"in the formula `{expr.text}`: {ref.name} never pays {who}, so what {who} earns is nothing."
                    )
                    hint = f"It pays {joined(sorted(known))}." if known else ""
                    b.fault("AC041", expr.mark, message, hint)


def _fixed(p: e.Payment) -> bool:
    """Whether all that a payment may pay are named: not the party that a record holds."""
    shares = (*p.payees, *(share for one in p.slices for share in one.payees))
    return not any(s.kind == "binding" and (p.each is None or p.each.kind != PARTY) for s in shares)
