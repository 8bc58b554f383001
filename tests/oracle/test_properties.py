"""What holds of every settlement, whatever the contract: tried on generated contracts."""

from __future__ import annotations

import copy
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import Any

import pytest

import alliance
from alliance.contract.values import Unknown
from alliance.settlement.serial import from_json, to_json
from tests.oracle.agreed import Agreed
from tests.oracle.compare import by_engine, engine_moves, known, settled
from tests.oracle.formula import value_of
from tests.oracle.generate import Maker, Scenario, as_yaml, scenario
from tests.oracle.narrow import Bound, Rising, Strict
from tests.oracle.plain import Period, read_yaml
from tests.oracle.settling import Settlement, netted

CHUNKS = range(6)
EACH = 6


def sample(chunk: int, start: int = 20_000, each: int = EACH) -> range:
    """Seeds of its own for each property, so that a contract is looked at from many sides over them all."""
    return range(start + chunk * each, start + (chunk + 1) * each)


@cache
def settlements(seed: int) -> list[tuple[Mapping[str, Any], Any, Any]]:
    return list(settled(scenario(seed)))


def plain(settlement: Any) -> dict[str, Any]:
    return {p.name: p for p in settlement.payments}


# ---- accounts


@pytest.mark.parametrize("chunk", CHUNKS)
def test_every_account_opens_as_it_closed_and_closes_by_what_moved(chunk: int) -> None:
    for seed in sample(chunk):
        said = scenario(seed).contract.get("accounts", {})
        closed: dict[tuple[str, str], Any] = {}
        ended: set[str] = set()
        for _, _, found in settlements(seed):
            moved: Counter[str] = Counter()
            for t in found.transfers:
                moved[t.payee] += t.amount
                moved[t.payer] -= t.amount
            for b in found.balances:
                assert b.opening == closed.get((b.account, b.key), 0)
                assert b.opening + b.money_in - b.money_out == b.closing
                name = f"{b.account}/{b.key}" if b.key else b.account
                assert b.opening + moved.pop(name, 0) == b.closing
                ended |= {t.payer for t in found.transfers if t.kind == "end"}
                if b.account != "advance" and name not in ended:
                    floor = Fraction(said[b.account].get("may_go_below", "0").split(" ")[0])
                    assert b.closing >= floor, (seed, b)
            left = [n for n in moved if n.partition("/")[0] in said]
            assert not any(moved[n] for n in left)
            closed = {(b.account, b.key): b.closing for b in found.balances}


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_money_of_a_pool_is_paid_or_unearned_or_carried(chunk: int) -> None:
    seen = 0
    for seed in sample(chunk, 29_000, 24):
        payments = scenario(seed).contract["payments"]
        for step, opening, found in settlements(seed) if "funded" in str(payments) else ():
            again = {m.period for m in opening.closing.moved} if opening is not None else set()
            for p in found.payments:
                said = payments[p.name]
                if "funded" not in said or p.parts or p.shadow or p.status != "determined" or step["period"] in again:
                    continue
                pool = said["funded"]["into"]
                own = Counter[str]()
                for t in found.transfers:
                    if t.payment == p.name and pool in (t.payer, t.payee):
                        own[t.kind] += t.amount if t.payee == pool else -t.amount
                assert set(own) <= {"funding", "payment", "unearned"}
                assert p.earned == -own["payment"] == sum(r.amount for r in p.received)
                assert p.unearned == max(own["funding"] - p.earned, 0)
                carried = said.get("unearned") == "carried"
                ended = sum(t.amount for t in found.transfers if t.kind == "end" and t.payer == pool)
                balance = next(b for b in found.balances if b.account == pool)
                assert own["unearned"] == (0 if carried else -p.unearned)
                assert balance.closing - balance.opening == own["funding"] - p.earned + own["unearned"] - ended
                seen += 1
    assert seen


# ---- shares and limits


@pytest.mark.parametrize("chunk", CHUNKS)
def test_shares_add_up_to_what_is_earned_and_are_what_is_moved(chunk: int) -> None:
    seen = 0
    for seed in sample(chunk):
        for step, opening, found in settlements(seed):
            again = {m.period for m in opening.closing.moved} if opening is not None else set()
            for p in found.payments:
                if p.status != "determined":
                    assert not [t for t in found.transfers if t.payment == p.name] or p.status == "on account"
                    continue
                assert sum(r.amount for r in p.received) == p.earned
                if p.shadow:
                    assert not any(t.amount for t in found.transfers if t.payment == p.name)
                if p.shadow or p.parts or step["period"] in again:
                    continue
                got: Counter[str] = Counter()
                for t in found.transfers:
                    if t.payment == p.name and t.kind in ("payment", "recoupment") and t.amount:
                        got[t.payee] += t.amount
                        got[t.payer] -= t.amount
                owed = {t.payee: t.amount for t in found.transfers if t.kind == "recoupment" and t.payment == p.name}
                if not owed and "owed" not in scenario(seed).contract["payments"][p.name]:
                    assert {r.payee: r.amount for r in p.received if r.amount} == {
                        k: v for k, v in got.items() if v and k in {r.payee for r in p.received}
                    }
                    seen += 1
    assert seen


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_payment_never_passes_its_cap_nor_falls_below_its_floor(chunk: int) -> None:
    """To the penny, however it is rounded, sliced and shared."""
    seen: Counter[str] = Counter()
    for seed in sample(chunk, 21_000, 60):
        made = Bound(seed)
        found = alliance.settle(alliance.loads(as_yaml(made.bound())), "2026-27", examples=False)
        (p,) = found.payments
        (one,) = p.waterfalls
        assert p.earned == sum(t.amount * (-1 if t.payee in ("icb", "council") else 1) for t in found.transfers)
        assert abs(p.earned) < abs(one.amount) + Fraction(1, 100)
        caps, floors = standing(one.lines)
        for cap in caps:
            assert p.earned <= max(cap, 0)
            assert not made.whole or p.earned <= cap or any(floor > down(cap) for floor in floors)
            seen["cap"] += 0 < cap - p.earned < Fraction(1, 100)
        for floor in floors:
            assert p.earned >= min(floor, 0)
            assert not made.whole or p.earned >= floor or any(cap < -down(-floor) for cap in caps)
            seen["floor" if floor > 0 else "floor of a loss"] += 0 < p.earned - floor < Fraction(1, 100)
    assert min(seen[what] for what in ("cap", "floor", "floor of a loss")) > 0


def down(x: Any) -> Fraction:
    return x * 100 // 1 / Fraction(100)


def standing(lines: Any) -> tuple[list[Any], list[Any]]:
    """The signed caps and floors that an amount still stands under when it is paid: those that hold of it, since
    something other than a limit last changed it."""
    found: dict[str, list[Any]] = {"at_most": [], "at_least": []}
    taken = [line for line in lines if line.kind not in ("slice", "kept")]
    amount = taken[-1].after
    for line in reversed(taken):
        if line.kind not in found:
            if line.after != line.before:
                break
        elif not line.note.startswith("not taken"):
            limit, kind = line.facts[0][1], line.kind
            if "of a loss" in line.name:  # of the size
                limit, kind = -limit, "at_least" if kind == "at_most" else "at_most"
            if amount <= limit if kind == "at_most" else amount >= limit:
                found[kind].append(limit)
    return found["at_most"], found["at_least"]


def bounds(seed: int, payment: str, side: str, party: str, when: Period, as_of: date) -> Fraction:
    """The limit of a party in the year of a period."""
    said = read_yaml(scenario(seed).text)
    made = Settlement(said, when.label, {}, as_of=as_of)
    made.period, made.agreed = when, Agreed(said, when.start, as_of)
    run = made.run(when)
    held = run.held(party=party, over=made.agreed.years.year_of(when.start))
    found = value_of(made.agreed.payments[payment]["party_limits"][side]["at_most"], held)
    assert isinstance(found, Fraction)
    return found


@pytest.mark.parametrize("chunk", CHUNKS)
def test_no_party_gains_or_bears_more_than_its_limit_in_a_year(chunk: int) -> None:
    seen = 0
    for seed in sample(chunk, 22_000, 24):
        if "variations" in scenario(seed).contract:
            continue
        limited = {n: p["party_limits"] for n, p in scenario(seed).contract["payments"].items() if "party_limits" in p}
        agreed = Agreed(read_yaml(scenario(seed).text), date(1, 1, 1), date(1, 1, 1))
        periods = agreed.years.all(agreed.first, agreed.last)
        totals: dict[tuple[str, str, str], dict[str, Any]] = {}
        for _, _, found in settlements(seed) if limited else []:
            for name, sides in limited.items():
                p = plain(found)[name]
                for one in p.parts or (p,):
                    if one.status != "determined" or periods[one.period].months != agreed.months(name):
                        continue  # a half-year of quarters is told as one
                    year = agreed.years.year_of(periods[one.period].start).label
                    for party in agreed.of_role("provider"):
                        total = totals.setdefault((name, party, year), {})
                        total[one.period] = sum(r.amount for r in one.received if r.payee == party)
                        for side in sides:
                            sign = 1 if side == "gain" else -1
                            most = bounds(seed, name, side, party, periods[one.period], found.as_of)
                            parts = [x for x in total.values() if x * sign > 0]
                            upto = sum(
                                x for label, x in total.items() if x * sign > 0 and label in earlier(periods, one)
                            )
                            assert upto * sign <= most, (seed, name, party, side)
                            seen += bool(parts)
    assert seen


def earlier(periods: Mapping[str, Period], one: Any) -> set[str]:
    return {label for label, p in periods.items() if p.start <= periods[one.period].start}


# ---- order, machines and files


def reordered(
    found: Any, rng: random.Random, fixed: tuple[str, ...] = ("parties", "payments"), path: tuple[str, ...] = ()
) -> Any:
    """The same with its mappings in another order, except those of parties and of payments, and lists as they are."""
    if isinstance(found, list):
        return [reordered(x, rng, fixed, path) for x in found]
    if not isinstance(found, Mapping):
        return found
    items = [(k, reordered(v, rng, fixed, (*path, str(k)))) for k, v in found.items()]
    points = path[-1:] in (("points",), ("curve",)) and all(k[0].isdigit() for k in found)  # which go one way
    if path not in [(name,) for name in fixed] and not points:
        rng.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_the_order_of_keys_and_of_rows_changes_nothing(chunk: int) -> None:
    for seed in sample(chunk, 23_000):
        one, rng = scenario(seed), random.Random(seed)
        steps = copy.deepcopy(one.steps)
        for step in steps:
            step["inputs"] = reordered(step["inputs"], rng, ())
            for rows in ("places", "packages"):
                rng.shuffle(step["inputs"].get(rows, []))
        other = Scenario(reordered(one.contract, rng), steps)
        assert list(other.contract) != list(one.contract)
        theirs = [found for _, _, found in settled(other)]
        mine = [found for _, _, found in settlements(seed)]
        assert [(f.name, f.digest) for f in theirs] == [(f.name, f.digest) for f in mine]


PROGRAM = """
from tests.oracle.compare import settled
from tests.oracle.generate import scenario
for seed in range({0}, {1}):
    for _, _, found in settled(scenario(seed)):
        print(found.name, found.digest)
"""


@pytest.mark.parametrize("chunk", range(2))
def test_another_process_settles_the_same(chunk: int) -> None:
    seeds = sample(chunk, 24_000)
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(seeds.start, seeds.stop)],
            env={**os.environ, "PYTHONHASHSEED": hashed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hashed in ("0", "4242")
    ]
    mine = [f"{found.name} {found.digest}" for seed in seeds for _, _, found in settlements(seed)]
    assert said[0].splitlines() == mine
    assert said[1] == said[0]


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_settlement_read_back_from_its_file_is_the_same_and_opens_the_next(chunk: int) -> None:
    for seed in sample(chunk):
        contract = alliance.loads(scenario(seed).text)
        before = None
        for step, opening, found in settlements(seed):
            read = from_json(to_json(found))
            assert read == found
            assert to_json(read) == to_json(found)
            if opening is not None:
                again, _ = by_engine(contract, step, before, found.kind == "final")
                assert again is not None
                assert (again.name, again.digest) == (found.name, found.digest)
            before = read


# ---- years, and contracts that change


def moved_in_all(found: list[Any], payment: str) -> dict[tuple[str, str, str], Fraction]:
    total: dict[tuple[str, str, str], Fraction] = {}
    for one in found:
        for cell, x in engine_moves(one)[payment].items():
            total[cell] = total.get(cell, Fraction(0)) + x
    return netted(total)


@pytest.mark.parametrize("chunk", CHUNKS)
def test_quarters_and_a_true_up_are_the_year_as_it_is_worked_out_at_once(chunk: int) -> None:
    """Whatever the quarters came to one by one, with the true-up everybody has what the independent evaluator makes of
    the year from nothing, on the same data: unless a payment that moved money of an account in a quarter is not
    determined in the year, for then that stands, and the others go by it."""
    seen = 0
    for seed in sample(chunk, 25_000, 25):
        made = Maker(seed)
        contract = made.contract()
        if made.settles != "quarterly":
            continue
        text = as_yaml(contract)
        year = made.years.year_of(made.first)
        parts = made.years.parts(year, 3)
        data = {p.label: made.brought(p) for p in parts}
        rows = {name: [r for d in data.values() for r in d.pop(name)] for name in ("places", "packages")}
        signed = {"board": made.decisions["board"]["signed_by"]} if made.decisions else {}
        for d in data.values():
            d.pop("board", None)
        loaded, opening, found = alliance.loads(text), None, []
        for label in data:
            opening = alliance.settle(loaded, label, {**data[label], **rows, **signed}, opening, examples=False)
            found.append(opening)
        own = made.brought(year)
        own = {k: v for k, v in own.items() if made.chance(30) and k not in (*rows, "board")}
        found.append(alliance.settle(loaded, year.label, {**own, **rows, **signed}, opening, examples=False))
        whole = Settlement(read_yaml(text), year.label, {**own, **rows, **signed, "periods": data}).settle()
        lost = {p.name for p in found[-1].payments if p.status == "undetermined"}
        ends = {end for one in found for t in one.transfers if t.payment in lost for end in (t.payer, t.payee)}
        stands = any(end.partition("/")[0] in contract.get("accounts", {}) for end in ends)
        for p in found[-1].payments:
            if not stands:
                assert (p.status == "undetermined") is (whole.status[p.name] == "undetermined")
            if p.status == "undetermined" or stands:
                continue
            assert known(p.earned) == known(whole.payments[p.name].earned)
            assert moved_in_all(found, p.name) == netted(whole.moves[p.name]), (seed, p.name)
            seen += bool(whole.moves[p.name])
    assert seen


@pytest.mark.parametrize("chunk", CHUNKS)
def test_a_change_that_is_dated_later_alters_no_settlement_before_it(chunk: int) -> None:
    seen = 0
    for seed in sample(chunk, 26_000, 12):
        one = scenario(seed)
        last = max(found.end for _, _, found in settlements(seed))
        later, term = last + timedelta(days=1), date.fromisoformat(one.contract["contract"]["term"]["to"])
        if later > term:
            continue
        contract = copy.deepcopy(one.contract)
        kind = {"terms": {"rate": {"unit": "percent", "value": "3.3%"}, "cap": {"unit": "GBP", "value": "1.23"}}}
        kind["terms"]["cap"]["unit"] = contract["contract"]["currency"]
        made = (last - timedelta(days=200)).isoformat()
        change = {"title": "Later", "made": made, "effective": later.isoformat(), **kind}
        contract.setdefault("variations", []).append(change)
        theirs = [found.digest for _, _, found in settled(Scenario(contract, one.steps))]
        assert theirs == [found.digest for _, _, found in settlements(seed)]
        # and it does alter what is settled once it is effective
        contract["variations"][-1]["effective"] = contract["contract"]["term"]["from"]
        contract["variations"][-1]["made"] = contract["contract"]["term"]["from"]
        seen += theirs != [found.digest for _, _, found in settled(Scenario(contract, one.steps))]
    assert seen


# ---- results


@pytest.mark.parametrize("chunk", CHUNKS)
def test_pay_never_falls_as_the_result_improves(chunk: int) -> None:
    rose = 0
    for seed in sample(chunk, 27_000, 15):
        made = Rising(seed)
        contract, up = made.rising()
        loaded = alliance.loads(as_yaml(contract))
        results = sorted(made.some(range(1300), 14, 14), reverse=not up)
        amounts = [
            alliance.settle(loaded, "2026-27", {"m": f"{x // 10}.{x % 10}%"}, examples=False).payments[0].waterfalls[0].amount
            for x in results
        ]  # fmt: skip
        assert amounts == sorted(amounts), as_yaml(contract)
        rose += amounts[0] < amounts[-1]
    assert rose


@pytest.mark.parametrize("chunk", CHUNKS)
def test_what_is_not_known_never_turns_into_a_number(chunk: int) -> None:
    """What is known although something is missing is the same whatever that turns out to be."""
    unknown = same = 0
    for seed in sample(chunk, 28_000, 20):
        made = Strict(seed)
        one = made.strict()
        if one is None:
            continue
        loaded, step = alliance.loads(one.text), one.steps[0]
        texts = {"spend": "1234.56", "volume": "17", "share": "61%", "met": "yes", "which": "b", "plan": "999"}
        texts |= {m: "47%" for m, said in made.measures.items() if "reported" in said and "by" not in said}
        for name in made.some(sorted(texts), 3, 3):
            without = {**step["inputs"], name: {"status": "missing"}}
            given = [{**step["inputs"], name: text} for text in (texts[name], OTHERS.get(name, "3%"))]
            runs = []
            for inputs in (without, *given):
                runs.append(alliance.settle(loaded, step["period"], inputs, examples=False))
            blind, *seen = [values(r) for r in runs]
            for key, value in blind.items():
                if isinstance(value, Unknown):
                    unknown += 1
                    continue
                same += 1
                assert all(o[key] == value for o in seen), (seed, name, key)
    assert unknown
    assert same


OTHERS = {"which": "a", "met": "no", "spend": "0", "volume": "3", "plan": "1000000"}


def values(found: Any) -> dict[tuple[str, ...], Any]:
    """All that a settlement comes to, by name."""
    every: dict[tuple[str, ...], Any] = {("figure", f.name, f.key): f.value for f in found.figures}
    for m in found.measures:
        every["value", m.name, m.key] = m.value
        if m.has_score:
            every["score", m.name, m.key] = m.score
    for p in found.payments:
        every["earned", p.name] = p.earned
        if p.status == "determined":
            every |= {("received", p.name, r.payee): r.amount for r in p.received}
    return every


# ---- settled again, once later periods were


def in_turn(contract: Any, steps: list[Mapping[str, Any]], opening: Any) -> list[Any]:
    """Each step settled from where the one before closed; what cannot be final goes on as provisional."""
    found = []
    for step in steps:
        finals = (True, False) if step["final"] else (False,)
        opening = next(x for x in (by_engine(contract, step, opening, final)[0] for final in finals) if x is not None)
        found.append(opening)
    return found


def all_moved(found: list[Any]) -> dict[tuple[str, str], Any]:
    """What each party and account got in all of each payment."""
    moved: Counter[tuple[str, str]] = Counter()
    for settlement in found:
        for t in settlement.transfers:
            moved[t.payment, t.payee] += t.amount
            moved[t.payment, t.payer] -= t.amount
    return {at: amount for at, amount in moved.items() if amount}


@pytest.mark.parametrize("chunk", CHUNKS)
def test_corrected_after_later_periods_it_comes_to_what_it_would_have(chunk: int) -> None:
    """The first period with other values, opened from the last one, and then the later ones again: money and balances
    in all are those of a sequence that had those values from the start."""
    seen = changed = 0
    for seed in sample(chunk, 71_000, 60):
        made = scenario(seed)
        contract = alliance.loads(made.text)
        lengths = {s["period"]: contract.period(s["period"]).length for s in made.steps}
        steps = [s for s in made.steps if lengths[s["period"]] == lengths[made.steps[0]["period"]]]
        steps = list({s["period"]: s for s in steps}.values())
        if len(steps) < 2 or any("as_of" in s for s in steps):
            continue
        first, given = steps[0], steps[1]["inputs"]
        plainly = {k: v for k, v in first["inputs"].items() if isinstance(v, str) and isinstance(given.get(k), str)}
        corrected = {**first, "inputs": {**first["inputs"], **{k: given[k] for k in plainly}}}
        before = in_turn(contract, steps, None)
        again = in_turn(contract, [corrected, *steps[1:]], before[-1])
        fresh = in_turn(contract, [corrected, *steps[1:]], None)
        if any(p.status == "undetermined" for s in (*again, *fresh) for p in s.payments):
            continue  # what is not determined moves nothing, and what it moved before stands
        assert all_moved([*before, *again]) == all_moved(fresh), seed
        ends = [{(b.account, b.key): b.closing for b in s[-1].balances if b.closing} for s in (again, fresh)]
        assert ends[0] == ends[1], seed
        seen += 1
        changed += all_moved(before) != all_moved(fresh)
    assert seen
    assert changed
