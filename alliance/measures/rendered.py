"""Queries as text, rendered once for each shape of a contract: the next command needs the engine alone.

What is kept is the text of queries, with no record in it, in the user's own cache folder. It is taken again only for
exactly what it was rendered for: declarations, formulas, columns, windows and versions are all in its name.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import stat
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from alliance.contract.faults import Fault, InputError
from alliance.measures.files import said
from alliance.version import __version__

FORMAT = 2
KEPT = "duckdb"
"""The one engine whose queries are kept: it runs them where nothing else can be read or written, and it alone needs no
Ibis to be connected to, which is what keeping them saves."""
MOST_FILES = 2_000
MOST_BYTES = 8_000_000
_READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
Rendered = tuple[str, list[str], Any]
RENDERS = ("measures", "contract/formula")  # the folders of the modules that say what a query is


class Store:
    """Rendered queries in a folder; None keeps them for this process only."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.memory: dict[str, Rendered] = {}
        self.rendered = 0

    def sql(self, dialect: str, about: Any, build: Callable[[], tuple[Any, Any]]) -> Rendered:
        """The text of a query, its columns, and the plain values that building it came to."""
        key = hashlib.sha256(json.dumps([FORMAT, _versions(), dialect, about], default=str).encode()).hexdigest()
        kept = dialect == KEPT
        found = self.memory.get(key) or (self._read(key) if kept else None)
        if found is None:
            found = self._render(dialect, build)
            if kept:
                self._write(key, found)
        self.memory[key] = found
        return found

    def _render(self, dialect: str, build: Callable[[], tuple[Any, Any]]) -> Rendered:
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

    def _read(self, key: str) -> Rendered | None:
        """What was kept, where it is as it was written, by us, in a folder that nobody else writes to."""
        if self.folder is None or not _own(self.folder):
            return None
        try:
            digest, _, kept = _contents(self.folder / f"{key}.json").decode().partition("\n")
            if digest != hashlib.sha256(kept.encode()).hexdigest():
                return None
            sql, columns, beside = json.loads(kept)
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        if not isinstance(sql, str) or not _READS.match(sql) or not isinstance(columns, list):
            return None
        return sql, [str(c) for c in columns], beside

    def _write(self, key: str, found: Rendered) -> None:
        if self.folder is None:
            return
        kept = json.dumps(found)
        if len(kept) > MOST_BYTES // 2:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _own(self.folder):
                return
            if sum(1 for _ in self.folder.iterdir()) > MOST_FILES:
                for old in self.folder.glob("*.json"):
                    old.unlink(missing_ok=True)
            whole = self.folder / f"{key}.{os.getpid()}.part"
            with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{hashlib.sha256(kept.encode()).hexdigest()}\n{kept}")
            whole.replace(self.folder / f"{key}.json")


def _ours(facts: os.stat_result) -> bool:
    """Whether something belongs to who runs this, and nobody else may change it."""
    if not hasattr(os, "getuid"):
        return True
    return facts.st_uid == os.getuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _own(folder: Path) -> bool:
    """Whether a folder is one that only we write to."""
    try:
        facts = os.lstat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(facts.st_mode) and _ours(facts)


def _contents(path: Path) -> bytes:
    """The bytes of an ordinary file of our own, which is not waited for, and of which no more is read than is kept."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or not _ours(facts) or facts.st_size > MOST_BYTES:
            raise ValueError("not what was kept")
        return file.read(MOST_BYTES)


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
