"""Results in YAML or JSON: a name and its value, its values by party or category, or its records."""

from __future__ import annotations

from alliance.contract.faults import AllianceError, Fault, Faults, InputError, Mark, did_you_mean, one_of
from alliance.contract.source_nodes import Map, Node, Scalar, Seq
from alliance.data.characters import shown
from alliance.data.limits import Limits
from alliance.data.opening import AnyPath, file_name, read_bytes, suffix
from alliance.data.results import Given, Results
from alliance.data.rows import Builder, Table

PERIODS = "periods"
ENTRY = ("value", "status", "cases", "received")


def read_tree(path: AnyPath, results: Results, faults: Faults, limits: Limits) -> None:
    """Reads a YAML or JSON file into `results`, and what is wrong with it into `faults`."""
    root = _load(path, limits)
    reader = _Reader(file_name(path), results, faults, limits)
    for name, node in root.items():
        if name == PERIODS:
            reader.periods(node)
        elif isinstance(node, Seq):
            reader.records(name, node)
        else:
            reader.entry(name, node, "")


def _load(path: AnyPath, limits: Limits) -> Map:
    data = read_bytes(path, limits.tree_bytes)
    if suffix(path) == ".json":
        from alliance.data.jsontext import load_json

        return load_json(data, path, limits)
    from alliance.contract import source

    _refuse_long_lines(data, path, limits)
    most = source.Limits(
        file_bytes=limits.tree_bytes,
        total_bytes=limits.tree_bytes,
        depth=limits.depth,
        nodes=limits.nodes,
        expanded=limits.nodes,
        scalar=limits.cell_length,
    )
    try:
        return source.load_text(data, file_name(path), limits=most)
    except AllianceError as error:
        raise InputError(error.faults) from None


def _refuse_long_lines(data: bytes, path: AnyPath, limits: Limits) -> None:
    most = limits.yaml_line_bytes
    end = -1
    while len(data) - end - 1 > most:  # from line end to line end, as far as each may be from the one before
        start, end = end + 1, data.rfind(b"\n", end + 1, end + 2 + most)
        if end < 0:
            place = Mark(file_name(path), data.count(b"\n", 0, start) + 1)
            raise InputError(Fault("AC212", f"The line is longer than {most:,} bytes.", place, "Write it on several."))


class _Reader:
    def __init__(self, file: str, results: Results, faults: Faults, limits: Limits) -> None:
        self.file = file
        self.results = results
        self.faults = faults
        self.limits = limits

    def periods(self, node: Node) -> None:
        """Values of earlier periods, by period."""
        if not isinstance(node, Map):
            message = "Earlier periods should be here, each with its values."
            self.faults.add("AC235", node.mark, message, "Write for example: periods: {2026-27 Q1: {calls: 370}}.")
            return
        for period, values in node.items():
            if not isinstance(values, Map):
                message = f"Names and their values should be here, for the period {shown(period)}."
                self.faults.add("AC235", values.mark, message, f"Write for example: {period[:20]}: {{calls: 370}}.")
                continue
            for name, value in values.items():
                if isinstance(value, Seq):
                    message = f"Records of an earlier period, {shown(name)}, cannot stand here."
                    hint = "Records carry dates of their own: list them all under their name outside of periods."
                    self.faults.add("AC235", value.mark, message, hint)
                else:
                    self.entry(name, value, period.strip())

    def entry(self, name: Scalar, node: Node, period: str) -> None:
        """A value, or a value with its status and cases, or either of them by party or category."""
        if not name.strip():
            self.faults.add("AC233", name.mark, "This entry has no name.", "Say which input the value is for.")
        elif not self._value(name, node, period):
            assert isinstance(node, Map)
            if not node:
                self.faults.add("AC235", node.mark, f"There is nothing in {shown(name)}.", "Write null for no value.")
            for key, value in node.items():
                if not self._value(name, value, period, key=key) and isinstance(value, Map):
                    self._by_party(name, key, value, period)

    def _by_party(self, name: Scalar, party: Scalar, node: Map, period: str) -> None:
        for key, value in node.items():
            if not self._value(name, value, period, party, key) and isinstance(value, Map):
                message = f"{shown(name)} is nested deeper than party and category here."
                self.faults.add("AC235", value.mark, message)

    def _value(self, name: str, node: Node, period: str, party: str = "", key: str = "") -> bool:
        """Takes a text, or a mapping that has a value, a status or the day it came. False: it is another."""
        if isinstance(node, Scalar):
            given = Given(name.strip(), _text(node), node.mark, period, party.strip(), key.strip())
            self.results.values.append(given)
            return True
        entry: dict[str, str | None] = {}
        if isinstance(node, Map):
            if not {"value", "status", "received"} & node.keys():
                return False
            for word, field in node.items():
                if word not in ENTRY:
                    message = f"An entry with a value or a status has no {shown(word)}."
                    self.faults.add("AC235", word.mark, message, did_you_mean(word, ENTRY) or one_of(ENTRY))
                elif isinstance(field, Scalar):
                    entry[word] = _text(field)
                else:
                    self.faults.add("AC235", field.mark, f"The {word} of {shown(name)} is not one value.")
        else:
            self.faults.add("AC235", node.mark, f"A list in {shown(name)} stands where one value is expected.")
            return True
        mark = node.get("value", node).mark
        status, cases, received = ((entry.get(word) or "").strip() for word in ENTRY[1:])
        words = (period, party.strip(), key.strip(), status, cases, received)
        self.results.values.append(Given(name.strip(), entry.get("value"), mark, *words))
        return True

    def records(self, name: Scalar, node: Seq) -> None:
        """A list of flat mappings, as a table with their keys as columns, in the order of their first appearance."""
        builder = Builder(self.file, self.limits, first=0)
        index: dict[str, int] = {}
        rows = []
        for item in node:
            if not isinstance(item, Map):
                message = f"{shown(name)} is a list, and this item of it is not a record."
                hint = "Write one value, or records as {person: P01, cost: 12.50}."
                self.faults.add("AC227", item.mark, message, hint)
                return
            for key, value in item.items():
                index.setdefault(key, len(index))
                if not isinstance(value, Scalar):
                    message = f"The value of {shown(key)} is a list or has keys of its own, and it should be one value."
                    self.faults.add("AC227", value.mark, message)
            rows.append(item)
        try:
            self.results.records[name.strip()] = _table(builder, list(index), rows)
        except InputError as error:
            self.faults.extend(error.faults)


def _table(builder: Builder, columns: list[str], rows: list[Map]) -> Table:
    if not rows:
        return builder.table
    builder.header(columns, rows[0].mark.line)
    builder.expect(len(rows), rows[-1].mark.line, builder.limits.tree_cells)
    for row in rows:
        builder.row(row.mark.line, tuple([_cell(row.get(column)) for column in columns]))
    return builder.done()


def _cell(node: Node | None) -> Scalar | None:
    """The text of a record's field, which keeps its own place."""
    return node if isinstance(node, Scalar) and not node.null else None


def _text(node: Scalar) -> str | None:
    return None if node.null else str(node)
