"""Every worked example of the gallery as a statement and as an explanation, in every format, and back from JSON."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

import alliance
from alliance.contract.faults import InputError
from alliance.reports.explain import explanation
from alliance.reports.markdown import markdown
from alliance.reports.plain import plain
from alliance.reports.rows import COLUMNS, rows
from alliance.reports.statement import statement
from alliance.reports.terminal import show
from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle_run

GALLERY = sorted(Path(__file__).resolve().parents[2].glob("contracts/*/contract.yaml"))


@pytest.mark.parametrize("path", GALLERY, ids=[p.parent.name for p in GALLERY])
def test_every_example_is_printed_whole(path: Path) -> None:
    contract = alliance.load(path)
    for example in contract.examples:
        try:
            s, run = settle_run(contract, example.period, example.given, as_of=example.as_of)
        except InputError:
            continue  # the tests of the gallery say which examples pass
        assert Settlement.from_json(s.to_json()) == s
        for report in (statement(s, contract), explanation(s, run, contract)):
            text, marked, out = plain(report), markdown(report), io.StringIO()
            show(report, Console(file=out, width=110))
            for said in (text, marked, out.getvalue()):
                assert s.title.split()[0] in said
                assert "Fraction(" not in said
                assert "None" not in said
        for what, columns in COLUMNS.items():
            assert all(len(row) == len(columns) for row in rows(what, "x", s))
        for party in contract.built.parties:
            plain(explanation(s, run, contract, party=party))
