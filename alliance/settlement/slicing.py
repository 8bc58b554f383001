"""An amount divided in order: slices, each with its own limit and its own payers or payees."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from alliance.contract import entries as e
from alliance.contract.numbers import Number, normal, size
from alliance.contract.values import Value
from alliance.settlement.instances import Instance, kind_of, own_name
from alliance.settlement.outcome import Outcome, determined
from alliance.settlement.portions import Portions
from alliance.settlement.result import Detail, Line
from alliance.settlement.run import Run


def rationed(p: e.Payment) -> bool:
    """Whether several draw on an account slice by slice. They do it all together, and what it holds is theirs in
    proportion."""
    return p.each is not None and any(share.kind == "account" for part in p.slices for share in part.payers)


class _Taken(NamedTuple):
    """What a slice takes of an amount: its place, what was left before it, what it is for, and what it reaches."""

    rank: int
    part: e.Slice
    left: Number
    width: Number
    reached: Number


class Slicing:
    """Divides the amounts of one payment in one run."""

    def __init__(self, run: Run, p: e.Payment, portions: Portions, out: Outcome) -> None:
        self.run, self.p, self.portions, self.out = run, p, portions, out

    def divide(self, instances: Sequence[Instance]) -> None:
        """Give the slices of each amount; what no slice takes stays with the payer."""
        left = {id(one): size(one.amount) for one in instances}
        taken: dict[int, list[_Taken]] = {id(one): [] for one in instances}
        for rank, part in enumerate(self.p.slices):
            widths = [(one, self._width(one, part, left[id(one)])) for one in instances]
            wanted = [(one, width) for one, width in widths if width is not None]
            gains = [(one.view, width) for one, width in wanted if _sign(one) > 0]
            reached = iter(self.portions.rooms.reach(part.payers, gains))
            for one, width in wanted:
                found = next(reached) if _sign(one) > 0 else width
                taken[id(one)].append(_Taken(rank, part, left[id(one)], width, found))
                left[id(one)] = normal(Fraction(left[id(one)] - found))
        for one in instances:  # each whole, so that it is known as one amount however many slices it has
            for some in taken[id(one)]:
                with one.stopping(self.out):
                    self._give(one, some)
            if rest := _sign(one) * left[id(one)]:
                self.out.kept += rest
                one.lines.append(Line("kept", "beyond every slice, kept by the payer", rest, 0, mark=self.p.mark))

    def _width(self, one: Instance, part: e.Slice, left: Number) -> Number | None:
        """How much of an instance a slice is for; None where it is not taken."""
        self.run.settling.work(6, f"the payment {self.p.name}", self.p.mark)
        if part.only and _sign(one) != (1 if part.only == "gain" else -1):
            return None
        with one.stopping(self.out):
            if part.when is not None and not determined(self.run.evaluate(part.when, one.view), self.p):
                return None
            if part.up_to is None:
                return left
            width: Number = max(determined(self.run.evaluate(part.up_to, one.view), self.p), 0)
            return min(left, width)

    def _give(self, one: Instance, some: _Taken) -> None:
        """Give what a slice takes of an instance, and keep its line."""
        p, sign = self.p, _sign(one)
        rank, part, left, width, taken = some
        note = ""
        if taken < width:
            note = "the account gives what it holds" if taken else "the account has nothing to give"
            note += ", to each in proportion" if taken and p.each is not None else ""
        kept = self.out.kept
        name = own_name(p, one.name)
        self.portions.give(name, part.payers, part.payees, sign * taken, one.view, one.bounds, rank, one.amount)
        if not one.shown and kind_of(p) == "record":  # whose lines are not kept
            return
        stays = normal(Fraction(self.out.kept - kept))
        parts = [(s, v) for s, v in self.portions.sharers.parts(part.payees, one.view) if s.share is not None]
        facts: tuple[tuple[str, Value, str], ...] = (
            ("in this slice", sign * taken, p.unit.kind),
            *((f"to {s.name}", v, "percent") for s, v in parts if s.name),
        )
        if stays:
            facts = (*facts, ("stays with the payer", stays, p.unit.kind))
        behind = [("up to", part.up_to), *((f"to {s.name}", s.share) for s, _ in parts if s.name)]
        detail = tuple(Detail(n, x, one.view.kept(x)) for n, x in behind if x is not None and one.shown)
        after = sign * normal(Fraction(left - taken))
        clause, mark = part.clause, part.mark
        one.lines.append(Line("slice", part.name, sign * left, after, facts, note, clause, mark, details=detail))


def _sign(one: Instance) -> int:
    """Of a gain 1, of a loss -1, and of nothing, which is neither, 0."""
    return (one.amount > 0) - (one.amount < 0)
