"""A saved settlement that was changed, or is of something else, opens nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import alliance
from alliance.contract.faults import InputError
from alliance.contract.numbers import Number
from alliance.settlement.opening import disagrees, misdated
from tests.cli.contracts import put, run

TEXT = """\
alliance: 1
contract: {id: h, title: H, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
parties:
  council: {name: Council, role: commissioner}
  north: {name: North, role: provider}
categories: {kind: [old, new]}
accounts:
  pot: {title: Pot, held_by: council}
  per: {title: Per, by: provider}
  sort: {title: Sort, by: kind}
inputs: {x: {unit: GBP}}
payments:
  inn: {pays_for: outcome, start: x, from: council, to: pot}
  out: {pays_for: outcome, start: 3.33 GBP, from: pot, to: north}
rules:
  - {rule: r, when: x > 1 GBP, then: [{hold: out, share: 50%}, {require: do it, of: north, within: 14 days}]}
"""
Q2 = ("--period", "2026-27 Q2", "--set", "x=7", "--opening")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def saved(tmp_path: Path) -> dict[str, Any]:
    path = put(tmp_path, TEXT)
    run("settle", path, "--period", "2026-27 Q1", "--set", "x=10", "--save", str(tmp_path / "q1.json"))
    found: dict[str, Any] = json.loads((tmp_path / "q1.json").read_text("utf-8"))
    return found


def both(d: dict[str, Any], account: str, key: str, amount: str) -> None:
    """A balance in the closing state and among the balances, with the digest of what it came to left as it was."""
    d["closing"]["balances"].setdefault(account, {})[key] = amount


CHANGES: list[tuple[str, Change]] = [
    ("closing state and its balances are not the same", lambda d: both(d, "pot", "", "1000006.67")),
    ("closing state and its balances are not the same", lambda d: both(d, "none", "", "5")),
    ("closing state and its balances are not the same", lambda d: both(d, "per", "nobody", "5")),
    ("closing state and its balances are not the same", lambda d: d["closing"]["balances"].pop("withheld")),
    ("closing state and its transfers are not the same", lambda d: d["closing"]["moved"].pop()),
    ("closing state and its transfers are not the same", lambda d: d["closing"]["moved"][0].__setitem__(7, "11")),
    ("does not agree with its digest", lambda d: d["transfers"][0].update(amount="11")),
    ("holds money back that is not in its accounts", lambda d: d["closing"]["held"].clear()),
    ("holds money back that is not in its accounts", lambda d: d["closing"]["held"][0].__setitem__(9, "999")),
    (
        "remembers inn of 2026-27 Q1, 2020-01-01, which is",
        lambda d: d["closing"]["past"][0].__setitem__(1, "2020-01-01"),
    ),
    ("remembers inn of nothing, 2026-04-01, which is", lambda d: d["closing"]["past"][0].__setitem__(0, "nothing")),
    ("has money moved in 2026-27 Q1, 2020-01-01", lambda d: d["closing"]["moved"][0].__setitem__(1, "2020-01-01")),
    ("holds money back of 2026-27 Q1, 2020-01-01", lambda d: d["closing"]["held"][0].__setitem__(5, "2020-01-01")),
    ("cannot be read", lambda d: d["closing"]["past"][0].__setitem__(1, "2026-99-99")),
    ("2026-27 Q1 is 2026-04-01 to 2026-06-30, and the file says 2020-01-01", lambda d: d.update(start="2020-01-01")),
    ("closing state and its transfers are not the same", lambda d: d.update(period="2026-27 Q4")),
]


@pytest.mark.parametrize(("said", "change"), CHANGES)
def test_what_was_changed_opens_nothing(saved: dict[str, Any], tmp_path: Path, said: str, change: Change) -> None:
    change(saved)
    for digest in (True, False):  # older files have none of the closing state
        if not digest:
            del saved["closing_digest"]
        put(tmp_path, json.dumps(saved), "t.json")
        told = run("settle", str(tmp_path / "contract.yaml"), *Q2, str(tmp_path / "t.json"), code=1).stderr
        assert told.startswith(f"{tmp_path}/t.json: AC12")
        assert said in told or (digest and "does not agree with its digest" in told)


def test_balances_add_up(saved: dict[str, Any]) -> None:
    made = alliance.Settlement.from_json(json.dumps(saved))
    first, *others = made.balances
    odd = replace(made, balances=(replace(first, money_in=first.money_in + 1), *others))
    assert disagrees(odd) == "what pot holds is not what it opened with, and what came in, less what went out"
    assert disagrees(made) == ""


def test_what_a_library_reads_is_checked_too(saved: dict[str, Any]) -> None:
    alliance.Settlement.from_json(json.dumps(saved))
    saved["closing"]["duties"] = []
    with pytest.raises(InputError, match="its closing state does not agree with its digest"):
        alliance.Settlement.from_json(json.dumps(saved))
    saved["balances"][0]["opening"] = "5"
    saved["digest"] = ""
    with pytest.raises(InputError, match="AC122"):
        alliance.Settlement.from_json(json.dumps(saved))


@pytest.mark.parametrize(
    ("balances", "said"),
    [
        ({"none": {"": 5}}, 'has a balance of "none", which is not an account'),
        ({"pot": {"north": 5}}, 'has a balance of pot for "north", and pot is kept for no such thing'),
        ({"per": {"nobody": 5}}, 'has a balance of per for "nobody", and per is kept for no such thing'),
        ({"sort": {"odd": 5}}, 'has a balance of sort for "odd", and sort is kept for no such thing'),
        ({"pot": {"": Fraction(10001, 1000)}}, "has 10.001 in pot, which is no amount of GBP"),
        ({"per": {"north": 5}, "sort": {"old": 5}, "pot": {"": 5}}, ""),
    ],
)
def test_the_keys_of_a_library_opening(balances: dict[str, dict[str, Number]], said: str) -> None:
    made = alliance.loads(TEXT)
    opening = alliance.State(balances)
    if said:
        with pytest.raises(InputError, match="AC121 the opening " + said):
            alliance.settle(made, "2026-27 Q1", {"x": 1}, opening)
    else:
        alliance.settle(made, "2026-27 Q1", {"x": 1}, opening)


def test_the_period_of_a_settlement() -> None:
    made = alliance.loads(TEXT)
    day = made.period("2026-27 Q1").start
    assert misdated(made, "xx", day, day) == "xx is no period of the contract"


def test_a_contract_that_was_changed_since_is_noted(saved: dict[str, Any], tmp_path: Path) -> None:
    path = put(tmp_path, TEXT.replace("title: H", "title: Hh"))
    told = run("settle", path, *Q2, str(tmp_path / "q1.json")).stderr
    assert "Note: since the opening settlement, 2026-27 Q1, the contract was changed.\n" in told


@pytest.mark.parametrize(
    ("text", "periods", "said"),
    [
        (TEXT, ["2026-27 Q1", "2026-27 Q4"], "2026-27 Q2 and 2026-27 Q3 were not settled between the opening"),
        (
            TEXT,
            ["2026-27 Q1", "2026-27 Q3"],
            "2026-27 Q2 was not settled between the opening, 2026-27 Q1, and 2026-27 Q3",
        ),
        (TEXT, ["2026-27 Q1", "2026-27 Q2"], ""),
        (TEXT, ["2026-27 Q1", "2026-27 Q2", "2026-27 Q1", "2026-27 Q3"], ""),
        (TEXT.replace(", settles: quarterly", ""), ["2026-27 Q1", "2026-27 Q4"], ""),
        (TEXT.replace(", settles: quarterly", ""), ["2026-27", "2028-29"], "2027-28 was not settled between"),
        (TEXT.replace("settles: quarterly", "settles: monthly"), ["2026-04", "2026-06"], "2026-05 was not settled"),
    ],
)
def test_periods_that_are_left_out_are_noted(tmp_path: Path, text: str, periods: list[str], said: str) -> None:
    path = put(tmp_path, text)
    opening: tuple[str, ...] = ()
    for number, period in enumerate(periods):
        save = str(tmp_path / f"{number}.json")
        told = run("settle", path, "--period", period, "--set", "x=7", *opening, "--save", save).stdout
        opening = ("--opening", save)
    notes = " ".join(told.partition("NOTES")[2].split())
    assert said in notes if said else "not settled between" not in told
