"""What a contract is read into, texts, mappings and lists that know their place; and the limits on reading it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from alliance.contract.faults import Faults, Mark

if TYPE_CHECKING:
    from typing import TypeVar

    T = TypeVar("T")

NOWHERE = Mark("")


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a contract may hold. All but `file_bytes`, `depth` and `scalar` are over it and its includes."""

    file_bytes: int = 2_000_000
    total_bytes: int = 4_000_000
    depth: int = 40
    nodes: int = 25_000
    aliases: int = 100
    expanded: int = 40_000
    scalar: int = 20_000
    includes: int = 50


DEFAULT = Limits()


@dataclass(slots=True)
class Reading:
    """One contract being read, over all its files: its limits, what is wrong so far, and what the files have used.
    `mended` counts the faults after which what is read can be checked further all the same."""

    limits: Limits
    faults: Faults
    bytes: int = 0
    nodes: int = 0
    aliases: int = 0
    expanded: int = 0
    mended: int = 0
    given: int = 0  # characters of the formulas that packs are given

    def tell(self, code: str, mark: Mark, message: str, hint: str = "", mended: bool = False) -> None:
        """Add a fault. Past the most that are kept they are only counted, so a file of nothing but faults is quick."""
        before = self.told
        if self.faults.dropped:
            self.faults.dropped += 1
        else:
            self.faults.add(code, mark, message, hint)
        self.mended += (self.told - before) if mended else 0

    @property
    def told(self) -> int:
        """How many faults there are so far."""
        return len(self.faults.items) + self.faults.dropped


class Scalar(str):
    """A text as it is written, never read as a number, date or boolean here.

    `quoted` is true of every style but the plain one; `null` of a plain `~`, `null` or nothing at all.

    >>> Scalar("1_480").quoted, Scalar("~", null=True).null
    (False, True)
    """

    __slots__ = ("mark", "null", "quoted")
    mark: Mark
    quoted: bool
    null: bool

    def __new__(cls, text: str, mark: Mark = NOWHERE, quoted: bool = False, null: bool = False) -> Scalar:
        self = super().__new__(cls, text)
        self.mark = mark
        self.quoted = quoted
        self.null = null
        return self


class Map(dict[Scalar, "Node"]):
    """A mapping in the order of its file. `mark` is where it begins. It is not meant to be changed."""

    __slots__ = ("_places", "mark")

    def __init__(self, pairs: Iterable[tuple[Scalar, Node]] = (), mark: Mark = NOWHERE) -> None:
        super().__init__(pairs)
        self.mark = mark
        self._places: dict[str, Mark] = {}

    def key_mark(self, key: str) -> Mark:
        """The place of a key (`KeyError` where there is none).

        >>> Map([(Scalar("a", Mark("f", 3, 1)), Scalar("1"))]).key_mark("a")
        Mark(file='f', line=3, column=1)
        """
        if key not in self._places:
            self._places = {k: k.mark for k in self}
        return self._places[key]

    if TYPE_CHECKING:  # an ordinary text finds its entry too

        def __getitem__(self, key: str, /) -> Node: ...

        @overload
        def get(self, key: str, default: None = None, /) -> Node | None: ...
        @overload
        def get(self, key: str, default: Node, /) -> Node: ...
        @overload
        def get(self, key: str, default: T, /) -> Node | T: ...
        def get(self, key: str, default: object = None, /) -> object: ...


class Seq(list["Node"]):
    """A list. `mark` is where it begins. It is not meant to be changed."""

    __slots__ = ("mark",)

    def __init__(self, items: Iterable[Node] = (), mark: Mark = NOWHERE) -> None:
        super().__init__(items)
        self.mark = mark


Node = Scalar | Map | Seq
Plain = str | None | list["Plain"] | dict[str, "Plain"]


def plain(node: Node) -> Plain:
    """The same as ordinary dicts, lists, texts and None, without marks.

    >>> plain(Map([(Scalar("a"), Seq([Scalar("1"), Scalar("~", null=True)]))]))
    {'a': ['1', None]}
    """
    if isinstance(node, Map):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, Seq):
        return [plain(item) for item in node]
    return None if node.null else str(node)


def walk(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """The node and everything below it, each with its path, in the order of the file.

    >>> [path for path, _ in walk(Map([(Scalar("a"), Seq([Scalar("1")]))]))]
    [(), ('a',), ('a', 0)]
    """
    yield path, node
    if isinstance(node, Map):
        for key, value in node.items():
            yield from walk(value, (*path, key))
    elif isinstance(node, Seq):
        for index, item in enumerate(node):
            yield from walk(item, (*path, index))
