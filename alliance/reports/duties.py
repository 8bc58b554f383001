"""The register of duties on a day, from one settlement or from those of many agreements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from alliance.contract.contract import Contract
from alliance.reports.model import Report, Row, Text, report, section, table
from alliance.reports.naming import day, titled
from alliance.reports.ruled import DUTY_HEADS, duty_row
from alliance.settlement.duties import STATES, state_on
from alliance.settlement.state import Duty, State


def register(contract: Contract, states: Mapping[str, State], on: date) -> Report:
    """Every duty that arose by a day, as it then stands."""
    titles = {name: p.title for name, p in contract.on(on, on).parties.items()}
    found = [(name, duty) for name, state in states.items() for duty in arisen(state, on)]
    rows = [_row(name, duty_row(d, on, lambda x: titled(titles.get(x, ""), x))) for name, d in found]
    count = Counter(state_on(d, on) for _, d in found)
    told = ", ".join(f"{count[state]:,} {state}" for state in STATES if count[state])
    nothing = None if rows else Text("No duty had arisen.")
    return report(
        contract.title,
        f"The register of duties on {day(on)}",
        [("Contract", contract.id), ("Duties", told)],
        [section("Duties", nothing, table(("Agreement", *DUTY_HEADS), rows))],
    )


def _row(agreement: str, row: Row) -> Row:
    return Row((agreement, *row.cells), row.style)


def arisen(state: State, on: date) -> list[Duty]:
    """The duties that are counted from a day by then."""
    return [d for d in state.duties if d.raised <= on]


def as_dict(contract: Contract, states: Mapping[str, State], on: date) -> dict[str, Any]:
    """The register as plain JSON values."""
    return {
        "contract": contract.id,
        "on": on.isoformat(),
        "duties": [_duty(name, d, on) for name, state in states.items() for d in arisen(state, on)],
    }


def _duty(agreement: str, d: Duty, on: date) -> dict[str, Any]:
    return {
        **({"agreement": agreement} if agreement else {}),
        "id": d.id,
        "duty": d.what,
        "party": d.of,
        "about": d.about,
        "due": d.due.isoformat(),
        "state": state_on(d, on),
        "met": d.met.isoformat() if d.met is not None else None,
        "waived": d.waived.isoformat() if d.waived is not None else None,
        "rule": d.rule,
        "period": d.period,
        "clause": d.clause,
    }
