"""Faults of what is brought: each with its code, its place in the file, and what to do; all of them at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.data.results import read_results
from alliance.data.table import read_table
from alliance.settlement import settling
from tests.settlement.helpers import contract, faults_of, settled

BODY = """\
decisions: {agreed: {signed_by: [icb, council]}}
terms: {price: {unit: GBP, value: 5}}
inputs:
  spend: {unit: GBP}
  rate: {unit: percent, at_least: 0%, at_most: 100%}
  n: {unit: count, by: provider}
  kind: {one_of: [home, away]}
  on_day: {unit: date}
  met: {unit: boolean}
  visits: {records: {person: id, day: date, cost: GBP, mood: likert 5, took: optional count}, dated: day}
measures: {m: {reported: percent}}
figures: {total: {is: spend}}
"""


def brought(folder: Path, *lines: str, name: str = "results.csv") -> list[str]:
    """The faults of a file of results with these lines, without the folder."""
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    found = faults_of(lambda: alliance.settle(contract(BODY), "2026-27", read_results(path)))
    return [line.replace(f"{folder}/", "") for line in found]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("spent,5,,,", 'results.csv:2:2: AC130 "spent" is not an input or measure of this contract. Did you mean "spend"?'),
        ("total,5,,,", 'results.csv:2:2: AC130 "total" is not an input or measure of this contract. The contract works it out'),
        ("price,5,,,", 'results.csv:2:2: AC130 "price" is not an input or measure of this contract. The contract fixes it'),
        ("zzzz,5,,,", 'results.csv:2:2: AC130 "zzzz" is not an input or measure of this contract. It may be: '),
        ("visits,5,,,", "results.csv:2:2: AC131 visits is records, not a single value. Give it as a table."),
        ("n,5,acut,,", 'results.csv:2:2: AC132 n is one for each party; "acut" is not one of them. Did you mean "acute"?'),
        ("n,5,,,", "results.csv:2:2: AC132 n is one for each party; none is named here. It may be: acute, community, live_in."),
        ("spend,5,acute,,", 'results.csv:2:2: AC132 spend is a single value, and "acute" is given with it. Leave it out.'),
        ("agreed,yes,acute,,", 'results.csv:2:2: AC132 agreed is not signed by "acute". It may be: icb, council.'),
        ("agreed,maybe,icb,,", 'results.csv:2:2: AC135 agreed: "maybe" is not yes or no.'),
        ("spend,5,,measurd,", 'results.csv:2:2: AC134 spend: "measurd" is not a status. Did you mean "measured"?'),
        ("spend,five,,,", 'results.csv:2:2: AC135 spend: "five" is not a number.'),
        ('spend,"£1,234",,,', 'results.csv:2:2: AC135 spend: "£1,234" is not a number. Write the number without a currency sign.'),
        ('spend,"1,2345",,,', 'results.csv:2:2: AC135 spend: "1,2345" is not a number: a comma stands only between thousands.'),
        ("spend,£5,,,", 'results.csv:2:2: AC135 spend: "£5" is not a number. Write the number without a currency sign.'),
        ("rate,12.2,,,", 'results.csv:2:2: AC135 rate: "12.2" would be 1220%. Write a percentage with its sign (12.2%), or as a share of 1.'),
        ("rate,101%,,,", "results.csv:2:2: AC135 rate: 101% is above the most it may be, 100%."),
        ("rate,-1%,,,", "results.csv:2:2: AC135 rate: -1% is below the least it may be, 0%."),
        ("kind,hom,,,", 'results.csv:2:2: AC135 kind: "hom" is not one of home, away.'),
        ("on_day,1/4/2026,,,", "results.csv:2:2: AC135 on_day: "),
        ("met,perhaps,,,", 'results.csv:2:2: AC135 met: "perhaps" is not yes or no.'),
        ("m,5%,,,x", 'results.csv:2:2: AC135 m: "x" is not a number.'),
        ("m,5%,,,-1", 'results.csv:2:2: AC135 m: "-1" is not a number of cases.'),
        ("m,5%,,,1.5", 'results.csv:2:2: AC135 m: "1.5" is not a number of cases.'),
        ("m,5%,,,missing", 'results.csv:2:2: AC135 m: "missing" is not a number of cases.'),
    ],
)  # fmt: skip
def test_a_value(tmp_path: Path, row: str, fault: str) -> None:
    (found,) = brought(tmp_path, "name,value,party,status,cases", row)
    assert found.startswith(fault)


def test_a_period_that_is_none(tmp_path: Path) -> None:
    (found,) = brought(tmp_path, "name,value,period", "spend,5,2026-28")
    assert found.startswith('results.csv:2:2: AC110 "2026-28" is not a period.')


def test_a_value_given_twice() -> None:
    made = contract(BODY)
    given = {"spend": 5, "periods": {"2026-27": {"spend": 6}}}
    assert faults_of(lambda: settled(made, inputs=given)) == [
        "inputs: AC133 spend is given twice, once for 2026-27 and once without a period."
    ]
    twice = {"periods": {"2026-27 Q1": {"spend": 5}, "2026-27 Q1 ": {"spend": 6}}}
    assert faults_of(lambda: settled(made, inputs=twice)) == ["inputs: AC133 spend is given twice. Keep one of them."]


def test_records_that_are_none_of_the_contract() -> None:
    made = contract(BODY)
    assert faults_of(lambda: settled(made, inputs={"visit": [{"a": 1}]})) == [
        'inputs: AC136 "visit" is not records of this contract. Did you mean "visits"?'
    ]
    assert faults_of(lambda: settled(contract(""), inputs={"visit": [{"a": 1}]})) == [
        'inputs: AC136 "visit" is not records of this contract.'
    ]


ROW = {"person": "a", "day": "2026-05-01", "cost": "5", "mood": "3", "took": ""}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"prson": "a"}, 'visits[1]: AC137 visits: "prson" is not a field of it. Did you mean "person"?'),
        (
            {"qqq": "a"},
            'visits[1]: AC137 visits: "qqq" is not a field of it. It may be: person, day, cost, mood, took.',
        ),
        ({"person": ""}, "visits[1]: AC138 visits, person: it is empty, and is not optional."),
        ({"person": None}, "visits[1]: AC138 visits, person: it is empty, and is not optional."),
        ({"day": "May"}, "visits[1]: AC138 visits, day: "),
        ({"cost": "lots"}, 'visits[1]: AC138 visits, cost: "lots" is not a number.'),
        ({"mood": "6"}, 'visits[1]: AC138 visits, mood: "6" is not one of 1 to 5.'),
        ({"mood": "2.5"}, 'visits[1]: AC138 visits, mood: "2.5" is not one of 1 to 5.'),
    ],
)
def test_a_record(change: dict[str, Any], fault: str) -> None:
    (found,) = faults_of(lambda: settled(contract(BODY), inputs={"visits": [{**ROW, **change}]}))
    assert found.startswith(fault)


class Given:
    """Results in the shape in which files are read."""

    def __init__(self, **records: Any) -> None:
        self.values: list[Any] = []
        self.records = records


def table(folder: Path, *lines: str) -> Any:
    path = folder / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_table(path)


def records(folder: Path, *lines: str, name: str = "visits") -> list[str]:
    given = Given(**{name: table(folder, *lines)})
    return [f.replace(f"{folder}/", "") for f in faults_of(lambda: alliance.settle(contract(BODY), "2026-27", given))]


def test_a_table_of_records(tmp_path: Path) -> None:
    good = Given(visits=table(tmp_path, "person,day,cost,mood,more", "a,2026-05-01,5,3,x", "b,2026-05-02,6,4,y"))
    made = contract(BODY + "payments: {p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}}\n")
    found = alliance.settle(made, "2026-27", good)
    assert [(w.of.rpartition("/")[2], w.amount) for w in found.payment("p").waterfalls] == [
        ("visits.csv:2", 5), ("visits.csv:3", 6),
    ]  # fmt: skip


def test_the_faults_of_a_table_of_records(tmp_path: Path) -> None:
    assert records(tmp_path, "person,day,cost,mood", "a,2026-05-01,lots,9", ",2026-05-01,5,3") == [
        'visits.csv:2:3: AC138 visits, cost: "lots" is not a number. Leave it empty, or write missing, where nothing is known.',
        'visits.csv:2:4: AC138 visits, mood: "9" is not one of 1 to 5.',
        "visits.csv:3:1: AC138 visits, person: it is empty, and is not optional.",
    ]
    (lacking,) = records(tmp_path, "person,date,cost", "a,2026-05-01,5")
    assert lacking.startswith("visits.csv:1: AC137 visits lacks the columns day, mood.")
    (one,) = records(tmp_path, "prson,day,cost,mood", "a,2026-05-01,5,3")
    assert one == 'visits.csv:1: AC137 visits lacks the column person. Did you mean "prson"?'
    (far,) = records(tmp_path, "x,day,cost,mood", "a,2026-05-01,5,3")
    assert far == "visits.csv:1: AC137 visits lacks the column person. There is: x, day, cost, mood."
    (near,) = records(tmp_path, "person,day,cost,mood,Took", "a,2026-05-01,5,3,1")
    assert near.startswith('visits.csv:1:5: AC137 visits: the column "took" is missing, and "Took" is nearly that.')
    (other,) = records(tmp_path, "person", "a", name="visit")
    assert other.startswith('visits.csv:1: AC136 "visit" is not records of this contract.')


def test_of_many_faulty_records_the_first_are_told_and_all_are_counted(tmp_path: Path) -> None:
    rows = [{**ROW, "person": str(n), "day": "May"} for n in range(150)]
    lines = [f"{n},May,5,3" for n in range(150)]
    last = "AC138 visits: 150 records are faulty, and the first 100 faults are told. Mend them, or let the contract say `faulty: drop and count`."
    for given, place in (
        ({"visits": rows}, ""),
        (Given(visits=table(tmp_path, "person,day,cost,mood", *lines)), f"{tmp_path}/visits.csv:1: "),
    ):
        with pytest.raises(alliance.InputError) as error:
            alliance.settle(contract(BODY), "2026-27", given)
        told = [str(fault) for fault in error.value.faults]
        assert len(told) == 102
        assert f"{place}{last}" in told
        assert told[-1] == "AC000 at least 50 more faults are not shown; mend these first."


def test_no_two_records_share_what_is_unique() -> None:
    made = contract(BODY.replace("dated: day}", "dated: day, unique: [person, day]}"))
    rows = [ROW, {**ROW, "day": "2026-05-02"}, {**ROW, "person": "b"}, {**ROW, "cost": "6"}]
    assert faults_of(lambda: settled(made, inputs={"visits": rows})) == [
        "visits[4]: AC139 visits: the same person and day as the record at visits[1]. Keep one of them."
    ]
    assert settled(made, inputs={"visits": rows[:3]}).period == "2026-27"


def test_as_many_texts_as_there_are_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = contract(BODY + "payments: {p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}}\n")
    rows = [{**ROW, "person": str(n), "cost": str(n % 7)} for n in range(20)]
    whole = settled(made, inputs={"visits": rows})
    monkeypatch.setattr("alliance.settlement.records.MOST_REMEMBERED", 2)
    assert settled(made, inputs={"visits": rows}).transfers == whole.transfers
    assert whole.payment("p").earned == sum(n % 7 for n in range(20))


@pytest.mark.parametrize(
    ("extracted", "fault"),
    [
        ({"visits": "May"}, 'inputs: AC135 visits, extracted: "May" is not a date.'),
        (
            {"visit": "2026-05-01"},
            'inputs: AC136 extracted: "visit" is not records of this contract. Did you mean "visits"?',
        ),
        (
            {"spend": "2026-05-01"},
            'inputs: AC136 extracted: "spend" is not records of this contract. It may be: visits.',
        ),
    ],
)
def test_the_day_on_which_records_were_extracted(extracted: dict[str, str], fault: str) -> None:
    (told,) = faults_of(lambda: settled(contract(BODY), inputs={"extracted": extracted}))
    assert told.startswith(fault)


def test_a_day_of_extraction_where_a_contract_has_no_records() -> None:
    (told,) = faults_of(lambda: settled(contract(""), inputs={"extracted": {"visits": "2026-05-01"}}))
    assert told == 'inputs: AC136 extracted: "visits" is not records of this contract.'


def test_formulas_go_through_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops within loops may never end: what all formulas go through is counted, with some for each record brought."""
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 20)
    monkeypatch.setattr(settling, "TIMES_THROUGH_RECORDS", 2)
    monkeypatch.setattr(settling, "TIMES_FOR_VALUES", 20)
    counted = "count(visits) + count(visits)"
    rows = [{**ROW, "person": str(n)} for n in range(30)]
    made = contract(BODY.replace("total: {is: spend}", f"total: {{is: {counted}}}"))
    assert settled(made, inputs={"visits": rows}).figure("total") == 60
    more = contract(BODY.replace("total: {is: spend}", f"total: {{is: {counted} + count(visits)}}"))
    assert faults_of(lambda: settled(more, inputs={"visits": rows})) == [
        "contract.yaml: AC140 the formulas go through more than 80 parties, options and records; the last is visits."
        " Work out what a loop within a loop repeats once, as a figure."
    ]
    assert settled(more, inputs={"visits": rows, "spend": 1, "n": {"acute": 1}}).figure("total") == 90


def test_a_settlement_takes_only_so_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made = contract(BODY)
    settled(made)
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 0)
    (told,) = faults_of(lambda: settled(made))
    assert re.match(r"contract\.yaml:\d+:\d+: AC140 the settlement takes more than 0 steps; the last are of the", told)
    assert "Say it of fewer parties, options or records, or settle shorter periods." in told


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    found = brought(
        tmp_path, "name,value,party,status,cases", "spend,x,,,", "n,5,acut,,", "m,5%,,odd,", "rate,500%,,,", "oops,1,,,"
    )
    assert [line.split(" ")[0] for line in found] == [f"results.csv:{n}:2:" for n in range(2, 7)]


def test_the_faults_of_a_yaml_file_have_line_and_column(tmp_path: Path) -> None:
    found = brought(tmp_path, "spend: five", "n: {acut: 5}", "visits:", "  - {person: a, day: May}", name="r.yaml")
    assert [line.split(" ")[:2] for line in found] == [
        ["r.yaml:1:8:", "AC135"], ["r.yaml:2:11:", "AC132"], ["r.yaml:4:", "AC137"],
    ]  # fmt: skip


def test_a_settlement_that_cannot_be_final_tells_every_payment() -> None:
    made = contract(
        BODY
        + "payments:\n  p: {pays_for: outcome, start: spend, from: icb, to: acute}\n"
        + "  q: {pays_for: outcome, start: 2 * spend, from: icb, to: acute}\n"
    )
    found = faults_of(lambda: settled(made, kind="final"))
    assert [line.split(" ")[1] for line in found] == ["AC141", "AC141"]


def test_a_state_that_cannot_be_read() -> None:
    for found in ({}, {"balances": 5}, {"balances": {}, "past": [[1]], "moved": [], "inputs": []}, [], None):
        assert "AC120 the opening state cannot be read" in faults_of(lambda f=found: alliance.State.from_dict(f))[0]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("inputs", [["2026-27", "x", "", {"n": "1"}, "measurd", None]]),
        ("inputs", [["2026-27", "x", "", {"n": "1"}, "measured", -1]]),
        ("inputs", [[5, "x", "", {"n": "1"}, "measured", 1]]),
        ("inputs", [["2026-27", "x", "", {"n": "one"}, "measured", 1]]),
        ("past", [["2026-27", "2026-04-01", "decade", "x", "", "", {"n": "1"}, True]]),
        ("moved", [["2026-27", "2026-04-01", "soon", "p", "payment", "icb", "acute", "1"]]),
    ],
)
def test_parts_of_a_state_that_are_not_what_they_were(part: str, change: Any) -> None:
    good = {"balances": {}, "past": [], "moved": [], "inputs": []}
    assert alliance.State.from_dict(good) == alliance.State()
    assert "AC120" in faults_of(lambda: alliance.State.from_dict({**good, part: change}))[0]
