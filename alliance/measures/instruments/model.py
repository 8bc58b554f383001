"""The shape of an instrument's file, before its names are resolved."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from alliance.contract.model.base import (
    BY_SHAPE,
    LIST,
    MAP,
    TEXT,
    Exact,
    Flag,
    List,
    Name,
    Names,
    Pairs,
    Part,
    Spelled,
    Text,
    Word,
)
from alliance.contract.model.known import Rounded


class AnswerPart(Part):
    """One answer that an item can have."""

    label: Text | None = None
    value: Exact | None = None
    side: Word("benefit", "harm", "neither") | None = None  # type: ignore[valid-type]
    counts_as: Word("missing", "not applicable") | None = None  # type: ignore[valid-type]


AnswerOf = Annotated[Annotated[Exact, TEXT] | Annotated[AnswerPart, MAP], BY_SHAPE]
"""An answer, or only its value."""


class ItemPart(Part):
    """One question or statement."""

    text: Text
    answers: Name
    values: Pairs[Spelled, Exact] = Field(default_factory=dict)
    reversed: Flag = False


class MissingPart(Part):
    """How many items of a scale a person may leave out and still be scored."""

    at_most: Text


Table = Annotated[Annotated[Text, TEXT] | Annotated[Pairs[Spelled, Exact], MAP], BY_SHAPE]
"""A table, or `supplied`: whoever scores brings it."""

Counted = Annotated[Annotated[Text, TEXT] | Annotated[List[Spelled], LIST], BY_SHAPE]
"""A side (`benefit`, `harm`, `neither`), one answer, or a list of answers."""


class ScalePart(Part):
    """One score of a person, made of some of the items or of all of them."""

    title: Text | None = None
    of: List[Name] | None = None
    score: Word("sum", "mean", "count", "share", "all", "state")  # type: ignore[valid-type]
    better: Word("higher", "lower") | None = None  # type: ignore[valid-type]
    weights: Names[Exact] = Field(default_factory=dict)
    start: Exact | None = None
    counting: Counted | None = None
    missing: MissingPart | None = None
    rounded: Rounded | None = None
    convert: Table | None = None
    values: Table | None = None


class ModePart(Part):
    """One way of completing the instrument. Answers given in one that does not count are kept apart."""

    label: Text
    counts: Flag = True


class ResponsePart(Part):
    """What the weight of a result is at each response rate: straight lines between points, held at the ends."""

    weight: Pairs[Exact, Exact]


class InstrumentPart(Part):
    """The file."""

    instrument: Text
    id: Text
    title: Text
    version: Text
    about: Text | None = None
    source: Text | None = None
    completion: Names[ModePart] = Field(default_factory=dict)
    answers: Names[Pairs[Spelled, AnswerOf]]
    items: Names[ItemPart]
    blank: List[Spelled] = Field(default_factory=list)
    missing: MissingPart | None = None
    scales: Names[ScalePart]
    response: ResponsePart | None = None
