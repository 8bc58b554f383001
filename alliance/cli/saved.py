"""Settlements that were saved, read from their file one after the other: many take no more memory than the largest."""

from __future__ import annotations

import codecs
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from alliance.contract.faults import Fault, InputError, Mark
from alliance.contract.noted import noting
from alliance.data.characters import named, refused
from alliance.data.opening import file_name, open_ordinary
from alliance.settlement.serial import read_json

MOST_BYTES = 400_000_000
MOST_CHARACTERS = 20_000_000  # of one settlement
MOST_VALUES = 800_000  # of one settlement
_BLOCK = 1 << 20
_CLOSE = 40  # characters before the end of what is read so far, where a mistake may only be that the rest is not read
_LOOK = 200  # bytes at the beginning of a file that say whether it is a saved settlement
_BEGINNING = re.compile(rb'\s*(?:\[?\s*\{\s*"(?:alliance_settlement|agreement)"\s*:|\Z)')
_SPACE = re.compile(r"[ \t\n\r]*")


def settlements(path: str) -> Iterator[Any]:
    """Each settlement of a file as plain values: the only one, or every item of a list. Raises `InputError`."""
    with open_ordinary(path, MOST_BYTES) as handle:
        text = _Text(path, handle)
        if text.next() != "[":
            yield text.item()
        else:
            text.at += 1
            if text.next() == "]":
                return
            while True:
                yield text.item()
                found = text.next()
                text.at += 1
                if found == "]":
                    break
                if found != ",":
                    text.refuse("it is cut short or damaged")
                text.next()
        if text.next():
            text.refuse("more text follows its end")


def _hidden(found: Any) -> str:
    """A character that may not stand in a settlement, for it may stand in no contract and no data: it would be acted
    on, or hide and reorder what is printed."""
    left = [found]
    while left:
        one = left.pop()
        if isinstance(one, str):
            char = refused(one)
            if char is not None:
                return char
        elif isinstance(one, dict):
            left += (*one, *one.values())
        elif isinstance(one, list):
            left += one
    return ""


def is_saved(path: str) -> bool:
    """Whether a file begins as what was saved does, or is empty. It is not read on."""
    with noting(), open_ordinary(path, sys.maxsize) as handle:  # which is no reading of it
        return _BEGINNING.match(handle.read(_LOOK)) is not None


class _Text:
    """The text of a file, read as far as it is needed."""

    def __init__(self, path: str, handle: BinaryIO) -> None:
        self.path, self.handle = path, handle
        self.text, self.at, self.line = "", 0, 1
        self.over = False
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.json = json.JSONDecoder()

    def refuse(self, why: str) -> NoReturn:
        place = Mark(file_name(self.path), self.line + self.text.count("\n", 0, self.at))
        message = f"this is not a saved settlement: {why}."
        raise InputError(Fault("AC122", message, place, "Give what alliance settle --save wrote.")) from None

    def more(self, size: int) -> None:
        """Read on, and forget what is read already."""
        self.line += self.text.count("\n", 0, self.at)
        block = self.handle.read(size)
        self.over = not block
        try:
            self.text = self.text[self.at :] + self.decoder.decode(block, final=self.over)
        except UnicodeDecodeError:
            self.refuse("it is not UTF-8 text")
        self.at = 0

    def next(self) -> str:
        """The next character that is not space, or nothing at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text) or self.over:
                return self.text[self.at : self.at + 1]
            self.more(_BLOCK)

    def item(self) -> Any:
        """The object that begins here."""
        if self.next() != "{":
            self.refuse("it does not say that it is one")
        while True:
            end = self._end()
            if end is not None:
                piece, self.at = self.text[self.at : end], end
                found = read_json(piece)
                hidden = _hidden(found)
                if hidden:
                    self.refuse(f"it holds the character {named(hidden)}, which cannot be seen")
                return found
            if len(self.text) - self.at > MOST_CHARACTERS:
                self.refuse(f"one settlement has at most {MOST_CHARACTERS:,} characters")
            self.more(max(_BLOCK, len(self.text) - self.at))

    def _end(self) -> int | None:
        """Where the object ends that begins here; nothing if that is not read yet."""
        if len(self.text) - self.at > 2 * _BLOCK:  # less cannot do harm
            many = sum(self.text.count(char, self.at) for char in ",[{")
            if many > MOST_VALUES:
                self.refuse(f"one settlement has at most {MOST_VALUES:,} values")
        try:
            return self.json.raw_decode(self.text, self.at)[1]
        except RecursionError:
            self.refuse("it is nested too deep")
        except json.JSONDecodeError as error:
            early = error.pos < len(self.text) - _CLOSE and not error.msg.startswith("Unterminated string")
            if self.over or early:
                self.line += self.text.count("\n", self.at, error.pos)
                self.refuse("it is cut short or damaged here")
            return None
        except ValueError:
            self.refuse("a number in it is too long")
