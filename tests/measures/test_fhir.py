"""FHIR measure reports: what goes out comes back, what other programs write is read, and what is wrong is told."""

from __future__ import annotations

import builtins
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.faults import InputError
from alliance.contract.numbers import Number, parse_percent
from alliance.measures.evidence import Bounds, Evidence
from alliance.measures.fhir import RELEASES, Reported, measures_from_report, report_from_measures, reported
from alliance.measures.fhir.text import Refused, read_json, write_json
from alliance.measures.values import share  # the same division that measures are worked out by

START, END = date(2027, 4, 1), date(2027, 6, 30)
STAYED = Reported(
    name="stayed_home",
    title="Readmitted within 30 days",
    start=START,
    end=END,
    value=Fraction(9, 138),
    unit="percent",
    better="lower",
    population=150,
    cases=138,
    hits=9,
    excluded=12,
    immature=3,
    missing=0,
    dropped=0,
    interval=(parse_percent("95%"), Fraction(34687, 10**6), Fraction(119298, 10**6)),
    extracted=date(2027, 8, 2),
    reporter="council",
    fingerprint="ab12",
)
# as another program writes it, FHIR R4, after the example of the specification
FOREIGN: dict[str, Any] = {
    "resourceType": "MeasureReport",
    "id": "example",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Report</div>'},
    "status": "complete",
    "type": "summary",
    "measure": "http://example.org/fhir/Measure/readmission|1.0",
    "date": "2027-08-02T10:00:00+01:00",
    "reporter": {"reference": "Organization/example", "display": "Town trust"},
    "period": {"start": "2027-04-01", "end": "2027-06-30"},
    "improvementNotation": {
        "coding": [
            {"system": "http://terminology.hl7.org/CodeSystem/measure-improvement-notation", "code": "decrease"}
        ]
    },
    "group": [
        {
            "population": [
                {"code": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/measure-population", "code": c}]}, "count": n}
                for c, n in (("initial-population", 150), ("numerator", 9), ("denominator", 150), ("denominator-exclusion", 12))
            ],
            "measureScore": {"value": 0.065},
        }
    ],
}  # fmt: skip


def wrong(text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        measures_from_report(text, "r.json")
    return [str(fault) for fault in error.value.faults]


def changed(**changes: Any) -> str:
    return json.dumps({**FOREIGN, **changes})


def with_group(**changes: Any) -> str:
    return changed(group=[{**FOREIGN["group"][0], **changes}])


@pytest.mark.parametrize("release", RELEASES)
def test_what_goes_out_comes_back(release: str) -> None:
    text = report_from_measures([STAYED], contract="discharge", release=release)
    (found,) = measures_from_report(text)
    assert found == STAYED


def test_a_report_is_as_fhir_has_it() -> None:
    bundle = json.loads(report_from_measures([STAYED], contract="discharge", release="R4"), parse_float=str)
    assert bundle["type"] == "collection"
    report = bundle["entry"][0]["resource"]
    assert report["measure"] == "urn:alliance:measure:discharge:stayed_home"
    assert report["status"] == "complete"
    (group,) = report["group"]
    assert group["measureScore"] == {
        "value": "6.521739130435",
        "unit": "%",
        "system": "http://unitsofmeasure.org",
        "code": "%",
    }
    assert {p["code"]["coding"][0]["code"]: p["count"] for p in group["population"]} == {
        "initial-population": 150,
        "denominator": 150,
        "denominator-exclusion": 12,
        "numerator": 9,
    }
    five = json.loads(report_from_measures([STAYED], contract="discharge"))["entry"][0]["resource"]
    assert "measureScoreQuantity" in five["group"][0]
    assert five["scoring"]["coding"][0]["code"] == "proportion"


STATES = st.sampled_from(["suppressed", "not applicable", "not assessable", "missing"])
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


@st.composite
def measures(draw: st.DrawFn) -> Reported:
    cases = draw(st.integers(0, 500))
    hits, excluded = draw(st.integers(0, cases)), draw(st.integers(0, 50))
    known = cases > 0 and draw(st.booleans())
    scoring = draw(st.sampled_from(["proportion", "ratio", "continuous-variable", "cohort"]))
    value: Number | None = None
    if known and scoring == "proportion":
        found = share(hits, cases, "m")
        assert isinstance(found, int | Fraction)
        value = found
    elif known:
        value = draw(
            st.decimals("-1000", "1000", places=4).map(Fraction).map(lambda x: int(x) if x.denominator == 1 else x)
        )
    status = draw(st.sampled_from(["measured", "provisional"])) if known else draw(STATES)
    hide = status == "suppressed"
    counted = scoring != "continuous-variable" and not hide
    return Reported(
        name=draw(NAMES),
        title=draw(st.sampled_from(["", "A title", 'A "quoted" <title>'])),
        start=START,
        end=END,
        value=value,
        status=status,
        unit="percent" if scoring == "proportion" and known else "",
        better=draw(st.sampled_from(["", "higher", "lower"])),
        scoring=scoring,
        population=None if hide else cases + excluded,
        cases=None if hide else cases,
        hits=hits if counted else None,
        excluded=None if hide else excluded,
        extracted=draw(st.sampled_from([None, date(2027, 8, 2)])),
    )


@given(st.lists(measures(), min_size=1, max_size=4, unique_by=lambda m: m.name))
def test_any_measures_come_back_in_r5(given_: list[Reported]) -> None:
    assert measures_from_report(report_from_measures(given_, contract="c")) == given_


@given(
    st.lists(
        measures().filter(lambda m: m.scoring == "proportion" and m.hits is not None),
        min_size=1,
        max_size=3,
        unique_by=lambda m: m.name,
    )
)
def test_any_shares_come_back_in_r4(given_: list[Reported]) -> None:
    assert measures_from_report(report_from_measures(given_, contract="c", release="R4")) == given_


def test_what_another_program_writes_is_read() -> None:
    (found,) = measures_from_report(json.dumps(FOREIGN))
    assert found.name == "readmission"
    assert found.value == Fraction(9, 138)  # from the counts, not from 0.065
    assert (found.unit, found.status, found.better) == ("percent", "measured", "lower")
    assert (found.population, found.cases, found.hits, found.excluded) == (150, 138, 9, 12)
    assert (found.reporter, found.extracted) == ("Town trust", date(2027, 8, 2))
    (pending,) = measures_from_report(changed(status="pending"))
    assert pending.provisional


def test_others_in_a_bundle_are_passed_over() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient"}}, {"resource": FOREIGN}, {}],
    }
    assert len(measures_from_report(json.dumps(bundle))) == 1


def test_a_score_without_counts_is_read_to_the_last_digit() -> None:
    group = {"code": {"coding": [{"code": "wait"}]}, "measureScore": {"value": 1.10, "unit": "days"}}
    text = changed(group=[group]).replace("1.1", "12345678901234567890.10")
    (found,) = measures_from_report(text)
    assert found.value == Fraction(123456789012345678901, 10)
    assert (found.name, found.unit, found.scoring) == ("wait", "days", "continuous-variable")


def test_suppressed_counts_are_masked() -> None:
    m = Reported("few", START, END, None, "suppressed")
    text = report_from_measures([m], contract="c", made=date(2027, 7, 1))
    assert text.count('"masked"') == 5
    assert '"count"' not in text
    assert '"date": "2027-07-01"' in text
    assert measures_from_report(text)[0].status == "suppressed"


def test_a_reason_of_another_program_is_understood() -> None:
    absent = {
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
    }
    (found,) = measures_from_report(with_group(measureScore=absent))
    assert (found.value, found.status) == (None, "suppressed")
    group = {k: v for k, v in FOREIGN["group"][0].items() if k != "measureScore"}
    (derived,) = measures_from_report(changed(group=[group]))
    assert derived.value == Fraction(9, 138)
    (nothing,) = measures_from_report(changed(group=[{"code": {"coding": [{"code": "x"}]}}]))
    assert (nothing.value, nothing.status) == (None, "missing")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "r.json: AC430 The JSON cannot be read: expecting value (line 1, column 1)."),
        ("{", "r.json: AC430 The JSON cannot be read: expecting property name enclosed in double quotes (line 1, column 2)."),
        ('{"a": 1, "a": 2}', "r.json: AC430 The JSON cannot be read: the key 'a' stands twice in one object."),
        ('{"a": NaN}', "r.json: AC430 The JSON cannot be read: NaN is not a number."),
        ('{"a": 1e999}', "r.json: AC430 The JSON cannot be read: a number has an exponent, or too many digits."),
        ('{"a": ' + "9" * 5000 + "}", "r.json: AC430 The JSON cannot be read: a number has too many digits."),
        ("[" * 100_000, "r.json: AC430 The JSON cannot be read: it is nested too deep."),
        ('"' + '\\"' * 50_000, "r.json: AC430 The JSON cannot be read: unterminated string starting at (line 1, column 1)."),
        ("[]", "r.json: AC431 This is not a measure report, and not a bundle of them. It has the resourceType MeasureReport or Bundle."),
        ('{"resourceType": "Patient"}', "r.json: AC431 This is not a measure report, and not a bundle of them. It has the resourceType MeasureReport or Bundle."),
        ('{"resourceType": "Bundle", "entry": 5}', "r.json: AC431 This is not a measure report, and not a bundle of them. It has the resourceType MeasureReport or Bundle."),
        ('{"resourceType": "Bundle"}', "r.json: AC431 There is no measure report in this bundle."),
        (changed(wrong=1), "r.json: AC432 wrong: is not an element that FHIR has here. See MeasureReport in FHIR R4."),
        (changed(group=5), "r.json: AC432 group: Input should be a valid list. See MeasureReport in FHIR R5."),
        (changed(status="error"), 'r.json: AC433 the report: the status is "error". A report that is used is complete or pending.'),
        (changed(type="individual"), "r.json: AC433 the report: this is a report of a single person. Bring a summary: its type is summary."),
        (changed(period={"start": "2027-06-30", "end": "2027-04-01"}), "r.json: AC433 the report: the period ends before it starts."),
        (changed(period={"start": "2027-04-01"}), 'r.json: AC433 the report: period.end: "" is not a date. Write year, month and day, as in 2026-04-01.'),
        (changed(group=[]), "r.json: AC433 the report: there is no group, so nothing is measured."),
        (changed(measure=""), None),
        (with_group(measureScore={"value": 6.5}), 'r.json: AC434 the report: "readmission" has 9 of 138, which is not the score that it shows. A percentage has the unit %; without it a score is a share of one.'),
        (with_group(measureScore={"value": 7.5, "unit": "%"}), 'r.json: AC434 the report: "readmission" has 9 of 138, which is not the score that it shows. Mend the counts or the score.'),
        (with_group(measureScore={"value": 0.065, "comparator": "<"}), "r.json: AC433 the report: a score that is only known to be more or less than a number is not a value."),
        (json.dumps({"resourceType": "Bundle", "entry": [{"resource": FOREIGN}] * 2}), 'r.json: AC435 The measure "readmission" from 2027-04-01 to 2027-06-30 is reported twice. Keep one of the reports.'),
        (json.dumps({"resourceType": "Bundle", "entry": [{"resource": FOREIGN}] * 2001}), "r.json: AC431 There are 2,001 reports, and 2,000 are the most."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(text: str, told: str | None) -> None:
    found = wrong(text)
    assert found[0] == told if told else found


def population(**counts: int) -> str:
    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    return with_group(
        population=[
            {"code": {"coding": [{"system": system, "code": code.replace("_", "-")}]}, "count": n}
            for code, n in counts.items()
        ]
    )


def test_counts_that_cannot_be_are_told() -> None:
    assert "has 9 in its numerator and 5 in its denominator" in wrong(population(numerator=9, denominator=5))[0]
    assert "has less than nobody" in wrong(population(numerator=-1, denominator=5))[0]
    twice = json.loads(population(numerator=9, denominator=138))
    twice["group"][0]["population"] *= 2
    assert "the population numerator stands twice" in wrong(json.dumps(twice))[0]


def test_several_groups_need_codes() -> None:
    group = FOREIGN["group"][0]
    assert "has no code" in wrong(changed(group=[group, group]))[0]


def test_from_evidence() -> None:
    evidence = Evidence(
        "proportion", "discharges", START, END, date(2027, 8, 2), 138, 9, 12, 3, 0, 0, (), "ab12", "council"
    )
    bounds = Bounds(*STAYED.interval, "Wilson score")  # type: ignore[misc]
    found = reported(
        "stayed_home",
        Fraction(9, 138),
        "measured",
        evidence,
        bounds,
        title=STAYED.title,
        unit="percent",
        better="lower",
    )
    assert found == STAYED
    early = Evidence("time_to", "x", START, END, None, 5, 0, 0, 0, 0, 0, provisional=True)
    assert (reported("x", 5, "measured", early).status, reported("x", 5, "measured", early).scoring) == (
        "provisional",
        "continuous-variable",
    )


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("fhir"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr("alliance.measures.fhir.models.import_module", lambda name: without(name))
    with pytest.raises(InputError) as error:
        report_from_measures([STAYED], contract="c")
    assert str(error.value.faults[0]) == (
        'the report: AC204 FHIR reports need fhir.resources, which is not installed. pip install "alliance[fhir]"'
    )


def test_releases() -> None:
    with pytest.raises(ValueError, match="a release is one of R5, R4"):
        report_from_measures([], contract="c", release="R3")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_decimals_are_written_and_read_exactly(number: Decimal) -> None:
    given_ = {"a": number, "b": ["5", "\x01", {}, [], None, True]}
    assert read_json(write_json(given_)) == given_


def test_only_decimals_are_written() -> None:
    with pytest.raises(TypeError):
        write_json({"a": object()})
    with pytest.raises(Refused):
        read_json('{"a": 1E5}')


def test_counts_of_another_program_s_are_passed_over() -> None:
    """In our own extension too: what is not one of our counts, or no number, is nothing."""
    report = json.loads(report_from_measures([STAYED], contract="discharge"))
    group = report["group"][0] if "group" in report else report["entry"][0]["resource"]["group"][0]
    own = next(x for x in group["extension"] if x["url"].endswith("counts"))
    own["extension"] += [
        {"url": "strangers", "valueInteger": 3},
        {"url": own["extension"][0]["url"], "valueString": "x"},
    ]
    (found,) = measures_from_report(json.dumps(report))
    assert found == STAYED
