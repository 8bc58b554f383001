"""The codes of the faults that only the command line finds."""

from __future__ import annotations

CODES: dict[str, str] = {
    "AC123": "The opening is not one for this contract",
}
