"""`alliance measure`: the measures of a period, from records or as brought, with what stands behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from alliance.cli.bringing import Asked, bring, input_options, open_single
from alliance.cli.common import (
    FORMATS,
    load,
    output_option,
    period_of,
    print_report,
    tell,
    write,
    write_json,
    write_rows,
)

if TYPE_CHECKING:
    from alliance.contract.contract import Contract
    from alliance.settlement.result import Settlement
    from alliance.settlement.run import Run


@click.command()
@click.argument("contract", metavar="CONTRACT")
@input_options
@click.option("--public", is_flag=True, help="As may be published: small numbers hidden, others rounded, nobody named.")
@click.option("--ids", metavar="MEASURE", help="Also the ids of the cases that met the test of a measure.")
@click.option("--format", "form", type=click.Choice((*FORMATS, "fhir")), default="table", metavar="FORMAT",
              help="table (the default), json, csv, markdown, or fhir for a bundle of MeasureReports.")  # fmt: skip
@click.option("--fhir-release", "release", type=click.Choice(("R5", "R4")), default="R5", metavar="R5|R4",
              help="The release of FHIR that is written; R5 if not said.")  # fmt: skip
@output_option
def measure(
    contract: str,
    period: str,
    public: bool,
    ids: str | None,
    form: str,
    release: str,
    output: str | None,
    **given: Any,
) -> None:
    """The measures of a period: value, cases, what was left out, interval, score, and where the records come from.

    Nothing is settled. Values that are brought with --inputs or --set stand in place of what records come to.
    """
    if public and ids is not None:
        raise click.UsageError("Ids are of people and are not published: leave out --ids, or --public.")
    if form == "fhir" and ids is not None:
        raise click.UsageError("A report in FHIR names nobody: leave out --ids, or write csv.")
    asked = Asked(**given)
    loaded = load(contract)
    label = period_of(loaded, period)
    from alliance.settlement.settle import settle_run

    opening = open_single(loaded, asked.opening)
    found, run = settle_run(
        loaded,
        label,
        bring(asked, label, loaded, opening, ids is not None),
        opening,
        as_of=asked.as_of,
        kind=asked.kind,
        whole=False,
        rules_engine=asked.rules_engine,
    )
    if form == "fhir":
        from alliance.cli.fhir import written

        write(written(loaded, found, public, release), output)
    elif ids is not None:
        print_ids(loaded, run, ids, form, output)
    elif public:
        _print_public(loaded, found, form, output)
    else:
        _print(loaded, found, form, output)


def _print(contract: Contract, found: Settlement, form: str, output: str | None) -> None:
    from alliance.reports.measures import COLUMNS, measured, rows
    from alliance.reports.naming import Naming, titled
    from alliance.reports.worked import why_not

    if form == "csv":
        write_rows(COLUMNS, rows(found), output)
    elif form == "json":
        from alliance.settlement.serial import measures_to_list

        write_json({"contract": found.contract, "period": found.period, "measures": measures_to_list(found)}, output)
    else:
        print_report(measured(found, contract), form, output)
    for m in found.measures:
        if m.status not in ("measured", "provisional"):
            why = why_not(m, contract)
            about = titled(m.title, m.name, m.key, Naming(found, contract))
            tell(f"{about} is {m.status}{f': {why}' if why else ''}.")


def _print_public(contract: Contract, found: Settlement, form: str, output: str | None) -> None:
    from alliance.reports.public import PUBLIC_COLUMNS, public_rows, published

    if form == "csv":
        write_rows(PUBLIC_COLUMNS, public_rows(found, contract), output)
    elif form == "json":
        listed = [dict(zip(PUBLIC_COLUMNS, row, strict=True)) for row in public_rows(found, contract)]
        write_json({"contract": found.contract, "period": found.period, "measures": listed}, output)
    else:
        print_report(published(found, contract), form, output)


def print_ids(contract: Contract, run: Run, name: str, form: str, output: str | None) -> None:
    """The ids of the cases that met the test, each with its date."""
    from alliance.settlement.measuring import numerator_of

    columns, rows = numerator_of(run, _named(contract, name))
    if form == "json":
        write_json([dict(zip(columns, row, strict=True)) for row in rows], output)
    else:
        write_rows(columns, rows, output)


def _named(contract: Contract, name: str) -> str:
    from alliance.contract.faults import did_you_mean, one_of

    measures = {n: m for n, m in contract.built.measures.items() if m.counted is not None}
    if name not in measures:
        hint = did_you_mean(name, measures) or (one_of(measures) if measures else "")
        raise click.BadParameter(f'"{name}" is not a measure worked out from records. {hint}', param_hint="'--ids'")
    return name
