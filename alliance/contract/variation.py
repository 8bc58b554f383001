"""Variations: dated changes, made to the file's nodes so that what results is read and checked like any contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from alliance.contract.faults import Faults, did_you_mean
from alliance.contract.model.document import ENTRIES, StepChange, Variation
from alliance.contract.source_nodes import Map, Node, Scalar, Seq


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
    for part in ENTRIES:
        changes = variation.at.node.get(part)
        if changes:
            before = _part(root, part)
            root = _replaced(root, part, _merged(before, [(k, _titled(v, before.get(k))) for k, v in changes.items()]))
    rules = variation.at.node.get("rules")
    if rules:
        root = _replaced(root, "rules", _ruled(root, rules, faults))
    for change in variation.steps:
        payments = _part(root, "payments")
        payment = payments.get(change.payment)
        if isinstance(payment, Map):
            payment = _step(payment, change, faults)
            root = _replaced(root, "payments", _merged(payments, [(change.payment, payment)]))
        elif payment is None:  # a payment of another shape is told when it is read
            hint = did_you_mean(change.payment, payments)
            faults.add("AC094", change.payment.mark, f'"{change.payment}" is not a payment.', hint)
    return root


def _part(root: Map, part: str) -> Map:
    found = root.get(part)
    return found if isinstance(found, Map) else Map((), root.mark)


def _titled(entry: Node, before: Node | None) -> Node:
    """An entry that replaces another, which goes on being called what it was called unless it says its own title."""
    if isinstance(entry, Map) and isinstance(before, Map) and "title" in before and "title" not in entry:
        return _replaced(entry, "title", before["title"])
    return entry


def _ruled(root: Map, changes: Map, faults: Faults) -> Seq:
    """The contract's rules; those that a variation names are replaced where they stand, dropped, or put at the end."""
    before = root.get("rules")
    rules = list(before) if isinstance(before, Seq) else []
    names = [str(r.get("rule", "")) if isinstance(r, Map) else "" for r in rules]
    for name, change in changes.items():
        here = names.index(name) if name in names else None
        if isinstance(change, Scalar) and change.null:
            if here is None:
                faults.add("AC094", name.mark, f'there is no rule "{name}" to drop.', did_you_mean(name, names))
            else:
                del rules[here], names[here]
        elif not isinstance(change, Map) or "rule" in change:
            hint = "Write its for, when and then below its name; null drops it."
            faults.add("AC094", name.mark, f'the rule "{name}" is not one that can stand here.', hint)
        else:
            made: Node = Map([(Scalar("rule", name.mark), name), *change.items()], change.mark)
            at = len(rules) if here is None else here
            made = _titled(made, None if here is None else rules[here])
            rules[at : at + 1], names[at : at + 1] = [made], [str(name)]
    return Seq(rules, before.mark if isinstance(before, Seq) else root.mark)


def with_packs(variations: Node | None, used: Callable[[Map], Iterable[Node]], faults: Faults) -> Node | None:
    """Variations in which a rule that is taken from a pack is the pack's rule of that name: so a pack is used on with
    other figures. None where no variation takes any."""

    def rule(name: Scalar, change: Node) -> Node:
        if not isinstance(change, Map) or "use" not in change:
            return change
        found = {str(r.get("rule")): r for r in used(change) if isinstance(r, Map)}
        if found and name not in found:
            message = f'the pack has no rule "{name}" as it is used here.'
            faults.add("AC171", name.mark, message, f"It has: {', '.join(found)}.")
        mine = found.get(str(name), Map((), change.mark))
        return Map(((k, v) for k, v in mine.items() if k != "rule"), mine.mark)

    def one(variation: Node) -> Node:
        rules = variation.get("rules") if isinstance(variation, Map) else None
        if not isinstance(variation, Map) or not isinstance(rules, Map):
            return variation
        made = Map(((k, rule(k, v)) for k, v in rules.items()), rules.mark)
        return Map(((k, made if k == "rules" else v) for k, v in variation.items()), variation.mark)

    if not isinstance(variations, Seq) or not any(_uses(v) for v in variations):
        return None
    return Seq([one(v) for v in variations], variations.mark)


def _uses(variation: Node) -> bool:
    rules = variation.get("rules") if isinstance(variation, Map) else None
    return isinstance(rules, Map) and any(isinstance(r, Map) and "use" in r for r in rules.values())


def _replaced(node: Map, key: str, value: Node) -> Map:
    """The mapping with another value under a key, which is added at the end if there is none."""
    return _merged(node, [(Scalar(key, node.mark), value)])


def _merged(before: Map, changes: Iterable[tuple[Scalar, Node]]) -> Map:
    """Entries replaced whole where they stand; new ones added at the end. A part keeps the place of its own key."""
    merged: dict[str, tuple[Scalar, Node]] = {str(k): (k, v) for k, v in before.items()}
    for key, value in changes:
        merged[str(key)] = (key, value)
    return Map(merged.values(), before.mark)


def _step(payment: Map, change: StepChange, faults: Faults) -> Map:
    """The payment with one of its steps set, added or removed."""
    steps = payment.get("steps", Seq((), payment.mark))
    anchor = change.set or change.remove or change.before or change.after
    if not _sound(change, faults) or not isinstance(steps, Seq):  # the payment's own shape is told when it is read
        return payment
    names = [str(s.get("name", "")) if isinstance(s, Map) else "" for s in steps]
    if anchor is not None and names.count(anchor) != 1:
        hint = did_you_mean(anchor, [n for n in names if n != anchor])
        what = f"{names.count(anchor)} steps" if anchor in names else "no step"
        faults.add("AC094", anchor.mark, f'{change.payment} has {what} named "{anchor}".', hint)
        return payment
    at = names.index(anchor) if anchor is not None else len(steps)
    items = list(steps)
    if change.set is not None:
        items[at] = change.at.node["to"]
    elif change.remove is not None:
        del items[at]
    else:
        items.insert(at + (change.after is not None), change.at.node["add"])
    return _replaced(payment, "steps", Seq(items, steps.mark))


def _sound(change: StepChange, faults: Faults) -> bool:
    """Whether a change is exactly one of setting, adding and removing, with what belongs to it; else a fault."""
    given = frozenset(change.at.node) - {"payment"}
    allowed = ({"set", "to"}, {"add"}, {"add", "before"}, {"add", "after"}, {"remove"})
    if given in allowed:
        return True
    hint = "It may be: set and to; add, with before or after; remove."
    faults.add("AC093", change.at.mark, "a change of steps is exactly one of set, add and remove.", hint)
    return False
