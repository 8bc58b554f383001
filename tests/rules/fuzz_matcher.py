"""Tries the two matchers against each other at length: `python -m tests.rules.fuzz_matcher --cases 100000 --seed 1`.

Cases run in child processes, so that a crash of C is found, named by its case, and outlived. A case is tried again with
`--only NUMBER` and the same seed. The exit code is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from alliance.rules.matcher import Disagreement, MatcherError, available, match, plain, why_not
from alliance.rules.matcher.compile import shards as compiled
from tests.rules.matcher_cases import a_case

BATCH = 5000
SECONDS_A_BATCH = 900
FINISHED = "finished"


@dataclass
class Found:
    """What the cases of a run came to."""

    cases: int = 0
    matches: int = 0
    sharded: int = 0
    disagreements: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.disagreements or self.failures or self.crashes)

    def __str__(self) -> str:
        return (
            f"{self.cases} cases ({self.sharded} of them sharded), {self.matches} matches: "
            f"{len(self.disagreements)} disagreements, {len(self.failures)} failures, {len(self.crashes)} crashes"
        )


def case_of(seed: int, number: int) -> Random:
    return Random(f"{seed}:{number}")


def try_case(seed: int, number: int) -> tuple[str, str, int, int]:
    """What became of a case (ok, disagreement or failure), more about it, its matches and its rulesets."""
    ruleset, facts = a_case(case_of(seed, number))
    shards = len(compiled(ruleset))
    try:
        return "ok", "", len(match(ruleset, facts, engine="both").matches), shards
    except Disagreement as disagreement:
        return "disagreement", str(disagreement), 0, shards
    except MatcherError as error:
        return "failure", str(error), 0, shards


def work(seed: int, start: int, stop: int, report: Path) -> None:
    """The child: notes the number of every case before it is tried, and what was found."""
    matches = sharded = 0
    with report.open("w", encoding="utf-8", buffering=1) as notes:
        for number in range(start, stop):
            print(number, file=notes)
            outcome, detail, count, shards = try_case(seed, number)
            matches += count
            sharded += shards > 1
            if outcome != "ok":
                print(outcome, number, detail.replace("\n", " | "), file=notes)
        print(FINISHED, matches, sharded, file=notes)


def run(cases: int, seed: int, start: int = 0, batch: int = BATCH) -> Found:
    """All cases, batch by batch; a batch that crashes goes on after the case that it crashed on."""
    found = Found()
    number, stop = start, start + cases
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        while number < stop:
            end = min(number + batch, stop)
            arguments = ["--seed", str(seed), "--work", str(number), str(end), str(report)]
            command = [sys.executable, "-m", "tests.rules.fuzz_matcher", *arguments]
            try:
                code = subprocess.run(command, timeout=SECONDS_A_BATCH, check=False).returncode
                how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            except subprocess.TimeoutExpired:
                code, how = 1, f"no end within {SECONDS_A_BATCH} seconds"
            last = number - 1
            for line in report.read_text(encoding="utf-8").splitlines() if report.exists() else ():
                word, _, rest = line.partition(" ")
                if word == FINISHED:
                    matches, sharded = rest.split()
                    found.matches += int(matches)
                    found.sharded += int(sharded)
                elif word == "disagreement":
                    found.disagreements.append(rest)
                elif word == "failure":
                    found.failures.append(rest)
                else:
                    last = int(word)
            report.unlink(missing_ok=True)
            if last < number:
                raise RuntimeError(f"The cases could not be tried at all: {how}.")
            if code:
                found.crashes.append(f"{last} {how}")
            found.cases += last + 1 - number
            number = last + 1
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Tries the two matchers against each other.")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="the first case")
    parser.add_argument("--only", type=int, help="try this one case here, without a child process, and show it")
    parser.add_argument("--work", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not available():
        print(why_not())
        return 1
    if options.work:
        work(options.seed, int(options.work[0]), int(options.work[1]), Path(options.work[2]))
        return 0
    if options.only is not None:
        ruleset, facts = a_case(case_of(options.seed, options.only))
        print(*ruleset.schema.types, *ruleset.rules, *facts, sep="\n")
        print(*plain.matches(ruleset, facts), sep="\n", flush=True)
        outcome, detail, *_ = try_case(options.seed, options.only)
        print(outcome, detail)
        return int(outcome != "ok")
    started = time.monotonic()
    found = run(options.cases, options.seed, options.start)
    for what, texts in (("disagreement", found.disagreements), ("failure", found.failures), ("crash", found.crashes)):
        for text in texts:
            print(f"{what} in case {text}")
    print(f"seed {options.seed}, {time.monotonic() - started:.0f} seconds: {found}")
    return int(not found.clean)


if __name__ == "__main__":
    sys.exit(main())
