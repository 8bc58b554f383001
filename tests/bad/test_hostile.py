"""Contracts, data and command lines out to do harm: each answered soon, in little memory, with nothing written."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from alliance.data.characters import printable
from tests.bad import hostile, hostile_files, hostile_many
from tests.bad.apart import Answer, run_apart
from tests.bad.hostile import CASES
from tests.speed import slowness

SECONDS = 2  # of processor time, without those in which Python starts, on a machine of usual speed
MEGABYTES = 300
MISUSED = 2

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
assert hostile_files
assert hostile_many
assert hostile


def held(folder: Path) -> dict[str, tuple[int, int]]:
    """What stands in a folder and beside it, without following links."""
    found = [*folder.parent.iterdir(), *folder.rglob("*")]
    return {str(p): (p.lstat().st_mode, p.lstat().st_size) for p in found if p != folder}


def answered(name: str, tmp_path: Path) -> tuple[Answer, bool]:
    """What a case is answered with, and whether all is as it was before."""
    folder, printed = tmp_path / "a" / "here", tmp_path / "printed"
    folder.mkdir(parents=True)
    printed.mkdir()
    args = CASES[name][1](folder)
    before = held(folder)
    found = run_apart(args, folder, printed)
    if found.seconds >= SECONDS:  # a busy machine; the work is the same each time
        found = run_apart(args, folder, printed)
    return found, held(folder) == before


@pytest.mark.parametrize("name", CASES)
def test_harm_is_answered_soon_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    code, _ = CASES[name]
    found, untouched = answered(name, tmp_path)
    print(f"{name}: {found.seconds:.2f} s, {found.megabytes:.0f} MB, exit {found.code}: {found.err[:300]}")
    told = found.out + found.err
    assert "Traceback" not in told
    assert told == printable(told, lines=True), "nothing that a terminal would act on"
    assert len(found.err) < 100_000, "no more than somebody can look at"
    assert found.seconds < SECONDS or found.seconds < SECONDS * slowness()
    assert found.megabytes < MEGABYTES
    assert untouched
    if code == "":
        assert (found.code, found.codes) == (0, [])
    elif code == "undetermined":
        assert (found.code, found.codes) == (1, [])
        assert "could not be determined" in found.err
    elif code == "usage":
        assert found.code == MISUSED
        assert re.search(r"^Error: .", found.err, re.MULTILINE)
    else:
        assert found.code in (1, MISUSED)
        assert found.err
        assert code in ("*", *found.codes)


def test_there_are_many() -> None:
    assert len(CASES) >= 200
