"""Queries as text, rendered once for each shape of a contract: the next command needs the engine alone.

What is kept is the text of queries, with no record in it, in the user's own cache folder. It is taken again only for
exactly what it was rendered for: declarations, formulas, columns, windows and versions are all in its name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alliance.contract.faults import Fault, InputError
from alliance.measures.engines import said
from alliance.version import __version__

MOST_FILES = 2_000
RENDERS = ("measures", "contract/formula")  # the folders of the modules that say what a query is


class Store:
    """Rendered queries in a folder; None keeps them for this process only."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.memory: dict[str, tuple[str, list[str], Any]] = {}
        self.rendered = 0

    def sql(self, dialect: str, about: Any, build: Callable[[], tuple[Any, Any]]) -> tuple[str, list[str], Any]:
        """The text of a query, its columns, and the plain values that building it came to."""
        key = hashlib.sha256(json.dumps([_versions(), dialect, about], default=str).encode()).hexdigest()
        found = self.memory.get(key) or self._read(key)
        if found is None:
            found = self._render(dialect, build)
            self._write(key, found)
        self.memory[key] = found
        return found

    def _render(self, dialect: str, build: Callable[[], tuple[Any, Any]]) -> tuple[str, list[str], Any]:
        import ibis
        from sqlglot.errors import SqlglotError

        if dialect == "pyspark":
            _ = ibis.pyspark  # its options, which rendering reads, are not there before
        query, beside = build()
        self.rendered += 1
        try:
            return str(ibis.to_sql(query, dialect=dialect)), list(query.columns), beside
        except (ibis.common.exceptions.IbisError, SqlglotError) as error:
            message = f"What is asked of the records cannot be said to {dialect}: {said(error)}."
            raise InputError(Fault("AC441", message, None, "Bring them as a file, or from PostgreSQL.")) from None

    def _read(self, key: str) -> tuple[str, list[str], Any] | None:
        if self.folder is None:
            return None
        try:
            sql, columns, beside = json.loads((self.folder / f"{key}.json").read_text("utf-8"))
        except (OSError, ValueError, TypeError):
            return None
        return str(sql), [str(c) for c in columns], beside

    def _write(self, key: str, found: tuple[str, list[str], Any]) -> None:
        if self.folder is None:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if sum(1 for _ in self.folder.iterdir()) > MOST_FILES:
                for old in self.folder.glob("*.json"):
                    old.unlink(missing_ok=True)
            whole = self.folder / f"{key}.{os.getpid()}.part"
            whole.write_text(json.dumps(found), "utf-8")
            whole.replace(self.folder / f"{key}.json")


@cache
def _versions() -> list[str]:
    """What renders queries: the versions of the libraries, and a digest of the modules, which change between versions
    while somebody works on them."""
    digest = hashlib.sha256()
    home = Path(__file__).parent.parent
    for folder in RENDERS:
        for path in sorted((home / folder).glob("*.py")):
            with contextlib.suppress(OSError):
                digest.update(path.read_bytes())
    return [__version__, *(version(name) for name in ("ibis-framework", "sqlglot")), digest.hexdigest()]


def cache_folder() -> Path:
    """Where rendered queries are kept: $XDG_CACHE_HOME or ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "alliance" / "queries"
