"""`settle(contract, period, inputs, opening) -> settlement`: pure, exact, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Fault, Faults, InputError
from alliance.contract.numbers import Number, share_out
from alliance.rules.matcher.run import EngineName
from alliance.settlement.book import Book
from alliance.settlement.brought import Brought, bring
from alliance.settlement.finishing import finished
from alliance.settlement.letting import let_go
from alliance.settlement.opening import check_opening
from alliance.settlement.outcome import Outcome
from alliance.settlement.result import (
    PaymentResult,
    Settlement,
    Transfer,
)
from alliance.settlement.run import Paid, Run
from alliance.settlement.settling import Settling
from alliance.settlement.state import Moved, State
from alliance.settlement.summing import payment_result

KINDS = ("provisional", "final")


def settle(
    contract: Contract,
    period: str | Period,
    inputs: Any = None,
    opening: State | Settlement | None = None,
    *,
    as_of: date | None = None,
    kind: str = "provisional",
    keep: bool = True,
    examples: bool = True,
    rules_engine: EngineName | None = None,
) -> Settlement:
    """Settle a contract over a period.

    `inputs` maps names to values (text, int, Decimal, date, bool; a mapping by party or category; a list of records),
    or is what `alliance.data.read_results` read from a file. `opening` is an earlier settlement, or its closing state.
    `as_of` is the day whose variations are known (the period's end unless said). A `final` settlement takes no
    provisional value and may leave no payment undetermined. `keep=False` drops what is only needed to explain.
    `rules_engine` says which matcher looks at the rules: both (unless said, where durable_rules can be used), durable
    or plain. Where the two disagree `MatcherError` is raised and nothing is settled.

    Raises `InputError` where what is brought is at fault, and `ContractError` where the contract's own examples fail
    (`examples=False` leaves them unrun).
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if examples:
        check_examples(contract)
    return settle_run(contract, period, inputs, opening, as_of=as_of, kind=kind, keep=keep, rules_engine=rules_engine)[
        0
    ]


def settle_run(
    contract: Contract,
    period: str | Period,
    inputs: Any = None,
    opening: State | Settlement | None = None,
    *,
    as_of: date | None = None,
    kind: str = "provisional",
    keep: bool = True,
    whole: bool = True,
    rules_engine: EngineName | None = None,
) -> tuple[Settlement, Run]:
    """The settlement with the run that it came from, in which further formulas can be read (examples do).

    `whole=False` lets a final settlement leave payments undetermined, as an example may.
    """
    over = contract.period(period) if isinstance(period, str) else period
    known = as_of or max(over.end, contract.built.start)
    built = contract.on(over.start, known)
    brought = bring(built, inputs)
    state = opening.closing if isinstance(opening, Settlement) else opening or State()
    settling = Settling(contract, over, brought, state, known, kind == "final", keep, rules_engine)
    _check_twice(brought, over)
    _check_opening(settling)
    _check_whole(settling)
    return _settled(settling, built, kind, whole)


def check_examples(contract: Contract) -> None:
    """Run the contract's worked examples once. A contract whose examples fail does not settle."""
    memory: dict[Any, Any] = contract._memory
    if "examples" not in memory:
        from alliance.settlement.examples import run_examples

        memory["examples"] = [r for r in run_examples(contract) if not r.passed]
    failed = memory["examples"]
    if failed:
        raise ContractError(
            Fault("AC150", f'the worked example "{r.title}" fails: {r.summary}', r.mark, "Mend it: see alliance test.")
            for r in failed
        )


def _check_twice(brought: Brought, over: Period) -> None:
    """A value for the settlement's own period is given once, with its period or without."""
    faults = Faults()
    for (name, period, key), datum in brought.values.items():
        if period == over.label and (name, "", key) in brought.values:
            faults.add("AC133", datum.mark, f"{name} is given twice, once for {period} and once without a period.")
    faults.raise_if_any(InputError)


def _check_opening(s: Settling) -> None:
    check_opening(s.contract, s.opening, s.accounts())


def _check_whole(s: Settling) -> None:
    """A period is not settled again once it was settled as a part of a longer one: that one is."""
    whole = s.whole(s.period)
    if whole:
        message = f"{s.period.label} is a part of {whole}, which was settled as a whole."
        hint = f"Settle {whole} again, and bring what changed with its own period, {s.period.label}."
        raise InputError(Fault("AC142", message, None, hint))


def _settled(s: Settling, built: Built, kind: str, whole: bool) -> tuple[Settlement, Run]:
    run = s.run(s.period, Book.of(s.at_start(s.period)))
    outcomes = s.outcomes(run)
    results: list[PaymentResult] = []
    transfers: list[Transfer] = []
    for name, payment in {**built.payments, **s.added}.items():
        if MONTHS[payment.settles] > MONTHS[s.period.length]:
            outcome = s.on_account(run, payment) or Outcome()
            status = "on account" if payment.on_account else "not due"
            results.append(payment_result(s, run, payment, outcome, [], status))
        else:
            outcome, parts = outcomes[name]
            results.append(payment_result(s, run, payment, outcome, parts, "determined"))
        due = [] if results[-1].shadow or outcome.status == "undetermined" else s.due(payment, outcome, s.period)
        transfers += due or _nothing(name, outcome, status_of=results[-1])
    if kind == "final" and whole:
        _refuse_undetermined(results)
    book = Book.of(s.opening.balances)
    _apply(book, s, transfers)
    gone, held = let_go(run)
    transfers += gone
    _apply(book, s, gone)
    transfers += _ends(s, built, book, transfers)
    for result in results:
        if result.name in run.paid:
            run.paid[result.name].net = result.net
            run.paid[result.name].on_account = result.on_account or s.paid_on_account(result.name, s.period)
        else:
            run.paid[result.name] = Paid(on_account=result.on_account, net=result.net)
        run.paid[result.name].net_by = _net_by(transfers, result.name)
    run.book = book
    return finished(s, run, built, kind, results, transfers, book, outcomes, held), run


def _net_by(transfers: list[Transfer], payment: str) -> dict[str, Number]:
    """What each party and account gets of a payment in this settlement, less what it gives."""
    found: dict[str, Number] = {}
    for t in transfers:
        if t.payment == payment and t.kind != "funding" and t.unit != "owed":
            found[t.payee] = found.get(t.payee, 0) + t.amount
            found[t.payer] = found.get(t.payer, 0) - t.amount
    return found


def _nothing(name: str, outcome: Outcome, status_of: PaymentResult) -> list[Transfer]:
    """A payment that came to nothing is still one line, between its payer and first payee."""
    if outcome.status == "undetermined" or status_of.status == "not due" or not all(outcome.first):
        return []
    return [Transfer(name, "payment", outcome.first[0], outcome.first[1], 0, status_of.unit)]


def _refuse_undetermined(results: list[PaymentResult]) -> None:
    faults = [
        Fault(
            "AC141",
            f"{p.title} cannot be determined, so the settlement cannot be final: {p.why}.",
            p.mark,
        )
        for p in results
        if p.status == "undetermined"
    ]
    if faults:
        raise InputError(faults)


def _apply(book: Book, s: Settling, transfers: list[Transfer]) -> None:
    accounts = s.accounts()
    for t in transfers:
        if not t.amount:
            continue
        for name, sign in ((t.payer, -1), (t.payee, 1)):
            account, _, key = name.partition("/")
            if account in accounts:
                book.put(account, key, sign * t.amount)


def _ends(s: Settling, built: Built, book: Book, transfers: list[Transfer]) -> list[Transfer]:
    """At the end of the contract what accounts still hold goes where they say: in the last period's longest
    settlement, once it is final. What one leaves to another goes on from there."""
    lengths = [built.settles, *(p.settles for p in built.payments.values())]
    longest = max(lengths, key=lambda n: MONTHS[n])
    if s.period.end < built.end or not s.final or s.period.length not in (longest, "year"):
        return []
    found: list[Transfer] = []
    accounts = s.accounts()
    waiting = sorted(name for name, account in accounts.items() if account.ends_to)
    while waiting:
        fed = {accounts[n].ends_to for n in waiting}
        name = next((n for n in waiting if n not in fed), waiting[0])
        waiting.remove(name)
        found += (left := [t for t in _left(s, accounts[name], built, book, transfers) if t.amount])
        _apply(book, s, left)
    return found


def _left(s: Settling, account: e.Account, built: Built, book: Book, transfers: list[Transfer]) -> Iterator[Transfer]:
    """What an account still holds, on its way to where it ends."""
    for key in sorted(book.keys(account.name)):
        held = book.balance(account.name, key)
        name = f"{account.name}/{key}" if key else account.name
        heirs = _heirs(s, account, held, built, transfers) if held > 0 else {}
        for payee, amount in heirs.items():
            yield Transfer(account.name, "end", name, payee, amount, account.unit.kind)
        for payer, amount in _given_back(s, name, -held, built.places if account.unit.kind == "money" else 0).items():
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


def _heirs(s: Settling, account: e.Account, held: Number, built: Built, transfers: list[Transfer]) -> dict[str, Number]:
    if account.ends_to != "contributors":
        return {account.ends_to: held}
    everything: tuple[Moved | Transfer, ...] = (*s.opening.moved, *transfers)
    moved = [m for m in everything if m.kind != "end" and account.name in (m.payer, m.payee)]
    funding = [m for m in moved if m.kind == "funding"]
    if not funding:  # no payment funds it, so its contributors are the parties that paid into it
        into = {m.payment for m in moved if m.payee == account.name and m.payer in built.parties}
        funding = [m for m in moved if m.payment in into]
    paid: dict[str, Number] = {}
    for m in funding:  # what was given back when a period was settled again counts against it
        party, sign = (m.payer, 1) if m.payee == account.name else (m.payee, -1)
        paid[party] = paid.get(party, 0) + sign * m.amount
    order = [p for p in built.parties if paid.get(p, 0) > 0]
    if not order:
        return {}
    places = built.places if account.unit.kind == "money" else 0
    return dict(zip(order, share_out(held, [paid[p] for p in order], places), strict=True))
