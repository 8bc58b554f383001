"""Loading instruments: from a file, from a text, or by the name of one that comes with the package."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from alliance.contract import source
from alliance.contract.faults import ContractError, Fault, Faults, Mark, did_you_mean, one_of
from alliance.contract.shape import read_part
from alliance.contract.source_nodes import Map, Scalar
from alliance.contract.source_text import shown
from alliance.measures.instruments.build import build
from alliance.measures.instruments.entries import Instrument
from alliance.measures.instruments.model import InstrumentPart

FILE = "instrument.yaml"


@dataclass(frozen=True, slots=True)
class Shipped:
    """An instrument that comes with the package: its name and file."""

    name: str
    path: Path


def folder() -> Path:
    """Where the instruments that come with the package are: inside it, or beside it in a checkout."""
    home = Path(__file__).resolve().parents[2]
    inside = home / "_gallery" / "instruments"
    return inside if inside.is_dir() else home.parent / "instruments"


def shipped() -> list[Shipped]:
    """Every instrument that comes with the package, by name."""
    return [Shipped(p.parent.name, p) for p in sorted(folder().glob(f"*/{FILE}"))]


def load_instrument(path: str | os.PathLike[str]) -> Instrument:
    """An instrument from its file, or from a folder that holds `instrument.yaml`; it may include files beside it.

    Raises `ContractError` with every fault.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        name = os.path.join(name, FILE)
    return _load(source.load_source(name))


def load_beside(folder: str, name: str, mark: Mark) -> Instrument:
    """An instrument from a file in a contract's own folder, as the contract names it at a place.

    Raises `ContractError` with every fault, and where links lead out of the folder.
    """
    return _load(source.load_beside(folder, Scalar(name, mark)))


def loads_instrument(text: str | bytes, file: str = FILE) -> Instrument:
    """An instrument from text; `file` names it in faults. Includes are not read. Raises `ContractError`.

    >>> loads_instrument("instrument: 1")
    Traceback (most recent call last):
    alliance.contract.faults.ContractError: instrument.yaml:1:1: AC031 this lacks "id". Add `id:`.
    ...
    """
    return _load(source.load_text(text, file))


def find_instrument(name: str) -> Instrument:
    """An instrument by its name in the package, or by its path, which has a slash or a dot in it.

    Raises `ContractError` for neither.
    """
    known = {one.name: one.path for one in shipped()}
    if name in known:
        return load_instrument(known[name])
    if os.sep in name or "/" in name or "." in name or os.path.exists(name):
        return load_instrument(name)
    hint = did_you_mean(name, known) or one_of(known)
    message = f"No instrument that comes with the package is called {shown(name)}."
    raise ContractError(Fault("AC400", message, None, f"{hint} For one of your own, give the path of its file."))


def _load(root: Map) -> Instrument:
    faults = Faults()
    part = read_part(InstrumentPart, root, faults)
    faults.raise_if_any()
    assert part is not None
    found = build(part, root, faults)
    faults.raise_if_any()
    assert found is not None
    return found
