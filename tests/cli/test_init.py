"""`alliance init`: a new contract from one of the gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance.cli import init
from tests.cli.contracts import run

NAME = "together-for-better-lives"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_contract_of_the_gallery_is_copied_whole(here: Path) -> None:
    told = run("init", "--from", NAME).stdout
    assert told == f"Wrote {NAME}. Next: alliance validate {NAME}\n"
    source = init.gallery() / NAME
    for folder in (source, here / NAME):
        assert [p.name for p in here.iterdir()] == [NAME]
        files = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert files == {p.relative_to(source): p.read_bytes() for p in source.rglob("*") if p.is_file()}
    assert ": fine: " in run("validate", NAME).stdout


def test_the_folder_may_have_another_name(here: Path) -> None:
    assert run("init", "--from", NAME, "work/ours").stdout.startswith("Wrote work/ours.")
    assert (here / "work" / "ours" / "contract.yaml").is_file()


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_exists_is_left_alone(here: Path, kind: str) -> None:
    target = here / "ours"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_text("mine")
    else:
        target.symlink_to(here / "nowhere")
    told = run("init", "--from", NAME, "ours", code=1)
    assert told.stderr == "ours exists already; nothing was written. Name another folder.\n"
    assert [p.name for p in here.iterdir()] == ["ours"]
    assert kind != "file" or target.read_text() == "mine"


def test_the_gallery_is_listed_with_its_titles() -> None:
    told = run("init", "--list").stdout.splitlines()
    assert [line.split()[0] for line in told] == init.names()
    assert f"{NAME:32} Together for Better Lives alliance agreement" in told


def test_without_a_name_it_asks_for_one() -> None:
    told = run("init", code=2)
    assert told.stdout == run("init", "--list").stdout
    assert told.stderr == "Say which to start from: alliance init --from NAME\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("together-for-beter-lives", f'Did you mean "{NAME}"?'),
        ("zzz", "See alliance init --list."),
        ("../contracts", "See alliance init --list."),
    ],
)
def test_a_name_that_the_gallery_does_not_have(name: str, said: str) -> None:
    told = " ".join(run("init", "--from", name, code=2).stderr.split())
    assert f"the gallery has no contract {name!r}. {said}" in told


def test_a_contract_that_says_no_title_is_listed_by_its_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "bare").mkdir()
    (here / "bare" / "contract.yaml").write_text("alliance: 1\n")
    monkeypatch.setattr(init, "gallery", lambda: here)
    assert run("init", "--list").stdout == f"{'bare':32} \n"


def test_a_copy_that_fails_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: Path) -> None:
        target.mkdir()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copytree", full)
    assert "No space left on device" in run("init", "--from", NAME, code=1).stderr
    assert list(here.iterdir()) == []
