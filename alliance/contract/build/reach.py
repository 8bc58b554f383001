"""How much a contract asks to be worked out in one period: what is said once for many parties or options is many."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.faults import Mark

MOST_WORKED = 100_000
_HINT = "Say it of fewer parties or options, or divide the contract."


def check_reach(b: Builder) -> None:
    """Refuse what comes to more values in a period than are worked out in a moment, at the first that is too much."""
    worked = 0
    for mark, size, what in _sizes(b):
        worked += size
        if worked > MOST_WORKED:
            message = f"with {what} more than {MOST_WORKED:,} values are to be worked out in a period."
            b.fault("AC034", mark, message, _HINT)
            return


def _sizes(b: Builder) -> Iterator[tuple[Mark, int, str]]:
    """The entries, with how many values each comes to."""
    entries: tuple[e.Measure | e.Figure, ...] = (*b.measures.values(), *b.figures.values())
    for entry in entries:
        yield entry.mark, len(entry.keys) or 1, entry.name
    for payment in b.payments.values():
        if not payment.rule:
            yield payment.mark, _of_payment(payment), payment.name
    for rule in b.rules:
        yield rule.mark, _of_rule(b, rule), f'the rule "{rule.name}"'


def _of_payment(p: e.Payment) -> int:
    """Every step of every one that a payment is made for, and everybody who shares in it."""
    each = len(p.each.keys) or 1 if p.each is not None else 1
    sharing = sum(len(group.members) for group in p.groups.values())
    return each * (1 + len(p.steps) + len(p.slices) + sharing)


def _of_rule(b: Builder, rule: e.Rule) -> int:
    """Everything that a rule may hold for, as far as the contract says, and everybody whom something follows for."""
    holds = prod(max(len(p.keys), 1) for p in rule.patterns)
    return holds * (1 + sum(_of_consequence(b, c) for c in rule.then))


def _of_consequence(b: Builder, c: e.Consequence) -> int:
    people = (*c.told, *([c.of] if c.of is not None else ()))
    each = sum(len(b.loops[s.name].keys) for s in people if s.kind == "each" and s.name in b.loops)
    return max(each, 1) * max(len(c.targets), 1)
