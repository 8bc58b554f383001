"""`alliance validate`: the faults of contracts, or a line of summary each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from alliance.cli.common import AT_FAULT, output_options, tell_faults, write, write_json, write_rows

if TYPE_CHECKING:
    from alliance.contract.contract import Contract
    from alliance.contract.faults import Fault

COLUMNS = ("file", "line", "column", "code", "message", "hint")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@output_options
@click.pass_context
def validate(ctx: click.Context, paths: tuple[str, ...], form: str, output: str | None) -> None:
    """Check contracts: their faults, or a line of summary each.

    A PATH is a contract, or a folder that is searched for files called contract.yaml. With --format json or csv the
    faults are printed as a list, and an empty one means that all is well. Otherwise faults go to standard error, and a
    line for each contract to standard output.
    """
    found = list(_checked(paths))
    faults = [fault for _, _, each in found for fault in each]
    if form == "json":
        write_json([fault.as_dict() for fault in faults], output)
    elif form == "csv":
        write_rows(COLUMNS, (_row(fault) for fault in faults), output)
    else:
        from alliance.reports.checks import validation
        from alliance.reports.markdown import markdown
        from alliance.reports.plain import plain

        told = validation(found)
        tell_faults(faults)
        # A line for each, however long it is.
        write(markdown(told) if form == "markdown" else plain(told, width=10_000), output)
    if faults:
        ctx.exit(AT_FAULT)


def _checked(paths: tuple[str, ...]) -> Iterator[tuple[str, Contract | None, tuple[Fault, ...]]]:
    from alliance.cli.answers import instrument_of
    from alliance.cli.search import contracts_in
    from alliance.contract.contract import load
    from alliance.contract.faults import AllianceError

    for path in paths:
        try:
            for file in contracts_in(path):
                try:
                    contract = load(file)
                    for item in contract.built.inputs.values():
                        if item.instrument:
                            instrument_of(item, contract)
                    yield file, contract, ()
                except AllianceError as error:
                    yield file, None, error.faults
        except AllianceError as error:
            yield path, None, error.faults


def _row(fault: Fault) -> tuple[str, ...]:
    found: dict[str, Any] = fault.as_dict()
    return tuple("" if found[c] is None else str(found[c]) for c in COLUMNS)
