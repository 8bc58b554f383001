"""What can go wrong in matching. None of this is a fault of a user's file: the compiler of rule packs sees to those."""

from __future__ import annotations

from collections.abc import Iterable


class RuleSetError(ValueError):
    """Rules that one of the matchers could not be trusted with. `problems` holds one plain sentence for each reason."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class FactError(ValueError):
    """A fact that is not of its type: a field too many or too few, or a value of another kind or out of bounds."""


class MatcherError(RuntimeError):
    """A matcher could not finish. Nothing that it found may be used."""


class TooMany(MatcherError):
    """A rule brings together more facts than a matcher can hold. This is of the rules and facts, and no mistake of the
    matcher."""

    def __init__(self, rule: str, most: int) -> None:
        self.rule, self.most = rule, most
        super().__init__(f'The rule "{rule}" brings the number of combinations of facts above {most:,}.')
