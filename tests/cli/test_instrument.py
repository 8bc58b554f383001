"""`alliance instrument`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.contracts import run

HOME = Path(__file__).parents[2] / "instruments"
NAMES = ["always-events", "i-statements", "personal-impact"]
OWN = """\
instrument: 1
id: own
title: One of our own
version: "2"
answers: {three: {1: 1, 2: 2, 3: 3}}
items: {a: {text: First, answers: three}, b: {text: Second, answers: three}}
scales: {total: {title: In all, score: sum, convert: supplied, better: higher}}
"""


def answers(name: str) -> str:
    return str(HOME / name / "answers.csv")


def figures(*arguments: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    text = run("instrument", "score", *arguments, "--format", "csv").stdout
    return {(r["part"], r["name"], r["key"]): (r["value"], r["people"]) for r in csv.DictReader(io.StringIO(text))}


def test_what_there_is() -> None:
    assert [line.split()[0] for line in run("instrument", "list").stdout.splitlines()[2:]] == NAMES
    found = json.loads(run("instrument", "list", "--format", "json").stdout)
    assert [one["name"] for one in found] == NAMES
    assert run("instrument", "list", "--format", "csv").stdout.splitlines()[0] == "name,version,title,items,scales"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_each_is_shown_and_scored_in_every_form(name: str, form: str) -> None:
    assert run("instrument", "show", name, "--format", form).stdout
    for more in ([], ["--public"], ["--people"]):
        text = run("instrument", "score", answers(name), "--instrument", name, "--format", form, *more).stdout
        assert text.strip()
        if form == "json":
            json.loads(text)


def test_a_result_by_hand() -> None:
    found = figures(answers("always-events"), "--instrument", "always-events")
    assert found["scale", "always", "everything"] == ("2", "4")
    assert found["scale", "always", "share"] == ("50.0%", "4")
    assert found["scale", "always", "not scored: 1 of 7 items missing"] == ("", "1")
    assert found["response", "rate", ""] == ("100.0%", "")
    impact = figures(answers("personal-impact"), "--instrument", "personal-impact", "--asked", "10")
    assert impact["response", "rate", ""] == ("50.0%", "")
    assert impact["response", "weight", ""] == ("100.0%", "")
    assert impact["people", "some benefit", ""] == ("5", "5")
    assert impact["people", "some harm", ""] == ("2", "5")
    assert impact["scale", "worse", "mean"] == ("1", "5")


def test_nothing_small_is_public(tmp_path: Path) -> None:
    found = figures(answers("personal-impact"), "--instrument", "personal-impact", "--public")
    for key, (value, people) in found.items():
        assert value in ("*", "0") or key == ("response", "rate", ""), key
        assert people in ("*", "")
    told = run(
        "instrument",
        "score",
        answers("personal-impact"),
        "--instrument",
        "personal-impact",
        "--public",
        "--format",
        "json",
    )
    assert "exact" not in json.loads(told.stdout)
    yes, rows = "yes,yes,yes,yes,yes,yes,yes", []
    rows += [f"p{n},{yes}" for n in range(41)] + [f"n{n},no,yes,yes,yes,yes,yes,yes" for n in range(12)]
    path = tmp_path / "many.csv"
    path.write_text("person,asked,named,met,warm,medicines,family_told,next_day\n" + "\n".join(rows))
    many = figures(str(path), "--instrument", "always-events", "--public")
    assert many["scale", "always", "everything"] == ("40", "55")
    assert many["scale", "always", "share"] == ("72.7%", "55")  # 40 of 55, and not 41 of 53
    assert many["item", "asked", "No"] == ("10", "55")
    assert many["response", "asked", ""] == ("55", "")


def test_a_public_mean_is_as_coarse_as_the_count_that_it_is_over(tmp_path: Path) -> None:
    lines = (HOME / "personal-impact" / "answers.csv").read_text("utf-8").splitlines()
    head, *people = [line for line in lines if not line.startswith("#")]
    path = tmp_path / "many.csv"
    many = [f"x{n}," + people[n % 2].split(",", 1)[1] for n in range(19)]
    path.write_text("\n".join([head, *many]) + "\n", "utf-8")
    scored = ("--instrument", "personal-impact")
    exact, told = figures(str(path), *scored), figures(str(path), *scored, "--public")
    means = [key for key in exact if key[2] == "mean"]
    assert means
    for key in means:
        least, most, value = (float(exact[(*key[:2], what)][0]) for what in ("least", "most", "mean"))
        assert told[key][1] == "20"
        shown = float(told[key][0])
        assert abs(shown - value) <= max(7 * (most - least) / 20 * 2.5 / 2, 0.05 * abs(value))
        if most > least:  # each has one of two values, and how many have which is not told
            could = {n for n in range(20) if abs(least + (most - least) * n / 19 - shown) <= (most - least) * 2.5 / 20}
            assert len(could) > 2


def test_single_people_are_never_public() -> None:
    result = run(
        "instrument", "score", answers("always-events"), "--instrument", "always-events", "--people", "--public", code=1
    )
    assert "AC428 The scores of single people are never public." in result.stderr


def test_each_persons_own_scores_are_records() -> None:
    text = run(
        "instrument", "score", answers("i-statements"), "--instrument", "i-statements", "--people", "--format", "csv"
    ).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [*rows[0]] == [
        "person",
        "date",
        "completion",
        "counts",
        "benefits",
        "harms",
        "agreed",
        "not_so",
        "not_scored",
    ]
    assert rows[0] == {
        "person": "p-001", "date": "2027-05-04", "completion": "self", "counts": "yes", "benefits": "6", "harms": "2",
        "agreed": "0.6", "not_so": "0.2", "not_scored": "",
    }  # fmt: skip
    assert {r["person"]: r["counts"] for r in rows}["p-004"] == "no"
    assert len(rows) == 8  # the two who did not answer have no scores


def test_an_instrument_of_ones_own_with_the_table_of_its_licence(tmp_path: Path) -> None:
    own, given, table = tmp_path / "own.yaml", tmp_path / "given.csv", tmp_path / "table.csv"
    own.write_text(OWN)
    given.write_text("person,a,b\np,1,1\nq,3,3\n")
    result = run("instrument", "score", str(given), "--instrument", str(own), code=1)
    assert (
        f"{own}:7:17: AC411 The table of the scale total is supplied by whoever scores, and is not here."
        in result.stderr
    )
    table.write_text("score,value\n2,0\n3,10.5\n4,40\n5,70\n6,100\n")
    found = figures(str(given), "--instrument", str(own), "--table", f"total={table}")
    assert found["scale", "total", "mean"] == ("50", "2")
    table.write_text("score,value\n2,0\n")
    lacking = run("instrument", "score", str(given), "--instrument", str(own), "--table", f"total={table}", code=1)
    assert 'the table lacks "3" and 3 more of the scores' in lacking.stderr
    table.write_text("score,points\n2,0\n")
    column = run("instrument", "score", str(given), "--instrument", str(own), "--table", f"total={table}", code=1)
    assert "AC412 The table of the scale total lacks a column." in column.stderr
    table.write_text("score,value\n2,0\n2,1\n")
    twice = run("instrument", "score", str(given), "--instrument", str(own), "--table", f"total={table}", code=1)
    assert "AC412 The table of the scale total has this score twice." in twice.stderr
    assert "by a table that is supplied" in run("instrument", "show", str(own)).stdout


def test_what_is_wrong_with_the_answers_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("person,asked,named,met,warm,medicines,family_told,next_day\np,yess,yes,yes,yes,yes,yes,yes\n")
    result = run("instrument", "score", str(bad), "--instrument", "always-events", code=1)
    assert f'{bad}:2:2: AC421 "yess" is not an answer to asked.' in result.stderr
    assert 'Did you mean "Yes"?' in result.stderr
    assert "Traceback" not in result.stderr
    few = run("instrument", "score", answers("always-events"), "--instrument", "always-events", "--asked", "1", code=1)
    assert "AC426" in few.stderr


def test_an_instrument_that_is_not_there() -> None:
    result = run("instrument", "show", "i-statement", code=1)
    assert 'Did you mean "i-statements"?' in result.stderr


def test_it_is_written_whole_to_a_file(tmp_path: Path) -> None:
    out = tmp_path / "scored.json"
    run(
        "instrument",
        "score",
        answers("i-statements"),
        "--instrument",
        "i-statements",
        "--format",
        "json",
        "-o",
        str(out),
    )
    found = json.loads(out.read_text())
    assert found["instrument"] == "i-statements"
    assert found["exact"]["scales"]["agreed"] == {"scored": 6, "total": "245/72", "mean": "245/432"}
