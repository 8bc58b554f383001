"""Records by the agreement that their key names, and those whose agreement the table does not have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from alliance.contract.build.whole import Built
from alliance.contract.calendar import Period
from alliance.contract.faults import Faults, InputError, Mark, did_you_mean
from alliance.settlement.brought import Brought, Record
from alliance.settlement.duties import NAME as DUTIES

MOST_TOLD = 5  # names of each kind of record
MOST_LISTED = 20  # agreements in a note


@dataclass(frozen=True, slots=True)
class Owners:
    """The agreements that records of one kind name: how many of each are of the period, and how many of others. The
    place is that of the first one of the period, where records are in a file that is read."""

    inside: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)


def by_agreement(built: Built, common: Brought) -> dict[str, dict[str, tuple[Record, ...]]]:
    """Child rows by the agreement that their key names; those that name none are of every agreement."""
    found: dict[str, dict[str, tuple[Record, ...]]] = {}
    for name, rows in common.records.items():
        key = "agreement" if name == DUTIES else built.inputs[name].key
        if key:
            groups: dict[str, list[Record]] = {}
            for record in rows:
                groups.setdefault(str(record.fields[key] or ""), []).append(record)
            found[name] = {k: tuple(v) for k, v in groups.items()}
    return found


def owners(built: Built, over: Period, name: str, groups: Mapping[str, tuple[Record, ...]]) -> Owners:
    """Whose the records of a kind are."""
    item = built.inputs.get(name)
    dated, found = item.dated if item is not None else "", Owners()
    for agreement, rows in groups.items():
        for record in rows if agreement else ():
            day = record.fields[dated] if dated else None
            own = found.outside if isinstance(day, date) and day not in over else found.inside
            own[agreement] = own.get(agreement, 0) + 1
            if own is found.inside:
                found.marks.setdefault(agreement, record.mark)
    return found


def check(
    built: Built, found: Mapping[str, Owners], known: Collection[str], place: str, tell: Callable[[str], None]
) -> None:
    """Refuse records of agreements that the table has no row for. Those of other periods are only told of, for a
    register may go back to agreements that have left, and so is an agreement without any. Raises `InputError`."""
    faults = Faults()
    for name, one in found.items():
        strays = {agreement: count for agreement, count in one.inside.items() if agreement not in known}
        for agreement in list(strays)[:MOST_TOLD]:
            what = f'{name}: "{agreement[:60]}" is not an agreement of the table{_counted(strays[agreement])}.'
            hint = did_you_mean(agreement, known) or f"Give it a row in {place}, or take its records out."
            faults.add("AC165", one.marks.get(agreement), what, hint)
        if len(strays) > MOST_TOLD:
            total = sum(strays.values())
            what = f"{name}: {total:,} records name {len(strays):,} agreements that the table has no row for."
            faults.add("AC165", None, what, f"The first {MOST_TOLD} are told.")
    faults.raise_if_any(InputError)
    for note in _notes(built, found, known):
        tell(note)


def _counted(number: int) -> str:
    return f", and {number:,} records name it" if number > 1 else ""


def _notes(built: Built, found: Mapping[str, Owners], known: Collection[str]) -> Iterator[str]:
    for name, one in found.items():
        gone = [agreement for agreement in one.outside if agreement not in known]
        if gone:
            yield f"Note: {name} of other periods name agreements that the table has no row for: {some(gone)}."
        item = built.inputs.get(name)
        if item is None or item.kind == "events":
            continue
        without = [agreement for agreement in known if agreement not in one.inside and agreement not in one.outside]
        if without:
            yield f"Note: {name} has nothing for {some(without)}."


def some(names: Collection[str], most: int = MOST_LISTED) -> str:
    """Names in a row, the first of them where there are many."""
    shown = [f'"{name[:60]}"' for name in list(names)[:most]]
    return ", ".join(shown) + (f" and {len(names) - most:,} more" if len(names) > most else "")
