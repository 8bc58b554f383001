"""The command `alliance`: each command is a small module of its own, loaded when it is asked for."""

from __future__ import annotations

import contextlib
import difflib
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from alliance import __version__

# Each command, the module that holds it, and what `alliance --help` says of it without loading that.
COMMANDS = {
    "validate": ("alliance.cli.validate", "Check contracts: their faults, or a line of summary each."),
    "show": ("alliance.cli.show", "What a contract says, in plain English, clause by clause."),
    "inputs": ("alliance.cli.inputs", "What a settlement needs, or a form to fill in."),
    "measure": ("alliance.cli.measure", "The measures of a period: value, cases, interval, score, and the records."),
    "data": ("alliance.cli.data", "Check files of records against a contract."),
    "settle": ("alliance.cli.settle", "Settle a period: who is paid what, and the waterfall of every payment."),
    "explain": ("alliance.cli.explain", "The tree behind each penny, and why a payment was not made."),
    "duties": ("alliance.cli.duties", "The register of duties on a day: due, met, late, waived."),
    "instrument": ("alliance.cli.instrument", "Questionnaires and bundles, and scoring what people answered."),
    "rules": ("alliance.cli.rules", "Packs of rules: which there are, what they say, and their examples."),
    "init": ("alliance.cli.init", "Start a new contract from one of the gallery."),
    "test": ("alliance.cli.test", "Run the worked examples that contracts carry."),
}

EPILOG = """\b
Exit codes:
  0    fine
  1    the contract or the data is at fault, an example failed, or something could not be settled
  2    the command is misused
  3    the matchers of rules disagree or one failed, so nothing is settled
  130  interrupted
"""


class Commands(click.Group):
    """A group that loads a command's module only when that command is used, and tells every fault plainly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0][:40], COMMANDS, n=1)
            hint = f'Did you mean "{close[0]}"?' if close else f"It may be: {', '.join(COMMANDS)}."
            ctx.fail(f"There is no command {args[0][:40]!r}. {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.ClickException as error:
            from alliance.cli.common import shown_safely

            raise shown_safely(error) from None

    def invoke(self, ctx: click.Context) -> Any:
        from alliance.cli.common import guarded
        from alliance.cli.start import ready
        from alliance.contract.noted import noting

        ready()
        with noting():
            return guarded(ctx, super().invoke)


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="alliance", message="%(prog)s %(version)s")
def cli() -> None:
    """Alliance contracts that can be run: written in YAML, settled to the penny, every penny explained.

    CONTRACT is a file, or a folder that holds contract.yaml.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command; what it prints is written before it ends, or it is told that it could not be."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character gets its number instead of a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with contextlib.suppress(ValueError):  # where this is not the main thread, which is ended with it
        # Ended as it is interrupted, so that what a command puts aside is cleared away.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            cli.main(args=list(args) if args is not None else None, prog_name="alliance")
        finally:
            sys.stdout.flush()
    except OSError as error:
        _unwritten(error)


def _unwritten(error: OSError) -> NoReturn:
    """Standard output takes no more, as on a full disk. What it still holds goes nowhere, so that it is told once."""
    import os

    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        click.echo(f"{error.strerror or type(error).__name__}.", err=True)
    sys.exit(1)
