"""What every part of a contract file shares: scalars read from their text, and places in the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from alliance.contract.faults import Mark
from alliance.contract.numbers import Number, parse_date, parse_number, parse_percent
from alliance.contract.source import Map, Scalar, Seq
from alliance.contract.source_text import shown

NOWHERE = Mark("")
KEYS_WANTED = "keys with their values (key: value) are wanted here."
_WORDS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")


def scalar(value: Any) -> Scalar:
    """The value as a scalar of the file; anything else is a shape fault."""
    if not isinstance(value, str):
        kind = "keys with values" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else "nothing"
        raise ValueError(f"a single value is wanted here, not {kind}.")
    if isinstance(value, Scalar) and value.null:
        raise ValueError("a value is missing here.")
    return value if isinstance(value, Scalar) else Scalar(value, NOWHERE)


def _text(value: Any) -> Scalar:
    found = scalar(value)
    if len(found) > 4_000:
        raise ValueError(
            f"this has {len(found):,} characters, and 4,000 are the most. Name parts of a long formula as figures."
        )
    return found


def _name(value: Any) -> Scalar:
    found = scalar(value)
    if not _NAME.match(found) or len(found) > 60:
        meant = re.sub(r"[^a-z0-9]+", "_", found[:60].lower()).strip("_")
        hint = f' Write "{meant}".' if _NAME.match(meant) and len(found) <= 60 else " It has at most 60."
        raise ValueError(
            f"{shown(found)} is not a name: a name has lower-case letters, digits and underscores only, "
            f"and begins with a letter.{hint}"
        )
    return found


def _flag(value: Any) -> bool:
    found = scalar(value)
    if found in ("true", "false"):
        return found == "true"
    meant = _WORDS.get(found.lower(), "true or false")
    raise ValueError(f"{shown(found, 40)} is not true or false. Write {meant}.")


def _number(value: Any) -> Number:
    found = scalar(value)
    return parse_percent(found) if found.rstrip().endswith("%") else parse_number(found)


def _attribute(value: Any) -> Any:
    return _flag(value) if scalar(value) in ("true", "false") else _number(value)


def _date(value: Any) -> date:
    return parse_date(scalar(value))


def _month_day(value: Any) -> tuple[int, int]:
    found = scalar(value)
    match = _MONTH_DAY.match(found)
    if (
        not match
        or (match[1] == "02" and int(match[2]) > 28)
        or (match[1] in ("04", "06", "09", "11") and match[2] == "31")
    ):
        raise ValueError(f"{shown(found, 20)} is not a day of the year: write month and day as 04-01.")
    return int(match[1]), int(match[2])


def _word(*options: str) -> Any:
    def read(value: Any) -> Scalar:
        found = scalar(value)
        if found not in options:
            from alliance.contract.faults import did_you_mean

            hint = did_you_mean(found, options)
            raise ValueError(f"{shown(found, 40)} cannot stand here. It may be: {', '.join(options)}. {hint}".rstrip())
        return found

    return Annotated[Scalar, PlainValidator(read), WithJsonSchema({"enum": list(options)})]


def Word(*options: str) -> Any:  # noqa: N802  (it stands where a type does)
    """A field that holds one of the given words."""
    return _word(*options)


_STRING = WithJsonSchema({"type": "string"})
_SCALAR = WithJsonSchema({"type": ["string", "number", "boolean"]})

Text = Annotated[Scalar, PlainValidator(_text), _STRING]
"""Words for people."""
Name = Annotated[Scalar, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"})]
"""The name of an entry."""
Formula = Annotated[Scalar, PlainValidator(_text), _SCALAR]
"""A formula, or a figure, which is the simplest formula."""
Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Exact = Annotated[Any, PlainValidator(_number), _SCALAR]
"""An exact number or percentage."""
Attribute = Annotated[Any, PlainValidator(_attribute), _SCALAR]
"""Something said of a party: true, false, or a number."""
Day = Annotated[date, PlainValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
MonthDay = Annotated[tuple[int, int], PlainValidator(_month_day), _STRING]
Raw = Annotated[Any, WithJsonSchema({})]
"""A piece of the file read later by what it belongs to."""


def _mapping(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError("names, each with what belongs to it (name: ...), are wanted here.")
    return value


def _sequence(value: Any) -> Any:
    if not isinstance(value, list):
        raise ValueError("a list is wanted here: begin each entry with a dash, as in `- name: corridor`.")
    return value


V = TypeVar("V")
Names = Annotated[dict[Name, V], BeforeValidator(_mapping)]
"""A mapping from names to parts."""
List = Annotated[list[V], BeforeValidator(_sequence)]


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "map"
    return "list" if isinstance(value, list) else "text"


BY_SHAPE = Discriminator(_shape)
"""Chooses between a single value, a mapping and a list by what the file has."""
TEXT, MAP, LIST = Tag("text"), Tag("map"), Tag("list")


class Marks:
    """Where a part stands in its file, and where each of its keys and values does."""

    __slots__ = ("mark", "node")

    def __init__(self, node: Mapping[str, Any]) -> None:
        self.node = node
        self.mark: Mark = getattr(node, "mark", NOWHERE)

    def value(self, *path: str | int) -> Mark:
        """The place of the value at a path below this part; of the deepest step that exists."""
        node: Any = self.node
        mark = self.mark
        for step in path:
            if isinstance(node, Mapping) and step in node:
                if isinstance(node, Map):
                    mark = node.key_mark(str(step))
                node = node[step]
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                break
            mark = getattr(node, "mark", mark)
        return mark


class Part(BaseModel):
    """A mapping of the file with known keys. Unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, strict=True)

    at: Annotated[Any, WithJsonSchema({"type": "null"})] = Field(default=None, alias="\x00at", exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _mark(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise ValueError(KEYS_WANTED)
        return {**data, "\x00at": Marks(data)}

    def present(self) -> list[str]:
        """The keys that the file gives for this part."""
        return [str(k) for k in self.at.node]


__all__ = [
    "BY_SHAPE",
    "LIST",
    "MAP",
    "TEXT",
    "Attribute",
    "Day",
    "Exact",
    "Flag",
    "Formula",
    "List",
    "Map",
    "Marks",
    "MonthDay",
]
__all__ += ["NOWHERE", "Name", "Names", "Part", "Raw", "Scalar", "Seq", "Text", "Word", "scalar"]
