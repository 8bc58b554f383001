"""Inputs: what a settlement brings, single figures and records, with how each is read."""

from __future__ import annotations

import re
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.build.builder import KINDS, Builder
from alliance.contract.build.reading import columns_by, one_column, policies, reading
from alliance.contract.build.who import options_of
from alliance.contract.faults import Mark, did_you_mean, one_of
from alliance.contract.formula.scope import Loop, Symbol
from alliance.contract.model.known import Input
from alliance.contract.numbers import Number, normal
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import BOOLEAN, COUNT, DATE, DAYS, MONEY, PERCENT, TEXT, Unit

FIELD_UNITS = {"id": TEXT, "text": TEXT, "date": DATE, "count": COUNT, "days": DAYS, "hours": DAYS, "percent": PERCENT}
FIELD_UNITS["boolean"] = BOOLEAN
_LIKERT = re.compile(r"likert ([2-9]|1[01])")
_UNREADABLE = frozenset({"not", "true", "false", "yes", "no", "where"})  # where a name can stand, these are no names
_OF_FIGURES = ("unit", "one_of", "by", "over_periods", "at_least", "at_most", "if")
_OF_RECORDS = ("dated", "key", "unique", "faulty", "instrument")
_INSTRUMENT = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}(\.ya?ml)?")


def build_inputs(b: Builder) -> None:
    """Inputs: single figures become symbols, records something to go through."""
    for name, item in b.document.inputs.items():
        if not b.owns(name):
            continue
        kinds = [k for k in KINDS if k in item.at.node]
        if len(kinds) > 1:
            b.fault(
                "AC072",
                name.mark,
                f"{name} is one of records, events and rows, not {' and '.join(kinds)}.",
                "Keep one of them.",
            )
            b.fail(name)
        elif kinds:
            _records(b, name, item, kinds[0])
        else:
            _figure(b, name, item)


def _figure(b: Builder, name: Scalar, item: Input) -> None:
    b.strangers(item, _OF_RECORDS, "it belongs to records.")
    unit, dimension = _unit(b, name, item), b.dimension(item.by)
    if unit is None or dimension is None:
        return b.fail(name)
    by, keys = dimension
    over = str(item.over_periods or "")
    if over in ("add", "mean") and not unit.numeric:
        message = f"{name}: {unit.spoken()} does not add up over periods."
        b.fault("AC045", item.at.value("over_periods"), message, "It may be last or same.")
    low, high = (_bound(b, name, item, key, unit) for key in ("at_least", "at_most"))
    if low is not None and high is not None and high < low:
        b.fault(
            "AC046",
            item.at.value("at_most"),
            f"{name}: the most that it may be is below the least.",
            "Put them the other way round.",
        )
    title = str(item.title or name.replace("_", " "))
    b.inputs[str(name)] = e.Input(
        name=str(name),
        title=title,
        clause=str(item.clause or ""),
        unit=unit,
        by=by,
        keys=keys,
        fields=None,
        kind="figure",
        dated="",
        key="",
        over_periods=over,
        column=one_column(item.column),
        columns=columns_by(b, name, item.column, keys),
        reading=reading(b, item.reads, item.at, str(name), item.unit),
        policies=policies(b, item.if_, unit, str(name)),
        at_least=low,
        at_most=high,
        optional=item.optional,
        supplied_by=b.a_party(item.from_, f"{name} comes from"),
        due=str(item.due or ""),
        mark=name.mark,
        hours=item.unit == "hours",
    )
    read = MONEY if unit.per == "year" else unit
    attributes = {"days_late": DAYS, "supplier": b.party_unit()} if item.due is not None else {}
    b.symbols[str(name)] = Symbol("input", str(name), read, by, keys, title, mark=name.mark, attributes=attributes)
    return None


def _unit(b: Builder, name: Scalar, item: Input) -> Unit | None:
    """What the figure is: of a unit, or one of the options of a category."""
    if item.one_of is None:
        if item.unit is None:
            hint = f"Say unit: {b.currency}, percent, count, date, boolean..."
            b.fault("AC073", name.mark, f"the input {name} has no unit.", hint)
            return None
        unit = b.unit(item.unit)
        if unit is not None and unit.kind == "category" and not unit.options:
            b.fault(
                "AC074", item.unit.mark, f"the input {name} is a category: say what it is one of.", "one_of: [A, B]"
            )
            return None
        return unit
    if item.unit is not None and item.unit != "category":
        b.strangers(item, ["unit"], "what is one of several words has no unit.")
    if isinstance(item.one_of, list):
        return Unit("category", options=b.categories[str(name)], name=str(name))
    if item.one_of in b.categories:
        return Unit("category", options=b.categories[item.one_of], name=str(item.one_of))
    hint = did_you_mean(item.one_of, b.categories) or "Write the options as a list: one_of: [A, B]."
    b.fault("AC047", item.one_of.mark, f'"{item.one_of}" is not a category.', hint)
    return None


def _bound(b: Builder, name: Scalar, item: Input, key: str, unit: Unit) -> Number | None:
    """A bound of what may be brought, in the unit that formulas see."""
    value: Number | None = getattr(item, key)
    if value is None:
        return None
    if not unit.numeric:
        b.strangers(item, [key], f"{unit.spoken()} has no least and most.")
        return None
    b.spelled(item.at.node[key], unit, str(name))
    return normal(Fraction(value, 24)) if item.unit == "hours" else value


def _records(b: Builder, name: Scalar, item: Input, kind: str) -> None:
    b.strangers(item, _OF_FIGURES, f"it belongs to a single figure, and {name} is {kind}.")
    fields: dict[str, e.Field] = {}
    symbols: dict[str, Symbol] = {}
    spelled = getattr(item, kind)
    if not spelled:
        b.fault(
            "AC075",
            item.at.value(kind),
            f"{name}: {kind} have at least one field.",
            "Name what each has, with its type: {person: id, day: date}.",
        )
    for key, type_ in spelled.items():
        if key in _UNREADABLE:
            b.fault("AC043", key.mark, f'"{key}" is a word of the language and cannot name a field.', "Choose another.")
        b.shadows(key, f"a field of {name}")
        field = _field(b, str(key), type_, item.at.value(kind, key))
        if field is not None:
            fields[str(key)] = field
            symbols[str(key)] = Symbol("field", str(key), field.unit, title=key.replace("_", " "), mark=key.mark)
    if item.instrument is not None and not _INSTRUMENT.fullmatch(item.instrument):
        hint = "Name one of `alliance instrument list`, or a file beside the contract: our-questions.yaml"
        message = f'{name}: "{item.instrument[:60]}" is not the name of an instrument.'
        b.fault("AC075", item.instrument.mark, message, hint)
    dates = [key for key in spelled if key not in fields or fields[key].unit.kind == "date"]
    for role, what, known in (("dated", "a date field", dates), ("key", "a field", spelled)):
        named = getattr(item, role)
        if named is not None and named not in known:
            hint = did_you_mean(named, known) or (one_of(known) if known else "")
            b.fault("AC075", named.mark, f'{name}: "{named}" is not {what} of it.', hint)
    for named in item.unique or ():
        if named not in spelled:
            hint = did_you_mean(named, spelled) or (one_of(spelled) if spelled else "")
            b.fault("AC075", named.mark, f'{name}, unique: "{named}" is not a field of it.', hint)
    b.inputs[str(name)] = e.Input(
        name=str(name),
        title=str(item.title or name.replace("_", " ")),
        clause=str(item.clause or ""),
        unit=TEXT,
        by="",
        keys=(),
        fields=fields,
        kind=kind,
        dated=str(item.dated or ""),
        key=str(item.key or ""),
        over_periods="",
        column=one_column(item.column),
        reading=reading(b, item.reads, item.at, str(name)),
        policies={},
        at_least=None,
        at_most=None,
        optional=item.optional,
        supplied_by=b.a_party(item.from_, f"{name} comes from"),
        due=str(item.due or ""),
        mark=name.mark,
        unique=tuple(str(n) for n in item.unique or ()),
        faulty=str(item.faulty),
        instrument=str(item.instrument or ""),
    )
    if len(fields) == len(spelled):
        b.loops[str(name)] = Loop("records", str(name), symbols)
    else:
        b.fail(name)


def _field(b: Builder, name: str, spelled: Scalar | list[Scalar], mark: Mark) -> e.Field | None:
    """A field by its type; None with a fault."""
    if isinstance(spelled, list):
        return e.Field(name, Unit("category", options=options_of(b, name, spelled, mark), name=name), False)
    text = str(spelled)
    optional = text.startswith("optional ")
    text = text.removeprefix("optional ")
    likert = _LIKERT.fullmatch(text)
    if likert:
        return e.Field(name, COUNT, optional, int(likert[1]))
    if text == "party":
        return e.Field(name, b.party_unit(), optional)
    if text in b.categories:
        return e.Field(name, Unit("category", options=b.categories[text], name=text), optional)
    if text == b.currency:
        return e.Field(name, MONEY, optional)
    if text in FIELD_UNITS:
        return e.Field(name, FIELD_UNITS[text], optional, 0, text == "hours")
    known = [*FIELD_UNITS, "party", b.currency, "likert 5", *b.categories]
    hint = (
        did_you_mean(text, known)
        or f"It may be: {', '.join(known[:12])}, or a list of words; with `optional` before it."
    )
    b.fault("AC076", mark, f'{name}: "{text[:40]}" is not a type of field.', hint)
    return None
