"""What a contract may hold at most, and how many faults are told of one that is wrong all over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from alliance.contract.build import examples, whole
from alliance.contract.build import rules as ruled
from alliance.contract.contract import load
from alliance.contract.faults import ContractError, Fault, Faults, InputError, Mark, did_you_mean, nearly
from alliance.contract.model.base import Marks
from alliance.contract.source import load_text
from tests.contract.contracts import faults_of, loaded, written


def entries(count: int, fields: str) -> str:
    """So many entries, one a line; `#` is the number of each."""
    return "\n".join(f"x{i}: {{{fields.replace('#', str(i))}}}" for i in range(count))


# ---- many faults


def test_of_many_faults_a_hundred_are_told() -> None:
    found = faults_of(written(figures=entries(150, "is: nobody#")))
    assert len(found) == 101
    assert {f.code for f in found[:-1]} == {"AC041"}
    assert str(found[-1]) == "AC000 at least 1 more fault is not shown; mend these first."


def test_of_many_faults_of_shape_a_hundred_are_told() -> None:
    found = faults_of(written(figures=entries(150, "nobody: #")))
    assert len(found) == 101
    assert {f.code for f in found[:-1]} == {"AC030"}
    assert str(found[-1]) == "AC000 at least 50 more faults are not shown; mend these first."


def test_past_a_number_of_faults_that_nobody_reads_building_stops() -> None:
    found = faults_of(written(accounts=entries(400, "held_by: nobody"), figures="y: {is: nobody}"))
    assert str(found[-1]) == "AC000 at least 200 more faults are not shown; mend these first."
    assert {f.code for f in found[:-1]} == {"AC048"}


def test_the_same_fault_is_told_once_and_faults_are_joined() -> None:
    one, other = Faults(limit=2), Faults()
    one.add("AC041", None, "a")
    one.extend([Fault("AC041", "a"), Fault("AC041", "b", Mark("c", 2)), Fault("AC041", "c")])
    assert (len(one.items), one.dropped, bool(one), bool(other)) == (2, 1, True, False)
    other.raise_if_any()
    with pytest.raises(InputError, match="AC000 at least 1 more fault is not shown"):
        one.raise_if_any(InputError)


# ---- what is alike


def test_words_that_are_too_long_are_not_compared() -> None:
    assert did_you_mean("a" * 300, ["a" * 300, "b"]) == ""
    assert did_you_mean("spend", ["s" * 300, "spends"]) == 'Did you mean "spends"?'


def test_a_word_that_was_surely_meant() -> None:
    assert nearly("quality_mett", ["volume", "quality_met"]) == "quality_met"
    assert nearly("quality_2", ["quality_1"]) == ""  # a number tells two names apart
    assert nearly("met", []) == ""


# ---- sizes


def test_a_formula_is_not_endless() -> None:
    (fault,) = faults_of(written(figures=f"x: {{is: {'1 + ' * 1000}1}}"))
    assert fault.code == "AC032"
    assert "4,001 characters, and 4,000 are the most." in fault.message


def test_the_formulas_of_a_contract_together_are_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "MOST_PARTS", 10)
    loaded(figures="x: {is: 1 + 1 + 1}\ny: {is: 1 + 1 + 1}")
    (fault,) = faults_of(written(figures="x: {is: 1 + 1 + 1}\ny: {is: 1 + 1 + 1 + 1}"))
    assert (fault.code, fault.mark) == ("AC034", Mark("c", 9, 11))
    assert fault.message == "the formulas of the contract have more than 10 words and signs, which is the limit."


def test_worked_examples_are_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure of each of two providers counts as two, a payment as ten, and so does a period; an earlier one too."""
    monkeypatch.setattr(examples, "MOST_WORK", 22 + 44 + 110)
    parts = {
        "figures": "x: {each: provider, is: 1}",
        "payments": "p: {pays_for: block, start: 5 GBP, from: board, to: north}",
    }
    example = "- {title: E, period: 2026-27, expect: {p.earned: 5}}"
    before = "- {title: E, period: 2026-27 Q2, earlier: [{period: 2026-27 Q1}], expect: {p.earned: 5}}"
    interim = "- {title: E, period: 2026-27, interim: quarterly, expect: {p.earned: 5}}"
    assert len(loaded(**parts, examples=f"{example}\n{before}\n{interim}").examples) == 3
    (fault,) = faults_of(written(**parts, examples=f"{example}\n{before}\n{interim}\n{example}\n{example}"))
    assert (fault.code, fault.mark) == ("AC034", Mark("c", 15, 5))
    assert fault.message == "the worked examples up to this one work out more than every settlement can run first."


def rules(count: int, when: str = "true") -> str:
    return "\n".join(f"- {{rule: r{i}, when: {when!r}, then: [{{notify: board}}]}}" for i in range(count))


def test_rules_are_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruled, "MOST_RULES", 3)
    assert len(loaded(rules=rules(3)).built.rules) == 3
    (fault,) = faults_of(written(rules=rules(4)))
    assert (fault.code, fault.mark) == ("AC172", Mark("c", 11, 5))
    assert fault.message == "there are more than 3 rules, which is the limit."


def test_nor_are_the_ways_in_which_they_can_be_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruled, "MOST_WAYS", 4)
    either = "period.days > 90 days or period.days < 80 days"
    assert len(loaded(rules=rules(2, either)).built.rules) == 2
    (fault,) = faults_of(written(rules=rules(4, either)))
    assert (fault.code, fault.mark) == ("AC172", Mark("c", 10, 12))
    assert str(fault).endswith(
        "the rules can be met in more than 4 ways together, which is the limit. Name what is said often as a figure, once."
    )


@pytest.mark.parametrize(
    "when",
    [
        " or ".join(f"period.days > {n} days" for n in range(65)),
        " and ".join(f"(period.days > {n} days or period.days < {n} days)" for n in range(7)),
    ],
)
def test_nor_those_of_one_rule(when: str) -> None:
    (fault,) = faults_of(written(rules=rules(1, when)))
    assert (fault.code, fault.mark) == ("AC172", Mark("c", 8, 12))
    assert fault.message == 'the tests of the rule "r0" are too many to be matched together.'


def changes(count: int) -> str:
    """So many variations, each made and in force on a day of its own."""
    day = "2027-{month:02}-{day:02}"
    days = [day.format(month=4 + i // 28, day=i % 28 + 1) for i in range(count)]
    return "\n".join(
        f"- {{title: v, made: {d}, effective: {d}, figures: {{a: {{is: {i}}}}}}}" for i, d in enumerate(days)
    )


def test_variations_are_restated_when_there_are_too_many() -> None:
    built = loaded(figures="a: {is: 1}", variations=changes(50)).on(date(2028, 4, 1), date(2028, 4, 1))
    figure = built.figures["a"].formula
    assert figure is not None
    assert figure.text == "49"
    (fault,) = faults_of(written(figures="a: {is: 1}", variations=changes(51)))
    assert (fault.code, fault.mark) == ("AC096", Mark("c", 60, 5))
    assert fault.message == "there are more than 50 variations; restate the contract instead."


def test_variations_that_can_stand_together_in_too_many_ways() -> None:
    made = [f"2027-01-{i % 28 + 1:02}" for i in range(40)]
    told = [f"2027-{4 + i // 28:02}-{i % 28 + 1:02}" for i in range(40)]
    text = "\n".join(
        f"- {{title: v, made: {m}, effective: {d}, figures: {{a: {{is: 1}}}}}}" for m, d in zip(made, told, strict=True)
    )
    (fault,) = faults_of(written(figures="a: {is: 1}\n" + entries(300, "is: 1"), variations=text))
    assert fault.code == "AC096"
    assert fault.message.startswith("the variations can stand together in 298 ways, too many to check")


def test_a_variant_that_no_day_brings_about_is_built_when_asked_for() -> None:
    contract = loaded(figures="a: {is: 1}", variations=changes(2))
    only = contract.variant((1,)).figures["a"].formula
    assert only is not None
    assert only.text == "1"
    assert contract.variant((1,)) is contract.variant((1,))
    assert contract.variant(()) is contract.built


# ---- places and names


def test_the_place_of_a_path_is_that_of_the_deepest_step_there_is() -> None:
    marks = Marks(load_text("a: {b: [5, 6]}\n", "c"))
    assert marks.value("a", "b", 1) == Mark("c", 1, 12)
    assert marks.value("a", "b", 2) == marks.value("a", "b") == Mark("c", 1, 8)
    assert marks.value("a", "b", 0, "further") == Mark("c", 1, 9)
    assert marks.value("none") == marks.mark


def test_what_a_contract_is_called() -> None:
    assert repr(loaded()) == "<Contract c: C>"


def test_a_number_too_long_to_store_is_part_of_what_a_contract_says_as_text() -> None:
    whole, other = (loaded(figures=f"a: {{is: 1, note: '{'9' * 2000}{end}'}}").digest for end in ("", "0"))
    assert whole != other


def test_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as error:
        load(tmp_path / "none" / "contract.yaml")
    (fault,) = error.value.faults
    assert (fault.code, fault.hint) == ("AC001", "Check the path.")


# ---- entries whose name is another's


@pytest.mark.parametrize("part", ["accounts: {north: {}, q: {}}", "decisions: {north: {signed_by: [board]}}",
    "payments: {north: {pays_for: outcome, start: 1 GBP, from: board, to: south}}"])  # fmt: skip
def test_an_entry_whose_name_is_taken_is_not_built(part: str) -> None:
    (fault,) = faults_of(written() + part + "\n")
    assert fault.code == "AC044"
    assert fault.message.startswith('"north" cannot name')


def test_what_is_said_of_a_name_that_is_refused_is_not_told_again() -> None:
    base = written().replace("  north: {name: North,", "  if: {name: North,")
    (fault,) = faults_of(
        base + "inputs: {x: {unit: count, from: if}}\nterms: {y: {by: provider, value: {if: 1, south: 2}}}\n"
    )
    assert (fault.code, fault.mark) == ("AC043", Mark("c", 5, 3))


# ---- circles and keys


def test_the_shortest_way_round_a_circle_is_shown() -> None:
    (fault,) = faults_of(written(figures="a: {is: b + c}\nb: {is: c + a}\nc: {is: a}"))
    assert fault.message == "figures go round in a circle: a reads b, which reads a."


def test_a_term_read_for_one_party_by_another_term() -> None:
    built = loaded(terms="a: {by: provider, value: {north: 5, south: 6}}\nb: {is: a by south}").built
    assert built.terms["b"].timeline[""][0][1] == 6


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("north by board", '"north" is a party, and has no value of its own.'),
        ("period by north", '"period" alone has no single value.'),
        ("y.none by north", '"y" has no "none".'),
    ],
)
def test_what_has_no_value_has_none_by_party_either(formula: str, said: str) -> None:
    (fault,) = faults_of(written(figures=f"x: {{is: {formula}}}\ny: {{is: 1}}"))
    assert fault.message == f"in the formula `{formula}`: {said}"


def test_an_input_may_be_a_party() -> None:
    assert loaded(inputs="x: {unit: party}", figures="y: {is: 1 if x = north else 2}").built.inputs["x"].unit.options == (
        "board",
        "north",
        "south",
    )  # fmt: skip
