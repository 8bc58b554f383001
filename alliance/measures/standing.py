"""Which records stand in the numerator of a measure, for those who may see whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from alliance.contract import entries as e
from alliance.contract.formula.evaluate import Env
from alliance.measures.reader import Fields, Reader, Rows, quantity, truth
from alliance.measures.rows import baselines, entered, follow_ups, repeated, sort
from alliance.measures.spans import Span


def numerator(m: e.Measure, rows: Rows, span: Span, extracted: date, key: str, outer: Env) -> list[Fields]:
    """What a measure counts as met: the cases that pass its test; of people, a record with their id and the day on
    which they came in; of a mean, the cases that have a value."""
    assert m.counted is not None
    reader = Reader(m.counted, span, extracted, key, outer)
    if m.counted.kind in ("paired_change", "changed"):
        return list(_pairs(m, reader, rows))
    if m.counted.kind == "sustained":
        c = m.counted
        people = entered(reader, rows).people
        return [{c.person: who, c.start: since} for (who, since), held in people.items() if all(held)]
    return _cases(m.counted, reader, rows)


def _cases(c: e.Counted, reader: Reader, rows: Rows) -> list[Fields]:
    cases, _, _ = sort(reader, rows)
    if c.kind == "repeat":
        return repeated(reader, rows, cases)
    if c.kind == "time_to":
        return [one for one in cases if one[c.start] is not None and one[c.event] is not None]
    tests = [one for one in (c.where, *c.every) if one is not None]
    met = [one for one in cases if all(truth(test, reader.env(one)) for test in tests)]
    if c.kind == "run_length":
        missed = [reader.day(one) for one in cases if not truth(c.where, reader.env(one))]
        return [one for one in met if reader.day(one) > max(missed, default=date.min)]
    if c.kind == "distinct":
        return [one for one in met if one[c.person] is not None]
    value = c.value if c.value is not None else c.to if c.summed else None
    return met if value is None else [one for one in met if quantity(value, reader.env(one)) is not None]


def _pairs(m: e.Measure, reader: Reader, rows: Rows) -> Iterator[Fields]:
    """People with a baseline and a follow-up; of a share that improved, those who did."""
    c = reader.counted
    starts = baselines(reader, rows).chosen
    later = follow_ups(reader, rows, starts)
    least = quantity(c.by, reader.outer) if c.by is not None else None
    for person, (day, before) in starts.items():
        found = later.get(person)
        if found is None:
            continue
        change = before - found[1] if m.better == "lower" else found[1] - before
        if least is None or change >= least:
            yield {c.person: person, c.dated: day}
