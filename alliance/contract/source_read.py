"""One file of a contract: read safely and within limits, and parsed."""

from __future__ import annotations

import difflib
import os
import stat
from dataclasses import dataclass

from alliance.contract.faults import Mark
from alliance.contract.noted import note
from alliance.contract.source_compose import compose
from alliance.contract.source_nodes import Map, Reading, Seq
from alliance.contract.source_text import clean, decode, shown

_FLAGS = os.O_RDONLY
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):  # not every system has them all
    _FLAGS |= getattr(os, _name, 0)
_SHAPE = 'Write parts such as "parties:", each at the start of a line.'


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a file, and which file it is, however it was named."""

    data: bytes
    identity: tuple[int, int]


def fits(size: int, file: str, mark: Mark, reading: Reading) -> bool:
    """Whether so many bytes more are within the limits; a fault where they are not."""
    limits = reading.limits
    reading.bytes += size
    if size > limits.file_bytes:
        message = f"{shown(file)} is larger than {limits.file_bytes:,} bytes, which is the limit for one file."
    elif reading.bytes > limits.total_bytes:
        message = f"With {shown(file)} the contract is larger than {limits.total_bytes:,} bytes, which is the limit."
    else:
        return True
    reading.tell("AC003", mark, message, "Bring large tables as data, not in the contract.")
    return False


def read(path: str, file: str, mark: Mark, reading: Reading, inside: str | None = None) -> Found | None:
    """What is in the file at a path, within the limits and the folder that it must be inside; or nothing and a fault.

    Symbolic links are resolved once, and what they led to is checked and opened without following any more.
    """
    try:
        resolved = os.path.realpath(path)
        if inside is not None and os.path.commonpath([inside, resolved]) != inside:
            message = f"{shown(file)} leads out of the contract's folder by a symbolic link."
            reading.tell("AC025", mark, message, "Copy the file into the contract's folder.")
            return None
        found = _bytes(resolved, reading.limits.file_bytes)
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no file {shown(file)}."
        reading.tell("AC001", mark, message, _similar(path, file) or "Check the path.")
        return None
    except (OSError, ValueError) as error:  # ValueError: no path at all, as with a NUL in it
        why = (getattr(error, "strerror", None) or str(error)).lower()
        reading.tell("AC001", mark, f"{shown(file)} cannot be read: {why}.", "Check the path, and who may read it.")
        return None
    if found is None:
        reading.tell("AC002", mark, f"{shown(file)} is not an ordinary file.", "Name a YAML file.")
        return None
    size, result = found
    return result if fits(size, file, mark, reading) else None


def _similar(path: str, file: str) -> str:
    """A hint with a file beside the one that is not there, of nearly its name."""
    try:
        with os.scandir(os.path.dirname(path) or os.curdir) as entries:
            names = [entry.name for entry, _ in zip(entries, range(1000), strict=False)]
    except (OSError, ValueError):
        return ""
    stem, ending = os.path.splitext(os.path.basename(path))
    close = difflib.get_close_matches(
        stem[:60], [n.removesuffix(ending)[:60] for n in names if n.endswith(ending)], n=1
    )
    found = f"{close[0]}{ending}" if close else ""
    return f"Did you mean {shown(os.path.join(os.path.dirname(file), found))}?" if found else ""


def _bytes(path: str, most: int) -> tuple[int, Found] | None:
    """The size and the bytes of an ordinary file, at most one byte more than allowed; nothing if it is not ordinary.

    Looked at before it is opened, since opening a pipe waits and opening a device may act; and again when it is open,
    since something else may stand there by then.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        return None
    with open(os.open(path, _FLAGS), "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        note(status)
        data = opened.read(most + 1) if status.st_size <= most else b""
        return max(status.st_size, len(data)), Found(data, (status.st_dev, status.st_ino))


def parse(text: str | bytes, file: str, reading: Reading) -> Map | None:
    """The mapping of one file as far as it can be read, with its `include` still in it; or nothing and faults."""
    told = reading.told
    decoded = decode(text, file, reading.faults) if isinstance(text, bytes) else text
    cleaned = None if decoded is None else clean(decoded, file, reading.faults)
    if cleaned is None:
        return None
    root = compose(cleaned, file, reading)
    if isinstance(root, Map):
        return root
    if isinstance(root, Seq):
        reading.tell(
            "AC010", root.mark, "The file holds a list, and should hold the parts of a contract by their names.", _SHAPE
        )
    elif reading.told > told:
        pass  # what else is wrong says why there is no mapping
    elif root:
        reading.tell(
            "AC010", root.mark, "The file holds a text, and should hold the parts of a contract by their names.", _SHAPE
        )
    else:
        reading.tell("AC009", Mark(file), "There is nothing in this file.", _SHAPE)
    return None
