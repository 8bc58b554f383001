"""Measures with their scores, and figures."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.build.scores import fixed
from alliance.contract.english import words as w
from alliance.contract.english.counting import counting
from alliance.contract.english.known import NOT_DETERMINED, columns, missing, reading, supplied, unit_words
from alliance.contract.english.model import Section, Sentence
from alliance.contract.english.scales import bands_words, curve_words, ends_words
from alliance.contract.english.standing import Standing, at, shape
from alliance.contract.english.terms import rounding
from alliance.contract.model.worked import Measure
from alliance.contract.units import COUNT, PERCENT, Unit

_WINDOWS = {
    "quarter": "It is measured over a quarter",
    "half-year": "It is measured over a half-year",
    "year to date": "It is measured from the start of the year to the end of the period",
    "year": "It is measured over the year",
    "12 months": "It is measured over the twelve months to the end of the period",
    "cohort": "It is measured over a cohort of people",
    "term": "It is measured over the whole term of the contract",
}


def measures(s: Standing) -> Section:
    """Every measure with its score."""
    entries = [
        s.entry(m, s.speaker.title(m.name), [*_measure(s, m), *s.note("measures", m.name)])
        for m in s.built.measures.values()
    ]
    return Section("Measures", (NOT_DETERMINED,), tuple(entries))


def _measure(s: Standing, m: e.Measure) -> Iterator[Sentence | str]:
    file = shape(s.document.measures, m.name)
    if m.outcome:
        yield f"Its outcome is {w.quoted(m.outcome)}"
    yield from _value(s, m, file)
    if m.better:
        yield f"{m.better.capitalize()} is better"
    if m.window in _WINDOWS:
        entered = f", who entered from {m.cohort[0]} to {m.cohort[1]}" if m.cohort is not None else ""
        yield at(_WINDOWS[m.window] + entered, m.clause, file.at.value("window"))
    if file.matured:
        text = f"A case counts once {file.matured} have passed; those not so old at the extract date are left out"
        yield at(text, m.clause, file.at.value("matured"))
    if m.minimum:
        text = f"With fewer than {w.counted(m.minimum, 'case')} it is not assessable"
        yield at(text, m.clause, file.at.value("minimum"))
    yield from supplied(s, m)
    yield from columns(s, m)
    said = reading(m.reading)
    if said:
        yield said
    if file.validated_by:
        yield at(f"{s.who(str(file.validated_by))} validates it", m.clause, file.at.value("validated_by"))
    if file.interval is not None:
        clears = {
            "report": "is reported beside it",
            "no change": "must clear the comparison, or it counts as no change",
        }
        said = clears.get(str(file.interval.when_it_does_not_clear), "gives its bound on the worse side")
        against = f", held against {s.say(m.interval.against)}" if m.interval and m.interval.against else ""
        text = f"Its {w.percent_text(file.interval.level)} confidence interval {said}{against}"
        yield at(text, m.clause, file.interval.at.mark)
    for text in missing(m.policies):
        yield at(text, m.clause, file.at.value("if"))
    if m.score is not None:
        yield from score(s, m.score, m.clause, bool(m.better))


def _value(s: Standing, m: e.Measure, file: Measure) -> Iterator[Sentence]:
    each = f" for each {s.each('measures', m.name, m.by)}" if m.by else ""
    if m.counted is not None:
        own = getattr(file, m.counted.kind).whose
        each += f" (by {w.quoted(w.spaced(own))})" if own is not None else ""
        yield at(f"Its value is {counting(s, m.counted)}{each}", m.clause, m.counted.mark)
    elif m.derived is not None:
        yield at(f"Its value is {_derived(s, m.derived)}{each}", m.clause, file.at.value(m.derived.kind))
    elif m.ratio is not None:
        yield at(f"Its value is {_ratio(s, m.ratio)}{each}", m.clause, file.at.value("ratio"))
    else:
        said = unit_words(m.unit, s.built.currency, each)
        yield at(f"Its value is reported: {said}", m.clause, file.at.value("reported"))


def _derived(s: Standing, d: e.Derived) -> str:
    of = s.speaker.phrase(d.of)
    if d.kind == "difference":
        return f"{of} less {s.say(d.by)}"
    return f"{of} less the {s.say(d.by)} of it that would have come about anyway"


def _ratio(s: Standing, r: e.Ratio) -> str:
    of = s.speaker.phrase(r.of.name)
    if r.to is not None:
        return f"{of} divided by {s.speaker.phrase(r.to.name)}"
    assert r.baseline is not None
    said = f"{of} divided by a baseline of {s.value(r.baseline, r.of.unit or COUNT)}"
    if not r.months:
        return said
    return f"{said} for {w.counted(r.months, 'month')}, scaled to the months of the period"


def score(s: Standing, x: e.Score, clause: str, way: bool, lead: str = "Its score") -> Iterator[Sentence]:
    """A score, and below it the sides of which it is the better. `way`: it is known what is better."""
    way = way and x.of is None
    result = COUNT if x.points is not None else PERCENT
    tail = _tail(s, x, result)
    deep = lead != "Its score"
    if x.better_of is not None:
        best = "better" if len(x.better_of) == 2 else "best"
        names = w.joined([w.quoted(w.spaced(name)) for name, _ in x.better_of])
        yield at(f"{lead} is the {best} of {names}{tail}", clause, x.mark, deep=deep)
        for name, inner in x.better_of:
            yield from score(s, inner, clause, way or x.leading is not None, w.quoted(w.spaced(name)))
        return
    on = f", for {s.say(x.of)}," if x.of is not None else ""
    if x.line is not None:
        nothing, full, beyond = x.line
        further = [f"{s.say(y)} at {s.say(at_)}" for at_, y in beyond]
        ends = w.joined([f"0% at {s.say(nothing)}", f"100% at {s.say(full)}", *further])
        lines = "straight lines" if beyond else "a straight line"
        said = f"is {ends}, with {lines} between, {ends_words(x.held)}"
        if way and not (fixed(nothing) and fixed(full)):
            start = s.say(nothing)
            said += f"; where {start} is no worse than {s.say(full)}, 100% for what is better than {start}, or else 0%"
    elif x.curve is not None:
        said = f"follows these points: {curve_words(s.say, x.curve.points, x.curve.held)}"
    else:
        assert x.bands is not None
        said = f"goes by bands: {bands_words(s.say, x.bands)}"
    yield at(f"{lead}{on} {said}{tail}", clause, x.mark, deep=deep)


def _tail(s: Standing, x: e.Score, result: Unit) -> str:
    said = ""
    if x.points is not None:
        said += ", in points" if x.bands is not None else f"; it earns that share of {s.say(x.points)} points"
    bounds = [f"at {word} {s.say(b)}" for word, b in (("least", x.at_least), ("most", x.at_most)) if b is not None]
    said += f", {w.joined(bounds)}" if bounds else ""
    if x.rounding is not None:
        said += f", {rounding(s, x.rounding, result)}"
    return said


def figures(s: Standing) -> Section:
    """Every other value that the contract works out."""
    entries = []
    for name in s.document.figures:
        f = s.built.figures[str(name)]
        entries.append(s.entry(f, s.speaker.title(f.name), [*_figure(s, f), *s.note("figures", f.name)]))
    return Section("Figures", (), tuple(entries))


def _figure(s: Standing, f: e.Figure) -> Iterator[Sentence | str]:
    each = f"For each {s.each('figures', f.name, f.by)}: " if f.by else ""
    rounded = f", {rounding(s, f.rounding, f.unit)}" if f.rounding is not None else ""
    if f.formula is not None:
        said = s.condition(f.formula)
        said = f"this holds when {said}" if f.unit.kind == "boolean" else said
        yield at(f"{each}{said}{rounded}", f.clause, f.formula.mark)
    elif f.curve is not None:
        of, points = f.curve
        text = f"{each}by {s.say(of)}: {curve_words(s.say, points.points, points.held)}{rounded}"
        yield at(text, f.clause, of.mark)
    elif f.bands is not None:
        of, bands = f.bands
        yield at(f"{each}by {s.say(of)}: {bands_words(s.say, bands)}{rounded}", f.clause, of.mark)
    else:
        assert f.weighted is not None
        parts = w.joined((f"{s.say(weight)} of {s.say(value)}" for value, weight in f.weighted), mark=",")
        yield at(f"{each}a weighted composite: {parts}{rounded}", f.clause, f.mark)
        yield "A part that the contract leaves out gives its weight to the others, in proportion"
