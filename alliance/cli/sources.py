"""Where records come from on the command line: a file that is read into memory, or what an engine reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alliance.contract import entries as e
    from alliance.contract.faults import Fault


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking one source of records came to."""

    records: int
    faulty: int
    first: date | None
    last: date | None
    faults: tuple[Fault, ...]

    def cells(self) -> tuple[str, ...]:
        days = ("" if day is None else day.isoformat() for day in (self.first, self.last))
        return (str(self.records), str(self.faulty), *days)


def checked(item: e.Input, file: str) -> Checked:
    """Check the records of a file against their declaration."""
    from dataclasses import replace

    from alliance.contract.faults import Faults
    from alliance.data.table import read_table
    from alliance.settlement.records import read_records

    faults = Faults()
    table = read_table(file)
    stopping = replace(item, faulty="stop")
    found = read_records(stopping, table, faults)
    days = [d for r in found.records if item.dated and isinstance(d := r.fields[item.dated], date)]
    faulty = len(table.rows) - len(found.records)
    return Checked(len(found.records), faulty, min(days, default=None), max(days, default=None), tuple(faults))
