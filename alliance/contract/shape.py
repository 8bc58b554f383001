"""From a file's nodes to the document model: pydantic's errors put into plain words, each at its line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from alliance.contract.faults import Faults, Mark, did_you_mean
from alliance.contract.model.base import KEYS_WANTED, LIST, MAP, TEXT, meant_name, parts_of, walk_to
from alliance.contract.model.document import Document
from alliance.contract.source_nodes import Map, Node, Scalar, Seq
from alliance.contract.source_text import shown

P = TypeVar("P", bound=BaseModel)
_TAGS = {LIST.tag: "a list", MAP.tag: "keys with values", TEXT.tag: "a single value"}
_KEY = "[key]"  # how pydantic says that it is a mapping's key, not its value, that is wrong
_MOST_KNOWN = 20
_APART = ("accounts", "decisions", "terms", "inputs", "measures", "figures", "payments", "variations", "examples")
_VERSION = "Write 1, or use a later version of the program."
_MISSING = {  # what to add for a key where the key alone does not say how its value is written
    "alliance": "alliance: 1",
    "term": "term: {from: 2026-04-01, to: 2029-03-31}",
    "made": "made: 2027-01-10",
    "effective": "effective: 2027-04-01",
    "period": "period: 2026-27",
    "expect": "expect: {savings.earned: 1_000.00}",
}


def read_document(root: Map, faults: Faults) -> Document | None:
    """The document model of a contract file, or None with the faults of its shape collected."""
    return read_part(Document, root, faults)


def read_whole(root: Map, faults: Faults) -> tuple[Document | None, tuple[str, ...]]:
    """The document model of a contract file without its entries of a wrong shape, whose faults are collected, and the
    names of those; None where more is wrong than entries that the rest can be checked without."""
    document, wrong = _read(Document, root, faults)
    if document is not None:
        return document, ()
    apart: dict[str, set[str | int]] = {}
    for part, *path in wrong:
        if part not in _APART or not path:
            return None, ()
        apart.setdefault(str(part), set()).add(path[0])
    names = [str(name) for names in apart.values() for name in names]
    return read_document(_without(root, apart), faults), (*names, *map(meant_name, names))


def _without(root: Map, apart: Mapping[str, Collection[str | int]]) -> Map:
    """The nodes of a contract file without some entries of its parts."""
    parts: list[tuple[Scalar, Node]] = []
    for name, part in root.items():
        left_out = apart.get(name, ())
        if left_out and isinstance(part, Map):
            part = Map([(key, value) for key, value in part.items() if key not in left_out], part.mark)
        elif left_out and isinstance(part, Seq):
            part = Seq([value for index, value in enumerate(part) if index not in left_out], part.mark)
        parts.append((name, part))
    return Map(parts, root.mark)


def read_part(kind: type[P], root: Map, faults: Faults) -> P | None:
    """A part of a file by its model, or None with the faults of its shape collected."""
    return _read(kind, root, faults)[0]


def _read(kind: type[P], root: Map, faults: Faults) -> tuple[P | None, list[list[str | int]]]:
    """A part of a file by its model, or the paths to what is wrong with it, with the faults of that collected."""
    try:
        return kind.model_validate(root), []
    except ValidationError as error:
        wrong = []
        for item in error.errors(include_url=False, include_context=True):
            path = [p for p in item["loc"] if p not in _TAGS]
            wrong.append(path)
            if faults.dropped:  # no more are shown
                faults.dropped += 1
            else:
                _fault(faults, root, item, path, kind)
        return None, wrong


def _fault(faults: Faults, root: Map, item: Any, path: list[str | int], kind: type[BaseModel]) -> None:
    if item["type"] == "extra_forbidden":
        _unknown_key(faults, root, path, kind)
    elif item["type"] == "missing":
        inside = _said(path[:-1]) or ("the contract" if kind is Document else "this")
        hint = f"Add `{_MISSING.get(str(path[-1]), f'{path[-1]}:')}`."
        faults.add("AC031", walk_to(root, path)[0].mark, f'{inside} lacks "{path[-1]}".', hint)
    else:
        mark = _mark(root, path)
        words = str(item["msg"]).removeprefix("Value error, ")
        if item["type"] == "union_tag_invalid":
            words = _other_shape(item["ctx"])
        if path == ["alliance"]:
            words = f"this program reads version 1 of the language, and this is another. {_VERSION}"
        where = _said(path[:-1] if path and path[-1] == _KEY else path)
        hint = f"They are: {_listed(_known(tuple(str(p) for p in path), kind))}." if words == KEYS_WANTED else ""
        if item["type"] == "union_tag_invalid":
            hint = _several(root, path)
        faults.add("AC032", mark, f"{where}: {words}" if where else words, hint)


def _several(root: Map, path: list[str | int]) -> str:
    """What to write where those who pay or are paid are listed."""
    value = walk_to(root, path)[0]
    names = [item for item in value if isinstance(item, Scalar)] if isinstance(value, Seq) else []
    return parts_of(names) if path[-1] in ("from", "to") and 1 < len(names) == len(value) <= _MOST_KNOWN else ""


def _other_shape(context: Any) -> str:
    """Which shapes may stand where another does."""
    wanted = [_TAGS[tag] for tag in _TAGS if repr(tag) in context["expected_tags"]]
    return f"{' or '.join(reversed(wanted))}: one of these is wanted here, not {_TAGS[context['tag']]}."


def _unknown_key(faults: Faults, root: Map, path: list[str | int], kind: type[BaseModel]) -> None:
    name, known = str(path[-1]), _known(tuple(str(p) for p in path[:-1]), kind)
    hint = did_you_mean(name, known) or f"It may be: {_listed(known)}."
    value = walk_to(root, path)[0]
    if isinstance(value, Scalar) and value.null:
        hint = f"If {shown(name)} belongs to the text before it, put that text in quotes: a comma ends it. {hint}"
    operation = next((k for k in value if k in known), None) if isinstance(value, Map) and "name" in known else None
    if operation is not None and isinstance(path[-2], int):
        hint = f"Write the name as one of the keys: - {{name: {name}, {operation}: ...}}"
    inside = _said(path[:-1])
    where = f"in {inside}" if inside else "here"
    faults.add("AC030", _mark(root, [*path, _KEY]), f"{shown(name)} is not known {where}.", hint)


def _mark(root: Map, path: list[str | int]) -> Mark:
    """The place of what a path leads to: a key where the path says so, else a value."""
    if path and path[-1] == _KEY:
        inside = walk_to(root, path[:-2])[0]
        assert isinstance(inside, Map)
        return inside.key_mark(str(path[-2]))
    return walk_to(root, path)[0].mark


def _said(path: Iterable[str | int]) -> str:
    """A path as a person says it.

    >>> _said(["payments", "savings", "steps", 1, "corridor"])
    'payments.savings, step 2, corridor'
    """
    groups: list[list[str]] = [[]]
    for step in path:
        if isinstance(step, int):
            kind = groups[-1].pop() if groups[-1] else "item"
            groups += [[f"{kind.removesuffix('s')} {step + 1}"], []]
        else:
            groups[-1].append(shown(step)[1:-1])
    return ", ".join(".".join(group) for group in groups if group)


def _listed(known: tuple[str, ...]) -> str:
    more = f" and {len(known) - _MOST_KNOWN} more" if len(known) > _MOST_KNOWN else ""
    return f"{', '.join(known[:_MOST_KNOWN])}{more}"


@cache
def _known(path: tuple[str, ...], kind: type[BaseModel] = Document) -> tuple[str, ...]:
    """The keys that a part of a file may have, found by following the model down a path."""
    models: list[type[BaseModel]] = [kind]
    for step in path:
        found = [
            inner
            for model in models
            for name, field in model.model_fields.items()
            if step == (field.alias or name)
            for annotation in (field.annotation, *field.metadata)
            for inner in _models_in(annotation)
        ]
        models = found or models  # a name, a date or a place in a list leads nowhere else
    keys = [f.alias or n for m in models for n, f in m.model_fields.items() if n != "at"]
    return tuple(dict.fromkeys(keys))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)
