"""The pages on intervals, small numbers and instruments show what comes out."""

from __future__ import annotations

import doctest
import re

from alliance.measures.instruments import loads_instrument
from docs.generate import HERE

YAML = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


def test_the_examples_come_out() -> None:
    page = HERE / "reference" / "statistics.md"
    text = page.read_text("utf-8").replace("```", "")
    parsed = doctest.DocTestParser().get_doctest(re.sub(r"^python$", "", text, flags=re.M), {}, page.name, str(page), 0)
    assert len(parsed.examples) >= 10
    assert doctest.DocTestRunner().run(parsed).failed == 0


def test_the_instrument_of_the_guide_is_sound() -> None:
    whole, licensed, inline = YAML.findall((HERE / "guides" / "instruments.md").read_text("utf-8"))
    found = loads_instrument(whole)
    assert found.scales["settled"].most_missing == 1
    head = whole[: whole.index("missing:")]
    for scales in (licensed, inline):
        assert (
            "wellbeing"
            in loads_instrument(
                head.replace("quiet:", "noise:")
                + scales.replace("score: sum", "of: [sleep], score: sum").replace(
                    "{3: 0, 4: 17.25}", "{1: 0, 2: 3, 3: 17.25}"
                )
            ).scales
        )
