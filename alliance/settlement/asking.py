"""What is asked of records that are counted elsewhere: the measures of one input, as a settlement would count them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from alliance.contract import entries as e
from alliance.contract.calendar import Period
from alliance.contract.formula import tree as t
from alliance.contract.formula.evaluate import Env
from alliance.measures.asked import Ask, depends_on_key
from alliance.measures.spans import window
from alliance.settlement.book import Book
from alliance.settlement.run import Run
from alliance.settlement.settling import Settling
from alliance.settlement.state import Past


def asks(settling: Settling, name: str) -> list[Ask]:
    """Every measure of an input over the period of a settlement, the shorter ones that it is made of, and the year,
    where limits or instalments of the year are read before it ends.

    What the formulas of a measure read beside records is answered by the run of the period itself, so that it is what
    counting one by one reads. The settlement is only read for that: it is not the one that is worked out.
    """
    extracted = settling.brought.source(name).extracted or settling.as_of
    found: list[Ask] = []
    for period in _periods(settling):
        run = settling.run(period, Book.of(settling.opening.balances))
        found += _of_run(run, name, extracted)
        if period is not settling.period:
            _remember(settling, run, name)
    if settling.period.length != "year" and any(_by_the_year(p) for p in run.built.payments.values()):
        found += _of_run(settling.year_run(run), name, extracted)
    return found


def _of_run(run: Run, name: str, extracted: date) -> Iterator[Ask]:
    """Every measure of an input over the period of a run."""
    for m in run.built.measures.values():
        if m.counted is not None and m.counted.of == name:
            span = window(m, run.period, run.built.calendar, run.built.start)
            for keys, env in _keyed(run, m, m.counted):
                yield Ask(m.name, run.period.label, m.counted, keys, span, extracted, env)


def _by_the_year(payment: e.Payment) -> bool:
    """Whether a payment reads figures of the whole year in the settlement of a part of it."""
    return payment.on_account is not None or payment.gain_limit is not None or payment.loss_limit is not None


def _periods(settling: Settling) -> list[Period]:
    """The period and the shorter ones that payments settle over, earlier ones first and the period itself last."""
    over, contract = settling.period, settling.contract
    found: dict[str, Period] = {}
    for length in settling.shorter(over):
        found |= {p.label: p for p in contract.calendar.parts(over, length)}
    return [*found.values(), over]


def _keyed(run: Run, m: e.Measure, counted: e.Counted) -> Iterator[tuple[tuple[str, ...], Env]]:
    """The parties or categories of a measure with what answers its formulas: one by one where that differs."""
    if not m.by:
        yield ("",), run.view()
    elif depends_on_key(counted):
        for key in m.keys:
            yield (key,), run.view().holding(m.by, key)
    else:
        yield m.keys, run.view()


def _remember(settling: Settling, run: Run, name: str) -> None:
    """The inputs that measures of some records read, as a later period of the same settlement remembers them."""
    asked = [m.counted for m in run.built.measures.values() if m.counted is not None and m.counted.of == name]
    read = {ref.name for counted in asked for ref in _inputs(counted)}
    period, now = run.period, []
    for item in run.built.inputs.values():
        for key in run.present(item.keys) if item.by else ("",):
            if item.name in read and item.fields is None:
                value = run.usable(item.name, run.datum(item.name, key), item, key)
                now.append(Past(period.label, period.start, period.length, item.name, "", key, value, settling.final))
    settling.past = [p for p in settling.past if not (p.period == period.label and p.name in read)] + now


def _inputs(counted: e.Counted) -> Iterator[t.Ref]:
    parts = (counted.among, counted.excluding, counted.where, counted.value, *counted.every, counted.to)
    for one in (*parts, counted.baseline, counted.follow_up):
        if one is not None:
            yield from (ref for ref in t.names(one.node) if ref.kind == "input")
