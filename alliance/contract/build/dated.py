"""Reading terms on a day: what uplifts and derived terms are worked out in, and what settlement reads."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date

from alliance.contract import entries as e
from alliance.contract.formula import tree as t
from alliance.contract.numbers import Number
from alliance.contract.values import Value, unknown

Timeline = tuple[tuple[date, Number | None], ...]


def in_force(steps: Timeline, day: date) -> Number | None:
    """The figure in force on a day, None before the first and in a gap."""
    at = bisect_right(steps, day, key=lambda step: step[0])
    return steps[at - 1][1] if at else None


def term_on(terms: Mapping[str, e.Term], name: str, key: str, day: date) -> Value:
    """The value of a term on a day, for a party or category where it has one for each."""
    term = terms[name]
    value = in_force(term.timeline.get(key, ()), day)
    if value is None:
        of = f" for {key}" if key else ""
        return unknown(f"{name}{of} on {day}", "missing", term.mark)
    return value


class DatedEnv:
    """Answers terms as they stand on a day, which is all that the formula of a term may ask."""

    __slots__ = ("bound", "day", "terms")

    def __init__(self, terms: Mapping[str, e.Term], day: date, bound: Mapping[str, str] | None = None) -> None:
        self.terms, self.day, self.bound = terms, day, bound or {}

    def read(self, ref: t.Ref) -> Value:
        return term_on(self.terms, ref.name, self.bound.get(ref.by, ""), self.day)

    def read_by(self, ref: t.Ref, key: str) -> Value:
        return term_on(self.terms, ref.name, key, self.day)

    def read_on(self, ref: t.Ref, key: str | None, day: date) -> Value:
        return term_on(self.terms, ref.name, key or self.bound.get(ref.by, ""), day)
