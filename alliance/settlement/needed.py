"""What the settlement of a period reads as of that period itself, and so must be brought with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period

_SUMMED = ("add", "mean", "last")


def read_over(built: Built, over: Period) -> frozenset[str]:
    """The inputs and measures that are read as of the period itself: by payments that settle over it, by what is paid
    on account of those that settle later, and by rules. What no payment reads is read in the contract's own periods.
    What adds up over shorter periods that payments settle over is brought with those."""
    payments = built.payments.values()
    now: list[Any] = [replace(p, on_account=None) for p in payments if p.settles == over.length]
    now += [p.on_account for p in payments if MONTHS[p.settles] > MONTHS[over.length]]
    read = _reached(built, [*now, built.rules])
    known = {*built.inputs, *built.measures}
    if over.length == built.settles or not built.payments:
        read |= known - _reached(built, payments)
    if any(MONTHS[p.settles] < MONTHS[over.length] for p in payments):
        read -= {i.name for i in built.inputs.values() if i.over_periods in _SUMMED}
    return frozenset(known & read)


def _reached(built: Built, entries: Iterable[Any]) -> set[str]:
    """Every name that stands in some entries, and in what those names stand for."""
    named = {**built.figures, **built.measures, **built.terms, **built.accounts, **built.decisions}
    found: set[str] = set()
    waiting = [name for entry in entries for name in words(entry)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += words(named[name]) if name in named else ()
    return found


def words(value: Any) -> Iterator[str]:
    """Every text that stands anywhere in an entry and its formulas, the names that they read among them."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from words(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from words(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from words(item)
