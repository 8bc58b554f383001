"""What is known: terms that the contract fixes, and inputs that a settlement brings."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alliance.contract.model.base import (
    BY_SHAPE,
    LIST,
    MAP,
    TEXT,
    Along,
    Day,
    Exact,
    Flag,
    Formula,
    List,
    MonthDay,
    Name,
    Names,
    Pairs,
    Part,
    Spelled,
    Text,
    Word,
)


class Rounded(Part):
    """Rounding to a multiple of a step (`to: 0.01`), half away from zero unless it says down or up."""

    to: Exact
    how: Word("half_up", "down", "up") = "half_up"  # type: ignore[valid-type]


class Uplift(Part):
    """A change of a term on a day of each year, by a percentage."""

    each: MonthDay
    from_: Day = Field(alias="from")
    to: Day | None = None
    by: Formula
    rounded: Rounded | None = None


Figures = Annotated[Annotated[Exact, TEXT] | Annotated[Pairs[Text, Exact], MAP], BY_SHAPE]
"""One figure, or a figure for each party or category."""


class Term(Part):
    """A figure that the contract fixes: dated, by party or by category, uplifted, or worked out from other terms."""

    title: Text | None = None
    clause: Text | None = None
    unit: Text | None = None
    by: Along | None = None
    value: Figures | None = None
    values: Pairs[Day, Figures] | None = None
    of_the_year: Pairs[Text, Figures] | None = None
    is_: Formula | None = Field(None, alias="is")
    uplift: Uplift | None = None
    note: Text | None = None


Reads = Annotated[Annotated[Text, TEXT] | Annotated[Pairs[Spelled, Text], MAP], BY_SHAPE]
"""How text is read: `percent points`, or words with what they mean, or both (`as: percent points`)."""

Columns = Annotated[Annotated[Text, TEXT] | Annotated[Pairs[Text, Text], MAP], BY_SHAPE]
"""The name of a column, or of a column for each party or category."""

FieldType = Annotated[Annotated[Text, TEXT] | Annotated[List[Text], LIST], BY_SHAPE]


class Input(Part):
    """What a settlement brings: a figure, a figure for each party, a column of a table, records, events, child rows."""

    title: Text | None = None
    clause: Text | None = None
    unit: Text | None = None
    one_of: Annotated[Annotated[Name, TEXT] | Annotated[List[Text], LIST], BY_SHAPE] | None = None
    by: Along | None = None
    from_: Name | None = Field(None, alias="from")
    due: Text | None = None
    over_periods: Word("add", "last", "mean", "same") | None = None  # type: ignore[valid-type]
    column: Columns | None = None
    reads: Reads | None = None
    at_least: Exact | None = None
    at_most: Exact | None = None
    if_: Pairs[Text, Text] | None = Field(None, alias="if")
    optional: Flag = False
    records: Names[FieldType] | None = None
    events: Names[FieldType] | None = None
    rows: Names[FieldType] | None = None
    instrument: Text | None = None
    dated: Name | None = None
    key: Name | None = None
    unique: List[Name] | None = None
    faulty: Word("stop", "drop and count") = "stop"  # type: ignore[valid-type]
    note: Text | None = None
