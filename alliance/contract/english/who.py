"""The head of the contract, its parties, accounts and decisions."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.calendar import day_text
from alliance.contract.english import words as w
from alliance.contract.english.model import Entry, Section, Sentence
from alliance.contract.english.standing import Standing, at
from alliance.contract.formula import tree as t
from alliance.contract.numbers import to_decimal_text
from alliance.contract.units import Unit

SETTLES = {
    "month": "month by month",
    "quarter": "quarter by quarter",
    "half-year": "half-year by half-year",
    "year": "once a year",
}


def agreement(s: Standing) -> Section:
    """The contract itself: its term, money, years and periods."""
    header = s.document.contract
    mark = header.at.mark
    clause = str(header.clause or "")
    calendar = s.built.calendar
    year = calendar.year_of(s.built.start)
    half, quarter, month = (calendar.parts(year, length)[0] for length in ("half-year", "quarter", "month"))

    def line(text: str, *path: str) -> Sentence:
        return at(text, clause, header.at.value(*path) if path else mark)

    said = [
        line(f"It runs from {day_text(s.built.start)} to {day_text(s.built.end)}", "term"),
        line(f"Its currency is {s.built.currency}", "currency"),
        line(
            f"Its years start on {calendar.starts_on()}. Periods are written {year.label} for a year, {half.label} "
            f"for a half-year, {quarter.label} for a quarter and {month.label} for a month",
            "year_starts",
        ),
        line(_settles(s.built.settles), "settles"),
    ]
    if header.working_days:
        said.append(line(f"Working days are those of {header.working_days}", "working_days"))
    if s.contract.key:
        columns = w.joined([w.quoted(k) for k in s.contract.key])
        word = "columns" if len(s.contract.key) > 1 else "column"
        said.append(line(f"It is settled from a table, one agreement a row, named by the {word} {columns}", "key"))
    if header.shadow:
        years = header.shadow if isinstance(header.shadow, dict) else {}
        when = w.joined([str(label) for label, flag in years.items() if flag])
        lead = f"In {when} it" if when else "It"
        if when or not years:
            said.append(
                line(f"{lead} is in shadow: everything is worked out and printed, and no money moves", "shadow")
            )
    if header.note:
        said.append(line(f"Note: {header.note}", "note"))
    entry = Entry(s.contract.id, "Term and periods", clause, mark, tuple(said))
    return Section("The contract", (), (entry,))


def _settles(length: str) -> str:
    if length == "year":
        return "It settles once a year, unless a payment says otherwise"
    return (
        f"It settles {SETTLES[length]}, unless a payment says otherwise; after a year, its {length}s are worked out "
        f"again on what is then known, and the difference is paid"
    )


def parties(s: Standing) -> Section:
    """Who is in the alliance, and when."""
    entries = [
        Entry(p.name, s.speaker.title(p.name), "", p.mark, tuple(at(x, "", p.mark) for x in _party(s, p)))
        for p in s.built.parties.values()
    ]
    about = ("Where a penny cannot be shared, it goes to the party listed first.",) if len(entries) > 2 else ()
    return Section("Parties", about, tuple(entries))


def _party(s: Standing, p: e.Party) -> Iterator[str]:
    said = [w.role_of(p.role)]
    said += ["and the host" if k == "host" else f"marked as {w.spaced(k)}" for k, v in p.fields.items() if v is True]
    yield ", ".join(said).replace(", and the host", " and the host")
    for key, value in p.fields.items():
        if not isinstance(value, bool):
            yield f"{w.spaced(key)}: {_attribute(s, p.name, key, value)}"
    if p.start > s.built.start:
        yield f"It {'joins' if p.start > s.day else 'joined'} the alliance on {day_text(p.start)}"
    if p.end < s.built.end:
        yield f"Its last day in the alliance {'is' if p.end >= s.day else 'was'} {day_text(p.end)}"


def _attribute(s: Standing, party: str, key: str, value: object) -> str:
    text = s.document.parties[party].at.node["attributes"][key]  # type: ignore[index]
    return str(text) if str(text).endswith("%") else to_decimal_text(value)  # type: ignore[arg-type]


def accounts(s: Standing) -> Section:
    """What holds money or units between settlements."""
    entries = [s.entry(x, s.speaker.title(x.name), _account(s, x)) for x in s.built.accounts.values()]
    return Section("Accounts", (), tuple(entries))


def unit_words(unit: Unit, currency: str) -> str:
    """What an account or a payment counts in."""
    if unit.kind == "money":
        return f"money, in {currency}"
    return {"count": "units, not money", "days": "days, not money"}.get(unit.kind, f"{unit}, not money")


def _account(s: Standing, x: e.Account) -> Iterator[str]:
    by = f", with a balance for each {s.each('accounts', x.name, x.by)}" if x.by else ""
    yield f"It holds {unit_words(x.unit, s.built.currency)}, from one settlement to the next{by}"
    if x.held_by:
        yield f"{s.who(x.held_by)} holds it"
    if x.floor is None:
        yield "It may go below nothing, without limit"
    elif _nothing(x.floor):
        yield "It never goes below nothing"
    else:
        yield f"It never goes below {s.say(x.floor)}"
    if x.ceiling is not None:
        yield f"It holds no more than this: {s.say(x.ceiling)}"
    if x.ends_to == "contributors":
        yield "At the end of the contract what it holds goes back to those who paid in, as they paid in"
    elif x.ends_to:
        yield f"At the end of the contract what it holds goes to {s.who(x.ends_to)}"
    else:
        yield "The contract does not say where what it holds goes at the end"


def _nothing(expr: e.Expr) -> bool:
    return isinstance(expr.node, t.Literal) and expr.node.value == 0


def decisions(s: Standing) -> Section:
    """Recorded approvals."""
    entries = [s.entry(x, s.speaker.title(x.name), _decision(s, x)) for x in s.built.decisions.values()]
    return Section("Decisions", (), tuple(entries))


def _decision(s: Standing, d: e.Decision) -> Iterator[str]:
    yield signers(s, d)
    yield "An approval that is not recorded is none"


def signers(s: Standing, d: e.Decision) -> str:
    """Who makes a decision."""
    listed, many = s.named(d.signed_by), len(d.signed_by)
    if many == 1:
        return f"It is made when {listed} signs"
    if d.needed >= many:
        every = "both" if many == 2 else f"all {w.in_words(many)}"
        return f"It is made when {every} sign: {listed}"
    sign = "signs" if d.needed == 1 else "sign"
    return f"It is made when at least {w.in_words(d.needed)} of {w.in_words(many)} {sign}: {listed}"
