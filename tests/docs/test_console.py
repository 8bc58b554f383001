"""What the documentation says a command prints is what it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import _BLOCK, HOME, PAGES, commands, matches, put, run, workspace

WITH_COMMANDS = [p for p in PAGES if _BLOCK.search(p.read_text("utf-8"))]


def test_the_readme_shows_real_output() -> None:
    assert HOME / "README.md" in WITH_COMMANDS


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda p: str(p.relative_to(HOME)))
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    text, done = page.read_text("utf-8"), 0
    for block in _BLOCK.finditer(text):
        put(text, done, block.start(), folder)
        done = block.end()
        for command, said in commands(block["body"]):
            found = run(command, folder)
            assert matches(said, found), f"{page.name}: $ {command}\n" + "\n".join(found)


def test_a_wrong_page_is_found_out() -> None:
    assert matches(["a", "...", "c"], ["a", "b", "b", "c"])
    assert not matches(["a", "..."], ["b"])
    assert not matches(["a"], ["a", "b"])
