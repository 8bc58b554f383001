"""Files of records: which there are, what stands in their header, and what cannot be read of them."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from alliance.contract.faults import Fault, InputError, Mark, one_of
from alliance.contract.noted import note_path
from alliance.measures.places import aside

FILES = (".csv", ".tsv", ".parquet")
MOST_COLUMNS = 2_000
MOST_HEADER = 1_000_000
MOST_COMMENTS = 10_000
_SHOWN = 200


def said(error: Exception) -> str:
    """An engine's own words, on one line, without the stop that a fault has of its own."""
    return re.sub(r"[^\x20-\x7e]+", " ", str(error).partition("\n")[0])[:_SHOWN].rstrip(" .!")


def fail(file: str, message: str, hint: str = "") -> InputError:
    return InputError(Fault("AC441", message, Mark(file), hint))


def missing_extra(place: str, extra: str) -> InputError:
    hint = f'pip install "alliance[{extra}]"'
    return InputError(Fault("AC442", f"Reading {place} needs the extra {extra}, which is not installed.", None, hint))


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 of files: of one, that of its bytes; of several, of those in order."""
    found = []
    for path in paths:
        digest = hashlib.sha256()
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        found.append(digest.hexdigest())
    if len(found) == 1:
        return found[0]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else ""


def header_of(file: str, paths: Sequence[Path], lead: int) -> list[str]:
    """The one header of text tables. Raises `InputError` where it is none, or not the same in all."""
    headers = []
    for path in paths:
        delimiter = "," if path.suffix.lower() == ".csv" else "\t"
        with path.open(encoding="utf-8-sig", newline="") as handle:
            try:
                for _ in range(lead):
                    handle.readline()
                header = next(csv.reader([handle.readline(MOST_HEADER)], delimiter=delimiter), [])
            except UnicodeDecodeError:
                raise fail(path.name, "The file is not UTF-8.", "Save it as UTF-8.") from None
            except csv.Error as error:
                raise fail(path.name, f"The header cannot be read: {said(error)}.") from None
        headers.append([name.strip() for name in header])
    names = headers[0]
    if any(other != names for other in headers):
        raise fail(file, "The files of the folder have different columns.", "Give them one header.")
    if len(names) > MOST_COLUMNS:
        raise fail(file, f"The table has {len(names):,} columns, and it may have {MOST_COLUMNS:,}.")
    if not names or not all(names) or len(set(names)) < len(names):
        raise fail(file, "The header has a column without a name, or one name twice.", "Name each column once.")
    return names


def comment_lines(path: Path) -> int:
    """How many lines before the header begin with #."""
    lines = 0
    with path.open("rb") as handle:
        while (line := handle.readline(MOST_HEADER)).lstrip(b"\xef\xbb\xbf").startswith(b"#"):
            lines += 1
            if lines > MOST_COMMENTS or len(line) == MOST_HEADER:
                message = (
                    f"There are more than {MOST_COMMENTS:,} lines of comment before the header, or very long ones."
                )
                raise fail(path.name, message, "Leave them out.")
    return lines


def files_of(place: str) -> list[Path]:
    path = Path(place)
    if not path.exists():
        raise InputError(Fault("AC440", f"There is no file {place}.", Mark(place)))
    if path.is_dir():
        found = inside(place, FILES)
        kinds = {p.suffix.lower() for p in found}
        if len(kinds) != 1:
            what = (
                "no CSV, TSV or Parquet files" if not kinds else f"files of several kinds ({', '.join(sorted(kinds))})"
            )
            raise InputError(Fault("AC440", f"The folder has {what}.", Mark(place), "Give it files of one kind."))
        for one in found:
            note_path(one)
        return found
    if path.suffix.lower() not in FILES:
        message = f"Records are not read from a file whose name ends in {path.suffix}."
        raise InputError(Fault("AC440", message, Mark(place), one_of(FILES)))
    if not path.is_file():
        raise InputError(Fault("AC440", "This is not an ordinary file.", Mark(place)))
    note_path(path)
    return [path]


def inside(folder: str, kinds: Collection[str]) -> list[Path]:
    """The files of a folder whose names end so, in order. Who gave the folder does not say what else is read: a link
    in it that leads out of it is refused."""
    home = os.path.realpath(folder)
    named = (p for p in Path(folder).iterdir() if p.suffix.lower() in kinds and not aside(p.name))
    found = sorted(p for p in named if p.is_file())
    for path in found:
        if os.path.commonpath([home, os.path.realpath(path)]) != home:
            message = "This is a link that leads out of its folder."
            raise InputError(Fault("AC440", message, Mark(str(path)), "Put the file itself there."))
    return found


def database_file(place: str, path: str, kind: str, sign: tuple[int, bytes]) -> None:
    """Refuse what is not the file of such a database before anything opens it: opening makes what is not there, and
    looks elsewhere for means to read what it does not know. `sign` is what stands in such a file, and where."""
    at, word = sign
    if not Path(path).is_file():  # and so no pipe that would be waited for
        raise InputError(Fault("AC440", f"There is no database {path}.", Mark(place)))
    try:
        with open(path, "rb") as handle:
            found = handle.read(at + len(word))[at:]
    except OSError as error:
        raise fail(place, f"The database cannot be opened: {error.strerror}.") from None
    if found != word:
        raise fail(place, f"The database cannot be opened: this is no {kind} file.", "Name the file of a database.")
