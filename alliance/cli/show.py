"""`alliance show`: what a contract says, in plain English, clause by clause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import click

from alliance.cli.common import day, load, on_terminal, output_options, write, write_json, write_rows

if TYPE_CHECKING:
    from rich.console import Console

    from alliance.contract.contract import Contract
    from alliance.contract.english.model import Entry, Reading, Sentence
    from alliance.contract.faults import Mark

COLUMNS = ("section", "entry", "number", "text", "clause", "file", "line")
WIDTH = 110


@click.command()
@click.argument("contract", metavar="CONTRACT")
@click.option(
    "--on", "on", metavar="DATE", callback=day, help="As it stands on a day, as 2027-04-01. Today if not said."
)
@output_options
def show(contract: str, on: date | None, form: str, output: str | None) -> None:
    """What a contract says, in plain English, clause by clause.

    Every sentence carries its clause and its place in the file. Terms have their values, and variations are made, as on
    the day of --on; without it that is today, or the first or last day of the contract if today is outside it.
    """
    from alliance.contract.english.reading import day_of, read

    loaded = load(contract)
    reading = read(loaded, on_day(loaded, on) if on is not None else day_of(loaded, date.today()))
    if form == "json":
        write_json(reading.as_dict(), output)
    elif form == "csv":
        write_rows(COLUMNS, rows(reading), output)
    elif form == "markdown":
        write("\n".join(markdown(reading)) + "\n", output)
    elif output or not on_terminal():
        write("\n".join(plain(reading)) + "\n", output)
    else:
        _print(reading)


def on_day(contract: Contract, on: date) -> date:
    """A day of the contract's term; any other is a misuse of the command."""
    start, end = contract.built.start, contract.built.end
    if not start <= on <= end:
        said = f"{on} is outside the contract, which runs from {start} to {end}."
        raise click.BadParameter(said, param_hint="'--on'")
    return on


def about(reading: Reading) -> str:
    """The line below the title: the day that the contract is read on, and its file."""
    from alliance.contract.calendar import day_text

    return f"As it stands on {day_text(reading.on)} (--on chooses another day). {reading.id}, {reading.file}"


def place(reading: Reading, mark: Mark) -> str:
    """A place with its file as seen from the folder of the contract, which is how included files are named."""
    from os.path import basename

    name = basename(mark.file) if mark.file == reading.file else mark.file
    return f"{name}:{mark.line}" if mark.line else name


def reference(reading: Reading, entry: Entry, sentence: Sentence) -> str:
    """The place of a sentence, with its clause where that is not the entry's."""
    clause = sentence.clause if sentence.clause != entry.clause else ""
    return ", ".join(x for x in (clause, place(reading, sentence.mark)) if x)


def rows(reading: Reading) -> Iterator[tuple[str, ...]]:
    """A row for each sentence."""
    for section, entry, s in reading.sentences():
        line = str(s.mark.line or "")
        yield (section.title, entry.name or entry.title, s.number, s.text, s.clause, s.mark.file, line)


def _lead(sentence: Sentence) -> str:
    number = f"{sentence.number}. " if sentence.number else ""
    return ("   " if sentence.deep else "") + number


def plain(reading: Reading, width: int = WIDTH) -> Iterator[str]:
    """The reading as plain text, the place of each sentence at the right."""
    from alliance.reports.plain import clean

    yield clean(reading.title)
    yield clean(about(reading))
    for section in reading.sections:
        yield from ("", clean(section.title).upper())
        for text in section.about:
            yield from _wrapped(text, "", "", width)
        for entry in section.entries:
            clause = f"  ({clean(entry.clause)})" if entry.clause else ""
            yield from ("", f"{clean(entry.title)}{clause}")
            for s in entry.sentences:
                yield from _wrapped(s.text, f"  {_lead(s)}", reference(reading, entry, s), width)


def _wrapped(text: str, lead: str, note: str, width: int) -> Iterator[str]:
    from textwrap import wrap

    from alliance.reports.plain import clean, measure

    note = clean(note)
    room = max(width - len(lead) - (measure(note) + 2 if note else 0), 40)
    for i, line in enumerate(wrap(clean(text), room, break_long_words=False, break_on_hyphens=False) or [""]):
        said = (lead if i == 0 else " " * len(lead)) + line
        gap = " " * max(width - measure(said) - measure(note), 2)
        yield said + gap + note if i == 0 and note else said


def markdown(reading: Reading) -> Iterator[str]:
    """The reading as Markdown: a heading for each section and entry, steps as a numbered list."""
    from alliance.reports.markdown import escaped

    yield from (f"# {escaped(reading.title)}", "", escaped(about(reading)))
    for section in reading.sections:
        yield from ("", f"## {escaped(section.title)}")
        if section.about:
            yield from ("", " ".join(escaped(text) for text in section.about))
        for entry in section.entries:
            clause = f" ({escaped(entry.clause)})" if entry.clause else ""
            yield from ("", f"### {escaped(entry.title)}{clause}", "")
            for s in entry.sentences:
                # A letter is no number of a Markdown list, and stands in the text.
                number = s.number if s.number.isdigit() and not s.deep else ""
                lead = f"{number}." if number else "   -" if s.deep else "-"
                letter = f"{s.number}. " if s.number and not number else ""
                yield f"{lead} {letter}{escaped(s.text)} *({escaped(reference(reading, entry, s))})*"


def _print(reading: Reading, console: Console | None = None) -> None:
    """The reading on a terminal."""
    from rich.console import Console
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    from alliance.reports.plain import clean
    from alliance.reports.terminal import bounded

    out = console or bounded(Console(highlight=False, markup=False, emoji=False))
    out.print(Text(clean(reading.title), style="bold"))
    out.print(Text(clean(about(reading)), style="dim"))
    for section in reading.sections:
        out.print()
        out.print(Rule(Text(clean(section.title), style="bold"), align="left", style="dim"))
        for text in section.about:
            out.print(Text(clean(text), style="italic"))
        for entry in section.entries:
            out.print()
            title = Text(clean(entry.title), style="bold cyan")
            out.print(title.append(f"  {clean(entry.clause)}" if entry.clause else "", style="dim"))
            notes = [clean(reference(reading, entry, s)) for s in entry.sentences]
            wide = min(max(map(len, notes), default=0), 30)
            for s, note in zip(entry.sentences, notes, strict=True):
                lead = f"  {_lead(s)}"
                grid = Table.grid(padding=0, expand=True)
                grid.add_column(width=len(lead))
                grid.add_column(ratio=1)
                grid.add_column(justify="right", style="dim", width=wide + 2)
                grid.add_row(Text(lead), Text(clean(s.text)), Text(note))
                out.print(grid)
