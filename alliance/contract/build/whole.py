"""Builds every part of a contract in the order that they lean on each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.consequences import declare_rule_payments, rule_payments
from alliance.contract.build.figures import build_figures, figure_graph
from alliance.contract.build.hours import check_hours
from alliance.contract.build.inputs import build_inputs
from alliance.contract.build.measures import build_measures, finish_measures
from alliance.contract.build.naming import declare
from alliance.contract.build.order import settled_order
from alliance.contract.build.payments import build_payment, declare_payments
from alliance.contract.build.reach import check_reach
from alliance.contract.build.receivers import check_earned_by
from alliance.contract.build.rules import build_rules, declare_ladders
from alliance.contract.build.terms import build_terms
from alliance.contract.build.validating import check_validators
from alliance.contract.build.who import (
    build_accounts,
    build_categories,
    build_decisions,
    build_parties,
    finish_accounts,
)
from alliance.contract.calendar import Calendar
from alliance.contract.faults import Faults
from alliance.contract.formula.scope import Scope
from alliance.contract.model.base import formulas
from alliance.contract.model.document import Document


@dataclass(frozen=True, slots=True)
class Built:
    """A contract as it stands under the variations in force: everything that a settlement reads."""

    start: date
    end: date
    currency: str
    calendar: Calendar
    settles: str
    parties: Mapping[str, e.Party]
    accounts: Mapping[str, e.Account]
    decisions: Mapping[str, e.Decision]
    terms: Mapping[str, e.Term]
    inputs: Mapping[str, e.Input]
    measures: Mapping[str, e.Measure]
    figures: Mapping[str, e.Figure]
    payments: Mapping[str, e.Payment]
    order: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    categories: Mapping[str, tuple[str, ...]]
    rules: tuple[e.Rule, ...]
    ladders: Mapping[str, e.Ladder]
    working_days: str
    scope: Scope

    @property
    def places(self) -> int:
        """Decimal places of the currency's minor unit."""
        return MINOR_UNITS.get(self.currency, 2)


MOST_PARTS = 8_000  # words and signs of all formulas together
_WORD = re.compile(r"\w+|[^\w\s]")
_CURRENCY = re.compile("[A-Z]{3}")
_MOST_COLUMNS = 20
MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}


def build(document: Document, faults: Faults, apart: Iterable[str] = ()) -> tuple[Built, Builder]:
    """Build a document. Everything wrong with it is added to the faults; what is built may then be incomplete. `apart`
    are the names of entries with a fault of their own, which are not in it."""
    b = Builder(document, faults)
    _check_header(b)
    _check_size(b)
    declare(b)
    b.refused.update(dict.fromkeys(apart, ""))
    build_parties(b)
    build_categories(b)
    build_accounts(b)
    build_decisions(b)
    build_terms(b)
    build_inputs(b)
    build_measures(b)
    declare_payments(b)
    declare_ladders(b)
    declare_rule_payments(b)
    graph = figure_graph(b)
    build_figures(b, graph)
    finish_measures(b)
    order = settled_order(graph.now, [str(name) for name in document.payments])
    payments = {str(name): (name, payment) for name, payment in document.payments.items()}
    for name in order:
        if name in payments:
            build_payment(b, *payments[name])
    finish_accounts(b)
    check_hours(b, order)
    check_validators(b)
    build_rules(b)
    rule_payments(b)
    check_earned_by(b)
    order += tuple(c.name for rule in b.rules for c in rule.then if c.verb == "pay")
    check_reach(b)
    return _built(b, order), b


def _check_size(b: Builder) -> None:
    """Refuse more in formulas than can be read in a moment."""
    parts = 0
    for formula in formulas(b.document):
        parts += len(_WORD.findall(formula))
        if parts > MOST_PARTS:
            message = f"the formulas of the contract have more than {MOST_PARTS:,} words and signs, which is the limit."
            b.fault("AC034", formula.mark, message, "Name what is said often as a figure, once.")
            b.faults.raise_if_any()


def _check_header(b: Builder) -> None:
    """What the head of the file says: its term, currency and key."""
    header = b.document.contract
    if b.end < b.start:
        b.fault(
            "AC065", header.term.at.value("to"), "the contract ends before it starts.", "Write a later day for `to`."
        )
    if not _CURRENCY.fullmatch(b.currency):
        hint = "Write three capital letters: GBP."
        b.fault("AC033", header.at.value("currency"), f'"{b.currency[:20]}" is not a currency.', hint)
    columns = header.key if isinstance(header.key, list) else []
    if header.key is not None and not header.key:
        b.fault("AC033", header.at.value("key"), "a key is at least one column.", "Name a column, or remove `key:`.")
    for column in {c for c in columns if columns.count(c) > 1} if len(columns) <= _MOST_COLUMNS else ():
        b.fault("AC033", column.mark, f'the key names the column "{column[:40]}" twice.', "Name it once.")
    if len(columns) > _MOST_COLUMNS:
        b.fault("AC033", header.at.value("key"), f"a key is at most {_MOST_COLUMNS} columns.", "Name fewer.")


def _built(b: Builder, order: tuple[str, ...]) -> Built:
    """What was built, in the order of the file; what rules pay comes last."""
    paid = [name for name, payment in b.payments.items() if payment.rule]
    return Built(
        start=b.start,
        end=b.end,
        currency=b.currency,
        calendar=b.calendar,
        settles=b.settles,
        parties=b.parties,
        accounts=b.accounts,
        decisions=b.decisions,
        terms={str(n): b.terms[str(n)] for n in b.document.terms if str(n) in b.terms},
        inputs=b.inputs,
        measures=b.measures,
        figures={str(n): b.figures[str(n)] for n in b.document.figures if str(n) in b.figures},
        payments={n: b.payments[n] for n in (*map(str, b.document.payments), *paid) if n in b.payments},
        rules=b.rules,
        ladders=b.ladders,
        working_days=str(b.document.contract.working_days or ""),
        order=order,
        roles={name: loop.keys for name, loop in b.loops.items() if loop.kind == "party"},
        categories=b.categories,
        scope=b.scope(),
    )
