"""A settlement as rows of CSV, with columns that other programs may rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction

from alliance.contract.numbers import Number, to_decimal_text, to_exact_text
from alliance.contract.values import Unknown, Value
from alliance.settlement.duties import state_on
from alliance.settlement.result import Settlement
from alliance.settlement.state import Duty

Rows = Iterator[tuple[str, ...]]

COLUMNS: dict[str, tuple[str, ...]] = {
    "transfers": ("agreement", "payment", "payer", "payee", "amount"),
    "payments": (
        *("agreement", "payment", "period", "status", "shadow", "unit"),
        *("earned", "on_account", "recouped", "held", "before", "net", "unearned"),
    ),
    "figures": ("agreement", "name", "value", "status"),
    "measures": ("agreement", "name", "value", "cases", "status"),
    "balances": ("agreement", "account", "key", "opening", "in", "out", "closing"),
    "rules": (
        *("agreement", "rule", "period", "status", "held_for", "followed", "why", "clause", "pack", "file", "line"),
    ),
    "notices": ("agreement", "to", "text", "rule", "facts", "clause", "file", "line"),
    "duties": ("agreement", "duty", "party", "about", "due", "state", "on", "rule", "period", "clause"),
    "held": (
        *("agreement", "rule", "payment", "period", "payer", "payee", "amount", "state", "let_go_in", "lapses", "key"),
    ),
}
HOW = {"": "held", "release": "released", "lapse": "lapsed", "reversal": "reversed"}


def rows(what: str, agreement: str, s: Settlement) -> Rows:
    """The rows of one agreement: its transfers, payments, figures, measures, balances, or what rules came to."""
    yield from _MAKERS[what](agreement, s)


def plain_value(value: Value) -> str:
    """A value as other programs read it: exact decimals, yes or no; nothing where it is not known.

    >>> from fractions import Fraction
    >>> plain_value(Fraction(61, 500)), plain_value(True)
    ('0.122', 'yes')
    """
    if value is None or isinstance(value, Unknown):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else to_decimal_text(value)


def exact_value(value: Value) -> str:
    """A value as `plain_value` says it, but a number that does not end in decimals as a fraction.

    >>> exact_value(Fraction(61, 500)), exact_value(Fraction(2, 3))
    ('0.122', '2/3')
    """
    number = isinstance(value, (int, Fraction)) and not isinstance(value, bool)
    return to_exact_text(value) if number else plain_value(value)  # type: ignore[arg-type]


def transfers(agreement: str, s: Settlement) -> Rows:
    """What moves in money: one row for a payment, payer and payee. A payment that came to nothing has a row of zero."""
    found: dict[tuple[str, str, str], Number] = {}
    for t in s.transfers:
        if t.unit == "money":
            at = (t.payment, t.payer, t.payee)
            found[at] = found.get(at, 0) + t.amount
    for (payment, payer, payee), amount in found.items():
        yield agreement, payment, payer, payee, to_decimal_text(amount, s.places)


def payments(agreement: str, s: Settlement) -> Rows:
    """Every payment, whether money moves or not: what is earned and paid on account, less what moved before, what is
    taken back of an advance and what is held back, is what moves now (`net`)."""
    for p in s.payments:
        places = s.places if p.unit == "money" else None
        due = p.status != "not due" and not isinstance(p.earned, Unknown)
        moves = due and p.status != "undetermined" and not p.shadow
        recouped = p.earned - p.tried + p.on_account - p.before - p.withheld - p.net if moves else 0  # type: ignore[operator]
        amounts = (p.on_account, recouped, p.withheld, p.before, p.net, p.unearned)
        about = (p.period, p.status, "yes" if p.shadow else "no", p.unit)
        earned = to_decimal_text(p.earned, places) if due else ""  # type: ignore[arg-type]
        yield (agreement, p.name, *about, earned, *(to_decimal_text(a, places) for a in amounts))


def figures(agreement: str, s: Settlement) -> Rows:
    """Figures, then the scores of measures as NAME.score."""
    for f in s.figures:
        yield agreement, _keyed(f.name, f.key), plain_value(f.value), f.status
    for m in s.measures:
        if m.has_score:
            status = m.score.status if isinstance(m.score, Unknown) else "measured"
            yield agreement, _keyed(f"{m.name}.score", m.key), plain_value(m.score), status


def measures(agreement: str, s: Settlement) -> Rows:
    """Measures with their cases and status."""
    for m in s.measures:
        yield agreement, _keyed(m.name, m.key), plain_value(m.value), "" if m.cases is None else str(m.cases), m.status


def balances(agreement: str, s: Settlement) -> Rows:
    """Balances of accounts, which may be given back as an opening."""
    for b in s.balances:
        amounts = (b.opening, b.money_in, b.money_out, b.closing)
        texts = (to_decimal_text(a, s.places) if b.unit == "money" else plain_value(a) for a in amounts)
        yield (agreement, b.account, b.key, *texts)


def rules(agreement: str, s: Settlement) -> Rows:
    """What became of every rule. Several facts or consequences are set apart by a semicolon."""
    for x in s.rules:
        texts = ("; ".join(t for t in x.held_for if t), "; ".join(x.follows), x.why)
        yield (agreement, x.name, x.period, x.status, *texts, x.clause, x.pack, x.mark.file, str(x.mark.line or ""))


def notices(agreement: str, s: Settlement) -> Rows:
    """What rules say to parties."""
    for x in s.notices:
        place = (x.mark.file, str(x.mark.line or ""))
        yield (agreement, x.to, x.text, x.rule, "; ".join(x.facts), x.clause, *place)


def duties(agreement: str, s: Settlement) -> Rows:
    """The register of duties as it stands on the day that the settlement knows of."""
    yield from duty_rows(agreement, s.closing.duties, s.as_of)


def duty_rows(agreement: str, register: Iterable[Duty], on: date) -> Rows:
    """Duties as they stand on a day."""
    for d in register:
        state = state_on(d, on)
        day = {"met": d.met, "waived": d.waived}.get(state)
        about = (d.what, d.of, d.about, d.due.isoformat(), state, plain_value(day))
        yield (agreement, *about, d.rule, d.period, d.clause)


def held(agreement: str, s: Settlement) -> Rows:
    """What rules hold back, and what they held back and was let go."""
    for h in s.closing.held:
        what = (h.rule, h.payment, h.period, h.payer, h.payee, to_decimal_text(h.amount, s.places))
        yield (agreement, *what, HOW[h.how if h.let_go else ""], h.let_go, plain_value(h.lapses), h.key)


def _keyed(name: str, key: str) -> str:
    return f"{name}/{key}" if key else name


_MAKERS: dict[str, Callable[[str, Settlement], Rows]] = {
    "transfers": transfers,
    "payments": payments,
    "figures": figures,
    "measures": measures,
    "balances": balances,
    "rules": rules,
    "notices": notices,
    "duties": duties,
    "held": held,
}
