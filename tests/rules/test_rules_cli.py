"""Rules on the command line: events, the register of duties, held money between settlements, and matchers that fail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alliance.rules.matcher import Fact, Match, MatcherError, RuleSet, durable, plain
from alliance.settlement import finishing
from tests.cli.contracts import SCHOOLS, put, run
from tests.rules.valley import VALLEY

Q1 = """\
name,party,value,received
quality,acute,45%,
quality,community,80%,
spend,,800000,2026-08-20
"""
Q2 = "name,party,value\nquality,acute,40%\nquality,community,30%\nspend,,950000\n"
EVENTS = """\
event,party,kind,opened,closed,offer,person,made,amount,on,duty,outcome
incidents,acute,safeguarding,2026-07-01,,,,,,,,
offers,community,,,,o1,p1,2026-07-10,1200.00,,,
answers,,refused,,,o1,,,,2026-07-20,,
reports_made,acute,,,,,,,,2026-07-20,,
duties,community,,,,,,,,2026-09-20,report to the people's panel,met
"""
ONE = """\
alliance: 1
contract: {id: one, title: One kind, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {icb: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs: {falls: {title: Falls, events: {party: party, on: date}, dated: on}}
payments: {block: {pays_for: block, start: 100 GBP, from: icb, to: ash}}
rules: [{rule: fall, title: A fall, for: falls, then: [{gate: block, of: party}]}]
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(tmp_path, VALLEY)
    put(tmp_path, Q1, "q1.csv")
    put(tmp_path, Q2, "q2.csv")
    put(tmp_path, EVENTS, "events.csv")
    return tmp_path


def settle(home: Path, period: str, *options: str, code: int = 0) -> str:
    return run("settle", str(home), "--period", period, *options, code=code).stdout


def first(home: Path, *options: str) -> str:
    return settle(home, "2026-27 Q1", "--inputs", f"{home}/q1.csv", "--save", f"{home}/q1.json", *options)


def second(home: Path, events: str, *options: str, code: int = 0) -> str:
    first(home)
    more = ("--inputs", f"{home}/q2.csv", "--opening", f"{home}/q1.json", "--events", events)
    return settle(home, "2026-27 Q2", *more, *options, code=code)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# when things came


def test_a_results_file_says_when_a_value_came(home: Path) -> None:
    assert "4% is deducted. Rule late-spend, for Open-book spend, 23 days" in first(home)
    in_time = Q1.replace("2026-08-20", "2026-07-20")
    put(home, in_time, "q1.csv")
    assert "Rule late-spend" not in first(home)


@pytest.mark.parametrize("name", ["q.yaml", "q.json"])
def test_yaml_and_json_say_when_a_value_came(home: Path, name: str) -> None:
    given = {"quality": {"acute": "45%", "community": "80%"}, "spend": {"value": "800000", "received": "2026-08-20"}}
    file = put(home, json.dumps(given), name)
    assert "23 days" in settle(home, "2026-27 Q1", "--inputs", file)


def test_a_day_of_receipt_that_is_none_is_refused(home: Path) -> None:
    file = put(home, "name,party,value,received\nspend,,800000,soon\n", "q.csv")
    told = run("settle", str(home), "--period", "2026-27 Q1", "--inputs", file, code=1).stderr
    assert "q.csv:2:3: AC135 spend:" in told


# events


def test_a_table_of_events_names_each_by_its_column(home: Path) -> None:
    found = second(home, f"{home}/events.csv")
    for text in (
        "opened 1 July 2026 (" + f"{home}/events.csv:2)",
        "“Quality bonus” is shut for Acute trust.",
        "Integrated care board pays 1,200.00 to People's contingency funds (p1).",
        "met on 20 July 2026",
        "met on 20 September",
    ):
        assert text in " ".join(found.split()) or text in found
    assert "were brought, so" not in found


@pytest.mark.parametrize("name", ["events.yaml", "events.json"])
def test_events_in_yaml_and_json_are_lists_by_name(home: Path, name: str) -> None:
    rows = {
        "incidents": [{"party": "acute", "kind": "safeguarding", "opened": "2026-07-01"}],
        "duties": [{"duty": "report to the people's panel", "party": "acute", "outcome": "waived", "on": "2026-07-09"}],
    }
    found = second(home, put(home, json.dumps(rows), name))
    assert "“Quality bonus” is shut for Acute trust." in found
    assert "waived on 9 July 2026" in found


def test_events_in_a_workbook_a_sheet_for_each_or_one_for_all(home: Path) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    rows = [line.split(",") for line in EVENTS.splitlines()]
    with xlsxwriter.Workbook(f"{home}/all.xlsx") as book:
        sheet = book.add_worksheet("what happened")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    with xlsxwriter.Workbook(f"{home}/each.xlsx") as book:
        sheet = book.add_worksheet("incidents")
        sheet.write_row(0, 0, ["party", "kind", "opened"])
        sheet.write_row(1, 0, ["acute", "safeguarding", "2026-07-01"])
        book.add_worksheet("notes")
    assert "pays 1,200.00" in second(home, f"{home}/all.xlsx")
    assert "“Quality bonus” is shut for Acute trust." in second(home, f"{home}/each.xlsx")
    with xlsxwriter.Workbook(f"{home}/odd.xlsx") as book:
        book.add_worksheet("incidents").write_row(0, 0, ["party", "kind", "opened"])
        book.add_worksheet("incident").write_row(0, 0, ["party", "kind", "opened"])
    told = run("settle", str(home), "--period", "2026-27 Q1", "--events", f"{home}/odd.xlsx", code=1).stderr
    assert 'AC235 The sheet "incident" is not events of this contract.' in told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("party,kind,opened\nacute,safeguarding,2026-07-01\n", "AC230 The column event is missing."),
        ("event,party,kind,opened\nincident,acute,s,2026-07-01\n", 'AC235 "incident" is not events of this contract.'),
        ("event,party,kind,opened\n,acute,s,2026-07-01\n", "AC235 This row does not say which event it is."),
        ("event,party,kind,opened,offer\nincidents,acute,s,2026-07-01,o1\n", 'AC235 incidents has no "offer", and this row'),
        ("event,party,kind,opened\nincidents,nobody,s,2026-07-01\n", 'AC138 incidents, party: "nobody" is not one of'),
        ("event,party,kind\nincidents,acute,s\n", "AC137 incidents lacks the column opened."),
        ("event,duty,party,outcome,on\nduties,x,acute,done,2026-07-01\n", 'AC138 duties, outcome: "done" is not one of met'),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_table_of_events_is_told_at_its_place(home: Path, rows: str, told: str) -> None:
    file = put(home, rows, "e.csv")
    found = run("settle", str(home), "--period", "2026-27 Q1", "--events", file, code=1).stderr
    assert told in found
    assert "e.csv:" in found


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("incident: [{party: acute}]", 'AC235 "incident" is not events of this contract.'),
        ("spend: 5", "AC235 \"spend\" is a value here, and a file of events has records."),
        ("incidents: [5]", "AC227"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_tree_of_events(home: Path, rows: str, told: str) -> None:
    found = run("settle", str(home), "--period", "2026-27 Q1", "--events", put(home, rows, "e.yaml"), code=1).stderr
    assert told in found


def test_events_of_another_kind_of_file_are_refused(home: Path) -> None:
    for name, told in (("e.txt", "whose name ends in .txt"), ("events", "The name has no ending.")):
        found = run("settle", str(home), "--period", "2026-27 Q1", "--events", put(home, "x", name), code=1).stderr
        assert f"AC202 {told}" in found or told in found


def test_with_one_kind_of_event_the_column_may_be_left_out(tmp_path: Path) -> None:
    put(tmp_path, ONE)
    file = put(tmp_path, "party,on\nash,2026-05-01\n", "falls.csv")
    assert "A fall (fall)" in settle(tmp_path, "2026-27 Q1", "--events", file)
    both = run("settle", str(tmp_path), "--period", "2026-27 Q1", "--events", file, "--data", f"falls={file}", code=1)
    assert "AC234 falls is brought twice" in both.stderr


def test_a_contract_without_events_is_brought_none(tmp_path: Path) -> None:
    put(
        tmp_path,
        ONE.replace("inputs: {falls: {title: Falls, events: {party: party, on: date}, dated: on}}\n", "").split(
            "rules"
        )[0],
    )
    file = put(tmp_path, "event\n", "e.csv")
    told = run("settle", str(tmp_path), "--period", "2026-27 Q1", "--events", file, code=2).stderr
    assert "The contract has no events" in told


def test_a_file_of_events_without_a_row_says_that_there_were_none(home: Path) -> None:
    empty = put(home, "event,party,kind,opened\n", "e.csv")
    assert "were brought, so" in first(home)
    assert "were brought, so" not in first(home, "--events", empty)
    again = ("--inputs", f"{home}/q1.csv", "--opening", f"{home}/q1.json")
    assert "Bring them for the whole of it" in settle(home, "2026-27 Q1", *again, code=1)
    settle(home, "2026-27 Q1", *again, "--events", empty)
    settle(home, "2026-27 Q1", *again, "--events", put(home, "incidents: []\noffers: []\nanswers: []\n", "e.yaml"))


def test_explain_reads_events_too(home: Path) -> None:
    first(home)
    found = run(
        "explain", str(home), "--period", "2026-27 Q2", "--inputs", f"{home}/q2.csv", "--opening", f"{home}/q1.json",
        "--events", f"{home}/events.csv", "--payment", "bonus", "--format", "json",
    ).stdout  # fmt: skip
    (tree,) = json.loads(found)["sections"]
    gate = next(part for part in tree["parts"] if part["text"].startswith("Open safeguarding incident"))
    assert gate["place"].startswith("rules/safeguarding-gate/pack.yaml:")
    assert gate["parts"][0]["parts"][0]["place"] == f"{home}/events.csv:2"


# rows


@pytest.mark.parametrize(("what", "count"), [("rules", 11), ("notices", 4), ("duties", 5), ("held", 0)])
def test_rows_of_what_followed(home: Path, what: str, count: int) -> None:
    found = table(second(home, f"{home}/events.csv", "--format", "csv", "--rows", what))
    assert len(found) == count
    assert {row["agreement"] for row in found} <= {"valley"}


# duties


def test_the_register_of_duties_on_a_day(home: Path) -> None:
    second(home, f"{home}/events.csv", "--save", f"{home}/q2.json")
    found = run("duties", str(home), "--opening", f"{home}/q2.json", "--on", "2026-11-10").stdout
    assert found == (
        "Valley alliance\n"
        "The register of duties on 10 November 2026\n"
        "\n"
        "Contract  valley\n"
        "Duties    2 met, 3 late\n"
        "\n"
        "DUTIES\n"
        "\n"
        "Who                     Duty                    Due              State                    Arose in    Clause\n"
        "----------------------  ----------------------  ---------------  -----------------------  ----------  --------\n"
        "Acute trust (acute)     report to the people's  28 July 2026     met on 20 July 2026      2026-27 Q1  Sch 11\n"
        "                        panel\n"
        "Community trust         report to the people's  28 July 2026     met on 20 September      2026-27 Q1  Sch 11\n"
        "(community)             panel                                    2026, 54 days late\n"
        "Acute trust (acute)     improvement plan        28 October 2026  late, 13 days            2026-27 Q2  Sch 7 §2\n"
        "Acute trust (acute)     report to the people's  28 October 2026  late, 13 days            2026-27 Q2  Sch 11\n"
        "                        panel\n"
        "Community trust         report to the people's  28 October 2026  late, 13 days            2026-27 Q2  Sch 11\n"
        "(community)             panel\n"
    )
    early = table(
        run("duties", str(home), "--opening", f"{home}/q2.json", "--on", "2026-08-01", "--format", "csv").stdout
    )
    assert [(row["party"], row["state"], row["on"]) for row in early] == [
        ("acute", "met", "2026-07-20"),
        ("community", "late", ""),
    ]
    told = json.loads(
        run("duties", str(home), "--opening", f"{home}/q2.json", "--on", "2026-06-30", "--format", "json").stdout
    )
    assert (told["on"], [d["state"] for d in told["duties"]]) == ("2026-06-30", ["due", "due"])
    assert told["duties"][1]["met"] == "2026-09-20"


def test_a_register_without_duties_and_an_opening_that_has_none(home: Path) -> None:
    first(home)
    found = run("duties", str(home), "--opening", f"{home}/q1.json", "--on", "2026-04-01").stdout
    assert "No duty had arisen." in found
    assert "'--opening'" in run("duties", str(home), code=2).stderr
    assert "AC122" in run("duties", str(home), "--opening", f"{home}/q1.csv", code=1).stderr


def test_duties_of_many_agreements(tmp_path: Path) -> None:
    ruled = SCHOOLS + (
        "rules: [{rule: fed, title: Feed them, when: meals < 100, "
        "then: [{require: a plan, of: school, within: 30 days}, {withhold: meals_paid, share: 50%, of: school}]}]\n"
    )
    put(tmp_path, ruled.replace("title: Breakfast clubs", "title: Breakfast clubs\n  key: school"))
    schools = put(tmp_path, "school,meals\nEast,50\nWest,60\nNorth,500\n", "schools.csv")
    saved = f"{tmp_path}/s.json"
    done = ("settle", str(tmp_path), "--period", "2026-27", "--table", schools)
    found = run(*done, "--save", saved).stdout
    assert "withheld/" not in found
    told = "event,duty,party,outcome,on,agreement\nduties,a plan,school,met,2027-04-09,East\n"
    run(*done, "--save", saved, "--events", put(tmp_path, told, "done.csv"))
    rows = table(run("duties", str(tmp_path), "--opening", saved, "--on", "2027-05-01", "--format", "csv").stdout)
    assert [(r["agreement"], r["state"]) for r in rows] == [("East", "met"), ("West", "late")]
    assert "Agreement" in run("duties", str(tmp_path), "--opening", saved, "--on", "2027-05-01").stdout
    held = table(run(*done, "--format", "csv", "--rows", "held").stdout)
    assert [(r["agreement"], r["amount"]) for r in held] == [("East", "33.75"), ("West", "40.50")]


# what rules hold back, opened


def test_money_held_back_is_opened_from_a_settlement_and_not_from_a_table(home: Path) -> None:
    balances = put(home, "account,key,amount\nreserve,,0.00\nwithheld,x | block,0.00\n", "balances.csv")
    settle(home, "2026-27 Q1", "--inputs", f"{home}/q1.csv", "--opening", balances)
    put(home, "account,key,amount\nwithheld,x | block,5.00\n", "balances.csv")
    told = run(
        "settle", str(home), "--period", "2026-27 Q1", "--inputs", f"{home}/q1.csv", "--opening", balances, code=1
    ).stderr
    assert "AC123 What rules hold back is not opened from a table." in told


# forms


def test_inputs_lists_events_duties_and_what_rules_ask(home: Path) -> None:
    found = run("inputs", str(home), "--period", "2026-27 Q1").stdout
    for text in (
        "EVENTS\n",
        "Safeguarding incidents (incidents)\n",
        "Without them: rules take it that there were none, unless the period was settled before.",
        "Without them: the duties that they meet stay due.",
        "Duties met or waived (duties)\n",
    ):
        assert text in found
    needs = {n["name"]: n for n in json.loads(run("inputs", str(home), "--format", "json").stdout)["inputs"]}
    assert {name for name, n in needs.items() if n["day_of_receipt"]} == {"spend"}
    assert "Rules ask on which day it came: bring that as received" in needs["spend"]["remarks"]
    assert needs["duties"]["kind"] == "events"
    put(home, VALLEY.replace("when: spend > 900_000 GBP", "when: quality by acute < 5% and spend.days_late > 5 days"))
    needs = {n["name"]: n for n in json.loads(run("inputs", str(home), "--format", "json").stdout)["inputs"]}
    assert {name for name, n in needs.items() if n["day_of_receipt"]} == {"spend"}
    put(
        home,
        VALLEY.replace(
            "use: late-data", "rule: late\n    for: reports\n    when: days_late > 5 days\n    then: [{notify: icb}]"
        ).replace("\n    with: {input: spend, payment: block, first: 1%, each_week: 1%, at_most: 5%}", ""),
    )
    needs = {n["name"]: n for n in json.loads(run("inputs", str(home), "--format", "json").stdout)["inputs"]}
    assert {name for name, n in needs.items() if n["day_of_receipt"]} == {"quality", "spend"}


def test_forms_ask_for_the_day_of_receipt_and_for_events(home: Path) -> None:
    form = f"{home}/form.csv"
    told = run("inputs", str(home), "--period", "2026-27 Q1", "--template", form).stderr
    assert "Events are brought beside it, with --events FILE: incidents, offers, answers, reports_made, duties." in told
    text = Path(form).read_text("utf-8-sig")
    assert "name,title,unit,party,value,status,cases,received,from,due,note\n" in text
    events = f"{home}/events-form.csv"
    run("inputs", str(home), "--template", events, "--events")
    lines = Path(events).read_text("utf-8-sig").splitlines()
    assert lines[-1] == "event,party,kind,opened,closed,offer,person,made,amount,on,duty,outcome,about"
    assert "# duties: duty, party, outcome, on, about" in lines
    first(home, "--events", events)


def test_a_form_in_a_workbook_has_a_sheet_for_each_kind_of_event(home: Path) -> None:
    pytest.importorskip("xlsxwriter")
    for options in ((), ("--events",)):
        form = f"{home}/form{len(options)}.xlsx"
        run("inputs", str(home), "--period", "2026-27 Q1", "--template", form, *options)
        first(home, *(("--events", form) if options else ()))


def test_a_form_for_events_where_there_are_none_or_no_file(home: Path, tmp_path: Path) -> None:
    assert "--events makes a form" in run("inputs", str(home), "--events", code=2).stderr
    other = put(tmp_path, SCHOOLS, "schools.yaml")
    told = run("inputs", other, "--events", "--template", f"{tmp_path}/x.csv", code=2).stderr
    assert "The contract has no events and no duties." in told


# matchers


@pytest.mark.parametrize("engine", ["plain", "durable", "both"])
def test_the_matcher_can_be_chosen(home: Path, engine: str) -> None:
    if engine != "plain" and not durable.available():
        pytest.skip(durable.why_not())
    text = " ".join(first(home, "--rules-engine", engine).split())
    names = {"plain": "the plain matcher.", "durable": "durable_rules.", "both": "the plain matcher and durable_rules."}
    assert f"rules matched by {names[engine]}" in text


def test_a_disagreement_of_the_matchers_settles_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(ruleset: RuleSet, facts: Sequence[Fact]) -> tuple[Match, ...]:
        return ()

    monkeypatch.setattr(durable, "available", lambda: True)
    monkeypatch.setattr(durable, "matches", nothing)
    saved = home / "q1.json"
    done = ("settle", str(home), "--period", "2026-27 Q1", "--inputs", f"{home}/q1.csv", "--save", str(saved))
    found = run(*done, "--output", f"{home}/out.txt", code=3)
    assert not found.stdout
    assert found.stderr.startswith("The two matchers disagree about which rules hold, so nothing follows from them.\n")
    assert "Found only by the plain matcher:" in found.stderr
    assert "Found only by durable_rules: nothing" in found.stderr
    assert found.stderr.endswith("The rules could not be matched, so nothing is settled and no file is written.\n")
    assert not saved.exists()
    assert not (home / "out.txt").exists()


@pytest.mark.parametrize("command", ["settle", "explain", "measure"])
def test_a_matcher_that_fails_has_an_exit_code_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def fails(*_: Any) -> tuple[Match, ...]:
        raise MatcherError("The matcher ran out of something.")

    monkeypatch.setattr(plain, "matches", fails)
    done = (command, str(home), "--period", "2026-27 Q1", "--inputs", f"{home}/q1.csv", "--rules-engine", "plain")
    assert "The matcher ran out of something.\n" in run(*done, code=3).stderr


def test_a_matcher_that_is_not_there_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "available", lambda: False)
    monkeypatch.setattr(durable, "why_not", lambda: "durable_rules cannot be imported here.")
    monkeypatch.setattr(finishing, "why_not", durable.why_not)
    done = ("settle", str(home), "--period", "2026-27 Q1", "--inputs", f"{home}/q1.csv")
    assert "durable_rules cannot be imported here." in run(*done, "--rules-engine", "both", code=3).stderr
    alone = " ".join(run(*done).stdout.split())
    assert "The rules were matched by the plain matcher alone. durable_rules cannot be imported here." in alone


def test_a_table_of_agreements_stops_where_the_matchers_disagree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, SCHOOLS + "rules: [{rule: fed, when: meals < 100, then: [{scale: meals_paid, by: 50%}]}]\n")
    schools = put(tmp_path, "school,meals\nEast,50\n", "schools.csv")
    monkeypatch.setattr(durable, "available", lambda: True)
    monkeypatch.setattr(durable, "matches", lambda ruleset, facts: ())
    saved = tmp_path / "s.json"
    done = ("settle", str(tmp_path), "--period", "2026-27", "--table", schools, "--key", "school", "--save", str(saved))
    run(*done, code=3)
    assert not saved.exists()


def test_help_says_what_the_exit_code_means() -> None:
    assert "  3    the matchers of rules disagree or one failed, so nothing is settled\n" in run("--help").stdout


def test_show_reads_rules_out(home: Path) -> None:
    found = run("show", str(home), "--on", "2026-05-01").stdout
    assert "LADDERS\n" in found
    assert "  It comes from the rule pack “late-data”, version 1. " in found
    rows = table(run("show", str(home), "--on", "2026-05-01", "--format", "csv").stdout)
    late = [r for r in rows if r["entry"] == "late-spend"]
    assert (late[1]["section"], late[1]["file"]) == ("Rules", "rules/late-data/pack.yaml")
