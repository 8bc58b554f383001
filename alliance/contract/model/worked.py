"""What is worked out: measures with their scores, and figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alliance.contract.model.base import (
    BY_SHAPE,
    MAP,
    TEXT,
    Exact,
    Flag,
    Formula,
    List,
    Name,
    Names,
    Pairs,
    Part,
    Text,
    Word,
)
from alliance.contract.model.known import Columns, Reads, Rounded


class Band(Part):
    """A band of values, closed below and open above, and what it gives."""

    from_: Formula | None = Field(None, alias="from")
    below: Formula | None = None
    gives: Formula


class Score(Part):
    """How a value becomes a score: a straight line, a curve, bands, or the better of several."""

    of: Formula | None = None
    nothing_at: Formula | None = None
    full_at: Formula | None = None
    then: Pairs[Formula, Formula] | None = None
    curve: Pairs[Formula, Formula] | None = None
    bands: List[Band] | None = None
    better_of: Names[Score] | None = None
    points: Formula | None = None
    held: Flag = True
    at_least: Formula | None = None
    at_most: Formula | None = None
    rounded: Rounded | None = None


class Interval(Part):
    """A confidence interval and what a measure earns when it does not clear the comparison."""

    level: Exact
    when_it_does_not_clear: Word("report", "no change", "bound") = "report"  # type: ignore[valid-type]


class Proportion(Part):
    """The share of records that meet a test."""

    of: Name
    where: Formula
    excluding: Formula | None = None


class Baseline(Part):
    """A counted baseline over a span of days, held to the months of the window."""

    baseline: Exact
    over: Text | None = None


class Ratio(Part):
    """An input held to a baseline or to another input."""

    of: Name
    to: Annotated[Annotated[Name, TEXT] | Annotated[Baseline, MAP], BY_SHAPE]


class Measure(Part):
    """A measured outcome: a value with its cases and status, and a score."""

    title: Text | None = None
    outcome: Text | None = None
    clause: Text | None = None
    better: Word("higher", "lower") | None = None  # type: ignore[valid-type]
    reported: Text | None = None
    proportion: Proportion | None = None
    ratio: Ratio | None = None
    by: Name | None = None
    window: Text | None = None
    matured: Text | None = None
    minimum: Text | None = None
    if_: Pairs[Text, Text] | None = Field(None, alias="if")
    interval: Interval | None = None
    from_: Name | None = Field(None, alias="from")
    due: Text | None = None
    column: Columns | None = None
    cases_column: Columns | None = None
    reads: Reads | None = None
    validated_by: Name | None = None
    score: Score | None = None
    note: Text | None = None


class Curve(Part):
    """Straight lines between points, held at the ends unless it says not."""

    of: Formula
    points: Pairs[Formula, Formula]
    held: Flag = True


class Bands(Part):
    """Bands closed below and open above."""

    of: Formula
    bands: List[Band]


class Figure(Part):
    """Any other named value: a formula, a curve, bands, a weighted composite, a sum over records."""

    title: Text | None = None
    clause: Text | None = None
    unit: Text | None = None
    each: Name | None = None
    is_: Formula | None = Field(None, alias="is")
    curve: Curve | None = None
    bands: Bands | None = None
    weighted: Pairs[Formula, Formula] | None = None
    rounded: Rounded | None = None
    note: Text | None = None
