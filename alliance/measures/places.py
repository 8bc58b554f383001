"""How the place of records is written: a file, a folder, or an address that an engine knows."""

from __future__ import annotations


def is_address(place: str) -> bool:
    """Whether a place is an address that an engine reads, and no file of this machine.

    >>> is_address("duckdb:///x.db#discharges"), is_address("spark:visits.csv"), is_address("visits.csv")
    (True, True, False)
    """
    return "://" in place or place.startswith("spark:")
