"""Columns as an engine has them, as typed columns that formulas read; and which records are faulty.

Plain spellings are read in the engine. A text that is not plain is looked at by the same reader as in files (`read`,
once for each different text), which either knows what it means or says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.numbers import FIRST_YEAR, LAST_YEAR
from alliance.contract.values import Value
from alliance.measures.columns import Column, Day, Quantity, Truth, Word, days
from alliance.measures.digits import PLACES, before, held, most, scale

Read = Callable[[str | None, e.Field, e.Reading], Value]
MOST_UNUSUAL = 2_000  # different texts of a field that are not spelled plainly
TEXTS, WHOLE, DECIMAL, DATE, BOOLEAN = "text", "whole", "decimal", "date", "boolean"
OTHER, REFUSED = "other", "refused"  # what has a text to be read, and what has none, such as lists
_TRUE, _FALSE = ("yes", "true", "y", "1"), ("no", "false", "n", "0")
# Days that there are, so that an engine never casts one that there is not. Others are told by Python.
_YEAR, _LEAP = "(?:19|2[01])[0-9]{2}", "(?:(?:19|2[01])(?:0[48]|[2468][048]|[13579][26])|2000)"
DAYS = (
    f"^(?:{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|{_YEAR}-(?:0[13-9]|1[0-2])-(?:29|30)"
    f"|{_YEAR}-(?:0[13578]|1[02])-31|{_LEAP}-02-29)$"
)


@dataclass(frozen=True, slots=True)
class Raw:
    """A column of a source: its name, what it holds (text, whole, decimal, date, boolean), its decimal places, and the
    source's own word for its type."""

    name: str
    holds: str
    places: int = 0
    kind: str = ""
    digits: int = 38

    @property
    def dtype(self) -> str:
        """Its type as Ibis has it."""
        plain = {TEXTS: "string", WHOLE: "int64", DATE: "date", BOOLEAN: "boolean", OTHER: "float64"}
        return plain.get(self.holds, f"decimal({self.digits}, {self.places})")


@dataclass(frozen=True, slots=True)
class Typed:
    """A field as a typed column, and where it is faulty: empty where it must not be, or not what it should be. `rough`
    is where a text is not what it means, but for spaces or a word for nothing; None where that cannot be."""

    column: Column
    suspect: Any
    rough: Any = None


Words = Mapping[str, Mapping[str, Value]]
"""For each field the texts that are not spelled plainly, with what they mean."""


def typed(table: Any, raw: Raw | None, field: e.Field, item: e.Input, words: Mapping[str, Value]) -> Typed:
    """A field of an unbound table as a typed column."""
    import ibis

    if raw is None:
        return Typed(_nothing(field), ibis.literal(not field.optional))
    source = table[raw.name]
    if raw.holds in (DATE, BOOLEAN, WHOLE, DECIMAL) and not item.reading.words:
        direct = _direct(source, raw, field)
        if direct is not None:
            return direct
    text = source if raw.holds == TEXTS else source.cast("string")
    if raw.holds == OTHER:  # a time stamp at midnight is its day
        text = text.re_replace(" 00:00:00$", "")
    return _of_text(text, field, item, words)


def _nothing(field: e.Field) -> Column:
    import ibis

    kind = field.unit.kind
    if kind == "date":
        return Day(ibis.null("int64"))
    if kind == "boolean":
        return Truth(ibis.null("boolean"))
    if kind in PLACES:
        return Quantity(ibis.null("int64"), scale(field), most(field))
    return Word(ibis.null("string"))


def _direct(source: Any, raw: Raw, field: e.Field) -> Typed | None:
    """A column whose own type is that of the field."""
    import ibis

    kind = field.unit.kind
    empty = source.isnull() & (not field.optional)
    if raw.holds == DATE and kind == "date":
        outside = ((source < date(FIRST_YEAR, 1, 1)) | (source > date(LAST_YEAR, 12, 31))).fill_null(False)
        inside = outside.ifelse(ibis.null("date"), source)  # an infinite date is no number of days
        return Typed(Day(inside.epoch_days().cast("int64"), source), empty | outside)
    if raw.holds == BOOLEAN and kind == "boolean":
        return Typed(Truth(source), empty)
    if raw.holds == WHOLE and kind in PLACES and kind != "percent":
        over = 24 if field.hours else 1
        limit = 10 ** before(field)
        wrong = _outside(source, -limit, limit)
        if field.top:
            wrong = _outside(source, 1, field.top)
        return Typed(Quantity(source.cast("int64"), over, limit), empty | wrong)
    if raw.holds == DECIMAL and kind in ("money", "count", "days", "ratio") and raw.places <= PLACES[kind]:
        return _decimal(source, raw, field, empty) if not field.top else None
    return None


def _decimal(source: Any, raw: Raw, field: e.Field, empty: Any) -> Typed:
    """A column of decimals, of which those that are too large are faulty."""
    import ibis

    digits = before(field)
    limit = 10**digits
    wrong: Any = ibis.literal(False)
    fits = source
    if raw.digits - raw.places > digits:
        wrong = _outside(source, -limit, limit)
        fits = wrong.ifelse(ibis.null(raw.dtype), source)
    over = 10**raw.places * (24 if field.hours else 1)
    native = (source, raw.digits, raw.places)
    whole = _parts(fits, raw.places, min(digits, raw.digits - raw.places))
    return Typed(Quantity(whole, over, limit * 10**raw.places, native), empty | wrong)


def _parts(number: Any, places: int, digits: int) -> Any:
    """A decimal in whole parts of its last place. It fits: the product has few digits and no fraction."""
    import ibis

    wide = number.cast(f"decimal({digits + 1 + places}, {places})")
    return (wide * ibis.literal(10**places, type=f"decimal({places + 1}, 0)")).cast("int64")


def _outside(found: Any, low: int, high: int) -> Any:
    return ((found < low) | (found > high)).fill_null(False)


def _of_text(source: Any, field: e.Field, item: e.Input, words: Mapping[str, Value]) -> Typed:
    """A column of texts, by plain spellings and by what is known of others. A text that the contract gives a meaning is
    never plain."""
    import ibis

    text = ibis.coalesce(source.strip(), ibis.literal(""))
    special = item.reading.words
    blank = text.isin([word for word in ("", "missing") if word not in special])
    plain = ~text.isin(list(special)) if special else ibis.literal(True)
    found, good = _plain(text, field, plain & ~blank)
    if words:
        found = ibis.cases(*((text == word, _literal(field, value)) for word, value in words.items()), else_=found)
        good = good | text.isin(list(words))
    suspect = ibis.ifelse(blank, ibis.literal(not field.optional), ~good.fill_null(False))
    column = _column(field, ibis.ifelse(blank, _typed_null(field), found))
    words_only = isinstance(column, Word) and not words and not special
    rough = (
        ((source != text) | (blank & source.notnull())).fill_null(False)
        if words_only
        else ibis.literal(isinstance(column, Word))
    )
    return Typed(column, suspect, rough)


def _typed_null(field: e.Field) -> Any:
    return _nothing(field).expr


def _column(field: e.Field, expr: Any) -> Column:
    kind = field.unit.kind
    if kind == "date":
        return Day(expr)
    if kind == "boolean":
        return Truth(expr)
    return Quantity(expr, scale(field), most(field)) if kind in PLACES else Word(expr)


def _plain(text: Any, field: e.Field, plain: Any) -> tuple[Any, Any]:
    """What a plainly spelled text means, and where it is one."""
    import ibis

    kind = field.unit.kind
    nothing = ibis.null("string")
    if kind == "date":
        good = plain & text.re_search(DAYS)
        return good.ifelse(text, nothing).cast("date").epoch_days().cast("int64"), good
    if kind == "boolean":
        word = text.lower()
        found = ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
        return found, plain & found.notnull()
    if kind == "category":
        return text, plain & text.isin(list(field.unit.options))
    if kind not in PLACES:
        return text, plain
    places, digits = PLACES[kind], before(field)
    shape = rf"^[+-]?[0-9]{{1,{digits}}}(\.[0-9]{{1,{places}}})?$"
    if kind == "percent":
        # with its sign, or as a share of one
        signed = plain & text.re_search(rf"^[+-]?[0-9]{{1,4}}(\.[0-9]{{1,{places - 2}}})?%$")
        share = plain & text.re_search(rf"^[+-]?[01](\.[0-9]{{1,{places}}})?$")
        one = _scaled(signed.ifelse(text.replace("%", ""), nothing), places - 2, 4)
        other = _scaled(share.ifelse(text, nothing), places, 2)
        return ibis.coalesce(one, other), signed | share
    good = plain & text.re_search(shape)
    found = _scaled(good.ifelse(text, nothing), places, digits)
    if field.top:
        good = good & text.re_search("^[0-9]{1,2}$") & ~_outside(found, int(10**places), int(field.top * 10**places))
    return found, good


def _scaled(text: Any, places: int, digits: int) -> Any:
    return _parts(text.cast(f"decimal({digits + 1 + places}, {places})"), places, digits)


def _literal(field: e.Field, value: Value) -> Any:
    """A value that a text means, as the column holds it; nothing where it cannot be held."""
    import ibis

    kind = field.unit.kind
    if value is None:
        return _typed_null(field)
    if kind == "date":
        assert isinstance(value, date)
        return ibis.literal(days(value), type="int64")
    if kind in PLACES:
        return ibis.literal(held(field, value), type="int64")
    return ibis.literal(value)
