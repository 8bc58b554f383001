"""`alliance settle`: the statement of a period, or many agreements under one contract."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from alliance.cli.bringing import (
    Asked,
    bring,
    check_table,
    input_options,
    of_agreement,
    open_single,
    table_options,
)
from alliance.cli.common import (
    AT_FAULT,
    keep_apart,
    keep_what_was_read,
    load,
    output_options,
    period_of,
    print_report,
    target,
    tell,
    write,
    write_json,
    write_rows,
)

if TYPE_CHECKING:
    from alliance.contract.contract import Contract
    from alliance.settlement.result import Settlement

ROWS = ("transfers", "payments", "figures", "measures", "balances", "rules", "notices", "duties", "held")


@click.command()
@click.argument("contract", metavar="CONTRACT")
@input_options
@table_options
@click.option("--agreement", metavar="NAME", help="Only this one of --table, in full.")
@click.option(
    "--save",
    metavar="FILE",
    callback=target,
    help="Write the settlement as JSON, for the next one to open from; over an earlier one if need be.",
)
@click.option("--force", is_flag=True, help="Let --save write over a file that is no saved settlement.")
@click.option("--rows", type=click.Choice(ROWS), default=ROWS[0], metavar="WHAT", show_default=True,
              help=f"What --format csv prints: {', '.join(ROWS[:-1])} or {ROWS[-1]}.")  # fmt: skip
@output_options
@click.pass_context
def settle(
    ctx: click.Context, /, contract: str, period: str, table: str | None, key: str | None, agreement: str | None,
    save: str | None, force: bool, rows: str, form: str, output: str | None, **given: Any,
) -> None:  # fmt: skip
    """Settle a period: who is paid what, by party and by payment, and the waterfall of each.

    With --table every row is an agreement of its own, settled under the same contract; what --set and --data give is
    then given to all of them.
    """
    asked = Asked(**given)
    check_table(asked, table, key, agreement)
    _check(ctx, agreement, save, form)
    keep_apart(save=save, output=output)
    if save is not None and not force:
        check_saved(save)
    loaded = load(contract)
    label = period_of(loaded, period)
    if table is not None and agreement is not None:
        from alliance.cli.settle_table import settle_one

        found, _ = settle_one(loaded, label, asked, table, key, agreement)
        good = _told(loaded, found, rows, form, output, agreement)
    elif table is not None:
        from alliance.cli.settle_table import settle_agreements

        good = settle_agreements(loaded, label, asked, table, key, save, rows, form, output)
    else:
        good = _single(loaded, label, asked, save, rows, form, output)
    if not good:
        ctx.exit(AT_FAULT)


def _check(ctx: click.Context, agreement: str | None, save: str | None, form: str) -> None:
    """Options that do not go together."""
    if agreement is not None and save is not None:
        raise click.UsageError("--agreement only looks at one of the table: --save goes with the whole table.")
    source = ctx.get_parameter_source("rows")
    if source is not None and source.name == "COMMANDLINE" and form != "csv":
        raise click.UsageError("--rows says what --format csv prints: give --format csv too.")


def check_saved(path: str) -> None:
    """An earlier settlement is written over by a later one; what is anything else would be lost."""
    from alliance.cli.saved import is_saved

    if os.path.isfile(path) and not is_saved(path):
        said = f"{path} is there already, and is no saved settlement. Name another file, or say --force."
        raise click.BadParameter(said, param_hint="'--save'")


def _single(
    contract: Contract, label: str, asked: Asked, save: str | None, rows: str, form: str, output: str | None
) -> bool:
    from alliance.settlement.settle import settle as settle_period

    opening = open_single(contract, asked.opening)
    found = settle_period(
        contract,
        label,
        bring(asked, label, contract, opening),
        opening,
        as_of=asked.as_of,
        kind=asked.kind,
        rules_engine=asked.rules_engine,
    )
    for option, path in (("--save", save), ("--output", output)):
        keep_what_was_read(path, option)
    if save is not None:
        write(found.to_json() + "\n", save)
    return _told(contract, found, rows, form, output)


def _told(contract: Contract, found: Settlement, what: str, form: str, output: str | None, agreement: str = "") -> bool:
    """Print a settlement, or that of one agreement of a table. Whether everything in it was determined."""
    if form == "json":
        from alliance.settlement.serial import to_dict

        write_json(to_dict(found), output)
    elif form == "csv":
        from alliance.reports.rows import COLUMNS, rows

        write_rows(COLUMNS[what], rows(what, agreement or found.contract, found), output)
    else:
        from alliance.reports.statement import statement

        print_report(of_agreement(statement(found, contract), agreement), form, output)
    tell_undetermined(found)
    return not found.undetermined


def tell_undetermined(found: Settlement, lead: str = "") -> None:
    """Say on standard error what could not be determined."""
    for p in found.undetermined:
        tell(f"{lead}{p.title or p.name} could not be determined: {p.why}.")
