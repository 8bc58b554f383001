"""From a file's nodes to the document model: pydantic's errors put into plain words, each at its line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from alliance.contract.faults import Faults, Mark, did_you_mean
from alliance.contract.model.base import Map, Scalar
from alliance.contract.model.document import Document


def read_document(root: Map, faults: Faults) -> Document | None:
    """The document model of a contract file, or None with the faults of its shape collected."""
    try:
        return Document.model_validate(root)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False):
            _fault(faults, root, item)
        return None


def _fault(faults: Faults, root: Map, item: Any) -> None:
    loc = [p for p in item["loc"] if p not in ("text", "map", "list", "[key]")]
    tail = item["loc"][-1] if item["loc"] else ""
    path, mark = _walk(root, loc)
    kind, message = item["type"], str(item["msg"])
    where = ".".join(str(p) for p in loc)
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        known = _known(tuple(str(p) for p in loc[:-1]))
        hint = did_you_mean(name, known) or (f"It may be: {', '.join(known[:20])}." if known else "")
        inside = where.rpartition(".")[0]
        value = _walk(root, loc)[0]
        if isinstance(value, Scalar) and value.null:
            hint = (
                f'If "{name}" belongs to the text before it, put that text in quotes: a comma ends it. {hint}'.rstrip()
            )
        faults.add(
            "AC030", _key_mark(root, loc), f'"{name}" is not known {"in " + inside if inside else "here"}.', hint
        )
    elif kind == "missing":
        _, mark = _walk(root, loc[:-1])
        inside = where.rpartition(".")[0] or "the contract"
        faults.add("AC031", mark, f'{inside} lacks "{name}".', f"Add `{name}:`.")
    else:
        words = message.removeprefix("Value error, ")
        if tail == "[key]":
            mark = _key_mark(root, loc)
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            words = "this is not a shape that can stand here."
        faults.add("AC032", mark, f"{where}: {words}" if where else words)
    _ = path


def _walk(root: Map, loc: list[Any]) -> tuple[Any, Mark]:
    node: Any = root
    mark = root.mark
    for step in loc:
        if isinstance(node, Mapping) and step in node:
            mark = node.key_mark(step) if isinstance(node, Map) else mark
            node = node[step]
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            break
        mark = getattr(node, "mark", mark)
    return node, mark


def _key_mark(root: Map, loc: list[Any]) -> Mark:
    node, mark = _walk(root, loc[:-1])
    if isinstance(node, Map) and loc and loc[-1] in node:
        return node.key_mark(str(loc[-1]))
    return mark


@cache
def _known(path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that a part of the document may have, found by following the model down a path."""
    models: list[type[BaseModel]] = [Document]
    for step in path:
        found: list[type[BaseModel]] = []
        for model in models:
            names = {f.alias or n: f for n, f in model.model_fields.items()}
            if step in names:
                found += _models_in(names[step].annotation)
                found += [m for x in names[step].metadata for m in _models_in(x)]
            elif model is not Document:
                found.append(model)
        models = found or models
    keys = [f.alias or n for m in models for n, f in m.model_fields.items() if n != "at"]
    return tuple(dict.fromkeys(keys))


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    found: list[type[BaseModel]] = []
    for part in getattr(annotation, "__args__", ()):
        found += _models_in(part)
    return found
