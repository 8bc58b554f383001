"""`settle(contract, period, inputs, opening) -> settlement`: pure, exact, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Fault, InputError
from alliance.contract.numbers import Number, normal, share_out
from alliance.settlement.book import Book
from alliance.settlement.brought import bring
from alliance.settlement.identity import result_digest, settlement_name
from alliance.settlement.outcome import Outcome
from alliance.settlement.result import (
    Balance,
    FigureResult,
    MeasureResult,
    PaymentResult,
    Settlement,
    Transfer,
)
from alliance.settlement.run import Paid, Run
from alliance.settlement.settling import Settling, payment_result
from alliance.settlement.state import Kept, Moved, State

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

    `inputs` maps names to values (text, int, Decimal, date, bool; a mapping by party or category; a list of records), or
    is what `alliance.data.read_results` read from a file. `opening` is an earlier settlement, or its closing state.
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
    return _finished(s, run, built, kind, results, transfers, book, outcomes), run


def _nothing(name: str, outcome: Outcome, status_of: PaymentResult) -> list[Transfer]:
    """A payment that came to nothing is still one line, between its payer and first payee."""
    if outcome.status == "undetermined" or status_of.status == "not due" or not any(outcome.first):
        return []
    return [Transfer(name, "payment", outcome.first[0], outcome.first[1], 0, status_of.unit)]


def _refuse_undetermined(results: list[PaymentResult]) -> None:
    faults = [
        Fault("AC141", f"{p.title} cannot be determined, so the settlement cannot be final: {'; '.join(p.reasons)}.", p.mark)
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


def _finished(
    s: Settling, run: Run, built: Built, kind: str, results: list[PaymentResult], transfers: list[Transfer], book: Book,
    outcomes: Mapping[str, Any],
) -> Settlement:  # fmt: skip
    measures = tuple(m for name in built.measures for m in _measures(run, built, name))
    figures = tuple(f for name in built.figures for f in _figures(run, built, name))
    s.remember(run, outcomes)
    balances = tuple(_balances(built, book))
    closing = _closing(s, run, outcomes, transfers, book)
    header = s.contract.document.contract
    name = settlement_name(s.contract, s.period.label, kind, s.as_of, s.brought, s.opening)
    return Settlement(
        name=name,
        digest=result_digest(transfers, figures, measures, balances),
        contract=str(header.id),
        title=str(header.title),
        contract_digest=s.contract.digest,
        period=s.period.label,
        start=s.period.start,
        end=s.period.end,
        kind=kind,
        as_of=s.as_of,
        currency=built.currency,
        places=built.places,
        parties={p.name: p.title for p in built.parties.values()},
        accounts={a.name: a.title for a in built.accounts.values()},
        payments=tuple(results),
        transfers=tuple(transfers),
        measures=measures,
        figures=figures,
        balances=balances,
        closing=closing,
        notes=tuple(_notes(s)),
        engine=_engine(),
    )


def _engine() -> str:
    from alliance import __version__

    return f"alliance {__version__}"


def _notes(s: Settling) -> list[str]:
    found = []
    rules = s.contract.document.rules
    if rules:
        count = f"{len(rules)} rules are" if len(rules) > 1 else "1 rule is"
        found.append(f"{count} written in the contract and not applied by this version: read them beside this statement.")
    chosen = [v for v in s.contract.document.variations if v.effective <= s.period.start and v.made <= s.as_of]
    found += [f'Settled under the variation "{v.title}", made {v.made}.' for v in chosen]
    return found


def _measures(run: Run, built: Built, name: str) -> list[MeasureResult]:
    m = built.measures[name]
    found = []
    for key in run.present(m.keys) if m.by else ("",):
        measured = run.measure(name, key)
        score_unit = "count" if m.score is not None and m.score.points is not None else "percent"
        found.append(
            MeasureResult(name, m.title, key, measured.value, m.unit.kind, measured.cases, measured.status, measured.score,
                          m.score is not None, score_unit, m.outcome, m.clause, measured.mark)
        )  # fmt: skip
    return found


def _figures(run: Run, built: Built, name: str) -> list[FigureResult]:
    f = built.figures[name]
    keys = run.present(f.keys) if f.by else ("",)
    return [FigureResult(name, f.title, key, run.figure(name, key), f.unit.kind, f.clause, f.mark) for key in keys]


def _balances(built: Built, book: Book) -> list[Balance]:
    found = []
    for account in built.accounts.values():
        for key in sorted(book.keys(account.name)) or ([""] if not account.by else []):
            at = (account.name, key)
            found.append(
                Balance(account.name, account.title, key, account.unit.kind, book.opening.get(at, 0), book.ins.get(at, 0),
                        book.outs.get(at, 0), normal(Fraction(book.balance(*at))))
            )  # fmt: skip
    return found


def _closing(s: Settling, run: Run, outcomes: Mapping[str, Any], transfers: list[Transfer], book: Book) -> State:
    """The next opening: balances, what was moved, what was brought, and what values came to."""
    moved = [
        Moved(s.period.label, s.period.start, s.period.end, t.payment, t.kind, t.payer, t.payee, t.amount)
        for t in transfers
        if t.amount
    ]
    kept = {(k.period, k.name, k.key): k for k in s.opening.inputs}
    for (name, period, key), d in s.brought.values.items():
        label = period or s.period.label
        kept[label, name, key] = Kept(label, name, key, d.value, d.status, d.cases)
    return State(
        book.balances(),
        tuple(sorted(s.past, key=lambda p: (p.start, p.length, p.period, p.name, p.attribute, p.key))),
        (*s.opening.moved, *moved),
        tuple(sorted(kept.values(), key=lambda k: (k.period, k.name, k.key))),
    )

