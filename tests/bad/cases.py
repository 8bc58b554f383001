"""One mistake a file, and the exact words that a person gets for it.

In `contracts/`, `inputs/` and `tables/` every file with a mistake is a case, and the text beside it of the same name
says what a command answers: its first line is the exit code and the command, the rest its standard error. In `commands/`
the mistake is the command itself, so the text stands alone; there what is printed on standard output follows, if
anything is. A new file is a new case: `python -m tests.bad.renew` writes its text, whose words are then read and graded:
clear, gentle, concise, thorough, actionable.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from alliance.cli.main import cli
from tests.bad.workbooks import WORKBOOKS

HERE = Path(__file__).parent
FOLDERS = {
    "contracts": "alliance validate {}",
    "inputs": 'alliance settle contract.yaml --period "2026-27 Q1" --inputs {}',
    "tables": "alliance settle contract.yaml --period 2023 --table {} --format csv",
    "commands": "",
}
GOOD = ("contract", "good")  # what the files with mistakes are brought to, or were made from
_PRINTED = "\n(standard output)\n"


@dataclass(frozen=True)
class Case:
    """A mistake: where its text stands, and the command that meets it."""

    folder: str
    name: str
    command: str

    @property
    def path(self) -> Path:
        return HERE / self.folder / f"{self.name}.txt"

    @property
    def expected(self) -> str:
        return self.path.read_text("utf-8") if self.path.exists() else ""

    def answer(self) -> str:
        """What a person gets, as the text beside the case says it. Run in its folder of a workspace."""
        result = run(self.command)
        printed = _PRINTED + result.stdout if self.folder == "commands" and result.stdout else ""
        return f"exit {result.exit_code}: {self.command}\n{result.stderr}{printed}"


def cases() -> list[Case]:
    """Every case, in the order of its folder and name."""
    found = []
    for folder, command in FOLDERS.items():
        if command:
            files = [path.name for path in sorted((HERE / folder).iterdir()) if path.suffix not in (".txt", "")]
            files += WORKBOOKS if folder == "inputs" else ()
            found += [Case(folder, _stem(f), command.format(f)) for f in sorted(files) if _stem(f) not in GOOD]
        else:
            texts = sorted((HERE / folder).glob("*.txt"))
            found += [Case(folder, text.stem, _command(text)) for text in texts]
    assert len({(case.folder, case.name) for case in found}) == len(found), "two cases have one name"
    return found


def _stem(file: str) -> str:
    return file.partition(".")[0]


def _command(text: Path) -> str:
    """The command of the first line, before which an exit code stands once it was renewed."""
    first = text.read_text("utf-8").partition("\n")[0]
    return first.partition(": ")[2] if first.startswith("exit ") else first


@contextlib.contextmanager
def within(folder: Path) -> Iterator[None]:
    """With a folder as the current one, and a terminal of one width."""
    before, columns = Path.cwd(), os.environ.get("COLUMNS")
    os.chdir(folder)
    os.environ["COLUMNS"] = "100"
    try:
        yield
    finally:
        os.chdir(before)
        if columns is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = columns


def run(command: str) -> Result:
    """Run a command line. A traceback is not an answer."""
    program, *words = shlex.split(command)
    assert program == "alliance", command
    result = CliRunner().invoke(cli, words, prog_name=program, catch_exceptions=False)
    assert "Traceback" not in result.stderr
    return result


def workspace(target: Path) -> Path:
    """A copy of the folders, with the files that are made rather than kept."""
    for folder in FOLDERS:
        shutil.copytree(HERE / folder, target / folder)
    for name, make in WORKBOOKS.items():
        make(target / "inputs" / name)
    _saved(target / "commands", target / "inputs")
    return target


def _saved(folder: Path, inputs: Path) -> None:
    """What the cases of `commands` are run on: contracts, results, and settlements whole and harmed."""
    for name in ("contract.yaml", "good.csv"):
        shutil.copy(inputs / name, folder / name)
    for name in ("contract.yaml", "good.csv"):
        shutil.copy(inputs.parent / "tables" / name, folder / f"table-{name}")
    (folder / "empty").mkdir()
    with within(folder):
        for save, options in (("q1", ""), ("q2", "--opening q1.json")):
            period = f"2026-27 {save.upper()}"
            done = run(
                f'alliance settle contract.yaml --period "{period}" --inputs good.csv {options} --save {save}.json'
            )
            assert done.exit_code == 0, done.stderr
        table = "alliance settle table-contract.yaml --period 2023 --table table-good.csv --save table.json"
        assert run(table).exit_code == 0
    first, *_ = json.loads((folder / "table.json").read_text("utf-8"))
    text = (folder / "q1.json").read_text("utf-8")
    saved = json.loads(text)
    amount = saved["transfers"][0]["amount"]
    harmed = {
        "altered": text.replace(f'"{amount}"', f'"{amount}1"'),
        "cut-short": text[:400],
        "list-for-a-state": json.dumps({**saved, "closing": []}),
        "number-for-a-transfer": json.dumps({**saved, "transfers": [7]}),
        "lacks-its-period": json.dumps({k: v for k, v in saved.items() if k != "period"}),
        "another-format": json.dumps({**saved, "alliance_settlement": 2}),
        "not-a-settlement": '{"pool": "100.00"}\n',
        "agreement-twice": json.dumps([first, first]),
    }
    for name, harm in harmed.items():
        (folder / f"{name}.json").write_text(harm, "utf-8")
