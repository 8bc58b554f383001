"""Addresses of databases: which are connected to, how soon they must answer, and what a file of one may not do."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, urlparse

from alliance.contract.source_text import shown
from alliance.measures.files import fail

CONNECTING = 10  # seconds in which a server must answer at all
ANSWERING = 600
"""Seconds in which a server must have answered a query. `ALLIANCE_TIMEOUT` sets another limit."""
MOST_ANSWERING = 100_000
SQLITE = (0, b"SQLite format 3\0")
_TABLE = "table"
_WORKED_OUT = (2, 3)  # how SQLite marks a column that is
# Engines that read files of this machine, which is done here in ways of its own, so that no file leads to another.
_FILES = ("", "file", "duckdb", "motherduck", "md", "datafusion", "polars", "pyspark")


def options(place: str, address: str) -> dict[str, Any]:
    """What is asked of the means that connect to an address. Raises `InputError` where it is not to be connected to."""
    url = urlparse(address)
    if url.scheme in _FILES:
        hint = "Name the file, or duckdb:///FILE#TABLE, with three strokes."
        raise fail(place, f"{shown(url.scheme + '://')} is not connected to.", hint)
    if url.scheme.startswith("postgres") and "connect_timeout" not in dict(parse_qsl(url.query)):
        return {"connect_timeout": CONNECTING}
    return {}


def seconds(place: str) -> int:
    """How long a server may take for a query. Raises `InputError` where another limit is asked for that is none."""
    found = os.environ.get("ALLIANCE_TIMEOUT", "").strip() or str(ANSWERING)
    if not (found.isascii() and found.isdecimal() and 0 < int(found[:9]) <= MOST_ANSWERING):
        hint = f"Write it as 600, up to {MOST_ANSWERING:,}."
        raise fail(place, f"ALLIANCE_TIMEOUT is {found[:20]}, which is no number of seconds.", hint)
    return int(found)


def only_tables(place: str, connection: Any, table: str) -> None:
    """Refuse what a file of SQLite works out itself, such as a view: that may read on for ever, or say something else
    each time."""
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    found = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", (table,)).fetchall()
    for kind, made in found:
        if kind != _TABLE or " VIRTUAL " in f" {str(made).upper().partition('(')[0]} ":
            message = f"{shown(table)} is no table of records, and what a database works out is not run."
            raise fail(place, message, "Make a table of it: CREATE TABLE visits AS SELECT * FROM ...")
    columns = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
    for name, hidden in columns:
        if hidden in _WORKED_OUT:
            message = f"The column {shown(name)} is worked out, and what a database works out is not run."
            raise fail(place, message, "Make a table of it: CREATE TABLE visits AS SELECT * FROM ...")
