"""Many agreements under one contract: one a row of a table, each settled on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypedDict, Unpack

from alliance.contract.calendar import Period
from alliance.contract.contract import Contract
from alliance.contract.faults import MOST_TOLD, Fault, Faults, InputError, Mark, did_you_mean, one_of
from alliance.rules.matcher.run import EngineName
from alliance.settlement import owned, tabled
from alliance.settlement.brought import Brought, Cell, bring
from alliance.settlement.records import Source
from alliance.settlement.result import Settlement
from alliance.settlement.run import Run
from alliance.settlement.settle import check_examples, settle_run
from alliance.settlement.settling import Settling
from alliance.settlement.state import State
from alliance.settlement.tabled import TableLike

if TYPE_CHECKING:
    from alliance.measures.asked import Ask
    from alliance.measures.plan import Tallied


class Counting(Protocol):
    """Records that are counted where they are, for all agreements together (`alliance.measures.many`)."""

    @property
    def source(self) -> Source: ...
    @property
    def owners(self) -> owned.Owners: ...
    def tallies(self, asked: Mapping[str, Sequence[Ask]]) -> Mapping[str, Tallied]: ...


class Given(TypedDict, total=False):
    """What agreements are settled from beside their table.

    `values` are given to every agreement, and so are `records` (tables by name); of records that declare a `key` an
    agreement has only those of its own name. Records in `counted` are not brought themselves: what measures count of
    them is asked for all agreements at once. `extracted` says on which days records were extracted. `openings` are by
    agreement. What does not stop a settlement and should be known is told to `tell`, a line at a time.
    """

    openings: Mapping[str, State] | None
    as_of: date | None
    kind: str
    values: Mapping[str, str] | None
    records: Mapping[str, Any] | None
    extracted: Mapping[str, str] | None
    counted: Mapping[str, Counting] | None
    rules_engine: EngineName | None
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement settled, or why it could not be. `closing` is its next opening: one that is not settled keeps its
    own."""

    name: str
    line: int
    settlement: Settlement | None
    faults: tuple[Fault, ...] = ()
    closing: State | None = None


def settle_table(
    contract: Contract, period: str, table: TableLike, key: Sequence[str], **given: Unpack[Given]
) -> Iterator[Agreement]:
    """Settle each agreement of a table by itself, in the table's order.

    An agreement is named by its key columns joined with `/`. Columns are matched to inputs and reported measures by
    name, or by the `column` that they declare (`name.party` for one by party). A column `period` says which period a
    row is of; rows of another period than that of the settlement bring what their agreement had in it. An agreement
    that cannot be settled comes back with its faults, the others still settle. Raises `InputError` where the table as a
    whole cannot be read, and where records name an agreement that it has no row for.
    """
    found = _Table.of(contract, period, table, key, given)
    return (found.settled(one) for one in found.counted(list(found.listed)))


def settle_agreement(
    contract: Contract, period: str, table: TableLike, key: Sequence[str], name: str, **given: Unpack[Given]
) -> tuple[Settlement, Run]:
    """The settlement of one agreement of a table as `settle_table` settles it, kept to be explained, and the run that
    it came from. Raises `InputError` where it cannot be settled, or the table has no such agreement."""
    found = _Table.of(contract, period, table, key, given)
    chosen = next((one for one in found.listed if one.name == name and not one.stray), None)
    if chosen is None:
        names = [one.name for one in found.listed if not one.stray]
        what = f'"{name[:60]}" is not an agreement of the table.'
        raise InputError(Fault("AC166", what, table.mark(), did_you_mean(name, names) or one_of(names)))
    (row,) = found.counted([chosen])
    if row.faults:
        raise InputError(row.faults)
    return found.run(row, keep=True)


@dataclass(slots=True)
class _Row:
    """An agreement with what it is brought, or why that cannot be read."""

    name: str
    line: int
    mark: Mark
    opening: State | None
    brought: Brought = field(default_factory=Brought)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that was read so far as it is the same for all agreements."""

    contract: Contract
    over: Period
    table: TableLike
    columns: tabled.Columns
    listed: Sequence[tabled.Listed]
    common: Brought
    children: Mapping[str, Mapping[str, Any]]
    given: Given
    faulty: set[int] = field(default_factory=set)  # lines of agreements with faults, so that hints end after some

    @classmethod
    def of(cls, contract: Contract, period: str, table: TableLike, key: Sequence[str], given: Given) -> _Table:
        """Everything that can be wrong with the table as a whole is told here."""
        check_examples(contract)
        over = contract.period(period)
        built = contract.on(over.start, given.get("as_of") or max(over.end, contract.built.start))
        values = _values(given.get("values") or {})
        common = bring(built, _Common(values, dict(given.get("records") or {}), dict(given.get("extracted") or {})))
        columns = tabled.match(built, over, table, key, common)
        listed = tabled.listed(built, over, table, key, columns)
        children = owned.by_agreement(built, common)
        counted = given.get("counted") or {}
        owners = {name: owned.owners(built, over, name, groups) for name, groups in children.items()}
        owners |= {name: one.owners for name, one in counted.items() if built.inputs[name].key}
        known = dict.fromkeys(one.name for one in listed if not one.stray)
        tell = given.get("tell") or (lambda text: None)
        owned.check(built, owners, known, table.mark().file, tell)
        for note in tabled.unread(built, over, listed, columns):
            tell(note)
        return cls(contract, over, table, columns, listed, common, children, given)

    @property
    def known(self) -> date:
        """The day whose variations are known."""
        return self.given.get("as_of") or max(self.over.end, self.contract.built.start)

    def read(self, one: tabled.Listed) -> _Row:
        """An agreement with what its rows and records bring."""
        mark = Mark(self.table.mark().file, one.line)
        opening = None if one.stray else (self.given.get("openings") or {}).get(one.name)
        faults = Faults(brief=len(self.faulty) >= MOST_TOLD)
        faults.extend(one.faults)
        brought = tabled.brought(self.table, one, self.columns, self.common, faults)
        for child, groups in self.children.items():
            brought.records[child] = (*groups.get(one.name, ()), *groups.get("", ()))
        if faults:
            self.faulty.add(one.line)
        return _Row(one.name, one.line, mark, opening, brought, tuple(faults))

    def counted(self, chosen: Sequence[tabled.Listed]) -> Iterator[_Row]:
        """Agreements as they are read. What measures count of records that are elsewhere is asked for all of them
        before any is settled."""
        rows, counted = map(self.read, chosen), self.given.get("counted") or {}
        return iter(self._tallied(list(rows), counted)) if counted else rows

    def _tallied(self, rows: list[_Row], counted: Mapping[str, Counting]) -> list[_Row]:
        from alliance.settlement.asking import asks

        good, final = [one for one in rows if not one.faults], self.given.get("kind") == "final"
        for name, counting in counted.items():
            settling = {
                one.name: Settling(
                    self.contract, self.over, one.brought, one.opening or State(), self.known, final, False
                )
                for one in good
            }
            found = counting.tallies({one: asks(each, name) for one, each in settling.items()})
            for one in good:
                one.brought.tallies.update(found[one.name])
                one.brought.sources[name] = replace(counting.source, extracted=one.brought.source(name).extracted)
        return rows

    def settled(self, row: _Row) -> Agreement:
        """What an agreement comes to."""
        if row.faults:
            return Agreement(row.name, row.line, None, row.faults, row.opening)
        try:
            settlement, _ = self.run(row)
        except InputError as error:
            return Agreement(row.name, row.line, None, error.faults, row.opening)
        return Agreement(row.name, row.line, settlement, (), settlement.closing)

    def run(self, row: _Row, keep: bool = False) -> tuple[Settlement, Run]:
        """Settle an agreement. What is at fault is told with the place of its row."""
        given = self.given
        try:
            return settle_run(
                self.contract,
                self.over,
                row.brought,
                row.opening,
                as_of=given.get("as_of"),
                kind=given.get("kind", "provisional"),
                keep=keep,
                rules_engine=given.get("rules_engine"),
            )
        except InputError as error:
            raise InputError(tabled.at_row(fault, row.mark) for fault in error.faults) from None


@dataclass(frozen=True, slots=True)
class _Common:
    """What every agreement is brought, in the shape of results read from a file."""

    values: list[Cell]
    records: dict[str, Any]
    extracted: dict[str, str]


def _values(values: Mapping[str, str]) -> list[Cell]:
    found = []
    for name, text in values.items():
        base, _, key = name.partition(".")
        found.append(Cell(base, text, Mark("--set"), key=key))
    return found
