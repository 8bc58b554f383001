"""What a settlement loads: nothing that counts where nothing is counted, and the engine alone once its queries are kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2] / "contracts" / "discharge-to-assess"
HEAVY = {"ibis", "duckdb", "pandas", "pyarrow", "pyspark", "numpy"}
CONTRACT = """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties:
  board: {name: Board, role: commissioner}
  home:  {name: Home, role: provider}
inputs:
  visits: {records: {person: id, entered: date, left: optional date, cost: GBP, safe: boolean}, dated: entered}
measures:
  safe: {proportion: {of: visits, where: safe}, window: year to date}
  dear: {mean: {of: visits, value: cost}}
  again: {repeat: {of: visits, within: 28 days}}
  people: {distinct: {of: visits}}
  quick: {time_to: {of: visits, from: entered, event: left, percentile: 50%}}
payments:
  reward: {title: Reward, pays_for: outcome, start: 100.00 GBP, steps: [{name: safe, multiply: safe}], from: board, to: home}
"""
SCRIPT = (
    "import sys; from alliance.cli.main import main\n"
    "try: main(sys.argv[1:])\n"
    "except SystemExit as done: assert not done.code, done.code\n"
    "print(*{name.split('.')[0] for name in sys.modules})"
)


def settled(cache: Path, *arguments: str) -> tuple[str, set[str]]:
    """What settling prints, and what of all that is heavy it loads."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "settle", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
    )
    *printed, loaded = done.stdout.splitlines()
    return "\n".join(printed), HEAVY & set(loaded.split())


def test_settling_from_given_values_loads_no_engine(tmp_path: Path) -> None:
    given = ["--inputs", str(HOME / "data/2026-27-Q1.csv"), "--data", f"places={HOME}/data/places.csv"]
    given += ["--data", f"discharges={HOME}/data/discharges.csv"]
    printed, loaded = settled(tmp_path, str(HOME), "--period", "2026-27 Q1", *given)
    assert "Places held ready" in printed
    assert not loaded


def test_a_contract_that_was_settled_before_loads_the_engine_alone(tmp_path: Path) -> None:
    import duckdb

    contract, base = tmp_path / "small.yaml", tmp_path / "visits.db"
    contract.write_text(CONTRACT, "utf-8")
    with duckdb.connect(str(base)) as connection:
        connection.execute(
            "CREATE TABLE visits AS SELECT 'p' || (i % 50) AS person, DATE '2026-04-01' + (i % 80)::INTEGER AS entered,"
            " DATE '2026-04-03' + (i % 80)::INTEGER AS \"left\", (i % 90)::DECIMAL(8, 2) AS cost, i % 3 = 0 AS safe"
            " FROM range(300) AS t(i)"
        )
    given = [str(contract), "--period", "2026-27 Q1", "--data", f"visits=duckdb:///{base}#visits"]
    first, loaded = settled(tmp_path / "cache", *given)
    assert "ibis" in loaded
    again, loaded = settled(tmp_path / "cache", *given)
    assert loaded == {"duckdb"}
    assert again == first
