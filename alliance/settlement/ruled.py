"""What became of the rules of a contract in a settlement."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.contract.faults import Mark


@dataclass(frozen=True, slots=True)
class Notice:
    """What a rule says to a party."""

    rule: str
    to: str
    text: str
    clause: str
    facts: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of a rule. `status`: holds, does not hold, cannot be decided. `held_for` are the facts of each time
    that it held; `why` says which test failed where it did not, or what is not known. `period` is the shorter period in
    which it was looked at, empty for the settlement's own."""

    name: str
    title: str
    clause: str
    pack: str
    status: str
    held_for: tuple[str, ...]
    follows: tuple[str, ...]
    why: str
    mark: Mark
    period: str = ""
