"""The catalogue of codes of instruments and FHIR reports: every one is used, and in order."""

from __future__ import annotations

import re
from pathlib import Path

import alliance.measures
from alliance.measures.codes import CODES

HOME = Path(alliance.measures.__file__).parent


def test_every_listed_code_is_used() -> None:
    """By the measures, or by the commands over them."""
    paths = [path for path in (*HOME.rglob("*.py"), *(HOME.parent / "cli").glob("*.py")) if path.name != "codes.py"]
    used = {code for path in paths for code in re.findall(r'"(AC4\d\d)"', path.read_text("utf-8"))}
    assert used == set(CODES)


def test_codes_are_in_order_and_titles_are_short() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(title[0].isupper() and title[-1] != "." and len(title) <= 80 for title in CODES.values())
