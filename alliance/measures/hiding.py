"""Choosing what is hidden among counts that add up: the small ones, what would give them away, and no more than has to
be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

HIDDEN = "*"
MOST_HIDDEN = 7
NEAREST = 5
LEAST_POSSIBLE = 4  # counts that a small one could be, by what is shown
UNLIMITED = 10**12

Shown = int | None  # None is hidden


def small(count: int) -> bool:
    """Whether a count of people is hidden where it is published: from 1 to 7.

    >>> small(0), small(7), small(8)
    (False, True, False)
    """
    if count < 0:
        raise ValueError("people are counted from 0 on")
    return 0 < count <= MOST_HIDDEN


def disclosed(count: int) -> Shown:
    """A count as it may be published by itself: None where it is hidden, else rounded to the nearest 5.

    >>> [disclosed(count) for count in (0, 1, 7, 8, 12, 13)]
    [0, None, None, 10, 10, 15]
    """
    return None if small(count) else (count + NEAREST // 2) // NEAREST * NEAREST


def in_words(shown: Shown) -> str:
    """What is printed for a published count.

    >>> in_words(None), in_words(1480)
    ('*', '1480')
    """
    return HIDDEN if shown is None else str(shown)


class Sums:
    """Named counts, some of them the sums of others: a forest of totals, each divided in one way or in several.

    What is shown is taken to be known to the unit, as enough rounded counts may come to. As no count is a part of two
    totals, narrowing every range by the line that it stands in, over and over, comes to exactly what is possible.
    """

    def __init__(self, counts: Mapping[str, int], sums: Sequence[tuple[str, Sequence[str]]]) -> None:
        parts = [part for _, names in sums for part in names]
        if len(parts) != len(set(parts)):
            raise ValueError("a count is a part of one total only")
        for total, names in sums:
            if sum(counts[name] for name in names) != counts[total]:
                raise ValueError(f"the parts of {total} do not add up to it")
        self.counts = dict(counts)
        self.lines = [[*names, total] for total, names in sums]
        self.order = {name: place for place, name in enumerate(counts)}
        self.totals = {total for total, _ in sums}
        self.hidden = {name for name, count in counts.items() if small(count)}
        self.safe: set[str] = set()  # hiding more only leaves more possible

    def protect(self) -> None:
        """Hide beside what is small whatever has to be."""
        while (more := self._for_one_alone()) is not None or (more := self._for_one_given_away()) is not None:
            self.hidden.add(more)

    def shown(self, name: str) -> Shown:
        """A count as it may be published."""
        return None if name in self.hidden else disclosed(self.counts[name])

    def known(self, name: str) -> tuple[int, int]:
        """The least and the most that one count could be by itself: 1 to 7 where it is small, more where it is hidden
        beside."""
        count = self.counts[name]
        if name not in self.hidden:
            return count, count
        return (1, MOST_HIDDEN) if small(count) else (MOST_HIDDEN + 1, UNLIMITED)

    def is_safe(self, name: str) -> bool:
        """Whether enough is possible for a small count, by everything that is known."""
        known = {one: self.known(one) for one in self.counts}
        before = None
        while before != known:
            before = dict(known)
            for *names, total in self.lines:
                _narrow(known, names, total)
        low, most = known[name]
        return most - low + 1 >= LEAST_POSSIBLE

    def _for_one_alone(self) -> str | None:
        """What to hide beside a count that is hidden alone in its line."""
        for line in self.lines:
            if sum(name in self.hidden for name in line) == 1:
                return self._best(line)
        return None

    def _for_one_given_away(self) -> str | None:
        """What to hide for a small count of which too much is known, if there is any."""
        for name in sorted(self.hidden - self.safe, key=self.order.__getitem__):
            if not small(self.counts[name]) or self.is_safe(name):
                self.safe.add(name)
                continue
            found = self._best(other for line in self.lines if name in line for other in line)
            if found is None:
                found = self._best(self.counts)
            if found is not None:
                return found
        return None

    def _best(self, names: Iterable[str]) -> str | None:
        """The count to hide: where it stands beside others that are hidden, then the smallest, parts before totals,
        then the first."""

        def cost(name: str) -> tuple[bool, int, bool, int]:
            alone = any(not self.hidden.intersection(line) for line in self.lines if name in line)
            return alone, self.counts[name], name in self.totals, self.order[name]

        return min((name for name in names if name not in self.hidden and self.counts[name]), key=cost, default=None)


def _narrow(known: dict[str, tuple[int, int]], parts: Sequence[str], total: str) -> None:
    """What the parts and the total of one line say of each other."""
    lows, mosts = sum(known[name][0] for name in parts), sum(known[name][1] for name in parts)
    least, most = known[total]
    known[total] = max(least, lows), min(most, mosts)
    for name in parts:
        low, high = known[name]
        known[name] = max(low, least - (mosts - high)), min(high, most - (lows - low))
