"""A measure in a period: brought, worked out from inputs, records or another measure; its interval, and its score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from alliance.contract import entries as e
from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.formula import operations as op
from alliance.contract.numbers import Number, normal
from alliance.contract.values import WITHOUT_CASES, Unknown, Value, known, unknown
from alliance.measures.evidence import Bounds, Evidence, bounds, earning, evidence
from alliance.measures.rows import ACROSS, tally
from alliance.measures.spans import window
from alliance.measures.standing import numerator
from alliance.measures.statistics import Interval, rate_interval, wilson
from alliance.measures.tallies import Tally
from alliance.measures.values import worked
from alliance.settlement.brought import Datum
from alliance.settlement.scoring import score

if TYPE_CHECKING:
    from alliance.settlement.run import Run
    from alliance.settlement.view import View


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure's value and score in a period. `scored` is what is scored in place of the value, where its interval
    does not clear what it is held against; `uncounted` says that it has a value, and not the cases that it needs."""

    value: Value
    cases: int | None
    status: str
    score: Value
    mark: Mark | None
    evidence: Evidence | None = None
    bounds: Bounds | None = None
    scored: Value = None
    uncounted: bool = False


RATES = ("rate", "observed_to_expected")
Interval_ = Callable[[Number], Interval]


def measured(run: Run, m: e.Measure, key: str) -> Measured:
    """A measure in a period: what is brought now comes before what is worked out, and that before what was brought in
    an earlier settlement of the period."""
    view = run.view().holding(m.by, key) if m.by else run.view()
    datum, interval = _datum(run, m, key, view)
    around, stood = _bounds(run, m, datum, interval, view)  # told of too few cases too: it says how few they are
    uncounted = False
    if datum is not None and datum.value is not None and (datum.cases or 0) < m.minimum:
        uncounted = datum.cases is None
        if not (uncounted and run.settling.example):  # what an example brings alone is enough
            datum = Datum(None, "not assessable", datum.cases, datum.mark, evidence=datum.evidence)
    value = run.usable(m.name, datum, m, key, WITHOUT_CASES if uncounted else "")
    status = "missing" if datum is None else datum.status
    found = scored = value
    if known(value) and around is not None and stood is not None:
        instead = earning(m, stood, around)
        scored = value if instead is None else instead
    if m.score is not None and known(value):
        found = score(run, m.score, scored, view, m.better)
    return Measured(
        value=value,
        cases=datum.cases if datum else None,
        status=status,
        score=found,
        mark=datum.mark if datum else None,
        evidence=datum.evidence if datum else None,
        bounds=around,
        scored=None if scored is value else scored,
        uncounted=uncounted and not run.settling.example,
    )


def _datum(run: Run, m: e.Measure, key: str, view: View) -> tuple[Datum | None, Interval_ | None]:
    """What is known of a measure, and the interval of its value at a level."""
    now = run.given_now(m.name, key)
    datum = run.datum(m.name, key)
    interval = None
    if now is None or now.blank:
        if m.counted is not None:
            made = _counted(run, m, m.counted, key, view)
            if made is not None:
                run.settling.worked[m.name, run.period.label, key] = made[0]
                return made
        elif datum is None and m.ratio is not None:
            datum = _ratio(run, m.ratio, key)
        elif datum is None and m.derived is not None:
            datum = _derived(run, m, m.derived, key, view)
    if datum is not None and m.ratio is None and m.derived is None:
        interval = _reported(m, datum)
    return datum, interval


def _reported(m: e.Measure, datum: Datum) -> Interval_ | None:
    """The interval of a share that is brought with its cases, or of a rate with its hits: what these are held to is
    found from both."""
    value, cases, c, x = datum.value, datum.cases, m.counted, datum.evidence
    if not cases or not isinstance(value, int | Fraction):
        return None
    if c is not None and x is not None and c.kind in RATES and x.hits and value > 0:
        over = normal(Fraction(x.hits * c.per) / value)
        return lambda level: rate_interval(x.hits, over, level).per(c.per)
    if m.unit.kind != "percent" or not 0 <= value <= 1:
        return None

    def interval(level: Number) -> Interval:
        return wilson(normal(Fraction(value * cases)), cases, level)

    return interval


def _counted(run: Run, m: e.Measure, counted: e.Counted, key: str, view: View) -> tuple[Datum, Interval_ | None] | None:
    """A measure worked out from records; None where no records of it were brought."""
    settling = run.settling
    brought = settling.brought
    span = window(m, run.period, run.built.calendar, run.built.start)
    source = brought.source(counted.of)
    extracted = source.extracted or settling.as_of
    across = not counted.whose or counted.kind in ACROSS
    found: Tally | Unknown | None = brought.tallies.get((m.name, run.period.label, key))
    if found is None and run.had(run.built.inputs[counted.of]):
        return None  # it stands as it was worked out then
    if found is None and counted.of in brought.records:
        rows = brought.rows(counted.of) if across else brought.rows_of(counted.of, counted.whose, key, counted.strata)
        settling.work(len(rows) // (16 if across else 8), f"the measure {m.name}", m.mark)
        found = tally(counted, rows, span, extracted, key, view)
    if found is None:
        return None
    if isinstance(found, Unknown):
        return Datum(None, found.status, None, m.mark), None
    made = worked(m, found, view)
    provisional = source.provisional or extracted < span.end
    behind = evidence(m, found, span, made.parts, extracted, source.dropped, source.fingerprint, provisional)
    if isinstance(made.value, Unknown):
        return Datum(None, made.value.status, found.cases, None, evidence=behind), None
    status = "provisional" if provisional else "measured"
    return Datum(made.value, status, found.cases, None, evidence=behind), made.interval


def _bounds(
    run: Run, m: e.Measure, datum: Datum | None, interval: Interval_ | None, view: View
) -> tuple[Bounds | None, Interval | None]:
    """The interval of a measure that has one, and where it stands to what it is held against."""
    if m.interval is None or interval is None or datum is None or datum.value is None:
        return None, None
    found = interval(m.interval.level)
    against: Value = run.evaluate(m.interval.against, view) if m.interval.against is not None else None
    number = against if isinstance(against, int | Fraction) and not isinstance(against, bool) else None
    return bounds(m, found, number), found


def _derived(run: Run, m: e.Measure, derived: e.Derived, key: str, view: View) -> Datum | None:
    """A measure made of another: less a comparator, or less the share of it that would have come about anyway."""
    of = run.measure(derived.of, key if run.built.measures[derived.of].by else "")
    by = run.evaluate(derived.by, view)
    if derived.kind == "difference":
        value = op.subtract(of.value, by)
    else:
        value = op.multiply(of.value, op.subtract(1, by))
    if isinstance(value, Unknown):
        return Datum(None, value.status, of.cases, of.mark)
    return Datum(value, of.status, of.cases, of.mark)


def _ratio(run: Run, ratio: e.Ratio, key: str) -> Datum | None:
    of = run.datum(ratio.of.name, key if ratio.of.by else "")
    if of is None or of.value is None:
        return of
    if ratio.to is not None:
        to = run.datum(ratio.to.name, key if ratio.to.by else "")
        if to is None or to.value is None:
            return to
        base, status = to.value, to.status
    else:
        assert ratio.baseline is not None
        share = run.period.of_year * 12 / ratio.months if ratio.months else 1
        base, status = normal(ratio.baseline * share), "measured"
    value = op.divide(of.value, base)
    if isinstance(value, Unknown):
        return Datum(None, "not assessable", None, of.mark)
    return Datum(value, "provisional" if "provisional" in (of.status, status) else "measured", None, of.mark)


def attribute(found: Measured, name: str, of: str) -> Value:
    """What formulas read of a measure by an attribute. What is not known of a measure that the contract leaves out is
    left out with it."""
    out = isinstance(found.value, Unknown) and found.value.excluded
    if name == "score":
        return found.score
    if name == "cases":
        return unknown(f"the number of cases of {of}", excluded=out) if found.cases is None else found.cases
    if name in ("excluded", "immature"):
        if found.evidence is None:
            return unknown(f"the number of {name} cases of {of}", excluded=out)
        counts: dict[str, int] = {"excluded": found.evidence.excluded, "immature": found.evidence.immature}
        return counts[name]
    if name in ("", "value"):
        return found.value
    if isinstance(found.value, Unknown):
        return found.value
    parts = dict(found.evidence.parts) if found.evidence is not None else {}
    return parts.get(name, unknown(f"the share {name} of {of}"))


def numerator_of(run: Run, name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The ids and dates of what stands in the numerator of a measure, in order, for those who may see them.

    Raises `InputError` where the records are not here to be looked at.
    """
    m = run.built.measures[name]
    counted = m.counted
    assert counted is not None
    fields = run.built.inputs[counted.of].fields or {}
    ids = [n for n, f in fields.items() if f.unit.kind == "text"]
    named = [*ids, counted.whose, counted.start if counted.kind == "sustained" else counted.dated]
    columns = tuple(dict.fromkeys(n for n in named if n))
    brought = run.settling.brought
    if counted.of not in brought.records:
        message = f"{counted.of}, of which {name} is, are not brought as a file, so nobody in them is known here."
        raise InputError(Fault("AC136", message, None, "Bring the file itself: --data NAME=FILE."))
    span = window(m, run.period, run.built.calendar, run.built.start)
    extracted = brought.source(counted.of).extracted or run.settling.as_of
    found: list[tuple[str, ...]] = []
    for key in run.present(m.keys) if m.by else ("",):
        view = run.view().holding(m.by, key) if m.by else run.view()
        for one in numerator(m, brought.rows(counted.of), span, extracted, key, view):
            record = {counted.whose: key, **one}
            found.append(tuple("" if record.get(c) is None else str(record[c]) for c in columns))
    return columns, sorted(found)
