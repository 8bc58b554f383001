"""The smallest part of a scenario on which the engine and the oracle still part in the same way."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

from tests.oracle.compare import trial
from tests.oracle.generate import Scenario

KEEP = {
    "unit",
    "role",
    "start",
    "from",
    "to",
    "pays_for",
    "name",
    "period",
    "title",
    "made",
    "effective",
}


def smaller(scenario: Scenario, rounds: int = 6) -> Scenario:
    """Parts are left out, one at a time, for as long as the same kind of thing is found."""
    wanted = kind(scenario)
    for _ in range(rounds):
        before = str(scenario)
        for path in [*cuts({"contract": scenario.contract, "steps": scenario.steps})]:
            with contextlib.suppress(KeyError, IndexError, TypeError):  # gone with what was left out before
                tried = without(scenario, path)
                if kind(tried) == wanted:
                    scenario = tried
        if str(scenario) == before:
            break
    return scenario


def kind(scenario: Scenario) -> str:
    """What is found, in a few words."""
    try:
        return " ".join((trial(scenario) or "").split(": ")[1].split(" ")[:3])
    except Exception:
        return ""


def cuts(found: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each part that may be left out, the largest first."""
    for key, inner in list(found.items() if isinstance(found, dict) else enumerate(found)):
        if path and key not in KEEP:
            yield (*path, key)
        if isinstance(inner, (dict, list)):
            yield from cuts(inner, (*path, key))


def without(scenario: Scenario, path: tuple[Any, ...]) -> Scenario:
    """The scenario without one of its parts."""
    less = copy.deepcopy({"contract": scenario.contract, "steps": scenario.steps})
    at: Any = less
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return Scenario(less["contract"], less["steps"])
