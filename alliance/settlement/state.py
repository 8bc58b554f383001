"""State between settlements: balances and history. The closing state of one settlement is the opening of the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from alliance.contract.calendar import LENGTHS
from alliance.contract.faults import Fault, InputError
from alliance.contract.numbers import Number, from_exact_text, to_exact_text
from alliance.contract.values import STATUSES, Reason, Unknown, Value
from alliance.settlement.owing import is_note

LASTING = ("", "value", "score", "earned")
"""What `last` reads: of inputs and figures, of measures, and of payments."""


@dataclass(frozen=True, slots=True)
class Past:
    """A value that an earlier settlement came to: a figure, a measure (attribute `value` or `score`), or a payment's
    `earned`. `length` is that of its period."""

    period: str
    start: date
    length: str
    name: str
    attribute: str
    key: str
    value: Value
    final: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """Money (or units) that an earlier settlement moved."""

    period: str
    start: date
    end: date
    payment: str
    kind: str
    payer: str
    payee: str
    amount: Number

    @property
    def noted(self) -> bool:
        """Whether it is a note of what is owed of an advance, with which no money moves."""
        return is_note(self.kind, self.payer, self.payee)


@dataclass(frozen=True, slots=True)
class Kept:
    """An input as an earlier settlement had it, so that a true-up can work its period out again."""

    period: str
    name: str
    key: str
    value: Value
    status: str
    cases: int | None
    received: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a rule requires of a party by a day. `raised` is the day from which it is counted, and before
    which nothing meets it, `then` the place of what requires it among the consequences of the rule, `about` whom or
    what it is about."""

    id: str
    rule: str
    then: int
    what: str
    of: str
    period: str
    raised: date
    due: date
    clause: str = ""
    met: date | None = None
    waived: date | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Money that a rule holds back: earned in a period and not paid until it is let go. `let_go` is the period in which
    it was, empty while it is held; `lapses` the day on which it goes back. `facts` are the fields of what the rule held
    for, as they stood then, and `bound` the party or category in hand. `stands` says that its rule does not hold for it
    any more, and that it is kept because it was released since: so it is, whatever the rule says later."""

    key: str
    rule: str
    then: int
    payment: str
    period: str
    start: date
    length: str
    payer: str
    payee: str
    amount: Number
    lapses: date | None = None
    let_go: str = ""
    how: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)
    stands: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Balances by account and key, and the history that formulas, true-ups and limits read."""

    balances: Mapping[str, Mapping[str, Number]] = field(default_factory=dict)
    past: tuple[Past, ...] = ()
    moved: tuple[Moved, ...] = ()
    inputs: tuple[Kept, ...] = ()
    duties: tuple[Duty, ...] = ()
    held: tuple[HeldBack, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The state as plain JSON values; `from_dict` reads it back without loss."""
        return {
            "balances": {a: {k: to_exact_text(v) for k, v in keys.items()} for a, keys in self.balances.items()},
            "past": [
                [p.period, p.start.isoformat(), p.length, p.name, p.attribute, p.key, write_value(p.value), p.final]
                for p in self.past
            ],
            "moved": [
                [
                    m.period,
                    m.start.isoformat(),
                    m.end.isoformat(),
                    m.payment,
                    m.kind,
                    m.payer,
                    m.payee,
                    to_exact_text(m.amount),
                ]
                for m in self.moved
            ],
            "inputs": [
                [k.period, k.name, k.key, write_value(k.value), k.status, k.cases, _day(k.received)]
                for k in self.inputs
            ],
            "duties": [
                [
                    d.id,
                    d.rule,
                    d.then,
                    d.what,
                    d.of,
                    d.period,
                    _day(d.raised),
                    _day(d.due),
                    d.clause,
                    _day(d.met),
                    _day(d.waived),
                    d.about,
                ]
                for d in self.duties
            ],
            "held": [
                [
                    h.key,
                    h.rule,
                    h.then,
                    h.payment,
                    h.period,
                    _day(h.start),
                    h.length,
                    h.payer,
                    h.payee,
                    to_exact_text(h.amount),
                    _day(h.lapses),
                    h.let_go,
                    h.how,
                    {n: write_value(v) for n, v in sorted(h.facts.items())},
                    dict(sorted(h.bound.items())),
                    *([True] if h.stands else ()),
                ]
                for h in self.held
            ],
        }

    @classmethod
    def from_dict(cls, found: Any) -> State:
        """Read a state back. Raises `InputError` where it is not one."""
        try:
            return cls(
                {
                    str(a): {str(k): from_exact_text(v) for k, v in keys.items()}
                    for a, keys in found["balances"].items()
                },
                tuple(
                    Past(_s(p), date.fromisoformat(d), _in(n, LENGTHS), _s(m), _s(a), _s(k), read_value(v), f is True)
                    for p, d, n, m, a, k, v, f in found["past"]
                ),
                tuple(
                    Moved(
                        _s(p),
                        date.fromisoformat(s),
                        date.fromisoformat(e),
                        _s(n),
                        _s(k),
                        _s(a),
                        _s(b),
                        from_exact_text(x),
                    )
                    for p, s, e, n, k, a, b, x in found["moved"]
                ),
                tuple(
                    Kept(_s(p), _s(n), _s(k), read_value(v), _in(s, STATUSES), _cases(c), _read_day(*r))
                    for p, n, k, v, s, c, *r in found["inputs"]
                ),
                tuple(
                    Duty(
                        _s(i),
                        _s(r),
                        int(n),
                        _s(w),
                        _s(o),
                        _s(p),
                        date.fromisoformat(a),
                        date.fromisoformat(d),
                        _s(c),
                        _read_day(m),
                        _read_day(x),
                        *(_s(text) for text in about),
                    )
                    for i, r, n, w, o, p, a, d, c, m, x, *about in found.get("duties", ())
                ),
                tuple(
                    HeldBack(
                        _s(k),
                        _s(r),
                        int(n),
                        _s(y),
                        _s(p),
                        date.fromisoformat(s),
                        _in(g, LENGTHS),
                        _s(a),
                        _s(b),
                        from_exact_text(x),
                        _read_day(d),
                        _s(t),
                        _s(h),
                        *_read_facts(*more),
                    )
                    for k, r, n, y, p, s, g, a, b, x, d, t, h, *more in found.get("held", ())
                ),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            message = "the opening state cannot be read: a part of it is not what was written there."
            raise InputError(Fault("AC120", message, None, "Give the closing state of a settlement.")) from None


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read_day(text: Any = None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _read_facts(
    facts: Mapping[str, Any] = MappingProxyType({}),
    bound: Mapping[str, Any] = MappingProxyType({}),
    stands: object = False,
) -> tuple[Mapping[str, Value], Mapping[str, str], bool]:
    return {_s(n): read_value(v) for n, v in facts.items()}, {_s(n): _s(v) for n, v in bound.items()}, stands is True


def _s(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _in(value: Any, known: Collection[str]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is not one of {known}")
    return _s(value)


def _cases(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise TypeError(f"{value!r} is not a number of cases")
    return value


def name_of(value: Value) -> str:
    """A value as the name of something: a text as it is, a date or number as it is written; nothing where it is not
    known."""
    if value is None or isinstance(value, (bool, Unknown)):
        return ""
    return value if isinstance(value, str) else value.isoformat() if isinstance(value, date) else to_exact_text(value)


def write_value(value: Value) -> Any:
    """A value as JSON: exact numbers as text under `n`, dates under `d`, unknowns under their status."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Unknown):
        return {"unknown": sorted([r.what, r.status] for r in value.reasons), "excluded": value.excluded}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, str):
        return {"t": value}
    return {"n": to_exact_text(value)}


def read_value(found: Any) -> Value:
    """Read back what `write_value` wrote."""
    if found is None or isinstance(found, bool):
        return found
    if "n" in found:
        return from_exact_text(found["n"])
    if "d" in found:
        return date.fromisoformat(found["d"])
    if "t" in found:
        return _s(found["t"])
    return Unknown(tuple(Reason(_s(w), _s(s)) for w, s in found["unknown"]), bool(found["excluded"]))
