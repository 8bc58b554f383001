"""Which lines of counts may be published beside each other, where some of them are small.

A line is what is counted for one measure: of everybody, or of one stratum. Nothing here trusts to rounding: what is
shown is taken to be known to the unit, for whoever subtracts and compares enough rounded numbers may come to that.

- Of records that are cut in several ways (other windows, populations or exclusions) one cut is published as soon as
  any count of them is small: the others could be held against it.
- A stratum with a small count is hidden in every measure of the records, with so many more strata that of no count what
  is hidden comes to a small number, or leaves fewer than four that a small one could be. Where there are not enough
  strata, every total up to as much is hidden too.
- No two counts of everybody that are shown, or that strata add up to, differ by one that is hidden for being small; of
  two such measures the first stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from alliance.measures.hiding import LEAST_POSSIBLE, MOST_HIDDEN, small


@dataclass(frozen=True, slots=True)
class Line:
    """The counts of a measure: of everybody where `strata` is empty, else of the stratum `key` of those strata.

    `records` are what is counted, `unit` what one of them is (a record, a pair) and `cut` which of them. `counts` stand
    and fall together; each of `beside` is hidden by itself.
    """

    measure: str
    key: str
    records: str
    counts: tuple[int, ...]
    beside: tuple[int, ...] = ()
    strata: str = ""
    unit: str = ""
    cut: Hashable = None

    @property
    def smalls(self) -> set[int]:
        return {count for count in (*self.counts, *self.beside) if small(count)}


@dataclass(slots=True)
class Hidden:
    """What is hidden: whole lines by their place, and single counts by the place of their line and their own."""

    lines: set[int] = field(default_factory=set)
    beside: set[tuple[int, int]] = field(default_factory=set)


def hidden(lines: Sequence[Line]) -> Hidden:
    """What has to be hidden of lines that are published together."""
    found = Hidden(set(_other_cuts(lines)))
    kept = [i for i in range(len(lines)) if i not in found.lines]
    least = dict.fromkeys((line.records for line in lines), MOST_HIDDEN + 1)
    least_beside = dict(least)
    for (records, strata), group in _grouped(kept, lines, lambda line: (line.records, line.strata)):
        if strata:
            keys, shown_from = _strata([lines[i] for i in group])
            found.lines |= {i for i in group if lines[i].key in keys}
            least[records] = max(least[records], shown_from)
            least_beside[records] = max(least_beside[records], _beside(group, lines, found))
    for (records, _), group in _grouped(kept, lines, lambda line: (line.records, line.measure)):
        if any(0 < count < least[records] for count in _total(line.counts for line in _of(group, lines))):
            found.lines |= set(group)
        for at, count in enumerate(_total(line.beside for line in _of(group, lines))):
            if 0 < count < least_beside[records]:
                found.beside |= {(i, at) for i in group}
    for _, group in _grouped(range(len(lines)), lines, lambda line: (line.records, line.unit)):
        _apart(group, lines, found)
    return found


def _of(group: Iterable[int], lines: Sequence[Line]) -> Iterable[Line]:
    return (lines[i] for i in group)


def _total(counts: Iterable[tuple[int, ...]]) -> list[int]:
    """The counts of everybody, of lines of one measure."""
    return [sum(column) for column in zip(*counts, strict=True)]


def _grouped(
    places: Iterable[int], lines: Sequence[Line], by: Callable[[Line], tuple[str, str]]
) -> Iterable[tuple[tuple[str, str], list[int]]]:
    groups: dict[tuple[str, str], list[int]] = {}
    for i in places:
        groups.setdefault(by(lines[i]), []).append(i)
    return groups.items()


def _other_cuts(lines: Sequence[Line]) -> Iterable[int]:
    """The lines of all cuts but one, of records of which any count is small: the cut of most measures is kept, of
    equals the first."""
    for _, group in _grouped(range(len(lines)), lines, lambda line: (line.records, line.unit)):
        if any(lines[i].smalls for i in group):
            names: dict[Hashable, set[str]] = {}
            for i in group:
                names.setdefault(lines[i].cut, set()).add(lines[i].measure)
            kept = max(names, key=lambda cut: len(names[cut]))
            yield from (i for i in group if lines[i].cut != kept)


def _strata(lines: Sequence[Line]) -> tuple[Collection[str], int]:
    """The strata that are hidden, and the least count of everybody that may be shown beside them."""
    columns: dict[tuple[str, int], dict[str, int]] = {}
    size: dict[str, int] = {}
    for line in lines:
        size[line.key] = max(size.get(line.key, 0), *line.counts)
        for at, count in enumerate(line.counts):
            columns.setdefault((line.measure, at), {})[line.key] = count
    keys = {line.key for line in lines if any(small(count) for count in line.counts)}
    rest = sorted((key for key in size if key not in keys and size[key]), key=lambda key: size[key])
    while True:
        given = [_given_away([count for key, count in column.items() if key in keys]) for column in columns.values()]
        if not any(given) or not rest:
            return keys, max(given, default=0) + 1
        keys.add(rest.pop(0))


def _beside(group: Sequence[int], lines: Sequence[Line], found: Hidden) -> int:
    """Hide a count that stands beside in all strata where it is small in one; the least total that may be shown."""
    least = 0
    for _, several in _grouped(group, lines, lambda line: (line.measure, "")):
        for at in range(len(lines[several[0]].beside)):
            counts = [lines[i].beside[at] for i in several]
            if any(map(small, counts)):
                found.beside |= {(i, at) for i in several}
                least = max(least, _given_away(counts) + 1)
    return least


def _given_away(counts: Sequence[int]) -> int:
    """What hidden counts come to, where somebody who knows that, and which of them are small, knows too much: it is
    small itself, or leaves too few counts that a small one could be. Else nothing."""
    together, smalls = sum(counts), sum(map(small, counts))
    if not smalls:
        return 0
    large = sum(count > MOST_HIDDEN for count in counts)
    most = min(MOST_HIDDEN, together - (smalls - 1) - large * (MOST_HIDDEN + 1))
    least = 1 if large else max(1, together - MOST_HIDDEN * (smalls - 1))
    return 0 if together > MOST_HIDDEN and most - least + 1 >= LEAST_POSSIBLE else together


def _apart(group: Sequence[int], lines: Sequence[Line], found: Hidden) -> None:
    """Hide the measures of which a count of everybody differs, from one of a measure before it, by a count that is
    hidden for being small."""
    smalls = {count for line in _of(group, lines) for count in line.smalls}
    before: set[int] = set()
    for _, several in _grouped(group, lines, lambda line: (line.measure, "")):
        if found.lines.issuperset(several):
            continue
        counts = {count for count in _total(line.counts for line in _of(several, lines)) if count}
        if any(abs(count - other) in smalls for count in counts for other in before):
            found.lines |= set(several)
        else:
            before |= counts
