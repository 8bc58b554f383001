"""A settlement as JSON, read back without loss."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NoReturn

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.numbers import from_exact_text, to_exact_text
from alliance.contract.values import STATUSES, Reason, Unknown, Value
from alliance.measures.evidence import Bounds, Evidence
from alliance.settlement.identity import result_digest, state_digest
from alliance.settlement.opening import disagrees
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
from alliance.settlement.ruled import Notice, RuleResult
from alliance.settlement.state import State, read_value, write_value

FORMAT = 1
MOST_CHARACTERS = 200_000_000

# Valid in JSON as they are, but a terminal, or a reader of the text, is led astray by them.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


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
    except json.JSONDecodeError as error:
        _refuse(f"it is cut short or damaged at line {error.lineno}, column {error.colno}")
    except UnicodeDecodeError:
        _refuse("it is not UTF-8 text")
    except _Inexact as error:
        _refuse(str(error))
    except ValueError:
        _refuse("a number in it is too long")


class _Inexact(ValueError):
    """What a saved settlement does not have in it; the message says what."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Inexact("a key is written twice")
    return found


def _no_float(text: str) -> NoReturn:
    raise _Inexact(f"{text[:40]} is not written as an exact number")


def _refuse(why: str) -> NoReturn:
    hint = "Give what alliance settle --save wrote."
    raise InputError(Fault("AC122", f"this is not a saved settlement: {why}.", None, hint)) from None


# how each kind of value is written and read back


@dataclass(frozen=True, slots=True)
class Codec:
    """How one kind of value is written as plain JSON, and read back. Reading raises `ValueError` or `TypeError`."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise _Inexact(f"{str(found)[:40]} is not text")
    return found


def _flag(found: Any) -> bool:
    if not isinstance(found, bool):
        raise _Inexact(f"{str(found)[:40]} is not true or false")
    return found


def _whole(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 10**15:
        raise _Inexact(f"{str(found)[:40]} is not a whole number of things")
    return found


def _read_mark(found: Any) -> Mark | None:
    if found is None:
        return None
    file, line, column = found
    return Mark(_text(file), _whole(line), _whole(column))


def _write_value(value: Value) -> Any:
    """A value as `write_value` writes it; what is not known keeps the places that it was to come from."""
    written = write_value(value)
    if isinstance(value, Unknown):
        written["unknown"] = [[r.what, r.status, MARK.write(r.mark)] for r in value.reasons]
    return written


def _read_value(found: Any) -> Value:
    if not isinstance(found, dict) or "unknown" not in found:
        return read_value(found)
    reasons = tuple(Reason(_text(what), _text(status), _read_mark(mark)) for what, status, mark in found["unknown"])
    if any(r.status not in STATUSES for r in reasons):
        raise _Inexact("a status in it is not one")
    return Unknown(reasons, _flag(found["excluded"]))


def _write_state(state: State) -> Any:
    found = state.as_dict()
    for written, past in zip(found["past"], state.past, strict=True):
        written[6] = _write_value(past.value)
    for written, kept in zip(found["inputs"], state.inputs, strict=True):
        written[3] = _write_value(kept.value)
    return found


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


def _list(codec: Codec) -> Codec:
    return Codec(lambda items: [codec.write(i) for i in items], lambda found: tuple(codec.read(i) for i in found))


def _maybe(codec: Codec) -> Codec:
    """What may be left out."""
    return Codec(
        lambda value: None if value is None else codec.write(value),
        lambda found: None if found is None else codec.read(found),
    )


def _each(*codecs: Codec) -> Codec:
    def write(values: Any) -> Any:
        return [c.write(v) for c, v in zip(codecs, values, strict=True)]

    return Codec(write, lambda found: tuple(c.read(v) for c, v in zip(codecs, found, strict=True)))


def _object(kind: type, shape: Mapping[str, Codec], later: Collection[str] = ()) -> Codec:
    """A dataclass, field by field. What came `later` than the first files that were written may be left out of one."""

    def write(value: Any) -> Any:
        return {name: codec.write(getattr(value, name)) for name, codec in shape.items()}

    def read(found: Any) -> Any:
        told = ((name, codec) for name, codec in shape.items() if name in found or name not in later)
        return kind(**{name: codec.read(found[name]) for name, codec in told})

    return Codec(write, read)


TEXT, FLAG, WHOLE = Codec(_same, _text), Codec(_same, _flag), Codec(_same, _whole)
NUMBER = Codec(to_exact_text, from_exact_text)
DAY = Codec(date.isoformat, date.fromisoformat)
VALUE = Codec(_write_value, _read_value)
MARK = Codec(lambda m: None if m is None else [m.file, m.line, m.column], _read_mark)
NAMES = Codec(dict, lambda found: {_text(k): _text(v) for k, v in found.items()})
CASES = Codec(_same, lambda found: None if found is None else _whole(found))
STATE = Codec(_write_state, _read_state)

LINE = {
    "kind": TEXT, "name": TEXT, "before": VALUE, "after": VALUE, "facts": _list(_each(TEXT, VALUE, TEXT)), "note": TEXT,
    "clause": TEXT, "mark": MARK, "bound": TEXT,
}  # fmt: skip
LINES = _list(_object(Line, LINE))
WATERFALL = {"of": TEXT, "lines": LINES, "amount": VALUE, "records": WHOLE}
RECEIVED = {"payee": TEXT, "amount": NUMBER}
PAYMENT: dict[str, Codec] = {
    "name": TEXT, "title": TEXT, "clause": TEXT, "pays_for": TEXT, "status": TEXT, "shadow": FLAG, "period": TEXT,
    "unit": TEXT, "waterfalls": _list(_object(Waterfall, WATERFALL)), "lines": LINES,
    "received": _list(_object(Received, RECEIVED)), "earned": VALUE, "on_account": NUMBER, "net": NUMBER,
    "unearned": NUMBER, "before": NUMBER, "reasons": _list(TEXT), "mark": MARK,
    "withheld": NUMBER, "tried": NUMBER,
}  # fmt: skip
PAYMENTS = _list(_object(PaymentResult, PAYMENT, ("withheld", "tried")))
PAYMENT["parts"] = PAYMENTS  # of the same shape, all the way down
TRANSFER = {"payment": TEXT, "kind": TEXT, "payer": TEXT, "payee": TEXT, "amount": NUMBER, "unit": TEXT}
EVIDENCE = {
    "kind": TEXT, "of": TEXT, "start": DAY, "end": DAY, "extracted": _maybe(DAY), "cases": WHOLE, "hits": WHOLE,
    "excluded": WHOLE, "immature": WHOLE, "missing": WHOLE, "dropped": WHOLE, "parts": _list(_each(TEXT, VALUE)),
    "fingerprint": TEXT, "validated_by": TEXT, "provisional": FLAG, "unplaced": WHOLE,
}  # fmt: skip
BOUNDS = {
    "level": NUMBER, "lower": NUMBER, "upper": NUMBER, "method": TEXT, "against": _maybe(NUMBER), "stands": TEXT,
    "needed": CASES,
}  # fmt: skip
MEASURE = {
    "name": TEXT, "title": TEXT, "key": TEXT, "value": VALUE, "unit": TEXT, "cases": CASES, "status": TEXT,
    "score": VALUE, "has_score": FLAG, "score_unit": TEXT, "outcome": TEXT, "clause": TEXT, "mark": MARK,
    "evidence": _maybe(_object(Evidence, EVIDENCE, ("unplaced",))), "bounds": _maybe(_object(Bounds, BOUNDS)),
    "scored": VALUE,
}  # fmt: skip
FIGURE = {"name": TEXT, "title": TEXT, "key": TEXT, "value": VALUE, "unit": TEXT, "clause": TEXT, "mark": MARK}
BALANCE = {
    "account": TEXT, "title": TEXT, "key": TEXT, "unit": TEXT, "opening": NUMBER, "money_in": NUMBER,
    "money_out": NUMBER, "closing": NUMBER,
}  # fmt: skip
RULE = {
    "name": TEXT, "title": TEXT, "clause": TEXT, "pack": TEXT, "status": TEXT, "held_for": _list(TEXT),
    "follows": _list(TEXT), "why": TEXT, "mark": MARK, "period": TEXT,
}  # fmt: skip
NOTICE = {"rule": TEXT, "to": TEXT, "text": TEXT, "clause": TEXT, "facts": _list(TEXT), "mark": MARK}
SETTLEMENT = {
    "name": TEXT, "digest": TEXT, "contract": TEXT, "title": TEXT, "contract_digest": TEXT, "period": TEXT,
    "start": DAY, "end": DAY, "kind": TEXT, "as_of": DAY, "currency": TEXT, "places": WHOLE, "parties": NAMES,
    "accounts": NAMES, "payments": PAYMENTS, "transfers": _list(_object(Transfer, TRANSFER)),
    "measures": _list(_object(MeasureResult, MEASURE)), "figures": _list(_object(FigureResult, FIGURE)),
    "balances": _list(_object(Balance, BALANCE)), "notes": _list(TEXT), "engine": TEXT, "closing": STATE,
    "rules": _list(_object(RuleResult, RULE)), "notices": _list(_object(Notice, NOTICE)),
}  # fmt: skip
WHOLE_SETTLEMENT = _object(Settlement, SETTLEMENT, ("rules", "notices"))


def to_dict(s: Settlement) -> dict[str, Any]:
    """A settlement as plain JSON values."""
    return {"alliance_settlement": FORMAT, **WHOLE_SETTLEMENT.write(s), "closing_digest": state_digest(s.closing)}


def from_dict(found: Any) -> Settlement:
    """A settlement from the plain values of `to_dict`. Raises `InputError` (AC122) where they are not one."""
    if not isinstance(found, dict) or "alliance_settlement" not in found:
        _refuse("it does not say that it is one")
    if found["alliance_settlement"] != FORMAT:
        _refuse(f"it is written in format {str(found['alliance_settlement'])[:20]}, and this version reads {FORMAT}")
    settlement: Settlement = _read(WHOLE_SETTLEMENT, found)
    if settlement.digest != result_digest(
        settlement.transfers, settlement.figures, settlement.measures, settlement.balances
    ):
        _refuse("what it came to does not agree with its digest, so it was changed after it was written")
    if "closing_digest" in found and found["closing_digest"] != state_digest(settlement.closing):
        _refuse("its closing state does not agree with its digest, so it was changed after it was written")
    why = disagrees(settlement)
    if why:
        _refuse(f"{why}, so it was changed after it was written")
    return settlement


def measures_to_list(s: Settlement) -> list[dict[str, Any]]:
    """The measures of a settlement as plain JSON values."""
    return [_object(MeasureResult, MEASURE).write(m) for m in s.measures]


def state_to_dict(state: State) -> dict[str, Any]:
    """A closing state as plain JSON values."""
    found: dict[str, Any] = STATE.write(state)
    return found


def state_from_dict(found: Any) -> State:
    """A closing state from the plain values of `state_to_dict`. Raises `InputError` (AC122) where they are not one."""
    state: State = _read(STATE, found)
    return state


def _read(codec: Codec, found: Any) -> Any:
    try:
        return codec.read(found)
    except InputError:
        _refuse("its closing state cannot be read")
    except KeyError as error:
        _refuse(f"something in it has no {error}")
    except RecursionError:
        _refuse("it is nested too deep")
    except _Inexact as error:
        _refuse(str(error))
    except (TypeError, ValueError, AttributeError):
        _refuse("something in it is not of the form that it was written in")
