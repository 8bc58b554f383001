"""What a settlement is brought on the command line: a file of results, single values, tables of records, an opening."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from alliance.cli.common import day, pairs_once, tell

if TYPE_CHECKING:
    from alliance.contract.build.whole import Built
    from alliance.contract.contract import Contract
    from alliance.data.results import Results
    from alliance.data.rows import Table
    from alliance.measures.prepared import Prepared
    from alliance.reports.model import Report
    from alliance.rules.matcher.run import EngineName
    from alliance.settlement.brought import Brought
    from alliance.settlement.state import State

ENGINES = ("both", "durable", "plain")

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say what a settlement is made from."""

    inputs: str | None
    values: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]
    extracted: tuple[tuple[str, str], ...]
    opening: str | None
    as_of: date | None
    final: bool
    events: str | None = None
    rules_engine: EngineName | None = None

    @property
    def kind(self) -> str:
        return "final" if self.final else "provisional"


def input_options(command: Command) -> Command:
    """The options of `Asked`, and the period, in the order in which help shows them."""
    options = [
        click.option("--period", required=True, metavar="PERIOD", help="Such as 2026-27, 2026-27 Q1 or 2026-04."),
        click.option("--inputs", metavar="FILE", help="Results: CSV, XLSX, YAML, JSON, or a FHIR MeasureReport."),
        click.option("--set", "values", callback=pairs_once, metavar="NAME=VALUE", multiple=True,
                     help="Give or replace one value; NAME.PARTY=VALUE for one of several parties. May be repeated."),
        click.option("--data", callback=pairs_once, metavar="NAME=FILE", multiple=True,
                     help="Records for an input: a file (CSV, XLSX, Parquet, JSON), a folder of files, or a table by "
                          "its address, as duckdb:///FILE#TABLE. May be repeated."),
        click.option("--events", metavar="FILE",
                     help="Events, and duties met or waived: CSV, XLSX, YAML or JSON; a column event says which."),
        click.option("--extracted", callback=pairs_once, metavar="NAME=DATE", multiple=True,
                     help="The day on which records were extracted; that of --as-of if not said. May be repeated."),
        click.option("--opening", metavar="FILE",
                     help="Where accounts and history stand: what --save wrote, or a CSV of balances."),
        click.option("--as-of", callback=day, metavar="DATE", help="The day whose variations are known."),
        click.option("--rules-engine", type=click.Choice(ENGINES), metavar="WHICH",
                     help="What matches rules: durable, plain or both; unless said both, where that can be."),
        click.option("--final", is_flag=True, help="Take no provisional value and leave nothing undetermined."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def table_options(command: Command) -> Command:
    """The options that name a table of agreements."""
    table = click.option("--table", metavar="FILE", help="Many agreements, one a row: CSV, XLSX or Parquet.")
    key = click.option("--key", metavar="COLUMN[,COLUMN]", help="The columns of --table that name an agreement.")
    return table(key(command))


def check_table(asked: Asked, table: str | None, key: str | None, agreement: str | None) -> None:
    """Options that do not go together."""
    if table is not None and asked.inputs is not None:
        columns = "With --table the inputs are its columns, and a column period says which one a row is of"
        raise click.UsageError(f"{columns}; what is the same for all is given with --set.")
    for option, value in (("--key names the columns", key), ("--agreement is one", agreement)):
        if value is not None and table is None:
            raise click.UsageError(f"{option} of a --table, and there is none.")


def of_agreement(report: Report, name: str) -> Report:
    """A report that says first which agreement of a table it is about."""
    return replace(report, facts=(("Agreement", name), *report.facts)) if name else report


def bring(
    asked: Asked, label: str, contract: Contract, opening: State | None = None, whole: bool = False
) -> Results:  # fmt: skip
    """The results in the file, with the single values and the records that the command line gives besides.

    What is counted in an engine may read values, and those that an opening keeps. With `whole` no file is only counted.
    """
    from alliance.cli.fhir import is_report
    from alliance.cli.fhir import read as read_report
    from alliance.cli.sources import in_engine, read_file
    from alliance.data.results import Results, read_results
    from alliance.measures.places import is_address

    results, reported = Results(), None
    if asked.inputs and is_report(asked.inputs):
        reported = read_report(asked.inputs, contract, label, asked.as_of)
    elif asked.inputs:
        results = read_results(asked.inputs)
    _put(results, asked.values, label)
    over = contract.period(label)
    built = contract.on(over.start, asked.as_of or max(over.end, contract.built.start))
    read: dict[str, Prepared] = {}
    for name, place in asked.data:
        one = in_engine(built, name, place) if is_address(place) or not whole else None
        if one is not None:
            read[name] = one
        else:
            results.records[name] = read_file(contract, contract.built.inputs.get(name), place)
    _tell_owners(built, results.records)
    joined(results.records, bring_events(asked, label, contract))
    results.extracted.update(asked.extracted)
    results.counted = reported
    if read:
        results.counted = _counted(asked, label, contract, results, read, opening)
    return results


def _tell_owners(built: Built, records: Mapping[str, Table]) -> None:
    """Records of several agreements, where there is no table of these: all of them are taken."""
    for name, table in records.items():
        key = built.inputs[name].key if name in built.inputs else ""
        names = {row.get(key) or "" for row in table.rows} - {""} if key else set()
        if len(names) > 1:
            tell(f"Note: {name} are of {len(names):,} agreements, and all of them count here: --table settles each.")


def _counted(
    asked: Asked,
    label: str,
    contract: Contract,
    results: Results,
    records: Mapping[str, Prepared],
    opening: State | None,
) -> Brought:
    """What measures count of records that engines read, with the values that a report brings."""
    from alliance.cli.sources import counted
    from alliance.settlement.brought import bring as read_given
    from alliance.settlement.records import Source

    over = contract.period(label)
    known = asked.as_of or max(over.end, contract.built.start)
    given = read_given(contract.on(over.start, known), replace(results, records={}, extracted={}))
    values = results.counted.values if results.counted is not None else {}
    given = replace(given, sources={name: Source(day) for name, day in _days(asked).items() if name in records})
    found = counted(contract, label, records, given, opening, known, asked.final)
    return replace(found, values=values)


def bring_events(asked: Asked, label: str, contract: Contract) -> dict[str, Table]:
    """The events in the file of them, by name, and the table of duties met or waived. Events that are not in it are
    none."""
    if asked.events is None:
        return {}
    from alliance.data.events import read_events
    from alliance.data.rows import Table
    from alliance.settlement import duties

    over = contract.period(label)
    built = contract.on(over.start, asked.as_of or max(over.end, contract.built.start))
    kinds = {name: tuple(item.fields) for name, item in built.inputs.items() if item.fields is not None}
    events = [name for name, item in built.inputs.items() if item.kind == "events"]
    if built.rules:
        kinds[duties.NAME] = tuple(duties.table(built.parties).fields or ())
    if not kinds:
        raise click.UsageError("The contract has no events, so --events brings nothing.")
    found = read_events(asked.events, kinds, events[0] if len(events) == 1 else "")
    return {name: Table(asked.events, list(kinds[name])) for name in events} | found


def joined(records: dict[str, Table], events: Mapping[str, Table]) -> dict[str, Table]:
    """Events beside the other records; none may be brought twice."""
    from alliance.contract.faults import Fault, InputError

    for name, table in events.items():
        if name in records:
            if not table.rows:
                continue
            message = f"{name} is brought twice, here and at {records[name].mark()}."
            raise InputError(Fault("AC234", message, table.mark(), "Keep one of them."))
        records[name] = table
    return records


def _days(asked: Asked) -> dict[str, date]:
    """The days on which records were extracted; those that are none are told with everything else that is brought."""
    from contextlib import suppress

    from alliance.contract.numbers import parse_date

    found: dict[str, date] = {}
    for name, text in asked.extracted:
        with suppress(ValueError):
            found[name] = parse_date(text)
    return found


def _put(results: Results, values: Iterable[tuple[str, str]], label: str) -> None:
    """Give single values, each in place of what the file says of the same name, party and period."""
    from alliance.contract.faults import Mark
    from alliance.data.results import Given

    given = [
        Given(text.partition(".")[0], v, Mark(f"--set {text[:60]}"), key=text.partition(".")[2]) for text, v in values
    ]
    replaced = {(one.name, one.key) for one in given}
    kept = [v for v in results.values if v.period not in ("", label) or (v.name, v.party or v.key) not in replaced]
    results.values = [*kept, *given]


def open_single(contract: Contract, path: str | None) -> State | None:
    """The opening of a contract that is settled on its own."""
    if path is None:
        return None
    openings = read_openings(contract, path)
    own = {name: state for name, state in openings.items() if name in ("", contract.id)}
    if len(openings) == len(own) < 2:
        return next(iter(own.values()), None)
    from alliance.contract.faults import Fault, InputError, Mark
    from alliance.settlement.owned import some

    others = [name for name in openings if name not in own]
    hint = f'Leave the agreement empty, or name the contract, "{contract.id}".'
    message = "The opening has balances both with and without the contract's name."
    if others:
        of = f"the agreement {some(others)}" if len(others) == 1 else f"{len(others):,} agreements, {some(others, 5)}"
        message = f"The opening is of {of}, and this contract is settled on its own."
        if contract.key or path.lower().endswith(".json"):
            hint = "Give the table of agreements with --table; with --agreement NAME it is about one of them."
    raise InputError(Fault("AC123", message, Mark(path), hint))


def read_openings(contract: Contract, path: str) -> Mapping[str, State]:
    """Openings of a period by agreement: from saved settlements, or from a table of balances."""
    from alliance.cli.opening import balances_in, saved_in

    if path.lower().endswith(".json"):
        return saved_in(contract, path)
    return balances_in(contract, path)
