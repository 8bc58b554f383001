"""`make fuzz`: the engine against the independent evaluator of `tests/oracle`, over generated contracts.

`--settlements N --seed S`. Prints how many agree and each kind of disagreement with one example, and ends with 1 if
there is any.
"""

from __future__ import annotations

import argparse
import collections
import re

from hypothesis import HealthCheck, Phase, given, seed, settings

import alliance
from tests.oracle.compare import differences
from tests.oracle.generate import Scenario, scenarios


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settlements", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    kinds: collections.Counter[str] = collections.Counter()
    shown: dict[str, str] = {}
    counts: collections.Counter[str] = collections.Counter()

    @seed(asked.seed)
    @settings(
        max_examples=asked.settlements,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios())
    def one(scenario: Scenario) -> None:
        counts["scenarios"] += 1
        try:
            found = [str(d.what) for d in differences(scenario, counts)]
        except alliance.AllianceError as error:
            found = [f"refused: {error}"[:200]]
        for what in found[:1]:
            kind = re.sub(r"\d+", "N", what)
            kinds[kind] += 1
            if len(str(scenario.contract)) < len(shown.get(kind, "x" * 10**6)):
                shown[kind] = str(scenario.contract)

    one()
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    for kind, count in kinds.most_common():
        print(f"{count} times: {kind}\n{shown[kind]}\n")
    print(f"{sum(kinds.values())} of {counts['scenarios']} scenarios disagree")
    return 1 if kinds else 0


if __name__ == "__main__":
    raise SystemExit(main())
