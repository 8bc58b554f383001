"""The command itself: help, misuse, and what is told when things go wrong."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import alliance
from alliance.cli import common
from alliance.cli.main import COMMANDS, cli, main
from alliance.contract.faults import Fault, InputError, Mark
from tests.cli.contracts import NEIGHBOURS, put, run

HERE = Path(__file__).resolve().parents[2]


def test_help_lists_the_commands_and_the_exit_codes() -> None:
    told = run("--help").stdout
    for name in COMMANDS:
        assert f"\n  {name} " in told
    assert "  0    fine\n" in told
    assert "  1    the contract or the data is at fault" in told
    assert "  2    the command is misused\n" in told
    assert run("-h").stdout == told


def test_a_command_that_there_is_none_of_is_none() -> None:
    context = click.Context(cli)
    assert cli.list_commands(context) == list(COMMANDS)
    assert cli.get_command(context, "settel") is None


def test_output_that_is_no_stream_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with pytest.raises(SystemExit):
        main(["--version"])
    assert out.getvalue() == f"alliance {alliance.__version__}\n"


def test_version() -> None:
    assert run("--version").stdout == f"alliance {alliance.__version__}\n"


@pytest.mark.parametrize("name", ["validate", "settle", "explain", "test"])
def test_each_command_has_help(name: str) -> None:
    told = run(name, "--help").stdout
    assert f"Usage: alliance {name} " in told
    assert "--format" in told
    assert "--output" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["settel"], 'Did you mean "settle"?'),
        (["zzz"], "It may be: validate, show, inputs"),
        (["settle", "x"], "Missing option '--period'"),
        (["validate"], "Missing argument"),
        (["validate", "x", "--format", "xml"], "'xml' is not one of"),
        (["--zzz"], "No such option"),
    ],
)
def test_misuse_is_told_and_exits_with_2(arguments: list[str], told: str) -> None:
    assert told in run(*arguments, code=2).stderr


def test_a_real_process_settles_and_starts_without_heavy_libraries(tmp_path: Path) -> None:
    contract = put(tmp_path, NEIGHBOURS)
    source = (
        "import sys; from alliance.cli.main import main\n"
        "try: main()\n"
        "finally: print(*sorted(sys.modules), file=open(sys.argv[-1] + '.modules', 'w'))"
    )
    command = [sys.executable, "-c", source, "settle", contract, "--period", "2026-27 Q1", "--set", "well=80%"]
    out = str(tmp_path / "out.csv")
    command += ["--set", "spend=20000", "--format", "csv", "--output", out]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (
        Path(out)
        .read_text("utf-8")
        .startswith("agreement,payment,payer,payee,amount\nneighbours,grant,board,home,15000")
    )
    loaded = set(Path(out + ".modules").read_text("utf-8").split())
    assert not {"rich", "duckdb", "pandas", "numpy", "python_calamine"} & loaded


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_starting_up_needs_next_to_nothing(flag: str) -> None:
    source = (
        "import sys; from alliance.cli.main import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", source, flag], cwd=HERE, capture_output=True, text=True, check=True)
    assert not {"pydantic", "yaml", "lark", "rich"} & set(done.stderr.split())


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (MemoryError(), 1, "There is not enough memory for this: divide the data into smaller files.\n"),
        (RecursionError(), 1, "This is nested too deep to be read.\n"),
        (OSError(errno.ENOSPC, "No space left on device", "x.csv"), 1, "x.csv: No space left on device.\n"),
        (OSError(errno.EIO, "Input/output error"), 1, "Input/output error.\n"),
        (
            InputError([Fault("AC1", "wrong\x1b[31m", Mark("a.csv", 3, 2), "Mend it."), Fault("AC2", "too")]),
            1,
            "a.csv:3:2: AC1 wrong\\x1b[31m\n    Mend it.\nAC2 too\n",
        ),
    ],
    ids=["interrupt", "memory", "recursion", "disk", "disk without a name", "faults"],
)
def test_what_goes_wrong_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, told: str
) -> None:
    def fail(path: str) -> Any:
        raise error

    monkeypatch.setattr("alliance.contract.contract.load", fail)
    result = run("settle", "x", "--period", "2026-27", code=code)
    assert result.stderr == told
    assert result.stdout == ""


def test_a_mistake_of_the_programs_own_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> Any:
        raise KeyError("bug")

    monkeypatch.setattr("alliance.contract.contract.load", fail)
    assert isinstance(CliRunner().invoke(cli, ["settle", "x", "--period", "y"]).exception, KeyError)


def test_a_reader_that_goes_away_is_left_to_click() -> None:
    def fail(ctx: click.Context) -> Any:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        common.guarded(click.Context(cli), fail)


def test_a_terminal_that_lacks_a_character_is_no_traceback(tmp_path: Path) -> None:
    contract = put(tmp_path, NEIGHBOURS.replace("Neighbours agreement", "隣人 für alle"))
    command = [
        sys.executable,
        "-m",
        "alliance",
        "settle",
        contract,
        "--period",
        "2026-27 Q1",
        "--set",
        "well=80%",
        "--set",
        "spend=1",
    ]
    environment = {"PYTHONIOENCODING": "latin-1", "PATH": "/usr/bin"}
    done = subprocess.run(command, cwd=HERE, capture_output=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "\\u96a3\\u4eba für alle".encode("latin-1") in done.stdout


def test_csv_on_a_terminal_shows_what_a_terminal_would_act_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", out := Terminal())
    common.write_rows(("name",), iter([("a\x1b[31m",)]), None)
    assert out.getvalue() == "name\na\\x1b[31m\n"
    monkeypatch.setattr(sys, "stdout", out := io.StringIO())
    common.write_rows(("name",), iter([("=1+1",)]), None)
    assert out.getvalue() == "name\n'=1+1\n"


def test_main_is_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"alliance {alliance.__version__}\n"
