"""The name of a settlement and the digest of its results: what changes them, and what does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import alliance
from alliance.contract.values import Reason, Unknown
from alliance.settlement.result import Settlement
from alliance.settlement.state import State, read_value, write_value
from tests.settlement.helpers import contract, settled

TEXT = """\
alliance: 1
contract: {id: small, title: Small, term: {from: 2026-04-01, to: 2029-03-31}, settles: yearly}
parties:
  icb: {name: Board, role: commissioner}
  acute: {name: Acute trust, role: provider}
  community: {name: Community trust, role: provider}
accounts: {a_fund: {}, b_fund: {}}
terms: {price: {unit: GBP, value: 6_000.00}, share: {unit: percent, value: 50%}}
inputs:
  x: {unit: GBP}
  y: {unit: GBP}
  visits: {records: {person: id, cost: GBP, note: optional text}}
figures: {f: {is: x + y}, g: {weighted: {a: 50%, b: 50%}}}
measures: {a: {reported: percent}, b: {reported: percent}}
payments:
  p: {pays_for: outcome, start: 0.01 GBP, from: {icb: 50%, acute: 50%}, to: {a_fund: 50%, b_fund: 50%}}
  q: {pays_for: outcome, each: visits, start: cost, from: icb, to: acute}
"""
INPUTS: dict[str, Any] = {
    "x": "1_000.50",
    "y": {"value": "2", "status": "provisional"},
    "visits": [{"person": "a", "cost": "1.10"}, {"person": "b", "cost": "2", "note": "late"}],
}


def named(
    text: str = TEXT, inputs: Any = INPUTS, period: str = "2026-27", opening: Any = None, **options: Any
) -> Settlement:
    return settled(alliance.loads(text), period, inputs, opening, **options)


BASE = named()

SAME_TEXT = {
    "comments and layout": TEXT.replace(
        "accounts: {a_fund: {}, b_fund: {}}", "# funds\naccounts:\n  a_fund: {}\n  b_fund: {}"
    ),
    "the order of accounts": TEXT.replace("{a_fund: {}, b_fund: {}}", "{b_fund: {}, a_fund: {}}"),
    "the order of shares": TEXT.replace("{a_fund: 50%, b_fund: 50%}", "{b_fund: 50%, a_fund: 50%}"),
    "the order of payers": TEXT.replace("{icb: 50%, acute: 50%}", "{acute: 50%, icb: 50%}"),
    "the order of figures and weights": TEXT.replace(
        "{f: {is: x + y}, g: {weighted: {a: 50%, b: 50%}}}", "{g: {weighted: {b: 50%, a: 50%}}, f: {is: x + y}}"
    ),
    "the order of inputs": TEXT.replace("  x: {unit: GBP}\n  y: {unit: GBP}", "  y: {unit: GBP}\n  x: {unit: GBP}"),
    "the order of measures": TEXT.replace(
        "{a: {reported: percent}, b: {reported: percent}}", "{b: {reported: percent}, a: {reported: percent}}"
    ),
    "how a number is written": TEXT.replace("6_000.00", "6000").replace("50%}}\ninputs", "50.0%}}\ninputs"),
    "the order of parts": TEXT[TEXT.index("terms") : TEXT.index("inputs")]
    + TEXT.replace(TEXT[TEXT.index("terms") : TEXT.index("inputs")], ""),
    "quotes": TEXT.replace("name: Board", 'name: "Board"'),
}


@pytest.mark.parametrize("text", SAME_TEXT.values(), ids=SAME_TEXT)
def test_what_a_contract_says_has_one_name_however_it_is_written(text: str) -> None:
    assert text != TEXT
    found = named(text)
    assert found.contract_digest == BASE.contract_digest
    assert found.name == BASE.name
    assert found.digest == BASE.digest
    # and so has what opens on it
    assert named(text, opening=found, period="2027-28").name == named(opening=BASE, period="2027-28").name


SAME_INPUTS = {
    "the order of rows": {**INPUTS, "visits": INPUTS["visits"][::-1]},
    "the order of keys": dict(reversed(INPUTS.items())),
    "how a number is written": {**INPUTS, "x": "1,000.5"},
    "a status that is said": {**INPUTS, "x": {"value": "1000.5", "status": "measured"}},
    "an empty field that is said": {**INPUTS, "visits": [{**INPUTS["visits"][0], "note": None}, INPUTS["visits"][1]]},
}


@pytest.mark.parametrize("inputs", SAME_INPUTS.values(), ids=SAME_INPUTS)
def test_what_is_brought_has_one_name_however_it_is_written(inputs: Any) -> None:
    found = named(inputs=inputs)
    assert (found.name, found.digest) == (BASE.name, BASE.digest)


OTHERS: dict[str, dict[str, Any]] = {
    "a value": {"inputs": {**INPUTS, "x": "1000.51"}},
    "a status": {"inputs": {**INPUTS, "x": {"value": "1000.50", "status": "provisional"}}},
    "a value less": {"inputs": {k: v for k, v in INPUTS.items() if k != "x"}},
    "a record": {"inputs": {**INPUTS, "visits": [*INPUTS["visits"], INPUTS["visits"][0]]}},
    "a field": {"inputs": {**INPUTS, "visits": [{**INPUTS["visits"][0], "note": "x"}, INPUTS["visits"][1]]}},
    "the period": {"period": "2027-28"},
    "the kind": {"kind": "final", "inputs": {**INPUTS, "y": "2"}},
    "the as-of date": {"as_of": date(2027, 5, 1)},
    "the opening": {"opening": State({"a_fund": {"": 1}})},
    "the order of parties": {
        "text": TEXT.replace("  acute: {name: Acute trust, role: provider}\n", "") .replace(
            "accounts:", "  acute: {name: Acute trust, role: provider}\naccounts:"
        )
    },
    "a term": {"text": TEXT.replace("6_000.00", "6_000.01")},
    "a title": {"text": TEXT.replace("name: Board", "name: The board")},
}  # fmt: skip


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_any_change_has_another_name(change: dict[str, Any]) -> None:
    assert named(**change).name != BASE.name


def test_all_these_names_differ() -> None:
    names = [named(**change).name for change in OTHERS.values()]
    assert len(set(names)) == len(names)


def test_the_digest_is_of_results_alone() -> None:
    again = named(as_of=date(2027, 5, 1))
    assert (again.digest, again.name != BASE.name) == (BASE.digest, True)
    assert named(inputs={**INPUTS, "x": "1"}).digest != BASE.digest


def test_the_same_is_settled_to_the_same_every_time() -> None:
    assert named() == BASE
    made = alliance.loads(TEXT)
    assert settled(made, inputs=INPUTS).to_json() == settled(made, inputs=INPUTS).to_json()


def test_a_settlement_does_not_change_the_contract_or_the_opening() -> None:
    made = alliance.loads(TEXT)
    opening = settled(made, inputs=INPUTS).closing
    before = repr(opening)
    first = settled(made, "2027-28", INPUTS, opening)
    assert repr(opening) == before
    assert settled(made, "2027-28", INPUTS, opening) == first


def test_line_numbers_are_outside_the_name() -> None:
    moved = named("\n\n" + TEXT)
    assert moved.name == BASE.name
    assert moved.payment("p").mark != BASE.payment("p").mark


def test_a_state_is_read_back_as_it_was() -> None:
    assert State.from_dict(BASE.closing.as_dict()).as_dict() == BASE.closing.as_dict()
    assert (
        named(period="2027-28", opening=State.from_dict(BASE.closing.as_dict())).name
        == named(period="2027-28", opening=BASE).name
    )


def test_values_are_written_exactly() -> None:
    lost = Unknown((Reason("b", "missing"), Reason("a", "suppressed")), True)
    for value in (None, True, False, 5, "words", date(2026, 4, 1), Unknown((Reason("a", "missing"),))):
        assert read_value(write_value(value)) == value
    assert write_value(lost) == {"unknown": [["a", "suppressed"], ["b", "missing"]], "excluded": True}


def test_what_is_not_known_has_one_digest_whatever_was_read_first() -> None:
    body = "measures: {a: {reported: percent}, b: {reported: percent}}\nfigures: {g: {weighted: {%s: 50%%, %s: 50%%}}}"
    one, other = (settled(contract(body % order)) for order in (("a", "b"), ("b", "a")))
    assert str(one.figure("g")) != str(other.figure("g"))
    assert (one.name, one.digest) == (other.name, other.digest)


def test_what_a_settlement_says_of_itself() -> None:
    from alliance.version import __version__

    assert (BASE.contract, BASE.title, BASE.period, BASE.kind, BASE.currency, BASE.places) == (
        "small", "Small", "2026-27", "provisional", "GBP", 2,
    )  # fmt: skip
    assert (BASE.start, BASE.end, BASE.as_of) == (date(2026, 4, 1), date(2027, 3, 31), date(2027, 3, 31))
    assert BASE.engine == f"alliance {__version__}"
    assert (BASE.parties["icb"], BASE.accounts) == ("Board", {"a_fund": "a fund", "b_fund": "b fund"})
    assert BASE.paid("icb", "acute") == BASE.paid("icb", "acute", "q")
    with pytest.raises(KeyError):
        BASE.payment("nothing")
    with pytest.raises(KeyError):
        BASE.figure("nothing")
