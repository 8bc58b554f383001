"""Strict reading of YAML: what is read, what is refused and in which words, by either of PyYAML's parsers."""

from __future__ import annotations

import contextlib
import copy
import doctest
import importlib
import os
import pickle
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alliance.contract import source, source_compose, source_text
from alliance.contract.faults import ContractError, Faults, Mark
from alliance.contract.source import (
    CODES,
    Limits,
    Map,
    Node,
    Plain,
    Scalar,
    Seq,
    load_beside,
    load_source,
    load_text,
    plain,
    walk,
)
from alliance.contract.source_syntax import WORDS, Source, explain
from alliance.contract.source_text import shown

C, PURE = yaml.CSafeLoader, yaml.SafeLoader
FOLDER = Path(source.__file__).parent
MODULES = sorted(FOLDER.glob("source*.py"))


@pytest.fixture(params=[C, PURE], ids=["C", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test with either of PyYAML's parsers."""
    monkeypatch.setattr(source_compose, "LOADER", request.param)


def faults_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(ContractError) as error:
        read()
    return [str(fault) for fault in error.value.faults]


def refused(text: str | bytes, **limits: int) -> list[str]:
    """The faults of a text, as a person reads them."""
    return faults_of(lambda: load_text(text, "c.yaml", limits=Limits(**limits)))


def one(text: str | bytes, **limits: int) -> str:
    """The only fault of a text."""
    (found,) = refused(text, **limits)
    return found


def codes(faults: list[str]) -> list[str]:
    return [match.group() for fault in faults if (match := re.search(r"AC\d{3}", fault))]


def at(node: Node) -> str:
    return str(node.mark)


# ---- what is read


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_the_examples_of_the_docstrings_hold(module: Path) -> None:
    assert doctest.testmod(importlib.import_module(f"alliance.contract.{module.stem}")).failed == 0


@pytest.mark.usefixtures("parser")
class TestWhatIsRead:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("a: 1_480.10", {"a": "1_480.10"}),
            ("a: 010", {"a": "010"}),
            ("a: NO\nb: on\nc: yes\nd: Off", {"a": "NO", "b": "on", "c": "yes", "d": "Off"}),
            ("on: 1\nno: 2", {"on": "1", "no": "2"}),
            ("a: 2026-04-01", {"a": "2026-04-01"}),
            ("a: 12:30:45", {"a": "12:30:45"}),
            ("a: 1e3", {"a": "1e3"}),
            ("a:\nb: ~\nc: null\nd: NULL", {"a": None, "b": None, "c": None, "d": "NULL"}),
            ("a: ''\nb: 'null'\nc: \"~\"", {"a": "", "b": "null", "c": "~"}),
            ("a: true\nb: 'true'", {"a": "true", "b": "true"}),
            ('"-": no\n"": x', {"-": "no", "": "x"}),
            ("'<<': x", {"<<": "x"}),
            ("'null': x", {"null": "x"}),
            ("a: [x, y, [z]]\nb: {c: {}}\nd: []", {"a": ["x", "y", ["z"]], "b": {"c": {}}, "d": []}),
            ("a:\n- x\n-\n- y: z", {"a": ["x", None, {"y": "z"}]}),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y", {"a": "x\ny\n", "b": "x y"}),
            ("a: |\n  x", {"a": "x\n"}),
            ("a: x\n  y", {"a": "x y"}),
            ("a: x # note\n# note", {"a": "x"}),
            ("---\na: 1\n...\n", {"a": "1"}),
            ("a: 1\r\nb: 2\rc: 3", {"a": "1", "b": "2", "c": "3"}),
            ("\ufeffa: 1", {"a": "1"}),
            ("a: 'it''s'\nb: it's", {"a": "it's", "b": "it's"}),
            ('a: "\\t\\u00e9\\U0001F600\\x41"', {"a": "\té😀A"}),
            ("a: &x [1, 2]\nb: *x\nc: &y z\nd: *y", {"a": ["1", "2"], "b": ["1", "2"], "c": "z", "d": "z"}),
            ("? a\n: b", {"a": "b"}),
            ("{a: b, c}", {"a": "b", "c": None}),
            ("a: [b: c]", {"a": [{"b": "c"}]}),
            ("a: &x\nb: *x", {"a": None, "b": None}),
            ("a: 50%\nb: <= 5\nc: -1\nd: x -> y", {"a": "50%", "b": "<= 5", "c": "-1", "d": "x -> y"}),
        ],
    )
    def test_texts_as_they_are_written(self, text: str, value: Plain) -> None:
        assert plain(load_text(text)) == value
        assert plain(load_text(text.encode())) == value

    def test_marks(self) -> None:
        root = load_text("# note\né: 1\n😀b:\n  - {c: 'd', e: \"f\"}\n  - |\n    g\nh:\n", "c.yaml")
        assert [f"{path} {at(node)}" for path, node in walk(root)] == [
            "() c.yaml:2:1",
            "('é',) c.yaml:2:4",
            "('😀b',) c.yaml:4:3",
            "('😀b', 0) c.yaml:4:5",
            "('😀b', 0, 'c') c.yaml:4:9",
            "('😀b', 0, 'e') c.yaml:4:17",
            "('😀b', 1) c.yaml:5:5",
            "('h',) c.yaml:7:2",
        ]
        assert [str(key.mark) for key in root] == ["c.yaml:2:1", "c.yaml:3:1", "c.yaml:7:1"]
        assert str(root.key_mark("😀b")) == "c.yaml:3:1"

    @pytest.mark.parametrize("text", ["{a: , b: 1}", "{a:\n   # note\n  , b: 1}", "{a: }", "{ a:   }"])
    def test_an_empty_value_is_right_after_its_key(self, text: str) -> None:
        empty = load_text(text)["a"]
        assert isinstance(empty, Scalar)
        assert (empty.null, empty.mark) == (True, Mark("<text>", 1, text.index("a") + 2))

    def test_styles(self) -> None:
        root = load_text("a: x\nb: 'x'\nc: \"x\"\nd: |\n  x\ne: >\n  x\n'f': ~\n")
        values = [value for value in root.values() if isinstance(value, Scalar)]
        assert [value.quoted for value in values] == [False, True, True, True, True, False]
        assert [value.null for value in values] == [False] * 5 + [True]
        assert [key.quoted for key in root] == [False] * 5 + [True]

    def test_an_alias_is_the_same_node(self) -> None:
        root = load_text("a: &x {b: 1}\nc: [*x, *x]\n")
        first = root["a"]
        other = root["c"]
        assert isinstance(other, Seq)
        assert other[0] is first
        assert other[1] is first

    def test_a_name_that_is_used_twice_still_closes(self) -> None:
        assert codes(refused("a: &x {b: &x {c: 1}}\nd: *x\n")) == ["AC018"]


def test_a_byte_order_mark_does_not_count_as_a_column() -> None:
    assert at(load_text(b"\xef\xbb\xbfa: 1\n", "c.yaml")["a"]) == "c.yaml:1:4"


def test_key_marks_are_found_for_ordinary_texts_only_where_there_is_a_key() -> None:
    root = load_text("a: 1\n")
    assert root.key_mark("a") == root.key_mark(Scalar("a"))
    with pytest.raises(KeyError):
        root.key_mark("b")


def test_nodes_are_ordinary_values_too() -> None:
    root = load_text("a: [x, {b: ~}]\n")
    assert root == {"a": ["x", {"b": "~"}]}
    assert type(next(iter(plain(root)))) is str  # type: ignore[arg-type]
    assert root.get("b") is None
    for twin in (pickle.loads(pickle.dumps(root)), copy.deepcopy(root)):
        assert isinstance(twin, Map)
        assert [(path, node, node.mark) for path, node in walk(twin)] == [(p, n, n.mark) for p, n in walk(root)]
        assert twin.key_mark("a") == root.key_mark("a")


def test_shown_hides_what_could_upset_a_terminal() -> None:
    assert shown("a\x1b[31m\u202eb\nc") == '"a\ufffd[31m\ufffdb c"'
    assert shown('say "x"') == "'say \"x\"'"


# ---- what is refused, the same by either parser

REFUSED: list[tuple[str, list[str]]] = [
    # nothing, or not a mapping
    ("", ['c.yaml: AC009 There is nothing in this file. Write parts such as "parties:", each at the start of a line.']),
    ("# note\n", ["c.yaml: AC009 There is nothing"]),
    ("---\n...\n", ["c.yaml: AC009 There is nothing"]),
    ("''", ["c.yaml: AC009 There is nothing"]),
    ("- a\n", ["c.yaml:1:1: AC010 The file holds a list, and should hold the parts of a contract by their names."]),
    ("\na\n", ["c.yaml:2:1: AC010 The file holds a text"]),
    ("~", ["c.yaml:1:1: AC010 The file holds a text"]),
    # keys
    (
        "a:\n  acute: 1\n  b: 2\n  acute: 3\n",
        ['c.yaml:4:3: AC004 "acute" stands here already, at line 2. Remove or rename one of them.'],
    ),
    ("{a: 1, 'a': 2}", ['c.yaml:1:8: AC004 "a" stands here already']),
    ("a: 1\na: 2\na: 3\n", ["c.yaml:2:1: AC004", 'c.yaml:3:1: AC004 "a" stands here already, at line 1']),
    ("? [a]\n: b\n", ["c.yaml:1:3: AC012 A list cannot be a key. Write a word, or a text in quotes, as key."]),
    ("{a: 1}: b\n", ["c.yaml:1:1: AC012 A mapping cannot be a key."]),
    ("a: &x b\n*x : c\n", ["c.yaml:2:1: AC012 An alias, *x, cannot be a key. Write the key out."]),
    ("~: 1\nnull: 2\n", ['c.yaml:1:1: AC012 "~" means nothing in YAML', 'c.yaml:2:1: AC012 "null" means nothing']),
    ("? \n: 1\n", ["c.yaml:1:2: AC012 A key is empty here. Write a key, in quotes if it must be this."]),
    ("a: {b: 1, ? }\n", ["c.yaml:1:9: AC012 A key is empty here."]),
    ("? |\n  a\n: 1\n", ["c.yaml:1:3: AC012 A key cannot be a text of several lines."]),
    ('"a\\nb": 1\n', ["c.yaml:1:1: AC012 A key cannot be a text of several lines."]),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", ["c.yaml:3:3: AC013 The merge key << is not used in contracts. Write out"]),
    # tags, directives, documents
    ("a: !!int 3\n", ['c.yaml:1:4: AC014 "!!int" is a YAML tag, and tags are not used in contracts. Remove it']),
    ("a: !!python/object/apply:os.system [ls]\n", ['c.yaml:1:4: AC014 "!!python/object/apply:os.system" is']),
    ("a: !x {b: ! c}\n", ['c.yaml:1:4: AC014 "!x"', 'c.yaml:1:11: AC014 "!"']),
    ("!t a: 1\n", ['c.yaml:1:1: AC014 "!t"']),
    ("a: !e!x 3\n", ["c.yaml:1:4: AC014 A value that begins with ! is a YAML tag"]),
    ("a: !<x\n", ["c.yaml:1:4: AC014 A value that begins with !"]),
    ("# note\n\n%YAML 1.1\n---\na: 1\n", ["c.yaml:3:1: AC014 A line that begins with % is a YAML directive"]),
    ("%FOO\n---\na: 1\n", ["c.yaml:1:1: AC014 A line that begins with %"]),
    ("%YAML x\n", ["c.yaml:1:1: AC014 A line that begins with %"]),
    ("a: 1\n...\n%YAML x\n---\nb: 1\n", ["c.yaml:3:1: AC014 A line that begins with %"]),
    ("a: 1\n---\nb: 1\n---\nc: 1\n", ["c.yaml:2:1: AC011 A second YAML document begins here"]),
    # aliases
    ("a: *b\n", ["c.yaml:1:4: AC016 A value that begins with * is an alias, and nothing above is named &b. Put the"]),
    ("*b\n", ["c.yaml:1:1: AC016"]),
    ("a: &x [1, *x]\n", ["c.yaml:1:11: AC017 *x stands inside the very thing that &x names, at line 1. Write out"]),
    ("a: &x\n  b: {c: *x}\n", ["c.yaml:2:10: AC017"]),
    ("a: &x 1\nb: &x 2\n", ["c.yaml:2:4: AC018 The name &x is used already, at line 1."]),
    ("a: &x [&x 1]\n", ["c.yaml:1:8: AC018"]),
    # characters
    ("a: b\n\u202ec: d\n", ["c.yaml:2:1: AC006 The character U+202E (right-to-left override) may not stand in a"]),
    ("a: \x00\n", ["c.yaml:1:4: AC006 The character U+0000 (a control character) may not stand"]),
    ("a: \x1b[0m\n", ["c.yaml:1:4: AC006 The character U+001B"]),
    ("a: \x7f\x85\x9f", ["c.yaml:1:4: AC006", "c.yaml:1:5: AC006", "c.yaml:1:6: AC006"]),
    ("a: x\u2028y\u2066z", ["c.yaml:1:5: AC006 The character U+2028 (line separator)", "c.yaml:1:7: AC006"]),
    ("a: x\ufeff\n", ["c.yaml:1:5: AC006 The character U+FEFF (zero width no-break space)"]),
    ("a: \ud800\n", ["c.yaml:1:4: AC006 The character U+D800 (not a character)"]),
    ("a: \uffff\n", ["c.yaml:1:4: AC006 The character U+FFFF (not a character)"]),
    ("a: \x0b\tb\n", ["c.yaml:1:4: AC006", "c.yaml:1:5: AC007"]),
    (
        'a: "\\0"\nb: "\\e[0m"\nc: "\\u202e"\nd: "\\N\\L"\n',
        [
            "c.yaml:1:4: AC006 An escape in this text makes the character U+0000 (a control character), which cannot",
            "c.yaml:2:4: AC006",
            "c.yaml:3:4: AC006",
            "c.yaml:4:4: AC006",
        ],
    ),
    ('a: "\\ud800"\n', ["c.yaml:1:7: AC006 The escape \\ud800 is not a Unicode character. Remove it."]),
    ('a: "\\\\ud800 \\\n  \\u0041 \\uDFFF"\n', ["c.yaml:2:12: AC006 The escape \\uDFFF is not"]),
    ('a: "\\U0000d800"\n', ["c.yaml:1:7: AC006 The escape \\U0000d800 is not"]),
    ('a: "\\U00110000"\n', ["c.yaml:1:7: AC006 The escape \\U00110000 is not"]),
    ("a:\n\tb: 1\n", ["c.yaml:2:1: AC007 This line has a tab in it. Use spaces instead of tabs."]),
    ("a: 1\t# x\n\n# \t\nb: 1\n", ["c.yaml:1:5: AC007 This line and 1 more have a tab in it."]),
    # formulas cut at a comma
    (
        "steps: [{multiply: max(a, b)}]\n",
        ['c.yaml:1:20: AC023 YAML ends this value at the comma, and reads "max(a" alone. Put the formula in quotes'],
    ),
    ("{a: max(a, b), c: 1}", ['alone. Put the formula in quotes: "max(a, b)".']),
    ("{a: max(min(a, b), c), d: min(a, b)}", ['quotes: "max(min(a, b), c)".', 'quotes: "min(a, b)".']),
    ("{a: max(a,\n   b)}", ['quotes: "max(a, b)".']),
    ("{a: max(a,\n  b,\n  c)}", ['quotes: "max(a, b, c)".']),
    ('{a: if(x is "y", b)}', ["Put the formula in quotes: 'if(x is \"y\", b)'."]),
    (
        "{a: max(a, b}",
        ['c.yaml:1:5: AC023 YAML ends this value at the comma, and reads "max(a" alone. Close the bracket'],
    ),
    (f"{{a: max({'a' * 150}, {'b' * 150})}}", [f'Put the whole formula in quotes, up to "{"b" * 19})".']),
    (
        "{round(a, 1): 2, b: 3}",
        [
            'AC023 YAML ends this value at the comma, and reads "round(a" alone. Put the formula in quotes: "round(a, 1)".'
        ],
    ),
    ("{a: 1, max(b, c, d): 2, min(e, f): 3}", ['quotes: "max(b, c, d)".', 'quotes: "min(e, f)".']),
    ("a: [max(a, b), c]\n", ['c.yaml:1:5: AC023 YAML ends this value at the comma, and reads "max(a" alone. Put the']),
    ("a: [x: max(a, b), c]\n", ["c.yaml:1:8: AC023"]),
    ("a: [max(a, b]\n", ["Close the bracket, and put the whole formula in quotes."]),
    ("a: [max(a, b), min(c, d)]\n", ['"max(a, b)"', '"min(c, d)"']),
    ("a: {b: max(c, d), e: @}\n", ["c.yaml:1:8: AC023", "c.yaml:1:22: AC008"]),
    # syntax
    ("a: b: c\n", ["c.yaml:1:5: AC008 There is a colon followed by a space inside a value. Put the value in quotes."]),
    ("a: b\n c: d\n", ["c.yaml:2:3: AC008 A key cannot stand here: the line above has a value already, or no colon."]),
    ("a\nb: c\n", ["c.yaml:2:2: AC008 A key cannot stand here"]),
    ("a: b\nc\nd: e\n", ["c.yaml:2:1: AC008 This line has no colon, so it is neither a key nor part of the value"]),
    ("a: @b\n", ['c.yaml:1:4: AC008 A value cannot begin with "@". Put the value in quotes.']),
    ("a: `b`\n", ['c.yaml:1:4: AC008 A value cannot begin with "`".']),
    ("a: %\n", ['c.yaml:1:4: AC008 A value cannot begin with "%".']),
    ("a: [b,, c]\n", ['c.yaml:1:7: AC008 There is "," here, where a value or a key should be.']),
    ("a: ]\n", ['c.yaml:1:4: AC008 There is "]" here, where']),
    (": 1\n", ['c.yaml:1:1: AC008 There is ":" here, where']),
    ("a: [\n", ['c.yaml:1:4: AC008 The "[" here is not closed: a comma or its partner was expected by line 2.']),
    ("a: {b: [c,", ['c.yaml:1:8: AC008 The "[" here is not closed']),
    ("a: [b, # c\n", ['c.yaml:1:4: AC008 The "[" here is not closed']),
    (
        "a: {b: 1\nc: 2\n",
        ['c.yaml:1:4: AC008 The "{" here is not closed: a comma or its partner was expected by line 2.'],
    ),
    ("a: [b}\n", ['c.yaml:1:6: AC008 There is "}" here, inside "[", where a comma or the end should be.']),
    ("{a: sum(x in [1])}", ['c.yaml:1:14: AC008 There is "[" here, inside "{", where a comma or the end should be.']),
    ("a: {b:}\n", ["c.yaml:1:6: AC008 There is a colon here with no space after it. Put a space after it, or the"]),
    ("a: [&x b:[c]]\n", ["c.yaml:1:9: AC008 There is a colon here with no space after it."]),
    ("a: 'b\n", ["c.yaml:1:4: AC008 The quote that begins here is not closed. Close it."]),
    ('a: "b\n---\n', ["c.yaml:1:4: AC008 The quote that begins here is not closed."]),
    ('a: "\\q"\n', ["c.yaml:1:5: AC008 In double quotes a backslash begins an escape, and \\q is none. Write the"]),
    ('a: "\\xZZ"\n', ["c.yaml:1:7: AC008 This escape is not complete: 2 hexadecimal digits go after \\x"]),
    (
        "a:\n  b: 1\n c: 2\n",
        ["c.yaml:3:2: AC008 This line is indented by 1, which fits nothing above it. Line it up with the"],
    ),
    ("- a\nb: 1\n", ["c.yaml:2:1: AC008 This line is indented by 0, which fits nothing above it."]),
    (
        "a:\n  - {b: 1}\n\n  # said\n  -{b: 2}\n",
        [
            "c.yaml:5:3: AC008 A dash begins an entry of a list here, and no space follows it. Put a space after the dash."
        ],
    ),
    ("a:\n  -b: 1\n  - c: 2\n", ["c.yaml:3:3: AC008"]),
    (
        "a:\n    b: 1\n   c: 2\n",
        [
            "indented by 3, which fits nothing above it. Line it up with the entries that begin at line 1, indented by 0, or with line 2, indented by 4."
        ],
    ),
    ("a: 1\n   b: 2\n", ["This line is indented by 3, line 1 by 0."]),
    ("a: 'b' c\n", ['c.yaml:1:8: AC008 There is "c" here, after the end of the value. Put the whole value in quotes;']),
    ("a: 'don't'\n", ['c.yaml:1:9: AC008 There is "t\'" here, after the end of the value.']),
    ("a: ? b\n", ["c.yaml:1:4: AC008 A value cannot begin with a question mark and a space."]),
    ("a: - b\n", ["c.yaml:1:4: AC008 A list cannot begin on the line of its key. Begin it on the next line"]),
    ("a: > 5\n", ['c.yaml:1:4: AC008 After "|" or ">" nothing may stand on the line: the text begins on the next']),
    ("a: >=5\n", ['c.yaml:1:4: AC008 After "|" or ">" nothing']),
    ("a: |0\n x\n", ['c.yaml:1:4: AC008 After "|" or ">" nothing']),
    ("a: & b\n", ['c.yaml:1:4: AC008 A value that begins with "&" names an anchor, and there is no name here.']),
    ("a: * b\n", ['c.yaml:1:4: AC008 A value that begins with "*" is an alias, and there is no name here.']),
    ("{a: 1}\nb: 2\n", ["c.yaml:2:1: AC008 The contract's mapping has ended above, and more text follows here."]),
    # a syntax error ends the file; what was found before it is told too
    ("a: 1\na: 2\nb: {c: 1, c: 2, d: @\ne: !x y\n", ["c.yaml:2:1: AC004", "c.yaml:3:11: AC004", "c.yaml:3:20: AC008"]),
    # includes belong to files
    ("include: [a.yaml]\n", ["c.yaml:1:1: AC026 A text that is read by itself cannot include files."]),
]


@pytest.mark.usefixtures("parser")
class TestWhatIsRefused:
    @pytest.mark.parametrize(("text", "said"), REFUSED, ids=[repr(text)[:40] for text, _ in REFUSED])
    def test_in_plain_words(self, text: str, said: list[str]) -> None:
        found = refused(text)
        assert len(found) == len(said), found
        for fault, words in zip(found, said, strict=True):
            assert words in fault
            assert len(fault) < 360
            assert re.fullmatch(r"c\.yaml[:\d]*: AC0\d\d [A-Z\"'*].*[.!] [A-Z].*\.", fault), fault

    @pytest.mark.parametrize(
        "text",
        [
            "{a: \"max(a, b)\", b: ['max(a, b)'], c: (b)}",
            "a: max(a, b)\n",
            "{a: 'max(a', b: c}",
            "{title: 'Smile :(', b: c}",
            "{title: a) first, by: x}",
            "{title: Smile (, by: x}",
            "a: [a) first, (b), c]\n",
            "{Smile (: , b: 2, c): 3}",
            "{Smile (: , b, c}",
            "a: [{x: Smile (}, c]\n",
            "a: [{x: (, y: z}]\n",
            "a: ['(', b]\n",
            "a: [(, 'b)']\n",
            "a: [[(], b]\n",
        ],
    )
    def test_brackets_that_are_no_cut_formula(self, text: str) -> None:
        load_text(text)

    def test_bytes_that_are_not_utf_8(self) -> None:
        assert one(b"a: 1\r\nb: caf\xe9\n") == (
            "c.yaml:2:7: AC005 The byte 0xE9 here is not UTF-8 text. Save the file in the UTF-8 encoding."
        )
        assert one("a: é".encode("utf-16")).startswith("c.yaml:1:1: AC005 The byte 0xFF")
        assert one(b"\xef\xbb\xbfa: \xed\xa0\x80").startswith("c.yaml:1:4: AC005 The byte 0xED")

    def test_characters_are_told_twenty_times_at_most(self) -> None:
        found = refused("a: " + "\x01" * 20)
        assert len(found) == 20
        assert not any("more of them" in fault for fault in found)
        found = refused("a: " + "\x01" * 21)
        assert len(found) == 20
        assert found[-1].endswith("Remove it. There are more of them below.")

    def test_no_message_is_as_long_as_what_it_is_about(self) -> None:
        long = "x" * 15_000
        texts = [f"a: *{long}", f"&{long} a: &{long} b", f"a: !{long} b", f"a: 'b' {long}", f"? {long}\n? {long}\n"]
        texts += [f"a: &{long} [*{long}]", f"a: &{long} b\n*{long} : c", f"a: [({long}, {long})]"]
        for text in texts:
            assert all(len(fault) < 400 for fault in refused(text))


def test_every_code_has_a_title_and_every_title_a_code() -> None:
    used = {code for path in MODULES for code in re.findall(r'"(AC\d{3})"', path.read_text("utf-8").split("CODES:")[0])}
    assert used == set(CODES)
    assert set(CODES) == {f"AC{number:03}" for number in range(1, 30)}


def test_every_kind_of_syntax_error_has_been_said() -> None:
    said = " ".join(" ".join(faults) for _, faults in REFUSED)
    missing = [kind for kind, words in WORDS.items() if words.message.split("{")[0][:40] not in said]
    assert missing in (["other"], ["too deep", "other"])  # the first is of later releases of libyaml only


def test_an_unknown_syntax_error_is_told_in_its_own_words() -> None:
    here = yaml.Mark("c.yaml", 3, 0, 3, None, 3)
    text = Source("c.yaml", ["a: b", ""])
    error = yaml.scanner.ScannerError("while doing", here, "something new", here)
    assert str(explain(error, text)) == (
        "c.yaml:1:4: AC008 YAML cannot read this: something new. Check the line, and put the value in quotes."
    )
    error = yaml.scanner.ScannerError(None, None, "something new", here)
    assert str(explain(error, text)).startswith("c.yaml:1:4: AC008")
    assert str(explain(yaml.YAMLError("odd"), text)) == "c.yaml: AC008 YAML cannot read this file: odd."


def test_a_place_beyond_the_text_has_nothing() -> None:
    text = Source("c.yaml", ["a"])
    assert (text.rest(9, 0), text.before(9, 0), text.between((0, 0), (9, 2))) == ("", "", "a")


def test_more_than_a_hundred_faults_are_counted() -> None:
    found = refused("a: [" + "! x, " * 250 + "]")
    assert len(found) == 101
    assert found[-1] == "AC000 at least 150 more faults are not shown; mend these first."


# ---- both parsers alike

# Not "?" inside brackets nor a comment right behind "|", which the C parser reads and the pure one refuses.
TOKENS = [
    *("a", "b", "c: ", "d:", "- ", "-", "\n", "\n ", "\n  ", "\n    ", " ", ",", ", ", "[", "]", "{", "}", "(", ")"),
    *("max(a, b)", ": ", ":", "&x ", "*x ", "*x", "&y ", "!t ", "|", "|-", ">", "'", '"', "''", "\\n", " # z"),
    *("---\n", "...\n", "@", "`", "~", "null", "<<: ", "é", "😀", "\r\n", "50%", "=", "x: y", "- - ", "\n- "),
]


def read_by(loader: type, text: str) -> object:
    """All that is to be known of a text: its nodes, or nothing where it is refused."""
    before = source_compose.LOADER
    source_compose.LOADER = loader
    try:
        root = load_text(text)
    except ContractError:
        return None
    finally:
        source_compose.LOADER = before
    scalars = [(n, n.quoted, n.null) for _, n in walk(root) if isinstance(n, Scalar)]
    keys = [(k, k.mark, k.quoted) for _, n in walk(root) if isinstance(n, Map) for k in n]
    return [(path, plain(node), node.mark) for path, node in walk(root)], scalars, keys


@settings(max_examples=400)
@given(
    st.sampled_from(["", "a: ", "a:\n  ", "a:\n- ", "a: {", "a: [", "{"]),
    st.lists(st.sampled_from(TOKENS), max_size=12),
)
@example("a: ", ["{", "b:", "}"])
@example("a: ", ["&x ", "{", "b: ", "&x ", "{", "}", "}"])
def test_both_parsers_read_the_same(start: str, tokens: list[str]) -> None:
    text = start + "".join(tokens)
    assert read_by(C, text) == read_by(PURE, text)


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=40), st.binary(max_size=40)))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(ContractError):
        assert isinstance(load_text(text), Map)


quoted = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=20).filter(
    lambda text: not source_text.FORBIDDEN.search(text)
)
trees = st.recursive(
    quoted,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(quoted, below, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(quoted.filter(lambda key: "\n" not in key), trees, min_size=1, max_size=4), st.booleans())
def test_what_a_yaml_writer_writes_is_read(tree: dict[str, Any], flow: bool) -> None:
    written = yaml.safe_dump(tree, default_style='"', default_flow_style=flow, allow_unicode=True, sort_keys=False)
    keys = [key for _, node in walk_plain(tree) if isinstance(node, dict) for key in node]
    if any("\n" in key or len(key) > 100 for key in keys) or "include" in tree or re.search(r"^ *\? ", written, re.M):
        return
    assert plain(load_text(written)) == tree


def walk_plain(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, tree
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in pairs:
        yield from walk_plain(value, (*path, key))


# ---- limits


@pytest.mark.usefixtures("parser")
class TestLimits:
    def test_bytes(self) -> None:
        assert len(load_text("a: xyz", limits=Limits(file_bytes=6))) == 1
        assert one("a: xyz", file_bytes=5) == (
            'c.yaml: AC003 "c.yaml" is larger than 5 bytes, which is the limit for one file. '
            "Bring large tables as data, not in the contract."
        )
        assert one("a: é", file_bytes=4).startswith("c.yaml: AC003")
        assert "contract is larger than 5 bytes" in one("a: xyz", total_bytes=5)

    @pytest.mark.parametrize("text", ["a: {b: [c]}", "a:\n  b:\n  - c", "a: &x [[]]\n", "a: &x []\nb: [*x]\n"])
    def test_depth(self, text: str) -> None:
        load_text(text, limits=Limits(depth=3))
        assert "AC019 Mappings and lists stand more than 2 deep here, which is the limit." in one(text, depth=2)

    def test_depth_counts_through_aliases(self) -> None:
        text = "a: &a [[[]]]\nb: &b [[*a]]\nc: [*b]\n"
        load_text(text, limits=Limits(depth=7))
        assert one(text, depth=6).startswith("c.yaml:3:5: AC019")
        assert one(text, depth=5).startswith("c.yaml:2:9: AC019")
        load_text("a: &a b\nc: [*a]\n", limits=Limits(depth=2))

    def test_nodes(self) -> None:
        load_text("a: [b, {c: d}]", limits=Limits(nodes=7))
        assert one("a: [b, {c: d}]", nodes=6) == (
            "c.yaml:1:12: AC020 The file has more than 6 keys, values and lists, which is the limit. "
            "Bring large tables as CSV or workbooks."
        )

    def test_aliases(self) -> None:
        text = "a: &x b\nc: [*x, *x, *x]\n"
        load_text(text, limits=Limits(aliases=3))
        assert one(text, aliases=2).startswith("c.yaml:2:13: AC021 There are more than 2 aliases, which is the limit.")

    def test_what_aliases_stand_for(self) -> None:
        text = "a: &x [b, c]\nd: &y [*x, *x]\ne: [*y, *y]\n"
        load_text(text, limits=Limits(expanded=29))
        assert one(text, expanded=28).startswith(
            "c.yaml:3:9: AC015 With its aliases written out the file has more than 28 keys, values and lists"
        )
        laughs = "a0: &a0 [x, x, x]\n" + "".join(f"a{i}: &a{i} [{f'*a{i - 1}, ' * 9}]\n" for i in range(1, 11))
        assert codes(refused(laughs)) == ["AC015"]

    def test_length_of_a_text(self) -> None:
        load_text("a: xyz", limits=Limits(scalar=3))
        assert refused("a: wxyz\nvwxyz: a\nb: 'wxyz'\n", scalar=3) == [
            f"c.yaml:{place}: AC022 This text has {many} characters, and the limit is 3. "
            "Shorten it, or keep it in a document beside the contract."
            for place, many in (("1:4", 4), ("2:1", 5), ("3:4", 4))
        ]

    def test_the_limits_are_those_of_the_design(self) -> None:
        assert Limits() == Limits(2_000_000, 4_000_000, 40, 25_000, 100, 40_000, 20_000, 50)


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "brackets": ("[" * 200_000, "AC019"),
    "brackets of a value": ("a: " + "[" * 200_000, "AC019"),
    "closed brackets": ("a: " + "[" * 200_000 + "]" * 200_000, "AC019"),
    "brackets by line": ("a: " + "[\n" * 200_000, "AC019"),
    "braces": ("{a: " * 200_000, "AC019"),
    "dashes": ("- " * 200_000, "AC019"),
    "question marks": ("? " * 200_000, "AC012"),
    "stairs": ("".join(" " * i + "a:\n" for i in range(1900)), "AC019"),
    "ten megabytes": ("[" * 10_000_000, "AC003"),
    "ten megabytes of bytes": (b"\xff" * 10_000_000, "AC003"),
    "control characters": ("\x01" * 1_990_000, "AC006"),
    "tabs": ("\t\n" * 900_000, "AC007"),
    "documents": ("---\n" * 400_000, "AC011"),
    "directives": ("%A\n" * 400_000, "AC014"),
    "aliases": ("a: [" + "*b, " * 400_000, "AC016"),
    "double quotes": ("a: " + '"' * 1_900_000, "AC008"),
}


@pytest.mark.parametrize("loader", [C, PURE], ids=["C", "pure"])
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_at_once(name: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_compose, "LOADER", loader)
    text, code = HOSTILE[name]
    start = time.perf_counter()
    found = refused(text)
    taken = time.perf_counter() - start
    assert codes(found)[0] == code
    # Ten times and more what it takes; a slow machine is not a fault, reading on is.
    assert taken < 5


def test_only_events_are_read_before_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(C):  # type: ignore[misc, valid-type]
        events = 0

        def get_event(self) -> Any:
            Counting.events += 1
            return super().get_event()

        def get_single_node(self) -> Any:
            raise AssertionError("the C composer must never run")

        get_node = get_single_data = get_data = compose_node = get_single_node

    monkeypatch.setattr(source_compose, "LOADER", Counting)
    load_text("a: [b]\n")
    Counting.events = 0
    refused("[\n" * 200_000)
    assert Counting.events == 43  # stream, document, 40 brackets, and the one too many


# ---- files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A contract's folder, in a folder that has other files."""
    inside = tmp_path / "contract"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("secret: 1\n")
    return inside


def write(folder: Path, **files: str) -> Path:
    """Files with `__` for `/` and `_yaml` for `.yaml` in their names; the path of `c.yaml`."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "c.yaml"


def file_faults(path: Path, **limits: int) -> list[str]:
    return faults_of(lambda: load_source(path, limits=Limits(**limits), name="c.yaml"))


class TestFiles:
    def test_marks_name_the_file_as_it_was_given(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write(folder, c="a: 1\n")
        monkeypatch.chdir(folder)
        assert at(load_source("c.yaml")["a"]) == "c.yaml:1:4"
        assert at(load_source(Path("c.yaml"))["a"]) == "c.yaml:1:4"
        assert at(load_source(path)["a"]) == f"{path}:1:4"
        assert at(load_source(path, name="x/c.yaml")["a"]) == "x/c.yaml:1:4"

    def test_a_file_that_is_not_there(self, folder: Path) -> None:
        assert file_faults(folder / "c.yaml") == ['c.yaml: AC001 There is no file "c.yaml". Check the path.']

    def test_a_path_that_is_none(self) -> None:
        assert codes(faults_of(lambda: load_source("a\0b", name="c.yaml"))) == ["AC001"]
        assert codes(faults_of(lambda: load_source("a\ud800b"))) == ["AC001"]
        assert faults_of(lambda: load_source("no-such-\udcff"))[0].encode()

    def test_a_file_that_may_not_be_read(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write(folder, c="a: 1\n")

        def denied(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", denied)
        assert "cannot be read: permission denied" in file_faults(path)[0]

    def test_a_link_in_a_circle(self, folder: Path) -> None:
        (folder / "c.yaml").symlink_to("c.yaml")
        assert codes(file_faults(folder / "c.yaml")) == ["AC001"]

    def test_a_contract_file_may_be_a_link(self, folder: Path) -> None:
        write(folder, real="include: [more.yaml]\n", more="a: 1\n")
        (folder / "c.yaml").symlink_to("real.yaml")
        assert plain(load_source(folder / "c.yaml")) == {"a": "1"}

    @pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
    def test_what_is_not_an_ordinary_file(self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        path = tmp_path / "c.yaml"
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind("c.yaml")
        else:
            path = Path(os.devnull)
        assert file_faults(path) == ['c.yaml: AC002 "c.yaml" is not an ordinary file. Name a YAML file.']

    def test_a_file_that_becomes_a_pipe(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Between the look at it and its opening: it does not hang."""
        path = write(folder, c="a: 1\n")
        look = os.stat(path)
        path.unlink()
        os.mkfifo(path)
        monkeypatch.setattr(os, "stat", lambda *_, **__: look)
        assert codes(file_faults(path)) == ["AC002"]

    def test_a_file_that_becomes_a_link(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = folder / "c.yaml"
        path.symlink_to(folder.parent / "secret.yaml")
        monkeypatch.setattr(os.path, "realpath", str)
        assert codes(file_faults(path)) == ["AC001"]

    def test_a_large_file_is_not_read(self, folder: Path) -> None:
        path = folder / "c.yaml"
        with path.open("wb") as file:
            file.truncate(10 * 2**40 if sys.platform == "linux" else 10_000_000)
        assert codes(file_faults(path)) == ["AC003"]

    def test_a_file_that_grows_is_read_to_the_limit(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write(folder, c="a: xyz\n" * 100)
        real = os.fstat

        class Small:
            def __init__(self, number: int) -> None:
                status = real(number)
                self.st_mode, self.st_dev, self.st_ino, self.st_size = status.st_mode, status.st_dev, status.st_ino, 0

        monkeypatch.setattr(os, "fstat", Small)
        assert codes(file_faults(path, file_bytes=50)) == ["AC003"]

    def test_files_of_the_system_that_have_no_size(self) -> None:
        path = Path("/proc/self/status")
        if path.exists():
            assert codes(file_faults(path))[0] != "AC003"

    def test_files_are_closed(self, folder: Path) -> None:
        code = "import sys; from alliance.contract.source import load_source; load_source(sys.argv[1])"
        path = write(folder, c="include: [d.yaml]\n", d="a: 1\n")
        command = [sys.executable, "-W", "error", "-X", "dev", "-c", code, str(path)]
        root = Path(__file__).resolve().parents[2]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")


class TestIncludes:
    def test_parts_are_joined(self, folder: Path) -> None:
        path = write(
            folder,
            c="alliance: 1\ninclude: [parties.yaml, rules/gates.yaml]\nparties: {icb: {x: y}}\nrules: [a]\n",
            parties="parties:\n  council: {x: z}\nterms: {t: 1}\n",
            rules__gates="rules:\n- b\n- c\nterms: {u: 2}\n",
        )
        root = load_source(path, name="c.yaml")
        assert plain(root) == {
            "alliance": "1",
            "parties": {"icb": {"x": "y"}, "council": {"x": "z"}},
            "rules": ["a", "b", "c"],
            "terms": {"t": "1", "u": "2"},
        }
        parties, rules, terms = root["parties"], root["rules"], root["terms"]
        assert isinstance(parties, Map)
        assert isinstance(rules, Seq)
        assert isinstance(terms, Map)
        assert [str(mark) for mark in (parties.mark, *map(parties.key_mark, ("icb", "council")))] == [
            "c.yaml:3:10",
            "c.yaml:3:11",
            "parties.yaml:2:3",
        ]
        assert [at(rule) for rule in rules] == ["c.yaml:4:9", "rules/gates.yaml:2:3", "rules/gates.yaml:3:3"]
        assert str(terms.key_mark("u")) == "rules/gates.yaml:4:9"
        assert str(root.key_mark("terms")) == "parties.yaml:3:1"

    def test_an_empty_list_includes_nothing(self, folder: Path) -> None:
        assert plain(load_source(write(folder, c="include: []\na: 1\n"))) == {"a": "1"}

    def test_what_stands_in_two_files(self, folder: Path) -> None:
        path = write(
            folder,
            c="include: [d.yaml]\nparties:\n  icb: 1\nalliance: 1\nrules: [a]\nterms: {}\n",
            d="parties:\n  new: 1\n  icb: 2\nalliance: 1\nrules: {a: b}\nterms: []\n",
        )
        assert file_faults(path) == [
            'd.yaml:3:3: AC029 "icb" stands in c.yaml:3:3 too. Remove or rename one of them.',
            'd.yaml:4:1: AC029 "alliance" stands in c.yaml:4:1 too. Remove or rename one of them.',
            'd.yaml:5:1: AC029 "rules" stands in c.yaml:5:1 too. Remove or rename one of them.',
            'd.yaml:6:1: AC029 "terms" stands in c.yaml:6:1 too. Remove or rename one of them.',
        ]

    def test_every_fault_of_every_file_is_told(self, folder: Path) -> None:
        path = write(folder, c="include: [d.yaml, e.yaml, f.yaml]\na: !x 1\n", d="a: @\n", e="", f="- 1\n")
        assert codes(file_faults(path)) == ["AC014", "AC008", "AC009", "AC010"]

    def test_included_files_cannot_include(self, folder: Path) -> None:
        path = write(folder, c="include: [d.yaml]\n", d="include: [e.yaml]\na: 1\n", e="b: 1\n")
        assert file_faults(path) == [
            "d.yaml:1:1: AC026 An included file cannot include files. Name every file in the contract file itself."
        ]

    @pytest.mark.parametrize(
        ("include", "said"),
        [
            (
                "parties.yaml",
                "c.yaml:1:10: AC024 The includes are not a list. Write a list of paths, as in: include: [",
            ),
            ("{a: b}", "AC024 The includes are not a list."),
            ("~", "AC024 The includes are not a list."),
            ("[{a: b}]", "c.yaml:1:11: AC024 This is not the path of a file."),
            ("[~]", "AC024 This is not the path of a file."),
            ("['']", "AC024 This is not the path of a file."),
            ('["a\\nb"]', "AC024 This is not the path of a file."),
            ('["a\\0b"]', "AC006 An escape"),
            ("[/etc/passwd]", 'c.yaml:1:11: AC025 "/etc/passwd" is not a relative path. Write the path from'),
            ("['C:/x.yaml']", "is not a relative path"),
            ("['\\\\host\\x']", "is not a relative path"),
            ("['a\\b.yaml']", "has a backslash in it. Write / between folders"),
            ("[../secret.yaml]", '"../secret.yaml" has .. in it. Keep the file'),
            ("[a/../c.yaml]", "has .. in it"),
            ("[link.yaml]", '"link.yaml" leads out of the contract\'s folder by a symbolic link. Copy the file'),
            ("[far/secret.yaml]", "leads out of the contract's folder by a symbolic link"),
            ("[none.yaml]", 'AC001 There is no file "none.yaml".'),
            ("[circle.yaml]", 'AC001 "circle.yaml" cannot be read'),
            ("[dangling.yaml]", 'AC001 There is no file "dangling.yaml".'),
            (f"[{'x' * 5000}]", "cannot be read: file name too long"),
            ("[pipe.yaml]", 'AC002 "pipe.yaml" is not an ordinary file.'),
            ("[sub]", 'AC002 "sub" is not an ordinary file.'),
            ("[.]", 'AC002 "." is not an ordinary file.'),
            ("[device.yaml]", "leads out of the contract's folder by a symbolic link"),
            ("[c.yaml]", 'c.yaml:1:11: AC028 "c.yaml" is read already, as "c.yaml". Include each file once.'),
            ("[d.yaml, ./d.yaml]", 'c.yaml:1:19: AC028 "./d.yaml" is read already, as "d.yaml".'),
            ("[d.yaml, same.yaml]", 'AC028 "same.yaml" is read already, as "d.yaml".'),
            ("[d.yaml, hard.yaml]", 'AC028 "hard.yaml" is read already, as "d.yaml".'),
        ],
    )
    def test_what_cannot_be_included(self, folder: Path, include: str, said: str) -> None:
        path = write(folder, c=f"include: {include}\nb: 1\n", d="a: 1\n")
        (folder / "sub").mkdir()
        (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
        (folder / "far").symlink_to(folder.parent)
        (folder / "circle.yaml").symlink_to("circle.yaml")
        (folder / "dangling.yaml").symlink_to("nowhere.yaml")
        (folder / "same.yaml").symlink_to("d.yaml")
        (folder / "hard.yaml").hardlink_to(folder / "d.yaml")
        (folder / "device.yaml").symlink_to(os.devnull)
        os.mkfifo(folder / "pipe.yaml")
        (found,) = file_faults(path)
        assert said in found

    def test_a_link_inside_the_folder_is_followed(self, folder: Path) -> None:
        path = write(folder, c="include: [link/d.yaml]\n", sub__d="a: 1\n")
        (folder / "link").symlink_to("sub")
        root = load_source(path)
        assert at(root["a"]) == "link/d.yaml:1:4"

    def test_the_folder_may_be_reached_by_a_link(self, folder: Path) -> None:
        write(folder, c="include: [d.yaml]\n", d="a: 1\n")
        (folder.parent / "way").symlink_to(folder)
        assert plain(load_source(folder.parent / "way" / "c.yaml")) == {"a": "1"}

    def test_limits_are_over_all_files(self, folder: Path) -> None:
        path = write(folder, c="include: [d.yaml, e.yaml]\n", d="a: &x [b]\nc: *x\n", e="d: &x [e]\nf: *x\n")
        load_source(path)
        assert "e.yaml:" in file_faults(path, nodes=14)[0]
        assert codes(file_faults(path, aliases=1)) == ["AC021"]
        assert codes(file_faults(path, expanded=16)) == ["AC015"]
        assert codes(file_faults(path, total_bytes=50)) == ["AC003"]
        assert file_faults(path, includes=1) == [
            "c.yaml:1:19: AC027 There are 2 includes, and the limit is 1. Join some of the files."
        ]


def test_a_number_with_commas_is_whole_in_braces() -> None:
    """Whoever reads it tells how numbers are written; a value of a closed formula is made whole as well."""
    found = load_text("a: {b: 1,000,000, c: 5, d: 12,345.50 GBP, e: 1,23, f: x}\n")
    assert plain(found["a"]) == {"b": "1,000,000", "c": "5", "d": "12,345.50 GBP", "e": "1", "23": None, "f": "x"}


def test_faults_that_leave_the_rest_sound_are_only_told_where_they_are_asked_for() -> None:
    faults = Faults()
    text = "a: {b: max(c, d), e: 1}\nf:\n  g: 1\n  g: 2\n"
    assert plain(load_text(text, faults=faults)) == {"a": {"b": "max(c, d)", "e": "1"}, "f": {"g": "1"}}
    assert [fault.code for fault in faults] == ["AC023", "AC004"]
    for broken in ("a: 1\na: 2\n", "a: {b: max(c, d}\n", "a: [max(b, c)]\n"):
        with pytest.raises(ContractError):
            load_text(broken, faults=Faults())


def test_a_file_that_a_contract_names_is_in_its_folder(folder: Path) -> None:
    (folder / "inside.yaml").write_text("a: 1\n")
    assert plain(load_beside(str(folder), Scalar("inside.yaml", Mark("c.yaml", 3, 5)))) == {"a": "1"}
    (folder / "link.yaml").symlink_to("/etc/passwd")
    for name in ("link.yaml", "../secret.yaml", "/etc/passwd"):
        with pytest.raises(ContractError) as told:
            load_beside(str(folder), Scalar(name, Mark("c.yaml", 3, 5)))
        [fault] = told.value.faults
        assert (fault.code, str(fault.mark)) == ("AC025", "c.yaml:3:5")
