"""Curves and bands in words, the same for scores, figures and the steps of payments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from alliance.contract import entries as e
from alliance.contract.english import words as w

Say = Callable[[e.Expr], str]


def curve_words(say: Say, points: Sequence[tuple[e.Expr, e.Expr]], held: bool) -> str:
    """The points of a curve: what each value gives, and what lies between and beyond them."""
    said = w.joined(f"{say(x)} gives {say(y)}" for x, y in points)
    return f"{said}, with straight lines between, {ends_words(held)}"


def ends_words(held: bool) -> str:
    """What a curve does beyond its ends."""
    return "held at the ends" if held else "carried on beyond the ends"


def bands_words(say: Say, bands: Iterable[e.Band]) -> str:
    """Bands, closed below and open above, and what each gives."""
    return w.joined((f"{_range(say, band)} gives {say(band.gives)}" for band in bands), mark=";")


def _range(say: Say, band: e.Band) -> str:
    if band.start is None and band.below is None:
        return "anything"
    if band.start is None:
        return f"below {say(band.below)}" if band.below is not None else ""
    if band.below is None:
        return f"{say(band.start)} and over"
    return f"from {say(band.start)} to below {say(band.below)}"
