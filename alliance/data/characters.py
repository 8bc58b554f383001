"""Characters that cannot be seen or that reorder what is seen, and texts made safe to show."""

from __future__ import annotations

import re
import unicodedata

# C0 but tab and line ends, DEL, C1, spaces without width (a byte order mark that is not the first of a file is one, as
# where files were joined), the bidirectional embeddings, overrides and isolates, lone
# surrogates, and two code points that are not characters. The marks U+200E and U+200F stand in ordinary Hebrew and
# Arabic, so they may.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_ESCAPED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


def refused(text: str) -> str | None:
    """The first character of a text that may not stand in a cell, or nothing.

    >>> refused("a\\tb"), refused("a\\u202eb")
    (None, '\\u202e')
    """
    if text.isprintable():
        return None
    found = _REFUSED.search(text)
    return found.group() if found else None


def named(char: str) -> str:
    """A character by its number, and its name where it has one.

    >>> named("\\u202e")
    'U+202E (right-to-left override)'
    """
    plain = "a control character" if unicodedata.category(char) == "Cc" else "not a character"
    return f"U+{ord(char):04X} ({unicodedata.name(char, plain).lower()})"


def printable(text: str, *, lines: bool = False) -> str:
    """A text that is safe to print: control and direction characters are written as escapes.

    With `lines`, tabs and line feeds stay.

    >>> print(printable("ok \\x1b[31mred"))
    ok \\x1b[31mred
    """

    def escape(match: re.Match[str]) -> str:
        char = match.group()
        return char if lines and char in "\t\n" else char.encode("unicode_escape", "surrogatepass").decode()

    return _ESCAPED.sub(escape, text)


def shown(text: str, most: int = 40) -> str:
    """A text as a message shows it: in quotes, on one line, cut when long.

    >>> shown("a\\nb"), shown("x" * 9, 5)
    ('"a\\\\nb"', '"xxxx…"')
    """
    short = text if len(text) <= most else text[: most - 1] + "…"
    return f'"{printable(short)}"'


def counted(number: int, thing: str) -> str:
    """A number and the thing counted.

    >>> counted(1, "cell"), counted(2000, "cell")
    ('1 cell', '2,000 cells')
    """
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
