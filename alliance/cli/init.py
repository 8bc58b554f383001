"""`alliance init`: a new contract, started from one of the gallery."""

from __future__ import annotations

from pathlib import Path

import click

from alliance.cli.common import AT_FAULT, tell


def gallery() -> Path:
    """The folder of the gallery's contracts: inside the package, or beside it in a checkout."""
    home = Path(__file__).resolve().parents[1]
    shipped = home / "_gallery" / "contracts"
    return shipped if shipped.is_dir() else home.parent / "contracts"


def names() -> list[str]:
    """The contracts of the gallery."""
    return sorted(p.parent.name for p in gallery().glob("*/contract.yaml"))


@click.command()
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("--from", "source", metavar="NAME", help="The contract of the gallery to start from.")
@click.option("--list", "listed", is_flag=True, help="List the contracts of the gallery.")
@click.pass_context
def init(ctx: click.Context, folder: str | None, source: str | None, listed: bool) -> None:
    """Start a new contract from one of the gallery, in a FOLDER that does not exist yet (its name unless said)."""
    if listed or source is None:
        for name in names():
            click.echo(f"{name:32} {_title(name)}")
        if not listed:
            tell("Say which to start from: alliance init --from NAME")
            ctx.exit(2)
        return
    if source not in names():
        import difflib

        close = difflib.get_close_matches(source[:60], names(), n=1)
        hint = f'Did you mean "{close[0]}"?' if close else "See alliance init --list."
        raise click.BadParameter(f"the gallery has no contract {source[:60]!r}. {hint}", ctx, param_hint="'--from'")
    target = Path(folder or source)
    if target.exists() or target.is_symlink():
        tell(f"{target} exists already; nothing was written. Name another folder.")
        ctx.exit(AT_FAULT)
    _copy(gallery() / source, target)
    click.echo(f"Wrote {target}. Next: alliance validate {target}")


def _title(name: str) -> str:
    for line in (gallery() / name / "contract.yaml").read_text("utf-8").splitlines():
        if line.startswith("  title: "):
            return line.removeprefix("  title: ").strip("\"'")
    return ""


def _copy(source: Path, target: Path) -> None:
    """The folder whole, or not at all: it is copied beside and then given its name."""
    import shutil
    import tempfile

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".alliance-") as beside:
        copied = shutil.copytree(source, Path(beside) / "copy")
        copied.rename(target)
