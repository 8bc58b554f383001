"""Values at run time: exact numbers, truths, dates, text, and the states of what is not known.

Missing is a state, never zero. A value that cannot be used is an `Unknown`: it says its status and what it was that
could not be known, and it spreads through arithmetic. `None` is an empty optional field of a record, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from alliance.contract.faults import Mark
from alliance.contract.numbers import Number

STATUSES = ("measured", "provisional", "not assessable", "not applicable", "suppressed", "missing")
UNUSABLE = STATUSES[2:]
WITHOUT_CASES = " without its cases"
"""What is said of a value that needs a number of cases, and whose cases were not brought."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not known: what, in which state, and where it was to come from."""

    what: str
    status: str
    mark: Mark | None = None

    def __str__(self) -> str:
        said = "is not known" if self.what.startswith("whether ") else phrase(self.status)
        return f"{self.what} {said}"


def phrase(status: str) -> str:
    """A status as the end of a sentence that starts with a name.

    What is provisional is not known in a final settlement only.

    >>> phrase("missing")
    'is missing'
    """
    return "is only provisional, and the settlement is final" if status == "provisional" else f"is {status}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known. `excluded` says that the contract leaves it out where there is a choice of sides."""

    reasons: tuple[Reason, ...]
    excluded: bool = False

    @property
    def status(self) -> str:
        """The status to report: that of its only reason, or `missing` where several differ."""
        statuses = {r.status for r in self.reasons}
        return statuses.pop() if len(statuses) == 1 else "missing"

    def __str__(self) -> str:
        return "; ".join(str(r) for r in self.reasons) or "not known"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")


Value: TypeAlias = Number | bool | date | str | Unknown | None


def unknown(what: str, status: str = "missing", mark: Mark | None = None, excluded: bool = False) -> Unknown:
    """An `Unknown` with one reason."""
    return Unknown((Reason(what, status, mark),), excluded)


def merge(values: Iterable[Any]) -> Unknown:
    """One `Unknown` with the reasons of all the unknown ones among the values, each once, in order.

    It is excluded where all of them are: what is worked out from excluded values alone is left out with them.
    """
    reasons: dict[Reason, None] = {}
    excluded = True
    for value in values:
        if type(value) is Unknown:
            reasons |= dict.fromkeys(value.reasons)
            excluded = excluded and value.excluded
    return Unknown(tuple(reasons), excluded and bool(reasons))


def known(value: Value) -> bool:
    """Whether a value is usable."""
    return type(value) is not Unknown and value is not None
