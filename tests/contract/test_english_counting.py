"""What a measure that is worked out from records, or from another measure, reads as: every kind, with all that belongs to it."""

from __future__ import annotations

from datetime import date

import pytest

import alliance
from alliance.contract.english.reading import read

HEAD = """\
alliance: 1
contract: {id: counted, title: What is counted, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
parties:
  icb: {name: Care board, role: commissioner}
  ash: {name: Ash Trust, role: provider}
terms:
  chance: {title: Usual chance, unit: percent, value: 20%}
  enough: {title: Change that counts, unit: count, value: 3}
inputs:
  lived: {title: Days lived at home, unit: count}
  people:
    title: People helped
    records: {person: id, other: id, seen: date, home: optional date, score: count, cost: GBP, stays: count,
              risk: percent, alone: boolean, well: boolean, at_home: boolean, from_home: party, to_home: party}
    dated: seen
measures:
  first: {title: First, proportion: {of: people, where: well}}
"""
PAIR = "of: people, value: score, baseline: score is known, follow_up: at_home"
SAID = {
    "proportion: {of: people, where: well}": "the share of people helped where well",
    "proportion: {of: people, where: stays > 1, among: alone, excluding: well and not at_home}":
        "the share of people helped where stays are above 1, among those where alone, leaving out those where well and "
        "not at home",
    "proportion: {of: people, where: well, whose: to_home}, by: provider":
        "the share of people helped where well for each provider (by “to home”)",
    "proportion: {of: people, where: well, dated: home}": "the share of people helped where well (by the date “home”)",
    "rate: {of: people, to: lived}": "the number of people helped divided by days lived at home",
    "rate: {of: people, where: well, per: 1_000, to: stays}":
        "the number of people helped where well divided by the sum of stays, times 1,000",
    "rate: {of: people, per: 10, to: enough}, window: 12 months":
        "the number of people helped divided by change that counts, times 10",
    "mean: {of: people, value: cost}": "the mean of cost of people helped",
    "mean: {of: people, value: cost - 5 GBP, truncated_at: 97.5%}":
        "the mean of cost less £5 of people helped, values above percentile 97.5 taken as it",
    "distinct: {of: people}": "the number of different “person” among people helped",
    "distinct: {of: people, where: well, person: other}":
        "the number of different “other” among people helped where well",
    "bundle: {of: people, all: [well, at_home, stays > 2]}":
        "the share of people helped in which all of these hold: well, at home and stays are above 2",
    "time_to: {of: people, from: seen, event: home, percentile: 50%}":
        "the days from “seen” to “home” of people helped, at percentile 50; those without the event count as never",
    "time_to: {of: people, from: seen, event: home, percentile: 90%, truncated_at: 95%}":
        "the days from “seen” to “home” of people helped, at percentile 90, values above percentile 95 taken as it; "
        "those without the event count as never",
    "repeat: {of: people, within: 30 days}":
        "the share of people helped that another of the same “person” follows within 30 days",
    "repeat: {of: people, within: 1 day, where: not well}":
        "the share of people helped that another of the same “person” where not well follows within 1 day",
    "run_length: {of: people, where: well}":
        "the number of people helped since the last day on which one missed this: well",
    f"paired_change: {{{PAIR}}}":
        "the mean change of score from the first record of a “person” where score is known to the last one where at home, "
        "of people helped",
    f"paired_change: {{{PAIR}, after: 2 weeks, within: 90 days, take: first, take_baseline: last}}":
        "the mean change of score from the last record of a “person” where score is known to the first one within 90 days "
        "after 14 days or more where at home, of people helped",
    f"paired_change: {{{PAIR}, after: 1 day}}":
        "the mean change of score from the first record of a “person” where score is known to the last one where at home, "
        "of people helped",  # a follow-up is always of a later day
    f"changed: {{{PAIR}, by: enough}}":
        "the share of people who improved by change that counts or more in score from the first record of a “person” where "
        "score is known to the last one where at home, of people helped; the shares unchanged and worse are told beside it "
        "and are not netted",
    "sustained: {of: people, where: at_home, entered: seen, at: [1 year, 6 months], give_or_take: 2 weeks}":
        "the share of people among people helped for whom 6 months and 12 months after “seen”, give or take 14 days, this "
        "holds each time: at home",
    "sustained: {of: people, where: at_home, entered: seen, at: [1 month], give_or_take: 0 days}":
        "the share of people among people helped for whom 1 month after “seen” this holds each time: at home",
    "observed_to_expected: {of: people, where: well, expected: risk}":
        "the number of people helped where well divided by what is expected, the sum of risk",
    "observed_to_expected: {of: people, where: well, expected: risk, adjusted: {reference: chance}}":
        "the number of people helped where well divided by what is expected, the sum of risk; what is expected is taken as "
        "usual chance of the cases times an adjustment",
    "observed_to_expected: {of: people, where: well, expected: risk, adjusted: {reference: chance, at_most: 120%}}":
        "the number of people helped where well divided by what is expected, the sum of risk; what is expected is taken as "
        "usual chance of the cases times an adjustment, at most 120%",
    "observed_to_expected: {of: people, where: well, expected: risk,"
    " adjusted: {reference: chance, at_least: 80%, at_most: 120%}}":
        "the number of people helped where well divided by what is expected, the sum of risk; what is expected is taken as "
        "usual chance of the cases times an adjustment, at least 80% and at most 120%",
    "difference: {of: first, from: 60%}": "first less 60%",
    "deadweight: {of: first, share: 15%}": "first less the 15% of it that would have come about anyway",
}  # fmt: skip


@pytest.mark.parametrize("measure", SAID)
def test_what_its_value_is(measure: str) -> None:
    text = f"{HEAD}  second: {{title: Second, clause: Sch 2, {measure}}}\n"
    reading = read(alliance.loads(text), date(2026, 5, 5))
    (entries,) = (section.entries for section in reading.sections if section.title == "Measures")
    value = entries[1].sentences[0]
    assert value.text == f"Its value is {SAID[measure]}."
    assert (value.clause, value.mark.line) == ("Sch 2", len(text.splitlines()))
