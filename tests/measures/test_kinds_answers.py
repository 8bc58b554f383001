"""An input that names an instrument: answers are scored into records, and a low response rate weighs less."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import alliance
from alliance.cli.main import cli
from alliance.contract.faults import ContractError

HOME = Path(__file__).parents[2]
ANSWERS = HOME / "instruments" / "i-statements" / "answers.csv"
CONTRACT = """\
alliance: 1
contract: {id: asked, title: People are asked, term: {from: 2027-04-01, to: 2028-03-31}, settles: quarterly}
parties: {board: {name: Board, role: commissioner}, ash: {name: Ash, role: provider}}
inputs:
  voices:
    instrument: i-statements
    records: {person: id, asked: date, responded: boolean, counts: boolean, agreed: optional percent, not_so: optional percent}
    dated: asked
    unique: [person, asked]
measures:
  answered: {proportion: {of: voices, where: responded}, better: higher}
  agreed:
    mean: {of: voices, value: agreed, excluding: not counts}
    better: higher
    score: {nothing_at: 20%, full_at: 80%}
  kept: {reported: percent, better: higher, score: {nothing_at: 0%, full_at: 100%}}
figures:
  voices_weight: {curve: {of: answered.value, points: {10%: 0%, 90%: 100%}}}
  achievement: {weighted: {agreed: 40% * voices_weight, kept: 100% - 40% * voices_weight}}
payments:
  pay: {pays_for: outcome, start: 1000 GBP * achievement, from: board, to: ash}
"""
Q1 = ("--period", "2027-28 Q1")


def run(*words: str | Path, code: int = 0) -> Result:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == code, found.output
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    header, *lines = ANSWERS.read_text("utf-8").splitlines()
    dated = [f"{header},asked", *(f"{line},2027-05-01" for line in lines)]
    (tmp_path / "answers.csv").write_text("\n".join(dated) + "\n", "utf-8")
    return tmp_path


def measured(folder: Path, *more: str) -> dict[str, dict[str, str]]:
    found = run("measure", folder, *Q1, "--data", f"voices={folder}/answers.csv", "--format", "csv", *more)
    return {row["name"]: row for row in csv.DictReader(io.StringIO(found.stdout))}


def test_answers_are_scored_and_measured(folder: Path) -> None:
    found = measured(folder)
    scored = run("instrument", "score", ANSWERS, "--instrument", "i-statements", "--format", "csv").stdout
    assert "agreed" in scored
    assert (found["answered"]["value"], found["answered"]["cases"]) == ("0.8", "10")
    # six people are scored of seven whose answers count: one left too many out
    assert (found["agreed"]["cases"], found["agreed"]["missing"], found["agreed"]["excluded"]) == ("6", "1", "3")
    assert abs(Fraction(found["agreed"]["value"]) - Fraction("0.567129629629")) < Fraction(1, 10**11)


def test_a_low_response_rate_weighs_less(folder: Path) -> None:
    settled = run("settle", folder, *Q1, "--data", f"voices={folder}/answers.csv", "--set", "kept=50%").stdout
    assert "87.5%" in settled  # 80% answered, on the line from 10% to 90%
    score = (Fraction("0.56712962963") - Fraction(1, 5)) / Fraction(3, 5)
    weight = Fraction(2, 5) * Fraction(7, 8)
    assert f"{float(1000 * (score * weight + (1 - weight) / 2)):.2f}" in settled
    lines = (folder / "answers.csv").read_text().splitlines()
    silent = [f"q-{n},,,{',' * 9},2027-05-01" for n in range(90)]
    (folder / "answers.csv").write_text("\n".join([*lines, *silent]) + "\n")
    settled = run("settle", folder, *Q1, "--data", f"voices={folder}/answers.csv", "--set", "kept=50%").stdout
    assert "8%" in settled
    assert "500.00" in settled  # nothing is left of the weight, and kept alone counts


def test_every_form_and_place_of_answers(folder: Path) -> None:
    import xlsxwriter

    wanted = measured(folder)["agreed"]["value"]
    lines = list(csv.reader((folder / "answers.csv").read_text("utf-8").splitlines()))
    with xlsxwriter.Workbook(str(folder / "answers.xlsx")) as book:
        sheet = book.add_worksheet("answers")
        for at, line in enumerate(lines):
            sheet.write_row(at, 0, line)
    parts = folder / "parts"
    parts.mkdir()
    for name, part in (("a", lines[1:4]), ("b", lines[4:])):
        (parts / f"{name}.csv").write_text("\n".join(",".join(line) for line in [lines[0], *part]) + "\n")
    for place in (folder / "answers.xlsx", parts):
        found = run("measure", folder, *Q1, "--data", f"voices={place}", "--format", "csv").stdout
        assert f"agreed,,{wanted}" in found
    (parts / "b.csv").write_text((parts / "b.csv").read_text().replace("2027-05-01", "2027-13-01"))
    told = run("data", "check", folder, "--data", f"voices={parts}", code=1).stderr
    assert f"{parts}/b.csv:2: AC138 voices, asked: " in told


def test_an_instrument_beside_the_contract(folder: Path) -> None:
    (folder / "ours.yaml").write_text((HOME / "instruments/i-statements/instrument.yaml").read_text())
    wanted = measured(folder)
    (folder / "contract.yaml").write_text(CONTRACT.replace("i-statements", "ours.yaml"))
    assert measured(folder) == wanted


def test_what_is_wrong_is_told(folder: Path) -> None:
    data = ("--data", f"voices={folder}/answers.csv")
    answers = (folder / "answers.csv").read_text()
    (folder / "answers.csv").write_text(
        answers.replace("p-002,2027-05-04,helped,yes", "p-002,2027-05-04,helped,perhaps")
    )
    told = run("measure", folder, *Q1, *data, code=1).stderr
    assert 'answers.csv:3:4: AC421 "perhaps" is not an answer to decide.' in told
    (folder / "answers.csv").write_text(answers)
    (folder / "contract.yaml").write_text(CONTRACT.replace("not_so: optional", "not_so_: optional"))
    assert "voices" in run("measure", folder, *Q1, *data, code=1).stderr
    (folder / "contract.yaml").write_text(CONTRACT.replace("i-statements", "i-statement"))
    assert 'Did you mean "i-statements"?' in run("measure", folder, *Q1, *data, code=1).stderr


@pytest.mark.parametrize("name", ["../secret.yaml", "/etc/passwd", "a b", "x.py", "sub/x.yaml", "''"])
def test_an_instrument_is_named_and_is_no_path(name: str) -> None:
    with pytest.raises(ContractError, match=r"is not the name of an instrument|a text is missing") as told:
        alliance.loads(CONTRACT.replace("i-statements", name))
    assert told.value.faults


def test_only_records_have_one() -> None:
    with pytest.raises(ContractError, match="it belongs to records"):
        alliance.loads(CONTRACT.replace("inputs:\n", "inputs:\n  calls: {unit: count, instrument: i-statements}\n"))
