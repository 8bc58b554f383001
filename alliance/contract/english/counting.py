"""What measures that are worked out from records count, in words."""

from __future__ import annotations

from collections.abc import Callable

from alliance.contract import entries as e
from alliance.contract.english import words as w
from alliance.contract.english.standing import Standing
from alliance.contract.numbers import to_decimal_text
from alliance.contract.units import COUNT

Said = Callable[[Standing, e.Counted], str]


def counting(s: Standing, c: e.Counted) -> str:
    """What the value of a measure is."""
    said = _KINDS[c.kind](s, c)
    item = s.built.inputs[c.of]
    dated = f" (by the date {_field(c.dated)})" if c.dated != item.dated else ""
    among = f", among those where {s.condition(c.among)}" if c.among is not None else ""
    out = f", leaving out those where {s.condition(c.excluding)}" if c.excluding is not None else ""
    return said + dated + among + out


def _of(s: Standing, c: e.Counted) -> str:
    return s.speaker.phrase(c.of)


def _where(s: Standing, test: e.Expr | None, lead: str = " where ") -> str:
    return f"{lead}{s.condition(test)}" if test is not None else ""


def _field(name: str) -> str:
    return w.quoted(w.spaced(name))


def _proportion(s: Standing, c: e.Counted) -> str:
    return f"the share of {_of(s, c)}{_where(s, c.where)}"


def _rate(s: Standing, c: e.Counted) -> str:
    assert c.to is not None
    to = f"the sum of {s.say(c.to)}" if c.summed else s.say(c.to)
    per = f", times {s.value(c.per, COUNT)}" if c.per != 1 else ""
    return f"the number of {_of(s, c)}{_where(s, c.where)} divided by {to}{per}"


def _mean(s: Standing, c: e.Counted) -> str:
    assert c.value is not None
    return f"the mean of {s.say(c.value)} of {_of(s, c)}{_cut(c)}"


def _cut(c: e.Counted) -> str:
    return f", values above percentile {_percent(c.truncated)} taken as it" if c.truncated is not None else ""


def _percent(share: object) -> str:
    return to_decimal_text(share * 100)  # type: ignore[operator]


def _distinct(s: Standing, c: e.Counted) -> str:
    return f"the number of different {_field(c.person)} among {_of(s, c)}{_where(s, c.where)}"


def _bundle(s: Standing, c: e.Counted) -> str:
    every = w.joined([s.condition(one) for one in c.every])
    return f"the share of {_of(s, c)} in which all of these hold: {every}"


def _time_to(s: Standing, c: e.Counted) -> str:
    said = (
        f"the days from {_field(c.start)} to {_field(c.event)} of {_of(s, c)}, at percentile {_percent(c.percentile)}"
    )
    return f"{said}{_cut(c)}; those without the event count as never"


def _repeat(s: Standing, c: e.Counted) -> str:
    again = _where(s, c.where)
    within = w.counted(c.within or 0, "day")
    return f"the share of {_of(s, c)} that another of the same {_field(c.person)}{again} follows within {within}"


def _run_length(s: Standing, c: e.Counted) -> str:
    return f"the number of {_of(s, c)} since the last day on which one missed this: {_where(s, c.where, '')}"


def _pairs(s: Standing, c: e.Counted) -> str:
    assert c.value is not None and c.baseline is not None and c.follow_up is not None
    within = f" within {w.counted(c.within, 'day')}" if c.within is not None else ""
    after = f" after {w.counted(c.after, 'day')} or more" if c.after > 1 else ""
    start = f"the {c.take_baseline} record of a {_field(c.person)} where {s.condition(c.baseline)}"
    end = f"the {c.take} one{within}{after} where {s.condition(c.follow_up)}"
    return f"{s.say(c.value)} from {start} to {end}, of {_of(s, c)}"


def _change(s: Standing, c: e.Counted) -> str:
    return f"the mean change of {_pairs(s, c)}"


def _changed(s: Standing, c: e.Counted) -> str:
    assert c.by is not None
    beside = "the shares unchanged and worse are told beside it and are not netted"
    return f"the share of people who improved by {s.say(c.by)} or more in {_pairs(s, c)}; {beside}"


def _sustained(s: Standing, c: e.Counted) -> str:
    points = w.joined([w.counted(months, "month") for months in c.points])
    near = f", give or take {w.counted(c.slack, 'day')}," if c.slack else ""
    held = f"{points} after {_field(c.start)}{near} this holds each time: {_where(s, c.where, '')}"
    return f"the share of people among {_of(s, c)} for whom {held}"


def _expected(s: Standing, c: e.Counted) -> str:
    assert c.value is not None
    said = f"the number of {_of(s, c)}{_where(s, c.where)} divided by what is expected, the sum of {s.say(c.value)}"
    if c.reference is None:
        return said
    bounds = [f"at {word} {s.say(b)}" for word, b in (("least", c.at_least), ("most", c.at_most)) if b is not None]
    held = f", {w.joined(bounds)}" if bounds else ""
    return f"{said}; what is expected is taken as {s.say(c.reference)} of the cases times an adjustment{held}"


_KINDS: dict[str, Said] = {
    "proportion": _proportion,
    "rate": _rate,
    "mean": _mean,
    "distinct": _distinct,
    "bundle": _bundle,
    "time_to": _time_to,
    "repeat": _repeat,
    "run_length": _run_length,
    "paired_change": _change,
    "changed": _changed,
    "sustained": _sustained,
    "observed_to_expected": _expected,
}
