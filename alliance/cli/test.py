"""`alliance test`: the worked examples that contracts carry."""

from __future__ import annotations

import click

from alliance.cli.common import AT_FAULT, output_options, print_report, tell_faults, write_json, write_rows


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@output_options
@click.pass_context
def test(ctx: click.Context, paths: tuple[str, ...], form: str, output: str | None) -> None:
    """Run the worked examples that contracts carry: expected against found, and the first step at which they part.

    A PATH is a contract, or a folder that is searched for files called contract.yaml. A contract that does not load
    counts as one that failed.
    """
    from alliance.reports.checks import COLUMNS, examples, examples_dict, examples_rows, tested

    found = [tested(path) for path in _files(paths)]
    if form == "json":
        write_json(examples_dict(found), output)
    elif form == "csv":
        write_rows(COLUMNS, examples_rows(found), output)
    else:
        print_report(examples(found), form, output)
    if form != "json":
        tell_faults(fault for one in found for fault in one.faults)
    if any(one.failed for one in found):
        ctx.exit(AT_FAULT)


def _files(paths: tuple[str, ...]) -> list[str]:
    from alliance.cli.search import contracts_in

    return [file for path in paths for file in contracts_in(path)]
