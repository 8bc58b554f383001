"""A first look through the XML of a workbook, before the library that reads it.

The library allots a sheet's whole rectangle, so two cells in opposite corners would end the process; and it reads a
cell that shows an error, and a formula whose result was never stored, as empty. So this counts, measures and notes.
"""

from __future__ import annotations

import re
import xml.parsers.expat as expat
from dataclasses import dataclass, field

from alliance.data.limits import Limits

_MOST_NOTED = 100
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384  # of any sheet
_DEPTH = 200
_NAMES = 500  # of tags; a workbook has some dozens
_ACTED_ON = frozenset({"c", "v", "row", "f", "sheet", "Relationship"})
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")
_DATED = re.compile(r"(\d{4}-\d\d-\d\d)?(T?\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_WATCHED = ("e", "d")  # what a cell says it holds: an error, a date
_TOKEN_BYTES = 1_000_000  # a tag or comment longer than this is read over and over by the parser


class TooMuch(Exception):
    """The part unpacks to more than a workbook may hold, or is not what a workbook holds. The text says why."""


@dataclass(slots=True)
class Part:
    """What was noted of one part of a workbook. Cells are (row, column), from 1."""

    errors: list[tuple[int, int, str]] = field(default_factory=list)
    undated: list[tuple[int, int, str]] = field(default_factory=list)  # cells that say they are dates, and are none
    unstored: list[tuple[int, int]] = field(default_factory=list)  # formulas without a result
    sheets: list[tuple[str, str]] = field(default_factory=list)  # in the workbook's own part: name, relation
    relations: dict[str, str] = field(default_factory=dict)  # in a part of relations: id, target


def column_number(letters: str) -> int:
    """The number of a column by its letters.

    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class Scan:
    """Looks through one part as it is unpacked."""

    def __init__(self, limits: Limits, most_elements: int) -> None:
        self.part = Part()
        self.limits = limits
        self.most = most_elements
        self.elements = 0
        self._ended: list[str] = []
        self._closed = 0
        self._fed = 0
        self._rows = self._columns = 0  # the most that hold something
        self._row = 0
        self._row_text = ""
        self._column = 0
        self._letters: dict[str, int] = {}
        self._kinds: dict[str, str] = {}  # what is done about each tag
        self._type = ""  # of the cell: its attribute t
        self._formula = False
        self._text = ""
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._ended.append  # only counted, at the speed of C
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declared

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Takes a piece of the part, and `last` at its end."""
        self._parser.Parse(data, last)
        self._fed += len(data)
        self._closed += len(self._ended)
        self._ended.clear()
        if self.elements > self.most:
            raise TooMuch(f"it has more than {self.limits.elements:,} elements of XML")
        if self.elements - self._closed > _DEPTH:
            raise TooMuch("its XML is nested too deep")
        if not last and self._fed - self._parser.CurrentByteIndex > _TOKEN_BYTES:
            raise TooMuch(f"its XML has a tag or text of more than {_TOKEN_BYTES:,} bytes")
        if self._rows * self._columns > self.limits.area:
            size = f"{self._rows:,} rows and {self._columns:,} columns"
            raise TooMuch(f"a sheet spans {size}, which is over {self.limits.area:,} cells")

    def _start(self, name: str, attributes: list[str]) -> None:
        """Is called for every tag, a million times for a large sheet, so it does little and calls less."""
        self.elements += 1
        kind = self._kinds.get(name)
        if kind == "v":
            if self._row > self._rows:
                self._rows = self._row
            if self._column > self._columns:
                self._columns = self._column
        elif kind == "c":
            place = attributes[1] if attributes and attributes[0] == "r" else _attribute(attributes, "r")
            letters = place.rstrip("0123456789")
            column = self._letters.get(letters)
            self._column = column if column else self._find_column(letters)
            row = place[len(letters) :]
            if letters and row != self._row_text:
                self._row = int(row) if row and len(row) < 7 else _number(row)
                self._row_text = row
            if self._formula or self._type or len(attributes) > 2 or not place:
                self._formula = False
                self._type = attributes[attributes.index("t") + 1] if "t" in attributes[::2] else ""
                if self._type in _WATCHED:
                    self._watch()
        elif kind is None:
            self._learn(name)
            self.elements -= 1
            self._start(name, attributes)
        elif kind:
            self._other(kind, attributes)

    def _learn(self, name: str) -> None:
        """Finds what a tag is, with or without a namespace: a name to act on, or nothing."""
        if len(self._kinds) > _NAMES:
            raise TooMuch(f"its XML has more than {_NAMES} kinds of tags")
        local = name.rpartition(":")[2]
        self._kinds[name] = "v" if local == "t" else local if local in _ACTED_ON else ""

    def _other(self, kind: str, attributes: list[str]) -> None:
        if kind == "row":
            number = _attribute(attributes, "r")
            self._row = _number(number) if number else self._row + 1
            self._row_text = number
            self._column = 0
        elif kind == "f":
            self._formula = True
            self._watch()
        elif kind == "sheet":
            relation = [
                value for name, value in zip(attributes[::2], attributes[1::2], strict=True) if name[-3:] == ":id"
            ]
            self.part.sheets.append((_attribute(attributes, "name"), "".join(relation)))
        else:
            self.part.relations[_attribute(attributes, "Id")] = _attribute(attributes, "Target")

    def _find_column(self, letters: str) -> int:
        """The number of a column by letters not met before, or the next column where there are none."""
        if letters:
            return self._letters.setdefault(letters, _column(letters))
        if self._column >= _LAST_COLUMN:
            raise TooMuch("it has a cell beyond the last column of a sheet")
        return self._column + 1

    def _watch(self) -> None:
        """Listens to the texts of this one cell."""
        self._text = ""
        self._parser.CharacterDataHandler = self._characters
        self._parser.EndElementHandler = self._end

    def _characters(self, text: str) -> None:
        self._text = (self._text + text)[:100]

    def _end(self, name: str) -> None:
        self._ended.append(name)
        local = name.rpartition(":")[2]
        if local == "f":
            self._text = ""  # what was heard so far is the formula
        elif local == "c":
            if self._type == "e" and len(self.part.errors) < _MOST_NOTED:
                self.part.errors.append((self._row, self._column, self._text.strip()))
            elif self._type == "d" and not _DATED.fullmatch(self._text.strip()):
                if len(self.part.undated) < _MOST_NOTED:
                    self.part.undated.append((self._row, self._column, self._text.strip()))
            elif self._formula and not self._text and self._type != "str" and len(self.part.unstored) < _MOST_NOTED:
                self.part.unstored.append((self._row, self._column))
            self._parser.CharacterDataHandler = None
            self._parser.EndElementHandler = self._ended.append

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        """What its XML says of itself is not what it is read as, so the two must be the same."""
        if encoding is not None and encoding.lower() not in _UTF8:
            raise TooMuch(f"its XML says that it is in {encoding[:20]}, and UTF-8 is read")

    def _doctype(self, *_: object) -> None:
        raise TooMuch("its XML declares a document type, which workbooks do not")


def _attribute(attributes: list[str], name: str) -> str:
    """The value of an attribute; the empty text where there is none."""
    names = attributes[::2]
    return attributes[names.index(name) * 2 + 1] if name in names else ""


def _number(text: str) -> int:
    if len(text) <= 7 and text.isdecimal() and text.isascii() and int(text) <= _LAST_ROW:
        return int(text)
    raise TooMuch("it has a cell beyond the last row of a sheet")


def _column(letters: str) -> int:
    if len(letters) <= 3 and letters.isalpha() and letters.isascii():
        number = column_number(letters)
        if number <= _LAST_COLUMN:
            return number
    raise TooMuch("it has a cell beyond the last column of a sheet")
