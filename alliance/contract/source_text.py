"""From bytes to clean text: UTF-8, one kind of line end, no tabs, no character that hides or reorders others."""

from __future__ import annotations

import itertools
import re
import unicodedata

from alliance.contract.faults import Faults, Mark

# C0 but tab and line ends, DEL, C1, spaces without width, the two Unicode line ends (YAML would count a line that no
# editor shows), the bidirectional embeddings, overrides and isolates, lone surrogates, a byte order mark inside, two
# non-characters
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_MOST_SHOWN = 20
_LINE_END = re.compile(r"\r\n?")


def named(char: str) -> str:
    """A character by its number, and its name where it has one.

    >>> named("\\u202e")
    'U+202E (right-to-left override)'
    """
    name = unicodedata.name(char, "a control character" if unicodedata.category(char) == "Cc" else "not a character")
    return f"U+{ord(char):04X} ({name.lower()})"


def shown(text: str, most: int = 60) -> str:
    """A text as a message shows it: on one line, in quotes, cut when long, without what could upset a terminal.

    >>> shown("a  b"), shown("x" * 9, 5)
    ('"a b"', '"xxxx…"')
    """
    line = " ".join(text[: 4 * most].split())
    line = FORBIDDEN.sub("\ufffd", line)
    line = line[: most - 1] + "…" if len(line) > most else line
    return f"'{line}'" if '"' in line else f'"{line}"'


def _place(file: str, before: str) -> Mark:
    """The place right after a text, which begins the file."""
    return Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


def decode(data: bytes, file: str, faults: Faults) -> str | None:
    """The text of a file's bytes, or nothing and a fault where it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = _LINE_END.sub("\n", data[: error.start].decode("utf-8").removeprefix("\ufeff"))
        faults.add(
            "AC005",
            _place(file, before),
            f"The byte 0x{data[error.start]:02X} here is not UTF-8 text.",
            "Save the file in the UTF-8 encoding.",
        )
        return None


def clean(text: str, file: str, faults: Faults) -> str | None:
    """The text with plain line ends and a last one, or nothing and faults where a character may not stand in it."""
    text = _LINE_END.sub("\n", text.removeprefix("\ufeff"))
    found = list(itertools.islice(FORBIDDEN.finditer(text), _MOST_SHOWN + 1))
    for count, match in enumerate(found[:_MOST_SHOWN], 1):
        more = " There are more of them below." if _MOST_SHOWN == count < len(found) else ""
        message = f"The character {named(match.group())} may not stand in a contract, for it cannot be seen."
        faults.add("AC006", _place(file, text[: match.start()]), message, "Remove it." + more)
    first = text.find("\t")
    if first >= 0:
        lines = sum("\t" in line for line in text.split("\n"))
        many = f"This line and {lines - 1} more have" if lines > 1 else "This line has"
        faults.add("AC007", _place(file, text[:first]), f"{many} a tab in it.", "Use spaces instead of tabs.")
    if found or first >= 0:
        return None
    return text if text.endswith("\n") else text + "\n"
