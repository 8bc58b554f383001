"""Where values come from, as an explanation shows them, and reports of settlements that lack something."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

import alliance
from alliance.contract.contract import Contract
from alliance.contract.values import Reason, unknown
from alliance.reports.agreements import summary
from alliance.reports.explain import explanation
from alliance.reports.lines import line_row
from alliance.reports.model import Report, Section, Text, table
from alliance.reports.naming import Naming
from alliance.reports.plain import plain
from alliance.reports.statement import statement
from alliance.reports.terminal import show
from alliance.reports.unknowns import reasons, to_do
from alliance.settlement.agreements import Agreement
from alliance.settlement.result import Line, Settlement
from alliance.settlement.settle import settle_run
from alliance.settlement.state import State
from tests.cli.contracts import NEIGHBOURS

HEAD = """\
alliance: 1
contract: {id: c, title: C, term: {from: 2026-04-01, to: 2028-03-31}, currency: GBP, settles: quarterly}
parties:
  board: {name: Health board, role: commissioner, attributes: {beds: 5}}
  home:  {name: Home care, role: provider, attributes: {beds: 7}}
  late:  {name: Late care, role: provider, from: 2026-05-16, attributes: {beds: 7}}
accounts:
  pool:  {title: Pool, held_by: board}
  units: {title: Units carried, unit: count, held_by: board}
decisions:
  agreed: {title: All agree, signed_by: [board]}
inputs:
  x: {title: Amount, unit: GBP, over_periods: add, from: home, due: 5 working days}
  rate: {title: Rate, unit: percent, if: {missing: previous}}
"""
Q1 = "2026-27 Q1"


def one(body: str) -> Contract:
    return alliance.loads(HEAD + body)


def explained(contract: Contract, period: str = Q1, opening: Any = None, keep: bool = True, **given: Any) -> str:
    s, run = settle_run(contract, period, given, opening, keep=keep)
    return plain(explanation(s, run, contract), 1000)


def pays(start: str, more: str = "") -> str:
    return f"payments:\n  p: {{pays_for: outcome, start: {start}, from: board, to: home}}\n{more}"


# ---- names in formulas


def test_what_was_held_when_each_line_was_worked_out() -> None:
    contract = one("""\
figures: {half: {title: Half of it, is: pool.balance / 2}}
payments:
  a: {pays_for: outcome, start: half + pool.balance, from: pool, to: home}
  b: {pays_for: outcome, start: half + pool.balance, from: pool, to: home}
""")
    text = explained(contract, opening=State({"pool": {"": 100}}))
    assert "Start: half + pool.balance = 150.00  " in text
    assert "Start: half + pool.balance = 50.00  " in text
    assert text.count("    pool.balance = 100.00") == 2
    assert "  pool.balance = 0.00" in text
    assert "half (Half of it), as above" not in text, "each payment is a tree of its own"
    assert "  half (Half of it) = 50.00" in text


def test_a_start_is_shown_for_each_stretch_of_the_period() -> None:
    contract = one("""\
terms:
  price: {title: Price, unit: GBP a year, values: {2026-04-01: 364, 2026-05-16: 728}}
  fee: {title: Fee, unit: GBP a year, by: provider, value: 364}
payments:
  a: {title: A, pays_for: block, start: price, from: board, to: home}
  b: {title: B, pays_for: block, each: provider, start: fee, from: board, to: provider}
  c: {title: C, pays_for: outcome, funded: {each: provider, pays: fee, into: pool}, start: pool.funded, from: pool, to: home}
""")
    text = explained(contract)
    assert "Start: Price = 137.00" in text
    assert "  1 April 2026 to 15 May 2026, 49.450549% of the period: price = 91.00" in text
    assert "    a year from 2026-04-01 (the period has a quarter of it) = 364.00" in text
    assert "  16 May 2026 to 30 June 2026, 50.549451% of the period: price = 182.00" in text
    assert "Late care (late) = 46.00\n  Start: Fee = 46.00" in text
    assert "    16 May 2026 to 30 June 2026, 50.549451% of the period: fee for late = 91.00" in text
    assert "  Home care: fee for home = 91.00" in text
    assert "  Late care, 16 May 2026 to 30 June 2026, 50.549451% of the period: fee for late = 91.00" in text
    assert "Start: pool.funded = 137.00" in text, "the same in every stretch, so shown once"


def test_funding_is_shown_by_party_where_nothing_is_kept_to_trace_it() -> None:
    text = explained(alliance.loads(NEIGHBOURS), keep=False, well="80%", spend="1")
    assert "Paid into Reserve = 7,500.03" in text
    assert "  Home care (home) = 2,500.00" in text


def test_what_a_payment_came_to_and_what_is_said_of_a_party() -> None:
    body = pays(
        "x",
        "  q: {pays_for: outcome, each: provider, start: p.earned * beds if agreed else 0 GBP, from: board, to: provider}\n",
    )
    text = explained(one(body), x="10", agreed=["board"])
    assert "    p.earned = 10.00  [contract.yaml:16:3]" in text
    assert "      what the payment p came to; see it" in text
    assert "    beds = 7  [contract.yaml:5:3]" in text
    assert "    agreed (All agree) = yes" in text


def test_what_is_provisional_or_stands_in_for_what_is_missing() -> None:
    contract = one(pays("x * rate"))
    text = explained(contract, x={"value": "10", "status": "provisional"}, rate="50%")
    assert "  x (Amount) = 10.00" in text
    assert "    it is provisional" in text
    before = alliance.settle(contract, Q1, {"x": "10", "rate": "50%"}, kind="final")
    text = explained(contract, "2026-27 Q2", before, x="20")
    assert "  rate = 50%" in text
    assert "    it is missing: nobody brought it, as rate" in text
    assert '    for what is missing the contract says "previous"' in text


def test_a_value_from_an_earlier_settlement() -> None:
    contract = one(pays("x"))
    before = alliance.settle(contract, Q1, {"x": "10"})
    assert "Start: x (Amount) = 10.00  [from an earlier settlement]" in explained(contract, opening=before)


def test_a_chain_of_figures_is_not_followed_for_ever() -> None:
    chain = "figures:\n  f0: {is: x}\n" + "".join(f"  f{i}: {{is: f{i - 1}}}\n" for i in range(1, 60))
    text = explained(one(chain + pays("f59")), x="10")
    assert max(len(line) - len(line.lstrip()) for line in text.splitlines()) == 80
    assert "f20" in text
    assert "f5 (f5)" not in text


MEASURES = """\
measures:
  banded: {title: Banded, better: higher, reported: percent,
           score: {bands: [{below: 50%, gives: 0%}, {from: 50%, gives: 100%}]}}
  best: {title: Best, better: higher, reported: percent, minimum: 5 cases, if: {not assessable: exclude},
         score: {better_of: {attained: {nothing_at: 0%, full_at: 50%}, curved: {curve: {0%: 0%, 100%: 100%}}}}}
figures: {all: {title: All, weighted: {banded: 50%, best: 50%}}}
payments: {p: {pays_for: outcome, start: x * all, from: board, to: home}}
"""


def test_how_a_score_is_worked_out() -> None:
    text = explained(
        one(MEASURES), x="10", banded={"value": "60%", "status": "provisional"}, best={"value": "20%", "cases": 9}
    )
    assert "  all = 70%" in text
    assert "      it is provisional" in text
    assert "      0% below 50%; 100% from 50%" in text
    assert "      9 cases (at least 5 are needed)" in text
    assert "      the better of: attained, which counts = 40%\n        nothing at 0%, in full at 50%" in text
    assert "      the better of: curved = 20%\n        on straight lines between 0% at 0%, 100% at 100%" in text


IMPROVED = """\
  before: {unit: percent, if: {missing: exclude}}
measures:
  best: {title: Best, better: higher, reported: percent,
         score: {better_of: {attained: {nothing_at: 60%, full_at: 80%},
                             improved: {nothing_at: before, full_at: 80%}}}}
payments: {p: {pays_for: outcome, start: 10 GBP * best.score, from: board, to: home}}
"""


def test_what_is_gone_through_is_told_in_the_plural() -> None:
    body = """\
  z: {unit: percent, by: item}
categories: {item: [a, b, c]}
payments:
  p: {pays_for: outcome, start: "10 GBP * count(item where z by item is known)", from: board, to: home}
  q: {pays_for: outcome, start: "10 GBP * count(provider where beds > 6)", from: board, to: home}
"""
    text = explained(one(body), z={"a": "5%"})
    assert "    1 of 3 items where z by item is known" in text
    assert "    1 of 1 providers where beds > 6" in text


WHOLE = """\
measures: {best: {title: Best, reported: percent, minimum: 5 cases}, left: {title: Left, reported: percent, minimum: 5}}
payments: {p: {pays_for: outcome, start: x * (best + left), from: board, to: home}}
"""


def test_why_a_measure_is_not_assessable() -> None:
    text = explained(one(WHOLE), x="10", best="70%", left={"status": "suppressed"})
    assert "    it is not assessable: its cases were not brought, and 5 are needed" in text
    assert "    it is suppressed  [contract.yaml" in text
    assert "Best (best) without its cases is not assessable" in text


PARTS = """\
figures:
  part: {title: Part, is: x / 80 GBP, rounded: {to: 0.1%}}
  whole: {title: Whole, is: x / 80 GBP, rounded: {to: 0.001}}
payments: {p: {pays_for: outcome, start: x * part * whole, from: board, to: home}}
"""


def test_a_ratio_rounded_to_part_of_a_percentage_is_a_percentage() -> None:
    contract = one(PARTS)
    text = explained(contract, x="35.07")
    assert "    part = 43.8%" in text
    assert "    rounded to 0.1%" in text
    assert "  whole = 0.438" in text
    assert "    rounded to 0.001" in text
    assert (contract.built.figures["part"].unit.kind, contract.built.figures["whole"].unit.kind) == ("percent", "ratio")


def test_which_side_of_a_score_counts() -> None:
    contract = one(IMPROVED)
    text = explained(contract, best="70%", before="50%")
    assert "    the better of: attained = 50%" in text
    assert "    the better of: improved, which counts = 66.666667%" in text
    text = explained(contract, best="70%", before="90%")
    assert "    the better of: attained, which counts = 50%" in text
    assert "    the better of: improved = 0%" in text
    words = "before is at 80% already or beyond it: only what is better earns, and in full"
    assert "      nothing at before (90%), in full at 80%  [contract.yaml" in text
    assert f"      {words}" in text
    text = explained(contract, best="70%")
    assert "    the better of: attained, which counts = 50%" in text
    assert "    the better of: improved = not known" in text
    assert words not in text
    assert "which counts" not in explained(contract, before="50%")


def test_what_a_composite_leaves_out() -> None:
    text = explained(one(MEASURES), x="10", banded="60%", best={"value": "20%", "cases": 2})
    assert "      it is not assessable: there are too few cases" in text
    assert "      the contract leaves it out, and gives its weight to the others" in text
    s = alliance.settle(one(MEASURES), Q1, {"x": "10", "banded": "60%"})
    assert "Best (best)" in plain(statement(s))


def test_what_was_transferred_before() -> None:
    contract = one(pays("x"))
    before = alliance.settle(contract, Q1, {"x": "10"})
    text = explained(contract, opening=before, x="12")
    assert "Earned 12.00, less 10.00 already transferred: due now = 2.00" in text


# ---- what is not known


def test_reasons_that_only_the_payment_tells() -> None:
    contract = one("""\
payments:
  p: {pays_for: outcome, funded: {each: provider, pays: x, into: pool}, start: pool.funded, from: pool, to: home}
""")
    s = alliance.settle(contract, Q1, {"x": {"value": "", "status": "suppressed"}})
    assert [(r.what, r.status) for r in reasons(s.payment("p"))] == [("x", "suppressed")]
    told = " ".join(plain(statement(s, contract), 300).split())
    assert "x (x) Home care brings it within 5 working days" not in told
    assert "Home care brings it within 5 working days" in told
    assert "Bring the figure that was held back from publication" in told
    assert "Home care brings it" not in plain(statement(s)), "who brings it stands in the contract"
    odd = replace(s.payment("p"), reasons=("for no reason that has a status",))
    assert reasons(odd) == [Reason("for no reason that has a status", "")]
    assert to_do(reasons(odd)[0]) == ""


def test_a_year_has_the_reasons_of_its_quarters() -> None:
    s = alliance.settle(one(pays("x")), "2026-27", {})
    assert {r.what for r in reasons(s.payment("p"))} == {"x"}


def test_a_last_value_that_is_not_there_is_brought_by_opening() -> None:
    contract = one(pays("x", "figures: {}\n").replace("start: x", "start: last(x)"))
    s = alliance.settle(contract, Q1, {"x": "1"})
    told = " ".join(plain(statement(s, contract), 300).split())
    assert "Open from the settlement before this one (--opening)." in told


def test_a_value_that_the_contract_puts_in_place_of_what_is_missing_says_so() -> None:
    body = "measures: {m: {title: M, better: higher, reported: percent, if: {missing: zero}}}\nfigures: {f: {is: m.value}}\n"
    text = plain(statement(alliance.settle(one(body), Q1, {})), 200)
    assert "M           0%  missing, replaced as the contract says" in text


# ---- odds and ends


def settled() -> Settlement:
    return alliance.settle(one(pays("x")), Q1, {"x": "10"})


def test_a_statement_that_does_not_say_what_worked_it_out() -> None:
    assert "Worked out by" in plain(statement(settled()))
    assert "Worked out by" not in plain(statement(replace(settled(), engine="")))


def test_names_that_a_settlement_does_not_know() -> None:
    naming = Naming(settled(), one(pays("x")))
    assert (naming.party("gone"), naming.who("gone"), naming.party("pool/a")) == ("gone", "gone", "Pool: a (pool)")
    assert (naming.thing("agreed"), naming.thing("p.earned"), naming.thing("1 + 1")) == (
        "All agree",
        "p, earned",
        "1 + 1",
    )


def test_a_slice_of_what_is_not_known() -> None:
    row = line_row(Naming(settled()), Line("slice", "one", 5, unknown("x")), "money")
    assert (row.cells[0], row.cells[3]) == ("Slice: one", "not known")


def test_agreements_that_move_units_are_summed_up_in_money_alone() -> None:
    contract = one("""\
payments:
  p: {pays_for: outcome, start: x, from: board, to: home}
  u: {pays_for: outcome, unit: count, start: 5, from: board, to: units}
""")
    s = alliance.settle(contract, Q1, {"x": "10"})
    told = plain(summary(contract, Q1, [Agreement("a", 2, s)]), 200)
    assert "a          p        board  home   10.00" in told
    assert "units" not in told


@pytest.mark.parametrize("title", ["", "A title"])
def test_reports_and_sections_without_a_title(title: str) -> None:
    made = Report(
        title, facts=(("key", "value"),), sections=(Section("", (Text("said"), table(("", ""), [("a", "b")]))),)
    )
    shown = "" if not title else f"{title}\n\n"
    assert plain(made) == f"{shown}key  value\n\nsaid\n\na  b\n"
    show(made, Console(file=(out := io.StringIO()), width=60))
    lines = [line.strip() for line in out.getvalue().splitlines() if line.strip()]
    assert lines == [*([title] if title else []), "key  value", "said", "a   b"]
