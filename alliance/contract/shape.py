"""From a file's nodes to the document model: pydantic's errors put into plain words, each at its line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from alliance.contract.faults import Faults, Mark, did_you_mean
from alliance.contract.model.base import KEYS_WANTED, Map, Scalar
from alliance.contract.model.document import Document
from alliance.contract.source_text import shown

# What to add for a key that is missing, where the key alone does not say how its value is written
_MISSING = {
    "alliance": "alliance: 1",
    "term": "term: {from: 2026-04-01, to: 2029-03-31}",
    "made": "made: 2027-01-10",
    "effective": "effective: 2027-04-01",
    "period": "period: 2026-27",
    "expect": "expect: {savings.earned: 1_000.00}",
}


def read_document(root: Map, faults: Faults) -> Document | None:
    """The document model of a contract file, or None with the faults of its shape collected."""
    try:
        return Document.model_validate(root)
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False):
            _fault(faults, root, item)
        return None


def _fault(faults: Faults, root: Map, item: Any) -> None:
    loc = _location(root, item["loc"])
    kind, words = item["type"], str(item["msg"]).removeprefix("Value error, ")
    where, name = _spoken(loc), str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        known = _known(tuple(str(p) for p in loc[:-1]))
        hint = did_you_mean(name, known) or (f"It may be: {', '.join(known[:20])}." if known else "")
        value = _walk(root, loc)[0]
        if isinstance(value, Scalar) and value.null:
            hint = (
                f'If "{name}" belongs to the text before it, put that text in quotes: a comma ends it. {hint}'.strip()
            )
        inside = f"in {_spoken(loc[:-1])}" if loc[:-1] else "here"
        faults.add("AC030", _key_mark(root, loc), f"{shown(name)} is not known {inside}.", hint)
    elif kind == "missing":
        inside = _spoken(loc[:-1]) or "the contract"
        faults.add(
            "AC031", _walk(root, loc[:-1])[1], f'{inside} lacks "{name}".', f"Add `{_MISSING.get(name, name + ':')}`."
        )
    else:
        mark = _key_mark(root, loc) if item["loc"] and item["loc"][-1] == "[key]" else _walk(root, loc)[1]
        hint = ""
        if words == KEYS_WANTED:
            known = _known(tuple(str(p) for p in loc))
            hint = f"They are: {', '.join(known[:20])}." if known else ""
        faults.add("AC032", mark, f"{where}: {words}" if where else words, hint)


def _location(root: Map, loc: tuple[Any, ...]) -> list[Any]:
    """A place by keys and numbers, without the words by which pydantic tells shapes apart."""
    node: Any = root
    found: list[Any] = []
    for step in loc:
        inside = isinstance(node, Mapping) and step in node
        if step in ("text", "map", "list", "[key]") and not inside:
            continue
        found.append(step)
        if inside or (isinstance(node, list) and isinstance(step, int) and step < len(node)):
            node = node[step]
    return found


def _spoken(loc: list[Any]) -> str:
    """A place as a person says it: `payments.savings, step 2, corridor`."""
    groups: list[list[str]] = [[]]
    for step in loc:
        if isinstance(step, int):
            kind = groups[-1].pop() if groups[-1] else "item"
            groups += [[f"{kind.removesuffix('s')} {step + 1}"], []]
        else:
            groups[-1].append(shown(str(step))[1:-1])
    return ", ".join(".".join(group) for group in groups if group)


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
