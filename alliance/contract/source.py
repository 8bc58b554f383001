"""Strict reading of a contract's YAML: texts with their places, and every fault of the file at once.

`load_source` reads a contract and the files that it includes, `load_text` a text. Nothing is read as a number, date or
boolean here: each field reads its own text later, so `NO`, `010` and `1_480.10` arrive as they are written.
"""

from __future__ import annotations

import os

from alliance.contract.faults import ContractError, Faults, Mark
from alliance.contract.source_include import found_inside, join_includes, refuse_include
from alliance.contract.source_nodes import (
    DEFAULT,
    NOWHERE,
    Limits,
    Map,
    Node,
    Plain,
    Reading,
    Scalar,
    Seq,
    plain,
    walk,
)
from alliance.contract.source_read import fits, parse, read

__all__ = [
    "CODES",
    "DEFAULT",
    "NOWHERE",
    "Limits",
    "Map",
    "Node",
    "Plain",
    "Scalar",
    "Seq",
    "load_beside",
    "load_source",
    "load_text",
    "plain",
    "read_source",
    "read_text",
    "walk",
]

CODES: dict[str, str] = {
    "AC001": "A file cannot be read",
    "AC002": "Not an ordinary file",
    "AC003": "A file is too large",
    "AC004": "A key stands twice in a mapping",
    "AC005": "Not UTF-8 text",
    "AC006": "A character that cannot be seen",
    "AC007": "A tab",
    "AC008": "Not YAML",
    "AC009": "An empty file",
    "AC010": "The file is not a mapping",
    "AC011": "More than one YAML document",
    "AC012": "A key that is not a word or text",
    "AC013": "A merge key",
    "AC014": "A YAML tag or directive",
    "AC015": "Aliases stand for too much",
    "AC016": "An alias of nothing",
    "AC017": "An alias inside what it names",
    "AC018": "A name for aliases is used twice",
    "AC019": "Nested too deep",
    "AC020": "Too many keys and values",
    "AC021": "Too many aliases",
    "AC022": "A text is too long",
    "AC023": "A formula is cut at a comma",
    "AC024": "Includes are not a list of files",
    "AC025": "An included file is outside the contract's folder",
    "AC026": "An include where none may stand",
    "AC027": "Too many includes",
    "AC028": "A file is included twice",
    "AC029": "A part stands in two files",
}


def load_source(
    path: str | os.PathLike[str],
    *,
    limits: Limits = DEFAULT,
    name: str | None = None,
    faults: Faults | None = None,
) -> Map:
    """The mapping of a contract file, joined with the files that it includes.

    `name` is what marks call the file, the path as given if left out; an included file is called as its path is
    written. `ContractError` carries every fault that can be known. Where `faults` are given, those after which the rest
    can be checked all the same are only added to them: whoever gives them raises them.
    """
    return read_source(path, limits=limits, name=name, faults=faults)[0]


def read_source(
    path: str | os.PathLike[str], *, limits: Limits = DEFAULT, name: str | None = None, faults: Faults | None = None
) -> tuple[Map, Reading]:
    """What `load_source` reads, and how much of its limits that used."""
    given = os.fspath(path)
    file = (name or given).encode("utf-8", "replace").decode("utf-8")
    reading = Reading(limits, Faults() if faults is None else faults)
    found = read(given, file, Mark(file), reading)
    root = parse(found.data, file, reading) if found else None
    if found and root is not None:
        root = join_includes(root, os.path.dirname(given) or os.curdir, found.identity, reading)
    return _whole(root, reading, faults is not None), reading


def load_beside(folder: str, said: Scalar, *, limits: Limits = DEFAULT) -> Map:
    """The mapping of a file that a contract names, joined with the files that it includes: one in the contract's own
    folder, however links lead. `ContractError` carries every fault."""
    reading = Reading(limits, Faults())
    inside = os.path.realpath(folder)
    found = found_inside(said, inside, reading)
    root = parse(found.data, str(said), reading) if found else None
    if found and root is not None:
        root = join_includes(root, os.path.dirname(os.path.join(inside, said)), found.identity, reading)
    return _whole(root, reading, False)


def load_text(
    text: str | bytes, file: str = "<text>", *, limits: Limits = DEFAULT, faults: Faults | None = None
) -> Map:
    """The mapping of a YAML text, which may not include files. `ContractError` carries every fault, but for those that
    `faults` are for, as with `load_source`.

    >>> load_text("parties: {icb: {name: Board}}")
    {'parties': {'icb': {'name': 'Board'}}}
    """
    return read_text(text, file, limits=limits, faults=faults)[0]


def read_text(
    text: str | bytes, file: str = "<text>", *, limits: Limits = DEFAULT, faults: Faults | None = None
) -> tuple[Map, Reading]:
    """What `load_text` reads, and how much of its limits that used."""
    reading = Reading(limits, Faults() if faults is None else faults)
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    root = parse(text, file, reading) if fits(size, file, Mark(file), reading) else None
    if root is not None:
        refuse_include(root, "A text that is read by itself cannot include files.", reading)
    return _whole(root, reading, faults is not None), reading


def _whole(root: Map | None, reading: Reading, mended: bool) -> Map:
    if not mended or reading.told > reading.mended:
        reading.faults.raise_if_any(ContractError)
    assert root is not None  # else there was a fault
    return root
