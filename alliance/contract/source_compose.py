"""Nodes from PyYAML's event stream, one event at a time, so that every limit holds before anything is built.

PyYAML's own composers are never run: the C one crashes on deep nesting, and both keep the last of duplicate keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from alliance.contract.faults import Fault, Mark
from alliance.contract.source_cut import cut_in_map, cut_in_seq
from alliance.contract.source_nodes import Map, Node, Reading, Scalar, Seq
from alliance.contract.source_syntax import Source, explain, say
from alliance.contract.source_text import FORBIDDEN, named, shown

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its events are used
_ESCAPE = re.compile(r"\\(?:u(?P<four>[dD][89a-fA-F])|U(?P<eight>0000[dD][89a-fA-F])|.)", re.DOTALL)
_DIRECTIVE = re.compile(r"(?: *+(?:#.*+)?+\n)*+%")
_FLOW_COLON = re.compile(r":[][{},?]")
_MOST_SAID = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Frame:
    """A mapping or list that is open. A mapping's items are keys and values by turns; None is a refused key."""

    mark: Mark
    mapping: bool
    flow: bool
    anchor: str | None
    before: int
    is_key: bool
    height: int = 1
    items: list[Node | None] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)

    @property
    def wants_key(self) -> bool:
        return self.mapping and len(self.items) % 2 == 0


class Stop(Exception):
    """Nothing more of this file can be read; the fault is told."""


class Composer:
    """Builds the nodes of one text. `compose` below is its only use."""

    def __init__(self, source: Source, reading: Reading) -> None:
        self.source = source
        self.reading = reading
        self.limits = reading.limits
        self.stack: list[Frame] = []
        self.open_anchors: dict[str, Mark] = {}
        self.anchors: dict[str, tuple[Node, int, int]] = {}  # node, expanded size, height
        self.root: Node | None = None
        self.documents = 0
        self.handlers: dict[type, Any] = {
            yaml.DocumentStartEvent: self.document,
            yaml.AliasEvent: self.alias,
            yaml.ScalarEvent: self.scalar,
            yaml.SequenceStartEvent: self.start,
            yaml.MappingStartEvent: self.start,
            yaml.SequenceEndEvent: self.end,
            yaml.MappingEndEvent: self.end,
        }

    def run(self, text: str) -> None:
        """Read events until the end, the first syntax error or the first limit; then close what is open."""
        directive = _DIRECTIVE.match(text)
        if directive:
            place = (directive.group().count("\n"), 0)
            return self.tell(say("directive", self.source, place, place))
        loader = LOADER(text)
        try:
            while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
                handler = self.handlers.get(type(event))
                if handler:
                    handler(event)
        except Stop:
            pass
        except yaml.YAMLError as error:
            bracket = self.stack[-1].mark if self.stack and self.stack[-1].flow else None
            self.tell(explain(error, self.source, bracket))
        except ValueError:  # the pure parser on an escape beyond Unicode, where the C one has a syntax error
            place = (loader.line, loader.column)
            self.tell(say("not a character", self.source, place, place))
        finally:
            loader.dispose()
        while self.stack:
            self.close()
        return None

    def tell(self, fault: Fault, mended: bool = False) -> None:
        mark = fault.mark or Mark(self.source.file)
        self.reading.tell(fault.code, mark, fault.message, fault.hint, mended=mended)

    def mark(self, event: Any) -> Mark:
        return self.source.mark(event.start_mark.line, event.start_mark.column)

    def end_of(self, event: Any) -> tuple[int, int]:
        return event.end_mark.line, event.end_mark.column

    def limit(self, code: str, mark: Mark, message: str, hint: str) -> NoReturn:
        self.reading.tell(code, mark, message, hint)
        raise Stop

    # ---- events

    def document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            message = "A second YAML document begins here, and a contract is one document."
            hint = 'Remove the line "---", or keep the second part in a file of its own.'
            self.limit("AC011", self.mark(event), message, hint)

    def alias(self, event: Any) -> None:
        mark, name, said = self.mark(event), event.anchor, event.anchor[:_MOST_SAID]
        self.reading.aliases += 1
        if self.reading.aliases > self.limits.aliases:
            message = f"There are more than {self.limits.aliases:,} aliases, which is the limit."
            self.limit("AC021", mark, message, "Write the values out, or give them as a term.")
        if self.stack and self.stack[-1].wants_key:
            message = f"An alias, *{said}, cannot be a key."
            self.reading.tell("AC012", mark, message, "Write the key out.")
            return self.put(None, self.end_of(event))
        if name in self.open_anchors:
            line = self.open_anchors[name].line
            message = f"*{said} stands inside the very thing that &{said} names, at line {line}."
            self.reading.tell("AC017", mark, message, "Write out what is meant.")
            return self.put(Scalar("", mark), self.end_of(event))
        if name not in self.anchors:
            message = f"A value that begins with * is an alias, and nothing above is named &{said}."
            self.reading.tell("AC016", mark, message, "Put the value in quotes if it is a text or a formula.")
            return self.put(Scalar("", mark), self.end_of(event))
        node, size, height = self.anchors[name]  # never at the root, since nothing is above that
        self.expand(size, mark)
        self.check_depth(height, mark)
        self.stack[-1].height = max(self.stack[-1].height, height + 1)
        return self.put(node, self.end_of(event))

    def scalar(self, event: yaml.ScalarEvent) -> None:
        mark, end, text, top = self.mark(event), self.end_of(event), event.value, self.stack[-1] if self.stack else None
        quoted = bool(event.style)
        self.count(mark)
        self.check_tag(event, mark)
        if len(text) > self.limits.scalar:
            message = f"This text has {len(text):,} characters, and the limit is {self.limits.scalar:,}."
            self.reading.tell("AC022", mark, message, "Shorten it, or keep it in a document beside the contract.")
        if event.style == '"':
            self.check_escapes(event, mark)
        elif top and not quoted:
            self.check_colon(event, top.flow)
            if not text and top.ends and event.anchor is None:
                end = top.ends[-1]  # right after its key; the parsers differ here
                mark = self.source.mark(*end) if top.mapping else mark
        node = Scalar(text, mark, quoted, not quoted and text in ("", "~", "null"))
        if event.anchor:
            self.check_new(event.anchor, mark)
            self.anchors[event.anchor] = (node, 1, 0)
        self.put(self.key(node, event.style) if top and top.wants_key else node, end)

    def start(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        mark = self.mark(event)
        mapping = isinstance(event, yaml.MappingStartEvent)
        before = self.reading.expanded
        self.count(mark)
        self.check_tag(event, mark)
        self.check_depth(1, mark)
        is_key = bool(self.stack) and self.stack[-1].wants_key
        if is_key:
            kind = "mapping" if mapping else "list"
            self.reading.tell("AC012", mark, f"A {kind} cannot be a key.", "Write a word, or a text in quotes, as key.")
        if event.anchor:
            self.check_new(event.anchor, mark)
            self.open_anchors[event.anchor] = mark
        self.stack.append(Frame(mark, mapping, bool(event.flow_style), event.anchor, before, is_key))

    def end(self, event: yaml.MappingEndEvent | yaml.SequenceEndEvent) -> None:
        frame, node = self.close()
        self.put(None if frame.is_key else node, self.end_of(event))
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)

    # ---- building

    def close(self) -> tuple[Frame, Node]:
        """Take the innermost open mapping or list and build its node."""
        frame = self.stack.pop()
        node: Node = self.build_map(frame) if frame.mapping else self.build_seq(frame)
        if frame.anchor:
            self.open_anchors.pop(frame.anchor, None)  # gone already where it was named twice
            self.anchors[frame.anchor] = (node, self.reading.expanded - frame.before, frame.height)
        return frame, node

    def build_map(self, frame: Frame) -> Map:
        pairs = list(zip(frame.items[::2], frame.items[1::2], strict=False))
        if frame.flow:
            cut = cut_in_map(pairs, frame.ends[::2], self.source)
            for fault, whole in cut.faults:
                self.tell(fault, mended=whole)
            pairs = [(k, cut.whole.get(i, v)) for i, (k, v) in enumerate(pairs) if i not in cut.pieces]
        kept: dict[Scalar, Node] = {}
        first: dict[str, Mark] = {}
        for key, value in pairs:
            if not isinstance(key, Scalar) or value is None:
                continue  # refused when it was read
            if key in first:
                message = f"{shown(key)} stands here already, at line {first[key].line}."
                inner = bool(self.stack)  # which of two parts of a contract is meant, all that reads them hangs on
                self.reading.tell("AC004", key.mark, message, "Remove or rename one of them.", mended=inner)
            else:
                first[key] = key.mark
                kept[key] = value
        return Map(kept.items(), frame.mark)

    def build_seq(self, frame: Frame) -> Seq:
        items = [item for item in frame.items if item is not None]
        if frame.flow:
            for fault in cut_in_seq(items, frame.ends, self.source):
                self.tell(fault)
        return Seq(items, frame.mark)

    def put(self, node: Node | None, end: tuple[int, int]) -> None:
        """Give a finished node, and the place where it ends, to what it stands in."""
        if self.stack:
            self.stack[-1].items.append(node)
            self.stack[-1].ends.append(end)
        else:
            self.root = node

    def key(self, node: Scalar, style: str | None) -> Scalar | None:
        """The key, or nothing and a fault where it is not a plain word or a short quoted text."""
        if node == "<<" and not node.quoted:
            hint = "Write out the entries that it stands for."
            self.reading.tell("AC013", node.mark, "The merge key << is not used in contracts.", hint)
        elif node.null:
            message = f"{shown(node)} means nothing in YAML, and cannot be a key." if node else "A key is empty here."
            self.reading.tell("AC012", node.mark, message, "Write a key, in quotes if it must be this.")
        elif style in ("|", ">") or "\n" in node:
            message = "A key cannot be a text of several lines."
            self.reading.tell("AC012", node.mark, message, "Write a word, or a text in quotes, as key.")
        else:
            return node
        return None

    # ---- checks

    def check_new(self, anchor: str, mark: Mark) -> None:
        known = self.open_anchors.get(anchor) or (self.anchors[anchor][0].mark if anchor in self.anchors else None)
        if known:
            message = f"The name &{anchor[:_MOST_SAID]} is used already, at line {known.line}."
            hint = "Choose another name, or put the value in quotes if it is a text."
            self.reading.tell("AC018", mark, message, hint)

    def check_tag(self, event: Any, mark: Mark) -> None:
        if event.tag is not None:
            tag = str(event.tag)
            core = "tag:yaml.org,2002:"
            tag = "!!" + tag.removeprefix(core) if tag.startswith(core) else tag
            message = f"{shown(tag)} is a YAML tag, and tags are not used in contracts."
            hint = "Remove it, or put the value in quotes if it is a text that begins with !."
            self.reading.tell("AC014", mark, message, hint)

    def check_escapes(self, event: Any, mark: Mark) -> None:
        """Refuse characters that came in by an escape, past the check of the text itself."""
        bad = FORBIDDEN.search(event.value)
        if not bad:
            return
        if _SURROGATE.search(event.value):
            self.tell(say("not a character", self.source, *self.surrogate(event)))
            raise Stop  # as the C parser does, which calls it a syntax error
        message = f"An escape in this text makes the character {named(bad.group())}, which cannot be seen."
        self.reading.tell("AC006", mark, message, "Remove it.")

    def check_colon(self, event: Any, flow: bool) -> None:
        """Refuse in brackets a colon right before another bracket or comma, as the C parser does of itself."""
        place = self.end_of(event)
        if flow and event.value and _FLOW_COLON.match(self.source.next(*place)):
            self.tell(say("tight colon", self.source, place, place))
            raise Stop

    def surrogate(self, event: Any) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where the first escape of a lone surrogate stands in a quoted text: its digits, twice."""
        line, column = event.start_mark.line, event.start_mark.column
        written = "\n".join([self.source.rest(line, column), *self.source.lines[line + 1 : event.end_mark.line + 1]])
        at = next(m.start() + 2 for m in _ESCAPE.finditer(written) if m["four"] or m["eight"])
        lines = written[:at].split("\n")
        place = (line + len(lines) - 1, len(lines[-1]) + (column if len(lines) == 1 else 0))
        return place, place

    def check_depth(self, height: int, mark: Mark) -> None:
        if len(self.stack) + height > self.limits.depth:
            message = f"Mappings and lists stand more than {self.limits.depth} deep here, which is the limit."
            self.limit("AC019", mark, message, "Close the brackets that are open, or write it flatter.")

    def count(self, mark: Mark) -> None:
        self.reading.nodes += 1
        if self.reading.nodes > self.limits.nodes:
            message = f"The file has more than {self.limits.nodes:,} keys, values and lists, which is the limit."
            self.limit("AC020", mark, message, "Bring large tables as CSV or workbooks.")
        self.expand(1, mark)

    def expand(self, size: int, mark: Mark) -> None:
        self.reading.expanded += size
        if self.reading.expanded > self.limits.expanded:
            most = f"{self.limits.expanded:,} keys, values and lists"
            message = f"With its aliases written out the file has more than {most}, which is the limit."
            self.limit("AC015", mark, message, "Use fewer aliases, or aliases of smaller parts.")


def compose(text: str, file: str, reading: Reading) -> Node | None:
    """The node that a clean text holds, as far as it can be read, or nothing. What is wrong goes into `reading`."""
    composer = Composer(Source(file, text.split("\n")), reading)
    composer.run(text)
    return composer.root
