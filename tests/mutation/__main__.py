"""Mutation testing of the core, by `make mutation`: is every small change of it noticed by a test?

A module at a time is changed by mutmut in a copy of the project, with the tests that are about it. Mutants that nothing
notices are printed, but for those that are known to be the same in meaning: `same.toml` says why.

    python -m tests.mutation settlement/sharing contract/numbers
    python -m tests.mutation --list
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parents[2]
COPIED = ("alliance", "contracts", "rules", "tests", "pyproject.toml")
LEFT = shutil.ignore_patterns("__pycache__", "*.pyc")
KILLED = ("killed", "timeout", "segfault", "suspicious")

_SETTLEMENT = "tests/settlement/test_"
MODULES: dict[str, list[str]] = {
    "contract/numbers": ["tests/contract/test_numbers.py"],
    "contract/calendar": ["tests/contract/test_calendar.py"],
    "contract/formula/operations": ["tests/contract/test_operations.py"],
    **{
        f"settlement/{name}": [f"tests/{t}.py" if "/" in t else f"{_SETTLEMENT}{t}.py" for t in tests.split()]
        for name, tests in {
            "sharing": "whole_units limits sharing rounding",
            "wholes": "whole_units rounding limits sharing slices",
            "portions": "portions kept_portions kept_limits kept_payment payment_lines sharing limits slices rounding pools accounts advances starts parties missing on_account kept_payment shared_with_nobody ceilings told_later rooms varied_within limits_again rules/test_held_again",
            "sharers": "parties sharing portions starts rounding slices pools shared_with_nobody reports/test_explain_shares",
            "steps": "step_lines steps missing",
            "scoring": "scores measures improvement",
            "starting": "traces starts parties sharing",
            "instances": "starts records traces missing slices portions kept_payment kept_portions payment_lines",
            "slicing": "slices traces kept_portions kept_payment kept_limits payment_lines records",
            "instalments": "on_account kept_payment payment_lines years shadow advances ceilings",
            "rooms": "rooms ceilings accounts slices records portions payment_lines on_account advances kept_portions pools",
            "netting": "on_account restatement years portions advances rules/test_held_again",
            "owing": "advances rules/test_held_again",
            "deciding": "decisions half_years",
            "holding": "rules/test_held_again rules/test_held_standing rules/test_rule_language rules/test_following rules/test_following_edges",
            "letting": "rules/test_held_again rules/test_held_standing rules/test_pack_dispute_hold rules/test_pack_duty_to_report rules/test_pack_under_performance_ladder rules/test_pack_first_offer rules/test_rules_reports rules/test_rule_language rules/test_following rules/test_following_edges rules/test_rule_properties",
            "advances": "advances payment_lines kept_portions restatement",
            "ending": "ends kept_ends advances accounts ceilings",
            "pool": "pools accounts restatement traces missing ceilings varied_within",
            "payment": "payment_lines kept_payment kept_limits shadow step_lines portions traces slices steps starts on_account missing pools parties records rounding accounts",
            "summing": "summing sharing years history on_account restatement pools missing accounts varied_within",
            "settling": "standing kept_settling kept_limits kept_settle kept_payment kept_portions starts shadow input_faults years history on_account restatement limits variations accounts advances varied_within told_later limits_again rules/test_held_again rules/test_held_standing",
            "settle": "standing measures ends kept_ends kept_settle input_faults years history restatement accounts shadow identity variations advances examples on_account missing",
        }.items()
    },
}


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test noticed: its name, and the lines that it takes away and puts in their place."""

    name: str
    before: str
    after: str


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="such as settlement/sharing; all if none is named")
    parser.add_argument("--list", action="store_true", help="list the modules")
    parser.add_argument("--jobs", type=int, default=2, help="how many mutants are tried at once")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation", help="where the copies are made")
    parser.add_argument("--most", type=int, default=0, help="of a module with more mutants, try so many at random")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(MODULES))
        return 0
    total = killed = same = 0
    for module in asked.modules or MODULES:
        results, whole = tried(module, asked.folder / module.replace("/", "-"), asked.jobs, asked.most)
        left, alike = told(module, results, asked.folder / module.replace("/", "-"))
        found = sum(status in KILLED for status in results.values())
        of = f"{len(results)} mutants" + (f" (of {whole}, chosen at random)" if whole > len(results) else "")
        print(f"{module}: {found} of {of} killed, {alike} are the same in meaning, {left} are left", flush=True)
        total, killed, same = total + len(results), killed + found, same + alike
    print(
        f"In all: {killed} of {total} mutants killed, {same} are the same in meaning, {total - killed - same} are left."
    )
    return int(killed + same < total)


def tried(module: str, folder: Path, jobs: int, most: int) -> tuple[dict[str, str], int]:
    """What became of each mutant of a module that was tried, and how many mutants it has."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=LEFT)
        else:
            shutil.copy2(source, folder / name)
    tests = [test for test in MODULES[module] if (ROOT / test).exists()]
    config = (folder / "pyproject.toml").read_text("utf-8")
    config = config.replace("[tool.mutmut]\n", f'[tool.mutmut]\nonly_mutate = ["alliance/{module}.py"]\n'
                            f"pytest_add_cli_args_test_selection = {tests!r}\n".replace("'", '"'))  # fmt: skip
    (folder / "pyproject.toml").write_text(config, "utf-8")
    names = mutants(module, folder)
    chosen = sorted(random.Random(1).sample(names, most)) if 0 < most < len(names) else names
    done = mutmut(folder, "run", "--max-children", str(jobs), *(chosen if chosen != names else ()))
    listed = mutmut(folder, "results", "--all", "true")
    results = dict(re.findall(r"^ *(alliance\.\S+): (.+)$", listed, re.MULTILINE))
    found = {name: results.get(name, "not checked") for name in chosen}
    if not found or "not checked" in found.values():
        raise SystemExit(f"{module}: the mutants could not be tried.\n{done[-3000:]}")
    return found, len(names)


def mutants(module: str, folder: Path) -> list[str]:
    """The names of every mutant of a module."""
    path = folder / "alliance" / f"{module}.py"
    prefix = f"alliance.{module.replace('/', '.')}."
    return [prefix + name for name in mutate_file_contents(str(path), path.read_text("utf-8")).mutant_names]


def mutmut(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "mutation", "COLUMNS": "200"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def told(module: str, results: dict[str, str], folder: Path) -> tuple[int, int]:
    """Print the mutants that no test noticed; how many, and how many more are the same in meaning."""
    known = tomllib.loads((Path(__file__).parent / "same.toml").read_text("utf-8"))["same"]
    rules = [re.compile(one["change"], re.DOTALL) for one in known if one.get("module", module) == module]
    left = alike = 0
    for one in survivors(module, results, folder):
        if any(rule.fullmatch(f"{one.before} => {one.after}") for rule in rules):
            alike += 1
            continue
        left += 1
        print(f"  {one.name}\n    - {one.before}\n    + {one.after}", flush=True)
    return left, alike


SHOW = """\
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
path, *names = sys.argv[1:]
print(json.dumps({name: get_diff_for_mutant(name, path=path) for name in names}))
"""


def survivors(module: str, results: dict[str, str], folder: Path) -> Iterator[Survivor]:
    names = [name for name, status in results.items() if status not in KILLED]
    command = [sys.executable, "-c", SHOW, f"alliance/{module}.py", *names]
    shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    for name, change in json.loads(shown).items():
        lines = [x for x in change.splitlines() if x[:1] in ("+", "-") and x[:3] not in ("+++", "---")]
        sides = (" ".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
        yield Survivor(name, *sides)


if __name__ == "__main__":
    sys.exit(main())
