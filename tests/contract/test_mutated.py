"""Contracts of the gallery with a part taken out, doubled or replaced: read or refused, never a traceback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alliance.contract.contract import _load
from alliance.contract.faults import ContractError, Faults
from alliance.contract.model.base import walk_to
from alliance.contract.shape import read_document
from alliance.contract.source import DEFAULT, load_source
from alliance.contract.source_nodes import Map, Node, Reading, Scalar, Seq, walk

GALLERY = Path(__file__).parents[2] / "contracts"
ROOTS = {path.parent.name: load_source(path, name="c") for path in sorted(GALLERY.glob("*/contract.yaml"))}
PLACES = [(name, path) for name, root in ROOTS.items() for path, _ in walk(root) if path]
# Words of the tools that read a contract. What is in quotes, and a place such as `measures.calls.validated_by`, is the
# contract's own.
RAW = re.compile(
    r"(?i)input should|validation|validator|dict\b|union|\btag\b|pydantic|traceback|NoneType|__|object at 0x"
)
OWN = re.compile(r"`[^`]*`|\"[^\"]*\"|\b\w+(?:\.\w+)+|^\w+(?=:)")
TEXTS = [
    "", "0", "1", "-1", "5%", "1_000.50 GBP", "2026-04-01", "2026-27", "2026-27 Q1", "30 days", "true", "no", "any", "rest",
    "stays", "equally", "contribution", "icb", "acute", "provider", "risk_pool", "achievement", "fixed_element", "readmissions",
    "person in packages", "sum(replaced_cost for packages)", "count(packages)", "last(achievement)", "saving * saving", "((",
    "max(1, 2", "GBP a year", "percent", "category", "party", "²", "\u0661", "\U0001f600", "x" * 5000, "a b", "../x", "~", "1e5",
]  # fmt: skip


def text(words: str, node: Node) -> Scalar:
    return Scalar(words, node.mark, quoted=bool(words))


def replaced(root: Node, path: tuple[str | int, ...], new: Node | None, twice: bool = False) -> Any:
    """The same nodes with another, or none, at a path; or with what is there once more at its end."""
    step, *rest = path
    if isinstance(root, Map):
        pairs = [(k, replaced(v, tuple(rest), new, twice) if rest and k == step else v) for k, v in root.items()]
        if not rest:
            pairs = [(k, new if k == step and new is not None else v) for k, v in pairs if k != step or new is not None]
            pairs += [(Scalar(f"{step}_again", k.mark), v) for k, v in root.items() if twice and k == step]
        return Map(pairs, root.mark)
    assert isinstance(root, Seq)
    items = [replaced(v, tuple(rest), new, twice) if rest and i == step else v for i, v in enumerate(root)]
    if not rest:
        items = [
            new if i == step and new is not None else v for i, v in enumerate(items) if i != step or new is not None
        ]
        items += [v for i, v in enumerate(root) if twice and i == step]
    return Seq(items, root.mark)


def loads(root: Map) -> None:
    """Load a contract from its nodes. What is wrong with it is told in plain words, at places that there are."""
    try:
        _load(root, Reading(DEFAULT, Faults()), "c", Faults())
    except ContractError as error:
        for fault in error.faults:
            assert not RAW.search(OWN.sub("", fault.message)), fault
            assert fault.message.rstrip().endswith((".", "?", '"', ")", "%")), fault
            if fault.code != "AC000":
                assert fault.mark is not None
                assert fault.mark.line > 0, fault


@pytest.mark.parametrize("name", ROOTS)
def test_the_gallery_is_without_fault(name: str) -> None:
    _load(ROOTS[name], Reading(DEFAULT, Faults()), "c", Faults())


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), st.integers(0, 6), st.sampled_from(TEXTS), st.sampled_from(PLACES))
def test_a_mutated_contract_is_read_or_refused(
    place: tuple[str, tuple[str | int, ...]], how: int, words: str, other: tuple[str, tuple[str | int, ...]]
) -> None:
    name, path = place
    root = ROOTS[name]
    node, _ = walk_to(root, path)
    new: dict[int, Node | None] = {
        0: None,  # taken out
        1: text(words, node),
        2: Scalar("", node.mark, null=True),
        3: Map([(Scalar(words, node.mark), node)], node.mark),
        4: Seq([node, node], node.mark),
        5: walk_to(ROOTS[other[0]], other[1])[0],  # something from another place
        6: node,  # twice
    }
    loads(replaced(root, path, new[how], twice=how == 6))


def test_every_place_of_the_first_contract_takes_any_shape_or_says_what_it_takes() -> None:
    root = ROOTS["together-for-better-lives"]
    for path, node in walk(root):
        for new in (Scalar("", node.mark, null=True), text("", node), text("five!", node), Map([], node.mark),
                    Seq([], node.mark), Seq([Scalar("x", node.mark)], node.mark)):  # fmt: skip
            faults = Faults()
            if path and read_document(replaced(root, path, new), faults) is None:
                assert all(not RAW.search(OWN.sub("", f.message)) for f in faults), list(faults)
                assert all(f.mark == new.mark for f in faults if f.code == "AC032"), list(faults)
