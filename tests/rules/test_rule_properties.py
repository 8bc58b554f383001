"""What must be so of any rules: accounts balance, what is earned is paid or held, nothing depends on an order, and a
period settled again posts nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from alliance.contract.contract import Contract, loads
from alliance.settlement.result import Settlement
from alliance.settlement.settle import settle
from tests.rules.test_following import HEAD, balanced

QUARTERS = [f"2026-27 Q{n}" for n in (1, 2, 3, 4)]
TESTS = (
    ("provider", "quality < 50%"), ("provider", "quality >= 60%"), ("provider", "small"), ("provider", "steps >= 1"),
    ("", "saved > 50.00 GBP"), ("", "saved < 0"), ("events", "kind = fall"), ("events", "amount > 20.00 GBP"),
)  # fmt: skip
LENGTHS = (
    "",
    "",
    "lapses: after 1 periods",
    "lapses: after 2 periods",
    "until: quality >= 60%",
    "until: settled, reverse_when: saved < 0",
)


def _consequence(random: Random, source: str, number: int) -> str:
    everybody = "of: everybody" if source == "provider" else ""
    who = random.choice((everybody, {"provider": "of: provider", "events": "of: party"}.get(source, "of: ash")))
    payment = random.choice(("block", "share", "[share, block]"))
    part = random.choice(("share: 10%", "share: 33.3%", "amount: 12.34 GBP", "share: 100%"))
    lengths = random.choice(LENGTHS if source == "provider" else [x for x in LENGTHS if "quality" not in x])
    kinds = {
        "gate": f"gate: {payment}, {random.choice(('', 'only: loss'))}",
        "scale": f"scale: {payment}, by: {random.choice(('50%', '33.33%', '120%'))}, {random.choice(('', 'only: loss'))}",
        "deduct": f"deduct: {payment}, {part}",
        "withhold": f"withhold: {payment}, {part}, {lengths}",
        "hold": f"hold: {payment}, {part}, {lengths}",
        "pay": f"pay: extra_{number}, amount: {random.choice(('7.77 GBP', '0.005 GBP'))}, from: icb, to: ash",
    }
    kind = random.choice([*kinds, "withhold", "hold"])
    if "amount" in part and "block" in payment and who in ("", "of: everybody"):
        who = "of: each provider"  # of a payment that is worked out one by one somebody's amount is taken
    said = kinds[kind].rstrip(", ")
    return "{" + said + (f", {who}" if who and kind != "pay" else "") + "}"


def rules_of(random: Random) -> list[str]:
    """Some rules that act on payments, and one that moves parties along a ladder."""
    found = ["{rule: climb, for: provider, when: quality < 50%, then: [{escalate: steps, of: provider}]}"]
    for number in range(random.randint(1, 5)):
        source, test = random.choice(TESTS)
        each = f"for: {source}, " if source else ""
        lasting = random.choice(("", "", "lasting: 2 of the last 3 periods, ")) if source != "events" else ""
        found.append(
            f"{{rule: r{number}, {each}when: {test}, {lasting}then: [{_consequence(random, source, number)}]}}"
        )
    return found


def contract_of(rules: list[str]) -> Contract:
    return loads(HEAD + "".join(f"  - {r}\n" for r in rules))


def inputs_of(random: Random, quarter: int) -> dict[str, Any]:
    months = {0: "2026-05", 1: "2026-08", 2: "2026-11", 3: "2027-02"}
    events = [
        {"party": random.choice(("ash", "birch")), "kind": random.choice(("fall", "claim")), "on": f"{months[quarter]}-{day:02d}",
         "amount": random.choice(("5", "20.01", "30.005"))}
        for day in random.sample(range(1, 28), random.randint(0, 3))
    ]  # fmt: skip
    quality = {p: random.choice(("40%", "55%", "70%")) for p in ("ash", "birch")}
    return {"quality": quality, "saved": random.choice(("100.01", "-33.33", "0", "49.99")), "events": events,
            "settled": {"icb": random.choice(("yes", "no"))}}  # fmt: skip


def posted(s: Settlement) -> list[tuple[Any, ...]]:
    return sorted((t.payment, t.kind, t.payer, t.payee, t.amount, t.unit) for t in s.transfers if t.amount)


@pytest.mark.parametrize("seed", range(30))
def test_a_year_under_any_rules(seed: int) -> None:
    random = Random(seed)
    rules = rules_of(random)
    contract, shuffled = contract_of(rules), contract_of(random.sample(rules, len(rules)))
    state: Settlement | None = None
    other: Settlement | None = None
    given: dict[str, dict[str, Any]] = {}
    moved: dict[tuple[str, str], Any] = {}
    for number, quarter in enumerate(QUARTERS):
        inputs = given[quarter] = inputs_of(random, number)
        state = settle(contract, quarter, inputs, state, kind="final")
        balanced(state)
        other = settle(shuffled, quarter, {**inputs, "events": inputs["events"][::-1]}, other, kind="final")
        assert posted(other) == posted(state)
        assert not posted(settle(contract, quarter, inputs, state, kind="final"))
        assert settle(contract, quarter, inputs, Settlement.from_json(state.to_json()), kind="final").digest
        _add(moved, state)
    assert state is not None
    events = [e for q in QUARTERS for e in given[q]["events"]]
    year = settle(
        contract, "2026-27", {"events": events, "quality": {"ash": "55%", "birch": "55%"}}, state, kind="final"
    )
    balanced(year)
    assert not [t for t in posted(year) if t[1] in ("withheld", "release", "lapse", "reversal")]
    _add(moved, year)
    held: dict[str, Any] = {}
    back: dict[str, Any] = {}
    for h in year.closing.held:
        side = held if not h.let_go else back if h.how in ("lapse", "reversal") else {}
        side[h.payment] = side.get(h.payment, 0) + h.amount
    for p in year.payments:
        paid = sum(v for (payment, party), v in moved.items() if payment == p.name and party in ("ash", "birch"))
        assert paid + held.get(p.name, 0) + back.get(p.name, 0) == p.earned, p.name


def _add(moved: dict[tuple[str, str], Any], s: Settlement) -> None:
    for t in s.transfers:
        moved[t.payment, t.payee] = moved.get((t.payment, t.payee), 0) + t.amount
        moved[t.payment, t.payer] = moved.get((t.payment, t.payer), 0) - t.amount


def _told_and_right(random: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What four quarters are brought, and what is right of the first."""
    told = [inputs_of(random, number) for number in range(4)]
    return told, [{**told[0], **{k: inputs_of(random, 0)[k] for k in ("quality", "saved")}}, *told[1:]]


def _in_all(settlements: list[Settlement]) -> dict[tuple[str, str], Any]:
    """What each has of each payment after some settlements, and what is held back of it."""
    moved: dict[tuple[str, str], Any] = {}
    for s in settlements:
        _add(moved, s)
    found: dict[tuple[str, str], Any] = {}
    for (payment, party), amount in moved.items():
        at = (payment, party.partition("/")[0])
        found[at] = found.get(at, 0) + amount
    found["still", "held"] = sum(h.amount for h in settlements[-1].closing.held if not h.let_go)
    return {at: amount for at, amount in found.items() if amount}


def _settled(contract: Contract, told: list[tuple[str, dict[str, Any]]]) -> list[Settlement]:
    found: list[Settlement] = []
    for period, inputs in told:
        found.append(settle(contract, period, inputs, found[-1] if found else None, kind="final"))
    balanced(found[-1])
    return found


@pytest.mark.parametrize("seed", range(60))
def test_quarters_settled_again_come_to_what_they_would_have(seed: int) -> None:
    """Of rules that go by values: what is held back and let go is worked out anew, quarter after quarter, or by the
    year."""
    random = Random(1_000 + seed)
    contract = contract_of([r for r in rules_of(random) if "for: events" not in r])
    told, right = _told_and_right(random)
    once, again = list(zip(QUARTERS, told, strict=True)), list(zip(QUARTERS, right, strict=True))
    straight = _settled(contract, again)
    assert _in_all(_settled(contract, [*once, *again])) == _in_all(straight)
    events = [e for inputs in told for e in inputs["events"]]
    corrected = {"periods": {QUARTERS[0]: {k: right[0][k] for k in ("quality", "saved")}}, "events": events}
    year = _settled(contract, [*once, ("2026-27", corrected)])
    assert _in_all(year) == _in_all(_settled(contract, [*again, ("2026-27", {"events": events})]))
