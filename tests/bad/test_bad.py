"""Every mistake of these folders is answered with the exact words beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bad.cases import FOLDERS, Case, cases, within, workspace

CASES = cases()
AT_LEAST = {"contracts": 45, "inputs": 15, "tables": 10, "commands": 12}

# Words of the tools that this one is made with, and of programmers
_JARGON = re.compile(
    r"\b(?:pydantic|lark|PyYAML|Traceback|Exception|NoneType|dict|str|int|float|tuple|None|True|False|kwarg|regex|"
    r"unpack|subscriptable|iterable|isoformat|token|scalar|delimiter|literal|mapping)\b"
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("bad") / "bad")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder}/{case.name}")
def test_a_mistake_is_answered_in_these_words(case: Case, folders: Path) -> None:
    with within(folders / case.folder):
        answer = case.answer()
    assert answer == case.expected, "read it, and if it is right: python -m tests.bad.renew"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder}/{case.name}")
def test_the_words_are_for_a_person(case: Case) -> None:
    first, _, words = case.expected.partition("\n")
    assert re.match(r"exit [012]: alliance\b", first)
    assert words, "a mistake is told"
    assert not _JARGON.search(words), _JARGON.search(words)
    places = re.findall(r"^(\S+:\d+(?::\d+)?): AC\d{3}", words, re.MULTILINE)
    assert len(set(places)) == len(places), "one place, one fault"
    if case.folder != "commands":
        assert "exit 1" in first
        assert re.search(r"AC\d{3} ", words)


def test_there_are_many() -> None:
    for folder in FOLDERS:
        assert sum(case.folder == folder for case in CASES) >= AT_LEAST[folder]
    assert len(CASES) >= 80
