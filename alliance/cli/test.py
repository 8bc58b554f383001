"""`alliance test`: the worked examples that contracts carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from alliance.cli.common import AT_FAULT, output_options, print_report, tell_faults, write_json, write_rows

if TYPE_CHECKING:
    from alliance.reports.checks import Tested


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@output_options
@click.pass_context
def test(ctx: click.Context, paths: tuple[str, ...], form: str, output: str | None) -> None:
    """Run the worked examples that contracts carry: expected against found, and the first step at which they part.

    A PATH is a contract, or a folder that is searched for files called contract.yaml. One that cannot be read is
    told with its faults, and counted apart from examples that failed.
    """
    tell_tested(ctx, [one for path in paths for one in _tested(path)], form, output)


def tell_tested(ctx: click.Context, found: list[Tested], form: str, output: str | None) -> None:
    """What examples came to, and the exit code for it."""
    from alliance.reports.checks import COLUMNS, examples, examples_dict, examples_rows

    if form == "json":
        write_json(examples_dict(found), output)
    elif form == "csv":
        write_rows(COLUMNS, examples_rows(found), output)
    else:
        print_report(examples(found), form, output)
    if form != "json":
        tell_faults(fault for one in found for fault in one.faults)
    if any(one.failed or one.unread for one in found):
        ctx.exit(AT_FAULT)


def _tested(path: str) -> Iterator[Tested]:
    from alliance.cli.search import contracts_in
    from alliance.contract.faults import InputError
    from alliance.reports.checks import Tested, tested

    try:
        yield from map(tested, contracts_in(path))
    except InputError as error:
        yield Tested(path, "", (), error.faults)
