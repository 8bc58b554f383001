"""What the tests of what a user sees of rules share: one contract with every kind of consequence, and three quarters of it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import alliance
from alliance.contract.contract import Contract
from alliance.settlement.result import Settlement

VALLEY = """\
alliance: 1
contract:
  id: valley
  title: Valley alliance
  term: {from: 2026-04-01, to: 2029-03-31}
  working_days: England
  settles: quarterly
parties:
  icb: {name: Integrated care board, role: commissioner}
  acute: {name: Acute trust, role: provider}
  community: {name: Community trust, role: provider, small: true}
  people: {name: People's panel, role: lived_experience}
accounts:
  reserve: {title: Contingency reserve, held_by: icb, may_go_below: 0}
  funds: {title: People's contingency funds, by: person, held_by: icb, may_go_below: 0}
decisions:
  override: {title: Safety override, signed_by: [icb]}
  settled: {title: The dispute is settled, signed_by: [icb, acute], unanimous: true}
terms:
  fee: {title: Yearly fee, clause: Sch 1 §1, unit: GBP a year, by: provider, values: {2026-04-01: {acute: 4_000_000, community: 1_000_000}}}
inputs:
  quality: {title: Quality score, unit: percent, by: provider, from: icb, due: 10 working days}
  spend: {title: Open-book spend, unit: GBP, from: acute, due: 20 working days, over_periods: add}
  incidents: {title: Safeguarding incidents, events: {party: party, kind: text, opened: date, closed: optional date}}
  offers: {title: First offers, events: {offer: text, person: id, party: party, made: date, amount: GBP}, dated: made}
  answers: {title: Answers to offers, events: {offer: text, kind: text, on: date}, dated: on}
  reports_made: {title: Reports to the panel, events: {party: party, on: date}, dated: on}
payments:
  block: {title: Block fee, clause: Sch 2 §1, pays_for: block, each: provider, start: fee, from: icb, to: provider}
  bonus:
    title: Quality bonus
    clause: Sch 2 §2
    pays_for: outcome
    start: 100_000 GBP
    from: icb
    to: providers
    shared: {providers: {acute: 80%, community: 20%}}
ladders:
  performance: {title: Performance ladder, clause: Sch 7 §1, each: provider, steps: [improvement plan, withholding, leadership team, exclusion]}
rules:
  - use: late-data
    with: {input: spend, payment: block, first: 1%, each_week: 1%, at_most: 5%}
  - use: safeguarding-gate
    with: {payment: bonus, days: 28}
  - rule: poor-quality
    title: Poor quality two quarters running
    clause: Sch 7 §2
    for: provider
    when: quality < 50%
    lasting: 2 periods running
    then:
      - {escalate: performance}
      - {require: improvement plan, of: provider, within: 20 working days}
      - {notify: people, say: A provider has been poor for two quarters.}
  - rule: recovered
    title: Good quality again
    for: provider
    when: quality >= 70%
    lasting: 3 of the last 4 periods
    then:
      - {step_down: performance}
  - rule: hold-back
    title: Part of the fee is held back on the ladder
    clause: Sch 7 §4
    for: provider
    when: [performance >= 1, not small]
    then:
      - {withhold: block, share: 10%, of: provider, until: quality >= 60%, lapses: after 4 periods}
  - rule: dispute
    title: Disputed spend
    clause: Sch 9
    when: spend > 900_000 GBP
    if_unknown: ignored
    then:
      - {hold: bonus, amount: 20_000 GBP, of: acute, until: settled, reverse_when: override, lapses: after 12 months}
  - rule: refused
    title: Offer refused
    for: {o: offers, a: answers}
    when: [o.offer = a.offer, a.kind = "refused"]
    then:
      - {raise: refusal, with: {offer: o.offer, person: o.person, amount: o.amount}}
  - rule: released
    title: Money released elsewhere
    clause: Sch 10 §3
    for: refusal
    then:
      - {pay: elsewhere, amount: amount, from: icb, to: funds, pays_for: outcome}
      - {notify: [icb, people], say: Money is released elsewhere.}
  - rule: unanswered
    title: Offer not answered
    for: offers
    absent: {answers: answers.offer = offer}
    when: period.end - made > 14 days
    then:
      - {notify: people}
  - rule: report-due
    title: Report to the panel
    clause: Sch 11
    when: period.days > 0
    then:
      - {require: report to the people's panel, of: each provider, within: 20 working days, met_by: {events: reports_made}}
  - rule: overdue
    title: Report to the panel overdue
    for: duties
    when: [state = late, days_late > 5 days]
    then:
      - {scale: bonus, by: 50%, of: party}
      - {notify: people, say: A report to you is overdue.}
"""

GIVEN: dict[str, dict[str, Any]] = {
    "2026-27 Q1": {
        "quality": {"acute": "45%", "community": "80%"},
        "spend": {"value": "800000", "received": "2026-08-20"},
    },
    "2026-27 Q2": {
        "quality": {"acute": "40%", "community": "30%"},
        "spend": {"value": "950000", "received": "2026-10-20"},
        "incidents": [{"party": "acute", "kind": "safeguarding", "opened": "2026-07-01"}],
        "offers": [
            {"offer": "o1", "person": "p1", "party": "community", "made": "2026-07-10", "amount": "1200.00"},
            {"offer": "o2", "person": "p2", "party": "community", "made": "2026-08-10", "amount": "800.00"},
        ],
        "answers": [{"offer": "o1", "kind": "refused", "on": "2026-07-20"}],
        "reports_made": [{"party": "acute", "on": "2026-07-20"}],
        "duties": [
            {"duty": "report to the people's panel", "party": "community", "outcome": "met", "on": "2026-09-20"},
            {"duty": "a plan that nobody asked for", "party": "acute", "outcome": "met", "on": "2026-09-20"},
        ],
    },
    "2026-27 Q3": {"quality": {"acute": "55%", "community": "75%"}, "spend": "950000"},
    "2026-27 Q4": {"quality": {"acute": "65%", "community": "75%"}, "spend": "850000", "settled": "yes"},
}
AS_OF = {"2026-27 Q3": date(2027, 1, 15), "2026-27 Q4": date(2027, 4, 15)}


@cache
def valley() -> Contract:
    return alliance.loads(VALLEY)


@cache
def settled(period: str) -> Settlement:
    """A quarter, with those before it settled first."""
    before = list(GIVEN)[list(GIVEN).index(period) - 1] if period != "2026-27 Q1" else None
    opening = settled(before) if before else None
    return alliance.settle(valley(), period, GIVEN[period], opening, as_of=AS_OF.get(period))
