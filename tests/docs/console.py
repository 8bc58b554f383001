"""Console blocks of the documentation: each `$ command` is run, and what stands below it is what it prints.

A line of `...` stands for any lines. `python -m tests.docs.console` writes the output of every command anew. A block of
YAML that begins with the name of a file, as `# ours/contract.yaml`, is written there for the commands below it; with
`, continued` after the name it is added at the end of the file.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[2]
PAGES = [HOME / "README.md", *sorted((HOME / "docs").rglob("*.md")), *sorted((HOME / "contracts").glob("*/README.md"))]
_BLOCK = re.compile(r"^```console\n(?P<body>.*?)^```$", re.M | re.S)


_FILE = re.compile(r"^```yaml\n# (?P<file>[\w/-]+\.yaml)(?P<more>, continued)?\n(?P<body>.*?)^```$", re.M | re.S)


def put(text: str, start: int, end: int, folder: Path) -> None:
    """Write the files of a stretch of a page."""
    for block in _FILE.finditer(text, start, end):
        place = folder / block["file"]
        place.parent.mkdir(exist_ok=True)
        before = place.read_text("utf-8") if block["more"] else ""
        place.write_text(before + block["body"], "utf-8")


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of a block, continued lines joined, each with the lines that it is said to print."""
    command, printed = "", list[str]()
    for line in body.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, printed
            command, printed = line[2:], []
        elif command.endswith("\\"):
            command = command[:-1].rstrip() + " " + line.strip()
        else:
            printed.append(line)
    if command:
        yield command, printed


def run(command: str, folder: Path) -> list[str]:
    """The lines that a command prints, run in a folder that sees the gallery."""
    environment = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(HOME), "NO_COLOR": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]


def matches(said: list[str], found: list[str]) -> bool:
    """Whether what is said is what was found, `...` standing for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()) + r"\n" for line in said)
    return re.fullmatch(pattern, "".join(line + "\n" for line in found)) is not None


def renewed(text: str, folder: Path) -> str:
    """A page with the output of its commands written anew; a block with `...` keeps its shape and is only checked."""

    done = 0

    def block(match: re.Match[str]) -> str:
        nonlocal done
        lines: list[str] = []
        body = match["body"]
        put(text, done, match.start(), folder)
        done = match.end()
        if re.search(r"^\.\.\.$", body, re.M):
            for command, _ in commands(body):
                run(command, folder)  # for what it leaves to later commands
            return match[0]
        pieces = re.split(r"(?m)^(?=\$ )", body)
        for piece in filter(None, pieces):
            for command, _ in commands(piece):
                spelled = piece.splitlines()
                head = [spelled[0]]
                while head[-1].endswith("\\"):
                    head.append(spelled[len(head)])
                lines += [*head, *run(command, folder)]
        return "```console\n" + "\n".join(lines) + "\n```"

    return _BLOCK.sub(block, text)


def workspace(folder: Path) -> Path:
    """A folder in which the commands of the pages run: the gallery and the instruments, and nothing else."""
    for name in ("contracts", "instruments"):
        (folder / name).symlink_to(HOME / name)
    return folder


def main() -> None:
    import tempfile

    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            text = page.read_text("utf-8")
            new = renewed(text, workspace(Path(folder)))
            if new != text:
                page.write_text(new, "utf-8")
                print(f"renewed {page.relative_to(HOME)}")


if __name__ == "__main__":
    main()
