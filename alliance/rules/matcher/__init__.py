"""Matching rules with facts: which rules hold, and for which facts. It knows nothing of contracts, YAML or formulas.

Two matchers read the same rules: durable_rules, inside the subset of it that was measured to be right, and a plain one
written independently. They must agree.
"""

from __future__ import annotations

from alliance.rules.matcher.durable import available, why_not
from alliance.rules.matcher.errors import FactError, MatcherError, RuleSetError, TooMany
from alliance.rules.matcher.run import Disagreement, Result, match
from alliance.rules.matcher.types import (
    Fact,
    FactType,
    Join,
    Kind,
    Match,
    MatchRule,
    Op,
    Pattern,
    RuleSet,
    Schema,
    Test,
    Value,
)

__all__ = [
    "Disagreement",
    "Fact",
    "FactError",
    "FactType",
    "Join",
    "Kind",
    "Match",
    "MatchRule",
    "MatcherError",
    "Op",
    "Pattern",
    "Result",
    "RuleSet",
    "RuleSetError",
    "Schema",
    "Test",
    "TooMany",
    "Value",
    "available",
    "match",
    "why_not",
]
