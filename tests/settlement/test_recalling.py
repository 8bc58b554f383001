"""`last(...)` where nothing, or nothing final, was before: a formula goes on with its `else`, and the notes say so."""

from __future__ import annotations

from tests.settlement.helpers import QUARTERS, contract, earned, one_payment, settled

FORWARD = "start: x + (last(p.earned) else 0 GBP)\nfrom: icb\nto: acute"


def notes(found: object) -> list[str]:
    return [n for n in found.notes if n.startswith("last(")]  # type: ignore[attr-defined]


def test_without_an_opening() -> None:
    made = one_payment(FORWARD)
    first = settled(made, "2026-27", {"x": "10"}, kind="final")
    assert notes(first) == []  # nothing can have been before
    alone = settled(made, "2027-28", {"x": "10"})
    assert earned(alone) == 10
    assert notes(alone) == [
        "last(p.earned) is not known in 2027-28: no settlement before it is opened from (--opening)."
    ]
    after = settled(made, "2027-28", {"x": "10"}, first)
    assert (earned(after), notes(after)) == (20, [])


def test_with_an_opening_that_is_provisional() -> None:
    made = one_payment(FORWARD)
    first = settled(made, "2026-27", {"x": "10"})
    second = settled(made, "2027-28", {"x": "10"}, first)
    assert notes(second) == [
        "last(p.earned) is not known in 2027-28: 2026-27 is only provisional, and nothing before it is final."
    ]
    final = settled(made, "2026-27", {"x": "10"}, kind="final")
    second = settled(made, "2027-28", {"x": "10"}, final)
    third = settled(made, "2028-29", {"x": "10"}, second)
    assert earned(third) == 20
    assert notes(third) == [
        "last(p.earned) is that of 2026-27 in 2028-29, the last that is final: 2027-28 is only provisional."
    ]
    again = settled(made, "2026-27", {"x": "30"}, final)  # provisional again: what was final stands
    assert (
        earned(settled(made, "2027-28", {"x": "0"}, again)),
        notes(settled(made, "2027-28", {"x": "0"}, again)),
    ) == (
        10,
        [],
    )


def test_with_an_opening_of_periods_of_another_length() -> None:
    made = one_payment(FORWARD, settles="quarterly")
    year = settled(made, "2026-27", {"x": "1", "periods": {q: {"x": "1"} for q in QUARTERS}}, kind="final")
    assert notes(year) == []
    half = contract(
        "inputs: {x: {unit: GBP}}\nfigures: {f: {is: x}}\n"
        "payments: {p: {pays_for: outcome, start: x + (last(f) else 0 GBP), from: icb, to: acute}}"
    )
    month = settled(half, "2026-05", {"x": "1"}, kind="final")
    assert notes(settled(half, "2027-28", {"x": "1"}, month)) == [
        "last(f) is not known in 2027-28: what it is opened from has nothing of it for a year."
    ]


def test_who_joined_since_has_no_last_value_and_nothing_is_told() -> None:
    made = contract(
        """\
        inputs: {m: {unit: percent, by: provider}}
        payments:
          p:
            pays_for: outcome
            each: provider
            start: 100 GBP * (last(m) else 50%)
            from: icb
            to: provider
        """,
        parties="""\
        icb:       {name: Integrated care board, role: commissioner}
        acute:     {name: Acute trust, role: provider}
        community: {name: Community trust, role: provider}
        late:      {name: Late care, role: provider, from: 2027-04-01}
        """,
    )
    both = {"acute": "10%", "community": "20%"}
    first = settled(made, "2026-27", {"m": both}, kind="final")
    second = settled(made, "2027-28", {"m": {**both, "late": "5%"}}, first)
    assert (earned(second), notes(second)) == (10 + 20 + 50, [])
