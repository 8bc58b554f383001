"""`alliance settle --table`: many agreements under one contract, one a row."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from alliance.cli.bringing import Asked, bring_events, joined, read_openings
from alliance.cli.common import fault_lines, keep_what_was_read, print_report, tell, write, write_rows
from alliance.cli.sources import Together, for_many
from alliance.contract.contract import Contract
from alliance.contract.faults import Fault, InputError, Mark
from alliance.data.rows import Table
from alliance.data.table import read_table
from alliance.reports.rows import COLUMNS, rows
from alliance.settlement.agreements import Agreement, settle_table
from alliance.settlement.serial import json_text, state_to_dict, to_dict

if TYPE_CHECKING:
    from alliance.settlement.state import State

PATIENCE = 0.7  # seconds before a bar of progress is shown


class Agreements:
    """The agreements as they settle, and what must be told of those that do not.

    Where they are to be saved each is kept as its JSON text, which takes a tenth of the memory.
    """

    def __init__(self, found: Iterator[Agreement], file: str, saved: list[str] | None) -> None:
        self.found, self.file, self.saved = found, file, saved
        self.settled = self.failed = 0

    def __iter__(self) -> Iterator[Agreement]:
        for one in self.found:
            if self.saved is not None:
                self.saved.append(json_text(as_dict(one), None))
            good = one.settlement is not None and not one.settlement.undetermined
            self.settled += good
            self.failed += not good
            if not good:
                self.tell(one)
            yield one

    def tell(self, one: Agreement) -> None:
        """Why an agreement could not be settled, with its line."""
        for line in fault_lines(_faults(one, self.file)):
            tell(line)


def _faults(one: Agreement, file: str) -> Iterator[Fault]:
    place = Mark(file, one.line)
    name = f"{one.name}: " if one.name else ""
    for f in one.faults:
        yield Fault(f.code, f"{name}{f.message}", f.mark or place, f.hint)
    for p in one.settlement.undetermined if one.settlement is not None else ():
        yield Fault("AC141", f"{name}{p.title or p.name} could not be determined: {p.why}.", place)


def settle_agreements(
    contract: Contract, label: str, asked: Asked, path: str, key: str | None, save: str | None, what: str, form: str,
    output: str | None,
) -> bool:  # fmt: skip
    """Settle every row of a table and print what was asked for. Whether all of them settled."""
    columns = tuple(c.strip() for c in key.split(",")) if key is not None else contract.key
    if not columns or not all(columns):
        raise click.UsageError("--key is needed: the contract does not say which columns name an agreement.")
    table = read_table(path)
    if not table.rows:
        hint = "Each row under the names of the columns is an agreement."
        raise InputError(Fault("AC164", "There is no agreement in this table.", table.mark(), hint))
    openings: Mapping[str, State] = read_openings(contract, asked.opening, label) if asked.opening else {}
    _check_openings(openings, table, columns, asked.opening)
    brought = {name: for_many(contract, label, name, place, asked.as_of) for name, place in asked.data}
    records = {name: one for name, one in brought.items() if isinstance(one, Table)}
    settling = settle_table(
        contract,
        label,
        table,
        columns,
        openings=openings,
        as_of=asked.as_of,
        kind=asked.kind,
        values=dict(asked.values),
        records=joined(records, bring_events(asked, label, contract)),
        extracted=dict(asked.extracted),
        counted={name: one for name, one in brought.items() if isinstance(one, Together)},
        rules_engine=asked.rules_engine,
    )
    quiet = sys.stdout.isatty() and form == "csv" and not output
    saved: list[str] | None = [] if save else None
    for option, place in (("--save", save), ("--output", output)):
        keep_what_was_read(place, option)
    found = Agreements(_followed(settling, len(table.rows), quiet), table.file, saved)
    _print(contract, label, found, what, form, output)
    if save and saved is not None:
        write("".join(_listed(saved)), save)
    if found.failed:
        tell(f"{found.failed:,} of {found.settled + found.failed:,} agreements could not be settled.")
    return not found.failed


def _check_openings(openings: Mapping[str, State], table: Table, key: tuple[str, ...], path: str | None) -> None:
    """An opening of an agreement that is not in the table would be lost without a word."""
    if not openings:
        return
    names = {"/".join((row.get(k) or "").strip() for k in key) for row in table.rows}
    lost = [name for name in openings if name not in names]
    if lost:
        message = f'The opening has balances of "{lost[0]}"' + (f" and {len(lost) - 1:,} more" if len(lost) > 1 else "")
        hint = "Add the row, or take its balances out of the opening."
        raise InputError(Fault("AC123", f"{message}, which the table has no row for.", Mark(path or ""), hint))


def _print(contract: Contract, label: str, found: Agreements, what: str, form: str, output: str | None) -> None:
    if form == "csv":
        settled = ((one.name, one.settlement) for one in found if one.settlement is not None)
        write_rows(COLUMNS[what], (row for name, s in settled for row in rows(what, name, s)), output)
    elif form == "json":
        texts = (json_text(as_dict(one), None) for one in found)
        if output:
            write("".join(_listed(texts)), output)
        else:
            for text in _listed(texts):
                click.echo(text, nl=False)
    else:
        from alliance.reports.agreements import summary

        print_report(summary(contract, label, found), form, output)


def _listed(texts: Iterable[str]) -> Iterator[str]:
    """The text of a JSON list of one item or more, an item a line."""
    lead = "[\n"
    for text in texts:
        yield lead + text
        lead = ",\n"
    yield "\n]\n"


def as_dict(one: Agreement) -> dict[str, Any]:
    """An agreement as plain JSON values. One that is not settled has its opening as its closing state."""
    found: dict[str, Any] = {
        "agreement": one.name,
        "line": one.line,
        "settlement": None if one.settlement is None else to_dict(one.settlement),
        "faults": [f.as_dict() for f in one.faults],
    }
    if one.settlement is None and one.closing is not None:
        found["closing"] = state_to_dict(one.closing)
    return found


def _followed(found: Iterator[Agreement], rows: int, quiet: bool) -> Iterator[Agreement]:
    """The agreements, with a bar of progress on standard error where that is a terminal and it takes long."""
    if quiet or not sys.stderr.isatty():
        yield from found
        return
    start, bar = time.monotonic(), None
    try:
        for one in found:
            if bar is None and time.monotonic() - start > PATIENCE:
                from rich.console import Console
                from rich.progress import Progress

                from alliance.reports.terminal import bounded

                bar = Progress(console=bounded(Console(stderr=True)), transient=True)
                bar.start()
                bar.add_task("Settling", total=rows)
            yield one
            if bar is not None:
                bar.advance(bar.task_ids[0])
    finally:
        if bar is not None:
            bar.stop()
