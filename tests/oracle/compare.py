"""Runs the engine and the oracle over a scenario and says where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import alliance
from tests.oracle.generate import Scenario
from tests.oracle.known import State
from tests.oracle.plain import Unknown, read_yaml
from tests.oracle.settling import Moves, Refused, Settled, Settlement, netted

ZERO = Fraction(0)


@dataclass(frozen=True)
class Difference:
    """Where the two answers part: in which settlement, at what."""

    period: str
    what: str
    engine: Any
    oracle: Any

    def __str__(self) -> str:
        return f"{self.period}: {self.what}: engine {shown(self.engine)}, oracle {shown(self.oracle)}"


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{'->'.join(k) if isinstance(k, tuple) else k}: {shown(v)}" for k, v in sorted(value.items()))
            + "}"
        )
    if isinstance(value, Fraction):
        return f"{float(value):.6f}".rstrip("0").rstrip(".") if value.denominator > 1 else str(value)
    return str(value)


def differences(scenario: Scenario, counts: Counter[str] | None = None) -> list[Difference]:
    """Settle the whole sequence both ways; the differences of the first settlement that has any. What both refuse to
    make final, since a payment is not determined, goes on as provisional."""
    contract = alliance.loads(scenario.text)
    plain = read_yaml(scenario.text)
    counts = Counter() if counts is None else counts
    opening: Any = None
    state = State()
    for step in scenario.steps:
        for final in (True, False) if step["final"] else (False,):
            counts["settlements"] += 1
            engine, refused = by_engine(contract, step, opening, final)
            try:
                oracle = Settlement(plain, step["period"], step["inputs"], state, final, as_of(step)).settle()
            except Refused as error:
                if engine is not None:
                    return [Difference(step["period"], "refused", "settles", str(error))]
                counts["refused"] += 1
                continue
            if engine is None:
                return [Difference(step["period"], "refused", refused, "settles")]
            if found := differing(step["period"], engine, oracle):
                return found
            counts["transfers"] += len(engine.transfers)
            counts["undetermined"] += len(engine.undetermined)
            opening, state = engine, oracle.state
            break
    return []


def as_of(step: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(step["as_of"]) if "as_of" in step else None


def by_engine(
    contract: alliance.Contract, step: Mapping[str, Any], opening: Any, final: bool
) -> tuple[alliance.Settlement | None, str]:
    """The engine's settlement of a step, or why it cannot be final. Any other fault is raised."""
    kind = "final" if final else "provisional"
    try:
        found = alliance.settle(
            contract, step["period"], step["inputs"], opening, as_of=as_of(step), kind=kind, examples=False
        )
    except alliance.InputError as error:
        if {fault.code for fault in error.faults} != {"AC141"}:
            raise
        return None, str(error)
    return found, ""


def settled(scenario: Scenario) -> Iterator[tuple[Mapping[str, Any], Any, alliance.Settlement]]:
    """Each step as the engine settles it, with what it opened with."""
    contract, opening = alliance.loads(scenario.text), None
    for step in scenario.steps:
        found = by_engine(contract, step, opening, step["final"])[0] or by_engine(contract, step, opening, False)[0]
        assert found is not None
        yield step, opening, found
        opening = found


def trial(scenario: Scenario, counts: Counter[str] | None = None) -> str:
    """What is wrong with a scenario, in words: nothing, if the two agree throughout."""
    try:
        found = differences(scenario, counts)
    except alliance.AllianceError as error:
        return f"contract: refused: {error}"[:300]
    return str(found[0]) if found else ""


def known(value: Any) -> Any:
    """A value that both can be compared by: what is not known is one thing."""
    if isinstance(value, (Unknown, alliance_unknown())):
        return "unknown"
    return Fraction(value) if isinstance(value, int) and not isinstance(value, bool) else value


def alliance_unknown() -> type:
    from alliance.contract.values import Unknown as Theirs

    return Theirs


def engine_moves(engine: Any) -> dict[str, Moves]:
    found: dict[str, Moves] = {p.name: {} for p in engine.payments}
    for t in engine.transfers:
        if t.kind == "end":
            continue
        cells = found[t.payment]
        key = (t.payer, t.payee, t.unit)
        cells[key] = cells.get(key, ZERO) + t.amount
    return {name: netted(cells) for name, cells in found.items()}


def differing(label: str, engine: Any, oracle: Settled) -> list[Difference]:
    found: list[Difference] = []

    def check(what: str, theirs: Any, ours: Any) -> None:
        if known(theirs) != known(ours):
            found.append(Difference(label, what, known(theirs), known(ours)))

    for m in engine.measures:
        value, score, _, _ = oracle.measures[m.name, m.key]
        check(f"measure {m.name} {m.key} value", m.value, value)
        if m.has_score:
            check(f"measure {m.name} {m.key} score", m.score, score)
    for f in engine.figures:
        check(f"figure {f.name} {f.key}", f.value, oracle.figures.get((f.name, f.key), "absent"))
    theirs = engine_moves(engine)
    for p in engine.payments:
        paid = oracle.payments[p.name]
        check(f"payment {p.name} status", p.status, oracle.status[p.name])
        if "undetermined" in (p.status, oracle.status[p.name]):
            continue
        check(f"payment {p.name} earned", p.earned, paid.earned)
        if not p.shadow:
            check(f"payment {p.name} on account", p.on_account, paid.on_account)
        ours = netted(oracle.moves[p.name])
        check(f"payment {p.name} transfers", theirs[p.name], ours)
    balances = {b.account + (f"/{b.key}" if b.key else ""): b for b in engine.balances}
    for name in sorted({*balances, *oracle.closing}):
        theirs_closing = balances[name].closing if name in balances else ZERO
        check(f"balance {name}", theirs_closing, oracle.closing.get(name, ZERO))
    return found
