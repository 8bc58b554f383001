"""What a contract says in plain English: every kind of entry, step, score, sharing and slice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alliance.contract.contract import Contract, load, loads
from alliance.contract.english.model import Entry, Reading
from alliance.contract.english.reading import day_of, read

GALLERY = Path(__file__).parents[2] / "contracts"

WIDE = """\
alliance: 1
contract:
  id: wide
  title: Every form
  clause: Main §1
  term: {from: 2026-04-01, to: 2029-03-31}
  settles: quarterly
  shadow: {2026-27: true}
  key: [site, ward]
  note: Read with the guidance.
categories:
  track: [A, B, C]
parties:
  icb: {name: Integrated care board, role: commissioner, host: true, attributes: {beds: 20, bed_rate: 2.5%}}
  council: {name: Borough council, role: commissioner}
  acute: {name: Acute trust, role: provider}
  small_one: {name: Small provider, role: provider, small: true, from: 2026-10-01, to: 2028-09-30}
  third: {name: Third provider, role: provider, to: 2028-03-31}
accounts:
  pool: {held_by: icb, ends: {to: contributors}}
  reserve: {title: Reserve, may_go_below: -5_000 GBP, at_most: cap}
  advance: {title: Advance owed, by: provider, may_go_below: any}
  places: {title: Places banked, unit: count, by: person}
decisions:
  one: {title: Chair agrees, signed_by: [icb]}
  two: {title: Both agree, signed_by: [icb, council]}
  most: {title: Most agree, signed_by: [icb, council, acute], unanimous: false}
  any_one: {title: Any agrees, signed_by: [icb, council, acute], unanimous: false, quorum: 1}
terms:
  cap: {title: Cap, unit: GBP, value: 10_000}
  yearly: {title: Yearly sum, unit: GBP a year, by: provider, values: {2026-04-01: {acute: 100, small_one: 50, third: 50}, 2027-04-01: 60}}
  twice: {title: Twice the cap, unit: GBP, is: cap * 2}
  rate: {title: Rate, unit: percent, by: track, value: {A: 10%, B: 10%, C: 5%}, note: Agreed each spring.}
  up: {title: Price, unit: GBP a place, value: 100, uplift: {each: 04-01, from: 2027-04-01, to: 2028-04-01, by: 10%, rounded: {to: 1}}}
  days_allowed: {title: Days allowed, unit: days, value: 30}
  factor: {title: Factor, unit: count, value: 3}
inputs:
  spend: {title: Spend, unit: GBP, from: icb, due: by 30 June, over_periods: mean, at_least: 0, at_most: 1_000_000}
  calls: {title: Calls, unit: count, over_periods: last, at_least: 1}
  share_given: {title: Share given, unit: percent, reads: percent points, over_periods: same}
  by_party: {title: Hours saved, unit: count, by: provider, if: {missing: exclude, suppressed: exclude, not applicable: unknown}}
  by_track: {title: People, unit: count, by: track, reads: {"-": missing, "n/a": not applicable, "": suppressed, as: percent points}}
  track: {one_of: track, if: {missing: A}}
  agreed: {title: Agreed, unit: boolean, if: {missing: no, suppressed: yes}}
  started: {title: Start day, unit: date, optional: true}
  earlier: {title: Earlier count, unit: count, if: {missing: previous, suppressed: zero}}
  baseline: {title: Baseline count, unit: count, if: {missing: exclude}}
  people: {title: People helped, records: {person: id, seen: date, left: optional date, agency: party, level: [low, high], track: track, score: likert 5, wait: optional hours, cost: GBP, ok: boolean}, dated: seen, optional: true, from: council}
measures:
  line: {title: Line, reported: percent, better: higher, minimum: 30 cases, from: acute, due: 10 days, score: {nothing_at: 10%, full_at: 20%, held: false, at_least: 0%, at_most: 120%, rounded: {to: 0.01}}}
  curve: {title: Curve, reported: count, window: quarter, column: Curve col, cases_column: N, score: {curve: {0: 0%, 10: 100%}, points: 5, rounded: {to: 1, how: down}}}
  bands: {title: Bands, reported: percent, by: track, window: year, score: {bands: [{below: 50%, gives: 0}, {from: 50%, below: 80%, gives: 3}, {from: 80%, gives: 5}], points: 5}}
  better: {title: Better, reported: percent, window: cohort, score: {better_of: {attainment: {nothing_at: 10%, full_at: 20%}, own_improvement: {of: line.value - 5%, nothing_at: 0%, full_at: 5%}}, points: 10}}
  ratio: {title: Ratio, ratio: {of: calls, to: earlier}, window: term, if: {missing: previous}}
figures:
  composite: {title: Composite, weighted: {line: 50%, bands.value by "A": 0%, better.value: 50%}}
  curved: {title: Curved, curve: {of: line.value, points: {0%: 0 GBP, 100%: 500 GBP}, held: false}, rounded: {to: 5, how: up}}
  banded: {title: Banded, bands: {of: calls, bands: [{gives: 1}]}}
  truth: {title: Truth, is: "agreed and not (calls > 5 or line.value < 2%) and calls is known and track not in (A, B)"}
  each_one: {title: For each, each: provider, is: by_party * factor}
  dated: {title: Dated, is: started + 30 days < 2027-01-01}
payments:
  steps:
    title: Every step
    clause: Sch 1
    pays_for: outcome
    start: spend - cap
    when: one and most
    steps:
      - {name: half, multiply: 50%}
      - {multiply: factor, when: agreed}
      - {name: a little more, add: 10 GBP, only: gain, clause: Sch 1 §3}
      - {corridor: {reach: 2%, of: cap}}
      - {corridor: {exceed: 10 GBP}, only: loss}
      - {deadband: {beyond: 1%, of: cap + spend}}
      - {deadband: {beyond: 10 GBP}, only: gain}
      - {curve: {points: {0%: 0%, 50%: 100%}, of: cap}}
      - {curve: {points: {0 GBP: 0 GBP, 50 GBP: 100 GBP}}, only: gain}
      - {bands: {bands: [{below: 10%, gives: 0%}, {from: 10%, gives: 20%}], of: cap}}
      - {gate: not agreed}
      - {name: open gate, gate: agreed, if_unknown: open}
      - {gate: calls > 3, if_unknown: shut, only: loss}
      - {at_most: cap}
      - {at_most: 500 GBP, only: loss}
      - {at_least: 0}
      - {at_least: 5 GBP, only: gain}
      - {deduct: 5 GBP}
      - {deduct: 5 GBP, only: gain}
      - {relieve: abs(spend)}
      - {round: {to: 1}}
      - {round: {to: 0.5, how: down}}
      - {round: {to: 10, how: up}}
    limits: {at_most: cap, at_least: -1_000 GBP, only: gain}
    from: {icb: 60%, council: 40%}
    to: provider
    shared: {by: equally}
    absent: unearned
    party_limits: {gain: {each: provider, at_most: 5 GBP, beyond: others, clause: Sch 1 §9}, loss: {at_most: 0 if small else 5 GBP, beyond: carry}}
    note: The order matters.
  funded:
    title: From the pool
    pays_for: outcome
    funded: {from: icb, pays: 10 GBP, into: pool}
    start: pool.funded * composite
    from: pool
    shared: {by: contribution}
    unearned: carried
  funded_each:
    pays_for: outcome
    funded: {each: provider, pays: yearly, into: pool}
    start: pool.funded
    from: pool
    shared: {by: contribution}
    unearned: contributors
  figured:
    title: By a figure
    pays_for: outcome
    shadow: true
    settles: monthly
    start: sum(yearly for provider)
    from: icb
    to: provider
    shared: {by: each_one}
  by_fixed:
    title: Fixed
    pays_for: outcome
    settles: yearly
    start: spend - cap
    slices:
      - {up_to: 10 GBP, to: {lot: 50%, icb: 10%, rest: stays}}
      - {name: second part, when: agreed, only: gain, up_to: "min(cap, spend)", from: reserve, to: acute}
      - {only: loss, up_to: 5 GBP, from: {icb: 50%, reserve: 50%}, to: {lot: 100%}}
      - {name: the last of it, only: gain, to: {lot: 60%, other: 40%}}
    from: council
    shared: {lot: {acute: 70%, reserve: 30%}, other: {by: equally, among: provider}}
    on_account: {of_the_year: spend, each: month, clause: Sch 9}
    recoup: {account: advance, at_most: 25% of earned}
  each_track:
    title: Each track
    pays_for: availability
    each: track
    start: by_track * 1 GBP * rate
    from: icb
    to: acute
  each_record:
    title: Each record
    pays_for: pass_through
    each: people
    when: ok
    start: cost
    from: icb
    to: agency
  each_group:
    title: Each group
    pays_for: block
    each: agency in people
    start: sum(cost where level = high)
    from: icb
    to: agency
    owed: advance
  units:
    title: Units
    unit: count
    each: person in people
    start: count(people where ok)
    from: icb
    to: places
rules:
  - use: late-data
    with: {input: line, payment: steps, first: 1%, at_most: 5%}
  - {rule: two-poor-quarters, for: provider, when: by_party < 5, lasting: 2 periods running, then: [{notify: icb}]}
variations:
  - {title: Steps change, clause: V1, made: 2027-01-01, effective: 2027-04-01, steps: [{payment: steps, set: half, to: {name: a third, multiply: 30%}}, {payment: steps, add: {name: new cap, at_most: 5 GBP}, before: open gate}, {payment: steps, remove: a little more}]}
  - {title: New things, made: 2028-01-01, effective: 2027-07-01, figures: {fresh: {title: Fresh, is: cap}}, parties: {third: {name: Third and best, role: provider, to: 2028-03-31}}}
"""  # fmt: skip

SAID: dict[str, dict[str, list[str]]] = {
    "The contract": {
        "Term and periods": [
            "It runs from 1 April 2026 to 31 March 2029.",
            "Its currency is GBP.",
            "Its years start on 1 April. Periods are written 2026-27 for a year, 2026-27 H1 for a half-year, "
            "2026-27 Q1 for a quarter and 2026-04 for a month.",
            "It settles quarter by quarter, unless a payment says otherwise; after a year, its quarters are "
            "worked out again on what is then known, and the difference is paid.",
            "It is settled from a table, one agreement a row, named by the columns “site” and “ward”.",
            "In 2026-27 it is in shadow: everything is worked out and printed, and no money moves.",
            "Note: Read with the guidance.",
        ],
    },
    "Parties": {
        "Integrated care board": [
            "A commissioner and the host.",
            "Beds: 20.",
            "Bed rate: 2.5%.",
        ],
        "Borough council": [
            "A commissioner.",
        ],
        "Acute trust": [
            "A provider.",
        ],
        "Small provider": [
            "A provider, marked as small.",
            "It joined the alliance on 1 October 2026.",
            "Its last day in the alliance is 30 September 2028.",
        ],
        "Third provider": [
            "A provider.",
            "Its last day in the alliance is 31 March 2028.",
        ],
    },
    "Accounts": {
        "Pool": [
            "It holds money, in GBP, from one settlement to the next.",
            "Integrated care board holds it.",
            "It never goes below nothing.",
            "At the end of the contract what it holds goes back to those who paid in, as they paid in.",
        ],
        "Reserve": [
            "It holds money, in GBP, from one settlement to the next.",
            "It never goes below -£5,000.",
            "It holds no more than this: cap.",
            "The contract does not say where what it holds goes at the end.",
        ],
        "Advance owed": [
            "It holds money, in GBP, from one settlement to the next, with a balance for each provider.",
            "It may go below nothing, without limit.",
            "The contract does not say where what it holds goes at the end.",
        ],
        "Places banked": [
            "It holds units, not money, from one settlement to the next, with a balance for each person.",
            "It never goes below nothing.",
            "The contract does not say where what it holds goes at the end.",
        ],
    },
    "Decisions": {
        "Chair agrees": [
            "It is made when Integrated care board signs.",
            "An approval that is not recorded is none.",
        ],
        "Both agree": [
            "It is made when both sign: Integrated care board and Borough council.",
            "An approval that is not recorded is none.",
        ],
        "Most agree": [
            "It is made when at least two of three sign: Integrated care board, Borough council and Acute trust.",
            "An approval that is not recorded is none.",
        ],
        "Any agrees": [
            "It is made when at least one of three signs: Integrated care board, Borough council and Acute trust.",
            "An approval that is not recorded is none.",
        ],
    },
    "Terms": {
        "Cap": [
            "A sum of money: £10,000.",
        ],
        "Yearly sum": [
            "An amount a year for each provider. On 5 May 2027, since 1 April 2027: £60 for each.",
            "From 1 April 2026 to 31 March 2027: £100 for Acute trust; and £50 for Small provider (which "
            "joins on 1 October 2026) and Third provider.",
        ],
        "Twice the cap": [
            "A sum of money, worked out: cap times 2.",
            "On 5 May 2027 it comes to £20,000.",
        ],
        "Rate": [
            "A percentage for each track: 10% for A and B; and 5% for C.",
            "Note: Agreed each spring.",
        ],
        "Price": [
            "A price for each place. On 5 May 2027, since 1 April 2027: £110.",
            "It changes on 1 April of each year from 1 April 2027 to 1 April 2028, by 10%, rounded to the "
            "nearest £1, halves away from zero.",
            "From 1 April 2026 to 31 March 2027: £100.",
            "From 1 April 2028: £121.",
        ],
        "Days allowed": [
            "A number of days: 30 days.",
        ],
        "Factor": [
            "A number: 3.",
        ],
    },
    "Inputs": {
        "Spend": [
            "A sum of money, in GBP.",
            "Integrated care board supplies it, by 30 June.",
            "A longer period is the average of its shorter ones.",
            "It lies between £0 and £1,000,000; anything else is refused.",
        ],
        "Calls": [
            "A number.",
            "A longer period takes the figure of the last of its shorter ones.",
            "It is at least 1; anything less is refused.",
        ],
        "Share given": [
            "A percentage.",
            "The same figure serves every period.",
            "A percentage is written in points: 12.2 is 12.2%.",
        ],
        "Hours saved": [
            "A number for each provider.",
            "If it is not applicable, what depends on it is not determined.",
            "If it is suppressed or missing, it is left out: a composite goes by its other parts, and a "
            "choice is between the rest.",
        ],
        "People": [
            "A number for each track.",
            "A percentage is written in points: 12.2 is 12.2%. “-” is read as missing. “n/a” is read as not "
            "applicable. An empty cell is read as suppressed.",
        ],
        "Track": [
            "One of A, B or C.",
            "If it is missing, it counts as A.",
        ],
        "Agreed": [
            "Yes or no.",
            "If it is suppressed, it counts as yes.",
            "If it is missing, it counts as no.",
        ],
        "Start day": [
            "A date.",
            "A table of agreements may be without it.",
        ],
        "Earlier count": [
            "A number.",
            "If it is suppressed, it counts as 0.",
            "If it is missing, its last final figure is used.",
        ],
        "Baseline count": [
            "A number.",
            "If it is missing, it is left out: a composite goes by its other parts, and a choice is between the rest.",
        ],
        "People helped": [
            "Records, each with person (text), seen (date), left (date, may be empty), agency (a party), "
            "level (low or high), track (A, B or C), score (1 to 5), wait (hours, may be empty), cost (GBP) "
            "and ok (yes or no).",
            "One belongs to the period of its date “seen”.",
            "Borough council supplies it.",
            "They may be left out.",
        ],
    },
    "Measures": {
        "Line": [
            "Its value is reported: a percentage.",
            "Higher is better.",
            "With fewer than 30 cases it is not assessable.",
            "Acute trust supplies it, within 10 days of the end of the period.",
            "Its score is 0% at 10% and 100% at 20%, with a straight line between, carried on beyond the "
            "ends, at least 0% and at most 120%, rounded to the nearest 1%, halves away from zero.",
        ],
        "Curve": [
            "Its value is reported: a number.",
            "It is measured over a quarter.",
            "In a table of agreements it stands in the column “Curve col”, and its cases in “N”.",
            "Its score follows these points: 0 gives 0% and 10 gives 100%, with straight lines between, held "
            "at the ends; it earns that share of 5 points, rounded down to a whole number.",
        ],
        "Bands": [
            "Its value is reported: a percentage for each track.",
            "It is measured over the year.",
            "Its score goes by bands: below 50% gives 0; from 50% to below 80% gives 3; and 80% and over "
            "gives 5, in points.",
        ],
        "Better": [
            "Its value is reported: a percentage.",
            "It is measured over a cohort of people.",
            "Its score is the better of “attainment” and “own improvement”; it earns that share of 10 points.",
            "- “attainment” is 0% at 10% and 100% at 20%, with a straight line between, held at the ends.",
            "- “own improvement”, for the value of line less 5%, is 0% at 0% and 100% at 5%, with a straight "
            "line between, held at the ends.",
        ],
        "Ratio": [
            "Its value is calls divided by earlier count.",
            "It is measured over the whole term of the contract.",
            "If it is missing, its last final figure is used.",
        ],
    },
    "Figures": {
        "Composite": [
            "A weighted composite: 50% of the score of line, 0% of the value of bands for A and 50% of the "
            "value of better.",
            "A part that the contract leaves out gives its weight to the others, in proportion.",
        ],
        "Curved": [
            "By the value of line: 0% gives £0 and 100% gives £500, with straight lines between, carried on "
            "beyond the ends, rounded up to a multiple of £5.",
        ],
        "Banded": [
            "By calls: anything gives 1.",
        ],
        "Truth": [
            "This holds when “Agreed” holds, it is not so that (calls are above 5 or the value of line is "
            "below 2%), calls are known and track is neither A nor B.",
        ],
        "For each": [
            "For each provider: hours saved times factor.",
        ],
        "Dated": [
            "This holds when 30 days after start day is before 1 January 2027.",
        ],
    },
    "Payments": {
        "Every step": [
            "It pays for outcomes; it is earned quarter by quarter, and a year is the sum of its quarters.",
            "It is due only when the decision “Chair agrees” has been made and the decision “Most agree” has "
            "been made.",
            "1. Start from spend less cap.",
            "2. A third. Take 30% of it.",
            "3. When “Agreed” holds, multiply by factor.",
            "4. Nothing is due unless the amount, gain or loss, reaches 2% of cap; then the whole of it counts.",
            "5. For a loss only, nothing is due unless it exceeds £10; then the whole of it counts.",
            "6. Only what lies beyond 1% of (cap plus spend) counts, of a gain or a loss.",
            "7. For a gain, only what lies beyond £10 counts.",
            "8. As a share of cap, the amount becomes what these points give: 0% gives 0% and 50% gives 100%, "
            "with straight lines between, held at the ends. A loss goes by its size, and stays a loss.",
            "9. A gain becomes what these points give: £0 gives £0 and £50 gives £100, with straight lines "
            "between, held at the ends.",
            "10. As a share of cap, the amount becomes what these bands give: below 10% gives 0%; and 10% and "
            "over gives 20%. A loss goes by its size, and stays a loss.",
            "11. Nothing is due if “Agreed” holds. If that is not known, the payment is not determined.",
            "12. New cap. It is at most £5.",
            "13. Open gate. Nothing is due unless “Agreed” holds. If that is not known, the payment goes on.",
            "14. For a loss only, nothing is due unless calls are above 3. If that is not known, nothing is due.",
            "15. It is at most cap.",
            "16. A loss is at most £500.",
            "17. It is at least nothing.",
            "18. A gain is at least £5.",
            "19. Take this off a gain, never past nothing: £5.",
            "20. Take this off a gain, never past nothing: £5.",
            "21. Take this off a loss, never past nothing: the size of spend.",
            "22. It is rounded to the nearest £1, halves away from zero.",
            "23. It is rounded down to a multiple of £0.50.",
            "24. It is rounded up to a multiple of £10.",
            "25. A gain from the payment is at most cap.",
            "26. A gain from the payment is at least -£1,000.",
            "It is paid by Integrated care board (60%) and Borough council (40%), and shared by the providers.",
            "It is shared equally by Acute trust, Small provider and Third provider.",
            "A party that is in the alliance for part of a period has that part of its share; what it would "
            "have had in the rest is not paid.",
            "In a year each provider gains at most £5; what is beyond is shared again among the others.",
            "In a year each party bears at most this: nothing if the party is small, otherwise £5; what is "
            "beyond is carried to the next settlement.",
            "Note: The order matters.",
        ],
        "From the pool": [
            "It pays for outcomes; it is earned quarter by quarter, and a year is the sum of its quarters.",
            "Integrated care board pays this into the pool: £10.",
            "1. Start from what is paid into the pool for the period, times composite.",
            "It is paid out of the pool, and shared by Integrated care board.",
            "It is shared by contribution: each has the part of it that it has of what was paid in.",
            "What is paid into the pool and not earned stays in the pool.",
        ],
        "Funded each": [
            "It pays for outcomes; it is earned quarter by quarter, and a year is the sum of its quarters.",
            "Each provider pays this into the pool: yearly sum (a quarter of it in a quarter).",
            "1. Start from what is paid into the pool for the period.",
            "It is paid out of the pool, and shared by the providers.",
            "It is shared by contribution: each has the part of it that it has of what was paid in.",
            "What is paid into the pool and not earned goes back to those who paid in, as they paid in.",
        ],
        "By a figure": [
            "It pays for outcomes; it is earned month by month, and a year is the sum of its months.",
            "It is in shadow: it is worked out and printed, and no money moves.",
            "1. Start from the total of yearly sum over all providers (of each amount a year, a twelfth of it "
            "in a month).",
            "It is paid by Integrated care board, and shared by the providers.",
            "It is shared by Acute trust, Small provider and Third provider in proportion to for each.",
            "A party that is in the alliance for part of a period has that part of its share; the others "
            "share the rest.",
        ],
        "Fixed": [
            "It pays for outcomes; it is worked out once, on the whole year.",
            "1. Start from spend less cap.",
            "2. The amount is divided, in this order:",
            "- a. Of the amount, the part up to £10: 50% goes to “lot”, 10% goes to Integrated care board and "
            "the rest stays with the payer.",
            "- b. Second part. When “Agreed” holds, of what is left of a gain, the part up to (the smaller of "
            "cap and spend): it goes to Acute trust, paid out of the reserve as far as it goes.",
            "- c. Of what is left of a loss, the part up to £5: 100% is borne by “lot”, owed to Integrated "
            "care board (50%) and into the reserve (50%).",
            "- d. The last of it. All that is left of a gain: 60% goes to “lot” and 40% goes to “other”.",
            "- What of a loss is beyond every slice stays with the payer.",
            "It is paid by Borough council.",
            "What “lot” gains or bears is shared by fixed shares: 70% to Acute trust and 30% to the reserve.",
            "The reserve shares gains, never losses; a loss is shared by the rest.",
            "What “other” gains or bears is shared equally by Acute trust, Small provider and Third provider.",
            "A party that is in the alliance for part of a period has that part of its share; the others "
            "share the rest.",
            "Before it settles, this amount for the year is paid on account in equal monthly instalments: "
            "spend. It counts towards what the payment comes to.",
            "What is owed in advance owed is first taken back out of what is earned, at most this at a time: "
            "25% of what is earned.",
        ],
        "Each track": [
            "It pays for being available, used or not; it is earned quarter by quarter, and a year is the sum "
            "of its quarters.",
            "There is one for each track.",
            "1. Start from people times £1 times rate.",
            "It is paid by Integrated care board to Acute trust.",
        ],
        "Each record": [
            "It passes a cost through; it is earned quarter by quarter, and a year is the sum of its quarters.",
            "There is one for each row of people helped.",
            "It is due only when ok.",
            "1. Start from cost.",
            "It is paid by Integrated care board to the party named as its agency.",
        ],
        "Each group": [
            "It is a block payment; it is earned quarter by quarter, and a year is the sum of its quarters.",
            "There is one for each agency in people helped.",
            "1. Start from the total of cost over the agency's people helped where level is high.",
            "It is paid by Integrated care board to that agency.",
            "What is paid is an advance, and is recorded as owed in advance owed.",
        ],
        "Units": [
            "It counts units and moves no money; it is earned quarter by quarter, and a year is the sum of "
            "its quarters.",
            "There is one for each person in people helped.",
            "1. Start from the number of people helped where ok.",
            "It is paid by Integrated care board into the person's balance of places banked.",
        ],
    },
    "Rules": {
        "Late or missing data": [
            "It comes from the rule pack “late-data”, version 1.",
            "For the report of line, when lateness is above 0 days:",
            "- This share of what its supplier earns from “Every step” is deducted, and stays with the payer: the smaller of "
            "5% and 1%.",
            "If it cannot be decided, the payments that it acts on are not determined.",
        ],
        "Two poor quarters": [
            "For each provider, when hours saved are below 5, for two quarters running:",
            "- Integrated care board is told: “two poor quarters”.",
        ],
    },
    "Variations": {
        "Steps change": [
            "It was made on 1 January 2027, for periods that begin on or after 1 April 2027.",
            "On 5 May 2027 it is in force.",
            "In “Every step” it changes the step “half”: A third. Take 30% of it.",
            "In “Every step” it adds a step before “open gate”: New cap. It is at most £5.",
            "From “Every step” it takes out the step “a little more”.",
        ],
        "New things": [
            "It was made on 1 January 2028, for periods that begin on or after 1 July 2027.",
            "On 5 May 2027 it is not yet made.",
            "It was made after it took effect: periods settled before then are settled again.",
            "It replaces the party “Third and best”.",
            "It adds the figure “Fresh”.",
        ],
    },
}
ENTRIES = [(section, title) for section, entries in SAID.items() for title in entries]


@pytest.fixture(scope="module")
def wide() -> Contract:
    return loads(WIDE)


@pytest.fixture(scope="module")
def reading(wide: Contract) -> Reading:
    return read(wide, date(2027, 5, 5))


def entry(reading: Reading, section: str, title: str) -> Entry:
    return next(e for s in reading.sections if s.title == section for e in s.entries if e.title == title)


def said(found: Entry) -> list[str]:
    return [("- " if s.deep else "") + (f"{s.number}. " if s.number else "") + s.text for s in found.sentences]


@pytest.mark.parametrize(("section", "title"), ENTRIES)
def test_every_entry(reading: Reading, section: str, title: str) -> None:
    assert said(entry(reading, section, title)) == SAID[section][title]


def test_nothing_is_left_out(reading: Reading) -> None:
    assert [(s.title, e.title) for s in reading.sections for e in s.entries] == ENTRIES


def test_each_sentence_carries_its_clause_and_line(reading: Reading) -> None:
    lines = WIDE.splitlines()
    steps = entry(reading, "Payments", "Every step")
    assert steps.clause == "Sch 1"
    for s in steps.sentences:
        assert s.mark.file == "contract.yaml"
        assert s.clause == ("Sch 1 §9" if s.text.startswith("In a year each provider") else "Sch 1")
    corridor = next(s for s in steps.sentences if s.number == "4")
    assert "corridor: {reach: 2%, of: cap}" in lines[corridor.mark.line - 1]
    uplifted = next(s for s in entry(reading, "Terms", "Price").sentences if s.text.startswith("It changes"))
    assert "uplift" in lines[uplifted.mark.line - 1]


def test_a_step_has_its_own_clause(wide: Contract) -> None:
    before = entry(read(wide, date(2026, 5, 5)), "Payments", "Every step")
    added = next(s for s in before.sentences if s.text == "A little more. For a gain only, add £10.")
    assert (added.number, added.clause) == ("4", "Sch 1 §3")


def test_terms_are_those_of_the_day(wide: Contract) -> None:
    def term(day: date, title: str) -> list[str]:
        return said(entry(read(wide, day), "Terms", title))

    assert term(date(2026, 4, 1), "Price") == [
        "A price for each place. On 1 April 2026: £100.",
        "It changes on 1 April of each year from 1 April 2027 to 1 April 2028, by 10%, rounded to the nearest £1, "
        "halves away from zero.",
        "From 1 April 2027 to 31 March 2028: £110.",
        "From 1 April 2028: £121.",
    ]
    assert (
        term(date(2028, 12, 31), "Price")[0] == "A price for each place. On 31 December 2028, since 1 April 2028: £121."
    )
    assert term(date(2026, 4, 1), "Yearly sum")[0] == (
        "An amount a year for each provider. On 1 April 2026: £100 for Acute trust; and £50 for Small provider (which joins "
        "on 1 October 2026) and Third provider."
    )


def test_variations_are_those_in_force_on_the_day(wide: Contract) -> None:
    def now(day: date) -> list[str]:
        section = next(s for s in read(wide, day).sections if s.title == "Variations")
        return [said(e)[1] for e in section.entries]

    assert now(date(2026, 4, 1)) == ["On 1 April 2026 it is not yet made."] * 2
    assert now(date(2027, 2, 1))[0] == "On 1 February 2027 it is made and not yet in force."
    assert now(date(2028, 4, 1)) == ["On 1 April 2028 it is in force."] * 2
    late = read(wide, date(2028, 4, 1))
    assert said(entry(late, "Figures", "Fresh")) == ["Cap."]
    assert entry(late, "Parties", "Third and best").sentences
    early = read(wide, date(2026, 4, 1))
    assert all(e.title != "Fresh" for s in early.sections for e in s.entries)


def test_the_day_unless_another_is_named(wide: Contract) -> None:
    assert day_of(wide, date(2020, 1, 1)) == date(2026, 4, 1)
    assert day_of(wide, date(2027, 7, 7)) == date(2027, 7, 7)
    assert day_of(wide, date(2040, 1, 1)) == date(2029, 3, 31)


def test_a_contract_with_little_in_it() -> None:
    contract = loads(
        "alliance: 1\n"
        "contract: {id: c, title: Little, term: {from: 2026-01-01, to: 2026-12-31}, year_starts: 01-01, currency: USD,"
        " working_days: Wales, shadow: true}\n"
        "parties: {a: {name: A, role: payer}, b: {name: B, role: care_home}}\n"
        "payments: {p: {pays_for: block, start: 5 USD, from: a, to: b, limits: {at_least: 0, at_most: 3 USD}}}\n"
    )
    found = read(contract, date(2026, 6, 1))
    assert [s.title for s in found.sections] == ["The contract", "Parties", "Payments"]
    assert said(entry(found, "The contract", "Term and periods")) == [
        "It runs from 1 January 2026 to 31 December 2026.",
        "Its currency is USD.",
        "Its years start on 1 January. Periods are written 2026 for a year, 2026 H1 for a half-year, "
        "2026 Q1 for a quarter and 2026-01 for a month.",
        "It settles once a year, unless a payment says otherwise.",
        "Working days are those of Wales.",
        "It is in shadow: everything is worked out and printed, and no money moves.",
    ]
    assert said(entry(found, "Payments", "P")) == [
        "It is a block payment; it is worked out once, on the whole year.",
        "1. Start from $5.",
        "2. The payment as a whole is at most $3.",
        "3. The payment as a whole is at least nothing.",
        "It is paid by A to B.",
    ]
    assert found.sections[-1].about[1] == "What is paid is rounded to the cent, half up, and shared without losing one."


def test_what_few_contracts_say() -> None:
    contract = loads(
        "alliance: 1\n"
        "contract: {id: c, title: Rest, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly, shadow: {2026-27: no_},"
        " key: site}\n".replace("no_", "false")
        + "categories: {kind: [day, night]}\n"
        "parties: {a: {name: A, role: payer}, b: {name: B, role: carer, from: 2026-10-01}, c: {name: C, role: host_care}}\n"
        "terms:\n"
        "  rate: {title: Rate, unit: count, by: kind, of_the_year: {2026-27: {day: 1}, 2028-29: {day: 2, night: 3}}}\n"
        "  early: {title: Early, unit: GBP, values: {2020-04-01: 5, 2028-04-01: 6}}\n"
        "inputs:\n"
        "  due: {title: Due, unit: count, due: at the year's end}\n"
        "  counts: {title: Counts, unit: count, by: kind, due: 1 March, column: {day: N Day, night: N Night}}\n"
        "  one: {title: One, unit: count, by: kind, column: {day: Only}}\n"
        "  rows: {title: Rows, rows: {site: id, day: date}, key: site}\n"
        "  happened: {title: Happened, events: {day: date}}\n"
        "measures:\n"
        "  held: {title: Held, reported: percent, by: kind, column: {day: D, night: N}, cases_column: {day: DC, night: NC},"
        " reads: {n/a: suppressed}}\n"
        "  few: {title: Few, reported: percent, by: kind, cases_column: {day: DC}}\n"
        "  against: {title: Against, ratio: {of: due, to: {baseline: 10}}}\n"
        "payments:\n"
        "  p:\n"
        "    {title: Pay, pays_for: block, shadow: {2027-28: false}, start: 5 GBP, from: a,"
        " shared: {all_of_us: {by: equally, among: parties}}, to: all_of_us}\n"
        "variations:\n"
        "  - {title: More, made: 2026-05-01, effective: 2026-07-01, steps: [{payment: p, add: {at_most: 1 GBP}},"
        " {payment: p, add: {name: x, add: 1 GBP}}, {payment: p, add: {name: y, add: 2 GBP}, after: x}]}\n"
        "examples:\n"
        "  - {title: Ex, period: 2027-28, interim: quarterly, expect: {p.earned: 20}}\n"
    )
    found = read(contract, date(2026, 6, 1))

    def of(section: str, title: str) -> list[str]:
        return said(entry(found, section, title))

    assert not any("shadow" in s.text for _, _, s in found.sentences())
    assert of("Parties", "C") == ["A party for host care."]
    assert of("Terms", "Rate") == [
        "A number for each kind. For 2026-27: 1 for day and no figure for night.",
        "For 2028-29: 2 for day and 3 for night.",
    ]
    assert of("Terms", "Early") == [
        "A sum of money. On 1 June 2026: £5.",
        "From 1 April 2028: £6.",
    ]
    assert of("Inputs", "Due") == ["A number.", "It is supplied at the year's end."]
    assert of("Inputs", "Counts")[1:] == [
        "It is due 1 March.",
        "In a table of agreements it stands in the columns “N Day” for day and “N Night” for night.",
    ]
    assert of("Inputs", "One")[1:] == ["In a table of agreements it stands in the column “Only” for day."]
    assert of("Inputs", "Rows") == [
        "Rows of a table, each with site (text) and day (date).",
        "In a table of agreements, “site” says whose each record is.",
    ]
    assert of("Inputs", "Happened") == ["Events, each with day (date)."]
    assert of("Measures", "Held") == [
        "Its value is reported: a percentage for each kind.",
        "In a table of agreements it stands in the columns “D” for day and “N” for night.",
        "Its cases stand in the columns “DC” for day and “NC” for night.",
        "“n/a” is read as suppressed.",
    ]
    assert of("Measures", "Few")[1:] == ["Its cases stand in the column “DC” for day."]
    assert of("Measures", "Against") == ["Its value is due divided by a baseline of 10."]
    assert of("Payments", "Pay")[-3:] == [
        "It is paid by A, and shared by the parties.",
        "What “all of us” gains or bears is shared equally by A, B and C.",
        "A party that is in the alliance for part of a period has that part of its share; the others share the rest.",
    ]
    assert of("Variations", "More")[1:] == [
        "On 1 June 2026 it is made and not yet in force.",
        "In “Pay” it adds a step at the end: it is at most £1.",
        "In “Pay” it adds a step at the end: X. Add £1.",
        "In “Pay” it adds a step after “x”: Y. Add £2.",
    ]
    assert of("Examples", "Ex")[0] == "Settling 2027-28, its earlier quarters settled before it, given nothing."


def test_examples() -> None:
    contract = loads(
        "alliance: 1\n"
        "contract: {id: c, title: Examples, term: {from: 2026-04-01, to: 2028-03-31}, settles: quarterly}\n"
        "parties: {a: {name: A, role: payer}, b: {name: B, role: carer}}\n"
        "accounts: {pot: {title: Pot}}\n"
        "decisions: {go: {title: Go ahead, signed_by: [a, b]}}\n"
        "inputs:\n"
        "  spend: {title: Spend, unit: GBP, over_periods: add}\n"
        "  hours: {title: Hours, unit: count, by: carer, optional: true}\n"
        "  visits: {title: Visits, records: {day: date}, optional: true}\n"
        "measures: {well: {title: People well, reported: percent, if: {missing: exclude, not assessable: exclude}}}\n"
        "figures: {good: {title: Good enough, is: spend > 5 GBP}}\n"
        "payments: {p: {title: Pay, pays_for: block, start: spend, from: a, to: b}}\n"
        "examples:\n"
        "  - title: Everything given\n"
        "    clause: Annex 1\n"
        "    period: 2026-27 Q1\n"
        "    as_of: 2026-07-31\n"
        "    given:\n"
        "      spend: 1_480.5\n"
        "      hours: {b: 3}\n"
        "      visits: [{day: 2026-04-02}, {day: 2026-04-03}]\n"
        "      well: {value: 12.5%, cases: 40, status: provisional}\n"
        "      go: [a, b]\n"
        "    opening: {pot: 100}\n"
        "    expect: {p.earned: 1_480.50, good: yes, pot.closing: 100}\n"
        "  - title: By quarter\n"
        "    period: 2026-27\n"
        "    given: {well: {status: not assessable}, periods: {2026-27 Q1: {spend: 1}, 2026-27 Q2: {spend: 2},"
        " 2026-27 Q3: {spend: 1}, 2026-27 Q4: {spend: 0}}}\n"
        "    expect: {good: no}\n"
        "  - title: Nothing given\n"
        "    period: 2027-28 Q1\n"
        "    expect: {pot.closing: 0}\n"
    )
    found = read(contract, date(2026, 4, 1))
    assert said(entry(found, "Examples", "Everything given")) == [
        "Settling 2026-27 Q1, as known on 31 July 2026, given spend: £1,480.50; hours: 3 for B; visits: 2 records; people "
        "well: 12.5% of 40 cases (provisional); go ahead: A and B.",
        "It opens with pot: £100.",
        "What “Pay” earns should be £1,480.50.",
        "“Good enough” should hold.",
        "The closing balance of pot should be £100.",
    ]
    assert said(entry(found, "Examples", "By quarter")) == [
        "Settling 2026-27, given people well: not assessable; spend in 2026-27 Q1: £1; spend in 2026-27 Q2: £2; "
        "spend in 2026-27 Q3: £1; spend in 2026-27 Q4: £0.",
        "“Good enough” should not hold.",
    ]
    assert said(entry(found, "Examples", "Nothing given"))[0] == "Settling 2027-28 Q1, given nothing."


def test_the_savings_of_the_first_contract_of_the_gallery() -> None:
    found = read(load(GALLERY / "together-for-better-lives"), date(2026, 4, 1))
    assert said(entry(found, "Payments", "Savings share on unplanned admissions")) == [
        "It pays for outcomes; it is worked out once, on the whole year.",
        "1. Start from saved against expected spend.",
        "2. Nothing is due unless the amount, gain or loss, reaches 2% of expected spend on unplanned admissions; then the "
        "whole of it counts.",
        "3. Better than the country. For a gain only, nothing is due unless “Readmissions better than the country” holds. "
        "If that is not known, nothing is due.",
        "4. Achievement. For a gain only, multiply by how the alliance did.",
        "5. The amount is divided, in this order:",
        "- a. Shared evenly. Of a gain, the part up to 5% of expected spend on unplanned admissions: 50% goes to the "
        "providers and the rest stays with the payer.",
        "- b. Shared a little. All that is left of a gain: 25% goes to the providers and the rest stays with the payer.",
        "- c. Providers bear. Of a loss, the part up to 3% of expected spend on unplanned admissions: 30% is borne by the "
        "providers and the rest stays with the payer.",
        "- d. Commissioners bear. All that is left of a loss: it stays with the payer.",
        "It is paid by Integrated care board (60%) and Borough council (40%).",
        "What the providers gain or bear is shared by fixed shares: 40% to Acute trust, 30% to Community trust, 10% to "
        "Live-in care agency, 10% to Shared Lives scheme and 10% to “Money not earned, kept for prevention”.",
        "“Money not earned, kept for prevention” shares gains, never losses; a loss is shared by the rest.",
        "A party that is in the alliance for part of a period has that part of its share; the others share the rest.",
        "In a year each provider bears at most this: nothing if the party is small, otherwise 2% of fixed element; what is "
        "beyond stays with the payer.",
    ]
    assert said(entry(found, "Measures", "Readmitted within 30 days of a supported discharge")) == [
        "Its outcome is “I get home and I stay home”.",
        "Its value is the share of supported discharges where the time from discharged to readmitted is at most 30 days, "
        "leaving out those where palliative.",
        "Lower is better.",
        "It is measured over the twelve months to the end of the period.",
        "A case counts once 30 days have passed; those not so old at the extract date are left out.",
        "With fewer than 140 cases it is not assessable.",
        "Borough council validates it.",
        "Its 95% confidence interval is reported beside it, held against 12.2%.",
        "If it is not assessable, it is left out: a composite goes by its other parts, and a choice is between the rest.",
        "Its score is 0% at 12.2% and 100% at 6.5%, with a straight line between, held at the ends.",
    ]


@pytest.mark.parametrize("name", sorted(p.parent.name for p in GALLERY.glob("*/contract.yaml")))
def test_the_gallery_reads_well(name: str) -> None:
    contract = load(GALLERY / name)
    for day in (contract.built.start, contract.built.end):
        found = read(contract, day)
        for _, found_entry, sentence in found.sentences():
            text = sentence.text
            assert sentence.mark.line, (found_entry.title, text)
            assert text.endswith((".", ".”", "!", "?", ":")), text
            assert "None" not in text
            assert "Fraction(" not in text
            assert "  " not in text
            assert not text.startswith(" ")
            quoted = "column" in text  # the names of columns stand as they are written
            assert quoted or "_" not in text, text
        assert found.as_dict()["sections"]


def test_a_score_whose_start_is_brought_says_what_it_gives_where_nothing_is_left_to_gain() -> None:
    body = (
        "alliance: 1\ncontract: {id: c, title: Own, term: {from: 2026-04-01, to: 2029-03-31}}\n"
        "parties: {icb: {name: ICB, role: commissioner}}\n"
        "inputs: {before: {unit: percent}}\n"
        "measures:\n"
        "  own: {reported: percent, better: higher, score: {nothing_at: before, full_at: 80%}}\n"
        "  way: {reported: percent, score: {nothing_at: before, full_at: 80%}}\n"
    )
    found = read(loads(body), date(2026, 6, 1))
    line = "Its score is 0% at before and 100% at 80%, with a straight line between, held at the ends"
    more = "; where before is no worse than 80%, 100% for what is better than before, or else 0%"
    assert f"{line}{more}." in said(entry(found, "Measures", "Own"))
    assert f"{line}." in said(entry(found, "Measures", "Way"))
