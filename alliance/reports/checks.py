"""What checking contracts came to: their faults or a line of summary, and their worked examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alliance.contract.contract import Contract, load
from alliance.contract.faults import AllianceError, Fault
from alliance.data.characters import counted
from alliance.reports.model import ALERT, Block, Report, Row, Section, Text, report, section, table
from alliance.reports.rows import exact_value, plain_value
from alliance.settlement.examples import Checked, ExampleResult, run_examples
from alliance.settlement.words import value_text

COLUMNS = (
    *("file", "example", "period", "result", "what", "expected", "found", "parts_at", "expected_exact", "found_exact"),
)


def validation(found: Iterable[tuple[str, Contract | None, Sequence[Fault]]]) -> Report:
    """A line for each contract that was checked."""
    lines = []
    for file, contract, faults in found:
        if contract is None:
            lines.append(Text(f"{file}: {counted(len(faults), 'fault')}", ALERT))
        else:
            lines.append(Text(f"{file}: fine: {summary(contract)}"))
    return Report("", sections=(Section("", tuple(lines)),))


def summary(contract: Contract) -> str:
    """What a contract holds, counted."""
    built = contract.built
    kinds = {
        "party": built.parties,
        "account": built.accounts,
        "term": built.terms,
        "input": built.inputs,
        "measure": built.measures,
        "figure": built.figures,
        "payment": built.payments,
        "rule": contract.document.rules,
        "variation": contract.document.variations,
        "example": contract.examples,
    }
    several = {"party": "parties"}
    return ", ".join(f"{len(v):,} {several.get(k, k + 's') if len(v) != 1 else k}" for k, v in kinds.items() if v)


@dataclass(frozen=True, slots=True)
class Tested:
    """A contract's examples as they came out, or the faults for which it does not load."""

    file: str
    title: str
    results: tuple[ExampleResult, ...]
    faults: tuple[Fault, ...]

    @property
    def passed(self) -> int:
        return sum(r.passed for r in self.results)

    @property
    def failed(self) -> int:
        return len(self.results) - self.passed

    @property
    def unread(self) -> int:
        """1 where the contract cannot be read, so that nobody knows whether its examples pass."""
        return int(bool(self.faults))


def tested(file: str) -> Tested:
    """Load a contract and run its examples."""
    try:
        contract = load(file)
        return Tested(file, contract.title, tuple(run_examples(contract)), ())
    except AllianceError as error:
        return Tested(file, "", (), error.faults)


def examples(found: Sequence[Tested]) -> Report:
    """Each contract's examples, and the totals."""
    sections = []
    for one in found:
        blocks: list[Block] = [
            table(("Result", "Example", "What", ">Expected", ">Found", "First differs at"), _example_rows(one))
        ]
        if one.faults:
            faults = counted(len(one.faults), "fault")
            blocks.append(Text(f"It cannot be read, so no example was run: {faults}.", ALERT))
        elif not one.results:
            blocks.append(Text("It carries no examples."))
        title = f"{one.title} ({one.file})" if one.title else one.file
        sections.append(section(title, *blocks, level=2))
    passed, failed, unread = (sum(getattr(o, what) for o in found) for what in ("passed", "failed", "unread"))
    more = f"; {counted(unread, 'contract')} could not be read" if unread else ""
    total = Text(f"{passed:,} passed, {failed:,} failed{more}.", ALERT if failed or unread else "")
    return report("", "", (), [*sections, Section("Worked examples", (total,))])


def _example_rows(one: Tested) -> Iterator[Row]:
    for r in one.results:
        name = f"{r.title} ({r.period})"
        if r.passed:
            yield Row(("passed", name, counted(len(r.checked), "line"), "", "", ""))
            continue
        if r.fault:
            yield Row(("FAILED", name, r.fault, "", "", ""), ALERT)
        for i, c in enumerate(c for c in r.checked if not c.passed):
            first = ("FAILED", name) if i == 0 else ("", "")
            yield Row((*first, c.what, _words(c.expected, c), _words(c.found, c), c.parts_at), ALERT)


def _words(value: Any, c: Checked) -> str:
    return value_text(value, c.unit)


def examples_dict(found: Sequence[Tested]) -> dict[str, Any]:
    """The examples as plain JSON values, with the totals `passed`, `failed` and `unread`."""
    return {
        "passed": sum(o.passed for o in found),
        "failed": sum(o.failed for o in found),
        "unread": sum(o.unread for o in found),
        "contracts": [
            {
                "file": one.file,
                "title": one.title,
                "passed": one.passed,
                "failed": one.failed,
                "faults": [f.as_dict() for f in one.faults],
                "examples": [_example_dict(r) for r in one.results],
            }
            for one in found
        ],
    }


def _example_dict(r: ExampleResult) -> dict[str, Any]:
    return {
        "title": r.title,
        "period": r.period,
        "passed": r.passed,
        "fault": r.fault,
        "file": r.mark.file,
        "line": r.mark.line,
        "expected": [
            {
                "what": c.what,
                "expected": _words(c.expected, c),
                "found": _words(c.found, c),
                "expected_exact": exact_value(c.expected),
                "found_exact": exact_value(c.found),
                "passed": c.passed,
                "parts_at": c.parts_at,
                "line": c.mark.line,
            }
            for c in r.checked
        ],
    }


def examples_rows(found: Sequence[Tested]) -> Iterator[tuple[str, ...]]:
    """The examples as rows of CSV: one for each line that an example expects."""
    for one in found:
        for fault in one.faults:
            yield (one.file, "", "", "unread", f"{fault.code} {fault.message}", "", "", str(fault.mark or ""), "", "")
        for r in one.results:
            if r.fault:
                yield (one.file, r.title, r.period, "failed", r.fault, "", "", "", "", "")
            for c in r.checked:
                result = "passed" if c.passed else "failed"
                values = (_words(c.expected, c), _words(c.found, c))
                exact = (plain_value(c.expected), plain_value(c.found))
                yield (one.file, r.title, r.period, result, c.what, *values, c.parts_at, *exact)
