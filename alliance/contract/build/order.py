"""What reads what: the order in which parts of a contract are worked out, and the circles that there are instead."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush

from alliance.contract.build.builder import Builder
from alliance.contract.faults import Mark
from alliance.contract.formula import tree as t
from alliance.contract.formula.building import FormulaError
from alliance.contract.formula.parse import parse
from alliance.contract.source_nodes import Scalar

Graph = Mapping[str, Collection[str]]
_BREAK = "Break it at one of them."
_MOST_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Reads:
    """Names that formulas read now, and names that they read from history, each once and in order."""

    now: dict[str, None] = field(default_factory=dict)
    before: dict[str, None] = field(default_factory=dict)

    def add(self, b: Builder, formula: Scalar, local: Collection[str] = (), group: Collection[str] = ()) -> None:
        """Add what a formula reads, but for what is local where it stands (`group` is what is local to a sum that goes
        through the records in hand)."""
        try:
            tree = parse(str(formula))
        except FormulaError:
            return
        waiting: list[tuple[t.Node, frozenset[str], dict[str, None]]] = [(tree, frozenset(local), self.now)]
        while waiting:
            node, hidden, found = waiting.pop()
            if isinstance(node, t.Name) and node.name not in hidden and not _brought(b, node):
                found[node.name] = None
            if isinstance(node, t.Aggregate):
                loop = b.loops.get(node.over)
                hidden = hidden | (frozenset(loop.fields) if loop is not None else frozenset(group))
            if isinstance(node, t.History):
                found = self.before
            waiting += [(part, hidden, found) for part in reversed(list(node.parts()))]


def _brought(b: Builder, name: t.Name) -> bool:
    """Whether a name reads what a measure is brought, rather than the score that is worked out."""
    if name.name not in b.measures:
        return False
    return name.attribute not in ("", "score") or not b.symbols[name.name].attributes.get("score")


def ordered(b: Builder, graph: Graph, keys: Mapping[str, Scalar], what: str, hint: str = _BREAK) -> list[str]:
    """The names in an order in which each comes after those it reads. A circle is a fault that shows it, and what is in
    one is left out."""
    order: list[str] = []
    for group in _groups(graph):
        if len(group) == 1 and group[0] not in graph[group[0]]:
            order += group
            continue
        circle = _circle(graph, group)
        shown = circle if len(circle) <= _MOST_SHOWN else [*circle[: _MOST_SHOWN - 2], "...", *circle[-2:]]
        mark: Mark = keys[circle[0]].mark
        b.fault(
            "AC054", mark, f"{what} go round in a circle: {shown[0]} reads {', which reads '.join(shown[1:])}.", hint
        )
        for name in group:
            b.fail(keys[name])
    return order


def _groups(graph: Graph) -> Iterable[list[str]]:
    """Names in groups, each after those it reads: alone, or with all that it goes round in a circle with (Tarjan's
    algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, left = work[-1]
            following = next(left, None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    at = stack.index(name) if stack[-1] != name else len(stack) - 1
                    group, stack[at:] = stack[at:], []
                    on_stack.difference_update(group)
                    yield group
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(graph[following])))
            elif following in on_stack:
                low[name] = min(low[name], index[following])


def _circle(graph: Graph, group: list[str]) -> list[str]:
    """The shortest way round from the first name of a group back to itself."""
    first, inside = group[0], frozenset(group)
    before: dict[str, str] = {}
    waiting = deque([first])
    while first not in before:
        name = waiting.popleft()
        for other in graph[name]:
            if other in inside and other not in before:
                before[other] = name
                waiting.append(other)
    way = [first]
    while len(way) == 1 or way[-1] != first:
        way.append(before[way[-1]])
    return way[::-1]


def settled_order(graph: Graph, payments: Iterable[str]) -> tuple[str, ...]:
    """Every name after what it reads. Payments keep their listed order as far as that allows, and whatever needs no
    payment comes before the first, so that accounts move in the order of the contract."""
    place = {name: index for index, name in enumerate(payments)}
    waiting = {name: len(reads) for name, reads in graph.items()}
    readers: dict[str, list[str]] = {name: [] for name in graph}
    for name, reads in graph.items():
        for other in reads:
            readers[other].append(name)
    ready: deque[str] = deque()
    due: list[tuple[int, str]] = []

    def release(name: str) -> None:
        if name in place:
            heappush(due, (place[name], name))
        else:
            ready.append(name)

    for name, count in waiting.items():
        if not count:
            release(name)
    placed: list[str] = []
    while ready or due:
        name = ready.popleft() if ready else heappop(due)[1]
        placed.append(name)
        for reader in readers[name]:
            waiting[reader] -= 1
            if not waiting[reader]:
                release(reader)
    return tuple(placed)
