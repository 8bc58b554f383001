"""Rows of other periods in a table of agreements, the columns that a settlement needs, and whose records are whose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.contract import Contract
from alliance.contract.faults import InputError
from alliance.data.table import read_table
from alliance.settlement.agreements import Agreement, settle_agreement, settle_table
from alliance.settlement.state import State
from tests.settlement.helpers import contract, faults_of, moves

QUARTERS = """\
categories: {kind: [home, away]}
inputs:
  places: {unit: count}
  bonus: {unit: GBP, optional: true}
  list_size: {unit: count, over_periods: last, optional: true}
  whole: {unit: GBP, reads: {"": not applicable}, if: {not applicable: exclude, missing: exclude}}
  days: {unit: count, by: kind, optional: true}
measures:
  seen: {reported: percent, minimum: 10 cases, cases_column: seen_n, if: {not assessable: exclude, missing: exclude}}
figures:
  told: {is: list_size * 2}
  share: {is: "max(seen, 10%)"}
payments:
  pay: {pays_for: block, settles: quarterly, start: 10 GBP * places, from: icb, to: acute}
  year: {pays_for: outcome, settles: yearly, start: "max(whole, 1 GBP) * share", from: icb, to: acute}
"""


def table(folder: Path, *lines: str, name: str = "table.csv") -> Any:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return read_table(path)


def year(made: Contract, found: Any, period: str = "2026-27", **options: Any) -> list[Agreement]:
    return list(settle_table(made, period, found, ("id",), **options))


def quarters(made: Contract, folder: Path, places: int) -> dict[str, State]:
    """Agreements A and B after four quarters."""
    openings: dict[str, State] = {}
    for n in range(1, 5):
        rows = table(folder, "id,places", f"A,{places}", f"B,{places}")
        for one in year(made, rows, f"2026-27 Q{n}", openings=openings):
            assert one.settlement is not None
            openings[one.name] = one.settlement.closing
    return openings


def test_a_row_of_a_quarter_corrects_it_in_the_year(tmp_path: Path) -> None:
    made = contract(QUARTERS)
    openings = quarters(made, tmp_path, 3)
    rows = table(tmp_path, "id,period,whole,seen,seen_n,places", "A,2026-27 Q1,,,,4", "A,,500,50%,20,", "B,2026-27,,,,")
    first, second = year(made, rows, openings=openings)
    assert first.settlement is not None
    assert second.settlement is not None
    assert (first.line, moves(first.settlement)) == (2, ["icb -> acute 10.00 (true-up)", "icb -> acute 250.00"])
    assert moves(second.settlement) == ["icb -> acute 0.10"]
    alone = alliance.settle(
        made,
        "2026-27",
        {
            "places": None,
            "whole": "500",
            "seen": {"value": "50%", "cases": 20},
            "periods": {"2026-27 Q1": {"places": 4}},
        },
        openings["A"],
    )
    assert moves(alone) == moves(first.settlement)


def test_an_empty_cell_in_a_row_of_another_period_says_nothing(tmp_path: Path) -> None:
    made = contract(QUARTERS)
    rows = table(tmp_path, "id,Period,places,whole", "A,2026-27 Q1,4, ", "A,2026-27 Q2,5,", "A,2026-27,,")
    (found,) = year(made, rows)
    assert found.settlement is not None
    kept = {(k.period, k.name): k.status for k in found.settlement.closing.inputs}
    assert kept == {
        ("2026-27", "places"): "missing", ("2026-27", "whole"): "not applicable",
        ("2026-27 Q1", "places"): "measured", ("2026-27 Q2", "places"): "measured",
    }  # fmt: skip


def test_rows_of_periods_that_are_not_worked_out_are_told(tmp_path: Path) -> None:
    told: list[str] = []
    head = "id,period,places,list_size,whole"
    rows = ("A,2025-26 Q1,4,,", "A,2026-05,5,,", "A,2026-27 Q1,5,,", "A,,,,1", "B,2025-26 Q1,1,,")
    year(contract(QUARTERS), table(tmp_path, head, *rows), tell=told.append)
    later = "kept for later: the settlement of 2026-27 does not work that period out."
    assert told == [f"Note: 2 rows of 2025-26 Q1 are {later}"]
    told.clear()
    body = QUARTERS.replace(", over_periods: last", "")
    year(contract(body), table(tmp_path, head, *rows[1:4]), tell=told.append)
    assert told == [f"Note: 1 row of 2026-05 is {later}"]


def test_rows_of_periods_that_are_at_fault(tmp_path: Path) -> None:
    """Nobody knows which of two rows is meant, so the agreement is not settled, and stays as it was."""
    made, state = contract(QUARTERS), State()
    rows = table(tmp_path, "id,period,places", "A,2026-27 Q9,4", "A,,1", "B,2026-27 Q1,2", "B,2026-27 Q1,3", "C,x,lots")
    found = year(made, rows, openings={"A": state})
    told = [(a.name, a.line, a.closing is state, [str(f).replace(f"{tmp_path}/", "") for f in a.faults]) for a in found]
    assert [(name, line, kept, len(faults)) for name, line, kept, faults in told] == [
        ("A", 2, True, 1), ("B", 4, False, 1), ("C", 6, False, 1),
    ]  # fmt: skip
    assert told[0][3][0].startswith("table.csv:2:2: AC110 ")
    assert told[0][3][0].endswith(
        "The column period says which period a row is of: give it another name if that is not meant."
    )
    assert told[1][3] == ["table.csv:5: AC163 this agreement of 2026-27 Q1 stands at line 4 already. Keep one."]


def test_only_what_is_read_as_of_the_period_needs_a_column(tmp_path: Path) -> None:
    """In the year the quarters' places are kept; a header that is nearly theirs is told all the same."""
    body = QUARTERS.replace(
        "list_size: {unit: count, over_periods: last, optional: true}", "list_size: {unit: count, over_periods: last}"
    )
    made = contract(body)
    openings = quarters(made, tmp_path, 3)
    assert [a.faults for a in year(made, table(tmp_path, "id,whole", "A,5", "B,6"), openings=openings)] == [(), ()]
    (fault,) = faults_of(lambda: year(made, table(tmp_path, "id,whole,Places", "A,5,1"), openings=openings))
    assert fault.endswith('AC161 there is no column "places", which places is read from. Did you mean "Places"?')
    (fault,) = faults_of(lambda: year(made, table(tmp_path, "id,whole", "A,5"), "2026-27 Q1"))
    assert 'AC161 there is no column "places"' in fault
    monthly = made_monthly()
    (fault,) = faults_of(lambda: year(monthly, table(tmp_path, "id", "A"), "2026-04"))
    assert 'AC161 there is no column "lately"' in fault
    assert [a.faults for a in year(monthly, table(tmp_path, "id,lately", "A,5"), "2026-04")] == [()]
    lacking = faults_of(lambda: year(monthly, table(tmp_path, "id", "A")))
    assert [text.partition('column "')[2].partition('"')[0] for text in lacking] == ["places", "reported"]


def made_monthly() -> Contract:
    return contract("""\
    inputs: {places: {unit: count}, lately: {unit: GBP}, reported: {unit: count}}
    payments:
      pay: {pays_for: block, start: 10 GBP * places, on_account: {of_the_year: lately, each: month}, from: icb, to: acute}
    """)


def test_a_figure_without_payments_needs_its_column(tmp_path: Path) -> None:
    made = contract("inputs: {places: {unit: count}}\nfigures: {twice: {is: 2 * places}}\n")
    assert "AC161" in faults_of(lambda: year(made, table(tmp_path, "id", "A"), "2026-04"))[0]


def test_a_column_of_a_category_that_is_nearly_named_is_told(tmp_path: Path) -> None:
    rows = table(tmp_path, "id,places,days.home,Days away,period", "A,5,1,2,")
    (fault,) = faults_of(lambda: year(contract(QUARTERS), rows, "2026-27 Q1"))
    assert fault.endswith('AC161 there is no column "days.away", which days is read from. Did you mean "Days away"?')
    (found,) = year(contract(QUARTERS), table(tmp_path, "id,places,days.home", "A,5,1"), "2026-27 Q1")
    assert not found.faults


CHILDREN = """\
inputs:
  visits: {records: {who: id, on: optional date, cost: GBP}, key: who, dated: on}
  notes: {records: {who: optional id, cost: GBP}, key: who}
  prices: {records: {price: GBP}}
payments:
  p: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}
  q: {pays_for: outcome, start: sum(cost for notes), from: icb, to: acute}
"""


def visits(*names: str, on: str = "2026-05-01") -> list[dict[str, str]]:
    return [{"who": name, "on": on, "cost": "5"} for name in names]


def notes(*names: str) -> list[dict[str, str]]:
    return [{"who": name, "cost": "5"} for name in names]


def settled(folder: Path, **records: Any) -> tuple[list[Agreement], list[str]]:
    told: list[str] = []
    rows = table(folder, "id", "Y001", "Y002", ",")
    given = {"visits": [], "notes": [], **records}
    return year(contract(CHILDREN), rows, records=given, tell=told.append), told


def test_records_of_an_agreement_that_the_table_does_not_have(tmp_path: Path) -> None:
    names = ("Y001", "Y02", "Y02", "zebra", "a", "b", "c", "d", "d")
    found = faults_of(lambda: settled(tmp_path, visits=visits(*names), notes=notes("Y003")))
    assert found[0].startswith("AC165 visits: 8 records name 6 agreements that the table has no row for.")
    assert found[0].endswith("The first 5 are told.")
    told = [text.partition(" AC165 ")[2] for text in found[1:]]
    assert told[0] == 'notes: "Y003" is not an agreement of the table. Did you mean "Y002"?'
    assert told[1] == 'visits: "Y02" is not an agreement of the table, and 2 records name it. Did you mean "Y002"?'
    assert told[2].startswith('visits: "zebra" is not an agreement of the table. Give it a row in ')
    assert len(told) == 6


def test_records_of_other_periods_and_agreements_without_any_are_told(tmp_path: Path) -> None:
    old = visits("left", on="2025-05-01")
    found, told = settled(tmp_path, visits=[*old, *visits("Y001"), *visits("Y001", on="")], notes=notes("Y001", ""))
    assert [moves(a.settlement) for a in found if a.settlement is not None] == [
        ["icb -> acute 5.00", "icb -> acute 10.00"], ["icb -> acute 5.00"],
    ]  # fmt: skip
    assert told == [
        'Note: visits of other periods name agreements that the table has no row for: "left".',
        'Note: visits has nothing for "Y002".',
        'Note: notes has nothing for "Y002".',
    ]
    _, told = settled(tmp_path, visits=visits("Y001", "Y002"), notes=notes("Y002", "Y001"))
    assert told == []
    _, told = settled(tmp_path)
    assert told[0] == 'Note: visits has nothing for "Y001", "Y002".'


def test_duties_of_an_agreement_that_the_table_does_not_have(tmp_path: Path) -> None:
    made = contract(
        "payments: {p: {pays_for: block, start: 5 GBP, from: icb, to: acute}}\n"
        "rules: [{rule: r, when: 5 > 4, then: [{require: a report, of: acute, within: 5 days}]}]\n"
    )
    duty = {"duty": "a report", "party": "acute", "outcome": "met", "on": "2026-05-01", "agreement": "X1"}
    told: list[str] = []
    (fault,) = faults_of(lambda: year(made, table(tmp_path, "id", "X2"), records={"duties": [duty]}, tell=told.append))
    assert 'duties: "X1" is not an agreement of the table.' in fault
    assert year(made, table(tmp_path, "id", "X1", "X2"), records={"duties": [duty]}, tell=told.append)
    assert told == []


def test_one_agreement_of_a_table(tmp_path: Path) -> None:
    """As it settles among all of them, kept to be explained."""
    made = contract(QUARTERS)
    openings = quarters(made, tmp_path, 3)
    rows = table(tmp_path, "id,whole", "A,5", "B,6", "C,lots", "D,1")
    among = {a.name: a.settlement for a in year(made, rows, openings=openings)}
    alone, run = settle_agreement(made, "2026-27", rows, ("id",), "B", openings=openings)
    assert among["B"] is not None
    assert (alone.name, alone.digest) == (among["B"].name, among["B"].digest)
    assert alone.payment("year").waterfalls[0].lines[0].details
    assert run.paid["year"].net == alone.payment("year").net
    with pytest.raises(InputError, match="AC135"):
        settle_agreement(made, "2026-27", rows, ("id",), "C", openings=openings)
    with pytest.raises(InputError, match="AC141") as error:
        settle_agreement(made, "2026-27", rows, ("id",), "D", kind="final")
    (fault,) = error.value.faults
    assert (fault.mark.line if fault.mark else 0, fault.hint[:4]) == (5, "See ")
    with pytest.raises(InputError, match="AC166") as error:
        settle_agreement(made, "2026-27", rows, ("id",), "nobody", openings=openings)
    assert error.value.faults[0].hint == "It may be: A, B, C, D."


def test_cases_without_a_value_correct_nothing(tmp_path: Path) -> None:
    made = contract(QUARTERS)
    rows = table(tmp_path, "id,places,seen,seen_n,period", "A,3,80%,20,", "A,,,30,2026-27 Q1")
    (one,) = year(made, rows)
    assert [str(f) for f in one.faults] == [
        f"{tmp_path}/table.csv:3:4: AC135 seen of 2026-27 Q1 has cases, and no value. "
        "Give its value beside them, or leave both empty."
    ]
