"""One report model: what is printed, whatever the format. Every text in it is plain; each format makes it safe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from alliance.contract.values import Value

LEFT, RIGHT = "left", "right"
# How a row is shown: as it is, as a total, as an aside, or as what must not be overlooked.
PLAIN, TOTAL, QUIET, ALERT = "", "total", "quiet", "alert"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading and how its cells are set."""

    title: str
    align: str = LEFT


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, as texts."""

    cells: tuple[str, ...]
    style: str = PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Rows have as many cells as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a tree: a text, the value that it came to, where it stands, and what it was made of. `exact` is the
    value itself."""

    text: str
    value: str = ""
    place: str = ""
    parts: tuple[Branch, ...] = ()
    style: str = PLAIN
    exact: Value = None


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    style: str = PLAIN


Block = Text | Table | Branch


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under a heading. `level` 2 stands below the last section of level 1."""

    title: str
    blocks: tuple[Block, ...]
    level: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its title, the facts that it begins with, its sections, and notes at its end."""

    title: str
    subtitle: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = field(default=())


def columns(*titles: str) -> tuple[Column, ...]:
    """Columns by their titles; one that starts with `>` is set to the right.

    >>> columns("Party", ">Amount")[1]
    Column(title='Amount', align='right')
    """
    return tuple(Column(t[1:], RIGHT) if t.startswith(">") else Column(t) for t in titles)


def table(titles: Iterable[str], rows: Iterable[Row | Iterable[str]], title: str = "") -> Table:
    """A table from titles and rows. A column in which no row has anything is left out."""
    heads = columns(*titles)
    made = [r if isinstance(r, Row) else Row(tuple(r)) for r in rows]
    used = [i for i in range(len(heads)) if any(r.cells[i] for r in made)]
    return Table(
        tuple(heads[i] for i in used), tuple(Row(tuple(r.cells[i] for i in used), r.style) for r in made), title
    )


def section(title: str, *blocks: Block | None, level: int = 1) -> Section:
    """A section of the blocks that there are; empty tables are left out."""
    kept = tuple(b for b in blocks if b is not None and not (isinstance(b, Table) and not b.rows))
    return Section(title, kept, level)


def report(
    title: str, subtitle: str, facts: Iterable[tuple[str, str]], sections: Iterable[Section], notes: Iterable[str] = ()
) -> Report:
    """A report without empty sections: one with nothing in it stays only where there is something below it."""
    kept = list(sections)
    below = [i + 1 < len(kept) and kept[i + 1].level > s.level for i, s in enumerate(kept)]
    shown = tuple(s for s, more in zip(kept, below, strict=True) if s.blocks or more)
    return Report(title, subtitle, tuple((k, v) for k, v in facts if v), shown, tuple(notes))
