"""`alliance rules`: packs of rules, what each says, and the examples that they carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from alliance.cli.common import output_options, print_report, write_json, write_rows

if TYPE_CHECKING:
    from alliance.reports.checks import Tested


@click.group()
def rules() -> None:
    """Packs of rules: which there are, what they say, and their examples.

    A contract uses one by its name: `rules: [{use: late-data, with: {...}}]`. PATH is the file of one of your own.
    """


@rules.command("list")
@output_options
def list_(form: str, output: str | None) -> None:
    """The packs that come with the package."""
    from alliance.contract.packs import read_pack, shipped
    from alliance.reports.packs import LIST_COLUMNS, listed, listed_dict, listed_rows

    found = [read_pack(one.path, f"rules/{one.name}/pack.yaml")[0] for one in shipped()]
    if form == "json":
        write_json(listed_dict(found), output)
    elif form == "csv":
        write_rows(LIST_COLUMNS, listed_rows(found), output)
    else:
        print_report(listed(found), form, output)


@rules.command()
@click.argument("name", metavar="NAME|PATH")
@output_options
def show(name: str, form: str, output: str | None) -> None:
    """A pack in plain words: what it is for, what it asks of a contract, and its rules as its example has them."""
    from alliance.contract.packs import find_pack
    from alliance.reports.packs import SHOW_COLUMNS, described, described_dict, described_rows

    pack, root, path = find_pack(name)
    if form == "json":
        write_json(described_dict(pack, root, path), output)
    elif form == "csv":
        write_rows(SHOW_COLUMNS, described_rows(pack), output)
    else:
        print_report(described(pack, root, path), form, output)


@rules.command()
@click.argument("paths", nargs=-1, metavar="[NAME|PATH]...")
@output_options
@click.pass_context
def test(ctx: click.Context, paths: tuple[str, ...], form: str, output: str | None) -> None:
    """Run the examples of packs: of all that come with the package, or of those that are named.

    The examples of a pack stand in contracts beside its file or in folders below it. A PATH may also be a folder in
    which contracts are searched for.
    """
    from alliance.cli.test import tell_tested
    from alliance.contract.packs import shipped

    names = paths or [one.name for one in shipped()]
    tell_tested(ctx, [one for name in names for one in _tested(name)], form, output)


def _tested(name: str) -> Iterator[Tested]:
    """The examples of a pack, or the faults for which it has none."""
    import os
    from dataclasses import replace

    from alliance.cli.search import contracts_in
    from alliance.contract.faults import AllianceError
    from alliance.contract.packs import find_pack, shipped
    from alliance.reports.checks import Tested, tested

    ours = name in {one.name for one in shipped()}
    try:
        folder = name
        if ours or not os.path.isdir(name) or os.path.exists(os.path.join(name, "pack.yaml")):
            folder = str(find_pack(name)[2].parent)
        for file in contracts_in(folder):
            found = tested(file)
            place = os.path.relpath(file, folder).replace(os.sep, "/")
            yield replace(found, file=f"rules/{name}/{place}") if ours else found
    except AllianceError as error:
        yield Tested(name, "", (), error.faults)
