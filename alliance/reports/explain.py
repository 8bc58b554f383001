"""The tree behind each penny: payments, their lines, the formulas of each, and why what was not paid was not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from alliance.contract import entries as e
from alliance.contract.contract import Contract
from alliance.contract.formula import tree as t
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value
from alliance.reports.following import not_held, rule_parts
from alliance.reports.formula import Formulas, place
from alliance.reports.lines import came_to_nothing, line_row, ruled, split
from alliance.reports.model import ALERT, TOTAL, Branch, Report, Row, Section, report, section, table
from alliance.reports.naming import KINDS, PAYS_FOR, Naming, day, sentence, titled
from alliance.reports.rows import exact_value, plain_value
from alliance.reports.ruled import held
from alliance.reports.unknowns import reasons, source, to_do
from alliance.settlement.effects import TEST
from alliance.settlement.result import Detail, Line, PaymentResult, Settlement, Transfer
from alliance.settlement.run import Run
from alliance.settlement.words import value_text

COLUMNS = ("payment", "depth", "text", "value", "place", "exact")
BASES = {
    "contribution": "by contribution",
    "equally": "equally",
    "fixed": "by fixed shares",
    "figure": "by a figure of each",
}


def explanation(s: Settlement, run: Run, contract: Contract, payment: str = "", party: str = "") -> Report:
    """Every payment as a tree, or only the one named; with a party, only what it gives or gets."""
    n = Naming(s, contract)
    chosen = [p for p in s.payments if payment in ("", p.name) and (not party or _concerns(n, p, party))]
    own = (_party(n, party, payment), held(n, party, payment)) if party else ()
    sections = [x for x in own if x.blocks]
    sections += [section(_title(p), *_payment(n, p, party, run), level=2) for p in chosen]
    if not s.payments:
        sections.append(section("Figures", *_figures(n, run)))
    elif not chosen:
        sections.append(section("", Branch(f"{n.party(party)} gives and gets nothing in {s.period}.")))
    return report(
        s.title, f"Explanation of {s.period}, {day(s.start)} to {day(s.end)}, {s.kind}", (), sections, s.notes
    )


def _title(p: PaymentResult) -> str:
    about = ", ".join(x for x in (p.clause, PAYS_FOR.get(p.pays_for, p.pays_for)) if x)
    return titled(p.title, p.name) + (f": {about}" if about else "")


def _moved(s: Settlement, p: PaymentResult) -> list[Transfer]:
    return [m for m in s.transfers if m.payment == p.name and m.amount and m.unit == "money"]


def _of(name: str, party: str) -> bool:
    return name == party or name.startswith(f"{party}/")


def _concerns(n: Naming, p: PaymentResult, party: str) -> bool:
    moved = any(_of(m.payer, party) or _of(m.payee, party) for m in _moved(n.settlement, p))
    received = any(_of(r.payee, party) for part in (p, *p.parts) for r in part.received)
    own = any(w.of == party for part in (p, *p.parts) for w in part.waterfalls)
    funds = any(label == party for part in (p, *p.parts) for x in part.lines for label, _, _ in x.facts)
    entry = n.contract.built.payments.get(p.name) if n.contract is not None else None
    could = entry is not None and p.status == "undetermined" and party in _everybody(entry)
    return moved or received or own or funds or could


def _everybody(entry: e.Payment) -> set[str]:
    """Everybody whom a payment could move money to or from."""
    slices = [share for part in entry.slices for share in (*part.payers, *part.payees)]
    found = {share.name for share in (*entry.payers, *entry.payees, *slices)}
    found |= {member for group in entry.groups.values() for member in group.members}
    return found | set(entry.each.keys if entry.each is not None else ())


def _party(n: Naming, party: str, payment: str) -> Section:
    rows = []
    into: Number = 0
    out: Number = 0
    for m in n.settlement.transfers:
        if not m.amount or m.unit != "money" or payment not in ("", m.payment):
            continue
        if _of(m.payee, party) or _of(m.payer, party):
            gets = _of(m.payee, party)
            other = m.payer if gets else m.payee
            rows.append(Row((m.payment, KINDS.get(m.kind, m.kind), n.who(other), *_sides(n, m, gets))))
            into, out = (into + m.amount, out) if gets else (into, out + m.amount)
    if len(rows) > 1:
        rows.append(Row(("Total", "", f"net {n.money(into - out)}", n.money(into), n.money(out)), TOTAL))
    heads = ("Payment", "Kind", "From or to", ">Gets", ">Gives")
    return section(f"What {n.party(party)} gets and gives", table(heads, rows))


def _sides(n: Naming, m: Transfer, gets: bool) -> tuple[str, str]:
    amount = n.money(m.amount)
    return (amount, "") if gets else ("", amount)


def _payment(n: Naming, p: PaymentResult, party: str, run: Run) -> Iterator[Branch]:
    """The trees of one payment: why it was not made, its lines, whom it goes to, and what is due now."""
    formulas = Formulas(n)
    yield from _why_not(n, p)
    yield from _lines(n, p, formulas, party)
    for part in p.parts:
        parts = (*_why_not(n, part), *_lines(n, part, formulas, party), *_received(n, part, party))
        parts = (*parts, *not_held(n, part.name, part.period, run, formulas))
        yield _valued(n, part.period, part.earned, part.unit, parts)
    if not p.parts:
        yield from _received(n, p, party)
    yield from not_held(n, p.name, "", run, formulas)
    yield from _due(n, p)
    moved = [m for m in _moved(n.settlement, p) if not party or _of(m.payer, party) or _of(m.payee, party)]
    if moved:
        yield Branch(
            "What moves",
            parts=tuple(
                _valued(n, f"{n.who(m.payer)} to {n.who(m.payee)} ({KINDS.get(m.kind, m.kind)})", m.amount, m.unit)
                for m in moved
            ),
        )


def _why_not(n: Naming, p: PaymentResult) -> Iterator[Branch]:
    """Why a payment was not made, where it was not."""
    if p.shadow:
        yield Branch("It is a shadow payment: printed only, and no money moves.", style=ALERT)
    if p.status == "not due":
        entry = n.contract.built.payments.get(p.name) if n.contract is not None else None
        yield Branch(f"It is not due in {p.period}: it settles by the {entry.settles if entry else 'longer period'}.")
    elif p.status == "undetermined":
        parts = []
        for reason in reasons(p):
            told = " ".join(sentence(x) for x in (source(n, reason), to_do(reason)) if x)
            parts.append(
                Branch(n.reasons([str(reason)]), place=place(reason.mark), parts=(Branch(told),) if told else ())
            )
        yield Branch("It could not be determined, so no money moves.", parts=tuple(parts), style=ALERT)
    elif p.status == "determined" and p.earned == 0 and not p.parts:
        for why in came_to_nothing(n, p):
            yield Branch(f"It comes to nothing. {why}", style=ALERT)


def _lines(n: Naming, p: PaymentResult, formulas: Formulas, party: str) -> Iterator[Branch]:
    pool, others = split(p.lines)
    for x in pool:
        yield _line(n, x, p.unit, formulas, party)
    own = [w for w in p.waterfalls if w.of == party]
    for w in own or p.waterfalls:
        if w.of:
            parts = tuple(_line(n, x, p.unit, formulas) for x in w.lines)
            yield _valued(n, n.instance(w.of), w.amount, p.unit, parts)
        else:
            yield from (_line(n, x, p.unit, formulas) for x in w.lines)
    for x in others:
        yield _line(n, x, p.unit, formulas, party)


def _line(n: Naming, x: Line, unit: str, formulas: Formulas, party: str = "") -> Branch:
    """A line with its formulas below it; the values of a line without formulas stand in its place."""
    name, how, clause, amount = line_row(n, x, unit).cells
    about = f" ({clause})" if clause else ""
    text = f"{name}{about}" + (f": {how}" if how and x.kind not in ("start", "funding") else "")
    own = [d for d in x.details if d.label == party] if party else []
    details = [d for d in own or x.details if d.label != TEST and not _literal(d.expr)]
    if x.note.startswith("not taken"):
        details = [d for d in details if d.label == "when"]
    by_rule = ruled(n, x) is not None
    plain = x.kind == "start" and not by_rule
    if plain and details and all(d.over is None or d.trace().value == x.after for d in details):
        found = formulas.expr("Start", details[0].expr, details[0].view)
        about = "" if clause and clause in found.text else about
        return Branch(found.text + about, amount, found.place, found.parts, found.style, x.after)
    parts = [formulas.expr(_label(n, x, d), d.expr, d.view) for d in details]
    if by_rule:
        parts = [*rule_parts(n, x, formulas), *parts]
        text = text.partition(" Rule ")[0].rstrip(":") if x.kind != "start" else f"{name}{about}"
    if not x.details and x.kind == "funding":
        parts = [_valued(n, n.party(label), value, kind) for label, value, kind in x.facts]
    style = ALERT if isinstance(x.after, Unknown) else ""
    return Branch(text, amount, place(x.mark), tuple(parts), style, x.after)


def _valued(n: Naming, text: str, value: Value, unit: str, parts: tuple[Branch, ...] = ()) -> Branch:
    """A branch with a value, in words and exact."""
    return Branch(text, n.value(value, unit).rstrip("."), parts=parts, exact=value)


def _literal(expr: e.Expr) -> bool:
    return isinstance(expr.node, t.Literal)


def _label(n: Naming, x: Line, d: Detail) -> str:
    """What a formula of a line is: its part in the line, whose it is, or the stretch that it was worked out for."""
    label = f"to {n.who(d.label[3:])}" if x.kind == "slice" and d.label.startswith("to ") else d.label
    said = {"start": "", "funding": n.who(d.label)}.get(x.kind, label)
    weight = "" if d.over is None else f", {value_text(d.over.weight, 'percent')} of the period"
    over = "" if d.over is None else f"{day(d.over.start)} to {day(d.over.end)}{weight}"
    return ", ".join(text for text in (said, over) if text)


def _received(n: Naming, p: PaymentResult, party: str) -> Iterator[Branch]:
    rows = [r for r in p.received if not party or _of(r.payee, party)]
    if not rows:
        return
    entry = n.contract.built.payments.get(p.name) if n.contract is not None else None
    groups = entry.groups.values() if entry is not None else ()
    shared = "; ".join(f"shared {BASES.get(g.basis, g.basis)} among {_members(n, g)}" for g in groups)
    told = {x.name: x for x in p.shares}
    parts = tuple(_valued(n, n.party(r.payee), r.amount, p.unit, _share(n, told.get(r.payee))) for r in rows)
    nothing = [x for name, x in told.items() if party in ("", name) and name not in {r.payee for r in p.received}]
    parts += tuple(_valued(n, n.party(x.name), 0, p.unit, _share(n, x)) for x in nothing)
    yield Branch("Who has what of it" + (f" ({shared})" if shared else ""), parts=parts)


def _share(n: Naming, x: Line | None) -> tuple[Branch, ...]:
    """Why somebody has the part of an amount that it has: by what it is weighed, and for how many days."""
    if x is None:
        return ()
    formulas = Formulas(n)
    weights = tuple(formulas.expr("by", d.expr, d.view) for d in x.details if not _literal(d.expr))
    days = tuple(Branch(f"{x.note}.") for _ in range(1) if x.note)
    return (_valued(n, "its share", x.after, "percent", (*weights, *days)),)


def _members(n: Naming, group: e.Group) -> str:
    weights = {name: f" {expr.text}" for name, expr in group.weights.items()}
    return ", ".join(f"{n.who(m)}{weights.get(m, '')}" for m in group.members)


def _due(n: Naming, p: PaymentResult) -> Iterator[Branch]:
    if p.status == "on account":
        yield _valued(n, "Paid on account now, and trued up when the year is settled", p.on_account, p.unit)
    elif p.before and isinstance(p.earned, int | Fraction) and not p.shadow:
        taken = p.earned - p.tried - p.before - p.withheld - p.net
        less = [(p.tried, "printed only"), (p.before, "already transferred"), (p.withheld, "held back")]
        less.append((taken, "taken back of an advance"))
        said = [f"Earned {n.amount(p.earned, p.unit)}", *(f"less {n.amount(x, p.unit)} {w}" for x, w in less if x)]
        yield _valued(n, f"{', '.join(said)}: due now", p.net, p.unit)


def _figures(n: Naming, run: Run) -> Iterator[Branch]:
    """The figures of a contract that has no payments."""
    formulas = Formulas(n)
    for f in n.settlement.figures:
        entry = run.built.figures[f.name]
        view = run.view().holding(entry.by, f.key) if entry.by else run.view()
        about = titled(f.title, f.name, f.key, n)
        formulas.seen.add(("figure", f.name, f.key, run.period.label))
        yield formulas.branch(about, f.value, f.unit, place(entry.mark), tuple(formulas.figure(entry, view)))


# other formats


def as_dict(found: Report, s: Settlement, agreement: str = "") -> dict[str, Any]:
    """An explanation as plain JSON values; of which agreement, where it is of one of a table."""
    return {
        **({"agreement": agreement} if agreement else {}),
        "contract": s.contract,
        "period": s.period,
        "kind": s.kind,
        "settlement": s.name,
        "sections": [
            {"title": part.title, "parts": [_branch(b) for b in part.blocks if isinstance(b, Branch)]}
            for part in found.sections
        ],
    }


def _branch(b: Branch) -> dict[str, Any]:
    return {
        "text": b.text,
        "value": b.value,
        "exact": exact_value(b.exact),
        "place": b.place,
        "parts": [_branch(part) for part in b.parts],
    }


def rows(found: Report) -> Iterator[tuple[str, ...]]:
    """An explanation as rows, with the depth of each in its tree."""
    for part in found.sections:
        waiting = [(0, b) for b in reversed(part.blocks) if isinstance(b, Branch)]
        while waiting:
            depth, b = waiting.pop()
            yield part.title, str(depth), b.text, b.value, b.place, plain_value(b.exact)
            waiting += [(depth + 1, inner) for inner in reversed(b.parts)]
