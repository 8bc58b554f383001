"""Measures, with their windows and intervals."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.counting import COUNTED, INTERVALS, PARTS, counted, derived
from alliance.contract.build.reading import columns_by, one_column, policies, reading
from alliance.contract.build.scores import build_score, check_direction, score_unit
from alliance.contract.calendar import add_months
from alliance.contract.faults import did_you_mean, one_of
from alliance.contract.formula import tree as t
from alliance.contract.formula.scope import PARTY, Scope, Symbol
from alliance.contract.model.worked import Measure
from alliance.contract.numbers import parse_date, parse_duration
from alliance.contract.source_nodes import Scalar
from alliance.contract.units import COUNT, PERCENT, Unit, same

WINDOWS = ("period", "quarter", "half-year", "year to date", "year", "12 months", "cohort", "term")
DERIVED = ("difference", "deadweight")
KINDS = ("reported", "ratio", *COUNTED, *DERIVED)
MOST_MONTHS = 120
_SPAN = "Write it as 2025-04-01..2026-03-31."
_CASES = re.compile(r"([0-9]{1,9})(?: cases)?")

MOST_CONFIDENT = Fraction(999_999, 1_000_000)  # nearer to certainty a bound takes ever longer to find


def build_measures(b: Builder) -> None:
    """Measures, declared first so that any formula may read them; their scores follow."""
    for name, measure in b.document.measures.items():
        if b.owns(name) and not _measure(b, name, measure):
            b.fail(name)


def _measure(b: Builder, name: Scalar, m: Measure) -> bool:
    kind = b.only("AC077", name.mark, f"the measure {name}", KINDS, [k for k in KINDS if k in m.at.node])
    unit = b.unit(m.reported) if m.reported is not None else PERCENT
    dimension = b.dimension(m.by)
    minimum = _details(b, name, m)
    if not kind or unit is None or dimension is None:
        return False
    by, keys = dimension
    ratio = _ratio(b, name, m, by) if kind == "ratio" else None
    own = _from_records(b, name, m, kind, along(b, b.scope(), by, keys, m.by), by)
    if own is None:
        return False
    unit = own.unit or unit
    title = str(m.title or name.replace("_", " "))
    b.measures[str(name)] = e.Measure(
        name=str(name),
        title=title,
        outcome=str(m.outcome or ""),
        clause=str(m.clause or ""),
        unit=unit,
        by=by,
        keys=keys,
        better=str(m.better or ""),
        window=str(m.window or "period"),
        minimum=minimum,
        policies=policies(b, m.if_, unit, str(name)),
        ratio=ratio,
        column=one_column(m.column),
        cases_column=one_column(m.cases_column),
        columns=columns_by(b, name, m.column, keys),
        cases_columns=columns_by(b, name, m.cases_column, keys),
        reading=reading(b, m.reads, m.at, str(name), m.reported),
        score=None,
        supplied_by=b.a_party(m.from_, f"{name} from"),
        due=str(m.due or ""),
        counted=replace(own.counted, strata=tuple(keys)) if own.counted is not None and by else own.counted,
        derived=own.derived,
        validated_by=b.a_party(m.validated_by, f"{name} validated by"),
        cohort=_cohort(b, name, m, own.counted is not None),
        mark=name.mark,
    )
    attributes: dict[str, Unit] = {"value": unit, "cases": COUNT}
    attributes |= {"excluded": COUNT, "immature": COUNT} if own.counted is not None else {}
    attributes |= dict.fromkeys(PARTS.get(kind, ()), PERCENT)
    hint = ""
    if m.score is not None:
        attributes["score"] = score_unit(m.score)
        hint = f"Say {name}.value or {name}.score."
    b.symbols[str(name)] = Symbol(
        "measure", str(name), unit, by, keys, title, attributes, m.score is None, bare_hint=hint, mark=name.mark
    )
    return True


@dataclass(frozen=True, slots=True)
class _Own:
    """What a measure is worked out from: records, another measure, or neither."""

    counted: e.Counted | None = None
    derived: e.Derived | None = None
    unit: Unit | None = None


def _from_records(b: Builder, name: Scalar, m: Measure, kind: str, scope: Scope, by: str) -> _Own | None:
    if kind in COUNTED:
        found = counted(b, name, m, kind, scope, by)
        return _Own(counted=found[0], unit=found[1]) if found is not None else None
    if kind in DERIVED:
        made = derived(b, name, m, kind, scope, by)
        return _Own(derived=made[0], unit=made[1]) if made is not None else None
    return _Own()


def _details(b: Builder, name: Scalar, m: Measure) -> int:
    """What is said of a measure beside its value; the fewest cases that it is assessed on."""
    if m.window is not None and m.window not in WINDOWS:
        hint = did_you_mean(m.window, WINDOWS) or one_of(WINDOWS)
        b.fault("AC078", m.window.mark, f'"{m.window}" is not a window.', hint)
    if m.matured is not None and not any(kind in m.at.node for kind in COUNTED):
        try:
            parse_duration(m.matured)
        except ValueError as error:
            b.fault("AC079", m.matured.mark, f"{name}, matured: {error}")
    if m.interval is not None and not 0 < m.interval.level <= MOST_CONFIDENT:
        mark = m.interval.at.value("level")
        b.fault("AC080", mark, "a confidence level is a percentage above 0% and at most 99.9999%, such as 95%.")
    cases = _CASES.fullmatch(m.minimum) if m.minimum is not None else None
    if m.minimum is not None and cases is None:
        b.fault("AC079", m.minimum.mark, f'"{m.minimum}" is not a number of cases.', "Write it as: 30 cases")
    return int(cases[1]) if cases else 0


def _cohort(b: Builder, name: Scalar, m: Measure, from_records: bool) -> tuple[date, date] | None:
    """The days on which a cohort entered."""
    if m.cohort is None:
        if m.window == "cohort" and from_records:
            message = f"{name} is measured over a cohort, and does not say which."
            b.fault("AC082", name.mark, message, "Say when it entered: cohort: 2026-04-01..2027-03-31")
        return None
    if m.window != "cohort":
        b.strangers(m, ["cohort"], "it belongs to `window: cohort`.")
    return _span(b, m.cohort)


def _ratio(b: Builder, name: Scalar, m: Measure, by: str) -> e.Ratio | None:
    assert m.ratio is not None
    of = _brought(b, name, m.ratio.of, by)
    if isinstance(m.ratio.to, Scalar):
        to = _brought(b, name, m.ratio.to, by)
        if of is None or to is None:
            return None
        assert of.unit is not None and to.unit is not None
        if not same(of.unit, to.unit):
            b.fault(
                "AC041",
                m.ratio.to.mark,
                f"{name}: {of.name} and {to.name} are of different units.",
                "Divide two quantities of one unit.",
            )
        return e.Ratio(of, to, None, 0)
    months = _span_months(b, m.ratio.to.over) if m.ratio.to.over is not None else 0
    if m.ratio.to.baseline <= 0:
        b.fault(
            "AC046",
            m.ratio.to.at.value("baseline"),
            "a baseline of 0 or less is nothing to compare with.",
            "Write one above 0.",
        )
    if of is None or of.unit is None:
        return None
    b.spelled(m.ratio.to.at.node["baseline"], of.unit, f"{name}, baseline")
    return e.Ratio(of, None, m.ratio.to.baseline, months)


def _brought(b: Builder, name: Scalar, of: Scalar, by: str) -> t.Ref | None:
    """An input that a ratio is made of: a single figure, or one for each of what the measure is by."""
    item = b.inputs.get(of)
    if item is None or item.fields is not None or not item.unit.numeric:
        if not b.told(of) or item is not None:
            b.fault("AC081", of.mark, f'{name}: "{of}" is not a figure that is brought.', did_you_mean(of, b.inputs))
        return None
    if item.by not in ("", by):
        hint = f"Say `by:` of {name} too."
        b.fault("AC081", of.mark, f'{name}: "{of}" is one for each {item.by}, and the measure is not.', hint)
        return None
    return t.Ref((0, len(of)), item.unit, "input", str(of), "", item.by)


def _span(b: Builder, span: Scalar) -> tuple[date, date] | None:
    """The first and last day of a span of days; None with a fault."""
    first, dots, last = span.partition("..")
    try:
        if not dots:
            raise ValueError("two dots are missing between its first and last day.")
        start, end = parse_date(first.strip()), parse_date(last.strip())
        if end < start:
            raise ValueError("it ends before it starts.")
    except ValueError as error:
        b.fault("AC082", span.mark, f'"{span[:60]}" is not a span of days: {error}', _SPAN)
        return None
    return start, end


def _span_months(b: Builder, span: Scalar) -> int:
    """The whole months that a span of days is."""
    found = _span(b, span)
    if found is None:
        return 0
    day = timedelta(days=1)
    months = next((n for n in range(1, MOST_MONTHS + 1) if add_months(found[0], n) - day == found[1]), 0)
    if not months:
        b.fault("AC082", span.mark, f"{span} is not a number of whole months (at most {MOST_MONTHS}).", _SPAN)
    return months


def finish_measures(b: Builder) -> None:
    """Scores and intervals, now that every name is known."""
    for name, m in b.document.measures.items():
        built = b.measures.get(name)
        if built is None:
            continue
        scope = along(b, b.scope(), built.by, built.keys, m.by)
        score = build_score(b, m.score, scope, built.unit) if m.score is not None else None
        interval = _interval(b, name, m, built, score, scope) if m.interval is not None else None
        b.measures[str(name)] = replace(built, score=score, interval=interval)
        if score is not None:
            check_direction(b, name, m, score)


def _interval(
    b: Builder, name: Scalar, m: Measure, built: e.Measure, score: e.Score | None, scope: Scope
) -> e.Interval | None:
    """A confidence interval with what it is held against; where nothing is said, the value that scores nothing."""
    assert m.interval is not None
    kind = built.counted.kind if built.counted is not None else "reported" if built.unit == PERCENT else ""
    if kind not in ("reported", *INTERVALS) or built.ratio is not None:
        message = f"{name}: intervals are of proportions and rates, not of this kind of measure."
        b.fault("AC080", m.interval.at.mark, message, "Leave it out.")
        return None
    against = b.maybe(m.interval.against, scope, built.unit)
    if against is None and score is not None and score.line is not None and score.of is None:
        against = score.line[0]
    unclear = str(m.interval.when_it_does_not_clear)
    if unclear != "report" and (against is None or m.better is None):
        message = f"{name}: what it earns where its interval does not clear needs a comparison and what is better."
        b.fault("AC080", m.interval.at.mark, message, "Say `against:` in the interval, and `better:` of the measure.")
    return e.Interval(m.interval.level, unclear, against)


def along(b: Builder, scope: Scope, by: str, keys: tuple[str, ...], spelled: Scalar | None = None) -> Scope:
    """A scope in which the party or category in hand is known, by the role too that it is spelled by."""
    if not by:
        return scope
    local: dict[str, Symbol] = {**scope.local}
    unit = b.party_unit(keys) if by == PARTY else Unit("category", options=keys, name=by)
    if by == PARTY:
        local |= b.party_fields
        role = b.loops[spelled].name if spelled is not None else PARTY
        local[role] = Symbol("binding", role, unit, title=f"the {role.replace('_', ' ')} in hand")
    local[by] = Symbol("binding", by, unit, title=f"the {by} in hand")
    return replace(scope, local=local, bound={**scope.bound, by: keys})
