"""A report on a terminal, by rich. Texts are never read as markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alliance.reports.model import ALERT, LEFT, QUIET, TOTAL, Branch, Report, Table, Text
from alliance.reports.plain import clean

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.tree import Tree

_STYLES = {TOTAL: "bold", QUIET: "dim", ALERT: "bold red"}
_USUAL, _NARROWEST, _WIDEST = 80, 20, 500
_LONGEST = 60  # of a name, which is not broken in two while anything else can give way


def bounded(console: Console) -> Console:
    """A console of a width in which something can be read, whatever its surroundings say that it is."""
    console.width = min(max(console.width or _USUAL, _NARROWEST), _WIDEST)
    return console


def show(report: Report, console: Console | None = None) -> None:
    """Print a report to a console (standard output unless another is given)."""
    from rich.console import Console
    from rich.rule import Rule
    from rich.text import Text as Words

    out = console or bounded(Console(highlight=False, markup=False, emoji=False))
    if report.title:
        out.print(Words(clean(report.title), style="bold"))
    if report.subtitle:
        out.print(Words(clean(report.subtitle)))
    if report.facts:
        out.print()
        out.print(_facts(report))
    for section in report.sections:
        out.print()
        if section.title and section.level == 1:
            out.print(Rule(Words(clean(section.title), style="bold"), align="left", style="dim"))
        elif section.title:
            out.print(Words(clean(section.title), style="bold"))
        for block in section.blocks:
            out.print(_block(block))
    if report.notes:
        out.print()
        out.print(Rule(Words("Notes", style="bold"), align="left", style="dim"))
        for note in report.notes:
            out.print(Words(f"- {clean(note)}"))


def _facts(report: Report) -> RenderableType:
    from rich.table import Table as Grid
    from rich.text import Text as Words

    grid = Grid.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, value in report.facts:
        grid.add_row(Words(clean(name)), Words(clean(value)))
    return grid


def _block(block: Text | Table | Branch) -> RenderableType:
    from rich.text import Text as Words

    if isinstance(block, Text):
        return Words(clean(block.text), style=_STYLES.get(block.style, ""))
    return _table(block) if isinstance(block, Table) else _tree(block)


def _table(table: Table) -> RenderableType:
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text as Words

    title = Words(clean(table.title)) if table.title else None
    heads = any(c.title for c in table.columns)
    grid = Grid(title=title, title_justify="left", title_style="italic", box=box.SIMPLE_HEAD, show_header=heads)
    for i, column in enumerate(table.columns):
        left = column.align == LEFT
        names = all(" " not in row.cells[i] and len(row.cells[i]) <= _LONGEST for row in table.rows)
        grid.add_column(
            Words(clean(column.title)), justify="left" if left else "right", no_wrap=not left or names, overflow="fold"
        )
    for row in table.rows:
        if row.style == TOTAL:
            grid.add_section()
        grid.add_row(*(Words(clean(cell)) for cell in row.cells), style=_STYLES.get(row.style, ""))
    return grid


def _label(branch: Branch) -> RenderableType:
    from rich.text import Text as Words

    text = Words(clean(branch.text), style=_STYLES.get(branch.style, ""))
    if branch.value:
        text.append(" = ", style="dim").append(clean(branch.value), style="bold cyan")
    if branch.place:
        text.append(f"  {clean(branch.place)}", style="dim")
    return text


def _tree(branch: Branch) -> Tree:
    from rich.tree import Tree

    tree = Tree(_label(branch), guide_style="dim")
    waiting = [(tree, branch)]
    while waiting:
        at, of = waiting.pop()
        waiting += [(at.add(_label(part)), part) for part in of.parts]
    return tree
