"""Finding contracts: a file, or every `contract.yaml` in and below a folder."""

from __future__ import annotations

import os

from alliance.contract.faults import Fault, InputError, Mark

NAME = "contract.yaml"
MOST_FOLDERS = 20_000
_PASSED_OVER = ("node_modules", "__pycache__", "build", "dist")


def contracts_in(path: str) -> list[str]:
    """The contracts that a path stands for, in the order of their names. Hidden folders and links are passed over.

    Raises `InputError` where a folder holds none.
    """
    if not os.path.isdir(path):
        return [path]
    found = []
    for seen, (folder, folders, names) in enumerate(os.walk(path)):
        if seen > MOST_FOLDERS:
            message = f"There are more than {MOST_FOLDERS:,} folders below this one."
            raise _none(path, message, "Name a folder further down.")
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _PASSED_OVER)
        if NAME in names:
            found.append(os.path.join(folder, NAME))
    if not found:
        message = f"There is no {NAME} in this folder or below it."
        raise _none(path, message, "Name a contract, or a folder that holds one.")
    return found


def _none(path: str, message: str, hint: str) -> InputError:
    return InputError(Fault("AC200", message, Mark(path), hint))
