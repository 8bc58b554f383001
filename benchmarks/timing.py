"""Timing that can be trusted on a noisy machine: in turn, several times, the median of the ratios."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence


def process_seconds(arguments: Sequence[str]) -> float:
    """Processor time of a whole process, the interpreter's start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def call_seconds(function: Callable[[], object]) -> float:
    """Processor time of one call in this process."""
    before = time.process_time()
    function()
    return time.process_time() - before


def ratio(a: Callable[[], float], b: Callable[[], float], runs: int) -> tuple[float, float, float]:
    """Least, median and most of a/b, measured in turn (a b a b ...), after one run of each that is not counted."""
    a(), b()
    found = sorted(a() / b() for _ in range(runs))
    return found[0], statistics.median(found), found[-1]


def said(what: str, against: str, found: tuple[float, float, float]) -> None:
    """Print a ratio as one line."""
    print(f"  {what}: {found[1]:.2f} times {against} ({found[0]:.2f} to {found[2]:.2f})")


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
