"""Faults together: the order in which they are told."""

from __future__ import annotations

import pytest

from alliance.contract.faults import ContractError, Faults, Mark


def test_the_ninth_record_comes_before_the_tenth() -> None:
    faults = Faults()
    for name in ("visits[10]", "a.csv", "visits[9]", "visits[100]"):
        faults.add("AC138", Mark(name), "It is wrong.")
    with pytest.raises(ContractError) as found:
        faults.raise_if_any()
    assert [str(f.mark) for f in found.value.faults] == ["a.csv", "visits[9]", "visits[10]", "visits[100]"]
