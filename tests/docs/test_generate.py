"""The pages of the reference that are taken from the code say everything, and are those that are committed."""

from __future__ import annotations

import re

import pytest

from alliance.contract.build.inputs import FIELD_UNITS
from alliance.contract.units import _SIMPLE
from alliance.contract.values import STATUSES
from docs.generate import CATALOGUES, HERE, PAGES, WORDS, catalogue, models, pages, types_of

SOURCE = HERE.parent / "alliance"


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_page_is_what_the_code_says(page: str) -> None:
    place = HERE / "reference" / page
    assert place.read_text("utf-8") == pages()[place], "run: python -m docs.generate"


def test_every_part_of_the_language_has_its_place() -> None:
    assert [p["part"] for p in WORDS["parts"]] == list(dict.fromkeys(p["part"] for p in WORDS["parts"]))
    assert {p["part"] for p in WORDS["parts"]} == set(models())


@pytest.mark.parametrize("part", WORDS["parts"], ids=lambda p: p["part"])
def test_every_key_has_a_meaning(part: dict[str, object]) -> None:
    said = part["keys"]
    assert isinstance(said, dict)
    assert set(said) == set(types_of(models()[str(part["part"])]))
    for key, words in said.items():
        means = words.get("means") if isinstance(words, dict) else words
        assert means, key
        assert means.endswith((".", '"')), f"{key}: a meaning is a sentence"
        assert not isinstance(words, dict) or set(words) <= {"takes", "means", "default"}, f"{key}: a comma ends a text"


@pytest.mark.parametrize(("key", "known"), [("units", _SIMPLE), ("fields", FIELD_UNITS), ("statuses", STATUSES)])
def test_lists_leave_nothing_out(key: str, known: object) -> None:
    written = {word for line in WORDS[key] for word in line.split(", ")}
    assert set(known) <= written  # type: ignore[call-overload]


def test_every_catalogue_of_codes_is_on_the_page() -> None:
    there = {
        f.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".") for f in SOURCE.glob("*/codes.py")
    }
    assert there | {"alliance.contract.source"} == set(CATALOGUES)


def test_every_code_that_is_used_is_in_the_catalogue_once() -> None:
    known = [code for codes in catalogue().values() for code in codes]
    assert len(known) == len(set(known))
    used = {c for f in SOURCE.rglob("*.py") for c in re.findall(r'"(AC\d{3})"', f.read_text("utf-8"))}
    assert used == set(known)
