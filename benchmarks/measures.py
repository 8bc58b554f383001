"""Counting records in an engine, beside the same queries written by hand and the time to decode the columns.

Every number is of processor time, in one run and one process, so read the ratios.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.measures.asked import Ask
from alliance.measures.connected import opened
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.measures.spans import window
from alliance.settlement.reading import read_field

PROVIDERS = tuple(f"p{n}" for n in range(20))
QUARTERS = ("2026-27 Q1", "2026-27 Q2", "2026-27 Q3", "2026-27 Q4")
TESTS = (  # ten measures: their test and what is left out, as formulas and as SQL
    ("left - entered <= 30 days", "palliative", '"left" - entered <= 30', "palliative"),
    ("mood >= 4", "", "mood >= 4", ""),
    ("cost > 500.00 GBP", "palliative", "cost > 500.00", "palliative"),
    ("safe and mood >= 3", "", "safe and mood >= 3", ""),
    ("wait <= 48 hours", "", "wait <= 48", ""),
    ("level = high", "palliative", "level = 'high'", "palliative"),
    ("left is known", "", '"left" is not null', ""),
    ("not safe", "", "not safe", ""),
    ("level in (low, middle) and cost <= 250.00 GBP", "", "level in ('low', 'middle') and cost <= 250.00", ""),
    ("left - entered > 7 days and safe", "palliative", '"left" - entered > 7 and safe', "palliative"),
)
POPULATIONS = ("", "safe", "mood >= 2", "level = low", "not palliative")
FIELDS = (
    "person: id, home: party, entered: date, left: optional date, cost: GBP, wait: hours, level: [low, middle, high], "
    "safe: boolean, palliative: boolean, mood: likert 5"
)


def contract(measures: str) -> Contract:
    parties = "".join(f"  {p}: {{name: {p}, role: provider}}\n" for p in PROVIDERS)
    return alliance.loads(
        "alliance: 1\n"
        "contract: {id: bench, title: Bench, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}\n"
        f"parties:\n{parties}inputs:\n  visits: {{records: {{{FIELDS}}}, dated: entered}}\nmeasures:\n{measures}"
    )


def ten() -> str:
    lines = []
    for n, (where, out, *_) in enumerate(TESTS):
        excluding = f", excluding: {out}" if out else ""
        lines.append(f'  m{n}: {{proportion: {{of: visits, where: "{where}"{excluding}}}, by: provider}}\n')
    return "".join(lines)


def fifty() -> str:
    lines = []
    for at, among in enumerate(POPULATIONS):
        for n, (where, *_) in enumerate(TESTS):
            some = f', among: "{among}"' if among else ""
            lines.append(f'  m{at}_{n}: {{proportion: {{of: visits, where: "{where}"{some}}}, by: provider}}\n')
    return "".join(lines)


def write(path: Path, rows: int) -> None:
    """Invented events as Parquet."""
    import duckdb

    duckdb.sql(
        f"""
        COPY (
          SELECT 'p' || (hash(i) % 400000) AS person, 'p' || (hash(i + 1) % 20) AS home,
            DATE '2026-04-01' + (hash(i + 2) % 365)::INTEGER AS entered,
            CASE WHEN hash(i + 3) % 5 < 3 THEN DATE '2026-04-01' + ((hash(i + 2) % 365) + hash(i + 4) % 90)::INTEGER END
              AS "left",
            ((hash(i + 5) % 100000) / 100)::DECIMAL(10, 2) AS cost, (hash(i + 6) % 96)::DECIMAL(6, 1) AS wait,
            ['low', 'middle', 'high'][1 + (hash(i + 7) % 3)::INTEGER] AS level, hash(i + 8) % 4 > 0 AS safe,
            hash(i + 9) % 20 = 0 AS palliative, (1 + hash(i + 10) % 5)::TINYINT AS mood
          FROM range({rows}) AS t(i)
        ) TO '{path}' (FORMAT parquet)
        """
    )


def by_hand(path: Path, populations: tuple[str, ...] = ("",)) -> list[str]:
    """The same counts as somebody would write them for DuckDB: one query a population, sums of predicates."""
    found = []
    for among in populations:
        sums = []
        for n, (_, _, where, out) in enumerate(TESTS):
            out = out if populations == ("",) else ""
            case = f"NOT {out} AND " if out else ""
            sums.append(f"sum(({case}{where})::INT) AS h{n}")
            if out:
                sums.append(f"sum({out}::INT) AS x{n}")
        where = among.replace("level = low", "level = 'low'")
        clause = f"WHERE {where}" if among else ""
        found.append(
            f"SELECT home, quarter(entered) AS q, count(*) AS n, {', '.join(sums)} FROM '{path}' {clause} GROUP BY 1, 2"
        )
    return found


def asks(made: Contract) -> list[Ask]:
    found = []
    for label in QUARTERS:
        period = made.period(label)
        built = made.on(period.start, period.end)
        for m in built.measures.values():
            assert m.counted is not None
            span = window(m, period, built.calendar, built.start)
            env: Any = DatedEnv(built.terms, period.start)
            found.append(Ask(m.name, label, m.counted, m.keys, span, made.built.end, env))
    return found


def processor(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Processor and wall seconds of some work, and its result."""
    before, start = time.process_time(), time.monotonic()
    found = work()
    return time.process_time() - before, time.monotonic() - start, found


def count(made: Contract, path: Path, store: Store) -> tuple[float, float, Prepared]:
    """The measures alone, once records are checked."""
    prepared = Prepared(made.built.inputs["visits"], opened(str(path)), read_field, store)
    prepared.check()
    wanted = asks(made)
    prepared.tallies(wanted)  # renders
    own, wall, _ = processor(lambda: prepared.tallies(wanted))
    return own, wall, prepared


def run(rows: int) -> list[tuple[str, str]]:
    """Lines of a report."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write(path, rows)
        connection = duckdb.connect()
        store = Store()
        names = ("person", "home", "entered", '"left"', "cost", "wait", "level", "safe", "palliative", "mood")
        decode = f"SELECT {', '.join(f'bit_xor(hash({name}))' for name in names)} FROM '{path}'"
        connection.execute(decode).fetchall()
        decoding, _, _ = processor(lambda: connection.execute(decode).fetchall())
        hand, _, _ = processor(lambda: [connection.execute(q).fetchall() for q in by_hand(path)])
        made = contract(ten())
        own, wall, prepared = count(made, path, store)
        checking, _, _ = processor(
            lambda: Prepared(made.built.inputs["visits"], opened(str(path)), read_field, store).check()
        )
        hand50, _, _ = processor(lambda: [connection.execute(q).fetchall() for q in by_hand(path, POPULATIONS)])
        own50, wall50, prepared50 = count(contract(fifty()), path, store)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ratio, decoded = own / hand, own / decoding
        ours, ours50 = prepared.plan().queries, prepared50.plan().queries
        return [
            ("events", f"{rows:,}"),
            ("decoding the columns", f"{decoding:.2f} s"),
            ("ten measures, by hand", f"{hand:.2f} s"),
            ("ten measures", f"{own:.2f} s, {ratio:.2f} of by hand and {decoded:.1f} of decoding"),
            ("  on the clock", f"{wall:.2f} s, {ours // 2} queries"),
            ("checking every record", f"{checking:.2f} s"),
            ("fifty proportions, by hand", f"{hand50:.2f} s"),
            ("fifty proportions", f"{own50:.2f} s, {own50 / hand50:.2f} of by hand"),
            ("  on the clock", f"{wall50:.2f} s, {ours50 // 2} queries"),
            ("most memory", f"{peak:,.0f} MB"),
        ]


if __name__ == "__main__":
    import sys

    for size in sys.argv[1:] or ["1000000"]:
        for name, told in run(int(size)):
            print(f"{name:<28} {told}")
        print()
