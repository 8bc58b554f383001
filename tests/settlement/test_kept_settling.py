"""What the periods of one settlement share: the parts of a year, what they used, put in and left, and what was before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from alliance.contract.faults import InputError, Mark
from alliance.settlement import settling
from alliance.settlement.brought import Datum, bring
from alliance.settlement.result import Settlement
from alliance.settlement.settling import Settling
from alliance.settlement.state import Kept, State
from tests.settlement.helpers import PARTIES, QUARTERS, contract, earned, one_payment, quarters, settled, why


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("2026-07-01 2026-12-31", QUARTERS[1:3]),
        ("2026-06-30 2027-01-01", QUARTERS),
        ("2026-10-01 2028-03-31", QUARTERS[2:]),
    ],
)
def test_a_year_has_the_quarters_that_the_contract_touches(term: str, expected: tuple[str, ...]) -> None:
    made = one_payment("start: 10 GBP\nfrom: icb\nto: acute", settles="quarterly", term=term)
    found = settled(made, "2026-27").payment("p")
    assert [(p.period, p.earned) for p in found.parts] == [(q, 10) for q in expected]
    assert found.earned == 10 * len(expected)


def test_a_year_has_put_in_what_its_quarters_put_in() -> None:
    body = """\
    accounts: {pool: {}}
    payments:
      p:
        pays_for: outcome
        funded: {from: icb, pays: 10 GBP, into: pool}
        start: pool.funded
        steps: [{multiply: 50%}]
        from: pool
        to: acute
      q: {pays_for: block, settles: yearly, start: pool.funded, from: icb, to: council}
    """
    found = settled(contract(body, settles="quarterly"))
    assert (earned(found), earned(found, "q")) == (20, 40)


def test_a_limit_of_the_year_is_that_of_the_contract_as_it_stands_in_each_quarter() -> None:
    body = """\
    terms: {most: {unit: GBP, value: 30}}
    payments:
      p: {pays_for: outcome, start: 20 GBP, from: icb, to: acute, party_limits: {gain: {at_most: most}}}
    variations:
      - {title: More, made: 2026-04-01, effective: 2026-10-01, terms: {most: {unit: GBP, value: 45}}}
    """
    found = settled(contract(body, settles="quarterly")).payment("p")
    assert [p.earned for p in found.parts] == [20, 10, 15, 0]


def test_events_that_are_not_brought_again_are_missing_and_not_none() -> None:
    body = """\
    inputs: {visits: {events: {day: date, cost: GBP}, dated: day}}
    payments: {p: {pays_for: block, start: sum(cost for visits), from: icb, to: acute}}
    """
    made = contract(body, settles="quarterly")
    first = settled(made, QUARTERS[0])
    assert earned(first) == 0
    assert why(earned(settled(made, QUARTERS[0], opening=first))) == "visits is missing"
    assert earned(settled(made, QUARTERS[1], opening=first)) == 0
    assert why(earned(settled(made, "2026-27", opening=first))) == "visits is missing"


def test_a_figure_of_each_is_remembered_for_each_and_for_nobody_else() -> None:
    body = "inputs: {n: {unit: count, by: provider}}\nfigures: {twice: {each: provider, is: 2 * n}, one: {is: 1 + 0}}\n"
    found = settled(contract(body), inputs={"n": {"acute": 1, "community": 2, "live_in": 3}})
    assert {(p.name, p.key): p.value for p in found.closing.past if p.name in ("twice", "one")} == {
        ("twice", "acute"): 2, ("twice", "community"): 4, ("twice", "live_in"): 6, ("one", ""): 1,
    }  # fmt: skip


def test_a_year_leaves_what_was_due_of_its_quarters_as_it_was() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute", settles="quarterly")
    last = quarters(made, {q: {"x": "10"} for q in QUARTERS})
    year = settled(made, "2026-27", {"periods": {QUARTERS[0]: {"x": "15"}}}, last)
    due = [(p.period, p.key, p.value) for p in year.closing.past if (p.name, p.attribute) == ("p", "net")]
    assert sorted(due) == [("2026-27", "", 5), *((q, "", 10) for q in QUARTERS)]


def test_what_was_final_stays_beside_what_is_provisional_and_nothing_is_there_twice() -> None:
    body = """\
    inputs: {x: {unit: GBP, over_periods: add}}
    figures: {before: {is: last(p.earned)}}
    payments: {p: {pays_for: block, start: x, from: icb, to: acute}}
    """
    made = contract(body, settles="quarterly")

    def of_first(found: Settlement) -> list[object]:
        own = [p for p in found.closing.past if (p.period, p.name, p.attribute) == (QUARTERS[0], "p", "earned")]
        return [(p.value, p.final) for p in own if not p.key]

    first = settled(made, QUARTERS[0], {"x": "10"}, kind="final")
    final = settled(made, QUARTERS[0], {"x": "12"}, first, kind="final")
    assert of_first(final) == [(12, True)]
    later = settled(made, QUARTERS[0], {"x": "20"}, final)
    assert of_first(later) == [(12, True), (20, False)]
    assert settled(made, QUARTERS[1], {"x": "1"}, later).figure("before") == 12


# ---- what a settlement may take


def settling_of(**fields: Any) -> Settling:
    made = contract("")
    opening = fields.pop("opening", State())
    found = Settling(made, made.period("2026-27"), bring(made.built, None), opening, date(2027, 3, 31), False, False)
    for name, value in fields.items():
        setattr(found, name, value)
    return found


def told(work: Callable[[], object]) -> tuple[str, str, Mark | None]:
    with pytest.raises(InputError) as error:
        work()
    (fault,) = error.value.faults
    assert fault.code == "AC140"
    return fault.message, fault.hint, fault.mark


def test_all_work_is_of_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 10)
    hint = "Say it of fewer parties, options or records, or settle shorter periods."
    found = settling_of()
    found.work(6, "the payment p", Mark("c", 3))
    assert found.going([1, 2, 3, 4], "visits") == [1, 2, 3, 4]
    message = "the settlement takes more than 10 steps; the last are of the payment p."
    assert told(lambda: found.work(1, "the payment p", Mark("c", 3))) == (message, hint, Mark("c", 3))
    assert told(lambda: found.work(1, "the payment p", None)) == (message, hint, Mark("contract.yaml"))
    assert told(lambda: found.going([1], "visits"))[0].endswith("the last is visits.")


def test_the_more_is_brought_the_more_a_settlement_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 10)
    monkeypatch.setattr(settling, "TIMES_FOR_VALUES", 5)
    monkeypatch.setattr(settling, "TIMES_THROUGH_RECORDS", 3)
    values = SimpleNamespace(values=dict.fromkeys("abcd"), tallies=dict.fromkeys("ab"), records={"visits": [1, 2]})
    found = settling_of(brought=values, kept=dict.fromkeys("abc"))
    most = 10 + 5 * (4 + 2 + 3) + 3 * 2
    found.work(most, "the payment p", None)
    assert told(lambda: found.work(1, "the payment p", None))[0].startswith(
        f"the settlement takes more than {most} steps"
    )
    again = settling_of(brought=values, kept=dict.fromkeys("abc"))
    again.going([1] * most, "visits")
    assert told(lambda: again.going([1], "visits"))[0].startswith(f"the formulas go through more than {most} parties")


def test_what_is_worked_out_a_second_time_may_take_as_much_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 10)
    again = settling_of(stands=frozenset({"p"}), gone=10)
    again.work(10, "the payment p", None)
    assert told(lambda: again.work(1, "the payment p", None))[0].startswith("the settlement takes more than 20 steps")
    pot = "accounts: {pot: {}}\n"
    made = one_payment("start: 10 GBP if ok else 5 GBP\nfrom: pot\nto: acute", pot)
    first = settled(made, inputs={"ok": "yes"}, opening=State({"pot": {"": 100}}))
    gone = {"ok": {"status": "not assessable"}}
    taken: list[int] = []
    monkeypatch.setattr(settling, "MOST_GONE_THROUGH", 10**6)

    def counting(self: Settling, steps: int, *_: object) -> None:
        self.gone += steps
        taken.append(self.gone)

    monkeypatch.setattr(Settling, "work", counting)
    settled(made, inputs=gone, opening=first)
    assert taken == sorted(taken)
    assert taken[-1] == 2 * taken[len(taken) // 2 - 1], "what the first time took is counted the second time"


def test_what_was_brought_before_is_kept_with_its_cases_and_its_day() -> None:
    day = date(2027, 1, 2)
    kept = Kept("2025-26", "home", "acute", Fraction(1, 2), "provisional", 20, day)
    found = settling_of(opening=State(inputs=(kept,)))
    assert found.kept == {("2025-26", "home", "acute"): Datum(Fraction(1, 2), "provisional", 20, None, day)}


def test_a_change_divides_the_shortest_period_that_anything_settles_over() -> None:
    body = """\
    terms: {fee: {unit: GBP a year, by: provider, value: {acute: 12000, community: 0, live_in: 0}}}
    payments:
      p: {pays_for: block, each: provider, start: fee, from: icb, to: provider}
      q: {pays_for: block, settles: monthly, start: 1 GBP, from: icb, to: council}
    """
    parties = PARTIES.replace("Acute trust, role: provider", "Acute trust, role: provider, from: 2026-04-16")
    found = settled(contract(body, settles="half-yearly", parties=parties), "2026-27 H1")
    assert earned(found) == 5500  # 15 of the 30 days of April, and five months


# ---- what was settled before


def test_periods_settled_before_and_since() -> None:
    made = one_payment("start: x\nfrom: icb\nto: acute", settles="quarterly")
    last = settled(made, QUARTERS[1], {"x": "10"}, settled(made, QUARTERS[0], {"x": "10"}))
    found = settling_of(opening=last.closing)
    assert found.settled_before(made.period("2026-27")) is True
    assert found.settled_before(made.period(QUARTERS[1])) is True
    assert found.settled_before(made.period(QUARTERS[2])) is False
    assert found.later(made.period(QUARTERS[0])) == [QUARTERS[1]]
    assert found.later(made.period(QUARTERS[1])) == []
    assert found.whole(made.period(QUARTERS[0])) == ""
    year = settled(
        made, "2026-27", {}, settled(made, QUARTERS[3], {"x": "10"}, settled(made, QUARTERS[2], {"x": "1"}, last))
    )
    assert settling_of(opening=year.closing).whole(made.period(QUARTERS[0])) == "2026-27"
    lost = settled(made, "2026-27", {"periods": {q: {"x": {"status": "not assessable"}} for q in QUARTERS}})
    assert settling_of(opening=lost.closing).whole(made.period(QUARTERS[0])) == ""
    alone = settling_of(opening=settled(made, "2026-27", {"periods": {q: {"x": "10"} for q in QUARTERS}}).closing)
    assert alone.later(made.period(QUARTERS[0])) == []  # quarters that were only worked out for the year
    assert alone.settled_before(made.period(QUARTERS[1])) is False


def test_rules_are_looked_at_where_nothing_is_paid() -> None:
    body = """\
    inputs: {falls: {unit: count}}
    rules: [{rule: many, when: falls > 3, then: [{notify: icb, say: too many}]}]
    """
    (found,) = settled(contract(body), inputs={"falls": "5"}).rules
    assert (found.name, found.status) == ("many", "holds")
