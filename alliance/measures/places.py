"""How the place of records is written: a file, a folder, or an address that an engine knows."""

from __future__ import annotations


def is_address(place: str) -> bool:
    """Whether a place is an address that an engine reads, and no file of this machine.

    >>> is_address("duckdb:///x.db#discharges"), is_address("spark:visits.csv"), is_address("visits.csv")
    (True, True, False)
    """
    return "://" in place or place.startswith("spark:")


def as_told(place: str) -> str:
    """A place as it is told: without the name and password in an address.

    >>> as_told("postgresql://me:secret@db/care#visits"), as_told("visits.csv")
    ('postgresql://db/care#visits', 'visits.csv')
    """
    scheme, slashes, rest = place.partition("://")
    if not slashes:
        return place
    address, sharp, table = rest.partition("#")
    return scheme + slashes + address.rpartition("@")[2].partition("?")[0] + sharp + table


def aside(name: str) -> bool:
    """Whether a file of a folder is none of its records: a hidden one, or what Excel lays beside an open workbook.

    >>> aside(".visits.csv"), aside("~$visits.xlsx"), aside("visits.csv")
    (True, True, False)
    """
    return name.startswith((".", "~$"))
