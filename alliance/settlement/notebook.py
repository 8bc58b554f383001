"""A settlement as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from alliance.contract.values import Value
from alliance.settlement.duties import state_on
from alliance.settlement.result import Settlement
from alliance.settlement.words import money_text, value_text


def notebook(s: Settlement) -> str:
    """A settlement as HTML for a notebook: its payments, transfers and balances, and what followed from its rules,
    every text escaped."""
    payments = [
        (
            p.title,
            p.status + (", shadow" if p.shadow else ""),
            _amount(s, p.earned, p.unit),
            _amount(s, p.withheld, p.unit) if p.withheld else "",
            _amount(s, p.net, p.unit),
            "; ".join(p.reasons),
        )
        for p in s.payments
    ]
    moved = [
        (t.payment, t.kind, _name(s, t.payer), _name(s, t.payee), money_text(t.amount, s.places))
        for t in s.transfers
        if t.amount and t.unit == "money"
    ]
    accounts = [
        (
            _name(s, f"{b.account}/{b.key}" if b.key else b.account),
            *(_amount(s, v, b.unit) for v in (b.opening, b.money_in, b.money_out, b.closing)),
        )
        for b in s.balances
    ]
    rules = [
        (x.title, x.period or s.period, x.status, "; ".join(t for t in x.held_for if t), "; ".join(x.follows) or x.why)
        for x in s.rules
        if x.status != "does not hold"
    ]
    duties = [(_name(s, d.of), d.what, d.due.isoformat(), state_on(d, s.as_of)) for d in s.closing.duties]
    notices = [(_name(s, x.to), x.text) for x in dict.fromkeys(s.notices)]
    return (
        f"<h3>{escape(s.title)}: {escape(s.period)}</h3><p>{escape(s.kind)}, {escape(s.currency)}, {s.name[:12]}</p>"
        + _table("Payments", ("payment", "status", "earned", "held back", "due now", "not determined"), payments)
        + _table("Rules", ("rule", "period", "status", "what for", "what followed"), rules)
        + _table("Duties", ("who", "duty", "due", "state"), duties)
        + _table("Notices", ("to", "notice"), notices)
        + _table("Transfers", ("payment", "kind", "from", "to", "amount"), moved)
        + _table("Accounts", ("account", "opening", "in", "out", "closing"), accounts)
    )


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _table(title: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table, without the columns in which no row has anything; nothing where there are no rows."""
    used = [i for i in range(len(head)) if any(row[i] for row in rows)]
    if not used:
        return ""
    body = "".join(_row(row[i] for i in used) for row in rows)
    heads = _row((head[i] for i in used), "th")
    return f"<h4>{escape(title)}</h4><table><thead>{heads}</thead><tbody>{body}</tbody></table>"


def _name(s: Settlement, party: str) -> str:
    """A party or account by its title; money held back by what it is of."""
    account, _, key = party.partition("/")
    held = next((h for h in s.closing.held if h.key == key), None) if account == "withheld" else None
    if held is not None:
        return f"Held back: {held.payment}, {_name(s, held.payee)}, {held.period}"
    title = s.parties.get(party) or s.accounts.get(account, party)
    return f"{title} ({key})" if key else title


def _amount(s: Settlement, value: Value, unit: str) -> str:
    return value_text(value, unit, s.places)
