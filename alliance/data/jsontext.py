"""JSON files: numbers stay the texts they are written in, and every record knows its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.source_nodes import Map, Node, Scalar, Seq
from alliance.data.characters import named, printable, refused, shown
from alliance.data.limits import Limits
from alliance.data.opening import AnyPath, decoded, file_name, read_bytes
from alliance.data.rows import Builder, Table

_LOOK = "Look for a comma, quote or bracket that is missing, or for a comma too many."
_OBJECT = 'Write for example: {"spend": 4905300, "calls": 370}'
_SAID = (
    ("Expecting value", "a value should be here"),
    ("Expecting property name", "a key in double quotes should be here"),
    ("Expecting ',' delimiter", "a comma or the end should be here"),
    ("Expecting ':' delimiter", "a colon should be here"),
    ("Unterminated string", "the quote that opens here is not closed"),
    ("Invalid control character", "a line end or another such character stands inside quotes"),
    ("Illegal trailing comma", "a comma stands before the end"),
    ("Invalid \\", "a backslash begins something that JSON does not know"),
)
_SPACE = re.compile(r"[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r]*+,[ \t\n\r]*+")  # to the next item of a list
# A list or object with no other in it, a bracket, or a whole string, which hides the brackets in it. The quantifiers
# never give back what they took.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BRACKET = re.compile(rf'[\[{{][^\[\]{{}}"]*+(?:{_STRING}[^\[\]{{}}"]*+)*+[\]}}]|[\[{{\]}}]|{_STRING}', re.DOTALL)


def read_json(path: AnyPath, limits: Limits) -> Table:
    """The table of a JSON file that is a list of flat objects: a row each, the columns in order of appearance."""
    document = Document(path, read_bytes(path, limits.tree_bytes), limits.depth, limits.values)
    builder = Builder(document.file, limits, first=0)
    if document.next() != "[":
        document.refuse("AC227", "A table in JSON is a list of objects, and this is not a list.")
    index: dict[str, int] = {}
    found: list[tuple[int, dict[str, Any]]] = []
    for at in document.items():
        line = document.line(at)
        value = document.value(at)
        if not isinstance(value, dict):
            builder.fault("AC227", line, 0, "This is no object.", "A table in JSON is a list of objects.")
            continue
        _note(value, index, builder, line)
        found.append((line, value))
    document.end()
    if found:
        builder.header(list(index), found[0][0])
        builder.expect(len(found), found[-1][0], limits.tree_cells)
    columns = tuple(index)
    for line, value in found:
        same = tuple(value) == columns
        builder.row(line, tuple(value.values()) if same else tuple([value.get(column) for column in columns]))
    return builder.table if document.empty else builder.done()


def load_json(data: bytes, path: AnyPath, limits: Limits) -> Map:
    """A JSON object as the nodes that YAML is read into. Texts inside one entry all have the entry's place."""
    document = Document(path, data, limits.depth, limits.nodes)
    if document.next() != "{":
        document.refuse("AC235", "Results in JSON are an object of names and values, and this is none.", hint=_OBJECT)
    root = document.tree()
    document.end()
    assert isinstance(root, Map)
    return root


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object, each of which is written once."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused("AC226", f"The key {shown(twice)} is written twice in one object.", "Remove or rename one.")
    return found


def _note(value: dict[str, Any], index: dict[str, int], builder: Builder, line: int) -> None:
    """Makes the values of an object the texts of cells, and notes its keys: new ones are new columns."""
    for key, item in value.items():
        if key not in index:
            if len(index) >= builder.limits.columns:
                builder.fatal("AC210", line, 0, f"The records have more than {builder.limits.columns:,} columns.")
            index[key] = len(index)
        if type(item) is str:
            continue
        if isinstance(item, list | dict):
            message = f"The value of {shown(key)} is a list or an object, and a cell holds one value."
            builder.fault("AC227", line, 0, message)
            value[key] = None
        else:
            value[key] = _text(item)


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _words(message: str) -> str:
    """What the json module says, in plain words."""
    found = next((words for start, words in _SAID if message.startswith(start)), "")
    return found or printable(message[:1].lower() + message[1:])


class _Refused(Exception):
    """What the decoder meets and may not take."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.fault = (code, message, hint)


def _constant(name: str) -> NoReturn:
    raise _Refused("AC219", f"{name} is not a number.", "Write null where nothing is known.")


class Document:
    """A JSON text that is read in pieces: its outer lists and objects here, what is in them by the json module."""

    def __init__(self, path: AnyPath, data: bytes, depth: int, values: int) -> None:
        self.file = file_name(path)
        self.text = decoded(path, data)
        self.at = 0
        self.empty = False
        self._counted = 0  # up to here
        self._line = 1
        self._mark = Mark(self.file)
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_pairs, parse_float=str, parse_int=str, parse_constant=_constant
        )
        self._refuse_deep(depth, values)
        if not self.next():
            self.refuse("AC224", "The file is empty.")

    def _refuse_deep(self, depth: int, values: int) -> None:
        """Looks at the brackets alone, so that nothing is built of a text that nests too deep or holds too much."""
        # A value takes a comma or a bracket, and seldom more than four quotes.
        many = max(sum(map(self.text.count, ",[{")), self.text.count('"') // 6)
        if many > values:
            self.refuse("AC225", f"The file holds about {many:,} values, and it may hold {values:,}.", 0)
        open_now = 0
        for match in _BRACKET.finditer(self.text):
            bracket = match.group()
            if bracket in ("]", "}"):
                open_now -= 1
            elif bracket[0] != '"':
                if open_now >= depth:
                    self.refuse("AC225", f"Lists and objects are nested more than {depth} deep here.", match.start())
                open_now += len(bracket) == 1

    def refuse(self, code: str, message: str, at: int | None = None, hint: str = "") -> NoReturn:
        """Ends the reading with a fault at a place of the text, by default where reading is."""
        place = self.at if at is None else at
        before = self.text[:place]
        mark = Mark(self.file, before.count("\n") + 1, place - before.rfind("\n"))
        raise InputError(Fault(code, message, mark, hint)) from None

    def line(self, at: int) -> int:
        """The number of the line at a place that is not before the one last asked for."""
        self._line += self.text.count("\n", self._counted, at)
        self._counted = at
        return self._line

    def mark(self, at: int) -> Mark:
        """The line at such a place, as a mark; texts of one line share it."""
        line = self.line(at)
        if line != self._mark.line:
            self._mark = Mark(self.file, line)
        return self._mark

    def next(self) -> str:
        """The next character that is not space, or nothing at the end; reading moves to it."""
        char = self.text[self.at : self.at + 1]
        if char > " ":
            return char
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> str:
        """The next character, which must be one of those wanted; reading moves behind it."""
        char = self.next()
        if not char or char not in wanted:
            names = " or ".join(wanted)
            self.refuse("AC224", f"Here {names} is expected.", hint=_LOOK)
        self.at += 1
        return char

    def end(self) -> None:
        """Nothing more may follow."""
        if self.next():
            self.refuse("AC224", "More text follows the end of the JSON value.")

    def value(self, at: int) -> Any:
        """The value that begins at a place, by the json module; numbers are texts."""
        try:
            value, self.at = self._decoder.raw_decode(self.text, at)
        except _Refused as refusal:
            code, message, hint = refusal.fault
            self.refuse(code, message, at, hint)
        except json.JSONDecodeError as error:
            self.refuse("AC224", f"The JSON cannot be read here: {_words(error.msg)}.", error.pos, _LOOK)
        return value

    def items(self) -> Iterator[int]:
        """The places of the items of a list. Whoever asks must read each one before the next."""
        self.take("[")
        if self.next() == "]":
            self.at += 1
            self.empty = True
            return
        while True:
            yield self.at
            found = _NEXT.match(self.text, self.at)
            if found:
                self.at = found.end()
            else:
                self.take(",]")
                return

    def tree(self, level: int = 0) -> Node:
        """The value at the place of reading as nodes; the outer two levels are read here, for their lines."""
        start = self.next()
        mark = self.mark(self.at)
        if start == "[" and level < 2:
            return Seq([self.tree(2) for _ in self.items()], mark)
        if start != "{" or level >= 2:
            return self.node(self.value(self.at), mark)
        self.take("{")
        members: dict[Scalar, Node] = {}
        while (char := self.next()) != "}" or members:
            place, place_mark = self.at, self.mark(self.at)
            if char != '"':
                hint = "Remove the comma before it." if members else "JSON takes double quotes only."
                self.refuse("AC224", "Here a key in double quotes is expected.", hint=hint)
            key = self.value(self.at)
            if key in members:
                hint = "Remove or rename one."
                self.refuse("AC226", f"The key {shown(key)} is written twice in one object.", place, hint)
            self.take(":")
            members[self.scalar(key, place_mark)] = self.tree(level + 1)
            if self.take(",}") == "}":
                return Map(members.items(), mark)
        self.at += 1
        return Map((), mark)

    def node(self, value: Any, mark: Mark) -> Node:
        """A value of the json module as nodes that all have one place."""
        if isinstance(value, dict):
            return Map([(self.scalar(key, mark), self.node(item, mark)) for key, item in value.items()], mark)
        if isinstance(value, list):
            return Seq([self.node(item, mark) for item in value], mark)
        if value is None:
            return Scalar("", mark, null=True)
        return self.scalar(_text(value) or "", mark)

    def scalar(self, text: str, mark: Mark) -> Scalar:
        char = refused(text)
        if char is not None:
            message = f"The text {shown(text)} holds the character {named(char)}, which cannot be seen."
            raise InputError(Fault("AC206", message, mark, "Type it anew."))
        return Scalar(text, mark, quoted=True)
