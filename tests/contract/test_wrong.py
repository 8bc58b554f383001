"""Contracts that are wrong, one file to each part of the language, with every fault told at its place.

A comment that begins `#:` says a fault of the next line that is no comment: its column, code, words and hint. Run this
file as a program to write the comments anew; then read what changed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import alliance
from alliance.contract.codes import CODES
from alliance.contract.faults import ContractError

HERE = Path(__file__).parent
WRONG = sorted(HERE.glob("wrong/*.yaml"))


def told(text: str) -> list[tuple[int, str]]:
    """Every fault of a contract: its line, and its column, code, words and hint."""
    with pytest.raises(ContractError) as error:
        alliance.loads(text, "c")
    found = []
    for fault in error.value.faults:
        assert fault.mark is not None, fault
        hint = f" | {fault.hint}" if fault.hint else ""
        found.append((fault.mark.line, f"{fault.mark.column} {fault.code} {fault.message}{hint}"))
    return found


def said(text: str) -> list[tuple[int, str]]:
    """Every fault that the comments of a contract say."""
    found: list[tuple[int, str]] = []
    waiting: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#:"):
            waiting.append(line.lstrip()[2:].strip())
        elif not line.lstrip().startswith("#"):
            found += [(number, fault) for fault in waiting]
            waiting = []
    return found


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_every_fault_is_told_at_its_place(file: Path) -> None:
    text = file.read_text("utf-8")
    assert sorted(told(text)) == sorted(said(text))


def test_every_code_has_a_contract_that_is_wrong() -> None:
    shown = {code for file in WRONG for code in re.findall(r"#: \d+ (AC\d{3})", file.read_text("utf-8"))}
    elsewhere = {"AC000", "AC034", "AC096", "AC111"}  # by number, below and in other files
    assert shown == set(CODES) - elsewhere


def write(file: Path) -> None:
    """The file with its comments as the faults are now."""
    text = file.read_text("utf-8")
    for _ in range(3):  # since faults name the lines of others
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#:")]
        places = [number for number, line in enumerate(text.splitlines(), 1) if not line.lstrip().startswith("#:")]
        faults: dict[int, list[str]] = {}
        for line, words in told(text):
            faults.setdefault(places.index(line), []).append(words)
        found = []
        for index, line in enumerate(lines):
            indent = " " * (len(line) - len(line.lstrip()))
            found += [f"{indent}#: {words}" for words in faults.get(index, [])]
            found.append(line)
        text = "\n".join(found) + "\n"
    file.write_text(text, "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:] or map(str, WRONG):
        write(Path(name))
