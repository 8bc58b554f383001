"""What the tests of commands and reports share: one small contract with every kind of line, and running a command."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from alliance.cli.main import cli

NEIGHBOURS = """\
alliance: 1
contract:
  id: neighbours
  title: Neighbours agreement
  term: {from: 2026-04-01, to: 2028-03-31}
  currency: GBP
  settles: quarterly

parties:
  board: {name: Health board, role: commissioner}
  town:  {name: Town council, role: commissioner}
  home:  {name: Home care, role: provider}
  trust: {name: Hospital trust, role: provider}

accounts:
  reserve: {title: Reserve, held_by: town, may_go_below: 0}

terms:
  block:
    title: Block grant
    clause: "§1"
    unit: GBP a year
    by: provider
    values: {2026-04-01: {home: 100_000, trust: 200_001}}

inputs:
  spend: {title: Spend of the quarter, unit: GBP, from: trust, due: 10 working days}

measures:
  well:
    title: People who say they are well
    outcome: I am well
    better: higher
    reported: percent
    window: period
    score: {nothing_at: 50%, full_at: 90%}

figures:
  saved: {title: Saved in the quarter, is: 30_000 GBP - spend}

payments:
  grant:
    title: Block grant
    clause: "§1"
    pays_for: block
    each: provider
    start: block
    from: {board: 60%, town: 40%}
    to: provider
  pool:
    title: Wellbeing pool
    clause: "§2"
    pays_for: outcome
    funded: {each: provider, pays: 10% * block, into: reserve}
    start: reserve.funded
    steps:
      - {name: how well people are, multiply: well.score}
    from: reserve
    shared: {by: contribution}
    unearned: board
  trial:
    title: Share of what is saved
    clause: "§3"
    pays_for: outcome
    shadow: true
    start: saved
    steps:
      - {name: half of it, multiply: 50%, clause: "§3(a)"}
      - {name: no more than 4 000, at_most: 4_000 GBP, only: gain}
    from: board
    to: home
  yearly:
    title: Bonus of the year
    pays_for: outcome
    settles: yearly
    start: 12_000 GBP
    on_account: {of_the_year: 6_000 GBP, each: quarter}
    from: board
    to: trust

examples:
  - title: All are well
    period: 2026-27 Q1
    given: {well: 90%, spend: 20_000}
    expect: {pool.earned: 7_500.03}
"""

# Agreements in a table: one contract, one a row.
SCHOOLS = """\
alliance: 1
contract:
  id: schools
  title: Breakfast clubs
  term: {from: 2026-04-01, to: 2028-03-31}
  currency: GBP
  settles: yearly
parties:
  town:   {name: Town council, role: commissioner}
  school: {name: School, role: provider}
accounts:
  kept: {title: Kept back, held_by: town}
inputs:
  meals: {title: Meals served, unit: count, from: school}
  rate:  {title: Price of a meal, unit: GBP a meal, optional: true}
measures:
  fed: {title: Children who ate, better: higher, reported: percent, score: {nothing_at: 0%, full_at: 100%}}
figures:
  due: {title: Due for meals, is: meals * 1.50 GBP}
payments:
  meals_paid:
    title: Meals
    pays_for: outcome
    start: due
    from: town
    to: {school: 90%, kept: 10%}
"""


def put(folder: Path, text: str, name: str = "contract.yaml") -> str:
    """Write a file, and its path as a command takes it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(*arguments: str, code: int = 0) -> Result:
    """Run a command; its exit code is checked."""
    result = CliRunner().invoke(cli, list(arguments), prog_name="alliance")
    told = f"{result.stdout}\n{result.stderr}\n{result.exception!r}"
    assert result.exit_code == code, told
    return result
