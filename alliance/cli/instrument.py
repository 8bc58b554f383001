"""`alliance instrument`: questionnaires and bundles, and scoring what people answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from alliance.cli.common import output_options, pairs_once, print_report, write_json, write_rows

if TYPE_CHECKING:
    from alliance.data.rows import Table
    from alliance.measures.instruments import Instrument, Person


@click.group()
def instrument() -> None:
    """Questionnaires and bundles, and scoring what people answered.

    NAME is one of `alliance instrument list`; PATH is the file of one of your own.
    """


@instrument.command("list")
@output_options
def list_(form: str, output: str | None) -> None:
    """The instruments that come with the package."""
    from alliance.measures.instruments import load_instrument, shipped
    from alliance.reports.instruments import LIST_COLUMNS, listed, listed_dict

    found = [(one.name, load_instrument(one.path)) for one in shipped()]
    if form == "json":
        write_json(listed_dict(found), output)
    elif form == "csv":
        rows = [(name, i.version, i.title, str(len(i.items)), str(len(i.scales))) for name, i in found]
        write_rows(LIST_COLUMNS, rows, output)
    else:
        print_report(listed(found), form, output)


@instrument.command()
@click.argument("name", metavar="NAME|PATH")
@output_options
def show(name: str, form: str, output: str | None) -> None:
    """An instrument in full: what is asked, what may be answered, how it is scored."""
    from alliance.measures.instruments import find_instrument
    from alliance.reports.instruments import SHOW_COLUMNS, described, described_dict, described_rows

    found = find_instrument(name)
    if form == "json":
        write_json(described_dict(found), output)
    elif form == "csv":
        write_rows(SHOW_COLUMNS, described_rows(found), output)
    else:
        print_report(described(found), form, output)


@instrument.command()
@click.argument("file", metavar="FILE")
@click.option("--instrument", "name", required=True, metavar="NAME|PATH", help="What the answers are to.")
@click.option("--asked", type=click.IntRange(0), metavar="N", help="People asked, where not all have a row.")
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="SCALE=FILE",
    callback=pairs_once,
    help="A table that comes with the licence: score,value or state,value.",
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook.")
@click.option("--people", "people", is_flag=True, help="Each person's own scores.")
@click.option("--public", is_flag=True, help="Small numbers hidden, others to the nearest 5.")
@output_options
def score(
    file: str,
    name: str,
    asked: int | None,
    tables: tuple[tuple[str, str], ...],
    sheet: str | None,
    people: bool,
    public: bool,
    form: str,
    output: str | None,
) -> None:
    """Score the answers in FILE: one row for each person who was asked, a column for each item.

    Each person is scored, and converted where the scale says so, before anything is averaged.
    """
    from alliance.contract.faults import Fault, InputError, Mark
    from alliance.data.table import read_table
    from alliance.measures.instruments import read_answers, score_people, summed_up
    from alliance.reports import scores as told

    if people and public:
        message = "The scores of single people are never public."
        raise InputError(Fault("AC428", message, Mark(file), "Leave out --people or --public."))
    found = _with_tables(name, tables)
    given = read_table(file, sheet=sheet)
    scored = score_people(found, read_answers(found, given.columns, given.rows, given.mark()))
    if people:
        _people(found, scored, form, output)
        return
    result = summed_up(found, scored, asked)
    if form == "json":
        write_json(told.scored_dict(found, result, public), output)
    elif form == "csv":
        write_rows(told.SCORE_COLUMNS, told.scored_rows(found, result, public), output)
    else:
        print_report(told.scored(found, result, public), form, output)


def _people(found: Instrument, scored: Iterable[Person], form: str, output: str | None) -> None:
    from alliance.contract.numbers import to_exact_text
    from alliance.reports.scores import people_columns, people_report, people_rows

    columns = people_columns(found)
    if form == "json":
        write_json([dict(zip(columns, row, strict=True)) for row in people_rows(found, scored, to_exact_text)], output)
    elif form == "csv":
        write_rows(columns, people_rows(found, scored), output)
    else:
        print_report(people_report(found, scored), form, output)


def _with_tables(name: str, tables: Iterable[tuple[str, str]]) -> Instrument:
    """The instrument with the tables that were named."""
    from alliance.data.table import read_table
    from alliance.measures.instruments import find_instrument, supplied

    found = find_instrument(name)
    given, marks = {}, {}
    for scale, path in tables:
        table = read_table(path)
        given[scale] = _keyed(scale, table)
        marks[scale] = table.mark()
    return supplied(found, given, marks) if given else found


def _keyed(scale: str, table: Table) -> dict[str, str]:
    """A table of two columns as texts by key."""
    from alliance.contract.faults import Faults, InputError

    faults = Faults()
    key = next((column for column in ("score", "state") if column in table.columns), "")
    if not key or "value" not in table.columns:
        message = f"The table of the scale {scale} lacks a column."
        faults.add("AC412", table.mark(), message, "It has the columns score and value, or state and value.")
    found: dict[str, str] = {}
    for row in table.rows if not faults else ():
        text = (row.get(key) or "").strip()
        if text in found:
            faults.add("AC412", row.mark(key), f"The table of the scale {scale} has this {key} twice.")
        found[text] = (row.get("value") or "").strip()
    faults.raise_if_any(InputError)
    return found
