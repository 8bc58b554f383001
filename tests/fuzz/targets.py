"""What reads text that somebody else wrote, each as a function of bytes that raises only where something is wrong."""

from __future__ import annotations

import datetime
import json
import os
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import alliance
from alliance.contract.contract import Contract
from alliance.contract.english.needs import needs
from alliance.contract.english.reading import read
from alliance.contract.faults import AllianceError
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.parse import parse
from alliance.data.characters import printable
from alliance.data.limits import Limits
from alliance.data.results import read_results
from alliance.data.table import read_table
from alliance.reports.markdown import markdown
from alliance.reports.plain import plain
from alliance.reports.statement import statement
from tests.data.files import archive, parts, sheet_xml

Target = Callable[[bytes], None]

HEAD = """alliance: 1
contract: {id: fuzz, title: Fuzz, term: {from: 2026-04-01, to: 2028-03-31}}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider}
  south: {name: South, role: provider, from: 2026-06-01}
accounts: {pool: {title: Pool, held_by: council}}
decisions: {agreed: {title: Agreed, signed_by: [council, north]}}
categories: {track: [A, B]}
terms:
  fixed: {unit: GBP a year, by: provider, value: {north: 1_000, south: 500}}
  price: {unit: GBP a place, values: {2026-04-01: 10, 2026-05-15: 12}}
  rate: {unit: percent, by: track, value: {A: 40%, B: 60%}}
inputs:
  spend: {unit: GBP}
  calls: {unit: count}
  met: {unit: boolean}
  seen: {unit: date}
  track: {one_of: track}
  lacking: {unit: percent}
  visits: {records: {person: id, day: date, ended: optional date, cost: GBP, provider: party, ok: boolean}, dated: day}
measures:
  well: {reported: percent, minimum: 10 cases, score: {nothing_at: 0%, full_at: 80%}}
figures:
  twice: {is: calls * 2}
"""
GIVEN = {
    "spend": "1000.01",
    "calls": "370",
    "met": "yes",
    "seen": "2026-05-01",
    "track": "A",
    "well": {"value": "40%", "cases": "12"},
    "visits": [
        {"person": "P1", "day": "2026-04-02", "ended": "2026-05-01", "cost": "10.005", "provider": "north", "ok": "yes"},
        {"person": "P2", "day": "2026-06-30", "ended": "", "cost": "-3", "provider": "south", "ok": "no"},
    ],
}  # fmt: skip
SMALL = Limits(csv_bytes=500_000, xlsx_bytes=500_000, tree_bytes=500_000, rows=2_000)


def told_well(error: AllianceError) -> None:
    """Every fault has a code and words that a terminal can show."""
    assert error.faults
    for fault in error.faults:
        text = str(fault)
        assert re.fullmatch(r"AC\d{3}", fault.code), text
        assert fault.message, text
        assert text == printable(text), text
        assert len(text) < 20_000, text[:200]
        assert fault.mark is None or (fault.mark.line >= 0 and fault.mark.column >= 0), text


def contract(data: bytes) -> None:
    """A contract: read or refused; what is read can be said in English, settled and printed."""
    try:
        found = alliance.loads(data)
    except AllianceError as error:
        told_well(error)
        return
    used(found)


def used(found: Contract, given: object = None) -> None:
    """What a contract that stands is good for: English, needs, a settlement and its statement, all of them text."""
    day = max(found.built.start, datetime.date(2026, 4, 1)) if found.built.end.year >= 2026 else found.built.start
    assert read(found, min(day, found.built.end)).sections
    needs(found, None)
    period = found.built.calendar.parts(found.built.calendar.year_of(found.built.start), found.built.settles)[0]
    if period.end < found.built.start:
        return
    try:
        settled = alliance.settle(found, period, given, examples=False)
    except AllianceError as error:
        told_well(error)
        return
    for b in settled.balances:
        assert b.opening + b.money_in - b.money_out == b.closing
    assert alliance.Settlement.from_json(settled.to_json()).digest == settled.digest
    for text in (plain(statement(settled, found)), markdown(statement(settled, found))):
        assert text == printable(text, lines=True)


def formula(data: bytes) -> None:
    """A formula: parsed or refused; one that is parsed is checked, said and worked out."""
    text = data.decode("utf-8", "replace")
    try:
        parse(text)
    except FormulaError:
        return
    ways = ("{{is: {0}}}", "{{each: provider, is: {0}}}")
    for way in ways:
        try:
            found = alliance.loads(HEAD + f"  f: {way.format(json.dumps(text))}\n")
        except AllianceError as error:
            told_well(error)
            continue
        used(found, GIVEN)


@cache
def _folder() -> Path:
    beside = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="fuzz", dir=beside))


def _read(data: bytes, name: str, read_one: Callable[..., object]) -> None:
    path = _folder() / name
    path.write_bytes(data)
    try:
        read_one(path, limits=SMALL)
    except AllianceError as error:
        told_well(error)


def csv(data: bytes) -> None:
    """A table, and results, in CSV."""
    _read(data, "a.csv", read_table)
    _read(data, "a.csv", read_results)


def table_json(data: bytes) -> None:
    """A table, and results, in JSON."""
    _read(data, "a.json", read_table)
    _read(data, "a.json", read_results)


def results_yaml(data: bytes) -> None:
    """Results in YAML."""
    _read(data, "a.yaml", read_results)


def xlsx(data: bytes) -> None:
    """A workbook: its bytes, or by the first of them the XML of its sheet, its shared texts or its own part."""
    how, rest = (data[0] % 4, data[1:].decode("utf-8", "ignore")) if data else (0, "")
    made = data[1:]
    if how == 1:
        made = archive(parts({"inputs": sheet_xml(rest)}))
    elif how == 2:
        made = archive(parts({"inputs": sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')}, rest))
    elif how == 3:
        made = archive(parts({"inputs": sheet_xml("")}) | {"xl/workbook.xml": rest})
    _read(made, "a.xlsx", read_table)
    _read(made, "a.xlsx", read_results)


TARGETS: dict[str, Target] = {
    "contract": contract,
    "formula": formula,
    "csv": csv,
    "json": table_json,
    "yaml": results_yaml,
    "xlsx": xlsx,
}
