"""Matching: both matchers on the same rules and facts, and no answer unless they agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alliance.rules.matcher import durable, plain, safe
from alliance.rules.matcher.errors import MatcherError
from alliance.rules.matcher.types import Fact, Match, RuleSet

EngineName = Literal["both", "durable", "plain"]

# A disagreement names this many matches from each side.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Result:
    """The matches, sorted by the order of the rule and then by the places of the facts, and who found them."""

    matches: tuple[Match, ...]
    engines: tuple[str, ...]


class Disagreement(MatcherError):
    """The two matchers gave different answers, so neither is used. Holds what only the one and only the other found."""

    def __init__(
        self, ruleset: RuleSet, facts: Sequence[Fact], by_plain: tuple[Match, ...], by_durable: tuple[Match, ...]
    ) -> None:
        self.plain = by_plain
        self.durable = by_durable
        both = set(by_plain) & set(by_durable)
        self.only_plain = tuple(match for match in by_plain if match not in both)
        self.only_durable = tuple(match for match in by_durable if match not in both)
        lines = ["The two matchers disagree about which rules hold, so nothing follows from them."]
        for name, only in (("the plain matcher", self.only_plain), ("durable_rules", self.only_durable)):
            lines.append(f"Found only by {name}: {len(only) or 'nothing'}")
            lines += (f"  {described(match, ruleset, facts)}" for match in only[:SHOWN])
            if len(only) > SHOWN:
                lines.append(f"  and {len(only) - SHOWN} more")
        super().__init__("\n".join(lines))


def described(match: Match, ruleset: RuleSet, facts: Sequence[Fact]) -> str:
    """A match in words: the rule, and each of its facts with its place and values."""
    told = []
    for alias, place in match.facts:
        fact = facts[place]
        names = (name for name, _ in ruleset.schema[fact.type].fields)
        values = ", ".join(f"{name}: {value!r}" for name, value in zip(names, fact.values, strict=True))
        told.append(f"{alias} = {fact.type} {place} ({values})")
    return f'rule "{match.rule}" for {"; ".join(told)}'


def match(ruleset: RuleSet, facts: Sequence[Fact], engine: EngineName | None = None) -> Result:
    """The matches of the rules with the facts.

    `engine` says who looks: both, or one alone. Unsaid, both where durable_rules is available, the plain matcher where
    it is not; `engines` of the result says which it was.

    `RuleSetError` for rules outside the safe subset, `FactError` for a fact not of its type, `Disagreement` if the two
    differ, `MatcherError` if either fails.

    >>> from alliance.rules.matcher import Join, MatchRule, Pattern, RuleSet, Schema
    >>> schema = Schema.of({"visit": {"person": "text"}, "waiver": {"person": "text"}})
    >>> waived = Pattern("w", "waiver", joins=(Join("person", "==", "v", "person"),), absent=True)
    >>> rules = RuleSet(schema, (MatchRule("due", 1, (Pattern("v", "visit"), waived)),))
    >>> visit, waiver = schema["visit"], schema["waiver"]
    >>> facts = [visit.fact(person="p1"), visit.fact(person="p2"), waiver.fact(person="p1")]
    >>> match(rules, facts, engine="plain").matches
    (Match(rule='due', order=1, facts=(('v', 1),)),)
    """
    if engine not in (None, "both", "durable", "plain"):
        raise ValueError(f"There is no matcher called {engine!r}; there are both, durable and plain.")
    ruleset.check()
    safe.check_facts(ruleset.schema, facts)
    if engine == "durable":
        return Result(durable.matches(ruleset, facts), ("durable",))
    if engine == "plain" or (engine is None and not durable.available()):
        return Result(plain.matches(ruleset, facts), ("plain",))
    if not durable.available():
        raise MatcherError(durable.why_not())
    # The plain one first: it stops at a number of combinations that the other would try to hold in memory.
    by_plain = plain.matches(ruleset, facts)
    by_durable = durable.matches(ruleset, facts)
    if by_plain != by_durable:
        raise Disagreement(ruleset, facts, by_plain, by_durable)
    return Result(by_plain, ("plain", "durable"))
