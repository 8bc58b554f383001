"""`alliance data check`: whether files of records are what a contract asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from alliance.cli.common import (
    AT_FAULT,
    load,
    output_options,
    pairs,
    period_of,
    print_report,
    tell_faults,
    write_json,
    write_rows,
)

if TYPE_CHECKING:
    from alliance.contract.faults import Fault
    from alliance.reports.model import Report

COLUMNS = ("name", "file", "records", "faulty", "from", "to")


@click.group()
def data() -> None:
    """Files of records, checked against what a contract asks for."""


@data.command()
@click.argument("contract", metavar="CONTRACT")
@click.option("--data", "sources", callback=pairs, metavar="NAME=FILE", multiple=True, required=True,
              help="Records for an input: CSV, XLSX, Parquet or JSON. May be repeated.")  # fmt: skip
@click.option("--period", metavar="PERIOD", help="Also tell every record whose date is outside a period.")
@output_options
@click.pass_context
def check(
    ctx: click.Context, /, contract: str, sources: tuple[tuple[str, str], ...], period: str | None, form: str,
    output: str | None,
) -> None:  # fmt: skip
    """Every faulty record, with its file and row, and how many there are of each input.

    Types, words that are not of their category, dates, empty fields, and records that are given twice.
    """
    from alliance.cli.sources import checked, declared
    from alliance.measures.places import as_told

    loaded = load(contract)
    within = loaded.period(period_of(loaded, period)) if period is not None else None
    lines: list[tuple[str, ...]] = []
    faults: list[Fault] = []
    for name, file in sources:
        found = checked(loaded, declared(loaded.built, name, file), file, within)
        faults += found.faults
        lines.append((name, as_told(file), *found.cells()))
    if form == "csv":
        write_rows(COLUMNS, lines, output)
    elif form == "json":
        listed = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
        write_json({"data": listed, "faults": [f.as_dict() for f in faults]}, output)
    else:
        print_report(_report(lines), form, output)
    if faults:
        tell_faults(faults)
        ctx.exit(AT_FAULT)


def _report(lines: list[tuple[str, ...]]) -> Report:
    from alliance.reports.model import report, section, table

    heads = ("Records", "File", ">Records that are good", ">Faulty", "First", "Last")
    return report("Records checked", "", (), [section("Files", table(heads, lines))])
