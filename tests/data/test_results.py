from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from alliance.contract.faults import Mark
from alliance.data.limits import Limits
from alliance.data.results import Given, Results, read_results
from tests.data.files import cell, workbook
from tests.data.helpers import content, faults_of, starts, write

YAML = """\
readmissions: {value: 6.5%, cases: 150, status: provisional}
spend: 20_330_000
answer: NO
unknown: ~
late: {status: missing}
fixed:
  acute: 5
  community: {value: 6, cases: 3}
  live_in: {nights: 1, days: {status: suppressed}}
discharges:
  - {person: p1, discharged: 2026-04-01, readmitted: ~}
  - person: p2
    palliative: no
incidents: []
periods:
  2026-27 Q1: {calls: 370, fixed: {acute: 4}}
"""


def brief(results: Results) -> list[tuple[str | None, ...]]:
    return [(v.name, v.text, v.period, v.party, v.key, v.status, v.cases) for v in results.values]


def test_a_table_of_one_value_a_row(tmp_path: Path) -> None:
    text = (
        "name,title,unit,value,period,party,key,status,cases,note,from,due\n"
        "calls,Calls,count,370,,,,,,,icb,\n"
        " fixed ,,,1e3,2026-27 Q1, acute ,,provisional,12,x,,\n"
        "late,,,,,,home,missing,,,,\n"
        ",a remark that stands alone,,,,,,,,,,\n"
    )
    path = write(tmp_path, "r.csv", text)
    results = read_results(path)
    assert brief(results) == [
        ("calls", "370", "", "", "", "", ""),
        ("fixed", "1e3", "2026-27 Q1", "acute", "", "provisional", "12"),
        ("late", "", "", "", "home", "missing", ""),
    ]
    assert results.values[1].mark == Mark(str(path), 3, 4)
    assert results.values[1].address == ("fixed", "2026-27 Q1", "acute", "")
    assert results.records == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "calls,spend\n1,2\n",
            "r.csv:1: AC232 This table has neither a column name nor a column value; it seems to have",
        ),
        ("name,period\na,b\n", "r.csv:1: AC230 The column value is missing."),
        ("value,period\na,b\n", "r.csv:1: AC230 The column name is missing."),
        ("name,value,Partie\n", 'r.csv:1:3: AC231 A table of values has no column "Partie". Did you mean "party"?'),
        ("name,value,zzz\n", 'r.csv:1:3: AC231 A table of values has no column "zzz". It may be: name, value'),
        ("name,value\n ,1\n", "r.csv:2:1: AC233 This row has no name."),
        ("name,value,status\n,,missing\n", "r.csv:2:1: AC233"),
        ("name,value\na,1\nb,1\na,1\n", 'r.csv:4:2: AC234 The value of "a" is given already, at '),
        ("name,value\n1\n", "r.csv:2: AC213"),
    ],
)
def test_faults_of_a_table(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, "r.csv", text)
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert fault.startswith(expected)


def test_a_value_given_twice_names_all_that_tells_it(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", "name,value,period,party,key\na,1,P,q,r\na,1,P,q,\na,1,P,,r\na,2,P,q,r\n")
    assert faults_of(lambda: read_results(path), tmp_path) == [
        'r.csv:5:2: AC234 The value of "a" in "P" for "q" for "r" is given already, at r.csv:2:2. Keep one of them.'
    ]


def test_a_table_for_other_tools_is_explained(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", "calls,spend\n1,2\n")
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert "--table" in fault


def book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        for name, rows in sheets.items():
            sheet = made.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    return path


def test_a_workbook_brings_values_and_records(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "discharges": [["person", "cost"], ["p1", 1.25]],
        "inputs": [["name", "value"], ["calls", 370], ["share", 0.122], ["none", ""]],
        "Sheet3": [],
        "voices": [["person", "asked"]],
    }
    results = read_results(book(tmp_path / "r.xlsx", sheets))
    assert [(v.name, v.text) for v in results.values] == [("calls", "370"), ("share", "0.122"), ("none", None)]
    assert str(results.values[0].mark).endswith("r.xlsx[inputs]:2:2")
    assert {name: content(table) for name, table in results.records.items()} == {
        "discharges": [(2, ("p1", "1.25"))],
        "voices": [],
    }
    assert results.records["voices"].columns == ["person", "asked"]


def test_the_first_sheet_serves_where_none_is_called_inputs(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {"Q1": [["name", "value"], ["calls", 1]], "calls": [["a"], [1]]}
    path = book(tmp_path / "r.xlsx", sheets)
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert fault == (
        'r.xlsx[calls]:1: AC236 "calls" names records here and a value at r.xlsx[Q1]:2:2. Rename one of them.'
    )
    assert set(read_results(book(path, sheets | {"calls": []})).records) == set()


def test_the_faults_of_all_sheets_are_told(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "inputs": [["name", "value"], ["calls", 1.1 * 3]],
        "one": [["a", "a"]],
        "two": [["a"], [1, 2]],
    }
    path = book(tmp_path / "r.xlsx", sheets)
    assert starts(lambda: read_results(path), tmp_path) == [
        "r.xlsx[one]:1:2: AC209",
        "r.xlsx[two]:2:2: AC208",
    ]
    sheets["inputs"][1][1] = 2
    path = write(
        tmp_path,
        "s.xlsx",
        workbook(cell("A1", "name", ' t="str"') + cell("B1", "value", ' t="str"') + cell("B2", 0.30000000000000004)),
    )
    assert starts(lambda: read_results(path), tmp_path) == ["s.xlsx[Sheet1]:2:2: AC218"]


def test_yaml(tmp_path: Path) -> None:
    path = write(tmp_path, "r.yaml", YAML)
    results = read_results(path)
    assert brief(results) == [
        ("readmissions", "6.5%", "", "", "", "provisional", "150"),
        ("spend", "20_330_000", "", "", "", "", ""),
        ("answer", "NO", "", "", "", "", ""),
        ("unknown", None, "", "", "", "", ""),
        ("late", None, "", "", "", "missing", ""),
        ("fixed", "5", "", "", "acute", "", ""),
        ("fixed", "6", "", "", "community", "", "3"),
        ("fixed", "1", "", "live_in", "nights", "", ""),
        ("fixed", None, "", "live_in", "days", "suppressed", ""),
        ("calls", "370", "2026-27 Q1", "", "", "", ""),
        ("fixed", "4", "2026-27 Q1", "", "acute", "", ""),
    ]
    assert results.values[0].mark == Mark(str(path), 1, 23)
    assert results.values[4].mark == Mark(str(path), 5, 7)
    table = results.records["discharges"]
    assert table.columns == ["person", "discharged", "readmitted", "palliative"]
    assert [row.cells for row in table.rows] == [("p1", "2026-04-01", None, None), ("p2", None, None, "no")]
    assert table.rows[1].mark("palliative") == Mark(str(path), 13, 17)
    assert table.rows[1].mark("readmitted") == Mark(str(path), 12)
    assert (results.records["incidents"].columns, len(results.records["incidents"].rows)) == ([], 0)


def test_json_says_the_same_as_yaml(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "r.json",
        '{"readmissions": {"value": "6.5%", "cases": 150, "status": "provisional"},\n'
        '"spend": 20330000.50,\n"unknown": null,\n"sure": true, "empty": {},\n'
        '"fixed": {"acute": 5,\n"live_in": {"nights": 1}},\n'
        '"discharges": [{"person": "p1"},\n{"person": "p2", "cost": 1.10}], "none": [],\n'
        '"periods": {"2026-27 Q1": {"calls": 370}}}',
    )
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert fault.startswith('r.json:4: AC235 There is nothing in "empty".')
    path.write_text(path.read_text(encoding="utf-8").replace('"empty": {},', '"empty": "",'), encoding="utf-8")
    results = read_results(path)
    assert brief(results) == [
        ("readmissions", "6.5%", "", "", "", "provisional", "150"),
        ("spend", "20330000.50", "", "", "", "", ""),
        ("unknown", None, "", "", "", "", ""),
        ("sure", "true", "", "", "", "", ""),
        ("empty", "", "", "", "", "", ""),
        ("fixed", "5", "", "", "acute", "", ""),
        ("fixed", "1", "", "live_in", "nights", "", ""),
        ("calls", "370", "2026-27 Q1", "", "", "", ""),
    ]
    assert [v.mark.line for v in results.values] == [1, 2, 3, 4, 4, 5, 6, 9]
    assert content(results.records["discharges"]) == [(7, ("p1", None)), (8, ("p2", "1.10"))]
    assert content(results.records["none"]) == []


@pytest.mark.parametrize("name", ["r.yaml", "r.json"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"a": {"value": 1, "case": 3}}',
            'AC235 An entry with a value or a status has no "case". Did you mean "cases"?',
        ),
        ('{"a": {"status": "x", "zzzz": 3}}', "It may be: value, status, cases, received."),
        ('{"a": {"value": {"b": 1}}}', 'AC235 The value of "a" is not one value.'),
        ('{"a": {"value": [1]}}', 'AC235 The value of "a" is not one value.'),
        ('{"a": {}}', 'AC235 There is nothing in "a".'),
        ('{"a": {"b": {"c": {"d": 1}}}}', 'AC235 "a" is nested deeper than party and category here.'),
        ('{"a": {"b": [1]}}', 'AC235 A list in "a" stands where one value is expected.'),
        ('{"a": {"b": {"c": [1]}}}', 'AC235 A list in "a" stands where one value is expected.'),
        ('{"a": [1]}', 'AC227 "a" is a list, and this item of it is not a record.'),
        ('{"a": [{"b": [1]}]}', 'AC227 The value of "b" is a list or has keys of its own, and it should be one value.'),
        ('{"a": [{" ": 1}]}', "AC208 Column 1 has no name."),
        ('{"a": [{"b": ""}, {"b": "' + "x" * 32_768 + '"}]}', "AC"),
        ('{"periods": [1]}', "AC235 Earlier periods should be here, each with its values."),
        ('{"periods": {"p": 1}}', 'AC235 Names and their values should be here, for the period "p".'),
        ('{"periods": {"p": {"a": [{"b": 1}]}}}', 'AC235 Records of an earlier period, "a", cannot stand here.'),
        ('{" ": 1}', "AC233 This entry has no name."),
        ('{"a": 1, "a ": 2}', 'AC234 The value of "a" is given already, at '),
        ('{"a": 1, "a ": [{"b": 1}]}', 'AC236 "a" names records here and a value at '),
        ('{"a": 1, "a": 2}', "AC"),
        ("[1]", "AC"),
        ('{"a": "x\\u202e"}', "AC"),
        ("", "AC"),
    ],
)
def test_faults_of_yaml_and_json(tmp_path: Path, name: str, text: str, expected: str) -> None:
    path = write(tmp_path, name, text)
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert expected in fault
    assert fault.startswith(name + ":")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1,}', "r.json:1:9: AC224 Here a key in double quotes is expected."),
        ("{1: 2}", "r.json:1:2: AC224 Here a key in double quotes is expected."),
        ('{"a" 1}', "r.json:1:6: AC224 Here : is expected."),
        ('{"a": 1', "r.json:1:8: AC224 Here , or } is expected."),
        ('{"a": 1} x', "r.json:1:10: AC224 More text follows"),
        ('{"a": {"b": 1,\n"b": 2}}', 'r.json:2:1: AC226 The key "b" is written twice'),
        ('{"a": [{"b": 1, "b": 2}]}', 'r.json:1:8: AC226 The key "b" is written twice'),
        ('{"a": }', "r.json:1:7: AC224 The JSON cannot be read here: a value should be here."),
        ('{"a": NaN}', "r.json:1:7: AC219"),
        ("[1]", "r.json:1:1: AC235 Results in JSON are an object"),
    ],
)
def test_faults_of_json_alone(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, "r.json", text)
    (fault,) = faults_of(lambda: read_results(path), tmp_path)
    assert fault.startswith(expected)


def test_nothing_is_a_result_too(tmp_path: Path) -> None:
    assert read_results(write(tmp_path, "r.json", "{ }")) == Results()
    assert read_results(write(tmp_path, "r.csv", "name,value\n")) == Results()


def test_limits_of_yaml_and_json(tmp_path: Path) -> None:
    for name, code in (("r.yaml", "AC020"), ("r.json", "AC225")):
        path = write(tmp_path, name, "{" + ", ".join(f'"a{i}": {i}' for i in range(50)) + "}")
        assert len(read_results(path, limits=Limits(nodes=101)).values) == 50
        (fault,) = starts(lambda path=path: read_results(path, limits=Limits(nodes=40)), tmp_path)  # type: ignore[misc]
        assert fault.endswith(code)
        (fault,) = starts(lambda path=path: read_results(path, limits=Limits(tree_bytes=40)), tmp_path)  # type: ignore[misc]
        assert fault == f"{name}: AC203"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 123456\nb: 1\n", ""),
        ("a: 123456", ""),
        ("b: 1\na: 1234567\n", "r.yaml:2: AC212"),
        ("a: 1234567", "r.yaml:1: AC212"),
        ("a: 1\n\n\nb: '12345678901234567890'", "r.yaml:4: AC212"),
        ("a: '12345678901234567890'\nb: 1\nc: 1\nd: 1\n", "r.yaml:1: AC212"),
    ],
)
def test_long_lines_of_yaml(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, "r.yaml", text)
    if expected:
        assert starts(lambda: read_results(path, limits=Limits(yaml_line_bytes=9)), tmp_path) == [expected]
    else:
        assert read_results(path, limits=Limits(yaml_line_bytes=9)).values


@pytest.mark.parametrize(("name", "words"), [("r.txt", ".txt. It may be: .csv"), ("r", "no ending")])
def test_other_kinds_of_files(tmp_path: Path, name: str, words: str) -> None:
    (fault,) = faults_of(lambda: read_results(write(tmp_path, name, "")), tmp_path)
    assert "AC202" in fault
    assert words in fault


def test_a_given_is_plain() -> None:
    given = Given("a", None, Mark("f"))
    assert given.address == ("a", "", "", "")
    assert not hasattr(given, "__dict__")
