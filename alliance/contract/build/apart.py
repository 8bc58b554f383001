"""Whether what a rule tests is apart from what the payments that it acts on are paid by."""

from __future__ import annotations

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
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(exprs(entry))
    while waiting:
        for ref in t.names(waiting.pop().node):
            if ref.name in seen or ref.kind not in ("figure", "measure", "input"):
                continue
            seen.add(ref.name)
            if ref.kind == "figure":
                waiting += exprs(b.figures.get(ref.name))
                continue
            found.add(ref.name)
            measure = b.measures.get(ref.name)
            while measure is not None and measure.derived is not None:
                found.add(measure.derived.of)
                measure = b.measures.get(measure.derived.of)
    return found
