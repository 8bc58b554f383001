"""Includes: the parts of a contract in several files of one folder, joined into one mapping."""

from __future__ import annotations

import os
import re

from alliance.contract.faults import Mark
from alliance.contract.source_nodes import Map, Node, Reading, Scalar, Seq
from alliance.contract.source_read import Found, parse, read
from alliance.contract.source_text import FORBIDDEN, shown

WORD = "include"
_EXAMPLE = "Write a list of paths, as in: include: [parties.yaml, rules/gates.yaml]."


def refuse_include(root: Map, why: str, reading: Reading) -> None:
    """A fault where a mapping includes files and may not."""
    if WORD in root:
        reading.tell("AC026", root.key_mark(WORD), why, "Name every file in the contract file itself.")


def join_includes(root: Map, folder: str, identity: tuple[int, int], reading: Reading) -> Map:
    """The contract's mapping with the parts of its included files joined in, and without its `include`.

    `folder` is where the contract file stands and `identity` which file it is. A part that is a mapping in both is
    joined entry by entry, a list follows the list, and anything else in two files is a fault.
    """
    if WORD not in root:
        return root
    joined = {key: value for key, value in root.items() if key != WORD}
    inside = os.path.realpath(folder)
    seen = {identity: root.mark.file}
    for path in _paths(root[WORD], reading):
        found = found_inside(path, inside, reading)
        if found is None:
            continue
        if found.identity in seen:
            message = f"{shown(path)} is read already, as {shown(seen[found.identity])}."
            reading.tell("AC028", path.mark, message, "Include each file once.")
            continue
        seen[found.identity] = path
        part = parse(found.data, str(path), reading)
        if part is not None:
            refuse_include(part, "An included file cannot include files.", reading)
            _join(joined, part, reading)
    return Map(joined.items(), root.mark)


def _paths(node: Node, reading: Reading) -> list[Scalar]:
    """The paths that an `include` lists, as far as the limit."""
    if not isinstance(node, Seq):
        reading.tell("AC024", node.mark, "The includes are not a list.", _EXAMPLE)
        return []
    paths = []
    for item in node:
        if isinstance(item, Scalar) and FORBIDDEN.search(item):
            continue  # told when it was read
        if isinstance(item, Scalar) and item and not item.null and item.isprintable():
            paths.append(item)
        else:
            reading.tell("AC024", item.mark, "This is not the path of a file.", _EXAMPLE)
    most = reading.limits.includes
    if len(paths) > most:
        message = f"There are {len(paths)} includes, and the limit is {most}."
        reading.tell("AC027", paths[most].mark, message, "Join some of the files.")
    return paths[:most]


def found_inside(path: Scalar, inside: str, reading: Reading) -> Found | None:
    """What is in a file of the contract's folder; nothing and a fault if it is not in there or cannot be read."""
    why = hint = ""
    if path.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", path):
        why, hint = "is not a relative path", "Write the path from the contract's folder on."
    elif "\\" in path:
        why, hint = "has a backslash in it", "Write / between folders, which every system reads."
    elif ".." in path.split("/"):
        why, hint = "has .. in it", "Keep the file in the contract's folder, and write its path from there."
    if why:
        reading.tell("AC025", path.mark, f"{shown(path)} {why}.", hint)
        return None
    return read(os.path.join(inside, path), path, path.mark, reading, inside)


def _join(joined: dict[Scalar, Node], part: Map, reading: Reading) -> None:
    """Join the parts of an included file into those that are there."""
    places = {str(key): key for key in joined}
    for key, value in part.items():
        known = joined.get(key)
        if key == WORD:
            continue
        if known is None:
            joined[key] = value
        elif isinstance(known, Map) and isinstance(value, Map):
            joined[places[key]] = _join_maps(known, value, reading)
        elif isinstance(known, Seq) and isinstance(value, Seq):
            joined[places[key]] = Seq([*known, *value], known.mark)
        else:
            _tell_twice(key, places[key].mark, reading)


def _join_maps(known: Map, more: Map, reading: Reading) -> Map:
    entries = dict(known)
    for key, value in more.items():
        if key in known:
            _tell_twice(key, known.key_mark(key), reading)
        else:
            entries[key] = value
    return Map(entries.items(), known.mark)


def _tell_twice(key: Scalar, first: Mark, reading: Reading) -> None:
    reading.tell("AC029", key.mark, f"{shown(key)} stands in {first} too.", "Remove or rename one of them.")
