"""Formulas and numbers that YAML has cut at a comma: `{multiply: max(a, b)}` is read as `multiply: max(a` and a key
`b)`, `{value: 1,000}` as `value: 1` and a key `000`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from alliance.contract.faults import Fault
from alliance.contract.source_nodes import Map, Node, Scalar
from alliance.contract.source_syntax import Source
from alliance.contract.source_text import shown

Ends = Sequence[tuple[int, int]]
_LEADS = re.compile(r"(?:.*[^\w.])?[0-9]{1,3}\Z", re.DOTALL)  # what ends in digits that a comma may set apart
_THOUSANDS = re.compile(r"[0-9]{3}(?![0-9])")


@dataclass
class Cut:
    """What was cut in a mapping: the faults with whether each value is whole again, the pairs that are only pieces, and
    the values as they were meant, by the place of their pair."""

    faults: list[tuple[Fault, bool]] = field(default_factory=list)
    pieces: set[int] = field(default_factory=set)
    whole: dict[int, Scalar] = field(default_factory=dict)


def _open(text: str) -> int:
    """How many brackets a text opens and does not close."""
    return text.count("(") - text.count(")")


def _plain(node: Node | None) -> bool:
    return isinstance(node, Scalar) and not node.quoted and not node.null


def _written(first: Scalar, source: Source, end: tuple[int, int]) -> str:
    return source.between((first.mark.line - 1, first.mark.column - 1), end)


def _fault(first: Scalar, source: Source, end: tuple[int, int], closed: bool) -> Fault:
    message = f"YAML ends this value at the comma, and reads {shown(first)} alone."
    if not closed:
        return Fault("AC023", message, first.mark, "Close the bracket, and put the whole formula in quotes.")
    written = _written(first, source, end)
    quote = "'" if '"' in written else '"'
    if len(written) > 200:
        return Fault("AC023", message, first.mark, f"Put the whole formula in quotes, up to {shown(written[-20:])}.")
    return Fault("AC023", message, first.mark, f"Put the formula in quotes: {quote}{written}{quote}.")


def cut_in_map(pairs: Sequence[tuple[Node | None, Node | None]], ends: Ends, source: Source) -> Cut:
    """What is cut in a mapping in braces. `ends` are of the keys. A number with commas is made whole without a fault,
    for whoever reads it tells how numbers are written."""
    cut = Cut()
    index = 0
    while index < len(pairs):
        key, value = pairs[index]
        index += 1
        if _plain(key) and _open(str(key)) > 0 and _empty(value) and index < len(pairs):
            found = _cut_key(pairs, ends, source, index - 1)
            if found is not None:
                fault, last = found
                cut.faults.append((fault, False))
                cut.pieces.update(range(index - 1, last))
                index = last
            continue
        if not isinstance(value, Scalar) or not _plain(value):
            continue
        first, opened, text = index, _open(value), str(value)
        while index < len(pairs) and _piece(*pairs[index]):
            piece = str(pairs[index][0])
            if opened <= 0 and not (_LEADS.match(text) and _THOUSANDS.match(piece)):
                break
            opened, text = opened + _open(piece), piece
            index += 1
        if index > first:
            cut.pieces.update(range(first, index))
            cut.whole[first - 1] = Scalar(_written(value, source, ends[index - 1]), value.mark)
            if _open(value) > 0:
                cut.faults.append((_fault(value, source, ends[index - 1], opened <= 0), opened <= 0))
    return cut


def _cut_key(
    pairs: Sequence[tuple[Node | None, Node | None]], ends: Ends, source: Source, at: int
) -> tuple[Fault, int] | None:
    """The fault of a key that is a cut formula, and where what follows it starts: `{round(a, 1): 2}`."""
    first = pairs[at][0]
    assert isinstance(first, Scalar)
    index, opened = at + 1, _open(str(first))
    while index < len(pairs) and opened > 0 and _plain(pairs[index][0]):
        opened += _open(str(pairs[index][0]))
        index += 1
        if opened > 0 and not _empty(pairs[index - 1][1]):
            return None
    return (_fault(first, source, ends[index - 1], True), index) if opened <= 0 else None


def _empty(value: Node | None) -> bool:
    return isinstance(value, Scalar) and value == "" and value.null


def _piece(key: Node | None, value: Node | None) -> bool:
    return _plain(key) and _empty(value)


def cut_in_seq(items: Sequence[Node], ends: Ends, source: Source) -> list[Fault]:
    """The formulas cut in a list in brackets. `ends` are of the items."""
    faults: list[Fault] = []
    index = 0
    while index < len(items):
        value = _last_text(items[index], source)
        index += 1
        if value is None or _open(value) <= 0:
            continue
        first, opened = index, _open(value)
        while index < len(items) and opened > 0 and _plain(items[index]):
            opened += _open(str(items[index]))
            index += 1
        if index > first:
            faults.append(_fault(value, source, ends[index - 1], opened <= 0))
    return faults


def _last_text(node: Node, source: Source) -> Scalar | None:
    """The plain text that an item of a list ends in: itself, or the value of `[key: value]` without braces."""
    if isinstance(node, Map) and len(node) == 1:
        bare = source.next(node.mark.line - 1, node.mark.column - 1)[:1] != "{"
        node = next(iter(node.values())) if bare else node
    return node if isinstance(node, Scalar) and _plain(node) else None
