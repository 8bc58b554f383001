"""The catalogue of codes holds every code that settling uses, and none that nothing uses."""

from __future__ import annotations

import re
from pathlib import Path

import alliance.settlement
from alliance.settlement.codes import CODES

HOME = Path(alliance.settlement.__file__).parent


def used(paths: list[Path]) -> set[str]:
    sources = [path.read_text("utf-8") for path in paths if path.name != "codes.py"]
    return {code for text in sources for code in re.findall(r'"(AC\d{3})"', text)}


def test_every_code_is_listed() -> None:
    assert used(list(HOME.glob("*.py"))) <= set(CODES)


def test_every_listed_code_is_used() -> None:
    """In settlement, or by the commands that settle."""
    assert set(CODES) <= used([*HOME.glob("*.py"), *(HOME.parent / "cli").glob("*.py")])


def test_codes_are_in_order_and_titles_are_short() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(re.fullmatch(r"AC1\d\d", code) for code in CODES)
    assert all(title[0].isupper() and title[-1] != "." and len(title) <= 60 for title in CODES.values())
