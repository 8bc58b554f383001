"""`alliance explain`: the tree behind each penny, and why a payment was not made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from alliance.cli.bringing import Asked, bring, check_table, input_options, of_agreement, open_single, table_options
from alliance.cli.common import AT_FAULT, load, output_options, period_of, print_report, write_json, write_rows
from alliance.cli.measure import print_ids

if TYPE_CHECKING:
    from alliance.contract.contract import Contract
    from alliance.settlement.result import Settlement
    from alliance.settlement.run import Run


@click.command()
@click.argument("contract", metavar="CONTRACT")
@input_options
@table_options
@click.option("--agreement", metavar="NAME", help="Which one of --table is explained.")
@click.option("--payment", metavar="NAME", help="Only this payment.")
@click.option("--party", metavar="NAME", help="Only what this party or account gives or gets.")
@click.option("--ids", metavar="MEASURE", help="Instead: the ids in the numerator of a measure, for those who may see.")
@output_options
@click.pass_context
def explain(
    ctx: click.Context, /, contract: str, period: str, table: str | None, key: str | None, agreement: str | None,
    payment: str | None, party: str | None, ids: str | None, form: str, output: str | None, **given: Any,
) -> None:  # fmt: skip
    """Explain a settlement: the tree behind each penny, and why a payment was not made.

    Each line of a waterfall has under it its formula, the values that it read, and the clause, file and line where they
    stand.
    """
    from alliance.reports.explain import COLUMNS, as_dict, explanation, rows

    asked = Asked(**given)
    check_table(asked, table, key, agreement)
    if table is not None and agreement is None:
        raise click.UsageError("--agreement says which one of the --table is explained.")
    loaded = load(contract)
    label = period_of(loaded, period)
    _known("--payment", payment, loaded.built.payments)
    _known("--party", party, [*loaded.built.parties, *loaded.built.accounts])
    if table is not None and agreement is not None:
        from alliance.cli.settle_table import settle_one

        found, run = settle_one(loaded, label, asked, table, key, agreement)
    else:
        found, run = _single(loaded, label, asked, ids is not None)
    if ids is not None:
        print_ids(loaded, run, ids, form, output)
        return
    told = of_agreement(explanation(found, run, loaded, payment or "", party or ""), agreement or "")
    if form == "json":
        write_json(as_dict(told, found, agreement or ""), output)
    elif form == "csv":
        write_rows(COLUMNS, rows(told), output)
    else:
        print_report(told, form, output)
    if found.undetermined:
        ctx.exit(AT_FAULT)


def _single(contract: Contract, label: str, asked: Asked, whole: bool) -> tuple[Settlement, Run]:
    """A contract that is settled on its own."""
    from alliance.settlement.settle import check_examples, settle_run

    check_examples(contract)
    opening = open_single(contract, asked.opening)
    brought = bring(asked, label, contract, opening, whole)
    return settle_run(
        contract, label, brought, opening, as_of=asked.as_of, kind=asked.kind, rules_engine=asked.rules_engine
    )


def _known(option: str, name: str | None, known: Iterable[str]) -> None:
    """Refuse a name that the contract does not have."""
    names = list(known)
    if name is None or name in names:
        return
    from alliance.contract.faults import did_you_mean, one_of

    hint = did_you_mean(name, names) or (one_of(names) if names else "The contract has none.")
    raise click.BadParameter(f"{name[:60]!r} is not in the contract. {hint}", param_hint=f"'{option}'")
