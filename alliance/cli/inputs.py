"""`alliance inputs`: what a settlement needs, or a form to fill in that `alliance settle --inputs` reads back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from alliance.cli.common import keep_what_was_read, load, output_options, print_report, tell, write_json, write_rows

if TYPE_CHECKING:
    from alliance.contract.calendar import Period
    from alliance.contract.contract import Contract
    from alliance.contract.english.needs import Need
    from alliance.reports.model import Report, Section, Table

COLUMNS = ("kind", "name", "field", "title", "unit", "period", "key", "from", "due", "reads", "when_missing", "column")
_HEADINGS = {
    "figure": "Values",
    "measure": "Reported measures: a value, its cases and its status",
    "decision": "Decisions: yes or no from each who signs",
    "records": "Records",
    "events": "Events",
}


@click.command()
@click.argument("contract", metavar="CONTRACT")
@click.option("--period", metavar="PERIOD", help="What that period needs, as the contract then stands.")
@click.option("--template", metavar="FILE", help="Write a form to fill in: .csv, or .xlsx for records too.")
@click.option("--events", is_flag=True, help="Make the form one for events, which alliance settle --events reads.")
@click.option("--force", is_flag=True, help="Write the form over a file that is there.")
@output_options
def inputs(
    contract: str, period: str | None, template: str | None, events: bool, force: bool, form: str, output: str | None
) -> None:
    """What a settlement needs: each value, from whom and by when, how it is read, and what is done without it.

    With --template it writes a form instead; what is filled in is read back by alliance settle --inputs.
    """
    from alliance.contract.english.needs import needs

    if template is not None:
        _check_template(template, force, form, output)
    elif events:
        raise click.UsageError("--events makes a form for events, so it goes with --template.")
    loaded = load(contract)
    keep_what_was_read(template, "--template")
    over = _period(loaded, period)
    found = needs(loaded, over)
    if template is not None and events:
        _write_events(loaded, found, template)
    elif template is not None:
        _write_template(loaded, found, period, template)
    elif form == "json":
        label = over.label if over is not None else None
        write_json({"contract": loaded.id, "period": label, "inputs": [n.as_dict() for n in found]}, output)
    elif form == "csv":
        write_rows(COLUMNS, rows(found), output)
    else:
        print_report(report(loaded, found, over.label if over is not None else ""), form, output)


def _period(contract: Contract, label: str | None) -> Period | None:
    from alliance.cli.common import period_of

    return None if label is None else contract.period(period_of(contract, label))


def _check_template(path: str, force: bool, form: str, output: str | None) -> None:
    """What cannot be asked for together, and what would be lost."""
    from os.path import lexists

    if not path.lower().endswith((".csv", ".xlsx")):
        raise click.BadParameter(f"{path!r} is neither a .csv nor a .xlsx.", param_hint="'--template'")
    if output is not None or form != "table":
        raise click.UsageError("--template writes a form; it goes without --output and --format.")
    if lexists(path) and not force:
        said = f"{path} is there already, and may have been filled in. Name another file, or say --force."
        raise click.BadParameter(said, param_hint="'--template'")


def rows(found: Sequence[Need]) -> Iterator[tuple[str, ...]]:
    """A row for each value and for each field of records."""
    for n in found:
        tail = (n.supplied_by, n.due, n.reads, n.without, n.column)
        for period, key in n.rows:
            yield (n.kind, n.name, "", n.title, n.unit, period, key, *tail)
        for c in n.columns:
            holds = f"{c.holds}, may be empty" if c.optional else c.holds
            yield (n.kind, n.name, c.name, n.title, holds, "", "", *tail)


def report(contract: Contract, found: Sequence[Need], period: str) -> Report:
    """What is needed, as a report."""
    from alliance.reports import model as m

    sections: list[Section] = []
    for kind, heading in _HEADINGS.items():
        mine = [n for n in found if n.kind == kind]
        if kind in ("records", "events"):
            sections += _records(mine, heading)
        elif mine:
            sections.append(m.section(heading, _table(mine, kind)))
    facts = [("Contract", f"{contract.id}, {contract.file}"), ("Period", period)]
    notes = ["A form to fill in: --template FILE.csv or FILE.xlsx."] if found else ["It needs nothing to be brought."]
    return m.report(contract.title, "What a settlement needs", facts, sections, notes)


def _table(mine: Sequence[Need], kind: str) -> Table:
    from alliance.reports import model as m

    heads = ("Name", "What it is", "Unit", "For", "From", "Due", "Without it", "Notes")
    if kind == "decision":
        heads = ("Name", "What it is", "", "Signed by", "", "", "Needed", "")
    return m.table(heads, [_cells(n) for n in mine])


def _cells(n: Need) -> tuple[str, ...]:
    keys = list(dict.fromkeys(key for _, key in n.rows if key))
    periods = list(dict.fromkeys(period for period, _ in n.rows if period))
    each = "; ".join(x for x in (", ".join(keys), ", ".join(periods)) if x)
    if n.kind == "decision":
        many = len(n.rows)
        return (n.name, n.title, "", each, "", "", "all" if n.needed >= many else f"{n.needed} of {many}", "")
    notes = ". ".join(x.rstrip(".") for x in (n.reads, *n.remarks) if x)
    return (n.name, n.title, n.unit, each, n.supplier, n.due, n.without, notes)


def _records(mine: Sequence[Need], heading: str) -> Iterator[Section]:
    from alliance.reports import model as m

    if mine:
        yield m.section(heading)
    for n in mine:
        due = f", {n.due}" if n.due else ""
        supplied = f"From {n.supplier}{due}" if n.supplier else ""
        said = ". ".join(x.rstrip(".") for x in (supplied, *n.remarks, n.reads, f"Without them: {n.without}") if x)
        table = m.table(
            ("Field", "Holds", "May be empty"), [(c.name, c.holds, "yes" if c.optional else "") for c in n.columns]
        )
        yield m.section(f"{n.title} ({n.name})", m.Text(f"{said}."), table, level=2)


# the form


def form_of(found: Sequence[Need]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns and rows of the form. Columns that no row needs are left out."""
    periods = any(period for n in found for period, _ in n.rows)
    parties = any(n.by == "party" for n in found)
    keys = any(n.by not in ("", "party") for n in found)
    columns = ["name", "title", "unit", *(["period"] if periods else []), *(["party"] if parties else [])]
    timed = any(n.timed for n in found)
    columns += [*(["key"] if keys else []), "value", "status", "cases", *(["received"] if timed else [])]
    columns += ["from", "due", "note"]
    lines = []
    for n in found:
        for period, key in n.rows:
            cells = {
                "name": n.name,
                "title": n.title,
                "unit": n.unit,
                "period": period,
                "from": n.supplier,
                "due": n.due,
            }
            cells["party" if n.by == "party" else "key"] = key
            cells["note"] = _note(n, period)
            lines.append(tuple(cells.get(c, "") for c in columns))
    return tuple(columns), lines


def _note(n: Need, period: str) -> str:
    """What somebody who fills in a row wants to know."""
    said = [n.reads, *n.remarks]
    if n.kind == "decision":
        said = ["yes from each who signs"]
    if n.without.startswith("need not"):
        said.append("Need not be brought")
    if period:
        said.append(f"Take this row out if {period} is settled already and nothing has changed")
    return ". ".join(x.rstrip(".") for x in said if x)


def _write_template(contract: Contract, found: Sequence[Need], period: str | None, path: str) -> None:
    from alliance.data.write import write_template_csv, write_template_xlsx

    columns, lines = form_of(found)
    tables = {kind: _tables(found, kind) for kind in ("records", "events")}
    records, events = tables["records"], tables["events"]
    if path.lower().endswith(".xlsx"):
        write_template_xlsx(path, columns, lines, records | events)
    else:
        notes = [f"{contract.title} ({contract.id})"]
        notes += [f"What {period} needs"] if period else []
        notes += ["Fill in the column value. A row left empty says that the value is missing."]
        if records:
            notes.append(f"Records are brought beside this, with --data NAME=FILE: {', '.join(records)}")
        if events:
            notes.append(f"Events are brought beside this, with --events FILE: {', '.join(events)}")
        write_template_csv(path, columns, lines, notes)
    rest = f" Records are brought beside it, with --data NAME=FILE: {', '.join(records)}." if records else ""
    rest += f" Events are brought beside it, with --events FILE: {', '.join(events)}." if events else ""
    tell(f"Wrote {path}: {len(lines)} {'value' if len(lines) == 1 else 'values'} to fill in."
         + (rest if not path.lower().endswith(".xlsx") else ""))  # fmt: skip


def _tables(found: Sequence[Need], kind: str) -> dict[str, tuple[str, ...]]:
    return {n.name: tuple(c.name for c in n.columns) for n in found if n.kind == kind}


def _write_events(contract: Contract, found: Sequence[Need], path: str) -> None:
    """A form for events: a workbook with a sheet for each, or one table whose column `event` says which each row is."""
    from alliance.data.write import write_template_csv, write_template_xlsx

    events = _tables(found, "events")
    if not events:
        raise click.UsageError("The contract has no events and no duties.")
    if path.lower().endswith(".xlsx"):
        write_template_xlsx(path, (), (), events)
    else:
        fields = dict.fromkeys(field for columns in events.values() for field in columns)
        notes = [f"{contract.title} ({contract.id})", "One event a row. The column event says which it is:"]
        notes += [f"{name}: {', '.join(columns)}" for name, columns in events.items()]
        write_template_csv(path, ("event", *fields), (), notes)
    tell(f"Wrote {path}: {', '.join(events)}.")
