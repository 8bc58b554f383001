"""The guide to writing a contract builds one that is sound, and whose example comes out."""

from __future__ import annotations

import re

import alliance
from alliance.settlement.examples import run_examples
from docs.generate import HERE

GUIDE = HERE / "guides" / "write-a-contract.md"


def test_the_blocks_of_the_guide_make_a_contract() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    contract = alliance.loads("".join(b for b in blocks if not b.startswith(" ")))
    results = list(run_examples(contract))
    assert results
    assert [r.summary for r in results] == ["passed"] * len(results)
