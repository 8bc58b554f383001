"""Which files were read while something was done, so that what comes of it is not written over them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_READ: ContextVar[set[tuple[int, int]] | None] = ContextVar("read", default=None)


@contextmanager
def noting() -> Iterator[None]:
    """Note what is read within this. Nothing is noted elsewhere."""
    before = _READ.set(set())
    try:
        yield
    finally:
        _READ.reset(before)


def note(status: os.stat_result) -> None:
    """Note a file that is read, by what it is and not by how it was named."""
    found = _READ.get()
    if found is not None:
        found.add((status.st_dev, status.st_ino))


def note_path(path: str | os.PathLike[str]) -> None:
    """Note a file that something else opens; of what is not there it says so itself."""
    try:
        note(os.stat(path))
    except (OSError, ValueError):
        return


def was_read(path: str | os.PathLike[str]) -> bool:
    """Whether the file at a path is one that was read, by whatever name."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return False
    return (status.st_dev, status.st_ino) in (_READ.get() or ())
