"""The payments of a statement: what each came to, line by line, and to whom it goes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from alliance.contract.values import Unknown
from alliance.reports.lines import LINE_HEADS, came_to_nothing, line_row, split
from alliance.reports.model import ALERT, QUIET, TOTAL, Block, Row, Section, Table, Text, section, table
from alliance.reports.naming import KINDS, PAYS_FOR, Naming, titled
from alliance.settlement.result import Line, PaymentResult, Waterfall

MOST_SHOWN = 25  # waterfalls of one payment that a statement prints


def payment_sections(n: Naming) -> Iterator[Section]:
    """A section for each payment that is due, in the contract's order."""
    for p in n.settlement.payments:
        if p.status != "not due":
            yield _section(n, p)


def _section(n: Naming, p: PaymentResult) -> Section:
    about = ", ".join(x for x in (p.clause, PAYS_FOR.get(p.pays_for, p.pays_for)) if x)
    title = titled(p.title, p.name) + (f": {about}" if about else "")
    pool, others = split(p.lines)
    return section(
        title,
        Text("SHADOW: printed only, no money moves.", ALERT) if p.shadow else None,
        _undetermined(n, p),
        *(_funding(n, p, line) for line in pool),
        _waterfalls(n, p),
        _parts(n, p),
        _received(n, p),
        _others(n, p, others),
        *_due(n, p),
        level=2,
    )


def _undetermined(n: Naming, p: PaymentResult) -> Text | None:
    if p.status != "undetermined":
        return None
    return Text(f"NOT DETERMINED, and no money moves. {n.reasons(p.reasons)}", ALERT)


def _funding(n: Naming, p: PaymentResult, line: Line) -> Table:
    rows = [Row((n.party(label), n.amount(value, p.unit))) for label, value, _ in line.facts]
    total = Row(("In all", n.amount(line.after, p.unit)), TOTAL)
    would = "would be " if p.shadow or p.status == "undetermined" else ""
    name = f"{would}{line.name}"
    title = f"{name[:1].upper()}{name[1:]}" + (f" ({line.note})" if line.note else "")
    return table((title, ">Amount"), [*rows, total])


def _waterfalls(n: Naming, p: PaymentResult) -> Table | None:
    shown = p.waterfalls[:MOST_SHOWN]
    if not any(w.lines for w in shown):
        return None
    if len(p.waterfalls) == 1 and not shown[0].of:
        return table(LINE_HEADS, [line_row(n, x, p.unit) for x in shown[0].lines])
    rows = [row for w in shown for row in _instance(n, p, w)]
    left = p.waterfalls[MOST_SHOWN:]
    if left:
        amounts = [w.amount for w in left]
        whole = sum(a for a in amounts if not isinstance(a, Unknown))  # type: ignore[misc]
        rows.append(Row((f"and {len(left):,} more", "", "", "", n.amount(whole, p.unit)), QUIET))
    known = [w.amount for w in p.waterfalls if not isinstance(w.amount, Unknown)]
    if len(p.waterfalls) > 1 and len(known) == len(p.waterfalls):
        whole = sum(known)  # type: ignore[arg-type]
        label = "In all" if whole == p.earned else "In all, before rounding"
        rows.append(Row((label, "", "", "", n.amount(whole, p.unit)), TOTAL))
    return table(("For", *LINE_HEADS), rows)


def _instance(n: Naming, p: PaymentResult, w: Waterfall) -> Iterator[Row]:
    for i, x in enumerate(w.lines):
        row = line_row(n, x, p.unit)
        yield Row((n.instance(w.of) if i == 0 else "", *row.cells), row.style)


def _parts(n: Naming, p: PaymentResult) -> Block | None:
    if not p.parts:
        return None
    if not p.before and all(part.status == "determined" and part.earned == 0 == part.unearned for part in p.parts):
        said = dict.fromkeys(why for part in p.parts for why in came_to_nothing(n, part))
        return Text(" ".join((f"It came to nothing in each of {len(p.parts)} periods.", *said)))
    rows = []
    for part in p.parts:
        note = "printed only (shadow)" if part.shadow else ""
        if part.status == "undetermined":
            note = f"Not determined. {n.reasons(part.reasons)}"
        unearned = n.amount(part.unearned, p.unit) if part.unearned else ""
        rows.append(Row((part.period, unearned, n.amount(part.earned, p.unit), note)))
    if not isinstance(p.earned, Unknown) and len(rows) > 1:
        unearned = n.amount(p.unearned, p.unit) if p.unearned else ""
        rows.append(Row(("In all", unearned, n.amount(p.earned, p.unit), ""), TOTAL))
    return table(("Worked out by period", ">Not earned", ">Earned", ""), rows)


def _received(n: Naming, p: PaymentResult) -> Table | None:
    if not p.received:
        return None
    losses = all(r.amount <= 0 for r in p.received) and any(r.amount for r in p.received)
    sign = -1 if losses else 1
    rows = [Row((n.party(r.payee), n.amount(sign * r.amount, p.unit))) for r in p.received]
    total = (
        [Row(("In all", n.amount(sum(sign * r.amount for r in p.received), p.unit)), TOTAL)] if len(rows) > 1 else []
    )
    words = ("Would be borne by", "Borne by") if losses else ("Would go to", "Goes to")
    return table((words[0] if p.shadow else words[1], ">Amount"), [*rows, *total])


def _others(n: Naming, p: PaymentResult, lines: list[Line]) -> Table | None:
    rows = [line_row(n, x, p.unit) for x in lines]
    return table(("Kept, limited or taken back", *LINE_HEADS[1:]), rows) if rows else None


def _due(n: Naming, p: PaymentResult) -> Iterator[Block]:
    """The arithmetic of what is due now: on account, or what is earned less what was transferred already."""
    if p.status == "undetermined" or (p.shadow and not p.before):
        return
    if p.status == "on account":
        yield Text(f"Paid on account now: {n.amount(p.on_account, p.unit)}. It is trued up when the year is settled.")
        return
    earned = p.earned
    if isinstance(earned, int | Fraction) and (p.before or p.net != earned):
        tried = earned if p.shadow else p.tried
        taken = earned - tried - p.before - p.withheld - p.net
        words = "Due now" if p.net >= 0 else "To be paid back now"
        due = [Row((f"Earned in {p.period}", n.amount(earned, p.unit)))]
        if tried:
            due.append(Row(("Less what is printed only (shadow)", n.amount(-tried, p.unit))))
        if p.before:
            due.append(Row(("Less already transferred", n.amount(-p.before, p.unit))))
        if p.withheld:
            due.append(Row((_held(n, p), n.amount(-p.withheld, p.unit))))
        if taken:
            due.append(Row(("Less what is taken back of an advance", n.amount(-taken, p.unit))))
        due.append(Row((words, n.amount(p.net if p.net >= 0 else -p.net, p.unit)), TOTAL))
        yield table(("What is due", ">Amount"), due)
    elif not p.received and not p.waterfalls and not p.lines:
        yield Text("It came to nothing.")
    yield from _let_go(n, p)


def _held(n: Naming, p: PaymentResult) -> str:
    """What is said of what is held back of a payment: of a period that is settled again, it may be let go by now."""
    periods = {p.period, *(part.period for part in p.parts)}
    items = [h for h in n.settlement.closing.held if h.payment == p.name and h.period in periods]
    gone = [h for h in items if h.let_go]
    if not gone:
        return "Less what is held back, and stays so until it is let go"
    return "Less what was held back, " + ("and let go since" if gone == items else "some of it let go since")


def _let_go(n: Naming, p: PaymentResult) -> Iterator[Block]:
    """What was held back of the payment before, and moves on now."""
    rows = [
        Row((f"{KINDS[t.kind].capitalize()}: {n.who(t.payer)}", n.who(t.payee), n.money(t.amount)))
        for t in n.settlement.transfers
        if t.payment == p.name and t.kind in ("release", "lapse", "reversal")
    ]
    yield table(("Held back before, and let go now", "To", ">Amount"), rows)
