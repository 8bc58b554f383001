"""Many agreements under one contract, summed up: what each pays and to whom, and the totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alliance.contract.contract import Contract
from alliance.contract.faults import several
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown
from alliance.reports.model import ALERT, Report, Row, Section, Text, report, section, table
from alliance.reports.naming import HELD_BACK, Naming, counted, titled
from alliance.settlement.agreements import Agreement
from alliance.settlement.result import Settlement

At = tuple[str, str, str]


def summary(contract: Contract, label: str, found: Iterable[Agreement], saved: str = "") -> Report:
    """Each agreement's transfers by payment, payer and payee, the totals, and what could not be settled. `saved` is the
    file that the settlements are kept in."""
    rows: list[Row] = []
    failed: list[Row] = []
    in_part: list[Row] = []
    totals: dict[At, tuple[int, Number]] = {}
    figures: list[Row] = []
    heads: tuple[str, ...] = ()
    count, naming = 0, None
    for one in found:
        s, at = one.settlement, (str(one.line), one.name)
        if s is None:
            failed.append(Row((*at, " ".join(f"{f.code} {f.message}" for f in one.faults)), ALERT))
            continue
        naming = naming or Naming(s, contract)
        if is_in_part(s):
            in_part += [Row((*at, titled(p.title, p.name), several(p.reasons)), ALERT) for p in s.undetermined]
        else:
            failed += [Row((*at, f"{p.title}: {several(p.reasons)}"), ALERT) for p in s.undetermined]
        count += not s.undetermined
        rows += _rows(one.name, s, totals, naming)
        if not s.payments:
            heads, row = _figures(one.name, s, naming)
            figures.append(row)
    listed = section("Agreements", table(_HEADS, rows), table(heads, figures))
    sections = [*_not_settled(failed, in_part, saved), _totals(naming, totals), listed]
    lines = [len({r.cells[0] for r in found_}) for found_ in (in_part, failed)]
    words = [f"{n:,} {what}" for n, what in zip(lines, ("settled in part", "not settled"), strict=True) if n]
    facts = [
        ("Agreements", ", ".join((f"{counted(count, 'agreement')} settled", *words))),
        ("Amounts in", contract.currency if totals else ""),
        ("Contract", contract.id),
    ]
    return report(contract.title, f"Agreements settled for {label}", facts, sections)


def is_in_part(s: Settlement) -> bool:
    """Whether some payments of an agreement move while others could not be determined."""
    return bool(s.undetermined) and any(p.status in ("determined", "on account") for p in s.payments)


def advice(saved: str) -> str:
    """What to do where not everything could be settled, so that nothing is paid twice."""
    if saved:
        return f"Mend these rows and settle the table again with --opening {saved}: then only what is left moves."
    return (
        "Mend these rows and settle the table again, in place of this. To pay this first, settle it with --save, and "
        "later with --opening: then only what is left moves."
    )


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


def _not_settled(failed: list[Row], in_part: list[Row], saved: str) -> Iterator[Section]:
    """What could not be settled, what is settled in part, and what to do then."""
    yield section("What could not be settled", table((">Line", "Agreement", "Why"), failed))
    if in_part:
        told = Text("These payments move nothing. Other payments of the same agreements move, and are below.", ALERT)
        yield section("What is settled in part", told, table((">Line", "Agreement", "Payment", "Why"), in_part))
    if failed or in_part:
        yield section("What to do", Text(advice(saved), ALERT))
