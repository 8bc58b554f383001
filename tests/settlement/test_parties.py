"""Who: what is said of parties, and decisions that enough of them have signed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from tests.settlement.helpers import contract, faults_of, moves, settled, why

PARTIES = """\
icb:       {name: Board, role: commissioner, host: true}
acute:     {name: Acute trust, role: provider, attributes: {beds: 400, rated: true, stake: 12.5%}}
community: {name: Community trust, role: provider, small: true, attributes: {beds: 20, rated: false}}
"""


def test_what_is_said_of_a_party() -> None:
    made = contract(
        """\
        figures:
          big: {each: provider, is: 1 if beds > 100 else 0}
          share: {each: provider, is: stake else 0%}
          good: {each: provider, is: rated}
        payments:
          p: {pays_for: block, each: provider, start: 5 GBP * beds if not small else 1 GBP, from: icb, to: provider}
        """,
        parties=PARTIES,
    )
    found = settled(made)
    assert moves(found) == ["icb -> acute 2000.00", "icb -> community 1.00"]
    assert [found.figure("big", k) for k in ("acute", "community")] == [1, 0]
    assert [found.figure("share", k) for k in ("acute", "community")] == [Fraction(1, 8), 0]
    assert [found.figure("good", k) for k in ("acute", "community")] == [True, False]


def test_what_is_not_said_is_not_known() -> None:
    made = contract("figures: {share: {each: provider, is: stake}}", parties=PARTIES)
    assert why(settled(made).figure("share", "community")) == "stake of community is missing"


def test_the_party_in_hand_by_its_name() -> None:
    made = contract(
        """\
        inputs: {visits: {records: {of: party, cost: GBP}}}
        figures:
          own: {each: provider, is: sum(cost for visits where of = party)}
          who: {each: provider, is: provider = acute}
        payments:
          p: {pays_for: block, each: party, start: 1 GBP if party = icb else 2 GBP, from: icb, to: acute}
        """,
        parties=PARTIES,
    )
    rows = [{"of": "acute", "cost": "3"}, {"of": "community", "cost": "4"}, {"of": "acute", "cost": "5"}]
    found = settled(made, inputs={"visits": rows})
    assert [found.figure("own", k) for k in ("acute", "community")] == [8, 4]
    assert [found.figure("who", k) for k in ("acute", "community")] == [True, False]
    assert moves(found) == ["icb -> acute 5.00"]


def test_going_through_parties() -> None:
    made = contract(
        """\
        inputs: {n: {unit: count, by: provider}}
        figures:
          all: {is: sum(n for provider)}
          big: {is: sum(n for providers where beds > 100)}
          parties: {is: count(party)}
          most: {is: max(n for provider)}
        """.replace("parties:", "how_many:"),
        parties=PARTIES,
    )
    found = settled(made, inputs={"n": {"acute": 3, "community": 4}})
    assert [found.figure(k) for k in ("all", "big", "how_many", "most")] == [7, 3, 3, 4]


DECISION = """\
decisions:
  whole: {title: Everybody, signed_by: [icb, council, acute]}
  most: {signed_by: [icb, council, acute], unanimous: false}
  one: {signed_by: [icb, council, acute], unanimous: false, quorum: 1}
figures: {w: {is: whole}, m: {is: most}, o: {is: one}}
"""


@pytest.mark.parametrize(("given", "expected"), [
    (None, (False, False, False)),
    ("yes", (True, True, True)),
    ("no", (False, False, False)),
    (["icb", "council", "acute"], (True, True, True)),
    (["icb", "acute"], (False, True, True)),
    (["icb"], (False, False, True)),
    ({"icb": "yes", "council": "no", "acute": "yes"}, (False, True, True)),
    ({"icb": True, "council": True, "acute": True}, (True, True, True)),
    ({"icb": "yes", "council": ""}, (False, False, True)),
])  # fmt: skip
def test_decisions(given: Any, expected: tuple[bool, ...]) -> None:
    inputs = {} if given is None else dict.fromkeys(("whole", "most", "one"), given)
    found = settled(contract(DECISION), inputs=inputs)
    assert tuple(found.figure(k) for k in "wmo") == expected


def test_a_decision_opens_a_gate() -> None:
    body = "payments: {p: {pays_for: outcome, start: 5 GBP, steps: [{gate: whole}], from: icb, to: acute}}\n"
    assert moves(settled(contract(DECISION + body), inputs={"whole": "yes"})) == ["icb -> acute 5.00"]
    assert moves(settled(contract(DECISION + body))) == []


def test_those_who_do_not_sign_it() -> None:
    made = contract(DECISION)
    assert "AC132" in faults_of(lambda: settled(made, inputs={"whole": ["community"]}))[0]
    assert "AC135" in faults_of(lambda: settled(made, inputs={"whole": {"icb": "perhaps"}}))[0]
