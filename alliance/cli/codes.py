"""The codes of the faults that only the command line finds."""

from __future__ import annotations

CODES: dict[str, str] = {
    "AC123": "The opening does not fit the contract or the period",
}
