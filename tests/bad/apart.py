"""A command run in a process of its own, with its processor time and the peak of its memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The words of the command come by a file, since a process takes only so many. It is stopped where it goes far beyond
# what is allowed. What it took is written whatever happens, unless it is killed.
_RUN = """
import json, resource, sys, time
words, told = json.load(open(sys.argv[1])), sys.argv[2]
resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (words["cpu"], words["cpu"]))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if words["size"] is not None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (words["size"], words["size"]))
code = -1
try:
    from alliance.cli.main import main
    main(words["args"])
except SystemExit as done:
    code = done.code or 0
finally:
    if words["size"] is None:
        with open("/proc/self/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        with open(told, "w") as file:
            json.dump({"code": code, "seconds": time.process_time(), "megabytes": peak / 1024}, file)
sys.exit(code)
"""


@dataclass(frozen=True)
class Answer:
    """What a command came to. `seconds` are of processor time, the start of Python included."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float

    @property
    def codes(self) -> list[str]:
        """The codes of the faults that were told."""
        return re.findall(r"^(?:\S.*?: )?(AC\d{3}) ", self.err, re.MULTILINE)


def run_apart(args: list[str], folder: Path, *, cpu: int = 20, size: int | None = None, text: str = "") -> Answer:
    """Run a command in a folder. `size` is the most that a file may grow to, `text` what it is given to read."""
    with tempfile.TemporaryDirectory() as beside:
        words, told = Path(beside) / "words.json", Path(beside) / "told.json"
        words.write_text(json.dumps({"args": args, "cpu": cpu, "size": size}))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "COVERAGE"))}
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(words), str(told)],
            cwd=folder,
            env=environment | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
            capture_output=True,
            timeout=10 * cpu,
            check=False,
            input=text.encode(),
        )
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        took = json.loads(told.read_text()) if told.exists() else {"seconds": float(cpu), "megabytes": 0.0}
    return Answer(done.returncode, out, err, took["seconds"], took["megabytes"])
