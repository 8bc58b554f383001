"""Reads a whole contract out in plain English, clause by clause, as it stands on a day."""

from __future__ import annotations

from datetime import date

from alliance.contract.contract import Contract
from alliance.contract.english import after, known, measures, payments, rules, terms, who
from alliance.contract.english.model import Reading
from alliance.contract.english.standing import Standing

_SECTIONS = (
    who.agreement,
    who.parties,
    who.accounts,
    who.decisions,
    terms.terms,
    known.inputs,
    measures.measures,
    measures.figures,
    payments.payments,
    rules.ladders,
    rules.rules,
    after.variations,
    after.examples,
)


def read(contract: Contract, day: date) -> Reading:
    """What a contract says, as it stands on a day of its term. Sections that it does not have are left out."""
    standing = Standing.on(contract, day)
    sections = (section(standing) for section in _SECTIONS)
    title = str(standing.document.contract.title)
    return Reading(contract.id, title, contract.file, day, tuple(x for x in sections if x.entries))


def day_of(contract: Contract, today: date) -> date:
    """The day that a contract is read on unless another is named: today, or the nearest day of its term."""
    return min(max(today, contract.built.start), contract.built.end)
