"""The catalogue of codes holds every code that settling uses, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import alliance.settlement
from alliance.settlement.codes import CODES

HOME = Path(alliance.settlement.__file__).parent


def test_every_code_is_listed_and_used() -> None:
    sources = [path.read_text() for path in HOME.glob("*.py") if path.name != "codes.py"]
    used = {code for text in sources for code in re.findall(r'"(AC\d{3})"', text)}
    assert used == set(CODES)


def test_codes_are_in_order_and_titles_are_short() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(re.fullmatch(r"AC1\d\d", code) for code in CODES)
    assert all(title[0].isupper() and title[-1] != "." and len(title) <= 60 for title in CODES.values())
