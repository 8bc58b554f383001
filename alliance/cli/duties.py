"""`alliance duties`: the register of duties as it stands on a day."""

from __future__ import annotations

from datetime import date

import click

from alliance.cli.common import day, load, output_options, print_report, write_json, write_rows


@click.command()
@click.argument("contract", metavar="CONTRACT")
@click.option("--opening", required=True, metavar="FILE", help="The latest settlement: what settle --save wrote.")
@click.option("--on", "on", metavar="DATE", callback=day, help="The day, as 2027-04-01. Today if not said.")
@output_options
def duties(contract: str, opening: str, on: date | None, form: str, output: str | None) -> None:
    """The register of duties on a day: who has to do what by when, and whether it was done.

    A duty is due, met, late or waived. What was met or waived is known to the settlement that it was brought to.
    """
    from alliance.cli.opening import saved_in
    from alliance.reports.duties import arisen, as_dict, register
    from alliance.reports.rows import COLUMNS, duty_rows

    loaded = load(contract)
    when = on or date.today()
    states = saved_in(loaded, opening)
    if form == "json":
        write_json(as_dict(loaded, states, when), output)
    elif form == "csv":
        rows = (
            row for name, state in states.items() for row in duty_rows(name or loaded.id, arisen(state, when), when)
        )
        write_rows(COLUMNS["duties"], rows, output)
    else:
        print_report(register(loaded, states, when), form, output)
