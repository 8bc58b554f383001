"""Measures from a FHIR measure report, or from a bundle of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from alliance.contract.faults import Faults, InputError, Mark
from alliance.contract.numbers import Number, from_exact_text, normal, parse_date
from alliance.contract.source_text import shown
from alliance.contract.values import STATUSES
from alliance.measures.fhir.models import check
from alliance.measures.fhir.terms import ABSENT, BETTER, COUNTS, OWN, POPULATION, REASONS, SCORING, USABLE, Reported
from alliance.measures.fhir.text import Refused, number, read_json

MOST_REPORTS = 2_000
_STATUSES = {"complete": "measured", "pending": "provisional"}
_ABSENT_AS = {reason: status for status, reason in REASONS.items()}
Json = Mapping[str, Any]


def measures_from_report(text: str, file: str = "report.json") -> list[Reported]:
    """The measures in the JSON text of a MeasureReport, or of a Bundle that holds some; FHIR R4 or R5.

    Each group of a report is a measure, named by its code, or where it has none by the last part of the measure's
    address. A share is worked out from its counts. Reports that are in error, or of one person, are faults; other
    resources of a bundle are passed over. Raises `InputError` with every fault; `file` names the text in them.
    """
    mark, faults = Mark(file), Faults()
    try:
        root = read_json(text)
    except Refused as error:
        faults.add("AC430", mark, f"The JSON cannot be read: {error}.")
        root = None
    found: list[Reported] = []
    for where, report in _reports(root, mark, faults) if root is not None else ():
        release = "R5" if _is_r5(report) else "R4"
        if check(report, release, mark, faults):
            found += _Reader(report, where, mark, faults).measures()
    _once(found, mark, faults)
    faults.raise_if_any(InputError)
    return found


def _reports(root: object, mark: Mark, faults: Faults) -> Iterator[tuple[str, Json]]:
    kind = root.get("resourceType") if isinstance(root, dict) else None
    if isinstance(root, dict) and kind == "MeasureReport":
        yield "the report", root
        return
    entries = root.get("entry", []) if isinstance(root, dict) and kind == "Bundle" else None
    if not isinstance(entries, list):
        hint = "It has the resourceType MeasureReport or Bundle."
        faults.add("AC431", mark, "This is not a measure report, and not a bundle of them.", hint)
        return
    reports = [
        (f"entry {place}", entry["resource"])
        for place, entry in enumerate(entries, 1)
        if isinstance(entry, dict)
        and isinstance(entry.get("resource"), dict)
        and entry["resource"].get("resourceType") == "MeasureReport"
    ]
    if not reports:
        faults.add("AC431", mark, "There is no measure report in this bundle.")
    if len(reports) > MOST_REPORTS:
        faults.add("AC431", mark, f"There are {len(reports):,} reports, and {MOST_REPORTS:,} are the most.")
        return
    yield from reports


def _is_r5(report: Json) -> bool:
    """R5 has elements of its own; where a report has none of them, both releases read it alike."""
    groups = report.get("group")
    scores = [key for g in groups if isinstance(g, dict) for key in g] if isinstance(groups, list) else []
    return "measureScore" not in scores


def _once(found: list[Reported], mark: Mark, faults: Faults) -> None:
    seen: set[tuple[str, date, date]] = set()
    for m in found:
        if (m.name, m.start, m.end) in seen:
            message = f"The measure {shown(m.name)} from {m.start} to {m.end} is reported twice."
            faults.add("AC435", mark, message, "Keep one of the reports.")
        seen.add((m.name, m.start, m.end))


class _Reader:
    """One report, which FHIR's model allows."""

    def __init__(self, report: Json, where: str, mark: Mark, faults: Faults) -> None:
        self.report, self.where, self.mark, self.faults = report, where, mark, faults

    def tell(self, message: str, hint: str = "", code: str = "AC433") -> None:
        self.faults.add(code, self.mark, f"{self.where}: {message}", hint)

    def measures(self) -> list[Reported]:
        report = self.report
        status = _STATUSES.get(report.get("status", ""))
        if status is None:
            self.tell(
                f"the status is {shown(str(report.get('status')))}.", "A report that is used is complete or pending."
            )
        if report.get("type") not in ("summary", "subject-list"):
            self.tell("this is a report of a single person.", "Bring a summary: its type is summary.")
        period = report.get("period", {})
        start, end = self._day(period.get("start"), "period.start"), self._day(period.get("end"), "period.end")
        groups = report.get("group") or []
        if not groups:
            self.tell("there is no group, so nothing is measured.")
        if start is None or end is None or status is None:
            return []
        if end < start:
            self.tell("the period ends before it starts.")
        return [self._measure(group, len(groups), status, start, end) for group in groups]

    def _day(self, text: object, what: str) -> date | None:
        try:
            return parse_date(str(text or "")[:10])
        except ValueError as error:
            self.tell(f"{what}: {error}")
            return None

    def _measure(self, group: Json, several: int, status: str, start: date, end: date) -> Reported:
        report = self.report
        name = _code(group.get("code"), f"{OWN}measure") or _code(group.get("code"), "")
        address = str(report.get("measure") or "").split("|")[0]
        if not name and several == 1 and address:
            name = address.replace("/", ":").rsplit(":", 1)[-1]
        if not name:
            self.tell("a group has no code, so it is not known which measure it is.")
        counts = self._counts(group)
        excluded = counts.get("denominator-exclusion", 0) + counts.get("denominator-exception", 0)
        more = self._more(group)
        cases = counts["denominator"] - excluded if "denominator" in counts else more.get("cases")
        met = counts["numerator"] - counts.get("numerator-exclusion", 0) if "numerator" in counts else None
        whole = "denominator" in counts
        scoring = _code(report.get("scoring"), SCORING) or ("proportion" if met is not None else "continuous-variable")
        score, places, unit = self._score(group)
        score = self._exactly(name, group, score, places, unit)
        said = _string(group, f"{OWN}status") or _ABSENT_AS.get(_absent(group), "")
        value = score
        if scoring == "proportion" and met is not None and whole and cases and (score is not None or not said):
            value = self._share(name, met, cases, score, places, unit)
            unit = "percent"
        if value is None:
            status = said if said in STATUSES and said not in USABLE else "missing"
        better = {"increase": "higher", "decrease": "lower"}.get(_code(report.get("improvementNotation"), BETTER), "")
        made = str(report.get("date") or "")
        return Reported(
            name=name,
            title=str((group.get("code") or {}).get("text") or ""),
            start=start,
            end=end,
            value=value,
            status=status,
            unit=unit,
            better=better,
            scoring=scoring,
            population=counts.get("initial-population"),
            cases=cases,
            hits=more.get("hits") if met is None else met,
            excluded=excluded if whole else more.get("excluded"),
            immature=more.get("immature"),
            missing=more.get("missing"),
            dropped=more.get("dropped"),
            interval=_interval(group),
            extracted=self._day(made, "date") if made else None,
            reporter=str((report.get("reporter") or {}).get("display") or ""),
            fingerprint=_identifier(report),
        )

    def _counts(self, group: Json) -> dict[str, int]:
        counts: dict[str, int] = {}
        for population in group.get("population") or ():
            code, count = _code(population.get("code"), POPULATION), population.get("count")
            if code and isinstance(count, int):
                if code in counts:
                    self.tell(f"the population {code} stands twice in a group.")
                if count < 0:
                    self.tell(f"the population {code} has less than nobody in it.")
                counts[code] = count
        return counts

    def _more(self, group: Json) -> dict[str, int]:
        """The counts that no population holds, in an extension of our own."""
        counts = {}
        for extension in group.get("extension") or ():
            for inner in extension.get("extension") or () if extension.get("url") == f"{OWN}counts" else ():
                name, count = str(inner.get("url")), inner.get("valueInteger")
                if name in COUNTS and isinstance(count, int):
                    if count < 0:
                        self.tell(f"the count {name} is less than nobody.")
                    counts[name] = count
        return counts

    def _exactly(self, name: str, group: Json, score: Number | None, places: int, unit: str) -> Number | None:
        """The score as an extension of our own has it, where it has no end as a decimal: to the places that it shows
        it has to be the same."""
        written = _string(group, f"{OWN}value")
        if not written or score is None:
            return score
        try:
            exact = from_exact_text(written)
        except ValueError as error:
            self.tell(f"the value of {shown(name)}: {error}")
            return score
        if abs(Fraction(score) - exact) > Fraction(1, 2 * 10**places):
            self.tell(
                f"{shown(name)} is {written}, which is not the score that it shows.", "Mend one of them.", "AC434"
            )
        return exact

    def _score(self, group: Json) -> tuple[Number | None, int, str]:
        """The score, the places that it shows, and its unit; a percentage as a share of one."""
        quantity = _quantity(group)
        if quantity.get("comparator"):
            self.tell("a score that is only known to be more or less than a number is not a value.")
        written = quantity.get("value")
        value = number(written)
        places = max(-int(written.as_tuple().exponent), 0) if isinstance(written, Decimal) else 0
        if value is not None and "%" in (quantity.get("code"), quantity.get("unit")):
            return normal(Fraction(value) / 100), places + 2, "percent"
        return value, places, str(quantity.get("unit") or "")

    def _share(self, name: str, hits: int, cases: int, score: Number | None, places: int, unit: str) -> Number:
        """A share, exact from its counts. Its score has to be the same to the places that it shows."""
        exact = normal(Fraction(hits, cases))
        if not 0 <= exact <= 1:
            self.tell(f"{shown(name)} has {hits} in its numerator and {cases} in its denominator.", code="AC434")
        elif score is not None and abs(Fraction(score) - exact) > Fraction(1, 2 * 10**places):
            hint = "Mend the counts or the score."
            if unit != "percent" and score > 1:
                hint = "A percentage has the unit %; without it a score is a share of one."
            self.tell(f"{shown(name)} has {hits} of {cases}, which is not the score that it shows.", hint, "AC434")
        return exact


def _quantity(group: Json) -> Json:
    found: Json = group.get("measureScore") or group.get("measureScoreQuantity") or {}
    return found


def _absent(group: Json) -> str:
    """The reason why there is no score."""
    extensions = _quantity(group).get("extension") or ()
    return next((str(e.get("valueCode")) for e in extensions if e.get("url") == ABSENT), "")


def _codings(concept: object) -> Iterator[Json]:
    if isinstance(concept, dict):
        yield from concept.get("coding") or ()


def _code(concept: object, system: str) -> str:
    """The code of a concept in a system, or in any where the system is empty."""
    return next((str(c.get("code") or "") for c in _codings(concept) if not system or c.get("system") == system), "")


def _string(group: Json, url: str) -> str:
    return next((str(e.get("valueString")) for e in group.get("extension") or () if e.get("url") == url), "")


def _interval(group: Json) -> tuple[Number, Number, Number] | None:
    for extension in group.get("extension") or ():
        if extension.get("url") == f"{OWN}interval":
            found = {e.get("url"): number(e.get("valueDecimal")) for e in extension.get("extension") or ()}
            level, lower, upper = (found.get(word) for word in ("level", "lower", "upper"))
            if level is not None and lower is not None and upper is not None:
                return level, lower, upper
    return None


def _identifier(report: Json) -> str:
    given = report.get("identifier") or ()
    return next((str(i.get("value") or "") for i in given if i.get("system") == f"{OWN}records"), "")
