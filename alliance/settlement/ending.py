"""The end of a contract: what accounts still hold goes where they say, and what is left is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS
from alliance.contract.numbers import Number, share_out, size
from alliance.settlement.book import Book, account_of, name_in
from alliance.settlement.owing import notes_of
from alliance.settlement.result import Transfer
from alliance.settlement.run import Run
from alliance.settlement.settling import Settling
from alliance.settlement.sharing import to_unit
from alliance.settlement.state import Moved
from alliance.settlement.words import money_text


def applied(book: Book, s: Settling, transfers: Iterable[Transfer]) -> None:
    """Put what moves into the book."""
    accounts = s.accounts()
    for t in transfers:
        if t.amount:
            book.pay(t.payer, t.payee, t.amount, s.notes if t.unit == "owed" else accounts)


def at_an_end(s: Settling, built: Built) -> bool:
    """Whether accounts end with this settlement: the final one of the last of the contract's longest periods."""
    lengths = [built.settles, *(p.settles for p in built.payments.values())]
    longest = max(lengths, key=lambda n: MONTHS[n])
    return s.period.end >= built.end and s.final and s.period.length in (longest, "year")


def still_there(s: Settling, built: Built, book: Book) -> Iterator[str]:
    """What accounts hold, lack or are owed when all of them have ended, in words."""
    if not at_an_end(s, built):
        return
    accounts = {n: a for n, a in s.accounts().items() if a.by != "item"}
    for account, keys in sorted((n, keys) for n, keys in book.balances().items() if n in accounts):
        entry = accounts[account]
        for key, held in sorted(keys.items()):
            name = f"{entry.title}, {key}" if key else entry.title
            much = money_text(size(held), built.places) if entry.unit.kind == "money" else str(size(held))
            what = (
                "is still owed" if account in notes_of(built) else "is still in it" if held > 0 else "is lacking in it"
            )
            yield f"{name}: {much} {what} when the contract ends. It is for the parties to agree."


def ends(s: Settling, run: Run, book: Book, transfers: list[Transfer]) -> list[Transfer]:
    """What accounts that end still hold, on its way. What one leaves to another goes on from there."""
    if not at_an_end(s, run.built):
        return []
    found: list[Transfer] = []
    accounts = s.accounts()
    waiting = sorted(name for name, account in accounts.items() if account.ends_to)
    while waiting:
        fed = {accounts[n].ends_to for n in waiting}
        name = next((n for n in waiting if n not in fed), waiting[0])
        waiting.remove(name)
        for t in _left(s, run, accounts[name], book, transfers):
            if t.amount:  # what one key leaves another has no room for
                found.append(t)
                applied(book, s, [t])
    return found


def _left(s: Settling, run: Run, account: e.Account, book: Book, transfers: list[Transfer]) -> Iterator[Transfer]:
    """What an account still holds, on its way to where it ends."""
    for key in sorted(book.keys(account.name)):
        held = book.balance(account.name, key)
        name = f"{account.name}/{key}" if key else account.name
        heirs = _heirs(s, run, account, name, held, book, transfers) if held > 0 else {}
        for payee, amount in heirs.items():
            yield Transfer(account.name, "end", name, payee, amount, account.unit.kind)
        for payer, amount in _given_back(s, name, -held, _places(run, account)).items():
            yield Transfer(account.name, "end", payer, name, amount, account.unit.kind)


def _given_back(s: Settling, name: str, lacking: Number, places: int) -> dict[str, Number]:
    """What an account lacks, since it ended before what led to it was settled again, from those it ended with."""
    ended: dict[str, Number] = {}
    for m in s.opening.moved:
        if m.kind == "end" and name in (m.payer, m.payee):
            heir, sign = (m.payee, 1) if m.payer == name else (m.payer, -1)
            ended[heir] = ended.get(heir, 0) + sign * m.amount
    given = {heir: amount for heir, amount in ended.items() if amount > 0}
    back = min(lacking, sum(given.values()))
    return dict(zip(given, share_out(back, list(given.values()), places), strict=True)) if back > 0 else {}


def _heirs(
    s: Settling, run: Run, account: e.Account, name: str, held: Number, book: Book, transfers: list[Transfer]
) -> dict[str, Number]:
    """Who has what an account holds, by its name with the key under which it holds it."""
    if account.ends_to != "contributors":
        heir, (_, key) = s.accounts().get(account.ends_to), account_of(name)
        key = key if heir is not None and heir.by else ""
        to = name_in(account.ends_to, key)
        return {to: held if heir is None else min(held, _room(s, run, heir, to, held, book))}
    built = run.built
    paid = _contributed(built, name, (*s.opening.moved, *transfers), frozenset())
    order = [p for p in built.parties if paid.get(p, 0) > 0]
    if not order:
        return {}
    places = _places(run, account)
    return dict(zip(order, share_out(held, [paid[p] for p in order], places), strict=True))


def _room(s: Settling, run: Run, heir: e.Account, name: str, held: Number, book: Book) -> Number:
    """What the account that another one ends into has room for; what it has not stays, and is told. What it ended with
    itself when the contract was settled before takes room in it still: it makes none for more."""
    if heir.ceiling is None:
        return held
    most = run.evaluate(heir.ceiling, run.view())
    if not isinstance(most, int | Fraction):
        return 0
    ended = sum(m.amount if m.payer == name else -m.amount for m in s.opening.moved if _is_end_of(m, name))
    return to_unit(max(most - book.balance(*account_of(name)) - max(ended, 0), 0), _places(run, heir), "down")


def _is_end_of(m: Moved, name: str) -> bool:
    """Whether it was moved as an account ended, or given back to it; not what others ended with in it."""
    return m.kind == "end" and m.payment == account_of(name)[0] and name in (m.payer, m.payee)


def _places(run: Run, account: e.Account) -> int:
    """Decimal places of what an account holds."""
    return run.built.places if account.unit.kind == "money" else 0


def _contributed(
    built: Built, account: str, everything: tuple[Moved | Transfer, ...], seen: frozenset[str]
) -> dict[str, Number]:
    """What each party put into an account. What came from another account is of those who put it in there. What was
    given back when a period was settled again counts against it."""
    moved = [m for m in everything if m.kind != "end" and account in (m.payer, m.payee)]
    funding = [m for m in moved if m.kind == "funding"]
    if not funding:  # no payment funds it, so its contributors are the parties that paid into it
        into = {m.payment for m in moved if m.payee == account and m.payer in built.parties}
        funding = [m for m in moved if m.payment in into]
    by: dict[tuple[str, str], Number] = {}
    for m in funding:
        party, sign = (m.payer, 1) if m.payee == account else (m.payee, -1)
        by[party, m.payment] = by.get((party, m.payment), 0) + sign * m.amount
    found: dict[str, Number] = {}
    for (party, _), amount in by.items():  # who got more of a payment than it gave back paid in nothing by it
        found[party] = found.get(party, 0) + max(amount, 0)
    if any(found.values()):
        return found
    sources: dict[str, Number] = {}
    for m in moved:
        source, sign = (m.payer, 1) if m.payee == account else (m.payee, -1)
        sources[source] = sources.get(source, 0) + sign * m.amount
    for source, amount in sources.items():
        if amount > 0 and source not in seen:  # an account: no party paid in
            behind = {p: x for p, x in _contributed(built, source, everything, seen | {account}).items() if x > 0}
            for party, part in behind.items():
                found[party] = found.get(party, 0) + Fraction(amount) * part / sum(behind.values())
    return found
