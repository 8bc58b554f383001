"""A contract: loaded, checked, and as it stands for any period."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from alliance.contract import entries as e
from alliance.contract.build.examples import build_examples, check_work
from alliance.contract.build.whole import Built, build
from alliance.contract.calendar import Calendar, Period, PeriodError
from alliance.contract.canonical import canonical
from alliance.contract.faults import ContractError, Fault, Faults, InputError
from alliance.contract.model.document import ENTRIES, Document, Variation
from alliance.contract.packs import Brought, expand
from alliance.contract.shape import read_document, read_whole
from alliance.contract.source import read_source, read_text
from alliance.contract.source_include import found_inside
from alliance.contract.source_nodes import Map, Reading, Scalar, walk
from alliance.contract.source_text import shown
from alliance.contract.variation import in_force, varied
from alliance.contract.variation_dates import check_lengths

MOST_VARIATIONS = 50
MOST_VARIED = 200_000  # keys and values of the contract, times the sets of variations it is checked under


@dataclass(frozen=True)
class Contract:
    """A contract that has been read and found without fault.

    `file` is the name it was read under, `document` its shape, `built` its meaning before any variation.
    """

    file: str
    root: Map
    document: Document
    built: Built
    examples: tuple[e.Example, ...]
    _variants: dict[tuple[int, ...], Built] = field(default_factory=dict, repr=False)
    _memory: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        return str(self.document.contract.id)

    @property
    def title(self) -> str:
        return str(self.document.contract.title)

    @property
    def currency(self) -> str:
        return self.built.currency

    @property
    def places(self) -> int:
        """Decimal places of the currency's minor unit."""
        return self.built.places

    @property
    def calendar(self) -> Calendar:
        return self.built.calendar

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that together name an agreement, where the contract is settled from a table."""
        key = self.document.contract.key
        if key is None:
            return ()
        return (str(key),) if isinstance(key, str) else tuple(str(k) for k in key)

    def period(self, said: str | Period) -> Period:
        """A period of the contract, by its label or as itself. Raises `InputError` if a label is not one, or if it is
        outside the contract's term."""
        try:
            period = said if isinstance(said, Period) else self.calendar.parse(str(said))
        except PeriodError as error:
            raise InputError(Fault("AC110", str(error))) from None
        if period.end < self.built.start or period.start > self.built.end:
            message = f"{period} is outside the contract, which runs from {self.built.start} to {self.built.end}."
            raise InputError(Fault("AC111", message))
        return period

    def on(self, start: date, as_of: date) -> Built:
        """The contract as it stands for a period that starts on a day (or began before the contract did), as known on
        another."""
        chosen = in_force(self.document.variations, max(start, self.built.start), as_of)
        return self.variant(chosen)

    def variant(self, chosen: Sequence[int]) -> Built:
        """The contract with the given variations made. They were all checked at load."""
        key = tuple(chosen)
        if not key:
            return self.built
        if key not in self._variants:
            self._variants[key] = _varied(self.root, self.document, key, Faults())
        return self._variants[key]

    @property
    def varies(self) -> bool:
        """Whether the contract has variations."""
        return bool(self.document.variations)

    @property
    def digest(self) -> str:
        """The hash of what the contract says: layout, comments and the order of keys that have none left out."""
        if "digest" not in self._memory:
            text = json.dumps(canonical(self.root), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            self._memory["digest"] = hashlib.sha256(text.encode()).hexdigest()
        return str(self._memory["digest"])

    def __repr__(self) -> str:
        return f"<Contract {self.id}: {self.title}>"


def _varied(root: Map, document: Document, chosen: tuple[int, ...], faults: Faults) -> Built:
    node = varied(root, document.variations, chosen, faults)
    faults.raise_if_any()
    read = read_document(node, faults)
    faults.raise_if_any()
    assert read is not None
    built, _ = build(read, faults)
    faults.raise_if_any()
    return built


def load(path: str | os.PathLike[str]) -> Contract:
    """Load a contract from a file, or from a folder that holds `contract.yaml`.

    Raises `ContractError` with every fault that could be found.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        name = os.path.join(name, "contract.yaml")
    faults = Faults()
    root, reading = read_source(name, faults=faults)
    return _load(root, reading, name, faults, os.path.dirname(name) or os.curdir)


def loads(text: str | bytes, file: str = "contract.yaml") -> Contract:
    """Load a contract from text. `file` names it in faults. Includes are not read.

    >>> loads("alliance: 1").id
    Traceback (most recent call last):
    alliance.contract.faults.ContractError: contract.yaml:1:1: AC031 the contract lacks "contract". Add `contract:`.
    contract.yaml:1:1: AC031 the contract lacks "parties". Add `parties:`.
    """
    faults = Faults()
    root, reading = read_text(text, file, faults=faults)
    return _load(root, reading, file, faults)


def _load(root: Map, reading: Reading, file: str, faults: Faults, folder: str = "") -> Contract:
    """The contract of a file's nodes. `faults` are those of reading it, which hide no others."""
    root = expand(root, Brought(folder, reading), faults)
    document, apart = read_whole(root, faults)
    if document is None:
        faults.raise_if_any()
    assert document is not None
    built, builder = build(document, faults, apart)
    examples = build_examples(builder, document)
    check_work(built, examples, faults)
    contract = Contract(file, root, document, built, examples)
    _check_variations(contract, faults)
    if folder:
        _check_instruments(contract, folder, reading, faults)
    faults.raise_if_any()
    return contract


def _check_instruments(contract: Contract, folder: str, reading: Reading, faults: Faults) -> None:
    """The instruments of inputs that are files of the contract's own are there, and in its folder."""
    reading.faults = faults
    known: set[str] = set()
    for built in (contract.built, *contract._variants.values()):
        for item in built.inputs.values():
            if item.instrument.endswith((".yaml", ".yml")) and item.instrument not in known:
                known.add(item.instrument)
                found_inside(Scalar(item.instrument, item.mark), os.path.realpath(folder), reading)


def _check_variations(contract: Contract, faults: Faults) -> None:
    """Build the contract under every set of variations that some period can be settled under."""
    variations = contract.document.variations
    for variation in variations:
        _check_days(contract, variation, faults)
    days, mades = sorted({v.effective for v in variations}), sorted({v.made for v in variations})
    if len(variations) > MOST_VARIATIONS:
        message = f"there are more than {MOST_VARIATIONS} variations; restate the contract instead."
        faults.add("AC096", variations[MOST_VARIATIONS].at.mark, message)
        return
    sets = dict.fromkeys(in_force(variations, day, made) for day in days for made in mades)
    size = sum(1 for _ in walk(contract.root)) if variations else 0
    if len(sets) * size > MOST_VARIED:
        message = (
            f"the variations can stand together in {len(sets)} ways, too many to check in a contract of this size."
        )
        faults.add("AC096", variations[0].at.mark, message, "Restate the contract with the earlier ones in it.")
        return
    if faults:  # the same would be told of each set
        faults.raise_if_any()
    told: set[Fault] = set()
    for chosen in sets:
        if not chosen:
            continue
        try:
            contract._variants[chosen] = _varied(contract.root, contract.document, chosen, Faults())
        except ContractError as error:
            title = shown(variations[chosen[-1]].title)  # by the variation that first brings it about
            for fault in (f for f in error.faults if f not in told):
                told.add(fault)
                faults.add(fault.code, fault.mark, f"with the variation {title}: {fault.message}", fault.hint)
    if not faults:
        check_lengths(variations, days, mades, contract.variant, faults)


def _check_days(contract: Contract, variation: Variation, faults: Faults) -> None:
    built = contract.built
    if not built.start <= variation.effective <= built.end:
        message = (
            f"the variation takes effect on {variation.effective}, outside the contract ({built.start} to {built.end})."
        )
        faults.add("AC095", variation.at.value("effective"), message)
    if not any(part in variation.at.node for part in (*ENTRIES, "rules", "steps")):
        faults.add(
            "AC095",
            variation.at.mark,
            f'the variation "{variation.title[:60]}" changes nothing.',
            "Name what it changes: terms, payments, steps and so on.",
        )
