"""Whatever file is brought, the answer is a fault, soon, and without much memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.data.files import HOSTILE, HOSTILE_RESULTS
from tests.speed import slowness

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2
MEGABYTES = 300

# Run in a process of its own, which is stopped if it goes far beyond what is allowed.
_READ = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
from alliance.contract.faults import InputError
from alliance.data.results import read_results
from alliance.data.table import read_table
start = time.process_time()
try:
    found = (read_results if sys.argv[2] == "results" else read_table)(sys.argv[1])
    faults = []
except InputError as error:
    faults = [fault.code for fault in error.faults]
    assert len(str(error)) < 100_000
seconds = time.process_time() - start
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({"codes": faults, "seconds": seconds, "megabytes": peak / 1024}))
"""


def read_apart(path: Path, what: str) -> dict[str, Any]:
    """What a reading in another process came to."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path), what],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
@pytest.mark.parametrize("name", [*HOSTILE, *HOSTILE_RESULTS])
def test_a_hostile_file_is_answered_soon(name: str, tmp_path: Path) -> None:
    code, make = HOSTILE.get(name) or HOSTILE_RESULTS[name]
    path, what = make(tmp_path), "table" if name in HOSTILE else "results"
    found = read_apart(path, what)
    if found["seconds"] >= SECONDS:  # a busy machine; the work is the same each time
        found = read_apart(path, what)
    print(f"{name}: {found}")
    assert code in found["codes"] or not (code or found["codes"])
    assert found["seconds"] < SECONDS or found["seconds"] < SECONDS * slowness()
    assert found["megabytes"] < MEGABYTES
