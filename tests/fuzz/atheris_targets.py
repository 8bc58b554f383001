"""Lets atheris look for bytes that break a target: `python -m tests.fuzz.atheris_targets --seconds 60 [TARGET...]`.

Each target is a process of its own, for so many seconds. It begins with the files of the other tests; what it finds is
kept in `finds/`, where `test_targets.py` reads it again. Ends with 1 if there is anything.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.seeds import FINDS, seeds

_WORDS = re.compile(rb"[A-Za-z_#][\w.]{2,30}|[<>=!]=|\.\.|[&*!|>%@`]")
NAMES = ("contract", "formula", "csv", "json", "yaml", "xlsx")
MEGABYTES = 1_000


def look(name: str) -> None:
    """Look for what breaks one target. Never comes back: the arguments of the process say when it ends."""
    import atheris

    with atheris.instrument_imports(include=["alliance"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup(sys.argv, TARGETS[name])
    atheris.Fuzz()


def run(name: str, seconds: int, corpus: Path) -> tuple[int, str]:
    """Look at one target for so long: how often it was run, and what stopped it."""
    folder = corpus / name
    folder.mkdir(parents=True, exist_ok=True)
    found = list(seeds(name))
    for number, seed in enumerate(found):
        (folder / f"seed{number}").write_bytes(seed)
    words = sorted({word for seed in found for word in _WORDS.findall(seed)})[:3_000]
    spelled = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    listed = corpus / f"{name}.txt"
    listed.write_text("".join(f'"{word}"\n' for word in spelled))
    kept = FINDS / name
    kept.mkdir(parents=True, exist_ok=True)
    options = {
        "max_total_time": seconds,
        "max_len": 6_000,
        "timeout": 10,
        "rss_limit_mb": MEGABYTES,
        "print_final_stats": 1,
    }
    command = [sys.executable, "-m", "tests.fuzz.atheris_targets", "--look", name, str(folder), f"-dict={listed}"]
    command += [f"-artifact_prefix={kept}/", *(f"-{option}={value}" for option, value in options.items())]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    times = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    told = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith(("#", "INFO"))]
    if not any(kept.iterdir()):
        kept.rmdir()
    return int(times[1]) if times else 0, "" if done.returncode == 0 else "\n".join(told)[-4_000:] + "\n"


def main() -> int:
    if sys.argv[1:2] == ["--look"]:
        name = sys.argv[2]
        del sys.argv[1:3]
        look(name)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*NAMES, []], help="all of them if none is named")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="a folder that keeps what was learnt, to go on from")
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        print("atheris is not installed here; tests/fuzz/test_targets.py runs the same targets.")
        return 0
    broken = 0
    with tempfile.TemporaryDirectory() as beside:
        for name in asked.targets or NAMES:
            times, trouble = run(name, asked.seconds, asked.corpus or Path(beside))
            print(f"{name}: {times:,} times in {asked.seconds} s{', and it broke' if trouble else ''}", flush=True)
            print(trouble, end="")
            broken += bool(trouble)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
