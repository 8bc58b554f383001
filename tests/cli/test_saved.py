"""Settlements that were saved, read one after the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alliance.cli import saved
from alliance.contract.faults import InputError


def read(tmp_path: Path, text: str | bytes) -> list[object]:
    path = tmp_path / "s.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(saved.settlements(str(path)))


def refused(tmp_path: Path, text: str | bytes) -> str:
    with pytest.raises(InputError) as error:
        read(tmp_path, text)
    (fault,) = error.value.faults
    assert fault.code == "AC122"
    return f"{fault.mark.line if fault.mark else 0}: {fault.message}"


def test_one_or_a_list_of_them(tmp_path: Path) -> None:
    assert read(tmp_path, ' {"a": 1}\n') == [{"a": 1}]
    assert read(tmp_path, "[]") == read(tmp_path, " [ \n ] ") == []
    assert read(tmp_path, '[{"a": 1}\n, {"b": []} ]\n') == [{"a": 1}, {"b": []}]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_it_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(saved, "_BLOCK", size)
    items = [{"agreement": f"n\u00e9 {i}", "list": [1, {"x": "y, ]}"}], "n": None} for i in range(5)]
    assert read(tmp_path, json.dumps(items, ensure_ascii=False, indent=1)) == items


HIDES = "this is not a saved settlement: it holds the character"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: this is not a saved settlement: it does not say that it is one."),
        ("[5]", "1: this is not a saved settlement: it does not say that it is one."),
        ('{"a": 1} {}', "1: this is not a saved settlement: more text follows its end."),
        ('[{"a": 1}]\n\nx', "3: this is not a saved settlement: more text follows its end."),
        ('[{"a": 1}\n{"b": 1}]', "2: this is not a saved settlement: it is cut short or damaged."),
        ('[{"a": 1},\n', "2: this is not a saved settlement: it does not say that it is one."),
        ('[{"a": 1}', "1: this is not a saved settlement: it is cut short or damaged."),
        ('{"a": \n"b', "2: this is not a saved settlement: it is cut short or damaged here."),
        ('{"a": 1,\n "b": x' + " " * 100 + "}", "2: this is not a saved settlement: it is cut short or damaged here."),
        ('{"a": ["\\u001b[2J"]}', f"1: {HIDES} U+001B (a control character), which cannot be seen."),
        ('{"a": {"\u202e": null}}', f"1: {HIDES} U+202E (right-to-left override), which cannot be seen."),
        (b'{"a": "\xff"}', "1: this is not a saved settlement: it is not UTF-8 text."),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "1: this is not a saved settlement: it is nested too deep."),
        ('{"a": ' + "1" * 5000 + "}", "1: this is not a saved settlement: a number in it is too long."),
    ],
)
def test_what_is_none(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert refused(tmp_path, text) == said


def test_one_settlement_has_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "_BLOCK", 10)
    monkeypatch.setattr(saved, "MOST_CHARACTERS", 40)
    long = json.dumps({"a": "x" * 100})
    assert refused(tmp_path, long) == "1: this is not a saved settlement: one settlement has at most 40 characters."
    assert read(tmp_path, json.dumps([{"a": "x" * 20}] * 10)) == [{"a": "x" * 20}] * 10
    monkeypatch.setattr(saved, "MOST_CHARACTERS", 400)
    monkeypatch.setattr(saved, "MOST_VALUES", 20)
    many = json.dumps({"a": list(range(50))})
    assert refused(tmp_path, many) == "1: this is not a saved settlement: one settlement has at most 20 values."
    assert read(tmp_path, json.dumps({"a": list(range(15))})) == [{"a": list(range(15))}]
