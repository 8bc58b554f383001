"""The settlement as it is handed over: results, balances, the closing state, and the names of it all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.whole import Built
from alliance.contract.numbers import Number, normal
from alliance.contract.values import Value
from alliance.rules.matcher import why_not
from alliance.settlement.book import Book
from alliance.settlement.duties import NAME as DUTIES
from alliance.settlement.duties import strays, updated
from alliance.settlement.ending import still_there
from alliance.settlement.identity import result_digest, settlement_name
from alliance.settlement.opening import left_out
from alliance.settlement.recalling import recalls
from alliance.settlement.result import Balance, FigureResult, MeasureResult, PaymentResult, Settlement, Transfer
from alliance.settlement.resulting import rule_results
from alliance.settlement.run import Run
from alliance.settlement.settling import Settling
from alliance.settlement.state import LASTING, HeldBack, Kept, Moved, Past, State
from alliance.settlement.words import money_text
from alliance.version import __version__


def finished(
    s: Settling, run: Run, built: Built, kind: str, results: list[PaymentResult], transfers: list[Transfer], book: Book,
    outcomes: Mapping[str, Any],
) -> Settlement:  # fmt: skip
    measures = tuple(m for name in built.measures for m in _measures(run, built, name))
    figures = tuple(f for name in built.figures for f in _figures(run, built, name))
    s.remember(run, outcomes)
    s.remember_due(results)
    accounts = {n: a for n, a in s.accounts().items() if n in built.accounts or any(True for _ in book.keys(n))}
    parties = {**built.parties, **s.contract.on(s.period.end, s.as_of).parties}
    balances = tuple(_balances(accounts.values(), book))
    duties = updated(run)
    held = tuple(sorted(s.held.values(), key=lambda h: (h.start, h.length, h.payment, h.key)))
    closing = replace(_closing(s, run, outcomes, transfers, book), duties=duties, held=held)
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
        parties={p.name: p.title for p in parties.values()},
        accounts={a.name: a.title for a in accounts.values()},
        payments=tuple(results),
        transfers=tuple(transfers),
        measures=measures,
        figures=figures,
        balances=balances,
        closing=closing,
        notes=(
            *_notes(s, run),
            *_settled_since(s, transfers, book),
            *_still_held(s, built, held),
            *still_there(s, built, book),
            *strays(s.brought.records.get(DUTIES, ()), duties),
        ),
        engine=_engine(run),
        rules=tuple(rule_results(run)),
        notices=tuple(run.followed.notices) if run.followed is not None else (),
    )


def _engine(run: Run) -> str:
    """What worked it out: the version, and the matchers of its rules."""
    matchers = run.followed.engines if run.followed is not None else ()
    names = {"durable": "durable_rules", "plain": "the plain matcher"}
    said = " and ".join(names[m] for m in matchers)
    return f"alliance {__version__}" + (f"; rules matched by {said}" if said else "")


def _notes(s: Settling, run: Run) -> list[str]:
    found = []
    if run.followed is not None and run.followed.engines == ("plain",) and s.engine is None:
        found.append(f"The rules were matched by the plain matcher alone. {why_not()}")
    read = {
        p.source for r in run.built.rules for p in (*r.patterns, *(a.pattern for a in r.absent)) if p.kind == "record"
    }
    events = {name: run.built.inputs[name] for name in sorted(read - set(s.brought.records))}
    found += [
        f"No {item.title[:1].lower()}{item.title[1:]} were brought, so the rules that read them found none."
        for item in events.values()
        if item.kind == "events"
    ]
    found += left_out(s.contract, s.opening, s.period)
    found += _out_of_period(s, run)
    found += _without_cases(s)
    found += s.recalled.values()
    chosen = [v for v in s.contract.document.variations if v.effective <= s.period.start and v.made <= s.as_of]
    found += [f'Settled under the variation "{v.title}", made {v.made}.' for v in chosen]
    return found


def _settled_since(s: Settling, transfers: Iterable[Transfer], book: Book) -> Iterator[str]:
    """What stands after a period that is settled again, where that moved something, or left something else to what came
    after: it may have read what changed."""
    later = s.later(s.period)
    if later and (any(t.amount for t in transfers) or _left(s, s.past) != _left(s, s.opening.past)):
        accounts = s.accounts()
        below = sorted(
            name
            for name, keys in book.balances().items()
            if accounts[name].floor is not None and any(held < 0 for held in keys.values())
        )
        short = f" Until then there is less than nothing in: {', '.join(below)}." if below else ""
        one = len(later) == 1
        what = f"{', '.join(later)} {'was' if one else 'were'} settled after this period, on what it came to before."
        yield f"{what} Settle {'it' if one else 'them'} again{'' if one else ', in that order'}.{short}"


def _left(s: Settling, past: Iterable[Past]) -> dict[tuple[str, str, str], Value]:
    """What the period leaves to later ones: what limits carry and have used, where parties stand on ladders, and, where
    the contract recalls what came before, what everything came to."""
    whole = recalls(s.contract)
    mine = (p for p in past if p.period == s.period.label)
    return {
        (p.name, p.attribute, p.key): p.value
        for p in mine
        if p.attribute != "net" and (whole or p.attribute not in LASTING)
    }


def _still_held(s: Settling, built: Built, held: Iterable[HeldBack]) -> Iterator[str]:
    """What is still held back when the contract ends: no later settlement lets it go."""
    left: Number = sum(h.amount for h in held if not h.let_go)
    if left and s.period.end >= built.end:
        amount = money_text(left, built.places)
        yield f"The contract ends, and {amount} is still held back: it is for the parties to agree."


def _out_of_period(s: Settling, run: Run) -> Iterator[str]:
    """Records that payments go through, of which some were brought and none belongs to the period."""
    each = (p.each for p in run.built.payments.values())
    for name in dict.fromkeys(x.over for x in each if x is not None and x.over in run.built.inputs):
        brought, item = s.brought.records.get(name, ()), run.built.inputs[name]
        if brought and item.dated and not run.records(name):
            yield f"Brought as {name}: {len(brought):,}, of which none is of this period by its {item.dated}."


def _without_cases(s: Settling) -> Iterator[str]:
    """Measures that were read and have a value, and not the cases that the contract asks for."""
    found: dict[str, dict[str, None]] = {}
    for run in s.made:
        for (name, key), measured in run.measures.items():
            if measured.uncounted:
                found.setdefault(name, {})[key] = None
    for name, keys in found.items():
        m = s.made[0].built.measures[name]
        of = f" for {', '.join(keys)}" if m.by else ""
        yield (
            f"{m.title}{of} was brought without its cases, and the contract asks for {m.minimum:,}: it is not "
            f"assessable. Bring them beside its value (`cases`; in a table of agreements the `cases_column` of {name})."
        )


def _measures(run: Run, built: Built, name: str) -> list[MeasureResult]:
    m = built.measures[name]
    found = []
    for key in run.present(m.keys) if m.by else ("",):
        measured = run.measure(name, key)
        score_unit = "count" if m.score is not None and m.score.points is not None else "percent"
        found.append(
            MeasureResult(
                name=name,
                title=m.title,
                key=key,
                value=measured.value,
                unit=m.unit.kind,
                cases=measured.cases,
                status=measured.status,
                score=measured.score,
                has_score=m.score is not None,
                score_unit=score_unit,
                outcome=m.outcome,
                clause=m.clause,
                mark=measured.mark,
                evidence=measured.evidence,
                bounds=measured.bounds,
                scored=measured.scored,
            )
        )
    return found


def _figures(run: Run, built: Built, name: str) -> list[FigureResult]:
    f = built.figures[name]
    keys = run.present(f.keys) if f.by else ("",)
    return [FigureResult(name, f.title, key, run.figure(name, key), f.unit.kind, f.clause, f.mark) for key in keys]


def _balances(accounts: Iterable[e.Account], book: Book) -> list[Balance]:
    found = []
    for account in accounts:
        for key in sorted(book.keys(account.name)) or ([""] if not account.by else []):
            at = (account.name, key)
            found.append(
                Balance(
                    account=account.name,
                    title=account.title,
                    key=key,
                    unit=account.unit.kind,
                    opening=book.opening.get(at, 0),
                    money_in=book.ins.get(at, 0),
                    money_out=book.outs.get(at, 0),
                    closing=normal(Fraction(book.balance(*at))),
                )
            )
    return found


def _closing(s: Settling, run: Run, outcomes: Mapping[str, Any], transfers: list[Transfer], book: Book) -> State:
    """The next opening: balances, what was moved, what was brought, and what values came to."""
    moved = [
        Moved(s.period.label, s.period.start, s.period.end, t.payment, t.kind, t.payer, t.payee, t.amount)
        for t in transfers
        if t.amount
    ]
    kept = {(k.period, k.name, k.key): k for k in s.opening.inputs}
    for (name, label, key), d in s.worked.items():  # measures from records, which later settlements may not have
        kept[label, name, key] = Kept(label, name, key, d.value, d.status, d.cases, d.received)
    for made in s.made:
        for item in made.built.inputs.values():
            if item.dated and item.name in s.brought.records and not made.had(item):
                label, count = made.period.label, len(made.records(item.name))
                kept[label, item.name, ""] = Kept(label, item.name, "", count, "measured", None)
    for (name, period, key), d in s.brought.values.items():
        label = period or s.period.label
        if d.blank and (label, name, key) in kept:
            continue
        kept[label, name, key] = Kept(label, name, key, d.value, d.status, d.cases, d.received)
    return State(
        book.balances(),
        tuple(sorted(s.past, key=lambda p: (p.start, p.length, p.period, p.name, p.attribute, p.key))),
        (*s.opening.moved, *moved),
        tuple(sorted(kept.values(), key=lambda k: (k.period, k.name, k.key))),
    )
