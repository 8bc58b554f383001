"""How the command starts: whatever happens while its modules load is told in a plain line too."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

INTERRUPTED = 130


def _interrupted(*_: object) -> NoReturn:
    """Nothing was begun that needs an end."""
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


def ready() -> None:
    """From here on an interruption is told where the command is guarded."""
    if signal.getsignal(signal.SIGINT) is _interrupted:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def main() -> None:
    """The entry point of the command `alliance`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    for name in ("stdout", "stderr"):  # one that is closed is as one that nobody reads
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    from alliance.cli.main import main as run

    run()
