"""Answers to an instrument as records: what `--data` brings of an input that names one is scored before it counts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alliance.contract import entries as e
    from alliance.contract.contract import Contract
    from alliance.data.rows import Table
    from alliance.measures.instruments import Instrument, Person

FIRST = ("person", "date", "completion", "responded", "counts", "benefits", "harms")


def scored(item: e.Input, contract: Contract, answers: Table) -> Table:
    """A record for each person who was asked, with a field for each scale of the instrument, and the other columns of
    the answers as they are.

    Scores are to 12 decimals where they have no end. They are empty where there is none, and where somebody answered in
    a way that does not count.
    """
    from alliance.cli.folders import joined
    from alliance.data.rows import Table
    from alliance.measures.instruments import read_answers, score_people

    instrument = instrument_of(item, contract)
    people = score_people(instrument, read_answers(instrument, answers.columns, answers.rows, answers.mark()))
    made = [*FIRST, *instrument.scales]
    others = [column for column in answers.columns if column not in made and column not in instrument.items]
    rows = {row.mark(): row for row in answers.rows} if others else {}
    tables: dict[str, Table] = {}
    for person in people:
        mark = person.answered.mark
        file = tables.setdefault(mark.file, Table(mark.file, [*made, *others], answers.header_line, first=0))
        beside = [rows[mark].get(column) for column in others]
        file.rows.append(mark.line, (*_cells(instrument, person), *beside))
    return joined(answers.file, list(tables.values()))


def _cells(instrument: Instrument, person: Person) -> tuple[str | None, ...]:
    from alliance.contract.numbers import to_decimal_text

    of = person.answered
    values = (person.scores[name].value if person.counts else None for name in instrument.scales)
    first = (
        *(of.person, of.on.isoformat() if of.on else None, of.mode),
        *("yes" if of.responded else "no", "yes" if person.counts and of.responded else "no"),
        *(str(person.benefits), str(person.harms)),
    )
    return *first, *(None if value is None else to_decimal_text(value) for value in values)


def instrument_of(item: e.Input, contract: Contract) -> Instrument:
    """The instrument of an input: one that comes with the package, or a file in the contract's folder."""
    from alliance.measures.instruments import find_instrument, load_beside

    name = item.instrument
    if name.endswith((".yaml", ".yml")):
        return load_beside(os.path.dirname(contract.file) or os.curdir, name, item.mark)
    return find_instrument(name)
