"""Runs the engine and the oracle over a scenario and says where they differ."""

from __future__ import annotations

from collections import Counter
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
    """Settle the whole sequence both ways; the differences of the first settlement that has any."""
    contract = alliance.loads(scenario.text)
    plain = read_yaml(scenario.text)
    opening: Any = None
    state = State()
    for step in scenario.steps:
        label, inputs, final = step["period"], step["inputs"], step.get("final", False)
        as_of = date.fromisoformat(step["as_of"]) if "as_of" in step else None
        if counts is not None:
            counts["settlements"] += 1
        try:
            engine = alliance.settle(
                contract, label, inputs, opening, as_of=as_of, kind="final" if final else "provisional", examples=False
            )
        except alliance.InputError as error:
            engine, message = None, str(error)
        try:
            oracle = Settlement(plain, label, inputs, state, final, as_of).settle()
        except Refused as error:
            oracle, why = None, str(error)
        if engine is None or oracle is None:
            if engine is None and oracle is None:
                if counts is not None:
                    counts["refused"] += 1
                return []
            return [
                Difference(
                    label,
                    "refused",
                    message if engine is None else "settles",
                    f"refuses {why}" if oracle is None else "settles",
                )
            ]
        if found := differing(label, engine, oracle):
            return found
        if counts is not None:
            counts["transfers"] += len(engine.transfers)
            counts["undetermined"] += len(engine.undetermined)
        opening, state = engine, oracle.state
    return []


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
