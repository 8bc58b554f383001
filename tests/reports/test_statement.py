"""The statement, read as a finance director reads it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

import alliance
from alliance.reports.markdown import markdown
from alliance.reports.plain import plain
from alliance.reports.statement import statement
from alliance.reports.terminal import show
from alliance.settlement.result import Settlement
from tests.cli.contracts import NEIGHBOURS

GOLDEN = """\
Neighbours agreement
Statement for 2026-27 Q1, 1 April 2026 to 30 June 2026

Kind         Provisional: it may be settled again, and the difference is then paid or taken back
As known on  30 June 2026
Amounts in   GBP
Contract     neighbours, version {version}
Settlement   {short}

WHO IS PAID WHAT

Party                    Receives       Pays         Net
----------------------  ---------  ---------  ----------
Health board (board)     1,875.01  46,500.15  -44,625.14
Town council (town)          0.00  30,000.10  -30,000.10
Home care (home)        26,875.00   2,500.00   24,375.00
Hospital trust (trust)  55,250.27   5,000.03   50,250.24
Accounts
Reserve                  7,500.03   7,500.03        0.00
                        ---------  ---------  ----------
Total                   91,500.31  91,500.31        0.00

Printed only, and not among these figures (shadow): Share of what is saved, 4,000.00.

PAYMENTS

Block grant (grant): §1, a block payment
----------------------------------------

For                     Line                Clause     Amount
----------------------  ------------------  ------  ---------
Home care (home)        Start: Block grant  §1      25,000.00
Hospital trust (trust)  Start: Block grant  §1      50,000.25
                                                    ---------
In all                                              75,000.25

Goes to                    Amount
----------------------  ---------
Home care (home)        25,000.00
Hospital trust (trust)  50,000.25
                        ---------
In all                  75,000.25

Wellbeing pool (pool): §2, for outcomes
---------------------------------------

Paid into Reserve (each pays 10% * block)    Amount
-----------------------------------------  --------
Home care (home)                           2,500.00
Hospital trust (trust)                     5,000.03
                                           --------
In all                                     7,500.03

Line                    How                                               Clause      Amount
----------------------  ------------------------------------------------  ------  ----------
Start: Reserve, funded                                                    §2        7,500.03
How well people are     Times People who say they are well, score (75%).          5,625.0225

Goes to                   Amount
----------------------  --------
Home care (home)        1,875.00
Hospital trust (trust)  3,750.02
                        --------
In all                  5,625.02

Kept, limited or taken back  How                            Clause    Amount
---------------------------  -----------------------------  ------  --------
Not earned                   Goes to Health board (board).  §2      1,875.01

Share of what is saved (trial): §3, for outcomes
------------------------------------------------

! SHADOW: printed only, no money moves.

Line                         How                         Clause     Amount
---------------------------  --------------------------  ------  ---------
Start: Saved in the quarter                              §3      10,000.00
Half of it                   Times 50%.                  §3(a)    5,000.00
No more than 4 000           At most 4,000.00. Limited.           4,000.00

Would go to         Amount
----------------  --------
Home care (home)  4,000.00

Bonus of the year (yearly): for outcomes
----------------------------------------

Line              How                                Amount
----------------  -------------------------------  --------
Start: 6_000 GBP  For the year.                    6,000.00
On account        1 of 4 instalments of the year.  1,500.00

Paid on account now: 1,500.00. It is trued up when the year is settled.

MEASURES

Measure                              Outcome    Value  Status    Score
-----------------------------------  ---------  -----  --------  -----
People who say they are well (well)  I am well    80%  measured    75%

FIGURES

Figure                            Value
----------------------------  ---------
Saved in the quarter (saved)  10,000.00

TRANSFERS

Payment            Kind                From            To                 Amount
-----------------  ------------------  --------------  --------------  ---------
Block grant        payment             Health board    Home care       15,000.00
Block grant        payment             Town council    Home care       10,000.00
Block grant        payment             Health board    Hospital trust  30,000.15
Block grant        payment             Town council    Hospital trust  20,000.10
Wellbeing pool     paid into the pool  Home care       Reserve          2,500.00
Wellbeing pool     paid into the pool  Hospital trust  Reserve          5,000.03
Wellbeing pool     payment             Reserve         Home care        1,875.00
Wellbeing pool     payment             Reserve         Hospital trust   3,750.02
Wellbeing pool     not earned          Reserve         Health board     1,875.01
Bonus of the year  on account          Health board    Hospital trust   1,500.00
                                                                       ---------
Total                                                                  91,500.31

ACCOUNT BALANCES

Account  Opening        In       Out  Closing
-------  -------  --------  --------  -------
Reserve     0.00  7,500.03  7,500.03     0.00

NOTES

- An amount with 4 decimal places is not rounded yet: money is rounded once, where it goes to somebody, so
  that what is shared adds up to the penny.
- Worked out by {engine}. The settlement's full name is
  {name}.
"""

CONTRACT = alliance.loads(NEIGHBOURS)
FIRST = {"well": "80%", "spend": "20_000"}


def settled(period: str, opening: Settlement | None = None, **inputs: Any) -> Settlement:
    return alliance.settle(CONTRACT, period, inputs, opening)


def printed(s: Settlement, width: int = 110) -> str:
    return plain(statement(s, CONTRACT), width)


def part(text: str, start: str, end: str) -> str:
    """The lines from one that begins so to one that begins otherwise."""
    found = text[text.index(f"\n{start}") + 1 :]
    return found[: found.index(f"\n{end}")]


def test_a_statement_whole() -> None:
    s = settled("2026-27 Q1", **FIRST)
    names = {"version": s.contract_digest[:12], "short": s.name[:12], "engine": s.engine, "name": s.name}
    assert printed(s) == GOLDEN.format(**names)


def test_what_could_not_be_determined_says_what_to_do() -> None:
    text = printed(settled("2026-27 Q1"), 200)
    assert "Incomplete   2 payments could not be determined (see below)" in text
    told = " ".join(part(text, "WHAT COULD NOT BE DETERMINED", "WHO IS PAID WHAT").split())
    assert "These payments move no money until what is not known is brought." in told
    assert "People who say they are well (well) is missing" in told
    assert "Hospital trust brings it within 10 working days" in told
    assert "Bring it and settle again." in told
    assert "! NOT DETERMINED, and no money moves. Spend of the quarter (spend) is missing." in text
    assert "Would be paid into Reserve" in text
    assert "Saved in the quarter (saved)      -  Spend of the quarter (spend) is missing." in text


def test_too_few_cases_are_told_apart_from_nothing_brought() -> None:
    text = printed(settled("2026-27 Q1", well={"status": "not assessable"}, spend="1"))
    assert "is not assessable" in text
    assert "There are too few cases" in " ".join(text.split())


def test_a_year_is_the_sum_of_its_quarters_less_what_was_paid() -> None:
    first = settled("2026-27 Q1", **FIRST)
    text = printed(settled("2026-27", first, well="90%", spend="20_000"))
    pool = part(text, "Wellbeing pool (pool)", "Share of what is saved")
    assert "2026-27 Q1" in pool
    assert "2026-27 Q4" in pool
    assert "Less already transferred  -5,625.02" in pool
    yearly = part(text, "Bonus of the year", "MEASURES")
    assert "Earned in 2026-27         12,000.00" in yearly
    assert "Less already transferred  -1,500.00" in yearly
    assert "Due now                   10,500.00" in yearly


def test_what_is_not_due_is_said_and_what_is_nothing_too() -> None:
    text = alliance.loads(NEIGHBOURS.replace("    on_account: {of_the_year: 6_000 GBP, each: quarter}\n", ""))
    s = alliance.settle(text, "2026-27 Q1", {"well": "50%", "spend": "30_000"})
    shown = plain(statement(s))
    assert "Bonus of the year (yearly)  It is settled over a longer period." in shown
    assert "\n\n\n" not in shown


def test_only_sections_with_something_in_them() -> None:
    text = "\n".join(line for line in NEIGHBOURS.split("payments:")[0].splitlines())
    s = alliance.settle(alliance.loads(text), "2026-27 Q1", FIRST)
    shown = plain(statement(s))
    assert "TRANSFERS" not in shown
    assert "PAYMENTS" not in shown
    assert "WHO IS PAID WHAT" not in shown
    assert "MEASURES" in shown


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_no_line_is_longer_than_it_may_be(width: int) -> None:
    text = printed(settled("2026-27 Q1"), width)
    numbers = 16 * 5 + 10
    assert max(map(len, text.splitlines())) <= max(width, numbers)


def test_markdown_escapes_what_it_would_read_as_markup() -> None:
    hostile = NEIGHBOURS.replace("name: Home care,", 'name: "a|b <script>*x*</script> [l](http://e.org)",')
    s = alliance.settle(alliance.loads(hostile), "2026-27 Q1", FIRST)
    text = markdown(statement(s))
    assert text.startswith("# Neighbours agreement\n")
    assert "| Party | Receives | Pays | Net |\n| --- | ---: | ---: | ---: |" in text
    assert "a\\|b \\<script\\>\\*x\\*\\</script\\> \\[l\\](http://e.org)" in text
    assert "<script>" not in text


def test_a_terminal_gets_colour_and_no_markup_from_data() -> None:
    hostile = NEIGHBOURS.replace("name: Home care,", 'name: "[red]Home[/red] :smile:",')
    s = alliance.settle(alliance.loads(hostile), "2026-27 Q1", {"spend": "1"})
    out = io.StringIO()
    show(statement(s), Console(file=out, force_terminal=True, width=120, highlight=False))
    assert "[red]Home[/red] :smile:" in out.getvalue()
    assert "\x1b[1m" in out.getvalue()
