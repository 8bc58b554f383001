"""Whether what a rule tests is apart from what the payments that it acts on are paid by."""

from __future__ import annotations

from collections.abc import Iterator

from alliance.contract import entries as e
from alliance.contract.build.builder import Builder
from alliance.contract.build.validating import exprs
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t


def check_apart(b: Builder, rule: str, tests: tuple[e.Expr, ...], then: tuple[e.Consequence, ...], mark: Mark) -> None:
    """A fault for each payment that is paid by something that the rule tests too."""
    tested = _brought(b, tests)
    for name in dict.fromkeys(n for c in then if c.verb in e.ACTING for n in c.targets):
        both = sorted(tested & _brought(b, b.payments[name]))
        if both:
            message = f"the rule {rule} tests {' and '.join(both)}, by which {name} is paid already."
            b.fault("AC175", mark, message, "Test something that the payment does not measure.")


def _brought(b: Builder, entry: object) -> set[str]:
    """The measures and single inputs that an entry reads, at once or through figures and what measures are made of."""
    seen: set[str] = set()
    waiting = list(_read(entry))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _read(b.figures.get(name) or b.measures.get(name))
    return seen - b.figures.keys()


def _read(entry: object) -> Iterator[str]:
    """The names of the figures, measures and inputs that an entry reads, or is made of."""
    for expr in exprs(entry):
        yield from (ref.name for ref in t.names(expr.node) if ref.kind in ("figure", "measure", "input"))
    if isinstance(entry, e.Measure) and entry.derived is not None:
        yield entry.derived.of
    if isinstance(entry, e.Measure) and entry.ratio is not None:
        yield from (ref.name for ref in (entry.ratio.of, entry.ratio.to) if ref is not None)
