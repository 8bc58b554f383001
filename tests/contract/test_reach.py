"""What is said once for many parties and options is many, and there is an end to it."""

from __future__ import annotations

import pytest

from alliance.contract.contract import loads
from alliance.contract.faults import ContractError

HEAD = """\
alliance: 1
contract: {id: t, title: T, term: {from: 2026-04-01, to: 2028-03-31}}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider}
  south: {name: South, role: provider}
categories: {kind: [a, b, c]}
inputs: {x: {unit: GBP}}
"""
PAY = "payments:\n  p: {pays_for: outcome, each: provider, start: x, steps: [{multiply: 2}], from: council, to: provider}\n"
ALSO = "payments:\n  p: {pays_for: outcome, each: provider, start: x, from: council, shared: {by: equally, among: provider}}\n"
RULE = (
    "rules:\n  - {rule: r, for: kind, when: x > 1 GBP, then: [{require: it, of: each provider, within: 14 days}%s]}\n"
)


@pytest.mark.parametrize(
    ("text", "size", "what"),
    [
        ("figures: {f: {each: kind, is: x}, g: {is: x}}\n", 4, "g"),
        ("measures: {m: {by: provider, better: higher, reported: percent}}\n", 2, "m"),
        (PAY, 4, "p"),
        (ALSO, 6, "p"),
        ("payments:\n  p: {pays_for: outcome, start: x, from: council, to: north}\n", 1, "p"),
        (RULE % "", 9, 'the rule "r"'),
        (RULE % ", {notify: [north, south], say: it}", 15, 'the rule "r"'),
    ],
)
def test_how_much_is_worked_out(monkeypatch: pytest.MonkeyPatch, text: str, size: int, what: str) -> None:
    monkeypatch.setattr("alliance.contract.build.reach.MOST_WORKED", size)
    loads(HEAD + text)
    monkeypatch.setattr("alliance.contract.build.reach.MOST_WORKED", size - 1)
    with pytest.raises(ContractError) as error:
        loads(HEAD + text)
    (fault,) = error.value.faults
    assert fault.code == "AC034"
    assert fault.message == f"with {what} more than {size - 1} values are to be worked out in a period."
    assert fault.mark is not None
    assert fault.mark.line > 8


def test_too_many_facts_are_told_at_their_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    import alliance
    from alliance.contract.faults import InputError

    made = loads(HEAD + RULE % "")
    monkeypatch.setattr("alliance.rules.matcher.plain.MAX_ROWS", 2)
    with pytest.raises(InputError, match='AC140 the rule "r" brings more than 2 facts together') as error:
        alliance.settle(made, "2026-27", {"x": 5})
    assert error.value.faults[0].mark is not None
