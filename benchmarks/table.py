"""Many agreements under one contract, beside an exact hand-written Python function of the same rule."""

from __future__ import annotations

import csv
import statistics
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.timing import call_seconds, ratio, said

HOME = Path(__file__).parents[1] / "contracts" / "shared-savings"
FILE = HOME / "2023.csv"
_RATES = {"A": (40, 10, 0), "B": (40, 10, 0), "C": (50, 10, 1), "D": (50, 10, 2), "E": (50, 10, 4), "EN": (75, 20, 15)}


def by_hand(row: dict[str, str]) -> Fraction:
    """The rule of contracts/shared-savings written straight into exact Python, to compare with."""
    benchmark, spend, track = Fraction(row["ABtotBnchmk"]), Fraction(row["ABtotExp"]), row["Current_Track"]
    share, cap, limit = (Fraction(x, 100) for x in _RATES[track])
    difference = benchmark - spend
    if abs(difference) < _percent(row["MinSavPerc"]) * benchmark:
        return Fraction(0)
    quality = _percent(row["QualScore"])
    if difference > 0:
        if row["Met_QPS"] != "1":
            share = share * quality if row["Met_AltQPS"] == "1" else Fraction(0)
        return _cents(min(difference * share * Fraction(98, 100), cap * benchmark))
    if track in ("A", "B") or not difference:
        return Fraction(0)
    rate = min(max(1 - share * quality, Fraction(2, 5)), Fraction(3, 4)) if track == "EN" else Fraction(3, 10)
    loss = min(-difference * rate, limit * benchmark) - abs(Fraction(row["DisAdj"]))
    return -_cents(max(loss, Fraction(0)))


def _percent(text: str) -> Fraction:
    return Fraction(text.rstrip("%")) / 100


def _cents(amount: Fraction) -> Fraction:
    return Fraction(int(amount * 100 + Fraction(1, 2)), 100)


def _rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def run(runs: int) -> None:
    import alliance
    from alliance.data.table import read_table
    from alliance.settlement.agreements import settle_table

    contract = alliance.load(HOME)
    print(f"A table of {len(_rows())} agreements, processor time in one process:")

    def engine() -> list[Any]:
        return list(settle_table(contract, "2023", read_table(FILE), contract.key))

    def hand() -> list[Fraction]:
        return [by_hand(row) for row in _rows()]

    found = {a.name: a.settlement.payments[0].earned for a in engine() if a.settlement is not None}
    wrong = [row["ACO_ID"] for row in _rows() if by_hand(row) != found[row["ACO_ID"]]]
    if wrong:
        raise SystemExit(f"the contract and the hand-written function differ at {', '.join(wrong)}")
    print("  both come to the same cent for every agreement")
    said(
        "the contract",
        "the hand-written function, reading the file in both",
        ratio(lambda: call_seconds(engine), lambda: call_seconds(hand), runs),
    )
    read = statistics.median(call_seconds(lambda: read_table(FILE)) for _ in range(runs))
    load = statistics.median(call_seconds(lambda: alliance.load(HOME)) for _ in range(runs))
    every = statistics.median(call_seconds(engine) for _ in range(runs))
    whole = load + every
    print(f"  shares: load the contract {load / whole:.0%}, read the table {read / whole:.0%}, ", end="")
    print(f"settle {(every - read) / whole:.0%}")
    _growth(contract)


def _growth(contract: Any) -> None:
    """Cost against the number of agreements: the published table over and over under new names."""
    from alliance.data.table import read_table
    from alliance.settlement.agreements import settle_table

    table = read_table(FILE)
    first: float = 0
    for times in (1, 4, 16):
        copies = _Copies(table, times)
        spent = call_seconds(lambda c=copies: [None for _ in settle_table(contract, "2023", c, contract.key)])  # type: ignore[misc]
        each = spent / (times * len(table.rows))
        first = first or each
        count = times * len(table.rows)
        print(f"  {count:>6} agreements: {each / first:.2f} times the cost of one among the first {len(table.rows)}")


class _Copies:
    """A table repeated under new names."""

    def __init__(self, table: Any, times: int) -> None:
        self.columns, self.mark = table.columns, table.mark
        self.rows = [_Copy(row, n) for n in range(times) for row in table.rows]


class _Copy:
    def __init__(self, row: Any, number: int) -> None:
        self.row, self.number, self.line, self.mark = row, number, row.line, row.mark

    def get(self, column: str) -> str | None:
        text: str | None = self.row.get(column)
        return f"{text}-{self.number}" if column == "ACO_ID" else text
