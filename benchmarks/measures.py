"""Counting records in an engine, beside the same queries written by hand and the time to decode the columns.

Everything is of processor time: each ratio is the median of some runs in turn, with the least and the most. Counts must
be those of the queries by hand, and memory within its bound, or the run fails.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.measures.asked import Ask
from alliance.measures.connected import opened
from alliance.measures.engines import MEMORY
from alliance.measures.prepared import Prepared
from alliance.measures.rendered import Store
from alliance.measures.spans import window
from alliance.settlement.reading import read_field
from benchmarks.timing import call_seconds, python, ratio, said

SIZES = (100_000, 1_000_000, 10_000_000, 30_000_000)
OVERHEAD = 500  # MB of a process beside what DuckDB may take: Python, libraries, and what DuckDB does not count
BOUND = 1_000 + OVERHEAD  # MB of a process: what DuckDB is given unless something else is said (MEMORY), and that
BY_HAND, DECODED, LARGE = 1.3, 10, 10_000_000  # how many times the other work each may cost, from so many events

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


def write(path: Path, rows: int, more: str = "") -> None:
    """Invented events as Parquet, with more columns."""
    import duckdb

    duckdb.sql(
        f"""
        COPY (
          SELECT {more}'p' || (hash(i) % 400000) AS person, 'p' || (hash(i + 1) % 20) AS home,
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


def prepared(made: Contract, path: Path, store: Store) -> Prepared:
    return Prepared(made.built.inputs["visits"], opened(str(path)), read_field, store).check()


def told(what: str, against: str, found: tuple[float, float, float], most: float = 0) -> None:
    """Print a ratio, and whether it is more than is aimed at."""
    said(what, against + (f", MORE THAN THE {most:g} AIMED AT" if most and found[1] > most else ""), found)


def within_bound(what: str, memory: float, bound: int) -> None:
    """Print the most memory of a process beside its bound, in MB. The run fails where it is beyond."""
    if memory > bound:
        raise SystemExit(f"{what} took {memory:,.0f} MB, and may take {bound:,}")
    print(f"  memory: {memory / bound:.0%} of its bound ({memory:,.0f} of {bound:,} MB)")


def peak() -> float:
    """The most memory that this process took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# how many events


def check_counts(path: Path, made: Contract, found: Any, queries: list[str], names: Callable[[int, int], str]) -> None:
    """Every count is that of the queries by hand, or the run stops."""
    import duckdb

    for at, query in enumerate(queries):
        cursor = duckdb.connect().execute(query)
        columns = [str(one[0]) for one in cursor.description or ()]
        for row in cursor.fetchall():
            by = dict(zip(columns, row, strict=True))
            label = QUARTERS[(by["q"] - 2) % 4]
            for n in range(len(TESTS)):
                tally = found[names(at, n), label, by["home"]]
                out = by.get(f"x{n}", 0)
                if (tally.hits, tally.cases, tally.excluded) != (by[f"h{n}"], by["n"] - out, out):
                    raise SystemExit(f"{names(at, n)} of {by['home']} in {label} is not what the query by hand counts")


def events(path: Path, runs: int) -> dict[str, Any]:
    """Ratios of counting the events of a file, seconds of each part, and the most memory that this process took."""
    import duckdb

    connection, store = duckdb.connect(), Store()
    connection.execute("SET memory_limit = '1GB'")
    names = ("person", "home", "entered", '"left"', "cost", "wait", "level", "safe", "palliative", "mood")
    decode = f"SELECT {', '.join(f'bit_xor(hash({name}))' for name in names)} FROM '{path}'"

    def by_queries(queries: list[str]) -> Callable[[], float]:
        return lambda: call_seconds(lambda: [connection.execute(q).fetchall() for q in queries])

    found: dict[str, Any] = {}
    hands = {"ten": by_hand(path), "fifty": by_hand(path, POPULATIONS)}
    decoding = by_queries([decode])
    for kind, text, name in (("ten", ten(), "m{1}"), ("fifty", fifty(), "m{0}_{1}")):
        made = contract(text)
        one, wanted = prepared(made, path, store), asks(made)
        check_counts(path, made, one.tallies(wanted), hands[kind], name.format)
        rendered, before = store.rendered, one.plan().queries

        def ours(one: Prepared = one, wanted: list[Ask] = wanted) -> float:
            return call_seconds(lambda: one.tallies(wanted))

        found[kind] = ratio(ours, by_queries(hands[kind]), runs)

        def checking(made: Contract = made) -> float:
            return call_seconds(lambda: prepared(made, path, store))

        def both(ours: Callable[[], float] = ours, checking: Callable[[], float] = checking) -> float:
            return checking() + ours()

        if kind == "ten":
            found["decoded"] = ratio(ours, decoding, runs)
            found["checked"] = ratio(both, decoding, runs)
            found["check seconds"] = statistics.median(checking() for _ in range(runs))
        found[f"{kind} seconds"] = statistics.median(ours() for _ in range(runs))
        found[f"{kind} queries"] = (one.plan().queries - before) // (runs * 2 + 1 + (kind == "ten") * (runs + 1) * 2)
        if store.rendered != rendered:
            raise SystemExit("queries that were rendered before were rendered again")
    found["memory"] = peak()
    return found


def growth(sizes: list[int], runs: int) -> None:
    """Each size in a process of its own, so that its memory is its own."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "events.parquet"
            write(path, size)
            few = runs if size <= 10_000_000 else 1
            command = python("-m", "benchmarks.measures", "--file", str(path), "--runs", str(few))
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{size:,} events could not be counted")
            found = json.loads(done.stdout)
        rows.append((size, found))
        print(f"{size:,} events, counted as by hand to the last one:")
        hand, decode = (BY_HAND, DECODED) if size >= LARGE else (0, 0)  # below, starting weighs more than counting
        told(f"ten measures by quarter and provider, {found['ten queries']} query", "by hand", found["ten"], hand)
        told("ten measures by quarter and provider", "decoding the columns", found["decoded"], decode)
        told("the same, with every field of every record checked before", "decoding", found["checked"], decode)
        told(f"fifty proportions, {found['fifty queries']} queries", "by hand", found["fifty"], hand)
        within_bound(f"{size:,} events", found["memory"], BOUND)
    print(f"How cost grows: what an event costs, beside one of {rows[0][0]:,}:")
    first = rows[0][1]
    for size, found in rows:
        parts = []
        for kind in ("ten", "fifty", "check"):
            each, base = found[f"{kind} seconds"] / size, first[f"{kind} seconds"] / rows[0][0]
            what = "checked" if kind == "check" else f"{kind} measures"
            parts.append(f"{what} {each / base:.2f}")
        print(f"  {size:>12,}: {', '.join(parts)}; memory {found['memory'] / first['memory']:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, help="how many events, one size after another")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--little", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.file:
        json.dump(events(given.file, given.runs), sys.stdout)
        return
    from benchmarks import records

    if given.little:
        json.dump(records.counted_with_little(given.little), sys.stdout)
        return
    print(f"DuckDB is given {MEMORY} of memory unless something else is said.")
    growth(given.sizes or list(SIZES), given.runs)
    records.little_memory()
    records.agreements(given.runs)
    records.commands(given.runs)


if __name__ == "__main__":
    main()
