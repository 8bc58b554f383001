"""Packs of rules: a contract's `use:` replaced by the rules of the pack, with the contract's own names and figures.

A pack is a file `pack.yaml`. A bare name is one of those that come with the package; a path that ends in `.yaml` is a
file in the contract's own folder. Names that begin with `$` in a pack stand for what the contract gives `with:`. They
stand in texts only, so what a contract gives can never add a key or a rule.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alliance.contract.faults import ContractError, Fault, Faults, did_you_mean
from alliance.contract.filling import PLACE, Filling, given, value_of
from alliance.contract.model.ruled import Pack, Use
from alliance.contract.shape import read_part
from alliance.contract.source import read_source
from alliance.contract.source_include import found_inside
from alliance.contract.source_nodes import Map, Node, Reading, Scalar, Seq, walk
from alliance.contract.source_read import parse as parse_source
from alliance.contract.source_text import shown
from alliance.contract.variation import with_packs

MOST_USES = 50
_SECTIONS = {
    "payment": ("payments",),
    "payments": ("payments",),
    "events": ("inputs",),
    "input": ("inputs", "measures"),
    "measure": ("measures",),
    "figure": ("figures",),
    "party": ("parties",),
    "parties": ("parties",),
    "role": (),
    "account": ("accounts",),
    "decision": ("decisions",),
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A pack that comes with the package: its name and file."""

    name: str
    path: Path


def folder() -> Path:
    """Where the packs that come with the package are: inside it, or beside it in a checkout."""
    home = Path(__file__).resolve().parents[1]
    shipped = home / "_gallery" / "rules"
    return shipped if shipped.is_dir() else home.parent / "rules"


def shipped() -> list[Shipped]:
    """Every pack that comes with the package, by name."""
    return [Shipped(p.parent.name, p) for p in sorted(folder().glob("*/pack.yaml"))]


def read_pack(path: str | os.PathLike[str], name: str | None = None) -> tuple[Pack, Map]:
    """A pack from its file, as its shape and its nodes. Raises `ContractError` with every fault."""
    return _checked(*read_source(path, name=name))


def find_pack(name: str) -> tuple[Pack, Map, Path]:
    """A pack by its name in the package, or by the path of its file or folder. Raises `ContractError`."""
    known = {p.name: p.path for p in shipped()}
    if name in known:
        return *read_pack(known[name], f"rules/{name}/pack.yaml"), known[name]
    path = Path(name) / "pack.yaml" if os.path.isdir(name) else Path(name)
    if "/" in name or os.sep in name or "." in name or path.exists():
        return *read_pack(path), path
    hint = did_you_mean(name, known) or f"There are: {', '.join(known)}."
    message = f"No pack that comes with the package is called {shown(name, 60)}."
    raise ContractError(Fault("AC170", message, None, f"{hint} For one of your own, give the path of its file."))


def _checked(root: Map, reading: Reading) -> tuple[Pack, Map]:
    faults = Faults()
    pack = read_part(Pack, root, faults)
    faults.raise_if_any()
    assert pack is not None
    for parameter in pack.parameters.values():
        default = parameter.default
        if default is not None and not (isinstance(default, Scalar) and "$" in default):
            value_of(parameter, default, "", reading, faults)
    faults.raise_if_any()
    return pack, root


class Brought:
    """The packs of one contract: each is read once, and is told of once where it cannot be read.

    `base` is the contract's folder, empty where it was not read from one. Files of its own count towards what the
    contract may hold.
    """

    def __init__(self, base: str, reading: Reading) -> None:
        self.base, self.reading = base, reading
        self.found: dict[str, tuple[Pack, Map] | None] = {}
        self.full = False

    def pack(self, said: Scalar, faults: Faults) -> tuple[Pack, Map] | None:
        """A pack by its name, or by its path in the contract's folder; None and faults where there is none."""
        if said not in self.found:
            try:
                self.found[str(said)] = self._read(said)
            except ContractError as error:
                faults.extend(error.faults)
                self.found[str(said)] = None
        return self.found[str(said)]

    def _read(self, said: Scalar) -> tuple[Pack, Map]:
        if said.endswith((".yaml", ".yml")):
            if not self.base:
                message = "a contract that is not read from a file uses only packs by name."
                raise ContractError(Fault("AC170", message, said.mark))
            self.reading.faults = Faults()
            found = found_inside(said, os.path.realpath(self.base), self.reading)
            root = parse_source(found.data, str(said), self.reading) if found is not None else None
            self.reading.faults.raise_if_any()
            assert root is not None
            return _checked(root, self.reading)
        known = {p.name: p.path for p in shipped()}
        if said not in known:
            hint = did_you_mean(said, known) or "See alliance rules list; a pack of your own is named by its path."
            raise ContractError(Fault("AC170", f"there is no pack {shown(said, 60)}.", said.mark, hint))
        return read_pack(known[str(said)], f"rules/{said}/pack.yaml")


def expand(root: Map, packs: Brought, faults: Faults) -> Map:
    """The contract's nodes with every `use:` among its rules, and those of its variations, replaced by what the pack
    says."""
    ladders: dict[Scalar, Node] = {}
    known: dict[str, dict[str, Node] | None] = {}
    uses = 0

    def used(rule: Map, taken: dict[str, int]) -> Iterable[Node]:
        nonlocal uses
        uses += 1
        if uses > MOST_USES:
            if uses == MOST_USES + 1:
                faults.add(
                    "AC170",
                    rule.mark,
                    f"the contract uses more than {MOST_USES} packs, which is the limit.",
                    "Write the rules out.",
                )
            return []
        if not known:
            known.update({kind: _named_in(root, kind) for kind in _SECTIONS})
        use = read_part(Use, rule, faults)
        return _used(use, packs, faults, ladders, taken, known) if use is not None else []

    rules = root.get("rules")
    changed: dict[Scalar, Node] = {**root}
    if isinstance(rules, Seq) and any(isinstance(r, Map) and "use" in r for r in rules):
        taken = {str(r["rule"]): 1 for r in rules if isinstance(r, Map) and isinstance(r.get("rule"), Scalar)}
        found = [x for r in rules for x in (used(r, taken) if isinstance(r, Map) and "use" in r else [r])]
        changed = {k: Seq(found, rules.mark) if k == "rules" else v for k, v in root.items()}
    varied = with_packs(root.get("variations"), lambda rule: used(rule, {}), faults)
    changed = {k: varied if varied is not None and k == "variations" else v for k, v in changed.items()}
    return _with_ladders(Map(changed.items(), root.mark), ladders) if uses else root


def _with_ladders(root: Map, ladders: Mapping[Scalar, Node]) -> Map:
    """The ladders that packs bring, beside those of the contract; its own of the same name stands."""
    own = root.get("ladders", Map((), root.mark))
    if not ladders or not isinstance(own, Map):
        return root
    joined = Map([*((k, v) for k, v in ladders.items() if k not in own), *own.items()], own.mark)
    key = next((k for k in root if k == "ladders"), Scalar("ladders", root.mark))
    return Map([*((k, v) for k, v in root.items() if k != "ladders"), (key, joined)], root.mark)


def _used(
    use: Use,
    packs: Brought,
    faults: Faults,
    ladders: dict[Scalar, Node],
    taken: dict[str, int],
    known: Mapping[str, Mapping[str, Node] | None],
) -> Iterable[Node]:
    found = packs.pack(use.use, faults)
    if found is None or packs.full:
        return []
    pack, root = found
    said = f"{pack.pack} {pack.version}"
    rules: list[Node] = []
    try:
        values = given(use, pack, packs.reading, faults)
        if values is None or not _there(use, pack, values, known, faults):
            return []
        filling = Filling(values, packs.reading, use.use.mark)
        absent = {str(name) for name in pack.parameters if name not in values}
        for key, value in _items(root.get("ladders")):
            if not _asks_for(absent, key, value):
                ladders[filling.text(key)] = filling.node(value)
        for rule in _list(root.get("rules")):
            kept = _without(absent, rule)
            if kept is None:
                continue
            filled = filling.node(kept)
            if isinstance(filled, Map):
                filled = _named(filled, taken, use)
                filled = Map([*filled.items(), (Scalar("pack", use.use.mark), Scalar(said, use.use.mark))], rule.mark)
            rules.append(filled)
    except ContractError as error:  # it is too much, and so is all that comes after
        faults.extend(error.faults)
        packs.full = True
        return []
    return rules


def _asks_for(absent: Collection[str], *nodes: Node) -> bool:
    """Whether nodes name a parameter that the contract leaves out."""
    texts = (text for node in nodes for path, here in walk(node) for text in (*path, here) if isinstance(text, str))
    return any(name in absent for text in texts for name in PLACE.findall(text))


def _without(absent: Collection[str], rule: Node) -> Node | None:
    """A rule without the consequences that name a parameter that is left out; None where nothing follows from it any
    more, or the rest of it names one."""
    if not absent or not isinstance(rule, Map) or not isinstance(rule.get("then"), Seq):
        return rule
    then = [c for c in _list(rule["then"]) if not _asks_for(absent, c)]
    if not then or any(_asks_for(absent, value) for key, value in rule.items() if key != "then"):
        return None
    return Map(((k, Seq(then, v.mark) if k == "then" else v) for k, v in rule.items()), rule.mark)


def _named_in(root: Map, kind: str) -> dict[str, Node] | None:
    """What there is of a kind in a contract, by name, under its variations too; None where that cannot be told."""
    if kind == "role":
        parties = _named_in(root, "party")
        roles = [p.get("role") for p in (parties or {}).values() if isinstance(p, Map)]
        return {"party": root, **{str(r): root for r in roles if isinstance(r, Scalar)}} if parties else None
    places = [root, *(v for v in _list(root.get("variations")) if isinstance(v, Map))]
    found: dict[str, Node] = {"all": root} if kind in ("payment", "payments") else {}
    for place in places:
        for section in _SECTIONS[kind]:
            entries = place.get(section)
            if entries is not None and not isinstance(entries, Map):
                return None
            found |= {str(k): v for k, v in _items(entries)}
    return found


def _there(
    use: Use,
    pack: Pack,
    values: Mapping[str, str | list[str]],
    known: Mapping[str, Mapping[str, Node] | None],
    faults: Faults,
) -> bool:
    """Whether what a pack is given is in the contract, its events with the fields that the pack reads; with a fault for
    each that is not."""
    before = len(faults.items)
    for name, parameter in pack.parameters.items():
        kind, value = str(parameter.is_), values.get(str(name), [])
        there = known.get(kind)
        if there is None:
            continue
        node = use.with_.get(name)
        names = value if isinstance(value, list) else [value]
        said = node if isinstance(node, Seq) else [use.use if node is None else node] * len(names)
        unsaid = "" if node is not None else f" (given as {name}, unless another is said under with:)"
        for one, mark in zip(names, (n.mark for n in said), strict=True):
            if one not in there:
                what = {"payments": "payment", "parties": "party"}.get(kind, kind)
                hint = did_you_mean(one, there) or (f"There are: {', '.join(there)}." if there else "There are none.")
                message = f'{name}: the contract has no {what} "{one}"{unsaid}, which the pack {pack.pack} asks for.'
                faults.add("AC171", mark, message, hint)
            elif parameter.fields:
                lacking = [f"{n} ({t})" for n, t in parameter.fields.items() if n not in _fields(there[one])]
                if lacking:
                    message = f"{name}: {one} lacks {', '.join(lacking)}, which the pack {pack.pack} reads."
                    faults.add("AC171", mark, message, f"Add it to the fields of {one}.")
    return len(faults.items) == before


def _fields(entry: Node) -> Collection[str]:
    """The fields of records, events or rows, as an input says them."""
    said = [entry.get(kind) for kind in ("records", "events", "rows")] if isinstance(entry, Map) else []
    return {str(name) for fields in said for name, _ in _items(fields)}


def _named(rule: Map, taken: dict[str, int], use: Use) -> Map:
    """A rule whose name is taken, as where a pack is used twice, is told apart by a number."""
    name = rule.get("rule")
    if not isinstance(name, Scalar):
        return rule
    called = str(name)
    while called in taken:
        taken[str(name)] = number = taken.get(str(name), 1) + 1
        called = f"{name}-{number}"
    taken[called] = 1
    return Map(((k, Scalar(called, v.mark) if k == "rule" else v) for k, v in rule.items()), rule.mark)


def _items(node: Node | None) -> Iterable[tuple[Scalar, Node]]:
    return node.items() if isinstance(node, Map) else ()


def _list(node: Node | None) -> Iterable[Node]:
    return node if isinstance(node, Seq) else ()
