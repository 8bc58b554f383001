"""The most that a data file may hold. Beyond it the answer is a fault, not a machine that stops answering."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of everything. Sizes of files are in bytes, lengths in characters."""

    csv_bytes: int = 200_000_000
    parquet_bytes: int = 200_000_000
    xlsx_bytes: int = 50_000_000
    tree_bytes: int = 20_000_000  # JSON and YAML
    faults: int = 100

    # A table in memory takes about 60 bytes a cell.
    columns: int = 2_000
    rows: int = 2_000_000
    cells: int = 20_000_000
    cell_length: int = 32_767
    comments: int = 10_000  # lines before the header
    record_bytes: int = 2_000_000  # one row of a text table, over all the lines that its quotes span
    parquet_text: int = 100_000_000  # bytes of all cells as texts
    parquet_cells: int = 1_000_000  # and so many more for each byte of the file:
    parquet_ratio: int = 8

    # Inside a workbook. A part is one file of the archive that a workbook is.
    parts: int = 1_000
    unpacked_bytes: int = 100_000_000
    part_ratio: int = 200  # of unpacked to packed size, for parts of over a megabyte
    elements: int = 600_000  # of XML; a cell takes two, or four with a text of its own
    area: int = 1_000_000  # rows times columns of a sheet, from A1 to its last used cell

    depth: int = 20
    tree_cells: int = 4_000_000  # of records in JSON or YAML, with those that are empty
    values: int = 400_000  # of a JSON table, and one more for each record
    nodes: int = 100_000  # of results in JSON or YAML, where every value keeps its place
    yaml_line_bytes: int = 50_000  # the YAML loader looks at the rest of the line at each value


DEFAULT = Limits()
