"""One measure as it is reported, and the words that FHIR has for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from alliance.contract.numbers import Number
from alliance.measures.evidence import Bounds, Evidence

RELEASES = ("R5", "R4")
OWN = "urn:alliance:"
POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
BETTER = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
UCUM = "http://unitsofmeasure.org"
REASONS = {
    "suppressed": "masked",
    "not applicable": "not-applicable",
    "not assessable": "not-performed",
    "missing": "unknown",
}
_KINDS = {
    **dict.fromkeys(("proportion", "repeat", "bundle", "sustained", "changed"), "proportion"),
    **dict.fromkeys(("rate", "observed_to_expected"), "ratio"),
    **dict.fromkeys(("mean", "paired_change", "time_to"), "continuous-variable"),
}
USABLE = ("measured", "provisional")
COUNTS = ("cases", "hits", "excluded", "immature", "missing", "dropped")  # of a measure, where no population holds them


@dataclass(frozen=True, slots=True)
class Reported:
    """One measure as it is reported.

    `value` is exact, a share of one where `unit` is percent, or None with a `status` that says why. `population` are
    all who were considered, `excluded` those among them who do not count, `cases` those who do and `hits` those who had
    the event; `immature`, `missing` and `dropped` are not among them. None is a count that is not told. `scoring` is
    proportion, ratio, continuous-variable or cohort; `interval` is a level and two bounds.
    """

    name: str
    start: date
    end: date
    value: Number | None
    status: str = "measured"
    title: str = ""
    unit: str = ""
    better: str = ""
    scoring: str = "proportion"
    population: int | None = None
    cases: int | None = None
    hits: int | None = None
    excluded: int | None = None
    immature: int | None = None
    missing: int | None = None
    dropped: int | None = None
    interval: tuple[Number, Number, Number] | None = None
    extracted: date | None = None
    reporter: str = ""
    fingerprint: str = ""

    @property
    def provisional(self) -> bool:
        return self.status == "provisional"


def reported(
    name: str,
    value: Number | None,
    status: str,
    evidence: Evidence,
    bounds: Bounds | None = None,
    *,
    title: str = "",
    unit: str = "",
    better: str = "",
) -> Reported:
    """A measure that was worked out from records, with what stands behind it."""
    scoring = _KINDS.get(evidence.kind, "cohort")
    hits = evidence.hits
    if evidence.kind == "changed" and value is not None:  # those who improved
        hits = int(value * evidence.cases)
    return Reported(
        name=name,
        title=title,
        start=evidence.start,
        end=evidence.end,
        value=value,
        status="provisional" if status == "measured" and evidence.provisional else status,
        unit=unit,
        better=better,
        scoring=scoring,
        population=evidence.considered,
        cases=evidence.cases,
        hits=hits,
        excluded=evidence.excluded,
        immature=evidence.immature,
        missing=evidence.missing,
        dropped=evidence.dropped,
        interval=(bounds.level, bounds.lower, bounds.upper) if bounds else None,
        extracted=evidence.extracted,
        reporter=evidence.validated_by,
        fingerprint=evidence.fingerprint,
    )
