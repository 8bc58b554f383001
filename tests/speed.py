"""How fast the machine is at the moment: what a command may take is said of one that is neither old nor busy."""

from __future__ import annotations

import subprocess
import sys

_STEPS = 2_000_000
_USUAL = 0.14  # seconds of processor time that Python takes for them on such a machine
_LOOP = f"""
import time
start, x = time.process_time(), 0
for i in range({_STEPS}):
    x += i & 3
print(time.process_time() - start)
"""


def slowness() -> float:
    """How many times as long as usual the same work takes here and now; 1 where it takes no longer."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", _LOOP], capture_output=True, text=True, check=True)
    return max(1.0, float(done.stdout) / _USUAL)
