"""Which counts an entry of a published table could have: what adding and subtracting the rest of it gives away.

A table of counts with its totals is a flow: from a source to the rows (their totals), through the cells to the columns,
from the columns to a sink (their totals), and back to the source (the total of all). What is published of an entry
bounds its flow from both sides. The table itself is one flow within the bounds; how far one entry can move in any other
is found by pushing single units around a circuit through it, which is exact, for such flows are whole wherever their
bounds are (the theorem of Hoffman and Kruskal).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

Place = tuple[int, int]  # row and column; one past the last is the total
Range = tuple[int, int | None]  # the least and the most, None for no limit


class Possible:
    """What the entries of a table of so many rows and columns could be, by what is known of each (`ranges`).

    `counts` are the true counts. Totals that are not among them are not known. A range may be made wider later.
    """

    def __init__(self, counts: Mapping[Place, int], ranges: Mapping[Place, Range], size: tuple[int, int]) -> None:
        self.high, self.wide = size
        self.flow = dict(counts)
        self.ranges = dict(ranges)
        sums: dict[Place, int] = defaultdict(int)
        for i in range(self.high):
            for j in range(self.wide):
                for total in (i, self.wide), (self.high, j), (self.high, self.wide):
                    sums[total] += counts[i, j]
        for place, added in sums.items():
            self.flow.setdefault(place, added)
            self.ranges.setdefault(place, (0, None))
        self.around: dict[int, list[tuple[int, Place, int]]] = defaultdict(list)
        for place in self.flow:
            start, end = self._ends(place)
            self.around[start].append((end, place, +1))
            self.around[end].append((start, place, -1))

    def span(self, place: Place, enough: int) -> int:
        """How many whole numbers an entry could be; as many as are `enough` where there are more."""
        for _ in range(enough - 1):
            if not self._push(place, +1):
                break
        down = 0
        while down < enough - 1 and self._push(place, -1):
            down += 1
        return down + 1

    def _is_cell(self, place: Place) -> bool:
        return place[0] < self.high and place[1] < self.wide

    def _ends(self, place: Place) -> tuple[int, int]:
        """The nodes that an entry flows between: rows, then columns, then the source and the sink."""
        source, sink = self.high + self.wide, self.high + self.wide + 1
        row, column = place[0], self.high + place[1]
        if self._is_cell(place):
            return row, column
        if row < self.high:
            return source, row
        return (column, sink) if place[1] < self.wide else (sink, source)

    def _push(self, place: Place, sign: int) -> bool:
        """Change an entry by one, and whatever has to change with it; or say that it cannot be done."""
        if not self._gives(place, sign):
            return False
        start, end = self._ends(place) if sign > 0 else reversed(self._ends(place))
        came: dict[int, tuple[int, Place, int]] = {end: (end, place, sign)}
        waiting = [end]
        for node in waiting:
            if node == start:
                break
            for other, through, way in self.around[node]:
                if other not in came and through != place and self._gives(through, way):
                    came[other] = (node, through, way)
                    waiting.append(other)
        if start not in came:
            return False
        self.flow[place] += sign
        node = start
        while node != end:
            node, through, way = came[node]
            self.flow[through] += way
        return True

    def _gives(self, place: Place, way: int) -> bool:
        low, most = self.ranges[place]
        return self.flow[place] > low if way < 0 else most is None or self.flow[place] < most
