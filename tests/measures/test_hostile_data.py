"""Files of records that are out to do harm, given to the command: clear faults, nothing run, soon and in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speed import slowness

HOME = Path(__file__).parents[2]
CONTRACT = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2027-03-31}, settles: quarterly}
parties: {a: {name: A, role: payer}}
inputs:
  visits:
    records: {person: id, day: date, cost: GBP, kind: [red, green]}
    dated: day
measures:
  dear: {mean: {of: visits, value: cost}}
  red: {proportion: {of: visits, where: kind = red}}
"""
HEADER, GOOD = "person,day,cost,kind\n", "p1,2026-04-01,1,red\n"
EVIL = "x'); DROP TABLE records; COPY (SELECT 1) TO '{0}/owned.csv'; --"
MOST_SECONDS, MOST_BYTES = 2.0, 300_000_000  # of a processor and of memory


def parquet(path: Path, query: str) -> None:
    import duckdb

    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def bomb(path: Path) -> None:
    """A workbook of a few hundred kilobytes, whose sheet is 300 megabytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(b"<row>" * 200_000)


def torn(path: Path) -> None:
    parquet(path, "SELECT 'p' || i AS person, DATE '2026-04-01' AS day, 1 AS cost, 'red' AS kind FROM range(5000) t(i)")
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes(200) + whole[300:])


SELECTED = "SELECT 'p1' AS person, {} AS day, {} AS cost, {} AS kind"
FILES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "10,000 columns": (
        "v.csv",
        lambda p: p.write_text(",".join(f"c{n}" for n in range(10_000)) + "\n"),
        "10,000 columns",
    ),
    "mixed encodings": ("v.csv", lambda p: p.write_bytes((HEADER + GOOD).encode() + "é,ü\n".encode("utf-16")), "UTF-8"),
    "the year 0": ("v.csv", lambda p: p.write_text(HEADER + GOOD.replace("2026", "0000")), "0000-04-01"),
    "the year 9999": ("v.csv", lambda p: p.write_text(HEADER + GOOD.replace("2026", "9999")), "9999-04-01"),
    "a zip bomb": ("v.xlsx", bomb, "AC2"),
    "a torn Parquet file": ("v.parquet", torn, "cannot be read"),
    "a Parquet file that is text": ("v.parquet", lambda p: p.write_text(HEADER + GOOD), "Parquet|No magic bytes"),
    "a Parquet file that is empty": ("v.parquet", lambda p: p.write_bytes(b""), "AC2|AC441"),
    "Parquet with the wrong types": (
        "v.parquet",
        lambda p: parquet(p, SELECTED.format("TIMESTAMP '2026-04-01 10:00:00'", "[1, 2]", "{'a': 1}")),
        "visits|column",
    ),
    "Parquet of many rows in few bytes": (
        "v.parquet",
        lambda p: parquet(p, SELECTED.format("'never'", "1", "'red'") + " FROM range(30_000_000)"),
        "rows|records in",
    ),
    "SQL in values": (
        "v.csv",
        lambda p: p.write_text(f'{HEADER}"{EVIL.format(p.parent)}",2026-04-01,1,"{EVIL}"\n'),
        "is not one of",
    ),
    "SQL in names": ("v.csv", lambda p: p.write_text(f'person,day,cost,"{EVIL}"\n{GOOD}'), "kind"),
    "a database that is none": ("v.db", lambda p: p.write_bytes(b"DUCK" * 5000), "cannot be opened"),
    "a name that is SQL": (
        "it's \"x'; --.csv",
        lambda p: p.write_text(HEADER + "p1,2026-04-31,1,red\n"),
        "April has 30 days",
    ),
}


# No engine reads a workbook.
IN_ENGINE = [name for name in FILES if name != "a zip bomb"]


# A process begins with the peak of the one that starts it, and that of many tests is large: so a small one does.
STARTS = """
import json, os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(child.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "engine"),
    [*((name, False) for name in FILES), *((name, True) for name in IN_ENGINE)],
    ids=[*FILES, *(f"{name}, in an engine" for name in IN_ENGINE)],
)
def test_harm_is_answered_plainly_soon_and_in_little_memory(name: str, engine: bool, tmp_path: Path) -> None:
    file, make, said = FILES[name]
    place = tmp_path / file
    make(place)
    (tmp_path / "contract.yaml").write_text(CONTRACT, "utf-8")
    address = f"duckdb:///{place}#visits" if place.suffix == ".db" else str(place)
    code = (
        "import sys, alliance.cli.sources as s; s.LARGE = s.READ_AGAIN = int(sys.argv.pop(1)); "
        "from alliance.cli.main import main; main()"
    )
    words = ["data", "check", str(tmp_path), "--data", f"visits={address}"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    command = [sys.executable, "-c", code, "0" if engine else "999999999", *words]
    done = subprocess.run(
        [sys.executable, "-S", "-c", STARTS, *command], cwd=HOME, env=environment, capture_output=True, check=True
    )
    code_, seconds, kilobytes = json.loads(done.stdout.splitlines()[-1])
    told = done.stderr.decode("utf-8", "replace")
    assert code_ == 1, told
    assert "Traceback" not in told
    assert any(one in told for one in said.split("|")), told
    assert not (tmp_path / "owned.csv").exists()
    assert kilobytes * 1024 < MOST_BYTES
    most = MOST_SECONDS * (3 if engine else 1)  # an engine is loaded first
    assert seconds < most or seconds < most * slowness()
