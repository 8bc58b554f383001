"""Parties, roles, categories, accounts and decisions, as they are built."""

from __future__ import annotations

from datetime import date

import pytest

from alliance.contract.faults import ContractError
from alliance.contract.units import COUNT, MONEY, PERCENT
from tests.contract.contracts import BASE, loaded


def test_parties_and_their_roles() -> None:
    built = loaded().built
    south = built.parties["south"]
    assert (south.title, south.role, south.start, south.end) == ("South", "provider", date(2026, 10, 1), built.end)
    assert south.fields == {"small": True, "host": False, "beds": 3}
    assert built.parties["north"].fields == {"small": False, "host": False, "beds": 5, "share": 1}
    assert south.days_in(date(2026, 9, 1), date(2026, 10, 2)) == 2
    assert south.days_in(date(2026, 4, 1), date(2026, 9, 30)) == 0
    assert built.roles == {
        "party": ("board", "north", "south"),
        "parties": ("board", "north", "south"),
        "commissioner": ("board",),
        "commissioners": ("board",),
        "provider": ("north", "south"),
        "providers": ("north", "south"),
    }


def test_a_role_called_party() -> None:
    built = loaded(BASE.replace("role: commissioner", "role: party")).built
    assert built.roles["party"] == ("board", "north", "south")
    assert "provider" in built.roles


def test_what_is_said_of_a_party_in_hand() -> None:
    text = "x: {each: provider, is: beds + (2 if small and share is missing else 1)}\ny: {is: sum(beds for provider)}"
    built = loaded(figures=text).built
    assert built.figures["x"].unit == COUNT
    fields = built.scope.loops["provider"].fields
    assert (fields["share"].unit, fields["beds"].unit) == (PERCENT, COUNT)  # as it is written: 100% is no plain 1


def test_the_role_is_named_in_hand() -> None:
    built = loaded(
        figures="x: {each: provider, is: 1 if provider = north else 2}\ny: {each: parties, is: 1 if party = north else 2}"
    )
    assert built.built.figures["x"].by == built.built.figures["y"].by == "party"


def test_what_has_no_title_is_called_by_the_words_of_its_name() -> None:
    built = loaded(
        accounts="risk_pool: {}\nreserve: {title: Reserve}",
        decisions="year_end: {signed_by: [board]}\nopening: {title: Start, signed_by: [board]}",
        payments="care_paid: {pays_for: outcome, start: 1 GBP, from: board, to: north}",
    ).built
    assert [a.title for a in built.accounts.values()] == ["risk pool", "Reserve"]
    assert [d.title for d in built.decisions.values()] == ["year end", "Start"]
    assert built.payments["care_paid"].title == built.scope.symbols["care_paid"].title == "care paid"


def test_categories() -> None:
    built = loaded(
        categories="level: [low, high]",
        inputs="level: {one_of: level}\nkind: {one_of: [gas, oil]}",
        figures="x: {each: level, is: 1 if level = low else 2}\ny: {is: sum(1 for kind)}\nz: {is: 1 if level = low else 2}",
    ).built
    assert built.categories == {"level": ("low", "high"), "kind": ("gas", "oil")}
    assert built.inputs["level"].unit.options == ("low", "high")
    assert (built.figures["x"].by, built.figures["x"].keys) == ("level", ("low", "high"))


def test_accounts() -> None:
    built = loaded(
        terms="most: {unit: GBP, value: 50}",
        accounts="""
            pool: {title: A pool, held_by: board, may_go_below: 0, ends: {to: contributors}}
            fund: {by: person, at_most: most, ends: {to: pool}}
            debt: {by: provider, unit: count, may_go_below: any, ends: {to: north}}
        """,
        figures="x: {each: provider, is: debt.balance}\ny: {is: fund.balance by p1}",
    ).built
    pool, fund, debt = (built.accounts[name] for name in ("pool", "fund", "debt"))
    assert (pool.title, pool.unit, pool.by, pool.held_by, pool.ends_to) == (
        "A pool",
        MONEY,
        "",
        "board",
        "contributors",
    )
    assert pool.floor is not None
    assert pool.floor.text == "0"
    assert (fund.title, fund.by, fund.ends_to) == ("fund", "person", "pool")
    assert fund.ceiling is not None
    assert fund.ceiling.text == "most"
    assert (debt.by, debt.unit, debt.floor) == ("party", COUNT, None)


def test_decisions() -> None:
    built = loaded(
        decisions="""
            all: {signed_by: [board, north, south]}
            most: {title: Most of them, clause: 7, signed_by: [board, north, south], unanimous: false}
            two: {signed_by: [board, north, south], quorum: 2}
        """,
        figures="x: {is: 1 if all and not most else 2}",
    ).built
    assert {name: d.needed for name, d in built.decisions.items()} == {"all": 3, "most": 2, "two": 2}
    most = built.decisions["most"]
    assert (most.title, most.clause, most.signed_by) == ("Most of them", "7", ("board", "north", "south"))


def test_the_currency_has_its_places() -> None:
    assert loaded().places == 2
    assert loaded(BASE.replace("settles:", "currency: JPY, settles:")).places == 0
    assert loaded(BASE.replace("settles:", "currency: KWD, settles:")).places == 3


def test_a_party_of_a_taken_name_is_told_once_and_formulas_of_it_are_not() -> None:
    text = BASE.replace("  board:", "  boards: {name: Boards, role: board}\n  board:") + (
        "examples: [{title: One, period: 2026-27, given: {}, expect: {p.earned by board: 1}}]\n"
        "payments: {p: {pays_for: outcome, start: 1 GBP, from: north, to: south}}\n"
    )
    with pytest.raises(ContractError) as error:
        loaded(text)
    found = [f.message for f in error.value.faults]
    assert found == ['"boards" cannot name a party too.', '"board" cannot name a party too.']
    assert error.value.faults[0].hint.startswith('It already names all parties of the role "board", at ')
