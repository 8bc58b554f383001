"""A report as Markdown. What would be read as markup in a text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from alliance.reports.model import ALERT, LEFT, TOTAL, Branch, Report, Section, Table, Text
from alliance.reports.plain import clean

_MARKUP = re.compile(r"([\\`*_\[\]<>|#&~])")
_AT_START = re.compile(r"^(\s*\d*)([-+.)])(?=\s)")


def markdown(report: Report) -> str:
    """The report as Markdown text."""
    return "\n".join(_lines(report)).strip("\n") + "\n"


def escaped(text: str) -> str:
    """A text that Markdown shows as it is.

    >>> escaped("a|b <i>")
    'a\\\\|b \\\\<i\\\\>'
    """
    return _AT_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", clean(text)))


def _lines(report: Report) -> Iterator[str]:
    if report.title:
        yield from (f"# {escaped(report.title)}", "")
    if report.subtitle:
        yield from (escaped(report.subtitle), "")
    if report.facts:
        yield from (f"- {escaped(name)}: {escaped(value)}" for name, value in report.facts)
        yield ""
    for section in report.sections:
        yield from _section(section)
    if report.notes:
        yield from ("## Notes", "")
        yield from (f"- {escaped(note)}" for note in report.notes)


def _section(section: Section) -> Iterator[str]:
    if section.title:
        yield from ("#" * (section.level + 1) + f" {escaped(section.title)}", "")
    for block in section.blocks:
        if isinstance(block, Text):
            text = escaped(block.text)
            yield f"**{text}**" if block.style == ALERT else text
        elif isinstance(block, Table):
            yield from _table(block)
        else:
            yield from _branch(block, 0)
        yield ""


def _table(table: Table) -> Iterator[str]:
    if table.title:
        yield from (escaped(table.title), "")
    yield _row([escaped(c.title) for c in table.columns])
    yield _row(["---" if c.align == LEFT else "---:" for c in table.columns])
    for row in table.rows:
        cells = [escaped(cell) for cell in row.cells]
        yield _row([f"**{c}**" if c and row.style == TOTAL else c for c in cells])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _branch(branch: Branch, depth: int) -> Iterator[str]:
    value = f" = **{escaped(branch.value)}**" if branch.value else ""
    place = f" ({escaped(branch.place)})" if branch.place else ""
    yield f"{'  ' * depth}- {escaped(branch.text)}{value}{place}"
    for part in branch.parts:
        yield from _branch(part, depth + 1)
