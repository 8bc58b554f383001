"""Rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import alliance

ROOT = Path(__file__).resolve().parents[1]
MODULES = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "alliance").rglob("*.py"))]
NEAR_MONEY = [name for name in MODULES if name.startswith(("alliance/contract/", "alliance/settlement/"))]

MODULE_LINES = 400
FUNCTION_LINES = 70

# Never loaded by what only asks for help.
HEAVY = {"altair", "duckdb", "fastapi", "ibis", "matplotlib", "numpy", "pandas", "polars", "pyspark", "sqlalchemy"}
# Not even needed to say which version this is.
LOADING = {"durable_rules_engine", "lark", "pydantic", "yaml"}

NOT_THE_PROJECT = {".git", ".hypothesis", ".venv", "__pycache__", "_build", "build", "dist", "htmlcov"}
# In two parts, so that this file does not hold what it looks for.
MACHINE = re.compile(r"(?<![\w.])/(?:wor" + r"k|roo" + r"t)/|\.\./" + "shared")


def floats_in(source: str) -> list[int]:
    """The lines that hold a binary floating point literal, or convert to one."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]


def long_functions(source: str) -> list[str]:
    """The functions that are too long to be one idea."""
    return [
        f"{node.name}, line {node.lineno}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 >= FUNCTION_LINES
    ]


def machine_paths(text: str) -> list[str]:
    """The places on a developer's own machine that a text names."""
    return [match.group() for match in MACHINE.finditer(text)]


def project_files() -> Iterator[Path]:
    """The files that are, or are about to be, part of the project: git's answer where git has one."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if listed.returncode == 0:
            yield from (ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())
            return
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_THE_PROJECT and not name.endswith("_cache")]
        yield from (Path(folder) / name for name in names if not name.startswith(".coverage"))


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh Python in the root of the project, which does not know that it is being tested."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "COV_", "PYTEST"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", NEAR_MONEY)
def test_no_float_is_near_money(name: str) -> None:
    assert floats_in((ROOT / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["rate = 0.1", "x = float(text)", "f(1e3)", "1j"])
def test_a_float_is_found(source: str) -> None:
    assert floats_in(source) == [1]


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_are_short(name: str) -> None:
    source = (ROOT / name).read_text(encoding="utf-8")
    assert len(source.splitlines()) < MODULE_LINES
    assert long_functions(source) == []


def test_a_long_function_is_found() -> None:
    body = "    pass\n" * (FUNCTION_LINES - 1)
    assert long_functions("def long():\n" + body) == ["long, line 1"]
    assert long_functions("def short():\n" + body.removesuffix("    pass\n")) == []


def test_no_file_names_a_developers_machine() -> None:
    found = {
        str(path.relative_to(ROOT)): places
        for path in project_files()
        if (places := machine_paths(path.read_text(encoding="utf-8", errors="ignore")))
    }
    assert found == {}


def test_a_developers_machine_is_found() -> None:
    home = "/".join(["", "work", "main"])
    assert machine_paths(f"open('{home}')")
    assert machine_paths("/".join(["..", "shared", "cases"]))
    assert not machine_paths(f"https://example.org{home}")


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [([], HEAVY), (["--help"], HEAVY), (["--version"], HEAVY | LOADING)],
    ids=["import alliance", "alliance --help", "alliance --version"],
)
def test_starting_up_loads_little(arguments: list[str], unwanted: set[str]) -> None:
    start = "from alliance.cli.main import main; main()" if arguments else "import alliance"
    loaded = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    result = python("-c", loaded + start, *arguments)
    assert result.returncode == 0, result.stderr
    assert "alliance" in result.stderr.split()
    assert unwanted & set(result.stderr.split()) == set()


def test_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("alliance") == alliance.__version__, "install it again: make -B setup"


def pytest_says(folder: Path, source: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What pytest, with the settings of `conftest.py`, says about a file of tests."""
    test = folder / "test_other.py"
    test.write_text(f"import pytest\n{source}\ndef test_other(): ...\n", encoding="utf-8")
    settings = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-c", os.devnull]
    return python("-m", "pytest", *settings, str(test), **environment)


@pytest.mark.parametrize(
    "skip",
    ["@pytest.mark.skip\ndef test(): ...", "def test(): pytest.skip('no')", "pytest.importorskip('no_such_module')"],
    ids=["mark", "call", "module"],
)
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, skip: str) -> None:
    elsewhere = pytest_says(tmp_path, skip)
    assert " skipped" in elsewhere.stdout
    assert "failed" not in elsewhere.stdout
    in_ci = pytest_says(tmp_path, skip, CI="true")
    assert in_ci.returncode != 0
    assert "CI allows no skips" in in_ci.stdout


def test_an_expected_failure_is_no_skip(tmp_path: Path) -> None:
    result = pytest_says(tmp_path, "@pytest.mark.xfail\ndef test(): assert False", CI="true")
    assert result.returncode == 0, result.stdout
