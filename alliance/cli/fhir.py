"""Measures as FHIR reports on the command line: `alliance measure --format fhir` writes them, `--inputs` reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from alliance.contract.faults import Faults, InputError, Mark, did_you_mean, one_of

if TYPE_CHECKING:
    from alliance.contract import entries as e
    from alliance.contract.build.whole import Built
    from alliance.contract.calendar import Period
    from alliance.contract.contract import Contract
    from alliance.contract.numbers import Number
    from alliance.measures.fhir import Reported
    from alliance.settlement.brought import Brought, Datum
    from alliance.settlement.result import MeasureResult, Settlement

MOST_BYTES = 20_000_000
WORD = '"resourceType"'


# out


def written(contract: Contract, found: Settlement, public: bool, release: str) -> str:
    """A FHIR bundle of every measure of a period; as it may be published where that is asked for."""
    from alliance.measures.fhir import report_from_measures

    built = contract.on(found.start, found.as_of)
    period = contract.period(found.period)
    told = _published(found, contract, built, period) if public else (_told(m, built, period) for m in found.measures)
    return report_from_measures(list(told), contract=found.contract, release=release, made=found.as_of)


def _name(m: MeasureResult) -> str:
    return f"{m.name}.{m.key}" if m.key else m.name


def _told(m: MeasureResult, built: Built, period: Period) -> Reported:
    """A measure with all its counts."""
    from dataclasses import replace

    from alliance.measures.fhir import Reported, reported

    declared = built.measures[m.name]
    value = _number(m.value)
    if m.evidence is not None:
        words = {"title": m.title, "unit": m.unit, "better": declared.better}
        by = built.parties[m.evidence.validated_by].title if m.evidence.validated_by else ""
        return replace(reported(_name(m), value, m.status, m.evidence, m.bounds, **words), reporter=by)
    start, end = _window(declared, period, built)
    share = m.unit == "percent"
    return Reported(
        name=_name(m), title=m.title, start=start, end=end, value=value, status=m.status, unit=m.unit,
        better=declared.better, scoring="proportion" if share else "continuous-variable", cases=m.cases, excluded=None,
    )  # fmt: skip


def _published(found: Settlement, contract: Contract, built: Built, period: Period) -> Iterator[Reported]:
    """Measures as they may be published: rounded counts, and nothing that is hidden."""
    from dataclasses import replace

    from alliance.contract.numbers import parse_number
    from alliance.measures.suppression import HIDDEN
    from alliance.reports.public import public_rows

    by = {(m.name, m.key): m for m in found.measures}
    for name, key, value, _, *counts, status in public_rows(found, contract):
        one = _told(by[name, key], built, period)
        whole, part, out, young, lacking = (int(text) if text.isdigit() else None for text in counts)
        hidden = value == HIDDEN
        yield replace(
            one,
            value=parse_number(value) if value and not hidden else None,
            status="suppressed" if hidden else status,
            population=None, cases=whole, hits=part, excluded=out, immature=young, missing=lacking, dropped=None,
            interval=None, fingerprint="",
        )  # fmt: skip


def _number(value: object) -> Number | None:
    from fractions import Fraction

    return value if isinstance(value, int | Fraction) and not isinstance(value, bool) else None


def _window(m: e.Measure, period: Period, built: Built) -> tuple[date, date]:
    from alliance.measures.spans import window

    span = window(m, period, built.calendar, built.start)
    return span.start, span.end


# in


def is_report(path: str) -> bool:
    """Whether a file of results is a FHIR resource and no mapping of names to values."""
    if not path.lower().endswith(".json"):
        return False
    from alliance.data.opening import open_ordinary

    with open_ordinary(path, MOST_BYTES) as handle:
        return WORD.encode() in handle.read(4_000)


def read(path: str, contract: Contract, label: str, as_of: date | None) -> Brought:
    """The measures of a contract in a FHIR report, for a period. Raises `InputError` with every fault."""
    from alliance.data.opening import failure, open_ordinary
    from alliance.measures.fhir import measures_from_report
    from alliance.settlement.brought import Brought

    with open_ordinary(path, MOST_BYTES) as handle:
        try:
            text = handle.read(MOST_BYTES).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise failure("AC202", path, "The file is not UTF-8.", "Save it as UTF-8.") from None
    over = contract.period(label)
    built = contract.on(over.start, as_of or max(over.end, contract.built.start))
    faults, mark = Faults(), Mark(path)
    values: dict[tuple[str, str, str], Datum] = {}
    for one in measures_from_report(text, path):
        found = _of_contract(one, built, mark, faults)
        if found is None:
            continue
        m, key = found
        start, end = _window(m, over, built)
        if (one.start, one.end) != (start, end):
            message = (
                f"{one.name} is reported for {one.start} to {one.end}, and for {over.label} it is {start} to {end}."
            )
            faults.add("AC436", mark, message, "Bring the report of that window, or leave this one out.")
        elif one.value is not None and one.unit not in _UNITS.get(m.unit.kind, (m.unit.kind, str(m.unit), "")):
            faults.add("AC436", mark, f"{one.name} is reported in {one.unit}, and is {m.unit.spoken()}.")
        else:
            values[m.name, "", key] = _datum(one, m, mark)
    faults.raise_if_any(InputError)
    return Brought(values)


_UNITS = {"percent": ("percent",), "count": ("", "1", "count"), "ratio": ("", "1", "ratio"), "days": ("d", "days")}


def _of_contract(one: Reported, built: Built, mark: Mark, faults: Faults) -> tuple[e.Measure, str] | None:
    name, _, key = one.name.partition(".")
    m = built.measures.get(name)
    if m is None:
        hint = did_you_mean(name, built.measures) or one_of(built.measures)
        faults.add("AC436", mark, f'"{one.name[:60]}" is not a measure of this contract.', hint)
        return None
    if key not in (m.keys if m.by else ("",)):
        hint = one_of(f"{name}.{k}" for k in m.keys) if m.by else ""
        faults.add("AC436", mark, f"{name} is {f'one for each {m.by}' if m.by else 'a single value'}.", hint)
        return None
    return m, key


def _datum(one: Reported, m: e.Measure, mark: Mark) -> Datum:
    """The value of a report, with what stands behind it."""
    from alliance.measures.evidence import Evidence
    from alliance.settlement.brought import Datum

    behind = None
    if one.cases is not None and m.counted is not None:
        behind = Evidence(
            kind=m.counted.kind, of=m.counted.of, start=one.start, end=one.end, extracted=one.extracted,
            cases=one.cases, hits=one.hits or 0, excluded=one.excluded or 0, immature=one.immature or 0,
            missing=one.missing or 0, dropped=one.dropped or 0,
            fingerprint=one.fingerprint, validated_by=m.validated_by, provisional=one.provisional,
        )  # fmt: skip
    return Datum(one.value, one.status, one.cases, mark, evidence=behind)
