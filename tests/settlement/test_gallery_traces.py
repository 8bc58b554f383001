"""In the gallery, what is kept to explain a start comes to what the start came to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import alliance
from alliance.contract.values import Unknown
from alliance.settlement.effects import TEST
from alliance.settlement.examples import run_examples
from alliance.settlement.result import Line, PaymentResult, Settlement
from alliance.settlement.settle import settle_run
from tests.settlement.test_traces import added_up

GALLERY = Path(__file__).parents[2] / "contracts"


def lines_of(p: PaymentResult) -> Iterator[Line]:
    for part in (p, *p.parts):
        yield from part.lines
        for w in part.waterfalls:
            yield from w.lines


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*/contract.yaml")), ids=lambda p: p.parent.name)
def test_every_start_of_the_gallery_is_explained(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In every worked example of the gallery, what is kept comes to the amount that the waterfall starts with."""
    settlements: list[Settlement] = []

    def keeping(*arguments: object, **options: object) -> object:
        found = settle_run(*arguments, **{**options, "keep": True})  # type: ignore[arg-type]
        settlements.append(found[0])
        return found

    monkeypatch.setattr("alliance.settlement.settle.settle_run", keeping)
    list(run_examples(alliance.load(path)))
    started = [
        line for s in settlements for p in s.payments for line in lines_of(p) if line.kind == "start" and line.details
    ]
    for line in started:
        details = [d for d in line.details if d.label != TEST]
        if isinstance(line.after, Unknown):
            assert any(isinstance(d.trace().value, Unknown) or d.trace().value is None for d in details)
        else:
            assert added_up(details) == line.after
    assert settlements
