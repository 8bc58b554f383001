"""Units: what kind of quantity a value is. Units are part of a formula's type and are checked before any data is read.

A percentage and a plain number (a count) are told apart, so that `rate <= 12.2` is caught where `12.2%` was meant. The
quotient of two quantities of one unit is a ratio, which goes with either. Money may be money for each of something (a
year, a point, a place): times a count of that thing it is money again. A term that is money a
year, read in a formula, is the money of the settlement's period, so formulas see it as money.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace


class UnitError(ValueError):
    """Two units that do not go together; the message says which and why, the hint what to do where one thing is."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its kind, for money what it is paid for each of, for a category its options.

    Kinds: money, percent, count, ratio, days, months, date, boolean, category, text, and zero (the plain 0, which is of
    any unit). `name` is the category's; of a sum of money in a formula that is not yet checked, its currency.
    """

    kind: str
    per: str = ""
    options: tuple[str, ...] = ()
    name: str = ""
    known: frozenset[str] = field(init=False, repr=False, compare=False)  # the options, which may be very many

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", frozenset(self.options))

    @property
    def numeric(self) -> bool:
        return self.kind in ("money", "percent", "count", "ratio", "days", "zero")

    def __str__(self) -> str:
        if self.kind == "money":
            return f"money {with_article(self.per)}" if self.per else "money"
        if self.kind == "category":
            return self.name or "category"
        return {"zero": "0", "boolean": "true or false"}.get(self.kind, self.kind)

    def spoken(self) -> str:
        """The unit with its article, for a sentence: "a percentage", "money", "a date"."""
        if self.kind == "money":
            return str(self)
        if self.kind == "category":
            return with_article(self.name) if self.name else f"one of {', '.join(self.options[:6])}"
        return _SPOKEN[self.kind]


def with_article(word: str) -> str:
    """A word with "a" or "an" before it, as it is said.

    >>> with_article("option"), with_article("hour"), with_article("user")
    ('an option', 'an hour', 'a user')
    """
    return f"an {word}" if _VOWEL.match(word) else f"a {word}"


_VOWEL = re.compile(r"hour|hono|(?!u[bcns][aeiou]|eu|one|once)[aeiou]")
_SPOKEN = {
    "percent": "a percentage",
    "count": "a plain number",
    "ratio": "a ratio",
    "days": "a length of time",
    "months": "a number of months",
    "date": "a date",
    "boolean": "true or false",
    "text": "text",
    "zero": "0",
}


MONEY = Unit("money")
PERCENT = Unit("percent")
COUNT = Unit("count")
RATIO = Unit("ratio")
DAYS = Unit("days")
MONTHS = Unit("months")
DATE = Unit("date")
BOOLEAN = Unit("boolean")
TEXT = Unit("text")
ZERO = Unit("zero")

_TIMES = "Count the time in its unit first, as a number: (time / 1 hour) or (time / 1 day)."
_SIMPLE = {
    "percent": PERCENT,
    "count": COUNT,
    "number": COUNT,
    "ratio": RATIO,
    "days": DAYS,
    "hours": DAYS,
    "date": DATE,
    "boolean": BOOLEAN,
    "text": TEXT,
    "id": TEXT,
}
_MONEY = re.compile(r"(?P<currency>[A-Z]{3})(?: an? (?P<per>[a-z][a-z_]*))?\Z")


def parse_unit(text: str, currency: str | None) -> Unit:
    """Read a unit as a contract writes it: `GBP`, `GBP a year`, `GBP a place`, `percent`, `count`, `days`, `date`...

    Raises `UnitError` with a plain message for anything else, or for a currency other than the contract's.

    >>> str(parse_unit("GBP a place", "GBP"))
    'money a place'
    """
    if text in _SIMPLE:
        return _SIMPLE[text]
    found = _MONEY.match(text)
    if not found:
        raise UnitError(f'"{text[:60]}" is not a unit.')
    if currency and found["currency"] != currency:
        raise UnitError(f"the contract's currency is {currency}, not {found['currency']}.")
    return Unit("money", found["per"] or "")


def same(a: Unit, b: Unit) -> bool:
    """Whether two units may be compared, added or chosen between."""
    if a.kind == "zero":
        return b.numeric
    if b.kind == "zero":
        return a.numeric
    if a.kind == "category" and b.kind == "category":
        return not a.options or not b.options or bool(set(a.options) & set(b.options))
    if {a.kind, b.kind} == {"category", "text"}:
        return True
    if "ratio" in (a.kind, b.kind):
        return {a.kind, b.kind} <= {"ratio", "percent", "count"}
    return a.kind == b.kind and a.per == b.per


def _quantity(unit: Unit) -> str:
    """What to do where a quantity is wanted."""
    if unit.kind == "date":
        return "Take one date from another, or add days to one."
    return "Choose by it: 1 if test else 0." if unit.kind == "boolean" else "Write a quantity here."


def join(a: Unit, b: Unit, doing: str) -> Unit:
    """The unit of a choice or a sum of two values of one unit. `doing` completes the message: "added to"."""
    if not same(a, b):
        raise UnitError(f"{a.spoken()} cannot be {doing} {b.spoken()}.", _for_each(a, b))
    if a.kind in ("zero", "ratio"):
        return b if b.kind != "zero" else a
    if a.kind == "text":
        return b
    if a.kind == "category" and b.kind == "category" and a.options != b.options:
        return replace(a, options=tuple(dict.fromkeys(a.options + b.options)), name=a.name if a.name == b.name else "")
    return a


def _for_each(a: Unit, b: Unit) -> str:
    """What to do where money for each of something stands beside money."""
    each = next((x for x in (a, b) if x.kind == "money" and x.per not in ("", "year")), None)
    if each is None or not (a.kind == b.kind == "money"):
        return ""
    return (
        f"Multiply the {each.spoken()} by how many there are: by 1 for each of several, as in sum(1 * price for items)."
    )


def add(a: Unit, b: Unit, minus: bool) -> Unit:
    """The unit of a sum or difference."""
    if a.kind == "date" and b.kind in ("days", "months"):
        return DATE
    if b.kind == "date" and a.kind in ("days", "months") and not minus:
        return DATE
    if a.kind == "date" and b.kind == "date" and minus:
        return DAYS
    for unit in (a, b):
        if not unit.numeric and unit.kind != "months":
            raise UnitError(f"{unit.spoken()} cannot be added or subtracted.", _quantity(unit))
    return join(b, a, "taken from") if minus else join(a, b, "added to")


def multiply(a: Unit, b: Unit) -> Unit:
    """The unit of a product."""
    for unit in (a, b):
        if not unit.numeric:
            raise UnitError(f"{unit.spoken()} cannot be multiplied.", _quantity(unit))
    for x, y in ((a, b), (b, a)):
        if x.kind == "money":
            if y.kind == "money":
                raise UnitError("money cannot be multiplied by money.", "Take a ratio of two sums first: a * (b / c).")
            if y.kind in ("percent", "ratio", "zero"):
                return x
            if y.kind == "days":
                if x.per == "day":
                    return MONEY
                raise UnitError(f"{x.spoken()} cannot be multiplied by a length of time.", _TIMES)
            return replace(x, per="") if x.per != "year" else x
    for x, y in ((a, b), (b, a)):
        if x.kind == "days":
            if y.kind == "days":
                raise UnitError("a length of time cannot be multiplied by a length of time.", _TIMES)
            return DAYS
    if a.kind == "count" or b.kind == "count":
        return COUNT
    if "percent" in (a.kind, b.kind):
        return PERCENT
    return RATIO if "ratio" in (a.kind, b.kind) else ZERO


def divide(a: Unit, b: Unit) -> Unit:
    """The unit of a quotient. Two quantities of one unit give a ratio."""
    for unit in (a, b):
        if not unit.numeric:
            raise UnitError(f"{unit.spoken()} cannot be divided.", _quantity(unit))
    if b.kind == "zero":
        raise UnitError("nothing can be divided by 0.", "Divide by something else.")
    if a.kind == "zero":
        return RATIO
    if a.kind == "money" and b.kind == "money":
        if a.per == b.per:
            return RATIO
        if not a.per:
            return COUNT
        raise UnitError(f"{a.spoken()} cannot be divided by {b.spoken()}.", "Say both for each of one thing.")
    if a.kind == b.kind:
        return RATIO
    if b.kind in ("percent", "count", "ratio"):
        return a
    hint = _TIMES if "days" in (a.kind, b.kind) else "Divide money by money, or by a number."
    raise UnitError(f"{a.spoken()} cannot be divided by {b.spoken()}.", hint)
