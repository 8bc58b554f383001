"""A settlement as JSON, read back without loss; and as HTML for a notebook."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any, NoReturn

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.numbers import from_exact_text, to_exact_text
from alliance.contract.values import STATUSES, Reason, Unknown, Value
from alliance.settlement.identity import result_digest
from alliance.settlement.result import (
    Balance,
    FigureResult,
    Line,
    MeasureResult,
    PaymentResult,
    Received,
    Settlement,
    Transfer,
    Waterfall,
)
from alliance.settlement.state import State, read_value, write_value
from alliance.settlement.words import money_text, value_text

FORMAT = 1
MOST_CHARACTERS = 200_000_000
MOST_DEPTH = 4  # of parts within parts: a year of quarters of months

# Valid in JSON as they are, but a terminal, or a reader of the text, is led astray by them.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")

_PLAIN = ("name", "digest", "contract", "title", "contract_digest", "period", "kind", "currency", "engine")


def json_text(value: Any, indent: int | None = 2) -> str:
    """Plain values as JSON text, with the characters that cannot be seen written as escapes."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def to_json(settlement: Settlement, indent: int | None = 2) -> str:
    """A settlement as JSON text."""
    return json_text(to_dict(settlement), indent)


def from_json(text: str | bytes) -> Settlement:
    """A settlement from its JSON text. Raises `InputError` (AC122) where it is not one."""
    return from_dict(read_json(text))


def read_json(text: str | bytes) -> Any:
    """The plain values of a JSON text: no key twice, no binary number, no more than a settlement may have."""
    if len(text) > MOST_CHARACTERS:
        _refuse(f"the text is longer than {MOST_CHARACTERS:,} characters")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float)
    except RecursionError:
        _refuse("it is nested too deep")
    except (ValueError, TypeError) as error:
        _refuse(str(error))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is not written as an exact number")


def _refuse(why: str) -> NoReturn:
    hint = "Give what alliance settle --save wrote."
    raise InputError(Fault("AC122", f"this is not a saved settlement: {why}.", None, hint)) from None


# writing


def to_dict(s: Settlement) -> dict[str, Any]:
    """A settlement as plain JSON values."""
    return {
        "alliance_settlement": FORMAT,
        **{field: getattr(s, field) for field in _PLAIN},
        "start": s.start.isoformat(),
        "end": s.end.isoformat(),
        "as_of": s.as_of.isoformat(),
        "places": s.places,
        "parties": dict(s.parties),
        "accounts": dict(s.accounts),
        "payments": [_payment(p) for p in s.payments],
        "transfers": [
            {"payment": t.payment, "kind": t.kind, "payer": t.payer, "payee": t.payee, "amount": to_exact_text(t.amount),
             "unit": t.unit}
            for t in s.transfers
        ],
        "measures": [_measure(m) for m in s.measures],
        "figures": [
            {"name": f.name, "title": f.title, "key": f.key, "value": _value(f.value), "unit": f.unit, "clause": f.clause,
             "mark": _mark(f.mark)}
            for f in s.figures
        ],
        "balances": [
            {"account": b.account, "title": b.title, "key": b.key, "unit": b.unit, "opening": to_exact_text(b.opening),
             "in": to_exact_text(b.money_in), "out": to_exact_text(b.money_out), "closing": to_exact_text(b.closing)}
            for b in s.balances
        ],
        "notes": list(s.notes),
        "closing": _state(s.closing),
    }  # fmt: skip


def _mark(mark: Mark | None) -> Any:
    return None if mark is None else [mark.file, mark.line, mark.column]


def _value(value: Value) -> Any:
    """A value as `write_value` writes it; what is not known keeps the places that it was to come from."""
    written = write_value(value)
    if isinstance(value, Unknown):
        written["unknown"] = [[r.what, r.status, _mark(r.mark)] for r in value.reasons]
    return written


def _line(x: Line) -> dict[str, Any]:
    facts = [[label, _value(value), unit] for label, value, unit in x.facts]
    return {"kind": x.kind, "name": x.name, "before": _value(x.before), "after": _value(x.after), "facts": facts,
            "note": x.note, "clause": x.clause, "mark": _mark(x.mark)}  # fmt: skip


def _waterfall(w: Waterfall) -> dict[str, Any]:
    return {"of": w.of, "lines": [_line(x) for x in w.lines], "amount": _value(w.amount), "records": w.records}


def _payment(p: PaymentResult) -> dict[str, Any]:
    return {
        "name": p.name, "title": p.title, "clause": p.clause, "pays_for": p.pays_for, "status": p.status,
        "shadow": p.shadow, "period": p.period, "unit": p.unit,
        "waterfalls": [_waterfall(w) for w in p.waterfalls],
        "lines": [_line(x) for x in p.lines],
        "received": [{"payee": r.payee, "amount": to_exact_text(r.amount)} for r in p.received],
        "earned": _value(p.earned),
        "on_account": to_exact_text(p.on_account), "net": to_exact_text(p.net),
        "unearned": to_exact_text(p.unearned), "before": to_exact_text(p.before),
        "reasons": list(p.reasons),
        "parts": [_payment(x) for x in p.parts],
        "mark": _mark(p.mark),
    }  # fmt: skip


def _measure(m: MeasureResult) -> dict[str, Any]:
    return {"name": m.name, "title": m.title, "key": m.key, "value": _value(m.value), "unit": m.unit, "cases": m.cases,
            "status": m.status, "score": _value(m.score), "has_score": m.has_score, "score_unit": m.score_unit,
            "outcome": m.outcome, "clause": m.clause, "mark": _mark(m.mark)}  # fmt: skip


def _state(state: State) -> dict[str, Any]:
    found = state.as_dict()
    for written, past in zip(found["past"], state.past, strict=True):
        written[6] = _value(past.value)
    for written, kept in zip(found["inputs"], state.inputs, strict=True):
        written[3] = _value(kept.value)
    return found


# reading


def from_dict(found: Any) -> Settlement:
    """A settlement from the plain values of `to_dict`. Raises `InputError` (AC122) where they are not one."""
    if not isinstance(found, dict) or "alliance_settlement" not in found:
        _refuse("it does not say that it is one")
    if found["alliance_settlement"] != FORMAT:
        _refuse(f"it is written in format {str(found['alliance_settlement'])[:20]}, and this version reads {FORMAT}")
    try:
        settlement = _read(found)
    except InputError as error:
        _refuse(error.faults[0].message.rstrip("."))
    except KeyError as error:
        _refuse(f"it has no {error}")
    except RecursionError:
        _refuse("it is nested too deep")
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        _refuse(str(error))
    if settlement.digest != _digest(settlement):
        _refuse("what it came to does not agree with its digest, so it was changed after it was written")
    return settlement


def _digest(s: Settlement) -> str:
    return result_digest(s.transfers, s.figures, s.measures, s.balances)


def _read(found: dict[str, Any]) -> Settlement:
    return Settlement(
        **{field: _text(found[field]) for field in _PLAIN},
        start=date.fromisoformat(found["start"]),
        end=date.fromisoformat(found["end"]),
        as_of=date.fromisoformat(found["as_of"]),
        places=_whole(found["places"]),
        parties={k: _text(v) for k, v in found["parties"].items()},
        accounts={k: _text(v) for k, v in found["accounts"].items()},
        payments=tuple(_read_payment(p, 0) for p in found["payments"]),
        transfers=tuple(
            Transfer(_text(t["payment"]), _text(t["kind"]), _text(t["payer"]), _text(t["payee"]),
                     from_exact_text(t["amount"]), _text(t["unit"]))
            for t in found["transfers"]
        ),
        measures=tuple(_read_measure(m) for m in found["measures"]),
        figures=tuple(
            FigureResult(_text(f["name"]), _text(f["title"]), _text(f["key"]), _read_value(f["value"]), _text(f["unit"]),
                         _text(f["clause"]), _read_mark(f["mark"]))
            for f in found["figures"]
        ),
        balances=tuple(
            Balance(_text(b["account"]), _text(b["title"]), _text(b["key"]), _text(b["unit"]),
                    *(from_exact_text(b[side]) for side in ("opening", "in", "out", "closing")))
            for b in found["balances"]
        ),
        closing=_read_state(found["closing"]),
        notes=tuple(_text(n) for n in found["notes"]),
    )  # fmt: skip


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{str(value)[:40]} is not text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{str(value)[:40]} is not true or false")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 10**15:
        raise TypeError(f"{str(value)[:40]} is not a whole number of things")
    return value


def _read_mark(found: Any) -> Mark | None:
    if found is None:
        return None
    file, line, column = found
    return Mark(_text(file), _whole(line), _whole(column))


def _read_value(found: Any) -> Value:
    if not isinstance(found, dict) or "unknown" not in found:
        return read_value(found)
    reasons = tuple(Reason(_text(what), _text(status), _read_mark(mark)) for what, status, mark in found["unknown"])
    if any(r.status not in STATUSES for r in reasons):
        raise ValueError("a status is not one")
    return Unknown(reasons, _flag(found["excluded"]))


def _read_line(x: Any) -> Line:
    facts = tuple((_text(label), _read_value(value), _text(unit)) for label, value, unit in x["facts"])
    return Line(_text(x["kind"]), _text(x["name"]), _read_value(x["before"]), _read_value(x["after"]), facts,
                _text(x["note"]), _text(x["clause"]), _read_mark(x["mark"]))  # fmt: skip


def _read_payment(p: Any, depth: int) -> PaymentResult:
    if depth > MOST_DEPTH:
        raise ValueError("it has parts within parts without end")
    waterfalls = tuple(
        Waterfall(_text(w["of"]), tuple(map(_read_line, w["lines"])), _read_value(w["amount"]), _whole(w["records"]))
        for w in p["waterfalls"]
    )
    on_account, net, unearned, before = (from_exact_text(p[k]) for k in ("on_account", "net", "unearned", "before"))
    return PaymentResult(
        _text(p["name"]), _text(p["title"]), _text(p["clause"]), _text(p["pays_for"]), _text(p["status"]),
        _flag(p["shadow"]), _text(p["period"]), _text(p["unit"]), waterfalls, tuple(map(_read_line, p["lines"])),
        tuple(Received(_text(r["payee"]), from_exact_text(r["amount"])) for r in p["received"]),
        _read_value(p["earned"]), on_account, net, unearned, before, tuple(map(_text, p["reasons"])),
        tuple(_read_payment(x, depth + 1) for x in p["parts"]), _read_mark(p["mark"]),
    )  # fmt: skip


def _read_measure(m: Any) -> MeasureResult:
    cases = None if m["cases"] is None else _whole(m["cases"])
    return MeasureResult(
        _text(m["name"]), _text(m["title"]), _text(m["key"]), _read_value(m["value"]), _text(m["unit"]), cases,
        _text(m["status"]), _read_value(m["score"]), _flag(m["has_score"]), _text(m["score_unit"]), _text(m["outcome"]),
        _text(m["clause"]), _read_mark(m["mark"]),
    )  # fmt: skip


def _read_state(found: Any) -> State:
    past = [[*p[:6], None, *p[7:]] for p in found["past"]]
    inputs = [[*k[:3], None, *k[4:]] for k in found["inputs"]]
    state = State.from_dict({**found, "past": past, "inputs": inputs})
    values = [_read_value(p[6]) for p in found["past"]]
    kept = [_read_value(k[3]) for k in found["inputs"]]
    return replace(
        state,
        past=tuple(replace(p, value=v) for p, v in zip(state.past, values, strict=True)),
        inputs=tuple(replace(k, value=v) for k, v in zip(state.inputs, kept, strict=True)),
    )


# notebooks


def notebook(s: Settlement) -> str:
    """A settlement as HTML for a notebook: its payments, transfers and balances, every text escaped."""
    from html import escape

    def row(cells: tuple[str, ...], tag: str = "td") -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    def table(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
        if not rows:
            return ""
        body = "".join(row(cells) for cells in rows)
        return f"<h4>{escape(title)}</h4><table><thead>{row(head, 'th')}</thead><tbody>{body}</tbody></table>"

    def name(party: str) -> str:
        account, _, key = party.partition("/")
        title = s.parties.get(party) or s.accounts.get(account, party)
        return f"{title} ({key})" if key else title

    def amount(value: Value, unit: str) -> str:
        return value_text(value, unit, s.places)

    payments = [
        (
            p.title,
            p.status + (", shadow" if p.shadow else ""),
            amount(p.earned, p.unit),
            amount(p.net, p.unit),
            "; ".join(p.reasons),
        )
        for p in s.payments
    ]
    moved = [
        (t.payment, t.kind, name(t.payer), name(t.payee), money_text(t.amount, s.places))
        for t in s.transfers
        if t.amount and t.unit == "money"
    ]
    held = [
        (
            f"{b.title} ({b.key})" if b.key else b.title,
            *(amount(v, b.unit) for v in (b.opening, b.money_in, b.money_out, b.closing)),
        )
        for b in s.balances
    ]
    return (
        f"<h3>{escape(s.title)}: {escape(s.period)}</h3><p>{escape(s.kind)}, {escape(s.currency)}, {s.name[:12]}</p>"
        + table("Payments", ("payment", "status", "earned", "due now", "not determined"), payments)
        + table("Transfers", ("payment", "kind", "from", "to", "amount"), moved)
        + table("Accounts", ("account", "opening", "in", "out", "closing"), held)
    )
