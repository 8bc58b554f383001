"""Facts and compiled rules given to the matchers, and what they find said of the rules as they are written."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from alliance.contract import entries as e
from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.values import Unknown, Value
from alliance.rules.matcher import Fact, FactError, MatcherError, RuleSet, RuleSetError, TooMany, match
from alliance.rules.matcher.run import EngineName
from alliance.rules.plan import FALSE, TRUE, UNKNOWN, Column, Stage, code, number_of

LONGEST = 400
_PASSES: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Row:
    """A fact as rules read it. `key` names it whatever order facts come in; `fields` are its values, `bound` the party
    or category that it is, by dimension; `mark` is where it was read."""

    source: str
    key: str
    fields: Mapping[str, Value] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that holds for some facts (by what the rule calls them); not `certain` where that cannot be decided."""

    rule: e.Rule
    rows: tuple[tuple[str, Row], ...]
    certain: bool

    @property
    def key(self) -> str:
        """What it holds for, as text that no order of facts changes."""
        return "+".join(row.key for _, row in self.rows if row.key)


class Facts(Protocol):
    """Answers for the facts of a settlement: those of each kind, and the environment in which a formula reads one."""

    def rows(self, pattern: e.Pattern) -> Sequence[Row]:
        """The facts of a pattern's kind, in the order of their keys."""

    def env(self, rows: Iterable[tuple[e.Pattern, Row]]) -> Any:
        """Where a formula reads facts by what a rule calls them."""


def hold(stage: Stage, facts: Facts, engine: EngineName | None) -> tuple[list[Held], tuple[str, ...]]:
    """The rules of a stage that hold, in their order and that of the facts, and the matchers that found them.

    Raises `MatcherError` where the matchers disagree or one fails: nothing follows then.
    """
    listed: list[Fact] = []
    rows: list[Row] = []
    ranked: dict[int, list[tuple[int, int, Any]]] = {}
    texts = [list(table.columns.values()) for table in stage.tables]
    for table, columns in zip(stage.tables, texts, strict=True):
        for row in facts.rows(table.pattern):
            env = facts.env([(table.pattern, row)])
            values: list[Any] = []
            for index, column in enumerate(columns):
                value = column.run(env) if column.run is not None else TRUE
                if column.kind == "rank":
                    ranked.setdefault(column.group, []).append((len(listed), index, value))
                    values.append(0)
                else:
                    values.append(_passed(column, _coded(column, value)))
            rows.append(row)
            listed.append(Fact(table.name, tuple(values)))
    _rank(listed, ranked, {table.name: columns for table, columns in zip(stage.tables, texts, strict=True)})
    try:
        result = match(RuleSet(stage.schema(), tuple(stage.rules)), listed, engine)
    except TooMany as error:
        rule = stage.meant[error.rule].rule
        message = f'the rule "{rule.name}" brings more than {error.most:,} facts together.'
        hint = "Join its facts by what is equal in them, or test them more narrowly."
        raise InputError(Fault("AC140", message, rule.mark, hint)) from None
    except (RuleSetError, FactError) as error:
        raise MatcherError(f"The rules cannot be given to the matchers: {error}") from error
    return _meant(stage, result.matches, rows), result.engines


def _coded(column: Column, value: Value) -> Any:
    if column.kind == "verdict":
        return UNKNOWN if isinstance(value, Unknown) else TRUE if value is True else FALSE
    if column.kind == "scaled":
        return code(value, column.scale)
    if column.kind == "text":
        return str(value)[:LONGEST]  # as long as no fixed text is, so that it equals none
    return TRUE


def _passed(column: Column, value: Any) -> Any:
    if column.passes is None:
        return value
    op, constant = column.passes
    return TRUE if _PASSES[op](value, constant) else FALSE


def _rank(
    listed: list[Fact], ranked: Mapping[int, list[tuple[int, int, Any]]], columns: Mapping[str, list[Column]]
) -> None:
    """Put ranks in the place of values that are compared with each other: from 1, 0 for an empty field, -1 for what is
    not known."""
    for cells in ranked.values():
        known = sorted({number_of(v) for _, _, v in cells if v is not None and not isinstance(v, Unknown)})
        place = {v: n for n, v in enumerate(known, 1)}
        for at, index, value in cells:
            rank = UNKNOWN if isinstance(value, Unknown) else 0 if value is None else place[number_of(value)]
            fact = listed[at]
            values = list(fact.values)
            values[index] = _passed(columns[fact.type][index], rank)
            listed[at] = Fact(fact.type, tuple(values))


def _meant(stage: Stage, matches: Iterable[Any], rows: Sequence[Row]) -> list[Held]:
    """What was found, each once: certain where any alternative is."""
    found: dict[tuple[str, tuple[Any, ...]], Held] = {}
    for one in matches:
        meant = stage.meant[one.rule]
        named = tuple((meant.aliases[alias], rows[at]) for alias, at in one.facts)
        if len({id(row) for _, row in named}) < len(named):
            continue  # no fact stands for two patterns; the matchers see it in a table for each
        at = (meant.rule.name, tuple(row.key for _, row in named))
        known = found.get(at)
        if known is None or (meant.certain and not known.certain):
            found[at] = Held(meant.rule, named, meant.certain)
    return sorted(found.values(), key=lambda h: (h.rule.stage, h.rule.order, tuple(r.key for _, r in h.rows)))
