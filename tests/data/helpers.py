"""What the tests of `alliance.data` share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from alliance.contract.faults import InputError
from alliance.data.codes import CODES
from alliance.data.table import Table


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def faults_of(read: Callable[[], object], folder: Path) -> list[str]:
    """The faults that a reading raises, as lines without the folder; every code is one that is listed."""
    with pytest.raises(InputError) as caught:
        read()
    for fault in caught.value.faults:
        assert fault.code in CODES or fault.code < "AC200"
        assert fault.message.endswith("."), fault.message
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def starts(read: Callable[[], object], folder: Path) -> list[str]:
    """The places and codes of the faults: `a.csv:2:1: AC206`."""
    return [" ".join(line.split()[:2]) for line in faults_of(read, folder)]


def content(table: Table) -> list[tuple[int, tuple[str | None, ...]]]:
    return [(row.line, row.cells) for row in table.rows]
