"""Whether an opening can be one: what a saved settlement says agrees with itself, and with the contract it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from alliance.contract import entries as e
from alliance.contract.calendar import MONTHS, Period, PeriodError
from alliance.contract.contract import Contract
from alliance.contract.english.words import joined
from alliance.contract.faults import Fault, InputError
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, round_down, size, to_exact_text
from alliance.settlement.book import account_of
from alliance.settlement.holding import LET_GO, WITHHELD
from alliance.settlement.state import State

if TYPE_CHECKING:
    from alliance.settlement.result import Settlement

MOST_LEFT_OUT = 12


def disagrees(s: Settlement) -> str:
    """What in a settlement does not agree with the rest of it; empty where all does."""
    for b in s.balances:
        if b.opening + b.money_in - b.money_out != b.closing:
            return f"what {b.account} holds is not what it opened with, and what came in, less what went out"
    listed: dict[str, dict[str, Number]] = {}
    for b in s.balances:
        listed.setdefault(b.account, {})[b.key] = b.closing
    if _plain(listed) != _plain(s.closing.balances):
        return "its closing state and its balances are not the same"
    moved = [(t.payment, t.kind, t.payer, t.payee, t.amount) for t in s.transfers if t.amount]
    kept = [(m.payment, m.kind, m.payer, m.payee, m.amount) for m in s.closing.moved if m.period == s.period]
    if moved != kept[len(kept) - len(moved) :]:
        return "its closing state and its transfers are not the same"
    return ""


def _plain(balances: Mapping[str, Mapping[str, Number]]) -> dict[tuple[str, str], Number]:
    return {(a, k): v for a, keys in balances.items() for k, v in keys.items() if v}


def check_opening(contract: Contract, state: State, accounts: Mapping[str, e.Account] | None = None) -> None:
    """Raise `InputError` where a state is not one that a contract can open with: one with balances of these accounts,
    or of any that it has under any variation."""
    if accounts is None:
        builts = (contract.built, *contract._variants.values())
        accounts = {n: a for b in builts for n, a in b.accounts.items()}
    for why in _wrong(contract, state, accounts):
        raise InputError(Fault("AC121", f"the opening {why}."))


def _wrong(contract: Contract, state: State, accounts: Mapping[str, e.Account]) -> Iterator[str]:
    yield from (f'has a balance of "{n[:60]}", which is not an account' for n in state.balances if n not in accounts)
    for name, keys in state.balances.items():
        entry = accounts[name]
        known, places = _keys(contract, entry), contract.places if entry.unit.kind == "money" else 0
        for key, held in keys.items():
            if round_down(size(held), places) != size(held):
                whole = f"no amount of {contract.currency}" if entry.unit.kind == "money" else "not a whole number"
                yield f"has {to_exact_text(held)} in {name}, which is {whole}"
            if known is not None and key not in known:
                yield f'has a balance of {name} for "{key[:60]}", and {name} is kept for no such thing'
    kept = {k: v for k, v in state.balances.get(WITHHELD, {}).items() if v}
    moved: dict[str, Number] = {}
    for m in state.moved:
        for name, amount in ((m.payer, -m.amount), (m.payee, m.amount)):
            account, key = account_of(name)
            if account == WITHHELD:
                moved[key] = moved.get(key, 0) + amount
    open_to = {h.key: h.amount for h in state.held if not h.let_go}
    known = {h.key for h in state.held}
    if (
        kept != {k: v for k, v in moved.items() if v}
        or any(kept.get(k) != amount for k, amount in open_to.items())
        or any(v > 0 and k not in known for k, v in kept.items())
    ):
        yield "holds money back that is not in its accounts, or the other way round"
    yield from _dates(contract, state)


def _keys(contract: Contract, account: e.Account) -> set[str] | None:
    """The keys that an account may have; None where they are not known to the contract."""
    memory: dict[Any, Any] = contract._memory
    at = ("keys", account.name, account.by)
    if at not in memory:
        builts = (contract.built, *contract._variants.values())
        known: set[str] | None = {""}
        if account.by:
            known = {p for b in builts for p in b.parties} if account.by == PARTY else None
            for b in builts:
                if account.by in b.categories:
                    known = (known or set()) | set(b.categories[account.by])
        memory[at] = known
    found: set[str] | None = memory[at]
    return found


def _dates(contract: Contract, state: State) -> Iterator[str]:
    """Periods and their dates are those of the contract's calendar."""
    for p in state.past:
        over = _period(contract, p.period)
        if over is None or (over.start, over.length) != (p.start, p.length):
            yield f"remembers {p.name[:60]} of {p.period[:20]}, {p.start}, which is no period of the contract"
    for m in state.moved:
        over = _period(contract, m.period)
        if over is None or (over.start, over.end) != (m.start, m.end):
            yield f"has money moved in {m.period[:20]}, {m.start} to {m.end}, which is no period of the contract"
    for h in state.held:
        over = _period(contract, h.period)
        if over is None or (over.start, over.length) != (h.start, h.length):
            yield f"holds money back of {h.period[:20]}, {h.start}, which is no period of the contract"
        if h.let_go and (_period(contract, h.let_go) is None or h.how not in LET_GO):
            yield f'lets money go ("{h.how[:20]}") in {h.let_go[:20]}, which cannot be'


def _period(contract: Contract, label: str) -> Period | None:
    memory: dict[Any, Any] = contract._memory
    at = ("period", label)
    if at not in memory:
        try:
            memory[at] = contract.calendar.parse(label)
        except PeriodError:
            return None
    found: Period = memory[at]
    return found


def left_out(contract: Contract, state: State, period: Period) -> Iterator[str]:
    """That something was to be settled between the last period that was settled before this one and it, and was not."""
    built, calendar = contract.built, contract.calendar
    before = {(p.start, p.length) for p in state.past if p.attribute == "net" and p.start < period.start}
    lengths = {built.settles}
    for p in built.payments.values():
        lengths |= {p.settles, *([p.on_account.length] if p.on_account is not None else [])}
    within = [n for n in lengths if MONTHS[n] <= MONTHS[period.length]]
    if not within or not before:
        return
    last = max((calendar.containing(start, length) for start, length in before), key=lambda p: (p.end, p.days))
    step = max(within, key=lambda n: MONTHS[n])
    found: list[str] = []
    day = last.end + timedelta(days=1)
    while day < period.start and len(found) < MOST_LEFT_OUT:
        between = calendar.containing(day, step)
        found.append(between.label)
        day = between.end + timedelta(days=1)
    if found:
        were = "was" if len(found) == 1 else "were"
        yield f"{joined(found)} {were} not settled between the opening, {last.label}, and {period.label}."


def misdated(contract: Contract, label: str, start: date, end: date) -> str:
    """What is wrong with the period that a settlement says it is of; empty where nothing is."""
    over = _period(contract, label)
    if over is None:
        return f"{label[:40]} is no period of the contract"
    if (over.start, over.end) != (start, end):
        return f"{label} is {over.start} to {over.end}, and the file says {start} to {end}"
    return ""
