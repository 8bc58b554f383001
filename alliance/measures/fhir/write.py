"""Measures as a FHIR bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from alliance.contract.faults import Faults, InputError, Mark
from alliance.contract.numbers import Number, to_exact_text
from alliance.measures.fhir.models import check
from alliance.measures.fhir.terms import (
    ABSENT,
    BETTER,
    COUNTS,
    OWN,
    POPULATION,
    REASONS,
    RELEASES,
    SCORING,
    UCUM,
    Reported,
)
from alliance.measures.fhir.text import decimal, write_json


def report_from_measures(
    measures: Sequence[Reported], *, contract: str, release: str = "R5", made: date | None = None
) -> str:
    """A FHIR bundle (a collection) of a summary MeasureReport for each measure, as JSON text.

    `contract` names the contract that the measures belong to, `release` is R4 or R5, `made` the day of a report that
    says no day of extraction. Counts that are None are told as masked where the value is suppressed, else left out.
    Raises `InputError` where `fhir.resources` is not installed; `ValueError` for another release.
    """
    if release not in RELEASES:
        raise ValueError(f"a release is one of {', '.join(RELEASES)}")
    entries = [
        {"fullUrl": f"{OWN}report:{contract}:{m.name}", "resource": _report(m, contract, release, made)}
        for m in measures
    ]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    faults = Faults()
    check(bundle, release, Mark("the report"), faults)
    faults.raise_if_any(InputError)
    return write_json(bundle)


def _report(m: Reported, contract: str, release: str, made: date | None) -> dict[str, Any]:
    on = m.extracted or made
    found: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "status": "pending" if m.provisional else "complete",
        "type": "summary",
        "measure": f"{OWN}measure:{contract}:{m.name}",
        "period": {"start": m.start.isoformat(), "end": m.end.isoformat()},
        "group": [_group(m, release)],
    }
    if m.fingerprint:
        found["identifier"] = [{"system": f"{OWN}records", "value": m.fingerprint}]
    if on is not None:
        found["date"] = on.isoformat()
    if m.reporter:
        found["reporter"] = {"display": m.reporter}
    if m.better:
        found["improvementNotation"] = _coded(BETTER, "increase" if m.better == "higher" else "decrease")
    if release == "R5":
        found["scoring"] = _coded(SCORING, m.scoring)
    return found


def _group(m: Reported, release: str) -> dict[str, Any]:
    group: dict[str, Any] = {"code": {"coding": [{"system": f"{OWN}measure", "code": m.name}]}}
    if m.title:
        group["code"]["text"] = m.title
    extensions: list[dict[str, Any]] = [{"url": f"{OWN}status", "valueString": m.status}]
    if m.interval is not None:
        parts = zip(("level", "lower", "upper"), m.interval, strict=True)
        inner = [{"url": word, "valueDecimal": decimal(value)} for word, value in parts]
        extensions.append({"url": f"{OWN}interval", "extension": inner})
    told = _told(m)
    more = {name: count for name in COUNTS if name not in told and (count := getattr(m, name)) is not None}
    if more:
        inner = [{"url": name, "valueInteger": count} for name, count in more.items()]
        extensions.append({"url": f"{OWN}counts", "extension": inner})
    if m.value is not None and Fraction(_percented(m)) != Fraction(decimal(_percented(m))):
        extensions.append({"url": f"{OWN}value", "valueString": to_exact_text(m.value)})
    group["extension"] = extensions
    group["population"] = list(_populations(m))
    group["measureScoreQuantity" if release == "R5" else "measureScore"] = _score(m)
    return group


def _told(m: Reported) -> set[str]:
    """The counts that the populations hold. What a rate is held to is no count of people, so it has no denominator; a
    number of people has no numerator, for a reader would take it for a share."""
    told = set()
    if m.scoring != "ratio" and m.cases is not None and m.excluded is not None:
        told |= {"cases", "excluded"}
    return told | ({"hits"} if m.scoring in ("proportion", "ratio") else set())


def _populations(m: Reported) -> Iterator[dict[str, Any]]:
    """The populations: as FHIR has it, those excluded are part of the denominator too."""
    told: dict[str, int | None] = {"initial-population": m.population}
    if m.scoring != "ratio":
        whole = None if m.cases is None or m.excluded is None else m.cases + m.excluded
        told |= {"denominator": whole, "denominator-exclusion": m.excluded}
    if m.scoring in ("proportion", "ratio"):
        told["numerator"] = m.hits
    for code, count in told.items():
        population: dict[str, Any] = {"code": _coded(POPULATION, code)}
        if count is not None:
            yield {**population, "count": count}
        elif m.status == "suppressed":
            yield {**population, "_count": {"extension": [{"url": ABSENT, "valueCode": "masked"}]}}


def _score(m: Reported) -> dict[str, Any]:
    if m.value is None:
        return {"extension": [{"url": ABSENT, "valueCode": REASONS.get(m.status, "unknown")}]}
    if m.unit == "percent":
        return {"value": decimal(_percented(m)), "unit": "%", "system": UCUM, "code": "%"}
    return {"value": decimal(m.value)} | ({"unit": m.unit} if m.unit else {})


def _percented(m: Reported) -> Number:
    """The number that is written: a percentage times a hundred."""
    assert m.value is not None
    return m.value * 100 if m.unit == "percent" else m.value


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
