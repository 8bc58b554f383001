"""The formats of a report, on reports made by hand."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from alliance.reports.markdown import markdown
from alliance.reports.model import ALERT, TOTAL, Branch, Report, Row, Section, Text, report, section, table
from alliance.reports.plain import measure, plain
from alliance.reports.terminal import show

BAD = "a\x1b[31m\u202eb\nc"


def one(*blocks: object) -> Report:
    return Report("T", sections=(Section("S", blocks),))  # type: ignore[arg-type]


def test_columns_line_up_and_totals_have_a_rule() -> None:
    made = table(("Name", ">Amount", "Note"), [("a", "1.00", ""), Row(("In all", "12.00", ""), TOTAL)])
    assert [c.title for c in made.columns] == ["Name", "Amount"], "a column with nothing in it is left out"
    assert plain(one(made)) == (
        "T\n\nS\n\nName    Amount\n------  ------\na         1.00\n        ------\nIn all   12.00\n"
    )


def test_wide_tables_give_way_in_words_and_never_in_numbers() -> None:
    made = table(("Name", ">Amount"), [("one two three four five six", "1,000,000.00")])
    lines = plain(one(made), 34).splitlines()
    assert "1,000,000.00" in "\n".join(lines)
    assert max(map(len, lines)) <= 34


def test_wide_characters_and_combining_ones_are_measured() -> None:
    assert measure("日本") == 4
    assert measure("e\u0301") == 1
    rows = plain(one(table(("N", ">A"), [("日本", "1"), ("abcd", "2")]))).splitlines()
    assert [line.rstrip()[-1] for line in rows[-2:]] == ["1", "2"]
    assert len(rows[-2]) == len(rows[-1]) - 2


def test_sections_with_nothing_in_them_are_left_out() -> None:
    empty = section("Nothing", table(("A",), []), None)
    assert report("T", "", [("k", "")], [empty]).sections == ()
    below = section("Below", Text("x"), level=2)
    assert [s.title for s in report("T", "", [], [empty, below]).sections] == ["Nothing", "Below"]


@pytest.mark.parametrize("form", ["plain", "markdown", "terminal"])
def test_every_text_is_made_safe(form: str) -> None:
    tree = Branch(BAD, BAD, BAD, (Branch(BAD),))
    whole = Report(
        BAD, BAD, ((BAD, BAD),), (Section(BAD, (Text(BAD, ALERT), table((BAD,), [(BAD,)], BAD), tree)),), (BAD,)
    )
    out = io.StringIO()
    show(whole, Console(file=out, width=100))
    text = {"plain": plain(whole), "markdown": markdown(whole), "terminal": out.getvalue()}[form]
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b" in text


def test_trees_in_each_format() -> None:
    tree = Branch("pay", "10.00", "c.yaml:3", (Branch("rate", "5%"), Branch("missing", "not known", "", (), ALERT)))
    assert plain(one(tree)) == "T\n\nS\n\npay = 10.00  [c.yaml:3]\n  rate = 5%\n  missing = not known\n"
    assert "- pay = **10.00** (c.yaml:3)\n  - rate = **5%**\n" in markdown(one(tree))
    out = io.StringIO()
    show(one(tree), Console(file=out, width=100))
    assert "├── rate = 5%" in out.getvalue()
    assert "└── missing = not known" in out.getvalue()


def test_markdown_does_not_make_lists_of_texts() -> None:
    assert "\n\\- not a list\n" in markdown(one(Text("- not a list")))
    assert "\n1\\. not\n" in markdown(one(Text("1. not")))
