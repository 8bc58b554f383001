"""Each case of `cases/`, as README.md says it is read: what was worked out by hand against what is settled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

import alliance
from alliance.contract.values import Unknown
from alliance.settlement.result import Settlement
from alliance.settlement.state import State

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
KEYS = {"title", "pins", "because", "contract", "refused", "settlements"}
STEPS = {"period", "opens", "opening", "inputs", "final", "as_of", "refused", "expect"}
EXPECTED = {"transfers", "moved", "earned", "undetermined", "figures", "measures", "scores", "balances"}


def number(text: str) -> Fraction:
    """A number as a case writes it: 12.50, -3, 1/3 or 60%."""
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text.replace("_", ""))


def agrees(found: Any, expected: str) -> bool:
    """Whether a value is the one expected; it is a number, true or false, a date or text, or unknown."""
    if isinstance(found, Unknown) or expected == "unknown":
        return isinstance(found, Unknown) and expected == "unknown"
    if isinstance(found, bool):
        return expected == str(found).lower()
    return bool(found == number(expected)) if isinstance(found, int | Fraction) else str(found) == expected


def state(opening: Mapping[str, Any]) -> State:
    """Balances by account, or by account and key."""
    by_key = {name: of if isinstance(of, dict) else {"": of} for name, of in opening.items()}
    return State({name: {key: number(text) for key, text in of.items()} for name, of in by_key.items()})


def differing(settled: Settlement, expect: Mapping[str, Any]) -> list[str]:
    """What a settlement came to where that is not what is expected."""
    assert set(expect) <= EXPECTED
    found: list[str] = []
    if "transfers" in expect:
        moved: dict[tuple[str, ...], Fraction] = {}
        for t in settled.transfers:
            at = (t.payment, t.payer, t.payee)
            moved[at] = moved.get(at, Fraction(0)) + Fraction(t.amount)
        wanted = {tuple(row[:3]): number(row[3]) for row in expect["transfers"]}
        if {at: amount for at, amount in moved.items() if amount} != wanted:
            found.append(f"transfers are {[(*at, str(amount)) for at, amount in moved.items() if amount]}")
    for party, amount in expect.get("moved", {}).items():
        ends = [(t.amount, t.payee.partition("/")[0], t.payer.partition("/")[0]) for t in settled.transfers]
        net = sum(amount_ * ((payee == party) - (payer == party)) for amount_, payee, payer in ends)
        found += [f"{party} has {net}"] if net != number(amount) else []
    for name, amount in expect.get("earned", {}).items():
        earned = settled.payment(name).earned
        found += [f"{name} earned {earned}"] if not agrees(earned, amount) else []
    if "undetermined" in expect or "transfers" in expect:
        names = sorted(p.name for p in settled.undetermined)
        found += [f"undetermined are {names}"] if names != sorted(expect.get("undetermined", [])) else []
    figures = {(f.name, f.key): f.value for f in settled.figures}
    measures = {(m.name, m.key): m.value for m in settled.measures}
    scores = {(m.name, m.key): m.score for m in settled.measures}
    balances: dict[tuple[str, str], Any] = {(b.account, b.key): b.closing for b in settled.balances}
    for what, values in (("figures", figures), ("measures", measures), ("scores", scores), ("balances", balances)):
        for name, of in expect.get(what, {}).items():
            for key, wanted_text in of.items() if isinstance(of, dict) else [("", of)]:
                value = values.get((name, key), 0 if what == "balances" else None)
                found += [f"{name} {key} is {value}"] if not agrees(value, wanted_text) else []
    return found


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_what_was_worked_out_by_hand_is_settled(file: Path) -> None:
    case = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)  # every value stays the text that it is
    assert set(case) <= KEYS
    assert {"title", "pins", "because", "contract"} <= set(case)
    assert ("refused" in case) != ("settlements" in case)
    if "refused" in case:
        with pytest.raises(alliance.ContractError):
            alliance.loads(case["contract"])
        return
    contract = alliance.loads(case["contract"])
    before: State | Settlement | None = None
    for step in case["settlements"]:
        assert set(step) <= STEPS
        opening = state(step["opening"]) if "opening" in step else None if step.get("opens") == "anew" else before
        options: dict[str, Any] = {"kind": "final" if step.get("final") == "true" else "provisional"}
        if "as_of" in step:
            options["as_of"] = date.fromisoformat(step["as_of"])
        if step.get("refused") == "true":
            with pytest.raises(alliance.InputError):
                alliance.settle(contract, step["period"], step.get("inputs"), opening, **options)
            continue
        settled = alliance.settle(contract, step["period"], step.get("inputs"), opening, **options)
        wrong = differing(settled, step["expect"])
        assert not wrong, f"{case['title']}, {step['period']}: {'; '.join(wrong)}"
        before = settled


def test_there_are_enough_and_each_pins_something() -> None:
    assert len(CASES) >= 80
    titles = [yaml.load(file.read_text("utf-8"), yaml.BaseLoader)["title"] for file in CASES]
    assert len(set(titles)) == len(titles)
