"""Scoring: each person first, then everybody; against sums done by hand and an independent scorer in plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.contract.faults import ContractError, InputError, Mark
from alliance.contract.numbers import parse_number
from alliance.measures.instruments import (
    Answered,
    Instrument,
    Person,
    find_instrument,
    loads_instrument,
    read_answers,
    score_people,
    summed_up,
    supplied,
)

FILE = Mark("answers.csv", 1)


class Line:
    """A row of a table of texts."""

    def __init__(self, number: int, cells: Mapping[str, str | None]) -> None:
        self.number, self.cells = number, cells

    def get(self, column: str) -> str | None:
        return self.cells.get(column)

    def mark(self, column: str | None = None) -> Mark:
        return Mark("answers.csv", self.number, [*self.cells].index(column) + 1 if column in self.cells else 0)


def read(instrument: Instrument, text: str) -> list[Answered]:
    head, *rows = [line.split(",") for line in text.strip().splitlines()]
    lines = [Line(n, dict(zip(head, row, strict=True))) for n, row in enumerate(rows, 2)]
    return read_answers(instrument, head, lines, FILE)


def scores(instrument: Instrument, text: str, scale: str = "total") -> list[object]:
    people = score_people(instrument, read(instrument, text))
    return [p.scores[scale].why or p.scores[scale].value for p in people]


def faults(instrument: Instrument, text: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read(instrument, text)
    return [str(fault) for fault in error.value.faults]


def mood(scale: str, items: int = 3, extra: str = "") -> Instrument:
    """An invented instrument of items q1, q2, ... answered from 1 to 5, or 8 for does not apply, 9 for unknown."""
    asked = "".join(f"  q{n}: {{text: Question {n}, answers: five}}\n" for n in range(1, items + 1))
    return loads_instrument(
        "instrument: 1\nid: mood\ntitle: Mood\nversion: '1'\nanswers:\n"
        "  five: {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 8: {counts_as: not applicable}, 9: {counts_as: missing}}\n"
        f"items:\n{asked}scales:\n  total: {{{scale}}}\n{extra}"
    )


ROOM = "{" + ", ".join(f"{n}: {n * 10}" for n in range(16)) + "}"


# one person at a time


@pytest.mark.parametrize(
    ("scale", "rows", "expected"),
    [
        ("score: sum", ["1,2,3", "5,5,5"], [6, 15]),
        ("score: sum, start: 100", ["1,2,3"], [106]),
        ("score: sum, weights: {q1: 2, q3: 0.5}", ["1,2,3"], [Fraction(11, 2)]),
        ("score: mean", ["1,2,4"], [Fraction(7, 3)]),
        ("score: mean, weights: {q1: 2}", ["1,2,4"], [2]),
        ("score: mean, rounded: {to: 0.1}", ["1,2,4"], [Fraction(23, 10)]),
        ("score: mean, rounded: {to: 1, how: up}", ["1,2,4"], [3]),
        ("score: count, counting: [4, 5]", ["1,4,5", "1,1,1"], [2, 0]),
        ("score: share, counting: [4, 5]", ["1,4,5"], [Fraction(2, 3)]),
        ("score: all, counting: [4, 5]", ["4,4,5", "4,4,3"], [1, 0]),
        ("of: [q1, q3], score: sum", ["1,2,3"], [4]),
        # missing items
        ("score: sum", ["1,,3", "9,2,3", ",,"], ["1 of 3 items missing", "1 of 3 items missing", "nothing answered"]),
        ("score: sum, missing: {at_most: 1}", ["1,,3", "1,,"], [6, "2 of 3 items missing"]),
        ("score: sum, missing: {at_most: 34%}", ["1,,4", "1,,"], [Fraction(15, 2), "2 of 3 items missing"]),
        ("score: sum, weights: {q2: 2}, missing: {at_most: 1}", ["1,,3"], [8]),
        ("score: sum, start: 10, missing: {at_most: 1}", ["1,,3"], [16]),
        ("score: mean, missing: {at_most: 1}", ["1,,4"], [Fraction(5, 2)]),
        ("score: count, counting: [4], missing: {at_most: 1}", ["4,,4"], [2]),
        ("score: share, counting: [4], missing: {at_most: 1}", ["4,,1"], [Fraction(1, 2)]),
        # all or none: one that failed settles it, one that is missing leaves it open
        ("score: all, counting: [5]", ["5,,5", "5,,4"], ["1 of 3 items missing", 0]),
        # what does not apply is not missing
        ("score: sum", ["1,8,3", "8,8,8"], [4, "nothing applies"]),
        ("score: mean", ["1,8,4"], [Fraction(5, 2)]),
        ("score: all, counting: [5]", ["5,8,5", "8,8,4"], [1, 0]),
        ("score: state, values: supplied", ["1,8,3"], ["an item does not apply"]),
        # a table of a sum is of all items
        (f"score: sum, convert: {ROOM}", ["1,8,3", "1,1,3"], ["an item does not apply", 50]),
        (f"score: count, counting: [5], convert: {ROOM}", ["5,8,3", "5,1,5"], ["an item does not apply", 20]),
        (f"score: mean, rounded: {{to: 1}}, convert: {ROOM}", ["1,8,4"], [30]),
    ],
)
def test_a_person_is_scored(scale: str, rows: list[str], expected: list[object]) -> None:
    instrument = mood(scale)
    if "supplied" in scale:
        every = [f"{a}{b}{c}" for a in range(1, 6) for b in range(1, 6) for c in range(1, 6)]
        instrument = supplied(instrument, {"total": dict.fromkeys(every, "0")})
    text = "person,q1,q2,q3\n" + "\n".join(f"p{n},{row}" for n, row in enumerate(rows))
    assert scores(instrument, text) == expected


@pytest.mark.parametrize(
    ("scale", "lacks"),
    [
        # 1, 1.5, 2 and so on where one of two items does not apply or is missing
        ("of: [q1, q2], score: mean, convert: {1: 1, 1.5: 1, 2: 1, 2.5: 1, 3: 1, 3.5: 1, 4: 1, 4.5: 1, 5: 1}", ""),
        # a third, where one of four does not apply
        ("score: share, counting: [5], convert: {0: 0, 0.25: 1, 0.5: 2, 0.75: 3, 1: 4}", '"1/3" and 1 more'),
        ("score: share, counting: [5], rounded: {to: 0.25}, convert: {0: 0, 0.25: 1, 0.5: 2, 0.75: 3, 1: 4}", ""),
        ("score: sum, missing: {at_most: 1}, rounded: {to: 1, how: down}, convert: {4: 1, 5: 2, 6: 3, 7: 4}", '"8" and 12 more'),
        ("score: count, counting: [5], missing: {at_most: 1}, convert: {1: 0, 2: 1, 3: 3, 4: 4}", '"0"'),
    ],
)  # fmt: skip
def test_a_table_has_every_score_that_can_be(scale: str, lacks: str) -> None:
    if not lacks:
        assert mood(scale, 4).scales["total"].table
        return
    with pytest.raises(ContractError, match=f"the table lacks {lacks} of the scores that answers can come to"):
        mood(scale, 4)


def test_a_table_too_large_to_try_with_missing_items_is_tried_without() -> None:
    weights = ", ".join(f"q{n}: {2**n}" for n in range(1, 11))
    extra = f"score: mean, weights: {{{weights}}}, missing: {{at_most: 1}}, rounded: {{to: 1}}, convert: {{1: 1, 2: 2}}"
    with pytest.raises(ContractError, match='the table lacks "3" and 2 more'):
        mood(extra, 10)


def test_each_person_is_converted_before_the_mean() -> None:
    """The mean of the converted scores is not the conversion of the mean: (0 + 50 + 80) / 3, and not 50."""
    table = "score: sum, convert: {" + ", ".join(f"{n}: {n * n}" for n in range(3, 16)) + "}"
    instrument = mood(table)
    people = score_people(instrument, read(instrument, "person,q1,q2,q3\na,1,1,1\nb,2,2,2\nc,5,5,5"))
    result = summed_up(instrument, people)
    assert [p.scores["total"].value for p in people] == [9, 36, 225]
    assert result.scales["total"].mean == 90
    assert result.scales["total"].mean != 8 * 8  # the mean of the sums is 8


def test_a_conversion_of_rounded_scores() -> None:
    table = ", ".join(f"{n}: {n / 10}" for n in range(3, 16))
    instrument = mood(f"score: sum, convert: {{{table}}}, rounded: {{to: 1}}, missing: {{at_most: 1}}")
    assert scores(instrument, "person,q1,q2,q3\na,1,,2") == [Fraction(1, 2)]  # 4.5 is rounded to 5


def test_a_value_set_by_state() -> None:
    states = "{11: 1, 12: 0.8, 21: 0.7, 22: -0.25}"
    instrument = loads_instrument(
        "instrument: 1\nid: s\ntitle: S\nversion: '1'\nanswers: {two: {1: {label: None}, 2: {label: Some}}}\n"
        "items: {pain: {text: Pain, answers: two}, worry: {text: Worry, answers: two}}\n"
        f"scales: {{value: {{score: state, values: {states}, better: higher}}}}\n"
    )
    text = "person,pain,worry\na,1,1\nb,Some,None\nc,2,2\nd,2,"
    assert scores(instrument, text, "value") == [1, Fraction(7, 10), Fraction(-1, 4), "1 of 2 items missing"]
    result = summed_up(instrument, score_people(instrument, read(instrument, text))).scales["value"]
    assert (result.mean, result.least, result.most, result.scored) == (Fraction(29, 60), Fraction(-1, 4), 1, 3)


def test_a_reversed_item_and_values_of_its_own() -> None:
    instrument = loads_instrument(
        "instrument: 1\nid: s\ntitle: S\nversion: '1'\nanswers: {a: {x: 0, y: 1, z: 3}}\n"
        "items: {p: {text: P, answers: a, reversed: true}, q: {text: Q, answers: a, values: {z: 10}}}\n"
        "scales: {total: {score: sum}}\n"
    )
    assert scores(instrument, "person,p,q\na,x,x\nb,y,z\nc,z,y") == [3, 12, 1]


FIVES = st.lists(st.sampled_from(["1", "2", "3", "4", "5", "8", "9", ""]), min_size=4, max_size=4)


@given(
    st.lists(FIVES, min_size=1, max_size=8),
    st.integers(0, 3),
    st.sampled_from(["sum", "mean", "count", "share", "all"]),
)
def test_an_independent_scorer_agrees(rows: list[list[str]], most: int, kind: str) -> None:
    counting = ", counting: [4, 5]" if kind in ("count", "share", "all") else ""
    instrument = mood(f"score: {kind}{counting}, missing: {{at_most: {most}}}", items=4)
    text = "person,q1,q2,q3,q4\n" + "\n".join(",".join([f"p{n}", *row]) for n, row in enumerate(rows))
    found = score_people(instrument, read(instrument, text))
    for person, row in zip(found, rows, strict=True):
        applies = [c for c in row if c != "8"]
        given_ = [int(c) for c in applies if c in "12345" and c]
        missing = len(applies) - len(given_)
        good = [v for v in given_ if v >= 4]
        expected: object = None
        if kind == "all" and len(good) < len(given_):
            expected = 0
        elif given_ and missing <= most:
            expected = {
                "sum": Fraction(sum(given_) * len(applies), len(given_)),
                "mean": Fraction(sum(given_), len(given_)),
                "count": len(good),
                "share": Fraction(len(good), len(given_)),
                "all": 1,
            }[kind]
        assert person.scores["total"].value == expected
        assert (person.scores["total"].value is None) == bool(person.scores["total"].why)
        assert person.counts == any(c and c != "9" for c in row)
    result = summed_up(instrument, found).scales["total"]
    values = [p.scores["total"].value for p in found if p.scores["total"].value is not None and p.counts]
    assert result.scored == len(values)
    assert result.total == sum(values)
    assert result.scored + sum(result.unscored.values()) == sum(p.counts for p in found)
    assert result.mean == (Fraction(sum(values)) / len(values) if values else None)


# tables that the user supplies


def test_a_supplied_table() -> None:
    instrument = mood("score: sum, convert: supplied")
    with pytest.raises(InputError) as error:
        score_people(instrument, [])
    assert "AC411 The table of the scale total is supplied by whoever scores, and is not here" in str(error.value)
    table = {str(n): f"{n}.50" for n in range(3, 16)}
    assert scores(supplied(instrument, {"total": table}), "person,q1,q2,q3\na,1,2,3") == [Fraction(13, 2)]


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({}, 'instrument.yaml:12:10: AC411 The table of the scale total is supplied by whoever scores, and is not here. It comes with the licence of the instrument.'),
        ({"totl": {}}, 'AC411 The instrument asks for no table for "totl". Did you mean "total"?'),
        ({"total": {"3": "1"}}, 't.csv: AC406 scales.total: the table lacks "4" and 11 more of the scores that answers can come to. Add them.'),
        ({"total": {"3": "x"}}, 't.csv: AC412 total: "x" is not a number. Write it as 1250 or 1250.50.'),
        ({"total": {"3": "1", "3.0": "2"}}, 't.csv: AC412 total: "3.0" stands in the table twice.'),
    ],
)  # fmt: skip
def test_a_table_that_cannot_stand(tables: dict[str, dict[str, str]], told: str) -> None:
    with pytest.raises(InputError) as error:
        supplied(mood("score: sum, convert: supplied"), tables, {"total": Mark("t.csv")})
    assert told in [str(fault) for fault in error.value.faults]


def test_an_instrument_that_asks_for_no_table() -> None:
    with pytest.raises(InputError, match="It asks for none"):
        supplied(mood("score: sum"), {"total": {}})


# benefit and harm


def test_benefit_and_harm_are_counted_apart() -> None:
    instrument = find_instrument("personal-impact")
    items = ",".join(instrument.items)
    rows = [
        "a,person,better,better,better,worse,none,none,none,none,none",
        "b,family,worse,much_worse,none,none,none,none,none,none,none",
        "c,person,none,none,none,none,none,none,none,none,none",
        "d,person,better,,,,,,,,",
    ]
    people = score_people(instrument, read(instrument, f"person,completion,{items}\n" + "\n".join(rows)))
    assert [(p.benefits, p.harms) for p in people] == [(3, 1), (0, 2), (0, 0), (1, 0)]
    sides = summed_up(instrument, people).sides
    assert sides is not None
    assert (sides.benefit, sides.harm, sides.both, sides.neither) == (2, 2, 1, 1)
    assert (sides.benefits, sides.harms) == (4, 3)
    assert people[0].scores["better"].value == 3
    assert people[0].scores["worse"].value == 1


@given(st.data())
def test_more_benefit_never_makes_a_harm_smaller(data: st.DataObject) -> None:
    instrument = find_instrument("personal-impact")
    codes = st.sampled_from(["much_better", "better", "none", "worse", "much_worse"])
    row = [data.draw(codes) for _ in instrument.items]
    place = data.draw(st.integers(0, len(row) - 1))
    better = [*row]
    if better[place] == "none":
        better[place] = "much_better"
    heads = f"person,completion,{','.join(instrument.items)}\n"
    both = [score_people(instrument, read(instrument, f"{heads}a,person,{','.join(r)}"))[0] for r in (row, better)]
    assert both[0].harms == both[1].harms
    assert both[0].scores["worse"] == both[1].scores["worse"]


# everybody


def test_response_rate_and_weight() -> None:
    extra = "response: {weight: {30%: 0%, 60%: 100%}}\n"
    instrument = mood("score: sum", extra=extra)
    people = score_people(instrument, read(instrument, "person,q1,q2,q3\na,1,1,1\nb,,,\nc,9,9,9\nd,2,2,2"))
    result = summed_up(instrument, people)
    assert (result.asked, result.responded, result.rate) == (4, 2, Fraction(1, 2))
    assert result.weight == Fraction(2, 3)
    more = summed_up(instrument, people, asked=5)
    assert (more.asked, more.rate, more.weight) == (5, Fraction(2, 5), Fraction(1, 3))
    assert result.items["q1"].answers == {"1": 1, "2": 1, "3": 0, "4": 0, "5": 0, "8": 0}
    assert result.items["q1"].missing == 0
    with pytest.raises(InputError, match="2 people answered, and 1 are said to have been asked"):
        summed_up(instrument, people, asked=1)
    with pytest.raises(InputError, match="Nobody was asked"):
        summed_up(instrument, [])


def test_answers_of_a_mode_that_does_not_count_are_told_apart() -> None:
    instrument = find_instrument("i-statements")
    items = ",".join(instrument.items)
    yes, no = ",".join(["yes"] * 10), ",".join(["no"] * 10)
    text = f"person,completion,{items}\na,self,{yes}\nb,for_me,{no}\nc,With somebody's help,{yes}"
    result = summed_up(instrument, score_people(instrument, read(instrument, text)))
    assert (result.responded, result.counted) == (3, 2)
    assert result.by_mode == {"self": 1, "helped": 1, "for_me": 1}
    assert (result.scales["agreed"].mean, result.scales["not_so"].mean) == (1, 0)
    assert result.items["decide"].answers["no"] == 0


def test_nobody_answered() -> None:
    instrument = mood("score: sum")
    people: list[Person] = score_people(instrument, read(instrument, "person,q1,q2,q3\na,,,\nb,,,"))
    result = summed_up(instrument, people)
    assert (result.responded, result.rate, result.scales["total"].mean) == (0, 0, None)
    assert result.scales["total"].least is None


# rows that are wrong


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("person,q1,q2\na,1,1", ["answers.csv:1: AC420 The column q3 is missing. There are: person, q1, q2."]),
        ("id,q1,q2,q3\na,1,1,1", ["answers.csv:1: AC420 The column person is missing. There are: id, q1, q2, q3."]),
        ("person,q1,q2,q3\na,6,1,1", ['answers.csv:2:2: AC421 "6" is not an answer to q1. It may be: 1, 2, 3, 4, 5, 8, 9.']),
        ("person,q1,q2,q3\na,1.0,1,1", ['answers.csv:2:2: AC421 "1.0" is not an answer to q1. It may be: 1, 2, 3, 4, 5, 8, 9.']),
        ("person,q1,q2,q3\n,1,1,1", ["answers.csv:2:1: AC422 This row has no person. Give everybody an id that is not their name."]),
        ("person,q1,q2,q3\na,1,1,1\na,2,2,2", ['answers.csv:3:1: AC423 The person "a" is at answers.csv:2 too. Keep one of the rows, or tell them apart by a column date.']),
        ("person,date,q1,q2,q3\na,2027-05-01,1,1,1\na,2027-05-01,2,2,2", ['answers.csv:3:1: AC423 The person "a" is at answers.csv:2 on 2027-05-01 too. Keep one of the rows.']),
        ("person,date,q1,q2,q3\na,1/5/2027,1,1,1", ['answers.csv:2:2: AC425 "1/5/2027" is not a date. Write year, month and day, as in 2026-04-01.']),
        ("person,q1,q2,q3\n,,,", ["answers.csv:1: AC427 Nobody was asked. A row is wanted for each person who was asked."]),
    ],
)  # fmt: skip
def test_a_wrong_row_is_told(text: str, told: list[str]) -> None:
    assert faults(mood("score: sum"), text) == told


def test_how_it_was_completed_is_said() -> None:
    instrument = find_instrument("i-statements")
    items = ",".join(instrument.items)
    text = f"person,completion,{items}\na,slf{',yes' * 10}\nb,{',yes' * 10}\nc,{',' * 10}"
    assert faults(instrument, text) == [
        'answers.csv:2:2: AC424 "slf" is not a way of completing it. Did you mean "self"?',
        "answers.csv:3:2: AC424 It is not said who completed it. It may be: self, helped, for_me.",
    ]


def test_dates_and_blanks() -> None:
    instrument = mood("score: sum", extra="blank: [n/a, '-']\n")
    found = read(instrument, "person,date,q1,q2,q3,note\na,2027-05-01,n/a,-,1,hello\na,2027-11-01,1,1,1,\nb,,1,1,1,")
    assert [f.on for f in found] == [date(2027, 5, 1), date(2027, 11, 1), None]
    assert found[0].answers["q1"] is None
    assert found[0].answers["q3"] is not None


def test_faults_have_a_most() -> None:
    rows = "\n".join(f"p{n},x,x,x" for n in range(500))
    told = faults(mood("score: sum"), f"person,q1,q2,q3\n{rows}")
    assert len(told) == 101
    assert "1400 more faults are not shown" in told[-1]


def test_labels_that_are_not_alone_are_not_read() -> None:
    instrument = loads_instrument(
        "instrument: 1\nid: s\ntitle: S\nversion: '1'\nanswers: {a: {x: {label: Same}, y: {label: Same}, z: {label: x}}}\n"
        "items: {p: {text: P, answers: a}}\nscales: {total: {score: count, counting: z}}\n"
    )
    assert scores(instrument, "person,p\na,x\nb,z") == [0, 1]
    assert "is not an answer" in faults(instrument, "person,p\na,Same")[0]


@given(st.integers(1, 60), st.integers(1, 60))
def test_the_order_of_rows_changes_nothing(a: int, b: int) -> None:
    instrument = mood("score: sum")
    rows = [f"p{n},{n * a % 5 + 1},{n * b % 5 + 1},{n % 5 + 1}" for n in range(12)]
    results = []
    for order in (rows, rows[::-1]):
        people = score_people(instrument, read(instrument, "person,q1,q2,q3\n" + "\n".join(order)))
        results.append(summed_up(instrument, people))
    assert results[0] == results[1]


def test_no_float_is_made() -> None:
    instrument = mood("score: mean")
    (person,) = score_people(instrument, read(instrument, "person,q1,q2,q3\na,1,1,2"))
    assert person.scores["total"].value == Fraction(4, 3)
    assert parse_number("1") == 1
