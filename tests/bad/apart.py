"""Commands run each in a process of its own, with its processor time and the peak of its memory.

A process that has read the program waits, and makes a copy of itself for each command: so a command takes what its own
work takes, and hundreds of them can be run. A copy is stopped where it goes far beyond what is allowed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CPU = 20  # seconds after which a command is stopped

_WAITS = """
import importlib, json, os, pkgutil, resource, sys
import alliance, alliance.cli
from alliance.cli.main import main
for package in ("alliance.cli", "alliance.contract", "alliance.settlement", "alliance.data", "alliance.reports"):
    path = importlib.import_module(package).__path__
    for found in pkgutil.walk_packages(path, package + "."):
        importlib.import_module(found.name)
from alliance.contract.formula.parse import parse
parse("1 + 1")

def run(asked):
    resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
    resource.setrlimit(resource.RLIMIT_CPU, (asked["cpu"], asked["cpu"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = 1
    try:
        os.chdir(asked["folder"])
        for number, name in ((0, os.devnull), (1, asked["out"]), (2, asked["err"])):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
        main(asked["args"])
        code = 0
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(json.loads(line))
    _, status, used = os.wait4(child, 0)
    told = {"code": os.waitstatus_to_exitcode(status), "seconds": used.ru_utime + used.ru_stime, "kilobytes": used.ru_maxrss}
    sys.__stdout__.write(json.dumps(told) + "\\n")
    sys.__stdout__.flush()
"""


@dataclass(frozen=True)
class Answer:
    """What a command came to. `seconds` are of processor time, without the start of Python."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float

    @property
    def codes(self) -> list[str]:
        """The codes of the faults that were told."""
        return re.findall(r"^(?:\S.*?: )?(AC\d{3}) ", self.err, re.MULTILINE)


@cache
def _waiting() -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COV_", "COVERAGE"))}
    return subprocess.Popen(
        [sys.executable, "-c", _WAITS],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run_apart(args: list[str], folder: Path, beside: Path) -> Answer:
    """Run a command in a folder. What it prints goes into `beside`, another folder."""
    waiting = _waiting()
    assert waiting.stdin is not None
    assert waiting.stdout is not None
    out, err = beside / "out.txt", beside / "err.txt"
    for file in (out, err):
        file.unlink(missing_ok=True)
    asked = {"args": args, "folder": str(folder), "out": str(out), "err": str(err), "cpu": CPU}
    waiting.stdin.write(json.dumps(asked) + "\n")
    waiting.stdin.flush()
    told = json.loads(waiting.stdout.readline())
    texts = [file.read_bytes().decode("utf-8", "replace") for file in (out, err)]
    return Answer(told["code"], *texts, told["seconds"], told["kilobytes"] / 1024)
