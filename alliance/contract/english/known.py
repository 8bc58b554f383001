"""Inputs: what a settlement brings, who supplies it and by when, how it is read, and what is done without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.model import Section, Sentence
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.formula.scope import PARTY
from alliance.contract.units import Unit
from alliance.contract.values import STATUSES

_OVER = {
    "add": "A longer period is the sum of its shorter ones",
    "last": "A longer period takes the figure of the last of its shorter ones",
    "mean": "A longer period is the average of its shorter ones",
    "same": "The same figure serves every period",
}
NOT_DETERMINED = (
    "What is not brought is missing, never nothing: what depends on it is not determined, unless it is said otherwise."
)
_MOST_LISTED = 12
_ROWS = {"records": "Records", "events": "Events", "rows": "Rows of a table"}


def inputs(s: Standing) -> Section:
    """Every input."""
    entries = [
        s.entry(x, s.speaker.title(x.name), [*_input(s, x), *s.note("inputs", x.name)]) for x in s.built.inputs.values()
    ]
    return Section("Inputs", (NOT_DETERMINED,), tuple(entries))


def _input(s: Standing, x: e.Input) -> Iterator[Sentence | str]:
    if x.fields is not None:
        yield f"{_ROWS[x.kind]}, each with {w.joined(field_words(s, f) for f in x.fields.values())}"
        if x.dated:
            yield f"One belongs to the period of its date {w.quoted(w.spaced(x.dated))}"
        if x.key:
            yield f"In a table of agreements, {w.quoted(w.spaced(x.key))} says whose each record is"
    else:
        each = f" for each {s.each('inputs', x.name, x.by)}" if x.by else ""
        yield unit_words(x.unit, s.built.currency, each)
    yield from supplied(s, x)
    yield from columns(s, x)
    if x.over_periods:
        yield _OVER[x.over_periods]
    yield from bounds(s, x)
    said = reading(x.reading)
    if said:
        yield said
    if x.optional:
        yield "They may be left out" if x.fields is not None else _left_out(s)
    for text in missing(x.policies):
        yield at(text, x.clause, shape(s.document.inputs, x.name).at.value("if"))


def _left_out(s: Standing) -> str:
    return "A table of agreements may be without it" if s.contract.key else "It need not be brought"


def unit_words(unit: Unit, currency: str, each: str = "") -> str:
    """What a value of a unit is; `each` says what there is one for."""
    if unit.kind == "money":
        per = {"": "", "year": " a year"}.get(unit.per, f" for each {w.spaced(unit.per)}")
        return f"a sum of money{per}{each}, in {currency}"
    if unit.kind == "category":
        party = unit.name == PARTY
        return ("a party" if party else "one of " + w.joined((w.spaced(o) for o in unit.options), "or")) + each
    kinds = {"boolean": "yes or no", "percent": "a percentage", "count": "a number", "days": "a number of days"}
    return kinds.get(unit.kind, unit.spoken()) + each


def field_words(s: Standing, f: e.Field) -> str:
    """A field of records with its kind in brackets."""
    return f"{w.spaced(f.name)} ({field_kind(f, s.built.currency)})"


def field_kind(f: e.Field, currency: str) -> str:
    """What a field of records holds."""
    if f.top:
        kind = f"1 to {f.top}"
    elif f.hours:
        kind = "hours"
    elif f.unit.kind == "money":
        kind = currency
    elif f.unit.kind == "category":
        kind = "a party" if f.unit.name == PARTY else w.joined((w.spaced(o) for o in f.unit.options), "or")
    else:
        kind = {"boolean": "yes or no", "count": "number", "percent": "percentage"}.get(f.unit.kind, f.unit.kind)
    return f"{kind}, may be empty" if f.optional else kind


def supplied(s: Standing, x: e.Input | e.Measure) -> Iterator[str]:
    """Who supplies it, and by when."""
    due = f", {due_words(x.due)}" if x.due else ""
    if x.supplied_by:
        yield f"{s.who(x.supplied_by)} supplies it{due}"
    elif x.due:
        said = due_words(x.due)
        yield f"It is {said if said.startswith('due ') else f'supplied {said}'}"


def due_words(due: str) -> str:
    """When something is due; a bare length of time is one after the period."""
    if due[:1].isdigit() and due.split(" ")[-1].rstrip("s") in ("day", "week", "month"):
        return f"within {due} of the end of the period"
    return due if due.split(" ")[0] in ("by", "within", "on", "before", "at") else f"due {due}"


def columns(s: Standing, x: e.Input | e.Measure) -> Iterator[str]:
    """Where it stands in a table of agreements: in one column, or in one for each party or category."""
    cases = x.cases_column if isinstance(x, e.Measure) else ""
    if x.column:
        beside = f", and its cases in {w.quoted(cases)}" if cases else ""
        yield f"In a table of agreements it stands in the column {w.quoted(x.column)}{beside}"
    if x.columns:
        word = "columns" if len(x.columns) > 1 else "column"
        yield f"In a table of agreements it stands in the {word} {_listed(s, x.by, x.columns)}"
    if isinstance(x, e.Measure) and x.cases_columns:
        word = "columns" if len(x.cases_columns) > 1 else "column"
        yield f"Its cases stand in the {word} {_listed(s, x.by, x.cases_columns)}"


def _listed(s: Standing, by: str, found: Mapping[str, str]) -> str:
    """The columns for each; of more than can be read, the first and the last."""
    said = [f"{w.quoted(column)} for {s.option(by, key)}" for key, column in found.items()]
    return w.joined(said) if len(said) <= _MOST_LISTED else f"{said[0]} to {said[-1]}, {len(said)} in all"


def bounds(s: Standing, x: e.Input) -> Iterator[str]:
    """The least and most that a value may be."""
    if x.at_least is not None and x.at_most is not None:
        ends = f"{s.value(x.at_least, x.unit)} and {s.value(x.at_most, x.unit)}"
        yield f"It lies between {ends}; anything else is refused"
    elif x.at_least is not None:
        yield f"It is at least {s.value(x.at_least, x.unit)}; anything less is refused"
    elif x.at_most is not None:
        yield f"It is at most {s.value(x.at_most, x.unit)}; anything more is refused"


def reading(found: e.Reading) -> str:
    """How text is read."""
    said = []
    if found.points:
        said.append("A percentage is written in points: 12.2 is 12.2%")
    words: dict[str, list[str]] = {}
    for text, meaning in found.words.items():
        words.setdefault(meaning, []).append(w.quoted(text) if text else "an empty cell")
    for meaning, texts in words.items():
        said.append(f"{w.joined(texts, 'or')} is read as {meaning}")
    return ". ".join(x[:1].upper() + x[1:] for x in said)


def missing(policies: Mapping[str, str]) -> list[str]:
    """What the contract says of what is not usable, by its status; statuses treated alike are said together."""
    alike: dict[str, list[str]] = {}
    for status in STATUSES[2:]:
        if status in policies:
            alike.setdefault(policies[status], []).append(status)
    return [f"If it is {w.joined(statuses, 'or')}, {_policy(policy)}" for policy, statuses in alike.items()]


def _policy(policy: str) -> str:
    words = {
        "exclude": "it is left out: a composite goes by its other parts, and a choice is between the rest",
        "unknown": "what depends on it is not determined",
        "previous": "its last final figure is used",
        "zero": "it counts as 0",
        "yes": "it counts as yes",
        "no": "it counts as no",
    }
    return words.get(policy, f"it counts as {w.spaced(policy)}")
