"""`settle(contract, period, inputs, opening) -> settlement`: pure, exact, always the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Fault, InputError
from alliance.contract.numbers import Number, share_out
from alliance.settlement.book import Book
from alliance.settlement.brought import bring
from alliance.settlement.finishing import finished
from alliance.settlement.outcome import Outcome
from alliance.settlement.result import (
    PaymentResult,
    Settlement,
    Transfer,
)
from alliance.settlement.run import Paid, Run
from alliance.settlement.settling import Settling
from alliance.settlement.state import State
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
) -> Settlement:
    """Settle a contract over a period.

    `inputs` maps names to values (text, int, Decimal, date, bool; a mapping by party or category; a list of records),
    or is what `alliance.data.read_results` read from a file. `opening` is an earlier settlement, or its closing state.
    `as_of` is the day whose variations are known (the period's end unless said). A `final` settlement takes no
    provisional value and may leave no payment undetermined. `keep=False` drops what is only needed to explain.

    Raises `InputError` where what is brought is at fault, and `ContractError` where the contract's own examples fail
    (`examples=False` leaves them unrun).
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    if examples:
        check_examples(contract)
    return settle_run(contract, period, inputs, opening, as_of=as_of, kind=kind, keep=keep)[0]


def settle_run(
    contract: Contract,
    period: str | Period,
    inputs: Any = None,
    opening: State | Settlement | None = None,
    *,
    as_of: date | None = None,
    kind: str = "provisional",
    keep: bool = True,
) -> tuple[Settlement, Run]:
    """The settlement with the run that it came from, in which further formulas can be read (examples do)."""
    over = contract.period(period) if isinstance(period, str) else period
    known = as_of or max(over.end, contract.built.start)
    built = contract.on(over.start, known)
    brought = bring(built, inputs)
    state = opening.closing if isinstance(opening, Settlement) else opening or State()
    settling = Settling(contract, over, brought, state, known, kind == "final", keep)
    _check_opening(built, state)
    return _settled(settling, built, kind)


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


def _check_opening(built: Built, state: State) -> None:
    for account in state.balances:
        if account not in built.accounts:
            raise InputError(Fault("AC121", f'the opening has a balance of "{account}", which is not an account.'))


def _settled(s: Settling, built: Built, kind: str) -> tuple[Settlement, Run]:
    run = s.run(s.period, Book.of(s.at_start(s.period)))
    outcomes = s.outcomes(run)
    results: list[PaymentResult] = []
    transfers: list[Transfer] = []
    for name, payment in built.payments.items():
        if MONTHS[payment.settles] > MONTHS[s.period.length]:
            outcome = s.on_account(run, payment) or Outcome()
            status = "on account" if payment.on_account else "not due"
            results.append(payment_result(s, run, payment, outcome, [], status))
        else:
            outcome, parts = outcomes[name]
            results.append(payment_result(s, run, payment, outcome, parts, "determined"))
        due = [] if results[-1].shadow or outcome.status == "undetermined" else s.due(name, outcome, s.period)
        transfers += due or _nothing(name, outcome, status_of=results[-1])
    if kind == "final":
        _refuse_undetermined(results)
    book = Book.of(s.opening.balances)
    _apply(book, built, transfers)
    transfers += _ends(s, built, book)
    for result in results:
        if result.name in run.paid:
            run.paid[result.name].net, run.paid[result.name].on_account = result.net, result.on_account
        else:
            run.paid[result.name] = Paid(on_account=result.on_account, net=result.net)
    run.book = book
    return finished(s, run, built, kind, results, transfers, book, outcomes), run


def _nothing(name: str, outcome: Outcome, status_of: PaymentResult) -> list[Transfer]:
    """A payment that came to nothing is still one line, between its payer and first payee."""
    if outcome.status == "undetermined" or status_of.status == "not due" or not any(outcome.first):
        return []
    return [Transfer(name, "payment", outcome.first[0], outcome.first[1], 0, status_of.unit)]


def _refuse_undetermined(results: list[PaymentResult]) -> None:
    faults = [
        Fault(
            "AC141",
            f"{p.title} cannot be determined, so the settlement cannot be final: {'; '.join(p.reasons)}.",
            p.mark,
        )
        for p in results
        if p.status == "undetermined"
    ]
    if faults:
        raise InputError(faults)


def _apply(book: Book, built: Built, transfers: list[Transfer]) -> None:
    for t in transfers:
        if not t.amount:
            continue
        for name, sign in ((t.payer, -1), (t.payee, 1)):
            account, _, key = name.partition("/")
            if account in built.accounts:
                book.put(account, key, sign * t.amount)


def _ends(s: Settling, built: Built, book: Book) -> list[Transfer]:
    """At the end of the contract what accounts still hold goes where they say: in the last period's longest
    settlement, once it is final."""
    lengths = [built.settles, *(p.settles for p in built.payments.values())]
    longest = max(lengths, key=lambda n: MONTHS[n])
    if s.period.end < built.end or not s.final or s.period.length not in (longest, "year"):
        return []
    found: list[Transfer] = []
    for account in built.accounts.values():
        for key in list(book.keys(account.name)):
            held = book.balance(account.name, key)
            if held <= 0 or not account.ends_to:
                continue
            name = f"{account.name}/{key}" if key else account.name
            for payee, amount in _heirs(s, account.ends_to, account.name, held, built).items():
                found.append(Transfer(account.name, "end", name, payee, amount, account.unit.kind))
    _apply(book, built, found)
    return found


def _heirs(s: Settling, to: str, account: str, held: Number, built: Built) -> dict[str, Number]:
    if to != "contributors":
        return {to: held}
    paid: dict[str, Number] = {}
    for m in s.opening.moved:
        if m.kind == "funding" and m.payee == account:
            paid[m.payer] = paid.get(m.payer, 0) + m.amount
    order = [p for p in built.parties if paid.get(p, 0) > 0]
    if not order:
        return {}
    places = built.places
    return dict(zip(order, share_out(held, [paid[p] for p in order], places), strict=True))
