"""Terms: the figures that the contract fixes, as they stand on a day, with their history and uplift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from alliance.contract import entries as e
from alliance.contract.build.dated import in_force, term_on
from alliance.contract.calendar import day_text
from alliance.contract.english import words as w
from alliance.contract.english.model import Section, Sentence
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.formula.scope import PARTY
from alliance.contract.numbers import Number, to_decimal_text
from alliance.contract.units import Unit
from alliance.contract.values import Unknown

Figures = Mapping[str, Number | None]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days over which a term does not change, first and last (None where it goes on), and its figures by key."""

    start: date
    end: date | None
    figures: Figures


def terms(s: Standing) -> Section:
    """Every term, in the order of the file."""
    entries = []
    for name in s.document.terms:
        term = s.built.terms[str(name)]
        entries.append(s.entry(term, s.speaker.title(term.name), [*_term(s, term), *s.note("terms", term.name)]))
    about = [f"Values are those of {day_text(s.day)}."]
    if any(t.yearly for t in s.built.terms.values()):
        about.append(
            "Of an amount a year, a half counts in a half-year, a quarter in a quarter and a twelfth in a month."
        )
    return Section("Terms", tuple(about), tuple(entries))


def _term(s: Standing, term: e.Term) -> Iterator[Sentence | str]:
    each = f" for each {s.each('terms', term.name, term.by)}" if term.by else ""
    if term.formula is not None:
        yield at(f"{rate(term.unit)}{each}, worked out: {s.say(term.formula)}", term.clause, term.formula.mark)
        now: dict[str, Number | None] = {}
        for key in _keys(s, term, s.day):
            found = term_on(s.built.terms, term.name, key, s.day)
            now[key] = None if isinstance(found, Unknown) else found  # type: ignore[assignment]
        yield f"On {day_text(s.day)} it comes to {_figures(s, term, now, s.day)}"
        return
    stretches = list(_stretches(s, term))
    current = next((x for x in stretches if x.start <= s.day and (x.end is None or s.day <= x.end)), None)
    subject = rate(term.unit) + each
    if current is None:
        yield f"{subject}. It has no figure on {day_text(s.day)}"
    elif len(stretches) == 1 and current.end is None:
        yield _said(s, term, current, f"{subject}: {_figures(s, term, current.figures, s.day)}")
    else:
        yield _said(s, term, current, f"{subject}. {_when(s, term, current, True)}")
    uplift = shape(s.document.terms, term.name).uplift
    if uplift is not None:
        yield _uplift(s, term)
    for stretch in stretches:
        if stretch is not current:
            yield _said(s, term, stretch, _when(s, term, stretch, False))
    if any(_finer(s, term, x.figures) for x in stretches):
        yield "These figures are printed to the penny, and kept exact"


def rate(unit: Unit) -> str:
    """What kind of figure a unit makes, as the start of a sentence."""
    if unit.kind == "money":
        each = {"": "A sum of money", "year": "An amount a year"}
        return each.get(unit.per, f"A price for each {w.spaced(unit.per)}")
    kinds = {"percent": "A percentage", "count": "A number", "days": "A number of days", "ratio": "A ratio"}
    return kinds.get(unit.kind, "A figure")


def _said(s: Standing, term: e.Term, stretch: _Stretch, text: str) -> Sentence:
    marks = [term.marks[at_] for key in stretch.figures if (at_ := f"{key}@{stretch.start}") in term.marks]
    uplift = shape(s.document.terms, term.name).uplift
    first = marks[0] if marks else uplift.at.mark if uplift is not None else term.mark
    if not marks and stretch.start <= s.built.start:
        first = next(iter(term.marks.values()), term.mark)
    return at(text, term.clause, first)


def _when(s: Standing, term: e.Term, stretch: _Stretch, now: bool) -> str:
    year = s.built.calendar.year_of(stretch.start)
    whole = (stretch.start, stretch.end or s.built.end) == (year.start, year.end)
    whole = whole and shape(s.document.terms, term.name).of_the_year is not None
    figures = _figures(s, term, stretch.figures, s.day if now else stretch.start)
    if whole:
        return f"For {year.label}: {figures}"
    if now:
        since = f", since {day_text(stretch.start)}" if stretch.start not in (s.built.start, s.day) else ""
        return f"On {day_text(s.day)}{since}: {figures}"
    return f"{w.span_text(stretch.start, stretch.end)}: {figures}"


def _stretches(s: Standing, term: e.Term) -> Iterator[_Stretch]:
    """The life of the contract cut where the term changes; stretches without any figure are left out."""
    days = sorted({max(d, s.built.start) for steps in term.timeline.values() for d, _ in steps if d <= s.built.end})
    for index, start in enumerate(days):
        end = days[index + 1] - timedelta(days=1) if index + 1 < len(days) else None
        found = {k: in_force(term.timeline.get(k, ()), start) for k in _keys(s, term, start)}
        if any(v is not None for v in found.values()):
            yield _Stretch(start, end, found)


def _keys(s: Standing, term: e.Term, start: date) -> tuple[str, ...]:
    """The keys of a term, without the parties that have left."""
    if not term.by:
        return ("",)
    parties = s.built.parties
    return tuple(k for k in term.keys if term.by != PARTY or k not in parties or parties[k].end >= start)


def _figures(s: Standing, term: e.Term, figures: Figures, day: date) -> str:
    """Figures by key, those that are alike together."""
    if not term.by:
        return _figure(s, figures.get(""), term.unit)
    alike: dict[Number | None, list[str]] = {}
    for key, value in figures.items():
        alike.setdefault(value, []).append(key)
    if len(alike) == 1 and len(figures) > 1:
        return f"{_figure(s, next(iter(alike)), term.unit)} for each"
    groups = [
        f"{_figure(s, value, term.unit)} for {w.joined(_key(s, term, k, day) for k in keys)}"
        for value, keys in alike.items()
    ]
    return w.joined(groups, mark=";" if any(len(k) > 1 for k in alike.values()) else ",")


def _key(s: Standing, term: e.Term, key: str, day: date) -> str:
    said = s.option(term.by, key)
    party = s.built.parties.get(key) if term.by == PARTY else None
    return f"{said} (which joins on {day_text(party.start)})" if party is not None and party.start > day else said


def _figure(s: Standing, value: Number | None, unit: Unit) -> str:
    if value is None:
        return "no figure"
    return s.value(value, unit)


def _finer(s: Standing, term: e.Term, figures: Figures) -> bool:
    """Whether some figure is finer than the penny it is printed to."""
    if term.unit.kind != "money":
        return False
    texts = [to_decimal_text(v) for v in figures.values() if v is not None]
    return any(len(x.partition(".")[2]) > s.built.places for x in texts)


def _uplift(s: Standing, term: e.Term) -> Sentence:
    uplift = shape(s.document.terms, term.name).uplift
    assert uplift is not None
    month, day = uplift.each
    when = day_text(date(2000, month, day)).removesuffix(" 2000")
    until = f" to {day_text(uplift.to)}" if uplift.to else ""
    rounded = ""
    if uplift.rounded is not None:
        rounded = ", " + rounding(s, e.Rounding(uplift.rounded.to, str(uplift.rounded.how)), term.unit)
    text = f"It changes on {when} of each year from {day_text(uplift.from_)}{until}, by {s.formula(uplift.by)}{rounded}"
    return at(text, term.clause, uplift.at.mark)


def rounding(s: Standing, rounded: e.Rounding, unit: Unit) -> str:
    """How a value is rounded, as the end of a sentence."""
    step = s.value(rounded.to, unit)
    places = len(to_decimal_text(rounded.to).partition(".")[2])
    if unit.kind in ("count", "ratio", "zero") and places and rounded.to * 10**places == 1:
        how = {"half_up": "rounded", "down": "rounded down", "up": "rounded up"}[rounded.how]
        return f"{how} to {w.counted(places, 'decimal place')}"
    if unit.kind in ("count", "ratio", "zero") and rounded.to == 1:
        step = "whole number"
    if rounded.how == "half_up":
        return f"rounded to the nearest {step}, halves away from zero"
    to = "a whole number" if step == "whole number" else f"a multiple of {step}"
    return f"rounded {'down' if rounded.how == 'down' else 'up'} to {to}"
