"""A report as plain text: aligned columns, no box characters, nothing that a terminal acts on."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator

from alliance.data.characters import printable
from alliance.reports.model import ALERT, LEFT, TOTAL, Branch, Report, Section, Table, Text

WIDTH = 110
_NARROWEST = 16
_LONGEST = 60  # of a word that is kept whole, as long as any name may be


def plain(report: Report, width: int = WIDTH) -> str:
    """The report as text, its lines no longer than `width` where that can be."""
    return "\n".join(line.rstrip() for line in _lines(report, width)).strip("\n") + "\n"


def clean(text: str) -> str:
    """A text on one line, with nothing in it that a terminal acts on."""
    return printable(" ".join(text.split("\n")))


def _lines(report: Report, width: int) -> Iterator[str]:
    if report.title:
        yield from _wrapped(report.title, width)
    if report.subtitle:
        yield from _wrapped(report.subtitle, width)
    if report.facts:
        if report.title:
            yield ""
        wide = max(len(k) for k, _ in report.facts)
        for name, value in report.facts:
            yield from _wrapped(value, width, f"{clean(name):<{wide}}  ")
    for section in report.sections:
        yield from _section(section, width)
    if report.notes:
        yield from ("", "NOTES", "")
        for note in report.notes:
            yield from _wrapped(note, width, "- ")


def _section(section: Section, width: int) -> Iterator[str]:
    if section.title:
        yield ""
        title = clean(section.title)
        yield title.upper() if section.level == 1 else title
        if section.level > 1:
            yield "-" * min(measure(title), width)
    before = None
    for block in section.blocks:
        if before is None or not isinstance(block, type(before)) or isinstance(block, Table):
            yield ""
        if isinstance(block, Text):
            yield from _wrapped(block.text, width, "! " if block.style == ALERT else "")
        elif isinstance(block, Table):
            yield from _table(block, width)
        else:
            yield from _branch(block, 0, width)
        before = block


def _wrapped(text: str, width: int, lead: str = "") -> Iterator[str]:
    found = textwrap.wrap(clean(text), max(width - len(lead), 20), break_long_words=False, break_on_hyphens=False)
    for i, line in enumerate(found or [""]):
        yield (lead if i == 0 else " " * len(lead)) + line


def measure(text: str) -> int:
    """How many places a text takes on a line: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _widths(cells: list[tuple[str, ...]], table: Table, width: int) -> list[int]:
    """The width of each column; where they are too wide together, the widest that hold words give way.

    None gives way so far that a word would be broken: a name in two parts cannot be copied.
    """
    widths = [max(measure(row[i]) for row in cells) for i in range(len(table.columns))]
    least = {
        i: max(_NARROWEST, longest_word(row[i] for row in cells))
        for i, c in enumerate(table.columns)
        if c.align == LEFT
    }
    while sum(widths) + 2 * (len(widths) - 1) > width:
        widest = max((i for i in least if widths[i] > least[i]), key=lambda i: widths[i], default=None)
        if widest is None:
            break
        widths[widest] -= 1
    return widths


def longest_word(cells: Iterable[str]) -> int:
    """The places that the longest word of some texts takes, of those that are kept whole."""
    return max((min(measure(word), _LONGEST) for cell in cells for word in cell.split()), default=0)


def _table(table: Table, width: int) -> Iterator[str]:
    head = tuple(clean(c.title) for c in table.columns)
    rows = [tuple(clean(c) for c in row.cells) for row in table.rows]
    widths = _widths([head, *rows], table, width)
    if table.title:
        yield clean(table.title)
    if any(head):
        yield from _row(head, table, widths)
        yield "  ".join("-" * w for w in widths)
    for row, cells in zip(table.rows, rows, strict=True):
        if row.style == TOTAL and len(rows) > 1:
            yield "  ".join(("-" if c.align != LEFT else " ") * w for c, w in zip(table.columns, widths, strict=True))
        yield from _row(cells, table, widths)


def _row(cells: Iterable[str], table: Table, widths: list[int]) -> Iterator[str]:
    wrapped = [
        [cell]
        if measure(cell) <= w
        else textwrap.wrap(cell, w, break_long_words=c.align == LEFT, break_on_hyphens=False) or [""]
        for cell, c, w in zip(cells, table.columns, widths, strict=True)
    ]
    for i in range(max(len(w) for w in wrapped)):
        line = []
        for lines, column, w in zip(wrapped, table.columns, widths, strict=True):
            text = lines[i] if i < len(lines) else ""
            gap = " " * max(w - measure(text), 0)
            line.append(text + gap if column.align == LEFT else gap + text)
        yield "  ".join(line)


def _branch(branch: Branch, depth: int, width: int) -> Iterator[str]:
    value = f" = {branch.value}" if branch.value else ""
    place = f"  [{branch.place}]" if branch.place else ""
    text = f"{branch.text}{value}{place}"
    lead = "  " * depth
    found = textwrap.wrap(clean(text), max(width - len(lead), 40), break_long_words=False, break_on_hyphens=False)
    for i, line in enumerate(found or [""]):
        yield (lead if i == 0 else lead + "    ") + line
    for part in branch.parts:
        yield from _branch(part, depth + 1, width)
