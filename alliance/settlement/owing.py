"""Accounts that note what is owed of advances: they hold no money, and no money moves with what is noted in them."""

from __future__ import annotations

from alliance.contract.build.whole import Built
from alliance.settlement.book import account_of
from alliance.settlement.holding import LET_GO, WITHHELD

NOTES = ("advance", "recoupment")
"""The kinds of transfer that are notes of what is owed."""


def notes_of(built: Built) -> frozenset[str]:
    """The accounts that are notes of what is owed, and hold no money."""
    payments = built.payments.values()
    recouped = {p.recoup.account for p in payments if p.recoup is not None}
    return frozenset(recouped | {p.owed for p in payments if p.owed})


def noted_for(built: Built, account: str, party: str) -> tuple[str, str]:
    """The account that notes what a party owes, and the key under which it does."""
    return account, party if built.accounts[account].by else ""


def is_note(kind: str, payer: str, payee: str) -> bool:
    """Whether what was moved is a note of what is owed: of what was held back and let go, it is that where it does not
    go through the account of money held back."""
    return kind in NOTES or (kind in LET_GO and WITHHELD not in (account_of(payer)[0], account_of(payee)[0]))
