"""`alliance settle --table`: many agreements under one contract, one a row."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from alliance.cli.bringing import Asked, bring_events, joined, read_openings
from alliance.cli.common import keep_what_was_read, print_report, tell, tell_faults, write, write_rows
from alliance.cli.leaving import left
from alliance.cli.sources import Together, for_many
from alliance.contract.contract import Contract
from alliance.contract.faults import MOST_TOLD, Fault, InputError, Mark
from alliance.data.rows import Table
from alliance.data.table import read_table
from alliance.reports.agreements import advice, is_in_part, summary
from alliance.reports.rows import COLUMNS, rows
from alliance.settlement.agreements import Agreement, Given, settle_agreement, settle_table
from alliance.settlement.serial import json_text, state_to_dict, to_dict

if TYPE_CHECKING:
    from alliance.settlement.result import Settlement
    from alliance.settlement.run import Run
    from alliance.settlement.state import State

PATIENCE = 0.7  # seconds before a bar of progress is shown


@dataclass(frozen=True, slots=True)
class Brought:
    """A table with what its agreements are settled from. `carried` are the openings that go on as they are."""

    table: Table
    key: tuple[str, ...]
    given: Given
    carried: Mapping[str, State]


def bring_table(contract: Contract, label: str, asked: Asked, path: str, key: str | None) -> Brought:
    """Read a table, and what is brought beside it."""
    columns = tuple(c.strip() for c in key.split(",")) if key is not None else contract.key
    if not columns or not all(columns):
        raise click.UsageError("--key is needed: the contract does not say which columns name an agreement.")
    table = read_table(path)
    if not table.rows:
        hint = "Each row under the names of the columns is an agreement."
        raise InputError(Fault("AC164", "There is no agreement in this table.", table.mark(), hint))
    openings: Mapping[str, State] = read_openings(contract, asked.opening) if asked.opening else {}
    names = {"/".join((row.get(k) or "").strip() for k in columns) for row in table.rows} if openings else ()
    carried = left(contract, openings, names, contract.period(label), asked.opening or "")
    brought = {name: for_many(contract, label, name, place, asked.as_of) for name, place in asked.data}
    records = {name: one for name, one in brought.items() if isinstance(one, Table)}
    given: Given = {
        "openings": openings,
        "as_of": asked.as_of,
        "kind": asked.kind,
        "values": dict(asked.values),
        "records": joined(records, bring_events(asked, label, contract)),
        "extracted": dict(asked.extracted),
        "counted": {name: one for name, one in brought.items() if isinstance(one, Together)},
        "rules_engine": asked.rules_engine,
        "tell": tell,
    }
    return Brought(table, columns, given, carried)


def settle_one(
    contract: Contract, label: str, asked: Asked, path: str, key: str | None, name: str
) -> tuple[Settlement, Run]:  # fmt: skip
    """One agreement of a table, settled as with all of them and kept to be explained."""
    found = bring_table(contract, label, asked, path, key)
    return settle_agreement(contract, label, found.table, found.key, name, **found.given)


class Agreements:
    """The agreements as they settle, and what must be told of those that do not, or only in part."""

    def __init__(self, found: Iterator[Agreement], file: str) -> None:
        self.found, self.file = found, file
        self.settled = self.in_part = self.failed = self.told = self.untold = 0

    def __iter__(self) -> Iterator[Agreement]:
        for one in self.found:
            whole = one.settlement is not None and not one.settlement.undetermined
            in_part = one.settlement is not None and is_in_part(one.settlement)
            self.settled, self.in_part = self.settled + whole, self.in_part + in_part
            self.failed += not whole and not in_part
            self._tell(one)
            yield one

    def _tell(self, one: Agreement) -> None:
        """Why an agreement could not be settled, with its line. Of very many faults the first are told."""
        found = list(_faults(one, self.file))
        first = found[: max(MOST_TOLD - self.told, 0)]
        self.told += len(first)
        self.untold += len(found) - len(first)
        tell_faults(first)

    @property
    def good(self) -> bool:
        return not self.failed and not self.in_part

    def tell(self) -> None:
        """How many are not settled, or only in part."""
        if self.untold:
            tell(f"{self.untold:,} more faults are not shown; --format json has those of every agreement.")
        of = f"of {self.settled + self.in_part + self.failed:,} agreements"
        if self.failed:
            tell(f"{self.failed:,} {of} could not be settled.")
        if self.in_part:
            tell(f"{self.in_part:,} {of} settled in part: what could not be determined moves nothing.")


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
    """Settle every agreement of a table and print what was asked for. Whether all of them settled in full.

    What is saved is written before anything is printed, so that nothing that befalls the printing loses it.
    """
    found = bring_table(contract, label, asked, path, key)
    settling = settle_table(contract, label, found.table, found.key, **found.given)
    quiet = sys.stdout.isatty() and form == "csv" and not output
    for option, place in (("--save", save), ("--output", output)):
        keep_what_was_read(place, option)
    every = Agreements(_followed(settling, len(found.table.rows), quiet), found.table.file)
    carried = [_text(Agreement(name, 0, None, (), state)) for name, state in found.carried.items()]
    saved: list[str] = []
    kept = _kept(every, saved) if save else every
    lines: Iterable[Any]
    if form == "csv":
        settled = ((one.name, one.settlement) for one in kept if one.settlement is not None)
        lines = (row for name, s in settled for row in rows(what, name, s))
    elif form == "json":
        lines = (text for texts in ((_text(one) for one in kept), carried) for text in texts)
    else:
        lines = [summary(contract, label, kept, save or "")]
    if save:
        lines = list(lines)
        write("".join(_listed([*saved, *carried])), save)
    _print(lines, what, form, output)
    every.tell()
    if not every.good and form in ("csv", "json"):
        tell(advice(save or ""))
    return every.good


def _kept(found: Iterable[Agreement], saved: list[str]) -> Iterator[Agreement]:
    """The agreements, each kept as its JSON text, which takes a tenth of the memory."""
    for one in found:
        saved.append(_text(one))
        yield one


def _print(lines: Iterable[Any], what: str, form: str, output: str | None) -> None:
    """Print rows, the texts of a JSON list, or one report."""
    if form == "csv":
        write_rows(COLUMNS[what], lines, output)
    elif form != "json":
        for report in lines:
            print_report(report, form, output)
    elif output:
        write("".join(_listed(lines)), output)
    else:
        for text in _listed(lines):
            click.echo(text, nl=False)


def _listed(texts: Iterable[str]) -> Iterator[str]:
    """The text of a JSON list of one item or more, an item a line."""
    lead = "[\n"
    for text in texts:
        yield lead + text
        lead = ",\n"
    yield "\n]\n"


def _text(one: Agreement) -> str:
    return json_text(as_dict(one), None)


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
