"""Faults together: the order in which they are told, and what was surely meant."""

from __future__ import annotations

import pytest

from alliance.contract.faults import ContractError, Faults, Mark, NotOneOf, did_you_mean, meant


def test_the_ninth_record_comes_before_the_tenth() -> None:
    faults = Faults()
    for name in ("visits[10]", "a.csv", "visits[9]", "visits[100]"):
        faults.add("AC138", Mark(name), "It is wrong.")
    with pytest.raises(ContractError) as found:
        faults.raise_if_any()
    assert [str(f.mark) for f in found.value.faults] == ["a.csv", "visits[9]", "visits[10]", "visits[100]"]


def test_what_was_meant_is_looked_for_only_where_it_is_told() -> None:
    asked: list[int] = []

    def hint() -> str:
        asked.append(1)
        return "Do this."

    for faults, told in ((Faults(limit=2), 2), (Faults(brief=True), 0)):
        asked.clear()
        for at in range(5):
            faults.add("AC138", Mark("a.csv", at), "It is wrong.", hint)
        assert len(asked) == told
        assert [fault.hint for fault in faults] == ["Do this."] * told + [""] * (len(faults.items) - told)
    assert len(faults.items) == 5


def test_the_words_of_an_error_say_what_was_meant_where_it_is_told() -> None:
    error = NotOneOf("rad", ("red", "green"), '"rad" is not one of red, green.')
    assert Faults().words(error) == '"rad" is not one of red, green. Did you mean "red"?'
    assert Faults(brief=True).words(error) == '"rad" is not one of red, green.'
    assert str(NotOneOf("blue", (), "It is none.")) == "It is none."


def test_a_word_among_very_many() -> None:
    known = [f"party_of_the_alliance_{n}" for n in range(900)]
    assert did_you_mean("party_of_the_allianse_777", known) == 'Did you mean "party_of_the_alliance_777"?'
    assert did_you_mean("Party_of_the_alliance_777x", known) == 'Did you mean "party_of_the_alliance_777"?'
    assert did_you_mean("qqqq", known) == ""
    assert meant("qqqq", known, 2) == "It may be: party_of_the_alliance_0, party_of_the_alliance_1 and 898 more."
