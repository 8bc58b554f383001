"""Many agreements under one contract: one a row of a table, each settled on its own, those at fault told apart."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import Mark
from alliance.data.table import read_table
from alliance.settlement.agreements import Agreement, settle_table
from alliance.settlement.state import State
from tests.settlement.helpers import contract, earned, faults_of, moves

BODY = """\
categories: {kind: [home, away]}
decisions: {agreed: {signed_by: [icb]}}
terms: {share: {unit: percent, by: kind, value: {home: 50%, away: 20%}}}
inputs:
  spend: {unit: GBP, column: Total spend, at_most: 1_000}
  kind: {one_of: kind}
  bonus: {unit: GBP, optional: true}
  met: {unit: boolean, if: {missing: no}}
  n: {unit: count, by: provider, optional: true}
  factor: {unit: percent, if: {missing: exclude}}
measures:
  m: {reported: percent, minimum: 10, column: rate, cases_column: rate_cases, if: {not assessable: exclude, missing: exclude}}
figures:
  lift: {is: "max(factor, 10%)"}
payments:
  p:
    pays_for: outcome
    start: spend
    steps: [{multiply: share}, {add: 5 GBP, when: met}]
    from: icb
    to: acute
"""


def table(folder: Path, *lines: str) -> Any:
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_table(path)


def settled_rows(made: Contract, found: Any, key: Any = ("id",), **options: Any) -> list[Agreement]:
    return list(settle_table(made, "2026-27", found, key, **options))


def test_each_row_is_an_agreement(tmp_path: Path) -> None:
    found = settled_rows(
        contract(BODY), table(tmp_path, "id,Total spend,kind,met", "A,100,home,", "B,100,away,yes", "C,,home,no")
    )
    assert [(a.name, a.line, a.faults) for a in found] == [("A", 2, ()), ("B", 3, ()), ("C", 4, ())]
    a, b, c = (x.settlement for x in found)
    assert a is not None
    assert b is not None
    assert c is not None
    assert (moves(a), moves(b), c.payment("p").reasons) == (
        ["icb -> acute 50.00"], ["icb -> acute 25.00"], ("spend is missing",),
    )  # fmt: skip
    assert a.payment("p").waterfalls[0].lines[0].details == ()  # nothing is kept to explain them all


def test_an_agreement_settles_as_it_does_alone(tmp_path: Path) -> None:
    made = contract(BODY)
    (row,) = settled_rows(made, table(tmp_path, "id,Total spend,kind,met", "A,100,home,yes"))
    alone = alliance.settle(made, "2026-27", {"spend": "100", "kind": "home", "met": "yes"})
    assert row.settlement is not None
    assert (row.settlement.name, row.settlement.digest) == (alone.name, alone.digest)


def test_an_agreement_is_named_by_its_key_columns(tmp_path: Path) -> None:
    found = settled_rows(
        contract(BODY), table(tmp_path, "a,b,Total spend,kind", "x,1,100,home", "x, 2 ,100,home"), ("a", "b")
    )
    assert [a.name for a in found] == ["x/1", "x/2"]


def test_rows_at_fault_are_told_and_the_others_still_settle(tmp_path: Path) -> None:
    found = settled_rows(
        contract(BODY),
        table(
            tmp_path,
            "id,Total spend,kind",
            "A,100,home",
            ",100,home",
            "A,100,home",
            "B,lots,hom",
            "C,2000,home",
            "D,5,away",
        ),
    )
    assert [(a.name, a.settlement is not None) for a in found] == [
        ("A", False), ("", False), ("B", False), ("C", False), ("D", True),
    ]  # fmt: skip
    told = [[str(f).replace(f"{tmp_path}/", "") for f in a.faults] for a in found]
    assert told == [
        ["table.csv:4: AC163 this agreement stands at line 2 already. Keep one."],
        ["table.csv:3: AC162 the row has no id."],
        [
            'table.csv:5:2: AC135 spend: "lots" is not a number. Leave it empty, or write missing, where nothing is known.',
            'table.csv:5:3: AC135 kind: "hom" is not one of home, away. Did you mean "home"?',
        ],
        ["table.csv:6:2: AC135 spend: 2,000.00 is above the most it may be, 1,000.00."],
        [],
    ]


def test_a_row_that_cannot_be_final(tmp_path: Path) -> None:
    found = settled_rows(contract(BODY), table(tmp_path, "id,Total spend,kind", "A,,home", "B,5,home"), kind="final")
    assert [a.settlement is None for a in found] == [True, False]
    assert "AC141" in str(found[0].faults[0])


def test_a_fault_without_a_place_is_told_at_its_row(tmp_path: Path) -> None:
    (found,) = settled_rows(
        contract(BODY), table(tmp_path, "id,Total spend,kind", "A,5,home"), openings={"A": State({"nothing": {"": 1}})}
    )
    assert [str(f).replace(f"{tmp_path}/", "") for f in found.faults] == [
        'table.csv:2: AC121 the opening has a balance of "nothing", which is not an account.'
    ]


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    made = contract(BODY.replace("n: {unit: count, by: provider, optional: true}", "n: {unit: count, by: provider}"))
    found = faults_of(lambda: settled_rows(made, table(tmp_path, "ident,Total,colour", "A,5,home"), ("id",)))
    assert [f.replace(f"{tmp_path}/", "") for f in found] == [
        'table.csv:1: AC160 the key column "id" is not in the table. It may be: ident, Total, colour.',
        'table.csv:1: AC161 there is no column "Total spend", which spend is read from. Did you mean "Total"?',
        'table.csv:1: AC161 there is no column "kind", which kind is read from. It may be: ident, Total, colour.',
        'table.csv:1: AC161 there is no column "n.acute", which n is read from.',
    ]


def test_a_key_that_is_nearly_one(tmp_path: Path) -> None:
    found = faults_of(lambda: settled_rows(contract(BODY), table(tmp_path, "idd,Total spend,kind", "A,5,home")))
    assert found[0].endswith('AC160 the key column "id" is not in the table. Did you mean "idd"?')


def test_a_column_of_nearly_the_name_of_one_that_may_lack_is_not_lost(tmp_path: Path) -> None:
    (fault,) = faults_of(
        lambda: settled_rows(contract(BODY), table(tmp_path, "id,Total spend,kind,Bonus", "A,5,home,7"))
    )
    assert fault.endswith('AC161 there is no column "bonus", which bonus is read from. Did you mean "Bonus"?')


def test_measures_with_their_cases_and_values_by_party(tmp_path: Path) -> None:
    rows = table(
        tmp_path, "id,Total spend,kind,rate,rate_cases,n.acute,n.live_in", "A,5,home,50%,9,1,2", "B,5,home,50%,10,,"
    )
    found = settled_rows(
        contract(BODY + "  q: {pays_for: outcome, start: 1 GBP * n by acute, from: icb, to: acute}\n"), rows
    )
    first, second = (a.settlement for a in found)
    assert first is not None
    assert second is not None
    assert [(m.status, m.cases) for m in (*first.measures, *second.measures)] == [
        ("not assessable", 9),
        ("measured", 10),
    ]
    assert (earned(first, "q"), second.payment("q").reasons) == (1, ("n for acute is missing",))


def test_values_that_are_given_to_every_agreement(tmp_path: Path) -> None:
    made = contract(BODY + "  q: {pays_for: outcome, start: 1 GBP * n by acute, when: agreed, from: icb, to: acute}\n")
    found = settled_rows(
        made,
        table(tmp_path, "id,Total spend", "A,100", "B,50"),
        values={"kind": "home", "n.acute": "3", "agreed": "yes", "factor": "20%"},
    )
    settlements = [a.settlement for a in found]
    assert [moves(s) for s in settlements if s is not None] == [
        ["icb -> acute 50.00", "icb -> acute 3.00"], ["icb -> acute 25.00", "icb -> acute 3.00"],
    ]  # fmt: skip
    assert [s.figure("lift") for s in settlements if s is not None] == [Fraction(1, 5)] * 2
    assert "AC130" in faults_of(lambda: settled_rows(made, table(tmp_path, "id", "A"), values={"nothing": "1"}))[0]


CHILDREN = """\
accounts: {pool: {}}
inputs:
  visits: {records: {who: id, cost: GBP}, key: who}
  prices: {records: {price: GBP}}
payments:
  p: {pays_for: outcome, each: visits, start: cost, from: icb, to: pool}
  q: {pays_for: outcome, start: "sum(price for prices) + pool.opening", from: icb, to: acute}
"""


def test_child_rows_by_the_agreement_that_they_name(tmp_path: Path) -> None:
    visits = [{"who": "A", "cost": "5"}, {"who": "B", "cost": "7"}, {"who": "A", "cost": "1"}]
    found = settled_rows(
        contract(CHILDREN),
        table(tmp_path, "id", "A", "B", "C"),
        records={"visits": visits, "prices": [{"price": "2"}, {"price": "3"}]},
        openings={"B": State({"pool": {"": 100}})},
    )
    assert [moves(a.settlement) for a in found if a.settlement is not None] == [
        ["icb -> pool 6.00", "icb -> acute 5.00"],
        ["icb -> pool 7.00", "icb -> acute 105.00"],
        ["icb -> acute 5.00"],
    ]


def test_columns_named_for_each_party(tmp_path: Path) -> None:
    body = """\
    inputs: {n: {unit: count, by: provider, column: {acute: Acute beds}}}
    measures: {m: {reported: percent, by: provider, minimum: 5, column: rate, cases_column: seen}}
    figures: {all: {is: sum(n else 0 for provider)}}
    """
    rows = table(tmp_path, "id,Acute beds,n.community,rate.acute,seen.acute", "A,3,4,10%,4")
    (found,) = settled_rows(contract(body), rows)
    assert found.settlement is not None
    assert found.settlement.figure("all") == 7
    assert [(m.key, m.status, m.cases) for m in found.settlement.measures] == [
        ("acute", "not assessable", 4), ("community", "missing", None), ("live_in", "missing", None),
    ]  # fmt: skip


def test_a_period_or_a_contract_that_is_at_fault(tmp_path: Path) -> None:
    rows = table(tmp_path, "id,Total spend,kind", "A,5,home")
    with pytest.raises(alliance.InputError):
        list(settle_table(contract(BODY), "2040-41", rows, ("id",)))
    wrong = contract(BODY + "examples: [{title: W, period: 2026-27, given: {}, expect: {p.earned: 5}}]\n")
    with pytest.raises(alliance.ContractError):
        settle_table(wrong, "2026-27", rows, ("id",))


class Row:
    """A row of a table that no file holds."""

    def __init__(self, line: int, cells: dict[str, str | None]) -> None:
        self.line, self.cells = line, cells

    def get(self, column: str) -> str | None:
        return self.cells.get(column)

    def mark(self, column: str | None = None) -> Mark:
        return Mark("memory", self.line)


class Memory:
    """A table that no file holds."""

    columns = ("id", "Total spend", "kind")

    def __init__(self, *rows: tuple[str, ...]) -> None:
        self.rows = [Row(n, dict(zip(self.columns, cells, strict=True))) for n, cells in enumerate(rows, 1)]

    def mark(self, column: str | None = None) -> Mark:
        return Mark("memory")


def test_any_table_of_this_shape_will_do() -> None:
    (found,) = settled_rows(contract(BODY), Memory(("A", "100", "home")))
    assert found.settlement is not None
    assert earned(found.settlement) == 50
