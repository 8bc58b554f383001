"""PyYAML's syntax errors in plain words, the same for its C parser and its pure Python one."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from alliance.contract.faults import Fault, Mark
from alliance.contract.source_text import shown

QUOTE = "Put the value in quotes."


@dataclass(frozen=True, slots=True)
class Words:
    """What to say of one kind of syntax error. `at_start`: at the start of what is being read, not where it fails."""

    message: str
    hint: str
    at_start: bool = False
    code: str = "AC008"


# In messages and hints: {char} what stands where it fails, {text} the rest of that line, {line} its number,
# {open} the bracket or quote that is open, {start} the line where that began and {column} what stands before it there,
# {indent} how far this line is indented, {above} and {depth} the last line above that is not empty and how far that is,
# {also} that line where that is elsewhere, {escape} a backslash and its character
WORDS: dict[str, Words] = {
    "colon": Words("There is a colon followed by a space inside a value.", QUOTE),
    "tight colon": Words(
        "There is a colon here with no space after it.", "Put a space after it, or the value in quotes."
    ),
    "deeper": Words(
        "A key cannot stand here: the line above has a value already, or no colon. "
        "This line is indented by {indent}, line {above} by {depth}.",
        "Line this key up with the keys around it, end the line above with a colon, or put a long text in quotes.",
    ),
    "no colon": Words(
        "This line has no colon, so it is neither a key nor part of the value above.",
        'Write "key: value", or move the line in if it goes on with the value above.',
        at_start=True,
    ),
    "cannot start": Words("A value cannot begin with {char}.", QUOTE),
    "stray": Words("There is {char} here, where a value or a key should be.", "Remove it, or put the value in quotes."),
    "not closed": Words(
        "The {open} here is not closed: a comma or its partner was expected by line {line}.",
        "Close it, or put the value in quotes if brackets or commas are part of it.",
        at_start=True,
    ),
    "no comma": Words(
        "There is {char} here, inside {open}, where a comma or the end should be.",
        "Close the bracket, or put the value in quotes if brackets, commas or colons are part of it.",
    ),
    "open quote": Words("The quote that begins here is not closed.", "Close it.", at_start=True),
    "escape": Words(
        "In double quotes a backslash begins an escape, and {escape} is none.",
        "Write the backslash twice, or use single quotes.",
    ),
    "hexadecimal": Words(
        "This escape is not complete: 2 hexadecimal digits go after \\x, 4 after \\u, 8 after \\U.",
        "Complete it, write the backslash twice, or use single quotes.",
    ),
    "indentation": Words(
        "This line is indented by {indent}, which fits nothing above it.",
        "Line it up with the entries that begin at line {start}, indented by {column}{also}.",
    ),
    "dash": Words("A dash begins an entry of a list here, and no space follows it.", "Put a space after the dash."),
    "after value": Words(
        "There is {text} here, after the end of the value.",
        "Put the whole value in quotes; a single quote inside single quotes is written twice.",
    ),
    "question": Words("A value cannot begin with a question mark and a space.", QUOTE),
    "list": Words(
        "A list cannot begin on the line of its key.",
        "Begin it on the next line, or put the value in quotes if it is a text that begins with a dash.",
    ),
    "block text": Words(
        'After "|" or ">" nothing may stand on the line: the text begins on the next one.',
        "Put the value in quotes if it is one that begins with such a sign.",
        at_start=True,
    ),
    "anchor": Words('A value that begins with "&" names an anchor, and there is no name here.', QUOTE, at_start=True),
    "alias": Words('A value that begins with "*" is an alias, and there is no name here.', QUOTE, at_start=True),
    "ended": Words(
        "The contract's mapping has ended above, and more text follows here.",
        'Keep one mapping in the file: remove the braces around it, or the line "...".',
    ),
    "not a character": Words("The escape {escape} is not a Unicode character.", "Remove it.", code="AC006"),
    "tag": Words("A value that begins with ! is a YAML tag, and tags are not used in contracts.", QUOTE, True, "AC014"),
    "directive": Words(
        "A line that begins with % is a YAML directive, and directives are not used in contracts.",
        "Remove it.",
        at_start=True,
        code="AC014",
    ),
    "too deep": Words(  # from libyaml 0.2.6 on, which reads ahead of what is counted here
        "Mappings and lists stand more than 1,000 deep here, which cannot be read.",
        "Close the brackets that are open, or write it flatter.",
        code="AC019",
    ),
    "other": Words("YAML cannot read this: {problem}.", "Check the line, and put the value in quotes."),
}

# (of the context and problem of the pure parser or of the C parser, the kind), the first that matches
_KINDS: tuple[tuple[str, str], ...] = (
    (r"exceeded maximum nesting depth", "too deep"),
    (r"directive|incompatible YAML", "directive"),
    (r"invalid Unicode character escape", "not a character"),
    (r" tag\b|tag handle", "tag"),
    (r"found unexpected ':'", "tight colon"),
    (r"mapping values are not allowed", "colon"),
    (r"mapping keys are not allowed", "question"),
    (r"sequence entries are not allowed", "list"),
    (r"could not find expected ':'", "no colon"),
    (r"cannot start any token", "cannot start"),
    (r"expected ',' or", "no comma"),
    (r"quoted scalar\|found unexpected", "open quote"),
    (r"unknown escape character", "escape"),
    (r"hexadecimal numbers|hexdecimal number", "hexadecimal"),
    (r"scanning a block scalar", "block text"),
    (r"scanning an anchor", "anchor"),
    (r"scanning an alias", "alias"),
    (r"node content", "stray"),
    (r"<document start>", "ended"),
    (r"parsing a block (?:mapping|collection)", "after value"),
)


_NOTHING = re.compile(r" *(?:#.*)?\Z")
_DASH = re.compile(r" *-(?=[a-z{[\"'])")


@dataclass(frozen=True, slots=True)
class Source:
    """A text by lines, to look up what stands at a place. Places are PyYAML's: from 0."""

    file: str
    lines: list[str]

    def mark(self, line: int, column: int) -> Mark:
        return Mark(self.file, line + 1, column + 1)

    def rest(self, line: int, column: int) -> str:
        """What stands on the line from a column on; past the last line, nothing."""
        return self.lines[line][column:] if line < len(self.lines) else ""

    def next(self, line: int, column: int) -> str:
        """The next two characters of the line from a column on (a long line is not copied)."""
        return self.lines[line][column : column + 2] if line < len(self.lines) else ""

    def before(self, line: int, column: int) -> str:
        return self.lines[line][:column] if line < len(self.lines) else ""

    def indent(self, line: int) -> int:
        """How many spaces begin a line."""
        text = self.rest(line, 0)
        return len(text) - len(text.lstrip(" "))

    def above(self, line: int) -> int:
        """The last line above one that is neither empty nor a comment; the line itself if there is none."""
        return next((i for i in range(line - 1, -1, -1) if not _NOTHING.match(self.lines[i])), line)

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text from one place to another, on one line."""
        if start[0] == end[0]:
            return self.lines[start[0]][start[1] : end[1]]
        inner = self.lines[start[0] + 1 : end[0]]
        return " ".join(" ".join([self.rest(*start), *inner, self.before(*end)]).split())


def _kind(words: str, source: Source, place: tuple[int, int], start: tuple[int, int]) -> str:
    """The kind of an error, from PyYAML's words for it and from where it stands."""
    kind = next((kind for pattern, kind in _KINDS if re.search(pattern, words)), "other")
    before = source.before(*place)
    if kind in ("colon", "after value", "list") and _DASH.match(source.rest(place[0], 0)):
        return "dash"
    if kind == "colon" and not re.search(r":\s", before):
        return "deeper"
    if kind == "no comma" and place[0] != start[0]:
        return "not closed"
    if kind == "after value" and not before.strip():
        return "stray" if source.rest(*place).startswith(":") else "indentation"
    return kind


def explain(error: yaml.YAMLError, source: Source, bracket: Mark | None = None) -> Fault:
    """A fault that says in plain words what a syntax error of PyYAML means and what to do.

    `bracket` is where the innermost bracket stands that is open, if one is.
    """
    problem = str(getattr(error, "problem", error))
    problem_mark = getattr(error, "problem_mark", None)
    start_mark = getattr(error, "context_mark", None) or problem_mark
    if problem_mark is None or start_mark is None:
        return Fault("AC008", f"YAML cannot read this file: {problem}.", Mark(source.file))
    place = (problem_mark.line, problem_mark.column)
    start = (start_mark.line, start_mark.column)
    kind = _kind(f"{getattr(error, 'context', '')}|{problem}", source, place, start)
    if kind == "escape" and not source.rest(*place).startswith("\\"):
        place = (place[0], place[1] - 1)  # the pure parser points behind the backslash
    if kind == "dash":
        place = (place[0], source.indent(place[0]))
    if kind == "stray" and bracket and not source.rest(*place):
        kind, start = "not closed", (bracket.line - 1, bracket.column - 1)
    return say(kind, source, place, start, problem)


def say(kind: str, source: Source, place: tuple[int, int], start: tuple[int, int], problem: str = "") -> Fault:
    """The fault of one kind, with what stands at its place put into the words."""
    words = WORDS[kind]
    rest = source.rest(*place)
    above = source.above(place[0])
    over = source.indent(above)
    known = {
        "char": shown(rest[0]) if rest else "the end of a line",
        "text": shown(rest, 40),
        "line": str(place[0] + 1),
        "open": shown(source.rest(*start)[:1]),
        "start": str(start[0] + 1),
        "column": str(start[1]),
        "indent": str(source.indent(place[0])),
        "above": str(above + 1),
        "depth": str(over),
        "also": f", or with line {above + 1}, indented by {over}" if over != start[1] else "",
        "escape": rest[:2],
        "problem": problem,
    }
    if kind == "not a character":
        digits = re.match(r"[0-9a-fA-F]{0,8}", rest)
        known["escape"] = source.before(*place)[-2:] + (digits.group() if digits else "")
    at = start if words.at_start else place
    return Fault(words.code, words.message.format(**known), source.mark(*at), words.hint.format(**known))
