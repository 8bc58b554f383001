"""More of counting records: a thousand agreements at once, whole commands, and more records than memory holds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import alliance
from alliance.contract.build.dated import DatedEnv
from alliance.contract.contract import Contract
from alliance.measures.asked import Ask
from alliance.measures.many import counted_alone, tallies_of_many
from alliance.measures.rendered import Store
from alliance.measures.spans import window
from benchmarks.measures import FIELDS, OVERHEAD, QUARTERS, asks, contract, peak, prepared, told, within_bound, write
from benchmarks.startup import HOME
from benchmarks.timing import call_seconds, process_seconds, python, ratio, said
from tests.measures.given import Given

AGREEMENTS, AGREED_ROWS, TRIED = 1_000, 1_000_000, 25
LITTLE, LITTLE_ROWS = 200, 2_000_000  # MB of memory, and how many records of text are counted in it

# many agreements

AGREED = """\
alliance: 1
contract: {id: agreed, title: Agreed, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {home: {name: Home, role: provider}, board: {name: Board, role: commissioner}}
inputs:
  dear: {unit: GBP}
  longest: {unit: days}
  mild: {unit: count}
  visits: {records: {agreement: id, FIELDS}, dated: entered, key: agreement}
measures:
  short: {proportion: {of: visits, where: left - entered <= longest, excluding: palliative}}
  cheap: {proportion: {of: visits, where: cost <= dear}}
  good: {proportion: {of: visits, where: mood >= mild and safe}}
  cost: {mean: {of: visits, value: "cost if cost <= dear else dear"}}
"""
AGREED_SQL = """
SELECT quarter(entered) AS q, count(*), sum(palliative::INT),
  sum((NOT palliative AND "left" - entered <= {longest})::INT), sum((cost <= {dear})::INT),
  sum((mood >= {mild} AND safe)::INT), sum(least(cost, {dear}))
FROM '{path}' WHERE agreement = '{name}' GROUP BY 1
"""


def agreements(runs: int) -> None:
    """A thousand agreements in one query, beside a query for each of them."""
    import duckdb

    made = alliance.loads(AGREED.replace("FIELDS", FIELDS.replace("home: party, ", "")))
    given = {
        f"a{n}": {"dear": Fraction(10_000 + n * 37, 100), "longest": n % 60, "mild": 1 + n % 5}
        for n in range(AGREEMENTS)
    }
    asked = {name: agreed(made, values) for name, values in given.items()}
    tried = list(given)[:: AGREEMENTS // TRIED]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write(path, AGREED_ROWS, f"'a' || (hash(i + 11) % {AGREEMENTS}) AS agreement, ")
        one = prepared(made, path, Store())
        before = one.plan().queries
        found = tallies_of_many(one, asked)
        queries = one.plan().queries - before
        for name in tried:
            if counted_alone(one, name, asked[name]) != found[name]:
                raise SystemExit(f"{name} alone does not come to what it comes to among the others")
        connection = duckdb.connect()

        def by_queries() -> float:
            """What a query by hand costs for each, from those of some."""
            known = {n: {**given[n], "dear": f"{float(given[n]['dear']):.2f}"} for n in tried}
            texts = [AGREED_SQL.format(path=path, name=n, **known[n]) for n in tried]
            return call_seconds(lambda: [connection.execute(q).fetchall() for q in texts]) * AGREEMENTS / TRIED

        def each() -> float:
            return call_seconds(lambda: [counted_alone(one, n, asked[n]) for n in tried]) * AGREEMENTS / TRIED

        def together() -> float:
            return call_seconds(lambda: tallies_of_many(one, asked))

        print(f"{AGREEMENTS:,} agreements of three parameters, {AGREED_ROWS:,} events, four measures by quarter:")
        print(f"  {queries} query for all; {TRIED} of them counted alone too, the same, which stand for all:")
        said("together", "a query by hand for each", ratio(together, by_queries, runs))
        said("together", "the same measures asked for each", ratio(together, each, 1))


def agreed(made: Contract, values: dict[str, Any]) -> list[Ask]:
    """What is asked of one agreement in every quarter."""
    found = []
    for label in QUARTERS:
        period = made.period(label)
        built = made.built
        for m in built.measures.values():
            assert m.counted is not None
            env: Any = Given(values, DatedEnv(built.terms, period.start))
            span = window(m, period, built.calendar, built.start)
            found.append(Ask(m.name, label, m.counted, ("",), span, built.end, env))
    return found


# whole commands

RECORDS = 20_000
RUN = "from alliance.cli.main import main; main()"
MEMORY = f"import alliance.cli.sources as s; s.LARGE = 10**12; {RUN}"  # files are read into memory, however large


def commands(runs: int) -> None:
    """Settling a quarter from records, beside settling it from values that are given: whole commands, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        base = discharges(home)
        lines = (HOME / "data/2027-28-Q1.csv").read_text("utf-8").splitlines(keepends=True)
        without = home / "values.csv"
        without.write_text("".join(line for line in lines if not line.startswith("readmissions,")), "utf-8")
        settle = ["-m", "alliance", "settle", str(HOME), "--period", "2027-28 Q1"]
        settle += ["--data", f"places={HOME}/data/places.csv", "--data", f"packages={HOME}/data/packages.csv"]
        plain = python(*settle, "--inputs", str(HOME / "data/2027-28-Q1.csv"))
        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(home / "cache")
        print(f"Whole commands: a quarter of the gallery's contract with {RECORDS:,} discharges, once settled before:")
        try:
            file = home / "discharges.csv"
            ways = (("one by one, from a file", MEMORY, file), ("in the engine, from it", RUN, file))
            for how, start, place in (*ways, ("in the engine, from a table", RUN, base)):
                records = python("-c", start, *settle[2:], "--inputs", str(without), "--data", f"discharges={place}")
                first = process_seconds(records)
                found = ratio(
                    lambda command=records: process_seconds(command), lambda: process_seconds(plain), max(runs, 3)
                )  # type: ignore[misc]
                told(f"records counted {how}", "settling from given values", found, 2)
                print(f"    the first time: {first / process_seconds(plain):.2f} times")
        finally:
            if before is None:
                del os.environ["XDG_CACHE_HOME"]
            else:
                os.environ["XDG_CACHE_HOME"] = before


def discharges(home: Path) -> str:
    """Invented discharges of the gallery's contract: in a file, and in a table, of which this is the address."""
    import duckdb

    with duckdb.connect(str(home / "discharges.db")) as connection:
        connection.execute(
            f"""
            CREATE TABLE discharges AS
            SELECT 'T' || i AS person, DATE '2026-04-01' + (hash(i) % 450)::INTEGER AS discharged,
              CASE WHEN hash(i + 1) % 8 = 0
                THEN DATE '2026-04-01' + ((hash(i) % 450) + hash(i + 2) % 90)::INTEGER END AS readmitted,
              hash(i + 3) % 20 = 0 AS palliative, (hash(i + 4) % 96)::INTEGER AS assessed_after
            FROM range({RECORDS}) AS t(i)
            """
        )
        connection.execute(f"COPY discharges TO '{home}/discharges.csv' (HEADER)")
    return f"duckdb:///{home}/discharges.db#discharges"


# more records than memory holds

PERSONAL = """\
  again: {repeat: {of: visits, within: 28 days}, by: provider}
  people: {distinct: {of: visits, where: safe}, by: provider}
"""


def counted_with_little(path: Path) -> list[Any]:
    """A digest of what is counted, and the most memory that it took in MB."""
    made = contract(PERSONAL)
    found = prepared(made, path, Store()).tallies(asks(made))
    return [hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest(), peak()]


def little_memory() -> None:
    """Texts that are read into typed columns, and people's records side by side, in less memory than they need."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        typed, path = Path(folder) / "events.parquet", Path(folder) / "events.csv"
        write(typed, LITTLE_ROWS)
        duckdb.sql(f"COPY (FROM '{typed}') TO '{path}' (HEADER)")
        found = []
        for limit in (LITTLE, 1_000):
            command = python("-m", "benchmarks.measures", "--little", str(path))
            env = {**os.environ, "ALLIANCE_MEMORY": f"{limit}MB"}
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=env)
            found.append(json.loads(done.stdout))
    if found[0][0] != found[1][0]:
        raise SystemExit("what is counted with little memory is not what is counted with more")
    print(f"{LITTLE_ROWS:,} records of text by person, DuckDB given {LITTLE} MB: the same counts as with 1 GB,")
    print(f"  which took {found[1][1] / found[0][1]:.2f} times the memory")
    within_bound(f"{LITTLE_ROWS:,} records of text", found[0][1], LITTLE + OVERHEAD)
