"""Builds every part of a contract in the order that they lean on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.known import build_inputs, build_terms
from alliance.contract.build.paid import build_payment, declare_payments
from alliance.contract.build.who import (
    build_accounts,
    build_categories,
    build_decisions,
    build_parties,
    finish_accounts,
)
from alliance.contract.build.worked import build_figure, build_measures, figure_graph, finish_measures
from alliance.contract.calendar import Calendar
from alliance.contract.faults import Faults
from alliance.contract.formula.scope import Scope
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
    scope: Scope

    @property
    def places(self) -> int:
        """Decimal places of the currency's minor unit."""
        return MINOR_UNITS.get(self.currency, 2)


MINOR_UNITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3, "JOD": 3}


def build(document: Document, faults: Faults) -> tuple[Built, Builder]:
    """Build a document. Everything wrong with it is added to the faults; what is built may then be incomplete."""
    b = Builder(document, faults)
    build_parties(b)
    build_categories(b)
    build_accounts(b)
    build_decisions(b)
    build_terms(b)
    b.know_period()
    build_inputs(b)
    build_measures(b)
    declare_payments(b)
    order = _order(document, figure_graph(b))
    places = {str(key): key for part in (document.figures, document.payments) for key in part}
    for name in order:
        if name in document.figures:
            build_figure(b, places[name], document.figures[places[name]])
    finish_measures(b)
    for name in order:
        if name in document.payments:
            build_payment(b, places[name], document.payments[places[name]])
    finish_accounts(b)
    roles = {n: v.keys for n, v in b.loops.items() if v.kind == "party"}
    payments = {str(n): b.payments[str(n)] for n in document.payments if str(n) in b.payments}
    figures = {str(n): b.figures[str(n)] for n in document.figures if str(n) in b.figures}
    built = Built(
        start=b.start,
        end=b.end,
        currency=b.currency,
        calendar=b.calendar,
        settles=b.settles,
        parties=b.parties,
        accounts=b.accounts,
        decisions=b.decisions,
        terms=b.terms,
        inputs=b.inputs,
        measures=b.measures,
        figures=figures,
        payments=payments,
        order=order,
        roles=roles,
        categories=b.categories,
        scope=b.scope(),
    )
    return built, b


def _order(document: Document, graph: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Figures, scored measures and payments, each after what it reads. Payments keep their listed order as far as that
    allows, and whatever needs no payment comes before the first, so that accounts move in the order of the contract."""
    waiting = {name: set(reads) for name, reads in graph.items()}
    readers: dict[str, list[str]] = {name: [] for name in graph}
    for name, reads in graph.items():
        for other in reads:
            readers[other].append(name)
    payments = [str(n) for n in document.payments]
    ready = [n for n, reads in waiting.items() if not reads and n not in document.payments]
    placed: list[str] = []
    left = dict.fromkeys(payments)
    while ready or left:
        if ready:
            name = ready.pop(0)
        else:
            name = next(p for p in left if not waiting[p])
        left.pop(name, None)
        placed.append(name)
        for reader in readers[name]:
            waiting[reader].discard(name)
            if not waiting[reader] and reader not in left:
                ready.append(reader)
    return tuple(placed)
