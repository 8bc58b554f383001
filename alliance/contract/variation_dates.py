"""When variations may take effect: not within a period that a payment settles over, where they say how it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from alliance.contract.build.whole import Built
from alliance.contract.calendar import MONTHS, Period, day_text
from alliance.contract.faults import Faults
from alliance.contract.model.document import Variation
from alliance.contract.source_text import shown
from alliance.contract.variation import in_force


def check_lengths(
    variations: Sequence[Variation],
    days: Iterable[date],
    mades: Sequence[date],
    variant: Callable[[Sequence[int]], Built],
    faults: Faults,
) -> None:
    """A fault for each variation that adds a payment, or says anew over what it settles, within a period that the
    payment settles over. That period is settled as the contract stood when it began, so it would be settled in part, or
    twice."""
    told: set[tuple[str, str]] = set()
    for day in days:
        for made in mades:
            chosen = in_force(variations, day, made)
            before, after = (variant(x) for x in (in_force(variations, day - timedelta(days=1), made), chosen))
            latest = next((variations[i] for i in reversed(chosen) if variations[i].effective == day), None)
            for name, length in _changed(before, after):
                whole = after.calendar.containing(day, length)
                if latest is None or max(whole.start, after.start) == day or (latest.title, name) in told:
                    continue
                told.add((latest.title, name))
                _tell(latest, name, whole, name in before.payments, faults)


def _changed(before: Built, after: Built) -> Iterable[tuple[str, str]]:
    """The payments that are new, or settle over another length of period, with the longest that they settle over."""
    for name, payment in after.payments.items():
        was = before.payments.get(name)
        if payment.rule or (was is not None and was.settles == payment.settles):
            continue
        lengths = [payment.settles, *([was.settles] if was is not None else [])]
        yield name, max(lengths, key=lambda n: MONTHS[n])


def _tell(variation: Variation, name: str, whole: Period, there: bool, faults: Faults) -> None:
    what = f"{name} settles over another length of period" if there else f"{name} settles by the {whole.length}"
    message = (
        f"from {day_text(variation.effective)}, within {whole.label}, {what}; "
        f"{whole.label} is settled as the contract stands on {day_text(whole.start)}."
    )
    hint = f"Let it take effect on {day_text(whole.end + timedelta(days=1))}, or on {day_text(whole.start)}."
    faults.add(
        "AC095", variation.at.value("effective"), f"with the variation {shown(variation.title)}: {message}", hint
    )
