"""A settlement as a statement: who is paid what and why, for a reader who has not seen the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from alliance.contract.contract import Contract
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value
from alliance.reports.model import QUIET, TOTAL, Report, Row, Section, Text, report, section, table
from alliance.reports.naming import HELD_BACK, KINDS, Naming, counted, day, titled
from alliance.reports.payments import payment_sections
from alliance.reports.ruled import duties, held, notices, rules
from alliance.reports.unknowns import undetermined
from alliance.settlement.result import Balance, Settlement


def statement(s: Settlement, contract: Contract | None = None) -> Report:
    """The statement of a settlement. With its contract at hand, terms and inputs are called by their titles too."""
    naming = Naming(s, contract)
    return report(
        s.title,
        f"Statement for {s.period}, {day(s.start)} to {day(s.end)}",
        _facts(s),
        [
            undetermined(naming),
            _who(naming),
            Section("Payments", (), 1),
            *payment_sections(naming),
            _not_due(naming),
            rules(naming),
            held(naming),
            duties(naming),
            notices(naming),
            _measures(naming),
            _figures(naming),
            _transfers(naming),
            _balances(naming),
        ],
        _notes(s),
    )


def _facts(s: Settlement) -> Iterator[tuple[str, str]]:
    if s.final:
        yield "Kind", "Final"
    else:
        yield "Kind", "Provisional: it may be settled again, and the difference is then paid or taken back"
    yield "As known on", day(s.as_of)
    yield "Amounts in", s.currency
    if s.undetermined:
        yield "Incomplete", f"{counted(len(s.undetermined), 'payment')} could not be determined (see below)"
    yield "Contract", f"{s.contract}, version {s.contract_digest[:12]}"
    yield "Settlement", s.name[:12]


def _who(n: Naming) -> Section:
    """By party what it receives and pays, accounts apart, so that the whole comes to nothing."""
    s = n.settlement
    into: dict[str, Number] = {}
    out: dict[str, Number] = {}
    for t in s.transfers:
        if t.unit == "money" and t.amount:
            for side, name in ((into, t.payee), (out, t.payer)):
                who = name if name in s.parties else name.partition("/")[0]
                side[who] = side.get(who, 0) + t.amount

    def rows(names: Iterable[str]) -> list[Row]:
        return [
            Row((n.party(x), *(n.money(v) for v in (into.get(x, 0), out.get(x, 0), into.get(x, 0) - out.get(x, 0)))))
            for x in names
            if x in into or x in out
        ]

    parties = rows(s.parties)
    accounts = rows(x for x in dict.fromkeys([*s.accounts, *into, *out]) if x not in s.parties)
    if not parties and not accounts:
        return section("Who is paid what", Text("No money moves in this settlement.") if s.payments else None)
    total = sum(into.values())
    rest = [Row(("Accounts", "", "", ""), QUIET), *accounts] if accounts else []
    sum_row = Row(("Total", n.money(total), n.money(sum(out.values())), n.money(total - sum(out.values()))), TOTAL)
    shadows = [p for p in s.payments if p.shadow and p.status != "undetermined" and p.status != "not due"]
    beside = "; ".join(f"{p.title}, {n.amount(p.earned, p.unit)}" for p in shadows)
    told = Text(f"Printed only, and not among these figures (shadow): {beside}.") if shadows else None
    return section("Who is paid what", table(("Party", ">Receives", ">Pays", ">Net"), [*parties, *rest, sum_row]), told)


def _not_due(n: Naming) -> Section:
    rows = [
        (titled(p.title, p.name), p.clause, "It is settled over a longer period.")
        for p in n.settlement.payments
        if p.status == "not due"
    ]
    return section("Not due in this period", table(("Payment", "Clause", "Why"), rows))


def _measures(n: Naming) -> Section:
    rows = []
    for m in n.settlement.measures:
        status = m.status
        value = "-" if isinstance(m.value, Unknown) or m.value is None else n.amount(m.value, m.unit)
        if not isinstance(m.value, Unknown) and status not in ("measured", "provisional"):
            status += ", replaced as the contract says"
        score = "" if not m.has_score else "-" if isinstance(m.score, Unknown) else n.amount(m.score, m.score_unit)
        cases = "" if m.cases is None else f"{m.cases:,}"
        rows.append((titled(m.title, m.name, m.key, n), m.outcome, value, cases, status, score))
    return section("Measures", table(("Measure", "Outcome", ">Value", ">Cases", "Status", ">Score"), rows))


def _figures(n: Naming) -> Section:
    rows = [
        (
            titled(f.title, f.name, f.key, n),
            f.clause,
            "-" if isinstance(f.value, Unknown) else n.amount(f.value, f.unit),
            n.why(f.value) if isinstance(f.value, Unknown) else "",
        )
        for f in n.settlement.figures
    ]
    return section("Figures", table(("Figure", "Clause", ">Value", "Why it is not known"), rows))


def _transfers(n: Naming) -> Section:
    s = n.settlement
    titles = {p.name: p.title for p in s.payments}
    money = [t for t in s.transfers if t.amount and t.unit == "money"]
    other = [t for t in s.transfers if t.amount and t.unit != "money"]

    def rows(found: list) -> list[Row]:  # type: ignore[type-arg]
        return [
            Row((titles.get(t.payment, n.who(t.payment)), KINDS.get(t.kind, t.kind), n.who(t.payer), n.who(t.payee),
                 n.amount(t.amount, t.unit if t.unit != "owed" else "money")))
            for t in found
        ]  # fmt: skip

    total = Row(("Total", "", "", "", n.money(sum(t.amount for t in money))), TOTAL)
    heads = ("Payment", "Kind", "From", "To", ">Amount")
    return section(
        "Transfers",
        table(heads, [*rows(money), total] if len(money) > 1 else rows(money)),
        table(heads, rows(other), "Notes of what is owed, and units other than money (no money moves)"),
    )


def _balances(n: Naming) -> Section:
    def row(b: Balance) -> Row:
        name = titled(b.title, b.account, b.key)
        return Row((name, *(n.amount(v, b.unit) for v in (b.opening, b.money_in, b.money_out, b.closing))))

    heads = ("Account", ">Opening", ">In", ">Out", ">Closing")
    return section("Account balances", table(heads, [row(b) for b in _together(n.settlement.balances)]))


def _together(balances: Iterable[Balance]) -> Iterator[Balance]:
    """The balances, with all that rules hold back as one: each sum of it is listed apart, with what becomes of it."""
    one: Balance | None = None
    for b in balances:
        if b.account != HELD_BACK:
            yield b
        else:
            last = one or replace(b, opening=0, money_in=0, money_out=0, closing=0)
            one = replace(
                b,
                key="",
                opening=last.opening + b.opening,
                money_in=last.money_in + b.money_in,
                money_out=last.money_out + b.money_out,
                closing=last.closing + b.closing,
            )
    if one is not None:
        yield one


def _notes(s: Settlement) -> Iterator[str]:
    yield from s.notes
    shown = (p for p in s.payments if p.unit == "money" and p.status != "on account")
    lines = (x for p in shown for w in p.waterfalls for x in w.lines)
    if any(_unrounded(x.after, s.places) for x in lines):
        yield (
            f"An amount with {s.places + 2} decimal places is not rounded yet: money is rounded once, where it goes to "
            "somebody, so that what is shared adds up to the penny."
        )
    if s.engine:
        yield f"Worked out by {s.engine}. The settlement's full name is {s.name}."


def _unrounded(value: Value, places: int) -> bool:
    return isinstance(value, Fraction) and (value * 10**places).denominator != 1
