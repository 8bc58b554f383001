"""Small contracts as text."""

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
  board: {name: Board, role: commissioner, host: true}
  north: {name: North, role: provider, attributes: {beds: 5, share: 100%}}
  south: {name: South, role: provider, small: true, from: 2026-10-01, attributes: {beds: 3}}
"""


def written(base: str = BASE, **parts: str) -> str:
    """The text of a contract: the base and then parts, each as it is written below its key."""
    return base + "".join(
        f"{part}:\n{textwrap.indent(textwrap.dedent(inside).strip(), '  ')}\n" for part, inside in parts.items()
    )


def loaded(base: str = BASE, **parts: str) -> Contract:
    """A contract that is without fault."""
    return alliance.loads(written(base, **parts), "c")


def faults_of(text: str) -> list[Fault]:
    """What is wrong with a contract."""
    with pytest.raises(ContractError) as error:
        alliance.loads(text, "c")
    return list(error.value.faults)
