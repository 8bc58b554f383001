"""Formulas in plain English."""

from __future__ import annotations

import pytest

from alliance.contract.contract import Contract, loads
from alliance.contract.english.standing import titles
from alliance.contract.formula import tree as t
from alliance.contract.formula.check import check
from alliance.contract.formula.english import THE_GROUP, Speaker, english
from alliance.contract.formula.parse import parse

CONTRACT = """
alliance: 1
contract: {id: words, title: Words, term: {from: 2026-04-01, to: 2029-03-31}, settles: quarterly}
categories: {track: [A, B, EN], level: [low, high]}
parties:
  icb: {name: Integrated care board, role: commissioner}
  acute: {name: Acute trust, role: provider, attributes: {beds: 20}}
  small: {name: Small Homes, role: provider, small: true}
accounts:
  pool: {title: Risk and reward pool}
  kept: {title: "Money not earned, kept for prevention"}
  funds: {title: People's contingency funds, by: person}
decisions: {yes_vote: {title: Board agrees, signed_by: [icb]}}
terms:
  expected: {title: Expected spend on unplanned admissions, unit: GBP a year, value: 100}
  fixed: {title: Fixed element, unit: GBP a year, by: provider, value: 5}
  rate: {title: Sharing rate (published), unit: percent, by: track, value: {A: 10%, B: 20%, EN: 5%}}
  commas: {title: "Most that is paid, as a share", unit: percent, value: 10%}
  price: {title: Price of a place, unit: GBP, value: 10}
  pay: {title: Pay index, unit: percent, value: 3%}
  prices: {title: Prices index, unit: percent, value: 2%}
  shared_name: {title: Two of a name, unit: GBP, value: 1}
  other_name: {title: Two of a name, unit: GBP, value: 1}
inputs:
  actual: {title: Open-book spend on unplanned admissions, unit: GBP}
  calls: {title: Ambulance calls from care homes, unit: count}
  people: {title: People helped, unit: count}
  ratio: {title: Quality ratio, unit: ratio}
  track: {title: Track, one_of: track}
  agreed: {title: Standard met, unit: boolean}
  started: {title: Start date, unit: date}
  ended: {title: End date, unit: date}
  each_level: {title: Each level, unit: count, by: level}
  each_party: {title: Score, unit: count, by: provider}
  visits: {title: Visits to people at home, records: {person: id, seen: date, left: optional date, cost: GBP, done: boolean,
    is_late: boolean, party: party, level: level, wait: hours}}
  log: {title: Log of incidents, records: {kind: text, hurt: boolean}}
measures:
  back: {title: Readmitted within 30 days of discharge, reported: percent, score: {nothing_at: 12%, full_at: 6%}}
figures:
  saving: {title: Saved, is: expected - actual}
  useful: {title: Better than the country, is: back.value < 12.2%}
payments:
  block: {title: Fixed element, pays_for: block, start: expected, from: icb, to: acute}
"""


@pytest.fixture(scope="module")
def contract() -> Contract:
    return loads(CONTRACT)


def said(contract: Contract, text: str, each: str = "") -> str:
    """A formula of the contract in words; in `each`, a role or records to be in hand."""
    built = contract.built
    scope = built.scope.inside(built.scope.loops[each]) if each else built.scope
    node, errors = check(parse(text), scope)
    assert errors == []
    return Speaker(titles(built), built.currency, built.payments)(node, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("expected - actual", "expected spend on unplanned admissions less open-book spend on unplanned admissions"),
        ("back.value <= 12.2%", "the value of readmitted within 30 days of discharge is at most 12.2%"),
        ("back.score", "the score of readmitted within 30 days of discharge"),
        ("back.cases", "the number of cases of readmitted within 30 days of discharge"),
        ("(expected + actual) * 2", "(expected spend on unplanned admissions plus open-book spend on unplanned admissions) times 2"),
        ("60% * pay + 40% * prices", "60% of pay index plus 40% of prices index"),
        ("5% of price + saved_money", "(5% of price of a place) plus 5"),
        ("price + 5% of actual", "price of a place plus 5% of open-book spend on unplanned admissions"),
        ("price - (price - actual)", "price of a place less (price of a place less open-book spend on unplanned admissions)"),
        ("price - price + price", "price of a place less price of a place plus price of a place"),
        ("5% of (price + price)", "5% of (price of a place plus price of a place)"),
        ("price * people + price", "(price of a place, times people helped) plus price of a place"),
        ("people / calls * people", "(people helped divided by ambulance calls from care homes) times people helped"),
        ("people / (calls * 2)", "people helped divided by (ambulance calls from care homes, times 2)"),
        ("-price", "minus price of a place"),
        ("-(price + price)", "minus (price of a place plus price of a place)"),
        ("people - -5", "people helped less -5"),
        ("commas * price", "“Most that is paid, as a share” times price of a place"),
        ("commas", "most that is paid, as a share"),
        ("shared_name + other_name", "two of a name (shared name) plus two of a name (other name)"),
        # literals
        ("1_480", "1,480"),
        ("0.5", "0.5"),
        ("500.00 GBP", "£500"),
        ("-1_150.5 GBP", "-£1,150.50"),
        ("2026-04-01", "1 April 2026"),
        ("48 hours", "48 hours"),
        ("6 weeks", "6 weeks"),
        ("12 months", "12 months"),
        # truth
        ("calls > 5", "ambulance calls from care homes are above 5"),
        ("people != 5", "people helped are not 5"),
        ("actual >= price", "open-book spend on unplanned admissions is at least price of a place"),
        ("started < 2026-05-01", "start date is before 1 May 2026"),
        ("started >= 2026-05-01", "start date is on or after 1 May 2026"),
        ("ended - started <= 30 days", "the time from start date to end date is at most 30 days"),
        ("started + 30 days > ended", "30 days after start date is after end date"),
        ("started - 1 months = ended", "1 months before start date is end date"),
        ("agreed", "“Standard met” holds"),
        ("not agreed", "“Standard met” does not hold"),
        ("agreed = no", "“Standard met” does not hold"),
        ("agreed != no", "“Standard met” holds"),
        ("yes_vote", "the decision “Board agrees” has been made"),
        ("not yes_vote", "the decision “Board agrees” has not been made"),
        ("not (calls > 5)", "it is not so that ambulance calls from care homes are above 5"),
        ("track = EN", "track is EN"),
        ("track in (A)", "track is A"),
        ("track in (A, B)", "track is A or B"),
        ("track in (A, B, EN)", "track is A, B or EN"),
        ("track not in (A)", "track is not A"),
        ("track not in (A, B)", "track is neither A nor B"),
        ("track not in (A, B, EN)", "track is none of A, B and EN"),
        ("agreed and useful and calls = 1", "“Standard met” holds, “Better than the country” holds and ambulance calls from care homes are 1"),
        ("(agreed or useful) and yes_vote", "(“Standard met” holds or “Better than the country” holds) and the decision “Board agrees” has been made"),
        ("calls is known", "ambulance calls from care homes are known"),
        ("actual is missing", "open-book spend on unplanned admissions is not known"),
        ("agreed is known", "“Standard met” is known"),
        ("(calls + 1) is known", "ambulance calls from care homes plus 1 is known"),
        # choices
        ("price if agreed else 0", "price of a place if “Standard met” holds, otherwise nothing"),
        ("0 if agreed else pay", "0% if “Standard met” holds, otherwise pay index"),
        ("1 if agreed else 2 if useful else 3", "1 if “Standard met” holds, 2 if “Better than the country” holds, otherwise 3"),
        ("price + (price if agreed else 0)", "price of a place plus (price of a place if “Standard met” holds, otherwise nothing)"),
        ("calls else 5", "ambulance calls from care homes, or 5 when that is not known"),
        ("calls else people else 5", "the first that is known of ambulance calls from care homes, people helped and 5"),
        ("(calls else 5) * 2", "(ambulance calls from care homes, or 5 when that is not known) times 2"),
        # functions
        ("min(calls, people)", "the smaller of ambulance calls from care homes and people helped"),
        ("max(calls, people, 5)", "the largest of ambulance calls from care homes, people helped and 5"),
        ("min(started, ended)", "the earlier of start date and end date"),
        ("max(started, ended, 2026-01-01)", "the latest of start date, end date and 1 January 2026"),
        ("min(calls + 1, 5)", "the smaller of (ambulance calls from care homes plus 1) and 5"),
        ("min(calls, 5) * 2", "(the smaller of ambulance calls from care homes and 5) times 2"),
        ("clamp(calls, 0, 9)", "ambulance calls from care homes, held between 0 and 9"),
        ("abs(saving)", "the size of saved"),
        ("exp(calls / 5)", "e to the power of (ambulance calls from care homes, divided by 5)"),
        ("ln(calls)", "the natural logarithm of ambulance calls from care homes"),
        ("sqrt(calls) * 2", "(the square root of ambulance calls from care homes) times 2"),
        ("abs(calls - 5)", "the size of (ambulance calls from care homes less 5)"),
        ("round(calls / 3)", "(ambulance calls from care homes, divided by 3) rounded to a whole number"),
        ("round_down(calls, 2)", "ambulance calls from care homes rounded down to 2 decimal places"),
        ("round_up(calls, 1)", "ambulance calls from care homes rounded up to 1 decimal place"),
        ("days(5)", "5 days"),
        ("days(calls)", "ambulance calls from care homes as days"),
        ("month(started)", "the month of start date"),
        # by, on, history, accounts and payments
        ("rate by track", "sharing rate for the track given"),
        ("rate", "sharing rate for the track given"),
        ('rate by "EN"', "sharing rate for EN"),
        ('fixed by "acute"', "fixed element for Acute trust"),
        ('price on 2026-04-01', "price of a place as it stood on 1 April 2026"),
        ('fixed by "acute" on 2026-04-01', "the yearly rate of fixed element for Acute trust as it stood on 1 April 2026"),
        ("last(saving)", "the last final figure of saved"),
        ("last(back.value)", "the last final figure of readmitted within 30 days of discharge"),
        ("last(back.score)", "the last final figure of the score of readmitted within 30 days of discharge"),
        ("last(useful)", "“Better than the country” held when it was last final"),
        ("so_far(saving)", "the total of saved over the earlier periods of the year"),
        ("so_far(saving) + price", "(the total of saved over the earlier periods of the year) plus price of a place"),
        ("pool.funded", "what is paid into the risk and reward pool for the period"),
        ("pool.balance", "the balance of the risk and reward pool"),
        ("kept.opening", "the opening balance of “Money not earned, kept for prevention”"),
        ("pool.in", "what has gone into the risk and reward pool"),
        ("pool.out", "what has come out of the risk and reward pool"),
        ('block.earned by "acute"', "what “Fixed element” earns for Acute trust"),
        ("period.start", "the first day of the period"),
        ("period.end - started", "the time from start date to the last day of the period"),
        ("period.days", "the days of the period"),
        ("block.earned", "what “Fixed element” earns"),
        ("block.unearned", "what “Fixed element” does not earn"),
        ("block.kept", "what the payer keeps of “Fixed element”"),
        ("block.net", "what “Fixed element” pays in all"),
        ("block.on_account", "what “Fixed element” pays on account"),
        # records and parties
        ("count(visits)", "the number of visits to people at home"),
        ("count(visits where done)", "the number of visits to people at home where done"),
        ("count(visits where not done and cost > 5 GBP)", "the number of visits to people at home where not done and cost is above £5"),
        ("count(visits where is_late)", "the number of visits to people at home where late"),
        ("count(log where hurt)", "the number of the records of log of incidents where hurt"),
        ('count(log where kind = "fall")', "the number of the records of log of incidents where kind is “fall”"),
        ("count(visits where level = high)", "the number of visits to people at home where level is high"),
        ("count(visits where left is known)", "the number of visits to people at home where left is known"),
        ("count(visits where party = acute)", "the number of visits to people at home where party is Acute trust"),
        ("count(provider)", "the number of providers"),
        ("sum(cost for visits)", "the total of cost over all visits to people at home"),
        ("sum(cost * 2 for visits where done)", "the total of (cost times 2) over all visits to people at home where done"),
        ("sum(fixed for provider)", "the total of fixed element over all providers"),
        ("sum(fixed for providers where small)", "the total of fixed element over all providers where the party is small"),
        ("sum(fixed for providers where not small)", "the total of fixed element over all providers where the party is not small"),
        ("sum(rate for track)", "the total of sharing rate over all tracks"),
        ("mean(cost for visits)", "the average of cost over all visits to people at home"),
        ("min(seen for visits)", "the earliest of seen over all visits to people at home"),
        ("max(cost for visits)", "the largest of cost over all visits to people at home"),
        ("sum(cost for visits) / 2", "(the total of cost over all visits to people at home) divided by 2"),
    ],
)  # fmt: skip
def test_words(contract: Contract, text: str, words: str) -> None:
    if "saved_money" in text:
        text = text.replace("saved_money", "5 GBP")
        words = words.removesuffix("5") + "£5"
    assert said(contract, text) == words


@pytest.mark.parametrize(
    ("text", "each", "words"),
    [
        ("2% * fixed", "provider", "2% of fixed element"),
        ("0 if small else fixed", "provider", "nothing if the party is small, otherwise fixed element"),
        ("beds * 2", "provider", "the party's beds times 2"),
        ("provider = acute", "provider", "the provider is Acute trust"),
        ("price on seen", "visits", "price of a place as it stood on the date “seen”"),
        ("left - seen < 48 hours", "visits", "the time from seen to left is below 48 hours"),
        ("each_level by level", "visits", "each level for the record's level"),
        ("rate", "track", "sharing rate"),
    ],
)
def test_words_with_one_in_hand(contract: Contract, text: str, each: str, words: str) -> None:
    assert said(contract, text, each) == words


def test_the_records_in_hand_are_named_by_the_caller(contract: Contract) -> None:
    scope = contract.built.scope
    loop = scope.loops["visits"]
    node, errors = check(parse("sum(cost where done)"), scope.with_group(loop, {}))
    assert errors == []
    assert english(node, {}) == "the total of cost over the records in hand where done"
    assert english(node, {THE_GROUP: "the person's visits"}) == "the total of cost over the person's visits where done"


def test_a_name_without_a_title_is_read_as_words(contract: Contract) -> None:
    node, _ = check(parse("expected - actual"), contract.built.scope)
    assert english(node, {"expected": "NHS spend"}) == "NHS spend less actual"


def test_another_currency_and_a_tree_that_is_not_checked() -> None:
    node = parse("5 AUD + some_name.value")
    assert english(node, {}, currency="AUD") == "5 AUD plus some name (value)"
    assert english(parse("2 days"), {}) == "2 days"
    assert english(parse("18 months"), {}) == "18 months"


def test_every_node_is_read(contract: Contract) -> None:
    """A new kind of node needs words."""
    kinds = {c for c in vars(t).values() if isinstance(c, type) and issubclass(c, t.Node)} - {t.Node}
    for kind in kinds:
        assert hasattr(Speaker, "_" + kind.__name__.lower()), kind
