"""What is asked of an engine: the measures of one input, each over a window, and the edges of time between windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from alliance.contract import entries as e
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Env, compiled
from alliance.measures.columns import days
from alliance.measures.spans import Span, ripe

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ask:
    """One measure over one window, for some parties or categories (one empty key where it is for all).

    `env` answers what its formulas read beside the record; where that differs between keys it is asked for each alone.
    """

    name: str
    label: str
    counted: e.Counted
    keys: tuple[str, ...]
    span: Span
    extracted: date
    env: Env

    @property
    def ripe(self) -> date:
        return ripe(self.counted, self.extracted)

    def formulas(self) -> Iterator[e.Expr]:
        """Every formula that is asked of its records."""
        c = self.counted
        for one in (c.among, c.excluding, c.where, c.value, *c.every, c.baseline, c.follow_up):
            if one is not None:
                yield one
        if c.summed and c.to is not None:
            yield c.to

    def parameters(self) -> str:
        """What else than records its formulas read, and what that comes to."""
        found = []
        for one in self.formulas():
            waiting: list[t.Node] = [one.node]
            while waiting:
                node = waiting.pop()
                refs = list(t.names(node))
                if refs and all(ref.kind != "field" for ref in refs):
                    found.append((one.text, repr(compiled(node)(self.env))))
                elif refs:
                    waiting += node.parts()
        return repr(found)

    def fields(self) -> list[str]:
        """The fields that it reads."""
        c = self.counted
        named = [c.dated, c.whose, c.person, c.start, c.event]
        read = [ref.name for one in self.formulas() for ref in t.names(one.node) if ref.kind == "field"]
        return [name for name in dict.fromkeys([*named, *read]) if name]


def depends_on_key(counted: e.Counted) -> bool:
    """Whether what the formulas of a measure read differs from party to party, or from category to category."""
    ask = Ask("", "", counted, ("",), Span(date.min, date.max), date.max, None)  # type: ignore[arg-type]
    return any(ref.by or ref.kind in ("binding", "party_field") for one in ask.formulas() for ref in t.names(one.node))


@dataclass(frozen=True, slots=True)
class Edges:
    """Days since 1970 that cut time into stretches, so that every window and every maturity is a run of stretches.

    Stretch 0 lies before the first edge; stretch i starts with edge i - 1.
    """

    cuts: tuple[int, ...]

    @classmethod
    def of(cls, asks: Iterable[Ask]) -> Edges:
        found: set[int] = set()
        for ask in asks:
            found |= {days(ask.span.start), days(ask.span.end) + 1}
            if ask.span.start <= ask.ripe < ask.span.end:
                found.add(days(ask.ripe) + 1)
        return cls(tuple(sorted(found)))

    @property
    def first(self) -> int:
        return self.cuts[0]

    @property
    def last(self) -> int:
        """The last day of all windows."""
        return self.cuts[-1] - 1

    def stretches(self, start: date, end: date) -> range:
        """The stretches of a window whose ends are edges."""
        return range(self.cuts.index(days(start)) + 1, self.cuts.index(days(end) + 1) + 1)

    def starts(self, stretch: int) -> int:
        return self.cuts[stretch - 1]
