"""Opening a file that somebody names: only an ordinary file, and only up to a size."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from alliance.contract.faults import Fault, InputError, Mark, did_you_mean
from alliance.contract.noted import note
from alliance.data.characters import printable

AnyPath = str | os.PathLike[str]

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def file_name(path: AnyPath) -> str:
    """The name of a file as marks and messages show it."""
    return printable(os.fspath(path))


def suffix(path: AnyPath) -> str:
    """The end of a file's name, in small letters.

    >>> suffix("Results.CSV")
    '.csv'
    """
    return Path(path).suffix.lower()


def failure(code: str, path: AnyPath, message: str, hint: str = "") -> InputError:
    """The error of a fault that concerns a whole file."""
    return InputError(Fault(code, message, Mark(file_name(path)), hint))


def missing_extra(path: AnyPath, kind: str, package: str) -> InputError:
    """The error when a library of the extra `data` is not installed."""
    return failure("AC204", path, f"{kind} needs {package}, which is not installed.", 'pip install "alliance[data]"')


def _similar(path: AnyPath) -> str:
    """A file beside the one that does not exist, of nearly its name."""
    try:
        names = [entry.name for entry, _ in zip(os.scandir(Path(path).parent), range(1000), strict=False)]
    except (OSError, ValueError):
        return "Check the path."
    # An ending that is the same says nothing of what was meant.
    stems = {name.removesuffix(Path(path).suffix): name for name in names}
    close = did_you_mean(Path(path).stem, stems)
    found = stems.get(close.removeprefix('Did you mean "').removesuffix('"?'), "")
    return f'Did you mean "{printable(found)}"?' if found else "Check the path."


def ordinary(path: AnyPath, most: int) -> os.stat_result:
    """The facts of an ordinary file of at most so many bytes; an error for anything else."""
    try:
        facts = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        raise failure("AC200", path, "There is no such file.", _similar(path)) from None
    except (OSError, ValueError) as error:
        raise failure("AC200", path, f"The file cannot be opened: {_reason(error)}.") from None
    for is_kind, words in _KINDS:
        if is_kind(facts.st_mode):
            raise failure("AC201", path, f"This is {words}, not a file of results.", "Name an ordinary file.")
    if facts.st_size > most:
        size = f"The file has {facts.st_size:,} bytes, and one of its kind may have {most:,}."
        raise failure("AC203", path, size, "Divide it, or leave out what is not needed.")
    note(facts)
    return facts


def open_ordinary(path: AnyPath, most: int) -> BinaryIO:
    """An ordinary file, opened to read bytes.

    What the name stands for can change between the look and the opening: so a pipe that has taken the file's place
    cannot block it, and the look is repeated on what was opened.
    """
    ordinary(path, most)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise failure("AC200", path, f"The file cannot be opened: {_reason(error)}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise failure("AC201", path, "This is not an ordinary file.")
    return open(descriptor, "rb")


def read_bytes(path: AnyPath, most: int) -> bytes:
    """The whole of an ordinary file."""
    with open_ordinary(path, most) as handle:
        data = handle.read(most + 1)
    if len(data) > most:
        raise failure("AC203", path, f"The file has more than the {most:,} bytes that one of its kind may have.")
    return data


def decoded(path: AnyPath, data: bytes) -> str:
    """The UTF-8 text of a file's bytes, without a byte order mark."""
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise not_utf8(path, data, error.start, 1) from None


def not_utf8(path: AnyPath, data: bytes, at: int, line: int) -> InputError:
    """The error for bytes that are not UTF-8. `line` is the number of the line that `data` begins with."""
    if line == 1 and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        message = "The file is in UTF-16, and UTF-8 is read."
    else:
        message = f"The byte 0x{data[at]:02X} here is not UTF-8 text."
    before = data[:at]
    place = Mark(file_name(path), line + before.count(b"\n"), at - before.rfind(b"\n"))
    return InputError(Fault("AC205", message, place, 'Save the file as UTF-8 (in Excel: "CSV UTF-8").'))


def _reason(error: OSError | ValueError) -> str:
    words = error.strerror if isinstance(error, OSError) else str(error)
    return printable(words or type(error).__name__)
