"""How the command starts and ends: closed and full outputs, interruptions, and terminals of no width that can be."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alliance.cli import start
from tests.cli.contracts import NEIGHBOURS, put

COMMAND = f"{sys.executable} -m alliance"


def shell(line: str, **env: str) -> subprocess.CompletedProcess[str]:
    said = {**os.environ, **env}
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=said, timeout=60, check=False)


def test_a_closed_output_is_no_fault(tmp_path: Path) -> None:
    path = put(tmp_path, NEIGHBOURS)
    for line in (f"validate {path} >&-", f"inputs {path} >&-", f"validate {path} 2>&-", f"show {path} >&- 2>&-"):
        found = shell(f"{COMMAND} {line}")
        assert (found.returncode, found.stderr) == (0, ""), line


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_a_full_output_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, NEIGHBOURS)
    for line in ("--help", "settle --help", f"inputs {path}", f"inputs {path} --format csv"):
        found = shell(f"{COMMAND} {line} >/dev/full")
        assert (found.returncode, found.stderr) == (1, "No space left on device.\n"), line


@pytest.mark.parametrize(("columns", "least", "most"), [("0", 60, 81), ("3", 10, 40), ("9999999", 60, 501)])
def test_a_terminal_has_a_width_that_can_be(tmp_path: Path, columns: str, least: int, most: int) -> None:
    path = put(tmp_path, NEIGHBOURS)
    for command in ("inputs", "show"):
        found = shell(f"{COMMAND} {command} {path}", FORCE_COLOR="1", COLUMNS=columns)
        assert found.returncode == 0
        plain = re.sub(r"\x1b\[[0-9;]*m", "", found.stdout).splitlines()
        assert least <= max(map(len, plain)) <= most


def test_an_interruption_while_modules_load_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    def run() -> None:
        told.append(signal.getsignal(signal.SIGINT))
        start.ready()
        told.append(signal.getsignal(signal.SIGINT))
        start.ready()

    monkeypatch.setattr("alliance.cli.main.main", run)
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        start.main()
    finally:
        signal.signal(signal.SIGINT, before)
    assert told == [start._interrupted, signal.default_int_handler]
    code = "from alliance.cli import start; import os, signal; signal.signal(2, start._interrupted); os.kill(os.getpid(), 2)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stderr) == (130, "Interrupted.\n")
