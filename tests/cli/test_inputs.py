"""`alliance inputs`, and its forms filled in, read back and settled."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner, Result

import alliance
from alliance.cli.main import cli
from alliance.contract.contract import load
from alliance.contract.english.needs import needs
from alliance.data.limits import DEFAULT
from alliance.data.workbook import Workbook

GALLERY = Path(__file__).parents[2] / "contracts"
CONTRACT = """\
alliance: 1
contract: {id: needs, title: Help at home, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
categories: {site: [north_end, South]}
parties:
  icb: {name: Integrated care board, role: commissioner}
  council: {name: Borough council, role: commissioner}
  acute: {name: Acute trust, role: provider}
  late: {name: Late provider, role: provider, from: 2027-04-01}
decisions: {go: {title: Go ahead, signed_by: [icb, council], unanimous: false, quorum: 1}}
inputs:
  spend: {title: "Spend, open book", unit: GBP, from: acute, due: 20 working days, over_periods: add, at_least: 0}
  grant: {title: Grant of the period, unit: GBP}
  hours: {title: Hours saved, unit: count, by: provider, from: council, if: {missing: exclude, suppressed: exclude}}
  people: {title: People, unit: count, by: site, reads: {"-": missing}, column: N_People}
  share: {title: Share, unit: percent, reads: percent points, optional: true}
  ready: {title: Ready, unit: boolean, if: {missing: no}}
  since: {title: Since, unit: date, optional: true, over_periods: same}
  visits: {title: Visits, records: {person: id, seen: date, cost: GBP, left: optional date, level: [low, high]}, dated: seen, from: acute, due: 5 days}
measures:
  well: {title: People well, reported: percent, minimum: 30 cases, if: {not assessable: previous}, from: icb}
  fit: {title: People fit, reported: percent, window: 12 months, by: site}
  ratio: {title: Ratio, ratio: {of: grant, to: spend}}
figures: {all_people: {title: All people, is: sum(people for site)}}
payments:
  quarter: {title: Quarter, pays_for: outcome, start: spend * well, when: go, from: icb, to: acute}
  visited: {title: Visited, pays_for: outcome, start: sum(cost for visits where level = high), from: council, to: acute}
  year: {title: Year, pays_for: outcome, settles: yearly, start: all_people * 10 GBP + grant, from: icb, to: acute}
"""


@pytest.fixture
def contract(tmp_path: Path) -> str:
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    return str(tmp_path)


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["inputs", *args])


def test_the_table(contract: str) -> None:
    found = run(contract, "--period", "2026-27 Q1")
    assert (found.exit_code, found.stderr) == (0, "")
    text = found.stdout
    assert text.startswith("Help at home\nWhat a settlement needs\n")
    flat = " ".join(text.split())
    for words in (
        "VALUES", "spend", "Spend, open book", "20 working days", "not determined", "at least £0;",
        "north_end, South", "“-” is", "left out", "need not be", "yes or no",
        "REPORTED MEASURES", "30 cases", "last final",
        "DECISIONS", "icb, council", "1 of 2",
        "RECORDS", "Visits (visits)", "From Acute trust, 5 days. A record belongs to the period of its “seen”.",
        "left date yes", "level low or high",
    ):  # fmt: skip
        assert words in flat, words
    assert "ratio" not in text  # it is worked out from an input
    assert "late" not in flat.split()  # it joins later


def test_json(contract: str) -> None:
    found = json.loads(run(contract, "--format", "json").stdout)
    assert (found["contract"], found["period"]) == ("needs", None)
    by_name = {n["name"]: n for n in found["inputs"]}
    assert list(by_name) == [
        "spend", "grant", "hours", "people", "share", "ready", "since", "well", "fit", "go", "visits",
    ]  # fmt: skip
    assert by_name["hours"] == {
        "kind": "figure", "name": "hours", "title": "Hours saved", "clause": "", "unit": "number", "by": "party",
        "rows": [{"period": "", "key": "acute"}, {"period": "", "key": "late"}], "from": "council", "due": "",
        "reads": "", "when_missing": "left out", "column": "", "fields": [], "signatures_needed": 0, "remarks": [],
        "day_of_receipt": False,
    }  # fmt: skip
    assert by_name["people"]["column"] == "N_People"
    assert by_name["go"]["signatures_needed"] == 1
    assert by_name["visits"]["fields"][3] == {"name": "left", "holds": "date", "optional": True}


def test_csv(contract: str) -> None:
    text = run(contract, "--period", "2027-28 Q1", "--format", "csv").stdout
    found = list(csv.DictReader(io.StringIO(text)))
    assert [r["key"] for r in found if r["name"] == "hours"] == ["acute", "late"]
    assert [(r["field"], r["unit"]) for r in found if r["name"] == "visits"] == [
        ("person", "text"), ("seen", "date"), ("cost", "GBP"), ("left", "date, may be empty"), ("level", "low or high"),
    ]  # fmt: skip


def test_markdown_and_output(contract: str, tmp_path: Path) -> None:
    target = tmp_path / "needs.md"
    assert run(contract, "--format", "markdown", "--output", str(target)).exit_code == 0
    text = target.read_text("utf-8")
    assert "## Values" in text
    assert "| all\\_people" not in text
    assert "north\\_end" in text


def test_a_period_is_made_of_shorter_ones(contract: str) -> None:
    loaded = load(contract)
    year = {n.name: [period for period, _ in n.rows] for n in needs(loaded, loaded.period("2027-28"))}
    quarters = [f"2027-28 Q{n}" for n in range(1, 5)]
    assert year["spend"] == quarters  # they add up
    assert year["grant"] == [*quarters, ""]  # money of a period is that period's
    assert year["since"] == [""]
    assert year["people"] == ["", ""]
    assert year["well"] == [*quarters, ""]
    assert year["fit"] == ["", ""]
    assert {n.name: n.rows for n in needs(loaded, loaded.period("2027-28 Q2"))}["grant"] == (("", ""),)
    month = {n.name: n.rows for n in needs(loaded, loaded.period("2027-05"))}
    assert month["spend"] == (("", ""),)


def test_records_of_a_table_of_agreements(tmp_path: Path) -> None:
    keyed = CONTRACT.replace("dated: seen,", "dated: seen, key: person,")
    (tmp_path / "contract.yaml").write_text(keyed, "utf-8")
    assert "“person” says whose each record is" in " ".join(run(str(tmp_path)).stdout.split())


def test_variations_known_in_the_period_count(tmp_path: Path) -> None:
    more = (
        "variations: [{title: V, made: 2027-05-01, effective: 2027-04-01, inputs: {extra: {title: E, unit: count}}}]\n"
    )
    (tmp_path / "contract.yaml").write_text(CONTRACT + more, "utf-8")
    loaded = load(tmp_path)

    def names(label: str) -> set[str]:
        return {n.name for n in needs(loaded, loaded.period(label))}

    assert "extra" in names("2027-28 Q1")
    assert "extra" not in names("2026-27 Q4")


# forms


def filled(path: Path, values: dict[tuple[str, ...], str], **more: dict[tuple[str, ...], str]) -> None:
    """Fill in a CSV form by name, and party, key or period."""
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    notes = [line for line in lines if line.startswith("#")]
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(notes)
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            at = tuple(x for x in (row["name"], row.get("period"), row.get("party"), row.get("key")) if x)
            row["value"] = values.pop(at, "")
            for column, given in more.items():
                row[column] = given.pop(at, "")
            writer.writerow(row)
    assert not values


def test_a_csv_form_filled_in_settles(contract: str, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    found = run(contract, "--period", "2026-27 Q1", "--template", str(form))
    assert (found.exit_code, found.stdout) == (0, "")
    assert found.stderr == (
        f"Wrote {form}: 13 values to fill in. Records are brought beside it, with --data NAME=FILE: visits.\n"
    )
    text = form.read_text("utf-8-sig")
    assert text.startswith("# Help at home (needs)\n# What 2026-27 Q1 needs\n")
    assert "name,title,unit,party,key,value,status,cases,from,due,note\n" in text
    filled(
        form,
        {("spend",): "1_000.50", ("well",): "50%", ("go", "icb"): "yes", ("people", "north_end"): "-",
         ("people", "South"): "7", ("hours", "acute"): "3.5", ("share",): "12.5", ("since",): "2026-04-01"},
        cases={("well",): "40"}, status={("well",): "provisional"},
    )  # fmt: skip
    results = alliance.read_results(form)
    assert {v.name for v in results.values} == {
        "spend", "grant", "hours", "people", "share", "ready", "since", "well", "fit", "go",
    }  # fmt: skip
    results.records["visits"] = []  # type: ignore[assignment]
    settlement = alliance.settle(alliance.load(contract), period="2026-27 Q1", inputs=results)
    quarter = next(p for p in settlement.payments if p.name == "quarter")
    assert quarter.earned == Fraction("500.25")
    well = next(m for m in settlement.measures if m.name == "well")
    assert (well.cases, well.status) == (40, "provisional")


def test_an_empty_form_is_read_as_nothing_known(contract: str, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    run(contract, "--period", "2027-28 Q1", "--template", str(form))
    settlement = alliance.settle(alliance.load(contract), period="2027-28 Q1", inputs=alliance.read_results(form))
    assert all(p.earned == 0 or p.status != "determined" for p in settlement.payments)


def test_a_years_form_filled_in_settles(contract: str, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    run(contract, "--period", "2026-27", "--template", str(form))
    assert "name,title,unit,period,party,key,value,status,cases,from,due,note\n" in form.read_text("utf-8-sig")
    assert "Take this row out if 2026-27 Q1 is settled already" in form.read_text("utf-8-sig")
    quarters = [f"2026-27 Q{n}" for n in range(1, 5)]
    values = {("spend", q): "100" for q in quarters} | {("well", q): "50%" for q in quarters}
    values |= {("grant",): "5", ("well",): "50%", ("go", "council"): "yes"}
    values |= {("people", "north_end"): "1", ("people", "South"): "2"}
    filled(form, values, cases={at: "40" for at in values if at[0] == "well"})
    results = alliance.read_results(form)
    results.records["visits"] = []  # type: ignore[assignment]
    settlement = alliance.settle(alliance.load(contract), period="2026-27", inputs=results)
    assert {p.name: (p.status, p.earned) for p in settlement.payments} == {
        "quarter": ("determined", 200),
        "visited": ("determined", 0),
        "year": ("determined", 35),
    }


def cells(path: Path) -> list[list[str | None]]:
    """The sheet of values, its header first."""
    table = Workbook(path, DEFAULT).table("inputs")
    assert table is not None
    return [list(table.columns), *[list(row.cells) for row in table.rows]]


def test_a_workbook_filled_in_settles(contract: str, tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    found = run(contract, "--period", "2026-27 Q1", "--template", str(form))
    assert (found.exit_code, found.stderr) == (0, f"Wrote {form}: 13 values to fill in.\n")
    assert list(Workbook(form, DEFAULT).sheets) == ["inputs", "visits"]
    heads, *rows = cells(form)
    assert heads == ["name", "title", "unit", "party", "key", "value", "status", "cases", "from", "due", "note"]
    given: dict[str, object] = {"spend": 1000.5, "well": 0.5, "go": "yes", "people": 4}
    with xlsxwriter.Workbook(str(tmp_path / "filled.xlsx")) as book:
        sheet = book.add_worksheet("inputs")
        for at, line in enumerate([heads, *rows]):
            for column, cell in enumerate(line):
                value = given.get(str(line[0])) if at and heads[column] == "value" else cell
                value = 40 if line[0] == "well" and heads[column] == "cases" else value
                if value is not None:
                    sheet.write(at, column, value)
        visits = book.add_worksheet("visits")
        lines = [["person", "seen", "cost", "left", "level"], ["a", "2026-05-01", 12.25, "", "high"]]
        lines.append(["b", "2026-05-02", 3, "2026-05-03", "low"])
        for at, visit in enumerate(lines):
            visits.write_row(at, 0, visit)
    results = alliance.read_results(tmp_path / "filled.xlsx")
    settlement = alliance.settle(alliance.load(contract), period="2026-27 Q1", inputs=results)
    earned = {p.name: p.earned for p in settlement.payments}
    assert (earned["quarter"], earned["visited"]) == (Fraction("500.25"), Fraction("12.25"))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("name", sorted(p.parent.name for p in GALLERY.glob("*/contract.yaml")))
def test_forms_of_the_gallery_are_read_back(name: str, ending: str, tmp_path: Path) -> None:
    contract = alliance.load(GALLERY / name)
    period = contract.calendar.year_of(contract.built.end).label
    form = tmp_path / f"form.{ending}"
    found = run(str(GALLERY / name), "--period", period, "--template", str(form))
    assert found.exit_code == 0, found.stderr
    results = alliance.read_results(form)
    asked = {(n.name, row) for n in needs(contract, contract.period(period)) for row in n.rows}
    assert {(v.name, (v.period, v.party or v.key)) for v in results.values} == asked
    alliance.settle(contract, period=period, inputs=results, examples=False)


# misuse


def test_a_form_is_not_written_over_one_that_is_there(contract: str, tmp_path: Path) -> None:
    form = tmp_path / "form.csv"
    form.write_text("name,value\nspend,5\n", "utf-8")
    found = run(contract, "--template", str(form))
    assert found.exit_code == 2
    assert "is there already" in " ".join(found.stderr.split())
    assert form.read_text("utf-8") == "name,value\nspend,5\n"
    assert run(contract, "--template", str(form), "--force").exit_code == 0
    assert "spend" in form.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--template", "form.txt"], "is neither a .csv nor a .xlsx"),
        (["--template", "form.csv", "--format", "json"], "goes without --output and --format"),
        (["--template", "form.csv", "--output", "x"], "goes without --output and --format"),
        (["--period", "2050-51"], "is outside the contract"),
        (["--period", "soon"], "is not a period"),
        (["--format", "pdf"], "is not one of"),
    ],
)
def test_misuse(contract: str, args: list[str], said: str) -> None:
    found = run(contract, *args)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())


def test_a_folder_that_is_not_there(contract: str, tmp_path: Path) -> None:
    found = run(contract, "--template", str(tmp_path / "nowhere" / "form.csv"))
    assert found.exit_code == 1
    assert "Traceback" not in found.stderr
    assert "does not exist" in found.stderr


def test_a_sheet_that_cannot_be_named(tmp_path: Path) -> None:
    name = "a_name_of_records_longer_than_any_sheet"
    (tmp_path / "contract.yaml").write_text(CONTRACT.replace("visits", name), "utf-8")
    found = run(str(tmp_path), "--template", str(tmp_path / "form.xlsx"))
    assert found.exit_code == 1
    assert "AC243" in found.stderr


def test_faults_of_the_contract(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").write_text(CONTRACT.replace("unit: GBP,", "unit: XXX,"), "utf-8")
    found = run(str(tmp_path))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert "AC045" in found.stderr


def test_a_contract_that_needs_nothing(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").write_text(
        "alliance: 1\ncontract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}}\n"
        "parties: {a: {name: A, role: payer}, b: {name: B, role: carer}}\n"
        "payments: {p: {pays_for: block, start: 5 GBP, from: a, to: b}}\n",
        "utf-8",
    )
    assert "It needs nothing to be brought." in run(str(tmp_path)).stdout
    assert run(str(tmp_path), "--template", str(tmp_path / "form.csv")).exit_code == 0
    assert alliance.read_results(tmp_path / "form.csv").values == []
