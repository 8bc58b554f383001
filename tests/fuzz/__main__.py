"""`make fuzz`: the engine against the independent evaluator of `tests/oracle`, over generated contracts.

`--settlements N --seed S` settles at least so many, of the contracts of that seed and those after it. Prints how many
agree and each kind of disagreement with the smallest contract that shows it, and ends with 1 if there is any.
"""

from __future__ import annotations

import argparse
import collections
import re
import sys
import time

from tests.oracle.compare import trial
from tests.oracle.generate import scenario
from tests.oracle.smaller import smaller


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settlements", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", type=int, default=5, help="how many kinds of disagreement are shown whole")
    asked = parser.parse_args()
    counts: collections.Counter[str] = collections.Counter()
    kinds: dict[str, list[int]] = {}
    seed, began = asked.seed, time.monotonic()
    while counts["settlements"] < asked.settlements:
        counts["contracts"] += 1
        what = trial(scenario(seed), counts)
        if what:
            kinds.setdefault(re.sub(r"\d+", "N", what), []).append(seed)
        seed += 1
        if counts["contracts"] % 500 == 0:
            print(f"{dict(counts)}, {sum(map(len, kinds.values()))} disagree", file=sys.stderr, flush=True)
    print(", ".join(f"{count} {name}" for name, count in counts.items()), f"in {time.monotonic() - began:.0f} s")
    print(f"seeds {asked.seed} to {seed - 1}: {sum(map(len, kinds.values()))} contracts disagree")
    for kind, seeds in list(kinds.items())[: asked.kinds]:
        print(f"\n{len(seeds)} times, seeds {seeds[:8]}: {kind}{smaller(scenario(seeds[0]))!r}")
    return 1 if kinds else 0


if __name__ == "__main__":
    raise SystemExit(main())
