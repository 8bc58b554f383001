"""From counts to values: every division, exact, with the interval and what goes beside each value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alliance.contract import entries as e
from alliance.contract.formula import operations as op
from alliance.contract.formula.evaluate import Env
from alliance.contract.numbers import Number
from alliance.contract.values import Unknown, Value, unknown
from alliance.measures.statistics import Interval, rate_interval, wilson
from alliance.measures.tallies import Tally, percentile, truncated

CHANGES = ("improved", "unchanged", "worse")


@dataclass(frozen=True, slots=True)
class Worked:
    """The value of a measure: what it comes to, the shares told beside it by name, and over what its interval is."""

    value: Value
    parts: tuple[tuple[str, Value], ...] = ()
    interval: Callable[[Number], Interval] | None = None


def worked(m: e.Measure, tally: Tally, env: Env) -> Worked:
    """The value of a measure from its counts; `env` answers what else its formulas read."""
    assert m.counted is not None
    return _KINDS[m.counted.kind](m, m.counted, tally, env)


def _few(what: str) -> Unknown:
    return unknown(what, "not assessable")


def share(hits: int, cases: int, what: str) -> Value:
    return op.divide(hits, cases) if cases else _few(f"{what}, of which there are no cases,")


def _proportion(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    def interval(level: Number) -> Interval:
        return wilson(tally.hits, tally.cases, level)

    return Worked(share(tally.hits, tally.cases, m.name), (), interval if tally.cases else None)


def _bundle(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    found = _proportion(m, c, tally, env)
    done = zip(c.every, tally.parts, strict=True)
    parts = tuple((one.text, share(count, tally.cases, m.name)) for one, count in done)
    return Worked(found.value, parts, found.interval)


def _sustained(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    found = _proportion(m, c, tally, env)
    held = zip(c.points, tally.parts, strict=False)
    parts = tuple((f"at {months} months", share(count, tally.cases, m.name)) for months, count in held)
    return Worked(found.value, parts, found.interval)


def _changed(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    """The share that improved; unchanged and worse are told beside it and are not netted."""
    up, same, down = tally.parts or (0, 0, 0)
    improved, worse = (down, up) if m.better == "lower" else (up, down)
    counts = (improved, same, worse)
    parts = tuple((name, share(n, tally.cases, m.name)) for name, n in zip(CHANGES, counts, strict=True))

    def interval(level: Number) -> Interval:
        return wilson(improved, tally.cases, level)

    return Worked(parts[0][1], parts, interval if tally.cases else None)


def _rate(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    assert c.to is not None
    over: Value = tally.total if c.summed else c.to.run(env)
    if isinstance(over, Unknown):
        return Worked(over)
    if not isinstance(over, bool) and over is not None and not isinstance(over, str) and over != 0:
        exposure: Number = over  # type: ignore[assignment]

        def interval(level: Number) -> Interval:
            return rate_interval(tally.hits, exposure, level).per(c.per)

        value = op.multiply(op.divide(tally.hits, exposure), c.per)
        return Worked(value, (), interval if exposure > 0 else None)
    return Worked(_few(f"{m.name}, which is over nothing,"))


def _mean(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    total = tally.total
    if c.truncated is not None:
        total = sum(value * count for value, count in truncated(tally.spread, c.truncated))
    return Worked(op.divide(total, tally.cases) if tally.cases else _few(f"{m.name}, of which there are no cases,"))


def _distinct(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    return Worked(tally.hits)


def _time_to(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    assert c.percentile is not None
    if not tally.cases:
        return Worked(_few(f"{m.name}, of which there are no cases,"))
    spread = truncated(tally.spread, c.truncated) if c.truncated is not None else tally.spread
    found = percentile(spread, c.percentile, tally.cases)
    parts = (("with the event", share(tally.hits, tally.cases, m.name)),)
    return Worked(_few(f"{m.name}, which so many have not come to,") if found is None else found, parts)


def _expected(m: e.Measure, c: e.Counted, tally: Tally, env: Env) -> Worked:
    """Observed over expected. Adjusted, it is over a reference times a factor that is held within its limits."""
    base: Value = tally.total
    parts: tuple[tuple[str, Value], ...] = ()
    if c.reference is not None:
        crude = op.multiply(tally.cases, c.reference.run(env))
        factor = op.divide(tally.total, crude)
        held = factor
        if c.at_least is not None:
            held = op.extreme([held, c.at_least.run(env)], True)
        if c.at_most is not None:
            held = op.extreme([held, c.at_most.run(env)], False)
        base = op.multiply(crude, held)
        parts = (("adjustment", factor), ("adjustment held", held))
    if isinstance(base, Unknown):
        return Worked(base, parts)
    if base == 0:
        return Worked(_few(f"{m.name}, of which nothing was expected,"))
    expected: Number = base  # type: ignore[assignment]

    def interval(level: Number) -> Interval:
        return rate_interval(tally.hits, expected, level)

    return Worked(op.divide(tally.hits, expected), parts, interval if expected > 0 else None)


_KINDS: dict[str, Callable[[e.Measure, e.Counted, Tally, Env], Worked]] = {
    "proportion": _proportion,
    "repeat": _proportion,
    "bundle": _bundle,
    "sustained": _sustained,
    "changed": _changed,
    "rate": _rate,
    "mean": _mean,
    "paired_change": _mean,
    "distinct": _distinct,
    "time_to": _time_to,
    "run_length": _distinct,
    "observed_to_expected": _expected,
}
