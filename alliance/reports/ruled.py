"""What followed from rules: those that hold and those that cannot be decided, duties, notices, and money held back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from alliance.contract.build.consequences import HELD_TITLE
from alliance.contract.faults import Mark
from alliance.contract.numbers import Number
from alliance.reports.model import ALERT, QUIET, TOTAL, Branch, Row, Section, Text, section, table
from alliance.reports.naming import Naming, counted, day, sentence, titled
from alliance.settlement.duties import state_on
from alliance.settlement.result import Settlement
from alliance.settlement.ruled import RuleResult
from alliance.settlement.state import Duty, HeldBack

MOST_FACTS = 20  # that a statement prints of one rule
HOW = {"release": "released to {payee}", "lapse": "lapsed: back to {payer}", "reversal": "reversed: back to {payer}"}


def line_of(mark: Mark | None) -> str:
    """A place as file and line."""
    return f"{mark.file}:{mark.line}" if mark is not None and mark.line else ""


def rule_title(x: RuleResult) -> str:
    """A rule with its name, and the shorter period in which it was looked at."""
    said = titled(x.title[:1].upper() + x.title[1:], x.name)
    return f"{said}, {x.period}" if x.period else said


def rules(n: Naming) -> Section:
    """The rules that hold: what for, what followed, and where they stand; then the others."""
    found = n.settlement.rules
    held = [_rule(x, _held(x)) for x in found if x.status == "holds"]
    doubtful = [
        _rule(x, [Branch(f"It cannot be decided. {n.reasons(x.why.split('; '))}", style=ALERT)])
        for x in found
        if x.status == "cannot be decided"
    ]
    told = {x.name for x in found if x.status != "does not hold"}
    others = list(dict.fromkeys(x.title[:1].upper() + x.title[1:] for x in found if x.name not in told))
    more = "alliance explain says of those that act on a payment which test failed."
    rest = Text(f"These do not hold: {'; '.join(others)}. {more}", QUIET) if others else None
    return section("Rules", *held, *doubtful, rest)


def _rule(x: RuleResult, parts: Iterable[Branch]) -> Branch:
    clause = f": {x.clause}" if x.clause else ""
    pack = f", of the pack {x.pack}" if x.pack else ""
    return Branch(f"{rule_title(x)}{clause}{pack}", place=line_of(x.mark), parts=tuple(parts))


def _held(x: RuleResult) -> Iterator[Branch]:
    for texts, lead in ((x.held_for, "For "), (x.follows, "")):
        found = [f for f in dict.fromkeys(texts) if f]
        for text in found[:MOST_FACTS]:
            yield Branch(sentence(f"{lead}{text}"))
        if len(found) > MOST_FACTS:
            yield Branch(f"and {len(found) - MOST_FACTS:,} more")


# duties and notices

DUTY_HEADS = ("Who", "Duty", "Due", "State", "Arose in", "Clause")


def duties(n: Naming) -> Section:
    """The duties that arose, that are open, and that were met or waived since the period began."""
    s = n.settlement
    rows = [duty_row(d, s.as_of, n.party) for d in s.closing.duties if _of_now(d, s)]
    return section("Duties", table(DUTY_HEADS, rows))


def _of_now(d: Duty, s: Settlement) -> bool:
    closed = min((x for x in (d.met, d.waived) if x is not None), default=None)
    return d.period == s.period or closed is None or closed >= s.start


def duty_row(d: Duty, on: date, party: Callable[[str], str]) -> Row:
    """A duty as it stands on a day. `party` says what a party is called."""
    about = f", about {', '.join(party(x) for x in d.about.split(', '))}" if d.about else ""
    state = state_on(d, on)
    style = ALERT if state == "late" else QUIET if state in ("met", "waived") else ""
    return Row((party(d.of), f"{d.what}{about}", day(d.due), duty_state(d, on), d.period, d.clause), style)


def duty_state(d: Duty, on: date) -> str:
    """What a duty is on a day, in words: with the day on which it was met or waived, and how late."""
    state = state_on(d, on)
    if state == "late":
        return f"late, {counted((on - d.due).days, 'day')}"
    done = d.met if state == "met" else d.waived if state == "waived" else None
    if done is None:
        return state
    late = f", {counted((done - d.due).days, 'day')} late" if done > d.due and state == "met" else ""
    return f"{state} on {day(done)}{late}"


def notices(n: Naming) -> Section:
    """What rules say to each party."""
    s = n.settlement
    titles = {x.name: x.title for x in s.rules}
    rows: list[Row] = []
    for who in dict.fromkeys((*s.parties, *(x.to for x in s.notices))):
        mine = [x for x in s.notices if x.to == who]
        for index, (text, rule, clause) in enumerate(dict.fromkeys((x.text, x.rule, x.clause) for x in mine)):
            facts = [f for x in mine if (x.text, x.rule) == (text, rule) for f in x.facts]
            told = "; ".join(dict.fromkeys(facts[:MOST_FACTS]))
            more = f"; and {len(facts) - MOST_FACTS:,} more" if len(facts) > MOST_FACTS else ""
            why = told + more if told or text == titles.get(rule, "") else titles.get(rule, "")
            rows.append(Row(("" if index else n.party(who), sentence(text), why, clause)))
    return section("Notices", table(("To", "Notice", "What for", "Clause"), rows))


# money held back

HELD_HEADS = ("Payment", "Earned by", "For", "Rule", ">Amount", "What becomes of it")


def held(n: Naming, payee: str = "", payment: str = "") -> Section:
    """What rules hold back after the settlement, and what was let go in it; of one payee and payment, or of all."""
    s = n.settlement
    items = [h for h in s.closing.held if not h.let_go or h.let_go == s.period]
    items = [h for h in items if payee in ("", h.payee) and payment in ("", h.payment)]
    still: Number = sum(h.amount for h in items if not h.let_go)
    rows = [held_row(n, h) for h in items]
    if len(rows) > 1:
        rows.append(Row(("Held back now", "", "", "", n.money(still), ""), TOTAL))
    return section("Money held back", _heading(n, items), table(HELD_HEADS, rows))


def _heading(n: Naming, items: Iterable[HeldBack]) -> Text | None:
    if not any(items):
        return None
    account = next((b.title for b in n.settlement.balances if b.account == "withheld"), HELD_TITLE)
    return Text(f"It is earned and not paid; until it is let go it stands in the account “{account}”.")


def held_row(n: Naming, h: HeldBack) -> Row:
    """One sum that is held back, or was let go."""
    titles = {p.name: p.title for p in n.settlement.payments} | {x.name: x.title for x in n.settlement.rules}
    said = HOW[h.how].format(payer=n.who(h.payer), payee=n.who(h.payee)) if h.let_go else "held back"
    if h.lapses is not None and not h.let_go:
        said += f"; goes back to {n.who(h.payer)} after {day(h.lapses)}"
    payment, rule = titles.get(h.payment, h.payment), titles.get(h.rule, h.rule)
    style = QUIET if h.let_go else ""
    return Row((payment, n.who(h.payee), h.period, rule, n.money(h.amount), said), style)
