"""What every part of a contract file shares: scalars read from their text, and places in the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

from alliance.contract.faults import Mark, did_you_mean
from alliance.contract.numbers import Number, parse_date, parse_number, parse_percent
from alliance.contract.source_nodes import Map, Node, Scalar, Seq
from alliance.contract.source_text import shown

KEYS_WANTED = "keys with their values (key: value) are wanted here."
_MOST_CHARACTERS = 4_000
_MOST_IN_NAME = 60
_NO_OTHERS: Mapping[str, str] = {}
_FLAGS = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_LAST = {"02": "28", **dict.fromkeys(("04", "06", "09", "11"), "30")}
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")


def scalar(value: Any) -> Scalar:
    """The value as a scalar of the file; anything else is a shape fault."""
    if not isinstance(value, Scalar):
        kind = "keys with values" if isinstance(value, Mapping) else "a list"
        raise ValueError(f"a single value is wanted here, not {kind}.")
    if value.null:
        raise ValueError("a value is missing here. Write one, or remove the line.")
    return value


def _words(value: Any) -> Scalar:
    found = scalar(value)
    if len(found) > _MOST_CHARACTERS:
        hint = "Name parts of a long formula as figures."
        raise ValueError(f"this has {len(found):,} characters, and {_MOST_CHARACTERS:,} are the most. {hint}")
    return found


def _text(value: Any) -> Scalar:
    found = _words(value)
    if not found.strip():
        raise ValueError("a text is missing here.")
    return found


class FormulaText(Scalar):
    """A text that is a formula, told apart so that all of a part can be found."""

    __slots__ = ()


def _formula(value: Any) -> FormulaText:
    found = _words(value)
    return FormulaText(found, found.mark, found.quoted)


def _along(value: Any) -> Scalar:
    if isinstance(value, Sequence) and not isinstance(value, str):
        hint = "What is by two (party and category, say) is brought as records, with a field for each."
        raise ValueError(f"one role or category is wanted here, not a list. {hint}")
    return _name(value)


def meant_name(text: str) -> str:
    """The name that was meant by what is none.

    >>> meant_name("Target-spend")
    'target_spend'
    """
    return re.sub(r"[^a-z0-9]+", "_", text[:_MOST_IN_NAME].lower()).strip("_")


def _name(value: Any) -> Scalar:
    found = scalar(value)
    if not _NAME.match(found) or len(found) > _MOST_IN_NAME:
        meant = meant_name(found)
        fits = _NAME.match(meant) and len(found) <= _MOST_IN_NAME
        if _NAME.match(found):
            raise ValueError(f"this name has {len(found):,} characters, and {_MOST_IN_NAME} are the most.")
        hint = f'Write "{meant}".' if fits else f"It has at most {_MOST_IN_NAME} characters."
        raise ValueError(
            f"{shown(found)} is not a name: a name has lower-case letters, digits and underscores only, "
            f"and begins with a letter. {hint}"
        )
    return found


_SEVERAL = re.compile(r" *(?:,|\band\b|\+|/|&) *")


def _sharer(value: Any) -> Scalar:
    found = scalar(value)
    names = _SEVERAL.split(found)
    if len(names) > 1 and all(_NAME.match(name) for name in names):
        raise ValueError(f"{shown(found)} is more than one name. {parts_of(names)}")
    return _name(found)


def parts_of(names: Sequence[str]) -> str:
    """How several names are written where each has a part.

    >>> parts_of(["north", "south"])
    'Say what part each has: {north: 50%, south: 50%}.'
    """
    equal, left = divmod(100, len(names))
    parts = (f"{name}: {equal + (1 if index < left else 0)}%" for index, name in enumerate(names))
    return f"Say what part each has: {{{', '.join(parts)}}}."


def _flag(value: Any) -> bool:
    found = scalar(value)
    if found in ("true", "false"):
        return found == "true"
    meant = _FLAGS.get(found.lower(), "true or false")
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
    if not match or found[3:] > _LAST.get(found[:2], "31"):
        raise ValueError(f"{shown(found, 20)} is not a day of the year: write month and day as 04-01.")
    return int(match[1]), int(match[2])


def Word(*options: str, meant: Mapping[str, str] = _NO_OTHERS) -> Any:  # noqa: N802 - it stands where a type does
    """A field that holds one of the given words. `meant` is what others say for one of them."""

    def read(value: Any) -> Scalar:
        found = scalar(value)
        if found not in options:
            word = meant.get(found.lower())
            hint = f'Did you mean "{word}"?' if word in options else did_you_mean(found, options)
            raise ValueError(f"{shown(found, 40)} cannot stand here. It may be: {', '.join(options)}. {hint}".rstrip())
        return found

    return Annotated[Scalar, PlainValidator(read), WithJsonSchema({"enum": list(options)})]


_STRING = WithJsonSchema({"type": "string"})
_SCALAR = WithJsonSchema({"type": ["string", "number", "boolean"]})

Text = Annotated[Scalar, PlainValidator(_text), _STRING]
"""Words for people."""
Spelled = Annotated[Scalar, PlainValidator(_words), _SCALAR]
"""A text of a data file as it is spelled there, which may be no text at all."""
Name = Annotated[Scalar, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"})]
"""The name of an entry."""
Along = Annotated[Scalar, PlainValidator(_along), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"})]
"""The role or category by which something has a value each."""
Sharer = Annotated[Scalar, PlainValidator(_sharer), WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"})]
"""The name of the one who pays or is paid."""
Formula = Annotated[Scalar, PlainValidator(_formula), _SCALAR]
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
    if isinstance(value, Mapping):
        return value
    raise ValueError("names, each with what belongs to it (name: ...), are wanted here.")


def _sequence(value: Any) -> Any:
    if isinstance(value, list):
        return value
    raise ValueError("a list is wanted here: begin each entry with a dash, as in `- name: corridor`.")


K = TypeVar("K")
V = TypeVar("V")
Pairs = Annotated[dict[K, V], BeforeValidator(_mapping)]
"""A mapping."""
Names = Annotated[dict[Name, V], BeforeValidator(_mapping)]
"""A mapping from names to parts."""
List = Annotated[list[V], BeforeValidator(_sequence)]


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return MAP.tag
    return LIST.tag if isinstance(value, list) else TEXT.tag


TEXT, MAP, LIST = Tag("\0text"), Tag("\0map"), Tag("\0list")  # no key of a file holds this character
BY_SHAPE = Discriminator(_shape)
"""Chooses between a single value, a mapping and a list by what the file has."""


class Marks:
    """Where a part stands in its file, and where each of its keys and values does."""

    __slots__ = ("mark", "node")

    def __init__(self, node: Map) -> None:
        self.node = node
        self.mark = node.mark

    def value(self, *path: str | int) -> Mark:
        """The place of the value at a path below this part; of the deepest step that exists."""
        return walk_to(self.node, path)[0].mark


def walk_to(node: Node, path: Iterable[str | int]) -> tuple[Node, int]:
    """The deepest node that exists along a path, and how many steps of the path lead to it."""
    taken = 0
    for step in path:
        found: Node | None = None
        if isinstance(node, Map) and isinstance(step, str):
            found = node.get(step)
        elif isinstance(node, Seq) and isinstance(step, int) and step < len(node):
            found = node[step]
        if found is None:
            break
        node, taken = found, taken + 1
    return node, taken


class Part(BaseModel):
    """A mapping of the file with known keys. Unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, strict=True)

    at: Annotated[Any, WithJsonSchema({"type": "null"})] = Field(default=None, alias="\x00at", exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _mark(cls, data: Any) -> Any:
        if not isinstance(data, Map):
            raise ValueError(KEYS_WANTED)
        return {**data, "\x00at": Marks(data)}


def formulas(value: object) -> Iterator[FormulaText]:
    """Every formula of a part and the parts below it, in the order of the model."""
    if isinstance(value, FormulaText):
        yield value
    elif isinstance(value, Part):
        for name in type(value).model_fields:
            yield from formulas(getattr(value, name))
    elif isinstance(value, dict):
        for item in (*value, *value.values()):
            yield from formulas(item)
    elif isinstance(value, list):
        for item in value:
            yield from formulas(item)
