"""Faults: what is wrong with a file, where, and what to do about it.

A fault of a user's file is a value, collected so that all of them are told at once. Misuse of the library by a
program is an ordinary Python exception (`TypeError`, `ValueError`) and is not a fault.
"""

from __future__ import annotations

import difflib
import heapq
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

MOST_COMPARED = 1_000  # names, and so many characters of each, to find what was meant
MOST_CHARACTERS = 60
MOST_CLOSELY = 50  # of those, that are compared letter by letter: the ones that begin and end most alike
MOST_TOLD = 100  # of anything that somebody is told

# Control characters, line ends, and what has no width or turns the direction of writing
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file: its name, and line and column counted from 1 (0 where there is none, as in a workbook)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: a stable code, a place, what is wrong, and what to do."""

    code: str
    message: str
    mark: Mark | None = None
    hint: str = ""

    def __post_init__(self) -> None:
        for name in ("message", "hint"):  # what they cite may be out to be acted on, or not to be seen
            text = getattr(self, name)
            if not text.isprintable():
                object.__setattr__(self, name, _UNSEEN.sub(_escape, text))

    def __str__(self) -> str:
        where = f"{self.mark}: " if self.mark else ""
        tail = f" {self.hint}" if self.hint else ""
        return f"{where}{self.code} {self.message}{tail}"

    def as_dict(self) -> dict[str, object]:
        """The fault as plain JSON values."""
        mark = self.mark
        return {
            "code": self.code,
            "file": mark.file if mark else None,
            "line": mark.line if mark and mark.line else None,
            "column": mark.column if mark and mark.column else None,
            "message": self.message,
            "hint": self.hint,
        }


class AllianceError(Exception):
    """Base of every error that a user's file, data or request can cause. `faults` says what is wrong."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(f) for f in self.faults))


class ContractError(AllianceError):
    """The contract is at fault: it cannot be read, or what it says cannot stand."""


class InputError(AllianceError):
    """What was brought to a settlement is at fault: a data file, a value, a period, an opening."""


@dataclass
class Faults:
    """Collects faults. At most `limit` are kept, with a last one that says how many more there were.

    What was surely meant takes its time to find, and there may be very many faults: so it is looked for only where it
    is told. `brief` says that nobody is told.
    """

    limit: int = MOST_TOLD
    items: list[Fault] = field(default_factory=list)
    dropped: int = 0
    brief: bool = False
    _told: set[Fault] = field(default_factory=set, repr=False)

    @property
    def full(self) -> bool:
        """Whether no more is told."""
        return self.brief or len(self.items) >= self.limit

    def add(self, code: str, mark: Mark | None, message: str, hint: str | Callable[[], str] = "") -> None:
        if not isinstance(hint, str):
            hint = "" if self.full else hint()
        fault = Fault(code, message, mark, hint)
        if fault in self._told:
            return
        if len(self.items) >= self.limit:
            self.dropped += 1
        else:
            self.items.append(fault)
            self._told.add(fault)

    def extend(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.add(fault.code, fault.mark, fault.message, fault.hint)

    def words(self, error: ValueError) -> str:
        """What an error says of a text, with what was surely meant where that is told."""
        return str(error.args[0] if self.full else error)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.items)

    def __bool__(self) -> bool:
        return bool(self.items)

    def raise_if_any(self, error: type[AllianceError] = ContractError) -> None:
        """Raise `error` with everything collected, in the order of the file, if there is anything."""
        if not self.items:
            return
        found = sorted(self.items, key=lambda f: _place(f.mark or Mark("")))
        if self.dropped:
            more = "1 more fault is" if self.dropped == 1 else f"{self.dropped} more faults are"
            found.append(Fault("AC000", f"at least {more} not shown; mend these first."))
        raise error(found)


def _place(mark: Mark) -> tuple[list[tuple[str, int]], int, int]:
    """The place of a mark among others, where visits[9] comes before visits[10]."""
    parts = re.split(r"(\d{1,9})", mark.file)
    pairs = itertools.zip_longest(parts[::2], parts[1::2])
    return [(text, int(number or 0)) for text, number in pairs], mark.line, mark.column


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape", "surrogatepass").decode()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint naming the closest of the known words, or nothing.

    Letters count as the same in capitals.

    >>> did_you_mean("discharge", ["discharges", "voices"])
    'Did you mean "discharges"?'
    """
    spelled: dict[str, str] = {}
    for name in itertools.islice(known, MOST_COMPARED):
        if len(name) <= MOST_CHARACTERS:
            spelled.setdefault(name.lower(), name)
    sought = word[:MOST_CHARACTERS].lower()
    likely = spelled if len(spelled) <= MOST_CLOSELY else heapq.nlargest(MOST_CLOSELY, spelled, _Alike(sought))
    close = difflib.get_close_matches(sought, likely, n=1)
    return f'Did you mean "{spelled[close[0]]}"?' if close else ""


def meant(word: str, known: Collection[str], most: int = 12) -> str:
    """A hint naming what was surely meant, or else what there is."""
    return did_you_mean(word, known) or one_of(known, most)


class NotOneOf(ValueError):
    """A text that is none of the known words. What was surely meant is looked for when the error is told as a text."""

    def __init__(self, word: str, known: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.word, self.known = word, known

    def __str__(self) -> str:
        return f"{self.args[0]} {did_you_mean(self.word, self.known)}".rstrip()


class _Alike:
    """How many letters two words share at their ends, which is quickly found."""

    def __init__(self, word: str) -> None:
        self.word, self.turned = word, word[::-1]

    def __call__(self, other: str) -> int:
        return _shared(self.word, other) + _shared(self.turned, other[::-1])


def _shared(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def nearly(word: str, known: Iterable[str]) -> str:
    """The known word that differs from another in next to nothing, so that it was surely meant; or nothing.

    >>> nearly("quality_met", ["Quality met", "quality_mean"])
    'Quality met'
    """
    bare = _bare(word)
    for name in itertools.islice(known, MOST_COMPARED):
        other = _bare(name)
        if other == bare:
            return name
        alike = other[:1] == bare[:1] and not any(c.isdigit() for c in other + bare)
        if alike and 20 * difflib.SequenceMatcher(None, bare, other).ratio() >= 17:
            return name
    return ""


def _bare(word: str) -> str:
    return "".join(c for c in word[:MOST_CHARACTERS].lower() if c.isalnum())


def several(words: Sequence[str], most: int = MOST_TOLD) -> str:
    """Words with semicolons between them; of very many the first, and how many more there are.

    >>> several(["a", "b"]), several(["a", "b", "c"], 1)
    ('a; b', 'a; and 2 more')
    """
    more = [f"and {len(words) - most:,} more"] if len(words) > most else []
    return "; ".join([*words[:most], *more])


def one_of(known: Iterable[str], most: int = 12) -> str:
    """The known words as a sentence: "It may be: a, b, c." Nothing where there are none.

    >>> one_of(["gain", "loss"]), one_of([])
    ('It may be: gain, loss.', '')
    """
    words = list(known)
    if not words:
        return ""
    if len(words) == most + 1:  # "and 1 more" is no shorter than the one
        most += 1
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return f"It may be: {', '.join(words[:most])}{more}."
