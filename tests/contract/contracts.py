"""Small contracts as text, and what is wrong with them."""

from __future__ import annotations

import textwrap

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import ContractError, Fault

BASE = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
parties:
  board: {name: Board, role: commissioner}
  north: {name: North, role: provider}
  south: {name: South, role: provider, small: true, from: 2026-10-01}
"""
FIRST = BASE.count("\n") + 2
"""The line on which what is written in the first part begins; each begins in column 3."""


def written(base: str = BASE, **parts: str) -> str:
    """The text of a contract: the base and then parts, each as it is written below its key."""
    text = base
    for part, inside in parts.items():
        text += f"{part}:\n{textwrap.indent(textwrap.dedent(inside).strip(), '  ')}\n"
    return text


def loaded(base: str = BASE, **parts: str) -> Contract:
    """A contract that is without fault."""
    return alliance.loads(written(base, **parts), "c")


def faults_of(text: str) -> list[Fault]:
    """What is wrong with a contract."""
    with pytest.raises(ContractError) as error:
        alliance.loads(text, "c")
    return list(error.value.faults)


def told(base: str = BASE, **parts: str) -> list[str]:
    """What is wrong, as it is told: with the line counted from the first that the parts write."""
    found = []
    for fault in faults_of(written(base, **parts)):
        assert fault.mark is not None
        line = fault.mark.line - (FIRST - 1 if base == BASE else 0)
        hint = f" | {fault.hint}" if fault.hint else ""
        found.append(f"{line}:{fault.mark.column} {fault.code} {fault.message}{hint}")
    return found
