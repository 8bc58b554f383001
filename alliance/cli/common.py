"""What every command shares: options, telling faults, and writing what was asked for."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from alliance.contract.contract import Contract
    from alliance.contract.faults import Fault
    from alliance.reports.model import Report

FORMATS = ("table", "json", "csv", "markdown")
AT_FAULT = 1
UNMATCHED = 3
INTERRUPTED = 130

Command = TypeVar("Command", bound=Callable[..., Any])


def guarded(ctx: click.Context, invoke: Callable[[click.Context], Any]) -> Any:
    """Run a command; what goes wrong for a user's reasons is told in plain lines, never as a traceback."""
    try:
        return invoke(ctx)
    except (KeyboardInterrupt, EOFError):
        return _interrupted(ctx)
    except RecursionError:
        tell("This is nested too deep to be read.")
    except MemoryError:
        tell("There is not enough memory for this: divide the data into smaller files.")
    except click.ClickException as error:
        raise shown_safely(error) from None
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        place = f"{error.filename}: " if error.filename else ""
        tell(f"{place}{error.strerror or type(error).__name__}.")
    except Exception as error:
        from alliance.contract.faults import AllianceError

        if _unmatched(error):
            tell(f"{error}\nThe rules could not be matched, so nothing is settled and no file is written.")
            ctx.exit(UNMATCHED)
        if isinstance(error, RuntimeError) and str(error) == "Query interrupted":  # as DuckDB tells it
            return _interrupted(ctx)
        if not isinstance(error, AllianceError):
            raise
        tell_faults(error.faults)
    return ctx.exit(AT_FAULT)


def _interrupted(ctx: click.Context) -> Any:
    tell("Interrupted.")
    return ctx.exit(INTERRUPTED)


def _unmatched(error: Exception) -> bool:
    """Whether the matchers of rules disagreed, or one of them failed. They are loaded where that can be so."""
    errors = sys.modules.get("alliance.rules.matcher.errors")
    kinds = ("MatcherError", "RuleSetError", "FactError")
    return errors is not None and isinstance(error, tuple(getattr(errors, kind) for kind in kinds))


def shown_safely(error: click.ClickException) -> click.ClickException:
    """The error of a command that is misused, with nothing in its words that a terminal would act on."""
    from alliance.data.characters import printable

    error.message = printable(error.message, lines=True)  # type: ignore[misc]
    return error


def tell(text: str) -> None:
    """A line on standard error, with nothing in it that a terminal would act on."""
    from alliance.data.characters import printable

    click.echo(printable(text, lines=True), err=True)


def tell_faults(faults: Iterable[Fault]) -> None:
    """Each fault on standard error: its place, code and message, and under it what to do."""
    for line in fault_lines(faults):
        tell(line)


def fault_lines(faults: Iterable[Fault]) -> Iterable[str]:
    """Faults as lines: `file:line:column: CODE message`, and the hint set in below."""
    for fault in faults:
        place = f"{fault.mark}: " if fault.mark else ""
        yield f"{place}{fault.code} {fault.message}"
        if fault.hint:
            yield f"    {fault.hint}"


# options


def day(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """The callback of an option that is a date, as 2026-04-01."""
    if value is None:
        return None
    from alliance.contract.numbers import parse_date

    try:
        return parse_date(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def pairs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The callback of an option whose values are two texts joined by an equals sign."""
    found = []
    for value in values:
        left, equals, right = value.partition("=")
        if not equals or not left.strip():
            raise click.BadParameter(f"{value[:60]!r} should be {getattr(param, 'metavar', '')}.", ctx, param)
        found.append((left.strip(), right.strip()))
    return tuple(found)


def pairs_once(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The callback of one where nothing may be given twice: the last would win without a word."""
    found = pairs(ctx, param, values)
    names: set[str] = set()
    for name, _ in found:
        if name in names:
            raise click.BadParameter(f"{name[:60]!r} is given twice. Keep one of them.", ctx, param)
        names.add(name)
    return found


def target(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The callback of an option that names a file to write."""
    if value is not None and not value.strip():
        raise click.BadParameter("a file is to be named.", ctx, param)
    return value


def output_options(command: Command) -> Command:
    """`--format` and `--output`, the same for every command."""
    told = "table (the default), json, csv or markdown."
    format_ = click.option("--format", "form", type=click.Choice(FORMATS), default="table", metavar="FORMAT", help=told)
    return output_option(format_(command))


def output_option(command: Command) -> Command:
    """`--output`, the same for every command."""
    told = "Write to a file, whole or not at all."
    return click.option("--output", "-o", metavar="FILE", callback=target, help=told)(command)


# contracts


def load(path: str) -> Contract:
    """A contract, from a file or from a folder that holds `contract.yaml`."""
    from alliance.contract.contract import load as load_contract

    return load_contract(path)


def period_of(contract: Contract, label: str) -> str:
    """The label of a period of the contract; anything else is a misuse of the command."""
    from alliance.contract.faults import InputError

    try:
        return contract.period(label).label
    except InputError as error:
        raise click.BadParameter(" ".join(f.message for f in error.faults), param_hint="'--period'") from None


# output


def on_terminal() -> bool:
    """Whether standard output is a terminal (or is said to be, by FORCE_COLOR)."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def keep_what_was_read(output: str | None, option: str = "--output") -> None:
    """Nothing that was read is written over, whatever it is called: that is a misuse of the command."""
    from alliance.contract.noted import was_read

    if output is not None and was_read(output):
        message = f"{output} is a file that this command reads, and nothing was written. Name another."
        raise click.BadParameter(message, param_hint=f"'{option}'")


def keep_apart(**outputs: str | None) -> None:
    """Two options never name one file to write."""
    places: dict[str, str] = {}
    for option, path in outputs.items():
        try:
            place = os.path.normcase(os.path.realpath(path)) if path is not None else None
        except ValueError:  # no path at all, which is told where it is written to
            continue
        if place in places:
            raise click.UsageError(f"--{places[place]} and --{option} name the same file. Name two.")
        if place is not None:
            places[place] = option


def write(text: str, output: str | None, option: str = "--output") -> None:
    """Write a text to a file, whole or not at all, or to standard output."""
    if output:
        from alliance.data.write import atomic_write

        keep_what_was_read(output, option)
        atomic_write(output, text)
    else:
        click.echo(text, nl=not text.endswith("\n"))


def print_report(report: Report, form: str, output: str | None) -> None:
    """Print a report as a table: with colour on a terminal, as plain text elsewhere; or as Markdown."""
    if form == "markdown":
        from alliance.reports.markdown import markdown

        write(markdown(report), output)
    elif output or not on_terminal():
        from alliance.reports.plain import plain

        write(plain(report), output)
    else:
        from alliance.reports.terminal import show

        show(report)


def write_rows(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], output: str | None) -> None:
    """Write rows as CSV, as they come where they go to standard output."""
    from alliance.data.write import printable, write_csv

    if output:
        import io

        text = io.StringIO()
        write_csv(text, columns, rows)
        write(text.getvalue(), output)
        return
    if sys.stdout.isatty():
        rows = (tuple(printable(cell) for cell in row) for row in rows)
    write_csv(sys.stdout, columns, rows)


def write_json(value: Any, output: str | None) -> None:
    """Write plain values as JSON."""
    from alliance.settlement.serial import json_text

    write(json_text(value, 2) + "\n", output)
