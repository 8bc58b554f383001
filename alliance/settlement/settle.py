"""`settle(contract, period, inputs, opening) -> settlement`: pure, exact, always the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Fault, Faults, InputError
from alliance.contract.numbers import Number
from alliance.rules.matcher.run import EngineName
from alliance.settlement.book import Book
from alliance.settlement.brought import Brought, bring
from alliance.settlement.ending import applied, ends
from alliance.settlement.finishing import finished
from alliance.settlement.letting import due_let_go, left_as_it_was
from alliance.settlement.opening import check_opening
from alliance.settlement.outcome import Outcome, Outcomes
from alliance.settlement.result import Line, PaymentResult, Settlement, Transfer
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
    example: bool = False,
    rules_engine: EngineName | None = None,
) -> tuple[Settlement, Run]:
    """The settlement with the run that it came from, in which further formulas can be read (examples do).

    `whole=False` lets a final settlement leave payments undetermined, as an example may. In an `example` a measure's
    value that is given alone is taken to be of cases enough.
    """
    over = contract.period(period)
    known = as_of or max(over.end, contract.built.start)
    built = contract.on(over.start, known)
    brought = bring(built, inputs)
    state = opening.closing if isinstance(opening, Settlement) else opening or State()

    def begun(stands: frozenset[str]) -> Settling:
        return Settling(contract, over, brought, state, known, kind == "final", keep, rules_engine, example, stands)

    settling = begun(frozenset())
    _check_twice(brought, over)
    _check_opening(settling)
    _check_whole(settling)
    return _settled(*_worked(settling, begun), built, kind, whole)


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


def _worked(s: Settling, begun: Callable[[frozenset[str]], Settling]) -> tuple[Settling, Run, Outcomes]:
    """Every payment worked out. A payment that turns out not to be determined moves nothing, so that what was moved for
    it before stands; other payments may have been worked out on other money of accounts than that, and are again. All
    of it is of one budget."""
    while True:
        run = s.run(s.period, Book.of(s.at_start(s.period)))
        outcomes = s.outcomes(run)
        more = s.standing(outcomes) - s.stands
        if not more:
            left_as_it_was(s, outcomes)
            return s, run, outcomes
        again = begun(s.stands | more)
        again.gone = s.gone
        s = again


def _settled(s: Settling, run: Run, outcomes: Outcomes, built: Built, kind: str, whole: bool) -> tuple[Settlement, Run]:
    results: list[PaymentResult] = []
    transfers: list[Transfer] = []
    payments = {**built.payments, **s.added}
    dropped = s.dropped(payments)
    for name, payment in {**payments, **dropped}.items():
        outcome, parts, status = _came_to(s, run, payment, outcomes, name in dropped)
        results.append(payment_result(s, run, payment, outcome, parts, status))
        due = [] if outcome.status == "undetermined" else s.due(payment, outcome, s.period)
        transfers += due or _nothing(name, outcome, status_of=results[-1])
    if kind == "final" and whole:
        _refuse_undetermined(results)
    book = Book.of(s.opening.balances)
    applied(book, s, transfers)
    gone = due_let_go(s)
    transfers += gone
    applied(book, s, gone)
    transfers += ends(s, run, book, transfers)
    for result in results:
        if result.name in run.paid:
            run.paid[result.name].net = result.net
            run.paid[result.name].on_account = result.on_account or s.paid_on_account(result.name, s.period)
        else:
            run.paid[result.name] = Paid(on_account=result.on_account, net=result.net)
    for name, net_by in _net_by(transfers).items():
        if name in run.paid:
            run.paid[name].net_by = net_by
    run.book = book
    return finished(s, run, built, kind, results, transfers, book, outcomes), run


def _came_to(
    s: Settling, run: Run, payment: e.Payment, outcomes: Outcomes, dropped: bool
) -> tuple[Outcome, list[tuple[Period, Outcome]], str]:
    """What a payment came to, in which parts, and what that is."""
    if dropped:
        note = "a variation took it out of the contract"
        return Outcome(lines=[Line("kept", "not paid any more", None, 0, (), note, payment.clause)]), [], "determined"
    if MONTHS[payment.settles] > MONTHS[s.period.length]:
        return s.on_account(run, payment), [], "on account" if payment.on_account else "not due"
    return *outcomes[payment.name], "determined"


def _net_by(transfers: list[Transfer]) -> dict[str, dict[str, Number]]:
    """What each party and account gets of each payment in this settlement, less what it gives."""
    found: dict[str, dict[str, Number]] = {}
    for t in transfers:
        if t.kind != "funding" and t.unit != "owed":
            net = found.setdefault(t.payment, {})
            net[t.payee] = net.get(t.payee, 0) + t.amount
            net[t.payer] = net.get(t.payer, 0) - t.amount
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
