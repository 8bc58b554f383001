"""Instruments: what is read, what is refused, with the exact words, and files that mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from alliance.contract.faults import ContractError
from alliance.contract.numbers import parse_percent
from alliance.measures.instruments import Instrument, find_instrument, load_instrument, loads_instrument, shipped
from alliance.measures.instruments.entries import key_of

BASE = """\
instrument: 1
id: mood
title: Mood
version: "1"
completion:
  self: {label: On my own}
answers:
  often: {1: {label: Never, value: 1}, 2: {label: Often, value: 2}, 9: {label: Do not know, counts_as: missing}}
  sided: {up: {side: benefit, value: 1}, down: {side: harm, value: -1}}
items:
  calm: {text: I was calm, answers: often}
  glad: {text: I was glad, answers: often, reversed: true}
  life: {text: My life went, answers: sided}
scales:
  total: {of: [calm, glad], score: sum}
response: {weight: {30%: 0%, 60%: 100%}}
"""


def told(text: str) -> list[str]:
    with pytest.raises(ContractError) as error:
        loads_instrument(text, "i")
    return [str(fault) for fault in error.value.faults]


def test_the_base_of_these_tests_is_sound() -> None:
    found = loads_instrument(BASE)
    assert found.scales["total"].items == ("calm", "glad")
    assert found.scales["total"].title == "total"
    assert found.items["glad"].answers["1"].value == 2  # turned round: 1 + 2 - 1
    assert found.items["glad"].answers["9"].value is None
    assert found.takes_sides


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            "instrument: 1",
            "instrument: 2",
            [
                'i:1:13: AC401 the instrument is in version "2" of the format, and version 1 is read. Write instrument: 1.'
            ],
        ),
        (
            "answers: often}",
            "answers: oftn}",
            ['i:11:37: AC402 items.calm: there are no answers "oftn". Did you mean "often"?'],
        ),
        ("value: 2}", "valu: 2}", ['i:8:58: AC030 "valu" is not known in answers.often.2. Did you mean "value"?']),
        (
            ", 2: {label: Often, value: 2}",
            ", 2: {label: Often}",
            [
                'i:15:10: AC403 scales.total: the answer "2" to the item "calm" has no value. Give it a value, or say what it counts_as: missing, or not applicable.'
            ],
        ),
        (
            "score: sum",
            "score: sun",
            [
                'i:15:36: AC032 scales.total.score: "sun" cannot stand here. It may be: sum, mean, count, share, all, state. Did you mean "sum"?'
            ],
        ),
        (
            "score: sum",
            "score: count",
            ['i:15:10: AC404 scales.total: a score that is count needs "counting". Say which answers count.'],
        ),
        (
            "score: sum",
            "score: state",
            [
                'i:15:10: AC404 scales.total: a score that is state needs "values". Give each state its value, or say supplied.'
            ],
        ),
        (
            "score: sum",
            "score: mean, counting: [1]",
            [
                'i:15:42: AC404 scales.total: "counting" means nothing where the score is mean. It belongs to count or share or all.'
            ],
        ),
        (
            "score: sum",
            "score: count, counting: [3]",
            ['i:15:54: AC402 scales.total: "3" is not an answer to any of its items. It may be: 1, 2, 9.'],
        ),
        (
            "score: sum",
            "score: count, counting: benefit",
            [
                'i:15:53: AC402 scales.total: no answer to the item "calm" is on the side benefit. Give one of its answers side: benefit.',
                'i:15:53: AC402 scales.total: no answer to the item "glad" is on the side benefit. Give one of its answers side: benefit.',
            ],
        ),
        (
            "[calm, glad], score: sum",
            "[calm, life], score: sum",
            [
                "i:15:36: AC405 scales.total: a sum over answers of benefit and of harm nets one against the other. Count each side in a scale of its own: score: count."
            ],
        ),
        (
            "[calm, glad], score: sum",
            "[calm, life], score: count, counting: [1]",
            [
                'i:15:53: AC402 scales.total: no answer that counts can be given to the item "life". Leave the item out with of: [...].'
            ],
        ),
        (
            "of: [calm, glad], score: sum",
            "score: sum",
            [
                "i:15:18: AC405 scales.total: a sum over answers of benefit and of harm nets one against the other. Count each side in a scale of its own: score: count."
            ],
        ),
        (
            "of: [calm, glad], score: sum",
            "of: [life], score: sum",
            [
                "i:15:30: AC405 scales.total: a sum over answers of benefit and of harm nets one against the other. Count each side in a scale of its own: score: count."
            ],
        ),
        (
            "[calm, glad]",
            "[calm, gladd]",
            ['i:15:22: AC402 scales.total: there is no item "gladd". Did you mean "glad"?'],
        ),
        ("[calm, glad]", "[calm, calm]", ['i:15:22: AC402 scales.total: the item "calm" stands here twice.']),
        ("of: [calm, glad]", "of: []", ["i:15:15: AC404 scales.total: a scale is of one item at least."]),
        (
            "[calm, glad], score: sum",
            "[life], score: count, counting: [up, down]",
            [
                "i:15:47: AC405 scales.total: answers of benefit and of harm are counted together. Count them in a scale each."
            ],
        ),
        (
            "score: sum",
            "score: sum, missing: {at_most: 2}",
            [
                "i:15:60: AC407 scales.total: a person who answered none of 2 items cannot be scored. Write a whole number from 0 to 1, or a percentage below 100%."
            ],
        ),
        (
            "score: sum",
            "score: sum, missing: {at_most: 150%}",
            [
                "i:15:60: AC407 scales.total: a person who answered none of 2 items cannot be scored. Write a whole number from 0 to 1, or a percentage below 100%."
            ],
        ),
        (
            "score: sum",
            "score: sum, missing: {at_most: few}",
            ['i:15:60: AC407 missing: "few" is not a number. Write it as 1250 or 1250.50.'],
        ),
        (
            "score: sum",
            "score: sum, missing: {at_most: -1}",
            [
                "i:15:60: AC407 scales.total: this is not a number of items. Write a whole number from 0 to 1, or a percentage below 100%."
            ],
        ),
        (
            "score: sum",
            "score: state, values: {11: 1, 12: 0.5}, missing: {at_most: 1}",
            ["i:15:88: AC407 scales.total: a state is known only when every item is answered. Leave the rule out."],
        ),
        (
            "score: sum",
            "score: state, values: {11: 1, 12: 0.5}",
            [
                'i:15:51: AC406 scales.total: the table lacks "21" and 1 more of the states that answers can come to. Add them.'
            ],
        ),
        (
            "score: sum",
            "score: sum, convert: {2: 1, 3: 2}",
            ['i:15:50: AC406 scales.total: the table lacks "4" of the scores that answers can come to. Add them.'],
        ),
        (
            "score: sum",
            "score: sum, convert: {2: 1, 3: 2, 4: 5, 4.0: 6}",
            ['i:15:69: AC406 scales.total: "4.0" stands in the table twice.'],
        ),
        (
            "score: sum",
            "score: sum, convert: supplied, missing: {at_most: 1}",
            [
                "i:15:10: AC407 scales.total: with an item missing a score can fall between the entries of its table. Round it first, as in rounded: {to: 1}, or let none be missing."
            ],
        ),
        (
            "score: sum",
            "score: sum, convert: {2: 1, x: 2}",
            ['i:15:57: AC406 scales.total: "x" is not a number. Write it as 1250 or 1250.50.'],
        ),
        (
            "score: sum",
            "score: sum, convert: suplied",
            [
                'i:15:50: AC406 scales.total: a table is wanted here, or the word supplied, not "suplied". Did you mean "supplied"?'
            ],
        ),
        (
            "score: sum",
            "score: sum, weights: {calm: 0, life: 2}",
            [
                "i:15:57: AC404 scales.total: a weight is above nothing. To turn an item round, say reversed: true.",
                'i:15:60: AC402 scales.total: "life" is not an item of this scale. It may be: calm, glad.',
            ],
        ),
        (
            "score: sum",
            "score: sum, rounded: {to: 0}",
            ["i:15:55: AC404 scales.total: a score is rounded to a step above nothing, such as 1."],
        ),
        (
            "  calm:",
            "  person:",
            ['i:11:3: AC410 "person" is a column of every table of answers. Call the item or scale something else.'],
        ),
        (
            "reversed: true",
            "values: {3: 4}",
            ['i:12:53: AC402 items.glad: "3" is not one of the answers "often". It may be: 1, 2, 9.'],
        ),
        (
            "30%: 0%, 60%: 100%",
            "60%: 0%, 30%: 100%",
            ["i:16:20: AC408 response: response rates rise from point to point. Write them from low to high."],
        ),
        (
            "30%: 0%, 60%: 100%",
            "30%: 100%, 60%: 0%",
            ["i:16:20: AC408 response: weights rise from point to point. A lower response never weighs more."],
        ),
        ("30%: 0%, 60%: 100%", "30%: 0%, 60%: 200%", ["i:16:20: AC408 response: weights are from 0% to 100%."]),
        ("30%: 0%, 60%: 100%", "30%: 0%, 0.3: 100%", ["i:16:20: AC408 response: a response rate has two weights."]),
        (
            "{30%: 0%, 60%: 100%}",
            "{}",
            ["i:16:20: AC408 response: a rule has at least one point. Write for example 30%: 50%."],
        ),
        (
            "scales:\n  total: {of: [calm, glad], score: sum}",
            "scales: {}",
            ["i:14:9: AC404 there is nothing in scales."],
        ),
        (
            'version: "1"',
            'version: "1"\nversions: 2',
            ['i:5:1: AC030 "versions" is not known here. Did you mean "version"?'],
        ),
        ("title: Mood\n", "", ['i:1:1: AC031 this lacks "title". Add `title:`.']),
    ],
)
def test_what_is_wrong_is_told_at_its_place(old: str, new: str, faults: list[str]) -> None:
    assert old in BASE
    assert told(BASE.replace(old, new, 1)) == faults


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "AC009"),
        ("- a", "AC010"),
        ("instrument: 1\ninstrument: 1", "AC004"),
        ("instrument: !!python/object:os.system x", "AC014"),
        ("a: &a [*a]", "AC017"),
        ("a: " + "[" * 10_000, "AC019"),
        (BASE.replace("Mood", "Mo\u202eod"), "AC006"),
        (BASE.replace("items:", "include: [/etc/passwd]\nitems:"), "AC026"),
        (BASE.replace("{text: I was calm, answers: often}", "calm"), "AC032"),
        (BASE.replace("items:", "items: []\nitem:"), "AC032"),
        (BASE.replace("{1: {label", '{"": {label'), "AC409"),
        (BASE.replace("{1: {label", "{" + "x" * 41 + ": {label"), "AC409"),
        (BASE.replace("  life:", "".join(f"  q{n}: {{text: q, answers: often}}\n" for n in range(200)) + "  life:"), "AC409"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused(text: str, says: str) -> None:
    assert any(says in fault for fault in told(text)), told(text)


def test_too_many_entries_of_a_table() -> None:
    table = ", ".join(f"{n}: 1" for n in range(10_001))
    big = BASE.replace("score: sum", "score: sum, convert: {" + table + "}")
    assert "AC409" in told(big)[0]
    assert "10,000 entries" in told(big)[0]


def test_a_table_is_not_tried_for_gaps_where_too_much_is_possible() -> None:
    items = "".join(f"  q{n}: {{text: q, answers: wide}}\n" for n in range(12))
    wide = ", ".join(f"{n}: {n * n}.{n:03}" for n in range(30))
    text = BASE.replace("  often:", f"  wide: {{{wide}}}\n  often:").replace("items:\n", f"items:\n{items}")
    names = ", ".join(f"q{n}" for n in range(12))
    found = text.replace(
        "total: {of: [calm, glad], score: sum}", f"total: {{of: [{names}], score: sum, convert: {{1: 2}}}}"
    )
    assert loads_instrument(found).scales["total"].table == {"1": 2}
    states = text.replace(
        "total: {of: [calm, glad], score: sum}", f"total: {{of: [{names}], score: state, values: {{a: 2}}}}"
    )
    assert loads_instrument(states).scales["total"].table == {"a": 2}


def test_a_folder_an_include_and_a_name(tmp_path: Path) -> None:
    (tmp_path / "table.yaml").write_text(
        "scales: {total: {of: [calm, glad], score: sum, convert: {2: 0, 3: 0.5, 4: 1}}}\n"
    )
    kept = BASE.replace("scales:\n  total: {of: [calm, glad], score: sum}\n", "include: [table.yaml]\n")
    (tmp_path / "instrument.yaml").write_text(kept)
    for path in (tmp_path, tmp_path / "instrument.yaml"):
        found = load_instrument(path)
        assert found.scales["total"].table == {"2": 0, "3": parse_percent("50%"), "4": 1}
    assert find_instrument(str(tmp_path / "instrument.yaml")).id == "mood"
    with pytest.raises(ContractError) as error:
        load_instrument(tmp_path / "none.yaml")
    assert error.value.faults[0].code == "AC001"


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(ContractError) as error:
        find_instrument("i-statement")
    assert str(error.value.faults[0]) == (
        'AC400 No instrument that comes with the package is called "i-statement". Did you mean "i-statements"? '
        "For one of your own, give the path of its file."
    )


# those that come with the package


@pytest.mark.parametrize("name", [one.name for one in shipped()])
def test_a_shipped_instrument_is_sound(name: str) -> None:
    found = find_instrument(name)
    assert found.id == name
    assert found.about
    assert "Written for this project" in found.source
    assert all(scale.better for scale in found.scales.values())


def test_what_ships() -> None:
    assert [one.name for one in shipped()] == ["always-events", "i-statements", "personal-impact"]
    impact = find_instrument("personal-impact")
    assert impact.takes_sides
    assert {s.kind for s in impact.scales.values()} == {"count"}
    assert not find_instrument("always-events").takes_sides


# identity, weight


def test_a_fingerprint_is_of_what_is_said() -> None:
    one = loads_instrument(BASE)
    assert loads_instrument("# a comment\n" + BASE.replace("value: 2}", "value: 2.0}")).digest == one.digest
    assert loads_instrument(BASE.replace("value: 2}", "value: 3}")).digest != one.digest
    assert loads_instrument(BASE.replace("I was calm", "I was not")).digest != one.digest


@pytest.mark.parametrize(
    ("rate", "weight"),
    [
        ("0%", "0%"),
        ("30%", "0%"),
        ("45%", "50%"),
        ("59.99%", "99.9666666666666666666%"),
        ("60%", "100%"),
        ("100%", "100%"),
    ],
)
def test_weight_follows_the_response_rate(rate: str, weight: str) -> None:
    found = loads_instrument(BASE).weight(parse_percent(rate))
    assert abs(found - parse_percent(weight)) < parse_percent("0.000001%")
    assert 0 <= found <= 1


def test_without_a_rule_every_result_weighs_whole() -> None:
    plain: Instrument = loads_instrument(BASE.replace("response: {weight: {30%: 0%, 60%: 100%}}\n", ""))
    assert plain.weight(0) == 1


def test_keys_of_tables_have_one_spelling() -> None:
    assert key_of(4) == "4"


def test_an_item_without_values_cannot_be_turned_round() -> None:
    text = BASE.replace("answers: sided}", "answers: plain, reversed: true}").replace(
        "  often:", "  plain: {a: {label: A}}\n  often:"
    )
    assert told(text) == ["i:14:56: AC403 items.life: its answers have no values to reverse."]
