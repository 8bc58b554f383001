"""Which part each has of what is shared, what limits and accounts allow of it, and what a sum was made of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from alliance.reports.explain import explanation
from alliance.reports.plain import plain
from alliance.reports.statement import statement
from alliance.settlement.settle import settle_run
from alliance.settlement.state import State
from tests.settlement.helpers import PARTIES, contract

JOINS = PARTIES.replace("role: provider}\nlive_in", "role: provider, from: 2026-05-16}\nlive_in")


def told(made: Any, period: str = "2026-27", given: Any = None, opening: Any = None) -> tuple[str, str, Any]:
    """The explanation, the statement and the settlement."""
    s, run = settle_run(made, period, given or {}, opening)
    return plain(explanation(s, run, made, "p", ""), 1000), plain(statement(s, made), 1000), s


def test_a_share_is_explained_by_its_weight_and_the_days_there() -> None:
    made = contract(
        """\
        inputs: {met: {unit: count, by: provider}}
        payments: {p: {pays_for: outcome, start: 910 GBP, from: icb, shared: {by: met, among: provider}, absent: unearned}}
        """,
        settles="quarterly",
        parties=JOINS,
    )
    text, page, s = told(made, "2026-27 Q1", {"met": {"acute": 2, "community": 2, "live_in": 0}})
    for line in (
        "  Acute trust (acute) = 455.00", "    its share = 50%", "      by: met for acute = 2",
        "  Community trust (community) = 230.00", "      for 46 of 91 days.",
        "  Live-in care agency (live_in) = 0.00", "    its share = 0%", "      by: met for live_in = 0",
    ):  # fmt: skip
        assert f"\n{line}" in text, line
    away = "The part of the days away, kept by the payer"
    assert away in text
    assert f"{away}  Some of those who share it are not there on every day.  225.00" in page
    assert s.payments[0].earned == 685
    assert [line.name for line in s.payments[0].shares] == ["acute", "community", "live_in"]


def test_shares_that_the_contract_says_are_explained_by_what_they_are() -> None:
    made = contract(
        """\
        terms: {most: {unit: percent, value: 60%}}
        payments: {p: {pays_for: outcome, start: 100 GBP, from: icb, to: {acute: most, community: 30%, council: 10%}}}
        """
    )
    text, _, _ = told(made)
    assert "\n  Acute trust (acute) = 60.00\n    its share = 60%\n      share: most = 60%" in text.replace(
        "by: ", "share: "
    )
    assert "\n  Community trust (community) = 30.00\n    its share = 30%\n" in text
    made = contract(
        """\
        payments:
          p: {pays_for: outcome, start: 100 GBP, from: icb, to: {all: 75%, council: 25%},
              shared: {all: {acute: 40%, community: 60%}}}
        """
    )
    text, _, _ = told(made)
    assert "\n  Borough council (council) = 25.00\n    its share = 25%\n" in text
    assert "\n  Community trust (community) = 45.00\n    its share = 60%\n" in text


def test_a_limit_says_what_it_is_for_the_year_and_what_was_used_of_it() -> None:
    made = contract(
        """\
        inputs: {won: {unit: GBP, over_periods: add}}
        terms: {cap: {title: Cap of a small trust, unit: GBP, value: 20.01}}
        payments: {p: {pays_for: outcome, start: won, from: icb, to: acute, party_limits: {gain: {each: provider, at_most: cap}}}}
        """,
        settles="quarterly",
    )
    first, page, s = told(made, "2026-27 Q1", {"won": "30"})
    assert "At most 20.01 in size, instead of 30.00. What is beyond is kept by the payer." in page
    assert "  for the year: cap (Cap of a small trust) = 20.01" in first
    _, page, _ = told(made, "2026-27 Q2", {"won": "10"}, s.closing)
    assert "At most 0.00 in size, instead of 10.00: 20.01 for the year, of which 20.01 was used before." in page


def test_what_an_account_holds_says_which() -> None:
    made = contract(
        """\
        accounts: {pot: {title: The pot}}
        payments: {p: {pays_for: outcome, start: 100 GBP, from: pot, to: acute}}
        """
    )
    _, page, _ = told(made, opening=State({"pot": {"": 40}}))
    assert "At most 40.00 in size, instead of 100.00: The pot. An account pays no more than" in page


def test_a_year_is_explained_by_the_periods_that_it_was_settled_over() -> None:
    made = contract(
        """\
        inputs: {won: {unit: GBP, over_periods: same}}
        payments:
          p: {pays_for: outcome, settles: monthly, start: won, from: icb, to: acute}
          q: {pays_for: outcome, start: won, from: icb, to: acute}
        """,
        settles="quarterly",
    )
    text, page, s = told(made, "2026-27", {"won": "10"})
    assert [part.period for part in s.payments[0].parts][:2] == ["2026-04", "2026-05"]
    assert len(s.payments[0].parts) == 12
    assert "\n2026-04 = 10.00\n  Start: won = 10.00" in text
    assert "2027-03" in page
    assert [part.period for part in s.payments[1].parts] == [f"2026-27 Q{n}" for n in (1, 2, 3, 4)]


def test_what_was_held_back_and_let_go_is_said_so_when_its_period_is_settled_again() -> None:
    made = contract(
        """\
        inputs: {won: {unit: GBP}, q: {unit: percent, by: provider}}
        payments: {p: {pays_for: outcome, each: provider, start: won, from: icb, to: provider}}
        rules: [{rule: w, for: provider, when: q < 50%, then: [{withhold: p, of: party}]}]
        """,
        settles="quarterly",
        parties="icb: {name: I, role: c}\nacute: {name: A, role: provider}\ncommunity: {name: C, role: provider}\n",
    )

    def poor(a: str, b: str) -> dict[str, Any]:
        return {"won": "100", "q": {"acute": a, "community": b}}

    _, page, first = told(made, "2026-27 Q1", poor("40%", "40%"))
    assert "Less what is held back, and stays so until it is let go  -200.00" in page
    assert "it stands in the account “Earned and held back”" in page
    for second, words in ((poor("90%", "90%"), "and let go since"), (poor("90%", "40%"), "some of it let go since")):
        _, _, last = told(made, "2026-27 Q2", second, first.closing)
        _, page, _ = told(made, "2026-27 Q1", {"won": "90", "q": {"acute": "40%", "community": "40%"}}, last.closing)
        assert f"Less what was held back, {words}  -180.00" in " ".join(page.split("\n")).replace("   ", "  "), words


def test_a_sum_says_where_each_stands_and_what_it_leaves_out() -> None:
    made = contract(
        """\
        categories: {kind: [entry, stay]}
        terms: {tariff: {unit: GBP, by: kind, value: {entry: 600, stay: 1500}}, least: {unit: count, by: provider, value: {acute: 1, community: 2, live_in: 3}}}
        inputs: {claims: {records: {kind: kind, ok: boolean}}}
        payments:
          p: {pays_for: outcome, start: sum(1 * tariff by kind for claims where ok) + 1 GBP * sum(least for provider) + 1 GBP * sum(place for provider), from: icb, to: acute}
        figures: {place: {each: provider, is: least * 2}}
        """
    )
    claims = [{"kind": "entry", "ok": "yes"}, *({"kind": "stay", "ok": "no"} for _ in range(7))]
    text, _, s = told(made, given={"claims": claims})
    assert s.payments[0].earned == 600 + 6 + 12
    for line in ("tariff for entry = 600.00  [contract.yaml:10:", "Community trust = 2  [contract.yaml:10:",
                 "least for community = 2  [contract.yaml:10:", "left out", "and 2 more"):  # fmt: skip
        assert line in text, line
    assert text.count("record ") == 1 + 5


def test_what_is_kept_of_a_share() -> None:
    """Who it is of, by what it is weighed, its part, for how many days, under which clause and line; told once."""

    def kept(fields: str, **given: Any) -> list[Any]:
        made = contract(
            "inputs: {met: {unit: count, by: provider}}\n"
            f"payments:\n  p: {{clause: 4, pays_for: outcome, start: 910 GBP, from: icb, {fields}}}\n",
            settles="quarterly",
            parties=JOINS,
        )
        s, _ = settle_run(made, "2026-27 Q1", given)
        return [(x.kind, x.name, x.before, x.after, x.facts, x.note, x.clause, x.mark.line, [d.label for d in x.details])
                for x in s.payments[0].shares]  # fmt: skip

    days = "for 46 of 91 days"
    whole = 365  # ninety-firsts: 182, 92 and 91
    assert kept("shared: {by: met, among: provider}", met={"acute": 2, "community": 2, "live_in": 1}) == [
        ("share", "acute", 2, Fraction(182, whole), (), "", "4", 11, ["weight"]),
        ("share", "community", 2, Fraction(92, whole), (), days, "4", 11, ["weight"]),
        ("share", "live_in", 1, Fraction(91, whole), (), "", "4", 11, ["weight"]),
    ]
    assert kept("shared: {by: equally, among: provider}") == [
        ("share", "acute", 1, Fraction(91, 228), (), "", "4", 11, []),
        ("share", "community", 1, Fraction(46, 228), (), days, "4", 11, []),
        ("share", "live_in", 1, Fraction(91, 228), (), "", "4", 11, []),
    ]
    assert kept("to: all, shared: {all: {acute: 40%, live_in: 60%}}") == [
        ("share", "acute", Fraction(2, 5), Fraction(2, 5), (), "", "4", 11, ["weight"]),
        ("share", "live_in", Fraction(3, 5), Fraction(3, 5), (), "", "4", 11, ["weight"]),
    ]
    assert kept("to: {acute: 75%, council: 25%}") == [
        ("share", "acute", Fraction(3, 4), Fraction(3, 4), (), "", "4", 11, ["share"]),
        ("share", "council", Fraction(1, 4), Fraction(1, 4), (), "", "4", 11, ["share"]),
    ]
    assert kept("to: acute") == []
