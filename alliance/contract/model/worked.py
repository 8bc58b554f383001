"""What is worked out: measures with their scores, and figures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alliance.contract.model.base import (
    BY_SHAPE,
    MAP,
    TEXT,
    Along,
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
    against: Formula | None = None


class Counting(Part):
    """Which records a measure is worked out from, and which of them are left out."""

    of: Name
    among: Formula | None = None
    excluding: Formula | None = None
    dated: Name | None = None
    whose: Name | None = None


class Proportion(Counting):
    """The share of records that meet a test."""

    where: Formula


class Rate(Counting):
    """Records that meet a test, for so many of a population or of the days that people spent."""

    where: Formula | None = None
    per: Exact = 1
    to: Formula


class Mean(Counting):
    """The mean of a value of records."""

    value: Formula
    truncated_at: Exact | None = None


class Distinct(Counting):
    """How many people (or other things with an id) there are among records."""

    where: Formula | None = None
    person: Name | None = None


class Bundle(Counting):
    """The share of records in which everything was done that is to be done: all or nothing."""

    all: List[Formula]


class TimeTo(Counting):
    """The days from a date to an event, at a percentile of all records: those without the event count as never."""

    from_: Name = Field(alias="from")
    event: Name
    percentile: Exact
    truncated_at: Exact | None = None


class Repeat(Counting):
    """The share of records that another of the same person follows within so many days."""

    within: Text
    where: Formula | None = None
    person: Name | None = None


class RunLength(Counting):
    """How many records there are since the last day on which one missed a test."""

    where: Formula


class Paired(Counting):
    """How far a value of people moved from a baseline to a follow-up."""

    value: Formula
    baseline: Formula
    follow_up: Formula
    within: Text | None = None
    after: Text | None = None
    take: Word("first", "last") = "last"  # type: ignore[valid-type]
    take_baseline: Word("first", "last") = "first"  # type: ignore[valid-type]
    person: Name | None = None


class Changed(Paired):
    """The share of people who improved from a baseline to a follow-up; unchanged and worse are told beside it."""

    by: Formula


class Sustained(Counting):
    """The share of people of whom a test still holds at every later point."""

    where: Formula
    entered: Name
    at_: List[Text] = Field(alias="at")
    give_or_take: Text | None = None
    person: Name | None = None


class Limited(Part):
    """The least and most that an adjustment comes to."""

    reference: Formula
    at_least: Formula | None = None
    at_most: Formula | None = None


class Expected(Counting):
    """What was observed, over what was expected of these records."""

    where: Formula
    expected: Formula
    adjusted: Limited | None = None


class Difference(Part):
    """How far one measure is from a comparator or a comparison cohort."""

    of: Name
    from_: Formula = Field(alias="from")


class Deadweight(Part):
    """A measure less the share of it that would have come about anyway."""

    of: Name
    share: Formula


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
    rate: Rate | None = None
    mean: Mean | None = None
    paired_change: Paired | None = None
    changed: Changed | None = None
    sustained: Sustained | None = None
    time_to: TimeTo | None = None
    bundle: Bundle | None = None
    distinct: Distinct | None = None
    repeat: Repeat | None = None
    run_length: RunLength | None = None
    observed_to_expected: Expected | None = None
    difference: Difference | None = None
    deadweight: Deadweight | None = None
    by: Along | None = None
    window: Text | None = None
    cohort: Text | None = None
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
