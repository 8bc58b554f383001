"""Many agreements under one contract, summed up: what each pays and to whom, and the totals."""

from __future__ import annotations

from collections.abc import Iterable

from alliance.contract.contract import Contract
from alliance.contract.faults import several
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown
from alliance.reports.model import ALERT, Report, Row, Section, Text, report, section, table
from alliance.reports.naming import HELD_BACK, Naming, counted, titled
from alliance.settlement.agreements import Agreement
from alliance.settlement.result import Settlement

At = tuple[str, str, str]


def summary(contract: Contract, label: str, found: Iterable[Agreement]) -> Report:
    """Each agreement's transfers by payment, payer and payee, the totals, and those that could not be settled."""
    rows: list[Row] = []
    failed: list[Row] = []
    totals: dict[At, tuple[int, Number]] = {}
    figures: list[Row] = []
    heads: tuple[str, ...] = ()
    count, naming = 0, None
    for one in found:
        s = one.settlement
        if s is None:
            failed.append(Row((str(one.line), one.name, " ".join(f"{f.code} {f.message}" for f in one.faults)), ALERT))
            continue
        naming = naming or Naming(s, contract)
        failed += [Row((str(one.line), one.name, f"{p.title}: {several(p.reasons)}"), ALERT) for p in s.undetermined]
        count += not s.undetermined
        rows += _rows(one.name, s, totals, naming)
        if not s.payments:
            heads, row = _figures(one.name, s, naming)
            figures.append(row)
    listed = section("Agreements", table(_HEADS, rows), table(heads, figures))
    sections = [_failed(failed), _totals(naming, totals), listed]
    lost = len({r.cells[0] for r in failed})
    words = f"{counted(count, 'agreement')} settled" + (f", {lost:,} not" if lost else "")
    facts = [("Agreements", words), ("Amounts in", contract.currency if totals else ""), ("Contract", contract.id)]
    return report(contract.title, f"Agreements settled for {label}", facts, sections)


_HEADS = ("Agreement", "Payment", "From", "To", ">Amount")


def _rows(name: str, s: Settlement, totals: dict[At, tuple[int, Number]], n: Naming) -> list[Row]:
    found: dict[At, Number] = {}
    for t in s.transfers:
        if t.unit == "money":
            at = (t.payment, t.payer, t.payee)
            found[at] = found.get(at, 0) + t.amount
    rows = []
    for (payment, payer, payee), amount in found.items():
        at = (payment, payer.partition("/")[0], payee.partition("/")[0])
        number, sum_ = totals.get(at, (0, 0))
        totals[at] = (number + bool(amount), sum_ + amount)
        ends = (HELD_BACK if x.startswith(f"{HELD_BACK}/") else x for x in (payer, payee))
        rows.append(Row((name, payment, *ends, n.money(amount))))
    return rows


def _figures(name: str, s: Settlement, n: Naming) -> tuple[tuple[str, ...], Row]:
    heads = ("Agreement", *(">" + (f"{f.name}/{f.key}" if f.key else f.name) for f in s.figures))
    values = ("-" if isinstance(f.value, Unknown) else n.amount(f.value, f.unit) for f in s.figures)
    return heads, Row((name, *values))


def _totals(n: Naming | None, totals: dict[At, tuple[int, Number]]) -> Section:
    if n is None:
        return section("Totals")
    titles = {p.name: p.title for p in n.settlement.payments}
    rows = [
        Row((titled(titles.get(payment, ""), payment), n.party(payer), n.party(payee), f"{number:,}", n.money(amount)))
        for (payment, payer, payee), (number, amount) in totals.items()
    ]
    return section("Totals", table(("Payment", "From", "To", ">Agreements paid", ">Amount"), rows))


def _failed(rows: list[Row]) -> Section:
    told = Text("The others are settled. Mend these rows and settle the table again.", ALERT) if rows else None
    return section("What could not be settled", told, table((">Line", "Agreement", "Why"), rows))
