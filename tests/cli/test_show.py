"""`alliance show`."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from alliance.cli import show as module
from alliance.cli.main import cli
from alliance.cli.show import plain, reference
from alliance.contract.contract import load
from alliance.contract.english.reading import read

GALLERY = Path(__file__).parents[2] / "contracts"
SMALL = """\
alliance: 1
contract: {id: small, title: "A *small* [contract]", term: {from: 2026-04-01, to: 2028-03-31}}
parties:
  icb: {name: Integrated care board, role: commissioner}
  trust: {name: Acute trust, role: provider}
terms: {price: {title: Price, clause: Sch 1, unit: GBP, values: {2026-04-01: 5, 2027-04-01: 6}}}
payments:
  block:
    title: Block
    clause: Sch 2
    pays_for: block
    start: price
    steps: [{name: twice, clause: Sch 2 §1, multiply: 2}]
    slices: [{to: trust}]
    from: icb
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    (tmp_path / "contract.yaml").write_text(SMALL, "utf-8")
    return str(tmp_path)


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, ["show", *args])


def test_plain_text(small: str) -> None:
    found = run(small, "--on", "2026-04-01")
    assert (found.exit_code, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0] == "A *small* [contract]"
    assert lines[1] == f"As it stands on 1 April 2026 (--on chooses another day). small, {small}/contract.yaml"
    at = lines.index("Block  (Sch 2)")
    assert lines[at + 1 :] == [
        "  It is a block payment; it is worked out once, on the whole year." + " " * 29 + "contract.yaml:8",
        "  1. Start from price." + " " * 72 + "contract.yaml:12",
        "  2. Twice. Multiply by 2." + " " * 58 + "Sch 2 §1, contract.yaml:13",
        "  3. The amount is divided, in this order:" + " " * 52 + "contract.yaml:14",
        "     a. The whole amount: it goes to Acute trust." + " " * 45 + "contract.yaml:14",
        "  It is paid by Integrated care board." + " " * 56 + "contract.yaml:15",
    ]
    assert max(len(line) for line in lines[2:]) <= 110


def test_the_day_is_today_within_the_contract(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Later(date):
        @classmethod
        def today(cls) -> date:
            return date(2027, 5, 5)

    monkeypatch.setattr(module, "date", Later)
    assert "As it stands on 5 May 2027" in run(small).stdout
    assert "On 5 May 2027, since 1 April 2027: £6." in run(small).stdout


def test_json(small: str) -> None:
    found = json.loads(run(small, "--on", "2026-04-01", "--format", "json").stdout)
    assert (found["id"], found["on"]) == ("small", "2026-04-01")
    terms = next(s for s in found["sections"] if s["title"] == "Terms")
    assert terms["entries"][0] == {
        "name": "price",
        "title": "Price",
        "clause": "Sch 1",
        "file": f"{small}/contract.yaml",
        "line": 6,
        "sentences": [
            {"number": "", "text": "A sum of money. On 1 April 2026: £5.", "clause": "Sch 1",
             "file": f"{small}/contract.yaml", "line": 6},
            {"number": "", "text": "From 1 April 2027: £6.", "clause": "Sch 1",
             "file": f"{small}/contract.yaml", "line": 6},
        ],
    }  # fmt: skip


def test_csv(small: str) -> None:
    found = list(csv.DictReader(io.StringIO(run(small, "--on", "2026-04-01", "--format", "csv").stdout)))
    assert list(found[0]) == ["section", "entry", "number", "text", "clause", "file", "line"]
    step = next(row for row in found if row["number"] == "2")
    assert step == {
        "section": "Payments", "entry": "block", "number": "2", "text": "Twice. Multiply by 2.", "clause": "Sch 2 §1",
        "file": f"{small}/contract.yaml", "line": "13",
    }  # fmt: skip


def test_markdown(small: str) -> None:
    text = run(small, "--on", "2026-04-01", "--format", "markdown").stdout
    assert text.startswith("# A \\*small\\* \\[contract\\]\n\nAs it stands on 1 April 2026")
    assert (
        "### Block (Sch 2)\n\n"
        "- It is a block payment; it is worked out once, on the whole year. *(contract.yaml:8)*\n"
        "1. Start from price. *(contract.yaml:12)*\n"
        "2. Twice. Multiply by 2. *(Sch 2 §1, contract.yaml:13)*\n"
        "3. The amount is divided, in this order: *(contract.yaml:14)*\n"
        "   - a. The whole amount: it goes to Acute trust. *(contract.yaml:14)*\n"
        "- It is paid by Integrated care board. *(contract.yaml:15)*\n"
    ) in text


def test_output_is_a_file(small: str, tmp_path: Path) -> None:
    target = tmp_path / "said.txt"
    found = run(small, "--output", str(target))
    assert (found.exit_code, found.stdout) == (0, "")
    assert target.read_text("utf-8").startswith("A *small* [contract]\n")


def test_a_terminal(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    text = run(small, "--on", "2026-04-01").stdout
    assert "\x1b[" in text
    reading = read(load(small), date(2026, 4, 1))
    out = io.StringIO()
    module._print(reading, Console(file=out, width=100, no_color=True))
    shown = out.getvalue()
    for sentence in ("2. Twice. Multiply by 2.", "A *small* [contract]", "Sch 2 §1, contract.yaml:13"):
        assert sentence in " ".join(shown.split())


def test_sentences_are_the_same_in_every_format(small: str) -> None:
    reading = read(load(small), date(2026, 4, 1))
    every = "\n".join(plain(reading, width=1000))
    for _, entry, sentence in reading.sentences():
        assert sentence.text in every
        assert reference(reading, entry, sentence) in every


def test_an_included_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "contract.yaml").write_text(SMALL.split("terms:")[0] + "include: [parts/terms.yaml]\n", "utf-8")
    (tmp_path / "parts" / "terms.yaml").write_text("terms:\n  price: {title: Price, unit: GBP, value: 5}\n", "utf-8")
    found = run(str(tmp_path))
    assert found.exit_code == 0, found.stderr
    assert "parts/terms.yaml:2" in found.stdout


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2020-01-01", "2020-01-01 is outside the contract, which runs from 2026-04-01 to 2028-03-31."),
        ("2028-04-01", "is outside the contract"),
        ("yesterday", '"yesterday" is not a date'),
        ("2026-02-30", "February 2026 has 28 days"),
    ],
)
def test_a_day_that_is_not_one_of_the_contract(small: str, on: str, said: str) -> None:
    found = run(small, "--on", on)
    assert found.exit_code == 2
    assert said in " ".join(found.stderr.split())
    assert found.stdout == ""


def test_faults_are_told_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "contract.yaml"
    file.write_text(SMALL.replace("role: provider", "rule: provider").replace("unit: GBP", "unit: GPB"), "utf-8")
    found = run(str(file))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert f"{file}:5:" in found.stderr
    assert "Traceback" not in found.stderr


def test_there_is_no_contract(tmp_path: Path) -> None:
    found = run(str(tmp_path / "nowhere"))
    assert found.exit_code == 1
    assert "Traceback" not in found.stderr
    assert found.stderr


def test_nothing_that_a_terminal_acts_on_is_printed(tmp_path: Path) -> None:
    (tmp_path / "contract.yaml").write_text(SMALL.replace("title: Block", 'title: "Bl\\e[31mock"'), "utf-8")
    found = run(str(tmp_path))
    assert "\x1b" not in found.stdout


@pytest.mark.parametrize("name", sorted(p.parent.name for p in GALLERY.glob("*/contract.yaml")))
@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
def test_the_gallery(name: str, form: str) -> None:
    found = run(str(GALLERY / name), "--format", form)
    assert (found.exit_code, found.stderr) == (0, "")
    assert found.stdout
