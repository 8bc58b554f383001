"""Choosing what is hidden: the small counts, what would give them away, and no more than has to be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from alliance.measures.possible import Place, Possible, Range

HIDDEN = "*"
MOST_HIDDEN = 7
NEAREST = 5
LEAST_POSSIBLE = 4  # counts that a small one could be, by what is shown
MOST_ENTRIES = 2_000  # of a table
UNLIMITED = 10**12

Shown = int | None  # None is hidden
Key = TypeVar("Key", Place, str)


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


class Hiding(ABC, Generic[Key]):
    """Counts by key, the lines in which they add up (the total last), and the keys that are hidden so far."""

    def __init__(self, counts: Mapping[Key, int], lines: Sequence[Sequence[Key]]) -> None:
        self.counts: dict[Key, int] = dict(counts)
        self.lines: list[list[Key]] = [list(line) for line in lines]
        self.order: dict[Key, int] = {key: place for place, key in enumerate(self.counts)}
        self.totals: set[Key] = {line[-1] for line in self.lines}
        self.hidden: set[Key] = {key for key, count in self.counts.items() if small(count)}
        self.safe: set[Key] = set()  # hiding more only leaves more possible

    def protect(self) -> None:
        """Hide beside what is small whatever has to be."""
        while (more := self._for_one_alone()) is not None or (more := self._for_one_given_away()) is not None:
            self.hide(more)

    def hide(self, key: Key) -> None:
        """Hide an entry beside those that are small."""
        self.hidden.add(key)

    def shown(self, key: Key) -> Shown:
        """An entry as it may be published."""
        return None if key in self.hidden else disclosed(self.counts[key])

    def known(self, key: Key) -> Range:
        """What is known of one entry by itself: 1 to 7 where it is small, more where it is hidden beside, else what
        rounds to what is shown."""
        count = self.counts[key]
        if key in self.hidden:
            return (1, MOST_HIDDEN) if small(count) else (MOST_HIDDEN + 1, None)
        middle = disclosed(count)
        if not middle:
            return 0, 0
        return max(middle - NEAREST // 2, MOST_HIDDEN + 1), middle + NEAREST // 2

    @abstractmethod
    def is_safe(self, key: Key) -> bool:
        """Whether enough is possible for a small entry, by everything that is known."""

    def _for_one_alone(self) -> Key | None:
        """What to hide beside an entry that is hidden alone in its line."""
        for line in self.lines:
            if sum(key in self.hidden for key in line) == 1:
                return self._best(line)
        return None

    def _for_one_given_away(self) -> Key | None:
        """What to hide for a small entry of which too much is known, if there is any."""
        for key in sorted(self.hidden - self.safe, key=self.order.__getitem__):
            if not small(self.counts[key]) or self.is_safe(key):
                self.safe.add(key)
                continue
            near = [other for line in self.lines if key in line for other in line]
            found = self._best(near)
            if found is None:
                found = self._best(self.counts)
            if found is not None:
                return found
        return None

    def _best(self, keys: Iterable[Key]) -> Key | None:
        """The entry to hide: where it stands beside others that are hidden, then the smallest, cells before totals,
        then the first."""

        def cost(key: Key) -> tuple[bool, int, bool, int]:
            alone = any(not self.hidden.intersection(line) for line in self.lines if key in line)
            return alone, self.counts[key], key in self.totals, self.order[key]

        return min((key for key in keys if key not in self.hidden and self.counts[key]), key=cost, default=None)


class Table(Hiding[Place]):
    """A table with its totals as a last row and column.

    A single row has no totals by column, and a single column none by row: they would be its entries again.
    """

    def __init__(self, counts: Sequence[Sequence[int]]) -> None:
        rows = [[*row] for row in counts]
        wide = len(rows[0]) if rows else 0
        if not wide or any(len(row) != wide for row in rows):
            raise ValueError("a table has rows of one length, of at least one count")
        self.high, self.wide = len(rows), wide
        if (self.high + 1) * (self.wide + 1) > MOST_ENTRIES:
            raise ValueError(f"a table of more than {MOST_ENTRIES:,} entries; publish it in parts")
        if self.wide > 1:
            rows = [[*row, sum(row)] for row in rows]
        if self.high > 1:
            rows = [*rows, [sum(column) for column in zip(*rows, strict=True)]]
        entries = {(i, j): count for i, row in enumerate(rows) for j, count in enumerate(row)}
        lines = [[(i, j) for j in range(len(rows[0]))] for i in range(len(rows)) if self.wide > 1]
        lines += [[(i, j) for i in range(len(rows))] for j in range(len(rows[0])) if self.high > 1]
        super().__init__(entries, lines)
        ranges = {place: self.known(place) for place in self.counts}
        self.possible = Possible(self.counts, ranges, (self.high, self.wide))

    def hide(self, key: Place) -> None:
        super().hide(key)
        self.possible.ranges[key] = self.known(key)

    def is_safe(self, key: Place) -> bool:
        return self.possible.span(key, LEAST_POSSIBLE) == LEAST_POSSIBLE


class Sums(Hiding[str]):
    """Named counts, some of them the sums of others: a forest of totals, each divided in one way or in several.

    As no count is a part of two totals, narrowing every range by the line that it stands in, over and over, comes to
    exactly what is possible.
    """

    def __init__(self, counts: Mapping[str, int], sums: Sequence[tuple[str, Sequence[str]]]) -> None:
        parts = [part for _, names in sums for part in names]
        if len(parts) != len(set(parts)):
            raise ValueError("a count is a part of one total only")
        for total, names in sums:
            if sum(counts[name] for name in names) != counts[total]:
                raise ValueError(f"the parts of {total} do not add up to it")
        super().__init__(counts, [[*names, total] for total, names in sums])

    def is_safe(self, key: str) -> bool:
        ranges = {name: self.known(name) for name in self.counts}
        known = {name: (low, UNLIMITED if most is None else most) for name, (low, most) in ranges.items()}
        before = None
        while before != known:
            before = dict(known)
            for *names, total in self.lines:
                _narrow(known, names, total)
        low, most = known[key]
        return most - low + 1 >= LEAST_POSSIBLE


def _narrow(known: dict[str, tuple[int, int]], parts: Sequence[str], total: str) -> None:
    """What the parts and the total of one line say of each other."""
    lows, mosts = sum(known[name][0] for name in parts), sum(known[name][1] for name in parts)
    least, most = known[total]
    known[total] = max(least, lows), min(most, mosts)
    for name in parts:
        low, high = known[name]
        known[name] = max(low, least - (mosts - high)), min(high, most - (lows - low))
