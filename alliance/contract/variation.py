"""Variations: dated changes, made to the file's nodes so that what results is read and checked like any contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from alliance.contract.faults import Faults, did_you_mean
from alliance.contract.model.base import Map, Scalar, Seq
from alliance.contract.model.document import ENTRIES, StepChange, Variation
from alliance.contract.source import Node


def in_force(variations: Sequence[Variation], start: date, as_of: date) -> tuple[int, ...]:
    """The variations that a period starting on `start` is settled under: made by `as_of`, effective by then, in the
    order they were made (the latest made wins)."""
    chosen = [i for i, v in enumerate(variations) if v.made <= as_of and v.effective <= start]
    return tuple(sorted(chosen, key=lambda i: (variations[i].made, variations[i].effective, i)))


def varied(root: Map, variations: Sequence[Variation], chosen: Sequence[int], faults: Faults) -> Map:
    """The contract's nodes with the chosen variations made, one after the other."""
    for index in chosen:
        root = _one(root, variations[index], faults)
    return root


def _one(root: Map, variation: Variation, faults: Faults) -> Map:
    parts: dict[Scalar, Node] = dict(root)
    for part in ENTRIES:
        changes = variation.at.node.get(part)
        if changes:
            before = parts.get(Scalar(part), Map())
            assert isinstance(before, Map)
            parts[_key(root, part)] = _merged(before, changes)
    for change in variation.steps:
        payments = parts.get(Scalar("payments"), Map())
        assert isinstance(payments, Map)
        parts[_key(root, "payments")] = _step(payments, change, faults)
    return Map(parts.items(), root.mark)


def _key(root: Map, part: str) -> Scalar:
    return next((k for k in root if k == part), Scalar(part, root.mark))


def _merged(before: Map, changes: Map) -> Map:
    """Entries replaced whole where they stand; new ones added at the end."""
    merged = {str(k): (k, v) for k, v in before.items()}
    merged |= {str(k): (k, v) for k, v in changes.items()}
    return Map(merged.values(), before.mark)


def _step(payments: Map, change: StepChange, faults: Faults) -> Map:
    given = [k for k in ("set", "add", "remove") if getattr(change, k) is not None]
    payment = payments.get(change.payment)
    if len(given) != 1 or (change.set is not None) != (change.to is not None):
        faults.add("AC093", change.at.mark, "a change of steps is exactly one of set (with `to`), add, remove.")
        return payments
    if not isinstance(payment, Map):
        hint = did_you_mean(change.payment, payments)
        faults.add("AC094", change.payment.mark, f'"{change.payment}" is not a payment.', hint)
        return payments
    steps = payment.get("steps", Seq())
    assert isinstance(steps, Seq)
    names = [str(s.get("name", "")) if isinstance(s, Map) else "" for s in steps]
    anchor = change.set or change.remove or change.before or change.after
    if anchor is not None and str(anchor) not in names:
        faults.add("AC094", anchor.mark, f'{change.payment} has no step named "{anchor}".', did_you_mean(anchor, names))
        return payments
    at = names.index(str(anchor)) if anchor is not None else len(steps)
    items = list(steps)
    node = change.at.node
    if change.set is not None:
        items[at] = node["to"]
    elif change.remove is not None:
        del items[at]
    else:
        items.insert(at + (change.after is not None), node["add"])
    entry = {str(k): (k, v) for k, v in payment.items()}
    key = entry["steps"][0] if "steps" in entry else Scalar("steps", payment.mark)
    entry["steps"] = (key, Seq(items, steps.mark))
    return _merged(
        payments, Map([(_key(payments, str(change.payment)), Map(entry.values(), payment.mark))], payments.mark)
    )
