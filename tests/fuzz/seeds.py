"""The files that the targets begin with: those of the other tests, and what was found before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

TESTS = Path(__file__).resolve().parents[1]
FINDS = Path(__file__).parent / "finds"
_MOST = 6_000  # bytes of a seed: longer ones are learnt from slowly
_FORMULA = re.compile(r"\b(?:is|start|multiply|gate|at_most|add|when|of): \"?([^\"{}\n]{4,120}?)\"?[,}\n]")

_CELLS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>value</t></is></c></row>'
)
WORKBOOKS = (
    b"\x01" + _CELLS.encode() + b'<row r="2"><c r="A2" t="inlineStr"><is><t>spend</t></is></c><c r="B2"><v>4.5</v></c></row>',
    b'\x01<row r="2"><c r="B2" t="e"><v>#DIV/0!</v></c><c r="C2"><f>SUM(A1)</f></c><c t="b"><v>1</v></c></row>',
    b'\x01<row><c s="1"><v>45000.5</v></c><c t="d"><v>2026-04-01</v></c><c t="str"><v>x</v></c></row>',
    b"\x02<si><t>name</t></si><si><r><t>va</t></r><r><t>lue</t></r></si>",
    b'\x03<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a"/></sheets></workbook>',
)  # fmt: skip


def seeds(target: str) -> Iterator[bytes]:
    """The seeds of a target, then what was found of it."""
    yield from _own(target)
    for path in sorted((FINDS / target).glob("*")):
        yield path.read_bytes()


def _own(target: str) -> Iterator[bytes]:
    bad = TESTS / "bad"
    if target == "contract":
        yield from _files(sorted((bad / "contracts").glob("*.yaml")))
        for case in sorted((TESTS / "conformance" / "cases").glob("*.yaml")):
            yield yaml.load(case.read_text("utf-8"), yaml.BaseLoader)["contract"].encode()
    elif target == "formula":
        texts = [path.read_text("utf-8") for path in sorted((TESTS.parent / "contracts").glob("*/contract.yaml"))]
        yield from sorted({found.encode() for text in texts for found in _FORMULA.findall(text)})
    elif target == "csv":
        yield from _files([*sorted((bad / "inputs").glob("*.csv")), *sorted((bad / "tables").glob("*.csv"))])
    elif target == "json":
        yield from _files(sorted((bad / "inputs").glob("*.json")))
        yield b'[{"person": "P1", "cost": 1.50, "ok": true, "none": null}, {"cost": -1E+2}]'
        yield b'{"spend": 5, "list": {"north": 1, "south": {"value": 2, "status": "missing"}}, "r": [{"a": "b"}]}'
    elif target == "yaml":
        yield from _files(sorted((bad / "inputs").glob("*.yaml")))
        yield b"spend: 5\nperiods: {2026-27 Q1: {calls: 370}}\nrecords:\n- {person: P1, cost: 1.50}\n- {person: P2}\n"
    else:
        yield from WORKBOOKS


def _files(paths: list[Path]) -> Iterator[bytes]:
    for path in paths:
        data = path.read_bytes()
        if len(data) <= _MOST:
            yield data
